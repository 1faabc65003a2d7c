"""Bars, shares and series as SVG.

Belongs here: how a chart is laid out. Does not: strokes (`dessin`), colours and sizes (`apparence`), maps
(`cartes`), what is shown and how it is worded (`contenu`). There is no graduated axis: every number is the
`texte` of a cell beside its bar or its point. A cell without a number is a mark that has no length, and no
scale is reckoned from it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import cycle
from string import ascii_uppercase

from publication.commun import apparence
from publication.commun.apparence import CONTOUR, CORPS, CORPS_PETIT, ENCRE, ENCRE_DOUCE, PAPIER
from publication.commun.chiffres import Cellule, Role
from publication.commun.lettres import couper, largeur
from publication.portraits import echelles
from publication.portraits.dessin import INTERLIGNE, Dessin, mention
from publication.portraits.modele import Barre, Comparaison, Ligne, Parts, Serie

_LIBELLE = 172
"""Room for the names, left of the bars."""
_MARGE_SERIE = 142
"""Room for the names, right of the lines."""


def dessiner(graphique: Comparaison | Parts | Serie, bandeau: str | None = None) -> str:
    """The chart as one `<svg>`, with the banner of the document where it has one."""
    dessin = Dessin(graphique, apparence.LARGEUR_GRAPHIQUE)
    match graphique:
        case Comparaison():
            _comparaison(dessin, graphique)
        case Parts():
            _parts(dessin, graphique)
        case Serie():
            _serie(dessin, graphique)
    return dessin.svg(bandeau)


@dataclass(frozen=True)
class Echelle:
    """Values from `bas` to `haut`, set from `debut` to `fin` in pixels."""

    bas: float
    haut: float
    debut: float
    fin: float

    def __call__(self, valeur: float) -> float:
        """Where a value is."""
        return self.debut + (valeur - self.bas) / (self.haut - self.bas) * (self.fin - self.debut)


def bornes(cellules: Iterable[Cellule]) -> list[float]:
    """Every number that is drawn, ends of intervals included."""
    return [
        n for c in cellules if c.nombre is not None for n in (c.nombre, c.basse, c.haute) if n is not None
    ]


# Bars -------------------------------------------------------------------------------------------------------


def _comparaison(dessin: Dessin, graphique: Comparaison) -> None:
    cellules = [b.valeur for b in graphique.barres]
    tracees = [0.0, *bornes(cellules)]
    bas, haut = min(tracees), max(tracees)
    marge = 12 + max((largeur(c.texte, CORPS, True) for c in cellules if c.nombre is not None), default=0)
    debut = _LIBELLE + 14 + (marge if bas < 0 else 0)
    x = Echelle(bas, haut if haut > bas else bas + 1, debut, dessin.largeur - marge)

    y = 4.0
    for barre in graphique.barres:
        gras = barre.role == "territoire"
        nom = couper(barre.libelle, _LIBELLE, CORPS, gras)
        hauteur = max(28, INTERLIGNE * len(nom) + 10)
        milieu = y + hauteur / 2
        dessin.texte(_LIBELLE, milieu, nom, "end", gras)
        _une_barre(dessin, x, milieu, barre)
        y += hauteur
    dessin.trait([(x(0), 2), (x(0), y + 2)])
    dessin.hauteur = y + 6


def _une_barre(dessin: Dessin, x: Echelle, milieu: float, barre: Barre) -> None:
    c, gras = barre.valeur, barre.role == "territoire"
    if c.nombre is None:
        dessin.texte(dessin.marque(x(0) + 7, milieu, c), milieu, mention(c), couleur=ENCRE_DOUCE)
        return
    fond, bord = (
        (apparence.BARRE_TERRITOIRE, apparence.BARRE_TERRITOIRE) if gras else (apparence.BARRE_AUTRE, CONTOUR)
    )
    demi = 10 if gras else 8
    dessin.rectangle(x(0), milieu - demi, x(c.nombre), milieu + demi, fond, bord)
    if c.basse is not None and c.haute is not None:
        _intervalle(dessin, [(x(c.basse), milieu), (x(c.haute), milieu)], 4.5, PAPIER)
        _intervalle(dessin, [(x(c.basse), milieu), (x(c.haute), milieu)], 1.4, ENCRE)
    if c.nombre < 0:
        dessin.texte(x(min(bornes([c]))) - 7, milieu, c.texte, "end", gras)
    else:
        dessin.texte(x(max(bornes([c]))) + 7, milieu, c.texte, gras=gras)


def _intervalle(
    dessin: Dessin, bouts: Sequence[tuple[float, float]], epaisseur: float, couleur: str, demi: float = 5
) -> None:
    """A whisker between two points, lying or standing, with a cap at each end."""
    (xa, ya), (xb, yb) = bouts
    couche = ya == yb
    dessin.trait(bouts, couleur, epaisseur)
    for x, y in ((xa, ya), (xb, yb)):
        cap = [(x, y - demi), (x, y + demi)] if couche else [(x - demi, y), (x + demi, y)]
        dessin.trait(cap, couleur, epaisseur)


# Shares -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Etiquette:
    """A label over a bar: where its part begins, where it is written, on which row."""

    ancre: float
    x: float
    rang: int
    texte: str


def _etager(etiquettes: Iterable[tuple[float, str]], droite: float) -> list[_Etiquette]:
    """Labels on as few rows as they fit, from the right: each begins over its part, or ends at the edge."""
    libres: list[float] = []
    posees: list[_Etiquette] = []
    for ancre, texte in sorted(etiquettes, reverse=True):
        longueur = largeur(texte, CORPS)
        x = max(0.0, min(ancre, droite - longueur))
        rang = next((r for r, libre in enumerate(libres) if x + longueur + 8 <= libre), len(libres))
        libres[rang : rang + 1] = [x]
        # Its leader crosses the rows below: what comes next on them ends before it.
        libres[:rang] = [min(libre, ancre - 4) for libre in libres[:rang]]
        posees.append(_Etiquette(ancre, x, rang, texte))
    return posees


def _parts(dessin: Dessin, graphique: Parts) -> None:
    rangs: dict[str, int] = {}
    for _, parts in graphique.touts:
        for part in parts:
            rangs.setdefault(part.libelle, len(rangs))
    totaux = [sum(max(b.valeur.nombre or 0.0, 0.0) for b in parts) for _, parts in graphique.touts]
    noms = max((largeur(libelle, CORPS, True) for libelle, _ in graphique.touts), default=0)
    x = Echelle(0, max(totaux, default=0) or 1, min(noms, _LIBELLE) + 12, dessin.largeur - 2)
    # A part is named over the first bar that shows it; where names would pile up, a letter stands for each.
    nommees: set[str] = set()
    touts = [(libelle, _segments(x, parts, rangs, nommees, {})) for libelle, parts in graphique.touts]
    if any(e.rang for _, segments in touts for e in _etager(_dessus(x, segments), dessin.largeur)):
        lettres = {libelle: ascii_uppercase[rang % 26] for libelle, rang in rangs.items()}
        # A label stands over its part, none is pushed back under the leader of the one before it.
        chiffres = (p.valeur.texte for _, parts in graphique.touts for p in parts if p.valeur.nombre)
        x = replace(x, fin=x.fin - max((largeur(f"A\u00a0 {c}", CORPS, True) for c in chiffres), default=0))
        touts = [
            (libelle, _segments(x, parts, rangs, set(rangs), lettres)) for libelle, parts in graphique.touts
        ]
        dessin.hauteur = _cle(dessin, rangs, lettres) + 6
    for (libelle, segments), (_, parts) in zip(touts, graphique.touts, strict=True):
        _un_tout(dessin, x, libelle, segments, parts)
    if not touts:
        dessin.hauteur = INTERLIGNE


@dataclass(frozen=True)
class _Segment:
    """A part that is drawn: from where to where, what is written in it and over it."""

    debut: float
    fin: float
    rang: int
    dedans: str | None
    dessus: str | None


def _segments(
    x: Echelle,
    parts: Sequence[Barre],
    rangs: Mapping[str, int],
    nommees: set[str],
    lettres: Mapping[str, str],
) -> list[_Segment]:
    """The parts of a bar that have a number; those not yet `nommees` are named, and become so."""
    debut, segments = 0.0, []
    for part in parts:
        if part.valeur.nombre is None:
            continue
        fin, rang = debut + max(part.valeur.nombre, 0.0), rangs[part.libelle]
        lettre = lettres.get(part.libelle)
        chiffre = f"{lettre}\u00a0 {part.valeur.texte}" if lettre else part.valeur.texte
        # Nothing is written over a hatch.
        tient = rang < len(apparence.PARTS) and largeur(chiffre, CORPS, True) + 8 <= x(fin) - x(debut)
        mots = ([] if part.libelle in nommees else [part.libelle]) + ([] if tient else [chiffre])
        nommees.add(part.libelle)
        segments.append(_Segment(debut, fin, rang, chiffre if tient else None, "\u00a0: ".join(mots) or None))
        debut = fin
    return segments


def _dessus(x: Echelle, segments: Iterable[_Segment]) -> list[tuple[float, str]]:
    return [(x(s.debut) + 1, s.dessus) for s in segments if s.dessus]


def _cle(dessin: Dessin, rangs: Mapping[str, int], lettres: Mapping[str, str]) -> float:
    """What each letter stands for, above the bars; returns where it ends."""
    y = 0.0
    for libelle, rang in rangs.items():
        y += INTERLIGNE + 2
        dessin.rectangle(0, y - 6, 14, y + 6, dessin.partie(rang))
        dessin.texte(20, y, lettres[libelle], gras=True)
        dessin.texte(36, y, couper(libelle, dessin.largeur - 36, CORPS, lignes=1))
    return y + 8


def _un_tout(
    dessin: Dessin, x: Echelle, libelle: str, segments: Sequence[_Segment], parts: Sequence[Barre]
) -> None:
    """One stacked bar, under what is drawn already, then the parts that have no number."""
    etiquettes = _etager(_dessus(x, segments), dessin.largeur)
    rangees = 1 + max((e.rang for e in etiquettes), default=-1)
    haut = dessin.hauteur + 4 + INTERLIGNE * rangees + (5 if rangees else 0)
    milieu, bas = haut + 13, haut + 26
    for e in etiquettes:
        y = haut - 11 - INTERLIGNE * e.rang
        if e.rang or e.x < e.ancre:
            dessin.trait([(e.ancre, haut), (e.ancre, y + 6)], CONTOUR, 0.8)
        dessin.texte(e.x, y, e.texte)
    dessin.texte(x.debut - 12, milieu, couper(libelle, x.debut - 12, CORPS, True, 3), "end", gras=True)
    for s in segments:
        dessin.rectangle(x(s.debut), haut, x(s.fin), bas, dessin.partie(s.rang), PAPIER, 1.5)
        if s.dedans is not None:
            encre = apparence.lisible_sur(apparence.PARTS[s.rang])
            dessin.texte((x(s.debut) + x(s.fin)) / 2, milieu, s.dedans, "middle", gras=True, couleur=encre)
    y = bas + 4
    for part in parts:
        if part.valeur.nombre is None:
            gauche = dessin.marque(x.debut, y + 7, part.valeur)
            mots = couper(f"{part.libelle}\u00a0: {mention(part.valeur)}", x.fin - gauche, CORPS, lignes=1)
            dessin.texte(gauche, y + 7, mots, couleur=ENCRE_DOUCE)
            y += INTERLIGNE + 2
    dessin.hauteur = y + 8


# Series -----------------------------------------------------------------------------------------------------

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


def _serie(dessin: Dessin, graphique: Serie) -> None:
    premiere, derniere = min(graphique.annees), max(graphique.annees)
    tracees = echelles.nombres(graphique)
    bas, haut = (min(tracees), max(tracees)) if tracees else (0.0, 1.0)
    tronquee = echelles.coupee(tracees)
    if not tronquee:
        bas, haut = min(bas, 0.0), max(haut, 0.0)
    jeu = (haut - bas) * 0.12 or abs(haut) * 0.1 or 1.0
    sol = float(apparence.HAUTEUR_SERIE)
    x = Echelle(premiere, max(derniere, premiere + 1), 26, dessin.largeur - _MARGE_SERIE)
    y = Echelle(bas - (jeu if tronquee or bas < 0 else 0), haut + jeu, sol, 34)
    pas = (x.fin - x.debut) / (x.haut - x.bas)

    _decor(dessin, graphique, x, y, pas)
    if tronquee:
        dessin.texte(0, 6, echelles.NOTE, corps=CORPS_PETIT, couleur=ENCRE_DOUCE, italique=True)
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
        dessin.texte(bord + 6, 26, "scénario", corps=CORPS_PETIT, couleur=ENCRE_DOUCE, italique=True)
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
        if largeur(mots, CORPS_PETIT) <= droite:
            _nommer_au_dessus(dessin, ou[0], mots)
            return
    proches: list[list[float]] = []
    for milieu in sorted(ou):
        if proches and milieu - proches[-1][-1] < largeur("ruptures", CORPS_PETIT) + 6:
            proches[-1].append(milieu)
        else:
            proches.append([milieu])
    for groupe in proches:
        mots = "ruptures" if len(set(groupe)) > 1 else "rupture"
        _nommer_au_dessus(dessin, (groupe[0] + groupe[-1]) / 2, mots)


def _nommer_au_dessus(dessin: Dessin, milieu: float, mots: str) -> None:
    demi = largeur(mots, CORPS_PETIT) / 2
    centre = min(max(milieu, demi), dessin.largeur - demi)
    dessin.texte(centre, 22, mots, "middle", corps=CORPS_PETIT, halo=True)


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
            _intervalle(dessin, bouts, 1.2, trait.couleur, 4)
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
    libre, hauts = 16.0, []
    for voulu, _, _, nom in voulus:
        hauts.append(max(voulu - INTERLIGNE * len(nom) / 2, libre))
        libre = hauts[-1] + INTERLIGNE * len(nom) + 3
    # Whatever goes below the ground pushes back up what is above it.
    plafond = y.debut + 10
    for rang in reversed(range(len(hauts))):
        hauts[rang] = min(hauts[rang], plafond - INTERLIGNE * len(voulus[rang][3]))
        plafond = hauts[rang] - 3
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
    """The figures that find room beside their points: both ends of each line first, then the territory's.

    Those of the last year are in the margin. A line that stops early is named beside its last figure. What
    finds no room is in the table.
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
            nom = couper(ligne.libelle, _MARGE_SERIE - 20, CORPS_PETIT, lignes=2)
            bas += 4 + INTERLIGNE * len(nom)
            milieu = bas - INTERLIGNE * len(nom) / 2
            for annee, c in muettes:
                dessin.texte(
                    dessin.marque(x(annee) - 13, milieu, c) - 2, milieu, c.texte, couleur=ENCRE_DOUCE
                )
            dessin.texte(x.fin + 18, milieu, nom, corps=CORPS_PETIT, couleur=ENCRE_DOUCE)
    return bas
