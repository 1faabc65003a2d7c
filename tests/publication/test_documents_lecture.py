"""Documents are read strictly, one text by column."""

from pathlib import Path

import pytest
from petit_audit import chiffre, ecrire_document

from publication.controle_documents.lecture import COLONNES, DocumentIllisible, lire


@pytest.fixture
def fichier(tmp_path: Path) -> Path:
    return tmp_path / "document.csv"


def test_a_document_in_its_own_order(fichier: Path) -> None:
    lignes = [
        chiffre("nb_eaje", "3", notes="deux\nlignes"),
        chiffre("zonage_frr", "oui", unit="booleen"),
        chiffre("schema_petite_enfance_periode", "2025-2029", "2025/2029", unit="intervalle"),
        chiffre("part_allocataires_rsa", "-0.5", "annee_non_precisee"),
        chiffre("nb_eaje", ""),
    ]
    document = lire(ecrire_document(fichier, lignes))
    assert document.document_id == "document_essai"
    assert [c["ligne"] for c in document.chiffres] == [2, 4, 5, 6, 7]
    assert [{nom: c[nom] for nom in COLONNES} for c in document.chiffres] == lignes


@pytest.mark.parametrize(
    ("change", "faute"),
    [
        (
            {"value": "12,7"},
            "ligne 2, colonne value : observé '12,7', attendu des chiffres et un point décimal",
        ),
        ({"value": "3 250"}, "observé '3 250'"),
        ({"value": "vrai", "unit": "booleen"}, "observé 'vrai', attendu oui ou non en booleen"),
        ({"value": "2025", "unit": "date"}, "attendu une date (2025-01-31)"),
        ({"period": "2022-2023"}, "colonne period : observé '2022-2023'"),
        ({"period": "2023/2022"}, "deux années dans l'ordre"),
        (
            {"territory_level": "canton"},
            "colonne territory_level : observé 'canton', attendu l'un de commune",
        ),
        ({"indicator_id": ""}, "colonne indicator_id : observé rien"),
    ],
)
def test_a_cell_out_of_form_is_told_with_its_line_and_column(
    fichier: Path, change: dict[str, str], faute: str
) -> None:
    with pytest.raises(DocumentIllisible) as erreur:
        lire(ecrire_document(fichier, [chiffre("part_allocataires_rsa", "12.7") | change]))
    assert faute in str(erreur.value)


def test_what_a_document_need_not_say_may_be_left_out(fichier: Path) -> None:
    fichier.write_text(
        "indicator_id;label;territory_level;territory_code;territory_name;period;value;unit;source\n"
        "nb_eaje;Eaje;epci;200068229;CC des Baronnies;2022;3;structures;diagnostic\n"
    )
    (lu,) = lire(fichier).chiffres
    assert (lu["value"], lu["theme"], lu["comparator"], lu["notes"]) == ("3", "", "", "")


@pytest.mark.parametrize(
    ("octets", "faute"),
    [
        (b"", "ligne 1 : colonnes absentes : indicator_id"),
        (
            ",".join(c for c in COLONNES if c != "source").encode(),
            "colonnes absentes : source ; inconnues ou répétées : aucune",
        ),
        (
            ",".join([*COLONNES, "auteur"]).encode(),
            "colonnes absentes : aucune ; inconnues ou répétées : auteur",
        ),
        (",".join([*COLONNES, "notes"]).encode(), "inconnues ou répétées : notes"),
        (",".join(COLONNES).encode(), "aucun chiffre"),
        (",".join(COLONNES).encode() + b"\na,b\n", "ligne 2 : observé 2 cases, attendu 14"),
        (b"\x81", "n'est ni de l'UTF-8 ni du Windows-1252"),
        (b"\xd0\xcf\x11\xe0", "un ancien classeur (XLS), ou un classeur XLSX protégé par un mot de passe"),
        (b"PK\x03\x04 cut short", "ne se lit pas comme un classeur"),
    ],
)
def test_a_file_out_of_form_is_refused(fichier: Path, octets: bytes, faute: str) -> None:
    fichier.write_bytes(octets)
    with pytest.raises(DocumentIllisible) as erreur:
        lire(fichier)
    assert faute in str(erreur.value)
