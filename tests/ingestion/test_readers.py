import csv as stdcsv
import gzip
import io
import zipfile
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from ingestion.erreurs import ErreurSource, Lieu
from ingestion.readers import csv, xlsx, zip

ICI = Lieu("source", "ressource", 2022, "fichier")


def refus(code: str) -> pytest.RaisesExc[ErreurSource]:
    return pytest.RaisesExc(ErreurSource, check=lambda e: e.code == code)


def rangs(colonnes: list[pa.Array]) -> list[tuple[str, ...]]:
    return [tuple(c[i].as_py() for c in colonnes) for i in range(len(colonnes[0]))]


def test_the_line_of_a_record_is_its_first_physical_line() -> None:
    _, colonnes, lignes = csv.lire(b'a,b\r\n1,"x\r\ny\nz"\r\n2,t\r\n', "utf-8", ",", ICI)
    assert rangs(colonnes) == [("1", "x\r\ny\nz"), ("2", "t")]
    assert lignes.to_pylist() == [2, 5]


cellules = st.text(st.characters(codec="utf-8", exclude_characters="\r\0"), max_size=8)


@given(st.lists(st.tuples(cellules, cellules), max_size=8))
def test_whatever_csv_writes_is_read_back_with_its_lines(ecrits: list[tuple[str, str]]) -> None:
    tampon = io.StringIO(newline="")
    ecrivain = stdcsv.writer(tampon, lineterminator="\n", quoting=stdcsv.QUOTE_ALL)
    ecrivain.writerow(["a", "b"])
    attendues = []
    for rang in ecrits:
        attendues.append(tampon.getvalue().count("\n") + 1)
        ecrivain.writerow(rang)
    _, colonnes, lignes = csv.lire(tampon.getvalue().encode(), "utf-8", ",", ICI)
    assert rangs(colonnes) == ecrits and lignes.to_pylist() == attendues


@pytest.mark.parametrize("encodage", ["utf-8", "utf-8-sig"])
def test_a_byte_order_mark_is_not_in_the_first_header(encodage: str) -> None:
    assert csv.lire(b"\xef\xbb\xbfCODGEO;A\n1;2\n", encodage, ";", ICI)[0] == ["CODGEO", "A"]


COUPE = "CODE;FOY;REV\n26001;5;1\n26002;5;2\n{}"
ILLISIBLES = {
    "a bad byte": ("a;b\n1;2\nx;é\n", "encodage", 3, "0xe9 at line 3, byte 3"),
    "short and blank rows": (
        *("a;b\n1;2\n3\n4;5\n\n6;7\n", "nombre_de_champs"),
        *(3, "line 3: '1 fields'; line 5: '0 fields'"),
    ),
    "an open quote": ('a;b\n1;2\n3;"4\n5;6\n', "csv_illisible", 3, ""),
    "cut after a field": (COUPE.format("26003;1"), "nombre_de_champs", 4, "fields', where the file ends"),
    "cut in a field": (COUPE.format("26003"), "nombre_de_champs", 4, "fields', where the file ends"),
}


@pytest.mark.parametrize("cas", ILLISIBLES)
def test_what_no_reader_can_read_is_refused_at_its_line(cas: str) -> None:
    texte, code, ligne, observe = ILLISIBLES[cas]
    with refus(code) as e:
        csv.lire(texte.encode("latin-1"), "utf-8", ";", ICI)
    assert e.value.ligne == ligne and observe in e.value.observe
    assert (e.value.que_faire == "the file was cut on its way: fetch it again") == cas.startswith("cut")


def test_a_workbook_gives_codes_and_whole_numbers_as_text(tmp_path: Path) -> None:
    classeur = Workbook()
    feuille = classeur.active
    assert feuille is not None
    feuille.title = "Epcicom2024"
    for rang in (["siren", "insee", "taux"], [200029999.0, "01304", 2.5], [242020105, "2B025", None], [None]):
        feuille.append(rang)
    classeur.save(tmp_path / "c.xlsx")
    entete, colonnes, lignes = xlsx.lire(tmp_path / "c.xlsx", "Epcicom2024", 1, ICI)
    assert entete == ["siren", "insee", "taux"]
    assert rangs(colonnes) == [("200029999", "01304", "2.5"), ("242020105", "2B025", "")]
    assert lignes.to_pylist() == [2, 3]
    assert xlsx.lire(tmp_path / "c.xlsx", None, 1, ICI) == (entete, colonnes, lignes)
    with refus("feuille_absente") as e:
        xlsx.lire(tmp_path / "c.xlsx", "Epcicom2023", 1, ICI)
    assert "'Epcicom2024'" in e.value.observe


def archive(tmp_path: Path, **membres: bytes) -> Path:
    chemin = tmp_path / "a.zip"
    with zipfile.ZipFile(chemin, "w", zipfile.ZIP_DEFLATED) as z:
        for nom, octets in membres.items():
            z.writestr(nom, octets)
    return chemin


def test_trap_35_a_member_is_found_whatever_its_case_beside_its_dictionary(tmp_path: Path) -> None:
    chemin = archive(tmp_path, **{"dossier/Base.CSV": b"donnees", "meta_Base.CSV": b"dictionnaire"})
    assert zip.extraire(chemin, "base.csv", ICI) == ("dossier/Base.CSV", b"donnees")
    with refus("membre_absent"):
        zip.extraire(chemin, "autre.csv", ICI)


def test_a_bomb_is_refused(tmp_path: Path) -> None:
    with refus("zip_bombe"):
        zip.verifier(archive(tmp_path, **{"a.csv": b"0" * 30_000_000}), ICI)


@pytest.mark.parametrize("nom", ["../a.csv", "/etc/a.csv", "x/../../a.csv", "..\\a.csv", "C:/a.csv"])
def test_a_member_outside_its_folder_is_refused(tmp_path: Path, nom: str) -> None:
    with refus("zip_traversee"):
        zip.verifier(archive(tmp_path, **{nom: b"x"}), ICI)


def test_an_old_workbook_is_read_inflated_or_not_and_a_cut_one_refused(reel: Path, tmp_path: Path) -> None:
    """The legal populations of 2016, whole: 35 382 lines, of 66 361 658 inhabitants."""
    comprime = (reel / "insee/populations/population2019.xls.gz").read_bytes()
    chemin = tmp_path / "classeur"
    for octets in (comprime, gzip.decompress(comprime)):
        chemin.write_bytes(octets)
        entete, colonnes, lignes = xlsx.lire(chemin, "Communes", 8, ICI, ancien=True)
        assert len(lignes) == 35_382 and lignes[0].as_py() == 9
        assert sum(map(int, colonnes[entete.index("Population municipale")].to_pylist())) == 66_361_658
    chemin.write_bytes(comprime[:-1000])
    with refus("xlsx_illisible"):
        xlsx.lire(chemin, "Communes", 8, ICI, ancien=True)
