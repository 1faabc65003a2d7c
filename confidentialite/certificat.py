"""The certificate of a release: how many values are left to each count of persons, from its tables and the
rule alone.

Belongs here: recomputing that. Does not: rounding (`chaine`), the true counts, which nothing here reads.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt

from confidentialite.ancien_ordre import Cellule, possibles
from confidentialite.regle import PETIT, Regles, empreinte

CONCEPTION, CONCEPTION_ARRONDIE = 3, 2
"""Releases of the first design hid cells and printed exact counts; those of the second one round, along an
order made from the counts; those of today round along one that everybody knows."""
CONFORME, REFUSE = "conforme", "refusé"

# One indicateur shows each mesure, as itself or as a term of a share.
_MONTREES = """
select mesure_id, arg_min(struct_pack(indicateur_id, colonne, annee), rang) as ou
from (
    select numerateur as mesure_id, indicateur_id, 'valeur' as colonne, 'millesime' as annee, 1 as rang
    from marts.dim_indicateur where methode = 'somme'
    union all
    select numerateur, indicateur_id, 'numerateur', 'millesime', 2
    from marts.dim_indicateur where methode = 'ratio'
    union all
    select denominateur, indicateur_id, 'denominateur', 'coalesce(millesime_denominateur, millesime)', 3
    from marts.dim_indicateur where methode = 'ratio'
)
group by mesure_id
"""


def certifier(con: duckdb.DuckDBPyConnection, regles: Regles, cle: str) -> dict[str, Any]:
    """Return the certificate of the tables of schema `marts`, but for what names their release.

    `cle`: the fingerprint of the key they were rounded under. Every attacker is taken to know the exact total
    of each département, hence the two ends of each chain.
    """
    mesures: list[dict[str, Any]] = []
    anciennes: dict[tuple[str, int, str], list[tuple[str, list[Cellule]]]] = {}
    for mesure, chaines in _par_mesure(con, regles):
        pas = regles[mesure].pas
        laisses = [alternatives(_lire([c[2] for c in cellules], pas), pas) for *_, cellules in chaines]
        mesures.append(
            {
                "mesure": mesure,
                "pas": pas,
                "chaines": len(laisses),
                "cellules": int(sum(len(a) for a in laisses)),
                "alternatives_min": int(min(a.min() for a in laisses)),
            }
        )
        for *ou, ancienne, cellules in chaines:
            if ancienne:
                lues = [Cellule(code, epci, int(v or 0)) for code, epci, v in cellules]
                anciennes.setdefault(tuple(ou), []).append((mesure, lues))
    ((retenues,),) = con.execute(
        "select count(*) from marts.fct_indicateurs where motif_code = 'trop_precis'"
    ).fetchall()
    tenu = all(m["alternatives_min"] >= m["pas"] for m in mesures)
    return {
        "conception": CONCEPTION,
        "regle": empreinte(regles),
        "cle": cle,
        "mesures": mesures,
        "anciens_ordres": [
            _ce_que_dit_l_ordre(ou, de_la_chaine, regles) for ou, de_la_chaine in sorted(anciennes.items())
        ],
        "retenues": retenues,
        "verdict": CONFORME if tenu else REFUSE,
    }


def ordre_des_comptes(certificat: Mapping[str, Any]) -> bool:
    """Whether a release that rounds prints an order made from the counts it rounds."""
    if certificat.get("conception") == CONCEPTION_ARRONDIE:
        return bool(certificat["mesures"])
    return bool(certificat.get("anciens_ordres"))


def _ce_que_dit_l_ordre(
    ou: tuple[str, int, str], de_la_chaine: list[tuple[str, list[Cellule]]], regles: Regles
) -> dict[str, Any]:
    """Return what an order made from counts tells of a chain: computed where one mesure made it.

    An order of several mesures compares the largest count of each commune, and tells no cell by itself.
    """
    (mesure, cellules), *autres = de_la_chaine
    dit: dict[str, Any] = dict(zip(("source", "millesime", "departement"), ou, strict=True))
    dit |= {"mesures": 1 + len(autres), "cellules": len(cellules), "sous_le_pas": None, "certaines": None}
    if not autres:
        laisses = possibles(cellules, regles[mesure].pas)
        dit["sous_le_pas"] = sum(len(valeurs) < regles[mesure].pas for valeurs in laisses)
        dit["certaines"] = sum(len(v) == 1 and 1 <= min(v) <= PETIT for v in laisses)
    return dit


def _par_mesure(
    con: duckdb.DuckDBPyConnection, regles: Regles
) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
    """Yield the chains of each mesure that is shown by commune.

    A chain: source, year, département, whether it was placed by its counts, its communes, EPCI and figures.
    """
    montrees = dict(con.execute(_MONTREES).fetchall())
    for mesure, r in sorted(regles.items()):
        if r.regle != "chaine" or mesure not in montrees:
            continue
        ou = montrees[mesure]
        lues = con.execute(
            f"""
            select
                c.source_id, c.millesime, c.departement, bool_or(c.ordre = 'effectifs') as ancienne,
                list(row(c.code, c.epci, f.valeur) order by c.rang) as cellules
            from marts.chaines_arrondi as c
            left join (
                select
                    code, {ou["annee"]} as millesime,
                    any_value({ou["colonne"]}) as valeur, any_value(source_ids) as sources
                from marts.fct_indicateurs
                where niveau = 'commune' and indicateur_id = ?
                group by all
            ) as f
                on c.code = f.code and c.millesime = f.millesime
                and list_contains(string_split(f.sources, '+'), c.source_id)
            group by all
            having count(f.valeur) > 0 and count(*) > 1
            order by all
            """,
            [ou["indicateur_id"]],
        ).fetchall()
        if lues:
            yield mesure, lues


def _lire(valeurs: list[float | None], pas: int) -> npt.NDArray[np.float64]:
    """Read the figures of a chain; a hidden figure is given the value that tells most of its neighbours.

    Inside the chain, that value is 0. By the rule, each end of a published chain holds at least two steps.
    """
    lues = np.array([np.nan if v is None else v for v in valeurs])
    for bout in (0, -1):
        lues[bout] = 2 * pas if np.isnan(lues[bout]) else lues[bout]
    zero_sinon: npt.NDArray[np.float64] = np.nan_to_num(lues)
    return zero_sinon


def alternatives(r: npt.NDArray[np.float64], pas: int) -> npt.NDArray[np.int64]:
    """Return how many whole numbers each count of a chain may be, for who knows its exact total.

    Exact: with p the residues of the running sums, x = r + p - p before, which r = 0 binds to p >= p before
    and r > 0 does not bind; the residues at both ends are known, here those that leave least. So each residue
    goes from the last end or free cell before it to the next one after it.
    """
    montree = r > 0
    bas = np.where(np.maximum.accumulate(montree), 0, pas - 1)
    haut = np.where(np.append(np.maximum.accumulate(montree[::-1])[::-1][1:], False), pas - 1, 0)
    avant_bas, avant_haut = np.append(pas - 1, bas[:-1]), np.append(pas - 1, haut[:-1])
    bas[-1] = haut[-1]
    libres = (haut - bas) + (avant_haut - avant_bas) + 1
    sous_zero = np.maximum(haut - avant_bas + 1, 0)
    laissees: npt.NDArray[np.int64] = np.where(montree, libres, sous_zero).astype(np.int64)
    return laissees
