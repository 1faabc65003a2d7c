"""How an audit is kept: a DuckDB file of two tables, the same in Parquet, beside releases, never in one."""

import csv
import tempfile
from dataclasses import fields
from fractions import Fraction
from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb

from publication.controle_documents import Audit
from publication.controle_documents.contexte import Resultat
from publication.controle_documents.verdicts import Jugement
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
    declarees = (files("publication.controle_documents") / "colonnes.csv").read_text(encoding="utf-8")
    return [
        ColonneDeMart(ligne["colonne"], ligne["type"], ligne["description"])
        for ligne in csv.DictReader(declarees.splitlines())
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
    return {
        "mart_audit_publication": [communes | _chiffre(j) for j in audit.jugements],
        "mart_audit_controles": [
            communes | {"rang": rang} | _controle(c) for rang, c in enumerate(audit.controles, 1)
        ],
    }


def en_json(audit: Audit) -> dict[str, Any]:
    """The audit for programs: the rows of both tables under the names of what they hold."""
    tables = lignes(audit)
    return {
        "document": {"document_id": audit.document.document_id, "sha256": audit.document.sha256},
        "release_id": audit.release_id,
        "demonstration": audit.demonstration,
        "a_corriger": audit.a_corriger,
        "chiffres": tables["mart_audit_publication"],
        "controles": tables["mart_audit_controles"],
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
                rang = "ligne" if table == "mart_audit_publication" else "rang"
                parquet = texte_sql(provisoire / f"{table}.parquet")
                con.execute(f"copy (from {table} order by {rang}) to {parquet} (format parquet)")
            con.execute("checkpoint")
        for fichier in sorted(provisoire.iterdir()):
            synchroniser(fichier)
            fichier.replace(dossier / fichier.name)
    return dossier


_VALEURS = ("valeur", "valeur_texte", "borne_basse", "borne_haute")


def _chiffre(j: Jugement) -> dict[str, Any]:
    c, cellule, lecture = j.chiffre, j.cellule, j.lecture
    return {
        "ligne": c.ligne,
        "theme": c.theme,
        "indicateur_id": c.indicator_id,
        "libelle": c.label,
        "territoire_id": c.territoire_id,
        "territoire": c.territory_name,
        "periode": c.period,
        "valeur_imprimee": c.value or None,
        "unite": c.unit,
        "verdict": j.verdict,
        "explication": j.explication,
        **{nom: _ecrit(getattr(cellule, nom, None)) for nom in _VALEURS},
        "ecart": _ecrit(j.ecart),
        **{nom: getattr(cellule, nom, None) for nom in ("millesime", "statut", "source_ids")},
        "univers": j.univers,
        "univers_nomme": "+".join(j.faux.univers) if j.faux else None,
        "lecture_indicateur_id": lecture.indicateur_id if lecture else None,
        "lecture_millesime": lecture.millesime if lecture else None,
        "lecture_valeur": _ecrit(lecture.valeur) if lecture else None,
        "controles": "+".join(j.controles) or None,
    }


def _controle(c: Resultat) -> dict[str, Any]:
    faits = {champ.name: getattr(c, champ.name) or None for champ in fields(c) if champ.name != "vise"}
    return faits | {"delta": _ecrit(c.delta), "lignes": "+".join(map(str, c.lignes)) or None}


def _ecrit(valeur: Any) -> Any:
    return float(valeur) if isinstance(valeur, Fraction) else valeur
