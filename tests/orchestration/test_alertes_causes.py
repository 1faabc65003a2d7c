"""Alerts tell the truth: each cause once, never that all goes on meanwhile, over once looked at again."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from messages import DIFFUSIONS, HIER, REFUS, Webhook, envoyer_a, nuit

from orchestration.exploitation.alertes import Envois, prevenir, relire
from orchestration.exploitation.alertes.faits import cause
from orchestration.nuit.chemins import Chemins

SOURCE = {"source": "insee_filosofi", "ressource": "epci", "millesime": 2019}
VEILLE = {"etat": "veille", "veille": []}


def _echec(quoi: str, etape: str = "reception", observe: str = "") -> dict[str, Any]:
    return nuit(etat="echec", echecs=[{"etape": etape, "quoi": quoi, "suite": "x", "observe": observe}])


@pytest.mark.parametrize(
    ("hier", "aujourd_hui"),
    [
        (
            "build/3f2b8c1d-0a1b-4c2d-9e3f-aabbccddeeff/nuit.duckdb is locked",
            "build/9d1e77aa-1111-4c2d-9e3f-001122334455/nuit.duckdb is locked",
        ),
        ("lacks 31 of the 57 files", "lacks 7 of the 57 files"),
        ("release 20261125T033000Z-0a1b2c3d is damaged", "release 20261126T033001Z-99887766 is damaged"),
        ("since 2026-11-25T03:30:00+01:00", "since 2026-11-26T03:31:10+01:00"),
        ("/tmp/tmpab3_x9z1 cannot be read", "/tmp/tmpq8s7d6f5 cannot be read"),
        ("12,4 MB left of 1\u202f234", "9 MB left of 1\u202f240"),
    ],
)
def test_what_varies_from_night_to_night_is_no_other_cause(hier: str, aujourd_hui: str) -> None:
    assert cause(hier) == cause(aujourd_hui)


def test_a_second_cause_in_the_same_step_is_told_and_each_once(http: Webhook, chemins: Chemins) -> None:
    nuits = ["the mirror is not mounted", "the mirror is not mounted", "liaison.json is damaged"]
    envois = [prevenir(chemins, _echec(quoi), DIFFUSIONS, HIER).envoyes for quoi in nuits]
    assert envois == [1, 0, 1] and "liaison.json is damaged" in http.recus[-1]["title"]
    assert prevenir(chemins, nuit(), DIFFUSIONS, HIER) == Envois(2)


def test_a_full_disk_is_one_cause_whatever_was_being_written(http: Webhook, chemins: Chemins) -> None:
    plein = "No space left on device (ENOSPC)"
    assert prevenir(chemins, _echec("[disque] a release", observe=plein), DIFFUSIONS, HIER) == Envois(1)
    assert f"observed: {plein}" in http.recus[-1]["message"]
    ailleurs = _echec("[disque] a folder", "publication__release", plein)
    assert prevenir(chemins, ailleurs, DIFFUSIONS, HIER) == Envois()
    casse = _echec("[disque] a folder", observe="Input/output error (EIO)")
    assert prevenir(chemins, casse, DIFFUSIONS, HIER) == Envois(1)


def test_a_summary_says_that_nights_fail_and_since_when(http: Webhook, tmp_path: Path) -> None:
    chemins = envoyer_a(tmp_path / "home", http.adresse, silence_jours=2)
    for jour in range(3):
        prevenir(chemins, _echec("the mirror is not mounted"), DIFFUSIONS, HIER + timedelta(days=jour))
    dit = http.recus[-1]
    assert (len(http.recus), dit["title"], dit["type"]) == (2, "[CTG] nights fail", "warning")
    assert "nights since the last message: 2 echec" in dit["message"]
    assert "since 2026-11-25, night, step reception: the mirror is not mounted" in dit["message"]
    # Once nights go on, and nothing stands.
    prevenir(chemins, nuit(), DIFFUSIONS, HIER + timedelta(days=3))
    prevenir(chemins, nuit(), DIFFUSIONS, HIER + timedelta(days=5))
    assert [r["title"] for r in http.recus[2:]] == ["[CTG] night, step reception: over", "[CTG] all goes on"]


def test_where_no_night_comes_a_watch_does_not_say_that_all_goes_on(http: Webhook, chemins: Chemins) -> None:
    assert prevenir(chemins, VEILLE, DIFFUSIONS, HIER) == Envois(), "nights may not have begun"
    prevenir(chemins, nuit(), DIFFUSIONS, HIER)
    assert http.recus[-1]["title"] == "[CTG] all goes on"
    prevenir(chemins, VEILLE, DIFFUSIONS, HIER + timedelta(days=7))
    assert http.recus[-1]["title"] == "[CTG] no night has ended since the last message"


@pytest.mark.parametrize(
    "aveugle",
    [
        nuit(demandees=[]),
        nuit(demandees=["caf_accueil"]),
        nuit(absents=[["insee_filosofi", "epci", "2019"]]),
        nuit(etat="echec"),
        nuit(REFUS | {"code": "html", "titre": "[html] a page"}),
        VEILLE,
    ],
    ids=["no source asked", "another asked", "the file is not there", "failed", "refused again", "a watch"],
)
def test_a_refusal_is_over_only_once_its_file_was_read_again(
    aveugle: dict[str, Any], http: Webhook, chemins: Chemins
) -> None:
    prevenir(chemins, nuit(REFUS), DIFFUSIONS, HIER)
    prevenir(chemins, aveugle, DIFFUSIONS, HIER)
    assert not [r["title"] for r in http.recus if r["title"].endswith("over")]
    assert "refus/colonne_manquante/insee_filosofi/epci/2019" in relire(chemins).connus
    prevenir(chemins, nuit(), DIFFUSIONS, HIER)
    assert http.recus[-1]["title"] == "[CTG] insee_filosofi/epci: over"


AVERTI = {
    **{"mart": "mart_logement", "controle": "mouvement", "severite": "warning"},
    **{"attendu": "less than 10 %", "observe": "12 %", "premieres": []},
}


def test_a_check_that_was_not_run_again_is_not_over(http: Webhook, chemins: Chemins) -> None:
    """What readers have has that warning, and an unchanged night looked at nothing of it."""
    assert prevenir(chemins, nuit(etat="publiee", controles=[AVERTI]), DIFFUSIONS, HIER) == Envois(1)
    assert http.recus[-1]["type"] == "warning", "what was published is no failure"
    assert prevenir(chemins, nuit(), DIFFUSIONS, HIER) == Envois()
    muet = AVERTI | {"controle": "suite", "severite": "critical"}
    assert prevenir(chemins, nuit(etat="echec", controles=[muet]), DIFFUSIONS, HIER) == Envois(1)
    assert prevenir(chemins, nuit(etat="publiee", controles=[]), DIFFUSIONS, HIER) == Envois(2)


def test_postgresql_that_was_not_asked_again_is_not_over(chemins: Chemins) -> None:
    prevenir(chemins, nuit(postgres={"faits": [], "erreurs": ["out of reach"]}), DIFFUSIONS, HIER)
    assert prevenir(chemins, nuit(), DIFFUSIONS, HIER) == Envois()
    assert prevenir(chemins, nuit(postgres={"faits": ["x"], "erreurs": []}), DIFFUSIONS, HIER) == Envois(1)


@pytest.mark.parametrize("cle", ["refus", "veille"], ids=["a night", "a watch"])
def test_a_dead_network_is_one_message_and_one_end(cle: str, http: Webhook, chemins: Chemins) -> None:
    sources = [f"source_{rang}" for rang in range(32)]
    diffusions = dict.fromkeys(sources, "publique")
    morts = [
        REFUS | {"source": s, "code": "injoignable", "titre": "[injoignable] the origin did not answer"}
        for s in sources
    ]
    if cle == "veille":
        morts = [m | {"url": f"https://exemple.fr/{m['source']}"} for m in morts]
    mode = VEILLE if cle == "veille" else nuit(demandees=sources)
    assert prevenir(chemins, mode | {cle: morts}, diffusions, HIER) == Envois(1)
    (recu,) = http.recus
    assert recu["title"] == "[CTG] 32 places out of reach"
    assert all(f"{s}/epci" in recu["message"] for s in sources)
    assert prevenir(chemins, mode | {cle: morts}, diffusions, HIER) == Envois()
    # What answers is over, in one message; what does not yet stands, and one more is told.
    assert prevenir(chemins, mode | {cle: morts[:2]}, diffusions, HIER) == Envois(1)
    assert http.recus[-1]["title"] == "[CTG] 30 places: over"
    assert len(relire(chemins).connus) == 2


def test_an_address_out_of_reach_is_no_proof_that_another_fault_of_it_is_over(
    http: Webhook, chemins: Chemins
) -> None:
    partie = REFUS | {"code": "html", "url": "https://exemple.fr/a.csv"}
    prevenir(chemins, VEILLE | {"veille": [partie]}, DIFFUSIONS, HIER)
    prevenir(chemins, VEILLE | {"veille": [partie | {"code": "injoignable"}]}, DIFFUSIONS, HIER)
    assert len(relire(chemins).connus) == 2
    assert prevenir(chemins, VEILLE, DIFFUSIONS, HIER) == Envois(2)


def test_a_home_of_the_version_before_is_told_nothing_twice(http: Webhook, chemins: Chemins) -> None:
    gone = "https://exemple.fr/a.csv"
    avant = {
        "refus/colonne_manquante/insee_filosofi/epci/2019": ("refus", "insee_filosofi/epci", REFUS["titre"]),
        f"adresse/statut_http/{gone}": ("adresse", "insee_filosofi/epci", "[statut_http] refused"),
        "controle/mart_logement/mouvement": ("controle", "marts.mart_logement", "mouvement (warning)"),
        "echec/reception": ("nuit", "night, step reception", "the mirror lacks 31 of the 57 files"),
        "refus/depot_ambigu/durand.csv/-/None": ("refus", "depot", "[depot_ambigu] x"),
        "tuee/2026-11-20 03:30:00+00:00": ("nuit", "night", "did not end"),
        "postgres": ("nuit", "PostgreSQL", "did not get the release in service"),
    }
    connus = {
        cle: dict(zip(("genre", "ou", "titre"), dit, strict=True)) | {"depuis": HIER.isoformat()}
        for cle, dit in avant.items()
    }
    contenu = {"connus": connus, "dernier": HIER.isoformat(), "nuits": {"echec": 1}}
    chemins.alertes_dites.write_text(json.dumps(contenu))
    ici = _echec("the mirror lacks 12 of the 57 files") | {
        "refus": [REFUS],
        "controles": [AVERTI],
        "postgres": {"erreurs": ["x"]},
        "tuee": "2026-11-20 03:30:00+00:00",
    }
    assert prevenir(chemins, ici, DIFFUSIONS, HIER) == Envois()
    bonne = nuit(etat="publiee", controles=[], postgres={"erreurs": []})
    # The watch ends what it told: an address.
    assert prevenir(chemins, bonne, DIFFUSIONS, HIER) == Envois(6)
    assert prevenir(chemins, VEILLE, DIFFUSIONS, HIER) == Envois(1)
    assert relire(chemins).connus == {}
