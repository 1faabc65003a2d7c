"""The plan of a portrait (`plan.yml`): which figures and charts each section shows."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml


@cache
def plan() -> dict[str, Any]:
    """Return the plan as it is written."""
    lu: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("plan.yml").read_text(encoding="utf-8"))
    return lu


def groupes_de_cles() -> list[tuple[str, list[str]]]:
    """Return the groups of key figures: title, ids."""
    return [(groupe["titre"], groupe["indicateurs"]) for groupe in plan()["cles"]]


def graphiques(section: str) -> list[dict[str, Any]]:
    """Return the charts of a section: `forme`, `indicateurs` and perhaps `titre`."""
    voulus: list[dict[str, Any]] = plan()["graphiques"].get(section, [])
    return voulus


def tableau(nom: str) -> list[str]:
    """Return the ids of a table, or of tiles, that are not those of a theme."""
    ids: list[str] = plan()["tableaux"][nom]
    return ids


def indicateurs_des_cartes() -> list[str]:
    """Return the ids that some map shows: what is read of communes that are on a map only."""
    return sorted(
        {
            g["indicateurs"][0]
            for liste in plan()["graphiques"].values()
            for g in liste
            if g["forme"] == "carte"
        }
    )


def de_la_commune(liste: str) -> list[str]:
    """Return the ids that the page of a commune shows: `chiffres`, by preference, or `services`."""
    ids: list[str] = plan()["commune"][liste]
    return ids
