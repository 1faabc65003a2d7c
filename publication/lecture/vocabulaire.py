"""What a sentence asks of a release: which indicateurs, which places, which year.

The words are in `vocabulaire.yml`. The search of the site reads sentences the same way: a test holds it to.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

import duckdb
import yaml

from publication.lecture.alphabet import cle
from publication.lecture.lignes import lignes
from publication.lecture.niveaux import NIVEAUX

_ABREGES = {"saint": "st", "sainte": "ste"}
CODES = ("commune", "epci", "departement", "region")
"""The levels whose codes people type: a département before the région of the same code."""
_ANNEE = re.compile(r"(19|20)\d\d")
_AU_PLUS = 10
"""Words of a sentence that may name one thing together."""
_EN_PARTIE = 2
"""From this rank on, words are but a part of a name."""


@dataclass(frozen=True)
class Lieu:
    """A place that a sentence names, by its words as they are compared, and the territories it may be.

    `candidats`: those that answer best, the likeliest first; `autres`: those that answer less well, where
    none is named wholly. « Nyons » is one commune; « Baronnies » an EPCI, its CTG, then Buis-les-Baronnies.
    """

    dit: str
    candidats: tuple[str, ...]
    autres: tuple[str, ...] = ()


@dataclass(frozen=True)
class Demande:
    """What a sentence asks; `absents`: why it asks in vain; `reste`: its words that mean nothing here.

    `indicateurs`: those it may be about, the likeliest first.
    """

    indicateurs: tuple[str, ...] = ()
    lieux: tuple[Lieu, ...] = ()
    annee: int | None = None
    evolution: bool = False
    comparaison: bool = False
    absents: tuple[str, ...] = ()
    reste: tuple[str, ...] = ()


@cache
def vocabulaire() -> Mapping[str, Any]:
    """Return `vocabulaire.yml`."""
    texte = files("publication.lecture").joinpath("vocabulaire.yml").read_text(encoding="utf-8")
    lu: Mapping[str, Any] = yaml.safe_load(texte)
    return lu


@cache
def _vides() -> frozenset[str]:
    return frozenset(cle(vocabulaire()["vides"]).split())


def mots(texte: str) -> list[str]:
    """Return the words that count, as they are compared: « les Crèches de St-Paul » is creche, st, paul."""
    tous = [_ABREGES.get(mot, mot) for mot in cle(texte).split()]
    return [_singulier(mot) for mot in tous if mot not in _vides()] or tous


def _singulier(mot: str) -> str:
    return mot[:-1] if len(mot) > 3 and mot[-1] in "sx" else mot


@cache
def expressions() -> Mapping[str, Mapping[str, Any]]:
    """Return what each expression of the vocabulary means, by its words: `{"bas revenu": {"i": [ids]}}`.

    `i`: indicateurs; `e`: an evolution; `c`: a comparison; `n`: a level; `a`: why it is asked in vain.
    """
    lu = vocabulaire()
    dites: dict[str, dict[str, Any]] = {}
    for expression in lu["evolution"]:
        dites[_cle(expression)] = {"e": 1}
    for expression in lu["comparaison"]:
        dites[_cle(expression)] = {"c": 1}
    for niveau, siennes in lu["niveaux"].items():
        dites |= {_cle(expression): {"n": niveau} for expression in siennes}
    for entree in lu["indicateurs"]:
        dites |= {_cle(expression): {"i": entree["indicateurs"]} for expression in entree["mots"]}
    for entree in lu["absents"]:
        sens = {"i": entree["indicateurs"], "a": entree["motif"]}
        dites |= {_cle(expression): sens for expression in entree["mots"]}
    return dites


def _cle(expression: str) -> str:
    return " ".join(mots(expression))


@dataclass(frozen=True)
class _Nom:
    """A territory, the words of its name, and those that are left without its level: `cc`, `agglo`."""

    territoire_id: str
    niveau: str
    complet: tuple[str, ...]
    court: tuple[str, ...]

    def rang(self, dits: tuple[str, ...]) -> int | None:
        """How well words name it: 0, wholly; 1, but for its level; 2, in part; 3, by the end of its name."""
        if dits == self.complet:
            return 0
        if dits == self.court:
            return 1
        if not set(dits) <= set(self.court):
            return None
        return 2 if self.niveau != "commune" or self.court[: len(dits)] == dits else 3


@dataclass(eq=False)
class Lexique:
    """The words of one release: the names of its territories, its dictionary, and the vocabulary."""

    territoires: Sequence[Mapping[str, Any]]
    indicateurs: Sequence[Mapping[str, Any]]

    @classmethod
    def de(cls, con: duckdb.DuckDBPyConnection) -> "Lexique":
        """Read the names of a release, open on its schema `marts`; the newest of its conventions first."""
        return cls(
            lignes(
                con,
                "select t.territoire_id, t.niveau, t.code, t.libelle from dim_territoire as t"
                " left join ctg_conventions as c on c.ctg_id = t.territoire_id"
                " order by c.annee_debut desc nulls last, t.territoire_id",
            ),
            lignes(
                con,
                "select indicateur_id, libelle from dim_indicateur"
                " order by theme_ordre, ordre, indicateur_id",
            ),
        )

    def lire(self, phrase: str) -> Demande:
        """Read a sentence: « évolution du RSA dans la Drôme », « crèches Baronnies », `26220`."""
        jetons = phrase.split()
        ids = [jeton for jeton in jetons if jeton in self._ids]
        dits = mots(" ".join(jeton for jeton in jetons if jeton not in self._ids))
        annees = [mot for mot in dits if _ANNEE.fullmatch(mot)]
        lecture = _Lecture(self, [mot for mot in dits if mot not in annees])
        lu = lecture.lire()
        dans_les_libelles = lecture.reste() if not any("i" in sens for _, sens in lecture.sens) else []
        ranges = self._ranger(lecture, [i for i in ids if ":" not in i])
        return replace(
            lu,
            indicateurs=ranges,
            lieux=(*(Lieu(i, (i,)) for i in ids if ":" in i), *lu.lieux),
            annee=int(annees[-1]) if annees else None,
            reste=() if ranges and dans_les_libelles else tuple(lecture.reste()),
        )

    @cached_property
    def _ids(self) -> frozenset[str]:
        lieux = (t["territoire_id"] for t in self.territoires)
        return frozenset(lieux) | {i["indicateur_id"] for i in self.indicateurs}

    @cached_property
    def expressions(self) -> Mapping[str, Mapping[str, Any]]:
        """The vocabulary, and the labels of the dictionary."""
        connus = {i["indicateur_id"] for i in self.indicateurs}
        dites = {
            dite: {**sens, "i": [i for i in sens["i"] if i in connus]} if "i" in sens else sens
            for dite, sens in expressions().items()
        }
        # A whole label is that of nothing else.
        return dites | {_cle(i["libelle"]): {"i": [i["indicateur_id"]]} for i in self.indicateurs}

    @cached_property
    def noms(self) -> Mapping[str, list[_Nom]]:
        """The territories that have a word in their name, or that are the code, by this word."""
        noms: dict[str, list[_Nom]] = defaultdict(list)
        for t in self.territoires:
            complet = tuple(mots(t["libelle"]))
            court = complet
            if t["niveau"] != "commune":
                # « CC des Baronnies » and « Valence Romans Agglo » say their level.
                court = tuple(m for m in complet if expressions().get(m, {}).get("n") is None) or complet
            nom = _Nom(t["territoire_id"], t["niveau"], complet, court)
            for mot in dict.fromkeys(complet):
                noms[mot].append(nom)
            if t["niveau"] in CODES:
                code = (cle(t["code"]),)
                complet = () if t["niveau"] == "region" else code
                noms[code[0]].append(_Nom(t["territoire_id"], t["niveau"], complet, code))
        return noms

    def nommes(self, dits: Sequence[str], pire: int) -> list[tuple[int, _Nom]]:
        """Return the territories that words name, with how well, none worse than `pire`."""
        # The word that fewest names hold: « saint » is in thousands.
        rare = min((self.noms.get(mot, []) for mot in dits), key=len)
        rangs = ((nom.rang(tuple(dits)), nom) for nom in rare)
        return [(rang, nom) for rang, nom in rangs if rang is not None and rang <= pire]

    @cached_property
    def _libelles(self) -> dict[str, set[str]]:
        return {i["indicateur_id"]: set(mots(i["libelle"])) for i in self.indicateurs}

    def _ranger(self, lecture: "_Lecture", dits: Iterable[str]) -> tuple[str, ...]:
        """Rank the indicateurs: said by their ids, by what most words mean, by the words of their labels.

        Where no expression means any, those whose labels hold every word that is left.
        """
        notes = dict.fromkeys(dits, 1_000)
        for longueur, sens in lecture.sens:
            for rang, i in enumerate(sens.get("i", ())):
                notes[i] = notes.get(i, 0) + 10 * longueur - rang
        reste = set(lecture.reste())
        absents = any("a" in sens for _, sens in lecture.sens)
        if reste and not notes and not absents:
            notes = {i: 0 for i, libelle in self._libelles.items() if reste <= libelle}
        notes = {i: note + len(reste & self._libelles[i]) for i, note in notes.items()}
        ordre = {i["indicateur_id"]: rang for rang, i in enumerate(self.indicateurs)}
        return tuple(sorted(notes, key=lambda i: (-notes[i], ordre[i])))


class _Lecture:
    """One sentence being read: the longest expressions first, those of the vocabulary before names."""

    def __init__(self, lexique: Lexique, dits: Sequence[str]) -> None:
        self.lexique = lexique
        self.libres: list[str | None] = list(dits)
        self.sens: list[tuple[int, Mapping[str, Any]]] = []
        self.noms: dict[int, tuple[str, list[tuple[int, _Nom]]]] = {}

    def lire(self) -> Demande:
        """Read what it asks, its indicateurs apart: they are ranked among those of the release."""
        for longueur in range(min(_AU_PLUS, len(self.libres)), 0, -1):
            self._chercher(longueur, self._expression)
            self._chercher(longueur, lambda debut, dits: self._nom(debut, dits, 1))
            if longueur > 1:
                self._chercher(longueur, lambda debut, dits: self._nom(debut, dits, 3))
        self._chercher(1, lambda debut, dits: len(dits[0]) > 2 and self._nom(debut, dits, 3))
        niveaux = {sens["n"] for _, sens in self.sens if "n" in sens}
        lieux = [_lieu(dit, trouves, niveaux) for _, (dit, trouves) in sorted(self.noms.items())]
        if not lieux and niveaux:
            siens = [t["territoire_id"] for t in self.lexique.territoires if t["niveau"] in niveaux]
            lieux = [Lieu("", (siens[0],))] if len(siens) == 1 else []
        return Demande(
            lieux=tuple(lieux),
            evolution=any("e" in sens for _, sens in self.sens),
            comparaison=any("c" in sens for _, sens in self.sens) or len(lieux) > 1,
            absents=tuple(sens["a"] for _, sens in self.sens if "a" in sens),
        )

    def reste(self) -> list[str]:
        """Return the words that nothing was read of."""
        return [mot for mot in self.libres if mot is not None]

    def _chercher(self, longueur: int, lire: Callable[[int, list[str]], bool]) -> None:
        """Give `lire` each run of free words, from the left; those it reads are no longer free."""
        for debut in range(len(self.libres) - longueur + 1):
            dits = [mot for mot in self.libres[debut : debut + longueur] if mot is not None]
            if len(dits) == longueur and lire(debut, dits):
                self.libres[debut : debut + longueur] = [None] * longueur

    def _expression(self, _debut: int, dits: list[str]) -> bool:
        sens = self.lexique.expressions.get(" ".join(dits))
        if sens is not None:
            self.sens.append((len(dits), sens))
        return sens is not None

    def _nom(self, debut: int, dits: list[str], pire: int) -> bool:
        if trouves := self.lexique.nommes(dits, pire):
            self.noms[debut] = " ".join(dits), trouves
        return bool(trouves)


def _lieu(dit: str, trouves: Sequence[tuple[int, _Nom]], niveaux: set[str]) -> Lieu:
    """Rank the territories that words name: of a level that the sentence says, then the best named."""
    gardes = [(rang, nom) for rang, nom in trouves if nom.niveau in niveaux] or trouves
    mieux = min(rang for rang, _ in gardes)
    ordre = list(NIVEAUX)
    # In part, the shortest name is meant: « Baronnies » is the EPCI before its conventions.
    ranges = sorted(gardes, key=lambda g: (g[0], len(g[1].court), ordre.index(g[1].niveau)))
    candidats = tuple(nom.territoire_id for rang, nom in ranges if rang == mieux)
    # A whole name is that of nothing else.
    autres = tuple(nom.territoire_id for rang, nom in ranges if rang > mieux >= _EN_PARTIE)
    return Lieu(dit, candidats, autres)
