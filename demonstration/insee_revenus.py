"""Invented Filosofi: the distribution of incomes, the key figures of 2021, and Filosofi 2 of 2023.

Only columns that a contract reads are filled; published figures come from `calibration.csv`.
"""

import csv
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cache

from demonstration import faits
from demonstration.faits import DROME, Territoire
from demonstration.formats import archive_zip, remplir, texte_csv
from demonstration.invention import cibles, repartir, tirage

_MENAGES_POUR_MILLE = 440
_MENAGES_PUBLIES = 50
_MENAGES_DETAILLES = 1000
# Above the EPCI, only territories whose published figures are restated: nothing is invented there.
_AU_DESSUS = {
    "DEP": (f"departement:{DROME}", DROME, faits.DEPARTEMENTS[DROME]),
    "REG": ("region:84", "84", faits.REGIONS["84"]),
    "METROPOLE": ("france:FR", "1", "France métropolitaine"),
}
# Level of incomes, per thousand of 2016.
_HAUSSE = {2016: 1000, 2017: 1015, 2019: 1057, 2021: 1090, 2023: 1180}
# COG whose communes and EPCI make the files of an income year.
_COG = {2016: 2020, 2017: 2020, 2019: 2020, 2021: 2022, 2023: 2025}
_CIBLES_FILOSOFI = {
    "menages_fiscaux",
    "mediane_niveau_vie",
    "rapport_interdecile",
    "part_prestations_sociales_revenu",
}

_CHIFFRES_CLES = (
    "CODGEO;NBMENFISC21;NBPERSMENFISC21;MED21;PIMP21;TP6021;TP60AGE121;TP60AGE221;TP60AGE321;TP60AGE421;TP60AGE521;"
    "TP60AGE621;TP60TOL121;TP60TOL221;PACT21;PTSA21;PCHO21;PBEN21;PPEN21;PPAT21;PPSOC21;PPFAM21;PPMINI21;PPLOGT21;"
    "PIMPOT21;D121;D921;RD21"
)
_FILOSOFI_2 = (
    "GEO;GEO_OBJECT;FILOSOFI_MEASURE;UNIT_MEASURE;UNIT_MULT;CONF_STATUS;OBS_STATUS;TIME_PERIOD;OBS_VALUE"
)
_FILOSOFI = (
    "CODGEO;LIBGEO;NBMEN{aa};NBPERS{aa};NBUC{aa};Q1{aa};Q2{aa};Q3{aa};Q3_Q1;D1{aa};D2{aa};D3{aa};D4{aa};D6{aa};"
    "D7{aa};D8{aa};D9{aa};RD;S80S20{aa};GI{aa};PACT{aa};PTSA{aa};PCHO{aa};PBEN{aa};PPEN{aa};PPAT{aa};PPSOC{aa};"
    "PPFAM{aa};PPMINI{aa};PPLOGT{aa};PIMPOT{aa}"
)


def _virgule(valeur: Fraction) -> str:
    return f"{float(valeur):.1f}".replace(".", ",")


def _ligne_filosofi(annee: int, code: str, libelle: str, valeurs: Mapping[str, Fraction]) -> dict[str, str]:
    aa = annee % 100
    return {
        "CODGEO": code,
        "LIBGEO": libelle,
        f"NBMEN{aa}": str(valeurs["menages_fiscaux"]),
        f"NBPERS{aa}": str(valeurs["menages_fiscaux"] * 1000 // _MENAGES_POUR_MILLE),
        f"Q2{aa}": str(valeurs["mediane_niveau_vie"]),
        "RD": _virgule(valeurs["rapport_interdecile"]),
        f"PPSOC{aa}": _virgule(valeurs["part_prestations_sociales_revenu"]),
    }


def _publiees(territoire: str, annee: int) -> dict[str, Fraction]:
    """The figures that Insee published for a territory and that the targets restate."""
    return {
        cible: valeur
        for (cible, t, a), valeur in cibles().items()
        if (t, a) == (territoire, annee) and cible in _CIBLES_FILOSOFI
    }


def _prolongees(territoire: str, annee: int) -> dict[str, Fraction]:
    """The figures published of that year, or those of 2019 after the general rise of incomes."""
    if annee <= 2019:
        return _publiees(territoire, annee)
    valeurs = _publiees(territoire, 2019)
    if "mediane_niveau_vie" in valeurs:
        mediane = valeurs["mediane_niveau_vie"] * _HAUSSE[annee] / _HAUSSE[2019]
        valeurs["mediane_niveau_vie"] = Fraction(mediane // 10 * 10)
    return valeurs


def _inventees(territoire: str, annee: int, menages: int) -> dict[str, Fraction]:
    # One draw by territory, then the general rise of incomes: the years of a territory compare. What is no
    # income moves a little around its own draw. Insee rounds incomes to 10 EUR from 2017 on.
    pas = 1 if annee < 2017 else 10
    mediane = tirage(f"médiane {territoire}", 17600, 22400) * _HAUSSE[annee] // 1000
    return {
        "menages_fiscaux": Fraction(menages),
        "mediane_niveau_vie": Fraction(mediane // pas * pas),
        "rapport_interdecile": Fraction(
            tirage(f"rapport interdécile {territoire}", 26, 37)
            + tirage(f"rapport interdécile {territoire} {annee}", -1, 1),
            10,
        ),
        "part_prestations_sociales_revenu": Fraction(
            tirage(f"prestations {territoire}", 45, 75) + tirage(f"prestations {territoire} {annee}", -3, 3),
            10,
        ),
        "taux_pauvrete_60": Fraction(
            10 * tirage(f"taux de pauvreté {territoire}", 9, 22)
            + tirage(f"taux de pauvreté {territoire} {annee}", -8, 8),
            10,
        ),
    }


def _menages(territoire: str, annee: int, membres: Sequence[Territoire]) -> int:
    """Invented number of fiscal households, about 2.2 persons each, growing with the years."""
    population = sum(_poids(c) for c in membres)
    return population * (tirage(f"ménages {territoire}", 430, 450) + 2 * (annee - 2016)) // 1000


def _poids(c: Territoire) -> int:
    """Persons by the oldest census that knows the commune: a merged one has no RP2017."""
    return c.pmun[min(c.pmun)]


def _composition(cog: int) -> dict[str, list[Territoire]]:
    return {siren: [c for c in faits.communes(cog) if c.epci == siren] for siren in faits.epci(cog)}


def _filosofi_epci(annee: int) -> list[dict[str, str]]:
    lignes = []
    for siren, membres in _composition(_COG[annee]).items():
        territoire = f"epci:{siren}"
        inventees = _inventees(territoire, annee, _menages(territoire, annee, membres))
        libelle = faits.epci(_COG[annee])[siren].raison_sociale
        lignes.append(_ligne_filosofi(annee, siren, libelle, inventees | _prolongees(territoire, annee)))
    return lignes


@cache
def filosofi_communes(annee: int) -> list[dict[str, str]]:
    """Communes published that year, with the columns that are not secret: only towns have more than a median.

    A commune born from a merger after 1 January 2017 is not in the 2016 file, whose COG knew others.
    """
    aa = annee % 100
    publiees = []
    for epci in _filosofi_epci(annee):
        membres = _composition(_COG[annee])[epci["CODGEO"]]
        menages = repartir(int(epci[f"NBMEN{aa}"]), {c.code: _poids(c) for c in membres})
        for c in membres:
            if menages[c.code] < _MENAGES_PUBLIES or c.premier_cog > annee + 1:
                continue
            inventees = _inventees(f"commune:{c.code}", annee, menages[c.code])
            ligne = _ligne_filosofi(annee, c.code, c.libelle, inventees)
            if menages[c.code] < _MENAGES_DETAILLES:
                del ligne["RD"], ligne[f"PPSOC{aa}"]
            publiees.append(ligne)
    return sorted(publiees, key=lambda ligne: ligne["CODGEO"])


def _lignes_filosofi(annee: int, niveau: str) -> list[dict[str, str]]:
    if niveau == "COM":
        return filosofi_communes(annee)
    if niveau == "EPCI":
        return _filosofi_epci(annee)
    territoire, code, libelle = _AU_DESSUS[niveau]
    return [_ligne_filosofi(annee, code, libelle, _publiees(territoire, annee))]


def _filosofi(annee: int, niveau: str) -> bytes:
    entete = _FILOSOFI.format(aa=annee % 100).split(";")
    # 2017 alone: 69 nameless columns trail the named ones.
    sans_nom = [""] * 69 if annee == 2017 else []
    lignes = [remplir(entete, ligne) + sans_nom for ligne in _lignes_filosofi(annee, niveau)]
    return texte_csv([*entete, *sans_nom], lignes, ";", "\r\n", encodage="utf-8-sig")


# --- Key figures and Filosofi 2 --------------------------------------------------------------------


def taux_pauvrete(annee: int) -> dict[str, str]:
    """Poverty rate of the communes and EPCI of a Filosofi, where it is not secret: code to text."""
    taux = {}
    for niveau, lignes in (("commune", filosofi_communes(annee)), ("epci", _filosofi_epci(annee))):
        for ligne in lignes:
            if "RD" in ligne:
                code = ligne["CODGEO"]
                taux[code] = _virgule(_inventees(f"{niveau}:{code}", annee, 0)["taux_pauvrete_60"])
    return taux


def _chiffres_cles(niveau: str) -> bytes:
    """cc_filosofi of 2021: every territory has a line, `s` where the figure is secret."""
    entete = _CHIFFRES_CLES.split(";")
    taux = taux_pauvrete(2021)
    medianes = {ligne["CODGEO"]: ligne["Q221"] for ligne in _lignes_filosofi(2021, niveau)}
    codes = [c.code for c in faits.communes(2024)] if niveau == "COM" else list(faits.epci(2024))
    lignes = [
        remplir(entete, {"CODGEO": code, "MED21": medianes.get(code, "s"), "TP6021": taux.get(code, "s")})
        for code in codes
    ]
    return texte_csv(entete, lignes, ";", "\r\n", encodage="utf-8-sig")


def _filosofi_2() -> bytes:
    """The long file of 2023: medians and poverty rates, the others above communes alone; C when secret."""
    taux = taux_pauvrete(2023)
    lignes = []

    def ligne(code: str, objet: str, mesure: str, unite: str, valeur: str | None) -> list[str]:
        publie = ("F", "A", "2023", valeur.replace(",", ".")) if valeur else ("C", "A", "2023", "")
        return [code, objet, mesure, unite, "0", *publie]

    def detail(code: str, objet: str, valeurs: Mapping[str, str], pauvrete: str) -> list[list[str]]:
        return [
            ligne(code, objet, "MED_SL", "EUR_YR", valeurs["Q223"]),
            ligne(code, objet, "PR_MD60", "PT", pauvrete),
            ligne(code, objet, "IR_D9_D1_SL", "_Z", valeurs["RD"]),
            ligne(code, objet, "GI_SL", "_Z", None),
        ]

    communes = {commune["CODGEO"]: commune for commune in filosofi_communes(2023)}
    for c in faits.communes(2025):
        lignes.append(ligne(c.code, "COM", "MED_SL", "EUR_YR", communes.get(c.code, {}).get("Q223")))
        lignes.append(ligne(c.code, "COM", "PR_MD60", "PT", taux.get(c.code)))
    for epci in _filosofi_epci(2023):
        lignes += detail(epci["CODGEO"], "EPCI", epci, taux[epci["CODGEO"]])
    for objet, (territoire, code, libelle) in zip(("DEP", "REG", "FRANCE"), _AU_DESSUS.values(), strict=True):
        prolongees = _ligne_filosofi(2023, code, libelle, _prolongees(territoire, 2023))
        pauvrete = _virgule(Fraction(tirage(f"taux de pauvreté {territoire}", 14, 16)))
        lignes += detail("FM" if objet == "FRANCE" else code, objet, prolongees, pauvrete)
    donnees = texte_csv(_FILOSOFI_2.split(";"), lignes, ";", guillemets=csv.QUOTE_ALL)
    return archive_zip({"DS_FILOSOFI_CC_2023_data.csv": donnees})


def fichiers() -> dict[str, bytes]:
    """Every Filosofi file of invented figures: path in the mirror to content."""
    niveaux = {annee: ["EPCI", "DEP", "REG", "METROPOLE"] for annee in (2016, 2017, 2019)} | {2021: ["EPCI"]}
    for annee in (2016, 2019, 2021):
        niveaux[annee].append("COM")
    return (
        {
            f"insee/filosofi/FILO{annee}_DISP_{niveau}.csv": _filosofi(annee, niveau)
            for annee, du_millesime in niveaux.items()
            for niveau in du_millesime
        }
        | {
            f"insee/filosofi/cc_filosofi_2021_{niveau}.csv": _chiffres_cles(niveau)
            for niveau in ("COM", "EPCI")
        }
        | {"insee/filosofi/FILOSOFI_CC_csv.zip": _filosofi_2()}
    )
