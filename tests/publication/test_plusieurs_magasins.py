"""Several scopes of one build: a store for each, all of them sealed before any is visible, or none."""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from publication.releases import fabrication, magasin
from publication.releases.fabrication import FaitsDeLaNuit, Lot, Publication, publier_tous
from publication.releases.magasin import courante, revenir
from publication.releases.perimetres import contenant, du_perimetre, magasin_de, ouvrir, tous
from publication.site.cache import oublier
from socle.erreurs import ErreurPublication
from tests.publication.petits_marts import accepter, construire_base, publier

pytestmark = pytest.mark.usefixtures("horloge")

LARGE, ETROIT = "departement:26", "epci:200068229"
PERIMETRES = (LARGE, ETROIT)
# What a narrower scope leaves of the tiny marts.
RESTREINDRE = "delete from marts.fct_indicateurs where niveau not in ('commune', 'epci');"
FOYERS = "update marts.fct_indicateurs set valeur = {} where niveau = 'epci';"

PublierDeux = Callable[..., list[Publication]]


@pytest.fixture
def publier_deux(tmp_path: Path, releases: Path, nuit: FaitsDeLaNuit) -> PublierDeux:
    """Publish both scopes of one build, whose file holds the marts of one of them at a time."""

    def faire(sql: str = "", seulement_large: str = "", garder: int = 10) -> list[Publication]:
        ouvrir(releases, PERIMETRES)

        def lots() -> Iterator[Lot]:
            for perimetre in PERIMETRES:
                validation = tmp_path / f"validation-{perimetre}"
                if not validation.exists():
                    accepter(validation)
                marts = sql + (seulement_large if perimetre == LARGE else RESTREINDRE)
                base = construire_base(tmp_path / "build" / "nuit.duckdb", marts)
                faits = replace(nuit, perimetre=perimetre, construction=PERIMETRES)
                yield Lot(magasin_de(releases, perimetre, LARGE), base, validation, faits)

        return publier_tous(lots(), garder)

    return faire


def test_each_scope_has_its_store_its_service_and_its_path(publier_deux: PublierDeux, releases: Path) -> None:
    large, etroite = publier_deux()
    assert large.dossier.parent == releases and courante(releases) == large.dossier
    autre = releases / "perimetres" / "epci-200068229"
    assert etroite.dossier.parent == autre and courante(autre) == etroite.dossier
    assert (releases / "perimetres" / "departement-26" / "current").resolve() == large.dossier
    assert tous(releases) == [releases, autre]
    assert (du_perimetre(releases, LARGE), du_perimetre(releases, ETROIT)) == (releases, autre)
    assert contenant(releases, etroite.release_id) == autre
    assert contenant(releases, "current") == releases == contenant(releases, "20200101T000000Z-00000000")
    with pytest.raises(ErreurPublication, match=f"Scopes published here: {LARGE}, {ETROIT}"):
        du_perimetre(releases, "region:84")
    with pytest.raises(ErreurPublication, match=f"Périmètres publiés ici : {LARGE}, {ETROIT}"):
        du_perimetre(releases, "region:84", en_francais=True)


def test_one_scope_is_laid_out_as_before(construire, releases: Path, validation: Path, nuit) -> None:
    """Nothing of it says that there could be several, and its scope is found all the same."""
    ouvrir(releases, (LARGE,))
    assert not releases.exists()
    publication = publier(releases, construire(), validation, nuit)
    assert sorted(p.name for p in releases.iterdir()) == [".verrou", publication.release_id, "current"]
    assert du_perimetre(releases, LARGE) == releases and tous(releases) == [releases]
    with pytest.raises(ErreurPublication, match="No release of scope"):
        du_perimetre(releases, ETROIT)


def test_whoever_reads_the_first_scope_may_read_the_others(publier_deux: PublierDeux, releases: Path) -> None:
    ancien = os.umask(0o077)
    try:
        publier_deux()
    finally:
        os.umask(ancien)
    dossiers = [releases / "perimetres", *(releases / "perimetres").iterdir()]
    assert {d.stat().st_mode & 0o777 for d in dossiers} == {0o755}


def test_copying_what_links_lead_to_does_not_go_round(publier_deux: PublierDeux, releases: Path) -> None:
    publier_deux()
    suivis = [ou for ou, _, _ in os.walk(releases, followlinks=True)]
    assert not [ou for ou in suivis if ou.count("perimetres") > 1]


def test_what_changed_in_one_scope_is_published_in_it_alone(publier_deux: PublierDeux) -> None:
    premieres = publier_deux()
    assert [p.etat for p in publier_deux()] == ["inchangee", "inchangee"]
    ailleurs = "update marts.fct_indicateurs set valeur = valeur + 1 where niveau = 'departement';"
    secondes = publier_deux(seulement_large=ailleurs)
    assert [p.etat for p in secondes] == ["publiee", "inchangee"]
    assert secondes[1].release_id == premieres[1].release_id


def test_when_one_scope_is_refused_none_is_published(
    publier_deux: PublierDeux, releases: Path, tmp_path: Path
) -> None:
    refusee = accepter(tmp_path / f"validation-{ETROIT}")
    (refusee / "summary.json").write_text('{"succes": false, "marts": []}\n')
    with pytest.raises(ErreurPublication, match="were refused"):
        publier_deux()
    assert not [d for m in tous(releases) for d in magasin.completes(m)] and courante(releases) is None
    # What was made of the other scope is whole and has no name: nobody else may open it.
    (attente,) = releases.glob(".en_cours-*")
    assert (attente / "SUCCESS").is_file() and attente.stat().st_mode & 0o777 == 0o700
    (refusee / "summary.json").write_text('{"succes": true, "marts": []}\n')
    assert [p.etat for p in publier_deux()] == ["publiee", "publiee"]
    assert not list(releases.rglob(".en_cours-*"))


@pytest.mark.parametrize("etape", range(4))
def test_a_night_killed_between_two_scopes_heals(
    publier_deux: PublierDeux, releases: Path, monkeypatch: pytest.MonkeyPatch, etape: int
) -> None:
    """Killed before each naming and each switch: the next night completes what is missing, as it was."""
    attendus = [p.content_hash for p in publier_deux()]
    restants = iter([False] * etape + [True])

    def mourir_avant(nom: str, m: pytest.MonkeyPatch) -> None:
        vrai = getattr(fabrication, nom)

        def faire(*arguments: object) -> object:
            if next(restants):
                raise KeyboardInterrupt
            return vrai(*arguments)

        m.setattr(fabrication, nom, faire)

    with monkeypatch.context() as m, pytest.raises(KeyboardInterrupt):
        mourir_avant("accueillir", m)
        mourir_avant("basculer", m)
        publier_deux(FOYERS.format(3100))
    servies = [courante(m) for m in tous(releases)]
    assert [magasin.montrer(s.parent, s.name)["content_hash"] for s in servies if s][1] == attendus[1]
    large, etroite = publier_deux(FOYERS.format(3100))
    assert courante(releases) == large.dossier and courante(etroite.dossier.parent) == etroite.dossier
    assert [p.etat for p in publier_deux(FOYERS.format(3100))] == ["inchangee", "inchangee"]
    assert not {large.content_hash, etroite.content_hash} & set(attendus)


def test_a_pin_and_a_purge_are_those_of_a_scope(publier_deux: PublierDeux, releases: Path) -> None:
    premieres = publier_deux()
    autre = premieres[1].dossier.parent
    revenir(autre, premieres[1].release_id)
    secondes = publier_deux(FOYERS.format(3100), garder=1)
    assert [p.etat for p in secondes] == ["publiee", "publiee_sans_bascule"]
    assert courante(releases) == secondes[0].dossier and courante(autre) == premieres[1].dossier
    # The first scope keeps one; the pinned one of the other stays beside its newest.
    assert [d.name for d in magasin.completes(releases)] == [secondes[0].release_id]
    assert len(magasin.completes(autre)) == 2


def test_what_a_scope_draws_is_kept_beside_what_the_first_one_forgets(tmp_path: Path) -> None:
    (tmp_path / "epci-200068229").mkdir()
    (tmp_path / "epci-200068229" / "dessin").touch()
    (tmp_path / "ancien").touch()
    (tmp_path / "servi").touch()
    oublier(tmp_path, {"servi"})
    assert {str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file()} == {
        "servi",
        "epci-200068229/dessin",
    }
