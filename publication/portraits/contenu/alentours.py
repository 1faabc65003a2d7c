"""What is around the territory of a portrait: its convention, its twin, those it is set beside or made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from publication.lecture.alphabet import NOM
from publication.lecture.chiffres import Role
from publication.lecture.lots import Ligne
from publication.lecture.marts import TERRITOIRES, Marts, Territoire
from publication.lecture.membres import membres
from publication.lecture.plan import TableDuPlan, du_plan
from socle.erreurs import ErreurPublication

# An EPCI over two départements is of both.
_PARTIES = f"""
    with parties as (
        select territoire_id, 'commune:' || code as partie_id from ({membres()})
        union
        select 'departement:' || departement, 'epci:' || epci from dim_territoire where niveau = 'commune'
        union
        select 'region:' || region, territoire_id from dim_territoire where niveau = 'departement'
    )
"""
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

    def plan(self, table: TableDuPlan) -> list[Ligne]:
        """The rows of the convention in a table of its plan; none where the territory has no convention."""
        return [] if self.convention is None else du_plan(self.marts, table, self.convention)

    @cached_property
    def jumeau(self) -> str:
        """The EPCI of the same communes, of a CTG that has one: it has peers, a CTG has none. Else itself."""
        identique = self.convention["territoire_id"] if self.convention else None
        ctg = self.territoire.niveau == "ctg"
        return identique if ctg and identique else self.territoire.territoire_id

    @cached_property
    def couvrantes(self) -> Sequence[Ligne]:
        """The conventions that all its communes are in, the newest first: its own, or wider ones."""
        couvertes = self.marts.des(
            "with siennes as (select *, count(*) over (partition by territoire_id) as combien"
            f" from ({membres()}) where territoire_id in (select unnest($territoires)))"
            " select s.territoire_id, v.convention_id from ctg_conventions as v"
            " inner join ctg_communes as c on v.ctg_id = c.territoire_id"
            " inner join siennes as s on c.code = s.code group by all having count(*) = any_value(combien)",
            [self.territoire.territoire_id],
        )
        ids = {c["convention_id"] for c in couvertes}
        return [v for v in self.marts.conventions if v["convention_id"] in ids]

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
            ligne["territoire_id"]: ligne
            for ligne in self.marts.des(TERRITOIRES, [identifiant for _, identifiant in self._elargis])
        }
        larges = [Territoire.lire(presents[i], role) for role, i in self._elargis if i in presents]
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
        if niveau is None:
            return []
        lues = self.marts.des(
            f"{_PARTIES} select p.territoire_id, t.* rename (territoire_id as partie_id) from parties as p"
            " inner join dim_territoire as t on p.partie_id = t.territoire_id"
            " where p.territoire_id in (select unnest($territoires)) and t.niveau = $niveau"
            f" order by {NOM.format('t.libelle')}, t.code",
            [self.territoire.territoire_id],
            niveau=niveau,
        )
        return [Territoire.lire({**t, "territoire_id": t["partie_id"]}, "autre") for t in lues]
