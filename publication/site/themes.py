"""What the page of a theme says, before any HTML: its indicateurs, and their last figures in a few places."""

from collections.abc import Mapping, Sequence

from publication.lecture import jeux
from publication.lecture.annees import annees_du_chiffre
from publication.lecture.ensembles import MartsEntiers
from publication.lecture.lots import Ligne
from publication.portraits.contenu.comparateurs import motif_dit
from publication.site import mots
from publication.site.noms import Contenu, cellule, lien, niveaux_declares, nommer
from publication.site.recherche import ancre
from socle.statuts import MONTRENT

_LIEUX = 3
"""Conventions, or EPCI where there is none, that a page has room for beside the wider territories."""


def lieux(marts: MartsEntiers) -> list[Ligne]:
    """Choose the columns: the last conventions, else the EPCI, where few; then what is wider."""
    recentes: dict[str, Ligne] = {}
    for c in marts.conventions:
        recentes.setdefault(c["territoire_id"], c)
    choisis = [marts.territoires[c["ctg_id"]] for c in recentes.values() if c["ctg_id"] in marts.territoires]
    epci = [t for t in marts.territoires.values() if t["niveau"] == "epci"]
    etroits = choisis or epci
    larges = [t for n in ("departement", "region", "france") for t in _seul(marts, n)]
    return [*(etroits if len(etroits) <= _LIEUX else []), *larges]


def _seul(marts: MartsEntiers, niveau: str) -> list[Ligne]:
    """The territory of a level where there is one: that of the scope, or around it."""
    siens = [t for t in marts.territoires.values() if t["niveau"] == niveau]
    return siens if len(siens) == 1 else []


def theme(marts: MartsEntiers, pages: Mapping[str, str], nom: str, colonnes: Sequence[Ligne]) -> Contenu:
    """Say a theme: a line an indicateur that has a figure in one of the places; the others, and why."""
    membres = [i for i in marts.dictionnaire.values() if i["theme"] == nom]
    lus = jeux.derniers_de(marts, [t["territoire_id"] for t in colonnes])
    lignes, absents = [], []
    for i in membres:
        siens = [lus.get((t["territoire_id"], i["indicateur_id"])) for t in colonnes]
        if any(c is not None and c["statut"] in MONTRENT for c in siens):
            lignes.append(_ligne(marts, i, siens))
        else:
            motif = motif_dit(i["motif_code"], i["motif"]) or next((c["motif"] for c in siens if c), None)
            niveaux = ", ".join(mots.NIVEAUX_DITS[n] for n in niveaux_declares(i))
            absents.append({**nommer(i), "motif": motif or f"se lit ailleurs\u00a0: {niveaux}"})
    return {
        "theme": nom,
        "libelle": marts.themes[nom],
        "colonnes": [
            {**lien(t, pages), "ancre": ancre(nom), "niveau": mots.GENRE[t["niveau"]]} for t in colonnes
        ],
        "lignes": lignes,
        "absents": absents,
        "portraits": [
            {**lien(t, pages), "ancre": ancre(nom)}
            for t in marts.territoires.values()
            if t["niveau"] in ("ctg", "epci") and t["territoire_id"] in pages
        ][:60],
        "autres": [(autre, libelle) for autre, libelle in marts.themes.items() if autre != nom],
    }


def _ligne(marts: MartsEntiers, i: Ligne, siens: Sequence[Ligne | None]) -> Contenu:
    unite = marts.unites[i["unite"]]
    return {
        **nommer(i),
        "univers": i["univers_libelle"],
        "unite": "" if unite.suffixe else unite.libelle_pluriel,
        "chiffres": [c and {**cellule(marts, i, c), "annees": annees_du_chiffre(c)} for c in siens],
    }
