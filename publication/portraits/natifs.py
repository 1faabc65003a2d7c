"""Charts of the document as an office suite holds its own: categories, and series of numbers.

Belongs here: what a deck and a workbook share of them (where a line is cut, what a point is labelled with,
between which bounds it is, by what shape). Does not: any format, nor a colour.

A cell without a number is an empty place, never a zero: its mark (`s`, `nd`) stands in the name of its bar,
or among `absents`, which is printed under the chart.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import floor, log10

from publication.portraits import apparence
from publication.portraits.modele import Cellule, Comparaison, Ligne, Parts, Role, Serie

Natif = Comparaison | Parts | Serie

MARQUEURS: dict[Role, str] = {
    "territoire": "circle",
    "departement": "square",
    "region": "triangle",
    "france": "diamond",
    "pairs": "x",
    "autre": "plus",
}
"""Points of a line by whose it is, under the names that office formats share."""

_LIGNE_COURTE = 10
"""Points up to which each one of the territory's line is labelled; beyond, its ends are."""
_ECART_LISIBLE = 0.06
"""Share of the height of a chart under which two labels would cover each other."""
_PART_LISIBLE = 0.07
"""Share of the longest bar under which a part is too short to be labelled."""


@dataclass(frozen=True)
class Trace:
    """A series: a cell per category (None where there is none), what is printed beside each point or nothing.

    `role` is whose look it takes: that of its line, or of a role that no line of the chart has, so that two
    lines never look alike. `legende` is false for the pieces of a line after its
    first: the legend names it once.
    """

    nom: str
    valeurs: tuple[Cellule | None, ...]
    etiquettes: tuple[str, ...]
    role: Role = "autre"
    scenario: bool = False
    legende: bool = True

    @property
    def nombres(self) -> tuple[float | None, ...]:
        """The numbers to draw."""
        return tuple(None if c is None else c.nombre for c in self.valeurs)

    @property
    def ecarts(self) -> tuple[tuple[float, float], ...] | None:
        """How far below and above each labelled number its bounds are; None where every number is its own."""
        ecarts = tuple(
            _ecart(cellule) if etiquette else (0.0, 0.0)
            for cellule, etiquette in zip(self.valeurs, self.etiquettes, strict=True)
        )
        return ecarts if any(dessous or dessus for dessous, dessus in ecarts) else None


def _ecart(cellule: Cellule | None) -> tuple[float, float]:
    if cellule is None or cellule.nombre is None:
        return 0.0, 0.0
    n = cellule.nombre
    basse = n if cellule.basse is None else cellule.basse
    haute = n if cellule.haute is None else cellule.haute
    return round(max(n - basse, 0.0), 6), round(max(haute - n, 0.0), 6)


def tracer(graphique: Natif) -> tuple[list[str], list[Trace]]:
    """Return the names of the categories, and the series."""
    match graphique:
        case Comparaison():
            return _barres(graphique)
        case Parts():
            return _parts(graphique)
        case Serie():
            aspects = _aspects([ligne.role for ligne in graphique.lignes])
            traces = [
                trace
                for ligne, aspect in zip(graphique.lignes, aspects, strict=True)
                for trace in _morceaux(graphique, ligne, aspect)
            ]
            return [str(annee) for annee in graphique.annees], traces


def muet(graphique: Natif) -> bool:
    """Say whether it has no number to draw: its table is all there is to show."""
    return all(n is None for trace in tracer(graphique)[1] for n in trace.nombres)


def decimales(traces: Iterable[Trace]) -> int:
    """Return how many decimals its numbers are printed with, at most."""
    return max(
        (c.decimales for t in traces for c in t.valeurs if c is not None and c.nombre is not None), default=0
    )


def absents(graphique: Natif) -> list[str]:
    """Return, for each place of a chart where no figure is shown, what is printed there."""
    match graphique:
        case Comparaison():
            return []  # The name of the bar says it.
        case Parts():
            return [
                f"{tout}, {part.libelle} : {part.valeur.texte}"
                for tout, parts in graphique.touts
                for part in parts
                if part.valeur.nombre is None
            ]
        case Serie():
            return [
                f"{ligne.libelle}, {annee} : {cellule.texte}"
                for ligne in graphique.lignes
                for annee, cellule in zip(graphique.annees, ligne.valeurs, strict=True)
                if cellule is not None and cellule.nombre is None
            ]


def _barres(graphique: Comparaison) -> tuple[list[str], list[Trace]]:
    barres = graphique.barres
    noms = [b.libelle if b.valeur.nombre is not None else f"{b.libelle} : {b.valeur.texte}" for b in barres]
    valeurs = tuple(b.valeur for b in barres)
    etiquettes = tuple(v.texte if v.nombre is not None else "" for v in valeurs)
    return noms, [Trace(graphique.unite or graphique.titre, valeurs, etiquettes)]


def _parts(graphique: Parts) -> tuple[list[str], list[Trace]]:
    grand = max((_somme(p.valeur for p in parts) for _, parts in graphique.touts), default=0.0)
    noms = dict.fromkeys(part.libelle for _, parts in graphique.touts for part in parts)
    traces = []
    for nom in noms:
        valeurs = tuple(
            next((p.valeur for p in parts if p.libelle == nom), None) for _, parts in graphique.touts
        )
        etiquettes = tuple(
            v.texte if v is not None and v.nombre is not None and v.nombre > _PART_LISIBLE * grand else ""
            for v in valeurs
        )
        traces.append(Trace(nom, valeurs, etiquettes))
    return [nom for nom, _ in graphique.touts], traces


def _somme(valeurs: Iterable[Cellule]) -> float:
    return sum(v.nombre for v in valeurs if v.nombre is not None)


def _morceaux(graphique: Serie, ligne: Ligne, aspect: Role) -> Iterator[Trace]:
    """Yield a line in as many series as it has pieces: nothing crosses a break, a scenario stands apart."""
    annees = graphique.annees
    ruptures = {rupture.annee for rupture in graphique.ruptures}
    coupures = sorted(ruptures | ({graphique.projection} if graphique.projection else set()))
    bornes = [annees[0], *(c for c in coupures if annees[0] < c <= annees[-1]), annees[-1] + 1]
    premier = True
    for debut, fin in pairwise(bornes):
        scenario = graphique.projection is not None and debut >= graphique.projection
        valeurs = [
            cellule if debut <= annee < fin else None
            for annee, cellule in zip(annees, ligne.valeurs, strict=True)
        ]
        if not any(v is not None and v.nombre is not None for v in valeurs):
            continue
        etiquettes = _etiquettes(valeurs, ligne, graphique)
        avant = max((rang for rang, annee in enumerate(annees) if annee < debut), default=None)
        if scenario and debut not in ruptures and avant is not None:
            # The scenario leads from the last figure, which is labelled once.
            valeurs[avant] = ligne.valeurs[avant]
        suite = " (scénario)" if scenario else "" if premier else f" (depuis {debut})"
        yield Trace(ligne.libelle + suite, tuple(valeurs), etiquettes, aspect, scenario, premier or scenario)
        premier = False


def _aspects(roles: Sequence[Role]) -> list[Role]:
    libres = [role for role in apparence.TRAITS if role != "territoire" and role not in roles]
    aspects: list[Role] = []
    for rang, role in enumerate(roles):
        aspects.append(libres.pop(0) if role in roles[:rang] and libres else role)
    return aspects


def _etiquettes(valeurs: Sequence[Cellule | None], ligne: Ligne, graphique: Serie) -> tuple[str, ...]:
    """Label each point of the territory's line, and the last of another where it stands clear."""
    montres = [rang for rang, v in enumerate(valeurs) if v is not None and v.nombre is not None]
    if ligne.role == "territoire":
        gardes = set(montres) if len(valeurs) <= _LIGNE_COURTE else {montres[0], montres[-1]}
    else:
        dernier = max(r for r, v in enumerate(ligne.valeurs) if v is not None and v.nombre is not None)
        gardes = {dernier} & set(montres) if _degage(graphique, ligne, dernier) else set()
    return tuple(v.texte if v is not None and rang in gardes else "" for rang, v in enumerate(valeurs))


def _degage(graphique: Serie, ligne: Ligne, rang: int) -> bool:
    """Say whether no line before this one, nor the territory's, has a point beside the label of this one."""
    nombres = [
        v.nombre for li in graphique.lignes for v in li.valeurs if v is not None and v.nombre is not None
    ]
    proche = (max(nombres) - min(nombres)) * _ECART_LISIBLE
    ici = ligne.valeurs[rang]
    for autre in graphique.lignes:
        la = autre.valeurs[rang]
        if autre is ligne or la is None or la.nombre is None or ici is None or ici.nombre is None:
            continue
        avant = autre.role == "territoire" or graphique.lignes.index(autre) < graphique.lignes.index(ligne)
        if avant and abs(la.nombre - ici.nombre) < proche:
            return False
    return True


def plancher(graphique: Natif, traces: Iterable[Trace]) -> float | None:
    """Return where the axis of numbers begins, None to leave it to the program; only shown numbers decide.

    Bars begin at zero, or under the lowest of them with room for its label; lines near their lowest point.
    """
    nombres = [n for t in traces for n in t.nombres if n is not None]
    if not nombres:
        return None
    bas, haut = min(nombres), max(nombres)
    if not isinstance(graphique, Serie):
        return 0.0 if bas >= 0 else _rond(bas * 1.3)
    if bas < 0:
        return None
    return max(0.0, _rond(bas - max(haut - bas, haut * 0.05) * 0.25))


def _rond(nombre: float) -> float:
    """Return a number of one or two digits, at or under this one."""
    if not nombre:
        return 0.0
    pas = 10.0 ** (floor(log10(abs(nombre))) - 1)
    return round(floor(nombre / pas) * pas, 6)
