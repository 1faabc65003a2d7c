"""Bad files in the mirror: one clear error each, exit 2, readers untouched, the other sources accepted."""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from commande import Observatoire, Sortie

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
    tour: int = 0


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
        "a file that starts like a page (<)",
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
        tour=1,
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


# The first turn is a night, the second a reception alone, for the file that is spoiled twice: both judge what
# they receive by the same code, and say it alike.
TOURS = (0, 1)


def au_tour(tour: int) -> list[Cas]:
    """The bad files in the mirror at a turn."""
    return list({cas.fichier: cas for cas in CAS.values() if cas.tour <= tour}.values())


@dataclass(frozen=True)
class Refus:
    """What was said of bad files at each turn, where the readers are, what is in use after."""

    observatoire: Observatoire
    tours: tuple[Sortie, ...]
    montre: Sortie
    sources: Sortie
    propre: Sortie


@pytest.fixture(scope="module")
def refus(premiere: Observatoire, reel: Path, tmp_path_factory: pytest.TempPathFactory) -> Refus:
    """Every bad file at once in the mirror of a night; then the file that is spoiled twice, received."""
    copie = premiere.copie(tmp_path_factory.mktemp("refus"))
    recevoir = ("sources", "fetch", "--mirror", str(copie.dossier_miroir))
    dits = []
    for tour in TOURS:
        for cas in au_tour(tour):
            octets = (reel / cas.fichier).read_bytes()
            mauvais = cas.abime(octets)
            assert mauvais != octets
            copie.remplacer(cas.fichier, mauvais)
        dits.append(copie.ctg(*recevoir) if tour else copie.nuit())
    montre = copie.ctg("releases", "show", "--verify", "--json")
    sources = copie.ctg("sources", "list")
    for cas in CAS.values():
        copie.retablir(cas.fichier, reel)
    return Refus(copie, tuple(dits), montre, sources, propre=copie.ctg(*recevoir))


@pytest.mark.parametrize("cas", CAS.values(), ids=CAS)
def test_one_bad_file(refus: Refus, reel: Path, cas: Cas) -> None:
    source, ressource, millesime = cas.piece
    lieu = f"{source}/{ressource}, millésime {millesime}, file {Path(cas.fichier).name}"
    erreurs = ERREUR.finditer(refus.tours[cas.tour].erreurs)
    (erreur,) = (e for e in erreurs if e["where"].startswith(lieu))
    assert erreur["code"] == cas.code
    assert erreur["where"].endswith(cas.where)
    assert cas.observed in erreur["observed"]
    assert cas.next in erreur["next"]

    # The release in service is made of the last accepted file, which the next night would still use.
    utilises = {e["sha256"] for e in json.loads(refus.montre.sortie)["inputs"]}
    octets = (reel / cas.fichier).read_bytes()
    assert hashlib.sha256(octets).hexdigest() in utilises
    assert hashlib.sha256(cas.abime(octets)).hexdigest() not in utilises
    notees = [
        ligne.split()
        for ligne in refus.sources.sortie.splitlines()
        if "refused" in ligne or "revision waiting" in ligne
    ]
    assert [source, ressource, str(millesime), "accepted"] in [ligne[:4] for ligne in notees]


def test_bad_files_leave_the_release_in_service_and_the_other_sources_alone(
    premiere: Observatoire, refus: Refus
) -> None:
    for tour, dit in zip(TOURS, refus.tours, strict=True):
        codes = sorted(cas.code for cas in au_tour(tour))
        assert dit.code == 2, dit.erreurs
        assert "Traceback" not in dit.erreurs
        assert sorted(re.findall(r"^\[([a-z_]+)\]", dit.erreurs, re.MULTILINE)) == codes
    assert refus.tours[0].sortie.startswith(f"Nothing changed since release {premiere.courante.name}")
    assert refus.observatoire.courante.name == premiere.courante.name
    assert refus.montre.code == 0, refus.montre.erreurs
    lignes = refus.sources.sortie.splitlines()
    notees = [ligne.split()[:3] for ligne in lignes if "refused" in ligne or "revision waiting" in ligne]
    assert sorted(notees) == sorted([*c.piece[:2], str(c.piece[2])] for c in au_tour(TOURS[-1]))
    # What is received is clean again once the producers' files are back.
    assert (refus.propre.code, refus.propre.erreurs) == (0, "")
