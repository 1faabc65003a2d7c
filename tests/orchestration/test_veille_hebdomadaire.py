"""`ctg sources veille` and its job: every address of a contract asked on loopback, told, nothing received."""

import os
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from unittest.mock import patch

import dagster as dg
import pytest
from click.testing import CliRunner
from commande import environnement

from ingestion.contrats import charger_contrats
from orchestration.cli import main
from orchestration.exploitation import veille
from orchestration.jobs import veille_des_adresses
from orchestration.schedules import veille as horaire


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A home and one contract, whose file is served on loopback as long as `fichier` is there."""

    class Producteur(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response(200 if (tmp_path / "fichier").exists() else 410)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    serveur = ThreadingHTTPServer(("127.0.0.1", 0), Producteur)
    fil = Thread(target=serveur.serve_forever)
    fil.start()
    cog = charger_contrats()["insee_cog_communes"]
    r = next(iter(cog.ressources.values()))
    m = max(r.millesimes)
    url = f"http://127.0.0.1:{serveur.server_port}/communes.csv"
    ici = r.model_copy(update={"millesimes": {m: r.millesimes[m].model_copy(update={"url": url})}})
    contrats = {cog.source: cog.model_copy(update={"ressources": {r.nom: ici}})}
    (tmp_path / "fichier").touch()
    home = tmp_path / "home"
    home.mkdir()
    with (
        patch.dict(os.environ, environnement(CTG_HOME=str(home)), clear=True),
        patch.object(veille, "charger_contrats", lambda: contrats),
    ):
        yield home
    serveur.shutdown()
    serveur.server_close()
    fil.join()


def test_the_command_says_what_is_gone_with_what_to_do_and_exits_2(home: Path) -> None:
    bien = CliRunner().invoke(main, ["sources", "veille"])
    assert (bien.exit_code, bien.stdout) == (
        0,
        "1 addresses: 0 unchanged, 0 changed, 1 asked for the first time, 0 refused.\n",
    )
    (home.parent / "fichier").unlink()
    parti = CliRunner().invoke(main, ["sources", "veille", "--alerter"])
    assert parti.exit_code == 2
    assert "HTTP 410" in parti.stderr and "look for the new address on the producer's page" in parti.stderr
    assert not (home / "landing").exists() or not any((home / "landing").rglob("*.csv"))


def test_the_weekly_job_fails_with_the_sentence_of_what_is_gone(home: Path) -> None:
    assert veille_des_adresses.execute_in_process().success
    (home.parent / "fichier").unlink()
    with pytest.raises(dg.Failure, match="HTTP 410"):
        veille_des_adresses.execute_in_process()
    assert (horaire.cron_schedule, horaire.execution_timezone) == ("0 12 * * 1", "Europe/Paris")
