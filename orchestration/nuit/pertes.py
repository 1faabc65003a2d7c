"""Memories of a home that are lost: traces elsewhere prove that they were there.

manifest of a release: made of files of a source    the journal of the landing store knows none
anything received, or published                     no `liaison.json`: not a new folder
journal of what was frozen: a file                  the file is gone, or has other bytes
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ingestion.extrait.identite import SOURCE_EXTRAIT
from publication.releases import magasin, perimetres
from socle.erreurs import ErreurPublication
from socle.etat import EtatIllisible
from socle.journaux import lire_evenements

from .chemins import Chemins
from .journaux import raccourcis


def pertes(chemins: Chemins) -> Iterator[EtatIllisible]:
    """Yield an error for each lost memory. Raises `EtatIllisible` where one is damaged."""
    dites = set()
    for raccourci in raccourcis(chemins):
        dites.add(raccourci.fichier)
        yield raccourci
    for store in perimetres.tous(chemins.releases):
        for release in magasin.completes(store)[:1]:
            sources = {f["source"] for f in magasin.montrer(store, release.name)["inputs"]}
            arrondis = magasin.lire_scelle(release, magasin.CERTIFICAT).get("mesures")
            journaux = {
                chemins.journal_micro: sources & {SOURCE_EXTRAIT},
                chemins.journal: sources - {SOURCE_EXTRAIT},
                # A revised file, rounded again, would have other figures.
                chemins.journal_agregats: arrondis,
            }
            for journal, siennes in journaux.items():
                if siennes and journal not in dites and not _garni(journal):
                    yield EtatIllisible(
                        journal,
                        "nothing",
                        f"what became of the files of {release.name}",
                        "put it back from a backup (`ctg restore` in another folder): what it told is"
                        " nowhere else",
                    )
    # Arrow is slow to load, and `a_servi` needs none of it.
    from .agregats import Agregats

    yield from Agregats(chemins.agregats).pertes()


def exiger_sans_perte(chemins: Chemins) -> None:
    """Raise the first `EtatIllisible` of `pertes`: what writes next would begin that memory anew."""
    for perte in pertes(chemins):
        raise perte


def a_servi(chemins: Chemins) -> bool:
    """Whether anything was received, counted or published here: the folder is no new one."""
    journaux = (chemins.journal, chemins.journal_micro, chemins.journal_agregats)
    return any(map(_garni, journaux)) or any(map(magasin.completes, perimetres.tous(chemins.releases)))


def a_une_cle(chemins: Chemins) -> bool:
    """Whether persons were counted, or a release judged, under a secret of this home."""
    # In a home of the first design, overrides of an operator may come before the first secret.
    return any("repartie_le" not in e for e in lire_evenements(chemins.journal_agregats)) or any(
        "cle" in magasin.lire_scelle(release, magasin.CERTIFICAT)
        for store in perimetres.tous(chemins.releases)
        for release in magasin.completes(store)
    )


def relier(chemins: Chemins) -> str:
    """Say how to make a lost `liaison.json` again, from what the newest releases say."""
    suite = f"put it back from a backup (`tar -C {chemins.home} -xpf BACKUP {chemins.liaison.name}`);"
    premier, *autres = (_derniere(store) for store in perimetres.tous(chemins.releases))
    if premier is None:
        return (
            f"{suite} without one, write the profile of its nights there (live, mirror or demo), as"
            ' {"profil": "live"}: no release says which, and left out it would pass for a new folder'
        )
    lien = {nom: premier[nom] for nom in ("profil", "perimetre")}
    if dits := [autre["perimetre"] for autre in autres if autre]:
        lien["autres"] = dits
    suite += f" without one, its newest release says: echo '{json.dumps(lien)}' > {chemins.liaison}"
    return suite + (", then `ctg refresh --mirror DIR_OR_URL`" if lien["profil"] == "mirror" else "")


def _derniere(store: Path) -> dict[str, Any] | None:
    """The manifest of the newest release of a store that can be read."""
    for release in magasin.completes(store):
        try:
            return magasin.montrer(store, release.name)
        except ErreurPublication:
            continue
    return None


def _garni(journal: Path) -> bool:
    try:
        return journal.stat().st_size > 0
    except (FileNotFoundError, PermissionError):
        # Closed, to an account that reads releases alone.
        return False
