"""Every path under CTG_HOME that the night and commands name. Imports nothing heavy: every command reads it.

A room that names a folder of its own (`ingestion.extrait.zones`) says the same, and a test asserts it.
"""

import os
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

from socle.erreurs import ErreurCtg

from ..racine import RACINE

DEFAUT = RACINE / "var"
"""Where nobody names another: in the checkout, wherever the command is typed."""

# The night's own DuckDB file. Its name is that of the database, which dbt writes in the names of relations.
BASE = "nuit.duckdb"


class Chemins:
    """The folders and files of one CTG_HOME (docs/architecture.md, "State on disk").

    All is closed to other accounts but `releases`.
    """

    def __init__(self, home: Path) -> None:
        """Name them; none is looked at."""
        self.home = home
        # Held by whoever writes.
        self.verrou = home / ".verrou"
        # There while a night runs, and after one that was killed.
        self.en_cours = home / "nuit_en_cours"
        # What the folder is bound to: profile, scope, mirror.
        self.liaison = home / "liaison.json"
        # The format of all this, and the version that wrote last.
        self.format = home / "format.json"
        # Digest of the inputs of the last release, and its id. The digest covers internal files: readers must
        # not test guesses on it.
        self.derniere = home / "derniere.json"
        # Drawn once; every key is derived from it.
        self.secret = home / "secret_installation"
        # Where alerts go, with passwords; what was told and still stands.
        self.alertes, self.alertes_dites = home / "alertes.yml", home / "alertes.json"
        # The last whole backup, and where; what is known of the clock of the machine.
        self.sauvegardes, self.horloge = home / "sauvegardes.json", home / "horloge.json"
        # What the last watch of addresses saw; may be lost.
        self.veille = home / "veille.json"
        # What was received and what became of it.
        self.journal = home / "landing" / "journal.jsonl"
        self.journal_micro = home / "micro" / "journal.jsonl"
        # Copies of the journals after the last night or decision: they name the lines that are lost.
        self.temoins = home / "journaux"
        # Files dropped by hand.
        self.depot = home / "depot"
        # The secret of pseudonyms of the demo profile.
        self.cle_de_demonstration = home / "demonstration" / "cle_pseudonymes"
        # Counts of persons by commune; structures that each release counts; lines of closed files.
        self.agregats = home / "agregats"
        self.journal_agregats = self.agregats / "journal.jsonl"
        self.structures, self.lignes_internes = self.agregats / "structures", self.agregats / "lignes"
        # The file that was built last, swept when the next is begun; how the last night ended.
        self.build = home / "build"
        self.resume = self.build / "nuit.json"
        self.releases = home / "releases"
        # Judgements of published documents; portraits printed on demand, by release; tables to fill in.
        self.audits, self.portraits, self.modeles = home / "audits", home / "portraits", home / "modeles"
        # Drawings of the site kept from one night to the next; may be lost.
        self.pages = home / "pages"
        # Dagster's instance; what dbt said, night after night.
        self.dagster = home / "dagster"
        self.journal_dbt = self.dagster / "dbt.log"

    def construits(self, *, jour: bool) -> Path:
        """Where runs build, a folder each: `build/`, or apart, until the next run, for a past day."""
        return self.build / "as_of" if jour else self.build


class CheminsDeNuit:
    """What one night writes under `build/`."""

    def __init__(self, dossier: Path) -> None:
        """Name them; none is looked at."""
        self.dossier = dossier
        # One writer, no reader.
        self.base = dossier / BASE
        self.dbt = dossier / "dbt"
        # Where the gate writes its report; the same, for each scope of a build that is wider.
        self.validation, self.validations = dossier / "validation", dossier / "validations"


class HomeRefuse(ErreurCtg):
    """A CTG_HOME in which no command can work: a file, a mistyped path, a folder closed to this account."""


def dossier_home(env: Mapping[str, str] = os.environ, *, nouveau: bool = False) -> Path:
    """Folder every file of the project is under (`CTG_HOME`, default `var/` of the checkout).

    `nouveau`: the caller makes a folder that is not there. For whoever reads, one that somebody named and
    that is not there is mistyped, and would pass for an empty warehouse. Where nobody names one and there is
    a warehouse in `var/` of the working directory, which one is meant is not known. Raises `HomeRefuse`.
    """
    ici = Path("var").absolute()
    if not env.get("CTG_HOME") and ici.resolve() != DEFAUT.resolve() and Chemins(ici).liaison.exists():
        raise HomeRefuse(
            f"CTG_HOME is not set, and there is a warehouse in {ici}: without it the warehouse is {DEFAUT}."
            f" Nothing was read, nothing made. Next: `export CTG_HOME={ici}`, or type the command elsewhere"
        )
    home = Path(env.get("CTG_HOME") or DEFAUT).absolute()
    try:
        la, dossier = os.path.lexists(home), home.is_dir()
    except OSError as e:
        raise HomeRefuse(f"CTG_HOME is {home}, which cannot be looked at: {e.strerror}. {_SUITE}") from None
    if la and not dossier:
        quoi = "a link that leads nowhere" if home.is_symlink() else "a file"
        raise HomeRefuse(f"CTG_HOME is {home}, {quoi}; expected: the folder of a warehouse. {_SUITE}")
    if not la and not nouveau and env.get("CTG_HOME"):
        raise HomeRefuse(
            f"CTG_HOME is {home}, which does not exist{proches(home)}. Nothing was read, nothing made."
            f" {_SUITE}, or make a new warehouse there with `ctg refresh`"
        )
    return home


_SUITE = "Next: set CTG_HOME to the folder of the warehouse"


def exiger_un_entrepot(home: Path) -> None:
    """Refuse a folder that holds something else: a night would close it to those whose it is.

    A folder that no night has bound yet may hold what this map names, files of settings (`*.yml`) and hidden
    names; an empty one, or an empty volume, may become a warehouse. Raises `HomeRefuse`.
    """
    plan = Chemins(home)
    if plan.liaison.exists() or plan.verrou.exists():
        return
    connus = _premiers_noms()
    autres = sorted(
        e.name
        for e in home.iterdir()
        if e.name not in connus and not e.name.startswith(".") and e.suffix != ".yml"
    )
    if autres:
        dits = ", ".join(autres[:3]) + (", …" if len(autres) > 3 else "")
        raise HomeRefuse(
            f"CTG_HOME is {home}, which is no warehouse: it holds {dits}. Nothing was done, for what is there"
            f" would be closed to other accounts. {_SUITE}, or to a new one"
        )


def _premiers_noms() -> set[str]:
    """What this map puts right under a home, and what an empty volume holds."""
    home = Path("/")
    lieux = (lieu for lieu in vars(Chemins(home)).values() if lieu != home)
    return {lieu.relative_to(home).parts[0] for lieu in lieux} | {"normalised", "lost+found"}


def proches(home: Path) -> str:
    """Name the folders beside it, or beside the first of its parents that is there, that it may stand for."""
    manque = home
    while not manque.parent.is_dir():
        manque = manque.parent
    try:
        voisins = [d.name for d in manque.parent.iterdir() if d.is_dir()]
    except OSError:
        voisins = []
    trouves = [str(manque.parent / nom) for nom in get_close_matches(manque.name, voisins, n=3)]
    return f" (nearest: {', '.join(trouves)})" if trouves else ""


def chemins(env: Mapping[str, str] = os.environ, *, nouveau: bool = False) -> Chemins:
    """The map of the CTG_HOME that the environment names; `nouveau` and what it raises as `dossier_home`."""
    return Chemins(dossier_home(env, nouveau=nouveau))
