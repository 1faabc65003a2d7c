"""The same figure in earlier releases, and why it moved from one to the next."""

from pathlib import Path

import duckdb

from publication.commun.lignes import lignes
from publication.explication.modele import Explication, Passee
from publication.releases import comparaison, magasin
from socle.sql import texte_sql

# Each one is a file to open; a figure that moved more than ten nights ago is a matter for `releases diff`.
_AU_PLUS = 10

_CELLULE = """
    from read_parquet({fichier})
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
            lues = lignes(con, _CELLULE.format(fichier=fichier), dict(zip("tim", cellule, strict=True)))
            # No row is how a release says that it has no figure, today as then.
            ligne = lues[0] if lues else {"statut": "non_disponible", "valeur_affichee": ""}
            valeur, affichee, statut = ligne.get("valeur"), ligne["valeur_affichee"], ligne["statut"]
            alors = (valeur, ligne.get("valeur_texte"), statut)
            if alors != dite:
                cause = comparaison.cause(releases, dossier.name, suivante, cellule)
                sure = ligne.get("lisibilite")
                trouvees.append(Passee(dossier.name, valeur, affichee, sure, statut, cause))
            suivante, dite = dossier.name, alors
    return tuple(trouvees)
