"""Is a masked figure printed, or the result of additions and subtractions of what is printed?"""

from collections.abc import Iterable, Iterator

from confidentialite.preuve.constats import Cellule, Constat, Incident
from confidentialite.preuve.dossier import Dossier


def soustractions(dossier: Dossier) -> Iterator[Constat | Incident]:
    """Yield the cells of each protected form that the printed figures determine.

    Communes A 3 and B 7 in an EPCI of 10, A alone hidden:
        printed: B = 7, A + B = 10
        10 - 7 = 3: A is a finding, `exacte`
        with B hidden too, A + B = 10 is all that is printed: no finding
    A term of a masked share that is nobody's own is none where the other term is unknown (`Dossier.anodine`).
    Where earlier releases determine it by themselves, nothing of today can help: an incident, unless all its
    cells are hidden to protect others. Where an earlier release masked it and this one prints it:
    `demasquee`.
    """
    secondaires = _secondaires(dossier)
    for protegee in dossier.atteintes:
        forme, cellules = protegee.forme, protegee.cellules
        if dossier.anodine(protegee):
            continue
        if forme in dossier.divulguees:
            # What is hidden to protect another, and was shown until now, discloses nobody by itself.
            if not cellules <= secondaires:
                yield from dossier.incidents(forme, cellules)
        elif not protegee.courante and dossier.modele.imprimee(forme, ici=True):
            detail = f"masked by {protegee.release}"
            yield from (Constat("demasquee", c, detail) for c in cellules)
        else:
            yield from (Constat("exacte", c) for c in cellules)


def _secondaires(dossier: Dossier) -> set[Cellule]:
    """Return the cells of this release that are hidden for others only; none when that is not told."""
    if dossier.intimes is None:
        return set()
    courantes = [p for p in dossier.modele.protegees.values() if p.courante]

    def cellules(*, intimes: bool) -> Iterable[set[Cellule]]:
        return (p.cellules for p in courantes if (p.forme in (dossier.intimes or ())) is intimes)

    return set().union(*cellules(intimes=False)) - set().union(*cellules(intimes=True))
