"""What Superset is given is coherent, says what the release says, and adds nothing up that must not be."""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest
import sqlglot
import yaml
from commande import Observatoire

from bi.superset import paquet, tableau
from publication.exports.postgres import Demande, publier
from publication.exports.postgres.serveur import Adresse
from tests.serveur_postgres import Serveur

ADRESSE = "postgresql+psycopg2://superset_lecture:XXXXXXXXXX@localhost:5432/observatoire"
CTG = "ctg:baronnies-2025"


@pytest.fixture(scope="module")
def release(demonstration: Observatoire) -> Path:
    return (demonstration.home / "releases" / "current").resolve()


@pytest.fixture(scope="module")
def fichiers(release: Path) -> dict[str, Any]:
    """What the files of the ZIP say, read back from it."""
    with zipfile.ZipFile(io.BytesIO(paquet.paquet(release, ADRESSE))) as archive:
        return {
            nom.removeprefix(f"{paquet.RACINE}/"): yaml.safe_load(archive.read(nom))
            for nom in archive.namelist()
        }


@pytest.fixture(scope="module")
def datasets(fichiers: dict[str, Any]) -> dict[str, Any]:
    return {f["table_name"]: f for nom, f in fichiers.items() if nom.startswith("datasets/")}


@pytest.fixture(scope="module")
def charts(fichiers: dict[str, Any]) -> dict[str, Any]:
    return {Path(nom).stem: f for nom, f in fichiers.items() if nom.startswith("charts/")}


@pytest.fixture(scope="module")
def base(postgres: Serveur, release: Path) -> Iterator[psycopg.Connection[Any]]:
    """A session of a reader on the release, published."""
    nom = postgres.base()
    publier(Adresse.lire(postgres.dsn(nom)), Demande(release, "marts", "ctg_lecture"))
    with psycopg.connect(postgres.dsn(nom), autocommit=True) as con:
        con.execute("set role ctg_lecture")
        con.execute("set default_transaction_read_only = on")
        yield con


def lire(con: psycopg.Connection[Any], requete: str) -> list[tuple[Any, ...]]:
    return con.execute(requete.encode()).fetchall()


def test_the_same_release_gives_the_same_bytes(release: Path) -> None:
    assert paquet.paquet(release, ADRESSE) == paquet.paquet(release, ADRESSE)


def test_what_a_file_refers_to_is_in_the_package(
    fichiers: dict[str, Any], datasets: dict[str, Any], charts: dict[str, Any]
) -> None:
    identifiants = [f["uuid"] for nom, f in fichiers.items() if nom != "metadata.yaml"]
    assert len(identifiants) == len(set(identifiants))
    base, page = fichiers[paquet.BASE], fichiers["dashboards/suivi_ctg.yaml"]
    assert {d["database_uuid"] for d in datasets.values()} == {base["uuid"]}
    jeux = {d["uuid"]: d for d in datasets.values()}
    assert {c["dataset_uuid"] for c in charts.values()} <= set(jeux)
    places = [p for p in page["position"].values() if isinstance(p, dict)]
    poses = {p["meta"]["uuid"]: p["meta"]["chartId"] for p in places if p["type"] == "CHART"}
    assert set(poses) == {c["uuid"] for c in charts.values()}
    par_nom = {p["id"]: p for p in places}
    for place in places:
        assert all(par_nom[enfant]["parents"][-1] == place["id"] for enfant in place.get("children", ()))
    for ligne in (p for p in places if p["type"] == "ROW"):
        assert sum(par_nom[enfant]["meta"]["width"] for enfant in ligne["children"]) == 12
    for filtre in page["metadata"]["native_filter_configuration"]:
        (cible,) = filtre["targets"]
        assert cible["column"]["name"] in _colonnes(jeux[cible["datasetUuid"]])
        for chart in charts.values():
            # A filter that a chart does not know would be left out without a word.
            if poses[chart["uuid"]] not in filtre["scope"]["excluded"]:
                assert cible["column"]["name"] in _colonnes(jeux[chart["dataset_uuid"]])


def test_a_chart_names_columns_of_its_dataset(datasets: dict[str, Any], charts: dict[str, Any]) -> None:
    for g in tableau.graphiques():
        connues, params = _colonnes(datasets[g.jeu]), charts[g.nom]["params"]
        nommees = {*params.get("all_columns", ()), *params.get("groupby", ())}
        nommees |= {json.loads(tri)[0] for tri in params.get("order_by_cols", ())}
        nommees |= {params[cle] for cle in ("x_axis", "geojson") if cle in params}
        assert nommees and nommees <= connues, g.nom
        (requete,) = json.loads(charts[g.nom]["query_context"])["queries"]
        demandees = {c["sqlExpression"] if isinstance(c, dict) else c for c in requete["columns"]}
        assert demandees <= nommees, g.nom


def test_a_dataset_declares_the_columns_of_its_query_in_order(datasets: dict[str, Any]) -> None:
    for nom, sql in paquet.requetes().items():
        lue = sqlglot.parse_one(sql, dialect="postgres")
        assert lue.named_selects == [c["column_name"] for c in datasets[nom]["columns"]], nom


def test_every_query_and_table_is_read_by_a_reader_who_may_only_read(
    base: psycopg.Connection[Any], datasets: dict[str, Any]
) -> None:
    for nom, dataset in datasets.items():
        source = f"({dataset['sql']})" if dataset["sql"] else f"marts.{nom}"
        colonnes = ", ".join(c["column_name"] for c in dataset["columns"])
        lire(base, f"select {colonnes} from {source} as v limit 1")
        for mesure in dataset["metrics"]:
            lire(base, f"select {mesure['expression']} from {source} as v where false")


def test_labels_and_definitions_are_those_of_the_dictionary(release: Path, datasets: dict[str, Any]) -> None:
    with duckdb.connect(str(release / "ctg.duckdb"), read_only=True) as con:
        dictionnaire = con.execute(
            "select theme, indicateur_id, libelle, unite, description from marts.dim_indicateur"
        ).fetchall()
        commentaires = dict(
            con.execute(
                "select table_name || '.' || column_name, comment from duckdb_columns()"
                " where schema_name = 'marts'"
            ).fetchall()
        )
    vus = 0
    for theme, nom, libelle, unite, description in dictionnaire:
        for c in datasets[f"mart_{theme}"]["columns"]:
            if c["column_name"] == nom:
                assert (c["verbose_name"], c["description"]) == (f"{libelle} ({unite})", description)
                vus += 1
    assert vus > 100
    for nom, dit in yaml.safe_load((Path(paquet.__file__).parent / "jeux.yml").read_text()).items():
        for c in datasets[nom]["columns"]:
            origine = dit["colonnes"][c["column_name"]].partition("|")[0].strip()
            assert c["description"] == (commentaires[f"{origine}.{c['column_name']}"] if origine else "")
            assert c["verbose_name"]


def test_what_never_adds_up_has_no_sum(release: Path, datasets: dict[str, Any]) -> None:
    semantique = json.loads((release / "semantique.json").read_bytes())
    mesures = {m["metric_name"]: m for d in datasets.values() for m in d["metrics"]}
    jamais = [i for i in semantique["indicateurs"] if i["aggregation"]["territoires"] == "never"]
    sommes = [i for i in semantique["indicateurs"] if i["aggregation"]["territoires"] == "sum"]
    assert len(jamais) > 40 and len(sommes) > 40
    for i in jamais:
        if i["indicateur_id"] in mesures:
            assert not re.search(r"\b(sum|avg)\s*\(", mesures[i["indicateur_id"]]["expression"])
    for g in tableau.graphiques():
        for mesure in g.forme.requete.get("metrics", ()):
            assert re.fullmatch(r"case when count\(\*\) = 1 then max\(\w+\) end", mesure["sqlExpression"])
    for sql in paquet.requetes().values():
        assert not re.search(r"\b(sum|avg|percentile_\w+)\s*\(", sql)


def test_a_metric_gives_what_may_be_summed_and_nothing_else(
    base: psycopg.Connection[Any], datasets: dict[str, Any]
) -> None:
    """Populations of the communes of an EPCI add up to its own; two years, two niveaux or rates do not."""

    def mesurer(nom: str, ou: str) -> Any:
        theme = {"population_municipale": "portrait_social", "part_allocataires_rsa": "portrait_social"}[nom]
        (mesure,) = (m for m in datasets[f"mart_{theme}"]["metrics"] if m["metric_name"] == nom)
        ((valeur,),) = lire(base, f"select {mesure['expression']} from marts.mart_{theme} where {ou}")
        return valeur

    communes = (
        "territoire_id in (select territoire_id from marts.dim_territoire"
        " where niveau = 'commune' and epci = '200068229')"
    )
    epci = "territoire_id = 'epci:200068229' and millesime = 2022"
    assert mesurer("population_municipale", epci) == mesurer(
        "population_municipale", f"{communes} and millesime = 2022"
    )
    assert mesurer("population_municipale", communes) is None
    assert mesurer("population_municipale", "millesime = 2022") is None
    assert mesurer("population_municipale", "niveau = 'ctg' and millesime = 2022") is None
    rsa = "millesime = (select max(millesime) from marts.fct_indicateurs where indicateur_id ="
    rsa += " 'part_allocataires_rsa')"
    assert mesurer("part_allocataires_rsa", f"territoire_id = 'epci:200068229' and {rsa}") is not None
    assert mesurer("part_allocataires_rsa", f"{communes} and {rsa}") is None


def test_a_choice_on_the_page_is_one_territory_and_one_indicateur(base: psycopg.Connection[Any]) -> None:
    """Filters go by the names that people read: two things under one name would be drawn as one."""
    sql = paquet.requetes()
    for nom, choix in (("suivi_territoires", "territoire"), ("suivi_indicateurs", "indicateur")):
        ((lignes, noms),) = lire(base, f"select count(*), count(distinct {choix}) from ({sql[nom]}) as v")
        assert lignes == noms > 100


@pytest.mark.parametrize(
    ("jeu", "cle"),
    [
        ("suivi_chiffres", "territoire, indicateur"),
        ("suivi_series", "territoire, indicateur, serie, annee"),
        ("suivi_classement", "territoire, indicateur, pair"),
        ("suivi_communes", "territoire, indicateur, commune"),
        ("suivi_carte", "territoire, indicateur, commune"),
        ("suivi_conventions", "territoire"),
        ("suivi_schema", "territoire, annee"),
    ],
)
def test_the_grain_of_a_dataset_is_that_of_its_charts(
    base: psycopg.Connection[Any], jeu: str, cle: str
) -> None:
    """So that the value of the only row is always there to be shown."""
    ou = f" where territoire_id in ('{CTG}', 'epci:200068229', 'commune:26220', 'departement:26')"
    doubles = lire(
        base,
        f"select {cle} from ({paquet.requetes()[jeu]}) as v{ou} group by {cle} having count(*) > 1 limit 3",
    )
    assert doubles == []


def test_a_line_is_cut_at_each_break_and_has_no_point_where_there_is_no_figure(
    base: psycopg.Connection[Any],
) -> None:
    series = paquet.requetes()["suivi_series"]
    ((avant, apres),) = lire(
        base,
        f"select max(serie) filter (where millesime = 2017), max(serie) filter (where millesime = 2024)"
        f" from ({series}) as v where territoire_id = '{CTG}' and role = 'territoire'"
        " and indicateur_id = 'part_allocataires_rsa'",
    )
    assert (avant, apres) == ("Ce territoire", "Ce territoire dès 2020")
    # No line has a break between two of its points.
    assert (
        lire(
            base,
            f"""
            select v.serie, v.indicateur, r.millesime from (
                select serie, indicateur, indicateur_id, territoire_id, min(millesime) as debut,
                    max(millesime) as fin
                from ({series}) as s where role = 'territoire'
                    and territoire_id in ('{CTG}', 'epci:200068229') group by all_columns
            ) as v
            inner join marts.ruptures_series as r
                on coalesce(r.territoire_id, v.territoire_id) = v.territoire_id
                and r.niveau = split_part(v.territoire_id, ':', 1)
                and coalesce(r.indicateur_id, v.indicateur_id) = v.indicateur_id
            where r.nature not in ('forme', 'serie') and r.millesime > v.debut and r.millesime <= v.fin
            """.replace("all_columns", "1, 2, 3, 4"),
        )
        == []
    )
    sans_chiffre = lire(
        base,
        f"select count(*), count(valeur) from ({series}) as v where territoire_id like 'commune:26%'"
        " and valeur_affichee in ('s', 'nd', 'na')",
    )
    assert sans_chiffre[0][0] > 100 and sans_chiffre[0][1] == 0


def test_the_year_of_another_perimeter_stands_alone_on_its_line() -> None:
    """2017 is of other communes than 2018: its line is cut on both sides, that of a new source before it."""
    with duckdb.connect() as con:
        con.execute("create schema marts")
        for table, colonnes in {
            "dim_territoire": "'epci:1' as territoire_id, 'epci' as niveau, '1' as code, 'CC' as libelle,"
            " '26' as departement, '84' as region",
            "dim_indicateur": "'taux' as indicateur_id, 'Taux' as libelle, true as comparable",
            "fct_indicateurs": "'epci:1' as territoire_id, 'epci' as niveau, 'taux' as indicateur_id,"
            " 'Taux' as indicateur_libelle, unnest(range(2015, 2023))::int as millesime, 1.0 as valeur,"
            " '1' as valeur_affichee, 'point' as lisibilite, 'observe' as statut, null as motif,"
            " '%' as unite, 's' as source_ids, true as demonstration",
            "ruptures_series": "'epci:1' as territoire_id, 'epci' as niveau, 'taux' as indicateur_id,"
            " unnest([2017, 2021]) as millesime, unnest(['perimetre_epci', 'source']) as nature",
        }.items():
            con.execute(f"create table marts.{table} as select {colonnes}")
        lues = con.execute(
            f"select serie, list(millesime order by millesime), list(rupture order by millesime)"
            f" from ({paquet.requetes()['suivi_series']}) as v group by serie order by min(millesime)"
        ).fetchall()
        coupures = paquet._ruptures(con)
    assert lues == [
        ("Ce territoire", [2015, 2016], ["", ""]),
        ("Ce territoire dès 2017", [2017], ["rupture"]),
        ("Ce territoire dès 2018", [2018, 2019, 2020], ["rupture", "", ""]),
        ("Ce territoire dès 2021", [2021, 2022], ["rupture", ""]),
    ]
    # Each of these lines has its colour.
    assert {2017, 2018, 2021} <= set(coupures)


def test_a_map_colours_points_alone_and_equal_values_alike(base: psycopg.Connection[Any]) -> None:
    sql = paquet.requetes()
    ou = f"where territoire_id = '{CTG}' and indicateur_id = 'part_allocataires_rsa'"
    valeurs = dict(lire(base, f"select commune, valeur from ({sql['suivi_communes']}) as v {ou}"))
    entites = [
        json.loads(dit) for (dit,) in lire(base, f"select contour from ({sql['suivi_carte']}) as v {ou}")
    ]
    couleurs = {e["extraProps"]["Commune"]: e["properties"]["fillColor"] for e in entites}
    assert couleurs.keys() == valeurs.keys() and {e["geometry"]["type"] for e in entites} <= {
        "Polygon",
        "MultiPolygon",
    }
    points = {c: v for c, v in valeurs.items() if v is not None}
    assert {
        c for c, couleur in couleurs.items() if couleur == tableau.SANS_COULEUR
    } == valeurs.keys() - points
    par_valeur = sorted((v, tableau.CLASSES.index(couleurs[c])) for c, v in points.items())
    rangs = [rang for _, rang in par_valeur]
    assert rangs == sorted(rangs) and len({*rangs}) > 2
    assert len({*par_valeur}) == len({v for v, _ in par_valeur})


def test_a_line_keeps_its_colour_across_breaks(
    base: psycopg.Connection[Any], fichiers: dict[str, Any]
) -> None:
    couleurs = fichiers["dashboards/suivi_ctg.yaml"]["metadata"]["label_colors"]
    series = lire(base, f"select distinct serie, role from ({paquet.requetes()['suivi_series']}) as v")
    assert len(series) > 8
    for serie, role in series:
        assert couleurs[serie] == couleurs[tableau.ROLES[role]]


def _colonnes(dataset: dict[str, Any]) -> set[str]:
    return {c["column_name"] for c in dataset["columns"]}
