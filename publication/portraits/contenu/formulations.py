"""The words of each indicateur in a sentence, and of each refusal: `formulations.yml`, as it is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml


@dataclass(frozen=True)
class Formulation:
    """How an indicateur is worded: a line of `formulations.yml`. `rang` is its place there."""

    rang: int
    nom: str | None = None
    niveau: str | None = None
    priorite: int = 0
    repere: bool = False
    commune: str | None = None
    aucun: str | None = None
    unite: bool = False


@cache
def _declare() -> tuple[Mapping[str, Formulation], Mapping[str, str]]:
    declare = yaml.safe_load(Path(__file__).with_name("formulations.yml").read_text(encoding="utf-8"))
    formulations = {
        indicateur_id: Formulation(rang, **champs)
        for rang, (indicateur_id, champs) in enumerate(declare["indicateurs"].items())
    }
    return formulations, declare["refus"]


def formulations() -> Mapping[str, Formulation]:
    """Return what is worded, by indicateur."""
    return _declare()[0]


def refus_dits() -> Mapping[str, str]:
    """Return the reasons of refusal that are worded, by `motif_code`."""
    return _declare()[1]
