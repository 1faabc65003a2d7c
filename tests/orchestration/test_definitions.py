"""What Dagster loads: offline, with nothing set, complete, owned and described."""

import json
import subprocess
import sys
import tomllib
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml
from dagster._core.definitions.freshness import TimeWindowFreshnessPolicy

from expectations.bilan import BilanMart, Constat
from ingestion.contrats import charger_contrats
from orchestration import schedules
from orchestration.assets.warehouse import entrepot
from orchestration.checks import _resultat
from orchestration.cli.nuit import _etiquettes
from orchestration.definitions import defs
from orchestration.jobs import premier_jour
from orchestration.nuit.projet import MANIFESTE, RACINE
from orchestration.translator import nom_de_verification

HORS_LIGNE = """
import json, os, socket, sys

def refuser(*_): raise AssertionError("a connection was attempted")

socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuser

import dagster as dg
from orchestration.definitions import defs
from orchestration.jobs import premier_jour

dg.Definitions.validate_loadable(defs)

print(json.dumps({
    "nocturne": defs.get_repository_def().get_schedule_def("nocturne").default_status.value,
    "dbt": os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"],
    "gx": os.environ["GX_ANALYTICS_ENABLED"],
}))
"""


def _charger(dossier: Path) -> dict[str, Any]:
    processus = subprocess.run(
        [sys.executable, "-c", HORS_LIGNE], env={}, cwd=dossier, capture_output=True, text=True, check=False
    )
    assert processus.returncode == 0, processus.stderr
    return dict(json.loads(processus.stdout.splitlines()[-1]))


@pytest.fixture(scope="module")
def depot() -> dg.RepositoryDefinition:
    return defs.get_repository_def()


@pytest.fixture(scope="module")
def specs() -> list[dg.AssetSpec]:
    return list(defs.resolve_all_asset_specs())


def test_les_noms_de_verifications_de_dbt_sont_ceux_de_leurs_resultats() -> None:
    """Dagster would take the result of a test under another name for an observation."""
    manifeste = json.loads(MANIFESTE.read_text())
    noeuds = manifeste["nodes"]
    des_comptes = {n for n, noeud in noeuds.items() if "portable" in noeud["tags"]}
    # Those of what is counted apart are no check of the night.
    essais = {
        nom: noeud
        for nom, noeud in noeuds.items()
        if noeud["resource_type"] == "test"
        and not des_comptes & {nom, *noeud["depends_on"]["nodes"], noeud.get("attached_node")}
    }
    declares = {
        (spec.metadata or {}).get("dagster_dbt/unique_id"): spec.name for spec in entrepot.check_specs
    }
    # One that names a model which it does not read has no check, and its results would be warnings.
    assert len(declares) > 100 and set(declares) == set(essais)
    assert all(nom_de_verification(essais[i]) == nom for i, nom in declares.items() if i)


def test_une_attente_qui_avertit_n_est_pas_un_plein_succes() -> None:
    """It stops nothing: its severity says so."""
    averti = Constat(
        **{"controle": "c", "lot": "l", "libelle": "", "raison": "why", "severite": "warning"},
        **{"etat": "non_conforme", "attendu": "1", "observe": "2", "examines": 2, "anomalies": 1},
    )
    cle = dg.AssetKey(["marts", "m"])
    for severite, attendue in (
        ("warning", dg.AssetCheckSeverity.WARN),
        ("critical", dg.AssetCheckSeverity.ERROR),
    ):
        bilan = BilanMart("m", [replace(averti, severite=severite), replace(averti, etat="conforme")])
        resultat = _resultat(cle, bilan, "rapport.html")
        assert (resultat.passed, resultat.severity) == (False, attendue)


def test_dg_charge_ce_que_charge_workspace() -> None:
    """And hides it from nobody: a block of pyproject.toml would."""
    (emplacement,) = yaml.safe_load((RACINE / "workspace.yaml").read_text())["load_from"]
    projet = tomllib.loads((RACINE / "dg.toml").read_text())["project"]
    assert emplacement["python_module"] == {
        "module_name": projet["code_location_target_module"],
        "location_name": projet["code_location_name"],
    }
    assert not {"dagster", "dg"} & tomllib.loads((RACINE / "pyproject.toml").read_text())["tool"].keys()


def test_une_nuit_de_la_commande_est_parmi_celles_de_son_travail() -> None:
    (emplacement,) = yaml.safe_load((RACINE / "workspace.yaml").read_text())["load_from"]
    nom = emplacement["python_module"]["location_name"]
    assert _etiquettes("depot") == {
        ".dagster/repository": f"depot@{nom}",
        "ctg/launched_by": "ctg refresh",
    }


def test_se_chargent_hors_ligne_sans_environnement_ni_trace(tmp_path: Path) -> None:
    """No variable, no network, no secret: the schedule sleeps, telemetry is off, nothing is written."""
    assert _charger(tmp_path) == {"nocturne": "STOPPED", "dbt": "false", "gx": "false"}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("profil", "attendu"), [("live", "RUNNING"), ("mirror", "STOPPED")])
def test_l_horaire_ne_s_allume_seul_que_dans_le_profil_live(
    monkeypatch: pytest.MonkeyPatch, profil: str, attendu: str
) -> None:
    """Read again, as a process that starts under that profile reads it."""
    monkeypatch.setenv("CTG_PROFILE", profil)
    spec = spec_from_file_location("orchestration.schedules_relus", schedules.__file__)
    assert spec and spec.loader
    relu = module_from_spec(spec)
    spec.loader.exec_module(relu)
    assert [h.default_status.value for h in (relu.nocturne, relu.veille)] == [attendu] * 2


def test_les_actifs_sont_ceux_des_contrats_et_du_projet_dbt(specs: list[dg.AssetSpec]) -> None:
    """Each once: three per contract, two for the extract, one per model and seed, three at the end."""
    noeuds = json.loads(MANIFESTE.read_text())["nodes"].values()
    attendus = [f"{etape}/{s}" for s in charger_contrats() for etape in ("sources", "landing", "normalised")]
    noeuds = [n for n in noeuds if "portable" not in n["tags"]]
    attendus += [f"{n['fqn'][1]}/{n['name']}" for n in noeuds if n["resource_type"] == "model"]
    attendus += [f"seeds/{n['name']}" for n in noeuds if n["resource_type"] == "seed"]
    attendus += [f"{etape}/caf_extrait_allocataires" for etape in ("sources", "micro")]
    attendus += ["construction", "publication/release", "publication/postgres"]
    assert sorted(s.key.to_user_string() for s in specs) == sorted(attendus)


@pytest.mark.parametrize("attribut", ["group_name", "kinds", "owners", "description"])
def test_chaque_actif_est_range_possede_et_decrit(specs: list[dg.AssetSpec], attribut: str) -> None:
    assert [s.key.to_user_string() for s in specs if not getattr(s, attribut)] == []


def test_la_page_d_un_actif_ouvre_ce_qui_s_ecrit_pour_lui(specs: list[dg.AssetSpec]) -> None:
    """The SQL of a model, the CSV of a seed, the contract of a source."""
    ouvre = {
        s.key.to_user_string(): [
            str(Path(lieu.file_path).relative_to(RACINE))
            for lieu in s.metadata["dagster/code_references"].code_references
        ]
        for s in specs
    }
    assert [cle for cle, (fichier,) in ouvre.items() if not (RACINE / fichier).is_file()] == []
    for couche in ("sources", "landing", "normalised"):
        assert ouvre[f"{couche}/insee_bpe"] == ["ingestion/sources/insee_bpe.yml"]
    assert ouvre["marts/fct_indicateurs"] == ["dbt_project/models/marts/commun/fct_indicateurs.sql"]
    assert ouvre["seeds/indicateurs"] == ["dbt_project/seeds/indicateurs.csv"]


def test_chaque_verification_est_decrite(depot: dg.RepositoryDefinition) -> None:
    verifications = list(depot.asset_graph.asset_check_keys)
    assert len(verifications) > 100
    muettes = [str(v) for v in verifications if not (depot.asset_graph.get(v).description or "").strip()]
    assert muettes == []


def test_les_promesses_des_marts_barrent_la_publication(depot: dg.RepositoryDefinition) -> None:
    """Each judged mart has a blocking check, and the release comes after every mart."""
    graphe = depot.asset_graph
    attentes = [v for v in graphe.asset_check_keys if v.name == "attentes"]
    juges = {v.asset_key.path[-1] for v in attentes}
    assert {"fct_indicateurs", "dim_territoire", "dim_indicateur"} < juges
    marts = {c for c in graphe.get_all_asset_keys() if c.path[0] == "marts"}
    assert {m.path[-1] for m in marts if m.path[-1].startswith("mart_")} < juges
    assert all(graphe.get(v).blocking for v in attentes)
    assert graphe.get(dg.AssetKey(["publication", "release"])).parent_keys == marts


def test_le_certificat_barre_la_publication(depot: dg.RepositoryDefinition) -> None:
    """One blocking check on the canonical table, in the step of the promises, which runs it first."""
    graphe = depot.asset_graph
    (certificat,) = [v for v in graphe.asset_check_keys if v.name == "certificat"]
    assert certificat.asset_key.path == ["marts", "fct_indicateurs"] and graphe.get(certificat).blocking


def test_un_actif_est_en_retard_selon_ce_qu_il_est(specs: list[dg.AssetSpec]) -> None:
    """A mart by the year, the release by the night, a source by its own cadence."""
    politiques = {s.key: s.freshness_policy for s in specs if s.freshness_policy}
    par_couche = Counter(cle.path[0] for cle in politiques)
    contrats = charger_contrats()
    datees = {s for s, c in contrats.items() if c.delais} | {"caf_extrait_allocataires"}
    assert par_couche == {
        "marts": sum(s.key.path[0] == "marts" for s in specs),
        "publication": 1,
        "sources": len(datees),
    }
    assert {cle.path[1] for cle in politiques if cle.path[0] == "sources"} == datees
    release = politiques[dg.AssetKey(["publication", "release"])]
    assert isinstance(release, TimeWindowFreshnessPolicy) and release.fail_window.to_timedelta().days == 3
    for source, jours in (("insee_filosofi", 365), ("arcep_fibre", 92), ("cnaf_allocataires_national", 31)):
        politique = politiques[dg.AssetKey(["sources", source])]
        assert isinstance(politique, TimeWindowFreshnessPolicy) and politique.warn_window
        assert politique.warn_window.to_timedelta() == timedelta(days=jours) * 5 / 4
        delais = (politique.warn_window.to_timedelta(), politique.fail_window.to_timedelta())
        assert contrats[source].delais == delais


def test_les_groupes_tiennent_dans_la_page(specs: list[dg.AssetSpec]) -> None:
    assert [s.group_name for s in specs if len(s.group_name or "") > 16] == []


def test_qui_repond_d_un_actif_est_son_producteur_ou_son_theme(specs: list[dg.AssetSpec]) -> None:
    qui = {s.key.to_user_string(): list(s.owners) for s in specs}
    for source, contrat in charger_contrats().items():
        for couche in ("sources", "landing", "normalised"):
            assert qui[f"{couche}/{source}"] == [f"team:{contrat.producer}"]
    assert qui["staging/stg_insee__bpe"] == ["team:Insee"]
    assert qui["marts/mart_petite_enfance"] == qui["marts/mart_sppe_schema"] == ["team:petite_enfance"]
    assert qui["marts/fct_indicateurs"] == ["team:donnees"]


def test_une_verification_a_un_nom_qu_on_lit(depot: dg.RepositoryDefinition) -> None:
    """No name that dbt makes of columns, none that repeats its table; the page cuts longer ones."""
    noms = {v.name for v in depot.asset_graph.asset_check_keys}
    assert [n for n in noms if "__" in n or len(n) > 45] == []
    assert [v for v in depot.asset_graph.asset_check_keys if v.name.endswith(v.asset_key.path[-1])] == []


def test_une_phrase_est_d_une_langue(specs: list[dg.AssetSpec]) -> None:
    """The title of a source is French, and is a sentence of its own."""
    titres = {s: c.title for s, c in charger_contrats().items()}
    for spec in specs:
        if spec.key.path[0] in ("sources", "landing", "normalised") and spec.key.path[1] in titres:
            assert (spec.description or "").startswith(f"{titres[spec.key.path[1]]}. ")


def test_l_entrepot_attend_la_construction_et_les_fichiers_de_chaque_source() -> None:
    """What is skipped with `construction` on a night without change is the whole of dbt."""
    entrees = set(entrepot.keys_by_input_name.values())
    assert dg.AssetKey("construction") in entrees
    sources = {c for c in entrees if c.path[0] == "normalised"}
    assert sources == {dg.AssetKey(["normalised", s]) for s in charger_contrats()}


def test_two_jobs_share_the_whole_night(depot: dg.RepositoryDefinition) -> None:
    graphe = depot.asset_graph
    taches = [depot.get_job(nom) for nom in ("reception", "construction")]
    assert Counter(c for t in taches for c in t.asset_layer.executable_asset_keys) == Counter(
        graphe.executable_asset_keys
    )
    verifies = {c for t in taches for c in t.asset_layer.asset_graph.asset_check_keys}
    assert verifies == set(graphe.asset_check_keys)
    assert all(t.executor_def is dg.in_process_executor for t in taches)


def test_a_night_that_finds_nothing_new_never_loads_dbt() -> None:
    code = "import sys; from orchestration import receptions; print('dagster_dbt' in sys.modules)"
    dit = subprocess.run([sys.executable, "-c", code], cwd=RACINE, capture_output=True, text=True, check=True)
    assert dit.stdout == "False\n"


def test_la_nuit_part_a_trois_heures_et_demie_a_paris(depot: dg.RepositoryDefinition) -> None:
    assert {h.name for h in depot.schedule_defs} == {"nocturne", "veille", "ronde"}
    horaire = depot.get_schedule_def("nocturne")
    assert (horaire.cron_schedule, horaire.execution_timezone) == ("30 3 * * *", "Europe/Paris")
    assert horaire.job_name == "reception"


def test_the_first_day_that_a_backfill_may_ask_for_has_the_sources_that_no_build_does_without() -> None:
    sorties = [
        {m.publie_le for r in c.ressources.values() for m in r.millesimes.values() if m.publie_le}
        for c in charger_contrats().values()
        if c.indispensable
    ]
    premier = premier_jour(charger_contrats().values())
    assert all(min(s) <= premier for s in sorties)
    assert any(min(s) == premier for s in sorties), "the day before, a source is missing"
