"""First phase: the formes that rows show, and what producers publish.

Belongs here: public knowledge of today. Does not: that of earlier releases (`registre.py`).
"""

from confidentialite.moteur.chantier import Chantier
from confidentialite.moteur.formes import Cle, Etat, Territoire
from confidentialite.regle import raisons


def montrer(chantier: Chantier) -> None:
    """Place the formes that rows show."""
    for ligne in chantier.lecture.lignes:
        for _, cle in ligne.formes:
            _montrer(chantier, cle)
            if cle in chantier:
                chantier.forme(cle).cout += chantier.poids(cle.lieu)


def _montrer(chantier: Chantier, cle: Cle) -> None:
    source = chantier.lecture.source(cle)
    if source == "arrondie" or (forme := chantier.placer(cle)) is None:
        return
    forme.montree = True
    if source == "exacte":
        forme.etat, forme.connue = Etat.PUBLIQUE, True
    elif chantier.lecture.discorde(cle):
        # What its row would say is not what its communes add up to: nothing proves it safe.
        chantier.retenir(cle)
        chantier.raisons[cle] = raisons.DISCORDE


def publier(chantier: Chantier) -> None:
    """What producers publish is known, whether or not some row shows it too."""
    lecture = chantier.lecture
    for mesure, niveau, code in lecture.etats:
        cle = Cle(((1, mesure),), Territoire(niveau, code))
        source = lecture.source(cle)
        if source == "exacte":
            if (forme := chantier.placer(cle)) is not None:
                forme.etat, forme.connue = Etat.PUBLIQUE, True
        elif source == "arrondie":
            vecteur, bornes = lecture.vecteur(cle), lecture.intervalle(cle)
            if bornes and vecteur:
                # Two sources of one count differ by their date: the interval then holds the true value too.
                valeur = chantier.compte(cle).valeur
                bas, haut = min(bornes[0], valeur), max(bornes[1], valeur)
                chantier.systeme.intervalles.append((vecteur, bas, haut))
