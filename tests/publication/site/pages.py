"""Reading a page of the site as a browser would: its links, its ids, what it loads."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

import lxml.html


def lire(page: Path) -> lxml.html.HtmlElement:
    return lxml.html.document_fromstring(page.read_text(encoding="utf-8"))


def pages(site: Path) -> list[Path]:
    return sorted(site.rglob("*.html"))


def ids(arbre: lxml.html.HtmlElement) -> list[str]:
    return list(arbre.xpath("//@id"))


def charge(arbre: lxml.html.HtmlElement) -> list[str]:
    """What a page loads by itself."""
    return list(arbre.xpath("//script/@src | //link/@href | //img/@src | //iframe/@src | //object/@data"))


def liens(arbre: lxml.html.HtmlElement) -> list[str]:
    return list(arbre.xpath("//a/@href"))


def cible(page: Path, lien: str) -> tuple[Path, str]:
    """The file a relative link leads to, and the anchor within it."""
    partie = urlsplit(lien)
    fichier = (page.parent / unquote(partie.path)).resolve() if partie.path else page.resolve()
    return fichier, unquote(partie.fragment)
