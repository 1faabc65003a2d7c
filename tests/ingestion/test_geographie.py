"""The reference is the newest COG with movements of its year or later. What goes with neither waits."""

from pathlib import Path

import pytest
from petite_source import COG, COG_2022, REGISTRE, REGISTRE_2022, acquerir

from ingestion.acquisition import Acquisition, Profil
from ingestion.contrats import ContratsInvalides, Millesime, charger_contrats
from ingestion.contrats.grammaire import JANVIER_SUIVANT
from ingestion.fonds import Fonds, plus_proche

MOUVEMENTS = """
source: mouvements
title: Mouvements
producer: Insee
licence: LO2
page: https://example.org/
cadence: annuelle
indispensable: true
mouvements_de: insee_cog_communes
diffusion: publique
description: Movements.
ressources:
  mouvements:
    grain: one line per event
    niveau: commune
    format: {kind: csv, encoding: utf-8, separator: ","}
    cle: [code_avant]
    columns:
      code_avant: {type: code_commune, description: Code before}
    layouts:
      l: {documente: invented, columns: {COM_AV: code_avant}}
    thresholds:
      rows: {min: 1, max: 100}
      all_departements: {from_commune: code_avant, except: ["2A", "26", "75", "971", "976"]}
    couverture: france
    absence: sans_objet
    millesimes:
      2021: {layout: l, mirror: mvt2021.csv}
      2022: {layout: l, mirror: mvt2022.csv}
      2023: {layout: l, mirror: mvt2023.csv}
"""
UNE_ANNEE = "      2022: {layout: l, cog: 2022, mirror: cog2022.csv}\n"


@pytest.fixture
def contrats(tmp_path: Path) -> Path:
    """COG and movements of 2021 to 2023, a register in COG 2021 and one in COG 2022."""
    dossier = tmp_path / "contrats"
    dossier.mkdir()
    annees = "".join(UNE_ANNEE.replace("2022", str(annee)) for annee in (2021, 2022, 2023))
    (dossier / "insee_cog_communes.yml").write_text(COG.replace(UNE_ANNEE, annees))
    (dossier / "mouvements.yml").write_text(MOUVEMENTS)
    (dossier / "registre.yml").write_text(
        REGISTRE.replace("2021: {layout: l, cog: 2022", "2021: {layout: l, cog: 2021")
    )
    return dossier


def nuit(tmp_path: Path, contrats: Path, cogs: list[int], mouvements: list[int]) -> Acquisition:
    miroir = tmp_path / "miroir"
    miroir.mkdir()
    for annee in cogs:
        (miroir / f"cog{annee}.csv").write_text(COG_2022 + f"COM,26{annee - 1900}\n")
    for annee in mouvements:
        (miroir / f"mvt{annee}.csv").write_text(f"COM_AV\n26{annee - 1900}\n")
    (miroir / "registre2022.csv").write_text(REGISTRE_2022)
    (miroir / "registre2021.csv").write_text(REGISTRE_2022.replace("22;", "21;"))
    acquisition = Acquisition(tmp_path / "home", charger_contrats(contrats), Profil("mirror", str(miroir)))
    acquerir(acquisition)
    return acquisition


@pytest.mark.parametrize(
    ("cogs", "mouvements", "lus", "attendent"),
    [
        ([2021, 2022], [2021, 2022], {"cog": [2021, 2022], "mvt": [2021, 2022], "newest": 2022}, []),
        # Movements refused: the COG waits, and what is written in its codes.
        (
            [2021, 2022],
            [2021],
            {"cog": [2021], "mvt": [2021], "newest": 2021},
            [("insee_cog_communes", 2022), ("registre", 2022)],
        ),
        # COG refused: the movements wait.
        (
            [2021],
            [2021, 2022],
            {"cog": [2021], "mvt": [2021], "newest": 2021},
            [("mouvements", 2022), ("registre", 2022)],
        ),
        # Later movements hold those of before; of several, the first that do are enough.
        ([2021, 2022], [2023], {"cog": [2021, 2022], "mvt": [2023], "newest": 2022}, []),
        (
            [2021],
            [2022, 2023],
            {"cog": [2021], "mvt": [2022], "newest": 2021},
            [("mouvements", 2023), ("registre", 2022)],
        ),
        # No two go together.
        (
            [2022, 2023],
            [2021],
            {"cog": [], "mvt": [], "newest": 2023},
            [("insee_cog_communes", 2022), ("insee_cog_communes", 2023), ("mouvements", 2021)],
        ),
        # One of the two was never received: nothing waits for it, it is missing.
        ([2022], [], {"cog": [2022], "mvt": [], "newest": 2022}, []),
        ([], [2022], {"cog": [], "mvt": [2022], "newest": None}, []),
    ],
)
def test_the_reference_is_the_newest_cog_that_has_its_movements(
    tmp_path: Path,
    contrats: Path,
    cogs: list[int],
    mouvements: list[int],
    lus: dict[str, object],
    attendent: list[tuple[str, int]],
) -> None:
    acquisition = nuit(tmp_path, contrats, cogs, mouvements)
    retenus = acquisition.retenus()
    assert [(a.source, a.millesime) for a in retenus.attentes] == attendent
    assert [f.millesime for f in retenus.de("insee_cog_communes")] == lus["cog"]
    assert [f.millesime for f in retenus.de("mouvements")] == lus["mvt"]
    # What is written in the newest COG is checked against that of the reference.
    newest = Fonds(acquisition.home, acquisition.contrats, acquisition.profil).cog("newest")
    assert (newest.annee if newest else None) == lus["newest"]
    assert acquisition.fichiers_retenus() == list(retenus.fichiers)


def test_what_waits_says_what_it_needs_and_what_there_is(tmp_path: Path, contrats: Path) -> None:
    cog, registre = nuit(tmp_path, contrats, [2021, 2022], [2021]).retenus().attentes
    assert str(cog) == (
        "[en_attente] insee_cog_communes/communes 2022 is accepted and not read\n"
        "  where:    file cog2022.csv\n"
        "  observed: COG 2021, 2022 and movements 2021; the reference stays COG 2021 with movements 2021\n"
        "  expected: movements of 2022 or later (mouvements): reference COG N needs movements N\n"
        "  next:     provide movements 2022, or correct what was refused of them (`ctg sources list`): "
        "the file is read the night they are accepted"
    )
    assert "its codes are those of COG 2022" in registre.attendu


def test_movements_of_an_unknown_source_are_refused(contrats: Path) -> None:
    (contrats / "insee_cog_communes.yml").unlink()
    with pytest.raises(ContratsInvalides, match="mouvements_de: no contract is called 'insee_cog_communes'"):
        charger_contrats(contrats)


def test_lines_that_have_each_their_cog_are_looked_for_up_to_that_of_the_last(
    tmp_path: Path, contrats: Path
) -> None:
    """Of December 2021, the codes of 1 January 2022: COG 2023 has another that is none of theirs."""
    acquisition = nuit(tmp_path, contrats, [2021, 2022, 2023], [2021, 2022, 2023])
    fonds = Fonds(acquisition.home, acquisition.contrats, acquisition.profil)
    cogs = fonds.cogs_des_codes(Millesime(millesime=2021, layout=["l"], cog=JANVIER_SUIVANT))
    assert isinstance(cogs, dict) and list(cogs) == [2021, 2022]


def test_of_two_years_as_near_the_older_is_compared_with() -> None:
    assert plus_proche([2023, 2021], 2022) == 2021
    assert plus_proche([2020, 2023], 2022) == 2023
