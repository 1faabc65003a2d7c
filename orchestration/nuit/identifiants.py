"""The name that a release gives to each file it is made of: `dim_fichier.fichier_id`.

A public file has its sha256. Another has an HMAC of it (`interne-3f2a…`): a sha256 would let anybody who
guesses a small register check the guess. `ctg sources show` finds the file again.
"""

import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingestion.acquisition import Acquisition
from ingestion.contrats import Contrat
from ingestion.extrait.contrat import charger_contrat
from ingestion.extrait.identite import RESSOURCE_EXTRAIT, SOURCE_EXTRAIT
from ingestion.extrait.retenus import Micro

from .cles import cle
from .reglages import Reglages

PREFIXE = "interne-"
PUBLIQUE = "publique"
# Enough of 32 bytes to tell millions of files apart; 64 digits would look like a pseudonym.
_CHIFFRES = 24


@dataclass(frozen=True, repr=False)
class Identifiants:
    """The names of files of one installation. `diffusions`: what the contract of each source says."""

    cle: bytes
    diffusions: Mapping[str, str]

    def public(self, source: str) -> bool:
        """Whether anybody may have the files of a source; never without a contract."""
        return self.diffusions.get(source) == PUBLIQUE

    def de(self, source: str, sha256: str) -> str:
        """The name of a file."""
        if self.public(source):
            return sha256
        return PREFIXE + hmac.new(self.cle, sha256.encode(), "sha256").hexdigest()[:_CHIFFRES]

    def anonymiser(self, choix: Mapping[str, Any]) -> dict[str, Any]:
        """Return the choice of a file as a release tells it, with its sha256 only where it is public."""
        source, sha256 = choix["source"], choix["sha256"]
        nom = sha256 and self.de(source, sha256)
        return {**choix, "fichier_id": nom, "sha256": sha256 if self.public(source) else None}


def identifiants(reglages: Reglages, contrats: Mapping[str, Contrat]) -> Identifiants:
    """The names of files under the key that this CTG_HOME has for them (`cle`, which says what it raises)."""
    diffusions = {nom: contrat.diffusion for nom, contrat in contrats.items()}
    diffusions[SOURCE_EXTRAIT] = charger_contrat().diffusion
    return Identifiants(cle(reglages, "fichiers"), diffusions)


@dataclass(frozen=True)
class FichierConnu:
    """A file that was accepted here, in use or not; `chemin`: where its bytes, or its micro rows, are."""

    fichier_id: str
    source: str
    ressource: str
    millesime: int
    sha256: str
    chemin: Path


def connus(acquisition: Acquisition, micro: Micro, noms: Identifiants) -> Iterator[FichierConnu]:
    """Every file that passed its contract, and every month of the extract that was read."""
    for (source, ressource, millesime), etat in acquisition.journal().etats.items():
        # A source whose contract is gone is in no release to come, and its diffusion is no longer known.
        if millesime is None or source not in acquisition.contrats:
            continue
        for sha256 in etat.normalises:
            chemin = acquisition.landing.dossier(source, ressource, millesime, sha256)
            yield FichierConnu(noms.de(source, sha256), source, ressource, millesime, sha256, chemin)
    for mois, lectures in micro.journal().etats.items():
        for sha256, lecture in lectures.lus.items():
            nom, chemin = noms.de(SOURCE_EXTRAIT, sha256), micro.dossier(mois) / lecture.parquet
            yield FichierConnu(nom, SOURCE_EXTRAIT, RESSOURCE_EXTRAIT, int(mois[:4]), sha256, chemin)
