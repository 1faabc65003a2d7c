"""The holdings of one `CTG_HOME`: landed files, their typed Parquet, the journal that ties them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ingestion.as_of import Choix, JournalDuJour, choisir
from ingestion.cog import Cog, CogsRecus
from ingestion.contrats import Contrat, Millesime, Ressource
from ingestion.contrats.grammaire import JANVIER_SUIVANT, SOURCE_COG
from ingestion.journal import Etat, Journal
from ingestion.landing import Landing
from ingestion.pays_entier import code_departement
from ingestion.profil import Profil

RESSOURCE_COG = "communes"


@dataclass(frozen=True)
class Accepte:
    """An accepted file: the journal's state of its millésime, its digest, and its Parquet, which exists."""

    etat: Etat
    sha256: str
    parquet: Path


@dataclass(frozen=True)
class Reference:
    """The geography figures are carried to: a COG, and the movements that reach it, by their millésimes."""

    cog: int
    mouvements: int


class Fonds:
    """The holdings of one `CTG_HOME`; with `jour`, its journal is the one of that day."""

    def __init__(
        self, home: Path, contrats: dict[str, Contrat], profil: Profil, jour: date | None = None
    ) -> None:
        """Work under `home` (`landing/`, `normalised/`, `depot/`)."""
        self.home, self.contrats, self.profil, self.jour = home, contrats, profil, jour
        self.landing = Landing(home / "landing")
        self.choix: list[Choix] = []
        self._journal = Journal(self.landing.racine / "journal.jsonl")
        if jour:
            self.choix = choisir(contrats, self._journal, jour)
            self._journal = JournalDuJour(self._journal.chemin, self.choix)

    def journal(self) -> Journal:
        """Return the journal as it is now, or as the chosen day leaves it."""
        if not self.jour and not self._journal.a_jour:
            self._journal = Journal(self._journal.chemin)
        return self._journal

    def parquets(self, source: str, ressource: str, millesime: int) -> Path:
        """Folder of the typed files of one millésime."""
        return self.home / "normalised" / source / ressource / str(millesime)

    def acceptes(self, source: str, ressource: str) -> dict[int, Accepte]:
        """Accepted files of a ressource, by millésime, whose Parquet is there."""
        acceptes = {}
        for millesime, etat in self.journal().millesimes(source, ressource).items():
            if etat.accepte and (parquet := self._parquet(source, ressource, millesime, etat.accepte)):
                acceptes[millesime] = Accepte(etat, etat.accepte, parquet)
        return acceptes

    def _parquet(self, source: str, ressource: str, millesime: int, sha256: str) -> Path | None:
        """The Parquet of a typed file, None where it is gone."""
        faits = self.journal().etat(source, ressource, millesime).normalises.get(sha256)
        if faits is None:
            return None
        parquet = self.parquets(source, ressource, millesime) / faits["parquet"]
        return parquet if parquet.exists() else None

    @property
    def source_mouvements(self) -> str | None:
        """The source of the movements of communes; None without such a contract."""
        return next((s for s, c in self.contrats.items() if c.mouvements_de == SOURCE_COG), None)

    def reference(self) -> Reference | None:
        """The COG figures are carried to, among the files accepted."""
        source = self.source_mouvements
        ressources = self.contrats[source].ressources if source else {}
        return apparier(
            self.acceptes(SOURCE_COG, RESSOURCE_COG),
            [m for r in ressources.values() for m in self.acceptes(r.source, r.nom)],
        )

    def cog(self, annee: int | Literal["newest"] | None) -> Cog | None:
        """The COG of a year, among those accepted; the newest is the one figures are carried to."""
        cogs = self.acceptes(SOURCE_COG, RESSOURCE_COG)
        voulue: int | None
        if annee == "newest":
            reference = self.reference()
            voulue = reference.cog if reference else max(cogs, default=None)
        else:
            voulue = annee
        if voulue not in cogs:
            return None
        return lire_cog(voulue, cogs[voulue].sha256, cogs[voulue].parquet)

    def cogs_des_codes(self, edition: Millesime) -> CogsRecus:
        """The COG that checks the codes of a file: the one it declares, or each line's own."""
        if edition.cog != JANVIER_SUIVANT:
            return self.cog(edition.cog)
        # The latest lines are in the COG of the 1 January after the file's year: a later COG checks none.
        annees = (a for a in sorted(self.acceptes(SOURCE_COG, RESSOURCE_COG)) if a <= edition.millesime + 1)
        return {annee: cog for annee in annees if (cog := self.cog(annee))}

    def cogs_suivants(self, edition: Millesime) -> tuple[Cog, ...]:
        """The COGs received that are newer than the one a file declares, the oldest first."""
        if not isinstance(edition.cog, int):
            return ()
        annees = (a for a in sorted(self.acceptes(SOURCE_COG, RESSOURCE_COG)) if a > edition.cog)
        return tuple(cog for annee in annees if (cog := self.cog(annee)))

    def cog_des_departements(self, ressource: Ressource, edition: Millesime) -> Cog | None:
        """The accepted COG nearest to the file's own; a COG is compared with another."""
        cogs = set(self.acceptes(SOURCE_COG, RESSOURCE_COG))
        if ressource.source == SOURCE_COG:
            cogs.discard(edition.millesime)
        annee = edition.cog if isinstance(edition.cog, int) else max(cogs, default=None)
        if edition.cog == JANVIER_SUIVANT:
            annee = edition.millesime + 1
        return self.cog(plus_proche(cogs, annee)) if cogs and annee is not None else None


@dataclass(frozen=True)
class _CogRecu(Cog):
    """A COG that another process reads again from its Parquet: pickling gives its place, not its codes."""

    parquet: Path

    def __reduce__(self) -> tuple[object, ...]:
        return lire_cog, (self.annee, self.sha256, self.parquet)


@lru_cache(maxsize=32)
def lire_cog(annee: int, sha256: str, parquet: Path) -> Cog:
    """Return the COG that a typed file holds. Cached: it checks every file of its year."""
    table = pq.read_table(parquet, columns=["typecom", "code"])
    codes = table["code"].filter(pc.is_in(table["typecom"], pa.array(["COM", "ARM"])))
    departements = frozenset(pc.unique(code_departement(codes)).to_pylist())
    return _CogRecu(annee, sha256, frozenset(codes.to_pylist()), departements, parquet)


def apparier(cogs: Iterable[int], mouvements: Iterable[int]) -> Reference | None:
    """Return the newest COG with the movements of its year, or the first later ones; None without any."""
    for cog in sorted(cogs, reverse=True):
        if suivants := [m for m in mouvements if m >= cog]:
            return Reference(cog, min(suivants))
    return None


def plus_proche(millesimes: Iterable[int], voulu: int) -> int:
    """Return the nearest year, the older of two."""
    return min(millesimes, key=lambda m: (abs(m - voulu), m))


def dans_l_ordre(contrats: dict[str, Contrat]) -> list[str]:
    """Sources in the order of normalisation: the COG first, which checks the others, then its movements."""
    return sorted(contrats, key=lambda s: (s != SOURCE_COG, contrats[s].mouvements_de is None, s))
