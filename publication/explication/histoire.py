"""The same figure in earlier releases, and why it moved from one to the next."""

from pathlib import Path

import duckdb

from publication.explication.modele import Explication, Passee
from publication.releases import comparaison, magasin
from socle.sql import texte_sql

# Each one is a file to open; a figure that moved more than ten nights ago is a matter for `releases diff`.
_AU_PLUS = 10

_CELLULE = """
    select valeur, valeur_texte, statut from read_parquet({fichier})
    where territoire_id = $t and indicateur_id = $i and millesime = $m
"""


def passees(releases: Path, explication: Explication) -> tuple[Passee, ...]:
    """Return what the releases before said of the figure, newest first, where they said something else.

    `cause` is why it moved from that release to the one after. Releases of `--as-of` are left out.
    """
    e = explication
    if e.chiffre.statut == "secret" or magasin.jour_de(releases / e.release_id):
        return ()
    anterieures = [dossier for dossier in magasin.ordinaires(releases) if dossier.name < e.release_id]
    cellule = (e.sujet.territoire_id, e.sujet.indicateur_id, e.sujet.millesime)
    suivante, dite = e.release_id, (e.chiffre.valeur, e.chiffre.valeur_texte, e.chiffre.statut)
    trouvees = []
    with duckdb.connect() as con:
        for dossier in anterieures[:_AU_PLUS]:
            fichier = texte_sql(dossier / "parquet" / "fct_indicateurs.parquet")
            ligne = con.execute(
                _CELLULE.format(fichier=fichier), dict(zip("tim", cellule, strict=True))
            ).fetchone()
            # No row is how a release says that it has no figure, today as then.
            alors = (ligne[0], ligne[1], ligne[2]) if ligne else (None, None, "non_disponible")
            if alors != dite:
                cause = comparaison.cause(releases, dossier.name, suivante, cellule)
                valeur, valeur_texte, statut = alors
                trouvees.append(Passee(dossier.name, valeur, valeur_texte, statut, cause))
            suivante, dite = dossier.name, alors
    return tuple(trouvees)
