"""deploy/README.md typed as written on a machine made for it: what it installs starts, an upgrade too."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from messages import Webhook, webhook

from tests import guides
from tests.machine import DEPOT, PYTHON, Machine, demarrer

README = (DEPOT / "deploy" / "README.md").read_text(encoding="utf-8")
INSTALLER, _, MONTER = (bloc.code for bloc in guides.blocs(README) if bloc.langue == "sh")
(DOCTOR,) = re.findall(r"`(systemd-run .* \S*/ctg doctor)`", README)
MINUTERIES = " ".join(sorted(unite.name for unite in (DEPOT / "deploy").glob("*.timer")))
FOYER = "/opt/ctg/tests/data/foyers/0.2.0.tar.xz"
ICI = "http://127.0.0.1:3000"


@dataclass(frozen=True)
class Installee:
    """A machine once the block of installation was typed there. `origine`: what it was cloned from."""

    machine: Machine
    origine: Path
    http: Webhook

    def doctor(self, quoi: str) -> list[dict[str, Any]]:
        """The lines of `ctg doctor` on a subject, typed as the page says."""
        dit = self.machine.taper(f"{DOCTOR} --json").stdout
        lues = json.loads(dit[dit.index("[\n") : dit.rindex("]") + 1])
        return [ligne for ligne in lues if ligne["quoi"] == quoi]


def _git(*mots: object) -> None:
    qui = ["-c", "user.name=essai", "-c", "user.email=essai@exemple.fr"]
    fait = subprocess.run(["git", *qui, *map(str, mots)], capture_output=True, text=True, check=False)
    assert fait.returncode == 0, fait.stderr


def _installer(dossier: Path, pile: ExitStack, *, paquets: bool) -> Installee:
    """Type the block. `paquets`: those of the tests are where the clone is before `make setup-nuit` looks."""
    origine, base = dossier / "origine", dossier / "machine"
    base.mkdir()
    depot = ("--git-dir", origine, "--work-tree", DEPOT)
    _git("init", "--quiet", "--bare", "--initial-branch=main", origine)
    _git(*depot, "add", "--all")
    _git(*depot, "commit", "--quiet", "--message=this version")
    crochet = origine / "modele" / "hooks" / "post-checkout"
    crochet.parent.mkdir(parents=True)
    crochet.write_text("#!/bin/sh\nmkdir .venv && mount --bind /srv/venv .venv\n")
    crochet.chmod(0o755)
    http = pile.enter_context(webhook())
    machine = pile.enter_context(demarrer(base, origine))
    adresse = f"echo CTG_ECHEC_URL=http://127.0.0.1:{http.server_port}/x >>/etc/ctg/echec.env"
    lignes = INSTALLER.replace(" … ", " /srv/origine ").splitlines()
    (edition,) = (rang for rang, ligne in enumerate(lignes, 1) if "echec.env      # then edit it" in ligne)
    reglages = {"PYTHON": f"{PYTHON}/bin/python3", "GIT_TEMPLATE_DIR": "/srv/origine/modele"}
    if not paquets:
        reglages = {nom: dit for nom, dit in os.environ.items() if nom.startswith("PIP_") or "PROXY" in nom}
    machine.lire("\n".join([*lignes[:edition], adresse, *lignes[edition:]]), **reglages)
    return Installee(machine, origine, http)


@pytest.fixture(scope="module")
def installee(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installee]:
    with ExitStack() as pile:
        yield _installer(tmp_path_factory.mktemp("installee"), pile, paquets=True)


def _en_ordre(machine: Machine) -> None:
    for verbe, voulu in (("is-enabled", "enabled"), ("is-active", "active")):
        assert machine.lire(f"systemctl {verbe} {MINUTERIES}").split() == [voulu] * 4
    assert machine.lire("systemctl list-units --failed --plain --no-legend 'ctg-*'") == ""


def test_what_is_installed_starts_at_its_hours_and_tells_who_was_named(installee: Installee) -> None:
    _en_ordre(installee.machine)
    services = "ctg-dagster-webserver.service ctg-dagster-daemon.service ctg-dagster-page.socket"
    assert installee.machine.lire(f"systemctl is-active {services}").split() == ["active"] * 3
    # The one of the block, and none of a unit that failed.
    assert [m["title"].split(" failed")[0] for m in installee.http.recus] == ["[CTG] essai"]


def test_a_timer_that_was_there_and_is_not_is_told(installee: Installee) -> None:
    machine, nuit = installee.machine, "ctg-nuit.timer"
    assert [c["etat"] for c in (*installee.doctor("timers"), *installee.doctor("schedule"))] == ["bien"] * 2
    try:
        machine.lire(f"systemctl stop {nuit}")
        (arretee,) = installee.doctor("timers")
        assert (arretee["etat"], arretee["suite"].endswith(f"systemctl start {nuit}")) == ("faute", True)
        machine.lire(f"systemctl disable {nuit}")
        (eteinte,) = installee.doctor("schedule")
        assert (eteinte["etat"], eteinte["suite"]) == ("faute", f"systemctl enable --now {nuit}")
    finally:
        machine.lire(f"systemctl enable --now {nuit}")


@pytest.mark.parametrize(
    ("adresse", "entetes", "code"),
    [
        (ICI, {"Origin": ICI, "Content-Type": "application/json", "Sec-Fetch-Site": "same-origin"}, 200),
        ("http://localhost:3001", {"Content-Type": "application/json"}, 200),
        (ICI, {"Origin": "http://site.example", "Content-Type": "text/plain; application/json"}, 403),
        (ICI, {"Origin": "null", "Content-Type": "text/plain; application/json"}, 403),
        (ICI, {"Sec-Fetch-Site": "same-site", "Content-Type": "application/json"}, 403),
        ("http://site.example", {"Origin": "http://site.example", "Content-Type": "application/json"}, 400),
    ],
)
def test_the_page_by_its_socket_answers_itself_alone(
    installee: Installee, adresse: str, entetes: dict[str, str], code: int
) -> None:
    dits = " ".join(f"-H '{nom}: {dit}'" for nom, dit in entetes.items())
    demande = f"""curl -s --retry 30 --retry-delay 1 --retry-all-errors -w ' %{{http_code}}' \
        --unix-socket /run/ctg/page.sock {adresse}/graphql {dits} -d '{{"query": "{{version}}"}}'"""
    dit = installee.machine.lire(f"runuser -u nobody -g ctg-page -- {demande}")
    assert dit.endswith(str(code)) and ('"version"' in dit) == (code == 200), dit
    # Whoever is of another group does not even reach it.
    assert installee.machine.taper(f"runuser -u nobody -- {demande.replace('30', '0', 1)}").returncode == 7


def test_an_upgrade_ends_with_the_timer_on(installee: Installee, tmp_path: Path) -> None:
    machine, home = installee.machine, "/var/lib/ctg/home"
    # A home that received and published, as the version before wrote it.
    machine.lire("systemctl stop ctg-dagster-webserver ctg-dagster-daemon")
    machine.lire(f"rm -rf {home} && tar -C /var/lib/ctg -xf {FOYER} && chown -R ctg: {home}")
    _git("clone", "--quiet", installee.origine, tmp_path / "suivante")
    for nom, ligne in (("ctg.env", "#CTG_SUIVANTE=oui"), ("ctg-nuit.timer", "# of the next version")):
        with (tmp_path / "suivante" / "deploy" / nom).open("a") as fichier:
            fichier.write(f"{ligne}\n")
    _git("-C", tmp_path / "suivante", "commit", "--quiet", "--all", "--message=the next version")
    _git("-C", tmp_path / "suivante", "push", "--quiet")

    dit = machine.lire(MONTER, PYTHON=f"{PYTHON}/bin/python3")
    assert "+#CTG_SUIVANTE=oui" in dit
    assert machine.lire("tail -1 /etc/systemd/system/ctg-nuit.timer") == "# of the next version"
    assert len(machine.lire("ls /var/backups/ctg").split()) == 1
    _en_ordre(machine)
    assert [c["etat"] for c in installee.doctor("timers")] == ["bien"]


@pytest.mark.drill
def test_a_whole_night_runs_in_its_unit(installee: Installee) -> None:
    """Closed as its unit has it, nothing that it needs is refused."""
    machine, home = installee.machine, "/var/lib/ctg/home"
    machine.lire(f"rm -rf {home} && systemd-tmpfiles --create ctg.conf")
    machine.lire(
        "sed -i 's/^CTG_PROFILE=.*/CTG_PROFILE=demo/; /^CTG_MIRROR/d; /^CTG_PERI/d' /etc/ctg/ctg.env"
    )
    machine.lire("systemctl start ctg-nuit.service")
    assert machine.lire(f"cat {home}/releases/current/SUCCESS")
    machine.lire("systemctl start ctg-verification.service ctg-sauvegarde.service")


@pytest.mark.drill
def test_a_machine_that_has_no_package_yet_fetches_them(tmp_path: Path) -> None:
    with ExitStack() as pile:
        _en_ordre(_installer(tmp_path, pile, paquets=False).machine)
