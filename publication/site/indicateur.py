"""What the page of an indicateur says, before any HTML, and the CSV beside it.

Bars and orders are computed from the figures that are shown: a masked one has a mark, no length and no rank.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from publication.commun.tableur import en_csv
from publication.lecture import jeux
from publication.lecture.annees import annees_du_chiffre
from publication.lecture.chiffres import mot_du_chiffre, tendance_dite
from publication.lecture.citation import sources_citees, sources_dites
from publication.lecture.ensembles import MartsEntiers
from publication.lecture.lots import Ligne
from publication.lecture.niveaux import DES_PAGES
from publication.portraits.contenu.comparateurs import motif_dit
from publication.portraits.contenu.langue import majuscule
from publication.site import adresses, mots, schema_org
from publication.site.noms import (
    COMMUNES_AU_PLUS,
    Contenu,
    causes,
    cellule,
    compte,
    lien,
    niveaux_declares,
    nommer_source,
)
from publication.site.recherche import termes_par_univers
from socle.affichage import MARQUES, nombre
from socle.statuts import MONTRENT, SANS_CHIFFRE

_SERIES_AU_PLUS = 40
"""Territories of a level whose years are all on the page; beyond, its CSV has them."""


def chiffres_montres(marts: MartsEntiers, indicateur_id: str) -> tuple[list[Ligne], list[Ligne]]:
    """Return the figures that the page of an indicateur and its CSV hold: above the commune, and of communes.

    Communes are there for their newest year, and where the scope has few enough of them.
    """
    dernier = marts.derniers.get((indicateur_id, "commune"))
    peu = len(marts.communes) <= COMMUNES_AU_PLUS
    return (
        jeux.chiffres(marts, indicateur_id),
        jeux.chiffres_des_communes(marts, indicateur_id, dernier) if dernier and peu else [],
    )


def indicateur(
    marts: MartsEntiers,
    indicateur_id: str,
    pages: Mapping[str, str],
    chiffres: list[Ligne],
    communes: list[Ligne],
) -> Contenu:
    """Say what an indicateur is, how complete, and its figures on the territories of the scope.

    `ligne` is its row of the dictionary, `dernier` the newest year that some level shows.
    """
    i = marts.dictionnaire[indicateur_id]
    unite = marts.unites[i["unite"]]
    nb_valeurs = len(chiffres) + len(communes)
    # A date or a zoning neither rises nor falls.
    polarite = i["polarite"] if unite.nature == "nombre" else None
    usages = marts.usages.get(indicateur_id, set())
    groupes = _groupes(marts, i, pages, chiffres)
    dit = {
        "ligne": i,
        "unite": unite,
        "motif": motif_dit(i["motif_code"], i["motif"]),
        "univers_terme": termes_par_univers().get(i["univers"]),
        "unite_dite": unite.libelle_pluriel or mots.SANS_UNITE[unite.nature],
        "methode": mots.METHODE[i["methode"]],
        "formule": _formule(i),
        "polarite": mots.POLARITE[polarite] if polarite else None,
        "hausse": mots.HAUSSE[polarite] if polarite else None,
        "secret": mots.SECRET[i["secret"]],
        "niveaux": [mots.NIVEAUX[n] for n in niveaux_declares(i)],
        "sources": [
            {**nommer_source(marts.sources[s]), "utilisee": s in usages}
            for s in sources_citees(i)
            if s in marts.sources
        ],
        "sources_prevues": [s for s in sources_citees(i) if s not in marts.sources],
        "producteurs": list(
            dict.fromkeys(s["producteur"] for nom, s in marts.sources.items() if nom in usages)
        ),
        "groupes": groupes,
        "dernier": max((g["millesime"] for g in groupes), default=None),
        "legende": _legende(unite.libelle_pluriel, groupes),
        "series": _series(marts, i, chiffres, pages),
        "completude": _completude(marts, indicateur_id),
        "ruptures": [_rupture(r) for r in marts.ruptures.get(indicateur_id, ())],
        "communes": _communes(marts, i, communes) if communes else None,
        "changements": causes(c for c in marts.changements if c["indicateur_id"] == indicateur_id),
        "valeurs": adresses.valeurs(indicateur_id),
        "telecharger": "la valeur" if nb_valeurs == 1 else f"les {nombre(nb_valeurs, 0)} valeurs",
    }
    return {**dit, "schema_org": schema_org.indicateur(marts, i, dit)}


def _communes(marts: MartsEntiers, i: Ligne, chiffres: list[Ligne]) -> Contenu:
    """Return the figures of communes as a script of the page puts them in rows, in the order of `LIEUX`.

    `chiffres` has for each commune null, or `[valeur_affichee, rank in precisions, source]`, without the last
    where it is that of most. A precision is `[statut in words with bounds and reason, class of a figure that
    is a mark, sign after one that is approached]`.
    """
    lus = {c["territoire_id"]: _a_citer(marts, i, c) for c in chiffres}
    dit = _recents(chiffres[0], list(lus.values()))
    precisions: dict[tuple[str, str, str], int] = {}
    lignes: list[list[Any] | None] = []
    for commune in marts.communes:
        if (c := lus.get(commune)) is None:
            lignes.append(None)
            continue
        marque = f"marque-{c['statut']}" if c["statut"] in SANS_CHIFFRE else ""
        precision = (c["precision"], marque, c["signe"])
        autre = [c["source"]] if c["source"] != dit["source"] else []
        lignes.append([c["texte"], precisions.setdefault(precision, len(precisions)), *autre])
    return {
        **{champ: dit[champ] for champ in ("millesime", "annees", "source")},
        "nombre": len(chiffres),
        "ecrit": {"precisions": list(precisions), "chiffres": lignes},
    }


def _a_citer(marts: MartsEntiers, i: Ligne, c: Ligne) -> Contenu:
    mot = mot_du_chiffre(c, marts.unites[i["unite"]], i["decimales"])
    return {
        **cellule(marts, i, c),
        "source": sources_dites(c, marts.sources),
        "unite_dite": f"\u00a0{mot}" if mot else "",
    }


def _groupes(
    marts: MartsEntiers, i: Ligne, pages: Mapping[str, str], chiffres: Iterable[Ligne]
) -> list[Contenu]:
    """Group the newest figures by level, each with its bar."""
    lus: dict[str, list[Ligne]] = {niveau: [] for niveau in DES_PAGES}
    for c in chiffres:
        if c["millesime"] == marts.derniers.get((i["indicateur_id"], c["niveau"])):
            lus[c["niveau"]].append(c)
    # On the scale of a Région, a count of its EPCI would leave nothing to see: each level has its own.
    tous = _barres(c for siens in lus.values() for c in siens) if i["comparable"] else None
    barres_du = {niveau: _barres(siens) if tous is None else tous for niveau, siens in lus.items()}
    echelles = sum(map(bool, barres_du.values())) if tous is None else 1
    groupes = []
    for niveau, siens in lus.items():
        if not siens:
            continue
        par_id = {c["territoire_id"]: c for c in siens}
        barres = barres_du[niveau]
        lignes = [
            {**lien(t, pages), **_a_citer(marts, i, par_id[nom]), "barre": barres.get(nom)}
            for nom, t in marts.territoires.items()
            if nom in par_id
        ]
        groupes.append(
            {
                "niveau": niveau,
                "titre": mots.NIVEAUX[niveau],
                "echelle_propre": bool(barres) and echelles > 1,
                **_recents(siens[0], lignes),
            }
        )
    return groupes


def _recents(premier: Ligne, lignes: list[Contenu]) -> Contenu:
    """Say the newest figures of a level, and of what years they are."""
    return {
        "millesime": premier["millesime"],
        "annees": annees_du_chiffre(premier),
        "source": _source_commune(lignes),
        "lignes": lignes,
    }


def _rupture(r: Ligne) -> Contenu:
    """Say what a break is and where: whole levels by their names, then how many territories beside them."""
    lieux = [mots.NIVEAUX_DITS[n] for n in mots.NIVEAUX_DITS if n in r["niveaux"]]
    if r["territoires"]:
        s = "s" if r["territoires"] > 1 else ""
        autres = f"autre{s} " if lieux else ""
        lieux.append(f"{nombre(r['territoires'], 0)} {autres}territoire{s}")
    detail = majuscule(r["detail"]) if r["detail"] else None
    if r["nature"] == "source":
        # The detail is that of one level.
        detail = "Le fichier CSV dit la source de chaque chiffre."
    return {
        "millesime": r["millesime"],
        "nature": mots.NATURE_DE_RUPTURE[r["nature"]],
        "detail": detail,
        "lieux": lieux,
        "de_l_annee": r["nature"] in mots.RUPTURES_D_UNE_ANNEE,
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


def valeurs(marts: MartsEntiers, indicateur_id: str, lignes: Iterable[Ligne]) -> str:
    """Write figures of an indicateur as a French spreadsheet opens them."""
    i = marts.dictionnaire[indicateur_id]
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
        territoire = marts.territoires.get(c["territoire_id"]) or marts.communes[c["territoire_id"]]
        marque = MARQUES.get(c["statut"])
        plume.writerow(
            [
                *(indicateur_id, c["territoire_id"], c["niveau"]),
                *(en_csv(territoire["libelle"]), c["millesime"], marque or en_csv(c["valeur"])),
                en_csv(c["valeur_affichee"]),
                *(marque or en_csv(c[borne]) for borne in ("borne_basse", "borne_haute")),
                *(marts.unites[i["unite"]].libelle_pluriel, c["statut"], en_csv(c["motif"])),
                *(c["source_ids"], en_csv(c["champ"]), "oui" if c["demonstration"] else "non"),
            ]
        )
    return flux.getvalue()


def _source_commune(lignes: Iterable[Contenu]) -> str:
    """Name the sources that most of some figures have: a page says the others beside each."""
    dites = Counter(ligne["source"] for ligne in lignes)
    return max(sorted(dites), key=dites.__getitem__, default="")


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
    """Place the bar of each point between the lowest and the highest, zero included, in percents.

    3 250 [3 138; 3 518] and 1 000, no other     from 0 to 92.4, bounds from 89.2 to 100; and from 0 to 28.4
    one under statut secret, or that is a range   nothing
    """
    montres = [c for c in chiffres if c["lisibilite"] == "point" and c["valeur"] is not None]
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
    marts: MartsEntiers, i: Ligne, chiffres: Sequence[Ligne], pages: Mapping[str, str]
) -> Contenu | None:
    """Put the years of a territory in a row, for the levels that are short enough."""
    longs = {n for n in DES_PAGES if marts.effectifs.get(n, 0) > _SERIES_AU_PLUS}
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
        for r in marts.ruptures.get(i["indicateur_id"], ())
        if not niveaux.isdisjoint(r["niveaux"])
    }
    tendances = {t: dite for t, dite in jeux.tendances(marts, i["indicateur_id"]).items() if t in presents}
    return {
        "annees": [{"annee": a, "rompue": a in rompues} for a in annees],
        "tendances": any(t["tendance_dite"] for t in tendances.values()),
        "silences": _silences(tendances.values()),
        "absents": [
            mots.NIVEAUX[n] for n in DES_PAGES if n in longs and any(c["niveau"] == n for c in chiffres)
        ],
        "lignes": [
            {
                **lien(t, pages),
                "tendance": _tendance(tendances.get(t["territoire_id"])),
                "cellules": [
                    cellule(marts, i, c) if (c := par_cle.get((t["territoire_id"], a))) else None
                    for a in annees
                ],
            }
            for t in marts.territoires.values()
            if t["territoire_id"] in presents
        ],
    }


def _tendance(t: Ligne | None) -> str:
    if t is None:
        return "sans chiffre"
    return tendance_dite(t) if t["tendance_dite"] else "tendance non calculée"


def _silences(tendances: Iterable[Ligne]) -> list[str]:
    """Say why some territories have no trend, each reason once: the commonest first."""
    motifs = Counter(t["motif"] for t in tendances if t["tendance_dite"] is None)
    return [
        f"{motif} ({compte(n, 'territoire')})"
        for motif, n in sorted(motifs.items(), key=lambda m: (-m[1], m[0]))
    ]


def _completude(marts: MartsEntiers, indicateur_id: str) -> Contenu | None:
    """Count, by year and level, the territories that have a figure, and what the others have instead."""
    comptes = marts.comptes.get(indicateur_id, {})
    niveaux = [n for n in DES_PAGES if any(n in par_niveau for par_niveau in comptes.values())]
    if not niveaux:
        return None
    annees = []
    for millesime in sorted(comptes, reverse=True):
        cellules = []
        for niveau in niveaux:
            statuts = comptes[millesime].get(niveau, {})
            montres = sum(statuts.get(s, 0) for s in MONTRENT)
            total = marts.effectifs.get(niveau, 0)
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
