"""The evaluation of a convention as a document: what it retains, its targets, and before and after by theme.

Belongs here: putting side by side what others word. Does not: any judgement of what a convention caused.
"""

from collections.abc import Sequence

from publication.lecture.marts import Marts
from publication.portraits.contenu.comparateurs import VIDE
from publication.portraits.contenu.contexte import Contexte
from publication.portraits.contenu.convention import axes, constats
from publication.portraits.contenu.evaluation import cibles
from publication.portraits.contenu.mouvements import Mouvement, mouvements, tableau
from publication.portraits.modele import Liste, Paragraphe, Point, Section, Tableau

TITRE = "Dossier d'évaluation de la convention territoriale globale"
ALORS = "Ce que l'on savait au départ"
DECRIT = Paragraphe(
    "Ces évolutions sont décrites, à côté de celle du département et, où elle se lit, de la médiane des"
    " pairs : rien ici ne dit ce qui tient à la convention."
)
_LIRE = (
    "Une évolution n'est pas un effet : un chiffre peut monter sans la convention, ou serait descendu"
    " davantage sans elle. Le département et les pairs disent seulement ce qui s'est passé ailleurs.",
    "Une évolution se lit entre deux années d'une même source, d'un même champ et d'un même périmètre ; les"
    " autres sont refusées, et absentes d'ici.",
    "Une cible sans départ, sans date ou sans chiffre ne se mesure pas : son motif est dans mart_ctg_suivi.",
)


def sections(ctx: Contexte, depart: Marts | None) -> tuple[Section, ...]:
    """Return the sections; one of them on what `depart`, a release of when it was signed, said.

    Raises ErreurPublication where the territory has no convention.
    """
    ctx.autour.exiger_une_convention()
    lus = mouvements(ctx)
    ouverture = Section.de("constats", "Ce que retient l'évaluation", [constats(ctx, None, "Synthèse")])
    themes = [_theme(ctx, theme, lus) for theme in ctx.marts.themes]
    alors = [_alors(ctx, depart, lus)] if depart is not None else []
    return (
        *([ouverture] if ouverture.elements else []),
        Section("cibles", "Les cibles", (cibles(ctx),)),
        *(section for section in themes if section.elements),
        *alors,
        Section("lire", "Comment lire ces chiffres", (DECRIT, Liste("", tuple(map(Point, _LIRE))))),
    )


def _theme(ctx: Contexte, theme: str, lus: Sequence[Mouvement]) -> Section:
    bouges = [m for m in lus if m.indicateur.theme == theme]
    avant_apres = tableau(ctx, bouges, "Avant et après")
    return Section.de(
        theme.replace("_", "-"),
        ctx.marts.themes[theme],
        [axes(ctx, theme), constats(ctx, theme), avant_apres],
    )


def _alors(ctx: Contexte, depart: Marts, lus: Sequence[Mouvement]) -> Section:
    """What was known then of each figure that moved, beside what is read of the same year today."""
    publies = {
        (ligne["territoire_id"], ligne["indicateur_id"]): ligne
        for ligne in depart.lignes(
            "select territoire_id, indicateur_id, millesime, valeur_affichee from mart_derniers_chiffres"
            " where territoire_id in (?, ?)",
            [ctx.territoire.territoire_id, ctx.autour.jumeau],
        )
    }
    lignes = []
    for m in lus:
        i, porteur = m.indicateur, m.paire["territoire_id"]
        alors = publies.get((porteur, i.indicateur_id))
        if alors is None:
            continue
        relu = ctx.releve.cellule(i.indicateur_id, porteur, alors["millesime"]) or VIDE
        annee = str(alors["millesime"])
        lignes.append(
            (i.libelle, annee, alors["valeur_affichee"], relu, m.fin, str(m.paire["millesime_fin"]))
        )
    publiee = f"publication {depart.edition.release_id}, {depart.edition.publiee_le}"
    if not lignes:
        return Section("depart", ALORS, (), f"La {publiee}, ne dit rien de ces chiffres sur ce territoire.")
    fait = Tableau.de(
        f"{ALORS} ({publiee})",
        ("Indicateur", "Année", "Publié alors", "Relu aujourd'hui", "Dernier chiffre", "Son année"),
        lignes,
        ("Année", "Publié alors", "Relu aujourd'hui", "Dernier chiffre", "Son année"),
        notes=(
            "Où « publié alors » et « relu aujourd'hui » diffèrent, le producteur a révisé son fichier, ou la"
            " géographie, la source retenue ou la définition a changé.",
        ),
    )
    return Section("depart", ALORS, (fait,))
