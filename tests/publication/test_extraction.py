"""What `ctg extraire` writes: no formula of the reader's spreadsheet, nothing observed that is planned."""

import csv
import io

import openpyxl
import pytest

from publication.classeurs import extraction_xlsx as xlsx
from publication.classeurs.extraction import COLONNES, Extraction, Nombre, en_csv_francais, extraire
from publication.commun.fichiers import BASE
from publication.lecture.marts import Territoire, ouvrir
from socle.affichage import Unite
from tests.publication.petits_marts import publier
from tests.publication.portraits import exemples

NYONS = Territoire("commune:26220", "commune", "26220", "Nyons", "26", "84", "200068229", True)


@pytest.mark.parametrize(
    ("imprimee", "ecrite"),
    [
        # A rise is printed with its sign; what only begins so may be a formula, in any column.
        ("+24", "+24"),
        ("+1\u202f250,5\u202f%", "+1\u202f250,5\u202f%"),
        ("+1+cmd|' /C calc'!A0", "'+1+cmd|' /C calc'!A0"),
        ('=HYPERLINK("http://x")', '\'=HYPERLINK("http://x")'),
    ],
)
def test_a_printed_rise_keeps_its_sign_and_no_text_is_a_formula(imprimee: str, ecrite: str) -> None:
    ligne = tuple(imprimee for _ in COLONNES)
    lue = en_csv_francais(Extraction(NYONS, exemples.portrait().edition, None, (ligne,)))
    (_, cellules) = csv.reader(io.StringIO(lue.decode("utf-8-sig")), delimiter=";")
    par_titre = dict(zip((c.titre for c in COLONNES), cellules, strict=True))
    assert par_titre["Valeur affichée"] == ecrite
    assert par_titre["Motif"] == ecrite


# What a list of figures reads and the tiny marts do not hold.
COMPLEMENTS = """
    alter table marts.dim_indicateur add column comparable boolean default false;
    alter table marts.dim_indicateur add column motif_code varchar;
    alter table marts.dim_indicateur add column prevu boolean;
    create table marts.mart_comparaisons as select territoire_id, millesime, indicateur_id, motif as reserve,
        valeur as valeur_epci, motif as valeur_epci_affichee, valeur as valeur_departement,
        motif as valeur_departement_affichee, valeur as valeur_region, motif as valeur_region_affichee,
        valeur as valeur_france, motif as valeur_france_affichee
    from marts.fct_indicateurs where false;
    update marts.dim_indicateur set prevu = indicateur_id = 'mediane_niveau_vie';
"""


def test_what_a_plan_foresees_is_not_listed_as_observed(construire, releases, validation, nuit) -> None:
    dossier = publier(releases, construire(COMPLEMENTS), validation, nuit).dossier
    with ouvrir(dossier / BASE) as marts:
        lue = en_csv_francais(extraire(marts, "commune:26220"))
    lignes = csv.DictReader(io.StringIO(lue.decode("utf-8-sig")), delimiter=";")
    assert {ligne["Indicateur"]: ligne["Statut"] for ligne in lignes} == {
        "Foyers allocataires": "arrondi",
        "Part des foyers au RSA": "arrondi",
        "Médiane du niveau de vie": "prévu par le plan",
    }


@pytest.mark.parametrize(
    ("valeur", "signes"),
    [(0.06, {"+", "−"}), (-0.06, {"+", "−"}), (0.04, set()), (-0.04, set()), (0.0, set())],
)
def test_what_prints_zero_has_no_sign_in_a_workbook(valeur: float, signes: set[str]) -> None:
    evolution = Unite("evolution", "nombre", "%", "", "", "", "", signee=True)
    ligne = tuple(Nombre(valeur, "", evolution, 1) for _ in COLONNES)
    octets = xlsx.rendre(Extraction(NYONS, exemples.portrait().edition, None, (ligne,)))
    cellule = openpyxl.load_workbook(io.BytesIO(octets))["Chiffres"]["D3"]
    assert cellule.value == valeur
    assert signes == {"+", "−"} & set(cellule.number_format)
