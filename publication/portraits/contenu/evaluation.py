"""The targets of a convention, and what moved since its base year."""

from collections.abc import Sequence

from publication.lecture.chiffres import Cellule
from publication.lecture.conventions import etat
from publication.lecture.lots import Ligne as LigneLue
from publication.portraits.contenu.comparateurs import VIDE
from publication.portraits.contenu.contexte import Contexte
from publication.portraits.contenu.convention import constats
from publication.portraits.contenu.langue import accorder
from publication.portraits.contenu.mouvements import Mouvement, tableau
from publication.portraits.modele import Element, Paragraphe, Tableau
from socle.statuts import MONTRENT

SITUATIONS = {
    "atteinte": "{cible atteinte|cibles atteintes}",
    "non_atteinte": "{cible non atteinte|cibles non atteintes}",
    "en_bonne_voie": "en bonne voie",
    "en_retard": "en retard",
    "nd": "{ne se juge|ne se jugent} pas",
}
"""How each `situation` of mart_ctg_suivi is worded, of one target or of several."""


def evaluation(ctx: Contexte, lus: Sequence[Mouvement]) -> list[Element | None]:
    """Each target of the convention; then what moved since its base year."""
    if ctx.autour.convention is None:
        return [_dans(ctx), tableau(ctx, lus)] if ctx.autour.couvrantes else []
    return [constats(ctx, None, "Synthèse de l'évaluation"), cibles(ctx), tableau(ctx, lus)]


def cibles(ctx: Contexte, *, relues: bool = True) -> Tableau | Paragraphe:
    """Return the targets of the convention beside its figures, or say that it states none.

    `relues`: with what this release reads of the year they start in.
    """
    suivi = ctx.autour.plan("mart_ctg_suivi")
    if ciblees := [s for s in suivi if s["indicateur_id"] and s["cible_statut"] in MONTRENT]:
        return _cibles(ctx, ciblees, relues)
    axes_ = {s["axe_id"] for s in suivi}
    return Paragraphe(
        f"La convention n'énonce de cible chiffrée pour aucun de ses {len(axes_)} axes : rien ne peut"
        " être dit atteint ou en retard."
        if axes_
        else "La convention n'énonce ni axe ni cible dans le plan d'actions reçu."
    )


def _dans(ctx: Contexte) -> Paragraphe:
    """Say which convention the territory is in, and where that one is read."""
    convention = ctx.autour.couvrantes[0]
    porteur = ctx.marts.territoire(convention["territoire_id"])
    return Paragraphe(
        f"{ctx.territoire.libelle} est dans le territoire de la convention « {convention['libelle']} »"
        f" ({etat(convention, ctx.marts.jour)}). Ses cibles et son évaluation se lisent dans le portrait"
        f" « {porteur.libelle} »."
    )


def _cibles(ctx: Contexte, suivi: list[dict[str, object]], relues: bool) -> Tableau:
    chiffres = ("Départ", *(["Départ relu"] if relues else []), "Dernier chiffre", "Attendu", "Cible")
    return Tableau.de(
        "Les cibles de la convention",
        ("Indicateur", "Axe", *chiffres, "Situation"),
        (
            (
                str(s["indicateur_libelle"]),
                str(s["axe_libelle"]),
                _suivie(ctx, s, "valeur_depart", s["periode_depart"]),
                *([_relu(ctx, s)] if relues else []),
                _suivie(ctx, s, "valeur", s["millesime"]),
                _suivie(ctx, s, "valeur_attendue", None),
                _suivie(ctx, s, "cible", s["echeance"]),
                accorder(SITUATIONS[str(s["situation"])], False),
            )
            for s in suivi
        ),
        chiffres,
        notes=(
            *([_RELU] if relues else []),
            "Attendu : la valeur de la droite qui va du départ à la cible, l'année du dernier chiffre.",
        ),
        sources=("Plan d'actions de la convention",),
    )


_RELU = (
    "Départ : tel que le plan l'énonce ; relu : tel que cette publication le lit pour la même année. Ils"
    " diffèrent si le producteur a révisé, ou si le plan a lu une autre source ou un autre périmètre."
)


def _relu(ctx: Contexte, s: LigneLue) -> Cellule:
    if s["periode_depart"] is None:
        return VIDE
    cellule = ctx.releve.cellule(str(s["indicateur_id"]), str(s["territoire_id"]), s["periode_depart"])
    return cellule or VIDE


def _suivie(ctx: Contexte, s: LigneLue, champ: str, annee: object) -> Cellule:
    cellule = ctx.releve.hors_release(str(s["indicateur_id"]), s[champ], s[f"{champ}_statut"])
    if annee is None or cellule.nombre is None:
        return cellule
    return Cellule(f"{cellule.texte} ({annee})", statut=cellule.statut)
