"""What stands beside a figure: its comparators, what sets them apart, its peers, and why it is missing."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from publication.lecture.chiffres import Cellule
from publication.lecture.citation import lire_reference
from publication.lecture.lots import Ligne as LigneLue
from publication.lecture.marts import Indicateur, Territoire
from publication.lecture.niveaux import NIVEAUX
from publication.portraits.contenu.contexte import Contexte, ton
from publication.portraits.contenu.langue import ordinal
from socle.affichage import nombre
from socle.statuts import MONTRENT, SANS_DONNEE

VIDE = Cellule("")

_SANS_PLACE = ("trop_peu", "chiffre_incertain", "effectif_trop_faible")
"""Why a figure alone has no rank: the median of its peers holds beside it."""
_HORS_DES_PAIRS = ("trop_peu", "effectif_trop_faible", "liste_incomplete")
"""Why a figure is no peer of others: it is not counted among them."""


def nom_colonne(territoire: Territoire) -> str:
    """How a comparator is called at the head of a column."""
    niveau = NIVEAUX.get(territoire.role)
    return niveau.nom if niveau else territoire.libelle


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


def sans_chiffre(ctx: Contexte, indicateurs: Sequence[Indicateur]) -> dict[str, list[str]]:
    """Return the labels of those that show no figure, by reason."""
    raisons: dict[str, list[str]] = {}
    for i in indicateurs:
        if (motif := manque(ctx, i)) is not None:
            raisons.setdefault(motif, []).append(i.libelle)
    return raisons


def manque(ctx: Contexte, i: Indicateur) -> str | None:
    """Why there is no figure: the reason here, else that of the release; None where one is, shown or not."""
    ligne = ctx.derniers.get(i.indicateur_id)
    if ligne is not None and ligne["statut"] not in SANS_DONNEE:
        return None
    code, motif = (ligne["motif_code"], ligne["motif"]) if ligne else (i.motif_code, i.motif)
    return motif_dit(code, motif) or "aucun chiffre pour ce territoire"


def reserves(ctx: Contexte, i: Indicateur, ligne: LigneLue) -> list[str]:
    """Say which comparator counts something else: another field, or the figure of another source.

    `ligne` is the latest figure, a row of `mart_derniers_chiffres`.
    """
    if not i.comparable:
        return []
    annee = ligne["millesime"]
    dites = []
    for t in ctx.autour.comparateurs:
        autre = ctx.releve.ligne(t.territoire_id, i.indicateur_id, annee)
        if autre is None or autre["statut"] not in MONTRENT:
            continue
        code = _reserve(ctx, t, ligne, autre)
        if code == "liste_incomplete":
            dites.append(f"{t.libelle}, liste incomplète")
        if code in ("champ", "champ_et_source"):
            dites.append(f"{t.libelle}, champ {autre['champ'] or 'entier'}")
        if code in ("source", "champ_et_source"):
            dites.append(f"{t.libelle}, source {ctx.marts.source({**autre, 'champ': None})}")
    return dites


def _reserve(ctx: Contexte, t: Territoire, ligne: LigneLue, autre: LigneLue) -> str | None:
    """What sets a comparator apart, in the codes of the marts; they say it but of who was asked for."""
    comparateur = ctx.autour.comparateur(t)
    if comparateur is not None:
        code: str | None = ligne[f"reserve_{comparateur}_code"]
        return code
    champ = (autre["champ"] or "") != (ligne["champ"] or "")
    source = ctx.marts.producteurs(autre["source_ids"]) != ctx.marts.producteurs(ligne["source_ids"])
    return "_et_".join(nom for nom, differe in (("champ", champ), ("source", source)) if differe) or None


def sources(ctx: Contexte, cellules: Iterable[Cellule]) -> tuple[str, ...]:
    """Word where these figures come from, each source once."""
    vues: dict[str, None] = {}
    for cellule in cellules:
        if cellule.chiffre:
            indicateur_id, territoire_id, millesime = lire_reference(cellule.chiffre)
            ligne = ctx.releve.ligne(territoire_id, indicateur_id, millesime)
            for source_id in ((ligne and ligne["source_ids"]) or "").split("+"):
                if (s := ctx.marts.sources.get(source_id)) is not None:
                    vues[f"{s['producteur']}, {s['titre']}"] = None
    return tuple(vues)


def comparateur(ctx: Contexte, i: Indicateur, t: Territoire, ligne: LigneLue) -> Cellule:
    """Return the figure of a comparator, of the year of `ligne`, with how the gap reads."""
    if not i.comparable:
        return VIDE
    comparateur, annee = ctx.autour.comparateur(t), ligne["millesime"]
    cellule = ctx.releve.cellule(i.indicateur_id, t.territoire_id, annee)
    if cellule is None:
        return VIDE
    if comparateur is None:
        return cellule
    return replace(cellule, ton=ton(ligne[f"ecart_{comparateur}_lecture"]))


def mediane_et_rang(ctx: Contexte, i: Indicateur, annee: int) -> tuple[Cellule, Cellule]:
    """The median of peers and the rank in words, of the year of the figure; empty where it has none."""
    ligne = ctx.rangs.get(i.indicateur_id)
    if ligne is None or ligne["millesime"] != annee or not i.comparable:
        return VIDE, VIDE
    if ligne["rang_au_mieux"] is None and ligne["rang_motif_code"] not in _SANS_PLACE:
        return VIDE, VIDE
    mediane = VIDE
    if ligne["valeur_pairs_lisibilite"] == "point":
        mediane = ctx.releve.hors_release(
            i.indicateur_id,
            ligne["valeur_pairs"],
            ligne["valeur_pairs_statut"],
            (ligne["valeur_pairs_borne_basse"], ligne["valeur_pairs_borne_haute"]),
        )
    return mediane, Cellule(rang_dit(ligne))


def rang_dit(ligne: LigneLue) -> str:
    """Say where a value stands among its peers, from the highest: it does not say which end is better.

    la plus élevée des 12, 2ᵉ plus élevée des 12, la plus basse des 12; where intervals allow several ranks,
    2ᵉ à 4ᵉ plus élevée des 12 (1ʳᵉ ou 2ᵉ); nothing where they allow most of them, or where all are equal.
    """
    mieux, pire, pairs = ligne["rang_au_mieux"], ligne["rang_au_pire"], ligne["nb_pairs"]
    if mieux is None or 2 * (pire - mieux + 1) > pairs > 1:
        return ""
    if mieux < pire:
        ou = "ou" if pire == mieux + 1 else "à"
        return f"{ordinal(mieux)} {ou} {ordinal(pire)} plus élevée des {pairs}"
    egaux = ligne["nb_ex_aequo"] or 0
    if egaux + 1 == pairs:
        return ""
    if mieux == 1:
        place = "la plus élevée"
    else:
        place = "la plus basse" if mieux + egaux == pairs else f"{ordinal(mieux)} plus élevée"
    return f"{place} des {pairs}{', ex æquo' if egaux else ''}"


def peu_de_pairs(ligne: LigneLue) -> bool:
    """Whether under half of the group has a figure, so that its median is of few of it."""
    return bool(ligne["nb_pairs_sans_valeur"] > ligne["nb_pairs"])


def mediane_dite(ligne: LigneLue) -> str:
    """Name a median by its group, and of how many: the territory is not in it, nor those without a figure.

    médiane des 5 autres EPCI …, or médiane de 5 des 359 autres EPCI … where most have no figure.
    """
    tous = ligne["nb_pairs"] + ligne["nb_pairs_sans_valeur"] - 1
    combien = ligne["nb_pairs"] - (ligne["rang_motif_code"] not in _HORS_DES_PAIRS)
    if peu_de_pairs(ligne):
        return f"médiane de {nombre(combien, 0)} des {nombre(tous, 0)} autres {ligne['groupe_pairs']}"
    return f"médiane des {nombre(combien, 0)} autres {ligne['groupe_pairs']}"


def annees_montrees(ctx: Contexte, chiffres: Sequence[tuple[Indicateur, str]]) -> tuple[int, ...]:
    """Return the years in which one of these figures is shown, in order."""
    montrees = {
        annee
        for i, territoire_id in chiffres
        for annee in ctx.releve.annees(territoire_id, i.indicateur_id)
        if (ligne := ctx.releve.ligne(territoire_id, i.indicateur_id, annee)) is not None
        and ligne["statut"] in MONTRENT
    }
    return tuple(sorted(montrees))
