"""Strict reading and typing of a file, beside readers that check nothing."""

import os
import tempfile
from pathlib import Path
from zipfile import ZipFile

import duckdb
import pandas as pd

from ingestion.contrats import charger_contrats
from ingestion.erreurs import Lieu
from ingestion.typage import normaliser_fichier
from tests.bench.mesure import RACINE, afficher_durees, chronometrer


def comparer() -> None:
    """Time the comparateur: the real file where it is (CTG_SHARED or ../shared), else the demonstration's."""
    shared = Path(os.environ.get("CTG_SHARED", RACINE.parent / "shared")) / "real"
    with tempfile.TemporaryDirectory() as dossier:
        reel = shared.is_dir()
        miroir = shared if reel else RACINE / "demonstration" / "miroir"
        origine = "real file" if reel else "demonstration"
        afficher_durees(f"Reading the comparateur ({origine})", _durees(miroir, Path(dossier)))


def _durees(miroir: Path, travail: Path) -> list[tuple[str, float]]:
    ressource = charger_contrats()["insee_comparateur"].ressources["communes"]
    edition = ressource.edition(2018, glissante=False)
    assert edition is not None and edition.mirror is not None
    archive = miroir / edition.mirror
    with ZipFile(archive) as z:
        csv = Path(z.extract("base_cc_comparateur.CSV", travail))
    lieu = Lieu("insee_comparateur", "communes", 2018)
    return [
        ("pandas.read_csv, as text, no check", chronometrer(lambda: pd.read_csv(csv, sep=";", dtype=str))),
        (
            "DuckDB read_csv, as text, no check",
            chronometrer(
                lambda: duckdb.sql(f"select * from read_csv('{csv}', all_varchar=true)").to_arrow_table()
            ),
        ),
        (
            "contract: text, types, bounds, keys, markers, line numbers",
            chronometrer(lambda: normaliser_fichier(archive, ressource, edition, "0" * 64, None, lieu)),
        ),
    ]
