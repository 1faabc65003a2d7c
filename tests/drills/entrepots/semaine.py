"""A week of nights of one warehouse, and what its operator reads each morning: `docs/week.md`.

    python -m tests.drills.entrepots.semaine REAL > docs/week.md

Belongs here: what happens each day, and the page made of what was said. A program of its own, as `__main__`.
"""

import argparse
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from tests.drills.entrepots.epreuve import apporter
from tests.drills.entrepots.monde import REVISE, Monde, Sortie, boite, decaler, preparer

POPULATIONS = Path("insee", "populations", "donnees_communes_pop2022.csv")
AUTRE_ANNEE = POPULATIONS.with_name("donnees_communes_pop2021_cog2023.csv")
PRESTATIONS = Path("cnaf", "cafdata", "s_ben_com_f.csv")

ENTETE = """# A week of nights

What an operator reads each morning of a week in which something happens every day: the end of
`ctg refresh`, the messages that went to `alertes.yml`, and what `ctg doctor` does not find right. A small
warehouse, on real files; `tests/drills/test_semaine.py` lives the week again and finds this page, which
`python -m tests.drills.entrepots.semaine REAL` writes. `RELEASE`, `DATE`, `SHA` and the like stand for what
varies.
"""


@dataclass(frozen=True)
class Jour:
    """A day: what happened, what was done about it, by how many days the clock of its night is off."""

    nom: str
    quoi: str
    faire: Callable[[], object]
    decalage: float = 0


def jours(monde: Monde, reel: Path) -> Iterator[Jour]:
    """The days, each to be lived before the next is asked for."""
    gardes = {f: (monde.miroir / f).read_bytes() for f in (REVISE, PRESTATIONS, POPULATIONS)}
    partage = monde.dossier / "partage"

    def ecrire(fichier: Path, octets: bytes) -> None:
        (monde.miroir / fichier).write_bytes(octets)

    revise = gardes[REVISE].replace(b".9", b".4")
    yield Jour("Monday", "A producer issues a new file.", lambda: apporter(monde, reel))
    yield Jour("Tuesday", "Another file comes again with other figures.", lambda: ecrire(REVISE, revise))
    monde.ctg(
        *["sources", "accept", "cnaf_taux_couverture_epci", "courant", "2023"], sha256(revise).hexdigest()
    )
    yield Jour(
        "Wednesday",
        "Somebody accepted that revision; a file is gone from the mirror.",
        (monde.miroir / PRESTATIONS).unlink,
    )
    ecrire(PRESTATIONS, gardes[PRESTATIONS])
    coupe = gardes[POPULATIONS][: len(gardes[POPULATIONS]) // 2]
    yield Jour(
        "Thursday", "That file is back; another one is cut in half.", lambda: ecrire(POPULATIONS, coupe)
    )
    monde.miroir.rename(partage)
    yield Jour("Friday", "The share of the mirror is not mounted.", monde.miroir.mkdir)
    monde.miroir.rmdir()
    partage.rename(monde.miroir)
    ecrire(POPULATIONS, gardes[POPULATIONS])
    yield Jour(
        "Saturday",
        "The share is back, the cut file too; the bytes of 2022 stand under the name of 2021.",
        lambda: ecrire(AUTRE_ANNEE, gardes[POPULATIONS]),
    )
    yield Jour(
        "Sunday",
        "That file is out; the clock of the machine went back two days.",
        (monde.miroir / AUTRE_ANNEE).unlink,
        -2,
    )
    yield Jour("Monday again", "The clock is right.", lambda: None)


def page(monde: Monde, reel: Path) -> str:
    """Live the week; return the page."""
    parties = [ENTETE]
    with boite(monde):
        for jour in jours(monde, reel):
            jour.faire()
            nuit = monde.refresh(avant=decaler(jour.decalage) if jour.decalage else lambda: None)
            parties.append(f"## {jour.nom}\n\n{jour.quoi}\n")
            parties.append(_bloc(f"`ctg refresh`, exit {nuit.code}", _fin(nuit), monde))
            parties += [_bloc("Alert", alerte, monde) for alerte in nuit.alertes]
            if dit := _faux(monde.ctg("doctor")):
                parties.append(_bloc("`ctg doctor`", dit, monde))
    return "\n".join(parties)


def _fin(nuit: Sortie) -> str:
    """What a night says but its progress and what the release holds."""
    texte = re.sub(r"^\[ *\d+\.\d s\].*\n", "", nuit.texte, flags=re.MULTILINE)
    texte = re.sub(r"^Release \S+ +\n.*?(?=^Site )", "", texte, flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"^(Site|DuckDB|Parquet|CSV|XLSX|Report) +/.*\n", "", texte, flags=re.MULTILINE)


def _faux(docteur: Sortie) -> str:
    """The lines of the doctor that say NO, or that somebody should look, and what follows each."""
    trouves = re.findall(r"^(?:NO|look) .*\n(?: +next: .*\n)?", docteur.texte, flags=re.MULTILINE)
    return "".join(trouves)


VARIABLES = {
    r"\d{8}T\d{6}Z-[0-9a-f]{8}": "RELEASE",
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?(\+00:00)?)?": "DATE",
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}": "RUN",
    r"\b[0-9a-f]{64}\b|\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{12}\b": "SHA",
}


def _bloc(titre: str, texte: str, monde: Monde) -> str:
    texte = texte.replace(str(monde.home), "$CTG_HOME").replace(str(monde.miroir), "$CTG_MIRROR")
    for motif, mot in VARIABLES.items():
        texte = re.sub(motif, mot, texte)
    propre = "\n".join(ligne.rstrip() for ligne in texte.strip().splitlines())
    return f"{titre}:\n\n```text\n{propre}\n```\n"


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("reel", type=Path)
    demande = arguments.parse_args()
    with tempfile.TemporaryDirectory() as dossier:
        monde = Monde(Path(dossier, "monde"))
        monde.dossier.mkdir()
        preparer(monde.dossier, demande.reel)
        print(page(monde, demande.reel))


if __name__ == "__main__":
    main()
