"""The indicateurs, by what their rows show.

Belongs here: which mesures a row is made of, at which millésime. Does not: which of them are judged.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from confidentialite.moteur.formes import Formule, formule
from confidentialite.regle.parametres import Relations


class Dictionnaire:
    """The indicateurs, by what their rows show."""

    def __init__(self, indicateurs: pa.Table) -> None:
        """Index the seed."""
        self.indicateurs = {i["indicateur_id"]: i for i in indicateurs.to_pylist()}

    def cotes(
        self, indicateur_id: str, millesime: int, base: int | None, den: int | None
    ) -> list[tuple[Formule, int]]:
        """Formulas that a row of an indicateur shows, each with its millésime."""
        indicateur = self.indicateurs[indicateur_id]
        numerateur, denominateur = self.formules(indicateur)
        match indicateur["methode"]:
            case "ratio":
                return [(numerateur, millesime), (denominateur, den or millesime)]
            case "evolution" | "difference":
                return [(numerateur, millesime), (numerateur, base or millesime)]
            case _:
                return [(numerateur, millesime)]

    def cotes_d_alors(self, indicateur_id: str, millesime: int) -> list[tuple[Formule, int]]:
        """The same of a row of the register, which does not say its other millésime."""
        indicateur = self.indicateurs[indicateur_id]
        base = millesime - self.decalage(indicateur_id)
        den = millesime + int(indicateur["decalage_denominateur"] or 0)
        return self.cotes(indicateur_id, millesime, base, den)

    def decalage(self, indicateur_id: str) -> int:
        """How many years the row of an indicateur looks back."""
        return int(self.indicateurs[indicateur_id]["decalage"] or 0)

    def colonnes(self, indicateur_id: str) -> tuple[str, ...]:
        """Where the register keeps what a row says of each of its terms."""
        deux = self.indicateurs[indicateur_id]["methode"] in ("ratio", "evolution", "difference")
        return ("numerateur", "denominateur") if deux else ("valeur",)

    @staticmethod
    def formules(indicateur: Mapping[str, Any]) -> tuple[Formule, Formule]:
        """The formulas of its two terms; empty where it has none."""
        return formule(indicateur["numerateur"] or None), formule(indicateur["denominateur"] or None)

    def jumeaux(self, relations: Relations) -> dict[str, list[str]]:
        """Of each indicateur, those that show the same counts, under this name of theirs or another."""
        noms = {tout: parties[0] for tout, parties in relations.sommes.items() if len(parties) == 1}
        memes: dict[tuple[Any, ...], list[str]] = defaultdict(list)
        for indicateur_id, i in sorted(self.indicateurs.items()):
            deux = (tuple(sorted((s, noms.get(m, m)) for s, m in f)) for f in self.formules(i))
            memes[i["methode"], *deux, i["decalage"], i["decalage_denominateur"]].append(indicateur_id)
        return {indicateur_id: siens for siens in memes.values() for indicateur_id in siens}

    def couples(self, relations: Relations) -> tuple[tuple[str, str], ...]:
        """(whole, part) mesures: those declared, the terms of each share of a whole, and what these imply.

        Of a whole W, a part P and a part Q of P, W and Q are a couple: with P hidden, W less Q would be told.
        """
        couples = set(relations.inclusions)
        for i in self.indicateurs.values():
            part, tout = self.formules(i)
            if i["methode"] == "ratio" and i["part_d_un_tout"] and len(part) == len(tout) == 1:
                couples.add((tout[0][1], part[0][1]))
        while nouveaux := {(t, q) for t, p in couples for p_, q in couples if p == p_} - couples:
            couples |= nouveaux
        return tuple(sorted(couples))
