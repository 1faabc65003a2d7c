"""The clauses of the schéma pluriannuel: what of a small plan is found, partial or missing."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from commande import Observatoire

from publication.lecture.chiffres import Cellule
from publication.portraits.contenu import clauses
from publication.portraits.contenu.clauses import Absence, Clause, Figure, Lu, Verdict, inconnues, verifier
from publication.portraits.contenu.clauses_dites import points
from publication.portraits.contenu.zones import ACCES, Commune, eloignees
from publication.portraits.modele import Anneaux, Contours

DEPOT = Path(__file__).resolve().parents[3]
SEEDS = DEPOT / "dbt_project" / "seeds"
PLAN = DEPOT / "ingestion" / "sources" / "ctg_plan_actions.yml"
VIDE: Mapping[str, Sequence[Any]] = {table: () for table in clauses._TABLES}
PLACES = Figure("Places d'Eaje", Cellule("118"), "2024", "Places", "Caf")
SANS_SOURCE = Absence("Places gelées", "aucune source reçue", "Bilans (caf_bilans_structures)")


def ouverture(places: int | None, nature: str = "ouverture", cout: float | None = None) -> dict[str, Any]:
    return {
        **{"annee_debut": 2025, "annee_fin": 2026, "commune": "Séderon", "structure": None},
        **{"financement": None, "initiative": None, "nature": nature},
        **{"places": places, "cout_previsionnel": cout},
    }


def constat(texte: str, *nommees: str) -> dict[str, Any]:
    return {"nature": "vigilance", "texte": texte, "note": None, "clauses": " ; ".join(nommees) or None}


def clause(*attendus: dict[str, Any]) -> Clause:
    declares = [{"quoi": f"Attendu {n}", "ecrire": f"table {n}", **a} for n, a in enumerate(attendus)]
    return {"id": "zones", "numero": "3°", "nom": "Les zones", "texte": "Identifie", "attendus": declares}


def juger(
    attendus: Sequence[dict[str, Any]],
    chiffres: Mapping[str, Figure | Absence] | None = None,
    communes: Mapping[str, Mapping[str, float | None]] | None = None,
    **plan: Sequence[Any],
) -> Verdict:
    (verdict,) = verifier(Lu({**VIDE, **plan}, chiffres or {}, communes or {}), [clause(*attendus)])
    return verdict


DEUX = {"indicateurs": ["a", "b"]}
OUVRIR = {"plan": "calendrier", "ou": {"nature": ["ouverture", "extension"]}, "remplir": {"places": "places"}}
LIES = {"lies": True}


@pytest.mark.parametrize(
    ("attendus", "lu", "etat", "manques"),
    [
        ([DEUX], {"chiffres": {"a": PLACES, "b": PLACES}}, "trouvée", []),
        (
            [DEUX],
            {"chiffres": {"a": PLACES, "b": SANS_SOURCE}},
            "partielle",
            ["Places gelées : pas de chiffre (aucune source reçue)"],
        ),
        ([{"indicateurs": ["b"]}], {"chiffres": {"b": SANS_SOURCE}}, "manquante", None),
        ([OUVRIR], {"calendrier": [ouverture(7), ouverture(2, "extension")]}, "trouvée", []),
        (
            [OUVRIR],
            {"calendrier": [ouverture(7), ouverture(None)]},
            "partielle",
            ["2025-2026, Séderon : ouverture : sans places"],
        ),
        ([OUVRIR], {"calendrier": [ouverture(None)]}, "manquante", None),
        ([OUVRIR], {"calendrier": [ouverture(7, "étude")]}, "manquante", ["Attendu 0 : rien dans le plan"]),
        ([OUVRIR], {}, "manquante", ["Attendu 0 : rien dans le plan"]),
        ([OUVRIR, LIES], {"calendrier": [ouverture(0)]}, "partielle", ["Attendu 1 : rien dans le plan"]),
        ([LIES], {"constats": [constat("Vallée isolée", "moyens", "zones")]}, "trouvée", []),
        ([LIES], {"constats": [constat("Vallée isolée", "moyens")]}, "manquante", None),
        ([LIES], {"constats": [{"nature": "enjeu", "texte": "d'avant la colonne"}]}, "manquante", None),
    ],
)
def test_a_clause_is_found_partial_or_missing(
    attendus: list[dict[str, Any]], lu: dict[str, Any], etat: str, manques: list[str] | None
) -> None:
    verdict = juger(attendus, **lu)
    assert verdict.etat == etat
    if manques is not None:
        assert [m for r in verdict.reponses for m in r.manques] == manques


def test_what_is_missing_says_where_it_goes_and_what_is_found_says_what_answers() -> None:
    verdict = juger(
        [DEUX, OUVRIR, LIES],
        {"a": PLACES, "b": SANS_SOURCE},
        calendrier=[ouverture(7)],
    )
    assert [r.ecrire for r in verdict.reponses] == [
        "fichier à recevoir : Bilans (caf_bilans_structures)",
        "",
        "table 2",
    ]
    assert [str(f) for r in verdict.reponses for f in r.figures] == ["Places d'Eaje : 118 (2024)"]
    assert verdict.reponses[1].lignes == ("2025-2026, Séderon : ouverture, +7 places",)


def test_communes_without_any_offer_are_named_and_an_unknown_one_is_no_zero() -> None:
    sans = {"communes_sans": ["a", "b"]}
    chiffres = {"a": PLACES, "b": PLACES}
    communes: dict[str, dict[str, float | None]] = {
        "a": {"Aulan": 0, "Ballons": 0, "Nyons": 3, "Rioms": 0},
        "b": {"Aulan": 0, "Ballons": None, "Nyons": None, "Rioms": 1},
    }
    (reponse,) = juger([sans], chiffres, communes).reponses
    assert reponse.lignes[0].startswith("1 commune sur 4 où")
    assert reponse.details == "Aulan" and reponse.manques == ("Communes sans chiffre : Ballons",)
    inconnu: dict[str, dict[str, float | None]] = {"a": {"Aulan": None}, "b": {"Aulan": None}}
    assert juger([sans], chiffres, inconnu).etat == "manquante"


def zone(nom: str, besoins: str = "oui", acces: str = "oui") -> Commune:
    """A commune, judged on two criteria."""
    juges = (
        ("Besoins : au moins 10 enfants", besoins, "12", "commune", 2021),
        ("Accès : plus de 50 %", acces, "80,0 %", "epci", 2024),
    )
    colonnes = ("critere_libelle", "verdict", "valeur_affichee", "niveau_lu", "millesime")
    return Commune("26000", nom, tuple(dict(zip(colonnes, juge, strict=True)) for juge in juges))


def test_communes_that_lack_childcare_are_counted_and_named_by_criterion() -> None:
    zones = [zone("Séderon"), zone("Aulan", acces="non jugé"), zone("Nyons", acces="non")]
    zones += [zone("Rioms", "non", "non"), zone("Izon", "non", "non jugé")]
    (verdict,) = verifier(Lu(VIDE, {}, zones=zones), [clause({"criteres": 2})])
    (reponse,) = verdict.reponses
    assert reponse.lignes == (
        "1 commune remplit 2 critères sur 2, 2 communes remplissent 1 critère sur 2, 1 commune n'en"
        " remplit aucun et 1 commune n'est pas jugée sur tous",
    )
    assert reponse.details == (
        "Besoins : au moins 10 enfants ; Accès : plus de 50 % ; Séderon : besoins 12 en 2021, accès 80,0 %"
        " (EPCI) en 2024"
    )
    assert verdict.etat == "trouvée"
    (aucune,) = verifier(Lu(VIDE, {}), [clause({"criteres": 2})])
    assert aucune.etat == "manquante"


def carre(x: int, y: int) -> Anneaux:
    """A square of the grid: two corners are those of a neighbour, one is that of a square across."""
    return (((x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1), (x, y)),)


def test_what_is_far_is_grouped_by_borders_and_not_by_corners() -> None:
    """A and B share a border, D and E too; C touches B by a corner; F, between A and D, is near."""
    places = {"A": (0, 0), "B": (1, 0), "C": (2, 1), "D": (0, 2), "E": (0, 3), "F": (0, 1), "G": (-1, 2)}
    zones = [
        Commune(nom, nom, ({"critere": ACCES, "verdict": "non" if nom == "F" else "oui"},)) for nom in places
    ]
    traits = Contours(
        4, 4, {nom: carre(*place) for nom, place in places.items()}, (), "", principales=tuple("EDCBAFG")
    )
    assert eloignees(zones, traits) == [
        "Communes à l'accès difficile, d'un seul tenant : 3 (E, D et G) ; 2 (B et A)"
    ]
    assert eloignees(zones, None) == [] == eloignees(zones[:1], traits)
    nombreux = {str(n): (n, 0) for n in range(9)}
    rang = Contours(9, 1, {nom: carre(*ou) for nom, ou in nombreux.items()}, (), "", principales=(*nombreux,))
    loin = [Commune(nom, nom, ({"critere": ACCES, "verdict": "oui"},)) for nom in reversed(nombreux)]
    assert eloignees(loin, rang) == [
        "Communes à l'accès difficile, d'un seul tenant : 9 (0, 1, 2 et 6 autres)"
    ]


def test_a_clause_that_does_not_exist_is_told_with_its_line() -> None:
    lu = Lu({**VIDE, "constats": [constat("Vallée", "zones", "zonnes")]}, {})
    (dite,) = inconnues(lu)
    assert dite == "table constats : clause inconnue « zonnes » (Vigilance : Vallée)"


def test_a_clause_added_to_the_data_is_all_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    ajoutee = {**clause(LIES), "id": "nouvelle", "numero": "5°", "nom": "Une nouvelle"}
    monkeypatch.setattr(clauses, "texte", lambda: {"clauses": [ajoutee]})
    lu = Lu({**VIDE, "constats": [constat("Vallée", "nouvelle")]}, {})
    assert [(v.nom, v.etat) for v in verifier(lu)] == [("5° Une nouvelle", "trouvée")]
    assert inconnues(lu) == ()
    (point,) = points(verifier(lu))
    assert point.texte == "Trouvées : 5° Une nouvelle"


def test_the_declared_clauses_ask_for_what_exists() -> None:
    """Indicateurs of the dictionary, tables, columns and values of the contract; each says where to write."""
    connus = {ligne.split(",")[0] for ligne in (SEEDS / "indicateurs.csv").read_text().splitlines()}
    contrat = yaml.safe_load(PLAN.read_text())["ressources"]
    des_marts = {"theme": "theme_id"}
    declarees = clauses.texte()["clauses"]
    assert [c["numero"] for c in declarees][:3] == ["1°", "2°", "3°"] and len(declarees) == 11
    assert len({c["id"] for c in declarees}) == len(declarees)
    for attendu in (a for c in declarees for a in c["attendus"]):
        assert set(attendu.get("indicateurs", ())) | set(attendu.get("communes_sans", ())) <= connus
        if {"indicateurs", "communes_sans", "criteres"} & set(attendu):
            continue
        assert attendu["ecrire"].startswith("table ")
        if "lies" in attendu:
            continue
        colonnes = contrat[attendu["plan"]]["columns"] | {"theme_id": contrat["axes"]["columns"]["theme_id"]}
        for nom, valeurs in attendu.get("ou", {}).items():
            assert set(valeurs) <= set(colonnes[des_marts.get(nom, nom)]["values"])
        assert set(attendu.get("remplir", ())) <= set(colonnes)


def test_the_baronnies_are_told_clause_by_clause(demonstration: Observatoire) -> None:
    """Of the night: what the document states answers, and cost, targets and zones are missing."""
    vu = demonstration.ctg("schema", "check", "ctg:baronnies-2025")
    assert vu.code == 3, vu.erreurs
    for dite in (
        "1° L'offre existante : trouvée  [offre]",
        "+ Places d'Eaje : 118 (2024) — Caf, action sociale",
        "1 commune remplit 2 critères sur 3, 44 communes remplissent 1 critère sur 3, 18",
        "4° d) La qualité d'accueil : trouvée",
        "4° f) Les coûts, les moyens et les difficultés : partielle",
        "+2 places (PSU) : sans coût prévisionnel",
        "à compléter : table calendrier, colonne cout_previsionnel",
        "4° h) Les indicateurs et l'évaluation : manquante",
        "Clauses du schéma pluriannuel : 3 trouvées, 7 partielles et 1 manquante, sur 11",
        "Chiffres inventés",
    ):
        assert dite in vu.sortie, dite
    sans = demonstration.ctg("schema", "check", "commune:26220")
    assert sans.code == 1 and "Aucune convention" in sans.erreurs
