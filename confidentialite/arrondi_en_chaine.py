"""Controlled random rounding (Fellegi, 1975), commune by commune along one chain per département.

    true counts 3 1 4 2, step 5, start 2: running sums 5 6 10 12 -> 5 5 10 10 -> published 5 0 5 0

Belongs here: the order of a chain, the rounding, that of a revision. All amounts are whole cents.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from confidentialite.regle import PAS_CNAF, Regles
from confidentialite.relations import trop_dits

ESSAIS = 100
"""How often the start of a chain is drawn, at most."""
TROP_PETIT = "departement_trop_petit"
IMPRIME = "imprime_par_la_cnaf"

EXACTS = pa.schema(
    [
        ("code", pa.string()),
        ("mesure_id", pa.string()),
        ("valeur", pa.decimal128(18, 2)),
        ("marque", pa.string()),
    ]
)
"""True counts by commune; `marque` says why there is none. A commune without a line counts 0."""

COMMUNES = pa.schema(
    [
        ("code", pa.string()),
        ("departement", pa.string()),
        ("epci", pa.string()),
        ("population", pa.int32()),
        ("population_millesime", pa.int32()),
    ]
)
"""Each commune that a file covers, and the legal population that orders it: NULL where none was received."""

PLACE = pa.schema(
    [
        ("departement", pa.string()),
        ("epci", pa.string()),
        ("rang", pa.int32()),
        ("ordre_public", pa.bool_()),
        ("population", pa.int32()),
        ("population_millesime", pa.int32()),
    ]
)
"""Where a commune stands in the chain of its département, from 1, and why there. `ordre_public` is not true
of a commune that was placed by its own counts, as all were before December 2026."""

ORDRE = pa.schema([("code", pa.string()), *PLACE])
"""The chains of a file."""

LARGES = pa.schema([("code_origine", pa.string()), ("niveau", pa.string()), ("code", pa.string())])
"""The wider territories of each commune."""

ARRONDIS = pa.schema(
    [
        ("niveau", pa.string()),
        ("code", pa.string()),
        ("mesure_id", pa.string()),
        *PLACE,
        ("valeur", pa.decimal128(18, 2)),
        ("amplitude", pa.decimal128(18, 2)),
        ("regle", pa.string()),
        ("marque", pa.string()),
        ("retenue", pa.bool_()),
    ]
)
"""Rounded counts. `niveau`: commune; `part` (what one département holds of an EPCI, the cell of a mesure that
Cnaf prints by commune that year); epci and above where the level is rounded apart. The place of a commune
(`PLACE`) is that of the day its file was first counted. `amplitude`: the true count is within it of
`valeur`. `retenue`: whatever start was drawn, the figures of a commune together pinned a count down: the
chain is shown above the commune only."""


@dataclass(frozen=True)
class Arrondi:
    """A file that was rounded: its true counts (`EXACTS`) and what was made of them (`ARRONDIS`)."""

    exacts: pa.Table
    arrondis: pa.Table


Depart = Callable[[str, str, int], int]
"""Where the chain of a mesure and a département starts: a whole number under the third argument."""


def ordonner(communes: pa.Table) -> pa.Table:
    """Order communes (`COMMUNES`) along the chain of each département.

    The communes of an EPCI follow each other by code, its two largest at its two ends; the chain starts with
    the largest commune of the département and ends with the largest of another EPCI: what is next to an end
    is known to whoever knows the exact total. The size is the legal population, for readers get the order.
    """
    with duckdb.connect() as con:
        con.register("communes", communes)
        return con.execute(_ORDONNER).to_arrow_table().cast(ORDRE)


def prolonger(avant: pa.Table, ordre: pa.Table) -> pa.Table:
    """Return the chain of a file that is revised, with the communes that it lacked just before its last one.

    The place of these communes gives nothing away, for they counted nobody. The ends of the chain stay.
    """
    with duckdb.connect() as con:
        con.register("avant", avant)
        con.register("ordre", ordre)
        return con.execute(_PROLONGER).to_arrow_table().select(ORDRE.names).cast(ORDRE)


def arrondir(
    exacts: pa.Table,
    ordre: pa.Table,
    larges: pa.Table,
    regles: Regles,
    millesime: int,
    depart: Depart,
    avant: Arrondi | None = None,
) -> pa.Table:
    """Round the true counts of a file; return them as `ARRONDIS`, sorted.

    `avant`: the file that this one revises, of which only what changed is rounded: a commune whose count is
    the same keeps its figure, and the amplitude grows by two steps at most where something moved.
    """
    with _base(regles, exacts=exacts, ordre=ordre, larges=larges) as con:
        par_epci = [m for m, r in regles.items() if r.par_epci(millesime)]
        con.execute("create table par_epci as select unnest(?::varchar[]) as mesure_id", [par_epci])
        avant = avant or Arrondi(EXACTS.empty_table(), ARRONDIS.empty_table())
        con.register("avant_exacts", avant.exacts)
        con.register("avant_arrondis", avant.arrondis)
        con.execute(_CELLULES)
        _tirer(con, depart, regles)
        con.execute(_REVISION)
        return con.execute(_RESULTAT).to_arrow_table().select(ARRONDIS.names).cast(ARRONDIS)


@contextmanager
def _base(regles: Regles, **tables: pa.Table) -> Iterator[duckdb.DuckDBPyConnection]:
    lignes = [
        {"mesure_id": r.mesure_id, "regle": r.regle, "pas": 100 * r.pas, "unite": 1 if r.montant else 100}
        for r in regles.values()
    ]
    types = {"mesure_id": pa.string(), "regle": pa.string(), "pas": pa.int64(), "unite": pa.int64()}
    with duckdb.connect() as con:
        con.execute("set enable_progress_bar = false")
        con.register("regles", pa.Table.from_pylist(lignes, schema=pa.schema(types)))
        for nom, table in tables.items():
            con.register(nom, table)
        # Integer division that goes down, below zero too.
        con.execute("create macro plancher(a, p) as (a - ((a % p) + p) % p) // p")
        # The nearest multiple, of a count in hundredths.
        con.execute(f"create macro comme_la_cnaf(x) as {PAS_CNAF} * ((x // 100 + 2) // {PAS_CNAF})")
        yield con


def _tirer(con: duckdb.DuckDBPyConnection, depart: Depart, regles: Regles) -> None:
    """Draw the start of each chain, in the unit of its mesure, and round what no file revises.

    The start is drawn again where the figures of a commune together pin a count down. A chain that still pins
    one down after `ESSAIS` draws is shown above the commune only: a hole for one commune would point at it.
    """
    chaines = con.execute(
        "select distinct c.mesure_id, c.departement, r.pas, r.unite from cellules as c"
        " inner join regles as r using (mesure_id) order by all"
    ).fetchall()
    essais = {(m, d): 0 for m, d, *_ in chaines}
    con.execute(_SOMMES)
    a_tirer = set(essais)
    types = {"mesure_id": pa.string(), "departement": pa.string(), "u": pa.int64()}
    for _ in range(ESSAIS):
        lignes = [
            {"mesure_id": m, "departement": d}
            | {"u": unite * depart(f"{m}#{essais[m, d]}" if essais[m, d] else m, d, pas // unite)}
            for m, d, pas, unite in chaines
            if (m, d) in a_tirer
        ]
        con.register("departs", pa.Table.from_pylist(lignes, schema=pa.schema(types)))
        con.execute(_CHAINE)
        con.register("juges", pa.table({"departement": sorted({d for _, d in a_tirer})}))
        cellules = con.execute(_IMPRIMES).to_arrow_table()
        a_tirer = (trop_dits(cellules, regles) if cellules.num_rows else set()) & essais.keys()
        if not a_tirer:
            break
        for chaine in a_tirer:
            essais[chaine] += 1
    tues = [{"mesure_id": m, "departement": d} for m, d in sorted(a_tirer)]
    schema = pa.schema([("mesure_id", pa.string()), ("departement", pa.string())])
    con.register("tues", pa.Table.from_pylist(tues, schema=schema))


_ORDONNER = """
with places as (
    select
        * replace (coalesce(epci, '') as epci),
        row_number() over (
            partition by departement, coalesce(epci, '') order by population desc nulls last, code
        ) as place,
        first_value(coalesce(epci, '')) over (
            partition by departement order by population desc nulls last, code
        ) as premier
    from communes
),
derniers as (
    select
        departement,
        arg_min(epci, (-coalesce(population, 0), code)) filter (where epci <> premier) as dernier
    from places group by departement
)
select
    code,
    departement,
    nullif(epci, '') as epci,
    row_number() over (
        partition by departement
        order by
            case epci when premier then 0 when dernier then 2 else 1 end,
            epci,
            -- The last EPCI ends on its largest commune, the others start with theirs.
            case place when 1 then if(epci = dernier, 2, 0) when 2 then if(epci = dernier, 0, 2) else 1 end,
            code
    ) as rang,
    true as ordre_public,
    population,
    population_millesime
from places inner join derniers using (departement)
order by departement, rang
"""

_PROLONGER = """
with toutes as (
    select *, 0 as neuve, rang = max(rang) over (partition by departement) as derniere
    from avant
    union all by name
    select * exclude (rang), rang as neuve, false as derniere from ordre anti join avant using (code)
)
select
    * exclude (rang, neuve, derniere),
    row_number() over (partition by departement order by derniere, rang nulls last, neuve) as rang
from toutes
order by departement, rang
"""

# One line per mesure and cell of its chain: a commune, or what the département holds of an EPCI. `x` is the
# true count, `x0` and `r0` what the revised file had; `r0` is NULL where the mesure was not published.
_CELLULES = """
create table lues as
select mesure_id, code, cast(100 * valeur as bigint) as x
from exacts where marque is null;

create table cellules as
with tout as (
    select o.code, o.departement, o.epci, o.rang, l.mesure_id
    from ordre as o cross join (select distinct mesure_id from lues) as l
),
communes as (
    select
        t.mesure_id, t.departement, t.rang,
        p.mesure_id is not null as en_parts,
        if(p.mesure_id is not null, coalesce(t.epci, t.code), t.code) as cellule,
        coalesce(l.x, 0) as x,
        coalesce(cast(100 * a.valeur as bigint), 0) as x0
    from tout as t
    inner join regles as r on t.mesure_id = r.mesure_id and r.regle = 'chaine'
    left join par_epci as p on t.mesure_id = p.mesure_id
    left join lues as l on t.mesure_id = l.mesure_id and t.code = l.code
    left join avant_exacts as a on t.mesure_id = a.mesure_id and t.code = a.code
),
sommes as (
    select mesure_id, departement, cellule, en_parts, min(rang) as rang, sum(x) as x, sum(x0) as x0
    from communes group by all
)
select
    s.mesure_id, s.departement, s.cellule, s.en_parts, s.x, s.x0,
    row_number() over (partition by s.mesure_id, s.departement order by s.rang) as rang,
    count(a.valeur) over (partition by s.mesure_id, s.departement) > 0 as revisee,
    coalesce(cast(100 * a.valeur as bigint), 0) as r0,
    max(cast(100 * a.amplitude as bigint)) over (partition by s.mesure_id, s.departement) as amplitude0
from sommes as s
left join avant_arrondis as a
    on s.mesure_id = a.mesure_id and s.departement = a.departement and s.cellule = a.code
    and a.niveau = if(s.en_parts, 'part', 'commune');
"""

# `sommees`: how far the running sums of each chain go. `premieres`: what a file that revises none publishes
# of a cell, how far the rounded running sum goes past the one before.
_SOMMES = """
create table sommees (
    mesure_id varchar, departement varchar, cellule varchar, en_parts boolean, x bigint, x0 bigint,
    rang bigint, revisee boolean, r0 bigint, amplitude0 bigint, pas bigint, unite bigint, u bigint,
    s hugeint, ds hugeint, assez boolean
);

create view premieres as
select
    mesure_id, departement, cellule, en_parts, rang, x, pas - unite as amplitude,
    if(assez, pas * (plancher(s + u, pas) - plancher(s - x + u, pas)), null) as r
from sommees
where not revisee;
"""

# The chains whose start was drawn.
_CHAINE = """
delete from sommees where (mesure_id, departement) in (select (mesure_id, departement) from departs);

insert into sommees by name
select
    c.*, r.pas, r.unite, d.u,
    sum(x) over chaine as s,
    sum(x - x0) over chaine as ds,
    first_value(x) over entiere >= 2 * r.pas and last_value(x) over entiere >= 2 * r.pas as assez
from cellules as c
inner join regles as r using (mesure_id)
inner join departs as d using (mesure_id, departement)
window
    chaine as (partition by mesure_id, departement order by rang),
    entiere as (
        partition by mesure_id, departement order by rang
        rows between unbounded preceding and unbounded following
    );
"""

# What the communes of the départements that are judged print, of counts that no file revises.
_IMPRIMES = """
select
    p.mesure_id, p.departement, p.rang, p.r // 100 as r,
    sum(p.x) over (partition by p.mesure_id, p.departement) // 100 as total
from premieres as p
inner join regles as r on p.mesure_id = r.mesure_id and r.unite = 100
where not p.en_parts and p.departement in (select departement from juges)
union all
select o_m.mesure_id, o.departement, o.rang, comme_la_cnaf(coalesce(l.x, 0)), null
from ordre as o
cross join (
    select distinct mesure_id from lues inner join regles using (mesure_id) where regle = 'cnaf'
) as o_m
left join lues as l using (code, mesure_id)
where o.departement in (select departement from juges)
"""

# A revision rounds what it adds, under a start of its own: `t` is the rounded running sum of the differences.
# No cell may fall under 0: the next cell that changed takes over what a cell cannot lose (a running maximum),
# or, past one step, the next cell of the chain does.
_REVISION = """
create table differences as
select *, pas * plancher(ds + u, pas) as t, sum(r0) over chaine as r_cumule
from sommees where revisee
window chaine as (partition by mesure_id, departement order by rang);

create table changees as
select
    mesure_id, departement, rang, t, rc,
    greatest(0, max(t + rc) over (partition by mesure_id, departement order by rang)) as b
from (
    select *, sum(r0) over (partition by mesure_id, departement order by rang) as rc
    from differences where x <> x0
);

create table reprises as
select mesure_id, departement, max(b - rc - t) > any_value(pas) as toutes
from changees inner join regles using (mesure_id) group by all;

create table revisees as
with parmi as (
    select mesure_id, departement, rang, b - lag(b, 1, 0) over (
        partition by mesure_id, departement order by rang
    ) as r
    from changees
),
partout as (
    select *, greatest(0, max(r_cumule + t) over (partition by mesure_id, departement order by rang)) as b
    from differences
)
select
    d.mesure_id, d.departement, d.cellule, d.en_parts, d.rang,
    d.amplitude0 + if(p.toutes is null, 0, 2 * d.pas - d.unite) as amplitude,
    if(
        coalesce(p.toutes, false),
        d.b - lag(d.b, 1, 0) over (partition by d.mesure_id, d.departement order by d.rang),
        coalesce(c.r, d.r0)
    ) as r
from partout as d
left join reprises as p using (mesure_id, departement)
left join parmi as c using (mesure_id, departement, rang);
"""

_RESULTAT = f"""
with chaine as (
    select * exclude (x) from premieres union all by name from revisees
),
membres as (
    select
        o.departement, coalesce(o.epci, o.code) as cellule, l.niveau, l.code,
        count(*) = any_value(o.taille) as entiere
    from (
        select *, count(*) over (partition by departement, coalesce(epci, code)) as taille from ordre
    ) as o
    inner join larges as l on o.code = l.code_origine
    group by all
),
-- Runs of consecutive cells: whatever the territory, its error is that of its ends.
tranches as (
    select
        l.niveau, l.code, c.mesure_id, c.amplitude, c.r, l.entiere,
        c.rang - 1 is distinct from lag(c.rang) over (
            partition by l.niveau, l.code, c.mesure_id, c.departement order by c.rang
        ) as debut
    from chaine as c
    inner join membres as l using (departement, cellule)
    where c.en_parts
),
resultat as (
    select
        if(en_parts, 'part', 'commune') as niveau, cellule as code, mesure_id, departement, rang,
        r / 100 as valeur, amplitude / 100 as amplitude, 'chaine' as regle,
        if(r is null, '{TROP_PETIT}', null) as marque
    from chaine
    union all by name
    -- Communes of a mesure that Cnaf prints by commune that year.
    select
        'commune' as niveau, o.code, p.mesure_id, o.departement, o.rang, 'chaine' as regle,
        '{IMPRIME}' as marque
    from ordre as o cross join par_epci as p
    where p.mesure_id in (select mesure_id from lues)
    union all by name
    -- A territory of today that cuts a cell of then has no figure: the cell is all that was rounded.
    select
        niveau, code, mesure_id, 'chaine' as regle,
        if(bool_and(entiere) and count(r) = count(*), sum(r), null) / 100 as valeur,
        count_if(debut) * max(amplitude) / 100 as amplitude,
        case
            when not bool_and(entiere) then '{IMPRIME}' when count(r) < count(*) then '{TROP_PETIT}'
        end as marque
    from tranches group by all
    union all by name
    select
        'commune' as niveau, o.code, m.mesure_id, o.departement, o.rang,
        comme_la_cnaf(coalesce(l.x, 0)) as valeur, 2 as amplitude, 'cnaf' as regle
    from ordre as o
    cross join (
        select distinct mesure_id from lues inner join regles using (mesure_id) where regle = 'cnaf'
    ) as m
    left join lues as l using (code, mesure_id)
    union all by name
    select
        w.niveau, w.code, l.mesure_id,
        comme_la_cnaf(sum(l.x)) as valeur, 2 as amplitude, 'cnaf' as regle
    from lues as l
    inner join regles as r on l.mesure_id = r.mesure_id and r.regle = 'cnaf'
    inner join larges as w on l.code = w.code_origine
    group by all
    union all by name
    -- What the file does not give keeps its reason, that of the other communes where it has no line.
    select
        'commune' as niveau, o.code, m.mesure_id, o.departement, o.rang, r.regle,
        coalesce(e.marque, m.marque) as marque
    from (
        select mesure_id, if(count(*) = count(marque), any_value(marque), null) as marque
        from exacts group by all
    ) as m
    cross join ordre as o
    inner join regles as r using (mesure_id)
    left join exacts as e on o.code = e.code and m.mesure_id = e.mesure_id
    where coalesce(e.marque, m.marque) is not null
)
select
    r.*, o.epci, o.ordre_public, o.population, o.population_millesime,
    r.niveau = 'commune' and r.marque is null and t.mesure_id is not null as retenue
from resultat as r
left join tues as t on r.mesure_id = t.mesure_id and r.departement = t.departement
left join (
    select 'commune' as niveau, code, epci, ordre_public, population, population_millesime from ordre
) as o on r.niveau = o.niveau and r.code = o.code
-- A cell that the file leaves blank is in no sum: it adds nothing to the chain, and has no figure.
qualify
    r.marque is not null
    or not bool_or(r.marque is not null) over (partition by r.niveau, r.code, r.mesure_id)
order by r.mesure_id, r.niveau, r.departement, r.rang, r.code
"""
