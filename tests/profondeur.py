"""How far the drills go: one depth, named by `CTG_DRILLS`, which nothing else reads.

    echantillon   what `make test` takes, and a drill run by hand without a word
    heure         `make drills`: hours of two quiet cores
    tout          everything that can be counted, many hours

Belongs here: how many of each thing. Does not: any drill.
"""

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Profondeur:
    """How many of what each drill does; None is all there are."""

    # Faults drawn of an operation; those of a publication, which cost ten times as much.
    fautes: int | None
    fautes_publication: int | None
    # Writes of an operation at which the power is cut, of a publication.
    coupures: int | None
    coupures_publication: int | None
    # Faults of each kind against a whole warehouse; of a sample, kinds of which one is tried.
    entrepots: int
    # Nights killed one after the other before one is left to heal what they all left; series of random ones.
    tuees_de_suite: int
    instants: int
    # What is killed of a publication to PostgreSQL, and publications under readers.
    tuees_postgres: int
    publications: int
    # Draws of damaged inputs.
    abimes: int
    # Draws of extracts that Spark counts too.
    moteurs: int
    # Drawn départements that the reader of everything attacks, of each table of persons.
    mondes: int


PROFONDEURS = {
    "echantillon": Profondeur(
        fautes=6,
        fautes_publication=6,
        coupures=2,
        coupures_publication=2,
        entrepots=3,
        tuees_de_suite=100,
        instants=1,
        tuees_postgres=5,
        publications=3,
        abimes=100,
        moteurs=4,
        mondes=200,
    ),
    "heure": Profondeur(
        fautes=200,
        fautes_publication=150,
        coupures=60,
        coupures_publication=12,
        entrepots=77,
        tuees_de_suite=20,
        instants=1,
        tuees_postgres=80,
        publications=60,
        abimes=2_000,
        moteurs=20,
        mondes=1_000,
    ),
    "tout": Profondeur(
        fautes=None,
        fautes_publication=None,
        coupures=None,
        coupures_publication=None,
        entrepots=1_000,
        tuees_de_suite=1,
        instants=16,
        tuees_postgres=80,
        publications=100,
        abimes=4_000,
        moteurs=300,
        mondes=5_000,
    ),
}


def lire(nom: str) -> Profondeur:
    """Return the depth of that name; raise ValueError, which names those there are, for any other."""
    if nom not in PROFONDEURS:
        raise ValueError(f"CTG_DRILLS names the depth {nom!r}: write one of {', '.join(PROFONDEURS)}")
    return PROFONDEURS[nom]


PROFONDEUR = lire(os.environ.get("CTG_DRILLS") or "echantillon")
