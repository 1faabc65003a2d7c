"""Primary rule: which formes must not be shown by themselves.

Belongs here: thresholds, dominance, the group rule, what is left of a whole. Does not: what has to be
hidden besides.
"""

from dataclasses import dataclass
from decimal import Decimal

from confidentialite.regle import raisons
from confidentialite.regle.parametres import Parametres


@dataclass(frozen=True, slots=True)
class Compte:
    """What the rule reads of a forme: its true value, contributors, two largest contributions (amounts only).

    `gestionnaires`: contributors are structures' gestionnaires and not persons.
    """

    valeur: Decimal
    n: int
    max1: Decimal | None
    max2: Decimal | None = None
    gestionnaires: bool = False

    @property
    def autres(self) -> Decimal:
        """What the two largest contributors leave; unknown, the second brings as much as it may."""
        max1 = self.max1 or Decimal(0)
        max2 = min(max1, self.valeur - max1) if self.max2 is None else self.max2
        return max(Decimal(0), self.valeur - max1 - max2)


def effectif(compte: Compte, p: Parametres) -> str | None:
    """`A` when a count is 1 to seuil-1, or when fewer than seuil contributors make it."""
    if petit(compte.valeur, p) or petit(compte.n, p):
        return raisons.PEU
    return None


def montant(compte: Compte, p: Parametres) -> str | None:
    """`A` when too few contribute to an amount, `B` when one of them is nearly told by it."""
    seuil = p.seuil_frequence_entreprises if compte.gestionnaires else p.seuil_frequence
    if petit(compte.n, p, seuil.valeur):
        return raisons.PEU
    return raisons.DOMINEE if domine(compte, p) or devinee(compte, p) else None


def domine(compte: Compte, p: Parametres) -> bool:
    """Whether one contributor makes nearly all of an amount."""
    dominant = Decimal(str(p.dominance_k.valeur)) * compte.valeur
    return compte.max1 is not None and compte.max1 > dominant > 0


def devinee(compte: Compte, p: Parametres) -> bool:
    """Whether the second contributor to an amount, who knows its own, comes within p % of the largest.

    Of 1 000, 600 and 380 are two contributors' and 20 are the others': the second reads at most 620 for the
    600, 3 % too much.
    """
    return compte.max1 is not None and compte.valeur > 0 and compte.autres < marge(compte, p)


def marge(compte: Compte, p: Parametres) -> Decimal:
    """How much p % of the largest contribution to an amount is."""
    return (compte.max1 or Decimal(0)) * Decimal(str(p.p_pourcent.valeur)) / 100


def complement(tout: Compte, part: Compte, p: Parametres) -> bool:
    """Whether what a part leaves of a count is too small to be shown, or is that of too few foyers."""
    return petit(tout.valeur - part.valeur, p) or petit(tout.n - part.n, p)


def tout_public(tout: float, part: float, p: Parametres, *, sensible: bool) -> bool:
    """Whether a part says too much of a whole that is public: of few people, or of few that it leaves out.

    Nobody at all may be said, as everywhere else. A producer that rounds may tell less than the part.
    """
    t = p.seuil_frequence.valeur
    tous = p.attribut_groupe.valeur and sensible and part >= tout
    return part > 0 and (0 < tout < t or 0 < tout - part < t or tous)


def groupe(tout: Compte, part: Compte, p: Parametres, *, sensible: bool) -> bool:
    """Whether a sensitive attribute is that of everybody: showing it says it of each."""
    return p.attribut_groupe.valeur and sensible and part.valeur == tout.valeur > 0


def petit(effectif_: Decimal | int, p: Parametres, seuil: int | None = None) -> bool:
    """Whether so few contributors are not shown; nobody is, unless zeros are secret too."""
    seuil = seuil or p.seuil_frequence.valeur
    return 0 <= effectif_ < seuil and (effectif_ > 0 or not p.zero_publiable.valeur)
