"""The bars of a portrait: a figure beside its comparators, the shares of a whole."""

from collections.abc import Sequence

from publication.lecture.chiffres import Cellule
from publication.lecture.marts import Indicateur
from publication.portraits.contenu.comparateurs import (
    annees_montrees,
    mediane_dite,
    mediane_et_rang,
    peu_de_pairs,
    reserves,
    sources,
)
from publication.portraits.contenu.contexte import Contexte
from publication.portraits.contenu.langue import majuscule
from publication.portraits.modele import Barre, Comparaison, Parts, Tableau
from socle.statuts import MONTRENT, SANS_DONNEE

_BARRES_AU_MOINS = 3


def comparaison(ctx: Contexte, i: Indicateur, titre: str | None = None) -> Comparaison | None:
    """One rate of one year beside its comparators; None unless three of them are points, its own or not."""
    ligne = ctx.dernier(i.indicateur_id)
    if ligne is None or not i.comparable:
        return None
    if ligne["lisibilite"] == "trop_peu":
        return None
    annee = ligne["millesime"]
    barres = [
        Barre(ctx.autour.nom_court if t is ctx.territoire else t.libelle, t.role, cellule)
        for t in (ctx.territoire, *ctx.autour.comparateurs)
        if (cellule := ctx.releve.cellule(i.indicateur_id, ctx.de(t, i.indicateur_id), annee)) is not None
        and cellule.statut not in SANS_DONNEE
    ]
    mediane, _ = mediane_et_rang(ctx, i, annee)
    if mediane.nombre is not None:
        rang = ctx.rangs[i.indicateur_id]
        nom = majuscule(mediane_dite(rang)) if peu_de_pairs(rang) else f"Médiane : {rang['groupe_pairs']}"
        barres.append(Barre(nom, "pairs", mediane))
    if sum(barre.valeur.nombre is not None for barre in barres) < _BARRES_AU_MOINS:
        return None
    titre = titre or f"{i.libelle} : {barres[0].valeur.texte} en {annee}"
    intervalles = [_intervalle(ctx, b.valeur) for b in barres]
    # Exact figures need no column to say so.
    flous = any(intervalles)
    return Comparaison(
        identifiant=f"comparaison-{i.indicateur_id}".replace("_", "-"),
        titre=titre,
        unite=f"{i.unite.libelle_pluriel}, {annee}",
        source=" ; ".join(sources(ctx, [barres[0].valeur])),
        alternative=f"{i.libelle} en {annee}. "
        + " ; ".join(f"{b.libelle} : {b.valeur.texte}" for b in barres)
        + ".",
        tableau=Tableau.de(
            f"{i.libelle}, {annee}",
            ("Territoire", "Valeur", "Intervalle")[: 3 if flous else 2],
            (
                (b.libelle, b.valeur, *([entre] if flous else []))
                for b, entre in zip(barres, intervalles, strict=True)
            ),
            ("Valeur", "Intervalle"),
        ),
        notes=tuple(f"À lire avec réserve : {reserve}." for reserve in reserves(ctx, i, ligne)),
        barres=tuple(barres),
    )


def _intervalle(ctx: Contexte, cellule: Cellule) -> str:
    return (cellule.chiffre and ctx.releve.cites[cellule.chiffre].intervalle) or ""


def parts(ctx: Contexte, indicateurs: Sequence[Indicateur], titre: str) -> Parts | None:
    """The shares of a whole in the territory and beside it, of the year when the territory has them all."""
    annees = [
        a
        for a in annees_montrees(ctx, [(i, ctx.porteur(i.indicateur_id)) for i in indicateurs])
        if all(
            (ligne := ctx.releve.ligne(ctx.porteur(i.indicateur_id), i.indicateur_id, a)) is not None
            and ligne["statut"] in MONTRENT
            for i in indicateurs
        )
    ]
    if not annees:
        return None
    annee = annees[-1]
    touts = []
    for t in (ctx.territoire, *ctx.autour.comparateurs):
        cellules = [
            ctx.releve.cellule(i.indicateur_id, ctx.de(t, i.indicateur_id), annee) for i in indicateurs
        ]
        if all(c is not None and c.nombre is not None for c in cellules):
            barres = tuple(
                Barre(i.libelle, t.role, c)
                for i, c in zip(indicateurs, cellules, strict=True)
                if c is not None
            )
            touts.append((ctx.autour.nom_court if t is ctx.territoire else t.libelle, barres))
    return Parts(
        identifiant=f"parts-{indicateurs[0].indicateur_id}".replace("_", "-"),
        titre=f"{titre}, {annee}",
        unite=f"{indicateurs[0].unite.libelle_pluriel}, {annee}",
        source=" ; ".join(sources(ctx, (b.valeur for _, barres in touts for b in barres))),
        alternative=f"{titre} en {annee}. "
        + " ; ".join(
            f"{nom} : {', '.join(f'{b.libelle} {b.valeur.texte}' for b in barres)}" for nom, barres in touts
        )
        + ".",
        tableau=Tableau.de(
            f"{titre}, {annee}",
            ("Mode", *(nom for nom, _ in touts)),
            ((i.libelle, *(barres[n].valeur for _, barres in touts)) for n, i in enumerate(indicateurs)),
            [nom for nom, _ in touts],
        ),
        touts=tuple(touts),
    )
