"""What the audit of statistical secrecy (`publication/secret/audit/`) is given of the night's build."""

import duckdb
import pyarrow as pa

from publication.releases import AUDIT, registre_de
from publication.secret.audit.constats import Constats
from publication.secret.audit.parametres import Parametres, en_vigueur

from .resources import Nuit

# A lone contributor knows its own cell; those of one commune are taken to be one person's.
_SINGLETONS = """
    select millesime, mesure_id, niveau, code, niveau || ':' || code || ' ' || millesime as contributeur
    from intermediate.int_secret_cellules
    where micro and n = 1
    order by all
"""
_CELLULES = """
    select millesime, mesure_id, niveau, code, valeur, n
    from intermediate.int_secret_cellules
    where micro
    order by all
"""
_DOMINEES = """
    select millesime, mesure_id, niveau, code, max1
    from intermediate.int_secret_cellules
    where micro and max1 > $k * valeur
    order by all
"""


def auditer_la_nuit(nuit: Nuit) -> Constats:
    """Audit the marts of the night; leave the findings in its validation folder, for the release."""
    # It brings in pandas and the solver, which definitions do not need to load.
    from publication.secret.audit.auditeur import auditer

    with duckdb.connect(str(nuit.base), read_only=True) as con:
        parametres = _parametres(con)
        constats = auditer(
            con,
            registre_de(nuit.releases),
            parametres,
            perimetre=nuit.reglages.perimetre,
            singletons=_cellules(con, _SINGLETONS, {}),
            cellules=_cellules(con, _CELLULES, {}),
            maxima=_cellules(con, _DOMINEES, {"k": parametres.dominance_k}),
            cache=nuit.agregats / "audit" / "bornes.json",
        )
    nuit.validation.mkdir(parents=True, exist_ok=True)
    (nuit.validation / AUDIT).write_text(constats.texte(), encoding="utf-8")
    return constats


def _cellules(con: duckdb.DuckDBPyConnection, requete: str, valeurs: dict[str, float]) -> pa.Table | None:
    """Read cells of the aggregates; None on a build without micro-data."""
    presente = con.execute(
        "select 1 from information_schema.tables"
        " where table_schema = 'intermediate' and table_name = 'int_secret_cellules'"
    ).fetchone()
    return con.execute(requete, valeurs).to_arrow_table() if presente else None


def _parametres(con: duckdb.DuckDBPyConnection) -> Parametres:
    lus = dict(con.execute("select parametre, valeur from seeds.parametres").fetchall())
    return en_vigueur(float(lus["arrondi_cafdata_bas"]), float(lus["arrondi_cafdata_haut"]))
