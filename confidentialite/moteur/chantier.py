"""The system of one group while the phases build it.

Belongs here: placing a forme under its key, and what is said of it. Does not: which formes (the phases).
"""

from decimal import Decimal

from confidentialite.moteur.elimination import Defenses
from confidentialite.moteur.formes import Cle, Etat, Forme, Systeme, Territoire, Vecteur, ordre
from confidentialite.moteur.lecture import Lecture
from confidentialite.regle import primaire
from confidentialite.regle.primaire import Compte


class Chantier:
    """A system, its formes found by their key, why each is hidden.

    `raisons`: ids of `confidentialite.regle.raisons`; `maxima`: the largest contribution of each dominated
    amount, which its bounds must not come near; `cachees_avant`: what an earlier release hid.
    """

    def __init__(self, lecture: Lecture, defenses: Defenses) -> None:
        """Begin an empty system."""
        self.lecture, self.defenses = lecture, defenses
        groupe = self.groupe = lecture.groupe
        self.parametres = groupe.parametres
        self.systeme = Systeme(groupe.nom, groupe.millesime, groupe.entiers)
        self.systeme.vraies = {cellule: fine.valeur for cellule, fine in lecture.fines.items()}
        self.raisons: dict[Cle, str] = {}
        self.maxima: dict[Cle, Decimal] = {}
        self.cachees_avant: set[Cle] = set()
        self._rangs: dict[Cle, int] = {}
        self._tables: dict[int, str] = {}
        self._comptes: dict[Cle, Compte] = {}
        if defenses.fermeture:
            self._majorer()

    def _majorer(self) -> None:
        """Say in which communes which mesures are never more than others."""
        communes, vraies = self.lecture.communes, self.systeme.vraies
        vecteurs: dict[tuple[tuple[int, int], ...], Vecteur] = {}
        couples = (((tout,), (part,)) for tout, part in self.groupe.couples)
        for touts, parts in (*couples, *self.groupe.majorations):
            termes = tuple((1, m) for m in touts) + tuple((-1, m) for m in parts)
            for atome in sorted(set().union(*(communes[part] for part in parts))):
                vecteur = self.lecture.vecteur_en(termes, atome)
                # Two registers may contradict each other: that part is in no known whole.
                if any(v < 0 for v in vecteur.values()) and (
                    sum(vraies[c] * v for c, v in vecteur.items()) >= 0
                ):
                    vecteurs[tuple(sorted(vecteur.items()))] = vecteur
        self.systeme.majorations = [vecteurs[cle] for cle in sorted(vecteurs)]
        for vecteur in self.systeme.majorations:
            if not sum(vraies[c] * v for c, v in vecteur.items()):
                for cellule in vecteur:
                    self.systeme.collees.setdefault(cellule, set()).update(vecteur)

    def __contains__(self, cle: Cle) -> bool:
        """Whether a forme is in the system."""
        return cle in self._rangs

    def forme(self, cle: Cle) -> Forme:
        """The forme of a key that is in the system."""
        return self.systeme.formes[self._rangs[cle]]

    def table(self, forme: Forme) -> str:
        """The table of a forme that is in the system."""
        return self._tables[id(forme)]

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
        forme = Forme(vecteur, ordre(cle, compte.valeur, profondeur), seule=compte.n == 1)
        self._rangs[cle] = len(self.systeme.formes)
        self._tables[id(forme)] = self.groupe.liees[cle.termes[0][1]]
        self.systeme.cles.append(cle)
        self.systeme.formes.append(forme)
        self.systeme.valeurs.append(compte.valeur)
        return forme

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

    def compte(self, cle: Cle) -> Compte:
        """What the primary rule reads of a forme."""
        compte = self._comptes.get(cle)
        if compte is None:
            valeur, n, max1 = self.lecture.somme(cle)
            compte = Compte(valeur, n, max1 or None, self.lecture.est_nommee(cle))
            self._comptes[cle] = compte
        return compte

    def regle(self, compte: Compte) -> str | None:
        """Why a forme of this system must not be shown by itself; None when it may."""
        regle = primaire.effectif if self.systeme.entiers else primaire.montant
        return regle(compte, self.parametres)

    def proteger(self, cle: Cle, raison: str, compte: Compte | None = None) -> None:
        """Protect a forme, unless its producer publishes it.

        `compte`: where the rule that hides it is one on amounts, what it read.
        """
        forme = self.forme(cle)
        if forme.etat is not Etat.PUBLIQUE:
            forme.etat = Etat.PROTEGEE
        self.raisons[cle] = raison
        en_euros = all(mesure in self.groupe.montants for _, mesure in cle.termes)
        if compte and en_euros and compte.max1 is not None and primaire.domine(compte, self.parametres):
            self.maxima[cle] = compte.max1

    def retenir(self, cle: Cle) -> None:
        """Keep a forme hidden, unless it is protected or public already."""
        forme = self.forme(cle)
        if forme.etat is Etat.LIBRE:
            forme.etat = Etat.RETENUE
