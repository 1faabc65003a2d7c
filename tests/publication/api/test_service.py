"""`ctg servir`: what its API answers, to good demands and to others, and whose release it follows."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from publication.api.service import application
from publication.lecture.fichiers import BASE
from publication.releases.magasin import a_lire, basculer
from tests.publication.api import egalite

CHIFFRES = "/api/v1/chiffres"


def pages(client: TestClient, **demande: Any) -> list[dict[str, Any]]:
    """Every figure that answers, page after page."""
    chiffres, adresse = [], f"{CHIFFRES}?{'&'.join(f'{c}={v}' for c, v in demande.items())}"
    while adresse:
        lu = client.get(adresse).json()
        chiffres += lu["chiffres"]
        adresse = lu["suivante"]
    assert len(chiffres) == lu["total"]
    return chiffres


def test_all_figures_are_those_of_the_mart_page_by_page(client: TestClient, release: Path) -> None:
    lus = pages(client, par_page=3)
    dits = {(c["territoire_id"], c["indicateur_id"], c["millesime"]): egalite.d_un_objet(c) for c in lus}
    assert dits == egalite.du_mart(release) and len(lus) == len(dits)
    for c in lus:
        assert c["univers"] in c["citation"] and c["source"] in c["citation"], c
        assert c["valeur_affichee"] in c["citation"] and release.name in c["citation"]


@pytest.mark.parametrize("demande", ["26220", "nyons", "Nyons", "commune:26220"])
def test_a_place_is_asked_for_as_people_name_it(client: TestClient, demande: str) -> None:
    lus = pages(client, territoire=demande, indicateur="part_allocataires_rsa", millesime=2022)
    assert [(c["territoire_id"], c["valeur_affichee"]) for c in lus] == [("commune:26220", "31.45")]


def test_a_level_and_a_year_choose(client: TestClient) -> None:
    lus = pages(client, niveau="departement", millesime=2019)
    assert {c["territoire_id"] for c in lus} == {"departement:01"}


def test_what_is_refused_has_its_reason_and_no_number(client: TestClient) -> None:
    (secret,) = pages(client, territoire="01001", indicateur="mediane_niveau_vie")
    assert (secret["valeur"], secret["bornes"], secret["lisibilite"]) == (None, None, None)
    assert secret["motif"] == "secret du producteur" and "secret du producteur" in secret["citation"]


@pytest.mark.parametrize(
    ("adresse", "code", "dit"),
    [
        ("?territoire=nion", 404, "Nyons"),
        ("?indicateur=part_allocataires_rza", 404, "part_allocataires_rsa"),
        ("?indicateur=rsa 2022", 404, "par le paramètre millesime"),
        ("?millesime=hier", 400, "un nombre entier est attendu"),
        ("?niveau=canton", 400, "niveau inconnu"),
        ("?par_page=1001", 400, "trop grand"),
        ("?par_page=0", 400, "trop petit"),
        ("?apres=30000", 400, "l'adresse dite par `suivante`"),
        ("?commune=26220", 400, "paramètre inconnu"),
        ("?niveau=epci&niveau=ctg", 400, "donné deux fois"),
        ("/rien.json", 404, "index.json"),
    ],
)
def test_a_wrong_demand_is_told_what_to_do(client: TestClient, adresse: str, code: int, dit: str) -> None:
    reponse = client.get(f"{CHIFFRES}{adresse}")
    assert reponse.status_code == code
    assert set(reponse.json()) == {"erreur", "que_faire"} and dit in reponse.text


def test_nothing_is_written_there(client: TestClient) -> None:
    reponse = client.post(CHIFFRES)
    assert reponse.status_code == 405 and "GET" in reponse.json()["que_faire"]


def test_static_paths_are_those_of_the_release(client: TestClient, release: Path) -> None:
    for fichier in sorted((release / "api/v1").rglob("*.*")):
        adresse = fichier.relative_to(release).as_posix()
        reponse = client.get(f"/{adresse}")
        assert reponse.content == fichier.read_bytes(), adresse
        type_mime = "application/geo+json" if fichier.suffix == ".geojson" else "application/json"
        assert reponse.headers["content-type"] == type_mime
    assert client.get("/api/v1/").json() == client.get("/api/v1/index.json").json()
    assert client.get("/MANIFEST.json").status_code == 200


@pytest.mark.parametrize(
    "chemin", ["/../../EPINGLE", "/%2e%2e/%2e%2e/.verrou", "//etc/passwd", "/%00", "/" + "x" * 5000]
)
def test_nothing_outside_the_release_is_served(client: TestClient, chemin: str) -> None:
    assert client.get(chemin).status_code == 404


def test_a_copy_is_kept_while_the_release_stays(client: TestClient, release: Path) -> None:
    for adresse in (CHIFFRES, "/api/v1/index.json"):
        reponse = client.get(adresse)
        assert reponse.headers["etag"] == f'"{release.name}"'
        encore = client.get(adresse, headers={"If-None-Match": reponse.headers["etag"]})
        assert (encore.status_code, encore.content) == (304, b"")


AILLEURS = {"Origin": "https://ailleurs.example"}


@pytest.mark.parametrize("adresse", [CHIFFRES, "/api/v1/index.json", "/MANIFEST.json", "/"])
@pytest.mark.parametrize(
    ("hote", "noms", "cors"),
    [
        ("127.0.0.1", {"127.0.0.1": 200, "localhost:1": 200, "ailleurs.example": 421, "": 421}, None),
        ("10.0.0.5", {"10.0.0.5:8026": 200, "LOCALHOST": 200, "ailleurs.example": 421}, "*"),
        ("0.0.0.0", {"observatoire.caf": 200}, "*"),
    ],
)
def test_web_sites_read_it_where_it_is_opened_alone(
    adresse: str, hote: str, noms: dict[str, int], cors: str | None, release: Path
) -> None:
    """What is served to one machine is closed to pages of others, even under a name that leads here."""
    client = TestClient(application(lambda: release, hote), base_url="http://127.0.0.1")
    for nom, code in noms.items():
        reponse = client.get(adresse, headers=AILLEURS | {"Host": nom})
        assert reponse.headers.get("access-control-allow-origin") == cors
        if adresse != "/" or code != 200:
            assert reponse.status_code == code, nom


def test_it_follows_the_release_in_service(publiee: Path, release: Path, tmp_path: Path) -> None:
    magasin = tmp_path / "releases"
    suivante = f"20990101T000000Z-{release.name[-8:]}"
    for nom in (release.name, suivante):
        shutil.copytree(release, magasin / nom)
    basculer(magasin, release.name)
    client = TestClient(application(lambda: a_lire(magasin, None)), base_url="http://127.0.0.1")
    avant = client.get(CHIFFRES)
    basculer(magasin, suivante)
    apres = client.get(CHIFFRES, headers={"If-None-Match": avant.headers["etag"]})
    assert (avant.headers["etag"], apres.status_code) == (f'"{release.name}"', 200)
    assert apres.headers["etag"] == f'"{suivante}"'
    (magasin / "current").unlink()
    assert client.get(CHIFFRES).status_code == 503


def test_it_comes_back_from_a_damaged_release(release: Path, tmp_path: Path) -> None:
    abimee = tmp_path / f"20990101T000000Z-{release.name[-8:]}"
    abimee.mkdir()
    (abimee / BASE).write_bytes(bytes(4096))
    en_service = [release]
    client = TestClient(application(lambda: en_service[0]), base_url="http://127.0.0.1")
    codes = []
    for en_service[0] in (release, abimee, release):
        codes.append(client.get(CHIFFRES).status_code)
    assert codes == [200, 503, 200]
