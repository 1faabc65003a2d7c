"""What a mart promises its readers of its rows, as the `constraints` of its dbt model declare it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Lien(NamedTuple):
    """Where the values of a column are found again: a column of another mart, once each there."""

    table: str
    colonne: str


@dataclass(frozen=True)
class Promesses:
    """The key of a mart, the columns never empty, and where the values of others are found again (`liens`).

    `indexee`: whether a database indexes the key. `par_departement`: whether it sorts rows by département,
    then indicateur, so that repeated comparators follow each other.
    """

    cle: tuple[str, ...] = ()
    sans_vide: frozenset[str] = frozenset()
    liens: Mapping[str, Lien] = field(default_factory=dict)
    indexee: bool = True
    par_departement: bool = False

    @property
    def cle_primaire(self) -> tuple[str, ...]:
        """The key, where none of its columns is ever empty: databases know no other kind."""
        return self.cle if self.sans_vide.issuperset(self.cle) else ()


PromessesDesMarts = Mapping[str, Promesses]
"""By table of schema `marts`."""


def cle_de(modele: Mapping[str, Any]) -> tuple[str, ...]:
    """The key that a model of dbt declares, its YAML or its node of the manifest."""
    cles = (c["columns"] for c in modele.get("constraints", ()) if c["type"] in ("primary_key", "unique"))
    return tuple(next(cles, ()))


def sans_vide(modele: Mapping[str, Any], colonnes: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """The columns that a model declares never empty: those of its primary key, and each that says so."""
    primaire = (c["columns"] for c in modele.get("constraints", ()) if c["type"] == "primary_key")
    return frozenset(next(primaire, ())) | {
        c["name"] for c in colonnes if any(k["type"] == "not_null" for k in c.get("constraints", ()))
    }


def liens(modele: Mapping[str, Any]) -> dict[str, Lien]:
    """Where a model declares that the values of a column are found again."""
    etrangeres = (c for c in modele.get("constraints", ()) if c["type"] == "foreign_key")
    return {c["columns"][0]: _lien(c) for c in etrangeres}


def _lien(contrainte: Mapping[str, Any]) -> Lien:
    """What a foreign key leads to: `to: ref('dim_source')`, or the expression `dim_source (source_id)`."""
    dit = contrainte.get("to") or contrainte["expression"]
    trouve = re.fullmatch(r"ref\('(\w+)'\)|(\w+) \((\w+)\)", dit)
    assert trouve, f"{dit} in `constraints`: expected ref('<model>'), or '<model> (<column>)'"
    return Lien(trouve[1] or trouve[2], trouve[3] or contrainte["to_columns"][0])
