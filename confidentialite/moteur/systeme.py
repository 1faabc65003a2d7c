"""From the cells of the warehouse to linear systems: which forme each row shows, over which inner cells.

Belongs here: reading the tables of the masks step, building formes and cutting them into independent
systems. Does not: which formes are primary (`primaire.py`), what to hide besides (`moteur.py`), why.

A *forme* is a signed sum of mesures over the communes of a territory in one millésime. An inner cell is one
mesure in one commune (an atome) of the extract or of a register. Mesures that some ratio, inclusion or total
ties together make one system with their millésime; systems share no inner cell.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from confidentialite.moteur.elimination import Forme
from confidentialite.regle.parametres import Relations

Formule = tuple[tuple[int, str], ...]
Territoire = tuple[str, str]
CleForme = tuple[Formule, int, str, str]
LARGEUR = {"france": 0, "region": 1, "departement": 2, "ctg": 3, "epci": 4, "commune": 5}


@dataclass(frozen=True)
class Entrees:
    """The tables of the masks step, as Arrow tables; their columns are those of the models of the same name.

    `cellules` int_cellules_indicateurs, `indicateurs` and `mesures` the seeds, `secret_cellules`,
    `secret_atomes` and `secret_communes` the int_secret_* models, `passage` int_passage (what the communes of
    each COG became), `registre` what was ever released.
    """

    cellules: pa.Table
    indicateurs: pa.Table
    mesures: pa.Table
    secret_cellules: pa.Table
    secret_atomes: pa.Table
    secret_communes: pa.Table
    passage: pa.Table
    registre: pa.Table


@dataclass(frozen=True, slots=True)
class Valeur:
    """A finest value: its amount or count, its contributors, its largest contribution (amounts only).

    `parts`: what each of them brings, where they are known by name (gestionnaires, not foyers).
    """

    valeur: Decimal
    n: int
    max1: Decimal | None
    parts: Mapping[str, Decimal] | None = None


@dataclass(frozen=True, slots=True)
class Ligne:
    """A row that readers would see, and the formes it shows.

    `n_seul`: its contributors, where it is no sum (a median). `tout`, `part`: of a share of a whole that is
    public (inhabitants), the two terms.
    """

    territoire_id: str
    niveau: str
    code: str
    millesime: int
    indicateur_id: str
    formes: tuple[CleForme, ...]
    n_seul: int | None = None
    tout: float | None = None
    part: float | None = None


@dataclass
class Systeme:
    """Formes that only depend on each other. `formes[cles[k]]` is the k-th, `valeurs` are true values.

    `intervalles`: (vector, low, high) known from rounded public figures; `parts`: (part, whole) inner
    cells.
    """

    nom: str
    millesime: int
    cles: list[CleForme] = field(default_factory=list)
    formes: list[Forme] = field(default_factory=list)
    valeurs: list[Decimal] = field(default_factory=list)
    intervalles: list[tuple[dict[int, int], Decimal, Decimal]] = field(default_factory=list)
    parts: list[tuple[int, int]] = field(default_factory=list)
    entiers: bool = True
    vraies: dict[int, float] = field(default_factory=dict)


@cache
def formule(texte: str | None) -> Formule:
    """Terms of a formula of the dictionary: `a+b-c` gives ((1, a), (1, b), (-1, c))."""
    if not texte:
        return ()
    termes = re.findall(r"([+-]?)\s*([a-z0-9_]+)", texte)
    return tuple(sorted((-1 if signe == "-" else 1, mesure) for signe, mesure in termes))


class Lecture:
    """The masks step's tables, indexed for the construction of systems."""

    def __init__(self, entrees: Entrees, relations: Relations, *, zeros: bool = False) -> None:
        """Index the tables. Costs one pass over each.

        `zeros`: zeros are secret, so that the cells worth zero are unknowns like the others.
        """
        self.relations = relations
        self.indicateurs = {i["indicateur_id"]: i for i in entrees.indicateurs.to_pylist()}
        self.montants = {m["mesure_id"] for m in entrees.mesures.to_pylist() if m["unite"] == "EUR"}
        self.communes: dict[tuple[str, int], dict[str, Valeur]] = defaultdict(dict)
        self.nommees: set[str] = set()
        """Mesures whose contributors are known by name."""
        self.registres: set[str] = set()
        """Mesures of registers: more than one source may give them."""
        self._cogs: dict[tuple[str, int], int] = {}
        colonnes = (
            "mesure_id",
            "millesime",
            "cog_millesime",
            "atome",
            "contributeurs",
            "valeur",
            "n",
            "max1",
        )
        for mesure, millesime, cog, atome, qui, valeur, n, max1, noms in _lignes(
            entrees.secret_communes, *colonnes, "contributions"
        ):
            parts = None if noms is None else {c["qui"]: c["valeur"] for c in noms}
            if parts is not None:
                self.nommees.add(mesure)
            if qui != "foyers":
                self.registres.add(mesure)
            self._cogs[mesure, millesime] = cog
            if valeur or zeros:
                self.communes[mesure, millesime][atome] = Valeur(valeur, n or 0, max1, parts)
        self._atomes: dict[tuple[int, int, str, str], list[str]] = defaultdict(list)
        for millesime, cog, niveau, code, atome in _lignes(
            entrees.secret_atomes, "millesime", "cog_millesime", "niveau", "code", "atome"
        ):
            self._atomes[millesime, cog, niveau, code].append(atome)
        if zeros:
            tous: dict[tuple[int, int], set[str]] = defaultdict(set)
            for (millesime, cog, *_), atomes in self._atomes.items():
                tous[millesime, cog].update(atomes)
            for (mesure, annee), valeurs in self.communes.items():
                for atome in tous[annee, self._cogs[mesure, annee]]:
                    valeurs.setdefault(atome, Valeur(Decimal(0), 0, None))
        self.etats: dict[tuple[str, int, str, str], tuple[bool, bool, Decimal | None, Decimal | None]] = {}
        self.n: dict[tuple[str, int, str, str], int | None] = {}
        self.micro: set[tuple[str, int]] = set()
        self.publiees: dict[tuple[str, int, str, str], Decimal] = {}
        """Values of the territories of registers, as the warehouse holds them."""
        etats = ("mesure_id", "millesime", "niveau", "code", "micro", "statut", "borne_basse", "borne_haute")
        for mesure, millesime, niveau, code, micro, statut, bas, haut, n, valeur in _lignes(
            entrees.secret_cellules, *etats, "n", "valeur"
        ):
            if micro and mesure in self.registres:
                self.publiees[mesure, millesime, niveau, code] = round(Decimal(valeur), 2)
            self.etats[mesure, millesime, niveau, code] = micro, statut == "observe", bas, haut
            self.n[mesure, millesime, niveau, code] = n
            if micro:
                self.micro.add((mesure, millesime))
        self._devenues: dict[tuple[int, str], str] = {}
        self._ancetres: dict[tuple[int, str], set[str]] = defaultdict(set)
        for cog, origine, reference in _lignes(
            _remaniees(entrees.passage), "cog_millesime", "code_origine", "code_reference"
        ):
            self._devenues[cog, origine] = reference
            self._ancetres[cog, reference].add(origine)
        self._cellules: dict[tuple[str, str], int] = {}
        self.lignes = list(self._lire_lignes(entrees.cellules))

    def lieux(self, mesure: str, millesime: int, niveau: str, code: str) -> list[str]:
        """Communes of a territory, in the COG that a mesure is coded in."""
        cog = self._cogs.get((mesure, millesime))
        return [] if cog is None else self._atomes.get((millesime, cog, niveau, code), [])

    def devenues(self, cle: CleForme, atomes: list[str], cog: int | None) -> tuple[list[str], bool]:
        """Communes of today's figures that communes of a COG became, and whether they come from no other."""
        actuel = self._cogs.get((cle[0][0][1], cle[1]))
        if cog is None or actuel is None or cog == actuel:
            return atomes, True
        references = {self._devenues.get((cog, a), a) for a in atomes}
        entieres = all(self._ancetres.get((cog, r), {r}) <= set(atomes) for r in references)
        return sorted(a for r in references for a in self._ancetres.get((actuel, r), {r})), entieres

    def discorde(self, cle: CleForme) -> bool:
        """Whether a register gives a territory another value than the sum of the communes judged here."""
        return any(
            mesure in self.registres and self.publiees[mesure, *cle[1:]] != round(self.somme(seule)[0], 2)
            for signe, mesure in cle[0]
            for seule in ((((1, mesure),), *cle[1:]),)
            if self.publiees.get((mesure, *cle[1:])) is not None
        )

    def cellule(self, mesure: str, atome: str) -> int:
        """Number of an inner cell, the same in every millésime (systems have one each)."""
        return self._cellules.setdefault((mesure, atome), len(self._cellules))

    def cotes(
        self, indicateur: dict[str, Any], millesime: int, base: int | None, den: int | None
    ) -> list[tuple[Formule, int]]:
        """Formulas that a row of an indicateur shows, each with its millésime."""
        numerateur, denominateur = (
            formule(_texte(indicateur["numerateur"])),
            formule(_texte(indicateur["denominateur"])),
        )
        match indicateur["methode"]:
            case "ratio":
                return [(numerateur, millesime), (denominateur, den or millesime)]
            case "evolution" | "difference":
                return [(numerateur, millesime), (numerateur, base or millesime)]
            case _:
                return [(numerateur, millesime)]

    def _lire_lignes(self, cellules: pa.Table) -> Iterable[Ligne]:
        touches = {
            indicateur_id
            for indicateur_id, i in self.indicateurs.items()
            for _, mesure in (*formule(_texte(i["numerateur"])), *formule(_texte(i["denominateur"])))
            if any(mesure == m for m, _ in self.micro)
        }
        # A warehouse of France holds a hundred rows for each one that matters here.
        concernees = cellules.filter(
            pc.is_in(cellules["indicateur_id"], pa.array(sorted(touches), pa.string()))
        )
        for territoire_id, niveau, code, millesime, indicateur_id, valeur, base, den, *deux in _lignes(
            concernees,
            *("territoire_id", "niveau", "code", "millesime", "indicateur_id", "valeur"),
            *("millesime_base", "millesime_denominateur", "numerateur", "denominateur"),
        ):
            if valeur is None:
                continue
            formes: list[CleForme] = []
            n_seul = None
            for termes, annee in self.cotes(self.indicateurs[indicateur_id], millesime, base, den):
                connus = tuple(t for t in termes if (t[1], annee) in self.micro)
                if connus and all((m, annee) in self.communes for _, m in connus):
                    formes.append((connus, annee, niveau, code))
                elif connus:
                    n_seul = self.n.get((connus[0][1], annee, niveau, code))
            if formes or n_seul is not None:
                partage = self.indicateurs[indicateur_id]["part_d_un_tout"] and len(formes) == 1
                part, tout = deux if partage else (None, None)
                yield Ligne(
                    *(territoire_id, niveau, code, millesime, indicateur_id, tuple(formes)),
                    *(n_seul, tout, part),
                )

    def vecteur(self, cle: CleForme, atomes: Iterable[str] | None = None) -> dict[int, int]:
        """Vector of a forme over the inner cells that are not zero; `atomes` of the territory as it was."""
        termes, millesime, niveau, code = cle
        vecteur: dict[int, int] = {}
        alors = None if atomes is None else list(atomes)
        for signe, mesure in termes:
            for partie in self.relations.sommes.get(mesure, (mesure,)):
                valeurs = self.communes.get((partie, millesime), {})
                lieux = self.lieux(partie, millesime, niveau, code) if alors is None else alors
                for atome in lieux:
                    if atome in valeurs:
                        cellule = self.cellule(partie, atome)
                        vecteur[cellule] = vecteur.get(cellule, 0) + signe
        return {c: v for c, v in vecteur.items() if v}

    def somme(self, cle: CleForme, atomes: Iterable[str] | None = None) -> tuple[Decimal, int, Decimal]:
        """True value of a forme, its contributors, and its largest contribution (of its first term).

        `atomes` of the territory as it was.
        """
        termes, millesime, niveau, code = cle
        valeur, n, max1 = Decimal(0), 0, Decimal(0)
        alors = None if atomes is None else list(atomes)
        if any(mesure in self.nommees for _, mesure in termes):
            parts = self.contributions(cle, alors)
            # Who is not named may be any of those who are: it makes nobody more, and the largest larger.
            anonyme = parts.get("", Decimal(0))
            nommees = {qui: part for qui, part in parts.items() if qui} or parts
            max1 = max((p + (anonyme if qui else 0) for qui, p in nommees.items()), default=max1)
            return sum(parts.values(), valeur), len(nommees), max1
        for signe, mesure in termes:
            valeurs = self.communes.get((mesure, millesime), {})
            lieux = self.lieux(mesure, millesime, niveau, code) if alors is None else alors
            for atome in lieux:
                if v := valeurs.get(atome):
                    valeur += signe * v.valeur
                    n += signe * v.n
                    max1 = max(max1, v.max1 or Decimal(0))
        return valeur, n, max1

    def contributions(self, cle: CleForme, atomes: Iterable[str] | None = None) -> dict[str, Decimal]:
        """What each contributor known by name brings to a forme; nobody brings nothing."""
        termes, millesime, niveau, code = cle
        parts: dict[str, Decimal] = defaultdict(Decimal)
        alors = None if atomes is None else list(atomes)
        for signe, mesure in termes:
            valeurs = self.communes.get((mesure, millesime), {})
            for atome in self.lieux(mesure, millesime, niveau, code) if alors is None else alors:
                if (v := valeurs.get(atome)) and v.parts:
                    for qui, part in v.parts.items():
                        parts[qui] += signe * part
        return {qui: part for qui, part in parts.items() if part}

    def source(self, cle: CleForme) -> str:
        """`micro`, `exacte` (published exactly by its producer) or `arrondie` (published as an interval)."""
        termes, millesime, niveau, code = cle
        etats = [self.etats.get((m, millesime, niveau, code)) for _, m in termes]
        if any(e is None or e[0] for e in etats):
            return "micro"
        return "exacte" if all(e and e[1] for e in etats) else "arrondie"

    def intervalle(self, cle: CleForme) -> tuple[Decimal, Decimal] | None:
        """Interval in which a rounded public figure puts a forme of one term."""
        termes, millesime, niveau, code = cle
        etat = self.etats.get((termes[0][1], millesime, niveau, code)) if len(termes) == 1 else None
        if etat is None or etat[2] is None or etat[3] is None:
            return None
        return Decimal(etat[2]), Decimal(etat[3])

    def couples(self) -> list[tuple[str, str]]:
        """(whole, part) mesures: those declared, and the two terms of each share of a whole."""
        couples = list(self.relations.inclusions)
        for i in self.indicateurs.values():
            part, tout = formule(_texte(i["numerateur"])), formule(_texte(i["denominateur"]))
            if i["methode"] == "ratio" and i["part_d_un_tout"] and len(part) == len(tout) == 1:
                couples.append((tout[0][1], part[0][1]))
        return sorted(set(couples))


def grouper(lecture: Lecture) -> dict[tuple[str, int], str]:
    """Name of the system of each (mesure, millésime) that has micro values."""
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

    connues = {m for m, _ in lecture.communes}
    for tout, part in lecture.couples():
        if tout in connues and part in connues:
            unir(tout, part)
    for total, parties in lecture.relations.sommes.items():
        if total in connues:
            unir(total, *parties)
    for ligne in lecture.lignes:
        for termes, *_ in ligne.formes:
            unir(*(m for _, m in termes))
    return {(m, millesime): racine(m) for m, millesime in lecture.communes}


def ordre(cle: CleForme, valeur: Decimal, profondeur: int) -> tuple[Any, ...]:
    """Order of publication: wide territories, then few dimensions, then large values, then a stable key."""
    termes, _, niveau, code = cle
    return (LARGEUR[niveau], profondeur, -abs(valeur), niveau, code, termes)


def _remaniees(passage: pa.Table) -> pa.Table:
    """Lines of the communes that became one that is not, or not only, themselves; no line of a split."""
    seules = passage.filter(pc.equal(passage["nb_heritiers"], 1))
    bouge = pc.not_equal(seules["code_origine"], seules["code_reference"])
    touchees = seules["code_reference"].filter(bouge).combine_chunks()
    return seules.filter(pc.is_in(seules["code_reference"], touchees))


def _lignes(table: pa.Table, *colonnes: str) -> Iterable[tuple[Any, ...]]:
    return zip(*(table[c].to_pylist() for c in colonnes), strict=True)


def _texte(valeur: object) -> str | None:
    return str(valeur) if valeur else None
