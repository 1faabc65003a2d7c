"""The contract and the micro Parquet say the same thing, and only that is ever stored."""

import hashlib
from pathlib import Path

import pyarrow as pa
import pytest
import yaml
from pydantic import ValidationError

from ingestion.extrait.contrat import FICHIER, charger_contrat
from ingestion.extrait.schema import SCHEMA_MICRO

# Digest of the columns and types that homes hold: under another one, their months are not read.
STOCKE = "450455c14e6d84d1"


def test_what_is_stored_is_what_homes_hold() -> None:
    """No identifier, no birth date; and a month that was taken in stays readable."""
    assert hashlib.sha256(str(SCHEMA_MICRO).encode()).hexdigest()[:16] == STOCKE
    assert not {"id_foyer", "naissance", "age"} & set(SCHEMA_MICRO.names)


def test_bounds_fit_the_stored_types() -> None:
    for nom, colonne in charger_contrat().colonnes.items():
        if colonne.max is None:
            continue
        type_ = SCHEMA_MICRO.field(nom).type
        plus_grand = (
            10 ** (type_.precision - type_.scale)
            if pa.types.is_decimal(type_)
            else 2 ** (type_.bit_width - 1)
        )
        assert colonne.max < plus_grand, nom


@pytest.mark.parametrize(
    "changer",
    [
        lambda c: c.update(inconnue=1),
        lambda c: c["colonnes"]["ruc"].update(minimum=3),
        lambda c: c["colonnes"]["ruc"].pop("max"),
        lambda c: c["colonnes"]["situation_familiale"].pop("valeurs"),
        lambda c: c["colonnes"]["id_foyer"].pop("role"),
        lambda c: c["cle"].append("nir"),
        lambda c: c.update(source="extrait"),
        lambda c: c["enfants"]["tranches"].update(enfants_3_5=[4, 5]),
    ],
)
def test_contract_is_strict(tmp_path: Path, changer: object) -> None:
    contenu = yaml.safe_load(FICHIER.read_text())
    changer(contenu)  # type: ignore[operator]
    fichier = tmp_path / "contrat.yml"
    fichier.write_text(yaml.safe_dump(contenu))
    with pytest.raises(ValidationError):
        charger_contrat(fichier)
