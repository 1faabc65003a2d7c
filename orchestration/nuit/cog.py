"""What a COG that was received, and that no night has built on yet, would change of what readers have.

    release in service    COG 2025
    received since        COG 2026 and its movements
    told                  2026-01-01  32  26001 Albon, 26002 Andancette → 26002 Val-d'Albon

Belongs here: the events of the movements file that touch the communes of the release, between its COG and the
next. Does not belong here: what becomes of figures, which SQL says (`int_passage`, docs/geographie.md).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from ingestion.acquisition import SOURCE_COG

from .reglages import Reglages


@dataclass(frozen=True)
class Evenement:
    """What becomes of communes on a day: `apres` is one of them, or another; several for a split."""

    le: date
    mod: str
    avant: tuple[str, ...]
    apres: tuple[str, ...]

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{self.le}  {self.mod:<2}  {', '.join(self.avant) or '-'} → {', '.join(self.apres) or '-'}"


@dataclass(frozen=True)
class Suite:
    """The COG of the release in service, that of the next night, and what lies between for its communes."""

    actuel: int
    prochain: int
    evenements: tuple[Evenement, ...] = ()


def a_venir(reglages: Reglages) -> Suite | None:
    """Compare the COG of the next night with that of the release in service; None where nothing is."""
    from publication.releases.magasin import courante

    en_service = courante(reglages.chemins.releases)
    if en_service is None:
        return None
    communes, actuel = _communes(en_service)
    acquisition = reglages.acquisition()
    # Only a COG that has its movements is among the files in use.
    cogs = [f.millesime for f in acquisition.fichiers_retenus(SOURCE_COG)]
    prochain = max(cogs, default=actuel)
    if prochain <= actuel:
        return Suite(actuel, actuel)
    mouvements = next(s for s, c in acquisition.contrats.items() if c.mouvements_de == SOURCE_COG)
    fichiers = [f for f in acquisition.fichiers_retenus(mouvements) if f.millesime >= prochain]
    lignes = pq.read_table(min(fichiers, key=lambda f: f.millesime).parquet).to_pylist()
    return Suite(actuel, prochain, tuple(entre(lignes, communes, actuel, prochain)))


def _communes(release: Path) -> tuple[set[str], int]:
    """Codes of the communes of a release, and the COG that they are of."""
    with duckdb.connect(str(release / "ctg.duckdb"), read_only=True) as con:
        lues = con.execute(
            "select code, cog_millesime from marts.dim_territoire where niveau = 'commune'"
        ).fetchall()
    return {code for code, _ in lues}, max(cog for _, cog in lues)


def entre(
    lignes: Iterable[Mapping[str, Any]], communes: set[str], actuel: int, prochain: int
) -> list[Evenement]:
    """What these movements do to these communes, after 1 January of `actuel` and until that of `prochain`.

    Lines that share a day, a kind and a commune are one event: a merger is several lines.
    """
    voulues = [
        ligne
        for ligne in lignes
        if date(actuel, 1, 1) < ligne["date_effet"] <= date(prochain, 1, 1)
        # A delegated commune is in its commune; nothing stands before one that joins France.
        and {ligne["typecom_avant"], ligne["typecom_apres"]} <= {"COM", None}
        and communes & {ligne["code_avant"], ligne["code_apres"]}
    ]
    heritiers: dict[tuple[date, str, str | None], set[str | None]] = {}
    for ligne in voulues:
        cle = (ligne["date_effet"], ligne["mod"], ligne["code_avant"])
        heritiers.setdefault(cle, set()).add(ligne["code_apres"])
    groupes: dict[tuple[date, str, str], list[Mapping[str, Any]]] = {}
    for ligne in voulues:
        le, mod, avant = ligne["date_effet"], ligne["mod"], ligne["code_avant"]
        # A split comes together in what it was, a merger in what it makes.
        quoi = avant if len(heritiers[le, mod, avant]) > 1 else ligne["code_apres"]
        groupes.setdefault((le, mod, quoi or ""), []).append(ligne)
    return [
        Evenement(le, mod, _noms(lignes_, "avant"), _noms(lignes_, "apres"))
        for (le, mod, _), lignes_ in sorted(groupes.items())
    ]


def _noms(lignes: Iterable[Mapping[str, Any]], cote: str) -> tuple[str, ...]:
    """The communes of one side, by code."""
    communes = {(ligne[f"code_{cote}"], ligne[f"libelle_{cote}"]) for ligne in lignes}
    return tuple(f"{code} {libelle}" for code, libelle in sorted(c for c in communes if c[0]))
