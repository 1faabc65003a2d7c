"""Evidence for each layout: a real file, a header in a public repository, or somebody's word."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from ingestion.contrats.fiche import Contrat
from ingestion.contrats.grammaire import FormatTableur, Layout, Ressource

Etat = Literal["confirme", "vu", "documente"]


@dataclass(frozen=True)
class LayoutConnu:
    """Evidence for one layout of one source; `ressources` share it word for word.

    `preuve`: where the header was seen, or whose word it is; empty for a layout that a real file confirmed.
    `reste`: what that does not show, and a first file should be looked at for. `en_ligne`: a night on the
    producers' own addresses reads a file by it.
    """

    source: str
    layout: str
    etat: Etat
    preuve: str
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
                fait = LayoutConnu(contrat.source, nom, *_preuve(y), nom in demandes, ())
                par_fait.setdefault(fait, []).append(r.nom)
    connus = [replace(fait, ressources=tuple(noms)) for fait, noms in par_fait.items()]
    return sorted(connus, key=lambda c: (not c.en_ligne, c.source, c.layout, c.ressources))


def _preuve(y: Layout) -> tuple[Etat, str, str]:
    if y.confirme:
        return "confirme", "", y.confirme.reste or ""
    if y.vu:
        return "vu", f"{y.vu.depot}, {y.vu.chemin}", y.vu.reste
    return "documente", y.documente or "", y.a_verifier or ""


def _en_ligne(r: Ressource) -> set[str]:
    """Layouts of the files that addresses serve: that of a request, or any that an edition admits."""
    par_adresse = [set(e.layout) for e in r.millesimes.values() if e.url]
    if r.rolling:
        # A request names its fields; without one, the content tells.
        par_adresse.append({r.rolling.layout} if r.rolling.layout else set(r.layouts))
    return set().union(*par_adresse)
