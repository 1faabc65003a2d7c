"""Draws for whole columns, from a seed alone: no transcendental function, no distribution of numpy's."""

from hashlib import blake2b

import numpy as np
import numpy.typing as npt

Entiers = npt.NDArray[np.int64]
Reels = npt.NDArray[np.float64]
Drapeaux = npt.NDArray[np.bool_]


class Alea:
    """Uniform draws that depend on a seed alone: numpy keeps the raw stream of its generators for ever."""

    def __init__(self, *graine: object) -> None:
        """Seed with anything that has a text."""
        empreinte = blake2b(":".join(map(str, graine)).encode(), digest_size=16).digest()
        self._bits = np.random.PCG64(int.from_bytes(empreinte))

    def octets(self, nombre: int) -> bytes:
        """That many random bytes."""
        mots: npt.NDArray[np.uint64] = self._bits.random_raw((nombre + 7) // 8)
        return mots.astype("<u8").tobytes()[:nombre]

    def uniforme(self, taille: int) -> Reels:
        """Reals in [0, 1)."""
        mots: npt.NDArray[np.uint64] = self._bits.random_raw(taille)
        return (mots >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def entier(self, bas: int | Entiers, haut: int | Entiers, taille: int) -> Entiers:
        """Integers from `bas` to `haut`, both included."""
        return (bas + self.uniforme(taille) * (np.asarray(haut) - bas + 1)).astype(np.int64)


def retenir(
    groupe: Entiers, quotas: Entiers, eligibles: Drapeaux, poids: Reels | float, alea: Alea, quoi: str = ""
) -> Drapeaux:
    """Draw `quotas[g]` eligible foyers of each group, by `poids`. Raises `ValueError` for too few."""
    indices = np.flatnonzero(eligibles)
    cle = alea.uniforme(len(indices)) / (poids[indices] if isinstance(poids, np.ndarray) else poids)
    choisis = np.zeros(len(groupe), np.bool_)
    if len(quotas) == 1:
        effectifs = np.array([len(indices)])
    else:
        effectifs = np.bincount(groupe[indices], minlength=len(quotas))
    courts = np.flatnonzero(effectifs < quotas)
    if len(courts):
        raise ValueError(
            f"{quoi}: {quotas[courts[0]]} foyers wanted in group {courts[0]}, {effectifs[courts[0]]} eligible"
        )
    if len(quotas) == 1:
        k = int(quotas[0])
        retenus = np.argpartition(cle, k - 1)[:k] if k else np.empty(0, np.int64)
    else:
        ordre = np.lexsort((cle, groupe[indices]))
        debuts = np.concatenate(([0], np.cumsum(effectifs)[:-1]))
        groupes = groupe[indices][ordre]
        retenus = ordre[np.arange(len(ordre)) - debuts[groupes] < quotas[groupes]]
    choisis[indices[retenus]] = True
    return choisis
