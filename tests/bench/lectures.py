"""The ten questions of docs/lire-une-publication.md, as their readers ask them: SQL on a release.

Belongs here: the queries as the guide has them, asked of one territory after the other, and their time. Does
not: whether they answer right (`tests/integration/test_lire_une_publication.py`).
"""

import tempfile
import time
from pathlib import Path
from statistics import quantiles

import duckdb

from tests.bench.mesure import CTG, afficher, executer
from tests.bench.nuits import DEMONSTRATION, environnement
from tests.guides import questions

CODE = "200068229"
"""EPCI of the examples of the guide, which gives way to others."""
VISE_MS = 50
COLONNES = ("what", "p50 (ms)", "p95 (ms)", "to reach: p95")


def comparer(release: Path | None = None, fois: int = 100) -> None:
    """Time a release, that of a night of the demonstration made now unless told."""
    with tempfile.TemporaryDirectory() as temporaire:
        if release is None:
            home = Path(temporaire) / "home"
            executer([CTG, *DEMONSTRATION], environnement(home))
            release = home / "releases" / "current"
        afficher(
            f"The ten questions, on {release.resolve().name}: {fois} readings of each",
            COLONNES,
            lignes(mesurer(release / "ctg.duckdb", fois)),
        )


def mesurer(base: Path, fois: int) -> dict[str, list[float]]:
    """Seconds of each reading of each question, a territory after the other, on one connection."""
    durees: dict[str, list[float]] = {}
    with duckdb.connect(str(base), read_only=True) as con:
        con.execute("use marts")
        codes = [
            code
            for (code,) in con.execute(
                "select code from dim_territoire where niveau = 'epci' order by code = ? desc, hash(code)",
                [CODE],
            ).fetchall()
        ]
        for question in questions():
            prises = durees.setdefault(question.titre, [])
            for rang in range(fois):
                sql = question.sql.replace(CODE, codes[rang % len(codes)])
                debut = time.perf_counter()
                con.execute(sql).fetchall()
                prises.append(time.perf_counter() - debut)
    return durees


def lignes(durees: dict[str, list[float]]) -> list[tuple[str, ...]]:
    """The table: a line per question, then all of them."""
    toutes = [d for prises in durees.values() for d in prises]
    parts = {q: quantiles(p, n=20, method="inclusive") for q, p in (*durees.items(), ("all", toutes))}
    return [(q, f"{1e3 * p[9]:.1f}", f"{1e3 * p[18]:.1f}", f"≤ {VISE_MS}") for q, p in parts.items()]
