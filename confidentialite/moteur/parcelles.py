"""A group cut where nothing that is published ties: its parcels, each decided as if it were alone.

Belongs here: which communes go together, and what of the systems each parcel is given. Does not: deciding one
(`decision.py`), in which process (`processus.py`), the blocks of the linear programs (`bornes.py`).

Two départements of one région, 10 foyers in one and 700 in the other, both shown, like the 710 of the région:
710 less 700 is what the first one says already, so that nothing of the second tells anything of it. They are
two parcels. Each is given its part of the wide total, as if a row showed it: 10, and 700. Were both hidden,
for the first one has 3, the total would tell of both together: they would be one parcel.

Why parcels protect as the whole does (ADR 22): what is published of the whole is in what they publish, one
beside the other, and they share no cell. So the combinations, the tables that are possible, and what somebody
knows besides, are those of each, side by side.
"""

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from typing import Final

from confidentialite.moteur.chantier import Chantier
from confidentialite.moteur.elimination import DejaDivulguees, eliminer
from confidentialite.moteur.ensembles import Ensembles
from confidentialite.moteur.espace import Espace
from confidentialite.moteur.formes import LARGEUR, Cle, Forme, Territoire, Vecteur
from confidentialite.moteur.lecture import Ligne
from confidentialite.moteur.phases.incidents import incident
from confidentialite.moteur.phases.restes import contributeurs_seuls

Total = tuple[int, Cle]
"""A wide total: of which of the systems, under which key."""

# Totals of these levels are cut along parcels; narrower territories never are.
_LARGES: Final = frozenset({"france", "region"})
# Its part of a total that is shown elsewhere is nobody's to hide.
_SANS_PRIX: Final = 1 << 60


class TotauxCaches(Exception):
    """A parcel cannot be safe beside its part of some wide totals: it needs another one that shares them."""

    def __init__(self, totaux: frozenset[Total]) -> None:
        """Keep the totals."""
        self.totaux = totaux
        super().__init__(totaux)


@dataclass(frozen=True)
class Parcelle:
    """Communes that are decided together: what is theirs of each system, their parts of wide totals.

    `nom`: the communes.
    """

    nom: frozenset[str]
    chantiers: list[Chantier]
    totaux: frozenset[Total] = frozenset()

    def texte(self) -> str:
        """All that the decision depends on but `memoire`, always in the same words."""
        return repr([[c.faits() for c in self.chantiers], sorted(self.totaux, key=str)])

    def memoire(self, *, ensuite: bool = False) -> str:
        """What earlier releases told of it; `ensuite`: once what is decided of it is released too."""
        parts: list[set[Cle]] = [set() for _ in self.chantiers]
        for k, cle in self.totaux:
            parts[k].add(cle)
        return " ".join(
            c.memoire(ensuite=ensuite, sauf=siens) for c, siens in zip(self.chantiers, parts, strict=True)
        )

    def verifier(self) -> None:
        """Raise TotauxCaches when its part of a total that others show is hidden."""
        cachees = {(k, cle) for k, cle in self.totaux if not self.chantiers[k].forme(cle).publiee}
        if cachees:
            raise TotauxCaches(frozenset(cachees))


def suit(memoire: str, decision: str) -> bool:
    """Whether what releases told of a parcel is what a decision on it told, once it was released.

    That another group hid a row which this decision would show does not make it another one.
    """
    return len(memoire) == len(decision) and all(
        avant == apres or avant + apres == "CH" for avant, apres in zip(decision, memoire, strict=True)
    )


def parceller(chantiers: list[Chantier], jointes: Iterable[Iterable[str]] = ()) -> "Parcellaire":
    """Cut the systems of a group and its neighbours. `jointes`: communes that have to be in one parcel.

    Raises DivulgationAnterieure.
    """
    lieux = _Lieux()
    for communes in jointes:
        lieux.lier(communes)
    for chantier in chantiers:
        lieux.lier_les_etroites(chantier)
    larges: list[tuple[Total, Forme]] = []
    for k, chantier in enumerate(chantiers):
        for cle, forme in chantier.placees():
            if _peut_etre_partagee(cle, forme):
                larges.append(((k, cle), forme))
            elif forme.montree or forme.connue or forme.cachee or forme.seule:
                lieux.lier_forme(chantier, forme)
    lieux.lier_les_intervalles(chantiers, [(k, f) for (k, _), f in larges])
    partagees = _partager(chantiers, larges, lieux)
    return _repartir(chantiers, partagees, lieux)


@dataclass(frozen=True)
class Esquisse:
    """A parcel that is not made yet: `nom` and `totaux` as it has them, how many formes.

    Those of a country are as large together as all of its systems: each is made for who decides it, and goes
    when that is done.
    """

    nom: frozenset[str]
    totaux: frozenset[Total]
    taille: int
    faire: Callable[[], list[Chantier]]

    def parcelle(self) -> Parcelle:
        """Make it."""
        return Parcelle(self.nom, self.faire(), self.totaux)


@dataclass(frozen=True)
class Parcellaire:
    """The parcels of a group, and the rows that are in none: those of shared totals, and of zeros.

    `restent`: of each system, these rows with the formes that no parcel judges; `partages`: the formes of the
    totals that parcels share.
    """

    parcelles: list[Esquisse]
    restent: list[list[Ligne]] = field(default_factory=list)
    partages: list[Forme] = field(default_factory=list)


def _peut_etre_partagee(cle: Cle, forme: Forme) -> bool:
    dite = forme.montree or forme.connue
    return cle.lieu.niveau in _LARGES and dite and not (cle.cellules or forme.cachee or forme.seule)


class _Lieux(Ensembles[str]):
    """Communes, in sets: those of one narrow territory are in one."""

    def lier_les_etroites(self, chantier: Chantier) -> None:
        """Each narrow territory that a forme is of, whole."""
        vus: set[tuple[str, Territoire]] = set()
        for cle, _ in chantier.placees():
            if cle.lieu.niveau not in _LARGES:
                for _, mesure in cle.termes:
                    if (mesure, cle.lieu) not in vus:
                        vus.add((mesure, cle.lieu))
                        self.lier(chantier.lecture.lieux(mesure, cle.lieu))
        for vecteur in chantier.systeme.majorations:
            self.lier(chantier.lecture.lieu_de(c) for c in vecteur)

    def lier_forme(self, chantier: Chantier, forme: Forme) -> None:
        """The communes that a forme bears on."""
        self.lier(chantier.lecture.lieu_de(c) for c in forme.vecteur)

    def lier_les_intervalles(
        self, chantiers: Sequence[Chantier], larges: Sequence[tuple[int, Forme]]
    ) -> None:
        """Rounded figures, but for those of a total that is known exactly."""
        exactes = {(k, frozenset(f.vecteur.items())) for k, f in larges}
        for k, chantier in enumerate(chantiers):
            for vecteur, *_ in chantier.systeme.intervalles:
                if (k, frozenset(vecteur.items())) not in exactes:
                    self.lier(chantier.lecture.lieu_de(c) for c in vecteur)

    def morceaux(self, chantier: Chantier, vecteur: Vecteur) -> dict[str, Vecteur]:
        """What a vector is in each set."""
        morceaux: dict[str, Vecteur] = {}
        for cellule, signe in vecteur.items():
            morceaux.setdefault(self.racine(chantier.lecture.lieu_de(cellule)), {})[cellule] = signe
        return morceaux


def _partager(
    chantiers: Sequence[Chantier], larges: Sequence[tuple[Total, Forme]], lieux: _Lieux
) -> list[tuple[Total, Forme]]:
    """The wide totals that parcels share, once those that do not tell their part are put together."""
    en_jeu = [(t, f) for t, f in larges if len(lieux.morceaux(chantiers[t[0]], f.vecteur)) > 1]
    if not en_jeu:
        return []
    a_lier: list[set[str]] = []
    for k, chantier in enumerate(chantiers):
        if siennes := [f for (j, _), f in en_jeu if j == k]:
            # One space at a time: that of a country is as large as its system.
            espace = _publier_les_larges(chantier)
            for forme in siennes:
                morceaux = lieux.morceaux(chantier, forme.vecteur)
                dite = espace.implique(forme.vecteur)
                a_lier.append({r for r, m in morceaux.items() if not (dite and espace.implique(m))})
            del espace
    for ensemble in a_lier:
        lieux.lier(sorted(ensemble))
    return [(t, f) for t, f in en_jeu if len(lieux.morceaux(chantiers[t[0]], f.vecteur)) > 1]


def _publier_les_larges(chantier: Chantier) -> Espace:
    """What the elimination publishes of a whole system before it comes to communes, and what is known.

    Communes come last: that they are left out changes nothing of what comes before. The system is as it was.
    """
    etroit = LARGEUR["commune"]
    formes = [f for f in chantier.systeme.formes if f.cachee or f.seule or f.connue or f.ordre[0] < etroit]
    photo = chantier.photographier()
    try:
        return eliminer(
            formes,
            chantier.parametres.premiers.valeur[0],
            chantier.defenses,
            contributeurs_seuls(chantier),
        )
    except DejaDivulguees as deja:
        raise incident(chantier, deja.formes) from None
    finally:
        chantier.retablir(photo)


def _repartir(
    chantiers: list[Chantier], partagees: Sequence[tuple[Total, Forme]], lieux: _Lieux
) -> Parcellaire:
    atomes = {a for c in chantiers for _, a in c.lecture.cellules}
    racines = sorted({lieux.racine(a) for a in atomes})
    if len(racines) < 2:
        taille = sum(len(c.systeme.formes) for c in chantiers)
        return Parcellaire([Esquisse(frozenset(), frozenset(), taille, lambda: chantiers)])
    rang = {racine: i for i, racine in enumerate(racines)}
    communes: list[list[str]] = [[] for _ in rang]
    for atome in sorted(atomes):
        communes[rang[lieux.racine(atome)]].append(atome)
    decoupes: list[_Decoupe] = []
    premieres = [0] * len(rang)
    for k, chantier in enumerate(chantiers):
        totaux = {cle for (j, cle), _ in partagees if j == k}
        decoupes.append(_Decoupe(chantier, totaux, communes, premieres))
        premieres = decoupes[-1].suivantes
    return Parcellaire(
        [
            Esquisse(
                frozenset(siennes),
                frozenset((k, cle) for k, p in enumerate(decoupes) for cle in p.totaux(i)),
                sum(p.taille(i) for p in decoupes),
                partial(_parts, decoupes, i),
            )
            for i, siennes in enumerate(communes)
        ],
        [p.reste for p in decoupes],
        [forme for _, forme in partagees],
    )


def _parts(decoupes: Sequence["_Decoupe"], i: int) -> list[Chantier]:
    return [d.part(i) for d in decoupes]


class _Decoupe:
    """One system and the sets of communes it is cut along: what goes to each, and making its part.

    Only numbers are kept of what goes where: the parts of a country together are as large as its system.
    `suivantes`: of each set, the number of its first cell in the next system; `reste`: the rows of no set.
    """

    def __init__(
        self,
        chantier: Chantier,
        totaux_partages: Set[Cle],
        communes: Sequence[Sequence[str]],
        premieres: Sequence[int],
    ) -> None:
        """`totaux_partages`: those that sets share; `communes`: of each set, sorted, which have its cells.

        `premieres`: of each set, the number of its first cell in this system.
        """
        self._chantier, self._communes, self._premieres = chantier, communes, premieres
        de = {atome: i for i, siennes in enumerate(communes) for atome in siennes}
        self._geographies = chantier.lecture.geographie.repartir(de, len(communes))
        # Of each cell, in their order: the set it is in, and its number there.
        self._ou, self._numeros = array("i"), array("i")
        self.suivantes = list(premieres)
        for _, atome in chantier.lecture.cellules:
            i = de[atome]
            self._ou.append(i)
            self._numeros.append(self.suivantes[i])
            self.suivantes[i] += 1
        self._repartir_les_formes(totaux_partages)
        self._etats = chantier.lecture.etats_par_lieu()

    def _repartir_les_formes(self, totaux_partages: Set[Cle]) -> None:
        chantier = self._chantier
        # Of each set: the ranks of its formes; by rank, the cells of its part of each total.
        self._rangs = [array("i") for _ in self._communes]
        self._totaux: list[dict[int, array[int]]] = [{} for _ in self._communes]
        parcelle_de: dict[Cle, int] = {}
        for rang, (cle, forme) in enumerate(chantier.placees()):
            if cle in totaux_partages:
                for i, cellules in self._morceaux(forme.vecteur).items():
                    self._rangs[i].append(rang)
                    self._totaux[i][rang] = cellules
            # What no row shows, nobody knows and nothing protects may be cut: it is in no parcel.
            elif (seul := self._seul(forme.vecteur)) is not None:
                self._rangs[seul].append(rang)
                parcelle_de[cle] = seul
        self._intervalles: list[list[tuple[Vecteur, Decimal, Decimal]]] = [[] for _ in self._communes]
        for intervalle in chantier.systeme.intervalles:
            if (seul := self._seul(intervalle[0])) is not None:
                self._intervalles[seul].append(intervalle)
        self._majorations: list[list[Vecteur]] = [[] for _ in self._communes]
        for vecteur in chantier.systeme.majorations:
            self._majorations[self._ou_est(next(iter(vecteur)))].append(vecteur)
        self._lignes: list[list[Ligne]] = [[] for _ in self._communes]
        self.reste: list[Ligne] = []
        for ligne in chantier.lecture.lignes:
            ou: dict[int | None, list[tuple[int, Cle]]] = defaultdict(list)
            for position, cle in ligne.formes:
                ou[parcelle_de.get(cle)].append((position, cle))
            for i_, formes in ou.items():
                sienne = ligne if len(ou) == 1 else replace(ligne, formes=tuple(formes))
                (self.reste if i_ is None else self._lignes[i_]).append(sienne)

    def _ou_est(self, cellule: int) -> int:
        return self._ou[cellule - self._chantier.lecture.premiere]

    def _seul(self, vecteur: Vecteur) -> int | None:
        """The set that all cells of a vector are in."""
        ou = {self._ou_est(c) for c in vecteur}
        return ou.pop() if len(ou) == 1 else None

    def _morceaux(self, vecteur: Vecteur) -> "dict[int, array[int]]":
        """The cells of a vector that are in each set."""
        morceaux: dict[int, array[int]] = {}
        for cellule in vecteur:
            morceaux.setdefault(self._ou_est(cellule), array("i")).append(cellule)
        return morceaux

    def totaux(self, i: int) -> list[Cle]:
        """The totals that a set shares."""
        return [self._chantier.systeme.cles[rang] for rang in self._totaux[i]]

    def taille(self, i: int) -> int:
        """How many formes a set has."""
        return len(self._rangs[i])

    def part(self, i: int) -> Chantier:
        """Make the part of a set."""
        chantier, systeme = self._chantier, self._chantier.systeme
        lecture = chantier.lecture.sur(self._communes[i], self._premieres[i], self._geographies[i])
        part = Chantier(lecture, chantier.defenses, vide=True)
        for rang in self._rangs[i]:
            cle, forme = systeme.cles[rang], systeme.formes[rang]
            if (cellules := self._totaux[i].get(rang)) is not None:
                vecteur = self._numeroter({c: forme.vecteur[c] for c in cellules})
                # No lot: that of the total hangs on what the other parcels are worth.
                ordre = (*forme.ordre[:2], 0, *forme.ordre[3:])
                part.reprendre(cle, Forme(vecteur, ordre, montree=True, cout=_SANS_PRIX))
                continue
            sienne = cle
            if cle.cellules:
                sienne = cle._replace(cellules=tuple(self._numeroter(dict(cle.cellules)).items()))
            vecteur = self._numeroter(forme.vecteur)
            part.reprendre(sienne, replace(forme, vecteur=vecteur), systeme.valeurs[rang])
            part.redire(sienne, chantier, cle)
        part.systeme.intervalles = [(self._numeroter(v), bas, haut) for v, bas, haut in self._intervalles[i]]
        part.systeme.majorations = [self._numeroter(v) for v in self._majorations[i]]
        lieux = {cle.lieu[:2] for cle in part.systeme.cles}
        lecture.lignes = self._lignes[i]
        lecture.situer(chantier.lecture, (nom for lieu in lieux for nom in self._etats.get(lieu, ())))
        part.groupe = lecture.groupe = chantier.groupe.sur(lieux)
        return part

    def _numeroter(self, vecteur: Vecteur) -> Vecteur:
        """A vector over the cells of one set, under their numbers there."""
        numeros, premiere = self._numeros, self._chantier.lecture.premiere
        return {numeros[c - premiere]: v for c, v in vecteur.items()}
