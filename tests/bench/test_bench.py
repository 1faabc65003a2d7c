"""The benches themselves, on very small sizes: what they claim of secrecy, and that all ways agree."""

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from tests.bench import extrait, secret
from tests.bench.facons import FACONS, MEDIANE, NIVEAUX
from tests.confidentialite.moteur.banc import territoire_synthetique


@pytest.mark.parametrize("taille", [secret.MONDES["EPCI"], (3, 20, 3_000)])
def test_each_stage_of_secrecy_closes_what_the_one_before_leaves(taille: tuple[int, int, int]) -> None:
    monde = territoire_synthetique(*taille)
    nues, elimination, singletons, nuit = (secret.constater(monde, d) for d in secret.ETAPES.values())
    assert nues.primaires > 50
    assert nues.exactes > 0 == nues.secondaires
    assert elimination.exactes == singletons.exactes == nuit.exactes == 0
    assert elimination.par_un_seul > 0
    assert singletons.par_un_seul == nuit.par_un_seul == 0
    assert 0 < elimination.secondaires < singletons.secondaires <= nuit.secondaires
    assert nues.largeur_min == 0 < 1 <= nuit.largeur_min
    assert nues.haut_serre > nuit.haut_serre


def test_the_four_ways_to_aggregate_an_extract_agree(tmp_path: Path) -> None:
    dossier = tmp_path / "extrait"
    extrait.preparer(dossier, 3_000, ("13", "75"))
    mesures = {facon: extrait.executer(dossier, facon, 1) for facon in FACONS}
    assert extrait.verifier(mesures) == pq.read_metadata(mesures["projet"].resultat).num_rows
    cellules = pq.read_table(mesures["projet"].resultat)
    assert set(cellules["niveau"].to_pylist()) == set(NIVEAUX)
    france = cellules.filter(
        pc.and_(
            pc.equal(cellules["niveau"], "france"), pc.equal(cellules["mesure_id"], "foyers_allocataires")
        )
    )
    assert france["n"].to_pylist() == [3_000]
    assert MEDIANE in cellules["mesure_id"].to_pylist()
    assert all(m.secondes > 0 and m.pic_mo > 0 for m in mesures.values())

    faux = tmp_path / "faux.parquet"
    n = pa.array([cellules["n"][0].as_py() + 1, *cellules["n"].to_pylist()[1:]])
    pq.write_table(cellules.set_column(cellules.column_names.index("n"), "n", n), faux)
    with pytest.raises(extrait.Desaccord, match="projet and pandas"):
        extrait.verifier(mesures | {"pandas": replace(mesures["pandas"], resultat=faux)})
