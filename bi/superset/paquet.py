"""The dashboard as the ZIP that Superset imports: `databases/`, `datasets/`, `charts/`, `dashboards/`.

Made from a release when imported: labels, definitions and what may be added up are those that it states.
"""

import io
import json
import re
import uuid
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bi.superset import tableau
from bi.superset.tableau import Graphique, Texte
from publication.commun.apparence import CONTOUR, MARQUES
from publication.exports.postgres.tables import Table, ouvrir
from publication.lecture.statuts import NOMS
from publication.portraits.contenu.evaluation import SITUATIONS
from publication.portraits.contenu.plan import groupes_de_cles
from publication.site.mots import NATURE_DE_RUPTURE
from socle.sql import liste_sql

VERSION = "1.0.0"
RACINE = "suivi-ctg"
BASE = "databases/observatoire.yaml"
SCHEMA = "marts"
_ICI = Path(__file__).parent
_ESPACE = uuid.UUID("8f9d1d5e-4c1c-5d2b-9a63-0c7e5f3a2b10")
_TYPES = {"text": "TEXT", "double precision": "DOUBLE PRECISION"}
# What a description goes on to say after its first words.
_SUITE = re.compile(r" ; |, | \(|\. | : ")
_DATES = ("date", "timestamp")


@dataclass(frozen=True)
class Jeu:
    """A dataset: a table of the release, or a query (`sql`) on several."""

    nom: str
    description: str
    colonnes: tuple[dict[str, Any], ...]
    mesures: tuple[dict[str, Any], ...] = ()
    sql: str | None = None


def identifiant(*mots: str) -> str:
    """Return the UUID of a thing of the page: the same each time, so that an import replaces it."""
    return str(uuid.uuid5(_ESPACE, "/".join(mots)))


def paquet(release: Path, adresse: str) -> bytes:
    """Return the ZIP of a release, the same bytes each time; `adresse`: SQLAlchemy URI without a password."""
    sortie = io.BytesIO()
    with zipfile.ZipFile(sortie, "w", zipfile.ZIP_DEFLATED) as archive:
        for nom, contenu in fichiers(release, adresse).items():
            texte = yaml.safe_dump(contenu, allow_unicode=True, sort_keys=False, width=110)
            archive.writestr(zipfile.ZipInfo(f"{RACINE}/{nom}", (1980, 1, 1, 0, 0, 0)), texte)
    return sortie.getvalue()


def fichiers(release: Path, adresse: str) -> dict[str, dict[str, Any]]:
    """Return what each file of the ZIP says, by its name."""
    with ouvrir(release) as contenu:
        tables = {t.nom: t for t in contenu.tables}
    semantique = json.loads((release / "semantique.json").read_bytes())
    jeux = [*jeux_du_tableau(tables), *jeux_des_tables(tables, semantique)]
    faits: dict[str, dict[str, Any]] = {"metadata.yaml": {"version": VERSION}, BASE: _base(adresse)}
    faits |= {f"datasets/observatoire/{jeu.nom}.yaml": _dataset(jeu) for jeu in jeux}
    with duckdb.connect(str(release / "ctg.duckdb"), read_only=True) as con:
        dites = {g.nom: _dite(con, g) for g in tableau.graphiques()}
        faits |= {f"charts/{g.nom}.yaml": _chart(g, *dites[g.nom]) for g in tableau.graphiques()}
        titres = {nom: titre for nom, (titre, _) in dites.items()}
        faits["dashboards/suivi_ctg.yaml"] = _dashboard(*_au_depart(con), _ruptures(con), titres)
    return faits


# Datasets ---------------------------------------------------------------------------------------------------


def requetes() -> dict[str, str]:
    """Return the query of each dataset of the page, for PostgreSQL."""
    modeles = Environment(loader=FileSystemLoader(_ICI / "jeux"), undefined=StrictUndefined, autoescape=False)
    fragments: Any = modeles.get_template("_fragments.sql").make_module()
    mots = {
        "statuts": NOMS,
        "marques": MARQUES,
        "natures": NATURE_DE_RUPTURE,
        "situations": SITUATIONS,
        "cles": [(titre, nom) for titre, noms in groupes_de_cles() for nom in noms],
        "roles": tableau.ROLES,
        "couleurs": tableau.CLASSES,
        "sans_couleur": tableau.SANS_COULEUR,
        "bord": CONTOUR,
        **{nom: getattr(fragments, nom) for nom in ("etiquette", "mot", "concernes", "themes")},
    }
    return {nom: modeles.get_template(f"{nom}.sql").render(mots).strip() for nom in _declares()}


def jeux_du_tableau(tables: Mapping[str, Table]) -> Iterator[Jeu]:
    """Yield the datasets of the page: queries, whose columns say what those of the tables say."""
    sql = requetes()
    for nom, dit in _declares().items():
        colonnes = tuple(_declaree(tables, colonne, mots) for colonne, mots in dit["colonnes"].items())
        yield Jeu(nom, dit["description"], colonnes, sql=sql[nom])


def jeux_des_tables(tables: Mapping[str, Table], semantique: Mapping[str, Any]) -> Iterator[Jeu]:
    """Yield the tables that people make charts of their own from: facts, dimensions, one mart per theme."""
    sommables = semantique["regles"]["statuts_sommables"]
    par_table: dict[str, list[dict[str, Any]]] = {}
    for indicateur in semantique["indicateurs"]:
        if large := indicateur["large"]:
            par_table.setdefault(large["table"], []).append(indicateur)
    simples = ("fct_indicateurs", "mart_derniers_chiffres", "dim_territoire", "dim_indicateur", "dim_release")
    for nom in (*simples, *sorted(par_table), *(f"{mart}_actuel" for mart in sorted(par_table))):
        table = tables[nom]
        du_dictionnaire = {i["large"]["valeur"]: i for i in par_table.get(nom, ())}
        colonnes = []
        for c in table.colonnes:
            dit = du_dictionnaire.get(c.nom)
            libelle = f"{dit['libelle']} ({dit['unite']})" if dit else court(c.description or c.nom)
            description = dit["definition"] if dit else c.description or ""
            colonnes.append(_colonne(c.nom, c.type, libelle, description))
        numeriques = {c.nom for c in table.colonnes if c.type == "double precision"}
        mesures = [
            _mesure(i, sommables) for i in par_table.get(nom, ()) if i["large"]["valeur"] in numeriques
        ]
        if "valeur" in numeriques:
            mesures.append(
                _metrique("valeur_seule", "Valeur d'une seule ligne", seule_ligne("valeur"), SANS_SOMME)
            )
        yield Jeu(nom, table.description or "", tuple(colonnes), tuple(mesures))


SANS_SOMME = "Ne s'additionne pas : la valeur d'une seule ligne, et rien s'il y en a plusieurs."


def seule_ligne(colonne: str) -> str:
    """SQL: the value of the only row, and nothing of several."""
    return f"case when count(*) = 1 then max({colonne}) end"


def somme(colonne: str, statut: str, sommables: Sequence[str]) -> str:
    """SQL: a sum that `semantique.json` allows: one niveau without overlaps, one year, whole figures."""
    return (
        f"case when count(*) = 1 then max({colonne}) when count(distinct niveau) = 1 and min(niveau) <> 'ctg'"
        " and count(distinct millesime) = 1 and count(distinct territoire_id) = count(*)"
        f" and bool_and({statut} in {liste_sql(sommables)}) then sum({colonne}) end"
    )


def court(description: str) -> str:
    """Return the first words of a description: what stands above a column."""
    return _SUITE.split(description, maxsplit=1)[0].rstrip(".")


def _mesure(indicateur: Mapping[str, Any], sommables: Sequence[str]) -> dict[str, Any]:
    nom, large, regle = indicateur["indicateur_id"], indicateur["large"], indicateur["aggregation"]
    if regle["territoires"] == "sum":
        sql = somme(large["valeur"], large["statut"], sommables)
        avis = "S'additionne entre territoires d'un même niveau (hors CTG) et d'une même année, sinon rien."
    else:
        sql, avis = seule_ligne(large["valeur"]), SANS_SOMME
    return _metrique(
        nom, indicateur["libelle"], sql, f"{indicateur['definition']}. {avis}".replace("..", ".")
    )


def _metrique(nom: str, libelle: str, sql: str, description: str) -> dict[str, Any]:
    return {
        "metric_name": nom,
        "verbose_name": libelle,
        "expression": sql,
        "description": description,
    }


@cache
def _declares() -> dict[str, dict[str, Any]]:
    lus: dict[str, dict[str, Any]] = yaml.safe_load((_ICI / "jeux.yml").read_text(encoding="utf-8"))
    return lus


def _declaree(tables: Mapping[str, Table], nom: str, mots: str) -> dict[str, Any]:
    """A column of a query: `table | label | type`, where what is not said is what the table says."""
    origine, libelle, type_, *_ = (*(mot.strip() for mot in mots.split("|")), "", "")
    if not origine:
        return _colonne(nom, type_ or "text", libelle, "")
    (lue,) = (c for c in tables[origine].colonnes if c.nom == nom)
    description = lue.description or ""
    return _colonne(nom, type_ or lue.type, libelle or court(description), description)


def _colonne(nom: str, type_: str, libelle: str, description: str) -> dict[str, Any]:
    return {
        "column_name": nom,
        "verbose_name": libelle,
        "description": description,
        "type": _TYPES.get(type_, type_.upper()),
        "is_dttm": type_ in _DATES,
        "is_active": True,
        "groupby": True,
        "filterable": True,
    }


def _dataset(jeu: Jeu) -> dict[str, Any]:
    return {
        "table_name": jeu.nom,
        "description": jeu.description,
        "offset": 0,
        "schema": SCHEMA,
        "sql": jeu.sql,
        "filter_select_enabled": True,
        "normalize_columns": False,
        "always_filter_main_dttm": False,
        "uuid": identifiant("dataset", jeu.nom),
        "metrics": list(jeu.mesures),
        "columns": list(jeu.colonnes),
        "version": VERSION,
        "database_uuid": identifiant("database"),
    }


def _base(adresse: str) -> dict[str, Any]:
    return {
        "database_name": "Observatoire CTG",
        "sqlalchemy_uri": adresse,
        "expose_in_sqllab": True,
        "allow_run_async": False,
        "allow_ctas": False,
        "allow_cvas": False,
        "allow_dml": False,
        "allow_file_upload": False,
        "extra": {"allows_virtual_table_explore": True},
        "uuid": identifiant("database"),
        "version": VERSION,
    }


# Charts -----------------------------------------------------------------------------------------------------


def _dite(con: duckdb.DuckDBPyConnection, g: Graphique) -> tuple[str, dict[str, Any]]:
    """The title of a chart and the format of its figure: those of its indicateur, where it is of one."""
    if not g.indicateur:
        return g.titre, {}
    lue = con.execute(
        "select i.libelle, u.suffixe, i.decimales from marts.dim_indicateur as i"
        " inner join marts.dim_unite as u using (unite) where i.indicateur_id = ?",
        [g.indicateur],
    ).fetchone()
    assert lue, g.indicateur
    libelle, suffixe, decimales = lue
    titre = f"{libelle} ({suffixe})" if suffixe else libelle
    return titre, {"y_axis_format": f",.{decimales}f"}


def _ruptures(con: duckdb.DuckDBPyConnection) -> list[int]:
    """The years from which a line is read again, those after a year of its own too (`suivi_series.sql`)."""
    lues = con.execute(
        "select millesime from marts.ruptures_series"
        " union select millesime + 1 from marts.ruptures_series where nature = 'perimetre_epci'"
    )
    return [annee for (annee,) in lues.fetchall()]


def _chart(g: Graphique, titre: str, format_: Mapping[str, Any]) -> dict[str, Any]:
    source = {"id": 0, "type": "table"}
    requete = {"filters": [], "time_range": "No filter", "annotation_layers": []} | g.forme.requete
    return {
        "slice_name": titre,
        "viz_type": g.forme.viz_type,
        "params": {"datasource": "0__table", "viz_type": g.forme.viz_type, **g.forme.reglages, **format_},
        # What Superset's API answers with when it is asked for the data of the chart.
        "query_context": json.dumps(
            {
                "datasource": source,
                "force": False,
                "queries": [requete],
                "form_data": {"viz_type": g.forme.viz_type},
                "result_format": "json",
                "result_type": "full",
            }
        ),
        "uuid": identifiant("chart", g.nom),
        "version": VERSION,
        "dataset_uuid": identifiant("dataset", g.jeu),
    }


# The page ---------------------------------------------------------------------------------------------------


def _au_depart(con: duckdb.DuckDBPyConnection) -> tuple[str, str]:
    """The territory and the indicateur that the page opens on: the newest convention, or the first EPCI."""
    territoires = requetes()["suivi_territoires"]
    choisi = con.execute(
        f"""
        select t.territoire from ({territoires}) as t
        left join marts.ctg_conventions as c on c.ctg_id = t.territoire_id
        order by c.annee_debut desc nulls last, t.niveau <> 'epci', t.territoire_id limit 1
        """
    ).fetchone()
    indicateur = con.execute(
        "select libelle from marts.dim_indicateur where indicateur_id = ?", [tableau.INDICATEUR]
    ).fetchone()
    assert choisi and indicateur
    return str(choisi[0]), str(indicateur[0])


def _dashboard(
    territoire: str, indicateur: str, ruptures: Sequence[int], titres: Mapping[str, str]
) -> dict[str, Any]:
    numeros = {g.nom: rang for rang, g in enumerate(tableau.graphiques(), 1)}
    return {
        "dashboard_title": tableau.TITRE,
        "slug": tableau.ADRESSE,
        "published": True,
        "uuid": identifiant("dashboard"),
        "position": _positions(numeros, titres),
        "metadata": {
            "color_scheme": "supersetColors",
            "label_colors": tableau.couleurs(ruptures),
            "shared_label_colors": [],
            "cross_filters_enabled": False,
            "expanded_slices": {},
            "refresh_frequency": 0,
            "timed_refresh_immune_slices": [],
            "native_filter_configuration": [
                _filtre("territoire", "Territoire", "suivi_territoires", territoire, numeros),
                _filtre("indicateur", "Indicateur", "suivi_indicateurs", indicateur, numeros),
            ],
        },
        "version": VERSION,
    }


def _filtre(colonne: str, nom: str, jeu: str, valeur: str, numeros: Mapping[str, int]) -> dict[str, Any]:
    return {
        "id": f"NATIVE_FILTER-{colonne}",
        "name": nom,
        "type": "NATIVE_FILTER",
        "filterType": "filter_select",
        "description": "",
        "targets": [{"datasetUuid": identifiant("dataset", jeu), "column": {"name": colonne}}],
        "controlValues": {
            "enableEmptyFilter": True,
            "defaultToFirstItem": False,
            "multiSelect": False,
            "searchAllOptions": True,
            "inverseSelection": False,
        },
        "defaultDataMask": {
            "extraFormData": {"filters": [{"col": colonne, "op": "IN", "val": [valeur]}]},
            "filterState": {"value": [valeur], "label": valeur},
            "ownState": {},
        },
        "cascadeParentIds": [],
        "scope": {
            "rootPath": ["ROOT_ID"],
            "excluded": [numeros[g.nom] for g in tableau.graphiques() if colonne not in g.filtres],
        },
    }


def _positions(numeros: Mapping[str, int], titres: Mapping[str, str]) -> dict[str, Any]:
    """The tree of the page: headings and rows under the grid, charts and texts in rows."""
    arbre: dict[str, Any] = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]},
        "GRID_ID": {"type": "GRID", "id": "GRID_ID", "children": [], "parents": ["ROOT_ID"]},
        "HEADER_ID": {"type": "HEADER", "id": "HEADER_ID", "meta": {"text": tableau.TITRE}},
    }
    grille = ["ROOT_ID", "GRID_ID"]

    def poser(type_: str, parents: Sequence[str], meta: dict[str, Any]) -> str:
        nom = f"{type_}-{len(arbre)}"
        arbre[nom] = {"type": type_, "id": nom, "children": [], "parents": list(parents), "meta": meta}
        arbre[parents[-1]]["children"].append(nom)
        return nom

    for partie in tableau.PARTIES:
        if partie.titre:
            poser(
                "HEADER",
                grille,
                {"text": partie.titre, "headerSize": "MEDIUM_HEADER", "background": "BACKGROUND_TRANSPARENT"},
            )
        for rangee in partie.rangees:
            ligne = poser("ROW", grille, {"background": "BACKGROUND_TRANSPARENT"})
            for piece in rangee:
                meta: dict[str, Any] = {"width": piece.largeur, "height": piece.hauteur}
                if isinstance(piece, Texte):
                    poser("MARKDOWN", [*grille, ligne], meta | {"code": piece.texte})
                else:
                    meta |= {
                        "chartId": numeros[piece.nom],
                        "uuid": identifiant("chart", piece.nom),
                        "sliceName": titres[piece.nom],
                    }
                    poser("CHART", [*grille, ligne], meta)
    return arbre
