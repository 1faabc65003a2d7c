"""Charts of the document as an office suite holds its own, for decks and workbooks: categories and series.

A cell without a number is an empty place, never a zero: its mark (`s`, `nd`) stands in the name of its bar,
or among `absents`, printed beside the chart.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import floor, log10
from typing import Literal

from publication.commun import apparence
from publication.lecture.chiffres import Cellule, Role
from publication.portraits import echelles
from publication.portraits.modele import Comparaison, Parts, Serie

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
_LETTRES = 0.09
"""How high a label is beside the lines of a chart, where nobody says it: a share of its height."""
_POINT = 0.025
"""How far from its middle a point reaches, of the same height."""
_PART_LISIBLE = 0.07
"""Share of the longest bar under which a part is too short to be labelled."""


Place = Literal["dessus", "dessous", "droite"]
Places = dict[tuple[int, int], Place]
"""Where the label of a line (its rank) in a year stands; one that has none is not there."""


@dataclass(frozen=True)
class Trace:
    """A series: a cell per category (None where there is none), what is printed beside each point or nothing.

    `role` is whose look it takes; two lines never look alike. `legende` is false for the pieces of a line
    after its first.
    """

    nom: str
    valeurs: tuple[Cellule | None, ...]
    etiquettes: tuple[str, ...]
    role: Role = "autre"
    scenario: bool = False
    legende: bool = True
    places: tuple[Place, ...] = ()
    """On which side of its point each label of a line is."""

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


def tracer(graphique: Natif, lettres: float = _LETTRES) -> tuple[list[str], list[Trace]]:
    """Return the names of the categories, and the series.

    `lettres` is how high a label of a line is, as a share of the height of the chart.
    """
    match graphique:
        case Comparaison():
            return _barres(graphique)
        case Parts():
            return _parts(graphique)
        case Serie():
            serie = _au_fil_du_temps(graphique)
            roles = aspects([ligne.role for ligne in serie.lignes])
            places = _placer(serie, lettres)
            traces = [
                trace for rang, aspect in enumerate(roles) for trace in _morceaux(serie, rang, aspect, places)
            ]
            return [str(annee) for annee in serie.annees], traces


def cote(trace: Trace) -> Place:
    """Return the side on which most labels of a line are: a workbook has one for the whole line."""
    dites = [place for place, texte in zip(trace.places, trace.etiquettes, strict=True) if texte]
    return Counter(dites).most_common(1)[0][0] if dites else "dessus"


def d_un_cote(trace: Trace) -> Trace:
    """Return a line without the labels between its ends that stand on another side than most."""
    dits = [rang for rang, texte in enumerate(trace.etiquettes) if texte]
    if not dits or not trace.places:
        return trace
    gardes = {dits[0], dits[-1], *(rang for rang in dits if trace.places[rang] == cote(trace))}
    textes = (texte if rang in gardes else "" for rang, texte in enumerate(trace.etiquettes))
    return replace(trace, etiquettes=tuple(textes))


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


def _au_fil_du_temps(graphique: Serie) -> Serie:
    """Return a series with every year from its first to its last: categories stand at one distance.

    2008 2011 2013: six places, three of them empty.
    """
    annees = tuple(range(min(graphique.annees), max(graphique.annees) + 1))
    lignes = []
    for ligne in graphique.lignes:
        lues = dict(zip(graphique.annees, ligne.valeurs, strict=True))
        lignes.append(replace(ligne, valeurs=tuple(lues.get(annee) for annee in annees)))
    return replace(graphique, annees=annees, lignes=tuple(lignes))


def _morceaux(graphique: Serie, rang: int, aspect: Role, places: Places) -> Iterator[Trace]:
    """Yield a line in as many series as it has pieces: nothing crosses a break, a scenario stands apart.

    An empty place within a piece is spanned (`dispBlanksAs`); those before and after it are not.
    """
    ligne, annees, limite = graphique.lignes[rang], graphique.annees, graphique.projection
    dites = {annee: place for (de, annee), place in places.items() if de == rang}
    premier = True
    for run in echelles.morceaux(graphique, ligne):
        observes = [p for p in run if limite is None or p[0] < limite]
        for piece in (observes, run[len(observes) :]):
            if not piece:
                continue
            scenario = piece is not observes
            cellules = {annee: cellule for annee, cellule, _ in piece}
            etiquettes = tuple(cellules[a].texte if a in cellules and a in dites else "" for a in annees)
            suite = " (scénario)" if scenario else "" if premier else f" (depuis {piece[0][0]})"
            # The scenario leads from the last figure, which is labelled once.
            origine = observes[-1][:2] if observes else echelles.depart(graphique, ligne) if premier else None
            if scenario and origine is not None:
                cellules[origine[0]] = origine[1]
            yield Trace(
                ligne.libelle + suite,
                tuple(cellules.get(annee) for annee in annees),
                etiquettes,
                aspect,
                scenario,
                premier or scenario,
                tuple(dites.get(annee, "dessus") for annee in annees),
            )
            premier = False


def aspects(roles: Sequence[Role]) -> list[Role]:
    """Return the role whose look each line takes: no two look alike."""
    libres = [role for role in apparence.TRAITS if role != "territoire" and role not in roles]
    pris: list[Role] = []
    for rang, role in enumerate(roles):
        pris.append(libres.pop(0) if role in roles[:rang] and libres else role)
    return pris


def _placer(graphique: Serie, lettres: float) -> Places:
    """Say which points are labelled, and on which side: none over another label, nor over a line.

    The ends of the territory's line always are, points between where there is room, unless they are many; of
    another line, the last point where there is room.
    """
    axe = echelles.graduer(echelles.nombres(graphique))
    if axe is None:
        return {}
    places: Places = {}
    # Labels of a year: from where to where they are.
    pris: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for qui, ligne in sorted(enumerate(graphique.lignes), key=lambda e: (e[1].role != "territoire", e[0])):
        runs = echelles.morceaux(graphique, ligne)
        points, creux = [p for run in runs for p in run], echelles.creux(runs)
        du_territoire = ligne.role == "territoire"
        for rang, (annee, _, nombre) in enumerate(points):
            dernier = rang == len(points) - 1
            bout = dernier or (du_territoire and not rang)
            if not bout and (not du_territoire or len(points) > _LIGNE_COURTE):
                continue
            y = axe.part(nombre)
            etendues: dict[Place, tuple[float, float]] = {
                "dessus": (y + _POINT, y + _POINT + lettres),
                "dessous": (y - _POINT - lettres, y - _POINT),
                "droite": (y - lettres / 2, y + lettres / 2),
            }
            possibles: tuple[Place, ...] = ("dessous", "dessus") if annee in creux else ("dessus", "dessous")
            if dernier and annee == graphique.annees[-1]:
                possibles = ("droite", *possibles)
            autres = (echelles.valeur_en(graphique, a, annee) for a in graphique.lignes if a is not ligne)
            passent = [(axe.part(v) - _POINT, axe.part(v) + _POINT) for v in autres if v is not None]
            # Lines end where what stands at their right begins.
            genes = {p: [*pris[annee], *(() if p == "droite" else passent)] for p in possibles}
            place = next((p for p in possibles if _libre(etendues[p], genes[p])), None)
            if place or (bout and du_territoire):
                places[qui, annee] = place = place or "dessus"
                pris[annee].append(etendues[place])
    return places


def _libre(etendue: tuple[float, float], genes: Iterable[tuple[float, float]]) -> bool:
    bas, haut = etendue
    return bas >= 0 and not any(bas < h and b < haut for b, h in genes)


def axe(graphique: Natif) -> echelles.Axe | None:
    """Return the axis of a series; bars have none, each prints its number."""
    return echelles.graduer(echelles.nombres(graphique)) if isinstance(graphique, Serie) else None


def coupee(graphique: Natif) -> bool:
    """Say whether its axis begins elsewhere than at zero: that is printed under it (`echelles.NOTE`)."""
    return isinstance(graphique, Serie) and echelles.coupee(echelles.nombres(graphique))


def plancher(graphique: Natif, traces: Iterable[Trace]) -> float | None:
    """Return where the axis of numbers begins, None to leave it to the program; only shown numbers decide.

    Bars begin at zero, or under the lowest of them with room for its label.
    """
    if (gradue := axe(graphique)) is not None:
        return gradue.bas
    nombres = [n for t in traces for n in t.nombres if n is not None]
    if not nombres:
        return None
    return 0.0 if min(nombres) >= 0 else _rond(min(nombres) * 1.3)


def _rond(nombre: float) -> float:
    """Return a number of one or two digits, at or under this one."""
    if not nombre:
        return 0.0
    pas = 10.0 ** (floor(log10(abs(nombre))) - 1)
    return round(floor(nombre / pas) * pas, 6)
