"""What is disturbed: each operation that writes what must not be lost, small and real; what must hold after.

    publication   the third release of a store that keeps two, and so removes one
    extrait       a month of the allocataire extract taken in, its raw file removed
    acquisition   a first night of two sources: landing, journal, typed files
    revision      a revision that waits, accepted by a person
    epingle       a release put back in service and pinned

Belongs here: doing it, as `ctg` does, and judging what is left. Does not: what disturbs it.
"""

import hashlib
import traceback
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
from petit_extrait import MOIS, Atelier, foyers

from ingestion.acquisition import Acquisition, Profil, dans_l_ordre
from ingestion.contrats import charger_contrats
from orchestration.cli.groupe import message
from publication.releases import magasin
from publication.releases.fabrication import FaitsDeLaNuit
from socle.disque import masque_prive, sha256_fichier
from socle.journaux import lire_evenements
from tests.drills.bilan import A_LA_MAIN, FAUX, PERDU, Constat
from tests.ingestion.petite_source import COG, COG_2022, REGISTRE, REGISTRE_2022
from tests.publication.petits_marts import MASQUEES, accepter, construire_base, publier


class Exercice(ABC):
    """An operation in a folder of its own, whose `home` is what is disturbed."""

    @abstractmethod
    def preparer(self, dossier: Path) -> None:
        """Make the folder as it is just before."""

    @abstractmethod
    def faire(self, dossier: Path) -> None:
        """Do it."""

    @abstractmethod
    def constater(self, dossier: Path, fini: bool) -> Iterator[Constat]:
        """What is wrong in what is left; `fini`: it was said to be done."""

    @abstractmethod
    def resultat(self, dossier: Path) -> str:
        """What it leaves when nothing disturbs it, the same each time."""

    def dire(self, dossier: Path) -> str:
        """Do it; what a person is told, "" when it is done."""
        try:
            self.faire(dossier)
        except Exception as erreur:
            return message(erreur) or "".join(traceback.format_exception(erreur))
        return ""

    def guerir(self, dossier: Path, attendu: str) -> Iterator[Constat]:
        """Do it again, undisturbed; say what is not as if nothing had happened."""
        if dit := self.dire(dossier):
            yield A_LA_MAIN, dit
        elif (trouve := self.resultat(dossier)) != attendu:
            yield A_LA_MAIN, f"{trouve} instead of {attendu}"
        else:
            yield from self.constater(dossier, True)


class Publication(Exercice):
    """Of the fewest tables that an export accepts: figures are the number of foyers of an EPCI."""

    nuit = FaitsDeLaNuit("mirror", "departement:26", datetime(2026, 1, 5, 1, tzinfo=UTC), masquees=MASQUEES)
    moins = "".join(
        f"drop table marts.{table};"
        for table in ("mart_portrait_social", "mart_petite_enfance", "dim_disponibilite")
    )
    garder = 2

    def preparer(self, dossier: Path) -> None:
        accepter(dossier / "validation")
        for foyers_ in (1, 2, 3):
            sql = f"update marts.fct_indicateurs set valeur = {foyers_} where niveau = 'epci'"
            construire_base(dossier / "build" / f"{foyers_}.duckdb", self.moins + sql)
        for foyers_ in (1, 2):
            self.publier(dossier, foyers_)

    def publier(self, dossier: Path, foyers_: int, garder: int = garder, as_of: str | None = None) -> str:
        base = dossier / "build" / f"{foyers_}.duckdb"
        faits = replace(self.nuit, as_of=as_of)
        return publier(_releases(dossier), base, dossier / "validation", faits, garder).content_hash

    def faire(self, dossier: Path) -> None:
        self.publier(dossier, 3)

    def resultat(self, dossier: Path) -> str:
        return str(magasin.montrer(_releases(dossier), "current")["content_hash"])

    def constater(self, dossier: Path, fini: bool) -> Iterator[Constat]:
        releases = _releases(dossier)
        lus = lire(releases)
        yield from constater_le_magasin(releases, lus)
        chiffres = {chiffre for chiffre, *_ in lus.values()}
        servi = en_service(releases, lus)
        if servi not in (2, 3) or (fini and servi != 3):
            yield PERDU, f"readers read {servi}"
        if not chiffres >= ({2, servi} if servi == 3 else {1, 2}):
            yield PERDU, f"releases left: {sorted(chiffres)}, in service {servi}"

    def guerir(self, dossier: Path, attendu: str) -> Iterator[Constat]:
        yield from super().guerir(dossier, attendu)
        if restes := [p.name for p in _releases(dossier).glob(".*") if p.name != ".verrou"]:
            yield A_LA_MAIN, f"left over: {restes}"


class Epingle(Publication):
    """Back to the first release."""

    def faire(self, dossier: Path) -> None:
        releases = _releases(dossier)
        magasin.revenir(releases, min(lire(releases)))

    def constater(self, dossier: Path, fini: bool) -> Iterator[Constat]:
        releases = _releases(dossier)
        lus = lire(releases)
        yield from constater_le_magasin(releases, lus)
        servi, epingle = en_service(releases, lus), magasin.epinglee(releases)
        if len(lus) != 2:
            yield PERDU, "a release is missing"
        if epingle not in (None, min(lus)):
            yield FAUX, f"pinned: {epingle!r}"
        # A move that no pin holds would be undone the next night, and nobody told.
        if (servi == 1 and epingle is None) or (fini and (servi != 1 or epingle is None)):
            yield FAUX, f"readers read {servi}, pinned {epingle}"


Lus = dict[str, tuple[float, ...]]
"""The number of foyers of the EPCI as each release of a store says it in DuckDB, Parquet and CSV."""


def constater_le_magasin(releases: Path, lus: Lus) -> Iterator[Constat]:
    """What is wrong in a store: what is listed is whole, and reads alike in all formats."""
    if magasin.courante(releases) is None:
        yield PERDU, "nothing in service"
    for release_id, chiffres in lus.items():
        for anomalie in magasin.verifier(releases, release_id):
            yield FAUX, f"{release_id}: {anomalie}"
        if len(set(chiffres)) != 1:
            yield FAUX, f"{release_id} reads {chiffres}"


def en_service(releases: Path, lus: Lus) -> float | None:
    servie = magasin.courante(releases)
    return lus[servie.name][0] if servie else None


def lire(releases: Path) -> Lus:
    lus: Lus = {}
    with duckdb.connect() as con:
        for release in magasin.lister(releases):
            dossier = releases / release.release_id
            con.execute(f"attach '{dossier}/ctg.duckdb' as r (read_only)")
            tables = (
                "r.marts.fct_indicateurs",
                f"'{dossier}/parquet/fct_indicateurs.parquet'",
                f"read_csv('{dossier}/csv/fct_indicateurs.csv', delim=';', all_varchar=true)",
            )
            lus[release.release_id] = tuple(
                float(valeur)
                for table in tables
                for (valeur,) in con.execute(
                    f"select distinct valeur from {table} where niveau = 'epci'"
                ).fetchall()
            )
            con.execute("detach r")
    return lus


def _releases(dossier: Path) -> Path:
    return dossier / "home" / "releases"


class Sources(Exercice):
    """A small register and its COG, from a mirror."""

    def preparer(self, dossier: Path) -> None:
        for nom, texte in {
            "sources/insee_cog_communes.yml": COG,
            "sources/registre.yml": REGISTRE,
            "miroir/cog2022.csv": COG_2022,
            "miroir/registre2022.csv": REGISTRE_2022,
        }.items():
            (dossier / nom).parent.mkdir(exist_ok=True)
            (dossier / nom).write_text(texte)
        (dossier / "home").mkdir()

    def acquisition(self, dossier: Path) -> Acquisition:
        contrats = charger_contrats(dossier / "sources")
        return Acquisition(dossier / "home", contrats, Profil("mirror", str(dossier / "miroir")))

    def faire(self, dossier: Path) -> None:
        acquisition = self.acquisition(dossier)
        acquisition.balayer()
        refus = [
            r
            for s in dans_l_ordre(acquisition.contrats)
            for bilan in (acquisition.recevoir(s), acquisition.normaliser(s))
            for r in bilan.refus
            if r.code != "revision"
        ]
        if refus:
            raise refus[0]

    def resultat(self, dossier: Path) -> str:
        retenus = self.acquisition(dossier).retenus().fichiers
        return str([(f.source, f.millesime, f.sha256[:8], sha256_fichier(f.parquet)[:8]) for f in retenus])

    def constater(self, dossier: Path, fini: bool) -> Iterator[Constat]:
        acquisition = self.acquisition(dossier)
        for f in acquisition.retenus().fichiers:
            landed = acquisition.landing.fichier(f.source, f.ressource, f.millesime, f.sha256)
            if sha256_fichier(landed) != f.sha256:
                yield FAUX, f"{landed} is not what the journal accepted"
            with duckdb.connect() as con:
                (lues,) = con.execute(f"select count(*) from '{f.parquet}'").fetchone() or (None,)
            if lues != f.lignes:
                yield FAUX, f"{f.parquet} has {lues} rows, the journal says {f.lignes}"
        if fini and len(acquisition.retenus().fichiers) != 2:
            yield PERDU, "said to be received, and not in use"


class Revision(Sources):
    """Received the eve, accepted now."""

    nouveau = REGISTRE_2022.replace("26001;60;1500.5", "26001;60;1550.5")

    def preparer(self, dossier: Path) -> None:
        super().preparer(dossier)
        Sources.faire(self, dossier)
        (dossier / "miroir" / "registre2022.csv").write_text(self.nouveau)
        Sources.faire(self, dossier)

    def faire(self, dossier: Path) -> None:
        sha256 = hashlib.sha256(self.nouveau.encode()).hexdigest()
        self.acquisition(dossier).accepter("registre", "communes", 2022, sha256)

    def constater(self, dossier: Path, fini: bool) -> Iterator[Constat]:
        yield from super().constater(dossier, fini)
        (utilise,) = self.acquisition(dossier).fichiers_retenus("registre")
        connus = [hashlib.sha256(t.encode()).hexdigest() for t in (REGISTRE_2022, self.nouveau)]
        if utilise.sha256 not in connus or (fini and utilise.sha256 != connus[1]):
            yield PERDU, f"in use: {utilise.sha256[:12]}"


class Extrait(Exercice):
    """A month, dropped by the Caf; its raw file goes once it is taken in."""

    def preparer(self, dossier: Path) -> None:
        atelier = Atelier(dossier / "home")
        atelier.csv(foyers(20))
        atelier.correspondance()

    def faire(self, dossier: Path) -> None:
        atelier = Atelier(dossier / "home")
        with masque_prive():
            atelier.micro().balayer()
            bilan = atelier.reception().recevoir()
        if bilan.refus:
            raise bilan.refus[0]

    def resultat(self, dossier: Path) -> str:
        return str(
            [(m.mois, sha256_fichier(m.parquet)) for m in Atelier(dossier / "home").micro().mois_retenus()]
        )

    def constater(self, dossier: Path, fini: bool) -> Iterator[Constat]:
        atelier = Atelier(dossier / "home")
        pris = [m.mois for m in atelier.micro().mois_retenus()]
        if pris != [m.mois for m in atelier.micro().acceptes()]:
            yield FAUX, "a month is in use and its Parquet cannot be read"
        brut = atelier.dossier / "foyers.csv"
        if not brut.exists() and pris != [MOIS]:
            yield PERDU, "the raw file went before its month was taken in"
        if brut.exists() and brut.read_bytes().count(b"\n") != 21:
            yield FAUX, "the raw file changed"
        if fini and (brut.exists() or pris != [MOIS]):
            yield PERDU, f"said to be taken in: {pris}, raw file {brut.exists()}"
        for evenement in lire_evenements(dossier / "home" / "micro" / "journal.jsonl"):
            if "event" not in evenement:
                yield FAUX, f"journal: {evenement}"


EXERCICES: dict[str, Exercice] = {
    "publication": Publication(),
    "epingle": Epingle(),
    "acquisition": Sources(),
    "revision": Revision(),
    "extrait": Extrait(),
}
