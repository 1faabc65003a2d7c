"""What one release says of the territories of a document. Only the marts of a release are read here."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from publication.controle_documents.intervalles import Intervalle, ecrire, fraction
from publication.lecture.fichiers import BASE
from publication.lecture.marts import Ligne, Marts, connecter
from publication.lecture.membres import membres
from socle.affichage import Unite


@dataclass(frozen=True)
class ChiffrePublie:
    """A figure of the release, in the displayed unit; values are None under a masking statut."""

    indicateur_id: str
    millesime: int
    valeur: Fraction | None
    valeur_texte: str | None
    borne_basse: Fraction | None
    borne_haute: Fraction | None
    statut: str
    motif: str | None
    millesime_base: int | None
    source_ids: str
    numerateur: Fraction | None = None
    denominateur: Fraction | None = None
    lisibilite: str | None = "point"

    @property
    def montree(self) -> bool:
        """Whether it has something to show."""
        return self.valeur is not None or self.valeur_texte is not None

    @property
    def encadree(self) -> bool:
        """Whether the producer's rounding or an absent part leaves it within bounds only."""
        return self.valeur is not None and not self.borne_basse == self.valeur == self.borne_haute

    @property
    def intervalle(self) -> Intervalle | None:
        """Its value with its bounds; None when it has no number."""
        if self.valeur is None:
            return None
        bas, haut = self.borne_basse, self.borne_haute
        return Intervalle(
            self.valeur, self.valeur if bas is None else bas, self.valeur if haut is None else haut
        )


@dataclass(frozen=True)
class Entrepot:
    """The part of a release an audit needs, loaded at once: the file is closed when this exists."""

    release_id: str
    demonstration: bool
    indicateurs: dict[str, Ligne]
    """Rows of the dictionary, by id."""
    territoires: dict[str, str]
    """Names of the territories of the document the release knows, by territoire_id."""
    membres: dict[str, frozenset[str]]
    """territoire_id of the communes of each territory of the document."""
    _cellules: dict[tuple[str, str], list[ChiffrePublie]]
    _absences: dict[tuple[str, str, int], str]
    _sommes: dict[tuple[str, str, int], tuple[Fraction, int]]
    univers: dict[str, str]
    """Names of the universes of its indicateurs, by code."""
    sources: dict[str, str]
    """Titles of its sources."""
    unites: dict[str, Unite]

    def cellules(self, territoire_id: str, indicateur_id: str) -> list[ChiffrePublie]:
        """Figures of an indicateur that have something to show, oldest first."""
        return [c for c in self._cellules.get((territoire_id, indicateur_id), []) if c.montree]

    def cellule(self, territoire_id: str, indicateur_id: str, millesime: int | None) -> ChiffrePublie | None:
        """The figure of a year, of the newest year when it is None."""
        cellules = self.cellules(territoire_id, indicateur_id)
        return next((c for c in reversed(cellules) if millesime in (None, c.millesime)), None)

    def voisines(self, territoire_id: str, indicateur_id: str) -> list[ChiffrePublie]:
        """Figures of the other indicateurs of the same universe and unit, at the same territory."""
        cible = self.indicateurs[indicateur_id]
        return [
            cellule
            for autre in self.indicateurs.values()
            if autre is not cible and (autre["univers"], autre["unite"]) == (cible["univers"], cible["unite"])
            for cellule in self.cellules(territoire_id, autre["indicateur_id"])
        ]

    def ecart_dit(self, indicateur_id: str, unite_imprimee: str, ecart: Fraction) -> str:
        """A gap in its unit, that of the dictionary or else of the document: 6.75 is « 6,75 points »."""
        connu = self.indicateurs.get(indicateur_id)
        unite = self.unites.get(connu["unite"]) if connu else None
        if unite is None:
            return f"{ecrire(ecart)} {unite_imprimee.replace('_', ' ')}"
        mot = unite.mot_d_ecart(float(ecart)) or unite.libelle(float(ecart))
        return f"{ecrire(ecart)} {mot}".rstrip()

    def secrete(
        self, territoire_id: str, indicateur_id: str, annees: tuple[int, int] | None
    ) -> ChiffrePublie | None:
        """A figure the release keeps secret in these years, in any year when None."""
        for cellule in self._cellules.get((territoire_id, indicateur_id), []):
            if cellule.statut == "secret" and (annees is None or annees[0] <= cellule.millesime <= annees[1]):
                return cellule
        return None

    def pourquoi_rien(self, territoire_id: str, indicateur_id: str, millesime: int | None) -> str:
        """Why the release shows no figure there, in French."""
        masquees = self._cellules.get((territoire_id, indicateur_id), [])
        for cellule in reversed(masquees):
            if not cellule.montree and millesime in (None, cellule.millesime):
                return cellule.motif or cellule.statut
        niveau = territoire_id.split(":")[0]
        if millesime is not None and (motif := self._absences.get((indicateur_id, niveau, millesime))):
            return motif
        return self.indicateurs[indicateur_id]["motif"] or "aucune valeur pour ce territoire"

    def somme_des_membres(
        self, territoire_id: str, indicateur_id: str, millesime: int
    ) -> tuple[Fraction, int] | None:
        """Sum over the communes of a territory and how many have a figure; None without any."""
        return self._sommes.get((territoire_id, indicateur_id, millesime))


def charger(dossier: Path, territoires: Iterable[str], sommes: Iterable[str]) -> Entrepot:
    """Read from the release in `dossier` what concerns these territories.

    `sommes`: indicateurs whose communal figures are added up within each territory, year by year.
    """
    with connecter(dossier / BASE) as con:
        marts = Marts(con)
        con.execute("create temp table demandes as select unnest(?) as territoire_id", [list(territoires)])
        con.execute(_COMMUNES)
        communes: dict[str, set[str]] = defaultdict(set)
        for m in marts.lignes("from communes_membres"):
            communes[m["territoire_id"]].add(m["commune"])
        dictionnaire = marts.lignes("from dim_indicateur order by indicateur_id")
        return Entrepot(
            release_id=marts.release["release_id"],
            demonstration=marts.demonstration,
            indicateurs={i["indicateur_id"]: i for i in dictionnaire},
            territoires={
                t["territoire_id"]: t["libelle"]
                for t in marts.lignes("from dim_territoire where territoire_id in (from demandes)")
            },
            membres={territoire: frozenset(siennes) for territoire, siennes in communes.items()},
            _cellules=_cellules(marts),
            _absences={
                (a["indicateur_id"], a["niveau"], a["millesime"]): a["motif"]
                for a in marts.lignes(
                    "from dim_disponibilite where statut = 'non_disponible' and motif is not null"
                )
            },
            _sommes={
                (s["territoire_id"], s["indicateur_id"], s["millesime"]): (fraction(s["somme"]), s["nombre"])
                for s in marts.lignes(_SOMMES, [list(sommes)])
            },
            univers={i["univers"]: i["univers_libelle"] for i in dictionnaire if i["univers_libelle"]},
            sources={s["source_id"]: s["titre"] for s in marts.sources.values()},
            unites=marts.unites,
        )


_COMMUNES = f"""
    create temp table communes_membres as
    select distinct d.territoire_id, t.territoire_id as commune
    from demandes as d
    inner join ({membres()}) as m on d.territoire_id = m.territoire_id
    inner join dim_territoire as t on t.niveau = 'commune' and m.code = t.code
    -- A commune is no sum of communes.
    where d.territoire_id <> t.territoire_id
"""

_SOMMES = """
    select
        m.territoire_id, f.indicateur_id, f.millesime,
        sum(f.valeur::decimal(30, 6))::double as somme, count(f.valeur) as nombre
    from communes_membres as m
    inner join fct_indicateurs as f on f.territoire_id = m.commune
    where list_contains(?, f.indicateur_id)
    group by all having count(f.valeur) > 0
"""

_NOMBRES = ("valeur", "borne_basse", "borne_haute", "numerateur", "denominateur")


def _cellules(marts: Marts) -> dict[tuple[str, str], list[ChiffrePublie]]:
    cellules: dict[tuple[str, str], list[ChiffrePublie]] = defaultdict(list)
    for c in marts.lignes(
        """
        select
            territoire_id, indicateur_id, millesime, valeur, borne_basse, borne_haute, valeur_texte,
            statut, motif, millesime_base, source_ids, numerateur, denominateur, lisibilite
        from fct_indicateurs
        where territoire_id in (from demandes) order by all
        """
    ):
        cle = c.pop("territoire_id"), c["indicateur_id"]
        exacts = {nom: None if c[nom] is None else fraction(c[nom]) for nom in _NOMBRES}
        cellules[cle].append(ChiffrePublie(**c | exacts | {"source_ids": c["source_ids"].replace("+", ", ")}))
    return dict(cellules)
