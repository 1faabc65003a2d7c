"""The runbooks: each thing that happens has one; the commands of a demonstration are typed as written."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from commande import CTG, Observatoire, environnement

from orchestration.nuit.chemins import Chemins
from tests.guides import blocs

RUNBOOK = Path(__file__).resolve().parents[1] / "docs" / "runbook.md"
TEXTE = RUNBOOK.read_text(encoding="utf-8")
BLOCS = [bloc for bloc in blocs(TEXTE) if bloc.langue.startswith("sh")]
SUJETS = (
    *("A night failed", "A source changed", "A revision waits", "Somebody reads what is closed", "Rollback"),
    *("Backup and restore", "The clock", "A key is lost"),
)


@pytest.mark.parametrize("sujet", SUJETS)
def test_each_thing_that_happens_has_its_runbook(sujet: str) -> None:
    section = TEXTE.split(f"\n## {sujet}\n")[1].split("\n## ")[0]
    assert "```sh" in section


def test_the_folders_that_the_page_names_are_those_of_the_map() -> None:
    lieux = Chemins(Path("/home"))
    connus = {lieu.parts[2] for lieu in vars(lieux).values() if lieu != lieux.home}
    nommes = set(re.findall(r"\$CTG_HOME/([a-z_]+)", TEXTE))
    assert nommes and nommes <= connus


def test_the_commands_of_a_demonstration_do_what_they_say(
    demonstration: Observatoire, tmp_path: Path
) -> None:
    home = demonstration.copie(tmp_path).home
    a_taper = "\n".join(bloc.code for bloc in BLOCS if bloc.langue != "sh")
    assert a_taper.count("\nctg ") >= 12
    fini = subprocess.run(
        ["bash", "-euxo", "pipefail", "-c", a_taper],
        env=environnement(CTG_HOME=str(home), PATH=f"{CTG.parent}:{os.environ['PATH']}"),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert fini.returncode == 0, fini.stderr[-3000:]
    restauree = Observatoire(tmp_path / "restored", demonstration.options)
    assert restauree.courante.name == demonstration.courante.name
