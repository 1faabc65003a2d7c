"""The file that a run builds or works in, and the folder of dbt and of the gate beside it.

Belongs here: where they are, of which scopes the marts are, what earlier runs left under `build/`. Does not:
what the file holds before dbt starts (`base`), making its marts those of one scope (`perimetres`).
"""

import shutil
from datetime import date
from functools import cached_property
from pathlib import Path

import duckdb

from publication.releases.perimetres import nom_de
from socle.disque import creer_dossier_clos
from socle.erreurs import ErreurCtg

from .chemins import CheminsDeNuit
from .perimetres import entier
from .reglages import Reglages


class PasDeConstruction(ErreurCtg):
    """No night has built the file that a run of some assets works in."""


class Construction:
    """The build of one run. A run of some assets alone (`seule`) works in the file of the last night.

    The build of a past day (`jour`) stands apart, until any other run begins: the file of the last night
    stays the one to work in.
    """

    def __init__(
        self, reglages: Reglages, run_id: str | None, *, seule: bool, jour: date | None = None
    ) -> None:
        """Sweep what earlier runs left, and make the run a folder of its own."""
        chemins = reglages.chemins
        _balayer(chemins.build)
        self._reglages, self._seule = reglages, seule
        self._ou = chemins.construits(jour=jour is not None)
        self._ici = CheminsDeNuit(creer_dossier_clos(self._ou / (run_id or "hors_run")))
        self._base = _derniere(chemins.build) if seule else self._ici.base

    @property
    def base(self) -> Path:
        """The file being built: one writer, no reader. With `seule`, the file of the last build."""
        if self._base is None:
            return construite(self._reglages.chemins.build)
        return self._base

    def recommencer(self) -> None:
        """Sweep the last build, and any beginning of this one."""
        for dossier in self._ou.iterdir():
            if dossier.is_dir() and dossier != self._ici.dossier:
                shutil.rmtree(dossier)
        self.base.unlink(missing_ok=True)

    @property
    def perimetres(self) -> str:
        """The scopes that the marts of the file are those of, as its context says them."""
        if not self._seule:
            return self._reglages.construction
        with duckdb.connect(str(self.base), read_only=True) as con:
            ((perimetre,),) = con.execute("select perimetre from normalised.contexte").fetchall()
        return str(perimetre)

    @property
    def perimetre_juge(self) -> str:
        """The scope whose promises the marts of the file have to keep."""
        if not self._seule:
            return self.perimetre_entier or self._reglages.perimetre
        perimetres = tuple(self.perimetres.split(","))
        return entier(self.base, perimetres) or perimetres[0]

    @cached_property
    def perimetre_entier(self) -> str | None:
        """The scope that covers the whole build, once it is built; None where it takes several."""
        return entier(self.base, self._reglages.perimetres)

    @property
    def dbt(self) -> Path:
        """Where dbt writes its artefacts."""
        return self._ici.dbt

    @property
    def validation(self) -> Path:
        """Where the gate writes its report."""
        return self._ici.validation

    def validation_de(self, perimetre: str) -> Path:
        """The folder of the gate for one scope of a wider build."""
        return self._ici.validations / nom_de(perimetre)


def _derniere(build: Path) -> Path | None:
    """The file that was built last, whole or not; None where none is left."""
    faites = [d.base for d in map(CheminsDeNuit, build.iterdir()) if d.base.exists()]
    return max(faites, key=lambda base: base.stat().st_mtime_ns, default=None)


def construite(build: Path) -> Path:
    """The file that was built last; raise PasDeConstruction where none is left."""
    if (base := _derniere(build) if build.exists() else None) is None:
        raise PasDeConstruction(
            f"There is no build file under {build}: run a night first (`ctg refresh`), what it"
            " builds stays until the next one builds."
        )
    return base


def _balayer(build: Path) -> None:
    """Sweep what runs left under `build/`, but the file that was built last."""
    garde = _derniere(build) if build.exists() else None
    for dossier in build.iterdir() if build.exists() else ():
        if dossier.is_dir() and (garde is None or dossier != garde.parent):
            shutil.rmtree(dossier)
