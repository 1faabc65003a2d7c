"""Tables, charts and maps of a portrait, each made from the figures of one context.

Belongs here: which cells, columns, bars, lines and classes there are, their titles, notes and alternatives.
Each function returns None where too little is known to draw or list. Does not: which element a section holds
(`composition`), nor how it looks.
"""

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from math import floor, log10

from publication.commun.chiffres import Cellule, Role, Ton
from publication.commun.citation import lire_reference
from publication.commun.marts import (
    TROP_PROCHES,
    Indicateur,
    Territoire,
    est_de_peu,
    est_trop_large,
    evolution_de_peu,
)
from publication.commun.marts import Ligne as LigneLue
from publication.commun.niveaux import NIVEAUX
from publication.portraits.contenu.contexte import Contexte, ton
from publication.portraits.contenu.essentiel import refus_dits
from publication.portraits.contenu.langue import accorder, enumerer, ordinal
from publication.portraits.contenu.plan import indicateurs_des_cartes
from publication.portraits.modele import (
    Barre,
    Carte,
    Colonne,
    Comparaison,
    Ligne,
    Liste,
    Parts,
    Point,
    Rupture,
    Serie,
    Tableau,
    Zone,
)
from socle.affichage import MARQUES, afficher_ecart, afficher_relative, arrondi
from socle.statuts import MONTRENT, SANS_DONNEE

VIDE = Cellule("")
_STRUCTURES = "STR"
"""The universe of what is at one place."""

_DUREE = "annees"
_CLASSES = 5
_REPERES = 3
"""Circles of a legend."""
_COLONNES = 6
RENVOI = "Les chiffres de cette carte sont en annexe, commune par commune."
_CARTE_AU_MOINS = 3
_BARRES_AU_MOINS = 3
_ANNEES_AU_MOINS = 3
# Two censuses too close to be compared are one series all the same.
_NE_ROMPT_PAS = TROP_PROCHES


def nom_colonne(territoire: Territoire) -> str:
    """How a comparator is called at the head of a column."""
    niveau = NIVEAUX.get(territoire.role)
    return niveau.nom if niveau else territoire.libelle


def evolution(ctx: Contexte, indicateur: Indicateur) -> tuple[Cellule, str | None]:
    """Return the cell of an evolution, and why it cannot be read where it is refused.

    What did not move at all is unchanged; what moved less than its interval is not significant. A figure that
    is an evolution itself has none, unless to say that it cannot be read as one.
    """
    if indicateur.refus is not None:
        return _non_lisible(indicateur.refus, indicateur.refus)
    e = ctx.evolution(indicateur.indicateur_id)
    if e is None:
        return VIDE, None
    depuis = f" depuis {e['millesime_debut']}"
    if e["statut"] == "refusee":
        return _non_lisible(e["motif_code"], e["motif"])
    if e["statut"] not in MONTRENT:
        return VIDE, None
    if e["evolution_basse"] == 0 == e["evolution_haute"]:
        return Cellule(f"inchangé{depuis}"), None
    if e["evolution_lecture"] == "non_significatif":
        return Cellule(f"non significative{depuis}"), None
    if not bouge(e, indicateur):
        return Cellule(f"stable{depuis}"), None
    texte = (
        afficher_relative(e["evolution_relative"])
        if _en_pourcentage(e, indicateur)
        else afficher_ecart(e["evolution"], indicateur.unite, indicateur.decimales)
    )
    return Cellule(f"{texte}{depuis}", ton=ton_de(ctx, indicateur, e)), None


def ton_de(ctx: Contexte, i: Indicateur, e: LigneLue) -> Ton:
    """How an evolution is to be read; not at all where it is of few."""

    def de_peu(annee: int) -> bool:
        return ctx.releve.repose_sur_peu(i.indicateur_id, e["territoire_id"], annee)

    return "neutre" if evolution_de_peu(e, i.comparable, de_peu) else ton(e["evolution_lecture"])


def _non_lisible(code: str, motif: str) -> tuple[Cellule, str]:
    # As the sentences say it: a table has no room for the titles of both sources.
    return Cellule("non lisible"), refus_dits().get(code, motif)


def _en_pourcentage(e: LigneLue, i: Indicateur) -> bool:
    """Whether an evolution is told in percents of its start, as that of a count; a rate moves by points.

    From 11 children to 6 it is −5: of so few, a percentage would be that of a village.
    """
    return not (i.comparable or e["evolution_relative"] is None or est_de_peu(e["valeur_debut"]))


def bouge(e: LigneLue, i: Indicateur) -> bool:
    """Whether an evolution can be read and is seen at the decimals that are printed."""
    if e["statut"] not in MONTRENT or e["evolution_lecture"] == "non_significatif":
        return False
    if _en_pourcentage(e, i):
        return arrondi(e["evolution_relative"], 1) != 0
    return arrondi(e["evolution"], i.decimales) != 0


def evolutions_reservees(ctx: Contexte, indicateurs: Iterable[Indicateur]) -> list[str]:
    """Say of which figures the evolution goes from a series of the producer to its next, and since when."""
    reservees: dict[str, list[str]] = {}
    for i in indicateurs:
        e = ctx.evolution(i.indicateur_id)
        if e is not None and e["reserve"]:
            reservees.setdefault(e["reserve"], []).append(i.libelle)
    return [
        f"Évolution à lire avec réserve ({reserve}) : {', '.join(libelles)}."
        for reserve, libelles in reservees.items()
    ]


def unites_tues(indicateurs: Iterable[Indicateur]) -> list[str]:
    """Say the unit of rates and durations that neither their figure nor their label says: 64,3, or 4."""
    tues: dict[str, list[str]] = {}
    for i in indicateurs:
        unite = i.unite.libelle_pluriel
        parlee = i.suffixe or unite.split(" ")[0] in i.libelle.lower().split(" ")
        if unite and not parlee and (i.comparable or i.unite.unite == _DUREE):
            tues.setdefault(unite, []).append(i.libelle)
    return [f"En {unite} : {', '.join(libelles)}." for unite, libelles in tues.items()]


def tableau_des_chiffres(ctx: Contexte, titre: str, indicateurs: Sequence[Indicateur]) -> Tableau | None:
    """The latest figure of each indicateur, its evolution, and its comparators of the same year.

    What has no figure is named once, under the table, with the reason.
    """
    colonnes = [
        Colonne("Indicateur"),
        Colonne(ctx.nom_court, chiffres=True),
        Colonne("Année", chiffres=True),
        Colonne("Évolution", chiffres=True),
        *(Colonne(nom_colonne(t), chiffres=True) for t in ctx.comparateurs),
        Colonne("Médiane des pairs", chiffres=True),
        Colonne("Rang", chiffres=True),
    ]
    lignes: list[list[Cellule]] = []
    reserves_: dict[str, list[str]] = {}
    refusees: dict[str, list[str]] = {}
    manquants: dict[str, list[str]] = {}
    comparables = 0
    montres: list[Indicateur] = []
    for i in indicateurs:
        if (motif := _manque(ctx, i)) is not None:
            if (ailleurs := _a_un_autre_niveau(ctx, i)) is not None:
                lignes.append(ailleurs)
            else:
                manquants.setdefault(motif, []).append(i.libelle)
            continue
        montres.append(i)
        ligne = ctx.derniers[i.indicateur_id]
        annee = ligne["millesime"]
        propre = ctx.releve.cellule(i.indicateur_id, ctx.porteur(i.indicateur_id), annee)
        assert propre is not None
        evolution_, refus = evolution(ctx, i)
        if refus:
            refusees.setdefault(refus, []).append(i.libelle)
        for reserve in reserves(ctx, i, ligne):
            reserves_.setdefault(reserve, []).append(i.libelle)
        comparables += (
            any(
                ctx.releve.ligne(t.territoire_id, i.indicateur_id, annee) is not None
                for t in ctx.comparateurs
            )
            and i.comparable
        )
        lignes.append(
            [
                Cellule(i.libelle),
                propre,
                Cellule(_annee(i, ligne)),
                evolution_,
                *(_comparateur(ctx, i, t, ligne) for t in ctx.comparateurs),
                *_pairs(ctx, i, annee),
            ]
        )
    notes = [
        f"{debut} ({motif}) : {', '.join(libelles) if len(libelles) < comparables else 'toute la colonne'}."
        for debut, motif, libelles in (("À lire avec réserve", m, ls) for m, ls in reserves_.items())
    ]
    notes += evolutions_reservees(ctx, indicateurs) + unites_tues(montres)
    notes += [
        f"{debut} ({motif}) : {_abreger(libelles)}."
        for debut, motifs in (("Évolution non lisible", refusees), ("Sans chiffre", manquants))
        for motif, libelles in motifs.items()
    ]
    if not lignes:
        return None
    # A column of nd says one thing: that it has nothing.
    gardees = [
        n
        for n in range(len(colonnes))
        if n < 3 or any(c.texte and c.statut not in SANS_DONNEE for c in _colonne(lignes, n))
    ]
    muettes = [
        t.libelle
        for n, t in enumerate(ctx.comparateurs, start=4)
        if n not in gardees and any(c.texte for c in _colonne(lignes, n))
    ]
    if muettes:
        notes.append(f"Sans chiffre de comparaison : {', '.join(muettes)}.")
    return Tableau(
        titre=titre,
        colonnes=tuple(colonnes[n] for n in gardees),
        lignes=tuple(tuple(ligne[n] for n in gardees) for ligne in lignes),
        notes=tuple(notes),
        sources=sources(ctx, (ligne[1] for ligne in lignes)),
    )


_MUETS = {
    "source_jamais_recue": "aucune source reçue",
    "source_en_attente": "source en attente d'un autre fichier",
    "hors_couverture": "hors couverture des sources",
}
"""Reasons said without the source, which they name by its id: annexes, and the page of the indicateur, list
sources."""


def motif_dit(code: str | None, motif: str | None) -> str | None:
    """Why there is no figure, in words that hold no id of a source."""
    return _MUETS.get(code or "", motif)


_NOMMES = 5
_LIEUX_AU_PLUS = 20


def _abreger(libelles: Sequence[str]) -> str:
    """Name the first ones; annexes name them all."""
    reste = len(libelles) - _NOMMES
    if reste < 2:
        return ", ".join(libelles)
    return f"{', '.join(libelles[:_NOMMES])} et {reste} autres (annexe « Sources »)"


def sans_chiffre(ctx: Contexte, indicateurs: Sequence[Indicateur]) -> dict[str, list[str]]:
    """Return the labels of those that show no figure, by reason."""
    raisons: dict[str, list[str]] = {}
    for i in indicateurs:
        if (motif := _manque(ctx, i)) is not None:
            raisons.setdefault(motif, []).append(i.libelle)
    return raisons


def _manque(ctx: Contexte, i: Indicateur) -> str | None:
    """Why there is no figure: the reason here, else that of the release; None where one is, shown or not."""
    ligne = ctx.derniers.get(i.indicateur_id)
    if ligne is not None and ligne["statut"] not in SANS_DONNEE:
        return None
    code, motif = (ligne["motif_code"], ligne["motif"]) if ligne else (i.motif_code, i.motif)
    return motif_dit(code, motif) or "aucun chiffre pour ce territoire"


def _colonne(lignes: Sequence[Sequence[Cellule]], n: int) -> list[Cellule]:
    return [ligne[n] for ligne in lignes]


def reserves(ctx: Contexte, i: Indicateur, ligne: LigneLue) -> list[str]:
    """Say which comparator counts something else: another field, or the figure of another source.

    `ligne` is the latest figure, a row of `mart_derniers_chiffres`.
    """
    if not i.comparable:
        return []
    annee = ligne["millesime"]
    dites = []
    for t in ctx.comparateurs:
        autre = ctx.releve.ligne(t.territoire_id, i.indicateur_id, annee)
        if autre is None or autre["statut"] not in MONTRENT:
            continue
        code = _reserve(ctx, t, ligne, autre)
        if code in ("champ", "champ_et_source"):
            dites.append(f"{t.libelle}, champ {autre['champ'] or 'entier'}")
        if code in ("source", "champ_et_source"):
            dites.append(f"{t.libelle}, source {ctx.lecture.source({**autre, 'champ': None})}")
    return dites


def _reserve(ctx: Contexte, t: Territoire, ligne: LigneLue, autre: LigneLue) -> str | None:
    """What sets a comparator apart, in the codes of the marts; they say it but of who was asked for."""
    comparateur = ctx.comparateur(t)
    if comparateur is not None:
        code: str | None = ligne[f"reserve_{comparateur}_code"]
        return code
    champ = (autre["champ"] or "") != (ligne["champ"] or "")
    source = ctx.lecture.producteurs(autre["source_ids"]) != ctx.lecture.producteurs(ligne["source_ids"])
    return "_et_".join(nom for nom, differe in (("champ", champ), ("source", source)) if differe) or None


def sources(ctx: Contexte, cellules: Iterable[Cellule]) -> tuple[str, ...]:
    """Word where these figures come from, each source once."""
    vues: dict[str, None] = {}
    for cellule in cellules:
        if cellule.chiffre:
            indicateur_id, territoire_id, millesime = lire_reference(cellule.chiffre)
            ligne = ctx.releve.ligne(territoire_id, indicateur_id, millesime)
            for source_id in ((ligne and ligne["source_ids"]) or "").split("+"):
                if (s := ctx.lecture.sources.get(source_id)) is not None:
                    vues[f"{s['producteur']}, {s['titre']}"] = None
    return tuple(vues)


def _annee(i: Indicateur, ligne: LigneLue) -> str:
    """The year of the latest figure shown; with it that of a later one that shows none: "2022 (2024 : s)"."""
    periode = i.periode(ligne["millesime"])
    if ligne["millesime_plus_recent"] is None:
        return periode
    return f"{periode} ({i.periode(ligne['millesime_plus_recent'])} : {MARQUES[ligne['statut_plus_recent']]})"


def _a_un_autre_niveau(ctx: Contexte, i: Indicateur) -> list[Cellule] | None:
    """The row of what is not published at this level and is at a wider one; None when it is at neither."""
    if ctx.niveau_publie in i.niveaux.split("+"):
        return None
    annees = _annees_montrees(ctx, [(i, t.territoire_id) for t in ctx.comparateurs])
    if not annees:
        return None
    larges = [
        ctx.releve.cellule(i.indicateur_id, t.territoire_id, annees[-1]) or VIDE for t in ctx.comparateurs
    ]
    return [
        Cellule(i.libelle),
        Cellule("non publié à ce niveau"),
        Cellule(str(annees[-1])),
        VIDE,
        *larges,
        VIDE,
        VIDE,
    ]


def _comparateur(ctx: Contexte, i: Indicateur, t: Territoire, ligne: LigneLue) -> Cellule:
    if not i.comparable:
        return VIDE
    comparateur, annee = ctx.comparateur(t), ligne["millesime"]
    cellule = ctx.releve.cellule(i.indicateur_id, t.territoire_id, annee)
    if cellule is None:
        return VIDE
    juge = comparateur and i.refus is None and cellule.texte != ligne["valeur_affichee"]
    if not juge or ctx.releve.repose_sur_peu(i.indicateur_id, ligne["territoire_id"], annee):
        return cellule
    return replace(cellule, ton=ton(ligne[f"ecart_{comparateur}_lecture"]))


def _pairs(ctx: Contexte, i: Indicateur, annee: int) -> tuple[Cellule, Cellule]:
    """The median of peers and the rank, of the year of the figure; empty where it has none.

    2ᵉ sur 9, or 2ᵉ à 4ᵉ sur 9 where intervals allow several (1ᵉʳ ou 2ᵉ); nothing where they allow most.
    """
    ligne = ctx.rangs.get(i.indicateur_id)
    if ligne is None or ligne["millesime"] != annee or not i.comparable or i.refus is not None:
        return VIDE, VIDE
    mieux, pire, pairs = ligne["rang_au_mieux"], ligne["rang_au_pire"], ligne["nb_pairs"]
    # The median is that of others: it holds beside a share of too few.
    if mieux is None and ligne["rang_motif_code"] != "effectif_trop_faible":
        return VIDE, VIDE
    mediane = VIDE
    basse, haute = ligne["valeur_pairs_borne_basse"], ligne["valeur_pairs_borne_haute"]
    if not est_trop_large(basse, haute, i.unite):
        mediane = ctx.releve.hors_release(
            i.indicateur_id, ligne["valeur_pairs"], ligne["valeur_pairs_statut"]
        )
    if mieux is None:
        return mediane, VIDE
    if mieux == pire:
        return mediane, Cellule(
            f"{ordinal(mieux)} sur {pairs}" + (" ex æquo" if ligne["nb_ex_aequo"] else "")
        )
    if 2 * (pire - mieux + 1) > pairs:
        return mediane, VIDE
    ou = "ou" if pire == mieux + 1 else "à"
    return mediane, Cellule(f"{ordinal(mieux)} {ou} {ordinal(pire)} sur {pairs}")


def comparaison(ctx: Contexte, i: Indicateur, titre: str | None = None) -> Comparaison | None:
    """One rate of one year beside its comparators; None unless three figures are shown."""
    ligne = ctx.dernier(i.indicateur_id)
    if ligne is None or not i.comparable or i.refus is not None:
        return None
    annee = ligne["millesime"]
    barres = [
        Barre(ctx.nom_court if t is ctx.territoire else t.libelle, t.role, cellule)
        for t in (ctx.territoire, *ctx.comparateurs)
        if (cellule := ctx.releve.cellule(i.indicateur_id, ctx.de(t, i.indicateur_id), annee)) is not None
        and cellule.statut not in SANS_DONNEE
    ]
    mediane, _ = _pairs(ctx, i, annee)
    if mediane.nombre is not None:
        barres.append(Barre(f"Médiane : {ctx.rangs[i.indicateur_id]['groupe_pairs']}", "pairs", mediane))
    if sum(barre.valeur.nombre is not None for barre in barres) < _BARRES_AU_MOINS:
        return None
    titre = titre or f"{i.libelle} : {barres[0].valeur.texte} en {annee}"
    intervalles = [_intervalle(ctx, b.valeur) for b in barres]
    # Exact figures need no column to say so.
    flous = any(intervalles)
    return Comparaison(
        identifiant=f"comparaison-{i.indicateur_id}".replace("_", "-"),
        titre=titre,
        unite=f"{i.unite.libelle_pluriel}, {annee}",
        source=" ; ".join(sources(ctx, [barres[0].valeur])),
        alternative=f"{i.libelle} en {annee}. "
        + " ; ".join(f"{b.libelle} : {b.valeur.texte}" for b in barres)
        + ".",
        tableau=Tableau(
            titre=f"{i.libelle}, {annee}",
            colonnes=(
                Colonne("Territoire"),
                Colonne("Valeur", chiffres=True),
                *([Colonne("Intervalle", chiffres=True)] if flous else []),
            ),
            lignes=tuple(
                (Cellule(b.libelle), b.valeur, *([Cellule(entre)] if flous else []))
                for b, entre in zip(barres, intervalles, strict=True)
            ),
        ),
        notes=tuple(f"À lire avec réserve : {reserve}." for reserve in reserves(ctx, i, ligne)),
        barres=tuple(barres),
    )


def _intervalle(ctx: Contexte, cellule: Cellule) -> str:
    return (cellule.chiffre and ctx.releve.cites[cellule.chiffre].intervalle) or ""


def serie(ctx: Contexte, indicateurs: Sequence[Indicateur], titre: str | None = None) -> Serie | None:
    """One rate over the years beside its comparators, or several figures; None under three years."""
    premier = indicateurs[0]
    lignes: list[tuple[str, Role, Indicateur, str]]
    if len(indicateurs) == 1:
        lignes = [(ctx.nom_court, "territoire", premier, ctx.porteur(premier.indicateur_id))]
        if premier.comparable:
            lignes += [(t.libelle, t.role, premier, t.territoire_id) for t in ctx.comparateurs]
    else:
        lignes = [(i.libelle, "autre", i, ctx.porteur(i.indicateur_id)) for i in indicateurs]
    annees = _annees_montrees(ctx, [(i, territoire) for _, _, i, territoire in lignes[: len(indicateurs)]])
    if len(annees) < _ANNEES_AU_MOINS:
        return None
    traits = [
        Ligne(nom, role, tuple(ctx.releve.cellule(i.indicateur_id, territoire, a) for a in annees))
        for nom, role, i, territoire in lignes
    ]
    traits = [t for t in traits if sum(v is not None and v.nombre is not None for v in t.valeurs) >= 2]
    if not traits:
        return None
    ruptures, dites = ruptures_des_annees(ctx, indicateurs, annees)
    nom = titre or _titre_serie(ctx, traits[0], premier, annees, ruptures)
    return Serie(
        identifiant=f"serie-{premier.indicateur_id}".replace("_", "-"),
        titre=nom,
        unite=f"{premier.unite.libelle_pluriel}, {annees[0]}-{annees[-1]}",
        source=" ; ".join(sources(ctx, (v for v in traits[0].valeurs if v is not None))),
        alternative=f"{titre or premier.libelle}. "
        + " ; ".join(_dire_ligne(t, annees) for t in traits)
        + "."
        + dire_ruptures(ruptures),
        tableau=tableau_annuel(nom, annees, [(t.libelle, t.valeurs) for t in traits]),
        notes=dites,
        annees=annees,
        lignes=tuple(traits),
        ruptures=ruptures,
    )


def _annees_montrees(ctx: Contexte, chiffres: Sequence[tuple[Indicateur, str]]) -> tuple[int, ...]:
    montrees = {
        annee
        for i, territoire_id in chiffres
        for annee in ctx.releve.annees(territoire_id, i.indicateur_id)
        if (ligne := ctx.releve.ligne(territoire_id, i.indicateur_id, annee)) is not None
        and ligne["statut"] in MONTRENT
    }
    return tuple(sorted(montrees))


def _titre_serie(
    ctx: Contexte, trait: Ligne, i: Indicateur, annees: Sequence[int], ruptures: Sequence[Rupture]
) -> str:
    """Name the last figure of a line, with the one it may be compared to where there is one.

    The pair is that of tables (`Contexte.evolution`), so that a title and the evolution printed beside it
    never say two things. Like a sentence, it goes across no break and no new series of the producer.
    """
    par_annee = {
        a: v for a, v in zip(annees, trait.valeurs, strict=True) if v is not None and v.nombre is not None
    }
    fin = max(par_annee)
    derniere = f"{par_annee[fin].texte} en {fin}"
    e = ctx.evolution(i.indicateur_id) if i.refus is None else None
    if e is None or e["statut"] not in MONTRENT or e["evolution_lecture"] == "non_significatif":
        return f"{i.libelle} : {derniere}"
    debut = e["millesime_debut"]
    coupee = e["reserve_code"] is not None or any(debut < r.annee <= fin for r in ruptures)
    if e["millesime_fin"] != fin or debut not in par_annee or coupee:
        return f"{i.libelle} : {derniere}"
    return f"{i.libelle} : {par_annee[debut].texte} en {debut}, {derniere}"


def _dire_ligne(trait: Ligne, annees: Sequence[int]) -> str:
    bouts = [
        (a, v) for a, v in zip(annees, trait.valeurs, strict=True) if v is not None and v.nombre is not None
    ]
    (debut, premiere), (fin, derniere) = bouts[0], bouts[-1]
    return f"{trait.libelle}, {premiere.texte} en {debut}, {derniere.texte} en {fin}"


def dire_ruptures(ruptures: Sequence[Rupture]) -> str:
    """Say what the eye sees of a chart: where its lines are cut."""
    annees = [str(a) for a in sorted({r.annee for r in ruptures})]
    if not annees:
        return ""
    noms = accorder("{une rupture|des ruptures}", len(annees) > 1)
    return f" Courbes coupées par {noms} en {enumerer(annees)}."


def ruptures_connues(
    ctx: Contexte, indicateurs: Sequence[Indicateur]
) -> dict[tuple[int, str], list[Indicateur]]:
    """Where the marts refuse to go from one year to the next, and of which figures.

    A break is of the first year after it: a perimeter unknown in 2017, and known in 2018, is one of 2018.
    """
    trouvees: dict[tuple[int, str], list[Indicateur]] = {}
    for i in indicateurs:
        for e in ctx.evolutions.get(i.indicateur_id, []):
            if e["consecutifs"] and e["statut"] == "refusee" and e["motif_code"] != _NE_ROMPT_PAS:
                trouvees.setdefault((e["millesime_fin"], e["motif"]), []).append(i)
    return dict(sorted(trouvees.items(), key=lambda trouvee: trouvee[0]))


def ruptures_des_annees(
    ctx: Contexte, indicateurs: Sequence[Indicateur], annees: Sequence[int]
) -> tuple[tuple[Rupture, ...], tuple[str, ...]]:
    """Those that a chart of these years shows; what is noted under it of them, and of a reserve across it."""
    ruptures = tuple(
        Rupture(annee, motif)
        for annee, motif in ruptures_connues(ctx, indicateurs)
        if annees[0] < annee <= annees[-1]
    )
    reserves = sorted({r for i in indicateurs for r in ctx.reserves_du_temps.get(i.indicateur_id, ())})
    return ruptures, (
        *(f"Rupture en {r.annee} : {r.libelle}." for r in ruptures),
        *(
            f"{pourquoi} ; les chiffres d'avant se comparent avec réserve."
            for annee, pourquoi in reserves
            if annees[0] < annee <= annees[-1]
        ),
    )


def tableau_annuel(
    titre: str, annees: Sequence[int], lignes: Sequence[tuple[str, Sequence[Cellule | None]]]
) -> Tableau:
    """Years in columns."""
    return Tableau(
        titre=titre,
        colonnes=(Colonne(""), *(Colonne(str(a), chiffres=True) for a in annees)),
        lignes=tuple((Cellule(nom), *(v or VIDE for v in valeurs)) for nom, valeurs in lignes),
    )


def historique(ctx: Contexte, titre: str, indicateurs: Sequence[Indicateur]) -> Tableau | None:
    """Each figure of the territory, and of its département where they compare, from the base year on.

    What never moved is left out: its evolution says so.
    """
    debut = ctx.depuis or 0
    voulus = [
        (t, i)
        for i in indicateurs
        for t in (ctx.territoire, *(c for c in ctx.comparateurs if c.role == "departement"))
        if t is ctx.territoire or i.comparable
    ]
    annees = [
        a for a in _annees_montrees(ctx, [(i, ctx.de(t, i.indicateur_id)) for t, i in voulus]) if a >= debut
    ]
    annees = annees[-9:]
    lignes = []
    gardes = set()
    for t, i in voulus:
        valeurs = [ctx.releve.cellule(i.indicateur_id, ctx.de(t, i.indicateur_id), a) for a in annees]
        montrees = [v.texte for v in valeurs if v is not None and v.statut in MONTRENT]
        if t is ctx.territoire and len(set(montrees)) >= 2:
            gardes.add(i.indicateur_id)
            lignes.append((i.libelle, valeurs))
        elif i.indicateur_id in gardes and montrees:
            lignes.append((f"{i.libelle}, {t.libelle}", valeurs))
    utiles = [n for n in range(len(annees)) if any(valeurs[n] is not None for _, valeurs in lignes)]
    if not lignes:
        return None
    return tableau_annuel(
        titre, [annees[n] for n in utiles], [(nom, [valeurs[n] for n in utiles]) for nom, valeurs in lignes]
    )


def parts(ctx: Contexte, indicateurs: Sequence[Indicateur], titre: str) -> Parts | None:
    """The shares of a whole in the territory and beside it, of the year when the territory has them all."""
    annees = [
        a
        for a in _annees_montrees(ctx, [(i, ctx.porteur(i.indicateur_id)) for i in indicateurs])
        if all(
            (ligne := ctx.releve.ligne(ctx.porteur(i.indicateur_id), i.indicateur_id, a)) is not None
            and ligne["statut"] in MONTRENT
            for i in indicateurs
        )
    ]
    if not annees:
        return None
    annee = annees[-1]
    touts = []
    for t in (ctx.territoire, *ctx.comparateurs):
        cellules = [
            ctx.releve.cellule(i.indicateur_id, ctx.de(t, i.indicateur_id), annee) for i in indicateurs
        ]
        if all(c is not None and c.nombre is not None for c in cellules):
            barres = tuple(
                Barre(i.libelle, t.role, c)
                for i, c in zip(indicateurs, cellules, strict=True)
                if c is not None
            )
            touts.append((ctx.nom_court if t is ctx.territoire else t.libelle, barres))
    return Parts(
        identifiant=f"parts-{indicateurs[0].indicateur_id}".replace("_", "-"),
        titre=f"{titre}, {annee}",
        unite=f"{indicateurs[0].unite.libelle_pluriel}, {annee}",
        source=" ; ".join(sources(ctx, (b.valeur for _, barres in touts for b in barres))),
        alternative=f"{titre} en {annee}. "
        + " ; ".join(
            f"{nom} : {', '.join(f'{b.libelle} {b.valeur.texte}' for b in barres)}" for nom, barres in touts
        )
        + ".",
        tableau=Tableau(
            titre=f"{titre}, {annee}",
            colonnes=(Colonne("Mode"), *(Colonne(nom, chiffres=True) for nom, _ in touts)),
            lignes=tuple(
                (Cellule(i.libelle), *(barres[n].valeur for _, barres in touts))
                for n, i in enumerate(indicateurs)
            ),
        ),
        touts=tuple(touts),
    )


def carte(ctx: Contexte, i: Indicateur, dessinees: Callable[[str], bool]) -> Carte | None:
    """The communes by class of one figure, or by circles for a count; None unless three of them show one, and
    not all the same."""
    communes = [c for c in ctx.communes if dessinees(c.code)]
    annee = annee_qui_distingue(ctx, i, communes)
    if annee is None:
        return None
    cellules = {
        c: ctx.releve.cellule(i.indicateur_id, c.territoire_id, annee)
        or Cellule("nd", statut="non_disponible")
        for c in communes
    }
    # What is too uncertain to be compared has no colour either, though it is printed.
    douteuses = {
        c
        for c, v in cellules.items()
        if v.nombre is not None
        and (ctx.releve.trop_large(v) or ctx.releve.repose_sur_peu(i.indicateur_id, c.territoire_id, annee))
    }
    montrees = sorted(
        (v for c, v in cellules.items() if v.nombre is not None and c not in douteuses),
        key=lambda v: v.nombre or 0.0,
    )
    # A text has no class ("oui").
    if len(montrees) < _CARTE_AU_MOINS:
        return None
    reperes = _reperes(ctx, i, montrees)
    # Shaded, a count would say how wide communes are.
    classes = [] if reperes else _classes(montrees)
    zones = tuple(
        Zone(
            c.code,
            c.libelle,
            _rang_de_classe(v.nombre, classes) if classes and c not in douteuses else None,
            v,
        )
        for c, v in cellules.items()
    )
    titre = f"{i.libelle} par commune, {annee}"
    masquees = sum(z.valeur.statut == "secret" for z in zones)
    absentes = sum(z.valeur.statut in SANS_DONNEE for z in zones)
    reste = [f"{n} sous secret statistique" for n in [masquees] if n] + [
        f"{n} sans chiffre" for n in [absentes] if n
    ]
    reste += [f"{n} hors classe" for n in [len(douteuses)] if n]
    return Carte(
        identifiant=f"carte-{i.indicateur_id}".replace("_", "-"),
        titre=titre,
        unite=f"{i.unite.libelle_pluriel}, {annee}",
        source=" ; ".join(sources(ctx, montrees)),
        alternative=f"{titre}{', en cercles' if reperes else ''} : {len(zones)} communes,"
        f" de {montrees[0].texte} à {montrees[-1].texte}" + (f", {', '.join(reste)}" if reste else "") + ".",
        tableau=Tableau(
            titre=titre,
            colonnes=(Colonne("Commune"), Colonne(i.libelle, chiffres=True)),
            lignes=tuple((Cellule(z.nom), z.valeur) for z in zones),
        ),
        zones=zones,
        classes=tuple(
            f"{bas.texte}" if bas.texte == haut.texte else f"de {bas.texte} à {haut.texte}"
            for bas, haut in classes
        ),
        reperes=reperes,
        renvoi=RENVOI,
    )


def annee_qui_distingue(ctx: Contexte, i: Indicateur, territoires: Sequence[Territoire]) -> int | None:
    """Return the latest year of a figure, if it tells territories apart: three show it, not all the same.

    An evolution that cannot be read tells nothing of them.
    """
    if i.refus is not None:
        return None
    annees = _annees_montrees(ctx, [(i, t.territoire_id) for t in territoires])
    if not annees:
        return None
    lues = [ctx.releve.ligne(t.territoire_id, i.indicateur_id, annees[-1]) for t in territoires]
    valeurs = [ligne["valeur_affichee"] for ligne in lues if ligne and ligne["statut"] in MONTRENT]
    assez = len(valeurs) >= min(_CARTE_AU_MOINS, len(territoires)) and len(set(valeurs)) > 1
    return annees[-1] if assez else None


def _classes(montrees: Sequence[Cellule]) -> list[tuple[Cellule, Cellule]]:
    """Return the lowest and the highest figure of each class: about as many communes in each.

    1 1 2 3 5 8     five classes asked for, five values: 1, 2, 3, 5, 8
    """
    distinctes = list({v.nombre: v for v in montrees}.values())
    if len(distinctes) <= _CLASSES:
        return [(v, v) for v in distinctes]
    nombres = [v.nombre for v in montrees if v.nombre is not None]
    bornes = statistics.quantiles(nombres, n=_CLASSES, method="inclusive")
    classes = []
    reste = montrees
    for borne in [*bornes, float("inf")]:
        dedans = [v for v in reste if v.nombre is not None and v.nombre <= borne]
        if dedans:
            classes.append((dedans[0], dedans[-1]))
            reste = reste[len(dedans) :]
    return classes


def _reperes(ctx: Contexte, i: Indicateur, montrees: Sequence[Cellule]) -> tuple[Cellule, ...]:
    """Return the round figures that the legend of a map of a count shows, the largest first; none for a rate.

    6 900 at most: 5 000, 1 000, 200. 2 at most: 2, 1.
    """
    nombres = [v.nombre for v in montrees if v.nombre]
    effectif = not i.comparable and i.methode in ("somme", "publie")
    if not effectif or not nombres or min(nombres) < 0:
        return ()
    ronds = [_rond(max(nombres))]
    while len(ronds) < _REPERES and (suivant := _rond(ronds[-1] / 4)) >= min(nombres):
        ronds.append(suivant)
    if len(ronds) == 1 and min(nombres) <= ronds[0] / 2:
        ronds.append(min(nombres))
    return tuple(ctx.releve.hors_release(i.indicateur_id, n, "observe") for n in ronds)


def _rond(nombre: float) -> float:
    """Return 1, 2 or 5 times a power of ten, at or under this number."""
    dizaine = 10.0 ** floor(log10(nombre) + 1e-9)
    return max(n * dizaine for n in (1, 2, 5) if n * dizaine <= nombre * (1 + 1e-9))


def _rang_de_classe(nombre: float | None, classes: Sequence[tuple[Cellule, Cellule]]) -> int | None:
    if nombre is None:
        return None
    return next(n for n, (_, haut) in enumerate(classes) if haut.nombre is not None and nombre <= haut.nombre)


def tableau_des_territoires(
    ctx: Contexte,
    titre: str,
    territoires: Sequence[Territoire],
    indicateurs: Sequence[Indicateur],
    au_plus: int = _COLONNES,
) -> Tableau | None:
    """Communes (EPCI, départements) and some figures that tell them apart: those on maps, then the first."""
    retenus: list[tuple[Indicateur, int]] = []
    sur_carte = set(indicateurs_des_cartes())
    for i in sorted(indicateurs, key=lambda i: i.indicateur_id not in sur_carte):
        if len(retenus) == au_plus:
            break
        if (annee := annee_qui_distingue(ctx, i, territoires)) is not None:
            retenus.append((i, annee))
    if not retenus:
        return None
    lignes = tuple(
        (
            Cellule(e.libelle),
            *(ctx.releve.cellule(i.indicateur_id, e.territoire_id, a) or VIDE for i, a in retenus),
        )
        for e in territoires
    )
    return Tableau(
        titre=titre,
        colonnes=(
            Colonne("Territoire"),
            *(Colonne(f"{i.libelle}, {i.periode(a)}", chiffres=True) for i, a in retenus),
        ),
        lignes=lignes,
        sources=sources(ctx, (c for ligne in lignes for c in ligne)),
    )


def implantations(ctx: Contexte, indicateurs: Sequence[Indicateur]) -> Liste | None:
    """Where the structures are: for each kind, the communes that have some and how many."""
    points = []
    for i in indicateurs:
        dernier = ctx.dernier(i.indicateur_id)
        if i.univers != _STRUCTURES or dernier is None or not ctx.communes:
            continue
        annee = dernier["millesime"]
        lieux, masquees = [], 0
        for commune in ctx.communes:
            cellule = ctx.releve.cellule(i.indicateur_id, commune.territoire_id, annee)
            if cellule is not None and cellule.statut == "secret":
                masquees += 1
            elif cellule is not None and cellule.nombre:
                plusieurs = f" ({cellule.texte})" if cellule.nombre != 1 else ""
                lieux.append(commune.libelle + plusieurs)
        if lieux:
            reste = f" ; {masquees} communes sous secret statistique" if masquees else ""
            # A département has them in a hundred communes: annexes and the map say which.
            dits = ", ".join(lieux) if len(lieux) <= _LIEUX_AU_PLUS else f"dans {len(lieux)} communes"
            points.append(Point(f"{i.libelle}, {annee} : {dits}{reste}"))
    return Liste("Où sont les structures", tuple(points)) if points else None
