"""What secrecy costs and what each of its defences is for, on seeded worlds of growing size.

Belongs here: counting what an attacker gets at each stage of the engine, and printing it. Does not: the
worlds (`tests/confidentialite/moteur/banc.py`), the proof that the counts are right (the oracle beside it).
"""

import json
import math
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from statistics import median
from typing import Any, Final

import duckdb
import pyarrow.parquet as pq

from confidentialite import Entrees
from confidentialite.memoire import registre as registres
from confidentialite.moteur.elimination import Defenses
from confidentialite.moteur.formes import Forme
from confidentialite.moteur.masques import masquer
from confidentialite.moteur.programmes import Intervalle
from confidentialite.regle.parametres import charger, relations
from tests.bench import audit
from tests.bench.mesure import Cout, Echec, afficher, executer, mesurer, milieu
from tests.confidentialite.deux_faces import ecrire
from tests.confidentialite.moteur.banc import DOUZE, TABLES, Monde, pays_synthetique, territoire_synthetique
from tests.confidentialite.moteur.suivi import Resultat, a_la_portee_d_un_seul, decider, intervalles

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
# Seconds that the decision of a night is to take on worlds of `MONDES`.
SECONDES: Final = {"département": 1.5, "région": 60.0}
# Seconds of processor that it is to take, and its proof; of France, of two cores for ten minutes.
VISEES: Final = {"demonstration": 6.7, "France": 1200.0}
_FOIS: Final = 3
# How many départements; EPCI in each, communes in each of these, foyers of a département; years.
PAYS: Final = {"département": 1, "région": 11, "France": 96}
DEPARTEMENT: Final = (16, 23, 140_000)
MILLESIMES: Final = (2017, 2022)
INDICATEURS: Final = {6: TABLES, 12: DOUZE}
# What `Entrees` is read from, where the model has another name.
_MODELES: Final = {
    "cellules": "int_cellules_indicateurs",
    **{nom: f"int_{nom}" for nom in ("secret_cellules", "secret_atomes", "secret_communes")},
    **{nom: f"int_{nom}" for nom in ("passage", "territoires")},
}
_CLE: Final = ["territoire_id", "millesime", "indicateur_id"]
# What is printed of a certificate: not its digests, nor what it shows of each indicateur.
_CERTIFIES = ("cellules", "systeme", "exactitude", "autres_atteintes", "bornes", "composantes")
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
        par_un_seul=sum(len(a_la_portee_d_un_seul(e)) for e in resultat.espaces),
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


def chronometrer(construction: Path | None, *, france: bool = False, indicateurs: int = 6) -> None:
    """Print what the decision of a night costs, everything decided, then the proof of what it shows.

    First on worlds of one year, in the time that a night waits for it; then on countries of two years, how it
    grows. Then both again on the night after its release, on which nothing else changed. Each of these in a
    process of its own, the decision in two as a night does. `construction`: the file of the build of a night
    of the demonstration (`CTG_HOME/build/*/nuit.duckdb`), which is decided and not proved.
    `france`: the whole country too. `indicateurs`: how many each country has.
    """
    _attendre()
    decisions, preuves, ensuite, certificat = [], [], list[_Mesure](), dict[str, Any]()
    if construction is not None:
        with tempfile.TemporaryDirectory() as dossier:
            decisions.append(_decider("demonstration", de_la_construction(construction), Path(dossier)))
    for nom, combien in PAYS.items():
        if nom == "France" and not france:
            continue
        with tempfile.TemporaryDirectory() as dossier:
            pays = pays_synthetique(
                combien, *DEPARTEMENT, millesimes=MILLESIMES, indicateurs=INDICATEURS[indicateurs]
            )
            decisions.append(_decider(nom, pays.entrees(), Path(dossier)))
            preuve, certificat = _prouver(nom, pays, Path(dossier))
            preuves.append(preuve)
            ensuite += _le_lendemain(decisions[-1], preuve, Path(dossier))
    _croissance(f"The decision of a night, {indicateurs} indicateurs: what it costs, how it grows", decisions)
    _croissance("The proof of what it shows", preuves)
    _croissance("The night after its release, when nothing else changed", ensuite)
    print(f"Certificate of the last, {preuves[-1].nom}: {certificat['verdict']}")
    print(json.dumps({x: certificat[x] for x in _CERTIFIES}, ensure_ascii=False, indent=2))


def _attendre() -> None:
    """Print how long a night waits for its decision: from its tables to its masks, by two processes."""
    lignes = []
    for nom, visees in SECONDES.items():
        entrees = territoire_synthetique(*MONDES[nom]).entrees()
        couts, masques = zip(*(_decider_ici(entrees) for _ in range(_FOIS)), strict=True)
        cout = milieu(couts)
        lignes.append(
            (
                *(nom, str(_communes(entrees)), str(entrees.cellules.num_rows), str(masques[0])),
                *(f"{cout.secondes:.2f}", f"{visees:g}", f"{cout.processeur:.2f}"),
            )
        )
    afficher(
        f"How long a night waits for its decision, one year: medians of {_FOIS}",
        ("of", "communes", "cells", "hidden", "seconds", "to reach", "seconds of processor"),
        lignes,
    )


def _communes(entrees: Entrees) -> int:
    return len(set(entrees.secret_communes["atome"].to_pylist()))


def _decider_ici(entrees: Entrees) -> tuple[Cout, int]:
    masques = list[int]()
    with tempfile.TemporaryDirectory() as dossier:
        cout = mesurer(lambda: masques.append(masquer(entrees, Path(dossier)).num_rows))
    return cout, masques[0]


@dataclass(frozen=True)
class _Mesure:
    nom: str
    communes: int
    cellules: int
    masques: int
    cout: Cout
    visee: float | None

    @property
    def par_cellule(self) -> float:
        return 1000 * self.cout.processeur / self.cellules


def _croissance(titre: str, mesures: Sequence[_Mesure]) -> None:
    """Print a table; each cost a cell beside that of a département."""
    reference = next(m.par_cellule for m in mesures if m.nom != "demonstration")
    afficher(
        titre,
        (
            *("of", "communes", "cells", "hidden", "seconds of processor", "to reach", "seconds", "MB"),
            *("ms a cell", "ratio"),
        ),
        [
            (
                *(m.nom, str(m.communes), str(m.cellules), str(m.masques), f"{m.cout.processeur:.1f}"),
                *(
                    "" if m.visee is None else f"{m.visee:g}",
                    f"{m.cout.secondes:.1f}",
                    f"{m.cout.pic_mo:.0f}",
                ),
                *(f"{m.par_cellule:.2f}", f"{m.par_cellule / reference:.2f}"),
            )
            for m in mesures
        ],
    )


def _decider(nom: str, entrees: Entrees, dossier: Path) -> _Mesure:
    """Decide in a process of its own, which holds nothing but the tables; leave the masks in the folder."""
    for champ in fields(Entrees):
        pq.write_table(getattr(entrees, champ.name), dossier / f"{champ.name}.parquet")
    communes, cellules = _communes(entrees), entrees.cellules.num_rows
    del entrees
    cout = executer([sys.executable, "-m", "tests.bench.decision", dossier], memoire=True)
    masques = pq.read_metadata(dossier / "masques.parquet").num_rows
    return _Mesure(nom, communes, cellules, masques, cout, VISEES.get(nom))


def _prouver(nom: str, pays: Monde, dossier: Path) -> tuple[_Mesure, dict[str, Any]]:
    """Prove, in a process of its own, what the masks of the folder leave of a country; its certificate."""
    lus = pq.read_table(dossier / "masques.parquet", columns=_CLE)
    masques = set(zip(*(c.to_pylist() for c in lus.columns), strict=True))
    base = dossier / "preuve.duckdb"
    with duckdb.connect(str(base)) as con:
        ecrire(con, pays, masques)
    cout = executer([sys.executable, "-m", "tests.bench.audit", base], memoire=True)
    certificat = json.loads(base.with_name("certificat.json").read_text())
    communes = sum(niveau == "commune" for niveau, _ in pays.territoires)
    cellules = certificat["cellules"]["auditees"]
    return _Mesure(nom, communes, cellules, len(masques), cout, VISEES.get(nom)), certificat


def _le_lendemain(decision: _Mesure, preuve: _Mesure, dossier: Path) -> Iterator[_Mesure]:
    """Release what was decided and proved in a folder; decide and prove it again."""
    base, registre = dossier / "preuve.duckdb", dossier / "registre"
    with duckdb.connect(str(base), read_only=True) as con:
        dites = registres.tirer(registre, "banc", con, audit.PERIMETRE, "")
    registres.ecrire(registre, "banc", dites)
    pq.write_table(registres.lire(registre), dossier / "registre.parquet")
    avant = pq.read_table(dossier / "masques.parquet", columns=_CLE)
    for mesure, nom, commande in (
        (decision, "decided", ("tests.bench.decision", dossier)),
        (preuve, "proved", ("tests.bench.audit", base)),
    ):
        cout = executer([sys.executable, "-m", *commande], memoire=True)
        yield replace(mesure, nom=f"{mesure.nom}, {nom}", cout=cout, visee=None)
    if not pq.read_table(dossier / "masques.parquet", columns=_CLE).equals(avant):
        raise Echec("the night after hides other rows: it was not a night on which nothing changed")


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
