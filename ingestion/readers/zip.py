"""Members of an archive, read once the archive is known to be whole, bounded and inside its folder."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from ingestion.erreurs import ErreurSource, Lieu, combien_de, sans_citation

TAILLE_MAX = 2 * 1024**3
# The most compressible real file measured is about 15; deflate tops out near 1 032.
RAPPORT_MAX = 200


def est_un_zip(chemin: Path) -> bool:
    """Whether the file starts as an archive does."""
    with chemin.open("rb") as f:
        return f.read(4) in (b"PK\x03\x04", b"PK\x05\x06")


def verifier(chemin: Path, lieu: Lieu) -> None:
    """Refuse an archive that is damaged, inflates too much, or reaches outside its folder.

    Every member is inflated once and compared with its declared size. Raises `ErreurSource`: `zip_tronque`,
    `zip_bombe`, `zip_traversee`.
    """
    try:
        with zipfile.ZipFile(chemin) as archive:
            membres = archive.infolist()
            for membre in membres:
                _refuser_traversee(membre.filename, lieu)
            declare = sum(m.file_size for m in membres)
            compresse = sum(m.compress_size for m in membres)
            if declare > TAILLE_MAX or declare > RAPPORT_MAX * max(compresse, 1024):
                raise _bombe(f"{declare} bytes declared for {compresse} compressed", lieu)
            lus = 0
            for membre in membres:
                with archive.open(membre) as f:
                    while bloc := f.read(1 << 20):
                        lus += len(bloc)
                        if lus > declare:
                            raise _bombe(f"more than the {declare} bytes declared", lieu)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as e:
        raise _tronque(e, lieu) from e


def extraire(chemin: Path, attendu: str | None, lieu: Lieu) -> tuple[str, bytes]:
    """Return (name, bytes) of a member of a verified archive. Raises `membre_absent`, `zip_tronque`."""
    with ouvrir(chemin, attendu, lieu) as (membre, f):
        return membre, f.read()


@contextmanager
def ouvrir(chemin: Path, attendu: str | None, lieu: Lieu) -> Iterator[tuple[str, IO[bytes]]]:
    """Give (name, stream) of the member named `attendu`, as `extraire` finds it."""
    try:
        with zipfile.ZipFile(chemin) as archive:
            noms = archive.namelist()
            voulus = [n for n in noms if _est(n, attendu)]
            if len(voulus) != 1:
                raise lieu.erreur(
                    "membre_absent",
                    observe=combien_de(noms, "members", attendu),
                    attendu=f"exactly one member named {attendu!r}" if attendu else "a plain file",
                    que_faire="if the address serves a newer millésime now, declare it with this `url` and "
                    f"its `member` in {lieu.contrat}, and take the `url` from this one; else correct the "
                    "`member`"
                    if attendu
                    else "unpack it, and drop the file alone",
                )
            with archive.open(voulus[0]) as f:
                yield voulus[0], f
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as e:
        raise _tronque(e, lieu) from e


def est_un_classeur(chemin: Path) -> bool:
    """Whether an archive that passed `verifier` is an Excel workbook."""
    with zipfile.ZipFile(chemin) as archive:
        return "xl/workbook.xml" in archive.namelist()


def taille(chemin: Path, attendu: str | None) -> int:
    """Return the inflated size of a member, or of the whole archive when it is not there."""
    with zipfile.ZipFile(chemin) as archive:
        membres = archive.infolist()
    voulus = [m for m in membres if _est(m.filename, attendu)]
    return sum(m.file_size for m in voulus or membres)


def _est(nom: str, attendu: str | None) -> bool:
    # Producers hesitate between .csv and .CSV.
    return attendu is not None and PurePosixPath(nom).name.lower() == attendu.lower()


def _refuser_traversee(nom: str, lieu: Lieu) -> None:
    segments = nom.replace("\\", "/").split("/")
    if segments[0] == "" or ":" in segments[0] or ".." in segments:
        raise lieu.erreur(
            "zip_traversee",
            observe="a member whose name leads elsewhere",
            attendu="members with relative names, without `..`",
            que_faire="do not use this file; tell the producer, or fetch it from its official address",
        )


def _bombe(observe: str, lieu: Lieu) -> ErreurSource:
    return lieu.erreur(
        "zip_bombe",
        observe=observe,
        attendu=f"at most {TAILLE_MAX} bytes in all and {RAPPORT_MAX} times the compressed size",
        que_faire="do not use this file; fetch it again from the producer's official address",
    )


def _tronque(e: Exception, lieu: Lieu) -> ErreurSource:
    return lieu.erreur(
        "zip_tronque",
        observe=f"{type(e).__name__}: {sans_citation(str(e))}",
        attendu="a complete zip archive",
        que_faire="fetch the file again; if it comes back the same, tell the producer",
    )
