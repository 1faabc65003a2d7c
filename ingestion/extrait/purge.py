"""Removing what is past its declared retention: micro months, by purpose and date, and raw files."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from ingestion.erreurs import ErreurSource
from ingestion.extrait import depot
from ingestion.extrait.correspondance import Correspondance
from ingestion.extrait.depot import Origine
from ingestion.extrait.journal import EtatMois
from ingestion.extrait.lecture import Extrait
from ingestion.extrait.retenus import Micro


@dataclass(frozen=True)
class MoisDu:
    """A micro month to remove, its purpose, and why.

    `parquets`: the files read of that month for that purpose alone. December 2022 was read for a trial, then
    revised for production: the trial's retention ends first, and takes the rows of the trial only.
    """

    mois: str
    finalite: str
    motif: str
    parquets: tuple[Path, ...]


@dataclass(frozen=True)
class BrutDu:
    """Raw files to remove, and why."""

    extrait: Extrait
    motif: str


def micro_dus(
    micro: Micro, correspondance: Correspondance, jour: date, finalite: str | None, avant: str | None
) -> list[MoisDu]:
    """Micro months to remove: those past their retention or, with `avant` (YYYY-MM), all those before it.

    `finalite` keeps those of one purpose only.
    """
    dus = []
    for mois, etat in sorted(micro.journal().etats.items()):
        lectures = etat.conserves.values()
        for pour in sorted({lecture.finalite for lecture in lectures}):
            if finalite not in (None, pour):
                continue
            if avant is not None and mois < avant:
                motif = f"before {avant}"
            elif avant is None and depot.hors_conservation(mois, pour, correspondance, jour):
                motif = f"past {correspondance.conservation_micro_mois[pour]} months"
            else:
                continue
            ailleurs = {lecture.parquet for lecture in lectures if lecture.finalite != pour}
            presents = sorted(micro.dossier(mois).glob("*.parquet"))
            dus.append(MoisDu(mois, pour, motif, tuple(p for p in presents if p.name not in ailleurs)))
    return dus


def bruts_dus(
    micro: Micro,
    origine: Origine,
    correspondance: Correspondance,
    maintenant: datetime,
    purges: Set[tuple[str, str]],
) -> list[BrutDu]:
    """Raw files to remove: those taken in or refused longer ago than their retention, and those of `purges`.

    `purges`: (month, purpose) pairs. A file that no night has seen yet is never removed.
    """
    if origine.permanente:
        return []
    journal, dus = micro.journal(), []
    for dossier in sorted(d for d in origine.dossier.glob("[!.]*") if d.name in correspondance.mois):
        try:
            extrait = depot.extrait_du_dossier(dossier, correspondance)
        except ErreurSource:
            # What cannot be told apart was never seen by a night either.
            continue
        etat = journal.etat(dossier.name)
        vu_le = _vu_le(etat, extrait.sha256) if extrait else None
        if extrait is None or vu_le is None:
            continue
        jours, lecture = correspondance.conservation_depot_jours, etat.lus.get(extrait.sha256)
        if lecture and (dossier.name, lecture.finalite) in purges:
            dus.append(BrutDu(extrait, "its micro month is purged"))
        elif maintenant >= datetime.fromisoformat(vu_le) + timedelta(days=jours):
            dus.append(BrutDu(extrait, f"past {jours} days"))
    return dus


def purger(micro: Micro, dus: list[MoisDu], bruts: list[BrutDu]) -> None:
    """Remove what is due, and journal it; micro rows after the journal, so that none in use is missing."""
    journal = micro.journal()
    for brut in bruts:
        if depot.retirer(brut.extrait):
            journal.ecrire("brut_retire", brut.extrait.mois, sha256=brut.extrait.sha256, motif=brut.motif)
    for du in dus:
        noms = [p.name for p in du.parquets]
        journal.ecrire("purge", du.mois, finalite=du.finalite, motif=du.motif, parquets=noms)
        for parquet in du.parquets:
            parquet.unlink(missing_ok=True)


def _vu_le(etat: EtatMois, sha256: str) -> str | None:
    if sha256 in etat.lus:
        return etat.lus[sha256].recu_le
    return etat.refus_le if etat.refus_sha256 == sha256 else None
