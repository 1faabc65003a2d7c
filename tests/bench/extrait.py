"""The national extract to every mesure of each commune: the project's SQL beside the same by hand.

Belongs here: the files the ways share, one process for each, the check that they agree, the tables. Does
not: the ways themselves (`facons.py`), the invented foyers (`demonstration/foyers.py`).
"""

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from demonstration.foyers import communes_inventees, generer_micro
from orchestration.nuit.construire import executer as executer_dbt
from orchestration.nuit.projet import actualiser_manifeste
from tests.bench.facons import ANNEE, FACONS
from tests.bench.mesure import RACINE, afficher

GRAINE = "bench"
COMMUNES_PAR_EPCI = 28
DEPARTEMENTS_PAR_REGION = 8


@dataclass(frozen=True)
class Mesure:
    """What one way took, in its own process."""

    secondes: float
    pic_mo: float
    resultat: Path


class Desaccord(Exception):
    """Two ways give different figures: nothing that was timed means anything."""


def comparer(foyers: int) -> None:
    """Time both ways on one month, once they agree."""
    with tempfile.TemporaryDirectory() as dossier:
        entier = Path(dossier, "entier")
        lignes = preparer(entier, foyers)
        mesures = {facon: executer(entier, facon) for facon in FACONS}
        cellules = verifier(mesures)
        reference = mesures[next(iter(FACONS))]
        afficher(
            f"Extract, one month: {foyers} foyers, {lignes} rows, {cellules} cells that both agree on",
            ("way", "seconds", "ratio", "peak MB", "ratio of memory"),
            [
                (
                    FACONS[facon].titre,
                    *(f"{m.secondes:.2f}", f"{m.secondes / reference.secondes:.2f}"),
                    *(f"{m.pic_mo:.0f}", f"{m.pic_mo / reference.pic_mo:.2f}"),
                )
                for facon, m in mesures.items()
            ],
        )


def preparer(dossier: Path, foyers: int, departements: tuple[str, ...] = ()) -> int:
    """Write what every way reads: foyers, territories, the compiled SQL of the models. Number of rows.

    The foyers live in all of the country, or in some `departements`.
    """
    communes = [c for c in communes_inventees(GRAINE) if not departements or c[0].startswith(departements)]
    dossier.mkdir()
    lignes = generer_micro(dossier / "foyers.parquet", foyers, f"{ANNEE}-12", GRAINE, communes)
    pq.write_table(_territoires(), dossier / "territoires.parquet")
    actualiser_manifeste()
    compilation = executer_dbt(
        dossier / "nuit.duckdb",
        dossier / "target",
        *("compile", "--select", "tag:portable", "--no-populate-cache"),
    )
    if compilation.erreurs:
        raise RuntimeError("\n\n".join(compilation.erreurs))
    (dossier / "nuit.duckdb").unlink(missing_ok=True)
    return lignes


def _territoires() -> pa.Table:
    """Invented EPCI and régions of the generator's communes; `origine` is the code as the extract has it."""
    lignes = []
    for origine, _ in communes_inventees(GRAINE):
        departement, rang = origine[:2], int(origine[2:])
        code = origine
        # Paris, Lyon and Marseille are one commune each.
        for premier, dernier, ville in (
            ("75101", "75120", "75056"),
            ("69381", "69389", "69123"),
            ("13201", "13216", "13055"),
        ):
            if premier <= origine <= dernier:
                code, rang = ville, int(ville[2:])
        lignes.append(
            {
                "origine": origine,
                "code": code,
                "epci": f"{departement}e{rang // COMMUNES_PAR_EPCI:02d}",
                "departement": departement,
                "region": f"r{int(departement) // DEPARTEMENTS_PAR_REGION:02d}",
                "france": "france",
            }
        )
    return pa.Table.from_pylist(lignes)


def executer(dossier: Path, facon: str) -> Mesure:
    """Run one way in a process of its own."""
    resultat = dossier / f"{facon}.parquet"
    processus = subprocess.run(
        [sys.executable, "-m", "tests.bench.facons", facon, dossier, resultat],
        cwd=RACINE,
        capture_output=True,
        text=True,
    )
    if processus.returncode:
        raise RuntimeError(
            f"{facon} ended with code {processus.returncode} (-9: too little memory): "
            f"{processus.stderr[-2000:]}"
        )
    releve = json.loads(processus.stdout.splitlines()[-1])
    return Mesure(releve["secondes"], releve["pic_mo"], resultat)


def verifier(mesures: dict[str, Mesure]) -> int:
    """Number of cells, the same and with the same figures in all of them; raises `Desaccord` otherwise."""
    premiere, *autres = mesures
    a = f"read_parquet('{mesures[premiere].resultat}')"
    cellules = _compter(a)
    for autre in autres:
        b = f"read_parquet('{mesures[autre].resultat}')"
        ecarts = duckdb.sql(f"from {a} except from {b}").limit(3).fetchall()
        if ecarts or _compter(b) != cellules:
            raise Desaccord(
                f"{premiere} and {autre} disagree, on {_compter(b)} cells and {cellules}: {ecarts}"
            )
    return cellules


def _compter(relation: str) -> int:
    ((nombre,),) = duckdb.sql(f"select count(*) from {relation}").fetchall()
    return int(nombre)
