"""The system of one group while the phases build it.

Belongs here: placing a forme under its key, and what is said of it. Does not: which formes (the phases).
"""

from collections.abc import Callable, Container
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

from confidentialite.moteur.elimination import Defenses
from confidentialite.moteur.formes import Cle, Etat, Forme, Systeme, Territoire, ordre
from confidentialite.moteur.lecture import Lecture
from confidentialite.moteur.tirage import attente
from confidentialite.regle import primaire, raisons
from confidentialite.regle.primaire import Compte

T = TypeVar("T")


@dataclass(frozen=True)
class Photo:
    """A system at some instant: `etat`, `connue` and `publiee` of each forme, and why each is hidden."""

    formes: list[tuple[Etat, bool, bool]]
    raisons: dict[Cle, str]
    montants: dict[Cle, Compte]


class Chantier:
    """A system, its formes found by their key, why each is hidden.

    `raisons`: ids of `confidentialite.regle.raisons`; `montants`: what the rule read of each amount that it
    hides, whose largest contribution bounds must not come near; `cachees_avant`: what an earlier release hid.
    """

    def __init__(self, lecture: Lecture, defenses: Defenses, *, vide: bool = False) -> None:
        """Begin an empty system; with `vide`, without what parts may be of their wholes either."""
        self.lecture, self.defenses = lecture, defenses
        groupe = self.groupe = lecture.groupe
        self.parametres = groupe.parametres
        self.systeme = Systeme(groupe.nom, groupe.millesime, groupe.entiers)
        self.systeme.vraies = {cellule: fine.valeur for cellule, fine in lecture.fines.items()}
        self.raisons: dict[Cle, str] = {}
        self.montants: dict[Cle, Compte] = {}
        self.cachees_avant: set[Cle] = set()
        self._rangs: dict[Cle, int] = {}
        self._comptes: dict[Cle, Compte] = {}
        self._tenus: dict[Callable[[Chantier], Any], Any] = {}
        if defenses.fermeture and not vide:
            self._lier_les_parts()

    def _lier_les_parts(self) -> None:
        communes = self.lecture.communes
        for tout, part in self.groupe.couples:
            for atome in sorted(communes[part].keys() & communes[tout].keys()):
                # Two registers may contradict each other: that part is in no known whole.
                if communes[part][atome].valeur <= communes[tout][atome].valeur:
                    reste = self.lecture.vecteur_en(((1, tout), (-1, part)), atome)
                    self.systeme.majorations.append(reste)

    def tenir(self, faire: "Callable[[Chantier], T]") -> T:
        """What `faire` makes of the formes placed: kept until one is placed or forgotten.

        What is made so reads a chantier (`terrain.Terrain`), and cannot be named here.
        """
        if faire not in self._tenus:
            self._tenus[faire] = faire(self)
        tenu: T = self._tenus[faire]
        return tenu

    def __contains__(self, cle: Cle) -> bool:
        """Whether a forme is in the system."""
        return cle in self._rangs

    def forme(self, cle: Cle) -> Forme:
        """The forme of a key that is in the system."""
        return self.systeme.formes[self._rangs[cle]]

    def placees(self) -> list[tuple[Cle, Forme]]:
        """The formes placed so far, with their keys."""
        return list(zip(self.systeme.cles, self.systeme.formes, strict=True))

    def placer(self, cle: Cle) -> Forme | None:
        """The forme of a key, made when it is new; None when it is zero, which everybody may know."""
        if cle in self._rangs:
            return self.systeme.formes[self._rangs[cle]]
        vecteur = self.lecture.vecteur(cle)
        if not vecteur:
            return None
        compte = self.compte(cle)
        profondeur = 0 if cle.lieu.atomes else max(self.groupe.profondeurs[m] for _, m in cle.termes)
        attente_ = attente(self.groupe.cle, self.groupe.millesime, cle, compte.valeur)
        forme = Forme(vecteur, ordre(cle, attente_, profondeur), seule=compte.n == 1)
        self._ajouter(cle, forme, compte.valeur)
        return forme

    def _ajouter(self, cle: Cle, forme: Forme, valeur: Decimal) -> None:
        self._tenus.clear()
        self._rangs[cle] = len(self.systeme.formes)
        self.systeme.cles.append(cle)
        self.systeme.formes.append(forme)
        self.systeme.valeurs.append(valeur)

    def placer_sur(self, cle: Cle, atomes: list[str]) -> Cle | None:
        """Place a forme over other communes than today's; its key, None when it is zero.

        Where these make the same vector as today's (a commune worth zero came or went), it is today's forme.
        """
        d_alors = Cle(cle.termes, Territoire(cle.lieu.niveau, cle.lieu.code, tuple(sorted(atomes))))
        vecteur = self.lecture.vecteur(d_alors)
        if not vecteur:
            return None
        placee = cle if vecteur == self.lecture.vecteur(cle) else d_alors
        self.placer(placee)
        return placee

    def reprendre(self, cle: Cle, forme: Forme, valeur: Decimal | None = None) -> None:
        """Place a forme that another system has made, with its true value where it is not all of it."""
        if valeur is None:
            vraies = self.systeme.vraies
            valeur = sum((vraies[c] * v for c, v in forme.vecteur.items()), Decimal(0))
        self._ajouter(cle, forme, valeur)

    def redire(self, cle: Cle, autre: "Chantier", sienne: Cle) -> None:
        """Say of a forme what another system says of it. `sienne`: its key there."""
        if sienne in autre.raisons:
            self.raisons[cle] = autre.raisons[sienne]
        if sienne in autre.montants:
            self.montants[cle] = autre.montants[sienne]
        if sienne in autre.cachees_avant:
            self.cachees_avant.add(cle)
        self._comptes[cle] = autre.compte(sienne)

    def faits(self) -> list[object]:
        """All that the decision on the system depends on but `memoire`, in values whose text never varies."""
        propres = {cle: raison for cle, raison in self.raisons.items() if raison != raisons.ANTERIEURE}
        retenues = [cle for cle in self.cachees_avant if not (cle in self and self.forme(cle).montree)]
        return [
            *(self.groupe.faits(), self.lecture.faits(), self.systeme.faits()),
            *(sorted(x.items(), key=str) for x in (propres, self.montants)),
            sorted(retenues, key=str),
        ]

    def memoire(self, *, ensuite: bool = False, sauf: Container[Cle] = ()) -> str:
        """What earlier releases told of the formes that rows show, a letter each, in their order.

            `.` nothing: no release had a row of it        `h` that it is hidden
            `c` its figure                                 `*` both, each in its time
            `:CH+` the same, of a forme in no row but those that another group may hide

        `ensuite`: once what is decided is released too, where other groups hide nothing. An EPCI that is
        shown, A hidden, and B hidden for A, make `chh`. `sauf`: formes that are not asked about.
        """
        lignes = self.lecture.lignes
        propres = {cle for ligne in lignes if not ligne.melee for _, cle in ligne.formes}
        dites: set[Cle] = set()
        if ensuite:
            dites.update(c for x in lignes if all(self.montre(c) for _, c in x.formes) for _, c in x.formes)
        lettres = []
        for cle, forme in self.placees():
            if forme.montree and not forme.publique and cle not in sauf:
                connue = forme.connue or cle in dites
                cachee = cle in self.cachees_avant or (ensuite and not connue)
                lettres.append((".ch*" if cle in propres else ":CH+")[connue + 2 * cachee])
        return "".join(lettres)

    def compte(self, cle: Cle) -> Compte:
        """What the primary rule reads of a forme."""
        compte = self._comptes.get(cle)
        if compte is None:
            valeur, n, max1, max2 = self.lecture.somme(cle)
            compte = Compte(valeur, n, max1 or None, max2, self.lecture.est_nommee(cle))
            self._comptes[cle] = compte
        return compte

    def regle(self, compte: Compte) -> str | None:
        """Why a forme of this system must not be shown by itself; None when it may."""
        regle = primaire.effectif if self.systeme.entiers else primaire.montant
        return regle(compte, self.parametres)

    def montre(self, cle: Cle) -> bool:
        """Whether nothing is hidden of a forme: it is zero, shown, or its producer's."""
        if cle not in self:
            return True
        forme = self.forme(cle)
        return forme.publiee or forme.publique or self.lecture.source(cle) != "micro"

    def poids(self, cle: Cle) -> int:
        """What readers lose with a figure of a territory; where nothing says it, a row is a row."""
        return self.groupe.poids.get((cle.lieu.niveau, cle.lieu.code), 1)

    def cout(self) -> int:
        """What readers lose: each hidden row weighs what its territory does."""
        return sum(
            self.poids(ligne.formes[0][1])
            for ligne in self.lecture.lignes
            if not all(self.montre(cle) for _, cle in ligne.formes)
        )

    def photographier(self) -> "Photo":
        """What may change while the system is decided, to come back to."""
        formes = self.systeme.formes
        return Photo([(f.etat, f.connue, f.publiee) for f in formes], dict(self.raisons), dict(self.montants))

    def retablir(self, photo: "Photo") -> None:
        """Come back to what the system was: formes placed since are forgotten."""
        systeme, restent = self.systeme, len(photo.formes)
        if len(systeme.formes) > restent:
            self._tenus.clear()
        for cle in systeme.cles[restent:]:
            del self._rangs[cle]
        for liste in (systeme.cles, systeme.formes, systeme.valeurs):
            del liste[restent:]
        for forme, (etat, connue, publiee) in zip(systeme.formes, photo.formes, strict=True):
            forme.etat, forme.connue, forme.publiee = etat, connue, publiee
        self.raisons, self.montants = dict(photo.raisons), dict(photo.montants)

    def proteger(self, cle: Cle, raison: str, compte: Compte | None = None) -> None:
        """Protect a forme, unless its producer publishes it.

        `compte`: where the rule that hides it is one on amounts, what it read.
        """
        forme = self.forme(cle)
        if forme.etat is not Etat.PUBLIQUE:
            forme.etat = Etat.PROTEGEE
        self.raisons[cle] = raison
        en_euros = all(mesure in self.groupe.montants for _, mesure in cle.termes)
        if compte and en_euros and compte.max1 is not None:
            self.montants[cle] = compte

    def retenir(self, cle: Cle) -> None:
        """Keep a forme hidden, unless it is protected or public already."""
        forme = self.forme(cle)
        if forme.etat is Etat.LIBRE:
            forme.etat = Etat.RETENUE
