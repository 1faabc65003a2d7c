"""What a release proves to have been there, and is no more: a memory that is lost, not one that began empty.

its manifest: made of files of a source    the journal of the landing store knows none
"""

from collections.abc import Iterator

from ingestion.extrait.identite import SOURCE_EXTRAIT
from publication.releases import magasin, perimetres
from socle.etat import EtatIllisible

from .agregats import JOURNAL
from .reglages import Reglages


def pertes(reglage: Reglages) -> Iterator[EtatIllisible]:
    """Yield each memory that is lost, as the error to raise. Raises `EtatIllisible` where one is damaged."""
    chemins = reglage.chemins
    for store in perimetres.tous(chemins.releases):
        for release in magasin.completes(store)[:1]:
            sources = {f["source"] for f in magasin.montrer(store, release.name)["inputs"]}
            arrondis = magasin.lire_scelle(release, magasin.CERTIFICAT).get("mesures")
            journaux = {
                chemins.journal_micro: sources & {SOURCE_EXTRAIT},
                chemins.journal: sources - {SOURCE_EXTRAIT},
                # Rounded again, a file that was revised would have other figures.
                chemins.agregats / JOURNAL: arrondis,
            }
            for journal, siennes in journaux.items():
                if siennes and not (journal.exists() and journal.stat().st_size):
                    yield EtatIllisible(
                        journal,
                        "nothing",
                        f"what became of the files of {release.name}",
                        "put it back from a backup (`ctg restaurer` in another folder): what it told is"
                        " nowhere else",
                    )
