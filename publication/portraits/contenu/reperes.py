"""Key figures with what they are set beside."""

import re
from collections.abc import Sequence

from publication.lecture.chiffres import Role
from publication.lecture.marts import Indicateur, Territoire
from publication.lecture.niveaux import NIVEAUX
from publication.portraits.contenu.comparateurs import (
    comparateur,
    mediane_et_rang,
    peu_de_pairs,
    sources,
)
from publication.portraits.contenu.contexte import Contexte
from publication.portraits.contenu.tableaux import unite_tue
from publication.portraits.modele import Liste, Point, Repere, Reperes, Tableau

_PROCHES = {"commune": 2}
"""How many of the wider territories stand beside a key figure, the nearest: one but for a commune."""


def reperes(ctx: Contexte, titre: str, ids: Sequence[str], nombre: int) -> Reperes | None:
    """Return the first key figures that have a value, with the département and the peers beside."""
    trouves: list[Repere] = []
    for i in ctx.indicateurs(ids):
        if len(trouves) < nombre and (lu := repere(ctx, i)) is not None:
            trouves.append(lu)
    return assembler(ctx, titre, trouves) if trouves else None


def assembler(ctx: Contexte, titre: str, lus: Sequence[Repere]) -> Reperes:
    """Return key figures as one element."""
    noms = list(dict.fromkeys(nom for r in lus for _, nom, _ in r.reperes))
    beside = [{nom: cellule for _, nom, cellule in r.reperes} for r in lus]
    dits = " ; ".join(f"{r.libelle} : {r.cellule.texte}" for r in lus)
    venus = sources(ctx, (r.cellule for r in lus))
    return Reperes(
        identifiant=f"reperes-{_SANS.sub('-', titre.lower())}",
        titre=titre,
        unite="",
        source=" ; ".join(venus),
        alternative=f"{titre}. {dits}.",
        tableau=Tableau.de(
            titre,
            ("Indicateur", "Année", ctx.autour.nom_court, *noms),
            (
                (r.libelle, r.periode, r.cellule, *(autres.get(nom) for nom in noms))
                for r, autres in zip(lus, beside, strict=True)
            ),
            (ctx.autour.nom_court, *noms),
            sources=venus,
        ),
        territoire=ctx.autour.nom_court,
        lignes=tuple(lus),
    )


_SANS = re.compile("[^a-z0-9]+")


def repere(ctx: Contexte, i: Indicateur) -> Repere | None:
    """Return a key figure and those it is set beside; None where it has no value."""
    ligne = ctx.dernier(i.indicateur_id)
    if ligne is None:
        return None
    annee = ligne["millesime"]
    cellule = ctx.releve.cellule(i.indicateur_id, ctx.porteur(i.indicateur_id), annee)
    if cellule is None or cellule.nombre is None:
        return None
    proches = ctx.autour.comparateurs[: _PROCHES.get(ctx.autour.niveau_publie, 1)]
    autres = [
        (t.role, _nom(ctx, t), comparateur(ctx, i, t, ligne))
        for t in ctx.autour.comparateurs
        if t in proches or t.territoire_id in ctx.options.comparer
    ]
    pairs: Role = "pairs"
    mediane, _ = mediane_et_rang(ctx, i, annee)
    # Bars and tables say of how few a median is: here is no room to.
    if mediane.nombre is not None and not peu_de_pairs(ctx.rangs[i.indicateur_id]):
        autres.append((pairs, "Pairs (médiane)", mediane))
    return Repere(
        i.libelle,
        cellule,
        tuple(autre for autre in autres if autre[2].nombre is not None),
        "" if i.indicateur_id in ctx.marts.prevus else _quand(i, annee),
    )


def _nom(ctx: Contexte, t: Territoire) -> str:
    """How a comparator is called where room is short: the EPCI of a commune by its level."""
    return NIVEAUX["epci"].court if t.niveau == "epci" and ctx.autour.comparateur(t) else t.libelle


def incertains(ctx: Contexte, ids: Sequence[str]) -> Liste | None:
    """Name the figures that are too uncertain to be points, each with what is printed of it."""
    lus = [
        (i, ctx.releve.chiffre(i.indicateur_id, ctx.porteur(i.indicateur_id), ligne["millesime"]))
        for i in ctx.indicateurs(ids)
        if (ligne := ctx.dernier(i.indicateur_id)) is not None
    ]
    dits = [
        f"{i.libelle} ({i.periode(c.millesime)}) : {c.texte}"
        for i, c in lus
        if c is not None and c.lisibilite not in (None, "point")
    ]
    return Liste("Trop incertain pour un chiffre seul", tuple(map(Point, dits))) if dits else None


def _quand(i: Indicateur, annee: int) -> str:
    """Say of when it is, and its unit where its figure has none: « places pour 100 enfants, 2023 »."""
    return ", ".join(filter(None, (unite_tue(i), i.periode(annee))))
