"""The last figures as plain scripts, one a département for communes, one for what is above: loaded on demand.

A script tag reads them from `file://`, where a page may fetch nothing.
"""

import json
import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from publication.lecture import jeux
from publication.lecture.ensembles import MartsEntiers
from publication.lecture.lots import Ligne
from publication.site.noms import bornes_dites
from socle.statuts import MONTRENT, SANS_CHIFFRE

STATUTS = (*MONTRENT, *SANS_CHIFFRE)
"""The statuts, by the rank that scripts name them by."""
SOMMABLES = ("somme", "ratio")
"""The methods whose terms add up over communes of one's choice."""
_DECIMALES = 4
"""Of a term: far beyond what is printed of their quotient."""


def scripts(
    marts: MartsEntiers, pages: Mapping[str, str], a_sommer: Iterable[str]
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
    lowest and its highest]`, null where it is not known; a count has no denominator. The variance of each
    follows where it is not that of one rounding, any number between its ends as likely: 0 where nothing is
    rounded at random.
    """
    communes = sorted(marts.communes.values(), key=lambda c: (c["departement"], c["code"]))
    for departement, siennes in groupby(communes, key=lambda c: str(c["departement"])):
        contenu = _departement(marts, pages, departement, list(siennes), set(a_sommer))
        dit = json.dumps(contenu, ensure_ascii=False, separators=(",", ":"))
        yield (
            departement,
            f"(window.CTG_DONNEES=window.CTG_DONNEES||{{}})[{json.dumps(departement)}]={dit};\n",
        )


def script_des_territoires(marts: MartsEntiers, pages: Mapping[str, str]) -> str:
    """Return the script of the territories above the commune, in the shape of those of communes.

    It is `window.CTG_DONNEES.territoires`; its `territoires` are by id. A figure has a sixth place where the
    release says an evolution to it: `[first year, its valeur_affichee, evolution_affichee]`, or of one that
    is refused `[first year, its valeur_affichee, null, rank in motifs]`.
    """
    chiffres = jeux.derniers_chiffres_des_territoires(marts)
    presents = {d["indicateur_id"] for d in chiffres}
    rangs = {i: rang for rang, i in enumerate(i for i in marts.dictionnaire if i in presents)}
    motifs: dict[str, int] = {}
    siens: dict[str, list[list[Any]]] = {t: [] for t in marts.territoires}
    for d in chiffres:
        dit = [rangs[d["indicateur_id"]], *_chiffre(marts, d, motifs)]
        if d["debut"] is not None and d["statut"] in MONTRENT:
            dit += [0, None][len(dit) - 3 :]
            refusee = d["forme"] == "refusee"
            suite = (
                [None, motifs.setdefault(d["evolution_motif"], len(motifs))]
                if refusee
                else [d["evolution_affichee"]]
            )
            dit.append([d["debut"], d["debut_affichee"], *suite])
        siens[d["territoire_id"]].append(dit)
    contenu = {
        "indicateurs": list(rangs),
        "statuts": STATUTS,
        "motifs": list(motifs),
        "territoires": {
            nom: {
                "nom": t["libelle"],
                "page": pages.get(nom),
                "chiffres": sorted(siens[nom], key=lambda chiffre: chiffre[0]),
            }
            for nom, t in marts.territoires.items()
        },
    }
    texte = json.dumps(contenu, ensure_ascii=False, separators=(",", ":"))
    return f'(window.CTG_DONNEES=window.CTG_DONNEES||{{}})["territoires"]={texte};\n'


def script_des_lieux(marts: MartsEntiers, traits: Mapping[str, str]) -> str:
    """Return the script of what the pages of indicateurs share of communes: `window.CTG_LIEUX`.

    `noms`: `[code, libellé]` in the order of the alphabet. `traits`: paths of their maps, by id of `<use>`.
    """
    contenu = {
        "noms": [[c["code"], c["libelle"]] for c in marts.communes.values()],
        "traits": {nom: trace for trace, nom in traits.items()},
    }
    return f"window.CTG_LIEUX={json.dumps(contenu, ensure_ascii=False, separators=(',', ':'))};\n"


def _departement(
    marts: MartsEntiers,
    pages: Mapping[str, str],
    departement: str,
    communes: list[Ligne],
    a_sommer: Collection[str],
) -> dict[str, Any]:
    # One département at a time: France as a whole is a million figures.
    chiffres = jeux.derniers_chiffres_des_communes(marts, departement)
    presents = {d["indicateur_id"] for d in chiffres}
    rangs = {i: rang for rang, i in enumerate(i for i in marts.dictionnaire if i in presents)}
    motifs: dict[str, int] = {}
    siens: dict[str, list[list[Any]]] = {c["code"]: [] for c in communes}
    termes: dict[str, list[list[Any]]] = {c["code"]: [] for c in communes}
    for d in chiffres:
        rang, i = rangs[d["indicateur_id"]], marts.dictionnaire[d["indicateur_id"]]
        siens[d["code"]].append([rang, *_chiffre(marts, d, motifs)])
        # Of nobody, no part: that commune was read, and brings nothing to either term of a sum.
        nul = d["motif_code"] == "denominateur_nul"
        if d["indicateur_id"] in a_sommer and i["methode"] in SOMMABLES and (nul or d["statut"] in MONTRENT):
            termes[d["code"]].append([rang, *([0, 0] if nul else termes_de(i, d))])
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


def _chiffre(marts: MartsEntiers, d: Ligne, motifs: dict[str, int]) -> list[Any]:
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
    bruit = d["ecart_type_arrondi"]
    if i["methode"] == "somme":
        num = _Terme(d["valeur"], d["enveloppe_basse"], d["enveloppe_haute"])
        return num.court[:1] if num.exact else [*num.court, *_variances([num], [bruit**2])]
    facteur, valeur, assise, haut = i["facteur"], d["numerateur"], d["denominateur"], d["denominateur_haut"]
    if d["statut"] == "observe":
        return [_court(valeur), _court(assise)]
    den = _Terme(assise, 0.0 if haut is None else max(0.0, 2 * assise - haut), haut)
    bas = 0.0 if haut is None else d["enveloppe_basse"] * haut / facteur
    num_haut = None if d["enveloppe_haute"] is None else d["enveloppe_haute"] * den.bas / facteur
    if num_haut is not None and i["part_d_un_tout"] and d["enveloppe_haute"] >= facteur:
        num_haut = max(num_haut, 2 * valeur - bas)
    num = _Terme(valeur, bas, num_haut)
    # That of the ratio is theirs: as a share of how far each is rounded, if both are.
    ensemble, taux = (bruit * assise / facteur) ** 2, valeur / assise
    parts = num.demi + den.demi * taux**2
    lues = (
        [ensemble, den.variance if bruit else 0.0]
        if den.exact or not valeur
        else [ensemble * terme.demi / parts if parts else 0.0 for terme in (num, den)]
    )
    return [*num.court, *den.court, *_variances([num, den], lues)]


def _variances(termes: Sequence["_Terme"], lues: Sequence[float]) -> list[float | None]:
    """Return the variances that the marts know, unless they are those of one rounding each."""
    if all(math.isclose(t.variance, lue, abs_tol=1e-6) for t, lue in zip(termes, lues, strict=True)):
        return []
    return [_court(lue) for lue in lues]


@dataclass(frozen=True)
class _Terme:
    """A term: as it was read, the least and the most it may be."""

    valeur: float
    bas: float
    haut: float | None

    @property
    def exact(self) -> bool:
        return self.bas == self.valeur == self.haut

    @property
    def demi(self) -> float:
        """How far above the figure the truth may be."""
        return 0.0 if self.haut is None else self.haut - self.valeur

    @property
    def variance(self) -> float:
        """That of one rounding: every whole number between its ends is as likely."""
        if self.exact or self.haut is None:
            return 0.0
        return ((round(self.haut) - round(self.bas) + 1) ** 2 - 1) / 12

    @property
    def court(self) -> list[float | None]:
        return [_court(terme) for terme in (self.valeur, self.bas, self.haut)]


def _court(terme: float | None) -> float | None:
    """Write a term as short as it is exact enough: most are whole numbers."""
    if terme is None:
        return None
    arrondi = round(terme, _DECIMALES)
    return int(arrondi) if arrondi == int(arrondi) else arrondi
