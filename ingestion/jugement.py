"""Judging a typed file as a whole: against the thresholds of its contract, and against earlier files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import reduce
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ingestion import pays_entier
from ingestion.cog import Cog
from ingestion.contrats import Millesime, Ressource
from ingestion.contrats.exigences import RapportParLigne
from ingestion.contrats.grammaire import NOMBRES
from ingestion.erreurs import Lieu, premiers
from ingestion.pays_entier import FichierDeReference


@dataclass(frozen=True)
class Difference:
    """Changes between two files of a ressource, by key.

    `variation_max` is the largest |new - old| / max(|old|, 1) over common numbers; `colonnes` counts changed
    keys by column.

        old: communes A 3, B 7        new: A 3, B 8, C 10
        ajoutees 1 (C), retirees 0, changees 1 (B) of communes 2 (A, B), variation_max 1/7
        part_changee 2/3: C and B, of A, B and C
    """

    ajoutees: int
    retirees: int
    changees: int
    communes: int
    variation_max: float
    colonnes: dict[str, int]

    @property
    def part_changee(self) -> float:
        """Share of all keys, old and new, that were added, removed or changed."""
        touchees = self.ajoutees + self.retirees + self.changees
        return touchees / max(self.ajoutees + self.retirees + self.communes, 1)

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain JSON values."""
        return asdict(self)

    def __str__(self) -> str:
        """Return one line."""
        detail = ", ".join(f"{c} ({n})" for c, n in self.colonnes.items())
        return (
            f"{self.ajoutees} rows added, {self.retirees} removed, "
            f"{self.changees} changed of {self.communes}; "
            f"largest relative change {self.variation_max:.1%}" + (f"; columns {detail}" if detail else "")
        )


def juger(
    table: pa.Table,
    ressource: Ressource,
    edition: Millesime,
    cog: Cog | None,
    reference: FichierDeReference | None,
    lieu: Lieu,
    *,
    national: bool,
) -> None:
    """Raise `ErreurSource` when the rows of the file, or the file as a whole, break its contract.

    `cog`: the COG whose départements must all be there. `national`: the file should hold the whole country,
    so row counts, départements and totals are judged.
    """
    if national:
        pays_entier.juger(table, ressource, edition, cog, reference, lieu)
        _observees(table, ressource, edition, lieu)
        _totaux(table, ressource, lieu)
    else:
        pays_entier.juger_lignes(table, None, lieu)
    _identites(table, ressource, lieu)
    _rapports(table, ressource, lieu)
    _diffusion(table, ressource, lieu)
    if reference:
        _rupture(table, ressource, edition, reference, lieu)


def comparer(ressource: Ressource, ancien: Path, nouveau: Path) -> Difference:
    """Compare two normalised Parquet files of one ressource, key by key.

    A column that an older contract lacked, or typed otherwise, counts as changed on every row; files with two
    different keys have nothing in common.
    """
    avant, apres = pq.read_schema(ancien), pq.read_schema(nouveau)

    def comparable(colonne: str) -> bool:
        presente = colonne in avant.names and colonne in apres.names
        return presente and avant.field(colonne).type == apres.field(colonne).type

    if not all(map(comparable, ressource.cle)):
        return Difference(_nombre_de_lignes(nouveau), _nombre_de_lignes(ancien), 0, 0, 0.0, {})
    lues = [c for c in ressource.columns if c not in ressource.cle and c in {*avant.names, *apres.names}]
    valeurs = [c for c in lues if comparable(c)]
    autres = [c for c in lues if c not in valeurs]
    marques = {c: m for c in valeurs if comparable(m := f"{c}__marque")}
    differe = {
        c: f"(n.{c} is distinct from a.{c}"
        + (f" or n.{marques[c]} is distinct from a.{marques[c]})" if c in marques else ")")
        for c in valeurs
    }
    ecarts = [
        f"max(abs(n.{c} - a.{c})::double / greatest(abs(a.{c})::double, 1))"
        for c in valeurs
        if ressource.columns[c].type in NOMBRES
    ]
    commun = "a.ligne is not null and n.ligne is not null"
    jointure = " and ".join(f"a.{c} is not distinct from n.{c}" for c in ressource.cle)
    with duckdb.connect() as base:
        rang = base.execute(
            f"""
            select
                count(*) filter (a.ligne is null),
                count(*) filter (n.ligne is null),
                count(*) filter ({commun} and ({" or ".join(differe.values()) or "false"} or {bool(autres)})),
                count(*) filter ({commun}),
                {f"coalesce(greatest({', '.join(ecarts)}), 0)" if ecarts else "0"},
                {", ".join(f"count(*) filter ({commun} and {d})" for d in differe.values()) or "0"}
            from read_parquet(?) as a
            full outer join read_parquet(?) as n on {jointure}
            """,
            [str(ancien), str(nouveau)],
        ).fetchone()
    assert rang is not None
    colonnes = {c: n for c, n in zip(valeurs, rang[5:], strict=False) if n}
    colonnes |= {c: rang[3] for c in autres if rang[3]}
    return Difference(rang[0], rang[1], rang[2], rang[3], float(rang[4]), colonnes)


def _nombre_de_lignes(parquet: Path) -> int:
    return int(pq.read_metadata(parquet).num_rows)


def _observees(table: pa.Table, ressource: Ressource, edition: Millesime, lieu: Lieu) -> None:
    """Refuse a long national file in which a mesure has no observation: its code was renamed."""
    for nom in edition.layout:
        long = ressource.layouts[nom].long
        for mesure, codes in (long.mesures if long else {}).items():
            if table[mesure].null_count == table[f"{mesure}__marque"].null_count == table.num_rows:
                raise lieu.erreur(
                    "modalite_absente",
                    colonne=", ".join(codes) or None,
                    observe=f"no observation of {mesure} among {table.num_rows} territories",
                    attendu=f"observations with {codes or 'the codes of `dimensions`'}",
                    que_faire="look for the code in the producer's metadata; if it was renamed, change it "
                    f"under `long` in {lieu.contrat}",
                )


def _totaux(table: pa.Table, ressource: Ressource, lieu: Lieu) -> None:
    for colonne, bornes in ressource.thresholds.totals.items():
        total = pc.sum(table[colonne]).as_py() or 0
        if not bornes.min <= total <= bornes.max:
            raise lieu.erreur(
                "total_hors_bornes",
                colonne=colonne,
                observe=f"a total of {total:.0f}",
                attendu=pays_entier.entre(bornes),
                que_faire="check the unit of the column and that the file is complete",
            )


def _identites(table: pa.Table, ressource: Ressource, lieu: Lieu) -> None:
    """Refuse rows whose parts do not make their total, as they do on every row of the producer."""
    for identite in ressource.thresholds.identities:
        # Whole numbers of a file are exact as floats.
        parts = reduce(pc.add, (table[c].cast(pa.float64()) for c in identite.parts))
        ecart = pc.abs(pc.subtract(parts, table[identite.total].cast(pa.float64())))
        fausses = table.filter(pc.greater(ecart, identite.within))
        if fausses.num_rows:
            egalite = f"{' + '.join(identite.parts)} = {identite.total}"
            cas = [
                (
                    rang["ligne"],
                    f"{_cle(rang, ressource)}: {' + '.join(_nombre(rang[p]) for p in identite.parts)} is not "
                    f"{_nombre(rang[identite.total])}",
                )
                for rang in fausses.to_pylist()
            ]
            raise lieu.erreur(
                "identite_rompue",
                colonne=identite.total,
                ligne=cas[0][0],
                observe=premiers(cas),
                attendu=egalite + (f", within {identite.within:g}" if identite.within else ""),
                que_faire="open the file at that line: a digit was typed, or a column moved; fetch the file "
                f"again. If its producer changed a definition, correct `identities` in {lieu.contrat}",
            )


def _cle(rang: dict[str, Any], ressource: Ressource) -> str:
    return ", ".join(str(rang[c]) for c in ressource.cle)


def _nombre(valeur: Any) -> str:
    return f"{float(valeur):.12g}"


def _rapports(table: pa.Table, ressource: Ressource, lieu: Lieu) -> None:
    for bornes in ressource.thresholds.ratio_between:
        haut, bas = (pc.sum(table[c]).as_py() or 0 for c in (bornes.numerator, bornes.denominator))
        if bas and not bornes.min <= haut / bas <= bornes.max:
            raise lieu.erreur(
                "rapport_hors_bornes",
                colonne=f"{bornes.numerator} / {bornes.denominator}",
                observe=f"{haut / bas:.3f} ({haut} / {bas})",
                attendu=pays_entier.entre(bornes),
                que_faire="check that the two columns were not exchanged and that both are counts",
            )


def _diffusion(table: pa.Table, ressource: Ressource, lieu: Lieu) -> None:
    """Refuse figures that their producer should have left blank: two columns were exchanged."""
    for regle in ressource.thresholds.shown_from:
        petit = [pc.less(table[c], minimum) for c, minimum in regle.any_of.items()]
        for colonne in regle.columns:
            lignes = table["ligne"].filter(reduce(pc.and_, [pc.is_valid(table[colonne]), *petit]))
            if len(lignes):
                raise lieu.erreur(
                    "montre_sous_seuil",
                    colonne=colonne,
                    ligne=pc.min(lignes).as_py(),
                    observe=f"{len(lignes)} rows show it below every minimum, this line first",
                    attendu=" or ".join(f"{c} of {minimum} at least" for c, minimum in regle.any_of.items()),
                    que_faire="check that columns were not exchanged; if the producer shows more than it "
                    f"did, say so in `shown_from` of {lieu.contrat}",
                )


def _rupture(
    table: pa.Table, ressource: Ressource, edition: Millesime, reference: FichierDeReference, lieu: Lieu
) -> None:
    """Refuse values that moved as a block: a unit, a decimal mark or a field changed."""
    bornes = ressource.thresholds.ratio_to_last
    if bornes is None:
        return
    colonnes = _comparables(table, ressource, bornes.columns, reference)
    if not colonnes:
        return
    cle, ou = _communes(ressource, edition, reference)
    jointure = " and ".join(f"a.{c} is not distinct from n.{c}" for c in cle) or "true"
    lues = [*dict.fromkeys([*ressource.cle, *colonnes, "ligne"])]
    comparees = {c: f"a.{c} <> 0 and n.{c} is not null" for c in colonnes}
    # A NULL ratio leaves the row out of the median, and avoids a division by zero.
    rapports = ", ".join(
        f"median(case when {oui} then n.{c}::double / a.{c}::double end), count(*) filter ({oui})"
        for c, oui in comparees.items()
    )
    ensemble = f"from read_parquet(?) as a inner join n on {jointure} where {ou}"
    with duckdb.connect() as base:
        base.register("n", table.select(lues))
        rang = base.execute(f"select {rapports} {ensemble}", [str(reference.parquet)]).fetchone()
        assert rang is not None
        for colonne, mediane, communs in zip(colonnes, rang[::2], rang[1::2], strict=True):
            if mediane is not None and not bornes.min <= mediane <= bornes.max:
                raise lieu.erreur(
                    "rupture",
                    colonne=colonne,
                    observe=f"half of the values were multiplied by {mediane:.3g} or more "
                    f"since millésime {reference.millesime} ({communs} common keys)",
                    attendu=f"a median ratio {pays_entier.entre(bornes)}",
                    que_faire="check the unit and the decimal mark of the column with the producer; "
                    f"if the break is real, widen `ratio_to_last` in {lieu.contrat}",
                )
        if bornes.each_row:
            for colonne in colonnes:
                _aberrantes(base, ensemble, colonne, bornes.each_row, reference, lieu)


def _comparables(
    table: pa.Table, ressource: Ressource, colonnes: Sequence[str], reference: FichierDeReference
) -> list[str]:
    """Return those of `colonnes` that the reference has, of the same type; none where it has not the key.

    A contract that grew is read before the files accepted under the former one are typed again.
    """
    avant = pq.read_schema(reference.parquet)

    def comparable(colonne: str) -> bool:
        return colonne in avant.names and avant.field(colonne).type == table.schema.field(colonne).type

    return [c for c in colonnes if comparable(c)] if all(map(comparable, ressource.cle)) else []


def _communes(
    ressource: Ressource, edition: Millesime, reference: FichierDeReference
) -> tuple[list[str], str]:
    """Return the key that rows of two files `a` and `n` have in common, and the condition on their years."""
    annee = ressource.colonne_annee
    if annee is None or reference.millesime == edition.millesime:
        return ressource.cle, "true"
    # Two millésimes of a rolling file share their past years: only the newest of each says something.
    cle = [c for c in ressource.cle if c != annee]
    return cle, f"a.{annee} = {reference.millesime} and n.{annee} = {edition.millesime}"


def _aberrantes(
    base: duckdb.DuckDBPyConnection,
    ensemble: str,
    colonne: str,
    bornes: RapportParLigne,
    reference: FichierDeReference,
    lieu: Lieu,
) -> None:
    """Refuse a row that moved as no real figure does: a digit too many, or one lost."""
    rangs = base.execute(
        f"select n.ligne, n.{colonne}, a.{colonne} {ensemble} and a.{colonne} >= {bornes.des}"
        f" and not n.{colonne}::double / a.{colonne}::double between {bornes.min} and {bornes.max}"
        " order by n.ligne",
        [str(reference.parquet)],
    ).fetchall()
    if rangs:
        cas = [(ligne, f"{_nombre(apres)} instead of {_nombre(avant)}") for ligne, apres, avant in rangs]
        raise lieu.erreur(
            "ligne_aberrante",
            colonne=colonne,
            ligne=cas[0][0],
            observe=f"{premiers(cas)}, in millésime {reference.millesime}",
            attendu=f"from {bornes.des:g} on, a ratio {pays_entier.entre(bornes)}",
            que_faire="open the file at that line: a digit was typed or lost; fetch it again. If the "
            f"movement is real, widen `ratio_to_last.each_row` in {lieu.contrat}",
        )
