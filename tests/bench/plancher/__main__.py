"""`python -m tests.bench.plancher PROJECT HOME`: one run of the floor, whole process; says what it ran."""

import contextlib
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.bench.plancher.preparation import MUETS

# Both tools phone home unless told otherwise before they are imported.
os.environ.update(MUETS)

import dagster as dg
import duckdb
from dagster_dbt import DbtCliResource, DbtProject, dbt_assets

REGLAGE = """\
telemetry:
  enabled: false
nux:
  enabled: false
"""
MODELE = dg.AssetKey(["compte"])


def definitions(projet: Path, home: Path) -> dg.Definitions:
    """The model and its test by dbt, its expectation as a blocking check, one job in one process."""
    base = home / "plancher.duckdb"
    os.environ["PLANCHER_BASE"] = str(base)
    du_projet = DbtProject(project_dir=projet, profiles_dir=projet)

    @dbt_assets(manifest=du_projet.manifest_path, project=du_projet)
    def entrepot(context: dg.AssetExecutionContext, dbt: DbtCliResource) -> Iterator[Any]:
        yield from dbt.cli(["build"], context=context, target_path=home / "dbt").stream()

    @dg.asset_check(asset=MODELE, name="attente", blocking=True)
    def attente() -> dg.AssetCheckResult:
        resultat = juger(base)
        return dg.AssetCheckResult(
            passed=resultat["success"], metadata={"element_count": resultat["element_count"]}
        )

    return dg.Definitions(
        assets=[entrepot],
        asset_checks=[attente],
        jobs=[
            dg.define_asset_job(
                "plancher", selection=dg.AssetSelection.all(), executor_def=dg.in_process_executor
            )
        ],
        resources={
            "dbt": DbtCliResource(project_dir=du_projet, dbt_executable=Path(sys.executable).with_name("dbt"))
        },
    )


def juger(base: Path) -> dict[str, Any]:
    """One expectation on the rows of the model: whether it holds, and on how many rows."""
    # As in a night, only the step that judges brings it in.
    import great_expectations as gx

    with duckdb.connect(str(base), read_only=True) as con:
        cadre = con.sql("from main.compte").df()
    contexte = gx.get_context(mode="ephemeral")
    contexte.variables.progress_bars = {"globally": False}
    lot = contexte.data_sources.add_pandas("build").add_dataframe_asset("compte")
    validation = contexte.validation_definitions.add(
        gx.ValidationDefinition(
            name="compte",
            data=lot.add_batch_definition_whole_dataframe("compte"),
            suite=contexte.suites.add(
                gx.ExpectationSuite(
                    name="compte",
                    expectations=[
                        gx.expectations.ExpectColumnValuesToBeBetween(
                            column="nb_foyers_allocataires", min_value=0, max_value=14_000_000
                        )
                    ],
                )
            ),
        )
    )
    (resultat,) = validation.run(batch_parameters={"dataframe": cadre}).results
    return {"success": bool(resultat.success), "element_count": resultat.result["element_count"]}


def main(projet: Path, home: Path) -> int:
    """Run the job under `home`; print what each check of it found. 1 when anything failed."""
    dagster = home / "dagster"
    dagster.mkdir(parents=True)
    (dagster / "dagster.yaml").write_text(REGLAGE)
    os.environ["DAGSTER_HOME"] = str(dagster)
    job = definitions(projet, home).resolve_job_def("plancher")
    # The journals of the tools are kept in a file, as in a night.
    with (
        dg.DagsterInstance.get() as instance,
        (home / "journal.log").open("w", encoding="utf-8") as flux,
        contextlib.redirect_stdout(flux),
        contextlib.redirect_stderr(flux),
    ):
        resultat = job.execute_in_process(instance=instance, raise_on_error=False)
    verdicts = {e.check_name: e.passed for e in resultat.get_asset_check_evaluations()}
    modeles = ["/".join(e.asset_key.path) for e in resultat.get_asset_materialization_events() if e.asset_key]
    print(json.dumps({"modeles": modeles, "verdicts": verdicts, "succes": resultat.success}))
    return 0 if resultat.success else 1


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
