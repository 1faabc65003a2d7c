"""What is joined to the proof of the night: incidents that only the engine sees, outside of it, after it."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from confidentialite.memoire.registre import decider
from confidentialite.preuve.constats import Cellule, Constat, Incident
from orchestration.nuit.secret import audit_de_la_nuit, joindre_ce_que_le_moteur_sait
from publication.releases.magasin import registre_de
from socle.erreurs import ErreurPublication
from tests.constats import RIEN_A_DIRE

VUE, TUE = Cellule("commune:A", "nb_rsa", 2024), Cellule("commune:B", "nb_rsa", 2024)
CONSTATS = replace(
    RIEN_A_DIRE,
    echecs=(Constat("exacte", Cellule("commune:C", "nb_rsa", 2024)),),
    incidents=(Incident("0" * 12, VUE),),
)


@pytest.fixture
def nuit(tmp_path: Path) -> Any:
    """A night whose engine knows two cells to be disclosed, one of which the proof has seen."""
    base = tmp_path / "nuit.duckdb"
    with duckdb.connect(str(base)) as con:
        con.execute(
            """
            create schema intermediate;
            create table intermediate.int_masques as from (values
                ('commune:A', 2024, 'nb_rsa', 'divulguee'),
                ('commune:B', 2024, 'nb_rsa', 'divulguee'),
                ('commune:D', 2024, 'nb_rsa', 'A')
            ) t(territoire_id, millesime, indicateur_id, raison)
            """
        )
    construction = SimpleNamespace(
        base=base,
        bornes=tmp_path / "bornes.json",
        perimetres="departement:26",
        validation=tmp_path / "validation",
    )
    return SimpleNamespace(construction=construction, releases=tmp_path / "releases")


def test_what_only_the_engine_knows_is_one_more_incident(nuit: Any) -> None:
    joints = joindre_ce_que_le_moteur_sait(CONSTATS, nuit)
    assert [i.cellule for i in joints.incidents if i not in CONSTATS.incidents] == [TUE]
    assert joints.echecs == CONSTATS.echecs and set(CONSTATS.incidents) <= set(joints.incidents)
    assert {i.cellule for i in joints.a_decider} == {VUE, TUE}


def test_it_is_decided_as_any_other(nuit: Any) -> None:
    (tue,) = (i for i in joindre_ce_que_le_moteur_sait(CONSTATS, nuit).incidents if i.cellule == TUE)
    decider(registre_de(nuit.releases), tue.incident_id, "A. B.", "assumer", "publié avant la règle")
    assert {i.cellule for i in joindre_ce_que_le_moteur_sait(CONSTATS, nuit).a_decider} == {VUE}


def test_a_proof_that_cannot_read_the_marts_is_no_proof(nuit: Any) -> None:
    with (
        audit_de_la_nuit(nuit) as attendre,
        pytest.raises(ErreurPublication, match=r"did not end \(exit 1\)") as e,
    ):
        attendre()
    # Said in a few lines, and nothing is left that a publication could take for a verdict.
    assert "seeds.parametres" in str(e.value) and "Traceback" not in str(e.value)
    assert not nuit.construction.validation.exists()
