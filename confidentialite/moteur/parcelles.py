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

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Final

from confidentialite.moteur.chantier import Chantier
from confidentialite.moteur.elimination import DejaDivulguees, eliminer
from confidentialite.moteur.espace import Espace
from confidentialite.moteur.formes import LARGEUR, Cle, Forme, Vecteur
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

    def taille(self) -> int:
        """How long it takes to decide, about."""
        return sum(len(c.systeme.formes) for c in self.chantiers)

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
class Parcellaire:
    """The parcels of a group, and the rows that are in none: those of shared totals, and of zeros.

    `restent`: of each system, these rows with the formes that no parcel judges; `partages`: the formes of the
    totals that parcels share.
    """

    parcelles: list[Parcelle]
    restent: list[list[Ligne]] = field(default_factory=list)
    partages: list[Forme] = field(default_factory=list)


def _peut_etre_partagee(cle: Cle, forme: Forme) -> bool:
    dite = forme.montree or forme.connue
    return cle.lieu.niveau in _LARGES and dite and not (cle.cellules or forme.cachee or forme.seule)


class _Lieux:
    """Communes, in sets: those of one narrow territory are in one."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}
        self._vus: set[tuple[object, ...]] = set()

    def racine(self, atome: str) -> str:
        """Name of the set of a commune."""
        parent = self._parent
        while (suivant := parent.setdefault(atome, atome)) != atome:
            parent[atome] = parent[suivant]
            atome = parent[atome]
        return atome

    def lier(self, atomes: Iterable[str]) -> None:
        """Put communes in one set."""
        premiere = None
        for atome in atomes:
            racine = self.racine(atome)
            if premiere is None:
                premiere = racine
            elif racine != premiere:
                a, b = sorted((premiere, racine))
                self._parent[b] = premiere = a

    def lier_les_etroites(self, chantier: Chantier) -> None:
        """Each narrow territory that a forme is of, whole."""
        for cle, _ in chantier.placees():
            if cle.lieu.niveau not in _LARGES:
                for _, mesure in cle.termes:
                    vu = (id(chantier), mesure, cle.lieu)
                    if vu not in self._vus:
                        self._vus.add(vu)
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
    espaces = {k: _publier_les_larges(chantiers[k]) for k in {k for (k, _), _ in en_jeu}}
    a_lier: list[set[str]] = []
    for (k, _), forme in en_jeu:
        morceaux = lieux.morceaux(chantiers[k], forme.vecteur)
        dite = espaces[k].implique(forme.vecteur)
        a_lier.append({r for r, m in morceaux.items() if not (dite and espaces[k].implique(m))})
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
    racines = {lieux.racine(a) for c in chantiers for _, a in c.lecture.cellules}
    if len(racines) < 2:
        return Parcellaire([Parcelle(frozenset(), chantiers)])
    rang = {racine: k for k, racine in enumerate(sorted(racines))}
    communes: list[set[str]] = [set() for _ in rang]
    for atome in {a for c in chantiers for _, a in c.lecture.cellules}:
        communes[rang[lieux.racine(atome)]].add(atome)
    de = {atome: k for k, siennes in enumerate(communes) for atome in siennes}
    siens: list[list[Chantier]] = [[] for _ in rang]
    totaux: list[set[Total]] = [set() for _ in rang]
    restent, premieres = [], [0] * len(rang)
    for k, chantier in enumerate(chantiers):
        partages = {cle for (j, cle), _ in partagees if j == k}
        parts, cles, reste = _Partage(chantier, de, premieres).parts(partages)
        restent.append(reste)
        for i, part in enumerate(parts):
            siens[i].append(part)
            totaux[i] |= {(k, cle) for cle in cles[i]}
    return Parcellaire(
        [Parcelle(frozenset(n), c, frozenset(t)) for n, c, t in zip(communes, siens, totaux, strict=True)],
        restent,
        [forme for _, forme in partagees],
    )


class _Partage:
    """One system, cut along sets of communes."""

    def __init__(self, chantier: Chantier, de: Mapping[str, int], premieres: list[int]) -> None:
        """`de`: the parcel of each commune; `premieres`: of each parcel, the number of its next cell."""
        self._chantier = chantier
        self._lectures = chantier.lecture.repartir(de, premieres)
        self._ou: dict[int, tuple[int, int]] = {}
        for (mesure, atome), cellule in chantier.lecture.cellules.items():
            i = de[atome]
            self._ou[cellule] = i, self._lectures[i].cellules[mesure, atome]
        for i, lecture in enumerate(self._lectures):
            premieres[i] += len(lecture.cellules)

    def parts(self, partages: Set[Cle]) -> tuple[list[Chantier], list[set[Cle]], list[Ligne]]:
        """Of each parcel, its part of the system and the totals it shares; the rows that are in none."""
        chantier, lectures = self._chantier, self._lectures
        parts = [Chantier(lecture, chantier.defenses, vide=True) for lecture in lectures]
        totaux: list[set[Cle]] = [set() for _ in parts]
        parcelle_de: dict[Cle, int] = {}
        for k, (cle, forme) in enumerate(chantier.placees()):
            morceaux = self._morceaux(forme.vecteur)
            if cle in partages:
                # No lot: that of the total hangs on what the other parcels are worth.
                ordre = (*forme.ordre[:2], 0, *forme.ordre[3:])
                for i, vecteur in morceaux.items():
                    parts[i].reprendre(cle, Forme(vecteur, ordre, montree=True, cout=_SANS_PRIX))
                    totaux[i].add(cle)
            # What no row shows, nobody knows and nothing protects may be cut: it is in no parcel.
            elif len(morceaux) == 1:
                ((i, vecteur),) = morceaux.items()
                parcelle_de[cle] = i
                numerotee = cle._replace(cellules=tuple((self._ou[c][1], v) for c, v in cle.cellules))
                parts[i].reprendre(numerotee, replace(forme, vecteur=vecteur), chantier.systeme.valeurs[k])
                parts[i].redire(numerotee, chantier, cle)
        for vecteur_, bas, haut in chantier.systeme.intervalles:
            if len(morceaux := self._morceaux(vecteur_)) == 1:
                ((i, vecteur),) = morceaux.items()
                parts[i].systeme.intervalles.append((vecteur, bas, haut))
        for vecteur_ in chantier.systeme.majorations:
            ((i, vecteur),) = self._morceaux(vecteur_).items()
            parts[i].systeme.majorations.append(vecteur)
        reste: list[Ligne] = []
        for ligne in chantier.lecture.lignes:
            ou: dict[int | None, list[tuple[int, Cle]]] = defaultdict(list)
            for position, cle in ligne.formes:
                ou[parcelle_de.get(cle)].append((position, cle))
            for i_, formes in ou.items():
                (reste if i_ is None else lectures[i_].lignes).append(replace(ligne, formes=tuple(formes)))
        etats_de: dict[tuple[str, str], list[tuple[str, str, str]]] = defaultdict(list)
        for nom in chantier.lecture.etats:
            etats_de[nom[1:]].append(nom)
        for part, lecture in zip(parts, lectures, strict=True):
            lieux = {cle.lieu[:2] for cle, _ in part.placees()}
            lecture.situer(chantier.lecture, (nom for lieu in lieux for nom in etats_de.get(lieu, ())))
            part.groupe = lecture.groupe = chantier.groupe.sur(lieux)
        return parts, totaux, reste

    def _morceaux(self, vecteur: Vecteur) -> dict[int, Vecteur]:
        morceaux: dict[int, Vecteur] = {}
        for cellule, signe in vecteur.items():
            i, numero = self._ou[cellule]
            morceaux.setdefault(i, {})[numero] = signe
        return morceaux
