"""What the marts establish about a territory: the figures, gaps and evolutions that a sentence may rest on.

What a statut hides is never read: a sentence is the same whatever stands behind it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from publication.commun.chiffres import Ton
from publication.commun.marts import Ligne, Marts
from publication.portraits.contenu.formulations import Formulation, formulations
from publication.portraits.contenu.plan import prevus
from publication.portraits.contenu.seuils import par_debut
from socle.affichage import Unite
from socle.statuts import MONTRENT

VOISINAGE = {
    "commune": ("epci", "departement", "region", "france"),
    "epci": ("departement", "france", "region"),
    "ctg": ("departement", "france", "region"),
    "departement": ("region", "france"),
    "region": ("france",),
}
"""The wider territories that a sentence names, by preference: the first `ELARGIS` with something to say."""
ELARGIS = 2

TONS: tuple[Ton, ...] = ("defavorable", "favorable", "neutre")


@dataclass(frozen=True)
class Lus:
    """The rows of one territory, without those of a statut that shows no figure."""

    territoire: Ligne
    lieux: Mapping[str, Ligne]
    """The wider territories, by level."""
    comparaisons: Mapping[str, Ligne]
    """The latest figure of each indicateur beside its comparators."""
    evolutions: Sequence[Ligne]
    champs: Mapping[tuple[str, int], str | None]
    """Field of each figure that is shown, by indicateur and millésime."""
    tus: frozenset[str]
    """The indicateurs whose last figure is secret: an older one would be read as the state of things."""


# Every section of a portrait asks for the same rows.
@lru_cache(maxsize=1)
def lire(marts: Marts, territoire_id: str) -> Lus:
    """Read the rows of a territory."""
    (territoire,) = marts.lignes("from dim_territoire where territoire_id = $id", {"id": territoire_id})
    niveau = territoire["niveau"]
    elargis = {x: f"{x}:{territoire[x]}" for x in VOISINAGE.get(niveau, ()) if x != "france"}
    lieux = marts.lignes(
        "from dim_territoire where territoire_id in (select unnest($ids)) and territoire_id <> $id",
        {"ids": [*elargis.values(), "france:FR"], "id": territoire_id},
    )
    comparaisons = _comparaisons(marts, territoire_id)
    if niveau == "ctg" and territoire["epci"]:
        # A CTG that is exactly an EPCI has its peers, where both have the very same figure.
        jumeau = _comparaisons(marts, f"epci:{territoire['epci']}")
        comparaisons |= {i: ligne for i, ligne in jumeau.items() if _meme_chiffre(ligne, comparaisons.get(i))}
    evolutions = marts.lignes(
        "from mart_evolutions where territoire_id = $id and statut in (select unnest($statuts))"
        " order by indicateur_id, millesime_debut, millesime_fin",
        {"id": territoire_id, "statuts": [*MONTRENT, "refusee"]},
    )
    chiffres = marts.lignes(
        "select indicateur_id, millesime, champ, statut from fct_indicateurs"
        " where territoire_id = $id and statut in (select unnest($statuts)) order by millesime",
        {"id": territoire_id, "statuts": [*MONTRENT, "secret"]},
    )
    derniers = {c["indicateur_id"]: c["statut"] for c in chiffres}
    return Lus(
        territoire,
        {lieu["niveau"]: lieu for lieu in lieux},
        comparaisons,
        evolutions,
        {(c["indicateur_id"], c["millesime"]): c["champ"] for c in chiffres if c["statut"] in MONTRENT},
        frozenset(indicateur_id for indicateur_id, statut in derniers.items() if statut == "secret"),
    )


def _comparaisons(marts: Marts, territoire_id: str) -> dict[str, Ligne]:
    return {
        ligne["indicateur_id"]: ligne
        for ligne in marts.lignes(
            "from mart_comparaisons where territoire_id = $id and statut in (select unnest($montrent))"
            " qualify row_number() over (partition by indicateur_id order by millesime desc) = 1"
            " order by indicateur_id",
            {"id": territoire_id, "montrent": list(MONTRENT)},
        )
    }


def _meme_chiffre(un: Ligne, autre: Ligne | None) -> bool:
    noms = ("millesime", "valeur", "statut", "borne_basse", "borne_haute")
    return autre is not None and all(un[nom] == autre[nom] for nom in noms)


class Faits:
    """What the marts establish about a territory, for L'essentiel or for one theme."""

    def __init__(self, marts: Marts, territoire_id: str, depuis: int | None, theme: str | None) -> None:
        """Read the territory, and find the pair of years that each direction is read from."""
        self.depuis = depuis
        self._marts = marts
        self.lus = lire(marts, territoire_id)
        formulees = formulations()
        ordre = sorted(
            marts.dictionnaire.values(), key=lambda i: (i["theme"], i["ordre"], i["indicateur_id"])
        )
        self._formulations = {
            i["indicateur_id"]: formulees.get(i["indicateur_id"]) or Formulation(len(formulees) + rang)
            for rang, i in enumerate(ordre)
        }
        # An evolution of the dictionary and the count that it is the evolution of say one thing.
        comptes = {i["numerateur"]: nom for nom, i in marts.dictionnaire.items() if i["methode"] == "somme"}
        self._effectifs = {
            nom: comptes[i["numerateur"]]
            for nom, i in marts.dictionnaire.items()
            if i["decalage"] and i["numerateur"] in comptes
        }
        # L'essentiel is of the figures that somebody declared to matter; a theme opens on what it has. What
        # is planned for years to come is no observation, and a year or a date neither rises nor falls.
        self.indicateurs = {
            nom: i
            for nom, i in marts.dictionnaire.items()
            if (theme == i["theme"] or (theme is None and self.formulation(nom).priorite))
            and nom not in prevus()
            and nom not in self.lus.tus
            and self.unite(nom).nature == "nombre"
        }
        # What rests on too few is never spoken of.
        self.derniers = [
            ligne
            for i, ligne in self.lus.comparaisons.items()
            if i in self.indicateurs and ligne["lisibilite"] != "trop_peu"
        ]
        self._refusees: set[tuple[str, int, int]] = set()
        self.voulues: dict[str, Ligne] = {}
        self.paires: dict[str, Ligne] = {}
        self._lire_evolutions()
        self.mouvements = {i: p for i, p in self.paires.items() if p["evolution_lecture"] in TONS}

    def _lire_evolutions(self) -> None:
        """Of each indicateur, find the pair of years that its direction is read from.

        It ends in the last year that is shown. `voulues` holds the one that starts in the first year from the
        base on; `paires` the first that can be read without a reserve, in the order of tables (`par_debut`).
        """
        dernieres: dict[str, int] = {}
        for indicateur_id, millesime in self.lus.champs:
            dernieres[indicateur_id] = max(millesime, dernieres.get(indicateur_id, millesime))
        toutes: dict[str, list[Ligne]] = defaultdict(list)
        for ligne in self.lus.evolutions:
            indicateur_id, fin = ligne["indicateur_id"], ligne["millesime_fin"]
            refus = ligne["motif_code"] if ligne["statut"] == "refusee" else None
            # No sentence has room for the reserve that tables write.
            refus = refus or ligne["reserve_code"]
            if refus is not None:
                self._refusees.add((indicateur_id, ligne["millesime_debut"], fin))
            if indicateur_id in self.indicateurs and fin == dernieres.get(indicateur_id):
                toutes[indicateur_id].append({**ligne, "refus": refus})
        for indicateur_id, paires in toutes.items():
            ordre = par_debut(paires, self.depuis)
            self.voulues[indicateur_id] = ordre[0]
            if lisibles := [p for p in ordre if p["refus"] is None]:
                self.paires[indicateur_id] = lisibles[0]

    def formulation(self, indicateur_id: str) -> Formulation:
        """Return how an indicateur is worded; its `rang` alone where nobody worded it."""
        return self._formulations[indicateur_id]

    def unite(self, indicateur_id: str) -> Unite:
        """Return the unit of an indicateur."""
        return self._marts.unites[self._marts.dictionnaire[indicateur_id]["unite"]]

    def effectif(self, indicateur_id: str) -> str:
        """Return the count that an evolution of the dictionary is of; itself, for any other indicateur."""
        return self._effectifs.get(indicateur_id, indicateur_id)

    def evolution_refusee(self, ligne: Ligne) -> bool:
        """Whether the figure is an evolution itself, of two ends that mart_evolutions does not compare."""
        indicateur_id, fin = ligne["indicateur_id"], ligne["millesime"]
        debut = fin - (self.indicateurs[indicateur_id]["decalage"] or 0)
        return (self.effectif(indicateur_id), debut, fin) in self._refusees

    def de_peu(self, paire: Ligne) -> bool:
        """Whether an evolution is of too few, or of too uncertain an end, to be judged."""
        parti_de_peu: bool = paire["lecture_motif_code"] == "depart_trop_faible"
        return parti_de_peu or paire["lisibilite"] != "point"

    def comparateurs(self, ligne: Ligne) -> list[str]:
        """Name those whose gap is significant, and which no reserve sets apart."""

        def compte(x: str) -> bool:
            return (
                (x == "pairs" or x in self.lus.lieux)
                and ligne[f"ecart_{x}_lecture"] in TONS
                and ligne[f"valeur_{x}_statut"] in MONTRENT
                and ligne[f"reserve_{x}_code"] is None
            )

        elargis = [x for x in VOISINAGE.get(ligne["niveau"], ()) if compte(x)]
        # Too few peers have no rank, and their median says little; nor does one that roundings leave wide.
        situe = ligne["rang_au_mieux"] is not None and ligne["valeur_pairs_lisibilite"] == "point"
        return elargis[:ELARGIS] + (["pairs"] if situe and compte("pairs") else [])

    def debut(self, paire: Ligne) -> str:
        """Word the year an evolution starts in, and whether there is none nearer to the base year."""
        debut: int = paire["millesime_debut"]
        if self.depuis is None or debut <= self.depuis:
            return str(debut)
        premiere = min(
            annee for i, annee in self.lus.champs if i == paire["indicateur_id"] and annee >= self.depuis
        )
        return f"{debut} (première année disponible)" if premiere == debut else str(debut)
