"""Origin of a night's files (demonstration, mirror, producers), and how much of the country they hold."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ingestion.contrats import Millesime, Ressource
from ingestion.contrats.grammaire import est_nationale

NomProfil = Literal["demo", "mirror", "live"]


@dataclass(frozen=True)
class Profil:
    """Origin of the files of a night. `miroir` is a folder or an http(s) address.

    `couverture_imposee` narrows the couverture of communal files of the country or of a région: the
    demonstration has fewer communes.
    """

    nom: NomProfil
    miroir: str | None
    couverture_imposee: str | None = None

    def __post_init__(self) -> None:
        """Refuse a mirror that cannot be one."""
        if (self.miroir is None) != (self.nom == "live"):
            raise ValueError(
                f"profile {self.nom}: {'no mirror' if self.nom == 'live' else 'a mirror'} expected"
            )
        if self.miroir and "://" in self.miroir and not self.miroir.startswith(("http://", "https://")):
            raise ValueError(f"mirror {self.miroir}: a folder, or an http(s) address, expected")

    @property
    def dossier(self) -> Path | None:
        """The folder of the mirror; None for an address, and without a mirror."""
        return Path(self.miroir) if self.miroir and "://" not in self.miroir else None

    def edition(self, ressource: Ressource, millesime: int) -> Millesime | None:
        """The edition expected of a millésime; None when the contract does not know it."""
        return ressource.edition(millesime, glissante=self.miroir is None)

    def couverture(self, ressource: Ressource, edition: Millesime) -> str:
        """Couverture of a file in this profile."""
        declaree = edition.couverture or ressource.couverture
        nationale = declaree in ("france", "france_hors_mayotte")
        if self.couverture_imposee and ressource.niveau == "commune" and nationale:
            return self.couverture_imposee
        if self.couverture_imposee and declaree.startswith("region:"):
            return self.couverture_imposee + declaree.removeprefix("region")
        return declaree

    def nationale(self, ressource: Ressource, edition: Millesime) -> bool:
        """Whether a file should hold the whole country, so that its totals can be judged."""
        couverture = self.couverture(ressource, edition)
        return self.nom != "demo" and est_nationale(couverture)
