"""The release store: listing, showing, finding, pinning, rolling back, verifying, purging, switching.

`releases/<id>/` is written once and never changed; `current` is a relative symlink that moves by one rename.
`<id>` is `<UTC time>-<8 digits of the content hash>`, with `-as-of-<day>` for a release never in service.
"""

import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from publication.commun.empreintes import Empreintes
from publication.lecture.fichiers import CERTIFICAT as CERTIFICAT
from socle.disque import (
    DOSSIER_CLOS,
    DOSSIER_OUVERT,
    FICHIER_OUVERT,
    creer_dossier,
    ecrire_texte,
    sha256_fichier,
    synchroniser,
    verrou,
)
from socle.erreurs import ErreurPublication
from socle.etat import EtatIllisible, lire_octets
from socle.panne import en_ecrivant

ABIMEE = "put that release back from a backup, or another in service with `ctg releases rollback ID`"
"""What to do of a release that is not what was published; `ctg doctor` reads all of them."""

_ID = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{8}(?:-as-of-(\d{4}-\d{2}-\d{2}))?")
_EN_COURS, _RETIREE = ".en_cours-", ".retiree-"


@dataclass(frozen=True)
class Release:
    """One line of the list of releases."""

    release_id: str
    publiee_le: str
    content_hash: str
    profil: str
    perimetre: str
    courante: bool
    epinglee: bool
    as_of: str | None


def lister(releases: Path) -> list[Release]:
    """List the complete releases, newest first."""
    en_service, epingle = courante(releases), epinglee(releases)
    liste = []
    for dossier in completes(releases):
        manifeste = montrer(releases, dossier.name)
        liste.append(
            Release(
                dossier.name,
                manifeste["finished"],
                manifeste["content_hash"],
                manifeste["profil"],
                manifeste["perimetre"],
                courante=dossier == en_service,
                epinglee=dossier.name == epingle,
                as_of=jour_de(dossier),
            )
        )
    return liste


def montrer(releases: Path, release_id: str) -> dict[str, Any]:
    """Return the manifest of a release; `current` names the one in service.

    Raises `EtatIllisible` where it is not what was sealed.
    """
    dossier = trouver(releases, release_id)
    succes = lire_octets(dossier / "SUCCESS", "the digest of MANIFEST.json", ABIMEE) or b""
    return _lire_scelle(dossier / "MANIFEST.json", succes.decode("ascii", "replace").partition(" ")[0])


def lire_scelle(dossier: Path, nom: str) -> dict[str, Any]:
    """Return a JSON file of a complete release. Raises `EtatIllisible` where it is not what was sealed."""
    scelles = montrer(dossier.parent, dossier.name)["files"]
    if nom not in scelles:
        raise EtatIllisible(dossier / "MANIFEST.json", f"no {nom}", "every file of the release", ABIMEE)
    return _lire_scelle(dossier / nom, scelles[nom]["sha256"])


def _lire_scelle(fichier: Path, empreinte: str) -> dict[str, Any]:
    attendu = f"what was published, of digest {empreinte[:12]}"
    octets = lire_octets(fichier, attendu, ABIMEE)
    if octets is None:
        raise EtatIllisible(fichier, "no file", attendu, ABIMEE)
    if (observe := sha256(octets).hexdigest()) != empreinte:
        raise EtatIllisible(fichier, f"{len(octets)} bytes of digest {observe[:12]}", attendu, ABIMEE)
    lu: dict[str, Any] = json.loads(octets)
    return lu


def revenir(releases: Path, release_id: str) -> Path:
    """Put a release back in service and pin it: later nights publish without moving `current`."""
    with tenir(releases):
        dossier = trouver(releases, release_id)
        if jour := jour_de(dossier):
            raise ErreurPublication(
                f"Release {dossier.name} says what was known on {jour}: it is read by its path, and never put"
                f" in service. Choose another one (newest: {_connues(releases)})."
            )
        if anomalies := verifier(releases, dossier.name):
            raise ErreurPublication(
                f"Release {dossier.name} is damaged ({'; '.join(anomalies[:3])}): it is not put back in"
                " service. Choose another one (`ctg releases list`)."
            )
        # The pin first: killed between the two, a moved `current` would go forward again the next night.
        provisoire = releases / ".epingle"
        ecrire_texte(provisoire, dossier.name + "\n")
        provisoire.chmod(FICHIER_OUVERT)
        synchroniser(provisoire)
        provisoire.replace(releases / "EPINGLE")
        synchroniser(releases)
        basculer(releases, dossier.name)
        synchroniser(releases)
        return dossier


def lever_epingle(releases: Path) -> str | None:
    """Lift the pin; return the release it held, if any. The next night moves `current` again.

    One that names no release is not lifted: whoever pinned one has to say which.
    """
    with tenir(releases):
        epingle = epinglee(releases)
        (releases / "EPINGLE").unlink(missing_ok=True)
        synchroniser(releases)
        return epingle


def verifier(releases: Path, release_id: str) -> list[str]:
    """Recompute the SHA-256 of every file of a release; return what is wrong, nothing when it is whole."""
    dossier = trouver(releases, release_id)
    manifeste = dossier / "MANIFEST.json"
    try:
        if (dossier / "SUCCESS").read_bytes().split()[:1] != [sha256_fichier(manifeste).encode()]:
            return ["MANIFEST.json: altered since publication"]
        attendus = json.loads(manifeste.read_bytes())["files"]
        presents = Empreintes(dossier).toutes()
    except OSError as e:
        # A disk that fails, or a right that is missing: of the others nothing is known then.
        return [f"{Path(e.filename or dossier).name}: cannot be read ({e.strerror})"]
    del presents["MANIFEST.json"], presents["SUCCESS"]
    return [
        *(f"{chemin}: missing" for chemin in sorted(attendus.keys() - presents.keys())),
        *(f"{chemin}: not in the manifest" for chemin in sorted(presents.keys() - attendus.keys())),
        *(
            f"{chemin}: altered since publication (sha256 {presents[chemin][:12]}, expected {voulu[:12]})"
            for chemin in sorted(presents.keys() & attendus.keys())
            if presents[chemin] != (voulu := attendus[chemin]["sha256"])
        ),
    ]


def courante(releases: Path) -> Path | None:
    """Return the folder of the release in service, None before the first one.

    Raises ErreurPublication when `current` is anything but a bare link to a complete release of this store.
    """
    lien = releases / "current"
    if not os.path.lexists(lien):
        return None
    # Read once: a night may rename it meanwhile.
    vers = lien.readlink() if lien.is_symlink() else None
    cible = releases / (vers or "current")
    if vers is None or str(vers) != cible.name or not _complete(cible):
        raise ErreurPublication(
            f"{lien} is {f'a link to {vers}' if vers else 'not a link'}; expected a"
            " link to a complete release of this store. Put one back in service with `ctg releases rollback`"
            f" (newest: {_connues(releases)}), or remove `current` if none is left."
        )
    return cible


def epinglee(releases: Path) -> str | None:
    """Return the id of the pinned release, None when nothing is pinned.

    Raises `EtatIllisible` where a pin is there and names no release: nobody unpinned, and nothing is moved.
    """
    epingle = releases / "EPINGLE"
    attendu, suite = "the id of the release that is pinned", "pin one again: `ctg releases rollback ID`"
    octets = lire_octets(epingle, attendu, suite)
    if octets is None:
        return None
    release_id = octets.decode("ascii", "replace").strip()
    if not _ID.fullmatch(release_id):
        raise EtatIllisible(epingle, f"{len(octets)} bytes that name none", attendu, suite)
    return release_id


def trouver(releases: Path, release_id: str) -> Path:
    """Return the folder of a complete release of this store; `current` names the one in service.

    Raises ErreurPublication when there is no such release.
    """
    dossier = courante(releases) if release_id == "current" else releases / release_id
    if dossier is None or dossier.parent != releases or not _complete(dossier):
        raise ErreurPublication(
            f"No complete release {release_id!r} in {releases}. Newest releases: {_connues(releases)}."
        )
    return dossier


def a_lire(releases: Path, release_id: str | None) -> Path:
    """Return the folder a reader asked for, without an id the one in service; errors are in French."""
    if release_id is None:
        if (lue := courante(releases)) is not None:
            return lue
        raise ErreurPublication(
            f"Aucune publication en service sous {releases} : lancer d'abord une nuit (`ctg refresh`)."
        )
    connues = [dossier.name for dossier in completes(releases)]
    if release_id not in ("current", *connues):
        raise ErreurPublication(
            f"Aucune publication {release_id!r} sous {releases}. Les dernières :"
            f" {', '.join(connues[:5]) or 'aucune'} (`ctg releases list`)."
        )
    return trouver(releases, release_id).resolve()


@contextmanager
def tenir(releases: Path) -> Iterator[None]:
    """Hold the store for writing: leftovers may be swept only when nobody else is publishing."""
    message = f"Another process is publishing in {releases}: wait until it ends, then try again."
    if not releases.is_dir():
        creer_dossier(releases)
        releases.chmod(DOSSIER_OUVERT)
    with verrou(releases / ".verrou", message, ErreurPublication), en_ecrivant(releases, "a release"):
        yield


def atelier(releases: Path, nom: str) -> Path:
    """Sweep what killed processes left behind, and return a new folder to make a release in.

    Closed until the release is whole, scanned and registered.
    """
    for motif in (f"{_EN_COURS}*", f"{_RETIREE}*"):
        for reste in releases.glob(motif):
            with en_ecrivant(reste, "the removal of what a killed night left"):
                shutil.rmtree(reste)
    for reste in (releases / ".current", releases / ".epingle"):
        reste.unlink(missing_ok=True)
    dossier = releases / f"{_EN_COURS}{nom}"
    dossier.mkdir(mode=DOSSIER_CLOS)
    return dossier


def accueillir(releases: Path, en_cours: Path, release_id: str) -> Path:
    """Open a sealed folder, under the name by which it is found in the store; not in service yet.

    What it shows is registered: it may wait for the releases of other scopes until then, closed.
    """
    en_cours.chmod(DOSSIER_OUVERT)
    dossier = en_cours.rename(releases / release_id)
    synchroniser(releases)
    return dossier


def basculer(releases: Path, release_id: str) -> None:
    """Put a release in service, by one rename; whoever calls brings it to the disk."""
    provisoire = releases / ".current"
    provisoire.unlink(missing_ok=True)
    provisoire.symlink_to(release_id)
    provisoire.replace(releases / "current")


def purger(releases: Path, garder: int) -> None:
    """Remove all but the newest, of ordinary nights and of days apart; never the current or pinned one."""
    protegees = {courante(releases), releases / (epinglee(releases) or "current")}
    autres = [dossier for dossier in completes(releases) if jour_de(dossier)]
    for dossier in ordinaires(releases)[garder:] + autres[garder:]:
        if dossier not in protegees:
            retirer(dossier)


def retirer(dossier: Path) -> None:
    """Remove a release, whole:

    out of the list first, for a removal cut short must not leave half of one there.
    """
    with en_ecrivant(dossier, "the removal of an old release"):
        retiree = dossier.rename(dossier.with_name(f"{_RETIREE}{dossier.name}"))
    # On the disk too: its former name would come back with what is left of it.
    synchroniser(dossier.parent)
    with en_ecrivant(retiree, "the removal of an old release"):
        shutil.rmtree(retiree)


def completes(releases: Path) -> list[Path]:
    """Return the folders of the complete releases, newest first."""
    return sorted(filter(_complete, releases.iterdir()), reverse=True) if releases.is_dir() else []


def sans_sceau(releases: Path) -> list[Path]:
    """Return the folders named after a release that lost their `SUCCESS`: no list has them any more."""
    presents = sorted(releases.iterdir()) if releases.is_dir() else []
    return [d for d in presents if _ID.fullmatch(d.name) and not d.is_symlink() and not _complete(d)]


def ordinaires(releases: Path) -> list[Path]:
    """Return those of ordinary nights, newest first."""
    return [dossier for dossier in completes(releases) if not jour_de(dossier)]


def jour_de(dossier: Path) -> str | None:
    """Return the day of a release built as of some day, None for that of an ordinary night."""
    lu = _ID.fullmatch(dossier.name)
    return lu and lu[1]


def instant_de(dossier: Path) -> datetime:
    """Return the instant (UTC) that the name of a release begins with."""
    return datetime.strptime(dossier.name[:16], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def _complete(dossier: Path) -> bool:
    return bool(_ID.fullmatch(dossier.name)) and not dossier.is_symlink() and (dossier / "SUCCESS").is_file()


def _connues(releases: Path) -> str:
    return ", ".join(dossier.name for dossier in ordinaires(releases)[:5]) or "none yet"
