"""The raw files as text, and what a reading of them gives."""

import gzip
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pandas as pd

from tests.seconde_lecture.geographie import Geographie, ParNiveau

T = TypeVar("T")

# A producer's blank: secret, not significant, not available, without object.
SANS_VALEUR = ("", "s", "ns", "nd", "so")


@dataclass(frozen=True)
class Lue:
    """Values of one mesure and millésime by level, and the file each level was read in."""

    niveaux: ParNiveau
    fichiers: dict[str, str]


SANS_FICHIER = "no raw file known of this millésime or level"
SANS_DEFINITION = "no definition known of this indicateur"


class HorsDePortee(Exception):
    """What the second reading cannot recompute; the text is one of the two reasons above."""


def connu(par_millesime: Mapping[int, T], millesime: int) -> T:
    """What is known of a millésime. Raises HorsDePortee."""
    if millesime not in par_millesime:
        raise HorsDePortee(SANS_FICHIER)
    return par_millesime[millesime]


class Fichiers:
    """The raw files under `reel`, each read once, and the geography that they are carried to."""

    def __init__(self, reel: Path) -> None:
        self.reel = reel
        self.geo = Geographie(reel)
        self._lus: dict[str, pd.DataFrame] = {}

    def lire(self, chemin: str, sep: str = ";") -> pd.DataFrame:
        """A file as text, its blanks as empty strings; of a zip, the member that is no dictionary."""
        if chemin not in self._lus:
            fichier = self.reel / chemin
            if chemin.endswith(".xls.gz"):
                with gzip.open(fichier) as clair:
                    octets = io.BytesIO(clair.read())
                lu = pd.read_excel(octets, sheet_name="Communes", header=7, dtype=object, engine="calamine")
                lu = lu.dropna(how="all").fillna("")
                self._lus[chemin] = lu.map(lambda x: str(int(x)) if isinstance(x, float) else str(x))
                return self._lus[chemin]
            if fichier.suffix == ".zip":
                archive = zipfile.ZipFile(fichier)
                (membre,) = (m for m in archive.namelist() if not m.startswith("meta_"))
            flux = archive.open(membre) if fichier.suffix == ".zip" else fichier.open("rb")
            with flux:
                self._lus[chemin] = pd.read_csv(
                    flux, sep=sep, dtype=object, keep_default_na=False, encoding="utf-8-sig"
                )
        return self._lus[chemin]

    def sommer(self, parts: pd.Series, cog: int, couverture: str, chemin: str) -> Lue:
        """Sums at every level of counts of communes, as `Geographie.sommes` makes them."""
        niveaux = self.geo.sommes(parts, cog, couverture)
        return Lue(niveaux, dict.fromkeys(niveaux, chemin))


def nombres(textes: pd.Series) -> pd.Series:
    """Values of a column of text, comma or dot; blanks as NaN. Raises ValueError on anything else."""
    return textes.where(~textes.isin(SANS_VALEUR)).str.replace(",", ".").astype(float)
