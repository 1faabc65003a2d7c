"""Invented foyers in the columns of the contract, and the national extract, streamed in its two forms."""

from __future__ import annotations

import calendar
import json
from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction
from hashlib import blake2b
from pathlib import Path
from typing import Literal

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from demonstration.hasard import Alea, Drapeaux, Entiers
from demonstration.population import (
    ENFANTS_MAX,
    TRANCHES,
    Foyers,
    composer,
    ordonner,
    quotas_nationaux,
    reunir,
)
from demonstration.prestations import FAMILLES, PRESTATIONS, annualiser, clore_les_droits, valoriser
from ingestion.extrait.schema import SCHEMA_MICRO
from socle.disque import ecriture_atomique
from socle.sql import nom_sql, texte_sql

# Paid during the year without a right in the month, for one foyer that has one (invented).
PAYES_SANS_DROIT = Fraction(8, 100)
# Resources the Caf does not know, where no right depends on them (invented).
_RESSOURCES_INCONNUES = 0.04
_LOT = 200_000
_DEPARTEMENTS = 96
_COMMUNES_PAR_DEPARTEMENT = 365
# Population of a commune by its rank from the smallest: half under 450 inhabitants, a handful of cities.
_RANGS = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.97, 0.99, 0.997, 0.9995, 0.9999, 1.0)
_TAILLES = (5, 90, 190, 450, 1100, 3000, 9000, 19000, 42000, 150000, 300000, 1_500_000)
_EPOQUE = date(1970, 1, 1).toordinal()

Format = Literal["parquet", "csv"]
Communes = Sequence[tuple[str, int]]


# -- columns -------------------------------------------------------------------------------------


def decimales(centimes: Entiers, masque: Drapeaux | None = None, precision: int = 12) -> pa.Array:
    """Cents as decimals with two places; null where `masque` is true."""
    mots = np.empty((len(centimes), 2), "<i8")
    mots[:, 0], mots[:, 1] = centimes, centimes >> 63
    nuls = None if masque is None else pa.array(~masque).buffers()[1]
    return pa.Array.from_buffers(pa.decimal128(precision, 2), len(centimes), [nuls, pa.py_buffer(mots)])


def colonnes(f: Foyers, mois: str, codes: Sequence[str]) -> dict[str, pa.Array]:
    """The contract's columns but the identifier and those of each child; `codes` are those of the groups."""
    n = len(f)
    inconnues, sans_loyer = ~f.connues, f.loyer == 0
    return {
        "mois": pa.repeat(mois, n),
        "code_commune": pa.array(codes, pa.string()).take(pa.array(f.groupe)),
        "droit_versable": pa.array(f.droit_versable),
        "situation_familiale": pa.array(["isole", "couple"]).take(pa.array(f.couple.astype(np.int8))),
        "nb_personnes": pa.array(f.nb_personnes.astype(np.int16)),
        "population_reference": pa.array(f.reference),
        "ruc": decimales(f.ruc, inconnues),
        "ruc_hors_prestations": decimales(f.ruc_hors_prestations, inconnues),
        "quotient_familial": pa.array(f.quotient_familial.astype(np.int32), mask=inconnues),
        "ressources_mensuelles": decimales(f.ressources, inconnues),
        "prestations_mensuelles": decimales(f.prestations),
        "loyer": decimales(f.loyer, sans_loyer),
        "charges": decimales(f.charges, sans_loyer),
        "impaye_loyer": pa.array(f.impaye),
        "courriel_connu": pa.array(f.courriel),
        **{f"montant_{nom}": decimales(f.montants[nom]) for nom in PRESTATIONS},
        **{f"annuel_{nom}": decimales(f.annuels[nom], precision=14) for nom in FAMILLES},
    }


def naissances(ages: Entiers, mois: str, alea: Alea) -> pa.Array:
    """Dates of birth that give those ages at the last day of the month; null where the age is -1."""
    annee, numero = int(mois[:4]), int(mois[5:])
    fin = date(annee, numero, calendar.monthrange(annee, numero)[1])
    # From the day after the birthday of the next age, back to that of this one: a year, whatever its length.
    derniers = np.array([_anniversaire(fin, age) for age in range(ages.max(initial=0) + 2)]) - _EPOQUE
    age = np.maximum(ages, 0)
    jours = alea.entier(derniers[age + 1] + 1, derniers[age], len(ages))
    return pa.array(jours.astype(np.int32), pa.int32(), mask=ages < 0).cast(pa.date32())


def _anniversaire(fin: date, age: int) -> int:
    """Ordinal of the last day of birth that gives `age` full years at `fin`, the last day of a month."""
    annee = fin.year - age
    return date(annee, fin.month, min(fin.day, calendar.monthrange(annee, fin.month)[1])).toordinal()


def aeeh_par_enfant(f: Foyers) -> Drapeaux:
    """Which children, by rank, open the AEEH: the youngest ones."""
    drapeaux: Drapeaux = np.arange(ENFANTS_MAX)[None, :] < f.nb_aeeh[:, None]
    return drapeaux


def enfants_repetes(f: Foyers, mois: str, alea: Alea) -> dict[str, pa.Array]:
    """`enfant_<n>_naissance` and `enfant_<n>_aeeh`; null from the rank of the first child there is not."""
    aeeh = aeeh_par_enfant(f)
    repetes = {}
    for rang in range(ENFANTS_MAX):
        repetes[f"enfant_{rang + 1}_naissance"] = naissances(f.ages[:, rang], mois, alea)
        repetes[f"enfant_{rang + 1}_aeeh"] = pa.array(aeeh[:, rang], mask=f.ages[:, rang] < 0)
    return repetes


# -- the country ---------------------------------------------------------------------------------


def communes_inventees(graine: object) -> list[tuple[str, int]]:
    """About 35 000 codes that look like communes, each with an invented population, in the order of codes."""
    codes = [
        f"{departement:02d}{rang:03d}"
        for departement in range(1, _DEPARTEMENTS + 1)
        for rang in range(1, _COMMUNES_PAR_DEPARTEMENT + 1)
    ]
    return list(zip(codes, _tailles(len(codes), graine), strict=True))


def lire_communes(fichier: Path, graine: object) -> list[tuple[str, int]]:
    """Communes of a COG or census (CSV or Parquet), each with its population, or an invented one.

    Columns are named as Insee's or as the contracts'. Raises `ValueError` without a code of commune.
    """
    try:
        texte = f"read_csv({texte_sql(fichier)}, all_varchar = true)"
        table = duckdb.sql(f"from {texte_sql(fichier) if fichier.suffix == '.parquet' else texte}")
    except duckdb.Error as e:
        raise ValueError(f"{fichier.name} cannot be read as Parquet nor CSV: {e}") from e

    def premiere(*noms: str) -> str | None:
        return next((nom for nom in noms if nom in table.columns), None)

    code = premiere("code", "COM", "com", "CODGEO")
    if code is None:
        raise ValueError(
            f"{fichier.name} has no column code, COM, com nor CODGEO, but {', '.join(table.columns)}: "
            "give a COG or a file of populations"
        )
    if genre := premiere("typecom", "TYPECOM"):
        table = table.filter(f"{nom_sql(genre)} = 'COM'")
    population = premiere("population_municipale", "PMUN")
    # Nobody lives where the population is blank or not known.
    habitants = f"coalesce(try_cast({nom_sql(population)} as double)::integer, 0)" if population else "0"
    lues = table.project(f"{nom_sql(code)}::varchar as code, {habitants}").order("code").fetchall()
    if population:
        return lues
    return list(zip([code for code, _ in lues], _tailles(len(lues), graine), strict=True))


def _tailles(communes: int, graine: object) -> list[int]:
    u = Alea("communes", graine).uniforme(communes)
    tailles: list[int] = np.interp(u, _RANGS, _TAILLES).astype(np.int64).tolist()
    return tailles


def lots(
    communes: Communes, mois: str, graine: object, sans_droit: Fraction = PAYES_SANS_DROIT
) -> Iterator[Foyers]:
    """Foyers of each `(code, number with a right in the month)`, some 200 000 at a time, in order of commune.

    `groupe` is the rank in `communes`; `sans_droit` more are paid in the year without a right in the month
    (YYYY-MM). Memory holds one batch, or one commune when that is larger.
    """
    annee = int(mois[:4])
    effectifs = np.array([nombre for _, nombre in communes], np.int64)
    fins = np.cumsum(effectifs)
    debut = 0
    while debut < len(effectifs):
        deja = int(fins[debut - 1]) if debut else 0
        fin = max(debut + 1, int(np.searchsorted(fins, deja + _LOT, side="right")))
        alea = Alea(graine, mois, debut)
        precarite = np.interp(alea.uniforme(fin - debut), [0, 0.1, 0.5, 0.9, 1], [0.6, 0.8, 1, 1.25, 1.6])
        presents = effectifs[debut:fin]
        hasard = alea.entier(0, sans_droit.denominator - 1, fin - debut)
        partis = (presents * sans_droit.numerator + hasard) // sans_droit.denominator
        parties = []
        for combien, sortis in ((presents, False), (partis, True)):
            n = int(combien.sum())
            # Shares hold over the batch: each commune has its own by chance, and by how poor it is.
            lot = composer(np.zeros(n, np.int64), quotas_nationaux(n), alea, np.repeat(precarite, combien))
            lot.groupe = np.repeat(np.arange(debut, fin), combien)
            valoriser(lot, annee, alea)
            annualiser(lot, annee, alea, sortis)
            if sortis:
                clore_les_droits(lot)
            sous_condition = lot.droits["rsa"] | lot.droits["aah"]
            lot.connues = sous_condition | (alea.uniforme(n) >= _RESSOURCES_INCONNUES)
            lot.reference &= lot.connues
            parties.append(lot)
        tous = reunir(parties)
        yield ordonner(tous, np.argsort(tous.groupe, kind="stable"))
        debut = fin


def _effectifs(total: int, communes: Communes) -> Entiers:
    """Share out `total` by population: each within one foyer of its share, all summing to it."""
    poids = np.array([taille for _, taille in communes], np.int64)
    parts: Entiers = total * poids // poids.sum()
    restes = np.argsort(-(total * poids % poids.sum()), kind="stable")
    parts[restes[: total - int(parts.sum())]] += 1
    return parts


# -- files ---------------------------------------------------------------------------------------


def generer_micro(
    chemin: Path,
    foyers: int,
    mois: str,
    graine: object,
    communes: Communes | None = None,
    cog: int | None = None,
) -> int:
    """Write a national extract as the micro zone holds it, one Parquet of `SCHEMA_MICRO`; return its rows.

    `foyers` have a right in the month `mois` (YYYY-MM), in `communes` (code, population) of the COG `cog`.
    """
    communes = sorted(communes or communes_inventees(graine))
    codes = [code for code, _ in communes]
    empreinte = blake2b(f"{graine}:{mois}:{foyers}".encode(), digest_size=32).hexdigest()
    alea = Alea("pseudonymes", graine, mois)
    lignes = 0
    with (
        ecriture_atomique(chemin) as fichier,
        pq.ParquetWriter(fichier, SCHEMA_MICRO, compression="zstd", store_decimal_as_integer=True) as plume,
    ):
        for f in lots(_avec_effectifs(foyers, communes), mois, graine):
            n = len(f)
            valeurs = {
                **colonnes(f, mois, codes),
                "pseudonyme": _pseudonymes(f.groupe, alea),
                "millesime": pa.repeat(pa.scalar(int(mois[:4]), pa.int32()), n),
                "fichier_sha256": pa.repeat(empreinte, n),
                "cog_millesime": pa.repeat(pa.scalar(cog or int(mois[:4]), pa.int32()), n),
                **{nom: pa.array(f.enfants(nom).astype(np.int16)) for nom in TRANCHES},
                "enfants_aeeh": pa.array(f.nb_aeeh.astype(np.int16)),
            }
            lot = pa.record_batch([valeurs[champ.name] for champ in SCHEMA_MICRO], schema=SCHEMA_MICRO)
            plume.write_batch(lot, row_group_size=_LOT)
            lignes += n
    return lignes


def generer_contrat(
    dossier: Path,
    foyers: int,
    mois: str,
    graine: object,
    communes: Communes | None = None,
    cog: int | None = None,
    sous: Format = "parquet",
) -> list[Path]:
    """Write a national extract as a Caf would drop it, and the mapping that binds it; return both paths."""
    communes = sorted(communes or communes_inventees(graine))
    codes = [code for code, _ in communes]
    alea = Alea("dossiers", graine, mois)
    chemin = dossier / f"foyers.{sous}"
    noms: list[str] = []
    premier = 1
    with ecriture_atomique(chemin) as fichier:
        plume: pq.ParquetWriter | pacsv.CSVWriter | None = None
        for f in lots(_avec_effectifs(foyers, communes), mois, graine):
            numeros = pa.array(np.arange(premier, premier + len(f))).cast(pa.string())
            premier += len(f)
            table = pa.table(
                {"id_foyer": numeros, **colonnes(f, mois, codes), **enfants_repetes(f, mois, alea)}
            )
            if plume is None:
                noms = table.column_names
                plume = (
                    pq.ParquetWriter(fichier, table.schema, compression="zstd", store_decimal_as_integer=True)
                    if sous == "parquet"
                    else pacsv.CSVWriter(fichier, table.schema)
                )
            plume.write_table(table)
        if plume is not None:
            plume.close()
    correspondance = dossier / "correspondance_extrait.yml"
    with ecriture_atomique(correspondance) as fichier:
        fichier.write(_correspondance(noms, mois, cog or int(mois[:4]), sous).encode())
    return [chemin, correspondance]


def _avec_effectifs(foyers: int, communes: Communes) -> list[tuple[str, int]]:
    effectifs = _effectifs(foyers, communes).tolist()
    return [(code, nombre) for (code, _), nombre in zip(communes, effectifs, strict=True)]


def _correspondance(noms: Sequence[str], mois: str, cog: int, sous: Format) -> str:
    """The mapping of a file whose columns are already the contract's; JSON is YAML."""
    drapeaux = ("droit_versable", "population_reference", "impaye_loyer", "courriel_connu", "aeeh")
    disposition: dict[str, object] = {
        "format": {"type": "parquet"}
        if sous == "parquet"
        else {"type": "csv", "encodage": "utf-8", "separateur": ",", "decimale": "."},
        "colonnes": {nom: nom for nom in noms if not nom.startswith("enfant_")},
        "enfants": {
            "repetees": ENFANTS_MAX,
            "colonnes": {"enfant_{n}_naissance": "naissance", "enfant_{n}_aeeh": "aeeh"},
        },
    }
    if sous == "csv":
        codes = {nom: {"true": "oui", "false": "non"} for nom in drapeaux}
        codes["aeeh"][""] = "non"
        disposition["codes"] = codes
    return json.dumps(
        {
            "couverture": "france",
            "cog": cog,
            "conservation_micro_mois": {"indicateurs_ctg": 120},
            "mois": {mois: {"statut": "definitif"}},
            "dispositions": {"contrat": disposition},
        },
        indent=2,
    )


def _pseudonymes(groupe: Entiers, alea: Alea) -> pa.Array:
    """64 hex digits a foyer, in order within each group (the groups are in order themselves)."""
    octets = alea.octets(32 * len(groupe)).hex()
    textes = (octets[debut : debut + 64] for debut in range(0, len(octets), 64))
    return pa.array([texte for _, texte in sorted(zip(groupe.tolist(), textes, strict=True))], pa.string())
