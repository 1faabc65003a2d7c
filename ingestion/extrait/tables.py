"""Opening a file of the extract, and streaming its mapped columns as text.

No message here may come from the file or from a library.
"""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from ingestion.erreurs import ErreurSource, Lieu, Refus
from ingestion.extrait.avancement import Avancement
from ingestion.extrait.correspondance import FormatCsvExtrait, FormatParquet
from ingestion.extrait.erreurs import combien

BLOC = 16 << 20
LOT = 131_072
ENTETE_MAX = 1 << 20
DEBUTS_D_ARCHIVE = (b"PK\x03\x04", b"\x1f\x8b", b"7z\xbc\xaf", b"BZh", b"\xfd7zXZ")
# After so many rows with a wrong number of fields, the separator is wrong, and reading stops.
MAL_COUPEES_MAX = 10_000
TEXTE_REPETE = pa.dictionary(pa.int32(), pa.string())


# Columns of some rows, by header.
Lot = dict[str, pa.Array]


@contextmanager
def _taire_les_degats() -> Iterator[None]:
    """Leave out what a library says of a damaged file; memory or a share that fails is another matter."""
    try:
        yield
    except MemoryError:
        raise
    except (OSError, pa.ArrowException) as e:
        # Arrow's own errors of reading have no errno; those of the system have one.
        if getattr(e, "errno", None):
            raise


@contextmanager
def _taire_les_rangs() -> Iterator[None]:
    """Keep Python from printing that Arrow could not decode a row to hand it over: the refusal says it."""
    avant = sys.unraisablehook
    sys.unraisablehook = lambda e: None if isinstance(e.exc_value, UnicodeDecodeError) else avant(e)
    try:
        yield
    finally:
        sys.unraisablehook = avant


class Table:
    """One file, opened: its headers, then its batches."""

    entetes: list[str]

    def __init__(self, chemin: Path) -> None:
        """Keep where the file is."""
        self._chemin, self._octets, self._octets_lus = chemin, chemin.stat().st_size, 0

    def avancement(self, lignes: int) -> Avancement:
        """Return the progress in the file once that many rows are read."""
        return Avancement(self._chemin.name, lignes, min(self._octets_lus, self._octets), self._octets)

    def lots(self, voulues: Iterable[str]) -> Iterator[Lot]:
        """Stream the columns of these headers, as dictionary-encoded text without null."""
        raise NotImplementedError

    def ligne(self, rang: int) -> int:
        """Physical line of a row given by its rank, once streamed."""
        return rang + 1

    def erreurs(self) -> list[ErreurSource]:
        """Return what streaming found wrong with the file itself."""
        return []


def ouvrir(chemin: Path, format: FormatCsvExtrait | FormatParquet, lieu: Lieu) -> Table:
    """Open a file of the extract. Raises `Refus` when its bytes cannot be one."""
    with chemin.open("rb") as f:
        debut = f.read(1024)
    if not debut.strip():
        raise lieu.refus(
            "vide",
            observe="no bytes, or blank ones alone",
            attendu=f"a {format.type} file",
            que_faire="export the extract again",
        )
    if debut.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        raise lieu.refus(
            "html",
            observe="a file that starts like a page (<)",
            attendu=f"a {format.type} file",
            que_faire="download the extract again: a portal showed a page in its place",
        )
    if isinstance(format, FormatParquet):
        return _Parquet(chemin, debut, lieu)
    if debut.startswith((*DEBUTS_D_ARCHIVE, b"PAR1")):
        raise lieu.refus(
            "csv_illisible",
            observe="a Parquet file" if debut.startswith(b"PAR1") else "an archive or a workbook",
            attendu="a CSV file",
            que_faire="unpack it, or give its format in the mapping",
        )
    return _Csv(chemin, format, lieu)


class _Csv(Table):
    def __init__(self, chemin: Path, format: FormatCsvExtrait, lieu: Lieu) -> None:
        super().__init__(chemin)
        self._format, self._lieu = format, lieu
        self._mal_coupees: list[int] = []
        with chemin.open("rb") as f:
            premiere = f.readline(ENTETE_MAX)
            f.seek(-1, os.SEEK_END)
            termine = f.read(1) in b"\r\n"
        if not termine and format.fin_sans_saut == "non":
            raise lieu.refus(
                "tronque",
                observe="a last line that does not end",
                attendu="an end of line after the last row",
                que_faire="compare the size with the sender's and export again; if this export never "
                "ends its last line, write `fin_sans_saut: oui` under its format in the mapping",
            )
        texte = premiere.decode(format.encodage, "replace").removeprefix("\ufeff").rstrip("\r\n")
        entetes = None
        with suppress(csv.Error):
            entetes = next(csv.reader([texte], delimiter=format.separateur), [])
        if entetes is None:
            raise lieu.refus(
                "entete",
                observe="a first line that is not one row of names",
                attendu="a header on a line of its own",
                que_faire="check that lines end by a line feed (LF or CRLF), and the separator",
                ligne=1,
            )
        self.entetes = entetes

    def lots(self, voulues: Iterable[str]) -> Iterator[Lot]:
        noms = list(voulues)
        mauvais_octets = False
        try:
            with _taire_les_rangs(), self._lecteur(noms) as lecteur:
                for lot in lecteur:
                    # One batch a block.
                    self._octets_lus += BLOC
                    yield {nom: lot.column(nom) for nom in noms}
        except UnicodeDecodeError:
            mauvais_octets = True
        except pa.ArrowInvalid as e:
            mauvais_octets = "UTF8" in str(e)
            # A row that is cut wrong and cannot be decoded either never comes to `_noter`.
            mauvais_octets |= "Expected" in str(e) and len(self._mal_coupees) < MAL_COUPEES_MAX
            if len(self._mal_coupees) < MAL_COUPEES_MAX and not mauvais_octets:
                raise
        # Raised outside of the handlers: the message of the library quotes the row.
        if len(self._mal_coupees) >= MAL_COUPEES_MAX:
            raise Refus(self.erreurs())
        if mauvais_octets:
            raise self._lieu.refus(
                "encodage",
                observe=f"a byte that is not {self._format.encodage}",
                attendu="the encoding that the mapping declares",
                que_faire="give the export's own encoding under its format (cp1252 is common)",
            )

    def _lecteur(self, noms: list[str]) -> pacsv.CSVStreamingReader:
        return pacsv.open_csv(
            self._chemin,
            read_options=pacsv.ReadOptions(
                # On several threads, the library does not know the line of a row.
                use_threads=False,
                block_size=BLOC,
                column_names=self.entetes,
                skip_rows=1,
                encoding="utf8" if self._format.encodage.startswith("utf-8") else self._format.encodage,
            ),
            parse_options=pacsv.ParseOptions(
                delimiter=self._format.separateur,
                ignore_empty_lines=False,
                invalid_row_handler=self._noter,
            ),
            convert_options=pacsv.ConvertOptions(
                include_columns=noms,
                column_types=dict.fromkeys(noms, TEXTE_REPETE),
                strings_can_be_null=False,
                quoted_strings_can_be_null=False,
            ),
        )

    def _noter(self, rang: pacsv.InvalidRow) -> str:
        self._mal_coupees.append(rang.number)
        return "skip" if len(self._mal_coupees) < MAL_COUPEES_MAX else "error"

    def ligne(self, rang: int) -> int:
        ligne = rang + 2
        for mal_coupee in self._mal_coupees:
            if mal_coupee > ligne:
                break
            ligne += 1
        return ligne

    def erreurs(self) -> list[ErreurSource]:
        if not self._mal_coupees:
            return []
        return [
            self._lieu.erreur(
                "nombre_de_champs",
                observe=combien(len(self._mal_coupees)),
                attendu=f"{len(self.entetes)} fields, as in the header, on one line",
                que_faire="check the separator and the quotes of the export, and that the file is whole",
                ligne=self._mal_coupees[0],
            )
        ]


# Types of Parquet columns with a text as a person writes it.
_TYPES = (
    *(pa.types.is_string, pa.types.is_large_string, pa.types.is_null, pa.types.is_boolean),
    *(pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal),
    *(pa.types.is_date, pa.types.is_timestamp),
)


class _Parquet(Table):
    def __init__(self, chemin: Path, debut: bytes, lieu: Lieu) -> None:
        super().__init__(chemin)
        self._lieu = lieu
        fin = debut[-4:]
        if len(debut) >= 4:
            with chemin.open("rb") as f:
                f.seek(-4, os.SEEK_END)
                fin = f.read()
        if not debut.startswith(b"PAR1") or fin != b"PAR1":
            entier = not debut.startswith(b"PAR1")
            raise lieu.refus(
                "parquet_illisible" if entier else "tronque",
                observe="other bytes than Parquet's" if entier else "a Parquet file without its end",
                attendu="a whole Parquet file",
                que_faire="give its format in the mapping" if entier else "copy the file again",
            )
        fichier = None
        with _taire_les_degats():
            fichier = pq.ParquetFile(chemin)
        if fichier is None:
            raise self._abime()
        self._fichier = fichier
        self.entetes = self._fichier.schema_arrow.names

    def lots(self, voulues: Iterable[str]) -> Iterator[Lot]:
        noms, entier, lues, toutes = list(voulues), False, 0, self._fichier.metadata.num_rows
        for nom in noms:
            self._exiger_un_type(nom)
        with _taire_les_degats():
            # Text is read as the dictionary that the file already holds.
            types = {c.name: c.type for c in self._fichier.schema_arrow}
            textes = [nom for nom in noms if pa.types.is_string(types[nom])]
            fichier = pq.ParquetFile(self._chemin, metadata=self._fichier.metadata, read_dictionary=textes)
            for lot in fichier.iter_batches(batch_size=LOT, columns=noms):
                lues += lot.num_rows
                self._octets_lus = self._octets * lues // toutes
                yield {nom: _repetes(lot.column(nom)) for nom in noms}
            entier = True
        # Raised outside of the handlers: the message of the library may quote the row.
        if not entier:
            raise self._abime()

    def _exiger_un_type(self, nom: str) -> None:
        type_ = self._fichier.schema_arrow.field(nom).type
        if pa.types.is_dictionary(type_):
            type_ = type_.value_type
        if not any(est(type_) for est in _TYPES):
            raise self._lieu.refus(
                "parquet_illisible",
                observe="lists, structures, bytes or times",
                attendu="texts, numbers, dates or booleans",
                que_faire="export this column as text",
                colonne=nom,
            )

    def _abime(self) -> Refus:
        return self._lieu.refus(
            "parquet_illisible",
            observe="a Parquet file with pages that cannot be read",
            attendu="a whole Parquet file",
            que_faire="copy the file again, or export it again if that is not enough",
        )


def en_avance(lots: Iterator[Lot]) -> Iterator[Lot]:
    """Yield batches while a thread makes the next one: pyarrow's readers use one core, outside of the GIL."""
    with ThreadPoolExecutor(1, "lots") as fil:
        suivant = fil.submit(next, lots, None)
        while (lot := suivant.result()) is not None:
            suivant = fil.submit(next, lots, None)
            yield lot


def _repetes(valeurs: pa.Array) -> pa.DictionaryArray:
    if not pa.types.is_dictionary(valeurs.type):
        valeurs = valeurs.dictionary_encode()
    distincts = pa.concat_arrays([pc.fill_null(_textes(valeurs.dictionary), ""), pa.array([""])])
    rangs = pc.fill_null(valeurs.indices.cast(pa.int32()), len(distincts) - 1)
    return pa.DictionaryArray.from_arrays(rangs, distincts)


def _textes(valeurs: pa.Array) -> pa.Array:
    """Turn typed values into text as a person writes them in a file."""
    type_ = valeurs.type
    if pa.types.is_floating(type_):
        # A cent has no exact double: what is within a millionth of one is that cent.
        nombres = valeurs.cast(pa.float64())
        # Beyond, a double has no cents, and may be too large to be rounded.
        petits = pc.less(pc.abs(nombres), 1e14)
        cents = pc.round(pc.if_else(petits, nombres, 0.0), 2)
        proches = pc.and_(petits, pc.less(pc.abs(pc.subtract(nombres, cents)), 1e-6))
        return pc.if_else(proches, cents, nombres).cast(pa.string())
    if pa.types.is_timestamp(type_) or pa.types.is_date(type_):
        return pc.strftime(valeurs.cast(pa.date32()), "%Y-%m-%d")
    return valeurs.cast(pa.string())
