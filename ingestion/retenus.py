"""The files in use: one snapshot, that everything which asks for them during a night reads.

Belongs here: which accepted files are read tonight and what is known of each, and the empty files of the
ressources that have none. Does not belong here: accepting a file (`ingestion.normalisation`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq

from ingestion.contrats import Millesime, Ressource
from ingestion.contrats.empreinte import empreinte_schema, schema_normalise
from ingestion.fonds import Accepte, Fonds
from ingestion.typage import ecrire_parquet


@dataclass(frozen=True)
class FichierRetenu:
    """A normalised file in use. `perime`: a newer one was refused, or waits for a decision.

    `recu_le`: when its bytes landed (ISO, UTC).
    """

    source: str
    ressource: str
    millesime: int
    sha256: str
    fichier: str
    membre: str | None
    lignes: int
    lignes_ecartees: int
    niveau: str
    forme: str
    couverture: str
    absence: str
    champ: str | None
    cog_millesime: int | None
    paris_lyon_marseille: str | None
    publie_le: date | None
    recu_le: str
    parquet: Path
    perime: bool


@dataclass(frozen=True)
class Retenus:
    """The files in use at one moment, in order of source, ressource and millésime."""

    fichiers: tuple[FichierRetenu, ...]

    def de(self, source: str) -> list[FichierRetenu]:
        """Those of one source."""
        return [f for f in self.fichiers if f.source == source]

    @property
    def ressources(self) -> set[tuple[str, str]]:
        """The (source, ressource) that have one at least."""
        return {(f.source, f.ressource) for f in self.fichiers}


def prendre(fonds: Fonds, seule: str | None = None) -> Retenus:
    """Take the snapshot of what is accepted now (of one source).

    A file whose Parquet no longer has the contract's schema is left out: its refusal was told by
    `normaliser`.
    """
    return Retenus(
        tuple(
            fichier
            for source in ([seule] if seule else sorted(fonds.contrats))
            for ressource in fonds.contrats[source].ressources.values()
            for fichier in _de_la_ressource(fonds, ressource)
        )
    )


def jamais_recues(fonds: Fonds, retenus: Retenus) -> dict[tuple[str, str], Path]:
    """Return, by (source, ressource) without any file in use, an empty Parquet of its schema."""
    vides = {}
    recues = retenus.ressources
    for contrat in fonds.contrats.values():
        for r in contrat.ressources.values():
            if (r.source, r.nom) not in recues:
                schema = schema_normalise(r)
                hash8 = hashlib.sha256(schema.to_string().encode()).hexdigest()[:8]
                vide = fonds.home / "normalised" / r.source / r.nom / f"_jamais_recue-{hash8}.parquet"
                if not vide.exists():
                    ecrire_parquet(schema.empty_table(), vide)
                vides[r.source, r.nom] = vide
    return vides


def _de_la_ressource(fonds: Fonds, ressource: Ressource) -> Iterator[FichierRetenu]:
    acceptes = fonds.acceptes(ressource.source, ressource.nom)
    # The refusal of a rolling file, whose millésime could not be read, ages the newest one.
    glissant = fonds.journal().etat(ressource.source, ressource.nom, None).refus
    for millesime, accepte in sorted(acceptes.items()):
        edition = fonds.edition(ressource, millesime)
        if edition and _lisible(accepte, ressource):
            refuse = glissant if millesime == max(acceptes) else None
            yield _fichier(fonds, ressource, edition, accepte, bool(refuse))


def _lisible(accepte: Accepte, ressource: Ressource) -> bool:
    """Whether the Parquet has the contract's schema; the journals of before do not say."""
    dit = accepte.etat.normalises[accepte.sha256]["schema"]
    if dit is None:
        return bool(pq.read_schema(accepte.parquet).equals(schema_normalise(ressource)))
    return bool(dit == empreinte_schema(ressource))


def _fichier(
    fonds: Fonds, ressource: Ressource, edition: Millesime, accepte: Accepte, glissant_refuse: bool
) -> FichierRetenu:
    etat, sha256 = accepte.etat, accepte.sha256
    faits = etat.normalises[sha256]
    ou = (ressource.source, ressource.nom, edition.millesime)
    fichier = fonds.landing.fichier(*ou, sha256)
    provenance = fonds.landing.provenance(*ou, sha256)
    assert provenance is not None
    return FichierRetenu(
        *ou,
        sha256=sha256,
        fichier=fichier.name,
        membre=faits["membre"],
        lignes=faits["lignes"],
        lignes_ecartees=faits["lignes_ecartees"],
        niveau=ressource.niveau,
        forme=ressource.forme(edition),
        couverture=fonds.profil.couverture(ressource, edition),
        absence=ressource.absence,
        champ=ressource.champ,
        cog_millesime=faits["cog_millesime"],
        paris_lyon_marseille=ressource.paris_lyon_marseille,
        publie_le=edition.publie_le,
        recu_le=provenance["fetched_at"],
        parquet=accepte.parquet,
        perime=bool(etat.refus or etat.en_attente or glissant_refuse),
    )
