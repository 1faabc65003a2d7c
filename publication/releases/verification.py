"""Releases that are no longer what was published: which files, and the one to put back in their place.

It reads and proposes. What moves `current` is a person (`magasin.revenir`), or a night that publishes.
"""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from publication.releases.magasin import (
    completes,
    courante,
    epinglee,
    montrer,
    ordinaires,
    trouver,
    verifier,
)
from publication.releases.perimetres import PERIMETRES
from socle.erreurs import ErreurPublication


@dataclass(frozen=True)
class Abimee:
    """A release that does not verify.

    `store`, `perimetre`: where it is, and the scope it is of; `fautes`: what is wrong of its files;
    `en_service`, `epinglee`: what readers have, whether a person keeps it there; `saine`: the newest older
    release that verifies, None where none does.
    """

    store: Path
    perimetre: str
    release_id: str
    fautes: tuple[str, ...]
    en_service: bool
    epinglee: bool
    saine: str | None

    @property
    def fait(self) -> str:
        """What is wrong, in one line."""
        reste = f"; {len(self.fautes)} files in all" if len(self.fautes) > 3 else ""
        ou = "in service" if self.en_service else "not in service"
        return f"{self.perimetre}: release {self.release_id}, {ou}: {'; '.join(self.fautes[:3])}{reste}"

    @property
    def suite(self) -> str:
        """What to type."""
        if not self.en_service:
            return f"look at the disk (`dmesg`), then remove {self.store / self.release_id}"
        nuit = "`ctg refresh` publishes these figures again"
        if self.epinglee:
            nuit = "lift the pin (`ctg releases rollback --lift`) for a night to publish these figures again"
        if self.saine is None:
            return f"{nuit}; no older release is whole: put it back from a backup, or wait for that night"
        return (
            f"`ctg releases rollback {self.saine}{self._option}`, the newest older one that is whole; {nuit}"
        )

    @property
    def _option(self) -> str:
        # The store of the first scope has no place of its own, and needs none.
        return f" --perimetre {self.perimetre}" if self.store.parent.name == PERIMETRES else ""


def abimee(store: Path, release_id: str) -> Abimee | None:
    """Read a release; None where every file of it is as it was published."""
    dossier = trouver(store, release_id)
    if not (fautes := verifier(store, dossier.name)):
        return None
    # A link or a pin that cannot be read is told by whoever asks for it.
    en_service = pin = None
    with suppress(ErreurPublication):
        en_service = courante(store)
    with suppress(ErreurPublication):
        pin = epinglee(store)
    saines = (d.name for d in ordinaires(store) if d.name < dossier.name and not verifier(store, d.name))
    return Abimee(
        store,
        _perimetre(store),
        dossier.name,
        tuple(fautes),
        dossier == en_service,
        pin == dossier.name,
        next(saines, None),
    )


def a_comparer(store: Path, abimees: Collection[str]) -> Path | None:
    """Return the release in service, to compare a new one with; the newest whole one where it is damaged."""
    en_service = courante(store)
    if en_service is None or en_service.name not in abimees:
        return en_service
    autres = (d for d in ordinaires(store) if d.name not in abimees)
    return next((d for d in autres if not verifier(store, d.name)), None)


def _perimetre(store: Path) -> str:
    """Return the scope that the releases of a store say they are of: any of them that can be read."""
    for dossier in completes(store):
        with suppress(ErreurPublication):
            return str(montrer(store, dossier.name)["perimetre"])
    return store.name
