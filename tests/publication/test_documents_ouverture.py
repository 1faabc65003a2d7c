"""A document is read whatever saved it: each form gives the figures that the strict one gives."""

import csv
import io
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from abime import FUZZ, abimer
from hypothesis import given
from hypothesis import strategies as st
from petit_audit import a_commune, chiffre, ecrire_document

from publication.controle_documents.lecture import COLONNES, DocumentAudite, DocumentIllisible, lire

STRICT = [
    chiffre("part_allocataires_rsa", "-12.7", label="Part d'allocataires ; Rsa", notes="né à Nyons"),
    chiffre("montant_prestations_total", "18464843.20"),
    chiffre("population_municipale", "20908", "2017/2022"),
    chiffre("echeance", "2025-01-31", unit="date"),
    chiffre("zonage_frr", "oui", unit="booleen"),
    chiffre("nb_eaje", ""),
    a_commune("nb_eaje", "3", "01001"),
    chiffre("taux", "8.5", territory_level="departement", territory_code="01"),
]
FRANCAIS = {0: "−12,70%", 1: "18\u202f464\u202f843,20 €", 2: "20\u00a0908", 3: "31/01/2025", 7: "8,5"}
ENREGISTRES = {"6": "1001", "7": "1"}
"""What Excel leaves of codes that begin with a zero."""


def francaises() -> list[list[str]]:
    """The same rows as French Excel shows them, empty cells and rows after them as it keeps them."""
    rangees = []
    for rang, ligne in enumerate(STRICT):
        code = ENREGISTRES.get(str(rang), ligne["territory_code"])
        montree = {**ligne, "value": FRANCAIS.get(rang, ligne["value"]), "territory_code": code}
        rangees.append([*(montree[c] for c in COLONNES), "", ""])
    return [[*COLONNES, "", ""], *rangees, [""] * (len(COLONNES) + 2)]


def _lus(document: DocumentAudite) -> list[Any]:
    colonnes = ("territory_level", "territory_code", "label", "period", "value", "notes")
    return [[c[nom] for nom in colonnes] for c in document.chiffres]


def attendus(tmp_path: Path) -> list[Any]:
    strict = lire(ecrire_document(tmp_path / "strict.csv", STRICT))
    return _lus(strict)


@pytest.mark.parametrize(
    ("separateur", "encodage", "fins"),
    [
        (";", "utf-8-sig", "\r\n"),
        (";", "utf-8", "\n"),
        (";", "cp1252", "\r\n"),
        ("\t", "utf-16", "\r\n"),
        ("\t", "utf-8", "\n"),
    ],
)
def test_what_french_excel_saves_as_text(tmp_path: Path, separateur: str, encodage: str, fins: str) -> None:
    texte = io.StringIO()
    csv.writer(texte, delimiter=separateur, lineterminator=fins).writerows(francaises())
    fichier = tmp_path / "document.csv"
    # Neither a narrow space nor a true minus sign is in Windows-1252.
    contenu = texte.getvalue()
    if encodage == "cp1252":
        contenu = contenu.replace("\u202f", "\u00a0").replace("−", "-")
    fichier.write_bytes(contenu.encode(encodage))
    lu = lire(fichier)
    assert _lus(lu) == attendus(tmp_path)
    assert [c["ligne"] for c in lu.chiffres] == list(range(2, 2 + len(STRICT)))


def test_a_workbook_is_read_as_its_cells_print(tmp_path: Path) -> None:
    livre = openpyxl.Workbook()
    livre.active.append(["Une page de garde"])  # type: ignore[union-attr]
    feuille = livre.create_sheet("Chiffres")
    valeurs: dict[int, tuple[Any, str]] = {
        0: (-0.127, "0.00%"),
        1: (18464843.2, '#,##0.00" €";[Red]-#,##0.00" €"'),
        2: (20908, "General"),
        3: (date(2025, 1, 31), "dd/mm/yyyy"),
        4: (True, "General"),
        6: (3, "0"),
        7: (8.5, "General"),
    }
    feuille.append([*COLONNES, ""])
    for rang, ligne in enumerate(STRICT):
        nombres = {
            "territory_code": int(ligne["territory_code"]) if rang in (6, 7) else ligne["territory_code"]
        }
        if ligne["period"].isdigit():
            nombres["period"] = int(ligne["period"])
        feuille.append([({**ligne, **nombres})[c] or None for c in COLONNES])
        if rang in valeurs:
            cellule = feuille.cell(rang + 2, COLONNES.index("value") + 1)
            cellule.value, cellule.number_format = valeurs[rang]
    fichier = tmp_path / "document.xlsx"
    livre.save(fichier)
    lu = lire(fichier)
    assert _lus(lu) == attendus(tmp_path)
    assert lu.chiffres[0]["ligne"] == 2


@pytest.mark.parametrize(
    ("valeur", "unite", "lue"),
    [
        ("+3,3\u202f%", "evolution en pourcent", "3.3"),
        ("-10,4%", "evolution en pourcent", "-10.4"),
        ("−10.4 %", "%", "-10.4"),
        ("1\u202f234 €", "EUR par habitant", "1234"),
        ("4\u202f481,76 €", "EUR_par_allocataire_par_an", "4481.76"),
        ("+24", "evolution en places", "24"),
        # Zeros are the spreadsheet's where it prints the sign, the document's elsewhere.
        ("12,70%", "pourcent", "12.7"),
        ("12,00 %", "pourcent", "12"),
        ("120 %", "pourcent", "120"),
        ("12,70", "pourcent", "12.70"),
        ("1,50 €", "EUR", "1.50"),
    ],
)
def test_a_figure_is_typed_as_it_is_printed(tmp_path: Path, valeur: str, unite: str, lue: str) -> None:
    ligne = chiffre("x", valeur, unit=unite)
    fichier = tmp_path / "document.csv"
    fichier.write_text("\n".join(";".join(r) for r in (COLONNES, [ligne[c] for c in COLONNES])))
    assert [c["value"] for c in lire(fichier).chiffres] == [lue]


@pytest.mark.parametrize("marque", ["\u2028", "\x0b", "\x85", "\x1c"])
def test_a_cell_may_hold_what_python_takes_for_the_end_of_a_line(tmp_path: Path, marque: str) -> None:
    libelle = f"Part des foyers{marque}au Rsa"
    fichier = ecrire_document(tmp_path / "document.csv", [chiffre("x", "3", label=libelle)])
    assert [c["label"] for c in lire(fichier).chiffres] == [libelle]


@pytest.mark.parametrize(
    ("valeur", "unite"),
    [
        ("3 25", "personnes"),
        ("12,7,1", "pourcent"),
        ("12,7 €", "pourcent"),
        ("18?464", "EUR"),
        ("1e3", "EUR"),
    ],
)
def test_what_is_no_number_in_french_is_told(tmp_path: Path, valeur: str, unite: str) -> None:
    ligne = chiffre("x", valeur, unit=unite)
    fichier = tmp_path / "document.csv"
    fichier.write_text("\n".join(";".join(r) for r in (COLONNES, [ligne[c] for c in COLONNES])))
    with pytest.raises(DocumentIllisible) as erreur:
        lire(fichier)
    assert f"ligne 2, colonne value : observé {valeur!r}, attendu un nombre (3250, 3 250" in str(erreur.value)


def test_a_comma_between_cells_is_no_decimal_comma(tmp_path: Path) -> None:
    """1,234 may be a thousand: where cells are separated by commas, numbers are those of programs."""
    fichier = ecrire_document(tmp_path / "document.csv", [chiffre("x", "1,234")])
    with pytest.raises(DocumentIllisible, match="observé '1,234', attendu des chiffres et un point décimal"):
        lire(fichier)


def en_classeur(*cases: tuple[str, str]) -> bytes:
    livre, octets = openpyxl.Workbook(), io.BytesIO()
    feuille = livre.active
    assert feuille is not None
    feuille.append(list(COLONNES))
    feuille.append([STRICT[0][c] for c in COLONNES])
    for place, valeur in cases:
        feuille[place] = valeur
    livre.save(octets)
    return octets.getvalue()


EN_CSV = "\n".join(";".join(r) for r in francaises()).encode("cp1252", "replace")


@pytest.mark.profond
@given(st.sampled_from([EN_CSV, en_classeur()]).flatmap(abimer))
@FUZZ
def test_a_damaged_document_is_read_or_told(tmp_path: Path, octets: bytes) -> None:
    fichier = tmp_path / "document"
    fichier.write_bytes(octets)
    try:
        lire(fichier)
    except DocumentIllisible as erreur:
        assert str(fichier) in str(erreur)


@pytest.mark.parametrize(
    ("octets", "vu"),
    [
        (en_classeur(("XFD1048576", "x")), "1048576 lignes de 16384 colonnes dans xl/worksheets/sheet1.xml"),
        (b"PK\x03\x04 and then nothing", "File is not a zip file"),
        (EN_CSV + b'"' + b"a" * 200_000, r"ligne 10 : illisible \(field larger than field limit"),
    ],
)
def test_what_no_reader_could_end_is_told(tmp_path: Path, octets: bytes, vu: str) -> None:
    fichier = tmp_path / "document"
    fichier.write_bytes(octets)
    with pytest.raises(DocumentIllisible, match=vu):
        lire(fichier)
