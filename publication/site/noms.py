"""How pages name a territory, an indicateur, a source, a count, and lead to its page."""

from collections.abc import Iterable, Mapping
from typing import Any

from publication.lecture.citation import reference
from publication.lecture.lots import Ligne
from publication.lecture.marts import Marts
from publication.lecture.niveaux import DES_PAGES
from publication.lecture.statuts import statut_dit
from publication.site import adresses, mots
from socle.affichage import Unite, intervalle, nombre

Contenu = dict[str, Any]
"""What a page says: texts, numbers and lists of them, nothing else."""
COMMUNES_AU_PLUS = 2_000
"""Communes of the scope listed on a page; beyond, the tables of the release have them."""


def compte(n: int, mot: str) -> str:
    """Count in words: `1 commune`, `12 communes`."""
    return f"{nombre(n, 0)} {mot}{'s' if n > 1 else ''}"


def bornes_dites(c: Ligne, unite: Unite, decimales: int) -> str | None:
    """Word the bounds of a figure beside it; None of what is no point, which its bounds print, or nothing."""
    if c["lisibilite"] != "point":
        return None
    return intervalle(c["borne_basse"], c["borne_haute"], unite, decimales)


def cellule(marts: Marts, i: Ligne, c: Ligne) -> Contenu:
    """Return a figure as the macro `valeur` prints it, of a row of its table."""
    bornes, point = bornes_dites(c, marts.unites[i["unite"]], i["decimales"]), c["lisibilite"] == "point"
    statut = statut_dit(c["statut"], i["indicateur_id"] in marts.prevus)
    dite = ", ".join(filter(None, (statut, bornes)))
    return {
        "reference": reference(i["indicateur_id"], c["territoire_id"], c["millesime"]),
        "texte": c["valeur_affichee"],
        # A range says by itself that it is rounded.
        "signe": "" if c["statut"] == "arrondi" and not point else mots.SIGNE.get(c["statut"], ""),
        "dite": dite,
        "precision": f"{dite} : {c['motif']}" if c["motif"] else dite,
        "statut": c["statut"],
        "motif": c["motif"],
        "bornes": bornes,
        "millesime": c["millesime"],
    }


def lien(t: Ligne, pages: Mapping[str, str]) -> Contenu:
    """Name a territory, say what it is, and where its page is."""
    precision = mots.NIVEAU[t["niveau"]]
    if t["niveau"] == "commune" and t["epci_libelle"]:
        precision = f"Commune, {t['epci_libelle']}"
    return {
        "territoire_id": t["territoire_id"],
        "libelle": t["libelle"],
        "code": t["code"],
        "precision": precision,
        "page": pages.get(t["territoire_id"]),
    }


def nommer(i: Ligne) -> Contenu:
    """Name an indicateur, and say where its page is."""
    return {
        "indicateur_id": i["indicateur_id"],
        "libelle": i["libelle"],
        "page": adresses.indicateur(i["indicateur_id"]),
    }


def nommer_source(s: Ligne) -> Contenu:
    """Name a source, and say where its page is."""
    return {
        "source_id": s["source_id"],
        "titre": s["titre"],
        "producteur": s["producteur"],
        "page_source": adresses.source(s["source_id"]),
    }


def niveaux_declares(i: Ligne) -> list[str]:
    """List the levels that the dictionary declares of an indicateur, in the order of pages."""
    declares = str(i["niveaux"]).split("+")
    return [n for n in DES_PAGES if n in declares]


def compter(changements: Iterable[Ligne]) -> str:
    """Count the figures that changed."""
    return nombre(sum(c["ajouts"] + c["retraits"] + c["modifications"] for c in changements), 0)


def causes(changements: Iterable[Ligne]) -> list[Contenu]:
    """Add up changes by cause, the most frequent first, communes apart."""
    totaux: dict[str, dict[str, int]] = {}
    for c in changements:
        total = totaux.setdefault(
            c["cause"], {"ajouts": 0, "retraits": 0, "modifications": 0, "communes": 0, "tous": 0}
        )
        somme = c["ajouts"] + c["retraits"] + c["modifications"]
        for champ in ("ajouts", "retraits", "modifications"):
            total[champ] += c[champ]
        total["tous"] += somme
        total["communes"] += somme if c["niveau"] == "commune" else 0
    return [
        {"cause": mots.cause(cause), **{champ: nombre(n, 0) for champ, n in total.items()}}
        for cause, total in sorted(totaux.items(), key=lambda t: (-t[1]["tous"], t[0]))
    ]
