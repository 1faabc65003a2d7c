"""What is joined to the proof of the night: incidents that only the engine sees, outside of it, after it."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from confidentialite.memoire.registre import decider
from confidentialite.preuve.constats import Cellule, Constat, Constats, Incident
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
def construction(tmp_path: Path) -> Any:
    """A build whose engine knows two cells to be disclosed, one of which the proof has seen."""
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
    return SimpleNamespace(
        base=base,
        bornes=tmp_path / "bornes.json",
        perimetres="departement:26",
        validation=tmp_path / "validation",
    )


def test_what_only_the_engine_knows_is_one_more_incident(construction: Any, tmp_path: Path) -> None:
    joints = joindre_ce_que_le_moteur_sait(CONSTATS, construction.base, tmp_path)
    assert [i.cellule for i in joints.incidents if i not in CONSTATS.incidents] == [TUE]
    assert joints.echecs == CONSTATS.echecs and set(CONSTATS.incidents) <= set(joints.incidents)
    assert {i.cellule for i in joints.a_decider} == {VUE, TUE}


def test_it_is_decided_as_any_other(construction: Any, tmp_path: Path) -> None:
    def joindre() -> Constats:
        return joindre_ce_que_le_moteur_sait(CONSTATS, construction.base, tmp_path / "releases")

    (tue,) = (i for i in joindre().incidents if i.cellule == TUE)
    registre = registre_de(tmp_path / "releases")
    decider(registre, tue.incident_id, "A. B.", "assumer", "publié avant la règle")
    assert {i.cellule for i in joindre().a_decider} == {VUE}


def test_a_proof_that_cannot_read_the_marts_is_no_proof(construction: Any, tmp_path: Path) -> None:
    with (
        audit_de_la_nuit(construction, tmp_path / "releases") as attendre,
        pytest.raises(ErreurPublication, match=r"did not end \(exit 1\)") as e,
    ):
        attendre()
    # Said in a few lines, and nothing is left that a publication could take for a verdict.
    assert "seeds.parametres" in str(e.value) and "Traceback" not in str(e.value)
    assert not construction.validation.exists()
