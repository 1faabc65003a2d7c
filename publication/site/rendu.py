"""From what a page says to its HTML, drawn with marks in place of what names the release.

A drawing serves as long as its figures do not change; `nommer` puts the real names in.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from publication.commun import apparence
from publication.lecture.chiffres import Edition
from publication.lecture.citation import citation
from publication.portraits.formats import FORMATS
from publication.site import adresses, mots
from publication.site.recherche import ancre
from socle.statuts import SANS_CHIFFRE

CHAMPS = ("release_id", "publiee_le", "content_hash", "version", "precedente")
"""What names a release on a page."""

RESSOURCES = (
    "site.js", "recherche-page.js", "carte.js", "indicateur.js", "commune.css", "commune.js", "secteur.js",
)  # fmt: skip
"""The files that pages load as they are."""

# The spaces of French punctuation, which no line may end with, and what is passed over to find them.
_A_LIER = re.compile(r"<(script|style|code)\b.*?</\1>|<[^>]+>| (?=[:;?!»])|(?<=«) ", re.DOTALL)

_TAILLES = {format_: f"taille_{format_}" for format_ in FORMATS}
"""What a page says of each file it leads to: the file names the release, and its size goes with it."""

# Characters of private use: no label holds one, and escaping leaves them as they are. A portrait quotes the
# first digits of the hash: each digit has its own.
_PREMIER = 0xE000
_CHIFFRES = 64
_MARQUES = {
    "content_hash": "".join(chr(_PREMIER + rang) for rang in range(_CHIFFRES)),
    **{
        champ: chr(_PREMIER + _CHIFFRES + rang)
        for rang, champ in enumerate(c for c in (*CHAMPS, *_TAILLES.values()) if c != "content_hash")
    },
}


@cache
def _environnement() -> Environment:
    environnement = Environment(
        loader=PackageLoader("publication.site", "gabarits"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environnement.globals.update(
        adresses=adresses,
        mots=mots,
        edition=_MARQUES,
        ancre=ancre,
        SANS_CHIFFRE=SANS_CHIFFRE,
        etiquettes=apparence.etiquettes,
        donnees=donnees,
    )
    return environnement


def page(
    gabarit: str, *, titre: str, rubrique: str, racine: str, commun: Mapping[str, Any], **contenu: Any
) -> str:
    """Draw a page. `racine` leads from its folder to that of the site: "" or "../"."""
    modele = _environnement().get_template(f"{gabarit}.html.j2")
    dessin = modele.render(titre=titre, rubrique=rubrique, racine=racine, commun=commun, **contenu)
    return _A_LIER.sub(lambda trouve: trouve[0] if trouve[0][0] == "<" else "\u00a0", dessin)


def donnees(valeur: Any) -> Markup:
    """Write a value for a script of the page: `tojson` would spell the marks of the release."""
    texte = json.dumps(valeur, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    for lettre in "<>&":
        texte = texte.replace(lettre, f"\\u{ord(lettre):04x}")
    return Markup(texte)


def nommer(dessin: str, release: Mapping[str, str], *, html: bool = True) -> str:
    """Put what names the release in the place of its marks."""
    for champ, texte in release.items():
        marque, valeur = _MARQUES[champ], escape(texte) if html else texte
        for lettre, mis in [(marque, valeur)] if len(marque) == 1 else zip(marque, valeur, strict=True):
            dessin = dessin.replace(lettre, mis)
    return dessin


def tailles(octets: Mapping[str, int]) -> dict[str, str]:
    """Word the size of each file, by format, for `nommer`."""
    return {_TAILLES[format_]: taille(nombre) for format_, nombre in octets.items()}


def taille(octets: int) -> str:
    """`662 ko`, `1,3 Mo`: what a reader's own tools say."""
    ko = max(1, round(octets / 1000))
    return f"{ko} ko" if ko < 1000 else f"{ko / 1000:.1f} Mo".replace(".", ",")


def marque(champ: str) -> str:
    """Return what stands on a drawing in the place of a field of the release."""
    return _MARQUES[champ]


def edition_marquee(edition: Edition) -> Edition:
    """Return an edition with marks in the place of what names the release."""
    return replace(
        edition,
        release_id=_MARQUES["release_id"],
        publiee_le=_MARQUES["publiee_le"],
        content_hash=_MARQUES["content_hash"],
        citation=citation(_MARQUES["release_id"], _MARQUES["publiee_le"]),
    )


def style() -> str:
    """Return the style sheet of the site, its colours and letters being those of the portraits."""
    feuilles = ("site.css", "recherche.css", "accueil.css")
    return apparence.racine_css() + "".join(map(ressource, feuilles)) + _des_portraits("pages.css")


def scripts_des_pages() -> dict[str, str]:
    """What pages that are no portrait share with those that are: files of `ressources/`, and their text."""
    return {nom: _des_portraits(nom) for nom in ("pages.js", "image.js")}


def _des_portraits(nom: str) -> str:
    return files("publication.portraits").joinpath("gabarits", nom).read_text(encoding="utf-8")


def ressource(nom: str) -> str:
    """Return a file that pages load."""
    return files("publication.site").joinpath("ressources", nom).read_text(encoding="utf-8")
