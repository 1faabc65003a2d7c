"""Every way in which a contract could read the header of a file: its encoding, separator, sheet, member."""

from __future__ import annotations

import codecs
import csv
import gzip
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from ingestion import readers
from ingestion.contrats.grammaire import (
    Encodage,
    Format,
    FormatCsv,
    FormatGeojson,
    FormatParquet,
    FormatXls,
    FormatXlsx,
    FormatZip,
)
from ingestion.erreurs import ErreurSource, Lieu
from ingestion.readers import parquet
from ingestion.readers.csv import codec
from ingestion.readers.gz import GZIP
from ingestion.readers.zip import est_un_classeur, est_un_zip
from socle.classeur import CASES_MAX, ClasseurIllisible, plus_grande_feuille

# How a workbook of Excel 97 begins.
OLE = b"\xd0\xcf\x11\xe0"
# Bytes read to find the header and the encoding of a file.
DEBUT = 1 << 20
# The order matters: iso-8859-15 decodes anything.
ENCODAGES: tuple[Encodage, ...] = ("utf-8", "cp1252", "iso-8859-15")


@dataclass(frozen=True)
class Lecture:
    """One way to read the header of a file, and the format that a contract of such files would declare."""

    entetes: list[str]
    format: FormatCsv | FormatZip | FormatXlsx | FormatGeojson | FormatParquet
    membre: str | None = None


@contextmanager
def degonfle(chemin: Path) -> Iterator[tuple[Path, bool]]:
    """Give the file inflated, and whether it was a gzip: a copy outside any CTG_HOME, then removed."""
    with chemin.open("rb") as f:
        comprime = f.read(2) == GZIP
    if not comprime:
        yield chemin, False
        return
    with tempfile.TemporaryDirectory() as dossier:
        clair = Path(dossier) / chemin.name.removesuffix(".gz")
        try:
            with gzip.open(chemin) as source, clair.open("wb") as cible:
                shutil.copyfileobj(source, cible)
        except (EOFError, gzip.BadGzipFile, zlib.error):
            # Truncated: a night says so; what inflated shows whose file it is.
            pass
        yield clair, True


def lectures(chemin: Path, formats: Sequence[Format]) -> Iterator[Lecture]:
    """Yield every way in which a contract could read this file."""
    if est_un_zip(chemin):
        yield from (
            _du_classeur(chemin, formats) if est_un_classeur(chemin) else _de_l_archive(chemin, formats)
        )
        return
    with chemin.open("rb") as f:
        debut = f.read(DEBUT)
    if debut.startswith(OLE):
        yield from _du_classeur(chemin, formats, ancien=True)
        return
    if debut.startswith(parquet.DEBUT):
        try:
            entetes = parquet.entete(chemin, Lieu("essai", "essai", None, chemin.name))
        except ErreurSource:
            return
        yield Lecture(entetes, FormatParquet(kind="parquet"))
        return
    if debut.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
        try:
            entetes, _, _ = readers.geojson.lire(chemin, Lieu("essai", "essai", None, chemin.name))
        except ErreurSource:
            return
        yield Lecture(entetes, FormatGeojson(kind="geojson"))
        return
    for entetes, format in _du_texte(debut, formats):
        yield Lecture(entetes, format)


def _de_l_archive(chemin: Path, formats: Sequence[Format]) -> Iterator[Lecture]:
    with zipfile.ZipFile(chemin) as archive:
        for nom in archive.namelist():
            if nom.lower().endswith((".csv", ".txt")):
                with archive.open(nom) as f:
                    debut = f.read(DEBUT)
                membre = Path(nom).name
                for entetes, lu in _du_texte(debut, formats):
                    format = FormatZip.model_validate({**lu.model_dump(), "kind": "zip", "member": membre})
                    yield Lecture(entetes, format, membre)


def _du_classeur(chemin: Path, formats: Sequence[Format], *, ancien: bool = False) -> Iterator[Lecture]:
    rangs = sorted({f.header_row for f in formats if isinstance(f, FormatXlsx)} | {1})
    try:
        if not ancien and plus_grande_feuille(chemin).cases > CASES_MAX:
            return
        with chemin.open("rb") as f:
            classeur = CalamineWorkbook.from_filelike(f)
        for feuille in classeur.sheet_names:
            lues = classeur.get_sheet_by_name(feuille).to_python(skip_empty_area=False, nrows=rangs[-1])
            for rang in (r for r in rangs if r <= len(lues)):
                entetes = [str(c) for c in lues[rang - 1]]
                if ancien:
                    yield Lecture(entetes, FormatXls(kind="xls", sheet=feuille, header_row=rang))
                else:
                    yield Lecture(entetes, FormatXlsx(kind="xlsx", sheet=feuille, header_row=rang))
    except (CalamineError, ClasseurIllisible):
        return


def _du_texte(debut: bytes, formats: Sequence[Format]) -> Iterator[tuple[list[str], FormatCsv]]:
    """Read a header in the first encoding that its file decodes in, with every separator of the contracts."""
    if b"\0" in debut or not debut.strip():
        # An old workbook, a picture, nothing: no text.
        return
    encodage = next(e for e in ENCODAGES if _se_decode(debut, e))
    premiere = re.split(r"[\r\n]", debut.decode(codec(encodage), "replace"), maxsplit=1)[0]
    connus = {f.separator for f in formats if isinstance(f, FormatCsv | FormatZip)}
    for separateur in sorted(connus | {";", ",", "\t"}, key=";,\t".find):
        entetes = next(csv.reader([premiere], delimiter=separateur), [])
        yield entetes, FormatCsv(kind="csv", encoding=encodage, separator=separateur)


def _se_decode(debut: bytes, encodage: str) -> bool:
    try:
        # The last character may be cut.
        codecs.getincrementaldecoder(codec(encodage))().decode(debut)
    except UnicodeDecodeError:
        return False
    return True
