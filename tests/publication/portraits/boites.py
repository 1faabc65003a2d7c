"""Where the words of a deck stand once drawn: LibreOffice's pages, read by pdftotext."""

import re
import subprocess
from dataclasses import dataclass
from html import unescape
from pathlib import Path

from pptx import Presentation
from pptx.enum.shapes import MSO_SHAPE_TYPE

_MOT = re.compile(r'<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">(.*?)</word>')
_PAGE = re.compile(r'<page width="([\d.]+)" height="([\d.]+)">(.*?)</page>', re.DOTALL)


@dataclass(frozen=True)
class Mot:
    """A word of a page, in points from its top left."""

    x: float
    y: float
    x2: float
    y2: float
    texte: str


@dataclass(frozen=True)
class Page:
    """A drawn slide."""

    largeur: float
    hauteur: float
    mots: tuple[Mot, ...]

    def recouverts(self) -> list[tuple[str, str]]:
        """The words that share more than a sixth of their height and width with another."""
        trouves = []
        for n, un in enumerate(self.mots):
            for autre in self.mots[n + 1 :]:
                large = min(un.x2, autre.x2) - max(un.x, autre.x)
                haut = min(un.y2, autre.y2) - max(un.y, autre.y)
                petit = min(un.y2 - un.y, autre.y2 - autre.y)
                if large > 2 and haut > petit / 3:
                    trouves.append((un.texte, autre.texte))
        return trouves

    def dehors(self) -> list[str]:
        """The words that are not whole on the page."""
        return [
            m.texte
            for m in self.mots
            if m.x < -1 or m.y < -1 or m.x2 > self.largeur + 1 or m.y2 > self.hauteur + 1
        ]


def pages(pdf: Path) -> list[Page]:
    """The pages of a PDF, and their words."""
    lu = subprocess.run(
        ["pdftotext", "-bbox", str(pdf), "-"], capture_output=True, text=True, check=True
    ).stdout
    return [
        Page(
            float(large),
            float(haut),
            tuple(Mot(*map(float, m[:4]), unescape(m[4])) for m in _MOT.findall(corps)),
        )
        for large, haut, corps in _PAGE.findall(lu)
    ]


def controler(deck: Path, pdf: Path) -> None:
    """Assert that each slide is one page, that no word covers another or leaves its page."""
    slides = Presentation(str(deck)).slides
    lues = pages(pdf)
    assert len(lues) == len(slides)
    for rang, page in enumerate(lues, 1):
        assert not page.dehors(), (rang, page.dehors())
        assert not page.recouverts(), (rang, page.recouverts())


def a_demi_vides(deck: Path, pdf: Path) -> list[str]:
    """The titles of slides of which a side, or what is under two fifths, shows nothing.

    The cover is not read, nor what goes on from a slide that was full.
    """
    ouvert = Presentation(str(deck))
    trouves = []
    for page, slide in list(zip(pages(pdf), ouvert.slides, strict=True))[1:]:
        echelle = page.largeur / ouvert.slide_width
        haut, bas, milieu = page.hauteur * 0.23, page.hauteur * 0.92, page.largeur / 2
        vus = [(m.x, m.x2, m.y2) for m in page.mots if m.y > haut and m.y2 < bas]
        vus += [
            (f.left * echelle, (f.left + f.width) * echelle, (f.top + f.height) * echelle)
            for f in slide.shapes
            if f.has_chart or f.shape_type == MSO_SHAPE_TYPE.GROUP
        ]
        gauche, droite = any(x < milieu for x, _, _ in vus), any(x2 > milieu * 1.1 for _, x2, _ in vus)
        suite = slide.shapes.title.text.endswith(" (suite)")
        if not suite and not (gauche and droite and any(y2 > haut + 0.4 * (bas - haut) for *_, y2 in vus)):
            trouves.append(slide.shapes.title.text)
    return trouves
