"""What a COG received since the last release would change, told before a night builds on it."""

import csv
from collections.abc import Iterator
from datetime import date
from typing import Any
from unittest.mock import patch

import pytest
from commande import DEMONSTRATION, Observatoire

from orchestration.exploitation import cog
from orchestration.nuit import reglages


def _lire(nom: str) -> list[dict[str, str]]:
    with (DEMONSTRATION / "miroir" / "insee" / "cog" / nom).open(encoding="utf-8", newline="") as fichier:
        return list(csv.DictReader(fichier))


def _communes(annee: int) -> set[str]:
    return {ligne["COM"] for ligne in _lire(f"v_commune_{annee}.csv") if ligne["TYPECOM"] == "COM"}


def _entre(actuel: int, prochain: int) -> list[str]:
    noms = {
        f"{tete}_{quand}": f"{nom}_{suite}"
        for tete, nom in {"TYPECOM": "typecom", "COM": "code", "LIBELLE": "libelle"}.items()
        for quand, suite in {"AV": "avant", "AP": "apres"}.items()
    }
    # Movements as the normalised file has them: dates, and nothing where nothing stands.
    lignes = [
        {"mod": m["MOD"], "date_effet": date.fromisoformat(m["DATE_EFF"])}
        | {nom: m[colonne] or None for colonne, nom in noms.items()}
        for m in _lire("v_mvt_commune_2025.csv")
    ]
    return [str(e) for e in cog.entre(lignes, _communes(actuel), actuel, prochain)]


def test_mergers_are_one_line_and_delegated_communes_none() -> None:
    assert _entre(2021, 2025) == [
        "2022-01-01  32  26216 La Motte-de-Galaure, 26219 Mureils → 26216 Saint-Jean-de-Galaure",
        "2025-01-01  32  26289 Saillans, 26371 Véronne → 26289 Saillans",
    ]
    assert _entre(2022, 2024) == [], "of 1 January of a COG, it is in it already"


def test_a_split_is_one_line_by_what_it_was_and_what_is_elsewhere_is_not_told() -> None:
    def ligne(code: str, apres: str) -> dict[str, Any]:
        return {
            **{"mod": "21", "date_effet": date(2026, 1, 1), "typecom_avant": "COM", "typecom_apres": "COM"},
            **{"code_avant": code, "libelle_avant": "Saillans"},
            **{"code_apres": apres, "libelle_apres": {"26289": "Saillans"}.get(apres, "Véronne")},
        }

    lignes = [ligne("26289", "26289"), ligne("26289", "26371"), ligne("99999", "99998")]
    dits = cog.entre(lignes, {"26289"}, 2025, 2026)
    assert [str(e) for e in dits] == ["2026-01-01  21  26289 Saillans → 26289 Saillans, 26371 Véronne"]


@pytest.fixture
def sans_variables() -> Iterator[None]:
    with patch.dict("os.environ", {"CTG_PROFILE": "demo"}):
        yield


@pytest.mark.usefixtures("sans_variables")
def test_the_command_compares_what_was_received_with_the_release_in_service(
    demonstration: Observatoire,
) -> None:
    dit = demonstration.ctg("sources", "cog")
    assert (dit.code, dit.sortie) == (
        0,
        "The release in service is on COG 2025, the newest received that can be read.\n",
    )
    # The same home, had its release been made before the last two COG.
    reglage = reglages.lire({"CTG_HOME": str(demonstration.home)})
    with patch.object(cog, "_communes", lambda _: (_communes(2023), 2023)):
        suite = cog.a_venir(reglage)
    assert suite is not None and (suite.actuel, suite.prochain) == (2023, 2025)
    assert [str(e) for e in suite.evenements] == [
        "2025-01-01  32  26289 Saillans, 26371 Véronne → 26289 Saillans"
    ]
