"""The API of the demonstration: its figures, all of them, in files and served; docs/api.md tells no lie."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from commande import Observatoire, tuer

from tests import conversation, guides
from tests.publication.api import egalite

PAGE = (guides.DOCS / "api.md").read_text(encoding="utf-8")
ADRESSE = "http://127.0.0.1:8026/"
"""The one that the page names: here, that of the server of this session."""
EXEMPLES = {bloc.langue: bloc for bloc in guides.blocs(PAGE)}
SUFFIXES = {"js": ".mjs", "python": ".py", "r": ".R"}


@pytest.fixture(scope="module")
def servie(demonstration: Observatoire) -> Iterator[str]:
    """The address of `ctg site`, on loopback."""
    processus = demonstration.lancer("site", "--port", "0")
    assert processus.stdout is not None
    try:
        yield processus.stdout.readline().strip()
    finally:
        tuer(processus)


def test_figures_are_those_of_the_mart_for_every_territory(demonstration: Observatoire) -> None:
    release = demonstration.courante
    au_dessus = egalite.du_mart(release, egalite.AU_DESSUS)
    assert len(au_dessus) > 5_000
    assert egalite.des_territoires(release) == au_dessus
    assert egalite.des_indicateurs(release) == egalite.du_mart(release, egalite.AU_DESSUS, serres=True)
    assert egalite.des_communes(release) == egalite.du_mart(release, egalite.DES_COMMUNES, serres=True)


def test_the_site_is_there_too(servie: str) -> None:
    for page in ("", "indicateurs/nb_eaje.html", "validation/rapport.html"):
        with urlopen(servie + page) as reponse:
            assert reponse.headers["Content-Type"].startswith("text/html")


def test_it_is_small_enough_to_be_copied(demonstration: Observatoire) -> None:
    octets = sum(f.stat().st_size for f in (demonstration.courante / "api").rglob("*") if f.is_file())
    assert octets < 8_000_000


@pytest.mark.parametrize("langue", SUFFIXES)
def test_an_example_prints_what_the_page_says(
    langue: str, servie: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    programme = {"js": "node", "r": "rscript"}.get(langue)
    commande = [request.getfixturevalue(programme) if programme else sys.executable]
    commande += ["--vanilla"] if langue == "r" else []
    bloc = EXEMPLES[langue]
    assert len(bloc.code.splitlines()) <= 12
    assert ADRESSE in bloc.code
    fichier = tmp_path / f"exemple{SUFFIXES[langue]}"
    fichier.write_text(bloc.code.replace(ADRESSE, servie), encoding="utf-8")
    lance = subprocess.run(
        [*commande, str(fichier)],
        capture_output=True,
        check=False,
        encoding="utf-8",
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )
    assert lance.returncode == 0, lance.stderr
    imprime = [ligne.rstrip() for ligne in lance.stdout.rstrip().splitlines()]
    assert imprime == [ligne.rstrip() for ligne in bloc.dessous.splitlines()]


def test_an_assistant_is_answered_as_the_page_says(demonstration: Observatoire) -> None:
    ctg = Path(sys.executable).with_name("ctg")
    attendue = conversation.page(conversation.transcrire(ctg, demonstration.home))
    assert conversation.PAGE.read_text(encoding="utf-8") == attendue, "run python -m tests.conversation"
