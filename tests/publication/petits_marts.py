"""The tiny marts, and the columns of theirs that masks blank."""

from pathlib import Path

MARTS = Path(__file__).with_name("marts.sql").read_text()

MASQUEES = {
    "fct_indicateurs": frozenset(
        {"valeur", "valeur_texte", "numerateur", "denominateur", "borne_basse", "borne_haute"}
    ),
    "fct_indicateurs_origine": frozenset({"valeur", "borne_basse", "borne_haute"}),
    "mart_portrait_social": frozenset({"part_allocataires_rsa"}),
    "mart_petite_enfance": frozenset({"nb_eaje"}),
}
"""What the contracts of the tiny marts declare."""
