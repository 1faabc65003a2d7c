"""A rollback through several nights: a night publishes without moving readers, and the lift moves them."""

import pytest
from commande import Observatoire

pytestmark = pytest.mark.drill


def test_pinned_then_lifted(observatoire: Observatoire, veille: Observatoire, calme: Observatoire) -> None:
    ancienne = veille.courante.name
    recule = observatoire.ctg("releases", "rollback", ancienne)
    assert recule.code == 0, recule.erreurs

    publie = observatoire.nuit()
    assert publie.code == 0, publie.erreurs
    assert f"readers stay on {ancienne}, which is pinned" in publie.sortie
    assert observatoire.courante.name == ancienne
    nouvelle = max(r.name for r in (observatoire.home / "releases").glob("2*"))
    assert nouvelle != ancienne

    quiet = observatoire.nuit()
    assert quiet.code == 0 and quiet.sortie.startswith("Nothing changed"), quiet.sortie + quiet.erreurs
    assert observatoire.courante.name == ancienne

    assert observatoire.ctg("releases", "rollback", "--lift").code == 0
    nuit = observatoire.nuit()
    assert nuit.code == 0, nuit.erreurs
    assert observatoire.courante.name == nouvelle
    assert observatoire.manifeste["content_hash"] == calme.manifeste["content_hash"]
