"""Every path under CTG_HOME that the night and the command line name, in one map.

Belongs here: where things are. Does not belong here: what is written there, nor how a zone is closed. A room
that names a folder of its own (`ingestion.extrait.zones`) says the same, and a test asserts it. Imports
nothing heavy: every command reads it.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from socle.erreurs import ErreurCtg

from ..racine import RACINE

DEFAUT = RACINE / "var"
"""Where nobody names another: in the checkout, wherever the command is typed."""

# The night's own DuckDB file. Its name is that of the database, which dbt writes in the names of relations.
BASE = "nuit.duckdb"


@dataclass(frozen=True)
class Chemins:
    """The folders and files of one CTG_HOME (docs/architecture.md, "State on disk")."""

    home: Path

    @property
    def verrou(self) -> Path:
        """Held by whoever writes."""
        return self.home / ".verrou"

    @property
    def liaison(self) -> Path:
        """What the folder is bound to: profile, scope, mirror."""
        return self.home / "liaison.json"

    @property
    def alertes(self) -> Path:
        """Where the night tells what needs somebody; addresses may hold passwords."""
        return self.home / "alertes.yml"

    @property
    def alertes_dites(self) -> Path:
        """What was told and still stands."""
        return self.home / "alertes.json"

    @property
    def veille(self) -> Path:
        """What the last watch of addresses saw; may be lost."""
        return self.home / "veille.json"

    @property
    def journal(self) -> Path:
        """What was received, and what became of it."""
        return self.home / "landing" / "journal.jsonl"

    @property
    def journal_micro(self) -> Path:
        """The same of the allocataire extract; closed."""
        return self.home / "micro" / "journal.jsonl"

    @property
    def vus(self) -> Path:
        """The digests of files of a mirror that did not change; may be lost."""
        return self.home / "landing" / "vus.json"

    @property
    def depot(self) -> Path:
        """Files dropped by hand."""
        return self.home / "depot"

    @property
    def demonstration(self) -> Path:
        """The files the demo profile reads."""
        return self.home / "demonstration"

    @property
    def extrait_de_demonstration(self) -> Path:
        """The allocataire extracts the demo profile reads."""
        return self.demonstration / "extrait"

    @property
    def cle_de_demonstration(self) -> Path:
        """The secret of the demonstration's pseudonyms."""
        return self.demonstration / "cle_pseudonymes"

    @property
    def secret(self) -> Path:
        """The secret of the installation, drawn once; closed."""
        return self.home / "secret_installation"

    @property
    def agregats(self) -> Path:
        """Commune aggregates before secrecy; closed."""
        return self.home / "agregats"

    @property
    def structures(self) -> Path:
        """The structures each release counts, by name; closed."""
        return self.agregats / "structures"

    @property
    def lignes_internes(self) -> Path:
        """Where each release read the files that are not public, line by line; closed."""
        return self.agregats / "lignes"

    @property
    def build(self) -> Path:
        """The file that was built last and what its tools wrote; closed, swept when the next is begun."""
        return self.home / "build"

    def construits(self, *, jour: bool) -> Path:
        """Where runs build, a folder each: `build/`, or apart, until the next run, for a past day."""
        return self.build / "as_of" if jour else self.build

    @property
    def en_cours(self) -> Path:
        """There while a night runs, and after one that was killed."""
        return self.home / "nuit_en_cours"

    @property
    def resume(self) -> Path:
        """How the last night ended."""
        return self.build / "nuit.json"

    @property
    def releases(self) -> Path:
        """The release store."""
        return self.home / "releases"

    @property
    def derniere(self) -> Path:
        """The inputs of the last release, and its id: a digest of internal files, that no reader may test."""
        return self.home / "derniere.json"

    @property
    def audits(self) -> Path:
        """Judgements of published documents."""
        return self.home / "audits"

    @property
    def portraits(self) -> Path:
        """Portraits printed on demand, by release."""
        return self.home / "portraits"

    @property
    def pages(self) -> Path:
        """Drawings of the site kept from one night to the next; closed, may be lost."""
        return self.home / "pages"

    @property
    def modeles(self) -> Path:
        """Empty tables to fill in."""
        return self.home / "modeles"

    @property
    def dagster(self) -> Path:
        """Dagster's instance."""
        return self.home / "dagster"

    @property
    def journal_dbt(self) -> Path:
        """What dbt said, night after night."""
        return self.dagster / "dbt.log"


@dataclass(frozen=True)
class CheminsDeNuit:
    """What one night writes under `build/`."""

    dossier: Path

    @property
    def base(self) -> Path:
        """The night's own DuckDB file: one writer, no reader."""
        return self.dossier / BASE

    @property
    def dbt(self) -> Path:
        """Where dbt writes its artefacts."""
        return self.dossier / "dbt"

    @property
    def validation(self) -> Path:
        """Where the gate writes its report."""
        return self.dossier / "validation"

    @property
    def validations(self) -> Path:
        """The same, for each scope of a build that is wider."""
        return self.dossier / "validations"


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
    plan = Chemins(Path("/"))
    lieux = (getattr(plan, nom) for nom, fait in vars(Chemins).items() if isinstance(fait, property))
    return {lieu.relative_to(plan.home).parts[0] for lieu in lieux} | {"normalised", "lost+found"}


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
