"""The night's tables cut into groups that are decided apart, each with all that its decision depends on.

Belongs here: which mesures are tied, which rows, communes and releases concern them. Does not: what is
hidden.

A ratio, an inclusion or a total ties its mesures; tied mesures of one millésime are a group, and no two
groups share an inner cell. `part_rsa` (foyers RSA over foyers) ties two mesures: 2022 of both is one group,
2017 another; an amount that no ratio divides by them is a third. A group is a value: the same group has the
same masks, on any night, alone or beside others, so that its decision may be kept.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from confidentialite import Entrees
from confidentialite.moteur.formes import Formule, formule
from confidentialite.moteur.geographie import Geographie
from confidentialite.regle.parametres import Parametres, Relations

Combinaison = tuple[str, int, int | None, int | None]
"""Of a row: indicateur, millésime, millésime of its base, of its denominator."""


@dataclass(frozen=True)
class Montree:
    """A forme that a row shows: of which of its two terms, over which mesures of the group.

    `entiere`: whether these are all the mesures of the term, so that what the row says is of them alone.
    `colonne`: where the register keeps what the row says of the term.
    """

    position: int
    termes: Formule
    entiere: bool
    colonne: str


@dataclass(frozen=True)
class Groupe:
    """All that the masks of some tied mesures depend on.

    `lignes`, `etats`, `communes`, `atomes`, `passage`: the rows of `Entrees` that concern them. `releases`:
    what each earlier release said of them, said once where several said the same. `montrees`: formes that
    rows show, by combination; `dites`: those of rows of the register, by (indicateur, millésime); `partages`:
    combinations that are shares of a whole that is public. `decalages`: of each indicateur,
    the years its row looks back.
    """

    nom: str
    millesime: int
    entiers: bool
    parametres: Parametres
    mesures: frozenset[str]
    montants: frozenset[str]
    nommees: frozenset[str]
    registres: frozenset[str]
    sommes: Mapping[str, tuple[str, ...]]
    couples: tuple[tuple[str, str], ...]
    profondeurs: Mapping[str, int]
    montrees: Mapping[Combinaison, tuple[Montree, ...]]
    dites: Mapping[tuple[str, int], tuple[Montree, ...]]
    partages: frozenset[Combinaison]
    decalages: Mapping[str, int]
    lignes: pa.Table
    etats: pa.Table
    communes: pa.Table
    atomes: pa.Table
    passage: pa.Table
    releases: tuple[pa.Table, ...] = ()
    assumees: frozenset[tuple[int, str, str, str]] = frozenset()

    def assumant(self, assumees: frozenset[tuple[int, str, str, str]]) -> "Groupe":
        """The group once these cells are assumed; itself when they are none of its own."""
        siennes = frozenset(a for a in assumees if (a[3], a[0]) in self.dites)
        return self if siennes == self.assumees else replace(self, assumees=siennes)

    def faits(self) -> list[object]:
        """All but the tables, as values whose text is always the same."""
        return [
            *(self.nom, self.millesime, self.entiers, self.parametres.texte()),
            *(sorted(x) for x in (self.mesures, self.montants, self.nommees, self.registres)),
            sorted(self.partages, key=str),
            *(sorted(x.items()) for x in (self.sommes, self.profondeurs, self.decalages)),
            *(self.couples, sorted(self.montrees.items(), key=str), sorted(self.dites.items(), key=str)),
            sorted(self.assumees),
        ]

    def tables(self) -> tuple[pa.Table, ...]:
        """The tables, in a fixed order."""
        return (self.lignes, self.etats, self.communes, self.atomes, self.passage, *self.releases)


@dataclass
class Decoupe:
    """The groups of a night, and what concerns rows and no group.

    `hors_groupe`: rows of what is no sum (a median), with their contributors; `jugees`: the rows that this
    engine judges, hidden or not.
    """

    groupes: list[Groupe]
    hors_groupe: list[tuple[str, int, str, int]] = field(default_factory=list)
    jugees: pa.Table = field(default_factory=lambda: _table(_CLE_LIGNE, ()))
    tues: set[tuple[str, int, str]] = field(default_factory=set)


_LIGNES = (
    *("territoire_id", "niveau", "code", "millesime", "indicateur_id", "millesime_base"),
    *("millesime_denominateur", "numerateur", "denominateur"),
)
_CLE_LIGNE = {"territoire_id": "string", "millesime": "int32", "indicateur_id": "string"}
_PASSAGE = ("cog_millesime", "code_origine", "code_reference")


class _Dictionnaire:
    """The indicateurs, by what their rows show."""

    def __init__(self, indicateurs: pa.Table) -> None:
        self.indicateurs = {i["indicateur_id"]: i for i in indicateurs.to_pylist()}

    def cotes(
        self, indicateur_id: str, millesime: int, base: int | None, den: int | None
    ) -> list[tuple[Formule, int]]:
        """Formulas that a row of an indicateur shows, each with its millésime."""
        indicateur = self.indicateurs[indicateur_id]
        numerateur, denominateur = self.formules(indicateur)
        match indicateur["methode"]:
            case "ratio":
                return [(numerateur, millesime), (denominateur, den or millesime)]
            case "evolution" | "difference":
                return [(numerateur, millesime), (numerateur, base or millesime)]
            case _:
                return [(numerateur, millesime)]

    def cotes_d_alors(self, indicateur_id: str, millesime: int) -> list[tuple[Formule, int]]:
        """The same of a row of the register, which does not say its other millésime."""
        indicateur = self.indicateurs[indicateur_id]
        base = millesime - int(indicateur["decalage"] or 0)
        den = millesime + int(indicateur["decalage_denominateur"] or 0)
        return self.cotes(indicateur_id, millesime, base, den)

    def colonnes(self, indicateur_id: str) -> tuple[str, ...]:
        """Where the register keeps what a row says of each of its terms."""
        deux = self.indicateurs[indicateur_id]["methode"] in ("ratio", "evolution", "difference")
        return ("numerateur", "denominateur") if deux else ("valeur",)

    @staticmethod
    def formules(indicateur: Mapping[str, Any]) -> tuple[Formule, Formule]:
        return formule(indicateur["numerateur"] or None), formule(indicateur["denominateur"] or None)

    def couples(self, relations: Relations) -> tuple[tuple[str, str], ...]:
        """(whole, part) mesures: those declared, and the two terms of each share of a whole."""
        couples = list(relations.inclusions)
        for i in self.indicateurs.values():
            part, tout = self.formules(i)
            if i["methode"] == "ratio" and i["part_d_un_tout"] and len(part) == len(tout) == 1:
                couples.append((tout[0][1], part[0][1]))
        return tuple(sorted(set(couples)))


def couper(
    entrees: Entrees,
    parametres: Parametres,
    relations: Relations,
    assumees: frozenset[tuple[int, str, str, str]] = frozenset(),
) -> Decoupe:
    """Cut the night's tables into groups, in the order of their names."""
    return _Coupe(entrees, parametres, relations).groupes(assumees)


class _Coupe:
    """One cutting: facts of the whole night first, then the rows of each group."""

    def __init__(self, entrees: Entrees, parametres: Parametres, relations: Relations) -> None:
        self.entrees, self.parametres, self.relations = entrees, parametres, relations
        self.dictionnaire = _Dictionnaire(entrees.indicateurs)
        self.couples = self.dictionnaire.couples(relations)
        communes = entrees.secret_communes
        # A mesure that is zero everywhere is no unknown, unless zeros are secret.
        portees = communes if self.zeros else communes.filter(pc.not_equal(communes["valeur"], 0))
        self.connues = set(
            _lignes(portees.select(["mesure_id", "millesime"]).group_by(_MM).aggregate([]), *_MM)
        )
        self.nommees = set(_valeurs(communes.filter(pc.is_valid(communes["contributions"]))["mesure_id"]))
        self.registres = set(
            _valeurs(
                communes.filter(pc.fill_null(pc.not_equal(communes["contributeurs"], "foyers"), True))[
                    "mesure_id"
                ]
            )
        )
        cellules = entrees.secret_cellules
        self.micro = set(_lignes(cellules.filter(cellules["micro"]).group_by(_MM).aggregate([]), *_MM))
        self.montants = {m for m, unite in _lignes(entrees.mesures, "mesure_id", "unite") if unite == "EUR"}
        self.lignes = self._concernees()
        self.combinaisons = self._combiner()
        self.noms = self._grouper()

    @property
    def zeros(self) -> bool:
        """Whether zeros are secret, so that the cells worth zero are unknowns like the others."""
        return not self.parametres.zero_publiable.valeur

    def _concernees(self) -> pa.Table:
        """Rows with a figure that a mesure judged here may be read in; a hundredth of those of a country."""
        suivies = {m for m, _ in self.micro}
        touches = sorted(
            indicateur_id
            for indicateur_id, i in self.dictionnaire.indicateurs.items()
            if any(m in suivies for f in self.dictionnaire.formules(i) for _, m in f)
        )
        cellules = self.entrees.cellules.select([*_LIGNES, "valeur"])
        concernees = pc.is_in(cellules["indicateur_id"], pa.array(touches, pa.string()))
        return cellules.filter(concernees).filter(pc.field("valeur").is_valid()).select(_LIGNES)

    def _combiner(
        self,
    ) -> dict[Combinaison, tuple[list[tuple[int, Formule, bool, int]], list[tuple[str, int]]]]:
        """Of each combination of a row: the formes it shows, and its mesures that are no sum."""
        cles = ["indicateur_id", "millesime", "millesime_base", "millesime_denominateur"]
        resultat = {}
        for indicateur_id, millesime, base, den in _lignes(self.lignes.group_by(cles).aggregate([]), *cles):
            formes, seules = [], []
            cotes = self.dictionnaire.cotes(indicateur_id, millesime, base, den)
            for position, (termes, annee) in enumerate(cotes):
                connus = tuple(t for t in termes if (t[1], annee) in self.micro)
                if connus and all((m, annee) in self.connues for _, m in connus):
                    formes.append((position, connus, connus == termes, annee))
                elif connus:
                    seules.append((connus[0][1], annee))
            resultat[indicateur_id, millesime, base, den] = formes, seules
        return resultat

    def _dites(self) -> dict[tuple[str, int], list[tuple[int, Formule, bool, int]]]:
        """Of each (indicateur, millésime) that a release may have told, the formes its rows showed or hid."""
        dites: dict[tuple[str, int], list[tuple[int, Formule, bool, int]]] = {}
        annees = {annee for _, annee in self.connues}
        for indicateur_id, i in self.dictionnaire.indicateurs.items():
            retards = {0, int(i["decalage"] or 0), -int(i["decalage_denominateur"] or 0)}
            for millesime in {annee + retard for annee in annees for retard in retards}:
                formes = []
                for position, (termes, annee) in enumerate(
                    self.dictionnaire.cotes_d_alors(indicateur_id, millesime)
                ):
                    if connus := tuple(t for t in termes if (t[1], annee) in self.connues):
                        formes.append((position, connus, connus == termes, annee))
                if formes:
                    dites[indicateur_id, millesime] = formes
        return dites

    def _grouper(self) -> dict[tuple[str, int], str]:
        """Name of the group of each (mesure, millésime) that has values by commune."""
        parent: dict[str, str] = {}

        def racine(m: str) -> str:
            while parent.setdefault(m, m) != m:
                m = parent[m]
            return m

        def unir(*mesures: str) -> None:
            premiere = racine(mesures[0])
            for autre in mesures[1:]:
                a, b = sorted((premiere, racine(autre)))
                parent[b] = premiere = a

        connues = {m for m, _ in self.connues}
        for tout, part in self.couples:
            if tout in connues and part in connues:
                unir(tout, part)
        for total, parties in self.relations.sommes.items():
            if total in connues:
                unir(total, *parties)
        for formes, _ in self.combinaisons.values():
            for _, termes, *_ in formes:
                unir(*(m for _, m in termes))
        self.dites = self._dites()
        # What a row of then showed together is one equation, even when no row of today shows it.
        inscrites = set(_lignes(self.entrees.registre, "indicateur_id", "millesime"))
        for cle in inscrites & self.dites.keys():
            for _, termes, *_ in self.dites[cle]:
                unir(*(m for _, m in termes))
        return {(m, millesime): racine(m) for m, millesime in self.connues}

    def groupes(self, assumees: frozenset[tuple[int, str, str, str]]) -> Decoupe:
        """The groups, each with its rows."""
        noms = sorted({(nom, annee) for (_, annee), nom in self.noms.items()})
        numero = {nom: k for k, nom in enumerate(noms)}
        du_groupe: dict[int, set[str]] = defaultdict(set)
        for (mesure, annee), nom in self.noms.items():
            du_groupe[numero[nom, annee]].add(mesure)
        montrees = self._repartir(self.combinaisons_montrees(), numero)
        dites = self._repartir(self.dites, numero)
        tranches = self._trancher(numero, montrees, dites)
        profondeurs = self._profondeurs()
        groupes = []
        for nom, annee in noms:
            k = numero[nom, annee]
            mesures = du_groupe[k]
            noms_ = {m for m in mesures} | {p for m in mesures for p in self.relations.sommes.get(m, ())}
            dites_k = dites.get(k, {})
            groupes.append(
                Groupe(
                    nom,
                    annee,
                    nom not in self.montants,
                    self.parametres,
                    frozenset(mesures),
                    *(frozenset(x & noms_) for x in (self.montants, self.nommees, self.registres)),
                    {t: p for t, p in self.relations.sommes.items() if t in mesures},
                    tuple((t, p) for t, p in self.couples if t in mesures and p in mesures),
                    {m: profondeurs[m] for m in noms_},
                    montrees.get(k, {}),
                    dites_k,
                    frozenset(c for c in montrees.get(k, {}) if self._partage(c)),
                    {
                        i: int(self.dictionnaire.indicateurs[i]["decalage"] or 0)
                        for i in {i for i, _ in dites_k}
                    },
                    **tranches(k, annee),
                ).assumant(assumees)
            )
        decoupe = Decoupe(groupes)
        self._hors_groupe(decoupe)
        decoupe.tues = self._tues()
        return decoupe

    def _partage(self, combinaison: Combinaison) -> bool:
        """Whether a row tells a part of a whole that is no unknown here."""
        seule = len(self.combinaisons[combinaison][0]) == 1
        return seule and bool(self.dictionnaire.indicateurs[combinaison[0]]["part_d_un_tout"])

    def combinaisons_montrees(self) -> dict[Combinaison, list[tuple[int, Formule, bool, int]]]:
        """Of each combination, the formes it shows."""
        return {c: formes for c, (formes, _) in self.combinaisons.items() if formes}

    def _repartir(
        self,
        par_cle: Mapping[Any, list[tuple[int, Formule, bool, int]]],
        numero: Mapping[tuple[str, int], int],
    ) -> dict[int, dict[Any, tuple[Montree, ...]]]:
        """Formes by group, then by what shows them."""
        resultat: dict[int, dict[Any, tuple[Montree, ...]]] = defaultdict(dict)
        for cle, formes in par_cle.items():
            for position, termes, entiere, annee in formes:
                k = numero[self.noms[termes[0][1], annee], annee]
                colonne = self.dictionnaire.colonnes(cle[0])[position]
                montree = Montree(position, termes, entiere, colonne)
                resultat[k][cle] = (*resultat[k].get(cle, ()), montree)
        return resultat

    def _profondeurs(self) -> dict[str, int]:
        """How many wholes a mesure is inside of, one in the other."""
        profondeurs: dict[str, int] = defaultdict(int)
        for _ in self.couples:
            for tout, part in self.couples:
                profondeurs[part] = max(profondeurs[part], profondeurs[tout] + 1)
        return profondeurs

    def _trancher(self, numero: Any, montrees: Any, dites: Any) -> Any:
        """Return what gives the rows of each table that concern a group."""
        e = self.entrees
        with duckdb.connect() as con:
            con.register(
                "mesures_du",
                _table(
                    {"groupe": "int32", "mesure_id": "string", "millesime": "int32"},
                    ((numero[nom, a], m, a) for (m, a), nom in self.noms.items()),
                ),
            )
            con.register(
                "combinaisons_du",
                _table(
                    {
                        **{"groupe": "int32", "indicateur_id": "string", "millesime": "int32"},
                        **{"millesime_base": "int32", "millesime_denominateur": "int32"},
                    },
                    ((k, *c) for k, cs in montrees.items() for c in cs),
                ),
            )
            con.register(
                "dites_du",
                _table(
                    {"groupe": "int32", "indicateur_id": "string", "millesime": "int32"},
                    ((k, *c) for k, cs in dites.items() for c in cs),
                ),
            )
            for nom, table in (
                ("lignes", self.lignes),
                ("etats", e.secret_cellules),
                ("communes", e.secret_communes),
                ("registre", e.registre),
            ):
                con.register(nom, table)
            lignes = _par_groupe(
                con,
                f"""
                select c.groupe, {", ".join(f"l.{x}" for x in _LIGNES)}
                from lignes as l
                inner join combinaisons_du as c
                    on
                        l.indicateur_id = c.indicateur_id and l.millesime = c.millesime
                        and l.millesime_base is not distinct from c.millesime_base
                        and l.millesime_denominateur is not distinct from c.millesime_denominateur
                order by all
                """,
            )
            etats = _par_groupe(
                con,
                """
                select
                    m.groupe, e.mesure_id, e.niveau, e.code, e.micro, e.statut, e.borne_basse, e.borne_haute,
                    e.valeur
                from etats as e inner join mesures_du as m using (mesure_id, millesime)
                order by all
                """,
            )
            communes = _par_groupe(
                con,
                """
                select
                    m.groupe, c.mesure_id, c.atome, c.cog_millesime, c.valeur, c.n, c.max1, c.contributions
                from communes as c inner join mesures_du as m using (mesure_id, millesime)
                order by all
                """,
            )
            releases = (
                _par_groupe(
                    con,
                    """
                    select
                        d.groupe, r.rang, r.millesime, r.niveau, r.code, r.indicateur_id, r.statut, r.valeur,
                        r.numerateur, r.denominateur, r.atomes, r.cog_atomes
                    from registre as r inner join dites_du as d using (indicateur_id, millesime)
                    order by all
                    """,
                )
                if e.registre.num_rows
                else {}
            )
        colonnes = ["millesime", "cog_millesime", "niveau", "code", "atome"]
        atomes = {
            annee: e.secret_atomes.filter(pc.equal(e.secret_atomes["millesime"], annee))
            .select(colonnes)
            .sort_by([(c, "ascending") for c in colonnes])
            for _, annee in numero
        }
        # Communes as they were only matter to what was said of them.
        passage = _remaniees(e.passage) if e.registre.num_rows else e.passage.select(_PASSAGE).slice(0, 0)

        def tranche(k: int, annee: int) -> dict[str, Any]:
            vides = {"lignes": self.lignes.slice(0, 0)}
            return {
                "lignes": lignes.get(k, vides["lignes"]),
                "etats": etats.get(k, e.secret_cellules.slice(0, 0)),
                "communes": communes[k],
                "atomes": atomes[annee],
                "passage": passage,
                "releases": _distinctes(releases[k]) if k in releases else (),
            }

        return tranche

    def _hors_groupe(self, decoupe: Decoupe) -> None:
        """Rows of what is no sum, and all the rows that are judged."""
        n = {
            cle[:4]: cle[4]
            for cle in _lignes(self._medianes(), "mesure_id", "millesime", "niveau", "code", "n")
        }
        montrees = self.combinaisons_montrees()
        seules = {c: s for c, (_, s) in self.combinaisons.items() if s}
        jugees = []
        cles = ["indicateur_id", "millesime", "millesime_base", "millesime_denominateur"]
        for niveau, code, territoire_id, *c in _lignes(
            self._choisies(seules), "niveau", "code", "territoire_id", *cles
        ):
            combinaison = (c[0], c[1], c[2], c[3])
            # Of two, the last is read, as in the row.
            mesure, annee = seules[combinaison][-1]
            contributeurs = n.get((mesure, annee, niveau, code))
            if contributeurs is not None:
                decoupe.hors_groupe.append((territoire_id, c[1], c[0], contributeurs))
            if contributeurs is not None and combinaison not in montrees:
                jugees.append((territoire_id, c[1], c[0]))
        siennes = self._choisies(montrees).select(list(_CLE_LIGNE)).cast(_schema(_CLE_LIGNE))
        decoupe.jugees = pa.concat_tables([siennes, _table(_CLE_LIGNE, jugees)])

    def _tues(self) -> set[tuple[str, int, str]]:
        """Rows that a release hid, where each of their formes is over the communes it has today.

        Of what is zero everywhere today, or a median, no forme is left to hide: the row alone is known.
        """
        if not self.entrees.registre.num_rows:
            return set()
        with duckdb.connect() as con:
            con.register("registre", self.entrees.registre)
            cachees = con.execute(
                "select distinct indicateur_id, millesime, niveau, code, atomes, cog_atomes from registre"
                " where statut = 'secret'"
            ).fetchall()
        geographie = Geographie(self.entrees.secret_atomes, _remaniees(self.entrees.passage))
        cogs = dict(
            zip(
                _lignes(self.entrees.secret_communes, *_MM),
                self.entrees.secret_communes["cog_millesime"].to_pylist(),
                strict=True,
            )
        )
        tues = set()
        for indicateur_id, millesime, niveau, code, atomes, cog in cachees:
            memes = True
            for _, termes, _, annee in self.dites.get((indicateur_id, millesime), ()):
                actuel = cogs.get((termes[0][1], annee))
                aujourd_hui = geographie.lieux(annee, actuel, niveau, code)
                alors = aujourd_hui if atomes is None else geographie.devenues(actuel, atomes, cog)[0]
                memes = memes and set(alors) == set(aujourd_hui)
            if memes:
                tues.add((f"{niveau}:{code}", millesime, indicateur_id))
        return tues

    def _medianes(self) -> pa.Table:
        suivies = {m for _, seules in self.combinaisons.values() for m, _ in seules}
        etats = self.entrees.secret_cellules
        return etats.filter(pc.is_in(etats["mesure_id"], pa.array(sorted(suivies), pa.string())))

    def _choisies(self, combinaisons: Iterable[Combinaison]) -> pa.Table:
        """Rows of some combinations."""
        cles = ["indicateur_id", "millesime", "millesime_base", "millesime_denominateur"]
        voulues = set(combinaisons)
        par_indicateur = {c[0] for c in voulues}
        lignes = self.lignes.filter(
            pc.is_in(self.lignes["indicateur_id"], pa.array(sorted(par_indicateur), pa.string()))
        )
        return lignes.filter(pa.array([c in voulues for c in _lignes(lignes, *cles)], pa.bool_()))


_MM = ["mesure_id", "millesime"]


def _par_groupe(con: duckdb.DuckDBPyConnection, requete: str) -> dict[int, pa.Table]:
    """Rows of a query that is sorted by group, group by group, without that column."""
    table = con.execute(requete).to_arrow_table().combine_chunks()
    comptes = table["groupe"].value_counts().to_pylist()
    tranches, debut = {}, 0
    for compte in comptes:
        tranches[compte["values"]] = table.slice(debut, compte["counts"]).drop_columns(["groupe"])
        debut += compte["counts"]
    return tranches


def _distinctes(registre: pa.Table) -> tuple[pa.Table, ...]:
    """What each release said, without its rank; once where several said the same."""
    vues: list[pa.Table] = []
    for rang in sorted(_valeurs(registre["rang"])):
        dite = registre.filter(pc.equal(registre["rang"], rang)).drop_columns(["rang"]).combine_chunks()
        if not any(dite.equals(autre) for autre in vues):
            vues.append(dite)
    return tuple(vues)


def _remaniees(passage: pa.Table) -> pa.Table:
    """Lines of the communes that became one that is not, or not only, themselves; no line of a split."""
    seules = passage.filter(pc.equal(passage["nb_heritiers"], 1))
    bouge = pc.not_equal(seules["code_origine"], seules["code_reference"])
    touchees = seules["code_reference"].filter(bouge).combine_chunks()
    remaniees = seules.filter(pc.is_in(seules["code_reference"], touchees)).select(_PASSAGE)
    return remaniees.sort_by([(c, "ascending") for c in _PASSAGE])


def _schema(types: Mapping[str, str]) -> pa.Schema:
    return pa.schema([(nom, pa.type_for_alias(t)) for nom, t in types.items()])


def _table(types: Mapping[str, str], rangs: Iterable[tuple[Any, ...]]) -> pa.Table:
    colonnes = list(zip(*rangs, strict=True)) or [()] * len(types)
    return pa.table(
        [pa.array(c, pa.type_for_alias(t)) for c, t in zip(colonnes, types.values(), strict=True)],
        names=list(types),
    )


def _valeurs(colonne: pa.ChunkedArray) -> list[Any]:
    valeurs: list[Any] = colonne.unique().to_pylist()
    return valeurs


def _lignes(table: pa.Table, *colonnes: str) -> Iterator[tuple[Any, ...]]:
    return zip(*(table[c].to_pylist() for c in colonnes), strict=True)
