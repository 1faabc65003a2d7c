"""A home made of its backup alone, without any of its releases, publishes the same content."""

import shutil
from pathlib import Path

from commande import Observatoire


def test_a_restored_home_publishes_the_same_content_hash(demonstration: Observatoire, tmp_path: Path) -> None:
    assert demonstration.ctg("sauvegarde", str(tmp_path / "a.tar")).code == 0
    restauree = Observatoire(tmp_path / "home", demonstration.options)
    assert restauree.ctg("restaurer", str(tmp_path / "a.tar")).code == 0
    # Otherwise it would find that nothing is new.
    shutil.rmtree(restauree.home / "releases")
    (restauree.home / "derniere.json").unlink()
    nuit = restauree.nuit()
    assert nuit.code == 0, nuit.erreurs
    assert restauree.manifeste["content_hash"] == demonstration.manifeste["content_hash"]
