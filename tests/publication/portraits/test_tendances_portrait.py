"""How a portrait says where its lines go; what has no verdict is left to the page of the indicateur."""

from types import SimpleNamespace
from typing import Any

import pytest

from publication.portraits.contenu.series import dire_tendances

BAISSE = {
    "tendance_dite": "en baisse depuis 2020, sur 5 années",
    "tendance_lecture": "favorable",
    "motif": None,
}
AUCUNE = {
    "tendance_dite": "sans tendance établie depuis 2017, sur 8 années",
    "tendance_lecture": None,
    "motif": "ni hausse ni baisse assez régulière pour écarter le hasard",
}
MUETTE = {
    "tendance_dite": None,
    "tendance_lecture": None,
    "motif": "4 années ont un chiffre, il en faut 5",
}


@pytest.mark.parametrize(
    ("tendances", "dites"),
    [
        ({"a": BAISSE}, ["Tendance : en baisse depuis 2020, sur 5 années (favorable)."]),
        ({"a": BAISSE | {"tendance_lecture": "neutre"}}, ["Tendance : en baisse depuis 2020, sur 5 années."]),
        ({"a": AUCUNE}, ["Tendance : sans tendance établie depuis 2017, sur 8 années."]),
        ({"a": MUETTE}, []),
        ({}, []),
        # Lines of one chart that go the same way are named together.
        (
            {"a": AUCUNE, "b": BAISSE, "c": AUCUNE, "d": MUETTE},
            [
                "Tendance (A ; C) : sans tendance établie depuis 2017, sur 8 années.",
                "Tendance (B) : en baisse depuis 2020, sur 5 années (favorable).",
            ],
        ),
    ],
)
def test_la_tendance_d_une_courbe_est_dite(tendances: dict[str, Any], dites: list[str]) -> None:
    noms = tendances or {"a": None}
    indicateurs: Any = [SimpleNamespace(indicateur_id=i, libelle=i.upper()) for i in noms]
    ctx: Any = SimpleNamespace(tendances=tendances)
    assert dire_tendances(ctx, indicateurs) == dites
