"""What readers get of a refusal: words of this project and of its contracts, never one of the refused file.

Belongs here: what a release may say. Does not: what the operator reads (`ingestion.erreurs`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ingestion.contrats import Contrat, Ressource
from ingestion.erreurs import TITRES
from ingestion.extrait.identite import RESSOURCE_EXTRAIT, SOURCE_EXTRAIT

# What stands between two headers in the place of an error.
_ENTRE = re.compile(r"[,()/+]")


def publiable(refus: Mapping[str, Any], contrats: Mapping[str, Contrat]) -> str:
    """Return the code of a refusal (`ErreurSource.to_dict`), its source, its year, its contract's columns.

    Each word is looked up in `TITRES` or in the contracts, and left out where neither has it. A folder that
    is no source is « the depot », whatever its name. Columns are given for public sources alone.
    """
    code, millesime = refus["code"], refus["millesime"]
    contrat = contrats.get(refus["source"])
    ressource = contrat.ressources.get(refus["ressource"]) if contrat else None
    ou = contrat.source if contrat else "the depot"
    if ressource:
        ou += f"/{ressource.nom}"
    elif refus["source"] == SOURCE_EXTRAIT:
        ou = f"{SOURCE_EXTRAIT}/{RESSOURCE_EXTRAIT}"
    dit = f"[{code}] {TITRES[code]}: {ou}"
    # A folder or a file may give any number for a year.
    if millesime is not None and 1900 <= millesime <= 2100:
        dit += f" {millesime}"
    if ressource and contrat and contrat.diffusion == "publique" and refus["colonne"]:
        noms = [*dict.fromkeys(_colonnes(refus["colonne"], ressource, millesime))]
        dit += f", column {', '.join(noms)}" if noms else ""
    return dit


def _colonnes(dites: str, ressource: Ressource, millesime: int | None) -> Iterator[str]:
    """Yield the columns of the contract that the place of an error names, or whose header it names."""
    vues = {vue.strip() for vue in _ENTRE.split(dites)}
    yield from (c for c in ressource.columns if c in vues)
    if edition := ressource.millesimes.get(millesime or 0):
        for nom in edition.layout:
            lues = ressource.layouts[nom].columns.items()
            yield from (c for entete, c in lues if c and edition.gabarit(entete) in vues)
