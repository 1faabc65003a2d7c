"""The register of what was ever released: one Parquet per release, never changed, and the human decisions.

Belongs here: writing what a release shows and hides of micro-data and of registers under a rule, just before
readers can open it, reading it all back, and the decisions on what earlier releases already give away. A file
names the digest of the one before: one that was changed, removed or slipped in is seen. Does not: judging
(`preuve/`).
"""

import csv
import io
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from confidentialite.memoire.geographie import Geographie, Passage, lire_passage, territoires_courants
from confidentialite.memoire.lecture import (
    est_micro,
    lignes_suivies,
    par_niveaux,
    schema_des_marts,
    situer,
    sources_micro,
    termes,
    texte,
)
from confidentialite.memoire.schema import REGISTRE
from socle.disque import (
    FICHIER_CLOS,
    creer_dossier_clos,
    ecriture_atomique,
    sha256_fichier,
    synchroniser,
)
from socle.erreurs import ErreurPublication
from socle.etat import EtatIllisible, lire_octets
from socle.horloge import aujourd_hui
from socle.panne import en_ecrivant

Decision = Literal["assumer"]
_FICHIER = re.compile(r"(\d{6})-(.+)\.parquet")
_DECISIONS = "decisions.csv"
_COLONNES_DECISIONS = ("date", "qui", "incident", "decision", "raison")


@dataclass(frozen=True)
class Position:
    """Where the register stands: rank of its last file (0 when empty) and digest of that file."""

    rang: int
    sha256: str | None


def position(registre: Path) -> Position:
    """Return the rank and the digest of the last release registered.

    Raises ErreurPublication when the files do not follow each other.
    """
    presents = fichiers(registre)
    return Position(len(presents), sha256_fichier(presents[-1]) if presents else None)


def inscrites(registre: Path) -> set[str]:
    """Return the ids of the releases registered."""
    return {lu[2] for chemin in fichiers(registre) if (lu := _FICHIER.fullmatch(chemin.name))}


def tirer(
    registre: Path, release_id: str, con: duckdb.DuckDBPyConnection, perimetre: str, regle: str
) -> pa.Table:
    """Return what this build shows and hides of the extract and the registers, those that are masked by whole
    levels included; `ecrire` gives it its place.

    The territories are told by `intermediate.int_secret_atomes` where it knows them, in the COG of the
    figures, else by the marts, in the reference COG.
    """
    schema = schema_des_marts(con)
    micro = sources_micro(con, schema)
    deja = suivis(lire(registre), micro | micro_d_avant(registre))
    registres = mesures_des_registres(con)
    niveaux = par_niveaux(con, schema, registres)
    lignes = lignes_suivies(con, schema, micro, deja, registres, niveaux)
    passage = lire_passage(con, schema)
    geographie = Geographie(passage)
    reference = territoires_courants(con, schema, geographie, perimetre)
    territoires = situer(con, schema, lignes, geographie, reference)
    atomes, cogs = _atomes(con, lignes, territoires, geographie)
    table = pa.Table.from_pandas(
        lignes.assign(release_id=release_id, rang=0, regle=regle, cog_atomes=cogs).drop(columns="cog"),
        preserve_index=False,
    )
    table = table.append_column("atomes", atomes).select(REGISTRE.names).cast(REGISTRE)
    return table.replace_schema_metadata(
        {
            "cog_reference": str(passage.reference),
            "passage": json.dumps(passage.lignes, ensure_ascii=False),
            "micro": json.dumps(sorted(micro)),
        }
    )


def ecrire(registre: Path, release_id: str, table: pa.Table) -> Path:
    """Append what a release tells after what is there; return the file written.

    To be called before any reader can open the release: what is registered and was never read only makes
    later audits stricter. Raises ErreurPublication when the release is already there.
    """
    creer_dossier_clos(registre)
    presents = fichiers(registre)
    if release_id in inscrites(registre):
        raise ErreurPublication(
            f"Release {release_id} is already in the register {registre}: a release is registered once."
            " Nothing was written."
        )
    rang = len(presents) + 1
    dits = {**(table.schema.metadata or {}), b"precedent": (sha256_fichier(presents[-1]) if presents else "")}
    rangs = pa.array([rang] * table.num_rows, REGISTRE.field("rang").type)
    table = table.set_column(REGISTRE.get_field_index("rang"), REGISTRE.field("rang"), rangs)
    table = table.replace_schema_metadata(dits)
    cible = registre / f"{rang:06d}-{release_id}.parquet"
    provisoire = registre / f".en_cours-{release_id}"
    with en_ecrivant(cible, "the register of what was released"):
        provisoire.unlink(missing_ok=True)
        descripteur = os.open(provisoire, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FICHIER_CLOS)
        with os.fdopen(descripteur, "wb") as fichier:
            pq.write_table(table, fichier, compression="zstd")
            fichier.flush()
            os.fsync(fichier.fileno())
        # A link, not a rename: it refuses to take the place of a file.
        os.link(provisoire, cible)
        provisoire.unlink()
    synchroniser(registre)
    return cible


def lire(registre: Path) -> pa.Table:
    """Return every row ever registered, in the order of the releases.

    Raises ErreurPublication when a file is damaged, missing, or does not follow the one before.
    """
    tables = []
    precedent = ""
    for chemin in fichiers(registre):
        try:
            table = pq.read_table(chemin)
        except (OSError, pa.ArrowException) as erreur:
            raise _illisible(chemin, erreur) from None
        dit = (table.schema.metadata or {}).get(b"precedent", b"").decode()
        if dit != precedent or not table.schema.equals(REGISTRE):
            raise ErreurPublication(
                f"{chemin} does not follow the file before it (digest {dit[:12] or 'none'}, found"
                f" {precedent[:12] or 'none'}): a file of the register was changed, removed or added. Restore"
                " the folder from the backup."
            )
        tables.append(table.replace_schema_metadata(None))
        precedent = sha256_fichier(chemin)
    return pa.concat_tables(tables) if tables else REGISTRE.empty_table()


def passage(registre: Path) -> Passage | None:
    """Return the passage of communes of the newest reference geography registered, None when empty."""
    plus_recent: Passage | None = None
    for chemin in fichiers(registre):
        dits = _metadonnees(chemin)
        cog = int(dits[b"cog_reference"])
        if plus_recent is None or cog >= plus_recent.reference:
            chaines = json.loads(dits[b"passage"])
            plus_recent = Passage(cog, tuple((int(c), o, r, n) for c, o, r, n in chaines))
    return plus_recent


def _metadonnees(chemin: Path) -> dict[bytes, bytes]:
    try:
        return dict(pq.read_schema(chemin).metadata or {})
    except (OSError, pa.ArrowException) as erreur:
        raise _illisible(chemin, erreur) from None


def _illisible(chemin: Path, erreur: Exception) -> ErreurPublication:
    return ErreurPublication(
        f"{chemin} cannot be read ({erreur}): restore it from the backup. Nothing can be published"
        " without what earlier releases showed."
    )


def decider(registre: Path, incident: str, qui: str, decision: Decision, raison: str) -> None:
    """Append a decision on an incident: who takes responsibility, and why.

    Raises ErreurPublication when a field is empty or the incident is already decided.
    """
    if not (incident.strip() and qui.strip() and raison.strip()):
        raise ErreurPublication(
            "A decision names the incident, the person who takes it and the reason: one of them is empty."
            " Nothing was written."
        )
    if incident in decisions(registre):
        raise ErreurPublication(
            f"Incident {incident} is already decided ({registre / _DECISIONS}): decisions are not taken back."
        )
    chemin = registre / _DECISIONS
    texte = io.StringIO(newline="")
    lignes = csv.writer(texte, delimiter=";", lineterminator="\n")
    if not chemin.exists():
        lignes.writerow(_COLONNES_DECISIONS)
    lignes.writerow((aujourd_hui().isoformat(), qui, incident, decision, raison))
    # Whole each time: half a line, on a disk that fills up, would spoil those to come.
    with ecriture_atomique(chemin) as fichier:
        fichier.write((chemin.read_bytes() if chemin.exists() else b"") + texte.getvalue().encode())


def decisions(registre: Path) -> dict[str, Mapping[str, str]]:
    """Return the decisions taken, by incident. Raises `EtatIllisible` where they cannot be read."""
    chemin = registre / _DECISIONS
    attendu, suite = "the decisions taken on incidents", "put it back from a backup: nobody else knows them"
    octets = lire_octets(chemin, attendu, suite)
    if octets is None:
        return {}
    try:
        lignes = list(csv.DictReader(io.StringIO(octets.decode(), newline=""), delimiter=";", strict=True))
    except (ValueError, csv.Error) as erreur:
        raise EtatIllisible(chemin, type(erreur).__name__, attendu, suite) from None
    if fausse := next(
        (n for n, li in enumerate(lignes, 2) if {*li} != {*_COLONNES_DECISIONS} or None in li.values()),
        None if lignes else 1,
    ):
        raise EtatIllisible(chemin, f"line {fausse}, which is none", attendu, suite)
    return {ligne["incident"]: ligne for ligne in lignes}


def fichiers(registre: Path) -> list[Path]:
    """Return the files of the register, in order; raise ErreurPublication where one was removed or added."""
    if not registre.is_dir():
        return []
    presents = sorted(chemin for chemin in registre.iterdir() if _FICHIER.fullmatch(chemin.name))
    rangs = [int(chemin.name[:6]) for chemin in presents]
    if rangs != list(range(1, len(rangs) + 1)):
        raise ErreurPublication(
            f"The register {registre} holds ranks {rangs}; expected 1 to {len(rangs)} once each. A file was"
            " removed or added: restore the folder from the backup."
        )
    return presents


def mesures_des_registres(con: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """Return the mesures of registers that a build protects cell by cell."""
    lues = con.execute("select mesure_id from seeds.mesures where contributeurs is not null").fetchall()
    return frozenset(mesure for (mesure,) in lues)


def micro_d_avant(registre: Path) -> frozenset[str]:
    """Return the sources that were micro-data when a release of this register was made."""
    return frozenset(
        source for chemin in fichiers(registre) for source in json.loads(_metadonnees(chemin)[b"micro"])
    )


def suivis(table: pa.Table, micro: frozenset[str]) -> set[tuple[str, int]]:
    """Return the (indicateur, millésime) that came from these sources in a release of this register."""
    if not table.num_rows:
        return set()
    cles = ("indicateur_id", "millesime", "statut", "source_ids")
    groupes = table.filter(table["sensible"]).group_by([*cles]).aggregate([])
    return {
        (str(indicateur), int(millesime))
        for indicateur, millesime, statut, sources in zip(
            *(groupes[c].to_pylist() for c in cles), strict=True
        )
        if statut == "secret" or est_micro(sources, micro)
    }


def _atomes(
    con: duckdb.DuckDBPyConnection, lignes: pd.DataFrame, territoires: list[int], geographie: Geographie
) -> tuple[pa.Array, list[int]]:
    """Return the communes of the territory of each row, and the COG they are coded in."""
    connus: dict[tuple[int, int, str, str], list[str]] = {}
    codees: dict[tuple[str, int], int] = {}
    for millesime, cog, niveau, code, atomes in con.execute(
        "select millesime, cog_millesime, niveau, code, list(atome order by atome)"
        " from intermediate.int_secret_atomes group by all"
    ).fetchall():
        connus[int(millesime), int(cog), niveau, code] = atomes
    for mesure, millesime, cog in con.execute(
        "select distinct mesure_id, millesime, cog_millesime from intermediate.int_secret_communes"
    ).fetchall():
        codees[mesure, int(millesime)] = int(cog)
    dictionnaire: dict[object, int] = {}
    listes: list[list[str]] = []
    indices: list[int] = []
    cogs: list[int] = []
    reference = geographie.passage.reference
    for genre, millesime, niveau, code, numerateur, denominateur, territoire in zip(
        *(lignes[c] for c in ("geographie", "millesime", "niveau", "code")),
        *(lignes[c] for c in ("formule_numerateur", "formule_denominateur")),
        territoires,
        strict=True,
    ):
        cle: object = territoire
        # The two terms of a row come from one file, or one of them is public.
        mesures = [*termes(texte(numerateur)), *termes(texte(denominateur))]
        cog = next((codees[m, int(millesime)] for m in mesures if (m, int(millesime)) in codees), reference)
        dits = connus.get((int(millesime), cog, niveau, code)) if genre == "reference" else None
        if dits is not None:
            cle = (int(millesime), cog, niveau, code)
        if cle not in dictionnaire:
            dictionnaire[cle] = len(listes)
            listes.append(dits if dits is not None else geographie.nom(territoire).split("+"))
        indices.append(dictionnaire[cle])
        cogs.append(cog if dits is not None else reference)
    uniques = pa.array(listes, type=pa.list_(pa.string()))
    return uniques.take(pa.array(indices, type=pa.int64())), cogs
