"""Each check on small invented documents: what passes, and what does not."""

from pathlib import Path

import pytest
from petit_audit import AMONT, AVAL, CTG, EPCI, chiffre, faire_audit, juger, lire, lire_cas

from publication.controle_documents.controles import declarations

SANS_ANNEE, POPULATION = "annee_non_precisee", "population_municipale"
CAS = lire_cas("controles_essais.yml")


def test_a_check_says_what_passes_and_what_does_not(tmp_path: Path) -> None:
    for cas, (chiffres, controles) in zip(CAS, juger(tmp_path, [*map(lire, CAS)]), strict=True):
        siens = [c for c in controles if c["check_id"] == cas["controle"]]
        attendu = cas["attendu"]
        assert len(siens) == (attendu is not None), cas
        for nom, voulu in (attendu or {}).items():
            if nom == "dit":
                assert voulu in (siens[0]["explanation"] or ""), cas
                continue
            trouve = (chiffres if nom == "verdict" else siens)[0][nom]
            assert trouve == (pytest.approx(voulu) if nom == "delta" else voulu), (cas, nom, trouve)


def test_every_check_is_tried() -> None:
    essayes = {cas["controle"] for cas in CAS if cas["attendu"]}
    assert {d["check_id"] for d in declarations()} == essayes | {"C23", "C24"}


@pytest.mark.parametrize(
    ("ligne", "statuts", "manquent", "a_corriger"),
    [
        (chiffre("nb_eaje", "3"), {"C21": "OK", "C23": "OK", "C24": "OK"}, "0 valeur sans année", False),
        (chiffre("nb_eaje", ""), {"C23": "MANQUANT", "C24": "OK"}, "0 valeur sans année", True),
        (
            chiffre("nb_eaje", "3", SANS_ANNEE),
            {"C23": "OK", "C24": "KO_METADONNEES"},
            "1 valeurs sans année (EPCI : 1)",
            True,
        ),
        (chiffre("nb_eaje", "4"), {"C23": "OK", "C24": "OK"}, "0 valeur sans année", True),
    ],
)
def test_what_is_said_of_the_document_as_a_whole(
    tmp_path: Path, ligne: dict[str, str], statuts: dict[str, str], manquent: str, a_corriger: bool
) -> None:
    audit = faire_audit(tmp_path, [ligne], [(EPCI, "nb_eaje", 2022, 3)])
    trouves = {c["check_id"]: c for c in audit.controles}
    assert {nom: trouves[nom]["status"] for nom in statuts} == statuts
    assert trouves["C24"]["observed"] == manquent
    assert audit.a_corriger is a_corriger
    assert "C32" in audit.sans_objet


def test_the_communes_of_a_convention_are_added_up_as_those_of_an_epci(tmp_path: Path) -> None:
    chiffres = [(c, POPULATION, 2022, v) for c, v in ((AMONT, 40), (AVAL, 60))]
    lignes = [chiffre(POPULATION, "100"), chiffre(POPULATION, "40", **CTG)]
    ((_, controles),) = juger(tmp_path, [(lignes, chiffres)])
    assert [(c["status"], c["observed"]) for c in controles if c["check_id"] == "C29"] == [
        ("OK", "100"),
        ("OK", "40"),
    ]
