"""The figures of the demonstration: those of the deck, those of its extract, beside others, over years."""

import re

import pytest
from commande import DEMONSTRATION, Observatoire

from ingestion.contrats import charger_contrats

EPCI, DROME = "epci:200068229", "departement:26"


@pytest.mark.parametrize(
    ("territoire", "indicateur", "millesime", "attendu", "decimales"),
    [
        (EPCI, "nb_foyers_allocataires", 2022, 3230, 0),
        (EPCI, "part_allocataires_rsa", 2022, 12.7, 1),
        (EPCI, "part_allocataires_aide_logement", 2022, 45.8, 1),
        (EPCI, "taux_couverture_petite_enfance", 2022, 57.2, 1),
        (EPCI, "taux_couverture_petite_enfance", 2019, 46.2, 1),
        (EPCI, "population_municipale", 2020, 20908, 0),
    ],
)
def test_figure_of_the_deck(
    demonstration: Observatoire,
    territoire: str,
    indicateur: str,
    millesime: int,
    attendu: float,
    decimales: int,
) -> None:
    assert round(demonstration.valeur(territoire, indicateur, millesime), decimales) == attendu


@pytest.mark.parametrize(
    ("territoire", "indicateur", "attendu"),
    [
        (EPCI, "nb_familles_allocataires", 1341),
        (EPCI, "nb_familles_monoparentales_allocataires", 510),
        (EPCI, "taux_monoparentalite_allocataires", 38),
        (DROME, "taux_monoparentalite_allocataires", 29.6),
        (EPCI, "part_allocataires_bas_revenus", 35.2),
        (DROME, "part_allocataires_bas_revenus", 29),
        (EPCI, "part_monoparentales_bas_revenus", 57.3),
        (DROME, "part_monoparentales_bas_revenus", 52.2),
        (EPCI, "nb_enfants_6_11_ans", 792),
        (EPCI, "evolution_enfants_6_11_ans", -10.4),
        (EPCI, "nb_jeunes_12_17_ans", 784),
        (EPCI, "evolution_jeunes_12_17_ans", -15.9),
        (EPCI, "montant_aides_logement", 3_674_066),
        (EPCI, "montant_prestations_precarite", 5_193_122),
        (EPCI, "montant_prestations_familiales", 5_454_360),
        (EPCI, "montant_prestations_handicap", 4_143_294),
        (EPCI, "montant_prestations_total", 18_464_843),
        (EPCI, "montant_annuel_par_allocataire", 4481.76),
    ],
)
def test_figure_of_the_extract_has_that_of_the_deck_within_its_bounds(
    demonstration: Observatoire, territoire: str, indicateur: str, attendu: float
) -> None:
    """Bounds that are near: a wide interval would hold anything."""
    chiffre = demonstration.chiffre(territoire, indicateur, 2022)
    assert chiffre["statut"] == "arrondi"
    assert chiffre["borne_basse"] <= attendu <= chiffre["borne_haute"]
    assert chiffre["borne_haute"] - chiffre["borne_basse"] < max(4, abs(attendu) * 0.05)


def test_a_figure_stands_beside_its_wider_territories_and_its_peers(demonstration: Observatoire) -> None:
    """Cafdata rounds the EPCI: above the Drôme is unfavourable only where the intervals are apart."""
    assert demonstration.requete(
        "select indicateur_id, ecart_departement > 0, ecart_departement_lecture, groupe_pairs, "
        "rang_au_mieux between 1 and nb_pairs from mart_comparaisons where territoire_id = ? "
        "and indicateur_id in ('part_allocataires_rsa', 'part_foyers_paje') and millesime = 2022 order by 1",
        EPCI,
    ) == [
        ("part_allocataires_rsa", True, "defavorable", "EPCI semblables", True),
        ("part_foyers_paje", True, "non_significatif", "EPCI semblables", True),
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
    # 26219 joined 26216 between the COG of the two lines: its 100 foyers came with it, not by growth.
    assert demonstration.requete(
        "select evolution, effet_perimetre from mart_evolutions where territoire_id = 'commune:26216' "
        "and indicateur_id = 'nb_foyers_allocataires' and millesime_debut = 2020 and consecutifs"
    ) == [(5.0, 100.0)]
    # Two censuses that share surveys are no evolution.
    assert demonstration.requete(
        "select motif_code, count(*) > 2000 from mart_evolutions"
        " where indicateur_id = 'population_municipale' and statut = 'refusee' group by all"
    ) == [("recensements_trop_proches", True)]
    # 26258 left between the compositions of 2020 and 2023, nobody knows when; before 2020 nothing is known.
    avant = "périmètre inconnu au 1er janvier {} : la première liste de communes reçue est de 2020"
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


def test_no_rise_in_current_euros_is_said_to_be_good(demonstration: Observatoire) -> None:
    """Of 8 % in five years, prices may have made more than half."""
    assert demonstration.requete(
        "select polarite, evolution_lecture, count(*) > 10 from mart_evolutions"
        " where indicateur_id = 'mediane_niveau_vie' and evolution > 0 group by all"
    ) == [("favorable", "neutre", True)]


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
        ("part_75_ans_et_plus", 4),
        ("part_maisons", 5),
        ("taux_monoparentalite_rp", 6),
        ("taux_pauvrete_60", 2),
    ]


@pytest.mark.parametrize("territoire", [EPCI, DROME])
@pytest.mark.parametrize(
    ("indicateur", "derniere_en_colonnes"),
    [("part_maisons", 2021), ("taux_chomage_rp", 2020), ("taux_monoparentalite_rp", 2018)],
)
def test_a_series_crosses_from_columns_to_observations(
    demonstration: Observatoire, territoire: str, indicateur: str, derniere_en_colonnes: int
) -> None:
    """RP2022 is a file of observations, which publishes each level; the series goes on and tells it."""
    serie = dict(
        demonstration.requete(
            "select millesime, valeur from fct_indicateurs where territoire_id = ? and indicateur_id = ? "
            "and statut = 'observe'",
            territoire,
            indicateur,
        )
    )
    assert {derniere_en_colonnes, 2022} <= set(serie) and max(serie) == 2022
    assert 0 < abs(serie[2022] - serie[derniere_en_colonnes]) < 3
    niveau = territoire.partition(":")[0]
    assert demonstration.requete(
        "select detail from ruptures_series where niveau = ? and indicateur_id = ? and millesime = 2022 "
        "and nature = 'forme'",
        niveau,
        indicateur,
    ) == [
        (
            f"fichier en colonnes jusqu'en {derniere_en_colonnes}, puis fichier d'observations, "
            "chiffre publié à ce niveau",
        )
    ]


def test_what_insee_publishes_of_a_level_is_what_its_communes_sum_to(demonstration: Observatoire) -> None:
    """RP2022 of the Baronnies, from its own line of the file, and the targets of the comparateur."""
    assert [
        round(demonstration.valeur(EPCI, indicateur, 2022), 2)
        for indicateur in ("part_residences_secondaires", "part_hors_residence_principale", "taux_chomage_rp")
    ] == [30.25, 37.75, 13.79]
    assert demonstration.requete(
        "select source_ids, champ from fct_indicateurs where territoire_id in (?, 'france:FR') "
        "and indicateur_id = 'part_maisons' and millesime = 2022 order by niveau",
        EPCI,
    ) == [("insee_rp_logement", None), ("insee_rp_logement", "hors Mayotte")]
    # The lines of the EPCI in the file are not those of the communes, nor of the zonings that are left out.
    explique = demonstration.ctg("explain", "part_maisons", "--territoire", EPCI, "--millesime", "2022")
    assert "DS_RP_LOGEMENT_PRINC_2022_data.csv" in explique.sortie, explique.sortie


def test_a_sum_leads_to_its_communes_and_its_structures(demonstration: Observatoire) -> None:
    """Every commune and every structure with its line; together they make the figure of the EPCI."""
    explique = demonstration.ctg("explain", "nb_places_eaje", "--territoire", EPCI, "--millesime", "2024")
    assert explique.code == 0, explique.erreurs
    total = demonstration.valeur(EPCI, "nb_places_eaje", 2024)
    communes = re.findall(r"^  .* \(\d{5}\) +(\d+)  observé", explique.sortie, re.MULTILINE)
    (nulles,) = re.findall(r"^  À 0, sans ligne : (.*)$", explique.sortie, re.MULTILINE)
    assert len(communes) + len(nulles.split(", ")) == 67 and sum(map(int, communes)) == total
    vues = re.findall(
        r"^  \[1\] ligne (\d+), .* \((\d{5})\), 2024, places_eaje : (\d+)$", explique.sortie, re.MULTILINE
    )
    assert sum(int(places) for _, _, places in vues) == total and "zone close" in explique.sortie
    fichier = DEMONSTRATION / "miroir" / "caf" / "equipements" / "2024" / "structures.csv"
    lignes = fichier.read_text(encoding="utf-8").splitlines()
    for ligne, commune, places in vues:
        champs = lignes[int(ligne) - 1].split(";")
        assert {"2024", "eaje", commune, places} <= set(champs)


def test_no_rank_is_given_among_too_few_peers(demonstration: Observatoire) -> None:
    assert demonstration.requete(
        "select bool_or(rang is not null), bool_and(rang_motif_code = 'trop_peu_de_pairs') "
        "from mart_comparaisons where groupe_pairs is not null and nb_pairs < 5"
    ) == [(False, True)]
