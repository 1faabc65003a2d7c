"""The same figure in earlier releases, and why it moved from one to the next."""

from pathlib import Path
from typing import Any

import duckdb

from publication.explication.modele import Explication, Passee
from publication.lecture.lignes import lignes
from publication.releases import comparaison, magasin
from socle.affichage import PRECISION
from socle.erreurs import ErreurPublication
from socle.sql import texte_sql

# Each one is a file to open; a figure that moved more than ten nights ago is a matter for `releases diff`.
_AU_PLUS = 10

_CELLULE = """
    from read_parquet({fichier})
    where territoire_id = $t and indicateur_id = $i and millesime = $m
"""


def passees(releases: Path, explication: Explication) -> tuple[Passee, ...]:
    """Return what the releases before said of the figure, newest first, where they said something else.

    `cause` is why it moved from that release to the one after. Releases of `--as-of` are left out, and those
    that a night purges meanwhile.
    """
    e = explication
    if e.chiffre.statut == "secret" or magasin.jour_de(releases / e.release_id):
        return ()
    anterieures = [dossier for dossier in magasin.ordinaires(releases) if dossier.name < e.release_id]
    cellule = (e.sujet.territoire_id, e.sujet.indicateur_id, e.sujet.millesime)
    suivante, dite = e.release_id, _dit(e.chiffre.valeur, e.chiffre.valeur_texte, e.chiffre.statut)
    trouvees = []
    with duckdb.connect() as con:
        for dossier in anterieures[:_AU_PLUS]:
            try:
                ligne = _ligne(con, dossier, cellule)
                valeur, affichee, statut = ligne.get("valeur"), ligne["valeur_affichee"], ligne["statut"]
                alors = _dit(valeur, ligne.get("valeur_texte"), statut)
                if alors != dite:
                    cause = comparaison.cause(releases, dossier.name, suivante, cellule)
                    sure = ligne.get("lisibilite")
                    trouvees.append(Passee(dossier.name, valeur, affichee, sure, statut, cause))
            except (duckdb.IOException, ErreurPublication):
                if dossier.exists():
                    raise
                # Purged since it was listed.
                continue
            suivante, dite = dossier.name, alors
    return tuple(trouvees)


def _ligne(con: duckdb.DuckDBPyConnection, dossier: Path, cellule: tuple[str, str, int]) -> dict[str, Any]:
    """The row of the figure; none is how a release says that it has no figure, today as then."""
    fichier = texte_sql(dossier / "parquet" / "fct_indicateurs.parquet")
    lues = lignes(con, _CELLULE.format(fichier=fichier), dict(zip("tim", cellule, strict=True)))
    return lues[0] if lues else {"statut": "non_disponible", "valeur_affichee": ""}


def _dit(valeur: float | None, texte: str | None, statut: str) -> tuple[float | None, str | None, str]:
    """What a release says of the figure, to the decimals that `comparaison` tells two of them apart by."""
    return None if valeur is None else round(valeur, PRECISION), texte, statut
