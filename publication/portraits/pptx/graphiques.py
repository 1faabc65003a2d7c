"""Native charts of a deck: those of a workbook (`xlsx.graphiques`) in the colours of its theme."""

import re
from io import BytesIO
from math import ceil
from typing import Any
from zipfile import ZipFile

from pptx.opc.constants import CONTENT_TYPE as CT
from pptx.opc.constants import RELATIONSHIP_TYPE as RT
from pptx.parts.chart import ChartPart
from xlsxwriter import Workbook

from publication.classeurs.mise_en_forme import Formats, options, proprietes
from publication.commun.lettres import largeur
from publication.portraits import natifs
from publication.portraits.modele import Graphique
from publication.portraits.natifs import Natif, Place
from publication.portraits.pptx.couleurs import DU_THEME
from publication.portraits.pptx.diapo import Diapo
from publication.portraits.pptx.gabarit import emu
from publication.portraits.pptx.texte import propre, theme
from publication.portraits.xlsx.graphiques import Bloc, dessiner, ecrire_bloc

_CORPS = 12
_RANG = _CORPS * 1.2 / 72
"""Inches that a line of text takes."""

_EXPLICITES = (
    ("<c:printSettings>.*</c:printSettings>", ""),
    ('"en-US"', '"fr-FR"'),
    ("(<c:lang [^>]*>)", r'\1<c:roundedCorners val="0"/>'),
    ("(</c:scaling>)(?!<c:delete)", r'\1<c:delete val="0"/>'),
    ("(<c:grouping [^>]*>)", r'\1<c:varyColors val="0"/>'),
    ("(<c:layout/>)(?=</c:title>|<c:txPr>(?:(?!</c:title>).)*</c:legend>)", r'\1<c:overlay val="0"/>'),
    (
        '<c:showVal val="1"/>',
        '<c:showLegendKey val="0"/><c:showVal val="1"/><c:showCatName val="0"/><c:showSerName val="0"/>'
        '<c:showPercent val="0"/><c:showBubbleSize val="0"/>',
    ),
    ("(<c:dPt><c:idx [^>]*>)", r'\1<c:invertIfNegative val="0"/>'),
    ("(?<=</c:val>)(?=</c:ser>(?:(?!<c:barChart>).)*</c:lineChart>)", '<c:smooth val="0"/>'),
)
"""What a chart of a sheet says of itself alone, or leaves out, where other programs take it for true."""
_PLACES: dict[Place, str] = {"dessus": "t", "dessous": "b", "droite": "r"}


def tracer(diapo: Diapo, graphique: Natif, x: float, y: float, w: float, h: float) -> None:
    """Draw a chart in a frame given in inches, with the workbook that an editor changes."""
    bandeau = propre(diapo.document.bandeau or "")
    categories, traces = natifs.tracer(graphique, _lettres_sur(graphique, w, h, bandeau))
    bloc = Bloc(0, bandeau, [propre(nom) for nom in categories], traces)
    with ZipFile(BytesIO(_classeur(bloc, graphique))) as archive:
        dessin = _de_diapositive(archive.read("xl/charts/chart1.xml").decode())
    diapositive: Any = diapo.slide
    paquet = diapositive.part.package
    nom = paquet.next_partname(ChartPart.partname_template)
    partie: Any = ChartPart.load(nom, CT.DML_CHART, paquet, dessin.encode())
    for serie, trace in zip(partie._element.iter("{*}ser"), traces, strict=True):
        for etiquette in serie.iterfind("{*}dLbls/{*}dLbl[{*}dLblPos]") if trace.places else ():
            cote = trace.places[int(etiquette.find("{*}idx").get("val"))]
            etiquette.find("{*}dLblPos").set("val", _PLACES[cote])
    partie.chart_workbook.update_from_xlsx_blob(_classeur(bloc))
    lien = diapositive.part.relate_to(partie, RT.CHART)
    cadre = diapositive.shapes._add_chart_graphicFrame(lien, emu(x), emu(y), emu(w), emu(h))
    dits = cadre.find(".//{*}cNvPr")
    dits.set("name", propre(f"Graphique : {graphique.identifiant}"))
    dits.set("descr", propre(graphique.alternative))


def _lettres_sur(graphique: Graphique, w: float, h: float, bandeau: str) -> float:
    """How high a label is with its margins, as a share of what a frame of these inches leaves to lines."""
    lignes = getattr(graphique, "lignes", ())
    legende = sum(largeur(propre(ligne.libelle), _CORPS) / 72 + 0.6 for ligne in lignes)
    reste = h - (_RANG * 1.6 if bandeau else 0) - _RANG * 2 - _RANG * ceil(legende / (w * 0.8))
    return 1.3 * _RANG / max(reste, _RANG * 4)


def _classeur(bloc: Bloc, graphique: Natif | None = None) -> bytes:
    """Return the numbers of a chart as a workbook, with the chart itself where it is given."""
    octets = BytesIO()
    with Workbook(octets, options()) as livre:
        livre.set_properties(proprietes("", "", "", bloc.titre))
        feuille = livre.add_worksheet()
        ecrire_bloc(Formats(livre), feuille, bloc)
        if graphique is not None:
            chart = dessiner(livre, graphique, bloc, feuille.get_name(), _CORPS)
            # The title of a slide is that of its chart, which has the banner alone.
            police: dict[str, Any] = {"name": "Arial", "size": _CORPS, "bold": False, "italic": True}
            if bloc.titre:
                chart.set_title({"name": bloc.titre, "name_font": police})
            else:
                chart.set_title({"none": True})
            feuille.insert_chart(0, 0, chart)
    return octets.getvalue()


def _de_diapositive(dessin: str) -> str:
    """Return a chart of a sheet in French and in the colours of the theme, which an editor may change."""
    for motif, remplacement in _EXPLICITES:
        dessin = re.sub(motif, remplacement, dessin, flags=re.S)
    return re.sub(
        r'<a:srgbClr val="(\w{6})"/>',
        lambda m: theme(DU_THEME[m[1]]) if m[1] in DU_THEME else m[0],
        dessin,
    )
