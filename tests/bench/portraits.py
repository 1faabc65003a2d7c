"""Portraits and site of a release: what a territory costs in each format, what the folders add to a night.

Belongs here: which pieces are timed, beside the targets. Does not: the night around them (`nuits.py`).
"""

import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import mean

from publication.exports.dcat import NOM as DCAT
from publication.lecture.marts import ouvrir
from publication.portraits.contenu import composer
from publication.portraits.formats import FORMATS, rendre
from publication.portraits.modele import Document
from publication.releases.magasin import CERTIFICAT
from publication.site import ecriture
from publication.site.impression import Impression
from tests.bench.mesure import Cout, afficher, executer, mesurer, milieu
from tests.bench.nuits import CTG, DEMONSTRATION, environnement

IMPRIMES = ("ctg", "epci", "departement", "region")
CONTENU, PAGE = "content of a territory", "content and HTML of a territory"
FROID, TIEDE = "site and documents, cold", "site and documents, warm"
COLONNES = ("what", "seconds", "processor", "to reach: seconds")


@dataclass(frozen=True)
class Vise:
    """What is timed, and the seconds to reach; None where nobody asked."""

    quoi: str
    secondes: float | None = None


VISES = (
    Vise(CONTENU),
    Vise(PAGE, 0.5),
    *(Vise(f"{f} of a convention", s) for f, s in zip(FORMATS, (0.5, 2, 5, 2, 2), strict=True)),
    Vise(FROID, 10),
    Vise(TIEDE, 10),
)


def comparer(release: Path | None = None, fois: int = 3) -> None:
    """Time a release, that of a night of the demonstration made now unless told."""
    with tempfile.TemporaryDirectory() as temporaire:
        dossier = Path(temporaire)
        if release is None:
            home = dossier / "home"
            executer([CTG, *DEMONSTRATION], environnement(home))
            release = home / "releases" / "current"
        copie = _copier(release, dossier / "copie")
        couts = _portraits(copie, fois) | _dossiers(copie, dossier / "pages", fois)
        afficher(
            f"Portraits and site of {release.resolve().name}: a territory once warm, medians of {fois}",
            COLONNES,
            lignes(couts),
        )


def lignes(couts: Mapping[str, Cout], vises: Sequence[Vise] = VISES) -> list[tuple[str, ...]]:
    """The table of times; what a release has none of (a convention) is left out."""
    return [
        (
            v.quoi,
            f"{couts[v.quoi].secondes:.2f}",
            f"{couts[v.quoi].processeur:.2f}",
            "" if v.secondes is None else f"≤ {v.secondes:g}",
        )
        for v in vises
        if v.quoi in couts
    ]


def _copier(release: Path, copie: Path) -> Path:
    """What a site is made from: a release is never written in."""
    for nom in ("ctg.duckdb", DCAT, CERTIFICAT):
        (copie / nom).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(release / nom, copie / nom)
    return copie


def _portraits(release: Path, fois: int) -> dict[str, Cout]:
    """The mean territory printed, then the mean convention in each format: each once before it is timed."""
    with ouvrir(release / "ctg.duckdb") as marts:
        lus = marts.con.execute(
            "select territoire_id, niveau from dim_territoire where niveau in (select unnest(?)) order by 1",
            [list(IMPRIMES)],
        ).fetchall()
        contenus, pages, documents = [], [], []
        for territoire_id, niveau in lus:
            dire = partial(composer, marts, territoire_id)
            document = dire()
            rendre(document, "html")
            contenus.append(_fois(dire, fois))
            pages.append(_fois(partial(_page, dire), fois))
            if niveau == "ctg":
                documents.append(document)
    couts = {CONTENU: _moyenne(contenus), PAGE: _moyenne(pages)}
    for format_ in FORMATS if documents else ():
        pris = []
        for document in documents:
            rendre(document, format_)
            pris.append(_fois(partial(rendre, document, format_), fois))
        couts[f"{format_} of a convention"] = _moyenne(pris)
    return couts


def _page(dire: Callable[[], Document]) -> bytes:
    return rendre(dire(), "html")


def _dossiers(release: Path, pages: Path, fois: int) -> dict[str, Cout]:
    """The folders whole, as a night makes them: drawings kept by nobody, then all kept."""
    couts: dict[str, list[Cout]] = {FROID: [], TIEDE: []}
    impression = Impression(IMPRIMES, pages, "bench")
    for _ in range(fois):
        shutil.rmtree(pages, ignore_errors=True)
        pages.mkdir()
        for etat in (FROID, TIEDE):
            couts[etat].append(mesurer(lambda: ecriture.ecrire(release, impression)))
    return {quoi: milieu(pris) for quoi, pris in couts.items()}


def _fois(travail: Callable[[], object], fois: int) -> Cout:
    return milieu([mesurer(travail) for _ in range(fois)])


def _moyenne(couts: Sequence[Cout]) -> Cout:
    return Cout(mean(c.secondes for c in couts), mean(c.processeur for c in couts))
