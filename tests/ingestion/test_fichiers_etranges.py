"""Files that a person drops by mistake, and what the refusal tells them, word for word."""

import gzip
import re
import zipfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from petite_source import (
    COG,
    COG_2022,
    REGISTRE,
    REGISTRE_2022,
    acquerir,
    glissant,
    petite_acquisition,
    sha,
    typer,
)

from ingestion.acquisition import Acquisition, BilanSource, Profil
from ingestion.contrats import ContratsInvalides, charger_contrats
from ingestion.erreurs import ErreurSource
from ingestion.miroir import inconnus

Nuit = Callable[[], tuple[BilanSource, BilanSource]]


def refus(bilans: tuple[BilanSource, BilanSource]) -> ErreurSource:
    (erreur,) = [e for b in bilans for e in b.refus]
    return erreur


def dit(erreur: ErreurSource) -> list[str]:
    """The message, line by line, without its labels, nor how to leave that file aside."""
    titre, *faits = [ligne for ligne in str(erreur).splitlines() if not ligne.startswith("  or:")]
    return [titre, *(f.split(":", 1)[1].strip() for f in faits)]


# A part of the country ------------------------------------------------------------------------------


def test_an_extract_that_passes_for_france(reel: Path, tmp_path: Path) -> None:
    miroir = tmp_path / "miroir"
    for nom in ("dares/dares_defm_communales-brutes.csv", "insee/cog/v_commune_2024.csv"):
        (miroir / nom).parent.mkdir(parents=True, exist_ok=True)
    (miroir / "insee/cog/v_commune_2024.csv").symlink_to(reel / "insee/cog/v_commune_2024.csv")
    (miroir / "dares/dares_defm_communales-brutes.csv").symlink_to(
        reel / "novembre_2026/dares_essonne_labels.csv"
    )
    acquisition = Acquisition(tmp_path / "home", charger_contrats(), Profil("mirror", str(miroir)))
    for source in ("insee_cog_communes", "dares_defm"):
        bilans = acquisition.recevoir(source), acquisition.normaliser(source)
    assert dit(refus(bilans)) == [
        "[nombre_de_lignes] the number of rows is outside its bounds",
        "dares_defm/communes, millésime 2024, file dares_defm_communales-brutes.csv",
        "194 rows in 2015, all of département 91",
        "between 33000 and 37000",
        "check that the file is complete and of the right level; fetch it again if it was cut. An extract on "
        "purpose says what it covers: `couverture: departement:91` on this millésime in "
        "ingestion/sources/dares_defm.yml",
    ]


def test_an_extract_with_enough_rows(nuit: Nuit, miroir: Path) -> None:
    lignes = REGISTRE_2022.splitlines()
    (miroir / "registre2022.csv").write_text(
        "\n".join([*lignes[:4], "2A004;55;7;Ajaccio".replace("2A004", "97101")])
    )
    assert dit(refus(nuit())) == [
        "[departement_manquant] a département is missing from a national file",
        "registre/communes, millésime 2022, file registre2022.csv, column code",
        "no row for 75",
        "every département of the COG 2022, except 976",
        "fetch the file again, whole. An extract on purpose says what it covers: `couverture: "
        "departement:26` on this millésime in ingestion/sources/registre.yml; what its producer is known to "
        "leave out is listed under `departements_absents` of its millésime",
    ]


@pytest.fixture
def annuel(tmp_path: Path, miroir: Path) -> Callable[[dict[int, list[str]]], Acquisition]:
    """A register with a year in each row: its lines by year."""

    def faire(annees: dict[int, list[str]]) -> Acquisition:
        contrat = glissant(
            "https://example.org/x",
            ('CODE: code, "FOY{aa}": foyers, "REV{aa}"', "MOIS: annee, CODE: code, FOY: foyers, REV"),
            ("rows: {min: 4", "rows: {min: 3"),
        )
        rangs = [f"{annee}-12;{code};60;60;N" for annee, codes in annees.items() for code in codes]
        (miroir / "registre2022.csv").write_text("\n".join(["MOIS;CODE;FOY;REV;NOM", *rangs]) + "\n")
        contrats = {"insee_cog_communes": COG, "registre": contrat}
        return petite_acquisition(tmp_path, miroir, contrats)

    return faire


TOUS = ["26001", "26002", "2A004", "97101", "75101"]


def test_each_year_of_a_file_is_whole(annuel: Callable[..., Acquisition]) -> None:
    sans_corse = [c for c in TOUS if c != "2A004"]
    erreur = refus(acquerir(annuel({2020: sans_corse, 2021: sans_corse, 2022: TOUS}))["registre"])
    assert erreur.observe == "no row for 2A in 2020, and 1 more years lack some"
    bilans = acquerir(annuel({2021: TOUS, 2022: TOUS[:2]}))["registre"]
    assert refus(bilans).observe == "2 rows in 2022, all of département 26"


def test_a_departement_cut_since_the_file_before(nuit: Nuit, miroir: Path) -> None:
    autres = ["26004", "26005", "26006"]
    (miroir / "cog2022.csv").write_text(COG_2022 + "".join(f"COM,{c}\n" for c in autres))
    entier = REGISTRE_2022.replace("22;", "21;") + "".join(f"{c};60;60;N\n" for c in autres)
    (miroir / "registre2021.csv").write_text(entier)
    (miroir / "registre2022.csv").write_text(REGISTRE_2022.replace("26002;300;1600;Albon\n", ""))
    assert dit(refus(nuit())) == [
        "[departement_ampute] a département lost most of its rows since the last accepted file",
        "registre/communes, millésime 2022, file registre2022.csv, column code",
        "26 has 1 of 5 rows",
        "at least half of the rows that each département has in millésime 2021",
        "fetch the file again, whole: this is a part of it. If the producer left these rows out, list their "
        "départements under `departements_absents` of this millésime in ingestion/sources/registre.yml",
    ]


@pytest.mark.parametrize(("cumule", "code"), [("", "departement_ampute"), (", cumulative: true", None)])
def test_an_older_file_of_a_source_that_grows_is_shorter_and_not_cut(
    tmp_path: Path, miroir: Path, cumule: str, code: str | None
) -> None:
    """Movements of communes: each file has those of all the years before it."""
    regle = 'all_departements: {from_commune: code, except: ["976"]'
    contrats = {"insee_cog_communes": COG, "registre": REGISTRE.replace(regle, regle + cumule)}
    acquisition = petite_acquisition(tmp_path, miroir, contrats)
    autres = ["26004", "26005", "26006"]
    (miroir / "cog2022.csv").write_text(COG_2022 + "".join(f"COM,{c}\n" for c in autres))
    (miroir / "registre2022.csv").write_text(REGISTRE_2022 + "".join(f"{c};60;60;N\n" for c in autres))
    assert not [b.refus for b in acquerir(acquisition)["registre"] if b.refus]
    ancien = REGISTRE_2022.replace("22;", "21;").replace("26002;300;1600;Albon\n", "")
    (miroir / "registre2021.csv").write_text(ancien)
    assert [e.code for b in acquerir(acquisition)["registre"] for e in b.refus] == ([code] if code else [])


@pytest.mark.parametrize("seuil", ["rows", "all_departements"])
def test_no_contract_of_the_country_forgets_what_a_whole_file_has(tmp_path: Path, seuil: str) -> None:
    lignes = REGISTRE.splitlines()
    (oubliee,) = [ligne for ligne in lignes if ligne.strip().startswith(f"{seuil}:")]

    def charger(texte: str) -> None:
        (tmp_path / "registre.yml").write_text(texte.replace(oubliee + "\n", ""))
        charger_contrats(tmp_path)

    # Whether the country is that of the ressource, of a millésime or of an address.
    d_un_departement = REGISTRE.replace("couverture: france", "couverture: departement:26")
    d_un_millesime = d_un_departement.replace(
        "mirror: registre2021", "couverture: liste, mirror: registre2021"
    )
    for texte in (REGISTRE, d_un_millesime):
        with pytest.raises(ContratsInvalides, match=rf"ressources\.communes\.thresholds\.{seuil}: say "):
            charger(texte)
    charger(d_un_departement)
    charger(REGISTRE.replace("absence: inconnu", "absence: lacunaire"))


# Values -----------------------------------------------------------------------------------------------

POPULATIONS = "insee/populations/donnees_communes_pop{}.csv"


@pytest.fixture
def nyons(reel: Path, tmp_path: Path) -> Callable[[str, str], ErreurSource]:
    """The real populations of 2021, then those of 2022 with another line for Nyons: the refusal."""

    def faire(avant: str, apres: str) -> ErreurSource:
        miroir, nom = tmp_path / "miroir", POPULATIONS.format("2022")
        (miroir / nom).parent.mkdir(parents=True)
        contenu = (reel / nom).read_bytes()
        assert contenu.count(avant.encode()) == 1
        (miroir / nom).write_bytes(contenu.replace(avant.encode(), apres.encode()))
        lie = miroir / POPULATIONS.format("2021_cog2023")
        lie.symlink_to(reel / POPULATIONS.format("2021_cog2023"))
        acquisition = Acquisition(tmp_path / "home", charger_contrats(), Profil("mirror", str(miroir)))
        ou = "insee_populations_legales"
        return refus((acquisition.recevoir(ou), acquisition.normaliser(ou)))

    return faire


def test_columns_that_do_not_add_up_any_more(nyons: Callable[[str, str], ErreurSource]) -> None:
    assert dit(nyons("Nyons;6794;154;6948", "Nyons;67942;154;6948")) == [
        "[identite_rompue] columns do not add up as they always do",
        "insee_populations_legales/communes, millésime 2022, file donnees_communes_pop2022.csv, column "
        "population_totale, line 9170",
        "line 9170: '26220: 67942 + 154 is not 6948'",
        "population_municipale + population_comptee_a_part = population_totale",
        "open the file at that line: a digit was typed, or a column moved; fetch the file again. If its "
        "producer changed a definition, correct `identities` in "
        "ingestion/sources/insee_populations_legales.yml",
    ]


def test_a_digit_in_excess_that_adds_up(nyons: Callable[[str, str], ErreurSource]) -> None:
    assert dit(nyons("Nyons;6794;154;6948", "Nyons;67942;154;68096")) == [
        "[ligne_aberrante] a value moved more than any ever did since the last accepted file",
        "insee_populations_legales/communes, millésime 2022, file donnees_communes_pop2022.csv, column "
        "population_municipale, line 9170",
        "line 9170: '67942 instead of 6771', in millésime 2021",
        "from 1000 on, a ratio between 0.2 and 5",
        "open the file at that line: a digit was typed or lost; fetch it again. If the movement is real, "
        "widen `ratio_to_last.each_row` in ingestion/sources/insee_populations_legales.yml",
    ]


# Another file under this name ------------------------------------------------------------------------------


def test_the_bytes_of_another_year(tmp_path: Path, miroir: Path) -> None:
    sans_annee = REGISTRE.replace("{aa}", "")
    for annee in ("2021", "2022"):
        (miroir / f"registre{annee}.csv").write_text(REGISTRE_2022.replace("22;", ";"))
    contrats = {"insee_cog_communes": COG, "registre": sans_annee}
    acquisition = petite_acquisition(tmp_path, miroir, contrats)
    assert dit(refus(acquerir(acquisition)["registre"])) == [
        "[memes_octets] the file is that of another millésime, byte for byte",
        "registre/communes, millésime 2022, file registre2022.csv",
        f"the same bytes as millésime 2021 ({sha(REGISTRE_2022.replace('22;', ';'))[:12]})",
        "the file of 2022",
        "fetch that of 2022; if one file holds both years, give both millésimes the same `mirror` or `url` "
        "in ingestion/sources/registre.yml",
    ]
    # One file that holds both is declared so.
    ensemble = sans_annee.replace("registre2021.csv", "registre2022.csv")
    acquisition = petite_acquisition(tmp_path, miroir, contrats | {"registre": ensemble}, "autre")
    assert not acquerir(acquisition)["registre"][1].refus


@pytest.fixture
def avec_un_autre(tmp_path: Path, miroir: Path) -> Acquisition:
    """The register, and another contract whose files have other headers."""
    voisin = REGISTRE.replace("source: registre", "source: voisin").replace("CODE: code", "INSEE: code")
    voisin = voisin.replace("mirror: registre", "mirror: voisin")
    contrats = {"insee_cog_communes": COG, "registre": REGISTRE, "voisin": voisin}
    return petite_acquisition(tmp_path, miroir, contrats)


def test_the_file_of_another_source(avec_un_autre: Acquisition, miroir: Path) -> None:
    (miroir / "registre2022.csv").write_text(REGISTRE_2022.replace("CODE;", "INSEE;"))
    assert dit(refus(acquerir(avec_un_autre)["registre"])) == [
        "[autre_fichier] the header is that of another file",
        "registre/communes, millésime 2022, file registre2022.csv, line 1",
        "this is voisin/communes (2022), by its header",
        "the headers of layout 'l'",
        "fetch the file of registre/communes; this one goes to depot/voisin/communes/2022/",
    ]
    (miroir / "registre2022.csv").write_text(REGISTRE_2022.replace("22;", "21;"))
    erreur = refus(acquerir(avec_un_autre)["registre"])
    assert erreur.observe == "this is registre/communes (2021), by its header"


def test_a_comma_for_a_semicolon(nuit: Nuit, miroir: Path) -> None:
    (miroir / "registre2022.csv").write_text(REGISTRE_2022.replace(";", ","))
    assert dit(refus(nuit())) == [
        "[separateur] the separator is not the contract's",
        "registre/communes, millésime 2022, file registre2022.csv, line 1",
        "the separator is a comma: with it, the 4 headers are those of the contract",
        "a semicolon, as the contract says",
        "drop the file as its producer gives it; if its producer changed the separator, change `separator` "
        "in ingestion/sources/registre.yml",
    ]


def test_a_gzip_cut_on_its_way(nuit: Nuit, miroir: Path) -> None:
    entier = gzip.compress(REGISTRE_2022.encode())
    (miroir / "registre2022.csv").write_bytes(entier[:60])
    assert dit(refus(nuit())) == [
        "[gzip_tronque] the compressed file is cut short",
        "registre/communes, millésime 2022, file registre2022.csv",
        "a gzip of 60 bytes that does not inflate to its end: Compressed file ended before the end-of-stream "
        "marker was reached",
        "a csv file",
        "fetch the file again; if it comes back the same, tell the producer",
    ]
    (miroir / "registre2022.csv").write_bytes(entier)
    assert refus(nuit()).code == "gzip"


def test_files_of_the_mirror_that_nobody_reads(
    tmp_path: Path, acquisition: Acquisition, miroir: Path
) -> None:
    assert acquisition.miroir_inconnus() == []
    for nom in ("registre2023.csv", "notes/recu.pdf", "PROVENANCE.md", ".cache"):
        (miroir / nom).parent.mkdir(exist_ok=True)
        (miroir / nom).write_text("x")
    assert acquisition.miroir_inconnus() == [
        "2 files of the mirror are named by no contract, and nobody reads: notes/recu.pdf, registre2023.csv",
        "registre2023.csv has the name of millésime 2023 of registre/communes "
        "(ingestion/sources/registre.yml): to read it, "
        "add under `millesimes`: `2023: {layout: l, cog: 2023, mirror: registre2023.csv}`",
        "no contract is seen near notes/recu.pdf: `ctg sources essai FILE` compares one with every layout, "
        "docs/how-to.md says how a source is added",
    ]
    # What is suggested is what a contract says.
    ligne = acquisition.miroir_inconnus()[1].split("`")[3]
    (tmp_path / "sources" / "registre.yml").write_text(f"{REGISTRE}      {ligne}\n")
    assert 2023 in charger_contrats(tmp_path / "sources")["registre"].ressources["communes"].millesimes
    (miroir / "ailleurs").mkdir()
    (miroir / "registre2023.csv").rename(miroir / "ailleurs" / "registre2022.csv")
    assert acquisition.miroir_inconnus()[1].endswith(
        ": that millésime is declared at registre2022.csv, give it that name"
    )


def test_a_file_under_another_name_is_told_the_contract_of_its_headers(
    acquisition: Acquisition, miroir: Path
) -> None:
    (miroir / "un.csv").write_text(REGISTRE_2022)
    (miroir / "deux.csv").write_text(REGISTRE_2022.replace("NOM", "LIBELLE", 1))
    (miroir / "trois.csv").write_text("Code commune;Nom de la commune;Année de référence\n26220;Nyons;2022\n")
    _, deux, un, trois = acquisition.miroir_inconnus()
    ou = "(layout l of registre/communes, ingestion/sources/registre.yml): `ctg sources essai FILE`"
    assert un.startswith(f"un.csv has the very headers of a layout {ou}")
    ecart = "lacks 'NOM' and has besides 'LIBELLE'"
    assert deux.startswith(f"deux.csv shares 3 headers with a layout, {ecart} {ou}")
    assert trois.startswith("the headers of trois.csv are labels, which no contract reads: where the button")


def test_a_whole_mirror_names_the_next_year_of_several_levels(tmp_path: Path) -> None:
    dossier = tmp_path / "insee" / "recensement"
    dossier.mkdir(parents=True)
    (dossier / "DS_RP_LOGEMENT_PRINC_2024_CSV_FR.zip").write_bytes(b"")
    (_, dit_une_fois) = inconnus(tmp_path, charger_contrats().values())
    assert "of insee_rp_logement/communes, epci, departements, regions, france (" in dit_une_fois
    assert "`2024: {layout: melodi, cog: 2027, mirror: insee/recensement/DS_RP_LOG" in dit_une_fois


# Figures that are not there ---------------------------------------------------------------------------


def rangs(source: str, nom: str, millesime: int, chemin: Path) -> list[dict[str, object]]:
    """The rows of a file as a contract of the project types it."""
    return typer(chemin, charger_contrats()[source].ressources[nom], millesime).table.to_pylist()


def zipper(chemin: Path, membre: str, contenu: str) -> Path:
    with zipfile.ZipFile(chemin, "w") as archive:
        archive.writestr(membre, contenu)
    return chemin


def test_what_melodi_publishes_blank_was_not_produced(reel: Path, tmp_path: Path) -> None:
    reel = (reel / "novembre_2026/melodi_filosofi_2023_obs.csv").read_text()
    assert "33318;COM;D1_SL;EUR_YR;0;F;O;2023;\n" in reel
    # The same attributes on figures that are read: not produced, then secret.
    reel = reel.replace("33318;COM;D1_SL;EUR_YR;0;F;O;2023;", "33318;COM;IR_D9_D1_SL;NR;0;F;O;2023;")
    reel = reel.replace("33318;COM;S_SOC_BEN_DI;PT;0;F;O;2023;", "33318;COM;MED_SL;EUR_YR;0;C;O;2023;")
    chemin = zipper(tmp_path / "f.zip", "DS_FILOSOFI_CC_2023_data.csv", reel)
    lus = rangs("insee_filosofi_cc", "communes", 2023, chemin)
    assert [(r["indicateur"], r["valeur"], r["valeur__marque"], r["confidentialite"]) for r in lus] == [
        ("IR_D9_D1_SL", None, "manquant", "F"),
        # Its CONF_STATUS says that it is secret: see stg_insee__filosofi_cc.
        ("MED_SL", None, "manquant", "C"),
    ]
    assert all(r["valeur__marque"] is None for r in rangs("insee_filosofi_cc", "departement", 2023, chemin))


def test_a_long_file_of_melodi_may_have_no_observation(reel: Path, tmp_path: Path) -> None:
    membre = "DS_RP_LOGEMENT_PRINC_2023_data.csv"
    with zipfile.ZipFile(reel / "insee/melodi_2026/insee_logement_sample.zip") as archive:
        lignes = archive.read(membre).decode().splitlines()
    vacants = ";COM;DW_VAC;_T;_T;_T;DWELLINGS;_T;_T;_T;_T;_T;A;A;2023;"
    cas = next(i for i, ligne in enumerate(lignes) if vacants in ligne)
    commune = lignes[cas].split(";")[0]
    lignes[cas] = commune + vacants.replace(";A;A;", ";A;O;")
    lus = rangs("insee_rp_logement", "communes", 2023, zipper(tmp_path / "l.zip", membre, "\n".join(lignes)))
    (rang,) = [r for r in lus if r["code"] == commune]
    assert (rang["logements_vacants"], rang["logements_vacants__marque"]) == (None, "manquant")


def test_a_zero_that_was_not_served(reel: Path, tmp_path: Path) -> None:
    reel = reel / "novembre_2026/s_ben_dep_974_months_relabelled_december.csv"
    lus = rangs("cnaf_allocataires_departements", "departements", 2024, reel)
    assert [(r["annee"], r["foyers_asf"], r["foyers_asf__marque"]) for r in lus] == [
        (2016, None, "non_servi"),
        (2017, None, "non_servi"),
        *((a, Decimal(n), None) for a, n in ((2019, 37955), (2021, 37361), (2023, 38035), (2024, 38275))),
    ]
    # The rest is as it is written, small figures included.
    assert [r["foyers_apl"] for r in lus] == [17, 17, 34, 22, 24, 13]
    # A benefit that nobody has ever had there is a zero.
    sans = tmp_path / "s_ben_dep.csv"
    sans.write_text(re.sub(r";3\d{4}\.0;", ";0.0;", reel.read_text()))
    lus = rangs("cnaf_allocataires_departements", "departements", 2024, sans)
    assert {(r["foyers_asf"], r["foyers_asf__marque"]) for r in lus} == {(Decimal(0), None)}
    # A territory says nothing of another, and the country is one.
    sans.write_text(reel.read_text().replace("2016-12;974", "2016-12;971"))
    lus = rangs("cnaf_allocataires_departements", "departements", 2024, sans)
    assert (lus[0]["foyers_asf"], lus[1]["foyers_asf"]) == (Decimal(0), None)
    entete, *lignes = reel.read_text().splitlines()
    national = "\n".join([entete.replace("numdep;", ""), *(x.replace(";974", "", 1) for x in lignes)])
    sans.write_text(national)
    lus = rangs("cnaf_allocataires_national", "national", 2024, sans)
    assert [r["foyers_asf__marque"] for r in lus] == ["non_servi", "non_servi", None, None, None, None]


def test_the_zero_of_a_commune_may_be_one(tmp_path: Path) -> None:
    un_zero = REGISTRE.replace("multiple: 5,", "multiple: 5, zero_non_servi: 100,")
    (tmp_path / "registre.yml").write_text(un_zero)
    with pytest.raises(
        ContratsInvalides, match=r"columns\.foyers\.zero_non_servi: is for a number of a file"
    ):
        charger_contrats(tmp_path)
