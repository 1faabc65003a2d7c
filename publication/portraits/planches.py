"""Charts of dots laid out once for every format: `svg` and `pptx` draw the same strokes and words.

Lengths are points of type: pixels of an SVG, seventy-seconds of an inch of a slide.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from publication.commun import apparence, lettres
from publication.commun.apparence import CONTOUR, ENCRE, ENCRE_DOUCE, FILET, PAPIER, Forme
from publication.lecture.chiffres import MOTS_TON, Cellule, Role, Ton
from publication.portraits.modele import Haltere, Halteres, Repere, Reperes

_LARGE = 50
"""Sizes of type from which a chart has its names beside its dots; narrower, they stand over them."""
_ETROIT = 32
"""Sizes of type under which key figures have their names over them."""
_ETENDUE = 0.15
"""A strip reaches at least this share of its largest figure on both sides of its middle."""
_PRUDENCE = 1.04
"""Fonts that stand in for that of charts are a little wider."""


Alignement = Literal["start", "middle", "end"]


@dataclass(frozen=True)
class Mot:
    """A line of text: its middle is at `y`, `x` is its left, its middle or its right (`align`)."""

    x: float
    y: float
    texte: str
    corps: float
    align: Alignement = "start"
    gras: bool = False
    couleur: str = ENCRE

    @property
    def largeur(self) -> float:
        """How wide it is."""
        return _large(self.texte, self.corps, self.gras)

    @property
    def gauche(self) -> float:
        """Where it begins."""
        return self.x - self.largeur * {"start": 0.0, "middle": 0.5, "end": 1.0}[self.align]


@dataclass(frozen=True)
class Filet:
    """A straight line."""

    x: float
    y: float
    x2: float
    y2: float
    couleur: str
    epaisseur: float


@dataclass(frozen=True)
class Marque:
    """A dot, in the shape that says whose it is, `rayon` around its middle."""

    x: float
    y: float
    rayon: float
    forme: Forme
    fond: str
    bord: str


@dataclass
class Planche:
    """What is drawn, in the order of painting, within `largeur` × `hauteur`."""

    largeur: float
    hauteur: float = 0.0
    traits: list[Filet | Marque | Mot] = field(default_factory=list)


@dataclass(frozen=True)
class _Axe:
    """Numbers from `bas` to `haut`, between `gauche` and `droite`."""

    bas: float
    haut: float
    gauche: float
    droite: float

    def __call__(self, nombre: float) -> float:
        part = (nombre - self.bas) / (self.haut - self.bas) if self.haut > self.bas else 0.5
        return self.gauche + part * (self.droite - self.gauche)


def tracer(graphique: Halteres | Reperes, largeur: float, corps: float, hauteur: float = 0.0) -> Planche:
    """Lay a chart out; lines stand further apart where `hauteur` is more than they need.

    What it needs is `Planche.hauteur`, which may be more than was given: a chart never shrinks its type.
    """

    def poser(jeu: float) -> Planche:
        if isinstance(graphique, Halteres):
            return _halteres(graphique, largeur, corps, jeu)
        return _reperes(graphique, largeur, corps, jeu)

    serree = poser(0.0)
    jeu = (hauteur - serree.hauteur) / max(len(graphique.lignes), 1)
    return poser(min(jeu, corps)) if jeu > 0 else serree


def _large(texte: str, corps: float, gras: bool = False) -> float:
    return lettres.largeur(texte, corps, gras) * _PRUDENCE


def _couper(texte: str, place: float, corps: float, gras: bool = False) -> list[str]:
    return lettres.couper(texte, place / _PRUDENCE, corps, gras, lignes=8)


def _ecrire(
    planche: Planche,
    x: float,
    y: float,
    lignes: Sequence[str],
    corps: float,
    gras: bool = False,
    couleur: str = ENCRE,
) -> None:
    """Write several lines of text around `y`."""
    haut = y - corps * 1.2 * (len(lignes) - 1) / 2
    planche.traits += [
        Mot(x, haut + corps * 1.2 * rang, ligne, corps, gras=gras, couleur=couleur)
        for rang, ligne in enumerate(lignes)
    ]


# Dumbbells --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Bouts:
    """How far a dumbbell goes from where all of them begin, and its comparators with it."""

    ligne: Haltere
    fin: float
    autres: tuple[tuple[Role, float], ...]


def _bouts(ligne: Haltere, relatif: bool) -> _Bouts | None:
    """How far a line went, in points or over what it was, and its comparators; None where no number says it.

    13,3 % then 12,1 %: −1.2. 512 then 433: −0.15. 30 then 35, each known by 5: no proportion is read in it.
    """

    def chemin(debut: Cellule | None, fin: Cellule | None) -> float | None:
        if debut is None or fin is None or debut.nombre is None or fin.nombre is None:
            return None
        ecart = fin.nombre - debut.nombre
        if not relatif:
            return ecart
        return ecart / debut.nombre if debut.nombre > 0 else None

    sien = chemin(ligne.debut, ligne.fin)
    if sien is None or (relatif and not ligne.en_proportion):
        return None
    autres = tuple((role, ou) for role, _, de, a in ligne.reperes if (ou := chemin(de, a)) is not None)
    return _Bouts(ligne, sien, autres)


def est_part(ligne: Haltere) -> bool:
    """Whether a figure is a share: shares move by points, on one scale."""
    return ligne.fin.suffixe.strip() == "%"


def _halteres(graphique: Halteres, largeur: float, corps: float, jeu: float) -> Planche:
    planche = Planche(largeur)
    groupes = [
        (
            "Parts : en points, depuis la première année",
            [li for li in graphique.lignes if est_part(li)],
            False,
        ),
        (
            "Nombres : en proportion de la première année"
            if any(li.en_proportion for li in graphique.lignes if not est_part(li))
            else "Nombres : sans proportion lisible",
            [li for li in graphique.lignes if not est_part(li)],
            True,
        ),
    ]
    ailleurs = _colonne(graphique, corps) if largeur / corps >= _LARGE else 0.0
    for titre, lignes, relatif in groupes:
        if not lignes:
            continue
        planche.hauteur += corps * (0.5 if planche.hauteur else 0)
        milieu = planche.hauteur + corps * 0.7
        planche.traits.append(Mot(0, milieu, titre, corps, couleur=ENCRE_DOUCE))
        if ailleurs:
            noms = " ; ".join(_comparateurs_de(graphique).values())
            planche.traits.append(Mot(largeur, milieu, noms, corps, "end", couleur=ENCRE_DOUCE))
        planche.hauteur += corps * 1.5
        avec = [li for li in graphique.avec if est_part(li) is not relatif]
        _groupe(planche, lignes, avec, relatif, ailleurs, corps, jeu)
    _legende(planche, graphique, corps)
    return planche


def _dits(ligne: Haltere) -> tuple[str, str]:
    """What is written at both ends: the figure and its year."""
    return f"{ligne.debut.texte} ({ligne.annee_debut})", f"{ligne.fin.texte} ({ligne.annee_fin})"


def _signer(planche: Planche, mot: Mot, ton: Ton) -> None:
    """Write words with the sign of a tone, drawn since few fonts have it, between them and their dot."""
    signe = mot.corps * 0.9 if apparence.SIGNES_TON[ton] else 0.0
    sens = 1 if mot.align == "start" else -1
    if signe:
        fond = PAPIER if ton == "favorable" else mot.couleur
        x = mot.x + sens * mot.corps * 0.3
        planche.traits.append(Marque(x, mot.y, mot.corps * 0.28, "diamond", fond, mot.couleur))
    planche.traits.append(replace(mot, x=mot.x + sens * signe))


def _echelle(places: Sequence[_Bouts], gauche: float, droite: float, corps: float, cote: bool) -> _Axe:
    """The widest axis on which each dumbbell has room for its words, which stand on its outer sides.

    Without a column for them (`cote`), those of its comparators stand after their dots.
    """
    a_gauche, a_droite = [(0.0, corps)], [(0.0, corps)]
    for place in places:
        mots = [_large(texte, corps, True) + corps * 1.2 for texte in _dits(place.ligne)]
        mots[1] += corps * 0.9 if apparence.SIGNES_TON[place.ligne.ton] else 0
        mots = mots if place.fin >= 0 else mots[::-1]
        a_gauche += [(min(place.fin, 0.0), mots[0]), *((min(n, 0.0), corps * 0.5) for _, n in place.autres)]
        a_droite += [(max(place.fin, 0.0), mots[1]), *((max(n, 0.0), corps * 0.5) for _, n in place.autres)]
        if place.autres and not cote:
            dits = "\u00a0; ".join(_comparateurs_dits(place.ligne, nommes=True))
            a_droite.append((max(0.0, *(n for _, n in place.autres)), _large(dits, corps) + corps * 0.7))
    pas = min(
        (
            (droite - gauche - avant - apres) / (haut - bas)
            for bas, avant in a_gauche
            for haut, apres in a_droite
            if haut > bas
        ),
        default=1.0,
    )
    origine = max(gauche + avant - bas * pas for bas, avant in a_gauche)
    return _Axe(0.0, 1.0, origine, origine + max(pas, 0.0))


def _groupe(
    planche: Planche,
    lignes: Sequence[Haltere],
    avec: Sequence[Haltere],
    relatif: bool,
    ailleurs: float,
    corps: float,
    jeu: float,
) -> None:
    """Draw the dumbbells of one axis, on which those of another chart have room too."""
    largeur = planche.largeur
    cote = largeur / corps >= _LARGE
    tous = (*lignes, *avec)
    noms = min(largeur * 0.36, max(_large(li.libelle, corps) for li in tous)) + corps if cote else 0.0
    places = [_bouts(ligne, relatif) for ligne in lignes]
    axe = _echelle(
        [p for ligne in tous if (p := _bouts(ligne, relatif))], noms, largeur - ailleurs, corps, cote
    )
    for ligne, place in zip(lignes, places, strict=True):
        mots = _couper(ligne.libelle, noms - corps if cote else largeur, corps, not cote)
        if not cote:
            _ecrire(planche, 0, planche.hauteur + corps * 0.6 * len(mots), mots, corps, gras=True)
            planche.hauteur += corps * 1.2 * len(mots)
        reste = place is not None and bool(place.autres)
        sous = corps * ((0.65 if cote else 1.2) if reste else 0)
        rang = max(corps * 1.2 * len(mots) if cote else 0.0, corps * 1.2 + sous) + corps * 0.4 + jeu
        milieu = planche.hauteur + (rang - sous) / 2
        if cote:
            _ecrire(planche, 0, planche.hauteur + rang / 2, mots, corps)
        planche.hauteur += rang
        if place is None:
            texte = " → ".join(_dits(ligne))
            planche.traits.append(Mot(noms, milieu, texte, corps, couleur=ENCRE_DOUCE))
            continue
        depuis = axe(0.0)
        bas = milieu + sous + corps * 0.6
        planche.traits.append(Filet(depuis, milieu - corps * 0.7, depuis, bas, CONTOUR, 0.75))
        _une_haltere(planche, axe, place, milieu, corps)
        _comparateurs(planche, axe, place, milieu + corps * (0.8 if cote else 1.15), corps, cote)
        planche.traits.append(Filet(0, planche.hauteur, largeur, planche.hauteur, FILET, 0.5))


def _une_haltere(planche: Planche, axe: _Axe, place: _Bouts, y: float, corps: float) -> None:
    ligne, ton = place.ligne, apparence.TONS[place.ligne.ton]
    de, a, rayon = axe(0.0), axe(place.fin), corps * 0.38
    planche.traits += [
        Filet(de, y, a, y, ton, corps * 0.2),
        Marque(de, y, rayon, "circle", PAPIER, ton),
        Marque(a, y, rayon, "circle", ton, ton),
    ]
    sens = 1 if a >= de else -1
    ecart = corps * 0.75 * sens
    dit_debut, dit_fin = _dits(ligne)
    vers: Alignement = "start" if sens > 0 else "end"
    depuis: Alignement = "end" if sens > 0 else "start"
    planche.traits += [
        Mot(de - ecart, y, dit_debut, corps, depuis, couleur=ENCRE_DOUCE),
    ]
    _signer(planche, Mot(a + ecart, y, dit_fin, corps, vers, gras=True, couleur=ton), ligne.ton)


def _comparateurs(planche: Planche, axe: _Axe, place: _Bouts, y: float, corps: float, cote: bool) -> None:
    """Under a dumbbell, those of its comparators: smaller, in their shapes, and their figures."""
    rayon = corps * 0.25
    for role, fin in place.autres:
        couleur, forme = apparence.TRAITS[role].couleur, apparence.FORMES[role]
        de, a = axe(0.0), axe(fin)
        planche.traits += [
            Filet(de, y, a, y, couleur, corps * 0.08),
            Marque(de, y, rayon, forme, PAPIER, couleur),
            Marque(a, y, rayon, forme, couleur, couleur),
        ]
    # In a column of their own where there is room, else after their dots.
    dits = "\u00a0; ".join(_comparateurs_dits(place.ligne, nommes=not cote))
    if cote and dits:
        planche.traits.append(Mot(planche.largeur, y - corps * 0.8, dits, corps, "end", couleur=ENCRE_DOUCE))
    elif place.autres:
        droite = max(axe(n) for n in (0.0, *(n for _, n in place.autres))) + corps * 0.7
        planche.traits.append(Mot(droite, y, dits, corps, couleur=ENCRE_DOUCE))


def _comparateurs_dits(ligne: Haltere, nommes: bool) -> list[str]:
    return [
        (f"{nom}\u00a0: " if nommes else "") + f"{debut.texte} → {fin.texte}"
        for _, nom, debut, fin in ligne.reperes
        if debut is not None and fin is not None
    ]


def _comparateurs_de(graphique: Halteres) -> dict[Role, str]:
    return {role: nom for ligne in graphique.lignes for role, nom, *_ in ligne.reperes}


def _colonne(graphique: Halteres, corps: float) -> float:
    """How wide the figures of comparators are, with what parts them from the dots."""
    dits = (
        "\u00a0; ".join(_comparateurs_dits(ligne, nommes=False))
        for ligne in (*graphique.lignes, *graphique.avec)
    )
    large = max((_large(mots, corps) for mots in dits), default=0.0)
    return large + corps if large else 0.0


def _legende(planche: Planche, graphique: Halteres, corps: float) -> None:
    """What hollow and solid say, the tones in use, whose the other dots are: flowing, under the chart."""
    cles: list[tuple[Forme, bool, str, str]] = [
        ("circle", False, ENCRE, "première année"),
        ("circle", True, ENCRE, "dernière année"),
    ]
    for ton in ("favorable", "defavorable"):
        if any(ligne.ton == ton for ligne in graphique.lignes):
            cles.append(("diamond", ton == "defavorable", apparence.TONS[ton], MOTS_TON[ton]))
    cles += [
        (apparence.FORMES[role], True, apparence.TRAITS[role].couleur, nom)
        for role, nom in _comparateurs_de(graphique).items()
    ]
    x, y = 0.0, planche.hauteur + corps * 1.1
    for forme, plein, couleur, mots in cles:
        large = corps * 1.1 + _large(mots, corps)
        if x and x + large > planche.largeur:
            x, y = 0.0, y + corps * 1.4
        fond = couleur if plein else PAPIER
        planche.traits.append(Marque(x + corps * 0.4, y, corps * 0.35, forme, fond, couleur))
        planche.traits.append(Mot(x + corps * 1.1, y, mots, corps, couleur=ENCRE_DOUCE))
        x += large + corps * 1.2
    planche.hauteur = y + corps


# Key figures ------------------------------------------------------------------------------------------------


def bande(repere: Repere, x: float, y: float, largeur: float, corps: float) -> list[Filet | Marque]:
    """A key figure and its comparators as dots on a small scale of their own, from `x` on, around `y`.

    No dot where no number is printed, no scale where the territory has none beside it.
    """
    cellules: list[tuple[Role, Cellule]] = [(role, cellule) for role, _, cellule in repere.reperes]
    cellules.append(("territoire", repere.cellule))
    places = [(role, cellule.nombre) for role, cellule in cellules if cellule.nombre is not None]
    nombres = [n for _, n in places]
    if len(nombres) < 2 or repere.cellule.nombre is None:
        return []
    marge = corps * 0.5
    # Close figures stand close: a strip as wide as their gap would set any two at its ends.
    milieu = (min(nombres) + max(nombres)) / 2
    demi = max((max(nombres) - min(nombres)) / 2, _ETENDUE * max(map(abs, nombres))) or 1.0
    axe = _Axe(milieu - demi, milieu + demi, x + marge, x + largeur - marge)
    traits: list[Filet | Marque] = [Filet(x, y, x + largeur, y, CONTOUR, 0.75)]
    for role, nombre in places:
        couleur = apparence.TRAITS[role].couleur
        rayon = corps * (0.42 if role == "territoire" else 0.32)
        traits.append(Marque(axe(nombre), y, rayon, apparence.FORMES[role], couleur, PAPIER))
    return traits


def _reperes(graphique: Reperes, largeur: float, corps: float, jeu: float) -> Planche:
    """Draw a line each: its name, its figure, its strip, then a column for each comparator.

    Narrow, a chart has the name and the years over the figure.
    """
    planche = Planche(largeur)
    dessus = largeur / corps < _ETROIT
    noms = {role: nom for ligne in graphique.lignes for role, nom, _ in ligne.reperes}
    des_autres: dict[Role, dict[int, Cellule]] = {
        role: {rang: c for rang, li in enumerate(graphique.lignes) for r, _, c in li.reperes if r == role}
        for role in noms
    }
    chiffres = max(_large(li.cellule.texte, corps, True) for li in graphique.lignes) + corps
    autres = {role: _colonne_de(noms[role], des_autres[role].values(), corps) for role in noms}
    longs = max(_large(mots, corps) for li in graphique.lignes for mots in (li.libelle, li.periode)) + corps
    libre = largeur - chiffres - sum(autres.values()) - corps * 1.5
    bandes = libre if dessus else max(libre - longs, libre * 0.3)
    place = libre - bandes
    droites: dict[Role, float] = {}
    x = place + chiffres + bandes + corps * 1.5
    for role, large in autres.items():
        droites[role] = x = x + large
    planche.hauteur = corps * 3.0
    # Over the names too, which have no heading.
    tete = place + chiffres + (bandes if dessus else 0)
    _tete(planche, graphique.territoire, "territoire", tete, tete, corps)
    for role, nom in noms.items():
        _tete(planche, nom, role, droites[role], autres[role], corps)
    for rang, ligne in enumerate(graphique.lignes):
        mots, annee = _nommer(ligne, largeur if dessus else place - corps, corps, dessus)
        planche.traits.append(Filet(0, planche.hauteur, largeur, planche.hauteur, FILET, 0.5))
        rangs = len(mots) + len(annee)
        haut = corps * (1.2 * rangs + 0.35) + jeu
        y = planche.hauteur + haut / 2
        planche.hauteur += haut
        _ecrire(planche, 0, y - corps * 0.6 * len(annee), mots, corps)
        _ecrire(planche, 0, y + corps * 0.6 * len(mots), annee, corps, couleur=ENCRE_DOUCE)
        if dessus:
            y = planche.hauteur + corps * 0.6
            planche.hauteur += corps * 1.6
        couleur = apparence.ACCENT
        planche.traits.append(Mot(place + chiffres, y, ligne.cellule.texte, corps, "end", True, couleur))
        planche.traits += bande(ligne, place + chiffres + corps, y, bandes, corps)
        for role, cellules in des_autres.items():
            if rang in cellules:
                planche.traits.append(Mot(droites[role], y, cellules[rang].texte, corps, "end"))
    return planche


def _nommer(ligne: Repere, place: float, corps: float, ensemble: bool) -> tuple[list[str], list[str]]:
    """The lines of a name and those of its years, which go on with it where they stand `ensemble`."""
    if ensemble and ligne.periode:
        return _couper(f"{ligne.libelle}, {ligne.periode}", place, corps), []
    return _couper(ligne.libelle, place, corps), _couper(ligne.periode, place, corps) if ligne.periode else []


def _colonne_de(nom: str, cellules: Iterable[Cellule], corps: float) -> float:
    """How wide a column of figures is: its heading may take two lines, its mark stands before it."""
    tete = max((_large(mot, corps, True) for mot in nom.split(" ")), default=0.0)
    tete = max(tete, _large(nom, corps, True) * 0.6) + corps * 1.2
    return max([tete, *(_large(c.texte, corps) for c in cellules)]) + corps


def _tete(planche: Planche, nom: str, role: Role, droite: float, large: float, corps: float) -> None:
    """Write the heading of a column, with the mark that its figures have on the strips."""
    lignes = lettres.couper(nom, (large - corps * 1.2) / _PRUDENCE, corps, True, lignes=2)
    mots = [
        Mot(droite, corps * (1.5 + 1.2 * (rang - (len(lignes) - 1) / 2)), texte, corps, "end", gras=True)
        for rang, texte in enumerate(lignes)
    ]
    couleur = apparence.TRAITS[role].couleur
    x = min(mot.gauche for mot in mots) - corps * 0.7
    planche.traits += [*mots, Marque(x, corps * 1.5, corps * 0.38, apparence.FORMES[role], couleur, PAPIER)]
