"""Writing the folder: the same bytes whatever was kept, by one process or two; a release has its whole
site."""

from dataclasses import replace
from pathlib import Path

import pytest

from publication.releases.magasin import completes, courante, montrer, verifier
from publication.site import ecriture
from publication.site.ecriture import ecrire
from publication.site.impression import Impression
from socle.erreurs import ErreurPublication
from tests.publication.site.conftest import Publier

pytestmark = pytest.mark.usefixtures("horloge")


def octets(site: Path) -> dict[str, bytes]:
    return {p.relative_to(site).as_posix(): p.read_bytes() for p in site.rglob("*") if p.is_file()}


@pytest.fixture
def copie(publier_site: Publier, tmp_path: Path) -> Path:
    """A release that may be written in again."""
    origine = publier_site().dossier
    dossier = tmp_path / "copie"
    (dossier / "validation").mkdir(parents=True)
    for nom in ("ctg.duckdb", "dcat.jsonld", "validation/certificat_secret.json"):
        (dossier / nom).write_bytes((origine / nom).read_bytes())
    return dossier


def test_the_site_is_in_the_release_and_outside_its_content(publier_site: Publier, releases: Path) -> None:
    publication = publier_site()
    fichiers = montrer(releases, publication.release_id)["files"]
    assert {"site/index.html", "site/ressources/site.css", "site/indicateurs/nb_eaje.html"} <= fichiers.keys()
    assert verifier(releases, publication.release_id) == []
    # The same figures, another print: another release, of the same content.
    autre = publier_site(territoires=("commune:99999",))
    assert autre.etat == "publiee" and autre.release_id != publication.release_id
    assert autre.content_hash == publication.content_hash
    assert "commune:99999" in autre.message
    assert publier_site(territoires=("commune:99999",)).etat == "inchangee"


def test_cold_warm_kept_by_nobody_and_by_two_processes_give_the_same_bytes(
    copie: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sans = Impression((), None, "c1")
    ecrire(copie, sans)
    attendu = octets(copie / "site")
    avec = replace(sans, cache=tmp_path / "pages")
    assert ecrire(copie, avec).dessinees == 4 and octets(copie / "site") == attendu
    assert ecrire(copie, avec).dessinees == 0 and octets(copie / "site") == attendu
    monkeypatch.setattr(ecriture, "_A_DEUX", 2)
    assert ecrire(copie, sans).dessinees == 4 and octets(copie / "site") == attendu


def test_a_spoilt_drawing_is_made_again_and_an_old_one_forgotten(copie: Path, tmp_path: Path) -> None:
    impression = Impression((), tmp_path / "pages", "c1")
    ecrire(copie, impression)
    attendu = octets(copie / "site")
    coupe, altere, _, _ = entrees = sorted((tmp_path / "pages").iterdir())
    coupe.write_bytes(coupe.read_bytes()[:100])
    altere.write_bytes(altere.read_bytes().replace(b"</html>", b"<p>!</p></html>"))
    assert ecrire(copie, impression).dessinees == 2 and octets(copie / "site") == attendu
    # Other code draws all again, and what it does not use goes.
    assert ecrire(copie, replace(impression, code="c2")).dessinees == 4
    assert not any(entree.exists() for entree in entrees)


def test_a_new_release_of_the_same_figures_draws_nothing_and_is_named_by_its_own_id(
    publier_site: Publier, tmp_path: Path
) -> None:
    premiere = publier_site(cache=tmp_path / "pages")
    gardes = {p.name: p.stat().st_mtime_ns for p in (tmp_path / "pages").iterdir()}
    # A source's title is on its own page alone.
    seconde = publier_site(
        "update marts.dim_source set cadence = 'mensuelle' where source_id = 'insee_filosofi'",
        cache=tmp_path / "pages",
    )
    assert {p.name: p.stat().st_mtime_ns for p in (tmp_path / "pages").iterdir()} == gardes
    for publication, autre in ((premiere, seconde), (seconde, premiere)):
        page = (publication.dossier / "site" / "indicateurs" / "nb_eaje.html").read_text()
        assert publication.release_id in page and autre.release_id not in page
        assert not any("\ue000" <= lettre <= "\uf8ff" for lettre in page)


@pytest.mark.parametrize("a_deux", [2, 10**6])
def test_a_page_that_cannot_be_made_publishes_nothing_and_is_named(
    publier_site: Publier, releases: Path, monkeypatch: pytest.MonkeyPatch, a_deux: int
) -> None:
    premiere = publier_site()
    monkeypatch.setattr(ecriture, "_A_DEUX", a_deux)
    for indicateur in ("nb_eaje", "nb_foyers_allocataires"):
        with pytest.raises(ErreurPublication, match=f"page of indicateur {indicateur} .*KeyError.*magie"):
            publier_site(
                "insert into marts.fct_indicateurs select * replace (2018 as millesime) from"
                " marts.fct_indicateurs where indicateur_id = 'mediane_niveau_vie' and statut = 'observe';"
                f"update marts.dim_indicateur set methode = 'magie' where indicateur_id = '{indicateur}'"
            )
        assert courante(releases) == premiere.dossier and completes(releases) == [premiere.dossier]
