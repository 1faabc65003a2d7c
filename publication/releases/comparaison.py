"""What changed between two releases, figure by figure, and why: files, geography, dictionary or code.

A cause is told, not proved: whatever changed among the things that the figure is made of, its own files
first (those of its sources and millésimes), then any file of its sources, then the code.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from publication.exports.format import Annexe
from publication.lecture.membres import membres
from publication.releases.magasin import montrer, trouver
from socle.affichage import STATUTS_MARQUES
from socle.panne import en_ecrivant
from socle.sql import texte_sql

_LUES = ("fct_indicateurs", "dim_indicateur", "dim_territoire", "passage_communes", "ctg_communes")
# What makes a figure of the dictionary another figure; its wording and its availability do not.
_DEFINITION = (
    "univers, unite, methode, numerateur, denominateur, facteur, decalage, decalage_denominateur,"
    " part_d_un_tout, niveaux, sources"
)
_NOMBRES = ("valeur", "numerateur", "denominateur", "borne_basse", "borne_haute")


def _autre(avant: str, apres: str) -> str:
    """SQL: whether two numbers differ by their first nine decimals, all that is ever printed of one.

    33.33333333333333 and 33.333333333333336, of two ways to divide, are one figure.
    """
    return f"round({avant}, 9) is distinct from round({apres}, 9)"


_FICHIERS = pa.schema(
    [
        ("source", pa.string()),
        ("ressource", pa.string()),
        ("millesime", pa.int32()),
        ("membre", pa.string()),
        ("fichier_id", pa.string()),
    ]
)

_TABLES = """
create table changements (
    territoire_id varchar, niveau varchar, indicateur_id varchar, millesime integer, nature varchar,
    avant double, avant_affichee varchar, avant_statut varchar,
    apres double, apres_affichee varchar, apres_statut varchar, cause varchar
);
create table changements_resume (
    indicateur_id varchar, niveau varchar, cause varchar,
    ajouts bigint, retraits bigint, modifications bigint
);
create table changements_fichiers (
    source varchar, ressource varchar, millesime integer, membre varchar, cause varchar
);
"""
_COMPTES = """
    count(*) filter (statut_avant is null),
    count(*) filter (statut_apres is null),
    count(*) filter (statut_avant is not null and statut_apres is not null)
"""
_REMPLIR = f"""
insert into changements
with lus as (
    select
        *,
        coalesce(statut_avant in {STATUTS_MARQUES}, false) as sans_avant,
        coalesce(statut_apres in {STATUTS_MARQUES}, false) as sans_apres
    from chiffres where niveau <> 'commune'
)
select
    territoire_id, niveau, indicateur_id, millesime,
    case
        when statut_avant is null then 'ajout'
        when statut_apres is null then 'retrait'
        when statut_avant <> statut_apres then 'statut'
        when {_autre("avant", "apres")} or avant_affichee is distinct from apres_affichee then 'valeur'
        else 'précision'
    end,
    case when not (sans_avant or sans_apres) then avant end,
    case when sans_avant or not sans_apres then avant_affichee end,
    statut_avant,
    case when not (sans_avant or sans_apres) then apres end,
    case when sans_apres or not sans_avant then apres_affichee end,
    statut_apres, cause
from lus;
insert into changements_resume
select
    indicateur_id, niveau, cause,
    {_COMPTES}
from chiffres group by all;
insert into changements_fichiers
select source, ressource, millesime, membre, cause from fichiers where cause is not null;
"""
_CAUSE = (
    "Ce qui a changé parmi ce dont le chiffre est fait : révision, nouveau millésime, millésime retiré,"
    " géographie, définition, code ; plusieurs sont séparées par +"
)


@dataclass(frozen=True)
class Ecart:
    """One value that changed; `libelle` names its territoire."""

    libelle: str
    millesime: int
    avant: float | None
    apres: float | None


@dataclass(frozen=True)
class EcartIndicateur:
    """Rows of one indicateur added, removed and changed for one cause, and its largest relative change.

    `cause`: révision, nouveau millésime, millésime retiré, géographie, définition, code, indicateur ajouté or
    retiré; several are joined by ` + `. `indéterminée` when nothing known changed.
    """

    indicateur_id: str
    cause: str
    ajoutees: int
    retirees: int
    modifiees: int
    exemple: Ecart | None


@dataclass(frozen=True)
class EcartFichier:
    """A source file that one release uses and not the other, or with other bytes, by its `fichier_id`."""

    source: str
    ressource: str
    millesime: int
    cause: str
    avant: str | None
    apres: str | None


@dataclass(frozen=True)
class Comparaison:
    """What changed from release `avant` to release `apres`; `causes` counts the figures of each cause."""

    avant: str
    apres: str
    causes: dict[str, int]
    indicateurs: tuple[EcartIndicateur, ...]
    fichiers: tuple[EcartFichier, ...]


@dataclass(frozen=True)
class Bout:
    """One end of a comparison: the folder of a release, whole or being made, its inputs and its code."""

    dossier: Path
    entrees: Sequence[Mapping[str, Any]]
    code: str | None


def bout(releases: Path, release_id: str) -> Bout:
    """Return a release of the store as an end; raise ErreurPublication when there is none of that id."""
    dossier = trouver(releases, release_id)
    manifeste = montrer(releases, dossier.name)
    return Bout(dossier, manifeste["inputs"], manifeste["code"])


def comparer(releases: Path, avant: str, apres: str, detail: Path | None = None) -> Comparaison:
    """Compare the figures and the source files of two releases of the store; what did not change is left out.

    `detail`: a CSV to write, one line per changed figure. Raises ErreurPublication on an unknown release.
    """
    ancienne, nouvelle = bout(releases, avant), bout(releases, apres)
    with duckdb.connect() as con:
        _chiffres(con, ancienne, nouvelle)
        if detail:
            with en_ecrivant(detail):
                detail.parent.mkdir(parents=True, exist_ok=True)
                con.execute(
                    f"""
                    copy (
                        select
                            indicateur_id, territoire_id, libelle, millesime, avant, apres, statut_avant,
                            statut_apres, relatif, cause
                        from chiffres order by indicateur_id, territoire_id, millesime
                    ) to {texte_sql(detail)} (header, delimiter ';')
                    """
                )
        indicateurs = con.execute(
            f"""
            select
                indicateur_id, cause,
                {_COMPTES},
                first(
                    {{libelle: libelle, millesime: millesime, avant: avant, apres: apres}}
                    order by abs(relatif) desc nulls last, territoire_id, millesime
                ) filter (statut_avant is not null and statut_apres is not null)
            from chiffres group by indicateur_id, cause order by indicateur_id, cause
            """
        ).fetchall()
        causes = con.execute(
            "select cause, count(*) from chiffres group by all order by count(*) desc, cause"
        ).fetchall()
        fichiers = con.execute(
            """
            select source, ressource, millesime, cause, avant, apres
            from fichiers where cause is not null order by all
            """
        ).fetchall()
    return Comparaison(
        ancienne.dossier.name,
        nouvelle.dossier.name,
        dict(causes),
        tuple(
            EcartIndicateur(nom, cause, ajoutees, retirees, modifiees, Ecart(**exemple) if exemple else None)
            for nom, cause, ajoutees, retirees, modifiees, exemple in indicateurs
        ),
        tuple(EcartFichier(*fichier) for fichier in fichiers),
    )


def cause(releases: Path, avant: str, apres: str, cellule: tuple[str, str, int]) -> str | None:
    """Say why one figure (territoire_id, indicateur_id, millésime) moved; None when it did not."""
    with duckdb.connect() as con:
        _chiffres(con, bout(releases, avant), bout(releases, apres), cellule)
        trouvee = con.execute("select cause from chiffres").fetchone()
    return str(trouvee[0]) if trouvee else None


def changements(avant: Bout | None, apres: Bout) -> tuple[Annexe, ...]:
    """Return what changed since the release `avant`, as the tables a release keeps of it; empty without one.

    Figures of communes are counted, not listed: a revision of one file moves all those of a country. Where
    either end shows no figure, neither end's number is there:

        3 250 observe -> 3 255 observe      avant 3250, apres 3255
        3 250 observe -> s secret           avant null, apres null
    """
    with duckdb.connect() as con:
        con.execute(_TABLES)
        if avant:
            _chiffres(con, avant, apres)
            con.execute(_REMPLIR)
        return _annexes(con)


def _annexes(con: duckdb.DuckDBPyConnection) -> tuple[Annexe, ...]:
    """Return the tables that `_REMPLIR` fills, with what is said of them."""

    def lire(nom: str) -> Any:
        return con.execute(f"from {nom} order by all").to_arrow_table()

    return (
        Annexe(
            nom="changements",
            description="Chiffres au-dessus de la commune qui diffèrent de la publication précédente"
            " (dim_release.precedente) : nature ajout, retrait, statut, valeur ou précision (bornes, termes),"
            " et cause. Sans chiffre à un bout, aucun nombre à l'autre.",
            table=lire("changements"),
            masquees=frozenset({"avant", "apres"}),
            colonnes={
                "territoire_id": "Territoire",
                "niveau": "Niveau du territoire",
                "indicateur_id": "Indicateur",
                "millesime": "Année de la donnée",
                "nature": "ajout, retrait, statut, valeur ou précision (bornes, termes)",
                "avant": "Valeur dans la publication précédente, non arrondie",
                "avant_affichee": "La même, telle qu'elle s'écrivait ; s, nd ou na sans chiffre",
                "avant_statut": "Statut dans la publication précédente ; vide pour un ajout",
                "apres": "Valeur dans cette publication, non arrondie",
                "apres_affichee": "La même, telle qu'elle s'écrit ; s, nd ou na sans chiffre",
                "apres_statut": "Statut dans cette publication ; vide pour un retrait",
                "cause": _CAUSE,
            },
            cle=("territoire_id", "indicateur_id", "millesime"),
        ),
        Annexe(
            nom="changements_resume",
            description="Nombre de chiffres qui diffèrent de la publication précédente, communes comprises,"
            " par indicateur, niveau et cause.",
            table=lire("changements_resume"),
            colonnes={
                "indicateur_id": "Indicateur",
                "niveau": "Niveau des territoires",
                "cause": _CAUSE,
                "ajouts": "Nombre de chiffres ajoutés",
                "retraits": "Nombre de chiffres retirés",
                "modifications": "Nombre de chiffres modifiés",
            },
            cle=("indicateur_id", "niveau", "cause"),
        ),
        Annexe(
            nom="changements_fichiers",
            description="Fichiers sources ajoutés, retirés ou révisés depuis la publication précédente.",
            table=lire("changements_fichiers"),
            colonnes={
                "source": "Source",
                "ressource": "Ressource de la source",
                "millesime": "Millésime du fichier",
                "membre": "Fichier lu dans l'archive ; vide pour un fichier seul",
                "cause": "Ce qui lui est arrivé",
            },
        ),
    )


def _chiffres(
    con: duckdb.DuckDBPyConnection,
    ancienne: Bout,
    nouvelle: Bout,
    cellule: tuple[str, str, int] | None = None,
) -> None:
    """`fichiers` and `chiffres`: what differs between two releases and why, of one figure or of all."""
    seule = ""
    if cellule:
        territoire_id, indicateur_id, millesime = cellule
        seule = (
            f" where territoire_id = {texte_sql(territoire_id)} and millesime = {millesime:d}"
            f" and indicateur_id = {texte_sql(indicateur_id)}"
        )
    for prefixe, cote in (("a", ancienne), ("n", nouvelle)):
        for table in _LUES:
            chemin = texte_sql(cote.dossier / "parquet" / f"{table}.parquet")
            filtre = seule if table == "fct_indicateurs" else ""
            con.execute(f"create view {prefixe}_{table} as from read_parquet({chemin}){filtre}")
        con.register(f"{prefixe}_fichiers", _fichiers(cote.entrees))
    _comparer_fichiers(con)
    _comparer_chiffres(con)
    _comparer_geographie(con)
    _preparer_les_causes(con)
    _attribuer(con, "indéterminée" if ancienne.code == nouvelle.code is not None else "code")


def _fichiers(entrees: Sequence[Mapping[str, Any]]) -> pa.Table:
    lues = [{nom: f[nom] for nom in _FICHIERS.names} for f in entrees]
    return pa.Table.from_pylist(lues, schema=_FICHIERS)


def _comparer_fichiers(con: duckdb.DuckDBPyConnection) -> None:
    """`fichiers`: every file of either release, what became of it, and the millésimes of its source."""
    con.execute(
        """
        create table fichiers as
        select
            source, ressource, millesime, coalesce(n.membre, a.membre) as membre,
            a.fichier_id as avant, n.fichier_id as apres,
            case
                when a.source is null then 'nouveau millésime'
                when n.source is null then 'millésime retiré'
                when a.fichier_id <> n.fichier_id then 'révision'
            end as cause,
            list(millesime) over (partition by source) as millesimes_de_la_source
        from a_fichiers as a full join n_fichiers as n using (source, ressource, millesime)
        """
    )


def _comparer_chiffres(con: duckdb.DuckDBPyConnection) -> None:
    """`ecarts`: every figure that differs, with the sources and the millésimes it is made of."""
    con.execute(
        f"""
        create table ecarts as
        select
            indicateur_id, territoire_id, millesime, coalesce(n.libelle, a.libelle) as libelle,
            coalesce(n.niveau, a.niveau) as niveau, a.valeur_affichee as avant_affichee,
            n.valeur_affichee as apres_affichee,
            a.valeur as avant, n.valeur as apres, a.statut as statut_avant, n.statut as statut_apres,
            (n.valeur - a.valeur) / nullif(abs(a.valeur), 0) as relatif,
            concat_ws('+', a.source_ids, n.source_ids) as source_ids,
            list_distinct([
                millesime, a.millesime_base, n.millesime_base, a.millesime_denominateur,
                n.millesime_denominateur
            ]) as millesimes,
            coalesce(a.cog_millesime <> n.cog_millesime, false) as autre_cog
        from a_fct_indicateurs as a
        full join n_fct_indicateurs as n using (territoire_id, millesime, indicateur_id)
        where
            (a.statut, a.valeur_affichee, a.valeur_texte)
            is distinct from (n.statut, n.valeur_affichee, n.valeur_texte)
            or {" or ".join(_autre(f"a.{nombre}", f"n.{nombre}") for nombre in _NOMBRES)}
        """
    )


def _comparer_geographie(con: duckdb.DuckDBPyConnection) -> None:
    """`perimetres`: territoires made of other communes, the codes they had in older vintages included."""
    for prefixe in ("a", "n"):
        con.execute(
            f"""
            create view {prefixe}_perimetres as
            with membres as ({membres(f"{prefixe}_")}),
            codes as (
                from membres
                union
                -- A split commune keeps a code that no longer means the same territory.
                select
                    m.territoire_id,
                    case when p.nature not in ('fusion', 'changement_code') then p.nature else '' end
                    || p.code_origine
                from membres as m inner join {prefixe}_passage_communes as p on m.code = p.code_reference
            )
            select territoire_id, bit_xor(hash(code)) as communes from codes group by all
            """
        )
    con.execute(
        """
        create table perimetres as
        select territoire_id from a_perimetres as a full join n_perimetres as n using (territoire_id)
        where a.communes is distinct from n.communes
        """
    )


def _preparer_les_causes(con: duckdb.DuckDBPyConnection) -> None:
    """`origines`, what changed of the files of each set of sources and millésimes; `definitions`, of each
    indicateur. There are few of either, and many figures.
    """
    con.execute(
        f"""
        create table origines as
        with ensembles as (select distinct source_ids, millesimes from ecarts)
        select
            e.source_ids, e.millesimes,
            list(distinct f.cause) filter (
                list_contains(e.millesimes, f.millesime)
                or not list_has_any(e.millesimes, f.millesimes_de_la_source)
            ) as proches,
            list(distinct f.cause) as toutes
        from ensembles as e
        inner join fichiers as f on list_contains(string_split(e.source_ids, '+'), f.source)
        where f.cause is not null
        group by all;

        create table definitions as
        select
            indicateur_id,
            -- In one of the two alone, nothing of it changed: it came, or went.
            case
                when a.ici is null then 'indicateur ajouté'
                when n.ici is null then 'indicateur retiré'
            end as seul,
            seul is null and a.definition is distinct from n.definition as definition,
            seul is null and a.secret is distinct from n.secret as regle
        from (
            select true as ici, indicateur_id, secret, ({_DEFINITION}) as definition from a_dim_indicateur
        ) as a
        full join (
            select true as ici, indicateur_id, secret, ({_DEFINITION}) as definition from n_dim_indicateur
        ) as n using (indicateur_id)
        """
    )


def _attribuer(con: duckdb.DuckDBPyConnection, reste: str) -> None:
    """`chiffres`: every figure that differs with its cause; `reste` when nothing it is made of changed."""
    con.execute(
        f"""
        create table chiffres as
        with causes as (
            select
                e.*,
                coalesce(o.toutes, [])
                || case when e.autre_cog then ['géographie'] else [] end as secondes,
                case
                    when d.seul is not null then [d.seul]
                    else
                        coalesce(o.proches, [])
                        || case when p.territoire_id is null then [] else ['géographie'] end
                        || case when d.definition then ['définition'] else [] end
                        || case when d.regle then ['règle de confidentialité'] else [] end
                end as causes
            from ecarts as e
            left join origines as o using (source_ids, millesimes)
            left join perimetres as p using (territoire_id)
            left join definitions as d using (indicateur_id)
        )
        select
            indicateur_id, territoire_id, niveau, libelle, millesime, avant, apres, avant_affichee,
            apres_affichee, statut_avant, statut_apres, relatif,
            coalesce(
                nullif(array_to_string(list_sort(causes), ' + '), ''),
                nullif(array_to_string(list_sort(secondes), ' + '), ''),
                '{reste}'
            ) as cause
        from causes
        """
    )
