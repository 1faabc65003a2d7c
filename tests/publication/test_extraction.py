"""What `ctg extract` writes: no formula of the reader's spreadsheet, nothing observed that is planned."""

import csv
import io

import openpyxl
import pytest

from publication.classeurs import extraction_xlsx as xlsx
from publication.classeurs.extraction import COLONNES, Extraction, Nombre, en_csv_francais, extraire
from publication.lecture.fichiers import BASE
from publication.lecture.marts import Territoire, ouvrir
from tests.publication import imprimer as impression
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
    par_titre = dict(zip(COLONNES, cellules, strict=True))
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
    ("valeur", "imprimee"),
    [
        (-10.2345, "−10\u202f%"),
        (4478.16, "4\u202f480\u202f€"),
        (0.04, "0,0\u202f%"),
        (0.06, "+0,1\u202f%"),
        (19.6, "entre 12,1 et 27,3\u202f%"),
        (1.5, "trop peu"),
    ],
)
def test_a_workbook_has_the_digits_that_are_printed_and_a_csv_those_of_the_mart(
    valeur: float, imprimee: str
) -> None:
    extraction = Extraction(
        NYONS, exemples.portrait().edition, None, (tuple(Nombre(valeur, imprimee) for _ in COLONNES),)
    )
    cellule = openpyxl.load_workbook(io.BytesIO(xlsx.rendre(extraction)))["Chiffres"]["E3"]
    assert impression.imprimee(cellule) == imprimee
    assert isinstance(cellule.value, str) == imprimee[0].isalpha()
    (_, lue) = csv.reader(io.StringIO(en_csv_francais(extraction).decode("utf-8-sig")), delimiter=";")
    assert {*lue} == {str(valeur).replace(".", ",")}


def test_bounds_are_printed_outwards_on_the_digits_that_they_know(
    construire, releases, validation, nuit
) -> None:
    base = construire(
        f"{COMPLEMENTS} update marts.fct_indicateurs set borne_basse = 11.234, borne_haute = 15.876"
        " where (territoire_id, indicateur_id) = ('commune:26220', 'part_allocataires_rsa')"
    )
    dossier = publier(releases, base, validation, nuit).dossier
    with ouvrir(dossier / BASE) as marts:
        octets = xlsx.rendre(extraire(marts, "commune:26220"))
    feuille = openpyxl.load_workbook(io.BytesIO(octets))["Chiffres"]
    lignes = [dict(zip(COLONNES, rangee, strict=True)) for rangee in feuille.iter_rows(min_row=3)]
    rsa = next(ligne for ligne in lignes if ligne["Indicateur"].value == "Part des foyers au RSA")
    assert [impression.imprimee(rsa[b]) for b in ("Borne basse", "Borne haute")] == [
        "11,2\u202f%",
        "15,9\u202f%",
    ]
