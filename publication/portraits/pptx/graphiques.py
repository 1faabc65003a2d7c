"""Native charts of a deck (`natifs`), each with the workbook that an editor changes.

What stands beside a bar or a point is the document's `texte`: number formats only serve editors.
"""

from io import BytesIO
from math import ceil
from typing import Any

from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls
from pptx.util import Emu
from xlsxwriter import Workbook

from publication.commun import apparence
from publication.commun.chiffres import Role
from publication.commun.lettres import largeur
from publication.portraits import natifs
from publication.portraits.modele import Comparaison, Graphique, Parts, Serie
from publication.portraits.natifs import Natif, Place, Trace
from publication.portraits.pptx.couleurs import accent, aplat, ligne, sur
from publication.portraits.pptx.diapo import Diapo
from publication.portraits.pptx.gabarit import SANS_DATE, emu
from publication.portraits.pptx.texte import attribut, propre, rvb, theme, xml

_NS = nsdecls("c", "a", "r")
_CORPS = 12
_RANG = _CORPS * 1.2 / 72
"""Inches that a line of text takes."""
_PLACES: dict[Place, str] = {"dessus": "t", "dessous": "b", "droite": "r"}
_GENRES: dict[type[Graphique], XL_CHART_TYPE] = {
    Comparaison: XL_CHART_TYPE.BAR_CLUSTERED,
    Parts: XL_CHART_TYPE.BAR_STACKED,
    Serie: XL_CHART_TYPE.LINE_MARKERS,
}


def tracer(diapo: Diapo, graphique: Natif, x: float, y: float, w: float, h: float) -> None:
    """Draw a chart in a frame given in inches."""
    bandeau = diapo.document.bandeau
    categories, traces = natifs.tracer(graphique, _lettres_sur(graphique, w, h, bandeau))
    categories = [propre(nom) for nom in categories]
    format_nombre = _format(natifs.decimales(traces))
    donnees: Any = CategoryChartData(number_format=format_nombre)  # type: ignore[no-untyped-call]
    donnees.categories = categories
    for trace in traces:
        donnees.add_series(propre(trace.nom), trace.nombres)
    formes: Any = diapo.slide.shapes
    cadre = formes.add_chart(_GENRES[type(graphique)], emu(x), emu(y), emu(w), emu(h), donnees)
    proprietes = cadre._element.find(".//{*}cNvPr")
    proprietes.set("name", propre(f"Graphique : {graphique.identifiant}"))
    proprietes.set("descr", propre(graphique.alternative))
    chart = cadre.chart
    chart.part.chart_workbook.update_from_xlsx_blob(_classeur(categories, traces, format_nombre, bandeau))
    _habiller(chart, graphique, traces, bandeau)


def _format(decimales: int) -> str:
    """Thousands as French prints them, whatever the language of who opens the deck."""
    fin = "0" + ("." + "0" * decimales if decimales else "")
    return f'[>=1000000]#"\u202f"###"\u202f"##{fin};[>=1000]#"\u202f"##{fin};{fin}'


def _lettres_sur(graphique: Natif, w: float, h: float, bandeau: str | None) -> float:
    """How high a label is with its margins, as a share of what a frame of these inches leaves to lines."""
    lignes = getattr(graphique, "lignes", ())
    legende = sum(largeur(propre(ligne.libelle), _CORPS) / 72 + 0.6 for ligne in lignes)
    reste = h - (_RANG * 1.6 if bandeau else 0) - _RANG * 2 - _RANG * ceil(legende / (w * 0.8))
    return 1.3 * _RANG / max(reste, _RANG * 4)


def _style(graphique: Natif, trace: Trace, rang: int) -> str:
    """Return how a series looks, in the order of the schema."""
    if isinstance(graphique, Comparaison):
        points = "".join(
            f'<c:dPt><c:idx val="{i}"/><c:invertIfNegative val="0"/>'
            f'<c:bubble3D val="0"/>{_barre(barre.role)}</c:dPt>'
            for i, barre in enumerate(graphique.barres)
        )
        return f'{_barre("autre")}<c:invertIfNegative val="0"/>{points}'
    if isinstance(graphique, Parts):
        couleur = rvb(_couleur_part(rang))
        fond = aplat(couleur)
        if rang >= len(apparence.PARTS):
            fond = f'<a:pattFill prst="wdUpDiag"><a:fgClr>{theme("bg1")}</a:fgClr>'
            fond += f"<a:bgClr>{couleur}</a:bgClr></a:pattFill>"
        bord = f'<a:ln w="12700">{aplat(theme("bg1"))}</a:ln>'
        return f'<c:spPr>{fond}{bord}</c:spPr><c:invertIfNegative val="0"/>'
    couleur = accent(trace.role)
    creux = aplat(theme("bg1") if trace.scenario else couleur)
    return (
        f"<c:spPr>{ligne(apparence.TRAITS[trace.role], trace.role, trace.scenario)}</c:spPr>"
        f'<c:marker><c:symbol val="{natifs.MARQUEURS[trace.role]}"/>'
        f'<c:size val="{7 if trace.role == "territoire" else 6}"/>'
        f'<c:spPr>{creux}<a:ln w="12700">{aplat(couleur)}</a:ln></c:spPr></c:marker>'
    )


def _barre(role: Role) -> str:
    fond = accent("territoire") if role == "territoire" else rvb(apparence.BARRE_AUTRE)
    bord = accent("territoire") if role == "territoire" else rvb(apparence.CONTOUR)
    return f'<c:spPr>{aplat(fond)}<a:ln w="9525">{aplat(bord)}</a:ln></c:spPr>'


def _couleur_part(rang: int) -> str:
    return apparence.PARTS[rang % len(apparence.PARTS)]


def _habiller(chart: Any, graphique: Natif, traces: list[Trace], bandeau: str | None) -> None:
    espace: Any = chart._chartSpace
    trace = espace.find(".//{*}plotArea")
    for rang, (element, serie) in enumerate(zip(trace.iter("{*}ser"), traces, strict=True)):
        _habiller_serie(element, graphique, serie, rang)
    racine = espace.find("{*}chart")
    for balise in ("title", "autoTitleDeleted", "legend", "plotVisOnly", "dispBlanksAs"):
        for vieux in racine.findall(f"{{*}}{balise}"):
            racine.remove(vieux)
    titre = ""
    if bandeau:
        titre = (
            f"<c:title><c:tx><c:rich><a:bodyPr/><a:lstStyle/><a:p><a:pPr>{_lettres('tx1', False)}</a:pPr>"
            f'<a:r><a:rPr lang="fr-FR" sz="1200" b="0" i="1"/><a:t>{xml(bandeau)}</a:t></a:r>'
            "</a:p></c:rich></c:tx>"
            '<c:overlay val="0"/></c:title>'
        )
    racine.insert(0, _c(f'<c:autoTitleDeleted val="{0 if bandeau else 1}"/>'))
    if titre:
        racine.insert(0, _c(titre))
    # Years are at one distance: a year without a figure is an empty place that the line runs over.
    vides = "span" if isinstance(graphique, Serie) else "gap"
    trace.addnext(_c(f'<c:dispBlanksAs val="{vides}"/>'))
    trace.addnext(_c('<c:plotVisOnly val="1"/>'))
    if not isinstance(graphique, Comparaison):
        effaces = "".join(
            f'<c:legendEntry><c:idx val="{rang}"/><c:delete val="1"/></c:legendEntry>'
            for rang, serie in enumerate(traces)
            if not serie.legende
        )
        legende = _c(
            f'<c:legend><c:legendPos val="b"/>{effaces}<c:overlay val="0"/>{_police("tx1")}</c:legend>'
        )
        trace.addnext(legende)
    chart.font.size = Emu(_CORPS * 12700)
    for proprietes in espace.iter("{*}endParaRPr"):
        proprietes.set("lang", "fr-FR")
    barres = trace.find("{*}barChart")
    if barres is not None:
        _regler(barres, "gapWidth", "45")
        if isinstance(graphique, Parts):
            _regler(barres, "overlap", "100")
    _axes(trace, graphique, traces)


def _axes(trace: Any, graphique: Natif, traces: list[Trace]) -> None:
    chiffre = trace.find(".//{*}numRef//{*}formatCode").text
    plancher, gradue = natifs.plancher(graphique, traces), natifs.axe(graphique)
    courbe = isinstance(graphique, Serie)
    for axe in (trace.find("{*}catAx"), trace.find("{*}valAx")):
        valeurs = axe.tag.endswith("valAx")
        identifiant = axe.find("{*}axId").get("val")
        croise = axe.find("{*}crossAx").get("val")
        minimum = f'<c:min val="{plancher:.10g}"/>' if valeurs and plancher is not None else ""
        maximum = f'<c:max val="{gradue.haut:.10g}"/>' if valeurs and gradue is not None else ""
        sens = "maxMin" if not valeurs and not courbe else "minMax"
        balise = "valAx" if valeurs else "catAx"
        grille = (
            f'<c:majorGridlines><c:spPr><a:ln w="6350">{aplat(rvb(apparence.FILET))}</a:ln>'
            "</c:spPr></c:majorGridlines>"
            if valeurs and courbe
            else ""
        )
        position = ("l" if valeurs else "b") if courbe else ("b" if valeurs else "l")
        suite = (
            '<c:crossBetween val="between"/>'
            + (f'<c:majorUnit val="{gradue.pas:.10g}"/>' if gradue is not None else "")
            if valeurs
            else '<c:auto val="0"/><c:lblAlgn val="ctr"/><c:lblOffset val="100"/><c:noMultiLvlLbl val="0"/>'
        )
        format_nombre = (_format(gradue.decimales) if gradue else chiffre) if valeurs else "General"
        trait = "<a:noFill/>" if valeurs else aplat(rvb(apparence.CONTOUR))
        axe.getparent().replace(
            axe,
            _c(
                f'<c:{balise}><c:axId val="{identifiant}"/><c:scaling>'
                f'<c:orientation val="{sens}"/>{maximum}{minimum}</c:scaling>'
                f'<c:delete val="{int(valeurs and not courbe)}"/><c:axPos val="{position}"/>{grille}'
                f'<c:numFmt formatCode={attribut(format_nombre)} sourceLinked="0"/>'
                '<c:majorTickMark val="none"/><c:minorTickMark val="none"/>'
                f'<c:tickLblPos val="low"/><c:spPr><a:ln w="9525">{trait}</a:ln></c:spPr>{_police("tx1")}'
                f'<c:crossAx val="{croise}"/><c:crosses val="autoZero"/>{suite}</c:{balise}>'
            ),
        )


def _habiller_serie(element: Any, graphique: Natif, trace: Trace, rang: int) -> None:
    """Dress a series: the order of its children is that of the schema."""
    for balise in ("spPr", "invertIfNegative", "marker", "dLbls", "smooth"):
        for vieux in element.findall(f"{{*}}{balise}"):
            element.remove(vieux)
    devant = element.find("{*}tx")
    for neuf in reversed(_fragments(_style(graphique, trace, rang) + _libelles(graphique, trace, rang))):
        devant.addnext(neuf)
    if trace.ecarts and not isinstance(graphique, Parts):
        element.find("{*}cat").addprevious(_c(_intervalles(trace.ecarts, isinstance(graphique, Serie))))
    if isinstance(graphique, Serie):
        element.append(_c('<c:smooth val="0"/>'))


def _libelles(graphique: Natif, trace: Trace, rang: int) -> str:
    if isinstance(graphique, Comparaison):
        encre, places = theme("tx1"), ["outEnd"] * len(trace.etiquettes)
    elif isinstance(graphique, Parts):
        encre, places = sur(_couleur_part(rang)), ["ctr"] * len(trace.etiquettes)
    else:
        encre, places = accent(trace.role), [_PLACES[place] for place in trace.places]
    drapeaux = (
        '<c:showLegendKey val="0"/><c:showVal val="{}"/><c:showCatName val="0"/><c:showSerName val="0"/>'
        '<c:showPercent val="0"/><c:showBubbleSize val="0"/>'
    )
    un_a_un = "".join(
        f'<c:dLbl><c:idx val="{i}"/><c:tx><c:rich><a:bodyPr/><a:lstStyle/><a:p>'
        f"<a:pPr>{_lettres(encre)}</a:pPr>"
        f'<a:r><a:rPr lang="fr-FR" sz="1200" b="1">{aplat(encre)}</a:rPr><a:t>{xml(texte)}</a:t></a:r></a:p>'
        f'</c:rich></c:tx><c:dLblPos val="{places[i]}"/>{drapeaux.format(1)}</c:dLbl>'
        for i, texte in enumerate(trace.etiquettes)
        if texte
    )
    return f"<c:dLbls>{un_a_un}{drapeaux.format(0)}</c:dLbls>"


def _intervalles(ecarts: tuple[tuple[float, float], ...], vertical: bool) -> str:
    """Return the bars that show between which bounds a figure is."""
    cotes = {}
    for balise, rang in (("minus", 0), ("plus", 1)):
        pts = "".join(f'<c:pt idx="{i}"><c:v>{e[rang]:.10g}</c:v></c:pt>' for i, e in enumerate(ecarts))
        cotes[balise] = (
            f"<c:{balise}><c:numLit><c:formatCode>General</c:formatCode>"
            f'<c:ptCount val="{len(ecarts)}"/>{pts}</c:numLit></c:{balise}>'
        )
    direction = '<c:errDir val="y"/>' if vertical else ""
    return (
        f'<c:errBars>{direction}<c:errBarType val="both"/><c:errValType val="cust"/>'
        f'<c:noEndCap val="0"/>{cotes["plus"]}{cotes["minus"]}'
        f'<c:spPr><a:ln w="15875">{aplat(rvb(apparence.CONTOUR))}</a:ln></c:spPr></c:errBars>'
    )


def _classeur(categories: list[str], traces: list[Trace], format_nombre: str, bandeau: str | None) -> bytes:
    """Return the workbook of a chart, laid out as python-pptx refers to it; no text in it is a formula."""
    octets = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(octets, options) as classeur:
        classeur.set_properties({"created": SANS_DATE, "comments": propre(bandeau or "")})
        feuille = classeur.add_worksheet()
        nombre = classeur.add_format({"num_format": format_nombre})
        feuille.write_column(1, 0, categories)
        for colonne, trace in enumerate(traces, 1):
            feuille.write_string(0, colonne, propre(trace.nom))
            for rang, valeur in enumerate(trace.nombres, 1):
                if valeur is not None:
                    feuille.write_number(rang, colonne, valeur, nombre)
        if bandeau:
            feuille.write_string(len(categories) + 2, 0, propre(bandeau))
    return octets.getvalue()


def _c(texte: str) -> Any:
    return parse_xml(
        texte.replace(">", f" {_NS}>", 1)
        if not texte.split(">", 1)[0].endswith("/")
        else texte.replace("/>", f" {_NS}/>", 1)
    )


def _fragments(texte: str) -> list[Any]:
    return list(parse_xml(f"<c:ser {_NS}>{texte}</c:ser>"))


def _lettres(couleur: str, gras: bool = True) -> str:
    encre = couleur if couleur.startswith("<") else theme(couleur)
    return f'<a:defRPr sz="1200" b="{int(gras)}">{aplat(encre)}</a:defRPr>'


def _police(couleur: str) -> str:
    return (
        f"<c:txPr><a:bodyPr/><a:lstStyle/><a:p><a:pPr>{_lettres(couleur, False)}</a:pPr>"
        '<a:endParaRPr lang="fr-FR"/></a:p></c:txPr>'
    )


def _regler(element: Any, balise: str, valeur: str) -> None:
    fils = element.find(f"{{*}}{balise}")
    if fils is not None:
        fils.set("val", valeur)
        return
    element.find("{*}axId").addprevious(_c(f"<c:{balise} val={attribut(valeur)}/>"))
