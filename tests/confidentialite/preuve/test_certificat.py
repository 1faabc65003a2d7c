"""The certificate: complete, reproducible, and silent on values."""

import json
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
from petits_marts import Indicateur, Marts
from test_fuites import COMMUNES, PART, RSA, masques

from confidentialite.memoire import registre as registres
from confidentialite.preuve.certificat import Contexte, certifier, texte
from confidentialite.preuve.constats import Constats, Cout

Juger = Callable[..., Constats]
CONTEXTE = Contexte(
    release_id="20250101T000000Z-aaaaaaaa",
    instant=datetime(2025, 1, 1, tzinfo=UTC),
    entrees=[{"fichier_id": "a" * 64, "source": "s", "ressource": "r", "millesime": 2024}],
    code="c" * 64,
    commit="abc",
    versions={"duckdb": "1"},
    regle="1",
    perimetre="departement:26",
    rang=4,
)
# Values that no hash, date or count can be taken for.
GRANDES = {c: 73_001 + 11 * i for i, c in enumerate(COMMUNES)} | {"26001": 3}
FOYERS = {c: 2_000 * v for c, v in GRANDES.items()}
MONTANTS = {c: 98_765.43 + i for i, c in enumerate(COMMUNES)}


def marts() -> Marts:
    return Marts(
        COMMUNES,
        {("rsa", 2024): GRANDES, ("foyers", 2024): FOYERS} | {("montant", 2024): MONTANTS},
        RSA | PART | {"montant": Indicateur("somme", "montant", unite="EUR")},
        set().union(*(masques("26001", "26002", indicateur=i) for i in (*RSA, *PART, "montant"))),
    )


def certificat(constats: Constats, **changements: Any) -> dict[str, Any]:
    return certifier(constats, replace(CONTEXTE, **changements))


def test_every_field_of_the_specification_is_there(juger: Juger) -> None:
    singletons = pa.Table.from_pylist(
        [
            {
                "millesime": 2024,
                "mesure_id": "rsa",
                "niveau": "commune",
                "code": "26004",
                "valeur": 12.0,
                "contributeur": "x",
                "nomme": False,
            }
        ]
    )
    c = certificat(juger(marts(), singletons=singletons))
    assert c["verdict"] == "conforme" and c["release_id"] == CONTEXTE.release_id
    assert c["instant"] == "2025-01-01T00:00:00+00:00"
    assert set(c["sha256"]) == {"entrees", "parametres", "systeme", "masque"}
    assert all(len(h) == 64 for h in c["sha256"].values())
    assert c["code"] == {"sha256": "c" * 64, "commit": "abc", "versions": {"duckdb": "1"}}
    assert c["premiers"] == [2**31 - 1, 2**31 - 19] and c["solveur"].startswith("HiGHS ")
    # No split by reason, and no count of those who stand alone.
    assert c["cellules"] == {
        "perimetre": "departement:26",
        "auditees": c["cellules"]["auditees"],
        "masquees": 8,
        "formes_protegees": c["cellules"]["formes_protegees"],
    }
    assert c["exactitude"] == {"atteintes": 0} and c["autres_atteintes"] == 0
    assert c["bornes"]["entiers_min"] >= 2 and c["bornes"]["largeur_min"] <= c["bornes"]["largeur_mediane"]
    assert c["bornes"]["borne_haute_sous_seuil"] == 0
    assert c["composantes"]["resolues"] >= 1 and c["composantes"]["sautees"] == 0
    assert c["registre"]["rang"] == 4 and c["registre"]["audite_jusqu_a"] == 0
    assert c["divulgations_anterieures"] == {"assumees": 0, "a_decider": 0}


def test_it_says_what_secrecy_costs_in_rows_and_in_inhabitants(juger: Juger) -> None:
    habitants = {c: 1000.0 for c in COMMUNES} | {"26001": 500.0}
    peuples = Marts(
        COMMUNES,
        {("rsa", 2024): GRANDES, ("population", 2024): habitants},
        RSA | {"population_municipale": Indicateur("somme", "population", unite="personnes")},
        masques("26001", "26002", indicateur="nb_rsa"),
    )
    cout = certificat(juger(peuples))["cout"]
    assert cout["poids"] == "population_municipale"
    total = sum(habitants.values())
    assert cout["par_niveau"]["commune"]["nb_rsa"] == {
        "lignes": len(COMMUNES),
        "montrees": len(COMMUNES) - 2,
        "poids_montre": round((total - 1500) / total, 4),
    }
    assert cout["par_niveau"]["departement"]["nb_rsa"] == {"lignes": 1, "montrees": 1, "poids_montre": 1.0}


def test_a_territory_that_nothing_weighs_has_its_rows_counted(juger: Juger) -> None:
    cout = certificat(juger(marts()))["cout"]["par_niveau"]["commune"]["nb_rsa"]
    assert cout["lignes"] - cout["montrees"] == 2 and cout["poids_montre"] is None


def test_no_value_of_a_masked_cell_is_in_it(juger: Juger) -> None:
    constats = juger(marts())
    for sortie in (texte(certificat(constats)), constats.texte()):
        nombres = json.loads(sortie, parse_float=str, parse_int=str)
        dits = {n for n in _feuilles(nombres)}
        for valeurs in (GRANDES, MONTANTS, FOYERS):
            caches = {valeurs["26002"], valeurs["26001"] if valeurs is not GRANDES else valeurs["26002"]}
            for v in caches:
                assert not {str(v), f"{v:.0f}", f"{v:.1f}", f"{v:.2f}"} & dits
        # Bounds of all forms together, never of one: no list but the primes, and what each level costs.
        assert [x for x in _listes(nombres) if x and not _couts(x)] == [["2147483647", "2147483629"]]


def _couts(liste: list[Any]) -> bool:
    return all(isinstance(x, dict) and x.keys() == {c.name for c in fields(Cout)} for x in liste)


def _feuilles(contenu: Any) -> list[str]:
    if isinstance(contenu, dict):
        return [f for v in contenu.values() for f in _feuilles(v)]
    if isinstance(contenu, list):
        return [f for v in contenu for f in _feuilles(v)]
    return [str(contenu)]


def _listes(contenu: Any) -> list[list[Any]]:
    if isinstance(contenu, dict):
        return [x for v in contenu.values() for x in _listes(v)]
    return [contenu] if isinstance(contenu, list) else []


def test_the_same_night_gives_the_same_bytes_but_for_the_clock(juger: Juger, tmp_path: Any) -> None:
    cache = tmp_path / "agregats" / "audit" / "bornes.json"
    premier = certificat(juger(marts()))
    second = certificat(juger(marts()), instant=datetime(2025, 2, 1, tzinfo=UTC), release_id="autre")
    for champ in ("instant", "release_id"):
        assert premier.pop(champ) != second.pop(champ)
    assert texte(premier) == texte(second)
    # What is not solved again is counted as such, and has the same bounds.
    neuf, repris = (certificat(juger(marts(), cache=cache)) for _ in range(2))
    assert neuf["composantes"]["resolues"] == repris["composantes"]["inchangees"] > 0
    assert neuf["bornes"] == repris["bornes"] == premier["bornes"]
    assert cache.stat().st_mode & 0o777 == 0o600 and cache.parent.stat().st_mode & 0o777 == 0o700


def test_a_changed_component_is_solved_again(juger: Juger, tmp_path: Any) -> None:
    cache = tmp_path / "bornes.json"
    juger(marts(), cache=cache)
    autre = marts()
    autre.valeurs = {**autre.valeurs, ("montant", 2024): MONTANTS | {"26003": 1.0}}
    assert certificat(juger(autre, cache=cache))["composantes"]["resolues"] == 0  # the masked sum is the same
    autre.valeurs = {**autre.valeurs, ("montant", 2024): MONTANTS | {"26002": 5.0}}
    assert certificat(juger(autre, cache=cache))["composantes"]["resolues"] == 1


def test_what_is_masked_and_what_is_printed_are_in_the_digests(juger: Juger) -> None:
    de_base = juger(marts())
    autre = marts()
    autre.masques = autre.masques | masques("26003", indicateur="montant")
    plus_masquee = juger(autre)
    assert plus_masquee.empreinte_masque != de_base.empreinte_masque
    assert plus_masquee.empreinte_systeme != de_base.empreinte_systeme


def test_assumed_incidents_are_in_the_verdict(juger: Juger, publier: Any, registre: Any) -> None:
    ouverte = replace(marts(), masques=set())
    publier(ouverte, "r1")
    constats = juger(marts())
    assert certificat(constats)["verdict"] == "refusé"
    for incident in {i.incident_id for i in constats.a_decider}:
        registres.decider(registre, incident, "A. B.", "assumer", "publié avant la règle")
    c = certificat(juger(marts()))
    assert c["verdict"] == "conforme, incidents assumés"
    assert c["divulgations_anterieures"] == {"assumees": 8, "a_decider": 0}


def test_findings_survive_their_file(juger: Juger) -> None:
    refus = juger(replace(marts(), masques=masques("26001")))
    assert not refus.succes and Constats.depuis(json.loads(refus.texte())) == refus
