"""The files in use: one snapshot for the whole night, the files that wait for others, and empty schemas."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ingestion.contrats import Millesime, Ressource
from ingestion.contrats.empreinte import empreinte_schema, schema_normalise
from ingestion.contrats.grammaire import SOURCE_COG
from ingestion.fonds import Accepte, Fonds, apparier
from ingestion.typage import ecrire_parquet


@dataclass(frozen=True, kw_only=True)
class Retenu:
    """A file in use and its typed Parquet. `perime`: a newer one was refused, or is undecided."""

    source: str
    ressource: str
    millesime: int
    sha256: str
    fichier: str
    couverture: str
    recu_le: str
    parquet: Path
    perime: bool


@dataclass(frozen=True, kw_only=True)
class FichierRetenu(Retenu):
    """A normalised file in use.

    `cogs`: the years of the COGs of its codes, in order. `recu_le`: when its bytes landed (ISO, UTC).
    """

    membre: str | None
    lignes: int
    lignes_ecartees: int
    niveau: str
    forme: str
    absence: str
    champ: str | None
    cogs: tuple[int, ...]
    paris_lyon_marseille: str | None
    publie_le: date | None

    @property
    def cog_millesime(self) -> int | None:
        """The newest COG of its codes."""
        return max(self.cogs, default=None)


@dataclass(frozen=True)
class FichierEnAttente:
    """An accepted file that is not read tonight: what it needs, what there is, and what to do."""

    source: str
    ressource: str
    millesime: int
    fichier: str
    attendu: str
    observe: str
    que_faire: str

    def __str__(self) -> str:
        """Return the message, one fact per line."""
        return (
            f"[en_attente] {self.source}/{self.ressource} {self.millesime} is accepted and not read\n"
            f"  where:    file {self.fichier}\n"
            f"  observed: {self.observe}\n"
            f"  expected: {self.attendu}\n"
            f"  next:     {self.que_faire}"
        )


@dataclass(frozen=True)
class Retenus:
    """The files in use at one moment, by source, ressource and millésime; and the files that wait."""

    fichiers: tuple[FichierRetenu, ...]
    attentes: tuple[FichierEnAttente, ...] = ()

    def de(self, source: str) -> list[FichierRetenu]:
        """Files of one source."""
        return [f for f in self.fichiers if f.source == source]

    @property
    def ressources(self) -> set[tuple[str, str]]:
        """The (source, ressource) pairs with a file in use."""
        return {(f.source, f.ressource) for f in self.fichiers}


def prendre(fonds: Fonds, seule: str | None = None) -> Retenus:
    """Take the snapshot of the files accepted now (of one source).

    A file whose Parquet no longer has the contract's schema is left out, and was refused by `normaliser`. A
    file that the reference geography cannot read yet waits.
    """
    voulues = [seule] if seule else sorted(fonds.contrats)
    geographie = [s for s in (SOURCE_COG, fonds.source_mouvements) if s and s in fonds.contrats]
    lus = {
        source: [f for r in fonds.contrats[source].ressources.values() for f in _de_la_ressource(fonds, r)]
        for source in {*voulues, *geographie}
    }
    attend = _geographie(fonds.source_mouvements, {s: {f.millesime for f in lus[s]} for s in geographie})
    juges = [(fichier, attend(fichier)) for source in voulues for fichier in lus[source]]
    return Retenus(tuple(f for f, a in juges if a is None), tuple(a for _, a in juges if a))


def _geographie(
    source: str | None, millesimes: dict[str, set[int]]
) -> Callable[[FichierRetenu], FichierEnAttente | None]:
    """Return the reason why a file waits, if any, given the COG and the movements (`source`) received.

    COG 2025, 2026; movements 2025     the reference is COG 2025: COG 2026 waits, and files in its codes
    COG 2025; movements 2025, 2026     the reference is COG 2025: movements 2026 wait
    COG 2026; movements 2025           no two go together: all of them wait
    lines of COG 2022 to 2026, reference COG 2025    the file waits for COG 2026; the one before is read
    """
    cogs, mouvements = (millesimes.get(s or "", set()) for s in (SOURCE_COG, source))
    if not cogs or not mouvements:
        # Another message says that the COG or the movements were never received.
        return lambda fichier: None
    reference = apparier(cogs, mouvements)
    lesquels = (", ".join(map(str, sorted(annees))) for annees in (cogs, mouvements))
    recus = "COG {} and movements {}; ".format(*lesquels) + (
        f"the reference stays COG {reference.cog} with movements {reference.mouvements}"
        if reference
        else "no two of them go together"
    )

    def attend(f: FichierRetenu) -> FichierEnAttente | None:
        n, cog = f.millesime, f.cog_millesime
        if f.source == source:
            lu = reference and n <= reference.mouvements
            attendu = f"COG {n} ({SOURCE_COG}): movements are read up to their own COG"
            manque = f"COG {n}"
        elif f.source == SOURCE_COG:
            lu = reference and n <= reference.cog
            attendu = f"movements of {n} or later ({source}): reference COG N needs movements N"
            manque = f"movements {n}"
        else:
            lu = not reference or f.niveau != "commune" or cog is None or cog <= reference.cog
            attendu = f"a reference of COG {cog} or later: its codes are those of COG {cog}"
            manque = f"COG {cog} and its movements"
        suite = (
            f"provide {manque}, or correct what was refused of them (`ctg sources list`): the file is read "
            "the night they are accepted"
        )
        return None if lu else FichierEnAttente(f.source, f.ressource, n, f.fichier, attendu, recus, suite)

    return attend


def jamais_recues(fonds: Fonds, retenus: Retenus) -> dict[tuple[str, str], Path]:
    """Return, by (source, ressource) without any file in use, an empty Parquet of its schema."""
    vides = {}
    recues = retenus.ressources
    for contrat in fonds.contrats.values():
        for r in contrat.ressources.values():
            if (r.source, r.nom) not in recues:
                dossier = fonds.home / "normalised" / r.source / r.nom
                vide = dossier / f"_jamais_recue-{empreinte_schema(r)[:8]}.parquet"
                if not vide.exists():
                    ecrire_parquet(schema_normalise(r).empty_table(), vide)
                vides[r.source, r.nom] = vide
    return vides


def _de_la_ressource(fonds: Fonds, ressource: Ressource) -> Iterator[FichierRetenu]:
    acceptes = fonds.acceptes(ressource.source, ressource.nom)
    # A refused rolling file, whose millésime is unknown, makes the newest file outdated.
    glissant = fonds.journal().etat(ressource.source, ressource.nom, None).refus
    for millesime, accepte in sorted(acceptes.items()):
        edition = fonds.profil.edition(ressource, millesime)
        # The contract's schema, as the journal says it.
        lisible = accepte.etat.normalises[accepte.sha256]["schema"] == empreinte_schema(ressource)
        if edition and lisible:
            refuse = glissant if millesime == max(acceptes) else None
            yield _fichier(fonds, ressource, edition, accepte, bool(refuse))


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
        source=ressource.source,
        ressource=ressource.nom,
        millesime=edition.millesime,
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
        cogs=tuple(faits["cogs"]),
        paris_lyon_marseille=ressource.paris_lyon_marseille,
        publie_le=edition.publie_le,
        recu_le=provenance.fetched_at,
        parquet=accepte.parquet,
        perime=bool(etat.refus or etat.en_attente or glissant_refuse),
    )
