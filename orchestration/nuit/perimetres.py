"""The scopes of one build: which covers it whole, and making its marts those of one scope at a time.

The night builds all scopes at once. For each, it builds `dim_territoire` and what depends on it again: ranks
and medians are then those of the scope.
"""

from pathlib import Path

import duckdb

RACINE_DES_MARTS = "dim_territoire"


def entier(base: Path, perimetres: tuple[str, ...]) -> str | None:
    """Return the scope whose territories are all those of the build, None where it takes several."""
    if len(perimetres) == 1:
        return perimetres[0]
    with duckdb.connect(str(base), read_only=True) as con:
        comptes = dict(
            con.execute(
                "select perimetre, count(*) from intermediate.int_territoires group by perimetre"
            ).fetchall()
        )
        tous = con.execute(
            "select count(*) from (select distinct niveau, code from intermediate.int_territoires)"
        ).fetchall()[0][0]
    return next((p for p in perimetres if comptes[p] == tous), None)


def restreindre(base: Path, perimetre: str, dossier_dbt: Path) -> None:
    """Make the marts of a build those of one of its scopes. Raises `EchecDbt` where one cannot be built."""
    # dbt takes 0.3 s to load, which a single scope does not need.
    from .execution_dbt import EchecDbt, executer

    with duckdb.connect(str(base)) as con:
        con.execute("update normalised.contexte set perimetre = ?", [perimetre])
    ecoute = executer(
        base,
        dossier_dbt,
        *("build", "--select", f"{RACINE_DES_MARTS}+", "--exclude-resource-type", "unit_test"),
        "--no-write-json",
    )
    if ecoute.erreurs:
        raise EchecDbt(f"Scope {perimetre}:\n" + "\n\n".join(ecoute.erreurs))
