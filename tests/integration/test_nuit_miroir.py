"""What readers find after a first night on the producers' real files, and how a figure is traced."""

import csv
import gzip
import json
import re
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from commande import Observatoire, Sortie

EPCI, DROME, AURA, FRANCE = "epci:200068229", "departement:26", "region:84", "france:FR"

# territoire, indicateur, millésime, value, decimals it is published with, columns that must go with it
CHIFFRES = [
    *(
        (territoire, "population_municipale", 2019 + rang, valeur, 0, {"statut": "observe"})
        for territoire, valeurs in {
            EPCI: (21073, 20908, 20852, 20753),
            DROME: (516762, 517709, 519458, 521432),
        }.items()
        for rang, valeur in enumerate(valeurs)
    ),
    (FRANCE, "population_municipale", 2020, 67162154, 0, {"champ": "hors Mayotte"}),
    (AURA, "population_municipale", 2020, 8078652, 0, {}),
    (EPCI, "part_residences_secondaires", 2018, 31.45, 2, {}),
    (DROME, "part_residences_secondaires", 2018, 8.03, 2, {}),
    (EPCI, "taux_chomage_rp", 2018, 15.58, 2, {}),
    (DROME, "taux_chomage_rp", 2018, 13.70, 2, {}),
    (EPCI, "nb_menages_fiscaux", 2019, 9998, 0, {"methode": "publie"}),
    (EPCI, "mediane_niveau_vie", 2016, 18640, 0, {"methode": "publie"}),
    (EPCI, "mediane_niveau_vie", 2019, 19650, 0, {"methode": "publie"}),
    (DROME, "mediane_niveau_vie", 2016, 20103, 0, {"methode": "publie"}),
    (DROME, "mediane_niveau_vie", 2019, 21260, 0, {"methode": "publie"}),
    (
        EPCI,
        "nb_foyers_allocataires",
        2022,
        3250,
        0,
        {"statut": "partiel", "borne_basse": 3221.0, "borne_haute": 3290.0, "enveloppe_haute": 3384.0},
    ),
    (EPCI, "part_allocataires_rsa", 2022, 12.31, 2, {}),
    (DROME, "part_allocataires_rsa", 2022, 10.51, 2, {}),
    # The other communes are compared with the producer's file below.
    ("commune:26220", "taux_pauvrete_60", 2021, 19, 0, {"methode": "publie", "statut": "arrondi"}),
    (EPCI, "taux_couverture_petite_enfance", 2023, 64.3, 1, {"methode": "publie"}),
    (FRANCE, "taux_couverture_petite_enfance", 2023, 60.9, 1, {"methode": "publie"}),
]


@pytest.mark.parametrize(
    ("territoire", "indicateur", "millesime", "attendu", "decimales", "avec"),
    CHIFFRES,
    ids=[f"{t}-{i}-{m}" for t, i, m, *_ in CHIFFRES],
)
def test_published_figure(
    premiere: Observatoire,
    territoire: str,
    indicateur: str,
    millesime: int,
    attendu: float,
    decimales: int,
    avec: dict[str, object],
) -> None:
    ligne = premiere.chiffre(territoire, indicateur, millesime)
    assert round(ligne["valeur"], decimales) == attendu
    assert (avec | {"demonstration": False}).items() <= ligne.items()


@pytest.mark.parametrize(
    ("colonne", "indicateur", "publies", "montre"),
    [("TP6021", "taux_pauvrete_60", 49, "arrondi"), ("MED21", "mediane_niveau_vie", 380, "observe")],
)
def test_the_rates_and_medians_of_2021_are_what_pandas_reads_in_the_producers_file(
    premiere: Observatoire, reel: Path, colonne: str, indicateur: str, publies: int, montre: str
) -> None:
    """Filosofi of 2021, whole: of the communes in scope, what it hides is secret, and nothing else is."""
    brut = pd.read_csv(reel / "insee/filosofi/cc_filosofi_2021_COM.csv", sep=";", dtype=str)
    lisibles = brut.set_index("CODGEO")[colonne].to_dict()
    lus = {
        code: (statut, valeur)
        for code, statut, valeur in premiere.requete(
            "select right(territoire_id, 5), statut, valeur from fct_indicateurs where millesime = 2021 "
            f"and indicateur_id = '{indicateur}' and niveau = 'commune'"
        )
    }
    # In the COG of the file, 2024, 26289 had not taken 26371 in.
    assert lus.pop("26289") == ("non_disponible", None)
    assert sum(statut == montre for statut, _ in lus.values()) == publies
    assert {code for code in lisibles if code[:2] == "26"} - {"26289", "26371"} <= lus.keys()
    for code, lu in lus.items():
        lisible = lisibles[code]
        publie = ("secret", None) if lisible == "s" else (montre, float(lisible.replace(",", ".")))
        assert lu == publie, code


@pytest.mark.parametrize("millesime", [2020, 2021, 2022, 2023, 2024])
def test_france_is_outside_the_coverage_of_the_drome_file(premiere: Observatoire, millesime: int) -> None:
    ligne = premiere.chiffre(FRANCE, "nb_foyers_allocataires", millesime)
    assert (ligne["valeur"], ligne["statut"], ligne["motif"]) == (None, "non_disponible", "hors couverture")


def test_a_source_never_received_says_so(premiere: Observatoire) -> None:
    assert "refused" not in Sortie.relire(premiere.home.parent / "nuit.json").erreurs
    assert premiere.requete(
        "select etat, fichiers from dim_source where source_id = 'anct_france_services'"
    ) == [("jamais_recue", 0)]
    assert premiere.requete(
        "select distinct statut, motif from dim_disponibilite where indicateur_id = 'nb_france_services'"
    ) == [
        (
            "non_disponible",
            "source jamais reçue : « Structures labellisées France services »,"
            " « Base permanente des équipements, dénombrement »",
        )
    ]


def test_every_table_is_the_same_in_the_three_formats(premiere: Observatoire) -> None:
    release = premiere.courante
    signees = {"dim_release", "changements", "changements_resume", "changements_fichiers"}
    tables = {nom for (nom,) in premiere.requete("select table_name from duckdb_tables()")} - signees
    assert {f.stem for f in (release / "parquet").iterdir()} == tables
    en_csv = {f.name.partition(".")[0]: f for f in (release / "csv").iterdir()}
    hors_csv = {
        *("mart_comparaisons", "mart_derniers_chiffres", "mart_evolutions", "mart_evolutions_dites"),
        *("lignes_source", "contours_communes", "chaines_arrondi"),
        *(
            f"mart_{theme}_actuel"
            for (theme,) in premiere.requete("select distinct theme from dim_indicateur")
        ),
    }
    assert tables - en_csv.keys() == hors_csv and en_csv.keys() < tables
    assert all(f.suffix == ".gz" or f.stat().st_size <= 5_000_000 for f in en_csv.values())
    with duckdb.connect(str(release / "ctg.duckdb"), read_only=True) as con:
        con.execute("use marts")
        for table in sorted(tables):
            parquet = release / "parquet" / f"{table}.parquet"
            assert con.execute(
                f"select count(*) from ((from {table} except all from '{parquet}') "
                f"union all (from '{parquet}' except all from {table}))"
            ).fetchall() == [(0,)], table
            if table not in en_csv:
                continue
            ouvrir = gzip.open if en_csv[table].suffix == ".gz" else open
            with ouvrir(en_csv[table], "rt", encoding="utf-8-sig", newline="") as flux:
                lignes = sum(1 for _ in csv.reader(flux, delimiter=";")) - 1
            assert [(lignes,)] == con.execute(f"select count(*) from {table}").fetchall(), table


def test_explain_walks_to_the_line_of_the_producers_file(premiere: Observatoire, reel: Path) -> None:
    cle = ("population_municipale", "--territoire", "commune:26220", "--millesime", "2020")
    explique = premiere.ctg("explain", *cle)
    assert explique.code == 0, explique.erreurs
    motif = r"^ +\[1\] (?P<nom>\S+\.csv), .*\n +sha256 \S+\n +public .*, reçu le .*\n +ligne (?P<ligne>\d+)$"
    trouve = re.search(motif, explique.sortie, re.MULTILINE)
    assert trouve is not None, explique.sortie
    fichier = reel / "insee" / "populations" / trouve["nom"]
    champs = fichier.read_text(encoding="utf-8").splitlines()[int(trouve["ligne"]) - 1].split(";")
    assert champs[2] + champs[5] == "26220" and champs[6] == "Nyons"
    assert premiere.valeur("commune:26220", "population_municipale", 2020) == float(champs[7])
    assert f"{int(champs[7]):,}".replace(",", "\u202f") in explique.sortie


def test_a_merged_commune_is_the_sum_of_both_in_constant_geography(premiere: Observatoire) -> None:
    assert premiere.requete(
        "select c.millesime, c.valeur = a.valeur + b.valeur from fct_indicateurs as c, "
        "fct_indicateurs_origine as a, fct_indicateurs_origine as b where c.territoire_id = 'commune:26289' "
        "and a.territoire_id = 'commune:26289' and b.territoire_id = 'commune:26371' "
        "and a.millesime = c.millesime and b.millesime = c.millesime and c.cog_millesime = 2026 "
        "and c.indicateur_id = 'population_municipale' and a.indicateur_id = 'population_municipale' "
        "and b.indicateur_id = 'population_municipale' order by 1"
    ) == [(2016, True), (2019, True), (2020, True), (2021, True), (2022, True)]
    assert premiere.requete(
        "select millesime, nature, detail from ruptures_series where territoire_id = 'commune:26289'"
    ) == [(2025, "fusion", "réunit depuis 2025 les communes 26289, 26371")]


def test_communes_of_the_drome_year_by_year(premiere: Observatoire) -> None:
    assert premiere.requete(
        "select millesime, valeur from fct_indicateurs "
        "where territoire_id = ? and indicateur_id = 'nb_communes' order by 1",
        DROME,
    ) == [(2019, 364), (2021, 364), (2022, 363), (2023, 363), (2024, 363), (2025, 362), (2026, 362)]
    assert premiere.requete(
        "select millesime, count(*) from epci_composition where left(code, 2) = '26' group by 1 order by 1"
    ) == [(2019, 364), (2020, 364), (2023, 363), (2024, 363), (2025, 362)]
    # An EPCI has the members of each list received, and no figure for another year.
    assert premiere.requete(
        "select f.millesime, count(*) > 10, bool_and(f.valeur = c.communes) from fct_indicateurs as f "
        "left join (select millesime, epci, count(*) as communes from epci_composition group by all) as c "
        "on f.code = c.epci and f.millesime = c.millesime "
        "where f.niveau = 'epci' and f.indicateur_id = 'nb_communes' group by 1 order by 1"
    ) == [(annee, True, True) for annee in (2019, 2020, 2023, 2024, 2025)]


def test_islands_overseas_and_the_three_cities(premiere: Observatoire) -> None:
    communes = national(premiere, "commune", 2020)
    assert (communes["75056"], communes["69123"], communes["13055"]) == (2145906, 522228, 870321)
    assert not communes.keys() & {"75101", "69381", "13201"}
    departements = national(premiere, "departement", 2020)
    assert {code for code in departements if not code.isdecimal() or len(code) > 2} == {
        *("2A", "2B", "971", "972", "973", "974", "976"),
    }
    assert (departements["2A"], departements["974"], departements["976"]) == (160814, 863083, None)
    assert len(departements) == 101


def national(observatoire: Observatoire, niveau: str, millesime: int) -> dict[str, int | None]:
    """Population of every territory of France."""
    return dict(
        observatoire.requete_nuit(
            "select code, case when statut = 'observe' then valeur end from intermediate.int_sommes "
            "where mesure_id = 'population_municipale' and niveau = ? and millesime = ?",
            niveau,
            millesime,
        )
    )


@pytest.fixture(scope="module")
def compositions(reel: Path) -> dict[int, dict[str, frozenset[str]]]:
    """Communes of each EPCI in the lists of the DGCL, read by pandas: year, SIREN, codes of then."""
    return {
        annee: pd.read_excel(
            reel / f"dgcl/epcicom{annee}.xlsx", dtype=str, usecols=["siren", "insee"], engine="openpyxl"
        )
        .groupby("siren")["insee"]
        .agg(frozenset)
        .to_dict()
        for annee in (2019, 2020, 2023, 2024, 2025)
    }


@pytest.fixture
def prouves(reel: Path, compositions: dict[int, dict[str, frozenset[str]]]) -> dict[str, bool]:
    """EPCI of 2017 whose households of 2016 are, or are not, those of their communes of 2019, by pandas.

    Those with a commune that the file does not name, or that grew by a merger since, are left out.
    """
    mouvements = pd.read_csv(reel / "insee/cog/v_mvt_commune_2025.csv", dtype=str)
    entre = mouvements["DATE_EFF"].between("2017-01-02", "2019-01-01")
    autres = {*mouvements[entre]["COM_AP"]}
    lus = [
        pd.read_csv(reel / f"insee/filosofi/FILO2016_DISP_{niveau}.csv", sep=";", dtype={"CODGEO": str})
        .set_index("CODGEO")["NBMEN16"]
        .to_dict()
        for niveau in ("COM", "EPCI")
    ]
    communes, epci = lus
    return {
        code: sum(communes[c] for c in liste) == epci[code]
        for code, liste in compositions[2019].items()
        if code in epci and liste <= communes.keys() - autres
    }


def test_no_evolution_crosses_an_unknown_or_changed_perimeter(
    premiere: Observatoire, compositions: dict[int, dict[str, frozenset[str]]], prouves: dict[str, bool]
) -> None:
    """Every row of the EPCI but its number of members, which is of its lists.

    The files of the mirror that publish one of them are drawn in the year after. Of 2017, before the first
    list, totals may prove what an EPCI held, and 2018 is deduced from it.
    """
    assert any(prouves.values())
    lignes = premiere.requete(
        "select code, indicateur_id, millesime_debut, millesime_fin, m.statut, m.motif_code, evolution "
        "from mart_evolutions as m join dim_territoire using (territoire_id) "
        "where m.niveau = 'epci' and m.methode = 'publie' and m.indicateur_id <> 'nb_communes' order by all"
    )
    assert len({code for code, *_ in lignes}) == 16 and len(lignes) > 250
    for code, indicateur, debut, fin, statut, motif_code, evolution in lignes:
        avant = max((a for a in compositions if a <= debut + 1), default=None)
        if avant is None and debut in (2016, 2017):
            # Of one that pandas cannot judge, the night says whether it is proved.
            avant = 2019 if prouves.get(code, evolution is not None) else None
        apres = min(a for a in compositions if a >= fin + 1)
        listes = [liste for a, liste in compositions.items() if avant and avant <= a <= apres]
        memes = len({liste.get(code) for liste in listes}) == 1
        if memes:
            assert evolution is not None, (code, indicateur, debut, fin)
        else:
            assert evolution is None, (code, indicateur, debut, fin)
            assert statut != "observe" and (statut != "refusee" or motif_code is not None)
            if statut == "refusee" and avant is None:
                assert motif_code in ("perimetre_inconnu", "sources_differentes"), (code, indicateur)
    # A sum is on the reference at both ends: nothing is said of its EPCI; two censuses are too close.
    assert premiere.requete(
        "select motif_code, count(*) from mart_evolutions "
        "where niveau = 'epci' and indicateur_id = 'population_municipale' and consecutifs group by all"
    ) == [("recensements_trop_proches", 80)]
    # But those of 2016 and of 2023: seven years apart.
    assert premiere.requete(
        "select millesime_debut, millesime_fin, count(evolution) from mart_evolutions "
        "where niveau = 'epci' and indicateur_id = 'population_municipale' and extremes group by all"
    ) == [(2016, 2023, 16)]


def test_every_leap_of_a_published_figure_of_an_epci_is_flagged(premiere: Observatoire) -> None:
    """In all France, at one end of the leap at least: more than 15 % between two files of Filosofi."""
    ((sauts, muets),) = premiere.requete_nuit(
        """
        with chiffres as (
            select
                c.code,
                c.valeur,
                p.code is not null as signale,
                lag(c.valeur) over suite as valeur_avant,
                lag(p.code is not null) over suite as signale_avant
            from intermediate.int_cellules_mesures as c
            left join intermediate.int_perimetres_publies as p using (niveau, code, mesure_id, millesime)
            where
                c.niveau = 'epci'
                and c.mesure_id = 'menages_fiscaux'
                and c.code in (select epci from intermediate.int_communes_reference)
            window suite as (partition by c.code order by c.millesime)
        )
        select count(*), count(*) filter (not (signale or signale_avant))
        from chiffres
        where abs(valeur - valeur_avant) > 0.15 * valeur_avant
        """
    )
    assert sauts > 50 and muets == 0
    # CC Aure-Louron: 561 ménages fiscaux, then 3 102 once it is four communautés.
    assert premiere.requete_nuit(
        "select millesime, cast(c.valeur as integer), p.connu from intermediate.int_cellules_mesures as c "
        "left join intermediate.int_perimetres_publies as p using (niveau, code, mesure_id, millesime) "
        "where niveau = 'epci' and code = '246500573' and mesure_id = 'menages_fiscaux' "
        "and millesime in (2015, 2016) order by 1"
    ) == [(2015, 561, False), (2016, 3102, False)]


def test_a_published_deck_is_judged(premiere: Observatoire, shared: Path) -> None:
    audit = premiere.ctg("audit", str(shared / "domain" / "chiffres_publies.csv"), "--json")
    assert audit.code == 3, audit.erreurs
    rendu = json.loads(audit.sortie)
    chiffres = {(c["indicateur_id"], c["territoire_id"]): c for c in rendu["chiffres"]}
    assert chiffres["population_municipale", EPCI]["verdict"] == "conforme"
    for territoire, valeur, lecture in ((EPCI, 31.45, 38.0), (DROME, 8.03, 16.7)):
        chiffre = chiffres["part_residences_secondaires", territoire]
        assert (chiffre["verdict"], chiffre["millesime"]) == ("ecart", 2018)
        assert round(chiffre["valeur"], 2) == valeur
        assert chiffre["lecture_indicateur_id"] == "part_hors_residence_principale"
        assert round(chiffre["lecture_valeur"], 1) == lecture
    for indicateur in ("rsa", "bas_revenus", "aide_logement"):
        assert chiffres[f"part_allocataires_{indicateur}", EPCI]["verdict"] == "mauvais_univers"
    assert chiffres["montant_prestations_total", EPCI]["verdict"] == "ecart_arrondi"
    observes = {(c["check_id"], c["status"]): c["observed"] for c in rendu["controles"]}
    assert observes["C01", "OK_ARRONDI"] == "18464842"
    assert observes["C02", "OK"].startswith("4120 (seul entier")
    assert observes["C04", "KO"] == "4579"
    assert observes["C29", "OK"] == "20908"


def test_rows_outside_the_cog_are_told(premiere: Observatoire) -> None:
    nuit = Sortie.relire(premiere.home.parent / "nuit.json")
    assert (
        "insee_populations_legales/communes 2020: 1 rows set aside (hors_cog), codes 27676, lines 34982"
        in nuit.erreurs.splitlines()
    )


def test_the_release_is_whole(premiere: Observatoire) -> None:
    verifie = premiere.ctg("releases", "show", "--verify")
    assert verifie.code == 0, verifie.erreurs
    lien = premiere.home / "releases" / "current"
    assert lien.is_symlink() and not lien.readlink().is_absolute()
