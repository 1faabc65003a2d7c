"""Insee's traps, each under its number in the catalogue of sources, on the real file where there is one.

What a whole file must give is in `test_real_files`; here, one test per trap, readable on its own, then the
layouts of the census against the producer's dictionaries.
"""

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from commande import DEMONSTRATION
from petite_source import typer

from ingestion.cog import Cog
from ingestion.contrats import charger_contrats
from ingestion.erreurs import ErreurSource, Lieu
from ingestion.jugement import juger
from ingestion.typage import Normalise

CONTRATS = charger_contrats()
BARONNIES = "200068229"
Lire = Callable[..., list[dict[str, object]]]


def normaliser(
    chemin: Path, source: str, ressource: str, millesime: int, cog: Cog | None = None
) -> Normalise:
    return typer(chemin, CONTRATS[source].ressources[ressource], millesime, cog)


@pytest.fixture
def comparateur_2022(reel: Path, tmp_path: Path) -> Path:
    """The transcription of RP2022 for the Baronnies, put back in an archive."""
    chemin = tmp_path / "base_cc_comparateur_csv.zip"
    extrait = reel / "insee/comparateur/base_cc_comparateur_P22_CCBDP_extract.csv"
    with zipfile.ZipFile(chemin, "w") as archive:
        archive.writestr("meta_base_cc_comparateur.CSV", "COD_VAR;LIB_VAR\n")
        archive.write(extrait, "base_cc_comparateur.CSV")
    return chemin


def bpe(dossier: Path, modifier: Callable[[str], str]) -> Path:
    """The demonstration's BPE, its text modified."""
    with zipfile.ZipFile(DEMONSTRATION / "miroir/insee/bpe/DS_BPE_CSV_FR.zip") as archive:
        texte = archive.read("DS_BPE_2024_data.csv").decode()
    chemin = dossier / "bpe.zip"
    with zipfile.ZipFile(chemin, "w") as archive:
        archive.writestr("DS_BPE_2024_data.csv", modifier(texte))
    return chemin


def somme(rangs: list[dict[str, object]], colonne: str) -> Decimal:
    return sum((r[colonne] for r in rangs if r[colonne] is not None), Decimal(0))  # type: ignore[misc]


def test_trap_01_l_entete_com_a_trois_sens(lire: Lire) -> None:
    for rp in (2019, 2020, 2021):
        rangs = lire("insee_populations_legales", "communes", rp)
        assert rangs[0]["code"] == "01001", rp
        assert all(re.fullmatch(r"[0-9][0-9AB][0-9]{3}", str(r["code"])) for r in rangs), rp


def test_trap_02_le_code_d_outre_mer_n_a_que_cinq_caracteres(lire: Lire) -> None:
    codes = [str(r["code"]) for r in lire("insee_populations_legales", "communes", 2020)]
    assert "97101" in codes
    assert sum(c.startswith("97") for c in codes) == 112


def test_trap_03_paris_lyon_et_marseille_sont_declarees_comme_chaque_fichier_les_donne(lire: Lire) -> None:
    populations = {str(r["code"]) for r in lire("insee_populations_legales", "communes", 2020)}
    comparateur = {str(r["code"]) for r in lire("insee_comparateur", "communes", 2018)}
    filosofi = {str(r["code"]) for r in lire("insee_filosofi", "communes", 2019)}
    arrondissements = re.compile(r"751(0[1-9]|1\d|20)|6938[1-9]|132(0[1-9]|1[0-6])")
    villes = {"75056", "69123", "13055"}

    def declare(source: str) -> str | None:
        return CONTRATS[source].ressources["communes"].paris_lyon_marseille

    for source, codes in (
        ("insee_populations_legales", populations),
        ("insee_comparateur", comparateur),
        ("insee_filosofi", filosofi),
    ):
        assert sum(bool(arrondissements.fullmatch(c)) for c in codes) == 45, source
        attendu = "les_deux" if villes <= codes else "arrondissements"
        assert declare(source) == attendu, source


def test_trap_07_les_lignes_d_un_mouvement_se_repetent(lire: Lire) -> None:
    fusion = [r for r in lire("insee_cog_mouvements", "mouvements", 2025) if r["code_avant"] == "26219"]
    fusion = [r for r in fusion if str(r["date_effet"]) == "2022-01-01"]
    entre_communes = [r for r in fusion if r["typecom_avant"] == r["typecom_apres"] == "COM"]
    assert len(fusion) > len(entre_communes) == 1
    codes = [r["code"] for r in lire("insee_cog_communes", "communes", 2023)]
    assert len(codes) > len(set(codes))
    assert CONTRATS["insee_cog_communes"].ressources["communes"].cle == ["typecom", "code"]


def test_trap_08_une_commune_fusionnee_garde_une_ligne_vide_qui_est_ecartee(
    lire: Lire, comparateur_2022: Path
) -> None:
    communes = lire("insee_cog_communes", "communes", 2025)
    codes = frozenset(str(r["code"]) for r in communes if r["typecom"] == "COM")
    cog = Cog(2025, "sha", codes, frozenset())
    normalise = normaliser(comparateur_2022, "insee_comparateur", "communes", 2022, cog)
    assert normalise.ecartes.column("code").to_pylist() == ["26371"]
    rangs = normalise.table.to_pylist()
    assert "26289" in {r["code"] for r in rangs} and len(rangs) == 68
    assert not [r for r in rangs if r["logements__marque"]]


def test_trap_27_blanc_s_et_virgule(lire: Lire, comparateur_2022: Path) -> None:
    rp2018 = lire("insee_comparateur", "communes", 2018)
    assert sum(r["mediane_niveau_vie__marque"] == "secret" for r in rp2018) == 3653
    rp2022 = {r["code"]: r for r in normaliser(
        comparateur_2022, "insee_comparateur", "communes", 2022
    ).table.to_pylist()}  # fmt: skip
    assert rp2022["26013"]["mediane_niveau_vie__marque"] == "secret"
    assert rp2022["26016"]["mediane_niveau_vie"] == 20730
    taux = {c: r["taux_pauvrete_60"] for c, r in rp2022.items() if r["taux_pauvrete_60"] is not None}
    assert taux["26220"] == Decimal("19.0")
    # The counts of the same file have a dot.
    assert rp2022["26022"]["logements"] == Decimal("91.2738095238097")
    assert {r["mediane_niveau_vie__millesime"] for r in rp2022.values()} == {2021}


def test_trap_28_les_communes_publiees_ne_font_pas_l_epci(lire: Lire) -> None:
    membres = {
        r["code"] for r in lire("dgcl_epci_composition", "composition", 2020) if r["epci"] == BARONNIES
    }
    communes = [r for r in lire("insee_filosofi", "communes", 2019) if r["code"] in membres]
    (epci,) = [r for r in lire("insee_filosofi", "epci", 2019) if r["code"] == BARONNIES]
    assert (len(communes), somme(communes, "menages_fiscaux")) == (31, 9122)
    assert epci["menages_fiscaux"] == 9998
    assert {r["code"] for r in communes if r["rapport_interdecile"] is not None} == {"26063", "26220"}
    # Absent lines are unknown, and nothing at a higher level is a sum of them.
    ressource = CONTRATS["insee_filosofi"].ressources["communes"]
    assert (ressource.couverture, ressource.absence) == ("liste", "inconnu")


@pytest.mark.parametrize(
    ("annee", "menages", "mediane", "prestations"),
    [(2014, 214504, "19569.2", "5.8"), (2015, 216580, "19843.3", "5.7"), (2017, 219748, "20440", "5.8")],
)
def test_trap_29_les_colonnes_se_lisent_par_leur_nom(
    lire: Lire, annee: int, menages: int, mediane: str, prestations: str
) -> None:
    """29 columns in 2014, PTSA and PCHO swapped in 2015, 69 nameless ones in 2017."""
    (drome,) = [r for r in lire("insee_filosofi", "departement", annee) if r["code"] == "26"]
    assert drome["menages_fiscaux"] == menages
    assert drome["mediane_niveau_vie"] == Decimal(mediane)
    assert drome["part_prestations_sociales_revenu"] == Decimal(prestations)


def test_trap_30_la_bpe_compte_trois_fois(tmp_path: Path) -> None:
    """Types, sub-domains and domains stand in one file; dbt counts the types (its unit test says so)."""
    rangs = normaliser(bpe(tmp_path, str), "insee_bpe", "communes", 2024).table.to_pylist()
    types = [r for r in rangs if r["type_equipement"] != "_T"]
    sous_domaines = [r for r in rangs if r["sous_domaine"] != "_T" and r["type_equipement"] == "_T"]
    domaines = [r for r in rangs if r["domaine"] != "_T" and r["sous_domaine"] == "_T"]
    assert somme(types, "equipements") > 0
    assert (
        somme(types, "equipements") == somme(sous_domaines, "equipements") == somme(domaines, "equipements")
    )
    # Only communes are read, of a file that holds every level.
    assert {len(str(r["code"])) for r in rangs} == {5}


def test_trap_31_un_code_d_equipement_inconnu_est_refuse(reel: Path, tmp_path: Path) -> None:
    chemin = bpe(tmp_path, lambda texte: texte.replace('"A128"', '"A127"'))
    with pytest.raises(ErreurSource, match="valeur_hors_liste") as e:
        normaliser(chemin, "insee_bpe", "communes", 2024)
    assert "A127" in str(e.value)
    libelles = json.loads((reel / "insee/dictionnaires/bpe2024_type_labels.json").read_text("utf-8"))
    codes = CONTRATS["insee_bpe"].ressources["communes"].columns["type_equipement"].values
    assert codes is not None and sorted(codes) == sorted(libelles)
    seeds = Path(__file__).parents[2] / "dbt_project/seeds/bpe_types.csv"
    for ligne in csv.DictReader(seeds.open(encoding="utf-8")):
        assert libelles[ligne["type_equipement"]] == ligne["libelle"]


def test_trap_32_un_taux_garde_ses_deux_termes() -> None:
    """Both terms are mesures in every source of the census that gives the ratio."""
    for source in ("insee_comparateur", "insee_rp_logement", "insee_rp_emploi"):
        mesures = set(CONTRATS[source].ressources["communes"].mesures)
        assert {"logements", "logements_vacants"} <= mesures or {"chomeurs_15_64", "actifs_15_64"} <= mesures


def test_trap_36_sans_les_chomeurs_le_fichier_est_refuse(tmp_path: Path) -> None:
    """A base of employment without its unemployed is a missing column, never a rate of 0."""
    r = CONTRATS["insee_rp_emploi"].ressources["communes"]
    edition = r.millesimes[2020]
    entete = [edition.gabarit(g) for g in r.layouts["rp2020"].gabarits]
    entete = [e for e in dict.fromkeys(entete) if e != "P20_CHOM1564"]
    chemin = tmp_path / "emploi.zip"
    with zipfile.ZipFile(chemin, "w") as archive:
        archive.writestr(
            edition.member or "", ";".join(entete) + "\n" + ";".join(["26220"] + ["1"] * (len(entete) - 1))
        )
    with pytest.raises(ErreurSource, match="colonne_manquante") as e:
        normaliser(chemin, r.source, "communes", 2020)
    assert "P20_CHOM1564" in str(e.value)


# --- Three censuses in one file --------------------------------------------------------------------


def variables(dictionnaire: Path) -> Iterator[str]:
    with dictionnaire.open(encoding="utf-8", newline="") as fichier:
        for ligne in csv.DictReader(fichier, delimiter=";"):
            yield ligne["COD_VAR"]


@pytest.mark.parametrize(
    ("source", "layout", "dictionnaire"),
    [
        ("insee_rp_logement", "rp2021", "meta_base-cc-logement-2021.CSV"),
        ("insee_rp_emploi", "rp2020", "meta_base-cc-emploi-pop-active-2020_v2.CSV"),
    ],
)
def test_a_layout_has_every_variable_of_the_real_dictionary_and_no_other(
    reel: Path, source: str, layout: str, dictionnaire: str
) -> None:
    r = CONTRATS[source].ressources["communes"]
    attendues = set(variables(reel / "insee/dictionnaires" / dictionnaire))
    millesimes = [e for e in r.millesimes.values() if layout in e.layout]
    assert len(millesimes) == 3
    for edition in millesimes:
        assert {edition.gabarit(g) for g in r.layouts[layout].gabarits} == attendues, edition.millesime


def test_each_census_of_a_file_is_a_millesime(tmp_path: Path) -> None:
    r = CONTRATS["insee_rp_logement"].ressources["communes"]
    edition = r.millesimes[2021]
    entete = list(dict.fromkeys(edition.gabarit(g) for g in r.layouts["rp2021"].gabarits))
    ligne = {"CODGEO": "26220", "P21_LOG": "300.5", "P15_LOG": "200.25", "P10_LOG": "100"}
    chemin = tmp_path / "logement.zip"
    with zipfile.ZipFile(chemin, "w") as archive:
        archive.writestr(
            edition.member or "", ";".join(entete) + "\n" + ";".join(ligne.get(e, "") for e in entete)
        )
    lus = {m: normaliser(chemin, r.source, "communes", m).table.to_pylist()[0] for m in (2021, 2015, 2010)}
    assert {m: str(x["logements"].normalize()) for m, x in lus.items()} == {
        2021: "300.5",
        2015: "200.25",
        2010: "1E+2",
    }
    assert {x["cog_millesime"] for x in lus.values()} == {2024}


# --- Filosofi 2 ------------------------------------------------------------------------------------


def filosofi_2(dossier: Path, departements: list[str]) -> Path:
    lignes = [
        ["GEO", "GEO_OBJECT", "FILOSOFI_MEASURE", "UNIT_MEASURE", "UNIT_MULT", "CONF_STATUS", "OBS_STATUS",
         "TIME_PERIOD", "OBS_VALUE"],
        *([d, "DEP", mesure, "_Z", "0", "F", "A", "2023", valeur]
          for d in departements
          for mesure, valeur in (("MED_SL", "23160"), ("PR_MD60", "15.4"), ("IR_D9_D1_SL", "3.5"))),
    ]  # fmt: skip
    texte = io.StringIO()
    csv.writer(texte, delimiter=";", quoting=csv.QUOTE_ALL).writerows(lignes)
    chemin = dossier / "FILOSOFI_CC_csv.zip"
    with zipfile.ZipFile(chemin, "w") as archive:
        archive.writestr("DS_FILOSOFI_CC_2023_data.csv", texte.getvalue())
    return chemin


def test_filosofi_2_of_2023_leaves_martinique_out_and_no_other_departement(
    lire: Lire, tmp_path: Path
) -> None:
    tous = {str(r["departement"]) for r in lire("insee_cog_communes", "communes", 2025)} - {"None", ""}
    assert len(tous) == 101
    r = CONTRATS["insee_filosofi_cc"].ressources["departement"]
    cog = Cog(2025, "sha", frozenset(), frozenset(tous))

    def recevoir(absents: set[str]) -> None:
        table = normaliser(filosofi_2(tmp_path, sorted(tous - absents)), r.source, r.nom, 2023).table
        lieu = Lieu(r.source, r.nom, 2023, "FILOSOFI_CC_csv.zip")
        juger(table, r, r.millesimes[2023], cog, None, lieu, national=True)

    publies = {"971", "972", "973", "976"}
    assert len(tous - publies) == 97
    recevoir(publies)
    with pytest.raises(ErreurSource, match="no row for 974") as e:
        recevoir(publies | {"974"})
    assert e.value.code == "departement_manquant" and "`departements_absents`" in e.value.que_faire
    # Of its year alone: Filosofi of 2019 has Martinique, and must.
    autre = CONTRATS["insee_filosofi"].ressources["departement"]
    assert "972" not in autre.thresholds.all_departements.sauf  # type: ignore[union-attr]
    assert {m: e.departements_absents for m, e in autre.millesimes.items() if e.departements_absents} == {}
