"""`ctg publish postgres`, and the step of the night that does the same."""

import shutil
from pathlib import Path

import dagster as dg
import duckdb
import pytest
from click.testing import CliRunner, Result

from orchestration.assets.postgres import postgres as actif
from orchestration.assets.postgres import vers_postgres
from orchestration.cli import main
from orchestration.nuit import reglages
from orchestration.nuit.reglages import Reglages
from tests.publication.releases_postgres import Cible, DeuxReleases
from tests.serveur_postgres import Serveur


class TestCommande:
    """`ctg publish postgres`, and the step of the night."""

    def ctg(self, releases: DeuxReleases, *arguments: str, **env: str) -> Result:
        home = {"CTG_HOME": str(releases.magasin.parent), "CTG_POSTGRES": "", "CTG_POSTGRES_LECTEURS": ""}
        return CliRunner().invoke(main, ["publish", "postgres", *arguments], env=home | env)

    def test_it_publishes_what_is_in_service_then_says_it_is_there(
        self, cible: Cible, releases: DeuxReleases
    ) -> None:
        dits = [
            self.ctg(releases, CTG_POSTGRES=cible.dsn, CTG_POSTGRES_LECTEURS=cible.lecteurs) for _ in range(2)
        ]
        assert [d.exit_code for d in dits] == [0, 0], dits
        assert f"{releases.premiere.name} is kept in marts_precedente" in dits[0].output
        assert dits[1].output.endswith(" already.\n")
        assert cible.schemas()["marts"] == releases.seconde.name
        assert cible.lecteurs in cible.seule("select nspacl::text from pg_namespace where nspname = 'marts'")

    def test_options_name_another_release_another_schema_another_role(
        self, cible: Cible, releases: DeuxReleases
    ) -> None:
        fait = self.ctg(
            releases, "--dsn", cible.dsn, "--release", releases.premiere.name, "--schema", "essai",
            "--lecteurs", cible.lecteurs, "--patience", "5",
        )  # fmt: skip
        assert fait.exit_code == 0, fait.output
        assert cible.seule("select release_id from essai.dim_release") == releases.premiere.name
        assert self.ctg(releases, "--dsn", cible.dsn, "--schema", "essai", "--refaire").exit_code == 0
        assert cible.seule("select nspacl from pg_namespace where nspname = 'essai'") is None

    def test_errors_are_messages_without_the_password(self, releases: DeuxReleases, tmp_path: Path) -> None:
        for dsn in (f"postgresql://u:motdepasse@/b?host={tmp_path}", "postgresql://u:motde@passe@hote/b"):
            refus = self.ctg(releases, "--dsn", dsn)
            assert refus.exit_code == 1 and isinstance(refus.exception, SystemExit)
            assert "motde" not in refus.output and "passe" not in refus.output
        assert self.ctg(releases).exit_code == 2
        assert "CTG_POSTGRES" in self.ctg(releases).output

    def test_the_night_publishes_each_of_its_scopes(
        self, postgres: Serveur, releases: DeuxReleases, tmp_path: Path
    ) -> None:
        cible = Cible(postgres)
        home = tmp_path / "home"
        shutil.copytree(releases.magasin, home / "releases", symlinks=True)
        autre = home / "releases" / "perimetres" / "epci-200068229"
        shutil.copytree(releases.seconde, autre / releases.seconde.name)
        (autre / "current").symlink_to(releases.seconde.name)
        base = autre / releases.seconde.name / "ctg.duckdb"
        base.chmod(0o644)
        with duckdb.connect(str(base)) as con:
            con.execute("update marts.dim_release set perimetre = 'epci:200068229'")
        nuit = _Nuit(Reglages(
            home, "mirror", "departement:26", None, autres=("epci:200068229",), postgres=cible.dsn,
            lecteurs=cible.lecteurs,
        ))  # fmt: skip
        contexte = _Contexte()
        vers_postgres(contexte, nuit, "Published.")
        assert contexte.dits[0].asset_key == actif.key
        assert contexte.dits[0].metadata["etats"].value == ["publiee", "publiee"]
        assert set(cible.schemas()) == {"marts", "marts_epci_200068229"}
        assert nuit.resume.faits and not nuit.resume.erreurs

        # One of them cannot be: the other is, and the step does not pass for done.
        cible.lire("drop schema marts cascade; create schema marts; create table marts.a_moi (a int)")
        cible.lire("update marts_epci_200068229.dim_release set release_id = 'ancienne'")
        with pytest.raises(dg.Failure, match=r"^PostgreSQL did not get the release: Schema marts holds"):
            vers_postgres(contexte, nuit, "Published.")
        assert len(contexte.dits) == 1
        assert len(nuit.resume.erreurs) == len(nuit.resume.faits) == 1
        assert cible.seule("select release_id from marts_epci_200068229.dim_release") != "ancienne"

    def test_a_night_that_was_told_of_no_database_does_nothing(self, tmp_path: Path) -> None:
        nuit = _Nuit(Reglages(tmp_path, "mirror", "departement:26", None))
        contexte = _Contexte()
        vers_postgres(contexte, nuit, "Published.")
        assert contexte.dits == []

    def test_settings_come_from_the_environment_and_hide_the_dsn(self, tmp_path: Path) -> None:
        lus = reglages.lire({"CTG_HOME": str(tmp_path), "CTG_POSTGRES": "postgresql://u:motdepasse@h/b"})
        assert (lus.postgres, lus.lecteurs) == ("postgresql://u:motdepasse@h/b", "ctg_lecture")
        assert "motdepasse" not in repr(lus)
        assert reglages.lire({"CTG_HOME": str(tmp_path)}).postgres is None


class _Nuit:
    """What the step asks of a night."""

    def __init__(self, lus: Reglages) -> None:
        self.reglages, self.jour, self.resume = lus, None, _Resume()


class _Resume:
    """What its summary keeps."""

    def __init__(self) -> None:
        self.faits: list[str] = []
        self.erreurs: list[str] = []

    def noter_postgres(self, faits: list[str], erreurs: list[str]) -> None:
        self.faits, self.erreurs = faits, erreurs


class _Contexte:
    """What it tells Dagster."""

    def __init__(self) -> None:
        self.log = dg.get_dagster_logger()
        self.dits: list[dg.AssetMaterialization] = []

    def log_event(self, dit: dg.AssetMaterialization) -> None:
        self.dits.append(dit)
