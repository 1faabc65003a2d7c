"""The dashboard "Suivi d'une CTG": its charts, its filters, where each stands on the page.

A chart shows rows as the marts have them. Where Superset must have an aggregate, it is that of one row
(`seule`): two rows give nothing rather than their sum.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from publication.commun.apparence import ACCENT, CONTOUR, MARQUES
from publication.commun.statuts import NOMS

TITRE = "Suivi d'une CTG"
ADRESSE = "suivi-ctg"
INDICATEUR = "part_allocataires_rsa"
"""The indicateur that the page opens on."""

LIGNES = 1000
LEGENDE = " · ".join(f"**{marque}** {NOMS[statut]}" for statut, marque in MARQUES.items())


@dataclass(frozen=True)
class Forme:
    """How a dataset is shown: `viz_type` of Superset, its settings, and the query that it sends."""

    viz_type: str
    reglages: dict[str, Any]
    requete: dict[str, Any]


@dataclass(frozen=True)
class Graphique:
    """A chart: `largeur` in twelfths, `hauteur` in 8 pixels, `filtres` the columns that the page filters."""

    nom: str
    titre: str
    jeu: str
    forme: Forme
    largeur: int
    hauteur: int
    filtres: tuple[str, ...] = ("territoire",)


@dataclass(frozen=True)
class Texte:
    """A text of the page, in Markdown."""

    texte: str
    largeur: int
    hauteur: int


@dataclass(frozen=True)
class Partie:
    """A heading and the rows under it."""

    titre: str
    rangees: tuple[tuple[Graphique | Texte, ...], ...]


def partie(titre: str, *rangees: Graphique | list[Graphique | Texte]) -> Partie:
    """A heading, and rows of one chart or of several pieces."""
    return Partie(titre, tuple(tuple(r) if isinstance(r, list) else (r,) for r in rangees))


def seule(colonne: str, libelle: str) -> dict[str, Any]:
    """The metric that is a column of the only row there is, and nothing where there are several."""
    return {
        "expressionType": "SQL",
        "sqlExpression": f"case when count(*) = 1 then max({colonne}) end",
        "label": libelle,
        "hasCustomLabel": True,
        "optionName": f"metric_{colonne}",
    }


def table(
    colonnes: Sequence[str],
    tri: Sequence[str] = (),
    decroissant: bool = False,
    condition: str | None = None,
    reglees: dict[str, Any] | None = None,
) -> Forme:
    """Rows as they are, sorted by `tri`; `condition`: SQL that they meet; `reglees`: settings of columns."""
    ordre = [[colonne, not decroissant] for colonne in tri]
    filtres = [
        {"clause": "WHERE", "expressionType": "SQL", "sqlExpression": condition, "filterOptionName": "filtre"}
    ]
    chiffres = (c for c in colonnes if ("valeur" in c or "evolution" in c) and not c.endswith("_reserve"))
    droite = {c: {"horizontalAlign": "right"} for c in chiffres}
    return Forme(
        "table",
        {
            "query_mode": "raw",
            "all_columns": list(colonnes),
            "order_by_cols": [f'["{colonne}", {str(sens).lower()}]' for colonne, sens in ordre],
            "adhoc_filters": filtres if condition else [],
            "row_limit": LIGNES,
            "server_page_length": LIGNES,
            "include_search": False,
            "allow_rearrange_columns": False,
            "show_cell_bars": False,
            "color_pn": False,
            "column_config": droite | (reglees or {}),
        },
        {
            # No metric: rows as they are. An empty list of metrics would group them.
            "columns": list(colonnes),
            "orderby": ordre,
            "row_limit": LIGNES,
            "extras": {"where": f"({condition})"} if condition else {},
        },
    )


def courbes(annee: str, valeur: str, serie: str) -> Forme:
    """A line per series over the years; a year without a figure cuts it."""
    mesure = seule(valeur, "Valeur")
    axe = {
        "timeGrain": "P1Y",
        "columnType": "BASE_AXIS",
        "sqlExpression": annee,
        "label": annee,
        "expressionType": "SQL",
    }
    return Forme(
        "echarts_timeseries_line",
        {
            "x_axis": annee,
            "time_grain_sqla": "P1Y",
            "x_axis_sort_asc": True,
            "x_axis_time_format": "%Y",
            "metrics": [mesure],
            "groupby": [serie],
            "adhoc_filters": [],
            "row_limit": LIGNES,
            "markerEnabled": True,
            "markerSize": 7,
            "show_legend": True,
            "legendType": "plain",
            "legendOrientation": "top",
            "rich_tooltip": True,
            "tooltipTimeFormat": "%Y",
            "truncate_metric": True,
            "show_empty_columns": True,
            "truncateYAxis": True,
            "y_axis_bounds": [None, None],
            "y_axis_format": ",.1~f",
            "x_axis_title_margin": 15,
            "y_axis_title_margin": 15,
            "color_scheme": "supersetColors",
        },
        {"columns": [axe, serie], "metrics": [mesure], "row_limit": LIGNES, "series_columns": [serie]},
    )


def barres(
    categorie: str, mesures: Sequence[dict[str, Any]], part: str | None = None, **reglages: Any
) -> Forme:
    """Bars by category, one part per `part` or per metric."""
    return Forme(
        "echarts_timeseries_bar",
        {
            "x_axis": categorie,
            "xAxisForceCategorical": True,
            "metrics": list(mesures),
            "groupby": [part] if part else [],
            "adhoc_filters": [],
            "row_limit": LIGNES,
            "stack": "Stack",
            "show_value": True,
            "rich_tooltip": True,
            "truncate_metric": True,
            "show_empty_columns": True,
            "y_axis_format": ",.1~f",
            "x_axis_title_margin": 15,
            "y_axis_title_margin": 15,
            "color_scheme": "supersetColors",
        }
        | reglages,
        {
            "columns": [categorie, *([part] if part else [])],
            "metrics": list(mesures),
            "row_limit": LIGNES,
            "series_columns": [part] if part else [],
        },
    )


CHOIX = ("territoire", "indicateur")

INTRODUCTION = (
    "Choisissez à gauche un **territoire** (commune, EPCI, CTG, département…) et un"
    " **indicateur**. Les chiffres sont ceux de la publication en service, écrits comme"
    f" dans les portraits. {LEGENDE} : aucun n'est un zéro.\n\n"
    "Un taux, une médiane ou un pourcentage ne s'additionnent pas : pour un territoire plus"
    " grand, choisissez-le."
)

PARTIES = (
    partie(
        "",
        [
            Texte(INTRODUCTION, 5, 22),
            Graphique(
                "publication",
                "Ce qui est montré",
                "suivi_publication",
                table(["territoire", "chiffres", "perimetre", "publiee_le", "release_id"]),
                7,
                22,
            ),
        ],
    ),
    partie(
        "Chiffres clés",
        Graphique(
            "chiffres",
            "Le territoire et ses comparateurs, au dernier millésime montré",
            "suivi_chiffres",
            table(
                [
                    "rubrique",
                    "indicateur",
                    "millesime",
                    "valeur_affichee",
                    "statut",
                    "valeur_departement_affichee",
                    "valeur_region_affichee",
                    "valeur_france_affichee",
                    "evolution_base_ctg_affichee",
                    "evolution_base_ctg_reserve",
                ],
                ["rang_cle"],
            ),
            12,
            190,
        ),
    ),
    partie(
        "Un indicateur au fil des ans",
        [
            Graphique(
                "serie",
                "Une année sans chiffre est un vide, une rupture coupe la ligne",
                "suivi_series",
                courbes("annee", "valeur", "serie"),
                8,
                50,
                CHOIX,
            ),
            Graphique(
                "valeurs",
                "Année par année",
                "suivi_series",
                table(
                    ["millesime", "valeur_affichee", "statut", "rupture", "motif"],
                    ["millesime"],
                    decroissant=True,
                    condition="role = 'territoire'",
                ),
                4,
                50,
                CHOIX,
            ),
        ],
        Graphique(
            "ruptures",
            "Ruptures à signaler",
            "suivi_ruptures",
            table(["millesime", "nature", "detail"], ["millesime"]),
            12,
            20,
            CHOIX,
        ),
    ),
    partie(
        "Le même indicateur ailleurs",
        [
            Graphique(
                "classement",
                "Parmi ses pairs, la même année",
                "suivi_classement",
                barres(
                    "pair",
                    [seule("valeur", "Valeur")],
                    "lequel",
                    orientation="horizontal",
                    legendOrientation="top",
                    show_legend=True,
                ),
                6,
                70,
                CHOIX,
            ),
            Graphique(
                "communes",
                "Dans ses communes",
                "suivi_communes",
                table(
                    ["commune", "millesime", "valeur_affichee", "statut", "evolution_base_ctg_affichee"],
                    ["tri", "commune"],
                ),
                6,
                70,
                CHOIX,
            ),
        ],
    ),
    partie(
        "La convention et son plan d'actions",
        Graphique(
            "convention",
            "La convention",
            "suivi_conventions",
            table(
                ["libelle", "convention_statut", "annee_debut", "annee_fin", "annee_base", "signataires"],
                ["annee_debut"],
                decroissant=True,
            ),
            12,
            22,
        ),
        Graphique(
            "plan",
            "Axes, actions et cibles",
            "suivi_plan",
            table(
                [
                    "theme_libelle",
                    "axe_libelle",
                    "action_intitule",
                    "action_statut",
                    "action_en_retard",
                    "indicateur_libelle",
                    "valeur_depart",
                    "cible",
                    "echeance",
                    "valeur_affichee",
                    "situation",
                ],
                ["theme_ordre", "axe_numero", "action_id"],
            ),
            12,
            70,
        ),
        Graphique(
            "orientations",
            "Orientations",
            "suivi_orientations",
            table(
                ["theme_libelle", "axe_libelle", "numero", "libelle", "hors_competence_caf"],
                ["theme_ordre", "axe_libelle", "numero"],
            ),
            12,
            50,
        ),
    ),
    partie(
        "Service public de la petite enfance",
        [
            Graphique(
                "missions",
                "Les missions et les axes qui les mettent en œuvre",
                "suivi_missions",
                table(["ordre", "libelle", "axes"], ["ordre"]),
                6,
                40,
            ),
            Graphique(
                "places",
                "Places d'accueil visées, par année du schéma",
                "suivi_schema",
                barres(
                    "annee",
                    [
                        seule("places_maintenues", "Maintenues"),
                        seule("places_planifiees", "Planifiées"),
                        seule("places_annoncees_privees", "Privées annoncées"),
                    ],
                    orientation="vertical",
                    show_legend=True,
                    legendOrientation="top",
                    y_axis_format=",d",
                ),
                6,
                40,
            ),
        ],
        Graphique(
            "schema",
            "Le schéma année par année : des projets, non des chiffres observés",
            "suivi_schema",
            table(
                [
                    "annee",
                    "places_maintenues",
                    "places_planifiees",
                    "places_annoncees_privees",
                    "places_visees",
                    "taux_base",
                    "taux_scenario",
                    "taux_tendance",
                    "taux_departement",
                    "hypotheses",
                ],
                ["annee"],
                reglees={
                    c: {"d3NumberFormat": ",.1f"}
                    for c in ("taux_base", "taux_scenario", "taux_tendance", "taux_departement")
                },
            ),
            12,
            62,
        ),
    ),
)

COULEURS = {"Ce territoire": ACCENT, "Les autres": CONTOUR}


def graphiques() -> list[Graphique]:
    """Every chart, in the order of the page."""
    return [g for partie in PARTIES for rangee in partie.rangees for g in rangee if isinstance(g, Graphique)]
