"""What a release says that bears on micro-data: the rows of schema `marts` an attacker can turn into
equations.

Belongs here: which rows count, and in which form they are handed on and registered. Reads schema `marts`
alone. Does not: what the rows imply.
"""

import re
from collections.abc import Iterable, Mapping

import duckdb
import pandas as pd

from confidentialite.memoire.geographie import Geographie, territoires_courants

EXTRAIT = "caf_extrait_allocataires"
"""The source whose cells are protected, with mesures of registers that the parameters name."""

LINEAIRES = ("somme", "ratio", "evolution", "difference")
"""Methods whose figures are sums over communes, or made of two of them."""

_TERME = re.compile(r"([+-]?)\s*([a-z0-9_]+)")
_ORDRE = ["geographie", "niveau", "code", "millesime", "indicateur_id"]


def texte(valeur: object) -> str | None:
    """Return a cell of a data frame when it is a text, else None (a missing one is NaN)."""
    return valeur if isinstance(valeur, str) else None


def termes(formule: str | None) -> dict[str, int]:
    """Return the mesures of a formula of the dictionary (`a + b - c`), each with its coefficient."""
    resultat: dict[str, int] = {}
    for signe, mesure in _TERME.findall(formule or ""):
        resultat[mesure] = resultat.get(mesure, 0) + (-1 if signe == "-" else 1)
    return {mesure: c for mesure, c in resultat.items() if c}


def schema_des_marts(con: duckdb.DuckDBPyConnection) -> str:
    """Return the qualified name of schema `marts` in the database this connection has opened."""
    lu = con.execute("select current_database()").fetchone()
    base = str(lu[0] if lu else "").replace('"', '""')
    return f'"{base}".marts'


def sensibles(con: duckdb.DuckDBPyConnection, schema: str) -> set[str]:
    """Return the indicateurs with at least one row from the extract."""
    requete = f"""
        select distinct indicateur_id from (
            select indicateur_id, source_ids from {schema}.fct_indicateurs
            union all select indicateur_id, source_ids from {schema}.fct_indicateurs_origine
        ) where list_contains(string_split(source_ids, '+'), '{EXTRAIT}')
    """
    return {indicateur for (indicateur,) in con.execute(requete).fetchall()}


def des_registres(con: duckdb.DuckDBPyConnection, schema: str, registres: frozenset[str]) -> set[str]:
    """Return the indicateurs that show or hide one of these mesures."""
    formules = con.execute(
        f"select indicateur_id, numerateur, denominateur from {schema}.dim_indicateur"
    ).fetchall()
    return {i for i, *deux in formules if any(termes(f).keys() & registres for f in deux)}


def lignes_suivies(
    con: duckdb.DuckDBPyConnection,
    schema: str,
    deja: Iterable[tuple[str, int]] = (),
    registres: frozenset[str] = frozenset(),
) -> pd.DataFrame:
    """Return every row that shows or hides a mesure of the extract or of `registres`, in a total order.

    A row counts when one of its terms, at its millésime, is also a term of a row that comes from the extract
    or is masked: whatever its source, what it prints is an equation on the same unknown. `deja`: (indicateur,
    millésime) that came from the extract in an earlier release. Columns: `geographie` (reference, or origine
    for the figures in the COG of their file), `niveau`, `code`, `millesime`, `millesime_second` (that of the
    denominator or of the base), `indicateur_id`, `statut`, `valeur`, `numerateur`, `denominateur`,
    `borne_basse`, `borne_haute`, `motif`, `source_ids`, `methode`, `formule_numerateur`,
    `formule_denominateur`, `part_d_un_tout`, `unite`, `cog`, `sensible`.
    """
    deja = set(deja)
    suivis = des_registres(con, schema, registres)
    proteges = sensibles(con, schema) | suivis | {indicateur for indicateur, _ in deja}
    con.register("_sensibles", pd.DataFrame({"indicateur_id": sorted(proteges)}, dtype="string"))
    con.execute(
        f"""
        create or replace temp view _publiees as
        select
            l.*,
            i.methode,
            i.numerateur as formule_numerateur,
            i.denominateur as formule_denominateur,
            coalesce(i.part_d_un_tout, false) as part_d_un_tout,
            i.unite,
            i.indicateur_id in (select s.indicateur_id from _sensibles as s) as sensible
        from (
            select
                'reference' as geographie, niveau, code, millesime, indicateur_id, statut, valeur, numerateur,
                denominateur, borne_basse, borne_haute, motif, source_ids, cog_millesime as cog,
                coalesce(millesime_base, millesime_denominateur, millesime) as millesime_second
            from {schema}.fct_indicateurs
            union all by name
            select
                'origine' as geographie, niveau, code, millesime, indicateur_id, statut, valeur,
                null::double as numerateur, null::double as denominateur, borne_basse, borne_haute, motif,
                source_ids, cog_millesime as cog, millesime as millesime_second
            from {schema}.fct_indicateurs_origine
        ) as l
        inner join {schema}.dim_indicateur as i on l.indicateur_id = i.indicateur_id
        where i.numerateur is not null
        """
    )
    groupes = con.execute(
        f"""
        select
            indicateur_id, millesime, millesime_second, any_value(methode), any_value(formule_numerateur),
            any_value(formule_denominateur),
            bool_or(sensible and (
                statut = 'secret' or list_contains(string_split(source_ids, '+'), '{EXTRAIT}')
            ))
        from _publiees group by all order by all
        """
    ).fetchall()
    blocs = {g[:3]: _blocs(*g[1:6]) for g in groupes}
    touches = [g[:3] for g in groupes if g[6] or g[0] in suivis or g[:2] in deja]
    proteges_blocs = set().union(*(blocs[g] for g in touches))
    gardes = [g[:3] for g in groupes if blocs[g[:3]] & proteges_blocs]
    con.register(
        "_gardes",
        pd.DataFrame(gardes, columns=["indicateur_id", "millesime", "millesime_second"]).astype(
            {"indicateur_id": "string", "millesime": "int64", "millesime_second": "int64"}
        ),
    )
    lues: pd.DataFrame = con.execute(
        """
        select p.* from _publiees as p
        inner join _gardes as g using (indicateur_id, millesime, millesime_second)
        where p.statut <> 'non_disponible' and (p.statut <> 'sans_objet' or p.motif = 'dénominateur nul')
        order by geographie, niveau, code, millesime, indicateur_id, cog
        """
    ).df()
    con.execute("drop view _publiees")
    for nom in ("_sensibles", "_gardes"):
        con.unregister(nom)
    return lues


def _blocs(
    millesime: int, second: int, methode: str, numerateur: str, denominateur: str | None
) -> set[tuple[str, int]]:
    blocs = {(mesure, millesime) for mesure in termes(numerateur)}
    if methode in ("evolution", "difference"):
        blocs |= {(mesure, second) for mesure in termes(numerateur)}
    return blocs | {(mesure, second) for mesure in termes(denominateur)}


def situer(
    con: duckdb.DuckDBPyConnection,
    schema: str,
    lignes: pd.DataFrame,
    geographie: Geographie,
    perimetre: str,
) -> list[int]:
    """Return the territory of each row, in the geography the row is written in."""
    reference = territoires_courants(con, schema, geographie, perimetre)
    membres: dict[tuple[str, int], list[str]] = {}
    for epci, cog, code in con.execute(
        f"select distinct epci, cog_millesime, code from {schema}.epci_composition order by all"
    ).fetchall():
        membres.setdefault((epci, int(cog)), []).append(code)
    rangs: list[int] = []
    connus: dict[tuple[str, str, str, int], int] = {}
    for genre, niveau, code, cog in zip(
        lignes["geographie"], lignes["niveau"], lignes["code"], lignes["cog"], strict=True
    ):
        cle = (str(genre), str(niveau), str(code), int(cog))
        if cle not in connus:
            connus[cle] = _territoire(cle, reference, membres, geographie)
        rangs.append(connus[cle])
    return rangs


def _territoire(
    cle: tuple[str, str, str, int],
    reference: Mapping[tuple[str, str], int],
    membres: Mapping[tuple[str, int], list[str]],
    geographie: Geographie,
) -> int:
    genre, niveau, code, cog = cle
    if genre == "reference":
        return reference[niveau, code]
    codes = [code] if niveau == "commune" else membres.get((code, cog), [])
    if not codes:
        return geographie.territoire([geographie.atome(f"territoire:{niveau}:{code}@{cog}")])
    return geographie.territoire(geographie.commune(c, cog) for c in codes)
