"""Invented census: the comparateur, the communal and infra-communal bases, births, the counts of RP2022.

Only columns that a contract reads are filled. A target missing between two censuses is their mean.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cache

from demonstration import faits
from demonstration.faits import DROME, Territoire
from demonstration.formats import archive_zip, remplir, texte_csv
from demonstration.insee_revenus import filosofi_communes, taux_pauvrete
from demonstration.invention import cibles, tirage, ventiler
from ingestion.contrats import charger_contrats

# Census figures are weighted counts: they carry twelve decimals, held here as integers.
_DECIMALES = 12
_UNITE: int = 10**_DECIMALES
# COG in which the communal bases of a census are published, and the census whose populations size them.
_COG = {2018: 2021, 2020: 2023, 2021: 2024, 2022: 2025}
_POPULATIONS = {2018: 2019, 2020: 2020, 2021: 2021, 2022: 2022}
# Share of its newest figures that an older census of the same file has, per thousand and per year; how much
# faster than that some of them grew, as bounds of a draw by commune.
_RECUL = 6
TENDANCES = {
    "appartements": (2, 12),
    "logements_residences_secondaires": (2, 10),
    "logements_vacants": (4, 24),
    "residences_principales_proprietaires": (-3, 1),
    "residences_principales_hlm": (-2, 4),
    "chomeurs_15_64": (-14, -2),
    "familles_monoparentales": (6, 22),
    "population_moins_15_ans": (-14, -4),
    "population_75_89_ans": (4, 16),
    "population_90_ans_et_plus": (15, 40),
}
_COMPARATEUR = {
    2018: (
        "CODGEO;P18_POP;P13_POP;SUPERF;NAIS1318;DECE1318;P18_MEN;NAISD20;DECESD20;P18_LOG;P18_RP;P18_RSECOCC;"
        "P18_LOGVAC;P18_RP_PROP;NBMENFISC19;PIMP19;MED19;TP6019;P18_EMPLT;P18_EMPLT_SAL;P13_EMPLT;P18_POP1564;"
        "P18_CHOM1564;P18_ACT1564;ETTOT18;ETAZ18;ETBE18;ETFZ18;ETGU18;ETGZ18;ETOQ18;ETTEF118;ETTEFP1018"
    ),
    2022: (
        "CODGEO;P22_POP;P16_POP;SUPERF;NAIS1621;DECE1621;P22_MEN;NAISD24;DECESD24;P22_LOG;P22_RP;P22_RSECOCC;"
        "P22_LOGVAC;P22_RP_PROP;NBMENFISC21;PIMP21;MED21;TP6021;P22_EMPLT;P22_EMPLT_SAL;P16_EMPLT;P22_POP1564;"
        "P22_CHOM1564;P22_ACT1564;ETTOT24;ETAZ24;ETBE24;ETFZ24;ETGU24;ETOQ24;ETTEF124;ETTEFP1024"
    ),
}
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
_ENTETE_DICTIONNAIRE = ["COD_VAR", "LIB_VAR", "LIB_VAR_LONG", "COD_MOD", "LIB_MOD", "TYPE_VAR", "LONG_VAR"]
_TRANCHES_POUR_MILLE = {"0305": (28, 36), "0610": (50, 62), "1117": (70, 88), "1824": (48, 72)}
_HABITANTS_PAR_IRIS = 2500
_COMMUNES_A_IRIS = 5000
_ANNEES_NAISSANCES = range(2008, 2025)


def _texte(en_unites: int) -> str:
    return f"{Decimal(en_unites).scaleb(-_DECIMALES):f}"


def _part(cible: str, territoire: str, rp: int) -> Fraction:
    """A share wanted of a census, or the mean of those of RP2018 and RP2022."""
    connues = cibles()
    if (cible, territoire, rp) in connues:
        return connues[cible, territoire, rp] / 100
    return (connues[cible, territoire, 2018] + connues[cible, territoire, 2022]) / 200


@cache
def _logements(rp: int) -> dict[str, dict[str, int]]:
    """Dwellings and labour force by commune and variable (LOG, RP, CHOM1564...), in units of 10^-12."""
    communes = faits.communes(_COG[rp])
    population = faits.populations(_POPULATIONS[rp], _COG[rp])
    residences = {
        c.code: population[c.code] * _UNITE * 100 // tirage(f"taille des ménages {c.code}", 195, 235)
        for c in communes
    }
    actifs = {
        c.code: population[c.code] * _UNITE * tirage(f"actifs {c.code}", 380, 460) // 1000 for c in communes
    }

    def hors_principales(territoire: str, membres: Sequence[Territoire]) -> Fraction:
        """Dwellings wanted beside the main residences, so that they take their share of the whole."""
        voulue = _part("part_residences_secondaires_et_vacants", territoire, rp)
        return voulue / (1 - voulue) * sum(residences[c.code] for c in membres)

    def secondaires_voulues(territoire: str, membres: Sequence[Territoire]) -> Fraction:
        toutes = _part("part_residences_secondaires_et_vacants", territoire, rp)
        parmi_elles = _part("part_residences_secondaires", territoire, rp) / toutes
        return parmi_elles * hors_principales(territoire, membres)

    def attrait(c: Territoire) -> int:
        """Second homes weigh more in villages."""
        rural = 4 if population[c.code] < 500 else 2 if population[c.code] < 2000 else 1
        return residences[c.code] * rural * tirage(f"résidences secondaires {c.code}", 50, 150)

    secondaires = ventiler(communes, secondaires_voulues, attrait)
    vacants = ventiler(
        communes,
        lambda territoire, m: hors_principales(territoire, m) - secondaires_voulues(territoire, m),
        lambda c: residences[c.code] * tirage(f"logements vacants {c.code}", 50, 150),
    )
    chomeurs = ventiler(
        communes,
        lambda t, m: _part("taux_chomage_recensement", t, rp) * sum(actifs[c.code] for c in m),
        lambda c: actifs[c.code] * tirage(f"chômeurs {c.code}", 60, 140),
    )
    return {
        c.code: {
            "LOG": residences[c.code] + secondaires[c.code] + vacants[c.code],
            "RP": residences[c.code],
            "RSECOCC": secondaires[c.code],
            "LOGVAC": vacants[c.code],
            "RP_PROP": residences[c.code] * tirage(f"propriétaires {c.code}", 55, 80) // 100,
            "CHOM1564": chomeurs[c.code],
            "ACT1564": actifs[c.code],
        }
        for c in communes
    }


def _maisons(rp: int) -> dict[str, int]:
    """Houses by commune, in units of 10^-12: what apartments, more frequent in towns, leave."""
    logements = _logements(rp)

    def voulus(territoire: str, membres: Sequence[Territoire]) -> Fraction:
        part = 1 - _part("part_maisons", territoire, rp)
        return part * sum(logements[c.code]["LOG"] for c in membres)

    def poids(c: Territoire) -> int:
        ville = 1 if c.pmun[_POPULATIONS[rp]] < 2000 else 4
        return logements[c.code]["LOG"] * ville * tirage(f"appartements {c.code}", 80, 120)

    appartements = ventiler(faits.communes(_COG[rp]), voulus, poids)
    return {code: n["LOG"] - appartements[code] for code, n in logements.items()}


# --- Comparateur -----------------------------------------------------------------------------------


def _comparateur_2018() -> bytes:
    entete = _COMPARATEUR[2018].split(";")
    filosofi = {ligne["CODGEO"]: ligne for ligne in filosofi_communes(2019)}
    lignes = []
    for code, nombres in _logements(2018).items():
        revenus = filosofi.get(code, {})
        valeurs = {"CODGEO": code, "MED19": revenus.get("Q219", "")}
        valeurs["TP6019"] = str(tirage(f"taux de pauvreté {code}", 9, 22)) if "RD" in revenus else ""
        valeurs |= {f"P18_{variable}": _texte(n) for variable, n in nombres.items()}
        lignes.append(remplir(entete, valeurs))
    meta = [
        [nom, libelle, libelle, "", "", "NUM", max(len(ligne[entete.index(nom)]) for ligne in lignes)]
        for nom, libelle in _DICTIONNAIRE.items()
    ]
    return archive_zip(
        {
            "base_cc_comparateur.CSV": texte_csv(entete, lignes, ";"),
            "meta_base_cc_comparateur.CSV": texte_csv(_ENTETE_DICTIONNAIRE, meta, ";"),
        }
    )


def _comparateur_2022() -> bytes:
    """RP2022: secret is `s`, poverty rates have a comma, and a merged commune keeps a line of blanks."""
    entete = _COMPARATEUR[2022].split(";")
    medianes = {ligne["CODGEO"]: ligne["Q221"] for ligne in filosofi_communes(2021)}
    taux, logements, lignes = taux_pauvrete(2021), _logements(2022), []
    for code in sorted({*logements, *(c.code for c in faits.communes(_COG[2022] - 1))}):
        valeurs = {"CODGEO": code} | dict.fromkeys(("NBMENFISC21", "PIMP21", "MED21", "TP6021"), "s")
        if code in logements:
            valeurs |= {f"P22_{variable}": _texte(n) for variable, n in logements[code].items()}
            valeurs |= {"MED21": medianes.get(code, "s"), "TP6021": taux.get(code, "s")}
        lignes.append(remplir(entete, valeurs))
    return archive_zip({"base_cc_comparateur.CSV": texte_csv(entete, lignes, ";")})


# --- Communal bases --------------------------------------------------------------------------------


def _base(source: str, millesimes: Mapping[int, Mapping[str, Mapping[str, str]]]) -> bytes:
    """A communal base with all its censuses: census to commune to column of the contract to text."""
    ressource = charger_contrats()[source].ressources["communes"]
    layout = ressource.layouts[ressource.millesimes[max(millesimes)].layout[0]]
    entetes: dict[str, None] = {}
    lignes: dict[str, dict[str, str]] = {}
    for rp, communes in millesimes.items():
        edition = ressource.millesimes[rp]
        entetes |= dict.fromkeys(edition.gabarit(g) for g in layout.gabarits)
        colonnes = {c: edition.gabarit(e) for e, c in layout.columns.items() if c and c != "code"}
        for code, valeurs in communes.items():
            lignes.setdefault(code, {"CODGEO": code}).update({colonnes[c]: v for c, v in valeurs.items()})
    entete = list(entetes)
    contenu = texte_csv(entete, [remplir(entete, lignes[code]) for code in sorted(lignes)], ";")
    membre = ressource.millesimes[max(millesimes)].member
    assert membre
    meta = [[e, e, e, "", "", "CHAR" if e == "CODGEO" else "NUM", ""] for e in entete]
    return archive_zip({membre: contenu, f"meta_{membre}": texte_csv(_ENTETE_DICTIONNAIRE, meta, ";")})


def vieillir(
    code: str, nombres: Mapping[str, int], annees: int, tendances: Mapping[str, tuple[int, int]] = TENDANCES
) -> dict[str, int]:
    """Counts of a commune that many years before its newest census."""
    ages = {}
    for nom, n in nombres.items():
        hausse = _RECUL
        if nom in tendances:
            hausse += tirage(f"tendance {nom} {code}", *tendances[nom])
        ages[nom] = n * (1000 - hausse * annees) // 1000
    return ages


def _base_vieillie(
    source: str,
    rp: int,
    nombres: Mapping[str, Mapping[str, int]],
    avant: Sequence[int],
    publier: Callable[[dict[str, int]], dict[str, int]] = dict,
) -> bytes:
    """The newest census and older ones of its file; `publier` gives columns from figures that move."""

    def ligne(code: str, n: Mapping[str, int], annees: int) -> dict[str, str]:
        return {nom: _texte(valeur) for nom, valeur in publier(vieillir(code, n, annees)).items()}

    return _base(
        source,
        {a: {code: ligne(code, n, rp - a) for code, n in nombres.items()} for a in (rp, *avant)},
    )


def logements_publies(n: dict[str, int]) -> dict[str, int]:
    """Dwellings are the sum of their natures; dwellings other than apartments are houses."""
    natures = ("residences_principales", "logements_residences_secondaires", "logements_vacants")
    logements = sum(n[nom] for nom in natures)
    autres = {nom: v for nom, v in n.items() if nom != "appartements"}
    return {"logements": logements, "maisons": logements - n["appartements"], **autres}


def _du_logement(code: str, n: Mapping[str, int], appartements: int) -> dict[str, int]:
    return {
        "residences_principales": n["RP"],
        "logements_residences_secondaires": n["RSECOCC"],
        "logements_vacants": n["LOGVAC"],
        "appartements": appartements,
        "residences_principales_proprietaires": n["RP_PROP"],
        "residences_principales_hlm": n["RP"] * tirage(f"hlm {code}", 0, 12) // 100,
    }


def _base_logement() -> bytes:
    maisons = _maisons(2021)
    nombres = {
        code: _du_logement(code, n, appartements=n["LOG"] - maisons[code])
        for code, n in _logements(2021).items()
    }
    return _base_vieillie("insee_rp_logement", 2021, nombres, (2015, 2010), logements_publies)


def _emploi(rp: int) -> dict[str, dict[str, int]]:
    return {
        code: {"chomeurs_15_64": n["CHOM1564"], "actifs_15_64": n["ACT1564"]}
        for code, n in _logements(rp).items()
    }


def _base_familles() -> bytes:
    nombres = {}
    for code, population in faits.populations(_POPULATIONS[2018], _COG[2018]).items():
        familles = population * _UNITE * tirage(f"familles {code}", 250, 290) // 1000
        monoparentales = familles * tirage(f"familles monoparentales {code}", 80, 220) // 1000
        nombres[code] = {"familles": familles, "familles_monoparentales": monoparentales}
    return _base_vieillie("insee_rp_familles", 2018, nombres, (2013, 2008))


def _aines(code: str, population: int) -> dict[str, int]:
    """Persons of 75 and over in a commune in 2018, of so many inhabitants, by the two bands of its file."""
    return {
        "population_75_89_ans": population * tirage(f"75 à 89 ans {code}", 80, 140) // 1000,
        "population_90_ans_et_plus": population * tirage(f"90 ans et plus {code}", 8, 25) // 1000,
    }


def _base_population() -> bytes:
    nombres = {}
    for code, population in faits.populations(_POPULATIONS[2018], _COG[2018]).items():
        total = population * _UNITE
        nombres[code] = {
            "population_rp": total,
            "population_moins_15_ans": total * tirage(f"moins de 15 ans {code}", 120, 190) // 1000,
            **_aines(code, total),
        }
    return _base_vieillie("insee_rp_population", 2018, nombres, (2013,))


# --- Population by age and IRIS --------------------------------------------------------------------


def _iris(c: Territoire, population: int) -> list[tuple[str, str, str]]:
    """IRIS of a commune: code, type and label. A village is its own, its code followed by 0000."""
    if population < _COMMUNES_A_IRIS:
        return [(f"{c.code}0000", "Z", "5")]
    return [(f"{c.code}{n:02d}01", "H", "1") for n in range(1, population // _HABITANTS_PAR_IRIS + 1)]


def _base_ages(rp: int) -> bytes:
    ressource = charger_contrats()["insee_rp_population_age"].ressources["iris"]
    edition = ressource.millesimes[rp]
    layout = ressource.layouts[edition.layout[0]]
    entete = [edition.gabarit(g) for g in layout.gabarits]
    assert isinstance(edition.cog, int)
    communes = faits.communes(edition.cog)

    drome = [c for c in communes if c.departement == DROME]

    def voulus(territoire: str, membres: Sequence[Territoire]) -> Fraction:
        """The target; the neighbours of the Drôme have its share of young children."""
        en_unites = cibles()["enfants_moins_3_ans", territoire, rp] * _UNITE
        if membres[0].departement == DROME:
            return en_unites
        return en_unites * sum(c.pmun[rp] for c in membres) / sum(c.pmun[rp] for c in drome)

    moins_3 = ventiler(communes, voulus, lambda c: c.pmun[rp] * tirage(f"moins de 3 ans {c.code}", 70, 130))
    aa = f"{rp % 100:02d}"
    lignes = []
    for c in communes:
        total = c.pmun[rp] * _UNITE
        effectifs = {"POP": total, "POP0002": moins_3[c.code]}
        for tranche, (bas, haut) in _TRANCHES_POUR_MILLE.items():
            effectifs[f"POP{tranche}"] = total * tirage(f"{tranche} ans {c.code}", bas, haut) // 1000
        onze_a_quatorze = effectifs["POP1117"] * 4 // 7
        effectifs["POP0014"] = sum(effectifs[f"POP{t}"] for t in ("0002", "0305", "0610")) + onze_a_quatorze
        # The share that the other base gives them in 2018, at the pace at which it grows.
        effectifs["POP75P"] = sum(vieillir(c.code, _aines(c.code, total), 2018 - rp).values())
        iris = _iris(c, c.pmun[rp])
        for rang, (code, type_iris, label) in enumerate(iris):
            # The first IRIS takes what an equal share leaves.
            parts = {
                f"P{aa}_{nom}": n // len(iris) + (n % len(iris) if rang == 0 else 0)
                for nom, n in effectifs.items()
            }
            lignes.append(
                remplir(
                    entete,
                    {"IRIS": code, "COM": c.code, "TYP_IRIS": type_iris, "LAB_IRIS": label}
                    | {nom: _texte(n) for nom, n in parts.items()},
                )
            )
    assert edition.member
    return archive_zip({edition.member: texte_csv(entete, lignes, ";")})


# --- Births ----------------------------------------------------------------------------------------


def _naissances() -> bytes:
    entete = ["CODGEO", *(f"NAISD{a % 100:02d}" for a in _ANNEES_NAISSANCES)]
    lignes = []
    for code, population in faits.populations(2022, 2025).items():
        nombres = [
            # About 8 births a year for 1 000 inhabitants, one per cent fewer every year.
            population * (800 + 8 * (2024 - a)) * tirage(f"naissances {code} {a}", 70, 130) // 10_000_000
            for a in _ANNEES_NAISSANCES
        ]
        lignes.append([code, *nombres])
    return archive_zip({"base_naissances_2008-2024_geo2025.csv": texte_csv(entete, lignes, ";")})


# --- Census of 2022, published as observations (`insee_melodi`) -------------------------------------


def observes_en_2022() -> dict[str, dict[str, dict[str, int]]]:
    """What RP2022 counts: source to commune to figure, in units of 10^-5. Apartments stand for houses."""
    nombres, avant, maisons = _logements(2022), _logements(2021), _maisons(2021)
    fins: dict[str, dict[str, dict[str, int]]] = {
        "insee_rp_logement": {
            # Their share of the year before, and a little more.
            code: _du_logement(
                code,
                n,
                n["LOG"]
                * (avant[code]["LOG"] - maisons[code])
                * tirage(f"appartements 2022 {code}", 1000, 1012)
                // (avant[code]["LOG"] * 1000),
            )
            for code, n in nombres.items()
        },
        "insee_rp_emploi": _emploi(2022),
        "insee_rp_familles": {},
    }
    for code, population in faits.populations(_POPULATIONS[2022], _COG[2022]).items():
        familles = population * _UNITE * tirage(f"familles {code}", 250, 290) // 1000
        # As in RP2018, and a little more.
        part = tirage(f"familles monoparentales {code}", 80, 220) + tirage(
            f"monoparentales 2022 {code}", 2, 14
        )
        fins["insee_rp_familles"][code] = {
            "familles": familles,
            "familles_monoparentales": familles * part // 1000,
        }
    cent_milliemes = _UNITE // 10**5
    return {
        source: {code: {nom: v // cent_milliemes for nom, v in n.items()} for code, n in communes.items()}
        for source, communes in fins.items()
    }


def fichiers() -> dict[str, bytes]:
    """Every file of the census and of births: path in the mirror to content."""
    return {
        "insee/comparateur/base_cc_comparateur_csv.zip": _comparateur_2018(),
        "insee/comparateur/base_cc_comparateur_2022_csv.zip": _comparateur_2022(),
        "insee/recensement/base-cc-logement-2021_csv.zip": _base_logement(),
        "insee/recensement/base-cc-emploi-pop-active-2020_csv.zip": _base_vieillie(
            "insee_rp_emploi", 2020, _emploi(2020), (2014, 2009)
        ),
        "insee/recensement/base-cc-coupl-fam-men-2018_csv.zip": _base_familles(),
        "insee/recensement/base-cc-evol-struct-pop-2018_csv.zip": _base_population(),
        "insee/recensement/base-ic-evol-struct-pop-2017_csv.zip": _base_ages(2017),
        "insee/recensement/base-ic-evol-struct-pop-2021_csv.zip": _base_ages(2021),
        "insee/naissances/base_naissances_2008-2024_geo2025_csv.zip": _naissances(),
    }
