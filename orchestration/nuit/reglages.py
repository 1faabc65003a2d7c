"""Settings of a night: profile, scope, folders. Explicit maps, no fallback; read when a run starts.

CTG_HOME is bound to one profile by its first night, to its first scope by its first release. It remembers the
other scopes and the last mirror, so that a next night needs no option.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from publication.releases.perimetres import magasin_de
from socle import disque
from socle.adresse import sans_identifiants
from socle.erreurs import ErreurCtg
from socle.etat import EtatIllisible, lire_json

from ..racine import RACINE
from .chemins import Chemins, dossier_home
from .format import lire_format, migrer
from .horloge_fiable import regarder
from .pertes import a_servi, relier
from .zones import ecriture

# These imports take 0.3 s, which `ctg releases` and `ctg portrait` do not need.
if TYPE_CHECKING:
    from datetime import date

    from ingestion.acquisition import Acquisition, NomProfil
    from ingestion.extrait.depot import Origine
    from ingestion.extrait.reception import Reception
    from ingestion.extrait.retenus import Micro
    from ingestion.extrait.zones import Zones

PERIMETRES = "france, region:84, departement:26, epci:200068229 or ctg:<convention_id>"
"""What a scope may be; a night may have several, with commas between."""
PERIMETRE = re.compile(
    r"france|region:\d{2}|departement:(\d{2}|2[AB]|97\d)|epci:\d{9}|ctg:[a-z0-9][a-z0-9_-]*"
)

IMPRIMES = ("ctg", "departement", "epci", "region")
"""Levels whose territories have a page of the site and a portrait when nobody says otherwise."""
# Of the whole country, the pages of 1 255 EPCI were most of a night and of the release: `ctg portrait` prints
# the one that is asked for.
IMPRIMES_DU_PAYS = ("ctg", "departement", "region")

MOTEURS = ("duckdb", "spark")
"""What may count the extract: this process, or a cluster (docs/how-to.md)."""

MAITRE = "local-cluster[2,1,1024]"
"""The cluster of Spark when nobody names another: two workers of this machine, one core and 1 GB each."""

DEMONSTRATION = RACINE / "demonstration"
"""What the demo profile reads: `miroir/`, then `extrait/` as a depot of allocataire extracts is laid out."""

LECTEURS = "ctg_lecture"
"""The role of PostgreSQL that may read what is published there, when nobody names another."""

IMPRIMABLE = re.compile(r"(commune|epci|ctg|departement|region|france)(:[A-Za-z0-9][A-Za-z0-9_-]*)?")


class ReglageRefuse(ErreurCtg):
    """A setting that no night can run with: what was given, what is expected."""


class NuitEnCours(ErreurCtg):
    """Another night, or another command that writes, holds the folder."""


@dataclass(frozen=True)
class Defaut:
    """What a profile settles when nobody says otherwise."""

    perimetre: str
    couverture_imposee: str | None
    planifiee: bool
    # Where allocataire extracts come from.
    extrait: Literal["depot", "demonstration"]


PROFILS: dict[NomProfil, Defaut] = {
    "demo": Defaut("departement:26", "epci_de_departement:26", planifiee=False, extrait="demonstration"),
    "mirror": Defaut("france", None, planifiee=False, extrait="depot"),
    "live": Defaut("france", None, planifiee=True, extrait="depot"),
}


@dataclass(frozen=True)
class Reglages:
    """One night's settings; `miroir` is None in the live profile.

    `perimetre`: the scope of `releases/current`; `autres`: those that the same build is published for too.
    `imprimes`: the levels (`epci`) and territories (`commune:26220`) that each release prints a page of; none
    said, a scope decides (`imprimes_de`).
    `postgres`: the DSN of the database that releases are published to as well, if any, which may hold a
    password, as `miroir` may; `lecteurs`: the role that may read them there. `moteur`: what counts the
    extract; `maitre`: the cluster of Spark. `repartir`, `nouvelle_cle`: what an operator takes upon himself,
    for this night (`garde_arrondi`).
    """

    home: Path
    profil: NomProfil
    perimetre: str
    miroir: str | None = field(repr=False)
    imprimes: tuple[str, ...] = ()
    autres: tuple[str, ...] = ()
    postgres: str | None = field(default=None, repr=False)
    lecteurs: str = LECTEURS
    moteur: str = MOTEURS[0]
    maitre: str = MAITRE
    repartir: bool = False
    nouvelle_cle: bool = False

    @property
    def perimetres(self) -> tuple[str, ...]:
        """The scopes of the night, that of `releases/current` first."""
        return (self.perimetre, *self.autres)

    def imprimes_de(self, perimetre: str) -> tuple[str, ...]:
        """What the release of a scope prints a page of."""
        return self.imprimes or (IMPRIMES_DU_PAYS if perimetre == "france" else IMPRIMES)

    @property
    def miroir_dit(self) -> str | None:
        """The mirror as it may be told: its address may hold a password."""
        return self.miroir and sans_identifiants(self.miroir)

    @property
    def construction(self) -> str:
        """The scopes of the build, as its context names them."""
        return ",".join(self.perimetres)

    @property
    def chemins(self) -> Chemins:
        """The map of its folder."""
        return Chemins(self.home)

    def magasin(self, perimetre: str) -> Path:
        """The store of the releases of one of its scopes."""
        return magasin_de(self.chemins.releases, perimetre, self.perimetre)

    @property
    def defaut(self) -> Defaut:
        """The map of the profile."""
        return PROFILS[self.profil]

    def acquisition(self, jour: date | None = None) -> Acquisition:
        """Reception and normalisation of the sources, as this profile takes them, now or as of `jour`."""
        from ingestion.acquisition import Acquisition, Profil
        from ingestion.contrats import charger_contrats

        profil = Profil(self.profil, self.miroir, self.defaut.couverture_imposee)
        return Acquisition(self.home, charger_contrats(), profil, jour)

    def zones(self) -> Zones:
        """The closed folders of personal data."""
        from ingestion.extrait.zones import Zones

        return Zones(self.home)

    def micro(self, jour: date | None = None) -> Micro:
        """The months of the allocataire extract in use, now or as of `jour`."""
        from ingestion.extrait.retenus import Micro

        return Micro(self.home, jour)

    def origine_extrait(self) -> Origine:
        """Where this profile takes allocataire extracts, their mapping and the secret of their pseudonyms."""
        from ingestion.extrait.correspondance import NOM_FICHIER, chemin_correspondance
        from ingestion.extrait.depot import Origine
        from ingestion.extrait.pseudonymes import secret_de_demonstration

        if self.defaut.extrait == "demonstration":
            dossier, cle = DEMONSTRATION / "extrait", self.chemins.cle_de_demonstration
            return Origine(dossier, dossier / NOM_FICHIER, partial(secret_de_demonstration, cle), True)
        return Origine(self.zones().depot_extrait, chemin_correspondance(self.home))

    def reception(self, jour: date | None = None) -> Reception:
        """What takes in the allocataire extracts of this profile; nothing as of a `jour`."""
        from ingestion.extrait.reception import Reception

        return Reception(self.micro(jour), self.zones(), self.origine_extrait())


@dataclass(frozen=True)
class Options:
    """What a command line says of a night; what it leaves out is read in the environment."""

    profil: str | None = None
    perimetre: str | None = None
    miroir: str | None = None
    imprimer: str | None = None
    postgres: str | None = None
    repartir: bool = False
    nouvelle_cle: bool = False


def lire(
    env: Mapping[str, str] = os.environ, *, nouveau: bool = False, options: Options | None = None
) -> Reglages:
    """Settings from the options, else from `CTG_HOME`, `CTG_PROFILE`, `CTG_PERIMETRE`, `CTG_MIRROR`,
    `CTG_IMPRIMER`, `CTG_POSTGRES`, `CTG_POSTGRES_LECTEURS`, `CTG_MOTEUR_EXTRAIT` and `CTG_SPARK_MAITRE`.

    What neither gives comes from what the folder is bound to, then from the profile's map. Raises
    `ReglageRefuse` for an unknown profile or scope, a mirror missing or superfluous, a folder bound
    to something else, `HomeRefuse` where a newer version wrote it; for `nouveau` and a folder that is none,
    see `dossier_home`.
    """
    dit = options or Options()
    home = dossier_home(env, nouveau=nouveau)
    lien = liaison(Chemins(home))
    voulu = dit.profil or env.get("CTG_PROFILE") or (lien.profil if lien else "demo")
    profil = next((nom for nom in PROFILS if nom == voulu), None)
    if profil is None:
        raise ReglageRefuse(f"profile {voulu!r} is unknown: choose one of {', '.join(PROFILS)}")
    perimetre, *autres = _perimetres(dit.perimetre or env.get("CTG_PERIMETRE")) or (
        (lien and lien.perimetre) or PROFILS[profil].perimetre,
        *(lien.autres if lien else ()),
    )
    if lien and (lien.profil, lien.perimetre or perimetre) != (profil, perimetre):
        a_cote = ""
        if lien.profil == profil:
            a_cote = f", or publish this scope beside the first: --perimetre {lien.perimetre},{perimetre}"
        raise ReglageRefuse(
            f"{home} holds the {lien.profil} profile on {lien.perimetre or 'no scope yet'}, "
            f"not {profil} on {perimetre}: "
            "figures of two profiles never share a folder, and its first scope is that of releases/current "
            "for good. Next: correct what is mistyped, or leave it out; else set CTG_HOME to another folder"
            f"{a_cote}"
        )
    return Reglages(
        home=home,
        profil=profil,
        perimetre=perimetre,
        miroir=_miroir(dit.miroir or env.get("CTG_MIRROR"), profil, lien.miroir if lien else None),
        imprimes=_imprimes(dit.imprimer or env.get("CTG_IMPRIMER")),
        autres=tuple(autres),
        postgres=dit.postgres or env.get("CTG_POSTGRES") or None,
        lecteurs=lecteurs(env),
        moteur=_moteur(env.get("CTG_MOTEUR_EXTRAIT")),
        maitre=env.get("CTG_SPARK_MAITRE") or MAITRE,
        repartir=dit.repartir,
        nouvelle_cle=dit.nouvelle_cle,
    )


def _miroir(dit: str | None, profil: str, lie: str | None) -> str | None:
    """Where files come from: what is said, else what the folder is bound to. Raises `ReglageRefuse`."""
    if dit and profil != "mirror":
        raise ReglageRefuse(
            f"profile {profil} has no mirror: --mirror (CTG_MIRROR) goes with --profile mirror"
        )
    if profil == "demo":
        return str(DEMONSTRATION / "miroir")
    if profil == "live":
        return None
    miroir = dit or lie
    if not miroir:
        raise ReglageRefuse("profile mirror needs a folder or an address: --mirror DIR_OR_URL")
    return miroir if "://" in miroir else str(Path(miroir).absolute())


def lecteurs(env: Mapping[str, str] = os.environ) -> str:
    """The role of readers in PostgreSQL (`CTG_POSTGRES_LECTEURS`); empty: nobody is granted anything."""
    return env.get("CTG_POSTGRES_LECTEURS", LECTEURS)


def _moteur(demande: str | None) -> str:
    if demande and demande not in MOTEURS:
        raise ReglageRefuse(f"CTG_MOTEUR_EXTRAIT is {demande!r}: write {' or '.join(MOTEURS)}")
    return demande or MOTEURS[0]


def _perimetres(demande: str | None) -> tuple[str, ...]:
    """The scopes that a setting names, each once, in its order."""
    voulus = tuple(dict.fromkeys(mot.strip() for mot in demande.split(","))) if demande else ()
    for perimetre in voulus:
        if not PERIMETRE.fullmatch(perimetre):
            raise ReglageRefuse(f"scope {perimetre!r} cannot be read: write {PERIMETRES}")
    return voulus


def _imprimes(demande: str | None) -> tuple[str, ...]:
    """What a night prints, in one order whatever that of the setting: it is compared from night to night."""
    voulus = sorted({mot.strip() for mot in demande.split(",")}) if demande else ()
    if faux := [mot for mot in voulus if not IMPRIMABLE.fullmatch(mot)]:
        raise ReglageRefuse(
            f"CTG_IMPRIMER names {', '.join(map(repr, faux))}: write levels (commune, epci, ctg, departement,"
            " region, france) or territories (commune:26220), with commas between"
        )
    return tuple(voulus)


def exiger_miroir(reglages: Reglages) -> None:
    """Refuse a mirror folder that is not there, or that lost most of what it gave: a share may be unmounted.

    Each file would pass for absent, and the night for one in which nothing changed.
    """
    miroir = reglages.miroir
    if not miroir or "://" in miroir:
        return
    if not Path(miroir).is_dir():
        raise ReglageRefuse(
            f"the mirror {miroir} is not a folder. Next: mount it, or name another with --mirror"
        )
    connu = liaison(reglages.chemins)
    if connu is None or connu.miroir != miroir:
        return
    from ingestion.erreurs import enumerer

    perdus, donnes = reglages.acquisition().miroir_disparus()
    if 2 * len(perdus) > donnes:
        raise ReglageRefuse(
            f"the mirror {miroir} lacks {len(perdus)} of the {donnes} files that it gave to earlier nights"
            f" ({enumerer(perdus, 3)}). Next: mount its share, or put them back; where it is not the"
            " one to read any more, name another with --mirror"
        )


@contextmanager
def verrou(home: Path) -> Iterator[list[Path]]:
    """Hold CTG_HOME for one writer, closed to other accounts and in the format of this version; yield what
    was open to them until now.

    Released by the end of the process, whatever ends it. Raises `NuitEnCours` when another process holds it,
    `ZoneOuverte` where something of it cannot be closed.
    """
    message = (
        f"a night is already running on {home}, or another command that writes (`ctg sauvegarde`): wait for"
        " its end (one at a time), then start again"
    )
    chemins = Chemins(home)
    with ecriture(home) as ouverts, disque.verrou(chemins.verrou, message, NuitEnCours):
        migrer(chemins)
        # The clock is looked at before anything is written. A damaged `horloge.json` passes here: nights tell
        # it, and `ctg horloge --juste` must come through to write it again.
        with suppress(EtatIllisible):
            regarder(chemins)
        yield ouverts


def lier(reglages: Reglages, *, perimetre: bool) -> None:
    """Bind CTG_HOME to its profile before anything lands, to its scopes once they have a release.

    A scope filters after aggregation: until something is published with it, another may be tried. The first
    stays; others are added and left out from one night to another.
    """
    connu = liaison(reglages.chemins)
    dits = reglages if perimetre else connu
    lien = Liaison(
        reglages.profil,
        dits.perimetre if dits else None,
        dits.autres if dits else (),
        reglages.miroir if reglages.profil == "mirror" else None,
    )
    if connu != lien:
        disque.ecrire_json(reglages.chemins.liaison, {nom: dit for nom, dit in asdict(lien).items() if dit})


@dataclass(frozen=True)
class Liaison:
    """What a CTG_HOME is bound to (`liaison.json`): its profile, then the scopes it published, its mirror."""

    profil: str
    perimetre: str | None = None
    autres: tuple[str, ...] = ()
    miroir: str | None = None


def liaison(chemins: Chemins) -> Liaison | None:
    """Return what the folder is bound to, None before its first night.

    Raises `EtatIllisible` where that is not known any more, or was lost, `ReglageRefuse` for another account,
    `HomeRefuse` where a newer version wrote it.
    """
    attendu = "what the folder is bound to (profile, scope, mirror)"
    lire = partial(lire_json, chemins.liaison, Liaison, attendu)
    try:
        lire_format(chemins)
        lien = lire("")
    except EtatIllisible as e:
        if e.numero == errno.EACCES:
            raise ReglageRefuse(
                f"{chemins.home} is closed to this account ({chemins.liaison}): all of it but"
                f" {chemins.releases} is for the account of the night. Next: take that account, or a command"
                " that reads releases alone (`ctg releases`, `ctg explain`)"
            ) from None
        # The second reading fails too, with the advice that releases give: they are read in this case alone.
        lire_format(chemins)
        lien = lire(relier(chemins))
    if lien is None and a_servi(chemins):
        raise EtatIllisible(chemins.liaison, "nothing", attendu, relier(chemins))
    return lien
