from pathlib import Path

import pyarrow as pa
import pytest
import yaml
from petite_source import REGISTRE

from ingestion.contrats import grammaire as contracts
from ingestion.contrats.grammaire import (
    ContratsInvalides,
    dbt_sources_yaml,
    empreinte_contrat,
    load_contracts,
    normalised_schema,
)


def charger(dossier: Path, **fichiers: str) -> list[str]:
    for nom, texte in fichiers.items():
        (dossier / f"{nom}.yml").write_text(texte)
    with pytest.raises(ContratsInvalides) as e:
        load_contracts(dossier)
    return e.value.erreurs


def test_the_contracts_of_the_project_are_valid() -> None:
    contrats = load_contracts()
    assert {"insee_cog_communes", "dgcl_epci_composition"} <= {
        c.source for c in contrats.values() if c.indispensable
    }
    assert all(r.source == s for s, c in contrats.items() for r in c.ressources.values())


@pytest.mark.parametrize(
    ("avant", "apres", "attendu"),
    [
        ("producer:", "producteur: x\nproducer:", "registre.yml: producteur: Extra inputs"),
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
        ("NOM: ~}", 'NOM: ~}, unread: [{names: ["B{an}"]}]', "params: layout 'l' uses {an}"),
    ],
)
def test_a_wrong_key_is_named(tmp_path: Path, avant: str, apres: str, attendu: str) -> None:
    assert avant in REGISTRE
    erreurs = charger(tmp_path, registre=REGISTRE.replace(avant, apres))
    assert any(attendu in e and e.startswith("registre.yml: ") for e in erreurs), erreurs


def test_every_error_of_every_file_is_listed(tmp_path: Path) -> None:
    un = REGISTRE.replace("multiple: 5", "multipl: 5").replace("absence: inconnu", "absence: jamais")
    deux = REGISTRE.replace("cle: [code]", "cle: [kode]").replace("source: registre", "source: deux")
    erreurs = charger(tmp_path, registre=un, deux=deux)
    assert [e.split(":")[0] for e in erreurs] == ["deux.yml", "registre.yml", "registre.yml"]


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    assert charger(tmp_path) == [f"{tmp_path}: (folder): holds no contract"]


def test_the_schema_has_companions_and_technical_columns() -> None:
    r = load_contracts()["insee_comparateur"].ressources["communes"]
    schema = normalised_schema(r)
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
    def empreinte(texte: str) -> str:
        (tmp_path / "registre.yml").write_text(texte)
        r = load_contracts(tmp_path)["registre"].ressources["communes"]
        edition = r.edition(2022, glissante=False)
        assert edition
        return empreinte_contrat(r, edition)

    reference = empreinte(REGISTRE)
    autre_millesime = REGISTRE + "      2023: {layout: l, cog: 2022, mirror: r23.csv}\n"
    assert empreinte(autre_millesime) == reference
    assert empreinte(REGISTRE.replace("description: Revenu", "description: Autre")) == reference
    assert empreinte(REGISTRE.replace("registre2022.csv", "ailleurs.csv")) == reference
    for avant, apres in [
        ('decimal: "."', 'decimal: ","'),
        ("secret: [s]", "secret: [x]"),
        ("max: 8", "max: 9"),
        ("NOM: ~", "LIB: ~"),
        ("couverture: france", "couverture: liste"),
        ("2022: {layout: l, cog: 2022", "2022: {layout: l, cog: 2021"),
    ]:
        assert empreinte(REGISTRE.replace(avant, apres)) != reference, avant
    monkeypatch.setattr(contracts, "_empreinte_code", lambda: "another reader")
    assert empreinte(REGISTRE) != reference


def test_the_dbt_declaration_names_every_table_and_column() -> None:
    contrats = load_contracts()
    (source,) = yaml.safe_load(dbt_sources_yaml(contrats))["sources"]
    tables = {t["name"]: t for t in source["tables"]}
    ressources = {r.table: r for c in contrats.values() for r in c.ressources.values()}
    assert source["name"] == "normalised" and tables.keys() == ressources.keys()
    for nom, ressource in ressources.items():
        assert [c["name"] for c in tables[nom]["columns"]] == normalised_schema(ressource).names
        assert all(c["description"] for c in tables[nom]["columns"])


def test_the_rolling_address_brings_its_own_layout_and_couverture() -> None:
    r = load_contracts()["cnaf_allocataires_communes"].ressources["communes"]
    fixe, glissante = r.edition(2024, glissante=False), r.edition(2024, glissante=True)
    assert fixe and fixe.layout == ["extrait", "documente"] and fixe.couverture == "departement:26"
    assert glissante and glissante.layout[0] == "documente" and glissante.couverture == "france"
    assert r.edition(2031, glissante=False) is None and r.edition(2031, glissante=True)
