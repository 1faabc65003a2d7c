"""What the pages of a PDF spell, run by run, read through its fonts."""

import io
import re
from typing import Any

import pikepdf

ECRIVENT = "Tf cm Tj ' \" TJ"


def texte(octets: bytes) -> str:
    """The texts of pages and forms, a line for each run."""
    with pikepdf.open(io.BytesIO(octets)) as pdf:
        formes = [o for o in pdf.objects if isinstance(o, pikepdf.Stream) and o.get("/Subtype") == "/Form"]
        flux: list[Any] = [*formes, *pdf.pages]
        return "\n".join(run for un in flux for run in _runs(un, un.get("/Resources")))


def _runs(flux: Any, ressources: Any) -> list[str]:
    """Drawings are set letter by letter: one right after another, on its line, belongs to its run."""
    runs: list[str] = []
    police, corps = _Police(None), 0.0
    place = derniere = (0.0, 0.0, 0.0)
    fontes = ressources.get("/Font") if ressources is not None else None
    for instruction in pikepdf.parse_content_stream(flux, ECRIVENT):
        operandes: Any = instruction.operands
        nom = str(instruction.operator)
        if nom == "Tf":
            police = _Police(fontes.get(str(operandes[0])) if fontes is not None else None)
            corps = abs(float(operandes[1]))
        elif nom == "cm":
            place = (float(operandes[4]), float(operandes[5]), abs(float(operandes[0])))
        else:
            morceaux = operandes[0] if nom == "TJ" else [operandes[-1]]
            ecrit = "".join(police.lire(bytes(m)) for m in morceaux if isinstance(m, pikepdf.String))
            pas, cote = place[0] - derniere[0], abs(place[1] - derniere[1])
            if runs and len(ecrit) <= 2 and cote < 0.1 and 0 < pas <= 1.1 * corps * place[2]:
                runs[-1] += ecrit
            else:
                runs.append(ecrit)
            derniere = place
    return runs


class _Police:
    """A font that was cut down writes 0x0017 for a 3: its map to Unicode says so."""

    connues: dict[tuple[int, bytes], dict[bytes, str]] = {}  # noqa: RUF012

    def __init__(self, police: Any) -> None:
        carte = police.get("/ToUnicode") if police is not None else None
        octets = carte.read_bytes() if carte is not None else b""
        cle = len(octets), octets[:4096]
        if cle not in self.connues:
            self.connues[cle] = _carte(octets)
        self.signes = self.connues[cle]
        self.longueurs = sorted({len(code) for code in self.signes})

    def lire(self, codes: bytes) -> str:
        signes, place = [], 0
        while self.signes and place < len(codes):
            longueur = next(
                (n for n in self.longueurs if codes[place : place + n] in self.signes), self.longueurs[0]
            )
            signes.append(self.signes.get(codes[place : place + longueur], ""))
            place += longueur
        return "".join(signes) if self.signes else codes.decode("latin-1")


def _carte(carte: bytes) -> dict[bytes, str]:
    def octets(hexadecimal: bytes) -> bytes:
        return bytes.fromhex(b"".join(hexadecimal.split()).decode("ascii"))

    def signe(utf16: bytes) -> str:
        return utf16.decode("utf-16-be", "replace")

    signes: dict[bytes, str] = {}
    for bloc in re.findall(rb"beginbfchar(.*?)endbfchar", carte, re.DOTALL):
        codes = re.findall(rb"<([0-9a-fA-F\s]*)>", bloc)
        signes |= {octets(code): signe(octets(s)) for code, s in zip(codes[::2], codes[1::2], strict=False)}
    for bloc in re.findall(rb"beginbfrange(.*?)endbfrange", carte, re.DOTALL):
        for debut, fin, seul, liste in re.findall(
            rb"<([^>]*)>\s*<([^>]*)>\s*(?:<([^>]*)>|\[([^\]]*)\])", bloc
        ):
            vers = [octets(x) for x in re.findall(rb"<([^>]*)>", liste)]
            for rang in range(int(fin, 16) - int(debut, 16) + 1):
                code = (int(debut, 16) + rang).to_bytes(len(octets(debut)), "big")
                cible = int.from_bytes(octets(seul), "big") + rang if not vers else 0
                signes[code] = signe(vers[rang] if vers else cible.to_bytes(len(octets(seul)), "big"))
    return signes
