"""The masks step: which cells no reader may see. The rules live in `confidentialite`."""

import os
from contextlib import nullcontext
from pathlib import Path

from confidentialite import Entrees, masquer
from confidentialite.cle import CLE_PUBLIQUE, confier


def model(dbt, session):
    dbt.config(materialized="table")
    dossier = os.environ.get("CTG_CACHE_MASQUES")
    # The night, whose process this is, holds the key; it is in no variable, which dbt might write down.
    publique = os.environ.get("CTG_CLE_MASQUES") == "publique"
    with confier(CLE_PUBLIQUE) if publique else nullcontext():
        masques = masquer(
            Entrees(
                cellules=dbt.ref("int_cellules_indicateurs").to_arrow_table(),
                indicateurs=dbt.ref("indicateurs").to_arrow_table(),
                mesures=dbt.ref("mesures").to_arrow_table(),
                unites=dbt.ref("unites").to_arrow_table(),
                secret_cellules=dbt.ref("int_secret_cellules").to_arrow_table(),
                secret_atomes=dbt.ref("int_secret_atomes").to_arrow_table(),
                secret_communes=dbt.ref("int_secret_communes").to_arrow_table(),
                passage=dbt.ref("int_passage").to_arrow_table(),
                territoires=dbt.ref("int_territoires").to_arrow_table(),
                registre=dbt.source("nuit", "registre").to_arrow_table(),
                sources=dbt.source("nuit", "sources").to_arrow_table(),
            ),
            # The night says where decisions are kept; a build apart decides everything.
            Path(dossier) if dossier else None,
        )
    return masques
