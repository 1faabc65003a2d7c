"""What the sections of one portrait share: territory, comparators, base year, convention, latest figures."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from publication.lecture.alphabet import NOM
from publication.lecture.chiffres import Role, Ton
from publication.lecture.commentaires import Commentaire, publies
from publication.lecture.evolutions import evolutions_dites, evolutions_refusees
from publication.lecture.marts import Indicateur, Ligne, Marts, Territoire
from publication.lecture.membres import membres
from publication.portraits.contenu.releve import Releve
from socle.erreurs import ErreurPublication
from socle.statuts import MONTRENT

_ENFANTS = {"ctg": "commune", "epci": "commune", "departement": "epci", "region": "departement"}


@dataclass(frozen=True)
class Options:
    """What a reader may choose: other territories to be set beside, and the base year of evolutions.

    `commentaires`: those to print in place of the release's own.
    """

    comparer: tuple[str, ...] = ()
    depuis: int | None = None
    commentaires: tuple[Commentaire, ...] | None = None

    @property
    def suffixe(self) -> str:
        """What the name of a file says of them: "-depuis-2017-avec-epci-200042991"."""
        depuis = f"-depuis-{self.depuis}" if self.depuis is not None else ""
        beside = "".join(f"-avec-{identifiant.replace(':', '-')}" for identifiant in self.comparer)
        return depuis + beside + ("-commente" if self.commentaires is not None else "")


@dataclass
class Contexte:
    """One portrait being made; `jumeau` is the EPCI of the same communes: it has peers, a CTG has none."""

    marts: Marts
    territoire: Territoire
    options: Options
    releve: Releve = field(init=False)
    comparateurs: list[Territoire] = field(init=False)
    jumeau: str = field(init=False)
    convention: Ligne | None = field(init=False)

    def __post_init__(self) -> None:
        """Read the figures of the territory and of those it is set beside."""
        marts, territoire = self.marts, self.territoire
        self.convention = self._convention()
        identique = self.convention["territoire_id"] if self.convention else None
        self.jumeau = identique if territoire.niveau == "ctg" and identique else territoire.territoire_id
        self.comparateurs = self._comparateurs()
        self.releve = Releve(marts)
        memes = (
            [territoire]
            if self.jumeau == territoire.territoire_id
            else [territoire, marts.territoire(self.jumeau)]
        )
        self.releve.charger([*memes, *self.comparateurs])
        self._controler_la_base(memes)

    def _controler_la_base(self, memes: Sequence[Territoire]) -> None:
        """Refuse a base year that the territory has no figure near: no evolution could be read from it."""
        annee = self.options.depuis
        annees = [
            a for i in self.marts.indicateurs for t in memes for a in self.releve.annees(t.territoire_id, i)
        ]
        if annee is None or not annees or min(annees) <= annee <= max(annees):
            return
        raise ErreurPublication(
            f"Année de base {annee} : les chiffres de {self.territoire.libelle} vont de {min(annees)} à"
            f" {max(annees)} dans la publication {self.marts.edition.release_id}. Donner à --depuis une"
            " de ces années."
        )

    def _convention(self) -> Ligne | None:
        """The convention the portrait is of: its own, else the newest that is read on this very territory."""
        for convention in self.marts.conventions:
            if self.territoire.territoire_id in (convention["ctg_id"], convention["territoire_id"]):
                return convention
        return None

    def exiger_une_convention(self) -> Ligne:
        """Return the convention; raise ErreurPublication where the territory has none."""
        if self.convention is None:
            raise ErreurPublication(
                f"Aucune convention de la publication {self.marts.edition.release_id} ne porte sur"
                f" {self.territoire.libelle} : nommer le territoire de l'une d'elles, ctg:… ou l'EPCI de"
                " mêmes communes."
            )
        return self.convention

    @cached_property
    def couvrantes(self) -> Sequence[Ligne]:
        """The conventions that all its communes are in, the newest first: its own, or wider ones."""
        return self.marts.lignes(
            f"with siennes as (select code from ({membres()}) where territoire_id = $id)"
            " select v.* from ctg_conventions as v inner join ctg_communes as c on v.ctg_id = c.territoire_id"
            " inner join siennes as s on c.code = s.code"
            " group by all having count(*) = (select count(*) from siennes)"
            " order by annee_debut desc, convention_id",
            {"id": self.territoire.territoire_id},
        )

    @cached_property
    def commentaires(self) -> list[Commentaire]:
        """What authors wrote in this portrait."""
        choisis = self.options.commentaires
        tous = publies(self.marts) if choisis is None else choisis
        return [c for c in tous if c.territoire_id == self.territoire.territoire_id]

    @cached_property
    def _elargis(self) -> list[tuple[Role, str]]:
        """The role and id of the wider territories it lies in, the nearest first."""
        t = self.territoire
        demandes: list[tuple[Role, str | None]] = []
        if t.niveau == "commune":
            demandes.append(("autre", t.epci and f"epci:{t.epci}"))
        if t.niveau in ("commune", "epci", "ctg"):
            demandes.append(("departement", t.departement and f"departement:{t.departement}"))
        if t.niveau not in ("region", "france"):
            demandes.append(("region", t.region and f"region:{t.region}"))
        if t.niveau != "france":
            demandes.append(("france", "france:FR"))
        return [(role, identifiant) for role, identifiant in demandes if identifiant]

    def _comparateurs(self) -> list[Territoire]:
        """The wider territories that the release has, the nearest first, then those that were asked for."""
        t = self.territoire
        presents = {
            ligne["territoire_id"]
            for ligne in self.marts.lignes(
                "select territoire_id from dim_territoire where territoire_id in (select unnest(?))",
                [[identifiant for _, identifiant in self._elargis]],
            )
        }
        larges = [self.marts.territoire(i, role) for role, i in self._elargis if i in presents]
        voulus = [
            self.marts.territoire(identifiant, "autre")
            for identifiant in self.options.comparer
            if identifiant not in {t.territoire_id, *(x.territoire_id for x in larges)}
        ]
        return larges + voulus

    @cached_property
    def nom_court(self) -> str:
        """How the territory is called beside the others: a CTG by the EPCI it is of."""
        if self.jumeau == self.territoire.territoire_id:
            return self.territoire.libelle
        return self.marts.territoire(self.jumeau).libelle

    @cached_property
    def depuis(self) -> int | None:
        """The year evolutions are read from:

        that asked for, else that of its convention, or of one around it.
        """
        if self.options.depuis is not None:
            return self.options.depuis
        convention = self.convention or next(iter(self.couvrantes), None)
        return convention["annee_base"] if convention else None

    @cached_property
    def derniers(self) -> dict[str, Ligne]:
        """The row of `mart_derniers_chiffres` of each indicateur: its own, else that of its twin.

        An EPCI says what its earlier conventions were; a CTG only what it is.
        """
        if self.jumeau == self.territoire.territoire_id:
            return self.rangs
        propres = self._derniers(self.territoire.territoire_id)
        return {
            **self.rangs,
            **{
                i: ligne for i, ligne in propres.items() if ligne["statut"] in MONTRENT or i not in self.rangs
            },
        }

    def porteur(self, indicateur_id: str) -> str:
        """The territory whose figure is shown: this one, or its twin."""
        ligne = self.derniers.get(indicateur_id)
        return ligne["territoire_id"] if ligne is not None else self.territoire.territoire_id

    def de(self, territoire: Territoire, indicateur_id: str) -> str:
        """The id under which the figure of one of the territories stands."""
        return self.porteur(indicateur_id) if territoire is self.territoire else territoire.territoire_id

    def comparateur(self, territoire: Territoire) -> str | None:
        """The name under which marts set a territory beside this one; None for one a reader asked for."""
        elargis = {identifiant for _, identifiant in self._elargis}
        return territoire.niveau if territoire.territoire_id in elargis else None

    @cached_property
    def niveau_publie(self) -> str:
        """The level whose figures it has: a CTG of the communes of an EPCI has those of an EPCI."""
        return self.jumeau.partition(":")[0]

    @cached_property
    def rangs(self) -> dict[str, Ligne]:
        """The rows of the territory that has peers."""
        return self._derniers(self.jumeau)

    def _derniers(self, territoire_id: str) -> dict[str, Ligne]:
        return {
            ligne["indicateur_id"]: ligne
            for ligne in self.marts.lignes(
                "from mart_derniers_chiffres where territoire_id = ?", [territoire_id]
            )
        }

    @cached_property
    def evolutions(self) -> dict[str, Ligne]:
        """What is said of how each indicateur moved, from the year that was asked for."""
        siens = [self.territoire.territoire_id, self.jumeau]
        lues = evolutions_dites(self.marts, siens, self.options.depuis)
        return {i: e for (t, i), e in lues.items() if t == self.porteur(i) and self.dernier(i) is not None}

    @cached_property
    def refusees(self) -> dict[str, list[Ligne]]:
        """The refusals between two years that follow each other, by indicateur, in the order of years."""
        lues: dict[str, list[Ligne]] = {}
        for ligne in evolutions_refusees(self.marts, [self.territoire.territoire_id, self.jumeau]):
            if ligne["territoire_id"] == self.porteur(ligne["indicateur_id"]):
                lues.setdefault(ligne["indicateur_id"], []).append(ligne)
        return lues

    @cached_property
    def tendances(self) -> dict[str, Ligne]:
        """The row of `mart_tendances` of each indicateur."""
        lues = self.marts.lignes(
            "select territoire_id, indicateur_id, tendance_dite, tendance_lecture from mart_tendances"
            " where territoire_id in (?, ?) order by territoire_id, indicateur_id",
            [self.territoire.territoire_id, self.jumeau],
        )
        return {
            ligne["indicateur_id"]: ligne
            for ligne in lues
            if ligne["territoire_id"] == self.porteur(ligne["indicateur_id"])
        }

    @cached_property
    def reserves_du_temps(self) -> dict[str, list[tuple[int, str]]]:
        """By indicateur, the years that are compared to those before with a reserve, and why.

        A new series of the producer, or a reformed benefit: no break, for nothing is refused.
        """
        trouvees: dict[str, list[tuple[int, str]]] = {}
        for r in self.marts.lignes(
            "select distinct r.indicateur_id, r.millesime, if(r.nature = 'reforme', r.detail, null) as detail"
            " from ruptures_series as r"
            " inner join dim_territoire as t on t.territoire_id = $id and r.niveau = t.niveau"
            " where r.nature in ('serie', 'reforme') and coalesce(r.territoire_id, $id) = $id order by all",
            {"id": self.territoire.territoire_id},
        ):
            annee, detail = r["millesime"], r["detail"]
            quoi = f"Réforme : {detail}" if detail else f"Nouvelle série du producteur en {annee}"
            trouvees.setdefault(r["indicateur_id"], []).append((annee, quoi))
        return trouvees

    def dernier(self, indicateur_id: str) -> Ligne | None:
        """The latest figure that is shown, None when there is none."""
        ligne = self.derniers.get(indicateur_id)
        return ligne if ligne is not None and ligne["statut"] in MONTRENT else None

    def evolution(self, indicateur_id: str) -> Ligne | None:
        """What is said of the evolution to the latest figure; None for what is planned."""
        return self.evolutions.get(indicateur_id)

    @cached_property
    def enfants(self) -> list[Territoire]:
        """The territories that annexes list: communes of a CTG or EPCI, EPCI of a département…"""
        return self._dans(_ENFANTS.get(self.territoire.niveau))

    @cached_property
    def communes(self) -> list[Territoire]:
        """The communes that a map shows."""
        if self.territoire.niveau not in ("ctg", "epci", "departement"):
            return []
        return self._dans("commune")

    def _dans(self, niveau: str | None) -> list[Territoire]:
        t = self.territoire
        if niveau is None:
            return []
        if niveau == "commune":
            condition = f"code in (select code from ({membres()}) where territoire_id = $id)"
        elif niveau == "epci":
            # An EPCI over two départements is of both.
            condition = (
                "territoire_id in (select 'epci:' || epci from dim_territoire where niveau = 'commune'"
                " and departement = $code and epci is not null)"
            )
        else:
            condition = f"{t.niveau} = $code"
        lues = self.marts.lignes(
            f"from dim_territoire where niveau = $niveau and {condition} and $id is not null"
            f" and $code is not null order by {NOM.format('libelle')}, code",
            {"niveau": niveau, "id": t.territoire_id, "code": t.code},
        )
        return [Territoire.lire(ligne, "autre") for ligne in lues]

    def du_theme(self, theme: str) -> list[Indicateur]:
        """The indicateurs of a theme, in their order."""
        return [i for i in self.marts.indicateurs.values() if i.theme == theme]

    def indicateurs(self, ids: Sequence[str]) -> list[Indicateur]:
        """The indicateurs of these ids; one that the dictionary does not know is a fault of the plan."""
        return [self.marts.indicateurs[i] for i in ids]


def ton(lecture_: Any) -> Ton:
    """How a difference is to be read, from the word of the marts."""
    return lecture_ if lecture_ in ("favorable", "defavorable") else "neutre"
