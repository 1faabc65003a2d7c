"""What is around the territory of a portrait: its convention, its twin, those it is set beside or made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from publication.lecture.alphabet import NOM
from publication.lecture.chiffres import Role
from publication.lecture.marts import Ligne, Marts, Territoire
from publication.lecture.membres import membres
from socle.erreurs import ErreurPublication

_ENFANTS = {"ctg": "commune", "epci": "commune", "departement": "epci", "region": "departement"}


@dataclass(eq=False)
class Alentours:
    """What is around a territory; `comparer` holds the ids that a reader asked to have set beside it."""

    marts: Marts
    territoire: Territoire
    comparer: tuple[str, ...]

    @cached_property
    def convention(self) -> Ligne | None:
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
    def jumeau(self) -> str:
        """The EPCI of the same communes, of a CTG that has one: it has peers, a CTG has none. Else itself."""
        identique = self.convention["territoire_id"] if self.convention else None
        ctg = self.territoire.niveau == "ctg"
        return identique if ctg and identique else self.territoire.territoire_id

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

    @cached_property
    def comparateurs(self) -> list[Territoire]:
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
            for identifiant in self.comparer
            if identifiant not in {t.territoire_id, *(x.territoire_id for x in larges)}
        ]
        return larges + voulus

    def comparateur(self, territoire: Territoire) -> str | None:
        """The name under which marts set a territory beside this one; None for one a reader asked for."""
        elargis = {identifiant for _, identifiant in self._elargis}
        return territoire.niveau if territoire.territoire_id in elargis else None

    @cached_property
    def nom_court(self) -> str:
        """How the territory is called beside the others: a CTG by the EPCI it is of."""
        if self.jumeau == self.territoire.territoire_id:
            return self.territoire.libelle
        return self.marts.territoire(self.jumeau).libelle

    @cached_property
    def niveau_publie(self) -> str:
        """The level whose figures it has: a CTG of the communes of an EPCI has those of an EPCI."""
        return self.jumeau.partition(":")[0]

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
