"""Strict CSV: bytes to rows of text with their first physical line.

Belongs here: decoding and splitting. Does not belong here: casting, markers, column maps.
"""

from __future__ import annotations

import csv
import io

from ingestion.errors import Lieu, premiers


def lire(
    octets: bytes, encodage: str, separateur: str, lieu: Lieu
) -> tuple[list[str], list[list[str]], list[int]]:
    """Return (header, rows, first physical line of each row).

    Raises `ErreurSource`: `encodage`, `csv_illisible`, `nombre_de_champs`.
    """
    texte = _decoder(octets, encodage, lieu)
    lecteur = csv.reader(io.StringIO(texte, newline=""), delimiter=separateur, strict=True)
    entete: list[str] = []
    rangs: list[list[str]] = []
    lignes: list[int] = []
    debut = 1
    try:
        entete = next(lecteur, [])
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
        (ligne, f"{len(r)} fields: {separateur.join(r)[:80]}")
        for r, ligne in zip(rangs, lignes, strict=True)
        if len(r) != len(entete)
    ]
    if faux:
        raise lieu.erreur(
            "nombre_de_champs",
            ligne=faux[0][0],
            observe=premiers(faux),
            attendu=f"{len(entete)} fields, as in the header",
            que_faire=f"check the separator in {lieu.contrat} ({separateur!r}), then the file at that line",
        )
    return entete, rangs, lignes


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
            que_faire=f"open the file, and if the producer changed its encoding, change it in {lieu.contrat}",
        ) from e
