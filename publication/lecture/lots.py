"""The rows of a release by territory, each query asked once for all the territories that come next."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

from publication.lecture.lignes import lignes

Ligne = dict[str, Any]
"""A row of a release, by column."""

_Cle = tuple[str, tuple[tuple[str, Any], ...]]
"""A query and its parameters but the territories."""


@dataclass(eq=False)
class Lots:
    """What is asked of territories one after the other, read for several of them at a time.

    A query costs DuckDB as much for one territory as for sixty: it reads whole blocks of the table.
    """

    con: duckdb.DuckDBPyConnection
    _annonces: tuple[str, ...] = field(init=False, default=())
    _lus: dict[_Cle, dict[str, list[Ligne]]] = field(init=False, default_factory=dict)

    def lignes(
        self, requete: str, parametres: Mapping[str, Any] | Sequence[Any] | None = None
    ) -> list[Ligne]:
        """Return the rows of a query on schema `marts`, one dictionary each."""
        return lignes(self.con, requete, parametres)

    def par(self, colonne: str, requete: str) -> dict[str, Ligne]:
        """Return the rows of a query by the column that tells them apart, in their order."""
        return {ligne[colonne]: ligne for ligne in self.lignes(requete)}

    def annoncer(self, territoires: Iterable[str]) -> None:
        """Say which territories come next; the rows of those announced before them are let go.

        Those of other territories stay: the département and France, which all are set beside.
        """
        for lus in self._lus.values():
            for territoire_id in self._annonces:
                lus.pop(territoire_id, None)
        self._annonces = tuple(territoires)

    def attendre(self, territoire_id: str) -> None:
        """Announce a territory alone, unless it was announced among others."""
        if territoire_id not in self._annonces:
            self.annoncer([territoire_id])

    def des(self, requete: str, territoires: Iterable[str], **parametres: Any) -> list[Ligne]:
        """Return the rows of these territories, one after the other; each row has its `territoire_id`.

        The query keeps those of `$territoires`, and orders the rows of one territory.
        """
        voulus = list(dict.fromkeys(territoires))
        lus = self._lus.setdefault((requete, tuple(sorted(parametres.items()))), {})
        if any(t not in lus for t in voulus):
            demandes = [t for t in dict.fromkeys((*voulus, *self._annonces)) if t not in lus]
            lus.update((t, []) for t in demandes)
            for ligne in self.lignes(requete, {"territoires": demandes, **parametres}):
                lus[ligne["territoire_id"]].append(ligne)
        return [ligne for t in voulus for ligne in lus[t]]
