"""The scan of a release before it is complete: nothing in any file that only the zones behind may hold.

Belongs here: reading every exported file as a reader could, containers within containers included
(`contenus.py` opens them; `chiffres.py` holds what pages and workbooks print beside the release). A finding
names the file and the table, never what was found. Does not: whether masked cells can be recomputed
(`controles/`).
"""

import codecs
import csv
import gzip
import io
import itertools
import re
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import duckdb

from confidentialite.preuve.chiffres import Releve
from confidentialite.preuve.contenus import contenus, lisible, recolle
from socle.sql import nom_sql, texte_sql
from socle.statuts import colonne_du_statut

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
_CHIFFRES = bytes(chr(c) in "0123456789abcdef" for c in range(256))
_SUITE = b"\x01" * 64
_BLOC = 1 << 24
_TABLES = (".parquet", ".csv", ".duckdb")
"""The forms of files that DuckDB reads."""
_DOCUMENTS = (".html", ".css", ".js", ".json", ".jsonld", ".md", ".pdf", ".pptx", ".xlsx", ".zip")
"""Those that are opened, down to what they hold, and read as texts."""
_SANS_FORME = ("SUCCESS",)
"""The files of a release that have none."""


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
    dossier: Path,
    autorises: Collection[str] = (),
    masquees: Mapping[str, Collection[str]] | None = None,
    canaris: Collection[str] = (),
) -> list[Trouvaille]:
    """Return what no reader may be given, sorted; empty when the folder is clean.

    `autorises`: the SHA-256 a release may quote (its files, its inputs, its certificate); any other text of
    64 hexadecimal digits has the form of a pseudonym. `masquees`: the columns that masks blank, by table; a
    table that it does not name is told, as is a column it names that is not there. `canaris`: texts planted
    in the zones behind.
    """
    balai = _Balai({a.lower().encode() for a in autorises}, masquees, [c.encode() for c in canaris])
    chemins = sorted(p for p in dossier.rglob("*") if p.is_file())
    tables = [c for c in chemins if _forme(c) in _TABLES]
    # DuckDB reads tables without the lock of Python: pages and workbooks are read meanwhile.
    with ThreadPoolExecutor(1) as fil:
        des_tables = fil.submit(_balayer, dossier, tables, balai)
        trouvailles = _balayer(dossier, [c for c in chemins if _forme(c) not in _TABLES], balai)
        return sorted(trouvailles | des_tables.result())


def _balayer(dossier: Path, chemins: Iterable[Path], balai: "_Balai") -> set[Trouvaille]:
    """Scan some files of a folder."""
    trouvailles: set[Trouvaille] = set()
    # Nothing spills beside what is being scanned.
    reglages: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "temp_directory": "",
    }
    with duckdb.connect(config=reglages) as con:
        con.execute("set enable_progress_bar = false")
        releve = Releve(con, dossier)
        for chemin in chemins:
            nom = chemin.relative_to(dossier).as_posix()
            forme = _forme(chemin)
            if forme not in (*_TABLES, *_DOCUMENTS) and chemin.name not in _SANS_FORME:
                # Its bytes are looked into all the same; the figures of a table would not be.
                trouvailles.add(Trouvaille(nom, "", f"is a {forme} file, whose figures the scan cannot read"))
            try:
                suspects = forme == ".csv" and balai.suspect(chemin)
            except UnicodeDecodeError:
                trouvailles.add(Trouvaille(nom, "", "is not UTF-8, so nobody knows what it holds"))
                continue
            try:
                for relation in _relations(con, chemin, dossier):
                    # What a column of a CSV holds stands in its bytes: a clean file has clean columns.
                    textes = forme != ".csv" or suspects
                    trouvailles |= {
                        Trouvaille(nom, relation.membre, motif)
                        for motif in balai.table(con, relation, textes=textes)
                    }
                    if relation.table is None and forme == ".csv":
                        releve.lire_csv(nom, relation.sql, relation.types)
            except duckdb.InvalidInputException:
                # DuckDB would quote the line.
                trouvailles.add(Trouvaille(nom, "", "is no table, so nobody knows what it holds"))
            if forme == ".duckdb":
                trouvailles |= {Trouvaille(nom, "", motif) for motif in _schemas(con)}
                con.execute("detach lue")
            elif forme not in _TABLES or suspects:
                for membre, contenu in contenus(chemin.read_bytes()):
                    if contenu is None:
                        trouvailles.add(
                            Trouvaille(nom, membre, "cannot be opened, so nobody knows what it holds")
                        )
                        continue
                    trouvailles |= {Trouvaille(nom, membre, motif) for motif in balai.texte(contenu)}
                    releve.lire(f"{nom}/{membre}" if membre else nom, contenu)
        return trouvailles | {Trouvaille(e.fichier, e.reference, e.motif) for e in releve.ecarts()}


@dataclass(frozen=True)
class _Relation:
    """A table of a file: its name among the tables of the release, its place in the file, what to write
    after `from`, and the type of each column."""

    table: str | None
    membre: str
    sql: str
    types: Mapping[str, str]


def _forme(chemin: Path) -> str:
    """Return the suffix that says how a file is read: a compressed CSV is a CSV, a page a page.

    csv/a.csv.gz  .csv      ressources/a.js.gz  .js      csv/a.ndjson.gz  .ndjson.gz, which is not read
    """
    if chemin.suffix != ".gz":
        return chemin.suffix
    dedans = Path(chemin.stem).suffix
    return dedans if dedans in (".csv", *_DOCUMENTS) else f"{dedans}.gz"


def _ouvrir(chemin: Path) -> BinaryIO:
    return cast(BinaryIO, gzip.open(chemin)) if chemin.suffix == ".gz" else chemin.open("rb")


def _relations(con: duckdb.DuckDBPyConnection, chemin: Path, dossier: Path) -> Iterator[_Relation]:
    """Yield the tables a file holds. A file at the root, or in a folder of another name, is no table."""
    cite, forme = texte_sql(chemin), _forme(chemin)
    nom_de_table = chemin.name.removesuffix(".gz").removesuffix(forme)
    table = nom_de_table if chemin.parent == dossier / forme.removeprefix(".") else None
    if forme == ".parquet":
        lue = f"read_parquet({cite})"
        yield _Relation(table, "", lue, _types(con, lue))
    elif forme == ".csv":
        separateur, types = _titres(chemin)
        colonnes = ", ".join(f"{texte_sql(titre)}: '{type_}'" for titre, type_ in types.items())
        # DuckDB guesses nothing: it would read the head of each file again, and might leave lines out.
        lue = (
            f"read_csv({cite}, auto_detect=false, header=true, delim='{separateur}', quote='\"', escape='\"',"
            f" columns={{{colonnes}}})"
        )
        yield _Relation(table, "", lue, types)
    elif forme == ".duckdb":
        con.execute(f"attach {cite} as lue (read_only)")
        for schema, nom in con.execute(
            "select table_schema, table_name from information_schema.tables where table_catalog = 'lue'"
            " order by all"
        ).fetchall():
            lue = f"lue.{nom_sql(schema)}.{nom_sql(nom)}"
            yield _Relation(nom, f"{schema}.{nom}", lue, _types(con, lue))


def _titres(chemin: Path) -> tuple[str, dict[str, str]]:
    """Return the separator of a CSV and its headings, all of them texts; one told again takes its rank."""
    with _ouvrir(chemin) as octets, io.TextIOWrapper(octets, "utf-8-sig", newline="") as texte:
        premiere = texte.readline()
        separateur = ";" if ";" in premiere else ","
        lus = next(csv.reader(itertools.chain([premiere], texte), delimiter=separateur), [""])
    types: dict[str, str] = {}
    pris: set[str] = set()
    for rang, lu in enumerate(lus):
        titre = lu.strip()
        # DuckDB reads names of columns whatever their case.
        while titre.casefold() in pris:
            titre = f"{titre}_{rang}"
        pris.add(titre.casefold())
        types[titre] = "VARCHAR"
    return separateur, types


def _types(con: duckdb.DuckDBPyConnection, lue: str) -> dict[str, str]:
    return {nom: type_ for nom, type_, *_ in con.execute(f"describe from {lue}").fetchall()}


def _schemas(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Return what a database holds beside tables of schema `marts`."""
    autres = con.execute(
        """
        select distinct schema_name from duckdb_schemas()
        where database_name = 'lue' and not internal and schema_name not in ('main', 'marts')
        union select distinct schema_name from duckdb_tables()
        where database_name = 'lue' and not internal and schema_name <> 'marts'
        order by all
        """
    ).fetchall()
    vues = con.execute(
        "select view_name from duckdb_views() where database_name = 'lue' and not internal order by all"
    ).fetchall()
    return [f"holds schema {schema} beside marts" for (schema,) in autres] + [
        f"holds a view ({vue}), whose text may name another zone" for (vue,) in vues
    ]


class _Balai:
    """What is looked for: figures under statut secret, columns and texts of the zones behind, pseudonyms."""

    def __init__(
        self,
        permis: Collection[bytes],
        masquees: Mapping[str, Collection[str]] | None,
        canaris: Sequence[bytes],
    ) -> None:
        self.permis, self.masquees, self.canaris = permis, masquees, canaris
        self.recolles = ["".join(c.decode().split()) for c in canaris]

    def table(self, con: duckdb.DuckDBPyConnection, relation: _Relation, *, textes: bool) -> Iterator[str]:
        """Yield what is wrong with one table; `textes`: what its texts hold too."""
        types = relation.types
        for nom in types:
            if COLONNES_MICRO.fullmatch(nom):
                yield f"has column {nom}, which belongs to the zones behind"
        colonnes, defauts = self._masquees(relation)
        yield from defauts
        # One reading for all columns: a wide CSV would be read again for each.
        comptes = [
            f"count(*) filter (where {nom_sql(statut)} = 'secret' and {_montre(valeur, types)})"
            for valeur, statut in colonnes.items()
        ]
        lus = [nom for nom, type_ in types.items() if textes and type_ == "VARCHAR"]
        longueurs = [f"max(strlen({nom_sql(nom)}))" for nom in lus]
        if not comptes and not longueurs:
            return
        ligne = con.execute(f"select {', '.join([*comptes, *longueurs])} from {relation.sql}").fetchone()
        assert ligne is not None
        for valeur, nombre in zip(colonnes, ligne, strict=False):
            if nombre:
                yield f"column {valeur} shows {nombre} figure(s) under statut secret"
        # What is shorter than a pseudonym is none.
        longues = [
            nom
            for nom, longueur in zip(lus, ligne[len(comptes) :], strict=True)
            if self.canaris or (longueur or 0) >= 64
        ]
        for nom, textes_ in self._suspects(con, relation, longues):
            motifs = {m for texte in textes_ for m in self.texte(texte.encode())}
            for motif in sorted(motifs):
                yield f"column {nom}: {motif}"

    def _suspects(
        self, con: duckdb.DuckDBPyConnection, relation: _Relation, noms: Sequence[str]
    ) -> Iterator[tuple[str, list[str]]]:
        """Yield the distinct texts of each column that must be looked into."""
        if not noms:
            return
        plante = "".join(" or contains({0}, ?)" for _ in self.canaris)
        suspect = "list(distinct {0}) filter (where regexp_matches({0}, '[0-9a-f]{{64}}')" + plante + ")"
        suspects = ", ".join(suspect.format(nom_sql(nom)) for nom in noms)
        plantes = [c.decode() for c in self.canaris] * len(noms)
        lus = con.execute(f"select {suspects} from {relation.sql}", plantes).fetchone()
        yield from ((nom, textes or []) for nom, textes in zip(noms, lus or (), strict=True))

    def _masquees(self, relation: _Relation) -> tuple[dict[str, str], list[str]]:
        """Return the statut column of each column that masks blank, and what the declaration lacks."""
        noms = relation.types
        if relation.table is None or self.masquees is None:
            return masquees_par_le_nom(noms), []
        if relation.table not in self.masquees:
            return masquees_par_le_nom(noms), ["is a table of which nobody declared what masks blank"]
        statuts: dict[str, str] = {}
        defauts = []
        for nom in sorted(self.masquees[relation.table]):
            statut = colonne_du_statut(nom, noms)
            if nom not in noms:
                defauts.append(f"lacks column {nom}, which masks blank")
            elif statut is None:
                defauts.append(f"has no statut for column {nom}, which masks blank")
            else:
                statuts[nom] = statut
        return statuts, defauts

    def suspect(self, chemin: Path) -> bool:
        """Whether a CSV may hold what `texte` looks for; one that does is looked into at length.

        Raises UnicodeDecodeError where it is not UTF-8, which no table can be read from.
        """
        plantes = list(self._plantes())
        # Blocks overlap by the length of what is looked for.
        recouvre = max(map(len, (_SUITE, *plantes))) - 1
        fin, trouve = b"", False
        decodeur = codecs.getincrementaldecoder("utf-8")()
        try:
            with _ouvrir(chemin) as fichier:
                while bloc := fichier.read(_BLOC):
                    decodeur.decode(bloc)
                    octets = fin + bloc
                    trouve = trouve or any(c in octets for c in plantes) or _a_une_suite(octets)
                    fin = octets[-recouvre:]
        except (EOFError, gzip.BadGzipFile, zlib.error):
            return True
        decodeur.decode(b"", final=True)
        return trouve

    def texte(self, contenu: bytes) -> Iterator[str]:
        """Yield what is wrong with some bytes, as they are and as a reader sees them."""
        clair = lisible(contenu)
        formes = [contenu] if clair is None else [contenu, clair.encode("utf-8", "replace")]
        # What a format cut into runs is put together again for texts that are known, not for forms: figures
        # that follow each other would look like one.
        entier = (recolle(contenu) if self.recolles else None) or ""
        if any(c in f for f in formes for c in self._plantes()) or any(c in entier for c in self.recolles):
            yield "holds a text planted in the zones behind"
        if any(self._pseudonyme(f) for f in formes):
            yield "holds 64 hexadecimal digits that are no digest of this release: the form of a pseudonym"

    def _pseudonyme(self, contenu: bytes) -> bool:
        if not _a_une_suite(contenu):
            return False
        return any(trouve not in self.permis for trouve in _HEXADECIMAL.findall(contenu))

    def _plantes(self) -> Iterator[bytes]:
        for canari in self.canaris:
            yield from (canari, canari.decode().encode("utf-16-le"), canari.decode().encode("utf-16-be"))


def _montre(colonne: str, types: Mapping[str, str]) -> str:
    """Return the SQL of whether a cell shows something: text formats write `s` where a figure is secret."""
    if types[colonne] != "VARCHAR":
        return f"{nom_sql(colonne)} is not null"
    return f"coalesce({nom_sql(colonne)}, '') not in ('', 's')"


def masquees_par_le_nom(noms: Collection[str]) -> dict[str, str]:
    """Return the statut column of each column that masks blank, told by their names.

    The rule where nobody declares them: `x` beside `x_statut`, and the figures of a table with a `statut`.
    """
    larges = {nom: f"{nom}_statut" for nom in noms if f"{nom}_statut" in noms}
    if "statut" not in noms:
        return larges
    longues = {
        n: "statut"
        for n in noms
        if n in _VALEURS or (n.startswith(_PREFIXES) and not n.endswith(("_lecture", "_statut")))
    }
    return longues | larges


def _a_une_suite(octets: bytes) -> bool:
    """Whether 64 hexadecimal digits follow each other somewhere in these bytes.

    bytes    12;x3f
    digits   110011: each byte says whether it is one
    64 times 1 in a row is found as any text is, where a regular expression would try each place in turn
    """
    for debut in range(0, len(octets), _BLOC):
        # Blocks overlap by the length of what is looked for.
        if _SUITE in octets[debut : debut + _BLOC + len(_SUITE)].translate(_CHIFFRES):
            return True
    return False
