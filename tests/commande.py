"""The installed `ctg` command, run as a person runs it: a subprocess on a CTG_HOME of its own.

For the tests that go from end to end. Imports nothing of the project: what it sees is what readers see, and
beside it the file that the last night built.
"""

import contextlib
import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb

CTG = Path(sys.executable).with_name("ctg")
DEMONSTRATION = Path(__file__).resolve().parents[1] / "demonstration"
# Seconds: a night takes a hundred on two quiet cores, and five times as many where others work too.
PATIENCE = 900
FORMATS = {
    "de_duckdb": "release.marts.fct_indicateurs",
    "de_parquet": "'{release}/parquet/fct_indicateurs.parquet'",
    "de_csv": "read_csv('{release}/csv/fct_indicateurs.csv*', delim=';', all_varchar=true)",
}


_LIBC = ctypes.CDLL(None)


def sans_code_ecrit() -> None:
    """Refuse this process memory to write and run, as `MemoryDenyWriteExecute=` of the units does."""
    _LIBC.prctl(65, 1, 0, 0, 0)  # PR_SET_MDWE, of Linux 6.3: nothing before.


def environnement(**reglages: str) -> dict[str, str]:
    """This shell's environment with these settings (`CTG_…`) and none of its own, nor Dagster's."""
    propre = {nom: valeur for nom, valeur in os.environ.items() if not nom.startswith(("CTG_", "DAGSTER"))}
    return propre | reglages


@dataclass(frozen=True)
class Sortie:
    """How a command ended."""

    code: int
    sortie: str
    erreurs: str

    def garder(self, fichier: Path) -> None:
        fichier.write_text(json.dumps(asdict(self)))

    @classmethod
    def relire(cls, fichier: Path) -> "Sortie":
        return cls(**json.loads(fichier.read_text()))


@dataclass(frozen=True)
class Observatoire:
    """One CTG_HOME. `options`: those of its nights."""

    home: Path
    options: tuple[str, ...]
    programme: tuple[str, ...] = (str(CTG),)

    @classmethod
    def miroir(cls, dossier: Path) -> "Observatoire":
        """The Drôme, from the mirror beside the home; of its pages, those of two territories."""
        return cls(
            dossier / "home",
            (
                *("--profile", "mirror", "--mirror", str(dossier / "miroir")),
                *("--perimetre", "departement:26", "--imprimer", "departement,epci:200068229"),
            ),
        )

    @classmethod
    def demonstration(cls, dossier: Path) -> "Observatoire":
        return cls(dossier / "home", ("--profile", "demo"))

    @property
    def dossier_miroir(self) -> Path:
        return self.home.parent / "miroir"

    def lancer(self, *arguments: str, **reglages: str) -> "subprocess.Popen[str]":
        """Start a command. `reglages`: settings of its environment (`CTG_…`); none of this shell's is."""
        return subprocess.Popen(
            [*self.programme, *arguments],
            env=environnement(**{"CTG_HOME": str(self.home)} | reglages),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            # A Java writes what it runs.
            preexec_fn=None if "spark" in reglages.values() else sans_code_ecrit,
        )

    def ctg(self, *arguments: str, **reglages: str) -> Sortie:
        processus = self.lancer(*arguments, **reglages)
        try:
            sortie, erreurs = processus.communicate(timeout=PATIENCE)
        finally:
            tuer(processus)
        return Sortie(processus.returncode, sortie, erreurs)

    def nuit(self, **reglages: str) -> Sortie:
        return self.ctg("refresh", *self.options, **reglages)

    @property
    def batit(self) -> bool:
        """Whether a night has received everything and begun its own file."""
        return any((self.home / "build").glob("*/nuit.duckdb"))

    @property
    def construction(self) -> str | None:
        """The night whose file is there: the last one that built."""
        return next((f.parent.name for f in (self.home / "build").glob("*/nuit.duckdb")), None)

    @property
    def courante(self) -> Path:
        """The release in service."""
        return (self.home / "releases" / "current").resolve(strict=True)

    @property
    def manifeste(self) -> dict[str, Any]:
        return dict(json.loads((self.courante / "MANIFEST.json").read_text()))

    def requete(self, sql: str, *parametres: object) -> list[tuple[Any, ...]]:
        """Rows of a query on the release in service, in schema `marts`."""
        with duckdb.connect(str(self.courante / "ctg.duckdb"), read_only=True) as con:
            return con.execute("use marts").execute(sql, parametres).fetchall()

    def requete_nuit(self, sql: str, *parametres: object) -> list[tuple[Any, ...]]:
        """Rows of a query on the file the last night built: all France, where a release holds its scope."""
        (base,) = (self.home / "build").glob("*/nuit.duckdb")
        with duckdb.connect(str(base), read_only=True) as con:
            return con.execute(sql, parametres).fetchall()

    def chiffre(self, territoire: str, indicateur: str, millesime: int) -> dict[str, Any]:
        """The row of a figure in `ctg.duckdb`, which Parquet and CSV must repeat."""
        con = _fait(self.courante)
        lignes = {
            format_: con.execute(
                f"from {format_} where territoire_id = ? and indicateur_id = ? and millesime = ?",
                (territoire, indicateur, millesime),
            )
            .to_arrow_table()
            .to_pylist()
            for format_ in FORMATS
        }
        assert [len(trouvees) for trouvees in lignes.values()] == [1, 1, 1], lignes
        ligne, parquet, tableur = (trouvees[0] for trouvees in lignes.values())
        assert parquet == ligne
        assert tableur["statut"] == ligne["statut"]
        if ligne["valeur"] is None:
            assert tableur["valeur"] is None
        else:
            # On the decimals of the indicateur, two at most.
            assert abs(float(tableur["valeur"].replace(",", ".")) - ligne["valeur"]) <= 0.5 + 1e-9
            assert tableur["valeur_affichee"] == ligne["valeur_affichee"]
        return dict(ligne)

    def valeur(self, territoire: str, indicateur: str, millesime: int) -> Any:
        return self.chiffre(territoire, indicateur, millesime)["valeur"]

    def remplacer(self, chemin: str, contenu: bytes) -> None:
        """Put other bytes in the mirror, never through the link to the producer's own file."""
        fichier = self.dossier_miroir / chemin
        fichier.unlink(missing_ok=True)
        fichier.write_bytes(contenu)

    def retablir(self, chemin: str, reel: Path) -> None:
        """Put the producer's own file back in the mirror."""
        fichier = self.dossier_miroir / chemin
        fichier.parent.mkdir(exist_ok=True)
        fichier.unlink(missing_ok=True)
        fichier.symlink_to(reel / chemin)

    def copie(self, dossier: Path) -> "Observatoire":
        """The same home and mirror elsewhere, but the file of the last night, which the next one sweeps.

        Files made read-only are never written again: linked.
        """
        for nom in ("home", "miroir"):
            if (self.home.parent / nom).is_dir():
                shutil.copytree(
                    self.home.parent / nom,
                    dossier / nom,
                    symlinks=True,
                    ignore=lambda ou, _: {"build"} if Path(ou) == self.home else set(),
                    copy_function=_lier_ou_copier,
                )
        options = (o.replace(str(self.home.parent), str(dossier)) for o in self.options)
        return Observatoire(dossier / "home", tuple(options))


@cache
def _fait(release: Path) -> duckdb.DuckDBPyConnection:
    """`fct_indicateurs` as each format of a release has it: read once, for a release never changes."""
    con = duckdb.connect()
    con.execute(f"attach '{release / 'ctg.duckdb'}' as release (read_only)")
    for format_, lecture in FORMATS.items():
        con.execute(f"create table {format_} as from {lecture.format(release=release)}")
    con.execute("detach release")
    return con


def _lier_ou_copier(source: str, cible: str) -> None:
    if Path(source).stat().st_mode & 0o222:
        shutil.copy2(source, cible)
    else:
        os.link(source, cible)


def attendre_annonce(processus: "subprocess.Popen[str]", annonce: str) -> str:
    """Read what a night says until a line of its progress; return what was read."""
    lu = ""
    assert processus.stderr is not None
    for ligne in processus.stderr:
        lu += ligne
        if ligne.rstrip().endswith(f"s] {annonce}"):
            return lu
    raise AssertionError(f"the night ended before {annonce}:\n{lu}")


def attendre(condition: Callable[[], bool], processus: "subprocess.Popen[str]") -> bool:
    """Wait until `condition`; False when the process ended before."""
    while not condition():
        if processus.poll() is not None:
            return False
        time.sleep(0.002)
    return True


def tuer(processus: "subprocess.Popen[str]") -> None:
    """`kill -9` of a command and of what it started, as a service manager or the end of a machine does it."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(processus.pid, signal.SIGKILL)
    processus.wait()


def sceller(release: Path, manifeste: dict[str, Any], **fichiers: bytes) -> None:
    """Make a folder a complete release with these files, by their path, as a night seals it."""
    release.mkdir(parents=True, exist_ok=True)
    for nom, contenu in fichiers.items():
        (release / nom).parent.mkdir(exist_ok=True)
        (release / nom).write_bytes(contenu)
    scelles = {nom: {"sha256": sha256(contenu).hexdigest()} for nom, contenu in fichiers.items()}
    octets = json.dumps({**manifeste, "files": scelles}).encode()
    (release / "MANIFEST.json").write_bytes(octets)
    (release / "SUCCESS").write_text(f"{sha256(octets).hexdigest()}  MANIFEST.json\n")
