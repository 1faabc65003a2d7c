"""The rows that the proof attacks: those of this build and of every earlier release, each in its territory.

Belongs here: joining the marts of today and the register, in one geography. Does not: which rows of the marts
count (`memoire.lecture`), nor what they say (`construction.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from confidentialite.memoire import registre as registres
from confidentialite.memoire.geographie import Geographie, lire_passage, territoires_courants
from confidentialite.memoire.lecture import (
    est_micro,
    lignes_suivies,
    par_cle,
    par_niveaux,
    schema_des_marts,
    situer,
    sources_micro,
    texte,
)
from confidentialite.memoire.schema import REGISTRE

_PROPRES_A_UNE_RELEASE = ("release_id", "rang", "regle")
_LARGES = ("region", "france")
_MEMES = [c for c in REGISTRE.names if c not in _PROPRES_A_UNE_RELEASE]


@dataclass(frozen=True)
class Fond:
    """What the proof reads: rows with their territory, and the territories of the marts.

    `lignes`: those of `memoire.lecture`, with `territoire` (rank in `geographie`), `rang` (0: this build;
    else how old the newest release that says the row is), `release` (the first that said it) and `micro`.
    `inscrites`: the register, whole.
    """

    lignes: pd.DataFrame
    inscrites: pa.Table
    territoires: Mapping[tuple[str, str], int]
    geographie: Geographie
    micro: frozenset[str]
    position: registres.Position


def lire(con: duckdb.DuckDBPyConnection, registre: Path, perimetre: str, suivies: frozenset[str]) -> Fond:
    """Read this build and every earlier release. `suivies`: the mesures of registers that are protected."""
    schema = schema_des_marts(con)
    passages = [lire_passage(con, schema), registres.passage(registre)]
    geographie = Geographie(max((p for p in passages if p), key=lambda p: p.reference))
    inscrites = registres.lire(registre)
    micro_ici = sources_micro(con, schema)
    micro = micro_ici | registres.micro_d_avant(registre)
    lignes = lignes_suivies(con, schema, micro_ici, registres.suivis(inscrites, micro), suivies)
    territoires = territoires_courants(con, schema, geographie, perimetre)
    lignes["territoire"] = situer(con, schema, lignes, geographie, territoires)
    lignes["rang"] = 0
    lignes["release"] = None
    # What is masked by whole levels is no unknown of the system (`niveaux.py`).
    des_niveaux = pa.array(sorted(par_niveaux(con, schema, suivies)), pa.string())
    du_systeme = inscrites.filter(
        pc.or_(inscrites["sensible"], pc.invert(pc.is_in(inscrites["indicateur_id"], des_niveaux)))
    )
    if du_systeme.num_rows:
        anciennes = _anciennes(du_systeme, geographie, territoires)
        lignes = pd.concat([lignes, anciennes], ignore_index=True)
    for colonne in ("millesime", "millesime_second", "territoire", "rang"):
        lignes[colonne] = lignes[colonne].astype("int64")
    lignes["micro"] = [bool(m) for m in par_cle(lignes, ["source_ids"], lambda s: est_micro(texte(s), micro))]
    return Fond(lignes, inscrites, territoires, geographie, micro, registres.position(registre))


def poids(con: duckdb.DuckDBPyConnection, indicateur_id: str) -> dict[tuple[str, str], float]:
    """Return what each (niveau, code) weighs: the last value that the marts give of this indicateur."""
    lus = con.execute(
        f"""
        select niveau, code, arg_max(valeur, millesime) from {schema_des_marts(con)}.fct_indicateurs
        where indicateur_id = ? and valeur is not null group by all
        """,
        [indicateur_id],
    ).fetchall()
    return {(niveau, code): valeur for niveau, code, valeur in lus}


def _anciennes(
    inscrites: pa.Table, geographie: Geographie, territoires: Mapping[tuple[str, str], int]
) -> pd.DataFrame:
    """Return the rows of earlier releases, with their territory: each once, from the first that says it.

    For example, of A 3 in release 1 and in release 2, one row is left: release 1 said it, and its `rang` is
    1, for the newest release says it still; A 3 of release 1 alone has rang 2.
    """
    inscrites = inscrites.append_column("ordre", pa.array(range(inscrites.num_rows), pa.int64()))
    with duckdb.connect() as con:
        con.register("inscrites", inscrites)
        lues: pd.DataFrame = con.execute(
            f"""
            select
                * exclude (atomes, dernier, ordre), array_to_string(atomes, '+') as cle,
                1 + max(dernier) over () - dernier as rang
            from (
                select
                    {", ".join(_MEMES)}, arg_min(release_id, ordre) as release, max(rang) as dernier,
                    min(ordre) as ordre
                from inscrites group by {", ".join(_MEMES)}
            )
            order by ordre
            """
        ).df()
    lues["territoire"] = par_cle(
        lues,
        ["niveau", "code", "cog_atomes", "cle"],
        lambda niveau, code, cog, cle: _ancien_territoire(
            (niveau, code, int(cog), tuple(cle.split("+"))), geographie, territoires
        ),
    )
    return lues.drop(columns=["cle", "cog_atomes"])


def _ancien_territoire(
    cle: tuple[str, str, int, tuple[str, ...]],
    geographie: Geographie,
    territoires: Mapping[tuple[str, str], int],
) -> int:
    """Return the territory an earlier release summed: its communes, in the geography of this audit.

    Where the territory exists today with an atom for what lies outside the scope, communes outside the scope
    that an earlier release listed one by one are that atom. Where an earlier release had such an atom, it was
    of its own scope and stood for other communes: with it, the territory is whole, as it is today.
    """
    niveau, code, cog, noms = cle
    atomes = set()
    for nom in noms:
        if ":" in nom:
            atomes.add(geographie.atome(nom))
        elif "@" in nom:
            commune, _, ancien = nom.partition("@")
            atomes.add(geographie.commune(commune, int(ancien)))
        else:
            atomes.add(geographie.commune(nom, cog))
    atomes = geographie.reunir(atomes)
    actuel = territoires.get((niveau, code))
    anciens = {a for a in atomes if geographie.est_un_reste(a)}
    if anciens and actuel is None:
        return geographie.territoire([geographie.atome(f"territoire:{niveau}:{code}")])
    if actuel is not None:
        siens = set(geographie.territoires[actuel].tolist())
        restes = {a for a in siens if geographie.est_un_reste(a)}
        # Of the scope's communes alone, a département may be all there is; France and a région never are.
        if restes and siens - restes <= atomes and (niveau in _LARGES or len(atomes) > len(siens - restes)):
            return actuel
        if anciens and (restes or atomes - anciens <= siens):
            return actuel
    return geographie.territoire(atomes)
