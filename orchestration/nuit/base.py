"""The night's own DuckDB file: what it holds before dbt starts.

Registers the accepted Parquet files; knows no SQL model, and no reader ever opens this file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from pathlib import Path

import duckdb
import pyarrow as pa

from confidentialite.regle import Regles
from confidentialite.regle import lire as lire_regles
from ingestion.acquisition import Acquisition, FichierEnAttente, FichierRetenu
from ingestion.contrats import Contrat
from ingestion.erreurs_connues import charger as charger_erreurs
from ingestion.erreurs_connues import presentes
from ingestion.extrait.contrat import charger_contrat
from ingestion.extrait.identite import RESSOURCE_EXTRAIT, SOURCE_EXTRAIT
from ingestion.extrait.retenus import MoisRetenu
from ingestion.extrait.schema import SCHEMA_MICRO
from socle.sql import nom_sql, texte_sql

from ..racine import RACINE
from .agregats import SCHEMA_ARRONDIS, Fichier
from .code import DBT
from .identifiants import identifiants
from .registres import Annee, EnUsage
from .reglages import Reglages

MESURES = RACINE / DBT / "seeds" / "mesures.csv"
ECRITURE = "v1.5.0"
"""How the file is written: no older DuckDB has to read it, and large tables take a quarter less to write."""

FICHIERS = pa.schema(
    [
        ("fichier_id", pa.string()),
        ("sha256", pa.string()),
        ("source", pa.string()),
        ("ressource", pa.string()),
        ("millesime", pa.int32()),
        ("membre", pa.string()),
        ("lignes", pa.int64()),
        ("lignes_ecartees", pa.int64()),
        ("niveau", pa.string()),
        ("forme", pa.string()),
        ("cog_millesime", pa.int32()),
        ("cogs", pa.list_(pa.int32())),
        ("couverture", pa.string()),
        ("absence", pa.string()),
        ("champ", pa.string()),
        ("paris_lyon_marseille", pa.string()),
        ("publie_le", pa.date32()),
    ]
)

SOURCES = pa.schema(
    [
        ("source_id", pa.string()),
        ("titre", pa.string()),
        ("producteur", pa.string()),
        ("licence", pa.string()),
        ("page", pa.string()),
        ("cadence", pa.string()),
        ("indispensable", pa.bool_()),
        ("diffusion", pa.string()),
        ("famille", pa.string()),
        ("recensement", pa.bool_()),
        ("decoupage", pa.string()),
        # Millésimes accepted and not read yet; NULL for a source where none waits.
        ("en_attente", pa.string()),
    ]
)

ERREURS = pa.schema(
    [
        ("erreur_id", pa.string()),
        ("source_id", pa.string()),
        ("ressource", pa.string()),
        ("millesime", pa.int32()),
        ("cog_millesime", pa.int32()),
        ("commune", pa.string()),
        ("constat", pa.string()),
        ("effet", pa.string()),
        ("vue_le", pa.date32()),
        ("signalee_le", pa.date32()),
        ("presente", pa.bool_()),
    ]
)


def preparer(
    base: Path,
    acquisition: Acquisition,
    reglages: Reglages,
    extrait: Sequence[MoisRetenu] = (),
    retenus: Sequence[FichierRetenu] | None = None,
    attentes: Sequence[FichierEnAttente] = (),
    arrondis: Mapping[Fichier, EnUsage] | None = None,
) -> None:
    """Create a build file: `normalised`, one view per ressource and the registers, and `micro`.

    A view reads the explicit list of accepted Parquet files, never a glob; a ressource never received reads
    an empty file of its contract's types. `retenus`, `attentes`: the accepted files in use and those that
    wait, where the caller has already asked for them. `arrondis`: what the night may read of persons; without
    it, foyers are read through a view, for them to be counted.
    """
    if retenus is None:
        pris = acquisition.retenus()
        retenus, attentes = pris.fichiers, pris.attentes
    parquets, protegees = _parquets(acquisition, retenus), {}
    if arrondis is not None:
        regles, contrats = lire_regles(MESURES), acquisition.contrats
        protegees = {
            f"{f.source}__{f.ressource}": mesures_protegees(contrats[f.source], f.ressource, regles)
            for f in retenus
        }
    noms = identifiants(reglages, acquisition.contrats)
    propres = [nom for nom in FICHIERS.names if nom not in ("fichier_id", "membre")]
    lignes = [{nom: getattr(f, nom) for nom in propres} for f in retenus]
    for ligne, fichier in zip(lignes, retenus, strict=True):
        ligne["membre"] = fichier.membre or fichier.fichier
    mois = [m for m in extrait if m.annuel and (arrondis is None or fichier_de(m) in arrondis)]
    lignes += [_ligne_extrait(m) for m in mois]
    for ligne in lignes:
        ligne["fichier_id"] = noms.de(str(ligne["source"]), str(ligne["sha256"]))
    contexte = {
        "profil": reglages.profil,
        "perimetre": reglages.construction,
        "demonstration": reglages.profil == "demo",
    }
    with duckdb.connect(str(base), config={"storage_compatibility_version": ECRITURE}) as con:
        # One transaction: each statement would wait for the disk by itself.
        con.begin()
        con.execute("create schema normalised")
        con.execute("create schema micro")
        for table, chemins in parquets.items():
            _enregistrer(con, f"normalised.{table}", chemins, tues=protegees.get(table, ()))
        for nom, registre in {
            "fichiers": pa.Table.from_pylist(lignes, schema=FICHIERS),
            "contexte": pa.Table.from_pylist([contexte]),
            "sources": _sources(acquisition, attentes),
            "erreurs_connues": _erreurs([] if contexte["demonstration"] else retenus),
        }.items():
            _copier(con, f"normalised.{nom}", registre)
        if arrondis is None:
            foyers = [m.parquet for m in mois if not m.purge]
            _enregistrer(con, "micro.foyers", foyers, vide=SCHEMA_MICRO)
        else:
            _enregistrer_arrondis(con, arrondis, {fichier_de(m) for m in mois if m.purge})
        con.commit()


def _parquets(acquisition: Acquisition, retenus: Sequence[FichierRetenu]) -> dict[str, list[Path]]:
    """The files of each table of `normalised`; an empty one of its types where none was ever received."""
    parquets: dict[str, list[Path]] = {}
    for fichier in retenus:
        parquets.setdefault(f"{fichier.source}__{fichier.ressource}", []).append(fichier.parquet)
    for (source, ressource), vide in acquisition.jamais_recues().items():
        parquets[f"{source}__{ressource}"] = [vide]
    return parquets


def _sources(acquisition: Acquisition, attentes: Sequence[FichierEnAttente]) -> pa.Table:
    """What each contract says of its source, that of the extract too."""
    lignes = [
        {
            "source_id": fiche.source,
            "titre": fiche.title,
            "producteur": fiche.producer,
            "licence": fiche.licence,
            "page": str(fiche.page),
            "cadence": fiche.cadence,
            "indispensable": fiche.indispensable,
            "diffusion": fiche.diffusion,
            "famille": fiche.famille,
            "recensement": fiche.recensement,
            "en_attente": ", ".join(str(a.millesime) for a in attentes if a.source == fiche.source) or None,
            "decoupage": fiche.decoupage,
        }
        for fiche in (*acquisition.contrats.values(), charger_contrat())
    ]
    return pa.Table.from_pylist(lignes, schema=SOURCES)


def _erreurs(retenus: Sequence[FichierRetenu]) -> pa.Table:
    """The known errors of these files, commune by commune; those of a demonstration are nobody's."""
    lignes = [
        {
            **e.model_dump(include={"ressource", "millesime", "constat", "effet", "vue_le", "signalee_le"}),
            "erreur_id": e.erreur,
            "source_id": e.source,
            "cog_millesime": fichier.cog_millesime,
            "commune": commune,
            "presente": presente,
        }
        for e, fichier, presente in presentes(charger_erreurs(), retenus)
        for commune in (*e.communes, *([] if e.communes else [None]))
    ]
    return pa.Table.from_pylist(lignes, schema=ERREURS)


def fichier_de(mois: MoisRetenu) -> Fichier:
    """Return a month of the extract as the frozen aggregates know it."""
    return Fichier(SOURCE_EXTRAIT, mois.mois, mois.sha256)


def mesures_protegees(contrat: Contrat, ressource: str, regles: Regles) -> list[str]:
    """Return the mesures of persons of a ressource that is not public; none of a public one."""
    if contrat.diffusion == "publique":
        return []
    return [m for m in contrat.ressources[ressource].mesures if m in regles]


def _ligne_extrait(mois: MoisRetenu) -> dict[str, object]:
    """The line of a month of the extract. Its number of lines, which is one of persons, is NULL."""
    return {
        "sha256": mois.sha256,
        "source": SOURCE_EXTRAIT,
        "ressource": RESSOURCE_EXTRAIT,
        "millesime": mois.millesime,
        "membre": mois.mois,
        "niveau": "commune",
        "forme": "colonnes",
        "cog_millesime": mois.cog_millesime,
        "cogs": [mois.cog_millesime],
        "couverture": mois.couverture,
        "absence": "zero",
        "paris_lyon_marseille": "communes",
    }


def _enregistrer(
    con: duckdb.DuckDBPyConnection,
    nom: str,
    chemins: Sequence[Path],
    vide: pa.Schema | None = None,
    tues: Sequence[str] = (),
) -> None:
    """Make a view over these Parquet files; an empty table of the types `vide` where there is none.

    `tues`: counts of persons, that are read rounded elsewhere.
    """
    if not chemins and vide is not None:
        _copier(con, nom, vide.empty_table())
        return
    liste = ", ".join(map(texte_sql, chemins))
    lecture = f"read_parquet([{liste}])"
    if not tues:
        con.execute(f"create view {nom} as select * from {lecture}")
        return
    types = {c: t for c, t, *_ in con.execute(f"describe select * from {lecture}").fetchall()}
    blancs = [f"null::{types[c]} as {nom_sql(c)}" for t in tues for c in (t, f"{t}__marque") if c in types]
    con.execute(f"create view {nom} as select * replace ({', '.join(blancs)}) from {lecture}")


def _enregistrer_arrondis(
    con: duckdb.DuckDBPyConnection, arrondis: Mapping[Fichier, EnUsage], purges: Set[Fichier]
) -> None:
    """Make a view over rounded counts; `gele`: what is above the commune is in the geography of then."""
    vide = con.from_arrow(SCHEMA_ARRONDIS.empty_table())
    vides = ", ".join(f"null::{t} as {c}" for c, t in zip(vide.columns, vide.types, strict=True))
    lectures = [
        f"select *{_d_ou_viennent(pris.annee)}, {fichier in purges} as gele"
        f" from read_parquet({texte_sql(pris.arrondi)})"
        for fichier, pris in arrondis.items()
    ]
    if lectures:
        # Older versions froze fewer columns.
        toutes = " union all by name ".join([f"(select {vides} where false)", *lectures])
        con.execute(f"create view micro.arrondis as {toutes}")
    else:
        _copier(con, "micro.arrondis", SCHEMA_ARRONDIS.append(pa.field("gele", pa.bool_())).empty_table())


def _d_ou_viennent(annee: Annee | None) -> str:
    """Return the ids of tonight's files for the counts of a register, which former files may have brought."""
    if annee is None:
        return ""
    mesures = ", ".join(map(texte_sql, annee.origines))
    shas = ", ".join(texte_sql(o.sha256) for o in annee.origines.values())
    millesimes = ", ".join(str(o.millesime) for o in annee.origines.values())
    return (
        f" replace (map([{mesures}], [{shas}])[mesure_id] as fichier_sha256,"
        f" map([{mesures}], [{millesimes}])[mesure_id] as millesime_fichier)"
    )


def _copier(con: duckdb.DuckDBPyConnection, nom: str, table: pa.Table) -> None:
    con.register("arrow", table)
    con.execute(f"create table {nom} as select * from arrow")
    con.unregister("arrow")
