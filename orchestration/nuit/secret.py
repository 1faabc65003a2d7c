"""The proof of secrecy in the night: the paths it is given, and what is joined to what it found."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from confidentialite.preuve.constats import Cellule, Constats
from publication.releases.magasin import AUDIT, registre_de
from socle.erreurs import ErreurPublication
from socle.processus import a_cote

from .construction import Construction


@contextmanager
def audit_de_la_nuit(construction: Construction, releases: Path) -> Iterator[Callable[[], Constats]]:
    """Start the proof of the night's marts; what is yielded waits for its findings, and leaves them on disk.

    The proof is a process of its own (`confidentialite/preuve/__main__.py`): it shares no memory with what
    decided the masks, and the expectations are judged meanwhile.

    Raises ErreurPublication, when waited for, where the marts or the register cannot be read.
    """
    with a_cote(
        "confidentialite.preuve",
        *(construction.base, registre_de(releases), construction.bornes),
        construction.perimetres,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as preuve:

        def attendre() -> Constats:
            dit, erreurs = preuve.communicate()
            if preuve.returncode:
                raise ErreurPublication(
                    f"The audit of secrecy did not end (exit {preuve.returncode}): nothing is published."
                    f"\n{erreurs.decode(errors='replace').strip()}"
                )
            if erreurs:
                # A cache that is made again, say: it goes on.
                sys.stderr.write(erreurs.decode(errors="replace"))
            constats = Constats.depuis(json.loads(dit))
            constats = joindre_ce_que_le_moteur_sait(constats, construction.base, releases)
            construction.validation.mkdir(parents=True, exist_ok=True)
            (construction.validation / AUDIT).write_text(constats.texte(), encoding="utf-8")
            return constats

        yield attendre


def joindre_ce_que_le_moteur_sait(constats: Constats, base: Path, releases: Path) -> Constats:
    """Add to the incidents of the proof those that only the engine sees, for a person to decide.

    The engine hides, under the reason `divulguee`, the cells that it knows earlier releases to give away: by
    its own intervals, or to a lone contributor of then. That is no part of the proof, which has ended and was
    told none of it; it can only add incidents, and takes no finding away.
    """
    from confidentialite.memoire.registre import decisions

    with duckdb.connect(str(base), read_only=True) as con:
        dites = con.execute(
            "select distinct territoire_id, indicateur_id, millesime from intermediate.int_masques"
            " where raison = 'divulguee' order by all"
        ).fetchall()
    return constats.avec_incidents((Cellule(*dite) for dite in dites), decisions(registre_de(releases)))
