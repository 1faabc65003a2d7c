"""The codes of a COG, and the rows of a file whose code it lacks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.contrats import Millesime, Ressource
from ingestion.erreurs import Lieu, enumerer, premiers

# Fewer codes that only a newer COG has are mistakes; so many are a file of its year.
CODES_D_UN_AUTRE = 3


@dataclass(frozen=True)
class Cog:
    """The codes that exist on 1 January of a year: communes and arrondissements municipaux."""

    annee: int
    sha256: str
    codes: frozenset[str]
    departements: frozenset[str]

    @cached_property
    def connus(self) -> pa.Array:
        """The codes, and null: a row without a code cannot have a wrong one."""
        return pa.array([None, *sorted(self.codes)], pa.string())


CogsRecus = Cog | Mapping[int, Cog] | None
"""The COG a file declares or, by year, those received, for one whose lines have each their own; None when it
was not received."""


def hors_cog(
    table: pa.Table,
    ressource: Ressource,
    edition: Millesime,
    cog: CogsRecus,
    lieu: Lieu,
    suivants: Sequence[Cog],
) -> pa.Array:
    """Flag the rows with a code outside the COG; refuse the file of a newer year, or with too many."""
    admis = ressource.codes_hors_cog
    if admis is not None and edition.codes_hors_cog is not None:
        admis = edition.codes_hors_cog
    if admis is None or cog is None:
        return pa.repeat(pa.scalar(False), table.num_rows)
    if isinstance(cog, Cog):
        _listes_hors_cog(table, ressource, cog, lieu)
        quoi = f"the COG {cog.annee}"
        dehors = pc.invert(pc.is_in(table["code"], cog.connus)).combine_chunks()
    else:
        annees = table["cog_millesime"].unique().to_pylist()
        quoi = f"the COG {annees[0]}" if len(annees) == 1 else "the COG of 1 January after its year"
        # Without the COG of a year, a code is unknown where no received COG has it.
        tous = pa.array([None, *sorted(set().union(*(c.codes for c in cog.values())))], pa.string())
        dehors = pa.repeat(pa.scalar(False), table.num_rows)
        for annee in annees if cog else ():
            d_alors = pc.equal(table["cog_millesime"], annee)
            connus = cog[annee].connus if annee in cog else tous
            inconnus = pc.invert(pc.is_in(table["code"], connus))
            dehors = pc.or_(dehors, pc.and_(d_alors, inconnus).combine_chunks())
    cas = list(zip(*(table.filter(dehors)[c].to_pylist() for c in ("ligne", "code")), strict=True))
    codes = {code for _, code in cas}
    _exiger_de_ce_cog(codes, suivants, quoi, lieu)
    if len(codes) > admis:
        raise lieu.erreur(
            "codes_hors_cog",
            colonne="code",
            ligne=cas[0][0],
            observe=f"{len(codes)} codes outside {quoi}: {premiers(cas)}",
            attendu=f"at most {admis} codes outside {quoi}",
            que_faire=(
                "correct these lines of the file, or let them be set aside (`codes_hors_cog`: how many);"
                f" where codes are of another year, correct `cog` in {lieu.contrat}"
            ),
        )
    return dehors


def _exiger_de_ce_cog(codes: Set[str], suivants: Sequence[Cog], quoi: str, lieu: Lieu) -> None:
    """Refuse a file whose codes outside its COG are all in one newer COG: it is that of a newer year."""
    if len(codes) < CODES_D_UN_AUTRE:
        return
    for suivant in suivants:
        if codes <= suivant.codes:
            raise lieu.erreur(
                "millesime_suivant",
                colonne="code",
                observe=f"{len(codes)} codes outside {quoi}, all of them in the COG {suivant.annee}"
                f" ({enumerer(sorted(codes), 4)})",
                attendu=f"the file of {lieu.millesime}",
                que_faire="this is the file of a newer millésime: `ctg sources essai FILE` says which, and"
                f" the line to write in {lieu.contrat} where nobody declared it; fetch that of"
                f" {lieu.millesime}",
            )


def _listes_hors_cog(table: pa.Table, ressource: Ressource, cog: Cog, lieu: Lieu) -> None:
    """Refuse a list of communes with a code outside the COG: only its whole row could be set aside."""
    for nom in (n for n, c in ressource.columns.items() if c.items == "code_commune"):
        cas = [
            (ligne, code)
            for ligne, liste in zip(table["ligne"].to_pylist(), table[nom].to_pylist(), strict=True)
            for code in (liste or "").split(" ; ")
            if code and code not in cog.codes
        ]
        if cas:
            raise lieu.erreur(
                "codes_hors_cog",
                colonne=nom,
                ligne=cas[0][0],
                observe=premiers(cas),
                attendu=f"communes of the COG {cog.annee}",
                que_faire=f"correct the codes, or `cog` in {lieu.contrat}",
            )
