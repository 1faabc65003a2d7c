"""The masks step: which cells no reader may see. The rules live in `publication.secret`."""

from publication.secret import masquer


def model(dbt, session):
    dbt.config(materialized="table")
    seuil = dbt.ref("parametres").filter("parametre = 'seuil_frequence_caf'").fetchone()[1]
    return masquer(
        dbt.ref("int_cellules_indicateurs").to_arrow_table(), dbt.ref("indicateurs").to_arrow_table(), seuil
    )
