"""The masks of a night: every system built, its primaries found, what else to hide decided, rows masked.

Belongs here: putting the parts of the engine together, forme by forme and row by row. Does not: the rules
themselves (`primaire.py`), the algebra (`moteur.py`), the intervals (`bornes.py`).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from confidentialite.moteur.bornes import Intervalle, Memoire, entiers, intervalles
from confidentialite.moteur.elimination import TOUTES, Defenses, DejaDivulguees, Espace, Forme, eliminer
from confidentialite.moteur.systeme import (
    LARGEUR,
    CleForme,
    Entrees,
    Formule,
    Lecture,
    Ligne,
    Systeme,
    grouper,
    ordre,
)
from confidentialite.regle import primaire
from confidentialite.regle.parametres import Parametres, Relations
from confidentialite.regle.primaire import Compte
from socle.erreurs import ErreurPublication

# The reason of a row that an earlier release discloses.
DIVULGUEE = "divulguee"


@dataclass(frozen=True, slots=True)
class Masque:
    """One hidden row. `raison` stays inside: readers see that a figure is secret, never why."""

    territoire_id: str
    millesime: int
    indicateur_id: str
    raison: str


@dataclass
class Resultat:
    """What the engine decided, and what its cost and margins were."""

    masques: list[Masque]
    systemes: list[Systeme]
    espaces: list[Espace] = field(default_factory=list)
    raisons: dict[CleForme, str] = field(default_factory=dict)
    # (territoire_id, millésime, indicateur) of the rows that were judged, hidden or not.
    jugees: list[tuple[str, int, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Ancienne:
    """A forme of a row of the register: shown, with what was said of it, or hidden.

    `atomes`: the communes of today's figures that its territory of then became; `entieres`: whether it is all
    of them. `exacte`: whether it was an equation, and no interval.
    """

    cle: CleForme
    rang: int
    atomes: list[str]
    entieres: bool
    montree: bool
    exacte: bool
    dite: Decimal | None


class DivulgationAnterieure(ErreurPublication):
    """What earlier releases said gives away a cell that must be hidden today: a person has to decide.

    `cellules`: (millésime, niveau, code, indicateur) that would show one of them.
    """

    def __init__(self, message: str, cellules: frozenset[tuple[int, str, str, str]]) -> None:
        """Keep the cells beside the message."""
        super().__init__(message)
        self.cellules = cellules


def decider(
    entrees: Entrees,
    parametres: Parametres,
    relations: Relations,
    defenses: Defenses = TOUTES,
    assumees: frozenset[tuple[int, str, str, str]] = frozenset(),
) -> Resultat:
    """Decide which rows to hide.

    `assumees`: (millésime, niveau, code, indicateur) that earlier releases are known to disclose: they stay
    hidden, and nothing is hidden for them. Raises `DivulgationAnterieure` for any other.
    """
    lecture = Lecture(entrees, relations, zeros=not parametres.zero_publiable.valeur)
    atelier = _Atelier(lecture, parametres, defenses)
    for ligne in lecture.lignes:
        for cle in ligne.formes:
            atelier.montrer(cle)
    atelier.publiques()
    atelier.registre(entrees)
    if defenses.fermeture:
        atelier.complements()
        atelier.complements_publics()
    atelier.primaires()
    atelier.restes_de_territoires(fermeture=defenses.fermeture)
    atelier.assumer(assumees)
    resultat = Resultat([], list(atelier.systemes.values()), raisons=atelier.raisons)
    for systeme in resultat.systemes:
        for (mesure, atome), cellule in lecture._cellules.items():
            if valeur := lecture.communes.get((mesure, systeme.millesime), {}).get(atome):
                systeme.vraies[cellule] = float(valeur.valeur)
        _resoudre(systeme, atelier, defenses, resultat)
    resultat.jugees = [(x.territoire_id, x.millesime, x.indicateur_id) for x in lecture.lignes]
    resultat.masques = sorted(
        (m for ligne in lecture.lignes if (m := atelier.masque(ligne))),
        key=lambda m: (m.territoire_id, m.millesime, m.indicateur_id),
    )
    return resultat


class _Atelier:
    """The systems while they are built; formes are found by their key."""

    def __init__(self, lecture: Lecture, parametres: Parametres, defenses: Defenses) -> None:
        self.lecture = lecture
        self.parametres = parametres
        self.defenses = defenses
        self.systemes: dict[tuple[str, int], Systeme] = {}
        self.raisons: dict[CleForme, str] = {}
        self.maxima: dict[CleForme, Decimal] = {}
        self._noms = grouper(lecture)
        self._place: dict[CleForme, tuple[Systeme, int]] = {}
        self._masquees_avant: set[CleForme] = set()
        self._tues: set[tuple[str, int, str]] = set()
        self._anciennes: dict[CleForme, Compte] = {}
        self._atomes_d_alors: dict[CleForme, list[str]] = {}
        couples = lecture.couples()
        self._couples = couples
        self._profondeur: dict[str, int] = defaultdict(int)
        for _ in couples:
            for tout, part in couples:
                self._profondeur[part] = max(self._profondeur[part], self._profondeur[tout] + 1)

    def _systeme(self, cle: CleForme) -> Systeme:
        termes, millesime, *_ = cle
        nom = self._noms[termes[0][1], millesime]
        if (nom, millesime) not in self.systemes:
            systeme = Systeme(nom, millesime, entiers=nom not in self.lecture.montants)
            self.systemes[nom, millesime] = systeme
            for tout, part in self._couples:
                membres = self._noms.get((tout, millesime)), self._noms.get((part, millesime))
                if membres == (nom, nom) and self.defenses.fermeture:
                    ensembles = self.lecture.communes[tout, millesime].keys()
                    for atome in self.lecture.communes[part, millesime].keys() & ensembles:
                        parties = self.lecture.communes[part, millesime][atome].valeur
                        # Two registers may contradict each other: that part is in no known whole.
                        if parties <= self.lecture.communes[tout, millesime][atome].valeur:
                            systeme.parts.append(
                                (self.lecture.cellule(part, atome), self.lecture.cellule(tout, atome))
                            )
            systeme.parts.sort()
        return self.systemes[nom, millesime]

    def _ajouter(self, cle: CleForme, **attributs: Any) -> Forme | None:
        """The forme of a key, made when it is new; None when it is zero, which everybody may know."""
        if cle in self._place:
            systeme, k = self._place[cle]
            forme = systeme.formes[k]
            for nom, valeur in attributs.items():
                setattr(forme, nom, valeur)
            return forme
        vecteur = self.lecture.vecteur(cle)
        if not vecteur:
            return None
        systeme = self._systeme(cle)
        valeur, n, _ = self.lecture.somme(cle)
        profondeur = max(self._profondeur[m] for _, m in cle[0])
        forme = Forme(vecteur, ordre(cle, valeur, profondeur), seule=n == 1, **attributs)
        self._place[cle] = systeme, len(systeme.formes)
        systeme.cles.append(cle)
        systeme.formes.append(forme)
        systeme.valeurs.append(valeur)
        return forme

    def montrer(self, cle: CleForme) -> None:
        """Some row would show this forme."""
        match self.lecture.source(cle):
            case "micro":
                forme = self._ajouter(cle, montree=True)
                if forme is not None and self.lecture.discorde(cle):
                    # What its row would say is not what its communes add up to: nothing proves it safe.
                    forme.retenue = True
                    self.raisons[cle] = "discorde"
            case "exacte":
                self._ajouter(cle, montree=True, publique=True, forcee=True)

    def publiques(self) -> None:
        """What producers publish is known, whether or not some row shows it too."""
        for mesure, millesime, niveau, code in self.lecture.etats:
            cle: CleForme = (((1, mesure),), millesime, niveau, code)
            source = self.lecture.source(cle)
            if source == "micro" or (mesure, millesime) not in self.lecture.communes:
                continue
            if source == "exacte":
                self._ajouter(cle, publique=True, forcee=True)
                continue
            bornes = self.lecture.intervalle(cle)
            vecteur = self.lecture.vecteur(cle)
            if bornes and vecteur:
                # Two sources of one count differ by their date: the interval then holds the true value too.
                valeur = self.lecture.somme(cle)[0]
                bas, haut = min(bornes[0], valeur), max(bornes[1], valeur)
                self._systeme(cle).intervalles.append((vecteur, bas, haut))

    def _lire_registre(self, entrees: Entrees) -> list[_Ancienne]:
        """What earlier releases said and hid, forme by forme, release after release."""
        lignes = sorted(
            entrees.registre.to_pylist(),
            key=lambda r: (r["rang"], r["millesime"], r["niveau"], r["code"], r["indicateur_id"]),
        )
        anciennes = []
        for r in lignes:
            memes = True
            for cle, dite in self._dites(r):
                montree = r["valeur"] is not None or r["numerateur"] is not None
                # A term that its producer rounds was shown as an interval: no equation holds it.
                exacte = self.lecture.source(cle) != "arrondie" or (montree and r["statut"] == "observe")
                if r["atomes"] is None:
                    atomes, entieres = sorted(self._atomes(cle)), True
                else:
                    atomes, entieres = self.lecture.devenues(cle, r["atomes"], r["cog_atomes"])
                if montree or r["statut"] == "secret":
                    anciennes.append(_Ancienne(cle, r["rang"], atomes, entieres, montree, exacte, dite))
                memes = memes and set(atomes) == self._atomes(cle)
            # Of what is zero everywhere, or a median, no forme is left: the row alone is known.
            if r["statut"] == "secret" and memes:
                self._tues.add((f"{r['niveau']}:{r['code']}", r["millesime"], r["indicateur_id"]))
        imprimees = {(a.rang, a.cle) for a in anciennes if a.montree}
        return [a for a in anciennes if a.montree or (a.rang, a.cle) not in imprimees]

    def registre(self, entrees: Entrees) -> None:
        """What earlier releases showed is forced; what they hid stays hidden."""
        anciennes = self._lire_registre(entrees)
        revisees: dict[tuple[int, Formule, int], dict[frozenset[str], Decimal]] = defaultdict(dict)
        for a in sorted(anciennes, key=lambda a: len(a.atomes)):
            if a.montree and a.exacte and a.entieres:
                self._forcer(a, revisees[a.rang, a.cle[0], a.cle[1]])
        for a in anciennes:
            if not a.montree and a.exacte:
                alors = self._comme_alors(a.cle, a.atomes)
                self._masquees_avant.update(k for k in (a.cle, alors) if k and k in self._place)
        for cle in self._masquees_avant:
            systeme, k = self._place[cle]
            forme = systeme.formes[k]
            if not forme.publique:
                forme.retenue = True
                self.raisons.setdefault(cle, "anterieure")

    def _dites(self, rang: dict[str, Any]) -> Iterable[tuple[CleForme, Decimal | None]]:
        """Formes of a row of the register, with what it says of each; None where that is not of it alone."""
        indicateur = self.lecture.indicateurs.get(rang["indicateur_id"])
        if indicateur is None:
            return
        deux = indicateur["methode"] in ("ratio", "evolution", "difference")
        valeurs = (rang["numerateur"], rang["denominateur"]) if deux else (rang["valeur"],)
        for (termes, annee), valeur in zip(self._cotes_du_registre(rang, indicateur), valeurs, strict=True):
            connus = self._connus(termes, annee)
            if connus:
                dite = None if valeur is None or connus != termes else round(Decimal(valeur), 2)
                yield (connus, annee, rang["niveau"], rang["code"]), dite

    def _cotes_du_registre(
        self, rang: dict[str, Any], indicateur: dict[str, Any]
    ) -> list[tuple[Formule, int]]:
        millesime = rang["millesime"]
        base = millesime - int(indicateur["decalage"] or 0)
        den = millesime + int(indicateur["decalage_denominateur"] or 0)
        return self.lecture.cotes(indicateur, millesime, base, den)

    def _connus(self, termes: Formule, annee: int) -> Formule:
        return tuple(t for t in termes if (t[1], annee) in self.lecture.communes)

    def _cles_du_registre(self, rang: dict[str, Any]) -> Iterable[CleForme]:
        indicateur = self.lecture.indicateurs.get(rang["indicateur_id"])
        for termes, annee in self._cotes_du_registre(rang, indicateur) if indicateur else ():
            if connus := self._connus(termes, annee):
                yield connus, annee, rang["niveau"], rang["code"]

    def _forcer(self, ancienne: _Ancienne, revisees: dict[frozenset[str], Decimal]) -> None:
        """Take a forme for known where what was said of it still holds.

        `revisees`: territories, narrow ones first, and what that release said of them that no longer holds; a
        sum that was said then, less these, may still hold of the others.
        """
        cle, atomes, dite = ancienne.cle, ancienne.atomes, ancienne.dite
        tiennent = [atomes]
        if dite is not None and not self._tient(cle, atomes, dite):
            tiennent = []
            for ordre_ in (list(revisees.items()), list(revisees.items())[::-1]):
                reste, autres = dite, set(atomes)
                for ensemble, ancien in ordre_:
                    if ensemble <= autres:
                        reste, autres = reste - ancien, autres - ensemble
                if len(autres) < len(atomes) and self._tient(cle, sorted(autres), reste):
                    tiennent.append(sorted(autres))
            revisees[frozenset(atomes)] = dite
        for atomes_ in tiennent:
            if (alors := self._comme_alors(cle, atomes_)) is not None:
                systeme, k = self._place[alors]
                systeme.formes[k].forcee = True

    def _tient(self, cle: CleForme, atomes: list[str], dite: Decimal) -> bool:
        return dite == round(self.lecture.somme(cle, atomes)[0], 2)

    def _comme_alors(self, cle: CleForme, atomes: list[str] | None) -> CleForme | None:
        """Key of a forme over the communes its territory had then, placed; None when it is zero."""
        vecteur = self.lecture.vecteur(cle, atomes)
        if not vecteur:
            return None
        if vecteur == self.lecture.vecteur(cle):
            self._ajouter(cle)
            return cle
        # The territory was another then: one more equation, under a key that no row of today has.
        termes, millesime, niveau, code = cle
        ancienne: CleForme = (termes, millesime, niveau, f"{code}@{'+'.join(sorted(atomes or ()))}")
        if ancienne not in self._place:
            systeme = self._systeme(cle)
            valeur, n, max1 = self.lecture.somme(cle, atomes)
            self._anciennes[ancienne] = self._compter(cle, (valeur, n, max1))
            self._atomes_d_alors[ancienne] = list(atomes or ())
            self._place[ancienne] = systeme, len(systeme.formes)
            systeme.cles.append(ancienne)
            systeme.formes.append(Forme(vecteur, ordre(ancienne, valeur, 0), seule=n == 1))
            systeme.valeurs.append(valeur)
        return ancienne

    def _compte(self, cle: CleForme, atomes: Iterable[str] | None = None) -> Compte:
        """What the rule reads of a forme, over the communes of its territory or over others."""
        if atomes is None and cle in self._anciennes:
            return self._anciennes[cle]
        return self._compter(cle, self.lecture.somme(cle, atomes))

    def _compter(self, cle: CleForme, somme: tuple[Decimal, int, Decimal]) -> Compte:
        valeur, n, max1 = somme
        return Compte(valeur, n, max1 or None, self._est_nommee(cle))

    def _est_nommee(self, cle: CleForme) -> bool:
        return any(mesure in self.lecture.nommees for _, mesure in cle[0])

    def _regle(self, systeme: Systeme, compte: Compte) -> str | None:
        regle = primaire.effectif if systeme.entiers else primaire.montant
        return regle(compte, self.parametres)

    def restes_de_territoires(self, *, fermeture: bool) -> None:
        """Where no row shows a count by commune, those that lie in the same territories make a cell.

        It is what a CTG leaves of its EPCI, or EPCI of their département: differences of rows may give it.
        `fermeture`: what a part leaves of its whole there is protected too.
        """
        lieux: dict[tuple[Formule, int], dict[tuple[str, str], frozenset[str]]] = defaultdict(dict)
        for cle, (systeme, k) in self._place.items():
            termes, millesime, niveau, code = cle
            if systeme.formes[k].montree or systeme.formes[k].forcee:
                lieux[termes, millesime][niveau, code] = self._atomes(cle)
        for (termes, millesime), territoires in sorted(lieux.items()):
            if any(niveau == "commune" for niveau, _ in territoires):
                continue
            for lieu, atomes in _morceaux(territoires):
                self._reste_de_territoire((termes, millesime, *lieu), atomes, fermeture)

    def _atomes(self, cle: CleForme) -> frozenset[str]:
        """Communes of the territory of a forme, as it is or was."""
        if cle in self._atomes_d_alors:
            return frozenset(self._atomes_d_alors[cle])
        termes, millesime, niveau, code = cle
        return frozenset(self.lecture.lieux(termes[0][1], millesime, niveau, code))

    def _reste_de_territoire(self, cle: CleForme, atomes: list[str], fermeture: bool) -> None:
        """Protect a part of a territory, and what is left of wholes there, where they are small."""
        (termes, millesime, niveau, code), p = cle, self.parametres
        self._proteger_alors(cle, atomes, self._regle(self._systeme(cle), self._compte(cle, atomes)))
        for tout, part in self._couples if fermeture else ():
            if termes != ((1, part),) or (tout, millesime) not in self.lecture.communes:
                continue
            cle_tout: CleForme = (((1, tout),), millesime, niveau, code)
            reste: CleForme = (((-1, part), (1, tout)), millesime, niveau, code)
            a, b = self._compte(cle_tout, atomes), self._compte(cle, atomes)
            if self._est_nommee(reste):
                self._proteger_alors(reste, atomes, primaire.montant(self._compte(reste, atomes), p))
            elif primaire.complement(a, b, p):
                self._proteger_alors(reste, atomes, "A")
            if primaire.groupe(a, b, part, p):
                self._proteger_alors(cle, atomes, "A")

    def _proteger_alors(self, cle: CleForme, atomes: list[str], raison: str | None) -> None:
        if raison and (alors := self._comme_alors(cle, atomes)) is not None:
            systeme, k = self._place[alors]
            if not systeme.formes[k].publique:
                systeme.formes[k].protegee = True
                self._motiver(alors, raison, self._compte(cle, atomes))

    def complements(self) -> None:
        """What a part leaves of its whole is a cell too, wherever one of the two is shown."""
        p = self.parametres
        lieux: dict[tuple[int, str, str], set[str]] = defaultdict(set)
        for (termes, millesime, niveau, code), (systeme, k) in self._place.items():
            if len(termes) == 1 and systeme.formes[k].montree:
                lieux[millesime, niveau, code].add(termes[0][1])
        for (millesime, niveau, code), mesures in sorted(lieux.items()):
            for tout, part in self._couples:
                if part not in mesures or (tout, millesime) not in self.lecture.communes:
                    continue
                cle_part: CleForme = (((1, part),), millesime, niveau, code)
                cle_tout: CleForme = (((1, tout),), millesime, niveau, code)
                a, b = self._compte(cle_tout), self._compte(cle_part)
                reste: CleForme = (((-1, part), (1, tout)), millesime, niveau, code)
                if self._est_nommee(reste):
                    self._reste_nomme(reste)
                    continue
                if primaire.complement(a, b, p) and self.lecture.source(reste) != "exacte":
                    forme = self._ajouter(reste, protegee=True)
                    if forme is not None:
                        forme.seule = forme.seule or a.valeur - b.valeur == 1
                        self.raisons[reste] = "A"
                if primaire.groupe(a, b, part, p) and (forme := self._ajouter(cle_part)):
                    forme.protegee = not forme.publique
                    self.raisons[cle_part] = "A"

    def restes_publies(self, systeme: Systeme) -> list[Forme]:
        """Protect what shown territories leave of the wider ones they are in, where too few contribute to it.

        Of foyers, those of several hidden communes are as many as their communes say. Gestionnaires stand in
        several, so that two hidden communes together may be those of two. Return the formes newly protected.
        """
        lieux: dict[tuple[str, int], list[tuple[CleForme, frozenset[str]]]] = defaultdict(list)
        for cle, forme in zip(systeme.cles, systeme.formes, strict=True):
            termes, millesime, *_ = cle
            if len(termes) == 1 and self._est_nommee(cle) and (forme.publiee or forme.forcee):
                lieux[termes[0][1], millesime].append((cle, self._atomes(cle)))
        nouvelles = []
        for montres in lieux.values():
            for cle, atomes in _restes(montres):
                compte = self._compte(cle, atomes)
                if raison := primaire.montant(compte, self.parametres):
                    avant = len(systeme.formes)
                    self._proteger_alors(cle, atomes, raison)
                    nouvelles += systeme.formes[avant:]
        return nouvelles

    def _reste_nomme(self, reste: CleForme) -> None:
        """What a part leaves of an amount has contributors of its own, who are known."""
        compte = self._compte(reste)
        if (raison := primaire.montant(compte, self.parametres)) and self._ajouter(reste, protegee=True):
            self._motiver(reste, raison, compte)

    def _motiver(self, cle: CleForme, raison: str, compte: Compte) -> None:
        """Keep why a forme is primary, and the contribution that its bounds must not come near."""
        self.raisons[cle] = raison
        en_euros = all(mesure in self.lecture.montants for _, mesure in cle[0])
        if en_euros and compte.max1 is not None and primaire.domine(compte, self.parametres):
            self.maxima[cle] = compte.max1

    def groupes(self, systeme: Systeme) -> list[list[Forme]]:
        """Formes with one contributor who is, or may be, the same.

        Foyers have no name here: of those of one place, any two may be one. A gestionnaire is known wherever
        it is alone.
        """
        groupes: dict[tuple[str, ...], list[Forme]] = defaultdict(list)
        for cle, forme in zip(systeme.cles, systeme.formes, strict=True):
            if not forme.seule:
                continue
            if self._est_nommee(cle):
                for qui in self.lecture.contributions(cle, self._atomes_d_alors.get(cle)):
                    groupes["gestionnaire", qui].append(forme)
            elif len(cle[0]) == 1:
                groupes[cle[2], cle[3]].append(forme)
        return [groupe for groupe in groupes.values() if len(groupe) > 1]

    def complements_publics(self) -> None:
        """What a part leaves of a public whole is known with the part itself."""
        for ligne in self.lecture.lignes:
            if ligne.tout is None or ligne.part is None:
                continue
            if primaire.tout_public(ligne.tout, ligne.part, self.parametres):
                forme = self._ajouter(ligne.formes[0])
                if forme is not None and not forme.publique:
                    forme.protegee = True
                    self.raisons.setdefault(ligne.formes[0], "A")

    def primaires(self) -> None:
        """Apply the primary rule to every forme that some row would show, or that was hidden before."""
        for cle, (systeme, k) in self._place.items():
            forme = systeme.formes[k]
            if not (forme.montree or forme.retenue) or forme.publique:
                continue
            compte = self._compte(cle)
            if raison := self._regle(systeme, compte):
                forme.protegee = True
                self._motiver(cle, raison, compte)

    def assumer(self, assumees: frozenset[tuple[int, str, str, str]]) -> None:
        """Stop protecting what is disclosed already; it stays hidden in this release."""
        for millesime, niveau, code, indicateur_id in assumees:
            rang = {
                "indicateur_id": indicateur_id,
                "millesime": millesime,
                "niveau": niveau,
                "code": code,
            }
            for cle in self._cles_du_registre(rang):
                divulguees = {cle, *self._restes_de(cle)}
                for autre, (systeme, k) in self._place.items():
                    if (*autre[:3], autre[3].split("@")[0]) in divulguees:
                        forme = systeme.formes[k]
                        if forme.protegee or forme.retenue:
                            forme.protegee = forme.retenue = forme.montree = False
                            self.raisons[autre] = DIVULGUEE
                            if len(autre[0]) > 1 or "@" in autre[3]:
                                self._ne_plus_montrer(autre)

    def _ne_plus_montrer(self, reste: CleForme) -> None:
        """Hide what says no small number by itself: the part of a whole, the territory of a piece of it."""
        termes, millesime, niveau, code = reste
        for signe, mesure in termes:
            cle: CleForme = (((1, mesure),), millesime, niveau, code.split("@")[0])
            if (signe < 0 or len(termes) == 1) and cle in self._place:
                systeme, k = self._place[cle]
                systeme.formes[k].montree = False
                self.raisons[cle] = DIVULGUEE

    def _restes_de(self, cle: CleForme) -> Iterable[CleForme]:
        termes, millesime, niveau, code = cle
        for tout, part in self._couples:
            if len(termes) == 1 and termes[0][1] in (tout, part):
                yield ((-1, part), (1, tout)), millesime, niveau, code

    def incident(self, systeme: Systeme, formes: list[Forme]) -> DivulgationAnterieure:
        """Say which cells are given away, and the rows that would show them."""
        cles = sorted(
            {c for c, forme in zip(systeme.cles, systeme.formes, strict=True) if forme in formes}, key=str
        )
        lieux = ", ".join(
            f"{niveau}:{code.split('@')[0]} {millesime} ({'/'.join(m for _, m in termes)})"
            for termes, millesime, niveau, code in cles[:10]
        )
        return DivulgationAnterieure(
            f"divulgation antérieure: earlier releases already give away {len(cles)} cells that must be "
            f"hidden under today's rule: {lieux}. What was released cannot be taken back: nothing is "
            "published until a person has decided (`ctg secret incidents`, then `ctg secret decide`; see "
            "docs/secret.md).",
            frozenset(cellule for cle in cles for cellule in self._cellules_de(cle)),
        )

    def _cellules_de(self, cle: CleForme) -> Iterable[tuple[int, str, str, str]]:
        """The cells, by indicateur, that show a forme or what it leaves of its whole."""
        termes, annee, niveau, code = cle
        base: CleForme = (termes, annee, niveau, code.split("@")[0])
        for indicateur_id, indicateur in self.lecture.indicateurs.items():
            for millesime in {annee, annee + int(indicateur["decalage"] or 0)}:
                rang = {"indicateur_id": indicateur_id, "millesime": millesime, "niveau": niveau}
                for c in self._cles_du_registre({**rang, "code": base[3]}):
                    if base in {c, *self._restes_de(c)}:
                        yield millesime, niveau, base[3], indicateur_id

    def masque(self, ligne: Ligne) -> Masque | None:
        """The mask of a row, when one of the formes it shows is hidden."""
        # Zero today, say: no forme is left to hide, and showing it would solve the sums of then.
        tue = (ligne.territoire_id, ligne.millesime, ligne.indicateur_id) in self._tues
        raison = "anterieure" if tue else None
        if ligne.n_seul is not None and primaire.petit(ligne.n_seul, self.parametres):
            raison = "A"
        for cle in ligne.formes:
            if cle in self._place:
                systeme, k = self._place[cle]
                forme = systeme.formes[k]
                if not forme.publiee and not forme.publique and self.lecture.source(cle) == "micro":
                    raison = self.raisons.get(cle, "D")
            if self.lecture.discorde(cle):
                raison = raison or "discorde"
        return Masque(ligne.territoire_id, ligne.millesime, ligne.indicateur_id, raison) if raison else None


def _morceaux(
    territoires: Mapping[tuple[str, str], frozenset[str]],
) -> Iterator[tuple[tuple[str, str], list[str]]]:
    """Communes that lie in the same territories and make none of them, each with the narrowest of these."""
    dans: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for lieu, atomes in sorted(territoires.items()):
        for atome in atomes:
            dans[atome].append(lieu)
    ensembles: dict[tuple[tuple[str, str], ...], list[str]] = defaultdict(list)
    for atome, lieux in sorted(dans.items()):
        ensembles[tuple(lieux)].append(atome)
    connus = set(territoires.values())
    for lieux_, atomes_ in ensembles.items():
        if frozenset(atomes_) not in connus:
            yield min(lieux_, key=lambda lieu: (len(territoires[lieu]), lieu)), atomes_


def _restes(montres: list[tuple[CleForme, frozenset[str]]]) -> Iterator[tuple[CleForme, list[str]]]:
    """What is left of each territory once those shown inside it are taken out, level after level.

    `montres`: of one mesure, the territories that are shown, with their communes.
    """
    par_niveau: dict[int, dict[str, list[frozenset[str]]]] = defaultdict(lambda: defaultdict(list))
    for cle, atomes in montres:
        for atome in atomes:
            par_niveau[LARGEUR[cle[2]]][atome].append(atomes)
    for cle, atomes in montres:
        # A CTG may be inside its EPCI or around it: what is not inside is left where it is.
        autres = sorted(n for n in par_niveau if n != LARGEUR[cle[2]])
        for premier in range(len(autres)):
            reste = set(atomes)
            for niveau in autres[premier:]:
                avant = len(reste)
                for atome in sorted(reste):
                    for dedans in par_niveau[niveau].get(atome, ()):
                        if dedans <= reste:
                            reste -= dedans
                if reste and len(reste) < avant:
                    yield cle, sorted(reste)


def _resoudre(systeme: Systeme, atelier: _Atelier, defenses: Defenses, resultat: Resultat) -> None:
    """Hide what has to be, again until every hidden forme keeps enough values."""
    parametres = atelier.parametres
    premier = parametres.premiers.valeur[0]
    groupes = atelier.groupes(systeme)
    planchers = _planchers(systeme, parametres, atelier.maxima)

    def assez(forme: Forme, bas: float, haut: float) -> bool:
        large = entiers(bas, haut) >= parametres.alternatives_min.valeur
        return large and haut >= planchers.get(id(forme), 0)

    memoire = Memoire(systeme.vraies)
    while True:
        try:
            espace = eliminer(systeme.formes, premier, defenses, groupes)
        except DejaDivulguees as deja:
            raise atelier.incident(systeme, deja.formes) from None
        trouves = (
            intervalles(
                systeme, premier, zero_connu=parametres.zero_publiable.valeur, assez=assez, memoire=memoire
            )
            if defenses.bornes
            else []
        )
        serres = [i for i in trouves if not assez(i.forme, i.bas, i.haut)]
        retirees = [f for i in serres if (f := _a_retirer(systeme, i)) is not None]
        if not retirees:
            # All that could loosen them is known outside: hiding more would not help.
            if serrees := [i.forme for i in serres if i.forme.protegee]:
                raise atelier.incident(systeme, serrees)
            if defenses.secondaires and atelier.restes_publies(systeme):
                groupes = atelier.groupes(systeme)
                planchers = _planchers(systeme, parametres, atelier.maxima)
                memoire.blocs.clear()
                continue
            resultat.espaces.append(espace)
            return
        for forme in retirees:
            forme.retenue = True


def _planchers(
    systeme: Systeme, parametres: Parametres, maxima: Mapping[CleForme, Decimal]
) -> dict[int, float]:
    """Of each dominated amount, what its upper bound must reach: the largest contribution over k."""
    return {
        id(forme): float(maxima[cle]) / parametres.dominance_k.valeur
        for cle, forme in zip(systeme.cles, systeme.formes, strict=True)
        if cle in maxima
    }


def _a_retirer(systeme: Systeme, serre: Intervalle) -> Forme | None:
    """The published forme that costs least to hide and loosens an interval that is too tight.

    First the smallest neighbour: a cell of the territories that hold the interval. When none is left, the
    narrowest of these territories. None when everything that could help is known outside.
    """
    lieux = serre.cellules | serre.forme.vecteur.keys()
    mesures = _mesures(systeme, serre.forme)
    meilleure: tuple[tuple[Any, ...], Forme] | None = None
    for k, (cle, forme) in enumerate(zip(systeme.cles, systeme.formes, strict=True)):
        if not forme.publiee or forme.forcee or forme.retenue:
            continue
        seul = len(forme.vecteur) == 1
        if not (forme.vecteur.keys() <= lieux if seul else k in serre.liantes):
            continue
        rang = (seul, any(m in mesures for _, m in cle[0]), forme.ordre)
        if meilleure is None or rang > meilleure[0]:
            meilleure = rang, forme
    return meilleure and meilleure[1]


def _mesures(systeme: Systeme, cherchee: Forme) -> set[str]:
    cle = next(c for c, f in zip(systeme.cles, systeme.formes, strict=True) if f is cherchee)
    return {m for _, m in cle[0]}
