"""What changed between two releases: figures, indicateur by indicateur, and source files.

Reads the Parquet and the manifests of releases. How releases are kept is `releases.py`; what a page or a
table of the command line makes of the comparison is for the caller.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from publication.releases import montrer, trouver

_EXEMPLES = 5


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
    """Rows of one indicateur added, removed and changed, and its largest relative changes."""

    indicateur_id: str
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
    sha256_avant: tuple[str, ...]
    sha256_apres: tuple[str, ...]


@dataclass(frozen=True)
class Comparaison:
    """What changed from release `avant` to release `apres`."""

    avant: str
    apres: str
    indicateurs: tuple[EcartIndicateur, ...]
    fichiers: tuple[EcartFichier, ...]


def comparer(releases: Path, avant: str, apres: str) -> Comparaison:
    """Compare the figures and the source files of two releases of the store.

    Indicateurs and files that did not change are left out. Raises ErreurPublication on an unknown release.
    """
    ancienne, nouvelle = trouver(releases, avant), trouver(releases, apres)
    with duckdb.connect() as con:
        con.execute(
            """
            CREATE TABLE ecarts AS
            SELECT
                indicateur_id, territoire_id, millesime, coalesce(n.libelle, a.libelle) AS libelle,
                a.valeur AS avant, n.valeur AS apres, a.statut AS statut_avant, n.statut AS statut_apres,
                (n.valeur - a.valeur) / nullif(abs(a.valeur), 0) AS relatif
            FROM read_parquet($ancienne) AS a
            FULL JOIN read_parquet($nouvelle) AS n USING (territoire_id, millesime, indicateur_id)
            WHERE
                (a.statut, a.valeur, a.valeur_texte) IS DISTINCT FROM (n.statut, n.valeur, n.valeur_texte)
                OR (a.numerateur, a.denominateur) IS DISTINCT FROM (n.numerateur, n.denominateur)
                OR (a.borne_basse, a.borne_haute) IS DISTINCT FROM (n.borne_basse, n.borne_haute)
            """,
            {
                "ancienne": str(ancienne / "parquet" / "fct_indicateurs.parquet"),
                "nouvelle": str(nouvelle / "parquet" / "fct_indicateurs.parquet"),
            },
        )
        exemples: dict[str, list[Ecart]] = {}
        for indicateur_id, *ecart in con.execute(
            f"""
            SELECT
                indicateur_id, territoire_id, libelle, millesime, avant, apres, statut_avant, statut_apres,
                relatif
            FROM ecarts
            WHERE statut_avant IS NOT NULL AND statut_apres IS NOT NULL
            QUALIFY row_number() OVER (
                PARTITION BY indicateur_id ORDER BY abs(relatif) DESC NULLS LAST, territoire_id, millesime
            ) <= {_EXEMPLES}
            ORDER BY indicateur_id, abs(relatif) DESC NULLS LAST, territoire_id, millesime
            """
        ).fetchall():
            exemples.setdefault(indicateur_id, []).append(Ecart(*ecart))
        comptes = con.execute(
            """
            SELECT
                indicateur_id,
                count(*) FILTER (statut_avant IS NULL),
                count(*) FILTER (statut_apres IS NULL),
                count(*) FILTER (statut_avant IS NOT NULL AND statut_apres IS NOT NULL)
            FROM ecarts GROUP BY indicateur_id ORDER BY indicateur_id
            """
        ).fetchall()
    fichiers: dict[tuple[str, str, int, str | None], tuple[list[str], list[str]]] = {}
    for rang, dossier in enumerate((ancienne, nouvelle)):
        for fichier in montrer(releases, dossier.name)["inputs"]:
            cle = (fichier["source"], fichier["ressource"], fichier["millesime"], fichier["membre"])
            fichiers.setdefault(cle, ([], []))[rang].append(fichier["sha256"])
    return Comparaison(
        ancienne.name,
        nouvelle.name,
        tuple(
            EcartIndicateur(nom, ajoutees, retirees, modifiees, tuple(exemples.get(nom, ())))
            for nom, ajoutees, retirees, modifiees in comptes
        ),
        tuple(EcartFichier(*cle, tuple(a), tuple(n)) for cle, (a, n) in fichiers.items() if a != n),
    )
