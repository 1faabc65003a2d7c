"""The thresholds of the gate: typed reading of `seuils.yml`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

FICHIER = Path(__file__).with_name("seuils.yml")

Severite = Literal["critical", "warning", "info"]


class _Justifie(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    raison: Annotated[str, StringConstraints(min_length=10)]


class Nombre(_Justifie):
    """A single number."""

    valeur: float


class Plage(_Justifie):
    """Possible values (displayed unit, both ends included) of the indicateurs that match every list given."""

    indicateurs: Sequence[str] | None = None
    methodes: Sequence[str] | None = None
    unites: Sequence[str] | None = None
    min: float
    max: float

    def convient(self, indicateur_id: str, methode: str, unite: str) -> bool:
        """Whether this range is the one of the indicateur."""
        criteres = ((self.indicateurs, indicateur_id), (self.methodes, methode), (self.unites, unite))
        return all(liste is None or valeur in liste for liste, valeur in criteres)


class Socle(_Justifie):
    """Indicateurs that must be known for every territoire of some levels."""

    indicateurs: Sequence[str]
    niveaux: Sequence[str]


class CompletudeSuivie(_Justifie):
    """Levels where completeness is watched, and methods that are left out of it."""

    niveaux: Sequence[str]
    methodes_exclues: Sequence[str]


class Total(_Justifie):
    """A published figure, in the displayed unit, that the warehouse must give back."""

    indicateur: str
    territoire: str
    millesime: int
    valeur: float
    tolerance: float
    profils: Sequence[Literal["demo", "mirror", "live"]]
    source: str


class Controle(_Justifie):
    """Label, severity and threshold of one expectation; `unite: part` shows 0.02 as 2 %."""

    libelle: str
    severite: Severite
    min: float | None = None
    max: float | None = None
    valeurs: Sequence[str] | None = None
    unite: Literal["nombre", "part"] = "nombre"


class Seuils(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    plafond_lignes: Nombre
    exemples: Nombre
    tolerance: Nombre
    plancher_mouvement: Nombre
    peu_de_territoires: Nombre
    plages: Sequence[Plage]
    socle: Socle
    completude_suivie: CompletudeSuivie
    totaux: Annotated[Sequence[Total], Field(min_length=1)]
    controles: dict[str, dict[str, Controle]]

    def plage(self, indicateur_id: str, methode: str, unite: str) -> Plage | None:
        """First range that matches, or None."""
        return next((p for p in self.plages if p.convient(indicateur_id, methode, unite)), None)

    def cle_de(self, mart: str) -> str:
        """Key of the controls of a mart; every `mart_…` without its own shares those of `mart_*`."""
        return mart if mart in self.controles else "mart_*"

    def controles_de(self, mart: str) -> dict[str, Controle]:
        """Controls of a mart."""
        return self.controles[self.cle_de(mart)]


def charger(fichier: Path = FICHIER) -> Seuils:
    """Read the thresholds. Raises pydantic.ValidationError: unknown key, threshold without a reason."""
    return Seuils.model_validate(yaml.load(fichier.read_text(encoding="utf-8"), yaml.CSafeLoader))
