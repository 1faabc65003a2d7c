"""What every node of the dbt project owes: a description, a key, its place in the layers."""

import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
import yaml
from banc_dbt import Projet

from bi.superset.paquet import requetes
from ingestion.contrats import charger_contrats
from orchestration.generes import dbt, documents
from orchestration.manifeste import colonnes_masquees
from orchestration.nuit.perimetres import RACINE_DES_MARTS
from orchestration.nuit.projet import PROJET
from orchestration.racine import RACINE
from publication.commun.promesses import cle_de, liens
from socle.statuts import colonne_du_statut

Noeud = dict[str, Any]
NOMBRE = re.compile(r"(tiny|small|big|huge|u)*int|double|float|real|decimal|numeric", re.IGNORECASE)

SANS_CLE = {
    "int_parts": "the arrondissements of Paris, Lyon and Marseille are parts of one commune: several lines",
    "lignes_source": "a union of distinct rows: every row is its own key",
    "stg_lignes_internes": "a union of distinct rows: every row is its own key",
    "stg_caf__extrait_foyers": "read without its pseudonym; its key is checked at the door",
}
# Tables with a code that no key leads from to `dim_territoire`.
HORS_ETOILE = {
    "dim_territoire": "it is the dimension",
    "fct_indicateurs_origine": "territories of former geographies",
    "noms_territoires": "names of what is out of the scope too",
    "epci_composition": "members of every year, in the COG of that year",
    "lignes_source": "lines of files, in the COG of the file",
    "chaines_arrondi": "communes in the COG of the file",
    "pairs_territoires": "EPCI that are out of the scope beside those of it",
    "chiffres_semblables": "EPCI out of the scope",
}
SANS_TEST_UNITAIRE = {
    "int_contours": "Python, tested in test_contours.py",
    "int_ctg_commentaires": "renames",
    "int_ctg_constats": "renames",
    "int_ctg_instances": "hands on what staging holds",
    "int_zonages": "renames and stacks",
}


@pytest.fixture(scope="module")
def noeuds(manifeste: dict[str, Any]) -> dict[str, Noeud]:
    """Models, seeds and tests of the project, by identifier."""
    return dict(manifeste["nodes"])


@pytest.fixture(scope="module")
def modeles(noeuds: dict[str, Noeud]) -> list[Noeud]:
    return [n for n in noeuds.values() if n["resource_type"] == "model"]


@pytest.fixture(scope="module")
def lectures(manifeste: dict[str, Any], modeles: list[Noeud]) -> dict[str, set[tuple[str, str]]]:
    """What each model reads: (layer, name), where the layer of a source is the source's name."""
    tous = manifeste["nodes"] | manifeste["sources"]

    def lu(identifiant: str) -> tuple[str, str]:
        noeud = tous[identifiant]
        match noeud["resource_type"]:
            case "source":
                return noeud["source_name"], noeud["name"]
            case "seed":
                return "seeds", noeud["name"]
        return noeud["fqn"][1], noeud["name"]

    return {m["name"]: {lu(i) for i in m["depends_on"]["nodes"]} for m in modeles}


def test_tout_est_decrit(manifeste: dict[str, Any], noeuds: dict[str, Noeud]) -> None:
    tables = [n for n in noeuds.values() if n["resource_type"] in ("model", "seed")]
    tables += manifeste["sources"].values()
    muets = [t["unique_id"] for t in tables if not t["description"]]
    muets += [
        f"{t['unique_id']}.{c['name']}" for t in tables for c in t["columns"].values() if not c["description"]
    ]
    muets += [u["unique_id"] for u in manifeste["unit_tests"].values() if not u["description"]]
    muets += [
        n["unique_id"]
        for n in noeuds.values()
        if n["resource_type"] == "test" and "test_metadata" not in n and not n["description"]
    ]
    assert not muets


def test_les_colonnes_decrites_sont_celles_des_tables(
    manifeste: dict[str, Any], noeuds: dict[str, Noeud], vide: Projet
) -> None:
    decrites = {
        (n["schema"], n["name"]): set(n["columns"])
        for n in [*noeuds.values(), *manifeste["sources"].values()]
        if n["resource_type"] in ("model", "seed", "source")
    }
    reelles = defaultdict(set)
    for schema, table, colonne in vide.requete(
        "select schema_name, table_name, column_name from duckdb_columns() where not internal"
    ):
        reelles[schema, table].add(colonne)
    assert decrites == reelles


def test_chaque_table_a_une_cle_verifiee(noeuds: dict[str, Noeud]) -> None:
    declarees = {i for i, n in noeuds.items() if cle_de(n)}
    avec_cle = declarees | {
        n["attached_node"]
        for n in noeuds.values()
        if n.get("test_metadata", {}).get("name") == "combinaison_unique"
        or n.get("test_metadata", {}).get("kwargs", {}).get("cle")
    }
    # What a model declares is checked where the test `promesses` reads it.
    promis = {
        n["attached_node"] for n in noeuds.values() if n.get("test_metadata", {}).get("name") == "promesses"
    }
    assert declarees <= promis
    sans_cle = {
        n["name"] for i, n in noeuds.items() if n["resource_type"] in ("model", "seed") and i not in avec_cle
    }
    assert sans_cle == set(SANS_CLE)


def test_une_couche_ne_lit_que_la_precedente(
    modeles: list[Noeud], lectures: dict[str, set[tuple[str, str]]]
) -> None:
    permises = {
        "staging": {"normalised", "micro", "staging"},
        "intermediate": {"staging", "intermediate", "seeds", "nuit", "micro"},
        "marts": {"intermediate", "marts", "seeds", "nuit"},
    }
    ecarts = {
        (m["name"], couche, nom)
        for m in modeles
        for couche, nom in lectures[m["name"]]
        # Lineage is about the files themselves, so it reads them and not what became of their figures.
        if couche not in permises[m["fqn"][1]] and m["name"] != "lignes_source"
    }
    assert not ecarts


def test_un_dossier_n_en_lit_pas_un_plus_loin(
    modeles: list[Noeud], lectures: dict[str, set[tuple[str, str]]]
) -> None:
    """The folders of intermediate are numbered in reading order."""
    dossiers = {m["name"]: m["fqn"][2] for m in modeles if m["fqn"][1] == "intermediate"}
    assert all(re.fullmatch(r"\d{2}_[a-z]+", d) for d in dossiers.values())
    ecarts = {
        (nom, lu)
        for nom, dossier in dossiers.items()
        for couche, lu in lectures[nom]
        if couche == "intermediate" and dossiers[lu] > dossier
    }
    assert not ecarts


def test_un_modele_et_tout_ce_qui_en_est_dit_sont_cote_a_cote(
    manifeste: dict[str, Any], modeles: list[Noeud]
) -> None:
    """All of it in the YAML of its name; but the contract of a wide mart is generated."""
    for modele in modeles:
        attendu = Path(modele["original_file_path"]).with_suffix(".yml")
        if "theme" in modele["tags"] and attendu.parent.name != dbt.GENERES:
            attendu = attendu.parent / dbt.GENERES / attendu.name
        assert modele["patch_path"].split("://")[1] == attendu.as_posix()
    lieux = {m["name"]: Path(m["original_file_path"]).with_suffix(".yml").as_posix() for m in modeles}
    # What is tested of a generated mart stands with the theme that it is made for.
    lieux |= {f"{mart}_actuel": lieu for mart, lieu in lieux.items() if f"{mart}_actuel" in lieux}
    for test in manifeste["unit_tests"].values():
        assert test["original_file_path"] == lieux[test["model"]]


def test_ce_que_dbt_lit_et_que_personne_n_ecrit_est_a_part_et_n_est_pas_commis() -> None:
    presents = {c for d in PROJET.rglob(dbt.GENERES) for c in d.iterdir()}
    assert dbt.fichiers().keys() == presents
    assert f"dbt_project/**/{dbt.GENERES}/" in (RACINE / ".gitignore").read_text().splitlines()


def test_un_modele_de_staging_ne_lit_que_son_producteur(
    modeles: list[Noeud], lectures: dict[str, set[tuple[str, str]]]
) -> None:
    for modele in modeles:
        # `commun` reads what every contract declares, in one model.
        if modele["fqn"][1] == "staging" and modele["fqn"][2] != "commun":
            producteurs = {
                "caf" if couche == "micro" else nom.removeprefix("stg_").split("_")[0]
                for couche, nom in lectures[modele["name"]]
            }
            assert producteurs == {modele["fqn"][2]}, modele["name"]


def test_les_donnees_personnelles_ne_se_lisent_que_par_le_staging_de_la_caf(
    noeuds: dict[str, Noeud], modeles: list[Noeud], lectures: dict[str, set[tuple[str, str]]]
) -> None:
    """One view reads the foyers, without their pseudonym; two models count them, and nothing else does."""
    lecteurs = {m for m, lus in lectures.items() if ("micro", "foyers") in lus}
    assert lecteurs == {"stg_caf__extrait_foyers"}
    (foyers,) = (m for m in modeles if m["name"] == "stg_caf__extrait_foyers")
    assert foyers["config"]["materialized"] == "view"
    assert "pseudonyme" not in foyers["columns"]
    comptent = {m for m, lus in lectures.items() if ("staging", "stg_caf__extrait_foyers") in lus}
    assert comptent == {"int_extrait_comptes", "int_extrait_medianes"}
    assert {m["name"] for m in modeles if "portable" in m["tags"]} == lecteurs | comptent
    # A test that keeps its failing rows would copy foyers into a table.
    assert not [n["name"] for n in noeuds.values() if n["config"].get("store_failures")]


def test_rien_ne_se_lit_dans_un_nom_ni_dans_un_motif(modeles: list[Noeud]) -> None:
    """A source says what it is in its contract, a reason in its code: no SQL reads either off a text."""
    texte = r"\b(source_ids?|source|mesure_id|indicateur_id|motif)\b"
    lecture = re.compile(
        rf"(regexp_\w+|starts_with|ends_with|contains|prefix|suffix)\([^()]*{texte}"
        rf"|{texte}\W*\s+(not )?i?like\b"
    )
    assert not [m["name"] for m in modeles if lecture.search(m["raw_code"])]


def test_un_motif_a_son_code(modeles: list[Noeud]) -> None:
    assert not [m["name"] for m in modeles if ("motif" in m["columns"]) != ("motif_code" in m["columns"])]


def test_chaque_nombre_d_un_mart_est_declare_masque_ou_inoffensif(modeles: list[Noeud]) -> None:
    """A column that a statut blanks has a statut: its own (`<name>_statut`) or that of the row."""
    for mart in (m for m in modeles if m["fqn"][1] == "marts"):
        colonnes = mart["columns"]
        for nom, colonne in colonnes.items():
            masquee = colonne["meta"].get("masquee")
            ici = f"{mart['name']}.{nom}"
            if NOMBRE.match(colonne["data_type"]):
                assert masquee in (True, False), f"{ici}: declare meta: {{masquee: true}} or false"
            if masquee:
                assert colonne_du_statut(nom, colonnes), f"{ici}: masked, without a statut"
                # A figure becomes NULL; a text that prints one, the mark of the statut.
                assert masquee == ("marque" if nom.endswith("_affichee") else True), ici
            if f"{nom}_statut" in colonnes:
                assert masquee, f"{ici}: has a statut, and masks do not blank it"


def test_les_colonnes_masquees_se_lisent_dans_le_manifeste(manifeste: dict[str, Any]) -> None:
    masquees = colonnes_masquees(manifeste)
    assert masquees["fct_indicateurs"] == {
        "valeur",
        "valeur_texte",
        "numerateur",
        "denominateur",
        "denominateur_haut",
        "borne_basse",
        "borne_haute",
        "enveloppe_basse",
        "enveloppe_haute",
        "ecart_type_arrondi",
        "valeur_affichee",
    }
    assert masquees["fct_indicateurs_origine"] == {"valeur", "borne_basse", "borne_haute", "valeur_affichee"}
    assert "rang" in masquees["mart_comparaisons"] and "nb_pairs" not in masquees["mart_comparaisons"]
    assert "schema_petite_enfance_periode" in masquees["mart_petite_enfance"]
    assert not masquees["dim_source"]


def test_trois_modeles_lisent_les_cellules(lectures: dict[str, set[tuple[str, str]]]) -> None:
    lecteurs = {m for m, lus in lectures.items() if ("intermediate", "int_cellules_indicateurs") in lus}
    assert lecteurs == {"fct_indicateurs", "chiffres_semblables", "int_semblables"}


def test_ce_qui_est_compte_des_personnes_se_lit_arrondi(
    modeles: list[Noeud], lectures: dict[str, set[tuple[str, str]]]
) -> None:
    """What a night builds reads neither a foyer nor a true count; two models read the rounded ones."""
    comptent = {m["name"] for m in modeles if "portable" in m["tags"]}
    assert not {m for m, lus in lectures.items() if {nom for _, nom in lus} & comptent} - comptent
    lecteurs = {m for m, lus in lectures.items() if ("micro", "arrondis") in lus}
    assert lecteurs == {"int_comptes_arrondis", "int_comptes_larges"}


def test_les_chiffres_d_ailleurs_ont_les_colonnes_du_fait(modeles: list[Noeud]) -> None:
    """Whoever makes a rank again stacks both tables: a column of one says the same in the other."""
    colonnes = {
        m["name"]: {n: (c["data_type"], c["description"], c["meta"]) for n, c in m["columns"].items()}
        for m in modeles
    }
    assert colonnes["chiffres_semblables"] == colonnes["fct_indicateurs"]


def test_les_marts_larges_ne_lisent_que_le_fait_et_les_territoires(
    modeles: list[Noeud], lectures: dict[str, set[tuple[str, str]]]
) -> None:
    larges = {m["name"]: lectures[m["name"]] for m in modeles if "theme" in m["tags"]}
    assert larges
    chiffres = {m: lus - {("marts", "dim_territoire")} for m, lus in larges.items()}
    for theme in {Path(m["path"]).parts[1] for m in modeles if "theme" in m["tags"]}:
        assert chiffres.pop(f"mart_{theme}") == {("marts", "fct_indicateurs")}
        assert chiffres.pop(f"mart_{theme}_actuel") == {("marts", "mart_derniers_chiffres")}
    assert not chiffres


def test_la_provenance_lit_tous_les_fichiers_de_territoires(
    manifeste: dict[str, Any], lectures: dict[str, set[tuple[str, str]]]
) -> None:
    normalisees = [s for s in manifeste["sources"].values() if s["source_name"] == "normalised"]
    avec_code = {s["name"] for s in normalisees if "code" in s["columns"]}
    nationales = {
        r.table for c in charger_contrats().values() for r in c.ressources.values() if r.niveau == "france"
    }
    publiques = {
        r.table
        for c in charger_contrats().values()
        for r in c.ressources.values()
        if c.diffusion == "publique"
    }
    lues = {nom: {table for _, table in lectures[nom]} for nom in ("lignes_source", "stg_lignes_internes")}
    assert lues["lignes_source"] == (avec_code | nationales) & publiques
    assert lues["stg_lignes_internes"] == (avec_code | nationales) - publiques
    assert not [m for m, lus in lectures.items() if ("staging", "stg_lignes_internes") in lus]


def test_chaque_modele_qui_decide_a_un_test_unitaire(manifeste: dict[str, Any], modeles: list[Noeud]) -> None:
    testes = {u["model"] for u in manifeste["unit_tests"].values()}
    intermediaires = {m["name"] for m in modeles if m["fqn"][1] == "intermediate"}
    assert intermediaires - testes == set(SANS_TEST_UNITAIRE)


def test_chaque_table_d_un_test_unitaire_en_csv_sert(manifeste: dict[str, Any]) -> None:
    lues = [t for u in manifeste["unit_tests"].values() for t in (*u["given"], u["expect"])]
    ecrites = {f.stem for f in (PROJET / "tests" / "fixtures").rglob("*.csv")}
    assert ecrites == {t["fixture"] for t in lues if t["fixture"]}


def test_les_pages_generees_sont_a_jour() -> None:
    perimees = [
        page.name for page, texte in documents.pages().items() if page.read_text(encoding="utf-8") != texte
    ]
    assert not perimees, "run `make docs` and commit what it writes"


def test_chaque_mart_de_theme_porte_le_nom_de_son_theme(modeles: list[Noeud]) -> None:
    for modele in modeles:
        if "theme" in modele["tags"]:
            theme = Path(modele["path"]).parts[1]
            formes = {f"mart_{theme}": "mart_theme", f"mart_{theme}_actuel": "mart_actuel"}
            assert f"{formes[modele['name']]}('{theme}')" in modele["raw_code"]


def test_un_mart_de_territoires_mene_a_leur_dimension() -> None:
    """A BI tool draws the star from the keys: what names a commune has one that leads to it."""
    sans_cle = set()
    for fichier in (PROJET / "models/marts").rglob("*.yml"):
        for modele in yaml.safe_load(fichier.read_text("utf-8")).get("models", ()):
            noms = {c["name"] for c in modele["columns"]}
            if noms & {"code", "territoire_id"} and "territoire_id" not in liens(modele):
                sans_cle.add(modele["name"])
    assert sans_cle == HORS_ETOILE.keys()


def test_un_seul_modele_lit_le_perimetre(noeuds: dict[str, Noeud]) -> None:
    """What depends on the scope is what is built again for the next one (`orchestration.nuit.perimetres`): a
    model that read it by itself would keep the figures of another scope."""
    lecteurs = {
        n["name"]
        for n in noeuds.values()
        if any(i.endswith(".nuit.contexte") for i in n["depends_on"].get("nodes", ()))
        and re.search(r"\bperimetre\b", re.sub(r"--.*", "", n["raw_code"]))
    }
    assert lecteurs == {"int_territoires", RACINE_DES_MARTS, "perimetre_connu"}
    # Nothing that a second scope leaves as it was reads the territories of the first.
    descendants = {RACINE_DES_MARTS}
    while True:
        autres = {
            n["name"]
            for n in noeuds.values()
            if n["resource_type"] == "model"
            and {i.split(".")[-1] for i in n["depends_on"]["nodes"]} & descendants
        }
        if autres <= descendants:
            break
        descendants |= autres
    marts = {n["name"] for n in noeuds.values() if n["resource_type"] == "model" and n["fqn"][1] == "marts"}
    assert descendants <= marts
    assert marts - descendants == {
        "chaines_arrondi",
        "dim_fichier",
        "dim_source",
        "dim_unite",
        "lignes_source",
        "passage_communes",
    }


def test_an_exposure_depends_on_the_tables_that_its_code_reads(
    manifeste: dict[str, Any], modeles: list[Noeud]
) -> None:
    """What is made of the marts is declared, and the declaration is what the code does."""
    marts = {m["name"]: m["unique_id"] for m in modeles if m["fqn"][1] == "marts"}
    lues: dict[str, set[str]] = {}
    for exposition in manifeste["exposures"].values():
        dossier = RACINE / exposition["meta"]["produit_par"]
        code = "".join(f.read_text(encoding="utf-8") for f in dossier.rglob("*.py"))
        # What the ground floor reads for it.
        for nom in set(re.findall(r"publication\.lecture\.(\w+)", code)):
            code += (RACINE / "publication" / "lecture" / f"{nom}.py").read_text(encoding="utf-8")
        lues[exposition["name"]] = {
            nom for nom in marts if re.search(rf'(?:\b(?:from|join|table) +"?(?:marts\.)?|"){nom}\b', code)
        }
    # Its queries are no Python.
    sql = " ".join(requetes().values())
    lues["tableau_de_bord"] = {nom for nom in marts if re.search(rf"\bmarts\.{nom}\b", sql)}
    # The page of a territory is its portrait.
    lues["site"] |= lues["portraits"]
    assert {e["name"] for e in manifeste["exposures"].values()} == {"portraits", "site", "tableau_de_bord"}
    for exposition in manifeste["exposures"].values():
        dits = set(exposition["depends_on"]["nodes"])
        assert dits <= set(marts.values()), "readers read marts alone"
        assert dits == {marts[nom] for nom in lues[exposition["name"]]}
