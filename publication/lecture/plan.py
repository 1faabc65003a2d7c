"""What the plan of a convention states: rows of its tables, each in the order of reading."""

from collections.abc import Mapping
from typing import Literal

from publication.lecture.lots import Ligne
from publication.lecture.marts import Marts

TableDuPlan = Literal[
    "ctg_calendrier",
    "ctg_constats",
    "ctg_demarche",
    "ctg_instances",
    "ctg_missions_sppe",
    "ctg_orientations",
    "mart_ctg_suivi",
    "mart_sppe_schema",
]
_ORDRES: Mapping[TableDuPlan, str] = {
    "ctg_calendrier": "annee_debut, annee_fin, operation_id",
    "ctg_instances": "instance_id",
    "ctg_missions_sppe": "ordre, mission_id",
    "ctg_orientations": "theme, axe_numero, axe_id, numero",
    "mart_ctg_suivi": "theme, axe_numero, action_id, indicateur_id",
    "mart_sppe_schema": "annee, millesime_base",
}


def du_plan(marts: Marts, table: TableDuPlan, convention: Ligne) -> list[Ligne]:
    """Return the rows of a convention in a table of its plan."""
    return marts.lignes(
        f"from {table} where convention_id = ? order by {_ORDRES.get(table, 'ordre')}",
        [convention["convention_id"]],
    )
