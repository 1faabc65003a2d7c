"""Fast reading of the usual numbers of a whole column: eight characters are one word, no Python object per
cell.

Any cell not sure here is read again by the rule of its column (`ingestion.extrait.valeurs`), which alone
decides: a form missing here costs time, never an answer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Mots = npt.NDArray[np.uint64]
Entiers = npt.NDArray[np.int64]
Drapeaux = npt.NDArray[np.bool_]

OCTETS = 8
# By length of a text: how far it is shifted to end where its word does, and the zeros before it.
_DECALAGE = np.array([64 - 8 * n for n in range(OCTETS + 1)], np.uint64)
_ZEROS = np.uint64(0x3030303030303030)
_DEVANT = np.array([0x3030303030303030 >> 8 * n if n < OCTETS else 0 for n in range(OCTETS + 1)], np.uint64)
# Under a double's own noise, and half of what `tables.en_textes` takes for a cent.
_BRUIT = 5e-7
_CENTIMES_MAX = 1e14


@dataclass(frozen=True)
class Nombres:
    """Numbers of a column, in units of their last decimal; where not `surs`, the value is anything.

    `vides`: empty cells, which are not `surs`; None where there are none.
    """

    valeurs: Entiers
    surs: Drapeaux
    vides: Drapeaux | None


def lire(colonne: pa.Array, decimales: int, marque: str) -> Nombres | None:
    """Read text, whole numbers, decimals or doubles as numbers with 0 or 2 `decimales`.

    `marque` is the decimal mark of text. None: no number of this type is read here.
    """
    type_ = colonne.type
    if pa.types.is_string(type_):
        return _de_textes(colonne, decimales, marque)
    if pa.types.is_decimal128(type_) and 0 <= type_.scale <= decimales:
        octets = colonne.buffers()[1]
        moities = np.frombuffer(octets, np.int64, 2 * len(colonne), 16 * colonne.offset).reshape(-1, 2)
        bas, haut = moities[:, 0], moities[:, 1]
        # The upper half of a decimal that fits in the lower one repeats its sign.
        surs = haut == bas >> 63
        if echelle := 10 ** (decimales - type_.scale) - 1:
            surs &= np.abs(bas) <= _CENTIMES_MAX
            bas = bas * (echelle + 1)
        return _avec_nuls(colonne, bas, surs)
    if pa.types.is_integer(type_):
        entiers = np.asarray(pc.fill_null(colonne, 0).to_numpy(zero_copy_only=False))
        surs = (entiers <= _CENTIMES_MAX) & (entiers >= -_CENTIMES_MAX)
        return _avec_nuls(colonne, entiers.astype(np.int64) * 10**decimales, surs)
    if pa.types.is_float64(type_):
        doubles = np.asarray(pc.fill_null(colonne, 0).to_numpy(zero_copy_only=False))
        echelle = 10**decimales
        surs = np.abs(doubles) <= _CENTIMES_MAX / echelle
        arrondis = np.rint(np.where(surs, doubles, 0) * echelle)
        surs &= np.abs(doubles - arrondis / echelle) < _BRUIT
        return _avec_nuls(colonne, arrondis.astype(np.int64), surs)
    return None


def mots(textes: pa.StringArray, rang: int = 0) -> tuple[Mots, Entiers]:
    """Return characters 8 `rang` to 8 `rang` + 7 of each text as a word, and the length of each in bytes.

    Whatever follows a text stands after it in its word: mask or shift it out.
    """
    _, bornes, octets = textes.buffers()
    fins = np.frombuffer(bornes, np.int32)[textes.offset : textes.offset + len(textes) + 1].astype(np.int64)
    premier, dernier = (int(fins[0]), int(fins[-1])) if len(fins) else (0, 0)
    # The last texts are read past their end.
    copie = np.zeros(dernier - premier + OCTETS * (rang + 1), np.uint8)
    if dernier > premier:
        copie[: dernier - premier] = np.frombuffer(octets, np.uint8)[premier:dernier]
    glissants: Mots = np.ndarray((len(copie) - OCTETS + 1,), "<u8", copie.data, strides=(1,))
    return glissants[fins[:-1] - premier + OCTETS * rang], np.diff(fins)


def _de_textes(textes: pa.StringArray, decimales: int, marque: str) -> Nombres:
    if textes.null_count:
        textes = pc.fill_null(textes, "")
    mot, longueurs = mots(textes)
    vides = longueurs == 0
    n = np.minimum(longueurs, OCTETS)
    mot = (mot << _DECALAGE[n]) | _DEVANT[n]
    surs = (longueurs <= OCTETS) & ~vides
    if decimales:
        mot, formes = _aligner(mot, longueurs, ord(marque))
        surs &= formes
    chiffres = mot ^ _ZEROS
    # A byte over 9 reaches the upper bit of its byte, by itself or once 0x76 is added.
    surs &= ((chiffres + np.uint64(0x7676767676767676)) | chiffres) & np.uint64(0x8080808080808080) == 0
    return Nombres(_valeur(chiffres), surs, vides if vides.any() else None)


def _aligner(mot: Mots, longueurs: Entiers, marque: int) -> tuple[Mots, Drapeaux]:
    """Take the decimal mark out of numbers with two decimals, with one, or whole; and say which they are.

    "00000812", "000812.4" and "00812.40" all become "00081240".
    """
    marque_ = np.uint64(marque)
    formes = ((mot >> np.uint64(40)) & np.uint64(0xFF) == marque_) & (longueurs >= 4)
    if not formes.all():
        une = ((mot >> np.uint64(48)) & np.uint64(0xFF) == marque_) & (longueurs >= 3) & (longueurs < OCTETS)
        # One that holds a mark elsewhere is refused with its digits.
        entiers = ~formes & ~une & (longueurs <= 5)
        mot = np.where(
            entiers,
            (mot >> np.uint64(24)) | marque_ << np.uint64(40) | np.uint64(0x3030 << 48),
            np.where(une & ~formes, (mot >> np.uint64(8)) | np.uint64(0x30 << 56), mot),
        )
        formes |= une | entiers
    apres = mot & np.uint64(0xFFFF << 48)
    return apres | (mot & np.uint64(0xFFFFFFFFFF)) << np.uint64(8) | np.uint64(0x30), formes


def _valeur(chiffres: Mots) -> Entiers:
    """Value of eight digits, one a byte, the first in the lowest: pairs, then fours, then all."""
    paires = chiffres * np.uint64(10) + (chiffres >> np.uint64(8))
    masque = np.uint64(0x000000FF000000FF)
    hautes = (paires & masque) * np.uint64(100 + (1_000_000 << 32))
    basses = ((paires >> np.uint64(16)) & masque) * np.uint64(1 + (10_000 << 32))
    return ((hautes + basses) >> np.uint64(32)).astype(np.int64)


def _avec_nuls(colonne: pa.Array, valeurs: Entiers, surs: Drapeaux) -> Nombres:
    if not colonne.null_count:
        return Nombres(valeurs, surs, None)
    vides = np.asarray(pc.is_null(colonne).to_numpy(zero_copy_only=False))
    return Nombres(valeurs, surs & ~vides, vides)


def en_arrow(valeurs: Entiers, nuls: Drapeaux | None, type_: pa.DataType) -> pa.Array:
    """Return numbers in units of their last decimal as whole numbers or decimals of `type_`."""
    if not pa.types.is_decimal128(type_):
        return pa.array(valeurs.astype(type_.to_pandas_dtype()), type_, mask=nuls)
    mots = np.empty((len(valeurs), 2), np.int64)
    mots[:, 0], mots[:, 1] = valeurs, valeurs >> 63
    presents = None if nuls is None else pa.array(~nuls).buffers()[1]
    return pa.Array.from_buffers(type_, len(valeurs), [presents, pa.py_buffer(mots)])
