"""From bytes on disk to rows of text, each with its first physical line.

Belongs here: encodings, separators, archives, sheets. Does not belong here: what a column means or
how its text becomes a typed value (`ingestion.normalise`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

from ingestion.contrats import Millesime
from ingestion.contrats.grammaire import Format, FormatTableur, FormatXlsx, FormatZip
from ingestion.errors import Lieu
from ingestion.readers import csv, tableur, xlsx, zip


@dataclass(frozen=True)
class Texte:
    """A file as text: its header, its rows, and the first physical line (1-based) of each row."""

    entete: list[str]
    rangs: list[list[str]]
    lignes: list[int]
    membre: str | None

    def sans(self, motifs: dict[str, str]) -> Texte:
        """Return it without the rows of which a cell is, in full, what `motifs` says of its header."""
        ecartes = [(self.entete.index(e), re.compile(m)) for e, m in motifs.items() if e in self.entete]
        gardes = [i for i, r in enumerate(self.rangs) if not any(m.fullmatch(r[c]) for c, m in ecartes)]
        return replace(self, rangs=[self.rangs[i] for i in gardes], lignes=[self.lignes[i] for i in gardes])


def lire(chemin: Path, format: Format, millesime: Millesime, lieu: Lieu) -> Texte:
    """Read a landed file as text, unzipping it when the producer serves an archive.

    Raises `ErreurSource` when a byte does not decode, a row has another number of fields than the
    header, a member or a sheet is absent, or the container is damaged. No row is ever skipped.
    """
    if isinstance(format, FormatTableur):
        return Texte(*tableur.lire(chemin, lieu), None)
    if isinstance(format, FormatXlsx):
        feuille = format.sheet and millesime.gabarit(format.sheet)
        entete, rangs, lignes = xlsx.lire(chemin, feuille, format.header_row, lieu)
        return Texte(entete, rangs, lignes, None)
    membre = None
    if isinstance(format, FormatZip) or zip.est_un_zip(chemin):
        attendu = millesime.member or (format.member if isinstance(format, FormatZip) else None)
        membre, octets = zip.extraire(chemin, attendu, lieu)
    else:
        octets = chemin.read_bytes()
    entete, rangs, lignes = csv.lire(octets, format.encoding, format.separator, lieu)
    return Texte(entete, rangs, lignes, membre)
