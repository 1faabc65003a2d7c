"""An audit as its author reads it: names, French numbers, what each status means; codes stay for programs."""

import html
import re
from pathlib import Path

import pytest
from petit_audit import AMONT, EPCI, a_commune, chiffre, faire_audit

from publication.controle_documents import mart, page
from publication.controle_documents.controles import FUITES, PASSES, declarations
from publication.controle_documents.mots import GRAVITES, STATUTS, en_clair

_STATUT = r"'((?:KO|OK|A|FUITE|MANQUANT|DERIVE)[A-Z_]*)'"
NOMS = {
    "part_rsa": "« Part au RSA »",
    "nb_menages": "« Ménages »",
    "nb_foyers": "« Foyers »",
    "insee_filosofi": "Filosofi",
    "epci:200000001": "CC d'Essai",
}


@pytest.mark.parametrize(
    ("texte", "dit"),
    [
        (
            "part_rsa (12,7 %) x nb_menages (9998, entrepôt 2021, insee_filosofi) <= nb_foyers (4120, C02)",
            "« Part au RSA » (12,7 %) × « Ménages » (9\u202f998, observatoire 2021, Filosofi) ≤ « Foyers »"
            " (4\u202f120, d'après le contrôle C02)",
        ),
        ("<=4120", "au plus 4\u202f120"),
        (
            "l'entrepôt donne 3674066,3 (2022, insee_filosofi)",
            "l'observatoire donne 3\u202f674\u202f066,3 (2022, Filosofi)",
        ),
        ("12,69 [12,62 ; 12,83] (2022, arrondi)", "12,69, entre 12,62 et 12,83 (2022, arrondi)"),
        ("12,7\u202f% [12,6 ; 12,8]", "12,7\u202f%, entre 12,6 et 12,8\u202f%"),
        ("32,6\u202f% [32,6 ; 32,6] (2022)", "32,6\u202f% (2022)"),
        ("-10,4 en 2017/2022, 2019-2023, L214-1-3", "−10,4 en 2017/2022, 2019-2023, L214-1-3"),
        ("4090 EUR", "4\u202f090\u202f€"),
        ("2025-01-01 (2025)", "1er janvier 2025 (2025)"),
        ("epci:200000001 est inconnu de la release", "CC d'Essai est inconnu de la publication"),
        ("epci:200000002, un_autre, 20908", "epci:200000002, un_autre, 20\u202f908"),
    ],
)
def test_a_text_is_said_with_names_and_french_numbers(texte: str, dit: str) -> None:
    assert en_clair(texte, NOMS).replace("\u00a0", " ") == dit


def test_every_status_and_every_check_has_its_words() -> None:
    statuts = {s for d in declarations() for s in re.findall(_STATUT, d["statut"])}
    assert statuts | {*FUITES, *PASSES} == STATUTS.keys()
    assert len({d["titre"] for d in declarations()}) == len({d["rule"] for d in declarations()})
    assert {d["gravite"] for d in declarations()} <= GRAVITES.keys()


def test_the_page_has_no_code_and_what_programs_read_keeps_them(tmp_path: Path) -> None:
    audit = faire_audit(
        tmp_path,
        [
            chiffre("part_allocataires_rsa", "12.7", "annee_non_precisee", label="Ménages au RSA"),
            chiffre("population_municipale", "20908", "2020"),
            a_commune("population_municipale", "20000", "01001", period="2020"),
            chiffre("montant_annuel_par_allocataire", "4481.76", "2021"),
        ],
        [
            (EPCI, "part_allocataires_rsa", 2022, 12.7),
            (EPCI, "nb_menages_fiscaux", 2022, 9998),
            (EPCI, "nb_foyers_allocataires", 2022, 4120),
            (EPCI, "population_municipale", 2020, 20000),
            (AMONT, "population_municipale", 2020, 20000),
            (EPCI, "montant_annuel_par_allocataire", 2021, 4400.0),
        ],
    )
    lue = html.unescape(re.sub("<style>.*?</style>|<[^>]+>", " ", page.rendre(audit).decode(), flags=re.S))
    # Labels of these tests, and the name of the document, hold what would be codes elsewhere.
    lue = re.sub(r"Libellé de \w+|document_essai", "", lue)
    codes = r"\b(?:[a-z]+_[a-z_]+|(?:KO|OK|A)_[A-Z]+|epci:\d+|MF|RPR|EUR|departement|release)\b|<="
    assert re.findall(codes, lue) == []
    for dit in ("20\u202f908", "libellé à corriger", "au plus 4\u202f120", "Ensemble que nomme le libellé"):
        assert dit in lue
    lignes = mart.lignes(audit)
    assert {c["status"] for c in lignes["mart_audit_controles"]} >= {"KO_LIBELLE"}


def test_codes_and_words_are_left_as_they_are() -> None:
    for texte in (
        "CAF DE L'EURE",
        "FONDS EUROPÉENS",
        "commune 26220",
        "code postal 26110",
        "SIRET 26260005800012",
    ):
        assert en_clair(texte, {}) == texte
    assert en_clair("3674066 EUR", {}) == "3\u202f674\u202f066\u202f€"
