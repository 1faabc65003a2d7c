"""A build file apart, in which geography is made and foyers are counted, where a night needs it.

Does not belong here: what is counted tonight (`comptage`), Spark (`spark`).
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from confidentialite import arrondi_en_chaine
from ingestion.extrait import ecriture
from ingestion.extrait.zones import preparer_zone
from socle.sql import nom_sql, texte_sql

from .agregats import SCHEMA_COMPTES, Fichier
from .base import preparer
from .chemins import BASE
from .controle_comptage import TABLES, reprendre, verifier
from .projet import PORTABLE
from .spark import en_marche

if TYPE_CHECKING:
    from ingestion.acquisition import Acquisition, FichierEnAttente, FichierRetenu
    from ingestion.extrait.retenus import MoisRetenu

    from .reglages import Reglages

GEOGRAPHIE = (
    *("int_rattachement", "int_couverture", "int_cog_annuel", "int_passage"),
    "stg_insee__cog_arrondissements",
)
POPULATION = "population_municipale"


class Atelier:
    """The build file apart; nothing is made before it is asked for."""

    def __init__(
        self,
        reglages: Reglages,
        acquisition: Acquisition,
        retenus: Sequence[FichierRetenu],
        attentes: Sequence[FichierEnAttente],
        mois: Sequence[MoisRetenu],
        fin: ExitStack,
    ) -> None:
        """Make nothing yet: `mois`, those whose foyers may be counted; `fin` removes the file."""
        self._reglages, self._acquisition, self._mois, self._fin = reglages, acquisition, mois, fin
        self._retenus, self._attentes = retenus, attentes
        self._modeles: tuple[str, ...] = ()

    @cached_property
    def populations(self) -> list[FichierRetenu]:
        """Files in use that give the population of communes, which is public."""
        return [
            f
            for f in self._retenus
            if (contrat := self._acquisition.contrats[f.source]).diffusion == "publique"
            and f.niveau == "commune"
            and POPULATION in contrat.ressources[f.ressource].mesures
        ]

    @cached_property
    def _dossier(self) -> Path:
        zone = preparer_zone(self._reglages.zones().micro)
        dossier = Path(tempfile.mkdtemp(dir=zone, prefix=ecriture.PREFIXE))
        self._fin.callback(shutil.rmtree, dossier, ignore_errors=True)
        quoi = (self._mois, self._retenus, self._attentes)
        preparer(dossier / BASE, self._acquisition, self._reglages, *quoi)
        return dossier

    @cached_property
    def _base(self) -> duckdb.DuckDBPyConnection:
        """Read the geography, and the counts where foyers were counted here."""
        geographie = (f"+{modele}" for modele in GEOGRAPHIE)
        _dbt(
            self._dossier,
            *("build", "--select", *geographie, *self._modeles),
            *("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"),
        )
        if self._modeles:
            _dbt(self._dossier, "test", "--select", PORTABLE, "--exclude-resource-type", "unit_test")
        return self._fin.enter_context(duckdb.connect(str(self._dossier / BASE), read_only=True))

    def compter(self, mois: Mapping[Fichier, MoisRetenu], moteur: str) -> Iterator[tuple[Fichier, pa.Table]]:
        """Count these months with this engine; yield their true counts (`SCHEMA_COMPTES`)."""
        if moteur == "duckdb":
            # Tests of these models read this seed.
            self._modeles = (f"+{PORTABLE}", "mesures")
            yield from _comptes(self._base, mois)
            return
        geographies = _geographies(self._base, self._dossier, {m.cog_millesime for m in mois.values()})
        with en_marche(self._dossier / "spark", self._reglages.maitre) as session:
            tables = session.compter([m.parquet for m in mois.values()], [*geographies.values()])
            with reprendre(tables) as con:
                for m in mois.values():
                    verifier(con, m, geographies[m.cog_millesime])
                yield from _comptes(con, mois)

    def lire_le_registre(self, fichier: FichierRetenu, mesures: Sequence[str]) -> pa.Table:
        """Read the true counts of a register, one line per commune, year and mesure of persons."""
        ressource = self._acquisition.contrats[fichier.source].ressources[fichier.ressource]
        annee = nom_sql(ressource.colonne_annee) if ressource.colonne_annee else "millesime_fichier"
        colonnes = ", ".join(
            f"{{mesure_id: {texte_sql(m)}, valeur: {nom_sql(m)},"
            f" marque: {nom_sql(f'{m}__marque') if ressource.columns[m].marquee else 'null'}}}"
            for m in mesures
        )
        table = self._base.execute(
            f"""
            select
                cast({annee} as integer) as millesime, fichier_sha256, cog_millesime, 'commune' as niveau,
                coalesce(a.commune_parente, l.code) as code, m.mesure_id, sum(m.valeur) as valeur,
                null as max1, max(m.marque) as marque
            from (
                select *, unnest([{colonnes}]) as m from read_parquet({texte_sql(fichier.parquet)})
                where code is not null
            ) as l
            left join staging.stg_insee__cog_arrondissements as a on l.code = a.code
            where m.valeur is not null or m.marque is not null
            group by all
            order by all
            """
        ).to_arrow_table()
        return table.select(SCHEMA_COMPTES.names).cast(SCHEMA_COMPTES)

    def communes(self, cog: int, couverture: str | None, comptes: pa.Table, annee: int) -> pa.Table:
        """Return the communes that a file counts (`COMMUNES`): the département of then, the EPCI of today.

        Their population is that of `annee`, else of the nearest year received, the later of two.
        """
        self._base.register("comptes", comptes)
        lesquelles = (
            f"k.couverture = {texte_sql(couverture)} and k.cog_millesime = {cog}"
            if couverture
            else "a.code in (select code from comptes)"
        )
        lues = " union all ".join(
            f"select {f.millesime} as millesime, code, {POPULATION} from read_parquet({texte_sql(f.parquet)})"
            for f in self.populations
        )
        return (
            self._base.execute(
                f"""
                with communes as (
                    select distinct a.code, a.departement, r.code as epci
                    from intermediate.int_cog_annuel as a
                    left join intermediate.int_couverture as k
                        on a.cog_millesime = k.cog_millesime and a.code = k.code
                    left join intermediate.int_rattachement as r
                        on a.cog_millesime = r.cog_millesime and a.code = r.code_origine and r.niveau = 'epci'
                        and r.unique_a_ce_niveau
                    where a.cog_millesime = {cog} and {lesquelles}
                ),
                populations as (
                    select
                        l.millesime, coalesce(a.commune_parente, l.code) as code,
                        sum({POPULATION}) as population
                    from ({lues or f"select 0 as millesime, '' as code, 0 as {POPULATION} where false"}) as l
                    left join staging.stg_insee__cog_arrondissements as a on l.code = a.code
                    group by all
                ),
                annees as (
                    select
                        c.departement,
                        arg_min(p.millesime, (abs(p.millesime - {annee}), -p.millesime))
                            as population_millesime
                    from communes as c inner join populations as p using (code)
                    group by all
                )
                select c.*, p.population, n.population_millesime
                from communes as c
                left join annees as n using (departement)
                left join populations as p on c.code = p.code and n.population_millesime = p.millesime
                """
            )
            .to_arrow_table()
            .select(arrondi_en_chaine.COMMUNES.names)
            .cast(arrondi_en_chaine.COMMUNES)
        )

    def passage(self, de: int, vers: int) -> pa.Table:
        """Return the commune that each commune of a COG is in, in another: `code`, `vers`."""
        return self._base.execute(
            """
            select o.code, coalesce(any_value(i.code), min(v.code_origine), o.code) as vers
            from intermediate.int_cog_annuel as o
            left join intermediate.int_cog_annuel as i on o.code = i.code and i.cog_millesime = $vers
            left join intermediate.int_passage as p on o.code = p.code_origine and p.cog_millesime = $de
            left join intermediate.int_passage as v
                on p.code_reference = v.code_reference and v.cog_millesime = $vers
            where o.cog_millesime = $de
            group by o.code
            """,
            {"de": de, "vers": vers},
        ).to_arrow_table()

    def larges(self, cog: int) -> pa.Table:
        """Return the wider territories of the communes of a COG."""
        return (
            self._base.execute(
                "select code_origine, niveau, code from intermediate.int_rattachement"
                f" where cog_millesime = {cog} and unique_a_ce_niveau"
                " and niveau in ('epci', 'departement', 'region', 'france')"
            )
            .to_arrow_table()
            .cast(arrondi_en_chaine.LARGES)
        )


def _comptes(
    con: duckdb.DuckDBPyConnection, mois: Mapping[Fichier, MoisRetenu]
) -> Iterator[tuple[Fichier, pa.Table]]:
    for fichier in mois:
        table = con.execute(
            f"""
            select {", ".join(SCHEMA_COMPTES.names)} from (
                select 'commune' as niveau, * from intermediate.{TABLES[0]}
                union all by name
                select * from intermediate.{TABLES[1]}
            )
            where fichier_sha256 = ?
            order by all
            """,
            [fichier.sha256],
        ).to_arrow_table()
        yield fichier, table.cast(SCHEMA_COMPTES)


def _geographies(base: duckdb.DuckDBPyConnection, dossier: Path, cogs: set[int]) -> dict[int, Path]:
    """Write where each commune of a COG counts, a file by COG."""
    chemins = {cog: dossier / f"rattachement-{cog}.parquet" for cog in sorted(cogs)}
    for cog, chemin in chemins.items():
        base.execute(
            "copy (select cog_millesime, code_origine, niveau, code, unique_a_ce_niveau"
            f" from intermediate.int_rattachement where cog_millesime = {cog} order by all)"
            f" to {texte_sql(chemin)} (format parquet)"
        )
    return chemins


def _dbt(dossier: Path, *commande: str) -> None:
    """Run a command of dbt on the build file of the folder. Raises `EchecDbt`."""
    # dbt: 0.3 s, and most nights count nothing.
    from .execution_dbt import EchecDbt, executer

    ecoute = executer(dossier / BASE, dossier / "dbt", *commande, "--quiet", "--no-write-json")
    if ecoute.erreurs:
        raise EchecDbt("\n\n".join(ecoute.erreurs))
