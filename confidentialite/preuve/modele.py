"""From rows to equations: what is printed, what is hidden, and on which unknowns.

An unknown is a mesure, at a millésime, in an atom (a commune). A *forme* is a linear form on them: a formula
of the dictionary over the atoms of a territory. Belongs here: turning rows into equations, intervals,
inequalities and protected forms. Does not: solving anything.

**What a masked row protects.** A masked count or amount protects its forme. A masked ratio, evolution or
difference shows neither of its two terms; it is recomputed by whoever knows both. Which term is withheld is
not written in the marts, but it can be told: a term that another row prints is not the one. So, of a masked
ratio,

- its numerator is not printed: numerator and denominator - numerator must not be determined (the denominator
  may be printed elsewhere, and then the two are the same question);
- its numerator is printed: the denominator must not be determined.

A denominator that nothing prints is not protected as such where the numerator is hidden (it may be shown by
another indicateur of another territory and so follow by subtraction without harm), except when its value
turns out to be below the threshold, which only a failed suppressor can cause.

**Printed.** A figure `observe` is an equation, a figure `arrondi` or `partiel` an interval. The terms of a
rounded ratio do not say which of them is rounded: one whose values are all multiples of the rounding, over
the rows of that indicateur, level and millésime, is read as an interval, else as an equation. A printed zero,
and a printed share of 100 %, hold in each commune, because counts are never negative.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from confidentialite.memoire.geographie import Geographie
from confidentialite.memoire.lecture import EXTRAIT, LINEAIRES, termes, texte
from confidentialite.preuve.constats import Cellule
from confidentialite.preuve.parametres import Parametres

ECHELLE = 100
"""Printed values are kept as integer hundredths: counts and cents are exact."""

JAMAIS = np.iinfo(np.int32).max
"""The priority of what nobody printed."""

Lin = tuple[tuple[int, int], ...]
"""A formula: (bloc, coefficient) pairs in order; a bloc is a mesure at a millésime."""


class Ligne(NamedTuple):
    """What the model reads of a row."""

    niveau: str
    code: str
    statut: str
    valeur: float
    numerateur: float
    denominateur: float
    borne_basse: float
    borne_haute: float
    source_ids: str
    territoire: int
    rang: int
    release: str | None
    sensible: bool


def _lignes(lignes: pd.DataFrame) -> Iterator[Ligne]:
    return (Ligne(*valeurs) for valeurs in zip(*(lignes[c].tolist() for c in Ligne._fields), strict=True))


class Forme(NamedTuple):
    """A formula over a territory."""

    lin: Lin
    territoire: int


@dataclass
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


@dataclass
class Intervalle:
    """Bounds of a printed figure, in its own unit; `haut` is infinite where nothing says it."""

    bas: float
    haut: float
    priorite: int
    registre: bool


@dataclass
class Protegee:
    """A form nobody may determine, the cells it protects, and who masks it: this build, an older release."""

    forme: Forme
    cellules: set[Cellule]
    courante: bool = False
    release: str | None = None


@dataclass
class Modele:
    """Everything an attacker knows, and everything that is protected."""

    parametres: Parametres
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
    masquees: set[tuple[str, str, int]] = field(default_factory=set)
    priorite: npt.NDArray[np.int32] = field(default_factory=lambda: np.empty((0, 0), np.int32))
    valeur: npt.NDArray[np.int64] = field(default_factory=lambda: np.empty((0, 0), np.int64))
    courant: npt.NDArray[np.bool_] = field(default_factory=lambda: np.empty((0, 0), np.bool_))
    registre: npt.NDArray[np.bool_] = field(default_factory=lambda: np.empty((0, 0), np.bool_))

    @property
    def nb_atomes(self) -> int:
        """Number of atoms: an unknown is `bloc * nb_atomes + atome`."""
        return int(self.priorite.shape[1])

    def bloc(self, mesure: str, millesime: int) -> int:
        """Return the rank of a bloc, met now or before."""
        return self.blocs.setdefault((mesure, millesime), len(self.blocs))

    def lin(self, formule: Mapping[str, int], millesime: int) -> Lin:
        """Return a formula at a millésime, mesures that are sums of others replaced by their sum."""
        coefficients: dict[int, int] = {}
        pile = list(formule.items())
        while pile:
            mesure, c = pile.pop()
            if relation := self.parametres.relations.get(mesure):
                pile.extend((autre, c * d) for autre, d in termes(relation).items())
                continue
            bloc = self.bloc(mesure, millesime)
            coefficients[bloc] = coefficients.get(bloc, 0) + c
        return tuple(sorted((b, c) for b, c in coefficients.items() if c))

    def forme_connue(self, formule: Mapping[str, int], millesime: int, territoire: int) -> Forme | None:
        """Return the form of a formula over a territory; None when no printed or masked row bears on it."""
        avant = len(self.blocs)
        forme = Forme(self.lin(formule, millesime), territoire)
        if len(self.blocs) == avant:
            return forme
        for cle in list(self.blocs)[avant:]:
            del self.blocs[cle]
        return None

    def unique(self, forme: Forme) -> tuple[int, int] | None:
        """Return (bloc, atome) when the form is one unknown, else None."""
        atomes = self.geographie.territoires[forme.territoire]
        if len(forme.lin) == 1 and forme.lin[0][1] == 1 and len(atomes) == 1:
            return forme.lin[0][0], int(atomes[0])
        return None

    def imprimee(self, forme: Forme, *, ici: bool) -> bool:
        """Whether a row prints this very form: a row of this release (`ici`), or of an older one."""
        if seule := self.unique(forme):
            return bool((self.courant if ici else self.registre)[seule])
        lue = self.imprimees.get(forme)
        return lue is not None and (lue.courant if ici else lue.registre)

    def vecteur(self, forme: Forme, connus: npt.NDArray[np.bool_]) -> tuple[dict[int, int], int]:
        """Return the unknown part of a form, and the value in hundredths of the part that `connus` holds."""
        atomes = self.geographie.territoires[forme.territoire]
        inconnues: dict[int, int] = {}
        somme = 0
        for bloc, c in forme.lin:
            su = connus[bloc, atomes]
            somme += c * int(self.valeur[bloc, atomes[su]].sum())
            base = bloc * self.nb_atomes
            for atome in atomes[~su].tolist():
                inconnues[base + atome] = c
        return inconnues, somme

    def inclusions(self) -> set[tuple[Lin, Lin]]:
        """Return the parts and wholes that the definitions of the mesures give, at each millésime known."""
        return {
            (((part, 1),), ((tout, 1),))
            for nom_tout, nom_part in self.parametres.inclusions
            for (mesure, millesime), part in self.blocs.items()
            if mesure == nom_part and (tout := self.blocs.get((nom_tout, millesime))) is not None
        }

    def identites(self) -> Iterator[dict[int, int]]:
        """Yield what communes make together before and after a change, for each bloc."""
        for avant, apres in sorted(self.geographie.identites):
            for bloc in range(len(self.blocs)):
                base = bloc * self.nb_atomes
                yield {base + a: 1 for a in avant} | {base + a: -1 for a in apres}


def moins(a: Lin, b: Lin) -> Lin:
    """Return the formula a - b."""
    coefficients = dict(a)
    for bloc, c in b:
        coefficients[bloc] = coefficients.get(bloc, 0) - c
    return tuple(sorted((bloc, c) for bloc, c in coefficients.items() if c))


def construire(parametres: Parametres, geographie: Geographie, lignes: pd.DataFrame) -> Modele:
    """Build the model of these rows.

    `lignes`: the rows of `lecture.lignes_suivies`, with `territoire` (rank in `geographie`), `rang` (0: this
    release; else how old the newest release that says it is, 1 for the last one) and `release`.
    """
    modele = Modele(parametres, geographie)
    modele.montants = _montants(lignes)
    sommes = lignes[lignes["methode"] == "somme"]
    modele.indicateurs_des_sommes = dict(
        zip(sommes["formule_numerateur"], sommes["indicateur_id"], strict=True)
    )
    groupes = [
        _Groupe(modele, cle, groupe)
        for cle, groupe in lignes.groupby(
            [
                *("indicateur_id", "millesime", "millesime_second", "methode"),
                *("formule_numerateur", "formule_denominateur", "part_d_un_tout"),
            ],
            dropna=False,
            sort=True,
        )
    ]
    taille = (len(modele.blocs), len(geographie.atomes))
    modele.priorite = np.full(taille, JAMAIS, np.int32)
    modele.valeur = np.zeros(taille, np.int64)
    modele.courant = np.zeros(taille, np.bool_)
    modele.registre = np.zeros(taille, np.bool_)
    for groupe in groupes:
        groupe.imprimer()
    for groupe in groupes:
        groupe.proteger()
    return modele


def _montants(lignes: pd.DataFrame) -> set[str]:
    """Return the mesures counted in euros: those of an amount, or the numerator of a mean amount."""
    euros = lignes[lignes["unite"].fillna("").str.startswith("EUR")]
    return {mesure for formule in euros["formule_numerateur"].unique() for mesure in termes(formule)}


class _Groupe:
    """The rows of one indicateur at one millésime, which share their formulas."""

    def __init__(self, modele: Modele, cle: tuple[object, ...], lignes: pd.DataFrame) -> None:
        indicateur, millesime, second, methode, numerateur, denominateur, part = cle
        self.modele, self.lignes = modele, lignes
        self.indicateur, self.millesime = str(indicateur), int(str(millesime))
        self.methode, self.part = str(methode), bool(part)
        self.lineaire = self.methode in LINEAIRES
        if not self.lineaire:
            return
        haut = termes(str(numerateur))
        bas = haut if self.methode in ("evolution", "difference") else termes(texte(denominateur))
        self.num = modele.lin(haut, self.millesime)
        self.den = modele.lin(bas, int(str(second))) if bas and self.methode != "somme" else None
        self.groupe = bool(set(haut) & modele.parametres.groupe)
        self.registre = bool({*haut, *bas} & modele.parametres.registres)
        if self.part and self.den:
            modele.parts.add((self.num, self.den))

    def imprimer(self) -> None:
        """Add what the rows print."""
        if not self.lineaire:
            return
        p = self.modele.parametres
        exactes_par_niveau = self._termes_exacts()
        for ligne in _lignes(self.lignes):
            if ligne.statut == "secret":
                continue
            t, rang = ligne.territoire, ligne.rang
            priorite = (0 if self._protegee(ligne.source_ids) else 1) if rang == 0 else 1 + rang
            if ligne.statut == "sans_objet":
                if self.den:
                    self._egaler(self.den, t, 0.0, priorite, rang)
                continue
            if self.den is None:
                if ligne.statut == "observe":
                    self._egaler(self.num, t, ligne.valeur, priorite, rang)
                else:
                    self._borner(self.num, t, ligne.borne_basse, ligne.borne_haute, priorite, rang)
                continue
            exacts = (True, True)
            if ligne.statut != "observe":
                exacts = exactes_par_niveau.get((ligne.niveau, ligne.source_ids, rang), (False, False))
            for lin, valeur, exact in zip(
                (self.num, self.den), (ligne.numerateur, ligne.denominateur), exacts, strict=True
            ):
                if exact:
                    self._egaler(lin, t, valeur, priorite, rang)
                elif ligne.statut == "arrondi" and ligne.niveau == "commune":
                    self._borner(lin, t, valeur + p.arrondi_bas, valeur + p.arrondi_haut, priorite, rang)
            if self.part and all(exacts) and ligne.numerateur == ligne.denominateur:
                # A whole that is all in the part is so in each commune.
                for atome in self.modele.geographie.territoires[t].tolist():
                    seul = self.modele.geographie.territoire([atome])
                    self._egaler(moins(self.den, self.num), seul, 0.0, priorite, rang)

    def _protegee(self, sources: object) -> bool:
        """Whether rows of these sources come from what is protected: the extract, or a register."""
        return self.registre or EXTRAIT in str(sources).split("+")

    def _termes_exacts(self) -> dict[tuple[str, str, int], tuple[bool, bool]]:
        """Say which of the two terms of rounded rows is exact, by level, sources and release."""
        base = self.modele.parametres.arrondi_base
        resultat: dict[tuple[str, str, int], tuple[bool, bool]] = {}
        if self.den is None:
            return resultat
        arrondies = self.lignes[self.lignes["statut"] == "arrondi"]
        for (niveau, sources, rang), groupe in arrondies.groupby(["niveau", "source_ids", "rang"]):
            if self._protegee(sources):
                num, den = (
                    bool((groupe[colonne] % base != 0).any()) or len(groupe) == 1
                    for colonne in ("numerateur", "denominateur")
                )
                resultat[str(niveau), str(sources), int(str(rang))] = num, den
        return resultat

    def proteger(self) -> None:
        """Add what the masked rows protect; every printed figure must be known by then."""
        modele = self.modele
        masquees = self.lignes[(self.lignes["statut"] == "secret") & self.lignes["sensible"]]
        for ligne in _lignes(masquees):
            cellule = Cellule(f"{ligne.niveau}:{ligne.code}", self.indicateur, self.millesime)
            ici = ligne.rang == 0
            if ici:
                modele.masquees.add((cellule.territoire_id, self.indicateur, self.millesime))
            if not self.lineaire:
                modele.non_lineaires.add(cellule)
                continue
            num = Forme(self.num, ligne.territoire)
            if self.den is None:
                self._proteger(num, cellule, ligne)
                self._au_moins_un(num, ligne)
                continue
            den = Forme(self.den, ligne.territoire)
            for terme in (num, den):
                modele.termes_tus.setdefault(terme, set()).add(cellule)
            num_dit, den_dit = modele.imprimee(num, ici=ici), modele.imprimee(den, ici=ici)
            if num_dit:
                self._proteger(den, cellule, ligne)
                self._au_moins_un(den, ligne)
                continue
            self._proteger(num, cellule, ligne)
            if modele.parametres.zero_publiable and self.methode == "ratio":
                modele.zeros_admis.add(num)
            if den_dit:
                self._au_moins_un(num, ligne)
            elif self.methode == "ratio":
                # A denominator of zero would be shown as such.
                self._au_moins_un(den, ligne)
                if not self._montant():
                    complement = Forme(moins(self.den, self.num), ligne.territoire)
                    self._proteger(complement, cellule, ligne)
                    if modele.parametres.zero_publiable and not self.groupe:
                        modele.zeros_admis.add(complement)

    def _au_moins_un(self, forme: Forme, ligne: Ligne) -> None:
        self.modele.au_moins_un.add(forme)
        if ligne.rang:
            self.modele.au_moins_un_avant.add(forme)

    def _montant(self) -> bool:
        """Whether one term is an amount and the other is not: their difference is nothing."""
        noms = {bloc: mesure for (mesure, _), bloc in self.modele.blocs.items()}
        num, den = ({noms[b] in self.modele.montants for b, _ in lin} for lin in (self.num, self.den or ()))
        return num != den

    def _proteger(self, forme: Forme, cellule: Cellule, ligne: Ligne) -> None:
        if not forme.lin:
            return
        protegee = self.modele.protegees.setdefault(forme, Protegee(forme, set()))
        protegee.cellules.add(cellule)
        if ligne.rang == 0:
            protegee.courante = True
        elif protegee.release is None:
            protegee.release = ligne.release

    def _egaler(self, lin: Lin, territoire: int, valeur: float, priorite: int, rang: int) -> None:
        modele = self.modele
        if not np.isfinite(valeur):
            return
        exacte = round(valeur * ECHELLE)
        forme = Forme(lin, territoire)
        atomes = modele.geographie.territoires[territoire]
        if modele.unique(forme) or (exacte == 0 and all(c > 0 for _, c in lin)):
            for bloc, _ in lin:
                connus = atomes[modele.priorite[bloc, atomes] != JAMAIS]
                modele.contradictions += int((modele.valeur[bloc, connus] != exacte).sum())
                mieux = atomes[modele.priorite[bloc, atomes] > priorite]
                modele.priorite[bloc, mieux] = priorite
                modele.valeur[bloc, mieux] = exacte
                (modele.courant if rang == 0 else modele.registre)[bloc, atomes] = True
            if modele.unique(forme):
                return
        lue = modele.imprimees.get(forme)
        if lue is None:
            modele.imprimees[forme] = Imprime(exacte, priorite, rang == 0, rang > 0)
            return
        modele.contradictions += lue.valeur != exacte
        if priorite < lue.priorite:
            lue.valeur, lue.priorite = exacte, priorite
        lue.courant |= rang == 0
        lue.registre |= rang > 0

    def _borner(self, lin: Lin, territoire: int, bas: float, haut: float, priorite: int, rang: int) -> None:
        bas = max(0.0, bas) if np.isfinite(bas) else 0.0
        haut = haut if np.isfinite(haut) else np.inf
        forme = Forme(lin, territoire)
        lu = self.modele.intervalles.get(forme)
        if lu is None or priorite < lu.priorite:
            dit_avant = rang > 0 or (lu is not None and lu.registre)
            self.modele.intervalles[forme] = Intervalle(bas, haut, priorite, dit_avant)
            return
        lu.registre |= rang > 0
        if priorite == lu.priorite:
            lu.bas, lu.haut = max(lu.bas, bas), min(lu.haut, haut)
