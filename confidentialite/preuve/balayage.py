"""The scan of a release before it is complete: nothing in any file that only the zones behind may hold.

Belongs here: reading every exported file as a reader could, containers within containers included. A finding
names the file and the table, never what was found. Does not: whether masked cells can be recomputed
(`audit/`).
"""

import io
import re
import zipfile
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

COLONNES_MICRO = re.compile(
    r"pseudonyme|id_foyer|droit_versable|situation_familiale|nb_personnes|population_reference|ruc"
    r"|ruc_hors_prestations|quotient_familial|ressources_mensuelles|prestations_mensuelles|loyer|charges"
    r"|impaye_loyer|courriel_connu|annuel_\w+|enfants?_\d+_\w+|enfants_aeeh|max[12]|contributeurs?"
    r"|montant_(af|cf|asf|ars|paje_\w+|aah|aeeh|ajpa|ajpp|rsa|prime_activite|apl|alf|als)"
)
"""Columns of the micro-data and of the aggregates before secrecy. No mart has one of that name."""

_HEXADECIMAL = re.compile(rb"(?<![0-9a-fA-F])[0-9a-f]{64}(?![0-9a-fA-F])")
_VALEURS = ("valeur", "valeur_texte", "numerateur", "denominateur", "borne_basse", "borne_haute")
_PREFIXES = ("evolution", "effet_")
_ZIP, _PDF = b"PK\x03\x04", b"%PDF"
_PROFONDEUR = 4


@dataclass(frozen=True, order=True)
class Trouvaille:
    """Something that must not leave: in which file, which table or member, and what kind."""

    fichier: str
    table: str
    motif: str

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{self.fichier}{f' ({self.table})' if self.table else ''}: {self.motif}"


def balayer(
    dossier: Path, autorises: Collection[str] = (), canaris: Collection[str] = ()
) -> list[Trouvaille]:
    """Return what no reader may be given, sorted; empty when the folder is clean.

    `autorises`: the SHA-256 a release may quote (its files, its inputs, its certificate); any other text of
    64 hexadecimal digits has the form of a pseudonym. `canaris`: texts planted in the zones behind.
    """
    trouvailles: set[Trouvaille] = set()
    permis = {a.lower().encode() for a in autorises}
    # Nothing spills beside what is being scanned.
    reglages: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "temp_directory": "",
    }
    with duckdb.connect(config=reglages) as con:
        con.execute("SET enable_progress_bar = false")
        for chemin in sorted(p for p in dossier.rglob("*") if p.is_file()):
            nom = chemin.relative_to(dossier).as_posix()
            for table, relation in _tables(con, chemin):
                trouvailles |= {
                    Trouvaille(nom, table, motif) for motif in _table(con, relation, permis, canaris)
                }
            if chemin.suffix == ".duckdb":
                trouvailles |= {Trouvaille(nom, "", motif) for motif in _schemas(con)}
                con.execute("DETACH lue")
            elif chemin.suffix != ".parquet":
                trouvailles |= {
                    Trouvaille(nom, membre, motif)
                    for membre, contenu in _contenus(chemin.read_bytes())
                    for motif in _texte(contenu, permis, canaris)
                }
    return sorted(trouvailles)


def _tables(con: duckdb.DuckDBPyConnection, chemin: Path) -> Iterator[tuple[str, str]]:
    """Yield the tables a file holds: name, and what to write after FROM."""
    cite = "'" + str(chemin).replace("'", "''") + "'"
    if chemin.suffix == ".parquet":
        yield "", f"read_parquet({cite})"
    elif chemin.suffix == ".csv":
        separateur = ";" if b";" in chemin.open("rb").readline() else ","
        yield "", f"read_csv({cite}, delim='{separateur}', header=true, all_varchar=true)"
    elif chemin.suffix == ".duckdb":
        con.execute(f"ATTACH {cite} AS lue (READ_ONLY)")
        for schema, table in con.execute(
            "SELECT table_schema, table_name FROM information_schema.tables WHERE table_catalog = 'lue'"
            " ORDER BY ALL"
        ).fetchall():
            yield f"{schema}.{table}", f'lue."{schema}"."{table}"'


def _schemas(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Return what a database holds beside tables of schema `marts`."""
    autres = con.execute(
        """
        SELECT DISTINCT schema_name FROM duckdb_schemas()
        WHERE database_name = 'lue' AND NOT internal AND schema_name NOT IN ('main', 'marts')
        UNION SELECT DISTINCT schema_name FROM duckdb_tables()
        WHERE database_name = 'lue' AND NOT internal AND schema_name <> 'marts'
        ORDER BY ALL
        """
    ).fetchall()
    vues = con.execute(
        "SELECT view_name FROM duckdb_views() WHERE database_name = 'lue' AND NOT internal ORDER BY ALL"
    ).fetchall()
    return [f"holds schema {schema} beside marts" for (schema,) in autres] + [
        f"holds a view ({vue}), whose text may name another zone" for (vue,) in vues
    ]


def _table(
    con: duckdb.DuckDBPyConnection, relation: str, permis: Collection[bytes], canaris: Collection[str]
) -> Iterator[str]:
    """Yield what is wrong with one table."""
    # The byte order mark of a CSV rides on the first name.
    colonnes = [
        (nom, type_) for nom, type_, *_ in con.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()
    ]
    noms = {nom.lstrip("\ufeff"): nom for nom, _ in colonnes}
    for nom in noms:
        if COLONNES_MICRO.fullmatch(nom):
            yield f"has column {nom}, which belongs to the zones behind"
    # One reading for all columns: a wide CSV would be read again for each.
    statuts = _statut_de(noms)
    comptes = [
        f"count(*) FILTER (WHERE {_cite(noms[statut])} = 'secret'"
        f" AND coalesce(CAST({_cite(noms[valeur])} AS VARCHAR), '') NOT IN ('', 's'))"
        for valeur, statut in statuts.items()
    ]
    textes = [nom for nom, brut in noms.items() if dict(colonnes)[brut] == "VARCHAR"]
    # Each distinct text once: most columns repeat a few.
    plante = "".join(" OR contains({0}, ?)" for _ in canaris)
    suspect = "list(DISTINCT {0}) FILTER (WHERE regexp_matches({0}, '[0-9a-f]{{64}}')" + plante + ")"
    suspects = [suspect.format(_cite(noms[nom])) for nom in textes]
    if not comptes and not suspects:
        return
    ligne = con.execute(
        f"SELECT {', '.join([*comptes, *suspects])} FROM {relation}", list(canaris) * len(textes)
    ).fetchone()
    assert ligne is not None
    for valeur, nombre in zip(statuts, ligne, strict=False):
        if nombre:
            yield f"column {valeur} shows {nombre} figure(s) under statut secret"
    for nom, trouves in zip(textes, ligne[len(comptes) :], strict=True):
        motifs = {m for texte in trouves or () for m in _texte(texte.encode(), permis, canaris)}
        for motif in sorted(motifs):
            yield f"column {nom}: {motif}"


def _statut_de(noms: Collection[str]) -> dict[str, str]:
    """Return the statut column of each value column, in a long table and in a wide one."""
    larges = {nom: f"{nom}_statut" for nom in noms if f"{nom}_statut" in noms}
    if "statut" not in noms:
        return larges
    longues = {
        n: "statut"
        for n in noms
        if n in _VALEURS or (n.startswith(_PREFIXES) and not n.endswith(("_lecture", "_statut")))
    }
    return longues | larges


def _contenus(octets: bytes, profondeur: int = 0, nom: str = "") -> Iterator[tuple[str, bytes]]:
    """Yield a file's bytes, then those of what it contains: zip members (workbooks, decks), PDF streams."""
    yield nom, octets
    if profondeur >= _PROFONDEUR:
        return
    if octets.startswith(_ZIP):
        with zipfile.ZipFile(io.BytesIO(octets)) as archive:
            for membre in sorted(archive.namelist()):
                yield from _contenus(archive.read(membre), profondeur + 1, f"{nom}{membre}")
    elif octets.startswith(_PDF):
        for flux in re.findall(rb"stream\r?\n(.*?)endstream", octets, re.DOTALL):
            try:
                yield f"{nom}stream", zlib.decompressobj().decompress(flux)
            except zlib.error:
                continue


def _texte(contenu: bytes, permis: Collection[bytes], canaris: Collection[str]) -> Iterator[str]:
    for canari in canaris:
        if canari.encode() in contenu or canari.encode("utf-16-le") in contenu:
            yield "holds a text planted in the zones behind"
            break
    if any(trouve not in permis for trouve in _HEXADECIMAL.findall(contenu)):
        yield "holds 64 hexadecimal digits that are no digest of this release: the form of a pseudonym"


def _cite(nom: str) -> str:
    return '"' + nom.replace('"', '""') + '"'
