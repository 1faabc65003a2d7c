"""The masks step: which cells no reader may see. The rules live in `confidentialite`."""

from confidentialite import masquer
from confidentialite.moteur.systeme import Entrees


def model(dbt, session):
    dbt.config(materialized="table")
    return masquer(
        Entrees(
            cellules=dbt.ref("int_cellules_indicateurs").to_arrow_table(),
            indicateurs=dbt.ref("indicateurs").to_arrow_table(),
            mesures=dbt.ref("mesures").to_arrow_table(),
            secret_cellules=dbt.ref("int_secret_cellules").to_arrow_table(),
            secret_atomes=dbt.ref("int_secret_atomes").to_arrow_table(),
            secret_communes=dbt.ref("int_secret_communes").to_arrow_table(),
            passage=dbt.ref("int_passage").to_arrow_table(),
            registre=dbt.source("nuit", "registre").to_arrow_table(),
        )
    )
