"""Where each page of the site is, from the id that the release declares."""

import re

from socle.erreurs import ErreurPublication

_MOT = "[A-Za-z0-9][A-Za-z0-9_-]*"
_SUR = re.compile(f"{_MOT}(:{_MOT})?")

ACCUEIL = "index.html"
TERRITOIRES = "territoires.html"
INDICATEURS = "indicateurs.html"
SOURCES = "sources.html"
PUBLICATION = "publication.html"
GUIDE = "guide.html"
GLOSSAIRE = "glossaire.html"
SECTEUR = "secteur.html"

PLACES = "ressources/communes.svg"
"""The outlines that the pages of communes show their place on."""

LIEUX = "ressources/lieux.js"
"""The script of the names of communes and of their outlines, that the pages of indicateurs share."""

DONNEES_DES_TERRITOIRES = "donnees/territoires.js"
"""The script of the last figures of the territories above the commune."""

PORTRAITS = "portraits"
"""The folder of the portraits in other formats: beside the site, in the release."""


def territoire(territoire_id: str) -> str:
    """Return the page of a territory: `epci:200068229` is `territoires/epci-200068229.html`."""
    return f"territoires/{nom(territoire_id)}.html"


def indicateur(indicateur_id: str) -> str:
    """Return the page of an indicateur."""
    return f"indicateurs/{nom(indicateur_id)}.html"


def valeurs(indicateur_id: str) -> str:
    """Return the CSV of an indicateur, beside its page."""
    return f"indicateurs/{nom(indicateur_id)}.csv"


def donnees(departement: str) -> str:
    """Return the script of the last figures of the communes of a département."""
    return f"donnees/{nom(departement)}.js"


def carte(departement: str) -> str:
    """Return the script of the outlines of a département of a country."""
    return f"donnees/carte-{nom(departement)}.js"


def communes(departement: str) -> str:
    """Return the page of the communes of a département of a country."""
    return f"communes/{nom(departement)}.html"


def commune(code: str, departement: str, peu: bool) -> str:
    """Return the page of a commune: its own where they are few, else its place on that of its département."""
    return f"communes/{nom(code)}.html" if peu else f"{communes(departement)}#{nom(code)}"


def theme(theme: str) -> str:
    """Return the page of a theme."""
    return f"themes/{nom(theme)}.html"


def source(source_id: str) -> str:
    """Return the page of a source."""
    return f"sources/{nom(source_id)}.html"


def nom(identifiant: str) -> str:
    """Return an id as the name of a file.

    Raises ErreurPublication when it could be read as a path, or as another name than itself.
    """
    if not _SUR.fullmatch(identifiant):
        raise ErreurPublication(
            f"Id {identifiant!r} cannot name a page of the site: expected letters, digits, - and _ after its"
            " niveau. Correct the contract, the plan or the dictionary that declares it, then run the night"
            " again."
        )
    # A niveau holds no dash: two ids cannot meet.
    return identifiant.replace(":", "-")
