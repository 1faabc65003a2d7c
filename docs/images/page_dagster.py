"""The pictures of Dagster's page: one mart asked for alone, a night that refused a file."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

PROJET = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
# Debian's Chromium, which is run as root in a container, and asks nothing of anybody.
OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
MART = "/assets/marts/mart_petite_enfance"
REFUSE = ("cnaf_taux_couverture_epci", "courant", "2023")
ATTENTE = 900


def photographier(dossier: Path) -> dict[str, Path]:
    """Take the pictures into `dossier`; return them by name."""
    home = dossier / "home"
    source = Path(os.environ["CTG_HOME"])
    shutil.copytree(source, home, symlinks=True, copy_function=shutil.copy2)
    # Another thing to print: the night builds and publishes, although no figure moved.
    env = os.environ | {"CTG_HOME": str(home), "CTG_IMPRIMER": "ctg"}
    with _dagster_dev(env) as adresse, sync_playwright() as playwright:
        navigateur = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(OPTIONS))
        page = navigateur.new_page(viewport={"width": 1400, "height": 860})
        images = {"dagster-mart-seul": _mart_seul(page, adresse, dossier)}
        _deposer_un_fichier_abime(home)
        images["dagster-refus"] = _nuit_qui_refuse(page, adresse, dossier)
        navigateur.close()
    return images


def _mart_seul(page: Page, adresse: str, dossier: Path) -> Path:
    """Click on Materialize, wait, and show what became of it."""
    page.goto(f"{adresse}{MART}")
    page.get_by_role("button", name="Materialize").first.click()
    _attendre(adresse, "__ASSET_JOB")
    page.goto(f"{adresse}{MART}?view=checks")
    page.get_by_text("Latest execution").wait_for()
    page.wait_for_timeout(2000)
    image = dossier / "mart-page.png"
    page.screenshot(path=image)
    return image


def _deposer_un_fichier_abime(home: Path) -> None:
    """Drop a file whose decimal mark is not that of its contract."""
    (recu,) = (home / "landing" / Path(*REFUSE)).glob("*/*.csv")
    depot = home / "depot" / Path(*REFUSE)
    depot.mkdir(parents=True, exist_ok=True)
    (depot / recu.name).write_bytes(recu.read_bytes().replace(b".", b","))


def _nuit_qui_refuse(page: Page, adresse: str, dossier: Path) -> Path:
    """Run the night, and show the overview of the last hour."""
    _lancer(adresse, "reception")
    _attendre(adresse, "reception")
    page.goto(f"{adresse}/overview")
    page.wait_for_timeout(5000)
    page.get_by_role("button", name="1hr").click()
    page.wait_for_timeout(3000)
    image = dossier / "refus-page.png"
    page.screenshot(path=image, clip={"x": 0, "y": 0, "width": 1400, "height": 720})
    return image


@contextmanager
def _dagster_dev(env: dict[str, str]) -> Iterator[str]:
    """Run `dagster dev` as `make dev` does, on a free port of loopback; yield its address."""
    prepare = subprocess.run([BIN / "ctg", "prepare"], env=env, check=True, capture_output=True, text=True)
    env = env | {"DAGSTER_HOME": prepare.stdout.strip()}
    with socket.socket() as prise:
        prise.bind(("127.0.0.1", 0))
        port = str(prise.getsockname()[1])
    ordre = [BIN / "dagster", "dev", "-w", "workspace.yaml", "-h", "127.0.0.1", "-p", port]
    adresse = f"http://127.0.0.1:{port}"
    with subprocess.Popen(
        ordre,
        cwd=PROJET,
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as serveur:
        try:
            _jusqu_a(lambda: _repond(adresse))
            yield adresse
        finally:
            os.killpg(serveur.pid, signal.SIGTERM)
            try:
                serveur.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(serveur.pid, signal.SIGKILL)


def _repond(adresse: str) -> bool:
    try:
        with urllib.request.urlopen(f"{adresse}/server_info", timeout=5):
            return True
    except OSError:
        return False


def _demander(adresse: str, requete: str, **variables: Any) -> dict[str, Any]:
    corps = json.dumps({"query": requete, "variables": variables}).encode()
    demande = urllib.request.Request(f"{adresse}/graphql", corps, {"content-type": "application/json"})
    with urllib.request.urlopen(demande, timeout=60) as reponse:
        return dict(json.loads(reponse.read())["data"])


def _lancer(adresse: str, job: str) -> None:
    selecteur = {
        "repositoryLocationName": "observatoire_ctg",
        "repositoryName": "__repository__",
        "pipelineName": job,
    }
    _demander(
        adresse,
        "mutation($p: ExecutionParams!) { launchPipelineExecution(executionParams: $p) { __typename } }",
        p={"selector": selecteur, "runConfigData": {}, "mode": "default"},
    )


def _attendre(adresse: str, job: str) -> None:
    """Wait for the last run of a job to end."""

    def fini() -> bool:
        runs = _demander(adresse, "{ runsOrError(limit: 1) { ... on Runs { results { jobName status } } } }")
        return any(
            r["jobName"] == job and r["status"] in ("SUCCESS", "FAILURE")
            for r in runs["runsOrError"]["results"]
        )

    _jusqu_a(fini)


def _jusqu_a(condition: Any) -> None:
    fin = time.monotonic() + ATTENTE
    while not condition():
        if time.monotonic() > fin:
            raise TimeoutError(f"{ATTENTE} s have passed")
        time.sleep(1)
