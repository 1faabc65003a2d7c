"""Which communes a territory has in each COG, and what communes of then became.

Belongs here: the names of communes. Does not: their figures.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import pyarrow as pa

from confidentialite.moteur.tables import lignes_de


class Geographie:
    """Communes of territories, and the communes that changed.

    Of communes A and B merged into A in 2025: what a release said of A in COG 2024 is a part of today's A;
    what it said of A and B together is all of it.
    """

    def __init__(self, atomes: pa.Table, remaniees: pa.Table) -> None:
        """`atomes`: as int_secret_atomes; `remaniees`: COG, code then, code in the reference."""
        self._atomes: dict[tuple[int, int, str, str], list[str]] = defaultdict(list)
        colonnes = ("millesime", "cog_millesime", "niveau", "code", "atome")
        for millesime, cog, niveau, code, atome in lignes_de(atomes, *colonnes):
            self._atomes[millesime, cog, niveau, code].append(atome)
        self._devenues: dict[tuple[int, str], str] = {}
        self._ancetres: dict[tuple[int, str], set[str]] = defaultdict(set)
        colonnes_ = ("cog_millesime", "code_origine", "code_reference")
        for cog, origine, reference in lignes_de(remaniees, *colonnes_):
            self._devenues[cog, origine] = reference
            self._ancetres[cog, reference].add(origine)

    def lieux(self, millesime: int, cog: int | None, niveau: str, code: str) -> Sequence[str]:
        """Communes of a territory in a COG; none when it is not known there."""
        return [] if cog is None else self._atomes.get((millesime, cog, niveau, code), [])

    def tous(self, millesime: int, cog: int) -> set[str]:
        """Every commune of a COG."""
        return {
            atome
            for (annee, c, *_), atomes in self._atomes.items()
            if (annee, c) == (millesime, cog)
            for atome in atomes
        }

    def repartir(self, de: Mapping[str, int], combien: int) -> list["Geographie"]:
        """Of each set of communes, its territories, whole, and what it is of those that it shares."""
        parts = [Geographie.__new__(Geographie) for _ in range(combien)]
        for part in parts:
            part._atomes, part._devenues, part._ancetres = defaultdict(list), {}, defaultdict(set)
        for nom, atomes in self._atomes.items():
            siens: dict[int, list[str]] = {}
            for atome in atomes:
                if atome in de:
                    siens.setdefault(de[atome], []).append(atome)
            for i, parmi in siens.items():
                parts[i]._atomes[nom] = parmi if len(siens) > 1 else atomes
        return parts

    def faits(self) -> list[object]:
        """The communes of each territory, as values whose text is always the same."""
        return [*sorted(self._atomes.items())]

    def devenues(self, actuel: int | None, atomes: list[str], cog: int) -> tuple[list[str], bool]:
        """Communes of COG `actuel` that communes of another became, and whether they come from no other."""
        if actuel is None or cog == actuel:
            return atomes, True
        references = {self._devenues.get((cog, a), a) for a in atomes}
        entieres = all(self._ancetres.get((cog, r), {r}) <= set(atomes) for r in references)
        return sorted(a for r in references for a in self._ancetres.get((actuel, r), {r})), entieres
