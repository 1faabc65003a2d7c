"""What dbt is told of the contracts: the declaration of its sources, and what SQL has to loop over.

Belongs here: turning contracts into text or data for dbt. Does not belong here: where it is written
(`orchestration.generated`), nor what a contract is (`ingestion.contrats`).
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import yaml

from ingestion.contrats import Contrat, Ressource
from ingestion.contrats.empreinte import TECHNIQUES, schema_normalise


def dbt_sources_yaml(contrats: dict[str, Contrat]) -> str:
    """Render dbt's declaration of the source `normalised`: one table per source and ressource."""
    tables = []
    for contrat in contrats.values():
        for r in contrat.ressources.values():
            tables.append(
                {
                    "name": r.table,
                    "description": f"{contrat.title} ({contrat.producer}, {contrat.licence}). "
                    f"{r.grain[:1].upper()}{r.grain[1:]}. {contrat.description}",
                    "columns": [
                        {"name": champ.name, "description": _description(r, champ.name)}
                        for champ in schema_normalise(r)
                    ],
                }
            )
    source = {
        "name": "normalised",
        "description": "Accepted files, typed by their contract and nothing else.",
        "tables": tables,
    }
    return yaml.safe_dump({"version": 2, "sources": [source]}, sort_keys=False, allow_unicode=True, width=110)


def ressources_declarees(contrats: dict[str, Contrat]) -> list[dict[str, Any]]:
    """What SQL has to know of each ressource whose rows stand somewhere: where, when, and which mesures.

    `rang` orders the ressources of one source and niveau, the preferred first, as the contract does.
    """
    declarees = []
    for contrat in contrats.values():
        rangs: Counter[str] = Counter()
        for r in contrat.ressources.values():
            if r.niveau != "france" and "code" not in r.columns:
                continue
            mesures = [
                {
                    "nom": m,
                    "marque": r.columns[m].marquee,
                    "datee": m in r.colonnes_datees,
                    "arrondie": r.columns[m].multiple is not None,
                    "hors_champ": r.columns[m].hors_champ,
                }
                for m in r.mesures
            ]
            declarees.append(
                {
                    "source": r.source,
                    "ressource": r.nom,
                    "diffusion": contrat.diffusion,
                    "niveau": r.niveau,
                    "rang": rangs[r.niveau],
                    "annee": r.colonne_annee,
                    "mesures": mesures,
                }
            )
            rangs[r.niveau] += 1
    return declarees


def _description(ressource: Ressource, nom: str) -> str:
    if nom in TECHNIQUES:
        return TECHNIQUES[nom][1]
    base, _, compagnon = nom.partition("__")
    colonne = ressource.columns[base]
    if compagnon == "marque":
        return f"Why {base} is NULL: manquant or secret; NULL when it is not"
    if compagnon == "millesime":
        return f"Millésime of {base}"
    return colonne.description + (f" ({colonne.unit})" if colonne.unit else "")
