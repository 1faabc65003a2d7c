"""The scan of exported files: each kind of leak planted once, and found by the name of its place."""

import gzip
import io
import zipfile
import zlib
from pathlib import Path

import duckdb
import pytest

from confidentialite.preuve import balayage
from confidentialite.preuve.balayage import balayer

PSEUDONYME = "0123456789abcdef" * 4
CANARI = "canari-8f2e"


@pytest.fixture
def dossier(tmp_path: Path) -> Path:
    """A clean release: a long table and a wide one in three formats, a report."""
    racine = tmp_path / "release"
    for nom in ("parquet", "csv", "validation"):
        (racine / nom).mkdir(parents=True)
    tables(racine)
    (racine / "validation" / "rapport.html").write_text("<p>rien</p>")
    return racine


def tables(racine: Path, *modifications: str) -> None:
    """Write the tables, changed by SQL on `long` and `large`."""
    base = racine / "ctg.duckdb"
    base.unlink(missing_ok=True)
    with duckdb.connect(str(base)) as con:
        con.execute(
            """
            create schema marts; use marts;
            create table long as from (values
                ('commune:1', 'secret', null::double, null::double, null::double, null::double, 'x'),
                ('commune:2', 'observe', 12.0, 3.0, 25.0, 12.0, 'y')
            ) t(territoire_id, statut, valeur, numerateur, denominateur, borne_haute, motif);
            create table large as from (values
                ('commune:1', null::double, 'secret'), ('commune:2', 12.0, 'observe')
            ) t(territoire_id, nb_rsa, nb_rsa_statut);
            """
        )
        for modification in modifications:
            con.execute(modification)
        for table in ("long", "large"):
            con.execute(f"copy {table} to '{racine}/parquet/{table}.parquet'")
            con.execute(
                f"copy (select columns(c -> true)::varchar from {table}) to '{racine}/csv/{table}.csv'"
                " (header, delim ';', nullstr 's')"
            )


def places(dossier: Path, **options: object) -> set[tuple[str, str]]:
    return {(t.fichier, t.table) for t in balayer(dossier, **options)}  # type: ignore[arg-type]


def test_a_clean_release_is_clean(dossier: Path) -> None:
    assert balayer(dossier, canaris=[CANARI]) == []


@pytest.mark.parametrize(
    "nom", ["csv/long.ndjson", "parquet/long.feather", "site/long.arrow", "csv/part-0", "csv/a.ndjson.gz"]
)
def test_a_form_whose_figures_are_not_read_is_named(dossier: Path, nom: str) -> None:
    (dossier / nom).parent.mkdir(exist_ok=True)
    (dossier / nom).write_text('{"territoire_id": "commune:1", "valeur": 3, "statut": "secret"}\n')
    trouvees = balayer(dossier)
    assert {t.fichier for t in trouvees} == {nom}
    assert "whose figures the scan cannot read" in trouvees[-1].motif


def test_a_compressed_csv_hides_nothing(dossier: Path) -> None:
    """It is read as the CSV it is: its columns, its texts."""

    def compresser() -> None:
        for fichier in dossier.glob("csv/*.csv"):
            fichier.with_name(f"{fichier.name}.gz").write_bytes(gzip.compress(fichier.read_bytes()))
            fichier.unlink()

    declarees = {"long": ["valeur"], "large": ["nb_rsa"]}
    compresser()
    assert balayer(dossier, masquees=declarees, canaris=[CANARI]) == []
    for fuite, motif in {
        "valeur = 3": "column valeur shows 1 figure(s) under statut secret",
        f"motif = '{CANARI}'": "column motif: holds a text planted in the zones behind",
        f"motif = '{PSEUDONYME}'": "column motif: holds 64 hexadecimal digits that are no digest of this"
        " release: the form of a pseudonym",
    }.items():
        tables(dossier, f"update long set {fuite} where statut = 'secret'")
        compresser()
        trouvailles = balayer(dossier, masquees=declarees, canaris=[CANARI])
        assert motif in {t.motif for t in trouvailles if t.fichier == "csv/long.csv.gz"}


@pytest.mark.parametrize("encodage", ["utf-16", "latin-1"])
def test_a_csv_that_is_not_utf_8_is_named(dossier: Path, encodage: str) -> None:
    texte = "territoire_id;libellé;valeur;statut\r\ncommune:1;Buis;3;secret\r\n"
    (dossier / "csv" / "long.csv").write_bytes(texte.encode(encodage))
    assert [str(t) for t in balayer(dossier)] == ["csv/long.csv: is not UTF-8, so nobody knows what it holds"]


def test_headings_of_a_csv_are_read_as_a_reader_does(dossier: Path) -> None:
    """Behind a byte order mark, in quotes, the separator in one of them, blanks around, or told twice."""
    for titres in (
        *('\ufeffvaleur;"nom; ou code";statut', "valeur; statut;autre"),
        *('"valeur";statut;statut', "valeur;statut;Statut", "valeur;statut;statut_2"),
    ):
        (dossier / "csv" / "autre.csv").write_text(f"{titres}\r\n3;secret;secret\r\n", encoding="utf-8")
        (trouvee,) = balayer(dossier)
        assert str(trouvee) == "csv/autre.csv: column valeur shows 1 figure(s) under statut secret"


def test_a_csv_whose_lines_are_not_its_headings_is_named_and_none_is_quoted(dossier: Path) -> None:
    (dossier / "csv" / "autre.csv").write_text("valeur;statut\r\n12;observe\r\n3;secret;4\r\n")
    assert [str(t) for t in balayer(dossier)] == ["csv/autre.csv: is no table, so nobody knows what it holds"]


@pytest.mark.parametrize("colonne", ["valeur", "numerateur", "denominateur", "borne_haute"])
def test_a_figure_under_statut_secret_is_found_in_every_format(dossier: Path, colonne: str) -> None:
    tables(dossier, f"update long set {colonne} = 3 where statut = 'secret'")
    trouvailles = balayer(dossier)
    assert {(t.fichier, t.table) for t in trouvailles} == {
        ("ctg.duckdb", "marts.long"),
        ("csv/long.csv", ""),
        ("parquet/long.parquet", ""),
    }
    assert all(colonne in t.motif and "3" not in t.motif for t in trouvailles)


def test_a_figure_beside_a_secret_statut_is_found_in_a_wide_mart(dossier: Path) -> None:
    tables(dossier, "update large set nb_rsa = 3 where nb_rsa_statut = 'secret'")
    assert {f for f, _ in places(dossier)} == {"ctg.duckdb", "csv/large.csv", "parquet/large.parquet"}


def test_nothing_but_marts_is_in_the_database(dossier: Path) -> None:
    tables(dossier, "create schema intermediate; create table intermediate.int_x as select 1 as a")
    assert "holds schema intermediate beside marts" in {t.motif for t in balayer(dossier)}
    tables(dossier, "create table main.brut as select 1 as a")
    assert "holds schema main beside marts" in {t.motif for t in balayer(dossier)}
    tables(dossier, "create view marts.v as select 1 as a")
    assert ("ctg.duckdb", "") in places(dossier)


@pytest.mark.parametrize("colonne", ["pseudonyme", "quotient_familial", "montant_rsa", "max1", "enfants_0_2"])
def test_no_column_of_the_zones_behind(dossier: Path, colonne: str) -> None:
    tables(dossier, f"alter table long add column {colonne} integer")
    assert len(places(dossier)) == 3


def test_what_looks_like_a_pseudonym_is_found_unless_it_is_a_known_digest(dossier: Path) -> None:
    tables(dossier, f"update long set motif = 'voir {PSEUDONYME}' where statut = 'observe'")
    assert places(dossier) == {
        ("ctg.duckdb", "marts.long"),
        ("csv/long.csv", ""),
        ("parquet/long.parquet", ""),
    }
    assert balayer(dossier, autorises=[PSEUDONYME]) == []


MASQUEES = {
    "long": {"valeur", "numerateur", "denominateur", "borne_haute"},
    "large": {"nb_rsa"},
}


def test_columns_declared_masked_are_looked_into_whatever_their_name(dossier: Path) -> None:
    tables(dossier, "alter table long add column repere double", "update long set repere = 3")
    assert balayer(dossier) == []
    assert balayer(dossier, masquees=MASQUEES) == []
    declarees = {**MASQUEES, "long": MASQUEES["long"] | {"repere"}}
    trouvailles = balayer(dossier, masquees=declarees)
    assert {t.fichier for t in trouvailles} == {"ctg.duckdb", "csv/long.csv", "parquet/long.parquet"}
    assert {t.motif for t in trouvailles} == {"column repere shows 1 figure(s) under statut secret"}


@pytest.mark.parametrize(
    ("masquees", "motif"),
    [
        ({"long": MASQUEES["long"]}, "is a table of which nobody declared what masks blank"),
        ({**MASQUEES, "large": {"nb_aah"}}, "lacks column nb_aah, which masks blank"),
        (
            {**MASQUEES, "large": {"territoire_id"}},
            "has no statut for column territoire_id, which masks blank",
        ),
    ],
)
def test_a_declaration_that_does_not_fit_the_tables_is_told(
    dossier: Path, masquees: dict[str, set[str]], motif: str
) -> None:
    trouvailles = balayer(dossier, masquees=masquees)
    assert {t.motif for t in trouvailles} == {motif}
    assert {t.fichier for t in trouvailles} == {"ctg.duckdb", "csv/large.csv", "parquet/large.parquet"}


@pytest.mark.parametrize("avant", [0, 1, 7, 37, 64, 127])
def test_a_pseudonym_astride_two_blocks_of_a_large_file_is_found(
    dossier: Path, monkeypatch: pytest.MonkeyPatch, avant: int
) -> None:
    monkeypatch.setattr(balayage, "_BLOC", 1 << 12)
    remplissage = (b"x\n" * (1 << 12))[: (1 << 12) - avant]
    (dossier / "validation" / "long.csv").write_bytes(remplissage + PSEUDONYME.encode() + b"\nx\n")
    assert ("validation/long.csv", "") in places(dossier)


def archive(membres: dict[str, bytes]) -> bytes:
    tampon = io.BytesIO()
    with zipfile.ZipFile(tampon, "w", zipfile.ZIP_DEFLATED) as z:
        for nom, contenu in membres.items():
            z.writestr(nom, contenu)
    return tampon.getvalue()


@pytest.mark.parametrize("texte", [CANARI, PSEUDONYME])
@pytest.mark.parametrize(
    "nom",
    ["rapport.html", "rapport.json", "nuit.log", "tableau.xlsx", "portrait.pptx", "portrait.pdf"],
)
def test_planted_texts_are_found_wherever_they_hide(dossier: Path, nom: str, texte: str) -> None:
    octets = f"<v>{texte}</v>".encode()
    contenu = {
        "tableau.xlsx": archive({"xl/worksheets/sheet2.xml": octets}),
        # A deck with an embedded workbook.
        "portrait.pptx": archive({"ppt/embeddings/a.xlsx": archive({"xl/sharedStrings.xml": octets})}),
        "portrait.pdf": b"%PDF-1.7\n1 0 obj\nstream\n" + zlib.compress(octets) + b"\nendstream\nendobj",
    }.get(nom, octets)
    (dossier / "validation" / nom).write_bytes(contenu)
    (trouvaille,) = {t.fichier for t in balayer(dossier, canaris=[CANARI])}
    assert trouvaille == f"validation/{nom}"
    assert texte not in " ".join(map(str, balayer(dossier, canaris=[CANARI])))


def test_a_canary_in_utf_16_is_found(dossier: Path) -> None:
    (dossier / "validation" / "export.txt").write_bytes(f"a;{CANARI}".encode("utf-16-le"))
    assert places(dossier, canaris=[CANARI]) == {("validation/export.txt", "")}


def test_a_canary_in_a_compressed_column_is_found(dossier: Path) -> None:
    tables(dossier, f"update large set territoire_id = '{CANARI}'")
    assert len(places(dossier, canaris=[CANARI])) == 3
