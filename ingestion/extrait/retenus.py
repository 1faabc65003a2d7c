"""Which months are in use, now or on a given day, and where their micro Parquet is.

Belongs here: what whoever builds figures asks of the micro zone, and the decision on a revision. Does not
belong here: taking files in (`ingestion.extrait.reception`).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq

from ingestion.as_of import Choix
from ingestion.extrait import ecriture
from ingestion.extrait.erreurs import LieuExtrait
from ingestion.extrait.identite import RESSOURCE_EXTRAIT, SOURCE_EXTRAIT
from ingestion.extrait.journal import EtatMois, JournalMicro
from ingestion.extrait.schema import SCHEMA_MICRO
from ingestion.extrait.zones import Zones


def est_annuel(mois: str) -> bool:
    """Whether a month (YYYY-MM) feeds its millésime: a stock is taken in December."""
    return mois.endswith("-12")


@dataclass(frozen=True)
class MoisRetenu:
    """A month in use. `sha256` is that of its files, `recu_le` when they were first read (ISO, UTC).

    `purge`: its micro rows were removed, `parquet` is gone, only what was frozen of it remains. `perime`: a
    newer file was refused, or waits for a decision.
    """

    mois: str
    millesime: int
    sha256: str
    fichier: str
    parquet: Path
    cog_millesime: int
    couverture: str
    statut: str
    finalite: str
    recu_le: str
    perime: bool
    purge: bool

    @property
    def annuel(self) -> bool:
        """Whether the month feeds its millésime."""
        return est_annuel(self.mois)

    @property
    def lisible(self) -> bool:
        """Whether the Parquet is there, with the columns of the contract."""
        return self.parquet.exists() and pq.read_schema(self.parquet).equals(SCHEMA_MICRO)


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
        journal = self.journal()
        gardes = {
            self.dossier(mois) / lecture.parquet
            for mois, etat in journal.etats.items()
            for sha256, lecture in etat.lus.items()
            if sha256 not in etat.purges
        }
        if journal.etats:
            for parquet in set((self.zone / SOURCE_EXTRAIT).glob("*/*.parquet")) - gardes:
                parquet.unlink()

    def mois_retenus(self) -> list[MoisRetenu]:
        """Months in use whose micro Parquet can be read, in order.

        A purged month is left out (`mois_purges`); so is one whose Parquet is not the contract's, which the
        reception tells every night.
        """
        return [m for m in self.acceptes() if not m.purge and m.lisible]

    def mois_purges(self) -> list[MoisRetenu]:
        """Months in use whose micro rows were purged, in order."""
        return [m for m in self.acceptes() if m.purge]

    def empreintes(self) -> list[list[str]]:
        """What identifies the months that feed a millésime, for the fingerprint of a night.

        A purge does not change it, nor does another month, of which a build reads nothing.
        """
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
                    recu_le=lecture.recu_le,
                    perime=bool(etat.refus or etat.en_attente),
                    purge=accepte in etat.purges,
                )

    def choix(self) -> list[Choix]:
        """What the chosen day uses of each December that was ever in use, and why; nothing without a day."""
        if not self.jour:
            return []
        retenus = {m.mois: m for m in self.mois_retenus()}
        return [
            Choix(
                SOURCE_EXTRAIT,
                RESSOURCE_EXTRAIT,
                int(mois[:4]),
                None,
                retenus[mois].sha256 if mois in retenus else None,
                "atterrissage" if mois in retenus else "ecarte",
                self._raison(etat, self.jour, mois in retenus),
            )
            for mois, etat in sorted(self.journal().etats.items())
            if etat.accepte and est_annuel(mois)
        ]

    def accepter(self, mois: str, sha: str) -> str:
        """Use, from now on, the files of a month whose sha256 starts with `sha`; return it whole.

        Raises `ErreurExtrait` (`sha_inconnu`) when no such files were read, or when they were purged.
        """
        journal = self.journal()
        etat = journal.etats.get(mois, EtatMois())
        connus = sorted(set(etat.lus) - etat.purges)
        voulus = [s for s in connus if s.startswith(sha)]
        if len(voulus) != 1:
            raise LieuExtrait(mois).erreur(
                "sha_inconnu",
                observe=f"{sha!r} names {len(voulus)} of the contents read for this month",
                attendu=f"the start of one of {', '.join(s[:12] for s in connus) or 'none yet'}",
                que_faire="see `ctg extrait list`",
            )
        journal.ecrire("accepte", mois, sha256=voulus[0], by="main")
        return voulus[0]

    def _raison(self, etat: EtatMois, jour: date, retenu: bool) -> str:
        if retenu:
            return "in use here on that day"
        if etat.accepte_le(jour):
            return "in use here on that day, but its micro rows were purged since"
        return f"first taken in on {etat.acceptations[0][0][:10]}"
