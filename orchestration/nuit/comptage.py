"""Counting the extract before the night builds, on DuckDB or on Spark: same models, once for the same inputs.

Belongs here: which months are counted and of which inputs, what is checked of an answer, and what of it
the night may use. Does not belong here: how foyers are counted (`dbt_project`, tag `portable`), how Spark
is run (`spark`), how aggregates are kept (`agregats`).
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from ingestion.extrait import ecriture
from ingestion.extrait.zones import preparer_zone
from socle.disque import sha256_fichier
from socle.sql import texte_sql

from ..racine import RACINE
from .agregats import SCHEMA_AGREGATS, comptes, garder
from .base import preparer
from .chemins import BASE
from .code import DBT, empreinte_fichiers, fichiers_de
from .reglages import Reglages
from .spark import CompteRefuse, en_marche

if TYPE_CHECKING:
    from ingestion.acquisition import Acquisition, Attente, FichierRetenu
    from ingestion.extrait.retenus import MoisRetenu

TABLES = ("int_extrait_comptes", "int_extrait_medianes")
MEDIANES = ("millesime", "fichier_sha256", "cog_millesime", "niveau", "code", "mesure_id", "valeur")

# Totals of a month that one scan of its Parquet gives without the models: mesure, the column it cannot do
# without, what adds up.
TEMOINS = (
    ("allocataires_annee", None, "count(*)"),
    ("foyers_allocataires", None, "count(*) filter (droit_versable)"),
    ("personnes_couvertes", None, "sum(nb_personnes) filter (droit_versable)"),
    *(
        (mesure, colonne, f"sum({colonne}) filter ({colonne} > 0)")
        for mesure, colonne in (
            ("montant_aides_logement", "annuel_aides_logement"),
            ("montant_prestations_precarite", "annuel_precarite"),
            ("montant_prestations_familiales", "annuel_familiales"),
            ("montant_prestations_handicap", "annuel_handicap"),
        )
    ),
)


def en_usage(
    reglages: Reglages,
    acquisition: Acquisition,
    extrait: Sequence[MoisRetenu],
    retenus: Sequence[FichierRetenu] | None = None,
    attentes: Sequence[Attente] = (),
    *,
    moteur: str | None = None,
    compter: bool = False,
) -> dict[MoisRetenu, Path]:
    """The months counted of the very inputs of today, and their aggregates; the others are left to the night.

    A month is counted again where the night's setting is another engine than its own, or where the caller
    asks for it (`compter`, with `moteur`). Where nothing was ever counted apart and nothing is to be,
    this costs nothing. The caller holds the lock of CTG_HOME. Raises `CompteRefuse`, `EchecDbt`.
    """
    moteur = moteur or reglages.moteur
    compter = compter or moteur != "duckdb"
    mois = [m for m in extrait if m.annuel and not m.purge]
    zone = reglages.chemins.agregats
    if not mois or not (compter or {(m.mois, m.sha256) for m in mois} & comptes(zone).keys()):
        return {}
    with _travail(preparer_zone(reglages.zones().micro)) as dossier:
        base = dossier / BASE
        preparer(base, acquisition, reglages, mois, retenus, attentes)
        _dbt(base, dossier, "+int_rattachement")
        geographies = _geographies(base, dossier, {m.cog_millesime for m in mois})
        entrees = {m: empreinte(m, geographies[m.cog_millesime]) for m in mois}
        deja = _comptes(zone, entrees)
        if not compter or not (manquent := [m for m in mois if m not in deja]):
            return deja
        compte = (
            _ici(base, dossier)
            if moteur == "duckdb"
            else _la_bas(dossier, reglages.maitre, manquent, geographies)
        )
        with compte as con:
            for m in manquent:
                garder(con, zone, m, {"moteur": moteur, "entrees": entrees[m]})
        return _comptes(zone, entrees)


@contextmanager
def _ici(base: Path, dossier: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """What this process counts."""
    _dbt(base, dossier, "tag:portable")
    with duckdb.connect(str(base), read_only=True) as con:
        yield con


@contextmanager
def _la_bas(
    dossier: Path, maitre: str, mois: Sequence[MoisRetenu], geographies: Mapping[int, Path]
) -> Iterator[duckdb.DuckDBPyConnection]:
    """What Spark counted of these months, once all of it is checked."""
    with en_marche(dossier / "spark", maitre) as session:
        tables = session.compter([m.parquet for m in mois], [*geographies.values()])
        with reprendre(tables) as con:
            for m in mois:
                verifier(con, m, geographies[m.cog_millesime])
            yield con


def empreinte(mois: MoisRetenu, geographie: Path) -> str:
    """SHA-256 of all that the aggregates of a month depend on: its foyers, its geography, the models."""
    contenu = {
        "mois": [mois.mois, mois.sha256, sha256_fichier(mois.parquet)],
        "geographie": sha256_fichier(geographie),
        "modeles": empreinte_fichiers(fichiers_de(RACINE / DBT), RACINE),
    }
    return hashlib.sha256(json.dumps(contenu, sort_keys=True).encode()).hexdigest()


@contextmanager
def reprendre(tables: Mapping[str, Sequence[Path]]) -> Iterator[duckdb.DuckDBPyConnection]:
    """What an engine answered, named as in the night's file. Raises `CompteRefuse` for other columns."""
    attendues = {
        "int_extrait_comptes": {*SCHEMA_AGREGATS.names} - {"niveau"},
        "int_extrait_medianes": {*MEDIANES},
    }
    with duckdb.connect() as con:
        con.execute("create schema intermediate")
        for table in TABLES:
            liste = ", ".join(map(texte_sql, tables[table]))
            con.execute(f"create view intermediate.{table} as select * from read_parquet([{liste}])")
            lues = {nom for nom, *_ in con.execute(f"describe intermediate.{table}").fetchall()}
            if lues != attendues[table]:
                raise CompteRefuse(
                    _refus(
                        table,
                        f"columns {', '.join(sorted(lues ^ attendues[table]))} missing or superfluous",
                        f"{', '.join(sorted(attendues[table]))}",
                    )
                )
        yield con


def verifier(con: duckdb.DuckDBPyConnection, mois: MoisRetenu, geographie: Path) -> None:
    """Refuse (`CompteRefuse`) aggregates whose keys, territories or totals are not those of the month.

    Totals are taken here, in one scan of its Parquet that reads none of the models: a worker that read
    another file under the same path, or lost a part of it, does not go by.
    """
    ici = f"fichier_sha256 = {texte_sql(mois.sha256)}"
    des_communes = f"(select * from intermediate.int_extrait_comptes where {ici})"
    des_medianes = f"(select * from intermediate.int_extrait_medianes where {ici})"
    cle = f"millesime = {mois.millesime} and cog_millesime = {mois.cog_millesime}"
    fautes = {
        "lines of another year or COG, without commune or mesure, or without value or reason": f"""
            select count(*) from {des_communes}
            where not coalesce({cle}, false) or code is null or mesure_id is null
                or (valeur is null) <> (marque is not null)
        """,
        "communes and mesures that are not once together": f"""
            select abs(count(*) - count(distinct code) * count(distinct mesure_id))
                + count(*) - count(distinct (code, mesure_id)) from {des_communes}
        """,
        "medians that are not rounded, twice there, or of another year or COG": f"""
            select count(*) filter (not coalesce({cle} and 10 * valeur = round(10 * valeur, 0), false))
                + count(*) - count(distinct (niveau, code, mesure_id)) from {des_medianes}
        """,
        "medians of territories that are not of the geography": f"""
            select count(*) from {des_medianes} as m
            anti join read_parquet({texte_sql(geographie)}) as r on m.niveau = r.niveau and m.code = r.code
        """,
    }
    for quoi, sql in fautes.items():
        ((nombre,),) = con.execute(sql).fetchall()
        if nombre:
            raise CompteRefuse(_refus(mois.mois, quoi, "none"))
    colonnes = ", ".join(
        f"case when count({exige or '*'}) > 0 then coalesce({somme}, 0) end" for _, exige, somme in TEMOINS
    )
    (attendus,) = con.execute(f"select {colonnes} from read_parquet({texte_sql(mois.parquet)})").fetchall()
    lus = dict(
        con.execute(f"select mesure_id, sum(valeur) from {des_communes} group by mesure_id").fetchall()
    )
    for (mesure, *_), attendu in zip(TEMOINS, attendus, strict=True):
        if lus.get(mesure) != attendu:
            # How many foyers there are is not for a message.
            faute = f"a total of {mesure} that is not its foyers'"
            raise CompteRefuse(_refus(mois.mois, faute, "the same, to the cent"))


def _refus(ou: str, observe: str, attendu: str) -> str:
    return (
        f"The extract's count is refused ({ou}): observed {observe}; expected: {attendu}. Nothing of it is"
        " used. Next: see that every worker reads CTG_HOME under the same path as here, then count again, or"
        " count here: --moteur duckdb"
    )


def _comptes(zone: Path, entrees: Mapping[MoisRetenu, str]) -> dict[MoisRetenu, Path]:
    """The aggregates that were counted of these very inputs."""
    connus = comptes(zone)
    trouves = {m: connus[m.mois, m.sha256] for m in entrees if (m.mois, m.sha256) in connus}
    return {
        m: chemin for m, (chemin, siennes) in trouves.items() if siennes == entrees[m] and chemin.exists()
    }


def _geographies(base: Path, dossier: Path, cogs: set[int]) -> dict[int, Path]:
    """Where each commune of a COG counts, as a file by COG; the same rows give the same bytes."""
    chemins = {cog: dossier / f"rattachement-{cog}.parquet" for cog in sorted(cogs)}
    with duckdb.connect(str(base), read_only=True) as con:
        for cog, chemin in chemins.items():
            con.execute(
                "copy (select cog_millesime, code_origine, niveau, code, unique_a_ce_niveau"
                f" from intermediate.int_rattachement where cog_millesime = {cog} order by all)"
                f" to {texte_sql(chemin)} (format parquet)"
            )
    return chemins


def _dbt(base: Path, dossier: Path, quoi: str) -> None:
    # Imported late: dbt takes seconds, and most nights count nothing apart.
    from .construire import EchecDbt, construire

    ecoute = construire(base, dossier / "dbt", "--select", quoi, "--exclude-resource-type", "test", "--quiet")
    if ecoute.erreurs:
        raise EchecDbt("\n\n".join(ecoute.erreurs))


@contextmanager
def _travail(zone: Path) -> Iterator[Path]:
    """A hidden folder of the micro zone, removed whatever happens; the night sweeps a killed one's."""
    dossier = Path(tempfile.mkdtemp(dir=zone, prefix=ecriture.PREFIXE))
    try:
        yield dossier
    finally:
        shutil.rmtree(dossier, ignore_errors=True)
