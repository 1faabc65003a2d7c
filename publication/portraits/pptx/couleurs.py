"""What `apparence` declares, as OOXML says it: colours of the theme, patterns."""

from publication.commun import apparence
from publication.commun.apparence import Hachee
from publication.lecture.chiffres import Ton
from publication.portraits.pptx.texte import rvb, theme

_ACCENTS = {f"accent{rang}": trait.couleur for rang, trait in enumerate(apparence.TRAITS.values(), 1)}
THEME: dict[str, str] = {
    "dk1": apparence.ENCRE,
    "lt1": apparence.PAPIER,
    "dk2": apparence.ACCENT,
    "lt2": apparence.PAPIER_DOUX,
    **_ACCENTS,
    "hlink": apparence.ACCENT,
    "folHlink": apparence.ACCENT,
}
DU_THEME = {
    couleur.lstrip("#").upper(): nom
    for nom, couleur in {"tx1": apparence.ENCRE, "bg1": apparence.PAPIER, **_ACCENTS}.items()
}
"""Names of the colours of the theme, by their digits."""


def du_theme(couleur: str) -> str:
    """Return a colour as that of the theme where it is one: an editor who changes the theme changes it."""
    nom = DU_THEME.get(couleur.lstrip("#").upper())
    return theme(nom) if nom else rvb(couleur)


MOTIFS: dict[Hachee, str] = {
    "secret": "wdUpDiag",
    "non_disponible": "dotGrid",
    "sans_objet": "narHorz",
    "incertain": "ltVert",
}
"""Patterns that PowerPoint has, nearest to `apparence.HACHURES`."""


def encre(ton: Ton) -> str:
    """Return the colour of a text that says a tone, with its sign beside it."""
    return rvb(apparence.TONS[ton])


def hachure(quoi: Hachee) -> str:
    """Return the fill of what shows no figure, or is in no class."""
    # Many communes may be uncertain: their hatch is the lightest.
    trait, fond = (
        (apparence.FILET, theme("bg2")) if quoi == "incertain" else (apparence.CONTOUR, theme("bg1"))
    )
    return (
        f'<a:pattFill prst="{MOTIFS[quoi]}"><a:fgClr>{rvb(trait)}</a:fgClr>'
        f"<a:bgClr>{fond}</a:bgClr></a:pattFill>"
    )


def aplat(couleur: str) -> str:
    """Return a plain fill."""
    return f"<a:solidFill>{couleur}</a:solidFill>"
