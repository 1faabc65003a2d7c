"""The last figures of communes as plain scripts, one a département: what a page of the site loads on demand.

A script tag reads them from `file://`, where a page may fetch nothing.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

from publication.site.marts import Ligne, MartsDuSite
from publication.site.noms import bornes_dites
from socle.statuts import MONTRENT, SANS_CHIFFRE

STATUTS = (*MONTRENT, *SANS_CHIFFRE)
"""The statuts, by the rank that scripts name them by."""

SOMMABLES = ("somme", "ratio")
"""The methods whose terms add up over communes of one's choice."""
_DECIMALES = 4
"""Of a term: far beyond what is printed of their quotient."""


def scripts(
    marts: MartsDuSite, pages: Mapping[str, str], a_sommer: Iterable[str]
) -> Iterator[tuple[str, str]]:
    """Yield each département that holds communes of the scope: its code, then its script.

    The script adds to `window.CTG_DONNEES`, under the code of the département:

        {"nom": "Drôme" or null, "indicateurs": [ids], "statuts": [ids], "motifs": [texts],
         "epci": {"200068229": {"nom", "page" or null}},
         "communes": {"26220": {"nom", "epci": code or null, "page", "chiffres": [...], "termes": [...]}}}

    A figure is the newest one shown of its indicateur: `[rank in indicateurs, millésime, valeur_affichee,
    rank in statuts, printed bounds]`, without the last ones where they are 0 (observe) and nothing. Under a
    statut that shows no figure, the fifth is a rank in `motifs`. All these ranks are those of one script.

    `termes` are what the figures `a_sommer` add up from, of the same year as they: `[rank, numerator,
    denominator]` where both are exact, else `[rank, numerator, its lowest and its highest, denominator, its
    lowest and its highest]`, null where it is not known; a count has no denominator.
    """
    communes = sorted(marts.communes.values(), key=lambda c: (c["departement"], c["code"]))
    for departement, siennes in groupby(communes, key=lambda c: str(c["departement"])):
        contenu = _departement(marts, pages, departement, list(siennes), set(a_sommer))
        dit = json.dumps(contenu, ensure_ascii=False, separators=(",", ":"))
        yield (
            departement,
            f"(window.CTG_DONNEES=window.CTG_DONNEES||{{}})[{json.dumps(departement)}]={dit};\n",
        )


def _departement(
    marts: MartsDuSite,
    pages: Mapping[str, str],
    departement: str,
    communes: list[Ligne],
    a_sommer: Collection[str],
) -> dict[str, Any]:
    # One département at a time: France as a whole is a million figures.
    chiffres = marts.derniers_chiffres_des_communes(departement)
    presents = {d["indicateur_id"] for d in chiffres}
    rangs = {i: rang for rang, i in enumerate(i for i in marts.dictionnaire if i in presents)}
    motifs: dict[str, int] = {}
    siens: dict[str, list[list[Any]]] = {c["code"]: [] for c in communes}
    termes: dict[str, list[list[Any]]] = {c["code"]: [] for c in communes}
    for d in chiffres:
        rang, i = rangs[d["indicateur_id"]], marts.dictionnaire[d["indicateur_id"]]
        siens[d["code"]].append([rang, *_chiffre(marts, d, motifs)])
        if d["indicateur_id"] in a_sommer and d["statut"] in MONTRENT and i["methode"] in SOMMABLES:
            termes[d["code"]].append([rang, *termes_de(i, d)])
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
                "termes": sorted(termes[c["code"]], key=lambda terme: terme[0]),
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


def termes_de(i: Ligne, d: Ligne) -> list[float | None]:
    """Return the terms that a figure of a commune brings to a sum, and the least and the most they may be.

    The marts bound the ratio, not its terms: its envelope is their quotient, and a rounding is as far up as
    down (docs/intervalles.md), so that each is found again. The envelope of a share may be capped.
    """
    if i["methode"] == "somme":
        return _terme(d["valeur"], d["enveloppe_basse"], d["enveloppe_haute"])
    facteur, num, den, den_haut = i["facteur"], d["numerateur"], d["denominateur"], d["denominateur_haut"]
    if d["statut"] == "observe":
        return [*_terme(num, num, num), *_terme(den, den, den)]
    den_bas = 0.0 if den_haut is None else max(0.0, 2 * den - den_haut)
    num_bas = 0.0 if den_haut is None else d["enveloppe_basse"] * den_haut / facteur
    num_haut = None if d["enveloppe_haute"] is None else d["enveloppe_haute"] * den_bas / facteur
    if num_haut is not None and i["part_d_un_tout"] and d["enveloppe_haute"] >= facteur:
        num_haut = max(num_haut, 2 * num - num_bas)
    return [_court(terme) for terme in (num, num_bas, num_haut, den, den_bas, den_haut)]


def _terme(valeur: float, basse: float | None, haute: float | None) -> list[float | None]:
    if basse == valeur == haute:
        return [_court(valeur)]
    return [_court(borne) for borne in (valeur, basse, haute)]


def _court(terme: float | None) -> float | None:
    """Write a term as short as it is exact enough: most are whole numbers."""
    if terme is None:
        return None
    arrondi = round(terme, _DECIMALES)
    return int(arrondi) if arrondi == int(arrondi) else arrondi
