"""Known leaks, each on marts small enough to check by hand, and the clean case beside each."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from petits_marts import EXIGENCES, Indicateur, Marts

from confidentialite.memoire import registre as registres
from confidentialite.preuve import lignes
from confidentialite.preuve.auditeur import auditer
from confidentialite.preuve.constats import Constats
from confidentialite.preuve.entrees import Agregats

Juger = Callable[..., Constats]

RSA = {"nb_rsa": Indicateur("somme", "rsa")}
PART = {
    "part_rsa": Indicateur("ratio", "rsa", "foyers", "pourcent", part=True),
    "nb_foyers": Indicateur("somme", "foyers"),
}
# Two EPCI of three communes.
COMMUNES = {"26001": "E1", "26002": "E1", "26003": "E1", "26004": "E2", "26005": "E2", "26006": "E2"}
VALEURS = {"26001": 3, "26002": 7, "26003": 20, "26004": 12, "26005": 9, "26006": 30}


def masques(*codes: str, indicateur: str = "nb_rsa", millesime: int = 2024) -> set[tuple[str, int, str]]:
    return {(code if ":" in code else f"commune:{code}", millesime, indicateur) for code in codes}


def natures(constats: Constats) -> set[tuple[str, str, str]]:
    return {(e.nature, e.cellule.territoire_id, e.cellule.indicateur_id) for e in constats.echecs}


def marts(**changements: object) -> Marts:
    return replace(Marts(COMMUNES, {("rsa", 2024): VALEURS}, RSA), **changements)  # type: ignore[arg-type]


def test_nothing_masked_and_nothing_small_is_clean(juger: Juger) -> None:
    constats = juger(marts(valeurs={("rsa", 2024): {c: 10 for c in COMMUNES}}))
    assert constats.succes and constats.comptes["cellules_masquees"] == 0
    assert constats.comptes["cellules"] == 6 + 2 + 1


def test_marts_without_the_extract_have_nothing_to_audit(juger: Juger) -> None:
    publics = {(t, 2024, "nb_rsa"): 10.0 for t in marts().territoires()}
    constats = juger(marts(publics=publics))
    assert constats.succes and constats.comptes["cellules"] == 0 and constats.comptes["equations"] == 0


def test_a_small_count_shown_is_a_finding(juger: Juger) -> None:
    assert natures(juger(marts())) == {("primaire", "commune:26001", "nb_rsa")}


def test_a_single_mask_is_recomputed_by_subtraction(juger: Juger) -> None:
    assert natures(juger(marts(masques=masques("26001")))) == {("exacte", "commune:26001", "nb_rsa")}


def test_two_masks_in_the_same_sum_protect_each_other(juger: Juger) -> None:
    constats = juger(marts(masques=masques("26001", "26002")))
    assert constats.succes, constats.message
    assert constats.bilan.largeur_min == 8 and constats.bilan.entiers_min == 9


def test_masks_in_two_sums_that_a_wider_one_links(juger: Juger) -> None:
    """One mask per EPCI, the EPCI of one of them masked too: the département gives both away."""
    coupables = marts(masques=masques("26001", "26004", "epci:E1"))
    assert natures(juger(coupables)) == {
        ("exacte", t, "nb_rsa") for t in ("commune:26001", "commune:26004", "epci:E1")
    }
    assert juger(marts(masques=masques("26001", "26004", "epci:E1", "epci:E2"))).succes


def test_the_complement_of_a_share_gives_the_count(juger: Juger) -> None:
    """Denominators printed everywhere: a share masked alone in its EPCI follows from the others."""
    deux = {("rsa", 2024): VALEURS, ("foyers", 2024): {c: 40 for c in COMMUNES}}
    seule = marts(valeurs=deux, indicateurs=PART, masques=masques("26001", indicateur="part_rsa"))
    assert natures(juger(seule)) == {("exacte", "commune:26001", "part_rsa")}
    assert juger(replace(seule, masques=masques("26001", "26002", indicateur="part_rsa"))).succes


def test_a_small_complement_shown_is_a_finding(juger: Juger) -> None:
    deux = {("rsa", 2024): {c: 38 for c in COMMUNES}, ("foyers", 2024): {c: 50 for c in COMMUNES}}
    deux["foyers", 2024]["26001"] = 40
    constats = juger(marts(valeurs=deux, indicateurs=PART))
    assert natures(constats) == {("primaire", "commune:26001", "part_rsa")}


def test_what_is_money_is_what_the_dictionary_says(juger: Juger) -> None:
    """3 of a unit that is money are no count of three, whatever the name of the unit."""
    m = marts(indicateurs={"nb_rsa": Indicateur("somme", "rsa", unite="francs")})
    assert natures(juger(m)) == {("primaire", "commune:26001", "nb_rsa")}
    assert juger(m, exigences=replace(EXIGENCES, monnaies=frozenset({"francs"}))).succes


def test_a_mean_and_a_total_give_the_contributors(juger: Juger) -> None:
    """C02 of the checks: an amount and its mean by allocataire, of which the count was masked."""
    indicateurs = {
        "montant": Indicateur("somme", "montant", unite="EUR"),
        "moyenne": Indicateur("ratio", "montant", "allocataires", "EUR par allocataire"),
        "nb_allocataires": Indicateur("somme", "allocataires"),
    }
    valeurs = {
        ("montant", 2024): {c: 1000.25 * n for c, n in VALEURS.items()},
        ("allocataires", 2024): VALEURS,
    }
    fuite = marts(
        valeurs=valeurs,
        indicateurs=indicateurs,
        masques=masques("26002", "26003", indicateur="nb_allocataires")
        | masques("26001", indicateur="nb_allocataires")
        | masques("26001", indicateur="montant")
        | masques("26001", "26002", indicateur="moyenne"),
    )
    assert ("exacte", "commune:26003", "nb_allocataires") in natures(juger(fuite))
    partout = ("26001", "26002")
    sure = replace(
        fuite,
        masques=set().union(*(masques(*partout, indicateur=i) for i in indicateurs)),
    )
    constats = juger(sure)
    assert constats.succes, constats.message


def test_overlapping_zonings_leak_their_difference(juger: Juger) -> None:
    """The CTG is the EPCI without one commune: two sums whose difference is one of the masked communes."""
    ctg = {"c1": ["26002", "26003"]}
    fuite = marts(masques=masques("26001", "26002"), ctg=ctg)
    assert natures(juger(fuite)) == {
        ("exacte", "commune:26001", "nb_rsa"),
        ("exacte", "commune:26002", "nb_rsa"),
    }
    assert juger(marts(masques=masques("26001", "26002", "ctg:c1"), ctg=ctg)).succes


def test_a_ctg_across_two_epci_links_them(juger: Juger) -> None:
    """Two sums link two masks each; sums across them close a cycle. Only an odd one can be solved."""
    fuite = marts(masques=masques("26001", "26002", "26004", "26005"), ctg={"c1": ["26001", "26004"]})
    assert juger(fuite).succes
    pair = replace(fuite, ctg={"c1": ["26001", "26004"], "c2": ["26002", "26005"]})
    assert juger(pair).succes
    impair = replace(fuite, ctg={"c1": ["26001", "26004"], "c2": ["26002", "26004"]})
    assert {t for _, t, _ in natures(juger(impair))} == {
        f"commune:{c}" for c in ("26001", "26002", "26004", "26005")
    }


def test_an_evolution_prints_both_of_its_years(juger: Juger) -> None:
    indicateurs = RSA | {"evolution": Indicateur("evolution", "rsa", unite="pourcent", decalage=5)}
    valeurs = {("rsa", 2024): VALEURS, ("rsa", 2019): {c: 20 for c in COMMUNES}}
    fuite = marts(valeurs=valeurs, indicateurs=indicateurs, masques=masques("26001", "26002"))
    # The evolution of a masked count is shown: its numerator is the count.
    assert ("exacte", "commune:26001", "nb_rsa") in natures(juger(fuite))
    sure = replace(
        fuite,
        masques=masques("26001", "26002") | masques("26001", "26002", indicateur="evolution"),
    )
    constats = juger(sure)
    assert constats.succes, constats.message


def test_a_masked_evolution_of_shown_years_is_a_finding(juger: Juger) -> None:
    indicateurs = RSA | {"evolution": Indicateur("evolution", "rsa", unite="pourcent", decalage=5)}
    valeurs = {("rsa", 2024): {c: 20 for c in COMMUNES}, ("rsa", 2019): {c: 20 for c in COMMUNES}}
    fuite = marts(valeurs=valeurs, indicateurs=indicateurs, masques=masques("26001", indicateur="evolution"))
    assert natures(juger(fuite)) == {("exacte", "commune:26001", "evolution")}


def singletons(*lignes: tuple[str, str] | tuple[str, str, int]) -> pa.Table:
    """Cells of one contributor: commune, who, and how many (1 unless said)."""
    return pa.Table.from_pylist(
        [
            {
                "millesime": 2024,
                "mesure_id": "rsa",
                "niveau": "commune",
                "code": code,
                "valeur": float(valeur[0]) if valeur else 1.0,
                "contributeur": contributeur,
                "nomme": False,
            }
            for code, contributeur, *valeur in lignes
        ]
    )


def test_a_lone_contributor_subtracts_its_own_value(juger: Juger) -> None:
    valeurs = {("rsa", 2024): VALEURS | {"26001": 1}}
    deux = marts(valeurs=valeurs, masques=masques("26001", "26002"))
    assert juger(deux).succes
    constats = juger(deux, singletons=singletons(("26001", "a")))
    assert natures(constats) == {("contributeur", "commune:26002", "nb_rsa")}
    trois = marts(valeurs=valeurs, masques=masques("26001", "26002", "26003"))
    assert juger(trois, singletons=singletons(("26001", "a"))).succes


def test_a_contributor_of_two_cells_knows_both(juger: Juger) -> None:
    trois = marts(valeurs={("rsa", 2024): VALEURS | {"26002": 1}}, masques=masques("26001", "26002", "26003"))
    assert juger(trois, singletons=singletons(("26001", "a"), ("26002", "b"))).succes
    constats = juger(trois, singletons=singletons(("26001", "a"), ("26002", "a")))
    assert natures(constats) == {("contributeur", "commune:26003", "nb_rsa")}


def test_a_cell_masked_for_others_may_be_known_to_its_neighbour(juger: Juger) -> None:
    """What hides 26001 is not itself below a threshold: finding it tells nothing of anybody."""
    deux = marts(valeurs={("rsa", 2024): VALEURS | {"26001": 1}}, masques=masques("26001", "26002"))

    def hidden(*codes: str) -> pa.Table:
        return pa.Table.from_pylist(
            [{"millesime": 2024, "niveau": "commune", "code": c, "formule": "rsa"} for c in codes]
        )

    seul = singletons(("26001", "a"))
    assert juger(deux, singletons=seul, sensibles=hidden("26001")).succes
    assert natures(juger(deux, singletons=seul, sensibles=hidden("26001", "26002"))) == {
        ("contributeur", "commune:26002", "nb_rsa")
    }


def test_non_negativity_pins_a_cell_that_no_combination_gives(juger: Juger) -> None:
    """x1 + x2 = 2 with both at least one: no linear combination gives either, and both are known."""
    valeurs = {("rsa", 2024): VALEURS | {"26001": 1, "26002": 1}}
    constats = juger(marts(valeurs=valeurs, masques=masques("26001", "26002")))
    assert natures(constats) == {("bornes", f"commune:{c}", "nb_rsa") for c in ("26001", "26002")}
    aveugle = replace(EXIGENCES, zero_publiable=False)
    assert juger(marts(valeurs=valeurs, masques=masques("26001", "26002")), exigences=aveugle).succes


def test_a_whole_bounds_its_part(juger: Juger) -> None:
    """Two masked shares, all denominators printed: 10 of the 11 foyers left are in a commune of 10."""
    foyers = {c: 40 for c in COMMUNES} | {"26001": 10, "26002": 1}
    valeurs = {("rsa", 2024): VALEURS | {"26001": 10, "26002": 1}, ("foyers", 2024): foyers}
    constats = juger(
        marts(valeurs=valeurs, indicateurs=PART, masques=masques("26001", "26002", indicateur="part_rsa"))
    )
    assert {("bornes", f"commune:{c}", "part_rsa") for c in ("26001", "26002")} <= natures(constats)


def test_a_printed_zero_empties_every_commune_of_the_sum(juger: Juger) -> None:
    """The CTG has none: the only other masked commune of the EPCI follows."""
    valeurs = {("rsa", 2024): VALEURS | {"26002": 0}}
    fuite = marts(valeurs=valeurs, masques=masques("26001", "26002"), ctg={"c1": ["26002"]})
    assert ("exacte", "commune:26001", "nb_rsa") in natures(juger(fuite))


def test_a_share_of_100_holds_in_each_commune(juger: Juger) -> None:
    """Everyone in the EPCI: each masked numerator equals the denominator that is printed."""
    valeurs = {("rsa", 2024): {c: 12 for c in COMMUNES}, ("foyers", 2024): {c: 12 for c in COMMUNES}}
    constats = juger(
        marts(valeurs=valeurs, indicateurs=PART, masques=masques("26001", "26002", indicateur="part_rsa"))
    )
    assert natures(constats) == {("exacte", f"commune:{c}", "part_rsa") for c in ("26001", "26002")}


def test_an_exact_public_figure_is_a_forced_equation(juger: Juger) -> None:
    publics = {("departement:26", 2024, "nb_rsa"): float(sum(VALEURS.values()))}
    fuite = marts(masques=masques("26001", "epci:E1"), publics=publics)
    assert natures(juger(fuite)) == {("exacte", t, "nb_rsa") for t in ("commune:26001", "epci:E1")}


def test_a_rounded_public_figure_is_an_interval(juger: Juger) -> None:
    total = sum(VALEURS.values())
    masque = masques("26001", "epci:E1")
    flou = {("departement:26", 2024, "nb_rsa"): (total - 2.0, total + 4.0)}
    constats = juger(marts(masques=masque, publics=flou))
    # The commune was 3: from 1, at least one, to 7.
    assert constats.succes and constats.bilan.largeur_min == 6, constats.message
    net = {("departement:26", 2024, "nb_rsa"): (total - 0.4, total + 0.4)}
    assert {n for n, *_ in natures(juger(marts(masques=masque, publics=net)))} == {"bornes"}


def test_public_figures_that_contradict_the_extract_are_told(juger: Juger) -> None:
    publics = {("departement:26", 2024, "nb_rsa"): 1.0}
    masque = masques("26001", "26002", "26004", "26005", "epci:E1", "epci:E2")
    constats = juger(marts(masques=masque, publics=publics))
    assert constats.succes and constats.comptes["composantes_sans_le_public"] == 1


def test_a_dominated_amount_needs_room_above_it(juger: Juger) -> None:
    indicateurs = {"montant": Indicateur("somme", "montant", unite="EUR")}
    valeurs = {("montant", 2024): {c: 1000.0 for c in COMMUNES} | {"26001": 1000.0, "26002": 50.0}}
    masque = masques("26001", "26002", indicateur="montant")
    table = pa.Table.from_pylist(
        [
            {
                **{"millesime": 2024, "mesure_id": "montant", "niveau": "commune", "code": "26001"},
                **{"valeur": 1000.0, "n": 12, "max1": 950.0, "max2": 5.0},
            }
        ]
    )
    fuite = marts(valeurs=valeurs, indicateurs=indicateurs, masques=masque)
    assert juger(fuite).succes
    assert natures(juger(fuite, maxima=table)) == {("dominance", "commune:26001", "montant")}
    sure = replace(fuite, masques=masques("26001", "26002", "26003", indicateur="montant"))
    assert juger(sure, maxima=table).succes


def test_a_total_that_is_a_sum_of_amounts_is_known_as_such(juger: Juger) -> None:
    indicateurs = {nom: Indicateur("somme", nom, unite="EUR") for nom in ("a", "b", "total")}
    a = {c: 100.0 + i for i, c in enumerate(COMMUNES)}
    b = {c: 300.0 + i for i, c in enumerate(COMMUNES)}
    valeurs = {("a", 2024): a, ("b", 2024): b, ("total", 2024): {c: a[c] + b[c] for c in COMMUNES}}
    masque = masques("26001", "26002", indicateur="a")
    exigences = replace(EXIGENCES, relations={"total": "a + b"})
    fuite = marts(valeurs=valeurs, indicateurs=indicateurs, masques=masque)
    assert juger(fuite).succes
    assert natures(juger(fuite, exigences=exigences)) == {
        ("exacte", f"commune:{c}", "a") for c in ("26001", "26002")
    }


def test_a_figure_in_an_older_geography_is_an_equation_too(juger: Juger) -> None:
    """26001 and 26099 merged into 26001: the figure of one of them as it was gives the other."""
    passage = [(2020, "26001", "26001", "fusion"), (2020, "26099", "26001", "fusion")]
    origines = [
        ("commune", "26001", 2024, 2020, "nb_rsa", None),
        ("commune", "26099", 2024, 2020, "nb_rsa", 9.0),
    ]
    fuite = marts(passage=passage, origines=origines, masques=masques("26002", "26003"))
    fuite = replace(fuite, valeurs={("rsa", 2024): VALEURS | {"26001": 12}})
    assert natures(juger(fuite)) == {("exacte", "commune:26001", "nb_rsa")}
    sure = replace(fuite, masques=masques("26001", "26002"))
    assert juger(sure).succes


def test_medians_are_told_as_left_out(juger: Juger) -> None:
    indicateurs = RSA | {"mediane": Indicateur("publie", "mediane", unite="pourcent")}
    valeurs = {("rsa", 2024): {c: 20 for c in COMMUNES}, ("mediane", 2024): {c: 20 for c in COMMUNES}}
    constats = juger(
        marts(valeurs=valeurs, indicateurs=indicateurs, masques=masques("26001", indicateur="mediane"))
    )
    assert constats.succes and constats.saute == {"not additive (medians)": 1}


def test_no_finding_quotes_a_value(juger: Juger) -> None:
    grands = {c: 70_001 + i for i, c in enumerate(COMMUNES)}
    constats = juger(marts(valeurs={("rsa", 2024): grands}, masques=masques("26001")))
    assert not constats.succes
    for valeur in grands.values():
        assert str(valeur) not in constats.message and str(valeur) not in constats.texte()


def test_a_register_is_audited_when_the_rules_name_its_mesures(juger: Juger) -> None:
    assistants = {"nb_assistants_maternels": Indicateur("somme", "assistants", unite="personnes")}
    registre = replace(
        marts(
            valeurs={("assistants", 2024): VALEURS},
            masques=masques("26001", indicateur="nb_assistants_maternels"),
        ),
        indicateurs=assistants,
        source="cd_pmi",
        diffusion="interne",
    )
    assert juger(registre).comptes["cellules"] == 0
    nommes = replace(EXIGENCES, registres=frozenset({"assistants"}))
    assert natures(juger(registre, exigences=nommes)) == {
        ("exacte", "commune:26001", "nb_assistants_maternels")
    }
    montree = replace(registre, masques=set())
    assert natures(juger(montree, exigences=nommes)) == {
        ("primaire", "commune:26001", "nb_assistants_maternels")
    }


def test_what_a_ctg_leaves_of_its_epci_is_a_finding_though_no_row_shows_it(juger: Juger) -> None:
    """No row is by commune: 26001 to 26003 but 26001 are the CTG, and 26001 has 3."""
    sans_communes = marts(niveaux=("epci", "ctg"), ctg={"c": ["26002", "26003"]})
    assert natures(juger(sans_communes)) == {("exacte", "epci:E1", "nb_rsa")}
    assert juger(replace(sans_communes, ctg={"c": ["26001", "26003"]})).succes
    assert juger(replace(sans_communes, masques=masques("epci:E1"))).succes


def test_what_several_pieces_of_a_departement_add_up_to_outside_a_ctg(juger: Juger) -> None:
    """26001 and 26004 are 2 each, told by no territory; 26 less the CTG tells that they are 4."""
    valeurs = {("rsa", 2024): {**VALEURS, "26001": 2, "26004": 2}}
    ctg = {"c": ["26002", "26003", "26005", "26006"]}
    fuite = marts(valeurs=valeurs, niveaux=("epci", "ctg", "departement"), ctg=ctg)
    assert natures(juger(fuite)) == {("exacte", "departement:26", "nb_rsa")}
    assert juger(replace(fuite, masques=masques("ctg:c"))).succes
    assert juger(replace(fuite, valeurs={("rsa", 2024): {**VALEURS, "26001": 2, "26004": 3}})).succes


def test_what_a_part_leaves_of_its_whole_beside_a_ctg_is_a_finding(juger: Juger) -> None:
    foyers = {**VALEURS, "26001": 40}
    parts = {**VALEURS, "26001": 38}
    sans_communes = Marts(
        COMMUNES,
        {("rsa", 2024): parts, ("foyers", 2024): {c: n + 20 for c, n in foyers.items()} | {"26001": 40}},
        PART,
        niveaux=("epci", "ctg"),
        ctg={"c": ["26002", "26003"]},
    )
    assert natures(juger(sans_communes)) == {("exacte", "epci:E1", "part_rsa")}


@pytest.mark.parametrize(
    ("perimetre", "fuit"),
    [("departement:26", True), ("epci:E1", False), ("epci:E1,departement:26", True)],
)
def test_a_departement_is_whole_where_one_of_the_scopes_says_so(
    tmp_path: Path, perimetre: str, fuit: bool
) -> None:
    """E1 hidden beside E2 and the département: their difference, unless it holds communes of elsewhere."""
    with duckdb.connect() as con:
        marts(masques=masques("26001", "26002", "epci:E1")).remplir(con)
        constats = auditer(con, tmp_path / "registre", EXIGENCES, perimetre=perimetre, agregats=Agregats())
    assert (("exacte", "epci:E1", "nb_rsa") in natures(constats)) == fuit


def test_what_a_narrower_scope_said_of_its_departement_is_known_in_the_wider_one(
    registre: Path, juger: Juger
) -> None:
    """It printed the département, whole, beside its own EPCI: less E2, that is E1, hidden in both."""
    communes = {c: e for c, e in COMMUNES.items() if e == "E1"}
    etroite = marts(
        communes=communes,
        masques=masques("26001", "26002", "epci:E1"),
        publics={("departement:26", 2024, "nb_rsa"): 81.0},
    )
    large = marts(masques=masques("26001", "26002", "epci:E1", "departement:26"))
    assert juger(large).succes
    with duckdb.connect() as con:
        etroite.remplir(con)
        dites = registres.tirer(registre, "r1", con, "epci:E1", "1")
    registres.ecrire(registre, "r1", dites)
    (departement,) = (x["atomes"] for x in dites.to_pylist() if x["niveau"] == "departement")
    assert departement == [*communes, "reste:departement:26"]
    assert ("exacte", "epci:E1", "nb_rsa") in natures(juger(large))


def test_what_two_scopes_leave_of_a_departement_are_two_things(tmp_path: Path, registre: Path) -> None:
    """Beyond E1 is not beyond E2: the département, whole in both, is what they have in common."""
    publics = {("departement:26", 2024, "nb_rsa"): 81.0}
    par_epci = {
        epci: marts(communes={c: e for c, e in COMMUNES.items() if e == epci}, publics=publics)
        for epci in ("E1", "E2")
    }
    with duckdb.connect() as con:
        par_epci["E1"].remplir(con)
        registres.ecrire(registre, "r1", registres.tirer(registre, "r1", con, "epci:E1", "1"))
    with duckdb.connect(str(par_epci["E2"].ecrire(tmp_path / "nuit.duckdb"))) as con:
        lues = lignes.lire(con, registre, "epci:E2", frozenset()).lignes
    departements = lues[lues["niveau"] == "departement"]
    assert set(departements["rang"]) == {0, 1} and departements["territoire"].nunique() == 1
