"""An invented extract of a whole country, drawn by DuckDB: no foyer of it exists, no share of it is sourced.

Belongs here: foyers as the micro zone holds them, or as a Caf drops them with their mapping. Does not: the
extract of the demonstration, which is a file that counts to published figures (`demonstration/extrait`).
"""

import json
from collections.abc import Sequence
from pathlib import Path

import duckdb

from ingestion.extrait.contrat import charger_contrat
from ingestion.extrait.schema import SCHEMA_MICRO
from socle.sql import texte_sql

Communes = Sequence[tuple[str, int]]

ENFANTS_MAX = 6
PAR_DROIT = (27, 25)
"""Rows, for so many foyers with a right in the month: the others were paid during the year alone."""

# By benefit: the total of the year it is in, who has it, EUR a month before chance moves them by a fifth.
PRESTATIONS = {
    "af": ("familiales", "nb_enfants >= 2", "140 + 180 * (nb_enfants - 2)"),
    "cf": ("familiales", "nb_enfants >= 3 and aisance < 0.75", "182"),
    "asf": ("familiales", "nb_enfants > 0 and not couple and {u} < 0.4", "184 * nb_enfants"),
    "ars": ("familiales", "false", "0"),
    "paje_naissance": ("familiales", "jeune = 0 and {u} < 0.1", "1003"),
    "paje_base": ("familiales", "jeune <= 2 and aisance < 0.9", "182"),
    "paje_cmg": ("familiales", "jeune <= 5 and aisance > 0.5", "60 + 900 * {u}"),
    "paje_prepare": ("familiales", "jeune <= 2 and {u} < 0.1", "405"),
    "aah": ("handicap", "aisance >= 0.135 and {u} < 0.11", "950 - 600 * aisance"),
    "aeeh": ("handicap", "enfants_aeeh > 0", "140"),
    "ajpa": ("handicap", "{u} < 0.0003", "640"),
    "ajpp": ("handicap", "{u} < 0.0005", "1280"),
    "rsa": ("precarite", "aisance < 0.135", "300 + 2000 * aisance"),
    "prime_activite": ("precarite", "aisance between 0.135 and 0.475", "15 + 460 * {u}"),
    "apl": ("aides_logement", "loge and chance < 0.5", "260 - 200 * aisance"),
    "alf": ("aides_logement", "loge and chance >= 0.5 and nb_enfants > 0", "280 - 200 * aisance"),
    "als": ("aides_logement", "loge and chance >= 0.5 and nb_enfants = 0", "240 - 200 * aisance"),
}


def communes_inventees(graine: object) -> list[tuple[str, int]]:
    """35 040 codes that look like communes, each with an invented population: half of them under 450."""
    u = _u(f"{graine} communes", "d * 1000 + c")
    return duckdb.sql(
        "select printf('%02d%03d', d, c),"
        f" (20 * pow(10, 2.5 * {u}) + 1500 * pow({u}, 100) / (1.001 - {u}))::integer"
        " from range(1, 97) t(d), range(1, 366) s(c) order by 1"
    ).fetchall()


def generer_micro(chemin: Path, foyers: int, mois: str, graine: object, communes: Communes) -> int:
    """Write one Parquet of `SCHEMA_MICRO`, in order of commune and pseudonym; return its rows.

    `foyers` have a right in the month (YYYY-MM), in `communes` (code, population).
    """
    annee = f"{mois[:4]}::integer"
    du_fichier = {
        # The rank first: they are in order as they are drawn.
        "pseudonyme": "printf('%016x', i) || left(sha256(i::varchar), 48)",
        "mois": texte_sql(mois),
        "millesime": annee,
        "fichier_sha256": f"sha256({texte_sql(str(graine))})",
        "cog_millesime": annee,
    }
    colonnes = [f"{du_fichier.get(c.name, c.name)} as {c.name}" for c in SCHEMA_MICRO]
    return _ecrire(chemin, colonnes, foyers, mois, graine, communes)


def generer_contrat(
    dossier: Path, foyers: int, mois: str, graine: object, communes: Communes, cog: int, sous: str = "parquet"
) -> int:
    """Write `foyers.<sous>`, Parquet or CSV, as a Caf would drop it, and its mapping; return its rows."""
    noms = [*charger_contrat().colonnes]
    du_fichier = {"id_foyer": "i::varchar", "mois": texte_sql(mois)}
    enfants = [
        f"(fin - to_years(ages[{n}]) - to_days((364 * {_u(f'{graine} jour {n}')})::integer))::date"
        f" as enfant_{n}_naissance, if(ages[{n}] is null, null, {n} <= enfants_aeeh) as enfant_{n}_aeeh"
        for n in range(1, ENFANTS_MAX + 1)
    ]
    dossier.mkdir(parents=True, exist_ok=True)
    colonnes = [f"{du_fichier.get(nom, nom)} as {nom}" for nom in noms]
    lignes = _ecrire(dossier / f"foyers.{sous}", [*colonnes, *enfants], foyers, mois, graine, communes)
    # JSON is YAML.
    dite = json.dumps(_correspondance(noms, mois, cog, sous), indent=2)
    (dossier / "correspondance_extrait.yml").write_text(dite)
    return lignes


def _u(graine: str, rang: str = "i") -> str:
    """A number from 0 to 1, always the same for a seed and a rank."""
    # Twice: the hashes of one rank under two seeds differ by the same bits, whatever the rank.
    return f"(hash(hash({rang}, {texte_sql(graine)})) / 18446744073709551615.0)"


def _ecrire(
    chemin: Path, colonnes: Sequence[str], foyers: int, mois: str, graine: object, communes: Communes
) -> int:
    lignes, habitants = foyers * PAR_DROIT[0] // PAR_DROIT[1], sum(taille for _, taille in communes)
    avec, cumul = [], 0
    for code, taille in sorted(communes):
        avec.append((code, cumul * lignes // habitants, (cumul + taille) * lignes // habitants))
        cumul += taille
    with duckdb.connect() as con:
        con.execute("create table communes (code varchar, debut bigint, fin bigint)")
        con.execute(
            "insert into communes select unnest(?), unnest(?), unnest(?)",
            [*map(list, zip(*avec, strict=True))],
        )
        genre = "parquet, compression zstd, row_group_size 200000" if chemin.suffix == ".parquet" else "csv"
        con.execute(
            f"copy (select {', '.join(colonnes)} from ({_foyers(mois, str(graine))}))"
            f" to {texte_sql(chemin)} (format {genre})"
        )
    return lignes


def _foyers(mois: str, graine: str) -> str:
    """The query of all foyers: each step reads the columns of those before it."""
    un = {nom: _u(f"{graine} {nom}") for nom in (*PRESTATIONS, "aisance", "chance", "famille", "reste")}
    montants = (
        f"if(droit_versable and ({qui}), ({euros}) * (0.8 + 0.4 * {un[nom]}), 0)::decimal(12, 2)"
        f" as montant_{nom}".replace("{u}", un[nom])
        for nom, (_, qui, euros) in PRESTATIONS.items()
    )
    annuels = (
        # Four of them stay under the step that hides one foyer (`pas` in seeds/mesures.csv).
        f"least(({' + '.join(f'montant_{nom}' for nom, (du, *_) in PRESTATIONS.items() if du == total)})"
        " * (1 + (11 * reste)::integer) + if(droit_versable, 0, 900 * chance), 12000)"
        f"::decimal(14, 2) as annuel_{total}"
        for total in dict.fromkeys(du for du, *_ in PRESTATIONS.values())
    )
    tranches = (
        f"len(list_filter(ages, a -> a between {bas} and {haut}))::smallint as {nom}"
        for nom, (bas, haut) in charger_contrat().enfants.tranches.items()
    )
    etapes = (
        f"*, {un['aisance']} as aisance, {un['chance']} as chance, {un['famille']} as famille,"
        f" {un['reste']} as reste, i % {PAR_DROIT[0]} < {PAR_DROIT[1]} as droit_versable,"
        f" last_day(date '{mois}-01') as fin",
        "*, case when famille < 0.52 then 0 when famille < 0.82 then 1 when famille < 0.93 then 2"
        f" else 3 + (pow(reste, 4) * {ENFANTS_MAX - 3})::integer end as nb_enfants,"
        " reste < if(nb_enfants > 0, 0.7, 0.1) as couple, chance < 0.75 - 0.6 * aisance as loge,"
        " list_transform(range(nb_enfants), k -> least((20 * chance)::integer + 3 * k, 24)) as ages,"
        " ages[1] as jeune,"
        " (nb_enfants > 0 and droit_versable and aisance between 0.4 and 0.456)::smallint as enfants_aeeh",
        f"*, {', '.join(montants)}, {', '.join(tranches)}",
        f"*, ({' + '.join(f'montant_{nom}' for nom in PRESTATIONS)})::decimal(12, 2)"
        f" as prestations_mensuelles, if(reste < 0.04, null, 3500 * aisance * (0.5 + chance))"
        "::decimal(12, 2) as ressources_mensuelles,"
        " 1 + 0.5 * couple::integer + 0.4 * nb_enfants as uc",
        "*, code as code_commune, if(couple, 'couple', 'isole') as situation_familiale,"
        " (1 + couple::integer + nb_enfants)::smallint as nb_personnes,"
        " reste between 0.04 and 0.9 as population_reference,"
        " ((ressources_mensuelles + prestations_mensuelles) / uc)::decimal(12, 2) as ruc,"
        " (ressources_mensuelles / uc)::decimal(12, 2) as ruc_hors_prestations,"
        " ((ressources_mensuelles + prestations_mensuelles) / (2 + 0.5 * nb_enfants))::integer"
        " as quotient_familial,"
        " if(loge, 250 + 350 * famille, null)::decimal(12, 2) as loyer,"
        " if(loge, 55 + 12 * nb_enfants, null)::decimal(12, 2) as charges,"
        " loge and reste > 0.96 as impaye_loyer, famille > 0.05 as courriel_connu,"
        f" {', '.join(annuels)}",
    )
    requete = "select code, unnest(range(debut, fin)) as i from communes order by code"
    for etape in etapes:
        requete = f"select {etape} from ({requete})"
    return requete


def _correspondance(noms: Sequence[str], mois: str, cog: int, sous: str) -> dict[str, object]:
    """The mapping of a file whose columns are already the contract's."""
    csv = {"type": "csv", "encodage": "utf-8", "separateur": ",", "decimale": "."}
    drapeaux = ("droit_versable", "population_reference", "impaye_loyer", "courriel_connu")
    oui_non = {"true": "oui", "false": "non"}
    disposition: dict[str, object] = {
        "format": csv if sous == "csv" else {"type": "parquet"},
        "colonnes": {nom: nom for nom in noms},
        "enfants": {
            "repetees": ENFANTS_MAX,
            "colonnes": {"enfant_{n}_naissance": "naissance", "enfant_{n}_aeeh": "aeeh"},
        },
    }
    if sous == "csv":
        disposition["codes"] = {**dict.fromkeys(drapeaux, oui_non), "aeeh": {**oui_non, "": "non"}}
    return {
        "couverture": "france",
        "cog": cog,
        "conservation_micro_mois": {"indicateurs_ctg": 120},
        "mois": {mois: {"statut": "definitif"}},
        "dispositions": {"contrat": disposition},
    }
