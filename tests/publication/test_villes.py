"""Towns of France asked of a release of the Drôme: no form answers one with another place."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from commande import Observatoire

from publication.api.lecture import Lecteur
from publication.lecture.lieux import LieuNonCompris, trouver
from publication.lecture.marts import ouvrir
from publication.lecture.vocabulaire import Lexique
from publication.mcp.reponses import Guichet
from tests.spec.villes import DITES, VILLES_DE_FRANCE

VILLES = [*VILLES_DE_FRANCE, *DITES]


@pytest.fixture(scope="module")
def release(demonstration: Observatoire) -> Path:
    return demonstration.courante


@pytest.fixture(scope="module")
def guichet(release: Path) -> Iterator[Guichet]:
    with ouvrir(release / "ctg.duckdb") as marts:
        yield Guichet(release, Lecteur(marts))


def test_no_town_is_answered_with_another_place(guichet: Guichet) -> None:
    con = guichet.lecteur.marts.con
    lexique = Lexique(con)
    for ville in VILLES:
        with pytest.raises(LieuNonCompris):
            trouver(con, ville)
        for phrase in (ville, f"RSA {ville}", f"évolution du RSA à {ville}"):
            lieux = lexique.lire(phrase).lieux
            assert not any(lieu.candidats for lieu in lieux), phrase


def test_an_assistant_is_told_what_is_proposed(guichet: Guichet) -> None:
    for ville in VILLES:
        with pytest.raises(LieuNonCompris):
            guichet.chiffre("rsa", ville, None)
        lu, texte = guichet.chercher(f"RSA {ville}")
        assert not [t for t in lu.trouves if t.genre == "territoire"], ville
        assert lu.incompris or "Lieu non reconnu" in texte or "dans cette publication" in texte, ville
    lu, texte = guichet.chercher("rsa nions")
    assert [t.identifiant for t in lu.proposes] == ["commune:26220"]
    assert "Lieu non reconnu : nions." in texte and "Nyons (commune:26220)" in texte
    lu, texte = guichet.chercher("rsa 26110")
    assert [t.identifiant for t in lu.proposes][:1] == ["commune:26220"]
    assert texte.count("26110 est le code postal de 23 communes et le code Insee de Crozes-Hermitage") == 1
