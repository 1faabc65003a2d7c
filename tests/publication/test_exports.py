import csv
import json
from datetime import date
from pathlib import Path

import duckdb
import pytest

from publication.exports import exporter, signer
from socle.affichage import MARQUES
from socle.disque import sha256_fichier
from socle.erreurs import ErreurPublication
from tests.publication.petits_marts import MASQUEES


def lire(fichier: Path) -> list[dict[str, str]]:
    """As a spreadsheet does: BOM, `;`, text."""
    with fichier.open(encoding="utf-8-sig", newline="") as lignes:
        return list(csv.DictReader(lignes, delimiter=";"))


@pytest.fixture
def dossier(tmp_path: Path) -> Path:
    cible = tmp_path / "export"
    cible.mkdir()
    return cible


def test_csv_writes_french_numbers_and_a_mark_for_every_number_not_shown(construire, dossier) -> None:
    exporter(construire(), dossier, MASQUEES)
    assert (dossier / "csv/fct_indicateurs.csv").read_bytes().startswith(b"\xef\xbb\xbfterritoire_id;niveau;")
    lignes = {
        (ligne["territoire_id"], ligne["millesime"], ligne["indicateur_id"]): ligne
        for ligne in lire(dossier / "csv/fct_indicateurs.csv")
    }
    rsa = lignes["commune:26220", "2022", "part_allocataires_rsa"]
    assert (rsa["valeur"], rsa["numerateur"], rsa["denominateur"]) == ("31,45", "361,675", "1150")
    for cle, marque in {
        ("commune:01001", "2019", "mediane_niveau_vie"): "s",
        ("commune:01001", "2022", "nb_foyers_allocataires"): "nd",
        ("commune:01001", "2022", "part_allocataires_rsa"): "na",
    }.items():
        ligne = lignes[cle]
        assert ligne["code"] == "01001" and ligne["libelle"] == 'L\'Abergement; "Clémenciat"'
        for colonne in ("valeur", "numerateur", "denominateur", "borne_basse", "borne_haute"):
            assert ligne[colonne] == marque
    # A published figure has no terms, and that is no secret: the cell is simply empty.
    assert lignes["commune:26220", "2019", "mediane_niveau_vie"]["numerateur"] == ""


def test_wide_csv_marks_by_the_statut_of_each_indicateur(construire, dossier) -> None:
    construction = construire(
        "update marts.mart_portrait_social set part_allocataires_rsa_statut = null where niveau = 'epci'"
    )
    exporter(construction, dossier, MASQUEES)
    vus = {
        (ligne["territoire_id"], ligne["millesime"]): ligne["part_allocataires_rsa"]
        for ligne in lire(dossier / "csv/mart_portrait_social.csv")
    }
    assert vus["commune:26220", "2022"] == "31,45"
    assert vus["commune:01001", "2022"] == "na"
    assert vus["commune:01001", "2019"] == "nd"
    assert vus["epci:200068229", "2022"] == "nd"
    assert lire(dossier / "csv/mart_petite_enfance.csv") == []


@pytest.mark.parametrize(
    ("fuite", "colonne"),
    [
        (
            "update marts.fct_indicateurs set valeur = 3 where statut = 'secret'",
            "fct_indicateurs, column valeur:",
        ),
        ("update marts.fct_indicateurs set borne_haute = 4 where statut = 'non_disponible'", "borne_haute"),
        ("update marts.fct_indicateurs set valeur_texte = 'x' where statut = 'secret'", "valeur_texte"),
        ("update marts.fct_indicateurs set valeur_affichee = '3' where statut = 'secret'", "valeur_affichee"),
        (
            "update marts.mart_portrait_social set part_allocataires_rsa = 1"
            " where part_allocataires_rsa_statut = 'sans_objet'",
            "mart_portrait_social, column part_allocataires_rsa",
        ),
        (
            "update marts.mart_portrait_social set part_allocataires_rsa_statut = null"
            " where part_allocataires_rsa is not null",
            "mart_portrait_social, column part_allocataires_rsa",
        ),
    ],
)
def test_a_number_under_a_masking_statut_stops_the_export(
    construire, dossier, fuite: str, colonne: str
) -> None:
    with pytest.raises(ErreurPublication, match=colonne):
        exporter(construire(fuite), dossier, MASQUEES)


def test_same_marts_give_the_same_bytes_whatever_their_order_on_disk(construire, tmp_path) -> None:
    # Enough rows for several threads and row groups; the second build holds the same ones shuffled.
    grossir = (
        "insert into marts.fct_indicateurs"
        " select * exclude i replace ('commune:' || i as territoire_id, i * 0.1 as valeur)"
        " from (from marts.fct_indicateurs where statut = 'arrondi' limit 1), range(130000) r(i);"
    )
    melanger = (
        "create table m as from marts.fct_indicateurs order by hash(territoire_id, indicateur_id);"
        "delete from marts.fct_indicateurs; insert into marts.fct_indicateurs from m;"
    )
    empreintes = []
    for nom, modifications in (("a", grossir), ("b", grossir + melanger)):
        cible = tmp_path / nom
        cible.mkdir()
        exporter(construire(modifications, f"{nom}.duckdb"), cible, MASQUEES)
        empreintes.append({p.relative_to(cible): sha256_fichier(p) for p in cible.rglob("*") if p.is_file()})
    assert empreintes[0] == empreintes[1]
    assert Path("parquet/fct_indicateurs.parquet") in empreintes[0]


def test_base_holds_schema_marts_alone_with_comments_and_its_release(construire, dossier) -> None:
    construction = construire("create view marts.mart_vue as select territoire_id from marts.dim_territoire")
    export = exporter(construction, dossier, MASQUEES)
    signer(export, {"release_id": "20260105T010000Z-abcdef12", "version": "0.1.0"})
    assert not list(dossier.glob("*.wal")) and not list(dossier.glob(".*"))
    with duckdb.connect(str(dossier / "ctg.duckdb"), read_only=True) as con:
        exportees = con.execute("select schema_name, table_name from duckdb_tables() order by all").fetchall()
        assert exportees == sorted(
            ("marts", nom) for nom in ["dim_release", *(table.nom for table in export.tables)]
        )
        assert con.execute("select count(*) from duckdb_views() where not internal").fetchone() == (0,)
        assert con.execute("from marts.dim_release").fetchall() == [("20260105T010000Z-abcdef12", "0.1.0")]
        commentaires = dict(
            con.execute(
                "select table_name || '.' || column_name, comment from duckdb_columns()"
                " where comment is not null"
            ).fetchall()
        )
        assert commentaires["fct_indicateurs.valeur"] == "Valeur dans l'unité affichée"
        # A wide mart without comments takes them from the dictionary.
        assert commentaires["mart_portrait_social.part_allocataires_rsa"] == "Part des foyers au RSA"
        ecarts = con.execute(
            f"""
            attach '{construction}' as construction (read_only);
            select count(*) from (
                (from construction.marts.fct_indicateurs except all from ctg.marts.fct_indicateurs)
                union all (from ctg.marts.fct_indicateurs except all from construction.marts.fct_indicateurs)
            )
            """
        ).fetchone()
        assert ecarts == (0,)


def test_datapackage_is_enough_to_read_every_csv_back(construire, dossier) -> None:
    """Read the CSV with nothing but what the package declares, and find the Parquet again."""
    tables = exporter(construire(), dossier, MASQUEES).tables
    paquet = json.loads((dossier / "datapackage.json").read_bytes())
    assert [r["name"] for r in paquet["resources"]] == [table.nom for table in tables]
    assert paquet["licenses"] == [{"name": "Licence-Ouverte-2.0", "title": "Licence Ouverte 2.0"}]
    lecture = {
        "string": str,
        "integer": int,
        "number": lambda texte: float(texte.replace(",", ".")),
        "date": date.fromisoformat,
        "boolean": {"true": True, "false": False}.__getitem__,
    }
    for ressource in paquet["resources"]:
        fichier = dossier / ressource["path"]
        assert (
            ressource["hash"] == f"sha256:{sha256_fichier(fichier)}"
            and ressource["bytes"] == fichier.stat().st_size
        )
        absents = set(ressource["schema"]["missingValues"])
        lus = [
            tuple(
                None
                if ligne[champ["name"]] in champ.get("missingValues", absents)
                else lecture[champ["type"]](ligne[champ["name"]])
                for champ in ressource["schema"]["fields"]
            )
            for ligne in lire(fichier)
        ]
        attendus = duckdb.sql(f"from '{dossier}/parquet/{ressource['name']}.parquet'").fetchall()
        assert lus == attendus
    fct = next(r for r in paquet["resources"] if r["name"] == "fct_indicateurs")
    assert fct["schema"]["primaryKey"] == ["territoire_id", "millesime", "indicateur_id"]
    assert set(MARQUES.values()) < set(fct["schema"]["missingValues"])


def test_a_table_that_is_not_for_spreadsheets_is_described_by_its_parquet(construire, dossier) -> None:
    exporter(construire(), dossier, MASQUEES, frozenset({"fct_indicateurs"}))
    assert not (dossier / "csv/fct_indicateurs.csv").exists() and (dossier / "csv/dim_source.csv").exists()
    paquet = json.loads((dossier / "datapackage.json").read_bytes())
    (fct,) = (r for r in paquet["resources"] if r["name"] == "fct_indicateurs")
    assert (fct["path"], fct["format"]) == ("parquet/fct_indicateurs.parquet", "parquet")
    assert fct["hash"] == f"sha256:{sha256_fichier(dossier / fct['path'])}"
    assert fct["schema"]["primaryKey"] == ["territoire_id", "millesime", "indicateur_id"]
    assert not any("decimalChar" in champ for champ in fct["schema"]["fields"])


def test_dictionary_covers_every_indicateur_and_every_column(construire, dossier) -> None:
    tables = exporter(construire(), dossier, MASQUEES).tables
    page = (dossier / "dictionnaire.md").read_text()
    assert "| `nb_foyers_allocataires` | Foyers allocataires | Foyers avec un droit \\| décembre |" in page
    assert "| non : source jamais reçue : caf_equipements |" in page
    assert "Clé : `territoire_id`, `millesime`, `indicateur_id`." in page
    lignes = lire(dossier / "dictionnaire.csv")
    assert [(ligne["table"], ligne["colonne"]) for ligne in lignes] == [
        (table.nom, colonne.nom) for table in tables for colonne in table.colonnes
    ]
    large = next(ligne for ligne in lignes if ligne["colonne"] == "part_allocataires_rsa")
    assert (large["unite"], large["description"]) == ("pourcent", "Part des foyers au RSA")


@pytest.mark.parametrize(
    ("table", "colonnes", "nommees"),
    [
        ("fct_indicateurs", MASQUEES["fct_indicateurs"] - {"borne_haute"}, "borne_haute"),
        ("mart_portrait_social", frozenset(), "part_allocataires_rsa"),
        ("dim_territoire", {"libelle"}, "libelle"),
        ("mart_portrait_social", MASQUEES["mart_portrait_social"] | {"effectif"}, "effectif"),
    ],
)
def test_a_number_that_is_not_declared_masked_is_not_exported(
    construire, dossier, table: str, colonnes: frozenset[str], nommees: str
) -> None:
    with pytest.raises(ErreurPublication, match=rf"marts\.{table}, column\(s\) {nommees}:"):
        exporter(construire(), dossier, MASQUEES | {table: frozenset(colonnes)})


def test_an_unfinished_build_is_refused(construire, dossier, tmp_path) -> None:
    moins = construire("drop table marts.fct_indicateurs; drop table marts.dim_fichier")
    with pytest.raises(ErreurPublication, match="lacks dim_fichier, fct_indicateurs in schema marts"):
        exporter(moins, dossier, MASQUEES)
    with pytest.raises(ErreurPublication, match="No build file"):
        exporter(tmp_path / "absent.duckdb", dossier, MASQUEES)
