"""The tiny marts, the columns of theirs a statut blanks, what a gate that accepts them leaves, and a night
that publishes them."""

import json
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from publication.commun.promesses import Lien, Promesses
from publication.lecture.fichiers import CERTIFICAT
from publication.releases.fabrication import FaitsDeLaNuit, Lot, Publication, publier_tous

MARTS = Path(__file__).with_name("marts.sql").read_text()

RELEASE = {
    "release_id": "20260105T010000Z-abcdef12",
    "version": "0.1.0",
    "publiee_le": datetime(2026, 1, 5, 1),
    "perimetre": "departement:26",
}
"""What is said of the release that holds them, where no night publishes them."""

MASQUEES = {
    "fct_indicateurs": frozenset(
        {"valeur", "valeur_texte", "numerateur", "denominateur", "borne_basse", "borne_haute"}
        | {"valeur_affichee"}
    ),
    "fct_indicateurs_origine": frozenset({"valeur", "valeur_affichee", "borne_basse", "borne_haute"}),
    "mart_evolutions": frozenset(
        {"evolution", "effet_numerateur", "effet_denominateur", "effet_perimetre", "effet_revision"}
    ),
    "mart_portrait_social": frozenset({"part_allocataires_rsa"}),
    "mart_petite_enfance": frozenset({"nb_eaje"}),
}
"""What the contracts of the tiny marts declare."""

PROMESSES = {
    "dim_territoire": Promesses(("territoire_id",), frozenset({"territoire_id", "libelle"})),
    "dim_indicateur": Promesses(("indicateur_id",), frozenset({"indicateur_id", "decimales"})),
    # A file without a millésime has a line too: no key that a database would take.
    "dim_fichier": Promesses(("source", "ressource", "millesime"), frozenset({"source", "ressource"})),
    "fct_indicateurs": Promesses(
        ("territoire_id", "millesime", "indicateur_id"),
        frozenset({"territoire_id", "millesime", "indicateur_id", "statut", "valeur_affichee"}),
        {
            "territoire_id": Lien("dim_territoire", "territoire_id"),
            "indicateur_id": Lien("dim_indicateur", "indicateur_id"),
            "champ": Lien("table_absente", "champ"),
        },
        indexee=False,
    ),
    "mart_portrait_social": Promesses(
        ("territoire_id", "millesime"), frozenset({"territoire_id", "millesime"})
    ),
}
"""What some of them promise."""

CONFORME = {"conception": 2, "regle": "", "cle": "", "mesures": [], "retenues": 0, "verdict": "conforme"}
"""The certificate of marts that count no person."""


@cache
def _intacte() -> bytes:
    """The build file of the tiny marts as they are: made once."""
    with TemporaryDirectory() as dossier:
        fichier = Path(dossier) / "nuit.duckdb"
        with duckdb.connect(str(fichier)) as con:
            con.execute(MARTS)
        return fichier.read_bytes()


def construire_base(fichier: Path, modifications: str = "") -> Path:
    """Make a build file; `modifications` is SQL run on its marts before it is closed."""
    fichier.parent.mkdir(exist_ok=True)
    fichier.unlink(missing_ok=True)
    fichier.write_bytes(_intacte())
    if modifications:
        with duckdb.connect(str(fichier)) as con:
            con.execute(modifications)
    return fichier


def accepter(dossier: Path) -> Path:
    """Write the validation folder of a gate that accepted the marts."""
    dossier.mkdir()
    (dossier / "summary.json").write_text('{"succes": true, "marts": []}\n')
    (dossier / "rapport.html").write_text("<p>premier rapport</p>\n")
    (dossier / Path(CERTIFICAT).name).write_text(json.dumps(CONFORME))
    return dossier


def publier(
    releases: Path, construction: Path, validation: Path, nuit: FaitsDeLaNuit, garder: int = 10
) -> Publication:
    """Publish one scope, in a home of its own."""
    (publication,) = publier_tous([Lot(releases, construction, validation, nuit)], garder)
    return publication
