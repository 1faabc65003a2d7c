"""Bytes on disk to columns of text, each row with its first physical line (of an outline, its rank)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.contrats.grammaire import (
    Format,
    FormatGeojson,
    FormatParquet,
    FormatTableur,
    FormatXls,
    FormatXlsx,
    FormatZip,
    Millesime,
)
from ingestion.erreurs import Lieu
from ingestion.readers import csv, geojson, tableur, xlsx, zip


@dataclass(frozen=True)
class Texte:
    """A file as text: its headers, a column under each, the first physical line (1-based) of each row."""

    entete: list[str]
    colonnes: list[pa.Array]
    lignes: pa.Array
    membre: str | None

    def colonne(self, entete: str) -> pa.Array:
        """Return the cells under a header."""
        return self.colonnes[self.entete.index(entete)]

    def garder(self, rangs: pa.Array) -> Texte:
        """Return it with the rows that `rangs` (booleans) keeps."""
        if rangs.true_count == len(rangs):
            return self
        return replace(
            self, colonnes=[c.filter(rangs) for c in self.colonnes], lignes=self.lignes.filter(rangs)
        )

    def sans(self, motifs: dict[str, str]) -> Texte:
        """Return it without the rows where a cell matches in full the pattern of its header in `motifs`."""
        gardes = pa.repeat(pa.scalar(True), len(self.lignes))
        for entete, motif in motifs.items():
            if entete in self.entete:
                cellules, forme = self.colonne(entete), re.compile(motif)
                vus = [t for t in cellules.unique().to_pylist() if forme.fullmatch(t)]
                gardes = pc.and_(gardes, pc.invert(pc.is_in(cellules, pa.array(vus, pa.string()))))
        return self.garder(gardes)


def lire(chemin: Path, format: Format, millesime: Millesime, lieu: Lieu) -> Texte:
    """Read a landed file as text, unzipping it when the producer serves an archive.

    Raises `ErreurSource` for a byte that does not decode, a row of another width than the header, an absent
    member or sheet, a damaged container. No row is ever skipped.
    """
    if isinstance(format, FormatTableur):
        return Texte(*tableur.lire(chemin, lieu), None)
    if isinstance(format, FormatGeojson):
        return Texte(*geojson.lire(chemin, lieu), None)
    assert not isinstance(format, FormatParquet), "counted by ingestion.carreaux, never read as text"
    if isinstance(format, FormatXlsx):
        feuille = format.sheet and millesime.gabarit(format.sheet)
        ancien = isinstance(format, FormatXls)
        return Texte(*xlsx.lire(chemin, feuille, format.header_row, lieu, ancien=ancien), None)
    membre = None
    if isinstance(format, FormatZip) or zip.est_un_zip(chemin):
        attendu = millesime.member or (format.member if isinstance(format, FormatZip) else None)
        membre, octets = zip.extraire(chemin, attendu, lieu)
    else:
        octets = chemin.read_bytes()
    return Texte(*csv.lire(octets, format.encoding, format.separator, lieu), membre)
