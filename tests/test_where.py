"""docs/where.md sends a newcomer to the file that holds what each line promises."""

import csv
import re
from pathlib import Path

import pytest

RACINE = Path(__file__).resolve().parent.parent
LIGNES = dict(
    re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", (RACINE / "docs" / "where.md").read_text(), re.MULTILINE)
)

TACHES = (
    ("add a mesure, or change how persons are rounded in it", "dbt_project/seeds/mesures.csv", "pas"),
    ("change how a value is typed", "ingestion/cellules.py", "typer"),
    ("change what a whole file is refused for", "ingestion/jugement.py", "juger"),
    ("change how a figure is printed", "socle/affichage.py", "afficher"),
    ("see or change the rounding", "confidentialite/arrondi_en_chaine.py", "arrondir"),
    ("change a plausible range, a severity", "expectations/seuils.yml", "severite"),
    ("draw a chart or a map of pages and PDF", "publication/portraits/svg/courbes.py", "serie"),
    ("change « Mon secteur »", "publication/site/ressources/secteur.js", "intervalle"),
    ("change what a file of the API holds", "publication/api/modeles.py", "ChiffresDuTerritoire"),
    ("add a tool for assistants (MCP), or change an answer", "publication/mcp/serveur.py", "Outils"),
    ("change a chart of the Superset dashboard", "bi/superset/tableau.py", "PARTIES"),
    (
        "change what a backup keeps, and how it is restored",
        "orchestration/exploitation/sauvegarde.py",
        "a_garder",
    ),
)
"""Tasks of newcomers: the words of the line, the file that they open, what they look for in it."""

DEFINITIONS = {
    ".py": r"^(?:(?:def|class) {nom}\b|{nom}(?:: [^=]+)? = )",
    ".js": r"^ *function {nom}\(",
    ".yml": r"^[ -]*{nom}:",
}


@pytest.mark.parametrize(("tache", "fichier", "nom"), TACHES, ids=[tache for tache, *_ in TACHES])
def test_the_line_of_a_task_leads_to_the_file_that_defines_what_it_is_about(
    tache: str, fichier: str, nom: str
) -> None:
    (chemin,) = re.findall(r"`([\w.]+/[^`]*)`", LIGNES[tache])
    assert fichier == chemin or (chemin.endswith("/") and fichier.startswith(chemin))
    texte = (RACINE / fichier).read_text(encoding="utf-8")
    if fichier.endswith(".csv"):
        assert nom in next(csv.reader(texte.splitlines()))
    else:
        definition = DEFINITIONS[Path(fichier).suffix].format(nom=nom)
        assert re.search(definition, texte, re.MULTILINE), f"{fichier} does not define {nom}"


def test_every_file_that_a_line_names_beside_its_own_is_near_it() -> None:
    perdus = []
    for cellule in LIGNES.values():
        for chemin in re.findall(r"`([\w.]+/[^`]*)`", cellule):
            dossiers = {RACINE / chemin, (RACINE / chemin).parent}
            voisins = re.findall(r"`([\w.]+\.(?:py|yml|csv))`", cellule)
            perdus += [v for v in voisins if not any((d / v).exists() for d in dossiers)]
    assert perdus == []
