"""The days after the first night, as an operator lives them. One story: each test is a step, in order.

A revision waits and is accepted; a night is killed while another tries to start; a night publishes although
it refuses a file, under the eyes of a reader; the release is rolled back, held through a quiet night, let go.
"""

import csv
import hashlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from commande import Observatoire, attendre, tuer

from tests.octets_publies import ou_se_lit

pytestmark = pytest.mark.histoire

MONTELIMAR = ("epci:200040459", "taux_couverture_petite_enfance", 2023)
PIECE = ("cnaf_taux_couverture_epci", "courant", "2023")
REEMIS = "cnaf/cafdata/txcouv_pe_epci.csv"
REFUSE, SOURCE_REFUSEE = "cnaf/cafdata/txcouv_pe_com_hist.csv", "cnaf_taux_couverture_communes"
CANARI = "c4n4r1"
# A database that nobody serves, on nights that publish and that do not.
NULLE_PART = ("--postgres", "postgresql://ctg:motdepasse@/observatoire?host=/nulle/part")

LECTEUR = """
import sys, duckdb
con = duckdb.connect(sys.argv[1], read_only=True)
for _ in sys.stdin:
    print(*con.execute(
        "select release_id, valeur from marts.dim_release, marts.fct_indicateurs where indicateur_id = "
        "'taux_couverture_petite_enfance' and territoire_id = 'epci:200040459' and millesime = 2023"
    ).fetchone(), flush=True)
"""


class Lecteur:
    """Somebody's tool, which opened the release in service and keeps it open."""

    def __init__(self, base: Path) -> None:
        self.processus = subprocess.Popen(
            [sys.executable, "-c", LECTEUR, base], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def lire(self) -> list[str]:
        """The release it reads and the rate of Montélimar in it."""
        assert self.processus.stdin is not None and self.processus.stdout is not None
        print(file=self.processus.stdin, flush=True)
        return self.processus.stdout.readline().split()


@pytest.fixture(scope="module")
def observatoire(petite: Observatoire, tmp_path_factory: pytest.TempPathFactory) -> Observatoire:
    """The folder of the first night, where the next days are lived."""
    return petite.copie(tmp_path_factory.mktemp("jours_suivants"))


@pytest.fixture(scope="module")
def nuit_en_cours(observatoire: Observatoire) -> Iterator["subprocess.Popen[str]"]:
    nuit = observatoire.lancer("refresh", *observatoire.options)
    yield nuit
    tuer(nuit)


@pytest.fixture(scope="module")
def lecteur(observatoire: Observatoire) -> Iterator[Lecteur]:
    lecteur = Lecteur(observatoire.home / "releases" / "current" / "ctg.duckdb")
    yield lecteur
    lecteur.processus.kill()
    lecteur.processus.communicate()


def test_a_reissued_millesime_waits_and_is_told_apart(observatoire: Observatoire, reel: Path) -> None:
    observatoire.remplacer(REEMIS, (reel / REEMIS).read_bytes().replace(b";55.5\n", b";55.7\n"))
    recu = observatoire.ctg("sources", "fetch", PIECE[0], "--mirror", str(observatoire.dossier_miroir))
    assert recu.code == 2
    assert recu.erreurs.startswith("[revision]")
    assert f"ctg sources accept {' '.join(PIECE)} {sha256(observatoire)[:12]}" in recu.erreurs
    assert "1 changed of " in observatoire.ctg("sources", "diff", *PIECE).sortie


def test_once_accepted_it_is_used_from_the_next_night_on(observatoire: Observatoire) -> None:
    accepte = observatoire.ctg("sources", "accept", *PIECE, sha256(observatoire)[:12])
    assert accepte.code == 0, accepte.erreurs
    assert "is in use from the next night on" in accepte.sortie
    assert observatoire.valeur(*MONTELIMAR) == 55.5


def sha256(observatoire: Observatoire) -> str:
    """That of the re-issued file."""
    return hashlib.sha256((observatoire.dossier_miroir / REEMIS).read_bytes()).hexdigest()


def test_while_a_night_runs_another_is_told_to_wait(
    observatoire: Observatoire, nuit_en_cours: "subprocess.Popen[str]"
) -> None:
    assert attendre(lambda: observatoire.batit, nuit_en_cours), "the night ended before it built anything"
    seconde = observatoire.nuit()
    assert seconde.code == 1
    assert f"a night is already running on {observatoire.home}" in seconde.erreurs
    assert "Traceback" not in seconde.erreurs


def test_that_night_is_killed_and_leaves_the_release_in_service(
    petite: Observatoire, observatoire: Observatoire, nuit_en_cours: "subprocess.Popen[str]"
) -> None:
    assert nuit_en_cours.poll() is None, "the night ended before it could be killed"
    tuer(nuit_en_cours)
    montre = observatoire.ctg("releases", "show", "--verify")
    assert montre.code == 0, montre.erreurs
    assert petite.courante.name in montre.sortie


def test_a_reader_opens_the_release(petite: Observatoire, lecteur: Lecteur) -> None:
    assert lecteur.lire() == [petite.courante.name, "55.5"]


def test_a_night_publishes_a_new_source_although_it_refuses_a_file(
    petite: Observatoire, observatoire: Observatoire, reel: Path, retenus: tuple[str, ...]
) -> None:
    for fichier in retenus:
        observatoire.retablir(fichier, reel)
    observatoire.remplacer(REFUSE, (reel / REFUSE).read_bytes().replace(b"nomepci", CANARI.encode(), 1))
    nuit = observatoire.ctg("refresh", *observatoire.options, *NULLE_PART)
    assert nuit.code == 2, nuit.erreurs
    assert re.findall(r"^\[([a-z_]+)\]", nuit.erreurs, re.MULTILINE) == ["colonne_manquante"]
    assert f"{observatoire.courante.name} published and in service" in nuit.sortie
    assert (
        "\nPostgreSQL did not get the release: " in nuit.erreurs and " failed: PostgreSQL" not in nuit.erreurs
    )
    assert "PostgreSQL, observatoire on /nulle/part: no connection" in nuit.erreurs
    assert "PostgreSQL did not get the release in service" in nuit.erreurs
    assert "motdepasse" not in nuit.sortie + nuit.erreurs
    assert observatoire.courante.name != petite.courante.name
    # The night before it was killed: said once, in one line, and the page no longer takes it for running.
    assert (
        len(re.findall(r"^Run \S+ was killed before its end: what readers", nuit.erreurs, re.MULTILINE)) == 1
    )
    assert "Traceback" not in nuit.erreurs


def test_dagster_tells_a_refused_file_on_its_source(observatoire: Observatoire) -> None:
    """Published, a file refused: one red check, a tag that finds the run, and the killed one is ended.

    The run itself failed here for its database, which nobody answers for.
    """
    with dg.DagsterInstance.from_config(str(observatoire.home / "dagster")) as instance:
        publiee, _, tuee = instance.get_runs(limit=3)
        (verdict,) = instance.event_log_storage.get_asset_check_execution_history(
            dg.AssetCheckKey(dg.AssetKey(["normalised", SOURCE_REFUSEE]), "aucun_refus"), limit=1
        )
        (release,) = instance.fetch_materializations(dg.AssetKey(["publication", "release"]), limit=1).records
    assert (publiee.status, tuee.status) == (dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.FAILURE)
    assert publiee.tags["ctg/etat"] == "publiee_avec_refus" and publiee.tags["ctg/refus"] == "1"
    assert publiee.tags["ctg/release"] == observatoire.courante.name
    assert release.run_id == publiee.run_id
    assert verdict.status.value == "FAILED"


def test_the_release_has_the_new_source_and_the_last_accepted_file_of_the_refused_one(
    observatoire: Observatoire, reel: Path
) -> None:
    assert observatoire.requete(
        "select etat, fichiers from dim_source where source_id = 'anct_france_services'"
    ) == [("recue", 2)]
    assert observatoire.valeur("epci:200068229", "nb_france_services", 2024) == 4
    assert observatoire.valeur("departement:26", "nb_france_services", 2024) == 28
    accepte = hashlib.sha256((reel / REFUSE).read_bytes()).hexdigest()
    assert accepte in {entree["sha256"] for entree in observatoire.manifeste["inputs"]}
    assert observatoire.valeur("commune:26362", "taux_couverture_petite_enfance", 2022) is not None
    (refus,) = observatoire.manifeste["refusals"]
    assert refus.endswith(f"a column of the contract is missing: {SOURCE_REFUSEE}/historique 2022")
    verifie = observatoire.ctg("releases", "show", "--verify")
    assert verifie.code == 0, verifie.erreurs


def test_the_operator_reads_what_the_refused_file_says_and_no_published_byte_has_it(
    observatoire: Observatoire,
) -> None:
    journal = (observatoire.home / "landing" / "journal.jsonl").read_text()
    assert f"renamed '{CANARI}'?" in journal
    assert ou_se_lit(observatoire.courante, CANARI) == []
    # The walk opens each kind of file.
    lus = ou_se_lit(observatoire.courante, "Drôme")
    for genre in (".parquet!rows", "ctg.duckdb!dim_territoire", ".csv", ".xlsx!", ".html", ".json"):
        assert any(genre in lu for lu in lus), genre


def test_the_reader_keeps_its_release_and_the_next_one_sees_the_new(
    petite: Observatoire, observatoire: Observatoire, lecteur: Lecteur
) -> None:
    assert lecteur.lire() == [petite.courante.name, "55.5"]
    assert observatoire.requete("select release_id from dim_release") == [(observatoire.courante.name,)]
    assert observatoire.valeur(*MONTELIMAR) == 55.7


def test_an_epci_without_france_services_has_zero(observatoire: Observatoire, reel: Path) -> None:
    with (reel / "anct" / "liste-fs-20240801.csv").open(encoding="utf-8", newline="") as flux:
        equipees = {ligne["insee_com"] for ligne in csv.DictReader(flux)}
    membres: dict[str, set[str]] = {}
    for code, epci in observatoire.requete("select code, epci from dim_territoire where niveau = 'commune'"):
        membres.setdefault(f"epci:{epci}", set()).add(code)
    sans = sorted(epci for epci, communes in membres.items() if not communes & equipees)
    assert sans, "every EPCI of the scope has a France services: choose another scope"
    for epci in sans:
        ligne = observatoire.chiffre(epci, "nb_france_services", 2024)
        assert (ligne["valeur"], ligne["borne_haute"], ligne["statut"]) == (0.0, 0.0, "observe")


def test_the_difference_of_the_releases_shows_the_figure_and_the_files(
    petite: Observatoire, observatoire: Observatoire
) -> None:
    diff = observatoire.ctg("releases", "diff", petite.courante.name)
    assert diff.code == 0, diff.erreurs
    (ligne,) = (li for li in diff.sortie.splitlines() if li.startswith("taux_couverture_petite_enfance "))
    assert ligne.split()[2:4] == ["0", "1"]
    assert "révision" in ligne and "55.5 → 55.7" in ligne
    fichiers = [li for li in diff.sortie.splitlines() if "/" in li.split(" ")[0]]
    assert sorted(li.split()[:2] for li in fichiers) == [
        ["anct_france_services/structures", "2024:"],
        ["anct_france_services/structures_2021", "2021:"],
        ["cnaf_taux_couverture_epci/courant", "2023:"],
    ]
    assert [li.split("(")[1] for li in sorted(fichiers)] == ["nouveau millésime)"] * 2 + ["révision)"]


def test_a_rollback_serves_the_former_release_and_pins_it(
    petite: Observatoire, observatoire: Observatoire
) -> None:
    ancienne, nouvelle = petite.courante.name, observatoire.courante.name
    recule = observatoire.ctg("releases", "rollback", ancienne)
    assert recule.code == 0, recule.erreurs
    assert observatoire.courante.name == ancienne
    assert observatoire.valeur(*MONTELIMAR) == 55.5
    liste = observatoire.ctg("releases", "list").sortie.splitlines()
    assert [li.split()[-2:] for li in liste if ancienne in li] == [["current,", "pinned"]]
    assert any(li.startswith(nouvelle) for li in liste)
    inconnue = observatoire.ctg("releases", "rollback", "20200101T000000Z-00000000")
    assert inconnue.code == 1 and nouvelle in inconnue.erreurs


def test_a_quiet_night_does_not_undo_the_rollback(
    petite: Observatoire, observatoire: Observatoire, reel: Path
) -> None:
    """And tries the database again, where something is owed to it: without it the night is no clean one."""
    observatoire.retablir(REFUSE, reel)
    nuit = observatoire.ctg("refresh", *observatoire.options, *NULLE_PART)
    assert nuit.sortie.startswith("Nothing changed")
    assert observatoire.courante.name == petite.courante.name
    assert nuit.code == 2 and "PostgreSQL did not get the release in service" in nuit.erreurs
    assert "file(s) refused" not in nuit.erreurs and "motdepasse" not in nuit.sortie + nuit.erreurs


def test_the_lift_of_the_pin_is_said_once(petite: Observatoire, observatoire: Observatoire) -> None:
    leve = observatoire.ctg("releases", "rollback", "--lift")
    assert leve.sortie == f"Pin on {petite.courante.name} lifted.\n"
    assert "pinned" not in observatoire.ctg("releases", "list").sortie
    assert observatoire.ctg("releases", "rollback", "--lift").sortie == "No pin to lift.\n"
