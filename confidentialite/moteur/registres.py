"""Figures of registers whose contributors are not known (hours, posts, plans): masked by whole levels.

Belongs here: the rule for what the engine does not judge. Does not: the allocataire extract, nor the counts
and subsidies of the registers, which the engine protects cell by cell (`decision.py`).

Nothing is worked out cell by cell, so that all that a reader could work out with is hidden together:

    hours realised and billed, by EPCI; of EPCI X, 24 633 and 24 630: what is left, 3, is small
        the share of one in the other is hidden for every EPCI, and so is what each is of the capacity: these
        two give it back
    2 of the 139 vacant posts of a département are in the part of an EPCI that it does not hold whole
        the EPCI it holds are hidden: 139 less their sum is 2
    a release showed 6 vacant posts in EPCI X and 139 in the département; a revision says 2 and 135
        EPCI are hidden, and so is the département: 135 less what the others were is 2
"""

from collections import defaultdict
from collections.abc import Mapping

import duckdb
import pyarrow as pa

from confidentialite import Entrees
from confidentialite.memoire.lecture import termes
from confidentialite.moteur.ensembles import Ensembles
from confidentialite.moteur.tables import lignes_de

_NIVEAUX = ("france", "region", "departement", "epci", "commune")
"""From the widest to the narrowest; a CTG that is no EPCI is none of them."""

# Of a count, the count itself; of a share, its two terms and what is left of the whole.
_PETIT = """
    valeur > 0 and denominateur is null and valeur < $seuil
    or numerateur > 0 and numerateur < $seuil
    or denominateur > 0 and denominateur < $seuil
    or denominateur > numerateur and denominateur - numerateur < $seuil
"""

# What sums and differences of doubles leave is no count.
_RIEN = 1e-6


def masquer_registres(entrees: Entrees, jugees: pa.Table, seuil: float) -> pa.Table:
    """Return the masks of these cells: `territoire_id, millesime, indicateur_id, raison`.

    Internal are the sources declared so (`diffusion`), whatever their name, and those that nothing declares.
    `jugees`: (territoire_id, millésime, indicateur) of the rows that the engine judged. `seuil`: the smallest
    count that may be shown. Of the registers, amounts are masked (one structure may make most of them, and
    contributors are not known here), and so is, of all indicateurs that share a mesure, the whole level where
    one count under a rule is below `seuil`, or leaves less than that of a wider territory that is shown; a
    CTG cuts across EPCI, so that what is left of one may be a single person: masked too, but for one of the
    communes of an EPCI, which is that EPCI. A level that a release hid stays hidden; one that is hidden after
    a release showed it takes with it those that are wider. The key columns of the result have the types of
    the input, so that joining the two never casts.
    """
    diffusions = list(lignes_de(entrees.sources, "source_id", "diffusion"))
    # Whatever no contract declares public is not.
    publiques = [source for source, diffusion in diffusions if diffusion == "publique"]
    micro = [source for source, diffusion in diffusions if diffusion == "micro"]
    with duckdb.connect() as con:
        con.register("cellules", entrees.cellules)
        con.register("dictionnaire", entrees.indicateurs)
        con.register("territoires", entrees.territoires)
        con.register("jugees", jugees)
        con.register("registre", entrees.registre)
        con.execute(
            """
            create temp table sensibles as
            select
                c.*, d.secret, t.departement, t.region, t.epci,
                c.niveau = 'ctg' and t.epci is not null as jumelle
            from cellules as c
            inner join dictionnaire as d on c.indicateur_id = d.indicateur_id
            left join (select distinct niveau, code, departement, region, epci from territoires) as t
                on c.territoire_id = t.niveau || ':' || t.code
            anti join jugees as j
                on
                    c.territoire_id = j.territoire_id and c.millesime = j.millesime
                    and c.indicateur_id = j.indicateur_id
            where
                d.secret in ('frequence', 'conjoint', 'dominance')
                and c.valeur is not null
                and not list_has_all($publiques, string_split(c.source_ids, '+'))
                and not list_has_any(string_split(c.source_ids, '+'), $micro)
            """,
            {"publiques": publiques, "micro": micro},
        )
        caches = _niveaux_caches(con, _familles(entrees), seuil)
        con.register("caches", pa.Table.from_pylist(caches, schema=_CACHES))
        masques: pa.Table = con.execute(
            """
            select s.territoire_id, s.millesime, s.indicateur_id, s.secret as raison
            from sensibles as s
            inner join caches as n
                on
                    s.indicateur_id = n.indicateur_id and s.millesime = n.millesime
                    and if(s.jumelle, 'epci', s.niveau) = n.niveau
            order by all
            """
        ).to_arrow_table()
    return masques


_CACHES = pa.schema([("indicateur_id", pa.string()), ("millesime", pa.int32()), ("niveau", pa.string())])


def _familles(entrees: Entrees) -> Mapping[str, str]:
    """Name the family of each indicateur: those that share a mesure are in one."""
    ensembles = Ensembles[str]()
    formules = list(lignes_de(entrees.indicateurs, "indicateur_id", "numerateur", "denominateur"))
    for indicateur, *cotes in formules:
        ensembles.lier([indicateur, *(f"mesure {m}" for formule in cotes for m in termes(formule))])
    return {indicateur: ensembles.racine(indicateur) for indicateur, *_ in formules}


def _niveaux_caches(
    con: duckdb.DuckDBPyConnection, familles: Mapping[str, str], seuil: float
) -> list[dict[str, object]]:
    """Return the levels to hide, of each indicateur and year."""
    petits: dict[tuple[str, int], set[str]] = defaultdict(set)
    membres: dict[tuple[str, int], set[str]] = defaultdict(set)
    for indicateur, millesime, niveau, petit in con.execute(
        f"""
        select
            indicateur_id, millesime, if(jumelle, 'epci', niveau) as niveau,
            bool_or(secret = 'dominance' or niveau = 'ctg' and not jumelle or ({_PETIT})) as petit
        from sensibles
        group by all
        """,
        {"seuil": seuil},
    ).fetchall():
        famille = familles[indicateur], millesime
        membres[famille].add(indicateur)
        if petit:
            petits[famille].add(niveau)
    restes: dict[tuple[str, int], set[tuple[str, str]]] = defaultdict(set)
    for indicateur, millesime, etroit, large in con.execute(
        """
        with quantites as (
            select
                territoire_id, niveau, departement, region, epci, millesime, indicateur_id,
                unnest(['numerateur', 'denominateur', 'reste']) as quantite,
                unnest([coalesce(numerateur, valeur), denominateur, denominateur - numerateur]) as nombre
            from sensibles
            where niveau <> 'ctg'
        ),
        contenues as (
            select
                *,
                unnest([
                    if(niveau = 'commune', 'epci:' || epci, null),
                    if(niveau in ('commune', 'epci'), 'departement:' || departement, null),
                    if(niveau in ('commune', 'epci', 'departement'), 'region:' || region, null),
                    if(niveau <> 'france', 'france:FR', null)
                ]) as large_id
            from quantites
        )
        select distinct c.indicateur_id, c.millesime, c.niveau, large.niveau
        from contenues as c
        inner join quantites as large
            on
                c.large_id = large.territoire_id and c.millesime = large.millesime
                and c.indicateur_id = large.indicateur_id and c.quantite = large.quantite
        group by
            c.indicateur_id, c.millesime, c.niveau, c.quantite, large.niveau, large.territoire_id,
            large.nombre
        having large.nombre - sum(c.nombre) > $rien and large.nombre - sum(c.nombre) < $seuil
        """,
        {"seuil": seuil, "rien": _RIEN},
    ).fetchall():
        restes[familles[indicateur], millesime].add((etroit, large))
    dits: dict[tuple[str, int], set[str]] = defaultdict(set)
    for indicateur, millesime, niveau, cache, montre in con.execute(
        """
        select
            indicateur_id, millesime, niveau, bool_or(statut = 'secret'), bool_or(valeur is not null)
        from registre
        where niveau <> 'ctg'
        group by all
        """
    ).fetchall():
        famille = familles.get(indicateur, ""), millesime
        if indicateur in membres.get(famille, ()):
            petits[famille] |= {niveau} if cache else set()
            dits[famille] |= {niveau} if montre else set()
    caches = []
    for famille, indicateurs in membres.items():
        niveaux = {n for n in petits[famille] if n not in _NIVEAUX}
        for k, niveau in enumerate(_NIVEAUX):
            montres = {*_NIVEAUX[:k]} - niveaux
            if niveau in petits[famille] or any((niveau, large) in restes[famille] for large in montres):
                niveaux.add(niveau)
        # From the narrowest: what was shown of it, with a wider one of today, would tell what it is today.
        for k, niveau in reversed([*enumerate(_NIVEAUX)]):
            if niveau in niveaux & dits[famille]:
                niveaux |= {*_NIVEAUX[:k]}
        caches += [
            {"indicateur_id": i, "millesime": famille[1], "niveau": n} for i in indicateurs for n in niveaux
        ]
    return caches
