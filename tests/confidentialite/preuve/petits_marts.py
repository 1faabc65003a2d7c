"""Hand-made marts: communes, EPCI, CTG and département, figures summed from the communes, masks by name."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from confidentialite.preuve.exigences import Exigences

EXTRAIT = "caf_extrait_allocataires"
PUBLIC = "cnaf_allocataires_departements"
EXIGENCES = Exigences(
    seuil=5,
    alternatives_min=2,
    arrondi_bas=-2,
    arrondi_haut=4,
    dominance_k=0.85,
    monnaies=frozenset({"EUR", "EUR par allocataire"}),
)

Cle = tuple[str, int, str]
"""(territoire_id, millésime, indicateur_id)."""


@dataclass
class Indicateur:
    methode: str
    numerateur: str
    denominateur: str | None = None
    unite: str = "foyers"
    part: bool = False
    decalage: int = 0
    niveaux: Sequence[str] = ()
    source: str | None = None


@dataclass
class Marts:
    """`communes`: EPCI of each; `valeurs`: by (mesure, millésime), the count of each commune, else 0.

    `niveaux`: those that have rows. `source`: that of the figures, and `diffusion` what it declares. `tues`:
    communes that a file says nothing of, so that sums are `partiel`. `code_en`: the COG that figures are in,
    where the build tells the communes of each territory in it.
    """

    communes: Mapping[str, str]
    valeurs: Mapping[tuple[str, int], Mapping[str, float]]
    indicateurs: Mapping[str, Indicateur]
    masques: set[Cle] = field(default_factory=set)
    ctg: Mapping[str, Sequence[str]] = field(default_factory=dict)
    tues: Mapping[tuple[str, int], Set[str]] = field(default_factory=dict)
    publics: Mapping[Cle, float | tuple[float, float]] = field(default_factory=dict)
    passage: Sequence[tuple[int, str, str, str]] = ()
    origines: Sequence[tuple[str, str, int, int, str, float | None]] = ()
    niveaux: Sequence[str] = ("commune", "epci", "ctg", "departement")
    cog: int = 2025
    source: str = EXTRAIT
    diffusion: str = "micro"
    code_du_nul: str = "denominateur_nul"
    code_en: int | None = None

    def territoires(self) -> dict[str, list[str]]:
        resultat = {f"commune:{c}": [c] for c in self.communes}
        for commune, epci in self.communes.items():
            resultat.setdefault(f"epci:{epci}", []).append(commune)
        for nom, membres in self.ctg.items():
            resultat[f"ctg:{nom}"] = list(membres)
        resultat["departement:26"] = list(self.communes)
        if "region" in self.niveaux:
            resultat["region:84"] = list(self.communes)
        return resultat

    def somme(self, mesure: str, millesime: int, membres: Iterable[str]) -> float:
        valeurs = self.valeurs[mesure, millesime]
        return sum(valeurs.get(c, 0) for c in membres)

    def lignes(self) -> list[dict[str, Any]]:
        lignes = []
        for indicateur_id, i in self.indicateurs.items():
            for (mesure, millesime), _ in self.valeurs.items():
                if mesure != i.numerateur:
                    continue
                second = millesime - i.decalage
                den_mesure = i.denominateur or (mesure if i.decalage else None)
                if den_mesure and (den_mesure, second) not in self.valeurs:
                    continue
                for territoire, membres in self.territoires().items():
                    if territoire.split(":")[0] not in (i.niveaux or self.niveaux):
                        continue
                    lignes.append(
                        self._ligne(indicateur_id, i, millesime, second, den_mesure, territoire, membres)
                    )
        return lignes

    def _ligne(
        self,
        indicateur_id: str,
        i: Indicateur,
        millesime: int,
        second: int,
        den_mesure: str | None,
        territoire: str,
        membres: list[str],
    ) -> dict[str, Any]:
        niveau, _, code = territoire.partition(":")
        ligne = {
            "territoire_id": territoire,
            "niveau": niveau,
            "code": code,
            "millesime": millesime,
            "indicateur_id": indicateur_id,
            "statut": "observe",
            "motif": None,
            "motif_code": None,
            "source_ids": i.source or self.source,
            "millesime_base": second if i.decalage else None,
            "millesime_denominateur": second if den_mesure and not i.decalage else None,
        }
        num = self.somme(i.numerateur, millesime, membres)
        cle = (territoire, millesime, indicateur_id)
        if (public := self.publics.get(cle)) is not None:
            ligne["source_ids"] = PUBLIC
            if isinstance(public, tuple):
                ligne |= {"statut": "arrondi", "borne_basse": public[0], "borne_haute": public[1]}
                public = (public[0] + public[1]) / 2
            num = public
        if cle in self.masques:
            return ligne | {"statut": "secret", "motif": "secret statistique", "motif_code": "secret"}
        tues = self.tues.get((i.numerateur, millesime), set())
        if tues.issuperset(membres):
            return ligne | {"statut": "non_disponible", "motif_code": "ligne_absente"}
        if not tues.isdisjoint(membres):
            return ligne | {"statut": "partiel", "valeur": num, "borne_basse": num}
        if den_mesure is None:
            return {"borne_basse": num, "borne_haute": num} | ligne | {"valeur": num}
        den = self.somme(den_mesure, second, membres)
        if den == 0:
            nul = {"motif": "dénominateur nul", "motif_code": self.code_du_nul}
            return ligne | {"statut": "sans_objet"} | nul
        return ligne | {"numerateur": num, "denominateur": den, "valeur": 100 * num / den}

    def ecrire(self, base: Path) -> Path:
        base.unlink(missing_ok=True)
        with duckdb.connect(str(base)) as con:
            self.remplir(con)
        return base

    def remplir(self, con: duckdb.DuckDBPyConnection) -> None:
        colonnes = [
            *("territoire_id", "niveau", "code", "millesime", "indicateur_id", "valeur", "numerateur"),
            *("denominateur", "borne_basse", "borne_haute", "statut", "motif", "motif_code"),
            *("millesime_base", "millesime_denominateur", "source_ids"),
        ]
        nombres = {"valeur", "numerateur", "denominateur", "borne_basse", "borne_haute"}
        types = {c: "float64" if c in nombres else "string" for c in colonnes} | {
            c: "Int32" for c in ("millesime", "millesime_base", "millesime_denominateur")
        }
        fct = pd.DataFrame(self.lignes(), columns=colonnes).astype(types)  # noqa: F841
        con.execute("create schema marts")
        con.execute(f"create table marts.fct_indicateurs as select *, {self.cog} as cog_millesime from fct")
        dictionnaire = pd.DataFrame(  # noqa: F841
            [
                (nom, i.methode, i.numerateur, i.denominateur, i.unite, i.part)
                for nom, i in self.indicateurs.items()
            ],
            columns=["indicateur_id", "methode", "numerateur", "denominateur", "unite", "part_d_un_tout"],
        ).astype({"denominateur": "string"})
        con.execute("create table marts.dim_indicateur as select *, 'conjoint' as secret from dictionnaire")
        con.execute("create table marts.dim_source (source_id varchar, diffusion varchar)")
        con.executemany(
            "insert into marts.dim_source values (?, ?)",
            [(self.source, self.diffusion), (PUBLIC, "publique")],
        )
        territoires = [
            (t, *t.split(":", 1), None if t.startswith("region") else "26", "84", epci)
            for t in self.territoires()
            for epci in [
                self.communes.get(t.split(":")[1], t.split(":")[1] if t.startswith("epci") else None)
            ]
        ]
        con.execute(
            "create table marts.dim_territoire (territoire_id varchar, niveau varchar, code varchar,"
            " departement varchar, region varchar, epci varchar, cog_millesime integer)"
        )
        con.executemany(
            f"insert into marts.dim_territoire values (?, ?, ?, ?, ?, ?, {self.cog})", territoires
        )
        con.execute("create table marts.ctg_communes (territoire_id varchar, code varchar)")
        for nom, membres in self.ctg.items():
            con.executemany(
                "insert into marts.ctg_communes values (?, ?)", [(f"ctg:{nom}", c) for c in membres]
            )
        con.execute(
            "create table marts.epci_composition (millesime integer, epci varchar, code varchar,"
            " cog_millesime integer, code_reference varchar)"
        )
        con.executemany(
            "insert into marts.epci_composition values (?, ?, ?, ?, ?)",
            [(self.cog, epci, c, self.cog, c) for c, epci in self.communes.items()],
        )
        con.execute(
            "create table marts.passage_communes (cog_millesime integer, code_origine varchar,"
            " code_reference varchar, nature varchar)"
        )
        for ligne in self.passage:
            con.execute("insert into marts.passage_communes values (?, ?, ?, ?)", ligne)
        con.execute(
            "create table marts.fct_indicateurs_origine (niveau varchar, code varchar, territoire_id varchar,"
            " millesime integer, cog_millesime integer, indicateur_id varchar, valeur double,"
            " borne_basse double, borne_haute double, statut varchar, motif varchar, source_ids varchar)"
        )
        for niveau, code, millesime, cog, indicateur, valeur in self.origines:
            con.execute(
                "insert into marts.fct_indicateurs_origine values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    *(niveau, code, f"{niveau}:{code}", millesime, cog, indicateur, valeur, valeur, valeur),
                    *("secret" if valeur is None else "observe", None, self.source),
                ],
            )
        con.execute(
            "create schema seeds; create table seeds.mesures (mesure_id varchar, contributeurs varchar)"
        )
        self._coder(con)

    def _coder(self, con: duckdb.DuckDBPyConnection) -> None:
        """Write what the build tells of territories in the COG of the figures."""
        con.execute("create schema intermediate")
        con.execute(
            "create table intermediate.int_secret_communes"
            " (mesure_id varchar, millesime integer, cog_millesime integer)"
        )
        con.execute(
            "create table intermediate.int_secret_atomes"
            " (millesime integer, cog_millesime integer, niveau varchar, code varchar, atome varchar)"
        )
        if self.code_en is None:
            return
        origines: dict[str, list[str]] = {}
        for cog, origine, reference, _ in self.passage:
            if cog == self.code_en:
                origines.setdefault(reference, []).append(origine)
        for mesure, millesime in self.valeurs:
            con.execute(
                "insert into intermediate.int_secret_communes values (?, ?, ?)",
                [mesure, millesime, self.code_en],
            )
        for millesime in {annee for _, annee in self.valeurs}:
            con.executemany(
                "insert into intermediate.int_secret_atomes values (?, ?, ?, ?, ?)",
                [
                    (millesime, self.code_en, *territoire.split(":", 1), atome)
                    for territoire, membres in self.territoires().items()
                    for commune in membres
                    for atome in origines.get(commune, [commune])
                ],
            )
