"""Does this build show what an earlier release masked?"""

from collections.abc import Iterator

from confidentialite.preuve.constats import Cellule, Constat, Incident
from confidentialite.preuve.dossier import Dossier

_CLES = ["geographie", "niveau", "code", "indicateur_id", "millesime", "territoire"]


def cellules_demasquees(dossier: Dossier) -> Iterator[Constat | Incident]:
    """Yield the cells shown by this build that an earlier release masked, over the same communes.

    Commune A, 3 under a threshold of 5, masked in release 1; the threshold is 3 today:
        release 1: A masked; this build: A = 3
        A is a finding, `demasquee`: what was promised to stay hidden stays so
        an EPCI of A and B, masked, that is A alone today, is another territory: no finding
    A share that was masked and is of nobody today is one too, shown as `sans_objet`: that says zero of its
    whole, so that what sums have lost since is what it was.
    """
    lignes = dossier.lignes
    masquee = lignes["statut"] == "secret"
    secretes = lignes[(lignes["rang"] > 0) & masquee & lignes["sensible"].astype(bool)]
    if secretes.empty:
        return
    montrees = lignes[(lignes["rang"] == 0) & ~masquee]
    communes = montrees[_CLES].merge(secretes[[*_CLES, "release"]], on=_CLES)
    for niveau, code, indicateur, millesime, release in communes[
        ["niveau", "code", "indicateur_id", "millesime", "release"]
    ].itertuples(index=False):
        yield Constat(
            "demasquee", Cellule(f"{niveau}:{code}", indicateur, int(millesime)), f"masked by {release}"
        )
