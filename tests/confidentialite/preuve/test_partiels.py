"""Sums over the communes that were read: the auditor reads equations, and finds what they leave of few."""

from collections.abc import Callable
from dataclasses import replace

import pyarrow as pa
import pytest
from petits_marts import EXIGENCES, Indicateur, Marts

from confidentialite.preuve.constats import Constats
from confidentialite.regle.parametres import Relations
from tests.confidentialite.moteur.banc import MILLESIME, masquer
from tests.confidentialite.registre_tire import (
    INDICATEURS,
    PARTITIONS,
    RELATIONS,
    TROIS_SOMMES,
    TYPES,
    Attaquant,
    Registre,
    tire,
)
from tests.profondeur import PROFONDEUR

Juger = Callable[..., Constats]
Masques = set[tuple[str, int, str]]
REGLES = replace(
    EXIGENCES,
    registres=frozenset(TYPES),
    partitions=PARTITIONS,
    majorations=tuple(((tout,), (part,)) for tout, part in RELATIONS.inclusions),
)
ASSISTANTS = replace(EXIGENCES, registres=frozenset({"assistants"}))


def juger_registre(juger: Juger, registre: Registre, masques: Masques) -> Constats:
    """The audit of a register released under these masks."""
    monde = registre.monde()
    communes = registre.territoires["departement", "d"]
    epci = {
        c: code
        for (niveau, code), siennes in registre.territoires.items()
        if niveau == "epci"
        for c in siennes
    }
    marts = Marts(
        communes=epci,
        valeurs={
            (m, annee): {c: sum(noms.values()) for c, noms in valeurs.items() if isinstance(noms, dict)}
            for (annee, m), valeurs in monde.valeurs.items()
        },
        indicateurs={
            i.indicateur_id: Indicateur("somme", i.numerateur, unite="EUR", niveaux=i.niveaux)
            for i in INDICATEURS
        },
        masques={(t.replace("departement:d", "departement:26"), a, i) for t, a, i in masques},
        ctg={code: siennes for (niveau, code), siennes in registre.territoires.items() if niveau == "ctg"},
        tues={(m, MILLESIME): {c for c in communes if not registre.lue(m, c)} for m in TYPES},
        source="caf_equipements",
        diffusion="interne",
    )
    lues = [{"mesure_id": m, "atome": c} for m in TYPES for c in communes if registre.lue(m, c)]
    apports = [
        {"mesure_id": m, "atome": c, "qui": qui, "valeur": valeur}
        for (_, m), valeurs in monde.valeurs.items()
        for c, noms in valeurs.items()
        if isinstance(noms, dict)
        for qui, valeur in noms.items()
    ]
    return juger(
        marts,
        exigences=REGLES,
        lues=_table(lues, ["mesure_id", "atome"]),
        apports=_table(apports, ["mesure_id", "atome", "qui", "valeur"]),
        sensibles=_table([], ["niveau", "code", "formule"]),
    )


def _table(lignes: list[dict[str, object]], colonnes: list[str]) -> pa.Table:
    decimal = pa.decimal128(30, 15)
    types = {"valeur": decimal}
    schema = pa.schema(
        [(c, pa.int32()) for c in ("millesime", "cog_millesime")]
        + [(c, types.get(c, pa.string())) for c in colonnes]
    )
    datees = [{"millesime": MILLESIME, "cog_millesime": 2025, **ligne} for ligne in lignes]
    return pa.Table.from_pylist(datees, schema=schema)


def test_three_shown_sums_leave_the_subsidy_of_one_gestionnaire(juger: Juger) -> None:
    """The masks of an engine that looks at pairs: every commune, and the three sums of the EPCI are shown."""
    masques = {
        (f"commune:{c}", MILLESIME, i)
        for c in "ABCD"
        for i in ("financement_eaje_rpe", "financement_structures_enfance_jeunesse")
        if (c, i) != ("A", "financement_structures_enfance_jeunesse")
    }
    trouves = {
        (e.nature, e.cellule.territoire_id, e.cellule.indicateur_id)
        for e in juger_registre(juger, TROIS_SOMMES, masques).echecs
    }
    # 280 + 1 050 - 1 230 = 100: hidden, and found; that it is of one gestionnaire is found apart.
    assert ("exacte", "commune:A", "financement_eaje_rpe") in trouves
    assert ("exacte", "commune:A", "financement_eaje") in trouves
    assert {territoire for _, territoire, _ in trouves} == {"commune:A"}
    cachee = masques | {
        (t, MILLESIME, i)
        for t in ("epci:e", "departement:26")
        for i in ("financement_eaje_rpe", "financement_eaje")
    }
    assert not juger_registre(juger, TROIS_SOMMES, cachee).echecs


def _attaquer(mondes: range, juger: Juger) -> int:
    """Drawn registers that leak under the masks of pairs; the auditor finds each, and none under today's."""
    trouves = 0
    for graine in mondes:
        registre = tire(graine)
        paires = masquer(registre.monde(), relations=Relations({}, RELATIONS.inclusions))
        if list(Attaquant(registre, paires).de_peu()):
            trouves += 1
            assert "exacte" in {e.nature for e in juger_registre(juger, registre, paires).echecs}, graine
        assert not juger_registre(juger, registre, masquer(registre.monde(), relations=RELATIONS)).echecs, (
            graine
        )
    return trouves


def test_the_auditor_finds_what_the_attacker_does(juger: Juger) -> None:
    assert _attaquer(range(16), juger)


@pytest.mark.drill
def test_the_auditor_finds_what_the_attacker_does_at_length(juger: Juger) -> None:
    mondes = range(PROFONDEUR.proprietes // 3)
    # One world in ten leaks: half as many are enough to say that the attack is one.
    assert _attaquer(mondes, juger) > len(mondes) // 20


@pytest.mark.parametrize("dite", [True, False])
def test_a_partial_sum_is_an_equation_over_the_communes_that_were_read(juger: Juger, dite: bool) -> None:
    """A hidden, B 7, C not told: 10 less 7 is A. When two are hidden, nothing is."""
    marts = Marts(
        communes={"A": "e", "B": "e", "C": "e"},
        valeurs={("assistants", 2024): {"A": 3, "B": 7, "D": 9}},
        indicateurs={"nb_assistants": Indicateur("somme", "assistants", unite="personnes")},
        masques={("commune:A", 2024, "nb_assistants")},
        tues={("assistants", 2024): {"C"}},
        niveaux=("commune", "epci"),
        source="caf_equipements",
        diffusion="interne",
    )
    lues = pa.table(
        {
            "millesime": pa.array([2024, 2024], pa.int32()),
            "cog_millesime": pa.array([2025, 2025], pa.int32()),
            "mesure_id": ["assistants", "assistants"],
            "atome": ["A", "B"],
        }
    )
    options = {"exigences": ASSISTANTS, "lues": lues if dite else None}
    assert [(e.nature, e.cellule.territoire_id) for e in juger(marts, **options).echecs] == [
        ("exacte", "commune:A")
    ]
    deux = replace(marts, masques=marts.masques | {("commune:B", 2024, "nb_assistants")})
    assert not juger(deux, **options).echecs
