"""The dictionary of the checkout under attack: its indicateurs, its mesures, its relations.

Belongs here: reading the seeds beside the `confidentialite` that Python imports. So that an older package is
attacked with its own dictionary.
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb
import pyarrow as pa

import confidentialite

RACINE = Path(confidentialite.__file__).parent.parent
SEEDS = RACINE / "dbt_project" / "seeds"


@dataclass(frozen=True)
class Indicateur:
    indicateur_id: str
    methode: str
    numerateur: str
    denominateur: str | None
    part: bool
    unite: str
    facteur: float
    decimales: int
    niveaux: frozenset[str]

    @property
    def mesures(self) -> tuple[str, ...]:
        return tuple(m for m in (self.numerateur, self.denominateur) if m)


def _niveaux(texte: str) -> frozenset[str]:
    # A CTG is shown wherever an EPCI is.
    return frozenset(texte.split("+")) | ({"ctg"} if "epci" in texte else frozenset())


@cache
def indicateurs() -> dict[str, Indicateur]:
    with (SEEDS / "indicateurs.csv").open(encoding="utf-8", newline="") as flux:
        return {
            r["indicateur_id"]: Indicateur(
                r["indicateur_id"],
                r["methode"],
                r["numerateur"],
                r["denominateur"] or None,
                r["part_d_un_tout"] == "true",
                r["unite"],
                float(r["facteur"] or 1),
                int(r["decimales"] or 0),
                _niveaux(r["niveaux"]),
            )
            for r in csv.DictReader(flux)
        }


@cache
def seed(nom: str) -> pa.Table:
    """A seed as dbt loads it."""
    with duckdb.connect() as con:
        return con.execute(
            "select * from read_csv(?, header = true, nullstr = '', sample_size = -1)",
            [str(SEEDS / f"{nom}.csv")],
        ).to_arrow_table()


@cache
def euros() -> frozenset[str]:
    monnaies = {u["unite"] for u in seed("unites").to_pylist() if u["monnaie"]}
    return frozenset(m["mesure_id"] for m in seed("mesures").to_pylist() if m["unite"] in monnaies)


@cache
def declares() -> frozenset[tuple[str, str]]:
    """(whole, part) that the checkout declares: its relations, and its shares of a whole."""
    with (RACINE / "confidentialite" / "regle" / "relations.csv").open(encoding="utf-8", newline="") as flux:
        lues = {(r["tout"], r["parties"]) for r in csv.DictReader(flux) if r["type"] == "inclusion"}
    return frozenset(
        lues | {(i.denominateur, i.numerateur) for i in indicateurs().values() if i.part and i.denominateur}
    )
