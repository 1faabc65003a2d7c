"""What a mart promises its readers of its rows, as whoever builds it declares it.

Belongs here: the shape of that declaration. Does not: reading it (`orchestration.manifeste`), checking it
(dbt, each night), nor what an output format makes of it (`publication.exports`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class Lien(NamedTuple):
    """Where the values of a column are found again: a column of another mart, once each there."""

    table: str
    colonne: str


@dataclass(frozen=True)
class Promesses:
    """`cle`: the columns that together identify a row; `sans_vide`: those that are never empty; `liens`: by
    column, where its values are found again.

    `indexee`: whether a database keeps an index of the key, which costs more than the rows of a long table.
    `par_departement`: whether a database has its rows by département, then by indicateur: what a figure is
    set beside is then the same in many rows that follow each other.
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
