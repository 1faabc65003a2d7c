"""Groups decided in two processes, in a result whose order never depends on which was first.

Belongs here: the second process, who takes which parcel, which are read. Does not: deciding one.

The step runs inside dbt, in a process with threads: a fork would copy their locks, and `multiprocessing`
would load dbt again in its child. So the second process is this module, run by the same Python, which is sent
one parcel at a time and sends back its decision.
"""

import os
import pickle
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread

from confidentialite.moteur.cache import Cache, empreinte_de_la_parcelle
from confidentialite.moteur.decision import Cachee, Decidee, Ouvrage, decider_parcelle
from confidentialite.moteur.groupes import Groupe
from confidentialite.moteur.parcelles import Esquisse, Parcelle, Total, TotauxCaches
from confidentialite.moteur.phases.incidents import DivulgationAnterieure
from socle.cycles import sans_cycles
from socle.erreurs import ErreurPublication
from socle.processus import a_cote

Issue = Decidee | ErreurPublication | TotauxCaches
# Formes below which one process has decided before a second one has started.
_PETIT = 2_000
# Rows beyond which groups are decided a few after the others: what all of them hold would not fit in memory.
_ENSEMBLE = 200_000


@sans_cycles()
def decider_tous(
    groupes: Sequence[Groupe], cache: Cache | None = None
) -> list[list[Cachee] | DivulgationAnterieure]:
    """Decide groups, parcel by parcel; the result is in their order. Raises the first error but incidents.

    With a cache, a parcel whose decision is kept is not decided again.
    """
    return [d for lot in _lots(groupes) for d in _decider_ensemble(lot, cache)]


def _lots(groupes: Sequence[Groupe]) -> Iterator[list[Groupe]]:
    """Groups that are decided at once: the parcels of all are shared between the processes."""
    lot: list[Groupe] = []
    for groupe in groupes:
        if lot and sum(g.taille() for g in (*lot, groupe)) > _ENSEMBLE:
            yield lot
            lot = []
        lot.append(groupe)
    yield lot


def _decider_ensemble(
    groupes: Sequence[Groupe], cache: Cache | None
) -> list[list[Cachee] | DivulgationAnterieure]:
    ouvrages: dict[int, Ouvrage] = {}
    incidents: dict[int, DivulgationAnterieure] = {}
    for k, groupe in enumerate(groupes):
        try:
            ouvrages[k] = Ouvrage(groupe)
        except DivulgationAnterieure as incident:
            incidents[k] = incident
    while a_faire := [(k, p) for k, o in ouvrages.items() if k not in incidents for p in o.a_decider()]:
        issues = _decider_les_parcelles([p for _, p in a_faire], cache)
        seules: dict[int, list[tuple[Esquisse, Set[Total]]]] = defaultdict(list)
        for (k, parcelle), issue in zip(a_faire, issues, strict=True):
            if isinstance(issue, DivulgationAnterieure):
                premier = incidents.setdefault(k, issue)
                premier.cellules |= issue.cellules
            elif isinstance(issue, ErreurPublication):
                raise issue
            elif isinstance(issue, TotauxCaches):
                seules[k].append((parcelle, issue.totaux))
            else:
                ouvrages[k].recevoir(parcelle, issue)
        for k, siennes in seules.items():
            ouvrages[k].joindre(siennes)
    return [incidents.get(k) or ouvrages[k].cachees() for k in range(len(groupes))]


def _decider_les_parcelles(
    esquisses: Sequence[Esquisse], cache: Cache | None
) -> list[list[Cachee] | ErreurPublication | TotauxCaches]:
    """Decide parcels, but for those whose decision is kept; keep the others'."""
    if cache is None:
        return list(map(_cachees, _en_deux(esquisses)))
    # Told before anything is decided: deciding changes a parcel that is all of its group.
    empreintes, gardees = [], []
    for esquisse in esquisses:
        parcelle = esquisse.parcelle()
        empreintes.append(empreinte_de_la_parcelle(parcelle))
        gardees.append(cache.relire(empreintes[-1], parcelle))
    a_decider = [k for k, gardee in enumerate(gardees) if gardee is None]
    issues = dict(zip(a_decider, _en_deux([esquisses[k] for k in a_decider]), strict=True))
    for k, issue in issues.items():
        if isinstance(issue, Decidee):
            cache.retenir(empreintes[k], issue)
    return [_cachees(issues[k]) if gardee is None else gardee for k, gardee in enumerate(gardees)]


def _cachees(issue: Issue) -> list[Cachee] | ErreurPublication | TotauxCaches:
    return issue.cachees if isinstance(issue, Decidee) else issue


def _en_deux(esquisses: Sequence[Esquisse]) -> list[Issue]:
    """Decide parcels in two processes where that is worth it."""
    issues: dict[int, Issue] = {}
    # What takes longest is begun first; a parcel never waits for another one.
    file: SimpleQueue[int] = SimpleQueue()
    for k in sorted(range(len(esquisses)), key=lambda k: (-esquisses[k].taille, k)):
        file.put(k)
    aide = None
    if len(esquisses) > 1 and _coeurs() > 1 and sum(e.taille for e in esquisses) >= _PETIT:
        aide = Thread(target=_faire_aider, args=(esquisses, file, issues), daemon=True)
        aide.start()
    _vider(esquisses, file, issues)
    if aide is not None:
        aide.join()
        # What a second process that died was about.
        for k in range(len(esquisses)):
            if k not in issues:
                issues[k] = _decider(esquisses[k].parcelle())
    return [issues[k] for k in range(len(esquisses))]


def _coeurs() -> int:
    return len(os.sched_getaffinity(0))


def _decider(parcelle: Parcelle) -> Issue:
    avant = parcelle.memoire()
    try:
        return Decidee(decider_parcelle(parcelle).cachees, avant, parcelle.memoire(ensuite=True))
    except (ErreurPublication, TotauxCaches) as erreur:
        return erreur


def _vider(esquisses: Sequence[Esquisse], file: "SimpleQueue[int]", issues: dict[int, Issue]) -> None:
    while True:
        try:
            k = file.get_nowait()
        except Empty:
            return
        issues[k] = _decider(esquisses[k].parcelle())


def _faire_aider(esquisses: Sequence[Esquisse], file: "SimpleQueue[int]", issues: dict[int, Issue]) -> None:
    """Give a second process one parcel after the other, until none is left or it is dead."""
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
                pickle.dump(esquisses[k].parcelle(), aide.stdin)
                aide.stdin.flush()
                issues[k] = pickle.load(aide.stdout)


@sans_cycles()
def _aider() -> None:
    """Be the second process."""
    entree, sortie = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    # What a library prints must not be taken for a decision.
    os.dup2(2, 1)
    pickle.dump("ready", sortie)
    sortie.flush()
    while True:
        try:
            parcelle = pickle.load(entree)
        except EOFError:
            return
        pickle.dump(_decider(parcelle), sortie)
        sortie.flush()


if __name__ == "__main__":
    _aider()
