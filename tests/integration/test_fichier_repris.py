"""A file that passed for another year's and stops each night: named by what failed, then taken back."""

from pathlib import Path

import pytest
from commande import Observatoire

POPULATIONS = "insee/populations/donnees_communes_pop2022.csv"
SOUS_2021 = "insee/populations/donnees_communes_pop2021_cog2023.csv"
MIROIR = (
    *(f"insee/cog/v_commune_{annee}.csv" for annee in (2023, 2024, 2025)),
    "insee/cog/v_mvt_commune_2025.csv",
    "dgcl/epcicom2024.xlsx",
    "insee/filosofi/FILO2019_DISP_COM.csv",
    POPULATIONS,
)


@pytest.fixture
def observatoire(reel: Path, tmp_path: Path) -> Observatoire:
    for nom in MIROIR:
        (tmp_path / "miroir" / nom).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "miroir" / nom).symlink_to(reel / nom)
    return Observatoire.miroir(tmp_path)


def _codes(miroir: Path, annee: int) -> set[bytes]:
    """The codes of communes that exist in a COG."""
    lignes = (miroir / f"insee/cog/v_commune_{annee}.csv").read_bytes().replace(b'"', b"").splitlines()
    return {ligne.split(b",")[1] for ligne in lignes if ligne.startswith((b"COM,", b"ARM,"))}


def test_the_night_goes_on_without_a_file_that_was_accepted(observatoire: Observatoire) -> None:
    # Without the communes that COG 2024 alone has, nothing tells the year of its rows, and it is accepted.
    lignes = (observatoire.dossier_miroir / POPULATIONS).read_bytes().replace(b"\r\n", b"\n").split(b"\n")
    avant, apres = (_codes(observatoire.dossier_miroir, annee) for annee in (2023, 2024))
    gardees = [ligne for ligne in lignes if not {*ligne.replace(b'"', b"").split(b";")} & (apres - avant)]
    assert 2 < len(lignes) - len(gardees) < 100
    (observatoire.dossier_miroir / SOUS_2021).write_bytes(b"\n".join(gardees))
    nuit = observatoire.nuit()
    assert nuit.code == 1 and "Failure in test populations_controle_dgcl" in nuit.erreurs
    nommes = nuit.erreurs.partition("files read:")[2]
    assert "insee_populations_legales/communes 2021 " in nommes and Path(SOUS_2021).name in nommes
    assert "to go on without one: `ctg sources withdraw SOURCE/RESSOURCE MILLESIME`" in nommes
    retiree = observatoire.ctg("sources", "withdraw", "insee_populations_legales", "2021")
    assert retiree.code == 0, retiree.erreurs
    # Whole, it is refused by its codes, and no night fails for it.
    (observatoire.dossier_miroir / SOUS_2021).write_bytes(b"\n".join(lignes))
    nuit = observatoire.nuit()
    assert nuit.code == 2, nuit.erreurs
    assert "[millesime_suivant]" in nuit.erreurs and "all of them in the COG 2024" in nuit.erreurs
    (observatoire.dossier_miroir / SOUS_2021).unlink()
    assert observatoire.nuit().code == 0
    lus = {(f["source"], f["millesime"]) for f in observatoire.manifeste["inputs"]}
    assert ("insee_populations_legales", 2022) in lus and ("insee_populations_legales", 2021) not in lus
    assert observatoire.manifeste["journals"].keys() == {"landing"}
