"""Text as DrawingML, and the room it takes."""

import re
from dataclasses import dataclass
from functools import lru_cache
from math import ceil
from xml.sax.saxutils import escape, quoteattr

from publication.commun import lettres

POLICE = "Arial"
"""Found, or matched in width, wherever a deck is opened: its widths are those of `lettres`."""

INTERLIGNE = 1.2
"""Height of a line, in sizes of its type."""

_PRUDENCE = 1.03
"""Fonts that stand in for Arial are a little wider."""


@lru_cache(maxsize=20_000)
def propre(texte: str) -> str:
    """Return a text on one line, without what XML cannot hold."""
    return re.sub(r"[\t\r\n]+", " ", lettres.propre(texte))


def xml(texte: str) -> str:
    """Return a text as the content of an element."""
    return escape(propre(texte))


def attribut(texte: str) -> str:
    """Return a text as the value of an attribute, quotes included."""
    return quoteattr(propre(texte))


def largeur(texte: str, corps: float, gras: bool = False) -> float:
    """Return the width of a text on one line, in points."""
    return lettres.largeur(texte, corps, gras) * _PRUDENCE


@lru_cache(maxsize=20_000)
def nombre_lignes(texte: str, place: float, corps: float, gras: bool = False) -> int:
    """Return how many lines a text takes in `place` points; a word wider than a line is broken."""
    espace = largeur(" ", corps, gras)
    lignes, reste = 1, place
    for rang, mot in enumerate(propre(texte).split(" ")):
        large = largeur(mot, corps, gras)
        if rang and large + espace <= reste:
            reste -= large + espace
        elif not rang and large <= reste:
            reste -= large
        else:
            pleines = max(ceil(large / place), 1)
            lignes += pleines - (0 if rang else 1)
            reste = pleines * place - large
    return lignes


@lru_cache(maxsize=20_000)
def plus_large_mot(texte: str, corps: float, gras: bool = False) -> float:
    """Return the width of the word that cannot be broken, in points."""
    return max((largeur(mot, corps, gras) for mot in propre(texte).split(" ")), default=0.0)


@dataclass(frozen=True)
class Alinea:
    """A paragraph: `couleur` is the XML of a colour, `puce` a bullet (its character), `niveau` its depth."""

    texte: str
    corps: float
    gras: bool = False
    italique: bool = False
    couleur: str | None = None
    puce: str | None = None
    couleur_puce: str | None = None
    niveau: int = 0
    avant: float = 0
    """Space before it, in points."""
    alignement: str = "l"

    @property
    def retrait(self) -> float:
        """Where its text begins, in points."""
        return self.niveau * 20 + (22 if self.puce else 0)

    def hauteur(self, place: float) -> float:
        """Return the height it takes in `place` points, what stands before it included."""
        lignes = nombre_lignes(self.texte, place - self.retrait, self.corps, self.gras)
        return self.avant + lignes * self.corps * INTERLIGNE

    def xml(self) -> str:
        """Return `a:p`."""
        proprietes = f'<a:pPr algn="{self.alignement}"'
        if self.puce or self.niveau:
            marge = round(self.retrait * 12700)
            proprietes += f' marL="{marge}" indent="{-22 * 12700 if self.puce else 0}"'
        else:
            proprietes += ' marL="0" indent="0"'
        proprietes += f'><a:spcBef><a:spcPts val="{round(self.avant * 100)}"/></a:spcBef>'
        if self.puce:
            if self.couleur_puce:
                proprietes += f"<a:buClr>{self.couleur_puce}</a:buClr>"
            proprietes += f'<a:buFont typeface="{POLICE}"/><a:buChar char={attribut(self.puce)}/>'
        else:
            proprietes += "<a:buNone/>"
        proprietes += "</a:pPr>"
        caractere = f'lang="fr-FR" sz="{round(self.corps * 100)}"'
        caractere += ' b="1"' if self.gras else ' b="0"'
        caractere += ' i="1"' if self.italique else ""
        dedans = f"<a:solidFill>{self.couleur}</a:solidFill>" if self.couleur else ""
        texte = xml(self.texte)
        if not texte.strip():
            # Without its size, an empty paragraph is as high as the largest type of the master.
            return f"<a:p>{proprietes}<a:endParaRPr {caractere}/></a:p>"
        return f"<a:p>{proprietes}<a:r><a:rPr {caractere}>{dedans}</a:rPr><a:t>{texte}</a:t></a:r></a:p>"


def theme(nom: str) -> str:
    """Return a colour of the theme: an editor who changes the theme changes it everywhere."""
    return f'<a:schemeClr val="{nom}"/>'


def rvb(couleur: str) -> str:
    """Return a colour (`#RRGGBB`) that no theme changes: a class of a map, a tone."""
    return f'<a:srgbClr val="{couleur.lstrip("#").upper()}"/>'
