"""A group cut into parcels: what each tells is what the whole would, and nothing is decided twice."""

import weakref
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from confidentialite.moteur import decision, parcelles, processus
from confidentialite.moteur.cache import Cache
from confidentialite.moteur.chantier import Chantier
from confidentialite.moteur.decoupe import couper
from confidentialite.moteur.espace import Espace
from confidentialite.moteur.groupes import Groupe
from socle.cycles import sans_cycles
from tests.confidentialite.moteur.banc import (
    MILLESIME,
    SANS_RELATION,
    Indicateur,
    Monde,
    confier_au_second,
    masquer,
    pays_synthetique,
    regles,
)
from tests.confidentialite.moteur.suivi import Resultat, a_la_portee_d_un_seul, decider, intervalles


def pays(graine: int) -> Monde:
    """Four small départements of two régions."""
    return pays_synthetique(4, 2, 7, 700, graine, par_region=2)


def groupes(monde: Monde) -> list[Groupe]:
    return couper(monde.entrees(), regles(), SANS_RELATION).groupes


def entier(monde: Monde, monkeypatch: pytest.MonkeyPatch) -> Resultat:
    """The whole decided as one."""
    with monkeypatch.context() as patch:
        patch.setattr(parcelles, "_LARGES", frozenset())
        return decider(monde.entrees(), regles(), SANS_RELATION)


def masquees(resultat: Resultat) -> set[tuple[str, str]]:
    return {(m.territoire_id, m.indicateur_id) for m in resultat.masques}


@pytest.mark.parametrize("graine", range(0, 12, 4))
def test_parcels_hide_what_the_whole_does_within_a_twentieth(
    graine: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monde = pays(graine)
    par_parcelles, ensemble = decider(monde.entrees(), regles(), SANS_RELATION), entier(monde, monkeypatch)
    assert len(par_parcelles.systemes) > len(ensemble.systemes)
    a, b = masquees(par_parcelles), masquees(ensemble)
    assert len(a) <= 1.05 * len(b) and len(a ^ b) <= 0.05 * len(b)


@pytest.mark.parametrize("graine", range(0, 12, 4))
def test_nothing_that_parcels_hide_can_be_had_from_the_whole(
    graine: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monde = pays(graine)
    cachees = masquees(decider(monde.entrees(), regles(), SANS_RELATION))
    for groupe in groupes(monde):
        with monkeypatch.context() as patch:
            patch.setattr(parcelles, "_LARGES", frozenset())
            ((chantier,),) = ([p.faire()[0] for p in decision.Ouvrage(groupe).a_decider()],)
        systeme, zero = chantier.systeme, regles().zero_publiable.valeur
        montrees = {
            cle
            for ligne in chantier.lecture.lignes
            if (ligne.territoire_id, ligne.indicateur_id) not in cachees
            for _, cle in ligne.formes
        }
        espace = Espace(regles().premiers.valeur[0], lambda c: (c,))
        for forme in systeme.formes:
            if forme.cachee or forme.seule:
                espace.surveiller(forme)
        for cle, forme in chantier.placees():
            forme.publiee = cle in montrees
            if forme.publiee:
                espace.publier(forme.vecteur, singletons=False, forcer=True)
        assert any(f.protegee for f in systeme.formes)
        assert espace.trahies() == a_la_portee_d_un_seul(espace) == []
        bornes = intervalles(
            systeme,
            regles().premiers.valeur[0],
            zero_connu=zero,
            assez=lambda forme, bas, haut: not forme.protegee or haut - bas >= 1,
        )
        assert all(i.entiers() >= 2 for i in bornes if i.forme.protegee and systeme.entiers)


def trois_departements(*foyers: int) -> Monde:
    """One région of three départements, each with a commune of these foyers and one of 80."""
    codes = [f"{d}{c}" for d in range(3) for c in "ab"]
    valeurs = dict(zip(codes, [n for f in foyers for n in (f, 80)], strict=True))
    return Monde(
        {(MILLESIME, "n"): valeurs},
        {
            **{("commune", c): [c] for c in codes},
            **{("departement", str(d)): [f"{d}a", f"{d}b"] for d in range(3)},
            ("region", "r"): codes,
        },
        [Indicateur("nb", "n")],
    )


def noms(monde: Monde) -> list[set[str]]:
    """The communes of each parcel."""
    (groupe,) = groupes(monde)
    return [set(p.nom) for p in decision.Ouvrage(groupe).a_decider()]


def test_a_departement_is_a_parcel_and_a_convention_across_a_border_makes_one_of_two() -> None:
    monde = trois_departements(3, 3, 3)
    assert noms(monde) == [{"0a", "0b"}, {"1a", "1b"}, {"2a", "2b"}]
    a_cheval = replace(monde, territoires={**monde.territoires, ("ctg", "c"): ["1b", "2a"]})
    assert noms(a_cheval) == [{"0a", "0b"}, {"1a", "1b", "2a", "2b"}]


def test_departements_whose_totals_are_hidden_are_one_parcel_under_the_total_of_their_region() -> None:
    monde = trois_departements(3, 3, 3)
    valeurs = {**monde.valeurs[MILLESIME, "n"], "0b": 1}
    petit = replace(monde, valeurs={(MILLESIME, "n"): valeurs})
    # 4 foyers in département 0: it is hidden, and so is another one, or the région would tell it.
    cachees = {t for t, *_ in masquer(petit) if t.startswith("departement")}
    assert "departement:0" in cachees and len(cachees) == 2
    (autre,) = (c.removeprefix("departement:") for c in cachees - {"departement:0"})
    assert {"0a", "0b", f"{autre}a", f"{autre}b"} in noms(petit)
    assert "region:r" not in {t for t, *_ in masquer(petit)}


def test_a_change_in_one_departement_decides_its_parcel_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decidees: list[set[str]] = []
    en_deux: Callable[..., object] = processus._en_deux

    def compter(siennes: list[parcelles.Esquisse]) -> object:
        decidees.extend(set(p.nom) for p in siennes)
        return en_deux(siennes)

    monkeypatch.setattr(processus, "_en_deux", compter)
    cache, monde = Cache(tmp_path), trois_departements(3, 2, 4)
    avant = processus.decider_tous(groupes(monde), cache)
    assert len(decidees) == 3
    decidees.clear()
    assert processus.decider_tous(groupes(monde), cache) == avant
    assert decidees == []
    change = replace(monde, valeurs={(MILLESIME, "n"): {**monde.valeurs[MILLESIME, "n"], "1b": 81}})
    apres = processus.decider_tous(groupes(change), cache)
    assert decidees == [{"1a", "1b"}]
    assert apres == processus.decider_tous(groupes(change))


def test_two_processes_decide_parcels_as_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    seuls = groupes(pays(3))
    monkeypatch.setattr(processus, "_coeurs", lambda: 1)
    un = processus.decider_tous(seuls)
    confier_au_second(monkeypatch)
    monkeypatch.setattr(processus, "_decider", lambda parcelle: pytest.fail(f"{parcelle.nom}: not here"))
    assert processus.decider_tous(seuls) == un


def test_a_parcel_is_gone_before_the_next_one_is_decided(monkeypatch: pytest.MonkeyPatch) -> None:
    vues: list[weakref.ref[Chantier]] = []
    decider_parcelle = processus.decider_parcelle

    def decider_une(parcelle: parcelles.Parcelle) -> decision.Decision:
        assert not any(vue() for vue in vues)
        vues.extend(map(weakref.ref, parcelle.chantiers if parcelle.nom else ()))
        return decider_parcelle(parcelle)

    monkeypatch.setattr(processus, "decider_parcelle", decider_une)
    monkeypatch.setattr(processus, "_coeurs", lambda: 1)
    with sans_cycles():
        processus.decider_tous(groupes(pays(3)))
    assert len(vues) > 1 and not any(vue() for vue in vues)
