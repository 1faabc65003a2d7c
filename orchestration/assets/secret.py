"""The audit of statistical secrecy, between the marts and the gate: wires `publication.secret.audit`."""

import dagster as dg
import duckdb
import pyarrow as pa

from publication.releases import AUDIT, registre_de
from publication.secret.audit.constats import Constats
from publication.secret.audit.parametres import Parametres, en_vigueur

from ..resources import Nuit
from ..translator import EQUIPE
from .warehouse import entrepot

CLE_AUDIT = dg.AssetKey(["publication", "audit_secret"])


@dg.asset(
    key=CLE_AUDIT,
    deps=sorted(cle for cle in entrepot.keys if cle.path[0] == "marts"),
    group_name="publication",
    kinds={"python", "duckdb"},
    owners=EQUIPE,
    description="Proof, from the marts and from all that was ever released, that no masked cell can be "
    "recomputed: rank tests, lone contributors, bounds. A finding stops the night and names cells, no value.",
)
def audit_secret(context: dg.AssetExecutionContext, nuit: Nuit) -> dg.MaterializeResult[None]:
    """Audit the marts of the night; leave the findings where the release takes them."""
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
            maxima=_cellules(con, _DOMINEES, {"k": parametres.dominance_k}),
            cache=nuit.agregats / "audit" / "bornes.json",
        )
    nuit.validation.mkdir(parents=True, exist_ok=True)
    (nuit.validation / AUDIT).write_text(constats.texte(), encoding="utf-8")
    if not constats.succes:
        raise dg.Failure(constats.message, allow_retries=False)
    context.log.info(constats.message)
    return dg.MaterializeResult(metadata=_faits(constats))


# A lone contributor knows its own cell; those of one commune are taken to be one person's.
_SINGLETONS = """
    select millesime, mesure_id, niveau, code, niveau || ':' || code || ' ' || millesime as contributeur
    from intermediate.int_secret_cellules
    where micro and n = 1
    order by all
"""
_DOMINEES = """
    select millesime, mesure_id, niveau, code, max1
    from intermediate.int_secret_cellules
    where micro and max1 > $k * valeur
    order by all
"""


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


def _faits(constats: Constats) -> dict[str, int | float | str]:
    bilan = constats.bilan
    return {
        **constats.comptes,
        "incidents_assumes": len(constats.incidents),
        "entiers_min": bilan.entiers_min if bilan.entiers_min is not None else "aucune borne",
        "borne_haute_sous_seuil": bilan.sous_seuil,
    }
