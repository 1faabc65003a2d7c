"""Writing `site/` and `portraits/`: which pages there are, drawn by how many processes, or kept from before.

Two processes share the pages of territories and indicateurs; `python -m publication.site.ecriture` is the
second one. Portraits of conventions name the release, so they are drawn each time.
"""

import json
import shutil
import sys
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from subprocess import PIPE
from typing import Any

from publication.lecture.ensembles import MartsEntiers, ouvrir
from publication.lecture.marts import Marts as Marts
from publication.lecture.niveaux import NIVEAUX
from publication.site import adresses
from publication.site.cache import oublier
from publication.site.impression import Impression
from publication.site.partagees import DOCUMENTS, Partagees, Sujet
from publication.site.presse import Presse
from socle.erreurs import ErreurPublication
from socle.processus import a_cote

_A_DEUX = 40
"""From this many pages on, a second process is worth its start."""

_POIDS = {"documents": 50, "territoire": 10, "indicateur": 1}
"""What a page costs beside another: about."""
_POIDS_D_UNE_COMMUNE = 0.05
"""What the first process does for each commune, its figures and its page, before it shares anything."""


@dataclass(frozen=True)
class Ecrit:
    """What was written: how many pages had to be drawn, which territories are not there."""

    dessinees: int
    inconnus: tuple[str, ...]


def ecrire(release: Path, impression: Impression) -> Ecrit:
    """Write `site/` and `portraits/` in the folder of a release, whole or being made.

    Raises ErreurPublication, naming the page, when one cannot be made.
    """
    dossier = release / "site"
    for ancien in (dossier, release / adresses.PORTRAITS):
        shutil.rmtree(ancien, ignore_errors=True)
    with ouvrir(release) as marts:
        imprimes, inconnus = _imprimes(marts, impression.territoires)
        for nom in ("ressources", "territoires", "indicateurs", "sources", "themes", "donnees", "communes"):
            (dossier / nom).mkdir(parents=True)
        sujets = [Sujet("territoire", t) for t in imprimes]
        sujets += [Sujet("indicateur", i) for i in marts.dictionnaire]
        travail = {
            "release": str(release),
            "impression": {**asdict(impression), "cache": impression.cache and str(impression.cache)},
            "imprimes": imprimes,
        }
        ici, la = _partager(marts, sujets) if len(sujets) >= _A_DEUX else (sujets, [])
        second = a_cote("publication.site.ecriture", stdin=PIPE, stdout=PIPE) if la else nullcontext()
        with second as processus:
            if processus is not None:
                assert processus.stdin is not None and processus.stdout is not None
                processus.stdin.write(json.dumps({**travail, "pages": la}).encode())
                processus.stdin.close()
            presse = Presse(release, impression, imprimes, marts)
            presse.communes()
            presse.fiches()
            Partagees(presse).pages(ici)
            servis, dessines = presse.cache.servis, presse.cache.dessines
            if processus is not None:
                assert processus.stdout is not None
                reponse = processus.stdout.read()
                if processus.wait() or not reponse:
                    raise ErreurPublication(
                        f"The process that draws half of the pages of the site ended with code"
                        f" {processus.returncode} before it was done. Nothing was published: see above, and"
                        " run the night again."
                    )
                fait = json.loads(reponse)
                if fait["erreur"]:
                    raise ErreurPublication(fait["erreur"])
                servis |= set(fait["servis"])
                dessines += fait["dessines"]
    oublier(impression.cache, servis)
    return Ecrit(dessines, inconnus)


def _partager(marts: MartsEntiers, sujets: Iterable[Sujet]) -> tuple[list[Sujet], list[Sujet]]:
    """Share pages between two processes: each next one, the heaviest first, goes to the less laden."""
    parts: tuple[list[Sujet], list[Sujet]] = ([], [])
    charges = [_POIDS_D_UNE_COMMUNE * len(marts.communes), 0.0]
    for page in sujets:
        niveau = marts.territoires.get(page.identifiant, {}).get("niveau")
        ou = int(charges[1] < charges[0])
        parts[ou].append(page)
        charges[ou] += _POIDS["documents" if niveau == DOCUMENTS else page.genre]
    return parts


def _imprimes(marts: MartsEntiers, voulus: Iterable[str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the page of each territory that is printed, by id; then what the release does not know.

    A commune may be gone with a merger: the night goes on without it, and says so.
    """
    demandes = set(voulus)
    tous = {**marts.territoires, **marts.communes}
    imprimes = {
        identifiant: adresses.territoire(identifiant)
        for identifiant, t in tous.items()
        if t["niveau"] in demandes or identifiant in demandes
    }
    return imprimes, tuple(sorted(demandes - set(NIVEAUX) - tous.keys()))


def _second() -> None:
    """Draw the pages told on the input; tell on the output what was used, or why one failed."""
    travail = json.load(sys.stdin)
    reglage = travail["impression"]
    impression = Impression(
        tuple(reglage["territoires"]), reglage["cache"] and Path(reglage["cache"]), reglage["code"]
    )
    fait: dict[str, Any] = {"erreur": None, "servis": [], "dessines": 0}
    with ouvrir(Path(travail["release"])) as marts:
        presse = Presse(Path(travail["release"]), impression, travail["imprimes"], marts)
        try:
            Partagees(presse).pages(Sujet(*page) for page in travail["pages"])
        except ErreurPublication as erreur:
            fait["erreur"] = str(erreur)
        fait |= {"servis": sorted(presse.cache.servis), "dessines": presse.cache.dessines}
    json.dump(fait, sys.stdout)


if __name__ == "__main__":
    _second()
