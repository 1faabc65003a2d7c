"""The views of what a convention states: its evaluation, its schéma, its means, instances and targets."""

from collections import Counter
from collections.abc import Iterator, Sequence
from operator import itemgetter

from publication.lecture.plan import du_plan
from publication.portraits.contenu import clauses, clauses_dites
from publication.portraits.contenu.contexte import Contexte
from publication.portraits.contenu.convention import (
    a_relire,
    constat_seul,
    constats,
    demarche_par_nature,
    dire_instance,
    missions,
    rythme,
)
from publication.portraits.contenu.dessins import dessins
from publication.portraits.contenu.evaluation import SITUATIONS, cibles
from publication.portraits.contenu.langue import accorder, enumerer, majuscule
from publication.portraits.contenu.plan import tableau
from publication.portraits.contenu.reperes import reperes
from publication.portraits.contenu.schema import OUVRENT, dire_operation, scenario
from publication.portraits.modele import Element, Liste, Message, Point, Vue, colonnes
from socle.affichage import nombre
from socle.statuts import MONTRENT

_NATURES = {
    "force": "{point fort|points forts}",
    "enjeu": "{enjeu|enjeux}",
    "vigilance": "{point de vigilance|points de vigilance}",
}


_LIGNES_AU_MOINS = 5
"""Lines under which a slide of instances would be half empty."""


def demarche(ctx: Contexte) -> Vue | None:
    """Why there is a convention, and when."""
    listes = demarche_par_nature(ctx)
    dites = [listes[nature] for nature in ("sens", "étape") if nature in listes]
    if not dites or ctx.autour.convention is None:
        return None
    return Vue(
        "demarche",
        "Le sens de la démarche",
        f"{majuscule(ctx.autour.convention['libelle'])} : pourquoi, et quand",
        tuple((liste,) for liste in dites),
        notes=tuple(point.texte for point in listes["contexte"].points) if "contexte" in listes else (),
    )


def decision(ctx: Contexte) -> Vue | None:
    """What is to be decided, and what comes next."""
    listes = demarche_par_nature(ctx)
    dites = [listes[nature] for nature in ("décision", "suite") if nature in listes]
    if not dites:
        return None
    # How the convention before was steered is told to who presents: the assembly votes on the next one.
    notes = () if gouvernance(ctx) is not None else tuple(_instances(ctx))
    titre = dites[0].points[0].texte
    return Vue("decision", "Décision et suites", titre, tuple((liste,) for liste in dites), notes=notes)


def synthese(ctx: Contexte) -> Vue | None:
    """The findings of the evaluation on all themes, in the words of the plan."""
    if (liste := constats(ctx, None, dire=constat_seul)) is None:
        return None
    periodes = ctx.autour.convention["periodes_evaluees"] if ctx.autour.convention else None
    return Vue(
        "synthese",
        "Synthèse de l'évaluation" + (f" ({periodes})" if periodes else ""),
        premier_constat(ctx, None) or "Ce que retient l'évaluation",
        en_deux(Liste("", liste.points)),
        notes=a_relire(ctx, None),
    )


def premier_constat(ctx: Contexte, theme: str | None) -> str | None:
    """Return what the evaluation says first of a theme, in its words: the title of what it lists."""
    lus = [c["texte"] for c in ctx.autour.plan("ctg_constats") if c["theme"] == theme and not c["note"]]
    return lus[0] if lus else None


def en_deux(liste: Liste) -> tuple[tuple[Element, ...], ...]:
    """Return a list as two columns of about one height, the points under a point counted."""
    poids = [1 + len(point.sous) for point in liste.points]
    n = min(range(1, len(poids) + 1), key=lambda k: abs(2 * sum(poids[:k]) - sum(poids)))
    return colonnes(
        *(
            (Liste(titre, points),)
            for titre, points in ((liste.titre, liste.points[:n]), ("", liste.points[n:]))
            if points
        )
    )


def petite_enfance(ctx: Contexte) -> list[Vue | None]:
    """The missions of the service public, the schéma, the coverage rate that it would make."""
    return [_missions(ctx), _schema(ctx), _scenario(ctx)]


def _missions(ctx: Contexte) -> Vue | None:
    liste = missions(ctx)
    if liste is None:
        return None
    return Vue(
        "sppe",
        "Petite enfance",
        liste.titre,
        colonnes((Liste("", liste.points),), tuple(dessins(ctx, "sppe", None)[:1])),
    )


def _schema(ctx: Contexte) -> Vue | None:
    lues = [o for o in ctx.autour.plan("ctg_calendrier") if o["operation_statut"] not in (None, "abandonné")]
    if not lues:
        return None
    chiffrees = [o for o in lues if o["places"] is not None]
    etudes = [o for o in lues if o["places"] is None]
    nouvelles = sum(o["places"] for o in chiffrees if o["nature"] in OUVRENT)
    maintenues = sum(o["places"] for o in chiffrees if o["nature"] not in OUVRENT)
    debut, fin = (quoi(o[f"annee_{b}"] for o in lues) for quoi, b in ((min, "debut"), (max, "fin")))
    tuiles = reperes(ctx, "Les places du schéma", tableau("places_du_schema"), 4)
    listes = [
        Liste(titre, tuple(Point(dire_operation(o)) for o in operations))
        for titre, operations in (
            (f"Les places : {nombre(nouvelles, 0)} nouvelles", chiffrees),
            ("Études et réflexions", etudes),
        )
        if operations
    ]
    return Vue(
        "schema",
        f"Schéma de maintien et de développement de l'offre, {debut}-{fin}",
        f"{nombre(maintenues, 0)} places maintenues, {nombre(nouvelles, 0)} nouvelles prévues ou annoncées",
        colonnes(*((liste,) for liste in listes)),
        tuiles,
        notes=_clauses(ctx),
    )


def _scenario(ctx: Contexte) -> Vue | None:
    dessin = scenario(ctx)
    if dessin is None:
        return None
    return Vue("scenario", "Scénarios de couverture", dessin.titre, ((dessin,),), notes=dessin.notes)


def _clauses(ctx: Contexte) -> tuple[str, ...]:
    """Say to who presents what the schéma pluriannuel lacks; its own document has it whole."""
    if ctx.autour.convention is None:
        return ()
    verdicts = clauses.verifier(clauses.lire(ctx))
    dits = (f"{point.texte}." for point in clauses_dites.points(verdicts))
    return (
        f"{clauses_dites.bilan(verdicts)}.",
        *dits,
        f"Clauses : {clauses_dites.origine()}.",
        clauses_dites.RESERVE,
    )


def structures(ctx: Contexte, phrases: Sequence[Message]) -> Vue | None:
    """What structures receive, and what is said of amounts."""
    tuiles = reperes(ctx, "Le soutien aux structures", tableau("financement_structures"), 4)
    if tuiles is None:
        return None
    premiere = tuiles.lignes[0]
    titre = f"{premiere.libelle} : {premiere.cellule.texte} en {premiere.periode}"
    return Vue("financement", "Financement des structures", titre, colonnes(tuple(phrases)), tuiles)


def _instances(ctx: Contexte) -> Iterator[str]:
    """Say how the newest convention that states its instances is steered."""
    if ctx.autour.convention is None:
        return
    for c in ctx.marts.conventions:
        if c["territoire_id"] == ctx.autour.convention["territoire_id"] and (
            lues := du_plan(ctx.marts, "ctg_instances", c)
        ):
            dites = ", ".join(map(dire_instance, sorted(lues, key=itemgetter("type"))))
            yield f"Gouvernance de la convention {c['libelle']} : {dites}."
            return


def gouvernance(ctx: Contexte) -> Vue | None:
    """How the convention that is presented is steered, where there is enough to fill a slide."""
    lues = sorted(ctx.autour.plan("ctg_instances"), key=itemgetter("type"))
    reguliers = sorted(
        (i for i in lues if i["frequence_annuelle"]), key=lambda i: (i["frequence_annuelle"], i["type"])
    )
    points = tuple(
        Point(
            majuscule(dire_instance(i)),
            tuple(Point(texte) for texte in (i["role"], i["composition"]) if texte),
        )
        for i in reguliers
    )
    par_type: dict[str, list[str]] = {}
    for i in lues:
        if i["theme"]:
            par_type.setdefault(i["type"], []).append(ctx.marts.themes[i["theme"]])
    reseaux = tuple(Point(f"{majuscule(type_)} : {', '.join(noms)}") for type_, noms in par_type.items())
    if len(reseaux) + sum(1 + len(point.sous) for point in points) < _LIGNES_AU_MOINS:
        return None
    dits = [f"un {i['type']} {rythme(i['frequence_annuelle'])}" for i in reguliers]
    return Vue(
        "gouvernance",
        "Gouvernance",
        majuscule(enumerer(dits))
        if dits
        else accorder(f"{len(lues)} {{instance suit|instances suivent}} la convention", len(lues) > 1),
        colonnes(
            *((Liste(nom, dit),) for nom, dit in (("Les instances", points), ("Par thème", reseaux)) if dit)
        ),
    )


def objectifs(ctx: Contexte) -> Vue | None:
    """What the convention aims at, and where it stands."""
    suivis = ctx.autour.plan("mart_ctg_suivi")
    ciblees = [s for s in suivis if s["indicateur_id"] is not None and s["cible_statut"] in MONTRENT]
    if not ciblees:
        return None
    compte = Counter(s["situation"] for s in ciblees)
    dits = [accorder(f"{n} {SITUATIONS[situation]}", n > 1) for situation, n in compte.items()]
    return Vue(
        "cibles", "Cibles de la convention", f"Cibles : {enumerer(dits)}", ((cibles(ctx, relues=False),),)
    )
