"""What codes of a release are called on a page, in French: a code without a word here would be shown bare."""

from publication.lecture import niveaux
from publication.lecture.statuts import NOMS, SENS

STATUT, STATUT_EN_CLAIR = NOMS, SENS
SIGNE = {"arrondi": "≈", "partiel": "◔"}
"""What stands after a figure that is approached."""
NIVEAU = {code: niveau.titre for code, niveau in niveaux.NIVEAUX.items()}
NIVEAUX = {code: niveau.pluriel for code, niveau in niveaux.NIVEAUX.items()}
NIVEAUX_DITS = {
    code: pluriel if code == "france" else pluriel[0].lower() + pluriel[1:]
    for code, pluriel in NIVEAUX.items()
}
"""Levels within a sentence."""
GENRE = {code: niveau.genre for code, niveau in niveaux.NIVEAUX.items()}
METHODE = {
    "somme": "Somme : les communes du territoire s'additionnent, dans la source du territoire.",
    "ratio": "Rapport de deux sommes : numérateur et dénominateur sont additionnés sur tout le territoire,"
    " puis divisés. Ce n'est jamais la moyenne des taux des communes.",
    "difference": "Différence entre deux années du même territoire, dans ses limites d'aujourd'hui.",
    "evolution": "Évolution entre deux années du même territoire, dans ses limites d'aujourd'hui.",
    "publie": "Valeur publiée : reprise telle que le producteur la donne à ce niveau, jamais recalculée.",
    "attribut": "Fait déclaré pour le territoire, qui ne s'additionne pas.",
    "micro": "Calculé sur les dossiers des allocataires.",
    "specifique": "Calcul propre à cet indicateur.",
}
POLARITE = {
    "favorable": "Une hausse est favorable.",
    "defavorable": "Une hausse est défavorable.",
    "neutre": "Ni favorable ni défavorable en soi : une hausse se lit avec le contexte.",
}
SANS_UNITE = {
    "nombre": "nombre sans unité",
    "annee": "année",
    "date": "date",
    "booleen": "oui ou non",
    "texte": "texte",
}
"""What a figure is whose unit has no name, by the nature of that unit."""
HAUSSE = {"favorable": "est favorable", "defavorable": "est défavorable", "neutre": "se lit avec le contexte"}
SECRET = {
    "aucun": "Aucune personne n'y est comptée par la Caf, ou son producteur la protège lui-même.",
    "cnaf": "Arrondi à 5, comme la Cnaf l'imprime.",
    "chaine": "Arrondi au hasard, commune par commune, une fois pour toutes ; les sommes tombent juste.",
}
ETAT = {
    "recue": "reçue",
    "jamais_recue": "jamais reçue",
    "en_attente": "en attente",
}
DIFFUSION = {
    "publique": "publique",
    "interne": "registre d'un partenaire, non public",
    "micro": "dossiers de la Caf, non publics",
}
NATURE_DE_RUPTURE = {
    "fusion": "Fusion de communes",
    "scission": "Commune partagée",
    "changement_code": "Changement de code",
    "perimetre_epci": "Périmètre de l'intercommunalité",
    "perimetre_ctg": "Périmètre de la convention",
    "source": "Changement de source",
    "serie": "Changement de série",
    "forme": "Changement de forme du fichier",
    "champ": "Changement de champ",
    "definition": "Changement de définition",
    "reforme": "Réforme de la prestation",
}
RUPTURES_D_UNE_ANNEE = {"perimetre_epci"}
"""Those of the figures of a year, which are not of what is there today; the rest are from a year on."""
FORMAT = {
    "html": "Page seule, hors ligne (HTML)",
    "pdf": "Brochure à imprimer (PDF)",
    "annexes": "Annexes : toutes les rubriques (PDF)",
    "pptx": "Diaporama à modifier (PPTX)",
    "xlsx": "Classeur (XLSX)",
}
CAUSE = {
    "révision": "le producteur a révisé un fichier",
    "nouveau millésime": "une nouvelle année est arrivée",
    "millésime retiré": "une année a été retirée",
    "géographie": "le territoire ou ses communes ont changé",
    "définition": "la définition de l'indicateur a changé",
    "indicateur ajouté": "l'indicateur est nouveau",
    "indicateur retiré": "l'indicateur n'est plus publié",
    "code": "le calcul a été corrigé ou complété",
    "indéterminée": "cause indéterminée",
}


def cause(causes: str) -> str:
    """Word a cause of change; several are joined by ` + `."""
    return " ; ".join(CAUSE.get(c, c) for c in causes.split(" + "))
