"""A country on both sides: what its parcels hide, the proof finds hidden."""

import csv
from pathlib import Path

import duckdb
import pytest

from confidentialite.preuve import entrees
from confidentialite.preuve.auditeur import auditer
from confidentialite.regle.parametres import charger, relations
from tests.confidentialite.deux_faces import ecrire, regles
from tests.confidentialite.moteur.banc import DOUZE, SANS_RELATION, TABLES, Indicateur, pays_synthetique
from tests.confidentialite.moteur.suivi import decider

INDICATEURS = Path(__file__).parents[2] / "dbt_project" / "seeds" / "indicateurs.csv"


@pytest.mark.parametrize(
    ("graine", "par_region", "indicateurs", "epci"), [(1, 8, TABLES, 3), (7, 2, TABLES, 3), (3, 2, DOUZE, 1)]
)
def test_the_proof_finds_nothing_in_a_country_that_was_decided_by_parcels(
    graine: int, par_region: int, indicateurs: tuple[Indicateur, ...], epci: int, tmp_path: Path
) -> None:
    pays = pays_synthetique(3, epci, 10, 2000 * epci, graine, par_region=par_region, indicateurs=indicateurs)
    masques = {
        (m.territoire_id, m.millesime, m.indicateur_id)
        for m in decider(pays.entrees(), charger(), SANS_RELATION).masques
    }
    exigences = regles()
    with duckdb.connect() as con:
        ecrire(con, pays, masques)
        agregats = entrees.lire_agregats(con, exigences)
        constats = auditer(con, tmp_path / "registre", exigences, perimetre="france", agregats=agregats)
    assert constats.echecs == () and constats.comptes["cellules_masquees"] > 100


def test_a_country_of_twelve_indicateurs_is_that_of_six_and_six_more_that_hold_together() -> None:
    six, douze = (pays_synthetique(2, 2, 10, 4000, indicateurs=choisis) for choisis in (TABLES, DOUZE))
    assert {c: v for c, v in douze.valeurs.items() if c in six.valeurs} == six.valeurs
    with INDICATEURS.open(encoding="utf-8", newline="") as flux:
        dits = {i["indicateur_id"]: (i["numerateur"], i["denominateur"]) for i in csv.DictReader(flux)}
    assert [dits[i.indicateur_id] for i in DOUZE] == [(i.numerateur, i.denominateur or "") for i in DOUZE]

    mesures = {mesure for _, mesure in douze.valeurs}
    connues = [((tout,), (partie,)) for tout, partie in relations().inclusions] + [*relations().majorations]
    connues += [((i.denominateur,), (i.numerateur,)) for i in DOUZE if i.denominateur]
    tenues = [(grands, petits) for grands, petits in connues if {*grands, *petits} <= mesures]
    assert len(tenues) > 10
    for niveau, code in douze.territoires:
        for grands, petits in tenues:
            assert douze.somme("+".join(grands), niveau, code) >= douze.somme("+".join(petits), niveau, code)
