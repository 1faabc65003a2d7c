"""A night that a person or a service manager stops: one line, no traceback, and the next one goes on."""

import signal
from pathlib import Path

import pytest
from commande import Observatoire, attendre_annonce, tuer


@pytest.mark.parametrize("signal_", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_night_says_so_in_one_line(
    demonstration: Observatoire, tmp_path: Path, signal_: signal.Signals
) -> None:
    observatoire = demonstration.copie(tmp_path)
    avant = observatoire.courante
    nuit = observatoire.lancer("refresh", *observatoire.options)
    try:
        attendre_annonce(nuit, "landing/anct_france_services")
        nuit.send_signal(signal_)
        _, reste = nuit.communicate(timeout=60)
    finally:
        tuer(nuit)
    dits = [ligne for ligne in reste.splitlines() if not ligne.startswith("[")]
    assert dits == [
        "The night was interrupted: nothing was published, what readers have is untouched. Run it again: it"
        " goes on from what has landed."
    ]
    assert nuit.returncode == 1
    assert observatoire.courante == avant
