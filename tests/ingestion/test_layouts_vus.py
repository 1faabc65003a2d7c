"""Layouts known by a whole header in a public repository: that header, written out, is the layout's own.

Also extracts made by hand, of sources of which no record was seen.
"""

from decimal import Decimal
from pathlib import Path

import pytest
from petite_source import typer

from ingestion.cog import Cog
from ingestion.contrats import charger_contrats
from ingestion.erreurs import ErreurSource
from ingestion.reconnaissance import reconnaitre

CONTRATS = charger_contrats()
AGES = (
    "POP POP0002 POP0305 POP0610 POP1117 POP1824 POP2539 POP4054 POP5564 POP6579 POP80P POP0014 "
    "POP1529 POP3044 POP4559 POP6074 POP75P POP0019 POP2064 POP65P POPH H0014 H1529 H3044 H4559 "
    "H6074 H75P H0019 H2064 H65P POPF F0014 F1529 F3044 F4559 F6074 F75P F0019 F2064 F65P"
)
FIN = "POP_FR POP_ETR POP_IMM PMEN PHORMEN"
CS = ("CS1", "CS2", "CS3", "CS4", "CS5", "CS6", "CS7", "CS8")
GSEC = tuple(f"STAT_GSEC{x}" for x in ("11_21", "12_22", "13_23", "14_24", "15_25", "16_26", "32", "40"))


def iris(aa: str, categories: tuple[str, ...]) -> str:
    suites = ["", *(f"_{c}" for c in categories)]
    csp = [f"C{aa}_{qui}15P{suite}" for qui in ("POP", "H", "F") for suite in suites]
    ages, fin = ([f"P{aa}_{nom}" for nom in noms.split()] for noms in (AGES, FIN))
    return " ".join(["IRIS COM TYP_IRIS LAB_IRIS", *ages, *csp, *fin])


# By source and layout: the millésime and the header, as the place that `vu` names shows them.
VUS = {
    ("dares_defm", "selection"): (2024, "date code_commune nombre_de_demandeurs_d_emploi"),
    ("ign_contours_communes", "contours_administratifs"): (
        2025,
        "code nom departement region epci plm commune geometry",
    ),
    ("insee_acces_equipements", "bpe_2024"): (
        2024,
        "idSrc X Y iris dep reg depcom pop typeeq_id domaine depcom_eq distance deuclidienne duree",
    ),
    ("insee_filosofi_cc", "melodi"): (
        2023,
        "GEO GEO_OBJECT FILOSOFI_MEASURE UNIT_MEASURE UNIT_MULT CONF_STATUS OBS_STATUS TIME_PERIOD OBS_VALUE",
    ),
    ("laposte_codes_postaux", "producteur"): (
        2026,
        "#Code_commune_INSEE Nom_de_la_commune Code_postal Libellé_d_acheminement Ligne_5",
    ),
    ("men_ecoles", "ecoles"): (
        2026,
        "identifiant_de_l_etablissement type_etablissement statut_public_prive code_commune nom_commune "
        "code_departement etat rpi_concentre rpi_disperse",
    ),
    ("insee_rp_population_age", "pcs2003"): (2020, iris("20", CS)),
    ("insee_rp_population_age", "pcs2020"): (2022, iris("22", GSEC)),
    ("urssaf_assistants_maternels", "selection"): (
        2024,
        "code_departement code_categorie_d_emploi nombre_d_heures_declarees masse_salariale_nette",
    ),
}


def test_each_layout_seen_in_a_repository_has_its_header_here() -> None:
    declares = {
        (r.source, nom)
        for c in CONTRATS.values()
        for r in c.ressources.values()
        for nom, y in r.layouts.items()
        if y.vu
    }
    assert declares == set(VUS)


@pytest.mark.parametrize("cle", list(VUS), ids="/".join)
def test_the_header_seen_is_the_layout_and_no_other(cle: tuple[str, str]) -> None:
    millesime, entete = VUS[cle]
    exactes = [r for r in reconnaitre(entete.split(), CONTRATS) if r.exacte]
    assert {(r.source, r.layout) for r in exactes} == {cle}
    assert all(millesime in r.millesimes and r.declares for r in exactes)


def lus(
    dossier: Path, source: str, nom: str, millesime: int, texte: str, cog: Cog | None
) -> list[dict[str, object]]:
    """The rows of an extract as the contract types them, without what says which file it is."""
    ressource, chemin = CONTRATS[source].ressources[nom], dossier / "f.csv"
    chemin.write_text(texte, getattr(ressource.format, "encoding", "utf-8"))
    return typer(chemin, ressource, millesime, cog).table.select([*ressource.columns]).to_pylist()


def test_pupils_are_read_by_ecole_and_those_of_the_collectivites_d_outre_mer_are_not(tmp_path: Path) -> None:
    entete = (
        "rentree_scolaire;numero_ecole;code_departement;commune;nombre_total_eleves;"
        "nombre_eleves_preelementaire_hors_ulis;nombre_total_classes"
    )
    lignes = [
        "2025;0260001A;026;NYONS;95;40;4",
        "2024;0260001A;26;NYONS;90.0;;4",
        "2025;9880001A;988;NOUMEA;9;9;1",
    ]
    deux = lus(tmp_path, "men_ecoles", "effectifs", 2025, "\n".join([entete, *lignes, ""]), None)
    assert [(r["annee"], r["departement"], r["eleves"], r["eleves_maternelle"]) for r in deux] == [
        (2025, "026", 95, 40),
        (2024, "26", 90, None),
    ]


def test_the_annuaire_gives_the_commune_of_an_ecole(tmp_path: Path) -> None:
    entete = ";".join(VUS["men_ecoles", "ecoles"][1].split())
    lignes = [
        "0260001A;Ecole;Public;26220;Nyons;026;OUVERT;0;0",
        "0260002B;Ecole;Privé;26999;Ailleurs;026;OUVERT;0;0",
        "9880001A;Ecole;Public;98818;Nouméa;988;OUVERT;0;0",
    ]
    cog = Cog(2026, "sha", frozenset({"26220"}), frozenset({"26"}))
    # A code outside the COG is set aside.
    assert lus(tmp_path, "men_ecoles", "annuaire", 2026, "\n".join([entete, *lignes, ""]), cog) == [
        {"numero_ecole": "0260001A", "code": "26220"}
    ]


CODES_POSTAUX = [
    "#Code_commune_INSEE;Nom_de_la_commune;Code_postal;Libellé_d_acheminement;Ligne_5",
    "26001;SOLAURE EN DIOIS;26150;SOLAURE EN DIOIS;",
    "26001;SOLAURE EN DIOIS;26150;SOLAURE EN DIOIS;MOLIERES GLANDAZ",
    "75113;PARIS 13;75013;PARIS;",
    "98818;NOUMEA;98800;NOUMÉA;",
    "99138;MONACO;98000;MONACO;",
]


def test_the_postal_codes_of_communes_are_read_and_those_of_the_collectivites_are_not(tmp_path: Path) -> None:
    cog = Cog(2026, "sha", frozenset({"26001", "75113"}), frozenset({"26", "75"}))
    texte = "\r\n".join([*CODES_POSTAUX, ""])
    assert lus(tmp_path, "laposte_codes_postaux", "communes", 2026, texte, cog) == [
        {"code": "26001", "code_postal": "26150", "ligne_5": None},
        {"code": "26001", "code_postal": "26150", "ligne_5": "MOLIERES GLANDAZ"},
        {"code": "75113", "code_postal": "75013", "ligne_5": None},
    ]


@pytest.mark.parametrize(
    ("avant", "apres", "code", "dit"),
    [
        ("Code_postal", "CP", "colonne_manquante", "renamed 'CP'"),
        ("#Code", "Code", "colonne_manquante", "renamed 'Code_commune_INSEE'"),
        (";Ligne_5", "", "nombre_de_champs", "4 fields"),
        # A workbook that was saved: the zero that begins a code is gone.
        (";26150;", ";6150;", "valeur_illisible", "a postal code on 5 digits"),
        (";MOLIERES GLANDAZ", ";", "cle_dupliquee", "26001, 26150"),
    ],
)
def test_postal_codes_of_another_form_are_refused(
    tmp_path: Path, avant: str, apres: str, code: str, dit: str
) -> None:
    cog = Cog(2026, "sha", frozenset({"26001", "75113"}), frozenset({"26", "75"}))
    texte = "\r\n".join([*CODES_POSTAUX, ""]).replace(avant, apres)
    with pytest.raises(ErreurSource) as e:
        lus(tmp_path, "laposte_codes_postaux", "communes", 2026, texte, cog)
    assert e.value.code == code and dit in str(e.value)


def test_the_hours_of_assistants_maternels_alone_are_read(tmp_path: Path) -> None:
    lignes = [
        ";".join(VUS["urssaf_assistants_maternels", "selection"][1].split()),
        "26;PAJE_AM;1000.5;4000",
        "26;PAJE_GED;70;700",
        "nca;PAJE_AM;5;20",
        "2A;PAJE_AM;;",
    ]
    un = lus(tmp_path, "urssaf_assistants_maternels", "departements", 2024, "\n".join([*lignes, ""]), None)
    assert [tuple(r.values()) for r in un] == [("26", Decimal("1000.5"), 4000), ("2A", None, None)]
