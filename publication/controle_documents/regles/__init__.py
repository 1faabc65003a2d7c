"""The checks of a document's figures against each other and beside the release, declared in `controles.yml`.

A check whose terms the document does not print has no result.
"""

from collections.abc import Callable, Iterator
from importlib.resources import files
from typing import Any

import yaml

from publication.controle_documents.contexte import Examen, Regle, Resultat
from publication.controle_documents.regles import arithmetique, confrontation, metadonnees, temps, univers

REGLES: dict[str, Callable[..., Iterator[Resultat]]] = {
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
        parametres = dict(declaration)
        regle = Regle(
            parametres.pop("check_id"),
            parametres.pop("rule"),
            parametres.pop("gravite"),
            parametres.pop("note", None),
        )
        del parametres["titre"]
        declares.append(regle.check_id)
        resultats += REGLES[parametres.pop("type")](contexte, regle, **parametres)
    appliques = {r.check_id for r in resultats}
    return resultats, [c for c in dict.fromkeys(declares) if c not in appliques]


def declarations() -> list[dict[str, Any]]:
    """The declared checks, in order."""
    texte = (files("publication.controle_documents") / "controles.yml").read_text(encoding="utf-8")
    lues: list[dict[str, Any]] = yaml.safe_load(texte)
    return lues
