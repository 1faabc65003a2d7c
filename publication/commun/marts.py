"""What a portrait reads of a release: its `ctg.duckdb`, read-only, and nothing else.

Belongs here: the queries, and a figure of the release as it is printed (`Releve.chiffre`). Does not: which
figure goes where (`composition`), nor any wording but that of a source, a bound and a territory.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb

from publication.commun.annees import annees_du_chiffre
from publication.commun.chiffres import ASSISE, Cellule, Chiffre, Edition, Role, Ton
from publication.commun.citation import citation, reference, sources_dites
from publication.commun.lignes import lignes
from socle.affichage import Unite, afficher, arrondi, date_longue, intervalle
from socle.erreurs import ErreurPublication
from socle.horloge import jour_de
from socle.statuts import MONTRENT

Ligne = Mapping[str, Any]
"""A row of a release, by column."""

ETENDUE_LISIBLE = 10.0
"""In points: a share between bounds further apart is in no class of a map, and no such median is read."""

TROP_PROCHES = "recensements_trop_proches"
"""Why `mart_evolutions` does not compare two censuses that share a year of collection."""


def evolutions_trop_proches(con: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """Return the evolutions of the dictionary whose two censuses are too close to be compared.

    They have no row in `mart_evolutions`, which says it of the count they are the evolution of: here of some
    territory, which stands for all, and of the last two years so far apart, which are those that pages print.
    """
    return frozenset(
        i["indicateur_id"]
        for i in lignes(
            con,
            "select i.indicateur_id from dim_indicateur as i"
            " inner join dim_indicateur as c on c.methode = 'somme' and i.numerateur = c.numerateur"
            " inner join mart_evolutions as e on c.indicateur_id = e.indicateur_id"
            " and i.decalage = e.millesime_fin - e.millesime_debut"
            " group by i.indicateur_id, e.millesime_fin"
            " qualify e.millesime_fin = max(e.millesime_fin) over (partition by i.indicateur_id)"
            " and bool_or(coalesce(e.motif_code = $code, false))",
            {"code": TROP_PROCHES},
        )
    )


def reserves_du_temps(con: duckdb.DuckDBPyConnection, territoire_id: str) -> dict[str, list[tuple[int, str]]]:
    """Return, by indicateur, the years from which it is compared to those before with a reserve, and why.

    A series that its producer began anew, a benefit that was reformed: no break, for nothing is refused.
    """
    trouvees: dict[str, list[tuple[int, str]]] = {}
    for r in lignes(
        con,
        "select distinct r.indicateur_id, r.millesime, if(r.nature = 'reforme', r.detail, null) as detail"
        " from ruptures_series as r"
        " inner join dim_territoire as t on t.territoire_id = $id and r.niveau = t.niveau"
        " where r.nature in ('serie', 'reforme') and coalesce(r.territoire_id, $id) = $id order by all",
        {"id": territoire_id},
    ):
        quoi = (
            f"Réforme : {r['detail']}" if r["detail"] else f"Nouvelle série du producteur en {r['millesime']}"
        )
        trouvees.setdefault(r["indicateur_id"], []).append((r["millesime"], quoi))
    return trouvees


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


@dataclass(frozen=True)
class Indicateur:
    """A line of the dictionary, with what the release can say of it."""

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
    secret: str
    decalage: int | None
    """How many years before its millésime an evolution starts."""
    refus: str | None = None
    """Why it is not read as the evolution it is, a `motif_code` of `mart_evolutions`: then nothing tells
    territories apart by it, neither a rank nor a colour."""

    def periode(self, millesime: int) -> str:
        """Return the years a figure speaks of: 2021, or 2017-2021 for an evolution of four years."""
        return f"{millesime - self.decalage}-{millesime}" if self.decalage else str(millesime)

    @property
    def suffixe(self) -> str:
        """What follows its printed number."""
        return self.unite.apres


@dataclass
class Lecture:
    """One release, opened read-only. What all portraits share is read once."""

    con: duckdb.DuckDBPyConnection

    def lignes(self, requete: str, parametres: Any = None) -> list[dict[str, Any]]:
        """Return the rows of a query on schema `marts`, one dictionary each."""
        return lignes(self.con, requete, parametres)

    @cached_property
    def edition(self) -> Edition:
        """The release itself."""
        (release,) = self.lignes("from dim_release")
        # `dim_release` is in UTC.
        jour = date_longue(jour_de(f"{release['publiee_le'].isoformat()}+00:00"))
        return Edition(
            release_id=release["release_id"],
            publiee_le=jour,
            content_hash=release["content_hash"],
            perimetre=release["perimetre"],
            premiere=release["precedente"] is None,
            citation=citation(release["release_id"], jour),
        )

    @cached_property
    def indicateurs(self) -> dict[str, Indicateur]:
        """The dictionary, in its order."""
        unites = {u["unite"]: Unite.lire(u) for u in self.lignes("from dim_unite")}
        propres = Indicateur.__dataclass_fields__.keys() - {"unite", "refus"}
        proches = evolutions_trop_proches(self.con)
        return {
            i["indicateur_id"]: Indicateur(
                **{champ: i[champ] for champ in propres},
                unite=unites[i["unite"]],
                refus=TROP_PROCHES if i["indicateur_id"] in proches else None,
            )
            for i in self.lignes("from dim_indicateur order by theme_ordre, ordre, indicateur_id")
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
    def sources(self) -> dict[str, Ligne]:
        """The sources of the release, by id."""
        return {s["source_id"]: s for s in self.lignes("from dim_source order by source_id")}

    @cached_property
    def conventions(self) -> list[dict[str, Any]]:
        """The conventions of the release, the newest first."""
        return self.lignes("from ctg_conventions order by annee_debut desc, convention_id")

    def territoire(self, territoire_id: str, role: Role = "territoire") -> Territoire:
        """Return a territory of the release; raise ErreurPublication when there is none of that id."""
        lus = self.lignes("from dim_territoire where territoire_id = ?", [territoire_id])
        if not lus:
            raise ErreurPublication(
                f"Aucun territoire {territoire_id} dans la publication {self.edition.release_id} (périmètre"
                f" {self.edition.perimetre}) ; ils sont dans la table dim_territoire."
            )
        champs = {champ: lus[0][champ] for champ in Territoire.__dataclass_fields__ if champ != "role"}
        return Territoire(**champs, role=role)

    def producteurs(self, source_ids: str | None) -> set[str]:
        """Who produced a figure."""
        return {
            self.sources[source_id]["producteur"]
            for source_id in (source_ids or "").split("+")
            if source_id in self.sources
        }

    def source(self, ligne: Ligne) -> str:
        """Word the sources of a figure and its years: "Insee, Populations légales des communes, 2022".

        `ligne` is its row in `fct_indicateurs`. Its field, where it is not all of the territory, comes last.
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
def ouvrir(base: Path) -> Iterator[Lecture]:
    """Open the `ctg.duckdb` of a release for reading.

    Raises ErreurPublication when there is none, when it lacks what portraits read, or when it cannot be read,
    now or later on.
    """
    if not base.is_file():
        raise ErreurPublication(f"{base} n'existe pas : cette publication n'a pas de base à lire.")
    try:
        with _ouverte(base) as lecture:
            yield lecture
    except (duckdb.CatalogException, duckdb.BinderException) as erreur:
        # Of another version: a table or a column that portraits read is not in it.
        raise ErreurPublication(
            f"{base} est d'une publication trop ancienne pour un portrait ({_premiere_ligne(erreur)}). Lancer"
            " une nuit (`ctg refresh`) puis refaire le portrait."
        ) from erreur
    except duckdb.IOException as erreur:
        raise ErreurPublication(
            f"{base} ne se lit pas ({_premiere_ligne(erreur)}). Si un programme l'a ouverte pour y écrire, le"
            " fermer. Si elle est endommagée, lire une autre publication par --release (`ctg releases list`),"
            " ou lancer une nuit (`ctg refresh`)."
        ) from erreur


def _premiere_ligne(erreur: Exception) -> str:
    return str(erreur).partition("\n")[0]


@contextmanager
def _ouverte(base: Path) -> Iterator[Lecture]:
    with duckdb.connect(str(base), read_only=True) as con:
        con.execute("set schema = 'marts'")
        yield Lecture(con)


def par_debut(evolutions: Iterable[Ligne], base: int | None) -> list[Ligne]:
    """Set evolutions to one year in the order in which they are wanted, by the year they start from.

    The first from the base year on, then those before it: a later one would leave out what was asked for.
    Where nothing was asked for, the longest first:
    base 2019, from 2014, 2017, 2020 and 2022        2020, 2017, 2014
    no base                                          2014, 2017, 2020, 2022
    """
    toutes = sorted(evolutions, key=lambda e: e["millesime_debut"])
    if base is None:
        return toutes
    apres = (e for e in toutes if e["millesime_debut"] >= base)
    return [*islice(apres, 1), *(e for e in reversed(toutes) if e["millesime_debut"] < base)]


def est_de_peu(combien: float | None) -> bool:
    """Whether this many are too few for what they are the base of to be judged; what is unknown is not."""
    return combien is not None and abs(combien) < ASSISE


def evolution_de_peu(paire: Ligne, comparable: bool, de_peu: Callable[[int], bool]) -> bool:
    """Whether an evolution is not to be judged: of a count that was few, or of a share of few at either end.

    `de_peu` says of a year whether the figure is of few.
    """
    if not comparable:
        return est_de_peu(paire["valeur_debut"])
    return de_peu(paire["millesime_debut"]) or de_peu(paire["millesime_fin"])


def est_trop_large(basse: float | None, haute: float | None, unite: Unite) -> bool:
    """Whether a share lies between bounds so far apart that its value says nothing, or unknown ones.

    14,3 % of 35 foyers rounded to 5    from 7,7 to 27,3 %: it is
    12,1 % of 3 120                     from 12,0 to 12,2 %: it is not
    """
    if basse is None or haute is None:
        return True
    return unite.suffixe == "%" and haute - basse > ETENDUE_LISIBLE


@dataclass
class Releve:
    """The figures of some territories, read at once, and those that the portrait has quoted so far."""

    lecture: Lecture
    territoires: dict[str, Territoire] = field(default_factory=dict)
    cites: dict[str, Chiffre] = field(default_factory=dict)
    _lignes: dict[tuple[str, str], dict[int, dict[str, Any]]] = field(default_factory=dict)

    def charger(self, territoires: Iterable[Territoire], indicateurs: Iterable[str] | None = None) -> None:
        """Read the figures of these territories: all of them, or those of some indicateurs."""
        nouveaux = {t.territoire_id: t for t in territoires if t.territoire_id not in self.territoires}
        if not nouveaux:
            return
        self.territoires |= nouveaux
        filtre = "" if indicateurs is None else " and indicateur_id in (select unnest($indicateurs))"
        parametres: dict[str, Any] = {"territoires": list(nouveaux)}
        if indicateurs is not None:
            parametres["indicateurs"] = list(indicateurs)
        for ligne in self.lecture.lignes(
            "select territoire_id, indicateur_id, millesime, valeur, valeur_affichee, denominateur,"
            " borne_basse, borne_haute, statut, motif, champ, source_ids, demonstration, millesime_base,"
            " millesime_denominateur from fct_indicateurs"
            f" where territoire_id in (select unnest($territoires)){filtre} order by millesime",
            parametres,
        ):
            cle = ligne["territoire_id"], ligne["indicateur_id"]
            self._lignes.setdefault(cle, {})[ligne["millesime"]] = ligne

    def annees(self, territoire_id: str, indicateur_id: str) -> list[int]:
        """Return the millésimes of a figure, usable or not, in order."""
        return list(self._lignes.get((territoire_id, indicateur_id), ()))

    def ligne(self, territoire_id: str, indicateur_id: str, millesime: int) -> dict[str, Any] | None:
        """Return a row of `fct_indicateurs`."""
        return self._lignes.get((territoire_id, indicateur_id), {}).get(millesime)

    def repose_sur_peu(self, indicateur_id: str, territoire_id: str, millesime: int) -> bool:
        """Whether a share, or an evolution, is of so few that it is not to be judged."""
        ligne = self.ligne(territoire_id, indicateur_id, millesime)
        return ligne is not None and est_de_peu(ligne["denominateur"])

    def chiffre(self, indicateur_id: str, territoire_id: str, millesime: int) -> Chiffre | None:
        """Return a figure as it is printed, and keep it among those quoted; None where there is no row."""
        cle = reference(indicateur_id, territoire_id, millesime)
        if cle in self.cites:
            return self.cites[cle]
        ligne = self.ligne(territoire_id, indicateur_id, millesime)
        if ligne is None:
            return None
        indicateur = self.lecture.indicateurs[indicateur_id]
        nombre = ligne["valeur"]
        chiffre = Chiffre(
            reference=cle,
            indicateur_id=indicateur_id,
            territoire_id=territoire_id,
            territoire=self.territoires[territoire_id].libelle,
            millesime=millesime,
            libelle=indicateur.libelle,
            texte=ligne["valeur_affichee"],
            nombre=None if nombre is None else arrondi(nombre, indicateur.decimales),
            decimales=indicateur.decimales,
            unite=indicateur.unite.libelle_pluriel,
            statut=ligne["statut"],
            univers=indicateur.univers_libelle,
            source=self.lecture.source(ligne),
            intervalle=intervalle(
                ligne["borne_basse"], ligne["borne_haute"], indicateur.unite, indicateur.decimales
            ),
            motif=ligne["motif"],
            demonstration=bool(ligne["demonstration"]),
        )
        self.cites[cle] = chiffre
        return chiffre

    def millesimes(self) -> dict[str, set[int]]:
        """Of each source of the figures quoted so far, the years of those that are shown.

        They are not the editions of its files: the one of 2024 may hold figures of 2020 to 2024. A ratio of
        terms of two years does not say which of its sources each is of: it counts for none.
        """
        trouves: dict[str, set[int]] = {}
        for c in self.cites.values():
            if (ligne := self.ligne(c.territoire_id, c.indicateur_id, c.millesime)) is None:
                continue
            dite = c.statut in MONTRENT and ligne["millesime_denominateur"] in (None, c.millesime)
            for source_id in (ligne["source_ids"] or "").split("+"):
                trouves.setdefault(source_id, set()).update([c.millesime] if dite else [])
        return trouves

    def cellule(
        self, indicateur_id: str, territoire_id: str, millesime: int, ton: Ton = "neutre"
    ) -> Cellule | None:
        """Return a figure as what stands in a table or a chart; None where the release has no row."""
        chiffre = self.chiffre(indicateur_id, territoire_id, millesime)
        if chiffre is None:
            return None
        ligne = self.ligne(territoire_id, indicateur_id, millesime)
        assert ligne is not None
        flou = chiffre.intervalle is not None
        basse, haute = (
            arrondi(borne, chiffre.decimales) if flou and borne is not None else None
            for borne in (ligne["borne_basse"], ligne["borne_haute"])
        )
        return Cellule(
            texte=chiffre.texte,
            nombre=chiffre.nombre,
            decimales=chiffre.decimales,
            suffixe=self.lecture.indicateurs[indicateur_id].suffixe,
            statut=chiffre.statut,
            chiffre=chiffre.reference,
            basse=basse,
            haute=haute,
            ton=ton,
        )

    def trop_large(self, cellule: Cellule) -> bool:
        """Whether what is printed may be far from the figure: further than a class of a map can say."""
        if cellule.basse is None or cellule.haute is None or not cellule.chiffre:
            return False
        unite = self.lecture.indicateurs[self.cites[cellule.chiffre].indicateur_id].unite
        return est_trop_large(cellule.basse, cellule.haute, unite)

    def hors_release(self, indicateur_id: str, valeur: float | None, statut: str) -> Cellule:
        """Return the cell of a number that is no row of `fct_indicateurs`: a median of peers, a target."""
        indicateur = self.lecture.indicateurs[indicateur_id]
        return Cellule(
            texte=afficher(valeur, indicateur.unite, indicateur.decimales, statut),
            nombre=None if valeur is None else arrondi(valeur, indicateur.decimales),
            decimales=indicateur.decimales,
            suffixe=indicateur.suffixe,
            statut=statut,  # type: ignore[arg-type]
        )
