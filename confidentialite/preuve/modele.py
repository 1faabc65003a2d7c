"""What an attacker knows and what is protected, as numbers on unknowns.

An unknown is a mesure, at a millésime, in an atom (a commune). A *forme* is a linear form on them: a formula
of the dictionary over the atoms of a territory. For example, communes A 3 and B 7 in an EPCI of 10, where A
alone is hidden: unknowns A and B; printed B = 7 and A + B = 10; protected A. Belongs here: the values. Does
not: how rows become equations (`construction.py`), nor solving them.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from confidentialite.memoire.geographie import Geographie
from confidentialite.memoire.lecture import termes
from confidentialite.preuve.constats import Cellule
from confidentialite.preuve.exigences import Exigences

ECHELLE = 100
"""Printed values are kept as integer hundredths: counts and cents are exact."""

JAMAIS = np.iinfo(np.int32).max
"""The priority of what nobody printed."""

Lin = tuple[tuple[int, int], ...]
"""A formula: (bloc, coefficient) pairs in order; a bloc is a mesure at a millésime."""


class Forme(NamedTuple):
    """A formula over a territory."""

    lin: Lin
    territoire: int


@dataclass(slots=True)
class Imprime:
    """A printed figure: its value in hundredths, its priority, and whether this release or an older one says
    it.

    Priority 0: this release, from the extract or a register; 1: this release, from the public; 2 and more:
    older releases, newest first.
    """

    valeur: int
    priorite: int
    courant: bool
    registre: bool


@dataclass(slots=True)
class Intervalle:
    """Bounds of a printed figure, in its own unit; `haut` is infinite where nothing says it."""

    bas: float
    haut: float
    priorite: int
    registre: bool


@dataclass
class Protegee:
    """A form nobody may determine, the cells it protects, and who masks it: this build, an older release.

    `avec`: of a term of masked ratios, the forms that give one of them with it; `en_soi`: whether it is
    masked by itself somewhere.
    """

    forme: Forme
    cellules: set[Cellule]
    courante: bool = False
    release: str | None = None
    avec: set[Forme] = field(default_factory=set)
    en_soi: bool = False


@dataclass(frozen=True)
class Lecture:
    """The communes that a register told of: all of `entieres`, of `en_partie` some of what merged into it.

    `par_commune`: whether rows show it by commune.
    """

    entieres: frozenset[int]
    en_partie: frozenset[int] = frozenset()
    par_commune: bool = False


@dataclass
class Modele:
    """Everything an attacker knows, and everything that is protected."""

    exigences: Exigences
    geographie: Geographie
    blocs: dict[tuple[str, int], int] = field(default_factory=dict)
    montants: set[str] = field(default_factory=set)
    indicateurs_des_sommes: dict[str, str] = field(default_factory=dict)
    """The indicateur that shows a mesure as it is, where there is one."""
    imprimees: dict[Forme, Imprime] = field(default_factory=dict)
    intervalles: dict[Forme, Intervalle] = field(default_factory=dict)
    protegees: dict[Forme, Protegee] = field(default_factory=dict)
    zeros_admis: set[Forme] = field(default_factory=set)
    """Protected forms that may turn out to be zero."""
    au_moins_un: set[Forme] = field(default_factory=set)
    au_moins_un_avant: set[Forme] = field(default_factory=set)
    contradictions: int = 0
    """Figures that this release, or a newer one, says otherwise."""
    parts: set[tuple[Lin, Lin]] = field(default_factory=set)
    non_lineaires: set[Cellule] = field(default_factory=set)
    termes_tus: dict[Forme, set[Cellule]] = field(default_factory=dict)
    """The terms of masked ratios, for the check of the ones below the threshold."""
    lectures: Mapping[tuple[str, int], "Lecture"] = field(default_factory=dict)
    """Of a mesure of a register at a millésime, the communes that it told of; of the others, all are."""
    partages: list[dict[tuple[int, int], int]] = field(default_factory=list)
    """What is zero: wholes less their parts and the rest, in communes that they were read in."""
    fines: dict[tuple[int, int], frozenset[str]] = field(default_factory=dict)
    """Finest amounts (bloc, atome) that are not nothing, with the names of who they are of."""
    _lues: dict[int, "Lecture"] = field(default_factory=dict)
    _lieux: dict[tuple[Lin, int], tuple[int, bool]] = field(default_factory=dict)
    _lins: dict[tuple[tuple[tuple[str, int], ...], int], Lin | None] = field(default_factory=dict)
    autrefois: dict[Forme, set[int]] = field(default_factory=dict)
    """What earlier releases printed and is no longer so, with how old the newest that said it is."""
    differences: list[tuple[Forme, Forme, int, int]] = field(default_factory=list)
    """What old words say of each other, their sums being no longer so: a form less another one, which share
    nothing, in hundredths, and the priority."""
    masquees: set[tuple[str, str, int]] = field(default_factory=set)
    priorite: npt.NDArray[np.int32] = field(default_factory=lambda: np.empty((0, 0), np.int32))
    valeur: npt.NDArray[np.int64] = field(default_factory=lambda: np.empty((0, 0), np.int64))
    courant: npt.NDArray[np.bool_] = field(default_factory=lambda: np.empty((0, 0), np.bool_))
    registre: npt.NDArray[np.bool_] = field(default_factory=lambda: np.empty((0, 0), np.bool_))
    nulles: npt.NDArray[np.bool_] | None = None
    """Unknowns that count nobody, which an attacker is taken to know."""

    @property
    def nb_atomes(self) -> int:
        """Number of atoms: an unknown is `bloc * nb_atomes + atome`."""
        return int(self.priorite.shape[1])

    @cached_property
    def blocs_de_montants(self) -> frozenset[int]:
        """The blocs counted in euros; to be read once every row is in the model."""
        return frozenset(bloc for (mesure, _), bloc in self.blocs.items() if mesure in self.montants)

    def registre_seul(self) -> "Modele":
        """The model with the intervals and the floors that earlier releases alone tell."""
        return replace(
            self,
            intervalles={f: i for f, i in self.intervalles.items() if i.registre},
            au_moins_un=self.au_moins_un_avant,
        )

    def bloc(self, mesure: str, millesime: int) -> int:
        """Return the rank of a bloc, met now or before."""
        bloc = self.blocs.setdefault((mesure, millesime), len(self.blocs))
        if lecture := self.lectures.get((mesure, millesime)):
            self._lues[bloc] = lecture
        return bloc

    def lieu(self, lin: Lin, territoire: int) -> tuple[int, bool]:
        """Return the communes that a formula over a territory is the sum of, and whether all are told.

        For example, of an EPCI of A, B and C, of which the register does not tell C: (A and B, True). Of two
        mesures that do not tell of the same communes, no one territory says it: (the EPCI, False).
        """
        if all(bloc not in self._lues for bloc, _ in lin):
            return territoire, False
        cle = lin, territoire
        if cle not in self._lieux:
            atomes = frozenset(self.geographie.territoires[territoire].tolist())
            toutes = Lecture(atomes)
            lues = [self._lues.get(bloc, toutes) for bloc, _ in lin]
            parts = {frozenset(a for a in atomes if self._dans(lue, a)) for lue in lues}
            dites = len(parts) == 1 and all(lue.en_partie.isdisjoint(atomes) for lue in lues)
            siennes = parts.pop()
            self._lieux[cle] = (
                (self.geographie.territoire(siennes), True) if dites and siennes else (territoire, False)
            )
        return self._lieux[cle]

    def lue(self, bloc: int, atome: int) -> bool:
        """Whether the register of a bloc told of a commune."""
        return bloc not in self._lues or self._dans(self._lues[bloc], atome)

    def _dans(self, lecture: "Lecture", atome: int) -> bool:
        # What lies outside the scope is one unknown, of whatever was read there.
        return atome in lecture.entieres or self.geographie.est_un_reste(atome)

    def lin(self, formule: Mapping[str, int], millesime: int) -> Lin:
        """Return a formula at a millésime, mesures that are sums of others replaced by their sum."""
        coefficients: dict[int, int] = {}
        pile = list(formule.items())
        while pile:
            mesure, c = pile.pop()
            if relation := self.exigences.relations.get(mesure):
                pile.extend((autre, c * d) for autre, d in termes(relation).items())
                continue
            bloc = self.bloc(mesure, millesime)
            coefficients[bloc] = coefficients.get(bloc, 0) + c
        return tuple(sorted((b, c) for b, c in coefficients.items() if c))

    def forme_connue(self, formule: Mapping[str, int], millesime: int, territoire: int) -> Forme | None:
        """Return the form of a formula over what was read of a territory.

        None when no printed or masked row bears on it.
        To be asked once every row is in the model.
        """
        cle = tuple(formule.items()), millesime
        if cle not in self._lins:
            avant = len(self.blocs)
            self._lins[cle] = self.lin(formule, millesime)
            for nouveau in list(self.blocs)[avant:]:
                del self.blocs[nouveau]
                self._lins[cle] = None
        lin = self._lins[cle]
        return None if lin is None else Forme(lin, self.lieu(lin, territoire)[0])

    def unique(self, forme: Forme) -> tuple[int, int] | None:
        """Return (bloc, atome) when the form is one unknown, else None."""
        lin = forme.lin
        if len(lin) != 1 or lin[0][1] != 1:
            return None
        atome = self.geographie.seul(forme.territoire)
        return None if atome is None else (lin[0][0], atome)

    def imprimee(self, forme: Forme, *, ici: bool, rang: int = 0) -> bool:
        """Whether a row prints this very form: a row of this release (`ici`), or of an older one.

        What is no longer so counts beside a row of `rang` when a release as new as that one still said it.
        """
        if not ici and any(dite <= rang for dite in self.autrefois.get(forme, ())):
            return True
        if seule := self.unique(forme):
            return bool((self.courant if ici else self.registre)[seule])
        lue = self.imprimees.get(forme)
        return lue is not None and (lue.courant if ici else lue.registre)

    def vaut_zero(self, forme: Forme) -> bool:
        """Whether this release prints zero of this very form."""
        if seule := self.unique(forme):
            return bool(self.courant[seule]) and not self.valeur[seule]
        lue = self.imprimees.get(forme)
        return lue is not None and lue.courant and not lue.valeur

    def connus(self, *, registre_seul: bool, zeros: bool) -> npt.NDArray[np.bool_]:
        """Return the unknowns that are told one by one, by everything printed or by earlier releases alone.

        `zeros`: with those that count nobody.
        """
        dits = self.registre if registre_seul else self.priorite != JAMAIS
        return dits | self.nulles if zeros and self.nulles is not None else dits

    def vecteur(self, forme: Forme, connus: npt.NDArray[np.bool_]) -> tuple[dict[int, int], int]:
        """Return the unknown part of a form, and the value in hundredths of the part that `connus` holds.

        For example, with communes A and B, where A is known to be 3: of the EPCI A + B, ({B: 1}, 300).
        """
        n = self.nb_atomes
        inconnues: dict[int, int] = {}
        somme = 0
        if (seul := self.geographie.seul(forme.territoire)) is not None:
            for bloc, c in forme.lin:
                if connus[bloc, seul]:
                    somme += c * int(self.valeur[bloc, seul])
                else:
                    inconnues[bloc * n + seul] = c
            return inconnues, somme
        atomes = self.geographie.territoires[forme.territoire]
        for bloc, c in forme.lin:
            su = connus[bloc, atomes]
            somme += c * int(self.valeur[bloc, atomes[su]].sum())
            inconnues.update(dict.fromkeys((atomes[~su] + bloc * n).tolist(), c))
        return inconnues, somme

    def inclusions(self) -> set[tuple[Lin, Lin]]:
        """Return the (part, whole) of which the difference counts somebody, at each millésime known."""
        return self._par_echelons(self.exigences.inclusions)

    def majorations(self) -> set[tuple[Lin, Lin]]:
        """Return (parts, wholes) that the definitions of the mesures give, at each millésime known.

        A part that nothing printed or masked bears on is left out: the others are no more than the wholes.
        """
        simples = [*self.exigences.inclusions]
        trouvees: set[tuple[Lin, Lin]] = set()
        for touts, parts in self.exigences.majorations:
            if len(touts) == len(parts) == 1:
                simples.append((touts[0], parts[0]))
                continue
            for millesime in self._millesimes():
                siens = [self._connue(m, millesime) for m in touts]
                siennes = [lin for m in parts if (lin := self._connue(m, millesime)) is not None]
                if siennes and None not in siens:
                    trouvees.add((_somme(siennes), _somme(lin for lin in siens if lin is not None)))
        return trouvees | self._par_echelons(simples)

    def _par_echelons(self, inclusions: Iterable[tuple[str, str]]) -> set[tuple[Lin, Lin]]:
        """Return (part, whole) known mesures, from (whole, part) names: what lies between may be unknown.

        For example, of foyers, of those of known quotient, which no row shows, and of those below 800 EUR:
        (below 800, foyers).
        """
        touts: dict[str, list[str]] = {}
        for tout, nom in inclusions:
            touts.setdefault(nom, []).append(tout)
        trouvees: set[tuple[Lin, Lin]] = set()
        for millesime in self._millesimes():
            for nom, siens in touts.items():
                part, a_voir = self._connue(nom, millesime), [*siens]
                while part is not None and a_voir:
                    autre = a_voir.pop()
                    if (lin := self._connue(autre, millesime)) is not None:
                        trouvees.add((part, lin))
                    else:
                        a_voir += touts.get(autre, [])
        return trouvees

    def _millesimes(self) -> list[int]:
        return sorted({millesime for _, millesime in self.blocs})

    def _connue(self, mesure: str, millesime: int) -> Lin | None:
        forme = self.forme_connue({mesure: 1}, millesime, 0)
        return forme and forme.lin

    def attributs(self) -> dict[Lin, list[Lin]]:
        """Return the wholes of each part that is sensitive: nobody may be told that it leaves nobody."""
        noms = {bloc: mesure for (mesure, _), bloc in self.blocs.items()}
        touts: dict[Lin, list[Lin]] = {}
        for part, tout in sorted(self.parts | self.inclusions()):
            if any(noms[bloc] in self.exigences.groupe for bloc, _ in part):
                touts.setdefault(part, []).append(tout)
        return touts

    def identites(self) -> Iterator[dict[int, int]]:
        """Yield what is zero whatever is printed: for each bloc, what communes make together before a change
        less what they make after it; in each commune read, a whole less its parts and the rest."""
        for partage in self.partages:
            yield {bloc * self.nb_atomes + atome: c for (bloc, atome), c in partage.items()}
        for avant, apres in self.geographie.en_jeu():
            for bloc in range(len(self.blocs)):
                base = bloc * self.nb_atomes
                yield {base + a: 1 for a in avant} | {base + a: -1 for a in apres}


def _somme(lins: Iterable[Lin]) -> Lin:
    """Return the sum of some formulas."""
    coefficients: dict[int, int] = {}
    for lin in lins:
        for bloc, c in lin:
            coefficients[bloc] = coefficients.get(bloc, 0) + c
    return tuple(sorted((bloc, c) for bloc, c in coefficients.items() if c))


def moins(a: Lin, b: Lin) -> Lin:
    """Return the formula a - b."""
    coefficients = dict(a)
    for bloc, c in b:
        coefficients[bloc] = coefficients.get(bloc, 0) - c
    return tuple(sorted((bloc, c) for bloc, c in coefficients.items() if c))
