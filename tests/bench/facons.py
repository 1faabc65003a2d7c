"""Two ways from the micro Parquet to every mesure of each commune. `python -m tests.bench.facons` runs one.

Belongs here: the compiled models of the project, and the same figures by hand in DuckDB. Does not: what is
prepared for them and compared (`extrait.py`).

Both write the same cells: millésime, level, code, mesure, then in cents value and largest contribution.
Medians are above the commune.
"""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from tests.bench.mesure import pic_memoire

ANNEE: Final = 2022
# Threshold of bas revenus, the same for every year here.
SEUIL: Final = 1149
NIVEAUX_MEDIANE: Final = ("epci", "departement", "region")
MEDIANE: Final = "taux_effort_logement_net_median"


# -- the project's models --------------------------------------------------------------------------


def projet(dossier: Path, resultat: Path) -> None:
    """Views and tables as they are counted before a night builds."""
    base = dossier / "nuit.duckdb"
    base.unlink(missing_ok=True)
    modeles = {f.stem: f.read_text(encoding="utf-8") for f in (dossier / "target").rglob("compiled/**/*.sql")}
    with duckdb.connect(str(base)) as con:
        for schema in ("micro", "staging", "intermediate", "seeds"):
            con.execute(f"create schema {schema}")
        con.execute(f"create view micro.foyers as from read_parquet('{dossier}/foyers.parquet')")
        con.execute(
            f"create table seeds.seuils_bas_revenus as select {ANNEE} as millesime, {SEUIL} as seuil_mensuel"
        )
        con.execute(
            f"""create table intermediate.int_rattachement as
            with t as (
                select distinct code as code_origine, epci, departement, region, france
                from read_parquet('{dossier}/territoires.parquet')
            )
            select {ANNEE} as cog_millesime, code_origine, niveau, code, true as unique_a_ce_niveau
            from t unpivot (code for niveau in (epci, departement, region, france))"""
        )
        con.execute(f"create view staging.stg_caf__extrait_foyers as {modeles['stg_caf__extrait_foyers']}")
        for modele in ("int_extrait_comptes", "int_extrait_medianes"):
            con.execute(f"create table intermediate.{modele} as {modeles[modele]}")
        con.execute(
            f"""copy (
            select millesime, 'commune' as niveau, code, mesure_id, cast(100 * valeur as bigint) as centimes,
                cast(100 * max1 as bigint) as max1
            from intermediate.int_extrait_comptes where marque is null
            union all
            select millesime, niveau, code, mesure_id, cast(100 * valeur as bigint), null
            from intermediate.int_extrait_medianes
            ) to '{resultat}'"""
        )


# -- DuckDB by hand --------------------------------------------------------------------------------

_COMPTES: Final = {
    "foyers_allocataires": "d",
    "foyers_extrait": "d",
    "foyers_rsa": "d and montant_rsa > 0",
    "foyers_prime_activite": "d and montant_prime_activite > 0",
    "foyers_aah": "d and montant_aah > 0",
    "foyers_paje": "d and paje > 0",
    "foyers_cmg": "d and montant_paje_cmg > 0",
    "foyers_af": "d and montant_af > 0",
    "foyers_asf": "d and montant_asf > 0",
    "foyers_aide_logement": "d and aide > 0",
    "foyers_apl": "d and montant_apl > 0",
    "foyers_qf_connu": "d and quotient_familial is not null",
    "foyers_qf_moins_400": "d and quotient_familial < 400",
    "foyers_qf_moins_800": "d and quotient_familial < 800",
    "foyers_sans_courriel": "d and not courriel_connu",
    "impayes_loyer": "d and impaye_loyer",
    "foyers_effort_logement": "d and taux is not null",
    "familles_allocataires": "d and enfants > 0",
    "familles_monoparentales_allocataires": "d and mono",
    "familles_nombreuses_allocataires": "d and enfants >= 3",
    "allocataires_reference": "r",
    "allocataires_bas_revenus": f"r and ruc < {SEUIL}",
    "allocataires_fragiles": f"r and ruc >= {SEUIL} and ruc_hors_prestations < {SEUIL}",
    "monoparentales_reference": "r and mono",
    "monoparentales_bas_revenus": f"r and mono and ruc < {SEUIL}",
    "allocataires_dependance_50": "r and percues > 0 and percues >= ressources_mensuelles",
    "allocataires_dependance_75": "r and percues > 0 and percues >= 3 * ressources_mensuelles",
    "allocataires_dependance_100": "r and percues > 0 and ressources_mensuelles = 0",
    "allocataires_annee": "true",
}
_SOMMES: Final = {
    "personnes_couvertes": ("nb_personnes", "d"),
    "enfants_reference": ("enfants", "r"),
    "enfants_bas_revenus": ("enfants", f"r and ruc < {SEUIL}"),
    "enfants_moins_3_ans_couverts": ("enfants_0_2", "d"),
    "enfants_6_11_ans_couverts": ("enfants_6_11", "d"),
    "jeunes_12_17_ans_couverts": ("enfants_12_17", "d"),
    "enfants_aeeh": ("enfants_aeeh", "d"),
    "montant_aides_logement": ("annuel_aides_logement", "true"),
    "montant_prestations_precarite": ("annuel_precarite", "true"),
    "montant_prestations_familiales": ("annuel_familiales", "true"),
    "montant_prestations_handicap": ("annuel_handicap", "true"),
    "montant_prestations_total": ("annuels", "true"),
}


def duckdb_a_la_main(dossier: Path, resultat: Path) -> None:
    """One scan to the communes, one to the medians."""
    comptes = ", ".join(f"count(*) filter ({ou}) as v_{m}" for m, ou in _COMPTES.items())
    sommes = ", ".join(
        f"coalesce(sum({x}) filter ({ou}), 0) as v_{m}, max({x}) filter ({ou}) as g_{m}"
        for m, (x, ou) in _SOMMES.items()
    )
    structures = ", ".join(
        f"{{'m': '{m}', 'v': cast(v_{m} as decimal(18, 2)), 'g': cast({g} as decimal(18, 2))}}"
        for m, g in (
            *((m, f"least(v_{m}, 1)") for m in _COMPTES),
            *((m, f"coalesce(g_{m}, 0)") for m in _SOMMES),
        )
    )
    niveau = "case " + " ".join(f"when grouping({n}) = 0 then '{n}'" for n in NIVEAUX_MEDIANE) + " end"
    jeux = ", ".join(f"(millesime, {n})" for n in NIVEAUX_MEDIANE)
    with duckdb.connect() as con:
        con.execute(
            f"""create view foyers as
            with calcules as (
                select
                    *,
                    droit_versable as d,
                    droit_versable and population_reference as r,
                    prestations_mensuelles as percues,
                    montant_apl + montant_alf + montant_als as aide,
                    montant_paje_naissance + montant_paje_base + montant_paje_cmg + montant_paje_prepare
                        as paje,
                    enfants_0_2 + enfants_3_5 + enfants_6_11 + enfants_12_17 + enfants_18_plus as enfants,
                    annuel_aides_logement + annuel_precarite + annuel_familiales + annuel_handicap as annuels,
                    ressources_mensuelles + prestations_mensuelles - aide as reste
                from read_parquet('{dossier}/foyers.parquet')
            )
            select
                c.*,
                t.* exclude (origine),
                enfants > 0 and situation_familiale = 'isole' as mono,
                case when d and aide > 0 and reste > 0
                    then cast(100 * (loyer + charges - aide) as double) / cast(reste as double) end as taux
            from calcules as c
            join read_parquet('{dossier}/territoires.parquet') as t on c.code_commune = t.origine"""
        )
        con.execute(
            f"""copy (
            with communes as (select millesime, code, {comptes}, {sommes} from foyers group by all),
            longues as (select millesime, code, unnest([{structures}]) as x from communes),
            medianes as (
                select millesime, {niveau} as niveau, coalesce(epci, departement, region) as code,
                    round(median(taux), 1) as taux
                from foyers where taux is not null group by grouping sets ({jeux})
            )
            select millesime, 'commune' as niveau, code, x.m as mesure_id,
                cast(100 * x.v as bigint) as centimes, cast(100 * x.g as bigint) as max1
            from longues
            union all
            select millesime, niveau, code, '{MEDIANE}', cast(round(100 * taux) as bigint), null
            from medianes
            ) to '{resultat}'"""
        )


@dataclass(frozen=True)
class Facon:
    """A way, and what the table calls it."""

    titre: str
    faire: Callable[[Path, Path], None]


FACONS: Final = {
    "projet": Facon("models of the project, in DuckDB", projet),
    "duckdb": Facon("DuckDB, SQL by hand", duckdb_a_la_main),
}


def main(facon: str, dossier: str, resultat: str) -> None:
    """Run one way; its seconds and peak memory on the last line."""
    debut = time.perf_counter()
    FACONS[facon].faire(Path(dossier), Path(resultat))
    print(json.dumps({"secondes": time.perf_counter() - debut, "pic_mo": pic_memoire()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
