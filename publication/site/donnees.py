"""The last figures of communes as plain scripts, one a département: what a page of the site loads on demand.

A script tag reads them from `file://`, where a page may fetch nothing.
"""

import json
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from publication.site.marts import Ligne, MartsDuSite
from publication.site.noms import bornes_dites
from socle.statuts import MONTRENT, SANS_CHIFFRE

STATUTS = (*MONTRENT, *SANS_CHIFFRE)
"""The statuts, by the rank that scripts name them by."""


def scripts(marts: MartsDuSite, pages: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield each département that holds communes of the scope: its code, then its script.

    The script adds to `window.CTG_DONNEES`, under the code of the département:

        {"nom": "Drôme" or null, "indicateurs": [ids], "statuts": [ids], "motifs": [texts],
         "epci": {"200068229": {"nom", "page" or null}},
         "communes": {"26220": {"nom", "epci": code or null, "page", "chiffres": [...]}}}

    A figure is the newest one shown of its indicateur: `[rank in indicateurs, millésime, valeur_affichee,
    rank in statuts, printed bounds]`, without the last ones where they are 0 (observe) and nothing. Under a
    statut that shows no figure, the fifth is a rank in `motifs`. All these ranks are those of one script.
    """
    communes = sorted(marts.communes.values(), key=lambda c: (c["departement"], c["code"]))
    for departement, siennes in groupby(communes, key=lambda c: str(c["departement"])):
        contenu = _departement(marts, pages, departement, list(siennes))
        dit = json.dumps(contenu, ensure_ascii=False, separators=(",", ":"))
        yield (
            departement,
            f"(window.CTG_DONNEES=window.CTG_DONNEES||{{}})[{json.dumps(departement)}]={dit};\n",
        )


def _departement(
    marts: MartsDuSite, pages: Mapping[str, str], departement: str, communes: list[Ligne]
) -> dict[str, Any]:
    # One département at a time: France as a whole is a million figures.
    chiffres = marts.derniers_chiffres_des_communes(departement)
    presents = {d["indicateur_id"] for d in chiffres}
    rangs = {i: rang for rang, i in enumerate(i for i in marts.dictionnaire if i in presents)}
    motifs: dict[str, int] = {}
    siens: dict[str, list[list[Any]]] = {c["code"]: [] for c in communes}
    for d in chiffres:
        siens[d["code"]].append([rangs[d["indicateur_id"]], *_chiffre(marts, d, motifs)])
    connu = marts.territoires.get(f"departement:{departement}")
    return {
        "nom": connu["libelle"] if connu else None,
        "indicateurs": list(rangs),
        "statuts": STATUTS,
        "motifs": list(motifs),
        "epci": {
            c["epci"]: {"nom": c["epci_libelle"], "page": pages.get(f"epci:{c['epci']}")}
            for c in communes
            if c["epci"]
        },
        "communes": {
            c["code"]: {
                "nom": c["libelle"],
                "epci": c["epci"],
                "page": pages.get(c["territoire_id"]),
                "chiffres": sorted(siens[c["code"]], key=lambda chiffre: chiffre[0]),
            }
            for c in communes
        },
    }


def _chiffre(marts: MartsDuSite, d: Ligne, motifs: dict[str, int]) -> list[Any]:
    """Return what is printed of a figure, after its rank; `motifs` grows with those it meets."""
    statut = STATUTS.index(d["statut"])
    dit = [d["millesime"], d["valeur_affichee"]]
    if d["statut"] in SANS_CHIFFRE:
        return [*dit, statut, motifs.setdefault(d["motif"], len(motifs))]
    i = marts.dictionnaire[d["indicateur_id"]]
    bornes = bornes_dites(d, marts.unites[i["unite"]], i["decimales"])
    return [*dit, statut, bornes] if bornes else [*dit, statut] if statut else dit
