"""What each defence is for: with it off, a named world leaks; with it on, it does not.

Hits are counted by `oracle.py`, never by the engine.
"""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from confidentialite.moteur.elimination import Defenses
from confidentialite.moteur.espace import Espace
from confidentialite.moteur.formes import Cle
from confidentialite.regle.parametres import Relations, relations
from tests.confidentialite.moteur import oracle
from tests.confidentialite.moteur.banc import (
    MILLESIME,
    SANS_RELATION,
    Indicateur,
    Monde,
    masquer,
    monde_aleatoire,
    regles,
    territoire_synthetique,
)
from tests.confidentialite.moteur.oracle import Masques
from tests.confidentialite.moteur.suivi import Resultat, a_la_portee_d_un_seul, decider, intervalles

P1 = regles().premiers.valeur[0]
NB = Indicateur("nb", "tout")
PART = Indicateur("part", "part", "tout")


def monde(
    communes: dict[str, int], parts: dict[str, int] | None = None, indicateurs: tuple[Indicateur, ...] = (NB,)
) -> Monde:
    """An EPCI of these communes, and a part of each where one is given."""
    valeurs: dict[tuple[int, str], dict[str, int]] = {(MILLESIME, "tout"): communes}
    if parts is not None:
        valeurs[MILLESIME, "part"] = {c: v for c, v in parts.items() if v}
    territoires = {("commune", c): [c] for c in communes} | {("epci", "e"): list(communes)}
    return Monde(valeurs, territoires, indicateurs)


# Defence: secondaires. The EPCI minus what is shown is the hidden commune.
SOUSTRACTION = monde({"a": 3, "b": 10, "c": 20})
# Defence: singletons. The foyer of a knows itself, and a + c from the EPCI: hence c.
VOISIN = monde({"a": 1, "c": 3, "d": 20, "e": 30})
# Defence: singletons. The one foyer of a that is not of the part knows how many are, hence those of b.
RESTE_SEUL = monde({"a": 20, "b": 20, "c": 30, "d": 40}, {"a": 19, "b": 17, "c": 12, "d": 20}, (NB, PART))
# Defence: fermeture. Whole and part are both shown: two foyers of the whole are not of the part.
RESTE = monde({"a": 20}, {"a": 18}, (NB, Indicateur("nb_part", "part")))
# Defence: bornes. Everybody is of the part in a and in b: of a + b = 13 at most 6 and 7 can be.
CENT_POUR_CENT = monde({"a": 6, "b": 7, "c": 20}, {"a": 6, "b": 7, "c": 10}, (NB, PART))
# Defence: bornes. No equation gives a or b away, but two counts of at least one that make two are one each.
UN_ET_UN = monde({"a": 1, "b": 1, "c": 12, "d": 30})
SENSIBLE = frozenset({"part"})


def exactes(m: Monde, masques: Masques, sensibles: frozenset[str] = frozenset()) -> list[str]:
    return [str(f) for f in oracle.exactes([(m, masques)], oracle.primaires(m, sensibles))]


def portee(m: Monde, masques: Masques) -> list[tuple[oracle.Forme, oracle.Forme]]:
    return oracle.a_la_portee([(m, masques)], oracle.primaires(m), oracle.seules(m))


def serrees(m: Monde, masques: Masques, sensibles: frozenset[str] = frozenset(), assez: int = 2) -> list[str]:
    """Protected formes that fewer than `assez` integer tables tell apart."""
    tables = oracle.Tables(oracle.lire([(m, masques)]), m)
    return [str(f) for f in oracle.primaires(m, sensibles) if len(tables.valeurs(f, assez)) < assez]


def test_secondaires_off_the_hidden_commune_is_a_subtraction() -> None:
    assert exactes(
        SOUSTRACTION, masquer(SOUSTRACTION, defenses=Defenses(secondaires=False, bornes=False))
    ) == [f"tout commune:a {MILLESIME} = 3"]
    assert exactes(SOUSTRACTION, masquer(SOUSTRACTION)) == []


def test_singletons_off_a_lone_foyer_computes_its_neighbour() -> None:
    trouvees = portee(VOISIN, masquer(VOISIN, defenses=Defenses(singletons=False)))
    assert [(s.valeur, f.valeur) for s, f in trouvees] == [(1, 3)]
    assert portee(VOISIN, masquer(VOISIN)) == []


def test_singletons_off_the_one_foyer_left_out_computes_its_neighbour() -> None:
    trouvees = portee(RESTE_SEUL, masquer(RESTE_SEUL, defenses=Defenses(singletons=False)))
    assert (1, 3) in [(s.valeur, f.valeur) for s, f in trouvees]
    assert portee(RESTE_SEUL, masquer(RESTE_SEUL)) == []


@pytest.mark.parametrize("laissees", [(19, 9), (17, 9), (19, 10)], ids=["one child", "one foyer", "of ten"])
def test_singletons_off_the_one_foyer_whose_children_are_left_out_computes_its_neighbour(
    laissees: tuple[int, int],
) -> None:
    """Of 20 children of 10 foyers at a, one is left out, or three of one foyer, or one of several."""
    enfants, foyers = laissees
    tout = {"a": (20, 10, 4), "b": (20, 10, 4), "c": (30, 15, 4), "d": (40, 20, 4)}
    parts = {"a": (enfants, foyers, 4), "b": (17, 8, 4), "c": (12, 8, 4), "d": (20, 11, 4)}
    m = replace(RESTE_SEUL, valeurs={(MILLESIME, "tout"): tout, (MILLESIME, "part"): parts})
    voisin = oracle.forme(m, "tout-part", "commune", "b")
    sien = oracle.forme(m, "tout-part", "commune", "a")

    def portee_du_voisin(masques: Masques) -> bool:
        return bool(oracle.a_la_portee([(m, masques)], [voisin], [sien]))

    assert portee_du_voisin(masquer(m, defenses=Defenses(singletons=False)))
    assert not portee_du_voisin(masquer(m))


def test_bornes_off_rounded_wholes_pin_their_parts() -> None:
    """Cafdata rounds the wholes of a and b to 0, that is 0 to 4: of a + b = 8, each has four."""
    m = replace(
        monde({"a": 4, "b": 4, "c": 30}, {"a": 4, "b": 4, "c": 12}, (NB, PART)),
        publics={(MILLESIME, "tout", "commune", c): (0, 4) for c in "ab"},
    )
    sans = masquer(m, defenses=Defenses(bornes=False))
    assert exactes(m, sans) == []
    assert [f for f in serrees(m, sans) if f.startswith("part commune")]
    assert serrees(m, masquer(m)) == []


def test_fermeture_off_what_a_part_leaves_is_a_difference() -> None:
    inclusion = Relations({}, (("tout", "part"),))

    def reste_connu(masques: Masques) -> bool:
        reste = oracle.forme(RESTE, "tout-part", "commune", "a")
        assert reste.valeur == 2
        return oracle.lire([(RESTE, masques)]).rang().contient(reste.vecteur)

    assert reste_connu(masquer(RESTE, relations=inclusion, defenses=Defenses(fermeture=False)))
    assert not reste_connu(masquer(RESTE, relations=inclusion))
    # Whoever does not declare that part is of tout is not protected: relations.csv is a defence.
    assert reste_connu(masquer(RESTE))


def test_fermeture_off_a_shared_rate_and_its_whole_reveal_the_part() -> None:
    """The rate shows num and den: what it leaves of den is judged, or three foyers are told apart."""
    m = monde({"a": 40, "b": 50}, {"a": 37, "b": 20}, (NB, PART))
    trahi = [f"tout-part commune:a {MILLESIME} = 3"]
    assert exactes(m, masquer(m, defenses=Defenses(fermeture=False))) == trahi
    assert exactes(m, masquer(m)) == []


def test_rate_and_denominator_reveal_the_numerator() -> None:
    """A world where the count of the part is masked and the rate is not would be no protection at all."""
    m = monde({"a": 40, "b": 50}, {"a": 3, "b": 20}, (NB, PART, Indicateur("nb_part", "part")))
    masques = masquer(m)
    assert {("commune:a", MILLESIME, "nb_part"), ("commune:a", MILLESIME, "part")} <= masques
    sans_le_taux = masques - {("commune:a", MILLESIME, "part")}
    assert exactes(m, sans_le_taux) == [f"part commune:a {MILLESIME} = 3"]


def test_forcees_off_an_earlier_release_completes_the_new_one() -> None:
    territoires = {("commune", c): [c] for c in "abc"} | {("epci", "e"): ["a", "b", "c"]}
    avant = Monde({(MILLESIME, "tout"): {"a": 3, "b": 10, "c": 12}}, territoires, (NB,))
    masques_avant = masquer(avant)
    apres = replace(
        avant,
        territoires={**territoires, ("epci", "e"): ["a", "c"]},
        registre=avant.inscrire(masques_avant, 1),
    )
    trahi = [f"tout commune:a {MILLESIME} = 3"]

    def union(masques: Masques) -> list[str]:
        return [
            str(f)
            for f in oracle.exactes([(avant, masques_avant), (apres, masques)], oracle.primaires(avant))
        ]

    # The intervals count what is known outside as well: they are off on both sides.
    assert union(masquer(apres, defenses=Defenses(connues=False, bornes=False))) == trahi
    assert union(masquer(apres, defenses=Defenses(bornes=False))) == []
    assert union(masquer(apres)) == []


def test_forcees_off_a_producer_completes_the_release() -> None:
    m = replace(
        monde({"a": 3, "b": 12, "c": 30}, None, (replace(NB, niveaux=("commune",)),)),
        publics={(MILLESIME, "tout", "epci", "e"): (45, 45)},
    )
    assert exactes(m, masquer(m, defenses=Defenses(connues=False, bornes=False)))
    assert exactes(m, masquer(m, defenses=Defenses(bornes=False))) == []


def test_bornes_off_a_hundred_per_cent_is_pinned_by_its_whole() -> None:
    """No equation gives a's part away; that a part is not above its whole does."""
    m = replace(CENT_POUR_CENT, sensibles=SENSIBLE)
    sans = masquer(m, defenses=Defenses(bornes=False))
    assert exactes(m, sans, SENSIBLE) == []
    assert len(serrees(m, sans, SENSIBLE)) == 2
    assert serrees(m, masquer(m), SENSIBLE) == []


def test_bornes_off_two_counts_that_make_two_are_one_each() -> None:
    # The lone contributors of a and b would be seen too: that defence is off on both sides.
    seules = Defenses(singletons=False)
    sans = masquer(UN_ET_UN, defenses=replace(seules, bornes=False))
    assert exactes(UN_ET_UN, sans) == []
    assert len(serrees(UN_ET_UN, sans)) == 2
    assert serrees(UN_ET_UN, masquer(UN_ET_UN, defenses=seules)) == []


def test_alternatives_min_asks_for_as_many_values_as_it_says() -> None:
    # a + b = 5 leaves 1 to 4.
    m = monde({"a": 2, "b": 3, "c": 12, "d": 30})
    assert serrees(m, masquer(m), assez=4) == []
    assert serrees(m, masquer(m), assez=5)
    assert serrees(m, masquer(m, parametres=regles(alternatives_min=5)), assez=5) == []


def test_attribut_groupe_off_a_rate_of_everybody_is_shown() -> None:
    m = monde({"a": 30, "b": 50, "c": 40}, {"a": 30, "b": 20, "c": 20}, (NB, PART))
    m = replace(m, sensibles=SENSIBLE)
    eteint = masquer(m, parametres=regles(attribut_groupe=False))
    assert exactes(m, eteint, SENSIBLE) == [f"part commune:a {MILLESIME} = 30"]
    assert exactes(m, masquer(m), SENSIBLE) == []


def test_dominance_off_the_largest_contribution_is_nearly_read() -> None:
    m = Monde(
        {
            (MILLESIME, "aides"): {
                "a": (100_000, 12, 96_000),
                "b": (80_000, 40, 4_000),
                "c": (70_000, 30, 5_000),
            }
        },
        {("commune", c): [c] for c in "abc"} | {("epci", "e"): ["a", "b", "c"]},
        (Indicateur("aides", "aides"),),
        montants=frozenset({"aides"}),
    )
    assert masquer(m, parametres=regles(dominance_k=1.0, p_pourcent=0)) == set()
    masques = masquer(m)
    assert ("commune:a", MILLESIME, "aides") in masques and len(masques) == 2


def test_sommes_off_the_total_less_its_other_parts_is_the_hidden_one() -> None:
    """relations.csv says that the total is the sum of its families of prestations."""
    familles = relations().sommes["montant_prestations_total"]
    valeurs = {(MILLESIME, f): {"a": (50_000, 40, 2_000)} for f in familles}
    valeurs[MILLESIME, familles[0]] = {"a": (9_000, 3, 4_000)}
    m = Monde(
        {**valeurs, (MILLESIME, "montant_prestations_total"): {"a": (159_000, 60, 6_000)}},
        {("commune", "a"): ["a"]},
        tuple(Indicateur(f, f) for f in (*familles, "montant_prestations_total")),
        montants=frozenset({*familles, "montant_prestations_total"}),
    )
    assert {i for *_, i in masquer(m, relations=Relations({}, ()))} == {familles[0]}
    masques = {i for *_, i in masquer(m, relations=relations())}
    assert familles[0] in masques and len(masques) == 2


def test_the_upper_bound_of_a_dominated_amount_reaches_past_its_largest() -> None:
    """b alone would blur a by 900 euros only, and say that one foyer has at least 96 000 of 100 900."""
    valeurs = {
        "a": (100_000, 12, 96_000),
        "b": (900, 40, 60),
        "c": (70_000, 30, 5_000),
        "d": (60_000, 30, 5_000),
    }
    m = Monde(
        {(MILLESIME, "aides"): valeurs},
        {("commune", c): [c] for c in "abcd"} | {("epci", "e"): list("abcd")},
        (Indicateur("aides", "aides"),),
        montants=frozenset({"aides"}),
    )
    plancher = 96_000 / regles().dominance_k.valeur

    def plafond(masques: Masques) -> int:
        caches = [c for c in "abcd" if (f"commune:{c}", MILLESIME, "aides") in masques]
        assert "a" in caches and ("epci:e", MILLESIME, "aides") not in masques
        return sum(valeurs[c][0] for c in caches)

    assert plafond(masquer(m, defenses=Defenses(bornes=False))) < plancher
    assert plafond(masquer(m)) >= plancher


def test_zero_publiable_off_a_zero_is_hidden_like_a_small_count() -> None:
    m = monde({"a": 20, "b": 40, "c": 60}, {"b": 12, "c": 30}, (NB, PART))
    assert masquer(m) == set()
    # The rate of a is 0 %: hidden, and one more beside it, or the EPCI would say that it is 0.
    masques = masquer(m, parametres=regles(zero_publiable=False))
    assert ("commune:a", MILLESIME, "part") in masques
    assert {i for _, _, i in masques} == {"part"} and len(masques) == 2


def test_seuil_lower_shows_more() -> None:
    m = monde({"a": 4, "b": 10, "c": 20})
    assert masquer(m, parametres=regles(seuil_frequence=4)) == set()
    assert masquer(m)


def decision(m: Monde) -> Resultat:
    """What is hidden for those who compute. What is hidden for those who replay is of no use to these."""
    return decider(m.entrees(), regles(), SANS_RELATION, Defenses(rejeu=False))


@pytest.mark.parametrize("cle", [(d, 8, g) for d in (2, 3, 4) for g in range(4)], ids=str)
def test_publishing_any_secondary_of_the_exact_test_gives_something_away(cle: tuple[int, int, int]) -> None:
    """Given all that is published, each one is needed: the second prime says so too."""
    dimensions, communes, graine = cle
    m = monde_aleatoire(graine, dimensions, communes)
    essayees = 0
    for systeme in decision(m).systemes:
        for f in systeme.formes:
            if f.publiee or f.protegee or f.retenue or not f.montree:
                continue
            essayees += 1
            espace = Espace(regles().premiers.valeur[1], lambda c: (c,))
            for autre in systeme.formes:
                if autre.protegee or autre.seule or autre.retenue:
                    espace.surveiller(autre)
            for autre in systeme.formes:
                if autre.publiee or autre is f:
                    espace.publier(autre.vecteur, singletons=False, forcer=True)
            assert espace.trahies() or a_la_portee_d_un_seul(espace), f
    assert essayees


@pytest.mark.parametrize(
    "mondes",
    # Few worlds need a secondary of the intervals: those that did, and in drills all they were drawn from.
    [(60, 95, 115, 122, 143, 154), pytest.param(range(160), marks=pytest.mark.drill)],
    ids=["that need one", "drawn"],
)
def test_publishing_a_secondary_of_the_intervals_gives_something_away_or_is_proved_redundant(
    mondes: Sequence[int],
) -> None:
    """Those may overlap: where every integer table says that one is not needed, the intervals must agree."""
    besoin = redondantes = 0
    for graine in mondes:
        m = monde_aleatoire(graine, 2, 5, maximum=9)
        decidee = decision(m)
        masques = {(x.territoire_id, x.millesime, x.indicateur_id) for x in decidee.masques}
        publication = oracle.lire([(m, masques)])
        protegees = oracle.primaires(m)
        for systeme in decidee.systemes:
            # The engine takes a published term for known, where the row that shows it hides the other one.
            publiees = [
                _forme(m, cle) for cle, f in zip(systeme.cles, systeme.formes, strict=True) if f.publiee
            ]
            for cle, f in zip(systeme.cles, systeme.formes, strict=True):
                if not f.retenue or f.protegee:
                    continue
                mutant = replace(publication, exactes=[*publication.exactes, *publiees, _forme(m, cle)])
                tables = oracle.Tables(mutant, m)
                f.publiee = True
                protege = {id(x): x for x in systeme.formes if x.protegee}
                serres = [i for i in intervalles(systeme, P1, zero_connu=True) if id(i.forme) in protege]
                f.publiee = False
                serre = any(i.entiers() < 2 for i in serres)
                perdue = any(len(tables.valeurs(p, 2)) < 2 for p in protegees)
                seul = any(
                    {c for c, _ in p.vecteur} != {c for c, _ in s.vecteur} and _sait(mutant, s, p)
                    for s in oracle.seules(m)
                    for p in protegees
                )
                besoin += perdue or seul
                redondantes += not (perdue or seul)
                # The interval is an outer bound: tight, it is tight for every integer table.
                assert perdue or not serre
    assert besoin > redondantes, (besoin, redondantes)


def _forme(m: Monde, cle: Cle) -> oracle.Forme:
    termes, (niveau, code, _), _ = cle
    return oracle.forme(m, "+".join(mesure for _, mesure in termes), niveau, code)


def _sait(publication: oracle.Publication, seule: oracle.Forme, protegee: oracle.Forme) -> bool:
    rang = publication.rang()
    return rang.ajouter(seule.vecteur) and rang.contient(protegee.vecteur)


def test_no_row_hidden_beside_can_be_shown_in_the_synthetic_epci() -> None:
    """The same, row by row and by the oracle: a mutated mask is seen from outside."""
    m = territoire_synthetique(1, 24, 1_200, 5)
    resultat = decision(m)
    masques = {(x.territoire_id, x.millesime, x.indicateur_id) for x in resultat.masques}
    secondaires = [x for x in resultat.masques if x.raison == "D" and x.indicateur_id.startswith("nb_")]
    protegees = oracle.primaires(m, m.sensibles)
    assert secondaires
    for x in secondaires:
        mutant = masques - {(x.territoire_id, x.millesime, x.indicateur_id)}
        hits = oracle.exactes([(m, mutant)], protegees)
        assert hits or oracle.a_la_portee([(m, mutant)], protegees, oracle.seules(m)), x
