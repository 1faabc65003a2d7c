"""Four ways to go from the micro Parquet to every mesure and level. `python -m tests.bench.facons` runs one.

Belongs here: the compiled models of the project, and the same figures written by hand in DuckDB, polars and
pandas. Does not: what is prepared for them and compared (`extrait.py`).

Every way writes the same cells: millésime, level, code, mesure, then in cents its value, its contributors and
the two largest contributions. A month is one December: the others feed nothing. Several months are the same
file, read again under another year.
"""

import json
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tests.bench.mesure import pic_memoire

ANNEE: Final = 2022
# Threshold of bas revenus, the same for every year here.
SEUIL: Final = 1149
NIVEAUX: Final = ("code", "epci", "departement", "region", "france")
# Of the median, which is no sum.
NIVEAUX_MEDIANE: Final = ("epci", "departement", "region")
MEDIANE: Final = "taux_effort_logement_net_median"
_CELLULE: Final = ("millesime", "niveau", "code", "mesure_id", "centimes", "n", "max1", "max2")
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
    """Views and tables as the night makes them, then the territories as sums of communes."""
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
            with communes as (
                select millesime, 'code' as niveau, code, mesure_id, valeur, n, [max1, max2] as grandes
                from intermediate.int_extrait_comptes where marque is null
            ),
            territoires as (
                select
                    c.millesime, r.niveau, r.code, c.mesure_id, sum(c.valeur) as valeur, sum(c.n) as n,
                    max(c.max1, 2) as premieres, max(c.max2, 2) as secondes
                from intermediate.int_extrait_comptes as c
                join intermediate.int_rattachement as r
                    on c.cog_millesime = r.cog_millesime and c.code = r.code_origine
                where c.marque is null
                group by all
            ),
            tous as (
                from communes
                union all
                select
                    millesime, niveau, code, mesure_id, valeur, n,
                    list_reverse_sort(premieres || secondes) as grandes
                from territoires
            )
            select
                millesime, niveau, code, mesure_id, cast(100 * valeur as bigint) as centimes,
                cast(n as bigint) as n, cast(100 * grandes[1] as bigint) as max1,
                cast(100 * grandes[2] as bigint) as max2
            from tous
            union all
            select millesime, niveau, code, mesure_id, cast(100 * valeur as bigint), null, null, null
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
    """One scan to the communes, one to the medians; wider levels by grouping sets over the communes."""
    cles = "code, epci, departement, region, france"
    comptes = ", ".join(f"count(*) filter ({ou}) as v_{m}" for m, ou in _COMPTES.items())
    sommes = ", ".join(
        f"coalesce(sum({x}) filter ({ou}), 0) as v_{m}, count(*) filter ({ou} and {x} > 0) as n_{m}, "
        f"max({x}, 2) filter ({ou} and {x} > 0) as g_{m}"
        for m, (x, ou) in _SOMMES.items()
    )
    structures = ", ".join(
        f"{{'m': '{m}', 'v': cast(v_{m} as decimal(18, 2)), 'n': cast({n} as bigint), "
        f"'g': cast({g} as decimal(18, 2)[])}}"
        for m, n, g in (
            *((m, f"v_{m}", f"[1, 1][:least(v_{m}, 2)]") for m in _COMPTES),
            *((m, f"n_{m}", f"coalesce(g_{m}, [])") for m in _SOMMES),
        )
    )

    def niveau(noms: tuple[str, ...]) -> str:
        return "case " + " ".join(f"when grouping({n}) = 0 then '{n}'" for n in noms) + " end"

    code = f"coalesce({cles})"
    jeux = ", ".join(f"(millesime, mesure_id, {n})" for n in NIVEAUX)
    jeux_mediane = ", ".join(f"(millesime, {n})" for n in NIVEAUX_MEDIANE)
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
            with communes as (
                select millesime, {cles}, {comptes}, {sommes} from foyers group by millesime, {cles}
            ),
            longues as (select millesime, {cles}, unnest([{structures}]) as x from communes),
            cellules as (
                select millesime, {cles}, x.m as mesure_id, x.v as v, x.n as n,
                    coalesce(x.g[1], 0) as g1, coalesce(x.g[2], 0) as g2
                from longues
            ),
            niveaux as (
                select millesime, {niveau(NIVEAUX)} as niveau, {code} as code, mesure_id,
                    sum(v) as v, sum(n) as n,
                    list_reverse_sort(max(g1, 2) || max(g2, 2)) as g
                from cellules group by grouping sets ({jeux})
            ),
            medianes as (
                select millesime, {niveau(NIVEAUX_MEDIANE)} as niveau,
                    coalesce(epci, departement, region) as code, round(median(taux), 1) as taux
                from foyers where taux is not null group by grouping sets ({jeux_mediane})
            )
            select
                millesime, niveau, code, mesure_id, cast(100 * v as bigint) as centimes,
                cast(n as bigint) as n, cast(100 * g[1] as bigint) as max1,
                cast(100 * coalesce(g[2], 0) as bigint) as max2
            from niveaux
            union all
            select millesime, niveau, code, '{MEDIANE}', cast(round(100 * taux) as bigint), null, null, null
            from medianes
            ) to '{resultat}'"""
        )


# -- data frames -----------------------------------------------------------------------------------

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
# Columns of polars or of pandas, by name: the operators below are those of both. Money is in cents.
Colonnes = Mapping[str, Any]


def _derivees(f: Colonnes) -> dict[str, Any]:
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


def _comptes(f: Colonnes) -> dict[str, Any]:
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


def _sommes(f: Colonnes) -> dict[str, tuple[str, Any, int]]:
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
    positives = {m: pl.col(x).filter(ou & (pl.col(x) > 0)) for m, (x, ou, _) in sommes.items()}
    larges = (
        foyers.group_by("millesime", *NIVEAUX)
        .agg(
            *(ou.sum().cast(pl.Int64).alias(f"v_{m}") for m, ou in comptes.items()),
            *(x.sum().cast(pl.Int64).alias(f"v_{m}") for m, x in positives.items()),
            *(x.len().cast(pl.Int64).alias(f"n_{m}") for m, x in positives.items()),
            *(x.top_k(2).alias(f"g_{m}") for m, x in positives.items()),
        )
        .collect(engine="streaming")
    )
    longues = []
    for m in (*comptes, *sommes):
        v = pl.col(f"v_{m}")
        if m in comptes:
            n, max1, max2, centimes = v, (v > 0).cast(pl.Int64), (v > 1).cast(pl.Int64), 100
        else:
            g = pl.col(f"g_{m}")
            n, max1 = pl.col(f"n_{m}"), g.list.max()
            max2 = pl.when(g.list.len() > 1).then(g.list.min())
            centimes = sommes[m][2]
        longues.append(
            larges.select(
                *("millesime", *NIVEAUX),
                mesure_id=pl.lit(m),
                centimes=v * centimes,
                n=n,
                max1=max1.fill_null(0) * centimes,
                max2=max2.fill_null(0) * centimes,
            )
        )
    communes = pl.concat(longues)
    grandes = pl.col("max1").append(pl.col("max2"))
    cellules = [
        communes.group_by("millesime", pl.col(niveau).alias("code"), "mesure_id")
        .agg(
            pl.col("centimes").sum(),
            pl.col("n").sum(),
            grandes.max().alias("max1"),
            grandes.top_k(2).min().alias("max2"),
        )
        .with_columns(niveau=pl.lit(niveau))
        .select(_CELLULE)
        for niveau in NIVEAUX
    ]
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


def pandas_entier(dossier: Path, mois: int, resultat: Path) -> None:
    """The columns that are needed, one month in memory at a time."""
    territoires = pd.read_parquet(dossier / "territoires.parquet").set_index("origine")
    cellules, medianes = [], []
    for annee in annees(mois):
        f = _lire_pandas(dossier / "foyers.parquet")
        origine = f.pop("code_commune")
        commune = territoires["code"].reindex(origine.cat.categories).astype("category")
        cle = pd.Series(commune.cat.codes.to_numpy()[origine.cat.codes.to_numpy()])
        noms = commune.cat.categories.to_numpy()
        f |= _derivees(f)
        effort = (f["loyer"] + f["charges"] - f["aide"]) / (f["reste"] / 100)
        f["taux"] = effort.where(f["droit_versable"] & (f["aide"] > 0) & (f["reste"] > 0))
        f["taux_connu"] = f["taux"].notna()
        longues = []
        for m, ou in _comptes(f).items():
            v = ou.groupby(cle).sum().astype("int64")
            longues.append(_longue(m, 100, v, v, (v > 0).astype("int64"), (v > 1).astype("int64")))
        for m, (x, ou, centimes) in _sommes(f).items():
            garde = ou & (f[x] > 0)
            s = f[x][garde].astype("int64")
            g = s.groupby(cle[garde])
            second = s.drop(g.idxmax())
            colonnes = (g.sum(), g.size(), g.max(), second.groupby(cle[second.index]).max())
            toutes = range(len(noms))
            longues.append(
                _longue(m, centimes, *(k.reindex(toutes, fill_value=0).astype("int64") for k in colonnes))
            )
        communes = pd.concat(longues)
        communes["code"] = noms[communes.index]
        territoire = territoires.drop_duplicates("code").set_index("code")
        for niveau in NIVEAUX:
            ici = communes["code"] if niveau == "code" else communes["code"].map(territoire[niveau])
            cles = [ici.rename("code"), communes["mesure_id"]]
            t = communes.groupby(cles, observed=True)[["centimes", "n"]].sum()
            t["max1"], t["max2"] = _deux_plus_grandes(communes, cles)
            cellules.append(t.reset_index().assign(millesime=annee, niveau=niveau)[[*_CELLULE]])
        connus = f["taux"].dropna()
        for niveau in NIVEAUX_MEDIANE:
            de = territoire[niveau].reindex(noms).to_numpy()[cle[connus.index].to_numpy()]
            par = connus.groupby(de).median()
            medianes.append(
                (niveau, pa.array([annee] * len(par)), pa.array(par.index), pa.array(par.to_numpy()))
            )
        del f
    _ecrire(resultat, pa.Table.from_pandas(pd.concat(cellules), preserve_index=False), medianes)


def _longue(mesure: str, centimes: int, v: Any, n: Any, max1: Any, max2: Any) -> pd.DataFrame:
    colonnes = {"centimes": v * centimes, "n": n, "max1": max1 * centimes, "max2": max2 * centimes}
    return pd.DataFrame({"mesure_id": mesure, **colonnes})


def _deux_plus_grandes(communes: pd.DataFrame, cles: list[Any]) -> tuple[Any, Any]:
    grandes = pd.concat([communes["max1"], communes["max2"]], ignore_index=True)
    doubles = [pd.concat([k, k], ignore_index=True) for k in cles]
    par = grandes.groupby(doubles, observed=True)
    reste = grandes.drop(par.idxmax())
    return par.max(), reste.groupby([k[reste.index] for k in doubles], observed=True).max()


def _lire_pandas(parquet: Path) -> dict[str, Any]:
    """Columns, money as cents; unknown amounts are NaN."""

    def lire(nom: str) -> pa.ChunkedArray:
        return pq.read_table(parquet, columns=[nom]).column(nom)

    f = {e: pc.cast(pc.multiply(lire(e), pa.scalar(Decimal(100))), pa.int64()).to_pandas() for e in _EUROS}
    f |= {nom: lire(nom).to_pandas() for nom in (*_ENTIERS, *_DRAPEAUX)}
    f["qf_connu"] = f["quotient_familial"].notna()
    f["isole"] = pc.equal(lire("situation_familiale"), "isole").to_pandas()
    f["code_commune"] = lire("code_commune").dictionary_encode().to_pandas()
    return f


def _ecrire(resultat: Path, cellules: pa.Table, medianes: list[tuple[str, Any, Any, Any]]) -> None:
    tables = [cellules.select(_CELLULE).cast(_SCHEMA)]
    for niveau, millesimes, codes, taux in medianes:
        nuls = pa.nulls(len(taux), pa.int64())
        colonnes = [
            *(pc.cast(millesimes, pa.int32()), pa.repeat(niveau, len(taux)), pc.cast(codes, pa.string())),
            *(pa.repeat(MEDIANE, len(taux)), _mediane_en_centimes(taux), nuls, nuls, nuls),
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
    "pandas": Facon("pandas, a month in memory", pandas_entier),
}


def main(facon: str, dossier: str, mois: str, resultat: str) -> None:
    """Run one way; its seconds and peak memory on the last line."""
    debut = time.perf_counter()
    FACONS[facon].faire(Path(dossier), int(mois), Path(resultat))
    print(json.dumps({"secondes": time.perf_counter() - debut, "pic_mo": pic_memoire()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
