"""The search of the site and its glossary: what people type, and where it leads."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from publication.commun.alphabet import cle
from publication.commun.territoires import SANS_CHIFFRE
from publication.site import adresses, mots
from publication.site.marts import MartsDuSite
from publication.site.noms import Contenu, lien


def glossaire() -> Contenu:
    """List the terms, in the order of the alphabet."""
    return {"termes": [{"ancre": ancre(t["terme"]), "attention": None, **t} for t in _glossaire()]}


def recherche(marts: MartsDuSite, imprimes: Mapping[str, str]) -> list[list[str | int]]:
    """Return the index of the search: kind, name, code, what stands beside it, page, other words, own page
    or not.

    A commune without a page leads to that of its intercommunalité, and says so.
    """
    index: list[list[str | int]] = []
    for t in (*marts.territoires.values(), *marts.communes.values()):
        page = lien(t, imprimes)["page"]
        if page:
            a_soi = t["territoire_id"] in imprimes
            precision = t["epci_libelle"] or "" if t["niveau"] == "commune" else ""
            if not a_soi:
                precision = f"dans le portrait de {precision}"
            genre = mots.GENRE[t["niveau"]]
            abrege = t["libelle"].replace("Sainte-", "Ste ").replace("Saint-", "St ")
            aussi = abrege if abrege != t["libelle"] else ""
            index.append([genre, t["libelle"], t["code"], precision, page, aussi, int(a_soi)])
    for n in marts.lignes("from noms_sans_chiffre order by code"):
        t = marts.territoires.get(n["territoire_id"]) or marts.communes[n["territoire_id"]]
        if page := lien(t, imprimes)["page"]:
            precision = f"dans les chiffres de {t['libelle']}"
            nature = SANS_CHIFFRE[n["nature"]]
            index.append([nature[0].upper() + nature[1:], n["libelle"], n["code"], precision, page, "", 0])
    for i in marts.dictionnaire.values():
        nom = i["libelle"]
        page = adresses.indicateur(i["indicateur_id"])
        precision = i["theme_libelle"] if i["disponible"] else f"{i['theme_libelle']}, non disponible"
        aussi = " ".join([i["description"] or "", *_aussi_dit(f"{nom} {i['description'] or ''}")])
        index.append(["Indicateur", nom, i["indicateur_id"], precision, page, aussi, 1])
    for s in marts.sources.values():
        page = adresses.source(s["source_id"])
        index.append(["Source", s["titre"], s["source_id"], s["producteur"], page, "", 1])
    for t in _glossaire():
        page = f"{adresses.GLOSSAIRE}#{ancre(t['terme'])}"
        index.append(["Définition", t["terme"], "", "Glossaire", page, "", 1])
    return index


def ancre(texte: str) -> str:
    """Return the id of a term within the page: "Enfant couvert" is `enfant-couvert`."""
    return cle(texte).replace(" ", "-")


@cache
def synonymes() -> dict[str, str]:
    """What people type, by the words of the dictionary that it stands for."""
    texte = files("publication.site").joinpath("synonymes.yml").read_text(encoding="utf-8")
    return {cle(dit): aussi for dit, aussi in yaml.safe_load(texte).items()}


def _aussi_dit(texte: str) -> list[str]:
    mots_du_texte = f" {cle(texte)} "
    return [aussi for dit, aussi in synonymes().items() if f" {dit} " in mots_du_texte]


@cache
def _glossaire() -> list[dict[str, Any]]:
    texte = files("publication.site").joinpath("glossaire.yml").read_text(encoding="utf-8")
    termes: list[dict[str, Any]] = yaml.safe_load(texte)
    return sorted(termes, key=lambda t: (cle(t["terme"]), t["terme"]))


@cache
def termes_par_univers() -> dict[str, str]:
    """Return the term that says what each universe is, by its code."""
    return {code: ancre(t["terme"]) for t in _glossaire() for code in t.get("univers", ())}
