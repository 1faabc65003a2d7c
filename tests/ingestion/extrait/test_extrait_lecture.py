"""Reading an extract: what is stored of it in each form, and everything that is refused."""

import datetime
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from petit_extrait import (
    BASE,
    CONTRAT,
    MOIS,
    PARQUET,
    RANGS,
    SECOND_FICHIER,
    Atelier,
    en_csv,
    foyers,
    sans_enfants,
    source,
)

from ingestion.extrait import tables
from ingestion.extrait.pseudonymes import Pseudonymes, en_hexadecimal
from ingestion.extrait.schema import SCHEMA_MICRO

TRANCHES = ("enfants_0_2", "enfants_3_5", "enfants_6_11", "enfants_12_17", "enfants_18_plus")


def _par_foyer(table: pa.Table, atelier: Atelier, *identifiants: str) -> list[dict[str, Any]]:
    """Rows of these foyers, found by their pseudonym."""
    empreintes = Pseudonymes(atelier.secret, "essai").calculer(pa.array(identifiants))
    lignes = {ligne["pseudonyme"]: ligne for ligne in table.to_pylist()}
    return [lignes[p] for p in en_hexadecimal(empreintes).to_pylist()]


def _tranches(ligne: dict[str, Any]) -> list[int]:
    return [ligne[t] for t in TRANCHES]


# -- what is stored --------------------------------------------------------------------------------


def test_one_row_as_the_contract_stores_it(atelier: Atelier) -> None:
    atelier.csv([BASE | {"quotient_familial": "", "ruc": "", "montant_apl": "234,5"}])
    table = atelier.prendre()
    assert table.schema == SCHEMA_MICRO
    (ligne,) = table.to_pylist()
    zeros = {nom: Decimal(0) for nom in CONTRAT.colonnes if nom.startswith("montant_")}
    annuels = {nom: Decimal("120.50") for nom in CONTRAT.colonnes if nom.startswith("annuel_")}
    assert ligne == zeros | annuels | dict.fromkeys(TRANCHES, 0) | {
        "pseudonyme": ligne["pseudonyme"],
        "mois": MOIS,
        "millesime": 2022,
        "fichier_sha256": ligne["fichier_sha256"],
        "cog_millesime": 2023,
        "code_commune": "26220",
        "droit_versable": True,
        "situation_familiale": "isole",
        "nb_personnes": 3,
        "population_reference": True,
        "ruc": None,
        "ruc_hors_prestations": Decimal(500),
        "quotient_familial": None,
        "ressources_mensuelles": Decimal("700.10"),
        "prestations_mensuelles": Decimal(310),
        "loyer": Decimal(450),
        "charges": Decimal(60),
        "impaye_loyer": False,
        "courriel_connu": True,
        "montant_apl": Decimal("234.50"),
        "enfants_aeeh": 0,
    }


def test_rows_are_sorted_by_commune_and_pseudonym(atelier: Atelier) -> None:
    communes = ["26362", "26001", "26220", "26001"]
    atelier.csv([f | {"code_commune": c} for f, c in zip(foyers(4), communes, strict=True)])
    cles = [(r["code_commune"], r["pseudonyme"]) for r in atelier.prendre().to_pylist()]
    assert cles == sorted(cles) and len(set(cles)) == 4


def test_what_is_not_mapped_is_null(atelier: Atelier) -> None:
    """Optional columns and the AEEH of children may be absent from a Caf's files."""
    facultatives = [nom for nom, c in CONTRAT.colonnes.items() if not c.obligatoire]
    for nom in facultatives:
        del atelier.disposition["colonnes"][source(nom)]
        atelier.disposition["ignorees"].append(source(nom))
        atelier.disposition["codes"].pop(nom, None)
    atelier.disposition["enfants"]["colonnes"] = {"X_NAIS_{n}": "naissance"}
    atelier.disposition["ignorees"] += [f"X_AEEH_{r}" for r in RANGS]
    atelier.disposition["codes"].pop("aeeh")
    atelier.csv(foyers(2, X_NAIS_1="01/06/2020"))
    for ligne in atelier.prendre().to_pylist():
        assert {nom for nom, valeur in ligne.items() if valeur is None} == {*facultatives, "enfants_aeeh"}
        assert ligne["enfants_0_2"] == 1


@pytest.mark.parametrize(
    ("naissance", "tranche"),
    [
        ("31/12/2022", 0),  # born on the reference date
        ("01/01/2020", 0),  # 3 the day after
        ("31/12/2019", 1),  # 3 on the day
        ("01/01/2005", 3),
        ("31/12/2004", 4),
        ("01/01/1992", 4),  # 31 the day after
    ],
)
def test_age_is_counted_at_the_last_day_of_the_month(atelier: Atelier, naissance: str, tranche: int) -> None:
    atelier.csv([BASE | {"X_NAIS_1": naissance, "X_AEEH_1": "N"}])
    (ligne,) = atelier.prendre().to_pylist()
    assert _tranches(ligne) == [int(rang == tranche) for rang in range(5)]


def test_children_in_repeated_columns(atelier: Atelier) -> None:
    """A rank without a birth date is no child, whatever comes after it."""
    atelier.csv(
        [
            BASE | {"X_NAIS_1": "02/03/2020", "X_AEEH_1": "O", "X_NAIS_2": "02/03/2009", "X_AEEH_2": "N"},
            BASE | {"id_foyer": "F0002", "X_NAIS_2": "02/03/2018", "X_AEEH_2": "O"},
            BASE | {"id_foyer": "F0003", "X_AEEH_1": "N"},
        ]
    )
    lignes = _par_foyer(atelier.prendre(), atelier, "F0001", "F0002", "F0003")
    assert [_tranches(ligne) for ligne in lignes] == [[1, 0, 0, 1, 0], [0, 1, 0, 0, 0], [0, 0, 0, 0, 0]]
    assert [ligne["enfants_aeeh"] for ligne in lignes] == [1, 1, 0]


def test_children_in_a_second_file(atelier: Atelier) -> None:
    atelier.mapping = sans_enfants(atelier.mapping)
    atelier.csv(foyers(3))
    atelier.enfants(
        [("F0003", "02/03/2009", "N"), ("F0001", "02/03/2020", "O"), ("F0003", "05/03/2009", "O")]
    )
    lignes = _par_foyer(atelier.prendre(), atelier, "F0001", "F0002", "F0003")
    assert [_tranches(ligne) for ligne in lignes] == [[1, 0, 0, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, 2, 0]]
    assert [ligne["enfants_aeeh"] for ligne in lignes] == [1, 0, 1]


def test_second_file_without_a_child(atelier: Atelier) -> None:
    atelier.mapping = sans_enfants(atelier.mapping)
    atelier.csv(foyers(2))
    atelier.enfants([])
    assert [_tranches(ligne) for ligne in atelier.prendre().to_pylist()] == [[0] * 5] * 2


def test_children_by_age_in_a_second_file_with_its_month(atelier: Atelier) -> None:
    atelier.mapping = sans_enfants(atelier.mapping)
    atelier.disposition["enfants"] = SECOND_FICHIER | {
        "colonnes": {"E_FOYER": "id_foyer", "E_AGE": "age", "E_MOIS": "mois"}
    }
    atelier.disposition["codes"].pop("aeeh")
    atelier.csv(foyers(1))
    atelier.deposer(b"E_AGE;E_MOIS;E_FOYER\n2;2022-12;F0001\n18;2022-12;F0001\n", "enfants.csv")
    (ligne,) = atelier.prendre().to_pylist()
    assert _tranches(ligne) == [1, 0, 0, 0, 1] and ligne["enfants_aeeh"] is None


def _typee(nombre: int) -> pa.Table:
    """The same foyers as `foyers`, as a typed Parquet writes them."""
    lignes: list[dict[str, Any]] = []
    for rang in range(1, nombre + 1):
        ligne: dict[str, Any] = {"X_NOM": "DUPONT", "X_NAIS_1": datetime.date(2020, 3, 2), "X_AEEH_1": True}
        for nom, c in CONTRAT.colonnes.items():
            texte = (BASE | {"id_foyer": f"F{rang:04}"})[nom].replace(",", ".")
            valeur: Any = texte
            if c.type in ("entier", "decimal"):
                valeur = int(texte) if c.type == "entier" else float(texte)
            elif c.type == "booleen":
                valeur = texte == "O"
            ligne[source(nom)] = valeur
        lignes.append(ligne)
    table = pa.Table.from_pylist(lignes)
    for rang in RANGS[1:]:
        table = table.append_column(f"X_NAIS_{rang}", pa.nulls(nombre, pa.date32()))
        table = table.append_column(f"X_AEEH_{rang}", pa.nulls(nombre, pa.bool_()))
    return table


def _formes(table: pa.Table) -> dict[str, pa.Table]:
    """The same rows under other types: doubles as decimals, text as a dictionary, identifiers as numbers."""
    decimales = {nom: pa.decimal128(14, 2) for nom in table.schema.names if table[nom].type == pa.float64()}
    return {
        "doubles": table,
        "decimals": table.cast(pa.schema([(c.name, decimales.get(c.name, c.type)) for c in table.schema])),
        "dictionary": table.set_column(
            table.schema.get_field_index(source("code_commune")),
            source("code_commune"),
            table[source("code_commune")].dictionary_encode(),
        ),
        "timestamps": table.set_column(
            table.schema.get_field_index("X_NAIS_1"),
            "X_NAIS_1",
            table["X_NAIS_1"].cast(pa.timestamp("us")),
        ).set_column(
            table.schema.get_field_index(source("mois")),
            source("mois"),
            pa.array([datetime.date(2022, 12, 31)] * table.num_rows),
        ),
    }


@pytest.mark.parametrize("forme", ["doubles", "decimals", "dictionary", "timestamps"])
def test_typed_parquet_gives_the_same_rows_as_csv(atelier: Atelier, tmp_path: Any, forme: str) -> None:
    autre = Atelier(tmp_path / "csv")
    autre.csv([f | {"X_NAIS_1": "02/03/2020", "X_AEEH_1": "O"} for f in foyers(3)])
    attendu = autre.prendre().drop_columns("fichier_sha256")
    atelier.disposition["format"] = PARQUET
    atelier.disposition["codes"] = {"situation_familiale": {"1": "isole", "2": "couple"}}
    atelier.parquet(_formes(_typee(3))[forme])
    assert atelier.prendre().drop_columns("fichier_sha256").equals(attendu)


def test_double_with_the_noise_of_a_sum_is_its_cent(atelier: Atelier) -> None:
    atelier.disposition["format"] = PARQUET
    atelier.disposition["codes"] = {"situation_familiale": {"1": "isole", "2": "couple"}}
    table = _typee(1)
    rang = table.schema.get_field_index(source("ruc"))
    atelier.parquet(table.set_column(rang, source("ruc"), pa.array([0.1 + 0.2])))
    assert atelier.prendre()["ruc"].to_pylist() == [Decimal("0.30")]


@pytest.mark.parametrize(
    ("texte", "lu"),
    [
        ("1096,995", "1097.00"),
        ("1096,9949999999999999999999999", "1096.99"),
        ("12", "12.00"),
        ("0,005", "0.01"),
    ],
)
def test_declared_amounts_are_rounded_to_the_cent(atelier: Atelier, texte: str, lu: str) -> None:
    atelier.disposition["arrondies"] = ["ruc"]
    atelier.csv([BASE | {"ruc": texte}])
    assert atelier.prendre()["ruc"].to_pylist() == [Decimal(lu)]


def test_blanks_read_as_the_mapping_says(atelier: Atelier) -> None:
    """A marker beside nothing at all; a blank that means 0; a blank that is a code."""
    atelier.disposition["vides"] = ["", "."]
    atelier.disposition["vide_vaut_zero"] = ["montant_apl", "quotient_familial"]
    atelier.disposition["codes"]["courriel_connu"] = {"O": "oui", "": "non"}
    atelier.csv([BASE | {"loyer": ".", "montant_apl": ".", "quotient_familial": "", "courriel_connu": "."}])
    (ligne,) = atelier.prendre().to_pylist()
    lus = [ligne[nom] for nom in ("loyer", "montant_apl", "quotient_familial", "courriel_connu")]
    assert lus == [None, Decimal(0), 0, False]


# What the mapping says of a CSV, and the same file written so.
ECRITURES: dict[str, tuple[dict[str, str], Callable[[bytes], bytes]]] = {
    "cp1252, bars": (
        {"encodage": "cp1252", "separateur": "|"},
        lambda o: o.replace(b";", b"|").decode().encode("cp1252"),
    ),
    "byte order mark and carriage returns": (
        {"encodage": "utf-8-sig"},
        lambda o: b"\xef\xbb\xbf" + o.replace(b"\n", b"\r\n"),
    ),
    "a last line that never ends": ({"fin_sans_saut": "oui"}, bytes.rstrip),
}


@pytest.mark.parametrize("ecriture", ECRITURES)
def test_a_file_is_read_as_its_mapping_says_it_is_written(atelier: Atelier, ecriture: str) -> None:
    format_, ecrire = ECRITURES[ecriture]
    atelier.disposition["format"] |= format_
    atelier.disposition["codes"]["situation_familiale"] = {"isolé": "isole", "€": "couple"}
    atelier.deposer(ecrire(en_csv(foyers(2, situation_familiale="isolé"))))
    assert atelier.prendre()["situation_familiale"].to_pylist() == ["isole"] * 2


def test_many_batches(atelier: Atelier, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows, ranks of lines and duplicates do not depend on where a batch ends."""
    monkeypatch.setattr(tables, "BLOC", 4096)
    lignes = [f | {"code_commune": f"26{rang % 7:03}"} for rang, f in enumerate(foyers(200))]
    atelier.csv(lignes)
    assert atelier.prendre().num_rows == 200
    lignes[150] |= {"ruc": "beaucoup"}
    lignes[199] |= {"id_foyer": "F0004"}
    atelier.csv(lignes)
    assert [(e.code, e.ligne) for e in atelier.refus()] == [("valeur_illisible", 152), ("cle_dupliquee", 201)]


# -- what is refused -------------------------------------------------------------------------------

CELLULES: dict[str, tuple[dict[str, str], str, str]] = {
    "blank identifier": ({"id_foyer": ""}, "valeur_absente", "id_foyer"),
    "blank mandatory": ({"code_commune": ""}, "valeur_absente", "code_commune"),
    "blank boolean": ({"droit_versable": ""}, "valeur_absente", "droit_versable"),
    "a foyer twice": ({"id_foyer": "F0002"}, "cle_dupliquee", "id_foyer"),
    "month as a date": ({"mois": "2022-12-31"}, "valeur_illisible", "mois"),
    "another month": ({"mois": "2022-11"}, "mois_inattendu", "mois"),
    "lost zero": ({"code_commune": "1004"}, "valeur_illisible", "code_commune"),
    "words": ({"nb_personnes": "trois"}, "valeur_illisible", "nb_personnes"),
    "point for a comma": ({"ruc": "812.40"}, "valeur_illisible", "ruc"),
    "three decimals": ({"ruc": "812,401"}, "valeur_illisible", "ruc"),
    "negative": ({"montant_apl": "-3"}, "valeur_hors_bornes", "montant_apl"),
    "too large": ({"ruc": "100000,01"}, "valeur_hors_bornes", "ruc"),
    "unknown code": ({"situation_familiale": "9"}, "code_inconnu", "situation_familiale"),
    "unknown boolean": ({"droit_versable": "oui"}, "code_inconnu", "droit_versable"),
    "birth date of another form": (
        {"X_NAIS_1": "2020-03-02", "X_AEEH_1": "N"},
        "valeur_illisible",
        "naissance",
    ),
    "not born yet": ({"X_NAIS_1": "01/01/2023", "X_AEEH_1": "N"}, "age_hors_tranches", "naissance"),
    "too old": ({"X_NAIS_1": "31/12/1991", "X_AEEH_1": "N"}, "age_hors_tranches", "naissance"),
    "AEEH of no child": ({"X_AEEH_1": "O"}, "enfant_sans_age", "naissance"),
    "AEEH unknown": ({"X_NAIS_1": "02/03/2020"}, "valeur_absente", "aeeh"),
}


@pytest.mark.parametrize(("cellule", "code", "colonne"), CELLULES.values(), ids=CELLULES)
def test_cell_that_is_refused(atelier: Atelier, cellule: dict[str, str], code: str, colonne: str) -> None:
    """One error: month, file, column of the Caf and of the contract, line; nothing is stored."""
    atelier.csv([*foyers(2), BASE | {"id_foyer": "F0009"} | cellule])
    (erreur,) = atelier.refus()
    assert (erreur.code, erreur.mois, erreur.fichier, erreur.ligne) == (code, MOIS, "foyers.csv", 4)
    assert erreur.colonne is not None and erreur.colonne.endswith(f"({colonne})")
    assert erreur.observe.startswith("fewer than 5 rows") and erreur.attendu and erreur.que_faire
    assert f"month {MOIS}, file foyers.csv, column {erreur.colonne}, line 4" in str(erreur)


@pytest.mark.parametrize(("ici", "refuse"), [(0, True), (4, True), (5, False), (9, False)])
def test_the_extract_of_another_departement_is_refused(atelier: Atelier, ici: int, refuse: bool) -> None:
    """Some live across the border: more than half do not."""
    lignes = foyers(10)
    for ligne in lignes[ici:]:
        ligne["code_commune"] = "01004"
    atelier.csv(lignes)
    if not refuse:
        assert atelier.verifier() == []
        return
    (erreur,) = atelier.refus()
    assert erreur.code == "autre_departement" and "of 10 rows" in erreur.observe
    assert "01004" not in str(erreur) and "couverture" in erreur.que_faire


ENFANTS: dict[str, tuple[list[tuple[str, str, str]], str, int]] = {
    "too many": ([("F0001", "02/03/2020", "N")] * 16, "trop_d_enfants", 2),
    "without a foyer": (
        [("F0001", "02/03/2020", "N"), ("F0007", "02/03/2020", "N")],
        "enfant_sans_foyer",
        3,
    ),
    "blank foyer": ([("", "02/03/2020", "N")] * 17, "valeur_absente", 2),
    "blank birth date": ([("F0001", "", "N")], "valeur_absente", 2),
    "blank AEEH": ([("F0001", "02/03/2020", "")], "valeur_absente", 2),
    "not born yet": ([("F0001", "02/03/2023", "N")], "age_hors_tranches", 2),
}


@pytest.mark.parametrize(("enfants", "code", "ligne"), ENFANTS.values(), ids=ENFANTS)
def test_child_of_a_second_file_that_is_refused(
    atelier: Atelier, enfants: list[tuple[str, str, str]], code: str, ligne: int
) -> None:
    atelier.mapping = sans_enfants(atelier.mapping)
    atelier.csv(foyers(3))
    atelier.enfants(enfants)
    erreurs = [e for e in atelier.refus() if e.code == code]
    assert [(e.fichier, e.ligne) for e in erreurs] == [("enfants.csv", ligne)]


def test_fifteen_children_are_not_too_many(atelier: Atelier) -> None:
    atelier.mapping = sans_enfants(atelier.mapping)
    atelier.csv(foyers(1))
    atelier.enfants([("F0001", "02/03/2020", "N")] * 15)
    assert atelier.prendre()["enfants_0_2"].to_pylist() == [15]


def _renommer(octets: bytes) -> bytes:
    return octets.replace(b"X_RUC;", b"X_RUCS;", 1)


def _ajouter(octets: bytes) -> bytes:
    entete, *lignes = octets.splitlines()
    return b"".join(ligne + b"\n" for ligne in [entete + b";X_NIR", *(ligne + b";1" for ligne in lignes)])


FICHIERS: dict[str, tuple[Callable[[bytes], bytes], list[tuple[str, str | None, int | None]]]] = {
    "empty": (lambda b: b"", [("vide", None, None)]),
    "cut in a row": (lambda b: b[: len(b) - 40], [("tronque", None, None)]),
    "row too short": (lambda b: b + b"a;b\n", [("nombre_de_champs", None, 12)]),
    "row too long": (lambda b: b + b";" * 200 + b"\n", [("nombre_de_champs", None, 12)]),
    "another separator": (lambda b: b.replace(b";", b","), [("entete", None, 1)]),
    "renamed column": (
        _renommer,
        [("colonne_manquante", "X_RUC (ruc)", 1), ("colonne_non_liee", None, 1)],
    ),
    "column neither mapped nor ignored": (_ajouter, [("colonne_non_liee", None, 1)]),
}


@pytest.mark.parametrize(("abimer", "attendues"), FICHIERS.values(), ids=FICHIERS)
def test_file_that_is_refused(
    atelier: Atelier,
    abimer: Callable[[bytes], bytes],
    attendues: list[tuple[str, str | None, int | None]],
) -> None:
    atelier.deposer(abimer(en_csv(foyers(10))))
    erreurs = atelier.refus()
    assert [(e.code, e.colonne, e.ligne) for e in erreurs] == attendues
    assert all(e.fichier == "foyers.csv" and e.mois == MOIS for e in erreurs)


def test_renamed_column_is_suggested(atelier: Atelier) -> None:
    atelier.deposer(_renommer(en_csv(foyers(1))))
    manquante, inconnue = atelier.refus()
    assert manquante.observe == "not in the header; renamed 'X_RUCS'?" and inconnue.observe == "X_RUCS"


def test_lines_stay_right_after_rows_of_a_wrong_length(atelier: Atelier) -> None:
    """The reader drops such rows: the lines it then counts are put right again."""
    octets = en_csv([*foyers(4), BASE | {"id_foyer": "F0009", "ruc": "?"}])
    lignes = octets.splitlines(keepends=True)
    atelier.deposer(b"".join([*lignes[:2], b"a;b\n", *lignes[2:4], b"c\n", *lignes[4:]]))
    assert [(e.code, e.ligne) for e in atelier.refus()] == [("nombre_de_champs", 3), ("valeur_illisible", 8)]


def test_all_the_faults_of_both_files_at_once(atelier: Atelier) -> None:
    atelier.mapping = sans_enfants(atelier.mapping)
    atelier.csv([*foyers(3), BASE | {"ruc": "?", "nb_personnes": "99", "situation_familiale": "9"}])
    atelier.enfants([("F0007", "02/03/2020", "N"), ("F0001", "hier", "peut-être")])
    assert {(e.fichier, e.code) for e in atelier.refus()} == {
        ("foyers.csv", "valeur_illisible"),
        ("foyers.csv", "valeur_hors_bornes"),
        ("foyers.csv", "code_inconnu"),
        ("foyers.csv", "cle_dupliquee"),
        ("enfants.csv", "enfant_sans_foyer"),
        ("enfants.csv", "valeur_illisible"),
        ("enfants.csv", "code_inconnu"),
    }
