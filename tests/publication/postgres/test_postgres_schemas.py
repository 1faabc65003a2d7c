"""Which release each schema holds after a publication: done again, rolled back, killed, of another scope."""

import json
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from publication.exports.postgres import serveur as reseau
from publication.exports.postgres.serveur import Adresse
from socle.erreurs import ErreurPublication
from tests.drills.bilan import A_LA_MAIN, PROCESSUS, Bilan
from tests.profondeur import PROFONDEUR
from tests.publication.releases_postgres import Cible, DeuxReleases, copie


def test_the_release_that_is_there_is_left_alone(cible: Cible, releases: DeuxReleases) -> None:
    table = cible.seule("select 'marts.fct_indicateurs'::regclass::oid")
    servie = cible.publier(releases.premiere)
    assert servie.etat == "inchangee"
    assert servie.message == (
        f"Release {releases.premiere.name} is in schema marts of {cible.base} on {cible.serveur.dossier}"
        " already."
    )
    assert cible.seule("select 'marts.fct_indicateurs'::regclass::oid") == table
    assert cible.schemas() == {"marts": releases.premiere.name}


def test_the_former_release_is_kept_until_the_next(cible: Cible, releases: DeuxReleases) -> None:
    premiere, seconde = releases.premiere.name, releases.seconde.name
    assert f"{premiere} is kept in marts_precedente" in cible.publier(releases.seconde).message
    assert cible.schemas() == {"marts": seconde, "marts_precedente": premiere}
    # The same one again keeps the one before it.
    cible.publier(releases.seconde, refaire=True)
    assert cible.schemas() == {"marts": seconde, "marts_precedente": premiere}


def test_nothing_is_left_of_what_was_rolled_back(cible: Cible, releases: DeuxReleases) -> None:
    """It may show what should be hidden, and no later publication would come to remove it."""
    premiere, seconde = releases.premiere.name, releases.seconde.name
    cible.publier(releases.seconde)
    # Aside, a release that was served between the two: rolled back with the one in service.
    cible.lire(f"update marts_precedente.dim_release set release_id = '{premiere}-bis'")
    assert f"{seconde}, which is newer, was removed" in cible.publier(releases.premiere).message
    assert cible.schemas() == {"marts": premiere}
    # What is older than the release that is served again stays beside it.
    cible.publier(releases.seconde)
    cible.lire(f"update marts.dim_release set release_id = '{seconde}-bis'")
    cible.publier(releases.seconde)
    assert cible.schemas() == {"marts": seconde, "marts_precedente": premiere}
    # Whatever put it there.
    cible.lire(f"update marts_precedente.dim_release set release_id = '{seconde}-bis'")
    cible.publier(releases.seconde, refaire=True)
    assert cible.schemas() == {"marts": seconde}


@pytest.mark.parametrize("combien", [5, pytest.param(PROFONDEUR.tuees_postgres, marks=pytest.mark.drill)])
def test_killed_anywhere_the_former_release_stays_and_the_next_publication_heals(
    cible: Cible, releases: DeuxReleases, bilan: Bilan, combien: int
) -> None:
    programme = Path(__file__).parents[1] / "exercice_kill_postgres.py"
    arguments = (cible.dsn, cible.lecteurs, releases.premiere, releases.seconde, str(combien))
    fini = subprocess.run(
        [sys.executable, programme, *arguments], capture_output=True, text=True, check=False
    )
    assert fini.returncode == 0, fini.stderr
    vu = json.loads(fini.stdout)
    bilan.ajouter(PROCESSUS, vu["tues"], {A_LA_MAIN: len(vu["anomalies"])})
    assert vu.pop("anomalies") == []
    assert vu["tues"] == vu["ancienne"] == combien, vu


def test_what_a_killed_publication_left_is_removed(cible: Cible, releases: DeuxReleases) -> None:
    cible.lire("create schema marts_nouvelle; create table marts_nouvelle.dim_release (release_id text)")
    cible.publier(releases.seconde)
    assert list(cible.schemas()) == ["marts", "marts_precedente"]


def test_one_publication_at_a_time(
    cible: Cible, releases: DeuxReleases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reseau, "_SEUL_DANS", 0.0)
    with (
        reseau.connexion(Adresse.lire(cible.dsn)) as con,
        reseau.seul(con, "marts"),
        pytest.raises(ErreurPublication, match=r"is under way \(process \d+, postgres from the server\)"),
    ):
        cible.publier(releases.seconde)
    assert cible.publier(releases.seconde).etat == "publiee"


def test_two_scopes_have_two_schemas(cible: Cible, releases: DeuxReleases, tmp_path: Path) -> None:
    """And a schema is not given from one scope, or from one profile, to another."""
    autre = copie(releases.seconde, tmp_path)
    with duckdb.connect(str(autre / "ctg.duckdb")) as con:
        con.execute("update marts.dim_release set perimetre = 'epci:200068229'")
    with pytest.raises(
        ErreurPublication, match=r"holds .* of profile mirror on departement:26; .*epci:200068"
    ):
        cible.publier(autre)
    cible.publier(autre, schema="marts_epci_200068229")
    assert set(cible.schemas()) == {"marts", "marts_epci_200068229"}
