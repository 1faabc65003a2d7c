"""What secrecy costs and what each of its defences is for, on seeded worlds of growing size.

Belongs here: counting what an attacker gets at each stage of the engine, and printing it. Does not: the
worlds (`tests/confidentialite/moteur/banc.py`), the proof that the counts are right (the oracle beside it).
"""

import math
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from statistics import median
from typing import Final

import duckdb
import pyarrow.parquet as pq

from confidentialite import Entrees
from confidentialite.moteur.bornes import intervalles
from confidentialite.moteur.elimination import Defenses
from confidentialite.moteur.formes import Forme
from confidentialite.moteur.masques import Resultat, decider
from confidentialite.moteur.programmes import Intervalle
from confidentialite.regle.parametres import charger, relations
from tests.bench.mesure import Cout, afficher, executer
from tests.confidentialite.moteur.banc import Monde, pays_synthetique, territoire_synthetique

# EPCI, communes in each, foyers.
MONDES: Final = {
    "EPCI": (1, 67, 4_120),
    "département": (16, 23, 100_000),
    "région": (170, 24, 1_000_000),
    "France": (1_250, 28, 13_600_000),
}
COURANTS: Final = ("EPCI", "département", "région")
ETAPES: Final = {
    "primary cells hidden, nothing else": Defenses(secondaires=False, singletons=False, bornes=False),
    "+ elimination": Defenses(singletons=False, bornes=False),
    "+ lone contributors": Defenses(bornes=False),
    "+ intervals (what a night runs)": Defenses(),
}
# Seconds of processor that the decision of a night is to take; of France, of two cores for ten minutes.
VISEES: Final = {"demonstration": 6.7, "département": 1.5, "région": 60.0, "France": 1200.0}
# How many départements; EPCI in each, communes in each of these, foyers of a département; years.
PAYS: Final = {"département": 1, "région": 11, "France": 96}
DEPARTEMENT: Final = (16, 23, 140_000)
MILLESIMES: Final = (2017, 2022)
# What `Entrees` is read from, where the model has another name.
_MODELES: Final = {
    "cellules": "int_cellules_indicateurs",
    **{nom: f"int_{nom}" for nom in ("secret_cellules", "secret_atomes", "secret_communes", "passage")},
}
# An upper bound this low says more than the flag of a hidden cell does.
_SERRE = 5
# Intervals solved of one system at each stage, spread over its hidden cells.
_ECHANTILLON = 400


@dataclass(frozen=True)
class Constat:
    """What one stage hides and leaves open. Widths are those of a sample of protected counts."""

    cellules: int
    primaires: int
    secondaires: int
    exactes: int
    par_un_seul: int
    secondes: float
    bornees: int
    largeur_min: float
    largeur_mediane: float
    haut_serre: int


def constater(monde: Monde, defenses: Defenses) -> Constat:
    """Decide with these defences alone, then attack."""
    entrees, parametres = monde.entrees(), charger()
    debut = time.perf_counter()
    resultat = decider(entrees, parametres, relations(), defenses)
    secondes = time.perf_counter() - debut
    formes = [f for s in resultat.systemes for f in s.formes if not f.publique]
    bornes = list(_bornes(resultat))
    largeurs = [i.haut - i.bas for i in bornes]
    return Constat(
        cellules=sum(f.montree or f.protegee for f in formes),
        primaires=sum(f.protegee for f in formes),
        secondaires=sum(f.montree and not f.protegee and not f.publiee for f in formes),
        exactes=sum(f.protegee for e in resultat.espaces for f in e.trahies()),
        par_un_seul=sum(len(e.a_la_portee_d_un_seul()) for e in resultat.espaces),
        secondes=secondes,
        bornees=len(bornes),
        largeur_min=min(largeurs, default=math.nan),
        largeur_mediane=median(largeurs) if largeurs else math.nan,
        haut_serre=sum(i.haut < _SERRE for i in bornes),
    )


def _bornes(resultat: Resultat) -> Iterator[Intervalle]:
    """Intervals of protected counts, evenly sampled where there are many."""
    parametres = charger()
    for systeme in resultat.systemes:
        if not systeme.entiers:
            continue
        protegees = [f for f in systeme.formes if f.protegee and not f.publique]
        pas = max(1, math.ceil(len(protegees) / _ECHANTILLON))
        voulues = {id(f) for f in protegees[::pas]}

        def ignoree(forme: Forme, *_: float, voulues: set[int] = voulues) -> bool:
            return id(forme) not in voulues

        trouves = intervalles(
            systeme,
            parametres.premiers.valeur[0],
            zero_connu=parametres.zero_publiable.valeur,
            assez=ignoree,
        )
        yield from (i for i in trouves if id(i.forme) in voulues)


def de_la_construction(base: Path) -> Entrees:
    """What the masks step of a build was given, from its file."""
    with duckdb.connect(str(base), read_only=True) as con:
        schemas = dict(
            con.execute("select table_name, table_schema from information_schema.tables").fetchall()
        )
        noms = {f.name: _MODELES.get(f.name, f.name) for f in fields(Entrees)}
        return Entrees(**{x: con.table(f"{schemas[n]}.{n}").to_arrow_table() for x, n in noms.items()})


def chronometrer(construction: Path | None, *, france: bool = False) -> None:
    """Print what the decision of a night costs, everything decided, in two processes as a night does.

    `construction`: the file of the build of a night of the demonstration (`CTG_HOME/build/*/nuit.duckdb`).
    `france`: the whole country too.
    """
    lignes = []
    if construction is not None:
        lignes.append(_decision("demonstration", de_la_construction(construction)))
    croissance = [
        _decision(nom, pays_synthetique(n, *DEPARTEMENT, millesimes=MILLESIMES).entrees())
        for nom, n in PAYS.items()
        if france or nom != "France"
    ]
    par_cellule = croissance[0].par_cellule
    afficher(
        "The decision of a night: what it costs, and how it grows",
        (
            *("of", "communes", "cells", "hidden", "seconds of processor", "to reach", "seconds", "MB"),
            *("ms a cell", "ratio"),
        ),
        [
            (
                *(d.nom, str(d.communes), str(d.cellules), str(d.masques), f"{d.cout.processeur:.1f}"),
                *(f"{VISEES[d.nom]:g}", f"{d.cout.secondes:.1f}", f"{d.cout.pic_mo:.0f}"),
                *(f"{d.par_cellule:.2f}", f"{d.par_cellule / par_cellule:.2f}"),
            )
            for d in (*lignes, *croissance)
        ],
    )


@dataclass(frozen=True)
class _Mesure:
    nom: str
    communes: int
    cellules: int
    masques: int
    cout: Cout

    @property
    def par_cellule(self) -> float:
        return 1000 * self.cout.processeur / self.cellules


def _decision(nom: str, entrees: Entrees) -> _Mesure:
    """Decide in a process of its own, which holds nothing but the tables."""
    with tempfile.TemporaryDirectory() as dossier:
        for champ in fields(Entrees):
            pq.write_table(getattr(entrees, champ.name), f"{dossier}/{champ.name}.parquet")
        communes = len(set(entrees.secret_communes["atome"].to_pylist()))
        cellules = entrees.cellules.num_rows
        del entrees
        cout = executer([sys.executable, "-m", "tests.bench.decision", dossier], memoire=True)
        masques = pq.read_table(f"{dossier}/masques.parquet").num_rows
    return _Mesure(nom, communes, cellules, masques, cout)


def comparer(noms: tuple[str, ...] = COURANTS) -> None:
    """Print one table a world, one line a stage."""
    for nom in noms:
        epci, communes, foyers = MONDES[nom]
        monde = territoire_synthetique(epci, communes, foyers)
        constats = {etape: constater(monde, defenses) for etape, defenses in ETAPES.items()}
        premier = next(iter(constats.values()))
        afficher(
            f"Secrecy, {nom}: {epci * communes} communes, {foyers} foyers, {premier.cellules} cells, "
            f"{premier.primaires} primary ({premier.bornees} of the counts solved for their width)",
            (
                *("stage", "secondary", "exact", "by a lone contributor", "seconds"),
                *("width min", "width median", f"upper bound < {_SERRE}"),
            ),
            [
                (
                    etape,
                    *(str(c.secondaires), str(c.exactes), str(c.par_un_seul), f"{c.secondes:.2f}"),
                    *(f"{c.largeur_min:g}", f"{c.largeur_mediane:g}", str(c.haut_serre)),
                )
                for etape, c in constats.items()
            ],
        )
