"""Strict CSV to columns of text, each row with its first physical line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import islice

import pyarrow as pa

from ingestion.erreurs import ErreurSource, Lieu, premiers

Colonnes = tuple[list[str], list[pa.Array], pa.Array]
Enregistrement = tuple[int, list[str]]
BLOC = 50_000

COLONNES_MAX = 10_000
"""Most columns of a header: the widest file under contract has a hundred."""


def lire(octets: bytes, encodage: str, separateur: str, lieu: Lieu) -> Colonnes:
    """Return (headers, a column of text under each, first physical line of each row).

    Raises `ErreurSource`: `encodage`, `csv_illisible`, `trop_de_colonnes`, `nombre_de_champs`.
    """
    texte = _decoder(octets, encodage, lieu)
    lus = enregistrements(io.StringIO(texte, newline=""), separateur, lieu)
    _, entete = next(lus, (1, []))
    _verifier_largeur(entete, lieu)
    lignes, blocs, faux, dernier = list[int](), list[list[pa.Array]](), list[Enregistrement](), None
    # A whole file as Python texts would take ten times its size.
    while bloc := list(islice(lus, BLOC)):
        faux += [(ligne, rang) for ligne, rang in bloc if len(rang) != len(entete)]
        lignes += [ligne for ligne, _ in bloc]
        dernier = bloc[-1]
        if not faux:
            cellules = zip(*(rang for _, rang in bloc), strict=True)
            blocs.append([pa.array(c, pa.string()) for c in cellules])
    if faux and dernier:
        coupee = faux[0] == dernier and len(dernier[1]) < len(entete) and not texte.endswith("\n")
        raise mauvaise_largeur(faux, len(entete), separateur, lieu, coupee=coupee)
    colonnes = [pa.concat_arrays(c) for c in zip(*blocs, strict=True)]
    return entete, colonnes or [pa.array([], pa.string()) for _ in entete], pa.array(lignes, pa.int32())


def enregistrements(lignes: Iterable[str], separateur: str, lieu: Lieu) -> Iterator[Enregistrement]:
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
    faux: list[Enregistrement], largeur: int, separateur: str, lieu: Lieu, *, coupee: bool = False
) -> ErreurSource:
    """Return the error of records that have not `largeur` fields; `coupee`: the copy stopped there."""
    # Before the header is compared with the contract's, the file may be anybody's: no row is quoted.
    cas = [(ligne, f"{len(rang)} fields") for ligne, rang in faux]
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
    # Reading the rows of a million columns would take a minute and 8 GB before the refusal.
    if len(entete) > COLONNES_MAX:
        raise lieu.erreur(
            "trop_de_colonnes",
            ligne=1,
            observe=f"{len(entete)} columns",
            attendu=f"at most {COLONNES_MAX} columns",
            que_faire="open the file: its ends of lines may be lost, or it is another one; fetch it again",
        )


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
