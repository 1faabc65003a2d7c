"""A label that a spreadsheet would run, in whatever a reader opens with one."""

import csv
import gzip
from collections.abc import Callable, Iterator
from pathlib import Path

from publication.commun.tableur import est_calcule
from publication.releases.fabrication import Publication

FORMULE = '=HYPERLINK("http://exemple.fr";"Nyons")'
PIEGE = f"""
update marts.dim_territoire set libelle = '{FORMULE}' where territoire_id = 'departement:01';
update marts.fct_indicateurs set libelle = '{FORMULE}', motif = '@SOMME(A1)' where niveau = 'departement';
update marts.mart_portrait_social set libelle = '{FORMULE}' where niveau = 'departement';
"""


def _cellules(release: Path) -> Iterator[str]:
    """Every cell of every CSV of a release."""
    for fichier in (f for f in release.rglob("*") if ".csv" in f.suffixes):
        ouvrir = gzip.open if fichier.suffix == ".gz" else open
        with ouvrir(fichier, "rt", encoding="utf-8-sig", newline="") as flux:
            yield from (cellule for ligne in csv.reader(flux, delimiter=";") for cellule in ligne)


def test_no_label_is_a_formula_in_what_a_release_holds(publier_site: Callable[..., Publication]) -> None:
    release = publier_site(PIEGE).dossier
    cellules = list(_cellules(release))
    assert f"'{FORMULE}" in cellules and "'@SOMME(A1)" in cellules
    assert [c for c in cellules if est_calcule(c)] == []
