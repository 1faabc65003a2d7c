"""A reader who attacks what is published of persons. Not a line is shared with the code that rounds.

What he knows is listed from what is published, column by column: he refuses a column that he does not know.
He has every release, the public code and its parameters, legal populations, Cafdata's figures, exact totals,
and knows which mesures contain others. He does not have the key.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from confidentialite.regle import Regle

USAGES = {
    "niveau": "communes, and the levels that are rounded apart",
    "code": "the commune",
    "mesure_id": "the mesure, hence its rule and step",
    "departement": "the chain",
    "epci": "the block of the chain",
    "rang": "the order of the chain, hence the runs of any territory",
    "ordre_public": "whether that order is an inequality between counts",
    "population": "made the order again",
    "population_millesime": "made the order again",
    "valeur": "what is printed, of communes that show it or not: sums give back those that do not",
    "amplitude": "how far the true count is",
    "regle": "how it was rounded",
    "marque": "why there is none",
    "retenue": "that the whole chain is silent",
}
"""How each column is used of what a release is made of (`confidentialite.arrondi_en_chaine.ARRONDIS`)."""

Inclusion = tuple[Sequence[str], Sequence[str]]
"""The sum of the first mesures is never under that of the others, in any commune."""
Bornes = tuple[np.ndarray, np.ndarray]
"""The least and the most of each count, by département and rank."""


class ColonneInconnue(Exception):
    """A release is made of a column that the attacker does not use: nothing proves that it tells nothing."""


@dataclass
class Lecteur:
    """What a reader has of one table of persons whose départements have as many communes each.

    `releases`: those that print one truth, in the order they were published. `vrais`: counts by mesure and
    commune, of which he is given sums alone: that of each département; with `epci`, that of each EPCI.
    """

    regles: Mapping[str, Regle]
    releases: Sequence[pa.Table]
    vrais: Mapping[str, Mapping[str, float | None]]
    inclusions: Sequence[Inclusion] = ()
    epci: bool = False

    def __post_init__(self) -> None:
        """List what he knows, and refuse what he cannot use."""
        for release in self.releases:
            if inconnues := {*release.column_names} - USAGES.keys():
                raise ColonneInconnue(f"{', '.join(sorted(inconnues))}: teach the attacker what it tells")
        places = ["departement", "rang", "code", "epci"]
        communes = self.releases[0].filter(pc.field("niveau") == "commune").select(places)
        suite = communes.group_by(places).aggregate([]).sort_by([(p, "ascending") for p in places[:2]])
        departements = len(set(suite["departement"].to_pylist()))
        self.codes = np.array(suite["code"].to_pylist()).reshape(departements, -1)
        self.blocs = np.array(suite["epci"].to_pylist()).reshape(departements, -1)

    def imprimes(self, release: pa.Table, mesure: str) -> np.ndarray:
        """What a release prints of a mesure, by département and rank: NaN where it prints nothing."""
        ici = release.filter((pc.field("niveau") == "commune") & (pc.field("mesure_id") == mesure))
        lus = dict(zip(ici["code"].to_pylist(), ici["valeur"].to_pylist(), strict=True))
        return np.array(
            [[np.nan if lus.get(c) is None else float(lus[c]) for c in ligne] for ligne in self.codes]
        )

    def poids(self, mesure: str, bornes: Bornes | None = None) -> np.ndarray:
        """The weight of each value of each count, by département, rank and value from 0: in how many worlds
        that print these releases it is that; zero in none. A chain that is not published weighs nothing.
        """
        r = [self.imprimes(release, mesure) for release in self.releases]
        bas, haut = bornes or (np.zeros(r[0].shape), np.full(r[0].shape, np.inf))
        if self.regles[mesure].regle == "cnaf":
            x = np.arange(int(np.nanmax(r[0])) + 3)
            vus = np.abs(x - r[0][..., None]) <= 2
            return (vus & (x >= bas[..., None]) & (x <= haut[..., None])).astype(float)
        distincts = [
            v for n, v in enumerate(r) if not any(np.array_equal(v, a, equal_nan=True) for a in r[:n])
        ]
        return _chaines(distincts, self.regles[mesure].pas, self._reperes(mesure), (bas, haut))

    def _reperes(self, mesure: str) -> np.ndarray:
        """The exact running sums that he is given, by département and number of communes; NaN elsewhere."""
        x = np.array([[float(self.vrais[mesure][c] or 0) for c in ligne] for ligne in self.codes])
        sommes = np.concatenate([np.zeros((len(x), 1)), np.cumsum(x, axis=1)], axis=1)
        fins = np.ones(sommes.shape, dtype=bool)
        fins[:, 1:-1] = self.epci & (self.blocs[:, 1:] != self.blocs[:, :-1])
        return np.where(fins, sommes, np.nan)

    def tout_lire(self, tours: int = 5) -> dict[str, np.ndarray]:
        """The weights of each mesure that counts, once the inclusions have narrowed what each may be."""
        lues = {m: self.poids(m) for m, regle in self.regles.items() if not regle.montant}
        for _ in range(tours):
            bornes = {m: _bornes(poids) for m, poids in lues.items()}
            avant = {m: (bas.copy(), haut.copy()) for m, (bas, haut) in bornes.items()}
            for tout, parties in self.inclusions:
                if {*tout, *parties} <= bornes.keys():
                    _resserrer(bornes, tout, parties)
            changees = [m for m, b in bornes.items() if not all(map(np.array_equal, avant[m], b))]
            if not changees:
                break
            lues |= {m: self.poids(m, bornes[m]) for m in changees}
        return lues


def _chaines(distincts: Sequence[np.ndarray], pas: int, reperes: np.ndarray, bornes: Bornes) -> np.ndarray:
    """Follow every path of the residues of running sums, of all roundings at once; weigh what counts are."""
    mondes, communes = distincts[0].shape
    etats = np.stack(np.unravel_index(np.arange(pas ** len(distincts)), (pas,) * len(distincts)), axis=-1)
    r = np.nan_to_num(np.stack(distincts, axis=-1)).astype(int)
    cumuls = np.concatenate([np.zeros_like(r[:, :1]), np.cumsum(r, axis=1)], axis=1)
    sauts = etats[None, :, :] - etats[:, None, :]

    def transitions(i: int) -> tuple[np.ndarray, np.ndarray]:
        """From each state to each, whether commune `i` may go so, and the count that it then is."""
        x = r[:, i, None, None, :] + sauts
        valeur = x[..., 0]
        bas, haut = (b[:, i, None, None] for b in bornes)
        return (x == valeur[..., None]).all(axis=-1) & (valeur >= bas) & (valeur <= haut), valeur

    def permis(i: int) -> np.ndarray:
        """By state that the chain starts from, the states that the exact sums allow after `i` communes."""
        vus = cumuls[:, i, None, None, :] + etats[None, None, :, :] - etats[None, :, None, :]
        attendu = reperes[:, i, None, None, None]
        return (np.isnan(attendu) | (vus == attendu)).all(axis=-1)

    allers = [np.broadcast_to(np.eye(len(etats)), (mondes, len(etats), len(etats)))]
    for i in range(communes):
        allers.append(np.einsum("wdp,wpq->wdq", allers[-1], transitions(i)[0]) * permis(i + 1))
    poids = np.zeros((mondes, communes, int(r.max()) + 2 * pas))
    retour = np.ones_like(allers[-1])
    for i in reversed(range(communes)):
        vus, valeur = transitions(i)
        ensemble = vus * np.einsum("wdp,wdq->wpq", allers[i], retour * permis(i + 1))
        ou = (np.arange(mondes)[:, None, None], i, np.maximum(valeur, 0))
        np.add.at(poids, np.broadcast_arrays(*ou), ensemble)
        retour = np.einsum("wdq,wpq->wdp", retour * permis(i + 1), vus)
    poids[np.isnan(distincts[0])] = 0
    return poids


def _resserrer(bornes: dict[str, Bornes], tout: Sequence[str], parties: Sequence[str]) -> None:
    plafond, plancher = sum(bornes[m][1] for m in tout), sum(bornes[m][0] for m in parties)
    for m in parties:
        bas, haut = bornes[m]
        bornes[m] = bas, np.minimum(haut, plafond - (plancher - bas))
    for m in tout:
        bas, haut = bornes[m]
        with np.errstate(invalid="ignore"):
            bornes[m] = np.fmax(bas, plancher - (plafond - haut)), haut


def _bornes(poids: np.ndarray) -> Bornes:
    """The least and the most of each count; unbounded where nothing is published."""
    possible, muet = poids > 0, ~poids.any(axis=2)
    bas = np.argmax(possible, axis=2).astype(float)
    haut = poids.shape[2] - 1 - np.argmax(possible[..., ::-1], axis=2).astype(float)
    return np.where(muet, 0, bas), np.where(muet, np.inf, haut)


@dataclass(frozen=True)
class Trouvailles:
    """What a reader has of counts that Cafdata does not print: those of 1 to 4 that are certain, or said with
    over nine chances in ten; those with fewer values than their step; all that he read.
    """

    certaines: int
    probables: int
    sous_le_pas: int
    lues: int


def trouver(lues: Mapping[str, np.ndarray], regles: Mapping[str, Regle]) -> Trouvailles:
    """Count what was found."""
    total = np.zeros(4, dtype=int)
    for mesure, poids in lues.items():
        if regles[mesure].regle == "chaine":
            somme, valeurs = poids.sum(axis=2), (poids > 0).sum(axis=2)
            publies, petit = somme > 0, poids[..., 1:5].max(axis=2)
            total += [
                ((valeurs == 1) & (petit > 0)).sum(),
                (publies & (petit > 0.9 * somme)).sum(),
                (publies & (valeurs < regles[mesure].pas)).sum(),
                publies.sum(),
            ]
    return Trouvailles(*map(int, total))


def par_l_ordre(r: Sequence[int], codes: Sequence[str], pas: int) -> list[set[int]]:
    """What the counts of one EPCI may be, where its largest is printed first and its second largest last, by
    trying all: at most five communes. Of equal counts, the first code stands for the largest.
    """
    trouves: list[set[int]] = [set() for _ in r]
    for residus in np.ndindex(*(pas,) * (len(r) + 1)):
        x = [v + residus[i + 1] - residus[i] for i, v in enumerate(r)]
        rangs = sorted(range(len(r)), key=lambda i: (-x[i], codes[i]))
        if min(x) >= 0 and rangs[:2] == [0, len(r) - 1]:
            for i, v in enumerate(x):
                trouves[i].add(v)
    return trouves


def ordre_refait(release: pa.Table) -> bool:
    """Whether populations alone make the printed order again: then it tells nothing of the counts."""
    chaines: dict[str, dict[int, tuple[str, str, int]]] = {}
    for c in release.filter(pc.field("niveau") == "commune").to_pylist():
        if not c.get("ordre_public"):
            return False
        chaines.setdefault(c["departement"], {})[c["rang"]] = (c["epci"] or "", c["code"], c["population"])
    return all(_suite([*ch.values()]) == [ch[rang][1] for rang in sorted(ch)] for ch in chaines.values())


def _suite(communes: Sequence[tuple[str, str, int]]) -> list[str]:
    """The order that docs/secret.md gives to the communes (EPCI, code, population) of a département."""
    par_taille = sorted(communes, key=lambda c: (-c[2], c[1]))
    premier = par_taille[0][0]
    dernier = next((c[0] for c in par_taille if c[0] != premier), None)
    suite: list[str] = []
    for epci in sorted({c[0] for c in communes}, key=lambda e: ((e == dernier) - (e == premier), e)):
        grande, *autres = [c[1] for c in par_taille if c[0] == epci]
        seconde, dedans = autres[:1], sorted(autres[1:])
        suite += [*seconde, *dedans, grande] if epci == dernier else [grande, *dedans, *seconde]
    return suite
