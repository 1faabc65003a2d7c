"""Counting persons and rounding the counts, once per file, before the night builds: nothing after reads a
true one.

Belongs here: which files are counted, of which inputs, what of them the build may use. Does not: how foyers
are counted (`dbt_project`, tag `portable`), the rule (`confidentialite`), what is kept (`agregats`), Spark
(`spark`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from confidentialite import arrondi_en_chaine, regle
from confidentialite.cle import depart
from ingestion.extrait.erreurs import lieu_extrait
from ingestion.extrait.identite import SOURCE_EXTRAIT

from ..racine import RACINE
from .agregats import SCHEMA_ARRONDIS, Agregats, Fichier, Gel, lire_arrondi
from .atelier import Atelier
from .base import MESURES, fichier_de, mesures_protegees
from .cles import cle
from .code import DBT, empreinte_fichiers, fichiers_de
from .projet import sources_de
from .registres import (
    Annee,
    EnUsage,
    FichierDOrigine,
    Passage,
    annees,
    porter,
    reprendre_l_arrondi_par_fichier,
)
from .reglages import Reglages

if TYPE_CHECKING:
    from ingestion.acquisition import Acquisition, FichierEnAttente, FichierRetenu
    from ingestion.erreurs import ErreurSource
    from ingestion.extrait.retenus import MoisRetenu


@dataclass(frozen=True)
class Arrondis:
    """What the build may use of persons: rounded counts, what was refused, what the operator is told once."""

    fichiers: dict[Fichier, EnUsage] = field(default_factory=dict)
    refus: list[ErreurSource] = field(default_factory=list)
    dits: list[str] = field(default_factory=list)


@dataclass
class Comptage:
    """The files of persons in use tonight. The caller holds the lock of CTG_HOME."""

    reglages: Reglages
    acquisition: Acquisition
    extrait: Sequence[MoisRetenu]
    retenus: Sequence[FichierRetenu] | None = None
    attentes: Sequence[FichierEnAttente] = ()
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
        """Count the files never counted from today's inputs, and round those never rounded.

        A month whose largest contribution exceeds the step of its mesure is refused and left out; so is a
        file whose communes cannot be ordered. Raises `CompteRefuse`, `EchecDbt`.
        """
        bilan = Arrondis()
        # The first count draws the secret before anything is frozen: after that, a missing secret is a lost
        # one.
        cle(self.reglages, "arrondi")
        bilan.dits.extend(self._reprendre())
        a_compter = {
            f: m for f, m in self.mois.items() if not m.purge and self.agregats[f].entrees != self.entrees(m)
        }
        with ExitStack() as fin:
            a_lire = [m for f, m in self.mois.items() if f in a_compter or not self.agregats[f].a_jour]
            quoi = (self.reglages, self.acquisition, self.retenus or (), self.attentes)
            atelier = Atelier(*quoi, a_lire, fin)
            moteur = self.moteur or self.reglages.moteur
            for fichier, comptes in atelier.compter(a_compter, moteur) if a_compter else ():
                entrees = self.entrees(self.mois[fichier])
                self.agregats.garder_compte(fichier, comptes, moteur=moteur, entrees=entrees)
            periodes: dict[Fichier, Annee | None] = dict.fromkeys(self.mois)
            for fichier, annee in (periodes | self._annees_de_registres(atelier)).items():
                gel = self.agregats[fichier]
                if gel.compte is None:
                    # A month that was purged before any night counted it has no figure.
                    continue
                if refus := self._trop_grande(fichier, gel) or self._sans_ordre(fichier, annee, atelier):
                    bilan.refus.append(refus)
                    continue
                if not gel.a_jour:
                    gel = self._arrondir(fichier, gel, atelier)
                assert gel.arrondi is not None
                bilan.fichiers[fichier] = EnUsage(gel.arrondi, annee)
        bilan.dits.extend(self._dire_l_ancien_ordre(bilan))
        return bilan

    def _reprendre(self) -> Iterator[str]:
        """Adapt the roundings of older versions; say which were removed."""
        for source, ressource in sorted({(f.source, r.ressource) for f, r in self.registres.items()}):
            if nombre := reprendre_l_arrondi_par_fichier(self.agregats, source, ressource):
                yield (
                    f"{source}/{ressource}: {nombre} file(s) had each rounded the years that they repeat; of"
                    " each year the first rounding that was published stays, the others are removed"
                    ' (docs/secret.md, "Homes of before")'
                )
        if self.reglages.repartir or self.reglages.profil == "demo":
            anciens = [*self.agregats.d_un_ancien_ordre()]
            for fichier in anciens:
                self.agregats.oublier_arrondi(fichier)
            if anciens:
                yield f"{len(anciens)} period(s) of persons, placed by their own counts, are rounded anew"

    def _dire_l_ancien_ordre(self, bilan: Arrondis) -> Iterator[str]:
        """Say once that files keep the order that their own counts gave."""
        anciens = {*self.agregats.d_un_ancien_ordre()} & bilan.fichiers.keys()
        if anciens and not self.agregats.ordre_dit:
            yield (
                f"{len(anciens)} period(s) of persons stay rounded along an order made from their counts ("
                f"{', '.join(sorted(f'{f.source} {f.periode}' for f in anciens))}): rounded again, they"
                " would tell more. The certificate says what that order tells (`ctg secret show`). If no"
                " release of them ever left the machine: `ctg refresh --repartir` rounds them anew"
            )
            self.agregats.noter_l_ordre_dit()

    def _annees_de_registres(self, atelier: Atelier) -> dict[Fichier, Annee]:
        """Freeze what the registers in use say of each year, and return it."""
        lus: dict[tuple[str, str], dict[FichierDOrigine, pa.Table]] = {}
        for fichier, registre in self.registres.items():
            if self.agregats[fichier].compte is None:
                mesures = self.protegees(registre.source, registre.ressource)
                self.agregats.garder_compte(fichier, atelier.lire_le_registre(registre, mesures))
            comptes = pq.read_table(self.agregats[fichier].compte)
            lots = lus.setdefault((registre.source, registre.ressource), {})
            lots[FichierDOrigine(registre.sha256, registre.millesime)] = comptes
        dites = {}
        for (source, ressource), fichiers in lus.items():
            for annee in annees(source, ressource, fichiers, atelier.passage):
                if self.agregats[annee.fichier].compte is None:
                    self.agregats.garder_compte(annee.fichier, annee.comptes)
                dites[annee.fichier] = annee
        return dites

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

    def _sans_ordre(self, fichier: Fichier, annee: Annee | None, atelier: Atelier) -> ErreurSource | None:
        """Say that no population was received to place communes by; None where one was, or is needless."""
        if atelier.populations or self.agregats[fichier].arrondi or self.agregats.revise(fichier):
            return None
        return (annee.lieu if annee else lieu_extrait(fichier.periode)).erreur(
            "ordre_inconnu",
            observe="no legal population of communes was ever received",
            attendu="one, of any year: communes are rounded in the order of their population",
            que_faire="ctg sources fetch insee_populations_legales; the next night rounds what waits",
        )

    def _arrondir(self, fichier: Fichier, gel: Gel, atelier: Atelier) -> Gel:
        """Round the true counts of a file, or the changes since the file that it revises."""
        assert gel.compte is not None
        avant = self.agregats.revise(fichier)
        comptes = pq.read_table(gel.compte)
        lots = []
        for millesime in sorted(set(comptes["millesime"].to_pylist())):
            de_l_annee = comptes.filter(pc.field("millesime") == millesime)
            # Each rounding of a file starts elsewhere: two from one start would tell the residues.
            nom = f"{fichier.sha256}|{gel.compte.name if avant else 'population'}"
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
        atelier: Atelier,
        tire: arrondi_en_chaine.Depart,
    ) -> pa.Table:
        cog = comptes["cog_millesime"][0].as_py()
        communales = comptes.filter(pc.field("niveau") == "commune").select(arrondi_en_chaine.EXACTS.names)
        precedent = _annee_d_avant(avant, millesime, cog, atelier.passage)
        communes = atelier.communes(cog, self._couverture(fichier), communales, millesime)
        ordre = arrondi_en_chaine.ordonner(communes)
        arrondis = arrondi_en_chaine.arrondir(
            communales,
            arrondi_en_chaine.prolonger(_ordre_de(precedent), ordre) if precedent else ordre,
            atelier.larges(cog),
            self.regles,
            millesime,
            tire,
            precedent,
        )
        with duckdb.connect() as con:
            con.register("arrondis", arrondis)
            con.register("medianes", comptes.filter(pc.field("niveau") != "commune"))
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
                        $millesime as millesime_fichier, $cog as cog_millesime
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
                        "cog": cog,
                    },
                )
                .to_arrow_table()
                .select(SCHEMA_ARRONDIS.names)
                .cast(SCHEMA_ARRONDIS)
            )

    def _couverture(self, fichier: Fichier) -> str | None:
        """Return what a month covers; a register holds what it lists."""
        return self.mois[fichier].couverture if fichier in self.mois else None


def _annee_d_avant(
    avant: Gel | None, millesime: int, cog: int, passage: Passage
) -> arrondi_en_chaine.Arrondi | None:
    """Return the counts of a year in the revised file, in the COG of today; None where it had none."""
    if avant is None:
        return None
    annee, communale = pc.field("millesime") == millesime, pc.field("niveau") == "commune"
    arrondis = lire_arrondi(avant.arrondi).filter(annee)
    if not arrondis.num_rows:
        return None
    exacts = pq.read_table(avant.du_compte).filter(annee & communale).select(arrondi_en_chaine.EXACTS.names)
    d_alors = arrondis["cog_millesime"][0].as_py()
    arrondis = arrondis.select(arrondi_en_chaine.ARRONDIS.names)
    if d_alors != cog:
        vers = passage(d_alors, cog)
        exacts = porter(exacts, vers, ("valeur",))
        communes = porter(arrondis.filter(communale), vers, ("valeur", "amplitude"))
        arrondis = pa.concat_tables([communes, arrondis.filter(~communale)])
    return arrondi_en_chaine.Arrondi(exacts, arrondis)


def _ordre_de(arrondi: arrondi_en_chaine.Arrondi) -> pa.Table:
    """Return the chain that a file was rounded along."""
    communes = arrondi.arrondis.filter(pc.field("niveau") == "commune")
    return (
        communes.select(arrondi_en_chaine.ORDRE.names).group_by(arrondi_en_chaine.ORDRE.names).aggregate([])
    )
