import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from publication.releases import fabrication
from publication.releases.magasin import (
    courante,
    epinglee,
    lever_epingle,
    lister,
    montrer,
    revenir,
    trouver,
    verifier,
)
from socle.disque import sha256_fichier
from socle.erreurs import ErreurPublication
from tests.drills.bilan import A_LA_MAIN, PROCESSUS
from tests.publication.petits_marts import publier

pytestmark = pytest.mark.usefixtures("horloge")
FOYERS = "update marts.fct_indicateurs set valeur = {} where niveau = 'epci'"


@pytest.fixture
def publier_foyers(construire, releases, validation, nuit):
    """Publish the little marts with this number of foyers at the EPCI."""
    return lambda foyers, **options: publier(
        releases, construire(FOYERS.format(foyers)), validation, nuit, **options
    )


def ids(releases: Path) -> set[str]:
    return {release.release_id for release in lister(releases)}


def test_a_release_is_readable_by_all_whatever_the_umask_and_closed_until_it_is_whole(
    construire, releases, validation, nuit, monkeypatch
) -> None:
    vus = []
    vrai = fabrication.accueillir

    def accueillir(releases, en_cours, release_id):
        vus.append(en_cours.stat().st_mode & 0o777)
        return vrai(releases, en_cours, release_id)

    monkeypatch.setattr(fabrication, "accueillir", accueillir)
    for masque in (0o077, 0):
        ancien = os.umask(masque)
        try:
            publier(releases, construire(f"update marts.dim_source set titre = '{masque}'"), validation, nuit)
            revenir(releases, "current")
        finally:
            os.umask(ancien)
        dossier = courante(releases)
        assert {p.stat().st_mode & 0o777 for p in dossier.rglob("*") if p.is_dir()} == {0o755}
        assert {p.stat().st_mode & 0o777 for p in dossier.rglob("*") if p.is_file()} == {0o444}
        assert dossier.stat().st_mode & 0o777 == 0o755
        assert (releases / "EPINGLE").stat().st_mode & 0o777 == 0o444
        lever_epingle(releases)
    assert releases.stat().st_mode & 0o777 == 0o755
    assert vus == [0o700, 0o700], "what has no name yet is nobody's"


def test_a_release_is_whole_sealed_and_reached_by_a_relative_link(
    construire, releases, validation, nuit
) -> None:
    publication = publier(releases, construire(), validation, nuit)
    assert publication.etat == "publiee"
    assert re.fullmatch(r"2020\d{4}T\d{6}Z-" + publication.content_hash[:8], publication.release_id)
    assert str((releases / "current").readlink()) == publication.release_id
    presents = {p.name for p in (releases / "current").iterdir()}
    assert presents == {
        *(
            "ctg.duckdb",
            "parquet",
            "csv",
            "xlsx",
            "api",
            "geo",
            "validation",
            "dictionnaire.md",
            "dictionnaire.csv",
        ),
        *("datapackage.json", "semantique.json", "dcat.jsonld", "MANIFEST.json", "SUCCESS"),
    }
    assert {p.stat().st_mode & 0o777 for p in publication.dossier.rglob("*") if p.is_file()} == {0o444}
    assert verifier(releases, "current") == []
    assert {p.name for p in releases.iterdir()} == {publication.release_id, "current", ".verrou"}

    manifeste = montrer(releases, "current")
    assert manifeste["started"] == "2026-01-05T01:00:00+00:00" and manifeste["finished"].startswith(
        "2020-01-01T"
    )
    assert (manifeste["commit"], manifeste["refusals"]) == ("abc123", ["insee_x 2024: refused"])
    assert manifeste["inputs"][0] == {
        "source": "cnaf_allocataires_communes",
        "ressource": "communes",
        "millesime": 2024,
        "membre": "s_ben_com_f.csv",
        "fichier_id": "aa",
        "sha256": "aa",
        "publie_le": "2026-07-05",
        "recu_le": None,
        "premiere_release": publication.release_id,
    }
    with duckdb.connect(str(publication.dossier / "ctg.duckdb"), read_only=True) as con:
        assert con.execute(
            "select release_id, content_hash, profil, perimetre from marts.dim_release"
        ).fetchall() == [(publication.release_id, publication.content_hash, "mirror", "departement:26")]


def test_an_unchanged_night_publishes_nothing(publier_foyers, releases, validation) -> None:
    premiere = publier_foyers(3250)
    # The report compares with the previous release: it differs on a quiet night, the figures do not.
    (validation / "rapport.html").write_text("<p>aucun mouvement</p>\n")
    seconde = publier_foyers(3250)
    assert (seconde.etat, seconde.release_id) == ("inchangee", premiere.release_id)
    assert premiere.release_id in seconde.message
    assert ids(releases) == {premiere.release_id} and not list(releases.glob(".en_cours-*"))

    (validation / "summary.json").write_text('{"succes": true, "marts": ["a new expectation"]}\n')
    assert publier_foyers(3250).etat == "publiee"


def test_the_same_figures_drawn_by_other_code_are_another_release(
    construire, releases, validation, nuit
) -> None:
    """A page that misled is corrected for readers, although no figure moved."""
    premiere = publier(releases, construire(), validation, replace(nuit, code="c1"))
    assert publier(releases, construire(), validation, replace(nuit, code="c1")).etat == "inchangee"
    corrigee = publier(releases, construire(), validation, replace(nuit, code="c2"))
    assert (corrigee.etat, corrigee.content_hash) == ("publiee", premiere.content_hash)
    assert courante(releases) == corrigee.dossier != premiere.dossier


@pytest.mark.parametrize("verdict", [None, '{"succes": false}', "{}"])
def test_what_the_gate_did_not_accept_is_not_published(publier_foyers, releases, validation, verdict) -> None:
    (validation / "summary.json").unlink()
    if verdict:
        (validation / "summary.json").write_text(verdict)
    with pytest.raises(ErreurPublication, match=r"summary\.json"):
        publier_foyers(3250)
    assert not releases.exists()


def test_a_refused_export_leaves_the_release_in_service(
    construire, publier_foyers, releases, validation, nuit
) -> None:
    premiere = publier_foyers(3250)
    fuite = construire("update marts.fct_indicateurs set valeur = 3 where statut = 'secret'")
    with pytest.raises(ErreurPublication):
        publier(releases, fuite, validation, nuit)
    assert courante(releases) == premiere.dossier and ids(releases) == {premiere.release_id}
    publier_foyers(3255)
    assert not list(releases.glob(".en_cours-*"))


def test_rollback_pins_until_lifted(publier_foyers, releases) -> None:
    bonne, mauvaise = publier_foyers(3250), publier_foyers(9999)
    assert revenir(releases, bonne.release_id) == bonne.dossier == courante(releases)
    assert epinglee(releases) == bonne.release_id
    etats = [(r.release_id, r.courante, r.epinglee) for r in lister(releases)]
    assert etats == [(mauvaise.release_id, False, False), (bonne.release_id, True, True)]

    # The same bad night again adds nothing; a corrected one is published and waits.
    assert (publier_foyers(9999).etat, publier_foyers(9999).release_id) == ("inchangee", mauvaise.release_id)
    corrigee = publier_foyers(3260)
    assert corrigee.etat == "publiee_sans_bascule" and bonne.release_id in corrigee.message
    assert courante(releases) == bonne.dossier

    assert lever_epingle(releases) == bonne.release_id
    assert lever_epingle(releases) is None
    assert courante(releases) == bonne.dossier
    suivante = publier_foyers(3260)
    assert suivante.etat == "publiee" and courante(releases) == suivante.dossier == corrigee.dossier


def test_a_clock_that_jumps_back_makes_no_release_older(publier_foyers, releases, monkeypatch) -> None:
    publier_foyers(1)
    for annee in (2035, 2019):

        class Horloge(datetime):
            @classmethod
            def now(cls, tz=None, annee=annee):
                return datetime(annee, 1, 1, tzinfo=tz)

        monkeypatch.setattr(fabrication, "datetime", Horloge)
        derniere = publier_foyers(annee, garder=2).release_id
    assert lister(releases)[0].release_id == derniere
    assert courante(releases).name == derniere and len(ids(releases)) == 2


def test_retention_keeps_the_newest_the_current_and_the_pinned(publier_foyers, releases) -> None:
    premiere = publier_foyers(1)
    revenir(releases, premiere.release_id)
    suivantes = [publier_foyers(n, garder=2).release_id for n in (2, 3, 4)]
    assert ids(releases) == {premiere.release_id, *suivantes[1:]}
    lever_epingle(releases)
    derniere = publier_foyers(5, garder=2).release_id
    assert ids(releases) == {suivantes[2], derniere}
    assert not list(releases.glob(".retiree-*"))


def test_a_removal_cut_short_leaves_no_half_release(publier_foyers, releases, monkeypatch) -> None:
    publier_foyers(1)
    publier_foyers(2)
    rmtree = shutil.rmtree

    def couper(chemin: Path, **options: bool) -> None:
        if chemin.parent == releases:
            (chemin / "MANIFEST.json").unlink()
            raise OSError("disk unplugged")
        rmtree(chemin, **options)

    with monkeypatch.context() as coupure, pytest.raises(OSError, match="unplugged"):
        coupure.setattr(shutil, "rmtree", couper)
        publier_foyers(3, garder=1)
    assert [verifier(releases, release.release_id) for release in lister(releases)] == [[], []]
    publier_foyers(4, garder=1)
    assert len(lister(releases)) == 1 and not list(releases.glob(".retiree-*"))


def test_verification_names_each_damaged_file(publier_foyers, releases) -> None:
    abimee, saine = publier_foyers(1), publier_foyers(2)
    dossier = abimee.dossier
    csv = dossier / "csv/dim_source.csv"
    publie = sha256_fichier(csv)
    with csv.open("ab") as fichier:
        fichier.write(b"x")
    (dossier / "parquet/dim_source.parquet").unlink()
    (dossier / "notes.txt").write_text("added by hand")
    assert verifier(releases, abimee.release_id) == [
        "parquet/dim_source.parquet: missing",
        "notes.txt: not in the manifest",
        f"csv/dim_source.csv: altered since publication (sha256 {sha256_fichier(csv)[:12]},"
        f" expected {publie[:12]})",
    ]
    with pytest.raises(ErreurPublication, match="damaged"):
        revenir(releases, abimee.release_id)
    assert courante(releases) == saine.dossier and epinglee(releases) is None

    manifeste = saine.dossier / "MANIFEST.json"
    texte = manifeste.read_text().replace("mirror", "demo")
    manifeste.chmod(0o644)
    manifeste.write_text(texte)
    assert verifier(releases, saine.release_id) == ["MANIFEST.json: altered since publication"]


def test_what_killed_nights_leave_is_not_listed_and_swept(publier_foyers, releases) -> None:
    publier_foyers(1)
    for nom in (
        ".en_cours-20200101T000000Z",
        ".retiree-20200101T000000Z-00000000",
        "20200101T000000Z-00000000",
    ):
        (releases / nom / "csv").mkdir(parents=True)
    assert len(lister(releases)) == 1
    with pytest.raises(ErreurPublication, match="No complete release"):
        trouver(releases, "20200101T000000Z-00000000")
    publier_foyers(2)
    assert not [p for p in releases.iterdir() if p.name.startswith((".en_cours", ".retiree"))]


@pytest.mark.parametrize("cible", ["../ailleurs/{id}", "{absolu}", "20200101T000000Z-00000000", "."])
def test_current_never_leads_out_of_the_store(publier_foyers, releases, tmp_path, cible) -> None:
    publication = publier_foyers(1)
    ailleurs = tmp_path / "ailleurs" / publication.release_id
    ailleurs.mkdir(parents=True)
    (ailleurs / "SUCCESS").touch()
    (releases / "current").unlink()
    (releases / "current").symlink_to(cible.format(id=publication.release_id, absolu=publication.dossier))
    with pytest.raises(ErreurPublication, match="ctg releases rollback"):
        courante(releases)
    with pytest.raises(ErreurPublication):
        publier_foyers(2)
    revenir(releases, publication.release_id)
    assert courante(releases) == publication.dossier


@pytest.mark.parametrize("demande", ["../ailleurs", "", ".", "current", "20200101T000000Z-00000000"])
def test_only_releases_of_the_store_are_found(releases, demande) -> None:
    with pytest.raises(ErreurPublication, match="none yet"):
        trouver(releases, demande)


def test_one_publication_at_a_time(publier_foyers, releases) -> None:
    releases.mkdir()
    with (releases / ".verrou").open("w") as verrou:
        fcntl.flock(verrou, fcntl.LOCK_EX)
        with pytest.raises(ErreurPublication, match="Another process is publishing"):
            publier_foyers(1)
    assert publier_foyers(1).etat == "publiee"


LECTEUR = """
import sys, duckdb
con = duckdb.connect(sys.argv[1], read_only=True)
for _ in range(2):
    requete = "select valeur from marts.fct_indicateurs where niveau = 'epci'"
    print(con.execute(requete).fetchone()[0], flush=True)
    sys.stdin.readline()
"""


def test_a_reader_keeps_the_release_it_opened(publier_foyers, releases) -> None:
    publier_foyers(1)
    base = str(releases / "current" / "ctg.duckdb")
    commande = [sys.executable, "-c", LECTEUR, base]
    with subprocess.Popen(commande, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as lecteur:
        assert lecteur.stdin and lecteur.stdout
        assert lecteur.stdout.readline() == "1.0\n"
        # Two publications that keep one release: the file the reader holds is even removed.
        publier_foyers(2)
        publier_foyers(3, garder=1)
        lecteur.stdin.write("\n")
        lecteur.stdin.flush()
        assert lecteur.stdout.readline() == "1.0\n"
        lecteur.communicate("\n")
    nouveau = subprocess.run(commande, input="\n\n", capture_output=True, text=True, check=True)
    assert nouveau.stdout == "3.0\n3.0\n"


RELECTEUR = """
import sys, duckdb
vus = []
while True:
    with duckdb.connect(sys.argv[1], read_only=True) as con:
        con.execute("use marts")
        requete = "select valeur, release_id from fct_indicateurs, dim_release where niveau = 'epci'"
        vus.append(con.execute(requete).fetchone())
    print(*vus[-1], flush=True)
    if vus[-1][0] == 4:
        break
"""


def test_readers_that_reconnect_see_whole_releases_in_order(publier_foyers, releases) -> None:
    publiees = {float(1): publier_foyers(1).release_id}
    commande = [sys.executable, "-c", RELECTEUR, str(releases / "current" / "ctg.duckdb")]
    with subprocess.Popen(commande, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as relecteur:
        assert relecteur.stdout
        premiere = relecteur.stdout.readline()
        publiees |= {float(n): publier_foyers(n, garder=20).release_id for n in range(2, 5)}
        suite, erreurs = relecteur.communicate(timeout=60)
    assert erreurs == "" and relecteur.returncode == 0
    vus = [(float(ligne.split()[0]), ligne.split()[1]) for ligne in (premiere + suite).splitlines()]
    assert set(vus) <= set(publiees.items()) and vus == sorted(vus)
    assert len(set(vus)) > 2


@pytest.mark.drill
def test_a_night_killed_at_any_point_leaves_a_whole_release(
    construire, releases, validation, nuit, bilan
) -> None:
    # The fewest tables an export accepts: each try is two publications.
    moins = "".join(
        f"drop table marts.{table};"
        for table in ("mart_portrait_social", "mart_petite_enfance", "dim_disponibilite")
    )
    for foyers in (1, 2):
        publier(releases, construire(moins + FOYERS.format(foyers)), validation, nuit)
    construction = construire(moins + FOYERS.format(3))
    drill = subprocess.run(
        [sys.executable, "-m", "tests.publication.exercice_kill", releases, construction, validation],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert drill.returncode == 0, drill.stderr
    vu = json.loads(drill.stdout)
    bilan.ajouter(PROCESSUS, vu["tues"], {A_LA_MAIN: len(vu["anomalies"])})
    # Kills before the switch leave the old release, later ones the new: both must have been seen.
    assert vu["tues"] > 20 and vu["ancienne"] > 0 and vu["nouvelle"] > 0
    assert vu["anomalies"] == []


def test_what_was_known_on_a_day_is_kept_beside_and_never_in_service(
    construire, releases, validation, nuit
) -> None:
    en_service = publier(releases, construire(), validation, nuit)
    du_jour = replace(nuit, as_of="2024-12-17", choix=({"source": "insee_x", "regle": "ecarte"},))
    moins = construire(
        "".join(
            f"delete from marts.{table} where millesime = 2022;"
            for table in ("fct_indicateurs", "mart_portrait_social")
        ),
        "moins.duckdb",
    )
    publication = publier(releases, moins, validation, du_jour, garder=1)
    assert publication.etat == "publiee_sans_bascule"
    assert publication.release_id.endswith("-as-of-2024-12-17")
    assert courante(releases) == en_service.dossier
    manifeste = montrer(releases, publication.release_id)
    assert (manifeste["as_of"], manifeste["choices"]) == ("2024-12-17", list(du_jour.choix))
    assert verifier(releases, publication.release_id) == []
    assert [(r.as_of, r.courante) for r in lister(releases)] == [("2024-12-17", False), (None, True)]

    # The same day again says the same; another night publishes as if it were not there.
    assert publier(releases, moins, validation, du_jour).etat == "inchangee"
    assert publier(releases, construire(), validation, nuit, garder=1).etat == "inchangee"
    suivante = publier(releases, moins, validation, nuit, garder=1)
    assert (suivante.etat, courante(releases)) == ("publiee", suivante.dossier)
    assert publication.dossier.exists() and not en_service.dossier.exists()
    with pytest.raises(ErreurPublication, match=r"known on 2024-12-17.*never put in service"):
        revenir(releases, publication.release_id)


def test_the_manifest_says_which_night_brought_each_file_in(construire, releases, validation, nuit) -> None:
    recus = {
        ("insee_filosofi", "communes", 2019, "b9"): "2022-07-06T01:31:00+00:00",
        ("insee_filosofi", "communes", 2019, "b9bis"): "2023-01-09T02:31:00+00:00",
    }
    premiere = publier(releases, construire(), validation, replace(nuit, recus=recus)).release_id
    revise = "update marts.dim_fichier set sha256 = 'b9bis', fichier_id = 'b9bis' where sha256 = 'b9';"
    # One release is kept: the first night of each file is not forgotten with it.
    for foyers in (1, 2):
        derniere = publier(
            releases,
            construire(revise + FOYERS.format(foyers)),
            validation,
            replace(nuit, recus=recus),
            garder=1,
        ).release_id
        if foyers == 1:
            seconde = derniere
    entrees = {e["sha256"]: e for e in montrer(releases, derniere)["inputs"]}
    assert (entrees["b8"]["premiere_release"], entrees["b8"]["recu_le"]) == (premiere, None)
    assert entrees["b9bis"] == {
        "source": "insee_filosofi",
        "ressource": "communes",
        "millesime": 2019,
        "membre": "FILO2019_DISP_COM.csv",
        "fichier_id": "b9bis",
        "sha256": "b9bis",
        "publie_le": "2021-07-05",
        "recu_le": "2023-01-09T02:31:00+00:00",
        "premiere_release": seconde,
    }
