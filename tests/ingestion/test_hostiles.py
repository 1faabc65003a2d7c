"""Files that nobody should have sent: each is refused by its name, or read as it stands."""

import ast
import gzip
import io
import resource
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from abime import FUZZ, abimer
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from petite_source import COG, REGISTRE, REGISTRE_2022, acquerir, petite_acquisition
from serveur import Serveur

from ingestion import catalogue, readers, telechargement
from ingestion.acquisition import BilanSource
from ingestion.contrats import Contrat
from ingestion.contrats.grammaire import (
    Format,
    FormatCsv,
    FormatGeojson,
    FormatTableur,
    FormatXlsx,
    FormatZip,
    Millesime,
)
from ingestion.erreurs import GENRES, TITRES, ErreurSource, Lieu
from ingestion.landing import examiner
from ingestion.recu import nom_sur
from ingestion.telechargement import lire_octets, telecharger
from orchestration.racine import RACINE

Nuit = Callable[[], tuple[BilanSource, BilanSource]]
ICI = Lieu("registre", "communes", 2022, "fichier")
EDITION = Millesime(millesime=2022, layout=["l"])
NOM_LU = REGISTRE.replace(
    "      revenu:", "      nom: {type: text, description: Nom}\n      revenu:", 1
).replace("NOM: ~", "NOM: nom")


def test_every_code_that_the_project_refuses_by_is_of_some_kind() -> None:
    """An error of an unknown code would be a bug of ours in place of what a person has to do."""
    inconnus, lus = [], 0
    for module in [*(RACINE / "ingestion").rglob("*.py"), *(RACINE / "orchestration").rglob("*.py")]:
        for appel in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            match appel:
                case ast.Call(
                    func=ast.Attribute(attr="erreur" | "refus"), args=[ast.Constant(value=str(code)), *_]
                ):
                    lus += 1
                    inconnus += [f"{module.name}: {code}"] if code not in GENRES else []
    assert lus > 50 and inconnus == []


# Files of a register ------------------------------------------------------------------------------

A_LA_FIN = REGISTRE_2022.encode()
ENTETE = "CODE;FOY22;REV22;NOM\n"
HOSTILES = {
    "NUL in a label": ("caractere_trompeur", REGISTRE_2022.replace("Solaure", "Sol\0aure").encode()),
    "right to left": ("caractere_trompeur", REGISTRE_2022.replace("Solaure", "\u202eSolaure").encode()),
    "formula": ("formule", REGISTRE_2022.replace("Solaure", "=HYPERLINK(A1)").encode()),
    "formula of another program": ("formule", REGISTRE_2022.replace("Solaure", "-2+cmd|' /C x'!A0").encode()),
    "escape": ("caractere_trompeur", REGISTRE_2022.replace("Solaure", "\x1b[2JSolaure").encode()),
    "wide digits": ("valeur_illisible", REGISTRE_2022.replace("26001", "２６００１").encode()),
    "arabic digits": ("valeur_illisible", REGISTRE_2022.replace(";60;", ";٦٠;").encode()),
    "a number of 5 000 digits": (
        "valeur_illisible",
        REGISTRE_2022.replace(";60;", f";{'9' * 5000};").encode(),
    ),
    "not a number": ("valeur_illisible", REGISTRE_2022.replace(";60;", ";NaN;").encode()),
    "cyrillic header": ("colonne_manquante", REGISTRE_2022.replace("CODE", "СODE").encode()),
    "zero-width header": ("colonne_manquante", REGISTRE_2022.replace("CODE", "CO\u200bDE").encode()),
    "two byte-order marks": ("colonne_manquante", b"\xef\xbb\xbf\xef\xbb\xbf" + A_LA_FIN),
    "a million headers": (
        "trop_de_colonnes",
        ";".join(map(str, range(1_000_000))).encode() + b"\n" + A_LA_FIN,
    ),
    "mixed encodings": ("encodage", A_LA_FIN + b"97102;60;1;Anse-Bertrand \xe9\n"),
    "UTF-16": ("encodage", REGISTRE_2022.encode("utf-16")),
    "a lone surrogate": ("encodage", A_LA_FIN.replace(b"Solaure", b"\xed\xa0\x80")),
    "quotes never closed": ("csv_illisible", A_LA_FIN + b'97102;60;1;"Anse\n'),
    "a cell of 3 MB": ("csv_illisible", A_LA_FIN + b'97102;60;1;"' + b"a" * 3_000_000 + b'"\n'),
    "one line 300 000 times": ("cle_dupliquee", A_LA_FIN + b"26002;60;1;Albon\n" * 300_000),
    "an error in JSON": ("json", b'{"error_code": "ODSQLError", "message": "Unknown field: revenu"}'),
    "an empty list in JSON": ("json", b"[]"),
    "a page": ("html", b"\xef\xbb\xbf\n <!doctype html><title>Maintenance"),
    "a mark and nothing": ("entete|colonne_manquante|vide", b"\xef\xbb\xbf"),
    "gzip": ("gzip", gzip.compress(A_LA_FIN)),
    "zeros": ("colonne_manquante", bytes(100_000)),
}


@pytest.mark.parametrize("cas", HOSTILES)
def test_a_hostile_register_is_refused_by_name(cas: str, tmp_path: Path, miroir: Path) -> None:
    codes, octets = HOSTILES[cas]
    (miroir / "registre2022.csv").write_bytes(octets)
    debut = time.process_time()
    hostile = petite_acquisition(tmp_path, miroir, {"insee_cog_communes": COG, "registre": NOM_LU})
    recu, normalise = acquerir(hostile)["registre"]
    (refus,) = [*recu.refus, *normalise.refus]
    assert refus.code in codes.split("|")
    assert len(str(refus)) < 5_000 and all(c.isprintable() or c in "\n\u202f\xa0" for c in str(refus))
    # Nothing that is refused costs the night: one of them took a minute and 8 GB.
    assert time.process_time() - debut < 20
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 4 << 20


def test_what_is_strange_and_right_is_read_as_it_stands(tmp_path: Path) -> None:
    chemin = tmp_path / "r.csv"
    chemin.write_text(ENTETE + '26001;60;1;"=cmd|\'/c calc\'!A1"\n26002;60;1;"a;b\n""c"""\n')
    lu = readers.lire(chemin, FormatCsv(kind="csv", encoding="utf-8", separator=";"), EDITION, ICI)
    assert lu.colonne("NOM").to_pylist() == ["=cmd|'/c calc'!A1", 'a;b\n"c"']


@pytest.mark.parametrize(
    "nom",
    ["a\nb.csv", "..", ".", "../../etc/passwd", "provenance.json", "é" * 127 + ".csv", "\udce9.csv", ""],
)
def test_any_file_name_gives_one_that_can_be_written(tmp_path: Path, nom: str) -> None:
    sur = nom_sur(nom)
    (tmp_path / sur).write_bytes(b"x")
    assert [f.name for f in tmp_path.iterdir()] == [sur] and sur != "provenance.json" and sur.isprintable()


def test_a_dropped_file_of_any_name_is_received(tmp_path: Path, nuit: Nuit) -> None:
    nuit()
    depot = tmp_path / "home" / "depot" / "registre" / "communes" / "2021"
    depot.mkdir(parents=True)
    (depot / ("é\n\x1b[2J" + "x" * 240)).write_text(REGISTRE_2022.replace("22;", "21;"))
    recu, normalise = nuit()
    assert not [*recu.refus, *normalise.refus] and [p.millesime for p in normalise.acceptes] == [2021]


# Archives and workbooks ----------------------------------------------------------------------------


def zippe(**membres: bytes) -> bytes:
    octets = io.BytesIO()
    with zipfile.ZipFile(octets, "w", zipfile.ZIP_DEFLATED) as z:
        for nom, contenu in membres.items():
            z.writestr(nom, contenu)
    return octets.getvalue()


def classeur(*rangs: list[object], **cases: object) -> bytes:
    livre, octets = Workbook(), io.BytesIO()
    feuille = livre.active
    assert feuille is not None
    for rang in rangs:
        feuille.append(rang)
    for place, valeur in cases.items():
        feuille[place] = valeur
    livre.save(octets)
    return octets.getvalue()


ZIP, XLSX = (
    FormatZip(kind="zip", encoding="utf-8", separator=";", member="a.csv"),
    FormatXlsx(kind="xlsx", header_row=1),
)
TABLEUR, GEOJSON = FormatTableur(kind="tableur"), FormatGeojson(kind="geojson")
CONTENEURS: dict[str, tuple[str, Format, bytes]] = {
    "nested archives": ("encodage", ZIP, zippe(**{"a.csv": zippe(**{"a.csv": A_LA_FIN})})),
    "another member": ("membre_absent", ZIP, zippe(**{"b.csv": A_LA_FIN})),
    "a wrong CRC": (
        "zip_tronque",
        ZIP,
        zippe(**{"a.csv": A_LA_FIN}).replace(b"\x14\x00\x00\x00\x08\x00", b"\x14\x00\x00\x00\x00\x00"),
    ),
    "a cell in the last corner": ("trop_de_cases", XLSX, classeur(["a", "b"], XFD1048576="x")),
    "the same, filled in by hand": ("trop_de_cases", TABLEUR, classeur(["a", "b"], XFD1048576="x")),
    "an archive that is no workbook": ("xlsx_illisible", XLSX, zippe(**{"a.csv": A_LA_FIN})),
    "an archive for a table": ("xlsx_illisible", TABLEUR, zippe(**{"content.xml": b"<x/>"})),
    "an outline nested without end": (
        "geojson_illisible|geometrie_refusee",
        GEOJSON,
        b'{"type":"FeatureCollection","features":[' + b"[" * 100_000,
    ),
}


RESSOURCE = Contrat.model_validate(yaml.safe_load(REGISTRE)).ressources["communes"]


def lire(format: Format, octets: bytes, dossier: Path) -> readers.Texte:
    """Read bytes as a night does: looked at first, then read."""
    chemin = dossier / "recu"
    chemin.write_bytes(octets)
    examiner(chemin, RESSOURCE.model_copy(update={"format": format}), EDITION, None, ICI)
    return readers.lire(chemin, format, EDITION, ICI)


@pytest.mark.parametrize("cas", CONTENEURS)
def test_a_hostile_container_is_refused_by_name(cas: str, tmp_path: Path) -> None:
    codes, format, octets = CONTENEURS[cas]
    with pytest.raises(ErreurSource) as e:
        lire(format, octets, tmp_path)
    assert e.value.code in codes.split("|")


def test_macros_links_and_formulas_of_a_workbook_are_not_followed(tmp_path: Path) -> None:
    octets = classeur(["code", "nom"], ["26001", '=HYPERLINK("http://example.org")'], ["26002", "=1/0"])
    lu = lire(TABLEUR, octets, tmp_path)
    # A formula that no spreadsheet has computed holds nothing.
    assert [c.to_pylist() for c in lu.colonnes] == [["26001", "26002"], ["", ""]]


# Fuzzing --------------------------------------------------------------------------------------------

BONS: dict[str, tuple[Format, bytes]] = {
    "csv": (FormatCsv(kind="csv", encoding="utf-8", separator=";"), A_LA_FIN),
    "latin": (FormatCsv(kind="csv", encoding="cp1252", separator=";"), A_LA_FIN),
    "zip": (ZIP, zippe(**{"a.csv": A_LA_FIN})),
    "xlsx": (XLSX, classeur(["code", "foyers"], ["26001", 60], ["26002", 300])),
    "tableur": (TABLEUR, b"code;foyers\n26001;60\n26002;300\n"),
    "geojson": (
        GEOJSON,
        b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"26001"},"geometry":'
        b'{"type":"Polygon","coordinates":[[[5.1,44.3],[5.2,44.3],[5.2,44.4],[5.1,44.3]]]}}]}',
    ),
}


ABIMES = st.sampled_from(sorted(BONS)).flatmap(
    lambda nom: st.tuples(st.just(BONS[nom][0]), abimer(BONS[nom][1]))
)


@pytest.mark.profond
@given(ABIMES)
@FUZZ
def test_a_damaged_file_is_refused_by_name_or_read_whole(tmp_path: Path, cas: tuple[Format, bytes]) -> None:
    format, octets = cas
    try:
        lu = lire(format, octets, tmp_path)
    except ErreurSource as e:
        assert e.code in TITRES and e.code != "lecture_interrompue" and e.que_faire
        return
    assert len(lu.colonnes) == len(lu.entete)
    assert {len(c) for c in lu.colonnes} <= {len(lu.lignes)}
    assert all(c.null_count == 0 for c in lu.colonnes)
    if isinstance(format, FormatCsv):
        # Nothing is skipped: what was read, put together again, has every letter of what was there.
        texte = octets.decode(format.encoding).removeprefix("\ufeff")
        assert sorted(
            "".join(["".join(lu.entete), *("".join(c.to_pylist()) for c in lu.colonnes)]).replace('"', "")
        ) == sorted(_hors_ponctuation(texte, lu))


def _hors_ponctuation(texte: str, lu: readers.Texte) -> str:
    """Return a text without quotes, separators and ends of lines but for those that cells hold."""
    dans = "".join(["".join(lu.entete), *("".join(c.to_pylist()) for c in lu.colonnes)])
    reste = "".join(c for c in texte if c not in '";\r\n')
    return reste + "".join(c for c in dans if c in ";\r\n")


# Addresses ------------------------------------------------------------------------------------------


def test_a_redirection_without_end_is_told(serveur: Serveur, tmp_path: Path) -> None:
    serveur.entetes["/r.csv"] = {"Location": "/r.csv"}
    serveur.pannes = [302] * 100
    with pytest.raises(ErreurSource, match="TooManyRedirects") as e:
        telecharger(f"{serveur.adresse}/r.csv", tmp_path, ICI, origine="url", nom="r.csv")
    assert e.value.code == "injoignable"


def test_a_redirection_to_a_file_of_this_machine_is_not_followed(serveur: Serveur, tmp_path: Path) -> None:
    serveur.entetes["/r.csv"] = {"Location": "file:///etc/passwd"}
    serveur.pannes = [302]
    with pytest.raises(ErreurSource, match="InvalidSchema"):
        telecharger(f"{serveur.adresse}/r.csv", tmp_path, ICI, origine="url", nom="r.csv")


def test_a_server_that_drips_is_left(
    serveur: Serveur, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telechargement, "DUREE_MAX", 0.5)
    serveur.pages["/r.csv"], serveur.goutte = b"x" * 1000, 0.05
    debut = time.monotonic()
    with pytest.raises(ErreurSource, match=r"whole file within 0\.5 s") as e:
        telecharger(f"{serveur.adresse}/r.csv", tmp_path, ICI, origine="url", nom="r.csv")
    assert e.value.code == "trop_lent" and time.monotonic() - debut < 10


@pytest.mark.parametrize("longueur", ["beaucoup", "-1", "9" * 30])
def test_a_length_that_is_no_number_is_told(serveur: Serveur, tmp_path: Path, longueur: str) -> None:
    serveur.pages["/r.csv"], serveur.entetes["/r.csv"] = b"x" * 1000, {"Content-Length": longueur}
    try:
        recu = telecharger(f"{serveur.adresse}/r.csv", tmp_path, ICI, origine="url", nom="r.csv")
    except ErreurSource as e:
        assert e.code == "injoignable"
    else:
        assert recu.octets == 1000  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "octets", [b"<html>", b"[]", b'{"results": 3}', b'{"results": [{"fields": [1]}]}', b"", b"\xff"]
)
def test_a_catalogue_that_answers_something_else_is_told(serveur: Serveur, octets: bytes) -> None:
    serveur.pages["/api/explore/v2.1/catalog/datasets"] = octets
    with pytest.raises(ErreurSource) as e:
        catalogue.verifier(f"{serveur.adresse}/api/explore/v2.1/catalog/datasets/jeu/exports/csv", ICI)
    assert e.value.code == "catalogue_illisible"


def test_a_catalogue_without_end_is_left(serveur: Serveur, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telechargement, "JSON_MAX", 1000)
    serveur.pages["/c"] = b"x" * 5_000_000
    with pytest.raises(ErreurSource) as e:
        lire_octets(f"{serveur.adresse}/c", ICI)
    assert e.value.code == "trop_gros"
