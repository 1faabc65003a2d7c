"""docs/lire-une-publication.md does what it says, and so do the files that it sends its readers to.

On the first night of the demonstration: its SQL and its Python are run as they stand, what it quotes of
workbooks and CSV is looked for there. Excel is not run; its R, which reads a server, is in `test_outils.py`.
"""

import csv
import io
import json
import math
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import openpyxl
from commande import Observatoire

from tests.guides import GUIDE, blocs, questions
from tests.publication.imprimer import imprimee

QUESTIONS = questions()


def test_there_are_ten_questions_each_with_a_query_of_one_line() -> None:
    assert len(QUESTIONS) == 10
    assert not any("\n" in question.sql for question in QUESTIONS)


def test_sql_and_python_give_the_same_lines(demonstration: Observatoire, tmp_path: Path) -> None:
    (avant,) = [b.code for b in blocs(GUIDE) if b.langue == "python" and b.code.startswith("import pandas")]
    programme = tmp_path / "guide.py"
    lignes = [avant, "import json"]
    for rang, question in enumerate(QUESTIONS):
        lignes += [question.python, f"print(json.dumps([{rang}, reponse.values.tolist()], default=str))"]
    programme.write_text("\n".join(lignes))
    lance = subprocess.run(
        [sys.executable, str(programme)], cwd=demonstration.home, capture_output=True, text=True, check=False
    )
    assert lance.returncode == 0, lance.stderr
    de_python = dict(json.loads(ligne) for ligne in lance.stdout.splitlines())
    for rang, question in enumerate(QUESTIONS):
        de_sql = [tuple(map(_simple, ligne)) for ligne in demonstration.requete(question.sql)]
        lues = [tuple(map(_simple, ligne)) for ligne in de_python[rang]]
        assert de_sql, f"{question.titre}: no line on the demonstration"
        assert sorted(lues, key=repr) == sorted(de_sql, key=repr), question.titre


def test_what_a_question_sends_an_excel_user_to_is_there(demonstration: Observatoire, tmp_path: Path) -> None:
    release, extraits = demonstration.courante, dict[str, set[Any]]()
    for question in QUESTIONS:
        cites = set(re.findall("« (.*?) »", question.excel))
        chemins = re.findall(r"`(xlsx/\w+\.xlsx)`", question.excel)
        for chemin in chemins:
            assert cites and cites <= _rangee(release / chemin, "Données", 3), question.titre
        fichiers = re.findall(r"`(csv/\w+\.csv)`", question.excel)
        for chemin in fichiers:
            with (release / chemin).open(encoding="utf-8-sig", newline="") as ouvert:
                colonnes = next(csv.reader(ouvert, delimiter=";"))
            citees = set(re.findall(r"`(\w+)`", question.excel.partition(chemin)[2]))
            assert citees and citees <= {*colonnes}, question.titre
        commandes = re.findall(r"`ctg (.*?)`", question.excel)
        for commande in commandes:
            verbe, *mots = shlex.split(commande)
            assert verbe in ("extract", "portrait")
            if verbe == "extract" and commande not in extraits:
                sortie = demonstration.ctg(verbe, *mots, "--sortie", str(tmp_path))
                assert sortie.code == 0, sortie.erreurs
                extraits[commande] = _rangee(Path(sortie.sortie.strip()), "Chiffres", 2)
            assert verbe == "portrait" or (cites and cites <= extraits[commande]), question.titre
        assert chemins or fichiers or commandes, question.titre
    assert len(extraits) == 2


def _rangee(classeur: Path, feuille: str, rang: int) -> set[Any]:
    """What a row of a sheet says, the others left unread."""
    livre = openpyxl.load_workbook(classeur, read_only=True)
    try:
        ((*cellules,),) = livre[feuille].iter_rows(min_row=rang, max_row=rang, values_only=True)
        return set(cellules)
    finally:
        livre.close()


def test_a_theme_s_workbook_has_every_figure_of_its_mart(demonstration: Observatoire) -> None:
    """Figures are compared by the scan; here, that no row of a scope of this size is left out."""
    for theme, libelle in demonstration.requete("select distinct theme, theme_libelle from dim_indicateur"):
        livre = openpyxl.load_workbook(demonstration.courante / f"xlsx/{theme}.xlsx", read_only=True)
        feuille = livre["Données"]
        assert libelle in feuille["A1"].value and "chiffres inventés" in feuille["A1"].value
        assert feuille.max_row - 3 == demonstration.requete(f"select count(*) from mart_{theme}")[0][0]
    fichiers = demonstration.manifeste["files"]
    assert {
        f"xlsx/{t}.xlsx" for (t,) in demonstration.requete("select distinct theme from dim_indicateur")
    } <= {*fichiers}


def test_a_theme_s_workbook_prints_the_digits_that_are_printed_everywhere(
    demonstration: Observatoire,
) -> None:
    feuille = openpyxl.load_workbook(demonstration.courante / "xlsx/acces_droits.xlsx")["Données"]
    _, ids, _, *rangees = feuille.iter_rows()
    noms = [c.value for c in ids]
    imprimes = demonstration.requete(
        "select territoire_id, millesime, indicateur_id, valeur_affichee from fct_indicateurs f"
        " join dim_indicateur i using (indicateur_id) where f.theme = 'acces_droits' and i.unite <> 'date'"
    )
    lues = {
        (r[noms.index("territoire_id")].value, r[noms.index("millesime")].value): dict(
            zip(noms, r, strict=True)
        )
        for r in rangees
    }
    assert len(imprimes) > 4_000
    for territoire, annee, indicateur, imprime in imprimes:
        assert imprimee(lues[territoire, annee][indicateur]).removeprefix("≈ ").removesuffix(" *") == imprime


def test_the_figures_of_a_territory_are_taken_away(demonstration: Observatoire, tmp_path: Path) -> None:
    for format_ in ("xlsx", "csv"):
        sortie = demonstration.ctg(
            "extract", "CC des baronnies", "--format", format_, "--sortie", str(tmp_path)
        )
        assert sortie.code == 0, sortie.erreurs
        premier = Path(sortie.sortie.strip()).read_bytes()
        demonstration.ctg("extract", "epci:200068229", "--format", format_, "--sortie", str(tmp_path))
        assert Path(sortie.sortie.strip()).read_bytes() == premier
    attendus = demonstration.requete(
        "select concat_ws('|', indicateur_id, f.territoire_id, f.millesime), f.valeur_affichee, f.valeur,"
        " f.statut, c.valeur_departement, c.valeur_departement_affichee, c.valeur_departement_statut"
        " from fct_indicateurs f"
        " left join mart_comparaisons c using (territoire_id, indicateur_id, millesime)"
        " where f.territoire_id = 'epci:200068229'"
    )
    texte = (tmp_path / "extrait-epci-200068229.csv").read_bytes()
    assert texte.startswith(b"\xef\xbb\xbfTh\xc3\xa8me;")
    de_csv = {
        r["Référence"]: r for r in csv.DictReader(io.StringIO(texte.decode("utf-8-sig")), delimiter=";")
    }
    feuille = openpyxl.load_workbook(tmp_path / "extrait-epci-200068229.xlsx")["Chiffres"]
    assert "chiffres inventés" in str(feuille["A1"].value) and feuille.freeze_panes == "D3"
    titres = [c.value for c in feuille[2]]
    rangees = [dict(zip(titres, r, strict=True)) for r in feuille.iter_rows(min_row=3)]
    de_xlsx = {r["Référence"].value: r for r in rangees}
    assert len(attendus) > 300 and de_csv.keys() == de_xlsx.keys() == {
        reference for reference, *_ in attendus
    }
    marques = {"secret": "s", "non_disponible": "nd", "sans_objet": "na"}
    incertain = re.compile("entre |au plus |au moins |trop peu")
    assert [1 for *_, departement_dit, _ in attendus if departement_dit and incertain.match(departement_dit)]
    for reference, affichee, valeur, statut, departement, departement_dit, departement_statut in attendus:
        lue, ecrite = de_xlsx[reference], de_csv[reference]
        assert lue["Valeur affichée"].value == ecrite["Valeur affichée"] == affichee
        # A sheet has the digits that are printed, and no more; the CSV has those of the mart.
        assert imprimee(lue["Valeur"]) == affichee
        assert imprimee(lue["Département"]) == (departement_dit or "na")
        for colonne, nombre, son in (
            ("Valeur", valeur, statut),
            ("Département", departement, departement_statut or "sans_objet"),
        ):
            if son in marques:
                assert ecrite[colonne] == marques[son]
            elif colonne == "Département" and departement_dit and incertain.match(departement_dit):
                # Its bounds are not in the list, which says no point of what is none.
                assert ecrite[colonne] == departement_dit
            elif nombre is not None:
                assert math.isclose(float(ecrite[colonne].replace(",", ".")), nombre, abs_tol=1e-9)
    un_theme = demonstration.ctg("extract", "nyons", "--theme", "Petite Enfance", "--sortie", str(tmp_path))
    assert un_theme.sortie.strip() == str(tmp_path / "extrait-commune-26220-petite_enfance.xlsx")
    inconnu = demonstration.ctg("extract", "nyons", "--theme", "piscines", "--sortie", str(tmp_path))
    assert inconnu.code == 1 and "parentalite" in inconnu.erreurs


def _simple(valeur: Any) -> Any:
    """What a cell says, whatever read it: no value is None, a number is a float."""
    if valeur is None or (isinstance(valeur, float) and math.isnan(valeur)):
        return None
    return float(valeur) if isinstance(valeur, int | float) and not isinstance(valeur, bool) else valeur
