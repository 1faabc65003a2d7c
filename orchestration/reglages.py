"""Settings of a night: which profile, which scope, where. Explicit maps, no fallback.

Read from the environment when a run starts, never when definitions are imported. The folder CTG_HOME
is bound to one profile and one scope by its first night and refuses another.
"""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ingestion.acquisition import NomProfil

PERIMETRE = re.compile(r"france|region:\d{2}|departement:(\d{2}|2[AB]|97\d)|epci:\d{9}")


class ReglageRefuse(Exception):
    """A setting that no night can run with: what was given, what is expected."""


@dataclass(frozen=True)
class Defaut:
    """What a profile settles when nobody says otherwise."""

    perimetre: str
    couverture_imposee: str | None
    planifiee: bool


PROFILS: dict[NomProfil, Defaut] = {
    "demo": Defaut("departement:26", "epci_de_departement:26", planifiee=False),
    "mirror": Defaut("france", None, planifiee=False),
    "live": Defaut("france", None, planifiee=True),
}


@dataclass(frozen=True)
class Reglages:
    """One night's settings; `miroir` is None in the live profile."""

    home: Path
    profil: NomProfil
    perimetre: str
    miroir: str | None

    @property
    def defaut(self) -> Defaut:
        """The map of the profile."""
        return PROFILS[self.profil]


def dossier_home(env: Mapping[str, str] = os.environ) -> Path:
    """Folder every file of the project is under (`CTG_HOME`, default `var/`)."""
    return Path(env.get("CTG_HOME", "var")).absolute()


def lire(env: Mapping[str, str] = os.environ) -> Reglages:
    """Settings from `CTG_HOME`, `CTG_PROFILE`, `CTG_PERIMETRE` and `CTG_MIRROR`.

    What is not given comes from what the folder is bound to, then from the profile's map. Raises
    `ReglageRefuse` for an unknown profile or scope, a mirror missing or superfluous, a folder bound
    to something else.
    """
    home = dossier_home(env)
    lien = _liaison(home)
    voulu = env.get("CTG_PROFILE") or lien.get("profil", "demo")
    profil = next((nom for nom in PROFILS if nom == voulu), None)
    if profil is None:
        raise ReglageRefuse(f"profile {voulu!r} is unknown: choose one of {', '.join(PROFILS)}")
    perimetre = env.get("CTG_PERIMETRE") or lien.get("perimetre", PROFILS[profil].perimetre)
    if not PERIMETRE.fullmatch(perimetre):
        raise ReglageRefuse(
            f"scope {perimetre!r} cannot be read: write france, region:84, departement:26 or epci:200068229"
        )
    if lien and lien != {"profil": profil, "perimetre": perimetre}:
        raise ReglageRefuse(
            f"{home} holds the {lien['profil']} profile on {lien['perimetre']}, not {profil} on {perimetre}: "
            "figures of two profiles or scopes never share a folder. Set CTG_HOME to another folder"
        )
    miroir = env.get("CTG_MIRROR")
    match profil:
        case "demo":
            miroir = str(home / "demonstration")
        case "mirror" if not miroir:
            raise ReglageRefuse("profile mirror needs a folder or an address: --mirror DIR_OR_URL")
        case "live":
            miroir = None
    return Reglages(home, profil, perimetre, miroir)


def lier(reglages: Reglages) -> None:
    """Bind CTG_HOME to the profile and scope of its first night."""
    reglages.home.mkdir(parents=True, exist_ok=True)
    fichier = reglages.home / "liaison.json"
    if not fichier.exists():
        provisoire = fichier.with_suffix(".tmp")
        provisoire.write_text(json.dumps({"profil": reglages.profil, "perimetre": reglages.perimetre}) + "\n")
        provisoire.replace(fichier)


def _liaison(home: Path) -> dict[str, str]:
    fichier = home / "liaison.json"
    return dict(json.loads(fichier.read_text())) if fichier.exists() else {}
