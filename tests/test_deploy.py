"""The units of `deploy/`: what systemd says of them, and that they start what is there, on loopback."""

import re
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from orchestration.cli import main
from orchestration.exploitation.diagnostic.nuits import MINUTERIE
from orchestration.schedules import nocturne, veille
from tests import programmes

DEPLOY = Path(__file__).resolve().parents[1] / "deploy"
UNITES = sorted([*DEPLOY.glob("*.service"), *DEPLOY.glob("*.timer")])


@pytest.fixture(scope="module")
def installees(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The units as they are installed, but for what a machine has: the programs, an account."""
    dossier = tmp_path_factory.mktemp("unites")
    for unite in UNITES:
        texte = unite.read_text()
        texte = re.sub(r"/opt/ctg/\.venv/bin/\S+", "/bin/true", texte)
        texte = re.sub(r"^(User|Group)=ctg$", r"\1=root", texte, flags=re.MULTILINE)
        (dossier / unite.name).write_text(texte)
    return dossier


def test_systemd_has_nothing_to_say_of_the_units(installees: Path) -> None:
    analyse = programmes.trouver(("systemd-analyze",), "systemd")
    lu = subprocess.run(
        [analyse, "verify", "--man=no", *sorted(installees.iterdir())],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    ici = [ligne for ligne in lu.stderr.splitlines() if "ctg-" in ligne]
    assert (lu.returncode, ici) == (0, [])


def test_a_unit_that_is_wrong_is_seen(installees: Path, tmp_path: Path) -> None:
    """The check above can fail."""
    analyse = programmes.trouver(("systemd-analyze",), "systemd")
    fausse = tmp_path / "ctg-fausse.service"
    fausse.write_text((installees / "ctg-nuit.service").read_text().replace("Type=oneshot", "Type=onshot"))
    lu = subprocess.run(
        [analyse, "verify", "--man=no", fausse], capture_output=True, text=True, check=False, timeout=60
    )
    assert "onshot" in lu.stderr


def _lignes(nom: str, cle: str) -> list[str]:
    return re.findall(rf"^{cle}=(.*)$", (DEPLOY / nom).read_text(), re.MULTILINE)


def test_units_start_commands_that_are_there_with_their_options() -> None:
    commandes = [c.split()[1:] for u in UNITES for c in _lignes(u.name, "Exec[A-Za-z]*") if "/bin/ctg " in c]
    assert len(commandes) >= 5
    for mots in commandes:
        aide = CliRunner().invoke(main, [*(m for m in mots if m.isalpha()), "-h"])
        assert aide.exit_code == 0, mots
        assert all(option in aide.output for option in mots if option.startswith("-"))


def test_the_timers_say_the_hours_of_the_schedules() -> None:
    assert MINUTERIE == "ctg-nuit.timer"
    minute, heure, *_ = nocturne.cron_schedule.split()  # type: ignore[union-attr]
    assert _lignes(MINUTERIE, "OnCalendar") == [f"*-*-* {int(heure):02}:{minute}:00 Europe/Paris"]
    assert veille.cron_schedule == "0 12 * * 1"
    assert _lignes("ctg-veille.timer", "OnCalendar") == ["Mon *-*-* 12:00:00 Europe/Paris"]


@pytest.mark.parametrize("unite", [u for u in UNITES if u.suffix == ".service"], ids=lambda u: u.name)
def test_a_service_writes_the_warehouse_alone_and_listens_on_loopback(unite: Path) -> None:
    texte = unite.read_text()
    for voulu in ("User=ctg", "UMask=0077", "ProtectSystem=strict", "NoNewPrivileges=yes", "PrivateTmp=yes"):
        assert f"\n{voulu}\n" in texte
    (ecrits,) = _lignes(unite.name, "ReadWritePaths")
    assert set(ecrits.split()) <= {"/var/lib/ctg", "/var/backups/ctg", "/opt/ctg/dbt_project/target"}
    assert re.findall(r"-h (\S+)", texte) in ([], ["127.0.0.1"])


def test_the_settings_are_those_that_are_read() -> None:
    nommees = re.findall(r"^#?(\w+)=", (DEPLOY / "ctg.env").read_text(), re.MULTILINE)
    code = "".join(
        f.read_text() for d in ("orchestration", "ingestion") for f in (DEPLOY.parent / d).rglob("*.py")
    )
    assert [nom for nom in nommees if nom not in ("DAGSTER_HOME", "TZ") and f'"{nom}"' not in code] == []
