"""Invented Insee statistics: the comparateur (RP2018) and Filosofi 2016, 2017, 2019.

Only the columns that a contract reads are filled; the others are there, empty. Published figures of
the Baronnies, the Drôme, Auvergne-Rhône-Alpes and metropolitan France come from `calibration.csv`.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cache

from ingestion.demo import faits
from ingestion.demo.faits import DROME, Territoire
from ingestion.demo.formats import archive_zip, texte_csv
from ingestion.demo.invention import cibles, repartir, tirage, ventiler

# Census figures are weighted counts: they carry twelve decimals, held here as integers.
_DECIMALES = 12
_MENAGES_PUBLIES = 50
_MENAGES_DETAILLES = 800
# Above the EPCI, only territories whose published figures are restated: nothing is invented there.
_AU_DESSUS = {
    "DEP": (f"departement:{DROME}", DROME, faits.DEPARTEMENTS[DROME]),
    "REG": ("region:84", "84", faits.REGIONS["84"]),
    "METROPOLE": ("france:FR", "1", "France métropolitaine"),
}
_CIBLES_FILOSOFI = {
    "menages_fiscaux",
    "mediane_niveau_vie",
    "rapport_interdecile",
    "part_prestations_sociales_revenu",
}

_COMPARATEUR = (
    "CODGEO;P18_POP;P13_POP;SUPERF;NAIS1318;DECE1318;P18_MEN;NAISD20;DECESD20;P18_LOG;P18_RP;P18_RSECOCC;"
    "P18_LOGVAC;P18_RP_PROP;NBMENFISC19;PIMP19;MED19;TP6019;P18_EMPLT;P18_EMPLT_SAL;P13_EMPLT;P18_POP1564;"
    "P18_CHOM1564;P18_ACT1564;ETTOT18;ETAZ18;ETBE18;ETFZ18;ETGU18;ETGZ18;ETOQ18;ETTEF118;ETTEFP1018"
)
_DICTIONNAIRE = {
    "P18_LOG": "Logements",
    "P18_RP": "Résidences principales",
    "P18_RSECOCC": "Résidences secondaires et logements occasionnels",
    "P18_LOGVAC": "Logements vacants",
    "P18_RP_PROP": "Résidences principales occupées par leur propriétaire",
    "MED19": "Médiane du niveau de vie",
    "TP6019": "Taux de pauvreté",
    "P18_CHOM1564": "Chômeurs de 15 à 64 ans",
    "P18_ACT1564": "Actifs de 15 à 64 ans",
}
_FILOSOFI = (
    "CODGEO;LIBGEO;NBMEN{aa};NBPERS{aa};NBUC{aa};Q1{aa};Q2{aa};Q3{aa};Q3_Q1;D1{aa};D2{aa};D3{aa};D4{aa};D6{aa};"
    "D7{aa};D8{aa};D9{aa};RD;S80S20{aa};GI{aa};PACT{aa};PTSA{aa};PCHO{aa};PBEN{aa};PPEN{aa};PPAT{aa};PPSOC{aa};"
    "PPFAM{aa};PPMINI{aa};PPLOGT{aa};PIMPOT{aa}"
)


def _remplir(entete: Sequence[str], valeurs: Mapping[str, str]) -> list[str]:
    """A line of the layout: the named values, and nothing in the other columns."""
    inconnues = valeurs.keys() - set(entete)
    if inconnues:
        raise KeyError(f"columns {sorted(inconnues)} are not in the layout {entete}")
    return [valeurs.get(colonne, "") for colonne in entete]


# --- Comparateur -----------------------------------------------------------------------------------


def _comparateur() -> bytes:
    communes = faits.communes(2021)
    entete = _COMPARATEUR.split(";")
    unite: int = 10**_DECIMALES
    residences = {
        c.code: c.pmun[2019] * unite * 100 // tirage(f"taille des ménages {c.code}", 195, 235)
        for c in communes
    }
    actifs = {c.code: c.pmun[2019] * unite * tirage(f"actifs {c.code}", 380, 460) // 1000 for c in communes}

    def part(cible: str, territoire: str) -> Fraction:
        return cibles()[cible, territoire, 2018] / 100

    def hors_principales(territoire: str, membres: Sequence[Territoire]) -> Fraction:
        """Dwellings wanted beside the main residences, so that they take their share of the whole."""
        voulue = part("part_residences_secondaires_et_vacants", territoire)
        return voulue / (1 - voulue) * sum(residences[c.code] for c in membres)

    def secondaires_voulues(territoire: str, membres: Sequence[Territoire]) -> Fraction:
        parmi_elles = part("part_residences_secondaires", territoire) / part(
            "part_residences_secondaires_et_vacants", territoire
        )
        return parmi_elles * hors_principales(territoire, membres)

    def vacants_voulus(territoire: str, membres: Sequence[Territoire]) -> Fraction:
        return hors_principales(territoire, membres) - secondaires_voulues(territoire, membres)

    def chomeurs_voulus(territoire: str, membres: Sequence[Territoire]) -> Fraction:
        return part("taux_chomage_recensement", territoire) * sum(actifs[c.code] for c in membres)

    def attrait(c: Territoire) -> int:
        """Second homes weigh more in villages."""
        rural = 4 if c.pmun[2019] < 500 else 2 if c.pmun[2019] < 2000 else 1
        return residences[c.code] * rural * tirage(f"résidences secondaires {c.code}", 50, 150)

    def vacance(c: Territoire) -> int:
        return residences[c.code] * tirage(f"logements vacants {c.code}", 50, 150)

    def chomage(c: Territoire) -> int:
        return actifs[c.code] * tirage(f"chômeurs {c.code}", 60, 140)

    secondaires = ventiler(communes, secondaires_voulues, attrait)
    vacants = ventiler(communes, vacants_voulus, vacance)
    chomeurs = ventiler(communes, chomeurs_voulus, chomage)
    filosofi = {ligne["CODGEO"]: ligne for ligne in _filosofi_communes(2019)}

    lignes = []
    for c in communes:
        en_unites = {
            "P18_LOG": residences[c.code] + secondaires[c.code] + vacants[c.code],
            "P18_RP": residences[c.code],
            "P18_RSECOCC": secondaires[c.code],
            "P18_LOGVAC": vacants[c.code],
            "P18_RP_PROP": residences[c.code] * tirage(f"propriétaires {c.code}", 55, 80) // 100,
            "P18_CHOM1564": chomeurs[c.code],
            "P18_ACT1564": actifs[c.code],
        }
        revenus = filosofi.get(c.code, {})
        lignes.append(
            _remplir(
                entete,
                {colonne: f"{Decimal(n).scaleb(-_DECIMALES):f}" for colonne, n in en_unites.items()}
                | {
                    "CODGEO": c.code,
                    "MED19": revenus.get("Q219", ""),
                    "TP6019": str(tirage(f"taux de pauvreté {c.code}", 9, 22)) if "RD" in revenus else "",
                },
            )
        )
    meta = [
        [nom, libelle, libelle, "", "", "NUM", max(len(ligne[entete.index(nom)]) for ligne in lignes)]
        for nom, libelle in _DICTIONNAIRE.items()
    ]
    entete_meta = ["COD_VAR", "LIB_VAR", "LIB_VAR_LONG", "COD_MOD", "LIB_MOD", "TYPE_VAR", "LONG_VAR"]
    return archive_zip(
        {
            "base_cc_comparateur.CSV": texte_csv(entete, lignes, ";"),
            "meta_base_cc_comparateur.CSV": texte_csv(entete_meta, meta, ";"),
        }
    )


# --- Filosofi --------------------------------------------------------------------------------------


def _virgule(valeur: Fraction) -> str:
    return f"{float(valeur):.1f}".replace(".", ",")


def _ligne_filosofi(annee: int, code: str, libelle: str, valeurs: Mapping[str, Fraction]) -> dict[str, str]:
    aa = annee % 100
    return {
        "CODGEO": code,
        "LIBGEO": libelle,
        f"NBMEN{aa}": str(valeurs["menages_fiscaux"]),
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


def _inventees(territoire: str, annee: int, menages: int) -> dict[str, Fraction]:
    # One draw by territory, then the general rise of incomes: the years of a territory compare.
    hausse = {2016: 1000, 2017: 1015, 2019: 1057}[annee]
    # Insee rounds incomes to 10 EUR from 2017 on.
    pas = 1 if annee < 2017 else 10
    mediane = tirage(f"médiane {territoire}", 17600, 22400) * hausse // 1000
    return {
        "menages_fiscaux": Fraction(menages),
        "mediane_niveau_vie": Fraction(mediane // pas * pas),
        "rapport_interdecile": Fraction(tirage(f"rapport interdécile {territoire}", 26, 37), 10),
        "part_prestations_sociales_revenu": Fraction(tirage(f"prestations {territoire}", 45, 75), 10),
    }


def _menages(territoire: str, annee: int, membres: Sequence[Territoire]) -> int:
    """Invented number of fiscal households, about 2.2 persons each, growing with the years."""
    population = sum(c.pmun[2017] for c in membres)
    return population * (tirage(f"ménages {territoire}", 430, 450) + 2 * (annee - 2016)) // 1000


def _composition() -> dict[str, list[Territoire]]:
    return {siren: [c for c in faits.communes(2020) if c.epci == siren] for siren in faits.epci(2020)}


def _filosofi_epci(annee: int) -> list[dict[str, str]]:
    lignes = []
    for siren, membres in _composition().items():
        territoire = f"epci:{siren}"
        inventees = _inventees(territoire, annee, _menages(territoire, annee, membres))
        libelle = faits.epci(2020)[siren].raison_sociale
        lignes.append(_ligne_filosofi(annee, siren, libelle, inventees | _publiees(territoire, annee)))
    return lignes


@cache
def _filosofi_communes(annee: int) -> list[dict[str, str]]:
    """The communes published that year, with the columns that are not secret.

    The smallest are absent, and only towns have more than a median. A commune born from a merger after
    1 January 2017 is not in the 2016 file, whose COG knew others.
    """
    aa = annee % 100
    publiees = []
    for epci in _filosofi_epci(annee):
        membres = _composition()[epci["CODGEO"]]
        menages = repartir(int(epci[f"NBMEN{aa}"]), {c.code: c.pmun[2017] for c in membres})
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
        return _filosofi_communes(annee)
    if niveau == "EPCI":
        return _filosofi_epci(annee)
    territoire, code, libelle = _AU_DESSUS[niveau]
    return [_ligne_filosofi(annee, code, libelle, _publiees(territoire, annee))]


def _filosofi(annee: int, niveau: str) -> bytes:
    entete = _FILOSOFI.format(aa=annee % 100).split(";")
    # 2017 alone: 69 nameless columns trail the named ones.
    sans_nom = [""] * 69 if annee == 2017 else []
    lignes = [_remplir(entete, ligne) + sans_nom for ligne in _lignes_filosofi(annee, niveau)]
    return texte_csv([*entete, *sans_nom], lignes, ";", "\r\n", encodage="utf-8-sig")


def fichiers() -> dict[str, bytes]:
    """Every Insee file of invented figures: path in the mirror to content."""
    niveaux = {annee: ["EPCI", "DEP", "REG", "METROPOLE"] for annee in (2016, 2017, 2019)}
    niveaux[2016].append("COM")
    niveaux[2019].append("COM")
    return {"insee/comparateur/base_cc_comparateur_csv.zip": _comparateur()} | {
        f"insee/filosofi/FILO{annee}_DISP_{niveau}.csv": _filosofi(annee, niveau)
        for annee, du_millesime in niveaux.items()
        for niveau in du_millesime
    }
