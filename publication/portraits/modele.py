"""What a portrait says, before any format: sections, sentences, tables, charts, maps, notes, all in French.

A format may leave an element out, never word it otherwise: each `texte` is printed as it is. A figure under a
statut that shows none has no number anywhere in a document.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace

from publication.lecture.chiffres import Cellule, Chiffre, Edition, Role, Ton
from socle.statuts import SANS_CHIFFRE

APPROCHE = "≈"
"""Mark of a figure that is known between bounds, where a format has no room for them."""


@dataclass(frozen=True)
class Paragraphe:
    """Running text."""

    texte: str


@dataclass(frozen=True)
class Message:
    """A generated sentence and the figures (`Document.chiffres`) it rests on."""

    texte: str
    ton: Ton
    chiffres: tuple[str, ...]
    regle: str
    """Name of the rule that made it, as docs/portraits.md lists them."""


@dataclass(frozen=True)
class Point:
    """An item of a list, and what stands under it."""

    texte: str
    sous: tuple["Point", ...] = ()


@dataclass(frozen=True)
class Liste:
    """Items under a title, as the plan of the convention states them."""

    titre: str
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Colonne:
    """A column of a table: its heading, and whether it holds figures (set to the right)."""

    titre: str
    chiffres: bool = False


@dataclass(frozen=True)
class Tableau:
    """Rows of cells; the first cell of each names the row. `notes` are printed under it, `sources` last."""

    titre: str
    colonnes: tuple[Colonne, ...]
    lignes: tuple[tuple[Cellule, ...], ...]
    notes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    @classmethod
    def de(
        cls,
        titre: str,
        colonnes: Sequence[str],
        lignes: Iterable[Iterable[Cellule | str | None]],
        chiffres: Collection[str] = (),
        notes: Iterable[str] = (),
        sources: Iterable[str] = (),
    ) -> "Tableau":
        """Make a table of texts and cells; `chiffres`: the headings of the columns that hold figures."""
        return cls(
            titre,
            tuple(Colonne(nom, nom in chiffres) for nom in colonnes),
            tuple(tuple(c if isinstance(c, Cellule) else Cellule(c or "") for c in li) for li in lignes),
            tuple(notes),
            tuple(sources),
        )


@dataclass(frozen=True)
class Barre:
    """One bar of a chart, or one part of a whole. A cell without a number is drawn as a mark (`s`, `nd`)."""

    libelle: str
    role: Role
    valeur: Cellule


@dataclass(frozen=True)
class Ligne:
    """One line of a series: a cell per year of the chart, None where the release has no row."""

    libelle: str
    role: Role
    valeurs: tuple[Cellule | None, ...]


@dataclass(frozen=True)
class Rupture:
    """A break: the line is cut between the year before and `annee`."""

    annee: int
    libelle: str


@dataclass(frozen=True, kw_only=True)
class Graphique:
    """What every chart carries, with words for who cannot see it and `tableau`, its twin.

    `identifiant` is unique in the document and fit for a file name.
    """

    identifiant: str
    titre: str
    unite: str
    source: str
    alternative: str
    tableau: Tableau
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Comparaison(Graphique):
    """Horizontal bars: one figure, one year, several territories."""

    barres: tuple[Barre, ...]


@dataclass(frozen=True, kw_only=True)
class Parts(Graphique):
    """Shares of a whole, one bar a territory or a year. A whole is `(libelle, parts)`."""

    touts: tuple[tuple[str, tuple[Barre, ...]], ...]


@dataclass(frozen=True, kw_only=True)
class Serie(Graphique):
    """Lines over years. From `projection` on, what is drawn is a scenario, and looks like one.

    A line that has no figure before it leaves from the last one of the first line, what was observed.
    """

    annees: tuple[int, ...]
    lignes: tuple[Ligne, ...]
    ruptures: tuple[Rupture, ...] = ()
    projection: int | None = None


@dataclass(frozen=True)
class Haltere:
    """A figure at two years. `reperes` are other territories at the same years: role, name, both figures.

    `en_proportion` is false for a count too small, or too rounded, to be set over what it was.
    """

    libelle: str
    debut: Cellule
    fin: Cellule
    annee_debut: int
    annee_fin: int
    ton: Ton = "neutre"
    reperes: tuple[tuple[Role, str, Cellule | None, Cellule | None], ...] = ()
    en_proportion: bool = True


@dataclass(frozen=True, kw_only=True)
class Halteres(Graphique):
    """Dumbbells: figures that moved, shares on one scale, counts by how much of the first year is left."""

    lignes: tuple[Haltere, ...]
    avec: tuple[Haltere, ...] = ()
    """Those of the chart beside it: both are drawn to one scale."""
    sens: str = ""
    combien: int = 0
    """What these movements have in common, and how many have it: the title says where some are left out."""

    def premieres(self, nombre: int) -> "Halteres":
        """Return its first lines, under « Ce qui s'améliore : 3 sur 7 » where there are more."""
        titre = f"{self.sens}\u00a0: {nombre} sur {self.combien}" if nombre < self.combien else self.titre
        return replace(self, titre=titre, lignes=self.lignes[:nombre])


@dataclass(frozen=True)
class Repere:
    """A key figure of the territory, and those of others beside it: role, short name, figure.

    `periode` says the years it is of, and its unit where nothing else does.
    """

    libelle: str
    cellule: Cellule
    reperes: tuple[tuple[Role, str, Cellule], ...] = ()
    periode: str = ""


@dataclass(frozen=True, kw_only=True)
class Reperes(Graphique):
    """Key figures, a line each: `territoire` beside its comparators on a small scale of the line's own."""

    territoire: str
    lignes: tuple[Repere, ...]


@dataclass(frozen=True)
class Zone:
    """A commune on a map; `classe` is an index of `Carte.classes`.

    It is None where no figure is shown, where one is too uncertain for a class, and on a map of circles.
    """

    code: str
    nom: str
    classe: int | None
    valeur: Cellule

    def __post_init__(self) -> None:
        """Refuse a class to a commune whose figure is not shown."""
        if self.valeur.statut in SANS_CHIFFRE and self.classe is not None:
            raise ValueError(f"commune {self.code} is {self.valeur.statut} and has a class: leave it out")


@dataclass(frozen=True, kw_only=True)
class Carte(Graphique):
    """Communes by class of one figure; classes are worded ("de 5 à 10 %"), from the lowest to the highest.

    A count has circles instead, whose legend is `reperes`, the largest first. Outlines are
    `Document.contours`. `s`, `nd` and what is in no class are hatched, each in its own way.
    """

    zones: tuple[Zone, ...]
    classes: tuple[str, ...]
    reperes: tuple[Cellule, ...] = ()
    renvoi: str | None = None
    """Where else its figures are, for a format that has no room for its twin."""


Dessine = Comparaison | Parts | Serie | Halteres | Reperes
"""Charts that need no outlines."""
Element = Paragraphe | Message | Liste | Tableau | Dessine | Carte


@dataclass(frozen=True)
class Section:
    """A part of the portrait. One with nothing to show says so in one line, `vide`, and has no element."""

    identifiant: str
    titre: str
    elements: tuple[Element, ...] = ()
    vide: str | None = None
    theme: str | None = None
    sections: tuple["Section", ...] = ()

    @classmethod
    def de(
        cls,
        identifiant: str,
        titre: str,
        contenu: Sequence[Element | None],
        vide: str = "",
        theme: str | None = None,
    ) -> "Section":
        """Return a section of what there is, or one that says why there is nothing."""
        presents = tuple(element for element in contenu if element is not None)
        return cls(identifiant, titre, presents, None if presents else vide, theme)


@dataclass(frozen=True)
class Vue:
    """A slide of the presentation, a block of the brochure: one finding, and what shows it.

    `titre` states the finding; `tete` stands over the whole width, then `colonnes`, one or two groups of
    elements, side by side where there is room. `notes` are for who speaks: caveats, what has no room.
    """

    identifiant: str
    surtitre: str
    titre: str
    colonnes: tuple[tuple[Element, ...], ...]
    tete: Reperes | None = None
    notes: tuple[str, ...] = ()
    producteurs: tuple[str, ...] = ()
    """Who produced its figures."""

    def references(self) -> tuple[str, ...]:
        """Return the figures that it prints, each once."""
        return tuple(dict.fromkeys(references_de((self.tete, self.colonnes))))


def colonnes(*groupes: tuple[Element, ...]) -> tuple[tuple[Element, ...], ...]:
    """Return the groups that hold something, as the columns of a view."""
    return tuple(groupe for groupe in groupes if groupe)


def references_de(valeur: object) -> Iterator[str]:
    """Yield the figures that an element, or a tuple of them, shows or rests on."""
    if isinstance(valeur, Cellule):
        if valeur.chiffre:
            yield valeur.chiffre
    elif isinstance(valeur, Message):
        yield from valeur.chiffres
    elif isinstance(valeur, tuple):
        for partie in valeur:
            yield from references_de(partie)
    elif is_dataclass(valeur):
        for champ in fields(valeur):
            yield from references_de(getattr(valeur, champ.name))


Anneaux = tuple[tuple[tuple[float, float], ...], ...]
"""Closed rings of (x, y), y downwards, outer rings and holes alike (fill by the even-odd rule)."""


@dataclass(frozen=True)
class Contours:
    """Outlines in one plane, within `largeur` × `hauteur`: of each commune by code, and of the whole.

    `epci`: of what each EPCI has there, where there are several. `principales`: codes of communes, from the
    most peopled one on; their names are written as far as there is room.
    """

    largeur: float
    hauteur: float
    communes: Mapping[str, Anneaux]
    pourtour: Anneaux
    source: str
    epci: Anneaux = ()
    principales: tuple[str, ...] = ()


@dataclass(frozen=True)
class Document:
    """A portrait. `contours` is None where the release has none: then it holds no `Carte` either.

    `bandeau` is printed on every page, slide and sheet, and on each chart, where it is not None: it says that
    the figures are invented.
    """

    territoire_id: str
    niveau: str
    titre: str
    sous_titre: str
    couverture: tuple[tuple[str, str], ...]
    """Label and text of each line of the cover: convention, dates, population, communes, base year…"""
    carte: Carte | None
    edition: Edition
    sections: tuple[Section, ...]
    presentation: tuple[Vue, ...]
    """What is presented, in its order; `sections` is what it is taken from, whole."""
    chiffres: Mapping[str, Chiffre] = field(repr=False)
    bandeau: str | None = None
    contours: Contours | None = field(default=None, repr=False)
    langue: str = "fr"
