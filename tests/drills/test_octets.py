"""The whole country, twice from empty folders: the same bytes, whatever the order in which threads ran."""

from pathlib import Path

import pytest
from commande import Observatoire

pytestmark = pytest.mark.drill


def test_france_twice_gives_the_same_bytes(shared: Path, tmp_path: Path) -> None:
    options = ("--profile", "mirror", "--mirror", str(shared / "real"), "--perimetre", "france")
    observatoires = [Observatoire(tmp_path / nom, options) for nom in ("une", "autre")]
    for observatoire in observatoires:
        nuit = observatoire.nuit()
        assert nuit.code == 0, nuit.erreurs
    une, autre = (
        {f.name: f.read_bytes() for f in (observatoire.courante / "parquet").iterdir()}
        for observatoire in observatoires
    )
    assert une.keys() == autre.keys()
    assert [nom for nom in une if une[nom] != autre[nom]] == []
    assert len({observatoire.manifeste["content_hash"] for observatoire in observatoires}) == 1
