"""What the audit of statistical secrecy (`confidentialite/preuve/`) is given of the night's build."""

import duckdb
import pyarrow as pa

from confidentialite.preuve.constats import Cellule, Constats
from confidentialite.preuve.parametres import Parametres, en_vigueur
from publication.releases.magasin import AUDIT, registre_de

from ..resources import Nuit

# A lone contributor knows its own cell; foyers of one commune are taken to be one, a gestionnaire is itself.
_SINGLETONS = """
    with gestionnaires as (
        select a.niveau, a.code, c.millesime, c.mesure_id, unnest(c.contributions).qui as qui
        from intermediate.int_secret_communes as c
        inner join intermediate.int_secret_atomes as a
            on c.millesime = a.millesime and c.cog_millesime = a.cog_millesime and c.atome = a.atome
        where c.contributions is not null
    )
    select distinct
        c.millesime, c.mesure_id, c.niveau, c.code,
        coalesce('gestionnaire ' || g.qui, c.niveau || ':' || c.code || ' ' || c.millesime) as contributeur
    from intermediate.int_secret_cellules as c
    left join gestionnaires as g using (niveau, code, millesime, mesure_id)
    where c.micro and c.n = 1
    order by all
"""
# Cells that are hidden for themselves, told from the aggregates and not from the masks: few contributors, one
# who makes nearly all, a share that leaves few or is everybody's.
_SENSIBLES = """
    with cellules as (
        select
            millesime, niveau, code, mesure_id, valeur, n, max1,
            if(contributeurs = 'gestionnaires', $seuil_gestionnaires, $seuil) as seuil
        from intermediate.int_secret_cellules
    ),
    parts as (
        select
            n.millesime, n.niveau, n.code, i.numerateur, i.denominateur, n.valeur,
            d.valeur - n.valeur as laisses, d.n - n.n as contributeurs_laisses
        from marts.dim_indicateur as i
        inner join cellules as n on i.numerateur = n.mesure_id
        inner join cellules as d
            on
                i.denominateur = d.mesure_id and n.millesime = d.millesime and n.niveau = d.niveau
                and n.code = d.code
        where i.methode = 'ratio' and i.part_d_un_tout
    )
    select millesime, niveau, code, mesure_id as formule
    from cellules
    where
        n between 1 and seuil - 1 or max1 > $k * valeur
        or (max1 is null and valeur between 1 and $seuil - 1)
    union
    select millesime, niveau, code, denominateur || '-' || numerateur as formule
    from parts
    where laisses between 1 and $seuil - 1 or contributeurs_laisses between 1 and $seuil - 1
    union
    select millesime, niveau, code, numerateur as formule
    from parts
    where laisses = 0 and valeur > 0 and list_contains($groupe, numerateur)
    order by all
"""
_DOMINEES = """
    select c.millesime, c.mesure_id, c.niveau, c.code, c.max1
    from intermediate.int_secret_cellules as c
    inner join seeds.mesures as m on c.mesure_id = m.mesure_id and m.unite = 'EUR'
    where c.micro and c.max1 > $k * c.valeur
    order by all
"""


# Rows that the masks step found to be given away by earlier releases.
_DIVULGUEES = """
    select distinct territoire_id, indicateur_id, millesime from intermediate.int_masques
    where raison = 'divulguee'
    order by all
"""


def auditer_la_nuit(nuit: Nuit) -> Constats:
    """Audit the marts of the night; leave the findings in its validation folder, for the release.

    What the masks step knows to be disclosed by earlier releases is an incident, seen by the audit or not.
    """
    # It brings in pandas and the solver, which definitions do not need to load.
    from confidentialite.memoire.registre import decisions, mesures_des_registres
    from confidentialite.preuve.auditeur import auditer

    with duckdb.connect(str(nuit.base), read_only=True) as con:
        parametres = _parametres(con, mesures_des_registres(con))
        constats = auditer(
            con,
            registre_de(nuit.releases),
            parametres,
            perimetre=nuit.reglages.perimetre,
            singletons=_cellules(con, _SINGLETONS, {}),
            sensibles=_cellules(
                con,
                _SENSIBLES,
                {
                    "seuil": parametres.seuil,
                    "seuil_gestionnaires": parametres.seuil_gestionnaires,
                    "k": parametres.dominance_k,
                    "groupe": sorted(parametres.groupe),
                },
            ),
            maxima=_cellules(con, _DOMINEES, {"k": parametres.dominance_k}),
            cache=nuit.chemins.bornes,
        )
        dites = _cellules(con, _DIVULGUEES, {})
    if dites is not None:
        decides = decisions(registre_de(nuit.releases))
        constats = constats.avec_incidents((Cellule(**ligne) for ligne in dites.to_pylist()), decides)
    nuit.validation.mkdir(parents=True, exist_ok=True)
    (nuit.validation / AUDIT).write_text(constats.texte(), encoding="utf-8")
    return constats


def _cellules(con: duckdb.DuckDBPyConnection, requete: str, valeurs: dict[str, object]) -> pa.Table | None:
    """Read cells of the aggregates; None on a build without micro-data."""
    presente = con.execute(
        "select 1 from information_schema.tables"
        " where table_schema = 'intermediate' and table_name = 'int_secret_cellules'"
    ).fetchone()
    return con.execute(requete, valeurs).to_arrow_table() if presente else None


def _parametres(con: duckdb.DuckDBPyConnection, registres: frozenset[str]) -> Parametres:
    lus = dict(con.execute("select parametre, valeur from seeds.parametres").fetchall())
    return en_vigueur(float(lus["arrondi_cafdata_bas"]), float(lus["arrondi_cafdata_haut"]), registres)
