"""Series as SVG: lines over the years, their names, their figures, where they break."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle

from publication.commun import apparence
from publication.commun.apparence import CONTOUR, CORPS, ENCRE, ENCRE_DOUCE, PAPIER
from publication.commun.lettres import couper, largeur
from publication.lecture.chiffres import Cellule, Role
from publication.portraits import echelles
from publication.portraits.modele import Ligne, Serie
from publication.portraits.svg.dessin import INTERLIGNE, Dessin, Echelle

_MARGE_SERIE = 142
"""Room for the names, right of the lines."""
Points = list[tuple[int, Cellule, float]]
"""Year, cell and its number."""


@dataclass(frozen=True)
class _Trace:
    """A line, how it is drawn, and the runs of years that are joined."""

    ligne: Ligne
    trait: apparence.Trait
    morceaux: list[Points]
    depart: tuple[int, float] | None = None
    """Where a scenario without a past of its own leaves from."""

    @property
    def points(self) -> Points:
        return [p for morceau in self.morceaux for p in morceau]

    @property
    def gras(self) -> bool:
        return self.ligne.role == "territoire"


@dataclass(frozen=True)
class _Boite:
    gauche: float
    haut: float
    droite: float
    bas: float

    def touche(self, autre: "_Boite") -> bool:
        return (
            self.gauche < autre.droite
            and autre.gauche < self.droite
            and self.haut < autre.bas
            and autre.haut < self.bas
        )


def _traits(lignes: Sequence[Ligne]) -> list[apparence.Trait]:
    """The stroke of each line: that of its role, or another where one before it has that role."""
    suivants = cycle(apparence.TRAITS_SUIVANTS)
    roles: set[Role] = set()
    traits = []
    for ligne in lignes:
        traits.append(next(suivants) if ligne.role in roles else apparence.TRAITS[ligne.role])
        roles.add(ligne.role)
    return traits


def _tracer(graphique: Serie, ligne: Ligne, trait: apparence.Trait) -> _Trace:
    origine = echelles.depart(graphique, ligne)
    depart = None if origine is None or origine[1].nombre is None else (origine[0], origine[1].nombre)
    return _Trace(ligne, trait, echelles.morceaux(graphique, ligne), depart)


def serie(dessin: Dessin, graphique: Serie) -> None:
    """Draw lines over the years."""
    premiere, derniere = min(graphique.annees), max(graphique.annees)
    tracees = echelles.nombres(graphique)
    axe = echelles.graduer(tracees) or echelles.Axe(0.0, 1.0, 1.0)
    sol = float(apparence.HAUTEUR_SERIE)
    x = Echelle(premiere, max(derniere, premiere + 1), 26, dessin.largeur - _MARGE_SERIE)
    y = Echelle(axe.bas, axe.haut, sol, 34)
    pas = (x.fin - x.debut) / (x.haut - x.bas)

    _decor(dessin, graphique, x, y, pas)
    if echelles.coupee(tracees):
        dessin.texte(0, 6, echelles.NOTE, corps=dessin.petit, couleur=ENCRE_DOUCE, italique=True)
        # An axis cut short under its first step.
        pied = [(0, 0), (0, 6), (-4, 9), (4, 15), (-4, 21), (4, 27), (0, 30)]
        dessin.trait([(x.debut - 14 + dx, sol - dy) for dx, dy in pied], CONTOUR)
    traits = _traits(graphique.lignes)
    traces = [_tracer(graphique, ligne, t) for ligne, t in zip(graphique.lignes, traits, strict=True)]
    # The territory last: over the others.
    for trace in sorted(traces, key=lambda t: t.gras):
        _une_ligne(dessin, graphique, trace, x, y)
    pleins = [t for t in traces if t.morceaux]
    au_bout = [t for t in pleins if x(t.points[-1][0]) > x.fin - 1.5 * pas]
    _noms(dessin, au_bout, x, y)
    _chiffres(dessin, pleins, au_bout, x, y)
    dessin.hauteur = _rangees_sans_chiffre(dessin, graphique, x, sol + 24) + 10


def _decor(dessin: Dessin, graphique: Serie, x: Echelle, y: Echelle, pas: float) -> None:
    """The years, the ground, where a scenario begins and where series break."""
    sol = y.debut
    gauche, droite = x.debut - 14, x.fin + 12
    if graphique.projection is not None:
        bord = max(x(graphique.projection) - pas / 2, gauche)
        dessin.rectangle(bord, 18, droite, sol, apparence.PAPIER_DOUX)
        dessin.trait([(bord, 18), (bord, sol)], CONTOUR, 0.8)
        dessin.texte(bord + 6, 26, "scénario", corps=dessin.petit, couleur=ENCRE_DOUCE, italique=True)
    dessin.trait([(gauche, sol), (droite, sol)], CONTOUR)
    if y.bas < 0 < y.haut:
        dessin.trait([(gauche, y(0)), (droite, y(0))])
    libre = dessin.largeur
    for annee in sorted(graphique.annees, reverse=True):
        dessin.trait([(x(annee), sol), (x(annee), sol + 4)], CONTOUR)
        if x(annee) + 15 <= libre:
            dessin.texte(x(annee), sol + 14, str(annee), "middle", couleur=ENCRE_DOUCE)
            libre = x(annee) - 19
    for rupture in graphique.ruptures:
        milieu = x(rupture.annee) - pas / 2
        dessin.trait([(milieu, 30), (milieu, sol)], ENCRE, 1.2, (2, 3))
        # Two slanted strokes across the ground: the axis itself is cut.
        for ecart in (-3, 3):
            dessin.trait([(milieu + ecart - 3, sol + 6), (milieu + ecart + 3, sol - 6)], ENCRE, 1.4)
    _nommer_les_ruptures(dessin, graphique, [x(r.annee) - pas / 2 for r in graphique.ruptures], droite)


def _nommer_les_ruptures(dessin: Dessin, graphique: Serie, ou: Sequence[float], droite: float) -> None:
    """Over each break a word, one for those that stand too near; why is in a note where it would not fit."""
    if len(ou) == 1:
        mots = f"rupture\u00a0: {graphique.ruptures[0].libelle}"
        if largeur(mots, dessin.petit) <= droite:
            _nommer_au_dessus(dessin, ou[0], mots)
            return
    proches: list[list[float]] = []
    for milieu in sorted(ou):
        if proches and milieu - proches[-1][-1] < largeur("ruptures", dessin.petit) + 6:
            proches[-1].append(milieu)
        else:
            proches.append([milieu])
    for groupe in proches:
        mots = "ruptures" if len(set(groupe)) > 1 else "rupture"
        _nommer_au_dessus(dessin, (groupe[0] + groupe[-1]) / 2, mots)


def _nommer_au_dessus(dessin: Dessin, milieu: float, mots: str) -> None:
    demi = largeur(mots, dessin.petit) / 2
    centre = min(max(milieu, demi), dessin.largeur - demi)
    dessin.texte(centre, 22, mots, "middle", corps=dessin.petit, halo=True)


def _une_ligne(dessin: Dessin, graphique: Serie, trace: _Trace, x: Echelle, y: Echelle) -> None:
    trait = trace.trait
    limite = graphique.projection

    def projete(annee: int) -> bool:
        return limite is not None and annee >= limite

    for rang, morceau in enumerate(trace.morceaux):
        observes = [(x(a), y(n)) for a, _, n in morceau if not projete(a)]
        if trace.depart is not None and not rang:
            observes = [(x(trace.depart[0]), y(trace.depart[1]))]
        projetes = [(x(a), y(n)) for a, _, n in morceau if projete(a)]
        if len(observes) > 1:
            dessin.trait(observes, trait.couleur, trait.epaisseur, trait.tirets)
        # The scenario leaves from the last observed year of its run.
        if len(suite := [*observes[-1:], *projetes]) > 1 and projetes:
            dessin.trait(suite, trait.couleur, trait.epaisseur, apparence.SCENARIO_TIRETS)
    rayon = 3.6 if trace.gras else 2.8
    for annee, c, n in trace.points:
        if c.basse is not None and c.haute is not None:
            bouts = [(x(annee), y(c.basse)), (x(annee), y(c.haute))]
            dessin.moustache(bouts, 1.2, trait.couleur, 4)
        if projete(annee):
            dessin.rond(x(annee), y(n), rayon, PAPIER, trait.couleur)
        else:
            dessin.rond(x(annee), y(n), rayon, trait.couleur, PAPIER)


def _noms(dessin: Dessin, au_bout: Sequence[_Trace], x: Echelle, y: Echelle) -> None:
    """Names of the lines that reach the end: in the margin, pushed apart, each with a leader.

    With them the figures of the last year, which beside their points would be in each other's way.
    """
    voulus = sorted(
        (
            (y(t.points[-1][2]), rang, t, couper(_au_bout(t, x), _MARGE_SERIE - 20, CORPS, t.gras, 4))
            for rang, t in enumerate(au_bout)
        ),
        key=lambda v: v[:2],
    )
    places = [(voulu, INTERLIGNE * float(len(nom))) for voulu, _, _, nom in voulus]
    hauts = echelles.ecarter(places, 16.0, y.debut + 10, 3)
    for haut, (voulu, _, trace, nom) in zip(hauts, voulus, strict=True):
        centre = haut + INTERLIGNE * len(nom) / 2
        dessin.trait([(x(trace.points[-1][0]) + 5, voulu), (x.fin + 15, centre)], trace.trait.couleur, 0.8)
        dessin.texte(x.fin + 18, centre, nom, gras=trace.gras)


def _au_bout(trace: _Trace, x: Echelle) -> str:
    """The name of a line that reaches the end, after its figure if it is of the last year."""
    annee, cellule, _ = trace.points[-1]
    return f"{cellule.texte} {trace.ligne.libelle}" if annee == x.haut else trace.ligne.libelle


def _chiffres(
    dessin: Dessin, pleins: Sequence[_Trace], au_bout: Sequence[_Trace], x: Echelle, y: Echelle
) -> None:
    """Write figures where they find room beside their points: ends of lines first, then the territory's.

    Those of the last year are in the margin. A line that stops early is named beside its last figure.
    """
    demandes = []
    for ordre, trace in enumerate(pleins):
        for rang, (annee, c, n) in enumerate(trace.points):
            fin = rang == len(trace.points) - 1
            if fin and trace in au_bout and annee == x.haut:
                continue
            texte = c.texte
            if fin and trace not in au_bout:
                priorite, texte = 0, f"{trace.ligne.libelle}\u00a0: {texte}"
            elif rang == 0 or fin:
                priorite = 1 if trace.gras else 2
            elif trace.gras:
                priorite = 3
            else:
                continue
            demandes.append((priorite, ordre, rang, trace, annee, c, n, texte))
    occupees = [_Boite(x(a) - 3, y(n) - 3, x(a) + 3, y(n) + 3) for t in pleins for a, _, n in t.points]
    for *_, trace, annee, c, n, texte in sorted(demandes, key=lambda d: d[:3]):
        demi = largeur(texte, CORPS, trace.gras) / 2 + 2
        centre = min(max(x(annee), demi), x.fin + 14 - demi)
        dessus = y(max(n, c.haute if c.haute is not None else n)) - 12
        dessous = y(min(n, c.basse if c.basse is not None else n)) + 12
        for milieu in (dessous, dessus) if annee in echelles.creux(trace.morceaux) else (dessus, dessous):
            boite = _Boite(centre - demi, milieu - 6, centre + demi, milieu + 6)
            if boite.haut > 28 and boite.bas < y.debut and not any(map(boite.touche, occupees)):
                occupees.append(boite)
                dessin.texte(centre, milieu, texte, "middle", trace.gras, halo=True)
                break


def _rangees_sans_chiffre(dessin: Dessin, graphique: Serie, x: Echelle, bas: float) -> float:
    """Under the years, a row for each line with figures that are not shown: a mark at its year."""
    for ligne in graphique.lignes:
        muettes = [
            (annee, c)
            for annee, c in zip(graphique.annees, ligne.valeurs, strict=True)
            if c is not None and c.nombre is None
        ]
        if muettes:
            nom = couper(ligne.libelle, _MARGE_SERIE - 20, dessin.petit, lignes=2)
            bas += 4 + INTERLIGNE * len(nom)
            milieu = bas - INTERLIGNE * len(nom) / 2
            for annee, c in muettes:
                dessin.texte(
                    dessin.marque(x(annee) - 13, milieu, c) - 2, milieu, c.texte, couleur=ENCRE_DOUCE
                )
            dessin.texte(x.fin + 18, milieu, nom, corps=dessin.petit, couleur=ENCRE_DOUCE)
    return bas
