"""Amounts whose contributors are known by name, and counts of registers: what the extract does not have.

Belongs here: worlds of structures and of who runs them. Does not: foyers (the other modules).
"""

from dataclasses import replace
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from confidentialite.moteur import resolution
from confidentialite.moteur.gardes import du_dehors
from confidentialite.regle.parametres import Relations, charger
from tests.confidentialite.moteur.banc import MILLESIME, SANS_RELATION, Finest, Indicateur, Monde, masquer
from tests.confidentialite.moteur.suivi import decider

MONTANT = Indicateur("financement_eaje_rpe", "financement_eaje_rpe")
ASSISTANTS = Indicateur("nb_assistants_maternels_actifs", "assistants_maternels_actifs")


def monde(
    communes: dict[str, Finest], *autres: tuple[Indicateur, dict[str, Finest]], niveaux: tuple[str, ...] = ()
) -> Monde:
    """One EPCI `e` of these communes and of `z`, where nothing stands."""
    indicateurs = [
        (Indicateur(MONTANT.indicateur_id, MONTANT.numerateur, niveaux=niveaux), communes),
        *autres,
    ]
    codes = sorted({"z", *(c for _, valeurs in indicateurs for c in valeurs)})
    return Monde(
        {(MILLESIME, i.numerateur): valeurs for i, valeurs in indicateurs},
        {**{("commune", c): [c] for c in codes}, ("epci", "e"): codes},
        [i for i, _ in indicateurs],
        montants=frozenset(
            i.numerateur for i, v in indicateurs if any(isinstance(x, dict) for x in v.values())
        ),
    )


def caches(m: Monde, relations: Relations = SANS_RELATION) -> set[str]:
    return {territoire for territoire, _, indicateur in masquer(m, relations=relations)}


@pytest.mark.parametrize(
    ("communes", "cachee"),
    [
        # One association everywhere is one contributor, wherever it stands.
        ({"a": {"souris": 50}, "b": {"souris": 40}, "c": {"souris": 45}}, True),
        ({"a": {"souris": 50}, "b": {"commune": 40}}, True),
        ({"a": {"souris": 50}, "b": {"commune": 40}, "c": {"epci": 45}}, False),
        ({"a": {"souris": 50, "commune": 40, "epci": 45}}, False),
        # Nobody makes more than 85 % of any commune's, but one does of the EPCI's.
        ({"a": {"souris": 500, "x": 90}, "b": {"souris": 400, "y": 80}, "c": {"souris": 300, "z": 30}}, True),
    ],
)
def test_an_epci_is_judged_on_its_gestionnaires_and_not_on_its_communes(
    communes: dict[str, Finest], cachee: bool
) -> None:
    m = monde(communes, niveaux=("epci",))
    assert (masquer(m) == {("epci:e", MILLESIME, "financement_eaje_rpe")}) is cachee


def test_a_commune_of_one_gestionnaire_is_hidden_and_cannot_be_subtracted() -> None:
    m = monde(
        {
            "a": {"souris": 50},
            "b": {"commune": 40, "x": 30, "y": 20},
            "c": {"epci": 45, "x": 40, "y": 30},
        }
    )
    caches_ = caches(m)
    assert "commune:a" in caches_
    assert "epci:e" in caches_ or caches_ & {"commune:b", "commune:c"}


def deux_montants() -> Monde:
    """Of the Rpe, one gestionnaire: what the amount of the Eaje leaves of that of both."""
    eaje = {"souris": 50, "x": 40, "y": 45}
    return monde(
        {"a": {**eaje, "relais": 20}},
        (Indicateur("financement_eaje", "financement_eaje"), {"a": eaje}),
    )


def test_what_a_part_leaves_of_an_amount_has_contributors_of_its_own() -> None:
    liees = Relations({}, (("financement_eaje_rpe", "financement_eaje"),))
    assert not masquer(deux_montants())
    assert {i for _, _, i in masquer(deux_montants(), relations=liees)} & {
        "financement_eaje_rpe",
        "financement_eaje",
    }


def autres_de_la_federation(nombre: int) -> Monde:
    """A federation alone in `nombre` communes; one more commune has two gestionnaires, which are others."""
    communes: dict[str, Finest] = {f"f{k:02d}": {"federation": 10 + k} for k in range(nombre)}
    communes["seule"] = {"souris": 30, "z": 25}
    communes["grande"] = {"x": 90, "y": 80, "w": 70}
    return monde(communes)


@pytest.mark.parametrize("nombre", [2, 9])
def test_a_gestionnaire_that_owns_several_cells_computes_no_neighbour(
    nombre: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The EPCI less what is shown, less all of its own, would be the neighbour's: however many it owns."""
    m = autres_de_la_federation(nombre)
    avec = caches(m)
    assert "epci:e" in avec or "commune:grande" in avec
    monkeypatch.setattr(resolution, "contributeurs_seuls", lambda *_: [])
    # The bounds would see it too.
    monkeypatch.setattr(resolution, "GARDES", (du_dehors,))
    assert caches(m) == {"commune:seule", *(f"commune:f{k:02d}" for k in range(nombre))}


@pytest.mark.parametrize(
    ("parts", "cachee"),
    [
        ({"souris": 50, "commune": 30, "": 40}, True),
        ({"souris": 50, "commune": 30, "epci": 40, "": 10}, False),
        # With all that is not named, one would make nearly everything.
        ({"souris": 500, "commune": 30, "epci": 40, "": 400}, True),
        ({"": 900}, True),
    ],
)
def test_who_is_not_named_may_be_any_of_those_who_are(parts: dict[str, int], cachee: bool) -> None:
    assert bool(masquer(monde({"a": parts}, niveaux=("epci",)))) is cachee


def test_a_territory_that_two_registers_tell_differently_is_hidden() -> None:
    """Its own value is not what the communes judged here add up to: nothing proves it safe."""
    m = Monde(
        {(MILLESIME, "assistants_maternels_actifs"): {"a": 8, "b": 9}},
        {**{("commune", c): [c] for c in "ab"}, ("epci", "e"): [*"ab"]},
        [ASSISTANTS],
        personnes=frozenset({"assistants_maternels_actifs"}),
    )
    entrees = m.entrees()
    valeurs = pc.if_else(
        pc.equal(entrees.secret_cellules["niveau"], "epci"), Decimal(9), entrees.secret_cellules["valeur"]
    )
    rang = entrees.secret_cellules.schema.get_field_index("valeur")
    autre = entrees.secret_cellules.set_column(rang, "valeur", valeurs.cast(pa.decimal128(38, 2)))
    resultat = decider(replace(entrees, secret_cellules=autre), charger(), SANS_RELATION)
    # Nor may what its communes add up to be added up.
    assert [(x.territoire_id, x.raison) for x in resultat.masques] == [
        ("commune:a", "D"),
        ("epci:e", "discorde"),
    ]


def test_a_gestionnaire_is_known_by_the_territories_of_earlier_releases_too() -> None:
    """Of today's EPCI, less the CTG, two of then were the association's alone and the third was shown."""
    communes: dict[str, Finest] = {
        **{"a": {"souris": 20}, "b": {"souris": 20}, "c": {"u": 30, "v": 30, "w": 30}},
        **{"k": {"x": 30}, "m": {"y": 30}},
    }
    m = replace(
        monde(communes), territoires={("epci", "h"): [*"abckm"], ("ctg", "p"): [*"km"]}, indicateurs=[MONTANT]
    )
    assert caches(m) == {"ctg:p"}
    hier = m.inscrire(set(), 1)[0]
    registre = [
        {**hier, "code": "a", "atomes": ["a"], "statut": "secret", "valeur": None},
        {**hier, "code": "b", "atomes": ["b"], "statut": "secret", "valeur": None},
        {**hier, "code": "c", "atomes": ["c"], "valeur": 90.0},
    ]
    assert caches(replace(m, registre=registre)) == {"ctg:p", "epci:h"}


def test_a_count_of_a_register_is_hidden_where_it_is_small_and_not_everywhere() -> None:
    m = Monde(
        {(MILLESIME, "assistants_maternels_actifs"): {"a": 3, "b": 4, "c": 9, "d": 12}},
        {**{("commune", c): [c] for c in "abcd"}, ("epci", "e"): [*"abcd"]},
        [ASSISTANTS],
        personnes=frozenset({"assistants_maternels_actifs"}),
    )
    assert caches(m) == {"commune:a", "commune:b"}


@pytest.mark.parametrize("niveau", ["ctg", "epci"])
def test_what_a_ctg_leaves_of_its_epci_is_a_cell_though_no_row_shows_a_commune(niveau: str) -> None:
    benevoles = Indicateur("nb_benevoles_avs", "benevoles_avs", niveaux=("epci", "ctg", "departement"))
    autour = {"ctg": ("epci", "e"), "epci": ("departement", "26")}[niveau]
    m = Monde(
        {(MILLESIME, "benevoles_avs"): {"a": 12, "b": 10, "c": 2}},
        {autour: [*"abc"], (niveau, "p"): [*"ab"]},
        [benevoles],
        personnes=frozenset({"benevoles_avs"}),
    )
    assert len(caches(m)) == 1
    assert not caches(replace(m, valeurs={(MILLESIME, "benevoles_avs"): {"a": 12, "b": 10, "c": 6}}))


def test_what_several_hidden_pieces_add_up_to_outside_a_ctg_is_a_cell_too() -> None:
    """b and d are 2 each: no territory tells either; the département less the CTG tells that they are 4."""
    benevoles = Indicateur("nb_benevoles_avs", "benevoles_avs", niveaux=("epci", "ctg", "departement"))
    m = Monde(
        {(MILLESIME, "benevoles_avs"): {"a": 12, "b": 2, "c": 10, "d": 2}},
        {("epci", "e"): [*"ab"], ("departement", "26"): [*"abcd"], ("ctg", "p"): [*"ac"]},
        [benevoles],
        personnes=frozenset({"benevoles_avs"}),
    )
    assert caches(m) & {"departement:26", "ctg:p"}
    assert not caches(replace(m, valeurs={(MILLESIME, "benevoles_avs"): {"a": 12, "b": 5, "c": 10, "d": 5}}))


@pytest.mark.parametrize(
    "caches_",
    [
        # Two gestionnaires in both hidden communes: each would read the other's total.
        {"c": {"x": 50, "y": 30}, "d": {"x": 40, "y": 35}},
        # One gestionnaire in three hidden communes: everybody would read its total.
        {"c": {"x": 50}, "d": {"x": 40}, "f": {"x": 45}},
    ],
)
def test_what_shown_communes_leave_of_an_epci_is_judged_on_its_own_gestionnaires(
    caches_: dict[str, Finest], monkeypatch: pytest.MonkeyPatch
) -> None:
    trois = {"u": 60, "v": 50, "w": 55}
    m = monde({"a": trois, "b": {**trois, "t": 50}, **caches_})
    avec = caches(m)
    assert "epci:e" in avec or avec & {"commune:a", "commune:b"}
    monkeypatch.setattr(resolution, "separer_combinaisons", lambda *_: False)
    assert caches(m) == {f"commune:{c}" for c in caches_}


def test_a_dominated_amount_of_few_is_as_far_from_its_bounds_as_one_of_many() -> None:
    """With 3 000 beside it, the EPCI less what is shown would bound the 100 000 too closely."""
    m = monde(
        {
            "a": {"u": 60_000, "v": 50_000, "w": 55_000},
            "c": {"x": 100_000, "y": 2_000},
            "d": {"z": 1_500, "t": 1_500},
        }
    )
    assert "epci:e" in caches(m) or "commune:a" in caches(m)


def test_what_a_ctg_leaves_of_its_epci_is_judged_on_its_gestionnaires_though_communes_have_rows() -> None:
    m = monde(
        {
            **{"a": {"u": 60, "v": 50}, "b": {"w": 55, "t": 50}},
            **{"c": {"p": 50, "q": 40}, "d": {"p": 45, "q": 42}},
        }
    )
    m = replace(m, territoires={**m.territoires, ("ctg", "t"): [*"ab"]})
    assert caches(m) & {"epci:e", "ctg:t"}
