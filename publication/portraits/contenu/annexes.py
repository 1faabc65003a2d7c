"""The annexes of a portrait: communes, definitions, sources, breaks, changes, how to read, certificate.

Belongs here: what lets a reader check and quote the rest. Does not: any figure that is not already in it, but
those of the communes.
"""

from collections.abc import Sequence

from publication.portraits.contenu.contexte import Contexte
from publication.portraits.contenu.elements import tableau_des_enfants
from publication.portraits.modele import (
    SANS_CHIFFRE,
    Cellule,
    Colonne,
    Element,
    Liste,
    Paragraphe,
    Point,
    Section,
    Tableau,
)
from publication.statuts import NOMS, SENS
from socle.affichage import MARQUES

GUIDE = (
    *(f"{MARQUES[statut]} : {NOMS[statut]}. {SENS[statut]}" for statut in SANS_CHIFFRE),
    "Entre … et … : le producteur arrondit, ou il manque des parties ; le chiffre exact est entre les deux.",
    "Non significative : l'écart est plus petit que ce que les arrondis permettent de voir.",
    "Non lisible : les deux années n'ont pas la même source, le même champ ou le même périmètre ; leur écart"
    " tiendrait à la rupture autant qu'au territoire.",
    "Médiane des pairs et rang : parmi les territoires nommés, de taille comparable ; le rang 1 est le plus"
    " favorable, ou le plus élevé si l'indicateur n'a pas de sens favorable.",
    "Foyers allocataires, ménages, familles, enfants couverts, enfants recensés sont des ensembles"
    " différents : l'univers de chaque indicateur est dans le tableau des définitions.",
)


def section(ctx: Contexte, themes: Sequence[str]) -> Section:
    """Return the annexes; made last, since they describe what the portrait quoted."""
    enfants = _enfants(ctx, themes)
    return Section(
        identifiant="annexes",
        titre="Annexes",
        sections=(
            *([enfants] if enfants else []),
            Section("definitions", "Définitions", (_definitions(ctx),)),
            Section("sources", "Sources", (_sources(ctx),)),
            _ruptures(ctx),
            _changements(ctx),
            Section("lire", "Comment lire", (Liste("Les marques", tuple(Point(texte) for texte in GUIDE)),)),
            Section("certificat", "Secret statistique", (Paragraphe(_certificat(ctx)),)),
        ),
    )


def _enfants(ctx: Contexte, themes: Sequence[str]) -> Section | None:
    tableaux: list[Element] = [
        tableau
        for theme in themes
        if (tableau := tableau_des_enfants(ctx, ctx.lecture.themes[theme], ctx.du_theme(theme))) is not None
    ]
    titre = {"departement": "Les EPCI", "region": "Les départements"}.get(
        ctx.territoire.niveau, "Les communes"
    )
    return Section("territoires", titre, tuple(tableaux)) if tableaux else None


def _cites(ctx: Contexte) -> list[str]:
    cites = {c.indicateur_id for c in ctx.releve.cites.values()}
    return [i for i in ctx.lecture.indicateurs if i in cites]


def _definitions(ctx: Contexte) -> Tableau:
    return Tableau(
        titre="Ce que compte chaque indicateur",
        colonnes=(Colonne("Indicateur"), Colonne("Définition"), Colonne("Univers"), Colonne("Identifiant")),
        lignes=tuple(
            (
                Cellule(i.libelle),
                Cellule(i.description),
                Cellule(i.univers_libelle),
                Cellule(i.indicateur_id),
            )
            for i in ctx.indicateurs(_cites(ctx))
        ),
    )


def _sources(ctx: Contexte) -> Tableau:
    citees = ctx.releve.source_ids()
    return Tableau(
        titre="D'où viennent les chiffres",
        colonnes=(
            Colonne("Source"),
            Colonne("Producteur"),
            Colonne("Millésimes en usage"),
            Colonne("Licence"),
            Colonne("Identifiant"),
        ),
        lignes=tuple(
            (
                Cellule(s["titre"]),
                Cellule(s["producteur"]),
                Cellule(s["millesimes"] or "nd"),
                Cellule(s["licence"] or ""),
                Cellule(source_id),
            )
            for source_id, s in ctx.lecture.sources.items()
            if source_id in citees
        ),
    )


def _ruptures(ctx: Contexte) -> Section:
    cites = ctx.indicateurs(_cites(ctx))
    lues = ctx.lecture.lignes(
        "select millesime, coalesce(detail, nature) as rupture, list(indicateur_id) as indicateurs"
        " from ruptures_series where territoire_id = ? and indicateur_id in (select unnest(?))"
        " group by all order by all",
        [ctx.territoire.territoire_id, _cites(ctx)],
    )
    lignes = tuple(
        (
            Cellule(str(r["millesime"])),
            Cellule(r["rupture"]),
            Cellule(", ".join(i.libelle for i in cites if i.indicateur_id in r["indicateurs"])),
        )
        for r in lues
    )
    if not lignes:
        return Section("ruptures", "Ruptures de séries", vide="Aucune rupture connue dans les séries citées.")
    tableau = Tableau(
        titre="Où une série se rompt",
        colonnes=(Colonne("Année"), Colonne("Rupture"), Colonne("Indicateurs")),
        lignes=lignes,
    )
    return Section("ruptures", "Ruptures de séries", (tableau,))


def _changements(ctx: Contexte) -> Section:
    titre = "Ce qui a changé depuis la publication précédente"
    lues = ctx.lecture.lignes(
        "from changements where territoire_id = ? order by indicateur_id, millesime",
        [ctx.territoire.territoire_id],
    )
    if not lues:
        return Section("changements", titre, vide="Aucun chiffre de ce territoire n'a changé.")
    tableau = Tableau(
        titre=titre,
        colonnes=(
            Colonne("Indicateur"),
            Colonne("Année"),
            Colonne("Avant", chiffres=True),
            Colonne("Maintenant", chiffres=True),
            Colonne("Cause"),
        ),
        lignes=tuple(
            (
                Cellule(ctx.lecture.indicateurs[c["indicateur_id"]].libelle),
                Cellule(str(c["millesime"])),
                Cellule(c["avant_affichee"] or ""),
                Cellule(c["apres_affichee"] or ""),
                Cellule(c["cause"] or ""),
            )
            for c in lues
        ),
    )
    return Section("changements", titre, (tableau,))


def _certificat(ctx: Contexte) -> str:
    edition = ctx.lecture.edition
    return (
        "Aucun chiffre masqué ne peut être recalculé à partir de ceux qui sont montrés : la publication"
        f" {edition.release_id} n'existe que parce que sa preuve a été faite, et son certificat est dans"
        f" validation/certificat_secret.json. Empreinte du contenu : {edition.content_hash[:16]}…"
    )
