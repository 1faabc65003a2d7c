"""The views of what a convention states: its evaluation, its schéma, its means, instances and targets."""

from collections import Counter
from collections.abc import Sequence
from operator import itemgetter

from publication.lecture.conventions import etat
from publication.lecture.lots import Ligne
from publication.lecture.plan import du_plan
from publication.portraits.contenu import clauses, clauses_dites
from publication.portraits.contenu.contexte import Contexte
from publication.portraits.contenu.convention import (
    axes,
    bouts,
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
    return Vue("decision", "Décision et suites", dites[0].points[0].texte, tuple((liste,) for liste in dites))


def synthese(ctx: Contexte) -> Vue | None:
    """The findings of the evaluation on all themes, in the words of the plan."""
    if (liste := constats(ctx, None)) is None:
        return None
    compte = Counter(c["nature"] for c in ctx.autour.plan("ctg_constats") if c["theme"] is None)
    dits = [f"{compte[n]} {accorder(mots, compte[n] > 1)}" for n, mots in _NATURES.items() if compte[n]]
    periodes = ctx.autour.convention["periodes_evaluees"] if ctx.autour.convention else None
    return Vue(
        "synthese",
        "Synthèse de l'évaluation" + (f" ({periodes})" if periodes else ""),
        f"L'évaluation retient {enumerer(dits)}" if dits else "Ce que retient l'évaluation",
        en_deux(Liste("", liste.points)),
    )


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


def titre_des_axes(ctx: Contexte, theme: str) -> str | None:
    """Say how many axes and orientations a theme has."""
    if (liste := axes(ctx, theme)) is None:
        return None
    points = liste.points
    orientations = sum(len(point.sous) for point in points)
    de = (
        f" et {orientations} {accorder('{orientation|orientations}', orientations > 1)}"
        if orientations
        else ""
    )
    return f"{len(points)} {accorder('{axe|axes}', len(points) > 1)}{de} pour ce thème"


def petite_enfance(ctx: Contexte) -> list[Vue | None]:
    """The missions of the service public, the schéma, the coverage rate that it would make, its clauses."""
    return [_missions(ctx), _schema(ctx), _scenario(ctx), _clauses(ctx)]


def _missions(ctx: Contexte) -> Vue | None:
    liste = missions(ctx)
    if liste is None:
        return None
    combien = len(liste.points)
    return Vue(
        "sppe",
        "Service public de la petite enfance",
        f"{combien} {accorder('{mission|missions}', combien > 1)} du service public de la petite enfance",
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
        for titre, operations in (("Les places", chiffrees), ("Études et réflexions", etudes))
        if operations
    ]
    return Vue(
        "schema",
        f"Schéma de maintien et de développement de l'offre, {debut}-{fin}",
        f"{nombre(maintenues, 0)} places maintenues, {nombre(nouvelles, 0)} nouvelles prévues ou annoncées",
        colonnes(*((liste,) for liste in listes)),
        tuiles,
    )


def _scenario(ctx: Contexte) -> Vue | None:
    dessin = scenario(ctx)
    if dessin is None:
        return None
    return Vue("scenario", "Scénarios de couverture", dessin.titre, ((dessin,),), notes=dessin.notes)


def _clauses(ctx: Contexte) -> Vue | None:
    if ctx.autour.convention is None:
        return None
    verdicts = clauses.verifier(clauses.lire(ctx))
    return Vue(
        "clauses",
        "Schéma pluriannuel et décret",
        clauses_dites.bilan(verdicts),
        en_deux(Liste("", clauses_dites.points(verdicts))),
        notes=(f"Clauses : {clauses_dites.origine()}.", clauses_dites.RESERVE),
    )


def structures(ctx: Contexte, phrases: Sequence[Message]) -> Vue | None:
    """What structures receive, and what is said of amounts."""
    tuiles = reperes(ctx, "Le soutien aux structures", tableau("financement_structures"), 4)
    if tuiles is None:
        return None
    premiere = tuiles.lignes[0]
    titre = f"{premiere.libelle} : {premiere.cellule.texte} en {premiere.periode}"
    return Vue("financement", "Financement des structures", titre, colonnes(tuple(phrases)), tuiles)


def pilotage(ctx: Contexte) -> list[Vue | None]:
    """How the convention is steered, and what it aims at."""
    return [_gouvernance(ctx), _cibles(ctx)]


def _gouvernance(ctx: Contexte) -> Vue | None:
    if ctx.autour.convention is None:
        return None
    # A plan that renews a convention may say nothing of its instances: those before are told as such.
    siennes = [
        c for c in ctx.marts.conventions if c["territoire_id"] == ctx.autour.convention["territoire_id"]
    ]
    for convention in siennes:
        if lues := du_plan(ctx.marts, "ctg_instances", convention):
            break
    else:
        return None
    reguliers = sorted(
        (i for i in lues if i["frequence_annuelle"]), key=lambda i: (i["frequence_annuelle"], i["type"])
    )
    lues.sort(key=itemgetter("type"))
    reseaux = [i for i in lues if i["theme"]]
    points = tuple(
        Point(
            majuscule(dire_instance(i)),
            tuple(Point(texte) for texte in (i["role"], i["composition"]) if texte),
        )
        for i in reguliers
    )
    gauche = [Liste("Les instances", points)] if points else []
    if reseaux:
        themes = Counter(i["type"] for i in reseaux)
        gauche.append(
            Liste(
                "Par thème",
                tuple(
                    Point(
                        f"{majuscule(type_)} : "
                        + ", ".join(ctx.marts.themes[i["theme"]] for i in reseaux if i["type"] == type_)
                    )
                    for type_ in themes
                ),
            )
        )
    dits = [f"un {i['type']} {rythme(i['frequence_annuelle'])}" for i in reguliers]
    return Vue(
        "gouvernance",
        "Gouvernance" if convention is ctx.autour.convention else f"Gouvernance : {convention['libelle']}",
        majuscule(enumerer(dits))
        if dits
        else accorder(f"{len(lues)} {{instance suit|instances suivent}} la convention", len(lues) > 1),
        (tuple(gauche), (Liste("Les conventions", tuple(_convention(ctx, c) for c in reversed(siennes))),)),
    )


def _convention(ctx: Contexte, c: Ligne) -> Point:
    debut, fin = bouts(c)
    sous = [f"du {debut} au {fin}" if c["date_debut"] else f"de {debut} à {fin}"]
    sous.append(etat(c, ctx.marts.jour))
    if c["annee_prolongation"]:
        sous.append(f"prolongée en {c['annee_prolongation']}")
    if c["signataires"]:
        sous.append(f"signataires : {c['signataires']}")
    return Point(c["libelle"], tuple(map(Point, sous)))


def _cibles(ctx: Contexte) -> Vue | None:
    suivis = ctx.autour.plan("mart_ctg_suivi")
    ciblees = [s for s in suivis if s["indicateur_id"] is not None and s["cible_statut"] in MONTRENT]
    if not ciblees:
        return None
    compte = Counter(s["situation"] for s in ciblees)
    dits = [accorder(f"{n} {SITUATIONS[situation]}", n > 1) for situation, n in compte.items()]
    return Vue(
        "cibles", "Cibles de la convention", f"Cibles : {enumerer(dits)}", ((cibles(ctx, relues=False),),)
    )
