"""Types of the Parquet and fingerprint of a millésime: what decides whether a landed file is typed again."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path

import pyarrow as pa

from ingestion.contrats.grammaire import Millesime, Ressource

TYPES: dict[str, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "decimal": pa.decimal128(30, 15),
    "date": pa.date32(),
    "year": pa.int32(),
    "year_of_month": pa.int32(),
    "year_of_date": pa.int32(),
    "year_of_quarter": pa.int32(),
    "code_commune": pa.string(),
    "code_departement": pa.string(),
    "code_region": pa.string(),
    "siren": pa.string(),
    "identifiant": pa.string(),
    "code_iris": pa.string(),
    "code_postal": pa.string(),
}

TECHNIQUES: dict[str, tuple[pa.DataType, str]] = {
    "millesime_fichier": (pa.int32(), "Millésime of the file"),
    "cog_millesime": (pa.int32(), "Year of the COG of the file's codes; NULL when the contract names none"),
    "fichier_sha256": (pa.string(), "sha256 of the landed file"),
    "ligne": (pa.int32(), "First physical line of the record in its file, 1-based"),
}

# Keys of a column that change nothing to the reading of its cells.
_HORS_LECTURE = {"description", "unit", "hors_champ", "libelle", "exemple"}
# How a layout is known, which changes nothing of how it is read.
_CONNAISSANCE = {"confirme", "vu", "documente", "a_verifier"}


def schema_normalise(ressource: Ressource) -> pa.Schema:
    """Arrow schema of the normalised Parquet of a ressource, whatever the millésime.

    Each column is followed by its companions: `<col>__marque` (NULL, `manquant`, `secret`, `non_servi`) when
    the contract declares markers, `<col>__millesime` when its figures may belong to another year.

        code            revenu   revenu__marque
        26001           1500.5   NULL
        2A004           NULL     secret           (the file writes `s`, which the contract calls secret)
    """
    champs = []
    for nom, colonne in ressource.columns.items():
        champs.append(pa.field(nom, TYPES[colonne.type]))
        if colonne.marquee:
            champs.append(pa.field(f"{nom}__marque", pa.string()))
        if nom in ressource.colonnes_datees:
            champs.append(pa.field(f"{nom}__millesime", pa.int32()))
    return pa.schema([*champs, *(pa.field(n, t) for n, (t, _) in TECHNIQUES.items())])


def empreinte_schema(ressource: Ressource) -> str:
    """Short hash of the types of a ressource's Parquet, as the journal keeps it."""
    return hashlib.sha256(schema_normalise(ressource).to_string().encode()).hexdigest()[:12]


def empreinte_contrat(ressource: Ressource, edition: Millesime) -> str:
    """Hash (64 hex) of all that affects the parsing of one millésime, code included and wording excluded."""
    contenu = {
        "table": ressource.table,
        "format": ressource.format.model_dump(),
        "cle": ressource.cle,
        "columns": {n: c.model_dump(exclude=_HORS_LECTURE) for n, c in ressource.columns.items()},
        "schema": schema_normalise(ressource).to_string(),
        "layouts": {n: ressource.layouts[n].model_dump(exclude=_CONNAISSANCE) for n in edition.layout},
        "thresholds": ressource.thresholds.model_dump(),
        "edition": edition.model_dump(exclude={"mirror", "url", "publie_le"}),
        "code": _empreinte_code(),
    }
    return hashlib.sha256(json.dumps(contenu, sort_keys=True).encode()).hexdigest()


@cache
def _empreinte_code() -> str:
    ici = Path(__file__).parents[1]
    modules = (ici / f"{nom}.py" for nom in ("typage", "long", "carreaux", "cellules"))
    sources = [*sorted((ici / "readers").glob("*.py")), *modules]
    return hashlib.sha256(b"\0".join(s.read_bytes() for s in sources)).hexdigest()
