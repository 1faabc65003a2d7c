"""How publications look: colours, fonts, dashes, hatches, sizes, declared once for every format.

No colour stands alone: a line has its dash, a bar its outline, a class its words, a tone its sign. Contrasts
are checked in tests/publication/portraits/test_apparence.py.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

from publication.commun.lettres import propre
from publication.lecture.chiffres import Role, Ton
from socle import affichage
from socle.statuts import SANS_CHIFFRE, Statut

# Colours ----------------------------------------------------------------------------------------------------

PAPIER = "#ffffff"
PAPIER_DOUX = "#f2f5f7"
"""Behind headings of tables, the cover, what is set apart."""
ENCRE = "#17232e"
ENCRE_DOUCE = "#4a5965"
"""Secondary text: units, sources, notes."""
FILET = "#c5ced6"
"""Rules between rows: ornament, nothing is read from it."""
CONTOUR = "#5f6d79"
"""Outlines that are read: comparators' bars, communes."""
ACCENT = "#0b4f6c"
"""The territory of the portrait, links, headings."""
BANDEAU_FOND, BANDEAU_ENCRE = "#ffe9a8", "#3d2c00"

TONS: Mapping[Ton, str] = {"favorable": "#1b5e9e", "defavorable": "#9a4a06", "neutre": ENCRE}
"""Neither green nor red: blue and brown are told apart by everyone."""
SIGNES_TON: Mapping[Ton, str] = {"favorable": "◇", "defavorable": "◆", "neutre": ""}

PARTS = ("#10293d", "#c1772b", "#6a2c5f", "#5a9ab8", "#2a6d99")
"""Parts of a whole, in their order; beyond the last they come again, hatched."""

RAMPE = ("#e3eff4", "#bcd8e3", "#93bfd0", "#68a3ba", "#40849f", "#1c617e", "#083a52")
"""Classes of a map, from the lowest to the highest."""

OPACITE = 0.75
"""Of the circles of a map, in the accent."""


def classes(nombre: int) -> tuple[str, ...]:
    """`nombre` colours of the ramp, as far apart as it allows."""
    if nombre == 1:
        return (RAMPE[2],)
    if nombre > len(RAMPE):
        raise ValueError(f"a map has {len(RAMPE)} classes at most, {nombre} were asked for: group them")
    return tuple(RAMPE[round(i * (len(RAMPE) - 1) / (nombre - 1))] for i in range(nombre))


def luminance(couleur: str) -> float:
    """Relative luminance (WCAG 2) of `#rrggbb`."""

    def lineaire(octet: int) -> float:
        c = octet / 255
        return c / 12.92 if c <= 0.04045 else float(((c + 0.055) / 1.055) ** 2.4)

    r, v, b = (lineaire(octet) for octet in bytes.fromhex(couleur[1:]))
    return 0.2126 * r + 0.7152 * v + 0.0722 * b


def contraste(une: str, autre: str) -> float:
    """Contrast ratio (WCAG 2), from 1 to 21."""
    sombre, clair = sorted((luminance(une), luminance(autre)))
    return (clair + 0.05) / (sombre + 0.05)


def lisible_sur(fond: str) -> str:
    """Paper or ink, whichever is read better on `fond`."""
    return max(PAPIER, ENCRE, key=lambda encre: contraste(encre, fond))


def encre(couleur: str) -> str:
    """Return a colour as that of letters on paper: itself where it is dark enough to be read, else ink."""
    return couleur if contraste(couleur, PAPIER) >= 4.5 else ENCRE


@dataclass(frozen=True)
class Trait:
    """A line of a series: `tirets` are lengths drawn and skipped, none for a solid line."""

    couleur: str
    epaisseur: float
    tirets: tuple[float, ...] = ()


TRAITS: Mapping[Role, Trait] = {
    "territoire": Trait(ACCENT, 2.6),
    "departement": Trait("#b84a00", 1.7, (7, 3)),
    "region": Trait("#7123b9", 1.7, (2, 3)),
    "france": Trait("#74818c", 1.7, (9, 3, 2, 3)),
    "pairs": Trait("#268dc7", 1.7, (4, 2)),
    "autre": Trait("#be7658", 1.7, (12, 3)),
}
"""The families of Okabe and Ito (blue, vermilion, purple, sky), darkened until each is seen on white, and
moved apart until no two are alike for the colour-blind."""
TRAITS_SUIVANTS = (
    Trait("#2a6d99", 1.7, (5, 4)),
    Trait("#6a2c5f", 1.7, (1.5, 2.5)),
    Trait("#7d8c00", 1.7, (10, 2, 2, 2, 2, 2)),
    Trait("#17232e", 1.7, (14, 2)),
)
"""Of lines that share a role with one before them, in their order."""
SCENARIO_TIRETS = (2.0, 4.0)
"""A scenario is dotted, and its points hollow, whoever it is about."""

Forme = Literal["circle", "square", "triangle", "diamond", "tick"]
FORMES: Mapping[Role, Forme] = {
    "territoire": "circle",
    "departement": "square",
    "region": "triangle",
    "france": "diamond",
    "pairs": "tick",
    "autre": "diamond",
}
"""Points by whose figure they are, where no line says it; `tick` is an upright line."""

BARRE_TERRITOIRE, BARRE_AUTRE = ACCENT, "#d9e2e8"
"""The territory's bar is solid and dark; the others are light, with an outline."""


def barre(role: Role) -> tuple[str, str]:
    """Fill and outline of a bar."""
    if role == "territoire":
        return BARRE_TERRITOIRE, BARRE_TERRITOIRE
    return BARRE_AUTRE, CONTOUR


# Statuts ----------------------------------------------------------------------------------------------------

MARQUES: Mapping[Statut, str] = {statut: affichage.MARQUES[statut] for statut in SANS_CHIFFRE}
"""What is printed where no figure is shown."""


@dataclass(frozen=True)
class Hachure:
    """A pattern: the path drawn in a square of `pas`, and how thick."""

    pas: float
    trace: str
    epaisseur: float


Hachee = Statut | Literal["incertain"]
"""What is hatched: a figure that is not shown, by its statut; on a map, one too uncertain for a class."""
HACHURES: Mapping[Hachee, Hachure] = {
    # Slanted lines; a grid of dots; lines lying flat.
    "secret": Hachure(6, "M-1,1 l2,-2 M0,6 l6,-6 M5,7 l2,-2", 1.3),
    "non_disponible": Hachure(6, "M2,3 h2", 2.0),
    "sans_objet": Hachure(6, "M0,3 h6", 0.8),
    # Upright lines, thin and apart: a third of a map may have them.
    "incertain": Hachure(7, "M3.5,0 v7", 0.6),
}

# Letters ----------------------------------------------------------------------------------------------------

POLICE = "Liberation Sans, Arial, Helvetica, sans-serif"
"""Of charts: fonts of the same widths (`lettres`), so that what is placed on one machine fits on another."""
POLICE_TEXTE = '"Helvetica Neue", Arial, "Liberation Sans", sans-serif'
POLICE_TITRE = 'Charter, "Bitstream Charter", Cambria, Georgia, "Liberation Serif", serif'
ECHELLE: Mapping[str, float] = {
    "fine": 0.7,
    "note": 0.8125,
    "menu": 0.875,
    "texte": 1,
    "fort": 1.125,
    "titre": 1.375,
    "grand": 1.75,
    "couverture": 2.75,
}
"""Sizes of type, over that of running text: 16 pixels on a page, 10 points on paper (`fine`: there alone)."""
CORPS = 12
"""Size of what is written on a chart, in pixels; `CORPS_PETIT` for marks and legends on paper."""
CORPS_PETIT = CORPS * ECHELLE["menu"]

# Sizes ------------------------------------------------------------------------------------------------------

LARGEUR_GRAPHIQUE = 328
"""Of charts and maps as a page draws them: what a phone of 360 pixels has, so that letters never shrink."""
LARGEUR_COUVERTURE = 400
"""Of the map of a cover on paper."""
LARGEUR_ECRAN = 440
"""As large as a page shows them: its letters are then those of running text."""
HAUTEUR_SERIE = 250

# Pages ------------------------------------------------------------------------------------------------------

_VARIABLES_CSS = {
    "papier": PAPIER,
    "papier-doux": PAPIER_DOUX,
    "encre": ENCRE,
    "encre-douce": ENCRE_DOUCE,
    "filet": FILET,
    "contour": CONTOUR,
    "accent": ACCENT,
    "bandeau-fond": BANDEAU_FOND,
    "bandeau-encre": BANDEAU_ENCRE,
    "favorable": TONS["favorable"],
    "defavorable": TONS["defavorable"],
    "barre": BARRE_AUTRE,
    "police-texte": POLICE_TEXTE,
    "police-titre": POLICE_TITRE,
    "largeur-graphique": f"{LARGEUR_ECRAN}px",
    **{f"corps-{nom}": f"{taille}rem" for nom, taille in ECHELLE.items()},
}


def racine_css() -> str:
    """Return what style sheets read of all this, as the variables of their root."""
    return f":root{{{''.join(f'--{nom}:{valeur};' for nom, valeur in _VARIABLES_CSS.items())}}}\n"


def etiquettes(titres: Iterable[str]) -> Markup:
    """Return the headings of a table as what its cells are named by where it is shown as cards (`pages.css`).

    "Commune", "Nyons", "Drôme": `--c2:'Nyons';--c3:'Drôme'`. An empty heading names none.
    """
    dits = ((n, propre(t).replace("\\", "\\\\").replace("'", "\\27 ")) for n, t in enumerate(titres, 1))
    return Markup(";").join(Markup("--c{}:'{}'").format(n, dit) for n, dit in dits if n > 1 and dit)
