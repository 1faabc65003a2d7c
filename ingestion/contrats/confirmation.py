"""Layouts that no real file has shown, and those of them that a live night asks for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ingestion.contrats.fiche import Contrat
from ingestion.contrats.grammaire import FormatTableur, Ressource


@dataclass(frozen=True)
class LayoutConnu:
    """Evidence for one layout of one source; `ressources` share it word for word.

    `documente` is empty for a layout that a real file confirmed; `reste` is what that file does not show.
    `en_ligne`: a night on the producers' own addresses reads a file by it.
    """

    source: str
    layout: str
    documente: str
    reste: str
    en_ligne: bool
    ressources: tuple[str, ...]


def layouts_connus(contrats: Iterable[Contrat]) -> list[LayoutConnu]:
    """Every layout that a producer may serve: those of a live night first, then by source."""
    par_fait: dict[LayoutConnu, list[str]] = {}
    for contrat in contrats:
        for r in contrat.ressources.values():
            # A table that people fill in is the project's own.
            if isinstance(r.format, FormatTableur):
                continue
            demandes = _en_ligne(r)
            for nom, y in r.layouts.items():
                reste = (y.confirme and y.confirme.reste) or ""
                fait = LayoutConnu(contrat.source, nom, y.documente or "", reste, nom in demandes, ())
                par_fait.setdefault(fait, []).append(r.nom)
    connus = [replace(fait, ressources=tuple(noms)) for fait, noms in par_fait.items()]
    return sorted(connus, key=lambda c: (not c.en_ligne, c.source, c.layout, c.ressources))


def _en_ligne(r: Ressource) -> set[str]:
    """Layouts of the files that addresses serve: that of a request, or any that an edition admits."""
    par_adresse = [set(e.layout) for e in r.millesimes.values() if e.url]
    if r.rolling:
        # A request names its fields; without one, the content tells.
        par_adresse.append({r.rolling.layout} if r.rolling.layout else set(r.layouts))
    return set().union(*par_adresse)
