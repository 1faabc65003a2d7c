"""One downloaded file against every layout: real files as they are, then what becomes of them by hand."""

import gzip
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from petite_source import REGISTRE_2022, acquerir

from ingestion.acquisition import Acquisition, Profil
from ingestion.contrats import charger_contrats
from ingestion.erreurs import ErreurSource
from ingestion.essai import Essai, essayer
from ingestion.rapport_essai import dire
from tests import miroir_reel

CONTRATS = charger_contrats()
TAUX = "cnaf/petite_enfance/txcouv_pe_epci_2023_rows.csv"


def rapport(essai: Essai) -> str:
    return "\n".join(dire(essai, CONTRATS))


def variante(dossier: Path, octets: bytes, nom: str = "telecharge.csv") -> tuple[Essai, str]:
    chemin = dossier / nom
    chemin.write_bytes(octets)
    essai = essayer(chemin, CONTRATS)
    assert [c.name for c in dossier.iterdir()] == [nom]
    return essai, rapport(essai)


@pytest.mark.parametrize(
    ("fichier", "place", "millesime", "lignes"),
    [
        ("insee/cog/v_commune_2026.csv", "insee_cog_communes/communes", 2026, 37496),
        ("insee/filosofi/FILO2019_DISP_DEP.csv", "insee_filosofi/departement", 2019, 98),
        ("cnaf/iris/data_CAF_2016_IRIS.csv", "cnaf_allocataires_iris/iris", 2016, 13148),
        ("insee/comparateur/base_cc_comparateur_csv.zip", "insee_comparateur/communes", 2018, 35010),
        ("insee/melodi_2026/insee_famille_sample.zip", "insee_rp_familles/france", 2023, 1),
        (TAUX, "cnaf_taux_couverture_epci/courant", 2023, 4),
    ],
)
def test_a_real_file_is_read_whole_by_its_own_layout(
    reel: Path, fichier: str, place: str, millesime: int, lignes: int
) -> None:
    essai = essayer(reel / fichier, CONTRATS)
    lue = essai.tentatives[0]
    r = lue.ressemblance
    assert (f"{r.source}/{r.ressource}", lue.edition.millesime, lue.nuit.lignes) == (place, millesime, lignes)
    assert essai.lu and lue.declare
    assert f"a night would accept it: {lignes} rows" in rapport(essai)


def test_a_workbook_of_a_new_year_gives_the_line_to_add(reel: Path) -> None:
    contrat = CONTRATS["dgcl_epci_composition"]
    ressource = contrat.ressources["composition"]
    connus = {annee: edition for annee, edition in ressource.millesimes.items() if annee != 2019}
    sans = contrat.model_copy(
        update={"ressources": {"composition": ressource.model_copy(update={"millesimes": connus})}}
    )
    essai = essayer(reel / "dgcl/epcicom2019.xlsx", {"dgcl_epci_composition": sans})
    assert essai.lu and not essai.tentatives[0].declare
    assert "2019: {layout: epcicom, cog: 2019, mirror: dgcl/epcicom2019.xlsx}" in rapport(essai)


def test_a_renamed_column_is_told_with_what_it_was(reel: Path, tmp_path: Path) -> None:
    octets = (reel / TAUX).read_bytes()
    essai, dit = variante(tmp_path, octets.replace(b"nomepci", b"nom_epci"))
    assert not essai.lu and essai.tentatives == []
    assert "missing:  nomepci → libelle; the file has 'nom_epci'" in dit
    assert "unknown:  'nom_epci'; the nearest known is 'nomepci'" in dit
    assert "a layout like complet with {'nom_epci': libelle}" in dit


def test_another_case_is_a_renamed_column(reel: Path, tmp_path: Path) -> None:
    octets = (reel / "insee/cog/v_commune_2026.csv").read_bytes()
    essai, dit = variante(tmp_path, octets.replace(b"COMPARENT", b"comparent", 1))
    assert not essai.lu and "the nearest known is 'COMPARENT'" in dit


def test_a_comma_for_a_semicolon_is_the_separator_and_nothing_else(reel: Path, tmp_path: Path) -> None:
    octets = (reel / TAUX).read_bytes()
    essai, dit = variante(tmp_path, octets.replace(b";", b","))
    assert not essai.lu
    assert "differs:  the separator is ',', the contract says ';'" in dit
    assert "a night would refuse it:\n    [colonne_manquante]" in dit
    assert "were that format the contract's, a night would accept it: 4 rows" in dit


def test_decimal_commas_are_told_though_no_header_shows_them(reel: Path, tmp_path: Path) -> None:
    octets = (reel / TAUX).read_bytes()
    essai, dit = variante(tmp_path, octets.replace(b".", b","))
    assert not essai.lu
    assert "[valeur_illisible]" in dit and "the decimal mark is ',', the contract says '.'" in dit
    assert essai.tentatives[0].corrige and essai.tentatives[0].corrige.lignes == 4


def test_another_encoding_is_told(reel: Path, tmp_path: Path) -> None:
    texte = (reel / TAUX).read_text("utf-8-sig").replace("CC DE LA VEYLE", "CC de la Vallée")
    essai, dit = variante(tmp_path, texte.encode("cp1252"))
    assert not essai.lu and "[encodage]" in dit
    assert "the encoding is cp1252, the contract says utf-8" in dit


def test_the_year_of_the_content_wins_over_the_declared_ones(reel: Path, tmp_path: Path) -> None:
    lignes = (reel / TAUX).read_text("utf-8").splitlines()
    assert all(ligne.startswith("2023;") for ligne in lignes[1:])
    neuves = [lignes[0], *("2031" + ligne[4:] for ligne in lignes[1:])]
    essai, dit = variante(tmp_path, "\n".join(neuves).encode())
    # A layout reads it whole; the line that declares the year is missing.
    assert essai.lu and "millésime 2031, not declared" in dit
    assert "2031: {layout: complet, cog: 2032, mirror: cnaf/" in dit


def test_the_name_tells_the_year_that_no_header_does(reel: Path, tmp_path: Path) -> None:
    octets = (reel / "insee/cog/v_commune_2026.csv").read_bytes()
    essai, dit = variante(tmp_path, octets, "v_commune_2031.csv")
    assert essai.lu and "2031: {layout: majuscules, cog: 2031, mirror: insee/cog/v_commune_2031.csv}" in dit
    (tmp_path / "v_commune_2031.csv").unlink()
    _, dit = variante(tmp_path, octets)
    assert "the header does not tell it from 2025, 2024, 2023, 2022, 2021" in dit


def test_what_a_night_refuses_is_told_in_its_words(reel: Path, tmp_path: Path) -> None:
    lignes = (reel / TAUX).read_bytes().splitlines(keepends=True)
    essai, dit = variante(tmp_path, b"".join([*lignes, lignes[-1]]))
    assert not essai.lu and "a night would refuse it:\n    [cle_dupliquee] a key appears twice" in dit
    assert "file telecharge.csv" in dit and "(also line 6)" in dit


def test_a_gzip_is_looked_into_and_still_refused(reel: Path, tmp_path: Path) -> None:
    octets = (reel / TAUX).read_bytes()
    essai, dit = variante(tmp_path, gzip.compress(octets), "taux.csv.gz")
    assert not essai.lu and "the file is a gzip" in dit and "[gzip]" in dit
    assert "a night would accept it: 4 rows" in dit


def test_a_truncated_gzip_still_says_whose_it_is(reel: Path, tmp_path: Path) -> None:
    entier = gzip.compress((reel / "insee/cog/v_commune_2026.csv").read_bytes())
    essai, dit = variante(tmp_path, entier[: len(entier) // 2], "v_commune_2026.csv.gz")
    assert not essai.lu and "insee_cog_communes/communes, layout majuscules" in dit


def test_an_archive_of_a_csv_is_looked_into(reel: Path, tmp_path: Path) -> None:
    chemin = tmp_path / "taux.zip"
    with zipfile.ZipFile(chemin, "w") as archive:
        archive.writestr("lisez-moi.txt", "rien")
        archive.write(reel / TAUX, "donnees/taux.csv")
    essai, dit = variante(tmp_path, chemin.read_bytes(), "taux.zip")
    assert not essai.lu and "the file is an archive, the contract says a CSV" in dit
    assert "[membre_absent]" in dit and "a night would accept it: 4 rows" in dit


@pytest.mark.parametrize(
    ("octets", "dit"),
    [
        (b"rue;facteur\n1;2\n", "No layout has any of its headers: rue, facteur"),
        (b"\xd0\xcf\x11\xe0\x00\x00", "no header can be read"),
        (b"", "no header can be read"),
        (b'{"erreur": "trop de demandes"}', "no header can be read"),
        (gzip.compress(bytes(range(256)) * 40, mtime=0).replace(b"\x14", b"\0"), "no header can be read"),
    ],
)
def test_what_is_no_file_of_any_source_is_said_so(tmp_path: Path, octets: bytes, dit: str) -> None:
    essai, rendu = variante(tmp_path, octets)
    assert not essai.lu and dit in rendu


@pytest.mark.parametrize("nom", ["taux.zip", "taux.xlsx"])
def test_a_cut_archive_is_told_and_is_no_crash(tmp_path: Path, nom: str) -> None:
    with zipfile.ZipFile(tmp_path / nom, "w") as archive:
        archive.writestr("xl/workbook.xml" if nom.endswith("xlsx") else "taux.csv", "a;b\n1;2\n")
    octets = (tmp_path / nom).read_bytes()
    for garde in (len(octets) - 30, 7):
        essai, dit = variante(tmp_path, octets[:garde], nom)
        assert not essai.lu and dit.startswith(f"{nom}: the archive is truncated or corrupted: ")
        assert dit.endswith("tell the producer.")


def test_a_home_lends_its_cog_and_its_files_and_is_left_as_it_was(
    acquisition: Acquisition, nuit: Callable[[], object], tmp_path: Path
) -> None:
    nuit()
    avant = sorted(acquisition.home.rglob("*"))
    fichier = tmp_path / "registre2021.csv"
    entete, *lignes = REGISTRE_2022.replace("FOY22;REV22", "FOY21;REV21").splitlines()
    dixieme = [ligne.replace(";1500.5", ";150.05").replace(";1600", ";160") for ligne in lignes]
    ailleurs = [ligne.replace("2600", "2690") for ligne in lignes]
    for corps, code in ((lignes, None), (dixieme, "rupture"), (ailleurs, "codes_hors_cog")):
        texte = "\n".join([entete, *corps, ""])
        fichier.write_text(texte)
        seul = essayer(fichier, acquisition.contrats)
        aupres = essayer(fichier, acquisition.contrats, acquisition)
        assert seul.lu and aupres.lu == (code is None), code
        erreur = aupres.tentatives[0].nuit.erreur
        assert (erreur and erreur.code) == code
    assert sorted(acquisition.home.rglob("*")) == avant


def test_under_its_usual_name_a_file_is_of_the_year_whose_cog_has_its_codes(
    reelle: tuple[Acquisition, object], reel: Path, tmp_path: Path
) -> None:
    """Read as 2022, 2023 would lose eight communes and change 32 287; nothing in its header says its year."""
    fonds, _ = reelle
    octets = (reel / "insee/populations/donnees_communes_pop2023.csv").read_bytes()
    chemin = tmp_path / "donnees_communes.csv"
    chemin.write_bytes(octets)
    (lue,) = essayer(chemin, fonds.contrats, fonds).tentatives
    assert (lue.edition.millesime, lue.declare, lue.nuit.ecartees) == (2023, True, 0)
    # And where nobody declared it.
    contrat = fonds.contrats["insee_populations_legales"]
    communes = contrat.ressources["communes"]
    avant = {a: e for a, e in communes.millesimes.items() if a != 2023}
    sans = contrat.model_copy(
        update={"ressources": {"communes": communes.model_copy(update={"millesimes": avant})}}
    )
    contrats = {contrat.source: sans}
    essai = essayer(chemin, contrats, fonds)
    assert (essai.tentatives[0].edition.millesime, essai.tentatives[0].declare) == (2023, False)
    assert "2023: {layout: rp2021, cog: 2025, mirror: insee/populations/donnees_communes.csv}" in "\n".join(
        dire(essai, contrats)
    )


@pytest.mark.parametrize(
    "entetes",
    [
        "Date référence;Numéro région;Nom région;Taux de couv EAJE PSU;Taux de couv global",
        "Date référence;Numéro commune;Nom commune;Nombre foyers NDUR;Nombre personnes NDUR",
    ],
)
def test_an_export_with_labels_is_told_in_one_line(tmp_path: Path, entetes: str) -> None:
    essai, dit = variante(tmp_path, f"{entetes}\n2023;26;Drôme;1;2\n".encode())
    assert not essai.lu and dit.splitlines()[1].startswith("These headers are labels, and no contract reads")


# Every file found in December 2026: who reads it, or what is told of it.
DECEMBRE = {
    "FILO2018_DISP_COM.csv": "insee_filosofi/communes 2018",
    "FILO2018_DISP_DEP.csv": "insee_filosofi/departement 2018",
    "FILO2018_DISP_EPCI.csv": "insee_filosofi/epci 2018",
    "FILO2018_DISP_METROPOLE.csv": "insee_filosofi/metropole 2018",
    "FILO2018_DISP_REG.csv": "insee_filosofi/region 2018",
    "data_CAF_2018_IRIS.csv": "cnaf_allocataires_iris/iris 2018",
    "donnees_communes_2023.csv": "insee_populations_legales/communes 2023",
    "epcicom2025.xlsx": "dgcl_epci_composition/composition 2025",
    "laposte_019HexaSmal_2023.csv": "laposte_codes_postaux/communes 2023",
    # Of one département, where a night wants the country.
    "dares_defm_rhone_labels.csv": "observed: 7 rows in 2015",
    "men_effectifs_ecoles_ille_et_vilaine_labels.csv": "the export with labels of men_ecoles/effectifs",
    # Mayotte apart: its codes are empty.
    "donnees_communes_mayotte.csv": "unknown:  'DEP'; the nearest known is 'CODDEP'",
    # No indicateur needs these yet.
    "data_apl_sages_femmes.xlsx": "No layout has any of its headers",
    "dgfip_ircom_sample.csv": "These headers are labels, and no contract reads them",
    "estim-pop-dep-sexe-aq-1975-2021.xlsx": "No layout has any of its headers",
    "qpv_DEMO_2022.csv": "No layout has these very headers",
    "qpv_IPRO_2022.csv": "No layout has these very headers",
    "qpv_REVN_2022.csv": "No layout has these very headers",
    "sitadel_logements_sample.csv": "No layout has any of its headers",
}
PLACES = {vrai.rpartition("/")[2]: place for place, vrai in miroir_reel.PLACES.items()}
LUS = [nom for nom, dit in DECEMBRE.items() if dit[-4:].isdecimal() and "/" in dit]


def _reel(reel: Path, nom: str) -> Path:
    return reel / PLACES.get(nom, f"decembre_2026/{nom}")


@pytest.mark.parametrize("nom", DECEMBRE)
def test_a_file_found_in_december_is_read_or_told(nom: str, reel: Path) -> None:
    essai = essayer(_reel(reel, nom), CONTRATS)
    if nom in LUS:
        lue = essai.tentatives[0]
        r = lue.ressemblance
        assert essai.lu and f"{r.source}/{r.ressource} {lue.edition.millesime}" == DECEMBRE[nom]
    else:
        assert not essai.lu and DECEMBRE[nom] in rapport(essai)


def test_no_file_found_in_december_is_left_out(reel: Path) -> None:
    laisses = {c.name for c in (reel / "decembre_2026").iterdir()}
    assert laisses | {n for n, p in PLACES.items() if (reel / p).exists()} >= {*DECEMBRE}
    assert laisses <= {*DECEMBRE, "PROVENANCE.md"}


def _nuit(
    reel: Path, dossier: Path, nom: str, octets: bytes, *, annee_d_avant: bool = False
) -> list[ErreurSource]:
    """Receive `octets` where the mirror has this file, or that of the declared millésime before it."""
    source, ressource, millesime = re.split("[/ ]", DECEMBRE[nom])
    editions = CONTRATS[source].ressources[ressource].millesimes
    annee = max(a for a in editions if a < int(millesime)) if annee_d_avant else int(millesime)
    place = dossier / "miroir" / str(editions[annee].mirror)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(octets)
    voulus = {source}
    if annee_d_avant and source == "insee_populations_legales":
        # The codes of its communes alone tell its year.
        voulus |= {"insee_cog_communes", "insee_cog_mouvements"}
        shutil.copytree(reel / "insee/cog", dossier / "miroir/insee/cog", copy_function=shutil.copyfile)
    acquisition = Acquisition(
        dossier / "home", {s: CONTRATS[s] for s in voulus}, Profil("mirror", str(dossier / "miroir"))
    )
    return [refus for bilan in acquerir(acquisition)[source] for refus in bilan.refus]


@pytest.mark.parametrize("nom", LUS)
def test_a_file_cut_on_its_way_is_refused_with_its_cure(nom: str, reel: Path, tmp_path: Path) -> None:
    octets = _reel(reel, nom).read_bytes()
    (refus,) = _nuit(reel, tmp_path, nom, octets[: len(octets) * 2 // 3])
    assert refus.code in ("nombre_de_champs", "nombre_de_lignes", "zip_tronque")
    assert "fetch " in refus.que_faire and "again" in refus.que_faire and "couverture" not in refus.que_faire


# Codes postaux have one millésime.
@pytest.mark.parametrize("nom", [n for n in LUS if not n.startswith("laposte")])
def test_a_file_renamed_to_the_year_before_is_refused_with_its_cure(
    nom: str, reel: Path, tmp_path: Path
) -> None:
    octets = _reel(reel, nom).read_bytes()
    (refus,) = _nuit(reel, tmp_path, nom, octets, annee_d_avant=True)
    place, _, millesime = DECEMBRE[nom].partition(" ")
    if refus.code == "autre_fichier":
        # Not that of another level, whose headers are the same.
        assert f"goes to depot/{place}/{millesime}/" in refus.que_faire
    elif refus.code == "feuille_absente":
        assert f"'Epcicom{millesime}'" in refus.observe and "of that millésime" in refus.que_faire
    else:
        assert refus.code == "millesime_suivant" and f"COG {int(millesime) + 2}" in refus.observe


def test_rows_are_judged_before_bytes(reelle: tuple[Acquisition, object], tmp_path: Path) -> None:
    """A tenth of the rows of an accepted file: how many is what a night says of it, not how many bytes."""
    fonds, _ = reelle
    entier = fonds.contrats["insee_populations_legales"].ressources["communes"].millesimes[2022].mirror
    assert entier
    lignes = (Path(fonds.profil.miroir or "") / entier).read_bytes().splitlines(keepends=True)
    chemin = tmp_path / "donnees_communes_pop2022.csv"
    chemin.write_bytes(b"".join(lignes[:500]))
    essai = essayer(chemin, fonds.contrats, fonds)
    assert {t.nuit.erreur.code for t in essai.tentatives if t.nuit.erreur} == {"nombre_de_lignes"}
