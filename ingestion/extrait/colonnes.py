"""One mapped column at a time: header against mapping, then, batch after batch, its values and faults."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ingestion.erreurs import ErreurSource, Lieu
from ingestion.extrait.contrat import ColonneExtrait, ContratExtrait
from ingestion.extrait.correspondance import Disposition
from ingestion.extrait.erreurs import Constats, combien
from ingestion.extrait.schema import SCHEMA_MICRO
from ingestion.extrait.tables import Table
from ingestion.extrait.valeurs import ABSENTE, HORS_BORNES, ILLISIBLE, INCONNU, Regle, regle

NOMS_MONTRES = 10
CODES = {
    ABSENTE: "valeur_absente",
    ILLISIBLE: "valeur_illisible",
    HORS_BORNES: "valeur_hors_bornes",
    INCONNU: "code_inconnu",
}
QUE_FAIRE = {
    ABSENTE: 'correct the export, or say in the mapping what a blank means (vide_vaut_zero, a code "")',
    ILLISIBLE: "correct the export, or the format, `vides` or `arrondies` in the mapping",
    HORS_BORNES: "correct the export: no foyer has such a value",
    INCONNU: "add these codes under `codes` in the mapping, after asking what they mean",
}

TYPES_HORS_MICRO: dict[str, pa.DataType] = {
    "texte": pa.string(),
    "mois": pa.string(),
    "date": pa.date32(),
    "entier": pa.int16(),
    "booleen": pa.bool_(),
}


@dataclass(frozen=True)
class Lien:
    """A source column bound to a column of the contract, and how it reads."""

    entete: str
    cible: str
    regle: Regle

    @property
    def nom(self) -> str:
        """How messages name it."""
        return f"{self.entete} ({self.cible})"


def liens_foyers(disposition: Disposition, contrat: ContratExtrait) -> list[Lien]:
    """Columns of the main file, children's repeated ones aside."""
    return [
        _lien(entete, cible, contrat.colonnes[cible], disposition, nul=contrat.colonnes[cible].nul)
        for entete, cible in disposition.colonnes.items()
    ]


def liens_enfant(
    disposition: Disposition, contrat: ContratExtrait, entetes: Mapping[str, str], *, nul: bool
) -> list[Lien]:
    """Columns of one child, `entetes` by column of the contract; `nul`: a blank means no child."""
    permises = contrat.colonnes | contrat.enfants.colonnes
    return [_lien(entete, cible, permises[cible], disposition, nul=nul) for cible, entete in entetes.items()]


def _lien(entete: str, cible: str, colonne: ColonneExtrait, disposition: Disposition, *, nul: bool) -> Lien:
    micro = cible in SCHEMA_MICRO.names and cible != "mois"
    stocke = SCHEMA_MICRO.field(cible).type if micro else TYPES_HORS_MICRO[colonne.type]
    return Lien(entete, cible, regle(colonne, stocke, cible, disposition, nul))


def verifier_entetes(
    table: Table, lies: Mapping[str, str], ignorees: Iterable[str], lieu: Lieu
) -> list[ErreurSource]:
    """Compare a header with the mapping, both ways. `lies`: columns of the contract by header.

    A header that shares less than half of its names with the mapping may be a row of data, and an unknown
    field in a line that lost its end may be one too: neither is quoted.
    """
    entetes, ignorees = Counter(table.entetes), set(ignorees)
    manquantes = [e for e in lies if e not in entetes]
    inconnues = [e for e in entetes if e not in lies and e not in ignorees]
    if 2 * len(manquantes) > len(lies):
        observe = f"{len(lies) - len(manquantes)} of the {len(lies)} mapped columns in a first line of"
        refus = lieu.erreur(
            "entete",
            observe=f"{observe} {len(table.entetes)} fields",
            attendu=f"a header with the columns of the mapping: {_noms(lies)}",
            que_faire="check the separator and the encoding, that the first line is a header, and that "
            "the month names the right disposition in the mapping",
            ligne=1,
        )
        return [refus]
    if any(_est_une_valeur(e) for e in inconnues):
        refus = lieu.erreur(
            "entete",
            observe=f"{combien(len(inconnues), 'fields')} that the mapping does not know, some of them"
            " blank, numbers or of several lines (they are not shown)",
            attendu=f"a first line of names alone: {_noms(lies)}",
            que_faire="check that the header has a line of its own, ended by a line feed (LF or CRLF)",
            ligne=1,
        )
        return [refus]
    erreurs = [_manquante(e, lies[e], inconnues, lieu) for e in manquantes]
    if inconnues:
        refus = lieu.erreur(
            "colonne_non_liee",
            observe=_noms(inconnues),
            attendu="columns under `colonnes`, `enfants` or `ignorees` in the mapping",
            que_faire="bind each, or list it under `ignorees`: nothing is read or dropped silently",
            ligne=1,
        )
        erreurs.append(refus)
    if doubles := [e for e, n in entetes.items() if n > 1]:
        refus = lieu.erreur(
            "entete",
            observe=f"written more than once: {_noms(doubles)}",
            attendu="each name once",
            que_faire="rename or remove the repeated columns in the export",
            ligne=1,
        )
        erreurs.append(refus)
    return erreurs


def _manquante(entete: str, cible: str, inconnues: list[str], lieu: Lieu) -> ErreurSource:
    proche = difflib.get_close_matches(entete, inconnues, 1)
    return lieu.erreur(
        "colonne_manquante",
        observe="not in the header" + (f"; renamed {proche[0]!r}?" if proche else ""),
        attendu="every column of the mapping",
        que_faire="export the column, or give its new name in the mapping",
        colonne=f"{entete} ({cible})",
        ligne=1,
    )


def _est_une_valeur(entete: str) -> bool:
    """Whether a field of the header is what cells hold, and no name has."""
    return not entete.strip() or entete.strip()[0] in "-+0123456789" or not entete.isprintable()


class LecteurColonnes:
    """Reads columns batch by batch, and notes in `constats` the cells that do not read."""

    def __init__(self, constats: Constats) -> None:
        """Gather faults in `constats`."""
        self.constats = constats

    def lire(self, lien: Lien, colonne: pa.DictionaryArray, debut: int) -> pa.Array:
        """Read a column; its values are null where blank or faulty. `debut`: rank of its first row."""
        return self.distincts(lien, colonne, debut).take(colonne.indices)

    def distincts(self, lien: Lien, colonne: pa.DictionaryArray, debut: int) -> pa.Array:
        """Return the values of the distinct texts of a column, as its indices name them."""
        lu = lien.regle.lire(colonne.dictionary)
        if lu.fautes.any():
            indices = rangs(colonne)
            fautes = lu.fautes[indices]
            for faute in np.unique(fautes[fautes > 0]):
                fautifs = np.flatnonzero(fautes == faute) + debut
                code, que_faire = CODES[int(faute)], QUE_FAIRE[int(faute)]
                self.constats.noter(code, lien.nom, fautifs, lien.regle.attendu, que_faire)
            if (inconnus := fautes == INCONNU).any():
                self._codes(lien, colonne, indices[inconnus])
        return lu.valeurs

    def _codes(self, lien: Lien, colonne: pa.DictionaryArray, indices: npt.NDArray[Any]) -> None:
        distincts, nombres = np.unique(indices, return_counts=True)
        textes = colonne.dictionary.take(pa.array(distincts)).to_pylist()
        self.constats.noter_codes(lien.nom, dict(zip(textes, map(int, nombres), strict=True)))


def rangs(colonne: pa.DictionaryArray) -> npt.NDArray[np.int32]:
    """Index of each row among the distinct texts."""
    return np.asarray(colonne.indices.to_numpy(zero_copy_only=False), np.int32)


def _noms(noms: Iterable[str]) -> str:
    courts = [n if len(n) <= 40 else n[:40] + "…" for n in noms]
    suite = f" and {len(courts) - NOMS_MONTRES} more" if len(courts) > NOMS_MONTRES else ""
    return ", ".join(courts[:NOMS_MONTRES]) + suite
