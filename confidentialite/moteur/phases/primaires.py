"""Fourth phase: the primary rule, on every forme that some row would show or that was hidden before.

Belongs here: applying it. Does not: the rule (`confidentialite.regle.primaire`).
"""

from confidentialite.moteur.chantier import Chantier


def proteger(chantier: Chantier) -> None:
    """Protect the formes that must not be shown by themselves."""
    for cle, forme in chantier.placees():
        if forme.publique or not (forme.montree or cle in chantier.cachees_avant):
            continue
        compte = chantier.compte(cle)
        if raison := chantier.regle(compte):
            chantier.proteger(cle, raison, compte)
