"""`semantique.json`: for each indicateur, what a notebook or a metric may make of its figures.

`aggregation` is `sum`, or `never` with the way to a wider territory: a ratio of sums, or its own row. The
dashboard and the API read it; no BI tool does by itself (ADR 41).
"""

import json
from collections.abc import Iterator
from typing import Any

from publication.exports.format import Export, Tache
from socle.affichage import MARQUES
from socle.disque import ecrire_texte

NOM = "semantique.json"
ADDITIVES = ("somme", "difference")
"""Methods whose figure of a place is the sum of those of its parts."""

SOMMABLES = ("observe", "arrondi")
"""Statuts of the figures that may be summed: a `partiel` lacks a part, and the others have no figure."""

CLE = ("territoire_id", "millesime", "indicateur_id")


def taches(export: Export) -> Iterator[Tache]:
    """Yield the only task."""
    yield lambda _: _ecrire(export)


def _ecrire(export: Export) -> None:
    tables = {t.nom: {c.nom for c in t.colonnes} for t in export.tables}
    description = {
        "version": 1,
        "faits": {
            "table": "fct_indicateurs",
            "cle": list(CLE),
            "valeur": "valeur",
            "affichage": "valeur_affichee",
            "lisibilite": "lisibilite",
            "statut": "statut",
            "bornes": ["borne_basse", "borne_haute"],
            "termes": ["numerateur", "denominateur"],
        },
        "dimensions": {
            "territoire": {"table": "dim_territoire", "cle": "territoire_id", "niveau": "niveau"},
            "indicateur": {"table": "dim_indicateur", "cle": "indicateur_id"},
            "annee": {"colonne": "millesime", "aggregation": "never"},
        },
        "regles": {
            "statuts_sommables": list(SOMMABLES),
            "statuts_sans_chiffre": sorted(MARQUES),
            "impression": "A figure whose lisibilite is not point is shown by its affichage alone: no number,"
            " no rank, no colour, no mark on a chart.",
            "territoires": "A sum is over territories of one niveau that do not overlap, each of a summable"
            " statut, all from one source (source_ids): a register of a Caf and a national list count apart.",
            "annees": "Figures of several years are never added: most are stocks.",
        },
        "indicateurs": [_indicateur(i, tables) for i in export.indicateurs],
    }
    ecrire_texte(export.dossier / NOM, json.dumps(description, ensure_ascii=False, indent=1) + "\n")


def _indicateur(indicateur: dict[str, Any], tables: dict[str, set[str]]) -> dict[str, Any]:
    nom, mart = indicateur["indicateur_id"], f"mart_{indicateur['theme']}"
    large = {"table": mart, "valeur": nom, "statut": f"{nom}_statut"} if nom in tables.get(mart, ()) else None
    return {
        "indicateur_id": nom,
        "libelle": indicateur["libelle"],
        "definition": indicateur["description"],
        "theme": indicateur["theme"],
        "unite": indicateur["unite"],
        "decimales": indicateur["decimales"],
        "polarite": indicateur["polarite"],
        "univers": indicateur["univers"],
        "methode": indicateur["methode"],
        "niveaux": (indicateur["niveaux"] or "").split("+"),
        "large": large,
        "aggregation": agregation(indicateur),
    }


def agregation(indicateur: dict[str, Any]) -> dict[str, Any]:
    """What may be made of the figures of several territories."""
    match indicateur["methode"]:
        case methode if methode in ADDITIVES:
            return {"territoires": "sum"}
        case "ratio":
            facteur = indicateur["facteur"]
            return {
                "territoires": "never",
                "a_la_place": f"{facteur:g} * sum(numerateur) / sum(denominateur)",
                "pourquoi": "a ratio: Σ numerators over Σ denominators, never a sum or a mean of rates",
            }
        case "evolution":
            pourquoi = "an evolution between two years of one territory"
        case "publie":
            pourquoi = "read where its producer publishes it (a median, a rate): it is rebuilt from no part"
        case _:
            pourquoi = "a fact of one territory, that does not add up"
    return {
        "territoires": "never",
        "a_la_place": "the row of the wider territory, where there is one",
        "pourquoi": pourquoi,
    }
