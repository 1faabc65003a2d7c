"""Known errors of producers: declared where they are, told as long as their file holds them."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingestion.acquisition import Acquisition, BilanSource
from ingestion.contrats import charger_contrats
from ingestion.contrats.chargement import ContratsInvalides
from ingestion.erreurs_connues import FICHIER, charger, presentes
from ingestion.normalisation import ECARTES

Reelle = tuple[Acquisition, dict[str, tuple[BilanSource, BilanSource]]]


def test_each_names_a_file_that_a_contract_declares_and_its_columns() -> None:
    contrats, erreurs = charger_contrats(), charger()
    assert erreurs and set(Counter(e.erreur for e in erreurs).values()) == {1}
    for e in erreurs:
        ressource = contrats[e.source].ressources[e.ressource]
        assert e.millesime in ressource.millesimes, e.erreur
        assert e.lignes and all(ligne.keys() <= ressource.columns.keys() for ligne in e.lignes), e.erreur
        assert e.constat.endswith(".") and e.effet.endswith("."), e.erreur


def test_the_files_of_producers_still_have_them(reelle: Reelle) -> None:
    """Red once a producer has mended one: remove its entry."""
    lues = presentes(charger(), reelle[0].fichiers_retenus())
    assert {e.erreur for e, _, la in lues if la} == {e.erreur for e in charger()}


@pytest.mark.parametrize(
    ("typees", "ecartees", "la"),
    [
        ([("27058", 1759)], [("27676", 1759)], True),
        ([("27058", 1759), ("27676", 1759)], [], True),
        ([("27058", 1759)], [("27676", 1804)], False),
        ([("27058", 1759)], [], False),
    ],
    ids=["set aside", "typed", "another figure", "gone"],
)
def test_a_line_is_looked_for_among_those_set_aside_too(
    tmp_path: Path,
    nuit: Callable[[], tuple[BilanSource, BilanSource]],
    acquisition: Acquisition,
    typees: list[tuple[str, int]],
    ecartees: list[tuple[str, int]],
    la: bool,
) -> None:
    nuit()
    parquet = tmp_path / "a.parquet"
    for fichier, lignes in ((parquet, typees), (parquet.with_suffix(ECARTES), ecartees)):
        if lignes:
            codes, populations = zip(*lignes, strict=True)
            pq.write_table(pa.table({"code": codes, "population_municipale": populations}), fichier)
    (un, *_) = acquisition.fichiers_retenus("registre")
    lu = replace(un, source="insee_populations_legales", millesime=2020, parquet=parquet)
    assert [(e.erreur, dite) for e, _, dite in presentes(charger(), [lu])] == [("trois_lacs_en_double", la)]


def test_a_line_written_twice_is_mended_once_it_is_there_once(tmp_path: Path, reelle: Reelle) -> None:
    (repetes,) = (e for e in charger() if e.erreur == "mouvements_repetes")
    ((_, fichier, _),) = presentes([repetes], reelle[0].fichiers_retenus())
    seul = tmp_path / "a.parquet"
    # Without the lines that were set aside, each event is there once.
    pq.write_table(pq.read_table(fichier.parquet), seul)
    assert [la for _, _, la in presentes([repetes], [replace(fichier, parquet=seul)])] == [False]


def test_what_is_ill_formed_is_told_by_its_place(tmp_path: Path) -> None:
    faux = tmp_path / "erreurs.yml"
    faux.write_text(FICHIER.read_text("utf-8").replace("effet:", "efet:", 1), "utf-8")
    with pytest.raises(ContratsInvalides, match=r"erreurs.yml: 0\.effet: Field required"):
        charger(faux)
