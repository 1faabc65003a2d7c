"""`kill -9` at every step of a night, inside dbt and inside the publication: readers never see it, and the
next night completes with the figures of a night that nobody disturbed."""

import subprocess
from pathlib import Path

import pytest
from commande import Observatoire, attendre, attendre_etape, tuer

pytestmark = pytest.mark.drill

CONTRATS = Path(__file__).parents[2] / "ingestion" / "sources"
SOURCES = sorted(f.stem for f in CONTRATS.glob("*.yml"))
ETAPES = [
    *(f"{asset}/{source}" for asset in ("landing", "normalised") for source in SOURCES),
    "micro/caf_extrait_allocataires",
    "construction",
    "entrepot",
    "controles",
    "publication/release",
]
# What dbt has just started when it is killed: a seed, a view, a table, the masks in Python, the marts.
NOEUDS = (
    "seeds.indicateurs",
    "staging.stg_mesures_declarees",
    "intermediate.int_parts",
    "intermediate.int_masques",
    "marts.fct_indicateurs",
    "marts.mart_petite_enfance",
)
TRACES = (
    ".en_cours-*",
    ".en_cours-*/parquet/fct_indicateurs.parquet",
    ".en_cours-*/csv/fct_indicateurs.csv",
    ".en_cours-*/validation",
    ".en_cours-*/ctg.duckdb",
    ".en_cours-*/MANIFEST.json",
)
TAUX = ("epci:200040459", "taux_couverture_petite_enfance", 2023)


def test_every_step_is_drilled(etapes: list[str]) -> None:
    assert sorted(etapes) == sorted(ETAPES)


def lancer(observatoire: Observatoire) -> "subprocess.Popen[str]":
    return observatoire.lancer("refresh", *observatoire.options)


def commence(observatoire: Observatoire, noeud: str) -> bool:
    """Whether dbt said that it starts this node."""
    return any(
        " START " in ligne and f"{noeud} ." in ligne
        for journal in observatoire.home.glob("build/*/dbt/dbt.log")
        for ligne in journal.read_text().splitlines()
    )


def releases(observatoire: Observatoire, trace: str) -> list[Path]:
    return list((observatoire.home / "releases").glob(trace))


def lecteurs_intacts(observatoire: Observatoire, veille: Observatoire) -> None:
    assert observatoire.courante.name == veille.courante.name
    verifie = observatoire.ctg("releases", "show", "--verify")
    assert verifie.code == 0, verifie.erreurs
    assert observatoire.valeur(*TAUX) == 71.3


def nuit_suivante_complete(observatoire: Observatoire, calme: Observatoire) -> None:
    nuit = observatoire.nuit()
    assert nuit.code == 0, nuit.erreurs
    assert observatoire.manifeste["content_hash"] == calme.manifeste["content_hash"]
    verifie = observatoire.ctg("releases", "show", "--verify")
    assert verifie.code == 0, verifie.erreurs
    assert observatoire.valeur(*TAUX) == 71.1
    assert not releases(observatoire, ".en_cours-*")


@pytest.mark.parametrize("etape", ETAPES)
def test_killed_at_a_step(
    observatoire: Observatoire, veille: Observatoire, calme: Observatoire, etape: str
) -> None:
    nuit = lancer(observatoire)
    attendre_etape(nuit, etape)
    tuer(nuit)
    lecteurs_intacts(observatoire, veille)
    nuit_suivante_complete(observatoire, calme)


@pytest.mark.parametrize("noeud", NOEUDS)
def test_killed_inside_dbt(
    observatoire: Observatoire, veille: Observatoire, calme: Observatoire, noeud: str
) -> None:
    nuit = lancer(observatoire)
    attendre_etape(nuit, "entrepot")
    assert attendre(lambda: commence(observatoire, noeud), nuit), f"dbt never started {noeud}"
    tuer(nuit)
    lecteurs_intacts(observatoire, veille)
    nuit_suivante_complete(observatoire, calme)


@pytest.mark.parametrize("trace", TRACES)
def test_killed_inside_the_publication(
    observatoire: Observatoire, veille: Observatoire, calme: Observatoire, trace: str
) -> None:
    nuit = lancer(observatoire)
    attendre_etape(nuit, "publication/release")
    assert attendre(lambda: bool(releases(observatoire, trace)), nuit), f"{trace} never appeared"
    tuer(nuit)
    lecteurs_intacts(observatoire, veille)
    nuit_suivante_complete(observatoire, calme)
