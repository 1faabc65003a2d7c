"""The format of a CTG_HOME (`format.json`): the steps from an older one, the refusal of a newer one.

1    what 0.1.0 wrote, without the file    2    each line of a journal ends with its digest
3    each line names the one that it follows, from the first one written in this format on
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version

from socle.disque import ecrire_json
from socle.etat import EtatIllisible, lire_json
from socle.journaux import est_chaine, reprendre, sceller_journal

from .chemins import Chemins, HomeRefuse

PROJET = "observatoire-ctg"


@dataclass(frozen=True)
class Format:
    """What `format.json` says: a number, and the version that wrote here last."""

    format: int
    version: str


def _sceller(chemins: Chemins) -> None:
    for journal in (chemins.journal, chemins.journal_micro, chemins.journal_agregats):
        sceller_journal(journal)


def _enchainer(chemins: Chemins) -> None:
    for journal in (chemins.journal, chemins.journal_micro, chemins.journal_agregats):
        if not est_chaine(journal):
            reprendre(journal, at=datetime.now(UTC).isoformat(timespec="seconds"))


ETAPES: dict[int, Callable[[Chemins], None]] = {1: _sceller, 2: _enchainer}
"""From each format to the next one. A killed step runs again: each must bear being done twice."""

COURANT = max(ETAPES) + 1


def lire_format(chemins: Chemins) -> Format:
    """Return the format of a home; 1 where nothing says it.

    Raises `HomeRefuse` where a newer version wrote it, `EtatIllisible` where that is not known any more.
    """
    mienne, attendu = version(PROJET), "the format of this home"
    remettre = f"put it back from a backup; where no version newer than {mienne} ever wrote here, remove it"
    dit = lire_json(chemins.format, Format, attendu, remettre)
    if dit and dit.format > COURANT:
        raise HomeRefuse(
            f"{chemins.home} was written by version {dit.version} (format {dit.format}, {chemins.format.name}"
            f" says), and this is {mienne} (format {COURANT}), which would misread it. Nothing was done; its"
            f" releases can be read (`ctg releases`, `ctg explain`). Next: install {dit.version} or a later"
            " one again (deploy/README.md), or restore the backup made before the upgrade in another folder"
            f" (`ctg restore`). If nobody installed one, {chemins.format} is damaged: {remettre}"
        )
    if dit and dit.format < min(ETAPES):
        raise EtatIllisible(chemins.format, f"format {dit.format}", attendu, remettre)
    return dit or Format(min(ETAPES), "0.1.0")


def migrer(chemins: Chemins) -> None:
    """Bring a home to the format of this version, a step at a time; the caller holds its lock.

    Raises as `lire_format`.
    """
    avant = lire_format(chemins)
    for numero in range(avant.format, COURANT):
        ETAPES[numero](chemins)
        _ecrire(chemins, numero + 1)
    if avant.format == COURANT and avant.version != version(PROJET):
        _ecrire(chemins, COURANT)


def _ecrire(chemins: Chemins, numero: int) -> None:
    ecrire_json(chemins.format, asdict(Format(numero, version(PROJET))))
