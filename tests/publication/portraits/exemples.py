"""One portrait made by hand, with an element of every kind and a figure of every statut.

Belongs here: what the tests of several formats lay out. Does not: its figures one by one (`releve.py`), its
charts and maps (`dessins.py`), any figure read from a release (`contenu` has its own tests).
"""

from dataclasses import replace
from functools import cache

from publication.lecture.chiffres import Cellule, Edition
from publication.portraits.modele import (
    Carte,
    Document,
    Liste,
    Message,
    Paragraphe,
    Point,
    Section,
    Tableau,
    Vue,
)
from tests.publication.portraits.dessins import (
    carte,
    carte_de_couverture,
    comparaison,
    contours,
    halteres,
    parts,
    reperes,
    scenario,
    serie,
)
from tests.publication.portraits.releve import (
    ALLOCATAIRES,
    AVIP,
    BANDEAU,
    COUVERTURE,
    CTG,
    DROME,
    FINANCEMENT,
    FINE,
    INSECABLE,
    JEUNES_ENFANTS,
    MONOPARENTALES,
    MONTANT,
    NIVEAU_DE_VIE,
    PAUVRETE,
    PLACES,
    Releve,
    bas_revenus,
    table,
    texte,
)


def chiffres_cles(r: Releve) -> Tableau:
    rien, f = texte("–"), r.cellule
    couverts = f(PLACES, DROME, 2024, 4120.0, 0, "partiel", (4008.0, 4210.0), "3 EPCI sur 16 manquent.")
    lignes = (
        (
            *(PAUVRETE, 2022, bas_revenus(r), f(PAUVRETE, DROME, 2022, 29.0, 1)),
            *(Cellule("+6,2 points", ton="defavorable"), Cellule("2e")),
        ),
        (
            *(NIVEAU_DE_VIE, 2023, f(NIVEAU_DE_VIE, CTG, 2023, 21930.0)),
            *(f(NIVEAU_DE_VIE, DROME, 2023, 23640.0), Cellule(f"−1{FINE}710{INSECABLE}€", ton="defavorable")),
            Cellule("9e"),
        ),
        (
            *(
                MONOPARENTALES,
                2022,
                f(MONOPARENTALES, CTG, 2022, statut="secret", motif="Effectif inférieur au seuil."),
            ),
            *(f(MONOPARENTALES, DROME, 2022, 52.2, 1), rien, rien),
        ),
        (
            *(JEUNES_ENFANTS, 2021, f(JEUNES_ENFANTS, CTG, 2021, 433.0)),
            *(f(JEUNES_ENFANTS, DROME, 2021, 16214.0), rien, rien),
        ),
        (
            *(AVIP, 2019, f(AVIP, CTG, 2019, statut="non_disponible", motif="Le plan ne l'énonce pas.")),
            *(f(AVIP, DROME, 2019, statut="sans_objet", motif="Sans objet à ce niveau."), rien, rien),
        ),
        (PLACES, 2024, f(PLACES, CTG, 2024, 0.0), couverts, rien, rien),
    )
    return table(
        "Chiffres clés du portrait social",
        ("Indicateur", "Année", "Baronnies", "Drôme", "Écart", "Rang parmi 12 pairs"),
        *((texte(i[1]), texte(str(annee)), *cellules) for i, annee, *cellules in lignes),
        notes=("Rang : du plus élevé au plus bas.",),
        sources=("Cnaf, Cafdata, 2022", "Insee, Filosofi, 2023", "Insee, recensement, 2021"),
    )


CONSTATS = Liste(
    "Constats",
    (
        Point("Territoire bien doté, coordination consolidée"),
        Point(
            "Pénurie de professionnels",
            (
                Point("Feuille de route « promotion des métiers »"),
                Point("Formation des assistants maternels", (Point("Relais de Nyons"),)),
            ),
        ),
    ),
)
STATUTS = Liste(
    "Statuts",
    (
        Point("s : secret statistique. Le chiffre existe et ne peut être montré."),
        Point("nd : non disponible. La source ne le donne pas."),
        Point("na : sans objet. La question ne se pose pas ici."),
    ),
)


@cache
def portrait() -> Document:
    """The CTG of the Baronnies, by hand."""
    r = Releve()
    compare, modes, foyers, projet, communes = comparaison(r), parts(r), serie(r), scenario(r), carte(r)
    cles = chiffres_cles(r)
    financement = r.cellule(FINANCEMENT, CTG, 2024, statut="non_disponible", motif="Fichier jamais reçu.")
    montant = r.cellule(MONTANT, CTG, 2022, 18464843.0)
    essentiel = Section(
        "essentiel",
        "L'essentiel",
        (
            Message(
                f"En 2022, 35,2{INSECABLE}% des foyers allocataires sont à bas revenus, contre "
                f"29,0{INSECABLE}% dans la Drôme.",
                "defavorable",
                (f"{PAUVRETE[0]}|{CTG[0]}|2022", f"{PAUVRETE[0]}|{DROME[0]}|2022"),
                "niveau_departement",
            ),
            Message(
                f"Le taux de couverture petite enfance atteint 57,9{INSECABLE}% en 2023, après "
                f"57,2{INSECABLE}% en 2022.",
                "favorable",
                (f"{COUVERTURE[0]}|{CTG[0]}|2022", f"{COUVERTURE[0]}|{CTG[0]}|2023"),
                "direction",
            ),
            Message(
                "Le nombre de foyers allocataires ne se compare pas de part et d'autre de 2021 : la "
                "définition du foyer a changé.",
                "neutre",
                (f"{ALLOCATAIRES[0]}|{CTG[0]}|2020", f"{ALLOCATAIRES[0]}|{CTG[0]}|2021"),
                "serie_rompue",
            ),
        ),
    )
    sections = (
        essentiel,
        Section(
            "portrait-social",
            "Portrait social",
            (cles, compare, foyers, halteres(r), reperes(r)),
            theme="portrait_social",
        ),
        Section(
            "petite-enfance",
            "Petite enfance",
            (
                Paragraphe(
                    "Les places se comptent au 31 décembre ; celles de l'accueil individuel sont théoriques."
                ),
                modes,
                communes,
            ),
            theme="petite_enfance",
            sections=(
                Section("petite-enfance-constats", "Focus sur l'évaluation", (CONSTATS,)),
                Section("petite-enfance-sppe", "Service public de la petite enfance", (projet,)),
            ),
        ),
        Section(
            "parentalite", "Parentalité", vide="Aucun chiffre : les sources de ce thème n'ont pas été reçues."
        ),
        Section(
            "financement",
            "Financement",
            (
                table(
                    "Financement",
                    ("Poste", "Montant"),
                    (texte("Prestations versées"), montant),
                    (texte("Eaje et Rpe"), financement),
                    sources=("Caf de la Drôme, 2022 et 2024",),
                ),
            ),
        ),
        Section("annexes", "Annexes", sections=(Section("lire", "Guide de marts", (STATUTS,)),)),
    )
    presentation = (
        Vue("cles", "Chiffres clés", "Une couverture sous celle de la Drôme", (), reperes(r)),
        Vue("pauvrete", "Portrait social", "Les bas revenus se lisent au-dessus", ((compare,), (CONSTATS,))),
        Vue("modes", "Petite enfance", "L'accueil collectif domine", ((modes,), essentiel.elements)),
        Vue("foyers", "Allocataires", "Moins de foyers qu'en 2015", ((foyers,),), notes=("À dire.",)),
        Vue("scenario", "Petite enfance", "Le schéma ferait gagner des places", ((projet,),)),
        Vue("mouvements", "Ce qui a changé", "Une hausse, une baisse", ((halteres(r),),)),
        Vue("poste", "Financement", "Un montant est connu", ((sections[4].elements[0],), (STATUTS,))),
    )
    return Document(
        territoire_id=CTG[0],
        niveau="ctg",
        titre="Baronnies en Drôme provençale",
        sous_titre="Portrait de la convention territoriale globale 2025-2029",
        couverture=(
            ("Convention", "CTG des Baronnies en Drôme provençale, V2"),
            ("Période", "du 1er janvier 2025 au 31 décembre 2029"),
            ("Population", f"20{FINE}752 habitants (2022)"),
            ("Communes", "8"),
            ("Année de référence", "2019"),
        ),
        carte=carte_de_couverture(),
        edition=Edition(
            release_id="20261126-demo",
            publiee_le="26 novembre 2026",
            content_hash="0f3a" * 16,
            perimetre="Drôme",
            citation="Observatoire CTG, portrait de la CTG des Baronnies en Drôme provençale, édition "
            "20261126-demo du 26 novembre 2026",
        ),
        sections=sections,
        presentation=presentation,
        chiffres=dict(sorted(r.chiffres.items())),
        bandeau=BANDEAU,
        contours=contours(),
    )


@cache
def sans_carte() -> Document:
    """The same, real and read from a release without outlines: no map, no banner."""
    document = portrait()

    def sans(section: Section) -> Section:
        return replace(
            section,
            elements=tuple(e for e in section.elements if not isinstance(e, Carte)),
            sections=tuple(sans(s) for s in section.sections),
        )

    return replace(
        document, carte=None, contours=None, bandeau=None, sections=tuple(sans(s) for s in document.sections)
    )
