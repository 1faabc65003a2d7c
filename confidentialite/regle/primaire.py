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
    """What the rule reads of a forme: its true value, contributors, largest contribution (amounts only).

    `gestionnaires`: contributors are structures' gestionnaires and not persons.
    """

    valeur: Decimal
    n: int
    max1: Decimal | None
    gestionnaires: bool = False


def effectif(compte: Compte, p: Parametres) -> str | None:
    """`A` when a count is 1 to seuil-1, or when fewer than seuil contributors make it."""
    if petit(compte.valeur, p) or petit(compte.n, p):
        return raisons.PEU
    return None


def montant(compte: Compte, p: Parametres) -> str | None:
    """`A` when too few contribute to an amount, `B` when one of them makes nearly all of it."""
    seuil = p.seuil_frequence_entreprises if compte.gestionnaires else p.seuil_frequence
    if petit(compte.n, p, seuil.valeur):
        return raisons.PEU
    return raisons.DOMINEE if domine(compte, p) else None


def domine(compte: Compte, p: Parametres) -> bool:
    """Whether one contributor makes nearly all of an amount."""
    dominant = Decimal(str(p.dominance_k.valeur)) * compte.valeur
    return compte.max1 is not None and compte.max1 > dominant > 0


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
