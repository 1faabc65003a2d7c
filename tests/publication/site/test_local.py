"""`ctg site`: what this machine reads of the release in service, and nobody else."""

import json
import shutil
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from threading import Thread

import pytest

from publication.releases.magasin import a_lire, basculer
from publication.site.local import Local


@pytest.fixture
def magasin(publiee: Path, tmp_path: Path) -> Path:
    """A store of two releases alike, the first in service."""
    release = a_lire(publiee, None)
    for nom in (release.name, f"20990101T000000Z-{release.name[-8:]}"):
        shutil.copytree(release, tmp_path / nom)
    basculer(tmp_path, release.name)
    return tmp_path


@pytest.fixture
def serveur(magasin: Path) -> Iterator[Local]:
    with Local(0, lambda: a_lire(magasin, None)) as serveur:
        Thread(target=serveur.serve_forever, daemon=True).start()
        yield serveur
        serveur.shutdown()


def demander(
    serveur: Local, adresse: str, methode: str = "GET", **entetes: str
) -> tuple[HTTPResponse, bytes]:
    lien = HTTPConnection("127.0.0.1", serveur.server_port, timeout=20)
    nommes = {nom.replace("_", "-"): valeur for nom, valeur in entetes.items()}
    lien.request(methode, adresse, headers=nommes)
    reponse = lien.getresponse()
    return reponse, reponse.read()


def test_static_paths_are_those_of_the_release(serveur: Local, magasin: Path) -> None:
    release = a_lire(magasin, None)
    types = {".json": "application/json; charset=utf-8", ".geojson": "application/geo+json; charset=utf-8"}
    for fichier in sorted((release / "api/v1").rglob("*.*")):
        reponse, contenu = demander(serveur, f"/{fichier.relative_to(release).as_posix()}?v=1")
        assert contenu == fichier.read_bytes()
        assert reponse.headers["Content-Type"] == types[fichier.suffix]
    assert json.loads(demander(serveur, "/api/v1/")[1])["publication"]["release_id"] == release.name
    assert demander(serveur, "/MANIFEST.json")[0].status == 200
    reponse, contenu = demander(serveur, "/api/v1/index.json", "HEAD")
    assert (reponse.status, contenu) == (200, b"") and int(reponse.headers["Content-Length"]) > 100


@pytest.mark.parametrize(
    "chemin",
    ["/../../EPINGLE", "/%2e%2e/%2e%2e/.verrou", "//etc/passwd", "/%00", "/rien.json", "/" + "x" * 5000],
)
def test_nothing_outside_the_release_is_served(serveur: Local, chemin: str) -> None:
    reponse, contenu = demander(serveur, chemin)
    assert reponse.status == 404 and contenu.decode().startswith("Rien à ")


def test_nothing_is_written_there(serveur: Local) -> None:
    assert demander(serveur, "/api/v1/index.json", "PUT")[0].status == 501


@pytest.mark.parametrize(
    ("nom", "code"), [("127.0.0.1", 200), ("LOCALHOST:1", 200), ("ailleurs.example", 421), ("", 421)]
)
def test_no_web_site_reads_it_even_under_a_name_that_leads_here(serveur: Local, nom: str, code: int) -> None:
    reponse, _ = demander(serveur, "/api/v1/", Host=nom, Origin="https://ailleurs.example")
    assert reponse.status == code and reponse.headers["Access-Control-Allow-Origin"] is None


def test_it_follows_the_release_in_service(serveur: Local, magasin: Path) -> None:
    premiere = a_lire(magasin, None).name
    avant, _ = demander(serveur, "/api/v1/")
    assert avant.headers["ETag"] == f'"{premiere}"'
    encore, contenu = demander(serveur, "/api/v1/", If_None_Match=avant.headers["ETag"])
    assert (encore.status, contenu) == (304, b"")
    basculer(magasin, f"20990101T000000Z-{premiere[-8:]}")
    assert demander(serveur, "/api/v1/", If_None_Match=avant.headers["ETag"])[0].status == 200
    (magasin / "current").unlink()
    reponse, contenu = demander(serveur, "/api/v1/")
    assert reponse.status == 503 and "ctg refresh" in contenu.decode()
