"""What only the site asks of a release: its certificate, and counts over all its figures."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from publication.commun.fichiers import BASE, CERTIFICAT
from publication.lecture.alphabet import NOM
from publication.lecture.marts import Marts, connecter
from publication.lecture.niveaux import DES_PAGES
from socle.erreurs import ErreurPublication
from socle.statuts import MONTRENT

Ligne = dict[str, Any]
"""A row of a release, by column."""

_NOM = NOM.format("libelle")
_CHIFFRE = (
    "territoire_id, niveau, code, libelle, millesime, valeur, valeur_affichee, lisibilite, borne_basse,"
    " borne_haute, statut, motif, source_ids, champ, demonstration, millesime_base, millesime_denominateur"
)


@dataclass(eq=False)
class MartsDuSite(Marts):
    """One release, with its certificate. What several pages say is read once."""

    certificat: Mapping[str, Any]

    @cached_property
    def territoires(self) -> dict[str, Ligne]:
        """Every territory but communes, in order."""
        ordre = f"list_position({list(DES_PAGES)}, niveau), {_NOM}, territoire_id"
        return self.par("territoire_id", f"from dim_territoire where niveau <> 'commune' order by {ordre}")

    @cached_property
    def communes(self) -> dict[str, Ligne]:
        """Every commune, by name."""
        return self.par(
            "territoire_id", f"from dim_territoire where niveau = 'commune' order by {_NOM}, code"
        )

    @cached_property
    def departements(self) -> dict[str, str]:
        """The départements that hold communes of the scope, by code: a name where the release has one."""
        codes = sorted({c["departement"] for c in self.communes.values()})
        connus = {code: self.territoires.get(f"departement:{code}") for code in codes}
        return {code: t["libelle"] if t else f"Département {code}" for code, t in connus.items()}

    @cached_property
    def passages(self) -> list[tuple[str, str]]:
        """The former code of each commune that merged into another, and the code of that one."""
        return self.con.execute(
            "select distinct code_origine, code_reference from passage_communes"
            " where nature = 'fusion' and code_origine <> code_reference order by all"
        ).fetchall()

    @cached_property
    def reunies(self) -> dict[str, list[str]]:
        """What each commune holds the figures of: names without figures, and the codes of merged communes."""
        reunies: dict[str, list[str]] = {}
        for n in self.lignes(
            "from noms_territoires where dans_la_publication and nature in"
            f" ('arrondissement_municipal', 'etablissement_public_territorial') order by {_NOM}"
        ):
            reunies.setdefault(n["territoire_id"], []).append(n["libelle"])
        for ancien, code in self.passages:
            reunies.setdefault(f"commune:{code}", []).append(f"ancien code {ancien}")
        return reunies

    @cached_property
    def sources(self) -> dict[str, Ligne]:
        """Every source, by producer and title."""
        ordre = f"{NOM.format('producteur')}, {NOM.format('titre')}, source_id"
        return self.par("source_id", f"from dim_source order by {ordre}")

    @cached_property
    def fichiers(self) -> dict[str, list[Ligne]]:
        """The files in use, by source, newest years first; `cog_premier`: the oldest COG of their lines."""
        par_source: dict[str, list[Ligne]] = {}
        for f in self.lignes(
            """
            with premiers as (
                select sha256, ressource, min(cog_millesime) as cog_premier from lignes_source group by all
            )
            select f.*, p.cog_premier
            from dim_fichier as f
            left join premiers as p using (sha256, ressource)
            order by f.source, f.millesime desc, f.ressource, f.membre, f.niveau
            """
        ):
            par_source.setdefault(f["source"], []).append(f)
        return par_source

    @cached_property
    def usages(self) -> dict[str, set[str]]:
        """The sources that this release's figures of each indicateur come from."""
        return {
            ligne["indicateur_id"]: set(ligne["sources"])
            for ligne in self.lignes(
                "select indicateur_id, list(distinct source_id) as sources from (select distinct"
                " indicateur_id, unnest(string_split(source_ids, '+')) as source_id from fct_indicateurs"
                " where source_ids is not null) group by all"
            )
        }

    @cached_property
    def sources_des_communes(self) -> dict[str, str]:
        """The sources that most of the last figures of communes come from, by indicateur."""
        return dict(
            self.con.execute(
                "select indicateur_id, mode(source_ids order by source_ids) from mart_derniers_chiffres"
                " where niveau = 'commune' group by all"
            ).fetchall()
        )

    @cached_property
    def annees(self) -> dict[str, list[int]]:
        """The years of the figures that are shown, by source: a file of one year may tell of those before.

        A ratio of terms of two years does not say which of its sources each is of: it counts for none.
        """
        return dict(
            self.con.execute(
                "select source_id, list_sort(list(distinct millesime)) from (select distinct millesime,"
                " unnest(string_split(source_ids, '+')) as source_id from fct_indicateurs"
                " where source_ids is not null and statut in (select unnest(?))"
                " and coalesce(millesime_denominateur, millesime) = millesime) group by all",
                [list(MONTRENT)],
            ).fetchall()
        )

    @cached_property
    def comptes(self) -> dict[str, dict[int, dict[str, dict[str, int]]]]:
        """Number of territories by indicateur, year, level and statut."""
        comptes: dict[str, dict[int, dict[str, dict[str, int]]]] = {}
        for i, millesime, niveau, statut, nombre in self.con.execute(
            "select indicateur_id, millesime, niveau, statut, count(*) from fct_indicateurs group by all"
            " order by all"
        ).fetchall():
            comptes.setdefault(i, {}).setdefault(millesime, {}).setdefault(niveau, {})[statut] = nombre
        return comptes

    @cached_property
    def effectifs(self) -> dict[str, int]:
        """Number of territories of each level."""
        return dict(self.con.execute("select niveau, count(*) from dim_territoire group by all").fetchall())

    @cached_property
    def derniers(self) -> dict[tuple[str, str], int]:
        """The newest year with a figure shown, by indicateur and level."""
        return {
            (i, niveau): millesime
            for i, niveau, millesime in self.con.execute(
                "select indicateur_id, niveau, max(millesime) from fct_indicateurs"
                " where statut in (select unnest(?)) group by all",
                [list(MONTRENT)],
            ).fetchall()
        }

    @cached_property
    def ruptures(self) -> dict[str, list[Ligne]]:
        """Breaks of each series, by year: the whole levels that one holds for, how many territories beside.

        A file that is laid out otherwise breaks nothing: its figures go on.
        """
        par_indicateur: dict[str, list[Ligne]] = {}
        for r in self.lignes(
            "select indicateur_id, millesime, nature, count(distinct territoire_id) as territoires,"
            " coalesce(list(distinct niveau) filter (where territoire_id is null), []) as niveaux,"
            " coalesce(min(detail) filter (where territoire_id is null),"
            " if(count(distinct detail) = 1, min(detail), null)) as detail"
            " from ruptures_series where nature <> 'forme' group by all"
            " order by indicateur_id, millesime desc, nature"
        ):
            par_indicateur.setdefault(r["indicateur_id"], []).append(r)
        return par_indicateur

    @cached_property
    def changements(self) -> list[Ligne]:
        """How many figures changed since the previous release, by indicateur, level and cause."""
        return self.lignes("from changements_resume order by all")

    def chiffres(self, indicateur_id: str) -> list[Ligne]:
        """Return the figures of an indicateur above the commune, all years, in the order of territories."""
        return self.lignes(
            f"select {_CHIFFRE} from fct_indicateurs where indicateur_id = ? and niveau <> 'commune'"
            " order by territoire_id, millesime",
            [indicateur_id],
        )

    def tendances(self, indicateur_id: str) -> dict[str, Ligne]:
        """Return the trends of an indicateur above the commune, by territory."""
        return {
            t["territoire_id"]: t
            for t in self.lignes(
                "select territoire_id, tendance_dite, tendance_lecture, motif from mart_tendances"
                " where indicateur_id = ? and niveau <> 'commune' order by territoire_id",
                [indicateur_id],
            )
        }

    def chiffres_des_communes(self, indicateur_id: str, millesime: int) -> list[Ligne]:
        """Return those of the communes, one year, by name."""
        return self.lignes(
            f"select {_CHIFFRE} from fct_indicateurs where indicateur_id = ? and niveau = 'commune'"
            f" and millesime = ? order by {_NOM}, code",
            [indicateur_id, millesime],
        )

    def fiches_des_communes(self, indicateurs: list[str], departement: str | None) -> list[Ligne]:
        """Return the last figures of communes, and where they are beside their EPCI and département."""
        return self.lignes(
            f"""
            with derniers as (
                select
                    territoire_id, indicateur_id, millesime, ecart_epci_dit, ecart_departement_dit
                from mart_derniers_chiffres
                where niveau = 'commune' and indicateur_id in (select unnest(?))
            )
            select
                indicateur_id, {_CHIFFRE}, motif_code,
                derniers.* exclude (territoire_id, indicateur_id, millesime)
            from fct_indicateurs
            inner join derniers using (territoire_id, indicateur_id, millesime)
            where territoire_id in (
                select territoire_id from dim_territoire where departement = ? or ? is null
            )
            """,
            [indicateurs, departement, departement],
        )

    def chiffres_des_reperes(self, indicateurs: list[str], niveaux: Iterable[str]) -> list[Ligne]:
        """Return the figures of whole levels, all years."""
        return self.lignes(
            f"select indicateur_id, {_CHIFFRE} from fct_indicateurs"
            " where indicateur_id in (select unnest(?)) and niveau in (select unnest(?))",
            [indicateurs, list(niveaux)],
        )

    def derniers_chiffres_des_communes(self, departement: str) -> list[Ligne]:
        """Return the last figure shown of each indicateur, of the communes of a département."""
        return self.lignes(
            "select t.code, indicateur_id, millesime, d.valeur_affichee, d.lisibilite, d.statut, d.motif,"
            " d.motif_code, d.borne_basse, d.borne_haute, d.valeur, f.numerateur, f.denominateur,"
            " f.denominateur_haut, f.enveloppe_basse, f.enveloppe_haute, f.ecart_type_arrondi"
            " from mart_derniers_chiffres as d"
            " inner join dim_territoire as t using (territoire_id)"
            " inner join fct_indicateurs as f using (territoire_id, indicateur_id, millesime)"
            " where t.niveau = 'commune' and t.departement = ?",
            [departement],
        )

    def derniers_de(self, territoire_ids: list[str]) -> dict[tuple[str, str], Ligne]:
        """Return the last figures of territories, by territory and indicateur."""
        return {
            (d["territoire_id"], d["indicateur_id"]): d
            for d in self.lignes(
                f"select indicateur_id, {_CHIFFRE} from fct_indicateurs inner join"
                " (select territoire_id, indicateur_id, millesime from mart_derniers_chiffres"
                " where territoire_id in (select unnest(?)))"
                " using (territoire_id, indicateur_id, millesime)",
                [territoire_ids],
            )
        }

    def derniers_chiffres_des_territoires(self) -> list[Ligne]:
        """Return those of the territories above the commune, each with what is said of its evolution."""
        return self.lignes(
            "select d.territoire_id, d.indicateur_id, d.millesime, d.valeur_affichee, d.lisibilite, d.statut,"
            " d.motif, d.borne_basse, d.borne_haute, e.millesime_debut as debut,"
            " e.valeur_debut_affichee as debut_affichee, e.forme, e.motif as evolution_motif,"
            " e.evolution_affichee"
            " from mart_derniers_chiffres as d left join mart_evolutions_dites as e"
            " on e.territoire_id = d.territoire_id and e.indicateur_id = d.indicateur_id and e.choisie"
            " where d.niveau <> 'commune' order by d.territoire_id, d.indicateur_id"
        )


@contextmanager
def ouvrir(release: Path) -> Iterator[MartsDuSite]:
    """Open a release, whole or being made, for reading.

    Raises ErreurPublication when it has no base.
    """
    if not (base := release / BASE).is_file():
        raise ErreurPublication(f"{base} does not exist: the site is made from it. Run the night again.")
    certificat = json.loads((release / CERTIFICAT).read_bytes())
    with connecter(base) as con:
        # Two processes draw, and a page asks little at once: threads would wait for each other.
        con.execute("set threads = 1")
        yield MartsDuSite(con, certificat)
