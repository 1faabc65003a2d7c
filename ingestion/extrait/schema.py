"""The micro Parquet, as the contract lists it: the only columns of a foyer that are ever stored."""

import pyarrow as pa

from ingestion.extrait.contrat import ColonneExtrait, charger_contrat

_CONTRAT = charger_contrat()
TRANCHES = tuple(_CONTRAT.enfants.tranches)


def _type(colonne: ColonneExtrait) -> pa.DataType:
    if colonne.type == "decimal":
        return pa.decimal128(colonne.chiffres, 2)
    if colonne.type == "entier":
        return pa.int16() if (colonne.max or 0) < 1 << 15 else pa.int32()
    return pa.bool_() if colonne.type == "booleen" else pa.string()


# `pseudonyme`: 64 hex digits, keyed. `mois`: YYYY-MM, whose year is `millesime`. Amounts in EUR. One row per
# foyer and month, in order of commune and pseudonym.
SCHEMA_MICRO = pa.schema(
    [
        ("pseudonyme", pa.string()),
        ("mois", pa.string()),
        ("millesime", pa.int32()),
        ("fichier_sha256", pa.string()),
        ("cog_millesime", pa.int32()),
        *((nom, _type(c)) for nom, c in _CONTRAT.colonnes.items() if c.role is None and c.type != "mois"),
        *((nom, pa.int16()) for nom in TRANCHES),
        ("enfants_aeeh", pa.int16()),
    ]
)
