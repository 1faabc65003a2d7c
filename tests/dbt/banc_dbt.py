"""dbt on a DuckDB file of the test's own, from the project as it was last parsed: nothing is parsed twice."""

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from ingestion.acquisition import Acquisition
from ingestion.extrait.retenus import MoisRetenu
from orchestration.nuit.agregats import Fichier
from orchestration.nuit.base import preparer
from orchestration.nuit.execution_dbt import executer
from orchestration.nuit.projet import ANALYSE, DBT, RACINE, actualiser_manifeste
from orchestration.nuit.registres import EnUsage
from orchestration.nuit.reglages import PROFILS, Reglages

DBT_DU_DEPOT = RACINE / "dbt_project"


@dataclass(frozen=True)
class Sortie:
    """How dbt ended, and the result of each of its nodes."""

    code: int
    texte: str
    resultats: dict[str, dict[str, Any]]

    @property
    def echecs(self) -> dict[str, str]:
        """Message of each node that neither succeeded nor passed."""
        return {
            nom: r["message"]
            for nom, r in self.resultats.items()
            if r["status"] not in ("success", "pass", "warn")
        }


@dataclass(frozen=True)
class Projet:
    """A dbt project and the DuckDB file it works on; what dbt writes goes beside that file."""

    dossier: Path
    base: Path

    def dbt(self, *arguments: str) -> Sortie:
        """Run dbt: as a night does on the project of this checkout, in a process of its own on any other."""
        actualiser_manifeste()
        cible = self.base.parent / "target"
        if self.dossier == DBT_DU_DEPOT:
            ecoute = executer(self.base, cible, *arguments)
            code, texte = int(bool(ecoute.erreurs)), "\n\n".join(ecoute.erreurs)
        else:
            code, texte = self._a_part(cible, arguments)
        resultats = json.loads((cible / "run_results.json").read_text())["results"]
        return Sortie(
            code,
            texte,
            # What dbt runs when it ends is no node of the project.
            {
                r["unique_id"].split(".", 2)[2]: r
                for r in resultats
                if not r["unique_id"].startswith("operation.")
            },
        )

    def _a_part(self, cible: Path, arguments: Sequence[str]) -> tuple[int, str]:
        """It parses the files that are not those of this checkout, and no other.

        What the night builds from serves as long as the profile gives the same path of the database: hence
        its bare name, in its folder.
        """
        processus = subprocess.run(
            [
                *(DBT, *arguments),
                *("--project-dir", self.dossier, "--profiles-dir", self.dossier),
                *("--target-path", cible, "--log-path", self.base.parent / "logs"),
                *("--partial-parse-file-path", ANALYSE),
            ],
            cwd=self.base.parent,
            env=os.environ | {"CTG_BUILD_DB": self.base.name},
            capture_output=True,
            text=True,
        )
        return processus.returncode, processus.stdout + processus.stderr

    def requete(self, sql: str, *parametres: object) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.base), read_only=True) as con:
            return con.execute(sql, parametres).fetchall()


def projet_de(dossier: Path) -> Projet:
    """The project of this checkout on the file of `dossier`."""
    return Projet(DBT_DU_DEPOT, dossier / "nuit.duckdb")


def preparee(
    dossier: Path,
    acquisition: Acquisition,
    extrait: Sequence[MoisRetenu] = (),
    arrondis: Mapping[Fichier, EnUsage] | None = None,
) -> Projet:
    """A night of the demonstration under `dossier`, ready for dbt, on what `acquisition` received.

    Without `arrondis`, a file where foyers are counted.
    """
    projet = projet_de(dossier)
    reglages = Reglages(dossier, "demo", PROFILS["demo"].perimetre, None)
    preparer(projet.base, acquisition, reglages, extrait, arrondis=arrondis)
    return projet
