"""What a file gives a reader, whatever it wraps it in: the bytes, and the texts behind them.

Belongs here: opening archives within archives (workbooks, decks, compressed pages, data in a page), a PDF
down to its streams, strings, attachments and the text that its fonts spell, and undoing the escapes of HTML,
XML, JSON and addresses. What must not be found there is `balayage.py`'s. What cannot be opened is told, never
passed over.
"""

import base64
import binascii
import html
import io
import re
import urllib.parse
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

_ZIP, _GZIP, _PDF = b"PK\x03\x04", b"\x1f\x8b", b"%PDF"
_PROFONDEUR = 6
_DONNEES = re.compile(rb"base64,([A-Za-z0-9+/\s]{16,}={0,2})")
_ADRESSE = re.compile(r"%[0-9a-fA-F]{2}")
_ECHAPPE = re.compile(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})")
_BALISE = re.compile(r"<[^<>]*>")
_BLANC = re.compile(r"\s+")
_QUI_ECRIVENT = "Tf cm Tj ' \" TJ BDC BMC DP MP"
"""The operators of a PDF that choose a font, move, write or name: two in three only draw."""


def contenus(octets: bytes, nom: str = "", profondeur: int = 0) -> Iterator[tuple[str, bytes | None]]:
    """Yield a file's bytes, then those of all it holds, each with its place; None for what cannot be opened.

    portrait.pptx     itself, `ppt/slides/slide1.xml`, …, `ppt/embeddings/a.xlsx`,
                      `ppt/embeddings/a.xlsx/xl/worksheets/sheet1.xml`, …
    """
    yield nom, octets
    if profondeur >= _PROFONDEUR:
        yield nom, None
        return
    try:
        for place, contenu in _membres(octets):
            yield from contenus(contenu, f"{nom}/{place}".lstrip("/"), profondeur + 1)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, _Illisible):
        yield nom, None


def lisible(contenu: bytes) -> str | None:
    """Return the text of some bytes with its escapes undone, None where they are no text or have none.

    `&#99;anari`, `\\u0063anari` and `%63anari` are `canari`.
    """
    if b"&" not in contenu and b"\\" not in contenu and b"%" not in contenu:
        return None
    texte = _texte(contenu)
    return None if texte is None else _sans_echappement(texte)


def recolle(contenu: bytes) -> str | None:
    """Return the text of some bytes without escapes, tags nor blanks: what a format cut is whole again.

    `<a:t>can</a:t></a:r><a:r><a:t>ari</a:t>` is `canari`.
    """
    texte = _texte(contenu)
    return None if texte is None else _BLANC.sub("", _sans_echappement(_BALISE.sub("", texte)))


def _texte(contenu: bytes) -> str | None:
    if b"\0" in contenu[:1024]:
        return None
    return contenu.decode("utf-8", "replace")


def _sans_echappement(texte: str) -> str:
    if _ADRESSE.search(texte):
        texte = urllib.parse.unquote(texte)
    if "\\" in texte:
        texte = _ECHAPPE.sub(lambda m: chr(int(m[1] or m[2], 16)), texte)
    return html.unescape(texte)


class _Illisible(Exception):
    """A container that is not in the form that its first bytes announce."""


def _membres(octets: bytes) -> Iterator[tuple[str, bytes]]:
    if octets.startswith(_ZIP):
        with zipfile.ZipFile(io.BytesIO(octets)) as archive:
            for membre in sorted(archive.namelist()):
                yield membre, archive.read(membre)
    elif octets.startswith(_GZIP):
        yield "gzip", zlib.decompress(octets, wbits=31)
    elif octets.startswith(_PDF):
        yield from _pdf(octets)
    else:
        for rang, donnees in enumerate(_DONNEES.findall(octets)):
            try:
                yield f"base64[{rang}]", base64.b64decode(donnees)
            except binascii.Error:
                continue


# PDF --------------------------------------------------------------------------------------------------------


def _pdf(octets: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the streams of a PDF (content, metadata, attachments), its strings, and what its pages spell."""
    # Only a release that holds a PDF pays for the library.
    import pikepdf

    try:
        with pikepdf.open(io.BytesIO(octets)) as pdf:
            chaines: list[str] = []
            runs: list[str] = []
            polices: dict[tuple[int, int], _Police] = {}
            for objet in pdf.objects:
                _chaines(objet, chaines)
                if isinstance(objet, pikepdf.Stream):
                    try:
                        flux = objet.read_bytes()
                    except pikepdf.PdfError:  # a picture: its filter is its format
                        flux = objet.read_raw_bytes()
                    yield f"stream {objet.objgen[0]}", flux
                    if objet.get("/Subtype") == "/Form":
                        runs += _ecrits(objet, objet.get("/Resources"), polices, chaines)
            for page in pdf.pages:
                runs += _ecrits(page, page.get("/Resources"), polices, chaines)
            yield "strings", "\n".join(chaines).encode("utf-8", "surrogatepass")
            yield "text", "\n".join(runs).encode("utf-8", "surrogatepass")
    except (pikepdf.PdfError, ValueError, KeyError) as erreur:
        raise _Illisible from erreur


def _chaines(objet: Any, chaines: list[str]) -> None:
    """Add the strings and the names that an object holds, not those of the objects that it refers to."""
    import pikepdf

    if isinstance(objet, pikepdf.String | pikepdf.Name):
        chaines.append(str(objet))
    elif isinstance(objet, pikepdf.Array):
        elements: Any = objet
        for element in elements:
            if not getattr(element, "is_indirect", False):
                _chaines(element, chaines)
    elif isinstance(objet, pikepdf.Dictionary | pikepdf.Stream):
        for cle in objet.keys():  # noqa: SIM118 (iterating over a stream gives something else)
            chaines.append(cle)
            valeur = objet.get(cle)
            if not getattr(valeur, "is_indirect", False):
                _chaines(valeur, chaines)


def _ecrits(
    flux: Any, ressources: Any, polices: dict[tuple[int, int], "_Police"], chaines: list[str]
) -> list[str]:
    """Return the texts that a page or a form draws, run by run, and add the strings it marks them with.

    A font that was cut down writes 0x0017 for a 3: its map to Unicode says so. Drawings are set letter by
    letter: one that stands right after another, on its line, belongs to its run.
    """
    import pikepdf

    runs: list[str] = []
    police, corps = _Police(None), 0.0
    place = derniere = (0.0, 0.0, 0.0)
    fontes = ressources.get("/Font") if ressources is not None else None
    for instruction in pikepdf.parse_content_stream(flux, _QUI_ECRIVENT):
        operandes: Any = instruction.operands
        nom = str(instruction.operator)
        if nom == "Tf":
            police, corps = _Police(None), abs(float(operandes[1]))
            objet = fontes.get(str(operandes[0])) if fontes is not None else None
            if objet is not None:
                cle = objet.objgen
                police = polices[cle] if cle in polices else polices.setdefault(cle, _Police(objet))
        elif nom == "cm":
            place = (float(operandes[4]), float(operandes[5]), abs(float(operandes[0])))
        elif nom in ("Tj", "'", '"', "TJ"):
            morceaux = operandes[0] if nom == "TJ" else [operandes[-1]]
            ecrit = "".join(police.lire(bytes(m)) for m in morceaux if isinstance(m, pikepdf.String))
            pas, cote = place[0] - derniere[0], abs(place[1] - derniere[1])
            if runs and len(ecrit) <= 2 and cote < 0.1 and 0 < pas <= 1.1 * corps * place[2]:
                runs[-1] += ecrit
            else:
                runs.append(ecrit)
            derniere = place
        elif nom in ("BDC", "BMC", "DP", "MP"):
            for operande in operandes:
                _chaines(operande, chaines)
    return runs


class _Police:
    """How the codes of a font are read: its map to Unicode, Latin-1 where it has none."""

    def __init__(self, police: Any) -> None:
        self.signes: dict[bytes, str] = {}
        self.longueurs: list[int] = []
        carte = police.get("/ToUnicode") if police is not None else None
        if carte is not None:
            self._lire_carte(carte.read_bytes())

    def lire(self, codes: bytes) -> str:
        """Return the text that some codes stand for."""
        if not self.signes:
            return codes.decode("latin-1")
        signes, place = [], 0
        while place < len(codes):
            for longueur in self.longueurs:
                if (signe := self.signes.get(codes[place : place + longueur])) is not None:
                    signes.append(signe)
                    place += longueur
                    break
            else:
                place += self.longueurs[0]
        return "".join(signes)

    def _lire_carte(self, carte: bytes) -> None:
        for bloc in re.findall(rb"beginbfchar(.*?)endbfchar", carte, re.DOTALL):
            codes = re.findall(rb"<([0-9a-fA-F\s]*)>", bloc)
            for code, signe in zip(codes[::2], codes[1::2], strict=False):
                self.signes[_octets(code)] = _signe(_octets(signe))
        for bloc in re.findall(rb"beginbfrange(.*?)endbfrange", carte, re.DOTALL):
            for debut, fin, seul, liste in re.findall(
                rb"<([^>]*)>\s*<([^>]*)>\s*(?:<([^>]*)>|\[([^\]]*)\])", bloc
            ):
                premier, dernier, taille = int(debut, 16), int(fin, 16), len(_octets(debut))
                vers = [_octets(x) for x in re.findall(rb"<([^>]*)>", liste)]
                for rang, code in enumerate(range(premier, min(dernier, premier + 0xFFFF) + 1)):
                    if vers and rang >= len(vers):
                        break
                    cible = vers[rang] if vers else _suivant(_octets(seul), rang)
                    self.signes[code.to_bytes(taille, "big")] = _signe(cible)
        self.longueurs = sorted({len(code) for code in self.signes})


def _octets(hexadecimal: bytes) -> bytes:
    return bytes.fromhex(b"".join(hexadecimal.split()).decode("ascii"))


def _signe(utf16: bytes) -> str:
    return utf16.decode("utf-16-be", "replace")


def _suivant(utf16: bytes, rang: int) -> bytes:
    return (int.from_bytes(utf16, "big") + rang).to_bytes(len(utf16), "big")
