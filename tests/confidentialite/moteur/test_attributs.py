"""Sensitive attributes that everybody has: hidden for every whole they are a part of, wherever it is told."""

from dataclasses import replace

import pyarrow as pa
import pytest

from confidentialite.regle.parametres import Relations
from socle.erreurs import ErreurPublication
from tests.confidentialite.moteur import oracle
from tests.confidentialite.moteur.banc import MILLESIME, SANS_RELATION, Indicateur, Monde, masquer, regles
from tests.confidentialite.moteur.suivi import decider
from tests.confidentialite.moteur.test_mutations import NB, PART, monde

SENSIBLE = frozenset({"part"})
INCLUSION = Relations({}, (("tout", "part"),))
NB_PART = Indicateur("nb_part", "part")


def cachees(m: Monde, relations: Relations = SANS_RELATION) -> set[tuple[str, str]]:
    return {(territoire, i) for territoire, _, i in masquer(m, relations=relations)}


def test_a_count_that_is_its_whole_s_count_is_hidden_though_no_share_is_shown() -> None:
    m = monde({"a": 12, "b": 20, "c": 30}, {"a": 12, "b": 9, "c": 11}, (NB, NB_PART))
    assert ("commune:a", "nb_part") not in cachees(m, INCLUSION)
    assert ("commune:a", "nb_part") in cachees(replace(m, sensibles=SENSIBLE), INCLUSION)


def test_every_declared_whole_counts_and_not_the_share_s_alone() -> None:
    """Of the 30 foyers of a, 12 are of a narrower whole, and these are all of the part."""
    etroit = Indicateur("nb_etroit", "etroit")
    m = monde({"a": 30, "b": 40, "c": 30}, {"a": 12, "b": 9, "c": 11}, (NB, PART, etroit))
    m = replace(m, valeurs={**m.valeurs, (MILLESIME, "etroit"): {"a": 12, "b": 20, "c": 25}})
    relations = Relations({}, (("etroit", "part"), ("tout", "etroit")))
    assert ("commune:a", "part") not in cachees(m, relations)
    assert ("commune:a", "part") in cachees(replace(m, sensibles=SENSIBLE), relations)


def test_a_whole_that_no_row_shows_hides_nothing_by_itself() -> None:
    m = monde({"a": 30, "b": 40, "c": 30}, {"a": 12, "b": 9, "c": 11}, (NB, PART))
    m = replace(m, valeurs={**m.valeurs, (MILLESIME, "etroit"): {"a": 12, "b": 20, "c": 25}})
    relations = Relations({}, (("etroit", "part"), ("tout", "etroit")))
    assert cachees(replace(m, sensibles=SENSIBLE), relations) == set()


def test_what_a_ctg_leaves_of_its_epci_is_not_told_to_be_everybody() -> None:
    m = monde({"a": 12, "b": 20, "c": 30}, {"a": 12, "b": 9, "c": 11}, (NB, PART))
    larges = tuple(replace(i, niveaux=("epci", "ctg")) for i in m.indicateurs)
    m = replace(m, indicateurs=larges, territoires={**m.territoires, ("ctg", "t"): ["b", "c"]})
    assert cachees(m) == set()
    assert len(cachees(replace(m, sensibles=SENSIBLE)) & {("epci:e", "part"), ("ctg:t", "part")}) == 1


@pytest.mark.parametrize("rendu", [12, 10], ids=["exact", "rounded down"])
def test_a_part_that_is_all_of_a_public_whole_is_hidden(rendu: int) -> None:
    m = monde({}, {"a": 12, "b": 9}, (PART,))
    m = replace(m, valeurs={(MILLESIME, "part"): {"a": 12, "b": 9}}, territoires={("commune", "a"): ["a"]})

    def hautes(m: Monde) -> int:
        entrees = m.entrees()
        lignes = [
            {
                **{"territoire_id": "commune:a", "niveau": "commune", "code": "a", "millesime": MILLESIME},
                **{"indicateur_id": "part", "valeur": 1.0, "numerateur": 12.0, "denominateur": float(rendu)},
                **{"millesime_denominateur": MILLESIME, "source_ids": "caf_extrait_allocataires+cnaf"},
            }
        ]
        cellules = pa.Table.from_pylist(lignes, schema=entrees.cellules.schema)
        return len(decider(replace(entrees, cellules=cellules), regles(), SANS_RELATION).masques)

    assert hautes(m) == 0
    assert hautes(replace(m, sensibles=SENSIBLE)) == 1


def test_nobody_knows_that_all_of_a_hidden_commune_have_it_however_many_they_are() -> None:
    """a 2 of 2 and b 3 of 3 are hidden, 5 of 5 together are not: a part is no more than its whole."""
    m = monde({"a": 2, "b": 3, "c": 20, "d": 30}, {"a": 2, "b": 3, "c": 8, "d": 11}, (NB, PART))

    def laisses(m: Monde) -> set[int]:
        publication = oracle.lire([(m, masquer(m))])
        reste = oracle.forme(m, "tout-part", "commune", "a")
        return set(oracle.Tables(publication, m).valeurs(reste, 2))

    assert laisses(m) == {0}
    assert laisses(replace(m, sensibles=SENSIBLE)) != {0}


def test_a_mesure_that_does_not_say_whether_it_is_sensitive_stops_the_masks_and_says_what_to_write() -> None:
    entrees = monde({"a": 12, "b": 20}).entrees()
    muettes = pa.Table.from_pylist([{**m, "sensible": None} for m in entrees.mesures.to_pylist()])
    with pytest.raises(ErreurPublication, match=r"mesures\.csv, column sensible: empty for tout.*oui or non"):
        decider(replace(entrees, mesures=muettes), regles(), SANS_RELATION)
