"""One slide being made: title, shapes in the order of reading, notes, and what every slide carries."""

from collections.abc import Iterable, Sequence
from typing import Any

from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls
from pptx.presentation import Presentation as Deck
from pptx.slide import Slide

from publication.commun.apparence import BANDEAU_ENCRE, BANDEAU_FOND
from publication.portraits.modele import Document
from publication.portraits.pptx import gabarit
from publication.portraits.pptx.gabarit import TITRE, UTILE, boite, cadre, emplacement
from publication.portraits.pptx.texte import Alinea, nombre_lignes, propre, rvb, theme, xml

_NS = nsdecls("p", "a", "r")
_CORPS_TITRE = (24, 20, 18, 16, 14, 12)


def place_du_titre(titre: str) -> tuple[int, float]:
    """Return the size of a title, the largest that fits, and where what it heads begins, in inches."""
    for corps in _CORPS_TITRE:
        hauteur = nombre_lignes(titre, UTILE * 72, corps, gras=True) * corps * 1.2 / 72
        if hauteur <= TITRE[3]:
            break
    return corps, min(TITRE[1] + hauteur + 0.2, gabarit.HAUT)


class Diapo:
    """A slide, filled from top to bottom."""

    def __init__(self, deck: Deck, document: Document, disposition: int) -> None:
        """Add a slide of one of the layouts of `gabarit`."""
        self.slide: Slide = deck.slides.add_slide(deck.slide_layouts[disposition])
        self._arbre: Any = self.slide.shapes._spTree
        for forme in list(self._arbre)[2:]:
            self._arbre.remove(forme)
        self.document = document
        self.notes: list[str] = []
        self.haut = gabarit.HAUT
        """Where what it shows begins, in inches."""

    def numero(self) -> int:
        """Return the next free id of a shape."""
        return max(int(forme.get("id")) for forme in self._arbre.iter("{*}cNvPr")) + 1

    def ajouter(self, forme: str) -> Any:
        """Put a shape after the others: who listens to a slide hears them in that order."""
        element = parse_xml(forme.replace(">", f" {_NS}>", 1))
        self._arbre.append(element)
        return element

    def titrer(self, titre: str, surtitre: str = "") -> None:
        """Write the title, the banner of the document, and the section."""
        titre = propre(titre)
        corps, self.haut = place_du_titre(titre)
        self._emplacement("Titre", 'type="title"', [Alinea(titre, corps, gras=True)])
        self._bandeau()
        if surtitre and propre(surtitre) != titre:
            self._emplacement(
                "Section",
                'type="body" sz="quarter" idx="13"',
                [Alinea(surtitre, 12, gras=True, couleur=theme("accent1"))],
            )

    def ouvrir(self) -> None:
        """Write the cover's title, banner and subtitle."""
        titre = self.document.titre
        corps = next(
            (c for c in (40, 36, 32, 28, 24) if nombre_lignes(titre, 6.9 * 72, c, gras=True) <= 2), 20
        )
        self._emplacement("Titre", 'type="ctrTitle"', [Alinea(titre, corps, gras=True)])
        self._bandeau()
        sous_titre = self.document.sous_titre
        corps = next((c for c in (20, 18, 16) if nombre_lignes(sous_titre, 6.9 * 72, c) <= 2), 14)
        self._emplacement("Sous-titre", 'type="subTitle" idx="1"', [Alinea(sous_titre, corps)])

    def rediger(self, alineas: Sequence[Alinea]) -> None:
        """Write running text in the room that the layout has for it."""
        ou = cadre(gabarit.MARGE, self.haut, UTILE, gabarit.BAS - self.haut)
        self._emplacement("Texte", 'type="body" idx="1"', alineas, ou)

    def introduire(self, alineas: Sequence[Alinea]) -> None:
        """Write, under the title, what is read before the rest."""
        if alineas:
            hauteur = sum(a.hauteur(UTILE * 72) for a in alineas) / 72
            self.ecrire("Introduction", alineas, gabarit.MARGE, self.haut, UTILE, hauteur)
            self.haut += hauteur + 0.15

    def ecrire(
        self,
        nom: str,
        alineas: Iterable[Alinea],
        x: float,
        y: float,
        largeur: float,
        hauteur: float,
    ) -> None:
        """Write text in a box of its own."""
        self.ajouter(boite(self.numero(), nom, cadre(x, y, largeur, hauteur), alineas))

    def fermer(self) -> None:
        """Write what is read last, footer and number, and the speaker's notes."""
        edition = self.document.edition
        pied = f"{self.document.titre} · publication {edition.release_id}, {edition.publiee_le}"
        self._emplacement("Pied de page", 'type="ftr" sz="quarter" idx="11"', [Alinea(pied, 12)])
        self.ajouter(
            emplacement(
                self.numero(),
                "Numéro de diapositive",
                'type="sldNum" sz="quarter" idx="12"',
                gabarit.NUMERO_CHAMP,
            )
        )
        lignes = [*self.notes, f"Pour citer : {edition.citation}"]
        if self.document.bandeau:
            lignes.append(self.document.bandeau)
        cadre_notes = self.slide.notes_slide.notes_text_frame
        if cadre_notes is not None:
            corps: Any = cadre_notes._txBody
            for paragraphe in corps.findall("{*}p"):
                corps.remove(paragraphe)
            for ligne in lignes:
                corps.append(
                    parse_xml(
                        f'<a:p {nsdecls("a")}><a:r><a:rPr lang="fr-FR"/><a:t>{xml(ligne)}</a:t></a:r></a:p>'
                    )
                )

    def _emplacement(self, nom: str, genre: str, alineas: Sequence[Alinea], ou: str = "") -> None:
        self.ajouter(emplacement(self.numero(), nom, genre, "".join(a.xml() for a in alineas), ou))

    def _bandeau(self) -> None:
        if not self.document.bandeau:
            return
        texte = Alinea(self.document.bandeau, 12, gras=True, couleur=rvb(BANDEAU_ENCRE), alignement="ctr")
        fond = f"<a:solidFill>{rvb(BANDEAU_FOND)}</a:solidFill><a:ln><a:noFill/></a:ln>"
        ou = cadre(0, 0, gabarit.LARGEUR, 0.28)
        self.ajouter(boite(self.numero(), "Bandeau", ou, [texte], "ctr", fond))
