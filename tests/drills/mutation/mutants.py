"""What became of the mutants that mutmut made, and which of those that live are declared with a reason.

Belongs here: reading its folder `mutants/`, what a mutant changed and where, `justifies.yml`. Does not: which
are drawn and run (`__main__.py`), which tests judge them (`[tool.mutmut]` of `pyproject.toml`).

A mutant is known by its function, by the lines that it changes and by what it makes of them: an edit
elsewhere in the file leaves it what it was, where the number that mutmut gives it moves.
"""

import ast
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import status_by_exit_code
from mutmut.utils.format_utils import orig_function_and_class_names_from_key

RACINE = Path(__file__).parents[3]
DECLARES = Path(__file__).with_name("justifies.yml")
SAUTE = " ⏎ "
"""Between the lines of a change of several."""

TUE, ECHU, SURVIT = "killed", "timed out", "survived"
_SORTS = {"killed": TUE, "timeout": ECHU, "segfault": ECHU}
"""What mutmut says, but of a mutant that lives; it calls `segfault` what it had to kill at its time limit."""


@dataclass(frozen=True)
class Changement:
    """What a mutant changes: the lines of a function, what becomes of them."""

    fonction: str
    avant: str
    apres: str

    def __str__(self) -> str:
        return f"- {self.avant}\n    + {self.apres}"


@dataclass(frozen=True)
class Mutant:
    """A mutant, by mutmut's name. `fichier` is relative to the checkout."""

    nom: str
    fichier: Path

    @property
    def fonction(self) -> str:
        """Its function: `confidentialite.moteur.espace.Espace.reste`."""
        nom, classe = orig_function_and_class_names_from_key(self.nom)
        module = ".".join(self.fichier.with_suffix("").parts)
        return ".".join(filter(None, (module, classe, nom.rpartition(".")[2])))

    def changement(self) -> Changement:
        """What it changes; the folder `mutants/` of the working directory holds it."""
        return changement(self.fonction, get_diff_for_mutant(self.nom, path=self.fichier))

    def ligne(self) -> int:
        """The first line of its file that it changes, from 1."""
        avant = self.changement().avant.split(SAUTE)[0]
        debut, fin = etendue(self.fichier, self.fonction)
        lignes = (RACINE / self.fichier).read_text("utf-8").splitlines()
        return next((n for n in range(debut, fin + 1) if lignes[n - 1].strip() == avant), debut)


def changement(fonction: str, diff: str) -> Changement:
    """What a unified diff of a function changes, without indents."""
    lignes = diff.splitlines()[2:]
    cotes = (SAUTE.join(x[1:].strip() for x in lignes if x.startswith(signe)) for signe in "-+")
    return Changement(fonction, *cotes)


@cache
def etendue(fichier: Path, fonction: str) -> tuple[int, int]:
    """First and last line of a function of a file."""
    noms = fonction.removeprefix(".".join(fichier.with_suffix("").parts) + ".").split(".")
    noeud: ast.AST = ast.parse((RACINE / fichier).read_text("utf-8"))
    for nom in noms:
        noeud = next(n for n in ast.iter_child_nodes(noeud) if getattr(n, "name", None) == nom)
    assert isinstance(noeud, ast.FunctionDef)
    return noeud.lineno, noeud.end_lineno or noeud.lineno


def engendres(dossier: Path = RACINE / "mutants") -> dict[Mutant, int | None]:
    """Every mutant that mutmut made, and the exit code it ended with; None where it was not run."""
    tous: dict[Mutant, int | None] = {}
    for fichier in sorted(dossier.rglob("*.py.meta")):
        source = fichier.relative_to(dossier).with_suffix("")
        codes = json.loads(fichier.read_text("utf-8"))["exit_code_by_key"]
        tous |= {Mutant(nom, source): code for nom, code in codes.items()}
    return tous


def sort(code: int | None) -> str:
    """`TUE`, `ECHU`, or else what mutmut says of one that lives: it survived, no test calls it…"""
    dit = status_by_exit_code[code]
    return _SORTS.get(dit, dit)


@dataclass(frozen=True)
class Declares:
    """The mutants that may live: by families, or one by one."""

    familles: dict[re.Pattern[str], str]
    seuls: dict[Changement, str]

    def raison(self, vu: Changement) -> str | None:
        """Why a mutant may live; None where nothing says so."""
        if vu in self.seuls:
            return self.seuls[vu]
        texte = f"{vu.avant} => {vu.apres}"
        return next((r for motif, r in self.familles.items() if motif.fullmatch(texte)), None)

    def perimes(self, courus: Mapping[Mutant, str], connus: Iterable[Mutant]) -> Iterator[str]:
        """The declarations that say nothing any more: their mutant is gone, or is killed where it was run."""
        voulues = {c.fonction for c in self.seuls}
        presents = {m.changement(): m for m in connus if m.fonction in voulues}
        for seul in self.seuls:
            dit = courus.get(presents[seul]) if seul in presents else "gone"
            if dit in (TUE, "gone"):
                yield f"{seul.fonction}: {dit}\n    {seul}"


def declares(fichier: Path = DECLARES) -> Declares:
    """Read `justifies.yml`. Raises KeyError or TypeError where a declaration lacks a key."""
    lu = yaml.safe_load(fichier.read_text("utf-8"))
    return Declares(
        {re.compile(f["motif"]): f["raison"] for f in lu["familles"]},
        {
            Changement(fonction, m["avant"], m["apres"]): m["raison"]
            for fonction, mutants in lu["mutants"].items()
            for m in mutants
        },
    )
