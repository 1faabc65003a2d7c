"""The engine followed from outside: every group decided in this process, and what each decision was made of.

A night keeps the hidden rows alone, decides in two processes and reads what it decided before
(`confidentialite.moteur.processus`, `cache`): `test_cache.py` holds that it decides the same. Belongs here:
running what decides a parcel, and what is asked of the systems then. Does not: the worlds (`banc.py`).
"""

from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa

from confidentialite import Entrees
from confidentialite.moteur.bornes import decouper, intervalles_des_blocs
from confidentialite.moteur.decision import Decision, Ouvrage, decider_parcelle
from confidentialite.moteur.decoupe import couper
from confidentialite.moteur.elimination import TOUTES, Defenses
from confidentialite.moteur.espace import Espace
from confidentialite.moteur.formes import Cle, Forme, Systeme
from confidentialite.moteur.groupes import Groupe
from confidentialite.moteur.masques import Masque, assembler
from confidentialite.moteur.parcelles import TotauxCaches
from confidentialite.moteur.phases.incidents import Cellule
from confidentialite.moteur.programmes import Intervalle
from confidentialite.regle.parametres import Parametres, Relations
from socle.cycles import sans_cycles


@dataclass
class Resultat:
    """What the engine decided, and what its cost and margins were."""

    masques: list[Masque]
    jugees: pa.Table
    systemes: list[Systeme]
    espaces: list[Espace]
    raisons: list[dict[Cle, str]]


@sans_cycles()
def decider(
    entrees: Entrees,
    parametres: Parametres,
    relations: Relations,
    defenses: Defenses = TOUTES,
    assumees: frozenset[Cellule] = frozenset(),
) -> Resultat:
    """Decide which rows to hide, group after group.

    `assumees`: cells that earlier releases are known to disclose: they stay hidden, and nothing is hidden for
    them. Raises `DivulgationAnterieure` for any other.
    """
    decoupe = couper(entrees, parametres, relations)
    decisions = [decider_groupe(groupe.assumant(assumees), defenses) for groupe in decoupe.groupes]
    return Resultat(
        assembler(decoupe, (d.cachees for d in decisions), parametres),
        decoupe.jugees,
        [s for d in decisions for s in d.systemes],
        [e for d in decisions for e in d.espaces],
        [r for d in decisions for r in d.raisons],
    )


def decider_groupe(groupe: Groupe, defenses: Defenses = TOUTES) -> Decision:
    """Decide which rows of a group and its neighbours to hide.

    Raises DivulgationAnterieure, and ErreurPublication.
    """
    ouvrage, decisions = Ouvrage(groupe, defenses), dict[frozenset[str], Decision]()
    while a_decider := ouvrage.a_decider():
        seules = []
        for esquisse in a_decider:
            try:
                decision = decisions[esquisse.nom] = decider_parcelle(esquisse.parcelle())
                ouvrage.recevoir(esquisse, decision.cachees)
            except TotauxCaches as caches:
                seules.append((esquisse, caches.totaux))
        ouvrage.joindre(seules)
    siennes = [decisions[nom] for nom in ouvrage.noms()]
    return Decision(
        ouvrage.cachees(),
        [s for d in siennes for s in d.systemes],
        [e for d in siennes for e in d.espaces],
        [r for d in siennes for r in d.raisons],
    )


def intervalles(
    systeme: Systeme,
    premier: int,
    *,
    zero_connu: bool,
    assez: Callable[[Forme, float, float], bool] = lambda *_: False,
) -> list[Intervalle]:
    """Interval of each hidden forme of a system, as its `publiee` stand.

    `premier`: the prime of the exact test. `zero_connu`: zeros are shown, so that a hidden count is 1 at
    least. `assez(forme, low, high)`: whether an interval is wide enough not to be looked into further.
    """
    decoupage = decouper(systeme, premier, zero_connu=zero_connu)
    return intervalles_des_blocs(systeme, decoupage.a_juger(), assez, None)


def a_la_portee_d_un_seul(espace: Espace) -> list[Forme]:
    """Protected formes that the lone contributor of another forme can compute."""
    return [
        espace._surveillees[i]
        for cle, membres in espace._classes.items()
        for i in membres
        if cle and espace._surveillees[i].protegee and espace._complice(i, membres)
    ]
