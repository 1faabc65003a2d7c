"""The landing store: every byte received, unchanged and addressed by its content."""

from __future__ import annotations

import gzip
import json
import shutil
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ingestion.contrats import Millesime, Ressource
from ingestion.contrats.grammaire import FormatCsv, FormatGeojson, FormatXls, FormatZip
from ingestion.erreurs import ErreurSource, Lieu
from ingestion.readers import zip
from ingestion.readers.gz import GZIP
from ingestion.recu import Recu
from socle.disque import dossiers_de, ecriture_atomique, synchroniser_tous
from socle.etat import lire_json
from socle.panne import en_ecrivant

SANS_MILLESIME = "_sans_millesime"
SIDECAR = "provenance.json"
REFUSES = "_refuse"
JOURS_DES_REFUSES = 90
"""Days that refused bytes are kept for whoever looks at them; the journal keeps for ever that they came."""


@dataclass(frozen=True)
class Pose:
    """A received file to put in the store, as its contract stands; `erreur`: why it is refused."""

    recu: Recu
    lieu: Lieu
    contrat: str = ""
    erreur: ErreurSource | None = None


@dataclass(frozen=True)
class Provenance:
    """The fields read from the sidecar of a landed file."""

    fichier: str
    adresse: str
    fetched_at: str
    sha256: str
    etag: str | None = None
    last_modified: str | None = None


class Landing:
    """The store under `racine` (`CTG_HOME/landing`)."""

    def __init__(self, racine: Path) -> None:
        """Use the store at `racine`, which need not exist."""
        self.racine = racine
        self._sidecars: dict[Path, Provenance] = {}

    def dossier(self, source: str, ressource: str, millesime: int | None, sha256: str) -> Path:
        """Folder of one landed file."""
        segment = SANS_MILLESIME if millesime is None else str(millesime)
        return self.racine / source / ressource / segment / sha256[:12]

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
        return dossier / sidecar.fichier

    def provenance(
        self, source: str, ressource: str, millesime: int | None, sha256: str
    ) -> Provenance | None:
        """Return the sidecar of a landed file; None when it never landed."""
        chemin = self.dossier(source, ressource, millesime, sha256) / SIDECAR
        if not chemin.exists():
            return None
        # Read once: what stands in the store never changes.
        if chemin not in self._sidecars:
            lu = lire_json(
                chemin,
                Provenance,
                "where a received file comes from",
                "put it back from a backup of the landing store; without one, move its folder elsewhere and"
                " receive the file again",
            )
            assert lu is not None
            self._sidecars[chemin] = lu
        return self._sidecars[chemin]

    def poser(self, poses: Iterable[Pose]) -> None:
        """Move received files into the store, the refused ones under `_refuse`; nothing is overwritten.

        Bytes reach the disk before any name does, and names before this returns. The sidecar is named last:
        without it the file has not landed.
        """
        nouvelles: dict[Path, Pose] = {}
        for pose in poses:
            lieu = pose.lieu
            dossier = self.dossier(lieu.source, lieu.ressource, lieu.millesime, pose.recu.sha256)
            if pose.erreur:
                dossier = self.racine / REFUSES / dossier.relative_to(self.racine)
            if not (dossier / SIDECAR).exists():
                # Two addresses may give the same bytes the same night: the first stays.
                nouvelles.setdefault(dossier, pose)
        for pose in nouvelles.values():
            with en_ecrivant(pose.recu.chemin):
                pose.recu.chemin.chmod(0o400)
            with ecriture_atomique(_sidecar_provisoire(pose.recu), synchrone=False) as f:
                f.write(json.dumps(_sidecar(pose), ensure_ascii=False, indent=2).encode() + b"\n")
        recus = [p.recu for p in nouvelles.values()]
        synchroniser_tous(c for r in recus for c in (r.chemin, _sidecar_provisoire(r)))
        for dossier, pose in nouvelles.items():
            with en_ecrivant(dossier, "a received file"):
                dossier.mkdir(parents=True, exist_ok=True)
                pose.recu.chemin.replace(dossier / pose.recu.nom)
                _sidecar_provisoire(pose.recu).replace(dossier / SIDECAR)
        if nouvelles:
            synchroniser_tous([*nouvelles, *dossiers_de(nouvelles, self.racine.parent)])

    def oublier_les_refuses(self, a: float) -> None:
        """Remove what was refused long before the instant `a` (epoch), but the last of each millésime."""
        for millesime in self.racine.glob(f"{REFUSES}/*/*/*"):
            sidecars = sorted(millesime.glob(f"*/{SIDECAR}"), key=lambda s: s.stat().st_mtime)
            for sidecar in sidecars[:-1]:
                if a - sidecar.stat().st_mtime > JOURS_DES_REFUSES * 86_400:
                    with en_ecrivant(sidecar.parent, "the removal of refused bytes"):
                        shutil.rmtree(sidecar.parent)

    @contextmanager
    def provisoire(self) -> Iterator[Callable[[], Path]]:
        """Give a maker of empty folders inside the store, removed at the end: landing is then a rename."""
        with ExitStack() as pile:
            racines: list[Path] = []

            def dossier() -> Path:
                with en_ecrivant(self.racine):
                    if not racines:
                        self.racine.mkdir(parents=True, exist_ok=True)
                        # The next night sweeps a folder that cannot be removed.
                        cree = tempfile.TemporaryDirectory(
                            dir=self.racine, prefix=".recu-", ignore_cleanup_errors=True
                        )
                        racines.append(Path(pile.enter_context(cree)))
                    nouveau = racines[0] / str(len(racines))
                    racines.append(nouveau)
                    nouveau.mkdir()
                return nouveau

            yield dossier


def _sidecar_provisoire(recu: Recu) -> Path:
    return recu.chemin.with_name(SIDECAR)


def _sidecar(pose: Pose) -> dict[str, Any]:
    recu = pose.recu
    return {
        "fichier": recu.nom,
        "origine": recu.origine,
        "adresse": recu.adresse,
        "fetched_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "sha256": recu.sha256,
        "bytes": recu.octets,
        "etag": recu.etag,
        "last_modified": recu.last_modified,
        "contrat": pose.contrat,
        **({"erreur": pose.erreur.to_dict()} if pose.erreur else {}),
    }


def examiner(
    chemin: Path,
    ressource: Ressource,
    edition: Millesime | None,
    dernier: Path | None,
    lieu: Lieu,
    *,
    archive_vue: bool = False,
) -> None:
    """Refuse, before parsing, bytes that cannot be the file.

    `dernier`: the accepted file to compare sizes with. `archive_vue`: the same bytes passed as an archive a
    moment ago and are not inflated again. Raises `ErreurSource`: `vide`, `html`, `json`, `gzip`,
    `gzip_tronque`, `zip_tronque`, `zip_bombe`, `zip_traversee`, `classeur`, `saut_de_taille`.
    """
    format, attendu = ressource.format, f"a {ressource.format.kind} file"
    with chemin.open("rb") as f:
        debut = f.read(1024)
    tete = debut.lstrip(b"\xef\xbb\xbf \t\r\n")
    refus = None
    if not debut.strip():
        observe = f"{chemin.stat().st_size} bytes, all blank"
        refus = "vide", observe, "fetch it again later; if it stays empty, tell the producer"
    elif debut.startswith(GZIP) and not isinstance(format, FormatGeojson | FormatXls):
        observe, faute = f"a gzip of {chemin.stat().st_size} bytes", _faute_gzip(chemin)
        suite = "inflate it (`gunzip`) and drop what it holds in the depot, or look for the plain file"
        refus = "gzip", observe, suite
        if faute:
            suite = "fetch the file again; if it comes back the same, tell the producer"
            refus = "gzip_tronque", f"{observe} that does not inflate to its end: {faute}", suite
    elif tete.startswith(b"<"):
        suite = "open the address in a browser, or the file: it has moved, or the site shows a notice"
        refus = "html", "a file that starts like a page (<)", suite
    elif not isinstance(format, FormatGeojson) and tete.startswith((b"{", b"[")):
        suite = (
            f"read what the portal says, in its file under landing/{REFUSES}: too many requests pass with"
            f" time; a field or dataset that it does not know is corrected in {lieu.contrat}"
        )
        refus = "json", "a file that starts like JSON ({ or [)", suite
    if refus:
        raise lieu.erreur(refus[0], observe=refus[1], attendu=attendu, que_faire=refus[2])
    archive = zip.est_un_zip(chemin)
    if not archive_vue and (format.kind in ("xlsx", "zip") or archive):
        zip.verifier(chemin, lieu)
    if isinstance(format, FormatCsv) and archive and zip.est_un_classeur(chemin):
        raise lieu.erreur(
            "classeur",
            observe="an Excel workbook",
            attendu=attendu,
            que_faire="drop the file as its producer gives it; or save it as « CSV UTF-8 », with the same"
            " separator",
        )
    if dernier:
        avant, apres = (_taille_lue(c, ressource, edition) for c in (dernier, chemin))
        _comparer_tailles(avant, apres, ressource, lieu)


def _faute_gzip(chemin: Path) -> str | None:
    """Why a gzip does not inflate to its end; None where it does, or is too large to tell."""
    try:
        with gzip.open(chemin) as f:
            while f.read(1 << 20) and f.tell() < zip.TAILLE_MAX:
                pass
    except (EOFError, OSError, zlib.error) as e:
        return str(e)
    return None


def _comparer_tailles(avant: int, apres: int, ressource: Ressource, lieu: Lieu) -> None:
    saut = ressource.thresholds.size_jump
    if not avant / saut <= apres <= avant * saut:
        raise lieu.erreur(
            "saut_de_taille",
            observe=f"{apres} bytes, {apres / avant:.2g} times the last accepted file ({avant} bytes)",
            attendu=f"at most {saut:g} times more or less",
            que_faire="open the file: is it this one, and whole? If it is, raise `size_jump` under thresholds"
            f" in {lieu.contrat}",
        )


def _taille_lue(chemin: Path, ressource: Ressource, edition: Millesime | None) -> int:
    """Size of the parsed bytes: the member's, in an archive of several."""
    attendu = edition.member if edition else None
    if isinstance(ressource.format, FormatZip):
        attendu = attendu or ressource.format.member
    if isinstance(ressource.format, FormatCsv | FormatZip) and zip.est_un_zip(chemin):
        return zip.taille(chemin, attendu)
    return chemin.stat().st_size
