"""Which months are in use, now or on a given day, and where their micro Parquet is."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import pyarrow.parquet as pq

from ingestion.as_of import Choix
from ingestion.extrait import ecriture
from ingestion.extrait.erreurs import lieu_extrait
from ingestion.extrait.identite import RESSOURCE_EXTRAIT, SOURCE_EXTRAIT
from ingestion.extrait.journal import EtatMois, JournalMicro
from ingestion.extrait.schema import SCHEMA_MICRO
from ingestion.extrait.zones import Zones
from ingestion.journal import designer
from ingestion.retenus import Retenu
from socle.disque import marque, sha256_fichier
from socle.horloge import jour_de


@dataclass(frozen=True, kw_only=True)
class MoisRetenu(Retenu):
    """A month in use. `sha256` is that of its files, `recu_le` when they were first read (ISO, UTC).

    `purge`: its micro rows were removed and `parquet` is gone; only its frozen aggregates remain. `octets`:
    the sha256 of `parquet`, "" where it was not kept.
    """

    source: str = SOURCE_EXTRAIT
    ressource: str = RESSOURCE_EXTRAIT
    mois: str
    cog_millesime: int
    statut: str
    finalite: str
    purge: bool
    octets: str = ""

    @property
    def annuel(self) -> bool:
        """Whether the month feeds its millésime: a stock is taken in December."""
        return self.mois.endswith("-12")

    @property
    def lisible(self) -> bool:
        """Whether the Parquet is there, as it was written, with the columns of the contract."""
        return est_intact(self.parquet, self.octets) and pq.read_schema(self.parquet).equals(SCHEMA_MICRO)


def est_intact(parquet: Path, octets: str) -> bool:
    """Whether a micro Parquet is there, and is the one that was written, where its sha256 was kept."""
    etat = marque(parquet)
    return bool(etat) and octets in ("", _sha256(parquet, *etat))


@cache
def _sha256(parquet: Path, *_: int) -> str:
    """The digest of a Parquet, once for each state of the file: a month is a gigabyte in a large Caf."""
    return sha256_fichier(parquet)


class Micro:
    """The micro zone of one `CTG_HOME`; with `jour`, the months in use are those of the end of that day."""

    def __init__(self, home: Path, jour: date | None = None) -> None:
        """Work under `home/micro`."""
        self.zone = Zones(home).micro
        self.jour = jour

    def journal(self) -> JournalMicro:
        """Read the journal as it is now."""
        return JournalMicro(self.zone / "journal.jsonl")

    def dossier(self, mois: str) -> Path:
        """Folder of the micro Parquets of a month."""
        return self.zone / SOURCE_EXTRAIT / mois

    def balayer(self) -> None:
        """Remove what a killed process left; the caller holds the lock of CTG_HOME.

        A micro Parquet that the journal does not know, or knows as purged, holds persons for nothing. Without
        a journal nothing is removed: it is the journal that was lost.
        """
        for reste in self.zone.glob(f"{ecriture.PREFIXE}*"):
            shutil.rmtree(reste)
        etats = self.journal().etats
        gardes = {
            self.dossier(mois) / lecture.parquet
            for mois, etat in etats.items()
            for lecture in etat.conserves.values()
        }
        if etats:
            for parquet in set((self.zone / SOURCE_EXTRAIT).glob("*/*.parquet")) - gardes:
                parquet.unlink()

    def mois_retenus(self) -> list[MoisRetenu]:
        """Months in use whose micro Parquet has the contract's columns, in order; purged ones apart."""
        return [m for m in self.acceptes() if not m.purge and m.lisible]

    def mois_purges(self) -> list[MoisRetenu]:
        """Months in use whose micro rows were purged, in order."""
        return [m for m in self.acceptes() if m.purge]

    def empreintes(self) -> list[list[str]]:
        """Identify the months that feed a millésime, for the fingerprint of a night; a purge is no change."""
        return [[m.mois, m.parquet.name, m.couverture, m.statut] for m in self.acceptes() if m.annuel]

    def acceptes(self, journal: JournalMicro | None = None) -> Iterator[MoisRetenu]:
        """Every month in use, whatever became of its micro Parquet, in order."""
        journal = journal or self.journal()
        for mois, etat in sorted(journal.etats.items()):
            accepte = etat.accepte_le(self.jour) if self.jour else etat.accepte
            if accepte:
                lecture = etat.lus[accepte]
                yield MoisRetenu(
                    mois=mois,
                    millesime=int(mois[:4]),
                    sha256=accepte,
                    fichier=lecture.fichier,
                    parquet=self.dossier(mois) / lecture.parquet,
                    cog_millesime=lecture.cog,
                    couverture=lecture.couverture,
                    statut=lecture.statut,
                    finalite=lecture.finalite,
                    octets=lecture.octets,
                    recu_le=lecture.recu_le,
                    perime=bool(etat.refus or etat.en_attente),
                    purge=accepte in etat.purges,
                )

    def choix(self) -> list[Choix]:
        """Return the choice and its reason for each December ever in use; nothing without a day."""
        if not self.jour:
            return []
        retenus, choix = {m.mois: m.sha256 for m in self.mois_retenus()}, []
        for mois, etat in sorted(self.journal().etats.items()):
            if etat.accepte and mois.endswith("-12"):
                sha256 = retenus.get(mois)
                ou = (SOURCE_EXTRAIT, RESSOURCE_EXTRAIT, int(mois[:4]), None)
                raison = self._raison(etat, self.jour, sha256 is not None)
                choix.append(Choix(*ou, sha256, "atterrissage" if sha256 else "ecarte", raison))
        return choix

    def accepter(self, mois: str, sha: str) -> str:
        """Use, from now on, the files whose sha256 starts with `sha`. Raises `sha_inconnu` for none."""
        journal = self.journal()
        conserves = journal.etats.get(mois, EtatMois()).conserves
        sha256 = designer(sha, conserves, lieu_extrait(mois), "ctg extrait list")
        journal.ecrire("accepte", mois, sha256=sha256, by="main")
        return sha256

    def _raison(self, etat: EtatMois, jour: date, retenu: bool) -> str:
        if retenu:
            return "in use here on that day"
        if etat.accepte_le(jour):
            return "in use here on that day, but its micro rows were purged since"
        return f"first taken in on {jour_de(etat.acceptations[0][0])}"
