"""The dashboard "Suivi d'une CTG": its charts, its filters, where each stands on the page.

A chart shows rows as the marts have them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bi.superset.formes import Forme, barres, carte, courbes, seule, table, vignette
from publication.commun.apparence import CONTOUR, MARQUES, RAMPE, TRAITS
from publication.lecture.chiffres import Role
from publication.lecture.statuts import NOMS

TITRE = "Suivi d'une CTG"
ADRESSE = "suivi-ctg"
INDICATEUR = "part_allocataires_rsa"
"""The indicateur that the page opens on."""

LEGENDE = " · ".join(f"**{marque}** {NOMS[statut]}" for statut, marque in MARQUES.items())


@dataclass(frozen=True)
class Graphique:
    """A chart: `largeur` in twelfths, `hauteur` in 8 pixels, `filtres` the columns that the page filters.

    `indicateur`: the one whose label is its title, and whose decimals its figure has.
    """

    nom: str
    titre: str
    jeu: str
    forme: Forme
    largeur: int
    hauteur: int
    filtres: tuple[str, ...] = ("territoire",)
    indicateur: str = ""


@dataclass(frozen=True)
class Texte:
    """A text of the page, in Markdown."""

    texte: str
    largeur: int
    hauteur: int


@dataclass(frozen=True)
class Partie:
    """A heading and the rows under it."""

    titre: str
    rangees: tuple[tuple[Graphique | Texte, ...], ...]


def partie(titre: str, *rangees: Graphique | list[Graphique | Texte]) -> Partie:
    """A heading, and rows of one chart or of several pieces."""
    return Partie(titre, tuple(tuple(r) if isinstance(r, list) else (r,) for r in rangees))


CHOIX = ("territoire", "indicateur")
CLASSES = RAMPE[2:]
SANS_COULEUR = "#ffffff"
"""Of a commune that is in no class."""

LEGENDE_CARTE = (
    "Du plus clair au plus foncé, de la valeur la plus basse à la plus haute : cinq groupes de communes, les"
    " valeurs égales ensemble. En blanc : pas de chiffre, ou trop peu pour un point.\n\n"
    "Passer sur une commune donne son nom, sa valeur et son année."
)

INTRODUCTION = (
    "Choisissez à gauche un **territoire** (commune, EPCI, CTG, département…) et un"
    " **indicateur**. Les chiffres sont ceux de la publication en service, écrits comme"
    f" dans les portraits. {LEGENDE} : aucun n'est un zéro.\n\n"
    "Un taux, une médiane ou un pourcentage ne s'additionnent pas : pour un territoire plus"
    " grand, choisissez-le."
)

EN_TETE = (
    "population_municipale",
    "nb_foyers_allocataires",
    "part_allocataires_rsa",
    "taux_pauvrete_60",
    "nb_enfants_moins_3_ans",
    "taux_couverture_petite_enfance",
)
"""What a territory is asked about first."""


def _en_tete(indicateur: str) -> Graphique:
    """A card: the last figure that is a point, and its year."""
    forme = vignette("annee", "valeur", f"role = 'territoire' and indicateur_id = '{indicateur}'")
    nom = f"vignette_{indicateur}"
    return Graphique(nom, "", "suivi_series", forme, 4, 28, indicateur=indicateur)


PARTIES = (
    partie(
        "",
        [
            Texte(INTRODUCTION, 5, 22),
            Graphique(
                "publication",
                "Ce qui est montré",
                "suivi_publication",
                table(["territoire", "chiffres", "perimetre", "publiee_le", "release_id"]),
                7,
                22,
            ),
        ],
    ),
    partie(
        "Chiffres clés",
        [_en_tete(indicateur) for indicateur in EN_TETE[:3]],
        [_en_tete(indicateur) for indicateur in EN_TETE[3:]],
        Graphique(
            "chiffres",
            "Le territoire et ses comparateurs, au dernier millésime montré",
            "suivi_chiffres",
            table(
                [
                    "rubrique",
                    "indicateur",
                    "millesime",
                    "valeur_affichee",
                    "statut",
                    "valeur_departement_affichee",
                    "valeur_region_affichee",
                    "valeur_france_affichee",
                    "millesime_debut",
                    "evolution_affichee",
                    "evolution_reserve",
                ],
                ["rang_cle"],
            ),
            12,
            190,
        ),
    ),
    partie(
        "Un indicateur au fil des ans",
        Graphique(
            "definition",
            "L'indicateur choisi",
            "suivi_indicateurs",
            table(["indicateur", "theme_libelle", "unite_libelle", "description"]),
            12,
            16,
            ("indicateur",),
        ),
        [
            Graphique(
                "serie",
                "Une année sans chiffre est un vide, une rupture coupe la ligne",
                "suivi_series",
                courbes("annee", "valeur", "serie"),
                8,
                50,
                CHOIX,
            ),
            Graphique(
                "valeurs",
                "Année par année",
                "suivi_series",
                table(
                    ["millesime", "valeur_affichee", "statut", "rupture", "motif"],
                    ["millesime"],
                    decroissant=True,
                    condition="role = 'territoire'",
                ),
                4,
                50,
                CHOIX,
            ),
        ],
        Graphique(
            "ruptures",
            "Ruptures à signaler",
            "suivi_ruptures",
            table(["millesime", "nature", "detail"], ["millesime"]),
            12,
            20,
            CHOIX,
        ),
    ),
    partie(
        "Le même indicateur ailleurs",
        [
            Graphique(
                "classement",
                "Parmi ses pairs, la même année",
                "suivi_classement",
                barres(
                    "pair",
                    [seule("valeur", "Valeur")],
                    "lequel",
                    orientation="horizontal",
                    legendOrientation="top",
                    show_legend=True,
                ),
                6,
                70,
                CHOIX,
            ),
            Graphique(
                "communes",
                "Dans ses communes",
                "suivi_communes",
                table(
                    [
                        "commune",
                        "millesime",
                        "valeur_affichee",
                        "statut",
                        "millesime_debut",
                        "evolution_affichee",
                    ],
                    ["tri", "commune"],
                ),
                6,
                70,
                CHOIX,
            ),
        ],
        [
            Graphique("carte", "Sur la carte", "suivi_carte", carte("contour"), 9, 70, CHOIX),
            Texte(LEGENDE_CARTE, 3, 70),
        ],
    ),
    partie(
        "La convention et son plan d'actions",
        Graphique(
            "convention",
            "La convention",
            "suivi_conventions",
            table(
                ["libelle", "convention_statut", "annee_debut", "annee_fin", "annee_base", "signataires"],
                ["annee_debut"],
                decroissant=True,
            ),
            12,
            22,
        ),
        Graphique(
            "plan",
            "Axes, actions et cibles",
            "suivi_plan",
            table(
                [
                    "theme_libelle",
                    "axe_libelle",
                    "action_intitule",
                    "action_statut",
                    "action_en_retard",
                    "indicateur_libelle",
                    "valeur_depart",
                    "cible",
                    "echeance",
                    "valeur_affichee",
                    "situation",
                ],
                ["theme_ordre", "axe_numero", "action_id"],
            ),
            12,
            70,
        ),
        Graphique(
            "orientations",
            "Orientations",
            "suivi_orientations",
            table(
                ["theme_libelle", "axe_libelle", "numero", "libelle", "hors_competence_caf"],
                ["theme_ordre", "axe_libelle", "numero"],
            ),
            12,
            50,
        ),
    ),
    partie(
        "Service public de la petite enfance",
        [
            Graphique(
                "missions",
                "Les missions et les axes qui les mettent en œuvre",
                "suivi_missions",
                table(["ordre", "libelle", "axes"], ["ordre"]),
                6,
                40,
            ),
            Graphique(
                "places",
                "Places d'accueil visées, par année du schéma",
                "suivi_schema",
                barres(
                    "annee",
                    [
                        seule("places_maintenues", "Maintenues"),
                        seule("places_planifiees", "Planifiées"),
                        seule("places_annoncees_privees", "Privées annoncées"),
                    ],
                    orientation="vertical",
                    show_legend=True,
                    legendOrientation="top",
                    y_axis_format=",d",
                ),
                6,
                40,
            ),
        ],
        Graphique(
            "schema",
            "Le schéma année par année : des projets, non des chiffres observés",
            "suivi_schema",
            table(
                [
                    "annee",
                    "places_maintenues",
                    "places_planifiees",
                    "places_annoncees_privees",
                    "places_visees",
                    "taux_base",
                    "taux_scenario",
                    "taux_scenario_borne_basse",
                    "taux_scenario_borne_haute",
                    "taux_departement",
                    "hypotheses",
                    "prevision",
                ],
                ["annee"],
                reglees={
                    c: {"d3NumberFormat": ",.1f"}
                    for c in (
                        "taux_base",
                        "taux_scenario",
                        "taux_scenario_borne_basse",
                        "taux_scenario_borne_haute",
                        "taux_departement",
                    )
                },
            ),
            12,
            62,
        ),
    ),
)

ROLES: Mapping[Role, str] = {
    "territoire": "Ce territoire",
    "departement": "Département",
    "region": "Région",
    "france": "France",
}
"""The lines of a series, in the colours that they have in portraits."""


def couleurs(ruptures: Iterable[int]) -> dict[str, str]:
    """The colour of each label: a line keeps its own across the years from which it is read again."""
    annees = sorted(ruptures)
    dits = {
        dit: TRAITS[role].couleur
        for role, nom in ROLES.items()
        for dit in (nom, *(f"{nom} dès {annee}" for annee in annees))
    }
    return dits | {"Les autres": CONTOUR}


def graphiques() -> list[Graphique]:
    """Every chart, in the order of the page."""
    return [g for partie in PARTIES for rangee in partie.rangees for g in rangee if isinstance(g, Graphique)]
