"""How an audit is kept: rows, a DuckDB file with two tables, the same in Parquet. No verdict is made here.

Releases are immutable, so an audit is never added to one: it names the release it was judged against. Same
document, release and code give the same bytes.
"""

import os
import tempfile
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb

from publication.documents import Audit
from publication.documents.contexte import Resultat
from publication.documents.verdicts import Jugement
from publication.exports.tables import Colonne

_COMMUNES = (
    Colonne("release_id", "VARCHAR", "Release à laquelle le document a été confronté"),
    Colonne("document_id", "VARCHAR", "Document, tel que sa colonne source le nomme"),
    Colonne("document_sha256", "VARCHAR", "Empreinte du fichier lu"),
    Colonne("demonstration", "BOOLEAN", "Vrai quand les chiffres de la release sont inventés"),
)
TABLES = {
    "mart_audit_publication": (
        "Une ligne par chiffre imprimé : son verdict et ce qu'en dit l'entrepôt.",
        (
            *_COMMUNES,
            Colonne("ligne", "INTEGER", "Ligne du chiffre dans le fichier"),
            Colonne("theme", "VARCHAR", "Thème, selon le document"),
            Colonne("indicateur_id", "VARCHAR", "Indicateur"),
            Colonne("libelle", "VARCHAR", "Libellé, selon le document"),
            Colonne("territoire_id", "VARCHAR", "Territoire"),
            Colonne("territoire", "VARCHAR", "Nom du territoire, selon le document"),
            Colonne("periode", "VARCHAR", "Période, selon le document"),
            Colonne("valeur_imprimee", "VARCHAR", "Valeur, telle que le document l'imprime"),
            Colonne("unite", "VARCHAR", "Unité, selon le document"),
            Colonne(
                "verdict",
                "VARCHAR",
                "conforme, ecart_arrondi, ecart, mauvais_univers, non_verifiable ou divulgation",
            ),
            Colonne("explication", "VARCHAR", "Raison du verdict"),
            Colonne("valeur", "DOUBLE", "Valeur de l'entrepôt, non arrondie"),
            Colonne("valeur_texte", "VARCHAR", "Valeur de l'entrepôt, quand ce n'est pas un nombre"),
            Colonne("borne_basse", "DOUBLE", "Borne basse de la valeur de l'entrepôt"),
            Colonne("borne_haute", "DOUBLE", "Borne haute de la valeur de l'entrepôt"),
            Colonne("ecart", "DOUBLE", "Valeur imprimée moins valeur de l'entrepôt"),
            Colonne(
                "millesime", "INTEGER", "Millésime retenu ; le plus proche si le document n'en dit aucun"
            ),
            Colonne("statut", "VARCHAR", "Statut de la valeur de l'entrepôt"),
            Colonne("source_ids", "VARCHAR", "Sources de la valeur de l'entrepôt"),
            Colonne("univers", "VARCHAR", "Univers de l'indicateur, selon le dictionnaire"),
            Colonne("univers_nomme", "VARCHAR", "Univers que nomme le document, quand c'est un autre"),
            Colonne("lecture_indicateur_id", "VARCHAR", "Lecture la plus proche : indicateur"),
            Colonne("lecture_millesime", "INTEGER", "Lecture la plus proche : millésime"),
            Colonne("lecture_valeur", "DOUBLE", "Lecture la plus proche : valeur"),
            Colonne("controles", "VARCHAR", "Contrôles qui portent sur ce chiffre"),
        ),
    ),
    "mart_audit_controles": (
        "Une ligne par contrôle et territoire : les chiffres du document entre eux et face à l'entrepôt.",
        (
            *_COMMUNES,
            Colonne("rang", "INTEGER", "Rang du résultat"),
            Colonne("check_id", "VARCHAR", "Contrôle"),
            Colonne("rule", "VARCHAR", "Règle"),
            Colonne("territoire_id", "VARCHAR", "Territoire ; vide quand le contrôle porte sur le document"),
            Colonne("expression", "VARCHAR", "Ce qui est calculé, avec les nombres"),
            Colonne("expected", "VARCHAR", "Attendu"),
            Colonne("observed", "VARCHAR", "Observé"),
            Colonne("delta", "DOUBLE", "Observé moins attendu"),
            Colonne(
                "status", "VARCHAR", "OK, OK_ARRONDI, DERIVE, A_VERIFIER, MANQUANT, KO…, FUITE, OK_MAIS_FUITE"
            ),
            Colonne("severity", "VARCHAR", "info, faible, moyen, majeur ou securite"),
            Colonne("explanation", "VARCHAR", "Explication"),
            Colonne("lignes", "VARCHAR", "Lignes du document concernées"),
        ),
    ),
}


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
            con.execute("CREATE SCHEMA marts; USE marts")
            for table, contenu in lignes(audit).items():
                description, colonnes = TABLES[table]
                con.execute(f"CREATE TABLE {table} ({', '.join(f'{c.nom} {c.type}' for c in colonnes)})")
                con.execute(f"COMMENT ON TABLE {table} IS '{_echappe(description)}'")
                for c in colonnes:
                    con.execute(f"COMMENT ON COLUMN {table}.{c.nom} IS '{_echappe(c.description or '')}'")
                if contenu:
                    con.executemany(
                        f"INSERT INTO {table} VALUES ({', '.join(f'${c.nom}' for c in colonnes)})", contenu
                    )
                rang = "ligne" if table == "mart_audit_publication" else "rang"
                parquet = _echappe(str(provisoire / f"{table}.parquet"))
                con.execute(f"COPY (FROM {table} ORDER BY {rang}) TO '{parquet}' (FORMAT parquet)")
            con.execute("CHECKPOINT")
        for fichier in sorted(provisoire.iterdir()):
            with fichier.open("rb") as flux:
                os.fsync(flux.fileno())
            fichier.replace(dossier / fichier.name)
    return dossier


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
        "valeur": _flottant(cellule.valeur) if cellule else None,
        "valeur_texte": cellule.valeur_texte if cellule else None,
        "borne_basse": _flottant(cellule.borne_basse) if cellule else None,
        "borne_haute": _flottant(cellule.borne_haute) if cellule else None,
        "ecart": _flottant(j.ecart),
        "millesime": cellule.millesime if cellule else None,
        "statut": cellule.statut if cellule else None,
        "source_ids": cellule.source_ids if cellule else None,
        "univers": j.univers,
        "univers_nomme": "+".join(j.faux.univers) if j.faux else None,
        "lecture_indicateur_id": lecture.indicateur_id if lecture else None,
        "lecture_millesime": lecture.millesime if lecture else None,
        "lecture_valeur": _flottant(lecture.valeur) if lecture else None,
        "controles": "+".join(j.controles) or None,
    }


def _controle(c: Resultat) -> dict[str, Any]:
    return {
        "check_id": c.check_id,
        "rule": c.rule,
        "territoire_id": c.territoire_id,
        "expression": c.expression,
        "expected": c.expected or None,
        "observed": c.observed or None,
        "delta": _flottant(c.delta),
        "status": c.status,
        "severity": c.severity,
        "explanation": c.explanation or None,
        "lignes": "+".join(map(str, c.lignes)) or None,
    }


def _flottant(valeur: Fraction | None) -> float | None:
    return None if valeur is None else float(valeur)


def _echappe(texte: str) -> str:
    return texte.replace("'", "''")
