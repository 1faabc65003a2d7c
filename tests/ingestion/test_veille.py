"""The watch of addresses and portals, on a producer of the test's own."""

import json
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from serveur import Serveur

from ingestion import veille
from ingestion.contrats import Contrat, charger_contrats

CHEMIN = "/api/explore/v2.1/catalog/datasets"
CHAMPS = ["dtreffre", "numcom", "nb"]


@pytest.fixture
def contrats(serveur: Serveur) -> list[Contrat]:
    """A file at an address that two millésimes share, and a dataset of a portal, both of this test."""
    cog = charger_contrats()["insee_cog_communes"]
    ressource = next(iter(cog.ressources.values()))
    derniers = sorted(ressource.millesimes)[-2:]
    millesimes = {
        m: ressource.millesimes[m].model_copy(update={"url": f"{serveur.adresse}/communes.csv"})
        for m in derniers
    }
    fichier = ressource.model_copy(update={"millesimes": millesimes, "rolling": None})
    glissante = next(
        r
        for c in charger_contrats().values()
        for r in c.ressources.values()
        if r.rolling and "exports" in r.rolling.url
    )
    assert glissante.rolling
    url = f"{serveur.adresse}{CHEMIN}/jeu/exports/csv?select=dtreffre%2Cnb"
    portail = glissante.model_copy(
        update={"millesimes": {}, "rolling": glissante.rolling.model_copy(update={"url": url})}
    )
    return [
        cog.model_copy(update={"ressources": {fichier.nom: fichier}}),
        cog.model_copy(update={"source": portail.source, "ressources": {portail.nom: portail}}),
    ]


@pytest.fixture(autouse=True)
def pages(serveur: Serveur) -> dict[str, object]:
    dits: dict[str, object] = {"fields": [{"name": c} for c in CHAMPS], "le": "2026-11-01"}

    def catalogue(chemin: str) -> bytes:
        if parse_qs(urlsplit(chemin).query).get("where") != ['dataset_id="jeu"']:
            return json.dumps({"total_count": 0, "results": []}).encode()
        jeu = {"fields": dits["fields"], "metas": {"default": {"data_processed": dits["le"]}}}
        return json.dumps({"total_count": 1, "results": [jeu]}).encode()

    serveur.pages["/communes.csv"] = b"COM\n26001\n"
    serveur.repond[CHEMIN] = catalogue
    return dits


def _etats(regards: list[veille.Regard]) -> list[tuple[str, str]]:
    return [(r.etat, r.quoi) for r in regards]


@pytest.mark.parametrize("tete", [True, False])
def test_each_address_is_asked_once_and_nothing_is_received(
    contrats: list[Contrat], serveur: Serveur, tmp_path: Path, tete: bool
) -> None:
    serveur.tete = tete
    regards = veille.veiller(tmp_path / "veille.json", contrats)
    assert [r.etat for r in regards] == ["neuve", "neuve"]
    assert len(regards[0].pour) == 2, "one address, two millésimes"
    assert sorted(f.name for f in tmp_path.iterdir()) == ["veille.json"]
    pris = [chemin for chemin, _ in serveur.vues if chemin == "/communes.csv"]
    assert len(pris) == (0 if tete else 1), "by HEAD where it is served, else by a GET that is not read"
    assert _etats(veille.veiller(tmp_path / "veille.json", contrats)) == [("inchangee", "")] * 2


def test_what_changed_is_told_once(
    contrats: list[Contrat], serveur: Serveur, pages: dict[str, object], tmp_path: Path
) -> None:
    veille.veiller(tmp_path / "veille.json", contrats)
    serveur.pages["/communes.csv"] += b"26002\n"
    pages["fields"] = [{"name": c} for c in ("dtreffre", "nb", "nouveau")]
    pages["le"] = "2026-11-20"
    assert _etats(veille.veiller(tmp_path / "veille.json", contrats)) == [
        ("changee", "10 bytes, now 16"),
        ("changee", "new fields: nouveau; fields gone: numcom; of 2026-11-01, now 2026-11-20"),
    ]
    assert {r.etat for r in veille.veiller(tmp_path / "veille.json", contrats)} == {"inchangee"}


def test_what_is_gone_is_refused_and_what_it_was_is_remembered(
    contrats: list[Contrat], serveur: Serveur, pages: dict[str, object], tmp_path: Path
) -> None:
    veille.veiller(tmp_path / "veille.json", contrats)
    la = serveur.pages.pop("/communes.csv")
    pages["fields"] = [{"name": "dtreffre"}]
    regards = veille.veiller(tmp_path / "veille.json", contrats)
    codes = [r.erreur.code for r in regards if r.erreur]
    assert codes == ["statut_http", "champ_inconnu"]
    assert "look for the new address on the producer's page" in str(regards[0].erreur)
    serveur.pages["/communes.csv"] = la
    pages["fields"] = [{"name": c} for c in CHAMPS]
    assert {r.etat for r in veille.veiller(tmp_path / "veille.json", contrats)} == {"inchangee"}


def test_a_server_without_head_is_asked_by_get_and_its_page_is_no_file(
    contrats: list[Contrat], serveur: Serveur, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    envoyer = BaseHTTPRequestHandler.end_headers

    def en_page(gestion: BaseHTTPRequestHandler) -> None:
        gestion.send_header("Content-Type", "text/html; charset=utf-8")
        envoyer(gestion)

    monkeypatch.setattr(BaseHTTPRequestHandler, "end_headers", en_page)
    (regard, _) = veille.veiller(tmp_path / "veille.json", contrats)
    assert regard.erreur is not None and regard.erreur.code == "html"
    assert any(chemin == "/communes.csv" for chemin, _ in serveur.vues)
