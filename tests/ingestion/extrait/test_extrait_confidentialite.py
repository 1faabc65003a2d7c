"""Nothing of a person leaves the micro zone: no value, row, identifier or small count in a message, a log,
the journal or an exception, whatever goes wrong and wherever."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
from petit_extrait import BASE, MOIS, PARQUET, Atelier, en_csv, foyers, sans_enfants, source

from ingestion.erreurs import ErreurSource, Refus
from ingestion.extrait.colonnes import LecteurColonnes
from socle.panne import PanneDisque

# One per field, none a substring of a column's name or of a message.
CANARIS = {
    "id_foyer": "ZQ77031",
    "mois": "1888-08",
    "code_commune": "ZZ9ZZ",
    "situation_familiale": "VEUFZQ",
    "droit_versable": "PEUTZQ",
    "nb_personnes": "776655",
    "ruc": "43210987,65",
    "quotient_familial": "ZQ41",
    "montant_apl": "-76543,21",
    "X_NAIS_1": "31/12/1907",
    "X_AEEH_1": "NSPZQ",
    "X_NOM": "ZQTARTEMPION",
}


def _tout_dit(e: BaseException) -> str:
    """What a log, an event store or a traceback could show of an error, its causes included."""
    vus: list[str] = []
    courante: BaseException | None = e
    while courante is not None:
        vus += [str(courante), repr(courante), repr(courante.args)]
        courante = courante.__cause__ or courante.__context__
    return "\n".join(vus)


def _refus(atelier: Atelier) -> Refus:
    with pytest.raises(Refus) as e:
        atelier.lire()
    return e.value


def _avec_canari(nom: str) -> list[dict[str, str]]:
    return [*foyers(6), BASE | {"id_foyer": CANARIS["id_foyer"], nom: CANARIS[nom]}]


def _nom(octets: bytes) -> bytes:
    return octets.replace(b"DUPONT", CANARIS["X_NOM"].encode())


@pytest.mark.parametrize("nom", [n for n in CANARIS if n not in ("id_foyer", "X_NOM")])
def test_no_value_in_the_refusal_of_a_cell(atelier: Atelier, nom: str) -> None:
    atelier.deposer(_nom(en_csv(_avec_canari(nom))))
    dit = _tout_dit(_refus(atelier))
    assert [c for c in CANARIS.values() if c in dit] == []


def test_no_value_in_the_refusal_of_the_whole(atelier: Atelier) -> None:
    """Duplicates, orphans, rows of a wrong length, bytes of another encoding, one after the other."""
    atelier.mapping = sans_enfants(atelier.mapping)
    ligne = BASE | {"id_foyer": CANARIS["id_foyer"]}
    octets = _nom(en_csv([ligne, ligne]))
    atelier.enfants([(CANARIS["id_foyer"] + "9", "02/03/2020", "N")])
    for abimes in (octets, octets + octets.splitlines()[1][:30] + b"\n", octets.replace(b"26220", b"\xe9")):
        atelier.deposer(abimes)
        dit = _tout_dit(_refus(atelier))
        assert [c for c in CANARIS.values() if c in dit] == []


@pytest.mark.parametrize(
    ("nombre", "dit"), [(1, "fewer than 5 rows"), (4, "fewer than 5 rows"), (5, "5 rows")]
)
def test_small_counts_are_not_told(atelier: Atelier, nombre: int, dit: str) -> None:
    atelier.csv([*foyers(4), *({**f, "id_foyer": f"G{f['id_foyer']}", "ruc": "?"} for f in foyers(nombre))])
    (erreur,) = atelier.refus()
    assert erreur.observe == dit


def test_code_is_quoted_from_five_rows_up(atelier: Atelier) -> None:
    def avec(code: str, nombre: int) -> list[dict[str, str]]:
        return [f | {"id_foyer": code + f["id_foyer"], "situation_familiale": code} for f in foyers(nombre)]

    atelier.csv([*avec("PACS", 5), *avec("VEUFZQ", 4)])
    (erreur,) = atelier.refus()
    assert erreur.observe == "9 rows: 'PACS' and codes that fewer than 5 rows share"
    atelier.csv([*avec("VEUFZQ", 4)])
    (erreur,) = atelier.refus()
    assert erreur.observe == "fewer than 5 rows: codes that fewer than 5 rows share"


def test_identifiers_mistaken_for_codes_are_not_quoted(atelier: Atelier) -> None:
    """Too many codes: the wrong column, whose values may be anything."""
    lignes = [f | {"situation_familiale": f"ZQ{rang // 5}"} for rang, f in enumerate(foyers(150))]
    atelier.csv(lignes)
    (erreur,) = atelier.refus()
    assert erreur.observe == "150 rows, more than 20 different codes: is it the right column?"


# -- errors that nobody foresaw --------------------------------------------------------------------


def _echouer(*_: Any, **__: Any) -> Any:
    raise ValueError(f"cannot convert {CANARIS['X_NOM']};{CANARIS['id_foyer']}")


IMPREVUS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "csv": lambda m: m.setattr(pacsv, "open_csv", _echouer),
    "column": lambda m: m.setattr(LecteurColonnes, "lire", _echouer),
    "sort": lambda m: m.setattr(duckdb, "connect", _echouer),
}


@pytest.mark.parametrize("ou", IMPREVUS)
def test_library_error_does_not_come_out(
    atelier: Atelier, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, ou: str
) -> None:
    """Type and place only, no cause nor context: Dagster would store the whole chain."""
    IMPREVUS[ou](monkeypatch)
    atelier.csv(foyers(2))
    caplog.set_level(logging.DEBUG)
    (erreur,) = atelier.reception().recevoir().refus
    assert erreur.code == "lecture_interrompue" and erreur.observe.startswith("ValueError at ")
    assert not atelier.micro().journal().chemin.exists(), "the file was not refused: it is read again"
    assert [c for c in CANARIS.values() if c in _tout_dit(erreur) + caplog.text] == []
    monkeypatch.undo()
    assert atelier.reception().recevoir().acceptes == [MOIS]


def test_refusal_of_a_library_error_has_no_context(atelier: Atelier, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacsv, "open_csv", _echouer)
    atelier.csv(foyers(2))
    refus = _refus(atelier)
    assert refus.__context__ is None and refus.__cause__ is None


def test_full_disk_is_everybodys(atelier: Atelier, monkeypatch: pytest.MonkeyPatch) -> None:
    def plein(*_: Any, **__: Any) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pq.ParquetWriter, "write_table", plein)
    atelier.csv(foyers(2))
    with pytest.raises(PanneDisque, match=f"{atelier.home}/micro/") as levee:
        atelier.reception().recevoir()
    assert levee.value.errno == 28 and levee.value.__suppress_context__


# -- what is on disk -------------------------------------------------------------------------------


def _fichiers(home: Path) -> dict[Path, bytes]:
    return {f.relative_to(home): f.read_bytes() for f in home.rglob("*") if f.is_file()}


def test_what_is_stored_has_no_identifier_name_or_birth_date(atelier: Atelier) -> None:
    ligne = BASE | {"id_foyer": CANARIS["id_foyer"], "X_NAIS_1": "03/02/2011", "X_AEEH_1": "N"}
    atelier.deposer(_nom(en_csv([ligne, *foyers(3)])))
    table = atelier.prendre()
    textes = [str(v) for c in table.itercolumns() for v in c.to_pylist()]
    interdits = (CANARIS["id_foyer"], CANARIS["X_NOM"], "2011-02-03", "03/02/2011", "F0001")
    assert [i for i in interdits if any(i in t for t in textes)] == []
    for fichier, octets in _fichiers(atelier.home).items():
        assert [i for i in interdits if i.encode() in octets] == [], fichier


def test_nothing_of_a_refused_extract_is_stored(atelier: Atelier) -> None:
    """Rows are written as they stream: a fault at the end takes away those before it."""
    atelier.csv([*foyers(200), BASE | {"id_foyer": CANARIS["id_foyer"], "ruc": "?"}])
    assert atelier.reception().recevoir().refus
    assert [f.name for f in (atelier.home / "micro").rglob("*")] == ["journal.jsonl"]
    assert CANARIS["id_foyer"] not in atelier.micro().journal().chemin.read_text()


def test_journal_and_reports_hold_no_number_of_rows(atelier: Atelier) -> None:
    """The number of rows of an extract is a number of persons: it changes nothing that is told."""

    def dits(nombre: int, atelier: Atelier) -> str:
        atelier.csv(foyers(nombre))
        bilan = atelier.reception().recevoir()
        return f"{bilan}{atelier.micro().journal().chemin.read_text()}"

    assert "4321" not in dits(4321, atelier)


def test_parquet_values_are_no_more_quoted(atelier: Atelier) -> None:
    atelier.disposition["format"] = PARQUET
    colonnes = {source(n): [v, v] for n, v in BASE.items()} | {
        source("id_foyer"): ["F1", CANARIS["id_foyer"]]
    }
    colonnes |= {source("ruc"): [1.5, 43210987.654], "X_NOM": [CANARIS["X_NOM"]] * 2}
    colonnes |= {f"X_{q}_{r}": [None, CANARIS["X_NAIS_1"]] for q in ("NAIS", "AEEH") for r in (1, 2)}
    atelier.parquet(pa.table(colonnes))
    refus = _refus(atelier)
    dit = _tout_dit(refus)
    assert {e.code for e in refus.erreurs} >= {"valeur_illisible", "code_inconnu"}
    assert [c for c in (*CANARIS.values(), "43210987") if c in dit] == []


def test_month_of_a_refusal_survives_the_journal(atelier: Atelier) -> None:
    atelier.csv([BASE | {"ruc": "?"}])
    (erreur,) = atelier.reception().recevoir().refus
    (relue,) = atelier.reception().recevoir().refus
    assert isinstance(relue, ErreurSource) and relue.mois == MOIS and str(relue) == str(erreur)
