"""What is done to a warehouse before a night or as it runs, and undone after it, drawn by kind.

Belongs here: faults, each with its origin (`bilan.ORIGINES`). Does not: what must hold after (`epreuve.py`).
"""

import errno
import hashlib
import json
import os
import resource
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import ingestion.reseau
from tests.drills.bilan import (
    DISQUE,
    FICHIER,
    HORLOGE,
    MEMOIRE,
    OPERATEUR,
    PARTAGE,
    PROCESSUS,
    RESEAU,
    VERSION,
)
from tests.drills.entrepots.monde import Monde, decaler
from tests.drills.entrepots.reseau import REPONSES, servir
from tests.drills.pannes.appels import SANS_PLACE, Appel, Verdict
from tests.journaux import DE_LA_CHAINE


def _rien() -> None: ...


@dataclass(frozen=True)
class Pose:
    """A fault that is there. `abimes`: what of the home it damaged, which a hand may have to put back.

    `avant`, `decider`, `options`, `reglages`: what the night is run with; `lever`: what ends the fault by
    itself, as a share comes back; `faite`: whether the night went as far as the fault.
    """

    quoi: str
    abimes: Sequence[Path] = ()
    lever: Callable[[], None] = _rien
    avant: Callable[[], None] = _rien
    options: tuple[str, ...] = ()
    reglages: Mapping[str, str] = field(default_factory=dict)
    decider: Callable[[Appel], Verdict] | None = None
    faite: Callable[[], bool] = lambda: True


@dataclass(frozen=True)
class Genre:
    """A kind of fault: its origin, and how one is drawn.

    `neuves`: of its nights, those that find something new; they build, which costs ten times as much.
    """

    nom: str
    origine: str
    poser: Callable[[Monde, Random], Pose]
    neuves: float = 1 / 6


def _retourner(octets: bytes, tirage: Random) -> bytes:
    """One bit."""
    ou = tirage.randrange(len(octets)) if octets else 0
    return (
        octets[:ou] + bytes([octets[ou] ^ 1 << tirage.randrange(8)]) + octets[ou + 1 :] if octets else b"\0"
    )


FACONS: dict[str, Callable[[bytes, Random], bytes | None]] = {
    "one bit of": _retourner,
    "half of": lambda octets, _: octets[: len(octets) // 2],
    "nothing left in": lambda *_: b"",
    "zeros in": lambda octets, _: bytes(len(octets)),
    "another text in": lambda *_: b"<html>not found</html>\n",
    "no": lambda *_: None,
}


def abimer(fichier: Path, facon: str, tirage: Random) -> None:
    """Damage a file in place, whatever its mode; its dates stay, as those of a disk that rots do."""
    etat = fichier.stat()
    octets = FACONS[facon](fichier.read_bytes(), tirage)
    fichier.unlink()
    if octets is not None:
        fichier.write_bytes(octets)
        fichier.chmod(etat.st_mode & 0o777)
        os.utime(fichier, ns=(etat.st_atime_ns, etat.st_mtime_ns))


ZONES = ("landing", "normalised", "micro", "agregats", "releases", "dagster", "pages", "build", "")
"""Where a file is damaged, each as often; "": the files right under the home."""


def _fichiers(racine: Path) -> list[Path]:
    return sorted(f for f in racine.rglob("*") if f.is_file() and not f.is_symlink())


def au_repos(monde: Monde, tirage: Random) -> Pose:
    """A file of the home, between two nights."""
    zone = tirage.choice(ZONES)
    dossier = monde.home / zone
    fichiers = _fichiers(dossier) if zone else [f for f in sorted(monde.home.iterdir()) if f.is_file()]
    fichier, facon = tirage.choice(fichiers), tirage.choice([*FACONS])
    abimer(fichier, facon, tirage)
    return Pose(f"{facon} {fichier.relative_to(monde.home)}", [fichier.relative_to(monde.home)])


def zone_perdue(monde: Monde, tirage: Random) -> Pose:
    """A folder of the home, removed by somebody who needed room."""
    dossiers = sorted(
        d
        for d in monde.home.rglob("*")
        if d.is_dir() and not d.is_symlink() and len(d.relative_to(monde.home).parts) < 4
    )
    perdu = tirage.choice(dossiers)
    shutil.rmtree(perdu)
    return Pose(f"rm -r {perdu.relative_to(monde.home)}", [perdu.relative_to(monde.home)])


def autre_contenu(monde: Monde, tirage: Random) -> Pose:
    """A file of the home with the bytes of another of the same zone: a restore that went astray."""
    zone = tirage.choice([z for z in ZONES if z])
    ici, autre = tirage.sample(_fichiers(monde.home / zone), 2)
    octets = autre.read_bytes()
    abimer(ici, "no", tirage)
    ici.write_bytes(octets)
    return Pose(f"{autre.name} in the place of {ici.relative_to(monde.home)}", [ici.relative_to(monde.home)])


def mode(monde: Monde, tirage: Random) -> Pose:
    """A folder open to others, or whose files nobody may write."""
    chemin = tirage.choice([d for d in sorted(monde.home.iterdir()) if d.is_dir() and d.name != "releases"])
    voulu, avant = tirage.choice([0o777, 0o755, 0o770]), chemin.stat().st_mode
    chemin.chmod(voulu)
    return Pose(f"chmod {voulu:o} {chemin.name}", lever=lambda: chemin.chmod(avant & 0o777))


def partage(monde: Monde, tirage: Random) -> Pose:
    """The share of the mirror: gone, empty, short of files, or with something else in the place of one."""
    ailleurs = monde.dossier / "partage"
    shutil.copytree(monde.miroir, ailleurs)
    fichiers = _fichiers(monde.miroir)
    choisi = tirage.choice(fichiers)
    lieu = choisi.relative_to(monde.miroir)

    def remettre() -> None:
        shutil.rmtree(monde.miroir, ignore_errors=True)
        shutil.copytree(ailleurs, monde.miroir)

    def vider() -> None:
        shutil.rmtree(monde.miroir)
        monde.miroir.mkdir()

    def dossier_a_sa_place() -> None:
        choisi.unlink()
        choisi.mkdir()

    def lien_mort() -> None:
        choisi.unlink()
        choisi.symlink_to(monde.dossier / "nulle part")

    def echange() -> None:
        autre = tirage.choice([f for f in fichiers if f != choisi])
        choisi.write_bytes(autre.read_bytes())

    def la_moitie() -> None:
        for fichier in tirage.sample(fichiers, len(fichiers) // 2 + 1):
            fichier.unlink()

    fautes: dict[str, Callable[[], None]] = {
        "the share is gone": lambda: shutil.rmtree(monde.miroir),
        "the share is empty": vider,
        "half of the share": la_moitie,
        f"a folder named {lieu}": dossier_a_sa_place,
        f"a link to nowhere, {lieu}": lien_mort,
        f"another file as {lieu}": echange,
        **{f"{f} {lieu}": (lambda f=f: abimer(choisi, f, tirage)) for f in FACONS},  # type: ignore[misc]
    }
    quoi = tirage.choice([*fautes])
    fautes[quoi]()
    return Pose(quoi, lever=remettre)


def fichier_depose(monde: Monde, tirage: Random) -> Pose:
    """Something dropped by hand: damaged, elsewhere than it should, twice, or huge."""
    source, ressource, millesime, chemin = tirage.choice(DEPOSES)
    vrai = monde.miroir / chemin
    octets = vrai.read_bytes()
    lieux = {
        f"{source}/{ressource}/{millesime}": "",
        f"{source}/{ressource}/{millesime + 1}": "of another year",
        f"{source}/{millesime}": "a folder too high",
        f"{source}x/{ressource}/{millesime}": "of no source",
        "": "right in the depot",
    }
    ou = tirage.choice([*lieux])
    facon = tirage.choice([*FACONS])
    abime = FACONS[facon](octets, tirage)
    dossier = monde.home / "depot" / ou
    dossier.mkdir(parents=True, exist_ok=True)
    depose = dossier / vrai.name
    depose.write_bytes(octets if abime is None else abime)
    if tirage.random() < 0.2:
        (dossier / f"copie de {vrai.name}").write_bytes(octets)

    def retirer() -> None:
        for fichier in dossier.iterdir():
            if fichier.is_file():
                fichier.unlink()

    return Pose(f"dropped: {facon} {vrai.name}, {lieux[ou]}", lever=retirer)


DEPOSES = (
    ("insee_populations_legales", "communes", 2022, "insee/populations/donnees_communes_pop2022.csv"),
    ("cnaf_taux_couverture_epci", "courant", 2023, "cnaf/cafdata/txcouv_pe_epci.csv"),
    ("dgcl_epci_composition", "communes", 2024, "dgcl/epcicom2024.xlsx"),
)


def horloge(monde: Monde, tirage: Random) -> Pose:
    """The clock of the machine, ahead or behind for one night."""
    jours = tirage.choice([-4000, -400, -40, -2, -0.1, 2, 40, 400, 4000]) * tirage.uniform(0.5, 1.5)
    return Pose(f"the clock {jours:+.1f} days", avant=decaler(jours))


def memoire(monde: Monde, tirage: Random) -> Pose:
    """Too little memory for the night."""
    octets = tirage.randrange(50, 700) << 20

    def borner() -> None:
        pris = int(Path("/proc/self/statm").read_text().split()[5]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_DATA, (pris + octets, pris + octets))

    return Pose(f"{octets >> 20} MB of memory more", avant=borner)


def operateur(monde: Monde, tirage: Random) -> Pose:
    """A person: a setting mistyped, another folder, a file of settings written wrong, a decision undone."""
    home = monde.home
    reglages: dict[str, dict[str, str]] = {
        "an unknown scope": {"CTG_PERIMETRE": "epci:299999999"},
        "a scope mistyped": {"CTG_PERIMETRE": "epci 200068229"},
        "another profile": {"CTG_PROFILE": "live"},
        "no such profile": {"CTG_PROFILE": "miror"},
        "no such mirror": {"CTG_MIRROR": str(monde.dossier / "miror")},
        "a mirror of something else": {"CTG_MIRROR": str(monde.sauvegardes)},
        "a page of no territory": {"CTG_IMPRIMER": "comune"},
        "a database that is not there": {"CTG_POSTGRES": "postgresql://ctg@127.0.0.1:1/ctg"},
        "a key of pseudonyms that is not there": {"CTG_CLE_PSEUDONYMES_FICHIER": str(monde.dossier / "non")},
        "no such engine": {"CTG_MOTEUR_EXTRAIT": "sparc"},
    }
    ecrits = {
        "alertes.yml": "destinations: [",
        "correspondance_extrait.yml": "couverture: departement:27\n",
    }
    quoi = tirage.choice([*reglages, *ecrits])
    if quoi in reglages:
        return Pose(quoi, reglages=reglages[quoi])
    avant = (home / quoi).read_bytes()
    (home / quoi).write_text(ecrits[quoi])
    return Pose(f"{quoi} written wrong", lever=lambda: (home / quoi).write_bytes(avant) and None)


def en_nuit(monde: Monde, tirage: Random) -> Pose:
    """One of the writes of the night fails, or all from there on."""
    quoi, dit = tirage.choice([(errno.EIO, "EIO"), (errno.ENOSPC, "ENOSPC")])
    return _a_l_appel(tirage, quoi, f"{dit} at", durable=tirage.random() < 0.5)


def tuee(monde: Monde, tirage: Random) -> Pose:
    """The night is killed at one of its writes."""
    return _a_l_appel(tirage, "kill", "killed at", durable=False)


def _a_l_appel(tirage: Random, quoi: int | str, dit: str, *, durable: bool, parmi: float = 4) -> Pose:
    """At a write drawn among the first 10 ** `parmi`, the first ones more often."""
    rang, vus, touches = int(10 ** tirage.uniform(0, parmi)), 0, list[Appel]()

    def decider(appel: Appel) -> Verdict:
        nonlocal vus
        vus += 1
        if vus == rang or (touches and durable and not (quoi == errno.ENOSPC and appel.nom in SANS_PLACE)):
            touches.append(appel)
            return quoi
        return None

    reste = " and after" if durable else ""
    return Pose(f"{dit} write {rang}{reste}", decider=decider, faite=lambda: bool(touches))


def reseau(monde: Monde, tirage: Random) -> Pose:
    """A mirror that is served, and whose server fails; or that is not there."""
    quoi = tirage.choice(["is not there", *REPONSES])
    if quoi == "is not there":
        return Pose("the server is not there", reglages={"CTG_MIRROR": "http://127.0.0.1:1"})
    adresse, arreter = servir(monde.miroir, REPONSES[quoi])
    return Pose(f"the server {quoi}", reglages={"CTG_MIRROR": adresse}, lever=arreter, avant=_impatienter)


def _impatienter() -> None:
    """Wait for a server that says nothing a second, not a minute."""
    ingestion.reseau.DELAIS = (1, 1)


def version(monde: Monde, tirage: Random) -> Pose:
    """The home of an older version, or of a newer one; the step to this one killed on its way."""
    fichier = monde.home / "format.json"
    if tirage.random() < 1 / 3:
        avant = fichier.read_bytes()
        fichier.write_text(json.dumps({"format": 99, "version": "9.9.9"}))
        return Pose("the home of version 9.9.9", lever=lambda: _remettre(fichier, avant))
    fichier.unlink()
    for journal in monde.home.glob("*/journal.jsonl"):
        _desceller(journal)
    shutil.rmtree(monde.home / "journaux")
    for manifeste in monde.home.glob("releases/**/MANIFEST.json"):
        if not manifeste.parent.is_symlink():
            _sans_journaux(manifeste)
    pose = _a_l_appel(tirage, "kill", "an upgrade killed at", durable=False, parmi=2)
    return pose if tirage.random() < 2 / 3 else Pose("the home of version 0.1.0")


def _remettre(fichier: Path, octets: bytes) -> None:
    fichier.write_bytes(octets)


def _desceller(journal: Path) -> None:
    """Write a journal as 0.1.0 did: without the digest of each line, nor what it follows."""
    evenements = [json.loads(ligne) for ligne in journal.read_bytes().splitlines()]
    for evenement in evenements:
        for nom in DE_LA_CHAINE:
            evenement.pop(nom, None)
    journal.write_text("".join(json.dumps(e, ensure_ascii=False) + "\n" for e in evenements))


def _sans_journaux(manifeste: Path) -> None:
    """Seal a release as 0.1.0 did: its manifest says nothing of journals."""
    dit = json.loads(manifeste.read_bytes())
    dit.pop("journals", None)
    succes = manifeste.with_name("SUCCESS")
    for fichier in (manifeste, succes):
        fichier.chmod(0o644)
    manifeste.write_text(json.dumps(dit, ensure_ascii=False, indent=2) + "\n")
    succes.write_text(f"{hashlib.sha256(manifeste.read_bytes()).hexdigest()}  MANIFEST.json\n")
    for fichier in (manifeste, succes):
        fichier.chmod(0o444)


GENRES = (
    Genre("en_nuit", DISQUE, en_nuit, 1 / 2),
    Genre("tuee", PROCESSUS, tuee, 1 / 2),
    Genre("au_repos", DISQUE, au_repos),
    Genre("zone_perdue", OPERATEUR, zone_perdue),
    Genre("autre_contenu", DISQUE, autre_contenu),
    Genre("mode", OPERATEUR, mode),
    Genre("partage", PARTAGE, partage),
    Genre("depot", FICHIER, fichier_depose),
    Genre("horloge", HORLOGE, horloge),
    Genre("memoire", MEMOIRE, memoire),
    Genre("operateur", OPERATEUR, operateur),
    Genre("reseau", RESEAU, reseau),
    Genre("version", VERSION, version),
)
