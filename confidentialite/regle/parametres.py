"""The parameters of secrecy: typed reading of `parametres.yml` and `relations.csv`.

Belongs here: the shape of the two files and which version is in force on a day. Does not: what the rules
do.
"""

import csv
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Generic, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field

from socle.horloge import aujourd_hui

DOSSIER = Path(__file__).parent
FICHIER = DOSSIER / "parametres.yml"
RELATIONS = DOSSIER / "relations.csv"

T = TypeVar("T")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Parametre(_Strict, Generic[T]):
    """A value and where it comes from."""

    valeur: T
    source: Annotated[str, Field(min_length=10)]


class Parametres(_Strict):
    """One version of the rules. Thresholds are counts of contributors: `n < seuil` is not shown.

    `poids`: the indicateur whose last value says what a hidden figure of a territory costs its readers.
    `p_pourcent`: how far the largest contribution to a protected amount must stay from what anybody can tell
    of it, in percent of it; 0 asks for nothing.
    """

    version: int
    depuis: date
    seuil_frequence: Parametre[Annotated[int, Field(ge=2)]]
    seuil_frequence_entreprises: Parametre[Annotated[int, Field(ge=2)]]
    zero_publiable: Parametre[bool]
    attribut_groupe: Parametre[bool]
    dominance_k: Parametre[Annotated[float, Field(gt=0, le=1)]]
    p_pourcent: Parametre[Annotated[float, Field(ge=0, lt=100)]]
    alternatives_min: Parametre[Annotated[int, Field(ge=1)]]
    singletons: Parametre[bool]
    poids: Parametre[str]
    premiers: Parametre[tuple[int, int]]

    def texte(self) -> str:
        """These rules as JSON, the same text for the same rules."""
        return json.dumps(self.model_dump(mode="json"), sort_keys=True)

    def __reduce__(self) -> tuple[Callable[[str], "Parametres"], tuple[str]]:
        """Cross to another process as text."""
        return Parametres.model_validate_json, (self.texte(),)


Majoration = tuple[tuple[str, ...], tuple[str, ...]]
"""(wholes, parts)."""


@dataclass(frozen=True)
class Relations:
    """What the attacker knows of the mesures, in each commune.

    `sommes`: total to its terms, one of them alone where two names are one count. `inclusions`: (whole, part)
    of one univers: what the part leaves of the whole are people of that univers, a cell like others.
    `majorations`: all else that is never less, or more: of two univers, or of several mesures.
    `partitions`: whole to parts that share nothing, each of them included in it; what they leave of the
    whole, which nothing shows, may be nothing.
    """

    sommes: dict[str, tuple[str, ...]]
    inclusions: tuple[tuple[str, str], ...]
    majorations: tuple[Majoration, ...] = ()
    partitions: dict[str, tuple[str, ...]] = field(default_factory=dict)


def charger(jour: date | None = None, fichier: Path = FICHIER) -> Parametres:
    """Parameters in force on a day, today by default: the newest version whose day has come.

    Raises ValueError when no version is in force that day, pydantic.ValidationError when the file is wrong.
    """
    jour = jour or aujourd_hui()
    versions = [Parametres.model_validate(v) for v in yaml.safe_load(fichier.read_text("utf-8"))]
    en_vigueur = [v for v in versions if v.depuis <= jour]
    if not en_vigueur:
        raise ValueError(f"{fichier.name}: no version of the secrecy parameters is in force on {jour}")
    return max(en_vigueur, key=lambda v: v.depuis)


@cache
def relations(fichier: Path = RELATIONS) -> Relations:
    """Read `relations.csv`. Raises ValueError for an unknown type of relation."""
    sommes: dict[str, tuple[str, ...]] = {}
    inclusions: list[tuple[str, str]] = []
    majorations: list[Majoration] = []
    partitions: dict[str, tuple[str, ...]] = {}
    with fichier.open(encoding="utf-8", newline="") as flux:
        for ligne in csv.DictReader(flux):
            match ligne["type"]:
                case "somme" | "identite":
                    sommes[ligne["tout"]] = tuple(ligne["parties"].split("+"))
                case "majoration":
                    deux = tuple(ligne["tout"].split("+")), tuple(ligne["parties"].split("+"))
                    majorations.append(deux)
                case "inclusion":
                    inclusions.append((ligne["tout"], ligne["parties"]))
                case "partition":
                    partitions[ligne["tout"]] = parties = tuple(ligne["parties"].split("+"))
                    inclusions += [(ligne["tout"], part) for part in parties]
                case autre:
                    raise ValueError(
                        f"{fichier.name}: {autre!r} is none of somme, identite, inclusion, majoration,"
                        " partition"
                    )
    return Relations(sommes, tuple(inclusions), tuple(majorations), partitions)
