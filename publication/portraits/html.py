"""A portrait as one HTML file, style, drawings and script inside; the site's pages share its pieces.

The page is read without its script, which only helps to quote a figure.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from publication.commun import apparence
from publication.commun.apparence import etiquettes
from publication.commun.lettres import propre
from publication.commun.tableur import en_csv
from publication.lecture.alphabet import cle
from publication.lecture.chiffres import MOTS_TON, Cellule, Chiffre, Ton
from publication.lecture.statuts import NOMS, statut_dit
from publication.portraits import svg as graphiques
from publication.portraits.modele import (
    Carte,
    Colonne,
    Comparaison,
    Contours,
    Document,
    Element,
    Graphique,
    Halteres,
    Message,
    Parts,
    Reperes,
    Section,
    Serie,
    Tableau,
)
from publication.portraits.svg import cartes

GABARITS = Path(__file__).parent / "gabarits"

GUIDE = "lire"
"""The section of a portrait that explains statuts: legends of tables lead there."""

_LIGNES_A_COTE, _COLONNES_A_COTE = 12, 4
_LIGNES_LONG = 40
"""A table longer than this is folded, and tells intervals by the title of figures, not under each."""
_COURT = 12
"""Letters that are not worth a second line: most figures have no more."""


def rendre(document: Document) -> bytes:
    """Return the file of a portrait: the same bytes for the same document."""
    rendu = Rendu.de(document)
    page = environnement().get_template("portrait.html.j2").render(_contexte(document, rendu))
    return page.encode()


def rendre_corps(document: Document, rendu: "Rendu") -> Markup:
    """Return what stands in `<main>`: a page of its own adds `style()`, an index and, last, `script()`."""
    return Markup(environnement().get_template("corps.html.j2").render(_contexte(document, rendu)))


@cache
def environnement() -> Environment:
    """Return the one Jinja environment: everything is escaped, a name that is not there is an error."""
    env = Environment(
        loader=FileSystemLoader(GABARITS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finir,
    )
    # Letters as they are: half the bytes of their numbers, and what a page is made with can be found in it.
    env.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "sort_keys": True, "separators": (",", ":")}
    env.filters["genre"] = lambda element: type(element).__name__.lower()
    env.globals["style"] = style
    env.globals["script"] = script
    for fonction in (blocs, statuts_du_tableau, tons_du_tableau, en_chiffres, est_long, a_cote):
        env.globals[fonction.__name__] = fonction
    env.globals["etiquettes"] = etiquettes
    env.globals["signe"] = lambda ton: apparence.SIGNES_TON[ton]
    env.globals["mot_du_ton"] = lambda ton: MOTS_TON[ton]
    env.globals["guide"] = GUIDE
    return env


def _finir(valeur: object) -> object:
    """Letters that would break a page, or turn the order of what follows, are left out of every text."""
    return propre(valeur) if type(valeur) is str else valeur


@cache
def style() -> Markup:
    """Return the style sheet of portraits and of the pages made of their pieces."""
    feuilles = (GABARITS / nom for nom in ("portrait.css", "pages.css"))
    return Markup(apparence.racine_css() + "".join(f.read_text(encoding="utf-8") for f in feuilles))


@cache
def script() -> Markup:
    """Return the script of portraits: `<script>` holds it at the end of a page, after `Rendu.index`."""
    scripts = (GABARITS / nom for nom in ("pages.js", "portrait.js", "image.js", "emporter.js"))
    return Markup("".join(f.read_text(encoding="utf-8") for f in scripts))


def _contexte(document: Document, rendu: "Rendu") -> dict[str, Any]:
    return {"document": document, "rendu": rendu, "citations": citations(document)}


def blocs(elements: Iterable[Element]) -> list[tuple[str, list[Element]]]:
    """Elements in their order after messages, which are one list: a finding comes before what shows it."""
    suite: list[tuple[str, list[Element]]] = []
    for element in sorted(elements, key=lambda e: not isinstance(e, Message)):
        genre = "messages" if isinstance(element, Message) else "element"
        if genre == "messages" and suite and suite[-1][0] == genre:
            suite[-1][1].append(element)
        else:
            suite.append((genre, [element]))
    return suite


# Quoting ----------------------------------------------------------------------------------------------------


def statut_en_mots(chiffre: Chiffre) -> str:
    """The statut, and what stands with it: "partiel, entre 3 138 et 3 518, 28 communes manquent"."""
    mots = (statut_dit(chiffre.statut, chiffre.prevu), chiffre.intervalle, chiffre.motif)
    return ", ".join(mot.removesuffix(".") for mot in mots if mot)


@dataclass(frozen=True)
class Citation:
    """A figure as it is quoted: `ancre` is where messages lead."""

    ancre: str
    chiffre: Chiffre
    texte: str


def citations(document: Document) -> list[Citation]:
    """The figures of the territory and those a sentence rests on, each with all a quotation holds."""
    voulus = {
        reference
        for section in _toutes(document.sections)
        for element in section.elements
        if isinstance(element, Message)
        for reference in element.chiffres
    }
    voulus |= {r for r, c in document.chiffres.items() if c.territoire_id == document.territoire_id}
    choisis = sorted(
        (document.chiffres[r] for r in voulus),
        key=lambda c: (
            *(cle(c.libelle), c.indicateur_id, c.territoire_id != document.territoire_id),
            c.reference,
        ),
    )
    edition = f"publication {document.edition.release_id} du {document.edition.publiee_le}"
    return [
        Citation(
            ancre=f"chiffre-{rang}",
            chiffre=c,
            texte=f"{c.libelle}\u00a0: {c.texte} ({statut_en_mots(c)}), {c.territoire}, {c.millesime}. "
            f"Source\u00a0: {c.source}. Observatoire CTG, {edition}, {c.indicateur_id}, {c.territoire_id}"
            + (", chiffre de démonstration" if c.demonstration else ""),
        )
        for rang, c in enumerate(choisis, 1)
    ]


# What pieces are given --------------------------------------------------------------------------------------


@dataclass
class Rendu:
    """What tables, charts and sentences of one page need: its figures, its banner, its outlines, its numbers.

    A page of the site makes its own: `Rendu(chiffres=…, edition="publication … du …")`.
    """

    chiffres: Mapping[str, Chiffre]
    edition: str
    bandeau: str | None = None
    contours: Contours | None = None
    ancres: Mapping[str, str] = field(default_factory=dict)
    """Where a reader finds how a figure is quoted, by its reference."""
    guide: str | None = None
    """Anchor of the reading guide, where the page has one."""
    numeros: Mapping[str, str] = field(default_factory=dict)
    """How a reference is written in this page, where `index_de_page` numbers them."""
    _rangs: Iterator[int] = field(default_factory=lambda: count(1), repr=False)
    _traits: dict[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def de(cls, document: Document, *, numerote: bool = False) -> "Rendu":
        """Return that of a portrait; `numerote`: of one page among others that share an index.

        `part_rsa|commune:26220|2022`, the fourth series of the page and its second territory, is then `3.1`.
        """
        numeros: dict[str, str] = {}
        if numerote:
            chiffres = document.chiffres.values()
            series = {cle: rang for rang, cle in enumerate(_series(chiffres))}
            rangs = {t: rang for rang, t in enumerate(_territoires(chiffres))}
            numeros = {c.reference: f"{series[_serie(c)]}.{rangs[c.territoire_id]}" for c in chiffres}
        identifiants = {s.identifiant for s in _toutes(document.sections)}
        return cls(
            document.chiffres,
            f"publication {document.edition.release_id} du {document.edition.publiee_le}",
            document.bandeau,
            document.contours,
            {c.chiffre.reference: c.ancre for c in citations(document)},
            GUIDE if GUIDE in identifiants else None,
            numeros,
        )

    def dite(self, reference: str) -> str:
        """A reference as this page writes it."""
        return self.numeros.get(reference, reference)

    def rang(self) -> int:
        """A number no other piece of this page has: for ids."""
        return next(self._rangs)

    def dessin(self, graphique: Graphique, couverture: bool = False) -> Markup:
        """The SVG of a chart or a map."""
        match graphique:
            case Carte():
                if self.contours is None:
                    raise ValueError(f"map {graphique.identifiant} has no outlines: give Document.contours")
                return Markup(
                    cartes.dessiner(graphique, self.contours, self.bandeau, couverture, traits=self._traits)
                )
            case Comparaison() | Parts() | Serie() | Halteres() | Reperes():
                return Markup(graphiques.dessiner(graphique, self.bandeau))
        raise TypeError(f"{type(graphique).__name__} is no chart this module knows: add it to Rendu.dessin")

    def ligne(self, tableau: Tableau, cellules: Sequence[Cellule], entiers: bool = False) -> Markup:
        """A row: its first cell names it. `entiers`: with numbers that are not rounded, to be taken away."""
        # An interval that has a column of its own is not told twice.
        dits = {c.texte for c in cellules}
        rangs = zip(cellules, tableau.colonnes, strict=True)
        return Markup("<tr>{}</tr>").format(
            Markup("").join(
                self._cellule(
                    "td" if rang else "th",
                    c,
                    _classes(c, rang, colonne, en_chiffres(tableau)),
                    None if est_long(tableau) else dits,
                    entiers,
                )
                for rang, (c, colonne) in enumerate(rangs)
            )
        )

    def _cellule(
        self, balise: str, cellule: Cellule, classes: Sequence[str], dits: set[str] | None, entiers: bool
    ) -> Markup:
        """One cell. Its interval is under it, unless it is among `dits`; in its title where that is None."""
        chiffre = self.chiffres.get(cellule.chiffre) if cellule.chiffre else None
        attributs = ' scope="row"' if balise == "th" else ""
        attributs += f' class="{" ".join(classes)}"' if classes else ""
        if chiffre:
            attributs += f' data-chiffre="{escape(propre(self.dite(chiffre.reference)))}"'
            # Most are observed: what is not said is that.
            attributs += f' data-statut="{chiffre.statut}"' if chiffre.statut != "observe" else ""
            if entiers and chiffre.valeur is not None:
                attributs += f' data-v="{en_csv(chiffre.valeur)}"'
                if dits and chiffre.intervalle in dits:
                    attributs += f' data-p="{escape(propre(chiffre.intervalle))}"'
        texte = escape(propre(cellule.texte))
        precision = ", ".join(m for m in (chiffre.intervalle, chiffre.motif) if m) if chiffre else ""
        if cellule.statut is not None and cellule.statut in apparence.MARQUES:
            mots = NOMS[cellule.statut] + (f". {precision}" if precision else "")
            texte = Markup('<abbr title="{}">{}</abbr>').format(propre(mots), texte)
        elif dits is not None and chiffre and chiffre.intervalle:
            if chiffre.intervalle not in dits:
                texte += Markup(" <small>{}</small>").format(propre(chiffre.intervalle))
        elif precision:
            texte = Markup('<span class="approche" title="{}">{}</span>').format(propre(precision), texte)
        if signe := apparence.SIGNES_TON[cellule.ton]:
            mot = MOTS_TON[cellule.ton]
            texte = Markup('<i aria-hidden="true">{}</i>\u00a0{} <span class="cache">({})</span>').format(
                signe, texte, mot
            )
        return Markup(f"<{balise}{attributs}>{texte}</{balise}>")

    @property
    def index(self) -> dict[str, Any]:
        """What the script needs to word a quotation: labels by indicateur, names, sources by year, statuts.

        A source is told once for an indicateur and a year; `autres` are the figures that have another.
        """
        par_annee: dict[str, Counter[str]] = {}
        for c in self.chiffres.values():
            par_annee.setdefault(_serie(c), Counter())[c.source] += 1
        sources = {cle: min(n, key=lambda s: (-n[s], s)) for cle, n in par_annee.items()}
        return {
            "territoires": _territoires(self.chiffres.values()),
            "autres": self._autres(sources),
            **index_commun(
                {c.indicateur_id: c.libelle for c in self.chiffres.values()},
                {c.indicateur_id: c.unite for c in self.chiffres.values()},
                sources,
                self.edition,
                self.bandeau,
            ),
        }

    def index_de_page(self, sources: Mapping[str, str]) -> dict[str, Any]:
        """What a page adds to the index that all pages share, whose `sources` are given.

        `series` and `territoires` are in the order of their numbers.
        """
        chiffres = self.chiffres.values()
        return {
            "series": _series(chiffres),
            "territoires": _territoires(chiffres),
            "autres": self._autres(sources),
        }

    def _autres(self, sources: Mapping[str, str]) -> dict[str, str]:
        return {
            c.reference: propre(c.source)
            for c in self.chiffres.values()
            if sources.get(_serie(c)) != c.source
        }


def statuts_du_tableau(tableau: Tableau) -> list[tuple[str, str]]:
    """Marks that stand in a table, and their words: ("s", "secret statistique")."""
    presents = {c.statut for ligne in tableau.lignes for c in ligne}
    return [(m, NOMS[s]) for s, m in apparence.MARQUES.items() if s in presents]


def tons_du_tableau(tableau: Tableau) -> list[tuple[str, str]]:
    """Signs of tone that stand in a table, and their words."""
    presents: set[Ton] = {c.ton for ligne in tableau.lignes for c in ligne}
    return [(apparence.SIGNES_TON[t], mot) for t, mot in MOTS_TON.items() if mot and t in presents]


def en_chiffres(tableau: Tableau) -> bool:
    """Whether all columns but the first hold figures: the table says so, and none of its cells."""
    return all(colonne.chiffres for colonne in tableau.colonnes[1:])


def est_long(tableau: Tableau) -> bool:
    """Whether a table is folded until it is asked for."""
    return len(tableau.lignes) > _LIGNES_LONG


def a_cote(graphique: Graphique) -> bool:
    """Whether the table of a chart stands beside it: short and narrow, or of a map: it scrolls."""
    t = graphique.tableau
    courte = isinstance(graphique, Carte) or len(t.lignes) <= _LIGNES_A_COTE
    return courte and len(t.colonnes) <= _COLONNES_A_COTE


def index_commun(
    indicateurs: Mapping[str, str],
    unites: Mapping[str, str],
    sources: Mapping[str, str],
    edition: str,
    bandeau: str | None,
) -> dict[str, Any]:
    """What the script needs whatever the page: labels and units, sources by series, statuts, edition."""
    return {
        "indicateurs": {i: propre(libelle) for i, libelle in indicateurs.items()},
        "unites": {i: propre(unite) for i, unite in unites.items()},
        "sources": {cle: propre(source) for cle, source in sources.items()},
        "statuts": dict(NOMS),
        "edition": propre(edition),
        "demonstration": propre(bandeau or ""),
    }


def _classes(cellule: Cellule, rang: int, colonne: Colonne, en_chiffres: bool) -> list[str]:
    """How a cell is set: its tone; to the right, where its table does not say it of all; on several lines."""
    return [
        *([cellule.ton] if cellule.ton != "neutre" else []),
        *(["n"] if colonne.chiffres and not (en_chiffres and rang) else []),
        *(["long"] if colonne.chiffres and len(cellule.texte) > _COURT else []),
    ]


def _serie(chiffre: Chiffre) -> str:
    return f"{chiffre.indicateur_id}|{chiffre.millesime}"


def _series(chiffres: Iterable[Chiffre]) -> list[str]:
    return sorted({_serie(c) for c in chiffres})


def _territoires(chiffres: Iterable[Chiffre]) -> dict[str, str]:
    return dict(sorted((c.territoire_id, propre(c.territoire)) for c in chiffres))


def _toutes(sections: Iterable[Section]) -> Iterator[Section]:
    for section in sections:
        yield section
        yield from _toutes(section.sections)
