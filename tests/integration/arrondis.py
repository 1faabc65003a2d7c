"""What a night printed of persons beside the true counts that the closed zone froze, cell by cell.

Belongs here: the queries, for the shared night and for revisions. Does not: what must hold of them.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from commande import Observatoire

from ingestion.extrait.identite import SOURCE_EXTRAIT
from orchestration.nuit.agregats import Agregats, Fichier, Gel

DES_PERSONNES = f"list_contains(string_split(f.source_ids, '+'), '{SOURCE_EXTRAIT}')"


def gele(home: Path, mois: str) -> Gel:
    """True counts of a month in use, and their rounding."""
    gel = Agregats(home / "agregats").revise(Fichier(SOURCE_EXTRAIT, mois, ""))
    assert gel is not None and gel.a_jour
    return gel


def par_commune(parquet: Path | None) -> dict[tuple[str, str], object]:
    """Values of a frozen file, by commune and mesure."""
    assert parquet is not None
    lues = pq.read_table(parquet).filter(pa.compute.field("niveau") == "commune")
    return {(ligne["code"], ligne["mesure_id"]): ligne["valeur"] for ligne in lues.to_pylist()}


@dataclass(frozen=True)
class Cellule:
    """A count of the release: what is printed, what is true, within which bounds, how many runs make it."""

    niveau: str
    code: str
    mesure: str
    regle: str
    pas: int
    troncons: int
    valeur: float
    vraie: float
    basse: float
    haute: float

    @property
    def erreur(self) -> float:
        return abs(self.valeur - self.vraie)


def cellules(ici: Observatoire, mois: str) -> list[Cellule]:
    """Every count that the last night printed of a month, at its three levels."""
    (base,) = (ici.home / "build").glob("*/nuit.duckdb")
    with duckdb.connect(str(base), read_only=True) as con:
        lues = con.execute(
            """
            with vraies as (
                select r.niveau, r.code, v.mesure_id, sum(v.valeur) as vraie
                from read_parquet(?) as v
                join intermediate.int_rattachement as r
                    on v.cog_millesime = r.cog_millesime and v.code = r.code_origine and r.unique_a_ce_niveau
                where v.niveau = 'commune'
                group by all
            )
            select
                f.niveau, f.code, m.mesure_id, m.regle, m.pas, coalesce(t.troncons, 1), f.valeur,
                coalesce(v.vraie, 0)::double, f.borne_basse, f.borne_haute
            from marts.fct_indicateurs as f
            join marts.dim_indicateur as i on f.indicateur_id = i.indicateur_id and i.methode = 'somme'
            join seeds.mesures as m on i.numerateur = m.mesure_id
            left join vraies as v on f.niveau = v.niveau and f.code = v.code and m.mesure_id = v.mesure_id
            left join intermediate.int_troncons as t
                on f.source_ids = t.source_id and f.millesime = t.millesime
                and f.niveau = t.niveau and f.code = t.code
            where f.source_ids = ? and f.millesime = ? and f.valeur is not null
                and f.niveau in ('commune', 'epci', 'departement')
            """,
            [str(gele(ici.home, mois).compte), SOURCE_EXTRAIT, int(mois[:4])],
        ).fetchall()
    return [Cellule(*ligne) for ligne in lues]


def sommes_fausses(ici: Observatoire, mois: str) -> list[tuple[object, ...]]:
    """Of mesures of the chain, what is not the sum of its rounded communes: EPCI and départements."""
    (base,) = (ici.home / "build").glob("*/nuit.duckdb")
    with duckdb.connect(str(base), read_only=True) as con:
        return con.execute(
            """
            with sommes as (
                select r.niveau, r.code, c.mesure_id, sum(c.valeur) as somme
                from intermediate.int_comptes_arrondis as c
                join intermediate.int_rattachement as r
                    on c.cog_millesime = r.cog_millesime and c.code = r.code_origine and r.unique_a_ce_niveau
                where c.source_id = ? and c.millesime = ?
                group by all
            )
            select s.*, f.valeur
            from sommes as s
            join seeds.mesures as m on s.mesure_id = m.mesure_id and m.regle = 'chaine'
            join marts.dim_indicateur as i on i.numerateur = m.mesure_id and i.methode = 'somme'
            join marts.fct_indicateurs as f
                on i.indicateur_id = f.indicateur_id and f.niveau = s.niveau and f.code = s.code
            where f.source_ids = ? and f.millesime = ? and f.statut = 'arrondi' and f.valeur <> s.somme
            """,
            [SOURCE_EXTRAIT, int(mois[:4])] * 2,
        ).fetchall()
