"""Where a request may go, and what hosts that hang cost a night."""

import contextlib
import io
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from petite_source import REGISTRE, REGISTRE_2022, petite_acquisition
from serveur import Serveur, demarrer

from ingestion import reseau
from ingestion.erreurs import ErreurSource, Lieu
from ingestion.reseau import Muets
from ingestion.telechargement import ESSAIS, ESSAIS_MUET, interroger, lire_octets, telecharger

ICI = Lieu("registre", "communes", 2022)


def fetch(url: str, dossier: Path) -> object:
    return telecharger(url, dossier, ICI, origine="url", nom="r.csv")


FACONS: list[Callable[[str, Path], object]] = [
    fetch,
    lambda url, _: lire_octets(url, ICI),
    lambda url, _: interroger(url, ICI),
]


@pytest.fixture(params=FACONS, ids=["file", "catalogue", "watch"])
def demander(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], object]:
    return lambda url: request.param(url, tmp_path)


def rediriger(serveur: Serveur, vers: str) -> None:
    serveur.pages |= {"/r.csv": b"", "/secret": b"x"}
    serveur.entetes["/r.csv"] = {"Location": vers}
    serveur.pannes = [302]


@pytest.mark.parametrize(
    "hote",
    ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "10.0.0.1", "169.254.169.254", "[fc00::1]"],
)
def test_a_redirection_inside_the_network_is_not_followed(
    serveur: Serveur, demander: Callable[[str], object], hote: str
) -> None:
    port = serveur.adresse.rpartition(":")[2]
    rediriger(serveur, f"http://{hote}:{port}/secret")
    with pytest.raises(ErreurSource, match="an address inside this network") as e:
        demander(serveur.adresse.replace("127.0.0.1", "localhost") + "/r.csv")
    assert e.value.code == "redirection" and "/secret" not in [chemin for chemin, _ in serveur.vues]


def test_nor_is_one_to_a_name_that_resolves_there(
    serveur: Serveur, demander: Callable[[str], object]
) -> None:
    rediriger(serveur, serveur.adresse.replace("127.0.0.1", "localhost") + "/secret")
    with pytest.raises(ErreurSource, match=r"redirects to http://localhost:\d+: an address inside") as e:
        demander(serveur.adresse + "/r.csv")
    assert e.value.code == "redirection" and "/secret" not in [chemin for chemin, _ in serveur.vues]


def test_a_mirror_of_this_network_redirects_to_itself(
    serveur: Serveur, demander: Callable[[str], object]
) -> None:
    rediriger(serveur, "/secret")
    demander(serveur.adresse + "/r.csv")
    assert ("/secret", 200) in serveur.vues


def test_nothing_goes_from_https_to_http(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def repondre(*_: object, **__: object) -> requests.Response:
        reponse = requests.Response()
        reponse.raw = io.BytesIO()
        reponse.status_code, reponse.headers["location"] = 302, "http://producteur.example/r.csv"
        return reponse

    monkeypatch.setattr(requests.Session, "request", repondre)
    with pytest.raises(ErreurSource, match=r"redirects to http://producteur\.example: http, which"):
        fetch("https://producteur.example/r.csv", tmp_path)


def test_a_password_stays_with_the_host_it_is_for(
    serveur: Serveur, monkeypatch: pytest.MonkeyPatch, demander: Callable[[str], object]
) -> None:
    monkeypatch.setattr(reseau, "_est_privee", lambda hote: False)
    rediriger(serveur, serveur.adresse.replace("127.0.0.1", "localhost") + "/secret")
    demander(serveur.adresse.replace("://", "://ctg:SECRET@") + "/r.csv")
    assert ("/secret", 200) in serveur.vues and len(serveur.autorisations) == 1


def test_and_with_its_port(
    serveur: Serveur, monkeypatch: pytest.MonkeyPatch, demander: Callable[[str], object]
) -> None:
    """What listens on another port of a host may be another account's."""
    with demarrer() as voisin:
        rediriger(serveur, voisin.adresse + "/secret")
        voisin.pages["/secret"] = b"x"
        avec = serveur.adresse.replace("://", "://ctg:SECRET@") + "/r.csv"
        with pytest.raises(ErreurSource, match=f"redirects to {voisin.adresse}: an address inside"):
            demander(avec)
        assert voisin.vues == []
        monkeypatch.setattr(reseau, "_est_privee", lambda hote: False)
        serveur.pannes = [302]
        demander(avec)
    assert ("/secret", 200) in voisin.vues and voisin.autorisations == []
    assert serveur.autorisations


@contextlib.contextmanager
def muet() -> Iterator[str]:
    """A host that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as prise:
        yield f"http://127.0.0.1:{prise.getsockname()[1]}"


@pytest.fixture
def delai(serveur: Serveur, monkeypatch: pytest.MonkeyPatch) -> float:
    monkeypatch.setattr(reseau, "DELAIS", (0.5, 0.5))
    return 0.5


def test_a_host_that_hangs_twice_is_asked_no_more(delai: float) -> None:
    muets = Muets()
    with muet() as adresse:
        for nom in ("a", "b"):
            debut = time.monotonic()
            with pytest.raises(ErreurSource, match="Timeout from") as e:
                lire_octets(f"{adresse}/{nom}", ICI, muets)
            assert e.value.code == "injoignable" and time.monotonic() - debut < (ESSAIS_MUET + 1) * delai
        debut = time.monotonic()
        with pytest.raises(ErreurSource, match=rf"did not answer tonight \(first: \w+ from {adresse}/a\)"):
            lire_octets(f"{adresse}/c", ICI, muets)
        assert time.monotonic() - debut < delai


def test_a_host_that_cannot_be_reached_is_asked_once(serveur: Serveur) -> None:
    muets = Muets()
    with muet() as adresse:
        pass
    with pytest.raises(ErreurSource, match="ConnectionError from"):
        lire_octets(f"{adresse}/a", ICI, muets)
    with pytest.raises(ErreurSource, match=f"ConnectionError from {adresse}/a"):
        lire_octets(f"{adresse}/b", ICI, muets)


def test_a_server_that_drips_is_left_long_before_its_end(
    serveur: Serveur, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingestion.telechargement.DUREE_JUGEE", 0.3)
    serveur.pages |= {"/r.csv": b"x" * 1000, "/s.csv": b"y" * 1000}
    serveur.goutte, muets = 0.05, Muets()
    for nom in ("r", "s"):
        with pytest.raises(ErreurSource) as e:
            lire_octets(f"{serveur.adresse}/{nom}.csv", ICI, muets)
        assert e.value.code == "trop_lent"
    with pytest.raises(ErreurSource, match="first: too few bytes from"):
        lire_octets(f"{serveur.adresse}/autre", ICI, muets)


def test_a_body_cut_on_its_way_silences_no_host(serveur: Serveur) -> None:
    serveur.pages |= {"/r.csv": b"x" * 1000, "/s.csv": b"y"}
    serveur.coupe, muets = 100, Muets()
    with pytest.raises(ErreurSource) as e:
        lire_octets(f"{serveur.adresse}/r.csv", ICI, muets)
    assert e.value.code == "injoignable"
    serveur.coupe = 0
    assert lire_octets(f"{serveur.adresse}/s.csv", ICI, muets) == b"y"


@pytest.mark.parametrize("panne", ["status", "cut"])
def test_a_host_that_fails_for_two_files_is_asked_for_each_other_once(serveur: Serveur, panne: str) -> None:
    pages = [f"/{n}.csv" for n in range(4)]
    serveur.pages |= {page: b"x" * 1000 for page in pages}
    serveur.pannes = [503] * 100 if panne == "status" else []
    serveur.coupe, muets = 100, Muets()
    for page in pages[:3]:
        with pytest.raises(ErreurSource):
            lire_octets(serveur.adresse + page, ICI, muets)
    demandes = [chemin for chemin, _ in serveur.vues]
    assert [demandes.count(page) for page in pages] == [ESSAIS, ESSAIS, 1, 0]
    serveur.pannes, serveur.coupe = [], 0
    assert len(lire_octets(serveur.adresse + pages[3], ICI, muets)) == 1000


def test_a_night_with_every_host_hanging_but_one_takes_the_time_of_one(
    serveur: Serveur, delai: float, tmp_path: Path
) -> None:
    """Six hosts hang, with three files each: side by side, two tries of the first two."""
    contrats = {}
    with contextlib.ExitStack() as pile:
        hotes = [pile.enter_context(muet()) for _ in range(6)] + [serveur.adresse]
        serveur.pages["/registre2022.csv"] = REGISTRE_2022.encode()
        for rang, hote in enumerate(hotes):
            contrat = REGISTRE.replace("source: registre", f"source: registre{rang}")
            une = f"{{layout: l, cog: 2022, url: '{hote}/registre2020.csv'}}"
            contrat = contrat.replace("    millesimes:\n", f"    millesimes:\n      2020: {une}\n")
            for annee in (2021, 2022):
                contrat = contrat.replace(
                    f"mirror: registre{annee}.csv", f"url: '{hote}/registre{annee}.csv'"
                )
            contrats[f"registre{rang}"] = contrat
        nuit = petite_acquisition(tmp_path, None, contrats)
        debut = time.monotonic()
        with nuit.devancer(nuit.contrats):
            bilans = [nuit.recevoir(source) for source in nuit.contrats]
        duree = time.monotonic() - debut
    assert duree < 2 * (ESSAIS_MUET + 1) * delai, duree
    for bilan in bilans[:-1]:
        assert [(r.code, r.millesime) for r in bilan.refus] == [
            ("injoignable", a) for a in (2020, 2021, 2022)
        ]
        assert "did not answer tonight" in bilan.refus[2].observe
    assert [r.code for r in bilans[-1].refus] == ["statut_http"] * 2 and len(bilans[-1].recus) == 1
    assert not list((nuit.home / "landing").glob(".recu-*"))
    serveur.vues.clear()
    with nuit.devancer(["registre6"]):
        assert nuit.recevoir("registre6").inchanges
    assert sorted(serveur.vues)[1:] == [("/registre2021.csv", 404), ("/registre2022.csv", 304)]
