"""Invented foyers of a country: shares, coherences, seeds, batches, and the tools that draw them."""

from fractions import Fraction
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from demonstration.foyers import (
    generer_contrat,
    generer_micro,
    lire_communes,
    naissances,
)
from demonstration.hasard import Alea, retenir
from demonstration.invention import ajuster
from demonstration.population import composer, quotas_nationaux
from ingestion.extrait.schema import SCHEMA_MICRO

FOYERS = 260_000


@pytest.fixture(scope="module")
def micro(tmp_path_factory: pytest.TempPathFactory) -> Path:
    chemin = tmp_path_factory.mktemp("micro") / "2024-12.parquet"
    lignes = generer_micro(chemin, FOYERS, "2024-12", "essai")
    assert pq.read_metadata(chemin).num_rows == lignes
    return chemin


def test_the_micro_form_is_the_schema_sorted(micro: Path) -> None:
    assert pq.read_schema(micro).equals(SCHEMA_MICRO)
    # Several batches, of which none holds the whole.
    assert pq.read_metadata(micro).num_row_groups >= 2
    lu = duckdb.sql(f"select * from '{micro}'").df()
    cles = list(zip(lu["code_commune"], lu["pseudonyme"], strict=True))
    assert cles == sorted(cles)
    assert lu["pseudonyme"].is_unique and lu["pseudonyme"].str.fullmatch("[0-9a-f]{64}").all()
    assert lu["droit_versable"].sum() == FOYERS
    assert Fraction(int((~lu["droit_versable"]).sum()), FOYERS) == pytest.approx(0.08, abs=0.01)
    assert (lu[["mois", "millesime", "cog_millesime"]].nunique() == 1).all()


def test_shares_are_those_of_a_country(micro: Path) -> None:
    """Orders of magnitude of France, no source claimed but the 13.6 M foyers and their persons."""
    parts = duckdb.sql(
        f"""
        with f as (
            select *, enfants_0_2 + enfants_3_5 + enfants_6_11 + enfants_12_17 + enfants_18_plus as enfants
            from '{micro}' where droit_versable
        )
        select
            avg(nb_personnes) * 13.6 as personnes_millions,
            avg((montant_rsa > 0)::int) as rsa,
            avg((montant_prime_activite > 0)::int) as prime,
            avg((montant_aah > 0)::int) as aah,
            avg((montant_apl + montant_alf + montant_als > 0)::int) as aide_logement,
            avg((enfants > 0)::int) as familles,
            avg((situation_familiale = 'isole')::int) filter (enfants > 0) as monoparentales,
            avg((ruc < 1180)::int) filter (population_reference) as bas_revenus,
            avg((quotient_familial is null)::int) as qf_inconnu,
            avg((not courriel_connu)::int) as sans_courriel,
            avg(impaye_loyer::int) as impayes
        from f
        """
    ).df().iloc[0]  # fmt: skip
    bandes = {
        "personnes_millions": (32.2, 33.0), "rsa": (0.13, 0.14), "prime": (0.335, 0.345), "aah": (0.09, 0.10),
        "aide_logement": (0.44, 0.45), "familles": (0.475, 0.485), "monoparentales": (0.29, 0.30),
        "bas_revenus": (0.28, 0.40), "qf_inconnu": (0.02, 0.06), "sans_courriel": (0.03, 0.15),
        "impayes": (0.005, 0.05),
    }  # fmt: skip
    assert {k: v for k, v in parts.items() if not bandes[k][0] <= v <= bandes[k][1]} == {}


def test_a_seed_is_a_file(micro: Path, tmp_path: Path) -> None:
    generer_micro(tmp_path / "a.parquet", FOYERS, "2024-12", "essai")
    assert (tmp_path / "a.parquet").read_bytes() == micro.read_bytes()
    generer_micro(tmp_path / "b.parquet", 2_000, "2024-12", "un")
    generer_micro(tmp_path / "c.parquet", 2_000, "2024-12", "deux")
    assert (tmp_path / "b.parquet").read_bytes() != (tmp_path / "c.parquet").read_bytes()


@pytest.mark.parametrize("sous", ["parquet", "csv"])
def test_the_contract_form_holds_the_same_foyers(tmp_path: Path, sous: str) -> None:
    fichier, correspondance = generer_contrat(tmp_path, 3_000, "2023-06", 9, sous=sous)  # type: ignore[arg-type]
    lu = pd.read_parquet(fichier) if sous == "parquet" else pd.read_csv(fichier, dtype={"code_commune": str})
    assert lu["id_foyer"].is_unique and set(lu["mois"]) == {"2023-06"}
    assert lu["droit_versable"].sum() == 3_000
    ne_le = pd.to_datetime(lu["enfant_1_naissance"])
    assert ne_le.max() <= pd.Timestamp("2023-06-30") and ne_le.notna().mean() > 0.4
    generer_micro(tmp_path / "m.parquet", 3_000, "2023-06", 9)
    attendu = pd.read_parquet(tmp_path / "m.parquet").groupby("code_commune")
    recu = lu.groupby("code_commune")
    assert (
        recu["prestations_mensuelles"]
        .sum()
        .astype(float)
        .round(2)
        .equals(attendu["prestations_mensuelles"].sum().astype(float).round(2))
    )
    assert '"2023-06"' in correspondance.read_text("utf-8")


def test_communes_come_from_a_cog_or_a_census(tmp_path: Path) -> None:
    cog = tmp_path / "v_commune.csv"
    cog.write_text("TYPECOM,COM,LIBELLE\nCOM,26220,Nyons\nCOMD,26219,Mureils\nCOM,2A004,Ajaccio\n")
    assert [code for code, _ in lire_communes(cog, 1)] == ["26220", "2A004"]
    recensement = tmp_path / "populations.parquet"
    pd.DataFrame({"code": ["26220", "26063"], "population_municipale": [6700, 2300]}).to_parquet(recensement)
    assert lire_communes(recensement, 1) == [("26063", 2300), ("26220", 6700)]
    generer_micro(tmp_path / "f.parquet", 90, "2024-12", 1, lire_communes(recensement, 1), 2025)
    lu = pd.read_parquet(tmp_path / "f.parquet").query("droit_versable")
    assert lu["code_commune"].value_counts().to_dict() == {"26220": 67, "26063": 23}
    assert set(lu["cog_millesime"]) == {2025}
    inconnue = tmp_path / "rp.csv"
    inconnue.write_text("COM;PMUN\n26371;s\n26289;1459\n")
    assert lire_communes(inconnue, 1) == [("26289", 1459), ("26371", 0)]
    autre = tmp_path / "autre.csv"
    autre.write_text("insee,nom\n26220,Nyons\n")
    with pytest.raises(ValueError, match=r"autre\.csv has no column code"):
        lire_communes(autre, 1)
    with pytest.raises(ValueError, match=r"absent\.parquet cannot be read as Parquet nor CSV"):
        lire_communes(tmp_path / "absent.parquet", 1)


@pytest.mark.parametrize("foyers", [1, 2, 3, 7, 19, 60, 501])
def test_few_foyers_have_a_right_each(foyers: int) -> None:
    for essai in range(20):
        f = composer(np.zeros(foyers, np.int64), quotas_nationaux(foyers), Alea(foyers, essai))
        assert np.logical_or.reduce(list(f.droits.values())).all()


def test_a_group_that_no_right_can_cover_is_refused() -> None:
    quotas = {**quotas_nationaux(100), "prime_activite": np.array([2]), "als": np.array([0])}
    with pytest.raises(ValueError, match="have no right"):
        composer(np.zeros(100, np.int64), quotas, Alea(1))


def test_retenir_draws_the_exact_number_and_follows_the_weights() -> None:
    groupe = np.repeat(np.arange(3), 4000)
    poids = np.where(np.arange(12_000) % 2 == 0, 5.0, 1.0)
    eligibles = np.arange(12_000) % 10 != 0
    choisis = retenir(groupe, np.array([100, 0, 3600]), eligibles, poids, Alea(1))
    assert np.bincount(groupe[choisis], minlength=3).tolist() == [100, 0, 3600]
    assert not choisis[~eligibles].any()
    lourds = (choisis & (poids > 1))[:4000].sum()
    assert 60 < lourds < 95
    with pytest.raises(ValueError, match="essai: 3601 foyers wanted in group 2, 3600 eligible"):
        retenir(groupe, np.array([0, 0, 3601]), eligibles, 1.0, Alea(1), "essai")


def test_ajuster_keeps_total_and_bounds() -> None:
    assert ajuster(12, [1, 2, 3], [(0, 9), (0, 9), (0, 3)]) in ([4, 5, 3], [5, 4, 3], [3, 6, 3])
    assert ajuster(4, [5, 5, 0], [(0, 9), (3, 9), (0, 0)]) == [1, 3, 0]
    for total in range(6, 31):
        valeurs = ajuster(total, [7, 0, 9, 4], [(1, 10), (0, 5), (5, 9), (0, 6)])
        assert sum(valeurs) == total
        assert all(b <= v <= h for v, (b, h) in zip(valeurs, [(1, 10), (0, 5), (5, 9), (0, 6)], strict=True))
    with pytest.raises(ValueError, match="31 is out of reach: the bounds give 6 to 30"):
        ajuster(31, [7, 0, 9, 4], [(1, 10), (0, 5), (5, 9), (0, 6)])


@pytest.mark.parametrize("mois", ["2024-02", "2023-02", "2024-12", "2023-06"])
def test_births_give_back_the_ages(mois: str) -> None:
    ages = np.tile(np.arange(-1, 25), 400)
    nes_le = pd.Series(naissances(ages, mois, Alea(mois)).to_pandas()).pipe(pd.to_datetime)
    fin = pd.Timestamp(mois) + pd.offsets.MonthEnd(0)
    avant = nes_le.dt.month * 100 + nes_le.dt.day > fin.month * 100 + fin.day
    recalcule = (fin.year - nes_le.dt.year - avant).fillna(-1).astype(int)
    assert recalcule.tolist() == ages.tolist()
