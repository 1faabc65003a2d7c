"""One slide being made: what stands in the places of its layout, what is drawn beside, and its notes."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls
from pptx.slide import Slide

from publication.commun.apparence import BANDEAU_ENCRE, BANDEAU_FOND
from publication.portraits.modele import Document
from publication.portraits.pptx import gabarit
from publication.portraits.pptx.charte import Charte, Disposition, Zone
from publication.portraits.pptx.gabarit import boite, cadre, emplacement
from publication.portraits.pptx.texte import INTERLIGNE, Alinea, nombre_lignes, propre, rvb, theme, xml

_NS = nsdecls("p", "a", "r")
CORPS_DU_PIED = 12
"""Of who stands under a slide, on one 7.5 inches high."""
_CORPS_TITRE = (28, 26, 24, 22, 20, 18, 16)


class Diapo:
    """A slide, filled in the order that it is read."""

    def __init__(self, charte: Charte, document: Document, disposition: Disposition) -> None:
        """Add a slide of one of the layouts of the template."""
        self.charte = charte
        self.disposition = disposition
        self.slide: Slide = charte.deck.slides.add_slide(disposition.layout)
        self._arbre: Any = self.slide.shapes._spTree
        for forme in list(self._arbre)[2:]:
            self._arbre.remove(forme)
        self.document = document
        self.titre = ""
        self.notes: list[str] = []

    def numero(self) -> int:
        """Return the next free id of a shape."""
        return max(int(forme.get("id")) for forme in self._arbre.iter("{*}cNvPr")) + 1

    def ajouter(self, forme: str) -> Any:
        """Put a shape after the others: who listens to a slide hears them in that order."""
        element = parse_xml(forme.replace(">", f" {_NS}>", 1))
        self._arbre.append(element)
        return element

    def titrer(self, titre: str, surtitre: str = "", au_plus: float | None = None) -> None:
        """Write the title in the largest type that fits its place, the banner, and the section."""
        self.titre = titre
        titre = propre(titre)
        zone = self._sous_le_bandeau(self.disposition.titre)
        voulu = au_plus or self.charte.corps_du_titre
        corps = next(
            (
                c
                for c in (voulu, *(c * self.charte.echelle for c in _CORPS_TITRE))
                if c <= voulu and self._hauteur(titre, zone.w, c) <= zone.h
            ),
            16 * self.charte.echelle,
        )
        self.ecrire("Titre", [Alinea(titre, corps, gras=True)], zone, "titre")
        self._bandeau()
        dessus = self.disposition.surtitre
        if surtitre and dessus is not None and propre(surtitre) != titre:
            alinea = Alinea(surtitre, 16 * self.charte.echelle, gras=True, couleur=theme("accent1"))
            self.ecrire("Section", [alinea], dessus)

    def _sous_le_bandeau(self, zone: Zone) -> Zone:
        """Return the place of a title under the banner, where the template has it higher."""
        haut = self._haut_du_bandeau()
        if zone.y >= haut:
            return zone
        return replace(zone, y=haut, h=zone.h - (haut - zone.y), deplacee=True)

    def _haut_du_bandeau(self) -> float:
        return 0.32 * self.charte.echelle if self.document.bandeau else 0.0

    def _hauteur(self, titre: str, w: float, corps: float) -> float:
        place = w * 72 / self.charte.lettres
        return nombre_lignes(titre, place, corps, gras=True) * corps * INTERLIGNE / 72

    def ecrire(self, nom: str, alineas: Sequence[Alinea], zone: Zone, genre: str = "corps") -> None:
        """Write text in a place: in the placeholder of the template where it has one, else in a box."""
        if zone.idx is None:
            ou = cadre(zone.x, zone.y, zone.w, zone.h)
            self.ajouter(boite(self.numero(), nom, ou, alineas))
            return
        sorte = _GENRES.get(genre, "")
        if genre == "titre" and self.disposition.sous_titre is not None:
            sorte = 'type="ctrTitle"'
        rang = "" if genre == "titre" else f' idx="{zone.idx}"'
        ou = cadre(zone.x, zone.y, zone.w, zone.h) if genre == "corps" or zone.deplacee else ""
        textes = "".join(alinea.xml() for alinea in alineas)
        self.ajouter(emplacement(self.numero(), nom, f"{sorte}{rang}".strip(), textes, ou))

    def fermer(self, pied: str) -> None:
        """Write what is read last, footer and number, and the speaker's notes."""
        if self.disposition.pied is not None:
            alinea = Alinea(pied, CORPS_DU_PIED * self.charte.echelle)
            self.ecrire("Pied de page", [alinea], self.disposition.pied, "pied")
        if self.disposition.numero is not None:
            genre = f'type="sldNum" sz="quarter" idx="{self.disposition.numero.idx}"'
            nom = "Numéro de diapositive"
            self.ajouter(emplacement(self.numero(), nom, genre, gabarit.NUMERO_CHAMP))
        lignes = [*self.notes, f"Pour citer : {self.document.edition.citation}"]
        if self.document.bandeau:
            lignes.append(self.document.bandeau)
        self._commenter(lignes)

    def _commenter(self, lignes: Iterable[str]) -> None:
        cadre_notes = self.slide.notes_slide.notes_text_frame
        if cadre_notes is None:
            return
        corps: Any = cadre_notes._txBody
        for paragraphe in corps.findall("{*}p"):
            corps.remove(paragraphe)
        for ligne in lignes:
            corps.append(
                parse_xml(
                    f'<a:p {nsdecls("a")}><a:r><a:rPr lang="fr-FR"/><a:t>{xml(ligne)}</a:t></a:r></a:p>'
                )
            )

    def _bandeau(self) -> None:
        """Say over every slide that its figures are invented, where they are."""
        if not self.document.bandeau:
            return
        haut = self._haut_du_bandeau()
        corps = 16 * self.charte.echelle
        texte = Alinea(self.document.bandeau, corps, gras=True, couleur=rvb(BANDEAU_ENCRE), alignement="ctr")
        fond = f"<a:solidFill>{rvb(BANDEAU_FOND)}</a:solidFill><a:ln><a:noFill/></a:ln>"
        ou = cadre(0, 0, self.charte.largeur, haut)
        self.ajouter(boite(self.numero(), "Bandeau", ou, [texte], "ctr", fond))


_GENRES = {"titre": 'type="title"', "sous_titre": 'type="subTitle"', "pied": 'type="ftr" sz="quarter"'}
