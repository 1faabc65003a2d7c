"""A country on both sides: what its parcels hide, the proof finds hidden."""

from pathlib import Path

import duckdb
import pytest

from confidentialite.moteur.masques import decider
from confidentialite.preuve import entrees
from confidentialite.preuve.auditeur import auditer
from confidentialite.regle.parametres import charger
from tests.confidentialite.deux_faces import ecrire, regles
from tests.confidentialite.moteur.banc import SANS_RELATION, pays_synthetique


@pytest.mark.parametrize(("graine", "par_region"), [(1, 8), (7, 2)])
def test_the_proof_finds_nothing_in_a_country_that_was_decided_by_parcels(
    graine: int, par_region: int, tmp_path: Path
) -> None:
    pays = pays_synthetique(3, 3, 10, 6000, graine, par_region=par_region)
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
