"""The step that receives every source: what Dagster is told, and when there is nothing to build."""

import errno
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import dagster as dg
import pytest
from commande import environnement, sceller

from ingestion.acquisition import Acquisition, BilanSource
from ingestion.extrait.erreurs import lieu_extrait
from orchestration.actifs import CHECK_REFUS, CLE_CONSTRUCTION, CLE_MICRO, CLE_RELEASE, cle_normalisee
from orchestration.assets.construction import construction as preparer
from orchestration.assets.sources import cle_landing, externes, reception
from orchestration.exploitation import fin
from orchestration.exploitation.alertes import Envois
from orchestration.nuit import reglages, resume
from orchestration.nuit.chemins import Chemins
from orchestration.nuit.nuit import Nuit
from orchestration.resources import CONSTRUCTION, RECEPTION, ressource_nuit
from orchestration.sensors import suite
from publication.releases.magasin import CERTIFICAT

SOURCES = (
    "insee_cog_communes",
    "insee_cog_mouvements",
    "dgcl_epci_composition",
    "cnaf_taux_couverture_national",
)


@pytest.fixture(scope="module")
def miroir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A mirror with a few sources of the demonstration."""
    from ingestion.contrats import charger_contrats

    entier, dossier = reglages.DEMONSTRATION / "miroir", tmp_path_factory.mktemp("miroir")
    contrats = charger_contrats()
    indispensables = {s for s, c in contrats.items() if c.indispensable}
    for source in {*SOURCES, *indispensables}:
        for ressource in contrats[source].ressources.values():
            for edition in ressource.millesimes.values():
                if edition.mirror and (entier / edition.mirror).exists():
                    (dossier / edition.mirror).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(entier / edition.mirror, dossier / edition.mirror)
    return dossier


@pytest.fixture
def chemins(tmp_path: Path, miroir: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Chemins]:
    """A demonstration that holds a few of its files."""
    monkeypatch.setattr(reglages, "DEMONSTRATION", tmp_path / "demonstration")
    shutil.copytree(miroir, tmp_path / "demonstration" / "miroir")
    env = environnement(CTG_HOME=str(tmp_path / "home"), CTG_PROFILE="demo")
    with patch.dict(os.environ, env, clear=True):
        yield Chemins(tmp_path / "home")


DEFINITIONS = dg.Definitions(
    assets=[*externes, reception, preparer],
    jobs=[
        dg.define_asset_job("nuit", executor_def=dg.in_process_executor),
        dg.define_asset_job(RECEPTION, [reception], executor_def=dg.in_process_executor),
        dg.define_asset_job(CONSTRUCTION, [preparer], executor_def=dg.in_process_executor),
    ],
    resources={"nuit": ressource_nuit()},
)


def _nuit() -> dg.ExecuteInProcessResult:
    return _nuit_etiquetee()[0]


def _nuit_etiquetee() -> tuple[dg.ExecuteInProcessResult, dict[str, str]]:
    """A night, and the tags of its run."""
    with dg.DagsterInstance.ephemeral() as instance:
        nuit = DEFINITIONS.resolve_job_def("nuit").execute_in_process(instance=instance, raise_on_error=False)
        run = instance.get_run_by_id(nuit.run_id)
        assert run is not None
        return nuit, dict(run.tags)


def _seuls(*cles: dg.AssetKey) -> dg.ExecuteInProcessResult:
    """What a person asks for from the page: these assets."""
    with dg.DagsterInstance.ephemeral() as instance:
        return dg.materialize(
            [*externes, reception],
            resources={"nuit": ressource_nuit()},
            selection=list(cles),
            instance=instance,
            raise_on_error=False,
        )


def _dits(resultat: dg.ExecuteInProcessResult) -> set[str]:
    return {m.asset_key.to_user_string() for m in resultat.get_asset_materialization_events() if m.asset_key}


def _mettre_en_service(chemins: Chemins, empreinte: str) -> None:
    release = chemins.releases / "20260101T000000Z-00000000"
    certificat = json.dumps({"mesures": []}).encode()
    sceller(release, {"inputs": []}, **{CERTIFICAT: certificat})
    (chemins.releases / "current").symlink_to(release.name)
    chemins.derniere.write_text(json.dumps({"empreinte": empreinte, "release_id": release.name}))


def test_a_night_that_builds_tells_every_source(chemins: Chemins) -> None:
    """What the build waits for: Dagster would skip it for one typed source left out."""
    resultat = _nuit()
    assert resultat.success
    # Beside what it makes: that producers published something, by which their cadence is judged.
    recues = {f"sources/{c.path[1]}" for c in reception.keys if c.path[0] == "landing"}
    dits = {c.to_user_string() for c in (*reception.keys, CLE_CONSTRUCTION)}
    assert _dits(resultat) - recues == dits
    assert "sources/insee_cog_communes" in _dits(resultat)
    assert "sources/cnaf_quotient_familial_communes" not in _dits(resultat)
    assert len(resultat.get_asset_check_evaluations()) == len(reception.check_keys)


def test_a_night_without_news_tells_what_happened_and_builds_nothing(chemins: Chemins) -> None:
    premiere = _nuit()
    (construction,) = premiere.asset_materializations_for_node("preparer")[-1:]
    assert construction.asset_key == CLE_CONSTRUCTION
    _mettre_en_service(chemins, str(construction.metadata["empreinte"].value))
    seconde = _nuit()
    assert seconde.success and CLE_CONSTRUCTION.to_user_string() not in _dits(seconde)
    # The release too: it is what tonight's inputs give, and no night was missed.
    assert _dits(seconde) == {CLE_MICRO.to_user_string(), CLE_RELEASE.to_user_string()}
    assert json.loads(chemins.resume.read_text())["etat"] == "inchangee"


def test_a_refusal_that_stands_is_told_again(chemins: Chemins) -> None:
    premiere = _nuit()
    (construction,) = premiere.asset_materializations_for_node("preparer")[-1:]
    _mettre_en_service(chemins, str(construction.metadata["empreinte"].value))
    _deposer_une_inconnue(chemins)
    for _ in range(2):
        nuit, etiquettes = _nuit_etiquetee()
        assert (etiquettes["ctg/etat"], etiquettes["ctg/refus"]) == ("inchangee_avec_refus", "1")
        assert nuit.success
        assert {"landing/dgcl_frr", "normalised/dgcl_frr"} < _dits(nuit)
        assert "normalised/cnaf_taux_couverture_national" not in _dits(nuit)
        (rouge,) = [v for v in nuit.get_asset_check_evaluations() if not v.passed]
        assert rouge.asset_key == cle_normalisee("dgcl_frr")
        # What, where, observed, expected, next: each by itself on the page.
        assert list(rouge.metadata) == ["1 what", "2 where", "3 observed", "4 expected", "5 next"]
        assert rouge.metadata["1 what"].value.startswith("[millesime_inconnu]")
        assert rouge.metadata["2 where"].value.startswith("dgcl_frr/communes")


def _deposer_une_inconnue(chemins: Chemins) -> None:
    depose = chemins.depot / "dgcl_frr" / "communes" / "2099"
    depose.mkdir(parents=True)
    (depose / "liste.csv").write_text("a;b")


def _faire(instance: dg.DagsterInstance, job: str) -> dg.DagsterRun:
    """Run a job of `DEFINITIONS` as the page does; return its run."""
    fait = DEFINITIONS.resolve_job_def(job).execute_in_process(instance=instance)
    run = instance.get_run_by_id(fait.run_id)
    assert run is not None
    return run


def _demande(instance: dg.DagsterInstance, run: dg.DagsterRun) -> object:
    """What the sensor says of a reception that ended."""
    evenement = dg.DagsterEvent("PIPELINE_SUCCESS", run.job_name)
    contexte = dg.build_run_status_sensor_context("suite", evenement, instance, run)
    return suite(contexte)


def test_a_construction_follows_the_reception_that_had_news_and_goes_on_with_its_summary(
    chemins: Chemins, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is told of half a night; what the first half refused is told at the end of the second."""
    _deposer_une_inconnue(chemins)
    dits: list[str] = []
    monkeypatch.setattr(fin, "prevenir", lambda _, dit, *__: dits.append(dit["etat"]) or Envois())
    chemins.alertes.write_text("destinations: []")
    with dg.DagsterInstance.ephemeral() as instance:
        recue = _faire(instance, RECEPTION)
        assert recue.tags["ctg/etat"] == "a_construire_avec_refus" and dits == []
        assert not chemins.en_cours.exists()
        demande = _demande(instance, recue)
        assert isinstance(demande, dg.RunRequest) and demande.run_key == recue.run_id
        dite = json.loads(chemins.resume.read_text())
        construite = _faire(instance, CONSTRUCTION)
    suivante = json.loads(chemins.resume.read_text())
    # The steps after this one are not here: the night did not end well, and somebody is told.
    assert (suivante["run_id"], suivante["etat"], dits) == (construite.run_id, "echec", ["echec"])
    assert dite["refus"] and dite["demandees"]
    assert {c: suivante[c] for c in ("refus", "demandees", "absents")} == {
        c: dite[c] for c in ("refus", "demandees", "absents")
    }


def test_no_construction_follows_what_the_command_does_by_itself_or_what_had_no_news(
    chemins: Chemins,
) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        recue = _faire(instance, RECEPTION)
        assert isinstance(_demande(instance, recue), dg.RunRequest)
        de_la_commande = recue.with_tags({"ctg/launched_by": "ctg refresh"})
        assert isinstance(_demande(instance, de_la_commande), dg.SkipReason)
        _mettre_en_service(chemins, _empreinte())
        calme = _faire(instance, RECEPTION)
        assert calme.tags["ctg/etat"] == "inchangee"
        assert isinstance(_demande(instance, calme), dg.SkipReason)
        # The first one is over too: another night took its place.
        assert isinstance(_demande(instance, recue), dg.SkipReason)


def _empreinte() -> str:
    """What the next night takes for its inputs."""
    return Nuit(reglages.lire(), partie="seule").empreinte


def _manquer(*motifs: str) -> str:
    """How a night ends whose mirror has not these files of the COG."""
    for motif in motifs:
        for fichier in (reglages.DEMONSTRATION / "miroir" / "insee" / "cog").glob(motif):
            fichier.unlink()
    resultat = _nuit()
    assert not resultat.success and CLE_CONSTRUCTION.to_user_string() not in _dits(resultat)
    (echec,) = [e for e in resultat.all_events if e.event_type_value == "STEP_FAILURE"]
    return str(echec.step_failure_data.user_failure_data.description)


@pytest.mark.parametrize(
    ("motifs", "manquante"),
    [
        (("communes-2019*", "v_commune_*"), "insee_cog_communes"),
        (("v_mvt_commune_*",), "insee_cog_mouvements"),
    ],
)
def test_of_the_cog_and_its_movements_the_one_never_received_is_named(
    chemins: Chemins, motifs: tuple[str, ...], manquante: str
) -> None:
    dit = _manquer(*motifs)
    assert dit.startswith(f"indispensable sources without any accepted file: {manquante}. Nothing"), dit


def test_a_cog_without_any_movements_of_its_time_says_what_it_needs(chemins: Chemins) -> None:
    dit = _manquer("communes-2019*", "v_commune_202[1-4]*", "v_mvt_commune_2025*")
    assert "indispensable sources have files, and none that can be read yet" in dit
    assert "COG 2025 and movements 2023, 2024; no two of them go together" in dit
    assert "movements of 2025 or later (insee_cog_mouvements)" in dit and "provide movements 2025" in dit


def test_a_person_may_ask_for_one_source(chemins: Chemins) -> None:
    cle = cle_normalisee("insee_cog_communes")
    resultat = _seuls(cle)
    assert resultat.success and _dits(resultat) == {cle.to_user_string()}


def test_what_typing_alone_refuses_is_the_verdict_of_the_source(chemins: Chemins) -> None:
    """It landed in a run before; and typed alone without a refusal, it leaves the verdict that it has."""
    source = "cnaf_taux_couverture_national"
    (fichier,) = reglages.DEMONSTRATION.rglob("txcouv_pe_nat.csv")
    fichier.write_bytes(fichier.read_bytes().replace(b".", b","))
    assert _seuls(cle_landing(source)).success
    resultat = _seuls(cle_normalisee(source))
    assert resultat.success and _dits(resultat) == {cle_normalisee(source).to_user_string()}
    (rouge,) = resultat.get_asset_check_evaluations()
    assert not rouge.passed and rouge.asset_key == cle_normalisee(source)
    assert "[valeur_illisible]" in str(rouge.metadata["1 what"].value)
    juste = _seuls(cle_normalisee("insee_cog_mouvements"))
    assert juste.success and juste.get_asset_check_evaluations() == []


def test_broken_sources_stop_no_other_build_nothing_and_the_extract_hides_none(
    chemins: Chemins, monkeypatch: pytest.MonkeyPatch
) -> None:
    normaliser = Acquisition.normaliser

    def casser(self: Acquisition, source: str) -> BilanSource:
        if source in ("dgcl_epci_composition", "cnaf_taux_couverture_national"):
            raise RuntimeError(f"a bug of {source}")
        return normaliser(self, source)

    def casser_l_extrait(*_: object) -> None:
        raise RuntimeError("a bug of the extract")

    monkeypatch.setattr(Acquisition, "normaliser", casser)
    monkeypatch.setattr(Nuit, "recevoir_l_extrait", casser_l_extrait)
    with dg.DagsterInstance.ephemeral() as instance:
        nuit = DEFINITIONS.resolve_job_def("nuit").execute_in_process(instance=instance, raise_on_error=False)
        journal = "\n".join(e.user_message for e in instance.all_logs(nuit.run_id))
    assert {"normalised/insee_cog_mouvements", "normalised/insee_cog_communes"} < _dits(nuit)
    assert CLE_CONSTRUCTION.to_user_string() not in _dits(nuit)
    for dit in ("of cnaf_taux_couverture_national", "of dgcl_epci_composition", "of the extract"):
        assert f"RuntimeError: a bug {dit}" in journal
    (echec,) = [e for e in nuit.all_events if e.event_type_value == "STEP_FAILURE"]
    assert "a bug of cnaf_taux_couverture_national" in str(echec.step_failure_data.error), "the first one"


def test_a_summary_that_cannot_be_written_keeps_nobody_from_being_told(
    chemins: Chemins, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk right at the end: the one night of which somebody must hear."""
    dits = []

    def plein(fichier: Path, _: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(fichier))

    def noter(_: object, dit: dict[str, Any], *__: object) -> Envois:
        dits.append(dit["etat"])
        return Envois()

    monkeypatch.setattr(resume, "ecrire_json", plein)
    monkeypatch.setattr(fin, "prevenir", noter)
    chemins.home.mkdir()
    chemins.alertes.write_text("destinations: []")
    _, etiquettes = _nuit_etiquetee()
    assert dits == [etiquettes["ctg/etat"]] == ["echec"]


def test_what_is_refused_as_it_is_counted_is_a_verdict_too(
    chemins: Chemins, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check of the extract passed as it was received, before anything was counted."""
    preparer = Nuit.arrondir_et_preparer

    def refuser(nuit: Nuit) -> None:
        preparer(nuit)
        dits = {"observe": "one foyer brings 12", "attendu": "10 at most", "que_faire": "raise the step"}
        nuit.resume.noter_refus([lieu_extrait("2024-12").erreur("pas_trop_petit", **dits)])

    monkeypatch.setattr(Nuit, "arrondir_et_preparer", refuser)
    with dg.DagsterInstance.ephemeral() as instance:
        nuit = DEFINITIONS.resolve_job_def("nuit").execute_in_process(instance=instance)
        cle = dg.AssetCheckKey(CLE_MICRO, CHECK_REFUS)
        dernier = instance.event_log_storage.get_latest_asset_check_execution_by_key([cle])[cle]
    assert nuit.success and dernier.status.value == "FAILED"
    assert dernier.evaluation and str(dernier.evaluation.metadata["1 what"].value).startswith("[pas_trop")
