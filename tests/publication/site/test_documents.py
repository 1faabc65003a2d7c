"""The portraits of conventions in every format, in the release: linked with their size, as `ctg portrait`
prints them."""

import shutil
from pathlib import Path

import pytest
from commande import Observatoire

from publication.exports import est_du_contenu
from publication.portraits.formats import FORMATS
from publication.releases.magasin import verifier
from publication.site import ecriture, rendu
from publication.site.ecriture import ecrire
from publication.site.impression import Impression
from tests.publication.site.pages import cible, lire


def conventions(demonstration: Observatoire) -> list[str]:
    lues = demonstration.requete("select territoire_id from dim_territoire where niveau = 'ctg' order by 1")
    return [territoire_id for (territoire_id,) in lues]


def noms(territoire_id: str) -> set[str]:
    return {f"portrait-{territoire_id.replace(':', '-')}{fin}" for fin in FORMATS.values()}


def test_conventions_and_no_others_are_in_every_format(demonstration: Observatoire) -> None:
    attendus = {nom for ctg in conventions(demonstration) for nom in noms(ctg)}
    assert len(attendus) >= 8
    release = demonstration.courante
    assert {p.name for p in (release / "portraits").iterdir()} == attendus
    chemins = {f"portraits/{nom}" for nom in attendus}
    assert chemins <= demonstration.manifeste["files"].keys()
    assert not any(est_du_contenu(chemin) for chemin in chemins)
    assert verifier(release.parent, release.name) == []


def test_a_page_leads_to_its_documents_and_tells_their_size(demonstration: Observatoire, site: Path) -> None:
    for page in sorted((site / "territoires").iterdir()):
        liens = {
            fichier: " ".join(a.text_content().split())
            for a in lire(page).xpath("//a[contains(@href, 'portraits/')]")
            if (fichier := cible(page, a.get("href"))[0]).parent == demonstration.courante / "portraits"
        }
        territoire_id = page.stem.replace("-", ":", 1)
        assert {f.name for f in liens} == (noms(territoire_id) if page.name.startswith("ctg-") else set())
        for fichier, dit in liens.items():
            assert dit.endswith(rendu.taille(fichier.stat().st_size)), dit


@pytest.mark.parametrize(
    ("octets", "dit"), [(1, "1 ko"), (662_261, "662 ko"), (999_600, "1,0 Mo"), (1_039_861, "1,0 Mo")]
)
def test_a_size_is_told_as_a_reader_s_tools_do(octets: int, dit: str) -> None:
    assert rendu.taille(octets) == dit


def test_the_command_prints_the_same_bytes(demonstration: Observatoire, tmp_path: Path) -> None:
    faite = demonstration.ctg("portrait", "ctg:baronnies-2025", "--format", "tout", "--sortie", str(tmp_path))
    assert faite.code == 0, faite.erreurs
    assert {p.name for p in tmp_path.iterdir()} == noms("ctg:baronnies-2025")
    for fichier in tmp_path.iterdir():
        assert fichier.read_bytes() == (demonstration.courante / "portraits" / fichier.name).read_bytes()


def test_what_is_no_longer_printed_goes_and_the_rest_has_the_same_bytes(
    demonstration: Observatoire, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By one process here, by two in the night."""
    release = tmp_path / "release"
    (release / "validation").mkdir(parents=True)
    for nom in ("ctg.duckdb", "dcat.jsonld", "validation/certificat_secret.json"):
        shutil.copyfile(demonstration.courante / nom, release / nom)
    (release / "portraits").mkdir()
    (release / "portraits" / "portrait-ctg-ancienne.pdf").write_bytes(b"%PDF")
    monkeypatch.setattr(ecriture, "_A_DEUX", 10**6)
    ecrire(release, Impression(("ctg:demonstration-2023",), code="c1"))
    ecrits = {p.name: p.read_bytes() for p in (release / "portraits").iterdir()}
    assert ecrits.keys() == noms("ctg:demonstration-2023")
    for nom, octets in ecrits.items():
        assert octets == (demonstration.courante / "portraits" / nom).read_bytes(), nom
