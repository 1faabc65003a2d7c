"""The annexes of a portrait: communes, definitions, sources, breaks, changes, how to read, certificate."""

from collections.abc import Sequence
from dataclasses import replace

from publication.lecture.jeux import comptes_du_secret
from publication.lecture.marts import Indicateur
from publication.lecture.statuts import LISIBILITES, NOMS, SENS
from publication.portraits.contenu.comparateurs import sans_chiffre
from publication.portraits.contenu.contexte import Contexte
from publication.portraits.contenu.langue import accorder
from publication.portraits.contenu.plan import indicateurs_des_cartes
from publication.portraits.contenu.series import dire_tendances, ruptures_connues
from publication.portraits.contenu.tableaux import historique, tableau_des_territoires
from publication.portraits.modele import (
    APPROCHE,
    Element,
    Liste,
    Paragraphe,
    Point,
    Section,
    Tableau,
)
from socle.affichage import MARQUES, nombre
from socle.statuts import SANS_CHIFFRE

GUIDE = (
    *(f"{MARQUES[statut]} : {NOMS[statut]}. {SENS[statut]}" for statut in SANS_CHIFFRE),
    *(f"{dit[0].upper()}{dit[1:]} : {sens[0].lower()}{sens[1:]}" for dit, sens in LISIBILITES.items()),
    "Entre … et …, à côté d'un chiffre : le producteur arrondit, ou il manque des parties ; le chiffre exact"
    " est entre les deux.",
    f"{APPROCHE} devant un chiffre : il est arrondi ou incomplet, et la place manque pour écrire entre quels"
    " nombres ; la page web le dit.",
    "Favorable, défavorable : à côté d'une évolution, le sens où elle va ; à côté du chiffre d'un autre"
    " territoire, ce que l'écart dit du territoire du portrait, non de l'autre. La hausse d'un montant en"
    " euros courants n'est ni l'un ni l'autre : elle peut n'être que celle des prix.",
    "Non significative : l'écart est plus petit que ce que les arrondis permettent de voir.",
    "Non lisible : les deux années n'ont pas la même source, le même champ ou le même périmètre ; leur écart"
    " tiendrait à la rupture autant qu'au territoire. Ou ce sont deux recensements qui"
    " reposent en partie sur les mêmes enquêtes.",
    "Tendance : sur cinq années comparables au moins, une hausse ou une baisse trop régulière pour que le"
    " hasard la fasse souvent, et plus grande que les arrondis. Elle décrit ces années et ne prédit rien. Un"
    " indicateur qui n'en a pas n'a pas assez d'années, ou sa série est coupée.",
    "Médiane des pairs et rang : parmi les territoires nommés. La médiane est celle des autres ; le rang va"
    " de la valeur la plus élevée à la plus basse, quel que soit le sens favorable.",
    "L'Insee conseille de manier avec prudence les effectifs de moins de 200 au recensement : une part de si"
    " peu, au numérateur ou au dénominateur, n'a pas de rang, ni de couleur dans un tableau.",
    "Foyers allocataires, ménages, familles, enfants couverts, enfants recensés sont des ensembles"
    " différents : l'univers de chaque indicateur est dans le tableau des définitions.",
)


def section(ctx: Contexte, themes: Sequence[str]) -> Section:
    """Return the annexes; made last, since they describe what the portrait quoted."""
    enfants = _enfants(ctx, themes)
    annees = _annees(ctx, themes)
    return Section(
        identifiant="annexes",
        titre="Annexes",
        sections=(
            *([enfants] if enfants else []),
            *([annees] if annees else []),
            Section("definitions", "Définitions", (_definitions(ctx),)),
            Section("sources", "Sources", (_sources(ctx), *_manquantes(ctx, themes))),
            _ruptures(ctx),
            _changements(ctx),
            Section("lire", "Comment lire", (Liste("Les marques", tuple(Point(texte) for texte in GUIDE)),)),
            Section("certificat", "Confidentialité", (Paragraphe(_certificat(ctx)),)),
        ),
    )


def _enfants(ctx: Contexte, themes: Sequence[str]) -> Section | None:
    tableaux: list[Element] = [
        tableau
        for theme in themes
        if (
            tableau := tableau_des_territoires(
                ctx, ctx.marts.themes[theme], ctx.autour.enfants, ctx.du_theme(theme)
            )
        )
        is not None
    ]
    titre = {"departement": "Les EPCI", "region": "Les départements"}.get(
        ctx.territoire.niveau, "Les communes"
    )
    if ctx.territoire.niveau == "departement":
        # Its maps are of communes, its tables of EPCI.
        cartes = ctx.indicateurs(indicateurs_des_cartes())
        communes = tableau_des_territoires(ctx, "Les communes", ctx.autour.communes, cartes, len(cartes))
        tableaux += [communes] if communes is not None else []
    return Section("territoires", titre, tuple(tableaux)) if tableaux else None


def _annees(ctx: Contexte, themes: Sequence[str]) -> Section | None:
    """The figures of each theme year by year, once each: each key figure is of one theme."""
    tableaux: list[Element] = []
    for theme in themes:
        suivis = _suivis(ctx, ctx.du_theme(theme))
        if (tableau := historique(ctx, ctx.marts.themes[theme], suivis)) is not None:
            tableaux.append(replace(tableau, notes=tuple(dire_tendances(ctx, suivis))))
    titre = "Année par année" + (f" depuis {ctx.depuis}" if ctx.depuis else "")
    return Section("annees", titre, tuple(tableaux)) if tableaux else None


def _suivis(ctx: Contexte, indicateurs: list[Indicateur]) -> list[Indicateur]:
    """Those that are read year by year: an evolution already says two years."""
    return [
        i
        for i in indicateurs
        if i.methode not in ("evolution", "difference", "attribut")
        and i.indicateur_id not in ctx.marts.prevus
    ]


def _cites(ctx: Contexte) -> list[str]:
    cites = {c.indicateur_id for c in ctx.releve.cites.values()}
    return [i for i in ctx.marts.indicateurs if i in cites]


def _definitions(ctx: Contexte) -> Tableau:
    return Tableau.de(
        "Ce que compte chaque indicateur",
        ("Indicateur", "Définition", "Univers", "Identifiant"),
        (
            (i.libelle, i.description, i.univers_libelle, i.indicateur_id)
            for i in ctx.indicateurs(_cites(ctx))
        ),
    )


def _sources(ctx: Contexte) -> Tableau:
    citees = ctx.releve.millesimes()
    annees = {i: ", ".join(map(str, sorted(vues))) or "aucun chiffre montré" for i, vues in citees.items()}
    return Tableau.de(
        "D'où viennent les chiffres",
        ("Source", "Producteur", "Années des chiffres cités", "Licence", "Identifiant"),
        (
            (s["titre"], s["producteur"], annees[source_id], s["licence"], source_id)
            for source_id, s in ctx.marts.sources.items()
            if source_id in citees
        ),
    )


def _manquantes(ctx: Contexte, themes: Sequence[str]) -> list[Element]:
    """Name the sources that nobody sent, and every figure that is not there, with its reason."""
    noms = [
        f"{s['titre']} ({s['producteur']})" for s in ctx.marts.sources.values() if s["etat"] == "jamais_recue"
    ]
    points = tuple(
        Point(
            ctx.marts.themes[theme],
            tuple(Point(f"{raison} : {', '.join(libelles)}") for raison, libelles in raisons.items()),
        )
        for theme in themes
        if (raisons := sans_chiffre(ctx, ctx.du_theme(theme)))
    )
    return [
        *([Paragraphe(f"Sources prévues et jamais reçues : {' ; '.join(noms)}.")] if noms else []),
        *([Liste("Ce qui n'a pas de chiffre ici", points)] if points else []),
    ]


def _ruptures(ctx: Contexte) -> Section:
    """The breaks of the series that are quoted, those that charts show and the others, in the same words.

    Then what is compared to the years before with a reserve.
    """
    cites = ctx.indicateurs(_cites(ctx))
    lignes = [
        (str(annee), motif, ", ".join(i.libelle for i in rompus))
        for (annee, motif), rompus in ruptures_connues(ctx, cites).items()
    ]
    reserves: dict[tuple[int, str], list[str]] = {}
    for i in cites:
        for reserve in ctx.reserves_du_temps.get(i.indicateur_id, ()):
            reserves.setdefault(reserve, []).append(i.libelle)
    if not lignes and not reserves:
        return Section("ruptures", "Ruptures de séries", vide="Aucune rupture connue dans les séries citées.")
    rompues = Tableau.de(
        "Où une série se rompt",
        ("Année", "Rupture", "Indicateurs"),
        lignes,
        notes=(
            "L'année est la première après la rupture, comme sur les graphiques : elle ne se compare pas à la"
            " précédente.",
        ),
    )
    nuancees = Tableau.de(
        "Où une série se lit avec réserve",
        ("Année", "Ce qui a changé", "Indicateurs"),
        ((str(annee), quoi, ", ".join(libelles)) for (annee, quoi), libelles in sorted(reserves.items())),
        notes=("À partir de cette année, les chiffres se comparent à ceux d'avant avec réserve.",),
    )
    return Section("ruptures", "Ruptures de séries", tuple(t for t in (rompues, nuancees) if t.lignes))


def _libelle(ctx: Contexte, indicateur_id: str) -> str:
    """Name an indicateur, which the release before may be the last to know."""
    indicateur = ctx.marts.indicateurs.get(indicateur_id)
    return indicateur.libelle if indicateur else f"{indicateur_id} (retiré du dictionnaire)"


def _changements(ctx: Contexte) -> Section:
    titre = "Ce qui a changé depuis la publication précédente"
    lues = ctx.marts.des(
        "from changements where territoire_id in (select unnest($territoires))"
        " order by indicateur_id, millesime",
        [ctx.territoire.territoire_id],
    )
    if not lues:
        return Section(
            "changements",
            titre,
            vide="Cette publication est la première : il n'y en a pas d'autre à comparer."
            if ctx.marts.edition.premiere
            else "Aucun chiffre de ce territoire n'a changé.",
        )
    tableau = Tableau.de(
        titre,
        ("Indicateur", "Année", "Avant", "Maintenant", "Cause"),
        (
            (
                *(_libelle(ctx, c["indicateur_id"]), str(c["millesime"])),
                *(c[nom] for nom in ("avant_affichee", "apres_affichee", "cause")),
            )
            for c in lues
        ),
        chiffres=("Avant", "Maintenant"),
    )
    return Section("changements", titre, (tableau,))


def _certificat(ctx: Contexte) -> str:
    edition = ctx.marts.edition
    comptes = comptes_du_secret(ctx.marts, ctx.territoire.territoire_id)
    dits = []
    if n := comptes["arrondis"]:
        dits.append(
            f"{nombre(n, 0)} {accorder('{chiffre|chiffres}', n > 1)} de ce territoire, toutes années"
            f" confondues, {accorder('{compte|comptent}', n > 1)} des personnes suivies par la Caf :"
            f" {accorder('{il est arrondi|ils sont arrondis}', n > 1)} au hasard, commune par commune,"
            " une fois pour toutes, et les sommes tombent juste. Le vrai compte est entre les bornes."
        )
    if n := comptes["tus"]:
        dits.append(
            f"{nombre(n, 0)} {accorder('{est couvert|sont couverts}', n > 1)} par le secret statistique de"
            f" {accorder('{son producteur|leur producteur}', n > 1)}."
        )
    return " ".join(dits) + (
        f"{' ' if dits else ''}Le certificat de la publication {edition.release_id} est dans"
        f" validation/certificat_secret.json. Empreinte du contenu : {edition.content_hash[:16]}…"
    )
