"""The landing store: every byte received, unchanged, and the journal of what became of it.

Belongs here: placing files by their content, sidecars, refusals that need no parsing, the journal.
Does not belong here: fetching (`ingestion.fetch`), parsing, deciding what is in use.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from ingestion.contrats import Millesime, Ressource
from ingestion.contrats.grammaire import FormatCsv, FormatXlsx, FormatZip
from ingestion.errors import ErreurSource, Lieu
from ingestion.fetch import Recu
from ingestion.readers import zip
from socle.disque import ajouter_evenement, ecrire_json, lire_evenements

SANS_MILLESIME = "_sans_millesime"

Evenement = Literal["recu", "refuse", "normalise", "accepte", "revision"]
Cle = tuple[str, str, int | None]


@dataclass
class Etat:
    """What the journal knows of one (source, ressource, millésime)."""

    accepte: str | None = None
    # (ISO time, sha256) of each acceptance, in order.
    acceptations: list[tuple[str, str]] = field(default_factory=list)
    # Last sha256 received, accepted or not; None as long as nothing acceptable came.
    candidat: str | None = None
    recu_le: str | None = None
    refus: dict[str, Any] | None = None
    refus_sha256: str | None = None
    # By origin, the last sha256 it offered, and the last that landed: an origin that repeats itself
    # brings nothing new, even after another origin was received.
    offres: dict[str, str] = field(default_factory=dict)
    recus: dict[str, str] = field(default_factory=dict)
    normalises: dict[str, dict[str, Any]] = field(default_factory=dict)
    revisions: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def en_attente(self) -> str | None:
        """The sha256 of the revision that waits for a decision."""
        return self.candidat if self.candidat != self.accepte and self.candidat in self.revisions else None


class Journal:
    """Append-only journal, `landing/journal.jsonl`: one event per line, folded to a state on demand."""

    def __init__(self, chemin: Path) -> None:
        """Open the journal at `chemin`, which need not exist."""
        self.chemin = chemin
        self.etats: dict[Cle, Etat] = {}
        for evenement in lire_evenements(self.chemin):
            self._plier(evenement)

    def etat(self, source: str, ressource: str, millesime: int | None) -> Etat:
        """Return the state of one millésime, empty when nothing ever happened to it."""
        return self.etats.setdefault((source, ressource, millesime), Etat())

    def ecrire(
        self, evenement: Evenement, source: str, ressource: str, millesime: int | None, **faits: Any
    ) -> None:
        """Append one event, durably, and fold it."""
        contenu = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "event": evenement,
            "source": source,
            "ressource": ressource,
            "millesime": millesime,
            **faits,
        }
        self._consigner(contenu)
        self._plier(contenu)

    def _consigner(self, contenu: dict[str, Any]) -> None:
        ajouter_evenement(self.chemin, contenu)

    def _plier(self, e: dict[str, Any]) -> None:
        etat = self.etat(e["source"], e["ressource"], e["millesime"])
        sha256: str = e["sha256"]
        match e["event"]:
            case "recu":
                etat.candidat, etat.recu_le = sha256, e["at"]
                etat.offres[e["origine"]] = etat.recus[e["origine"]] = sha256
                etat.refus = etat.refus_sha256 = None
            case "refuse":
                etat.refus, etat.refus_sha256 = e["erreur"], sha256
                if "origine" in e:
                    etat.offres[e["origine"]] = sha256
            case "normalise":
                etat.normalises[sha256] = {
                    k: e[k] for k in ("parquet", "membre", "lignes", "lignes_ecartees", "cog_millesime")
                }
                if etat.refus_sha256 == sha256:
                    etat.refus = etat.refus_sha256 = None
            case "accepte":
                etat.accepte = sha256
                etat.acceptations.append((e["at"], sha256))
            case "revision":
                etat.revisions[sha256] = e["difference"]


class Landing:
    """The store under `racine` (`CTG_HOME/landing`)."""

    def __init__(self, racine: Path) -> None:
        """Use the store at `racine`, which need not exist."""
        self.racine = racine

    def dossier(self, source: str, ressource: str, millesime: int | None, sha256: str) -> Path:
        """Folder of one landed file."""
        return self.racine / source / ressource / _segment(millesime) / sha256[:12]

    def fichier(self, source: str, ressource: str, millesime: int | None, sha256: str) -> Path:
        """Path of a landed file. Raises `ErreurSource` (`sha_inconnu`) when it never landed."""
        dossier = self.dossier(source, ressource, millesime, sha256)
        sidecar = self.provenance(source, ressource, millesime, sha256)
        if sidecar is None:
            raise Lieu(source, ressource, millesime).erreur(
                "sha_inconnu",
                observe=f"no file {sha256[:12]} in {dossier.parent}",
                attendu="a file that landed",
                que_faire="put the landing store back from its backup, or receive the file again",
            )
        return dossier / str(sidecar["fichier"])

    def provenance(
        self, source: str, ressource: str, millesime: int | None, sha256: str
    ) -> dict[str, Any] | None:
        """Return the sidecar of a landed file; None when it never landed."""
        chemin = self.dossier(source, ressource, millesime, sha256) / "provenance.json"
        contenu: dict[str, Any] | None = json.loads(chemin.read_text("utf-8")) if chemin.exists() else None
        return contenu

    def poser(self, recu: Recu, lieu: Lieu, contrat: str, erreur: ErreurSource | None = None) -> None:
        """Move a received file into the store, under `_refuse` when `erreur` says why.

        Bytes already there are left as they are: nothing in the store is ever overwritten. The
        sidecar is written last; without it the file has not landed.
        """
        dossier = self.dossier(lieu.source, lieu.ressource, lieu.millesime, recu.sha256)
        if erreur:
            dossier = self.racine / "_refuse" / dossier.relative_to(self.racine)
        if (dossier / "provenance.json").exists():
            return
        dossier.mkdir(parents=True, exist_ok=True)
        recu.chemin.chmod(0o444)
        recu.chemin.replace(dossier / recu.nom)
        sidecar = {
            "fichier": recu.nom,
            "origine": recu.origine,
            "adresse": recu.adresse,
            "fetched_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "sha256": recu.sha256,
            "bytes": recu.octets,
            "etag": recu.etag,
            "last_modified": recu.last_modified,
            "contrat": contrat,
        }
        if erreur:
            sidecar["erreur"] = erreur.to_dict()
        ecrire_json(dossier / "provenance.json", sidecar, 0o600)

    @contextmanager
    def provisoire(self) -> Iterator[Path]:
        """Give a temporary folder inside the store, so that landing is a rename."""
        self.racine.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.racine, prefix=".recu-") as dossier:
            yield Path(dossier)


def examiner(
    chemin: Path, ressource: Ressource, edition: Millesime | None, dernier: Path | None, lieu: Lieu
) -> None:
    """Refuse, before parsing, bytes that cannot be the file.

    `dernier`: the accepted file to compare sizes with. Raises `ErreurSource`: `vide`, `html`,
    `zip_tronque`, `zip_bombe`, `zip_traversee`, `saut_de_taille`.
    """
    with chemin.open("rb") as f:
        debut = f.read(1024)
    if not debut.strip():
        raise lieu.erreur(
            "vide",
            observe=f"{chemin.stat().st_size} bytes, all blank",
            attendu=f"a {ressource.format.kind} file",
            que_faire="fetch it again later; if it stays empty, tell the producer",
        )
    if debut.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        raise lieu.erreur(
            "html",
            observe=" ".join(debut.decode("utf-8", "replace").split())[:80],
            attendu=f"a {ressource.format.kind} file",
            que_faire="open the address in a browser: the file has moved, or the site shows a notice",
        )
    if isinstance(ressource.format, FormatXlsx | FormatZip) or zip.est_un_zip(chemin):
        zip.verifier(chemin, lieu)
    if dernier:
        saut = ressource.thresholds.size_jump
        avant, apres = (_taille_lue(c, ressource, edition) for c in (dernier, chemin))
        if not avant / saut <= apres <= avant * saut:
            raise lieu.erreur(
                "saut_de_taille",
                observe=f"{apres} bytes, {apres / avant:.2g} times the last accepted file ({avant} bytes)",
                attendu=f"at most {saut:g} times more or less",
                que_faire="open the file; if it is right, raise `size_jump` under thresholds in "
                f"{lieu.contrat}",
            )


def _taille_lue(chemin: Path, ressource: Ressource, edition: Millesime | None) -> int:
    """Size of what will be parsed: the member when the file is an archive of several."""
    attendu = edition.member if edition else None
    if isinstance(ressource.format, FormatZip):
        attendu = attendu or ressource.format.member
    if isinstance(ressource.format, FormatCsv | FormatZip) and zip.est_un_zip(chemin):
        return zip.taille(chemin, attendu)
    return chemin.stat().st_size


def _segment(millesime: int | None) -> str:
    return SANS_MILLESIME if millesime is None else str(millesime)
