"""The workbook of each theme, read back as Excel, LibreOffice and the scan of a release do."""

import csv
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from publication.classeurs import themes
from publication.exports import exporter, signer
from publication.exports.format import Export
from socle.affichage import Unite, afficher
from tests.publication.imprimer import imprimee, tableaux
from tests.publication.petits_marts import MASQUEES, RELEASE, construire_base
from tests.publication.portraits.conftest import Convertir, convertir

__all__ = ["convertir"]

PIEGES = "=1+1", "+33", "-2", "@lien", "a<b & c>d"

# Figures of every nature, in each statut, on territories whose names could be formulas.
LARGE = (
    """
    insert into marts.dim_unite values ('date', 'date', null, null, null, '', ''),
        ('annee', 'annee', null, null, null, '', ''), ('booleen', 'booleen', null, null, null, '', ''),
        ('periode', 'texte', null, null, null, '', '');
    create or replace table marts.dim_indicateur as
    from marts.dim_indicateur where theme <> 'petite_enfance' union all by name
    select i.* replace (v.id as indicateur_id, v.libelle as libelle, v.unite as unite,
        v.decimales as decimales, v.rang as ordre)
    from (from marts.dim_indicateur where indicateur_id = 'nb_eaje') i, (values
        ('nb_eaje', 'Eaje', 'structures', 0, 1), ('taux', '=Taux', 'pourcent', 1, 2),
        ('echeance', 'Échéance', 'date', 0, 3), ('depuis', 'Depuis', 'annee', 0, 4),
        ('zonage', 'Zonage', 'booleen', 0, 5), ('periode', 'Période', 'periode', 0, 6),
        ('prochaine', 'Prochaine échéance', 'date', 0, 7), ('vers', 'Vers', 'annee', 0, 8)
    ) v(id, libelle, unite, decimales, rang);
    create or replace table marts.fct_indicateurs as
    from marts.fct_indicateurs union all by name
    select f.* replace ('commune:0000' || t.rang as territoire_id, '0000' || t.rang as code,
        t.libelle as libelle, 2020 + t.rang as millesime, v.id as indicateur_id, v.valeur as valeur,
        v.texte as valeur_texte, v.statut as statut,
        v.affichee as valeur_affichee, 'petite_enfance' as theme)
    from (from marts.fct_indicateurs where statut = 'observe' limit 1) f,
        (values """
    + ", ".join(f"({rang}, '{nom}')" for rang, nom in enumerate(PIEGES))
    + """) t(rang, libelle),
        (values ('nb_eaje', 18464843.0, null, 'arrondi', '18\u202f464\u202f843'),
            ('taux', -8.25, null, 'partiel', '−8,3\u202f%'),
            ('echeance', null, '2025-12-31', 'observe', '31 décembre 2025'),
            ('depuis', 2019.0, null, 'observe', '2019'), ('zonage', 1.0, null, 'observe', 'oui'),
            ('periode', null, '2025-2029', 'observe', '2025-2029'),
            ('prochaine', null, '2025-06-30', 'partiel', '30 juin 2025'),
            ('vers', 2018.0, null, 'arrondi', '2018')
        ) v(id, valeur, texte, statut, affichee);
    update marts.fct_indicateurs
    set valeur = null, borne_basse = null, borne_haute = null, valeur_affichee = 's', statut = 'secret'
    where indicateur_id = 'taux' and territoire_id = 'commune:00001';
    update marts.fct_indicateurs
    set valeur = null, borne_basse = null, borne_haute = null, valeur_affichee = 'na', statut = 'sans_objet'
    where indicateur_id = 'nb_eaje' and territoire_id = 'commune:00001';
    delete from marts.fct_indicateurs where indicateur_id = 'periode' and territoire_id = 'commune:00001';
    create or replace table marts.mart_petite_enfance as
    select territoire_id, niveau, code, libelle, millesime, demonstration"""
    + "".join(
        f", max({valeur}) filter (indicateur_id = '{nom}') as {nom},"
        f" coalesce(any_value(statut) filter (indicateur_id = '{nom}'), 'non_disponible') as {nom}_statut"
        for nom, valeur in (
            ("nb_eaje", "valeur"),
            ("taux", "valeur"),
            ("echeance", "valeur_texte"),
            ("depuis", "valeur"),
            ("zonage", "valeur"),
            ("periode", "valeur_texte"),
            ("prochaine", "valeur_texte"),
            ("vers", "valeur"),
        )
    )
    + " from marts.fct_indicateurs where theme = 'petite_enfance' group by all;"
)
CLASSEUR = "xlsx/petite_enfance.xlsx"
LARGES = {
    **MASQUEES,
    "mart_petite_enfance": frozenset(
        ["nb_eaje", "taux", "echeance", "depuis", "zonage", "periode", "prochaine", "vers"]
    ),
}

Ecrire = Callable[..., Export]


@pytest.fixture(scope="module")
def ecrire(tmp_path_factory: pytest.TempPathFactory) -> Ecrire:
    """Export the tiny marts, enlarged, in a folder of their own."""

    def faire(modifications: str = "") -> Export:
        dossier = tmp_path_factory.mktemp("export")
        construction = construire_base(dossier.parent / f"{dossier.name}.duckdb", LARGE + modifications)
        export = exporter(construction, dossier, LARGES)
        signer(export, RELEASE)
        return export

    return faire


@pytest.fixture(scope="module")
def export(ecrire: Ecrire) -> Export:
    """The marts as they are, to be read only."""
    return ecrire()


def donnees(export: Export, theme: str = "petite_enfance") -> Worksheet:
    feuille = openpyxl.load_workbook(export.dossier / f"xlsx/{theme}.xlsx")[themes.DONNEES]
    assert isinstance(feuille, Worksheet)
    return feuille


def lignes(feuille: Worksheet) -> dict[tuple[Any, Any], dict[str, Any]]:
    """Cells of each row, by territory and year, under the ids of their columns."""
    ids = [c.value for c in feuille[2]]
    rangees = [dict(zip(ids, r, strict=True)) for r in feuille.iter_rows(min_row=4) if r[0].value]
    return {(r["territoire_id"].value, r["millesime"].value): r for r in rangees}


@pytest.mark.parametrize(
    ("lisibilite", "imprime"), [("intervalle", "entre 31,5 et 83,6\u202f%"), ("trop_peu", "trop peu")]
)
def test_what_is_no_point_is_the_text_that_is_printed(ecrire: Ecrire, lisibilite: str, imprime: str) -> None:
    export = ecrire(
        f"update marts.fct_indicateurs set lisibilite = '{lisibilite}', valeur_affichee = '{imprime}'"
        " where indicateur_id = 'taux' and territoire_id = 'commune:00002';"
    )
    lues = lignes(donnees(export))
    assert (lues["commune:00002", 2022]["taux"].value, lues["commune:00000", 2020]["taux"].value) == (
        imprime,
        -8.3,
    )


@pytest.mark.parametrize(
    ("imprime", "nombre"),
    [("−8\u202f%", -8), ("−10\u202f%", -10), ("−8,3\u202f%", -8.3), ("−8,25\u202f%", -8.25)],
)
def test_no_figure_has_more_digits_than_its_bounds_know(ecrire: Ecrire, imprime: str, nombre: float) -> None:
    export = ecrire(
        "update marts.dim_indicateur set decimales = 2 where indicateur_id = 'taux';"
        f" update marts.fct_indicateurs set valeur_affichee = '{imprime}' where indicateur_id = 'taux'"
        " and statut = 'partiel'"
    )
    lue = lignes(donnees(export))["commune:00002", 2022]["taux"]
    assert (lue.value, imprimee(lue)) == (nombre, f"{imprime} *")


def test_figures_are_numbers_as_they_are_printed_and_marks_are_texts(export: Export) -> None:
    feuille = donnees(export)
    lues = lignes(feuille)
    assert len(lues) == len(PIEGES) and feuille.max_row == 3 + len(PIEGES)
    entier = lues["commune:00000", 2020]
    assert {nom: entier[nom].value for nom in ("nb_eaje", "taux", "depuis", "zonage", "periode")} == {
        "nb_eaje": 18464843,
        "taux": -8.3,
        "depuis": 2019,
        "zonage": "oui",
        "periode": "2025-2029",
    }
    assert entier["echeance"].value.date().isoformat() == "2025-12-31"
    assert entier["code"].value == "00000" and entier["code"].data_type == "s"
    masquee = lues["commune:00001", 2021]
    assert [masquee[nom].value for nom in ("taux", "nb_eaje", "periode")] == ["s", "na", "nd"]
    assert masquee["taux"].font.i and masquee["taux"].alignment.horizontal == "right"


def test_a_day_and_a_year_have_the_mark_of_their_statut_and_stay_a_day_and_a_year(export: Export) -> None:
    entier = lignes(donnees(export))["commune:00000", 2020]
    formats = {nom: entier[nom].number_format for nom in ("echeance", "prochaine")}
    assert formats == {"echeance": "dd/mm/yyyy", "prochaine": 'dd/mm/yyyy" *"'}
    assert (imprimee(entier["depuis"]), imprimee(entier["vers"])) == ("2019", "≈ 2018")
    assert entier["prochaine"].value.date().isoformat() == "2025-06-30"
    assert entier["vers"].value == 2018


def test_a_row_of_headings_filters_and_the_ids_stand_above(export: Export) -> None:
    feuille = donnees(export)
    titres = {c.value: feuille.cell(3, c.column).value for c in feuille[2]}
    assert titres["taux"] == "=Taux (%)" and titres["nb_eaje"] == "Eaje (structures)"
    assert titres["echeance"] == "Échéance" and titres["millesime"] == "Millésime"
    assert feuille.freeze_panes == "D4"
    table = feuille.tables["donnees"]
    assert table.ref == table.autoFilter.ref == f"A3:O{3 + len(PIEGES)}"
    assert [len(list(tableaux(f))) for f in feuille.parent.worksheets] == [1, 1, 1]


def test_no_text_becomes_a_formula(export: Export) -> None:
    feuille = donnees(export)
    noms = {r["libelle"].value: r["libelle"] for r in lignes(feuille).values()}
    assert {*noms} == {*PIEGES}
    for classeur in (export.dossier / "xlsx").iterdir():
        with zipfile.ZipFile(classeur) as archive:
            assert not any(b"<f>" in archive.read(membre) for membre in archive.namelist())
        for lue in openpyxl.load_workbook(classeur).worksheets:
            for cellule in (c for rangee in lue.iter_rows() for c in rangee):
                assert cellule.data_type != "f"
                if isinstance(cellule.value, str) and cellule.value.startswith(("=", "+", "-", "@")):
                    assert cellule.quotePrefix, cellule.coordinate


def test_the_guide_tells_how_to_read_and_the_dictionary_where_each_column_comes_from(export: Export) -> None:
    classeur = openpyxl.load_workbook(export.dossier / "xlsx/portrait_social.xlsx")
    assert classeur.sheetnames == ["Données", "Guide", "Indicateurs"]
    guide = "\n".join(str(c.value) for rangee in classeur["Guide"].iter_rows() for c in rangee if c.value)
    statuts = "Secret statistique", "Non disponible", "Sans objet", "Partiel", "Arrondi"
    for attendu in (RELEASE["release_id"], *statuts):
        assert attendu in guide
    assert "Les autres y portent nd, même sans aucun chiffre de cette année" in guide
    entete, *rangees = [[c.value for c in r] for r in classeur["Indicateurs"].iter_rows()]
    lus = {r[1]: dict(zip(entete, r, strict=True)) for r in rangees}
    assert lus["part_allocataires_rsa"] | {"Niveaux": "", "Définition": ""} == {
        "Indicateur": "Part des foyers au RSA",
        "Identifiant": "part_allocataires_rsa",
        "Définition": "",
        "Univers": "Univers FA : Définition de FA",
        "Unité": "%",
        "Niveaux": "",
        "Sources": "Cnaf, Foyers allocataires",
        "Millésimes": "2022",
    }
    # Only the columns of the mart.
    assert "mediane_niveau_vie" not in lus
    paquet = json.loads((export.dossier / "datapackage.json").read_bytes())
    assert {"path": "xlsx/portrait_social.xlsx", "title": "Portrait social"} in paquet["workbooks"]
    assert all((export.dossier / w["path"]).is_file() for w in paquet["workbooks"])


def test_invented_figures_say_so_on_every_sheet_and_every_row(ecrire: Ecrire, export: Export) -> None:
    inventes = ecrire(
        "update marts.dim_source set demonstration = true;"
        " update marts.mart_petite_enfance set demonstration = true"
    )
    classeur = openpyxl.load_workbook(inventes.dossier / CLASSEUR)
    assert all(str(f["A1"].value).startswith(themes.INVENTES) for f in classeur.worksheets)
    assert all(r["demonstration"].value == "oui" for r in lignes(donnees(inventes)).values())
    vraies = donnees(export)
    assert themes.INVENTES not in str(vraies["A1"].value)
    assert "demonstration" not in {c.value for c in vraies[2]}


def test_the_same_release_gives_the_same_bytes(ecrire: Ecrire, export: Export) -> None:
    melanger = (
        "create table m as from marts.mart_petite_enfance order by hash(territoire_id);"
        " delete from marts.mart_petite_enfance; insert into marts.mart_petite_enfance from m;"
    )
    autre = ecrire(melanger)
    for fichier in (export.dossier / "xlsx").iterdir():
        assert fichier.read_bytes() == (autre.dossier / "xlsx" / fichier.name).read_bytes()
        with zipfile.ZipFile(fichier) as archive:
            membres = archive.infolist()
            assert {i.date_time for i in membres} == {(1980, 1, 31, 0, 0, 0)}
            # ZIP64 (45) or sizes told after the bytes (8): Excel says that it repairs such a file.
            assert {i.extract_version for i in membres} == {20} and not any(i.flag_bits & 8 for i in membres)


def test_a_scope_too_large_keeps_the_years_of_communes_that_most_figures_are_of(
    export: Export, tmp_path: Path
) -> None:
    theme = themes.Theme(
        theme="portrait_social",
        libelle="Portrait social",
        parquet=export.dossier / "parquet",
        indicateurs=[i for i in export.indicateurs if i["theme"] == "portrait_social"],
        colonnes=frozenset({"part_allocataires_rsa"}),
        sources={},
        release_id=RELEASE["release_id"],
        demonstration=False,
    )
    fichier = tmp_path / "large.xlsx"
    with duckdb.connect() as con:
        themes.ecrire(con, theme, fichier, lignes_max=4)
    classeur = openpyxl.load_workbook(fichier)
    gardees = {(r[1].value, r[2].value) for r in classeur["Données"].iter_rows(min_row=4)}
    # Communes have a figure in 2022 alone, and rows in 2019 too; wider territories keep all their years.
    assert gardees == {("Commune", 2022), ("EPCI", 2022), ("Département", 2019)}
    guide = [str(c.value) for r in classeur["Guide"].iter_rows() for c in r]
    assert any("ceux-ci des communes : 2022." in texte for texte in guide)
    assert "ceux-ci des communes" not in str([c.value for r in _guide(export).iter_rows() for c in r])


def test_libreoffice_opens_it_and_prints_figures_as_portraits_do(
    export: Export, convertir: Convertir
) -> None:
    feuilles = convertir(
        export.dossier / CLASSEUR,
        "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,true,false,false,-1",
    )
    (fichier,) = (f for f in feuilles if f.name.endswith("-Données.csv"))
    with fichier.open(encoding="utf-8", newline="") as ouvert:
        _, ids, _, *rangees = csv.reader(ouvert)
    lue = next(dict(zip(ids, r, strict=True)) for r in rangees if "commune:00000" in r)
    pourcent = Unite("pourcent", "nombre", "%", "", "", "", "")
    structures = Unite("structures", "nombre", "", "", "", "", "")
    assert lue["taux"] == f"{afficher(-8.25, pourcent, 1)} *"
    # Thousands are the program's own, a no-break space of either width.
    assert lue["nb_eaje"].replace("\u00a0", "\u202f") == f"≈ {afficher(18464843.0, structures, 0)}"
    assert (lue["echeance"], lue["depuis"], lue["zonage"]) == ("31/12/2025", "2019", "oui")
    assert (lue["prochaine"], lue["vers"]) == ("30/06/2025 *", "≈ 2018")
    assert lue["libelle"] == "=1+1"


def _guide(export: Export) -> Worksheet:
    feuille = openpyxl.load_workbook(export.dossier / "xlsx/portrait_social.xlsx")["Guide"]
    assert isinstance(feuille, Worksheet)
    return feuille
