"""The slides of a portrait, in their order: which element stands on which slide, and beside what.

A slide never shrinks its text to hold more: what does not fit goes to the next, and the table of a chart that
is too long to be read beside it goes to its notes, line by line.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from pptx.opc.constants import RELATIONSHIP_TYPE as RT
from pptx.presentation import Presentation as Deck

from publication.commun import apparence
from publication.commun.chiffres import MOTS_TON
from publication.portraits import echelles, natifs
from publication.portraits.modele import (
    Carte,
    Comparaison,
    Document,
    Element,
    Graphique,
    Liste,
    Message,
    Paragraphe,
    Parts,
    Section,
    Serie,
    Tableau,
)
from publication.portraits.pptx import cartes, graphiques, tableaux
from publication.portraits.pptx.alineas import (
    CORPS_CHAPEAU,
    CORPS_NOTE,
    CORPS_TEXTE,
    DOUX,
    chapeau_de,
    citation,
    est_courte,
    hauteur_de,
    message_dit,
    pages,
    points_dits,
    sous,
)
from publication.portraits.pptx.diapo import Diapo, place_du_titre
from publication.portraits.pptx.gabarit import BAS, COUVERTURE, HAUT, LARGEUR, LIBRE, MARGE, TEXTE, UTILE
from publication.portraits.pptx.texte import Alinea, theme

LARGEUR_GRAPHIQUE, HAUTEUR_GRAPHIQUE = 6.6, 3.0
"""Inches a chart needs: its table stands beside it where the rest is wide enough, else under it."""
HAUTEUR_TOUT = 0.38
"""Inches a bar of shares needs, with what parts it from the next: the table that alone says its short parts
comes first."""
GOUTTIERE = 0.35
DIAPOS_PAR_TABLEAU = 3
"""A table that needs more is named, and left to the other formats: nobody presents the 67 communes."""
LIGNES_SOUS_UN_GRAPHIQUE, LIGNES_SOUS_UN_TABLEAU = 5, (4, 2)
"""Notes and sources are printed up to as many lines, the rest is in the speaker's notes. Under a table it is
the second number where that spares a slide, and more where the table leaves room."""
Sommaire = list[tuple[str, int]]
"""Titles of the sections and the rank of their first slide."""


class Deroule:
    """A deck being filled, from the cover to the last section."""

    def __init__(self, deck: Deck, document: Document) -> None:
        """Start with an empty deck (`gabarit.deck_vide`)."""
        self.deck = deck
        self.document = document
        self.sommaire: Sommaire = []
        self._longs: list[tuple[str, Tableau]] = []
        self._orphelins: list[Alinea] = []
        """What would have introduced them: it is said where they are named."""

    def derouler(self) -> None:
        """Make every slide."""
        self._couverture()
        plan = self._diapo("Sommaire", "", TEXTE)
        for vide, groupe in groupby(self.document.sections, key=_est_vide):
            if vide:
                self._vides(list(groupe))
                continue
            for section in groupe:
                self.sommaire.append((section.titre, len(self.deck.slides)))
                self._section(section, "")
                self._renvois(section)
        self._plan(plan)

    # Slides ------------------------------------------------------------------------------------------------

    def _diapo(self, titre: str, surtitre: str, disposition: int = LIBRE) -> Diapo:
        diapo = Diapo(self.deck, self.document, disposition)
        diapo.titrer(titre, surtitre)
        return diapo

    def _couverture(self) -> None:
        document = self.document
        diapo = Diapo(self.deck, document, COUVERTURE)
        diapo.ouvrir()
        carte, contours = document.carte, document.contours
        large = 6.9 if carte and contours else 11.5
        alineas: list[Alinea] = []
        reste = (6.85 - 3.7) * 72
        for libelle, texte in document.couverture:
            alinea = Alinea(f"{libelle} : {texte}", 14, avant=4)
            reste -= alinea.hauteur(large * 72)
            if reste < 0:
                diapo.notes.append(alinea.texte)
            else:
                alineas.append(alinea)
        diapo.ecrire("Repères", alineas, 0.9, 3.7, large, 3.15)
        if carte and contours:
            bandeau = document.bandeau
            legende, dessous = [], 0.0
            # What the legend takes makes the map smaller, and so its circles.
            for _ in range(2):
                legende = cartes.legende(
                    carte, contours, cartes.echelle_de(contours, bandeau, 4.7, 5.5 - dessous)
                )
                # One class, and no hatch: nothing to tell apart.
                dessous = cartes.hauteur_de(legende) if len(legende) > 1 or carte.reperes else 0.0
            diapo.ajouter(
                cartes.dessiner(carte, contours, bandeau, diapo.numero(), 8.1, 0.6, 4.7, 5.5 - dessous)
            )
            if dessous:
                diapo.ajouter(cartes.dessiner_legende(legende, diapo.numero(), 8.4, 6.2 - dessous))
            mots = (carte.titre, carte.unite, carte.source)
            sous_carte = Alinea(" · ".join(m for m in mots if m), CORPS_NOTE, couleur=DOUX, alignement="ctr")
            if sous_carte.hauteur(4.7 * 72) > 0.65 * 72:
                diapo.notes.append(sous_carte.texte)
                sous_carte = replace(sous_carte, texte=carte.source)
            diapo.ecrire("Source de la carte", [sous_carte], 8.1, 6.3, 4.7, 0.65)
        diapo.fermer()

    def _plan(self, diapo: Diapo) -> None:
        """Write the contents, now that the rank of each section is known; each line leads to its slide."""
        diapos = list(self.deck.slides)
        place = (BAS - diapo.haut) * 72
        corps = next((c for c in (20, 18, 16, 14) if len(self.sommaire) * c * 1.8 <= place), 12)
        avant = min(corps * 0.6, max(0.0, place / len(self.sommaire) - corps * 1.2))
        alineas = []
        for titre, rang in self.sommaire:
            lien = diapo.slide.part.relate_to(diapos[rang].part, RT.SLIDE)
            alineas.append(Alinea(f"{titre} · {rang + 1}", corps, avant=avant, lien=lien))
        diapo.rediger(alineas)
        diapo.fermer()

    def _vides(self, sections: Sequence[Section]) -> None:
        """Sections without anything, one line each."""
        for section in sections:
            self.sommaire.append((section.titre, len(self.deck.slides)))
        titre = " · ".join(section.titre for section in sections)
        self._texte(titre, "", [Alinea(_ligne_vide(s, titre), CORPS_TEXTE, avant=8) for s in sections], [])

    def _section(self, section: Section, surtitre: str) -> None:
        dessus = surtitre or section.titre
        groupes = [(texte, list(elements)) for texte, elements in groupby(section.elements, key=_est_texte)]
        chapeau: list[Alinea] = []
        reportes: list[Element] = []
        for rang, (texte, elements) in enumerate(groupes):
            if texte:
                elements = [*reportes, *elements]
                reportes = []
                if any(t for t, _ in groupes[rang + 1 :]) and est_courte(elements):
                    reportes = elements
                    continue
                chapeau = chapeau_de(elements) if rang + 1 < len(groupes) else []
                if not chapeau:
                    self._textes(section, surtitre, elements)
                continue
            for element in elements:
                if isinstance(element, Tableau):
                    self._tableau(element, section.titre, dessus, chapeau)
                elif isinstance(element, Carte):
                    self._carte(element, dessus, chapeau)
                elif isinstance(element, Comparaison | Parts | Serie):
                    if natifs.muet(element):
                        self._tableau(element.tableau, section.titre, dessus, chapeau)
                    else:
                        self._graphique(element, dessus, chapeau)
                chapeau = []
        vides = [s for s in section.sections if _est_vide(s)]
        for partie in section.sections:
            if partie not in vides:
                self._section(partie, f"{dessus} · {partie.titre}" if surtitre else section.titre)
        if vides:
            lignes = [Alinea(f"{s.titre} : {s.vide or ''}", CORPS_TEXTE, avant=8) for s in vides]
            self._texte(section.titre, surtitre, lignes, [])

    def _renvois(self, section: Section) -> None:
        """Name the tables of a section that are too long for a deck."""
        if not self._longs:
            return
        lignes = []
        for titre, tableau in self._longs:
            devant = "" if titre in (section.titre, tableau.titre) else f"{titre} : "
            lignes.append(f"{devant}{tableau.titre} ({len(tableau.lignes)} lignes)")
        dits, self._longs, self._orphelins = self._orphelins, [], []
        annonce = Alinea(
            "Tableaux à lire dans le document ou dans le classeur",
            CORPS_TEXTE,
            gras=True,
            avant=14 if dits else 0,
        )
        puces = [Alinea(ligne, CORPS_CHAPEAU, puce="•", avant=3) for ligne in lignes]
        self._texte(section.titre, "", [*dits, annonce, *puces], [])

    def _textes(self, section: Section, surtitre: str, elements: Sequence[Element]) -> None:
        alineas: list[Alinea] = []
        cites: list[str] = []
        tons = set()
        seul = len(elements) == 1
        for element in elements:
            if isinstance(element, Paragraphe):
                alineas.append(Alinea(element.texte, CORPS_TEXTE, avant=10))
            elif isinstance(element, Message):
                alineas.append(message_dit(element))
                cites += element.chiffres
                tons.add(element.ton)
            elif isinstance(element, Liste):
                titre = element.titre
                if not seul or titre != section.titre:
                    alineas.append(Alinea(titre, CORPS_TEXTE, gras=True, couleur=theme("tx2"), avant=14))
                alineas += points_dits(element.points, 0)
        legende = [f"{apparence.SIGNES_TON[ton]} {MOTS_TON[ton]}" for ton in apparence.TONS if ton in tons]
        mots = "   ".join(ligne for ligne in legende if ligne.strip())
        self._texte(section.titre, surtitre, alineas, list(self._citations(cites)), mots)

    def _texte(
        self, titre: str, surtitre: str, alineas: Sequence[Alinea], notes: Sequence[str], legende: str = ""
    ) -> None:
        place = (BAS - HAUT - (0.35 if legende else 0)) * 72
        plus_grands = [a.de(a.corps + 2) for a in alineas]
        if sum(a.hauteur(UTILE * 72) for a in plus_grands) <= place:
            alineas = plus_grands
        for rang, page in enumerate(pages(alineas, place)):
            diapo = self._diapo(titre if not rang else f"{titre} (suite)", surtitre, TEXTE)
            diapo.rediger(page)
            if legende:
                diapo.ecrire(
                    "Lecture des signes",
                    [Alinea(legende, CORPS_NOTE, couleur=DOUX)],
                    MARGE,
                    BAS - 0.28,
                    UTILE,
                    0.28,
                )
            diapo.notes += notes
            diapo.fermer()

    def _tableau(self, tableau: Tableau, section: str, surtitre: str, chapeau: Sequence[Alinea]) -> None:
        haut = place_du_titre(f"{tableau.titre} (1/2)")[1]
        libre = BAS - haut - (hauteur_de(chapeau, UTILE) + 0.15 if chapeau else 0)
        dessous = [*tableau.notes, *_sources(tableau)]
        mesures: list[tableaux.Mesure] = []
        for lignes in LIGNES_SOUS_UN_TABLEAU:
            bas, reste = sous(dessous, lignes)
            place = libre - hauteur_de(bas, UTILE) - 0.12
            if tableaux.diapos_au_moins(tableau, place) > 1:
                continue
            # On one slide, were it with fewer notes under it.
            seul = tableaux.au_mieux(tableau, UTILE, place)
            if seul is not None:
                mesures = [seul]
                break
        else:
            bas, reste = sous(dessous, LIGNES_SOUS_UN_TABLEAU[0])
            place = libre - hauteur_de(bas, UTILE) - 0.12
            if tableaux.diapos_au_moins(tableau, place) <= DIAPOS_PAR_TABLEAU:
                larges = tableaux.par_colonnes(tableau, UTILE)
                mesures = [m for large in larges for m in tableaux.par_lignes(large, place)]
        if not 0 < len(mesures) <= DIAPOS_PAR_TABLEAU:
            self._longs.append((section, tableau))
            self._orphelins += [alinea.de(CORPS_TEXTE) for alinea in chapeau]
            return
        # What the table leaves of the slide is for its notes: they are read there, or not at all.
        reste_libre = libre - max(m.hauteur for m in mesures) - 0.12
        bas, reste = sous(dessous, int(reste_libre / (CORPS_NOTE * 1.2 / 72) + 0.01))
        for rang, mesure in enumerate(mesures, 1):
            titre = tableau.titre if len(mesures) == 1 else f"{tableau.titre} ({rang}/{len(mesures)})"
            diapo = self._diapo(titre, surtitre)
            diapo.introduire(chapeau if rang == 1 else [])
            diapo.ajouter(tableaux.dessiner(mesure, diapo.numero(), MARGE, diapo.haut))
            if bas:
                y = diapo.haut + mesure.hauteur + 0.12
                diapo.ecrire("Notes et sources", bas, MARGE, y, UTILE, hauteur_de(bas, UTILE))
            diapo.notes += reste
            diapo.notes += self._precisions(mesure.tableau)
            diapo.fermer()

    def _graphique(
        self, graphique: Comparaison | Parts | Serie, surtitre: str, chapeau: Sequence[Alinea]
    ) -> None:
        diapo = self._diapo(graphique.titre, surtitre)
        diapo.introduire(chapeau)
        bas, reste = sous(_legende(graphique), LIGNES_SOUS_UN_GRAPHIQUE)
        hauteur = BAS - diapo.haut - hauteur_de(bas, UTILE) - 0.1
        large, jumeau, x, y = UTILE, _a_cote(graphique.tableau, hauteur), MARGE, diapo.haut
        if jumeau:
            large -= jumeau.largeur + GOUTTIERE
            x = LARGEUR - MARGE - jumeau.largeur
        else:
            jumeau = tableaux.au_mieux(graphique.tableau, UTILE, hauteur - _hauteur_moindre(graphique))
            if jumeau:
                y += hauteur - jumeau.hauteur - 0.06
                hauteur -= jumeau.hauteur + 0.12
        marques = natifs.absents(graphique)
        if marques and jumeau is None:
            # Its table, on the same slide, would have said it.
            mots = " ; ".join(marques)
            hauteur += hauteur_de(bas, UTILE)
            bas, reste = sous([*_legende(graphique), mots], LIGNES_SOUS_UN_GRAPHIQUE)
            hauteur -= hauteur_de(bas, UTILE)
        graphiques.tracer(diapo, graphique, MARGE, diapo.haut, large, hauteur)
        self._jumeau(diapo, graphique.tableau, jumeau, x, y)
        self._sous_graphique(diapo, graphique, bas, reste)

    def _carte(self, carte: Carte, surtitre: str, chapeau: Sequence[Alinea]) -> None:
        contours = self.document.contours
        if contours is None:
            self._tableau(carte.tableau, surtitre, surtitre, chapeau)
            return
        diapo = self._diapo(carte.titre, surtitre)
        diapo.introduire(chapeau)
        bas, reste = sous(_legende(carte), LIGNES_SOUS_UN_GRAPHIQUE)
        hauteur = BAS - diapo.haut - hauteur_de(bas, UTILE) - 0.1

        def legende_de(place: float) -> list[cartes.Cle]:
            echelle = cartes.echelle_de(contours, self.document.bandeau, place, hauteur)
            return cartes.legende(carte, contours, echelle)

        place = UTILE - cartes.LARGEUR_LEGENDE - GOUTTIERE
        legende = legende_de(place)
        sous_legende = cartes.hauteur_de(legende) + 0.2
        jumeau = _a_cote(carte.tableau, hauteur - sous_legende)
        if jumeau and jumeau.largeur > cartes.LARGEUR_LEGENDE:
            place = UTILE - jumeau.largeur - GOUTTIERE
            legende = legende_de(place)
        x = MARGE + place + GOUTTIERE
        diapo.ajouter(
            cartes.dessiner(
                carte,
                contours,
                self.document.bandeau,
                diapo.numero(),
                MARGE,
                diapo.haut,
                place,
                hauteur,
            )
        )
        diapo.ajouter(cartes.dessiner_legende(legende, diapo.numero(), x, diapo.haut))
        self._jumeau(diapo, carte.tableau, jumeau, x, diapo.haut + sous_legende)
        self._sous_graphique(diapo, carte, bas, reste)

    def _jumeau(
        self, diapo: Diapo, tableau: Tableau, mesure: tableaux.Mesure | None, x: float, y: float
    ) -> None:
        """Put the table of a chart where it fits, or in the notes."""
        if mesure is None:
            diapo.notes += [tableau.titre, " | ".join(c.titre for c in tableau.colonnes)]
            diapo.notes += [" | ".join(c.texte for c in ligne) for ligne in tableau.lignes]
        else:
            diapo.ajouter(tableaux.dessiner(mesure, diapo.numero(), x, y))
        diapo.notes += [*tableau.notes, *_sources(tableau), *self._precisions(tableau)]

    def _sous_graphique(
        self, diapo: Diapo, graphique: Graphique, bas: Sequence[Alinea], reste: Sequence[str]
    ) -> None:
        haut = BAS - hauteur_de(bas, UTILE)
        diapo.ecrire("Unité, source et notes", bas, MARGE, haut, UTILE, BAS - haut)
        diapo.notes += [graphique.alternative, *reste]
        diapo.fermer()

    # Notes -------------------------------------------------------------------------------------------------

    def _citations(self, references: Iterable[str]) -> Iterator[str]:
        for reference in dict.fromkeys(references):
            chiffre = self.document.chiffres.get(reference)
            if chiffre:
                yield citation(chiffre)

    def _precisions(self, tableau: Tableau) -> list[str]:
        """Say what a table has no room for: between which bounds a figure is, why there is none."""
        cites = [c.chiffre for ligne in tableau.lignes for c in ligne if c.chiffre]
        chiffres = (self.document.chiffres.get(reference) for reference in dict.fromkeys(cites))
        return [citation(c) for c in chiffres if c and (c.intervalle or c.motif)]


def _est_vide(section: Section) -> bool:
    return not section.elements and not section.sections


def _est_texte(element: Element) -> bool:
    return isinstance(element, Paragraphe | Message | Liste)


def _ligne_vide(section: Section, titre: str) -> str:
    vide = section.vide or ""
    return vide if section.titre == titre else f"{section.titre} : {vide}"


def _hauteur_moindre(graphique: Graphique) -> float:
    """Inches under which a chart is not read: the bars of shares are few, their names and legend apart."""
    if isinstance(graphique, Parts):
        return min(HAUTEUR_GRAPHIQUE, 1.0 + HAUTEUR_TOUT * len(graphique.touts))
    return HAUTEUR_GRAPHIQUE


def _legende(graphique: Graphique) -> list[str]:
    ligne = f"Source : {graphique.source}"
    if graphique.unite:
        ligne = f"Unité : {graphique.unite} · {ligne}"
    # First, so that it is never what goes to the speaker's notes: it changes how the lines are read.
    if isinstance(graphique, Serie) and natifs.coupee(graphique):
        ligne = f"{echelles.NOTE} {ligne}"
    return [ligne, *graphique.notes]


def _sources(tableau: Tableau) -> list[str]:
    return [f"Source : {' ; '.join(tableau.sources)}"] if tableau.sources else []


def _a_cote(tableau: Tableau, hauteur: float) -> tableaux.Mesure | None:
    return tableaux.au_mieux(tableau, UTILE - LARGEUR_GRAPHIQUE - GOUTTIERE, hauteur)
