from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from petite_source import REGISTRE, REGISTRE_2022, typer

from ingestion.bilan import Ecart
from ingestion.cog import Cog, CogsRecus
from ingestion.contrats import Contrat, charger_contrats
from ingestion.erreurs import ErreurSource, relire
from ingestion.typage import Normalise

Normaliser = Callable[..., Normalise]


COG = Cog(2022, "c" * 64, frozenset({"26001", "26002", "2A004", "97101", "75101"}), frozenset({"26"}))
ANNUEL = (
    ("cle: [code]", "cle: [annee, code]"),
    ("    columns:\n", "    columns:\n      annee: {type: year_of_month, description: Month}\n"),
    ("columns: {CODE: code,", "columns: {MOIS: annee, CODE: code,"),
    ("layout: l, cog: 2022", "layout: l, cog: janvier_suivant"),
)
"""A register of several Decembers, each line in the COG of its year."""


@pytest.fixture
def normaliser(tmp_path: Path, contrats: dict[str, Contrat]) -> Normaliser:
    def faire(texte: str, *changes: tuple[str, str], cog: CogsRecus = COG) -> Normalise:
        """Read `texte` by the contract, in which some texts have become others."""
        contrat, chemin = REGISTRE, tmp_path / "r.csv"
        for avant, apres in changes:
            assert avant in contrat
            contrat = contrat.replace(avant, apres)
        chemin.write_text(texte, "utf-8")
        (tmp_path / "sources" / "registre.yml").write_text(contrat)
        r = charger_contrats(tmp_path / "sources")["registre"].ressources["communes"]
        return typer(chemin, r, 2022, cog)

    return faire


def test_values_markers_and_lines(normaliser: Normaliser) -> None:
    rangs = normaliser(REGISTRE_2022).table.to_pylist()
    assert rangs[0] == {
        "code": "26001",
        "foyers": 60,
        "revenu": Decimal("1500.5"),
        "revenu__marque": None,
        "millesime_fichier": 2022,
        "cog_millesime": 2022,
        "fichier_sha256": "f" * 64,
        "ligne": 2,
    }
    assert [(r["revenu"], r["revenu__marque"]) for r in rangs[2:4]] == [(None, "secret"), (None, "manquant")]
    # A rounded zero is a value: neither missing nor secret.
    assert rangs[4]["foyers"] == 0


def test_a_commune_is_told_by_its_departement_and_its_number(normaliser: Normaliser) -> None:
    """Overseas both tell the third digit: where they do not agree, nobody knows which commune it is."""
    avant = "columns: {CODE: code, "
    derive = "derived: {code: {rule: departement_commune, from: [DEP, COM]}}, columns: {DEP: ~, COM: ~, "
    texte = "DEP;COM;FOY22;REV22;NOM\n26;001;60;1;A\n2A;004;5;1;B\n971;101;10;1;C\n"
    lu = normaliser(texte, (avant, derive))
    assert lu.table["code"].to_pylist() == ["26001", "2A004", "97101"]
    with pytest.raises(ErreurSource) as e:
        normaliser(texte.replace("971;101", "972;101"), (avant, derive))
    assert (e.value.code, e.value.ligne) == ("valeur_illisible", 4) and "972 + 101" in e.value.observe


def test_a_copy_of_a_row_is_set_aside_as_long_as_there_are_few(normaliser: Normaliser) -> None:
    """As many as the contract admits; beyond it, or with another value, a key that is twice is refused."""
    avant, admis = "rows: {min: 4, max: 8}\n", "rows: {min: 4, max: 8}\n      repeated_rows: 1\n"
    copie = REGISTRE_2022.splitlines(keepends=True)[2]
    lu = normaliser(REGISTRE_2022 + copie, (avant, admis))
    assert lu.table.num_rows == 5
    assert [(x["code"], x["motif"], x["ligne"]) for x in lu.ecartes.to_pylist()] == [
        ("26002", "ligne_repetee", 7)
    ]
    for de_trop in (copie + copie, copie.replace("1600", "1601")):
        with pytest.raises(ErreurSource, match="cle_dupliquee"):
            normaliser(REGISTRE_2022 + de_trop, (avant, admis))


def test_each_line_is_of_the_cog_of_the_1st_of_january_after_its_year(normaliser: Normaliser) -> None:
    """A producer who never carries communes to others: 26002 merged into 26001 on 1 January 2022."""
    texte = (
        "MOIS;CODE;FOY22;REV22;NOM\n"
        "2020-12;26001;60;1;A\n2020-12;26002;5;1;B\n"
        "2021-12;26001;65;1;A\n2021-12;26002;5;1;B\n"
        "2022-12;26001;70;1;A\n"
    )
    cogs = {
        2021: Cog(2021, "a", frozenset({"26001", "26002"}), frozenset()),
        2022: Cog(2022, "b", frozenset({"26001"}), frozenset()),
    }
    lu = normaliser(texte, *ANNUEL, cog=cogs)
    assert [(x["annee"], x["code"], x["cog_millesime"]) for x in lu.table.to_pylist()] == [
        (2020, "26001", 2021),
        (2020, "26002", 2021),
        (2021, "26001", 2022),
        # COG 2023 was not received: a code is looked for in those that were.
        (2022, "26001", 2023),
    ]
    assert [(x["code"], x["motif"], x["ligne"]) for x in lu.ecartes.to_pylist()] == [("26002", "hors_cog", 5)]
    assert lu.cogs == (2021, 2022, 2023)
    with pytest.raises(ErreurSource) as e:
        normaliser(texte + "2022-12;97801;5;1;C\n", *ANNUEL, cog=cogs)
    assert (e.value.code, e.value.ligne) == ("codes_hors_cog", 5)
    assert e.value.observe.startswith("2 codes outside the COG of 1 January after its year: ")


def test_a_copy_whose_maker_carried_the_communes_to_one_cog_says_so_in_its_layout(
    normaliser: Normaliser,
) -> None:
    texte = "MOIS;CODE;FOY22;REV22;NOM\n2020-12;26001;60;1;A\n2022-12;26001;60;1;A\n"
    copie = ("columns: {MOIS:", "cog: 2022, columns: {MOIS:")
    cogs = {2022: Cog(2022, "b", frozenset({"26001"}), frozenset())}
    lu = normaliser(texte, *ANNUEL, copie, cog=cogs)
    assert set(lu.table["cog_millesime"].to_pylist()) == {2022} and lu.cogs == (2022,)


MILLIERS = ('separator: ";"', 'separator: ";", thousands: "\u202f"')


def test_thousands_are_read_with_their_separator_and_without(normaliser: Normaliser) -> None:
    texte = REGISTRE_2022.replace(";300;", ";2\u202f300;").replace(";1600;", ";1\u202f600;")
    rangs = normaliser(texte, MILLIERS).table.to_pylist()
    assert [r["foyers"] for r in rangs[:2]] == [60, 2300]
    assert rangs[1]["revenu"] == 1600
    with pytest.raises(ErreurSource, match="without separators"):
        normaliser(texte)


@pytest.mark.parametrize("cellule", ["2\u202f30", "\u202f300", "23\u202f00", "2 300"])
def test_a_separator_out_of_place_is_refused(normaliser: Normaliser, cellule: str) -> None:
    with pytest.raises(ErreurSource) as e:
        normaliser(REGISTRE_2022.replace(";300;", f";{cellule};"), MILLIERS)
    assert (e.value.code, e.value.ligne) == ("valeur_illisible", 3)


def test_rows_of_another_subject_are_skipped_and_no_other(normaliser: Normaliser) -> None:
    passer = ("NOM: ~}", 'NOM: ~}, skip: {CODE: "XX|99", "FOY{aa}": "1"}')
    texte = REGISTRE_2022 + "XX;5;10;Inconnue\n26001;1;0;Technique\n"
    lu = normaliser(texte, passer)
    assert lu.table["code"].to_pylist() == ["26001", "26002", "2A004", "97101", "75101"]
    assert lu.ecartes.num_rows == 0
    for ligne in ("XXX;5;10;Inconnue\n", "26003;11;0;Technique\n"):
        with pytest.raises(ErreurSource):
            normaliser(texte + ligne, passer)


def test_a_fourth_quarter_gives_its_year_and_another_quarter_is_refused(normaliser: Normaliser) -> None:
    colonne = "      annee: {type: year_of_quarter, description: T4}\n      foyers:"
    contrat = (("NOM: ~}", "NOM: annee}"), ("      foyers:", colonne))
    texte = "CODE;FOY22;REV22;NOM\n26001;60;1500.5;2022-T4\n"
    assert normaliser(texte, *contrat).table["annee"].to_pylist() == [2022]
    with pytest.raises(ErreurSource, match="AAAA-T4"):
        normaliser(texte.replace("T4", "T3"), *contrat)


@pytest.mark.parametrize(
    ("avant", "apres", "code", "ligne", "observe"),
    [
        ("FOY22", "FOYERS22", "colonne_manquante", 1, "missing 'FOY22' (renamed 'FOYERS22'?)"),
        ("REV22;NOM", "REV22;REV22", "colonne_manquante", 1, "missing 'NOM'"),
        ("1500.5", "1500,5", "valeur_illisible", 2, "line 2: '1500,5'"),
        ("1500.5", "1.5e3", "valeur_illisible", 2, "line 2: '1.5e3'"),
        (";300;", ";3 00;", "valeur_illisible", 3, "3 00"),
        (";300;", ";\u202f300;", "valeur_illisible", 3, "300"),
        (";300;", ";300.0;", "valeur_illisible", 3, "300.0"),
        (";300;", ";;", "valeur_absente", 3, "line 3: ''"),
        (";300;", ";s;", "valeur_illisible", 3, "'s'"),
        (";300;", ";302;", "valeur_hors_bornes", 3, "'302'"),
        (";300;", ";-5;", "valeur_hors_bornes", 3, "'-5'"),
        ("1600;", "16000000;", "valeur_hors_bornes", 3, "'16000000'"),
        ("1600;", f"1600.{'1' * 16};", "valeur_illisible", 3, "1600.1"),
        ("26002;", "2602;", "valeur_illisible", 3, "'2602'"),
        ("26002;", '"26002\n";', "valeur_illisible", 3, "'26002\\n'"),
        ("26002;", "26001;", "cle_dupliquee", 2, "26001 (also line 3)"),
    ],
)
def test_what_does_not_match_the_contract_is_refused(
    normaliser: Normaliser, avant: str, apres: str, code: str, ligne: int, observe: str
) -> None:
    with pytest.raises(ErreurSource) as e:
        normaliser(REGISTRE_2022.replace(avant, apres, 1))
    assert (e.value.code, e.value.ligne) == (code, ligne), str(e.value)
    assert observe in e.value.observe
    message = str(e.value)
    assert "registre/communes, millésime 2022, file r.csv" in message
    assert e.value.que_faire in message and e.value.attendu in message


def test_an_extra_column_is_refused(normaliser: Normaliser) -> None:
    with pytest.raises(ErreurSource, match="unknown 'X'") as e:
        normaliser("".join(f"{rang};X\n" for rang in REGISTRE_2022.splitlines()))
    assert e.value.code == "colonne_inconnue"


def test_three_failing_rows_are_shown_and_all_are_counted(normaliser: Normaliser) -> None:
    texte = "CODE;FOY22;REV22;NOM\n" + "".join(f"26{i:03};x{i};1;N\n" for i in range(5))
    with pytest.raises(ErreurSource) as e:
        normaliser(texte)
    assert e.value.observe == "line 2: 'x0'; line 3: 'x1'; line 4: 'x2'; 5 in all"
    assert relire(e.value.to_dict()).to_dict() == e.value.to_dict()


def test_a_code_outside_the_cog_is_set_aside_and_more_are_refused(normaliser: Normaliser) -> None:
    un = normaliser(REGISTRE_2022 + "27676;5;1;Trois Lacs\n")
    assert un.table.num_rows == 5
    assert un.ecartes.select(["code", "motif", "ligne"]).to_pylist() == [
        {"code": "27676", "motif": "hors_cog", "ligne": 7}
    ]
    with pytest.raises(ErreurSource, match="2 codes outside the COG 2022") as e:
        normaliser(REGISTRE_2022 + "27676;5;1;Trois Lacs\n27677;5;1;X\n")
    assert e.value.code == "codes_hors_cog"
    # A source whose contract says nothing of it: dbt would stop the whole night on that row.
    rien_dit = ("      codes_hors_cog: 1\n", "")
    assert normaliser(REGISTRE_2022, rien_dit).table.num_rows == 5
    with pytest.raises(ErreurSource, match="at most 0 codes outside the COG 2022"):
        normaliser(REGISTRE_2022 + "27676;5;1;Trois Lacs\n", rien_dit)


def test_the_layout_is_the_one_whose_headers_match(normaliser: Normaliser) -> None:
    autre = "sans_nom: {documente: invented, columns: {CODE: code, FOY: foyers}, absent: [revenu]}"
    deux = ("    thresholds:", f"      {autre}\n    thresholds:")
    admis = ("2022: {layout: l", "2022: {layout: [l, sans_nom]")
    table = normaliser("FOY;CODE\n5;26001\n", deux, admis).table
    assert table.select(["code", "foyers", "revenu"]).to_pylist() == [
        {"code": "26001", "foyers": 5, "revenu": None}
    ]
    with pytest.raises(ErreurSource, match="layout 'sans_nom', the nearest"):
        normaliser("FOYERS;CODE\n5;26001\n", deux, admis)


def test_an_impossible_day_is_refused(tmp_path: Path) -> None:
    r = charger_contrats()["insee_cog_mouvements"].ressources["mouvements"]
    entete = ",".join(r.layouts["v_mvt_commune"].columns)
    rang = "32,2022-02-31,COM,26219,0,A,A,A,COM,26216,0,B,B,B"
    (tmp_path / "m.csv").write_text(f"{entete}\n{rang}\n")
    with pytest.raises(ErreurSource, match="2022-02-31") as e:
        typer(tmp_path / "m.csv", r, 2025)
    assert e.value.code == "valeur_illisible"


def test_a_layout_names_what_it_does_not_read_picks_records_and_a_decimal_mark(
    normaliser: Normaliser,
) -> None:
    large = (
        "NOM: ~}}",
        'NIVEAU: ~}, only: {NIVEAU: [COM, ARM]}, decimal: {revenu: ","},'
        " unread: [{prefixes: [P22_, P17_], names: [A, B]}]}",
    )
    texte = (
        "CODE;FOY22;REV22;NIVEAU;P22_A;P22_B;P17_A;P17_B\n"
        "26001;5;1,5;COM;;;;\n200068229;995;9,5;EPCI;;;;\n26002;10;2,25;ARM;;;;\n"
    )
    table = normaliser(texte, large).table
    assert [str(v.as_py().normalize()) for v in table["revenu"]] == ["1.5", "2.25"]
    assert table["ligne"].to_pylist() == [2, 4]
    with pytest.raises(ErreurSource, match="missing 'P17_B'"):
        normaliser(texte.replace("P17_B", "P17_C"), large)


def test_of_many_rows_set_aside_the_first_are_named_and_all_are_counted() -> None:
    ecart = Ecart("s", "r", 2022, "hors_cog", ["97101"], list(range(2, 16)))
    assert str(ecart).endswith("codes 97101, lines 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13… 14 in all")
