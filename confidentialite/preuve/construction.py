"""From rows to equations: what each row prints, and what each masked one protects.

Belongs here: turning rows into the equations, intervals, inequalities and protected forms of `modele.py`.
Does not: solving anything.

Of foyers with RSA among 40 foyers, in a commune A and an EPCI of A and B, where A alone is hidden:

    EPCI, part_rsa: 10 of 80, observe      prints rsa(A) + rsa(B) = 10 and foyers(A) + foyers(B) = 80
    B, part_rsa: 7 of 40, observe          prints rsa(B) = 7 and foyers(B) = 40
    A, part_rsa: secret                    protects rsa(A) and foyers(A) - rsa(A)

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

**Printed.** A figure `observe` is an equation, a figure `arrondi` an interval. A figure `partiel` of a
register is an equation over the communes that were read, which the statuts of communes tell (one
`non_disponible` was not; one shown or `secret` was), or the register itself (`entrees.py`):

    A 3 observe, B secret, C non_disponible, EPCI of A, B and C 10 partiel      prints A + B = 10
    of all subsidies too, but C secret and 16 observe                           prints A + B + C = 16
    that A and B receive no other                                               16 - 10 is C

It is an interval where that is not told, and in an earlier release, which does not tell it. The terms of a
rounded ratio do not say which of them is rounded: one whose values are all multiples of the rounding, over
the rows of that indicateur, level and millésime, is read as an interval, else as an equation. A printed zero,
and a printed share of 100 %, hold in each commune, because counts are never negative. What earlier releases
printed is so read where it still holds (`versions.py`).
"""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from confidentialite.memoire.geographie import Geographie
from confidentialite.memoire.lecture import LINEAIRES, termes, texte
from confidentialite.preuve.constats import Cellule
from confidentialite.preuve.entrees import Agregats
from confidentialite.preuve.exigences import Exigences
from confidentialite.preuve.lectures import lectures, partager
from confidentialite.preuve.modele import (
    ECHELLE,
    JAMAIS,
    Forme,
    Imprime,
    Intervalle,
    Lin,
    Modele,
    Protegee,
    moins,
)
from confidentialite.preuve.versions import Fines, Versions


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
    micro: bool


def _lignes(lignes: pd.DataFrame) -> list[Ligne]:
    """Return the rows as plain values; a text is decoded once per distinct value."""
    return list(map(Ligne._make, zip(*(_valeurs(lignes[c]) for c in Ligne._fields), strict=True)))


def _valeurs(colonne: "pd.Series[Any]") -> list[Any]:
    if pd.api.types.is_numeric_dtype(colonne.dtype):
        return colonne.tolist()
    codes, uniques = pd.factorize(colonne)
    valeurs: list[Any] = np.array([*uniques, None], dtype=object)[codes].tolist()
    return valeurs


def construire(
    exigences: Exigences,
    geographie: Geographie,
    lignes: pd.DataFrame,
    agregats: Agregats,
    territoires: Mapping[tuple[str, str], int] | None = None,
) -> Modele:
    """Build the model of these rows.

    `lignes`: the rows of `lecture.lignes_suivies`, with `territoire` (rank in `geographie`), `rang` (0: this
    release; else how old the newest release that says it is, 1 for the last one), `release`, and `micro`
    (whether the row comes from micro-data). `agregats`: what the registers told of, and the figures of today
    by commune (`Fines.lire`), where that is known; `territoires`: those of the marts, which say which
    communes these bear on.
    """
    communes = [t for (niveau, _), t in (territoires or {}).items() if niveau == "commune"]
    lues = lectures(exigences, geographie, lignes, communes, agregats.lues)
    modele = Modele(exigences, geographie, lectures=lues)
    modele.montants = _montants(lignes, exigences.monnaies)
    sommes = lignes[lignes["methode"] == "somme"][["formule_numerateur", "indicateur_id"]].drop_duplicates(
        keep="last"
    )
    modele.indicateurs_des_sommes = dict(
        zip(sommes["formule_numerateur"], sommes["indicateur_id"], strict=True)
    )
    groupes = [_Groupe(modele, cle, siennes) for cle, siennes in _par_indicateur(lignes)]
    partager(modele, agregats.apports)
    fines = Fines.lire(modele, agregats.fines if (lignes["rang"] > 0).any() else None)
    imprimeur = _Imprimeur(modele, fines)
    # This release first: what it prints is what older words are held against.
    for avant in (False, True):
        for groupe in groupes:
            imprimeur.imprimer(groupe, avant=avant)
    imprimeur.completer()
    imprimeur.rendre()
    for groupe in groupes:
        groupe.proteger(fines)
    return modele


def _par_indicateur(lignes: pd.DataFrame) -> Iterator[tuple[tuple[object, ...], list[Ligne]]]:
    """Yield the rows of one indicateur at one millésime, with what they share, in a total order."""
    cles = [
        *("indicateur_id", "millesime", "millesime_second", "methode"),
        *("formule_numerateur", "formule_denominateur", "part_d_un_tout"),
    ]
    if lignes.empty:
        return
    numeros = lignes.groupby(cles, dropna=False, sort=True).ngroup().to_numpy()
    ordre = np.argsort(numeros, kind="stable")
    debuts = np.flatnonzero(np.diff(numeros[ordre], prepend=-1))
    partagees = lignes[cles].iloc[ordre[debuts]]
    rangees = _lignes(lignes.iloc[ordre])
    for debut, fin, cle in zip(
        debuts.tolist(),
        [*debuts[1:].tolist(), len(rangees)],
        zip(*(partagees[c].tolist() for c in cles), strict=True),
        strict=True,
    ):
        yield cle, rangees[debut:fin]


def _montants(lignes: pd.DataFrame, monnaies: Collection[str]) -> set[str]:
    """Return the mesures counted in money: those of an amount, or the numerator of a mean amount."""
    unites = lignes[["unite", "formule_numerateur"]].drop_duplicates()
    formules = unites.loc[unites["unite"].isin(list(monnaies)), "formule_numerateur"]
    return {mesure for formule in formules for mesure in termes(formule)}


class _Groupe:
    """The rows of one indicateur at one millésime, which share their formulas."""

    def __init__(self, modele: Modele, cle: tuple[object, ...], lignes: Sequence[Ligne]) -> None:
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
        self.groupe = bool(set(haut) & modele.exigences.groupe)
        self.registre = bool({*haut, *bas} & modele.exigences.registres)
        if self.part and self.den:
            modele.parts.add((self.num, self.den))

    def forme(self, lin: Lin, ligne: Ligne) -> Forme:
        """Return what a row says of a formula: over what was read, in this release."""
        return Forme(lin, self._lieu(lin, ligne)[0])

    def dite(self, lin: Lin, ligne: Ligne) -> bool:
        """Whether the communes that a row adds up are told."""
        return self._lieu(lin, ligne)[1]

    def _lieu(self, lin: Lin, ligne: Ligne) -> tuple[int, bool]:
        lue = self.registre and ligne.rang == 0
        return self.modele.lieu(lin, ligne.territoire) if lue else (ligne.territoire, False)

    def protegee(self, ligne: Ligne) -> bool:
        """Whether a row comes from what is protected: micro-data, or a register."""
        return self.registre or ligne.micro

    def termes_exacts(self) -> dict[tuple[str, str, int], tuple[bool, bool]]:
        """Say which of the two terms of rounded rows is exact, by level, sources and release."""
        base = self.modele.exigences.arrondi_base
        vus: dict[tuple[str, str, int], list[tuple[float, float]]] = {}
        for ligne in self.lignes:
            if ligne.statut == "arrondi" and self.protegee(ligne):
                cle = (ligne.niveau, ligne.source_ids, ligne.rang)
                vus.setdefault(cle, []).append((ligne.numerateur, ligne.denominateur))
        # A term that is not a number is no multiple of anything.
        return {
            cle: (
                len(termes_) == 1 or any(num % base != 0 for num, _ in termes_),
                len(termes_) == 1 or any(den % base != 0 for _, den in termes_),
            )
            for cle, termes_ in vus.items()
        }

    def proteger(self, fines: Fines) -> None:
        """Add what the masked rows protect; every printed figure must be known by then."""
        modele = self.modele
        self.fines = fines
        for ligne in self.lignes:
            if ligne.statut != "secret" or not ligne.sensible:
                continue
            cellule = Cellule(f"{ligne.niveau}:{ligne.code}", self.indicateur, self.millesime)
            ici = ligne.rang == 0
            if ici:
                modele.masquees.add((cellule.territoire_id, self.indicateur, self.millesime))
            if not self.lineaire:
                modele.non_lineaires.add(cellule)
                continue
            num = self.forme(self.num, ligne)
            if self.den is None:
                self._proteger(num, cellule, ligne)
                self._au_moins_un(num, ligne)
                continue
            den = self.forme(self.den, ligne)
            if not ici and self.methode == "ratio" and modele.vaut_zero(den):
                # Masked by a release of then; since it was revised, there is nobody in the whole.
                continue
            for terme in (num, den):
                modele.termes_tus.setdefault(terme, set()).add(cellule)
            num_dit, den_dit = (modele.imprimee(f, ici=ici, rang=ligne.rang) for f in (num, den))
            if num_dit:
                self._proteger(den, cellule, ligne)
                self._au_moins_un(den, ligne)
                continue
            self._proteger(num, cellule, ligne, den)
            if modele.exigences.zero_publiable and self.methode == "ratio":
                modele.zeros_admis.add(num)
            if den_dit:
                self._au_moins_un(num, ligne)
            elif self.methode == "ratio":
                # A denominator of zero would be shown as such.
                self._au_moins_un(den, ligne)
                if not self._montant():
                    complement = self.forme(moins(self.den, self.num), ligne)
                    self._proteger(complement, cellule, ligne, num)
                    if modele.exigences.zero_publiable and not self.groupe:
                        modele.zeros_admis.add(complement)

    def _au_moins_un(self, forme: Forme, ligne: Ligne) -> None:
        if self.fines(forme) == 0:
            # Hidden since it was not zero: that it is one at least is no longer so, and zero is nobody's.
            self.modele.zeros_admis.add(forme)
            return
        self.modele.au_moins_un.add(forme)
        if ligne.rang:
            self.modele.au_moins_un_avant.add(forme)

    def _montant(self) -> bool:
        """Whether one term is an amount and the other is not: their difference is nothing."""
        noms = {bloc: mesure for (mesure, _), bloc in self.modele.blocs.items()}
        num, den = ({noms[b] in self.modele.montants for b, _ in lin} for lin in (self.num, self.den or ()))
        return num != den

    def _proteger(self, forme: Forme, cellule: Cellule, ligne: Ligne, avec: Forme | None = None) -> None:
        if not forme.lin:
            return
        protegee = self.modele.protegees.setdefault(forme, Protegee(forme, set()))
        if avec is None:
            protegee.en_soi = True
        else:
            protegee.avec.add(avec)
        protegee.cellules.add(cellule)
        if ligne.rang == 0:
            protegee.courante = True
        elif protegee.release is None:
            protegee.release = ligne.release


class _Imprimeur:
    """Adds what rows print to a model: figures, intervals, and what a zero says of each commune."""

    def __init__(self, modele: Modele, fines: Fines) -> None:
        self.modele, self.geographie = modele, modele.geographie
        self.versions = Versions(fines, self._ici)
        self.taille = (len(modele.blocs), len(modele.geographie.atomes))
        # (bloc, atome) -> value in hundredths, priority, said by this release, said by an older one.
        self.cellules: dict[tuple[int, int], tuple[int, int, bool, bool]] = {}

    def rendre(self) -> None:
        """Hand over to the model what is known cell by cell."""
        m = self.modele
        m.priorite = np.full(self.taille, JAMAIS, np.int32)
        m.valeur = np.zeros(self.taille, np.int64)
        m.courant = np.zeros(self.taille, np.bool_)
        m.registre = np.zeros(self.taille, np.bool_)
        if not self.cellules:
            return
        blocs, atomes = np.array(list(self.cellules), dtype=np.int64).T
        valeurs, priorites, courants, registres = zip(*self.cellules.values(), strict=True)
        m.valeur[blocs, atomes], m.priorite[blocs, atomes] = valeurs, priorites
        m.courant[blocs, atomes], m.registre[blocs, atomes] = courants, registres

    def completer(self) -> None:
        """Add what is left of the sums of earlier releases once what was revised is taken out of them."""
        for forme, valeur, rang in self.versions.restes():
            self._egaler(forme, valeur, 1 + rang, rang)
        self.modele.differences = [
            (plus, moins, round(valeur * ECHELLE), 1 + rang)
            for plus, moins, valeur, rang in self.versions.differences()
        ]

    def _ici(self, forme: Forme) -> float | None:
        """What this release prints of a form."""
        if (seule := self.modele.unique(forme)) is not None:
            dite = self.cellules.get(seule)
            return dite[0] / ECHELLE if dite is not None and dite[2] else None
        lue = self.modele.imprimees.get(forme)
        return lue.valeur / ECHELLE if lue is not None and lue.courant else None

    def imprimer(self, groupe: _Groupe, *, avant: bool) -> None:
        """Add what the rows of one indicateur print: those of this release, or (`avant`) of earlier ones."""
        if not groupe.lineaire:
            return
        p = self.modele.exigences
        num, den = groupe.num, groupe.den
        exactes_par_niveau = groupe.termes_exacts() if den else {}
        for ligne in groupe.lignes:
            if ligne.statut == "secret" or (ligne.rang > 0) is not avant:
                continue
            rang = ligne.rang
            datee = avant and groupe.protegee(ligne)
            priorite = (0 if groupe.protegee(ligne) else 1) if rang == 0 else 1 + rang
            if ligne.statut == "sans_objet":
                if den:
                    self._lire(groupe.forme(den, ligne), 0.0, priorite, rang, datee)
                continue
            partiel = ligne.statut == "partiel"
            if den is None:
                forme = groupe.forme(num, ligne)
                if ligne.statut == "observe" or (partiel and groupe.dite(num, ligne)):
                    self._lire(forme, ligne.valeur, priorite, rang, datee)
                else:
                    self._borner(forme, ligne.borne_basse, ligne.borne_haute, priorite, rang, datee)
                continue
            exacts = (True, True)
            if partiel:
                exacts = groupe.dite(num, ligne), groupe.dite(den, ligne)
            elif ligne.statut != "observe":
                exacts = exactes_par_niveau.get((ligne.niveau, ligne.source_ids, rang), (False, False))
            for lin, valeur, exact in zip(
                (num, den), (ligne.numerateur, ligne.denominateur), exacts, strict=True
            ):
                forme = groupe.forme(lin, ligne)
                if exact:
                    self._lire(forme, valeur, priorite, rang, datee)
                elif ligne.statut == "arrondi" and ligne.niveau == "commune":
                    bas, haut = valeur + p.arrondi_bas, valeur + p.arrondi_haut
                    self._borner(forme, bas, haut, priorite, rang, datee)
            if not (groupe.part and all(exacts) and ligne.numerateur == ligne.denominateur):
                continue
            # A whole that is all in the part is so in each commune.
            reste = groupe.forme(moins(den, num), ligne)
            if not (datee and self.versions.aujourd_hui(reste)):
                for atome in self.geographie.territoires[reste.territoire].tolist():
                    seul = self.geographie.territoire([atome])
                    self._egaler(Forme(reste.lin, seul), 0.0, priorite, rang)

    def _lire(self, forme: Forme, valeur: float, priorite: int, rang: int, datee: bool) -> None:
        """Take what a row says of a form; of an older release (`datee`), where it still holds."""
        if datee and math.isfinite(valeur) and not self.versions.tient(forme, valeur, rang):
            self.modele.autrefois.setdefault(forme, set()).add(rang)
            self.modele.contradictions += 1
            return
        self._egaler(forme, valeur, priorite, rang)

    def _egaler(self, forme: Forme, valeur: float, priorite: int, rang: int) -> None:
        if not math.isfinite(valeur):
            return
        modele = self.modele
        lin, territoire = forme
        exacte = round(valeur * ECHELLE)
        seule = modele.unique(forme)
        if seule is not None:
            self._dire(seule, exacte, priorite, rang)
            return
        if exacte == 0 and all(c > 0 for _, c in lin):
            atomes = self.geographie.territoires[territoire].tolist()
            for bloc, _ in lin:
                for atome in atomes:
                    self._dire((bloc, atome), exacte, priorite, rang)
        lue = modele.imprimees.get(forme)
        if lue is None:
            modele.imprimees[forme] = Imprime(exacte, priorite, rang == 0, rang > 0)
            return
        modele.contradictions += lue.valeur != exacte
        if priorite < lue.priorite:
            lue.valeur, lue.priorite = exacte, priorite
        lue.courant |= rang == 0
        lue.registre |= rang > 0

    def _dire(self, cellule: tuple[int, int], exacte: int, priorite: int, rang: int) -> None:
        """Note the value of one unknown: the best priority speaks, a differing value is counted."""
        dite = self.cellules.get(cellule)
        if dite is None:
            self.cellules[cellule] = (exacte, priorite, rang == 0, rang > 0)
            return
        valeur, meilleure, courant, registre = dite
        self.modele.contradictions += valeur != exacte
        if priorite < meilleure:
            valeur, meilleure = exacte, priorite
        self.cellules[cellule] = (valeur, meilleure, courant or rang == 0, registre or rang > 0)

    def _borner(self, forme: Forme, bas: float, haut: float, priorite: int, rang: int, datee: bool) -> None:
        bas = max(0.0, bas) if math.isfinite(bas) else 0.0
        haut = haut if math.isfinite(haut) else math.inf
        if datee and not self.versions.dans(forme, bas, haut):
            return
        lu = self.modele.intervalles.get(forme)
        if lu is None or priorite < lu.priorite:
            dit_avant = rang > 0 or (lu is not None and lu.registre)
            self.modele.intervalles[forme] = Intervalle(bas, haut, priorite, dit_avant)
            return
        lu.registre |= rang > 0
        if priorite == lu.priorite:
            lu.bas, lu.haut = max(lu.bas, bas), min(lu.haut, haut)
