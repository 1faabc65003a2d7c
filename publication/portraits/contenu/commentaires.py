"""The comments of authors, where they asked: in a section and in its view, before, after, as a note."""

from collections.abc import Sequence
from dataclasses import replace

from publication.commun.commentaires import Commentaire
from publication.portraits.contenu.contexte import Contexte
from publication.portraits.modele import Paragraphe, Section, Vue

# The views that show what is in a section of another name, the first that is there.
_VUES = {
    "essentiel": ("chiffres-cles",),
    "portrait-social": ("chiffres-cles",),
    "petite-enfance": ("petite-enfance-axes",),
    "sppe": ("schema", "scenario"),
    "evaluation": ("synthese", "changements"),
}


def annoter(ctx: Contexte, section: Section) -> Section:
    """Return a section with its comments; one that has nothing else still says why."""
    siens = _de_la_section(ctx, section.identifiant)
    if not siens:
        return section
    avant = _dits(ctx, siens, ("avant",))
    apres = _dits(ctx, siens, ("après", "note"))
    vide = [Paragraphe(section.vide)] if section.vide else []
    return replace(section, elements=(*avant, *vide, *section.elements, *apres), vide=None)


def annoter_les_vues(ctx: Contexte, vues: Sequence[Vue]) -> tuple[Vue, ...]:
    """Return views with the comments of their section, notes among those of who speaks.

    Comments of a section that no view shows have one of their own, the last.
    """
    presentes = {vue.identifiant: n for n, vue in enumerate(vues)}
    annotees, seuls = list(vues), list[Paragraphe]()
    for section in dict.fromkeys(c.section.replace("_", "-") for c in ctx.commentaires):
        siens = _de_la_section(ctx, section)
        n = next((presentes[v] for v in (section, *_VUES.get(section, ())) if v in presentes), None)
        if n is None:
            seuls += _dits(ctx, siens, ("avant", "après", "note"))
            continue
        vue = annotees[n]
        colonnes = [list(colonne) for colonne in vue.colonnes] or [[]]
        colonnes[0] = [*_dits(ctx, siens, ("avant",)), *colonnes[0]]
        colonnes[-1] += _dits(ctx, siens, ("après",))
        annotees[n] = replace(
            vue,
            colonnes=tuple(tuple(colonne) for colonne in colonnes if colonne),
            notes=(*vue.notes, *(p.texte for p in _dits(ctx, siens, ("note",)))),
        )
    if seuls:
        annotees.append(
            Vue("notes-de-l-auteur", "Notes de l'auteur", "Ce que l'auteur ajoute", (tuple(seuls),))
        )
    return tuple(annotees)


def _de_la_section(ctx: Contexte, section: str) -> list[Commentaire]:
    return [c for c in ctx.commentaires if c.section.replace("_", "-") == section]


def _dits(ctx: Contexte, commentaires: Sequence[Commentaire], places: Sequence[str]) -> list[Paragraphe]:
    """Word the comments of these places, signed; beside one whose figure moved, what the release says."""
    return [
        Paragraphe(f"Note de l'auteur — {c.signature} : {c.texte}" + (f" [{mouvement}]" if mouvement else ""))
        for place in places
        for c in commentaires
        if c.place == place
        for mouvement in [c.mouvement(ctx.marts)]
    ]
