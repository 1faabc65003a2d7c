"""What a release owes to secrecy: an audit, a scan, a certificate, its place in the register."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from confidentialite.memoire import registre as registres
from publication.releases import magasin
from publication.releases.magasin import CERTIFICAT, courante, registre_de
from socle.erreurs import ErreurPublication
from tests.publication.petits_marts import publier

pytestmark = pytest.mark.usefixtures("horloge")
# One commune from the extract, masked, in the tiny marts.
EXTRAIT = """
    insert into marts.dim_source
    select * replace ('caf_extrait_allocataires' as source_id, 'micro' as diffusion)
    from marts.dim_source limit 1;
    update marts.fct_indicateurs set source_ids = 'caf_extrait_allocataires'
    where indicateur_id = 'nb_foyers_allocataires';
    update marts.fct_indicateurs set statut = 'secret', motif = 'secret statistique', valeur = null,
        valeur_affichee = 's', borne_basse = null, borne_haute = null
    where indicateur_id = 'nb_foyers_allocataires' and code = '26220';
    create table intermediate.int_masques as from (values
        ('commune:26220', 2022, 'nb_foyers_allocataires', 'A')
    ) t(territoire_id, millesime, indicateur_id, raison);
"""
FOYERS = "update marts.fct_indicateurs set valeur = {} where niveau = 'epci';"


def test_a_release_without_the_extract_has_a_certificate_too(construire, releases, validation, nuit) -> None:
    publication = publier(releases, construire(), validation, nuit)
    certificat = json.loads((publication.dossier / CERTIFICAT).read_bytes())
    assert certificat["verdict"] == "conforme" and certificat["cellules"]["auditees"] == 0
    assert certificat["release_id"] == publication.release_id and certificat["registre"]["rang"] == 1
    # What was found becomes the certificate: it is not there twice.
    assert not (publication.dossier / "validation" / magasin.AUDIT).exists()
    assert registres.inscrites(registre_de(releases)) == {publication.release_id}


def test_the_certificate_does_not_make_a_new_release(construire, releases, validation, nuit) -> None:
    publier(releases, construire(), validation, nuit)
    audit = validation / magasin.AUDIT
    lu = json.loads(audit.read_bytes())
    audit.write_text(json.dumps(lu | {"registre_rang": 1}))
    assert publier(releases, construire(), validation, nuit).etat == "inchangee"
    assert registres.position(registre_de(releases)).rang == 1


def test_what_is_masked_is_registered_and_its_reason_is_not_told(
    construire, releases, validation, nuit
) -> None:
    publication = publier(releases, construire(EXTRAIT), validation, nuit)
    lignes = {(x["indicateur_id"], x["code"]): x for x in registres.lire(registre_de(releases)).to_pylist()}
    assert lignes["nb_foyers_allocataires", "26220"]["statut"] == "secret"
    assert lignes["nb_foyers_allocataires", "200068229"]["valeur"] == 3250
    certificat = json.loads((publication.dossier / CERTIFICAT).read_bytes())
    assert certificat["cellules"].keys() == {"perimetre", "auditees", "masquees", "formes_protegees"}


def test_marts_that_were_not_audited_are_not_published(construire, releases, validation, nuit) -> None:
    (validation / magasin.AUDIT).unlink()
    with pytest.raises(ErreurPublication, match="audited"):
        publier(releases, construire(), validation, nuit)
    assert not releases.exists()


def test_findings_stop_the_publication_and_name_the_cell(construire, releases, validation, nuit) -> None:
    audit = validation / magasin.AUDIT
    cellule = {"territoire_id": "commune:26220", "indicateur_id": "nb_x", "millesime": 2022}
    constat = {"nature": "exacte", "cellule": cellule, "detail": ""}
    audit.write_text(json.dumps(json.loads(audit.read_bytes()) | {"echecs": [constat]}))
    with pytest.raises(ErreurPublication, match=r"nb_x, commune:26220, 2022: can be recomputed"):
        publier(releases, construire(), validation, nuit)
    assert not releases.exists()


@pytest.mark.parametrize(
    ("sql", "fichier"),
    [
        ("alter table marts.dim_source add column quotient_familial integer", "parquet/dim_source.parquet"),
        (f"update marts.dim_source set titre = '{'0123456789abcdef' * 4}'", "csv/dim_source.csv"),
    ],
)
def test_a_file_that_leaks_stops_before_success(construire, releases, validation, nuit, sql, fichier) -> None:
    with pytest.raises(ErreurPublication, match=fichier):
        publier(releases, construire(sql), validation, nuit)
    assert courante(releases) is None and registres.position(registre_de(releases)).rang == 0
    assert not list(releases.glob("*/SUCCESS"))


def test_a_report_that_leaks_stops_too(construire, releases, validation, nuit) -> None:
    (validation / "rapport.html").write_text(f"<p>{'fedcba9876543210' * 4}</p>")
    with pytest.raises(ErreurPublication, match=r"validation/rapport\.html"):
        publier(releases, construire(), validation, nuit)


def test_a_release_is_registered_before_anybody_can_open_it(
    construire, releases, validation, nuit, monkeypatch
) -> None:
    vues: list[set[str]] = []
    vrai = registres.ecrire

    def ecrire(*arguments, **options) -> Path:
        vues.append({p.name for p in releases.iterdir() if not p.name.startswith(".")})
        return vrai(*arguments, **options)

    monkeypatch.setattr(registres, "ecrire", ecrire)
    publier(releases, construire(), validation, nuit)
    assert vues == [set()]


def test_a_night_killed_before_the_switch_is_in_the_register_once(
    construire, releases, validation, nuit
) -> None:
    publication = publier(releases, construire(), validation, nuit)
    (releases / "current").unlink()
    assert publier(releases, construire(), validation, nuit).release_id == publication.release_id
    assert registres.position(registre_de(releases)).rang == 1


def test_releases_as_of_a_day_and_purged_ones_stay_registered(construire, releases, validation, nuit) -> None:
    publier(releases, construire(FOYERS.format(3000)), validation, nuit)
    publier(releases, construire(FOYERS.format(3100)), validation, replace(nuit, as_of="2024-01-01"))
    publier(releases, construire(FOYERS.format(3200)), validation, nuit, garder=1)
    assert len(registres.inscrites(registre_de(releases))) == 3
    assert len([p for p in releases.iterdir() if (p / "SUCCESS").exists() and not p.is_symlink()]) == 2
    assert registre_de(releases).stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("texte", ["s", "3"])
def test_a_page_that_shows_what_the_release_hides_is_not_published(
    construire, releases, validation, nuit, texte: str
) -> None:
    reference = "nb_foyers_allocataires|commune:26220|2022"
    page = validation / "page.html"
    page.write_text(f'<table><tr><td data-chiffre="{reference}">{texte}</td></tr></table>')
    if texte == "s":
        assert publier(releases, construire(EXTRAIT), validation, nuit).etat == "publiee"
        return
    with pytest.raises(ErreurPublication) as refus:
        publier(releases, construire(EXTRAIT), validation, nuit)
    assert f"validation/page.html ({reference}): does not print `s`" in str(refus.value)
    assert "Nothing was published" in str(refus.value) and courante(releases) is None
