"""Decisions that were made already, by the digest of all they depend on.

Belongs here: the digests of a group and of its parcels, keeping and finding decisions. Does not: deciding.

A night changes one file of 2022: the groups of 2017 have the digest they had, and their decision is read. A
release has told what earlier ones told: the digest stays too. The night after, a release has told the very
decision that was made, which is as safe as it was, and to decide again would hide the same rows: it is read
(`relire`). One more row, a threshold, a line of code or
another solver: it is another digest, and the group is decided again; of a group of several parcels, those
alone whose digest is another.
"""

import hashlib
import os
import sys
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from confidentialite.moteur.decision import Cachee, Decidee, retenues
from confidentialite.moteur.groupes import Groupe
from confidentialite.moteur.parcelles import Parcelle, suit
from socle.disque import ecriture_atomique

T = TypeVar("T")

SCHEMA = pa.schema(
    [
        ("territoire_id", pa.string()),
        ("millesime", pa.int32()),
        ("indicateur_id", pa.string()),
        ("position", pa.int32()),
        ("faible", pa.bool_()),
        ("raison", pa.string()),
        ("formule", pa.string()),
        ("communes", pa.int32()),
        ("protege", pa.string()),
    ]
)
_PAQUET = Path(__file__).parent.parent
_OUTILS = ("duckdb", "highspy", "numpy", "pyarrow", "scipy")
_AVANT, _APRES = b"avant", b"apres"
# Decisions kept; those read or written last stay.
_GARDEES = 10_000


@cache
def empreinte_du_code() -> str:
    """SHA-256 of what decides: the engine, the law, and the versions of what they stand on."""
    somme = hashlib.sha256(repr((sys.version_info[:3], [(o, version(o)) for o in _OUTILS])).encode())
    for dossier in ("moteur", "regle"):
        for fichier in sorted((_PAQUET / dossier).rglob("*")):
            if fichier.suffix in (".py", ".yml", ".csv"):
                somme.update(f"\0{fichier.relative_to(_PAQUET)}\0".encode() + fichier.read_bytes())
    return somme.hexdigest()


def empreinte(groupe: Groupe) -> str:
    """SHA-256 of all that the decision on a group depends on."""
    somme = hashlib.sha256(repr((empreinte_du_code(), groupe.faits())).encode())
    for table in map(_sans_trous, groupe.tables()):
        tampon = pa.BufferOutputStream()
        with pa.ipc.new_stream(tampon, table.schema) as flux:
            flux.write_table(table)
        somme.update(tampon.getvalue())
    return somme.hexdigest()


def empreinte_de_la_parcelle(parcelle: Parcelle) -> str:
    """SHA-256 of all that the decision on a parcel depends on but what earlier releases told of it."""
    return hashlib.sha256(f"{empreinte_du_code()}\0{parcelle.texte()}".encode()).hexdigest()


def _sans_trous(table: pa.Table) -> pa.Table:
    """The table with zeros where it has nulls, and where these were: bytes under a null are of no value."""
    colonnes = {}
    for nom, colonne in zip(table.column_names, table.combine_chunks().columns, strict=True):
        if colonne.null_count and not pa.types.is_nested(colonne.type):
            colonnes[f"{nom}?"] = pc.is_null(colonne)
            colonne = pc.fill_null(colonne, _zero(colonne.type))
        colonnes[nom] = colonne
    return pa.table(colonnes).combine_chunks()


def _zero(genre: pa.DataType) -> pa.Scalar:
    if pa.types.is_string(genre):
        return pa.scalar("")
    return pa.scalar(Decimal(0) if pa.types.is_decimal(genre) else 0).cast(genre)


class Cache:
    """Decisions in a closed folder, one file each: they tell what is hidden."""

    def __init__(self, dossier: Path) -> None:
        """Make the folder when there is none."""
        dossier.mkdir(mode=0o700, parents=True, exist_ok=True)
        dossier.chmod(0o700)
        self._dossier = dossier

    def lire(self, empreinte_: str) -> list[Cachee] | None:
        """The decision of that digest; None when there is none that can be read."""
        table = self._lire(empreinte_)
        return None if table is None else en_cachees(table)

    def ecrire(self, empreinte_: str, cachees: Sequence[Cachee]) -> None:
        """Keep a decision, whole or not at all."""
        self._ecrire(empreinte_, en_table(cachees))

    def relire(self, empreinte_: str, parcelle: Parcelle) -> list[Cachee] | None:
        """The decision that was last made of a parcel; None where other things have been told of it since.

        All that may have been told since is that decision. Its rows keep the reason that they had: a new one
        would find them hidden already. `empreinte_`: of the parcel, whatever was told of it.
        """
        table = self._lire(empreinte_)
        dites = {} if table is None else table.schema.metadata or {}
        if not {_AVANT, _APRES} <= dites.keys():
            return None
        memoire = parcelle.memoire()
        if memoire == dites[_AVANT].decode():
            return en_cachees(table)
        if not suit(memoire, dites[_APRES].decode()):
            return None
        # What it shows in rows that another group hid stays hidden, whatever that group does now.
        return [*retenues(parcelle), *en_cachees(table)]

    def retenir(self, empreinte_: str, decidee: Decidee) -> None:
        """Keep the decision on a parcel. `empreinte_`: as in `relire`."""
        table = en_table(decidee.cachees)
        memoires = {_AVANT: decidee.avant, _APRES: decidee.apres}
        self._ecrire(empreinte_, table.replace_schema_metadata(memoires))

    def _lire(self, empreinte_: str) -> pa.Table | None:
        chemin = self._chemin(empreinte_)
        try:
            table = pq.read_table(chemin)
            os.utime(chemin)
        except (OSError, pa.ArrowException):
            return None
        return table if table.schema.equals(SCHEMA) else None

    def _ecrire(self, empreinte_: str, table: pa.Table) -> None:
        with ecriture_atomique(self._chemin(empreinte_)) as fichier:
            pq.write_table(table, fichier, compression="zstd")

    def completer(
        self, empreintes: Sequence[str], decider: Callable[[list[int]], Sequence[T]]
    ) -> list[list[Cachee] | T]:
        """The decisions of these digests: those that are kept, and what `decider` makes of the other ranks.

        What it decides is kept too, but where there is an error in the place of a decision.
        """
        issues: dict[int, list[Cachee] | T] = {}
        for k, empreinte_ in enumerate(empreintes):
            if (lue := self.lire(empreinte_)) is not None:
                issues[k] = lue
        absents = [k for k in range(len(empreintes)) if k not in issues]
        for k, issue in zip(absents, decider(absents), strict=True):
            issues[k] = issue
            if isinstance(issue, list):
                self.ecrire(empreintes[k], issue)
        return [issues[k] for k in range(len(empreintes))]

    def balayer(self) -> None:
        """Forget the decisions that were neither made nor read for long."""
        fichiers = sorted(self._dossier.glob("*.parquet"), key=lambda f: f.stat().st_mtime, reverse=True)
        for ancien in fichiers[_GARDEES:]:
            ancien.unlink(missing_ok=True)

    def _chemin(self, empreinte_: str) -> Path:
        return self._dossier / f"{empreinte_}.parquet"


def en_table(cachees: Sequence[Cachee]) -> pa.Table:
    """Hidden rows as a table."""
    colonnes = list(zip(*cachees, strict=True)) or [()] * len(SCHEMA)
    return pa.table([pa.array(c, f.type) for c, f in zip(colonnes, SCHEMA, strict=True)], schema=SCHEMA)


def en_cachees(table: pa.Table) -> list[Cachee]:
    """A table as hidden rows."""
    return [Cachee(*ligne) for ligne in zip(*(c.to_pylist() for c in table.columns), strict=True)]
