"""Amounts whose contributors are known by name, and counts of registers: what the extract does not have.

Belongs here: worlds of structures and of who runs them. Does not: foyers (the other modules).
"""

import pytest

from publication.secret import masques as etape
from publication.secret.parametres import Relations
from tests.secret.banc import MILLESIME, SANS_RELATION, Finest, Indicateur, Monde, masquer

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
    """A federation alone in `nombre` communes; one more commune has one gestionnaire, which is another."""
    communes: dict[str, Finest] = {f"f{k:02d}": {"federation": 10 + k} for k in range(nombre)}
    communes["seule"] = {"souris": 30}
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
    monkeypatch.setattr(etape._Atelier, "groupes", lambda *_: [])
    assert caches(m) == {"commune:seule", *(f"commune:f{k:02d}" for k in range(nombre))}


def test_a_count_of_a_register_is_hidden_where_it_is_small_and_not_everywhere() -> None:
    m = Monde(
        {(MILLESIME, "assistants_maternels_actifs"): {"a": 3, "b": 4, "c": 9, "d": 12}},
        {**{("commune", c): [c] for c in "abcd"}, ("epci", "e"): [*"abcd"]},
        [ASSISTANTS],
    )
    assert caches(m) == {"commune:a", "commune:b"}
