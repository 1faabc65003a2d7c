"""A Parquet of squares in the producer's layout: counted by commune, or refused by name and line."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from petite_source import typer

from ingestion.contrats import Contrat, charger_contrats
from ingestion.contrats.coherence import incoherences
from ingestion.erreurs import ErreurSource
from ingestion.essai import essayer
from ingestion.profil import Profil
from ingestion.typage import Normalise

CONTRAT = charger_contrats()["insee_acces_equipements"]
DROME = CONTRAT.ressources["region_84"]
TYPES = ["A128", "C108", "C109", "D115", "D265", "D502", "D504", "D505"]
# Square, IRIS, commune, inhabitants; minutes to each type, in the order above.
CARREAUX = [
    ("200_300", "262200000", "26220", 40.0, (4, 20, 3, 16, 2, 15, 15.01, 1)),
    ("200_301", "262200000", "26220", 10.5, (9, 20, 16, 31, 9, 18.2, 40, 7)),
    ("200_301", "840070101", "84007", 2.25, (9, 20, 16, 31, 9, 18.2, 40, 7)),
    ("400_100", "840070102", "84007", 3000.0, (1, 1, 1, 1, 1, 1, 1, 1)),
]
COLONNES = [
    *("idSrc", "X", "Y", "typeeq_id", "distance", "deuclidienne", "duree"),
    *("depcom", "iris", "pop", "domaine", "depcom_eq", "dep", "reg"),
]


def lignes() -> pd.DataFrame:
    """The lines of the squares, as the producer writes them."""
    return pd.DataFrame(
        [
            (c, 200, 300, t, m * 0.8, m * 0.5, float(m), code, iris, pop, t[0], code, code[:2], "84")
            for c, iris, code, pop, minutes in CARREAUX
            for t, m in zip(["F307", *TYPES], (99, *minutes), strict=True)
        ],
        columns=COLONNES,
    )


def lire(chemin: Path) -> Normalise:
    return typer(chemin, DROME, 2024)


@pytest.fixture
def ecrit(tmp_path: Path) -> Callable[[pd.DataFrame], Path]:
    def ecrire(table: pd.DataFrame) -> Path:
        chemin = tmp_path / "donnees-2024-reg84.parquet"
        # A few lines in each row group: those of a commune are in several.
        pq.write_table(pa.Table.from_pandas(table, preserve_index=False), chemin, row_group_size=5)
        return chemin

    return ecrire


def test_each_commune_counts_its_inhabitants_and_those_far_from_each_type(
    ecrit: Callable[[pd.DataFrame], Path],
) -> None:
    table = lignes()
    nyons, avignon = lire(ecrit(table)).table.to_pylist()
    attendus = {"eaje": "10.5", "rpe": "50.5", "pmi": "50.5", "alsh": "0", "ecole": "10.5", "medecin": "0"}
    assert nyons["code"] == "26220" and nyons["population_carreaux"] == Decimal("50.5")
    assert {s: nyons[f"population_plus_15_min_{s}"] for s in attendus} == {
        s: Decimal(n) for s, n in attendus.items()
    }
    # The first line of the commune that is read, of which the inn is not.
    assert (nyons["ligne"], avignon["ligne"]) == (2, 20)
    # The same by other code: a school is the nearest of two types.
    ecoles = table[table.typeeq_id.isin(["C108", "C109"])].groupby(["depcom", "idSrc", "iris"])
    loin = ecoles.agg(duree=("duree", "min"), pop=("pop", "first")).query("duree > 15").groupby("depcom")
    assert loin["pop"].sum().to_dict() == {
        r["code"]: float(r["population_plus_15_min_ecole"]) for r in (nyons, avignon)
    }


# What is done to the lines, the refusal, the header it names and the line.
FAUTES: dict[str, tuple[Callable[[pd.DataFrame], pd.DataFrame], str, str, int | None]] = {
    "a renamed column": (lambda t: t.rename(columns={"duree": "duree_min"}), "colonne_manquante", "duree", 1),
    "a new column": (lambda t: t.assign(an=2024), "colonne_inconnue", "an", 1),
    "numbers for codes": (
        lambda t: t.assign(depcom=t.depcom.astype(int)),
        "valeur_illisible",
        "depcom",
        None,
    ),
    "texts for minutes": (lambda t: t.assign(duree=t.duree.astype(str)), "valeur_illisible", "duree", None),
    "a blank": (lambda t: t.assign(duree=t.duree.where(t.index != 6)), "valeur_absente", "duree", 7),
    "a negative": (
        lambda t: t.assign(duree=t.duree.where(t.index != 6, -1)),
        "valeur_hors_bornes",
        "duree",
        7,
    ),
    "no service of PMI": (lambda t: t[t.typeeq_id != "D115"], "modalite_absente", "typeeq_id", None),
    "a square without one": (lambda t: t.drop(index=15), "modalite_absente", "idSrc, iris, typeeq_id", 11),
    "a line twice": (lambda t: pd.concat([t, t[15:16]]), "cle_dupliquee", "idSrc, iris, typeeq_id", 11),
    "two populations": (
        lambda t: t.assign(pop=t["pop"].where(t.index != 15, 11)),
        "identite_rompue",
        "pop",
        11,
    ),
    "a code of nothing": (lambda t: t.assign(depcom="Nyons"), "valeur_illisible", "depcom (code)", 2),
}


@pytest.mark.parametrize("faute", FAUTES)
def test_a_file_that_would_be_miscounted_is_refused(
    faute: str, ecrit: Callable[[pd.DataFrame], Path]
) -> None:
    abimer, code, colonne, ligne = FAUTES[faute]
    with pytest.raises(ErreurSource) as e:
        lire(ecrit(abimer(lignes())))
    assert (e.value.code, e.value.colonne, e.value.ligne) == (code, colonne, ligne)


@pytest.mark.parametrize(
    "octets", [slice(0, -200), slice(200, None), slice(0, 6)], ids=["end", "start", "all"]
)
def test_a_truncated_file_is_refused(octets: slice, ecrit: Callable[[pd.DataFrame], Path]) -> None:
    chemin = ecrit(lignes())
    chemin.write_bytes(chemin.read_bytes()[octets])
    with pytest.raises(ErreurSource, match="parquet_illisible"):
        lire(chemin)


def test_a_page_overwritten_in_the_middle_is_refused(ecrit: Callable[[pd.DataFrame], Path]) -> None:
    chemin = ecrit(lignes())
    lus = chemin.read_bytes()
    chemin.write_bytes(lus[:60] + b"\xff" * 400 + lus[460:])
    with pytest.raises(ErreurSource, match="parquet_illisible"):
        lire(chemin)


def test_a_downloaded_file_is_recognised(ecrit: Callable[[pd.DataFrame], Path]) -> None:
    essai = essayer(ecrit(lignes()), {"insee_acces_equipements": CONTRAT})
    assert essai.lu and "region_84" in {t.ressemblance.ressource for t in essai.tentatives}


def test_a_parquet_is_counted_as_squares_and_nothing_else_is() -> None:
    layout = DROME.layouts["bpe_2024"]
    csv = CONTRAT.model_dump(by_alias=True)["ressources"]["region_84"]
    csv["format"] = {"kind": "csv", "encoding": "utf-8", "separator": ";", "decimal": "."}
    fiche = CONTRAT.model_dump(by_alias=True) | {"ressources": {"region_84": csv}}
    del csv["source"], csv["nom"]
    autre = Contrat.model_validate(fiche).ressources["region_84"]
    assert layout.carreaux and [m for m, _ in incoherences(autre, "fichier")] == ["layouts.bpe_2024.carreaux"]


def test_a_demonstration_covers_its_part_of_a_region() -> None:
    edition = DROME.edition(2024, glissante=False)
    assert edition
    assert (
        Profil("demo", "/m", "epci_de_departement:26").couverture(DROME, edition)
        == "epci_de_departement:26:84"
    )
    assert Profil("mirror", "/m").couverture(DROME, edition) == "region:84"
