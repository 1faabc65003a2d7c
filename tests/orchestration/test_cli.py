"""The command line: every command explains itself, and an expected error is a message and an exit code."""

import contextlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

import click
import pytest
from commande import environnement
from en_ligne import ctg

from ingestion.contrats import charger_contrats
from orchestration.cli import ANCIENS, COMMANDES, main
from orchestration.cli import nuit as cli_nuit
from orchestration.nuit.chemins import Chemins
from publication.releases.fabrication import FaitsDeLaNuit
from tests.publication.petits_marts import MASQUEES, accepter, construire_base, publier


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """An empty CTG_HOME, and an environment that forgets what commands put in it."""
    with patch.dict(os.environ, environnement(CTG_HOME=str(tmp_path)), clear=True):
        yield tmp_path


def _commandes(groupe: click.Group, prefixe: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    contexte = click.Context(groupe)
    for nom in groupe.list_commands(contexte):
        commande = groupe.get_command(contexte, nom)
        assert commande is not None
        yield (*prefixe, nom)
        if isinstance(commande, click.Group):
            yield from _commandes(commande, (*prefixe, nom))


@pytest.mark.parametrize("commande", [(), *_commandes(main)], ids=" ".join)
def test_chaque_commande_s_explique(commande: tuple[str, ...], home: Path) -> None:
    resultat = ctg(*commande, "-h")
    assert resultat.exit_code == 0
    aide = resultat.output.split("\n\n")
    assert aide[0].startswith("Usage:") and aide[1].strip().endswith((".", "..."))
    assert list(home.iterdir()) == []


@pytest.mark.parametrize(
    ("ancien", "nouveau"),
    [
        *[((a,), (n,)) for a, n in ANCIENS.items()],
        (("sources", "retirer"), ("sources", "withdraw")),
        (("extrait", "compter"), ("extrait", "count")),
        (("plan", "verifier"), ("plan", "check")),
        (("schema", "verifier"), ("schema", "check")),
        (("schema", "imprimer"), ("schema", "print")),
    ],
    ids=str,
)
def test_a_name_of_before_is_understood_and_the_new_one_said(
    ancien: tuple[str, ...], nouveau: tuple[str, ...]
) -> None:
    resultat = ctg(*ancien, "-h")
    assert resultat.stdout == ctg(*nouveau, "-h").stdout
    assert resultat.stderr.endswith(f"{' '.join(nouveau)}` now.\n") and ancien not in [*_commandes(main)]


def test_the_table_of_commands_says_what_each_says_of_itself() -> None:
    for commande in COMMANDES:
        module = commande.charger()
        assert module.name == commande.nom
        assert (module.help or "").split("\n\n")[0].replace("\n", " ").strip() == commande.aide


@pytest.mark.parametrize(
    "commande",
    [
        *(("audit",), ("explain",), ("extract",), ("mcp",), ("plan", "check"), ("portrait",)),
        *(("schema", "print"), ("schema", "check"), ("secret", "show"), ("site",)),
    ],
    ids=" ".join,
)
def test_who_reads_figures_reads_help_in_french(commande: tuple[str, ...]) -> None:
    aide = ctg(*commande, "-h").output.replace("Show this message and exit.", "")
    assert not re.search(
        r"\b(the|of|and|or|with|where|its|file|release)\b", re.sub(r"\S*[-/\[]\S*", "", aide)
    ), aide


def test_help_imports_nothing_heavy() -> None:
    """A person who asks what `ctg` does waits for no library of figures."""
    lourds = {"pandas", "pyarrow", "duckdb", "dagster", "dbt", "great_expectations", "scipy", "rich", "yaml"}
    lourds |= {"ingestion", "publication", "confidentialite", "expectations", "pydantic", "numpy"}
    aide = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "orchestration.cli", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    importes = {ligne.rpartition("|")[2].strip().split(".")[0] for ligne in aide.stderr.splitlines()}
    assert "click" in importes and not lourds & importes
    assert "Run one night" in aide.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["explain", "x", "--territoire", "26220", "--millesime", "2022"],
            "Aucune publication en service sous",
        ),
        *(
            ([*commande, "--perimetre", "region:84"], "Aucune publication du périmètre « region:84 » sous")
            for commande in (
                ["explain", "x", "--territoire", "26220"],
                *(["extract", "nyons"], ["portrait", "nyons"], ["mcp"], ["site"]),
            )
        ),
        (["releases", "show", "--perimetre", "region:84"], "No release of scope 'region:84'"),
        (["releases", "show"], "No complete release 'current'"),
        (["releases", "show", "2020"], "2020"),
        (["releases", "rollback", "2020"], "2020"),
        (["refresh", "--profile", "mirror"], "profile mirror needs a folder or an address"),
        (["sources", "accept", "insee_filosofi", "epci", "2019", "abc"], "abc"),
    ],
)
def test_une_erreur_attendue_est_un_message_et_le_code_1(
    arguments: list[str], message: str, home: Path
) -> None:
    resultat = ctg(*arguments)
    assert resultat.exit_code == 1
    assert message in resultat.stderr
    assert "Traceback" not in resultat.output


@pytest.mark.parametrize(
    "arguments",
    [
        ["refresh", "--profile", "prod"],
        ["releases", "rollback"],
        ["sources", "fetch", "insee_inconnue"],
        ["sources", "diff", "insee_filosofi", "epci", "2019"],
        ["explain", "population_municipale"],
    ],
)
def test_une_faute_de_frappe_est_une_erreur_d_usage(arguments: list[str], home: Path) -> None:
    resultat = ctg(*arguments)
    assert resultat.exit_code == 2
    assert "Usage:" in resultat.stderr and "Error:" in resultat.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["fetch", "insee_cog_comunes"], "the nearest are insee_cog_communes,"),
        (["diff", "insee_filosofy", "epci", "2019"], "the nearest are insee_filosofi,"),
        (["diff", "insee_cog_communes", "epci", "2019"], "has no ressource epci: it has communes"),
        (["accept", "insee_cog_communes", "epci", "2019", "abc"], "has no ressource epci: it has communes"),
    ],
)
def test_a_mistyped_source_is_told_what_is_near(arguments: list[str], message: str, home: Path) -> None:
    resultat = ctg("sources", *arguments)
    assert resultat.exit_code == 2 and message in resultat.stderr


def test_les_contrats_se_verifient(home: Path) -> None:
    resultat = ctg("sources", "check")
    assert resultat.exit_code == 0
    contrats, layouts, *listes = resultat.output.splitlines()
    assert contrats.endswith("contracts, no error.")
    comptes = re.search(r"real file, (\d+) by .* alone, (\d+) by .* reads by (\d+) of the last two", layouts)
    assert comptes is not None, layouts
    vus, dits, en_ligne = map(int, comptes.groups())
    assert listes.pop() == "Whose word it is, and where a header was seen: docs/layouts.md."
    # What a live night will try first, and what its first file should be looked at for; the rest on demand.
    titres = [i for i, ligne in enumerate(listes) if ligne.startswith(("Never confirmed", "Confirmed"))]
    assert [listes[i].rstrip() for i in titres] == [
        "Never confirmed, and read by a live night",
        "Confirmed, but for",
    ]
    essais = listes[titres[0] + 2 : titres[1]]
    assert len([ligne for ligne in essais if not ligne.startswith(" ")]) == en_ligne
    (selection,) = [ligne for ligne in essais if ligne.startswith("cnaf_taux_couverture_epci ")]
    assert re.split(" {2,}", selection.strip()) == [
        *("cnaf_taux_couverture_epci", "courant, historique", "selection"),
        "the historical file, and how it writes annee",
    ]
    *tous, _ = ctg("sources", "check", "--all").output.splitlines()
    reste = tous[tous.index(next(t for t in tous if t.startswith("Never confirmed, and read by no"))) + 2 :]
    assert len([ligne for ligne in reste if not ligne.startswith(" ")]) == vus + dits - en_ligne


def test_prepare_donne_le_dossier_de_l_instance(home: Path) -> None:
    resultat = ctg("prepare")
    assert (resultat.exit_code, resultat.output) == (0, f"{home / 'dagster'}\n")
    assert (home / "dagster" / "dagster.yaml").exists()


def test_several_units_prepare_at_once(home: Path) -> None:
    """Those of Dagster start together with the machine, the first time on no instance."""
    prepare = [Path(sys.executable).with_name("ctg"), "prepare"]
    env = environnement(CTG_HOME=str(home))
    lances = [subprocess.Popen(prepare, env=env, stdout=subprocess.DEVNULL) for _ in range(4)]
    assert [processus.wait() for processus in lances] == [0] * 4


def test_les_modeles_se_remplissent_la_ou_on_veut(
    home: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    ecrit = ctg("sources", "template", "ctg_plan_actions", "--ressource", "actions")
    assert (
        ecrit.exit_code == 0 and Path(ecrit.output.strip()) == home / "modeles/ctg_plan_actions/actions.xlsx"
    )
    ailleurs = ctg(
        "sources",
        "template",
        "caf_equipements",
        "--format",
        "csv",
        "--dossier",
        str(tmp_path_factory.mktemp("x")),
    )
    assert [Path(c).name for c in ailleurs.output.split()] == [
        "structures.csv",
        "structures.guide.csv",
        "assistants_maternels.csv",
        "assistants_maternels.guide.csv",
    ]
    encore = ctg("sources", "template", "ctg_plan_actions", "--ressource", "actions")
    assert encore.exit_code == 1 and "may have been filled in" in encore.output
    inconnue = ctg("sources", "template", "ctg_plan_actions", "--ressource", "x")
    assert "has no ressource x: it has conventions" in inconnue.output
    assert "nobody here fills in" in ctg("sources", "template", "insee_filosofi").output


def test_le_journal_de_dbt_ne_grossit_pas_sans_fin(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli_nuit, "JOURNAL_MAX", 10)
    journal = home / "dagster" / "dbt.log"
    journal.parent.mkdir()
    for texte, restent in (
        ("court", ["dbt.log"]),
        ("assez long", ["dbt.log"]),
        ("trop long !", ["dbt.1.log"]),
    ):
        journal.write_text(texte)
        assert cli_nuit._journal_dbt(Chemins(home)) == journal
        assert sorted(f.name for f in journal.parent.iterdir()) == restent
    journal.write_text("encore trop long")
    cli_nuit._journal_dbt(Chemins(home))
    assert (journal.parent / "dbt.1.log").read_text() == "encore trop long"


def test_a_mirror_is_enough_to_fetch_from_it(home: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No `--profile` to add: a mirror is that of the profile mirror, and binds the folder to it."""
    miroir = tmp_path_factory.mktemp("miroir")
    resultat = ctg("sources", "fetch", "insee_naissances", "--mirror", str(miroir))
    assert (resultat.exit_code, resultat.stderr) == (0, "")
    assert "insee_naissances: 0 received, 0 accepted" in resultat.stdout
    assert json.loads((home / "liaison.json").read_text())["profil"] == "mirror"
    # The folder is bound: another profile is refused, and says so.
    refuse = ctg("sources", "fetch", "insee_naissances", "--profile", "demo")
    assert refuse.exit_code == 1 and "holds the mirror profile" in refuse.stderr


def test_a_new_home_says_that_it_has_nothing_and_all_of_it_on_demand(home: Path) -> None:
    resume, tout = ctg("sources", "list"), ctg("sources", "list", "--tout")
    fichiers = json.loads(ctg("sources", "list", "--json").stdout)
    assert (resume.exit_code, tout.exit_code, ctg("releases", "list").exit_code) == (0, 0, 0)
    assert "Never received: " in resume.stdout and "insee_naissances" in resume.stdout
    assert f"{len(fichiers)} millésimes are declared: `ctg sources list --tout`." in resume.stdout
    assert "To be looked at" not in resume.stdout and "accepted" not in tout.stdout
    # One line per millésime on demand alone.
    assert tout.stdout.count("never received") == len(fichiers) > 100
    assert "never received" not in resume.stdout
    assert {f["sha256"] for f in fichiers} == {None}
    assert ctg("releases", "rollback", "--lift").output == "No pin to lift.\n"


def test_a_first_file_that_was_refused_is_not_told_as_never_received(
    home: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    miroir = tmp_path_factory.mktemp("miroir")
    declare = charger_contrats()["cnaf_taux_couverture_epci"].ressources["courant"].millesimes
    millesime, lieu = next((m, d.mirror) for m, d in declare.items() if d.mirror)
    (fichier := miroir / lieu).parent.mkdir(parents=True)
    fichier.write_text("<!doctype html><title>Maintenance</title>")
    assert ctg("sources", "fetch", "cnaf_taux_couverture_epci", "--mirror", str(miroir)).exit_code == 2
    un_seul = json.loads(ctg("sources", "list", "cnaf_taux_couverture_epci", "--json").stdout)
    assert {f["source"] for f in un_seul} == {"cnaf_taux_couverture_epci"}
    refuses = [(f["millesime"], f["etat"], f["note"]) for f in un_seul if f["etat"] != "never received"]
    assert refuses == [(millesime, "refused", "its file was refused")]
    resume = ctg("sources", "list").stdout
    assert "cnaf_taux_couverture_epci" not in resume[resume.index("Never received") : resume.index("To be")]
    assert "cnaf_taux_couverture_epci" in resume[resume.index("To be looked at") :]
    assert "nearest are" in ctg("sources", "list", "cnaf_taux_couverture_ecpi").stderr


def test_a_downloaded_file_is_tried_without_a_trace(
    home: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    fichier = tmp_path_factory.mktemp("telechargements") / "mobilites.csv"
    fichier.write_text(
        "annee;numepci;nomepci;txcouv_eaje_epci;txcouv_am_ind_epci;txcouv_prescol_epci;txcouv_gad_ind_epci;"
        "txcouv_epci\n2023;200068229;CC DES BARONNIES;20.5;30.1;0.0;0.2;50.8\n"
    )
    lue = ctg("sources", "essai", str(fichier))
    assert (lue.exit_code, "a night would accept it: 1 rows" in lue.stdout) == (0, True)
    fichier.write_text(fichier.read_text().replace("numepci", "siren"))
    renommee = ctg("sources", "essai", str(fichier))
    assert renommee.exit_code == 2 and "the file has 'siren'" in renommee.stdout
    assert list(home.iterdir()) == []


def test_what_lies_in_the_depot_under_no_source_is_listed(home: Path) -> None:
    assert "[depot_ambigu]" not in ctg("sources", "list").stdout
    (home / "depot" / "insee_naissance").mkdir(parents=True)
    (home / "depot" / "insee_naissance" / "naissances.csv").write_text("…", encoding="utf-8")
    (home / "depot" / "[b]naissances.csv").write_text("…", encoding="utf-8")
    liste = ctg("sources", "list").stdout
    assert "a folder that is no source; did you mean insee_naissances?" in liste
    assert "[b]naissances.csv" in liste and "a file outside any folder" in liste
    assert liste.count("[depot_ambigu]") == 2


def test_a_release_is_summed_up_and_all_told_on_demand(home: Path) -> None:
    construction = construire_base(home / "build" / "nuit.duckdb")
    debut = datetime(2026, 1, 5, 1, tzinfo=UTC)
    faits = FaitsDeLaNuit("mirror", "departement:26", debut, "abc", ("insee_x: refused",), masquees=MASQUEES)
    publication = publier(home / "releases", construction, accepter(home / "validation"), faits)
    resume, tout = ctg("releases", "show", "--verify"), ctg("releases", "show", "--tout")
    manifeste = json.loads(ctg("releases", "show", "--json").stdout)
    assert manifeste["release_id"] == publication.release_id and publication.release_id in resume.stdout
    assert f"{len(manifeste['inputs'])}, of 2 sources" in resume.stdout
    assert "Refused: insee_x: refused" in resume.stdout
    assert "Every file is as it was published." in resume.stdout
    chemins = list(manifeste["files"])
    assert all(chemin in tout.stdout for chemin in chemins)
    assert not any(chemin in resume.stdout for chemin in chemins)
    assert len(resume.stdout.splitlines()) < 25


def _publiee(home: Path) -> cli_nuit.reglages.Reglages:
    """The settings of a night, run `r`, whose summary says that its release is in service."""
    vide: dict[str, object] = {"refus": [], "ecartes": [], "attentes": [], "inconnus": []}
    resume = {**vide, "run_id": "r", "etat": "inchangee", "message": "Release X, already published."}
    Chemins(home).build.mkdir()
    Chemins(home).resume.write_text(json.dumps(resume))
    with patch.dict(os.environ, {"CTG_PROFILE": "demo"}):
        return cli_nuit.reglages.lire(nouveau=True)


@pytest.mark.parametrize(
    ("fin", "code", "dit"),
    [
        ("reussie", 0, ""),
        ("interrompue", 2, "The night was interrupted once the release was in service"),
        ("echouee", 2, "A step failed, see above, once the release was in service"),
    ],
)
def test_a_night_that_did_not_end_is_no_clean_success_although_it_published(
    home: Path, capsys: pytest.CaptureFixture[str], fin: cli_nuit.Fin, code: int, dit: str
) -> None:
    """Stopped while PostgreSQL is written, say: readers of the folder have the release, others have not."""
    reglage = _publiee(home)
    try:
        cli_nuit._conclure(reglage, None, fin, "r")
        rendu: object = 0
    except SystemExit as sortie:
        rendu = sortie.code
    ecrit = capsys.readouterr()
    assert rendu == code and "Release X, already published." in ecrit.out
    assert dit in ecrit.err and bool(ecrit.err) == bool(dit)


def test_what_lies_in_the_mirror_unread_is_told_and_is_no_refusal(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reglage = _publiee(home)
    resume = json.loads(reglage.chemins.resume.read_text()) | {"inconnus": ["1 file of the mirror is named"]}
    reglage.chemins.resume.write_text(json.dumps(resume))
    cli_nuit._conclure(reglage, None, "reussie", "r")
    assert "1 file of the mirror is named" in capsys.readouterr().out


def test_a_standard_output_that_is_full_is_not_told_as_a_full_warehouse(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A night whose log has no room left has published: neither 1, nor a word of freeing CTG_HOME."""
    reglage = _publiee(home)
    with (
        # What is left to write is refused again as it is closed.
        contextlib.suppress(OSError),
        Path("/dev/full").open("w") as plein,
        contextlib.redirect_stdout(plein),
        pytest.raises(SystemExit) as sortie,
    ):
        cli_nuit._conclure(reglage, None, "reussie", "r")
    assert sortie.value.code == 2
    dit = capsys.readouterr().err
    assert dit.startswith("[sortie] what this command prints could not be written\n")
    assert "what the command did is done" in dit and str(home) not in dit
    commande = [sys.executable, "-m", "orchestration.cli", "sources", "list"]
    with Path("/dev/full").open("w") as plein:
        fin = subprocess.run(commande, stdout=plein, stderr=subprocess.PIPE, text=True, check=False)
    assert fin.returncode == 1 and fin.stderr == dit
