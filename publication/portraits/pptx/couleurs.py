"""What `apparence` declares, as OOXML says it: colours of the theme, dashes, patterns."""

from publication.commun import apparence
from publication.commun.apparence import Hachee, Trait
from publication.commun.chiffres import Role, Ton
from publication.portraits.pptx.texte import rvb, theme

THEME: dict[str, str] = {
    "dk1": apparence.ENCRE,
    "lt1": apparence.PAPIER,
    "dk2": apparence.ACCENT,
    "lt2": apparence.PAPIER_DOUX,
    **{f"accent{rang}": trait.couleur for rang, trait in enumerate(apparence.TRAITS.values(), 1)},
    "hlink": apparence.ACCENT,
    "folHlink": apparence.ACCENT,
}
_ACCENTS: dict[Role, str] = {role: f"accent{rang}" for rang, role in enumerate(apparence.TRAITS, 1)}

MOTIFS: dict[Hachee, str] = {
    "secret": "wdUpDiag",
    "non_disponible": "dotGrid",
    "sans_objet": "narHorz",
    "hors_classe": "ltVert",
}
"""Patterns that PowerPoint has, nearest to `apparence.HACHURES`."""


def encre(ton: Ton) -> str:
    """Return the colour of a text that says a tone, with its sign beside it."""
    return rvb(apparence.TONS[ton])


def accent(role: Role) -> str:
    """Return the colour of whose figure it is."""
    return theme(_ACCENTS[role])


def hachure(quoi: Hachee) -> str:
    """Return the fill of what shows no figure, or is in no class."""
    return (
        f'<a:pattFill prst="{MOTIFS[quoi]}"><a:fgClr>{rvb(apparence.CONTOUR)}</a:fgClr>'
        f"<a:bgClr>{theme('bg1')}</a:bgClr></a:pattFill>"
    )


def aplat(couleur: str) -> str:
    """Return a plain fill."""
    return f"<a:solidFill>{couleur}</a:solidFill>"


def ligne(trait: Trait, role: Role, scenario: bool) -> str:
    """Return the line of a series."""
    tirets = apparence.SCENARIO_TIRETS if scenario else trait.tirets
    motif = "".join(
        "<a:ds"
        f' d="{round(plein / trait.epaisseur * 100_000)}" sp="{round(vide / trait.epaisseur * 100_000)}"/>'
        for plein, vide in zip(tirets[::2], tirets[1::2], strict=True)
    )
    dessin = f"<a:custDash>{motif}</a:custDash>" if motif else '<a:prstDash val="solid"/>'
    return (
        f'<a:ln w="{round(trait.epaisseur * 12700)}" cap="rnd">{aplat(accent(role))}{dessin}<a:round/></a:ln>'
    )


def sur(fond: str) -> str:
    """Return the ink that is read on a colour (`#rrggbb`)."""
    return rvb(apparence.lisible_sur(fond))
