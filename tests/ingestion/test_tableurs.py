"""Tables that people fill in: from the empty template to the typed file, and what they get wrong."""

import csv
import datetime
import io
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import pytest
from openpyxl import Workbook, load_workbook
from petite_source import typer

from ingestion.acquisition import Acquisition, Profil
from ingestion.cog import Cog
from ingestion.contrats import Ressource, charger_contrats
from ingestion.contrats.grammaire import FormatTableur
from ingestion.erreurs import ErreurSource
from ingestion.gabarits import FormatModele, ecrire_modele
from ingestion.journal import Etat
from ingestion.typage import Normalise

CONTRATS = charger_contrats()
A_LA_MAIN = [
    pytest.param(r, id=r.table)
    for c in CONTRATS.values()
    for r in c.ressources.values()
    if isinstance(r.format, FormatTableur)
]
STRUCTURES = CONTRATS["caf_equipements"].ressources["structures"]
ACTIONS = CONTRATS["ctg_plan_actions"].ressources["actions"]


def lire(chemin: Path, r: Ressource, millesime: int = 2025) -> Normalise:
    return typer(chemin, r, millesime)


def exemples(r: Ressource) -> list[str]:
    return [str(c.exemple) for c in r.columns.values()]


@pytest.mark.parametrize("format", get_args(FormatModele))
@pytest.mark.parametrize("r", A_LA_MAIN)
def test_a_template_filled_with_its_own_examples_is_accepted(
    tmp_path: Path, r: Ressource, format: FormatModele
) -> None:
    """What the guide shows as an example, and every value of a list, passes the contract as it is."""
    modele = ecrire_modele(r, format, tmp_path)[0]
    if format == "csv":
        with modele.open("a", encoding="utf-8", newline="") as f:
            csv.writer(f, delimiter=";").writerow(exemples(r))
    else:
        classeur = load_workbook(modele)
        assert [f.title for f in classeur] == [r.nom, "guide"]
        saisie, guide = classeur.worksheets
        saisie.append(exemples(r))
        classeur.save(modele)
        assert [ligne[0].value for ligne in guide.iter_rows(min_row=2, max_row=len(r.columns) + 1)] == [
            *r.columns
        ]
        # A spreadsheet drops a list of values longer than this.
        listes = [str(v.formula1) for v in saisie.data_validations.dataValidation]
        assert len(listes) == sum(bool(c.values) for c in r.columns.values())
        assert all(len(liste) <= 255 for liste in listes)
    annee = int(exemples(r)[0]) if r.colonne_annee == next(iter(r.columns)) else 2025
    table = lire(modele, r, annee).table
    assert table.num_rows == 1
    assert all(table[nom][0].is_valid for nom in r.columns)


Remplir = Callable[..., Path]


@pytest.fixture(params=get_args(FormatModele))
def remplir(request: pytest.FixtureRequest, tmp_path: Path) -> Remplir:
    """Write one action, as CSV or as a workbook, with some cells changed; give the file's path."""

    def faire(*lignes: dict[str, Any], nom: str = "actions") -> Path:
        cellules = [[*ACTIONS.columns]] + [
            [({k: c.exemple for k, c in ACTIONS.columns.items()} | ligne)[k] for k in ACTIONS.columns]
            for ligne in lignes
        ]
        # The name says nothing of the content: the bytes do.
        chemin = tmp_path / f"{nom}.table"
        if request.param == "csv":
            texte = io.StringIO()
            csv.writer(texte, delimiter=";").writerows(cellules)
            chemin.write_text(texte.getvalue() + ";" * (len(ACTIONS.columns) - 1) + "\n\n", "utf-8")
        else:
            classeur = Workbook()
            for ligne in cellules:
                classeur.worksheets[0].append(ligne)
            classeur.save(chemin)
        return chemin

    return faire


def test_what_people_write_is_read(remplir: Remplir) -> None:
    nfd = "engage\u0301e"
    chemin = remplir(
        {
            "action_id": " a1 ",
            "debut": "01/09/2025",
            "fin": "nd",
            "pilote": "",
            "statut": nfd,
            "communes": "26220;26063",
            "axes": "axe-1\u00a0; axe-2",
        }
    )
    ligne = lire(chemin, ACTIONS).table.to_pylist()[0]
    assert ligne["action_id"] == "a1"
    assert (ligne["debut"], ligne["fin"]) == (datetime.date(2025, 9, 1), None)
    assert (ligne["fin__marque"], ligne["pilote__marque"], ligne["statut"]) == (
        "manquant",
        "manquant",
        "engagée",
    )
    assert (ligne["communes"], ligne["axes"]) == ("26220 ; 26063", "axe-1 ; axe-2")


@pytest.mark.parametrize(
    ("cellule", "code", "observe", "attendu"),
    [
        ({"statut": "engagee"}, "valeur_hors_liste", "line 2: 'engagee'", "engagée"),
        ({"statut": "en cours"}, "valeur_hors_liste", "'en cours'", "engagée"),
        ({"intitule": ""}, "valeur_absente", "line 2: ''", "none"),
        ({"debut": "septembre 2025"}, "valeur_illisible", "'septembre 2025'", "AAAA-MM-JJ"),
        ({"debut": "31/02/2025"}, "valeur_illisible", "'2025-02-31'", "AAAA-MM-JJ"),
        ({"debut": "9/1/25"}, "valeur_illisible", "'9/1/25'", "AAAA-MM-JJ"),
        ({"communes": "26220, 26063"}, "valeur_illisible", "'26220, 26063'", "' ; ' between two"),
        ({"communes": "26220 ; Nyons"}, "valeur_illisible", "Nyons", "code of commune"),
        ({"structures_accompagnees": "deux"}, "valeur_illisible", "'deux'", "a whole number"),
    ],
)
def test_what_nobody_can_read_is_told_with_its_place(
    remplir: Remplir, cellule: dict[str, str], code: str, observe: str, attendu: str
) -> None:
    with pytest.raises(ErreurSource) as e:
        lire(remplir(cellule), ACTIONS)
    assert (e.value.code, e.value.ligne) == (code, 2)
    assert next(iter(cellule)) in str(e.value.colonne)
    assert observe in e.value.observe and attendu in e.value.attendu
    assert "depot/ctg_plan_actions/actions/2025/" in e.value.que_faire


@pytest.mark.parametrize(
    ("texte", "observe"),
    [
        ("Écrire à jeanne.durand@exemple.fr", "a mail address"),
        ("Permanence au 04 75 00 00 00", "a telephone number"),
        ("Permanence au +33 (0)4.75.00.00.00", "a telephone number"),
        ("Pilotage par Mme Durand", "a person's name after a title"),
        ("Pilotage par M. Élie", "a person's name after a title"),
        ("Permanence au 04\u00a075\u202f00\u00a000\u00a000", "a telephone number"),
        ("Permanence au 0033 4 75 00 00 00", "a telephone number"),
        ("Pilotage par M.\u00a0Durand", "a person's name after a title"),
        ("Pilotage par Mme\u202fDurand", "a person's name after a title"),
    ],
)
def test_a_text_that_is_published_names_nobody(remplir: Remplir, texte: str, observe: str) -> None:
    """The error goes to the journal: it says where, and does not repeat it."""
    with pytest.raises(ErreurSource) as e:
        lire(remplir({}, {"action_id": "a2", "intitule": texte}), ACTIONS)
    assert (e.value.code, e.value.ligne) == ("personne_nommee", 3)
    assert e.value.observe == f"{observe}, line 3" and texte not in str(e.value)
    assert "correct the table at that place" in e.value.que_faire


@pytest.mark.parametrize(
    ("ressource", "colonne"),
    [
        ("conventions", "version"),
        ("signataires", "acteur_id"),
        ("signataires", "role"),
        ("actions", "pilote"),
    ],
)
def test_nor_does_an_identifier_that_is_shown_where_no_actor_has_it(
    ressource: str, colonne: str, tmp_path: Path
) -> None:
    """A pilot that is in no table of actors is shown as it is written."""
    r = CONTRATS["ctg_plan_actions"].ressources[ressource]
    modele = ecrire_modele(r, "csv", tmp_path)[0]
    ligne = dict(zip(r.columns, exemples(r), strict=True)) | {colonne: "Mme Claire Durand, 06 12 34 56 78"}
    modele.write_text(modele.read_text("utf-8") + ";".join(f'"{c}"' for c in ligne.values()), "utf-8")
    with pytest.raises(ErreurSource) as e:
        lire(modele, r)
    assert e.value.code == "personne_nommee" and str(e.value.colonne).endswith(f"({colonne})")


def test_functions_and_bodies_are_named(remplir: Remplir) -> None:
    intitules = ("@soft et la CC-BDP", "M. le maire, la DGS", "Mmes et MM. les élus", "26 000 000 00 EUR")
    lignes = [{"action_id": f"a{i}", "intitule": t} for i, t in enumerate(intitules)]
    assert lire(remplir(*lignes), ACTIONS).table["intitule"].to_pylist() == [*intitules]


def test_a_key_written_twice_is_told_with_both_lines(remplir: Remplir) -> None:
    with pytest.raises(ErreurSource) as e:
        lire(remplir({}, {"intitule": "autre"}), ACTIONS)
    assert e.value.code == "cle_dupliquee" and "(also line 3)" in e.value.observe


def test_an_identifier_that_readers_will_write_is_plain(tmp_path: Path) -> None:
    conventions = CONTRATS["ctg_plan_actions"].ressources["conventions"]
    modele = ecrire_modele(conventions, "csv", tmp_path)[0]
    ligne = ["CTG Baronnies", *exemples(conventions)[1:]]
    modele.write_text(modele.read_text("utf-8") + ";".join(f'"{c}"' for c in ligne), "utf-8")
    with pytest.raises(ErreurSource, match="in lower case") as e:
        lire(modele, conventions)
    assert (e.value.code, e.value.ligne) == ("valeur_illisible", 2)


def test_a_list_of_communes_is_checked_against_the_cog(tmp_path: Path) -> None:
    modele = ecrire_modele(STRUCTURES, "csv", tmp_path)[0]
    with modele.open("a", encoding="utf-8", newline="") as f:
        csv.writer(f, delimiter=";").writerow(exemples(STRUCTURES))
    connues = frozenset({"26063", "26220"})
    typer(modele, STRUCTURES, 2024, Cog(2024, "c", connues, frozenset()))
    with pytest.raises(ErreurSource, match="line 2: '26220'") as e:
        typer(modele, STRUCTURES, 2024, Cog(2024, "c", connues - {"26220"}, frozenset()))
    assert (e.value.code, e.value.colonne) == ("codes_hors_cog", "zone_influence")


def test_a_renamed_header_is_told(tmp_path: Path) -> None:
    modele = ecrire_modele(ACTIONS, "csv", tmp_path)[0]
    modele.write_text(modele.read_text("utf-8").replace("intitule", "Intitulé"), "utf-8")
    with pytest.raises(ErreurSource, match=r"missing 'intitule' .renamed 'Intitulé'") as e:
        lire(modele, ACTIONS)
    assert "ctg sources template ctg_plan_actions --ressource actions" in e.value.que_faire


def test_a_csv_saved_in_another_encoding_is_told(tmp_path: Path) -> None:
    modele = ecrire_modele(ACTIONS, "csv", tmp_path)[0]
    modele.write_bytes(";".join(ACTIONS.columns).encode() + "\nd\xe9".encode("latin-1"))
    with pytest.raises(ErreurSource, match="CSV UTF-8") as e:
        lire(modele, ACTIONS)
    assert e.value.code == "encodage"


def test_numbers_and_days_of_a_workbook_are_read_as_such(tmp_path: Path) -> None:
    classeur = Workbook()
    valeurs: dict[str, Any] = {n: c.exemple for n, c in STRUCTURES.columns.items()}
    valeurs |= {
        "annee": 2024,
        "places": 18,
        "montant_caf": 1234.5,
        "agrement_fin": datetime.date(2025, 12, 31),
    }
    valeurs |= {"avip_debut": datetime.datetime(2023, 9, 1), "montant_bonus_territoire": "1234,5"}
    for ligne in ([*valeurs], [*valeurs.values()]):
        classeur.worksheets[0].append(ligne)
    classeur.save(tmp_path / "s.xlsx")
    lue = lire(tmp_path / "s.xlsx", STRUCTURES, 2024).table.to_pylist()[0]
    assert (lue["annee"], lue["places"]) == (2024, 18)
    assert lue["montant_caf"] == lue["montant_bonus_territoire"]
    assert (lue["avip_debut"], lue["agrement_fin"]) == (
        datetime.date(2023, 9, 1),
        datetime.date(2025, 12, 31),
    )
    # Excel takes 01004 for a number.
    classeur.worksheets[0]["E2"] = 1004
    classeur.save(tmp_path / "s.xlsx")
    with pytest.raises(ErreurSource, match="'1004'"):
        lire(tmp_path / "s.xlsx", STRUCTURES, 2024)


def test_a_broken_formula_is_no_empty_cell(tmp_path: Path) -> None:
    """In the table: what else the workbook holds is nobody's to read."""
    classeur, chemin = Workbook(), tmp_path / "s.xlsx"
    table, brouillon = classeur.worksheets[0], classeur.create_sheet("brouillon")
    for ligne in ([*STRUCTURES.columns], [c.exemple for c in STRUCTURES.columns.values()]):
        table.append(ligne)
    brouillon["B3"] = "#N/A"
    classeur.save(chemin)
    assert lire(chemin, STRUCTURES, 2024).table.num_rows == 1
    table.cell(2, [*STRUCTURES.columns].index("places") + 1).value = "#REF!"
    classeur.save(chemin)
    with pytest.raises(ErreurSource, match="an error of the spreadsheet") as e:
        lire(chemin, STRUCTURES, 2024)
    assert (e.value.code, e.value.colonne, e.value.ligne) == ("valeur_illisible", "places", 2)


def test_a_number_that_a_workbook_computed_has_the_digits_that_it_shows(tmp_path: Path) -> None:
    bilans = CONTRATS["caf_bilans_structures"].ressources["structures"]
    for calcule, lu in (
        (7.5 - 6.7, "0.8"),
        (1 / 30, "0.033333333333333"),
        (0.1 + 0.2 - 0.3, "0"),
        (7.25, "7.25"),
    ):
        classeur = Workbook()
        valeurs: dict[str, Any] = {n: c.exemple for n, c in bilans.columns.items()} | {"etp_vacants": calcule}
        for ligne in ([*valeurs], [*valeurs.values()]):
            classeur.worksheets[0].append(ligne)
        classeur.save(tmp_path / "b.xlsx")
        table = lire(tmp_path / "b.xlsx", bilans, int(valeurs["annee"])).table
        assert table["etp_vacants"][0].as_py() == Decimal(lu)


def test_a_monthly_correction_is_accepted_and_recorded_as_a_revision(tmp_path: Path) -> None:
    """Dropped by hand, corrected, saved under another format: each is in use the same night."""
    (tmp_path / "miroir").mkdir()
    contrats = {"ctg_plan_actions": CONTRATS["ctg_plan_actions"]}
    acquisition = Acquisition(tmp_path, contrats, Profil("mirror", str(tmp_path / "miroir")))
    depot = tmp_path / "depot/ctg_plan_actions/actions/2025"

    def nuit() -> Etat:
        assert not acquisition.recevoir("ctg_plan_actions").refus
        assert not acquisition.normaliser("ctg_plan_actions").refus
        return acquisition.journal().etat("ctg_plan_actions", "actions", 2025)

    ecrire_modele(ACTIONS, "csv", depot)
    (depot / "actions.guide.csv").unlink()
    with (depot / "actions.csv").open("a", newline="") as f:
        csv.writer(f, delimiter=";").writerow(exemples(ACTIONS))
    avant = nuit().accepte
    ecrire_modele(ACTIONS, "xlsx", depot)
    classeur = load_workbook(depot / "actions.xlsx")
    for rang in range(30):
        classeur.worksheets[0].append([f"a{rang}", *exemples(ACTIONS)[1:]])
    classeur.save(depot / "actions.xlsx")
    apres = nuit()
    assert apres.accepte and apres.accepte == apres.candidat != avant
    assert apres.revisions[apres.accepte]["ajoutees"] == 30


def _table(dossier: Path, r: Ressource, sans: set[str]) -> Path:
    lignes = [
        [n for n in r.columns if n not in sans],
        [str(r.columns[n].exemple) for n in r.columns if n not in sans],
    ]
    chemin = dossier / "table.csv"
    chemin.write_text("\n".join(";".join(ligne) for ligne in lignes), "utf-8")
    return chemin


def test_a_table_filled_in_before_a_column_came_is_still_read(tmp_path: Path) -> None:
    """What came later may be left out, all or part, and is then nd; anything else may not."""
    constats = CONTRATS["ctg_plan_actions"].ressources["constats"]
    tardives = {n for n, c in constats.columns.items() if c.facultative}
    assert {"valeur_debut", "remarque_interne"} <= tardives
    for sans in (tardives, {"valeur_debut"}):
        ligne = lire(_table(tmp_path, constats, sans), constats).table.to_pylist()[0]
        assert all(ligne[n] is None for n in sans)
        assert all(ligne[n] is not None for n in constats.columns.keys() - sans)
    with pytest.raises(ErreurSource) as e:
        lire(_table(tmp_path, constats, {*tardives, "nature"}), constats)
    assert (e.value.code, e.value.colonne) == ("colonne_manquante", "nature")
