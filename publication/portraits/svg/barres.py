"""Bars and shares as SVG."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from string import ascii_uppercase

from publication.commun import apparence
from publication.commun.apparence import CONTOUR, CORPS, ENCRE, ENCRE_DOUCE, PAPIER
from publication.commun.lettres import couper, largeur
from publication.lecture.chiffres import Cellule, Role
from publication.portraits.modele import Barre, Comparaison, Parts
from publication.portraits.svg.dessin import INTERLIGNE, Dessin, Echelle, mention

_LIBELLE = 150
"""Room for the names, left of the bars."""
_REPERES: dict[Role, tuple[float, ...]] = {"departement": (), "pairs": (3, 2)}
"""Whose figures are marked on the bar of the territory, and the dashes of their marks."""


def bornes(cellules: Iterable[Cellule]) -> list[float]:
    """Every number that is drawn, ends of intervals included."""
    return [
        n for c in cellules if c.nombre is not None for n in (c.nombre, c.basse, c.haute) if n is not None
    ]


def comparaison(dessin: Dessin, graphique: Comparaison) -> None:
    """Draw horizontal bars, and the interval of each."""
    cellules = [b.valeur for b in graphique.barres]
    tracees = [0.0, *bornes(cellules)]
    bas, haut = min(tracees), max(tracees)
    marge = 12 + max((largeur(c.texte, CORPS, True) for c in cellules if c.nombre is not None), default=0)
    debut = _LIBELLE + 14 + (marge if bas < 0 else 0)
    x = Echelle(bas, haut if haut > bas else bas + 1, debut, dessin.largeur - marge)

    y, poses = 4.0, list[tuple[Barre, float]]()
    for barre in graphique.barres:
        gras = barre.role == "territoire"
        nom = couper(barre.libelle, _LIBELLE, CORPS, gras)
        hauteur = max(28, INTERLIGNE * len(nom) + 10)
        milieu = y + hauteur / 2
        dessin.texte(_LIBELLE, milieu, nom, "end", gras)
        _une_barre(dessin, x, milieu, barre)
        poses.append((barre, milieu))
        y += hauteur
    dessin.trait([(x(0), 2), (x(0), y + 2)])
    _comparer(dessin, x, poses)
    marques = [x(b.valeur.nombre) for b, _ in poses if b.role in _REPERES and b.valeur.nombre is not None]
    for barre, milieu in poses:
        _chiffrer(dessin, x, milieu, barre, marques if barre.role == "territoire" else ())
    dessin.hauteur = y + 6


def _comparer(dessin: Dessin, x: Echelle, poses: Sequence[tuple[Barre, float]]) -> None:
    """Mark where the bars end that the territory is judged by: on their own, and on that of the territory."""
    du_territoire = [milieu for barre, milieu in poses if barre.role == "territoire"]
    for barre, milieu in poses:
        if barre.role in _REPERES and barre.valeur.nombre is not None and du_territoire:
            ou = x(barre.valeur.nombre)
            for y, demi in ((du_territoire[0], 13), (milieu, 8)):
                trait = [(ou, y - demi), (ou, y + demi)]
                dessin.trait(trait, PAPIER, 4.5)
                dessin.trait(trait, apparence.TRAITS[barre.role].couleur, 2.4, _REPERES[barre.role])


def _une_barre(dessin: Dessin, x: Echelle, milieu: float, barre: Barre) -> None:
    c, gras = barre.valeur, barre.role == "territoire"
    if c.nombre is None:
        dessin.texte(dessin.marque(x(0) + 7, milieu, c), milieu, mention(c), couleur=ENCRE_DOUCE)
        return
    fond, bord = apparence.barre(barre.role)
    demi = 10 if gras else 8
    dessin.rectangle(x(0), milieu - demi, x(c.nombre), milieu + demi, fond, bord)
    if c.basse is not None and c.haute is not None:
        dessin.moustache([(x(c.basse), milieu), (x(c.haute), milieu)], 4.5, PAPIER)
        dessin.moustache([(x(c.basse), milieu), (x(c.haute), milieu)], 1.4, ENCRE)


def _chiffrer(dessin: Dessin, x: Echelle, milieu: float, barre: Barre, marques: Sequence[float]) -> None:
    """Write a figure at the end of its bar, after the marks that stand there."""
    c, gras = barre.valeur, barre.role == "territoire"
    if c.nombre is None:
        return
    long = largeur(c.texte, CORPS, gras)
    if c.nombre < 0:
        ou = x(min(bornes([c]))) - 7
        for marque in sorted(marques, reverse=True):
            ou = marque - 7 if ou - long - 4 < marque < ou + 4 else ou
        dessin.texte(ou, milieu, c.texte, "end", gras)
    else:
        ou = x(max(bornes([c]))) + 7
        for marque in sorted(marques):
            ou = marque + 7 if ou - 4 < marque < ou + long + 4 else ou
        dessin.texte(ou, milieu, c.texte, gras=gras)


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


def parts(dessin: Dessin, graphique: Parts) -> None:
    """Draw stacked bars, each part named once."""
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
