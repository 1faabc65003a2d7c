"""What moved most since the previous release, of what means something: the findings of the home page."""

from collections.abc import Mapping
from typing import Any

from publication.lecture.changements import ce_qui_a_bouge
from publication.lecture.citation import reference
from publication.lecture.ensembles import MartsEntiers
from publication.lecture.lots import Ligne
from publication.site import mots
from publication.site.noms import Contenu, lien, nommer

AU_PLUS = 3


def nouveautes(marts: MartsEntiers, pages: Mapping[str, str]) -> list[Contenu]:
    """Say the three figures above the commune that moved most, one an indicateur; none of a first release."""
    if marts.release["precedente"] is None:
        return []
    retenues: dict[str, Ligne] = {}
    for m in ce_qui_a_bouge(marts):
        if m["indicateur_id"] in marts.dictionnaire:
            retenues.setdefault(m["indicateur_id"], m)
    return [_dite(marts, pages, m) for m in list(retenues.values())[:AU_PLUS]]


def _dite(marts: MartsEntiers, pages: Mapping[str, str], m: Ligne) -> Contenu:
    i = marts.dictionnaire[m["indicateur_id"]]
    unite = marts.unites[i["unite"]]

    def nomme(valeur: float) -> str:
        return "" if unite.suffixe else f"\u00a0{unite.libelle(valeur)}"

    dite: dict[str, Any] = {
        **nommer(i),
        "univers": i["univers_libelle"],
        "lieu": lien(marts.territoires[m["territoire_id"]], pages),
        "reference": reference(m["indicateur_id"], m["territoire_id"], m["millesime"]),
        "millesime": m["millesime"],
        "texte": m["valeur_affichee"],
        "unite": nomme(m["valeur"]),
        "avant": m["avant_affichee"] + nomme(m["avant"]),
    }
    if m["debut"] is None:
        return {**dite, "quand": "dans la publication précédente", "suite": mots.cause(m["cause"])}
    return {**dite, "quand": f"en {m['debut']}", "suite": m["evolution_affichee"]}
