"""Judging whether a file that should hold the whole country does: rows and départements of each year."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ingestion.cog import Cog
from ingestion.contrats import Millesime, Ressource
from ingestion.contrats.exigences import Bornes, TousDepartements
from ingestion.erreurs import Lieu, enumerer

CHUTE = 0.5
"""A département with fewer than this share of the rows of the file before was cut: mergers of communes go by
tenths."""

PEU = 3
"""Most départements of a file that is named by them."""


@dataclass(frozen=True)
class FichierDeReference:
    """The accepted file a new one is compared with."""

    millesime: int
    parquet: Path


def juger(
    table: pa.Table,
    ressource: Ressource,
    edition: Millesime,
    cog: Cog | None,
    reference: FichierDeReference | None,
    lieu: Lieu,
) -> None:
    """Raise `ErreurSource` when the file is a part of what its contract says it holds.

    `departement_manquant`, `nombre_de_lignes`, `departement_ampute`; each year of the file is judged apart.
    """
    regle = ressource.thresholds.all_departements
    for annee, siennes in _annees(table, ressource):
        presents = sorted(_par_departement(siennes, regle)) if regle else []
        seuls = f", all of département {', '.join(presents)}" if 0 < len(presents) <= PEU else ""
        quoi = (f" in {annee}" if annee else "") + seuls
        # What has lines of half the country is cut, and nobody's extract.
        sinon = _extrait(ressource, edition, presents, lieu) if len(presents) <= PEU else ""
        juger_lignes(siennes, ressource.thresholds.rows, lieu, quoi, sinon)
    if regle and cog:
        _departements(table, ressource, edition, regle, cog, lieu)
    if regle and reference:
        _amputes(table, ressource, edition, regle, reference, lieu)


def juger_lignes(table: pa.Table, bornes: Bornes | None, lieu: Lieu, quoi: str = "", sinon: str = "") -> None:
    """Raise `ErreurSource` (`nombre_de_lignes`) outside the bounds, or for no row where there are none.

    `quoi` and `sinon` complete its words.
    """
    bornes = bornes or Bornes(min=1, max=float("inf"))
    if not bornes.min <= table.num_rows <= bornes.max:
        raise lieu.erreur(
            "nombre_de_lignes",
            observe=f"{table.num_rows} rows{quoi}",
            attendu=entre(bornes),
            que_faire="check that the file is complete and of the right level; fetch it again if it was cut"
            + (f". {sinon}" if sinon else ""),
        )


def _extrait(ressource: Ressource, edition: Millesime, presents: Sequence[str], lieu: Lieu) -> str:
    """Word what declares a part of the country, at the place that is read tonight."""
    couverture = f"couverture: departement:{presents[0] if presents else '26'}"
    glissant = ressource.rolling and edition.mirror is None
    ou = "under `rolling`" if glissant else "on this millésime"
    return f"An extract on purpose says what it covers: `{couverture}` {ou} in {lieu.contrat}"


def code_departement(codes: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the département of codes of communes or IRIS: three characters overseas, else two."""
    outre_mer = pc.starts_with(codes, "97")
    trois, deux = (pc.utf8_slice_codeunits(codes, 0, n) for n in (3, 2))
    return pc.if_else(outre_mer, trois, deux)


def entre(bornes: Bornes) -> str:
    """Word an interval."""
    return f"between {bornes.min:.12g} and {bornes.max:.12g}"


def _annees(table: pa.Table, ressource: Ressource) -> Iterator[tuple[int | None, pa.Table]]:
    """Yield the rows of each year or, where the key holds none, them all."""
    annee = ressource.colonne_annee
    if annee is None or not table.num_rows:
        yield None, table
        return
    for a in sorted(pc.unique(table[annee]).to_pylist()):
        yield a, table.filter(pc.equal(table[annee], a))


def _par_departement(table: pa.Table, regle: TousDepartements) -> dict[str, int]:
    """Count the rows of each département."""
    codes = code_departement(table[regle.from_commune]) if regle.from_commune else table[regle.column]
    return {c["values"]: c["counts"] for c in pc.value_counts(codes.drop_null()).to_pylist()}


def _departements(
    table: pa.Table,
    ressource: Ressource,
    edition: Millesime,
    regle: TousDepartements,
    cog: Cog,
    lieu: Lieu,
) -> None:
    manques: dict[int | None, list[str]] = {}
    for annee, siennes in _annees(table, ressource):
        admis = {*regle.sauf, *edition.departements_absents}
        if absents := sorted(cog.departements - {*_par_departement(siennes, regle)} - admis):
            manques[annee] = absents
    if not manques:
        return
    (annee, absents), n = next(iter(manques.items())), len(manques)
    presents = sorted(cog.departements & {*_par_departement(table, regle)})
    # Said of the first year that lacks some.
    quand = f" in {annee}" + (f", and {n - 1} more years lack some" if n > 1 else "") if annee else ""
    sauf = [*regle.sauf, *edition.departements_absents]
    raise lieu.erreur(
        "departement_manquant",
        colonne=regle.from_commune or regle.column,
        observe=f"no row for {enumerer(absents, 12)}{quand}",
        attendu=f"every département of the COG {cog.annee}" + (f", except {', '.join(sauf)}" if sauf else ""),
        que_faire=f"fetch the file again, whole. {_extrait(ressource, edition, presents, lieu)}; what its "
        "producer is known to leave out is listed under `departements_absents` of its millésime",
    )


def _amputes(
    table: pa.Table,
    ressource: Ressource,
    edition: Millesime,
    regle: TousDepartements,
    reference: FichierDeReference,
    lieu: Lieu,
) -> None:
    """Refuse a file in which a département lost most of its rows; the newest years are compared."""
    if regle.cumulative and reference.millesime > edition.millesime:
        # An older file that comes after a newer one has fewer rows, and nothing was cut.
        return
    annee, avant = ressource.colonne_annee, pq.read_table(reference.parquet)
    lue = regle.from_commune or regle.column
    if not {lue, annee or lue} <= {*avant.column_names}:
        return
    if annee:
        avant = avant.filter(pc.equal(avant[annee], pc.max(avant[annee])))
        table = table.filter(pc.equal(table[annee], pc.max(table[annee])))
    apres, admis = _par_departement(table, regle), {*regle.sauf, *edition.departements_absents}
    chutes = [
        f"{d} has {apres.get(d, 0)} of {n} rows"
        for d, n in sorted(_par_departement(avant, regle).items())
        if d not in admis and apres.get(d, 0) < CHUTE * n
    ]
    if chutes:
        raise lieu.erreur(
            "departement_ampute",
            colonne=lue,
            observe=enumerer(chutes, 6),
            attendu=f"at least half of the rows that each département has in millésime {reference.millesime}",
            que_faire="fetch the file again, whole: this is a part of it. If the producer left these rows "
            f"out, list their départements under `departements_absents` of this millésime in {lieu.contrat}",
        )
