"""What a portrait says of the convention itself: its dates, findings, axes, targets, schéma and instances.

Belongs here: what the plan of the convention states, and how its figures are laid side by side. Does not:
figures of the territory (`elements`).
"""

from collections.abc import Sequence

from publication.commun.alphabet import NOM
from publication.commun.chiffres import Cellule
from publication.commun.marts import Indicateur
from publication.commun.marts import Ligne as LigneLue
from publication.portraits.contenu.contexte import Contexte
from publication.portraits.contenu.elements import (
    VIDE,
    bouge,
    dire_ruptures,
    evolution,
    evolutions_reservees,
    ruptures_des_annees,
    sources,
    tableau_annuel,
    tableau_des_chiffres,
    ton_de,
)
from publication.portraits.contenu.langue import accorder, designation, enumerer, ordinal
from publication.portraits.modele import Colonne, Element, Ligne, Liste, Paragraphe, Point, Serie, Tableau
from socle.affichage import MARQUES, date_longue, nombre
from socle.statuts import MONTRENT, Statut

_NATURES = {"force": "Point fort", "vigilance": "Vigilance", "enjeu": "Enjeu"}
_FINANCEMENTS = {"psu": "PSU", "paje": "Paje"}
SITUATIONS = {
    "atteinte": "cible atteinte",
    "non_atteinte": "cible non atteinte",
    "en_bonne_voie": "en bonne voie",
    "en_retard": "en retard",
    "nd": "ne se mesure pas encore",
}
_TAUX = "taux_couverture_petite_enfance"


def couverture(ctx: Contexte) -> tuple[tuple[str, str], ...]:
    """Return the lines of the cover."""
    lignes: list[tuple[str, str]] = []
    if (c := ctx.convention) is not None:
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
    if ctx.communes:
        lignes.append(("Communes", str(len(ctx.communes))))
    if ctx.depuis is not None:
        lignes.append(("Année de base des évolutions", str(ctx.depuis)))
    if ctx.comparateurs:
        lignes.append(("Comparé à", ", ".join(t.libelle for t in ctx.comparateurs)))
    edition = ctx.lecture.edition
    lignes.append(("Publication", f"{edition.release_id}, {edition.publiee_le}"))
    return tuple(lignes)


def pairs(ctx: Contexte) -> Liste | None:
    """Name the peers of the territory; None where they are too few for any rank."""
    groupes = ctx.lecture.lignes(
        "select p.groupe_libelle, p.libelle from pairs_territoires as p"
        " where p.groupe_id in (select groupe_id from pairs_territoires where territoire_id = $id)"
        f" and p.territoire_id <> $id order by p.groupe_libelle, {NOM.format('p.libelle')}, p.territoire_id",
        {"id": ctx.jumeau},
    )
    if not groupes or all(ligne["rang_au_mieux"] is None for ligne in ctx.rangs.values()):
        return None
    noms = ", ".join(g["libelle"] for g in groupes)
    return Liste(
        f"Les pairs : {groupes[0]['groupe_libelle']}",
        (
            Point(noms),
            Point(
                f"Rang et médiane comptent aussi {designation(ctx.territoire.niveau)} : « {ordinal(1)} »"
                " est le plus favorable, ou le plus élevé si l'indicateur n'a pas de sens favorable."
            ),
            Point(
                f"Ils ne comptent que les territoires dont le chiffre est montré : « {ordinal(2)} sur 7 » est"
                f" parmi 7. « {ordinal(2)} à {ordinal(4)} » : les arrondis ne les départagent pas mieux."
            ),
        ),
    )


def constats(ctx: Contexte, theme: str) -> list[Element]:
    """The findings of the evaluation, theme by theme."""
    if ctx.convention is None:
        return []
    lus = ctx.lecture.lignes(
        "select nature, texte from ctg_constats where convention_id = ? and theme = ? order by ordre",
        [ctx.convention["convention_id"], theme],
    )
    points = tuple(Point(f"{_NATURES.get(c['nature'], c['nature'])} : {c['texte']}") for c in lus)
    return [Liste("Focus sur l'évaluation", points)] if points else []


def axes(ctx: Contexte, theme: str) -> list[Element]:
    """The axes of the convention for a theme, and their orientations."""
    if ctx.convention is None:
        return []
    lus = ctx.lecture.lignes(
        "from ctg_orientations where convention_id = ? and theme = ? order by axe_numero, axe_id, numero",
        [ctx.convention["convention_id"], theme],
    )
    par_axe: dict[str, list[LigneLue]] = {}
    for o in lus:
        par_axe.setdefault(o["axe_libelle"], []).append(o)
    points = tuple(
        Point(
            f"Axe {orientations[0]['axe_numero']}. {libelle}",
            tuple(Point(_orientation(o)) for o in orientations if o["libelle"]),
        )
        for libelle, orientations in par_axe.items()
    )
    return [Liste("Axes de la convention", points)] if points else []


def _orientation(o: LigneLue) -> str:
    return f"{o['libelle']}{' (hors compétence de la Caf)' if o['hors_competence_caf'] else ''}"


def schema(ctx: Contexte) -> list[Element]:
    """The schéma of the convention: its operations, then its places year by year."""
    if ctx.convention is None:
        return []
    convention_id = ctx.convention["convention_id"]
    operations = ctx.lecture.lignes(
        "from ctg_calendrier where convention_id = ? order by annee_debut, annee_fin, operation_id",
        [convention_id],
    )
    trouves: list[Element] = []
    if operations:
        trouves.append(
            Tableau(
                titre="Le schéma de maintien et de développement de l'offre",
                colonnes=(
                    Colonne("Période"),
                    Colonne("Où"),
                    Colonne("Quoi"),
                    Colonne("Financement"),
                    Colonne("Places", chiffres=True),
                    Colonne("Statut"),
                ),
                lignes=tuple(_operation(o) for o in operations),
                notes=("Une étude ne compte aucune place ; une place planifiée compte dès son ouverture.",),
                sources=("Plan d'actions de la convention",),
            )
        )
    annees = _schema_annuel(ctx)
    if annees:
        trouves.append(
            Tableau(
                titre="Les places du schéma, année par année",
                colonnes=(
                    Colonne("Année"),
                    *(
                        Colonne(nom, chiffres=True)
                        for nom in (
                            "Maintenues",
                            "Planifiées",
                            "Privées annoncées",
                            "Ouvertes",
                            "Visées",
                            "Études et réflexions",
                        )
                    ),
                ),
                lignes=tuple(
                    (
                        Cellule(str(a["annee"])),
                        _places(a["places_maintenues"], a["places_maintenues_statut"]),
                        _places(a["places_planifiees"]),
                        _places(a["places_annoncees_privees"]),
                        _places(a["places_ouvertes"]),
                        _places(a["places_visees"], a["places_visees_statut"]),
                        _places(a["etudes"]),
                    )
                    for a in annees
                ),
                notes=()
                if any(a["cout_previsionnel_statut"] in MONTRENT for a in annees)
                else ("Le coût prévisionnel du schéma n'est pas énoncé (nd).",),
                sources=("Plan d'actions de la convention",),
            )
        )
    return trouves


def _places(places: float | None, statut: Statut = "observe") -> Cellule:
    if statut not in MONTRENT or places is None:
        return Cellule(MARQUES.get(statut, MARQUES["non_disponible"]), statut=statut)
    return Cellule(nombre(places, 0), float(places), statut=statut)


def _operation(o: LigneLue) -> tuple[Cellule, ...]:
    debut, fin = o["annee_debut"], o["annee_fin"]
    places = o["places"]
    signe = "+" if o["nature"] in ("extension", "ouverture") else ""
    return (
        Cellule(str(debut) if debut == fin else f"{debut}-{fin}"),
        Cellule(o["commune"] or "ensemble du territoire"),
        Cellule(" : ".join(filter(None, (o["nature"], o["structure"])))),
        Cellule(_FINANCEMENTS.get(o["financement"], "")),
        _places(None, "non_disponible")
        if places is None
        else Cellule(f"{signe}{nombre(places, 0)}", float(places)),
        Cellule(o["operation_statut"] or ""),
    )


def _schema_annuel(ctx: Contexte) -> list[LigneLue]:
    """The schéma's years, read against the latest coverage rate received."""
    assert ctx.convention is not None
    return ctx.lecture.lignes(  # type: ignore[return-value]
        "from mart_sppe_schema where convention_id = $id and millesime_base is not distinct from"
        " (select max(millesime_base) from mart_sppe_schema where convention_id = $id) order by annee",
        {"id": ctx.convention["convention_id"]},
    )


def scenario(ctx: Contexte) -> Serie | None:
    """The coverage rate observed, then what the schéma would make of it, everything else equal."""
    if ctx.convention is None:
        return None
    schema_ = [a for a in _schema_annuel(ctx) if a["taux_scenario_statut"] in MONTRENT]
    if not schema_:
        return None
    territoire_id = ctx.porteur(_TAUX)
    base = schema_[0]["millesime_base"]
    observees = [a for a in ctx.releve.annees(territoire_id, _TAUX) if a <= base]
    par_annee = {a["annee"]: a for a in schema_ if a["annee"] > base}
    if not par_annee:
        # The plan ends where what was observed does: nothing is to come.
        return None
    fin = schema_[-1]
    # A year that is neither observed nor planned keeps its place: the scenario is not nearer than it is.
    annees = (*observees, *range(base + 1, fin["annee"] + 1))
    sans_rien = [str(a) for a in annees if a > base and a not in par_annee]

    def projetee(champ: str) -> tuple[Cellule | None, ...]:
        return tuple(
            ctx.releve.hors_release(_TAUX, par_annee[a][champ], par_annee[a][f"{champ}_statut"])
            if a in par_annee
            else None
            for a in annees
        )

    observee = tuple(ctx.releve.cellule(_TAUX, territoire_id, a) if a in observees else None for a in annees)
    lignes = (
        Ligne("Taux observé", "territoire", observee),
        Ligne("Avec toutes les ouvertures", "autre", projetee("taux_scenario")),
        Ligne("Sans les places privées annoncées", "autre", projetee("taux_scenario_sans_prive")),
    )
    indicateur = ctx.lecture.indicateurs[_TAUX]
    derniere = lignes[1].valeurs[-1]
    assert derniere is not None
    titre = (
        f"Scénario : {derniere.texte} places pour 100 enfants en {fin['annee']} si toutes les places ouvrent"
    )
    depart = observee[len(observees) - 1] if observees else None
    ruptures, dites = ruptures_des_annees(ctx, [indicateur], annees)
    return Serie(
        identifiant="scenario-taux-couverture",
        titre=titre,
        unite=f"{indicateur.unite.libelle_pluriel} de moins de 3 ans",
        source=" ; ".join((*sources(ctx, (v for v in observee if v is not None)), "plan d'actions")),
        alternative=(f"{titre}, contre {depart.texte} observées en {base}" if depart else titre)
        + "."
        + dire_ruptures(ruptures),
        tableau=tableau_annuel(titre, annees, [(t.libelle, t.valeurs) for t in lignes]),
        notes=(
            f"Ce que le scénario tient constant : {fin['hypotheses']}."
            + (f" Ni taux observé ni année du schéma : {enumerer(sans_rien)}." if sans_rien else ""),
            *dites,
        ),
        annees=annees,
        lignes=lignes,
        ruptures=ruptures,
        projection=next(iter(par_annee), None),
    )


def missions(ctx: Contexte) -> Liste | None:
    """The missions of the service public de la petite enfance, and the axes that carry them."""
    if ctx.convention is None:
        return None
    lues = ctx.lecture.lignes(
        "from ctg_missions_sppe where convention_id = ? order by ordre, mission_id",
        [ctx.convention["convention_id"]],
    )
    points = tuple(Point(m["libelle"] + _des_axes(m["axes"])) for m in lues)
    return Liste("Les missions du service public de la petite enfance", points) if points else None


def _des_axes(axes: str | None) -> str:
    """Name axes between brackets: "2 ; 3" is " (axes 2 et 3)"."""
    numeros = axes.split(" ; ") if axes else []
    return f" ({accorder('{axe|axes}', len(numeros) > 1)} {enumerer(numeros)})" if numeros else ""


def evaluation(ctx: Contexte, themes: Sequence[str]) -> list[Element | None]:
    """Each target of the convention; then what moved since its base year."""
    if ctx.convention is None:
        return [_dans(ctx), _mouvements(ctx, themes)] if ctx.couvrantes else []
    suivi = ctx.lecture.lignes(
        "from mart_ctg_suivi where convention_id = ? order by theme, axe_numero, action_id, indicateur_id",
        [ctx.convention["convention_id"]],
    )
    axes_ = {s["axe_id"] for s in suivi}
    ciblees = [s for s in suivi if s["indicateur_id"] and s["cible_statut"] in MONTRENT]
    trouves: list[Element | None] = []
    if ciblees:
        trouves.append(_cibles(ctx, ciblees))
    else:
        trouves.append(
            Paragraphe(
                f"La convention n'énonce de cible chiffrée pour aucun de ses {len(axes_)} axes : rien ne peut"
                " être dit atteint ou en retard."
                if axes_
                else "La convention n'énonce ni axe ni cible dans le plan d'actions reçu."
            )
        )
    trouves.append(_mouvements(ctx, themes))
    return trouves


def _dans(ctx: Contexte) -> Paragraphe:
    """Say which convention the territory is in, and where that one is read."""
    convention = ctx.couvrantes[0]
    porteur = ctx.lecture.territoire(convention["territoire_id"])
    nom, statut = convention["libelle"], convention["convention_statut"]
    return Paragraphe(
        f"{ctx.territoire.libelle} est dans le territoire de la convention « {nom} » (statut déclaré :"
        f" {statut}). Ses cibles et son évaluation se lisent dans le portrait « {porteur.libelle} »."
    )


def _cibles(ctx: Contexte, suivi: list[dict[str, object]]) -> Tableau:
    lignes = []
    for s in suivi:
        indicateur_id = str(s["indicateur_id"])
        lignes.append(
            (
                Cellule(str(s["indicateur_libelle"])),
                Cellule(str(s["axe_libelle"])),
                _suivie(ctx, indicateur_id, s, "valeur_depart", s["periode_depart"]),
                _suivie(ctx, indicateur_id, s, "valeur", s["millesime"]),
                _suivie(ctx, indicateur_id, s, "valeur_attendue", None),
                _suivie(ctx, indicateur_id, s, "cible", s["echeance"]),
                Cellule(SITUATIONS.get(str(s["situation"]), str(s["situation"]).replace("_", " "))),
            )
        )
    return Tableau(
        titre="Les cibles de la convention",
        colonnes=(
            Colonne("Indicateur"),
            Colonne("Axe"),
            *(Colonne(c, chiffres=True) for c in ("Départ", "Dernier chiffre", "Attendu", "Cible")),
            Colonne("Situation"),
        ),
        lignes=tuple(lignes),
        notes=("Attendu : la valeur de la droite qui va du départ à la cible, l'année du dernier chiffre.",),
        sources=("Plan d'actions de la convention",),
    )


def _suivie(ctx: Contexte, indicateur_id: str, s: LigneLue, champ: str, annee: object) -> Cellule:
    cellule = ctx.releve.hors_release(indicateur_id, s[champ], s[f"{champ}_statut"])
    if annee is None or cellule.nombre is None:
        return cellule
    return Cellule(f"{cellule.texte} ({annee})", statut=cellule.statut)


def _mouvements(ctx: Contexte, themes: Sequence[str]) -> Tableau | None:
    """The figures that moved since the base year, theme by theme; the others are left out.

    So are those that can be read from an earlier year alone: they did not move since the one of the title.
    """
    lignes, avant, listes = [], list[str](), list[Indicateur]()
    for i in (i for theme in themes for i in ctx.du_theme(theme)):
        e = ctx.evolution(i.indicateur_id)
        if e is None or not bouge(e, i):
            continue
        if i.methode in ("evolution", "difference", "attribut"):
            continue
        if ctx.depuis and e["millesime_debut"] < ctx.depuis:
            avant.append(f"{i.libelle} ({e['millesime_debut']})")
            continue
        listes.append(i)
        territoire_id = ctx.porteur(i.indicateur_id)
        debut = ctx.releve.cellule(i.indicateur_id, territoire_id, e["millesime_debut"])
        fin = ctx.releve.cellule(i.indicateur_id, territoire_id, e["millesime_fin"])
        assert debut is not None and fin is not None
        lignes.append(
            (
                Cellule(i.libelle),
                Cellule(str(e["millesime_debut"])),
                debut,
                Cellule(str(e["millesime_fin"])),
                fin,
                evolution(ctx, i)[0],
                Cellule({"favorable": "favorable", "defavorable": "défavorable"}.get(ton_de(ctx, i, e), "")),
            )
        )
    if not lignes:
        return None
    return Tableau(
        titre="Ce qui a bougé" + (f" depuis {ctx.depuis}" if ctx.depuis else ""),
        colonnes=(
            Colonne("Indicateur"),
            Colonne("De"),
            Colonne("Valeur", chiffres=True),
            Colonne("À"),
            Colonne("Valeur", chiffres=True),
            Colonne("Évolution", chiffres=True),
            Colonne("Lecture"),
        ),
        lignes=tuple(lignes),
        notes=(
            "Ne sont listées que les évolutions qui se lisent : même source, même champ, même périmètre.",
            *evolutions_reservees(ctx, listes),
            *(
                [
                    f"Évolutions qui ne se lisent que depuis une année d'avant {ctx.depuis}, dite entre"
                    f" parenthèses : {', '.join(avant)}."
                ]
                if avant
                else []
            ),
        ),
        sources=sources(ctx, (ligne[4] for ligne in lignes)),
    )


def sans_financement(ctx: Contexte, ids: list[str]) -> Paragraphe | None:
    """Say once what nobody stated of the financing of structures."""
    absents = [i.libelle for i in ctx.indicateurs(ids) if ctx.dernier(i.indicateur_id) is None]
    if not absents or ctx.convention is None:
        return None
    return Paragraphe(
        f"Montants non énoncés dans les documents et fichiers reçus (nd) : {', '.join(absents)}."
    )


def _convention(c: LigneLue) -> tuple[Cellule, ...]:
    debut, fin = (
        date_longue(c[f"date_{bout}"]) if c[f"date_{bout}"] else str(c[f"annee_{bout}"] or "nd")
        for bout in ("debut", "fin")
    )
    return tuple(
        Cellule(str(texte or "nd"))
        for texte in (
            c["version"],
            c["convention_statut"],
            c["annee_signature"],
            debut,
            fin,
            c["periodes_evaluees"],
            c["signataires"],
        )
    )


def _conventions(toutes: Sequence[LigneLue]) -> Tableau:
    """Lay out conventions, the oldest first, as their plans state them."""
    return Tableau(
        titre="Les conventions du territoire",
        colonnes=tuple(
            Colonne(nom)
            for nom in ("Version", "Statut déclaré", "Signature", "Début", "Fin", "Évaluation", "Signataires")
        ),
        lignes=tuple(_convention(x) for x in reversed(toutes)),
        notes=("Statut déclaré : celui qu'énonce le plan d'actions reçu, à la date de ce plan.",),
        sources=("Plan d'actions de la convention",),
    )


def _rythme(par_an: float | None) -> str:
    """Word a yearly frequency: 2.0 is "2 fois par an"."""
    return "nd" if par_an is None else f"{nombre(par_an, 0 if par_an == int(par_an) else 1)} fois par an"


def gouvernance(ctx: Contexte) -> list[Element | None]:
    """The instances of the convention, their rhythm, and its dates."""
    if (c := ctx.convention) is None:
        return [_conventions(ctx.couvrantes)] if ctx.couvrantes else []
    toutes = [x for x in ctx.lecture.conventions if x["territoire_id"] == c["territoire_id"]]
    instances = ctx.lecture.lignes(
        "from ctg_instances where convention_id = ? order by instance_id", [c["convention_id"]]
    )
    return [
        _conventions(toutes),
        tableau_des_chiffres(ctx, "La convention en chiffres", ctx.du_theme("gouvernance")),
        Tableau(
            titre="Les instances",
            colonnes=(Colonne("Instance"), Colonne("Rythme prévu"), Colonne("Rôle et composition")),
            lignes=tuple(
                (
                    Cellule(i["type"] + (f" : {ctx.lecture.themes[i['theme']]}" if i["theme"] else "")),
                    Cellule(_rythme(i["frequence_annuelle"])),
                    Cellule(" ; ".join(filter(None, (i["role"], i["composition"])))),
                )
                for i in instances
            ),
            sources=("Plan d'actions de la convention",),
        )
        if instances
        else None,
    ]


__all__ = [
    "VIDE",
    "axes",
    "constats",
    "couverture",
    "evaluation",
    "gouvernance",
    "missions",
    "pairs",
    "sans_financement",
    "scenario",
    "schema",
]
