"""The dictionary says of each indicateur what the domain's own document says."""

import csv
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from banc_dbt import Projet

DEPOT = Path(__file__).resolve().parents[2]
POLARITES = {"+": "favorable", "−": "defavorable", "0": "neutre"}
# `micro` is computed on the extract and `specifique` names its model, whatever the type of the figure.
METHODES = {
    "A": {"somme", "micro", "specifique"},
    "R": {"ratio", "micro", "specifique"},
    "P": {"publie", "micro"},
    "V": {"evolution", "difference", "micro"},
    "X": {"attribut", "specifique"},
}
NIVEAUX = {"C": "commune", "E": "epci", "D": "departement", "F": "france"}
# Of what may be rounded: a producer's own rule, Cnaf's, ours on persons.
SECRETS = {
    "-": {"aucun"},
    "G": {"aucun"},
    "K": {"cnaf"},
    "F": {"chaine"},
    "R": {"cnaf", "chaine"},
    "D": {"chaine"},
}
# Services paid by public money, whose activity is published as it is; a median is rounded by itself.
ACTIVITE = {
    *("nb_assistants_maternels_actifs", "nb_assistants_maternels_agrees", "part_assistants_maternels_55_ans"),
    "taux_postes_vacants_eaje",
    *("taux_occupation_reel_eaje", "taux_occupation_financier_eaje", "taux_facturation_eaje"),
    *("nb_enfants_clas", "heures_alsh_par_enfant", "nb_structures_avs_accompagnees", "nb_benevoles_avs"),
    *("nb_stagiaires_apprentis", "financement_eaje_rpe", "financement_structures_enfance_jeunesse"),
    *("montant_bonus_territoire", "financement_caf_par_place_eaje", "financement_caf_par_habitant"),
    *("taux_execution_financement", "taux_effort_logement_net_median"),
}
# Said of every row of the theme, above its table.
GOUVERNANCE = {"Univ.": "CTG", "Niv.": "E", "S": "-"}
# Published for the towns too, says the paragraph on precedence.
VILLES = re.compile(r"taux_couverture_\w+|nb_places_offre_totale")
# Each list says how many members it has: none of another year is added up.
ECARTS_DE_METHODE = {"nb_communes": {"publie"}}
# Two censuses five years apart share a survey around 2021: six years are told.
RENOMMES = {"evolution_population_5_ans": "evolution_population_6_ans"}
ECARTS_DE_NIVEAU = {
    # The schéma states the places it maintains for its whole territory.
    "nb_places_eaje_cible": {"epci"},
    # Whole lists of the country, counted for it too.
    "nb_france_services": {"commune", "epci", "departement", "region", "france"},
    "nb_communes_petites_villes_de_demain": {"commune", "epci", "departement", "region", "france"},
    # Each département has its own plan.
    "nb_axes_plan_departemental": {"departement"},
}
# Readers are told what a figure counts: more exactly than the letters of the document.
ECARTS_D_UNIVERS = {
    # Paid over a year, to foyers that may have no right in December.
    "montant_aides_logement": "AAN",
    "montant_prestations_precarite": "AAN",
    "montant_prestations_familiales": "AAN",
    "montant_prestations_handicap": "AAN",
    "montant_prestations_total": "AAN",
    "montant_annuel_par_allocataire": "AAN",
    # Neither is of the census, nor of people of 15 to 64.
    "nb_demandeurs_emploi": "IFT",
    "taux_chomage_localise": "BIT",
    # Premises of businesses too.
    "taux_eligibilite_ftth": "LOC",
}
# The field of the Filosofi medians; structures of several points; pupils, hours of assistants maternels, HLM.
EN_PLUS = {
    "nb_structures_france_services",
    *("nb_menages_fiscaux", "nb_eleves_maternelle", "nb_eleves_elementaire", "evolution_eleves_5_ans"),
    *("eleves_par_classe", "nb_heures_assistants_maternels", "part_residences_principales_hlm"),
    *("evolution_heures_assistants_maternels_5_ans", "salaire_horaire_assistants_maternels"),
} | {
    f"part_population_plus_15_min_{service}"
    for service in ("alsh", "eaje", "ecole", "france_services", "medecin", "pmi", "rpe")
}


@dataclass(frozen=True)
class Ligne:
    theme: str
    valeurs: dict[str, str]

    @property
    def univers(self) -> str:
        """What the figure counts."""
        return ECARTS_D_UNIVERS.get(self.valeurs["indicateur_id"], self.valeurs["Univ."])

    @property
    def niveaux(self) -> set[str]:
        """Région exists wherever the département does."""
        niveaux = {NIVEAUX[lettre] for lettre in self.valeurs["Niv."]}
        return niveaux | ({"region"} if "departement" in niveaux else set())


@pytest.fixture(scope="module")
def domaine(shared: Path) -> dict[str, Ligne]:
    lignes: dict[str, Ligne] = {}
    theme, entete = "", list[str]()
    for texte in (shared / "domain" / "INDICATEURS.md").read_text(encoding="utf-8").splitlines():
        if texte.startswith("## "):
            theme, entete = texte[3:].strip(), []
        if not texte.startswith("| ") and not texte.startswith("|-"):
            continue
        cellules = [c.strip() for c in texte.strip("|").split("|")]
        if cellules[0] == "indicateur_id":
            entete = cellules
        elif entete and set(cellules[0]) != {"-"}:
            valeurs = dict(zip(entete, cellules, strict=True))
            if theme == "gouvernance":
                valeurs |= GOUVERNANCE
            for identifiant in cellules[0].split(", "):
                lignes[RENOMMES.get(identifiant, identifiant)] = Ligne(theme, valeurs)
    assert len(lignes) == 155
    return lignes


@pytest.fixture(scope="module")
def dictionnaire(entrepot: Projet) -> dict[str, dict[str, str]]:
    colonnes = ("theme", "univers", "polarite", "methode", "niveaux", "motif", "disponible", "secret")
    lignes = entrepot.requete(f"select indicateur_id, {', '.join(colonnes)} from marts.dim_indicateur")
    return {i: dict(zip(colonnes, v, strict=True)) for i, *v in lignes}


def test_tous_les_indicateurs_y_sont_et_chacun_est_calcule_ou_dit_pourquoi(
    domaine: dict[str, Ligne], dictionnaire: dict[str, dict[str, str]]
) -> None:
    assert dictionnaire.keys() == domaine.keys() | EN_PLUS
    assert [i for i, d in dictionnaire.items() if not d["disponible"] and not d["motif"]] == []


@pytest.mark.parametrize(
    ("colonne", "attendu"),
    [
        ("theme", lambda ligne: {ligne.theme}),
        ("univers", lambda ligne: {ligne.univers}),
        ("polarite", lambda ligne: {POLARITES[ligne.valeurs["±"]]}),
        ("methode", lambda ligne: METHODES[ligne.valeurs["T"]] if "T" in ligne.valeurs else {"specifique"}),
    ],
    ids=["theme", "univers", "polarite", "methode"],
)
def test_chacun_est_ce_que_le_domaine_en_dit(
    domaine: dict[str, Ligne], dictionnaire: dict[str, dict[str, str]], colonne: str, attendu: object
) -> None:
    assert callable(attendu)
    attendus = {i: attendu(ligne) for i, ligne in domaine.items()}
    if colonne == "methode":
        attendus |= ECARTS_DE_METHODE
    assert {i: dictionnaire[i][colonne] for i in domaine} == {
        i: d if (d := dictionnaire[i][colonne]) in voulus else voulus for i, voulus in attendus.items()
    }


def test_ce_qui_compte_des_personnes_est_arrondi(
    domaine: dict[str, Ligne], dictionnaire: dict[str, dict[str, str]]
) -> None:
    assert {
        i for i, ligne in domaine.items() if dictionnaire[i]["secret"] not in SECRETS[ligne.valeurs["S"]]
    } == ACTIVITE
    assert {dictionnaire[i]["secret"] for i in ACTIVITE} == {"aucun"}


def test_chacun_existe_aux_niveaux_du_domaine(
    domaine: dict[str, Ligne], dictionnaire: dict[str, dict[str, str]]
) -> None:
    attendus = {}
    for identifiant, ligne in domaine.items():
        niveaux = ECARTS_DE_NIVEAU.get(identifiant, ligne.niveaux)
        attendus[identifiant] = niveaux | ({"commune"} if VILLES.fullmatch(identifiant) else set())
    # A CTG has what communes and EPCI have.
    assert {i: set(dictionnaire[i]["niveaux"].split("+")) - {"ctg"} for i in domaine} == attendus


def test_chacun_dit_de_quelle_convention_il_est(domaine: dict[str, Ligne]) -> None:
    """The first may be the one in force, and the second a project."""
    with (DEPOT / "dbt_project" / "seeds" / "indicateurs.csv").open(encoding="utf-8", newline="") as flux:
        libelles = {i["indicateur_id"]: i["libelle"] for i in csv.DictReader(flux)}
    voulus = {
        identifiant: nom
        for version, nom in (("V1", "de la première CTG"), ("V2", "de la deuxième CTG"))
        for identifiant, ligne in domaine.items()
        if ligne.valeurs.get("Libellé", "").endswith(f" {version}")
    }
    assert len(voulus) == 6
    assert [i for i, nom in voulus.items() if not libelles[i].endswith(nom)] == []
