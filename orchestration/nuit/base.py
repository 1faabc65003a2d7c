"""The night's own DuckDB file: what it holds before dbt starts.

Registers the accepted Parquet files; knows no SQL model, and no reader ever opens this file.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from confidentialite.memoire.schema import REGISTRE
from ingestion.acquisition import Acquisition, Attente, FichierRetenu
from ingestion.extrait.contrat import charger_contrat
from ingestion.extrait.identite import RESSOURCE_EXTRAIT, SOURCE_EXTRAIT
from ingestion.extrait.retenus import MoisRetenu
from ingestion.extrait.schema import SCHEMA_MICRO
from socle.sql import texte_sql

from .agregats import SCHEMA_AGREGATS, geles
from .identifiants import identifiants
from .reglages import Reglages

ECRITURE = "v1.5.0"
"""How the file is written: no older DuckDB has to read it, and large tables take a quarter less to write."""

FICHIERS = pa.schema(
    [
        ("fichier_id", pa.string()),
        ("sha256", pa.string()),
        ("source", pa.string()),
        ("ressource", pa.string()),
        ("millesime", pa.int32()),
        ("membre", pa.string()),
        ("lignes", pa.int64()),
        ("lignes_ecartees", pa.int64()),
        ("niveau", pa.string()),
        ("forme", pa.string()),
        ("cog_millesime", pa.int32()),
        ("cogs", pa.list_(pa.int32())),
        ("couverture", pa.string()),
        ("absence", pa.string()),
        ("champ", pa.string()),
        ("paris_lyon_marseille", pa.string()),
        ("publie_le", pa.date32()),
    ]
)

SOURCES = pa.schema(
    [
        ("source_id", pa.string()),
        ("titre", pa.string()),
        ("producteur", pa.string()),
        ("licence", pa.string()),
        ("page", pa.string()),
        ("cadence", pa.string()),
        ("indispensable", pa.bool_()),
        ("diffusion", pa.string()),
        ("famille", pa.string()),
        ("recensement", pa.bool_()),
        ("decoupage", pa.string()),
        # Millésimes accepted and not read yet; NULL for a source where none waits.
        ("en_attente", pa.string()),
    ]
)


def preparer(
    base: Path,
    acquisition: Acquisition,
    reglages: Reglages,
    extrait: Sequence[MoisRetenu] = (),
    retenus: Sequence[FichierRetenu] | None = None,
    attentes: Sequence[Attente] = (),
    comptes: Mapping[MoisRetenu, Path] | None = None,
) -> None:
    """Create the night's file: `normalised`, one view per ressource and the registers, and `micro`.

    A view reads the explicit list of accepted Parquet files, never a glob; a ressource never received
    reads an empty file of its contract's types. `extrait`: the months of the allocataire extract in use,
    purged ones too, of which the frozen aggregates are read. Foyers are only ever read through a view.
    `retenus`, `attentes`: the accepted files in use and those that wait, where the caller has already asked
    for them. `comptes`: the aggregates of months that were counted already, of which no foyer is read.
    """
    if retenus is None:
        pris = acquisition.retenus()
        retenus, attentes = pris.fichiers, pris.attentes
    parquets: dict[str, list[Path]] = {}
    for fichier in retenus:
        parquets.setdefault(f"{fichier.source}__{fichier.ressource}", []).append(fichier.parquet)
    for (source, ressource), vide in acquisition.jamais_recues().items():
        parquets[f"{source}__{ressource}"] = [vide]

    noms = identifiants(reglages, acquisition.contrats)
    propres = [nom for nom in FICHIERS.names if nom not in ("fichier_id", "membre")]
    lignes = [{nom: getattr(f, nom) for nom in propres} for f in retenus]
    for ligne, fichier in zip(lignes, retenus, strict=True):
        ligne["membre"] = fichier.membre or fichier.fichier
    comptes = comptes or {}
    foyers = {mois: mois.parquet for mois in extrait if not mois.purge and mois not in comptes}
    gardes = geles(reglages.chemins.agregats)
    agregats = {m: gardes[m.mois, m.sha256] for m in extrait if m.purge and (m.mois, m.sha256) in gardes}
    lignes += [_ligne_extrait(mois) for mois in (*foyers, *comptes, *agregats) if mois.annuel]
    for ligne in lignes:
        ligne["fichier_id"] = noms.de(str(ligne["source"]), str(ligne["sha256"]))
    contexte: Mapping[str, object] = {
        "profil": reglages.profil,
        "perimetre": reglages.construction,
        "demonstration": reglages.profil == "demo",
    }
    sources = [
        {
            "source_id": fiche.source,
            "titre": fiche.title,
            "producteur": fiche.producer,
            "licence": fiche.licence,
            "page": str(fiche.page),
            "cadence": fiche.cadence,
            "indispensable": fiche.indispensable,
            "diffusion": fiche.diffusion,
            "famille": fiche.famille,
            "recensement": fiche.recensement,
            "en_attente": ", ".join(str(a.millesime) for a in attentes if a.source == fiche.source) or None,
            "decoupage": fiche.decoupage,
        }
        for fiche in (*acquisition.contrats.values(), charger_contrat())
    ]
    with duckdb.connect(str(base), config={"storage_compatibility_version": ECRITURE}) as con:
        # One transaction: each statement would wait for the disk by itself.
        con.begin()
        con.execute("create schema normalised")
        con.execute("create schema micro")
        for table, chemins in parquets.items():
            _enregistrer(con, f"normalised.{table}", chemins)
        for nom, registre in {
            "fichiers": pa.Table.from_pylist(lignes, schema=FICHIERS),
            "contexte": pa.Table.from_pylist([dict(contexte)]),
            "sources": pa.Table.from_pylist(sources, schema=SOURCES),
        }.items():
            _copier(con, f"normalised.{nom}", registre)
        _enregistrer(
            con, "normalised.registre", sorted(reglages.chemins.registre.glob("*.parquet")), vide=REGISTRE
        )
        _enregistrer(con, "micro.foyers", [*foyers.values()], vide=SCHEMA_MICRO)
        _enregistrer_agregats(con, {True: [*agregats.values()], False: [*comptes.values()]})
        con.commit()


def _ligne_extrait(mois: MoisRetenu) -> dict[str, object]:
    """The extract among the files of the night. A number of lines would be a number of persons: NULL."""
    return {
        "sha256": mois.sha256,
        "source": SOURCE_EXTRAIT,
        "ressource": RESSOURCE_EXTRAIT,
        "millesime": mois.millesime,
        "membre": mois.mois,
        "niveau": "commune",
        "forme": "colonnes",
        "cog_millesime": mois.cog_millesime,
        "cogs": [mois.cog_millesime],
        "couverture": mois.couverture,
        "absence": "zero",
        "paris_lyon_marseille": "communes",
    }


def _enregistrer(
    con: duckdb.DuckDBPyConnection, nom: str, chemins: Sequence[Path], vide: pa.Schema | None = None
) -> None:
    """A view over these Parquet files; an empty table of the types `vide` where there is none."""
    if not chemins and vide is not None:
        _copier(con, nom, vide.empty_table())
        return
    liste = ", ".join(map(texte_sql, chemins))
    con.execute(f"create view {nom} as select * from read_parquet([{liste}])")


def _enregistrer_agregats(con: duckdb.DuckDBPyConnection, par_gel: Mapping[bool, Sequence[Path]]) -> None:
    """A view over aggregates, and whether they are what is left of a purged month (`gele`) or tonight's."""
    lectures = [
        f"select *, {gele} as gele from read_parquet([{', '.join(map(texte_sql, chemins))}])"
        for gele, chemins in par_gel.items()
        if chemins
    ]
    if lectures:
        con.execute(f"create view micro.agregats as {' union all '.join(lectures)}")
    else:
        _copier(con, "micro.agregats", SCHEMA_AGREGATS.append(pa.field("gele", pa.bool_())).empty_table())


def _copier(con: duckdb.DuckDBPyConnection, nom: str, table: pa.Table) -> None:
    con.register("arrow", table)
    con.execute(f"create table {nom} as select * from arrow")
    con.unregister("arrow")
