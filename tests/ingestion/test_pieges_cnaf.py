"""The traps of the Cnaf's and the ANCT's files, each on the real file where there is one."""

import csv
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from petite_source import typer

from ingestion.acquisition import Acquisition, BilanSource
from ingestion.cog import Cog
from ingestion.contrats import charger_contrats
from ingestion.erreurs import ErreurSource
from orchestration.generes.dbt import ressources_declarees

CONTRATS = charger_contrats()
Lire = Callable[..., pd.DataFrame]
Normaliser = Callable[..., pa.Table]


@pytest.fixture(scope="session")
def lire(reelle: tuple[Acquisition, dict[str, tuple[BilanSource, BilanSource]]]) -> Lire:
    """A real file as its contract types it."""
    parquets = {(f.source, f.ressource, f.millesime): f.parquet for f in reelle[0].fichiers_retenus()}
    return lambda *cle: pq.read_table(parquets[cle]).to_pandas()


@pytest.fixture
def brut(reel: Path) -> Callable[[str], pd.DataFrame]:
    """A real file of the portal as text."""
    return lambda nom: pd.read_csv(reel / "cnaf/cafdata" / nom, sep=";", dtype=str, keep_default_na=False)


@pytest.fixture
def normaliser(tmp_path: Path) -> Normaliser:
    """What a contract makes of rows (header to cell; what is not said is 0)."""

    def faire(source: str, ressource: str, millesime: int, rangs: list[dict[str, str]]) -> pa.Table:
        r = CONTRATS[source].ressources[ressource]
        edition = r.edition(millesime, glissante=False)
        assert edition
        entete = max(
            (list(r.layouts[n].columns) for n in edition.layout if set(rangs[0]) <= {*r.layouts[n].columns}),
            key=len,
        )
        with (tmp_path / "f.csv").open("w", newline="") as fichier:
            plume = csv.writer(fichier, delimiter=";")
            plume.writerows([entete, *([rang.get(e, "0") for e in entete] for rang in rangs)])
        return typer(tmp_path / "f.csv", r, millesime).table

    return faire


def test_trap_14_numdep_changes_meaning(
    brut: Callable[[str], pd.DataFrame], lire: Lire, normaliser: Normaliser
) -> None:
    communes = brut("txcouv_pe_com_hist.csv")
    corse = communes[communes["numcom"].str[:2].isin(["2A", "2B"])]
    assert set(corse.groupby("annee")["numdep"].unique().loc["2020"]) == {"2A", "2B"}
    assert set(corse[corse["annee"] > "2020"]["numdep"]) == {"20R"}
    rhone = communes[communes["numcom"].str[:2] == "69"]
    assert set(rhone[rhone["annee"] < "2022"]["numdep"]) == {"69"}
    assert set(rhone[rhone["annee"] == "2022"]["numdep"]) == {"69D", "69M"}
    # The code of the commune says the département: numdep is not read.
    ressource = CONTRATS["cnaf_taux_couverture_communes"].ressources["historique"]
    assert ressource.layouts["avec_parents"].columns["numdep"] is None
    assert {"2A004", "69123"} & set(lire("cnaf_taux_couverture_communes", "historique", 2022)["code"])
    # In the files of départements, what is none has no line; what is unknown is refused.
    rangs = [{"annee": "2023", "numdep": d} for d in ("26", "20R", "69D", "69M", "XXX", "99", "974")]
    table = normaliser("cnaf_taux_couverture_departements", "courant", 2023, rangs)
    assert table["code"].to_pylist() == ["26", "974"]
    with pytest.raises(ErreurSource, match="69L"):
        normaliser("cnaf_taux_couverture_departements", "courant", 2023, [{"annee": "2023", "numdep": "69L"}])


def test_trap_15_annee_is_a_number_or_a_date(brut: Callable[[str], pd.DataFrame], lire: Lire) -> None:
    assert set(brut("txcouv_pe_epci.csv")["annee"]) == {"2023"}
    assert set(brut("txcouv_pe_nat.csv")["annee"]) == {"2023-12-01"}
    assert set(lire("cnaf_taux_couverture_epci", "courant", 2023)["annee"]) == {2023}
    assert set(lire("cnaf_taux_couverture_national", "courant", 2023)["annee"]) == {2023}


def test_trap_16_the_current_series_wins_over_the_historical_one() -> None:
    rangs = {(r["source"], r["ressource"]): r["rang"] for r in ressources_declarees(CONTRATS)}
    doubles = [s for s, nom in rangs if nom == "historique"]
    assert len(doubles) == 10
    assert all(rangs[s, "courant"] < rangs[s, "historique"] for s in doubles)


def test_trap_17_rates_over_100_are_kept(lire: Lire) -> None:
    taux = lire("cnaf_taux_couverture_communes", "historique", 2022)
    hauts = taux[taux["taux_couverture_petite_enfance"] > 100]
    assert len(hauts) == 139
    (pic,) = hauts[(hauts["code"] == "85226") & (hauts["annee"] == 2021)]["taux_couverture_petite_enfance"]
    assert pic == Decimal("161.1")


def test_trap_18_parts_that_do_not_make_the_total_are_kept(lire: Lire) -> None:
    """Parts of 01321 in 2018 are 4 points beside its rate; those of 93051 in 2017, 8 places."""
    taux = lire("cnaf_taux_couverture_communes", "historique", 2022).set_index(["code", "annee"])
    assert taux["taux_couverture_petite_enfance"]["01321", 2018] == 81
    places = lire("cnaf_places_petite_enfance_communes", "historique", 2022).set_index(["code", "annee"])
    assert places["places_offre_totale"]["93051", 2017] == 1386


def test_trap_19_the_list_is_not_every_town_over_10000_nor_only_them(lire: Lire) -> None:
    taux = lire("cnaf_taux_couverture_communes", "historique", 2022)
    villages = {c for c in taux["code"] if "01320" <= c <= "01329"}
    assert len(villages) == 7 and {"01320", "01329"} <= villages
    assert (taux.groupby("code").size() == 6).sum() == 1027
    # Not listed is not zero.
    ressource = CONTRATS["cnaf_taux_couverture_communes"].ressources["historique"]
    assert (ressource.couverture, ressource.absence) == ("liste", "inconnu")


def test_trap_20_the_epci_of_the_year_is_not_read(brut: Callable[[str], pd.DataFrame]) -> None:
    communes = brut("txcouv_pe_com_hist.csv")
    assert (communes.groupby("numcom")["numepci"].nunique() > 1).sum() == 36
    assert set(communes[communes["numcom"] == "59220"]["numepci"]) == {"245900410", "200093201"}
    for source in ("cnaf_taux_couverture_communes", "cnaf_places_petite_enfance_communes"):
        for ressource in CONTRATS[source].ressources.values():
            assert not [y for y in ressource.layouts.values() if y.columns.get("numepci")]


def test_trap_20_the_epci_of_december_are_those_of_the_1st_of_january_after(
    brut: Callable[[str], pd.DataFrame], reel: Path
) -> None:
    """What `decoupage: janvier_suivant` says: the DGCL's list of year N + 1, and not that of N."""
    communes = brut("txcouv_pe_com_hist.csv")

    listes = {
        annee: pd.read_excel(
            reel / f"dgcl/epcicom{annee}.xlsx",
            dtype=str,
            usecols=["insee", "siren"],
            engine="openpyxl",
        )
        for annee in (2020, 2023)
    }

    def ailleurs(annee: int, composition: int) -> int:
        lus = communes[communes["annee"].str[:4] == str(annee)].merge(
            listes[composition], left_on="numcom", right_on="insee"
        )
        assert len(lus) > 990
        return int((lus["numepci"] != lus["siren"]).sum())

    assert (ailleurs(2019, 2020), ailleurs(2022, 2023)) == (0, 0)
    assert (ailleurs(2020, 2020), ailleurs(2017, 2020)) == (29, 6)
    assert {s for s, c in CONTRATS.items() if c.decoupage == "janvier_suivant"} == {
        f"cnaf_{quoi}_{niveau}"
        for quoi in ("allocataires", "taux_couverture", "places_petite_enfance")
        for niveau in ("epci", "departements", "regions")
    } - {"cnaf_allocataires_regions"}


def test_the_portal_never_carries_communes_to_others(reel: Path) -> None:
    """33409 merged into 33008 on 1 January 2025: it has lines until December 2023, of the COG of then."""
    r = CONTRATS["cnaf_allocataires_communes"].ressources["communes"]
    cogs = {}
    for annee in range(2021, 2026):
        lus = pd.read_csv(reel / f"insee/cog/v_commune_{annee}.csv", dtype=str)
        codes = frozenset(lus[lus["TYPECOM"].isin(["COM", "ARM"])]["COM"])
        cogs[annee] = Cog(annee, "sha", codes, frozenset())
    chemin = reel / "cnaf/cafdata/s_ben_com_f_portail_2026_extrait.csv"
    lu = typer(chemin, r, 2024, cogs)
    assert lu.ecartes.num_rows == 0 and lu.cogs == (2021, 2022, 2023, 2024, 2025)
    table = lu.table.to_pandas()
    assert (table["cog_millesime"] == table["annee"] + 1).all()
    assert sorted(table[table["code"] == "33409"]["annee"]) == [2020, 2021, 2022, 2023]
    assert sorted(table[table["code"] == "33008"]["annee"]) == [2020, 2021, 2022, 2023, 2024]


def test_trap_21_rounded_zero_and_absence_are_two_states(lire: Lire) -> None:
    foyers = lire("cnaf_allocataires_communes", "communes", 2024)
    assert (foyers["foyers_allocataires"] == 0).sum() == 103
    vide = foyers[foyers["code"] == "26199"].set_index("annee")["foyers_allocataires"]
    assert vide.to_dict() == {2020: 0, 2024: 0}
    assert CONTRATS["cnaf_allocataires_communes"].ressources["communes"].absence == "arrondie"


def test_trap_22_the_epci_file_comes_before_a_sum_of_rounded_cells() -> None:
    dictionnaire = Path(__file__).parents[2] / "dbt_project/seeds/mesures.csv"
    mesures = pd.read_csv(dictionnaire, index_col="mesure_id")["sources"].str.split(" > ")
    for mesure in CONTRATS["cnaf_allocataires_epci"].ressources["epci"].mesures:
        ordre = mesures[mesure]
        assert ordre.index("cnaf_allocataires_epci") < ordre.index("cnaf_allocataires_communes"), mesure


def test_trap_23_the_amount_of_one_month_is_not_read() -> None:
    for contrat in CONTRATS.values():
        for ressource in contrat.ressources.values():
            for layout in ressource.layouts.values():
                assert not [e for e, c in layout.columns.items() if e.startswith("indmtt_") and c]


def test_trap_24_mixed_types_in_one_record(reel: Path, normaliser: Normaliser) -> None:
    chemin = reel / "cnaf/cafdata/s_ben_dep_sample_974_2021-07.json"
    brut: dict[str, Any] = json.loads(chemin.read_text("utf-8"))
    assert (brut["indben_aeeh"], brut["indfoy_asf"], brut["indmtt_rso"]) == ("8582", 37793.0, 2789129)
    ressource = CONTRATS["cnaf_allocataires_departements"].ressources["departements"]
    assert list(ressource.layouts["complet"].columns) == list(brut)
    rang = {champ: str(valeur) for champ, valeur in brut.items()}
    # July is no millésime.
    decembre = rang | {"dtreffre": "2024-12"}
    (lu,) = normaliser("cnaf_allocataires_departements", "departements", 2024, [rang, decembre]).to_pylist()
    assert (lu["code"], lu["annee"]) == ("974", 2024)
    assert (lu["enfants_aeeh"], lu["foyers_asf"], lu["foyers_rsa"]) == (8582, 37793, 99187)


def test_trap_25_hidden_iris_are_secret_and_never_summed(lire: Lire) -> None:
    iris = lire("cnaf_allocataires_iris", "iris", 2016)
    cachees = iris["note"] != "0"
    assert (len(iris), cachees.sum()) == (13148, 922)
    marques = iris.filter(regex="__marque$")
    assert (marques[cachees] == "secret").all(axis=None)
    assert (marques[~cachees] == "secret").sum().sum() == 15126
    assert iris["allocataires"].min() >= 100
    ressource = CONTRATS["cnaf_allocataires_iris"].ressources["iris"]
    assert ressource.mesures == []
    assert "cnaf_allocataires_iris" not in {r["source"] for r in ressources_declarees(CONTRATS)}


def test_trap_26_the_narrow_space_between_thousands(reel: Path, lire: Lire) -> None:
    octets = (reel / "cnaf/iris/data_CAF_2016_IRIS.csv").read_bytes()
    assert ";929;2\u202f256;".encode() in octets
    for annee, personnes in {2016: 2256, 2017: 2421, 2019: 2584, 2020: 2646}.items():
        iris = lire("cnaf_allocataires_iris", "iris", annee).set_index("iris")
        assert iris["personnes_couvertes"]["010040102"] == personnes


def test_trap_33_records_of_several_lines_and_a_geocoder_in_doubt(reel: Path, lire: Lire) -> None:
    lignes = (reel / "anct/liste-fs-20240801.csv").read_text("utf-8").split("\n")
    # Two records are set aside: their commune is outside the COG.
    assert (len(lignes) - 2, len(lire("anct_france_services", "structures", 2024))) == (2884, 2845 - 2)
    points = lire("anct_france_services", "structures_2021", 2021)
    assert (len(points), points["score"].min(), points["code"].isna().sum()) == (456, Decimal("0.22"), 2)
    assert points["code"].dropna().str.startswith("26").sum() == 4
    # Far from exhaustive: no line is not zero, as it is in 2024.
    ressources = CONTRATS["anct_france_services"].ressources
    assert (ressources["structures_2021"].absence, ressources["structures"].absence) == ("lacunaire", "zero")
