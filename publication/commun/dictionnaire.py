"""Finding a line of the dictionary, in the release that is read: by its id, or as people say it."""

from typing import Any

import duckdb

from publication.commun.lignes import lignes
from publication.commun.vocabulaire import Demande, Lexique
from socle.erreurs import ErreurPublication
from socle.proches import proches


def trouver_indicateur(con: duckdb.DuckDBPyConnection, demande: str) -> dict[str, Any]:
    """Find an indicateur by its id, else by words of the vocabulary: `part_allocataires_rsa`, « rsa ».

    Returns its row of `dim_indicateur`. Raises ErreurPublication when none, or several, answer: with those.
    """
    indicateurs = {ligne["indicateur_id"]: ligne for ligne in lignes(con, "from dim_indicateur")}
    if demande in indicateurs:
        return indicateurs[demande]
    # An id that is misspelt is no sentence.
    lu = Demande() if "_" in demande else Lexique.de(con).lire(demande)
    entendus = () if lu.lieux or lu.reste else lu.indicateurs
    if len(entendus) == 1 and not lu.absents:
        return indicateurs[entendus[0]]
    if entendus or lu.absents:
        dits = [f"« {demande} » : {motif}." for motif in lu.absents]
        if entendus:
            dits += [f"Indicateurs qui répondent à « {demande} » ; en choisir un :"]
            dits += [f"  {i:<40} {indicateurs[i]['libelle']}" for i in entendus]
        raise ErreurPublication("\n".join(dits))
    voisins = proches(demande, indicateurs)
    suite = f"les plus proches : {', '.join(voisins)} ; " if voisins else ""
    suite += "la liste est dans dictionnaire.md"
    raise ErreurPublication(f"Aucun indicateur {demande!r} dans cette publication ; {suite}.")
