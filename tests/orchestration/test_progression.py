"""What a person sees while a night runs: the steps as they start, and the first cause of a failure."""

import dagster as dg
import pytest
import yaml

from orchestration.exploitation.instance import SANS_CAPTURE
from orchestration.progression import progression


@dg.asset(key=["landing", "source_saine"])
def source_saine(context: dg.AssetExecutionContext) -> None:
    context.log.info("said to the web page only")
    context.log.error("une colonne manque")


@dg.asset(key=["normalised", "source_brisee"], deps=[source_saine])
def source_brisee() -> None:
    try:
        raise ValueError("la cause")
    except ValueError as erreur:
        raise RuntimeError("l'enveloppe") from erreur


@dg.asset(deps=[source_brisee])
def jamais_atteint() -> None: ...


def _executer(*actifs: dg.AssetsDefinition, **ressources: dg.ResourceDefinition) -> bool:
    definitions = dg.Definitions(
        assets=list(actifs),
        jobs=[dg.define_asset_job("nuit", executor_def=dg.in_process_executor)],
        loggers={"progression": progression},
        resources=ressources,
    )
    # As in `ctg refresh`: where Dagster captures what steps print, a process of its own gives it back late,
    # and the last lines of a busy machine may not come.
    with dg.instance_for_test(overrides=yaml.safe_load(SANS_CAPTURE)) as instance:
        return (
            definitions.resolve_job_def("nuit")
            .execute_in_process(
                instance=instance, raise_on_error=False, run_config={"loggers": {"progression": {}}}
            )
            .success
        )


def test_dit_les_etapes_les_erreurs_et_la_cause_premiere(capfd: pytest.CaptureFixture[str]) -> None:
    assert not _executer(source_saine, source_brisee, jamais_atteint)
    sortie = capfd.readouterr()
    lignes = sortie.err.splitlines()
    assert lignes[0].endswith("s] landing/source_saine")
    assert lignes[1] == "une colonne manque"
    assert lignes[2].endswith("s] normalised/source_brisee")
    assert lignes[3:4] == ["normalised/source_brisee failed: ValueError: la cause"], sortie.err
    assert "said to the web page only" not in sortie.err
    assert not any("s] jamais_atteint" in ligne for ligne in lignes)


def test_dit_pourquoi_une_nuit_n_a_pas_commence(capfd: pytest.CaptureFixture[str]) -> None:
    @dg.resource
    def verrou(_: dg.InitResourceContext) -> None:
        raise ValueError("a night is already running")

    @dg.asset(required_resource_keys={"nuit"})
    def premiere() -> None: ...

    assert not _executer(premiere, nuit=verrou)
    assert "ValueError: a night is already running" in capfd.readouterr().err.splitlines()
