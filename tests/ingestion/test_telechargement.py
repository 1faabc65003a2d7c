import logging
import traceback
from base64 import b64encode
from pathlib import Path

import pytest
from petite_source import COG_2022, REGISTRE, REGISTRE_2022, acquerir, glissant, petite_acquisition
from serveur import Serveur

from ingestion import telechargement
from ingestion.acquisition import Acquisition, Profil
from ingestion.erreurs import ErreurSource, Lieu
from ingestion.recu import Recu

ICI = Lieu("registre", "communes", 2022)


def telecharger(serveur: Serveur, dossier: Path, chemin: str = "/r.csv", **options: object) -> Recu:
    recu = telechargement.telecharger(
        serveur.adresse + chemin,
        dossier,
        ICI,
        origine="url",
        nom="r.csv",
        **options,  # type: ignore[arg-type]
    )
    assert isinstance(recu, Recu)
    return recu


@pytest.mark.parametrize("panne", [503, 500, 429])
def test_a_transient_failure_is_tried_again(serveur: Serveur, tmp_path: Path, panne: int) -> None:
    serveur.pages["/r.csv"], serveur.pannes = b"ok", [panne, panne]
    assert telecharger(serveur, tmp_path).octets == 2
    assert [s for _, s in serveur.vues] == [panne, panne, 200]


def test_a_body_cut_on_its_way_is_fetched_again_in_full(serveur: Serveur, tmp_path: Path) -> None:
    serveur.pages["/r.csv"], serveur.coupe = b"x" * 100_000, 1
    assert telecharger(serveur, tmp_path).chemin.read_bytes() == serveur.pages["/r.csv"]
    assert len(serveur.vues) == 2


@pytest.mark.parametrize(("statut", "essais"), [(404, 1), (403, 1), (503, telechargement.ESSAIS)])
def test_a_refusal_is_final_and_says_its_status(
    serveur: Serveur, tmp_path: Path, statut: int, essais: int
) -> None:
    serveur.pages["/r.csv"], serveur.pannes = b"ok", [statut] * essais
    with pytest.raises(ErreurSource, match=f"HTTP {statut} from {serveur.adresse}/r.csv") as e:
        telecharger(serveur, tmp_path)
    assert e.value.code == "statut_http" and len(serveur.vues) == essais


def test_a_file_too_large_is_abandoned(serveur: Serveur, tmp_path: Path) -> None:
    serveur.pages["/r.csv"] = b"x" * 1000
    with pytest.raises(ErreurSource) as e:
        telecharger(serveur, tmp_path, taille_max=999)
    assert e.value.code == "trop_gros" and len(serveur.vues) == 1


@pytest.mark.parametrize("url", ["file:///etc/hostname", "ftp://x/y", "/etc/hostname"])
def test_only_http_addresses_are_fetched(tmp_path: Path, url: str) -> None:
    with pytest.raises(ValueError, match="only http"):
        telechargement.telecharger(url, tmp_path, ICI, origine="url", nom="r.csv")


@pytest.mark.parametrize("statut", [401, 500])
def test_the_password_of_an_address_is_sent_and_told_nowhere(
    serveur: Serveur, tmp_path: Path, caplog: pytest.LogCaptureFixture, statut: int
) -> None:
    serveur.pages["/r.csv"] = b"ok"
    adresse = serveur.adresse.replace("://", "://ctg:S3CR%40T@") + "/r.csv"
    options = {"origine": "url", "nom": "r.csv"}
    recu = telechargement.telecharger(adresse, tmp_path, ICI, **options)  # type: ignore[arg-type]
    assert isinstance(recu, Recu) and recu.adresse == serveur.adresse + "/r.csv"
    assert serveur.autorisations == [f"Basic {b64encode(b'ctg:S3CR@T').decode()}"]
    serveur.pannes = [statut] * telechargement.ESSAIS
    caplog.set_level(logging.DEBUG)
    with pytest.raises(ErreurSource, match=f"HTTP {statut} from {serveur.adresse}/r.csv") as e:
        telechargement.telecharger(adresse, tmp_path, ICI, **options)  # type: ignore[arg-type]
    assert "S3CR" not in caplog.text + "".join(traceback.format_exception(e.value))


def test_a_mirror_over_http(serveur: Serveur, tmp_path: Path, acquisition: Acquisition) -> None:
    serveur.pages = {"/m/cog2022.csv": COG_2022.encode(), "/m/registre2022.csv": REGISTRE_2022.encode()}
    distante = Acquisition(tmp_path / "h", acquisition.contrats, Profil("mirror", serveur.adresse + "/m/"))
    recu, normalise = acquerir(distante)["registre"]
    assert [p.millesime for p in recu.absents] == [2021] and not recu.refus and len(normalise.acceptes) == 1
    recu, _ = acquerir(distante)["registre"]
    assert recu.inchanges and serveur.vues[-1] == ("/m/registre2022.csv", 304)


def test_one_address_for_several_millesimes_is_fetched_and_kept_once(
    serveur: Serveur, tmp_path: Path
) -> None:
    """A file of several years, or of several levels, is one file: to its producer and on the disk."""
    contrat = REGISTRE.replace('"FOY{aa}": foyers, "REV{aa}"', "FOY: foyers, REV")
    for annee in (2021, 2022):
        contrat = contrat.replace(f"mirror: registre{annee}.csv", f"url: '{serveur.adresse}/tous.csv'")
    serveur.pages["/tous.csv"] = (
        b"CODE;FOY;REV;NOM\n26001;50;7;A\n26002;55;8;B\n2A004;60;9;C\n97101;65;10;D\n"
    )
    directe = petite_acquisition(tmp_path, None, {"registre": contrat})
    recu = directe.recevoir("registre")
    assert [p.millesime for p in recu.recus] == [2021, 2022] and not recu.refus
    assert serveur.vues == [("/tous.csv", 200)]
    (sha256,) = {p.sha256 for p in recu.recus}
    assert sha256
    fichiers = [directe.landing.fichier("registre", "communes", a, sha256) for a in (2021, 2022)]
    assert fichiers[0].samefile(fichiers[1]) and fichiers[0] != fichiers[1]
    directe.recevoir("registre")
    assert {statut for _, statut in serveur.vues[1:]} == {304}


@pytest.fixture
def roulante(serveur: Serveur, tmp_path: Path) -> Acquisition:
    """The register at an address whose content rolls, with the year in each row."""
    contrat = glissant(
        f"{serveur.adresse}/export/csv?x=1",
        ('CODE: code, "FOY{aa}": foyers, "REV{aa}"', "MOIS: annee, CODE: code, FOY: foyers, REV"),
        ("rows: {min: 4", "rows: {min: 2"),
    )
    return petite_acquisition(tmp_path, None, {"registre": contrat})


def annees(*valeurs: int) -> bytes:
    rangs = [f"{a}-12;{c};{50 + i};7;N" for a in valeurs for i, c in enumerate(("26001", "26002"))]
    return ("\n".join(["MOIS;CODE;FOY;REV;NOM", *rangs]) + "\n").replace(";51;", ";55;").encode()


def test_the_millesime_of_a_rolling_address_is_read_in_its_content(
    serveur: Serveur, roulante: Acquisition
) -> None:
    serveur.pages["/export/csv"] = annees(2022, 2023)
    acquerir(roulante)
    assert [(f.millesime, f.lignes, f.fichier) for f in roulante.fichiers_retenus()] == [
        (2023, 4, "communes.csv")
    ]
    assert acquerir(roulante)["registre"][0].inchanges and serveur.vues[-1][1] == 304
    serveur.pages["/export/csv"] = annees(2022, 2023, 2024)
    acquerir(roulante)
    assert [(f.millesime, f.lignes) for f in roulante.fichiers_retenus()] == [(2023, 4), (2024, 6)]


def test_a_rolling_address_that_serves_a_page_ages_the_newest_millesime_only(
    serveur: Serveur, roulante: Acquisition
) -> None:
    for contenu in (annees(2022, 2023), annees(2022, 2023, 2024), b"<html>"):
        serveur.pages["/export/csv"] = contenu
        recu = acquerir(roulante)["registre"][0]
    assert [(e.code, e.millesime) for e in recu.refus] == [("html", None)]
    assert [(f.millesime, f.perime) for f in roulante.fichiers_retenus()] == [(2023, False), (2024, True)]
    serveur.pages["/export/csv"] = annees(2022, 2023, 2024)
    acquerir(roulante)
    assert [f.perime for f in roulante.fichiers_retenus()] == [False, False]


def test_the_newest_year_of_a_rolling_file_is_compared_with_the_newest_accepted(
    serveur: Serveur, roulante: Acquisition
) -> None:
    serveur.pages["/export/csv"] = annees(2022, 2023)
    acquerir(roulante)
    # Past years are the same, so that only the new one betrays the change of unit.
    passe, nouveau = annees(2022, 2023), annees(2024).split(b"\n", 1)[1]
    serveur.pages["/export/csv"] = passe + nouveau.replace(b";7;", b";70;")
    (refus,) = acquerir(roulante)["registre"][1].refus
    assert (refus.code, refus.millesime) == ("rupture", 2024) and "multiplied by 10" in refus.observe


def test_a_dated_file_under_another_millesime_is_refused(serveur: Serveur, roulante: Acquisition) -> None:
    depot = roulante.home / "depot/registre/communes/2022"
    depot.mkdir(parents=True)
    (depot / "r.csv").write_bytes(annees(2022, 2023))
    (refus,) = acquerir(roulante)["registre"][1].refus
    assert refus.code == "millesime_inattendu" and "newest year of the file is 2023" in refus.observe


def test_a_rolling_file_without_its_year_is_refused(serveur: Serveur, roulante: Acquisition) -> None:
    serveur.pages["/export/csv"] = annees(2023).replace(b"MOIS", b"DATE")
    (refus,) = acquerir(roulante)["registre"][0].refus
    assert refus.code == "millesime_inattendu" and "5 headers and 2 rows" in refus.observe
