"""What a mart promises its readers of its rows: the shape of that declaration."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


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
