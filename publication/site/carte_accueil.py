"""The map of the home page, to click: communes, or départements where communes are too many."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from markupsafe import Markup

from publication.commun.lettres import largeur
from publication.lecture.ensembles import MartsEntiers
from publication.lecture.lots import Ligne
from publication.portraits.contenu.contours import contours_de
from publication.portraits.modele import Anneaux
from publication.portraits.svg.cartes import chemin
from publication.site import adresses
from publication.site.noms import COMMUNES_AU_PLUS

_LARGEUR = 600.0
_NOMMEES = 8
"""Communes named on the map, at most: the most peopled."""
_CORPS = 20
"""Letters of a name on a phone, where the map is narrowed; `accueil.css` has it."""
_SIMPLE = 0.004
"""Degrees that the outline of a département may lose: half a pixel on the map of a country."""
_METROPOLE = (-6.0, 41.0, 10.0, 52.0)
"""West, south, east and north of what one map shows; overseas départements are in the list beside it."""


@dataclass(frozen=True)
class CarteAChoisir:
    """A map as one `<svg>`, what its shapes are, and what its outlines are made from."""

    dessin: Markup
    nature: str
    source: str


def a_choisir(marts: MartsEntiers, pages: Mapping[str, str]) -> CarteAChoisir | None:
    """Draw the scope, each shape a link to its commune, or to the communes of its département.

    None without outlines, or without pages.

    One shape takes the keyboard at a time (`ressources/carte.js`), the others are reached by arrows: hundreds
    of stops would stand before the rest of the page.
    """
    if len(marts.communes) > COMMUNES_AU_PLUS:
        return _des_departements(marts)
    contours = contours_de(marts, tuple(c["code"] for c in marts.communes.values()))
    if contours is None:
        return None
    par_code = {c["code"]: c for c in marts.communes.values()}
    ordre = sorted(marts.communes.values(), key=lambda c: (c["epci"] or "", c["code"]))
    formes = [
        (c["libelle"], c["epci_libelle"], pages.get(c["territoire_id"]), contours.communes[c["code"]])
        for c in ordre
        if c["code"] in contours.communes
    ]
    noms = _noms(
        (par_code[code]["libelle"], contours.communes[code])
        for code in contours.principales
        if code in par_code and code in contours.communes
    )
    limites = f'<path class="limites" d="{chemin(contours.epci, 1)}"/>' if contours.epci else ""
    dessin = _svg(formes, limites + noms, contours.largeur, contours.hauteur, "communes")
    return CarteAChoisir(dessin, "commune", contours.source) if dessin else None


def _des_departements(marts: MartsEntiers) -> CarteAChoisir | None:
    """Draw départements, each the union of its communes: the release has no outlines of its own for them."""
    import shapely

    formes: dict[str, Any] = {}
    source = ""
    for t in _departements(marts):
        lus = marts.lignes(
            "select geometrie, source_id from contours_communes inner join dim_territoire using (code)"
            " where niveau = 'commune' and departement = ? order by code",
            [t["code"]],
        )
        tout = shapely.union_all([shapely.from_geojson(ligne["geometrie"]) for ligne in lus])
        ouest, sud, est, nord = _METROPOLE
        if lus and shapely.box(ouest, sud, est, nord).contains(tout):
            formes[t["territoire_id"]] = shapely.simplify(tout, _SIMPLE)
            source = marts.sources[lus[0]["source_id"]]["producteur"]
    if not formes:
        return None
    ouest, sud, est, nord = shapely.union_all(list(formes.values())).bounds
    serre = math.cos(math.radians((sud + nord) / 2))
    echelle = _LARGEUR / ((est - ouest) * serre)

    def anneaux(forme: Any) -> Anneaux:
        return tuple(
            tuple(((x - ouest) * serre * echelle, (nord - y) * echelle) for x, y in polygone.exterior.coords)
            for polygone in getattr(forme, "geoms", [forme])
        )

    dessin = _svg(
        [
            (t["libelle"], None, adresses.communes(t["code"]), anneaux(formes[t["territoire_id"]]))
            for t in _departements(marts)
            if t["territoire_id"] in formes
        ],
        "",
        _LARGEUR,
        (nord - sud) * echelle,
        "départements",
    )
    return CarteAChoisir(dessin, "département", source) if dessin else None


def _departements(marts: MartsEntiers) -> list[Ligne]:
    return [t for t in marts.territoires.values() if t["niveau"] == "departement"]


def _svg(
    formes: Iterable[tuple[str, str | None, str | None, Anneaux]],
    dessus: str,
    large: float,
    haute: float,
    quoi: str,
) -> Markup | None:
    liens = []
    for nom, beside, page, anneaux in formes:
        trace = f'<path d="{chemin(anneaux, 1)}"/>'
        if page is None:
            liens.append(trace)
            continue
        dit = escape(nom if beside is None else f"{nom}, {beside}")
        place = 0 if not any(lien.startswith("<a") for lien in liens) else -1
        liens.append(f'<a href="{escape(page)}" aria-label="{dit}" tabindex="{place}">{trace}</a>')
    if not any(lien.startswith("<a") for lien in liens):
        return None
    return Markup(
        f'<svg viewBox="-1 -1 {large + 2:.0f} {haute + 2:.0f}" role="group"'
        f' aria-label="Carte des {quoi} : flèches pour parcourir, Entrée pour ouvrir">'
        f"{''.join(liens)}{dessus}</svg>"
    )


def _noms(communes: Iterable[tuple[str, Anneaux]]) -> str:
    """Write the first names that leave each other room, at the middle of their longest ring."""
    places: list[tuple[float, float, float]] = []
    dits = []
    for nom, anneaux in communes:
        points = max(anneaux, key=len)
        x, y = (sum(valeurs) / len(valeurs) for valeurs in zip(*points, strict=True))
        demi = max(largeur(nom, _CORPS, gras=True) / 2, _CORPS)
        # Half a name more than the map is wide would be cut.
        libre = all(abs(x - u) > demi + v or abs(y - w) > _CORPS * 1.1 for u, w, v in places)
        if libre and demi <= x <= _LARGEUR - demi:
            places.append((x, y, demi))
            dits.append(f'<text x="{x:.0f}" y="{y:.0f}">{escape(nom)}</text>')
        if len(dits) == _NOMMEES:
            break
    return "".join(dits)
