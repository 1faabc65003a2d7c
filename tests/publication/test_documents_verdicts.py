"""One verdict per figure, with what the warehouse says and the reading that would match."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from petit_audit import EPCI, Valeur, chiffre, juger

Juge = tuple[dict[str, str], list[Valeur], dict[str, Any]]
"""A figure, what the release says, and fields of its row; `dit`, `tait`: what its explanation says or not."""

SANS_ANNEE = "annee_non_precisee"
RSA, LOGEMENT = "part_allocataires_rsa", "part_allocataires_aide_logement"
SECONDAIRES, SEULES = "part_residences_secondaires", "nb_personnes_rsa"
PERIODE = "schema_petite_enfance_periode"
POPULATION: list[Valeur] = [
    (EPCI, "population_municipale", 2019, 900),
    (EPCI, "population_municipale", 2020, 1000),
]


def _comptes() -> Iterator[Juge]:
    """A count is exact; without a year the nearest one is retained, and the only one refutes nothing."""
    plus_proche = "sans année dans le document : le plus proche des millésimes reçus"
    for imprime, periode, recus, verdict, trouve in (
        ("1000", "2020", POPULATION, "conforme", {"tait": "sans année"}),
        ("1001", "2020", POPULATION, "ecart", {"ecart": 1}),
        ("900", SANS_ANNEE, POPULATION, "conforme", {"dit": f"{plus_proche} (2019, 2020)"}),
        (
            "1000",
            "2021",
            POPULATION,
            "non_verifiable",
            {"dit": "période 2021 non reçue (reçues : 2019, 2020)"},
        ),
        ("1000", "2019/2020", POPULATION, "conforme", {}),
        ("", "2020", POPULATION, "non_verifiable", {"dit": "aucune valeur imprimée"}),
        ("890", SANS_ANNEE, POPULATION, "ecart", {"millesime": 2019, "dit": f"{plus_proche} (2019, 2020)"}),
        ("890", SANS_ANNEE, POPULATION[:1], "non_verifiable", {"dit": "le document peut parler d'une autre"}),
        ("900", SANS_ANNEE, POPULATION[:1], "conforme", {"dit": plus_proche}),
        ("890", "2019", POPULATION[:1], "ecart", {"tait": "sans année"}),
        (
            *("900", "2020", POPULATION, "ecart"),
            {
                "lecture_millesime": 2019,
                "dit": "lecture égale à l'arrondi : population_municipale 900 (2019",
            },
        ),
    ):
        ligne = chiffre("population_municipale", imprime, periode)
        yield ligne, recus, {"verdict": verdict, **trouve}


def _taux() -> Iterator[Juge]:
    """A rate is compared at its printed precision; bounds of a sum neither prove nor refute."""
    cas: list[tuple[str, tuple[Any, ...], dict[str, str], str]] = [
        (SECONDAIRES, (31.45,), {"31.5": "conforme", "31.4": "ecart_arrondi", "31": "conforme"}, "31,"),
        (SECONDAIRES, (31.45,), {"31.2": "ecart"}, "soit un écart de -0,25 point"),
        (RSA, (30.849999999999998,), {"30.9": "conforme"}, "30,85"),
        (
            *(RSA, (20.0, "partiel", 18.0, 25.0)),
            {"20.0": "conforme", "20.1": "ecart_arrondi", "21.5": "non_verifiable", "26.0": "ecart"},
            "20\u202f% [18 ; 25] (2022, partiel, insee_essai)",
        ),
        (
            *(RSA, (20.0, "arrondi", 8.0, 55.0)),
            {"20.0": "conforme", "20.1": "ecart_arrondi", "45.0": "non_verifiable", "56.0": "ecart"},
            "l'entrepôt donne [8 ; 55]\u202f% (2022, arrondi, insee_essai)",
        ),
        # What is rounded of persons is near where it is a point.
        (LOGEMENT, (20.0, "arrondi", 18.0, 20.5), {"19.0": "conforme"}, "% [18,00 ; 20,50] (2022, arrondi,"),
        (LOGEMENT, (20.0, "arrondi", 18.0, 20.5), {"19.0": "conforme"}, ", à 2 près"),
    ]
    for nom, valeur, verdicts, dit in cas:
        for imprime, verdict in verdicts.items():
            yield chiffre(nom, imprime), [(EPCI, nom, 2022, *valeur)], {"verdict": verdict, "dit": dit}
    trop_peu = (None, None, None, "trop_peu")
    yield (
        # At the upper wall of what is no point, nothing is proved.
        chiffre(LOGEMENT, "0"),
        [(EPCI, LOGEMENT, 2022, 40.0, "arrondi", 0.0, 40.0, *trop_peu)],
        {"verdict": "non_verifiable", "dit": "[0 ; 40]\u202f% (2022, arrondi, trop peu,", "tait": "près"},
    )
    yield (
        chiffre(LOGEMENT, "45.0"),
        [(EPCI, LOGEMENT, 2022, 40.0, "observe", 40.0, 40.0, *trop_peu)],
        {"verdict": "ecart", "dit": "donne trop peu (2022, insee_essai), et le document"},
    )
    autres: list[Valeur] = [
        (EPCI, SECONDAIRES, 2018, 22.0),
        (EPCI, "part_hors_residence_principale", 2018, 30.12),
        (EPCI, RSA, 2018, 30.3),
    ]
    yield (
        chiffre(SECONDAIRES, "30.3", "2018"),
        autres,
        {
            "lecture_indicateur_id": "part_hors_residence_principale",
            "dit": "lecture très proche : part_hors_residence_principale 30,12",
        },
    )
    evolution = (EPCI, "evolution_enfants_moins_3_ans", 2021, -7.0, "observe", -7.0, -7.0, 2017)
    for periode, verdict in (("2017/2021", "conforme"), ("2016/2021", "non_verifiable")):
        yield chiffre("evolution_enfants_moins_3_ans", "-7", periode), [evolution], {"verdict": verdict}


def _univers() -> Iterator[Juge]:
    """Words that name another universe, of people and homes only."""
    for libelle, denominateur, nomme in (
        ("Ménages au RSA", "", "MF+RPR"),
        ("Part du RSA", "ensemble des habitants", "POP+MF"),
        ("Foyers allocataires au RSA", "ménages", "MF+RPR"),
        ("Part du RSA", "foyers allocataires (le document écrit « ménages »)", None),
        ("Allocataires du RSA parmi les ménages", "", None),
        ("Part du RSA", "", None),
    ):
        ligne = chiffre(RSA, "12.7", label=libelle, denominator_definition=denominateur)
        verdict = "mauvais_univers" if nomme else "conforme"
        yield (
            ligne,
            [(EPCI, RSA, 2022, 12.7)],
            {"univers_nomme": nomme, "verdict": verdict, "millesime": 2022},
        )
    dit = f"« ménages » (ménages fiscaux), le dictionnaire « Libellé de {RSA} » (foyers allocataires)"
    yield chiffre(RSA, "14.7", label="MÉNAGES au RSA"), [(EPCI, RSA, 2022, 12.7)], {"dit": dit}
    yield chiffre(RSA, "14.7", label="Ménages"), [(EPCI, RSA, 2022, 12.7)], {"dit": "un écart de +2 points"}
    # A universe without a name in this release; « enfants » in the name of a place.
    dit = "le document dit « actifs », le dictionnaire « Libellé de "
    yield chiffre(RSA, "12.7", label="Actifs au RSA"), [(EPCI, RSA, 2022, 12.7)], {"dit": dit}
    lieu = chiffre("nb_eaje", "3", label="Lieux d'accueil enfants-parents")
    yield lieu, [(EPCI, "nb_eaje", 2022, 3)], {"verdict": "conforme"}


def _sans_chiffre() -> Iterator[Juge]:
    for ligne, raison in (
        (chiffre("nb_inconnu", "3"), "indicateur absent du dictionnaire"),
        (chiffre("eleves_par_classe", "3"), "source jamais reçue : insee_essai"),
        (chiffre("nb_eaje", "3", territory_code="999999999"), "epci:999999999 est inconnu de la release"),
    ):
        yield ligne, [], {"verdict": "non_verifiable", "dit": raison}


def _secret() -> Iterator[Juge]:
    """A printed secret is a divulgation; so is a count of one to four persons, published or not."""
    tu: Valeur = (EPCI, "nb_menages_fiscaux", 2022, None, "secret")
    for imprime, periode, verdict in (
        ("3", "2022", "divulgation"),
        ("3", SANS_ANNEE, "divulgation"),
        ("3", "2021", "mauvais_univers"),
        ("499", "2022", "divulgation"),
        # Far above any floor, it gives nothing away.
        ("5200", "2022", "mauvais_univers"),
    ):
        ligne = chiffre("nb_menages_fiscaux", imprime, periode, label="Foyers allocataires")
        yield ligne, [tu], {"verdict": verdict, "ecart": None}
    dit = "l'entrepôt tient ce chiffre secret (2022, insee_essai)"
    yield chiffre("nb_menages_fiscaux", "5200"), [tu], {"verdict": "non_verifiable", "dit": dit}
    ailleurs = {"territory_code": "999999999"}
    for imprime in ("1", "4"):
        for valeurs, lieu in (([(EPCI, SEULES, 2022, 5)], {}), ([], {}), ([], ailleurs)):
            trouve = {"verdict": "divulgation", "dit": "un effectif de 1 à 4 personnes ne s'imprime pas"}
            yield chiffre(SEULES, imprime, **lieu), valeurs, trouve
    for imprime in ("0", "5"):
        valeurs = [(EPCI, SEULES, 2022, int(imprime))]
        yield chiffre(SEULES, imprime), valeurs, {"verdict": "conforme"}


def _textes() -> Iterator[Juge]:
    for indicateur, unite, imprime, entrepot, verdict in (
        ("zonage_frr", "booleen", "oui", 1, "conforme"),
        ("zonage_frr", "booleen", "non", 1, "ecart"),
        (PERIODE, "intervalle", "2022-2026", "2022-01-01/2026-12-31", "conforme"),
        (PERIODE, "intervalle", "2022-2027", "2022-2026", "ecart"),
        (PERIODE, "date", "2022-01-01", "2022-01-01", "conforme"),
        (PERIODE, "annee", "2022", "2022-01-01", "conforme"),
        (PERIODE, "annee", "2021", 2022, "ecart"),
    ):
        ligne = chiffre(indicateur, imprime, unit=unite)
        yield ligne, [(EPCI, indicateur, 2022, entrepot)], {"verdict": verdict}


@pytest.mark.parametrize("cas", [_comptes, _taux, _univers, _sans_chiffre, _secret, _textes])
def test_a_figure_has_its_verdict_and_the_reason(tmp_path: Path, cas: Any) -> None:
    juges: list[Juge] = list(cas())
    rendus = juger(tmp_path, [([ligne], valeurs) for ligne, valeurs, _ in juges])
    for (ligne, valeurs, attendu), ((trouve,), _) in zip(juges, rendus, strict=True):
        quoi = ligne["indicator_id"], ligne["value"], ligne["period"], valeurs, trouve["explication"]
        assert attendu.pop("dit", "") in trouve["explication"], quoi
        assert attendu.pop("tait", "\0") not in trouve["explication"], quoi
        assert {nom: trouve[nom] for nom in attendu} == attendu, quoi
