"""The map of a figure: its classes, or its circles, commune by commune."""

from collections.abc import Callable, Sequence
from math import floor, log10

from publication.lecture.chiffres import Cellule
from publication.lecture.marts import Indicateur, Territoire
from publication.portraits.contenu.classes import classer
from publication.portraits.contenu.comparateurs import annees_montrees, sources
from publication.portraits.contenu.contexte import Contexte
from publication.portraits.modele import Carte, Tableau, Zone
from socle.affichage import nombre
from socle.statuts import MONTRENT, SANS_DONNEE

_REPERES = 3
"""Circles of a legend."""
RENVOI = "Les chiffres de cette carte sont en annexe, commune par commune."
_CARTE_AU_MOINS = 3
_INCERTAINES_AU_PLUS = 1 / 3
"""Of the communes of a map: beyond, it would show hatches, and the table says as much."""


def carte(ctx: Contexte, i: Indicateur, dessinees: Callable[[str], bool]) -> Carte | None:
    """The communes by class of one figure, or by circles for a count; None unless it tells three apart."""
    communes = [c for c in ctx.autour.communes if dessinees(c.code)]
    annee = annee_qui_distingue(ctx, i, communes)
    if annee is None:
        return None
    cellules = {
        c: ctx.releve.cellule(i.indicateur_id, c.territoire_id, annee)
        or Cellule("nd", statut="non_disponible")
        for c in communes
    }
    # What is too uncertain makes no class, though it may be in one.
    sures = [(v.nombre, v) for v in cellules.values() if v.nombre is not None]
    montrees = [v for _, v in sorted(sures, key=lambda sure: sure[0])]
    # A text has no class ("oui").
    if len(montrees) < _CARTE_AU_MOINS:
        return None
    reperes = _reperes(ctx, i, montrees)
    # Two dots are no map: the list of structures names their communes.
    if reperes and sum(bool(v.nombre) for v in montrees) < _CARTE_AU_MOINS:
        return None
    # Shaded, a count would say how wide communes are.
    classes = None if reperes else classer([n for n, _ in sures], i.decimales)
    if classes is None and not reperes:
        return None
    rangs = {c: None if classes is None else classes.rang_de(v) for c, v in cellules.items()}
    zones = tuple(Zone(c.code, c.libelle, rangs[c], v) for c, v in cellules.items())
    incertaines = 0 if reperes else sum(z.classe is None and z.valeur.statut in MONTRENT for z in zones)
    if incertaines > len(zones) * _INCERTAINES_AU_PLUS:
        return None
    titre = f"{i.libelle} par commune, {annee}"
    comptes = (
        (sum(z.valeur.statut == "secret" for z in zones), "sous secret statistique"),
        (sum(z.valeur.statut in SANS_DONNEE for z in zones), "sans chiffre"),
        (incertaines, "trop incertaines pour une couleur"),
    )
    reste = [f"{n} {quoi}" for n, quoi in comptes if n]
    return Carte(
        identifiant=f"carte-{i.indicateur_id}".replace("_", "-"),
        titre=titre,
        unite=f"{i.unite.libelle_pluriel}, {annee}",
        source=" ; ".join(sources(ctx, montrees)),
        alternative=f"{titre}{', en cercles' if reperes else ''} : {len(zones)} communes,"
        f" de {montrees[0].texte} à {montrees[-1].texte}" + (f", {', '.join(reste)}" if reste else "") + ".",
        tableau=_jumeau(titre, i.libelle, zones, bool(reperes)),
        zones=zones,
        classes=classes.mots(i.unite) if classes else (),
        reperes=reperes,
        renvoi=RENVOI,
    )


def _jumeau(titre: str, libelle: str, zones: Sequence[Zone], effectif: bool) -> Tableau:
    """The figures of a map; of a count, those that are none are told by how many they are."""
    nuls = [z for z in zones if effectif and z.valeur.nombre == 0]
    dites = [z for z in zones if len(nuls) <= len(zones) / 2 or z not in nuls]
    reste = len(zones) - len(dites)
    notes = (f"0 dans les {nombre(reste, 0)} autres communes.",) if reste else ()
    return Tableau.de(titre, ("Commune", libelle), ((z.nom, z.valeur) for z in dites), (libelle,), notes)


def annee_qui_distingue(ctx: Contexte, i: Indicateur, territoires: Sequence[Territoire]) -> int | None:
    """Return the latest year of a figure, if it tells territories apart: of three it is sure, and not one."""
    annees = annees_montrees(ctx, [(i, t.territoire_id) for t in territoires])
    if not annees:
        return None
    lues = [ctx.releve.ligne(t.territoire_id, i.indicateur_id, annees[-1]) for t in territoires]
    valeurs = [ligne["valeur_affichee"] for ligne in lues if ligne and ligne["lisibilite"] == "point"]
    assez = len(valeurs) >= min(_CARTE_AU_MOINS, len(territoires)) and len(set(valeurs)) > 1
    return annees[-1] if assez else None


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
