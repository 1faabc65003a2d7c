"""The slides of a presentation: how the elements of a view share its places, never under a readable size."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import inf

from publication.commun import apparence
from publication.lecture.chiffres import MOTS_TON, Cellule
from publication.portraits import echelles, natifs
from publication.portraits.modele import (
    Carte,
    Comparaison,
    Document,
    Element,
    Graphique,
    Halteres,
    Liste,
    Message,
    Paragraphe,
    Parts,
    Reperes,
    Serie,
    Tableau,
    Vue,
)
from publication.portraits.pptx import cartes, graphiques, points, tableaux, tuiles
from publication.portraits.pptx.alineas import citation, message_dit, points_dits
from publication.portraits.pptx.charte import Charte, Zone
from publication.portraits.pptx.diapo import CORPS_DU_PIED, Diapo
from publication.portraits.pptx.texte import INTERLIGNE, Alinea, theme

CORPS = (24, 20, 18, 16)
"""Sizes of running text on a slide 7.5 inches high, the largest that fits; nothing is set smaller."""
GRAPHIQUE = {1: 2.6, 2: 3.6}
"""Inches that a chart needs from top to bottom, by how many columns its slide has: words wrap in a half."""
_ECART = 0.2
_SOUS_TITRE = 0.05
_ABSENTS = 2.01
"""Lines that the places without a figure take over a chart, at most."""
_SUITE = " (suite)"
_TEXTES = (Paragraphe, Message, Liste)


class Deroule:
    """A deck being filled, from the cover to the last view."""

    def __init__(self, charte: Charte, document: Document) -> None:
        """Start with the empty deck of a template."""
        self.charte = charte
        self.document = document

    def derouler(self) -> None:
        """Make every slide."""
        self._couverture()
        for vue in self.document.presentation:
            self._vue(vue)

    # Slides ------------------------------------------------------------------------------------------------

    def _couverture(self) -> None:
        document, charte = self.document, self.charte
        diapo = Diapo(charte, document, charte.couverture)
        diapo.titrer(document.titre, au_plus=40 * charte.echelle)
        sous_titre = charte.couverture.sous_titre
        lignes = [document.sous_titre, *(f"{nom} : {texte}" for nom, texte in document.couverture)]
        if sous_titre is not None:
            corps = 18 * charte.echelle
            gardees: list[Alinea] = []
            for ligne in lignes:
                alinea = Alinea(ligne, corps, avant=4)
                if self._hauteur([*gardees, alinea], sous_titre.w) <= sous_titre.h:
                    gardees.append(alinea)
            diapo.ecrire("Sous-titre", gardees, sous_titre, "sous_titre")
        diapo.notes += lignes
        self._carte_de_couverture(diapo)
        diapo.fermer(self._pied(()))

    def _carte_de_couverture(self, diapo: Diapo) -> None:
        """Draw the territory where the cover leaves room on its right."""
        carte, contours, titre = self.document.carte, self.document.contours, self.charte.couverture.titre
        x = titre.x + titre.w + 0.3
        large = self.charte.largeur - x - 0.4
        if carte is None or contours is None or large < 4:
            return
        haut, corps = 5.6, CORPS[-1] * self.charte.echelle
        cles = cartes.legende(carte, contours, cartes.echelle_de(contours, large, haut))
        haut -= cartes.hauteur_de(cles)
        diapo.ajouter(cartes.dessiner(carte, contours, diapo.numero(), x, 0.6, large, haut, corps))
        # One class, and no hatch: nothing to tell apart.
        if len(cles) > 1 or carte.reperes:
            diapo.ajouter(cartes.dessiner_legende(cles, diapo.numero(), x, 0.7 + haut, corps))
        diapo.notes.append(f"{carte.titre} ({carte.source})")

    def _vue(self, vue: Vue) -> None:
        vue, reportees = self._au_large(vue)
        disposition = self.charte.deux if len(vue.colonnes) > 1 else self.charte.une
        diapo = Diapo(self.charte, self.document, disposition)
        diapo.titrer(vue.titre, "" if vue.titre == vue.surtitre + _SUITE else vue.surtitre)
        zones = list(disposition.contenus[: max(len(vue.colonnes), 1)])
        if vue.tete is not None:
            zones = self._tete(diapo, vue.tete, zones, seule=not vue.colonnes)
        places = list(zip(vue.colonnes, zones, strict=False))
        corps = self._corps_commun(places)
        restes = [self._colonne(diapo, c, zone, corps) for c, zone in places]
        diapo.notes += vue.notes
        diapo.notes += self._lecture(vue)
        diapo.notes += [citation(c) for r in vue.references() if (c := self.document.chiffres.get(r))]
        diapo.fermer(self._pied(vue.producteurs))
        gardes = tuple(reste for reste in (*restes, *reportees) if reste)[:2]
        if gardes:
            self._vue(
                replace(vue, titre=_titre_de_la_suite(vue, gardes), tete=None, colonnes=gardes, notes=())
            )

    def _au_large(self, vue: Vue) -> tuple[Vue, list[tuple[Element, ...]]]:
        """Return a view without the charts that its key figures leave no room for, and these charts."""
        if vue.tete is None or not vue.colonnes:
            return vue, []
        places = self.charte.deux.contenus if len(vue.colonnes) > 1 else self.charte.une.contenus
        large = places[-1].x + places[-1].w - places[0].x
        libre = places[0].h - tuiles.hauteur(vue.tete, large, self.charte) - _ECART
        if libre >= GRAPHIQUE[min(len(vue.colonnes), 2)] * self.charte.echelle:
            return vue, []
        dessinees = [c for c in vue.colonnes if any(isinstance(e, Graphique) for e in c)]
        return replace(vue, colonnes=tuple(c for c in vue.colonnes if c not in dessinees)), dessinees

    def _tete(self, diapo: Diapo, tete: Reperes, zones: Sequence[Zone], seule: bool) -> list[Zone]:
        """Draw key figures over the columns; return what is left under them."""
        premiere, derniere = zones[0], zones[-1]
        large = derniere.x + derniere.w - premiere.x
        haut = premiere.h if seule else tuiles.hauteur(tete, large, self.charte)
        tuiles.poser(diapo, tete, replace(premiere, w=large, h=haut))
        diapo.notes += [tete.alternative, f"Source : {tete.source}"]
        return [replace(z, y=z.y + haut + _ECART, h=z.h - haut - _ECART) for z in zones]

    def _pied(self, producteurs: Sequence[str]) -> str:
        """Say who produced the figures and which release they are of, as far as the footer has room."""
        edition, zone = self.document.edition, self.charte.une.pied
        sources = f"Sources : {' ; '.join(producteurs)}" if producteurs else ""
        publication = f"publication {edition.release_id}, {edition.publiee_le}"
        dits = [" · ".join(filter(None, (sources, publication))), sources or publication, publication]
        corps = CORPS_DU_PIED * self.charte.echelle
        return next((d for d in dits if zone and self._hauteur([Alinea(d, corps)], zone.w) <= zone.h), "")

    def _lecture(self, vue: Vue) -> Iterator[str]:
        """Say what the signs on a slide mean."""
        tons = {c.ton for c in _cellules(vue)}
        dits = [
            f"{apparence.SIGNES_TON[t]} {MOTS_TON[t]}" for t in apparence.TONS if t in tons and MOTS_TON[t]
        ]
        if dits:
            yield f"Lecture des signes, celle du territoire à côté des autres : {', '.join(dits)}."

    # Columns -----------------------------------------------------------------------------------------------

    def _corps_commun(self, places: Sequence[tuple[Sequence[Element], Zone]]) -> float:
        """Return the size in which each column fits: the eye takes larger words for the main ones."""
        ecrits = (self._texte(*_du_texte(c, zone, self.charte))[0] for c, zone in places)
        tailles = [alineas[0].corps for alineas in ecrits if alineas]
        return min(tailles, default=CORPS[0] * self.charte.echelle)

    def _colonne(
        self, diapo: Diapo, elements: Sequence[Element], zone: Zone, corps: float
    ) -> tuple[Element, ...]:
        """Set elements from top to bottom, text in `corps` at most; return those that found no room."""
        autres = [e for e in elements if not isinstance(e, _TEXTES)]
        dessins = [e for e in autres if not isinstance(e, Reperes)]
        fixes = _des_reperes(elements, zone, self.charte)
        alineas, reste, dits = self._texte(*_du_texte(elements, zone, self.charte), corps)
        diapo.notes += dits
        haut_texte = self._hauteur(alineas, zone.w)
        place = zone.h - fixes - haut_texte - (_ECART if alineas else 0)
        y = zone.y
        for element in autres:
            if isinstance(element, Reperes):
                seul = len(elements) == 1
                haut = zone.h if seul else tuiles.hauteur(element, zone.w, self.charte)
                tuiles.poser(diapo, element, replace(zone, y=y, h=haut))
                diapo.notes += [element.alternative, f"Source : {element.source}"]
            else:
                haut = place / len(dessins) - _ECART
                self._dessin(diapo, element, replace(zone, idx=None, y=y, h=haut))
            y += haut + _ECART
        if alineas:
            diapo.ecrire("Texte", alineas, replace(zone, y=y, h=zone.y + zone.h - y))
        return tuple(reste)

    def _texte(
        self, elements: Sequence[Element], w: float, place: float, au_plus: float = inf
    ) -> tuple[list[Alinea], list[Element], list[str]]:
        """Set running text in the largest size that fits, to `au_plus`: whole, without sub-points, then cut.

        Return what is written, the elements left for another slide, and what goes to the notes.
        """
        if not elements:
            return [], [], []
        for sous in (True, False):
            for corps in (c * self.charte.echelle for c in CORPS):
                if corps > au_plus:
                    continue
                alineas = [a for e in elements for a in self._alineas(e, corps, sous)]
                if self._hauteur(alineas, w) <= place:
                    return alineas, [], [] if sous else list(_sous_points(elements))
        moindre = CORPS[-1] * self.charte.echelle
        gardes = list(elements)
        while len(gardes) > 1:
            gardes.pop()
            alineas = [a for e in gardes for a in self._alineas(e, moindre, False)]
            if self._hauteur(alineas, w) <= place:
                return alineas, list(elements[len(gardes) :]), list(_sous_points(gardes))
        return self._couper(elements, w, place, moindre)

    def _couper(
        self, elements: Sequence[Element], w: float, place: float, corps: float
    ) -> tuple[list[Alinea], list[Element], list[str]]:
        """Cut a list that is longer than its place: its last points are on the next slide."""
        premier = elements[0]
        if not isinstance(premier, Liste) or len(premier.points) < 2:
            return (
                list(self._alineas(premier, corps, False)),
                list(elements[1:]),
                list(_sous_points([premier])),
            )
        n = len(premier.points)
        while n > 1:
            n -= 1
            debut = replace(premier, points=premier.points[:n])
            if self._hauteur(list(self._alineas(debut, corps, False)), w) <= place:
                break
        fin = replace(premier, points=premier.points[n:])
        return list(self._alineas(debut, corps, False)), [fin, *elements[1:]], list(_sous_points([debut]))

    def _alineas(self, element: Element, corps: float, sous: bool) -> Iterator[Alinea]:
        if isinstance(element, Liste):
            if element.titre:
                yield Alinea(element.titre, corps, gras=True, couleur=theme("tx2"), avant=corps * 0.6)
            yield from points_dits(element.points, corps, sous)
        elif isinstance(element, Message):
            yield message_dit(element, corps)
        elif isinstance(element, Paragraphe):
            yield Alinea(element.texte, corps, avant=corps * 0.4)

    def _hauteur(self, alineas: Sequence[Alinea], w: float) -> float:
        """Return the inches that paragraphs take in the letters of the template."""
        return sum(a.hauteur(w * 72 / self.charte.lettres) for a in alineas) / 72

    def _dessin(self, diapo: Diapo, element: Element, zone: Zone) -> None:
        """Draw a chart, a map or a table in its place; what it cannot print is in the notes."""
        if isinstance(element, Tableau):
            self._tableau(diapo, element, zone)
        elif isinstance(element, Halteres):
            self._points(diapo, element, zone)
        elif isinstance(element, Comparaison | Parts | Serie) and not natifs.muet(element):
            dedans = self._titre_du_dessin(diapo, element, zone)
            corps = round(CORPS[-1] * self.charte.echelle)
            graphiques.tracer(diapo, element, dedans.x, dedans.y, dedans.w, dedans.h, corps)
            diapo.notes += [element.alternative, f"Source : {element.source}", *element.notes]
            diapo.notes += _rangees(element.tableau)
        elif isinstance(element, Comparaison | Parts | Serie | Carte):
            self._tableau(diapo, element.tableau, zone)

    def _points(self, diapo: Diapo, halteres: Halteres, zone: Zone) -> None:
        """Draw the first dumbbells, as many as their place holds; the others are in the notes."""
        corps = CORPS[-1] * self.charte.echelle
        lettres = self.charte.lettres
        gardes, libre = (
            halteres,
            zone.h - self._hauteur(self._mots_du_dessin(diapo, halteres, zone.w), zone.w),
        )
        while (
            len(gardes.lignes) > 1 and points.hauteur_de(gardes, zone.w, corps, lettres) > libre - _SOUS_TITRE
        ):
            gardes = gardes.premieres(len(gardes.lignes) - 1)
        diapo.notes += [*_rangees(halteres.tableau), *halteres.tableau.notes, f"Source : {halteres.source}"]
        dedans = self._titre_du_dessin(diapo, gardes, zone)
        diapo.ajouter(points.dessiner(gardes, diapo.numero(), dedans, corps, lettres))

    def _titre_du_dessin(self, diapo: Diapo, dessin: Graphique, zone: Zone) -> Zone:
        """Write what is read before a chart; return what is left of its place."""
        alineas = self._mots_du_dessin(diapo, dessin, zone.w)
        if not alineas:
            return replace(zone, idx=None)
        haut = self._hauteur(alineas, zone.w) + _SOUS_TITRE
        diapo.ecrire("Titre du graphique", alineas, replace(zone, idx=None, h=haut))
        return replace(zone, idx=None, y=zone.y + haut, h=zone.h - haut)

    def _mots_du_dessin(self, diapo: Diapo, dessin: Graphique, w: float) -> list[Alinea]:
        """Say what a chart shows and its unit, but where the slide's title does, and what has no figure."""
        titre = "" if dessin.titre == diapo.titre.removesuffix(_SUITE) else dessin.titre
        coupee = echelles.NOTE if isinstance(dessin, Serie) and natifs.coupee(dessin) else ""
        # « Places pour 100 enfants, 2023 », which most titles say already.
        dite = all(mot in titre for mot in dessin.unite.split(", "))
        mots = " · ".join(filter(None, (titre, "" if dite else dessin.unite, coupee)))
        corps = CORPS[-1] * self.charte.echelle
        dits = [Alinea(mots, corps, gras=True, couleur=theme("tx2"))] if mots else []
        if absents := _absents(dessin):
            nommes = Alinea(" ; ".join(absents), corps)
            # Many of them would leave no room to draw in: notes have the table.
            comptes = f"{len(absents)} chiffres ne sont pas montrés (s, nd ou na) : voir les commentaires."
            tient = self._hauteur([nommes], w) <= _ABSENTS * corps * INTERLIGNE / 72
            dits.append(nommes if tient else replace(nommes, texte=comptes))
        return dits

    def _tableau(self, diapo: Diapo, tableau: Tableau, zone: Zone) -> None:
        mesure = tableaux.au_mieux(tableau, zone.w, zone.h, self.charte.echelle)
        diapo.notes += [*tableau.notes, *(f"Source : {s}" for s in tableau.sources)]
        if mesure is None:
            diapo.notes += _rangees(tableau)
            renvoi = Alinea(f"{tableau.titre} : voir les annexes.", CORPS[-1] * self.charte.echelle)
            diapo.ecrire("Renvoi", [renvoi], zone)
            return
        diapo.ajouter(tableaux.dessiner(mesure, diapo.numero(), zone.x, zone.y))


def _des_reperes(elements: Sequence[Element], zone: Zone, charte: Charte) -> float:
    """Return the inches that the key figures of a column take."""
    return sum(tuiles.hauteur(e, zone.w, charte) + _ECART for e in elements if isinstance(e, Reperes))


def _du_texte(elements: Sequence[Element], zone: Zone, charte: Charte) -> tuple[list[Element], float, float]:
    """Return the running text of a column, its width, and the height that key figures and charts leave it."""
    dessins = [e for e in elements if not isinstance(e, (*_TEXTES, Reperes))]
    libre = zone.h - _des_reperes(elements, zone, charte) - GRAPHIQUE[1] * charte.echelle * len(dessins)
    return [e for e in elements if isinstance(e, _TEXTES)], zone.w, libre


def _absents(dessin: Graphique) -> list[str]:
    """Name the places without a figure that nothing else on a slide tells from zero, or from no year at all.

    Of a series, those of the territory: its comparators have theirs in the notes.
    """
    if isinstance(dessin, Serie):
        siennes = tuple(ligne for ligne in dessin.lignes if ligne.role == "territoire")
        return natifs.absents(replace(dessin, lignes=siennes or dessin.lignes))
    return natifs.absents(dessin) if isinstance(dessin, Parts) else []


def _titre_de_la_suite(vue: Vue, gardes: Sequence[Sequence[Element]]) -> str:
    """Title the slide that a view goes on on: a finding is of what stands under it, not of the next chart.

    A chart alone has its own title; running text goes on under its finding.
    """
    elements = [element for colonne in gardes for element in colonne]
    dessins = [element for element in elements if isinstance(element, Graphique)]
    if len(elements) == 1 and dessins and dessins[0].titre != vue.titre:
        return dessins[0].titre
    titre = vue.surtitre if dessins and len(elements) > 1 else vue.titre
    return titre.removesuffix(_SUITE) + _SUITE


def _rangees(tableau: Tableau) -> list[str]:
    """Return a table line by line, as notes hold it."""
    lignes = [[c.titre for c in tableau.colonnes], *([c.texte for c in ligne] for ligne in tableau.lignes)]
    return [" | ".join(ligne) for ligne in lignes]


def _sous_points(elements: Sequence[Element]) -> Iterator[str]:
    """Yield, for the notes, what stands under the points of lists."""
    for element in elements:
        for point in element.points if isinstance(element, Liste) else ():
            if point.sous:
                yield f"{point.texte} : {' ; '.join(sous.texte for sous in point.sous)}."


def _cellules(vue: Vue) -> Iterator[Cellule]:
    for colonne in ((vue.tete,), *vue.colonnes):
        for element in colonne:
            if isinstance(element, Reperes):
                for repere in element.lignes:
                    yield from (c for _, _, c in repere.reperes)
