"""The workbook of a theme: its wide mart as an Excel user filters it, and the guide to read it.

Where a scope has more rows than a spreadsheet opens, every year of EPCI and wider territories is kept, and
for communes as many of the last years as go in; the guide names them.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import duckdb
from xlsxwriter import Workbook
from xlsxwriter.utility import xl_range_abs

from publication.classeurs import grille
from publication.classeurs.mise_en_forme import (
    BANDEAU,
    CORPS,
    ENTETE,
    LIGNE,
    MARQUE,
    Formats,
    Page,
    couper_en_lignes,
    format_nombre,
    mettre_en_page,
    options,
    proprietes,
)
from publication.commun import apparence
from publication.lecture.alphabet import NOM
from publication.lecture.annees import annees_dites
from publication.lecture.citation import INVENTES as INVENTES
from publication.lecture.citation import citation
from publication.lecture.lignes import lignes
from publication.lecture.niveaux import NIVEAUX
from publication.lecture.statuts import LISIBILITES, NOMS, SENS
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

_IDENTIFIANTS, _ENTETE, _PREMIERE = 1, 2, 3
_FIXES = (
    ("libelle", "Territoire", 44),
    ("niveau", "Niveau", 14),
    ("millesime", "Millésime", 11),
    ("code", "Code", 12),
    ("epci_libelle", "EPCI", 34),
    ("departement", "Département", 13),
    ("territoire_id", "Identifiant", 20),
)
"""Id, heading and width of the columns that every theme has."""

_FIGEES = 3
_LARGEUR = 17


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
    octets = BytesIO()
    with Workbook(octets, options()) as livre:
        livre.set_properties(proprietes(theme.libelle, theme.citation, theme.release_id, theme.bandeau or ""))
        formats = Formats(livre)
        fixes = [*_FIXES, *([("demonstration", "Démonstration", 15)] if theme.bandeau else [])]
        modeles = _donnees(formats, theme, fixes, indicateurs, unites, choix.lignes)
        _guide(formats.page("Guide", (26, 100)), theme, choix)
        _dictionnaire(con, formats, theme, indicateurs, unites)
    numeros = grille.styles(octets.getvalue(), _PREMIERE)
    assert len(numeros) == modeles
    grille.remplir(
        octets.getvalue(),
        fichier,
        con,
        _cellules(fixes, indicateurs, unites, numeros),
        _relation(theme, choix),
        _PREMIERE,
        choix.lignes,
    )


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


def _relation(theme: Theme, choix: _Choix) -> str:
    niveau = " ".join(f"when {texte_sql(n)} then {texte_sql(mot)}" for n, mot in _NIVEAUX.items())
    ordre = f"list_position({list(_NIVEAUX)}, m.niveau), {NOM.format('m.libelle')}, m.territoire_id"
    # What is no point is written as it is printed: nothing is to be computed with it.
    return (
        f"select m.*, f.dits, t.epci_libelle, t.departement,"
        f" case m.niveau {niveau} else m.niveau end as niveau_dit,"
        f" {_PREMIERE} + row_number() over (order by {ordre}, m.millesime) as r"
        f" from {theme.mart} as m left join {theme.lire('dim_territoire')} as t"
        f" on m.territoire_id = t.territoire_id left join (select territoire_id, millesime,"
        " map_from_entries(list(row(indicateur_id, valeur_affichee))) as dits"
        f" from {theme.lire('fct_indicateurs')} where theme = {texte_sql(theme.theme)}"
        " and lisibilite in ('intervalle', 'trop_peu') group by all) as f"
        f" on m.territoire_id = f.territoire_id and m.millesime = f.millesime where {choix.condition}"
    )


# The sheet of figures ---------------------------------------------------------------------------------------

_STYLES_FIXES = 5
"""Of texts, of texts that begin as a formula, of years, of marks, of texts to the right."""


def _donnees(
    formats: Formats,
    theme: Theme,
    fixes: Sequence[tuple[str, str, int]],
    indicateurs: Sequence[Mapping[str, Any]],
    unites: Mapping[str, Unite],
    nombre: int,
) -> int:
    """Write the sheet but its rows, and its model row; return how many formats that has."""
    feuille = formats.livre.add_worksheet(DONNEES)
    legende = ", ".join(
        [f"{MARQUES[s]} {NOMS[s]}" for s in SANS_CHIFFRE]
        + [f"{''.join(signes).strip()} {NOMS[s]}" for s, signes in SIGNES.items()]
    )
    titre = f"{theme.libelle}. {legende} : voir la feuille « Guide ». Publication {theme.release_id}."
    if theme.bandeau:
        titre = f"{theme.bandeau}. {titre}"
    formats.texte(feuille, 0, 0, titre, **(BANDEAU if theme.bandeau else {"bold": True}))
    titres = [*fixes] + [(i["indicateur_id"], _titre(i, unites), _LARGEUR) for i in indicateurs]
    hauteur = 1
    for colonne, (identifiant, texte, large) in enumerate(titres):
        feuille.set_column(colonne, colonne, large)
        formats.texte(feuille, _IDENTIFIANTS, colonne, identifiant, font_size=8, **_DISCRET)
        # The arrow of a filter covers two characters.
        hauteur = max(hauteur, couper_en_lignes(texte, large - 3, CORPS, gras=True))
        formats.texte(feuille, _ENTETE, colonne, texte, **ENTETE)
    feuille.set_row(_ENTETE, LIGNE * hauteur)
    derniere = max(_PREMIERE, _PREMIERE + nombre - 1)
    feuille.autofilter(_ENTETE, 0, derniere, len(titres) - 1)
    feuille.freeze_panes(_PREMIERE, _FIGEES)
    place = xl_range_abs(_ENTETE, 0, derniere, len(titres) - 1)
    formats.livre.define_name("donnees", f"='{DONNEES}'!{place}")
    mettre_en_page(feuille)
    feuille.repeat_rows(0, _ENTETE)
    feuille.repeat_columns(0, _FIGEES - 1)
    feuille.set_footer(f"&LPublication {theme.release_id}&C{theme.bandeau or ''}&R&P / &N")
    modeles = [
        formats(),
        formats(quote_prefix=True),
        formats(num_format="0", align="left"),
        formats(**MARQUE),
        formats(align="right"),
    ]
    for i in indicateurs:
        for signes in (("", ""), *SIGNES.values()):
            ecrit = format_nombre(unites[i["unite"]], i["decimales"], *signes)
            modeles.append(formats(num_format=ecrit))
    for colonne, modele in enumerate(modeles):
        feuille.write_blank(_PREMIERE, colonne, None, modele)
    return len(modeles)


_DISCRET: dict[str, Any] = {"font_color": apparence.ENCRE_DOUCE}


def _titre(indicateur: Mapping[str, Any], unites: Mapping[str, Unite]) -> str:
    """Return the heading of a column: the label, and the unit where the label does not end with it."""
    unite = unites[indicateur["unite"]]
    dite = {"nombre": unite.suffixe or unite.libelle_pluriel, "booleen": "oui ou non"}.get(unite.nature)
    libelle = str(indicateur["libelle"])
    return f"{libelle} ({dite})" if dite and not libelle.lower().endswith(dite.lower()) else libelle


def _cellules(
    fixes: Sequence[tuple[str, str, int]],
    indicateurs: Sequence[Mapping[str, Any]],
    unites: Mapping[str, Unite],
    numeros: Sequence[int],
) -> list[str]:
    """Return the SQL of each cell of a row."""
    normal, prefixe, annee, marque, droite = numeros[:_STYLES_FIXES]
    texte = grille.Style(normal, prefixe)
    cellules = []
    for colonne, (nom, *_) in enumerate(fixes):
        if nom == "millesime":
            cellules.append(grille.nombre(colonne, "millesime", str(annee)))
        elif nom == "demonstration":
            cellules.append(grille.texte(colonne, "if(demonstration, 'oui', 'non')", texte))
        else:
            cellules.append(grille.texte(colonne, "niveau_dit" if nom == "niveau" else nom, texte))
    for rang, i in enumerate(indicateurs):
        colonne, valeur, statut = (
            len(fixes) + rang,
            nom_sql(i["indicateur_id"]),
            f"{i['indicateur_id']}_statut",
        )
        debut = _STYLES_FIXES + rang * (1 + len(SIGNES))
        sien, *autres = numeros[debut : debut + 1 + len(SIGNES)]
        cas = " ".join(f"when '{s}' then {n}" for s, n in zip(SIGNES, autres, strict=True))
        style = f"case {nom_sql(statut)} {cas} else {sien} end"
        aligne = grille.Style(droite, prefixe)
        match unites[i["unite"]].nature:
            case "nombre":
                montre = grille.nombre(colonne, grille.arrondi(valeur, i["decimales"]), style)
            case "annee":
                montre = grille.nombre(colonne, grille.arrondi(valeur, 0), style)
            case "booleen":
                # A wide mart holds `oui` itself, or a number.
                dit = f"replace(replace(cast({valeur} as varchar), '1.0', 'oui'), '0.0', 'non')"
                montre = grille.texte(colonne, dit, aligne)
            case "date":
                serie = f"cast(cast({valeur} as date) - date '1899-12-30' as varchar)"
                montre = grille.nombre(colonne, serie, style)
            case _:
                montre = grille.texte(colonne, valeur, aligne)
        imprime = f"dits[{texte_sql(i['indicateur_id'])}]"
        montre = (
            f"case when {imprime} is null then {montre} else {grille.texte(colonne, imprime, aligne)} end"
        )
        cellules.append(grille.selon_le_statut(colonne, statut, montre, grille.Style(marque, marque)))
    return cellules


# The guide --------------------------------------------------------------------------------------------------


def _guide(page: Page, theme: Theme, choix: _Choix) -> None:
    if theme.bandeau:
        page.paragraphe(theme.bandeau, **BANDEAU)
    page.paragraphe(theme.libelle, bold=True, font_size=14)
    page.paragraphe(theme.citation)
    page.titre("Ce que contient ce classeur")
    page.paragraphe(
        f"Feuille « {DONNEES} » : une ligne par territoire et par année (le millésime) où le thème a quelque"
        " chose, une colonne par indicateur. La deuxième ligne porte les identifiants, les mêmes que dans"
        " ctg.duckdb ; la troisième, les titres et leurs filtres. Le nom « donnees » désigne le tableau,"
        " titres compris, pour un tableau croisé ou Power Query."
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
        " donne « ctg extraire » pour un territoire."
    )
    page.titre("Lire une case")
    exemples = {"observe": "3\u202f250", "arrondi": "≈ 3\u202f250", "partiel": "3\u202f250 *"}
    page.rangee(("Dans la case", "Ce que cela veut dire"), **ENTETE)
    for statut, nom in NOMS.items():
        page.rangee((exemples.get(statut) or MARQUES[statut], f"{nom[0].upper()}{nom[1:]}. {SENS[statut]}"))
    for dit, sens in LISIBILITES.items():
        page.rangee((dit, sens))
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
    page = formats.page("Indicateurs", (40, 30, 50, 34, 14, 26, 46, 24))
    if theme.bandeau:
        page.paragraphe(theme.bandeau, **BANDEAU)
    debut = page.rang
    page.rangee(
        ("Indicateur", "Identifiant", "Définition", "Univers", "Unité", "Niveaux", "Sources", "Millésimes"),
        **ENTETE,
    )
    for i in indicateurs:
        sources, annees = connus.get(i["indicateur_id"], ([], []))
        ids = sorted({source for ensemble in sources or [] for source in ensemble.split("+")})
        dites = " ; ".join(theme.sources.get(source, source) for source in ids)
        univers, definition = i["univers_libelle"], i["univers_definition"]
        page.rangee(
            (
                str(i["libelle"]),
                i["indicateur_id"],
                i["description"] or "",
                f"{univers} : {definition}" if definition else univers,
                unites[i["unite"]].libelle_pluriel or "",
                ", ".join(_NIVEAUX.get(n, n) for n in (i["niveaux"] or "").split("+") if n),
                dites or f"Aucun chiffre : {i['motif'] or 'rien reçu pour ce périmètre'}",
                annees_dites(annees),
            )
        )
    page.feuille.autofilter(debut, 0, max(debut, page.rang - 1), 7)
    page.feuille.freeze_panes(debut + 1, 1)
