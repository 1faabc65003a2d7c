"""The comments of authors, where they asked: in a section and in its view, before, after, as a note."""

from collections.abc import Sequence
from dataclasses import replace

from publication.lecture.commentaires import Commentaire, publies
from publication.portraits.contenu.contexte import Contexte
from publication.portraits.modele import Liste, Message, Paragraphe, Section, Vue

_NOTES = "Notes de l'auteur"
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
    presentes = {vue.identifiant for vue in vues}
    des_vues: dict[str, list[Commentaire]] = {}
    seuls = list[Commentaire]()
    for c in _du_portrait(ctx):
        section = _section(c)
        noms = (section, *_VUES.get(section, ()))
        trouvee = next((nom for nom in noms if nom in presentes), None)
        (seuls if trouvee is None else des_vues.setdefault(trouvee, [])).append(c)
    annotees = [v for vue in vues for v in _annotees(ctx, vue, des_vues.get(vue.identifiant, []))]
    if seuls:
        annotees.append(_a_part(Vue("", _NOTES, _NOTES, ()), _dits(ctx, seuls, ("avant", "après", "note"))))
    return tuple(annotees)


def _annotees(ctx: Contexte, vue: Vue, siens: Sequence[Commentaire]) -> list[Vue]:
    """Put comments in a column of words; they would squeeze a chart, hence else a view that follows."""
    avant, apres = _dits(ctx, siens, ("avant",)), _dits(ctx, siens, ("après",))
    vue = replace(vue, notes=(*vue.notes, *(p.texte for p in _dits(ctx, siens, ("note",)))))
    de_mots = [
        n
        for n, colonne in enumerate(vue.colonnes)
        if all(isinstance(e, Paragraphe | Message | Liste) for e in colonne)
    ]
    if not de_mots:
        return [vue, _a_part(vue, [*avant, *apres])] if avant or apres else [vue]
    colonnes = [list(colonne) for colonne in vue.colonnes]
    colonnes[de_mots[0]] = [*avant, *colonnes[de_mots[0]]]
    colonnes[de_mots[-1]] += apres
    return [replace(vue, colonnes=tuple(map(tuple, colonnes)))]


def _a_part(vue: Vue, dits: Sequence[Paragraphe]) -> Vue:
    """The comments on a view, as one of their own."""
    return Vue(f"{vue.identifiant}-commentaires".strip("-"), vue.surtitre, _NOTES, (tuple(dits),))


def _du_portrait(ctx: Contexte) -> list[Commentaire]:
    """What authors wrote in it: what they give for this one, else what the release holds."""
    choisis = ctx.options.commentaires
    tous = publies(ctx.marts) if choisis is None else choisis
    return [c for c in tous if c.territoire_id == ctx.territoire.territoire_id]


def _section(commentaire: Commentaire) -> str:
    return commentaire.section.replace("_", "-")


def _de_la_section(ctx: Contexte, section: str) -> list[Commentaire]:
    return [c for c in _du_portrait(ctx) if _section(c) == section]


def _dits(ctx: Contexte, commentaires: Sequence[Commentaire], places: Sequence[str]) -> list[Paragraphe]:
    """Word the comments of these places, signed; beside one whose figure moved, what the release says."""
    return [
        Paragraphe(f"Note de l'auteur — {c.signature} : {c.texte}" + (f" [{mouvement}]" if mouvement else ""))
        for place in places
        for c in commentaires
        if c.place == place
        for mouvement in [c.mouvement(ctx.marts)]
    ]
