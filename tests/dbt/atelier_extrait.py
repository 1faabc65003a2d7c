"""A small extract of allocataires, invented row by row, and its mesures counted in plain Python."""

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.extrait.retenus import MoisRetenu
from ingestion.extrait.schema import SCHEMA_MICRO, TRANCHES

MONTANTS, ANNUELS = ([n for n in SCHEMA_MICRO.names if n.startswith(d)] for d in ("montant_", "annuel_"))

Foyer = dict[str, Any]
GRANDES = ("26198", "26281", "26362")
"""Of several EPCI: the two ends of a chain count enough for the others to be given."""


def retenir(
    parquet: Path, mois: str, sha256: str, cog: int, couverture: str = "departement:26"
) -> MoisRetenu:
    """A month in use, as the reception would give it."""
    return MoisRetenu(
        mois=mois,
        millesime=int(mois[:4]),
        sha256=sha256,
        fichier=f"foyers_{mois}.csv",
        parquet=parquet,
        cog_millesime=cog,
        couverture=couverture,
        statut="definitif",
        finalite="observatoire",
        recu_le="2026-01-05T02:31:00+00:00",
        perime=False,
        purge=False,
    )


def inventer(graine: str, mois: str, sha256: str, cog: int, communes: Sequence[str]) -> list[Foyer]:
    """0 to 24 foyers a commune, 200 in the largest; one in eight has no right in the month."""
    alea = random.Random(graine)

    def euros(plafond: int) -> Decimal:
        return Decimal(alea.randrange(100 * plafond)) / 100

    def parfois(part: float, plafond: int) -> Decimal:
        return euros(plafond) if alea.random() < part else Decimal(0)

    foyers = []
    for commune in communes:
        for _ in range(200 if commune in GRANDES else alea.randrange(25)):
            loge = alea.random() < 0.5
            foyer: Foyer = {
                "pseudonyme": f"{alea.getrandbits(256):064x}",
                "mois": mois,
                "millesime": int(mois[:4]),
                "fichier_sha256": sha256,
                "cog_millesime": cog,
                "code_commune": commune,
                "droit_versable": alea.random() < 7 / 8,
                "situation_familiale": alea.choice(["isole", "couple"]),
                "nb_personnes": alea.randrange(1, 7),
                "population_reference": alea.random() < 0.8,
                "ruc": alea.choice([euros(2200), euros(2200), None]),
                "ruc_hors_prestations": alea.choice([euros(1500), euros(1500), None]),
                "quotient_familial": alea.choice([alea.randrange(1500), alea.randrange(900), None]),
                "ressources_mensuelles": alea.choice([Decimal(0), euros(2500), euros(800), None]),
                "prestations_mensuelles": parfois(0.9, 1500),
                "loyer": euros(900) + 300 if loge else None,
                "charges": euros(100) if loge else None,
                "impaye_loyer": alea.random() < 0.1,
                "courriel_connu": alea.random() < 0.9,
                "enfants_aeeh": alea.choice([0, 0, 0, 1]),
            }
            foyer |= {nom: parfois(0.3, 400) for nom in MONTANTS}
            foyer |= {nom: parfois(0.5, 9000) for nom in ANNUELS}
            foyer |= {nom: alea.choice([0, 0, 0, 1, 2]) for nom in TRANCHES}
            if not loge:
                foyer |= dict.fromkeys(("montant_apl", "montant_alf", "montant_als"), Decimal(0))
            foyers.append(foyer)
    return foyers


def ecrire(chemin: Path, foyers: Iterable[Foyer]) -> Path:
    """Write foyers as the micro zone holds them."""
    pq.write_table(pa.Table.from_pylist(list(foyers), schema=SCHEMA_MICRO), chemin)
    return chemin


def _enfants(f: Foyer) -> int:
    return sum(f[t] for t in TRANCHES)


def _aide(f: Foyer) -> Decimal:
    return f["montant_apl"] + f["montant_alf"] + f["montant_als"]


def _sous(montant: Decimal | None, seuil: int) -> bool:
    return montant is not None and montant < seuil


def _part(f: Foyer) -> Decimal | None:
    """Benefits in the resources, between 0 and 1."""
    prestations, ressources = f["prestations_mensuelles"], f["ressources_mensuelles"]
    if ressources is None or prestations + ressources == 0:
        return None
    return Decimal(prestations / (prestations + ressources))


def taux_effort(f: Foyer) -> float | None:
    """Net housing effort of a foyer that a housing benefit is paid to, in percent."""
    if not (f["droit_versable"] and _aide(f) > 0 and f["loyer"] is not None):
        return None
    if f["ressources_mensuelles"] is None:
        return None
    reste = f["ressources_mensuelles"] + f["prestations_mensuelles"] - _aide(f)
    return float(100 * (f["loyer"] + f["charges"] - _aide(f)) / reste) if reste > 0 else None


def apports(f: Foyer, seuil: int) -> dict[str, Any]:
    """What a foyer brings to each mesure."""
    annee = {
        "allocataires_annee": 1,
        "montant_aides_logement": f["annuel_aides_logement"],
        "montant_prestations_precarite": f["annuel_precarite"],
        "montant_prestations_familiales": f["annuel_familiales"],
        "montant_prestations_handicap": f["annuel_handicap"],
        "montant_prestations_total": sum(f[a] for a in ANNUELS),
    }
    if not f["droit_versable"]:
        return annee
    reference, enfants = f["population_reference"], _enfants(f)
    pauvre = reference and _sous(f["ruc"], seuil)
    seule = enfants > 0 and f["situation_familiale"] == "isole"
    paje = [f[m] for m in MONTANTS if m.startswith("montant_paje")]
    part, qf = _part(f), f["quotient_familial"]
    return annee | {
        "foyers_allocataires": 1,
        "foyers_extrait": 1,
        "foyers_rsa": f["montant_rsa"] > 0,
        "foyers_prime_activite": f["montant_prime_activite"] > 0,
        "foyers_aah": f["montant_aah"] > 0,
        "foyers_paje": any(m > 0 for m in paje),
        "foyers_cmg": f["montant_paje_cmg"] > 0,
        "foyers_af": f["montant_af"] > 0,
        "foyers_asf": f["montant_asf"] > 0,
        "foyers_aide_logement": _aide(f) > 0,
        "foyers_apl": f["montant_apl"] > 0,
        "foyers_qf_connu": qf is not None,
        "foyers_qf_moins_400": qf is not None and qf < 400,
        "foyers_qf_moins_800": qf is not None and qf < 800,
        "foyers_sans_courriel": not f["courriel_connu"],
        "impayes_loyer": f["impaye_loyer"],
        "foyers_effort_logement": taux_effort(f) is not None,
        "familles_allocataires": enfants > 0,
        "familles_monoparentales_allocataires": seule,
        "familles_nombreuses_allocataires": enfants >= 3,
        "allocataires_reference": reference,
        "allocataires_bas_revenus": pauvre,
        "allocataires_fragiles": reference
        and f["ruc"] is not None
        and f["ruc"] >= seuil
        and _sous(f["ruc_hors_prestations"], seuil),
        "monoparentales_reference": reference and seule,
        "monoparentales_bas_revenus": pauvre and seule,
        "allocataires_dependance_50": reference and part is not None and part >= Decimal("0.5"),
        "allocataires_dependance_75": reference and part is not None and part >= Decimal("0.75"),
        "allocataires_dependance_100": reference and part is not None and part >= 1,
        "personnes_couvertes": f["nb_personnes"],
        "enfants_reference": enfants if reference else 0,
        "enfants_bas_revenus": enfants if pauvre else 0,
        "enfants_moins_3_ans_couverts": f["enfants_0_2"],
        "enfants_6_11_ans_couverts": f["enfants_6_11"],
        "jeunes_12_17_ans_couverts": f["enfants_12_17"],
        "enfants_aeeh": f["enfants_aeeh"],
    }


def compter(
    foyers: Iterable[Foyer], seuil: int, territoire: Callable[[Foyer], str | None]
) -> dict[tuple[str, str], tuple[Decimal, Decimal]]:
    """Value and largest contribution, by (mesure, territory)."""
    comptes: dict[tuple[str, str], tuple[Decimal, Decimal]] = defaultdict(lambda: (Decimal(0), Decimal(0)))
    for f in foyers:
        code = territoire(f)
        if code is not None:
            for mesure, apport in apports(f, seuil).items():
                somme, grand = comptes[mesure, code]
                comptes[mesure, code] = (somme + Decimal(apport), max(grand, Decimal(apport)))
    return dict(comptes)


def medianes_effort(
    foyers: Iterable[Foyer], territoire: Callable[[Foyer], str | None]
) -> dict[str, tuple[float, int]]:
    """Median of the housing effort by territory, not rounded, and of how many foyers."""
    listes: dict[str, list[float]] = defaultdict(list)
    for f in foyers:
        code, taux = territoire(f), taux_effort(f)
        if code is not None and taux is not None:
            listes[code].append(taux)
    return {code: (median(liste), len(liste)) for code, liste in listes.items()}
