"""The schemas of a publication: their names, what they hold, whether they may be replaced."""

from dataclasses import dataclass

from publication.exports.postgres.serveur import Connexion, executer, valeur
from publication.exports.postgres.tables import Edition
from socle.erreurs import ErreurPublication
from socle.sql import nom_sql, texte_sql


@dataclass(frozen=True)
class Schema:
    """The schema that readers name, and the two beside it.

    Raises ErreurPublication on a name that PostgreSQL would cut.
    """

    nom: str

    def __post_init__(self) -> None:
        """Refuse a name that cannot be followed by the suffixes."""
        if not self.nom or len(self.precedente.encode()) > 63 or self.nom.startswith("pg_"):
            raise ErreurPublication(
                f"{self.nom!r} cannot be a schema of publication: expected a name of 1 to"
                f" {63 - len('_precedente')} bytes that does not start with pg_ (--schema)."
            )

    @property
    def precedente(self) -> str:
        """What was in service before."""
        return f"{self.nom}_precedente"

    @property
    def nouvelle(self) -> str:
        """What is being loaded."""
        return f"{self.nom}_nouvelle"


def tenue(con: Connexion, schema: str) -> Edition | None:
    """Return the release that a schema holds; None when it holds none."""
    if not existe(con, schema, "dim_release"):
        return None
    lue = executer(
        con,
        f"select release_id, content_hash, profil, perimetre from {nom_sql(schema)}.dim_release",
    ).fetchone()
    return Edition(*map(str, lue)) if lue else None


def existe(con: Connexion, schema: str, table: str | None = None) -> bool:
    """Whether there is a schema of that name, or a table in it."""
    if table is None:
        return bool(valeur(con, f"select 1 from pg_catalog.pg_namespace where nspname = {texte_sql(schema)}"))
    return bool(
        valeur(
            con,
            "select 1 from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace"
            f" where n.nspname = {texte_sql(schema)} and c.relname = {texte_sql(table)}",
        )
    )


def relations(con: Connexion, schema: str) -> list[str]:
    """Return the tables of a schema, quoted with it."""
    return [
        f"{nom_sql(schema)}.{nom_sql(str(nom))}"
        for (nom,) in executer(
            con,
            "select c.relname from pg_catalog.pg_class c join pg_catalog.pg_namespace n on"
            f" n.oid = c.relnamespace where n.nspname = {texte_sql(schema)} and c.relkind in ('r', 'p')"
            " order by c.relname",
        )
    ]


def exiger_de_pouvoir_publier(con: Connexion, schema: Schema, edition: Edition) -> None:
    """Refuse what would fail after a long load, or take the place of what is not a release of this scope."""
    for nom in (schema.nom, schema.precedente, schema.nouvelle):
        _exiger_le_sien(con, nom)
    dite = tenue(con, schema.nom)
    if dite and (dite.profil, dite.perimetre) != (edition.profil, edition.perimetre):
        raise ErreurPublication(
            f"Schema {schema.nom} holds {dite.release_id}, of profile {dite.profil} on {dite.perimetre};"
            f" {edition.release_id} is of profile {edition.profil} on {edition.perimetre}. Next: publish it"
            f" to another schema (--schema), or remove this one (drop schema {nom_sql(schema.nom)} cascade)."
        )
    refuser_les_dependants(con, schema)


def refuser_les_dependants(con: Connexion, schema: Schema) -> None:
    """Raise ErreurPublication when something outside is bound to a table itself, and not to its name.

    A view would go on showing the former release; what is bound to the type of its rows would go with it.
    """
    noms = f"({texte_sql(schema.nom)}, {texte_sql(schema.precedente)})"
    dependants = [
        f"{quoi} {nom}" + (f" (owner {proprietaire})" if proprietaire else "")
        for quoi, nom, proprietaire in executer(
            con,
            # A table makes two types, of its rows and of their arrays. What only goes with a relation is told
            # by that relation: a view by its rule, a foreign key by its table.
            f"""
            with tenus (classe, oid) as (
                select c.tableoid, c.oid from pg_catalog.pg_class c
                join pg_catalog.pg_namespace n on n.oid = c.relnamespace where n.nspname in {noms}
                union all
                select t.tableoid, t.oid from pg_catalog.pg_type t
                join pg_catalog.pg_namespace n on n.oid = t.typnamespace where n.nspname in {noms}
            ),
            portes (classe, oid, relation) as (
                select tableoid, oid, ev_class from pg_catalog.pg_rewrite
                union all select tableoid, oid, conrelid from pg_catalog.pg_constraint where conrelid <> 0
                union all select tableoid, oid, adrelid from pg_catalog.pg_attrdef
                union all select tableoid, oid, polrelid from pg_catalog.pg_policy
                union all select tableoid, oid, tgrelid from pg_catalog.pg_trigger
            ),
            lies (classe, oid, colonne) as (
                select
                    case when p.relation is null then d.classid else 'pg_catalog.pg_class'::regclass end,
                    coalesce(p.relation, d.objid),
                    case when p.relation is null then d.objsubid else 0 end
                from pg_catalog.pg_depend d
                join tenus t on d.refclassid = t.classe and d.refobjid = t.oid
                left join portes p on d.classid = p.classe and d.objid = p.oid
                where d.deptype = 'n'
            )
            select distinct o.type, o.identity,
                pg_catalog.pg_get_userbyid(coalesce(c.relowner, f.proowner, t.typowner))
            from lies l
            cross join lateral pg_catalog.pg_identify_object(l.classe, l.oid, l.colonne) o
            left join pg_catalog.pg_class c on l.classe = c.tableoid and l.oid = c.oid
            left join pg_catalog.pg_proc f on l.classe = f.tableoid and l.oid = f.oid
            left join pg_catalog.pg_type t on l.classe = t.tableoid and l.oid = t.oid
            where coalesce(o.schema, '') not in {noms}
            order by 1, 2
            """,
        )
    ]
    if dependants:
        raise ErreurPublication(
            f"{', '.join(dependants)}: made on tables of {schema.nom} or on the type of their rows, would go"
            " on reading the former release after this publication, then be dropped with it. Nothing was"
            " published there. Next: drop it. Keep a query in the BI tool, or in a function whose body is a"
            " text, which reads tables by their names, and which lists its columns (returns table (…));"
            " keep rows in a table made by create table … as select."
        )


def _exiger_le_sien(con: Connexion, schema: str) -> None:
    """Refuse a schema that this role does not own, or that holds something else than a release."""
    if not existe(con, schema):
        return
    proprietaire = valeur(
        con,
        "select pg_catalog.pg_get_userbyid(nspowner) from pg_catalog.pg_namespace"
        f" where nspname = {texte_sql(schema)} and not pg_catalog.pg_has_role(nspowner, 'usage')",
    )
    if proprietaire:
        raise ErreurPublication(
            f"Schema {schema} belongs to {proprietaire}, who alone may rename it. Next: publish as"
            f" {proprietaire}, or have it owned by the role of the publication; or name another schema"
            " (--schema)."
        )
    if not existe(con, schema, "dim_release") and valeur(
        con,
        "select 1 from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace"
        f" where n.nspname = {texte_sql(schema)}",
    ):
        raise ErreurPublication(
            f"Schema {schema} holds something, and no release (no dim_release): it is somebody else's, and is"
            " left alone. Next: name another schema (--schema)."
        )
