"""Ten series of the demonstration, read again in pandas from the files of its release.

None of the warehouse's SQL: cuts are those that `ruptures_series` tells, verdicts those of all the orders
that the years could have come in, and the move is set beside the bounds of its two ends.
"""

from itertools import permutations

import pandas as pd
import pytest
from commande import Observatoire

# A territory and an indicateur; the years that are read, the verdict.
SERIES = [
    ("epci:200068229", "part_allocataires_rsa", range(2020, 2025), "baisse"),
    ("departement:26", "part_allocataires_rsa", range(2020, 2025), "baisse"),
    ("france:FR", "part_allocataires_rsa", range(2020, 2025), "baisse"),
    ("epci:200068229", "part_allocataires_prime_activite", range(2020, 2025), "hausse"),
    ("departement:26", "part_allocataires_prime_activite", range(2020, 2025), "hausse"),
    ("epci:200068229", "nb_foyers_allocataires", range(2020, 2025), "baisse"),
    ("epci:200068229", "nb_foyers_cmg", range(2020, 2025), "baisse"),
    ("epci:200068229", "nb_foyers_asf", range(2020, 2025), "sans_tendance"),
    ("epci:200068229", "nb_naissances", range(2017, 2025), "sans_tendance"),
    ("epci:200068229", "taux_couverture_petite_enfance", range(2022, 2024), None),
]


def _s(valeurs: list[float]) -> int:
    return sum((b > a) - (b < a) for i, a in enumerate(valeurs) for b in valeurs[i + 1 :])


def _verdict(points: pd.DataFrame) -> str | None:
    """The verdict of the exact law, on points in the order of their years."""
    if len(points) < 5:
        return None
    valeurs = points["imprimee"].tolist()
    s = _s(valeurs)
    # Of eight years, 40 320 orders.
    ordres = [_s(list(o)) for o in permutations(valeurs)]
    p = sum(abs(o) >= abs(s) for o in ordres) / len(ordres)
    debut, fin = points.iloc[0], points.iloc[-1]
    if p > 0.05:
        return "sans_tendance"
    if s > 0 and fin["borne_basse"] > debut["borne_haute"]:
        return "hausse"
    return "baisse" if s < 0 and fin["borne_haute"] < debut["borne_basse"] else "sans_tendance"


@pytest.mark.parametrize(("territoire", "indicateur", "annees", "attendu"), SERIES)
def test_une_seconde_lecture(
    demonstration: Observatoire, territoire: str, indicateur: str, annees: range, attendu: str | None
) -> None:
    parquet = demonstration.courante / "parquet"
    siens = "territoire_id == @territoire and indicateur_id == @indicateur"
    fct = pd.read_parquet(parquet / "fct_indicateurs.parquet").query(siens)
    ruptures = pd.read_parquet(parquet / "ruptures_series.parquet").query(
        f"indicateur_id == @indicateur and niveau == '{territoire.partition(':')[0]}' and nature != 'forme'"
    )
    siennes = ruptures[ruptures["territoire_id"].isna() | (ruptures["territoire_id"] == territoire)]
    # A perimeter that is not known is that of the year itself: the break is with the next one.
    coupures = siennes["millesime"] + (siennes["nature"] == "perimetre_epci")
    dico = pd.read_parquet(parquet / "dim_indicateur.parquet").set_index("indicateur_id")
    points = fct.query("lisibilite == 'point'").sort_values("millesime")
    points = points[points["millesime"] >= coupures.max()] if len(coupures) else points
    points = points.assign(imprimee=points["valeur"].round(9).round(int(dico.loc[indicateur, "decimales"])))
    (lu,) = pd.read_parquet(parquet / "mart_tendances.parquet").query(siens).to_dict("records")
    assert points["millesime"].tolist() == list(annees)
    assert lu["annees"] == ", ".join(map(str, annees))
    assert _verdict(points) == attendu == (lu["tendance"] if pd.notna(lu["tendance"]) else None)
