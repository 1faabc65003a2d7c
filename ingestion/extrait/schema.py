"""The micro Parquet: the only columns of a foyer that are ever stored. A test compares them with
`contrat.yml`.
"""

import pyarrow as pa

MONTANT = pa.decimal128(12, 2)
ANNUEL = pa.decimal128(14, 2)

MONTANTS = (
    "montant_af",
    "montant_cf",
    "montant_asf",
    "montant_ars",
    "montant_paje_naissance",
    "montant_paje_base",
    "montant_paje_cmg",
    "montant_paje_prepare",
    "montant_aah",
    "montant_aeeh",
    "montant_ajpa",
    "montant_ajpp",
    "montant_rsa",
    "montant_prime_activite",
    "montant_apl",
    "montant_alf",
    "montant_als",
)
ANNUELS = ("annuel_aides_logement", "annuel_precarite", "annuel_familiales", "annuel_handicap")
TRANCHES = ("enfants_0_2", "enfants_3_5", "enfants_6_11", "enfants_12_17", "enfants_18_plus")

# `pseudonyme`: 64 hex digits, keyed. `mois`: YYYY-MM, whose year is `millesime`. Amounts in EUR. One row per
# foyer and month, in order of commune and pseudonym.
SCHEMA_MICRO = pa.schema(
    [
        ("pseudonyme", pa.string()),
        ("mois", pa.string()),
        ("millesime", pa.int32()),
        ("fichier_sha256", pa.string()),
        ("cog_millesime", pa.int32()),
        ("code_commune", pa.string()),
        ("droit_versable", pa.bool_()),
        ("situation_familiale", pa.string()),
        ("nb_personnes", pa.int16()),
        ("population_reference", pa.bool_()),
        ("ruc", MONTANT),
        ("ruc_hors_prestations", MONTANT),
        ("quotient_familial", pa.int32()),
        ("ressources_mensuelles", MONTANT),
        ("prestations_mensuelles", MONTANT),
        ("loyer", MONTANT),
        ("charges", MONTANT),
        ("impaye_loyer", pa.bool_()),
        ("courriel_connu", pa.bool_()),
        *((nom, MONTANT) for nom in MONTANTS),
        *((nom, ANNUEL) for nom in ANNUELS),
        *((nom, pa.int16()) for nom in TRANCHES),
        ("enfants_aeeh", pa.int16()),
    ]
)
