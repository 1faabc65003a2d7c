"""Invented childcare statistics of the Cnaf, at every level; targets come from `calibration.csv`."""

from dataclasses import dataclass

from demonstration import faits
from demonstration.faits import DROME
from demonstration.formats import majuscules, texte_csv
from demonstration.invention import cibles, repartir, tirage

_TOTAL = "taux_couverture_petite_enfance"
# Weight of each mode in the total where it has no target, as bounds of a draw.
_MODES = {
    "taux_couverture_eaje": (250, 420),
    "taux_couverture_prescolarisation": (5, 60),
    "taux_couverture_assistants_maternels": (400, 600),
    "taux_couverture_domicile": (5, 25),
}
_VILLE = 10_000
_REGION = "84"
_ENFANTS_POUR_CENT_HABITANTS = 3
# The one EPCI whose 2022 rate was revised between the two publications.
_EPCI_REVISE = "242600534"
# Current series, then the historical one: they overlap on 2022.
_SERIES = {"": (2022, 2023), "_hist": range(2017, 2023)}


@dataclass(frozen=True)
class _Ligne:
    """A territory of a level: its key cells, and its inhabitants unless a target tells its children."""

    territoire: str
    cles: list[str]
    habitants: int = 0


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
    jalons.setdefault(2023, jalons[max(jalons)] + tirage(f"couverture après {territoire}", 0, 20))
    jalons.setdefault(2017, jalons[min(jalons)] - tirage(f"couverture avant {territoire}", 10, 60))
    avant = max(a for a in jalons if a <= annee)
    apres = min(a for a in jalons if a >= annee)
    total = jalons[avant] + (jalons[apres] - jalons[avant]) * (annee - avant) // max(apres - avant, 1)
    poids = {
        mode: int(10 * cibles().get((mode, territoire, 2023), tirage(f"{mode} {territoire}", *bornes)))
        for mode, bornes in _MODES.items()
    }
    return repartir(total, poids)


def _places(ligne: _Ligne, annee: int) -> dict[str, int]:
    """Places of each mode, as the rates give them for the children of the territory."""
    taux = _taux(ligne.territoire, annee)
    enfants = int(
        cibles().get(
            ("enfants_moins_3_ans", ligne.territoire, 2021),
            ligne.habitants * _ENFANTS_POUR_CENT_HABITANTS // 100,
        )
    )
    return repartir((sum(taux.values()) * enfants + 500) // 1000, taux)


def _dixiemes(valeur: int) -> str:
    return f"{valeur // 10}.{valeur % 10}"


def _champs(modes: dict[str, int]) -> dict[str, int]:
    """What the portal holds of each mode, in its order; the total under ""."""
    eaje, prescolarisation, assistants, domicile = modes.values()
    hors_psu = eaje // 10
    return {
        "psu_col": eaje - hors_psu,
        "hors_psu_col": hors_psu,
        "eaje": eaje,
        "prescol": prescolarisation,
        "am_ind": assistants,
        "gad_ind": domicile,
        "ind": assistants + domicile,
        "": sum(modes.values()),
    }


def _niveaux() -> dict[str, tuple[list[str], list[_Ligne]]]:
    """Key columns and territories of each level's files, by suffix."""
    epci, communes = faits.epci(2024), faits.communes(2023)
    departements = {code: majuscules(nom) for code, nom in faits.DEPARTEMENTS.items()}
    region = [_REGION, majuscules(faits.REGIONS[_REGION])]
    habitants = {e: sum(c.pmun[2021] for c in communes if c.epci == e) for e in epci}
    return {
        "com": (
            ["numcom", "nomcom", "numepci", "nomepci", "numdep", "nomdep"],
            [
                _Ligne(
                    f"commune:{c.code}",
                    [
                        *(c.code, majuscules(c.libelle), c.epci, majuscules(epci[c.epci].raison_sociale)),
                        *(c.departement, departements[c.departement]),
                    ],
                    c.pmun[2021],
                )
                for c in communes
                if c.pmun[2021] > _VILLE
            ],
        ),
        "epci": (
            ["numepci", "nomepci"],
            [_Ligne(f"epci:{e}", [e, epci[e].raison_sociale], habitants[e]) for e in epci],
        ),
        "dep": (
            ["numdep", "nomdep", "numregi", "nomregi"],
            [_Ligne(f"departement:{DROME}", [DROME, departements[DROME], *region])],
        ),
        "reg": (["numregi", "nomregi"], [_Ligne(f"region:{_REGION}", region)]),
        "nat": (["national"], [_Ligne("france:FR", ["FRANCE ENTIERE HORS MAYOTTE"])]),
    }


def fichiers() -> dict[str, bytes]:
    """Every file of rates and places: path in the mirror to content."""
    contenus = {}
    for suffixe, (cles, lignes) in _niveaux().items():
        for serie, annees in _SERIES.items():
            garde = 2 if (suffixe, serie) == ("com", "") else None
            taux, places = [], []
            for annee in annees:
                for ligne in lignes:
                    modes = _taux(ligne.territoire, annee)
                    if (ligne.territoire, annee, serie) == (f"epci:{_EPCI_REVISE}", 2022, "_hist"):
                        modes["taux_couverture_assistants_maternels"] -= 3
                    debut = [str(annee), *ligne.cles[:garde]]
                    taux.append([*debut, *map(_dixiemes, _champs(modes).values())])
                    places.append([*debut, *_champs(_places(ligne, annee)).values()])
            noms = ["annee", *cles[:garde]]
            for jeu, mode, total, rangs in (
                ("txcouv", "txcouv", "txcouv", taux),
                ("nbpla", "pl", "tot_offre", places),
            ):
                champs = [f"{mode}_{m}_{suffixe}" if m else f"{total}_{suffixe}" for m in _champs(modes)]
                nom = f"cnaf/cafdata/{jeu}_pe_{suffixe}{serie}.csv"
                contenus[nom] = texte_csv([*noms, *champs], rangs, ";")
    return contenus
