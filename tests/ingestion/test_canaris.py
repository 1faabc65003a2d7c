"""A canary in each kind of refused file: no byte that readers get holds it, whatever an error says of it."""

import gzip
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook
from petit_extrait import BASE, Atelier, en_csv, foyers
from petite_source import COG, COG_2022, REGISTRE, acquerir, petite_acquisition
from test_hostiles import A_LA_FIN, GEOJSON, XLSX, ZIP, zippe
from test_hostiles import lire as lire_octets

from ingestion.acquisition import Acquisition
from ingestion.contrats.grammaire import Format
from ingestion.erreurs import VALEUR_DITE, ErreurSource, FichierRefuse
from ingestion.extrait.contrat import charger_contrat
from ingestion.publiable import publiable
from publication.releases.fabrication import FaitsDeLaNuit
from tests.octets_publies import ou_se_lit
from tests.publication.petits_marts import MASQUEES, accepter, construire_base, publier

CANARI = "c4n4r1"
# A code, a figure: what a column of the contract may hold where a word may not.
CODE, NOMBRE = "26987", "7654325"
CHERCHES = (CANARI, rf"\b{CODE}\b", rf"\b{NOMBRE}\b")

CONTRAT = REGISTRE.replace(
    "      revenu:",
    "      nom: {type: text, description: Nom}\n"
    "      genre: {type: text, values: [ville, bourg], description: Genre}\n      revenu:",
    1,
).replace("NOM: ~", "NOM: nom, GENRE: genre")
CONTRAT = CONTRAT.replace("cle: [code]", "cle: [code, nom]").replace("codes_hors_cog: 1", "codes_hors_cog: 0")
BON = "CODE;FOY21;REV21;NOM;GENRE\n26001;60;1500;Solaure;ville\n26002;300;1600;Albon;bourg\n"


def change(avant: str, apres: str) -> bytes:
    assert avant in BON
    return BON.replace(avant, apres, 1).encode()


# Of the first member of an archive: how it is packed.
CRC = (b"\x14\x00\x00\x00\x08\x00", b"\x14\x00\x00\x00\x00\x00")

# Dropped by hand under the canary's name: code of the refusal, whether the operator reads the canary, bytes.
DEPOSES: dict[str, tuple[str, bool, bytes]] = {
    "an unknown header": ("colonne_inconnue", True, BON.replace("\n", f";{CANARI}\n").encode()),
    "a renamed header": ("colonne_manquante", True, change("FOY21", CANARI)),
    "a header twice": ("entete", False, BON.replace("\n", ";GENRE\n").encode()),
    "another file": ("colonne_manquante", False, f"{CANARI};CODE\n1;{CANARI}\n".encode()),
    "a secret": ("colonne_manquante", False, f"{CANARI}{'1f' * 32}\n".encode()),
    "an unreadable value": ("valeur_illisible", True, change(";60;", f";{CANARI};")),
    "a value out of bounds": ("valeur_hors_bornes", True, change(";60;", f";{NOMBRE};")),
    "a value out of its list": ("valeur_hors_liste", True, change("ville", CANARI)),
    "a formula": ("formule", True, change("Solaure", f"={CANARI}()")),
    "a mark of direction": ("caractere_trompeur", True, change("Solaure", f"\u202e{CANARI}")),
    "a key twice": (
        "cle_dupliquee",
        True,
        BON.encode() + f"26001;60;1500;{CANARI};ville\n".encode() * 2,
    ),
    "a code outside the COG": ("codes_hors_cog", True, change("26001", CODE)),
    "rows of another width": ("nombre_de_champs", False, change(";60;", f";{CANARI};{CANARI};")),
    "quotes never closed": ("csv_illisible", False, BON.encode() + f'26002;60;1;"{CANARI}\n'.encode()),
    "too many columns": ("trop_de_colonnes", False, f"{CANARI};".encode() * 10_001),
    "a page": ("html", False, f"<html><title>{CANARI}</title>".encode()),
    "an answer of a portal": ("json", False, json.dumps({"error": CANARI}).encode()),
    "gzip": ("gzip", False, gzip.compress(f"{CANARI}\n".encode())),
    "a gzip cut short": ("gzip_tronque", False, gzip.compress(f"{CANARI}\n".encode() * 50)[:-9]),
    "a truncated archive": ("zip_tronque", False, zippe(**{f"{CANARI}.csv": BON.encode()})[:-30]),
    "an archive of a wrong CRC": (
        "zip_tronque",
        False,
        zippe(**{f"{CANARI}.csv": BON.encode()}).replace(*CRC),
    ),
    "an archive of another member": ("membre_absent", False, zippe(**{f"{CANARI}.csv": BON.encode()})),
    "an archive that leads elsewhere": (
        "zip_traversee",
        False,
        zippe(**{f"../{CANARI}.csv": BON.encode()}),
    ),
    "a byte that does not decode": ("encodage", False, BON.encode() + f"{CANARI}\xe9".encode("latin-1")),
    "blanks": ("vide", False, b" \n" * 9),
}


def _classeur() -> bytes:
    """A workbook whose one sheet has the canary's name."""
    livre, octets = Workbook(), io.BytesIO()
    page = livre.active
    assert page is not None
    page.title = CANARI
    livre.save(octets)
    return octets.getvalue()


def _geojson(feature: object) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()


NOMMEE = XLSX.model_copy(update={"sheet": "Communes"})
# Read alone, before any header is compared with the contract's: nothing may be quoted, to anybody.
LUS: dict[str, tuple[Format, Callable[[], bytes]]] = {
    "no such sheet": (NOMMEE, _classeur),
    "no workbook": (XLSX, lambda: zippe(**{f"{CANARI}.xml": b"<x/>"})),
    "no such member": (ZIP, lambda: zippe(**{f"{CANARI}.csv": A_LA_FIN})),
    "a feature of other members": (GEOJSON, lambda: _geojson({"type": "Feature", CANARI: 1})),
    "no feature": (GEOJSON, lambda: _geojson({"nom": CANARI})),
    "nested properties": (
        GEOJSON,
        lambda: _geojson({"type": "Feature", "properties": {"code": {CANARI: 1}}, "geometry": None}),
    ),
    "no geometry": (
        GEOJSON,
        lambda: _geojson({"type": "Feature", "properties": {"code": CANARI}, "geometry": {"type": CANARI}}),
    ),
    "a point": (
        GEOJSON,
        lambda: _geojson(
            {
                "type": "Feature",
                "properties": {"code": CANARI},
                "geometry": {"type": "Point", "coordinates": [7654325, 2]},
            }
        ),
    ),
    "a member twice": (
        GEOJSON,
        lambda: f'{{"{CANARI}": 1, "{CANARI}": 2}}'.encode(),
    ),
}

EXTRAITS: dict[str, Callable[[Atelier], object]] = {
    "a column nobody mapped": lambda a: a.deposer(
        en_csv(foyers(1)).replace(b"X_NOM", f"X_NOM;{CANARI}".encode(), 1).replace(b"DUPONT", b"DUPONT;1")
    ),
    "an unreadable value": lambda a: a.csv([BASE | {"ruc": CANARI}]),
    "an unknown code": lambda a: a.csv(foyers(6, situation_familiale=CANARI)),
    "a row in place of a header": lambda a: a.deposer(f"{CANARI};{CANARI}\n".encode()),
    "a file of no month": lambda a: a.deposer(b"x", f"{CANARI}.csv", CANARI),
    "two files": lambda a: (a.csv(foyers(1)), a.deposer(b"x", f"{CANARI}.csv")),
    "a link": lambda a: (a.csv(foyers(1)), (a.dossier / CANARI).symlink_to("foyers.csv")),
}


@pytest.fixture
def refus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[str, bool, list[ErreurSource]]]:
    """By case: the code that is expected, whether the operator reads the canary, what was refused."""
    monkeypatch.chdir(tmp_path)
    lus = {}
    for cas, (code, cite, octets) in DEPOSES.items():
        depot = tmp_path / cas / "home/depot/registre/communes/2021"
        depot.mkdir(parents=True)
        (depot / f"{CANARI}.csv").write_bytes(octets)
        recu, normalise = acquerir(_acquisition(tmp_path / cas))["registre"]
        lus[cas] = (code, cite, [*recu.refus, *normalise.refus])
    for cas, (format_, faire) in LUS.items():
        with pytest.raises(ErreurSource) as e:
            lire_octets(format_, faire(), tmp_path)
        lus[cas] = (e.value.code, False, [e.value])
    for rang, (cas, deposer) in enumerate(EXTRAITS.items()):
        atelier = Atelier(tmp_path / f"extrait-{rang}")
        deposer(atelier)
        bilan = atelier.reception().recevoir()
        assert bilan.refus, cas
        lus[f"extract: {cas}"] = (
            bilan.refus[0].code,
            cas in ("a column nobody mapped", "an unknown code"),
            bilan.refus,
        )
    lus["the depot"] = ("depot_ambigu", False, _mal_range(tmp_path / "depots"))
    return lus


def _acquisition(dossier: Path) -> Acquisition:
    (miroir := dossier / "miroir").mkdir(parents=True)
    (miroir / "cog2022.csv").write_text(COG_2022)
    return petite_acquisition(dossier, miroir, {"insee_cog_communes": COG, "registre": CONTRAT})


def _mal_range(dossier: Path) -> list[ErreurSource]:
    """Folders, files and links of the canary's name, wherever somebody may put one."""
    acquisition, depot = _acquisition(dossier), dossier / "home/depot"
    for nom in (f"{CANARI}/x", f"registre/{CANARI}/x", f"registre/communes/{CANARI}.csv"):
        (depot / nom).parent.mkdir(parents=True, exist_ok=True)
        (depot / nom).write_text(CANARI)
    (depot / "registre/communes/2021").mkdir()
    (depot / "registre/communes/2021" / CANARI).symlink_to("../x")
    (depot / "registre/communes" / NOMBRE).mkdir()
    (depot / "registre/communes" / NOMBRE / "x").write_text("x")
    return [*acquisition.depots_inconnus(), *acquisition.recevoir("registre").refus]


def test_no_published_byte_has_a_word_of_a_refused_file(
    refus: dict[str, tuple[str, bool, list[ErreurSource]]], tmp_path: Path
) -> None:
    contrats = _acquisition(tmp_path / "contrats").contrats
    erreurs = [e for _, _, siens in refus.values() for e in siens]
    dits = tuple(dict.fromkeys(publiable(e.dite(), contrats) for e in erreurs))
    faits = FaitsDeLaNuit("mirror", "departement:26", datetime.now(UTC), refus=dits, masquees=MASQUEES)
    # What the walk finds of a text that is published, so that it would find a canary.
    temoin = "update marts.dim_territoire set libelle = 'T3m0in' where niveau = 'epci';"
    temoin += "update marts.dim_indicateur set libelle = 'T3m0in'"
    base, validation = construire_base(tmp_path / "build/nuit.duckdb", temoin), accepter(tmp_path / "v")
    release = publier(tmp_path / "releases", base, validation, faits).dossier
    trouves = " ".join(ou_se_lit(release, "T3m0in"))
    for lieu in ("parquet/dim_territoire.parquet!rows", "ctg.duckdb!dim_territoire", "csv/", "xlsx/", "api/"):
        assert lieu in trouves
    assert ou_se_lit(release, *CHERCHES) == []
    manifeste = json.loads((release / "MANIFEST.json").read_text())
    assert manifeste["refusals"] == list(dits)
    # What readers are owed: the code, the source, the year and the contract's own names of columns.
    ou = "registre/communes 2021, column"
    assert f"[colonne_manquante] a column of the contract is missing: {ou} foyers" in dits
    assert f"[valeur_hors_bornes] a value is outside its bounds: {ou} foyers" in dits
    assert any(dit.endswith(": the depot") for dit in dits)
    assert any(": caf_extrait_allocataires/foyers 2022" in dit for dit in dits)


def test_the_operator_reads_what_is_quoted_of_a_file_that_resembles_its_contract_and_of_no_other(
    refus: dict[str, tuple[str, bool, list[ErreurSource]]],
) -> None:
    for cas, (code, cite, erreurs) in refus.items():
        assert code in {e.code for e in erreurs}, cas
        dits = [f"{e.colonne} {e.observe} {e.attendu} {e.que_faire}" for e in erreurs]
        if cas not in ("the depot", "extract: two files", "extract: a file of no month"):
            # Where a file is misplaced, its name says which.
            lus = any(c in dit for c in (CANARI, CODE, NOMBRE) for dit in dits)
            assert lus == cite, (cas, dits)


def test_a_quotation_is_cut(tmp_path: Path) -> None:
    acquisition, long = _acquisition(tmp_path), CANARI * 1000
    depot = tmp_path / "home/depot/registre/communes/2021/registre.csv"
    depot.parent.mkdir(parents=True)
    for octets in (
        change(";60;", f";{long};"),
        BON.replace("\n", f";{long}\n").encode(),
        change("ville", long),
    ):
        depot.write_bytes(octets)
        recu, normalise = acquerir(acquisition)["registre"]
        (erreur,) = [*recu.refus, *normalise.refus]
        journal = (tmp_path / "home/landing/journal.jsonl").read_text().splitlines()[-1]
        # Once in each field, at most.
        assert long[:100] in journal and journal.count(CANARI) <= 3 * VALEUR_DITE // len(CANARI)
        for texte in (erreur.colonne or "", erreur.observe, erreur.attendu, erreur.que_faire):
            assert texte.count(CANARI) <= VALEUR_DITE // len(CANARI)


def test_a_quotation_of_an_extract_is_cut(tmp_path: Path) -> None:
    atelier = Atelier(tmp_path / "home")
    inconnues = ";".join(f"{CANARI}{rang}{CANARI * 5}" for rang in range(9))
    atelier.deposer(en_csv(foyers(1)).replace(b"X_NOM", b"X_NOM;" + inconnues.encode(), 1))
    (erreur,) = atelier.reception().recevoir().refus
    assert erreur.code == "colonne_non_liee" and erreur.observe.startswith(f"{CANARI}0{CANARI}")
    assert erreur.observe.count(CANARI) <= VALEUR_DITE // len(CANARI)


def test_columns_of_the_extract_are_told_to_nobody() -> None:
    colonne = next(iter(charger_contrat().colonnes))
    erreur = FichierRefuse(
        "valeur_illisible", "caf_extrait_allocataires", "foyers", 2022, None, "", "", "", colonne
    )
    dit = "[valeur_illisible] a value does not read as its type: caf_extrait_allocataires/foyers 2022"
    assert publiable(erreur.to_dict(), {}) == dit
