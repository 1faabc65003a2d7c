"""Portraits and site of one release, made twice: another process, day, place, language, order of rows."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from commande import Observatoire

pytestmark = [pytest.mark.drill, pytest.mark.xdist_group("portraits")]

PORTRAITS = """
import sys
from pathlib import Path
from publication.portraits.contenu import composer, ouvrir
from publication.portraits.formats import FORMATS, nom_de_fichier, rendre
release, sortie = map(Path, sys.argv[1:])
for territoire in ("ctg:demonstration-2023", "epci:200068229", "commune:26220"):
    with ouvrir(release / "ctg.duckdb") as marts:
        document = composer(marts, territoire)
    for format_ in FORMATS:
        (sortie / nom_de_fichier(document, format_)).write_bytes(rendre(document, format_))
"""
SITE = """
import sys
from pathlib import Path
from publication.site.impression import Impression
from publication.site.ecriture import ecrire
release, sortie = map(Path, sys.argv[1:])
ecrire(release, Impression(("ctg",), None, "c1"))
(release / "site").rename(sortie / "site")
"""
AILLEURS = (("1", "Asia/Tokyo", "C", 0o077), ("777", "America/Lima", "fr_FR.UTF-8", 0o002))
"""Order of sets, zone, language, rights of new files."""


@pytest.fixture(scope="module")
def jumelles(demonstration: Observatoire, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """One release twice; the rows of the second are in the reverse order."""
    dossiers = []
    for nom in ("une", "renversee"):
        release = tmp_path_factory.mktemp(nom) / "release"
        shutil.copytree(
            demonstration.courante.resolve(),
            release,
            ignore=shutil.ignore_patterns("site", "csv", "parquet"),
            copy_function=shutil.copyfile,
        )
        dossiers.append(release)
    with duckdb.connect(str(dossiers[1] / "ctg.duckdb")) as con:
        for (table,) in con.execute(
            "select table_name from duckdb_tables() where schema_name = 'marts'"
        ).fetchall():
            con.execute(f"create or replace temp table lignes as select *, rowid as r from marts.{table}")
            con.execute(f"delete from marts.{table}")
            con.execute(f"insert into marts.{table} select * exclude (r) from lignes order by r desc")
    return dossiers[0], dossiers[1]


@pytest.mark.parametrize("code", [PORTRAITS, SITE], ids=["portraits", "site"])
def test_bytes_come_from_the_release_alone(jumelles: tuple[Path, Path], tmp_path: Path, code: str) -> None:
    faits = []
    for release, (graine, fuseau, langue, droits) in zip(jumelles, AILLEURS, strict=True):
        ici = tmp_path / graine
        ici.mkdir()
        env = os.environ | {"PYTHONHASHSEED": graine, "TZ": fuseau, "LANG": langue, "LC_ALL": langue}
        ordre = [sys.executable, "-c", code, str(release), str(ici)]
        subprocess.run(ordre, env=env, cwd=ici, umask=droits, check=True)
        faits.append({f.relative_to(ici): f.read_bytes() for f in sorted(ici.rglob("*")) if f.is_file()})
    une, autre = faits
    assert une.keys() == autre.keys() and une
    assert [str(nom) for nom in une if une[nom] != autre[nom]] == []
