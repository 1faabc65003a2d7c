"""The one reading of a release: its `ctg.duckdb`, read-only, as every floor above reads it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb

from publication.lecture.annees import annees_du_chiffre
from publication.lecture.chiffres import Edition, Role
from publication.lecture.citation import citation, sources_dites
from publication.lecture.lots import Ligne, Lots
from socle.affichage import Unite, date_longue
from socle.erreurs import ErreurPublication
from socle.horloge import jour_de

TERRITOIRES = "from dim_territoire where territoire_id in (select unnest($territoires))"


@dataclass(frozen=True)
class Territoire:
    """A territory of the release; `role` tells it from those it is set beside."""

    territoire_id: str
    niveau: str
    code: str
    libelle: str
    departement: str | None
    region: str | None
    epci: str | None
    demonstration: bool
    role: Role = "territoire"

    @classmethod
    def lire(cls, ligne: Ligne, role: Role = "territoire") -> "Territoire":
        """Read a row of `dim_territoire`."""
        return cls(
            **{champ: ligne[champ] for champ in cls.__dataclass_fields__ if champ != "role"}, role=role
        )


@dataclass(frozen=True)
class Indicateur:
    """A line of the dictionary; `decalage`: how many years before its millésime an evolution starts."""

    indicateur_id: str
    theme: str
    libelle: str
    description: str
    univers: str
    univers_libelle: str
    unite: Unite
    decimales: int
    methode: str
    comparable: bool
    niveaux: str
    motif_code: str | None
    motif: str | None
    decalage: int | None

    def periode(self, millesime: int) -> str:
        """Return the years a figure speaks of: 2021, or 2017-2021 for an evolution of four years."""
        return f"{millesime - self.decalage}-{millesime}" if self.decalage else str(millesime)

    @property
    def suffixe(self) -> str:
        """What follows its printed number."""
        return self.unite.apres


@dataclass(eq=False)
class Marts(Lots):
    """One release, opened read-only. What several readers ask is read once."""

    @cached_property
    def release(self) -> Ligne:
        """The row of `dim_release`."""
        return self.lignes("from dim_release")[0]

    @cached_property
    def jour(self) -> date:
        """The day it was published, in Paris: what a document made of it calls today."""
        # `dim_release` is in UTC.
        return jour_de(f"{self.release['publiee_le'].isoformat()}+00:00")

    @cached_property
    def edition(self) -> Edition:
        """The release as a document quotes it."""
        release = self.release
        jour = date_longue(self.jour)
        return Edition(
            release_id=release["release_id"],
            publiee_le=jour,
            content_hash=release["content_hash"],
            perimetre=self.perimetre,
            premiere=release["precedente"] is None,
            citation=citation(release["release_id"], jour),
        )

    @cached_property
    def perimetre(self) -> str:
        """The scope of the release in words: "Drôme" for `departement:26`."""
        demande = str(self.release["perimetre"])
        cherche = "france:FR" if demande == "france" else demande
        lus = self.lignes("from dim_territoire where territoire_id = ?", [cherche])
        return str(lus[0]["libelle"]) if lus else demande

    @cached_property
    def unites(self) -> dict[str, Unite]:
        """How each unit is printed."""
        return {u["unite"]: Unite.lire(u) for u in self.lignes("from dim_unite")}

    @cached_property
    def dictionnaire(self) -> dict[str, dict[str, Any]]:
        """The rows of `dim_indicateur`, in their order."""
        return self.par("indicateur_id", "from dim_indicateur order by theme_ordre, ordre, indicateur_id")

    @cached_property
    def prevus(self) -> frozenset[str]:
        """What a plan foresees, whose years may be yet to come; a release of before 0.2.0 does not say."""
        return frozenset(nom for nom, i in self.dictionnaire.items() if i.get("prevu"))

    @cached_property
    def indicateurs(self) -> dict[str, Indicateur]:
        """The dictionary, in its order."""
        propres = Indicateur.__dataclass_fields__.keys() - {"unite"}
        return {
            nom: Indicateur(
                **{champ: i[champ] for champ in propres},
                unite=self.unites[i["unite"]],
            )
            for nom, i in self.dictionnaire.items()
        }

    @cached_property
    def themes(self) -> dict[str, str]:
        """Label of each theme, by id, in the order of a convention."""
        return {
            t["theme"]: t["theme_libelle"]
            for t in self.lignes(
                "select distinct theme, theme_libelle, theme_ordre from dim_indicateur order by theme_ordre"
            )
        }

    @cached_property
    def sources(self) -> dict[str, dict[str, Any]]:
        """The sources of the release, by id."""
        return self.par("source_id", "from dim_source order by source_id")

    @cached_property
    def demonstration(self) -> bool:
        """Whether some of its figures are invented."""
        return any(source["demonstration"] for source in self.sources.values())

    @cached_property
    def conventions(self) -> list[dict[str, Any]]:
        """The conventions of the release, the newest first."""
        return self.lignes("from ctg_conventions order by annee_debut desc, convention_id")

    @cached_property
    def commentaires(self) -> list[dict[str, Any]]:
        """What authors write in portraits, in their order."""
        return self.lignes("from ctg_commentaires order by territoire_id, ordre")

    def territoire(self, territoire_id: str, role: Role = "territoire") -> Territoire:
        """Return a territory of the release; raise ErreurPublication when there is none of that id."""
        lus = self.des(TERRITOIRES, [territoire_id])
        if not lus:
            raise ErreurPublication(
                f"Aucun territoire {territoire_id} dans la publication {self.edition.release_id} (périmètre"
                f" {self.edition.perimetre}) ; ils sont dans la table dim_territoire."
            )
        return Territoire.lire(lus[0], role)

    def producteurs(self, source_ids: str | None) -> set[str]:
        """Return the producers of a figure."""
        ids = (source_ids or "").split("+")
        return {self.sources[source_id]["producteur"] for source_id in ids if source_id in self.sources}

    def source(self, ligne: Ligne) -> str:
        """Word the sources of a row of `fct_indicateurs` and its years, then its field where it is narrower.

        "Insee, Populations légales des communes, 2022"
        """
        return sources_dites(ligne, self.sources, annees_du_chiffre(ligne))

    @cached_property
    def sources_usuelles(self) -> dict[str, str]:
        """The source that most figures of an indicateur and a year have, by `indicateur|millésime`."""
        return {
            f"{ligne['indicateur_id']}|{ligne['millesime']}": self.source(ligne)
            for ligne in self.lignes(
                "select indicateur_id, millesime, millesime_base, millesime_denominateur, source_ids, champ"
                " from fct_indicateurs group by all"
                " order by indicateur_id, millesime, count(*), source_ids, champ, millesime_base,"
                " millesime_denominateur"
            )
        }


@contextmanager
def connecter(base: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Connect to the `ctg.duckdb` of a release, read-only, on schema `marts`."""
    # Resolved: DuckDB would serve `current` from an older release still open in this process.
    with duckdb.connect(str(base.resolve()), read_only=True) as con:
        con.execute("set schema = 'marts'")
        yield con


@contextmanager
def ouvrir(base: Path) -> Iterator[Marts]:
    """Open the `ctg.duckdb` of a release for reading.

    Raises ErreurPublication when it is absent, lacks what is asked of it, or cannot be read, now or later on.
    """
    if not base.is_file():
        raise ErreurPublication(f"{base} n'existe pas : cette publication n'a pas de base à lire.")
    try:
        with connecter(base) as con:
            yield Marts(con)
    except (duckdb.CatalogException, duckdb.BinderException) as erreur:
        # Of another version: a table or a column that is asked for is not in it.
        raise ErreurPublication(
            f"{base} est d'une publication trop ancienne pour cette version ({_premiere_ligne(erreur)})."
            " Lancer une nuit (`ctg refresh`), puis redemander."
        ) from erreur
    except duckdb.IOException as erreur:
        raise ErreurPublication(
            f"{base} ne se lit pas ({_premiere_ligne(erreur)}). Si un programme l'a ouverte pour y écrire, le"
            " fermer. Si elle est endommagée, lire une autre publication par --release (`ctg releases list`),"
            " ou lancer une nuit (`ctg refresh`)."
        ) from erreur


def _premiere_ligne(erreur: Exception) -> str:
    return str(erreur).partition("\n")[0]
