"""Telling what a file is when it is not the one that its name says: by its header, another separator, year or
source, labels, missing columns; by its rows, another year.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from ingestion.contrats import Contrat, Millesime, Ressource
from ingestion.contrats.grammaire import FormatCsv, FormatZip
from ingestion.erreurs import ErreurSource, FormeInattendue, Lieu, dite_autrement, enumerer
from ingestion.readers import zip
from ingestion.reconnaissance import Ressemblance, en_libelles, reconnaitre

# Refusals with which a file of another shape fails.
SEPARATEURS = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a vertical bar"}
# Longer than the header of any file under contract.
DEBUT = 1 << 16


def requalifier(
    erreur: ErreurSource,
    chemin: Path,
    ressource: Ressource,
    edition: Millesime,
    contrats: Mapping[str, Contrat],
) -> ErreurSource:
    """Return a refusal that says what the landed file is; unchanged where no contract knows it."""
    format = ressource.format
    taille = erreur.code == "saut_de_taille"
    if not (taille or isinstance(erreur, FormeInattendue)) or not isinstance(format, FormatCsv | FormatZip):
        return erreur
    premiere = _premiere_ligne(chemin, ressource, edition, Lieu(erreur.source, erreur.ressource, None))
    for separateur, nom in SEPARATEURS.items():
        entetes = next(csv.reader([premiere], delimiter=separateur), [])
        vues = [r for r in reconnaitre(entetes, contrats) if r.exacte and r.declares]
        if any(_la_sienne(r, ressource, edition) for r in vues):
            # The header is right: either the separator is wrong, or the fault is elsewhere.
            meme = separateur == format.separator
            return erreur if meme else _separateur(erreur, nom, format.separator, len(entetes))
        if vues:
            # Levels of a source often share their headers: the same one comes first.
            propres = [r for r in vues if (r.source, r.ressource) == (ressource.source, ressource.nom)]
            return _autre(erreur, propres or vues)
    entetes = next(csv.reader([premiere], delimiter=format.separator), [])
    if ressource.a_des_libelles and en_libelles(entetes):
        return _libelles(erreur)
    return _colonnes(erreur, ressource, edition, entetes) if taille else erreur


def empreinte_du_contenu(ressource: Ressource, *parquets: Path) -> str:
    """Digest the cells of typed rows, those set aside too: the same whatever the line ends, the order of rows
    and the encoding of the file that they were read from.

    26220;Nyons;6771    26001;Étoile;12        26001;Ãtoile;12    26220;Nyons;6771        one digest
    """
    colonnes = {*pq.read_schema(parquets[0]).names}
    lues = [c for nom in ressource.columns for c in (nom, f"{nom}__marque") if c in colonnes]
    # Another encoding turns an accent into other letters, never into ASCII.
    cellules = ", ".join(
        f"coalesce(regexp_replace({c}::varchar, '[^ -~]+', '?', 'g'), chr(30))" for c in lues
    )
    with duckdb.connect() as base:
        ((lignes, somme),) = base.execute(
            f"select count(*), coalesce(sum(md5_number_lower(concat_ws(chr(31), {cellules}))), 0)"
            " from read_parquet(?, union_by_name = true)",
            [[*map(str, parquets)]],
        ).fetchall()
    return f"{lignes}-{int(somme):x}"


def autre_millesime(lieu: Lieu, autre: int, sha256: str) -> ErreurSource:
    """Return the refusal of a file whose rows are those of another millésime of its ressource."""
    return lieu.erreur(
        "meme_contenu",
        observe=f"the same rows as millésime {autre} ({sha256[:12]}), in any order, line ends or encoding",
        attendu=f"the file of {lieu.millesime}",
        que_faire=f"fetch that of {lieu.millesime}; if {autre} has the wrong one, take it back: `ctg sources"
        f" withdraw {lieu.source}/{lieu.ressource} {autre}`; if one file holds both years, give both the same"
        f" `mirror` or `url` in {lieu.contrat}",
    )


def _la_sienne(vue: Ressemblance, ressource: Ressource, edition: Millesime) -> bool:
    return (
        (vue.source, vue.ressource) == (ressource.source, ressource.nom)
        and vue.layout in edition.layout
        and edition.millesime in vue.millesimes
    )


def _premiere_ligne(chemin: Path, ressource: Ressource, edition: Millesime, lieu: Lieu) -> str:
    if zip.est_un_zip(chemin):
        du_format = ressource.format.member if isinstance(ressource.format, FormatZip) else None
        with zip.ouvrir(chemin, edition.member or du_format, lieu) as (_, g):
            octets = g.readline(DEBUT)
    else:
        with chemin.open("rb") as f:
            octets = f.readline(DEBUT)
    try:
        return octets.decode("utf-8-sig")
    except UnicodeDecodeError:
        return octets.decode("cp1252", "replace")


def _separateur(erreur: ErreurSource, nom: str, attendu: str, largeur: int) -> ErreurSource:
    return dite_autrement(
        erreur,
        "separateur",
        colonne=None,
        ligne=1,
        observe=f"the separator is {nom}: with it, the {largeur} headers are those of the contract",
        attendu=f"{SEPARATEURS.get(attendu, repr(attendu))}, as the contract says",
        que_faire="drop the file as its producer gives it; if its producer changed the separator, change "
        f"`separator` in ingestion/sources/{erreur.source}.yml",
    )


def _libelles(erreur: ErreurSource) -> ErreurSource:
    return dite_autrement(
        erreur,
        "libelles",
        colonne=None,
        ligne=1,
        observe="this is the export with labels, as the button of the portal gives it",
        attendu="the export with the names of the fields",
        que_faire="export it again with `use_labels=false` in the address, or let the night ask for it: `ctg"
        f" sources fetch {erreur.source}`",
    )


def _colonnes(
    erreur: ErreurSource, ressource: Ressource, edition: Millesime, entetes: list[str]
) -> ErreurSource:
    """Say which columns a file lacks, whose size was only the first thing that was wrong."""
    manques = [
        [g for g in map(edition.gabarit, ressource.layouts[nom].gabarits) if g not in entetes]
        for nom in edition.layout
    ]
    manque = min(manques, key=len)
    if not manque:
        return erreur
    return dite_autrement(
        erreur,
        "colonne_manquante",
        colonne=manque[0],
        ligne=1,
        observe=f"{len(manque)} columns are missing: {enumerer(manque, 6)}",
        attendu=f"the columns of the layout {' or '.join(edition.layout)}",
        que_faire="fetch the whole file again; if its producer changed it, `ctg sources essai` says what to"
        f" write in ingestion/sources/{erreur.source}.yml",
    )


def _autre(erreur: ErreurSource, vues: list[Ressemblance]) -> ErreurSource:
    noms = [f"{v.source}/{v.ressource} ({enumerer([*map(str, v.millesimes)], 4)})" for v in vues]
    vue = vues[0]
    ou = vue.millesimes[0] if len(vue.millesimes) == 1 else "<millésime>"
    return dite_autrement(
        erreur,
        "autre_fichier",
        colonne=None,
        ligne=1,
        observe=f"this is {' or '.join([*dict.fromkeys(noms)][:3])}, by its header",
        que_faire=f"fetch the file of {erreur.source}/{erreur.ressource}; this one goes to "
        f"depot/{vue.source}/{vue.ressource}/{ou}/",
    )
