"""The night's tables cut into groups.

Belongs here: facts of the whole night, which mesures are tied, what concerns rows and no group. Does not: the
rows of each group (`tranches.py`), what is hidden.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from confidentialite import Entrees
from confidentialite.cle import confiee
from confidentialite.moteur.dictionnaire import Dictionnaire
from confidentialite.moteur.ensembles import Ensembles
from confidentialite.moteur.formes import Formule
from confidentialite.moteur.geographie import Geographie
from confidentialite.moteur.groupes import Combinaison, Decoupe, Groupe, Montree
from confidentialite.moteur.tables import lignes_de, ouvrir, schema_de, table_de, valeurs_de
from confidentialite.moteur.tranches import LIGNES, Tranche, remaniees, trancher
from confidentialite.regle.parametres import Majoration, Parametres, Relations
from socle.erreurs import ErreurPublication

_CLE_LIGNE: dict[str, str] = {"territoire_id": "string", "millesime": "int32", "indicateur_id": "string"}
_MM = ["mesure_id", "millesime"]


def couper(entrees: Entrees, parametres: Parametres, relations: Relations) -> Decoupe:
    """Cut the night's tables into groups, in the order of their names, under the key that was given."""
    return _Coupe(entrees, parametres, relations).groupes()


Vue = tuple[int, Formule, bool, int]
"""A forme that a row shows: which of its terms, over which mesures, whether all of them, in which year."""


class _Coupe:
    """One cutting: facts of the whole night first, then the rows of each group."""

    def __init__(self, entrees: Entrees, parametres: Parametres, relations: Relations) -> None:
        self.entrees, self.parametres, self.relations = entrees, parametres, relations
        self.dictionnaire = Dictionnaire(entrees.indicateurs)
        self.couples = self.dictionnaire.couples(relations)
        self.profondeurs = self._profondeurs()
        communes = entrees.secret_communes
        mesures = communes["mesure_id"]
        # A mesure that is zero everywhere is no unknown, unless zeros are secret.
        portees = communes.select(_MM)
        if not self.zeros:
            portees = portees.filter(pc.not_equal(communes["valeur"], 0))
        self.connues = set(lignes_de(portees.group_by(_MM).aggregate([]), *_MM))
        self.nommees = set(valeurs_de(mesures.filter(pc.is_valid(communes["contributions"]))))
        de_registre = pc.fill_null(pc.not_equal(communes["contributeurs"], "foyers"), True)
        self.registres = set(valeurs_de(mesures.filter(de_registre)))
        micro = entrees.secret_cellules.select(_MM).filter(entrees.secret_cellules["micro"])
        self.micro = set(lignes_de(micro.group_by(_MM).aggregate([]), *_MM))
        monnaies = {u for u, monnaie in lignes_de(entrees.unites, "unite", "monnaie") if monnaie}
        self.montants = {m for m, u in lignes_de(entrees.mesures, "mesure_id", "unite") if u in monnaies}
        self.sensibles = self._sensibles()
        self.lignes = self._concernees()
        self.poids = self._poids()
        self.combinaisons = self._combiner()
        self.noms = self._grouper()

    @property
    def zeros(self) -> bool:
        """Whether zeros are secret, so that the cells worth zero are unknowns like the others."""
        return not self.parametres.zero_publiable.valeur

    def _sensibles(self) -> set[str]:
        """The mesures judged here that nobody may be told everyone has; each says whether it is one."""
        dites = dict(lignes_de(self.entrees.mesures, "mesure_id", "sensible"))
        jugees = {m for m, _ in self.connues | self.micro}
        if muettes := sorted(m for m in jugees if dites.get(m) not in ("oui", "non")):
            raise ErreurPublication(
                f"seeds/mesures.csv, column sensible: empty for {', '.join(muettes)}, where oui or non is "
                "expected of each mesure of the extract and of those with contributeurs. Say oui where no "
                "one may be told that everyone in a commune has it (docs/secret.md says how to choose), "
                "else non."
            )
        return {m for m in jugees if dites[m] == "oui"}

    def _concernees(self) -> pa.Table:
        """Rows with a figure that a mesure judged here may be read in; a hundredth of those of a country."""
        suivies = {m for m, _ in self.micro}
        touches = sorted(
            indicateur_id
            for indicateur_id, i in self.dictionnaire.indicateurs.items()
            if any(m in suivies for f in self.dictionnaire.formules(i) for _, m in f)
        )
        cellules = self.entrees.cellules
        concernees = pc.is_in(cellules["indicateur_id"], pa.array(touches, pa.string()))
        return cellules.select(LIGNES).filter(pc.and_(concernees, pc.is_valid(cellules["valeur"])))

    def _poids(self) -> dict[tuple[str, str], int]:
        """What each territory weighs: the last value of the indicateur that the parameters name."""
        cellules, colonnes = self.entrees.cellules, ("niveau", "code", "millesime", "valeur")
        sien = pc.equal(cellules["indicateur_id"], self.parametres.poids.valeur)
        siennes = cellules.select(colonnes).filter(pc.and_(sien, pc.is_valid(cellules["valeur"])))
        # The newest comes last, and stays.
        return {
            (niveau, code): round(valeur)
            for niveau, code, _, valeur in lignes_de(siennes.sort_by("millesime"), *colonnes)
        }

    def _combiner(
        self,
    ) -> dict[Combinaison, tuple[list[Vue], list[tuple[str, int]]]]:
        """Of each combination of a row: the formes it shows, and its mesures that are no sum."""
        cles = ["indicateur_id", "millesime", "millesime_base", "millesime_denominateur"]
        resultat = {}
        for indicateur_id, millesime, base, den in lignes_de(self.lignes.group_by(cles).aggregate([]), *cles):
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

    def _dites(self) -> dict[tuple[str, int], list[Vue]]:
        """Of each (indicateur, millésime) that a release may have told, the formes its rows showed or hid."""
        dites: dict[tuple[str, int], list[Vue]] = {}
        annees = {annee for _, annee in self.connues}
        for indicateur_id, i in self.dictionnaire.indicateurs.items():
            retards = {0, self.dictionnaire.decalage(indicateur_id), -int(i["decalage_denominateur"] or 0)}
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
        liees = Ensembles[str]()
        connues = {m for m, _ in self.connues}
        for tout, part in self.couples:
            if tout in connues and part in connues:
                liees.lier((tout, part))
        for total, parties in self.relations.sommes.items():
            if total in connues:
                liees.lier((total, *parties))
        for formes, _ in self.combinaisons.values():
            for _, termes, *_ in formes:
                liees.lier(m for _, m in termes)
        self.dites = self._dites()
        # What a row of then showed together is one equation, even when no row of today shows it.
        inscrites = set(lignes_de(self.entrees.registre, "indicateur_id", "millesime"))
        for cle in inscrites & self.dites.keys():
            for _, termes, *_ in self.dites[cle]:
                liees.lier(m for _, m in termes)
        return {(m, millesime): liees.racine(m) for m, millesime in self.connues}

    def groupes(self) -> Decoupe:
        """The groups, each with its rows."""
        noms = sorted({(nom, annee) for (_, annee), nom in self.noms.items()})
        numero = {nom: k for k, nom in enumerate(noms)}
        du_groupe: dict[int, set[str]] = defaultdict(set)
        for (mesure, annee), nom in self.noms.items():
            du_groupe[numero[nom, annee]].add(mesure)
        montrees = self._repartir(self.combinaisons_montrees(), numero)
        dites = self._repartir(self.dites, numero)
        mesures_du = [(numero[nom, annee], mesure, annee) for (mesure, annee), nom in self.noms.items()]
        tranches = trancher(self.entrees, self.lignes, mesures_du, montrees, dites)
        groupes = [
            self._groupe(nom, annee, du_groupe[k], montrees.get(k, {}), dites.get(k, {}), tranches(k, annee))
            for k, (nom, annee) in enumerate(noms)
        ]
        hors_groupe, jugees = self._hors_groupe()
        return Decoupe(self._avoisiner(groupes), jugees, hors_groupe, self._tues(jugees))

    def _avoisiner(self, groupes: list[Groupe]) -> list[Groupe]:
        """Put groups that majorations tie together: the first of them has the others for neighbours."""
        du_groupe = {(m, g.millesime): k for k, g in enumerate(groupes) for m in g.mesures}
        premier = list(range(len(groupes)))
        liees: list[tuple[int, Majoration]] = []
        for annee in sorted({g.millesime for g in groupes}):
            for touts, parts in self.relations.majorations:
                # A mesure that is zero everywhere is no term; of a whole that the year lacks, nothing is
                # known.
                siens, siennes = (
                    tuple(m for m in cote if (m, annee) in du_groupe) for cote in (touts, parts)
                )
                if siens and siennes and all((m, annee) in self.micro for m in touts):
                    rangs = {premier[du_groupe[m, annee]] for m in (*siens, *siennes)}
                    premier = [min(rangs) if p in rangs else p for p in premier]
                    liees.append((min(rangs), (siens, siennes)))
        return [
            replace(
                groupe,
                majorations=tuple(m for rang, m in liees if premier[rang] == k),
                voisins=tuple(g for j, g in enumerate(groupes) if j != k and premier[j] == k),
            )
            for k, groupe in enumerate(groupes)
            if premier[k] == k
        ]

    def _groupe(
        self,
        nom: str,
        annee: int,
        mesures: set[str],
        montrees: dict[Combinaison, tuple[Montree, ...]],
        dites: dict[tuple[str, int], tuple[Montree, ...]],
        tranche: Tranche,
    ) -> Groupe:
        # Another name of a count that this year does not have is no name of it.
        sommes = {
            t: p for t, p in self.relations.sommes.items() if t in mesures and (len(p) > 1 or p[0] in mesures)
        }
        # Parts of a total that nobody has are named in it all the same.
        noms = mesures.union(*sommes.values())
        return Groupe(
            nom=nom,
            millesime=annee,
            entiers=nom not in self.montants,
            parametres=self.parametres,
            cle=confiee(),
            mesures=frozenset(mesures),
            montants=frozenset(self.montants & noms),
            nommees=frozenset(self.nommees & noms),
            registres=frozenset(self.registres & noms),
            sensibles=frozenset(self.sensibles & noms),
            sommes=sommes,
            partitions={t: p for t, p in self.relations.partitions.items() if t in mesures},
            couples=tuple((t, p) for t, p in self.couples if t in mesures and p in mesures),
            profondeurs={m: self.profondeurs[m] for m in sorted(noms)},
            montrees=montrees,
            dites=dites,
            partages=frozenset(c for c in montrees if self._partage(c)),
            melees=frozenset(c for c, siennes in montrees.items() if self._melee(c, len(siennes))),
            decalages={i: self.dictionnaire.decalage(i) for i, _ in dites},
            poids={
                lieu: self.poids[lieu]
                for lieu in set(lignes_de(tranche.lignes, "niveau", "code"))
                if lieu in self.poids
            },
            lignes=tranche.lignes,
            etats=tranche.etats,
            communes=tranche.communes,
            atomes=tranche.atomes,
            passage=tranche.passage,
            releases=tranche.releases,
        )

    def _partage(self, combinaison: Combinaison) -> bool:
        """Whether a row tells a part of a whole that is no unknown here."""
        seule = len(self.combinaisons[combinaison][0]) == 1
        return seule and bool(self.dictionnaire.indicateurs[combinaison[0]]["part_d_un_tout"])

    def _melee(self, combinaison: Combinaison, siennes: int) -> bool:
        """Whether a row shows more than so many formes of one group."""
        formes, seules = self.combinaisons[combinaison]
        return bool(seules) or len(formes) > siennes

    def combinaisons_montrees(self) -> dict[Combinaison, list[Vue]]:
        """Of each combination, the formes it shows."""
        return {c: formes for c, (formes, _) in self.combinaisons.items() if formes}

    def _repartir(
        self,
        par_cle: Mapping[Any, list[Vue]],
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

    def _hors_groupe(self) -> tuple[list[tuple[str, int, str, int]], pa.Table]:
        """Rows of what is no sum, and all the rows that are judged."""
        hors_groupe: list[tuple[str, int, str, int]] = []
        n = {
            cle[:4]: cle[4]
            for cle in lignes_de(self._medianes(), "mesure_id", "millesime", "niveau", "code", "n")
        }
        montrees = self.combinaisons_montrees()
        seules = {c: s for c, (_, s) in self.combinaisons.items() if s}
        jugees = []
        cles = ["indicateur_id", "millesime", "millesime_base", "millesime_denominateur"]
        for niveau, code, territoire_id, *c in lignes_de(
            self._choisies(seules), "niveau", "code", "territoire_id", *cles
        ):
            combinaison = (c[0], c[1], c[2], c[3])
            # Of two, the last is read, as in the row.
            mesure, annee = seules[combinaison][-1]
            contributeurs = n.get((mesure, annee, niveau, code))
            if contributeurs is not None:
                hors_groupe.append((territoire_id, c[1], c[0], contributeurs))
            if contributeurs is not None and combinaison not in montrees:
                jugees.append((territoire_id, c[1], c[0]))
        siennes = self._choisies(montrees).select(list(_CLE_LIGNE)).cast(schema_de(_CLE_LIGNE))
        return hors_groupe, pa.concat_tables([siennes, table_de(_CLE_LIGNE, jugees)])

    def _tues(self, jugees: pa.Table) -> set[tuple[str, int, str]]:
        """Rows of today that a release hid, where each of their formes is over the communes it has today.

        Of what is zero everywhere today, or a median, no forme is left to hide: the row alone is known. A
        share of nobody has no figure, but says that its whole is zero: it stays hidden too.
        """
        if not self.entrees.registre.num_rows:
            return set()
        with ouvrir() as con:
            con.register("registre", self.entrees.registre)
            cachees = con.execute(
                "select distinct indicateur_id, millesime, niveau, code, atomes, cog_atomes from registre"
                " where statut = 'secret'"
            ).fetchall()
        geographie = Geographie(self.entrees.secret_atomes, remaniees(self.entrees.passage))
        cogs = {
            (mesure, annee): cog
            for mesure, annee, cog in lignes_de(self.entrees.secret_communes, *_MM, "cog_millesime")
        }
        tues: set[tuple[str, int, str]] = set()
        jumeaux = self.dictionnaire.jumeaux(self.relations)
        for indicateur_id, millesime, niveau, code, atomes, cog in cachees:
            memes = True
            for _, termes, _, annee in self.dites.get((indicateur_id, millesime), ()):
                actuel = cogs.get((termes[0][1], annee))
                aujourd_hui = geographie.lieux(annee, actuel, niveau, code)
                alors, _ = geographie.devenues(actuel, atomes, cog)
                memes = memes and set(alors) == set(aujourd_hui)
            if memes:
                tues.update(
                    (f"{niveau}:{code}", millesime, i) for i in jumeaux.get(indicateur_id, [indicateur_id])
                )
        dites = {
            (f"{niveau}:{code}", millesime, jumeau)
            for i, millesime, niveau, code, *_ in cachees
            for jumeau in jumeaux.get(i, [i])
        }
        return tues & set(lignes_de(jugees, *_CLE_LIGNE)) | dites & self._sans_objet()

    def _sans_objet(self) -> set[tuple[str, int, str]]:
        """Rows that have no figure because their whole, or their base, is zero."""
        cellules = self.entrees.cellules
        vides = pc.equal(cellules["motif_code"], "denominateur_nul")
        return set(lignes_de(cellules.select(list(_CLE_LIGNE)).filter(vides), *_CLE_LIGNE))

    def _medianes(self) -> pa.Table:
        suivies = {m for _, seules in self.combinaisons.values() for m, _ in seules}
        etats = self.entrees.secret_cellules
        return etats.filter(pc.is_in(etats["mesure_id"], pa.array(sorted(suivies), pa.string())))

    def _choisies(self, combinaisons: Iterable[Combinaison]) -> pa.Table:
        """Rows of some combinations."""
        cles = ["indicateur_id", "millesime", "millesime_base", "millesime_denominateur"]
        voulues = set(combinaisons)
        par_indicateur = pa.array(sorted({c[0] for c in voulues}), pa.string())
        lignes = self.lignes.select(["niveau", "code", "territoire_id", *cles])
        lignes = lignes.filter(pc.is_in(lignes["indicateur_id"], par_indicateur))
        return lignes.filter(pa.array((c in voulues for c in lignes_de(lignes, *cles)), pa.bool_()))
