"""Last phase: what earlier releases disclose already, and is assumed.

Belongs here: which cells would show a disclosed forme, and letting go of those a person knows of. Does not:
finding what is disclosed (`confidentialite.moteur.resolution`).
"""

from collections.abc import Iterator

from confidentialite.moteur.chantier import Chantier
from confidentialite.moteur.espace import Espace
from confidentialite.moteur.formes import LARGEUR, Cle, Etat, Forme, Territoire
from confidentialite.regle import raisons
from socle.erreurs import ErreurPublication

Cellule = tuple[int, str, str, str]
"""(millésime, niveau, code, indicateur)."""


class DivulgationAnterieure(ErreurPublication):
    """What earlier releases said gives away a cell that must be hidden today: a person has to decide.

    `cellules`: those that would show one of the formes given away.
    """

    def __init__(self, message: str, cellules: frozenset[Cellule]) -> None:
        """Keep the cells beside the message."""
        super().__init__(message)
        self.cellules = cellules

    def __reduce__(self) -> tuple[object, ...]:
        """Both arguments cross to another process."""
        return type(self), (self.args[0], self.cellules)


def assumer(chantier: Chantier) -> None:
    """Stop protecting what is disclosed already; it stays hidden in this release."""
    for autre, forme in chantier.placees():
        if autre.cellules and est_assumee(chantier, autre):
            forme.etat = Etat.LIBRE
            for cle in _montrees_sur(chantier, autre):
                chantier.forme(cle).montree = False
                chantier.raisons[cle] = raisons.DIVULGUEE
    dit = _dit_ailleurs(chantier) if chantier.groupe.assumees else None
    for millesime, niveau, code, indicateur_id in sorted(chantier.groupe.assumees):
        lieu = Territoire(niveau, code)
        cles = [cle for _, cle in chantier.lecture.cles_dites(indicateur_id, millesime, lieu)]
        divulguees = {autre for cle in cles for autre in (cle, *_restes_de(chantier, cle))}
        siennes = [
            (autre, forme)
            for autre, forme in chantier.placees()
            if forme.cachee and Cle(autre.termes, autre.lieu.aujourd_hui) in divulguees
        ]
        # Of a share whose whole is told, the part is still to be kept; of bounds too close, any may be.
        dites = [(autre, forme) for autre, forme in siennes if dit and dit.implique(forme.vecteur)]
        for autre, forme in dites or siennes:
            forme.etat, forme.montree = Etat.LIBRE, False
            chantier.raisons[autre] = raisons.DIVULGUEE
            if len(autre.termes) > 1 or autre.lieu.atomes:
                _ne_plus_montrer(chantier, autre)


def _dit_ailleurs(chantier: Chantier) -> Espace:
    """What earlier releases and producers say."""
    espace = Espace(chantier.parametres.premiers.valeur[0], lambda c: (c,))
    for forme in chantier.systeme.formes:
        if forme.connue:
            espace.publier(forme.vecteur, singletons=False, forcer=True)
    return espace


def _ne_plus_montrer(chantier: Chantier, reste: Cle) -> None:
    """Hide what says no small number by itself: the part of a whole, the territory of a piece of it."""
    for signe, mesure in reste.termes:
        cle = Cle(((1, mesure),), reste.lieu.aujourd_hui)
        if (signe < 0 or len(reste.termes) == 1) and cle in chantier:
            chantier.forme(cle).montree = False
            chantier.raisons[cle] = raisons.DIVULGUEE


def _restes_de(chantier: Chantier, cle: Cle) -> Iterator[Cle]:
    for tout, part in chantier.groupe.couples:
        if len(cle.termes) == 1 and cle.termes[0][1] in (tout, part):
            yield Cle(((-1, part), (1, tout)), cle.lieu)


def incident(chantier: Chantier, formes: list[Forme]) -> DivulgationAnterieure:
    """Say which cells are given away, and the rows that would show them."""
    cles = sorted({cle for cle, forme in chantier.placees() if forme in formes}, key=str)
    millesime = chantier.groupe.millesime
    lieux = ", ".join(
        f"{c.lieu.niveau}:{c.lieu.code} {millesime} ({'/'.join(m for _, m in c.termes)})" for c in cles[:10]
    )
    return DivulgationAnterieure(
        f"divulgation antérieure: earlier releases already give away {len(cles)} cells that must be "
        f"hidden under today's rule: {lieux}. What was released cannot be taken back: nothing is "
        "published until a person has decided (`ctg secret incidents`, then `ctg secret decide`; see "
        "docs/secret.md).",
        frozenset(cellule for cle in cles for cellule in _cellules_de(chantier, cle)),
    )


def est_assumee(chantier: Chantier, cle: Cle) -> bool:
    """Whether a person knows of all the cells by which what sums leave of each other is disclosed."""
    cellules = set(_cellules_de(chantier, cle)) if chantier.groupe.assumees else set()
    return bool(cellules) and cellules <= chantier.groupe.assumees


def _montrees_sur(chantier: Chantier, cle: Cle) -> Iterator[Cle]:
    """The formes of rows that bear on what sums leave of each other, those of the narrowest level."""
    cellules = dict(cle.cellules)
    siennes = [
        autre
        for autre, forme in chantier.placees()
        if not (autre.cellules or autre.lieu.atomes) and not forme.vecteur.keys().isdisjoint(cellules)
    ]
    etroit = max((LARGEUR[autre.lieu.niveau] for autre in siennes), default=0)
    return (autre for autre in siennes if LARGEUR[autre.lieu.niveau] == etroit)


def _cellules_de(chantier: Chantier, cle: Cle) -> Iterator[Cellule]:
    """The cells, by indicateur, that show a forme or what it leaves of its whole."""
    if cle.cellules:
        for montree in _montrees_sur(chantier, cle):
            yield from _cellules_de(chantier, montree)
        return
    lieu = cle.lieu.aujourd_hui
    base, annee = Cle(cle.termes, lieu), chantier.groupe.millesime
    for indicateur_id, decalage in sorted(chantier.groupe.decalages.items()):
        for millesime in {annee, annee + decalage}:
            for _, dite in chantier.lecture.cles_dites(indicateur_id, millesime, lieu):
                if base in {dite, *_restes_de(chantier, dite)}:
                    yield millesime, lieu.niveau, lieu.code, indicateur_id
