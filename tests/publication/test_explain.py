from pathlib import Path

import pytest

from publication.explain import expliquer, nombre, rendre
from publication.releases.fabrication import publier
from publication.releases.magasin import courante
from socle.erreurs import ErreurPublication


@pytest.fixture(scope="session")
def dossier(publiee) -> Path:
    release = courante(publiee)
    assert release
    return release


def test_a_communal_figure_leads_to_its_file_and_lines(dossier) -> None:
    explication = expliquer(dossier, "part_allocataires_rsa", "26220", 2022)
    assert (explication.territoire_id, explication.valeur, explication.statut) == (
        "commune:26220",
        31.45,
        "arrondi",
    )
    assert explication.formule == "foyers_rsa / (foyers_allocataires - foyers_af) × 100"
    (source,) = explication.sources
    (fichier,) = source.fichiers
    # The file of 2024 holds every December: all the lines of the commune are given.
    assert (fichier.sha256, fichier.membre, fichier.lignes) == ("aa", "s_ben_com_f.csv", (3, 7))
    texte = rendre(explication)
    assert "Valeur        31,5 %, entre 31,2 et 31,7" in texte
    assert "Numérateur    361,68 (2022)" in texte and "Dénominateur  1\u202f150 (2022)" in texte
    assert (
        "    sha256 aa\n    public au plus tard le 2026-07-05, reçu le 2026-01-04, première release "
        f"{dossier.name}\n    lignes 3, 7" in texte
    )


def test_files_are_narrowed_to_the_millesime_of_the_figure(dossier) -> None:
    (source,) = expliquer(dossier, "mediane_niveau_vie", "commune:26220", 2019).sources
    assert [(f.sha256, f.lignes) for f in source.fichiers] == [("b9", (14,))]


def test_a_merged_commune_is_found_under_the_codes_it_had(construire, releases, validation, nuit) -> None:
    construction = construire(
        "update marts.fct_indicateurs set millesime = 2018, millesime_denominateur = null"
        " where millesime = 2019"
    )
    dossier = publier(releases, construction, validation, nuit).dossier
    (source,) = expliquer(dossier, "mediane_niveau_vie", "commune:26220", 2018).sources
    assert [(f.sha256, f.lignes) for f in source.fichiers] == [("b8", (12, 15))]


def test_a_departement_does_not_take_the_line_of_the_region_of_the_same_code(dossier) -> None:
    (source,) = expliquer(dossier, "mediane_niveau_vie", "departement:01", 2019).sources
    assert [(f.sha256, f.lignes) for f in source.fichiers] == [("bd", (2,))]


def test_a_sum_names_its_files_without_lines(dossier) -> None:
    explication = expliquer(dossier, "nb_foyers_allocataires", "epci:200068229", 2022)
    assert [(f.sha256, f.lignes) for f in explication.sources[0].fichiers] == [("aa", ())]
    assert "3\u202f250 foyers, entre 3\u202f138 et 3\u202f518" in rendre(explication)
    assert "Motif         communes absentes\n" in rendre(explication)


def test_a_masked_figure_shows_its_statut_and_no_number(dossier) -> None:
    explication = expliquer(dossier, "mediane_niveau_vie", "commune:01001", 2019)
    assert (explication.valeur, explication.borne_basse) == (None, None)
    assert "Valeur        secret statistique\n" in rendre(explication)


def test_a_figure_no_source_gives_says_why(dossier) -> None:
    explication = expliquer(dossier, "nb_eaje", "epci:200068229", 2022)
    assert (explication.statut, explication.motif) == (
        "non_disponible",
        "source jamais reçue : caf_equipements",
    )
    assert explication.sources == ()


@pytest.mark.parametrize(
    ("indicateur", "territoire", "millesime", "message"),
    [
        ("mediane_niveau", "26220", 2019, "No indicateur 'mediane_niveau'.*close to it: mediane_niveau_vie"),
        ("nb_eaje", "99999", 2022, "0 territoires"),
        ("mediane_niveau_vie", "01", 2019, "2 territoires .* departement:01, region:01"),
        ("mediane_niveau_vie", "26220", 1999, "Millésimes it has: 2019"),
    ],
)
def test_unknown_names_are_refused_with_what_exists(
    dossier, indicateur, territoire, millesime, message
) -> None:
    with pytest.raises(ErreurPublication, match=message):
        expliquer(dossier, indicateur, territoire, millesime)


@pytest.mark.parametrize(
    ("valeur", "decimales", "texte"),
    [
        (31.45, 1, "31,5"),
        (-31.45, 1, "−31,5"),
        (0.5, 0, "1"),
        (2.5, 0, "3"),
        (-0.04, 1, "0,0"),
        (18464843.0, 0, "18\u202f464\u202f843"),
    ],
)
def test_numbers_are_rounded_half_away_from_zero(valeur: float, decimales: int, texte: str) -> None:
    assert nombre(valeur, decimales) == texte
