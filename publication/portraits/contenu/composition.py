"""The sections of a portrait, in order: which elements each holds, and what it says when it has none."""

import operator
from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar, cast

from publication.lecture.chiffres import Cellule
from publication.lecture.citation import INVENTES
from publication.lecture.marts import Indicateur, Marts
from publication.lecture.niveaux import NIVEAUX
from publication.portraits.contenu import (
    annexes,
    clauses_dites,
    convention,
    dossier,
    evaluation,
    schema,
    zones,
)
from publication.portraits.contenu.carte import carte
from publication.portraits.contenu.commentaires import annoter, annoter_les_vues
from publication.portraits.contenu.comparateurs import sans_chiffre
from publication.portraits.contenu.contexte import Contexte, Options
from publication.portraits.contenu.contours import POPULATION, contours
from publication.portraits.contenu.dessins import dessins
from publication.portraits.contenu.essentiel import du_theme, essentiel, faits_de
from publication.portraits.contenu.langue import insecable, minuscule
from publication.portraits.contenu.mouvements import Mouvement, mouvements
from publication.portraits.contenu.plan import groupes_de_cles, indicateurs_des_cartes, tableau
from publication.portraits.contenu.presentation import CHANGEMENTS, CLES, ouverture, presentation
from publication.portraits.contenu.tableaux import implantations, tableau_des_chiffres
from publication.portraits.contenu.termes import expliquer_sections, expliquer_vues
from publication.portraits.modele import Carte, Contours, Document, Paragraphe, Section, Tableau, Vue

AUTREMENT = ("portrait_social", "financement", "gouvernance")
"""The themes whose section is not laid out as that of the others."""

COUVERTURE = POPULATION
"""What the map of the cover shows."""

_LIGNES_AU_MOINS = 4

_T = TypeVar("_T")


def composer(
    marts: Marts, territoire_id: str, options: Options | None = None, a_presenter: bool = True
) -> Document:
    """Return the portrait of a territory; without `a_presenter`, no view but those that its page opens on.

    Raises ErreurPublication when the release has no territory of that id, or of one it is to be set beside.
    """
    marts.attendre(territoire_id)
    ctx = Contexte(marts, marts.territoire(territoire_id), options or Options())
    # All that maps, lists of structures and annexes read of them, at once.
    ensemble = [territoire_id, ctx.autour.jumeau]
    ctx.releve.lire_les_parties(ctx.autour.enfants, ensemble)
    ctx.releve.lire_les_parties(ctx.autour.communes, ensemble, [COUVERTURE, *indicateurs_des_cartes()])
    traits = contours(ctx)
    themes = [theme for theme in marts.themes if theme not in AUTREMENT]
    lus = mouvements(ctx)
    vues = presentation(ctx, themes, lus) if a_presenter else ouverture(ctx, lus)
    sections = (
        _essentiel(ctx, vues),
        _portrait_social(ctx, traits),
        *(_theme(ctx, theme, traits) for theme in themes),
        _sppe(ctx, traits),
        _evaluation(ctx, lus),
        _financement(ctx),
        _gouvernance(ctx),
        annexes.section(ctx, ("portrait_social", *themes)),
    )
    document = Document(
        territoire_id=ctx.territoire.territoire_id,
        niveau=ctx.territoire.niveau,
        titre=ctx.autour.nom_court if ctx.territoire.niveau == "ctg" else ctx.territoire.libelle,
        sous_titre=ctx.territoire.libelle
        if ctx.territoire.niveau == "ctg"
        else NIVEAUX[ctx.territoire.niveau].nom,
        couverture=convention.couverture(ctx),
        carte=_population(ctx, traits),
        edition=marts.edition,
        sections=tuple(annoter(ctx, section) for section in sections),
        presentation=annoter_les_vues(ctx, vues),
        chiffres=ctx.releve.cites,
        bandeau=INVENTES if ctx.territoire.demonstration else None,
        contours=traits,
    )
    return replace(
        document,
        carte=_insecable(document.carte),
        sections=_insecable(expliquer_sections(document.sections)),
        presentation=_insecable(expliquer_vues(document.presentation)),
    )


_DU_PORTRAIT = ("Année de base des évolutions", "Comparé à")
"""Lines of the cover that say nothing of a schéma."""


def composer_schema(marts: Marts, territoire_id: str) -> Document:
    """Return the schéma pluriannuel of a convention as a document, to be completed and deliberated on.

    Raises ErreurPublication when the release has no such territory, or it has no convention.
    """
    ctx = Contexte(marts, marts.territoire(territoire_id), Options())
    lignes = [ligne for ligne in convention.couverture(ctx) if ligne[0] not in _DU_PORTRAIT]
    *clauses, reste = clauses_dites.sections(ctx)
    bouges = [m for m in mouvements(ctx) if m.indicateur.theme == "petite_enfance"]
    suivi = Section.de("suivi", "Où l'on en est", [*evaluation.evaluation(ctx, bouges), dossier.DECRIT], "")
    couverture = (("État", "projet, à soumettre à délibération"), *lignes)
    return _document(ctx, clauses_dites.TITRE, couverture, (*clauses, suivi, reste))


def composer_evaluation(marts: Marts, territoire_id: str, depart: Marts | None = None) -> Document:
    """Return the evaluation of a convention as a document; `depart`: the release of when it was signed.

    Raises ErreurPublication when the release has no such territory, or it has no convention.
    """
    ctx = Contexte(marts, marts.territoire(territoire_id), Options())
    return _document(ctx, dossier.TITRE, convention.couverture(ctx), dossier.sections(ctx, depart))


def _document(
    ctx: Contexte, titre: str, couverture: tuple[tuple[str, str], ...], sections: tuple[Section, ...]
) -> Document:
    """A document of sections alone, on one territory."""
    return Document(
        territoire_id=ctx.territoire.territoire_id,
        niveau=ctx.territoire.niveau,
        titre=titre,
        sous_titre=ctx.autour.nom_court,
        couverture=couverture,
        carte=None,
        edition=ctx.marts.edition,
        sections=_insecable(sections),
        presentation=(),
        chiffres=ctx.releve.cites,
        bandeau=INVENTES if ctx.territoire.demonstration else None,
    )


def _insecable(valeur: _T) -> _T:
    """Return the same values, each text with the spaces that French does not break; ids hold none.

    A figure is printed as the release prints it, and most cells are one: they are left as they are.
    """
    rendu: Any = valeur
    if isinstance(valeur, str):
        rendu = insecable(valeur)
    elif isinstance(valeur, tuple):
        parties = tuple([_insecable(partie) for partie in valeur])
        rendu = valeur if all(map(operator.is_, parties, valeur)) else parties
    elif isinstance(valeur, Cellule):
        if valeur.chiffre is None and (texte := insecable(valeur.texte)) != valeur.texte:
            rendu = replace(valeur, texte=texte)
    elif is_dataclass(valeur) and not isinstance(valeur, type):
        avant = [(champ.name, getattr(valeur, champ.name)) for champ in fields(valeur)]
        changes = {nom: neuf for nom, v in avant if (neuf := _insecable(v)) is not v}
        rendu = replace(valeur, **changes) if changes else valeur
    return cast(_T, rendu)


def _population(ctx: Contexte, traits: Contours | None) -> Carte | None:
    """The map of the cover: where people live."""
    if traits is None:
        return None
    return carte(ctx, ctx.marts.indicateurs[COUVERTURE], traits.communes.__contains__)


def _essentiel(ctx: Contexte, vues: Sequence[Vue]) -> Section:
    """The sentences, between the key figures and what changed: the views that a reader opens on."""
    par_nom = {vue.identifiant: vue for vue in vues}
    cles, changements = par_nom.get(CLES), par_nom.get(CHANGEMENTS)
    return Section.de(
        "essentiel",
        "L'essentiel",
        [
            cles.tete if cles else None,
            *essentiel(faits_de(ctx), ctx.releve.chiffre),
            *(element for colonne in (changements.colonnes if changements else ()) for element in colonne),
        ],
        "Trop peu de chiffres se comparent ici pour dégager des constats.",
    )


def _portrait_social(ctx: Contexte, traits: Contours | None) -> Section:
    return Section.de(
        "portrait-social",
        "Portrait social",
        [
            *_cles(ctx),
            *dessins(ctx, "portrait_social", traits),
            convention.pairs(ctx),
        ],
        "Aucun chiffre clé dans cette publication pour ce territoire.",
        "portrait_social",
    )


def _cles(ctx: Contexte) -> list[Tableau]:
    """The key figures by group; a group with too few rows for a table of its own is in that of the next one.

    "Population" (2 rows), "Logement" (6 rows)     one table, "Population, logement"
    """
    tableaux: list[Tableau] = []
    titre, ids = "", list[str]()
    for nom, du_groupe in groupes_de_cles():
        titre = f"{titre}, {minuscule(nom)}" if titre else nom
        ids += du_groupe
        fait = tableau_des_chiffres(ctx, titre, ctx.indicateurs(ids))
        if fait is not None and len(fait.lignes) >= _LIGNES_AU_MOINS:
            tableaux.append(fait)
            titre, ids = "", []
    reste = tableau_des_chiffres(ctx, titre, ctx.indicateurs(ids)) if ids else None
    return [*tableaux, reste] if reste is not None else tableaux


def _theme(ctx: Contexte, theme: str, traits: Contours | None) -> Section:
    nom = ctx.marts.themes[theme]
    du_dictionnaire = ctx.du_theme(theme)
    return Section.de(
        theme.replace("_", "-"),
        nom,
        [
            *du_theme(faits_de(ctx, theme), ctx.releve.chiffre),
            tableau_des_chiffres(ctx, nom, _hors_sppe(du_dictionnaire)),
            *dessins(ctx, theme, traits),
            implantations(ctx, du_dictionnaire),
            convention.constats(ctx, theme),
            convention.axes(ctx, theme),
        ],
        f"{_rien('Aucun chiffre de ce thème', ctx, du_dictionnaire)}, ni axe de convention.",
        theme,
    )


def _rien(quoi: str, ctx: Contexte, indicateurs: list[Indicateur]) -> str:
    """Say that there is nothing, and the reasons that most of these figures share, three at most."""
    raisons = sans_chiffre(ctx, indicateurs)
    principales = sorted(raisons, key=lambda raison: -len(raisons[raison]))[:3]
    dites = f" ({' ; '.join(principales)})" if principales else ""
    return f"{quoi} dans cette publication pour ce territoire{dites}"


def _hors_sppe(indicateurs: list[Indicateur]) -> list[Indicateur]:
    """Those of a theme that the section of the SPPE does not list: no figure is in two tables of sections."""
    ailleurs = {*tableau("besoins"), *tableau("sppe")}
    return [i for i in indicateurs if i.indicateur_id not in ailleurs]


BESOINS = "Les besoins, selon qui les compte"
_PAS_UNE_SOMME = (
    "Le recensement compte les enfants qui habitent ici, l'état civil ceux dont la mère y habite à la"
    " naissance, la Caf ceux des foyers qu'elle couvre, le guichet unique ceux dont la demande est"
    " restée sans solution : ils ne s'additionnent pas, et aucun ne dit à lui seul combien de places"
    " manquent."
)


def _sppe(ctx: Contexte, traits: Contours | None) -> Section:
    nom, communes = "Service public de la petite enfance", zones.lire_zones(ctx)
    return Section.de(
        "sppe",
        nom,
        [
            besoins := tableau_des_chiffres(ctx, BESOINS, ctx.indicateurs(tableau("besoins"))),
            Paragraphe(_PAS_UNE_SOMME) if besoins else None,
            tableau_des_chiffres(ctx, "L'offre et ses modes", ctx.indicateurs(tableau("sppe"))),
            *dessins(ctx, "sppe", None),
            zones.tableau(ctx, communes, traits),
            zones.carte(ctx, communes, traits),
            *schema.schema(ctx),
            schema.scenario(ctx),
            convention.missions(ctx),
            clauses_dites.tableau(ctx),
        ],
        "Aucun chiffre de l'accueil du jeune enfant dans cette publication pour ce territoire.",
    )


def _evaluation(ctx: Contexte, lus: Sequence[Mouvement]) -> Section:
    return Section.de(
        "evaluation",
        "Évaluation",
        evaluation.evaluation(ctx, lus),
        "Aucune convention de cette publication ne porte sur ce territoire : il n'y a pas de cible à suivre.",
    )


def _financement(ctx: Contexte) -> Section:
    return Section.de(
        "financement",
        "Financement",
        [
            tableau_des_chiffres(
                ctx, "Les prestations versées aux familles", ctx.indicateurs(tableau("financement_familles"))
            ),
            tableau_des_chiffres(
                ctx, "Le soutien aux structures", ctx.indicateurs(tableau("financement_structures"))
            ),
            convention.sans_financement(ctx, tableau("financement_structures")),
        ],
        f"{_rien('Aucun montant', ctx, ctx.du_theme('financement'))}.",
        "financement",
    )


def _gouvernance(ctx: Contexte) -> Section:
    return Section.de(
        "gouvernance",
        "Gouvernance",
        convention.gouvernance(ctx),
        "Aucune convention de cette publication ne porte sur ce territoire.",
        "gouvernance",
    )
