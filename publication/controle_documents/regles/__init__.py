"""The checks of a document's figures against each other and beside the release, declared in `controles.yml`.

A check whose terms the document does not print has no result.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.resources import files
from typing import Any

import yaml

from publication.controle_documents.contexte import Constat, Examen, Resultat
from publication.controle_documents.regles import arithmetique, confrontation, metadonnees, temps, univers

REGLES: dict[str, Callable[..., Iterator[Constat]]] = {
    fonction.__name__: fonction
    for fonction in (
        arithmetique.egalite,
        arithmetique.diviseur,
        arithmetique.majorant,
        arithmetique.derive,
        arithmetique.parties,
        arithmetique.numerateur_entier,
        arithmetique.numerateur_divulgue,
        arithmetique.decomposition,
        arithmetique.ouvertures,
        univers.part_hors_univers,
        univers.montant_par_univers,
        temps.pyramide,
        temps.fenetres,
        temps.millesime_inconnu,
        metadonnees.definition,
        metadonnees.manquants,
        metadonnees.sans_annee,
        confrontation.proportion,
        confrontation.seuil,
        confrontation.somme_des_membres,
        confrontation.autre_lecture,
    )
}


def controler(contexte: Examen) -> tuple[list[Resultat], list[str]]:
    """Run every declared check; return the results, and the check_id that found nothing to apply to."""
    resultats: list[Resultat] = []
    declares: list[str] = []
    for declaration in declarations():
        parametres = {nom: valeur for nom, valeur in declaration.items() if nom != "titre"}
        dits = {nom: parametres.pop(nom, None) for nom in ("check_id", "rule", "gravite", "note")}
        contexte.check_id = declaration["check_id"]
        declares.append(contexte.check_id)
        constats = REGLES[parametres.pop("type")](contexte, **parametres)
        resultats += [_peser(contexte, constat).conclure(**dits) for constat in constats]
    appliques = {r.check_id for r in resultats}
    return resultats, [c for c in dict.fromkeys(declares) if c not in appliques]


def _peser(contexte: Examen, constat: Constat) -> Constat:
    """Ask for no correction where the figures that disagree are the release's, each of a printed year.

    A rate of one producer over a count of another has no whole numerator: the document is not at fault.
    """
    if constat.statut != "KO" or not all(map(contexte.repris, constat.chiffres)):
        return constat
    return replace(constat, statut="A_VERIFIER", dits=[*constat.dits, "ces chiffres sont ceux de la release"])


def declarations() -> list[dict[str, Any]]:
    """The declared checks, in order."""
    texte = (files("publication.controle_documents") / "controles.yml").read_text(encoding="utf-8")
    lues: list[dict[str, Any]] = yaml.safe_load(texte)
    return lues
