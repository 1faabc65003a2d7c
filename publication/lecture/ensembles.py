"""A release read whole, as the site does: its certificate, its territories, counts over all its figures."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from publication.lecture.alphabet import NOM
from publication.lecture.fichiers import BASE, CERTIFICAT
from publication.lecture.lots import Ligne
from publication.lecture.marts import Marts, connecter
from publication.lecture.niveaux import DES_PAGES
from socle.erreurs import ErreurPublication
from socle.statuts import MONTRENT

_NOM = NOM.format("libelle")


@dataclass(eq=False)
class MartsEntiers(Marts):
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


@contextmanager
def ouvrir(release: Path) -> Iterator[MartsEntiers]:
    """Open a release, whole or being made, for reading.

    Raises ErreurPublication when it has no base.
    """
    if not (base := release / BASE).is_file():
        raise ErreurPublication(f"{base} does not exist: the site is made from it. Run the night again.")
    certificat = json.loads((release / CERTIFICAT).read_bytes())
    with connecter(base) as con:
        # Two processes draw, and a page asks little at once: threads would wait for each other.
        con.execute("set threads = 1")
        yield MartsEntiers(con, certificat)
