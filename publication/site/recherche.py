"""The search of the site and its glossary: what people type, and where it leads."""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import Any

import yaml

from publication.lecture.alphabet import cle
from publication.lecture.ensembles import MartsEntiers
from publication.lecture.lieux import SANS_CHIFFRE
from publication.lecture.lots import Ligne
from publication.lecture.niveaux import NIVEAUX
from publication.lecture.noms import CODE_POSTAL, CODES, Nom, tous
from publication.lecture.vocabulaire import expressions, vocabulaire
from publication.portraits.contenu.comparateurs import motif_dit
from publication.site import adresses, mots
from publication.site.noms import Contenu, niveaux_declares

_DE_COMMUNE = adresses.commune("CODE", "DEPARTEMENT", True)
_DE_DEPARTEMENT = adresses.commune("CODE", "DEPARTEMENT", False)


def glossaire() -> Contenu:
    """List the terms, in the order of the alphabet."""
    return {"termes": [{"ancre": ancre(t["terme"]), "attention": None, **t} for t in _glossaire()]}


def index(marts: MartsEntiers, pages: Mapping[str, str]) -> Contenu:
    """Return what the script of the search reads, communes apart: words, names, and where each leads.

    `expressions` is that of the vocabulary, with ranks in `indicateurs` for ids. A territory is
    `[niveau, libellé, code, page or null, département, région, population]`, in the order of `Noms`; what has
    a page and nothing else, `[genre, nom, code, précision, page]`.
    """
    rangs = {i: rang for rang, i in enumerate(marts.dictionnaire)}
    return {
        "perimetre": "france:FR" if marts.release["perimetre"] == "france" else marts.release["perimetre"],
        "couvre": marts.edition.perimetre,
        "vides": cle(vocabulaire()["vides"]),
        "codes": CODES,
        "liste": adresses.TERRITOIRES,
        "niveaux": {code: niveau.genre for code, niveau in NIVEAUX.items()},
        "statuts": mots.STATUT,
        "expressions": {
            dite: {**sens, "i": [rangs[i] for i in sens["i"] if i in rangs]} if "i" in sens else sens
            for dite, sens in expressions().items()
        },
        "indicateurs": [_indicateur(marts, i) for i in marts.dictionnaire.values()],
        "territoires": [
            [
                *(t[champ] for champ in ("niveau", "libelle", "code")),
                pages.get(t["territoire_id"]),
                *(t[champ] for champ in ("departement", "region")),
                n.population,
            ]
            for t, n in _dans_l_ordre(marts)
            if t["niveau"] != "commune"
        ],
        "autres": list(_autres(marts, pages)),
    }


def communes(marts: MartsEntiers, peu: bool) -> Contenu:
    """Return communes by département: `[libellé, code, rank of its EPCI in `epci` or -1, population]`.

    `page`: where each leads, with CODE and DEPARTEMENT for its own.
    """
    departements: dict[str, Contenu] = {}
    for c, n in _dans_l_ordre(marts):
        if c["niveau"] == "commune":
            sien = departements.setdefault(
                c["departement"], {"region": c["region"], "epci": [], "communes": []}
            )
            if c["epci"] and c["epci"] not in sien["epci"]:
                sien["epci"].append(c["epci"])
            rang = sien["epci"].index(c["epci"]) if c["epci"] else -1
            sien["communes"].append([c["libelle"], c["code"], rang, n.population])
    return {"page": _DE_COMMUNE if peu else _DE_DEPARTEMENT, "departements": departements}


def noms(marts: MartsEntiers) -> Contenu:
    """Return the names of what is not in the release, and those that territories had.

    `communes`: lines of a code, a name and a population; `territoires`: `[niveau, libellé, code,
    population]`; `autres`: `[nature, libellé, code, territoire_id]`; `postaux`: lines of a postal code and of
    the codes of its communes, without the two first digits that they share.
    """
    lus = tous(marts.con, "n.forme = 'entiere' and not (n.dans_la_publication and n.nature = n.niveau)", {})
    dehors, postaux = [n for n in lus if n.propre], [n for n in lus if n.nature == CODE_POSTAL]
    return {
        "communes": "\n".join(
            f"{n.code} {n.libelle} {n.population or ''}" for n in dehors if n.niveau == "commune"
        ),
        "territoires": [[n.niveau, n.libelle, n.code, n.population] for n in dehors if n.niveau != "commune"],
        "autres": [
            [n.nature, n.libelle, n.code, n.territoire_id]
            for n in lus
            if not n.propre and n.nature != CODE_POSTAL
        ],
        "postaux": "\n".join(
            " ".join([postal, *(n.territoire_id.partition(":")[2].removeprefix(postal[:2]) for n in siens)])
            for postal, siens in groupby(sorted(postaux, key=_code), _code)
        ),
    }


def _code(nom: Nom) -> str:
    return nom.code


def _dans_l_ordre(marts: MartsEntiers) -> Iterator[tuple[Ligne, Nom]]:
    """List all territories in the order in which `Noms` ranks those of one name."""
    for n in tous(marts.con, "n.forme = 'entiere' and n.dans_la_publication and n.nature = n.niveau", {}):
        yield marts.territoires.get(n.territoire_id) or marts.communes[n.territoire_id], n


def _indicateur(marts: MartsEntiers, i: Ligne) -> Contenu:
    unite = marts.unites[i["unite"]]
    sources = marts.usages.get(i["indicateur_id"], set())
    producteurs = (s["producteur"] for nom, s in marts.sources.items() if nom in sources)
    return {
        "id": i["indicateur_id"],
        "nom": i["libelle"],
        "dit": i["description"] or "",
        "theme": ancre(i["theme"]),
        "page": adresses.indicateur(i["indicateur_id"]),
        "univers": i["univers_libelle"],
        "source": " ; ".join(dict.fromkeys(producteurs)),
        # A number that is printed bare takes its unit.
        "unite": ["", ""] if unite.suffixe else [unite.libelle_singulier, unite.libelle_pluriel],
        "niveaux": [mots.NIVEAUX_DITS[n] for n in niveaux_declares(i)],
        "motif": None if i["disponible"] else motif_dit(i["motif_code"], i["motif"]) or "motif non déclaré",
    }


def _autres(marts: MartsEntiers, pages: Mapping[str, str]) -> Iterator[list[str]]:
    for theme, libelle in marts.themes.items():
        yield ["Thème", libelle, theme, "", adresses.theme(theme)]
    for n in tous(marts.con, f"n.dans_la_publication and n.nature not in (n.niveau, '{CODE_POSTAL}')", {}):
        if page := pages.get(n.territoire_id):
            nature = SANS_CHIFFRE.get(n.nature, "ancien nom")
            genre = nature[0].upper() + nature[1:]
            yield [genre, n.libelle, n.code, f"dans les chiffres de {n.territoire_libelle}", page]
    for s in marts.sources.values():
        page = adresses.source(s["source_id"])
        yield ["Source", s["titre"], s["source_id"], s["producteur"], page]
    for terme in _glossaire():
        page = f"{adresses.GLOSSAIRE}#{ancre(terme['terme'])}"
        yield ["Définition", terme["terme"], "", "Glossaire", page]


def ancre(texte: str) -> str:
    """Return the id of a term within the page: "Enfant couvert" is `enfant-couvert`."""
    return cle(texte).replace(" ", "-")


@cache
def _glossaire() -> list[dict[str, Any]]:
    texte = files("publication.site").joinpath("glossaire.yml").read_text(encoding="utf-8")
    termes: list[dict[str, Any]] = yaml.safe_load(texte)
    return sorted(termes, key=lambda t: (cle(t["terme"]), t["terme"]))


@cache
def termes_par_univers() -> dict[str, str]:
    """Return the term that says what each universe is, by its code."""
    return {code: ancre(t["terme"]) for t in _glossaire() for code in t.get("univers", ())}
