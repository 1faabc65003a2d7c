"""The demonstration: the figures of the deck, those of its extract too, and its mark."""

import csv
import html
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from commande import Observatoire
from dagster import DagsterEventType, DagsterInstance

from demonstration import ctg
from ingestion.contrats import charger_contrats
from orchestration.generes import documents
from orchestration.generes.dictionnaire import sources_citees
from orchestration.racine import RACINE
from tests.publication.portraits import lecture_pdf
from tests.publication.portraits.parcours import archives

EPCI, DROME = "epci:200068229", "departement:26"
PARTIES = "Caf de la Drôme ; CC des Baronnies en Drôme provençale"


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


def test_what_the_package_says_of_its_tables_links_them(demonstration: Observatoire) -> None:
    """A reader who joins by `foreignKeys` loses no row: the scope kept what its tables speak of."""
    paquet = json.loads((demonstration.home / "releases/current/datapackage.json").read_bytes())
    liens = [
        (r["name"], cle["fields"][0], cle["reference"]["resource"], cle["reference"]["fields"][0])
        for r in paquet["resources"]
        for cle in r["schema"].get("foreignKeys", ())
    ]
    assert ("fct_indicateurs", "territoire_id", "dim_territoire", "territoire_id") in liens and len(
        liens
    ) > 20
    for table, colonne, autre, cible in liens:
        assert (
            demonstration.requete(
                f"select distinct {colonne} from {table} where {colonne} is not null and {colonne} not in"
                f" (select {cible} from {autre})"
            )
            == []
        ), (table, colonne)


def test_no_rise_in_current_euros_is_said_to_be_good(demonstration: Observatoire) -> None:
    """Of 8 % in five years, prices may have made more than half."""
    assert demonstration.requete(
        "select polarite, evolution_lecture, count(*) > 10 from mart_evolutions"
        " where indicateur_id = 'mediane_niveau_vie' and evolution > 0 group by all"
    ) == [("favorable", "neutre", True)]


def test_the_sources_of_a_figure_are_among_those_its_indicateur_names(demonstration: Observatoire) -> None:
    """A page that names one source for figures of two sends its reader to the wrong file."""
    assert (
        demonstration.requete(
            r"""
            with chiffres as (
                select distinct indicateur_id, unnest(string_split(source_ids, '+')) as source_id
                from fct_indicateurs where source_ids <> ''
            )
            select c.indicateur_id, c.source_id, i.sources
            from chiffres as c join dim_indicateur as i using (indicateur_id)
            where not list_contains(regexp_extract_all(i.sources, '[a-z0-9_]+'), c.source_id)
            """
        )
        == []
    )
    dites = dict(demonstration.requete("select indicateur_id, coalesce(sources, '') from dim_indicateur"))
    assert dites["zonage_frr"] == "dgcl_frr"
    assert dites["part_maisons"] == "insee_rp_logement + (insee_rp_logement > insee_comparateur)"
    # The page of the dictionary, made before any night, says the same.
    seeds = (RACINE / "dbt_project" / "seeds" / f"{nom}.csv" for nom in ("indicateurs", "mesures"))
    indicateurs, mesures = (list(csv.DictReader(seed.read_text("utf-8").splitlines())) for seed in seeds)
    par_mesure = {m["mesure_id"]: m["sources"] for m in mesures}
    assert dites == {i["indicateur_id"]: sources_citees(i, par_mesure) for i in indicateurs}


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


def test_a_convention_is_told_as_its_documents_state_it(demonstration: Observatoire) -> None:
    """The second one is read from the first year of the one it follows, which was evaluated."""
    assert demonstration.requete(
        "select convention_id, ctg_id, territoire_id, annee_debut, annee_fin, duree_prolongation, "
        "annee_base, signataires from ctg_conventions order by annee_debut"
    ) == [
        ("baronnies-2019", "ctg:baronnies-2019", EPCI, 2019, 2024, 1, 2019, PARTIES),
        (
            "demonstration-2023",
            "ctg:demonstration-2023",
            "ctg:demonstration-2023",
            2023,
            2027,
            None,
            2023,
            None,
        ),
        ("baronnies-2025", "ctg:baronnies-2025", EPCI, 2025, 2029, None, 2019, PARTIES),
    ]
    axes = demonstration.requete(
        "select theme, axe_numero, list(numero order by numero) from ctg_orientations "
        "where convention_id = 'baronnies-2025' group by all"
    )
    assert len(axes) == 20 and sum(len(numeros) for _, _, numeros in axes) == 67
    assert all(numeros == [*range(1, len(numeros) + 1)] for _, _, numeros in axes)
    assert demonstration.requete(
        "select sum(places) filter (annee_fin = 2025 and initiative is distinct from 'privée'), "
        "sum(places) filter (nature = 'maintien'), "
        "list(commune order by commune) filter (commune is not null) "
        "from ctg_calendrier where convention_id = 'baronnies-2025'"
    ) == [
        (
            *(9, 118),
            ["Buis-les-Baronnies", "Montbrun-les-Bains", "Saint-Maurice-sur-Eygues", "Séderon"],
        )
    ]
    assert demonstration.requete(
        "select type, frequence_annuelle from ctg_instances "
        "where convention_id = 'baronnies-2019' and theme is null order by 2"
    ) == [("comité de pilotage", 2), ("comité technique", 4)]
    assert demonstration.requete("select convention_id, tenue from ctg_reunions order by jour") == [
        ("demonstration-2023", True),
        ("demonstration-2023", False),
    ]
    assert demonstration.requete("select list(mission_id order by ordre) from ctg_missions_sppe") == [
        (["recenser", "informer", "planifier", "soutenir_qualite"],)
    ]
    assert demonstration.requete(
        "select count(*) from ctg_constats where theme = 'petite_enfance' and texte like '%24 places%'"
    ) == [(1,)]
    assert demonstration.requete(
        "select count(*), count(rubrique) from ctg_constats where theme is null"
    ) == [(9, 9)]
    assert demonstration.requete(
        "select nature, count(*) from ctg_demarche group by all order by min(ordre)"
    ) == [("sens", 3), ("contexte", 2), ("étape", 6), ("décision", 2), ("suite", 1)]


def test_a_remark_between_authors_is_in_nothing_that_readers_get(demonstration: Observatoire) -> None:
    """No text of a `remarque_interne` is in a table or a page; what it is about is in all of them."""
    tables = [
        csv.DictReader(io.StringIO(b.decode("utf-8-sig")), delimiter=";") for b in ctg.fichiers().values()
    ]
    remarques = {
        r for t in tables for ligne in t if (r := ligne.get("remarque_interne", "nd")) not in ("nd", "")
    }
    assert remarques == {"mot du document à confirmer"}
    remarques |= {"à confirmer", "absente du document"}
    imprimes = 0
    for nom, texte in _textes(demonstration.courante):
        assert not [r for r in remarques if r in texte], nom
        if "portrait-ctg-baronnies-2025" in nom or nom == "ctg_orientations":
            imprimes += "repérer l'habitat indécent" in re.sub(r"\s+", " ", html.unescape(texte))
    assert imprimes >= 5


def test_the_author_of_a_plan_is_told_what_it_says_that_is_not_so(demonstration: Observatoire) -> None:
    """The rate of 2023, the convention that ended, the day and the year that passed; remarks, here alone."""
    vu = demonstration.ctg("plan", "verifier")
    assert vu.code == 3, vu.erreurs
    blocs = dict(bloc.split("\n", 1) for bloc in vu.sortie.split("\n\n") if "\n" in bloc)
    assert {"constats, ligne 16", "conventions, ligne 2", "demarche, ligne 10", "calendrier, ligne 5"} <= {
        *blocs
    }
    assert "46,2 en 2019, 64,3 en 2023" in blocs["constats, ligne 16"]
    assert "elle a pris fin le 31 décembre 2024" in blocs["conventions, ligne 2"]
    assert "orientations, ligne 58 : mot du document à confirmer" in vu.sortie


def test_a_comment_is_printed_in_the_four_forms_with_what_its_figure_became(
    demonstration: Observatoire,
) -> None:
    """The plan of the invented convention quotes 200 places; the release has 211."""
    dits: dict[str, str] = {}
    for nom, texte in _textes(demonstration.courante):
        if nom.startswith("portrait-ctg-demonstration-2023"):
            forme = nom.split(".")[1].split(" ")[0]
            dits[forme] = dits.get(forme, "") + re.sub(r"\s+", " ", html.unescape(texte))
    assert {*dits} == {"html", "pdf", "pptx", "xlsx"}
    for forme, texte in dits.items():
        assert "Note de l'auteur — Auteur inventé, 17 décembre 2024" in texte, forme
        assert "211 dans cette publication (cité : 200)" in texte, forme


def test_an_edited_portrait_is_left_as_it_is_unless_asked(
    demonstration: Observatoire, tmp_path: Path
) -> None:
    """The name says the options; a file that somebody changed is overwritten by --remplacer alone."""
    demande = ("portrait", "epci:200068229", "--depuis", "2017", "--sortie", str(tmp_path))
    fichier = tmp_path / "portrait-epci-200068229-depuis-2017.html"
    assert demonstration.ctg(*demande).code == 0
    fait = fichier.read_bytes()
    assert demonstration.ctg(*demande).code == 0
    fichier.write_bytes(b"retouche")
    refus = demonstration.ctg(*demande)
    assert (refus.code, fichier.read_bytes()) == (1, b"retouche")
    assert "--remplacer" in refus.erreurs
    assert demonstration.ctg(*demande, "--remplacer").code == 0
    assert fichier.read_bytes() == fait


def test_comments_of_a_file_are_printed_or_refused_with_their_place(
    demonstration: Observatoire, tmp_path: Path
) -> None:
    """They take the place of those of the plan; a moved figure is told; a wrong cell is named."""
    table = tmp_path / "commentaires.csv"
    colonnes = charger_contrats()["ctg_plan_actions"].ressources["commentaires"].columns
    ligne = ["ctg:baronnies-2025", "1", "sppe", "après", "Un an de retard", "Coordination", "2026-03-03"]
    cite = ["taux_couverture_petite_enfance", "nd", "2023", "57,2", "nd"]
    demande = ("portrait", "ctg:baronnies-2025", "--commentaires", str(table), "--sortie", str(tmp_path))

    def ecrire(*cellules: str) -> None:
        table.write_text("\n".join(";".join(x) for x in (colonnes, cellules)), "utf-8")

    ecrire(*ligne, *cite)
    fait = demonstration.ctg(*demande)
    assert fait.code == 0 and "64,3 dans cette publication (cité : 57,2)" in fait.erreurs
    page = (tmp_path / "portrait-ctg-baronnies-2025-commente.html").read_text("utf-8")
    assert "Un an de retard" in page
    ecrire(*ligne[:2], "sommaire", *ligne[3:], *cite)
    refus = demonstration.ctg(*demande)
    assert refus.code == 1 and "column section (section), line 2" in refus.erreurs


def _textes(release: Path) -> Iterator[tuple[str, str]]:
    """The texts of a release by table, by file and, of the forms that are archives, by member."""
    with duckdb.connect(str(release / "ctg.duckdb"), read_only=True) as con:
        for table, colonne in con.execute(
            "select table_name, column_name from duckdb_columns()"
            " where schema_name = 'marts' and data_type = 'VARCHAR'"
        ).fetchall():
            yield table, str(con.execute(f"select distinct {colonne} from marts.{table}").fetchall())
    for fichier in release.rglob("*"):
        match fichier.suffix:
            case ".html" | ".json" | ".md" | ".jsonld":
                yield fichier.name, fichier.read_text("utf-8")
            case ".pdf":
                yield fichier.name, lecture_pdf.texte(fichier.read_bytes())
            case ".pptx" | ".xlsx":
                for membre, octets in archives(fichier.read_bytes(), fichier.name):
                    yield f"{fichier.name} {membre}", octets.decode("utf-8", "replace")


def test_every_commune_has_its_outline(demonstration: Observatoire) -> None:
    """The 67 of the Baronnies, and those that others have joined since the edition."""
    assert demonstration.requete(
        "select count(*), count(k.code) from ctg_communes as c left join contours_communes as k using (code) "
        "where c.territoire_id = 'ctg:baronnies-2025'"
    ) == [(67, 67)]
    assert (
        demonstration.requete(
            "select code from dim_territoire anti join contours_communes using (code) "
            "where niveau = 'commune'"
        )
        == []
    )
    assert demonstration.requete("select distinct edition, source_id from contours_communes") == [
        (2018, "ign_contours_communes")
    ]
    assert not (demonstration.courante / "csv" / "contours_communes.csv").exists()


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


def test_every_figure_is_marked_as_invented(demonstration: Observatoire) -> None:
    tables = demonstration.requete(
        "select table_name from duckdb_columns() where column_name = 'demonstration' order by 1"
    )
    assert ("fct_indicateurs",) in tables
    # Of the EPCI that a narrower scope lacks: there are none.
    for (table,) in {*tables} - {("chiffres_semblables",)}:
        assert demonstration.requete(f"select distinct demonstration from {table}") == [(True,)], table
    explique = demonstration.ctg(
        "explain", "nb_foyers_allocataires", "--territoire", EPCI, "--millesime", "2022"
    )
    assert "Chiffres de démonstration : inventés." in explique.sortie


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
    fichier = demonstration.home / "demonstration" / "caf" / "equipements" / "2024" / "structures.csv"
    lignes = fichier.read_text(encoding="utf-8").splitlines()
    for ligne, commune, places in vues:
        champs = lignes[int(ligne) - 1].split(";")
        assert {"2024", "eaje", commune, places} <= set(champs)


def test_sentences_name_sources_by_their_titles(demonstration: Observatoire) -> None:
    """Their ids are in the columns that hold nothing else, and in addresses and names of files."""
    assert demonstration.requete(
        "select count(*) > 1000 from mart_evolutions where motif_code = 'sources_differentes'"
        " and motif like 'sources différentes : « % » puis « % »'"
    ) == [(True,)]
    identifiants = {"source", "source_id", "source_ids", "sources"}
    ids = "|".join(source_id for (source_id,) in demonstration.requete("select source_id from dim_source"))
    textes = demonstration.requete(
        "select table_name, column_name from information_schema.columns"
        " where table_schema = 'marts' and data_type = 'VARCHAR'"
    )
    assert [
        (table, colonne)
        for table, colonne in textes
        if colonne not in {*identifiants, "page", "membre"}
        and demonstration.requete(f"select 1 from {table} where regexp_matches({colonne}, ?) limit 1", ids)
    ] == []


def test_no_rank_is_given_among_too_few_peers(demonstration: Observatoire) -> None:
    assert demonstration.requete(
        "select bool_or(rang is not null), bool_and(rang_motif_code = 'trop_peu_de_pairs') "
        "from mart_comparaisons where groupe_pairs is not null and nb_pairs < 5"
    ) == [(False, True)]


def test_the_page_of_what_the_demonstration_does_not_give(demonstration: Observatoire) -> None:
    page = documents.DEMONSTRATION
    attendue = documents.page_demonstration(demonstration.courante)
    assert page.read_text(encoding="utf-8") == attendue, "run `make refresh`, `make docs`, commit the page"


def test_a_clean_night_has_no_amber(demonstration: Observatoire) -> None:
    """A warning that nobody can act on hides the one that somebody must."""
    with DagsterInstance.from_config(str(demonstration.home / "dagster")) as instance:
        (nuit,) = instance.get_runs(limit=1)
        verdicts = [
            e.dagster_event.asset_check_evaluation_data
            for e in instance.all_logs(nuit.run_id, of_type=DagsterEventType.ASSET_CHECK_EVALUATION)
            if e.dagster_event
        ]
    assert len(verdicts) > 200
    assert [f"{v.asset_key.to_user_string()} {v.check_name}" for v in verdicts if not v.passed] == []
