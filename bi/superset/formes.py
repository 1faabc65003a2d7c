"""How a dataset is shown: the kinds of charts, each as settings of Superset and the query that it sends.

Where Superset must have an aggregate, it is that of one row (`seule`): two rows give nothing, not their sum.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

LIGNES = 1000


@dataclass(frozen=True)
class Forme:
    """How a dataset is shown: `viz_type` of Superset, its settings, and the query that it sends."""

    viz_type: str
    reglages: dict[str, Any]
    requete: dict[str, Any]


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
    chiffres = (c for c in colonnes if ("valeur" in c or "evolution" in c) and not c.endswith("_reserve"))
    droite = {c: {"horizontalAlign": "right"} for c in chiffres}
    return Forme(
        "table",
        {
            "query_mode": "raw",
            "all_columns": list(colonnes),
            "order_by_cols": [f'["{colonne}", {str(sens).lower()}]' for colonne, sens in ordre],
            "adhoc_filters": _filtre(condition) if condition else [],
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
        {
            "columns": [_annees(annee), serie],
            "metrics": [mesure],
            "row_limit": LIGNES,
            "series_columns": [serie],
        },
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


def vignette(annee: str, valeur: str, condition: str) -> Forme:
    """The last figure in large type, and its year under it; `condition`: SQL that its rows meet."""
    mesure = seule(valeur, "Valeur")
    return Forme(
        "big_number",
        {
            "x_axis": annee,
            "time_grain_sqla": "P1Y",
            "metric": mesure,
            "adhoc_filters": _filtre(condition),
            "show_timestamp": True,
            "time_format": "%Y",
            "show_trend_line": False,
            "start_y_axis_at_zero": True,
            "header_font_size": 0.4,
            "subheader_font_size": 0.15,
            "rolling_type": "None",
        },
        {
            "columns": [_annees(annee)],
            "metrics": [mesure],
            "row_limit": LIGNES,
            "extras": {"where": f"({condition})"},
        },
    )


def carte(contour: str) -> Forme:
    """Outlines on a blank ground: each says its own colours, and what is read of it."""
    sans = {"r": 0, "g": 0, "b": 0, "a": 0}
    return Forme(
        "deck_geojson",
        {
            "geojson": contour,
            "adhoc_filters": [],
            "row_limit": LIGNES,
            "filter_nulls": True,
            "mapbox_style": "",
            "autozoom": True,
            "viewport": {"longitude": 5.2, "latitude": 44.4, "zoom": 8, "bearing": 0, "pitch": 0},
            # Transparent: those of a feature win.
            "fill_color_picker": sans,
            "stroke_color_picker": sans,
            "filled": True,
            "stroked": True,
            "extruded": False,
            "line_width": 1,
            "line_width_unit": "pixels",
        },
        {"columns": [contour], "row_limit": LIGNES},
    )


def _filtre(condition: str) -> list[dict[str, str]]:
    return [
        {"clause": "WHERE", "expressionType": "SQL", "sqlExpression": condition, "filterOptionName": "filtre"}
    ]


def _annees(annee: str) -> dict[str, str]:
    """An axis of years."""
    return {
        "timeGrain": "P1Y",
        "columnType": "BASE_AXIS",
        "sqlExpression": annee,
        "label": annee,
        "expressionType": "SQL",
    }
