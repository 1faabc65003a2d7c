"""The lines of the source files that a figure comes from."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb

from publication.explication.modele import Fichier, Structure
from publication.lecture.lignes import lignes
from publication.lecture.un_chiffre import MEMBRES
from socle.sql import texte_sql

# Under which code each commune of today stands in a COG: its own, or those of the communes it is made of.
PORTES = """
    portes as (
        select p.cog_millesime, m.code as commune, m.libelle, p.code_origine as code
        from membres as m
        inner join passage_communes as p on m.code = p.code_reference
        union all
        select c.cog_millesime, m.code as commune, m.libelle, m.code
        from membres as m
        cross join cogs as c
        anti join passage_communes as p on c.cog_millesime = p.cog_millesime and m.code = p.code_reference
    )
"""
# The rows of the figure's sources about the territoire itself, about the EPCI that is its twin (a CTG of the
# same communes takes what is published for it), about a département of it that the release knows (a région is
# the sum of its own), or about a commune of it under the code it had in the COG of the file. A file may hold
# several years: the newest that holds a year is the one in use.
_LIGNES = """
    with {membres},
    lignes as ({lignes}),
    fichiers as (
        from dim_fichier where list_contains($sources, source)
            and (
                niveau in ($niveau, 'commune')
                or niveau = 'epci' and $jumeau is not null
                or niveau = 'departement' and $niveau = 'region'
            )
    ),
    -- A file of several years may have the COG of each: its lines say it.
    cogs as (
        select distinct l.cog_millesime
        from lignes as l
        inner join fichiers as f on l.fichier_id = f.fichier_id and l.ressource = f.ressource
        where f.niveau = 'commune'
    ),
    {portes},
    cherchees as (
        select f.fichier_id, f.ressource, f.millesime, p.commune, p.code, p.cog_millesime
        from fichiers as f
        inner join portes as p on f.niveau = 'commune'
        union all
        select
            f.fichier_id, f.ressource, f.millesime, null as commune,
            if(f.niveau = $niveau, $code, $jumeau) as code, null as cog_millesime
        from fichiers as f
        where f.niveau <> 'commune'
        union all
        select f.fichier_id, f.ressource, f.millesime, null as commune, d.code, null as cog_millesime
        from fichiers as f
        inner join dim_territoire as d on d.niveau = 'departement' and d.region = $code
        where f.niveau = 'departement' and $niveau = 'region'
    ),
    trouvees as (
        select
            f.source, f.fichier_id, f.sha256, f.ressource, f.millesime, f.membre, f.niveau,
            cast(f.publie_le as varchar) as publie_le,
            c.commune, c.code, l.millesime as annee, l.ligne
        from cherchees as c
        inner join lignes as l
            on c.fichier_id = l.fichier_id and c.ressource = l.ressource and c.code = l.code
                and (c.commune is null or c.cog_millesime = l.cog_millesime)
        inner join fichiers as f
            on c.fichier_id = f.fichier_id and c.ressource = f.ressource and c.millesime = f.millesime
        qualify l.millesime is null
            or f.millesime = max(f.millesime) over (partition by f.source, f.ressource, l.millesime)
    ),
    datees as (
        select *, annee is null or list_contains($millesimes, annee) as de_l_annee from trouvees
    )
    select * exclude (annee, ligne, de_l_annee), list(distinct ligne order by ligne) as lignes
    from (
        from datees
        -- A source whose model dates its rows (a schedule, a zoning) has none of the year: its newest file.
        qualify if(
            bool_or(de_l_annee) over (partition by source), de_l_annee,
            millesime = max(millesime) over (partition by source)
        )
    )
    group by all
    order by source, niveau, millesime, ressource, commune, code
"""


def lignes_trouvees(
    con: duckdb.DuckDBPyConnection,
    sources: list[str],
    territoire_id: str,
    jumeau: str | None,
    millesimes: list[int],
    internes: Path | None,
) -> list[dict[str, Any]]:
    """Return the lines of these sources about a territoire, its twin or its communes, by file and commune.

    They are those that the release publishes, and those of `internes`, a Parquet of the closed zone.
    """
    colonnes = "ressource, code, millesime, cog_millesime, ligne"
    lisibles = f"select sha256 as fichier_id, {colonnes} from lignes_source"
    if internes is not None:
        lisibles += f" union all select fichier_id, {colonnes} from read_parquet({texte_sql(internes)})"
    niveau, _, code = territoire_id.partition(":")
    return lignes(
        con,
        _LIGNES.format(membres=MEMBRES, portes=PORTES, lignes=lisibles),
        {
            "sources": sources,
            "territoire_id": territoire_id,
            "niveau": niveau,
            "code": code,
            "jumeau": jumeau,
            "millesimes": millesimes,
        },
    )


_DU_FICHIER = ("source", "fichier_id", "sha256", "ressource", "millesime", "membre", "niveau", "publie_le")


def fichiers(
    trouvees: Iterable[Mapping[str, Any]], niveaux: set[str], entrees: Iterable[Mapping[str, Any]]
) -> dict[str, list[Fichier]]:
    """The files in which something was found, by source, with the lines of the territoire, or of its twin."""
    venues = {(e["source"], e["ressource"], e["millesime"]): e for e in entrees}
    lues: dict[tuple[Any, ...], set[int]] = {}
    for t in trouvees:
        cle = tuple(t[nom] for nom in _DU_FICHIER)
        lues.setdefault(cle, set()).update(t["lignes"] if t["niveau"] in niveaux else ())
    trouves: dict[str, list[Fichier]] = {}
    for cle, places in lues.items():
        faits = dict(zip(_DU_FICHIER, cle, strict=True))
        venue = venues[faits["source"], faits["ressource"], faits["millesime"]]
        recu = {nom: venue[nom] for nom in ("recu_le", "premiere_release")}
        trouves.setdefault(faits["source"], []).append(Fichier(**faits, **recu, lignes=tuple(sorted(places))))
    return trouves


def exactes(trouvees: Iterable[dict[str, Any]], comptees: Iterable[Structure]) -> list[dict[str, Any]]:
    """Of a register, keep the lines of the structures that were counted: it has lines of every type."""
    lues: dict[str, set[int]] = {}
    for s in comptees:
        lues.setdefault(s.fichier_id, set()).add(s.ligne)
    exactes = []
    for t in trouvees:
        voulues = lues.get(t["fichier_id"])
        lignes_ = [n for n in t["lignes"] if voulues is None or n in voulues]
        if lignes_:
            exactes.append({**t, "lignes": lignes_})
    return exactes
