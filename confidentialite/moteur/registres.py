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
from collections.abc import Iterator, Mapping

import duckdb
import pyarrow as pa

from confidentialite import Entrees
from confidentialite.memoire.lecture import REGLES, termes
from confidentialite.moteur.ensembles import Ensembles
from confidentialite.moteur.tables import lignes_de

_NIVEAUX = ("france", "region", "departement", "epci", "commune")
"""From the widest to the narrowest; a CTG that is no EPCI is none of them."""

_PUBLIQUE = "publique"

# Of a count, the count itself; of a share, its two terms and what is left of the whole.
_PETIT = """
    valeur > 0 and denominateur is null and valeur < $seuil
    or numerateur > 0 and numerateur < $seuil
    or denominateur > 0 and denominateur < $seuil
    or denominateur > numerateur and denominateur - numerateur < $seuil
"""

# What sums and differences of doubles leave is no count.
_RIEN = 1e-6

Famille = tuple[str, int]
"""Indicateurs that share a mesure, by the name of their set, in one year."""


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
        con.register("des_perimetres", entrees.territoires)
        con.register("jugees", jugees)
        con.register("registre", entrees.registre)
        con.execute(
            "create temp table territoires as"
            " select distinct niveau, code, departement, region, epci from des_perimetres"
        )
        con.execute(
            """
            create temp table sensibles as
            select
                c.*, d.secret, t.departement, t.region, t.epci,
                c.niveau = 'ctg' and t.epci is not null as jumelle
            from cellules as c
            inner join dictionnaire as d on c.indicateur_id = d.indicateur_id
            left join territoires as t
                on c.territoire_id = t.niveau || ':' || t.code
            anti join jugees as j
                on
                    c.territoire_id = j.territoire_id and c.millesime = j.millesime
                    and c.indicateur_id = j.indicateur_id
            where
                list_contains($regles, d.secret)
                and c.valeur is not null
                and not list_has_all($publiques, string_split(c.source_ids, '+'))
                and not list_has_any(string_split(c.source_ids, '+'), $micro)
            """,
            {"publiques": publiques, "micro": micro, "regles": REGLES},
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
    membres, petits = _petits(con, familles, seuil)
    for famille, niveau in _remaniees(con, familles, seuil):
        petits[famille].add(niveau)
    laissent, rendent = _restes(con, familles, seuil)
    caches, dits = _dits(con, familles, membres)
    return [
        {"indicateur_id": indicateur, "millesime": famille[1], "niveau": niveau}
        for famille, indicateurs in membres.items()
        for niveau in _ensemble(
            petits[famille] | caches[famille], laissent[famille], rendent[famille], dits[famille]
        )
        for indicateur in indicateurs
    ]


def _ensemble(
    petits: set[str], laissent: set[tuple[str, str]], rendent: set[tuple[str, str]], dits: set[str]
) -> set[str]:
    """Return the levels of one family to hide, those of `petits` and what would give them back.

    `laissent`: (narrow, wide) whose remainder is small; `rendent`: those whose sum is the wide one; `dits`:
    levels that a release showed.
    """
    niveaux = set(petits)
    for k, niveau in enumerate(_NIVEAUX):
        for large in (_PUBLIQUE, *_NIVEAUX[:k]):
            if (niveau, large) in (rendent if large in niveaux else laissent):
                niveaux.add(niveau)
    # EPCI were 6 and 133, and are hidden: the département of today less the 133 of then is what the 6 is now.
    for k, niveau in reversed([*enumerate(_NIVEAUX)]):
        if niveau in niveaux & dits:
            niveaux |= {*_NIVEAUX[:k]}
    return niveaux


def _petits(
    con: duckdb.DuckDBPyConnection, familles: Mapping[str, str], seuil: float
) -> tuple[dict[Famille, set[str]], dict[Famille, set[str]]]:
    """Return the indicateurs of each family and year, and its levels where something is small."""
    membres: dict[Famille, set[str]] = defaultdict(set)
    petits: dict[Famille, set[str]] = defaultdict(set)
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
    return membres, petits


def _restes(
    con: duckdb.DuckDBPyConnection, familles: Mapping[str, str], seuil: float
) -> tuple[dict[Famille, set[tuple[str, str]]], dict[Famille, set[tuple[str, str]]]]:
    """Return the (narrow, wide) levels of which one territory at least is a small count more than those it
    holds, and those of which one is their sum.

    What a release showed of a territory that has no row today counts too. A wide row that is public, which
    nothing hides, is of the level `_PUBLIQUE`.
    """
    laissent: dict[Famille, set[tuple[str, str]]] = defaultdict(set)
    rendent: dict[Famille, set[tuple[str, str]]] = defaultdict(set)
    for indicateur, millesime, etroit, large, petit, nul in con.execute(
        """
        with etroites as (
            select territoire_id, niveau, departement, region, epci, millesime, indicateur_id,
                valeur, numerateur, denominateur
            from sensibles
            where niveau <> 'ctg'
            union all
            select t.niveau || ':' || t.code, t.niveau, t.departement, t.region, t.epci, r.millesime,
                r.indicateur_id, r.valeur, r.numerateur, r.denominateur
            from (
                select *
                from registre
                where valeur is not null and niveau <> 'ctg'
                qualify row_number() over (
                    partition by niveau, code, indicateur_id, millesime order by rang desc
                ) = 1
            ) as r
            inner join territoires as t
                on r.niveau = t.niveau and r.code = t.code
            anti join sensibles as s
                on
                    r.niveau || ':' || r.code = s.territoire_id and r.millesime = s.millesime
                    and r.indicateur_id = s.indicateur_id
            where r.indicateur_id in (select s.indicateur_id from sensibles as s)
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
            from etroites
        ),
        larges as (
            select
                l.territoire_id, l.indicateur_id, l.millesime, l.denominateur,
                coalesce(l.numerateur, l.valeur) as nombre,
                if(s.territoire_id is null, $publique, l.niveau) as niveau
            from cellules as l
            left join sensibles as s
                on
                    l.territoire_id = s.territoire_id and l.indicateur_id = s.indicateur_id
                    and l.millesime = s.millesime
            where l.valeur is not null
        ),
        ecarts as (
            select
                c.indicateur_id, c.millesime, c.niveau as etroit, w.niveau as large,
                unnest([
                    any_value(w.nombre) - sum(coalesce(c.numerateur, c.valeur)),
                    any_value(w.denominateur) - sum(c.denominateur),
                    any_value(w.denominateur - w.nombre) - sum(c.denominateur - c.numerateur)
                ]) as ecart
            from contenues as c
            inner join larges as w
                on
                    c.large_id = w.territoire_id and c.millesime = w.millesime
                    and c.indicateur_id = w.indicateur_id
            group by c.indicateur_id, c.millesime, c.niveau, w.niveau, w.territoire_id
        )
        select
            indicateur_id, millesime, etroit, large,
            bool_or(ecart > $rien and ecart < $seuil), bool_or(abs(ecart) <= $rien)
        from ecarts
        where ecart is not null
        group by all
        """,
        {"seuil": seuil, "rien": _RIEN, "publique": _PUBLIQUE},
    ).fetchall():
        famille = familles[indicateur], millesime
        if petit:
            laissent[famille].add((etroit, large))
        if nul:
            rendent[famille].add((etroit, large))
    return laissent, rendent


def _remaniees(
    con: duckdb.DuckDBPyConnection, familles: Mapping[str, str], seuil: float
) -> Iterator[tuple[Famille, str]]:
    """Yield the level of EPCI of other communes than when a release showed them, a small count away.

    EPCI 1 was 100; without a commune that left it, it is 97: the commune is 3.
    """
    for indicateur, millesime, alors, aujourd_hui in con.execute(
        """
        select s.indicateur_id, s.millesime, r.atomes, c.codes
        from sensibles as s
        inner join (select *, coalesce(numerateur, valeur) as nombre from registre) as r
            on
                s.territoire_id = r.niveau || ':' || r.code and s.indicateur_id = r.indicateur_id
                and s.millesime = r.millesime
        left join (
            select epci, list(code) as codes from territoires where niveau = 'commune' group by epci
        ) as c on s.epci = c.epci
        where
            s.niveau = 'epci' and r.valeur is not null
            and (
                abs(coalesce(s.numerateur, s.valeur) - r.nombre) between $rien and $seuil
                or abs(s.denominateur - r.denominateur) between $rien and $seuil
            )
        """,
        {"seuil": seuil, "rien": _RIEN},
    ).fetchall():
        if {*(alors or ())} != {*(aujourd_hui or ())}:
            yield (familles[indicateur], millesime), "epci"


def _dits(
    con: duckdb.DuckDBPyConnection, familles: Mapping[str, str], membres: Mapping[Famille, set[str]]
) -> tuple[dict[Famille, set[str]], dict[Famille, set[str]]]:
    """Return the levels of each family and year that a release hid, and those that one showed."""
    caches: dict[Famille, set[str]] = defaultdict(set)
    montres: dict[Famille, set[str]] = defaultdict(set)
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
            caches[famille] |= {niveau} if cache else set()
            montres[famille] |= {niveau} if montre else set()
    return caches, montres
