"""Same bytes: the whole country twice from empty folders, a scope beside a wider one and alone."""

from pathlib import Path

import pytest
from commande import Observatoire

pytestmark = pytest.mark.drill


def test_france_twice_gives_the_same_bytes(reel: Path, tmp_path: Path) -> None:
    options = (
        *("--profile", "mirror", "--mirror", str(reel), "--perimetre", "france"),
        # Tables are compared: the pages of every EPCI would take most of the nights.
        *("--imprimer", "region"),
    )
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


def test_a_scope_beside_a_wider_one_is_what_it_is_alone(tmp_path: Path) -> None:
    """Persons are rounded once, whatever is published: content and digest are those of one scope."""
    large, etroit = "departement:26", "epci:200068229"
    deux = Observatoire(tmp_path / "deux", ("--profile", "demo", "--perimetre", f"{large},{etroit}"))
    seul = Observatoire(tmp_path / "seul", ("--profile", "demo", "--perimetre", etroit))
    for observatoire in (deux, seul):
        nuit = observatoire.nuit()
        assert nuit.code == 0, nuit.erreurs
    beside = (deux.home / "releases" / "perimetres" / "epci-200068229" / "current").resolve(strict=True)
    une, autre = (
        {f.name: f.read_bytes() for f in (release / "parquet").iterdir()}
        for release in (beside, seul.courante)
    )
    assert une.keys() == autre.keys()
    assert [nom for nom in une if une[nom] != autre[nom]] == []
    assert beside.name.split("-")[1] == seul.courante.name.split("-")[1]
