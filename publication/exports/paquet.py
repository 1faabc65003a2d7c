"""`datapackage.json`: every table as a Frictionless tabular data package (specs.frictionlessdata.io).

A table is described by its CSV, else by its Parquet; its keys are what its mart promises.
"""

import json
from collections.abc import Iterator
from typing import Any

from publication.exports import xlsx
from publication.exports.csv import FAUX, VRAI
from publication.exports.format import Export, Tache
from publication.exports.tables import Table
from publication.lecture.alphabet import cle
from publication.lecture.citation import OBSERVATOIRE
from socle.disque import ecrire_texte


def taches(export: Export) -> Iterator[Tache]:
    """Yield the only task."""
    yield lambda _: _ecrire(export)


def _ecrire(export: Export) -> None:
    # What was never received, or waits, is in no table: neither its name nor its licence is of what is given.
    recues = [source for source in export.sources if source["etat"] == "recue"]
    licences = sorted({source["licence"] for source in recues if source["licence"]})
    paquet = {
        "profile": "data-package",
        "name": "observatoire-ctg",
        "title": OBSERVATOIRE + (" (démonstration, chiffres inventés)" if export.demonstration else ""),
        "licenses": [{"name": cle(nom).replace(" ", "-"), "title": nom} for nom in licences],
        "sources": [
            {"title": f"{source['producteur']}, {source['titre']}", "path": source["page"]}
            for source in recues
        ],
        "resources": [_ressource(export, table) for table in export.tables],
        "workbooks": [
            {"path": xlsx.chemin(theme), "title": libelle} for theme, libelle in xlsx.themes(export).items()
        ],
    }
    if not licences:
        del paquet["licenses"]
    ecrire_texte(export.dossier / "datapackage.json", json.dumps(paquet, ensure_ascii=False, indent=2) + "\n")


def _ressource(export: Export, table: Table) -> dict[str, Any]:
    champs = []
    for colonne in table.colonnes:
        champ: dict[str, Any] = {"name": colonne.nom, "type": colonne.type_frictionless}
        if colonne.decimale and table.en_csv:
            champ["decimalChar"] = ","
        if colonne.type == "BOOLEAN" and table.en_csv:
            champ |= {"trueValues": [VRAI], "falseValues": [FAUX]}
        if colonne.sans_vide:
            champ["constraints"] = {"required": True}
        if colonne.description:
            champ["description"] = colonne.description
        champs.append(champ)
    if table.en_csv:
        chemin = export.csv(table).relative_to(export.dossier).as_posix()
        forme: dict[str, Any] = {
            "profile": "tabular-data-resource",
            "format": "csv",
            "mediatype": "text/csv",
            "encoding": "utf-8",
            "dialect": {"delimiter": ";", "header": True},
        }
        if chemin.endswith(".gz"):
            forme["compression"] = "gz"
    else:
        chemin = f"parquet/{table.nom}.parquet"
        forme = {
            "profile": "data-resource",
            "format": "parquet",
            "mediatype": "application/vnd.apache.parquet",
        }
    return {
        "name": table.nom,
        "path": chemin,
        **({"description": table.description} if table.description else {}),
        **forme,
        "bytes": (export.dossier / chemin).stat().st_size,
        "hash": f"sha256:{export.empreintes.de(chemin)}",
        "schema": {
            "fields": champs,
            **({"primaryKey": list(table.cle)} if table.cle else {}),
            **({"foreignKeys": liens} if (liens := _liens(export, table)) else {}),
        },
    }


def _liens(export: Export, table: Table) -> list[dict[str, Any]]:
    presentes = {t.nom for t in export.tables}
    return [
        {"fields": [colonne], "reference": {"resource": lien.table, "fields": [lien.colonne]}}
        for colonne, lien in table.promesses.liens.items()
        if lien.table in presentes
    ]
