"""Observations of a long file (Melodi) to rows: one row per territory, a column of text per mesure.

A national file has tens of millions of lines: it streams by blocks and only the observations read are kept.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import IO

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from ingestion.contrats.grammaire import (
    OBJET,
    PERIODE,
    TERRITOIRE,
    VALEUR,
    FormatCsv,
    FormatZip,
    Long,
    Millesime,
    Ressource,
)
from ingestion.erreurs import ErreurSource, Lieu, premiers
from ingestion.readers.csv import codec, enregistrements, mal_encode, mal_forme, mauvaise_largeur
from ingestion.readers.zip import est_un_zip, ouvrir
from socle.sql import nom_sql, texte_sql

BLOC = 1 << 23
# The two files that the millésimes of a source usually alternate between.
GARDES = 2
MARQUES = {"missing": "manquant", "secret": "secret"}


@dataclass(frozen=True)
class Cellules:
    """The cells of a column: as text, why they are empty, the line of each."""

    entete: str
    brut: pa.Array
    marque: pa.Array
    lignes: pa.Array


@dataclass(frozen=True)
class Pivot:
    """The territories of one level and one year: first line of each, code, and a column per mesure."""

    lignes: pa.Array
    codes: pa.Array
    mesures: dict[str, Cellules]


@dataclass(frozen=True)
class _Fichier:
    """A landed file and its reading; equal for the same bytes read the same way."""

    sha256: str
    membre: str | None
    long: str
    format: FormatCsv | FormatZip = field(compare=False)
    chemin: Path = field(compare=False)
    lieu: Lieu = field(compare=False)


def entete(
    chemin: Path, ressource: Ressource, edition: Millesime, lieu: Lieu
) -> tuple[list[str], str | None]:
    """Return the headers of a long file, and the name of the member that holds it."""
    fichier = _fichier(chemin, ressource, edition, lieu)
    with _ouvrir(fichier) as (membre, f):
        premiere = f.readline()
    try:
        return _noms(premiere, fichier.format), membre
    except UnicodeDecodeError as e:
        raise _faute(fichier, str(e)) from e


def pivoter(
    chemin: Path, ressource: Ressource, edition: Millesime, long: Long, sha256: str, lieu: Lieu
) -> Pivot:
    """Read the observations of a ressource's level and of one year, one row per territory.

    The line of a row is the first of its territory; each cell, and each error, has its observation's. Raises
    `ErreurSource`: `valeur_hors_liste` (unknown code), `marque_contredite`, `cle_dupliquee` (two observations
    for one figure), `millesime_inattendu`, `modalite_absente` (no territory of the level), or a fault of the
    text.
    """
    rangs = _lire(_fichier(chemin, ressource, edition, lieu, sha256, long.model_dump_json()))
    objets = [o for o, niveau in long.levels.items() if niveau == ressource.niveau]
    annee = str(edition.millesime)
    if annee not in (annees := sorted(rangs["periode"].unique().to_pylist())):
        raise lieu.erreur(
            "millesime_inattendu",
            colonne=PERIODE,
            observe=f"observations of {', '.join(annees) or 'no year'}",
            attendu=f"some of {annee}, the millésime under which it was received",
            que_faire=f"receive it under a year it holds, after declaring that millésime in {lieu.contrat}",
        )
    de_l_annee = pc.equal(rangs["periode"], annee)
    rangs = rangs.filter(pc.and_(de_l_annee, pc.is_in(rangs["objet"], pa.array(objets)))).combine_chunks()
    if not rangs.num_rows:
        raise lieu.erreur(
            "modalite_absente",
            colonne=OBJET,
            observe=f"no observation of {annee} whose {OBJET} is {' or '.join(objets)}"
            + "".join(
                f" ({TERRITOIRE} {', '.join(long.territories[o])})" for o in objets if o in long.territories
            ),
            attendu=f"the territories of level {ressource.niveau}",
            que_faire="open the file; if the producer renamed the level, change `levels` or `territories` in "
            f"{lieu.contrat}",
        )
    colonnes = {nom: rangs[nom].combine_chunks() for nom in rangs.column_names}
    return Pivot(
        colonnes["ligne"],
        colonnes["code"],
        {
            m: Cellules(
                f"{VALEUR}[{_combinaison(long, m)}]",
                *(colonnes[f"{p}_{i}"] for p in ("valeur", "marque", "ligne")),
            )
            for i, m in enumerate(long.mesures)
        },
    )


def oublier() -> None:
    """Drop the cached files once the source that reads them is done."""
    _lire.cache_clear()


@lru_cache(maxsize=GARDES)
def _lire(fichier: _Fichier) -> pa.Table:
    """Return every territory, level and year of a file; `valeur_i, marque_i, ligne_i` are mesure i.

    Cached: one file serves several ressources and millésimes.
    """
    long = Long.model_validate_json(fichier.long)
    textes = (OBJET, TERRITOIRE, PERIODE, *long.dimensions, *long.markers, VALEUR)
    schema = pa.schema([*((nom, pa.string()) for nom in textes), ("ligne", pa.int32())])
    observations = pa.Table.from_batches(_observations(fichier, long), schema)
    _verifier(observations, long, fichier.lieu)

    numeros = " ".join(
        f"when {' and '.join(f'{nom_sql(d)} = {texte_sql(c)}' for d, c in _codes(long, m).items())} then {i}"
        for i, m in enumerate(long.mesures)
    )
    marque = " ".join(
        f"when {nom_sql(entete)} in ({', '.join(map(texte_sql, codes))}) then '{MARQUES[sens]}'"
        # A secret marker wins over any other.
        for sens in ("secret", "missing")
        for entete, dit in long.markers.items()
        if (codes := [c for c, s in dit.items() if s == sens])
    )
    par_mesure = ", ".join(
        f"min(valeur) filter (mesure = {i}) as valeur_{i}, min(marque) filter (mesure = {i}) as marque_{i}, "
        f"min(ligne) filter (mesure = {i})::integer as ligne_{i}, count(*) filter (mesure = {i}) as n_{i}"
        for i in range(len(long.mesures))
    )
    with duckdb.connect() as base:
        base.register("observations", observations)
        rangs = base.execute(
            f"""
            with lues as (
                select
                    {nom_sql(OBJET)} as objet,
                    {nom_sql(TERRITOIRE)} as code,
                    {nom_sql(PERIODE)} as periode,
                    ligne,
                    -- Large and small figures come as 4.18E7: as many decimals as a decimal holds.
                    coalesce(
                        case
                            when contains(upper({nom_sql(VALEUR)}), 'E')
                                then cast(try_cast({nom_sql(VALEUR)} as decimal(38, 15)) as varchar)
                        end,
                        {nom_sql(VALEUR)}
                    ) as valeur,
                    case {marque or "when false then ''"} end as marque,
                    case {numeros} end as mesure
                from observations
            )

            select objet, code, periode, min(ligne)::integer as ligne, {par_mesure}
            from lues
            where mesure is not null
            group by all
            order by ligne
            """
        ).to_arrow_table()
    _verifier_uniques(observations, rangs, long, fichier.lieu)
    return rangs


def _observations(fichier: _Fichier, long: Long) -> list[pa.RecordBatch]:
    """Read a file by blocks, and keep the observations that some mesure reads."""
    lieu, format = fichier.lieu, fichier.format
    voulus = {d: pa.array(sorted({_codes(long, m)[d] for m in long.mesures})) for d in long.dimensions}
    connus = {OBJET: [*long.levels, *long.left_out], **long.codes}
    gardees, ligne = [], 2
    with _ouvrir(fichier) as (_, f):
        noms = _noms(f.readline(), format)
        lus = [OBJET, TERRITOIRE, PERIODE, *long.dimensions, *long.markers, VALEUR]
        try:
            blocs = pacsv.open_csv(
                f,
                read_options=pacsv.ReadOptions(
                    column_names=noms,
                    block_size=BLOC,
                    encoding=codec(format.encoding).replace("utf-8-sig", "utf8"),
                ),
                parse_options=pacsv.ParseOptions(
                    delimiter=format.separator, newlines_in_values=False, ignore_empty_lines=False
                ),
                convert_options=pacsv.ConvertOptions(
                    column_types=dict.fromkeys(lus, pa.string()),
                    include_columns=lus,
                    strings_can_be_null=False,
                    quoted_strings_can_be_null=False,
                ),
            )
            for bloc in blocs:
                for entete, codes in connus.items():
                    _refuser_inconnus(bloc[entete], codes, entete, ligne, lieu)
                garde = pc.is_in(bloc[OBJET], pa.array([*long.levels]))
                for objet, territoires in long.territories.items():
                    ici = pc.is_in(bloc[TERRITOIRE], pa.array(territoires))
                    garde = pc.and_(garde, pc.or_(pc.not_equal(bloc[OBJET], objet), ici))
                for dimension, codes_lus in voulus.items():
                    garde = pc.and_(garde, pc.is_in(bloc[dimension], codes_lus))
                lignes = pa.array(range(ligne, ligne + bloc.num_rows), pa.int32())
                gardees.append(bloc.append_column("ligne", lignes).filter(garde))
                ligne += bloc.num_rows
        except pa.ArrowInvalid as e:
            raise _faute(fichier, str(e)) from e
    return gardees


def _refuser_inconnus(cellules: pa.Array, connus: list[str], entete: str, premiere: int, lieu: Lieu) -> None:
    inconnus = pc.invert(pc.is_in(cellules, pa.array(connus)))
    if not inconnus.true_count:
        return
    cas = [(premiere + i, cellules[i].as_py()) for i in pc.indices_nonzero(inconnus).to_pylist()]
    ou = "`levels` or `left_out`" if entete == OBJET else "`codes`"
    raise lieu.erreur(
        "valeur_hors_liste",
        colonne=entete,
        ligne=cas[0][0],
        observe=premiers(cas),
        attendu=f"one of {connus}",
        que_faire="find out in the producer's metadata what this code is; if it changes nothing in what is "
        f"read, add it to {ou} in {lieu.contrat}",
    )


def _verifier(observations: pa.Table, long: Long, lieu: Lieu) -> None:
    """Refuse a marker unknown to the contract, or contradicted by the value beside it."""
    vides = pc.equal(observations[VALEUR], "")
    sans_valeur = pa.chunked_array([pa.repeat(pa.scalar(False), len(c)) for c in vides.chunks], pa.bool_())
    for entete, dit in long.markers.items():
        cellules = observations[entete]
        inconnus = pc.invert(pc.is_in(cellules, pa.array([*dit])))
        if pc.any(inconnus).as_py():
            cas = _cas(observations.filter(inconnus), entete)
            raise lieu.erreur(
                "valeur_hors_liste",
                colonne=entete,
                ligne=cas[0][0],
                observe=premiers(cas),
                attendu=f"one of {[*dit]}",
                que_faire="find out in the producer's metadata what it says of the value, then declare "
                f"it under `markers` in {lieu.contrat}",
            )
        vide = pa.array([c for c, sens in dit.items() if sens], pa.string())
        sans_valeur = pc.or_(sans_valeur, pc.is_in(cellules, vide))
    contredites = pc.not_equal(vides, sans_valeur)
    if pc.any(contredites).as_py():
        fautives = observations.filter(contredites)
        cas = [
            (
                ligne,
                f"{VALEUR} {valeur!r}, " + ", ".join(f"{e} {fautives[e][i].as_py()!r}" for e in long.markers),
            )
            for i, (ligne, valeur) in enumerate(_cas(fautives, VALEUR))
        ]
        raise lieu.erreur(
            "marque_contredite",
            colonne=VALEUR,
            ligne=cas[0][0],
            observe=premiers(cas),
            attendu=f"a value, or none where a marker says so ({_sens(long)})",
            que_faire="ask the producer what the marker means, then say it under `markers` in "
            + lieu.contrat,
        )


def _verifier_uniques(observations: pa.Table, rangs: pa.Table, long: Long, lieu: Lieu) -> None:
    """Refuse two observations of one figure, with the lines of both."""
    for i, mesure in enumerate(long.mesures):
        doubles = rangs.filter(pc.greater(rangs[f"n_{i}"], 1))
        if not doubles.num_rows:
            continue
        cas = []
        for rang in doubles.slice(0, 3).to_pylist():
            lieux = {OBJET: rang["objet"], TERRITOIRE: rang["code"], PERIODE: rang["periode"]} | _codes(
                long, mesure
            )
            memes = observations
            for entete, code in lieux.items():
                memes = memes.filter(pc.equal(memes[entete], code))
            premiere, *autres = memes["ligne"].to_pylist()
            cas.append((premiere, f"{' '.join(lieux.values())} (also line {', '.join(map(str, autres))})"))
        cas += [(0, "")] * (doubles.num_rows - len(cas))
        raise lieu.erreur(
            "cle_dupliquee",
            colonne=", ".join((OBJET, TERRITOIRE, PERIODE, *long.dimensions)),
            ligne=cas[0][0],
            observe=premiers(cas),
            attendu=f"one observation of {mesure} per territory and year ({_combinaison(long, mesure)})",
            que_faire="compare the lines; if the producer added a dimension, declare it under `dimensions` "
            f"in {lieu.contrat}; else tell the producer",
        )


def _faute(fichier: _Fichier, dit: str) -> ErreurSource:
    """Place the fault of a file that does not read."""
    lieu, format, ligne = fichier.lieu, fichier.format, 1
    with _ouvrir(fichier) as (_, f):
        try:
            texte = io.TextIOWrapper(f, codec(format.encoding), newline="")
            rangs = enregistrements(texte, format.separator, lieu)
            largeur = len(next(rangs, (1, []))[1])
            for ligne, rang in rangs:
                if len(rang) != largeur:
                    return mauvaise_largeur([(ligne, rang)], largeur, format.separator, lieu)
        except UnicodeDecodeError as e:
            observe = f"byte 0x{e.object[e.start]:02x} after line {ligne}"
            return mal_encode(ligne, observe, format.encoding, lieu)
        except ErreurSource as e:
            return e
    return mal_forme(ligne, dit, format.separator, lieu)


def _codes(long: Long, mesure: str) -> dict[str, str]:
    """The code of each dimension under which a mesure is read."""
    return long.dimensions | long.mesures[mesure]


def _combinaison(long: Long, mesure: str) -> str:
    return ", ".join(f"{d}={c}" for d, c in (long.mesures[mesure] or long.dimensions).items())


def _sens(long: Long) -> str:
    return "; ".join(
        f"{entete} {', '.join(c for c, sens in dit.items() if sens)}"
        for entete, dit in long.markers.items()
        if any(dit.values())
    )


def _cas(observations: pa.Table, entete: str) -> list[tuple[int, str]]:
    return list(zip(observations["ligne"].to_pylist(), observations[entete].to_pylist(), strict=True))


def _noms(premiere: bytes, format: FormatCsv | FormatZip) -> list[str]:
    return next(csv.reader([premiere.decode(codec(format.encoding))], delimiter=format.separator), [])


def _fichier(
    chemin: Path, ressource: Ressource, edition: Millesime, lieu: Lieu, sha256: str = "", long: str = ""
) -> _Fichier:
    format = ressource.format
    assert isinstance(format, FormatCsv | FormatZip)
    membre = edition.member or (format.member if isinstance(format, FormatZip) else None)
    return _Fichier(sha256, membre, long, format, chemin, lieu)


@contextmanager
def _ouvrir(fichier: _Fichier) -> Iterator[tuple[str | None, IO[bytes]]]:
    """Give the name of the member and its bytes, or those of a plain file."""
    if isinstance(fichier.format, FormatZip) or est_un_zip(fichier.chemin):
        with ouvrir(fichier.chemin, fichier.membre, fichier.lieu) as ouvert:
            yield ouvert
    else:
        with fichier.chemin.open("rb") as f:
            yield None, f
