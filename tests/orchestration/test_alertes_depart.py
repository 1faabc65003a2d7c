"""A night that could not begin tells it, as one that failed does: no run of Dagster would."""

import json
import os
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

import pytest
from click.testing import _NamedTextIOWrapper
from commande import Observatoire
from en_ligne import PERSONNE, ctg
from messages import Webhook, envoyer_a

from orchestration.cli import nuit as _nuit  # noqa: F401 -- loaded before the account changes
from orchestration.exploitation.alertes import essayer
from orchestration.exploitation.fin import devoir
from orchestration.nuit import reglages
from orchestration.nuit.chemins import Chemins
from orchestration.nuit.nuit import Nuit

pytestmark = pytest.mark.usefixtures("propre")


def _liaison_abimee(chemins: Chemins) -> dict[str, str]:
    chemins.liaison.write_text('{"profil": ')
    return {}


def _d_un_autre_profil(chemins: Chemins) -> dict[str, str]:
    chemins.liaison.write_text('{"profil": "live", "perimetre": "departement:26"}')
    return {}


EMPECHEMENTS: dict[str, tuple[Callable[[Chemins], dict[str, str]], str]] = {
    "damaged binding": (_liaison_abimee, "liaison.json cannot be used"),
    "another profile": (_d_un_autre_profil, "holds the live profile on departement:26"),
    "unknown scope": (lambda _: {"CTG_PERIMETRE": "departement:99"}, "scope departement:99 is unknown"),
    "unreadable scope": (lambda _: {"CTG_PERIMETRE": "drome"}, "scope 'drome' cannot be read"),
    "unknown setting": (lambda _: {"CTG_MOTEUR_EXTRAIT": "nawak"}, "CTG_MOTEUR_EXTRAIT is 'nawak'"),
    "no mirror": (
        lambda _: {"CTG_PROFILE": "mirror", "CTG_MIRROR": "/nulle/part"},
        "the mirror /nulle/part is not a folder",
    ),
}


@pytest.mark.parametrize("quoi", EMPECHEMENTS)
def test_what_keeps_a_night_from_beginning_is_told_once(quoi: str, http: Webhook, chemins: Chemins) -> None:
    poser, dit = EMPECHEMENTS[quoi]
    os.environ |= {"CTG_HOME": str(chemins.home), "CTG_PROFILE": "demo"} | poser(chemins)
    for _ in range(2):
        resultat = ctg("refresh")
        assert resultat.exit_code == 1 and dit in resultat.stderr, resultat.output
    (recu,) = http.recus
    assert recu["title"].startswith("[CTG] night, step start: ") and dit in recu["message"]
    assert "night echec" in recu["message"]
    assert not chemins.en_cours.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="another account is taken by root alone")
@pytest.mark.parametrize("terminal", [False, True])
def test_a_home_given_to_root_is_told_unless_somebody_reads_it(http: Webhook, terminal: bool) -> None:
    # Where another account may come: that of pytest is closed.
    with tempfile.TemporaryDirectory() as dossier:
        chemins = envoyer_a(Path(dossier) / "home", http.adresse)
        for ouvert in (Path(dossier), chemins.home):
            ouvert.chmod(0o755)
        chemins.alertes.chmod(0o644)
        # What a library loads late, the other account may not read where Python is root's.
        essayer(chemins)
        http.recus.clear()
        os.environ |= {"CTG_HOME": str(chemins.home), "CTG_PROFILE": "demo"}
        os.seteuid(PERSONNE)
        try:
            with patch.object(_NamedTextIOWrapper, "isatty", lambda _: terminal):
                resultat = ctg("refresh")
        finally:
            os.seteuid(0)
    assert resultat.exit_code == 1
    titres = [recu["title"].partition(": ")[0] for recu in http.recus]
    assert titres == ([] if terminal else ["[CTG] night, step start"])


def test_a_broken_environment_is_told(http: Webhook, tmp_path: Path) -> None:
    observatoire = Observatoire.demonstration(tmp_path)
    envoyer_a(observatoire.home, http.adresse)
    (tmp_path / "duckdb.py").write_text("raise ImportError('no such library')")
    resultat = observatoire.ctg("refresh", PYTHONPATH=str(tmp_path))
    assert resultat.code == 1
    (recu,) = http.recus
    assert "what: no such library\nnext: `make setup`" in recu["message"]


def test_a_night_that_another_keeps_out_for_a_day_tells_it(http: Webhook, tmp_path: Path) -> None:
    (tmp_path / "miroir").mkdir()
    observatoire = Observatoire.miroir(tmp_path)
    chemins = envoyer_a(observatoire.home, http.adresse)
    chemins.resume.parent.mkdir()
    chemins.resume.write_text(json.dumps({"run_id": "avant", "etat": "publiee", "refus": []}))
    with reglages.verrou(observatoire.home):
        assert observatoire.nuit().code == 1 and http.recus == [], "a chance: one ended today"
        avant = datetime.now(UTC).timestamp() - 90_000
        os.utime(chemins.resume, (avant, avant))
        chemins.en_cours.touch()
        assert observatoire.nuit().code == 1 and http.recus == [], "the one that runs began tonight"
        os.utime(chemins.en_cours, (avant, avant))
        assert observatoire.nuit().code == 1
    (recu,) = http.recus
    assert "what: a night is already running" in recu["message"]


def test_a_mistake_at_the_terminal_and_a_past_day_tell_nobody(http: Webhook, chemins: Chemins) -> None:
    os.environ |= {"CTG_HOME": str(chemins.home), "CTG_PERIMETRE": "drome"}
    assert ctg("refresh", "--profile", "nawak").exit_code == 2
    assert ctg("refresh", "--as-of", "2024-12-17").exit_code == 1
    assert http.recus == []


def test_a_night_that_failed_without_a_reason_tells_at_least_that(http: Webhook, chemins: Chemins) -> None:
    with ExitStack() as fin:
        nuit = Nuit(reglages.lire({"CTG_HOME": str(chemins.home), "CTG_PROFILE": "demo"}), "r")
        devoir(fin, nuit, None, None, print)
    (recu,) = http.recus
    assert "the night failed, and no step says why" in recu["title"]
