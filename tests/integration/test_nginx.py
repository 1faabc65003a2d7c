"""`deploy/nginx.conf` in a real nginx, in front of the demonstration: what readers of a network are given."""

import gzip
import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest
from commande import Observatoire

from tests.conftest import DEPOT

CONF = DEPOT / "deploy/nginx.conf"
RACINE = "/var/lib/ctg/home/releases/current"

# What Debian's /etc/nginx/nginx.conf says around it.
AUTOUR = """
{compte}
worker_processes 1;
pid {ici}/pid;
error_log {ici}/erreurs.log;
events {{ worker_connections 768; }}
http {{
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    types_hash_max_size 2048;
    sendfile on;
    access_log off;
    client_body_temp_path {ici}/corps;
    proxy_temp_path {ici}/relais;
    fastcgi_temp_path {ici}/fastcgi;
    uwsgi_temp_path {ici}/uwsgi;
    scgi_temp_path {ici}/scgi;
    include {conf};
}}
"""


@pytest.fixture(scope="module")
def magasin(demonstration: Observatoire, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of two copies of a release; `current` leads to the first."""
    magasin = tmp_path_factory.mktemp("releases")
    for nom in ("un", "deux"):
        shutil.copytree(demonstration.courante, magasin / nom)
    (magasin / "current").symlink_to("un")
    return magasin


@pytest.fixture(scope="module")
def port(nginx: str, magasin: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    ici = tmp_path_factory.mktemp("nginx")
    with socket.socket() as libre:
        libre.bind(("127.0.0.1", 0))
        port = libre.getsockname()[1]
    texte = CONF.read_text(encoding="utf-8")
    assert texte.count("listen 80;") == texte.count(f"root {RACINE};") == 1
    conf = ici / "ctg.conf"
    conf.write_text(
        texte.replace("listen 80;", f"listen 127.0.0.1:{port};").replace(RACINE, str(magasin / "current"))
    )
    compte = "user root;" if os.geteuid() == 0 else ""
    (ici / "nginx.conf").write_text(AUTOUR.format(ici=ici, conf=conf, compte=compte))
    essai = subprocess.run(
        [nginx, "-t", "-c", ici / "nginx.conf"], capture_output=True, text=True, check=False
    )
    assert essai.returncode == 0 and "[warn]" not in essai.stderr, essai.stderr
    processus = subprocess.Popen([nginx, "-c", ici / "nginx.conf", "-g", "daemon off;"])
    try:
        for _ in range(100):
            with socket.socket() as s:
                if s.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield port
    finally:
        processus.terminate()
        processus.wait()


def demander(port: int, adresse: str, methode: str = "GET", **entetes: str) -> tuple[HTTPResponse, bytes]:
    lien = HTTPConnection("127.0.0.1", port, timeout=30)
    lien.request(methode, adresse, headers={nom.replace("_", "-"): v for nom, v in entetes.items()})
    reponse = lien.getresponse()
    return reponse, reponse.read()


def test_the_site_and_the_api_are_those_of_the_release(port: int, magasin: Path) -> None:
    release = magasin / "un"
    for adresse, fichier, type_mime in (
        ("/", "site/index.html", "text/html; charset=utf-8"),
        ("/indicateurs/nb_eaje.html", "site/indicateurs/nb_eaje.html", "text/html; charset=utf-8"),
        ("/api/v1/", "api/v1/index.json", "application/json; charset=utf-8"),
        ("/api/v1/contours/epci.geojson",) * 2 + ("application/geo+json; charset=utf-8",),
        ("/validation/rapport.html",) * 2 + ("text/html; charset=utf-8",),
    ):
        reponse, contenu = demander(port, adresse)
        assert (reponse.status, reponse.headers["Content-Type"]) == (200, type_mime)
        assert contenu == (release / fichier.lstrip("/")).read_bytes()
    assert demander(port, "/rien.json")[0].status == 404
    assert demander(port, "/../.verrou")[0].status in (400, 404)
    assert demander(port, "/api/v1/index.json", "PUT")[0].status == 405


def test_figures_are_compressed_and_open_to_any_page(port: int, magasin: Path) -> None:
    adresse = "api/v1/chiffres/communes/26.json"
    reponse, contenu = demander(
        port, f"/{adresse}", Accept_Encoding="gzip", Origin="https://ailleurs.example"
    )
    entier = (magasin / "un" / adresse).read_bytes()
    assert reponse.headers["Content-Encoding"] == "gzip" and gzip.decompress(contenu) == entier
    assert len(contenu) < len(entier) / 4
    assert reponse.headers["Access-Control-Allow-Origin"] == "*"


def test_a_base_is_read_by_ranges(port: int, magasin: Path) -> None:
    reponse, contenu = demander(port, "/ctg.duckdb", Range="bytes=8-11")
    assert reponse.status == 206 and contenu == (magasin / "un/ctg.duckdb").read_bytes()[8:12] == b"DUCK"


def test_two_hundred_readers_at_once(port: int) -> None:
    with ThreadPoolExecutor(200) as lecteurs:
        codes = [*lecteurs.map(lambda _: demander(port, "/api/v1/territoires.json")[0].status, range(400))]
    assert codes == [200] * 400


def test_whoever_says_nothing_is_cut(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as muet:
        muet.sendall(b"GET / HTTP/1.1\r\nHost: ")
        debut = time.monotonic()
        # Closed, with the code of a request that took too long or without a word.
        assert muet.recv(64)[:12] in (b"", b"HTTP/1.1 408")
        assert time.monotonic() - debut < 20


def test_the_next_release_is_followed_without_a_reload(port: int, magasin: Path) -> None:
    index = magasin / "deux/api/v1/index.json"
    index.chmod(0o644)
    dit = json.loads(index.read_text()) | {"suivante": True}
    index.write_text(json.dumps(dit))
    avant, _ = demander(port, "/api/v1/index.json")
    etiquette = avant.headers["ETag"]
    assert demander(port, "/api/v1/index.json", If_None_Match=etiquette)[0].status == 304
    nouveau = magasin / "suivant"
    nouveau.symlink_to("deux")
    nouveau.replace(magasin / "current")
    apres, contenu = demander(port, "/api/v1/index.json", If_None_Match=etiquette)
    assert apres.status == 200 and json.loads(contenu)["suivante"]
