"""The demonstration: its calibrated figures, its mark, a quiet second night."""

from pathlib import Path

import pytest
from commande import Observatoire

from ingestion.contrats import charger_contrats
from orchestration import generated

EPCI = "epci:200068229"


@pytest.mark.parametrize(
    ("indicateur", "millesime", "attendu", "decimales"),
    [
        ("nb_foyers_allocataires", 2022, 3230, 0),
        ("part_allocataires_rsa", 2022, 12.7, 1),
        ("part_allocataires_aide_logement", 2022, 45.8, 1),
        ("taux_couverture_petite_enfance", 2022, 57.2, 1),
        ("taux_couverture_petite_enfance", 2019, 46.2, 1),
        ("population_municipale", 2020, 20908, 0),
    ],
)
def test_calibrated_figure(
    demonstration: Observatoire, indicateur: str, millesime: int, attendu: float, decimales: int
) -> None:
    assert round(demonstration.valeur(EPCI, indicateur, millesime), decimales) == attendu


def test_a_figure_stands_beside_its_wider_territories_and_its_peers(demonstration: Observatoire) -> None:
    """Cafdata rounds the EPCI: above the Drôme is unfavourable only where the intervals are apart."""
    assert demonstration.requete(
        "select indicateur_id, ecart_departement > 0, ecart_departement_lecture, groupe_pairs, "
        "rang between 1 and nb_pairs from mart_comparaisons where territoire_id = ? and indicateur_id in "
        "('part_allocataires_rsa', 'part_foyers_paje') and millesime = 2022 order by 1",
        EPCI,
    ) == [
        ("part_allocataires_rsa", True, "defavorable", "EPCI de 15 000 à 30 000 habitants", True),
        ("part_foyers_paje", True, "non_significatif", "EPCI de 15 000 à 30 000 habitants", True),
    ]
    assert demonstration.requete(
        "select round(ecart_france, 1), ecart_france_lecture, reserve like '%France : champ hors Mayotte%' "
        "from mart_comparaisons where territoire_id = ? "
        "and indicateur_id = 'taux_couverture_petite_enfance' and millesime = 2022",
        EPCI,
    ) == [(-3.3, "defavorable", True)]


def test_an_evolution_is_told_with_what_it_is_made_of_or_refused(demonstration: Observatoire) -> None:
    assert demonstration.requete(
        "select round(evolution, 1), statut, evolution_lecture from mart_evolutions where territoire_id = ? "
        "and indicateur_id = 'taux_couverture_petite_enfance' and millesime_debut = 2022 and consecutifs",
        EPCI,
    ) == [(7.1, "observe", "favorable")]
    assert demonstration.requete(
        "select count(*) > 0, "
        "count(*) filter (abs(effet_numerateur + effet_denominateur - evolution) > 1e-9) "
        "from mart_evolutions where effet_numerateur is not null"
    ) == [(True, 0)]
    # 26219 joined 26216 between the COG of the two files: its people came with it, not by growth.
    assert demonstration.requete(
        "select evolution, effet_perimetre from mart_evolutions where territoire_id = 'commune:26216' "
        "and indicateur_id = 'population_municipale' and millesime_debut = 2019 and consecutifs"
    ) == [(7.0, 473.0)]
    # 26258 left between the compositions of 2020 and 2023, nobody knows when; before 2020 nothing is known.
    avant = "périmètre inconnu au 1er janvier {}, avant le premier découpage reçu (2020)"
    entre = "périmètre inconnu au 1er janvier {} : modifié entre 2020 et 2023"
    assert demonstration.requete(
        "select millesime_debut, statut, motif from mart_evolutions where consecutifs "
        "and territoire_id = 'epci:242600252' and indicateur_id = 'taux_couverture_eaje' order by 1"
    ) == [
        (2017, "refusee", avant.format(2018)),
        (2018, "refusee", avant.format(2019)),
        (2019, "refusee", entre.format(2021)),
        (2020, "refusee", entre.format(2021)),
        (2021, "refusee", entre.format(2022)),
        (2022, "observe", None),
    ]
    # The Baronnies are those of 2020: what the deck says of 2019 to 2022 is made of evolutions.
    assert demonstration.requete(
        "select list(millesime_debut order by millesime_debut) from mart_evolutions where consecutifs "
        "and statut = 'observe' and territoire_id = ? and indicateur_id = 'taux_couverture_petite_enfance'",
        EPCI,
    ) == [([2019, 2020, 2021, 2022],)]


def test_a_register_of_the_drome_says_nothing_of_another_departement(demonstration: Observatoire) -> None:
    """`departement:26`, `absence: zero`: a commune without a line is 0 in the Drôme, and nowhere else."""
    assert demonstration.requete(
        """
        select t.departement, bool_or(f.valeur = 0)
        from fct_indicateurs as f join dim_territoire as t using (territoire_id)
        where f.niveau = 'commune' and f.source_ids in ('caf_equipements', 'cd_pmi')
        group by all
        """
    ) == [("26", True)]
    # The EPCI that go beyond the Drôme are not covered whole.
    assert demonstration.requete(
        """
        select distinct f.statut, f.motif_code from fct_indicateurs as f
        where f.indicateur_id = 'nb_places_eaje' and f.niveau = 'epci' and f.code in (
            select epci from dim_territoire where niveau = 'commune' and departement <> '26'
        )
        """
    ) == [("non_disponible", "hors_couverture")]


def test_no_series_of_the_census_nor_of_incomes_is_flat(demonstration: Observatoire) -> None:
    """More than half of the EPCI that print one figure at all its years: no series moves so little."""
    sources = [
        s for s, c in charger_contrats().items() if c.recensement or c.famille.startswith("insee_filosofi")
    ]
    series = """
        select f.indicateur_id, f.territoire_id, count(distinct round(f.valeur, i.decimales)) as valeurs
        from fct_indicateurs as f join dim_indicateur as i using (indicateur_id)
        where f.niveau = 'epci' and f.valeur is not null and list_has_any(string_split(f.source_ids, '+'), ?)
        group by all having count(distinct f.millesime) > 1
        """
    plates = demonstration.requete(
        f"select indicateur_id, avg(cast(valeurs = 1 as integer)) from ({series}) group by 1", sources
    )
    assert len(plates) > 10
    assert [p for p in plates if p[1] > 0.5] == []
    assert demonstration.requete(
        f"select indicateur_id, valeurs from ({series}) where territoire_id = ? and indicateur_id in "
        "('taux_monoparentalite_rp', 'part_maisons', 'part_75_ans_et_plus', 'taux_pauvrete_60') order by 1",
        sources,
        EPCI,
    ) == [
        ("part_75_ans_et_plus", 2),
        ("part_maisons", 3),
        ("taux_monoparentalite_rp", 3),
        ("taux_pauvrete_60", 2),
    ]


def test_the_follow_up_of_the_baronnies_has_a_start_and_a_latest_figure(demonstration: Observatoire) -> None:
    """94 places and 46.2 % in 2019, as stated, beside the latest figures; no target is stated."""
    suivi = demonstration.requete(
        "select indicateur_id, valeur_depart, periode_depart, valeur, millesime, cible, echeance, motif_code "
        "from mart_ctg_suivi where convention_id = 'baronnies-2025' and indicateur_id is not null order by 1"
    )
    sans_cible = (None, None, "cible_non_enoncee")
    assert suivi == [
        ("nb_places_eaje", 94.0, 2019, 118.0, 2024, *sans_cible),
        ("taux_couverture_petite_enfance", 46.2, 2019, 64.3, 2023, *sans_cible),
    ]


def test_every_figure_is_marked_as_invented(demonstration: Observatoire) -> None:
    tables = demonstration.requete(
        "select table_name from duckdb_columns() where column_name = 'demonstration' order by 1"
    )
    assert ("fct_indicateurs",) in tables
    for (table,) in tables:
        assert demonstration.requete(f"select distinct demonstration from {table}") == [(True,)], table
    explique = demonstration.ctg(
        "explain", "nb_foyers_allocataires", "--territoire", EPCI, "--millesime", "2022"
    )
    assert "Chiffres de démonstration : inventés." in explique.sortie


def test_a_second_night_changes_nothing(demonstration: Observatoire, tmp_path: Path) -> None:
    copie = demonstration.copie(tmp_path)
    releases = copie.home / "releases"
    avant = sorted(f.name for f in releases.iterdir())
    nuit = copie.nuit()
    assert nuit.code == 0, nuit.erreurs
    assert nuit.sortie.startswith(f"Nothing changed since release {demonstration.courante.name}")
    assert sorted(f.name for f in releases.iterdir()) == avant


def test_the_page_of_what_the_demonstration_does_not_give(demonstration: Observatoire) -> None:
    page = generated.PROJECT / "docs" / "demonstration.md"
    attendue = generated.page_demonstration(demonstration.courante)
    assert page.read_text(encoding="utf-8") == attendue, "run `make refresh`, `make docs`, commit the page"
