"""Known errors of producers (`erreurs_connues.yml`): where each is, and whether its file still has it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import reduce
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import yaml
from pydantic import TypeAdapter, ValidationError

from ingestion.contrats.chargement import Chargeur, ContratsInvalides
from ingestion.contrats.grammaire import Modele, Nom
from ingestion.normalisation import ECARTES
from ingestion.retenus import FichierRetenu

FICHIER = Path(__file__).with_name("erreurs_connues.yml")

Valeur = str | int | date | None


class ErreurConnue(Modele):
    """An error of one file. `lignes`: what its wrong lines hold; `signalee_le`: when its producer knew."""

    erreur: Nom
    source: str
    ressource: str
    millesime: int
    lignes: list[dict[str, Valeur]]
    communes: list[str]
    constat: str
    effet: str
    vue_le: date
    signalee_le: date | None = None


def charger(fichier: Path = FICHIER) -> list[ErreurConnue]:
    """Read the known errors. Raises `ContratsInvalides` on one that is ill-formed."""
    try:
        return TypeAdapter(list[ErreurConnue]).validate_python(
            yaml.load(fichier.read_text("utf-8"), Chargeur)
        )
    except ValidationError as e:
        raise ContratsInvalides(
            [f"{fichier.name}: {'.'.join(map(str, x['loc']))}: {x['msg']}" for x in e.errors()]
        ) from None


def presentes(
    erreurs: Iterable[ErreurConnue], retenus: Iterable[FichierRetenu]
) -> list[tuple[ErreurConnue, FichierRetenu, bool]]:
    """Return the errors of files in use, each with its file and whether the file still has it."""
    par_fichier = {(f.source, f.ressource, f.millesime): f for f in retenus}
    lues = ((e, par_fichier.get((e.source, e.ressource, e.millesime))) for e in erreurs)
    return [(e, f, _est_la(e, f.parquet)) for e, f in lues if f is not None]


def _est_la(erreur: ErreurConnue, parquet: Path) -> bool:
    """Whether the typed file has each wrong line as often as it is declared, among those set aside too."""
    # It brings pandas: only a file that is read needs it.
    import pyarrow.dataset as ds

    lus = [ds.dataset(p) for p in (parquet, parquet.with_suffix(ECARTES)) if p.exists()]
    return all(
        sum(lu.count_rows(filter=_condition(lu.schema, ligne)) for lu in lus) >= erreur.lignes.count(ligne)
        for ligne in erreur.lignes
    )


def _condition(schema: pa.Schema, ligne: Mapping[str, Valeur]) -> pc.Expression:
    egales = (
        pc.field(nom).is_null() if v is None else pc.field(nom) == pa.scalar(v).cast(schema.field(nom).type)
        for nom, v in ligne.items()
    )
    return reduce(lambda a, b: a & b, egales)
