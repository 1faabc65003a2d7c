"""The command line: the composition root, where the rooms meet. It decides no rule of the domain.

One module per noun, imported when its command runs: `ctg --help` reads the table below and nothing else. A
test asserts that the first line of each help is the same here and in its module.
"""

import logging
import sys

import click

from .groupe import Commande, GroupeParesseux

COMMANDES = (
    Commande("alertes", "alertes:alertes", "Messages of the night: try the addresses of alertes.yml."),
    Commande(
        "audit",
        "audit:audit",
        "Confronte les chiffres d'un document publié à ceux de l'entrepôt, et entre eux.",
    ),
    Commande(
        "dbt", "dbt:dbt", "Run dbt by hand on a copy of the last build: `ctg dbt build -s mart_logement`."
    ),
    Commande(
        "doctor",
        "doctor:doctor",
        "Look at the installation and at CTG_HOME: each line right, or what to type.",
    ),
    Commande(
        "docs",
        "docs:docs",
        "Write the files generated from the contracts, the dictionary and the demonstration in service.",
    ),
    Commande(
        "evaluation",
        "evaluation:evaluation",
        "Imprime l'évaluation d'une convention : ses cibles, et avant et après, thème par thème.",
    ),
    Commande("explain", "explain:explain", "D'un chiffre aux lignes des fichiers dont il vient."),
    Commande(
        "extract",
        "extract:extraire",
        "Écrit les chiffres d'un territoire dans un classeur ou un CSV, toutes années, bornes et sources.",
    ),
    Commande(
        "extrait",
        "extrait:extrait",
        "The allocataire extract: check a file, decide, purge (docs/extrait.md).",
    ),
    Commande(
        "horloge",
        "horloge:horloge",
        "Say what time it is here, the newest instant that the home knows, and what waits for a person.",
    ),
    Commande("journal", "journal:journal", "What the warehouse remembers by, where it lost lines."),
    Commande("mcp", "mcp:mcp", "Répond aux assistants (Model Context Protocol) sur une publication."),
    Commande("plan", "plan:plan", "Le plan d'une convention : ce que son auteur doit regarder."),
    Commande("portrait", "portrait:portrait", "Imprime le portrait d'un territoire : HTML, PDF, PPTX, XLSX."),
    Commande(
        "prepare",
        "nuit:prepare",
        "Write the settings of the Dagster instance under CTG_HOME and print its folder.",
    ),
    Commande("publish", "publish:publier", "Publish a release elsewhere: PostgreSQL."),
    Commande("refresh", "refresh:refresh", "Run one night: fetch, land, type, build, check, publish."),
    Commande("releases", "releases:releases", "What readers are given."),
    Commande(
        "restore",
        "sauvegarde:restaurer",
        "Make CTG_HOME, a folder that is new or empty, of a backup: whole, or not at all.",
    ),
    Commande(
        "sauvegarde",
        "sauvegarde:sauvegarde",
        "Write in one closed file what of CTG_HOME cannot be made again.",
    ),
    Commande(
        "schema",
        "schema:schema",
        "Le schéma pluriannuel d'une convention : ce que le décret demande, ce qui y répond, ce qui manque.",
    ),
    Commande(
        "secret", "secret:secret", "Confidentialité : ce qu'une publication prouve des comptes de personnes."
    ),
    Commande(
        "site", "site:site", "Ouvre le site et l'API de la publication en service, pour cette machine seule."
    ),
    Commande("sources", "sources:sources", "What was received, refused, and waits for a decision."),
)


ANCIENS = {"extraire": "extract", "publier": "publish", "restaurer": "restore"}


@click.group(
    cls=GroupeParesseux,
    commandes=COMMANDES,
    anciens=ANCIENS,
    context_settings={"help_option_names": ["-h", "--help"]},
)
def main() -> None:
    """Observatoire CTG: nightly warehouse of social indicators for a territory's convention."""
    # Only this project speaks on the terminal: Dagster and dbt have their own journals.
    logging.getLogger().addHandler(logging.NullHandler())
    terminal = logging.StreamHandler(sys.stderr)
    terminal.setFormatter(logging.Formatter("%(message)s"))
    for salle in ("ingestion", "socle"):
        logging.getLogger(salle).addHandler(terminal)
        logging.getLogger(salle).setLevel(logging.INFO)
