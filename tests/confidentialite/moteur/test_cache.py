"""Decisions that are kept: found when nothing changed, never when something did.

Belongs here: a kept decision against a fresh one, two processes against one. Does not: what is decided.
"""

import random
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from confidentialite import masquer as etape
from confidentialite.moteur import cache as caches
from confidentialite.moteur import masques, processus
from confidentialite.moteur.decoupe import couper
from confidentialite.moteur.parcelles import Parcelle
from confidentialite.regle import parametres
from tests.confidentialite.moteur.banc import (
    MILLESIME,
    SANS_RELATION,
    Indicateur,
    Monde,
    confier_au_second,
    masquer,
    monde_aleatoire,
    pays_synthetique,
    regles,
    territoire_synthetique,
)


def deux_annees(graine: int) -> Monde:
    """A world of four mesures and two millésimes: groups that do not know each other."""
    m = monde_aleatoire(graine, 4, 9)
    autre = {(MILLESIME + 1, mesure): dict(v) for (_, mesure), v in m.valeurs.items()}
    apart = {(MILLESIME, "apart"): {f"c{k:02d}": 3 + k for k in range(6)}}
    return replace(
        m,
        valeurs={**m.valeurs, **autre, **apart},
        indicateurs=[*m.indicateurs, Indicateur("nb_apart", "apart")],
    )


def avec_une_moyenne(m: Monde) -> Monde:
    """With rows whose two terms are decided each in its group, and rows of two millésimes."""
    moyenne = Indicateur("moyenne", "apart", "part_a", part_d_un_tout=False)
    evolution = Indicateur("evolution", "part_a", methode="evolution", decalage=1)
    return replace(m, indicateurs=[*m.indicateurs, moyenne, evolution])


def cachees(masques_: pa.Table, raison: str | None = None) -> set[tuple[str, int, str]]:
    """The rows that are hidden, all or for one reason."""
    lignes = masques_.to_pylist()
    return {
        (x["territoire_id"], x["millesime"], x["indicateur_id"])
        for x in lignes
        if raison in (None, x["raison"])
    }


def changements(alea: random.Random, m: Monde) -> list[Monde]:
    """What may happen from one night to the next, drawn."""
    cle = alea.choice(sorted(m.valeurs))
    commune = alea.choice(sorted(m.valeurs[cle]))
    revisee = {**m.valeurs, cle: {**m.valeurs[cle], commune: alea.randint(1, 14)}}
    ajoutee = {**m.valeurs, cle: {**m.valeurs[cle], "c08": alea.randint(1, 14)}}
    masques_ = masquer(m)
    registre = m.inscrire(masques_, 1)
    epci = dict(m.territoires)
    epci["ctg", "g"] = sorted({*epci["ctg", "g"], "c00"} - {alea.choice(epci["ctg", "g"])}) or ["c01"]
    return [
        replace(m, valeurs=revisee),
        replace(m, valeurs=ajoutee),
        replace(m, registre=registre),
        replace(m, registre=registre, valeurs=revisee),
        replace(m, registre=[*registre, *replace(m, valeurs=revisee).inscrire(masques_, 2)]),
        replace(m, registre=registre, territoires=epci),
        replace(m, indicateurs=[*m.indicateurs, Indicateur("autre", "part_b", "apart")]),
        replace(m, indicateurs=m.indicateurs[1:]),
    ]


@pytest.mark.parametrize("graine", [0, 1, *(pytest.param(g, marks=pytest.mark.drill) for g in range(2, 6))])
def test_a_kept_decision_is_always_the_fresh_one(graine: int, tmp_path: Path) -> None:
    m = deux_annees(graine)
    etape(m.entrees(), tmp_path)
    for change in changements(random.Random(graine), m):
        assert cachees(etape(change.entrees(), tmp_path)) == cachees(etape(change.entrees()))


@pytest.mark.parametrize("graine", [0, 3, *(pytest.param(g, marks=pytest.mark.drill) for g in range(4, 40))])
def test_nights_in_a_row_hide_what_each_would_by_itself(graine: int, tmp_path: Path) -> None:
    """Each is released; nothing happens, a figure is revised, or what was revised comes back."""
    alea, m = random.Random(graine), avec_une_moyenne(deux_annees(graine))
    passees = [m.valeurs]
    for rang in range(1, 6):
        valeurs = passees[-1]
        match alea.choice(("rien", "rien", "revision", "retour")):
            case "revision":
                cle = alea.choice(sorted(valeurs))
                commune = alea.choice(sorted(valeurs[cle]))
                valeurs = {**valeurs, cle: {**valeurs[cle], commune: alea.randint(1, 14)}}
            case "retour":
                valeurs = alea.choice(passees)
        passees.append(valeurs)
        m = replace(m, valeurs=valeurs)
        masquees = cachees(etape(m.entrees(), tmp_path))
        assert masquees == cachees(etape(m.entrees()))
        m = replace(m, registre=[*m.registre, *m.inscrire(masquees, rang)])


@pytest.mark.parametrize(
    "monde",
    [lambda: avec_une_moyenne(deux_annees(1)), lambda: pays_synthetique(3, 2, 8, 4_000)],
    ids=["groups of one parcel", "départements"],
)
def test_the_night_after_a_release_decides_nothing_again(
    monde: Callable[[], Monde], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    m = monde()
    avant = etape(m.entrees(), tmp_path)
    m = replace(m, registre=m.inscrire(cachees(avant), 1))
    monkeypatch.setattr(processus, "_decider", lambda parcelle: pytest.fail("it was decided again"))
    # Reasons stay, too: a new decision would say of each row that an earlier release hid it.
    assert etape(m.entrees(), tmp_path).equals(avant)


@pytest.mark.parametrize("montree", [False, True], ids=["not shown then", "shown then"])
def test_what_another_release_told_is_decided_again(
    montree: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    m = deux_annees(1)
    masquees = cachees(etape(m.entrees(), tmp_path))
    lignes = m.inscrire(masquees, 1)
    if montree:
        # What nothing hides for itself, another home of the Caf may show.
        secondaires = cachees(etape(m.entrees()), raison="D")
        lignes += [ligne | {"rang": 2} for ligne in m.inscrire(masquees - {min(secondaires)}, 2)]
    else:
        lignes = [ligne for ligne in lignes if ligne["niveau"] != "epci"]
    decidees: list[object] = []

    def compter(parcelle: Parcelle) -> object:
        decidees.append(parcelle)
        return decider(parcelle)

    decider = processus._decider
    monkeypatch.setattr(processus, "_decider", compter)
    suivante = replace(m, registre=lignes).entrees()
    apres = cachees(etape(suivante, tmp_path))
    assert decidees and apres == cachees(etape(suivante))


def test_another_parameter_is_another_decision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    m = deux_annees(1)
    avant = etape(m.entrees(), tmp_path)
    monkeypatch.setattr(parametres, "charger", lambda: regles(seuil_frequence=9))
    apres = etape(m.entrees(), tmp_path)
    assert apres.equals(etape(m.entrees())) and not apres.equals(avant)


def test_only_the_groups_that_changed_are_decided_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decides: list[str] = []

    def compter(groupes: list[masques.Groupe], cache: caches.Cache | None = None) -> object:
        decides.extend(f"{g.nom} {g.millesime}" for g in groupes)
        return processus.decider_tous(groupes, cache)

    monkeypatch.setattr(masques, "decider_tous", compter)
    m = deux_annees(2)
    etape(m.entrees(), tmp_path)
    assert decides == [f"apart {MILLESIME}", f"part_a {MILLESIME}", f"part_a {MILLESIME + 1}"]
    decides.clear()
    etape(m.entrees(), tmp_path)
    assert decides == []
    etape(replace(m, valeurs={**m.valeurs, (MILLESIME, "apart"): {"c00": 8}}).entrees(), tmp_path)
    assert decides == [f"apart {MILLESIME}"]


def test_a_release_that_says_what_another_said_changes_no_digest() -> None:
    m = deux_annees(3)
    une = m.inscrire(masquer(m), 1)
    deux = [*une, *m.inscrire(masquer(m), 2)]

    def empreintes(registre: list[dict[str, object]]) -> list[str]:
        entrees = replace(m, registre=registre).entrees()
        return [caches.empreinte(g) for g in couper(entrees, regles(), SANS_RELATION).groupes]

    assert empreintes(une) == empreintes(deux) != empreintes([])


def test_decisions_are_in_a_closed_zone_and_a_damaged_one_is_made_again(tmp_path: Path) -> None:
    m, dossier = deux_annees(4), tmp_path / "masques"
    attendus = etape(m.entrees(), dossier)
    fichiers = sorted(dossier.iterdir())
    assert stat.S_IMODE(dossier.stat().st_mode) == 0o700 and len(fichiers) == 2 * 3
    assert {stat.S_IMODE(f.stat().st_mode) for f in fichiers} == {0o600}
    fichiers[0].write_bytes(fichiers[0].read_bytes()[:-20])
    assert etape(m.entrees(), dossier).equals(attendus)


def test_two_processes_decide_as_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    entrees = territoire_synthetique(1, 24, 1_200, 5).entrees()
    groupes = couper(entrees, regles(), SANS_RELATION).groupes
    monkeypatch.setattr(processus, "_coeurs", lambda: 1)
    seul = processus.decider_tous(groupes)
    confier_au_second(monkeypatch)
    monkeypatch.setattr(processus, "_decider", lambda parcelle: pytest.fail(f"{parcelle.nom}: not here"))
    assert processus.decider_tous(groupes) == seul
    assert len(groupes) > 1


def test_groups_decided_a_few_after_the_others_are_decided_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    groupes = couper(deux_annees(5).entrees(), regles(), SANS_RELATION).groupes
    ensemble = processus.decider_tous(groupes)
    monkeypatch.setattr(processus, "_ENSEMBLE", groupes[0].taille() + groupes[1].taille())
    assert list(processus._lots(groupes)) == [groupes[:2], groupes[2:]]
    assert processus.decider_tous(groupes) == ensemble


def test_a_second_process_that_dies_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    groupes = couper(deux_annees(5).entrees(), regles(), SANS_RELATION).groupes
    seul = processus.decider_tous(groupes)
    confier_au_second(monkeypatch)
    monkeypatch.setattr(processus.sys, "executable", "/bin/false")
    assert processus.decider_tous(groupes) == seul
