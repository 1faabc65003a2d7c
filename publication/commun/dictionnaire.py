"""Finding a line of the dictionary, in the release that is read: by its id, or as people say it."""

from collections.abc import Mapping
from typing import Any

import duckdb

from publication.lecture.lignes import lignes
from publication.lecture.vocabulaire import Demande, Lexique
from socle.erreurs import ErreurPublication
from socle.proches import proches

_EVOLUTIONS = ("evolution", "difference")
"""Methods of what is an evolution by itself."""


def trouver_indicateur(
    con: duckdb.DuckDBPyConnection, demande: str, evolution: bool = False
) -> dict[str, Any]:
    """Find an indicateur by its id, else by words of the vocabulary: `part_allocataires_rsa`, « rsa ».

    Returns its row of `dim_indicateur`. Raises ErreurPublication when none, or several, answer: with those;
    and when words ask for more than an indicateur, which would go unheard: a year, or how it moved, unless
    whoever asks tells an `evolution`.
    """
    indicateurs = {ligne["indicateur_id"]: ligne for ligne in lignes(con, "from dim_indicateur")}
    if demande in indicateurs:
        return indicateurs[demande]
    # An id that is misspelt is no sentence.
    lu = Demande() if "_" in demande else Lexique(con).lire(demande)
    entendus = () if lu.lieux or lu.reste else lu.indicateurs
    if len(entendus) == 1 and not lu.absents:
        trouve = indicateurs[entendus[0]]
        _refuser_davantage(demande, lu, trouve, evolution or trouve["methode"] in _EVOLUTIONS)
        return trouve
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


def _refuser_davantage(demande: str, lu: Demande, trouve: Mapping[str, Any], evolution: bool) -> None:
    nom = trouve["indicateur_id"]
    if lu.evolution and not evolution:
        raise ErreurPublication(
            f"« {demande} » demande une évolution, et {nom} est le chiffre d'une année. Son évolution est"
            " dans le portrait (`ctg portrait`) et la table mart_evolutions_dites ; un assistant la demande à"
            f" l'outil evoluer. Pour le chiffre, demander {nom}."
        )
    if lu.annee:
        raise ErreurPublication(
            f"« {demande} » nomme {nom} et l'année {lu.annee}, qui se donne à part : demander {nom}, et"
            " l'année par --millesime ou par le paramètre millesime (depuis et jusqu_a pour une évolution)."
        )
