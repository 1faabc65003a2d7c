"""What a reading tells of itself: bytes to the last; rows in hundred thousands, where nothing keeps it."""

import pytest
from petit_extrait import Atelier, foyers, sans_enfants

from ingestion.extrait import avancement, tables
from ingestion.extrait.avancement import Avancement, DeTempsEnTemps, lignes_lues


@pytest.mark.parametrize("octets_par_bloc", [4096, 16 << 20])
def test_reading_tells_how_far_it_is_in_each_file(
    atelier: Atelier, monkeypatch: pytest.MonkeyPatch, octets_par_bloc: int
) -> None:
    monkeypatch.setattr(tables, "BLOC", octets_par_bloc)
    atelier.mapping = sans_enfants(atelier.mapping)
    fichier = atelier.csv(foyers(200))
    enfants = atelier.enfants([("F0001", "02/03/2020", "N")])
    dits: list[Avancement] = []
    assert atelier.reception().recevoir(dits.append).refus == []
    assert dits[0] == Avancement(enfants.name, 1, dits[0].total, dits[0].total)
    suite = [(a.lignes, a.octets) for a in dits if a.fichier == fichier.name]
    assert suite == sorted(suite) and len(suite) == 1 + (dits[-1].total - 1) // octets_par_bloc
    assert (dits[-1].lignes, dits[-1].octets) == (200, dits[-1].total)


def test_lines_come_now_and_then_and_count_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    heure = [1000.0]
    monkeypatch.setattr(avancement.time, "monotonic", lambda: heure[0])
    for lignes, attendues in (
        (True, ["foyers.csv: 100 of 300 MB, 1.2 M rows, 0.06 M rows/s, 40 s left"]),
        (False, ["foyers.csv: 100 of 300 MB, 40 s left"]),
    ):
        dites: list[str] = []
        dire = DeTempsEnTemps(dites.append, 10, lignes=lignes)
        for secondes, lues, octets in ((9, 600_123, 50), (11, 1_234_567, 100), (5, 2_000_000, 200)):
            heure[0] += secondes
            dire(Avancement("foyers.csv", lues, octets * 1_000_000, 300_000_000))
        assert dites == attendues


@pytest.mark.parametrize(
    ("lignes", "dit"), [(0, ""), (99_999, ""), (100_000, "0.1 M rows"), (14_699_999, "14.6 M rows")]
)
def test_rows_are_told_in_hundred_thousands(lignes: int, dit: str) -> None:
    assert lignes_lues(lignes) == dit
