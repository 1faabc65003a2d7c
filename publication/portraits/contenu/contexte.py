"""What the sections of one portrait share: territory, comparators, base year, convention, latest figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from publication.lecture.chiffres import Ton
from publication.lecture.commentaires import Commentaire
from publication.lecture.evolutions import evolutions_dites, evolutions_refusees
from publication.lecture.jeux import derniers, tendances_de
from publication.lecture.lots import Ligne
from publication.lecture.marts import Indicateur, Marts, Territoire
from publication.portraits.contenu.alentours import Alentours
from publication.portraits.contenu.releve import Releve
from socle.erreurs import ErreurPublication
from socle.statuts import MONTRENT


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
    """One portrait being made: what is said of a territory, and what is around it."""

    marts: Marts
    territoire: Territoire
    options: Options
    autour: Alentours = field(init=False)
    releve: Releve = field(init=False)

    def __post_init__(self) -> None:
        """Read the figures of the territory and of those it is set beside."""
        marts, territoire = self.marts, self.territoire
        self.autour = Alentours(marts, territoire, self.options.comparer)
        self.releve = Releve(marts)
        jumeau = self.autour.jumeau
        memes = [territoire] if jumeau == territoire.territoire_id else [territoire, marts.territoire(jumeau)]
        self.releve.lire([*memes, *self.autour.comparateurs])
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

    @cached_property
    def depuis(self) -> int | None:
        """The year evolutions are read from:

        that asked for, else that of its convention, or of one around it.
        """
        if self.options.depuis is not None:
            return self.options.depuis
        convention = self.autour.convention or next(iter(self.autour.couvrantes), None)
        return convention["annee_base"] if convention else None

    @cached_property
    def derniers(self) -> Mapping[str, Ligne]:
        """The row of `mart_derniers_chiffres` of each indicateur: its own, else that of its twin.

        An EPCI says what its earlier conventions were; a CTG only what it is.
        """
        if self.autour.jumeau == self.territoire.territoire_id:
            return self.rangs
        propres = derniers(self.marts, self.territoire.territoire_id)
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

    @cached_property
    def rangs(self) -> Mapping[str, Ligne]:
        """The rows of the territory that has peers."""
        return derniers(self.marts, self.autour.jumeau)

    @cached_property
    def evolutions(self) -> dict[str, Ligne]:
        """What is said of how each indicateur moved, from the year that was asked for."""
        siens = [self.territoire.territoire_id, self.autour.jumeau]
        lues = evolutions_dites(self.marts, siens, self.options.depuis)
        return {i: e for (t, i), e in lues.items() if t == self.porteur(i) and self.dernier(i) is not None}

    @cached_property
    def refusees(self) -> dict[str, list[Ligne]]:
        """The refusals between two years that follow each other, by indicateur, in the order of years."""
        lues: dict[str, list[Ligne]] = {}
        for ligne in evolutions_refusees(self.marts, [self.territoire.territoire_id, self.autour.jumeau]):
            if ligne["territoire_id"] == self.porteur(ligne["indicateur_id"]):
                lues.setdefault(ligne["indicateur_id"], []).append(ligne)
        return lues

    @cached_property
    def tendances(self) -> dict[str, Ligne]:
        """The row of `mart_tendances` of each indicateur."""
        return {
            ligne["indicateur_id"]: ligne
            for ligne in tendances_de(self.marts, [self.territoire.territoire_id, self.autour.jumeau])
            if ligne["territoire_id"] == self.porteur(ligne["indicateur_id"])
        }

    @cached_property
    def reserves_du_temps(self) -> dict[str, list[tuple[int, str]]]:
        """By indicateur, the years that are compared to those before with a reserve, and why.

        A new series of the producer, or a reformed benefit: no break, for nothing is refused.
        """
        trouvees: dict[str, list[tuple[int, str]]] = {}
        for r in self.marts.des(
            "select distinct t.territoire_id, r.indicateur_id, r.millesime,"
            " if(r.nature = 'reforme', r.detail, null) as detail"
            " from ruptures_series as r inner join dim_territoire as t on r.niveau = t.niveau"
            " and coalesce(r.territoire_id, t.territoire_id) = t.territoire_id"
            " where r.nature in ('serie', 'reforme') and t.territoire_id in (select unnest($territoires))"
            " order by all",
            [self.territoire.territoire_id],
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

    def du_theme(self, theme: str) -> list[Indicateur]:
        """The indicateurs of a theme, in their order."""
        return [i for i in self.marts.indicateurs.values() if i.theme == theme]

    def indicateurs(self, ids: Sequence[str]) -> list[Indicateur]:
        """The indicateurs of these ids; one that the dictionary does not know is a fault of the plan."""
        return [self.marts.indicateurs[i] for i in ids]


def ton(lecture_: Any) -> Ton:
    """How a difference is to be read, from the word of the marts."""
    return lecture_ if lecture_ in ("favorable", "defavorable") else "neutre"
