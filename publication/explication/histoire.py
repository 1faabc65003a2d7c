"""The same figure in earlier releases, and why it moved from one to the next."""

from pathlib import Path

import duckdb

from publication.explication.modele import Explication, Passee
from publication.lecture.un_chiffre import alors
from publication.releases import comparaison, magasin
from socle.affichage import PRECISION
from socle.erreurs import ErreurPublication

# Each one is a file to open; a figure that moved more than ten nights ago is a matter for `releases diff`.
_AU_PLUS = 10


def passees(releases: Path, explication: Explication) -> tuple[Passee, ...]:
    """Return what the releases before said of the figure, newest first, where they said something else.

    `cause` is why it moved from that release to the one after. Releases of `--as-of` are left out, and those
    that a night purges meanwhile.
    """
    e = explication
    if e.chiffre.statut == "secret" or magasin.jour_de(releases / e.release_id):
        return ()
    anterieures = [dossier for dossier in magasin.ordinaires(releases) if dossier.name < e.release_id]
    cle = {nom: getattr(e.sujet, nom) for nom in ("territoire_id", "indicateur_id", "millesime")}
    suivante, dite = e.release_id, _dit(e.chiffre.valeur, e.chiffre.valeur_texte, e.chiffre.statut)
    trouvees = []
    with duckdb.connect() as con:
        for dossier in anterieures[:_AU_PLUS]:
            try:
                # None is how a release says that it has no figure, today as then.
                ligne = alors(con, dossier, cle) or {"statut": "non_disponible", "valeur_affichee": ""}
                valeur, affichee, statut = ligne.get("valeur"), ligne["valeur_affichee"], ligne["statut"]
                avant = _dit(valeur, ligne.get("valeur_texte"), statut)
                if avant != dite:
                    cause = comparaison.cause(releases, dossier.name, suivante, tuple(cle.values()))
                    sure = ligne.get("lisibilite")
                    trouvees.append(Passee(dossier.name, valeur, affichee, sure, statut, cause))
            except (duckdb.IOException, ErreurPublication):
                if dossier.exists():
                    raise
                # Purged since it was listed.
                continue
            suivante, dite = dossier.name, avant
    return tuple(trouvees)


def _dit(valeur: float | None, texte: str | None, statut: str) -> tuple[float | None, str | None, str]:
    """What a release says of the figure, to the decimals that `comparaison` tells two of them apart by."""
    return None if valeur is None else round(valeur, PRECISION), texte, statut
