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
    court: str | None = None
    priorite: int = 0
    repere: bool = False
    commune: str | None = None
    article: str | None = None
    aucun: str | None = None
    densite: Mapping[str, str] | None = None
    sujet: str | None = None


@cache
def _declare() -> tuple[Mapping[str, Formulation], Mapping[str, str], Mapping[str, str]]:
    declare = yaml.safe_load(Path(__file__).with_name("formulations.yml").read_text(encoding="utf-8"))
    formulations = {
        indicateur_id: Formulation(rang, **champs)
        for rang, (indicateur_id, champs) in enumerate(declare["indicateurs"].items())
    }
    return formulations, declare["refus"], declare["termes"]


def formulations() -> Mapping[str, Formulation]:
    """Return what is worded, by indicateur."""
    return _declare()[0]


def refus_dits() -> Mapping[str, str]:
    """Return the reasons of refusal that are worded, by `motif_code`."""
    return _declare()[1]


def termes() -> Mapping[str, str]:
    """Return what each term means, by the term as sentences have it (a regular expression)."""
    return _declare()[2]


@cache
def sujets() -> list[str]:
    """Return what a convention is about, in its order: L'essentiel has a sentence on each, if it can."""
    return list(dict.fromkeys(f.sujet for f in formulations().values() if f.sujet))
