"""The commented mapping and the guide, in French, from which a person binds an extract to the contract."""

from __future__ import annotations

from pathlib import Path

from ingestion.extrait.contrat import ColonneExtrait, ContratExtrait
from ingestion.extrait.correspondance import NOM_FICHIER
from ingestion.gabarits import csv_de_tableur, ecrire_a_remplir

GUIDE = ("colonne du contrat", "signification", "type", "valeurs permises", "obligatoire", "conservée")
TYPES = {
    "texte": "texte",
    "mois": "mois, forme déclarée dans format",
    "code_commune": "code commune Insee",
    "booleen": "oui / non, par ses codes",
    "code": "code, par sa liste",
    "entier": "nombre entier",
    "decimal": "nombre à 2 décimales au plus",
    "date": "date, forme déclarée dans format",
}
# What stands in for the names that only the Caf knows: the mapping does not pass before they are replaced.
A_REMPLACER = "A_REMPLACER_"

ENTETE = """\
# Correspondance de l'extrait allocataires : ce que sont les colonnes et les codes de vos fichiers.
# Remplacez chaque nom en {a_remplacer}… par le nom de votre colonne ; guide_extrait.csv explique chacune.
# Une ligne facultative dont vous n'avez pas la donnée s'efface. Puis :
#   ctg extrait check CHEMIN/2022-12/VOTRE_FICHIER     dit tout ce qui serait refusé, sans rien conserver
# Placez ce fichier dans $CTG_HOME/{nom}, ou nommez-le dans CTG_CORRESPONDANCE.

# Ce que couvre l'extrait, et le millésime du code officiel géographique (COG) des communes.
couverture: departement:26
cog: 2023

# Durées de conservation, à fixer avec le délégué à la protection des données : du fichier brut une fois
# pris en charge, en jours (0 : supprimé aussitôt) ; des lignes pseudonymisées, en mois, par finalité.
conservation_depot_jours: 0
conservation_micro_mois:
  indicateurs_ctg: 36
# oui : chaque nuit supprime ce qui a passé ces durées ; non : elle le dit (`ctg extrait purge` supprime).
purge_de_nuit: non

# Chaque mois de référence qui peut être pris en charge ; statut : semi_definitif ou definitif.
mois:
  2025-12: {{statut: semi_definitif, disposition: extrait}}

dispositions:
  extrait:
    # Fichier CSV ; pour un fichier Parquet : format: {{type: parquet}}
    format: {{type: csv, encodage: utf-8, separateur: ";", decimale: ",", date: JJ/MM/AAAA, mois: AAAA-MM}}
    # Ce qui s'écrit dans une cellule sans valeur, en plus de rien du tout.
    vides: [""]
    # Colonnes où une cellule vide veut dire 0 (montants d'une prestation sans droit, par exemple).
    vide_vaut_zero: []
    # Montants qui ont plus de deux décimales, à arrondir au centime ; ils sont refusés sinon.
    arrondies: []
    # Colonnes du fichier sciemment laissées de côté : toute autre colonne est refusée.
    ignorees: []
    # votre colonne: colonne du contrat
    colonnes:
"""

CODES = """\
    # Vos codes, à gauche ; ceux du contrat, à droite. "" est la cellule vide.
    codes:
"""

ENFANTS = """\
    # Enfants en colonnes répétées, au plus {maximum} : {{n}} est leur rang (1, 2…), {{nn}} sur deux chiffres
    # (01, 02…). La date de naissance ou l'âge, jamais les deux.
    enfants:
      repetees: 6
      colonnes:
        "{a_remplacer}NAISSANCE_{{n}}": naissance
        "{a_remplacer}AEEH_{{n}}": aeeh
    # Ou dans un second fichier, une ligne par enfant, déposé à côté du premier :
    # enfants:
    #   fichier: "enfants*.csv"
    #   colonnes: {{{a_remplacer}FOYER: id_foyer, {a_remplacer}NAISSANCE: naissance}}
    #   ignorees: []
"""


def ecrire_modele(contrat: ContratExtrait, dossier: Path) -> list[Path]:
    """Write the mapping to fill in and its guide; return the paths. Raises `PasDeModele` if one exists."""
    contenus = {
        dossier / NOM_FICHIER: _correspondance(contrat).encode(),
        dossier / "guide_extrait.csv": _guide(contrat),
    }
    return ecrire_a_remplir(contenus)


def _correspondance(contrat: ContratExtrait) -> str:
    lignes = [ENTETE.format(a_remplacer=A_REMPLACER, nom=NOM_FICHIER)]
    for nom, c in contrat.colonnes.items():
        facultative = "" if c.obligatoire else " (facultatif)"
        lignes.append(f"      # {c.libelle}{facultative}\n      {A_REMPLACER}{nom.upper()}: {nom}\n")
    lignes.append(CODES)
    codees = ((nom, c) for nom, c in contrat.colonnes.items() if c.type in ("code", "booleen"))
    lignes += [f"      {nom}: {_codes(c)}\n" for nom, c in codees]
    lignes.append(f"      aeeh: {_codes(contrat.enfants.colonnes['aeeh'])}\n")
    lignes.append(ENFANTS.format(a_remplacer=A_REMPLACER, maximum=contrat.enfants.maximum))
    return "".join(lignes)


def _codes(c: ColonneExtrait) -> str:
    cibles = {v: v for v in c.valeurs or []} or {"O": "oui", "N": "non"}
    return "{" + ", ".join(f"{code}: {cible}" for code, cible in cibles.items()) + "}"


def _guide(contrat: ContratExtrait) -> bytes:
    lignes = [list(GUIDE), *(_ligne(nom, c) for nom, c in contrat.colonnes.items()), []]
    lignes += [["Par enfant :"], *(_ligne(nom, c) for nom, c in contrat.enfants.colonnes.items())]
    return csv_de_tableur(lignes)


def _ligne(nom: str, c: ColonneExtrait) -> list[str]:
    permises = " ; ".join(c.valeurs or []) or ("" if c.min is None else f"de {c.min} à {c.max}")
    conservee = {"identifiant": "non : pseudonyme", "naissance": "non : tranche d'âge", None: "oui"}[c.role]
    obligatoire = ("oui" if c.obligatoire else "non") + (", vide si inconnu" if c.nul else "")
    return [nom, c.libelle, TYPES[c.type], permises, obligatoire, conservee]
