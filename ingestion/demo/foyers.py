"""Invented foyers allocataires, drawn as people are: who lives there first, then rights, resources and amounts.

Belongs here: the joint distribution, the coherences between columns, the streamed national extract. Does not:
the targets of the demonstration and the layouts of its files (`caf_extrait.py`). Nothing here comes from a
real file: the scales are plausible, no source is claimed for them. No transcendental function and no
distribution of numpy's: the same bytes come out on every machine.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.atomic import ecriture_atomique

Entiers = npt.NDArray[np.int64]
Reels = npt.NDArray[np.float64]
Drapeaux = npt.NDArray[np.bool_]
# Number of foyers wanted in each group, by attribute.
Quotas = Mapping[str, Entiers]

ENFANTS_MAX = 6
FAMILLES = ("aides_logement", "precarite", "familiales", "handicap")
PRESTATIONS = {
    "af": "familiales",
    "cf": "familiales",
    "asf": "familiales",
    "ars": "familiales",
    "paje_naissance": "familiales",
    "paje_base": "familiales",
    "paje_cmg": "familiales",
    "paje_prepare": "familiales",
    "aah": "handicap",
    "aeeh": "handicap",
    "ajpa": "handicap",
    "ajpp": "handicap",
    "rsa": "precarite",
    "prime_activite": "precarite",
    "apl": "aides_logement",
    "alf": "aides_logement",
    "als": "aides_logement",
}
TRANCHES = {
    "enfants_0_2": (0, 2),
    "enfants_3_5": (3, 5),
    "enfants_6_11": (6, 11),
    "enfants_12_17": (12, 17),
    "enfants_18_plus": (18, 30),
}
# Attributes of a foyer with a right, each in foyers: plausible orders of magnitude for France in December.
PARTS_NATIONALES = {
    "famille": Fraction(48, 100),
    "monoparentale": Fraction(142, 1000),
    "fratrie": Fraction(375, 1000),
    "trois": Fraction(112, 1000),
    "quatre": Fraction(30, 1000),
    "cinq": Fraction(9, 1000),
    "six": Fraction(3, 1000),
    "couple_sans_enfant": Fraction(45, 1000),
    "autre_personne": Fraction(6, 1000),
    "af": Fraction(365, 1000),
    "paje": Fraction(13, 100),
    "paje_cmg": Fraction(6, 100),
    "asf": Fraction(6, 100),
    "aeeh": Fraction(28, 1000),
    "aeeh_deux": Fraction(1, 1000),
    "alf": Fraction(8, 100),
    "rsa": Fraction(135, 1000),
    "aah": Fraction(95, 1000),
    "prime_activite": Fraction(34, 100),
    "apl": Fraction(225, 1000),
    "als": Fraction(14, 100),
}
# Rows paid during the year that have no right in the month, for 100 that have one (invented).
PAYES_SANS_DROIT = Fraction(8, 100)

# Monthly scales in cents, by the first year they serve: orders of magnitude, not the texts.
_BAREMES: dict[int, dict[str, int]] = {
    2015: {
        "af": 12986, "af_enfant": 16638, "af_14": 6493, "cf": 16905, "asf": 10965, "ars": 38000, "paje": 18462,
        "naissance": 92308, "prepare": 39289, "aah": 81090, "aeeh": 13035, "rsa": 54549, "forfait": 6500,
        "ajpp": 95000,
    },
    2022: {
        "af": 13983, "af_enfant": 17917, "af_14": 6992, "cf": 18200, "asf": 18441, "ars": 40000, "paje": 18200,
        "naissance": 100395, "prepare": 40589, "aah": 95637, "aeeh": 13957, "rsa": 59854, "forfait": 7182,
        "ajpp": 128000,
    },
}  # fmt: skip
_LOT = 200_000


class Alea:
    """Uniform draws that depend on a seed alone: numpy keeps the raw stream of its generators for ever."""

    def __init__(self, *graine: object) -> None:
        """Seed with anything that has a text."""
        empreinte = blake2b(":".join(map(str, graine)).encode(), digest_size=16).digest()
        self._bits = np.random.PCG64(int.from_bytes(empreinte))

    def octets(self, nombre: int) -> bytes:
        """That many random bytes."""
        mots: npt.NDArray[np.uint64] = self._bits.random_raw((nombre + 7) // 8)
        return mots.astype("<u8").tobytes()[:nombre]

    def uniforme(self, taille: int) -> Reels:
        """Reals in [0, 1)."""
        mots: npt.NDArray[np.uint64] = self._bits.random_raw(taille)
        return (mots >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def entier(self, bas: int | Entiers, haut: int | Entiers, taille: int) -> Entiers:
        """Integers from `bas` to `haut`, both included."""
        return (bas + self.uniforme(taille) * (np.asarray(haut) - bas + 1)).astype(np.int64)


@dataclass
class Foyers:
    """One batch of foyers, column by column. Amounts are cents; `ages` holds -1 where there is no child."""

    groupe: Entiers
    aisance: Reels
    couple: Drapeaux
    nb_enfants: Entiers
    autre_personne: Drapeaux
    ages: npt.NDArray[np.int64]
    nb_aeeh: Entiers
    droits: dict[str, Drapeaux]
    reference: Drapeaux
    connues: Drapeaux
    droit_versable: Drapeaux
    ressources: Entiers = field(default_factory=lambda: np.empty(0, np.int64))
    loyer: Entiers = field(default_factory=lambda: np.empty(0, np.int64))
    charges: Entiers = field(default_factory=lambda: np.empty(0, np.int64))
    impaye: Drapeaux = field(default_factory=lambda: np.empty(0, np.bool_))
    courriel: Drapeaux = field(default_factory=lambda: np.empty(0, np.bool_))
    montants: dict[str, Entiers] = field(default_factory=dict)
    annuels: dict[str, Entiers] = field(default_factory=dict)

    def __len__(self) -> int:
        """Number of foyers."""
        return len(self.groupe)

    @property
    def monoparentale(self) -> Drapeaux:
        """Foyers of one parent with at least one child."""
        return ~self.couple & (self.nb_enfants > 0)

    @property
    def nb_personnes(self) -> Entiers:
        """Person in charge, partner, children and other dependants."""
        return 1 + self.couple + self.nb_enfants + self.autre_personne

    @property
    def prestations(self) -> Entiers:
        """Benefits of the month, cents."""
        return _somme(self.montants.values(), len(self))

    @property
    def uc(self) -> Entiers:
        """Tenths of consumption units (GLOSSAIRE: 1, 0.5 from 14 years, 0.3 under, +0.2 alone with children)."""
        grands = (self.ages >= 14).sum(axis=1)
        adultes = self.couple.astype(np.int64) + self.autre_personne + grands
        return 10 + 5 * adultes + 3 * (self.nb_enfants - grands) + 2 * self.monoparentale

    @property
    def demi_parts(self) -> Entiers:
        """Twice the parts of the quotient familial: 2, then 0.5, 0.5, 1 and 0.5 for each further child."""
        return 4 + self.nb_enfants + (self.nb_enfants >= 3)

    @property
    def ruc(self) -> Entiers:
        """Income per consumption unit with benefits, cents."""
        return _diviser(10 * (self.ressources + self.prestations), self.uc)

    @property
    def ruc_hors_prestations(self) -> Entiers:
        """Income per consumption unit without benefits, cents."""
        return _diviser(10 * self.ressources, self.uc)

    @property
    def quotient_familial(self) -> Entiers:
        """Quotient familial, EUR."""
        return 2 * (self.ressources + self.prestations) // (100 * self.demi_parts)

    def enfants(self, tranche: str) -> Entiers:
        """Children of an age band."""
        bas, haut = TRANCHES[tranche]
        return ((self.ages >= bas) & (self.ages <= haut)).sum(axis=1)


def _diviser(numerateur: Entiers, denominateur: Entiers) -> Entiers:
    """Half away from zero, for what is not negative."""
    return (2 * numerateur + denominateur) // (2 * denominateur)


def _somme(colonnes: Any, taille: int) -> Entiers:
    total = np.zeros(taille, np.int64)
    for colonne in colonnes:
        total += colonne
    return total


def retenir(
    groupe: Entiers, quotas: Entiers, eligibles: Drapeaux, poids: Reels | float, alea: Alea, quoi: str = ""
) -> Drapeaux:
    """Draw exactly `quotas[g]` of the eligible foyers of each group, those of a greater weight more often.

    Raises `ValueError` when a group has fewer eligible foyers than its quota.
    """
    indices = np.flatnonzero(eligibles)
    cle = alea.uniforme(len(indices)) / (poids[indices] if isinstance(poids, np.ndarray) else poids)
    choisis = np.zeros(len(groupe), np.bool_)
    if len(quotas) == 1:
        effectifs = np.array([len(indices)])
    else:
        effectifs = np.bincount(groupe[indices], minlength=len(quotas))
    courts = np.flatnonzero(effectifs < quotas)
    if len(courts):
        raise ValueError(
            f"{quoi}: {quotas[courts[0]]} foyers wanted in group {courts[0]}, {effectifs[courts[0]]} eligible"
        )
    if len(quotas) == 1:
        k = int(quotas[0])
        retenus = np.argpartition(cle, k - 1)[:k] if k else np.empty(0, np.int64)
    else:
        ordre = np.lexsort((cle, groupe[indices]))
        debuts = np.concatenate(([0], np.cumsum(effectifs)[:-1]))
        groupes = groupe[indices][ordre]
        retenus = ordre[np.arange(len(ordre)) - debuts[groupes] < quotas[groupes]]
    choisis[indices[retenus]] = True
    return choisis


def quotas_nationaux(foyers: int, parts: Mapping[str, Fraction] = PARTS_NATIONALES) -> Quotas:
    """The quotas of one group of that many foyers, each within one foyer of its share."""
    return {nom: np.array([round(part * foyers)]) for nom, part in parts.items()}


def composer(groupe: Entiers, quotas: Quotas, alea: Alea, precarite: Reels | None = None) -> Foyers:
    """Draw who the foyers are and which rights they have, with the exact numbers of `quotas` in each group.

    `groupe` gives each foyer's group (index in the quotas). `precarite`, around 1, says how much more often than
    elsewhere the foyers of a place are poor. Every foyer has at least one right: raises `ValueError` when the
    quotas of a group cannot make that true.
    """
    n = len(groupe)
    tous = np.ones(n, np.bool_)
    aisance = alea.uniforme(n)
    pauvre = (1.0 - aisance) * (1.0 if precarite is None else precarite)

    def tirer(nom: str, eligibles: Drapeaux, poids: Reels | float = 1.0) -> Drapeaux:
        return retenir(groupe, quotas[nom], eligibles, poids, alea, nom)

    famille = tirer("famille", tous)
    mono = tirer("monoparentale", famille, 0.4 + pauvre)
    couple_sans_enfant = tirer("couple_sans_enfant", ~famille)
    fratrie = tirer("fratrie", famille, np.where(mono, 0.7, 1.0))
    trois = tirer("trois", fratrie)
    quatre = tirer("quatre", trois)
    cinq = tirer("cinq", quatre)
    six = tirer("six", cinq)
    nb_enfants = _somme((famille, fratrie, trois, quatre, cinq, six), n)
    couple = (famille & ~mono) | couple_sans_enfant
    autre_personne = tirer("autre_personne", tous, np.where(famille, 0.3, 1.0))

    droits: dict[str, Drapeaux] = {}
    # From three children on, there are nearly always two under 20.
    droits["af"] = tirer("af", fratrie, np.where(trois, 50.0, 1.0))
    paje = tirer("paje", famille, np.where(fratrie, 1.0, 0.8))
    droits["paje_cmg"] = tirer("paje_cmg", paje, 0.1 + aisance * np.where(couple, 2.0, 1.0))
    hors_cmg = paje & ~droits["paje_cmg"]
    droits["paje_naissance"] = paje & (alea.uniforme(n) < 0.04)
    droits["paje_prepare"] = paje & (alea.uniforme(n) < np.where(droits["paje_cmg"], 0.03, 0.14))
    droits["paje_base"] = (hors_cmg & (alea.uniforme(n) < 0.96)) | (
        droits["paje_cmg"] & (alea.uniforme(n) < 0.45)
    )
    droits["paje_base"] |= hors_cmg & ~droits["paje_naissance"] & ~droits["paje_prepare"]
    ages = _ages(nb_enfants, fratrie, paje, droits, alea)
    moins_de_20 = ((ages >= 0) & (ages < 20)).sum(axis=1)

    droits["asf"] = tirer("asf", mono | (famille & (alea.uniforme(n) < 0.005)), np.where(mono, 1.0, 0.02))
    aeeh = tirer("aeeh", moins_de_20 > 0, np.where(ages[:, 0] >= 4, 1.0, 0.3))
    nb_aeeh = aeeh.astype(np.int64) + tirer("aeeh_deux", aeeh & (moins_de_20 > 1))
    droits["aeeh"] = aeeh
    droits["cf"] = droits["af"] & trois & (ages[:, 0] >= 3) & (aisance < 0.75)

    # Each foyer needs a right: what the later ones cannot cover, the earlier must.
    couvert = droits["af"] | paje | droits["asf"] | aeeh
    ordre = ("rsa", "aah", "prime_activite", "al")
    quotas = {**quotas, "al": quotas["apl"] + quotas["als"]}

    def tirer_en_couvrant(nom: str, eligibles: Drapeaux, poids: Reels) -> Drapeaux:
        nonlocal couvert
        reste = sum((quotas[p] for p in ordre[ordre.index(nom) + 1 :]), np.zeros_like(quotas[nom]))
        a_couvrir = np.bincount(groupe[~couvert], minlength=len(reste)) - reste
        d_abord = np.clip(a_couvrir, 0, quotas[nom])
        choisis = retenir(groupe, d_abord, eligibles & ~couvert, poids, alea, nom)
        choisis |= retenir(groupe, quotas[nom] - d_abord, eligibles & ~choisis, poids, alea, nom)
        couvert = couvert | choisis
        return choisis

    droits["alf"] = tirer("alf", famille | couple, np.where(famille, 1.0, 0.15) * (0.05 + pauvre))
    couvert |= droits["alf"]
    cube = pauvre * pauvre * pauvre
    droits["rsa"] = tirer_en_couvrant("rsa", tous, (0.01 + cube) * np.where(mono, 1.6, 1.0))
    droits["aah"] = tirer_en_couvrant(
        "aah", ~droits["rsa"], (0.2 + pauvre) * np.where(famille, 0.15, np.where(couple, 0.5, 1.0))
    )
    droits["prime_activite"] = tirer_en_couvrant(
        "prime_activite",
        ~droits["rsa"],
        np.clip(1.1 - 1.6 * np.abs(aisance - 0.42), 0.03, 1.0) * np.where(droits["aah"], 0.25, np.where(couvert, 1.8, 1.0)),
    )
    # The housing benefits follow the income: nearly all at the RSA, few at the AF alone.
    al = tirer_en_couvrant(
        "al",
        ~droits["alf"],
        (0.1 + pauvre) * np.where(droits["rsa"], 4.0, np.where(droits["aah"] | ~couvert, 2.5, 1.0)),
    )
    seul = (
        al
        & ~famille
        & ~couple
        & ~_somme([droits[d] for d in ("rsa", "aah", "prime_activite")], n).astype(np.bool_)
    )
    etudiant = seul & (alea.uniforme(n) < 0.6)
    ages_hauts = (seul & ~etudiant & (alea.uniforme(n) < 0.6)) | (
        droits["aah"] & ~famille & (alea.uniforme(n) < 0.18)
    )
    droits["apl"] = tirer("apl", al, np.where(etudiant, 0.6, 1.0))
    droits["als"] = al & ~droits["apl"]
    droits["ajpp"] = aeeh & (alea.uniforme(n) < 0.02)
    droits["ajpa"] = (alea.uniforme(n) < 0.0003) & ~etudiant
    droits["ars"] = np.zeros(n, np.bool_)
    return Foyers(
        groupe=groupe,
        aisance=aisance,
        couple=couple,
        nb_enfants=nb_enfants,
        autre_personne=autre_personne,
        ages=ages,
        nb_aeeh=nb_aeeh,
        droits=droits,
        reference=~etudiant & ~ages_hauts,
        connues=tous,
        droit_versable=tous,
    )


def _ages(
    nb_enfants: Entiers, fratrie: Drapeaux, paje: Drapeaux, droits: Mapping[str, Drapeaux], alea: Alea
) -> Entiers:
    """Ages from the youngest to the eldest; -1 where there is no child. At least two under 20 with the AF."""
    n = len(nb_enfants)
    ages = np.full((n, ENFANTS_MAX), -1, np.int64)
    familles = np.flatnonzero(nb_enfants)
    m = len(familles)
    af, bebe, cmg = droits["af"][familles], paje[familles], droits["paje_cmg"][familles]
    naissance = droits["paje_naissance"][familles]
    base = bebe & (droits["paje_base"] | droits["paje_prepare"] | droits["paje_naissance"])[familles]
    # Without Paje, few are under 3, and the youngest is younger the more children there are.
    plus_jeune = np.interp(
        alea.uniforme(m), [0, 0.05, 0.15, 0.38, 0.78, 0.94, 1], [1, 3, 6, 11, 16, 19, 22]
    ).astype(np.int64)
    plus_jeune = np.where(nb_enfants[familles] >= 3, plus_jeune * 2 // 3, plus_jeune)
    plus_jeune = np.where(nb_enfants[familles] == 2, np.minimum(plus_jeune, 17) * 9 // 10, plus_jeune)
    plus_jeune = np.where(bebe & cmg, alea.entier(0, 5, m), plus_jeune)
    plus_jeune = np.where(base, alea.entier(0, 2, m), plus_jeune)
    age = np.where(naissance, 0, plus_jeune)
    ages[familles, 0] = age
    for rang in range(1, int(nb_enfants.max(initial=0))):
        ecart = alea.entier(1, 5 if rang == 1 else 4, m)
        age = age + ecart
        if rang == 1:
            # Siblings without the AF: all but the youngest have passed 20.
            age = np.where(fratrie[familles] & ~af, np.maximum(age, 20), age)
            age = np.where(af, np.minimum(age, 19), age)
        age = np.minimum(age, 24)
        a_ce_rang = nb_enfants[familles] > rang
        ages[familles[a_ce_rang], rang] = age[a_ce_rang]
    return ages


def valoriser(foyers: Foyers, annee: int, alea: Alea) -> None:
    """Give the foyers their rents, resources and monthly amounts, on the scales of `annee`."""
    n, d = len(foyers), foyers.droits
    bareme = _BAREMES[max(a for a in _BAREMES if a <= max(annee, min(_BAREMES)))]
    couple, mono, enfants = foyers.couple, foyers.monoparentale, foyers.nb_enfants
    pauvre = 1.0 - foyers.aisance
    logement = d["apl"] | d["alf"] | d["als"]

    loyer = np.interp(alea.uniforme(n), [0, 0.1, 0.5, 0.9, 1], [190, 265, 340, 440, 580])
    loyer += 55.0 * np.minimum(foyers.nb_personnes - 1, 5)
    foyers.loyer = np.where(logement, (100 * loyer).astype(np.int64), 0)
    foyers.charges = np.where(logement, 5500 + 1250 * np.minimum(foyers.nb_personnes - 1, 6), 0)
    foyers.impaye = logement & (alea.uniforme(n) < 0.015 + 0.06 * pauvre)
    foyers.courriel = alea.uniforme(n) < 0.965 - 0.05 * pauvre - 0.15 * ~foyers.reference

    foyers.ressources = _ressources(foyers, alea)
    res = foyers.ressources
    m = {nom: np.zeros(n, np.int64) for nom in PRESTATIONS}
    moins_de_20 = ((foyers.ages >= 0) & (foyers.ages < 20)).sum(axis=1)
    grands = ((foyers.ages >= 14) & (foyers.ages < 20)).sum(axis=1)
    af = bareme["af"] + bareme["af_enfant"] * np.maximum(moins_de_20 - 2, 0)
    af += bareme["af_14"] * np.minimum(grands, moins_de_20 - 1 + (moins_de_20 >= 3))
    m["af"] = _si(d["af"], af // np.where(foyers.aisance > 0.95, 4, np.where(foyers.aisance > 0.88, 2, 1)))
    m["cf"] = _si(d["cf"], np.where(pauvre > 0.6, bareme["cf"] * 3 // 2, bareme["cf"]))
    m["asf"] = _si(d["asf"], bareme["asf"] * np.maximum(1, enfants - (alea.uniforme(n) < 0.2)))
    m["paje_naissance"] = _si(d["paje_naissance"], np.full(n, bareme["naissance"]))
    m["paje_base"] = _si(d["paje_base"], bareme["paje"] // np.where(foyers.aisance > 0.7, 2, 1))
    cmg = np.interp(alea.uniforme(n), [0, 0.2, 0.6, 0.9, 1], [6000, 18000, 34000, 62000, 110000])
    m["paje_cmg"] = _si(d["paje_cmg"], cmg.astype(np.int64))
    prepare = bareme["prepare"] * np.interp(alea.uniforme(n), [0, 0.4, 0.401, 1], [1, 1, 0.65, 0.38])
    m["paje_prepare"] = _si(d["paje_prepare"], prepare.astype(np.int64))
    m["aah"] = _si(d["aah"], np.maximum(bareme["aah"] - res * 35 // 100, 8000))
    complement = np.interp(alea.uniforme(n), [0, 0.6, 0.601, 0.9, 1], [0, 0, 10000, 45000, 120000])
    m["aeeh"] = _si(d["aeeh"], bareme["aeeh"] * foyers.nb_aeeh + complement.astype(np.int64))
    m["ajpp"] = _si(d["ajpp"], np.full(n, bareme["ajpp"]))
    m["ajpa"] = _si(d["ajpa"], np.full(n, bareme["ajpp"] // 2))
    parts = 20 + 9 * couple + 5 * np.minimum(enfants, 2) + 7 * np.maximum(enfants - 2, 0)
    socle = bareme["rsa"] * parts // 20
    m["rsa"] = _si(d["rsa"], np.maximum(socle - res - logement * bareme["forfait"], 3000))
    prime = np.interp(alea.uniforme(n), [0, 0.15, 0.5, 0.85, 1], [1500, 8000, 18000, 29000, 48000])
    m["prime_activite"] = _si(d["prime_activite"], (prime * np.where(couple, 1.1, 1.0)).astype(np.int64))
    plafond = np.minimum(foyers.loyer, 32000 + 6000 * np.minimum(foyers.nb_personnes - 1, 6))
    taux = np.clip(0.88 - res / (190_000.0 * foyers.uc / 10), 0.12, 0.86)
    aide = np.maximum((plafond * taux).astype(np.int64), 1500)
    for genre in ("apl", "alf", "als"):
        m[genre] = _si(d[genre], aide)
    m["rsa"] = np.where(mono & d["asf"] & d["rsa"], np.maximum(m["rsa"] - m["asf"], 3000), m["rsa"])
    foyers.montants = m


def _si(droit: Drapeaux, montant: Entiers) -> Entiers:
    return np.where(droit, montant, 0)


def _ressources(foyers: Foyers, alea: Alea) -> Entiers:
    """Resources without benefits, cents a month, that go with the rights."""
    n, d = len(foyers), foyers.droits
    u, a, couple = alea.uniforme(n), foyers.aisance, foyers.couple
    enfants = foyers.nb_enfants > 0
    # A working foyer's income follows how well off it is, with some noise.
    rang = 0.7 * a + 0.3 * u
    salaire = np.interp(rang, [0, 0.2, 0.5, 0.8, 0.95, 1], [1000, 1600, 2350, 3400, 5600, 12000])
    salaire *= np.where(couple, 1.8, 1.0) * np.where(enfants & ~couple, 1.05, 1.0)
    seul = np.interp(u, [0, 0.15, 0.5, 0.85, 1], [350, 800, 1100, 1400, 1700]) * np.where(couple, 2.1, 1.0)
    etudiant = np.interp(u, [0, 0.55, 0.9, 1], [0, 0, 450, 800])
    prime = np.interp(u, [0, 0.1, 0.35, 0.8, 1], [500, 950, 1300, 1600, 1950])
    prime *= np.where(couple, 2.05, 1.0) * np.where(enfants, 1.05, 1.0)
    aah = np.interp(u, [0, 0.3, 0.6, 1], [0, 0, 620, 1250]) + np.where(couple, 900 + 900.0 * a, 0.0)
    rsa = np.interp(u, [0, 0.62, 1], [0, 0, 420]) * np.where(couple, 1.3, 1.0)
    logement = d["apl"] | d["alf"] | d["als"]
    euros = np.where(logement & ~enfants, seul, salaire)
    euros = np.where(logement & enfants, np.minimum(salaire, 1250 + 1350 * couple + 900 * a), euros)
    euros = np.where(logement & ~enfants & ~couple & ~foyers.reference & ~d["aah"] & (a < 0.75), etudiant, euros)
    euros = np.where(d["prime_activite"], prime, euros)
    euros = np.where(d["aah"], aah, euros)
    euros = np.where(d["rsa"], rsa, euros)
    return (100 * euros).astype(np.int64)


def annualiser(foyers: Foyers, annee: int, alea: Alea, sortis: bool = False) -> None:
    """Give what was paid from January to December: the month's right over some months, or one lost since.

    `sortis`: the foyers will lose their rights before December, so that no right lasted the whole year.
    """
    n, d, ages = len(foyers), foyers.droits, foyers.ages
    bareme = _BAREMES[max(a for a in _BAREMES if a <= max(annee, min(_BAREMES)))]
    annuels = {famille: np.zeros(n, np.int64) for famille in FAMILLES}
    mois = {}
    for famille in FAMILLES:
        entiere = alea.uniforme(n) < (0.0 if sortis else 0.9 if famille == "handicap" else 0.72)
        mois[famille] = np.where(entiere, 12, alea.entier(1, 8 if sortis else 11, n))
    for nom, famille in PRESTATIONS.items():
        # The birth grant is paid once.
        annuels[famille] += foyers.montants[nom] * (1 if nom == "paje_naissance" else mois[famille])
    scolarises = ((ages >= 6) & (ages <= 17)).sum(axis=1)
    modeste = d["rsa"] | d["prime_activite"] | d["apl"] | d["alf"] | d["als"] | (foyers.aisance < 0.35)
    annuels["familiales"] += np.where(modeste, bareme["ars"] * scolarises, 0)
    # A right lost before December: a prime d'activité or a housing benefit of some months.
    perdue = ~d["rsa"] & ~d["prime_activite"] & (foyers.aisance < 0.7) & (alea.uniforme(n) < 0.10)
    annuels["precarite"] += np.where(perdue, alea.entier(6000, 24000, n) * alea.entier(1, 9, n), 0)
    perdu = ~(d["apl"] | d["alf"] | d["als"]) & (foyers.aisance < 0.6) & (alea.uniforme(n) < 0.06)
    annuels["aides_logement"] += np.where(perdu, alea.entier(5000, 26000, n) * alea.entier(1, 9, n), 0)
    foyers.annuels = annuels


def clore_les_droits(foyers: Foyers) -> None:
    """Turn foyers into ones paid during the year and without a right in December: the month's amounts go."""
    n = len(foyers)
    foyers.droit_versable = np.zeros(n, np.bool_)
    foyers.montants = {nom: np.zeros(n, np.int64) for nom in PRESTATIONS}
    foyers.nb_aeeh = np.zeros(n, np.int64)
    foyers.loyer = np.zeros(n, np.int64)
    foyers.charges = np.zeros(n, np.int64)
    foyers.impaye = np.zeros(n, np.bool_)


def reunir(lots: Sequence[Foyers]) -> Foyers:
    """Several batches as one, in the order given."""
    colonnes: dict[str, Any] = {}
    for nom, premier in vars(lots[0]).items():
        if isinstance(premier, dict):
            colonnes[nom] = {cle: np.concatenate([vars(lot)[nom][cle] for lot in lots]) for cle in premier}
        else:
            colonnes[nom] = np.concatenate([vars(lot)[nom] for lot in lots])
    return Foyers(**colonnes)


def ordonner(foyers: Foyers, ordre: Entiers) -> Foyers:
    """The foyers of `ordre`, in that order."""
    return Foyers(
        **{
            nom: {cle: v[ordre] for cle, v in colonne.items()} if isinstance(colonne, dict) else colonne[ordre]
            for nom, colonne in vars(foyers).items()
        }
    )
