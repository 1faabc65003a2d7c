"""The contract and the micro Parquet say the same thing, and only that is ever stored."""

from pathlib import Path

import pyarrow as pa
import pytest
import yaml
from pydantic import ValidationError

from ingestion.extrait.contrat import FICHIER, charger_contrat
from ingestion.extrait.schema import SCHEMA_MICRO, TRANCHES

TYPES = {
    "code_commune": {pa.string()},
    "code": {pa.string()},
    "booleen": {pa.bool_()},
    "entier": {pa.int16(), pa.int32()},
    "decimal": {pa.decimal128(12, 2), pa.decimal128(14, 2)},
}


def test_schema_and_contract_agree() -> None:
    """Same columns in the same order, after those that the reception adds; no identifier, no birth date."""
    contrat = charger_contrat()
    stockees = [nom for nom, c in contrat.colonnes.items() if c.role is None and nom != "mois"]
    ajoutees = ["pseudonyme", "mois", "millesime", "fichier_sha256", "cog_millesime"]
    assert SCHEMA_MICRO.names == [*ajoutees, *stockees, *contrat.enfants.tranches, "enfants_aeeh"]
    assert tuple(contrat.enfants.tranches) == TRANCHES
    for nom in stockees:
        assert SCHEMA_MICRO.field(nom).type in TYPES[contrat.colonnes[nom].type], nom


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
