"""Counting persons and rounding the counts, once per file, before the night builds: nothing after reads a
true one.

Belongs here: which files are counted, of which inputs, what of them the build may use. Does not: how foyers
are counted (`dbt_project`, tag `portable`), the rule (`confidentialite`), what is kept (`agregats`), Spark
(`spark`).
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from confidentialite import chaine, regle
from confidentialite.cle import depart
from ingestion.extrait import ecriture
from ingestion.extrait.erreurs import lieu_extrait
from ingestion.extrait.identite import SOURCE_EXTRAIT
from ingestion.extrait.zones import preparer_zone
from socle.sql import nom_sql, texte_sql

from ..racine import RACINE
from .agregats import SCHEMA_ARRONDIS, SCHEMA_COMPTES, Agregats, Fichier, Gel
from .base import MESURES, fichier_de, mesures_protegees, preparer
from .chemins import BASE
from .cles import cle
from .code import DBT, empreinte_fichiers, fichiers_de
from .controle_comptage import TABLES, reprendre, verifier
from .projet import PORTABLE, sources_de
from .reglages import Reglages
from .spark import en_marche

if TYPE_CHECKING:
    from ingestion.acquisition import Acquisition, Attente, FichierRetenu
    from ingestion.erreurs import ErreurSource
    from ingestion.extrait.retenus import MoisRetenu

GEOGRAPHIE = ("int_rattachement", "int_couverture", "int_cog_annuel", "stg_insee__cog_arrondissements")


@dataclass(frozen=True)
class Arrondis:
    """What the build may use of persons: rounded files by what they are of, and what was refused."""

    fichiers: dict[Fichier, Path] = field(default_factory=dict)
    refus: list[ErreurSource] = field(default_factory=list)


@dataclass
class Comptage:
    """The files of persons in use tonight. The caller holds the lock of CTG_HOME."""

    reglages: Reglages
    acquisition: Acquisition
    extrait: Sequence[MoisRetenu]
    retenus: Sequence[FichierRetenu] | None = None
    attentes: Sequence[Attente] = ()
    moteur: str | None = None

    def __post_init__(self) -> None:
        """Take the files in use where the caller does not."""
        if self.retenus is None:
            pris = self.acquisition.retenus()
            self.retenus, self.attentes = pris.fichiers, pris.attentes
        self.mois = {fichier_de(m): m for m in self.extrait if m.annuel}
        self.agregats = Agregats(self.reglages.chemins.agregats)

    @cached_property
    def regles(self) -> dict[str, regle.Regle]:
        """The rule of each mesure of persons."""
        return regle.lire(MESURES)

    @cached_property
    def registres(self) -> dict[Fichier, FichierRetenu]:
        """Files in use of internal registers that count persons."""
        return {
            Fichier(f.source, f"{f.ressource}-{f.millesime}", f.sha256): f
            for f in self.retenus or ()
            if self.protegees(f.source, f.ressource)
        }

    def protegees(self, source: str, ressource: str) -> list[str]:
        """The mesures of persons that a register that is not public gives."""
        return mesures_protegees(self.acquisition.contrats[source], ressource, self.regles)

    def faire(self) -> Arrondis:
        """Count what was not counted of the inputs of today, and round what was not rounded.

        A month whose largest contribution exceeds the step of its mesure is refused, and left out. Raises
        `CompteRefuse`, `EchecDbt`.
        """
        bilan = Arrondis()
        # Drawn, where this is the first count of the home, before anything is frozen: later it is a lost one.
        cle(self.reglages, "arrondi")
        a_compter = {
            f: m for f, m in self.mois.items() if not m.purge and self.agregats[f].entrees != self.entrees(m)
        }
        with ExitStack() as fin:
            a_lire = [m for f, m in self.mois.items() if f in a_compter or not self.agregats[f].a_jour]
            atelier = _Atelier(self, a_lire, fin)
            if a_compter:
                atelier.compter(a_compter)
            for fichier in (*self.mois, *self.registres):
                gel = self.agregats[fichier]
                if fichier in self.registres and gel.compte is None:
                    self.agregats.garder_compte(fichier, atelier.lire_le_registre(self.registres[fichier]))
                    gel = self.agregats[fichier]
                if gel.compte is None:
                    # A month that was purged before any night counted it has no figure.
                    continue
                if refus := self._trop_grande(fichier, gel):
                    bilan.refus.append(refus)
                    continue
                if not gel.a_jour:
                    gel = self._arrondir(fichier, gel, atelier)
                assert gel.arrondi is not None
                bilan.fichiers[fichier] = gel.arrondi
        return bilan

    def entrees(self, mois: MoisRetenu) -> str:
        """Return the digest of all that the counts of a month depend on: foyers, geography, models."""
        contenu = {
            "mois": [mois.mois, mois.sha256, mois.parquet.name, mois.couverture],
            "geographie": self._geographie,
            "modeles": self._modeles,
        }
        return hashlib.sha256(json.dumps(contenu, sort_keys=True).encode()).hexdigest()

    @cached_property
    def _geographie(self) -> list[str]:
        lues = sources_de("int_rattachement")
        return sorted(f.parquet.name for f in self.retenus or () if f"{f.source}__{f.ressource}" in lues)

    @cached_property
    def _modeles(self) -> str:
        return empreinte_fichiers(fichiers_de(RACINE / DBT), RACINE)

    def _trop_grande(self, fichier: Fichier, gel: Gel) -> ErreurSource | None:
        """Say which mesures of a month hold a contribution larger than their step; None where none does."""
        if fichier.source != SOURCE_EXTRAIT:
            return None
        largest = pq.read_table(gel.compte, columns=["mesure_id", "max1"])
        plus_grandes = largest.group_by("mesure_id").aggregate([("max1", "max")]).to_pylist()
        trop = sorted(
            ligne["mesure_id"]
            for ligne in plus_grandes
            if (r := self.regles.get(ligne["mesure_id"]))
            and r.regle == "chaine"
            and (ligne["max1_max"] or 0) > r.pas
        )
        if not trop:
            return None
        return lieu_extrait(fichier.periode).erreur(
            "pas_trop_petit",
            observe=f"one foyer brings more than the step of {', '.join(trop)}",
            attendu="a step that no foyer exceeds: it is what hides each of them",
            que_faire="raise `pas` on these lines of dbt_project/seeds/mesures.csv: 1, 2 or 5 × 10ⁿ",
        )

    def _arrondir(self, fichier: Fichier, gel: Gel, atelier: _Atelier) -> Gel:
        """Round the true counts of a file, or what it adds to the file that it revises."""
        assert gel.compte is not None
        avant = self.agregats.revise(fichier)
        comptes = pq.read_table(gel.compte)
        lots = []
        for millesime in sorted(set(comptes["millesime"].to_pylist())):
            de_l_annee = comptes.filter(pa.compute.field("millesime") == millesime)
            # Two roundings of one file never start alike: a revision of the rule would tell the residues.
            nom = fichier.sha256 if avant is None else f"{fichier.sha256}|{gel.compte.name}"
            tire = partial(depart, cle(self.reglages, "arrondi"), f"{nom}|{millesime}")
            lots.append(self._une_annee(fichier, millesime, de_l_annee, avant, atelier, tire))
        # A file may count nobody.
        self.agregats.garder_arrondi(fichier, pa.concat_tables([SCHEMA_ARRONDIS.empty_table(), *lots]))
        return self.agregats[fichier]

    def _une_annee(
        self,
        fichier: Fichier,
        millesime: int,
        comptes: pa.Table,
        avant: Gel | None,
        atelier: _Atelier,
        tire: chaine.Depart,
    ) -> pa.Table:
        cog = comptes["cog_millesime"][0].as_py()
        communales = comptes.filter(pa.compute.field("niveau") == "commune").select(chaine.EXACTS.names)
        precedent = _annee_d_avant(avant, millesime)
        ordre = _ordre_de(precedent) if precedent else None
        communes = atelier.communes(cog, self._couverture(fichier), communales)
        nouvel_ordre = chaine.ordonner(communes, communales, self.regles)
        arrondis = chaine.arrondir(
            communales,
            chaine.prolonger(ordre, nouvel_ordre) if ordre else nouvel_ordre,
            atelier.larges(cog),
            self.regles,
            millesime,
            tire,
            precedent,
        )
        with duckdb.connect() as con:
            con.register("arrondis", arrondis)
            con.register("medianes", comptes.filter(pa.compute.field("niveau") != "commune"))
            con.register("ici", communes)
            return (
                con.execute(
                    """
                    select
                        * replace (
                            -- What the file no longer lists keeps its place in the chain, without a figure.
                            if(
                                niveau = 'commune' and code not in (select code from ici),
                                'ligne_absente', marque
                            ) as marque
                        ),
                        $source as source_id, $millesime as millesime, $sha256 as fichier_sha256,
                        $fichier as millesime_fichier, $cog as cog_millesime
                    from (
                        from arrondis
                        union all by name
                        select niveau, code, mesure_id, valeur, 0 as amplitude, 'mediane' as regle
                        from medianes
                    )
                    """,
                    {
                        "source": fichier.source,
                        "millesime": millesime,
                        "sha256": fichier.sha256,
                        "fichier": self._millesime_fichier(fichier),
                        "cog": cog,
                    },
                )
                .to_arrow_table()
                .select(SCHEMA_ARRONDIS.names)
                .cast(SCHEMA_ARRONDIS)
            )

    def _millesime_fichier(self, fichier: Fichier) -> int:
        connu = self.mois.get(fichier) or self.registres[fichier]
        return connu.millesime

    def _couverture(self, fichier: Fichier) -> str | None:
        """Return what a month covers; a register holds what it lists."""
        return self.mois[fichier].couverture if fichier in self.mois else None


class _Atelier:
    """A build file of its own, where geography is made and foyers are counted: only if something needs it."""

    def __init__(self, comptage: Comptage, mois: Sequence[MoisRetenu], fin: ExitStack) -> None:
        self._c, self._mois, self._fin = comptage, mois, fin
        self._modeles: tuple[str, ...] = ()

    @cached_property
    def _dossier(self) -> Path:
        zone = preparer_zone(self._c.reglages.zones().micro)
        dossier = Path(tempfile.mkdtemp(dir=zone, prefix=ecriture.PREFIXE))
        self._fin.callback(shutil.rmtree, dossier, ignore_errors=True)
        c, base = self._c, dossier / BASE
        preparer(base, c.acquisition, c.reglages, self._mois, c.retenus, c.attentes)
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

    def compter(self, mois: Mapping[Fichier, MoisRetenu]) -> None:
        """Count these months with the engine of the night, and freeze what it counted."""
        moteur = self._c.moteur or self._c.reglages.moteur
        if moteur == "duckdb":
            # The seed that their tests read beside them.
            self._modeles = (f"+{PORTABLE}", "mesures")
            self._garder(self._base, mois, moteur)
            return
        geographies = _geographies(self._base, self._dossier, {m.cog_millesime for m in mois.values()})
        with en_marche(self._dossier / "spark", self._c.reglages.maitre) as session:
            tables = session.compter([m.parquet for m in mois.values()], [*geographies.values()])
            with reprendre(tables) as con:
                for m in mois.values():
                    verifier(con, m, geographies[m.cog_millesime])
                self._garder(con, mois, moteur)

    def _garder(
        self, con: duckdb.DuckDBPyConnection, mois: Mapping[Fichier, MoisRetenu], moteur: str
    ) -> None:
        for fichier, m in mois.items():
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
            entrees = self._c.entrees(m)
            self._c.agregats.garder_compte(
                fichier, table.cast(SCHEMA_COMPTES), moteur=moteur, entrees=entrees
            )

    def lire_le_registre(self, fichier: FichierRetenu) -> pa.Table:
        """Read the true counts of a register, one line per commune, year and mesure of persons."""
        mesures = self._c.protegees(fichier.source, fichier.ressource)
        ressource = self._c.acquisition.contrats[fichier.source].ressources[fichier.ressource]
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

    def communes(self, cog: int, couverture: str | None, comptes: pa.Table) -> pa.Table:
        """Return the communes that a file counts, with the département of then and the EPCI of today."""
        self._base.register("comptes", comptes)
        lesquelles = (
            f"k.couverture = {texte_sql(couverture)} and k.cog_millesime = {cog}"
            if couverture
            else "a.code in (select code from comptes)"
        )
        return self._base.execute(
            f"""
            select distinct a.code, a.departement, r.code as epci
            from intermediate.int_cog_annuel as a
            left join intermediate.int_couverture as k
                on a.cog_millesime = k.cog_millesime and a.code = k.code
            left join intermediate.int_rattachement as r
                on a.cog_millesime = r.cog_millesime and a.code = r.code_origine and r.niveau = 'epci'
                and r.unique_a_ce_niveau
            where a.cog_millesime = {cog} and {lesquelles}
            """
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
            .cast(chaine.LARGES)
        )


def _annee_d_avant(avant: Gel | None, millesime: int) -> chaine.Arrondi | None:
    """Return what the revised file had of a year; None where it had nothing of it."""
    if avant is None:
        return None
    annee = pa.compute.field("millesime") == millesime
    arrondis = pq.read_table(avant.arrondi).filter(annee)
    communale = pa.compute.field("niveau") == "commune"
    exacts = pq.read_table(avant.du_compte).filter(annee & communale)
    if not arrondis.num_rows:
        return None
    return chaine.Arrondi(exacts.select(chaine.EXACTS.names), arrondis.select(chaine.ARRONDIS.names))


def _ordre_de(arrondi: chaine.Arrondi) -> pa.Table:
    """Return the chain that a file was rounded along."""
    communes = arrondi.arrondis.filter(pa.compute.field("niveau") == "commune")
    return communes.select(chaine.ORDRE.names).group_by(chaine.ORDRE.names).aggregate([])


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
    from .construire import EchecDbt, executer

    ecoute = executer(dossier / BASE, dossier / "dbt", *commande, "--quiet", "--no-write-json")
    if ecoute.erreurs:
        raise EchecDbt("\n\n".join(ecoute.erreurs))
