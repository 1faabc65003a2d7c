"""Foyers of each kind in each commune of the Drôme, as the demonstration's Cafdata allows them."""

import csv
import io
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from demonstration import cnaf_allocataires, faits
from demonstration.faits import BARONNIES, DROME, Territoire
from demonstration.hasard import Entiers
from demonstration.invention import ajuster, cibles, repartir, tirage

ANNEE_CAFDATA = 2022
CLASSES_QF = (
    "Moins de 400 euros",
    "Entre 400 et 799 euros",
    "Entre 800 et 1199 euros",
    "Entre 1200 et 1599 euros",
    "Entre 1600 et 1999 euros",
    "Entre 2000 et 3999 euros",
    "4000 euros ou plus",
)
QF_INCONNU = "Inconnu"
# A count rounded to the nearest multiple of 5 is within 2 of it, whichever rounding the producer uses.
_ECART = 2
# Invented shares: families among the foyers outside the Baronnies (many, as Cafdata's persons are), AAH
# inside; then, inside or not, siblings of whom one has passed 20 among the families, and third and later
# children among the families of several.
_PART_FAMILLES = 0.54
_PART_AAH_BARONNIES = 0.122
_FRATRIES_AGEES = {True: 0.07, False: 0.09}
_ENFANTS_SUPPLEMENTAIRES = {True: 0.255, False: 0.31}
# Persons a foyer of a village can count on average.
_PERSONNES_MAX = 3
# Villages of the Baronnies where nobody has a right.
_SANS_FOYER = ("26018", "26150")

Effectifs = dict[str, list[int]]


@dataclass(frozen=True)
class Cafdata:
    """What the files of the demonstration print for December of the year, by header."""

    communes: Mapping[str, Mapping[str, int]]
    epci: dict[str, dict[str, int]]
    departement: dict[str, int]
    quotient_familial: Mapping[str, Mapping[str, int]]


def _lignes(octets: bytes) -> list[dict[str, str]]:
    lecteur = csv.DictReader(io.StringIO(octets.decode()), delimiter=";")
    return [ligne for ligne in lecteur if ligne["dtreffre"] == f"{ANNEE_CAFDATA}-12"]


def _comptes(ligne: dict[str, str]) -> dict[str, int]:
    return {nom: int(v) for nom, v in ligne.items() if nom.startswith("ind") and v}


@cache
def cafdata() -> Cafdata:
    """The figures of December `ANNEE_CAFDATA`: what anybody can read beside the extract."""
    fichiers = {nom.rsplit("/", 1)[1]: octets for nom, octets in cnaf_allocataires.fichiers().items()}
    fusions = faits.fusions(ANNEE_CAFDATA + 1)
    # Of communes that merged since, what they make together.
    qf: dict[str, Counter[str]] = {}
    for ligne in _lignes(fichiers["ndur_s_qf_400_com_f.csv"]):
        code = fusions.get(ligne["numcomdo"], ligne["numcomdo"])
        qf.setdefault(code, Counter())[ligne["qf_400"]] += int(ligne["indfoy_ndur"])
    imprimes: dict[str, Counter[str]] = {}
    for ligne in _lignes(fichiers["s_ben_com_f.csv"]):
        code = fusions.get(ligne["numcomdo"], ligne["numcomdo"])
        imprimes.setdefault(code, Counter()).update(_comptes(ligne))
    return Cafdata(
        imprimes,
        # The technical line of one foyer comes second.
        {ligne["numepci"]: _comptes(ligne) for ligne in reversed(_lignes(fichiers["s_ben_epci_f.csv"]))},
        _comptes(_lignes(fichiers["s_ben_dep.csv"])[0]),
        qf,
    )


@cache
def communes() -> list[Territoire]:
    """The communes of the Drôme in the geography of Cafdata, in the order of codes."""
    return [c for c in faits.communes(2025) if c.departement == DROME]


def fenetre(valeur: Any) -> tuple[Any, Any]:
    """The counts that a rounded figure (or each of several) can stand for, however it was rounded."""
    return np.maximum(0, valeur - _ECART), valeur + _ECART


class _Repartition:
    """Counts by commune, one header of Cafdata after the other, each under the earlier ones."""

    def __init__(self) -> None:
        self.communes = communes()
        self.cafdata = cafdata()
        self.membres: dict[str, list[int]] = {}
        for i, c in enumerate(self.communes):
            self.membres.setdefault(c.epci, []).append(i)
        partout = {c.epci for c in faits.communes(2025) if c.departement != DROME}
        self.entiers = set(self.membres) - partout

    def arrondis(self, champ: str) -> Entiers:
        """What Cafdata prints for each commune; an absent one had nobody to print."""
        return np.array([self.cafdata.communes.get(c.code, {}).get(champ, 0) for c in self.communes])

    def compter(self, champ: str, bas: Entiers, haut: Entiers, baronnies: int | None = None) -> Entiers:
        """Counts near to Cafdata's, within `bas` and `haut`, that its three levels allow."""
        arrondis = self.arrondis(champ)
        ecarts = [tirage(f"effectif {champ} {c.code}", -_ECART, _ECART) for c in self.communes]
        voulus = (arrondis + ecarts).tolist()
        minimum, maximum = fenetre(arrondis)
        minimum = np.minimum(np.maximum(minimum, bas), haut)
        maximum = np.maximum(minimum, np.minimum(maximum, haut))
        sirens = sorted(self.membres)
        sommes, bornes_epci = [], []
        for siren in sirens:
            mini, maxi = (int(bornes[self.membres[siren]].sum()) for bornes in (minimum, maximum))
            if siren in self.entiers:
                publie = fenetre(self.cafdata.epci[siren][champ])
                mini, maxi = max(mini, publie[0]), min(maxi, publie[1])
            if siren == BARONNIES and baronnies is not None:
                mini = maxi = baronnies
            bornes_epci.append((mini, maxi))
            sommes.append(sum(voulus[i] for i in self.membres[siren]))
        resultat = np.zeros(len(self.communes), np.int64)
        totaux = ajuster(self.cafdata.departement[champ], sommes, bornes_epci)
        for siren, total in zip(sirens, totaux, strict=True):
            places = self.membres[siren]
            bornes = [(int(minimum[i]), int(maximum[i])) for i in places]
            resultat[places] = ajuster(total, [voulus[i] for i in places], bornes)
        return resultat

    def partager(self, total: int, baronnies: int, poids: Entiers, bas: Entiers, haut: Entiers) -> Entiers:
        """Share out what Cafdata does not print: `baronnies` there, the rest of `total` elsewhere."""
        resultat = np.zeros(len(self.communes), np.int64)
        du_ctg = self.membres[BARONNIES]
        ailleurs = [i for i in range(len(self.communes)) if i not in set(du_ctg)]
        for places, somme in ((du_ctg, baronnies), (ailleurs, total - baronnies)):
            parts = repartir(somme, {str(i): int(poids[i]) for i in places})
            bornes = [(bas[i], haut[i]) for i in places]
            resultat[places] = ajuster(somme, [parts[str(i)] for i in places], bornes)
        return resultat


def cible(nom: str, annee: int = ANNEE_CAFDATA, territoire: str = f"epci:{BARONNIES}") -> int:
    """Return the count that a mesure must have, in the Baronnies unless another territoire is named."""
    return round(cibles()[nom, territoire, annee])


def effectifs_2022() -> Effectifs:
    """Counts of each attribute by commune (in the order of `communes()`), for `foyers.composer`."""
    r = _Repartition()
    zero = np.zeros(len(r.communes), np.int64)
    sans_foyer = np.array([0 if c.code in _SANS_FOYER else 10**9 for c in r.communes])
    bas, haut = fenetre(r.arrondis("indnbp_ndur"))
    n = r.compter("indfoy_ndur", -(-bas // _PERSONNES_MAX), sans_foyer, cible("foyers_allocataires"))
    e = {"foyers": n}
    # Whom the families count besides the person in charge must fit in the persons that Cafdata prints.
    place = np.maximum(0, haut - n)
    e["af"] = r.compter("indfoy_af", zero, np.minimum(n // 2, place // 3))
    place = place - e["af"]
    e["paje"] = r.compter("indfoy_ndurpaje", zero, np.minimum(n - n // 4, place // 2))
    e["paje_cmg"] = r.compter("indfoy_cmg", zero, e["paje"])
    e["asf"] = r.compter("indfoy_asf", zero, np.minimum(n // 2, place // 2))
    e["rsa"] = r.compter("indfoy_rsa", zero, n, cible("foyers_rsa"))
    e["prime_activite"] = r.compter("indfoy_ppa", zero, n - e["rsa"])
    _aides_au_logement(r, e, place)
    _structure(r, e)
    _handicap(r, e)
    return {nom: nombres.tolist() for nom, nombres in e.items()}


def _aides_au_logement(r: _Repartition, e: dict[str, Entiers], place: Entiers) -> None:
    zero = np.zeros_like(place)
    alf, als = (fenetre(r.arrondis(champ)) for champ in ("indfoy_alf", "indfoy_als"))
    al = r.compter("indfoy_ndural", zero, e["foyers"], cible("foyers_aide_logement"))
    # What is no APL must leave room for what Cafdata prints of the two others.
    apl_min, apl_max = (np.maximum(0, al - alf[bout] - als[bout]) for bout in (1, 0))
    e["apl"] = r.compter("indfoy_apl", apl_min, apl_max)
    autres = al - e["apl"]
    ecarts = np.array([tirage(f"effectif alf {c.code}", -1, 1) for c in r.communes])
    voulus = np.maximum.reduce([r.arrondis("indfoy_alf") + ecarts, autres - als[1], zero])
    plafonds = (np.maximum(autres - als[0], 0), autres, np.maximum(0, place - 1))
    e["alf"] = np.minimum.reduce([voulus, *plafonds])
    e["als"] = autres - e["alf"]


def _structure(r: _Repartition, e: dict[str, Entiers]) -> None:
    """Families, their children and partners, so that the persons covered are those of Cafdata."""
    n, af, asf = e["foyers"], e["af"], e["asf"]
    du_ctg = np.array([c.epci == BARONNIES for c in r.communes])
    # At least this many families, of which the couples, the only children and the siblings count too.
    minimum = np.maximum.reduce([af, e["paje"], asf, (e["alf"] + 1) // 2])
    voulues = cible("personnes_couvertes_extrait")
    extra = r.compter("indnbp_ndur", n + 2 * minimum - asf + af, _PERSONNES_MAX * n, voulues) - n
    familles_baronnies = cible("familles_allocataires")
    total = familles_baronnies + round(_PART_FAMILLES * int(n[~du_ctg].sum()))
    maximum = np.maximum(minimum, np.minimum(n, (extra - af + asf) // 2))
    familles = r.partager(total, familles_baronnies, extra, minimum, maximum)
    mono_total = round(cibles()["part_monoparentales", f"departement:{DROME}", ANNEE_CAFDATA] * total / 100)
    mono = r.partager(mono_total, cible("familles_monoparentales"), familles, asf, familles)

    def part(parts: Mapping[bool, float], de: Entiers) -> Entiers:
        return np.rint(np.where(du_ctg, parts[True], parts[False]) * de).astype(np.int64)

    reste = extra - 2 * familles + mono
    agee = part(_FRATRIES_AGEES, familles)
    fratrie = af + np.maximum(0, np.minimum.reduce([agee, familles - af, reste - af]))
    reste = reste - fratrie
    sup = np.maximum(0, np.minimum(part(_ENFANTS_SUPPLEMENTAIRES, fratrie), reste))
    trois = np.minimum(fratrie, -(-3 * sup // 4))
    quatre = np.minimum(trois, -(-7 * (sup - trois) // 10))
    cinq = np.minimum(quatre, -(-3 * (sup - trois - quatre) // 4))
    six = np.minimum(cinq, sup - trois - quatre - cinq)
    reste = reste - (trois + quatre + cinq + six)
    couples = np.maximum(0, np.minimum(reste - np.minimum(reste, n // 80), n - familles))
    e |= {"famille": familles, "monoparentale": mono, "fratrie": fratrie, "trois": trois, "quatre": quatre}
    e |= {"cinq": cinq, "six": six, "couple_sans_enfant": couples, "autre_personne": reste - couples}


def _handicap(r: _Repartition, e: dict[str, Entiers]) -> None:
    du_ctg, n, af = r.membres[BARONNIES], e["foyers"], e["af"]
    # Where nothing else could cover every foyer, the AAH does.
    couverts = np.add.reduce([e[droit] for droit in ("af", "rsa", "prime_activite", "apl", "als")])
    total = r.cafdata.departement["indfoy_aah"]
    baronnies = round(_PART_AAH_BARONNIES * int(n[du_ctg].sum()))
    e["aah"] = r.partager(total, baronnies, n, np.maximum(0, n - couverts), n - e["rsa"])
    enfants = r.cafdata.departement["indben_aeeh"]
    part = round(enfants * int(af[du_ctg].sum()) / int(af.sum()))
    aeeh = r.partager(enfants, part, af, np.zeros_like(af), af)
    e["aeeh_deux"] = aeeh // 20
    e["aeeh"] = aeeh - 2 * e["aeeh_deux"]


def effectifs_2017(base: Effectifs) -> Effectifs:
    """Counts of five years before, invented from those of 2022: more families, fewer of one parent."""
    e = {
        nom: np.array([_avant(nom, c.code, v) for c, v in zip(communes(), base[nom], strict=True)])
        for nom in base
    }

    def borner(nom: str, haut: Entiers, bas: Entiers | int = 0) -> Entiers:
        e[nom] = np.minimum(np.maximum(e[nom], bas), haut)
        return e[nom]

    n = e["foyers"]
    famille = borner("famille", n)
    fratrie = borner("fratrie", famille)
    af = borner("af", fratrie)
    borner("asf", borner("monoparentale", famille))
    borner("six", borner("cinq", borner("quatre", borner("trois", fratrie))))
    couples = borner("couple_sans_enfant", n - famille)
    borner("autre_personne", n)
    borner("paje_cmg", borner("paje", famille))
    borner("aeeh_deux", borner("aeeh", af) // 2)
    rsa = borner("rsa", n)
    alf = borner("alf", np.minimum(famille + couples, n))
    prime = borner("prime_activite", n - rsa)
    apl = borner("apl", n - alf)
    als = borner("als", n - alf - apl)
    borner("aah", n - rsa, np.maximum(0, n - af - rsa - prime - apl - als))
    return {nom: nombres.tolist() for nom, nombres in e.items()}


_EVOLUTION = {
    "foyers": 102, "famille": 118, "fratrie": 120, "af": 119, "trois": 118, "monoparentale": 104, "paje": 113,
    "aah": 94, "aeeh": 85, "prime_activite": 84, "rsa": 106, "apl": 104, "alf": 110, "als": 103,
}  # fmt: skip


def _avant(nom: str, code: str, valeur: int) -> int:
    pourcent = _EVOLUTION.get(nom, 100) + tirage(f"2017 {nom} {code}", -4, 4)
    return (valeur * pourcent + tirage(f"2017 reste {nom} {code}", 0, 99)) // 100
