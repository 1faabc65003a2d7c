"""Invented écoles and pupils, in the layouts of the two lists of the ministry."""

from demonstration import faits
from demonstration.formats import majuscules, texte_csv
from demonstration.invention import tirage

_COG = 2025
_RENTREES = (2020, 2025)
_HABITANTS_POUR_UNE_ECOLE = 300
_HABITANTS_PAR_ECOLE = 3000
_ELEVES_POUR_CENT_HABITANTS = (7, 10)
_MATERNELLE_POUR_CENT_ELEVES = (33, 40)
_ELEVES_PAR_CLASSE = (17, 25)
# An école that closed after the first rentrée, so that the annuaire leaves it out.
_ELEVES_D_UNE_ECOLE_FERMEE = 12
_EFFECTIFS = (
    "rentree_scolaire;numero_ecole;code_departement;commune;nombre_total_eleves;"
    "nombre_eleves_preelementaire_hors_ulis;nombre_total_classes"
)
_ANNUAIRE = (
    "identifiant_de_l_etablissement;type_etablissement;statut_public_prive;code_commune;nom_commune;"
    "code_departement;etat;rpi_concentre;rpi_disperse"
)


def fichiers() -> dict[str, bytes]:
    """The ministry's files: path in the mirror to content."""
    # One line of overseas, which the contract leaves out of each.
    effectifs: list[list[object]] = [[_RENTREES[-1], "9880001A", "988", "NOUMEA", 90, 40, 4]]
    annuaire: list[list[object]] = [["9880001A", "Ecole", "Public", "98818", "Nouméa", "988", "OUVERT", 0, 0]]
    for rang, c in enumerate(c for c in faits.communes(_COG) if c.pmun[2022] >= _HABITANTS_POUR_UNE_ECOLE):
        departement, nom = f"0{c.departement}", majuscules(c.libelle)
        ecoles = [f"{departement}{rang:04d}{n:02d}" for n in range(1 + c.pmun[2022] // _HABITANTS_PAR_ECOLE)]
        for ecole in ecoles:
            annuaire.append([ecole, "Ecole", "Public", c.code, c.libelle, departement, "OUVERT", 0, 0])
        for rentree in _RENTREES:
            pour_cent = tirage(f"élèves {c.code} {rentree}", *_ELEVES_POUR_CENT_HABITANTS)
            eleves = c.pmun[2022] * pour_cent // 100 // len(ecoles)
            maternelle = eleves * tirage(f"maternelle {c.code}", *_MATERNELLE_POUR_CENT_ELEVES) // 100
            classes = -(-eleves // tirage(f"classes {c.code}", *_ELEVES_PAR_CLASSE))
            effectifs += [[rentree, e, departement, nom, eleves, maternelle, classes] for e in ecoles]
        if rang % 10 == 0:
            fermee = f"{departement}{rang:04d}99"
            effectifs.append([_RENTREES[0], fermee, departement, nom, _ELEVES_D_UNE_ECOLE_FERMEE, 0, 1])
    return {
        "men/fr-en-ecoles-effectifs-nb_classes.csv": texte_csv(_EFFECTIFS.split(";"), effectifs, ";"),
        f"men/fr-en-annuaire-education_{_COG}.csv": texte_csv(_ANNUAIRE.split(";"), annuaire, ";"),
    }
