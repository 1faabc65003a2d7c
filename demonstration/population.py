"""Invented foyers allocataires: the joint distribution of their members and rights. No source is claimed."""

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from demonstration.hasard import Alea, Drapeaux, Entiers, Reels, retenir

# Number of foyers wanted in each group, by attribute.
Quotas = Mapping[str, Entiers]

ENFANTS_MAX = 6
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
    "aeeh": Fraction(27, 1000),
    "aeeh_deux": Fraction(1, 1000),
    "alf": Fraction(8, 100),
    "rsa": Fraction(135, 1000),
    "aah": Fraction(95, 1000),
    "prime_activite": Fraction(34, 100),
    "apl": Fraction(225, 1000),
    "als": Fraction(14, 100),
}


@dataclass
class Foyers:
    """One batch of foyers, column by column. Amounts are cents; `ages` holds -1 where there is no child."""

    groupe: Entiers
    aisance: Reels
    couple: Drapeaux
    nb_enfants: Entiers
    autre_personne: Drapeaux
    ages: Entiers
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
        return somme(self.montants.values(), len(self))

    @property
    def uc(self) -> Entiers:
        """Tenths of UC: 10, 5 an adult or a child from 14 years, 3 a younger one, 2 more if monoparental."""
        grands = (self.ages >= 14).sum(axis=1)
        adultes = somme((self.couple, self.autre_personne, grands), len(self))
        dixiemes: Entiers = 10 + 5 * adultes + 3 * (self.nb_enfants - grands) + 2 * self.monoparentale
        return dixiemes

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
        nombre: Entiers = ((self.ages >= bas) & (self.ages <= haut)).sum(axis=1)
        return nombre


def _diviser(numerateur: Entiers, denominateur: Entiers) -> Entiers:
    """Half away from zero, for what is not negative."""
    return (2 * numerateur + denominateur) // (2 * denominateur)


def somme(colonnes: Iterable[Entiers | Drapeaux], taille: int) -> Entiers:
    """Sum of columns of that size, 0 where there are none."""
    total = np.zeros(taille, np.int64)
    for colonne in colonnes:
        total += colonne
    return total


def quotas_nationaux(foyers: int) -> Quotas:
    """The quotas of one group of that many foyers: its shares, and ALS for whom the roundings leave out."""
    nombres = {nom: round(part * foyers) for nom, part in PARTS_NATIONALES.items()}
    sans_als = sum(nombres[droit] for droit in ("af", "rsa", "aah", "prime_activite", "apl"))
    nombres["als"] = max(nombres["als"], foyers - sans_als)
    return {nom: np.array([nombre]) for nom, nombre in nombres.items()}


def composer(groupe: Entiers, quotas: Quotas, alea: Alea, precarite: Reels | None = None) -> Foyers:
    """Draw the foyers and their rights, with the exact numbers of `quotas` in each group.

    `groupe` gives each foyer's group (index in the quotas). `precarite`, around 1: how much more often than
    elsewhere the foyers of a place are poor. Every foyer has a right: raises `ValueError` when the quotas of
    a group cannot make that true.
    """
    tirage = _Tirage(groupe, quotas, alea, precarite)
    tirage.familles()
    tirage.droits_des_enfants()
    tirage.droits_du_revenu()
    return tirage.foyers()


class _Tirage:
    """The draws of one batch, in an order on which its bytes depend."""

    def __init__(self, groupe: Entiers, quotas: Quotas, alea: Alea, precarite: Reels | None) -> None:
        self.groupe, self.alea, self.n = groupe, alea, len(groupe)
        self.quotas = {**quotas, "al": quotas["apl"] + quotas["als"]}
        self.tous = np.ones(self.n, np.bool_)
        self.aisance = alea.uniforme(self.n)
        self.pauvre = (1.0 - self.aisance) * (1.0 if precarite is None else precarite)
        self.droits: dict[str, Drapeaux] = {}

    def tirer(self, nom: str, eligibles: Drapeaux, poids: Reels | float = 1.0) -> Drapeaux:
        return retenir(self.groupe, self.quotas[nom], eligibles, poids, self.alea, nom)

    def parmi(self, eligibles: Drapeaux, part: Reels | float) -> Drapeaux:
        return eligibles & (self.alea.uniforme(self.n) < part)

    def familles(self) -> None:
        self.famille = famille = self.tirer("famille", self.tous)
        self.mono = self.tirer("monoparentale", famille, 0.4 + self.pauvre)
        couple_sans_enfant = self.tirer("couple_sans_enfant", ~famille)
        self.fratrie = self.tirer("fratrie", famille, np.where(self.mono, 0.7, 1.0))
        self.trois = self.tirer("trois", self.fratrie)
        quatre = self.tirer("quatre", self.trois)
        cinq = self.tirer("cinq", quatre)
        six = self.tirer("six", cinq)
        self.nb_enfants = somme((famille, self.fratrie, self.trois, quatre, cinq, six), self.n)
        self.couple = (famille & ~self.mono) | couple_sans_enfant
        self.autre_personne = self.tirer("autre_personne", self.tous, np.where(famille, 0.3, 1.0))

    def droits_des_enfants(self) -> None:
        droits, famille, mono, n = self.droits, self.famille, self.mono, self.n
        # From three children on, there are nearly always two under 20.
        droits["af"] = self.tirer("af", self.fratrie, np.where(self.trois, 50.0, 1.0))
        paje = self.tirer("paje", famille, np.where(self.fratrie, 1.0, 0.8))
        cmg = self.tirer("paje_cmg", paje, 0.1 + self.aisance * np.where(self.couple, 2.0, 1.0))
        droits["paje_cmg"], hors_cmg = cmg, paje & ~cmg
        droits["paje_naissance"] = self.parmi(paje, 0.04)
        droits["paje_prepare"] = self.parmi(paje, np.where(cmg, 0.03, 0.14))
        droits["paje_base"] = self.parmi(hors_cmg, 0.96) | self.parmi(cmg, 0.45)
        droits["paje_base"] |= hors_cmg & ~droits["paje_naissance"] & ~droits["paje_prepare"]
        self.ages = ages = _ages(self.nb_enfants, self.fratrie, paje, droits, self.alea)
        moins_de_20 = ((ages >= 0) & (ages < 20)).sum(axis=1)
        droits["asf"] = self.tirer("asf", mono | self.parmi(famille, 0.02), np.where(mono, 1.0, 0.3))
        deux_aeeh = self.tirer("aeeh_deux", moins_de_20 > 1)
        plus_probable = np.where(ages[:, 0] >= 4, 1.0, 0.3)
        aeeh = deux_aeeh | self.tirer("aeeh", (moins_de_20 > 0) & ~deux_aeeh, plus_probable)
        self.nb_aeeh = somme((aeeh, deux_aeeh), n)
        droits["aeeh"] = aeeh
        droits["cf"] = droits["af"] & self.trois & (ages[:, 0] >= 3) & (self.aisance < 0.75)
        self.couvert = droits["af"] | paje | droits["asf"] | aeeh

    def tirer_en_couvrant(self, nom: str, eligibles: Drapeaux, poids: Reels) -> Drapeaux:
        """Draw first the foyers without a right that later draws cannot cover."""
        ordre, quota = ("rsa", "aah", "prime_activite", "al"), self.quotas[nom]
        reste = sum((self.quotas[p] for p in ordre[ordre.index(nom) + 1 :]), np.zeros_like(quota))
        a_couvrir = np.bincount(self.groupe[~self.couvert], minlength=len(reste)) - reste
        d_abord = np.clip(a_couvrir, 0, quota)
        choisis = retenir(self.groupe, d_abord, eligibles & ~self.couvert, poids, self.alea, nom)
        choisis |= retenir(self.groupe, quota - d_abord, eligibles & ~choisis, poids, self.alea, nom)
        self.couvert = self.couvert | choisis
        return choisis

    def droits_du_revenu(self) -> None:
        droits, famille, couple, pauvre = self.droits, self.famille, self.couple, self.pauvre
        poids_alf = np.where(famille, 1.0, 0.15) * (0.05 + pauvre)
        droits["alf"] = self.tirer("alf", famille | couple, poids_alf)
        self.couvert |= droits["alf"]
        poids_rsa = (0.01 + pauvre * pauvre * pauvre) * np.where(self.mono, 1.6, 1.0)
        rsa = self.tirer_en_couvrant("rsa", self.tous, poids_rsa)
        poids_aah = (0.2 + pauvre) * np.where(famille, 0.15, np.where(couple, 0.5, 1.0))
        aah = self.tirer_en_couvrant("aah", ~rsa, poids_aah)
        poids_prime = np.clip(1.1 - 1.6 * np.abs(self.aisance - 0.42), 0.03, 1.0)
        poids_prime = poids_prime * np.where(aah, 0.25, np.where(self.couvert, 1.8, 1.0))
        prime = self.tirer_en_couvrant("prime_activite", ~rsa, poids_prime)
        # The housing benefits follow the income: nearly all at the RSA, few at the AF alone.
        poids_al = (0.1 + pauvre) * np.where(rsa, 4.0, np.where(aah | ~self.couvert, 2.5, 1.0))
        al = self.tirer_en_couvrant("al", ~droits["alf"], poids_al)
        seul = al & ~famille & ~couple & ~(rsa | aah | prime)
        self.etudiant = self.parmi(seul, 0.6)
        self.ages_hauts = self.parmi(seul & ~self.etudiant, 0.6) | self.parmi(aah & ~famille, 0.18)
        if not self.couvert.all():
            sans_droit = int((~self.couvert).sum())
            raise ValueError(f"{sans_droit} foyers have no right: the quotas are too small")
        droits |= {"rsa": rsa, "aah": aah, "prime_activite": prime}
        droits["apl"] = self.tirer("apl", al, np.where(self.etudiant, 0.6, 1.0))
        droits["als"] = al & ~droits["apl"]
        droits["ajpp"] = self.parmi(droits["aeeh"], 0.02)
        droits["ajpa"] = self.parmi(~self.etudiant, 0.0003)
        droits["ars"] = np.zeros(self.n, np.bool_)

    def foyers(self) -> Foyers:
        return Foyers(
            groupe=self.groupe,
            aisance=self.aisance,
            couple=self.couple,
            nb_enfants=self.nb_enfants,
            autre_personne=self.autre_personne,
            ages=self.ages,
            nb_aeeh=self.nb_aeeh,
            droits=self.droits,
            reference=~self.etudiant & ~self.ages_hauts,
            connues=self.tous,
            droit_versable=self.tous,
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


def _par_colonne(lots: Sequence[Foyers], faire: Callable[[list[Any]], Any]) -> Foyers:
    colonnes: dict[str, Any] = {}
    for champ in dataclasses.fields(Foyers):
        valeurs = [getattr(lot, champ.name) for lot in lots]
        if isinstance(valeurs[0], dict):
            colonnes[champ.name] = {cle: faire([v[cle] for v in valeurs]) for cle in valeurs[0]}
        else:
            colonnes[champ.name] = faire(valeurs)
    return Foyers(**colonnes)


def reunir(lots: Sequence[Foyers]) -> Foyers:
    """Several batches as one, in the order given."""
    return _par_colonne(lots, np.concatenate)


def ordonner(foyers: Foyers, ordre: Entiers) -> Foyers:
    """The foyers of `ordre` (ranks), in that order."""
    return _par_colonne([foyers], lambda valeurs: valeurs[0][ordre])
