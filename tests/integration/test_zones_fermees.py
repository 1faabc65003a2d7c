"""Beside the release lie true counts: another account of the machine, and a reader with a guess at a file.

The first opens everything of CTG_HOME and reads the releases alone. The second finds in them no digest of a
file that few have, and no line of a register.
"""

import json
import os
import stat
import subprocess
import sys
from base64 import b64encode
from pathlib import Path

import duckdb
import pytest
from commande import DEMONSTRATION, Observatoire

from ingestion.contrats import charger_contrats
from ingestion.extrait.depot import empreinte_fichiers
from orchestration.nuit.cles import cle
from orchestration.nuit.reglages import PROFILS, Reglages
from socle.disque import sha256_fichier

INTERNES = {c.source for c in charger_contrats().values() if c.diffusion != "publique"}
EXTRAIT = "caf_extrait_allocataires"

# Run as the account of the tests, in the home; it becomes another one once all is loaded, for pytest's own
# folders are closed to it. Prints what it could open among the paths it is given.
AUTRE_COMPTE = """
import json, os, sys
chemins = json.load(sys.stdin)
os.setgroups([]); os.setgid(65534); os.setuid(65534)
vus = []
for chemin in chemins:
    try:
        if os.path.isdir(chemin):
            os.listdir(chemin)
        else:
            with open(chemin, "rb") as f:
                f.read(1)
    except PermissionError:
        continue
    vus.append(chemin)
print(json.dumps(vus))
"""


def ouverts_a_un_autre(home: Path) -> tuple[set[str], set[str]]:
    """Every path of a home, and those that another account can list or read."""
    tous = [".", *sorted(str(c.relative_to(home)) for c in home.rglob("*"))]
    sortie = subprocess.run(
        [sys.executable, "-c", AUTRE_COMPTE],
        cwd=home,
        input=json.dumps(tous),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return set(tous), set(json.loads(sortie))


def publics(chemins: set[str]) -> set[str]:
    """The releases, but the lock of whoever publishes: who reads a lock can hold it."""
    return {c for c in chemins if Path(c).parts[:1] == ("releases",)} - {"releases/.verrou"}


# CI is root, where no skip passes (CTG_NO_SKIP).
racine = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another account")


@racine
def test_another_account_reads_the_releases_and_nothing_else(demonstration: Observatoire) -> None:
    tous, ouverts = ouverts_a_un_autre(demonstration.home)
    assert ouverts == publics(tous)
    # What the extract is made of was there to be opened.
    for zone in ("landing", "normalised", "demonstration", "micro", "agregats", "build", "dagster"):
        assert any(c.startswith(f"{zone}/") for c in tous), zone
    release = f"releases/{demonstration.courante.name}"
    assert {f"{release}/ctg.duckdb", f"{release}/validation/certificat_secret.json"} <= ouverts


@racine
def test_a_home_that_was_left_open_is_closed_by_the_next_night(
    demonstration: Observatoire, tmp_path: Path
) -> None:
    copie = demonstration.copie(tmp_path)
    for entree in [copie.home, *copie.home.iterdir()]:
        if not entree.is_symlink():
            entree.chmod(0o755 if entree.is_dir() else 0o644)
    assert ouverts_a_un_autre(copie.home)[1] != publics(ouverts_a_un_autre(copie.home)[0])
    nuit = copie.nuit()
    assert nuit.code == 0, nuit.erreurs
    # Who had an account may have read it: it is said, once.
    assert str(copie.home / "landing") in nuit.erreurs.splitlines()[0]
    tous, ouverts = ouverts_a_un_autre(copie.home)
    assert ouverts == publics(tous)


def test_the_key_of_rounding_is_in_no_file(demonstration: Observatoire) -> None:
    """Neither in a release, nor in what dbt, Dagster and the frozen counts leave behind."""
    reglages = Reglages(demonstration.home, "demo", PROFILS["demo"].perimetre, None)
    cle_ = cle(reglages, "arrondi")
    formes = [cle_, cle_.hex().encode(), b64encode(cle_).rstrip(b"="), repr(cle_).encode()[2:-1]]
    dits = [
        str(c.relative_to(demonstration.home))
        for c in demonstration.home.rglob("*")
        if c.is_file() and not c.is_symlink() and any(f in c.read_bytes() for f in formes)
    ]
    assert dits == []


def test_no_file_of_a_closed_zone_is_open_by_its_own_mode(demonstration: Observatoire) -> None:
    """One `chmod` of a folder, or a copy that keeps modes, must not open what is in it."""
    ouverts = [
        str(c.relative_to(demonstration.home))
        for zone in demonstration.home.iterdir()
        if zone.name != "releases"
        for c in (zone, *zone.rglob("*"))
        if not c.is_symlink() and stat.S_IMODE(c.stat().st_mode) & 0o077
    ]
    assert ouverts == []
    assert stat.S_IMODE(demonstration.home.stat().st_mode) == 0o711


def empreintes_internes(demonstration: Observatoire) -> dict[str, str]:
    """The sha256 of each file that few have, by what it is: whoever guesses a file knows as much of it."""
    landing = demonstration.home / "landing"
    fichiers = {
        str(f.relative_to(landing)): sha256_fichier(f)
        for source in sorted(INTERNES)
        for f in (landing / source).rglob("*")
        if f.is_file() and f.name != "provenance.json"
    }
    for mois in sorted(d for d in (DEMONSTRATION / "extrait").iterdir() if d.is_dir()):
        enfants = next(mois.glob("enfants*"), None)
        (foyers,) = (f for f in mois.iterdir() if f != enfants)
        fichiers[f"{EXTRAIT}/{mois.name}"] = empreinte_fichiers(mois.name, foyers, enfants)
    return fichiers


def textes_de_la_release(release: Path) -> set[str]:
    """Every run of 12 hexadecimal digits or more that a reader finds, tables and texts."""
    suite = "[0-9a-f]{12,}"
    trouves: set[str] = set()
    with duckdb.connect() as con:
        con.execute(f"attach '{release / 'ctg.duckdb'}' as lue (read_only)")
        relations = [
            f"lue.marts.{t}"
            for (t,) in con.execute(
                "select table_name from duckdb_tables() where database_name = 'lue'"
            ).fetchall()
        ]
        relations += [f"read_parquet('{f}')" for f in sorted(release.rglob("*.parquet"))]
        for relation in relations:
            for nom, genre, *_ in con.execute(f"describe from {relation}").fetchall():
                if genre == "VARCHAR":
                    trouves |= {
                        x
                        for (x,) in con.execute(
                            f"""select distinct unnest(regexp_extract_all("{nom}", '{suite}')) from {relation}
                            where regexp_matches("{nom}", '{suite}')"""
                        ).fetchall()
                    }
        autres = [f for f in release.rglob("*") if f.suffix in (".json", ".csv", ".html", ".md", "")]
        for fichier in (f for f in autres if f.is_file()):
            texte = fichier.read_text(encoding="utf-8")
            trouves |= {
                x
                for (x,) in con.execute(
                    f"select unnest(regexp_extract_all(?, '{suite}'))", [texte]
                ).fetchall()
            }
    return trouves


def test_no_release_confirms_a_guess_at_a_file_that_few_have(demonstration: Observatoire) -> None:
    internes = empreintes_internes(demonstration)
    assert len(internes) > 20 and {Path(f).parts[0] for f in internes} >= {"caf_equipements", EXTRAIT}
    trouves = textes_de_la_release(demonstration.courante)
    confirmes = {f for f, sha256 in internes.items() if any(sha256[:12] in x for x in trouves)}
    assert confirmes == set()
    # The search does find those of files that anybody may have.
    publiques = [e["sha256"] for e in demonstration.manifeste["inputs"] if e["sha256"]]
    assert len(publiques) > 100 and set(publiques) <= trouves
    # Nor is one in a digest of several, of which a reader has all the others.
    derniere = json.loads((demonstration.home / "derniere.json").read_bytes())
    assert derniere["empreinte"] not in trouves


def test_an_internal_file_has_a_name_that_its_operator_can_tell(demonstration: Observatoire) -> None:
    noms = demonstration.requete(
        "select f.source, f.fichier_id, f.sha256, f.lignes, s.diffusion from dim_fichier as f"
        " inner join dim_source as s on f.source = s.source_id"
    )
    for source, nom, sha256, lignes, diffusion in noms:
        if diffusion == "publique":
            assert nom == sha256 and lignes is not None, source
        else:
            assert nom.startswith("interne-") and sha256 is None and lignes is None, source
    assert {n[1] for n in noms} == {e["fichier_id"] for e in demonstration.manifeste["inputs"]}
    internes = empreintes_internes(demonstration)
    vus = {nom for _, nom, sha256, *_ in noms if sha256 is None}
    for nom in sorted(vus)[:3]:
        montre = demonstration.ctg("sources", "show", nom)
        assert montre.code == 0, montre.erreurs
        assert any(sha256 in montre.sortie for sha256 in internes.values()), montre.sortie
    # Invented files have the same names everywhere: the demonstration's bytes are those of any other.
    assert len(vus) == len({s for s in internes.values()})


def test_no_line_of_a_register_is_in_a_release(demonstration: Observatoire) -> None:
    """A register has a line for each structure: how many a commune has counts what is hidden."""
    ressources = {
        (r.source, r.nom)
        for c in charger_contrats().values()
        for r in c.ressources.values()
        if c.source in INTERNES
    }
    lus = set(
        demonstration.requete(
            "select distinct f.source, l.ressource from lignes_source as l"
            " inner join dim_fichier as f on l.sha256 = f.sha256 and l.ressource = f.ressource"
        )
    )
    assert lus and not lus & ressources
    assert demonstration.requete(
        "select count(*) from lignes_source anti join dim_fichier using (sha256, ressource)"
    ) == [(0,)]
    # Its operator still walks to them; a reader without the zone is told where they are.
    cle = ("explain", "nb_places_eaje", "--territoire", "epci:200068229", "--millesime", "2024")
    avec = demonstration.ctg(*cle)
    assert "[1] ligne " in avec.sortie and "interne-" in avec.sortie and "sha256" not in avec.sortie
