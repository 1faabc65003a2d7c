"""The workbook of a theme: its wide mart as an Excel user filters it, and the guide to read it.

Where a scope has more rows than a spreadsheet opens, every year of EPCI and wider territories is kept, and
for communes as many of the last years as go in; the guide names them.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
from xlsxwriter import Workbook

from publication.classeurs import grille
from publication.classeurs.mise_en_forme import (
    BANDEAU,
    Colonne,
    Formats,
    Page,
    imprime,
    litteral,
    options,
    proprietes,
)
from publication.commun import apparence
from publication.lecture.alphabet import NOM
from publication.lecture.annees import annees_dites
from publication.lecture.chiffres import Cellule
from publication.lecture.citation import INVENTES as INVENTES
from publication.lecture.citation import citation
from publication.lecture.lignes import lignes
from publication.lecture.niveaux import NIVEAUX
from publication.lecture.statuts import LISIBILITES, NOMS
from socle.affichage import MARQUES, Unite
from socle.sql import nom_sql, texte_sql
from socle.statuts import MONTRENT, SANS_CHIFFRE, Statut

LIGNES_MAX = 50_000
"""Beyond, a spreadsheet is long to open: the years of communes are chosen."""

DONNEES = "Données"
"""Name of the sheet of figures. Its second row holds the ids, its third the headings, figures follow."""

SIGNES: Mapping[Statut, tuple[str, str]] = {"arrondi": ("≈ ", ""), "partiel": ("", " *")}
"""What the number format prints around a figure that is not exact: its cell stays a number or a day."""

_NIVEAUX = {code: niveau.court for code, niveau in reversed(NIVEAUX.items())}
"""What each level is called in a cell, in the order of rows."""

_PREMIERE = 3
_FIXES = (
    ("libelle", "Territoire", 44),
    ("niveau", "Niveau", 14),
    ("millesime", "Millésime", 11),
    ("code", "Code", 12),
    ("epci_libelle", "EPCI", 34),
    ("departement", "Département", 13),
    ("territoire_id", "Identifiant", 20),
    ("demonstration", "Démonstration", 15),
)
"""Id, heading and width of the columns that every theme has; the last where figures are invented."""

_FIGEES = 3
_LARGEUR = 17
_PAR_LOT = 5_000
_JOUR_ZERO = date(1899, 12, 30)


@dataclass(frozen=True)
class Theme:
    """A theme and what its workbook is made from: the Parquet of a release, rows of `dim_indicateur`.

    `colonnes`: those of its wide mart; `sources`: how each is named.
    """

    theme: str
    libelle: str
    parquet: Path
    indicateurs: Sequence[Mapping[str, Any]]
    colonnes: frozenset[str]
    sources: Mapping[str, str]
    release_id: str
    demonstration: bool

    def lire(self, table: str) -> str:
        """Return what to write after `from` for a table of the release."""
        return f"read_parquet({texte_sql(self.parquet / f'{table}.parquet')})"

    @property
    def mart(self) -> str:
        """Its wide mart, as `lire` gives it."""
        return self.lire(f"mart_{self.theme}")

    @property
    def bandeau(self) -> str | None:
        """What every sheet begins with where figures are invented."""
        return INVENTES if self.demonstration else None

    @property
    def citation(self) -> str:
        """How its figures are quoted."""
        return citation(self.release_id)


def ecrire(con: duckdb.DuckDBPyConnection, theme: Theme, fichier: Path, lignes_max: int = LIGNES_MAX) -> None:
    """Write the workbook; the same release gives the same bytes."""
    unites = {u["unite"]: Unite.lire(u) for u in lignes(con, f"from {theme.lire('dim_unite')}")}
    indicateurs = [i for i in theme.indicateurs if i["indicateur_id"] in theme.colonnes]
    choix = _choisir(con, theme, indicateurs, lignes_max)
    # Rows are many: they wait for the end of the file on the disk, beside it.
    with Workbook(str(fichier), options() | {"in_memory": False, "tmpdir": str(fichier.parent)}) as livre:
        livre.set_properties(proprietes(theme.libelle, theme.citation, theme.release_id, theme.bandeau or ""))
        formats = Formats(livre)
        _donnees(con, formats, theme, indicateurs, unites, choix)
        _guide(formats.page("Guide", (26, 100)), theme, choix)
        _dictionnaire(con, formats, theme, indicateurs, unites)


# Which rows -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Choix:
    """Which rows go in; `communes`: the years of communes where not all do."""

    lignes: int
    condition: str = "true"
    communes: tuple[int, ...] | None = None


def _choisir(
    con: duckdb.DuckDBPyConnection, theme: Theme, indicateurs: Sequence[Mapping[str, Any]], lignes_max: int
) -> _Choix:
    comptes = con.execute(
        f"select niveau = 'commune', millesime, count(*) from {theme.mart} group by all order by all"
    ).fetchall()
    total = sum(nombre for *_, nombre in comptes)
    if total <= lignes_max:
        return _Choix(total)
    ids = [nom_sql(i["indicateur_id"]) for i in indicateurs]
    statuts = [nom_sql(f"{i['indicateur_id']}_statut") for i in indicateurs]
    derniers = ", ".join(f"max(millesime) filter ({s} in {MONTRENT})" for s in statuts) if ids else "null"
    lus = con.execute(f"select {derniers} from {theme.mart} where niveau = 'commune'").fetchone() or ()
    par_annee = {annee: nombre for commune, annee, nombre in comptes if commune}
    reste = sum(nombre for commune, _, nombre in comptes if not commune)
    # The years that are the last of most indicateurs first.
    utiles = Counter(annee for annee in lus if annee is not None)
    retenues: list[int] = []
    for annee in sorted(utiles, key=lambda annee: (-utiles[annee], -annee)):
        if reste + par_annee[annee] <= lignes_max or not retenues:
            retenues.append(annee)
            reste += par_annee[annee]
    annees = ", ".join(map(str, retenues)) or "null"
    condition = f"(m.niveau <> 'commune' or m.millesime in ({annees}))"
    return _Choix(reste, condition, tuple(sorted(retenues)))


def _lire(
    con: duckdb.DuckDBPyConnection, theme: Theme, choix: _Choix, ids: Sequence[str]
) -> Iterator[tuple[Any, ...]]:
    """Yield the rows: the columns of every theme, then ranks, texts and statuts of figures, as lists."""
    niveau = " ".join(f"when {texte_sql(n)} then {texte_sql(mot)}" for n, mot in _NIVEAUX.items())
    rangees = con.execute(
        f"select m.libelle, case m.niveau {niveau} else m.niveau end, m.millesime, m.code, t.epci_libelle,"
        " t.departement, m.territoire_id, if(m.demonstration, 'oui', 'non'), rangs, dits, statuts"
        f" from {theme.mart} as m left join {theme.lire('dim_territoire')} as t"
        " on m.territoire_id = t.territoire_id left join (select territoire_id, millesime,"
        " list(list_position($ids, indicateur_id) - 1) as rangs,"
        " list(coalesce(valeur_texte, valeur_affichee)) as dits, list(statut) as statuts"
        f" from {theme.lire('fct_indicateurs')} as m where list_contains($ids, indicateur_id)"
        f" and {choix.condition} group by all) as f"
        " on m.territoire_id = f.territoire_id and m.millesime = f.millesime"
        f" where {choix.condition} order by list_position({list(_NIVEAUX)}, m.niveau),"
        f" {NOM.format('m.libelle')}, m.territoire_id, m.millesime",
        {"ids": list(ids)},
    )
    while lot := rangees.fetchmany(_PAR_LOT):
        yield from lot


# The sheet of figures ---------------------------------------------------------------------------------------


def _donnees(
    con: duckdb.DuckDBPyConnection,
    formats: Formats,
    theme: Theme,
    indicateurs: Sequence[Mapping[str, Any]],
    unites: Mapping[str, Unite],
    choix: _Choix,
) -> None:
    fixes = _FIXES if theme.bandeau else _FIXES[:-1]
    page = Page(
        formats,
        DONNEES,
        [large for *_, large in fixes] + [_LARGEUR] * len(indicateurs),
        genre=grille.Grille,
    )
    legende = ", ".join(
        [f"{MARQUES[s]} {NOMS[s]}" for s in SANS_CHIFFRE]
        + [f"{''.join(signes).strip()} {NOMS[s]}" for s, signes in SIGNES.items()]
    )
    titre = f"{theme.libelle}. {legende} : voir la feuille « Guide ». Publication {theme.release_id}."
    if theme.bandeau:
        titre = f"{theme.bandeau}. {titre}"
    page.ecrire(0, titre, **(BANDEAU if theme.bandeau else {"bold": True}))
    page.suivant()
    natures = {i["indicateur_id"]: unites[i["unite"]].nature for i in indicateurs}
    for colonne, identifiant in enumerate([*(nom for nom, *_ in fixes), *natures]):
        page.ecrire(colonne, identifiant, font_size=8, font_color=apparence.ENCRE_DOUCE)
    page.suivant()
    colonnes = [Colonne(dit) for _, dit, _ in fixes] + [Colonne(_titre(i, unites), True) for i in indicateurs]
    page.tableau(colonnes, (), nom="donnees", liste=True)
    page.bords(theme.libelle, f"Publication {theme.release_id}", theme.bandeau or "")
    page.feuille.repeat_columns(0, _FIGEES - 1)
    page.feuille.freeze_panes(_PREMIERE, _FIGEES)
    lues = _lire(con, theme, choix, list(natures))
    page.feuille.remplir(_ecrites(formats, lues, len(fixes), tuple(natures.values())), choix.lignes)


def _ecrites(
    formats: Formats, lues: Iterable[tuple[Any, ...]], fixes: int, natures: Sequence[str]
) -> Iterator[list[str]]:
    @cache
    def fixe(valeur: str | int | None) -> str:
        return grille.ecrite(*formats.case(valeur))

    @cache
    def figure(nature: str, dit: str, statut: Statut) -> str:
        devant, derriere = SIGNES.get(statut, ("", ""))
        if nature == "date" and dit[0].isdigit():
            forme = formats(num_format=f"{litteral(devant)}dd/mm/yyyy{litteral(derriere)}")
            return grille.ecrite((date.fromisoformat(dit) - _JOUR_ZERO).days, forme)
        # What is no point begins with a word, and is its text.
        if nature in ("nombre", "annee") and not dit[0].isalpha():
            dit = f"{devant}{dit}{derriere}"
            return grille.ecrite(*formats.case(Cellule(dit, (imprime(dit) or (None,))[0])))
        return grille.ecrite(*formats.case(Cellule(dit), align="right"))

    for *debut, rangs, dits, statuts in lues:
        figures = [figure("nombre", MARQUES["non_disponible"], "non_disponible")] * len(natures)
        for rang, dit, statut in zip(rangs or (), dits or (), statuts or (), strict=True):
            figures[rang] = figure(natures[rang], dit, statut)
        yield [*map(fixe, debut[:fixes]), *figures]


def _titre(indicateur: Mapping[str, Any], unites: Mapping[str, Unite]) -> str:
    """Return the heading of a column: the label, and the unit where the label does not end with it."""
    unite = unites[indicateur["unite"]]
    dite = {"nombre": unite.suffixe or unite.libelle_pluriel, "booleen": "oui ou non"}.get(unite.nature)
    libelle = str(indicateur["libelle"])
    return f"{libelle} ({dite})" if dite and not libelle.lower().endswith(dite.lower()) else libelle


# The guide --------------------------------------------------------------------------------------------------


def _guide(page: Page, theme: Theme, choix: _Choix) -> None:
    page.guide(theme.bandeau, theme.libelle, theme.citation)
    page.titre("Ce que contient ce classeur")
    page.paragraphe(
        f"Feuille « {DONNEES} » : une ligne par territoire et par année (le millésime) où le thème a quelque"
        " chose, une colonne par indicateur. La deuxième ligne porte les identifiants, les mêmes que dans"
        " ctg.duckdb ; la troisième, les titres et leurs filtres. Le tableau s'appelle « donnees », pour un"
        " tableau croisé ou Power Query."
    )
    if choix.communes is not None:
        annees = ", ".join(map(str, choix.communes)) or "aucun"
        page.paragraphe(
            "Ce périmètre a plus de lignes qu'un tableur n'en ouvre aisément. Y sont tous les millésimes des"
            f" EPCI et des territoires plus larges, et ceux-ci des communes : {annees}. Les autres sont dans"
            f" la table mart_{theme.theme}, de ctg.duckdb ou de parquet/."
        )
    page.paragraphe(
        "Feuille « Indicateurs » : définition, univers, unité, sources et millésimes de chaque colonne. Les"
        " bornes d'un chiffre arrondi ou partiel sont dans la table fct_indicateurs, et dans le classeur que"
        " donne « ctg extract » pour un territoire."
    )
    page.titre("Lire une case")
    exemples: Mapping[Statut, str] = {
        "observe": "3\u202f250",
        "arrondi": "≈ 3\u202f250",
        "partiel": "3\u202f250 *",
    }
    page.statuts(exemples, LISIBILITES)
    page.paragraphe(
        "Sous ≈ et *, la case est un nombre, arrondi comme il est imprimé, ou une date : on la trie, on la"
        " filtre, on calcule avec. Une fourchette, « trop peu », s, nd et na sont un texte, qu'une somme"
        " ignore : une somme de communes n'est pas le chiffre de leur EPCI, qui a sa ligne. Un taux ne"
        " s'additionne jamais."
    )
    page.paragraphe(
        "Une ligne est là dès qu'un indicateur du thème a quelque chose cette année-là. Les autres y portent"
        " nd, même sans aucun chiffre de cette année nulle part : la feuille « Indicateurs » dit les"
        " millésimes de chacun."
    )


def _dictionnaire(
    con: duckdb.DuckDBPyConnection,
    formats: Formats,
    theme: Theme,
    indicateurs: Sequence[Mapping[str, Any]],
    unites: Mapping[str, Unite],
) -> None:
    connus = {
        i: (sources, annees)
        for i, sources, annees in con.execute(
            f"select indicateur_id, list(distinct source_ids) filter (source_ids is not null),"
            f" list_sort(list(distinct millesime)) from {theme.lire('fct_indicateurs')}"
            f" where theme = ? and statut in {MONTRENT} group by all",
            [theme.theme],
        ).fetchall()
    }

    def ligne(i: Mapping[str, Any]) -> Iterator[str]:
        sources, annees = connus.get(i["indicateur_id"], ([], []))
        ids = sorted({source for ensemble in sources or [] for source in ensemble.split("+")})
        dites = " ; ".join(theme.sources.get(source, source) for source in ids)
        univers, definition = i["univers_libelle"], i["univers_definition"]
        yield str(i["libelle"])
        yield i["indicateur_id"]
        yield i["description"] or ""
        yield f"{univers} : {definition}" if definition else univers
        yield unites[i["unite"]].libelle_pluriel or ""
        yield ", ".join(_NIVEAUX.get(n, n) for n in (i["niveaux"] or "").split("+") if n)
        yield dites or f"Aucun chiffre : {i['motif'] or 'rien reçu pour ce périmètre'}"
        yield annees_dites(annees)

    page = formats.page("Indicateurs", [large for _, large in _DICTIONNAIRE])
    if theme.bandeau:
        page.paragraphe(theme.bandeau, **BANDEAU)
    page.tableau([Colonne(titre) for titre, _ in _DICTIONNAIRE], map(ligne, indicateurs), liste=True)
    page.feuille.freeze_panes(2 if theme.bandeau else 1, 1)


_DICTIONNAIRE = (
    ("Indicateur", 40),
    ("Identifiant", 30),
    ("Définition", 50),
    ("Univers", 34),
    ("Unité", 14),
    ("Niveaux", 26),
    ("Sources", 46),
    ("Millésimes", 24),
)
