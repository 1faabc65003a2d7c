"""Native charts of a deck: those of a workbook (`xlsx.graphiques`) in the colours of its theme."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from math import ceil
from typing import Any
from zipfile import ZipFile

from pptx.opc.constants import CONTENT_TYPE as CT
from pptx.opc.constants import RELATIONSHIP_TYPE as RT
from pptx.parts.chart import ChartPart
from xlsxwriter import Workbook

from publication.classeurs.mise_en_forme import Formats, options, proprietes
from publication.commun import apparence
from publication.commun.lettres import couper, largeur
from publication.portraits import echelles, natifs
from publication.portraits.modele import Serie
from publication.portraits.natifs import Natif, Place, Trace
from publication.portraits.planches import Filet, Mot
from publication.portraits.pptx import points
from publication.portraits.pptx.couleurs import DU_THEME
from publication.portraits.pptx.diapo import Diapo
from publication.portraits.pptx.gabarit import emu
from publication.portraits.pptx.texte import nombre_lignes, propre, theme
from publication.portraits.xlsx.graphiques import Bloc, dessiner, ecrire_bloc
from socle.affichage import nombre

_NOMS = 14
"""Sizes of type that the names of lines take beside a chart, a third of it at most."""

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


@dataclass(frozen=True)
class _Plan:
    """Where lines are drawn in the frame of a chart, in shares of it; their names stand beside it."""

    gauche: float
    haut: float
    largeur: float
    hauteur: float
    points: float
    """How wide it is, in points."""

    def une_sur(self, annees: int, corps: float) -> int:
        """Return in how many years one is written, so that none touches the next."""
        return ceil(annees * largeur("2024", corps) * 1.25 / self.points)

    def dire(self, annees: Sequence[str], cadre: tuple[float, float], corps: float) -> list[Mot]:
        """Return the years, where not all have room: programs differ in what they then leave out."""
        large, haut = cadre
        une_sur, n = self.une_sur(len(annees), corps), len(annees)
        if une_sur == 1:
            return []
        y = haut * (self.haut + self.hauteur) + corps * 0.9
        return [
            Mot(large * (self.gauche + self.largeur * (rang + 0.5) / n), y, annees[rang], corps, "middle")
            for rang in range(n - 1, -1, -une_sur)
        ]

    def desserrer(self, trace: Trace, corps: float) -> Trace:
        """Return a line without the labels that would touch the one before, or the axis, nor the last figure.

        A name has that one.
        """
        place = self.points / len(trace.etiquettes)
        gardees, libre = [], -corps
        for rang, texte in enumerate((*trace.etiquettes[:-1], "")):
            demi = largeur(texte, corps, True) / 2
            tient = bool(texte) and place * (rang + 0.5) - demi >= libre
            gardees.append(texte if tient else "")
            libre = place * (rang + 0.5) + demi + 2 if tient else libre
        return replace(trace, etiquettes=tuple(gardees))

    @classmethod
    def de(cls, axe: echelles.Axe, w: float, h: float, corps: float, bandeau: str) -> "_Plan":
        """Return the room that the numbers of the axis, the years and the banner leave."""
        rang = corps * 1.2 / 72
        bouts = (nombre(bout, axe.decimales) for bout in (axe.bas, axe.haut))
        gauche = max(largeur(bout, corps) for bout in bouts) / 72 + 0.2
        lignes = nombre_lignes(bandeau, w * 72 * 0.75, corps) if bandeau else 0
        haut = rang * (0.7 + 1.1 * lignes + (0.6 if lignes else 0))
        part = 1 - gauche / w - 0.01
        return cls(gauche / w, haut / h, part, 1 - (haut + rang * 2) / h, part * w * 72)


def tracer(diapo: Diapo, graphique: Natif, x: float, y: float, w: float, h: float, corps: int) -> None:
    """Draw a chart in a frame given in inches, with the workbook that an editor changes.

    Lines are named at their ends, in boxes of text.
    """
    bandeau = propre(diapo.document.bandeau or "")
    plan, axe, cadre_w = None, natifs.axe(graphique), w
    if isinstance(graphique, Serie) and axe is not None:
        cadre_w = w - min(_NOMS * corps / 72, w * 0.34)
        plan = _Plan.de(axe, cadre_w, h, corps, bandeau)
    categories, traces = natifs.tracer(graphique, 1.56 * corps / 72 / (plan.hauteur * h) if plan else 0.0)
    if plan:
        traces = [plan.desserrer(trace, corps) for trace in traces]
    bloc = Bloc(0, bandeau, [propre(nom) for nom in categories], traces)
    with ZipFile(BytesIO(_classeur(bloc, corps, graphique, plan))) as archive:
        dessin = _de_diapositive(archive.read("xl/charts/chart1.xml").decode())
    diapositive: Any = diapo.slide
    paquet = diapositive.part.package
    nom = paquet.next_partname(ChartPart.partname_template)
    partie: Any = ChartPart.load(nom, CT.DML_CHART, paquet, dessin.encode())
    for serie, trace in zip(partie._element.iter("{*}ser"), traces, strict=True):
        for etiquette in serie.iterfind("{*}dLbls/{*}dLbl[{*}dLblPos]") if trace.places else ():
            cote = trace.places[int(etiquette.find("{*}idx").get("val"))]
            etiquette.find("{*}dLblPos").set("val", _PLACES[cote])
    partie.chart_workbook.update_from_xlsx_blob(_classeur(bloc, corps))
    lien = diapositive.part.relate_to(partie, RT.CHART)
    cadre = diapositive.shapes._add_chart_graphicFrame(lien, emu(x), emu(y), emu(cadre_w), emu(h))
    dits = cadre.find(".//{*}cNvPr")
    dits.set("name", propre(f"Graphique : {graphique.identifiant}"))
    dits.set("descr", propre(graphique.alternative))
    if isinstance(graphique, Serie) and axe is not None and plan is not None:
        bouts = _bouts(graphique, axe, plan, cadre_w * 72, h * 72)
        traits = _noms(bouts, cadre_w * 72, w * 72, h * 72, corps, diapo.charte.lettres)
        traits += plan.dire(bloc.categories, (cadre_w * 72, h * 72), corps)
        mots = ("Noms des courbes", "Le nom de chaque courbe, à son dernier chiffre")
        diapo.ajouter(points.grouper(traits, mots, diapo.numero(), x, y))


@dataclass(frozen=True)
class _Bout:
    """Where a line ends, in points, what its name says, and whether it goes as far as the margin."""

    x: float
    y: float
    dit: str
    gras: bool
    couleur: str
    en_marge: bool


def _bouts(serie: Serie, axe: echelles.Axe, plan: _Plan, large: float, haut: float) -> list[_Bout]:
    """Return the ends of lines, from the highest to the lowest."""
    premiere, derniere = min(serie.annees), max(serie.annees)
    bouts = []
    for ligne, role in zip(serie.lignes, natifs.aspects([li.role for li in serie.lignes]), strict=True):
        if not (runs := echelles.morceaux(serie, ligne)):
            continue
        annee, cellule, valeur = runs[-1][-1]
        nom, en_marge = propre(ligne.libelle), annee >= derniere - 1
        if annee == derniere:
            nom = f"{cellule.texte} {nom}"
        elif en_marge:
            nom = f"{nom} : {cellule.texte} ({annee})"
        rang = (annee - premiere + 0.5) / (derniere - premiere + 1)
        x = large * (plan.gauche + plan.largeur * rang)
        y = haut * (plan.haut + plan.hauteur * (1 - axe.part(valeur)))
        couleur = apparence.TRAITS[role].couleur
        bouts.append(_Bout(x, y, nom, ligne.role == "territoire", couleur, en_marge))
    return sorted(bouts, key=lambda bout: bout.y)


def _noms(
    bouts: Sequence[_Bout], marge: float, droite: float, haut: float, corps: float, lettres: float
) -> list[Filet | Mot]:
    """Place the names of lines: in the margin, pushed apart, led to from their ends.

    Under its last point, that of a line that stops before.
    """
    traits: list[Filet | Mot] = [
        Mot(b.x, b.y + corps * 1.2, b.dit, corps, gras=b.gras, couleur=apparence.encre(b.couleur))
        for b in bouts
        if not b.en_marge
    ]
    dits = [
        (b, couper(b.dit, (droite - marge - corps) / (1.04 * lettres), corps, b.gras, 4))
        for b in bouts
        if b.en_marge
    ]
    places = [(b.y, corps * 1.2 * len(lignes)) for b, lignes in dits]
    debuts = echelles.ecarter(places, 0.0, haut, corps * 0.3)
    for debut, (b, lignes) in zip(debuts, dits, strict=True):
        milieu = debut + corps * 0.6 * len(lignes)
        traits.append(Filet(b.x + corps * 0.5, b.y, marge + corps * 0.6, milieu, b.couleur, 0.75))
        for rang, texte in enumerate(lignes):
            y = debut + corps * 1.2 * (rang + 0.5)
            traits.append(
                Mot(marge + corps * 0.8, y, texte, corps, gras=b.gras, couleur=apparence.encre(b.couleur))
            )
    return traits


def _classeur(bloc: Bloc, corps: int, graphique: Natif | None = None, plan: _Plan | None = None) -> bytes:
    """Return the numbers of a chart as a workbook, with the chart itself where it is given."""
    octets = BytesIO()
    with Workbook(octets, options()) as livre:
        livre.set_properties(proprietes("", "", "", bloc.titre))
        feuille = livre.add_worksheet()
        ecrire_bloc(Formats(livre), feuille, bloc)
        if graphique is not None:
            annees = plan is None or plan.une_sur(len(bloc.categories), corps) == 1
            chart = dessiner(livre, graphique, bloc, feuille.get_name(), corps, annees)
            # The title of a slide is that of its chart, which has the banner alone.
            police: dict[str, Any] = {"name": "Arial", "size": corps, "bold": False, "italic": True}
            if bloc.titre:
                chart.set_title({"name": bloc.titre, "name_font": police})
            else:
                chart.set_title({"none": True})
            if plan is not None:
                chart.set_legend({"none": True})
                place = {"x": plan.gauche, "y": plan.haut, "width": plan.largeur, "height": plan.hauteur}
                chart.set_plotarea({"layout": place})
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
