"""After the first night: a revision, a kill, a new source beside a refused file, a rollback."""

import csv
import hashlib
import re
from pathlib import Path

from commande import Observatoire, Sortie

Seconde = tuple[Observatoire, dict[str, Sortie]]
MONTELIMAR = ("epci:200040459", "taux_couverture_petite_enfance", 2023)


def test_a_reissued_millesime_waits_then_is_accepted(seconde: Seconde) -> None:
    observatoire, dit = seconde
    assert dit["recevoir"].code == 2
    assert dit["recevoir"].erreurs.startswith("[revision]")
    assert "1 changed of " in dit["diff_source"].sortie
    assert dit["accepter"].code == 0, dit["accepter"].erreurs
    assert "is in use from the next night on" in dit["accepter"].sortie
    assert observatoire.valeur(*MONTELIMAR) == 55.7


def test_a_second_night_is_told_to_wait(seconde: Seconde) -> None:
    observatoire, dit = seconde
    assert dit["concurrente"].code == 1
    assert f"a night is already running on {observatoire.home}" in dit["concurrente"].erreurs
    assert "Traceback" not in dit["concurrente"].erreurs


def test_a_night_killed_in_the_warehouse_leaves_the_release_in_service(
    premiere: Observatoire, seconde: Seconde
) -> None:
    _, dit = seconde
    assert dit["apres_kill"].code == 0, dit["apres_kill"].erreurs
    assert premiere.courante.name in dit["apres_kill"].sortie


def test_one_source_refused_and_another_new_is_published_with_exit_2(
    premiere: Observatoire, seconde: Seconde, reel: Path
) -> None:
    observatoire, dit = seconde
    nuit = dit["nuit"]
    assert nuit.code == 2, nuit.erreurs
    assert re.findall(r"^\[([a-z_]+)\]", nuit.erreurs, re.MULTILINE) == ["colonne_manquante"]
    assert f"{observatoire.courante.name} published and in service" in nuit.sortie
    assert observatoire.courante.name != premiere.courante.name

    # The new source is there, and the refused one still shows its last accepted file.
    assert observatoire.requete(
        "select etat, fichiers from dim_source where source_id = 'anct_france_services'"
    ) == [("recue", 2)]
    assert observatoire.valeur("epci:200068229", "nb_france_services", 2024) == 4
    assert observatoire.valeur("departement:26", "nb_france_services", 2024) == 28
    sha256 = hashlib.sha256((reel / "cnaf" / "cafdata" / "txcouv_pe_com_hist.csv").read_bytes()).hexdigest()
    assert sha256 in {entree["sha256"] for entree in observatoire.manifeste["inputs"]}
    assert observatoire.valeur("commune:26362", "taux_couverture_petite_enfance", 2022) is not None
    (refus,) = observatoire.manifeste["refusals"]
    assert refus.startswith("[colonne_manquante]")
    verifie = observatoire.ctg("releases", "show", "--verify")
    assert verifie.code == 0, verifie.erreurs


def test_an_epci_without_france_services_has_zero(seconde: Seconde, reel: Path) -> None:
    observatoire, _ = seconde
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


def test_a_reader_keeps_its_release_and_the_next_sees_the_new_one(
    premiere: Observatoire, seconde: Seconde
) -> None:
    observatoire, dit = seconde
    assert dit["lecteur"].code == 0, dit["lecteur"].erreurs
    assert dit["lecteur"].sortie.split() == [premiere.courante.name, "55.5"] * 2
    assert observatoire.requete("select release_id from dim_release") == [(observatoire.courante.name,)]


def test_the_difference_of_the_releases_shows_the_figure_and_the_files(
    premiere: Observatoire, seconde: Seconde
) -> None:
    observatoire, _ = seconde
    diff = observatoire.ctg("releases", "diff", premiere.courante.name)
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


def test_rollback_pins_and_lift_unpins(
    premiere: Observatoire, seconde: Seconde, reel: Path, tmp_path: Path
) -> None:
    observatoire, ancienne = seconde[0].copie(tmp_path), premiere.courante.name
    nouvelle = observatoire.courante.name

    recule = observatoire.ctg("releases", "rollback", ancienne)
    assert recule.code == 0, recule.erreurs
    assert observatoire.courante.name == ancienne
    assert observatoire.valeur(*MONTELIMAR) == 55.5
    liste = observatoire.ctg("releases", "list").sortie.splitlines()
    assert [li.split()[-2:] for li in liste if ancienne in li] == [["current,", "pinned"]]
    assert any(li.startswith(nouvelle) for li in liste)

    # A quiet night does not undo the rollback.
    observatoire.retablir("cnaf/cafdata/txcouv_pe_com_hist.csv", reel)
    nuit = observatoire.nuit()
    assert nuit.code == 0, nuit.erreurs
    assert observatoire.courante.name == ancienne

    leve = observatoire.ctg("releases", "rollback", "--lift")
    assert leve.sortie == f"Pin on {ancienne} lifted.\n"
    assert "pinned" not in observatoire.ctg("releases", "list").sortie
    assert observatoire.ctg("releases", "rollback", "--lift").sortie == "No pin to lift.\n"

    inconnue = observatoire.ctg("releases", "rollback", "20200101T000000Z-00000000")
    assert inconnue.code == 1 and nouvelle in inconnue.erreurs
