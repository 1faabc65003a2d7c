"""What the pages that there is one of say, and those of sources, before any HTML."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from publication.lecture.annees import annees_dites
from publication.lecture.citation import reference, sources_citees
from publication.lecture.ensembles import MartsEntiers
from publication.lecture.jeux import exemples_des_statuts
from publication.lecture.lots import Ligne
from publication.lecture.niveaux import DES_PAGES
from publication.portraits.contenu.comparateurs import motif_dit
from publication.site import adresses, mots
from publication.site.carte_accueil import CarteAChoisir
from publication.site.noms import (
    COMMUNES_AU_PLUS,
    Contenu,
    bornes_dites,
    causes,
    compte,
    compter,
    lien,
    niveaux_declares,
    nommer,
    nommer_source,
)
from publication.site.nouveautes import nouveautes
from socle.affichage import MARQUES, date_longue, nombre


def accueil(marts: MartsEntiers, pages: Mapping[str, str], carte: CarteAChoisir | None) -> Contenu:
    """Say what the release holds, for whom, how fresh and how sure; `carte`: the one to click."""
    montres = {indicateur_id for indicateur_id, _ in marts.derniers}
    recues = [s for s in marts.sources.values() if s["etat"] == "recue"]
    parutions = [f["publie_le"] for fs in marts.fichiers.values() for f in fs if f["publie_le"]]
    return {
        "perimetre": marts.perimetre,
        "conventions": [lien(t, pages) for t in _de_niveau(marts, "ctg")],
        "intercommunalites": [lien(t, pages) for t in _de_niveau(marts, "epci")][:60],
        "nb_intercommunalites": len(_de_niveau(marts, "epci")),
        "autres": [
            lien(t, pages)
            for niveau in ("departement", "region", "france")
            for t in _de_niveau(marts, niveau)[:20]
        ],
        "nb_territoires": len(marts.territoires),
        "communes": _communes_dites(marts),
        "nb_indicateurs": len(marts.dictionnaire),
        "nb_montres": len(montres),
        "nb_sources": len(marts.sources),
        "nb_recues": len(recues),
        "derniere_parution": date_longue(max(parutions)) if parutions else None,
        "themes": [
            {
                "theme": theme,
                "libelle": libelle,
                "nb": len(membres),
                "montres": sum(i["indicateur_id"] in montres for i in membres),
            }
            for theme, libelle, membres in _par_theme(marts)
        ],
        "carte": carte,
        "premiere": marts.release["precedente"] is None,
        "nouveautes": nouveautes(marts, pages),
        "nb_changements": compter(marts.changements),
        "certificat": marts.certificat["verdict"],
    }


def territoires(marts: MartsEntiers, pages: Mapping[str, str]) -> Contenu:
    """List the territories by level, and communes by the page that tells of them."""
    sans_page = {t: fait["niveau"] for t, fait in marts.territoires.items() if t not in pages}
    return {
        # One of them, as the command that prints it takes it.
        "sans_page": next(
            (t for t, niveau in sans_page.items() if niveau == "epci"), next(iter(sans_page), None)
        ),
        "niveaux": [
            {
                "niveau": niveau,
                "titre": mots.NIVEAUX[niveau],
                "territoires": [lien(t, pages) for t in lus],
            }
            for niveau in DES_PAGES
            if niveau != "commune" and (lus := _de_niveau(marts, niveau))
        ],
        "communes": [lien(t, pages) for t in marts.communes.values()]
        if len(marts.communes) <= COMMUNES_AU_PLUS
        else [],
        "nb_communes": nombre(len(marts.communes), 0),
        "departements": [
            {"libelle": nom, "code": code, "page": adresses.communes(code)}
            for code, nom in marts.departements.items()
        ],
    }


def indicateurs(marts: MartsEntiers) -> Contenu:
    """List the dictionary by theme, with the newest year of each level."""
    return {
        "themes": [
            {
                "theme": theme,
                "libelle": libelle,
                "indicateurs": [
                    {
                        **i,
                        **nommer(i),
                        "motif": motif_dit(i["motif_code"], i["motif"]),
                        "dernier": max(
                            (marts.derniers.get((i["indicateur_id"], n), 0) for n in DES_PAGES), default=0
                        ),
                        "niveaux": [mots.NIVEAUX[n] for n in niveaux_declares(i)],
                    }
                    for i in membres
                ],
            }
            for theme, libelle, membres in _par_theme(marts)
        ]
    }


def sources(marts: MartsEntiers) -> Contenu:
    """List the sources by producer."""
    return {
        "sources": [
            {
                **s,
                **nommer_source(s),
                "etat_libelle": mots.ETAT[s["etat"]],
                "annees": annees_dites(marts.annees.get(s["source_id"], ())),
                "attente": s["millesimes_en_attente"],
                "indicateurs": len(_alimentes(marts, s["source_id"])),
            }
            for s in marts.sources.values()
        ]
    }


def source(marts: MartsEntiers, source_id: str) -> Contenu:
    """Say what a source is, which of its files are in use, and what they feed."""
    s = marts.sources[source_id]
    return {
        **s,
        **nommer_source(s),
        "page": s["page"] if str(s["page"] or "").startswith(("https://", "http://")) else None,
        "diffusion": mots.DIFFUSION[s["diffusion"]],
        "etat_libelle": mots.ETAT[s["etat"]],
        "attente": s["millesimes_en_attente"],
        "annees": annees_dites(marts.annees.get(source_id, ())),
        "fichiers": [
            {
                **f,
                "niveau": mots.NIVEAUX[f["niveau"]] if f["niveau"] in mots.NIVEAUX else f["niveau"],
                "cog": _cog(f),
                "lignes": None if f["lignes"] is None else nombre(f["lignes"], 0),
                "ecartees": f["lignes_ecartees"] or None,
                "publie_le": date_longue(f["publie_le"]) if f["publie_le"] else None,
                "empreinte": f["fichier_id"][:20],
            }
            for f in marts.fichiers.get(source_id, ())
        ],
        "erreurs": marts.lignes(
            "select distinct millesime, ressource, constat, effet from erreurs_connues where source_id = ?"
            " order by all",
            [source_id],
        ),
        "indicateurs": [
            {**nommer(i), "utilisee": source_id in marts.usages.get(i["indicateur_id"], ())}
            for i in _alimentes(marts, source_id)
        ],
        "changements": [
            {"millesime": f["millesime"], "ressource": f["ressource"], "cause": mots.cause(f["cause"])}
            for f in marts.lignes("from changements_fichiers where source = ? order by all", [source_id])
        ],
    }


def publication(marts: MartsEntiers) -> Contenu:
    """Say what the release is, what its certificate found, and what changed since the last one."""
    fichiers = marts.lignes("from changements_fichiers order by source, millesime desc, ressource")
    return {
        "perimetre": marts.perimetre,
        "premiere": marts.release["precedente"] is None,
        "nb_chiffres": nombre(sum(_totaux(marts).values()), 0),
        "statuts": _par_statut(marts),
        "causes": causes(marts.changements),
        "nb_changements": compter(marts.changements),
        "themes": _changements_par_indicateur(marts),
        "fichiers": [
            {
                **(nommer_source(marts.sources[f["source"]]) if f["source"] in marts.sources else {}),
                "ressource": f["ressource"],
                "millesime": f["millesime"],
                "cause": mots.cause(f["cause"]),
            }
            for f in fichiers
        ],
        "certificat": _certificat(marts.certificat),
        "attentes": [
            {**nommer_source(s), "millesimes": s["millesimes_en_attente"]}
            for s in marts.sources.values()
            if s["millesimes_en_attente"]
        ],
        "absentes": [nommer_source(s) for s in marts.sources.values() if s["etat"] == "jamais_recue"],
        "prevues": sorted(
            {s for i in marts.dictionnaire.values() for s in sources_citees(i) if s not in marts.sources}
        ),
    }


def guide(marts: MartsEntiers) -> Contenu:
    """Say how a release is read: statuts with examples of this very release."""
    exemples = exemples_des_statuts(marts)
    statuts = []
    for statut, libelle in mots.STATUT.items():
        exemple = None
        if e := exemples.get(statut):
            i = marts.dictionnaire[e["indicateur_id"]]
            exemple = {
                **nommer(i),
                "territoire": marts.territoires[e["territoire_id"]]["libelle"],
                "millesime": e["millesime"],
                "reference": reference(e["indicateur_id"], e["territoire_id"], e["millesime"]),
                "texte": e["valeur_affichee"],
                "bornes": bornes_dites(e, marts.unites[i["unite"]], i["decimales"]),
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


def _communes_dites(marts: MartsEntiers) -> str:
    """Count the communes of the scope: those of its département, and those that its EPCI bring.

    departement:26 of 492 communes, 362 of them in the Drôme
        362 communes du département et 130 communes voisines, membres d'EPCI à cheval
    """
    touche = {
        "departement": ("du département", "communes voisines, membres d'EPCI à cheval"),
        "region": ("de la région", "communes voisines, membres d'EPCI à cheval"),
    }
    demande = marts.territoires.get(marts.release["perimetre"])
    tous = len(marts.communes)
    if demande and demande["niveau"] in touche:
        siennes = sum(c[demande["niveau"]] == demande["code"] for c in marts.communes.values())
        dedans, dehors = touche[demande["niveau"]]
        if siennes < tous:
            return f"{compte(siennes, 'commune')} {dedans} et {nombre(tous - siennes, 0)} {dehors}"
    return compte(tous, "commune")


def _de_niveau(marts: MartsEntiers, niveau: str) -> list[Ligne]:
    return [t for t in marts.territoires.values() if t["niveau"] == niveau]


def _par_theme(marts: MartsEntiers) -> list[tuple[str, str, list[Ligne]]]:
    themes: dict[tuple[str, str], list[Ligne]] = {}
    for i in marts.dictionnaire.values():
        themes.setdefault((i["theme"], i["theme_libelle"]), []).append(i)
    return [(theme, libelle, membres) for (theme, libelle), membres in themes.items()]


def _cog(fichier: Ligne) -> str | None:
    """The COG that a file names its communes in, or the first and the last of those of its lines."""
    premier, dernier = fichier["cog_premier"], fichier["cog_millesime"]
    if dernier is None:
        return None
    return f"{premier} à {dernier}" if premier and premier < dernier else str(dernier)


def _alimentes(marts: MartsEntiers, source_id: str) -> list[Ligne]:
    return [
        i
        for i in marts.dictionnaire.values()
        if source_id in sources_citees(i) or source_id in marts.usages.get(i["indicateur_id"], ())
    ]


def _totaux(marts: MartsEntiers) -> Counter[str]:
    """Count the figures of the release by statut."""
    totaux: Counter[str] = Counter()
    for par_an in marts.comptes.values():
        for par_niveau in par_an.values():
            for par_statut in par_niveau.values():
                totaux.update(par_statut)
    return totaux


def _par_statut(marts: MartsEntiers) -> list[Contenu]:
    totaux = _totaux(marts)
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


def _changements_par_indicateur(marts: MartsEntiers) -> list[Contenu]:
    par_indicateur: dict[str, list[Ligne]] = {}
    for c in marts.changements:
        par_indicateur.setdefault(c["indicateur_id"], []).append(c)
    return [
        {
            **nommer(marts.dictionnaire[indicateur_id]),
            "nombre": compter(siens),
            "causes": sorted({mots.cause(c["cause"]) for c in siens}),
        }
        for indicateur_id, siens in sorted(
            par_indicateur.items(), key=lambda p: (-sum(c["modifications"] for c in p[1]), p[0])
        )
        if indicateur_id in marts.dictionnaire
    ]


def _certificat(certificat: Mapping[str, Any]) -> Contenu:
    mesures = certificat["mesures"]
    return {
        "verdict": certificat["verdict"],
        "mesures": len(mesures),
        "cellules": nombre(sum(m["cellules"] for m in mesures), 0),
        "retenues": nombre(certificat["retenues"], 0) if certificat["retenues"] else "",
    }
