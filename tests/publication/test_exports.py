import csv
import gzip
import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from publication.commun import tableur
from publication.commun.promesses import Promesses
from publication.exports import base, exporter, signer
from publication.exports import csv as export_csv
from publication.lecture.lignes import lignes
from socle.affichage import MARQUES, arrondi
from socle.disque import sha256_fichier
from socle.erreurs import ErreurPublication
from tests.publication.petits_marts import MASQUEES, PROMESSES, RELEASE


def lire(fichier: Path) -> list[dict[str, str]]:
    """As a spreadsheet does: BOM, `;`, text."""
    ouvrir = gzip.open if fichier.suffix == ".gz" else open
    with ouvrir(fichier, "rt", encoding="utf-8-sig", newline="") as lignes:
        return list(csv.DictReader(lignes, delimiter=";"))


@pytest.fixture
def dossier(tmp_path: Path) -> Path:
    cible = tmp_path / "export"
    cible.mkdir()
    return cible


def test_csv_writes_french_numbers_and_nothing_where_no_number_is_shown(construire, dossier) -> None:
    exporter(construire(), dossier, MASQUEES)
    assert (dossier / "csv/fct_indicateurs.csv").read_bytes().startswith(b"\xef\xbb\xbfterritoire_id;niveau;")
    lignes = {
        (ligne["territoire_id"], ligne["millesime"], ligne["indicateur_id"]): ligne
        for ligne in lire(dossier / "csv/fct_indicateurs.csv")
    }
    rsa = lignes["commune:26220", "2022", "part_allocataires_rsa"]
    # On the decimals of the indicateur, half away from zero, and the bounds of its row too.
    assert (rsa["valeur"], rsa["numerateur"], rsa["denominateur"]) == ("31,5", "361,675", "1150")
    assert rsa["demonstration"] == "FAUX"
    for cle, statut in {
        ("commune:01001", "2019", "mediane_niveau_vie"): "secret",
        ("commune:01001", "2022", "nb_foyers_allocataires"): "non_disponible",
        ("commune:01001", "2022", "part_allocataires_rsa"): "sans_objet",
    }.items():
        ligne = lignes[cle]
        assert ligne["code"] == "01001" and ligne["libelle"] == 'L\'Abergement; "Clémenciat"'
        assert ligne["statut"] == statut
        for colonne in ("valeur", "numerateur", "denominateur", "borne_basse", "borne_haute"):
            assert ligne[colonne] == ""
    # A published figure has no terms, and that is no secret: the cell is simply empty.
    assert lignes["commune:26220", "2019", "mediane_niveau_vie"]["numerateur"] == ""


@pytest.mark.parametrize(
    ("exacte", "un_taux", "un_nombre"),
    [
        ("15.999999999999998", "16", "16"),
        ("30.849999999999998", "30,9", "31"),
        ("0.49999999999999994", "0,5", "1"),
        ("2.25", "2,3", "2"),
        ("-0.04", "0", "0"),
        ("-0.5", "-0,5", "-1"),
        ("0.1 + 0.2", "0,3", "0"),
        ("1e-17", "0", "0"),
        ("123456789012.34", "123456789012,3", "123456789012"),
        ("999999999.9999999", "1000000000", "1000000000"),
        ("-1000000000.25", "-1000000000,3", "-1000000000"),
        ("100", "100", "100"),
    ],
)
def test_csv_rounds_as_figures_are_printed(
    construire, dossier, exacte: str, un_taux: str, un_nombre: str
) -> None:
    """A rate has one decimal in the dictionary, a count none; the Parquet keeps what was computed."""
    change = f"set valeur = {exacte}::double where statut not in ('secret', 'non_disponible', 'sans_objet')"
    exporter(construire(f"update marts.fct_indicateurs {change}"), dossier, MASQUEES)
    vus = {
        ligne["indicateur_id"]: ligne["valeur"] for ligne in lire(dossier / "csv/fct_indicateurs.csv")[-3:]
    }
    assert vus["part_allocataires_rsa"] == un_taux and vus["nb_foyers_allocataires"] == un_nombre
    (garde,) = duckdb.sql(
        f"select distinct valeur from '{dossier}/parquet/fct_indicateurs.parquet' where statut = 'observe'"
    ).fetchone()
    assert garde == eval(exacte)


def test_csv_rounds_what_is_in_no_unit_finely(construire, dossier) -> None:
    """A p-value beside a count would be 0 on its decimals, and significant of anything."""
    preparer = "alter table marts.fct_indicateurs add column valeur_p double default 0.02749"
    exporter(construire(preparer), dossier, MASQUEES)
    vus = {ligne["valeur_p"] for ligne in lire(dossier / "csv/fct_indicateurs.csv")}
    assert vus == {"0,0275"}


@pytest.mark.parametrize(
    ("ecrit", "lu"),
    [
        *(
            (t, f"'{t}")
            for t in ("=1+1", "-2+3", "@SOMME(A1)", "\t=1", "\r=1", "+A1", "-cmd|' /C calc'!A0", "-")
        ),
        *(
            (t, t)
            for t in ("Nyons", "", "-12", "+3,4 points", "+12\u202f%", "+1\u202f250\u202f€", "\u22123,2")
        ),
    ],
)
def test_a_text_that_a_spreadsheet_would_run_is_a_text(ecrit: str, lu: str) -> None:
    """A printed number may begin with its sign."""
    sortie = duckdb.execute(f"select {export_csv.sans_formule('x')} from (select $x as x)", {"x": ecrit})
    assert sortie.fetchone() == (lu,) == (tableur.en_csv(ecrit),)


@pytest.mark.parametrize(
    ("valeur", "ecrite"),
    [
        (16244.996, "16244,996"),
        (900000.01, "900000,01"),
        (18464843.2, "18464843,2"),
        (100 / 3, "33,333333333"),
        (-1e-14, "0"),
        (-0.5, "-0,5"),
        (3250.0, "3250"),
        (1e20, "1" + "0" * 20),
    ],
)
def test_a_number_is_written_without_the_noise_of_a_double(valeur: float, ecrite: str) -> None:
    assert tableur.en_csv(valeur) == ecrite


def test_a_large_csv_is_compressed_and_the_package_says_so(construire, tmp_path, monkeypatch) -> None:
    contenus = []
    for nom, limite in (("entier", 10**9), ("reduit", 1000), ("encore", 1000)):
        dossier = tmp_path / nom
        dossier.mkdir()
        monkeypatch.setattr(export_csv, "COMPRESSION", limite)
        exporter(construire("", f"{nom}.duckdb"), dossier, MASQUEES)
        (fichier,) = dossier.glob("csv/fct_indicateurs.csv*")
        contenus.append(fichier.read_bytes())
    entier, reduit, encore = contenus
    assert gzip.decompress(reduit) == entier and reduit == encore
    # No name of a file nor time in its header: flags and mtime are zero.
    assert reduit[3:8] == bytes(5)
    paquet = json.loads((tmp_path / "reduit" / "datapackage.json").read_bytes())
    chemins = {r["name"]: (r["path"], r.get("compression")) for r in paquet["resources"]}
    assert chemins["fct_indicateurs"] == ("csv/fct_indicateurs.csv.gz", "gz")
    assert chemins["dim_unite"] == ("csv/dim_unite.csv", None)


def test_a_wide_csv_holds_numbers_or_nothing(construire, dossier) -> None:
    exporter(construire(), dossier, MASQUEES)
    vus = {
        (ligne["territoire_id"], ligne["millesime"]): ligne["part_allocataires_rsa"]
        for ligne in lire(dossier / "csv/mart_portrait_social.csv")
    }
    assert vus["commune:26220", "2022"] == "31,5"
    assert {vus[place] for place in vus if place != ("commune:26220", "2022")} == {""}
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
    export = exporter(construction, dossier, MASQUEES, promesses=PROMESSES)
    signer(export, RELEASE)
    assert not list(dossier.glob("*.wal")) and not list(dossier.glob(".*"))
    with duckdb.connect(str(dossier / "ctg.duckdb"), read_only=True) as con:
        exportees = con.execute("select schema_name, table_name from duckdb_tables() order by all").fetchall()
        assert exportees == sorted(
            ("marts", nom) for nom in ["dim_release", *(table.nom for table in export.tables)]
        )
        assert con.execute("select count(*) from duckdb_views() where not internal").fetchone() == (0,)
        assert con.execute("select release_id, version from marts.dim_release").fetchall() == [
            ("20260105T010000Z-abcdef12", "0.1.0")
        ]
        commentaires = dict(
            con.execute(
                "select table_name || '.' || column_name, comment from duckdb_columns()"
                " where comment is not null"
            ).fetchall()
        )
        assert commentaires["fct_indicateurs.valeur"] == "Valeur dans l'unité affichée"
        assert commentaires["dim_release.release_id"].startswith("Identifiant de la publication")
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


def test_no_row_is_lost_where_large_tables_are_filled_side_by_side(construire, dossier) -> None:
    """DuckDB writes each of these through its journal, and puts it in the file when enough has gone by."""
    colonnes = ", ".join(f"md5('{c}' || i) as {c}" for c in "tuvw")
    grands = "".join(
        f"create view marts.mart_grand_{x} as select 'commune:' || i || '{x}' as territoire_id, {colonnes}"
        f" from range({n}) as t(i);"
        for x, n in zip("abcdef", range(120_000, 60_000, -10_000), strict=True)
    )
    export = exporter(construire(grands), dossier, MASQUEES, promesses=PROMESSES)
    signer(export, RELEASE)
    with duckdb.connect(str(dossier / "ctg.duckdb"), read_only=True) as con:
        lues = {t.nom: con.table(f"marts.{t.nom}").shape[0] for t in export.tables}
    assert lues == {t.nom: pq.read_metadata(export.parquet(t)).num_rows for t in export.tables}


def test_a_base_of_other_rows_than_its_parquet_is_not_published(construire, dossier, monkeypatch) -> None:
    export = exporter(construire(), dossier, MASQUEES, promesses=PROMESSES)
    remplir = base._remplir
    monkeypatch.setattr(
        base, "_remplir", lambda e, t, con: None if t.nom == "dim_source" else remplir(e, t, con)
    )
    with pytest.raises(ErreurPublication, match=r"has 0 rows of marts\.dim_source, its Parquet \d"):
        signer(export, RELEASE)


def test_rows_set_beside_their_neighbours_stand_by_departement(construire, dossier) -> None:
    par_departement = replace(PROMESSES["fct_indicateurs"], par_departement=True)
    promesses = {**PROMESSES, "fct_indicateurs": par_departement}
    export = exporter(construire(), dossier, MASQUEES, promesses=promesses)
    signer(export, RELEASE)
    with duckdb.connect(str(dossier / "ctg.duckdb"), read_only=True) as con:
        rangees = con.execute("from marts.fct_indicateurs").fetchall()
        lues = [(c, i, m) for _, _, c, _, m, i, *_ in rangees]
        source = f"read_parquet('{dossier}/parquet/fct_indicateurs.parquet')"
        assert sorted(rangees, key=str) == sorted(con.execute(f"from {source}").fetchall(), key=str)
    # Ain before Drôme, then each figure of all its communes; the département after them.
    assert lues == [
        ("01001", "mediane_niveau_vie", 2019),
        ("01001", "nb_foyers_allocataires", 2022),
        ("01001", "part_allocataires_rsa", 2022),
        ("26220", "mediane_niveau_vie", 2019),
        ("26220", "nb_foyers_allocataires", 2022),
        ("26220", "part_allocataires_rsa", 2022),
        ("01", "mediane_niveau_vie", 2019),
        *(ligne for ligne in lues if ligne[0] == "200068229"),
    ]


def test_base_holds_to_the_keys_that_marts_promise(construire, dossier) -> None:
    export = exporter(construire(), dossier, MASQUEES, promesses=PROMESSES)
    signer(export, RELEASE)
    with duckdb.connect(str(dossier / "ctg.duckdb"), read_only=True) as con:
        cles = dict(
            con.execute(
                "select table_name, constraint_column_names from duckdb_constraints()"
                " where constraint_type = 'PRIMARY KEY'"
            ).fetchall()
        )
        pleines = {
            (table, colonne)
            for table, colonne in con.execute(
                "select table_name, column_name from duckdb_columns() where not is_nullable"
            ).fetchall()
        }
        (dite,) = con.execute(
            "select comment from duckdb_tables() where table_name = 'fct_indicateurs'"
        ).fetchone() or ("",)
    # A long table has none, for want of room for its index, and says what it is; a key with an empty cell is
    # none.
    assert cles == {
        "dim_territoire": ["territoire_id"],
        "dim_indicateur": ["indicateur_id"],
        "mart_portrait_social": ["territoire_id", "millesime"],
        "dim_release": ["release_id"],
    }
    assert dite == "Table de référence, l'essentiel Clé : territoire_id, millesime, indicateur_id."
    assert pleines == {
        (table, colonne) for table, dites in PROMESSES.items() for colonne in dites.sans_vide
    } | {("dim_release", "release_id")}
    paquet = json.loads((dossier / "datapackage.json").read_bytes())
    requises = {
        (r["name"], champ["name"])
        for r in paquet["resources"]
        for champ in r["schema"]["fields"]
        if champ.get("constraints") == {"required": True}
    }
    assert requises == pleines - {("dim_release", "release_id")}
    primaires = {
        r["name"]: r["schema"]["primaryKey"] for r in paquet["resources"] if "primaryKey" in r["schema"]
    }
    assert primaires == {n: list(p.cle) for n, p in PROMESSES.items() if n != "dim_fichier"}
    # One to a table that this release has not would be a key to nothing.
    assert {
        r["name"]: r["schema"]["foreignKeys"] for r in paquet["resources"] if "foreignKeys" in r["schema"]
    } == {
        "fct_indicateurs": [
            {"fields": [c], "reference": {"resource": t, "fields": [c]}}
            for c, t in (("territoire_id", "dim_territoire"), ("indicateur_id", "dim_indicateur"))
        ]
    }


@pytest.mark.parametrize(
    ("rompre", "dite"),
    [
        ("update marts.dim_territoire set libelle = null where code = '26220'", "dim_territoire.*libelle"),
        (
            "insert into marts.dim_territoire from marts.dim_territoire limit 1",
            "dim_territoire.*duplicate key",
        ),
    ],
)
def test_a_broken_promise_stops_the_release(construire, dossier, rompre: str, dite: str) -> None:
    export = exporter(construire(rompre), dossier, MASQUEES, promesses=PROMESSES)
    with pytest.raises(ErreurPublication, match=rf"marts\.{dite}"):
        signer(export, RELEASE)


def test_a_promise_about_a_column_that_is_not_there_stops_the_export(construire, dossier) -> None:
    promesses = {"dim_source": Promesses(("source_id",), frozenset({"source_id", "absente"}))}
    with pytest.raises(ErreurPublication, match=r"dim_source promises something of column\(s\) absente"):
        exporter(construire(), dossier, MASQUEES, promesses=promesses)


def test_parquet_carries_the_descriptions(construire, dossier) -> None:
    exporter(construire(), dossier, MASQUEES, promesses=PROMESSES)
    schema = pq.read_schema(dossier / "parquet/fct_indicateurs.parquet")
    assert schema.metadata == {
        b"description": "Table de référence, l'essentiel".encode(),
        b"primary_key": b"territoire_id,millesime,indicateur_id",
    }
    assert schema.field("valeur").metadata == {b"description": "Valeur dans l'unité affichée".encode()}
    large = pq.read_schema(dossier / "parquet/mart_portrait_social.parquet")
    assert large.field("part_allocataires_rsa").metadata == {b"description": b"Part des foyers au RSA"}


def test_datapackage_is_enough_to_read_every_csv_back(construire, dossier) -> None:
    """Read the CSV with nothing but what the package declares, and find the Parquet again, rounded."""
    tables = exporter(construire(), dossier, MASQUEES, promesses=PROMESSES).tables
    paquet = json.loads((dossier / "datapackage.json").read_bytes())
    assert [r["name"] for r in paquet["resources"]] == [table.nom for table in tables]
    assert paquet["licenses"] == [{"name": "licence-ouverte-2-0", "title": "Licence Ouverte 2.0"}]
    lecture = {
        "string": str,
        "integer": int,
        "number": lambda texte: float(texte.replace(",", ".")),
        "date": date.fromisoformat,
    }
    decimales = dict(
        duckdb.sql(
            f"select indicateur_id, decimales from '{dossier}/parquet/dim_indicateur.parquet'"
        ).fetchall()
    )
    for ressource in paquet["resources"]:
        fichier = dossier / ressource["path"]
        assert (
            ressource["hash"] == f"sha256:{sha256_fichier(fichier)}"
            and ressource["bytes"] == fichier.stat().st_size
        )

        def lu(champ: dict[str, Any], texte: str) -> Any:
            if not texte:
                return None
            if champ["type"] == "boolean":
                return {
                    **dict.fromkeys(champ["trueValues"], True),
                    **dict.fromkeys(champ["falseValues"], False),
                }[texte]
            return lecture[champ["type"]](texte)

        lus = [
            {champ["name"]: lu(champ, ligne[champ["name"]]) for champ in ressource["schema"]["fields"]}
            for ligne in lire(fichier)
        ]
        attendus = lignes(duckdb.connect(), f"from '{dossier}/parquet/{ressource['name']}.parquet'")
        for ligne in attendus:
            for nom, valeur in ligne.items():
                if isinstance(valeur, float):
                    indicateur = nom if nom in decimales else ligne["indicateur_id"]
                    fine = nom in ("numerateur", "denominateur")
                    ligne[nom] = arrondi(valeur, 4 if fine else decimales[indicateur])
        assert lus == attendus
    fct = next(r for r in paquet["resources"] if r["name"] == "fct_indicateurs")
    assert fct["schema"]["primaryKey"] == ["territoire_id", "millesime", "indicateur_id"]


def test_a_table_that_is_not_for_spreadsheets_is_described_by_its_parquet(construire, dossier) -> None:
    exporter(construire(), dossier, MASQUEES, frozenset({"fct_indicateurs"}), PROMESSES)
    assert not (dossier / "csv/fct_indicateurs.csv").exists() and (dossier / "csv/dim_source.csv").exists()
    paquet = json.loads((dossier / "datapackage.json").read_bytes())
    (fct,) = (r for r in paquet["resources"] if r["name"] == "fct_indicateurs")
    assert (fct["path"], fct["format"]) == ("parquet/fct_indicateurs.parquet", "parquet")
    assert fct["hash"] == f"sha256:{sha256_fichier(dossier / fct['path'])}"
    assert fct["schema"]["primaryKey"] == ["territoire_id", "millesime", "indicateur_id"]
    assert not any("decimalChar" in champ for champ in fct["schema"]["fields"])


def test_dictionary_covers_every_indicateur_and_every_column(construire, dossier) -> None:
    hors_csv = frozenset({"passage_communes"})
    tables = exporter(construire(), dossier, MASQUEES, hors_csv, promesses=PROMESSES).tables
    page = (dossier / "dictionnaire.md").read_text()
    sans_csv = [bloc.split("`")[1] for bloc in page.split("\n### ") if "\nPas de CSV" in bloc]
    assert sans_csv == ["passage_communes"] and not (dossier / "csv" / "passage_communes.csv").exists()
    # Of each statut that the table of statuts gives a mark, there is no value.
    marques = [ligne for ligne in page.splitlines() if re.match(r"\| `\w+` \| .* \| `\w+` \|$", ligne)]
    assert len(marques) == len(MARQUES) == 4 and "vide sous les quatre derniers statuts" in page
    assert "| `nb_foyers_allocataires` | Foyers allocataires | Foyers avec un droit \\| décembre |" in page
    assert "| non : source jamais reçue : caf_equipements |" in page
    assert "Clé : `territoire_id`, `millesime`, `indicateur_id`." in page
    lignes = lire(dossier / "dictionnaire.csv")
    assert [(ligne["table"], ligne["colonne"]) for ligne in lignes] == [
        (table.nom, colonne.nom) for table in tables for colonne in table.colonnes
    ]
    large = next(ligne for ligne in lignes if ligne["colonne"] == "part_allocataires_rsa")
    assert (large["unite"], large["description"]) == ("pourcent", "Part des foyers au RSA")


def test_an_unfinished_build_is_refused(construire, dossier, tmp_path) -> None:
    moins = construire("drop table marts.fct_indicateurs; drop table marts.dim_fichier")
    with pytest.raises(ErreurPublication, match="lacks dim_fichier, fct_indicateurs in schema marts"):
        exporter(moins, dossier, MASQUEES)
    with pytest.raises(ErreurPublication, match="No build file"):
        exporter(tmp_path / "absent.duckdb", dossier, MASQUEES)
