"""Counts kept of a file of persons in the closed zone: the true ones, and their rounding.

Belongs here: the frozen files and their journal. Does not: counting and rounding (`comptage`).
"""

import hashlib
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from confidentialite.arrondi_en_chaine import ARRONDIS
from ingestion.extrait.identite import SOURCE_EXTRAIT
from socle.disque import creer_dossier_clos, ecriture_atomique, masque_prive, sha256_fichier
from socle.etat import EtatIllisible
from socle.journaux import ajouter_evenement, lire_evenements

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


def lire_arrondi(chemin: Path | None) -> pa.Table:
    """Read a frozen rounding as `SCHEMA_ARRONDIS`; what an older version did not keep is NULL."""
    assert chemin is not None
    table = pq.read_table(chemin)
    for champ in SCHEMA_ARRONDIS:
        if champ.name not in table.column_names:
            table = table.append_column(champ, pa.nulls(table.num_rows, champ.type))
    return table.select(SCHEMA_ARRONDIS.names)


@dataclass(frozen=True)
class Fichier:
    """A period of persons that is counted: its source, its name, its digest.

    For the extract, a month and the digest of its file. For a register, a file or a year of all its files,
    and the digest of these counts.
    """

    source: str
    periode: str
    sha256: str


@dataclass(frozen=True)
class Gel:
    """Lines of the journal about a file: its true counts, the digest of their inputs, their rounding.

    `ordre_public`: the counts were rounded along an order that tells nothing of them.
    """

    compte: Path | None = None
    entrees: str | None = None
    arrondi: Path | None = None
    du_compte: Path | None = None
    ordre_public: bool = False

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
        # A name is the digest of the file's bytes; files of the first design, named otherwise, are left out.
        self._geles: set[Path] = set()
        # When each period was rounded, and of which file, oldest first.
        self.arrondies: dict[tuple[str, str], list[tuple[datetime, Fichier]]] = {}
        self.ordre_dit = False
        for evenement in lire_evenements(zone / JOURNAL):
            self._noter(evenement)

    def __getitem__(self, fichier: Fichier) -> Gel:
        """Return what is kept of a file; an empty `Gel` for a file never counted."""
        return self.gels.get(fichier, Gel())

    def revise(self, fichier: Fichier) -> Gel | None:
        """Return the last rounding of the same period, which this file revises; None for a first file."""
        faites = self.arrondies.get((fichier.source, fichier.periode))
        return self.gels[faites[-1][1]] if faites else None

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
        """Keep the rounded counts of a file (`SCHEMA_ARRONDIS`)."""
        compte = self[fichier].compte
        assert compte is not None
        communes = arrondi.filter(pc.field("niveau") == "commune")["ordre_public"]
        ordre = {"ordre": "public"} if pc.all(pc.fill_null(communes, False), min_count=0).as_py() else {}
        return self._garder(fichier, arrondi, "arrondi", {"du_compte": compte.name, **ordre})

    def d_un_ancien_ordre(self) -> list[Fichier]:
        """Return the files rounded along an order made from their own counts, as older versions did."""
        return [f for f, gel in self.gels.items() if gel.arrondi and not gel.ordre_public]

    def oublier_arrondi(self, fichier: Fichier) -> None:
        """Remove the rounding of a file: the next night rounds it as for the first time."""
        chemin = self[fichier].arrondi
        assert chemin is not None
        self._ecrire({"mois": fichier.periode, "sha256": fichier.sha256, "oublie": chemin.name}, fichier)
        chemin.unlink(missing_ok=True)

    def noter_l_ordre_dit(self) -> None:
        """Remember that the operator was told of the files that were placed by their own counts."""
        self._ecrire({"ordre": "dit"})

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
            self._ecrire({"mois": fichier.periode, "sha256": fichier.sha256, quoi: nom, **faits}, fichier)
        return dossier / nom

    def _ecrire(self, faits: Mapping[str, str], fichier: Fichier | None = None) -> None:
        evenement = {
            "gele_le": datetime.now(UTC).isoformat(timespec="seconds"),
            **({"source": fichier.source} if fichier else {}),
            **faits,
        }
        ajouter_evenement(self.zone / JOURNAL, evenement)
        self._noter(evenement)

    def _noter(self, evenement: Mapping[str, Any]) -> None:
        # Older versions, which did not round, wrote `fichier` for the extract alone.
        e = {"source": SOURCE_EXTRAIT, **evenement}
        if "mois" not in e:
            self.ordre_dit |= e.get("ordre") == "dit"
            return
        fichier = Fichier(e["source"], e["mois"], e["sha256"])
        avant, dossier = self[fichier], self.zone / e["source"] / e["mois"]
        self._geles |= {dossier / e[quoi] for quoi in ("compte", "arrondi") if quoi in e}
        if nom := e.get("compte", e.get("fichier")):
            self.gels[fichier] = replace(avant, compte=dossier / nom, entrees=e.get("entrees"))
        if nom := e.get("arrondi"):
            publique = e.get("ordre") == "public"
            self.gels[fichier] = Gel(
                avant.compte, avant.entrees, dossier / nom, dossier / e["du_compte"], publique
            )
            le = datetime.fromisoformat(e["gele_le"])
            self.arrondies.setdefault((fichier.source, fichier.periode), []).append((le, fichier))
        if nom := e.get("oublie"):
            self.gels[fichier] = Gel(avant.compte, avant.entrees)
            self._geles.discard(dossier / nom)
            faites = self.arrondies[fichier.source, fichier.periode]
            self.arrondies[fichier.source, fichier.periode] = [f for f in faites if f[1] != fichier]
