"""Audits of small marts."""

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import duckdb
import pytest
from petits_marts import EXIGENCES, Marts

from confidentialite.memoire import registre as registres
from confidentialite.preuve.auditeur import auditer
from confidentialite.preuve.constats import Constats
from confidentialite.preuve.entrees import Agregats

PERIMETRE = "departement:26"


@pytest.fixture
def registre(tmp_path: Path) -> Path:
    return tmp_path / "registre"


@pytest.fixture
def juger(tmp_path: Path, registre: Path) -> Callable[..., Constats]:
    def faire(marts: Marts, **options: Any) -> Constats:
        exigences = options.pop("exigences", EXIGENCES)
        agregats = Agregats(**{f.name: options.pop(f.name, None) for f in fields(Agregats)})
        base = marts.ecrire(tmp_path / "nuit.duckdb")
        with duckdb.connect(str(base), read_only=True) as con:
            return auditer(con, registre, exigences, perimetre=PERIMETRE, agregats=agregats, **options)

    return faire


@pytest.fixture
def publier(tmp_path: Path, registre: Path) -> Callable[[Marts, str], Path]:
    """Register these marts as a release."""

    def faire(marts: Marts, release_id: str) -> Path:
        base = marts.ecrire(tmp_path / "publiee.duckdb")
        with duckdb.connect(str(base), read_only=True) as con:
            lignes = registres.tirer(registre, release_id, con, PERIMETRE, "1")
        return registres.ecrire(registre, release_id, lignes)

    return faire
