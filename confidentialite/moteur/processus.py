"""Groups decided in two processes, in a result whose order never depends on which was first.

Belongs here: the second process, and who takes which group. Does not: deciding one.

The step runs inside dbt, in a process with threads: a fork would copy their locks, and `multiprocessing`
would load dbt again in its child. So the second process is this module, run by the same Python, which is sent
one group at a time and sends back its decision.
"""

import os
import pickle
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread

from confidentialite.moteur.decision import Cachee, decider_groupe
from confidentialite.moteur.groupes import Groupe
from confidentialite.moteur.phases.incidents import DivulgationAnterieure
from socle.erreurs import ErreurPublication
from socle.processus import a_cote

Issue = list[Cachee] | ErreurPublication
# Rows of communes below which one process has decided before a second one has started.
_PETIT = 4_000


def decider_tous(groupes: Sequence[Groupe]) -> list[list[Cachee] | DivulgationAnterieure]:
    """Decide groups; the result is in their order. Raises the first error that is no incident."""
    issues: dict[int, Issue] = {}
    # What takes longest is begun first; a group never waits for another one.
    file: SimpleQueue[int] = SimpleQueue()
    for k in sorted(range(len(groupes)), key=lambda k: (-_poids(groupes[k]), k)):
        file.put(k)
    aide = None
    if len(groupes) > 1 and _coeurs() > 1 and sum(map(_poids, groupes)) >= _PETIT:
        aide = Thread(target=_faire_aider, args=(groupes, file, issues), daemon=True)
        aide.start()
    _vider(groupes, file, issues)
    if aide is not None:
        aide.join()
        # What a second process that died was about.
        for k in range(len(groupes)):
            if k not in issues:
                issues[k] = _decider(groupes[k])
    resultat: list[list[Cachee] | DivulgationAnterieure] = []
    for k in range(len(groupes)):
        issue = issues[k]
        if isinstance(issue, ErreurPublication) and not isinstance(issue, DivulgationAnterieure):
            raise issue
        resultat.append(issue)
    return resultat


def _poids(groupe: Groupe) -> int:
    return groupe.taille()


def _coeurs() -> int:
    return len(os.sched_getaffinity(0))


def _decider(groupe: Groupe) -> Issue:
    try:
        return decider_groupe(groupe).cachees
    except ErreurPublication as erreur:
        return erreur


def _vider(groupes: Sequence[Groupe], file: "SimpleQueue[int]", issues: dict[int, Issue]) -> None:
    while True:
        try:
            k = file.get_nowait()
        except Empty:
            return
        issues[k] = _decider(groupes[k])


def _faire_aider(groupes: Sequence[Groupe], file: "SimpleQueue[int]", issues: dict[int, Issue]) -> None:
    """Give a second process one group after the other, until none is left or it is dead."""
    # A pipe to a process that died breaks when it is closed, too.
    with (
        suppress(OSError),
        a_cote("confidentialite.moteur.processus", stdin=subprocess.PIPE, stdout=subprocess.PIPE) as aide,
    ):
        assert aide.stdin is not None and aide.stdout is not None
        with suppress(Empty, EOFError, pickle.UnpicklingError):
            # It takes nothing before it is ready: the first process may be done by then.
            pickle.load(aide.stdout)
            while True:
                k = file.get_nowait()
                pickle.dump(groupes[k], aide.stdin)
                aide.stdin.flush()
                issues[k] = pickle.load(aide.stdout)


def _aider() -> None:
    """Be the second process."""
    entree, sortie = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    # What a library prints must not be taken for a decision.
    os.dup2(2, 1)
    pickle.dump("ready", sortie)
    sortie.flush()
    while True:
        try:
            groupe = pickle.load(entree)
        except EOFError:
            return
        pickle.dump(_decider(groupe), sortie)
        sortie.flush()


if __name__ == "__main__":
    _aider()
