"""The interface contract of the extract: the grammar of `contrat.yml`, checked as a whole."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import Field, model_validator

from ingestion.contrats.fiche import Fiche
from ingestion.contrats.grammaire import Modele
from ingestion.extrait.identite import SOURCE_EXTRAIT

FICHIER = Path(__file__).with_name("contrat.yml")

TypeColonne = Literal["texte", "mois", "code_commune", "booleen", "code", "entier", "decimal", "date"]
NOMBRES = ("entier", "decimal")


class ColonneExtrait(Modele):
    """A column: `description` for who reads the code, `libelle` for the Caf that fills in the mapping.

    `role`: an `identifiant` is replaced by a pseudonym, a `naissance` by an age band; neither is stored.
    `nul`: an empty cell means unknown.
    """

    type: TypeColonne
    libelle: str
    description: str
    role: Literal["identifiant", "naissance"] | None = None
    # Digits stored of a decimal, two of them after the mark.
    chiffres: int = 12
    obligatoire: bool = True
    nul: bool = False
    valeurs: list[str] | None = None
    min: int | None = None
    max: int | None = None

    @model_validator(mode="after")
    def _coherente(self) -> ColonneExtrait:
        if (self.type in NOMBRES) != (self.min is not None and self.max is not None):
            raise ValueError("a number has a min and a max, nothing else has")
        if (self.type == "code") != (self.valeurs is not None):
            raise ValueError("a code has its list of values, nothing else has")
        return self


class Enfants(Modele):
    """Children of a foyer: at most `maximum`; `tranches` are age bands, both ends included, in full years."""

    maximum: Annotated[int, Field(ge=1)]
    colonnes: dict[str, ColonneExtrait]
    tranches: dict[str, Annotated[list[int], Field(min_length=2, max_length=2)]]

    @model_validator(mode="after")
    def _sans_trou(self) -> Enfants:
        bornes = list(self.tranches.values())
        if any(bas > haut for bas, haut in bornes) or any(
            suivante[0] != precedente[1] + 1 for precedente, suivante in pairwise(bornes)
        ):
            raise ValueError("the age bands follow each other, in order, without a gap")
        return self

    @property
    def age_maximal(self) -> int:
        """Highest age of the bands."""
        return max(haut for _, haut in self.tranches.values())


class ContratExtrait(Fiche):
    """The whole contract: the description of every source, then the grain, key and columns of this one."""

    grain: str
    cle: list[str]
    # A revision waits for a person when its number of foyers moves by more than this share.
    seuil_revision: Annotated[float, Field(ge=0)]
    colonnes: dict[str, ColonneExtrait]
    enfants: Enfants

    @model_validator(mode="after")
    def _coherent(self) -> ContratExtrait:
        if self.source != SOURCE_EXTRAIT:
            raise ValueError(f"the source is {SOURCE_EXTRAIT}, by which every folder and journal names it")
        identifiants = [nom for nom, c in self.colonnes.items() if c.role == "identifiant"]
        if identifiants != ["id_foyer"] or "mois" not in self.colonnes:
            raise ValueError("one identifier, id_foyer, and the column mois are expected")
        if absents := set(self.cle) - set(self.colonnes):
            raise ValueError(f"the key names unknown columns: {', '.join(sorted(absents))}")
        return self


@cache
def charger_contrat(fichier: Path = FICHIER) -> ContratExtrait:
    """Load the contract. Raises `pydantic.ValidationError` for anything its grammar does not know."""
    return ContratExtrait.model_validate(yaml.safe_load(fichier.read_text(encoding="utf-8")))
