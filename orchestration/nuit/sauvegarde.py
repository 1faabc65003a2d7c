"""What of a CTG_HOME cannot be made again, in one file, and back (ADR 25).

    ctg-<home>-<instant>.tar     0600
        landing/… registre/… micro/… agregats/… audits/… keys, settings     as they are, modes included
        releases/…               those in service or pinned; all of them on demand
        SAUVEGARDE.json          last: the sha256 of every file before it

The file is as closed as what it holds: whoever has it has the internal files and the secret of the
installation. The secret of pseudonyms is not in CTG_HOME, nor here.

Belongs here: what is taken, written whole and read back whole or not at all. Does not belong here: when, and
where it is kept (docs/runbook.md).
"""

import errno
import hashlib
import json
import os
import shutil
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import IO

from socle.disque import ecriture_atomique
from socle.panne import PanneDisque

from .chemins import Chemins

INDEX = "SAUVEGARDE.json"
FORME = 1
_BLOC = 1 << 20
_UN_JOUR = 86_400.0


class SauvegardeRefusee(Exception):
    """A backup that cannot be written, or that is not whole, or has no empty folder to go to."""


@dataclass(frozen=True)
class Sauvegarde:
    """What a backup holds: files, their bytes, when it was made, the last release of its register if any."""

    chemin: Path
    fichiers: int
    octets: int
    faite_le: str
    registre: str


def a_garder(chemins: Chemins, *, toutes: bool) -> list[Path]:
    """What is taken: what nobody could make again, whether it is there or not.

    Left out: what is derived (`normalised/`, `build/`, `pages/`, `portraits/`, `modeles/`, the files of the
    demonstration), the history of runs (`dagster/`), and `depot/`, where raw extracts wait that a backup
    would keep past their retention.
    """
    fixes = [
        *(
            chemins.home / "landing",
            chemins.registre,
            chemins.home / "micro",
            chemins.agregats,
            chemins.audits,
        ),
        *(
            chemins.secret,
            chemins.cle_de_demonstration,
            chemins.liaison,
            chemins.derniere,
            chemins.ecartees,
            chemins.alertes_dites,
        ),
        *sorted(chemins.home.glob("*.yml")),
    ]
    return [*fixes, *_releases(chemins, toutes)]


def _releases(chemins: Chemins, toutes: bool) -> Iterator[Path]:
    from publication.releases import magasin, perimetres

    for store in perimetres.tous(chemins.releases):
        gardees = {magasin.courante(store), store / (magasin.epinglee(store) or ".")} - {None, store}
        yield from sorted(magasin.completes(store)) if toutes else sorted(filter(None, gardees))
        yield from (store / nom for nom in ("current", "EPINGLE"))
    # Of the first scope, a name that leads to it.
    yield from sorted(d / "current" for d in (chemins.releases / perimetres.PERIMETRES).glob("*"))


def sauvegarder(chemins: Chemins, ou: Path, *, toutes: bool = False) -> Sauvegarde:
    """Write a backup in a folder, or as this file, whole or not at all; the caller holds the lock.

    What one killed a day ago or before left half-written in the folder goes: nobody would find it under its
    hidden name, and it holds as much as a backup. Raises `SauvegardeRefusee` when the file is there already,
    is in the home it would keep, when the home holds nothing to keep, or when a zone leads to a disk that is
    not there.
    """
    maintenant = datetime.now(UTC)
    cible = ou.absolute()
    # Whoever removes the older ones after a new one is whole would be left with nothing.
    if not any(map(os.path.lexists, (chemins.liaison, chemins.home / "landing"))):
        raise SauvegardeRefusee(
            f"{chemins.home} holds nothing that was received: there is nothing to keep. Keep the backups that"
            " there are. Next: mount the disk of the warehouse, or set CTG_HOME to its folder"
        )
    if cible.is_dir():
        # Another home of this name may be writing its own there now.
        for reste in cible.glob(f".ctg-{chemins.home.name}-????????T??????Z.tar.*.tmp"):
            if maintenant.timestamp() - reste.stat().st_mtime > _UN_JOUR:
                reste.unlink()
        cible = cible / f"ctg-{chemins.home.name}-{maintenant:%Y%m%dT%H%M%SZ}.tar"
    if cible.exists():
        raise SauvegardeRefusee(
            f"{cible} is there already: a backup replaces nothing. Next: name another file"
        )
    if chemins.home.resolve() in cible.resolve().parents:
        raise SauvegardeRefusee(
            f"{cible} is inside the warehouse that it would keep, and would be lost with it. Next: name a"
            " folder of another disk"
        )
    if not cible.parent.is_dir():
        raise SauvegardeRefusee(
            f"{cible.parent} is not a folder. Next: make it, or mount it, then start again"
        )
    empreintes: dict[str, str] = {}
    liens: dict[str, str] = {}
    octets = 0
    vus: set[str] = set()
    try:
        with (
            ecriture_atomique(cible) as flux,
            tarfile.open(fileobj=flux, mode="w", format=tarfile.PAX_FORMAT) as tar,
        ):
            for chemin in _arbre(chemins.home, a_garder(chemins, toutes=toutes)):
                nom = str(chemin.relative_to(chemins.home))
                if nom in vus:
                    continue
                vus.add(nom)
                zone = _est_une_zone(chemins.home, chemin)
                if zone and not chemin.exists():
                    raise SauvegardeRefusee(
                        f"{chemin} leads to {chemin.readlink()}, which is not there: nothing of it would be"
                        " kept. Next: mount what it is on, then start again"
                    )
                lu_ici = chemin.resolve() if zone else chemin
                membre = tar.gettarinfo(lu_ici, nom)
                # A link of the mirror, or two names of one file: each has its bytes.
                if lu_ici.is_file() and not lu_ici.is_symlink():
                    membre.type, membre.linkname = tarfile.REGTYPE, ""
                    membre.size = lu_ici.stat().st_size
                    with lu_ici.open("rb") as lu:
                        temoin = _Temoin(lu)
                        tar.addfile(membre, temoin)
                    empreintes[nom] = temoin.sha256.hexdigest()
                    octets += membre.size
                else:
                    if membre.issym():
                        liens[nom] = membre.linkname
                    tar.addfile(membre)
            # 000012-20261128T083115Z-730c60f7.parquet, after its rank.
            derniere = max((chemin.stem for chemin in chemins.registre.glob("*.parquet")), default="")
            registre = derniere.partition("-")[2]
            index = {
                "forme": FORME,
                "faite_le": maintenant.isoformat(timespec="seconds"),
                "registre": registre,
                "fichiers": empreintes,
                "liens": liens,
            }
            contenu = json.dumps(index, ensure_ascii=False, indent=1).encode()
            dernier = tarfile.TarInfo(INDEX)
            dernier.size, dernier.mode = len(contenu), 0o600
            tar.addfile(dernier, BytesIO(contenu))
    except OSError as e:
        raise SauvegardeRefusee(
            f"{cible} could not be written: {e.strerror}. Nothing of it is left. Next: free room there, or"
            " name another folder"
        ) from e
    return Sauvegarde(cible, len(empreintes), octets, str(index["faite_le"]), registre)


def restaurer(fichier: Path, home: Path) -> Sauvegarde:
    """Make a home of a backup, whole or not at all.

    Raises `SauvegardeRefusee` when the home holds anything, or when the backup is not whole: cut short,
    altered, or of a form that this version does not know, or when the folder cannot be made; `PanneDisque`
    when there is no room for it.
    """
    if home.exists() and (not home.is_dir() or any(home.iterdir())):
        raise SauvegardeRefusee(
            f"{home} is not empty: a backup is restored into a new folder alone. Next: set CTG_HOME to a"
            " folder that does not exist, look at what comes there, then put it in the place of the other"
        )
    if os.path.ismount(home):
        raise SauvegardeRefusee(
            f"{home} is a mount point, which a restored folder cannot take the place of. Nothing was"
            " restored. Next: set CTG_HOME to a folder in it"
        )
    provisoire = home.with_name(f".{home.name}.restauration")
    shutil.rmtree(provisoire, ignore_errors=True)
    try:
        home.parent.mkdir(parents=True, exist_ok=True)
        provisoire.mkdir(mode=0o700)
        lue = _extraire(fichier, provisoire)
        provisoire.chmod(0o711)
        if home.exists():
            home.rmdir()
        # What is restored is on the disk before it has its name.
        os.sync()
        provisoire.rename(home)
    except (tarfile.TarError, OSError, EOFError, ValueError, KeyError) as e:
        # Of the disk that is written to, and no fault of the backup.
        if isinstance(e, OSError) and e.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
            raise PanneDisque(e.errno, str(home), "the warehouse of a backup") from None
        if isinstance(e, OSError) and e.filename is not None and Path(e.filename) != fichier:
            raise SauvegardeRefusee(
                f"{e.filename}: {e.strerror}. Nothing was restored, and nothing is said of the backup: it is"
                f" read beside its place, then takes it. Next: let this account write in {home.parent}, or"
                " set CTG_HOME to another folder"
            ) from None
        raise SauvegardeRefusee(
            f"{fichier} is not a whole backup: {e}. Nothing was restored. Next: take another copy of it, or"
            " the backup before it"
        ) from e
    finally:
        shutil.rmtree(provisoire, ignore_errors=True)
    return lue


def _extraire(fichier: Path, dossier: Path) -> Sauvegarde:
    (dossier / "releases").mkdir(mode=0o755)
    lus: dict[str, str] = {}
    octets, index = 0, None
    modes: list[tuple[Path, int]] = []
    with tarfile.open(fichier, mode="r:") as tar:
        for membre in tar:
            if membre.name == INDEX:
                contenu = tar.extractfile(membre)
                assert contenu is not None
                index = json.loads(contenu.read())
                continue
            # Refuses what would be written elsewhere; its modes are not ours.
            sur = tarfile.data_filter(membre, str(dossier))
            cible = dossier / sur.name
            cible.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if membre.isdir():
                cible.mkdir(mode=0o700, exist_ok=True)
                modes.append((cible, membre.mode & 0o755))
            elif membre.issym():
                cible.symlink_to(sur.linkname)
                lus[membre.name] = sur.linkname
            else:
                contenu = tar.extractfile(membre)
                assert contenu is not None
                temoin = _Temoin(contenu)
                with os.fdopen(os.open(cible, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as ecrit:
                    shutil.copyfileobj(temoin, ecrit, _BLOC)
                os.utime(cible, (membre.mtime, membre.mtime))
                cible.chmod(membre.mode & 0o755)
                lus[membre.name] = temoin.sha256.hexdigest()
                octets += membre.size
    if index is None:
        raise ValueError("its end is missing")
    if index["forme"] != FORME:
        raise ValueError(f"its form is {index['forme']}, this version reads {FORME}")
    # Backups of before have no links in their index.
    des_liens = index.get("liens", {nom: lu for nom, lu in lus.items() if (dossier / nom).is_symlink()})
    voulus = index["fichiers"] | des_liens
    if alteres := sorted(nom for nom in {*lus, *voulus} if lus.get(nom) != voulus.get(nom)):
        raise ValueError(f"{len(alteres)} file(s) are not those that were kept, the first being {alteres[0]}")
    for cible, mode in reversed(modes):
        cible.chmod(mode)
    return Sauvegarde(fichier, len(index["fichiers"]), octets, index["faite_le"], str(index["registre"]))


def _arbre(home: Path, racines: list[Path]) -> Iterator[Path]:
    """Each path and all that is under it, in order, after the folders that it is in."""
    for racine in racines:
        if not os.path.lexists(racine):
            continue
        yield from reversed([p for p in racine.parents if home in p.parents])
        yield racine
        if racine.is_dir() and (not racine.is_symlink() or _est_une_zone(home, racine)):
            # What a killed night left half-written is not kept.
            yield from (p for p in sorted(racine.rglob("*")) if not p.name.startswith(".recu-"))


def _est_une_zone(home: Path, chemin: Path) -> bool:
    """Whether a path is right under the home: one that leads to another disk is what it leads to."""
    return chemin.parent == home


class _Temoin:
    """A file whose bytes are digested as they are read."""

    def __init__(self, flux: IO[bytes]) -> None:
        self.flux, self.sha256 = flux, hashlib.sha256()

    def read(self, taille: int = -1) -> bytes:
        bloc = self.flux.read(taille)
        self.sha256.update(bloc)
        return bloc
