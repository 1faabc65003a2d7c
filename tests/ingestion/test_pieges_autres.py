"""The traps of the DGCL's and the ANCT's files on the real ones, and the proof that no trap lost its test."""

import csv
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from petite_source import typer
from python_calamine import CalamineWorkbook

from ingestion.acquisition import Acquisition, BilanSource
from ingestion.contrats import charger_contrats
from ingestion.erreurs import ErreurSource

CONTRATS = charger_contrats()
TESTS = Path(__file__).parents[1]

Reelle = tuple[Acquisition, dict[str, tuple[BilanSource, BilanSource]]]
Lire = Callable[..., list[dict[str, object]]]


def test_every_trap_has_a_test_named_after_it() -> None:
    numeros = {
        numero
        for fichier in TESTS.rglob("test_*.py")
        for numero in re.findall(r"^def test_trap_(\d\d)_", fichier.read_text("utf-8"), re.MULTILINE)
    }
    assert numeros == {f"{numero:02}" for numero in range(1, 37)}


@pytest.mark.parametrize("annee", [2020, 2023, 2024])
def test_trap_13_a_siren_is_a_number_in_the_workbook_and_a_text_here(
    reel: Path, lire: Lire, annee: int
) -> None:
    classeur = CalamineWorkbook.from_path(reel / f"dgcl/epcicom{annee}.xlsx")
    entete, *rangs = classeur.get_sheet_by_name(f"Epcicom{annee}").to_python()
    siren = entete.index("siren")
    assert {type(r[siren]) for r in rangs} == {float}
    assert str(next(r[siren] for r in rangs if r[siren] == 242600534)) == "242600534.0"
    lus = {r["epci"] for r in lire("dgcl_epci_composition", "composition", annee)}
    assert all(re.fullmatch("[0-9]{9}", str(code)) for code in lus)
    assert lus == {f"{r[siren]:.0f}" for r in rangs}
    # The key of the files that write it as text.
    assert {r["code"] for r in lire("cnaf_taux_couverture_epci", "courant", 2023)} <= lus


def test_trap_13_a_siren_written_as_a_float_is_refused_and_never_left_unmatched(
    reel: Path, tmp_path: Path
) -> None:
    texte = (reel / "cnaf/cafdata/txcouv_pe_epci.csv").read_text("utf-8")
    assert texte.count(";242600534;") == 1
    chemin = tmp_path / "f.csv"
    chemin.write_text(texte.replace(";242600534;", ";242600534.0;"), "utf-8")
    with pytest.raises(ErreurSource) as e:
        typer(chemin, CONTRATS["cnaf_taux_couverture_epci"].ressources["courant"], 2023)
    assert (e.value.code, e.value.ligne, e.value.colonne) == ("valeur_illisible", 13, "numepci (code)")
    assert "'242600534.0'" in e.value.observe and e.value.attendu == "a SIREN on 9 digits"


def test_trap_34_multi_valued_cells_and_communes_outside_the_cog(
    reel: Path, reelle: Reelle, lire: Lire
) -> None:
    with (reel / "anct/ngeo-anct-cog2023.csv").open(encoding="utf-8", newline="") as flux:
        brut = {r["insee_com"]: r for r in csv.DictReader(flux)}
    assert brut["02237"]["id_fs"] == "703 ; 2907"
    # France services are counted in their own register, one line per point: the cell is not read.
    assert CONTRATS["anct_zonages"].ressources["communes"].layouts["ngeo"].columns["id_fs"] is None
    points = [r["code"] for r in lire("anct_france_services", "structures", 2024)]
    assert points.count("02237") == 2
    communes = {r["code"]: r for r in lire("anct_zonages", "communes", 2023)}
    assert sum(";" in str(r["crte"]) for r in communes.values()) == 76
    assert communes["01033"]["crte"] == brut["01033"]["id_crte"] == "crte-84-74-8 ; crte-84-01-14"
    assert [code for code in communes if code[:2] == "26" and communes[code]["petites_villes_de_demain"]] == [
        *("26063", "26074", "26095", "26108", "26113", "26114", "26165", "26166", "26220", "26301", "26307"),
        "26333",
    ]
    (ecart,) = reelle[1]["anct_zonages"][1].ecartes
    assert ecart.motif == "hors_cog" and set(ecart.codes) == brut.keys() - communes.keys()
    assert len(ecart.codes) == 94
    assert {code[:3] for code in ecart.codes} == {"975", "977", "978", "984", "986", "987", "988", "989"}
