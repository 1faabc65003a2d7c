"""Invented foyers allocataires, by level and by quotient familial; targets come from `calibration.csv`."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cache

from demonstration import faits
from demonstration.faits import BARONNIES, DROME, Territoire
from demonstration.formats import majuscules, texte_csv
from demonstration.invention import cibles, repartir, tirage, ventiler

_ANNEES = range(2020, 2025)
_ARRONDI = 5
_ANNEE_CALEE = 2022
_FOYERS_PAR_HABITANT = Fraction(19, 100)
# Header, then what the mesure is worth for a foyer allocataire where there is no target, and how it
# moves each year around the calibrated one (invented).
_MESURES = {
    "personnes_couvertes": ("indnbp_ndur", Fraction(245, 100), Fraction(-9, 1000)),
    "foyers_paje": ("indfoy_ndurpaje", Fraction(10, 100), Fraction(-30, 1000)),
    "foyers_af": ("indfoy_af", Fraction(24, 100), Fraction(-15, 1000)),
    "foyers_aide_logement": ("indfoy_ndural", Fraction(42, 100), Fraction(-25, 1000)),
    "foyers_rsa": ("indfoy_rsa", Fraction(11, 100), Fraction(-28, 1000)),
    "foyers_prime_activite": ("indfoy_ppa", Fraction(37, 100), Fraction(8, 1000)),
    "foyers_cmg": ("indfoy_cmg", Fraction(5, 100), Fraction(-20, 1000)),
    "foyers_asf": ("indfoy_asf", Fraction(7, 100), Fraction(10, 1000)),
    "foyers_aah": ("indfoy_aah", Fraction(9, 100), Fraction(12, 1000)),
    "enfants_aeeh": ("indben_aeeh", Fraction(3, 100), Fraction(40, 1000)),
}
_SANS_HANDICAP = [m for m in _MESURES if m not in ("foyers_aah", "enfants_aeeh")]
# A foyer has one housing benefit: what each weighs among them, as bounds of a draw.
_AIDES_LOGEMENT = {"indfoy_apl": (45, 60), "indfoy_als": (25, 35), "indfoy_alf": (12, 20)}
_DERIVE_DES_FOYERS = Fraction(-6, 1000)
# Weight of each class of quotient familial, as bounds of a draw.
_TRANCHES_QF = {
    "Moins de 400 euros": (15, 24),
    "Entre 400 et 799 euros": (28, 36),
    "Entre 800 et 1199 euros": (18, 26),
    "Entre 1200 et 1599 euros": (8, 13),
    "Entre 1600 et 1999 euros": (4, 7),
    "Entre 2000 et 3999 euros": (3, 7),
    "4000 euros ou plus": (0, 2),
    "Inconnu": (3, 7),
}
_PRESTATIONS = (
    "ndur ndurpaje pn ab cmg prepare ndurej af cf ars asf ndurhd aah aeeh ajpa ajpp "
    "ndural alf als apl ndurins rsa ppa rso ndurint ami adi cdi"
)
_HANDICAP = ("ndurhd", "aah", "aeeh", "ajpa", "ajpp")
# The EPCI that the file writes twice, the one of which it holds a technical line of one foyer.
_EPCI_REPETE, _EPCI_TECHNIQUE = "200040459", "200040491"

Comptes = dict[str, int]


def _champs(handicap: bool) -> list[str]:
    """The portal's fields, in its order; the communal file has none of the handicap's."""
    return [
        f"ind{quoi}_{prestation}"
        for prestation in _PRESTATIONS.split()
        if handicap or prestation not in _HANDICAP
        for quoi in ("foy", "ben", "nbp", "mtt")
        if quoi != "ben" or prestation in _HANDICAP[1:]
    ]


def _attendu(mesure: str, territoire: str, membres: Sequence[Territoire], annee: int) -> Fraction:
    """Total of a mesure over `membres`, in units of the rounding: its target, or a share of the foyers."""
    if mesure == "foyers_allocataires":
        defaut = _FOYERS_PAR_HABITANT * sum(c.pmun[2022] for c in membres) / _ARRONDI
        derive = _DERIVE_DES_FOYERS
    else:
        _, par_foyer, derive = _MESURES[mesure]
        part = cibles().get((f"part_{mesure}", territoire, _ANNEE_CALEE))
        foyers = _attendu("foyers_allocataires", territoire, membres, _ANNEE_CALEE)
        defaut = foyers * (part / 100 if part else par_foyer)
    cible = cibles().get((mesure, territoire, _ANNEE_CALEE))
    return (cible / _ARRONDI if cible else defaut) * (1 + derive * (annee - _ANNEE_CALEE))


def _repartition(
    mesure: str, communes: Sequence[Territoire], base: Mapping[str, int], ecart: int, annee: int
) -> dict[str, int]:
    """Share out a mesure over the communes as `base` is, each one up to `ecart` % away from it."""

    def poids(c: Territoire) -> int:
        propre = tirage(f"{mesure} {c.code}", 100 - ecart, 100 + ecart)
        return base[c.code] * propre * tirage(f"{mesure} {c.code} {annee}", 97, 103)

    return ventiler(communes, lambda territoire, membres: _attendu(mesure, territoire, membres, annee), poids)


def _par_commune(communes: Sequence[Territoire], annee: int) -> dict[str, Comptes]:
    """Counts of each commune by header, in units of the rounding."""
    habitants = {c.code: c.pmun[2022] for c in communes}
    foyers = _repartition("foyers_allocataires", communes, habitants, 30, annee)
    comptes = {c.code: {"indfoy_ndur": foyers[c.code]} for c in communes}
    for mesure in _SANS_HANDICAP:
        # Narrower for the persons: a foyer holds at least one.
        ecart = 10 if mesure == "personnes_couvertes" else 30
        for code, valeur in _repartition(mesure, communes, foyers, ecart, annee).items():
            comptes[code][_MESURES[mesure][0]] = valeur
    for code, valeurs in comptes.items():
        poids = {champ: tirage(f"{champ} {code}", *bornes) for champ, bornes in _AIDES_LOGEMENT.items()}
        valeurs |= repartir(valeurs["indfoy_ndural"], poids)
    return comptes


def _d_alors(comptes: Mapping[str, Comptes], annee: int) -> tuple[list[Territoire], dict[str, Comptes]]:
    """Communes of 1 January after a December, as the portal writes it, and their counts.

    Communes merged since share the count of the merger, by population.
    """
    fusions, alors = faits.fusions(annee + 1), faits.communes(annee + 1)
    ensemble: dict[str, list[Territoire]] = {}
    for c in alors:
        ensemble.setdefault(fusions.get(c.code, c.code), []).append(c)
    parts: dict[str, Comptes] = {}
    for apres, membres in ensemble.items():
        habitants = {c.code: c.pmun[max(c.pmun)] for c in membres}
        repartis = {f: repartir(n, habitants) for f, n in comptes[apres].items()}
        for c in membres:
            parts[c.code] = {f: valeurs[c.code] for f, valeurs in repartis.items()}
    return alors, parts


def _absente(c: Territoire, foyers: int, annee: int) -> bool:
    """A commune with nobody is absent, one with 1 or 2 foyers may read 0: both must be met."""
    complete = c.epci == BARONNIES and annee == _ANNEE_CALEE
    return foyers == 0 and not complete and bool(tirage(f"commune absente {c.code} {annee}", 0, 1))


def _lignes_communes(parts: Mapping[int, Mapping[str, Comptes]]) -> bytes:
    champs, lignes = _champs(handicap=False), list[list[object]]()
    for annee, ensemble in parts.items():
        communes, comptes = _d_alors(ensemble, annee)
        for c in communes:
            siens = comptes[c.code]
            if _absente(c, siens["indfoy_ndur"], annee):
                continue
            # A foyer has one housing benefit.
            siens["indfoy_ndural"] = sum(siens[f] for f in _AIDES_LOGEMENT)
            valeurs = [_ARRONDI * siens[f] if f in siens else "" for f in champs]
            lignes.append([f"{annee}-12", c.code, majuscules(c.libelle), *valeurs])
    return texte_csv(["dtreffre", "numcomdo", "nomcom", *champs], lignes, ";")


def _lignes_quotient_familial(parts: Mapping[int, Mapping[str, Comptes]]) -> bytes:
    """A class without any foyer has no line; one of 1 or 2 may be rounded to 0, as in a part of a commune."""
    lignes = []
    for annee, comptes in parts.items():
        fusions = faits.fusions(annee + 1)
        ensemble, personnes = dict[str, Comptes](), dict[str, Comptes]()
        for code, siens in comptes.items():
            poids = {
                t: tirage(f"quotient familial {t} {code}", *bornes) for t, bornes in _TRANCHES_QF.items()
            }
            ensemble[code] = repartir(siens["indfoy_ndur"], poids)
            classes = ensemble[code] if any(ensemble[code].values()) else poids
            personnes[code] = repartir(siens["indnbp_ndur"], classes)
        communes, foyers = _d_alors(ensemble, annee)
        _, personnes = _d_alors(personnes, annee)
        lignes += [
            [f"{annee}-12", c.code, tranche, _ARRONDI * n, _ARRONDI * personnes[c.code][tranche]]
            for c in communes
            for tranche, n in foyers[c.code].items()
            if ensemble[fusions.get(c.code, c.code)][tranche]
        ]
    return texte_csv(["dtreffre", "numcomdo", "qf_400", "indfoy_ndur", "indnbp_ndur"], lignes, ";")


def _somme(comptes: Mapping[str, Comptes], membres: Sequence[Territoire]) -> Comptes:
    """Totals over `membres`, in units of the rounding."""
    return {f: sum(comptes[c.code][f] for c in membres) for f in comptes[membres[0].code]}


def _lignes_epci(communes: Sequence[Territoire], parts: Mapping[int, Mapping[str, Comptes]]) -> bytes:
    """Rounded once: not what rounded communes sum to, but in the Baronnies."""
    champs = list(_somme(parts[_ANNEE_CALEE], communes))
    lignes: list[list[object]] = []
    for annee, comptes in parts.items():
        for siren in faits.epci(2024):
            somme = _somme(comptes, [c for c in communes if c.epci == siren])
            for f in champs if siren != BARONNIES else ():
                somme[f] += tirage(f"arrondi {f} {siren} {annee}", -2, 2)
            lignes.append([f"{annee}-12", siren, *(_ARRONDI * somme[f] for f in champs)])
            if siren == _EPCI_REPETE:
                lignes.append(lignes[-1])
            elif siren == _EPCI_TECHNIQUE:
                lignes.append([f"{annee}-12", siren, 1, 1, *(0 for _ in champs[2:])])
        lignes.append([f"{annee}-12", "XX", *(_ARRONDI for _ in champs)])
    return texte_csv(["dtreffre", "numepci", *champs], lignes, ";")


def _exacts(territoire: str, base: Comptes, annee: int, mois: int) -> Comptes:
    """Counts that nobody rounded, a little away from `base` (in units); the handicap's are added."""
    comptes = {
        f: _ARRONDI * v + tirage(f"exact {f} {territoire} {annee} {mois}", -9, 9) for f, v in base.items()
    }
    # A foyer has one housing benefit, so the three kinds sum to the whole wherever nothing is rounded.
    comptes["indfoy_ndural"] = sum(comptes[champ] for champ in _AIDES_LOGEMENT)
    for mesure in ("foyers_aah", "enfants_aeeh"):
        champ, par_foyer, derive = _MESURES[mesure]
        comptes[champ] = round(comptes["indfoy_ndur"] * par_foyer * (1 + derive * (annee - _ANNEE_CALEE)))
    return comptes


def _lignes_departement(communes: Sequence[Territoire], parts: Mapping[int, Mapping[str, Comptes]]) -> bytes:
    """The Drôme alone: the neighbours' files would need communes that are not here. Two months a year."""
    champs = _champs(handicap=True)
    lieu = [DROME, majuscules(faits.DEPARTEMENTS[DROME]), "84", majuscules(faits.REGIONS["84"])]
    lignes = []
    for annee, comptes in parts.items():
        base = _somme(comptes, [c for c in communes if c.departement == DROME])
        for mois in (6, 12):
            exacts = _exacts(f"departement:{DROME}", base, annee, mois)
            valeurs = [exacts.get(f, "") for f in champs]
            lignes.append([f"{annee}-{mois:02d}", *lieu, *valeurs, f"{lieu[3]}/{lieu[1]}"])
    entete = ["dtreffre", "numdep", "nomdep", "numregi", "nomregi", *champs, "lieures"]
    return texte_csv(entete, lignes, ";")


def _lignes_france() -> bytes:
    lignes = []
    champs: list[str] = []
    for annee in _ANNEES:
        base = {"indfoy_ndur": round(_attendu("foyers_allocataires", "france:FR", [], annee))}
        for mesure in _SANS_HANDICAP:
            base[_MESURES[mesure][0]] = round(_attendu(mesure, "france:FR", [], annee))
        base |= repartir(base["indfoy_ndural"], {f: sum(b) for f, b in _AIDES_LOGEMENT.items()})
        for mois in (6, 12):
            exacts = _exacts("france:FR", base, annee, mois)
            champs = list(exacts)
            lignes.append([f"{annee}-{mois:02d}", *exacts.values()])
    return texte_csv(["dtreffre", *champs], lignes, ";")


@cache
def fichiers() -> dict[str, bytes]:
    """Every file of foyers allocataires: path in the mirror to content. The extract is fitted to them."""
    communes = faits.communes(2025)
    parts = {annee: _par_commune(communes, annee) for annee in _ANNEES}
    contenus = {
        "s_ben_com_f.csv": _lignes_communes(parts),
        "s_ben_epci_f.csv": _lignes_epci(communes, parts),
        "s_ben_dep.csv": _lignes_departement(communes, parts),
        "s_ben_nat.csv": _lignes_france(),
        "ndur_s_qf_400_com_f.csv": _lignes_quotient_familial(parts),
    }
    return {f"cnaf/cafdata/{nom}": contenu for nom, contenu in contenus.items()}
