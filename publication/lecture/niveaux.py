"""The levels of territories: what each is called, and in what order they are listed."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Niveau:
    """What a level is called: in full, where there is little room, above a page, many of them, as a kind."""

    nom: str
    court: str
    titre: str
    pluriel: str
    genre: str


NIVEAUX = {
    "commune": Niveau("Commune", "Commune", "Commune", "Communes", "Commune"),
    "epci": Niveau(
        "Établissement public de coopération intercommunale",
        "EPCI",
        "Intercommunalité (EPCI)",
        "Intercommunalités (EPCI)",
        "Intercommunalité",
    ),
    "ctg": Niveau(
        "Convention territoriale globale",
        "CTG",
        "Convention (CTG)",
        "Conventions (CTG)",
        "Convention",
    ),
    "departement": Niveau("Département", "Département", "Département", "Départements", "Département"),
    "region": Niveau("Région", "Région", "Région", "Régions", "Région"),
    "france": Niveau("France", "France", "France", "France", "Pays"),
}
"""The levels, from the smallest territories to the widest."""

DES_PAGES = ("ctg", "epci", "departement", "region", "france", "commune")
"""The same, in the order pages tell them."""

COMPARATEURS = ("epci", "departement", "region", "france")
"""Those that the marts set a figure beside, the nearest first."""
