"""One world on both sides: masks decided by the engine, the release proved by the auditor, one register.

Not a test: what is asserted of it is in `test_*.py`. The marts and the aggregates are written from the finest
values of a `Monde`, as the models of the warehouse would; neither side is told what the other found.
"""

from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb
import pandas as pd

from confidentialite.memoire import registre as registres
from confidentialite.moteur.masques import DivulgationAnterieure
from confidentialite.preuve import entrees
from confidentialite.preuve.auditeur import auditer
from confidentialite.preuve.constats import Cellule, Constats
from confidentialite.preuve.exigences import Exigences, en_vigueur
from confidentialite.regle.parametres import charger
from tests.confidentialite.moteur.banc import (
    SANS_RELATION,
    SENSIBLES,
    Finest,
    Monde,
    contributeurs,
    plus_grandes,
    valeur,
)
from tests.confidentialite.moteur.suivi import decider

EXTRAIT = "caf_extrait_allocataires"
PERIMETRE = "departement:26"

Masques = set[tuple[str, int, str]]


@dataclass
class Observatoire:
    """Releases in a row, in a folder: each is decided, proved, and registered when nothing stops it."""

    dossier: Path
    rang: int = 0
    decisions: int = field(default=0, init=False)

    @property
    def registre(self) -> Path:
        """Its register."""
        return self.dossier / "registre"

    def nuit(self, monde: Monde, *, publier: bool = True) -> Constats:
        """Decide, prove, and register what may be published; the findings, incidents of the engine joined."""
        base = self.dossier / f"nuit-{self.rang}.duckdb"
        base.unlink(missing_ok=True)
        masques, divulguees = self.masquer(monde)
        with duckdb.connect(str(base)) as con:
            ecrire(con, monde, masques)
            exigences = regles()
            constats = auditer(
                con,
                self.registre,
                exigences,
                perimetre=PERIMETRE,
                agregats=entrees.lire_agregats(con, exigences),
            )
            constats = constats.avec_incidents(divulguees, registres.decisions(self.registre))
            if publier and constats.succes:
                self.rang += 1
                dites = registres.tirer(self.registre, f"r{self.rang}", con, PERIMETRE, "1")
                registres.ecrire(self.registre, f"r{self.rang}", dites)
        return constats

    def masquer(self, monde: Monde) -> tuple[Masques, set[Cellule]]:
        """The masks of a world, and the cells that the engine knows to be given away already."""
        monde = replace(monde, registre=registres.lire(self.registre).to_pylist())
        assumees: frozenset[tuple[int, str, str, str]] = frozenset()
        while True:
            try:
                resultat = decider(monde.entrees(), charger(), SANS_RELATION, assumees=assumees)
            except DivulgationAnterieure as deja:
                assert not deja.cellules <= assumees, str(deja)
                assumees |= deja.cellules
                continue
            divulguees = {
                Cellule(m.territoire_id, m.indicateur_id, m.millesime)
                for m in resultat.masques
                if m.raison == "divulguee"
            }
            return {(m.territoire_id, m.millesime, m.indicateur_id) for m in resultat.masques}, divulguees

    def decider_tout(self, constats: Constats) -> None:
        """One round: a person takes note of every incident that is shown."""
        self.decisions += 1
        for incident in constats.a_decider:
            registres.decider(self.registre, incident.incident_id, "A. B.", "assumer", "révision de la Caf")


def regles() -> Exigences:
    """The rules in force; these worlds have no figure that a producer rounds, nor any register."""
    return replace(en_vigueur(-2, 4, frozenset(), SENSIBLES, frozenset({"EUR"})), relations={}, inclusions=())


def ecrire(con: duckdb.DuckDBPyConnection, monde: Monde, masques: Masques) -> None:
    """Write the marts of a world under masks, and the aggregates behind them."""
    for schema in ("marts", "intermediate", "seeds"):
        con.execute(f"create schema {schema}")
    lignes = [
        {
            **c,
            **({"valeur": None, "numerateur": None, "denominateur": None} if cachee else {}),
            "statut": "secret" if cachee else "observe" if c["valeur"] is not None else "sans_objet",
            "motif": "secret statistique" if cachee else None,
            "motif_code": "secret" if cachee else c.get("motif_code"),
        }
        for c in (*monde.cellules(), *monde.vides())
        for cachee in ((c["territoire_id"], c["millesime"], c["indicateur_id"]) in masques,)
    ]
    _table(
        con,
        "marts.fct_indicateurs",
        lignes,
        "territoire_id varchar, niveau varchar, code varchar, millesime integer, indicateur_id varchar,"
        " valeur double, numerateur double, denominateur double, statut varchar, motif varchar,"
        " motif_code varchar, millesime_base integer, millesime_denominateur integer, source_ids varchar",
    )
    con.execute(
        "alter table marts.fct_indicateurs add column borne_basse double;"
        "alter table marts.fct_indicateurs add column borne_haute double;"
        f"alter table marts.fct_indicateurs add column cog_millesime integer default {monde.cog};"
        "update marts.fct_indicateurs set borne_basse = valeur, borne_haute = valeur"
        " where numerateur is null and valeur is not null"
    )
    _table(
        con,
        "marts.dim_indicateur",
        [
            {**i.ligne(), "unite": _unite(monde, i.numerateur), "secret": "conjoint"}
            for i in monde.indicateurs
        ],
        "indicateur_id varchar, methode varchar, numerateur varchar, denominateur varchar, unite varchar,"
        " part_d_un_tout boolean, secret varchar",
    )
    con.execute(f"create table marts.dim_source as select '{EXTRAIT}' as source_id, 'micro' as diffusion")
    _geographie(con, monde)
    _agregats(con, monde)


def _unite(monde: Monde, mesure: str) -> str:
    return "EUR" if mesure in monde.montants else "foyers"


def _geographie(con: duckdb.DuckDBPyConnection, monde: Monde) -> None:
    epci, departement, region = (
        {c: code for (niveau, code), cs in monde.territoires.items() if niveau == large for c in cs}
        for large in ("epci", "departement", "region")
    )
    _table(
        con,
        "marts.dim_territoire",
        [
            {
                **{"territoire_id": f"{n}:{c}", "niveau": n, "code": c},
                # A small world has no wide territory: it is in this département.
                "departement": c if n == "departement" else departement.get(communes[0], "26"),
                "region": c if n == "region" else region.get(communes[0], "84"),
                **{"epci": epci.get(c) if n == "commune" else None, "cog_millesime": monde.cog},
            }
            for (n, c), communes in monde.territoires.items()
        ],
        "territoire_id varchar, niveau varchar, code varchar, departement varchar, region varchar,"
        " epci varchar, cog_millesime integer",
    )
    _table(
        con,
        "marts.ctg_communes",
        [
            {"territoire_id": f"ctg:{code}", "code": c}
            for (niveau, code), cs in monde.territoires.items()
            if niveau == "ctg"
            for c in cs
        ],
        "territoire_id varchar, code varchar",
    )
    _table(
        con,
        "marts.epci_composition",
        [
            {
                **{"millesime": monde.cog, "epci": e, "code": c},
                **{"cog_millesime": monde.cog, "code_reference": c},
            }
            for c, e in epci.items()
        ],
        "millesime integer, epci varchar, code varchar, cog_millesime integer, code_reference varchar",
    )
    con.execute(
        "create table marts.passage_communes (cog_millesime integer, code_origine varchar,"
        " code_reference varchar, nature varchar);"
        "create table marts.fct_indicateurs_origine (niveau varchar, code varchar, territoire_id varchar,"
        " millesime integer, cog_millesime integer, indicateur_id varchar, valeur double,"
        " borne_basse double, borne_haute double, statut varchar, motif varchar, source_ids varchar)"
    )


def _contributions(finest: Finest) -> dict[str, int | None]:
    """The two largest contributions; a second that the world does not tell is as large as it may be."""
    max1, max2 = plus_grandes(finest)
    if max1 is not None and max2 is None:
        max2 = min(max1, valeur(finest) - max1)
    return {"max1": max1, "max2": max2}


def _agregats(con: duckdb.DuckDBPyConnection, monde: Monde) -> None:
    fines = [
        {
            **{"millesime": a, "cog_millesime": monde.cog, "mesure_id": m, "atome": c},
            **{"valeur": valeur(v), "n": contributeurs(v)},
            **_contributions(v),
        }
        for (a, m), valeurs in monde.valeurs.items()
        for c, v in valeurs.items()
        if valeur(v)
    ]
    _table(
        con,
        "intermediate.int_secret_communes",
        fines,
        "millesime integer, cog_millesime integer, mesure_id varchar, atome varchar, valeur double, n bigint,"
        " max1 double, max2 double",
    )
    con.execute(
        "alter table intermediate.int_secret_communes"
        " add column contributions struct(qui varchar, valeur double)[]"
    )
    _table(
        con,
        "intermediate.int_secret_atomes",
        [
            {
                **{"millesime": a, "cog_millesime": monde.cog, "niveau": n, "code": code},
                "atome": c,
            }
            for a in sorted({a for a, _ in monde.valeurs})
            for (n, code), cs in monde.territoires.items()
            for c in cs
        ],
        "millesime integer, cog_millesime integer, niveau varchar, code varchar, atome varchar",
    )
    con.execute(
        """
        create table intermediate.int_secret_cellules as
        select
            a.niveau, a.code, c.mesure_id, c.millesime, sum(c.valeur) as valeur, sum(c.n)::bigint as n,
            list_reverse_sort(flatten(list([c.max1, c.max2])), 'nulls last')[1] as max1,
            list_reverse_sort(flatten(list([c.max1, c.max2])), 'nulls last')[2] as max2,
            true as micro, 'foyers' as contributeurs
        from intermediate.int_secret_communes as c
        inner join intermediate.int_secret_atomes as a
            on c.millesime = a.millesime and c.cog_millesime = a.cog_millesime and c.atome = a.atome
        group by all
        """
    )
    # No register tells of these worlds.
    con.execute(
        "create table intermediate.int_secret_lues as"
        " select millesime, cog_millesime, mesure_id, atome, valeur"
        " from intermediate.int_secret_communes limit 0"
    )
    mesures = sorted({m for _, m in monde.valeurs})
    _table(
        con,
        "seeds.mesures",
        [
            {
                **{"mesure_id": m, "unite": _unite(monde, m), "contributeurs": None},
                "sensible": "oui" if m in monde.sensibles else "non",
            }
            for m in mesures
        ],
        "mesure_id varchar, unite varchar, contributeurs varchar, sensible varchar",
    )
    con.execute(
        "create table seeds.unites as from (values ('EUR', true), ('foyers', false)) t(unite, monnaie)"
    )


def _table(con: duckdb.DuckDBPyConnection, nom: str, lignes: list[dict[str, object]], types: str) -> None:
    colonnes = [c.split()[0] for c in types.split(", ")]
    con.execute(f"create table {nom} ({types})")
    # Nullable integers pass for floats in pandas otherwise.
    donnees = pd.DataFrame(lignes, columns=colonnes, dtype=object)
    con.register("_donnees", donnees)
    con.execute(f"insert into {nom} select {', '.join(colonnes)} from _donnees")
    con.unregister("_donnees")
