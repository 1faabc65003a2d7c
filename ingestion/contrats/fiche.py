"""The contract of a source: the description that every source has, the extract too, and its ressources."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import AfterValidator, Field, model_validator

from ingestion.contrats.grammaire import Modele, Nom, Ressource, Url

# Who may have the file. `publique`: anyone. `interne`: what a Caf, a département, an EPCI or the coordinator
# of a CTG gives, whose small counts are hidden. `micro`: persons or foyers, one by one.
Diffusion = Literal["publique", "interne", "micro"]
CADENCES: dict[str, int | None] = {
    "annuelle": 365,
    "semestrielle": 183,
    "trimestrielle": 92,
    "mensuelle": 31,
    "à chaque arrêté": None,
    "au fil de l'eau": None,
    "irrégulière": None,
}
"""How often a producer publishes: days from one publication to the next, None where nothing is promised."""


class Delais(NamedTuple):
    """Time after its last publication from which a source is late, then has missed a publication."""

    retard: timedelta
    manque: timedelta


ARRETEE = re.compile(r"arrêtée en \d{4}")


def _cadence(dite: str) -> str:
    if dite not in CADENCES and not ARRETEE.fullmatch(dite):
        raise ValueError(f"is none of {', '.join(CADENCES)}, arrêtée en <year>")
    return dite


class Fiche(Modele):
    """Description of any source, the allocataire extract too.

    `cadence`: publication frequency (`CADENCES`), used to report late sources. `famille`: shared by the
    sources in which a producer publishes the same figures, by level or by file. `recensement`: its figures
    come from the census, whose surveys overlap within five years. `decoupage`: geography of its figures above
    the commune, that of the `cog` of the file or, for a producer who never redraws the past, that of 1
    January after the year of each line.
    """

    source: Nom
    title: str
    producer: str
    licence: str
    page: Url
    cadence: Annotated[str, AfterValidator(_cadence)]
    indispensable: bool
    diffusion: Diffusion
    famille: Nom
    recensement: bool = False
    decoupage: Literal["fichier", "janvier_suivant"] = "fichier"
    description: str

    @property
    def delais(self) -> Delais | None:
        """Late after a quarter of its cadence more, missed after a half; None where no date is promised."""
        jours = CADENCES.get(self.cadence)
        return None if jours is None else Delais(timedelta(days=jours) * 5 / 4, timedelta(days=jours) * 3 / 2)


class Contrat(Fiche):
    """A source of files: its description and its ressources.

    `mouvements_de`: the source whose territories' movements it gives. A vintage of that one is the reference
    only with movements of its year or later.
    """

    mouvements_de: Nom | None = None
    ressources: Annotated[dict[str, Ressource], Field(min_length=1)]

    @model_validator(mode="before")
    @classmethod
    def _nommer(cls, brut: Any) -> Any:
        """Give each ressource and millésime its name and source.

        A table that a person fills in has one layout: its columns, under their own names.
        """
        source, ressources = brut.get("source"), {}
        for nom, ressource in (brut.get("ressources") or {}).items():
            implicites, edition = {}, {}
            if ressource.get("format", {}).get("kind") == "tableur":
                implicites = {"layouts": {"saisie": {"columns": {c: c for c in ressource["columns"]}}}}
                edition = {"layout": "saisie"}
            declares = (ressource.get("millesimes") or {}).items()
            millesimes = {m: {**edition, **v, "millesime": m} for m, v in declares}
            propres = {"source": source, "nom": nom, "millesimes": millesimes}
            ressources[nom] = {**implicites, **ressource, **propres}
        return {"famille": brut.get("source"), **brut, "ressources": ressources}
