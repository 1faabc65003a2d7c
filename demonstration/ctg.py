"""The CTG of the Baronnies as its documents state it, and one CTG over two EPCI invented from end to end.

What the documents do not state has no line or is `nd`.
"""

import csv
from pathlib import Path

from demonstration import faits
from demonstration.faits import BARONNIES
from demonstration.formats import texte_csv
from ingestion.contrats import charger_contrats

_MILLESIME = 2024
_V1, _V2, _INVENTEE = "baronnies-2019", "baronnies-2025", "demonstration-2023"
_DOCUMENT = "presentation_ctg_baronnies_2024-12-17"
_CRESTOIS, _DIOIS = "200040509", "242600534"
# Inhabitants above which a commune of these two EPCI is in the invented perimeter.
_BOURG = 400

Ligne = dict[str, object]


def _lignes(colonnes: str, *rangs: tuple[object, ...]) -> list[Ligne]:
    """Rows under the columns named; the other columns of their table are `nd`."""
    return [dict(zip(colonnes.split(), rang, strict=True)) for rang in rangs]


_CONVENTIONS: list[Ligne] = [
    {
        "convention_id": _V1,
        "version": "V1",
        "statut": "en vigueur",
        "libelle": "CTG des Baronnies en Drôme provençale, V1 (2019-2024)",
        "annee_signature": 2019,
        "duree_annees": 4,
        "periodes_evaluees": "2019-2023 ; 2019-2024",
        "document_id": _DOCUMENT,
    },
    {
        "convention_id": _V2,
        "version": "V2",
        "statut": "projet",
        "libelle": "CTG des Baronnies en Drôme provençale, V2 (2025-2029)",
        "date_debut": "2025-01-01",
        "date_fin": "2029-12-31",
        "duree_annees": 5,
        "anciennete_annees": 5,
        "document_id": _DOCUMENT,
    },
    {
        "convention_id": _INVENTEE,
        "version": "V1",
        "statut": "en vigueur",
        "libelle": "CTG inventée pour la démonstration, à cheval sur deux EPCI",
        "date_signature": "2022-12-15",
        "annee_signature": 2022,
        "date_debut": "2023-01-01",
        "date_fin": "2027-12-31",
        "duree_annees": 5,
    },
]
_AVENANTS = _lignes("convention_id numero objet annee_effet duree_annees", (_V1, 1, "prolongation", 2024, 1))
_SIGNATAIRES = _lignes(
    "convention_id acteur_id role",
    *((convention, acteur, "signataire") for convention in (_V1, _V2) for acteur in ("caf-26", "ccbdp")),
)
_ACTEURS = _lignes(
    "acteur_id nom alias type",
    ("caf-26", "Caf de la Drôme", "nd", "caf"),
    ("ccbdp", "CC des Baronnies en Drôme provençale", "CC-BDP ; CCBDP", "epci"),
    ("nyons", "Commune de Nyons", "nd", "commune"),
    ("departement-26", "Département de la Drôme", "Conseil départemental", "département"),
    ("asoft", "Asoft", "@soft", "nd"),
    ("afb", "Afb", "nd", "nd"),
    ("cdhn", "Cdhn", "nd", "nd"),
    ("aventic", "Aventic", "nd", "nd"),
    ("mission-locale", "Mission locale", "nd", "nd"),
    ("france-travail", "France Travail", "nd", "opérateur"),
)
# What the evaluation says of all themes, under the headings of the document, in other words than its own.
_SYNTHESE = _lignes(
    "rubrique nature texte",
    (
        "Structuration des politiques territoriales",
        "force",
        "Petite enfance et enfance-jeunesse : deux politiques bien installées",
    ),
    (
        "Structuration des politiques territoriales",
        "force",
        "Parentalité et accès aux droits : deux politiques jeunes qui ont pris forme",
    ),
    ("Développement de l'offre", "force", "Une offre étoffée dans tous les domaines"),
    ("Développement de l'offre", "enjeu", "Faire durer cette offre sur la V2, avec des moyens soutenables"),
    ("Développement de l'offre", "vigilance", "Les services aux familles manquent de professionnels"),
    (
        "Réponse aux besoins spécifiques",
        "force",
        "Une offre qui s'adapte : lieux isolés, handicap, insertion",
    ),
    ("Investissement social", "force", "Une culture ouverte aux tout-petits, avec la Cteac"),
    ("Investissement social", "force", "Habitants et jeunes ont part aux décisions"),
    ("Mise en réseau des acteurs", "force", "Des réseaux thématiques prêts à s'élargir"),
)
# Each observation of a theme, in the order of the document, in other words than its own.
_CONSTATS = _lignes(
    "theme_id nature texte",
    ("acces_droits", "force", "La collectivité s'est saisie d'une politique encore neuve"),
    ("acces_droits", "force", "France services et conseillers numériques se sont développés"),
    ("acces_droits", "enjeu", "Précarité, isolement, mobilisation des habitants : des besoins élevés"),
    ("acces_droits", "force", "Une coordination à quatre : @soft, intercommunalité, Caf, Département"),
    ("petite_enfance", "force", "24 places de plus entre 2019 et 2024"),
    ("petite_enfance", "force", "Taux de couverture passé de 46,2 % (2019) à 57,2 %"),
    ("petite_enfance", "vigilance", "Accueil individuel en recul, moins que dans la Drôme"),
    ("petite_enfance", "force", "Des crèches très engagées dans le label Avip"),
    ("petite_enfance", "force", "Une ingénierie renforcée"),
    ("petite_enfance", "force", "Une coordination plus large"),
    ("enfance_jeunesse", "vigilance", "Nettement moins d'enfants et de jeunes"),
    ("enfance_jeunesse", "force", "Les élus font mesurer l'effet de leur politique jeunesse"),
    ("enfance_jeunesse", "force", "Des loisirs et un suivi des jeunes fournis"),
    ("enfance_jeunesse", "enjeu", "Mailler l'offre pour rendre le territoire attractif (Ps jeunes)"),
    ("enfance_jeunesse", "force", "Une politique ancienne, à deux échelles : l'intercommunalité et Nyons"),
    ("parentalite", "vigilance", "Nyons et Buis mieux servies que les communes très rurales"),
    ("parentalite", "enjeu", "Sortir du giron de la petite enfance et se lier aux autres thèmes"),
    ("parentalite", "enjeu", "Moins de familles, et des besoins qui restent forts"),
    ("parentalite", "force", "Des structures Avs tournées vers les familles"),
    ("animation_vie_sociale", "force", "4 structures agréées : 2 centres sociaux, 2 EVS"),
    ("animation_vie_sociale", "vigilance", "Des structures fragiles, accompagnées"),
    ("animation_vie_sociale", "force", "Des projets itinérants, face à l'isolement et aux transitions"),
    ("animation_vie_sociale", "force", "Des habitants très présents, des acteurs repérés"),
    ("animation_vie_sociale", "enjeu", "Faire du réseau Avs une voix du projet de territoire"),
    ("logement", "force", "Le diagnostic de l'habitat est achevé"),
    ("logement", "force", "Un réseau d'acteurs que la collectivité pilote et cartographie"),
    ("logement", "force", "Une coordination à même de porter des projets"),
)
# The figures that two of them state. The document dates the start of the rate alone.
_CHIFFRES_DES_CONSTATS: dict[str, Ligne] = {
    "24 places de plus entre 2019 et 2024": {
        "indicateur_id": "nb_places_eaje",
        "annee_debut": 2019,
        "annee_fin": 2024,
        "ecart": 24,
    },
    "Taux de couverture passé de 46,2 % (2019) à 57,2 %": {
        "indicateur_id": "taux_couverture_petite_enfance",
        "annee_debut": 2019,
        "valeur_debut": "46,2",
        "valeur_fin": "57,2",
    },
}
# Why, with what calendar, what is decided and what comes next: the facts of the document, in other words.
_AVANT_LE_BUDGET = "avant le rapport d'orientations budgétaires"
_DEMARCHE = _lignes(
    "nature texte date periode etat acteur_id",
    *(
        ("sens", texte, "nd", "nd", "nd", "nd")
        for texte in (
            "Un cadre stratégique et politique que Caf et collectivités signent : un projet social partagé",
            "Six champs communs, de l'accès aux droits et de la petite enfance au logement",
            "Investir dans le social : mailler l'offre, répondre aux besoins, mettre les acteurs en réseau",
        )
    ),
    ("contexte", "Une première convention de quatre ans, Caf et intercommunalité", "nd", "2019", "nd", "nd"),
    ("contexte", "L'intercommunalité anime le territoire et garantit la cohérence des actions", *4 * ["nd"]),
    ("étape", "Signature de la première convention", "nd", "2019", "fait", "nd"),
    ("étape", "Prolongation d'un an, évaluation avec les acteurs", "nd", "année 2024", "fait", "nd"),
    ("étape", "Présentation du renouvellement", "2024-12-17", "nd", "fait", "caf-26"),
    ("étape", "Début de la deuxième convention", "2025-01-01", "nd", "à venir", "nd"),
    ("étape", "Second temps d'échange", "nd", _AVANT_LE_BUDGET, "à venir", "nd"),
    ("étape", "Fin de la deuxième convention", "2029-12-31", "nd", "à venir", "nd"),
    ("décision", "Reconduire la convention pour cinq ans, de 2025 à 2029", "nd", "nd", "à venir", "ccbdp"),
    ("décision", "La mettre en œuvre selon les moyens que chacun peut mobiliser", "nd", "nd", "nd", "nd"),
    (
        *("suite", "Présenter la monographie, les fiches actions et le plan de financement 2025"),
        *("nd", _AVANT_LE_BUDGET, "à venir", "ccbdp"),
    ),
)
_CALENDRIER = _lignes(
    "annee_debut annee_fin code structure nature financement initiative places statut",
    (2025, 2029, "nd", "Eaje existants", "maintien", "nd", "nd", 118, "existant"),
    (2025, 2025, "26063", "Les Souris vertes", "extension", "psu", "nd", 2, "planifié"),
    (2025, 2025, "26340", "Nano-crèche", "ouverture", "psu", "nd", 7, "planifié"),
    (2025, 2025, "26317", "Micro-crèche", "ouverture", "paje", "privée", 12, "annoncé"),
    (2025, 2029, "26193", "nd", "étude", "nd", "nd", "nd", "étude"),
    (2025, 2029, "nd", "Maillage, baisse des assistants maternels", "réflexion", "nd", "nd", "nd", "étude"),
    (2025, 2029, "nd", "Passerelle 3-6 ans", "projet", "nd", "nd", "nd", "étude"),
)
_INSTANCES = _lignes(
    "instance_id convention_id type theme_id frequence_annuelle composition role",
    (
        *(f"{_V1}-copil", _V1, "comité de pilotage", "nd", 2),
        *("vice-présidents de la CC ; DGS ; Caf", "Pilotage, feuilles de route annuelles, projets"),
    ),
    (
        *(f"{_V1}-cotech", _V1, "comité technique", "nd", 4),
        *("nd", "Prépare copil, réseaux et ateliers ; suivi financier"),
    ),
    *(
        (f"{_V1}-reseau-{theme.replace('_', '-')}", _V1, "réseau thématique", theme, "nd", "nd", "nd")
        for theme in (
            *("acces_droits", "petite_enfance", "enfance_jeunesse"),
            *("parentalite", "animation_vie_sociale", "logement"),
        )
    ),
    (f"{_INVENTEE}-copil", _INVENTEE, "comité de pilotage", "nd", 2, "nd", "nd"),
)
_MISSIONS = _lignes(
    "mission_id libelle axes",
    ("recenser", "Recenser l'offre et les besoins : observatoire, bilans annuels, guichet unique", "3 ; 4"),
    ("informer", "Informer : porte d'entrée unique, périnatalité, conseils de crèche", "2 ; 3"),
    ("planifier", "Planifier : schéma de maintien et de développement", "nd"),
    ("soutenir_qualite", "Soutenir la qualité : stagiaires, besoins spécifiques, pratiques", "2 ; 3 ; 4"),
)
_POLITIQUES = _lignes(
    "convention_id theme_id echelle acteur_id",
    (_V1, "enfance_jeunesse", "intercommunale", "ccbdp"),
    (_V1, "enfance_jeunesse", "communale", "nyons"),
)
# Where the evaluation of 2019-2024 starts from: "+24 places" to 118, "46,2 % en 2019". No target is stated.
_DEPARTS = _lignes(
    "objet objet_id indicateur_id valeur_depart periode_depart",
    ("axe", f"{_V2}-petite-enfance-1", "nb_places_eaje", 118 - 24, 2019),
    ("axe", f"{_V2}-petite-enfance-1", "taux_couverture_petite_enfance", "46,2", 2019),
)
_PLAN_DEPARTEMENTAL = [
    "Promouvoir",
    "Attirer et recruter",
    "Former",
    "Qualité de vie au travail",
    "Passerelles",
]

# Invented, and of the invented convention alone.
_AXE, _AUTRE_AXE = f"{_INVENTEE}-petite-enfance-1", f"{_INVENTEE}-acces-droits-1"
_AXES_INVENTES = _lignes(
    "axe_id convention_id theme_id numero libelle",
    (_AXE, _INVENTEE, "petite_enfance", 1, "Axe inventé : développer l'accueil"),
    (_AUTRE_AXE, _INVENTEE, "acces_droits", 1, "Axe inventé : réduire la précarité"),
)
_ACTIONS_INVENTEES = _lignes(
    "action_id axes intitule debut fin statut",
    (f"{_INVENTEE}-a1", _AXE, "Action inventée, réalisée", "2023-03-01", "2023-12-31", "réalisée"),
    (f"{_INVENTEE}-a2", _AXE, "Action inventée, en retard", "2023-03-01", "2023-12-31", "engagée"),
    (f"{_INVENTEE}-a3", _AUTRE_AXE, "Action inventée, à venir", "2025-01-01", "2026-12-31", "prévue"),
)
_CIBLES_INVENTEES = _lignes(
    "objet objet_id indicateur_id valeur_depart periode_depart cible echeance",
    ("action", f"{_INVENTEE}-a1", "nb_places_eaje", 200, 2019, 240, 2027),
    ("axe", _AUTRE_AXE, "part_allocataires_rsa", "12,5", 2020, "8,5", 2027),
)
_COMMENTAIRES_INVENTES = _lignes(
    "territoire_id numero section place texte auteur date indicateur_id chiffre_annee chiffre_valeur",
    (
        *(f"ctg:{_INVENTEE}", 1, "petite_enfance", "avant"),
        *("Commentaire inventé : lire l'offre avec celle des territoires voisins", "Auteur inventé"),
        *("2024-12-17", "nd", "nd", "nd"),
    ),
    (
        *(f"ctg:{_INVENTEE}", 2, "petite_enfance", "note"),
        *("Commentaire inventé : 200 places d'accueil collectif en 2024", "Auteur inventé"),
        *("2024-12-17", "nb_places_eaje", 2024, 200),
    ),
)
_REUNIONS_INVENTEES = _lignes(
    "instance_id date tenue",
    (f"{_INVENTEE}-copil", "2024-04-11", "oui"),
    (f"{_INVENTEE}-copil", "2024-10-17", "non"),
)
_FINANCEMENTS_INVENTES = _lignes(
    "ligne_id convention_id action_id annee financeur montant_engage montant_paye",
    (f"{_INVENTEE}-f1", _INVENTEE, f"{_INVENTEE}-a1", 2024, "Caf (inventé)", 40_000, 30_000),
    (f"{_INVENTEE}-f2", _INVENTEE, f"{_INVENTEE}-a2", 2024, "Commune (inventé)", 10_000, 2500),
)


def _orientations() -> tuple[list[Ligne], list[Ligne]]:
    """The axes and the orientations of the Baronnies, from `ctg_orientations.csv`."""
    axes: list[Ligne] = []
    orientations: list[Ligne] = []
    with (Path(__file__).parent / "ctg_orientations.csv").open(encoding="utf-8", newline="") as fichier:
        for ligne in csv.DictReader(fichier):
            axe_id = f"{_V2}-{ligne['theme_id'].replace('_', '-')}-{ligne['axe']}"
            if ligne["axe_libelle"]:
                axes += _lignes(
                    "axe_id convention_id theme_id numero libelle",
                    (axe_id, _V2, ligne["theme_id"], ligne["axe"], ligne["axe_libelle"]),
                )
            orientations += _lignes(
                "axe_id numero libelle hors_competence_caf remarque_interne",
                (
                    *(axe_id, ligne["orientation"], ligne["libelle"], ligne["hors_competence_caf"]),
                    ligne["remarque_interne"] or "nd",
                ),
            )
    return axes, orientations


def _perimetres() -> list[Ligne]:
    """The communes of the EPCI for both versions; the largest ones of two EPCI for the invented one."""
    communes = faits.communes(_MILLESIME)
    baronnies = [c.code for c in communes if c.epci == BARONNIES]
    a_cheval = [c.code for c in communes if c.epci in (_CRESTOIS, _DIOIS) and c.pmun[2021] > _BOURG]
    membres = {_V1: baronnies, _V2: baronnies, _INVENTEE: a_cheval}
    return _lignes(
        "convention_id code", *((convention, code) for convention, codes in membres.items() for code in codes)
    )


def fichiers() -> dict[str, bytes]:
    """Every table of the plans d'actions: path in the mirror to content."""
    axes, orientations = _orientations()
    tables = {
        "conventions": _CONVENTIONS,
        "avenants": _AVENANTS,
        "signataires": _SIGNATAIRES,
        "perimetres": _perimetres(),
        "acteurs": _ACTEURS,
        "axes": axes + _AXES_INVENTES,
        "orientations": orientations,
        "constats": [
            {"convention_id": _V2, "numero": n} | c | _CHIFFRES_DES_CONSTATS.get(str(c["texte"]), {})
            for n, c in enumerate(_SYNTHESE + _CONSTATS, 1)
        ],
        "demarche": [{"convention_id": _V2, "numero": n} | d for n, d in enumerate(_DEMARCHE, 1)],
        "actions": _ACTIONS_INVENTEES,
        "commentaires": _COMMENTAIRES_INVENTES,
        "indicateurs_cibles": _DEPARTS + _CIBLES_INVENTEES,
        "calendrier": [
            {"operation_id": f"{_V2}-sppe-{n}", "convention_id": _V2} | o
            for n, o in enumerate(_CALENDRIER, 1)
        ],
        "instances": _INSTANCES,
        "reunions": _REUNIONS_INVENTEES,
        "financements": _FINANCEMENTS_INVENTES,
        "missions_sppe": [{"convention_id": _V2} | mission for mission in _MISSIONS],
        "politiques": _POLITIQUES,
        "axes_departementaux": [
            {"departement": faits.DROME, "annee": _MILLESIME, "numero": n, "libelle": libelle}
            for n, libelle in enumerate(_PLAN_DEPARTEMENTAL, 1)
        ],
    }
    ressources = charger_contrats()["ctg_plan_actions"].ressources
    return {
        f"ctg/plan_actions/{_MILLESIME}/{nom}.csv": texte_csv(
            [*ressources[nom].columns],
            [[ligne.get(c, "nd") for c in ressources[nom].columns] for ligne in lignes],
            ";",
            encodage="utf-8-sig",
        )
        for nom, lignes in tables.items()
    }
