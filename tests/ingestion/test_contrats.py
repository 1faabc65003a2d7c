from pathlib import Path

import pyarrow as pa
import pytest
import yaml
from petite_source import REGISTRE

from ingestion.contrats import ContratsInvalides, LayoutConnu, charger_contrats, empreinte, layouts_connus
from ingestion.contrats.empreinte import empreinte_contrat, schema_normalise
from ingestion.extrait.contrat import charger_contrat
from orchestration.generes.dbt import dbt_sources_yaml


def charger(dossier: Path, **fichiers: str) -> list[str]:
    for nom, texte in fichiers.items():
        (dossier / f"{nom}.yml").write_text(texte)
    with pytest.raises(ContratsInvalides) as e:
        charger_contrats(dossier)
    return e.value.erreurs


def test_the_contracts_of_the_project_are_valid() -> None:
    contrats = charger_contrats()
    assert {"insee_cog_communes", "dgcl_epci_composition"} <= {
        c.source for c in contrats.values() if c.indispensable
    }
    assert all(r.source == s for s, c in contrats.items() for r in c.ressources.values())


@pytest.mark.parametrize(
    ("avant", "apres", "attendu"),
    [
        ("producer:", "producteur: x\nproducer:", "registre.yml: producteur: Extra inputs"),
        ("cadence: annuelle", "cadence: annuel", "registre.yml: cadence: Value error, is none of annuelle,"),
        ("multiple: 5", "multipl: 5", "ressources.communes.columns.foyers.multipl: Extra inputs"),
        ("min: 4, max: 8", 'min: "4", max: 8', "ressources.communes.thresholds.rows.min: Input should be"),
        ("cle: [code]", "cle: [kode]", "ressources.communes.cle: 'kode' is not a declared column"),
        ("NOM: ~}", "NOM: libelle}", "layouts.l: 'libelle' is not a declared column"),
        ('"FOY{aa}": foyers, ', "", "layouts.l: nothing feeds 'foyers'"),
        ("NOM: ~}", "NOM: revenu}", "layouts.l: 'revenu' is fed more than once"),
        ("REV{aa}", "REV{an}", "millesimes.2022.params: layout 'l' uses {an}"),
        ("secret: [s]", 'secret: [""]', "columns.revenu: the same marker is missing and secret"),
        (', decimal: "."', "", "columns.revenu: a decimal column needs format.decimal"),
        ("[revenu], min", "[revenus], min", "thresholds.ratio_to_last: 'revenus' is not a declared number"),
        ("2022: {layout: l", "2022: {layout: m", "millesimes.2022.layout: no layout named 'm'"),
        ("2021: {layout: l, cog: 2022", "2021: {layout: l", "millesimes.2021.cog: a dated file names"),
        ("mirror: registre2022.csv", "mirror: ../x.csv", "millesimes.2022.mirror: Value error, must stay"),
        ("NOM: ~}", "NOM: ~}, skip: {NON: x}", "layouts.l.skip: 'NON' is not a header of the layout"),
        ("NOM: ~}", "NOM: ~}, skip: {NOM: '('}", "layouts.l.skip: '(' is not a pattern"),
        ("page: https", "page: file", "page: String should match"),
        ("      l: {", "      l: {}\n      l: {", "(file): key written twice: l"),
        ("NOM: ~}", "NOM: ~}, only: {NIVEAU: [COM]}", "layouts.l.only: 'NIVEAU' is not a header"),
        ("NOM: ~}", 'NOM: ~}, decimal: {foyers: ","}', "layouts.l.decimal: 'foyers' is not a decimal"),
        (
            "documente: invented, ",
            "",
            "layouts.l: say how the layout is known, by one of the three: `confirme",
        ),
        (
            "documente: invented",
            "documente: invented, confirme: {fichier: r.csv, lu_le: 2022-01-01}",
            "layouts.l: say how the layout is known, by one of the three: `confirme",
        ),
        ("documente: invented", "documente: ''", "layouts.l.documente: String should have at least 1"),
        (
            "documente: invented",
            "confirme: {fichier: r.csv, lu_le: 2022-01-01}, a_verifier: all",
            "layouts.l.a_verifier: goes with `documente`",
        ),
        (
            "documente: invented",
            "vu: {depot: sans barre, chemin: r.csv, lu_le: 2022-01-01, reste: all}",
            "layouts.l.vu.depot: String should match",
        ),
        ("documente: invented", "confirme: {fichier: r.csv}", "layouts.l.confirme.lu_le: Field required"),
        ("NOM: ~}", "NOM: ~}, annees: {foyers: year}", "layouts.l.annees: 'foyers' is not a column of years"),
        ("NOM: ~}", "NOM: ~}, values: {foyers: [x]}", "layouts.l.values: 'foyers' is not a column"),
        (
            "    millesimes:",
            "    rolling: {url: 'https://e.org/jeu/exports/csv', millesime_from_column: foyers, layout: l}\n"
            "    millesimes:",
            "rolling.url: ask the portal for the fields of the layout: `select={champs}`",
        ),
        ("NOM: ~}", 'NOM: ~}, unread: [{names: ["B{an}"]}]', "params: layout 'l' uses {an}"),
    ],
)
def test_a_wrong_key_is_named(tmp_path: Path, avant: str, apres: str, attendu: str) -> None:
    assert avant in REGISTRE
    erreurs = charger(tmp_path, registre=REGISTRE.replace(avant, apres))
    assert any(attendu in e and e.startswith("registre.yml: ") for e in erreurs), erreurs


def test_figures_above_the_commune_say_in_which_geography_they_are_drawn(tmp_path: Path) -> None:
    texte = REGISTRE.replace("niveau: commune", "niveau: epci").replace(
        "    layouts:", "    mesures: [foyers]\n    layouts:"
    )
    texte = texte.replace("      codes_hors_cog: 1\n", "")
    texte = texte.replace("code: {type: code_commune", "code: {type: siren")
    texte = texte.replace('      all_departements: {from_commune: code, except: ["976"]}\n', "")
    sans_cog = texte.replace("2021: {layout: l, cog: 2022", "2021: {layout: l")
    (erreur,) = charger(tmp_path, registre=sans_cog)
    assert erreur.startswith("registre.yml: ressources.communes.millesimes.2021.cog: give the COG that the")
    for complet in (texte, sans_cog.replace("diffusion:", "decoupage: janvier_suivant\ndiffusion:")):
        (tmp_path / "registre.yml").write_text(complet)
        assert charger_contrats(tmp_path)["registre"].ressources["communes"].mesures == ["foyers"]


def test_the_cog_of_each_line_is_told_by_its_year(tmp_path: Path) -> None:
    (erreur,) = charger(
        tmp_path,
        registre=REGISTRE.replace("2021: {layout: l, cog: 2022", "2021: {layout: l, cog: janvier_suivant"),
    )
    assert erreur.endswith("millesimes.2021.cog: janvier_suivant is for lines of communes with a year")
    erreurs = charger(
        tmp_path, registre=REGISTRE.replace("l: {documente: invented,", "l: {documente: invented, cog: 2022,")
    )
    assert (
        all("layouts.l.cog: is for a file whose lines have each their own" in e for e in erreurs) and erreurs
    )


def test_a_contract_without_diffusion_is_refused_with_what_to_write(tmp_path: Path) -> None:
    for texte in (
        REGISTRE.replace("diffusion: publique\n", ""),
        REGISTRE.replace("diffusion: publique", "diffusion: secrete"),
    ):
        (erreur,) = charger(tmp_path, registre=texte)
        assert erreur.startswith("registre.yml: diffusion: write `diffusion: publique` (anyone may have the")
        assert "`diffusion: interne`" in erreur and "`diffusion: micro`" in erreur


def test_what_partners_give_is_internal_and_everything_else_is_public() -> None:
    contrats = charger_contrats()
    assert {s for s, c in contrats.items() if c.diffusion == "interne"} == {
        "caf_accueil",
        "caf_bilans_structures",
        "caf_equipements",
        "cd_pmi",
        "ctg_plan_actions",
        "epci_guichet_unique",
    }
    assert {c.diffusion for c in contrats.values()} == {"publique", "interne"}
    assert charger_contrat().diffusion == "micro"


def test_every_error_of_every_file_is_listed(tmp_path: Path) -> None:
    un = REGISTRE.replace("multiple: 5", "multipl: 5").replace("absence: inconnu", "absence: jamais")
    deux = REGISTRE.replace("cle: [code]", "cle: [kode]").replace("source: registre", "source: deux")
    erreurs = charger(tmp_path, registre=un, deux=deux)
    assert [e.split(":")[0] for e in erreurs] == ["deux.yml", "registre.yml", "registre.yml"]


def test_what_no_real_file_confirmed_is_told_with_what_a_live_night_reads_by(tmp_path: Path) -> None:
    adresse = 'url: "https://e.org/r.csv"'
    (tmp_path / "registre.yml").write_text(
        REGISTRE.replace("mirror: registre2022.csv", adresse)
        .replace(
            "    thresholds:",
            "      sur: {confirme: {fichier: r.csv, lu_le: 2023-06-01, reste: Paris}, "
            "columns: {C: code, F: foyers, R: revenu}}\n"
            "      vu: {vu: {depot: a/b, chemin: c/r.csv, lu_le: 2023-06-01, reste: Lyon}, "
            "columns: {D: code, F: foyers, R: revenu}}\n    thresholds:",
            1,
        )
        .replace("documente: invented", "documente: invented, a_verifier: Nice")
    )
    connus = layouts_connus(charger_contrats(tmp_path).values())
    assert connus == [
        LayoutConnu("registre", "l", "documente", "invented", "Nice", True, ("communes",)),
        LayoutConnu("registre", "sur", "confirme", "", "Paris", False, ("communes",)),
        LayoutConnu("registre", "vu", "vu", "a/b, c/r.csv", "Lyon", False, ("communes",)),
    ]
    # A layout of the project's contracts stands once, with the ressources that share it.
    projet = {(c.source, c.layout): c for c in layouts_connus(charger_contrats().values())}
    assert projet["insee_filosofi_cc", "melodi"].ressources == (
        *("communes", "epci", "departement"),
        *("region", "metropole"),
    )
    selection = projet["cnaf_taux_couverture_epci", "selection"]
    assert selection.en_ligne and selection.ressources == ("courant", "historique")
    assert not projet["cnaf_taux_couverture_epci", "extrait"].en_ligne
    assert not [c for c in projet.values() if c.source.startswith("caf_")]
    # Whoever receives the first file of a layout known by somebody's word is told what to look at.
    assert [c.layout for c in projet.values() if c.etat != "confirme" and not c.reste] == []


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    assert charger(tmp_path) == [f"{tmp_path}: (folder): holds no contract"]


def test_the_schema_has_companions_and_technical_columns() -> None:
    r = charger_contrats()["insee_comparateur"].ressources["communes"]
    schema = schema_normalise(r)
    assert schema.field("mediane_niveau_vie").type == pa.decimal128(30, 15)
    i = schema.get_field_index("mediane_niveau_vie")
    assert schema.names[i : i + 3] == [
        "mediane_niveau_vie",
        "mediane_niveau_vie__marque",
        "mediane_niveau_vie__millesime",
    ]
    assert schema.names[-4:] == ["millesime_fichier", "cog_millesime", "fichier_sha256", "ligne"]
    assert "code__marque" not in schema.names


def test_the_fingerprint_follows_what_affects_parsing_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def calculer(texte: str) -> str:
        (tmp_path / "registre.yml").write_text(texte)
        r = charger_contrats(tmp_path)["registre"].ressources["communes"]
        edition = r.edition(2022, glissante=False)
        assert edition
        return empreinte_contrat(r, edition)

    reference = calculer(REGISTRE)
    autre_millesime = REGISTRE + "      2023: {layout: l, cog: 2022, mirror: r23.csv}\n"
    assert calculer(autre_millesime) == reference
    assert calculer(REGISTRE.replace("description: Revenu", "description: Autre")) == reference
    assert calculer(REGISTRE.replace("registre2022.csv", "ailleurs.csv")) == reference
    for preuve in (
        "confirme: {fichier: registre2022.csv, lu_le: 2023-06-01}",
        "vu: {depot: a/b, chemin: r.csv, lu_le: 2023-06-01, reste: all}",
        "documente: invented, a_verifier: all",
    ):
        assert calculer(REGISTRE.replace("documente: invented", preuve)) == reference
    autre_diffusion = "diffusion: interne\nfamille: autre\nrecensement: true\ndecoupage: janvier_suivant"
    assert calculer(REGISTRE.replace("diffusion: publique", autre_diffusion)) == reference
    for avant, apres in [
        ('decimal: "."', 'decimal: ","'),
        ("secret: [s]", "secret: [x]"),
        ("max: 8", "max: 9"),
        ("NOM: ~", "LIB: ~"),
        ("couverture: france", "couverture: liste"),
        ("2022: {layout: l, cog: 2022", "2022: {layout: l, cog: 2021"),
    ]:
        assert calculer(REGISTRE.replace(avant, apres)) != reference, avant
    monkeypatch.setattr(empreinte, "_empreinte_code", lambda: "another reader")
    assert calculer(REGISTRE) != reference


def test_the_dbt_declaration_names_every_table_and_column() -> None:
    contrats = charger_contrats()
    (source,) = yaml.safe_load(dbt_sources_yaml(contrats))["sources"]
    tables = {t["name"]: t for t in source["tables"]}
    ressources = {r.table: r for c in contrats.values() for r in c.ressources.values()}
    assert source["name"] == "normalised" and tables.keys() == ressources.keys()
    for nom, ressource in ressources.items():
        assert [c["name"] for c in tables[nom]["columns"]] == schema_normalise(ressource).names
        assert all(c["description"] for c in tables[nom]["columns"])


def test_the_rolling_address_brings_its_own_layout_and_couverture() -> None:
    r = charger_contrats()["cnaf_allocataires_communes"].ressources["communes"]
    fixe, glissante = r.edition(2024, glissante=False), r.edition(2024, glissante=True)
    assert fixe and fixe.layout == ["extrait", "selection", "rsa_et_prime", "complet"]
    assert fixe.couverture == "departement:26"
    assert glissante and glissante.layout[0] == "selection" and glissante.couverture == "france"
    assert r.edition(2031, glissante=False) is None and r.edition(2031, glissante=True)
