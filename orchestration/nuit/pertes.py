"""What a release proves to have been there, and is no more: a memory that is lost, not one that began empty.

    certificate of the newest release: rank 12 of the register     the register holds 11 files
    its manifest: made of files of a source                        the journal of the landing store knows none

A night would forget what was released, or take a revision for a first reception. Belongs here: noticing it.
Does not: reading those memories, nor what of one is damaged (`socle.etat`).
"""

from collections.abc import Iterator
from pathlib import Path

from socle.etat import EtatIllisible

from .reglages import Reglages


def pertes(reglage: Reglages) -> Iterator[EtatIllisible]:
    """Yield each memory that is lost, as the error to raise. Raises `EtatIllisible` where one is damaged."""
    # Imported late: a first night has no release.
    from confidentialite.memoire import registre
    from ingestion.extrait.identite import SOURCE_EXTRAIT
    from publication.releases import magasin, perimetres

    chemins = reglage.chemins
    for store in perimetres.tous(chemins.releases):
        for release in magasin.completes(store)[:1]:
            certificat = magasin.lire_scelle(release, magasin.CERTIFICAT)
            rang, connu = certificat["registre"]["rang"], registre.position(chemins.registre).rang
            if connu < rang:
                yield _perte(chemins.registre, f"{rang} releases or more, as {release.name} says", f"{connu}")
            sources = {f["source"] for f in magasin.montrer(store, release.name)["inputs"]}
            journaux = {
                chemins.journal_micro: sources & {SOURCE_EXTRAIT},
                chemins.journal: sources - {SOURCE_EXTRAIT},
            }
            for journal, siennes in journaux.items():
                if siennes and not (journal.exists() and journal.stat().st_size):
                    attendu = f"what became of the files of {release.name}"
                    yield _perte(journal, attendu, "nothing")


def _perte(chemin: Path, attendu: str, observe: str) -> EtatIllisible:
    suite = "put it back from a backup (`ctg restaurer` in another folder): what it told is nowhere else"
    return EtatIllisible(chemin, observe, attendu, suite)
