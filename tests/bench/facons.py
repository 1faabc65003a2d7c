"""Three ways from the micro Parquet to every mesure of each commune. `python -m tests.bench.facons` runs one.

Belongs here: the compiled models of the project, the same figures by hand in DuckDB and polars. Does not:
what is prepared for them and compared (`extrait.py`).

Every way writes the same cells: millésime, level, code, mesure, then in cents its value and its largest
contribution; medians, above the commune. A month is one December; several are the same file, under another year.
"""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tests.bench.mesure import pic_memoire

ANNEE: Final = 2022
# Threshold of bas revenus, the same for every year here.
SEUIL: Final = 1149
NIVEAUX_MEDIANE: Final = ("epci", "departement", "region")
MEDIANE: Final = "taux_effort_logement_net_median"
_CELLULE: Final = ("millesime", "niveau", "code", "mesure_id", "centimes", "max1")
_SCHEMA: Final = pa.schema(
    [
        ("millesime", pa.int32()),
        *((c, pa.string()) for c in _CELLULE[1:4]),
        *((c, pa.int64()) for c in _CELLULE[4:]),
    ]
)


def annees(mois: int) -> range:
    """Years of that many Decembers."""
    return range(ANNEE - mois + 1, ANNEE + 1)


# -- the project's models --------------------------------------------------------------------------


def projet(dossier: Path, mois: int, resultat: Path) -> None:
    """Views and tables as they are counted before a night builds."""
    base = dossier / "nuit.duckdb"
    base.unlink(missing_ok=True)
    modeles = {f.stem: f.read_text(encoding="utf-8") for f in (dossier / "target").rglob("compiled/**/*.sql")}
    with duckdb.connect(str(base)) as con:
        for schema in ("micro", "staging", "intermediate", "seeds"):
            con.execute(f"create schema {schema}")
        con.execute("create view micro.foyers as " + _sources(dossier, mois))
        con.execute(
            "create table seeds.seuils_bas_revenus as select unnest(?)::integer as millesime, "
            f"{SEUIL} as seuil_mensuel",
            [list(annees(mois))],
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


def _sources(dossier: Path, mois: int) -> str:
    """The months, one under the other."""
    return " union all ".join(
        f"select * replace ('{annee}-12' as mois, {annee} as millesime, '{annee}' as fichier_sha256) "
        f"from read_parquet('{dossier}/foyers.parquet')"
        for annee in annees(mois)
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


def duckdb_a_la_main(dossier: Path, mois: int, resultat: Path) -> None:
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
            with mois as ({_sources(dossier, mois)}),
            calcules as (
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
                from mois
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


# -- polars ----------------------------------------------------------------------------------------

_EUROS: Final = (
    *("ruc", "ruc_hors_prestations", "ressources_mensuelles", "prestations_mensuelles", "loyer", "charges"),
    *(f"montant_{p}" for p in ("af", "asf", "aah", "rsa", "prime_activite", "apl", "alf", "als")),
    *(f"montant_paje_{p}" for p in ("naissance", "base", "cmg", "prepare")),
    *(f"annuel_{f}" for f in ("aides_logement", "precarite", "familiales", "handicap")),
)
_ENTIERS: Final = (
    *("nb_personnes", "quotient_familial", "enfants_aeeh"),
    *(f"enfants_{t}" for t in ("0_2", "3_5", "6_11", "12_17", "18_plus")),
)
_DRAPEAUX: Final = ("droit_versable", "population_reference", "impaye_loyer", "courriel_connu")
# Columns by name. Money is in cents.
Colonnes = dict[str, pl.Expr]


def _derivees(f: Colonnes) -> Colonnes:
    d, aide = f["droit_versable"], f["montant_apl"] + f["montant_alf"] + f["montant_als"]
    enfants = sum(f[f"enfants_{t}"] for t in ("3_5", "6_11", "12_17", "18_plus")) + f["enfants_0_2"]
    return {
        "r": d & f["population_reference"],
        "aide": aide,
        "paje": sum(f[f"montant_paje_{p}"] for p in ("base", "cmg", "prepare")) + f["montant_paje_naissance"],
        "enfants": enfants,
        "mono": (enfants > 0) & f["isole"],
        "annuels": f["annuel_aides_logement"]
        + f["annuel_precarite"]
        + f["annuel_familiales"]
        + f["annuel_handicap"],
        "reste": f["ressources_mensuelles"] + f["prestations_mensuelles"] - aide,
    }


def _comptes(f: Colonnes) -> Colonnes:
    """Foyers that each count is of."""
    d, r, mono, seuil = f["droit_versable"], f["r"], f["mono"], 100 * SEUIL
    percues, ressources = f["prestations_mensuelles"], f["ressources_mensuelles"]
    dependants = r & (percues > 0)
    return {
        "foyers_allocataires": d,
        "foyers_extrait": d,
        "foyers_rsa": d & (f["montant_rsa"] > 0),
        "foyers_prime_activite": d & (f["montant_prime_activite"] > 0),
        "foyers_aah": d & (f["montant_aah"] > 0),
        "foyers_paje": d & (f["paje"] > 0),
        "foyers_cmg": d & (f["montant_paje_cmg"] > 0),
        "foyers_af": d & (f["montant_af"] > 0),
        "foyers_asf": d & (f["montant_asf"] > 0),
        "foyers_aide_logement": d & (f["aide"] > 0),
        "foyers_apl": d & (f["montant_apl"] > 0),
        "foyers_qf_connu": d & f["qf_connu"],
        "foyers_qf_moins_400": d & (f["quotient_familial"] < 400),
        "foyers_qf_moins_800": d & (f["quotient_familial"] < 800),
        "foyers_sans_courriel": d & ~f["courriel_connu"],
        "impayes_loyer": d & f["impaye_loyer"],
        "foyers_effort_logement": f["taux_connu"],
        "familles_allocataires": d & (f["enfants"] > 0),
        "familles_monoparentales_allocataires": d & mono,
        "familles_nombreuses_allocataires": d & (f["enfants"] >= 3),
        "allocataires_reference": r,
        "allocataires_bas_revenus": r & (f["ruc"] < seuil),
        "allocataires_fragiles": r & (f["ruc"] >= seuil) & (f["ruc_hors_prestations"] < seuil),
        "monoparentales_reference": r & mono,
        "monoparentales_bas_revenus": r & mono & (f["ruc"] < seuil),
        "allocataires_dependance_50": dependants & (percues >= ressources),
        "allocataires_dependance_75": dependants & (percues >= 3 * ressources),
        "allocataires_dependance_100": dependants & (ressources == 0),
        "allocataires_annee": d | ~d,
    }


def _sommes(f: Colonnes) -> dict[str, tuple[str, pl.Expr, int]]:
    """Column that each sum is of, the foyers it is of, and the cents of one unit of the column."""
    d, r = f["droit_versable"], f["r"]
    tous = d | ~d
    return {
        "personnes_couvertes": ("nb_personnes", d, 100),
        "enfants_reference": ("enfants", r, 100),
        "enfants_bas_revenus": ("enfants", r & (f["ruc"] < 100 * SEUIL), 100),
        "enfants_moins_3_ans_couverts": ("enfants_0_2", d, 100),
        "enfants_6_11_ans_couverts": ("enfants_6_11", d, 100),
        "jeunes_12_17_ans_couverts": ("enfants_12_17", d, 100),
        "enfants_aeeh": ("enfants_aeeh", d, 100),
        "montant_aides_logement": ("annuel_aides_logement", tous, 1),
        "montant_prestations_precarite": ("annuel_precarite", tous, 1),
        "montant_prestations_familiales": ("annuel_familiales", tous, 1),
        "montant_prestations_handicap": ("annuel_handicap", tous, 1),
        "montant_prestations_total": ("annuels", tous, 1),
    }


def _mediane_en_centimes(medianes: pa.ChunkedArray | pa.Array) -> pa.Array:
    """Rounded to 0.1, halves away from zero, as DuckDB rounds."""
    arrondies = pc.round(pc.cast(medianes, pa.float64()), 1, round_mode="half_towards_infinity")
    return pc.cast(pc.round(pc.multiply(arrondies, 100.0)), pa.int64())


def polars_paresseux(dossier: Path, mois: int, resultat: Path) -> None:
    """Lazy frames, collected by the streaming engine."""
    c = {
        nom: pl.col(nom)
        for nom in (*_EUROS, *_ENTIERS, *_DRAPEAUX, "isole", "qf_connu", "taux_connu", "taux")
    }
    territoires = pl.scan_parquet(dossier / "territoires.parquet")
    foyers = (
        pl.concat(
            pl.scan_parquet(dossier / "foyers.parquet").with_columns(millesime=pl.lit(annee, pl.Int32))
            for annee in annees(mois)
        )
        .with_columns(
            *((pl.col(e) * 100).cast(pl.Int64) for e in _EUROS),
            *(pl.col(e).cast(pl.Int64) for e in _ENTIERS),
            isole=pl.col("situation_familiale") == "isole",
        )
        .with_columns(qf_connu=c["quotient_familial"].is_not_null(), **_derivees(c))
    )
    c |= {nom: pl.col(nom) for nom in _derivees(c)}
    effort = (c["loyer"] + c["charges"] - c["aide"]) / (c["reste"] / 100)
    foyers = (
        foyers.with_columns(
            taux=pl.when(c["droit_versable"] & (c["aide"] > 0) & (c["reste"] > 0)).then(effort)
        )
        .with_columns(taux_connu=pl.col("taux").is_not_null())
        .join(territoires, left_on="code_commune", right_on="origine")
    )
    comptes, sommes = _comptes(c), _sommes(c)
    retenus = {m: pl.col(x).filter(ou) for m, (x, ou, _) in sommes.items()}
    larges = (
        foyers.group_by("millesime", "code")
        .agg(
            *(ou.sum().cast(pl.Int64).alias(f"v_{m}") for m, ou in comptes.items()),
            *(x.sum().cast(pl.Int64).alias(f"v_{m}") for m, x in retenus.items()),
            *(x.max().cast(pl.Int64).alias(f"g_{m}") for m, x in retenus.items()),
        )
        .collect(engine="streaming")
    )
    cellules = []
    for m in (*comptes, *sommes):
        v, unite = pl.col(f"v_{m}"), sommes[m][2] if m in sommes else 100
        grande = pl.col(f"g_{m}") if m in sommes else (v > 0).cast(pl.Int64)
        cellules.append(
            larges.select(
                *("millesime", "code"),
                niveau=pl.lit("commune"),
                mesure_id=pl.lit(m),
                centimes=v * unite,
                max1=grande.fill_null(0) * unite,
            ).select(_CELLULE)
        )
    taux = (
        foyers.filter(pl.col("taux").is_not_null())
        .select("millesime", *NIVEAUX_MEDIANE, "taux")
        .collect(engine="streaming")
    )
    medianes = [
        (niveau, taux.group_by("millesime", pl.col(niveau).alias("code")).agg(pl.col("taux").median()))
        for niveau in NIVEAUX_MEDIANE
    ]
    _ecrire(
        resultat,
        pl.concat(cellules).to_arrow(),
        [
            (niveau, m["millesime"].to_arrow(), m["code"].to_arrow(), m["taux"].to_arrow())
            for niveau, m in medianes
        ],
    )


def _ecrire(resultat: Path, cellules: pa.Table, medianes: list[tuple[str, Any, Any, Any]]) -> None:
    tables = [cellules.select(_CELLULE).cast(_SCHEMA)]
    for niveau, millesimes, codes, taux in medianes:
        nuls = pa.nulls(len(taux), pa.int64())
        colonnes = [
            *(pc.cast(millesimes, pa.int32()), pa.repeat(niveau, len(taux)), pc.cast(codes, pa.string())),
            *(pa.repeat(MEDIANE, len(taux)), _mediane_en_centimes(taux), nuls),
        ]
        tables.append(pa.table(colonnes, schema=_SCHEMA))
    pq.write_table(pa.concat_tables(tables), resultat)


@dataclass(frozen=True)
class Facon:
    """A way, and what the table calls it."""

    titre: str
    faire: Callable[[Path, int, Path], None]


FACONS: Final = {
    "projet": Facon("models of the project, in DuckDB", projet),
    "duckdb": Facon("DuckDB, SQL by hand", duckdb_a_la_main),
    "polars": Facon("polars, lazy and streaming", polars_paresseux),
}


def main(facon: str, dossier: str, mois: str, resultat: str) -> None:
    """Run one way; its seconds and peak memory on the last line."""
    debut = time.perf_counter()
    FACONS[facon].faire(Path(dossier), int(mois), Path(resultat))
    print(json.dumps({"secondes": time.perf_counter() - debut, "pic_mo": pic_memoire()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
