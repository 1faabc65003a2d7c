"""Strict CSV: bytes to columns of text, with the first physical line of each row.

Belongs here: decoding and splitting. Does not belong here: casting, markers, column maps.

Two readers of one meaning. The standard library's is the rule: it knows every form of quoting, and places a
fault. Arrow's is the fast one, and reads the files of which the form leaves no doubt: one line per row,
quotes around whole cells or nowhere. Whatever it cannot read goes to the first.
"""

from __future__ import annotations

import csv
import io
import re

import pyarrow as pa
import pyarrow.csv as pacsv

from ingestion.erreurs import Lieu, premiers

Colonnes = tuple[list[str], list[pa.Array], pa.Array]

COLONNES_MAX = 10_000
"""Most columns of a header: the widest file under contract has a hundred."""


def lire(octets: bytes, encodage: str, separateur: str, lieu: Lieu) -> Colonnes:
    """Return (headers, a column of text under each, first physical line of each row).

    Raises `ErreurSource`: `encodage`, `csv_illisible`, `trop_de_colonnes`, `nombre_de_champs`.
    """
    texte = _decoder(octets, encodage, lieu)
    # What is UTF-8 already is not encoded again.
    en_utf8 = octets.removeprefix(b"\xef\xbb\xbf") if encodage.startswith("utf-8") else texte.encode()
    if (colonnes := _lire_simple(en_utf8, separateur)) is not None:
        return colonnes
    return _lire_strict(texte, separateur, lieu)


def _lire_simple(octets: bytes, separateur: str) -> Colonnes | None:
    """Read a file of a form without doubt; None for any other."""
    if b"\0" in octets or octets.count(b"\r") != octets.count(b"\r\n") or not separateur.isascii():
        return None
    # An empty line is a row of no field, which Arrow does not refuse everywhere.
    if b"\n\n" in octets or b"\n\r\n" in octets:
        return None
    entre_guillemets = b'"' in octets
    if entre_guillemets and not _cellules_entieres(octets, separateur):
        return None
    premiere, _, reste = octets.partition(b"\n")
    entete = next(csv.reader([premiere.decode()], delimiter=separateur, strict=True), [])
    if not 2 <= len(entete) <= COLONNES_MAX or not reste:
        return None
    try:
        table = pacsv.read_csv(
            pa.BufferReader(reste),
            read_options=pacsv.ReadOptions(column_names=[f"c{i}" for i in range(len(entete))]),
            parse_options=pacsv.ParseOptions(
                delimiter=separateur,
                quote_char='"' if entre_guillemets else False,
                newlines_in_values=False,
                ignore_empty_lines=False,
            ),
            convert_options=pacsv.ConvertOptions(
                column_types={f"c{i}": pa.string() for i in range(len(entete))},
                strings_can_be_null=False,
                quoted_strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid:
        return None
    colonnes = [d_un_bloc(c) for c in table.columns]
    return entete, colonnes, pa.array(range(2, table.num_rows + 2), pa.int32())


def _cellules_entieres(octets: bytes, separateur: str) -> bool:
    """Whether every quote belongs to a cell wholly between quotes, on one line."""
    s = re.escape(separateur.encode())
    cellule = rb"(?:^|(?<=[" + s + rb'\n]))"(?:[^"\r\n]|"")*"(?=[' + s + rb"\r\n]|\Z)"
    return b'"' not in re.sub(cellule, b"", octets)


def d_un_bloc(colonne: pa.ChunkedArray) -> pa.Array:
    """A column in one piece, copied only where it is in several."""
    return colonne.combine_chunks() if colonne.num_chunks != 1 else colonne.chunk(0)


def _lire_strict(texte: str, separateur: str, lieu: Lieu) -> Colonnes:
    lecteur = csv.reader(io.StringIO(texte, newline=""), delimiter=separateur, strict=True)
    entete: list[str] = []
    rangs: list[list[str]] = []
    lignes: list[int] = []
    debut = 1
    try:
        entete = next(lecteur, [])
        _verifier_largeur(entete, lieu)
        debut = lecteur.line_num + 1
        for rang in lecteur:
            rangs.append(rang)
            lignes.append(debut)
            debut = lecteur.line_num + 1
    except csv.Error as e:
        raise lieu.erreur(
            "csv_illisible",
            ligne=debut,
            observe=f"record starting on line {debut}: {e}",
            attendu=f"CSV with separator {separateur!r} and well-closed quotes",
            que_faire="open the file at that line; if it was cut on its way, fetch it again",
        ) from e
    faux = [
        (k, ligne) for k, (r, ligne) in enumerate(zip(rangs, lignes, strict=True)) if len(r) != len(entete)
    ]
    if faux:
        premier, ligne = faux[0]
        coupee = premier == len(rangs) - 1 and len(rangs[premier]) < len(entete) and not texte.endswith("\n")
        cas = [(autre, f"{len(rangs[k])} fields: {separateur.join(rangs[k])[:80]}") for k, autre in faux]
        raise lieu.erreur(
            "nombre_de_champs",
            ligne=ligne,
            observe=premiers(cas) + (", where the file ends without an end of line" if coupee else ""),
            attendu=f"{len(entete)} fields, as in the header",
            que_faire="the file was cut on its way: fetch it again"
            if coupee
            else f"check the separator in {lieu.contrat} ({separateur!r}), then the file at that line",
        )
    return entete, en_colonnes(rangs, len(entete)), pa.array(lignes, pa.int32())


def _verifier_largeur(entete: list[str], lieu: Lieu) -> None:
    # Before any row is read: a million columns take a minute and 8 GB to be refused for what they hold.
    if len(entete) > COLONNES_MAX:
        raise lieu.erreur(
            "trop_de_colonnes",
            ligne=1,
            observe=f"{len(entete)} columns: {', '.join(map(repr, entete[:5]))}…",
            attendu=f"at most {COLONNES_MAX} columns",
            que_faire="open the file: its ends of lines may be lost, or it is another one; fetch it again",
        )


def en_colonnes(rangs: list[list[str]], largeur: int) -> list[pa.Array]:
    """Turn rows of one width into columns."""
    if not rangs:
        return [pa.array([], pa.string()) for _ in range(largeur)]
    return [pa.array(cellules, pa.string()) for cellules in zip(*rangs, strict=True)]


def _decoder(octets: bytes, encodage: str, lieu: Lieu) -> str:
    # A byte-order mark is never part of the first header, declared or not.
    codec = "utf-8-sig" if encodage == "utf-8" else encodage
    try:
        return octets.decode(codec)
    except UnicodeDecodeError as e:
        ligne = octets.count(b"\n", 0, e.start) + 1
        position = e.start - octets.rfind(b"\n", 0, e.start)
        raise lieu.erreur(
            "encodage",
            ligne=ligne,
            observe=f"byte 0x{octets[e.start]:02x} at line {ligne}, byte {position} of the line",
            attendu=f"text in {encodage}",
            que_faire="if a spreadsheet saved it, save it as « CSV UTF-8 », or drop the file as its producer"
            f" gives it; if the producer changed its encoding, change it in {lieu.contrat}",
        ) from e
