"""What changed between two releases, figure by figure, and why: files, geography, dictionary or code.

Reads the Parquet and the manifests of releases. How releases are kept is `magasin.py`; what a page or a
table of the command line makes of the comparison is for the caller.

A cause is told, not proved: it is what changed among the things the figure is made of. A figure that several
of them touch has several causes. The files of a figure are those of its sources whose millésime is one of its
own; a source without such a file (it holds many years) counts whole. When none of that changed, any file of
its sources does, and the COG.

    the médiane of 2019 moved, and of `insee_filosofi`:   its cause is
    the file of 2019 has other bytes                      révision
    the file of 2018 has other bytes, that of 2019 not    révision, for want of a nearer cause
    no file changed, the EPCI took in one commune         géographie, for the EPCI alone
    nothing changed but the code of the night             code
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from publication.releases.magasin import montrer, trouver
from socle.sql import texte_sql

_EXEMPLES = 5
# What makes a figure of the dictionary another figure; its wording and its availability do not.
_DEFINITION = (
    "univers, unite, methode, numerateur, denominateur, facteur, decalage, decalage_denominateur,"
    " part_d_un_tout, niveaux, sources"
)
_FICHIERS = pa.schema(
    [
        ("source", pa.string()),
        ("ressource", pa.string()),
        ("millesime", pa.int32()),
        ("membre", pa.string()),
        ("sha256", pa.string()),
        ("fichier_id", pa.string()),
    ]
)


@dataclass(frozen=True)
class Ecart:
    """One value that changed; `relatif` is (apres - avant) / |avant|, None when that is not a number."""

    territoire_id: str
    libelle: str
    millesime: int
    avant: float | None
    apres: float | None
    statut_avant: str
    statut_apres: str
    relatif: float | None


@dataclass(frozen=True)
class EcartIndicateur:
    """Rows of one indicateur added, removed and changed for one cause, and its largest relative changes.

    `cause`: révision, nouveau millésime, millésime retiré, géographie, définition, code; several are joined
    by ` + `. `indéterminée` when nothing known changed.
    """

    indicateur_id: str
    cause: str
    ajoutees: int
    retirees: int
    modifiees: int
    exemples: tuple[Ecart, ...]


@dataclass(frozen=True)
class EcartFichier:
    """A source file used by one release and not the other, or with other bytes (both names present).

    A file is named by its `fichier_id`: its sha256 where it is public.
    """

    source: str
    ressource: str
    millesime: int
    membre: str | None
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


def comparer(releases: Path, avant: str, apres: str, detail: Path | None = None) -> Comparaison:
    """Compare the figures and the source files of two releases of the store.

    Indicateurs and files that did not change are left out. `detail`: a CSV to write, one line per changed
    figure with its cause. Raises ErreurPublication on an unknown release.
    """
    ancienne, nouvelle = trouver(releases, avant), trouver(releases, apres)
    with duckdb.connect() as con:
        _chiffres(con, releases, ancienne, nouvelle)
        if detail:
            con.execute(
                f"""
                copy (
                    select * from chiffres order by indicateur_id, territoire_id, millesime
                ) to {texte_sql(detail)} (header, delimiter ';')
                """
            )
        exemples: dict[tuple[str, str], list[Ecart]] = {}
        for indicateur_id, cause, *ecart in con.execute(
            f"""
            select
                indicateur_id, cause, territoire_id, libelle, millesime, avant, apres, statut_avant,
                statut_apres, relatif
            from chiffres
            where statut_avant is not null and statut_apres is not null
            qualify row_number() over (
                partition by indicateur_id, cause
                order by abs(relatif) desc nulls last, territoire_id, millesime
            ) <= {_EXEMPLES}
            order by indicateur_id, cause, abs(relatif) desc nulls last, territoire_id, millesime
            """
        ).fetchall():
            exemples.setdefault((indicateur_id, cause), []).append(Ecart(*ecart))
        comptes = con.execute(
            """
            select
                indicateur_id,
                cause,
                count(*) filter (statut_avant is null),
                count(*) filter (statut_apres is null),
                count(*) filter (statut_avant is not null and statut_apres is not null)
            from chiffres group by all order by all
            """
        ).fetchall()
        causes = con.execute(
            "select cause, count(*) from chiffres group by all order by count(*) desc, cause"
        ).fetchall()
        fichiers = con.execute(
            """
            select source, ressource, millesime, membre, cause, avant, apres
            from fichiers where cause is not null order by all
            """
        ).fetchall()
    return Comparaison(
        ancienne.name,
        nouvelle.name,
        dict(causes),
        tuple(
            EcartIndicateur(nom, cause, ajoutees, retirees, modifiees, tuple(exemples.get((nom, cause), ())))
            for nom, cause, ajoutees, retirees, modifiees in comptes
        ),
        tuple(EcartFichier(*fichier) for fichier in fichiers),
    )


def cause(releases: Path, avant: str, apres: str, cellule: tuple[str, str, int]) -> str | None:
    """Say why one figure (territoire_id, indicateur_id, millésime) moved; None when it did not.

    Raises ErreurPublication on an unknown release.
    """
    with duckdb.connect() as con:
        _chiffres(con, releases, trouver(releases, avant), trouver(releases, apres), cellule)
        trouvee = con.execute("select cause from chiffres").fetchone()
    return str(trouvee[0]) if trouvee else None


def _chiffres(
    con: duckdb.DuckDBPyConnection,
    releases: Path,
    ancienne: Path,
    nouvelle: Path,
    cellule: tuple[str, str, int] | None = None,
) -> None:
    """`fichiers` and `chiffres`: what differs between two releases and why, of one figure or of all."""
    manifestes = [montrer(releases, dossier.name) for dossier in (ancienne, nouvelle)]
    codes = [manifeste.get("code") for manifeste in manifestes]
    seule = ""
    if cellule:
        territoire_id, indicateur_id, millesime = cellule
        seule = (
            f" where territoire_id = {texte_sql(territoire_id)} and millesime = {millesime:d}"
            f" and indicateur_id = {texte_sql(indicateur_id)}"
        )
    for prefixe, dossier, manifeste in zip(("a", "n"), (ancienne, nouvelle), manifestes, strict=True):
        for table in ("fct_indicateurs", "dim_indicateur", "dim_territoire", "passage_communes"):
            chemin = texte_sql(dossier / "parquet" / f"{table}.parquet")
            filtre = seule if table == "fct_indicateurs" else ""
            con.execute(f"create view {prefixe}_{table} as from read_parquet({chemin}){filtre}")
        con.register(f"{prefixe}_fichiers", _fichiers(manifeste))
    _comparer_fichiers(con)
    _comparer_chiffres(con)
    _comparer_geographie(con)
    _attribuer(con, "indéterminée" if codes[0] == codes[1] is not None else "code")


def _fichiers(manifeste: dict[str, Any]) -> pa.Table:
    # Manifests of an earlier version have no `fichier_id`.
    entrees = [{nom: f.get(nom) for nom in _FICHIERS.names} for f in manifeste["inputs"]]
    return pa.Table.from_pylist(entrees, schema=_FICHIERS)


def _comparer_fichiers(con: duckdb.DuckDBPyConnection) -> None:
    """`fichiers`: every file of either release, what became of it, and the millésimes of its source."""
    con.execute(
        """
        create table fichiers as
        select
            source, ressource, millesime, coalesce(n.membre, a.membre) as membre,
            coalesce(a.fichier_id, a.sha256) as avant, coalesce(n.fichier_id, n.sha256) as apres,
            case
                when a.source is null then 'nouveau millésime'
                when n.source is null then 'millésime retiré'
                -- A release of before has the sha256 of an internal file, one of today its name: unknown.
                when coalesce(a.sha256 <> n.sha256, a.fichier_id <> n.fichier_id) then 'révision'
            end as cause,
            list(millesime) over (partition by source) as millesimes_de_la_source
        from a_fichiers as a full join n_fichiers as n using (source, ressource, millesime)
        """
    )


def _comparer_chiffres(con: duckdb.DuckDBPyConnection) -> None:
    """`ecarts`: every figure that differs, with the sources and the millésimes it is made of."""
    con.execute(
        """
        create table ecarts as
        select
            indicateur_id, territoire_id, millesime, coalesce(n.libelle, a.libelle) as libelle,
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
            (a.statut, a.valeur, a.valeur_texte) is distinct from (n.statut, n.valeur, n.valeur_texte)
            or (a.numerateur, a.denominateur) is distinct from (n.numerateur, n.denominateur)
            or (a.borne_basse, a.borne_haute) is distinct from (n.borne_basse, n.borne_haute)
        """
    )


def _comparer_geographie(con: duckdb.DuckDBPyConnection) -> None:
    """`perimetres`: territoires made of other communes, the codes they had in older vintages included."""
    for prefixe in ("a", "n"):
        con.execute(
            f"""
            create view {prefixe}_perimetres as
            with membres as (
                select
                    unnest([
                        territoire_id, 'epci:' || epci, 'departement:' || departement, 'region:' || region,
                        'france:FR'
                    ]) as territoire_id,
                    code
                from {prefixe}_dim_territoire where niveau = 'commune'
            ),
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


def _attribuer(con: duckdb.DuckDBPyConnection, reste: str) -> None:
    """`chiffres`: every figure that differs with its cause; `reste` when nothing it is made of changed.

    Files are matched once per set of sources and millésimes, of which there are few, not once per figure.
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
        select indicateur_id
        from (select indicateur_id, ({_DEFINITION}) as definition from a_dim_indicateur) as a
        full join (select indicateur_id, ({_DEFINITION}) as definition from n_dim_indicateur) as n
            using (indicateur_id)
        where a.definition is distinct from n.definition;

        create table chiffres as
        with causes as (
            select
                e.*,
                coalesce(o.toutes, [])
                || case when e.autre_cog then ['géographie'] else [] end as secondes,
                coalesce(o.proches, [])
                || case when p.territoire_id is null then [] else ['géographie'] end
                || case when d.indicateur_id is null then [] else ['définition'] end as causes
            from ecarts as e
            left join origines as o using (source_ids, millesimes)
            left join perimetres as p using (territoire_id)
            left join definitions as d using (indicateur_id)
        )
        select
            indicateur_id, territoire_id, libelle, millesime, avant, apres, statut_avant, statut_apres,
            relatif,
            coalesce(
                nullif(array_to_string(list_sort(causes), ' + '), ''),
                nullif(array_to_string(list_sort(secondes), ' + '), ''),
                '{reste}'
            ) as cause
        from causes
        """
    )
