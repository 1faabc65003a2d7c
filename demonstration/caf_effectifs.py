"""Foyers of each kind in each commune of the Drôme, as the demonstration's Cafdata allows them."""

import csv
import io
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from demonstration import cnaf_allocataires, faits
from demonstration.faits import BARONNIES, DROME, Territoire
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


def fenetre(valeur: int) -> tuple[int, int]:
    """The counts that a rounded figure can stand for, whichever way it was rounded."""
    return max(0, valeur - _ECART), valeur + _ECART


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

    def arrondis(self, champ: str) -> list[int]:
        """What Cafdata prints for each commune; an absent one had nobody to print."""
        return [self.cafdata.communes.get(c.code, {}).get(champ, 0) for c in self.communes]

    def compter(self, champ: str, bas: list[int], haut: list[int], baronnies: int | None = None) -> list[int]:
        """Counts near to Cafdata's, within `bas` and `haut`, that its three levels allow."""
        voulus, bornes = [], []
        for i, (c, v) in enumerate(zip(self.communes, self.arrondis(champ), strict=True)):
            mini, maxi = fenetre(v)
            mini, maxi = min(max(mini, bas[i]), haut[i]), min(maxi, haut[i])
            bornes.append((mini, max(mini, maxi)))
            voulus.append(v + tirage(f"effectif {champ} {c.code}", -_ECART, _ECART))
        sirens = sorted(self.membres)
        sommes, bornes_epci = [], []
        for siren in sirens:
            mini = sum(bornes[i][0] for i in self.membres[siren])
            maxi = sum(bornes[i][1] for i in self.membres[siren])
            if siren in self.entiers:
                publie = fenetre(self.cafdata.epci[siren][champ])
                mini, maxi = max(mini, publie[0]), min(maxi, publie[1])
            if siren == BARONNIES and baronnies is not None:
                mini = maxi = baronnies
            bornes_epci.append((mini, maxi))
            sommes.append(sum(voulus[i] for i in self.membres[siren]))
        resultat = [0] * len(self.communes)
        totaux = ajuster(self.cafdata.departement[champ], sommes, bornes_epci)
        for siren, total in zip(sirens, totaux, strict=True):
            places = self.membres[siren]
            valeurs = ajuster(total, [voulus[i] for i in places], [bornes[i] for i in places])
            for i, valeur in zip(places, valeurs, strict=True):
                resultat[i] = valeur
        return resultat

    def partager(
        self,
        total: int,
        baronnies: int,
        poids: list[int],
        bornes: list[tuple[int, int]],
    ) -> list[int]:
        """Share out what Cafdata does not print: `baronnies` there, the rest of `total` elsewhere."""
        resultat = [0] * len(self.communes)
        du_ctg = self.membres[BARONNIES]
        ailleurs = [i for i in range(len(self.communes)) if i not in set(du_ctg)]
        for places, somme in ((du_ctg, baronnies), (ailleurs, total - baronnies)):
            parts = repartir(somme, {str(i): poids[i] for i in places})
            valeurs = ajuster(somme, [parts[str(i)] for i in places], [bornes[i] for i in places])
            for i, valeur in zip(places, valeurs, strict=True):
                resultat[i] = valeur
        return resultat


def cible(nom: str, annee: int = ANNEE_CAFDATA, territoire: str = f"epci:{BARONNIES}") -> int:
    """Return the count that a mesure must have, in the Baronnies unless another territoire is named."""
    return round(cibles()[nom, territoire, annee])


def effectifs_2022() -> Effectifs:
    """Counts of each attribute by commune (in the order of `communes()`), for `foyers.composer`."""
    r = _Repartition()
    zero = [0] * len(r.communes)
    sans_foyer = [0 if c.code in _SANS_FOYER else 10**9 for c in r.communes]
    au_moins = [-(-fenetre(p)[0] // _PERSONNES_MAX) for p in r.arrondis("indnbp_ndur")]
    n = r.compter("indfoy_ndur", au_moins, sans_foyer, cible("foyers_allocataires"))
    e: Effectifs = {"foyers": n}
    # Whom the families count besides the person in charge must fit in the persons that Cafdata prints.
    place = [max(0, fenetre(p)[1] - k) for p, k in zip(r.arrondis("indnbp_ndur"), n, strict=True)]
    e["af"] = r.compter("indfoy_af", zero, [min(k // 2, p // 3) for k, p in zip(n, place, strict=True)])
    place = [p - af for p, af in zip(place, e["af"], strict=True)]
    e["paje"] = r.compter(
        "indfoy_ndurpaje", zero, [min(k - k // 4, p // 2) for k, p in zip(n, place, strict=True)]
    )
    e["paje_cmg"] = r.compter("indfoy_cmg", zero, e["paje"])
    e["asf"] = r.compter("indfoy_asf", zero, [min(k // 2, p // 2) for k, p in zip(n, place, strict=True)])
    e["rsa"] = r.compter("indfoy_rsa", zero, n, cible("foyers_rsa"))
    reste = [k - rsa for k, rsa in zip(n, e["rsa"], strict=True)]
    e["prime_activite"] = r.compter("indfoy_ppa", zero, reste)
    _aides_au_logement(r, e, place)
    _structure(r, e)
    _handicap(r, e, reste)
    return e


def _aides_au_logement(r: _Repartition, e: Effectifs, place: list[int]) -> None:
    zero = [0] * len(r.communes)
    imprimes = (r.arrondis("indfoy_alf"), r.arrondis("indfoy_als"))
    al = r.compter("indfoy_ndural", zero, e["foyers"], cible("foyers_aide_logement"))
    # What is no APL must leave room for what Cafdata prints of the two others.
    fenetres = [(fenetre(alf), fenetre(als)) for alf, als in zip(*imprimes, strict=True)]
    apl_min = [max(0, k - alf[1] - als[1]) for k, (alf, als) in zip(al, fenetres, strict=True)]
    apl_max = [max(0, k - alf[0] - als[0]) for k, (alf, als) in zip(al, fenetres, strict=True)]
    e["apl"] = r.compter("indfoy_apl", apl_min, apl_max)
    e["alf"], e["als"] = [], []
    for i, (alf, als) in enumerate(zip(*imprimes, strict=True)):
        autres = al[i] - e["apl"][i]
        bas, haut = fenetre(als)
        voulu = alf + tirage(f"effectif alf {r.communes[i].code}", -1, 1)
        valeur = min(max(voulu, autres - haut, 0), max(autres - bas, 0), autres, max(0, place[i] - 1))
        e["alf"].append(valeur)
        e["als"].append(autres - valeur)


def _structure(r: _Repartition, e: Effectifs) -> None:
    """Families, their children and partners, so that the persons covered are those of Cafdata."""
    n, places = e["foyers"], range(len(r.communes))
    du_ctg = [c.epci == BARONNIES for c in r.communes]
    # At least this many families, of which the couples, the only children and the siblings count too.
    minimum = [max(e["af"][i], e["paje"][i], e["asf"][i], (e["alf"][i] + 1) // 2) for i in places]
    personnes_min = [n[i] + 2 * minimum[i] - e["asf"][i] + e["af"][i] for i in places]
    personnes_max = [_PERSONNES_MAX * k for k in n]
    personnes = r.compter("indnbp_ndur", personnes_min, personnes_max, cible("personnes_couvertes_extrait"))
    extra = [personnes[i] - n[i] for i in places]
    familles_baronnies = cible("familles_allocataires")
    total = familles_baronnies + round(_PART_FAMILLES * sum(k for i, k in enumerate(n) if not du_ctg[i]))
    bornes = [
        (minimum[i], max(minimum[i], min(n[i], (extra[i] - e["af"][i] + e["asf"][i]) // 2))) for i in places
    ]
    familles = r.partager(total, familles_baronnies, extra, bornes)
    mono_total = round(cibles()["part_monoparentales", f"departement:{DROME}", ANNEE_CAFDATA] * total / 100)
    mono = r.partager(
        mono_total,
        cible("familles_monoparentales"),
        familles,
        [(e["asf"][i], familles[i]) for i in places],
    )
    e["famille"], e["monoparentale"] = familles, mono
    for nom in ("fratrie", "trois", "quatre", "cinq", "six", "couple_sans_enfant", "autre_personne"):
        e[nom] = []
    for i in places:
        reste = extra[i] - 2 * familles[i] + mono[i]
        agee = round(_FRATRIES_AGEES[du_ctg[i]] * familles[i])
        fratrie = e["af"][i] + max(0, min(agee, familles[i] - e["af"][i], reste - e["af"][i]))
        reste -= fratrie
        sup = max(0, min(round(_ENFANTS_SUPPLEMENTAIRES[du_ctg[i]] * fratrie), reste))
        trois = min(fratrie, -(-3 * sup // 4))
        quatre = min(trois, -(-7 * (sup - trois) // 10))
        cinq = min(quatre, -(-3 * (sup - trois - quatre) // 4))
        six = min(cinq, sup - trois - quatre - cinq)
        reste -= trois + quatre + cinq + six
        couples = max(0, min(reste - min(reste, n[i] // 80), n[i] - familles[i]))
        for nom, valeur in (
            ("fratrie", fratrie),
            ("trois", trois),
            ("quatre", quatre),
            ("cinq", cinq),
            ("six", six),
            ("couple_sans_enfant", couples),
            ("autre_personne", reste - couples),
        ):
            e[nom].append(valeur)


def _handicap(r: _Repartition, e: Effectifs, sans_rsa: list[int]) -> None:
    places = range(len(r.communes))
    du_ctg = r.membres[BARONNIES]
    # Where nothing else could cover every foyer, the AAH does.
    bornes = [
        (
            max(
                0,
                e["foyers"][i] - sum(e[droit][i] for droit in ("af", "rsa", "prime_activite", "apl", "als")),
            ),
            sans_rsa[i],
        )
        for i in places
    ]
    total = r.cafdata.departement["indfoy_aah"]
    baronnies = round(_PART_AAH_BARONNIES * sum(e["foyers"][i] for i in du_ctg))
    e["aah"] = r.partager(total, baronnies, e["foyers"], bornes)
    enfants = r.cafdata.departement["indben_aeeh"]
    foyers = sum(e["af"])
    part = round(enfants * sum(e["af"][i] for i in du_ctg) / foyers)
    aeeh = r.partager(enfants, part, e["af"], [(0, a) for a in e["af"]])
    e["aeeh_deux"] = [a // 20 for a in aeeh]
    e["aeeh"] = [a - 2 * deux for a, deux in zip(aeeh, e["aeeh_deux"], strict=True)]


def effectifs_2017(base: Effectifs) -> Effectifs:
    """Counts of five years before, invented from those of 2022: more families, fewer of one parent."""
    e = {nom: [_avant(nom, c.code, v) for c, v in zip(communes(), base[nom], strict=True)] for nom in base}
    for i in range(len(communes())):

        def borner(nom: str, bas: int, haut: int, i: int = i) -> int:
            e[nom][i] = min(max(e[nom][i], bas), haut)
            return e[nom][i]

        n = e["foyers"][i]
        famille = borner("famille", 0, n)
        fratrie = borner("fratrie", 0, famille)
        af = borner("af", 0, fratrie)
        mono = borner("monoparentale", 0, famille)
        borner("asf", 0, mono)
        for nom, parent in (("trois", "fratrie"), ("quatre", "trois"), ("cinq", "quatre"), ("six", "cinq")):
            borner(nom, 0, e[parent][i])
        couples = borner("couple_sans_enfant", 0, n - famille)
        borner("autre_personne", 0, n)
        paje = borner("paje", 0, famille)
        borner("paje_cmg", 0, paje)
        aeeh = borner("aeeh", 0, af)
        borner("aeeh_deux", 0, aeeh // 2)
        rsa = borner("rsa", 0, n)
        alf = borner("alf", 0, min(famille + couples, n))
        prime = borner("prime_activite", 0, n - rsa)
        borner("apl", 0, n - alf)
        als = borner("als", 0, n - alf - e["apl"][i])
        borner("aah", max(0, n - af - rsa - prime - e["apl"][i] - als), n - rsa)
    return e


_EVOLUTION = {
    "foyers": 102, "famille": 118, "fratrie": 120, "af": 119, "trois": 118, "monoparentale": 104, "paje": 113,
    "aah": 94, "aeeh": 85, "prime_activite": 84, "rsa": 106, "apl": 104, "alf": 110, "als": 103,
}  # fmt: skip


def _avant(nom: str, code: str, valeur: int) -> int:
    pourcent = _EVOLUTION.get(nom, 100) + tirage(f"2017 {nom} {code}", -4, 4)
    return (valeur * pourcent + tirage(f"2017 reste {nom} {code}", 0, 99)) // 100
