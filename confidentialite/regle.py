"""The rule: which mesures count persons, and how each is rounded. Read from the dictionary of mesures."""

import csv
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from socle.erreurs import ErreurPublication

PAS_CNAF = 5
PETIT = 4
"""Counts of persons from 1 to this one are those that nobody may pin down, nor print."""


@dataclass(frozen=True)
class Regle:
    """How a mesure of persons is rounded.

    `regle`: `cnaf` (nearest 5, each level apart, as Cafdata prints it) or `chaine` (controlled rounding to
    `pas`, commune by commune). `pas`: in the unit of the mesure. `montant`: an amount in euros, counted in
    cents. `iris`: first and last year in which CAF-IRIS prints the same count by commune, else None.
    """

    mesure_id: str
    regle: str
    pas: int
    montant: bool = False
    iris: tuple[int, int] | None = None

    def par_epci(self, millesime: int) -> bool:
        """Whether communes are left to what Cnaf prints of them that year."""
        return self.regle == "chaine" and self.iris is not None and self.iris[0] <= millesime <= self.iris[1]


Regles = Mapping[str, Regle]


def lire(mesures: Path) -> dict[str, Regle]:
    """Read the rule in the dictionary (`dbt_project/seeds/mesures.csv`), by mesure.

    Raises ErreurPublication, naming the line, for a rule that does not exist or a step that is no step.
    """
    with mesures.open(encoding="utf-8", newline="") as fichier:
        lignes = [ligne for ligne in csv.DictReader(fichier) if ligne["regle"]]
    regles = {}
    for ligne in lignes:
        pas = ligne["pas"]
        if ligne["regle"] not in ("cnaf", "chaine") or (not pas.isdigit() or int(pas) < PAS_CNAF):
            raise ErreurPublication(
                f"{mesures}, mesure {ligne['mesure_id']}: observed regle {ligne['regle']!r} and pas {pas!r};"
                f" expected cnaf or chaine, and a step of {PAS_CNAF} or more. Correct that line."
            )
        premiere, _, derniere = ligne["iris"].partition("-")
        regles[ligne["mesure_id"]] = Regle(
            ligne["mesure_id"],
            ligne["regle"],
            int(pas),
            ligne["unite"] == "EUR",
            (int(premiere), int(derniere)) if derniere else None,
        )
    return regles


def empreinte(regles: Regles) -> str:
    """Return the digest of the rule that a certificate names."""
    texte = "\n".join(str(regles[m]) for m in sorted(regles))
    return hashlib.sha256(texte.encode()).hexdigest()[:12]
