"""Extracts that nobody should have sent: each refused by its name, without a value, or read as it stands."""

import csv
import errno
import gzip
import io
from decimal import Decimal
from typing import Any
from unittest.mock import Mock

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from abime import FUZZ, abimer
from hypothesis import given
from hypothesis import strategies as st
from petit_extrait import CONTRAT, PARQUET, Atelier, correspondance, en_csv, foyers, source

from ingestion.erreurs import TITRES, ErreurSource, Refus
from ingestion.extrait.correspondance import Correspondance
from ingestion.extrait.depot import extrait_du_dossier
from ingestion.extrait.lecture import lire_extrait
from ingestion.extrait.pseudonymes import Pseudonymes

# What no message may hold: an identifier, a name, an amount, none of which a message has by itself.
PERSONNE = {"id_foyer": "ZQ77031", "ruc": "43987,65", "X_NOM": "ZQTARTEMPION"}
LIGNES = [*foyers(5), foyers(1)[0] | {"id_foyer": PERSONNE["id_foyer"], "ruc": PERSONNE["ruc"]}]
CSV = en_csv(LIGNES).replace(b"DUPONT", PERSONNE["X_NOM"].encode())


MAPPINGS: dict[bool, Correspondance] = {}


def _mapping(parquet: bool, atelier: Atelier) -> Correspondance:
    if parquet not in MAPPINGS:
        atelier.disposition["format"] = (
            PARQUET if parquet else correspondance()["dispositions"]["ici"]["format"]
        )
        MAPPINGS[parquet] = atelier.correspondance()
    return MAPPINGS[parquet]


def _lire(
    atelier: Atelier, octets: bytes, nom: str = "foyers.csv"
) -> list[dict[str, Any]] | list[ErreurSource]:
    """Read bytes as a night does: their rows, or why they are refused."""
    atelier.deposer(octets, nom)
    tables, mapping = list[pa.Table](), _mapping(nom.endswith("parquet"), atelier)
    try:
        extrait = extrait_du_dossier(atelier.dossier, mapping)
        assert extrait is not None
        lire_extrait(extrait, mapping, CONTRAT, Pseudonymes(atelier.secret, "essai"), tables.append)
    except Refus as refus:
        return refus.erreurs
    except ErreurSource as erreur:
        return [erreur]
    return pa.concat_tables(tables).to_pylist()


def _exiger_un_refus_sans_valeur(erreurs: list[ErreurSource]) -> None:
    for e in erreurs:
        assert e.code in TITRES and e.code != "lecture_interrompue" and e.que_faire, e
        dit = f"{e}{e!r}{e.args}{e.__cause__!r}{e.__context__!r}"
        assert [v for v in PERSONNE.values() if v in dit] == []
        assert all(c.isprintable() or c in "\n\u202f\xa0" for c in str(e))


def _parquet(table: pa.Table) -> bytes:
    octets = pa.BufferOutputStream()
    pq.write_table(table, octets)
    return octets.getvalue().to_pybytes()


def _colonnes() -> dict[str, list[str]]:
    lu = list(csv.reader(io.StringIO(CSV.decode()), delimiter=";"))
    return {entete: [ligne[rang] for ligne in lu[1:]] for rang, entete in enumerate(lu[0])}


def _avec(nom: str, valeurs: pa.Array) -> bytes:
    return _parquet(pa.table(_colonnes() | {source(nom): valeurs}))


ENTETE, _, CORPS = CSV.partition(b"\n")
BON = _parquet(pa.table(_colonnes()))
# Kind of file → case → the codes that may refuse it, and its bytes.
HOSTILES: dict[str, dict[str, tuple[str, bytes]]] = {
    "csv": {
        "NUL in a code": ("valeur_illisible", CSV.replace(b"26220", b"26\0220", 1)),
        "NUL in an identifier": ("valeur_illisible", CSV.replace(b"F0001", b"F0\0001", 1)),
        "right to left": ("valeur_illisible", CSV.replace(b"F0001", "F0\u202e001".encode(), 1)),
        "wide digits": ("valeur_illisible", CSV.replace(b"26220", "２６２２０".encode(), 1)),
        "arabic digits": ("valeur_illisible", CSV.replace(b"812,4", "٨١٢,4".encode(), 1)),
        "a formula": ("valeur_illisible", CSV.replace(b"812,4", b"=1+1", 1)),
        "a number of 5 000 digits": ("valeur_illisible", CSV.replace(b"812,4", b"9" * 5000, 1)),
        "not a number": ("valeur_illisible", CSV.replace(b"812,4", b"NaN", 1)),
        "mixed encodings": ("encodage", CSV + CORPS.replace(b"F0", b"\xe90")),
        "UTF-16": ("tronque|encodage|colonne_manquante", CSV.decode().encode("utf-16")),
        "quotes never closed": ("csv_illisible|nombre_de_champs|tronque", CSV + b'"' + CORPS),
        "a quote never closed in the header": ("entete", b'"' + CSV),
        "a million headers": (
            "entete|trop_de_colonnes|colonne_manquante",
            ";".join(map(str, range(1_000_000))).encode() + b"\n" + CORPS,
        ),
        "cyrillic header": ("colonne_manquante", CSV.replace(b"X_RUC;", "X_RUС;".encode(), 1)),
        "ends of lines of another age": ("entete", CSV.replace(b"\n", b"\r")),
        "a row in the header": ("entete", ENTETE + b";" + CORPS),
        "another encoding in a row cut short": ("encodage", ENTETE + b"\nF0099;\xfc\n" + CORPS),
        "a header twice": ("entete", CSV.replace(b"X_NOM", b"X_RUC", 1)),
        "two byte-order marks": ("entete", b"\xef\xbb\xbf\xef\xbb\xbf" + CSV),
        "a header without a row": ("vide", ENTETE + b"\n"),
        "blank": ("vide", b"\n \n"),
        "a page": ("html", b"<!doctype html>\n"),
        "gzip": ("csv_illisible", gzip.compress(CSV)),
        "zeros": ("tronque|colonne_manquante", bytes(100_000)),
        "a Parquet for a CSV": ("csv_illisible", BON),
    },
    "parquet": {
        "a CSV for a Parquet": ("parquet_illisible", CSV),
        "a truncated Parquet": ("tronque", BON[:-9]),
        "a Parquet without its middle": ("parquet_illisible", BON[:40] + BON[-40:]),
        "four letters": ("parquet_illisible|tronque", b"PAR1"),
        "two letters": ("parquet_illisible|tronque", b"PA"),
        "lists": ("parquet_illisible", _avec("ruc", pa.array([[1.0]] * 6))),
        "structures": ("parquet_illisible", _avec("ruc", pa.array([{"a": 1}] * 6))),
        "bytes": ("parquet_illisible", _avec("ruc", pa.array([b"\xff\xfe"] * 6))),
        "dates for amounts": ("valeur_illisible", _avec("ruc", pa.array([0] * 6, pa.timestamp("us")))),
        "not-a-number for amounts": ("valeur_illisible", _avec("ruc", pa.array([float("nan")] * 6))),
        "infinite amounts": ("valeur_illisible", _avec("ruc", pa.array([float("inf")] * 6))),
        "times for amounts": ("parquet_illisible", _avec("ruc", pa.array([0] * 6, pa.time64("us")))),
        "durations for amounts": ("parquet_illisible", _avec("ruc", pa.array([0] * 6, pa.duration("us")))),
    },
}


@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(("type_", "cas"), [(t, cas) for t, siens in HOSTILES.items() for cas in siens])
def test_a_hostile_extract_is_refused_by_name_and_quotes_nobody(
    type_: str, cas: str, atelier: Atelier
) -> None:
    codes, octets = HOSTILES[type_][cas]
    erreurs = _lire(atelier, octets, f"foyers.{type_}")
    assert all(isinstance(e, ErreurSource) for e in erreurs), "read"
    _exiger_un_refus_sans_valeur(erreurs)  # type: ignore[arg-type]
    assert {e.code for e in erreurs} & {*codes.split("|")}, [str(e) for e in erreurs]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "nom", ["a\n\x1b[2J.csv", "\u202evsc.a", "é" * 120 + ".csv", "-rf", "$(id).csv", "a;b"]
)
def test_a_file_of_any_name_is_read_or_named_so_that_it_can_be_printed(nom: str, atelier: Atelier) -> None:
    assert all(isinstance(lu, dict) for lu in _lire(atelier, CSV, nom))
    (atelier.dossier / nom).unlink()
    _exiger_un_refus_sans_valeur(_lire(atelier, b"<html>", nom))  # type: ignore[arg-type]
    atelier.deposer(CSV, "deux.csv")
    erreurs = _lire(atelier, CSV, nom)
    assert [e.code for e in erreurs] == ["depot_ambigu"]  # type: ignore[union-attr]
    _exiger_un_refus_sans_valeur(erreurs)  # type: ignore[arg-type]


POINTS = {entete: [v.replace(",", ".") for v in colonne] for entete, colonne in _colonnes().items()}
BONS = {"csv": CSV, "parquet": _parquet(pa.table(POINTS))}


@pytest.mark.profond
@pytest.mark.parametrize("type_", BONS)
@given(data=st.data())
@FUZZ
def test_a_damaged_extract_is_refused_by_name_or_its_rows_print_back(
    type_: str, atelier: Atelier, data: st.DataObject
) -> None:
    octets = data.draw(abimer(BONS[type_]))
    lus = _lire(atelier, octets, f"foyers.{type_}")
    if not lus or isinstance(lus[0], ErreurSource):
        assert lus, "neither rows nor a refusal"
        _exiger_un_refus_sans_valeur(lus)  # type: ignore[arg-type]
    elif type_ == "csv":
        # Of a column that the mapping leaves out, nothing is read: it may hold bytes of another encoding.
        texte = octets.decode(errors="replace").removeprefix("\ufeff")
        dits = list(csv.DictReader(io.StringIO(texte, newline=""), delimiter=";"))
        assert [_imprimee(dit) for dit in dits] == [_imprimee_lue(lu) for lu in lus]  # type: ignore[arg-type]


def _imprimee(dit: dict[str, str]) -> tuple[str, int, Decimal | None]:
    """What a row of the file says, by another reader."""
    ruc = dit["X_RUC"].replace(",", ".")
    return dit["X_CODE_COMMUNE"].strip(), int(dit["X_NB_PERSONNES"]), Decimal(ruc) if ruc.strip() else None


def _imprimee_lue(lu: dict[str, Any]) -> tuple[str, int, Decimal | None]:
    return lu["code_commune"], lu["nb_personnes"], lu["ruc"]


@pytest.mark.parametrize("panne", [pa.lib.ArrowMemoryError("malloc"), OSError(errno.EIO, "Input/output")])
def test_memory_or_a_share_that_fails_is_no_damage_of_the_file(
    panne: Exception, atelier: Atelier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused as damaged, it would never be read again as long as its bytes are the same."""
    monkeypatch.setattr("pyarrow.parquet.ParquetFile", Mock(side_effect=panne))
    if isinstance(panne, MemoryError):
        with pytest.raises(MemoryError):
            _lire(atelier, BON, "foyers.parquet")
    else:
        (refus,) = _lire(atelier, BON, "foyers.parquet")
        assert isinstance(refus, ErreurSource) and refus.code == "lecture_interrompue"
