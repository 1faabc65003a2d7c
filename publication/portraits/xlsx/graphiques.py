"""Native charts (`natifs`) of a workbook and of a deck, and the sheet that holds their numbers.

A chart does not read the table under it: it would draw the text of a figure not shown as a zero.
"""

from dataclasses import dataclass
from typing import Any

from xlsxwriter import Workbook

from publication.classeurs.mise_en_forme import Colonne, Formats, format_nombre, imprime
from publication.commun import apparence
from publication.lecture.chiffres import Role
from publication.portraits import natifs
from publication.portraits.modele import Comparaison, Parts, Serie
from publication.portraits.natifs import Natif, Place, Trace

LARGEUR, HAUTEUR = 860, 330
"""Pixels of a chart."""

CORPS = 10
"""Points of the letters of a chart; its title has one more."""
_ECART = 0.015
"""Share of the largest number under which no interval of a line or of bars is seen: a table says them."""
_PLACES: dict[Place, str] = {"dessus": "above", "dessous": "below", "droite": "right"}
_TIRETS: dict[Role, str] = {
    "territoire": "solid",
    "departement": "dash",
    "region": "round_dot",
    "france": "dash_dot",
    "pairs": "square_dot",
    "autre": "long_dash",
}


@dataclass(frozen=True)
class Bloc:
    """The numbers of a chart, from row `rang` on: title, names of the series, a row per category."""

    rang: int
    titre: str
    categories: list[str]
    traces: list[Trace]

    @property
    def fin(self) -> int:
        """First row after it, one left empty."""
        return self.rang + 3 + len(self.categories)


def ecrire_bloc(formats: Formats, feuille: Any, bloc: Bloc) -> None:
    """Write the numbers of a chart where it expects them; an empty place is not a zero."""
    formats.texte(feuille, bloc.rang, 0, bloc.titre, bold=True)
    for rang, categorie in enumerate(bloc.categories, bloc.rang + 2):
        formats.texte(feuille, rang, 0, categorie)
    for colonne, trace in enumerate(bloc.traces, 1):
        for rang, cellule in enumerate(trace.valeurs, bloc.rang + 2):
            if cellule is not None and cellule.nombre is not None:
                lu = imprime(cellule.texte)
                forme = lu[1] if lu and lu[0] == cellule.nombre else format_nombre(cellule.decimales)
                feuille.write_number(rang, colonne, cellule.nombre, formats(num_format=forme))
    colonnes = [Colonne(""), *(Colonne(trace.nom, True) for trace in bloc.traces)]
    formats.tableau(feuille, (bloc.rang + 1, bloc.fin - 2), colonnes)


def dessiner(
    livre: Workbook, graphique: Natif, bloc: Bloc, feuille: str, corps: int = CORPS, annees: bool = True
) -> Any:
    """Return the chart, `corps` the size of its letters; `feuille`: the name of the sheet of its block.

    Under a series, years are written unless `annees` is false.
    """
    police: dict[str, Any] = {"name": "Arial", "size": corps}
    genre: dict[str, Any] = {"type": "line"}
    if isinstance(graphique, Comparaison):
        genre = {"type": "bar"}
    elif isinstance(graphique, Parts):
        genre = {"type": "bar", "subtype": "stacked"}
    chart = livre.add_chart(genre)
    debut, fin = bloc.rang + 2, bloc.rang + 1 + len(bloc.categories)
    for rang, trace in enumerate(bloc.traces):
        colonne = rang + 1
        chart.add_series(
            {
                "name": [feuille, bloc.rang + 1, colonne],
                "categories": [feuille, debut, 0, fin, 0],
                "values": [feuille, debut, colonne, fin, colonne],
                "gap": 45,
                **_aspect(graphique, trace, rang),
                **_etiquettes(graphique, trace, rang, police),
                **_intervalles(graphique, trace),
            }
        )
    chart.set_title(
        {
            "name": [feuille, bloc.rang, 0],
            "name_font": police | {"size": corps + 1, "bold": True, "color": apparence.ENCRE},
            "overlay": False,
        }
    )
    # Years are at one distance: a year without a figure is an empty place that the line runs over.
    chart.show_blanks_as("span" if isinstance(graphique, Serie) else "gap")
    chart.set_size({"width": LARGEUR, "height": HAUTEUR})
    _axes(chart, graphique, bloc.traces, police, annees)
    if isinstance(graphique, Comparaison):
        chart.set_legend({"none": True})
    else:
        effacees = [rang for rang, trace in enumerate(bloc.traces) if not trace.legende]
        chart.set_legend({"position": "bottom", "delete_series": effacees, "font": police})
    return chart


def _axes(chart: Any, graphique: Natif, traces: list[Trace], police: dict[str, Any], annees: bool) -> None:
    gradue, plancher = natifs.axe(graphique), natifs.plancher(graphique, traces)
    decimales = natifs.decimales(traces) if gradue is None else gradue.decimales
    nombres: dict[str, Any] = {
        "num_format": format_nombre(decimales),
        "num_font": police,
        "line": {"none": True},
        "major_tick_mark": "none",
        "major_gridlines": {"visible": isinstance(graphique, Serie), "line": {"color": apparence.FILET}},
        "visible": isinstance(graphique, Serie),
    }
    if plancher is not None:
        nombres["min"] = plancher
    if gradue is not None:
        nombres |= {"max": gradue.haut, "major_unit": gradue.pas}
    elif isinstance(graphique, Comparaison) and (sommet := _sommet(graphique)) > 0:
        nombres["max"] = sommet
    noms = {"num_font": police, "label_position": "low", "line": {"color": apparence.CONTOUR}}
    if isinstance(graphique, Serie):
        chart.set_x_axis(noms | ({} if annees else {"label_position": "none"}))
        chart.set_y_axis(nombres)
    else:
        # Bars lie flat: their names are along y.
        chart.set_y_axis(noms | {"reverse": True})
        chart.set_x_axis(nombres)


def _sommet(comparaison: Comparaison) -> float:
    """Return where the axis of bars ends: their labels stand after them, the longer the further."""
    montrees = [b.valeur for b in comparaison.barres if b.valeur.nombre is not None]
    plus_haut = max((v.nombre or 0.0 for v in montrees), default=0.0)
    return plus_haut * (1 + _PAR_LETTRE * max((len(v.texte) for v in montrees), default=0))


_PAR_LETTRE = 0.05
"""Share of its longest bar that a chart leaves to a letter of its longest label."""


def _aspect(graphique: Natif, trace: Trace, rang: int) -> dict[str, Any]:
    if isinstance(graphique, Comparaison):
        barres = [_barre(barre.role) for barre in graphique.barres]
        return {**_barre("autre"), "points": barres}
    if isinstance(graphique, Parts):
        couleur = apparence.PARTS[rang % len(apparence.PARTS)]
        bord = {"border": {"color": apparence.PAPIER, "width": 1}}
        if rang < len(apparence.PARTS):
            return {"fill": {"color": couleur}, **bord}
        motif = {"pattern": "wide_upward_diagonal", "fg_color": apparence.PAPIER, "bg_color": couleur}
        return {"pattern": motif, **bord}
    trait = apparence.TRAITS[trace.role]
    return {
        "line": {
            "color": trait.couleur,
            "width": trait.epaisseur,
            "dash_type": "round_dot" if trace.scenario else _TIRETS[trace.role],
        },
        "marker": {
            "type": natifs.MARQUEURS[trace.role],
            "size": 7 if trace.role == "territoire" else 6,
            "border": {"color": trait.couleur},
            "fill": {"color": apparence.PAPIER if trace.scenario else trait.couleur},
        },
    }


def _barre(role: Role) -> dict[str, Any]:
    fond, bord = apparence.barre(role)
    return {"fill": {"color": fond}, "border": {"color": bord}}


def _etiquettes(graphique: Natif, trace: Trace, rang: int, police: dict[str, Any]) -> dict[str, Any]:
    if isinstance(graphique, Comparaison):
        encre, place = apparence.ENCRE, "outside_end"
    elif isinstance(graphique, Parts):
        encre, place = apparence.lisible_sur(apparence.PARTS[rang % len(apparence.PARTS)]), "center"
    else:
        encre, place = apparence.encre(apparence.TRAITS[trace.role].couleur), _PLACES[natifs.cote(trace)]
    police = police | {"bold": True, "color": encre}
    # A label that begins like a formula would be read as one.
    sur_mesure: list[dict[str, Any]] = [
        {"value": texte, "font": police} if texte and not texte.startswith("=") else {"delete": True}
        for texte in trace.etiquettes
    ]
    return {"data_labels": {"value": True, "position": place, "font": police, "custom": sur_mesure}}


def _intervalles(graphique: Natif, trace: Trace) -> dict[str, Any]:
    if isinstance(graphique, Parts) or not trace.ecarts:
        return {}
    grand = max(abs(n) for n in trace.nombres if n is not None)
    if max(bout for ecart in trace.ecarts for bout in ecart) < _ECART * grand:
        return {}
    barres = {
        "type": "custom",
        "minus_values": [dessous for dessous, _ in trace.ecarts],
        "plus_values": [dessus for _, dessus in trace.ecarts],
        "line": {"color": apparence.CONTOUR, "width": 1.25},
    }
    return {"y_error_bars": barres} if isinstance(graphique, Serie) else {"x_error_bars": barres}
