"""The scopes of a night: which covers the build, and what is said of one that is left out."""

from pathlib import Path

import duckdb
import pytest
from commande import sceller

from orchestration.cli.nuit import _dire_les_absents
from orchestration.nuit.par_release import garder
from orchestration.nuit.perimetres import entier
from orchestration.nuit.reglages import Reglages
from publication.releases.perimetres import ouvrir

LARGE, ETROIT, FRONTALIER = "departement:26", "epci:200040459", "epci:200068229"
TERRITOIRES = {
    LARGE: ["departement:26", "epci:200040459", "epci:200068229", "commune:26220", "commune:26198"],
    ETROIT: ["departement:26", "epci:200040459", "commune:26198"],
    # Over two départements: it brings in the second, which the scope of the first leaves out.
    FRONTALIER: ["departement:26", "departement:84", "epci:200068229", "commune:26220"],
}


@pytest.mark.parametrize(
    ("perimetres", "attendu"),
    [
        ((LARGE,), LARGE),
        ((LARGE, ETROIT), LARGE),
        ((ETROIT, LARGE), LARGE),
        ((LARGE, FRONTALIER), None),
        ((ETROIT, FRONTALIER), None),
    ],
)
def test_the_scope_of_the_whole_is_the_one_that_holds_the_others(
    tmp_path: Path, perimetres: tuple[str, ...], attendu: str | None
) -> None:
    base = tmp_path / "nuit.duckdb"
    with duckdb.connect(str(base)) as con:
        con.execute("create schema intermediate")
        con.execute(
            "create table intermediate.int_territoires (perimetre varchar, niveau varchar, code varchar)"
        )
        con.executemany(
            "insert into intermediate.int_territoires values (?, ?, ?)",
            [(p, *t.split(":")) for p in perimetres for t in TERRITOIRES[p]],
        )
    assert entier(base, perimetres) == attendu


def test_a_scope_that_is_left_out_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    deux = Reglages(tmp_path, "mirror", LARGE, str(tmp_path), autres=(ETROIT,))
    ouvrir(deux.chemins.releases, deux.perimetres)
    for perimetre in deux.perimetres:
        release = deux.magasin(perimetre) / "20260102T000000Z-00000000"
        sceller(release, {"perimetre": perimetre})
        (deux.magasin(perimetre) / "current").symlink_to(release.name)
    _dire_les_absents(deux)
    assert capsys.readouterr().err == ""
    _dire_les_absents(Reglages(tmp_path, "mirror", LARGE, str(tmp_path)))
    dit = capsys.readouterr().err
    assert f"{ETROIT} is not among the scopes of this night" in dit and "20260102T000000Z-00000000" in dit
    assert LARGE not in dit


def test_what_is_kept_of_the_release_of_another_scope_stays(tmp_path: Path) -> None:
    """The closed zone keeps it for as long as a store has that release, whichever it is."""
    deux = Reglages(tmp_path, "mirror", LARGE, str(tmp_path), autres=(ETROIT,))
    ouvrir(deux.chemins.releases, deux.perimetres)
    releases, zone, base = deux.chemins.releases, tmp_path / "zone", tmp_path / "nuit.duckdb"
    duckdb.connect(str(base)).close()
    for magasin, release in ((deux.magasin(ETROIT), "une"), (releases, "autre"), (releases, "partie")):
        (magasin / release).mkdir(parents=True)
        garder(base, "select 1 as un", zone, release, releases)
    (releases / "partie").rmdir()
    garder(base, "select 1 as un", zone, "autre", releases)
    assert sorted(f.stem for f in zone.iterdir()) == ["autre", "une"]
