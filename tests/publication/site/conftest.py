"""Two sites to read: that of the demonstration, whole, and one of the tiny marts, made in a second."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from commande import Observatoire
from playwright.sync_api import Browser, sync_playwright

from publication.releases.fabrication import FaitsDeLaNuit, Publication
from publication.site.impression import Impression
from tests.publication.petits_marts import accepter, construire_base, publier

ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]

COMPLEMENTS = """
alter table marts.dim_source add column millesimes_en_attente varchar;
update marts.dim_indicateur set univers_libelle = 'Foyers allocataires';
alter table marts.dim_indicateur add column comparable boolean default false;
alter table marts.dim_indicateur add column motif_code varchar;
alter table marts.mart_evolutions add column valeur_debut double;
alter table marts.mart_evolutions add column valeur_debut_affichee varchar;
alter table marts.mart_evolutions add column evolution_lecture varchar;
alter table marts.mart_evolutions add column lecture_motif_code varchar;
alter table marts.mart_evolutions add column evolution_relative double;
create table marts.mart_evolutions_dites (territoire_id varchar, indicateur_id varchar,
    millesime_debut integer, valeur_debut_affichee varchar, forme varchar, motif varchar,
    evolution_affichee varchar, choisie boolean);
create table marts.mart_tendances (territoire_id varchar, niveau varchar, indicateur_id varchar,
    tendance_dite varchar, tendance_lecture varchar, motif varchar);
create table marts.ruptures_series (territoire_id varchar, niveau varchar, indicateur_id varchar, 
    millesime integer, nature varchar, detail varchar, demonstration boolean);
alter table marts.dim_indicateur add column assise_minimale double default 20;
alter table marts.dim_indicateur add column etendue_lisible double default 10;
alter table marts.dim_indicateur add column etendue_lisible_relative double default 50;
alter table marts.dim_indicateur add column biais_lisible double default 2;
alter table marts.fct_indicateurs add column denominateur_haut double;
alter table marts.fct_indicateurs add column ecart_type_arrondi double default 0;
update marts.fct_indicateurs set denominateur_haut = denominateur + 2;
create table marts.mart_derniers_chiffres as select *, null::varchar as ecart_epci_dit,
    null::varchar as ecart_departement_dit from marts.fct_indicateurs
    qualify row_number() over (
        partition by territoire_id, indicateur_id order by valeur is null, millesime desc
    ) = 1;
"""
"""What the site reads and the tiny marts do not hold."""

Publier = Callable[..., Publication]


@pytest.fixture(scope="module")
def navigateur(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as p:
        ouvert = p.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield ouvert
        ouvert.close()


@pytest.fixture
def publier_site(releases: Path, tmp_path: Path, nuit: FaitsDeLaNuit) -> Publier:
    """Publish the tiny marts with their site, no territory printed; `modifications` is SQL run first."""
    validation = accepter(tmp_path / "validation")

    def faire(modifications: str = "", **impression: object) -> Publication:
        construction = construire_base(tmp_path / "build" / "nuit.duckdb", COMPLEMENTS + modifications)
        voulue = replace(Impression((), code="c1"), **impression)
        return publier(releases, construction, validation, replace(nuit, impression=voulue, code="c1"))

    return faire


@pytest.fixture(scope="session")
def site(demonstration: Observatoire) -> Path:
    """The site of the demonstration's first night."""
    return demonstration.courante / "site"
