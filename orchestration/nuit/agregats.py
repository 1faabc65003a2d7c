"""What is kept of a file of persons once it was counted, in the closed zone: true counts, and their rounding.

Belongs here: the frozen files and their journal. Does not: counting and rounding (`comptage`).
"""

import hashlib
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from confidentialite.chaine import ARRONDIS
from ingestion.extrait.identite import SOURCE_EXTRAIT
from socle.disque import (
    ajouter_evenement,
    creer_dossier_clos,
    ecriture_atomique,
    lire_evenements,
    masque_prive,
    sha256_fichier,
)
from socle.etat import EtatIllisible

JOURNAL = "journal.jsonl"

SCHEMA_COMPTES = pa.schema(
    [
        ("millesime", pa.int32()),
        ("fichier_sha256", pa.string()),
        ("cog_millesime", pa.int32()),
        ("niveau", pa.string()),
        ("code", pa.string()),
        ("mesure_id", pa.string()),
        ("valeur", pa.decimal128(18, 2)),
        ("max1", pa.decimal128(18, 2)),
        ("marque", pa.string()),
    ]
)
"""True counts. `niveau` commune: one line per commune, in the COG of the file, and mesure; wider: medians."""

SCHEMA_ARRONDIS = pa.schema(
    [
        ("source_id", pa.string()),
        ("millesime", pa.int32()),
        ("fichier_sha256", pa.string()),
        ("millesime_fichier", pa.int32()),
        ("cog_millesime", pa.int32()),
        *ARRONDIS,
    ]
)
"""What the build of a night reads of persons; medians have `regle` mediane."""


@dataclass(frozen=True)
class Fichier:
    """A file of persons: its source, the month or year it is about, its digest."""

    source: str
    periode: str
    sha256: str


@dataclass(frozen=True)
class Gel:
    """What the journal says of a file: its true counts, of which inputs; what was rounded of them."""

    compte: Path | None = None
    entrees: str | None = None
    arrondi: Path | None = None
    du_compte: Path | None = None

    @property
    def a_jour(self) -> bool:
        """Whether the rounding is that of the true counts."""
        return self.compte is not None and self.du_compte == self.compte


class Agregats:
    """The frozen files of one CTG_HOME. A file is named after its content, and written once."""

    def __init__(self, zone: Path) -> None:
        """Read the journal of `zone`."""
        self.zone = zone
        self.gels: dict[Fichier, Gel] = {}
        # Files named after the digest of their bytes; those of the first design are left out.
        self._geles: set[Path] = set()
        self._derniers: dict[tuple[str, str], Fichier] = {}
        for evenement in lire_evenements(zone / JOURNAL):
            self._noter(evenement)

    def __getitem__(self, fichier: Fichier) -> Gel:
        """Return what is kept of a file; nothing of one that was never counted."""
        return self.gels.get(fichier, Gel())

    def revise(self, fichier: Fichier) -> Gel | None:
        """Return what was rounded last of the same period: what this file revises; None for a first one."""
        dernier = self._derniers.get((fichier.source, fichier.periode))
        return self.gels[dernier] if dernier else None

    def pertes(self) -> Iterator[EtatIllisible]:
        """Yield each frozen file that is gone or altered, as the error to raise: none can be made again."""
        for fichier in sorted(self._geles):
            voulu = fichier.stem.rpartition("-")[2]
            trouve = sha256_fichier(fichier) if fichier.exists() else ""
            if not trouve.startswith(voulu):
                nom = fichier.relative_to(self.zone.parent)
                yield EtatIllisible(
                    fichier,
                    "other bytes" if trouve else "nothing",
                    "what was counted or rounded of persons, whose digest is in its name",
                    f"put it back from a backup (`tar -C {self.zone.parent} -xpf BACKUP {nom}`):"
                    " rounded again, it would have other figures",
                )

    def garder_compte(self, fichier: Fichier, compte: pa.Table, **faits: str) -> Path:
        """Keep true counts (`SCHEMA_COMPTES`); `faits`: by which engine, of which inputs."""
        return self._garder(fichier, compte, "compte", faits)

    def garder_arrondi(self, fichier: Fichier, arrondi: pa.Table) -> Path:
        """Keep what was rounded of the true counts of a file (`SCHEMA_ARRONDIS`)."""
        compte = self[fichier].compte
        assert compte is not None
        return self._garder(fichier, arrondi, "arrondi", {"du_compte": compte.name})

    def _garder(self, fichier: Fichier, table: pa.Table, quoi: str, faits: Mapping[str, str]) -> Path:
        tampon = io.BytesIO()
        pq.write_table(table, tampon, compression="zstd")
        octets = tampon.getvalue()
        with masque_prive():
            dossier = creer_dossier_clos(self.zone / fichier.source / fichier.periode)
            nom = f"{fichier.sha256[:12]}-{quoi}-{hashlib.sha256(octets).hexdigest()[:8]}.parquet"
            if not (dossier / nom).exists():
                with ecriture_atomique(dossier / nom) as flux:
                    flux.write(octets)
            evenement = {
                "gele_le": datetime.now(UTC).isoformat(timespec="seconds"),
                "source": fichier.source,
                "mois": fichier.periode,
                "sha256": fichier.sha256,
                quoi: nom,
                **faits,
            }
            ajouter_evenement(self.zone / JOURNAL, evenement)
        self._noter(evenement)
        return dossier / nom

    def _noter(self, evenement: Mapping[str, Any]) -> None:
        # Homes of before rounding kept the extract alone, under `fichier`.
        e = {"source": SOURCE_EXTRAIT, **evenement}
        if "mois" not in e:
            return
        fichier = Fichier(e["source"], e["mois"], e["sha256"])
        avant, dossier = self[fichier], self.zone / e["source"] / e["mois"]
        self._geles |= {dossier / e[quoi] for quoi in ("compte", "arrondi") if quoi in e}
        if nom := e.get("compte", e.get("fichier")):
            self.gels[fichier] = Gel(dossier / nom, e.get("entrees"), avant.arrondi, avant.du_compte)
        if nom := e.get("arrondi"):
            self.gels[fichier] = Gel(avant.compte, avant.entrees, dossier / nom, dossier / e["du_compte"])
            self._derniers[fichier.source, fichier.periode] = fichier
