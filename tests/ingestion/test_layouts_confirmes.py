"""Layouts that a real file showed: each file is read through its contract, and as pandas reads it.

Belongs here: extracts of a few territories, whose volumes prove nothing, and what a contract says it was
confirmed by. Does not belong here: whole files of a mirror (`test_real_files`), traps (`test_pieges_*`).
"""

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pandas as pd
import pytest
from petite_source import typer

from ingestion.cog import Cog, CogsRecus
from ingestion.contrats import charger_contrats
from ingestion.contrats.grammaire import (
    JANVIER_SUIVANT,
    FormatTableur,
    FormatXls,
    FormatXlsx,
    Layout,
    Ressource,
)
from ingestion.erreurs import ErreurSource, Lieu
from ingestion.jugement import juger
from ingestion.typage import Normalise

CONTRATS = charger_contrats()
TAUX = {
    "txcouv_psu_col": "taux_couverture_eaje_psu",
    "txcouv_hors_psu_col": "taux_couverture_eaje_hors_psu",
    "txcouv_eaje": "taux_couverture_eaje",
    "txcouv_prescol": "taux_couverture_prescolarisation",
    "txcouv_am_ind": "taux_couverture_assistants_maternels",
    "txcouv_gad_ind": "taux_couverture_domicile",
    "txcouv": "taux_couverture_petite_enfance",
}


@dataclass(frozen=True)
class Extrait:
    """A real extract: where its contract reads it, and, by hand, which header is which column.

    `gardes`: which records of the file the contract reads, said without the contract.
    """

    source: str
    ressource: str
    millesime: int
    fichier: str
    colonnes: dict[str, str]
    gardes: Callable[[pd.DataFrame], "pd.Series[bool]"] = field(default=lambda d: d.iloc[:, 0].notna())
    corriger: Callable[[bytes], bytes] = field(default=lambda octets: octets)

    @property
    def contrat(self) -> Ressource:
        return CONTRATS[self.source].ressources[self.ressource]


def petite_enfance(niveau: str, ressource: str, code: str, *, libelle: str | None = None) -> list[Extrait]:
    cles = {"annee": "annee"} | ({code: "code"} if code else {})
    taux = {f"{entete}_{niveau}": colonne for entete, colonne in TAUX.items()}
    nom = f"txcouv_pe_{niveau}_rows.csv" if niveau == "nat" else f"txcouv_pe_{niveau}_2023_rows.csv"
    noms = {libelle: "libelle"} if libelle else {}
    extraits = [
        Extrait(
            f"cnaf_taux_couverture_{ressource}",
            "courant",
            2023,
            f"cnaf/petite_enfance/{nom}",
            cles | noms | taux,
        )
    ]
    if niveau != "nat":
        extraits.append(
            Extrait(
                f"cnaf_places_petite_enfance_{ressource}",
                "courant",
                2023,
                f"cnaf/petite_enfance/nbpla_pe_{niveau}_2023_rows.csv",
                cles | {f"tot_offre_{niveau}": "places_offre_totale"},
                gardes=lambda d: d[code] != "XX",
            )
        )
    return extraits


EXTRAITS = [
    *petite_enfance("com", "communes", "numcom"),
    *petite_enfance("epci", "epci", "numepci", libelle="nomepci"),
    *petite_enfance("dep", "departements", "numdep"),
    *petite_enfance("nat", "national", "", libelle="national"),
    Extrait(
        "cnaf_allocataires_communes",
        "communes",
        2024,
        "cnaf/cafdata/s_ben_com_f_portail_2026_extrait.csv",
        {
            "dtreffre": "annee",
            "numcomdo": "code",
            "indfoy_rsa": "foyers_rsa",
            "indfoy_ppa": "foyers_prime_activite",
        },
        gardes=lambda d: d["numcomdo"] != "",
    ),
    Extrait(
        "insee_bpe",
        "communes",
        2025,
        "insee/melodi_2026/insee_bpe_sample.zip",
        {
            "GEO": "code",
            "FACILITY_DOM": "domaine",
            "FACILITY_SDOM": "sous_domaine",
            "FACILITY_TYPE": "type_equipement",
            "TIME_PERIOD": "annee",
            "OBS_VALUE": "equipements",
        },
        gardes=lambda d: d["GEO_OBJECT"] == "COM",
    ),
    Extrait(
        "insee_filosofi_pauvrete",
        "communes",
        2021,
        "insee/filosofi/cc_filosofi_2021_COM.csv",
        {"CODGEO": "code", "MED21": "mediane_niveau_vie", "TP6021": "taux_pauvrete_60"},
    ),
    Extrait(
        "dares_defm",
        "communes",
        2024,
        "dares/dares_defm_communales-brutes_sample_labels.csv",
        {"Date": "annee", "Code commune": "code", "Nombre de demandeurs d'emploi": "demandeurs_emploi"},
        gardes=lambda d: (d["Sexe"] == "Total") & (d["Tranche d'âge"] == "Total"),
    ),
    # A first quarter: the same records, had they been written at the end of the year.
    Extrait(
        "arcep_fibre",
        "communes",
        2025,
        "arcep/arcep-mci-2026t1-techno-sample.csv",
        {"code_insee": "code", "nbr": "locaux", "elig_ftth": "locaux_eligibles_ftth", "date": "annee"},
        corriger=lambda octets: octets.replace(b"2026-03-31", b"2025-12-31"),
    ),
    Extrait(
        "dgcl_frr",
        "copie",
        2025,
        "dgcl/liste-communes-FRR-juillet2025.csv",
        {"Code_insee": "code", "Classement FRR et FRR+ au 10 juillet 2025": "classement"},
    ),
]


@pytest.fixture(scope="session")
def cog(reel: Path) -> Callable[[int], Cog]:
    def faire(annee: int) -> Cog:
        # The codes of 2026 are those of 2025.
        communes = pd.read_csv(reel / f"insee/cog/v_commune_{annee}.csv", dtype=str)
        communes = communes[communes["TYPECOM"].isin(["COM", "ARM"])]
        return Cog(annee, "sha", frozenset(communes["COM"]), frozenset())

    return faire


def texte(extrait: Extrait, reel: Path) -> bytes:
    octets = (reel / extrait.fichier).read_bytes()
    if extrait.fichier.endswith(".zip"):
        with zipfile.ZipFile(io.BytesIO(octets)) as archive:
            octets = archive.read(archive.namelist()[0])
    return extrait.corriger(octets)


def fichier(extrait: Extrait, octets: bytes, dossier: Path) -> Path:
    """The extract as its producer serves it: an archive, a workbook, or text."""
    r = extrait.contrat
    chemin = dossier / "extrait"
    if extrait.fichier.endswith(".zip"):
        with zipfile.ZipFile(chemin, "w") as archive:
            archive.writestr(r.millesimes[extrait.millesime].member or "", octets)
    elif isinstance(r.format, FormatXlsx):
        classeur = openpyxl.Workbook(write_only=True)
        feuille = classeur.create_sheet("Feuil1")
        for rang in csv.reader(io.StringIO(octets.decode("utf-8")), delimiter=";"):
            feuille.append(rang)
        classeur.save(chemin)
    else:
        chemin.write_bytes(octets)
    return chemin


def normaliser(extrait: Extrait, octets: bytes, dossier: Path, cog: CogsRecus) -> Normalise:
    r, millesime = extrait.contrat, extrait.millesime
    lu = typer(fichier(extrait, octets, dossier), r, millesime, cog)
    juger(lu.table, r, r.millesimes[millesime], None, None, Lieu(r.source, r.nom, millesime), national=False)
    return lu


def attendu(r: Ressource, colonne: str, cellule: str) -> object:
    """What a cell means, read without the project's code."""
    c = r.columns[colonne]
    if cellule in (*c.missing, *c.secret):
        return None
    if c.type.startswith("year"):
        return int(cellule[:4])
    if c.type in ("integer", "decimal"):
        return Decimal(cellule.replace(",", "."))
    return cellule


@pytest.mark.parametrize("extrait", EXTRAITS, ids=[Path(e.fichier).stem for e in EXTRAITS])
def test_a_real_extract_is_read_as_pandas_reads_it(
    reel: Path, tmp_path: Path, cog: Callable[[int], Cog], extrait: Extrait
) -> None:
    r, octets = extrait.contrat, texte(extrait, reel)
    edition = r.millesimes[extrait.millesime]
    codes: CogsRecus = None
    if r.niveau == "commune" and isinstance(edition.cog, int):
        codes = cog(edition.cog)
    elif edition.cog == JANVIER_SUIVANT:
        codes = {annee: cog(annee) for annee in range(2021, 2027)}
    lu = normaliser(extrait, octets, tmp_path, codes)

    brut = pd.read_csv(io.BytesIO(octets), sep=";", dtype=str, keep_default_na=False, encoding="utf-8-sig")
    gardes = brut[extrait.gardes(brut)]
    assert len(gardes) > 0
    assert lu.ecartes.num_rows == 0
    lus = lu.table.to_pylist()
    assert [x["ligne"] for x in lus] == [i + 2 for i in gardes.index]
    for entete, colonne in extrait.colonnes.items():
        assert [x[colonne] for x in lus] == [attendu(r, colonne, v) for v in gardes[entete]], entete
    # What the extract does not hold is said to be absent, not left to chance.
    for colonne in set(r.columns) - set(extrait.colonnes.values()):
        assert lu.table[colonne].null_count == len(lus), colonne


def test_every_export_of_a_portal_is_asked_for_the_fields_of_its_layout() -> None:
    exports = {
        (r.source, r.nom): r
        for c in CONTRATS.values()
        for r in c.ressources.values()
        if r.rolling and "/exports/" in r.rolling.url
    }
    assert len(exports) == 27
    for r in exports.values():
        assert r.rolling and r.rolling.layout and r.adresse_glissante
        demandes = parse_qs(urlsplit(r.adresse_glissante).query)["select"][0].split(",")
        assert demandes == list(r.layouts[r.rolling.layout].columns)


def test_a_first_quarter_is_refused_and_the_fourth_asked_for(reel: Path, tmp_path: Path) -> None:
    arcep = de("arcep_fibre")
    octets = (reel / arcep.fichier).read_bytes()
    with pytest.raises(ErreurSource) as e:
        normaliser(arcep, octets, tmp_path, None)
    assert (e.value.code, e.value.colonne, e.value.ligne) == ("valeur_illisible", "date (annee)", 2)
    assert "'2026-03-31'" in e.value.observe and e.value.attendu == "a day of December, AAAA-12-JJ"


# --- What each layout says of itself ---------------------------------------------------------------


def layouts() -> dict[str, tuple[Ressource, Layout]]:
    return {
        f"{r.source}/{r.nom}/{nom}": (r, y)
        for c in CONTRATS.values()
        for r in c.ressources.values()
        for nom, y in r.layouts.items()
        if not isinstance(r.format, FormatTableur)
    }


CONFIRMES = {cle: ry for cle, ry in layouts().items() if ry[1].confirme}


def entete(chemin: Path, r: Ressource) -> list[str]:
    """Headers of a real file, read without the project's readers."""
    if chemin.suffix == ".json":
        return list(json.loads(chemin.read_text("utf-8")))
    if chemin.suffix == ".geojson":
        (noms,) = {tuple(t["properties"]) for t in json.loads(chemin.read_bytes())["features"]}
        return [*noms, "geometry"]
    if chemin.suffix == ".xlsx":
        assert isinstance(r.format, FormatXlsx)
        # The sheet of a year is the first one.
        feuille = r.format.sheet if r.format.sheet and "{" not in r.format.sheet else 0
        rang = r.format.header_row - 1
        lus = pd.read_excel(chemin, sheet_name=feuille, header=rang, nrows=0, engine="calamine")
        return [str(c) for c in lus.columns]
    octets = chemin.read_bytes()
    if isinstance(r.format, FormatXls):
        clair = io.BytesIO(gzip.decompress(octets))
        lus = pd.read_excel(
            clair, sheet_name=r.format.sheet, header=r.format.header_row - 1, engine="calamine"
        )
        return [str(c) for c in lus.columns]
    if chemin.suffix == ".zip":
        with zipfile.ZipFile(chemin) as archive:
            (nom,) = [n for n in archive.namelist() if not n.lower().startswith("meta")]
            octets = archive.read(nom)
    separateur = getattr(r.format, "separator", ";")
    return next(csv.reader(io.StringIO(octets.decode("utf-8-sig")), delimiter=separateur))


@pytest.mark.parametrize("cle", list(CONFIRMES))
def test_a_confirmed_layout_has_the_headers_of_the_file_it_names(reel: Path, cle: str) -> None:
    r, y = CONFIRMES[cle]
    assert y.confirme
    vus = entete(reel / y.confirme.fichier, r)
    nom = cle.rsplit("/", 1)[1]
    soeurs = CONTRATS[r.source].ressources.values()
    editions = [e for s in soeurs for e in s.millesimes.values() if nom in e.layout]
    attendus = [{e.gabarit(g) for g in y.gabarits} for e in editions]
    assert {v for v in vus if v} in attendus
    assert sum(v == "" for v in vus) == y.unnamed_columns


@pytest.mark.parametrize("extrait", EXTRAITS, ids=[Path(e.fichier).stem for e in EXTRAITS])
def test_a_real_extract_is_what_its_layout_says_it_was_confirmed_by(extrait: Extrait) -> None:
    vus = [y.confirme.fichier for y in extrait.contrat.layouts.values() if y.confirme]
    assert extrait.fichier in vus


# --- What the producers may do next ----------------------------------------------------------------


def de(source: str) -> Extrait:
    (extrait,) = [e for e in EXTRAITS if e.source == source]
    return extrait


def test_new_types_of_a_nomenclature_are_told_all_at_once(reel: Path, tmp_path: Path) -> None:
    octets = texte(de("insee_bpe"), reel)
    # A type that 2025 brought is read; those nobody declared are refused, each by its name.
    connu = octets.replace(b";A129;", b";A140;")
    assert "A140" in normaliser(de("insee_bpe"), connu, tmp_path, None).table["type_equipement"].to_pylist()
    inconnus = connu.replace(b";A401;", b";D508;").replace(b";A402;", b";D509;").replace(b";D249;", b";D282;")
    with pytest.raises(ErreurSource) as e:
        normaliser(de("insee_bpe"), inconnus, tmp_path, None)
    assert e.value.code == "valeur_hors_liste" and e.value.colonne == "FACILITY_TYPE (type_equipement)"
    assert e.value.attendu == "one of 231 values"
    assert e.value.que_faire.endswith("ingestion/sources/insee_bpe.yml: 'D282', 'D508', 'D509'")


def test_an_address_that_moved_on_to_the_next_millesime_says_what_to_declare(
    reel: Path, tmp_path: Path
) -> None:
    r = CONTRATS["insee_bpe"].ressources["communes"]
    adresses = [e.url for e in r.millesimes.values() if e.url]
    assert len(adresses) == 1 and r.millesimes[2025].url
    chemin = tmp_path / "bpe.zip"
    with zipfile.ZipFile(chemin, "w") as archive:
        archive.writestr("DS_BPE_2026_data.csv", texte(de("insee_bpe"), reel))
    with pytest.raises(ErreurSource) as e:
        typer(chemin, r, 2025)
    assert e.value.code == "membre_absent" and "'DS_BPE_2026_data.csv'" in e.value.observe
    assert "newer millésime" in e.value.que_faire and "take the `url` from this one" in e.value.que_faire
