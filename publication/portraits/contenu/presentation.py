"""The views that are presented, in their order: each states a finding and shows it in two columns at most."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from publication.lecture.citation import lire_reference
from publication.portraits.contenu import essentiel, vues_convention
from publication.portraits.contenu.comparateurs import sources
from publication.portraits.contenu.contexte import Contexte
from publication.portraits.contenu.convention import a_relire, axes, constat_seul, constats
from publication.portraits.contenu.dessins import dessins
from publication.portraits.contenu.essentiel import Constat
from publication.portraits.contenu.langue import majuscule
from publication.portraits.contenu.mouvements import Mouvement, dire, halteres, premiers
from publication.portraits.contenu.plan import groupes_de_cles, plan, tableau
from publication.portraits.contenu.reperes import assembler, incertains, repere, reperes
from publication.portraits.modele import (
    Barre,
    Comparaison,
    Element,
    Graphique,
    Liste,
    Tableau,
    Vue,
    colonnes,
    references_de,
)

CLES, CHANGEMENTS = "chiffres-cles", "changements"
"""The views that the page opens on too."""
_COMBIEN, _DU_THEME = 12, 4
"""Key figures on one view: a dozen, and those that open a theme."""
_CLES_AU_MOINS = 3
_COMPARES_AU_MOINS = 3
"""Key figures that stand beside others: of a territory with fewer, one page says what is known."""
_ELEMENTS_AU_MOINS = 5
"""Key figures and sentences of a view that has no chart: with fewer, a theme shares one with others."""
_AUTRES_AU_MOINS = 3
"""What that one holds: with less, page and annexes say it."""
_PHRASES = 3
"""Sentences of a theme, on its view where it has no convention, else in its notes."""


def ouverture(ctx: Contexte, lus: Sequence[Mouvement]) -> tuple[Vue, ...]:
    """Return the views that the page of a territory opens on: its key figures, and what changed."""
    return tuple(vue for vue in (_cles(ctx), _changements(ctx, lus)) if vue is not None)


def presentation(ctx: Contexte, themes: Sequence[str], lus: Sequence[Mouvement]) -> tuple[Vue, ...]:
    """Return the views of a portrait: those that have something to show."""
    cles = _cles(ctx)
    compares = [r for r in (cles.tete.lignes if cles and cles.tete else ()) if r.reperes]
    if cles is not None and len(compares) < _COMPARES_AU_MOINS and not ctx.autour.convention:
        return _une_page(ctx, cles, _changements(ctx, lus))
    return tuple(
        replace(vue, producteurs=_producteurs(ctx, vue))
        for vue in (
            vues_convention.demarche(ctx),
            _caf(ctx),
            cles,
            _changements(ctx, lus),
            *([] if ctx.autour.convention else _portrait_social(ctx)),
            vues_convention.synthese(ctx),
            *_themes(ctx, themes, cles),
            *vues_convention.petite_enfance(ctx),
            vues_convention.structures(ctx, [dit.message for dit in _dits(ctx, "financement")[:_PHRASES]]),
            vues_convention.gouvernance(ctx),
            vues_convention.objectifs(ctx),
            vues_convention.decision(ctx),
        )
        if vue is not None
    )


def _une_page(ctx: Contexte, cles: Vue, changements: Vue | None) -> tuple[Vue, ...]:
    """Return what is to be said where nothing compares: what is counted, and what nobody knows of so few."""
    flous = incertains(ctx, [i for _, ids in groupes_de_cles() for i in ids])
    page = replace(cles, colonnes=vues_convention.en_deux(flous) if flous else ())
    retenues = (page, changements) if changements is not None else (page,)
    return tuple(replace(vue, producteurs=_producteurs(ctx, vue)) for vue in retenues)


def _producteurs(ctx: Contexte, vue: Vue) -> tuple[str, ...]:
    """Return who produced the figures of a view, the most present first."""
    compte: Counter[str] = Counter()
    for reference in vue.references():
        indicateur_id, territoire_id, millesime = lire_reference(reference)
        if (ligne := ctx.releve.ligne(territoire_id, indicateur_id, millesime)) is not None:
            compte.update(sorted(ctx.marts.producteurs(ligne["source_ids"])))
    return tuple(nom for nom, _ in compte.most_common())


def _cles(ctx: Contexte) -> Vue | None:
    dits = _dits(ctx, None)
    # What a title says is shown under it, first.
    ids = (*(dit.indicateur_id for dit in dits[:1]), *plan()["presentation"]["cles"])
    cles = reperes(ctx, "Chiffres clés", tuple(dict.fromkeys(ids)), _COMBIEN)
    if cles is None or len(cles.lignes) < _CLES_AU_MOINS:
        return None
    titre = dits[0].titre if dits else f"{majuscule(ctx.autour.nom_court)} en {len(cles.lignes)} chiffres"
    return Vue(CLES, "Chiffres clés", titre, (), cles, tuple(dit.message.texte for dit in dits))


def _dits(ctx: Contexte, theme: str | None) -> list[Constat]:
    """What the marts find of a theme, or of all of them, the strongest first."""
    return essentiel.constats(essentiel.faits_de(ctx, theme), ctx.releve.chiffre)


def _caf(ctx: Contexte) -> Vue | None:
    """What families receive in a year, by family of benefits."""
    familles = [i for i in ctx.indicateurs(tableau("financement_familles")) if i.methode == "somme"]
    lues = [(i, r) for i in familles if (r := repere(ctx, i)) is not None]
    if len(lues) < _CLES_AU_MOINS:
        return None
    total = max((r for _, r in lues), key=lambda r: r.cellule.nombre or 0)
    barres = tuple(Barre(r.libelle, "territoire", r.cellule) for _, r in lues if r is not total)
    titre = f"{total.cellule.texte} de prestations versés aux foyers en {total.periode}"
    dits = " ; ".join(f"{b.libelle} : {b.valeur.texte}" for b in barres)
    source = " ; ".join(sources(ctx, [b.valeur for b in barres]))
    dessin = Comparaison(
        identifiant="prestations-par-nature",
        titre=f"Les prestations par nature, {total.cellule.texte} en tout",
        unite=f"euros, {total.periode}",
        source=source,
        alternative=f"{titre}. {dits}.",
        tableau=Tableau.de(
            "Les prestations par nature",
            ("Prestations", "Montant"),
            ((b.libelle, b.valeur) for b in barres),
            ("Montant",),
            sources=(source,),
        ),
        barres=barres,
    )
    autres = [i for i in tableau("financement_familles") if i not in {f.indicateur_id for f in familles}]
    autres += tableau("autour_des_prestations")
    autour = reperes(ctx, "Autour de ces prestations", autres, _DU_THEME)
    return Vue(
        "caf",
        "La Caf sur le territoire",
        titre,
        colonnes((dessin,), (autour,) if autour else ()),
    )


def _changements(ctx: Contexte, lus: Sequence[Mouvement]) -> Vue | None:
    """What moved, shares beside counts: those of which a rise or a fall is established come first."""
    if not lus:
        return None
    dessins_ = [d for parts in (True, False) if (d := halteres(ctx, lus, parts)) is not None]
    dessines = {ligne.libelle for d in dessins_ for ligne in d.lignes}
    return Vue(
        CHANGEMENTS,
        "Ce qui a changé",
        _mouvement(premiers(lus)[0]),
        colonnes(*((d,) for d in dessins_)),
        notes=tuple(dire(m) for m in premiers(lus) if m.indicateur.libelle not in dessines),
    )


def _mouvement(m: Mouvement) -> str:
    """Title what moved by the first movement drawn, its two ends beside their years."""
    if not m.etabli:
        return "Aucune hausse ni baisse établie"
    de, a = m.paire["millesime_debut"], m.paire["millesime_fin"]
    return f"{m.indicateur.libelle} : de {m.debut.texte} en {de} à {m.fin.texte} en {a}"


def _portrait_social(ctx: Contexte) -> list[Vue]:
    """The groups of key figures, each with its chart: what presents a territory without a convention."""
    dessines = {i: dessin for dessin in dessins(ctx, "portrait_social", None) for i in _ids(dessin)}
    vues: list[Vue] = []
    for titre, ids in groupes_de_cles():
        dessin = next((dessines[i] for i in ids if i in dessines), None)
        tete = reperes(ctx, titre, ids, _DU_THEME)
        if dessin is not None and tete is not None:
            vues.append(Vue(f"portrait-{len(vues)}", titre, dessin.titre, ((dessin,),), tete))
    return vues


def _ids(dessin: Element) -> set[str]:
    """The indicateurs that a chart draws."""
    return {lire_reference(r)[0] for r in references_de(dessin)}


def _themes(ctx: Contexte, themes: Sequence[str], chiffres_cles: Vue | None) -> list[Vue]:
    """The views of each theme; those of a figure or a sentence and nothing else share one, the last."""
    titre = chiffres_cles.titre if chiffres_cles is not None else ""
    vues = [vue for theme in themes for vue in _theme(ctx, theme, titre)]
    maigres = [vue for vue in vues if _est_maigre(vue)]
    # What the key figures hold already says nothing more on a view of its own.
    dites = set(chiffres_cles.references()) if chiffres_cles is not None else set()
    lignes = [
        ligne
        for vue in maigres
        for ligne in (vue.tete.lignes if vue.tete is not None else ())
        if ligne.cellule.chiffre not in dites
    ]
    phrases = [e for vue in maigres for colonne in vue.colonnes for e in colonne]
    gardees = [vue for vue in vues if vue not in maigres]
    if len(lignes) + len(phrases) < _AUTRES_AU_MOINS:
        return gardees
    dit = ", ".join(vue.surtitre if not n else vue.surtitre.lower() for n, vue in enumerate(maigres))
    tete = assembler(ctx, dit, lignes[:_DU_THEME]) if lignes else None
    moitie = (len(phrases) + 1) // 2
    cotes = colonnes(tuple(phrases[:moitie]), tuple(phrases[moitie:]))
    notes = tuple(note for vue in maigres for note in vue.notes)
    return [*gardees, Vue("autres-themes", "Autres thèmes", dit, cotes, tete, notes)]


def _est_maigre(vue: Vue) -> bool:
    """Whether a view would leave its slide half empty: no chart, no list, and few figures and sentences."""
    elements = [e for colonne in vue.colonnes for e in colonne]
    combien = len(elements) + (len(vue.tete.lignes) if vue.tete is not None else 0)
    return combien < _ELEMENTS_AU_MOINS and not any(isinstance(e, Graphique | Liste) for e in elements)


def _theme(ctx: Contexte, theme: str, titre_des_cles: str) -> list[Vue]:
    """Need and offer beside what the evaluation found, then what the convention is to do, in its words.

    Without a convention, a chart and sentences stand where its words would.
    """
    nom = ctx.marts.themes[theme]
    lus = [dit for dit in _dits(ctx, theme) if dit.titre != titre_des_cles]
    titre = lus[0].titre if lus else nom
    cles = (*(dit.indicateur_id for dit in lus[:1]), *plan()["presentation"]["themes"].get(theme, ()))
    tete = reperes(ctx, nom, tuple(dict.fromkeys(cles)), _DU_THEME)
    notes = (*(dit.message.texte for dit in lus[:_PHRASES]), *a_relire(ctx, theme))
    messages = tuple(dit.message for dit in lus[:_PHRASES])
    evalues, voulus = constats(ctx, theme, dire=constat_seul), axes(ctx, theme)
    identifiant = theme.replace("_", "-")
    dessin = _dessin(ctx, theme)
    if not evalues and not voulus:
        groupes = colonnes((dessin,) if dessin else (), messages)
        return [Vue(identifiant, nom, titre, groupes, tete, notes)] if tete or groupes else []
    vues = []
    if theme == "petite_enfance" and dessin is not None:
        # The rate that the convention is judged by has a slide to itself.
        vues.append(Vue(identifiant, nom, titre, ((dessin,),), notes=notes))
        titre, notes = vues_convention.premier_constat(ctx, theme) or nom, ()
    if evalues is not None:
        suffixe = "-evaluation" if vues else ""
        dits = vues_convention.en_deux(replace(evalues, titre=""))
        vues.append(Vue(f"{identifiant}{suffixe}", nom, titre, dits, tete, notes))
        tete, notes = None, ()
    if voulus is not None:
        orientations = replace(voulus, titre="")
        titre = "Ce que la convention engage" if vues else titre
        dites = vues_convention.en_deux(orientations)
        vues.append(Vue(f"{identifiant}-axes", nom, titre, dites, tete, notes))
    return vues


def _dessin(ctx: Contexte, theme: str) -> Element | None:
    """The first chart of a theme that has enough figures."""
    return next(iter(dessins(ctx, theme, None)), None)
