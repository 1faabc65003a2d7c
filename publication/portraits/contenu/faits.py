"""What the marts establish about a territory: the figures, gaps and evolutions that a sentence may rest on.

What a statut hides is never read: a sentence is the same whatever stands behind it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from publication.lecture.chiffres import Ton
from publication.lecture.ecarts import place_dite
from publication.lecture.evolutions import MOUVEMENTS, evolutions_dites
from publication.lecture.jeux import comparaisons, des_territoires
from publication.lecture.lots import Ligne
from publication.lecture.marts import TERRITOIRES, Marts
from publication.portraits.contenu.formulations import Formulation, formulations
from socle.affichage import Unite
from socle.statuts import MONTRENT

VOISINAGE = {
    "commune": ("epci", "departement", "region", "france"),
    "epci": ("departement", "france", "region"),
    "ctg": ("departement", "france", "region"),
    "departement": ("region", "france"),
    "region": ("france",),
}
"""The wider territories that a sentence names, by preference, after those that a reader asked for: the first
`ELARGIS` with something to say."""
ELARGIS = 2

_COTES = ("au_dessus", "au_dessous")
"""The places of a figure that a sentence tells."""

TONS: tuple[Ton, ...] = ("defavorable", "favorable", "neutre")


Cle = tuple[str, str, int]
"""Territory, indicateur, millésime."""


@dataclass(frozen=True)
class Ecart:
    """A comparator that the figure is said to be above or below; no `lieu`: the median of the peers."""

    lieu: Ligne | None
    valeur: float
    ton: Ton


@dataclass(frozen=True)
class Vue:
    """What is established of the latest figure of an indicateur: its gaps, the evolution that ends there.

    `ligne` is its row of mart_comparaisons, `paire` that of mart_evolutions_dites. Neither has to be there.
    """

    indicateur_id: str
    millesime: int
    valeur: float
    ecarts: Sequence[Ecart]
    ligne: Ligne | None
    paire: Ligne | None
    de_peu: bool
    """Whether the evolution is of too few to be judged."""


@dataclass(frozen=True)
class Lus:
    """The rows of one territory, without those of a statut that shows no figure."""

    territoire: Ligne
    lieux: Mapping[str, Ligne]
    """The territories it may be set beside: the wider ones by level, those a reader asked for by id."""
    comparaisons: Mapping[str, Ligne]
    """The latest figure of each indicateur beside its comparators."""
    chiffres: Mapping[Cle, Ligne]
    """The figures that are shown, here and there."""
    derniers: Mapping[str, int]
    """The year of the latest figure shown of each indicateur, here."""
    tus: frozenset[str]
    """The indicateurs whose last figure is secret: an older one would be read as the state of things."""


# Every section of a portrait asks for the same rows.
@lru_cache(maxsize=1)
def lire(marts: Marts, territoire_id: str, comparer: tuple[str, ...] = ()) -> Lus:
    """Read the rows of a territory, and of those it may be set beside."""
    (territoire,) = marts.des(TERRITOIRES, [territoire_id])
    niveau = territoire["niveau"]
    elargis = {f"{x}:{territoire[x]}" for x in VOISINAGE.get(niveau, ()) if x != "france"} | {"france:FR"}
    lieux = marts.des(TERRITOIRES, [x for x in (*sorted(elargis), *comparer) if x != territoire_id])
    ici_comparees = comparaisons(marts, territoire_id)
    if niveau == "ctg" and territoire["epci"]:
        # A CTG that is exactly an EPCI has its peers, where both have the very same figure.
        jumeau = comparaisons(marts, f"epci:{territoire['epci']}")
        ici_comparees |= {i: li for i, li in jumeau.items() if _meme_chiffre(li, ici_comparees.get(i))}
    ids = [territoire_id, *(lieu["territoire_id"] for lieu in lieux)]
    chiffres = [c for c in des_territoires(marts, ids) if c["statut"] in (*MONTRENT, "secret")]
    ici = [c for c in chiffres if c["territoire_id"] == territoire_id]
    statuts = {c["indicateur_id"]: c["statut"] for c in ici}
    return Lus(
        territoire=territoire,
        lieux={
            lieu["niveau"] if lieu["territoire_id"] in elargis else lieu["territoire_id"]: lieu
            for lieu in lieux
        },
        comparaisons=ici_comparees,
        chiffres={
            (c["territoire_id"], c["indicateur_id"], c["millesime"]): c
            for c in chiffres
            if c["statut"] in MONTRENT
        },
        derniers={c["indicateur_id"]: c["millesime"] for c in ici if c["statut"] in MONTRENT},
        tus=frozenset(indicateur_id for indicateur_id, statut in statuts.items() if statut == "secret"),
    )


def _meme_chiffre(un: Ligne, autre: Ligne | None) -> bool:
    noms = ("millesime", "valeur", "statut", "borne_basse", "borne_haute")
    return autre is not None and all(un[nom] == autre[nom] for nom in noms)


class Faits:
    """What the marts establish about a territory, for L'essentiel or for one theme."""

    def __init__(
        self,
        marts: Marts,
        territoire_id: str,
        depuis: int | None,
        theme: str | None,
        comparer: tuple[str, ...] = (),
    ) -> None:
        """Read the territory, and what is said of its evolutions from that year."""
        self._marts = marts
        self._comparer = comparer
        self.lus = lire(marts, territoire_id, comparer)
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
            and nom not in marts.prevus
            and nom not in self.lus.tus
            and self.unite(nom).nature == "nombre"
        }
        self.evolutions = self._evolutions(depuis)

    def _evolutions(self, depuis: int | None) -> dict[str, Ligne]:
        """Of each indicateur, what is said of the evolution to its last figure, refused or not."""
        dites = evolutions_dites(self._marts, [self.lus.territoire["territoire_id"]], depuis)
        return {i: e for (_, i), e in dites.items() if i in self.indicateurs}

    @cached_property
    def vues(self) -> list[Vue]:
        """What is established of the latest figure of each indicateur."""
        derniers = [self.chiffre(i, self.lus.derniers[i]) for i in self.indicateurs if i in self.lus.derniers]
        # No sentence is about a range, nor about what rests on too few.
        return [self._vue(ici) for ici in derniers if ici is not None and _est_un_point(ici)]

    def _vue(self, ici: Ligne) -> Vue:
        indicateur_id, millesime = ici["indicateur_id"], ici["millesime"]
        ligne = self.lus.comparaisons.get(indicateur_id)
        if ligne is not None and ligne["millesime"] != millesime:
            ligne = None
        paire = self.evolutions.get(indicateur_id)
        if paire is not None and paire["mouvement"] not in MOUVEMENTS:
            paire = None
        return Vue(
            indicateur_id,
            millesime,
            ici["valeur"],
            self._ecarts(ici, ligne),
            ligne,
            paire,
            paire is not None and paire["lecture_motif_code"] == "depart_trop_faible",
        )

    def chiffre(self, indicateur_id: str, millesime: int, territoire_id: str | None = None) -> Ligne | None:
        """Return the row of a figure that is shown; here, unless a territory is named."""
        return self.lus.chiffres.get(
            (territoire_id or self.lus.territoire["territoire_id"], indicateur_id, millesime)
        )

    def voisins(self) -> list[Ligne]:
        """Return the territories a sentence names, by preference."""
        lieux = self.lus.lieux
        ordre = [*self._comparer, *VOISINAGE.get(self.lus.territoire["niveau"], ())]
        return [lieux[x] for x in dict.fromkeys(ordre) if x in lieux]

    def formulation(self, indicateur_id: str) -> Formulation:
        """Return how an indicateur is worded; its `rang` alone where nobody worded it."""
        return self._formulations[indicateur_id]

    def unite(self, indicateur_id: str) -> Unite:
        """Return the unit of an indicateur."""
        return self._marts.unites[self._marts.dictionnaire[indicateur_id]["unite"]]

    def effectif(self, indicateur_id: str) -> str:
        """Return the count that an evolution of the dictionary is of; itself, for any other indicateur."""
        return self._effectifs.get(indicateur_id, indicateur_id)

    def _ecarts(self, ici: Ligne, ligne: Ligne | None) -> list[Ecart]:
        """The comparators that the figure is above or below; the peers are last."""
        demandes = [self._demande(ici, x) for x in self._comparer if x in self.lus.lieux]
        voisins = []
        if ligne is not None:
            # One that a reader asked for is named before the others.
            ordre = sorted(
                (x for x in VOISINAGE.get(ligne["niveau"], ()) if x in self.lus.lieux),
                key=lambda x: self.lus.lieux[x]["territoire_id"] not in self._comparer,
            )
            voisins = [self._ecart(ligne, x) for x in ordre]
        elargis = [ecart for ecart in (*demandes, *voisins) if ecart is not None][:ELARGIS]
        pairs = self._ecart(ligne, "pairs") if ligne is not None else None
        return elargis if pairs is None else [*elargis, pairs]

    def _ecart(self, ligne: Ligne, x: str) -> Ecart | None:
        """The gap that mart_comparaisons draws from a wider territory or from the peers."""
        if ligne[f"ecart_{x}_dit"] not in _COTES:
            return None
        return Ecart(self.lus.lieux.get(x), ligne[f"valeur_{x}"], ligne[f"ecart_{x}_lecture"])

    def _demande(self, ici: Ligne, territoire_id: str) -> Ecart | None:
        """The gap from a territory that a reader asked for, by the rule of the marts, which have none.

        What would be a reserve there (field, producer, list) leaves it unsaid.
        """
        indicateur = self.indicateurs[ici["indicateur_id"]]
        la_bas = self.chiffre(ici["indicateur_id"], ici["millesime"], territoire_id)
        if la_bas is None or not indicateur["comparable"]:
            return None
        if "liste_incomplete" in (ici["motif_code"], la_bas["motif_code"]):
            return None
        if (ici["champ"] or "") != (la_bas["champ"] or "") or any(
            self._marts.producteurs(ici["source_ids"]) ^ self._marts.producteurs(la_bas["source_ids"])
        ):
            return None
        place = place_dite(ici, la_bas, indicateur)
        if place not in _COTES:
            return None
        polarite = indicateur["polarite"]
        ton: Ton = "neutre"
        if polarite != "neutre":
            ton = "favorable" if (place == "au_dessus") == (polarite == "favorable") else "defavorable"
        return Ecart(self.lus.lieux[territoire_id], la_bas["valeur"], ton)


def _est_un_point(chiffre: Ligne) -> bool:
    return bool(chiffre["lisibilite"] == "point")
