"""What changed between two releases, figure by figure, and why: files, geography, dictionary or code.

Reads the Parquet and the manifests of releases. How releases are kept is `releases.py`; what a page or a
table of the command line makes of the comparison is for the caller.

A cause is told, not proved: it is what changed among the things the figure is made of. A figure that several
of them touch has several causes. The files of a figure are those of its sources whose millésime is one of its
own; a source without such a file (it holds many years) counts whole. When none of that changed, any file of
its sources does, and the COG.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from publication.releases.magasin import montrer, trouver

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
    """A source file used by one release and not the other, or with other bytes (both sha256 present)."""

    source: str
    ressource: str
    millesime: int
    membre: str | None
    cause: str
    sha256_avant: str | None
    sha256_apres: str | None


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
    manifestes = [montrer(releases, dossier.name) for dossier in (ancienne, nouvelle)]
    codes = [manifeste.get("code") for manifeste in manifestes]
    reste = "indéterminée" if codes[0] == codes[1] is not None else "code"
    with duckdb.connect() as con:
        for cote, dossier, manifeste in zip(("a", "n"), (ancienne, nouvelle), manifestes, strict=True):
            for table in ("fct_indicateurs", "dim_indicateur", "dim_territoire", "passage_communes"):
                chemin = dossier / "parquet" / f"{table}.parquet"
                con.execute(f"CREATE VIEW {cote}_{table} AS FROM read_parquet('{_texte(chemin)}')")
            con.register(f"{cote}_fichiers", _fichiers(manifeste))
        _comparer_fichiers(con)
        _comparer_chiffres(con)
        _comparer_geographie(con)
        _attribuer(con, reste)
        if detail:
            con.execute(
                f"""
                COPY (
                    SELECT * FROM chiffres ORDER BY indicateur_id, territoire_id, millesime
                ) TO '{_texte(detail)}' (HEADER, DELIMITER ';')
                """
            )
        exemples: dict[tuple[str, str], list[Ecart]] = {}
        for indicateur_id, cause, *ecart in con.execute(
            f"""
            SELECT
                indicateur_id, cause, territoire_id, libelle, millesime, avant, apres, statut_avant,
                statut_apres, relatif
            FROM chiffres
            WHERE statut_avant IS NOT NULL AND statut_apres IS NOT NULL
            QUALIFY row_number() OVER (
                PARTITION BY indicateur_id, cause
                ORDER BY abs(relatif) DESC NULLS LAST, territoire_id, millesime
            ) <= {_EXEMPLES}
            ORDER BY indicateur_id, cause, abs(relatif) DESC NULLS LAST, territoire_id, millesime
            """
        ).fetchall():
            exemples.setdefault((indicateur_id, cause), []).append(Ecart(*ecart))
        comptes = con.execute(
            """
            SELECT
                indicateur_id,
                cause,
                count(*) FILTER (statut_avant IS NULL),
                count(*) FILTER (statut_apres IS NULL),
                count(*) FILTER (statut_avant IS NOT NULL AND statut_apres IS NOT NULL)
            FROM chiffres GROUP BY ALL ORDER BY ALL
            """
        ).fetchall()
        causes = con.execute(
            "SELECT cause, count(*) FROM chiffres GROUP BY ALL ORDER BY count(*) DESC, cause"
        ).fetchall()
        fichiers = con.execute(
            """
            SELECT source, ressource, millesime, membre, cause, sha256_avant, sha256_apres
            FROM fichiers WHERE cause IS NOT NULL ORDER BY ALL
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


def _fichiers(manifeste: dict[str, Any]) -> pa.Table:
    entrees = [{nom: f[nom] for nom in _FICHIERS.names} for f in manifeste["inputs"]]
    return pa.Table.from_pylist(entrees, schema=_FICHIERS)


def _comparer_fichiers(con: duckdb.DuckDBPyConnection) -> None:
    """`fichiers`: every file of either release, what became of it, and the millésimes of its source."""
    con.execute(
        """
        CREATE TABLE fichiers AS
        SELECT
            source, ressource, millesime, coalesce(n.membre, a.membre) AS membre,
            a.sha256 AS sha256_avant, n.sha256 AS sha256_apres,
            CASE
                WHEN a.sha256 IS NULL THEN 'nouveau millésime'
                WHEN n.sha256 IS NULL THEN 'millésime retiré'
                WHEN a.sha256 <> n.sha256 THEN 'révision'
            END AS cause,
            list(millesime) OVER (PARTITION BY source) AS millesimes_de_la_source
        FROM a_fichiers AS a FULL JOIN n_fichiers AS n USING (source, ressource, millesime)
        """
    )


def _comparer_chiffres(con: duckdb.DuckDBPyConnection) -> None:
    """`ecarts`: every figure that differs, with the sources and the millésimes it is made of."""
    con.execute(
        """
        CREATE TABLE ecarts AS
        SELECT
            indicateur_id, territoire_id, millesime, coalesce(n.libelle, a.libelle) AS libelle,
            a.valeur AS avant, n.valeur AS apres, a.statut AS statut_avant, n.statut AS statut_apres,
            (n.valeur - a.valeur) / nullif(abs(a.valeur), 0) AS relatif,
            concat_ws('+', a.source_ids, n.source_ids) AS source_ids,
            list_distinct([
                millesime, a.millesime_base, n.millesime_base, a.millesime_denominateur,
                n.millesime_denominateur
            ]) AS millesimes,
            coalesce(a.cog_millesime <> n.cog_millesime, false) AS autre_cog
        FROM a_fct_indicateurs AS a
        FULL JOIN n_fct_indicateurs AS n USING (territoire_id, millesime, indicateur_id)
        WHERE
            (a.statut, a.valeur, a.valeur_texte) IS DISTINCT FROM (n.statut, n.valeur, n.valeur_texte)
            OR (a.numerateur, a.denominateur) IS DISTINCT FROM (n.numerateur, n.denominateur)
            OR (a.borne_basse, a.borne_haute) IS DISTINCT FROM (n.borne_basse, n.borne_haute)
        """
    )


def _comparer_geographie(con: duckdb.DuckDBPyConnection) -> None:
    """`perimetres`: territoires made of other communes, the codes they had in older vintages included."""
    for cote in ("a", "n"):
        con.execute(
            f"""
            CREATE VIEW {cote}_perimetres AS
            WITH membres AS (
                SELECT
                    unnest([
                        territoire_id, 'epci:' || epci, 'departement:' || departement, 'region:' || region,
                        'france:FR'
                    ]) AS territoire_id,
                    code
                FROM {cote}_dim_territoire WHERE niveau = 'commune'
            ),
            codes AS (
                FROM membres
                UNION
                -- A split commune keeps a code that no longer means the same territory.
                SELECT
                    m.territoire_id,
                    CASE WHEN p.nature NOT IN ('fusion', 'changement_code') THEN p.nature ELSE '' END
                    || p.code_origine
                FROM membres AS m INNER JOIN {cote}_passage_communes AS p ON m.code = p.code_reference
            )
            SELECT territoire_id, bit_xor(hash(code)) AS communes FROM codes GROUP BY ALL
            """
        )
    con.execute(
        """
        CREATE TABLE perimetres AS
        SELECT territoire_id FROM a_perimetres AS a FULL JOIN n_perimetres AS n USING (territoire_id)
        WHERE a.communes IS DISTINCT FROM n.communes
        """
    )


def _attribuer(con: duckdb.DuckDBPyConnection, reste: str) -> None:
    """`chiffres`: every figure that differs with its cause; `reste` when nothing it is made of changed.

    Files are matched once per set of sources and millésimes, of which there are few, not once per figure.
    """
    con.execute(
        f"""
        CREATE TABLE origines AS
        WITH ensembles AS (SELECT DISTINCT source_ids, millesimes FROM ecarts)
        SELECT
            e.source_ids, e.millesimes,
            list(DISTINCT f.cause) FILTER (
                list_contains(e.millesimes, f.millesime)
                OR NOT list_has_any(e.millesimes, f.millesimes_de_la_source)
            ) AS proches,
            list(DISTINCT f.cause) AS toutes
        FROM ensembles AS e
        INNER JOIN fichiers AS f ON list_contains(regexp_extract_all(e.source_ids, '\\w+'), f.source)
        WHERE f.cause IS NOT NULL
        GROUP BY ALL;

        CREATE TABLE definitions AS
        SELECT indicateur_id
        FROM (SELECT indicateur_id, ({_DEFINITION}) AS definition FROM a_dim_indicateur) AS a
        FULL JOIN (SELECT indicateur_id, ({_DEFINITION}) AS definition FROM n_dim_indicateur) AS n
            USING (indicateur_id)
        WHERE a.definition IS DISTINCT FROM n.definition;

        CREATE TABLE chiffres AS
        WITH causes AS (
            SELECT
                e.*,
                coalesce(o.toutes, [])
                || CASE WHEN e.autre_cog THEN ['géographie'] ELSE [] END AS secondes,
                coalesce(o.proches, [])
                || CASE WHEN p.territoire_id IS NULL THEN [] ELSE ['géographie'] END
                || CASE WHEN d.indicateur_id IS NULL THEN [] ELSE ['définition'] END AS causes
            FROM ecarts AS e
            LEFT JOIN origines AS o USING (source_ids, millesimes)
            LEFT JOIN perimetres AS p USING (territoire_id)
            LEFT JOIN definitions AS d USING (indicateur_id)
        )
        SELECT
            indicateur_id, territoire_id, libelle, millesime, avant, apres, statut_avant, statut_apres,
            relatif,
            coalesce(
                nullif(array_to_string(list_sort(causes), ' + '), ''),
                nullif(array_to_string(list_sort(secondes), ' + '), ''),
                '{reste}'
            ) AS cause
        FROM causes
        """
    )


def _texte(chemin: Path) -> str:
    return str(chemin).replace("'", "''")
