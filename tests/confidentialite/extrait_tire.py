"""Drawn extracts and registers, and what the models of the warehouse count of them, line by line.

Belongs here: foyers and structures whose every field varies within their contract, and the very SQL of the
models that count them, run on them. Not a test: what is asked of them is in `regle/test_relations.py`.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import jinja2
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ingestion.contrats import charger_contrats
from ingestion.extrait.contrat import charger_contrat
from ingestion.extrait.schema import SCHEMA_MICRO, TRANCHES
from orchestration.nuit.projet import RACINE

DBT = RACINE / "dbt_project"
MILLESIME = 2022
SEUIL = 1149
# What mesures compare amounts with: just below, at, just above; and what two amounts may be of each other.
_BORDS = (0, 1, 399, 400, 401, 799, 800, 801, SEUIL - 1, SEUIL, SEUIL + 1, 2 * SEUIL, 3 * SEUIL, 4000)


class _Retour(Exception):
    """What a macro returns, as dbt's `return` does."""


def tirer(nombre: int, graine: int) -> pa.Table:
    """So many foyers as the micro zone holds them, each alone in its commune, every field drawn by itself."""
    alea = np.random.default_rng([graine, nombre])
    # Some foyers have next to nothing, others have everything.
    nuls = alea.random(nombre)
    sans_enfant = alea.random(nombre) < 0.4
    contrat = charger_contrat()
    colonnes: dict[str, list[Any]] = {}
    for champ in SCHEMA_MICRO:
        declaree = contrat.colonnes.get(champ.name)
        if pa.types.is_boolean(champ.type):
            valeurs: list[Any] = (alea.random(nombre) < 0.7).tolist()
        elif pa.types.is_decimal(champ.type) or champ.name == "quotient_familial":
            cents = 100 * alea.choice(_BORDS, nombre) + alea.choice([0, 0, 1, 99], nombre)
            cents[alea.random(nombre) < nuls] = 0
            valeurs = [Decimal(c) / 100 for c in cents.tolist()]
            if champ.name == "quotient_familial":
                valeurs = (cents // 100).tolist()
        elif champ.name in (*TRANCHES, "enfants_aeeh"):
            valeurs = np.where(
                sans_enfant | (alea.random(nombre) < nuls), 0, alea.integers(1, 4, nombre)
            ).tolist()
        elif declaree is not None and declaree.valeurs:
            valeurs = alea.choice(sorted(declaree.valeurs), nombre).tolist()
        elif champ.name == "nb_personnes":
            valeurs = alea.choice([1, 1, 1, 1, 2, 7], nombre).tolist()
        else:
            valeurs = _reperes(champ.name, nombre)
        if declaree is not None and declaree.nul:
            valeurs = [None if nul else v for v, nul in zip(valeurs, alea.random(nombre) < 0.1, strict=True)]
        colonnes[champ.name] = valeurs
    enfants = [sum(t) for t in zip(*(colonnes[t] for t in TRANCHES), strict=True)]
    colonnes["enfants_aeeh"] = [min(a, e) for a, e in zip(colonnes["enfants_aeeh"], enfants, strict=True)]
    return pa.table({c.name: pa.array(colonnes[c.name], c.type) for c in SCHEMA_MICRO}, schema=SCHEMA_MICRO)


def _reperes(nom: str, nombre: int) -> list[Any]:
    """What places a foyer: one file, one month, a commune of its own."""
    fixes: dict[str, Any] = {
        "mois": f"{MILLESIME}-12",
        "millesime": MILLESIME,
        "cog_millesime": MILLESIME,
        "fichier_sha256": "0" * 64,
    }
    if nom in fixes:
        return [fixes[nom]] * nombre
    assert nom in ("pseudonyme", "code_commune"), f"{nom}: a field of the extract that no foyer is drawn with"
    return [f"{rang:064d}" if nom == "pseudonyme" else f"c{rang:06d}" for rang in range(nombre)]


def compter(foyers: pa.Table) -> tuple[list[str], npt.NDArray[np.int64]]:
    """The mesures of the extract, and what each foyer brings to each of them, in cents: one line a foyer."""
    with duckdb.connect() as con:
        con.register("micro_foyers", foyers)
        con.execute(
            f"create table seuils_bas_revenus as select {MILLESIME} as millesime, {SEUIL} as seuil_mensuel"
        )
        for modele in ("staging/caf/stg_caf__extrait_foyers", "intermediate/20_extrait/int_extrait_comptes"):
            con.execute(f"create view {Path(modele).name} as {_sql(DBT / 'models' / f'{modele}.sql')}")
        con.execute(
            "create table comptes as"
            " select code, mesure_id, cast(100 * valeur as bigint) as cents from int_extrait_comptes"
        )
        mesures = [
            m for (m,) in con.execute("select distinct mesure_id from comptes order by all").fetchall()
        ]
        cents = con.execute("select cents from comptes order by code, mesure_id").fetchnumpy()["cents"]
    return mesures, np.asarray(cents, np.int64).reshape(foyers.num_rows, len(mesures))


def compter_subventions(nombre: int, graine: int) -> tuple[list[str], npt.NDArray[np.int64]]:
    """The subsidies of the register of structures, and what each of so many structures brings, in cents.

    Each is alone in its commune. Its bonus is part of what it is paid (`subventions_bonus_compris`).
    """
    alea = np.random.default_rng([graine, nombre])
    colonne = charger_contrats()["caf_equipements"].ressources["structures"].columns["type"]
    recus = alea.integers(0, 100, nombre)
    structures = pa.table(
        {
            "code": [f"c{rang:06d}" for rang in range(nombre)],
            "annee": [MILLESIME] * nombre,
            "millesime_fichier": [MILLESIME] * nombre,
            "cog_millesime": [MILLESIME] * nombre,
            "gestionnaire": [f"g{rang}" for rang in range(nombre)],
            "agrement_fin": pa.nulls(nombre, pa.date32()),
            "type": alea.choice(sorted(colonne.values or ()), nombre).tolist(),
            "montant_caf": [Decimal(int(v)) for v in recus],
            "montant_bonus_territoire": [Decimal(int(v)) for v in alea.integers(0, recus + 1)],
        }
    )
    with duckdb.connect() as con:
        con.register("normalised_caf_equipements__structures", structures)
        modele = DBT / "models" / "staging" / "caf" / "stg_caf__subventions.sql"
        lues = con.execute(
            f"select code, mesure_id, cast(100 * valeur as bigint) as cents from ({_sql(modele)})"
        ).fetchall()
    mesures = sorted({m for _, m, _ in lues})
    apports = np.zeros((nombre, len(mesures)), np.int64)
    for code, mesure, cents in lues:
        apports[int(code[1:]), mesures.index(mesure)] = cents
    return mesures, apports


_TABLES: dict[str, Any] = {"ref": lambda nom: nom, "source": lambda schema, nom: f"{schema}_{nom}"}
"""How a model names the tables that it reads."""


def _sql(modele: Path) -> str:
    """The SQL of a model, its macros run here: nothing of dbt is started for three models."""
    macros: dict[str, Callable[..., Any]] = {}
    for nom in ("extrait", "structures", "subventions"):
        macros |= _macros(DBT / "macros" / f"{nom}.sql")
    texte = modele.read_text(encoding="utf-8")
    return _environnement(macros | _TABLES).from_string(texte).render()


def _environnement(globaux: dict[str, Any]) -> jinja2.Environment:
    # SQL, not a page: nothing is escaped.
    env = jinja2.Environment(extensions=["jinja2.ext.do"], autoescape=False)
    env.globals.update(globaux)
    return env


def _macros(fichier: Path) -> dict[str, Callable[..., Any]]:
    """The macros of a file, by name; those that are dispatched are those of this warehouse."""
    trouvees: dict[str, Callable[..., Any]] = {}

    def retourner(valeur: Any) -> None:
        raise _Retour(valeur)

    class Adapter:
        @staticmethod
        def dispatch(nom: str) -> Callable[..., Any]:
            return trouvees[f"default__{nom}"]

    globaux: dict[str, Any] = {"return": retourner, "adapter": Adapter, **_TABLES}

    def appelee(nom: str, corps: str) -> Callable[..., Any]:
        def macro(*arguments: Any) -> Any:
            module = _environnement(globaux | trouvees).from_string(corps).module
            try:
                return getattr(module, nom)(*arguments)
            except _Retour as retour:
                return retour.args[0]

        return macro

    for lue in re.finditer(r"\{% macro (\w+)\(.*?endmacro -?%\}", fichier.read_text("utf-8"), re.DOTALL):
        trouvees[lue[1]] = appelee(lue[1], lue[0])
    return trouvees
