"""Counts of persons in registers, year by year, whatever file brought the line.

files of 2023, 2024, 2025 each repeat 2022  ->  one count of 2022, that of the newest file, rounded once
Belongs here: finding that count, and what older versions rounded file by file. Does not: rounding it.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from confidentialite.arrondi_en_chaine import EXACTS
from ingestion.erreurs import Lieu

from .agregats import SCHEMA_COMPTES, Agregats, Fichier, Gel, lire_arrondi

UNE_NUIT = timedelta(hours=1)
"""What was rounded within this time was rounded by one night, which published the newest file."""

Passage = Callable[[int, int], pa.Table]
"""From a COG to another: `code`, and `vers`, the commune that it is in there."""


@dataclass(frozen=True)
class FichierDOrigine:
    """The file that gives a mesure tonight: its digest, its declared millésime."""

    sha256: str
    millesime: int


@dataclass(frozen=True)
class Annee:
    """True counts of a year of a register, from its files in use, and the file of each mesure."""

    fichier: Fichier
    lieu: Lieu
    comptes: pa.Table
    origines: Mapping[str, FichierDOrigine]


@dataclass(frozen=True)
class EnUsage:
    """A frozen rounding that the build reads, with the true counts of the year for a register."""

    arrondi: Path
    annee: Annee | None = None


def periode(ressource: str, annee: int) -> str:
    """Return the name under which a year of a register is frozen: no file is named so."""
    return f"{ressource}-lignes-{annee}"


def annees(
    source: str, ressource: str, fichiers: Mapping[FichierDOrigine, pa.Table], passage: Passage
) -> Iterator[Annee]:
    """Yield the counts of each year (`SCHEMA_COMPTES`), each mesure from the newest file that has it."""
    lus = pa.concat_tables(
        [
            SCHEMA_COMPTES.empty_table().append_column("millesime_fichier", pa.array([], pa.int32())),
            *(
                comptes.append_column("millesime_fichier", pa.array([o.millesime] * len(comptes), pa.int32()))
                for o, comptes in fichiers.items()
            ),
        ]
    )
    with duckdb.connect() as con:
        con.register("lus", lus)
        retenus = con.execute(
            "from lus"
            " qualify millesime_fichier = max(millesime_fichier) over (partition by millesime, mesure_id)"
            " order by all"
        ).to_arrow_table()
    for annee in sorted(set(retenus["millesime"].to_pylist())):
        lignes = retenus.filter(pc.field("millesime") == annee)
        origines = {
            ligne["mesure_id"]: FichierDOrigine(ligne["fichier_sha256"], ligne["millesime_fichier"])
            for ligne in lignes.group_by(["mesure_id", "fichier_sha256", "millesime_fichier"])
            .aggregate([])
            .to_pylist()
        }
        comptes = _en_un_cog(lignes.select(SCHEMA_COMPTES.names), passage)
        unite = Fichier(source, periode(ressource, annee), _empreinte(comptes))
        yield Annee(unite, Lieu(source, ressource, annee), comptes, origines)


def porter(table: pa.Table, passage: pa.Table, sommes: tuple[str, ...]) -> pa.Table:
    """Carry communes to another COG: merged communes add up under the commune that remains.

    `sommes`: the columns that add up; the others are those of the remaining commune where it had a line, else
    those of the first that merged into it.
    """
    noms = table.column_names
    # A part that is blank leaves the whole blank.
    gardees = ", ".join(
        f"if(count({n}) = count(*), sum({n}), null) as {n}"
        if n in sommes
        else f"arg_min_null({n}, (t.code <> p.vers, t.code)) as {n}"
        for n in noms
        if n not in ("code", "mesure_id")
    )
    with duckdb.connect() as con:
        con.register("t", table)
        con.register("p", passage)
        return (
            con.execute(
                f"select coalesce(p.vers, t.code) as code, t.mesure_id, {gardees}"
                " from t left join p on t.code = p.code group by all order by all"
            )
            .to_arrow_table()
            .select(noms)
            .cast(table.schema)
        )


def _en_un_cog(comptes: pa.Table, passage: Passage) -> pa.Table:
    """Carry the counts of a year to the newest COG that one of them is in."""
    cogs = sorted(set(comptes["cog_millesime"].to_pylist()))
    lots = []
    for cog in cogs:
        lot = comptes.filter(pc.field("cog_millesime") == cog)
        lots.append(lot if cog == cogs[-1] else porter(lot, passage(cog, cogs[-1]), ("valeur",)))
    reunis = pa.concat_tables(lots)
    place = reunis.schema.get_field_index("cog_millesime")
    le_meme = pa.array([cogs[-1]] * len(reunis), pa.int32())
    return reunis.set_column(place, reunis.schema.field(place), le_meme)


def _empreinte(comptes: pa.Table) -> str:
    """Return the digest of true counts, whatever their file: equal counts are never rounded again."""
    lignes = sorted(map(str, comptes.select([*EXACTS.names, "cog_millesime"]).to_pylist()))
    return hashlib.sha256(json.dumps(lignes).encode()).hexdigest()


def reprendre_l_arrondi_par_fichier(agregats: Agregats, source: str, ressource: str) -> int:
    """Keep, of what an older version rounded file by file, the first that was published of each year.

    Older versions rounded a year in each file that repeats it, and several roundings of one count tell it.
    The other roundings are removed; return how many files had one. A killed run is done again.
    """
    anciens = [
        (le, int(fichier.periode.rpartition("-")[2]), fichier, agregats[fichier])
        for (s, p), faites in agregats.arrondies.items()
        for le, fichier in faites
        if s == source and p.removeprefix(f"{ressource}-").isdigit()
    ]
    anciens.sort(key=lambda ancien: ancien[:2])
    premiers: dict[int, tuple[datetime, int, Gel]] = {}
    for le, millesime, _, gel in anciens:
        for annee in set(lire_arrondi(gel.arrondi)["millesime"].to_pylist()):
            premier = premiers.setdefault(annee, (le, millesime, gel))
            if le - premier[0] < UNE_NUIT and millesime > premier[1]:
                premiers[annee] = (premier[0], millesime, gel)
    for annee, (*_, gel) in sorted(premiers.items()):
        de_l_annee = pc.field("millesime") == annee
        comptes = pq.read_table(gel.du_compte).filter(de_l_annee)
        unite = Fichier(source, periode(ressource, annee), _empreinte(comptes))
        if not agregats.arrondies.get((source, unite.periode)):
            agregats.garder_compte(unite, comptes)
            agregats.garder_arrondi(unite, lire_arrondi(gel.arrondi).filter(de_l_annee))
    for *_, fichier, _ in anciens:
        agregats.oublier_arrondi(fichier)
    return len(anciens)
