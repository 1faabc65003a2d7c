"""Strict CSV to columns of text: Arrow reads plain files; the standard library places every fault."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator

import pyarrow as pa
import pyarrow.csv as pacsv

from ingestion.erreurs import ErreurSource, Lieu, premiers

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
    """Read a plain file: one line per row, quotes around whole cells or nowhere; None for any other."""
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
    lus = enregistrements(io.StringIO(texte, newline=""), separateur, lieu)
    _, entete = next(lus, (1, []))
    _verifier_largeur(entete, lieu)
    rangs = list(lus)
    if faux := [k for k, (_, rang) in enumerate(rangs) if len(rang) != len(entete)]:
        courte = len(rangs[-1][1]) < len(entete) and not texte.endswith("\n")
        coupee = faux[0] == len(rangs) - 1 and courte
        raise mauvaise_largeur([rangs[k] for k in faux], len(entete), separateur, lieu, coupee=coupee)
    lignes = pa.array([ligne for ligne, _ in rangs], pa.int32())
    return entete, en_colonnes([rang for _, rang in rangs], len(entete)), lignes


def enregistrements(lignes: Iterable[str], separateur: str, lieu: Lieu) -> Iterator[tuple[int, list[str]]]:
    """Yield the first line of each record, and its fields. Raises `ErreurSource` (`csv_illisible`)."""
    lecteur, debut = csv.reader(lignes, delimiter=separateur, strict=True), 1
    try:
        for rang in lecteur:
            yield debut, rang
            debut = lecteur.line_num + 1
    except csv.Error as e:
        raise mal_forme(debut, str(e), separateur, lieu) from e


def mal_forme(ligne: int, dit: str, separateur: str, lieu: Lieu) -> ErreurSource:
    """Return the error of a text that is not CSV from that line on."""
    return lieu.erreur(
        "csv_illisible",
        ligne=ligne,
        observe=f"record starting on line {ligne}: {dit}",
        attendu=f"CSV with separator {separateur!r} and well-closed quotes",
        que_faire="open the file at that line; if it was cut on its way, fetch it again",
    )


def mauvaise_largeur(
    faux: list[tuple[int, list[str]]], largeur: int, separateur: str, lieu: Lieu, *, coupee: bool = False
) -> ErreurSource:
    """Return the error of records that have not `largeur` fields; `coupee`: the copy stopped there."""
    cas = [(ligne, f"{len(rang)} fields: {separateur.join(rang)[:80]}") for ligne, rang in faux]
    return lieu.erreur(
        "nombre_de_champs",
        ligne=cas[0][0],
        observe=premiers(cas) + (", where the file ends without an end of line" if coupee else ""),
        attendu=f"{largeur} fields, as in the header",
        que_faire="the file was cut on its way: fetch it again"
        if coupee
        else f"check the separator in {lieu.contrat} ({separateur!r}), then the file at that line",
    )


def mal_encode(ligne: int, observe: str, encodage: str, lieu: Lieu) -> ErreurSource:
    """Return the error of a byte that does not decode, on that line or after."""
    return lieu.erreur(
        "encodage",
        ligne=ligne,
        observe=observe,
        attendu=f"text in {encodage}",
        que_faire="if a spreadsheet saved it, save it as « CSV UTF-8 », or drop the file as its producer"
        f" gives it; if the producer changed its encoding, change it in {lieu.contrat}",
    )


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


def codec(encodage: str) -> str:
    """Name the codec of an encoding: a byte-order mark is never part of the first header, declared or not."""
    return "utf-8-sig" if encodage == "utf-8" else encodage


def _decoder(octets: bytes, encodage: str, lieu: Lieu) -> str:
    try:
        return octets.decode(codec(encodage))
    except UnicodeDecodeError as e:
        ligne = octets.count(b"\n", 0, e.start) + 1
        position = e.start - octets.rfind(b"\n", 0, e.start)
        observe = f"byte 0x{octets[e.start]:02x} at line {ligne}, byte {position} of the line"
        raise mal_encode(ligne, observe, encodage, lieu) from e
