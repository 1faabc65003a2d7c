"""Statistical secrecy: which rows must not be shown. `masquer` is the masks step of the warehouse.

Belongs here: the entry point and what it is given. The law is `regle/`, what was ever released is `memoire/`;
`moteur/` decides, and `preuve/`, the audit, trusts none of it.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Entrees:
    """The tables of the masks step, as Arrow tables; their columns are those of the models of the same name.

    `cellules` int_cellules_indicateurs, `indicateurs`, `mesures` and `unites` the seeds, `secret_cellules`,
    `secret_atomes` and `secret_communes` the int_secret_* models, `passage` int_passage (what the communes of
    each COG became), `territoires` int_territoires (in which wider ones each is), `registre` what was ever
    released, `sources` who may see the files of each source.
    """

    cellules: "pa.Table"
    indicateurs: "pa.Table"
    mesures: "pa.Table"
    unites: "pa.Table"
    secret_cellules: "pa.Table"
    secret_atomes: "pa.Table"
    secret_communes: "pa.Table"
    passage: "pa.Table"
    territoires: "pa.Table"
    registre: "pa.Table"
    sources: "pa.Table"


def masquer(entrees: Entrees, cache: Path | None = None) -> "pa.Table":
    """Return the masks of the cells: `territoire_id, millesime, indicateur_id, raison`, sorted, and why.

    `formule` summed over `communes` communes is what hides the row, `protege` what that is hidden for when it
    is not for itself. A cell that earlier releases give away although it must be hidden today stays hidden,
    under the reason `divulguee`: it is for the audit to stop the night until a person has decided. `cache`: a
    closed folder where decisions are kept, and found when nothing they depend on has changed. Raises
    ErreurPublication when the figures contradict each other.
    """
    # The solver is only needed here, and would cost every `ctg` command its start.
    from confidentialite.moteur.masques import masquer as etape

    return etape(entrees, cache)
