"""What the plan of a convention states: its dates, findings, axes, missions and instances."""

from collections.abc import Callable, Sequence
from itertools import groupby

from publication.lecture.alphabet import NOM
from publication.lecture.conventions import etat
from publication.lecture.lots import Ligne as LigneLue
from publication.portraits.contenu.contexte import Contexte
from publication.portraits.contenu.langue import (
    accorder,
    designation,
    enumerer,
    majuscule,
    minuscule,
    ordinal,
)
from publication.portraits.contenu.tableaux import tableau_des_chiffres
from publication.portraits.modele import Element, Liste, Paragraphe, Point, Tableau
from socle.affichage import date_longue, nombre

_NATURES = {"force": "Point fort", "vigilance": "Vigilance", "enjeu": "Enjeu"}


def couverture(ctx: Contexte) -> tuple[tuple[str, str], ...]:
    """Return the lines of the cover."""
    lignes: list[tuple[str, str]] = []
    if (c := ctx.autour.convention) is not None:
        lignes.append(("Convention", c["libelle"]))
        if c["date_debut"] and c["date_fin"]:
            lignes.append(("Période", f"du {date_longue(c['date_debut'])} au {date_longue(c['date_fin'])}"))
        elif c["annee_debut"] and c["annee_fin"]:
            lignes.append(("Période", f"{c['annee_debut']}-{c['annee_fin']}"))
    population = ctx.dernier("population_municipale")
    if population is not None:
        chiffre = ctx.releve.chiffre(
            "population_municipale", ctx.territoire.territoire_id, population["millesime"]
        )
        assert chiffre is not None
        lignes.append(("Population", f"{chiffre.texte} habitants en {chiffre.millesime}"))
    if ctx.autour.communes:
        lignes.append(("Communes", str(len(ctx.autour.communes))))
    if ctx.depuis is not None:
        lignes.append(("Année de base des évolutions", str(ctx.depuis)))
    if ctx.autour.comparateurs:
        lignes.append(("Comparé à", ", ".join(t.libelle for t in ctx.autour.comparateurs)))
    edition = ctx.marts.edition
    lignes.append(("Publication", f"{edition.release_id}, {edition.publiee_le}"))
    return tuple(lignes)


def pairs(ctx: Contexte) -> Liste | None:
    """Name the peers of the territory and why they are; None where they are too few for any rank."""
    groupe = ctx.marts.des(
        "select s.territoire_id, p.groupe_libelle, p.libelle from pairs_territoires as p"
        " inner join pairs_territoires as s on p.groupe_id = s.groupe_id and s.est_le_sien"
        " where s.territoire_id in (select unnest($territoires)) and p.territoire_id <> s.territoire_id"
        f" order by {NOM.format('p.libelle')}, p.territoire_id",
        [ctx.autour.jumeau],
    )
    if not groupe or all(ligne["rang_au_mieux"] is None for ligne in ctx.rangs.values()):
        return None
    return Liste(
        f"Les pairs : {groupe[0]['groupe_libelle']}",
        (
            Point(", ".join(g["libelle"] for g in groupe)),
            *_ressemblances(ctx),
            Point(
                "Le rang va de la valeur la plus élevée à la plus basse, quel que soit le sens favorable, et"
                f" compte {designation(ctx.territoire.niveau)} ; la médiane est celle des autres."
            ),
            Point(
                "Rang et médiane ne comptent que les territoires dont le chiffre est montré."
                f" « {ordinal(2)} à {ordinal(4)} plus élevée » : les arrondis ne les départagent pas mieux."
            ),
        ),
    )


def _ressemblances(ctx: Contexte) -> list[Point]:
    """How the EPCI alike were chosen; under it, from the nearest, what each shares and does not."""
    lues = ctx.marts.des(
        "from epci_semblables where territoire_id in (select unnest($territoires))"
        " order by rang, abs(ecart), indicateur_id",
        [ctx.autour.jumeau],
    )
    if not lues:
        return []
    retenus = {ligne["indicateur_id"] for ligne in lues}
    criteres = [i.libelle for nom, i in ctx.marts.indicateurs.items() if nom in retenus]
    par_rang = [list(du_rang) for _, du_rang in groupby(lues, key=lambda ligne: ligne["rang"])]
    return [
        Point(
            f"Les {nombre(len(par_rang), 0)} plus proches des {nombre(lues[0]['candidats'], 0)} autres EPCI"
            f" lus. Critères : {enumerer([minuscule(c) for c in criteres])}. La distance résume ces"
            " écarts : 0 pour deux EPCI identiques, et d'autant plus grande qu'ils se ressemblent moins :",
            tuple(Point(_ressemblance(du_rang)) for du_rang in par_rang),
        )
    ]


def _ressemblance(criteres: Sequence[LigneLue]) -> str:
    """Word one, its criteria from the nearest: by what it is near, and what makes most of its distance."""
    proches = [minuscule(c["indicateur_libelle"]) for c in criteres[:2]]
    loin = max(criteres, key=lambda c: c["part"])
    return (
        f"{loin['semblable_libelle']} ({loin['semblable_departements']}), distance"
        f" {nombre(loin['distance'], 1)} ; le plus proche : {', '.join(proches)} ; le plus éloigné :"
        f" {minuscule(loin['indicateur_libelle'])} ({loin['semblable_valeur_affichee']}, contre"
        f" {loin['valeur_affichee']} ici)"
    )


def constats(
    ctx: Contexte,
    theme: str | None,
    titre: str = "Focus sur l'évaluation",
    dire: Callable[[LigneLue], str] | None = None,
) -> Liste | None:
    """The findings of the evaluation on a theme; None: those on all of them, under their headings.

    One that states figures which the series contradicts has those of the series in brackets, unless `dire`
    words it otherwise.
    """
    par_rubrique: dict[str | None, list[Point]] = {}
    for c in (c for c in ctx.autour.plan("ctg_constats") if c["theme"] == theme):
        par_rubrique.setdefault(c["rubrique"], []).append(Point((dire or dire_constat)(c)))
    points = [
        point
        for rubrique, siens in par_rubrique.items()
        for point in ([Point(rubrique, tuple(siens))] if rubrique else siens)
    ]
    return Liste(titre, tuple(points)) if points else None


def dire_constat(c: LigneLue) -> str:
    """Word a finding, with what the series says of its figures."""
    return f"{constat_seul(c)} [{c['note']}]" if c["note"] else constat_seul(c)


def constat_seul(c: LigneLue) -> str:
    """Word a finding as its authors do: what the series says of it is theirs to read, not the assembly's."""
    return f"{_NATURES.get(c['nature'], c['nature'])} : {c['texte']}"


def a_relire(ctx: Contexte, theme: str | None) -> tuple[str, ...]:
    """Say to the authors which findings of a theme the series contradicts."""
    return tuple(
        f"À relire avant de présenter : « {c['texte']} » ; {c['note']}."
        for c in ctx.autour.plan("ctg_constats")
        if c["theme"] == theme and c["note"]
    )


_DEMARCHE = {
    "sens": "Pourquoi",
    "contexte": "D'où l'on part",
    "étape": "Calendrier",
    "décision": "Décision",
    "suite": "Suites",
}


def demarche(ctx: Contexte) -> Liste | None:
    """What the documents tell of the making of the convention: why, its calendar, what comes next."""
    points = tuple(Point(liste.titre, liste.points) for liste in demarche_par_nature(ctx).values())
    return Liste("La démarche", points) if points else None


def demarche_par_nature(ctx: Contexte) -> dict[str, Liste]:
    """The same, a list by nature, in the order of reading."""
    lus = ctx.autour.plan("ctg_demarche")
    return {
        nature: Liste(nom, tuple(Point(_texte_de_la_demarche(ctx, d)) for d in lus if d["nature"] == nature))
        for nature, nom in _DEMARCHE.items()
        if any(d["nature"] == nature for d in lus)
    }


def _texte_de_la_demarche(ctx: Contexte, d: LigneLue) -> str:
    """Word one: its day or its period first, who acts last, unless it is the territory itself.

    No state: a release outlives "à venir".
    """
    quand = date_longue(d["jour"]) if d["jour"] else d["periode"]
    sien = (d["acteur"] or "").casefold() == ctx.autour.nom_court.casefold()
    qui = f" ({d['acteur']})" if d["acteur"] and not sien else ""
    return f"{majuscule(quand)} : {d['texte']}{qui}" if quand else f"{d['texte']}{qui}"


def axes(ctx: Contexte, theme: str) -> Liste | None:
    """The axes of the convention for a theme, and their orientations."""
    par_axe: dict[str, list[LigneLue]] = {}
    for o in (o for o in ctx.autour.plan("ctg_orientations") if o["theme"] == theme):
        par_axe.setdefault(o["axe_libelle"], []).append(o)
    points = tuple(
        Point(
            f"Axe {orientations[0]['axe_numero']}. {libelle}",
            tuple(Point(dire_orientation(o)) for o in orientations if o["libelle"]),
        )
        for libelle, orientations in par_axe.items()
    )
    return Liste("Axes de la convention", points) if points else None


def dire_orientation(o: LigneLue) -> str:
    """Word an orientation, and that the Caf has no say in it where it is so."""
    return f"{o['libelle']}{' (hors compétence de la Caf)' if o['hors_competence_caf'] else ''}"


def missions(ctx: Contexte) -> Liste | None:
    """The missions of the service public de la petite enfance, and the axes that carry them."""
    points = tuple(Point(dire_mission(m)) for m in ctx.autour.plan("ctg_missions_sppe"))
    return Liste("Les missions du service public de la petite enfance", points) if points else None


def dire_mission(m: LigneLue) -> str:
    """Word a mission, and the axes that carry it."""
    return f"{m['libelle']}{_des_axes(m['axes'])}"


def _des_axes(axes: str | None) -> str:
    """Name axes between brackets: "2 ; 3" is " (axes 2 et 3)"."""
    numeros = axes.split(" ; ") if axes else []
    return f" ({accorder('{axe|axes}', len(numeros) > 1)} {enumerer(numeros)})" if numeros else ""


def sans_financement(ctx: Contexte, ids: list[str]) -> Paragraphe | None:
    """Say once what nobody stated of the financing of structures."""
    absents = [i.libelle for i in ctx.indicateurs(ids) if ctx.dernier(i.indicateur_id) is None]
    if not absents or ctx.autour.convention is None:
        return None
    return Paragraphe(
        f"Montants non énoncés dans les documents et fichiers reçus (nd) : {', '.join(absents)}."
    )


def bouts(c: LigneLue) -> tuple[str, str]:
    """Return when a convention starts and ends: its days, else its years, else "nd"."""
    debut, fin = (
        date_longue(c[f"date_{bout}"]) if c[f"date_{bout}"] else str(c[f"annee_{bout}"] or "nd")
        for bout in ("debut", "fin")
    )
    return debut, fin


def _convention(ctx: Contexte, c: LigneLue) -> list[str]:
    debut, fin = bouts(c)
    dits = (
        *(c["version"], etat(c, ctx.marts.jour), c["convention_statut"]),
        *(c["annee_signature"], debut, fin, c["periodes_evaluees"], c["signataires"]),
    )
    return [str(texte or "nd") for texte in dits]


def _conventions(ctx: Contexte, toutes: Sequence[LigneLue]) -> Tableau:
    """Lay out conventions, the oldest first: what their dates say, then what their plans declare."""
    return Tableau.de(
        "Les conventions du territoire",
        ("Version", "État", "Statut déclaré", "Signature", "Début", "Fin", "Évaluation", "Signataires"),
        (_convention(ctx, c) for c in reversed(toutes)),
        notes=(
            f"État : au {ctx.marts.edition.publiee_le}, d'après les dates d'une convention terminée ou à"
            " venir ; sinon, celui que déclare le plan d'actions reçu, à la date de ce plan.",
        ),
        sources=("Plan d'actions de la convention",),
    )


def rythme(par_an: float | None) -> str:
    """Word a yearly frequency: 2.0 is "2 fois par an"."""
    return "nd" if par_an is None else f"{nombre(par_an, 0 if par_an == int(par_an) else 1)} fois par an"


def dire_instance(i: LigneLue) -> str:
    """Word an instance and its rhythm: "comité de pilotage, 2 fois par an"."""
    return f"{i['type']}, {rythme(i['frequence_annuelle'])}"


def gouvernance(ctx: Contexte) -> list[Element | None]:
    """The instances of the convention, their rhythm, and its dates."""
    if (c := ctx.autour.convention) is None:
        return [_conventions(ctx, ctx.autour.couvrantes)] if ctx.autour.couvrantes else []
    toutes = [x for x in ctx.marts.conventions if x["territoire_id"] == c["territoire_id"]]
    instances = ctx.autour.plan("ctg_instances")
    return [
        demarche(ctx),
        _conventions(ctx, toutes),
        tableau_des_chiffres(ctx, "La convention en chiffres", ctx.du_theme("gouvernance")),
        Tableau.de(
            "Les instances",
            ("Instance", "Rythme prévu", "Rôle et composition"),
            (
                (
                    i["type"] + (f" : {ctx.marts.themes[i['theme']]}" if i["theme"] else ""),
                    rythme(i["frequence_annuelle"]),
                    " ; ".join(filter(None, (i["role"], i["composition"]))),
                )
                for i in instances
            ),
            sources=("Plan d'actions de la convention",),
        )
        if instances
        else None,
    ]
