"""One bad file in the mirror: one clear error, exit 2, readers untouched, the other sources accepted."""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from commande import Observatoire

ERREUR = re.compile(
    r"^\[(?P<code>[a-z_]+)\] .+\n  where:    (?P<where>.+)\n  observed: (?P<observed>.+)\n"
    r"  expected: .+\n  next:     (?P<next>.+)$",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Cas:
    """`abime` turns the producer's bytes into the bad ones; `where` ends what the error says of the place."""

    fichier: str
    abime: Callable[[bytes], bytes]
    code: str
    piece: tuple[str, str, int]
    where: str
    observed: str
    next: str


def _lignes(octets: bytes) -> list[bytes]:
    return octets.splitlines(keepends=True)


def _colonne_ajoutee(octets: bytes) -> bytes:
    entete, *lignes = octets.split(b"\r\n")
    return b"\r\n".join([entete + b";PFICTIVE", *(ligne + b";1" if ligne else ligne for ligne in lignes)])


def _dix_fois(octets: bytes) -> bytes:
    """Every count ten times too large: the fields after month, code and name."""
    entete, *lignes = _lignes(octets)
    champs = [ligne.rstrip().split(b";") for ligne in lignes]
    return entete + b"".join(b";".join([*c[:3], *(n + b"0" for n in c[3:])]) + b"\n" for c in champs)


CAS = {
    "renamed column": Cas(
        "cnaf/cafdata/txcouv_pe_com_hist.csv",
        lambda b: b.replace(b"nomepci", b"nom_epci", 1),
        "colonne_manquante",
        ("cnaf_taux_couverture_communes", "historique", 2022),
        "column nomepci, line 1",
        "renamed 'nom_epci'?",
        "declare a new layout in ingestion/sources/cnaf_taux_couverture_communes.yml",
    ),
    "extra column": Cas(
        "insee/populations/donnees_communes_pop2022.csv",
        _colonne_ajoutee,
        "colonne_inconnue",
        ("insee_populations_legales", "communes", 2022),
        "column PFICTIVE, line 1",
        "PFICTIVE",
        "ingestion/sources/insee_populations_legales.yml",
    ),
    "truncated zip": Cas(
        "insee/comparateur/base_cc_comparateur_csv.zip",
        lambda b: b[: len(b) // 2],
        "zip_tronque",
        ("insee_comparateur", "communes", 2018),
        "file base_cc_comparateur_csv.zip",
        "",
        "fetch the file again",
    ),
    "HTML page": Cas(
        "cnaf/cafdata/s_ben_com_f.csv",
        lambda b: b"<!DOCTYPE html>\n<html><body>Maintenance</body></html>\n",
        "html",
        ("cnaf_allocataires_communes", "communes", 2024),
        "file s_ben_com_f.csv",
        "<!DOCTYPE html>",
        "open the address in a browser",
    ),
    "decimal comma": Cas(
        "cnaf/cafdata/txcouv_pe_epci.csv",
        lambda b: b.replace(b".", b","),
        "valeur_illisible",
        ("cnaf_taux_couverture_epci", "courant", 2023),
        "column txcouv_eaje_epci (taux_couverture_eaje), line 2",
        "'16,3'",
        "ingestion/sources/cnaf_taux_couverture_epci.yml",
    ),
    "duplicated key": Cas(
        "insee/filosofi/FILO2019_DISP_EPCI.csv",
        lambda b: b.rstrip() + b"\r\n" + _lignes(b)[9],
        "cle_dupliquee",
        ("insee_filosofi", "epci", 2019),
        "column code, line 10",
        "1242",
        "",
    ),
    "missing département": Cas(
        "insee/populations/donnees_communes_pop2021_cog2023.csv",
        lambda b: b"".join(ligne for ligne in _lignes(b) if b";26;" not in ligne[:40]),
        "departement_manquant",
        ("insee_populations_legales", "communes", 2021),
        "column code",
        "no row for 26",
        "fetch the file again",
    ),
    "ten times too large": Cas(
        "cnaf/cafdata/s_ben_com_f.csv",
        _dix_fois,
        "rupture",
        ("cnaf_allocataires_communes", "communes", 2024),
        "column foyers_allocataires",
        "multiplied by 10",
        "check the unit",
    ),
    "re-issued millésime": Cas(
        "cnaf/cafdata/txcouv_pe_nat.csv",
        lambda b: b.replace(b";60.9", b";61.0"),
        "revision",
        ("cnaf_taux_couverture_national", "courant", 2023),
        "file txcouv_pe_nat.csv",
        "1 changed of 1",
        "ctg sources accept cnaf_taux_couverture_national courant 2023",
    ),
}


@pytest.mark.parametrize("cas", CAS.values(), ids=CAS)
def test_one_bad_file(copie: Observatoire, reel: Path, cas: Cas) -> None:
    octets = (reel / cas.fichier).read_bytes()
    mauvais = cas.abime(octets)
    assert mauvais != octets
    avant = copie.courante
    copie.remplacer(cas.fichier, mauvais)

    nuit = copie.nuit()

    assert nuit.code == 2, nuit.erreurs
    assert nuit.sortie.startswith(f"Nothing changed since release {avant.name}")
    assert "Traceback" not in nuit.erreurs
    assert re.findall(r"^\[([a-z_]+)\]", nuit.erreurs, re.MULTILINE) == [cas.code]
    erreur = ERREUR.search(nuit.erreurs)
    assert erreur is not None, nuit.erreurs
    source, ressource, millesime = cas.piece
    nom = Path(cas.fichier).name
    assert erreur["where"].startswith(f"{source}/{ressource}, millésime {millesime}, file {nom}")
    assert erreur["where"].endswith(cas.where)
    assert cas.observed in erreur["observed"]
    assert cas.next in erreur["next"]

    # Readers: the same whole release, made of the last accepted file.
    assert copie.courante == avant
    montre = copie.ctg("releases", "show", "--verify")
    assert montre.code == 0, montre.erreurs
    utilises = {e["sha256"] for e in json.loads(montre.sortie)["inputs"]}
    assert hashlib.sha256(octets).hexdigest() in utilises
    assert hashlib.sha256(mauvais).hexdigest() not in utilises

    # The next night would still use it, and every other source stays accepted and fresh.
    lignes = copie.ctg("sources", "list").sortie.splitlines()
    notees = [ligne.split() for ligne in lignes if "refused" in ligne or "revision waiting" in ligne]
    assert [ligne[:4] for ligne in notees] == [[source, ressource, str(millesime), "accepted"]]

    # What a night receives is clean again once the producer's file is back.
    copie.retablir(cas.fichier, reel)
    propre = copie.ctg("sources", "fetch", "--mirror", str(copie.dossier_miroir))
    assert propre.code == 0, propre.erreurs
    assert propre.erreurs == ""
