"""Long files (Melodi): the real extracts read by their contracts alone, and what is refused of one.

Volumes aside: an extract holds a few territories. Every value that a contract keeps is compared with pandas,
which shares no code with the reader.
"""

import zipfile
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from ingestion import long
from ingestion.contrats import Contrat, ContratsInvalides, Millesime, Ressource, charger_contrats
from ingestion.erreurs import ErreurSource, Lieu
from ingestion.typage import Normalise, normaliser_fichier
from socle.disque import sha256_fichier

CONTRATS = charger_contrats()
TOTAL = {"RP_MEASURE": "DWELLINGS", "OCS": "_T", "TDW": "_T", "TSH": "_T", "NOR": "_T"}
ACTIFS = {"AGE": "Y15T64", "SEX": "_T", "EDUC": "_T"}
AGES = {"AGE": "Y_GE15", "SEX": "_T", "PCS": "_T"}
# Extract → source, and the codes of each mesure, written here again: the contracts have their own.
EXTRAITS: dict[str, tuple[str, dict[str, dict[str, str]]]] = {
    "logement": (
        "insee_rp_logement",
        {
            "logements": TOTAL,
            "residences_principales": TOTAL | {"OCS": "DW_MAIN"},
            "logements_residences_secondaires": TOTAL | {"OCS": "DW_SEC_DW_OCC"},
            "logements_vacants": TOTAL | {"OCS": "DW_VAC"},
            "residences_principales_proprietaires": TOTAL | {"OCS": "DW_MAIN", "TSH": "100"},
            "residences_principales_hlm": TOTAL | {"OCS": "DW_MAIN", "TSH": "221"},
        },
    ),
    "emploi": (
        "insee_rp_emploi",
        {"chomeurs_15_64": ACTIFS | {"EMPSTA_ENQ": "2"}, "actifs_15_64": ACTIFS | {"EMPSTA_ENQ": "1T2"}},
    ),
    "famille": (
        "insee_rp_familles",
        {"familles": {"TFN": "_T", "NCH": "_T"}, "familles_monoparentales": {"TFN": "1", "NCH": "_T"}},
    ),
    "population_comp": (
        "insee_rp_population",
        {
            "population_15_ans_et_plus": AGES,
            "population_15_24_ans": AGES | {"AGE": "Y15T24"},
            "population_25_54_ans": AGES | {"AGE": "Y25T54"},
            "population_55_ans_et_plus": AGES | {"AGE": "Y_GE55"},
            "hommes_15_ans_et_plus": AGES | {"SEX": "M"},
            "femmes_15_ans_et_plus": AGES | {"SEX": "F"},
        },
    ),
    "naissances": ("insee_naissances", {"naissances": {"EC_MEASURE": "LVB"}}),
}
NIVEAUX = {"commune": "COM", "epci": "EPCI", "departement": "DEP", "region": "REG", "france": "FRANCE"}


@pytest.fixture(autouse=True, scope="module")
def memoire() -> Iterator[None]:
    """Nothing that these tests read stays in memory after them."""
    yield
    long.oublier()


def ressources(source: str) -> dict[str, Ressource]:
    """The ressources of a source that read long files."""
    return {
        nom: r
        for nom, r in CONTRATS[source].ressources.items()
        if any(r.forme(e) == "long" for e in r.millesimes.values())
    }


def edition(r: Ressource, annee: int) -> Millesime:
    """The newest long millésime of a ressource, asked of another year of its file."""
    longue = max((e for e in r.millesimes.values() if r.forme(e) == "long"), key=lambda e: e.millesime)
    return longue.model_copy(update={"millesime": annee})


def lire(chemin: Path, r: Ressource, annee: int) -> Normalise:
    lieu = Lieu(r.source, r.nom, annee, chemin.name)
    return normaliser_fichier(chemin, r, edition(r, annee), sha256_fichier(chemin), None, lieu)


@pytest.fixture(scope="session")
def extraits(reel: Path) -> Path:
    return reel / "insee" / "melodi_2026"


def en_pandas(chemin: Path) -> pd.DataFrame:
    with zipfile.ZipFile(chemin) as archive, archive.open(archive.namelist()[0]) as f:
        lu = pd.read_csv(f, sep=";", dtype=str, keep_default_na=False)
    return lu.assign(ligne=range(2, len(lu) + 2))


@pytest.mark.parametrize("nom", EXTRAITS)
def test_every_value_kept_is_the_file_s(extraits: Path, nom: str) -> None:
    source, mesures = EXTRAITS[nom]
    chemin = extraits / f"insee_{nom}_sample.zip"
    observations = en_pandas(chemin)
    comparees = 0
    for ressource, r in ressources(source).items():
        objet = observations[NIVEAUX[r.niveau] == observations.GEO_OBJECT]
        if r.niveau == "france":
            objet = objet[objet.GEO == "F"]
        for annee, de_l_annee in objet.groupby(objet.TIME_PERIOD.astype(int)):
            lus = {rang["code"]: rang for rang in lire(chemin, r, int(annee)).table.to_pylist()}
            assert set(lus) == set(de_l_annee.GEO)
            for code, du_territoire in de_l_annee.groupby("GEO"):
                gardees = []
                for mesure, codes in mesures.items():
                    [(ligne, valeur, statut)] = [
                        (o.ligne, o.OBS_VALUE, o.OBS_STATUS)
                        for o in du_territoire.itertuples()
                        if all(getattr(o, d) == c for d, c in codes.items())
                    ]
                    attendue = Decimal(valeur) if statut in ("A", "W") else None
                    assert lus[code][mesure] == attendue, (ressource, annee, code, mesure)
                    assert lus[code][f"{mesure}__marque"] == (None if valeur else "manquant")
                    gardees.append(ligne)
                    comparees += 1
                assert lus[code]["ligne"] == min(gardees)
                assert lus[code]["millesime_fichier"] == annee
    assert (
        comparees
        == {"logement": 108, "emploi": 36, "famille": 36, "population_comp": 108, "naissances": 270}[nom]
    )


def test_what_is_left_out_of_the_extracts(extraits: Path) -> None:
    """Arrondissements, zonings, metropolitan France: in the files, in no Parquet."""
    for nom, (source, _) in EXTRAITS.items():
        chemin = extraits / f"insee_{nom}_sample.zip"
        observations = en_pandas(chemin)
        hors = set(observations[~observations.GEO_OBJECT.isin(NIVEAUX.values())].GEO) - {"69123"}
        assert {"75101"} <= hors
        annee = max(map(int, observations.TIME_PERIOD))
        codes = {
            c for r in ressources(source).values() for c in lire(chemin, r, annee).table["code"].to_pylist()
        }
        assert not codes & (hors | {"FM", "F_X_D976"})


def test_a_merged_commune_is_missing_and_the_one_that_counts_it_is_not(extraits: Path) -> None:
    r = CONTRATS["insee_naissances"].ressources["communes"]
    rangs = {x["code"]: x for x in lire(extraits / "insee_naissances_sample.zip", r, 2017).table.to_pylist()}
    assert (rangs["14666"]["naissances"], rangs["14666"]["naissances__marque"]) == (None, "manquant")
    assert (rangs["14712"]["naissances"], rangs["14712"]["naissances__marque"]) == (32, None)


def test_one_file_is_read_once_for_all_its_levels_and_years(extraits: Path) -> None:
    long.oublier()
    for r in ressources("insee_rp_emploi").values():
        for annee in (2012, 2017, 2023):
            lire(extraits / "insee_emploi_sample.zip", r, annee)
    assert long._lire.cache_info().misses == 1


# -- a small long file, and what is refused of it -----------------------------------------------------

CONTRAT = """
source: petit_long
title: Petit
producer: Insee
licence: LO2
page: https://example.org/
cadence: annuelle
indispensable: false
diffusion: publique
description: Small.
ressources:
  communes: &communes
    grain: one line per commune
    niveau: commune
    format: {kind: csv, encoding: utf-8, separator: ";", decimal: "."}
    cle: [code]
    columns: &columns
      code: {type: text, description: Code}
      logements: {type: decimal, min: 0, missing: [""], secret: [s], description: Dwellings}
      vacants: {type: integer, min: 0, missing: [""], secret: [s], description: Vacant}
    mesures: [logements, vacants]
    layouts: &layouts
      melodi:
        documente: invented
        long:
          dimensions: {OCS: _T, NOR: _T}
          mesures:
            logements: {}
            vacants: {OCS: VAC}
          codes: {OCS: [_T, VAC, PRINC]}
          levels: {COM: commune, EPCI: epci}
          left_out: [ZE2020]
          markers: {OBS_STATUS: {A: ~, M: missing}, CONF_STATUS: {F: ~, C: secret}}
    thresholds: &thresholds {rows: {min: 1, max: 10}}
    couverture: france
    absence: inconnu
    millesimes: &millesimes
      2023: {layout: melodi, cog: 2026, mirror: petit.csv}
  epci:
    grain: one line per EPCI
    niveau: epci
    format: {kind: csv, encoding: utf-8, separator: ";", decimal: "."}
    cle: [code]
    columns: *columns
    layouts: *layouts
    thresholds: *thresholds
    couverture: france
    absence: inconnu
    millesimes: *millesimes
"""
ENTETE = "GEO;GEO_OBJECT;OCS;NOR;OBS_STATUS;CONF_STATUS;TIME_PERIOD;OBS_VALUE"
LIGNES = [
    "26001;COM;_T;_T;A;F;2023;4.1E2",
    "26001;COM;VAC;_T;A;F;2023;7.0",
    "26001;COM;PRINC;_T;A;F;2023;403.0",
    "26001;COM;_T;R3;A;F;2023;12.5",
    "26001;COM;_T;_T;A;F;2017;300.0",
    "26002;COM;_T;_T;A;F;2023;110.25",
    "26002;COM;VAC;_T;A;C;2023;",
    "26003;COM;VAC;_T;M;F;2023;",
    "200068229;EPCI;_T;_T;A;F;2023;520.25",
    "8401;ZE2020;_T;_T;A;F;2023;9000.0",
]


@pytest.fixture
def petit(tmp_path: Path) -> Callable[..., Normalise]:
    """Write a small long file, some lines replaced or added, and read it."""

    def faire(
        changes: dict[int, str] | None = None,
        ajouts: list[str] | None = None,
        *,
        annee: int = 2023,
        ressource: str = "communes",
    ) -> Normalise:
        lignes = [ENTETE, *LIGNES, *(ajouts or [])]
        for numero, ligne in (changes or {}).items():
            lignes[numero - 1] = ligne
        fichier = tmp_path / "petit.csv"
        fichier.write_text("\n".join(lignes) + "\n")
        r = contrat(tmp_path).ressources[ressource]
        return lire(fichier, r, annee)

    return faire


def contrat(tmp_path: Path, texte: str = CONTRAT) -> Contrat:
    dossier = tmp_path / "sources"
    dossier.mkdir(exist_ok=True)
    (dossier / "petit_long.yml").write_text(texte)
    return charger_contrats(dossier)["petit_long"]


def test_what_is_secret_is_secret_whatever_another_marker_says(petit: Callable[..., Normalise]) -> None:
    rangs = {r["code"]: r for r in petit({8: "26002;COM;VAC;_T;M;C;2023;"}).table.to_pylist()}
    assert (rangs["26002"]["vacants__marque"], rangs["26003"]["vacants__marque"]) == ("secret", "manquant")


def test_observations_become_rows(petit: Callable[..., Normalise]) -> None:
    rangs = petit().table.select(
        ["code", "logements", "logements__marque", "vacants", "vacants__marque", "ligne"]
    )
    assert [tuple(r.values()) for r in rangs.to_pylist()] == [
        ("26001", Decimal(410), None, 7, None, 2),
        ("26002", Decimal("110.25"), None, None, "secret", 7),
        # Nothing is said of its dwellings: neither missing nor zero, the file has no such observation.
        ("26003", None, None, None, "manquant", 9),
    ]
    assert petit(ressource="epci").table["logements"].to_pylist() == [Decimal("520.25")]
    assert petit(annee=2017).table["logements"].to_pylist() == [Decimal(300)]


# What is refused → the line that changes and what it becomes, then code, column and observation.
CAS = {
    "a code of a dimension": (4, "26001;COM;SQUAT;_T;A;F;2023;4.0", "valeur_hors_liste", "OCS", "'SQUAT'"),
    "a level": (11, "8401;PAYS;_T;_T;A;F;2023;1.0", "valeur_hors_liste", "GEO_OBJECT", "'PAYS'"),
    "a status": (7, "26002;COM;_T;_T;Z;F;2023;1.0", "valeur_hors_liste", "OBS_STATUS", "'Z'"),
    "a confidentiality": (8, "26002;COM;VAC;_T;A;Q;2023;", "valeur_hors_liste", "CONF_STATUS", "'Q'"),
    "a dimension gone": (1, ENTETE.replace("NOR", "ROOMS"), "colonne_manquante", "NOR", "unknown 'ROOMS'"),
    "no value": (7, "26002;COM;_T;_T;A;F;2023;", "marque_contredite", "OBS_VALUE", "OBS_STATUS 'A'"),
    "a value marked absent": (9, "26003;COM;VAC;_T;M;F;2023;4.0", "marque_contredite", "OBS_VALUE", "'4.0'"),
    "a part of a dwelling": (
        3, "26001;COM;VAC;_T;A;F;2023;7.5", "valeur_illisible", "OBS_VALUE[OCS=VAC] (vacants)", "'7.5'",
    ),
    "a text for a number": (
        7, "26002;COM;_T;_T;A;F;2023;E", "valeur_illisible", "OBS_VALUE[OCS=_T, NOR=_T] (logements)", "'E'",
    ),
    "another number of fields": (5, "26001;COM;_T;R3;A;F;2023", "nombre_de_champs", None, "7 fields"),
}  # fmt: skip


def _refus(lire: Callable[[], object]) -> ErreurSource:
    with pytest.raises(ErreurSource) as refus:
        lire()
    e = refus.value
    assert (e.source, e.fichier) == ("petit_long", "petit.csv") and e.attendu and e.que_faire
    return e


@pytest.mark.parametrize("cas", CAS)
def test_what_is_refused_says_where(petit: Callable[..., Normalise], cas: str) -> None:
    ligne, texte, code, colonne, observe = CAS[cas]
    e = _refus(lambda: petit({ligne: texte}))
    assert (e.code, e.ligne, e.colonne, e.millesime) == (code, ligne, colonne, 2023)
    assert observe in e.observe


def test_what_the_file_as_a_whole_lacks_or_repeats_is_refused(petit: Callable[..., Normalise]) -> None:
    double = _refus(lambda: petit(ajouts=["26001;COM;VAC;_T;A;F;2023;8.0"]))
    assert (double.code, double.ligne) == ("cle_dupliquee", 3)
    assert "COM 26001 2023 VAC _T (also line 12)" in double.observe
    annee = _refus(lambda: petit(annee=2012))
    assert (annee.code, annee.millesime) == ("millesime_inattendu", 2012) and "2017, 2023" in annee.observe
    niveau = _refus(lambda: petit({10: "1;COM;_T;_T;A;F;2023;1.0"}, ressource="epci"))
    assert (niveau.code, niveau.colonne) == ("modalite_absente", "GEO_OBJECT") and "EPCI" in niveau.observe


def test_a_mesure_that_the_whole_country_lacks_is_refused(
    petit: Callable[..., Normalise], tmp_path: Path
) -> None:
    from ingestion.jugement import juger

    table = petit({n: "26001;COM;PRINC;_T;A;F;2023;1.0" for n in (3, 8, 9)}).table
    r = contrat(tmp_path).ressources["communes"]
    lieu = Lieu("petit_long", "communes", 2023, "petit.csv")
    juger(table, r, edition(r, 2023), None, None, lieu, national=False)
    with pytest.raises(ErreurSource) as refus:
        juger(table, r, edition(r, 2023), None, None, lieu, national=True)
    assert (refus.value.code, refus.value.colonne) == ("modalite_absente", "OCS")
    assert "vacants" in refus.value.observe


@pytest.mark.parametrize(
    ("avant", "apres", "message"),
    [
        ("vacants: {OCS: VAC}", "vacants: {OCC: VAC}", "'OCC' is not one of `dimensions`"),
        ("vacants: {OCS: VAC}", "vacants: {}", "is the same observation as logements"),
        ("[_T, VAC, PRINC]", "[_T, PRINC]", "['VAC'] is read and not listed"),
        ("left_out: [ZE2020]", "left_out: [COM]", "'COM' is also one of `levels`"),
        ("EPCI: epci}", "EPCI: region}", "nothing is of level 'epci'"),
        ("cle: [code]", "cle: [code, vacants]", "`cle` is [code]"),
        (
            'min: 0, missing: [""], secret: [s], description: Vacant',
            "min: 0, description: Vacant",
            "may be missing or secret",
        ),
        ("      melodi:\n", "      melodi:\n        columns: {GEO: code}\n", "not both"),
        ("{OCS: _T, NOR: _T}", "{OCS: _T, NOR: _T, OBS_STATUS: A}", "headers with two roles"),
    ],
)
def test_what_a_long_contract_may_not_say(tmp_path: Path, avant: str, apres: str, message: str) -> None:
    assert avant in CONTRAT
    with pytest.raises(ContratsInvalides) as refus:
        contrat(tmp_path, CONTRAT.replace(avant, apres))
    assert message in str(refus.value)
