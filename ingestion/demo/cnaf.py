"""Invented Cnaf statistics: foyers allocataires by commune, taux de couverture petite enfance.

Targets of the Baronnies, the Drôme and France come from `calibration.csv`; everything else is drawn.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from ingestion.demo import faits
from ingestion.demo.faits import BARONNIES, Territoire
from ingestion.demo.formats import majuscules, texte_csv
from ingestion.demo.invention import cibles, repartir, tirage, ventiler

# --- Foyers allocataires ---------------------------------------------------------------------------

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
}
_DERIVE_DES_FOYERS = Fraction(-6, 1000)


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


def _allocataires() -> bytes:
    # The file is re-coded to one COG in every year.
    communes = faits.communes(2025)
    habitants = {c.code: c.pmun[2022] for c in communes}
    lignes: list[list[object]] = []
    for annee in range(2020, 2025):
        foyers = _repartition("foyers_allocataires", communes, habitants, 30, annee)
        # Narrower for the persons: a foyer holds at least one.
        mesures = [
            _repartition(mesure, communes, foyers, 10 if mesure == "personnes_couvertes" else 30, annee)
            for mesure in _MESURES
        ]
        for c in communes:
            # A commune with nobody is absent, one with 1 or 2 foyers may read 0: both must be met.
            complete = c.epci == BARONNIES and annee == _ANNEE_CALEE
            if foyers[c.code] == 0 and not complete and tirage(f"commune absente {c.code} {annee}", 0, 1):
                continue
            comptes = [_ARRONDI * valeurs[c.code] for valeurs in (foyers, *mesures)]
            lignes.append([f"{annee}-12", c.code, majuscules(c.libelle), *comptes])
    colonnes = [colonne for colonne, _, _ in _MESURES.values()]
    return texte_csv(["dtreffre", "numcomdo", "nomcom", "indfoy_ndur", *colonnes], lignes, ";")


# --- Taux de couverture ----------------------------------------------------------------------------

_TOTAL = "taux_couverture_petite_enfance"
# Weight of each mode in the total where it has no target, as bounds of a draw.
_MODES = {
    "taux_couverture_eaje": (250, 420),
    "taux_couverture_prescolarisation": (5, 60),
    "taux_couverture_assistants_maternels": (400, 600),
    "taux_couverture_domicile": (5, 25),
}
_VILLE = 10_000
# The one EPCI whose 2022 rate was revised between the two publications.
_EPCI_REVISE = "242600534"


def _taux(territoire: str, annee: int) -> dict[str, int]:
    """Rate of each mode, in tenths of a place for 100 children: they sum to the total.

    The total follows a straight line between targets, or between drawn ends where there is none.
    """
    jalons = {
        a: int(10 * valeur)
        for (cible, t, a), valeur in cibles().items()
        if (cible, t) == (_TOTAL, territoire)
    }
    jalons = jalons or {2023: tirage(f"couverture {territoire}", 480, 720)}
    jalons.setdefault(2017, jalons[min(jalons)] - tirage(f"couverture avant {territoire}", 10, 60))
    avant = max(a for a in jalons if a <= annee)
    apres = min(a for a in jalons if a >= annee)
    total = jalons[avant] + (jalons[apres] - jalons[avant]) * (annee - avant) // max(apres - avant, 1)
    poids = {
        mode: int(10 * cibles().get((mode, territoire, 2023), tirage(f"{mode} {territoire}", *bornes)))
        for mode, bornes in _MODES.items()
    }
    return repartir(total, poids)


def _dixiemes(valeur: int) -> str:
    return f"{valeur // 10}.{valeur % 10}"


def _extrait(taux: dict[str, int]) -> list[str]:
    """The columns of the short layout, in its order."""
    modes = ("eaje", "assistants_maternels", "prescolarisation", "domicile")
    return [*(_dixiemes(taux[f"taux_couverture_{mode}"]) for mode in modes), _dixiemes(sum(taux.values()))]


def _documente(taux: dict[str, int], ecart: int = 0) -> list[str]:
    """The columns of the full layout, in its order; `ecart` is added to assistants maternels and total."""
    eaje, prescolarisation, assistants, domicile = taux.values()
    assistants += ecart
    hors_psu = eaje // 10
    valeurs = (eaje - hors_psu, hors_psu, eaje, prescolarisation, assistants, domicile, assistants + domicile)
    return [_dixiemes(v) for v in (*valeurs, eaje + prescolarisation + assistants + domicile)]


def _entete_documente(cles: list[str], niveau: str) -> list[str]:
    modes = ("psu_col", "hors_psu_col", "eaje", "prescol", "am_ind", "gad_ind", "ind")
    return ["annee", *cles, *(f"txcouv_{mode}_{niveau}" for mode in modes), f"txcouv_{niveau}"]


def _entete_extrait(cles: list[str], niveau: str) -> list[str]:
    modes = ("eaje", "am_ind", "prescol", "gad_ind")
    return ["annee", *cles, *(f"txcouv_{mode}_{niveau}" for mode in modes), f"txcouv_{niveau}"]


def _couverture() -> dict[str, bytes]:
    courantes, historiques = (2022, 2023), range(2017, 2023)
    epci = faits.epci(2024)
    france = ("FRANCE ENTIERE HORS MAYOTTE", "france:FR")
    villes = [c for c in faits.communes(2023) if c.pmun[2021] > _VILLE]
    return {
        "txcouv_pe_epci.csv": texte_csv(
            _entete_extrait(["numepci", "nomepci"], "epci"),
            [
                [a, e, epci[e].raison_sociale, *_extrait(_taux(f"epci:{e}", a))]
                for a in courantes
                for e in epci
            ],
            ";",
        ),
        "txcouv_pe_epci_hist.csv": texte_csv(
            _entete_documente(["numepci", "nomepci", "numdep", "nomdep"], "epci"),
            [
                [
                    *(a, e, epci[e].raison_sociale),
                    *(epci[e].departement, majuscules(faits.DEPARTEMENTS[epci[e].departement])),
                    *_documente(_taux(f"epci:{e}", a), -3 if (e, a) == (_EPCI_REVISE, 2022) else 0),
                ]
                for a in historiques
                for e in epci
            ],
            ";",
        ),
        "txcouv_pe_nat.csv": texte_csv(
            _entete_extrait(["national"], "nat"),
            [[f"{a}-12-01", france[0], *_extrait(_taux(france[1], a))] for a in courantes],
            ";",
        ),
        "txcouv_pe_nat_hist.csv": texte_csv(
            _entete_documente(["national"], "nat"),
            [[f"{a}-12-01", france[0], *_documente(_taux(france[1], a))] for a in historiques],
            ";",
        ),
        "txcouv_pe_com_hist.csv": texte_csv(
            _entete_documente(["numcom", "nomcom", "numepci", "nomepci", "numdep", "nomdep"], "com"),
            [
                [
                    *(a, c.code, majuscules(c.libelle), c.epci, majuscules(epci[c.epci].raison_sociale)),
                    *(c.departement, majuscules(faits.DEPARTEMENTS[c.departement])),
                    *_documente(_taux(f"commune:{c.code}", a)),
                ]
                for a in historiques
                for c in villes
            ],
            ";",
        ),
    }


def fichiers() -> dict[str, bytes]:
    """Every Cnaf file: path in the mirror to content."""
    contenus = {"s_ben_com_f.csv": _allocataires()} | _couverture()
    return {f"cnaf/cafdata/{nom}": contenu for nom, contenu in contenus.items()}
