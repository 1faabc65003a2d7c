"""How the marts are read: the rows of schema `marts` that bear on micro-data, which whoever opens a release
can turn into equations.

Belongs here: which rows count, and in which form they are handed on and registered. Reads schema `marts`
alone. Does not: what the rows imply, nor the communes of a territory (`geographie.py`).
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache

import duckdb
import numpy as np
import pandas as pd

from confidentialite.memoire.geographie import Geographie
from socle.sql import nom_sql

LINEAIRES = ("somme", "ratio", "evolution", "difference")
"""Methods whose figures are sums over communes, or made of two of them."""

REGLES = ["frequence", "conjoint", "dominance"]
"""What the dictionary says of an indicateur (`secret`) that is hidden where it tells too much of few."""

_TERME = re.compile(r"([+-]?)\s*([a-z0-9_]+)")


def texte(valeur: object) -> str | None:
    """Return a cell of a data frame when it is a text, else None (a missing one is NaN)."""
    return valeur if isinstance(valeur, str) else None


@cache
def termes(formule: str | None) -> Mapping[str, int]:
    """Return the mesures of a formula of the dictionary (`a + b - c`), each with its coefficient."""
    resultat: dict[str, int] = {}
    for signe, mesure in _TERME.findall(formule or ""):
        resultat[mesure] = resultat.get(mesure, 0) + (-1 if signe == "-" else 1)
    return {mesure: c for mesure, c in resultat.items() if c}


def schema_des_marts(con: duckdb.DuckDBPyConnection) -> str:
    """Return the qualified name of schema `marts` in the database this connection has opened."""
    lu = con.execute("select current_database()").fetchone()
    return f"{nom_sql(str(lu[0] if lu else ''))}.marts"


def sources_micro(con: duckdb.DuckDBPyConnection, schema: str) -> frozenset[str]:
    """Return the sources these marts declare as micro-data (`diffusion` of `dim_source`)."""
    lues = con.execute(f"select source_id from {schema}.dim_source where diffusion = 'micro'").fetchall()
    return frozenset(source for (source,) in lues)


def est_micro(source_ids: str | None, micro: frozenset[str]) -> bool:
    """Whether a row of these sources (`a+b`) comes from micro-data, be it in part."""
    return not micro.isdisjoint((source_ids or "").split("+"))


def sensibles(con: duckdb.DuckDBPyConnection, schema: str, micro: frozenset[str]) -> set[str]:
    """Return the indicateurs with at least one row from micro-data."""
    lues = con.execute(
        f"""
        select indicateur_id, source_ids from {schema}.fct_indicateurs group by all
        union all select indicateur_id, source_ids from {schema}.fct_indicateurs_origine group by all
        """
    ).fetchall()
    return {indicateur for indicateur, sources in lues if est_micro(sources, micro)}


def des_registres(con: duckdb.DuckDBPyConnection, schema: str, registres: frozenset[str]) -> set[str]:
    """Return the indicateurs that show or hide one of these mesures."""
    formules = con.execute(
        f"select indicateur_id, numerateur, denominateur from {schema}.dim_indicateur"
    ).fetchall()
    return {i for i, *deux in formules if any(termes(f).keys() & registres for f in deux)}


def par_niveaux(con: duckdb.DuckDBPyConnection, schema: str, registres: frozenset[str]) -> set[str]:
    """Return the indicateurs of internal sources that are masked by whole levels: under a rule, of none of
    these mesures."""
    lus = con.execute(
        f"""
        select distinct f.indicateur_id
        from {schema}.fct_indicateurs as f
        inner join {schema}.dim_indicateur as i on f.indicateur_id = i.indicateur_id
        inner join {schema}.dim_source as s
            on list_contains(string_split(f.source_ids, '+'), s.source_id) and s.diffusion = 'interne'
        where list_contains($regles, i.secret)
        """,
        {"regles": REGLES},
    ).fetchall()
    return {indicateur for (indicateur,) in lus} - des_registres(con, schema, registres)


def lignes_suivies(
    con: duckdb.DuckDBPyConnection,
    schema: str,
    micro: frozenset[str],
    deja: Iterable[tuple[str, int]] = (),
    registres: frozenset[str] = frozenset(),
    niveaux: Collection[str] = (),
) -> pd.DataFrame:
    """Return every row that shows or hides a mesure of micro-data or of `registres`, in a total order.

    A row counts when one of its terms, at its millésime, is also a term of a row that comes from micro-data
    or is masked: whatever its source, what it prints is an equation on the same unknown. For example, where
    `nb_rsa` comes from the extract for communes:

        commune A, nb_rsa 2024, extract: hidden          followed: it is what must not be found
        département, nb_rsa 2024, public: 812            followed: 812 less the other communes is A
        département, nb_rsa 2023, public: 790            left out: nothing of 2023 is hidden

    `micro`: the sources that are micro-data. `deja`: (indicateur, millésime) that came from one in an earlier
    release. `niveaux`: indicateurs all of whose rows are wanted. Columns: `geographie` (reference, or origine
    for the figures in the COG of their file), `niveau`, `code`, `millesime`, `millesime_second` (that of the
    denominator or of the base), `indicateur_id`, `statut`, `valeur`, `numerateur`, `denominateur`,
    `borne_basse`, `borne_haute`, `motif`, `source_ids`, `methode`, `formule_numerateur`,
    `formule_denominateur`, `part_d_un_tout`, `unite`, `cog`, `sensible`.
    """
    deja = set(deja)
    suivis = des_registres(con, schema, registres)
    proteges = sensibles(con, schema, micro) | suivis | {indicateur for indicateur, _ in deja}
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
                coalesce(millesime_base, millesime_denominateur, millesime) as millesime_second,
                motif_code
            from {schema}.fct_indicateurs
            union all by name
            select
                'origine' as geographie, niveau, code, millesime, indicateur_id, statut, valeur,
                null::double as numerateur, null::double as denominateur, borne_basse, borne_haute, motif,
                source_ids, cog_millesime as cog, millesime as millesime_second, null as motif_code
            from {schema}.fct_indicateurs_origine
        ) as l
        inner join {schema}.dim_indicateur as i on l.indicateur_id = i.indicateur_id
        where i.numerateur is not null
        """
    )
    groupes = con.execute(
        """
        select
            indicateur_id, millesime, millesime_second, any_value(methode), any_value(formule_numerateur),
            any_value(formule_denominateur), source_ids, bool_or(sensible and statut = 'secret'),
            bool_or(sensible)
        from _publiees group by indicateur_id, millesime, millesime_second, source_ids
        """
    ).fetchall()
    blocs = {g[:3]: _blocs(*g[1:6]) for g in groupes}
    touches = {
        g[:3] for g in groupes if g[7] or (g[8] and est_micro(g[6], micro)) or g[0] in suivis or g[:2] in deja
    }
    proteges_blocs = set().union(*(blocs[g] for g in touches))
    gardes = [g for g in blocs if blocs[g] & proteges_blocs or g[0] in niveaux]
    con.register(
        "_gardes",
        pd.DataFrame(gardes, columns=["indicateur_id", "millesime", "millesime_second"]).astype(
            {"indicateur_id": "string", "millesime": "int64", "millesime_second": "int64"}
        ),
    )
    lues: pd.DataFrame = con.execute(
        """
        select p.* exclude (motif_code) from _publiees as p
        inner join _gardes as g using (indicateur_id, millesime, millesime_second)
        where p.statut <> 'non_disponible' and (p.statut <> 'sans_objet' or p.motif_code = 'denominateur_nul')
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
    reference: Mapping[tuple[str, str], int],
) -> list[int]:
    """Return the territory of each row, in the geography the row is written in.

    `reference`: the territories of these marts (`geographie.territoires_courants`).
    """
    membres: dict[tuple[str, int], list[str]] = {}
    for epci, cog, code in con.execute(
        f"select distinct epci, cog_millesime, code from {schema}.epci_composition order by all"
    ).fetchall():
        membres.setdefault((epci, int(cog)), []).append(code)
    return par_cle(
        lignes,
        ("geographie", "niveau", "code", "cog"),
        lambda genre, niveau, code, cog: _territoire(
            (genre, niveau, code, int(cog)), reference, membres, geographie
        ),
    )


def par_cle(lignes: pd.DataFrame, colonnes: Sequence[str], calcul: Callable[..., int]) -> list[int]:
    """Return `calcul` of these columns for each row, called once per distinct key, in the order they come."""
    cles = [*colonnes]
    numeros = lignes.groupby(cles, sort=False, dropna=False).ngroup().to_numpy()
    premieres = lignes[cles].iloc[np.unique(numeros, return_index=True)[1]]
    valeurs = [calcul(*cle) for cle in zip(*(premieres[c].tolist() for c in cles), strict=True)]
    return np.array(valeurs, dtype=np.int64)[numeros].tolist() if valeurs else []


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
