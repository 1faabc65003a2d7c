"""The schéma of childcare: its operations, its places by year, the coverage rate that it would make."""

from collections.abc import Iterator

from publication.lecture.chiffres import Cellule
from publication.lecture.lots import Ligne as LigneLue
from publication.portraits.contenu.comparateurs import sources
from publication.portraits.contenu.contexte import Contexte
from publication.portraits.contenu.langue import accorder, enumerer
from publication.portraits.contenu.series import dire_ruptures, ruptures_des_annees
from publication.portraits.contenu.tableaux import tableau_annuel
from publication.portraits.modele import Element, Ligne, Serie, Tableau
from socle.affichage import MARQUES, nombre
from socle.statuts import MONTRENT, Statut

OUVRENT = ("extension", "ouverture")
"""The natures of operations that add places."""
_FINANCEMENTS = {"psu": "PSU", "paje": "Paje"}
_COMPTES_DU_SCHEMA = (
    *("Maintenues", "Planifiées", "Privées annoncées", "Ouvertes", "Visées"),
    "Études et réflexions",
)
_TAUX = "taux_couverture_petite_enfance"


def schema(ctx: Contexte) -> list[Element]:
    """The schéma of the convention: its operations, then its places year by year."""
    operations = ctx.autour.plan("ctg_calendrier")
    trouves: list[Element] = []
    if operations:
        trouves.append(
            Tableau.de(
                "Le schéma de maintien et de développement de l'offre",
                ("Période", "Où", "Quoi", "Financement", "Places", "Statut"),
                map(_operation, operations),
                ("Places",),
                notes=("Une étude ne compte aucune place ; une place planifiée compte dès son ouverture.",),
                sources=("Plan d'actions de la convention",),
            )
        )
    annees = _schema_annuel(ctx)
    if annees:
        trouves.append(
            Tableau.de(
                "Les places du schéma, année par année",
                ("Année", *_COMPTES_DU_SCHEMA),
                (
                    (
                        str(a["annee"]),
                        _places(a["places_maintenues"], a["places_maintenues_statut"]),
                        _places(a["places_planifiees"]),
                        _places(a["places_annoncees_privees"]),
                        a["places_ouvertes_motif"] or _places(a["places_ouvertes"]),
                        _places(a["places_visees"], a["places_visees_statut"]),
                        _places(a["etudes"]),
                    )
                    for a in annees
                ),
                _COMPTES_DU_SCHEMA,
                notes=_notes(annees),
                sources=("Plan d'actions de la convention",),
            )
        )
    return trouves


def _notes(annees: list[LigneLue]) -> list[str]:
    notes = []
    if any(a["places_ouvertes_motif"] for a in annees):
        notes.append("À venir : le plan d'actions reçu ne peut dire ce qui ouvre après son année.")
    if all(a["cout_previsionnel_statut"] not in MONTRENT for a in annees):
        notes.append("Le coût prévisionnel du schéma n'est pas énoncé (nd).")
    return notes


def _places(places: float | None, statut: Statut = "observe") -> Cellule:
    if statut not in MONTRENT or places is None:
        return Cellule(MARQUES.get(statut, MARQUES["non_disponible"]), statut=statut)
    return Cellule(nombre(places, 0), float(places), statut=statut)


def periode(o: LigneLue) -> str:
    """Return the years of an operation: "2025", "2025-2027"."""
    debut, fin = o["annee_debut"], o["annee_fin"]
    return str(debut) if debut == fin else f"{debut}-{fin}"


def places_dites(o: LigneLue) -> str:
    """Return the places of an operation that states them, signed where it opens them: "+2", "12"."""
    return f"{'+' if o['nature'] in OUVRENT else ''}{nombre(o['places'], 0)}"


def dire_operation(o: LigneLue) -> str:
    """Word an operation: "2025, Buis-les-Baronnies : extension – Les Souris vertes, +2 places (PSU)"."""
    quoi = " – ".join(filter(None, (o["nature"], o["structure"])))
    places = (
        "" if o["places"] is None else accorder(f", {places_dites(o)} {{place|places}}", abs(o["places"]) > 1)
    )
    details = [
        d
        for d in (
            _FINANCEMENTS.get(o["financement"], ""),
            o["initiative"] and f"initiative {o['initiative']}",
        )
        if d
    ]
    suite = f" ({', '.join(details)})" if details else ""
    return f"{periode(o)}{', ' + o['commune'] if o['commune'] else ''} : {quoi}{places}{suite}"


def _operation(o: LigneLue) -> tuple[Cellule | str, ...]:
    places = o["places"]
    return (
        periode(o),
        o["commune"] or "ensemble du territoire",
        " : ".join(filter(None, (o["nature"], o["structure"]))),
        _FINANCEMENTS.get(o["financement"], ""),
        _places(None, "non_disponible") if places is None else Cellule(places_dites(o), float(places)),
        o["operation_statut"] or "",
    )


def _schema_annuel(ctx: Contexte) -> list[LigneLue]:
    """The schéma's years, read against the latest coverage rate received."""
    lues = ctx.autour.plan("mart_sppe_schema")
    base = max((a["millesime_base"] for a in lues if a["millesime_base"] is not None), default=None)
    return [a for a in lues if a["millesime_base"] == base]


def scenario(ctx: Contexte) -> Serie | None:
    """The coverage rate observed, then what the schéma would make of it, everything else equal."""
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
        *(Ligne(nom, "autre", projetee(c)) for c, nom in _SCENARIOS.items()),
    )
    indicateur = ctx.marts.indicateurs[_TAUX]
    constants = lignes[1].valeurs[-1]
    assert constants is not None
    titre = (
        f"Scénario : {constants.texte} places pour 100 enfants en {fin['annee']} si toutes les places ouvrent"
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
            f"Ce qui ne change pas : {fin['hypotheses']}."
            + (f" Sans taux observé ni place prévue : {enumerer(sans_rien)}." if sans_rien else ""),
            *_prevision(ctx, fin),
            *dites,
        ),
        annees=annees,
        lignes=lignes,
        ruptures=ruptures,
        projection=next(iter(par_annee), None),
    )


_SCENARIOS = {
    "taux_scenario": "Toutes les ouvertures, enfants constants",
    "taux_scenario_sans_prive": "Sans les places privées, enfants constants",
}
"""Columns of `mart_sppe_schema`, and the lines they are."""


def _prevision(ctx: Contexte, fin: LigneLue) -> Iterator[str]:
    """Say what may become of the number of children, and the rate then; or that nothing tells it."""
    if fin["prevision"] is None:
        return
    bornes = [
        ctx.releve.hors_release(_TAUX, fin[f"taux_scenario_borne_{bout}"], fin["taux_scenario_statut"]).texte
        for bout in ("basse", "haute")
        if fin[f"taux_scenario_borne_{bout}"] is not None
    ]
    yield f"{fin['prevision']}." + (
        f" Le taux de {fin['annee']} serait alors entre {' et '.join(bornes)} ; un territoire plus petit"
        " peut bouger davantage."
        if bornes
        else ""
    )
