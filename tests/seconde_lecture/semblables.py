"""Which EPCI are alike, from the raw files: criteria re-typed from the declaration, distances by numpy."""

from functools import cache

import numpy as np
import pandas as pd

from tests.seconde_lecture.fichiers import HorsDePortee
from tests.seconde_lecture.indicateurs import Indicateurs

# Weight, and whether twice as much is as far at any size. Of the others the mirror has but samples.
CRITERES = {
    "population_municipale": (2, True),
    "nb_communes": (1, True),
    "mediane_niveau_vie": (2, False),
    "taux_chomage_rp": (1, False),
    "part_residences_secondaires": (2, False),
}
COMBIEN, CONNU, COMMUN, PLAFOND = 12, 0.9, 0.75, 3000
ANNEES = range(2030, 2005, -1)


class Semblables:
    """The nearest EPCI of each, over the EPCI of the reference geography."""

    def __init__(self, indicateurs: Indicateurs) -> None:
        self.indicateurs = indicateurs
        self.codes = sorted(indicateurs.fichiers.geo.reference.epci.dropna().unique())
        self.de, self._places = cache(self._de), cache(self._placer)

    def _connues(self, indicateur: str) -> pd.Series | None:
        """Values of the newest year that nearly all EPCI have."""
        for annee in ANNEES:
            try:
                lues, _ = self.indicateurs.valeurs(indicateur, "epci", annee)
            except HorsDePortee:
                continue
            lues = lues.reindex(self.codes)
            if lues.notna().mean() >= CONNU:
                return lues
        return None

    def _placer(self) -> tuple[np.ndarray, np.ndarray]:
        """Where each EPCI stands on each criterion, in thousandths of a spread, and the weights."""
        places, poids = [], []
        for indicateur, (sien, logarithme) in CRITERES.items():
            if (lues := self._connues(indicateur)) is None:
                continue
            mesures = np.log(lues.astype(float)) if logarithme else lues.astype(float)
            bas, haut = np.nanquantile(mesures, [0.25, 0.75])
            places.append(np.rint(1000 * mesures.to_numpy() * 1.349 / (haut - bas)))
            poids.append(sien)
        return np.array(places), np.array(poids)

    def _de(self, code: str) -> frozenset[str]:
        """Codes of the EPCI most like this one, itself left out."""
        if code not in self.codes:
            return frozenset()
        places, poids = self._places()
        moi = self.codes.index(code)
        carres = np.minimum(np.abs(places - places[:, [moi]]), PLAFOND) ** 2
        communs = poids @ ~np.isnan(carres)
        distances = poids @ np.nan_to_num(carres) / np.maximum(communs, 1)
        candidats = [i for i in range(len(self.codes)) if i != moi and communs[i] >= COMMUN * poids.sum()]
        # Stable: equal distances stay in the order of codes.
        proches = sorted(candidats, key=lambda i: distances[i])[: min(COMBIEN, len(candidats) // 2)]
        return frozenset(self.codes[i] for i in proches)
