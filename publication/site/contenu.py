"""What each page of the site says, before any HTML: plain values that can be compared from night to night.

Belongs here: which rows, in what order, beside which words. Does not: reading (`lecture.py`), the words of
codes (`mots.py`), HTML (`gabarits/`). A territory's page is its portrait, made elsewhere
(`publication.portraits`).

Nothing here names the release: what does is put in afterwards (`rendu.py`), so that a page whose figures did
not change is the same value. Bars and orders are computed from the figures that are shown, and no other: a
masked one has a mark, neither length nor rank.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from publication.commun.alphabet import cle
from publication.commun.annees import annees_dites, annees_du_chiffre
from publication.commun.citation import reference, sources_dites
from publication.commun.marts import TROP_PROCHES
from publication.commun.niveaux import DES_PAGES
from publication.commun.tableur import en_csv
from publication.portraits.contenu.elements import motif_dit
from publication.portraits.contenu.essentiel import refus_dits
from publication.portraits.contenu.langue import majuscule
from publication.site import adresses, mots
from publication.site.lecture import Lecture, Ligne
from socle.affichage import MARQUES, date_longue, intervalle, nombre
from socle.statuts import MONTRENT

Contenu = dict[str, Any]
"""What a page says: texts, numbers and lists of them, nothing else."""

_SERIES_AU_PLUS = 40
"""Territories of a level whose years are all on the page; beyond, its CSV has them."""

_COMMUNES_AU_PLUS = 2_000
"""Communes of the scope listed on a page; beyond, the tables of the release have them."""

_IDS = re.compile(r"[a-z0-9_]+")


def accueil(lecture: Lecture, imprimes: Mapping[str, str]) -> Contenu:
    """Say what the release holds, for whom, how fresh and how sure."""
    montres = {indicateur_id for indicateur_id, _ in lecture.derniers}
    recues = [s for s in lecture.sources.values() if s["etat"] == "recue"]
    parutions = [f["publie_le"] for fs in lecture.fichiers.values() for f in fs if f["publie_le"]]
    return {
        "perimetre": perimetre(lecture),
        "conventions": [_lien(t, imprimes) for t in _de_niveau(lecture, "ctg")],
        "intercommunalites": [_lien(t, imprimes) for t in _de_niveau(lecture, "epci")][:60],
        "nb_intercommunalites": len(_de_niveau(lecture, "epci")),
        "autres": [
            _lien(t, imprimes)
            for niveau in ("departement", "region", "france")
            for t in _de_niveau(lecture, niveau)[:20]
        ],
        "nb_territoires": len(lecture.territoires),
        "communes": _communes_dites(lecture),
        "nb_indicateurs": len(lecture.indicateurs),
        "nb_montres": len(montres),
        "nb_sources": len(lecture.sources),
        "nb_recues": len(recues),
        "derniere_parution": date_longue(max(parutions)) if parutions else None,
        "themes": [
            {
                "theme": theme,
                "libelle": libelle,
                "nb": len(membres),
                "montres": sum(i["indicateur_id"] in montres for i in membres),
            }
            for theme, libelle, membres in _par_theme(lecture)
        ],
        "premiere": lecture.release["precedente"] is None,
        "nb_changements": _compter(lecture.changements),
        "certificat": lecture.certificat["verdict"],
    }


def territoires(lecture: Lecture, imprimes: Mapping[str, str]) -> Contenu:
    """List the territories by level, and communes by the page that tells of them."""
    return {
        "niveaux": [
            {
                "niveau": niveau,
                "titre": mots.NIVEAUX[niveau],
                "territoires": [_lien(t, imprimes) for t in lus],
            }
            for niveau in DES_PAGES
            if niveau != "commune" and (lus := _de_niveau(lecture, niveau))
        ],
        "communes": [_lien(t, imprimes) for t in lecture.communes.values()]
        if len(lecture.communes) <= _COMMUNES_AU_PLUS
        else [],
        "nb_communes": nombre(len(lecture.communes), 0),
    }


def indicateurs(lecture: Lecture) -> Contenu:
    """List the dictionary by theme, with the newest year of each level."""
    return {
        "themes": [
            {
                "theme": theme,
                "libelle": libelle,
                "indicateurs": [
                    {
                        **_nommer(i),
                        "description": i["description"],
                        "disponible": i["disponible"],
                        "motif": motif_dit(i["motif_code"], i["motif"]),
                        "dernier": max(
                            (lecture.derniers.get((i["indicateur_id"], n), 0) for n in DES_PAGES), default=0
                        ),
                        "niveaux": [mots.NIVEAUX[n] for n in _niveaux(i)],
                    }
                    for i in membres
                ],
            }
            for theme, libelle, membres in _par_theme(lecture)
        ]
    }


def sources(lecture: Lecture) -> Contenu:
    """List the sources by producer."""
    return {
        "sources": [
            {
                **_nommer_source(s),
                "etat": s["etat"],
                "etat_libelle": mots.ETAT[s["etat"]],
                "millesimes": s["millesimes"],
                "annees": annees_dites(lecture.annees.get(s["source_id"], ())),
                "attente": s["millesimes_en_attente"],
                "licence": s["licence"],
                "indicateurs": len(_alimentes(lecture, s["source_id"])),
            }
            for s in lecture.sources.values()
        ]
    }


def source(lecture: Lecture, source_id: str) -> Contenu:
    """Say what a source is, which of its files are in use, and what they feed."""
    s = lecture.sources[source_id]
    return {
        **_nommer_source(s),
        "page": s["page"] if str(s["page"] or "").startswith(("https://", "http://")) else None,
        "licence": s["licence"],
        "cadence": s["cadence"],
        "diffusion": mots.DIFFUSION[s["diffusion"]],
        "indispensable": s["indispensable"],
        "etat": s["etat"],
        "etat_libelle": mots.ETAT[s["etat"]],
        "attente": s["millesimes_en_attente"],
        "demonstration": s["demonstration"],
        "annees": annees_dites(lecture.annees.get(source_id, ())),
        "fichiers": [
            {
                "ressource": f["ressource"],
                "membre": f["membre"],
                "millesime": f["millesime"],
                "niveau": mots.NIVEAUX[f["niveau"]] if f["niveau"] in mots.NIVEAUX else f["niveau"],
                "cog": _cog(f),
                "lignes": None if f["lignes"] is None else nombre(f["lignes"], 0),
                "ecartees": f["lignes_ecartees"] or None,
                "publie_le": date_longue(f["publie_le"]) if f["publie_le"] else None,
                "empreinte": f["fichier_id"][:20],
            }
            for f in lecture.fichiers.get(source_id, ())
        ],
        "indicateurs": [
            {**_nommer(i), "utilisee": source_id in lecture.usages.get(i["indicateur_id"], ())}
            for i in _alimentes(lecture, source_id)
        ],
        "changements": [
            {"millesime": f["millesime"], "ressource": f["ressource"], "cause": mots.cause(f["cause"])}
            for f in lecture.lignes("from changements_fichiers where source = ? order by all", [source_id])
        ],
    }


def chiffres_montres(lecture: Lecture, indicateur_id: str) -> tuple[list[Ligne], list[Ligne]]:
    """Return the figures that the page of an indicateur and its CSV hold: above the commune, and of communes.

    Communes are there for their newest year, and where the scope has few enough of them.
    """
    dernier = lecture.derniers.get((indicateur_id, "commune"))
    peu = len(lecture.communes) <= _COMMUNES_AU_PLUS
    return (
        lecture.chiffres(indicateur_id),
        lecture.chiffres_des_communes(indicateur_id, dernier) if dernier and peu else [],
    )


def indicateur(
    lecture: Lecture,
    indicateur_id: str,
    imprimes: Mapping[str, str],
    chiffres: list[Ligne],
    communes: list[Ligne],
) -> Contenu:
    """Say what an indicateur is, how complete, and its figures on the territories of the scope."""
    i = lecture.indicateurs[indicateur_id]
    unite = lecture.unites[i["unite"]]
    nb_valeurs = len(chiffres) + len(communes)
    # A date or a zoning neither rises nor falls.
    croit = unite.nature == "nombre"
    utilisees = [s for s in lecture.sources if s in lecture.usages.get(indicateur_id, ())]

    def cellule(c: Ligne) -> Contenu:
        bornes = intervalle(c["borne_basse"], c["borne_haute"], unite, i["decimales"])
        return {
            "reference": reference(indicateur_id, c["territoire_id"], c["millesime"]),
            "texte": c["valeur_affichee"],
            "statut": c["statut"],
            "motif": c["motif"],
            "bornes": bornes,
            "millesime": c["millesime"],
        }

    def a_citer(c: Ligne) -> Contenu:
        nue = c["valeur"] is not None and unite.libelle_pluriel and not unite.suffixe
        return {
            **cellule(c),
            "source": sources_dites(c, lecture.sources),
            "unite_dite": f"\u00a0{unite.libelle(c['valeur'])}" if nue else "",
        }

    lus = {
        niveau: [
            c
            for c in chiffres
            if c["niveau"] == niveau and c["millesime"] == lecture.derniers.get((indicateur_id, niveau))
        ]
        for niveau in DES_PAGES
    }
    if i["comparable"]:
        toutes = _barres([c for siens in lus.values() for c in siens])
        barres_du = dict.fromkeys(lus, toutes)
    else:
        barres_du = {niveau: _barres(siens) for niveau, siens in lus.items()}
    # On the scale of a Région, a count of its EPCI would leave nothing to see: each level has its own.
    echelles = 1 if i["comparable"] else sum(map(bool, barres_du.values()))
    groupes = []
    for niveau, siens in lus.items():
        if siens:
            par_id = {c["territoire_id"]: c for c in siens}
            barres = barres_du[niveau]
            lignes = [
                {**_lien(t, imprimes), **a_citer(c), "barre": barres.get(t["territoire_id"])}
                for t in lecture.territoires.values()
                if (c := par_id.get(t["territoire_id"]))
            ]
            groupes.append(
                {
                    "niveau": niveau,
                    "titre": mots.NIVEAUX[niveau],
                    "millesime": siens[0]["millesime"],
                    "annees": annees_du_chiffre(siens[0]),
                    "source": _source_commune(lignes),
                    "echelle_propre": bool(barres) and echelles > 1,
                    "lignes": lignes,
                }
            )
    communes_citees = [{"code": c["code"], "libelle": c["libelle"], **a_citer(c)} for c in communes]
    return {
        **_nommer(i),
        "theme": i["theme"],
        "theme_libelle": i["theme_libelle"],
        "description": i["description"],
        "disponible": i["disponible"],
        "motif": motif_dit(i["motif_code"], i["motif"]),
        "refus": refus_dits()[TROP_PROCHES] if indicateur_id in lecture.trop_proches else None,
        "univers": i["univers_libelle"],
        "univers_terme": _termes_par_univers().get(i["univers"]),
        "unite": unite.libelle_pluriel,
        "unite_singulier": unite.libelle_singulier,
        "unite_dite": unite.libelle_pluriel or mots.SANS_UNITE[unite.nature],
        "methode": mots.METHODE[i["methode"]],
        "formule": _formule(i),
        "polarite": mots.POLARITE[i["polarite"]] if croit else None,
        "hausse": mots.HAUSSE[i["polarite"]] if croit else None,
        "secret": mots.SECRET[i["secret"]],
        "niveaux": [mots.NIVEAUX[n] for n in _niveaux(i)],
        "sources": [
            {**_nommer_source(lecture.sources[s]), "utilisee": s in lecture.usages.get(indicateur_id, ())}
            for s in _sources_citees(i)
            if s in lecture.sources
        ],
        "sources_prevues": [s for s in _sources_citees(i) if s not in lecture.sources],
        "dernier": max((g["millesime"] for g in groupes), default=None),
        "producteurs": list(dict.fromkeys(lecture.sources[s]["producteur"] for s in utilisees)),
        "groupes": groupes,
        "legende": _legende(unite.libelle_pluriel, groupes),
        "series": _series(lecture, indicateur_id, chiffres, imprimes, cellule),
        "completude": _completude(lecture, indicateur_id),
        "ruptures": [
            {
                "millesime": r["millesime"],
                "nature": mots.NATURE_DE_RUPTURE[r["nature"]],
                "detail": _detail(r),
                "lieux": _lieux(r),
                "de_l_annee": r["nature"] in mots.RUPTURES_D_UNE_ANNEE,
            }
            for r in lecture.ruptures.get(indicateur_id, ())
        ],
        "communes": communes_citees,
        "communes_millesime": communes[0]["millesime"] if communes else None,
        "communes_annees": annees_du_chiffre(communes[0]) if communes else None,
        "communes_source": _source_commune(communes_citees),
        "changements": _causes(c for c in lecture.changements if c["indicateur_id"] == indicateur_id),
        "valeurs": adresses.valeurs(indicateur_id),
        "telecharger": "la valeur" if nb_valeurs == 1 else f"les {nombre(nb_valeurs, 0)} valeurs",
    }


def _legende(unite: str, groupes: Sequence[Contenu]) -> str:
    """Say what stands above the newest figures: their unit where it has a name, how to read their bars."""
    dites = [f"En {unite}."] if unite else []
    if any(g["echelle_propre"] for g in groupes):
        dites.append(
            "Chaque niveau de territoires a sa propre échelle : une barre ne se compare qu'à celles de son"
            " groupe."
        )
    if any("basse" in (c["barre"] or ()) for g in groupes for c in g["lignes"]):
        dites.append("Le trait sur une barre va d'une borne à l'autre.")
    return " ".join(dites)


def _lieux(rupture: Ligne) -> list[str]:
    """Say where a series breaks: whole levels by their names, then how many territories beside them."""
    lieux = [mots.NIVEAUX_DITS[n] for n in mots.NIVEAUX_DITS if n in rupture["niveaux"]]
    if rupture["territoires"]:
        lieux.append(_compte(rupture["territoires"], "territoire"))
    return lieux


def _detail(rupture: Ligne) -> str | None:
    if rupture["nature"] == "source":
        # The detail is that of one level.
        return "Le fichier CSV dit la source de chaque chiffre."
    return majuscule(rupture["detail"]) if rupture["detail"] else None


def valeurs(lecture: Lecture, indicateur_id: str, lignes: Iterable[Ligne]) -> str:
    """Write figures of an indicateur as a French spreadsheet opens them."""
    i = lecture.indicateurs[indicateur_id]
    flux = io.StringIO()
    plume = csv.writer(flux, delimiter=";", lineterminator="\r\n")
    plume.writerow(
        [
            *("\ufeffindicateur_id", "territoire_id", "niveau", "libelle", "millesime", "valeur"),
            *("valeur_affichee", "borne_basse", "borne_haute", "unite", "statut", "motif", "sources"),
            *("champ", "demonstration"),
        ]
    )
    for c in lignes:
        territoire = lecture.territoires.get(c["territoire_id"]) or lecture.communes[c["territoire_id"]]
        marque = MARQUES.get(c["statut"])
        plume.writerow(
            [
                *(indicateur_id, c["territoire_id"], c["niveau"]),
                *(en_csv(territoire["libelle"]), c["millesime"], marque or en_csv(c["valeur"])),
                c["valeur_affichee"],
                *(marque or en_csv(c[borne]) for borne in ("borne_basse", "borne_haute")),
                *(lecture.unites[i["unite"]].libelle_pluriel, c["statut"], c["motif"], c["source_ids"]),
                *(c["champ"], "oui" if c["demonstration"] else "non"),
            ]
        )
    return flux.getvalue()


def publication(lecture: Lecture) -> Contenu:
    """Say what the release is, what its certificate found, and what changed since the last one."""
    fichiers = lecture.lignes("from changements_fichiers order by source, millesime desc, ressource")
    return {
        "perimetre": perimetre(lecture),
        "premiere": lecture.release["precedente"] is None,
        "nb_chiffres": nombre(sum(_totaux(lecture).values()), 0),
        "statuts": _par_statut(lecture),
        "causes": _causes(lecture.changements),
        "nb_changements": _compter(lecture.changements),
        "themes": _changements_par_indicateur(lecture),
        "fichiers": [
            {
                **(_nommer_source(lecture.sources[f["source"]]) if f["source"] in lecture.sources else {}),
                "ressource": f["ressource"],
                "millesime": f["millesime"],
                "cause": mots.cause(f["cause"]),
            }
            for f in fichiers
        ],
        "certificat": _certificat(lecture.certificat),
        "attentes": [
            {**_nommer_source(s), "millesimes": s["millesimes_en_attente"]}
            for s in lecture.sources.values()
            if s["millesimes_en_attente"]
        ],
        "absentes": [_nommer_source(s) for s in lecture.sources.values() if s["etat"] == "jamais_recue"],
        "prevues": sorted(
            {s for i in lecture.indicateurs.values() for s in _sources_citees(i) if s not in lecture.sources}
        ),
    }


def guide(lecture: Lecture) -> Contenu:
    """Say how a release is read: statuts with examples of this very release."""
    exemples = {
        e["statut"]: e
        for e in lecture.lignes(
            # A rate of an EPCI where there is one. What is planned for a year to come is no example of what
            # was observed.
            "select statut, indicateur_id, territoire_id, millesime, valeur_affichee, borne_basse,"
            " borne_haute, f.motif from fct_indicateurs as f inner join dim_indicateur using (indicateur_id)"
            " where niveau <> 'commune' and millesime <= (select year(publiee_le) from dim_release)"
            " qualify row_number() over (partition by statut order by not comparable, niveau <> 'epci',"
            " millesime desc, territoire_id, indicateur_id) = 1"
        )
    }
    statuts = []
    for statut, libelle in mots.STATUT.items():
        exemple = None
        if e := exemples.get(statut):
            i = lecture.indicateurs[e["indicateur_id"]]
            exemple = {
                **_nommer(i),
                "territoire": lecture.territoires[e["territoire_id"]]["libelle"],
                "millesime": e["millesime"],
                "reference": reference(e["indicateur_id"], e["territoire_id"], e["millesime"]),
                "texte": e["valeur_affichee"],
                "bornes": intervalle(
                    e["borne_basse"], e["borne_haute"], lecture.unites[i["unite"]], i["decimales"]
                ),
                "motif": e["motif"],
            }
        statuts.append(
            {
                "statut": statut,
                "libelle": libelle,
                "marque": MARQUES.get(statut),
                "sens": mots.STATUT_EN_CLAIR[statut],
                "exemple": exemple,
            }
        )
    return {"statuts": statuts}


def glossaire() -> Contenu:
    """List the terms, in the order of the alphabet."""
    return {"termes": [{"ancre": ancre(t["terme"]), "attention": None, **t} for t in _glossaire()]}


def recherche(lecture: Lecture, imprimes: Mapping[str, str]) -> list[list[str | int]]:
    """Return the index of the search: kind, name, code, what stands beside it, page, other words, own page
    or not.

    A commune without a page leads to that of its intercommunalité, and says so.
    """
    index: list[list[str | int]] = []
    for t in (*lecture.territoires.values(), *lecture.communes.values()):
        lien = _lien(t, imprimes)
        if lien["page"]:
            a_soi = t["territoire_id"] in imprimes
            precision = t["epci_libelle"] or "" if t["niveau"] == "commune" else ""
            if not a_soi:
                precision = f"dans le portrait de {precision}"
            genre = mots.GENRE[t["niveau"]]
            abrege = t["libelle"].replace("Sainte-", "Ste ").replace("Saint-", "St ")
            aussi = abrege if abrege != t["libelle"] else ""
            index.append([genre, t["libelle"], t["code"], precision, lien["page"], aussi, int(a_soi)])
    for i in lecture.indicateurs.values():
        nom = i["libelle"]
        page = adresses.indicateur(i["indicateur_id"])
        precision = i["theme_libelle"] if i["disponible"] else f"{i['theme_libelle']}, non disponible"
        aussi = " ".join([i["description"] or "", *_aussi_dit(f"{nom} {i['description'] or ''}")])
        index.append(["Indicateur", nom, i["indicateur_id"], precision, page, aussi, 1])
    for s in lecture.sources.values():
        page = adresses.source(s["source_id"])
        index.append(["Source", s["titre"], s["source_id"], s["producteur"], page, "", 1])
    for t in _glossaire():
        page = f"{adresses.GLOSSAIRE}#{ancre(t['terme'])}"
        index.append(["Définition", t["terme"], "", "Glossaire", page, "", 1])
    return index


def perimetre(lecture: Lecture) -> str:
    """Word the scope of the release: "Drôme" for `departement:26`."""
    demande = lecture.release["perimetre"]
    connu = lecture.territoires.get("france:FR" if demande == "france" else demande)
    return str(connu["libelle"]) if connu else str(demande)


def _communes_dites(lecture: Lecture) -> str:
    """Count the communes of the scope: those of its département, and those that its EPCI bring.

    departement:26 of 492 communes, 362 of them in the Drôme
        362 communes du département et 130 d'EPCI qui le touchent
    """
    touche = {
        "departement": ("du département", "d'EPCI qui le touchent"),
        "region": ("de la région", "d'EPCI qui la touchent"),
    }
    demande = lecture.territoires.get(lecture.release["perimetre"])
    tous = len(lecture.communes)
    if demande and demande["niveau"] in touche:
        siennes = sum(c[demande["niveau"]] == demande["code"] for c in lecture.communes.values())
        dedans, dehors = touche[demande["niveau"]]
        if siennes < tous:
            return f"{_compte(siennes, 'commune')} {dedans} et {nombre(tous - siennes, 0)} {dehors}"
    return _compte(tous, "commune")


def _compte(n: int, mot: str) -> str:
    return f"{nombre(n, 0)} {mot}{'s' if n > 1 else ''}"


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
def _termes_par_univers() -> dict[str, str]:
    return {code: ancre(t["terme"]) for t in _glossaire() for code in t.get("univers", ())}


def _de_niveau(lecture: Lecture, niveau: str) -> list[Ligne]:
    return [t for t in lecture.territoires.values() if t["niveau"] == niveau]


def _lien(t: Ligne, imprimes: Mapping[str, str]) -> Contenu:
    """Name a territory, say what it is, and where its page is; a commune has that of its intercommunalité."""
    page = imprimes.get(t["territoire_id"])
    if t["niveau"] == "commune":
        precision = f"Commune, {t['epci_libelle']}" if t["epci_libelle"] else "Commune"
        if not page and t["epci"]:
            page = imprimes.get(f"epci:{t['epci']}")
    else:
        precision = mots.NIVEAU[t["niveau"]]
    return {
        "territoire_id": t["territoire_id"],
        "libelle": t["libelle"],
        "code": t["code"],
        "precision": precision,
        "page": page,
    }


def _nommer(i: Ligne) -> Contenu:
    return {
        "indicateur_id": i["indicateur_id"],
        "libelle": i["libelle"],
        "page": adresses.indicateur(i["indicateur_id"]),
    }


def _nommer_source(s: Ligne) -> Contenu:
    return {
        "source_id": s["source_id"],
        "titre": s["titre"],
        "producteur": s["producteur"],
        "page_source": adresses.source(s["source_id"]),
    }


def _par_theme(lecture: Lecture) -> list[tuple[str, str, list[Ligne]]]:
    themes: dict[tuple[str, str], list[Ligne]] = {}
    for i in lecture.indicateurs.values():
        themes.setdefault((i["theme"], i["theme_libelle"]), []).append(i)
    return [(theme, libelle, membres) for (theme, libelle), membres in themes.items()]


def _niveaux(i: Ligne) -> list[str]:
    declares = str(i["niveaux"]).split("+")
    return [n for n in DES_PAGES if n in declares]


def _cog(fichier: Ligne) -> str | None:
    """The COG that a file names its communes in, or the first and the last of those of its lines."""
    premier, dernier = fichier["cog_premier"], fichier["cog_millesime"]
    if dernier is None:
        return None
    return f"{premier} à {dernier}" if premier and premier < dernier else str(dernier)


def _source_commune(lignes: Iterable[Contenu]) -> str:
    """Name the sources that most of some figures have: a page says the others beside each."""
    dites = Counter(ligne["source"] for ligne in lignes)
    return max(sorted(dites), key=dites.__getitem__, default="")


def _sources_citees(i: Ligne) -> list[str]:
    """List the sources that the dictionary names for an indicateur: `a > b + c`."""
    return list(dict.fromkeys(_IDS.findall(i["sources"] or "")))


def _alimentes(lecture: Lecture, source_id: str) -> list[Ligne]:
    return [
        i
        for i in lecture.indicateurs.values()
        if source_id in _sources_citees(i) or source_id in lecture.usages.get(i["indicateur_id"], ())
    ]


def _formule(i: Ligne) -> str | None:
    """Write the formula with the names of its mesures: `100 × a ÷ (b + c)`."""
    if not i["numerateur"]:
        return None
    haut, bas = i["numerateur"], i["denominateur"]
    if bas:
        haut, bas = (f"({cote})" if " " in cote else cote for cote in (haut, bas))
        fois = f"{nombre(i['facteur'], 0)} × " if (i["facteur"] or 1) != 1 else ""
        return f"{fois}{haut} ÷ {bas}"
    return f"{haut}, à {i['decalage']} ans d'écart" if i["decalage"] else str(haut)


def _barres(chiffres: Iterable[Ligne]) -> dict[str, Contenu]:
    """Place the bar of each shown figure between the lowest and the highest, zero included, in percents.

    3 250 [3 138; 3 518] and 1 000, no other     from 0 to 92.4, bounds from 89.2 to 100; and from 0 to 28.4
    a figure under statut secret                  nothing
    """
    montres = [c for c in chiffres if c["statut"] in MONTRENT and c["valeur"] is not None]
    if len(montres) < 2:
        return {}
    bouts = [v for c in montres for v in (c["valeur"], c["borne_basse"], c["borne_haute"]) if v is not None]
    bas, haut = min(0.0, *bouts), max(0.0, *bouts)
    if bas == haut:
        return {}

    def place(valeur: float) -> float:
        return round(100 * float((valeur - bas) / (haut - bas)), 1)

    rangs = {valeur: rang for rang, valeur in enumerate(sorted({c["valeur"] for c in montres}))}
    barres = {}
    for c in montres:
        debut, fin = sorted((place(0.0), place(c["valeur"])))
        barre: Contenu = {"debut": debut, "largeur": round(fin - debut, 1), "ordre": rangs[c["valeur"]]}
        if None not in (c["borne_basse"], c["borne_haute"]) and c["borne_basse"] < c["borne_haute"]:
            basse, haute = place(c["borne_basse"]), place(c["borne_haute"])
            barre |= {"basse": basse, "etendue": round(haute - basse, 1)}
        barres[c["territoire_id"]] = barre
    return barres


def _series(
    lecture: Lecture,
    indicateur_id: str,
    chiffres: list[Ligne],
    imprimes: Mapping[str, str],
    cellule: Callable[[Ligne], Contenu],
) -> Contenu | None:
    """Put the years of a territory in a row, for the levels that are short enough."""
    longs = {n for n in DES_PAGES if lecture.effectifs.get(n, 0) > _SERIES_AU_PLUS}
    gardes = [c for c in chiffres if c["niveau"] not in longs]
    annees = sorted({c["millesime"] for c in gardes})
    if len(annees) < 2:
        return None
    par_cle = {(c["territoire_id"], c["millesime"]): c for c in gardes}
    presents = {c["territoire_id"] for c in gardes}
    # Those that hold for all of a level that is here: a change of one territory is told below.
    niveaux = {c["niveau"] for c in gardes}
    rompues = {
        r["millesime"]
        for r in lecture.ruptures.get(indicateur_id, ())
        if not niveaux.isdisjoint(r["niveaux"])
    }
    return {
        "annees": [{"annee": a, "rompue": a in rompues} for a in annees],
        "absents": [
            mots.NIVEAUX[n] for n in DES_PAGES if n in longs and any(c["niveau"] == n for c in chiffres)
        ],
        "lignes": [
            {
                **_lien(t, imprimes),
                "cellules": [
                    cellule(c) if (c := par_cle.get((t["territoire_id"], a))) else None for a in annees
                ],
            }
            for t in lecture.territoires.values()
            if t["territoire_id"] in presents
        ],
    }


def _completude(lecture: Lecture, indicateur_id: str) -> Contenu | None:
    """Count, by year and level, the territories that have a figure, and what the others have instead."""
    comptes = lecture.comptes.get(indicateur_id, {})
    niveaux = [n for n in DES_PAGES if any(n in par_niveau for par_niveau in comptes.values())]
    if not niveaux:
        return None
    annees = []
    for millesime in sorted(comptes, reverse=True):
        cellules = []
        for niveau in niveaux:
            statuts = comptes[millesime].get(niveau, {})
            montres = sum(statuts.get(s, 0) for s in MONTRENT)
            total = lecture.effectifs.get(niveau, 0)
            cellules.append(
                {
                    "montres": nombre(montres, 0),
                    "total": nombre(total, 0),
                    "etat": "plein" if montres == total else "vide" if not montres else "moitie",
                    "details": [
                        f"{nombre(statuts[s], 0)} {mots.STATUT[s]}"
                        for s in mots.STATUT
                        if s != "observe" and statuts.get(s)
                    ],
                }
            )
        annees.append({"millesime": millesime, "cellules": cellules})
    return {"niveaux": [mots.NIVEAUX[n] for n in niveaux], "annees": annees}


def _totaux(lecture: Lecture) -> Counter[str]:
    """Count the figures of the release by statut."""
    totaux: Counter[str] = Counter()
    for par_an in lecture.comptes.values():
        for par_niveau in par_an.values():
            for par_statut in par_niveau.values():
                totaux.update(par_statut)
    return totaux


def _par_statut(lecture: Lecture) -> list[Contenu]:
    totaux = _totaux(lecture)
    tous = sum(totaux.values()) or 1
    return [
        {
            "statut": statut,
            "libelle": libelle,
            "nombre": nombre(totaux[statut], 0),
            "part": round(100 * totaux[statut] / tous, 1),
        }
        for statut, libelle in mots.STATUT.items()
    ]


def _compter(changements: Iterable[Ligne]) -> str:
    return nombre(sum(c["ajouts"] + c["retraits"] + c["modifications"] for c in changements), 0)


def _causes(changements: Iterable[Ligne]) -> list[Contenu]:
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


def _changements_par_indicateur(lecture: Lecture) -> list[Contenu]:
    par_indicateur: dict[str, list[Ligne]] = {}
    for c in lecture.changements:
        par_indicateur.setdefault(c["indicateur_id"], []).append(c)
    return [
        {
            **_nommer(lecture.indicateurs[indicateur_id]),
            "nombre": _compter(siens),
            "causes": sorted({mots.cause(c["cause"]) for c in siens}),
        }
        for indicateur_id, siens in sorted(
            par_indicateur.items(), key=lambda p: (-sum(c["modifications"] for c in p[1]), p[0])
        )
        if indicateur_id in lecture.indicateurs
    ]


def _certificat(certificat: Mapping[str, Any]) -> Contenu:
    cellules = certificat["cellules"]
    return {
        "conforme": certificat["verdict"] == "conforme",
        "verdict": certificat["verdict"],
        "vide": not cellules["auditees"],
        "auditees": nombre(cellules["auditees"], 0),
        "masquees": nombre(cellules["masquees"], 0),
        "formes": nombre(cellules["formes_protegees"], 0),
        "equations": nombre(certificat["systeme"]["equations"], 0),
        "rang": certificat["registre"]["rang"],
        "incidents": certificat["divulgations_anterieures"],
    }
