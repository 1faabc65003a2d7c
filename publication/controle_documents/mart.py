"""How an audit is kept: a DuckDB file of two tables, the same in Parquet, beside releases, never in one."""

import csv
import tempfile
from pathlib import Path
from typing import Any

import duckdb

from publication.controle_documents import Audit
from publication.controle_documents.controles import lire
from publication.exports.tables import ColonneDeMart
from socle.disque import synchroniser
from socle.sql import texte_sql

TABLES = {
    "mart_audit_publication": "Une ligne par chiffre imprimé : son verdict et ce qu'en dit l'entrepôt.",
    "mart_audit_controles": (
        "Une ligne par contrôle et territoire : les chiffres du document entre eux et face à l'entrepôt."
    ),
}
"""Description of each table; those of its columns are in `colonnes.csv`, in their order."""


def colonnes(table: str) -> list[ColonneDeMart]:
    """Return the columns of a table."""
    return [
        ColonneDeMart(ligne["colonne"], ligne["type"], ligne["description"])
        for ligne in csv.DictReader(lire("colonnes.csv").splitlines())
        if ligne["table"] == table
    ]


def lignes(audit: Audit) -> dict[str, list[dict[str, Any]]]:
    """Rows of each table of the audit, in the order of the document and of the checks."""
    communes = {
        "release_id": audit.release_id,
        "document_id": audit.document.document_id,
        "document_sha256": audit.document.sha256,
        "demonstration": audit.demonstration,
    }
    controles = [
        {**c, "rang": rang, "lignes": "+".join(map(str, c["lignes"])) or None}
        for rang, c in enumerate(audit.controles, 1)
    ]
    return {
        table: [{c.nom: {**communes, **ligne}[c.nom] for c in colonnes(table)} for ligne in toutes]
        for table, toutes in zip(TABLES, (audit.chiffres, controles), strict=True)
    }


def en_json(audit: Audit) -> dict[str, Any]:
    """The audit for programs: the rows of both tables under the names of what they hold."""
    chiffres, controles = lignes(audit).values()
    return {
        "document": {"document_id": audit.document.document_id, "sha256": audit.document.sha256},
        "release_id": audit.release_id,
        "demonstration": audit.demonstration,
        "a_corriger": audit.a_corriger,
        "chiffres": chiffres,
        "controles": controles,
        "controles_sans_objet": list(audit.sans_objet),
    }


def ecrire_mart(audit: Audit, audits: Path) -> Path:
    """Write `audit.duckdb` and one Parquet per table under `audits/<sha256, 12 digits>`; return that folder.

    Each file takes its place whole; an earlier audit of the same document is replaced.
    """
    dossier = audits / audit.document.sha256[:12]
    dossier.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=audits, prefix=".en_cours-") as nom:
        provisoire = Path(nom)
        with duckdb.connect(str(provisoire / "audit.duckdb")) as con:
            con.execute("create schema marts; use marts")
            for table, contenu in lignes(audit).items():
                declarees = colonnes(table)
                con.execute(f"create table {table} ({', '.join(f'{c.nom} {c.type}' for c in declarees)})")
                con.execute(f"comment on table {table} is {texte_sql(TABLES[table])}")
                for c in declarees:
                    con.execute(f"comment on column {table}.{c.nom} is {texte_sql(c.description or '')}")
                if contenu:
                    con.executemany(
                        f"insert into {table} values ({', '.join(f'${c.nom}' for c in declarees)})", contenu
                    )
                parquet = texte_sql(provisoire / f"{table}.parquet")
                con.execute(f"copy {table} to {parquet} (format parquet)")
            con.execute("checkpoint")
        for fichier in sorted(provisoire.iterdir()):
            synchroniser(fichier)
            fichier.replace(dossier / fichier.name)
    return dossier
