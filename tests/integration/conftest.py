"""Nights the integration tests share: each runs once, whatever the number of workers."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from commande import Observatoire, Sortie, attendre_etape, tuer

# Not in the first mirror: the files of a source never received, which then brings something new.
RETENUS = ("anct/fs_anctcarto_2021_france-services.csv", "anct/liste-fs-20240801.csv")
REEMIS = "cnaf/cafdata/txcouv_pe_epci.csv"
REFUSE = "cnaf/cafdata/txcouv_pe_com_hist.csv"

LECTEUR = """
import sys, duckdb
con = duckdb.connect(sys.argv[1], read_only=True)
for _ in range(2):
    print(*con.execute(
        "select release_id, valeur from marts.dim_release, marts.fct_indicateurs where indicateur_id = "
        "'taux_couverture_petite_enfance' and territoire_id = 'epci:200040459' and millesime = 2023"
    ).fetchone(), flush=True)
    sys.stdin.readline()
"""

UneFois = Callable[[str, Callable[[Path], None]], Path]


@pytest.fixture(scope="session")
def reel(shared: Path) -> Path:
    return shared / "real"


@pytest.fixture(scope="session")
def premiere(une_fois: UneFois, reel: Path) -> Observatoire:
    """First night on the producers' real files, but those of one source: published."""

    def preparer(dossier: Path) -> None:
        shutil.copytree(reel, dossier / "miroir", copy_function=os.symlink)
        for fichier in RETENUS:
            (dossier / "miroir" / fichier).unlink()
        nuit = Observatoire.miroir(dossier).nuit()
        assert nuit.code == 0, nuit.erreurs
        nuit.garder(dossier / "nuit.json")

    return Observatoire.miroir(une_fois("premiere", preparer))


@pytest.fixture(scope="session")
def seconde(une_fois: UneFois, premiere: Observatoire, reel: Path) -> tuple[Observatoire, dict[str, Sortie]]:
    """The following days: a millésime re-issued, then accepted; a night killed in the warehouse while another
    one tries to start; a night that brings a source never received before and refuses a file, under the eyes
    of a reader. Returns what each command said, by name."""

    def preparer(dossier: Path) -> None:
        observatoire = premiere.copie(dossier)

        def ctg(nom: str, *arguments: str) -> None:
            observatoire.ctg(*arguments).garder(dossier / f"{nom}.json")

        observatoire.remplacer(REEMIS, (reel / REEMIS).read_bytes().replace(b";55.5\n", b";55.7\n"))
        miroir = str(observatoire.dossier_miroir)
        ctg("recevoir", "sources", "fetch", "cnaf_taux_couverture_epci", "--mirror", miroir)
        piece = ("cnaf_taux_couverture_epci", "courant", "2023")
        ctg("diff_source", "sources", "diff", *piece)
        refus = Sortie.relire(dossier / "recevoir.json").erreurs
        revision = refus.split(f"ctg sources accept {' '.join(piece)} ")[1][:12]
        ctg("accepter", "sources", "accept", *piece, revision)

        for fichier in RETENUS:
            observatoire.retablir(fichier, reel)
        observatoire.remplacer(REFUSE, (reel / REFUSE).read_bytes().replace(b"nomepci", b"nom_epci", 1))
        tuee = observatoire.lancer("refresh", *observatoire.options)
        attendre_etape(tuee, "entrepot")
        ctg("concurrente", "refresh", *observatoire.options)
        assert tuee.poll() is None, "the night ended before it could be killed"
        tuer(tuee)
        ctg("apres_kill", "releases", "show", "--verify")

        lecteur = subprocess.Popen(
            [sys.executable, "-c", LECTEUR, observatoire.home / "releases" / "current" / "ctg.duckdb"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert lecteur.stdout is not None
        avant = lecteur.stdout.readline()
        observatoire.nuit().garder(dossier / "nuit.json")
        apres, erreurs = lecteur.communicate("\n\n", timeout=30)
        Sortie(lecteur.returncode, avant + apres, erreurs).garder(dossier / "lecteur.json")

    dossier = une_fois("seconde", preparer)
    sorties = {f.stem: Sortie.relire(f) for f in dossier.glob("*.json")}
    return Observatoire.miroir(dossier), sorties


@pytest.fixture(scope="session")
def demonstration(une_fois: UneFois) -> Observatoire:
    """A first night on the demonstration: published."""

    def preparer(dossier: Path) -> None:
        nuit = Observatoire.demonstration(dossier).nuit()
        assert nuit.code == 0, nuit.erreurs

    return Observatoire.demonstration(une_fois("demonstration", preparer))
