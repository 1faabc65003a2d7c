"""Whether the clock of the machine can be believed, beside the newest instant that the home knows.

Behind it, no night runs: its release would be of the future. Far after it, a night runs and nothing that is
old is removed, until a person says that the clock is right (`ctg horloge --juste`).
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from publication.releases import magasin, perimetres
from socle.disque import ecrire_json
from socle.erreurs import ErreurCtg
from socle.etat import lire_json

from .chemins import Chemins

TOLERANCE = timedelta(minutes=10)
"""How far apart the clocks of a machine and of a share may be."""

ABSENCE = timedelta(days=31)
"""Without a night that long, the machine was off, or its clock ran ahead: nothing here tells which."""

SUITE = "Next: `date`, set the clock if it is wrong; if it is right, `ctg horloge --juste` says so"


class HorlogeEnRetard(ErreurCtg):
    """The home knows an instant that has not come yet."""


@dataclass(frozen=True)
class Doute:
    """`horloge.json`: between which instants (ISO) the clock jumped ahead, as long as nobody looked at it;
    when a person last said that it is right, and the newest instant that the home knew then.
    """

    avant: str | None = None
    apres: str | None = None
    juste_le: str | None = None
    admis: str | None = None


def connu(chemins: Chemins) -> tuple[datetime, Path] | None:
    """Return the newest instant that the home knows, and of what; None in a new one.

    Left out: instants that a person said to be of a clock that ran ahead, and the ids of releases after
    them, which follow the newest whatever the clock says.
    """
    dit, vus = _lire(chemins), list(_instants(chemins))
    if (juste := _instant(dit.juste_le)) and (admis := _instant(dit.admis)):
        vus = [(i, f) for i, f in vus if not juste < i <= admis + timedelta(days=1)]
        vus.append((juste, chemins.horloge))
    return max(vus, default=None)


def retard(chemins: Chemins, maintenant: datetime) -> str | None:
    """Say what the home knows that has not come yet; None where the clock is not behind."""
    if (dernier := connu(chemins)) is None or maintenant >= dernier[0] - TOLERANCE:
        return None
    return (
        f"it is {_dire(maintenant)} by the clock of this machine, and {dernier[1]} is of {_dire(dernier[0])}:"
        " the clock is behind, or it ran ahead then"
    )


def saut(chemins: Chemins, maintenant: datetime) -> str | None:
    """Say why nothing that is old may be removed; None where the clock followed the nights."""
    dit, dernier = _lire(chemins), connu(chemins)
    avant, apres = _instant(dit.avant), _instant(dit.apres)
    if not (avant and apres):
        if dernier is None or maintenant - dernier[0] <= ABSENCE:
            return None
        avant, apres = dernier[0], maintenant
    return (
        f"nothing was done here from {_dire(avant)} to {_dire(apres)}: the machine was off, or its clock ran"
        " ahead. Nothing that is old is removed until a person looks"
    )


def suspendre(chemins: Chemins) -> str | None:
    """Say why nothing that is old may be removed now, for either reason; None where it may."""
    maintenant = datetime.now(UTC)
    dit = retard(chemins, maintenant) or saut(chemins, maintenant)
    return f"{dit}. {SUITE}" if dit else None


def exiger_a_l_heure(chemins: Chemins) -> None:
    """Refuse to begin a night before what the home knows. Raises `HorlogeEnRetard`."""
    if phrase := retard(chemins, datetime.now(UTC)):
        raise HorlogeEnRetard(f"{phrase}. Nothing was received nor published. {SUITE}")


def regarder(chemins: Chemins) -> None:
    """Remember a jump before anything is written by that clock.

    The caller holds the lock.
    """
    maintenant, dit, dernier = datetime.now(UTC), _lire(chemins), connu(chemins)
    if dernier and not dit.avant and saut(chemins, maintenant):
        _ecrire(chemins, replace(dit, avant=dernier[0].isoformat(), apres=maintenant.isoformat()))


def dire_juste(chemins: Chemins) -> datetime:
    """Note that a person looked at the clock and that it is right; return what it says."""
    maintenant = datetime.now(UTC)
    dernier = max((i for i, _ in _instants(chemins)), default=maintenant)
    _ecrire(chemins, Doute(juste_le=maintenant.isoformat(), admis=dernier.isoformat()))
    return maintenant


def _instants(chemins: Chemins) -> Iterator[tuple[datetime, Path]]:
    """Releases by their ids, and when each file that nights write was written last."""
    for store in perimetres.tous(chemins.releases):
        yield from ((magasin.instant_de(d), d) for d in magasin.completes(store)[:1])
    for fichier in (
        *(chemins.journal, chemins.journal_micro, chemins.journal_agregats),
        *(chemins.resume, chemins.en_cours, chemins.sauvegardes),
    ):
        if fichier.exists():
            yield datetime.fromtimestamp(fichier.stat().st_mtime, UTC), fichier


def _lire(chemins: Chemins) -> Doute:
    suite = "look at the clock (`date`), then `ctg horloge --juste`"
    return lire_json(chemins.horloge, Doute, "what is known of the clock", suite) or Doute()


def _ecrire(chemins: Chemins, doute: Doute) -> None:
    ecrire_json(chemins.horloge, {nom: dit for nom, dit in asdict(doute).items() if dit})


def _instant(iso: str | None) -> datetime | None:
    return datetime.fromisoformat(iso) if iso else None


def _dire(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC"
