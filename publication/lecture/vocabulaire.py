"""What a sentence asks of a release: which indicateurs, which places, which year.

The words are in `vocabulaire.yml`. The search of the site reads sentences the same way: a test holds it to.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

import duckdb
import yaml

from publication.lecture.alphabet import cle
from publication.lecture.lignes import lignes
from publication.lecture.noms import Lieu, Noms, mots

_ANNEE = re.compile(r"(19|20)\d\d")
_AU_PLUS = 10
"""Words of a sentence that may name one thing together."""
_D_UN_NOM_MAL_ECRIT = 4
"""Words that are compared by their spelling together."""


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


_TERRITOIRE = "select territoire_id from dim_territoire where territoire_id = ?"
_DU_NIVEAU = "select territoire_id from dim_territoire where list_contains($niveaux, niveau) limit 2"


@cache
def vocabulaire() -> Mapping[str, Any]:
    """Return `vocabulaire.yml`."""
    texte = files("publication.lecture").joinpath("vocabulaire.yml").read_text(encoding="utf-8")
    lu: Mapping[str, Any] = yaml.safe_load(texte)
    return lu


@cache
def _vides() -> frozenset[str]:
    return frozenset(cle(vocabulaire()["vides"]).split())


def mots_d_un_nom(texte: str) -> list[str]:
    """Return the words that count in a name or a sentence, as `noms_territoires` writes them."""
    return mots(texte, _vides())


def singulier(mot: str) -> str:
    """Return a word without its plural: the vocabulary is compared so, names are not."""
    return mot[:-1] if len(mot) > 3 and mot[-1] in "sx" else mot


@cache
def expressions() -> Mapping[str, Mapping[str, Any]]:
    """Return what each expression of the vocabulary means, by its words: `{"bas revenu": {"i": [ids]}}`.

    `i`: indicateurs; `e`: an evolution; `c`: a comparison; `n`: a level; `a`: why it is asked in vain.
    """
    lu = vocabulaire()
    dites: dict[str, dict[str, Any]] = {}
    for expression in lu["evolution"]:
        dites[cle_dite(expression)] = {"e": 1}
    for expression in lu["comparaison"]:
        dites[cle_dite(expression)] = {"c": 1}
    for niveau, siennes in lu["niveaux"].items():
        dites |= {cle_dite(expression): {"n": niveau} for expression in siennes}
    for entree in lu["indicateurs"]:
        dites |= {cle_dite(expression): {"i": entree["indicateurs"]} for expression in entree["mots"]}
    for entree in lu["absents"]:
        sens = {"i": entree["indicateurs"], "a": entree["motif"]}
        dites |= {cle_dite(expression): sens for expression in entree["mots"]}
    return dites


def cle_dite(expression: str) -> str:
    """Return the words that count, as they are compared: « les Crèches de St-Paul » is `creche st paul`."""
    return " ".join(map(singulier, mots_d_un_nom(expression)))


@dataclass(eq=False)
class Lexique:
    """The words of one release, open on its schema `marts`: its names, its dictionary, and the vocabulary."""

    con: duckdb.DuckDBPyConnection

    @cached_property
    def indicateurs(self) -> list[str]:
        """The indicateurs, in the order of the dictionary."""
        return list(self._libelles)

    @cached_property
    def _libelles(self) -> dict[str, str]:
        ordre = "theme_ordre, ordre, indicateur_id"
        lus = lignes(self.con, f"select indicateur_id, libelle from dim_indicateur order by {ordre}")
        return {i["indicateur_id"]: cle_dite(i["libelle"]) for i in lus}

    def lire(self, phrase: str) -> Demande:
        """Read a sentence: « évolution du RSA dans la Drôme », « crèches Diois », `26220`."""
        jetons = phrase.split()
        lieux = [j for j in jetons if ":" in j and lignes(self.con, _TERRITOIRE, [j])]
        ids = [j for j in jetons if j in self._libelles]
        dits = mots_d_un_nom(" ".join(j for j in jetons if j not in lieux and j not in ids))
        annees = [mot for mot in dits if _ANNEE.fullmatch(mot)]
        lecture = _Lecture(self, [mot for mot in dits if mot not in annees])
        lu = lecture.lire()
        ranges = self._ranger(lecture, ids)
        dans_les_libelles = {m for i in ranges for m in self._libelles[i].split()}
        reste = tuple(mot for mot in lecture.reste() if singulier(mot) not in dans_les_libelles)
        # France does not answer for « Fort-de-France », nor Die for « Saint-Dié »: a word is not understood.
        doute = bool(reste) or not all(t.candidats for t in lu.lieux)
        nommes = [replace(t, candidats=(), autres=t.autres + t.candidats) if doute else t for t in lu.lieux]
        return replace(
            lu,
            indicateurs=ranges,
            lieux=(*(Lieu(i, (i,)) for i in lieux), *nommes),
            annee=int(annees[-1]) if annees else None,
            reste=reste,
        )

    @cached_property
    def expressions(self) -> Mapping[str, Mapping[str, Any]]:
        """The vocabulary, and the labels of the dictionary."""
        dites = {
            dite: {**sens, "i": [i for i in sens["i"] if i in self._libelles]} if "i" in sens else sens
            for dite, sens in expressions().items()
        }
        # A whole label is that of nothing else.
        return dites | {libelle: {"i": [i]} for i, libelle in self._libelles.items()}

    @cached_property
    def communs(self) -> frozenset[str]:
        """The words of the labels: alone, none of them names a place."""
        return frozenset(mot for libelle in self._libelles.values() for mot in libelle.split())

    def _ranger(self, lecture: "_Lecture", dits: Iterable[str]) -> tuple[str, ...]:
        """Rank the indicateurs: said by their ids, by what most words mean, by the words of their labels.

        Where no expression means any, those whose labels hold every word that is left.
        """
        notes = dict.fromkeys(dits, 1_000)
        for longueur, sens in lecture.sens:
            for rang, i in enumerate(sens.get("i", ())):
                notes[i] = notes.get(i, 0) + 10 * longueur - rang
        reste = set(map(singulier, lecture.reste()))
        absents = any("a" in sens for _, sens in lecture.sens)
        libelles = {i: set(libelle.split()) for i, libelle in self._libelles.items()}
        if reste and not notes and not absents:
            notes = {i: 0 for i, libelle in libelles.items() if reste <= libelle}
        notes = {i: note + len(reste & libelles[i]) for i, note in notes.items()}
        return tuple(sorted(notes, key=lambda i: (-notes[i], self.indicateurs.index(i))))


class _Lecture:
    """One sentence being read: the longest expressions first, those of the vocabulary before names."""

    def __init__(self, lexique: Lexique, dits: Sequence[str]) -> None:
        self.lexique = lexique
        self.noms = Noms(lexique.con, dits)
        self.libres: list[str | None] = list(dits)
        self.sens: list[tuple[int, Mapping[str, Any]]] = []
        self.lieux: dict[int, tuple[list[str], Callable[[Sequence[str], set[str]], Lieu | None]]] = {}

    def lire(self) -> Demande:
        """Read what it asks, its indicateurs apart: they are ranked among those of the release."""
        noms = self.noms
        for longueur in range(min(_AU_PLUS, len(self.libres)), 0, -1):
            self._chercher(longueur, self._expression)
            self._chercher(longueur, lambda debut, dits: self._lieu(debut, dits, noms.entier))
            self._chercher(longueur, lambda debut, dits: self._lieu(debut, dits, noms.en_partie))
        for longueur in range(_D_UN_NOM_MAL_ECRIT, 0, -1):
            self._chercher(longueur, lambda debut, dits: self._lieu(debut, dits, lambda d, _: noms.proche(d)))
        niveaux = {sens["n"] for _, sens in self.sens if "n" in sens}
        # The level may come after the name: « Montélimar agglo ».
        relus = [nommer(dits, niveaux) for _, (dits, nommer) in sorted(self.lieux.items())]
        lieux = [lieu for lieu in relus if lieu]
        if not lieux and niveaux:
            siens = lignes(self.lexique.con, _DU_NIVEAU, {"niveaux": [*niveaux]})
            lieux = [Lieu("", (siens[0]["territoire_id"],))] if len(siens) == 1 else []
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
        sens = self.lexique.expressions.get(" ".join(map(singulier, dits)))
        if sens is not None:
            self.sens.append((len(dits), sens))
        return sens is not None

    def _lieu(
        self, debut: int, dits: list[str], nommer: Callable[[Sequence[str], set[str]], Lieu | None]
    ) -> bool:
        lieu = nommer(dits, set())
        # A short word, or one of a label, is a place only where it is the whole name of one that is here.
        commun = len(dits) == 1 and (len(dits[0]) < 3 or singulier(dits[0]) in self.lexique.communs)
        if lieu is None or (commun and not lieu.candidats):
            return False
        self.lieux[debut] = dits, nommer
        return True
