"""A release that is damaged: what is wrong of it, what is proposed, and a night that publishes over it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from publication.releases.fabrication import FaitsDeLaNuit, Publication
from publication.releases.magasin import completes, courante, lever_epingle, revenir
from publication.releases.verification import Abimee, a_comparer, abimee
from tests.publication.petits_marts import construire_base, publier

Publier = Callable[..., Publication]


@pytest.fixture
def publier_foyers(tmp_path: Path, validation: Path, nuit: FaitsDeLaNuit, horloge: None) -> Publier:
    def faire(foyers: int, store: Path = tmp_path / "releases", **faits: object) -> Publication:
        base = tmp_path / "build" / f"{foyers}.duckdb"
        if not base.exists():
            sql = f"update marts.fct_indicateurs set valeur = {foyers} where valeur is not null"
            construire_base(base, sql)
        dits = replace(nuit, code="c1", **faits)  # type: ignore[arg-type]
        return publier(store, base, validation, dits)

    return faire


def _abimer(dossier: Path, fichier: str = "csv/dim_source.csv") -> None:
    abime = dossier / fichier
    octets = bytearray(abime.read_bytes())
    octets[len(octets) // 2] ^= 1
    abime.chmod(0o644)
    abime.write_bytes(octets)


def abimees(store: Path) -> list[Abimee]:
    return [lue for dossier in completes(store) if (lue := abimee(store, dossier.name))]


def test_the_newest_older_release_that_is_whole_is_proposed_and_nothing_moves(
    publier_foyers: Publier, releases: Path
) -> None:
    ancienne, entre, servie = (publier_foyers(n) for n in (1, 2, 3))
    assert abimees(releases) == []
    _abimer(servie.dossier)
    _abimer(entre.dossier, "MANIFEST.json")
    en_service, autre = abimees(releases)
    assert (en_service.release_id, en_service.saine) == (servie.release_id, ancienne.release_id)
    assert f"departement:26: release {servie.release_id}, in service: csv/dim_source.csv: altered" in (
        en_service.fait
    )
    assert "(sha256 " in en_service.fait and ", expected " in en_service.fait
    assert f"`ctg releases rollback {ancienne.release_id}`" in en_service.suite
    assert "not in service" in autre.fait and f"remove {entre.dossier}" in autre.suite
    assert courante(releases) == servie.dossier
    revenir(releases, ancienne.release_id)
    _abimer(ancienne.dossier)
    seule = abimee(releases, "current")
    assert seule and seule.epinglee and seule.saine is None and "--lift" in seule.suite


def test_of_another_scope_its_name_is_given(publier_foyers: Publier, releases: Path) -> None:
    store = releases / "perimetres" / "epci-200068229"
    store.mkdir(parents=True)
    premiere, servie = (publier_foyers(n, store, perimetre="epci:200068229") for n in (1, 2))
    _abimer(servie.dossier)
    (dite,) = abimees(store)
    assert f"`ctg releases rollback {premiere.release_id} --perimetre epci:200068229`" in dite.suite


def test_a_file_that_cannot_be_read_is_a_damage_and_stops_no_look(
    publier_foyers: Publier, releases: Path
) -> None:
    publier_foyers(1)
    servie = publier_foyers(2)
    (servie.dossier / "MANIFEST.json").unlink()
    (dite,) = abimees(releases)
    assert dite.fautes == ("MANIFEST.json: cannot be read (No such file or directory)",)
    assert dite.perimetre == "departement:26", "as the others say"


@pytest.mark.parametrize(
    "fichier", ["csv/dim_source.csv", "MANIFEST.json", "parquet/fct_indicateurs.parquet"]
)
def test_a_night_publishes_again_the_content_of_a_damaged_release(
    fichier: str, publier_foyers: Publier, releases: Path
) -> None:
    saine, servie = publier_foyers(1), publier_foyers(2)
    assert publier_foyers(2).etat == "inchangee"
    _abimer(servie.dossier, fichier)
    assert a_comparer(releases, {servie.release_id}) == saine.dossier
    neuve = publier_foyers(2, abimees=frozenset({servie.release_id}))
    assert (neuve.etat, neuve.content_hash) == ("publiee", servie.content_hash)
    assert neuve.release_id != servie.release_id and courante(releases) == neuve.dossier
    assert abimee(releases, "current") is None
    assert lever_epingle(releases) is None


def test_a_damaged_release_that_was_rolled_back_does_not_come_back_in_service(
    publier_foyers: Publier, releases: Path
) -> None:
    saine, abime = publier_foyers(1), publier_foyers(2)
    _abimer(abime.dossier)
    revenir(releases, saine.release_id)
    lever_epingle(releases)
    neuve = publier_foyers(2)
    assert (neuve.etat, neuve.content_hash) == ("publiee", abime.content_hash)
    assert neuve.release_id != abime.release_id and abimee(releases, "current") is None
