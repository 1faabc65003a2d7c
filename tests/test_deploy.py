"""The units of `deploy/`: what systemd says of them, and that they start what is there, on loopback."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from commande import sans_code_ecrit
from messages import DIFFUSIONS, INTERNE, REFUS, Webhook, envoyer_a, nuit, serveur_de_mail

from orchestration.cli import main
from orchestration.exploitation.alertes import prevenir
from orchestration.exploitation.diagnostic.nuits import MINUTERIE
from orchestration.schedules import nocturne, quotidienne, veille
from tests import programmes

DEPLOY = Path(__file__).resolve().parents[1] / "deploy"
UNITES = sorted(f for genre in ("service", "timer", "socket") for f in DEPLOY.glob(f"*.{genre}"))
DEPOT = DEPLOY.parent


@pytest.fixture(scope="module")
def installees(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The units as they are installed, but for what a machine has: the programs, an account."""
    dossier = tmp_path_factory.mktemp("unites")
    for unite in UNITES:
        texte = unite.read_text()
        texte = re.sub(r"/opt/ctg/\.venv/bin/\S+|/usr/local/sbin/ctg-echec", "/bin/true", texte)
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
    assert quotidienne.cron_schedule == "0 8 * * *"
    assert _lignes("ctg-verification.timer", "OnCalendar") == ["*-*-* 08:00:00 Europe/Paris"]


@pytest.mark.parametrize("unite", ["ctg-nuit", "ctg-dagster-daemon", "ctg-dagster-webserver"])
def test_a_unit_makes_no_warehouse_in_a_folder_that_is_mistyped(unite: str, tmp_path: Path) -> None:
    """It would have no addresses of alerts, and readers would keep the last release of the other."""
    commande = shlex.split(_lignes(f"{unite}.service", "ExecStartPre")[0])
    for ou, code in ((tmp_path, 0), (tmp_path / "hom", 1)):
        fait = subprocess.run(
            commande, env={"CTG_HOME": str(ou)}, capture_output=True, text=True, check=False
        )
        assert (fait.returncode, f"CTG_HOME is {ou}, no folder" in fait.stdout) == (code, bool(code))


SERVICES = [u for u in UNITES if u.suffix == ".service"]
DU_PROJET = [u for u in SERVICES if u.name != "ctg-echec@.service"]


@pytest.mark.parametrize("unite", DU_PROJET, ids=lambda u: u.name)
def test_a_service_writes_the_warehouse_alone_and_listens_on_loopback(unite: Path) -> None:
    texte = unite.read_text()
    for voulu in ("User=ctg", "UMask=0077", "ProtectSystem=strict", "NoNewPrivileges=yes", "PrivateTmp=yes"):
        assert f"\n{voulu}\n" in texte
    # Those that tell nobody and fetch nothing.
    sans_reseau = unite.stem in ("ctg-sauvegarde", "ctg-dagster-webserver", "ctg-dagster-page")
    assert _lignes(unite.name, "IPAddressDeny") == ["any"] * sans_reseau
    ecrits = {lieu for ligne in _lignes(unite.name, "ReadWritePaths") for lieu in ligne.split()}
    assert ecrits <= {"/var/lib/ctg", "/var/backups/ctg", "/opt/ctg/dbt_project/target"}
    # A disk that is not mounted would pass for an empty folder.
    montes = {lieu for ligne in _lignes(unite.name, "RequiresMountsFor") for lieu in ligne.split()}
    assert {lieu for lieu in ecrits if lieu.startswith("/var/")} <= montes
    assert re.findall(r"-h (\S+)", texte) in ([], ["127.0.0.1"])


def test_no_unit_runs_code_that_it_wrote() -> None:
    """Each night of the tests is under it too (`tests/commande.py`)."""
    assert [_lignes(unite.name, "MemoryDenyWriteExecute") for unite in SERVICES] == [["yes"]] * len(SERVICES)
    ecrire_et_lancer = [sys.executable, "-c", "import mmap; mmap.mmap(-1, 4096, prot=7)"]
    for avant, code in ((None, 0), (sans_code_ecrit, 1)):
        assert subprocess.run(ecrire_et_lancer, preexec_fn=avant, check=False).returncode == code


def test_the_page_is_reached_by_its_socket_alone() -> None:
    """It has no password, and any account of a machine reaches its 127.0.0.1."""
    for service in ("ctg-dagster-webserver.service", "ctg-dagster-page.service"):
        assert _lignes(service, "PrivateNetwork") == ["yes"]
    assert _lignes("ctg-dagster-page.service", "JoinsNamespaceOf") == ["ctg-dagster-webserver.service"]
    (ou,) = _lignes("ctg-dagster-webserver.service", "ExecStart")
    (mandataire,) = _lignes("ctg-dagster-page.service", "ExecStart")
    assert "-h 127.0.0.1 -p 3000" in ou and mandataire.endswith(" 127.0.0.1:3000")
    acces = [_lignes("ctg-dagster-page.socket", f"Socket{cle}") for cle in ("Group", "Mode")]
    assert acces == [["ctg-page"], ["0660"]]


def test_a_backup_follows_the_night_and_removes_by_the_command_alone() -> None:
    (commande,) = _lignes("ctg-sauvegarde.service", "ExecStart")
    assert commande.endswith("--si-change --garder-jours 31 --garder-au-moins 4")
    assert "-delete" not in "".join(u.read_text() for u in UNITES)
    assert _lignes("ctg-sauvegarde.timer", "OnCalendar") == ["*-*-* 07:00:00 Europe/Paris"]


def test_the_lock_of_nights_is_that_of_development_without_its_tools() -> None:
    lus = [(DEPOT / f"requirements{suffixe}.lock").read_text() for suffixe in ("", "-dev")]
    epingles = [set(re.findall(r"^\w[^\\]*==[^\\]*", lu, re.MULTILINE)) for lu in lus]
    nuit, dev = ({re.split(r"\W*[=\[]", e)[0] for e in lot} for lot in epingles)
    assert epingles[0] < epingles[1]
    projet = tomllib.loads((DEPOT / "pyproject.toml").read_text())["project"]
    voulus, outils = (
        {re.split(r"\W*[<>=\[]", d)[0] for d in dites}
        for dites in (projet["dependencies"], projet["optional-dependencies"]["dev"])
    )
    assert voulus <= nuit and outils <= dev
    # It builds the project where it is installed.
    assert "setuptools" in nuit and not {"mypy", "playwright", "pytest", "ruff"} & nuit
    assert "://" not in "".join(lus)


@pytest.mark.parametrize("ferme", [False, True])
def test_a_python_that_other_accounts_cannot_reach_stops_the_set_up_and_no_other(
    ferme: bool, tmp_path: Path
) -> None:
    du_systeme = Path(programmes.trouver(("/usr/bin/python3",), "python3")).resolve()
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    if ferme:
        shutil.copy2(du_systeme, python)
    else:
        python.symlink_to(du_systeme)
    # As `make setup-nuit` asks it, once the environment is there.
    commande = ["make", "--no-print-directory", "-o", tmp_path / ".installed", f"VENV={tmp_path}", "lisible"]
    env = {"PATH": os.environ["PATH"], "PYTHONHOME": "/usr"}
    dit = subprocess.run(commande, cwd=DEPOT, env=env, capture_output=True, text=True, check=False)
    assert (dit.returncode != 0, "is out of reach of other accounts" in dit.stderr) == (ferme, ferme), dit


def test_the_settings_are_those_that_are_read() -> None:
    nommees = re.findall(r"^#?(\w+)=", (DEPLOY / "ctg.env").read_text(), re.MULTILINE)
    code = "".join(
        f.read_text() for d in ("orchestration", "ingestion") for f in (DEPLOY.parent / d).rglob("*.py")
    )
    assert [nom for nom in nommees if nom not in ("DAGSTER_HOME", "TZ") and f'"{nom}"' not in code] == []


def test_every_unit_that_fails_is_told_by_one_that_needs_nothing_of_the_project() -> None:
    for unite in DU_PROJET:
        assert _lignes(unite.name, "OnFailure") == ["ctg-echec@%n.service"], unite.name
    texte = (DEPLOY / "ctg-echec@.service").read_text()
    besoins = re.findall(r"^(?:Exec|Environment|WorkingDirectory|ReadWrite)\w*=(.*)$", texte, re.MULTILINE)
    assert besoins == ["-/etc/ctg/echec.env", "/usr/local/sbin/ctg-echec %i"]


@pytest.fixture
def echec(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the script as systemd does once a night failed, on a machine that has curl and nothing of ours."""
    (tmp_path / "systemctl").write_text(
        "#!/bin/sh\ncase $2 in *Result) echo exit-code;; *Status) echo 1;; *) echo inv2;; esac\n"
    )
    (tmp_path / "systemctl").chmod(0o755)
    (tmp_path / "ctg-nuit").mkdir()

    def lancer(**reglages: str) -> subprocess.CompletedProcess[str]:
        programmes.trouver(("curl",), "curl")
        env = {"PATH": f"{tmp_path}:/usr/bin:/bin", "CTG_ECHEC_RUN": str(tmp_path), **reglages}
        commande = ["/bin/sh", DEPLOY / "ctg-echec", "ctg-nuit.service"]
        return subprocess.run(commande, env=env, capture_output=True, text=True, check=False, timeout=120)

    return lancer


Lancer = Callable[..., subprocess.CompletedProcess[str]]


def test_a_failure_is_posted_with_what_to_type_and_nothing_of_the_journal(
    echec: Lancer, http: Webhook
) -> None:
    url = f"http://nuit:motdepasse@127.0.0.1:{http.server_port}/x"
    monitor = {"MONITOR_SERVICE_RESULT": "timeout", "MONITOR_EXIT_STATUS": "15"}
    for env, dit in ((monitor, "timeout, exit status 15, 20"), ({}, "exit-code, exit status 1, 20")):
        assert echec(CTG_ECHEC_URL=url, **env).returncode == 0
        recu = http.recus[-1]
        assert recu["title"].startswith("[CTG] ctg-nuit.service failed on ") and recu["type"] == "failure"
        assert recu["message"].startswith(dit) and "\nnext: journalctl -u ctg-nuit.service" in recu["message"]


def test_a_failure_that_the_run_told_by_itself_is_not_told_twice(
    echec: Lancer, http: Webhook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"http://127.0.0.1:{http.server_port}/x"
    chemins = envoyer_a(tmp_path / "home", http.adresse)
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path / "ctg-nuit"))
    monkeypatch.setenv("INVOCATION_ID", "inv1")
    prevenir(chemins, nuit(REFUS), DIFFUSIONS)
    assert len(http.recus) == 1
    assert echec(CTG_ECHEC_URL=url, MONITOR_INVOCATION_ID="inv1").returncode == 0 and len(http.recus) == 1
    # The next one could not start, and has the id of the last that did.
    avant = time.time() - 86_400
    os.utime(tmp_path / "ctg-nuit" / "dite", (avant, avant))
    assert echec(CTG_ECHEC_URL=url, MONITOR_INVOCATION_ID="inv1").returncode == 0 and len(http.recus) == 2
    # Another run, of which nothing was told; then one whose addresses do not answer.
    assert echec(CTG_ECHEC_URL=url).returncode == 0 and len(http.recus) == 3
    monkeypatch.setenv("INVOCATION_ID", "inv3")
    envoyer_a(tmp_path / "home", "json://127.0.0.1:1/x")
    prevenir(chemins, nuit(INTERNE), DIFFUSIONS)
    assert echec(CTG_ECHEC_URL=url, MONITOR_INVOCATION_ID="inv3").returncode == 0 and len(http.recus) == 4


def test_a_failure_goes_by_mail_and_without_an_address_the_journal_says_so(echec: Lancer) -> None:
    with serveur_de_mail() as (boite, port):
        qui = {"CTG_ECHEC_DE": "ctg@exemple.fr", "CTG_ECHEC_A": "equipe@exemple.fr"}
        envoi = echec(CTG_ECHEC_URL=f"smtp://127.0.0.1:{port}", **qui)
    assert envoi.returncode == 0, envoi.stderr
    (mail,) = boite.recus
    assert mail["To"] == "equipe@exemple.fr" and "ctg-nuit.service failed on" in mail["Subject"]
    muet = echec()
    assert muet.returncode == 1 and "Nobody was told: set CTG_ECHEC_URL" in muet.stderr
