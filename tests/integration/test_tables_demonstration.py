"""The release of the demonstration as a whole: its links, its sources, its mark, a night without amber."""

import csv
import json

import duckdb
from commande import Observatoire
from dagster import DagsterEventType, DagsterInstance

from orchestration.generes import documents
from orchestration.generes.dictionnaire import sources_citees
from orchestration.racine import RACINE

EPCI = "epci:200068229"


def test_what_the_package_says_of_its_tables_links_them(demonstration: Observatoire) -> None:
    """A reader who joins by `foreignKeys` loses no row: the scope kept what its tables speak of."""
    paquet = json.loads((demonstration.home / "releases/current/datapackage.json").read_bytes())
    liens = [
        (r["name"], cle["fields"][0], cle["reference"]["resource"], cle["reference"]["fields"][0])
        for r in paquet["resources"]
        for cle in r["schema"].get("foreignKeys", ())
    ]
    assert ("fct_indicateurs", "territoire_id", "dim_territoire", "territoire_id") in liens and len(
        liens
    ) > 20
    for table, colonne, autre, cible in liens:
        assert (
            demonstration.requete(
                f"select distinct {colonne} from {table} where {colonne} is not null and {colonne} not in"
                f" (select {cible} from {autre})"
            )
            == []
        ), (table, colonne)


def test_the_sources_of_a_figure_are_among_those_its_indicateur_names(demonstration: Observatoire) -> None:
    """A page that names one source for figures of two sends its reader to the wrong file."""
    assert (
        demonstration.requete(
            r"""
            with chiffres as (
                select distinct indicateur_id, unnest(string_split(source_ids, '+')) as source_id
                from fct_indicateurs where source_ids <> ''
            )
            select c.indicateur_id, c.source_id, i.sources
            from chiffres as c join dim_indicateur as i using (indicateur_id)
            where not list_contains(regexp_extract_all(i.sources, '[a-z0-9_]+'), c.source_id)
            """
        )
        == []
    )
    dites = dict(demonstration.requete("select indicateur_id, coalesce(sources, '') from dim_indicateur"))
    assert dites["zonage_frr"] == "dgcl_frr"
    assert dites["part_maisons"] == "insee_rp_logement + (insee_rp_logement > insee_comparateur)"
    # The page of the dictionary, made before any night, says the same.
    seeds = (RACINE / "dbt_project" / "seeds" / f"{nom}.csv" for nom in ("indicateurs", "mesures"))
    indicateurs, mesures = (list(csv.DictReader(seed.read_text("utf-8").splitlines())) for seed in seeds)
    par_mesure = {m["mesure_id"]: m["sources"] for m in mesures}
    assert dites == {i["indicateur_id"]: sources_citees(i, par_mesure) for i in indicateurs}


def test_every_commune_has_its_outline(demonstration: Observatoire) -> None:
    """The 67 of the Baronnies, and those that others have joined since the edition."""
    assert demonstration.requete(
        "select count(*), count(k.code) from ctg_communes as c left join contours_communes as k using (code) "
        "where c.territoire_id = 'ctg:baronnies-2025'"
    ) == [(67, 67)]
    assert (
        demonstration.requete(
            "select code from dim_territoire anti join contours_communes using (code) "
            "where niveau = 'commune'"
        )
        == []
    )
    assert demonstration.requete("select distinct edition, source_id from contours_communes") == [
        (2018, "ign_contours_communes")
    ]
    assert not (demonstration.courante / "csv" / "contours_communes.csv").exists()


def test_every_figure_is_marked_as_invented(demonstration: Observatoire) -> None:
    tables = demonstration.requete(
        "select table_name from duckdb_columns() where column_name = 'demonstration' order by 1"
    )
    assert ("fct_indicateurs",) in tables
    # Of the EPCI that a narrower scope lacks: there are none.
    for (table,) in {*tables} - {("chiffres_semblables",)}:
        assert demonstration.requete(f"select distinct demonstration from {table}") == [(True,)], table
    explique = demonstration.ctg(
        "explain", "nb_foyers_allocataires", "--territoire", EPCI, "--millesime", "2022"
    )
    assert "Chiffres de démonstration : inventés." in explique.sortie


def test_sentences_name_sources_by_their_titles(demonstration: Observatoire) -> None:
    """Their ids are in the columns that hold nothing else, and in addresses and names of files."""
    assert demonstration.requete(
        "select count(*) > 1000 from mart_evolutions where motif_code = 'sources_differentes'"
        " and motif like 'sources différentes : « % » puis « % »'"
    ) == [(True,)]
    identifiants = {"source", "source_id", "source_ids", "sources"}
    ids = "|".join(source_id for (source_id,) in demonstration.requete("select source_id from dim_source"))
    textes = demonstration.requete(
        "select table_name, column_name from information_schema.columns"
        " where table_schema = 'marts' and data_type = 'VARCHAR'"
    )
    # One connection for seven hundred columns; and a text is said a thousand times.
    with duckdb.connect(str(demonstration.courante / "ctg.duckdb"), read_only=True) as con:
        con.execute("use marts")
        assert [
            (table, colonne)
            for table, colonne in textes
            if colonne not in {*identifiants, "page", "membre"}
            and con.execute(
                f"from (select distinct {colonne} as dit from {table}) where regexp_matches(dit, ?) limit 1",
                [ids],
            ).fetchall()
        ] == []


def test_the_page_of_what_the_demonstration_does_not_give(demonstration: Observatoire) -> None:
    page = documents.DEMONSTRATION
    attendue = documents.page_demonstration(demonstration.courante)
    assert page.read_text(encoding="utf-8") == attendue, "run `make refresh`, `make docs`, commit the page"


def test_a_clean_night_has_no_amber(demonstration: Observatoire) -> None:
    """A warning that nobody can act on hides the one that somebody must."""
    with DagsterInstance.from_config(str(demonstration.home / "dagster")) as instance:
        (nuit,) = instance.get_runs(limit=1)
        verdicts = [
            e.dagster_event.asset_check_evaluation_data
            for e in instance.all_logs(nuit.run_id, of_type=DagsterEventType.ASSET_CHECK_EVALUATION)
            if e.dagster_event
        ]
    assert len(verdicts) > 200
    assert [f"{v.asset_key.to_user_string()} {v.check_name}" for v in verdicts if not v.passed] == []
