"""Key figures as tiles: the figure, what it is of, and what it is set beside."""

from dataclasses import replace
from math import ceil

from publication.commun import apparence
from publication.portraits.modele import Repere, Reperes
from publication.portraits.pptx import points
from publication.portraits.pptx.charte import Charte, Zone
from publication.portraits.pptx.couleurs import encre
from publication.portraits.pptx.diapo import Diapo
from publication.portraits.pptx.gabarit import boite, cadre, rectangle
from publication.portraits.pptx.texte import Alinea, largeur, rvb, theme

_CHIFFRE, _MOTS = 28, 16
"""Sizes of the figure and of its words, on a slide 7.5 inches high."""
_LARGEUR = 2.7
"""Inches that a tile needs."""
_ECART, _FILET, _RETRAIT = 0.2, 0.06, 0.16
_BANDE = 0.9
"""Inches that a strip of dots needs beside the figure."""


def hauteur(element: Reperes, w: float, charte: Charte) -> float:
    """Return the inches that tiles take in a width of `w` inches."""
    colonnes, large = _grille(element, w, charte)
    rangs = ceil(len(element.lignes) / colonnes)
    return rangs * _rang(element, large, charte) + (rangs - 1) * _ECART


def poser(diapo: Diapo, element: Reperes, zone: Zone) -> None:
    """Draw tiles over a place; rows share its height."""
    charte = diapo.charte
    while len(element.lignes) > 1 and hauteur(element, zone.w, charte) > zone.h:
        *gardes, dernier = element.lignes
        diapo.notes.append(f"{dernier.libelle} : {dernier.cellule.texte} ({dernier.periode}).")
        element = replace(element, lignes=tuple(gardes))
    colonnes, large = _grille(element, zone.w, charte)
    rangs = ceil(len(element.lignes) / colonnes)
    haut = max(
        _rang(element, large, charte), min((zone.h - (rangs - 1) * _ECART) / rangs, 2.2 * charte.echelle)
    )
    for n, repere in enumerate(element.lignes):
        x = zone.x + n % colonnes * (large + _ECART)
        y = zone.y + n // colonnes * (haut + _ECART)
        fond = theme("accent1")
        diapo.ajouter(rectangle(diapo.numero(), "Filet", x, y, _FILET, haut, fond))
        ou = cadre(x + _RETRAIT, y, large - _RETRAIT, haut)
        alineas = _alineas(repere, (large - _RETRAIT) * 72 / charte.lettres, charte)
        diapo.ajouter(boite(diapo.numero(), repere.libelle, ou, alineas))
        pris = largeur(repere.cellule.texte, alineas[0].corps, gras=True) * charte.lettres / 72
        debut, place = x + _RETRAIT + pris + _ECART, large - _RETRAIT - pris - 2 * _ECART
        if place >= _BANDE * charte.echelle:
            milieu = y + alineas[0].corps * 0.6 / 72
            bande = points.bande(repere, diapo.numero(), debut, milieu, place, _MOTS * charte.echelle)
            for point in bande:
                diapo.ajouter(point)


def _grille(element: Reperes, w: float, charte: Charte) -> tuple[int, float]:
    """Return how many tiles stand in a row, and how wide one is."""
    nombre = len(element.lignes)
    possibles = max(1, int((w + _ECART) // (_LARGEUR * charte.echelle + _ECART)))
    colonnes = ceil(nombre / ceil(nombre / possibles))
    return colonnes, (w - (colonnes - 1) * _ECART) / colonnes


def _rang(element: Reperes, large: float, charte: Charte) -> float:
    place = (large - _RETRAIT) * 72 / charte.lettres
    return max(sum(a.hauteur(place) for a in _alineas(r, place, charte)) for r in element.lignes) / 72


def _alineas(repere: Repere, large: float, charte: Charte) -> list[Alinea]:
    """Return the lines of a tile: those it is set beside share one where it is wide enough, in one colour."""
    mots = _MOTS * charte.echelle
    doux = rvb(apparence.ENCRE_DOUCE)
    quand = f" ({repere.periode})" if repere.periode else ""
    lignes = [
        Alinea(repere.cellule.texte, _CHIFFRE * charte.echelle, gras=True, couleur=theme("tx2")),
        Alinea(f"{repere.libelle}{quand}", mots),
    ]
    beside = []
    for role, nom, cellule in repere.reperes:
        signe = apparence.SIGNES_TON[cellule.ton]
        texte = " ".join(filter(None, (signe, "pairs" if role == "pairs" else nom, cellule.texte)))
        couleur = encre(cellule.ton) if cellule.ton != "neutre" else doux
        beside.append(Alinea(texte, mots, couleur=couleur))
    if len(beside) > 1 and len({a.couleur for a in beside}) == 1:
        ensemble = replace(beside[0], texte=" · ".join(a.texte for a in beside))
        if ensemble.hauteur(large) <= beside[0].hauteur(large):
            beside = [ensemble]
    return lignes + beside
