"""The map of a figure: its classes, or its circles, commune by commune."""

import statistics
from collections.abc import Callable, Sequence
from math import floor, log10

from publication.commun.chiffres import Cellule
from publication.commun.marts import Indicateur, Territoire
from publication.portraits.contenu.comparateurs import annees_montrees, sources
from publication.portraits.contenu.contexte import Contexte
from publication.portraits.modele import Carte, Tableau, Zone
from socle.statuts import MONTRENT, SANS_DONNEE

_CLASSES = 5
_REPERES = 3
"""Circles of a legend."""
RENVOI = "Les chiffres de cette carte sont en annexe, commune par commune."
_CARTE_AU_MOINS = 3


def carte(ctx: Contexte, i: Indicateur, dessinees: Callable[[str], bool]) -> Carte | None:
    """The communes by class of one figure, or by circles for a count; None unless it tells three apart."""
    communes = [c for c in ctx.communes if dessinees(c.code)]
    annee = annee_qui_distingue(ctx, i, communes)
    if annee is None:
        return None
    cellules = {
        c: ctx.releve.cellule(i.indicateur_id, c.territoire_id, annee)
        or Cellule("nd", statut="non_disponible")
        for c in communes
    }
    montrees = sorted(
        (v for v in cellules.values() if v.nombre is not None),
        key=lambda v: v.nombre or 0.0,
    )
    # A text has no class ("oui").
    if len(montrees) < _CARTE_AU_MOINS:
        return None
    reperes = _reperes(ctx, i, montrees)
    # Shaded, a count would say how wide communes are.
    classes = [] if reperes else _classes(montrees)
    rangs = {c: _rang_de_classe(v.nombre, classes) if classes else None for c, v in cellules.items()}
    zones = tuple(Zone(c.code, c.libelle, rangs[c], v) for c, v in cellules.items())
    titre = f"{i.libelle} par commune, {annee}"
    comptes = (
        (sum(z.valeur.statut == "secret" for z in zones), "sous secret statistique"),
        (sum(z.valeur.statut in SANS_DONNEE for z in zones), "sans chiffre"),
        (sum(z.valeur.nombre is None and z.valeur.statut in MONTRENT for z in zones), "au chiffre incertain"),
    )
    reste = [f"{n} {quoi}" for n, quoi in comptes if n]
    return Carte(
        identifiant=f"carte-{i.indicateur_id}".replace("_", "-"),
        titre=titre,
        unite=f"{i.unite.libelle_pluriel}, {annee}",
        source=" ; ".join(sources(ctx, montrees)),
        alternative=f"{titre}{', en cercles' if reperes else ''} : {len(zones)} communes,"
        f" de {montrees[0].texte} à {montrees[-1].texte}" + (f", {', '.join(reste)}" if reste else "") + ".",
        tableau=Tableau.de(titre, ("Commune", i.libelle), ((z.nom, z.valeur) for z in zones), (i.libelle,)),
        zones=zones,
        classes=tuple(
            f"{bas.texte}" if bas.texte == haut.texte else f"de {bas.texte} à {haut.texte}"
            for bas, haut in classes
        ),
        reperes=reperes,
        renvoi=RENVOI,
    )


def annee_qui_distingue(ctx: Contexte, i: Indicateur, territoires: Sequence[Territoire]) -> int | None:
    """Return the latest year of a figure, if it tells territories apart: of three it is sure, and not one."""
    annees = annees_montrees(ctx, [(i, t.territoire_id) for t in territoires])
    if not annees:
        return None
    lues = [ctx.releve.ligne(t.territoire_id, i.indicateur_id, annees[-1]) for t in territoires]
    valeurs = [ligne["valeur_affichee"] for ligne in lues if ligne and ligne["lisibilite"] == "point"]
    assez = len(valeurs) >= min(_CARTE_AU_MOINS, len(territoires)) and len(set(valeurs)) > 1
    return annees[-1] if assez else None


def _classes(montrees: Sequence[Cellule]) -> list[tuple[Cellule, Cellule]]:
    """Return the lowest and the highest figure of each class: about as many communes in each.

    1 1 2 3 5 8     five classes asked for, five values: 1, 2, 3, 5, 8
    """
    distinctes = list({v.nombre: v for v in montrees}.values())
    if len(distinctes) <= _CLASSES:
        return [(v, v) for v in distinctes]
    nombres = [v.nombre for v in montrees if v.nombre is not None]
    bornes = statistics.quantiles(nombres, n=_CLASSES, method="inclusive")
    classes = []
    reste = montrees
    for borne in [*bornes, float("inf")]:
        dedans = [v for v in reste if v.nombre is not None and v.nombre <= borne]
        if dedans:
            classes.append((dedans[0], dedans[-1]))
            reste = reste[len(dedans) :]
    return classes


def _reperes(ctx: Contexte, i: Indicateur, montrees: Sequence[Cellule]) -> tuple[Cellule, ...]:
    """Return the round figures that the legend of a map of a count shows, the largest first; none for a rate.

    6 900 at most: 5 000, 1 000, 200. 2 at most: 2, 1.
    """
    nombres = [v.nombre for v in montrees if v.nombre]
    effectif = not i.comparable and i.methode in ("somme", "publie")
    if not effectif or not nombres or min(nombres) < 0:
        return ()
    ronds = [_rond(max(nombres))]
    while len(ronds) < _REPERES and (suivant := _rond(ronds[-1] / 4)) >= min(nombres):
        ronds.append(suivant)
    if len(ronds) == 1 and min(nombres) <= ronds[0] / 2:
        ronds.append(min(nombres))
    return tuple(ctx.releve.hors_release(i.indicateur_id, n, "observe") for n in ronds)


def _rond(nombre: float) -> float:
    """Return 1, 2 or 5 times a power of ten, at or under this number."""
    dizaine = 10.0 ** floor(log10(nombre) + 1e-9)
    return max(n * dizaine for n in (1, 2, 5) if n * dizaine <= nombre * (1 + 1e-9))


def _rang_de_classe(nombre: float | None, classes: Sequence[tuple[Cellule, Cellule]]) -> int | None:
    if nombre is None:
        return None
    return next(n for n, (_, haut) in enumerate(classes) if haut.nombre is not None and nombre <= haut.nombre)
