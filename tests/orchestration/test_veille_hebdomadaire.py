"""`ctg sources veille` and its job: every address of a contract asked on loopback, told, nothing received."""

import os
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import dagster as dg
import pytest
from commande import environnement
from en_ligne import ctg

from ingestion.contrats import charger_contrats
from orchestration.exploitation import veille
from orchestration.jobs import veille_des_adresses
from orchestration.schedules import veille as horaire
from tests.ingestion.serveur import Serveur, demarrer


@pytest.fixture
def producteur(tmp_path: Path) -> Iterator[Serveur]:
    """A home and one contract, whose file this producer has."""
    cog = charger_contrats()["insee_cog_communes"]
    r = next(iter(cog.ressources.values()))
    m = max(r.millesimes)
    with demarrer() as serveur:
        serveur.tete, serveur.pages = True, {"/communes.csv": b""}
        edition = r.millesimes[m].model_copy(update={"url": f"{serveur.adresse}/communes.csv"})
        ici = r.model_copy(update={"millesimes": {m: edition}})
        contrats = {cog.source: cog.model_copy(update={"ressources": {r.nom: ici}})}
        with (
            patch.dict(os.environ, environnement(CTG_HOME=str(tmp_path)), clear=True),
            patch.object(veille, "charger_contrats", lambda: contrats),
        ):
            yield serveur


def test_the_command_says_what_is_gone_with_what_to_do_and_exits_2(
    producteur: Serveur, tmp_path: Path
) -> None:
    bien = ctg("sources", "veille")
    assert (bien.exit_code, bien.stdout) == (
        0,
        "1 addresses: 0 unchanged, 0 changed, 1 asked for the first time, 0 refused.\n",
    )
    producteur.pages.clear()
    parti = ctg("sources", "veille", "--alerter")
    assert parti.exit_code == 2
    assert "HTTP 404" in parti.stderr and "look for the new address on the producer's page" in parti.stderr
    assert not [*tmp_path.rglob("*.csv")]


def test_the_weekly_job_fails_with_the_sentence_of_what_is_gone(producteur: Serveur) -> None:
    assert veille_des_adresses.execute_in_process().success
    producteur.pages.clear()
    with pytest.raises(dg.Failure, match="HTTP 404"):
        veille_des_adresses.execute_in_process()
    assert (horaire.cron_schedule, horaire.execution_timezone) == ("0 12 * * 1", "Europe/Paris")
