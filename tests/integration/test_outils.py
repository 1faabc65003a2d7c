"""docs/outils does what it says, on the first night of the demonstration.

Python, R and SQL are run as the pages have them, against the release and a real PostgreSQL; what is printed
is what stands under each block. What no test can run (the tools themselves, Power Query) says so on its page:
of Excel, the figures are looked for in the files that it opens.
"""

import csv
import json
import math
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
from commande import Observatoire
from python_calamine import CalamineWorkbook

from tests import guides
from tests.publication.portraits.conftest import Convertir, convertir
from tests.serveur_postgres import Serveur

__all__ = ["convertir"]

HOTE = "db.caf.example"
"""The server that pages name: here, the socket of a server that this session runs."""
BASE, COMPTE = "observatoire", "brigitte"
FIN = "fin du bloc"
PAGES = {page.stem: page.read_text(encoding="utf-8") for page in guides.OUTILS}
SQL = [
    pytest.param(bloc, id=f"{page} {rang}")
    for page, texte in PAGES.items()
    for rang, bloc in enumerate(bloc for bloc in guides.blocs(texte) if bloc.langue == "sql")
]


@pytest.fixture(scope="module")
def serveur(postgres: Serveur, demonstration: Observatoire) -> Serveur:
    """The release in a database, read by an account as docs/how-to.md makes them."""
    postgres.executer("postgres", f"create database {BASE}")
    sortie = demonstration.ctg("publish", "postgres", "--dsn", postgres.dsn(BASE))
    assert sortie.code == 0, sortie.erreurs
    postgres.executer(BASE, f"create role {COMPTE} login in role ctg_lecture")
    return postgres


def test_outlines_are_joined_to_the_figures_of_the_page_on_maps(demonstration: Observatoire) -> None:
    """Every EPCI of the mart has its outline, in both forms; the join gives what the page says."""
    (bloc,) = guides.blocs(PAGES["qgis"])
    _, *attendus = guides.tableau(bloc.dessous)
    ici = demonstration.courante
    lignes = duckdb.sql(
        "select c.territoire_id, c.libelle, m.taux_couverture_petite_enfance_affichee,"
        f" m.taux_couverture_petite_enfance_millesime from '{ici}/geo/epci.parquet' as c"
        f" inner join '{ici}/parquet/mart_petite_enfance_actuel.parquet' as m using (territoire_id)"
    ).fetchall()
    dits = {libelle: [libelle, affichee, str(annee)] for _, libelle, affichee, annee in lignes}
    assert [dits[ligne[0]] for ligne in attendus] == attendus
    geojson = json.loads((ici / "api" / "v1" / "contours" / "epci.geojson").read_bytes())
    assert {e["properties"]["territoire_id"] for e in geojson["features"]} == {t for t, *_ in lignes}


def test_each_tool_has_a_short_page_that_says_what_was_not_tried() -> None:
    assert {*PAGES} == {"dbeaver", "excel", "metabase", "power-bi", "python", "qgis", "r"}
    assert max(len(texte.splitlines()) for texte in PAGES.values()) <= 80
    assert {page for page, texte in PAGES.items() if guides.NON_ESSAYE in texte} == {*PAGES} - {"python"}
    non_essayes = [b.langue for texte in PAGES.values() for b in guides.blocs(texte) if not b.essaye]
    assert non_essayes == ["r"], "Python and SQL are always run, and R but where Debian has no package"


@pytest.mark.parametrize("bloc", SQL)
def test_a_query_gives_the_table_under_it_from_the_file_and_from_the_server(
    bloc: guides.Bloc, demonstration: Observatoire, serveur: Serveur
) -> None:
    with duckdb.connect(str(demonstration.courante / "ctg.duckdb"), read_only=True) as con:
        lu = con.execute(bloc.code)
        noms, du_fichier = [colonne[0] for colonne in lu.description or ()], lu.fetchall()
    assert serveur.executer(BASE, bloc.code, COMPTE) == du_fichier != []
    if bloc.dessous:
        assert [noms, *([str(case) for case in ligne] for ligne in du_fichier)] == guides.tableau(
            bloc.dessous
        )


def test_python_prints_what_its_page_says(
    demonstration: Observatoire, serveur: Serveur, tmp_path: Path
) -> None:
    _imprime("python", [sys.executable], demonstration, serveur, tmp_path)


def test_r_prints_what_its_page_says(
    rscript: str, demonstration: Observatoire, serveur: Serveur, tmp_path: Path
) -> None:
    _imprime("r", [rscript, "--vanilla"], demonstration, serveur, tmp_path)


def _imprime(
    page: str, programme: list[str], demonstration: Observatoire, serveur: Serveur, dossier: Path
) -> None:
    """Run the blocks of a page one after the other, and compare what each printed."""
    blocs = [bloc for bloc in guides.blocs(PAGES[page]) if bloc.langue == page and bloc.essaye]
    dit = {"python": f"print({FIN!r})", "r": f"writeLines({FIN!r})"}[page]
    lignes = [ligne for bloc in blocs for ligne in (bloc.code, dit)]
    sortie = _lancer(programme, "\n".join(lignes), demonstration, serveur, dossier)
    imprimes = sortie.split(f"{FIN}\n")
    assert len(imprimes) == len(blocs) + 1 > 3
    for bloc, imprime in zip(blocs, imprimes, strict=False):
        assert _lignes(imprime) == _lignes(bloc.dessous), bloc.code


def _lancer(
    programme: list[str], texte: str, demonstration: Observatoire, serveur: Serveur, dossier: Path
) -> str:
    """Run a program as a reader does, where `releases` is."""
    fichier = dossier / "programme"
    fichier.write_text(texte.replace(HOTE, str(serveur.dossier)), encoding="utf-8")
    lance = subprocess.run(
        [*programme, str(fichier)],
        cwd=demonstration.home,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert lance.returncode == 0, lance.stderr
    return lance.stdout


def _lignes(texte: str) -> list[str]:
    return [ligne.rstrip() for ligne in texte.strip("\n").splitlines()]


def test_the_ten_questions_have_the_same_lines_in_r(
    rscript: str, demonstration: Observatoire, serveur: Serveur, tmp_path: Path
) -> None:
    avant = [
        b.code for b in guides.blocs(guides.GUIDE.partition("### 1.")[0]) if b.langue == "r" and b.essaye
    ]
    questions = guides.questions()
    ecrire = "write.csv(reponse, '{}/{}.csv', row.names = FALSE, na = '')"
    lignes = [
        f"reponse <- {{\n{question.r}\n}}\n{ecrire.format(tmp_path, rang)}"
        for rang, question in enumerate(questions)
    ]
    _lancer([rscript, "--vanilla"], "\n".join([*avant, *lignes]), demonstration, serveur, tmp_path)
    for rang, question in enumerate(questions):
        with (tmp_path / f"{rang}.csv").open(encoding="utf-8", newline="") as fichier:
            _, *lues = csv.reader(fichier)
        de_sql = [[_texte(case) for case in ligne] for ligne in demonstration.requete(question.sql)]
        de_r = [[_texte(case) for case in ligne] for ligne in lues]
        assert sorted(de_r) == sorted(de_sql) != [], question.titre


def _texte(valeur: Any) -> str:
    """What a cell says, once R has written it: numbers have 15 digits there."""
    if valeur is None or isinstance(valeur, bool):
        return "" if valeur is None else str(valeur).upper()
    try:
        nombre = float(valeur)
    except ValueError:
        return str(valeur)
    return "" if math.isnan(nombre) else f"{nombre:.12g}"


def test_excel_finds_its_sum_in_the_workbook(demonstration: Observatoire) -> None:
    page = PAGES["excel"]
    chemin = demonstration.courante / "xlsx" / "petite_enfance.xlsx"
    assert chemin.name in page
    _, _, titres, *lignes = CalamineWorkbook.from_path(chemin).get_sheet_by_name("Données").to_python()
    (etape,) = re.findall(r"^2\. Filtrer (.*)$", page, re.MULTILINE)
    filtres = {(nom, valeur) for nom, valeur in re.findall(r"« (.*?) » \((.*?)\)", etape)}
    assert len(filtres) == 3
    (lu,) = re.findall(r"^3\. Lire « (.*?) »", page, re.MULTILINE)
    nombres = [
        ligne[titres.index(lu)]
        for ligne in lignes
        if filtres <= {(titre, _mot(case)) for titre, case in zip(titres, ligne, strict=True)}
    ]
    assert f"La somme des {len(nombres)} communes, en bas de la fenêtre, est {sum(nombres):g} :" in page
    ((epci,),) = demonstration.requete(
        "select nb_naissances from mart_petite_enfance"
        " where territoire_id = 'epci:200068229' and millesime = 2024"
    )
    assert sum(nombres) == epci


def _mot(case: Any) -> str:
    return f"{case:g}" if isinstance(case, float) else str(case)


def test_power_query_would_find_the_lines_of_its_page_in_the_csv(demonstration: Observatoire) -> None:
    """Its M code is not run: DuckDB does its steps, with the file, columns and filters that it names."""
    (bloc,) = (bloc for bloc in guides.blocs(PAGES["excel"]) if bloc.langue == "m")
    (chemin,) = re.findall(r'File\.Contents\(".*\\releases\\current\\(.*?)"\)', bloc.code)
    egaux = dict(re.findall(r'\[(\w+)\] = "(.*?)"', bloc.code))
    colonnes = re.findall(r'"(\w+)"', re.findall(r"\{(\"[^{}]*?\")\}", bloc.code)[0])
    fichier = demonstration.courante / chemin.replace("\\", "/")
    retenues = (
        duckdb.read_csv(str(fichier), sep=";", all_varchar=True)
        .filter(" and ".join(f"{colonne} = '{valeur}'" for colonne, valeur in egaux.items()))
        .select(*colonnes)
        .fetchall()
    )
    page = PAGES["excel"].partition("Ce qu'on doit lire :")[2]
    (attendu,) = re.findall(r"\A\s*((?:^\|.*\n)+)", page, re.MULTILINE)
    assert [colonnes, *map(list, retenues)] == guides.tableau(attendu)


def test_a_spreadsheet_takes_the_zero_of_codes_and_reads_the_rest_of_a_csv(
    demonstration: Observatoire, convertir: Convertir
) -> None:
    """LibreOffice in French, every column left to it: what the page says of a double click."""
    chemin = demonstration.courante / "csv" / "mart_animation_vie_sociale.csv"
    francais = "CSV:59,34,76,1,,1036,false,true"
    (ecrit,) = convertir(chemin, "xlsx:Calc MS Excel 2007 XML", f"--infilter={francais}")
    titres, *lignes = openpyxl.load_workbook(ecrit, read_only=True).worksheets[0].iter_rows(values_only=True)
    lues = {ligne[0]: dict(zip(titres, ligne, strict=True)) for ligne in lignes}
    ((code, devenu),) = set(re.findall(r"`(0\d+)` devient (\d+)", PAGES["excel"]))
    assert str(lues[f"commune:{code}"]["code"]) == devenu
    ((exact,),) = demonstration.requete(
        "select round(structures_avs_10000_hab, 1) from mart_animation_vie_sociale"
        " where territoire_id = 'epci:200068229' and structures_avs_10000_hab is not null"
    )
    epci = lues["epci:200068229"]
    assert (epci["structures_avs_10000_hab"], epci["demonstration"]) == (exact, True)
    assert epci["nb_benevoles_avs"] is None
