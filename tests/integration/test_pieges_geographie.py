"""The traps of codes and of populations, each under its number in the catalogue of sources.

What the warehouse makes of them, on the producers' real files. Those a contract alone answers are beside
the contracts' own tests.
"""

import csv
import json
from collections import defaultdict
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from commande import Observatoire

BARONNIES = "200068229"
ILES = ["22016", "29083", "29155", "85113"]

# millésime to population, the statut beside it
Serie = dict[int, tuple[int | None, str]]


@cache
def lignes(reel: Path, annee: int) -> list[tuple[str, int]]:
    """Code and population of every line of a file of legal populations, repeated codes included."""
    (fichier,) = (reel / "insee" / "populations").glob(f"donnees_communes_pop{annee}*.csv")
    with fichier.open(encoding="utf-8", newline="") as flux:
        return [
            (r["CODDEP"][:2] + r["CODCOM"] if "CODDEP" in r else r["COM"], int(r["PMUN"]))
            for r in csv.DictReader(flux, delimiter=";")
        ]


def du_departement(reel: Path, annee: int, departement: str) -> int:
    return sum(n for code, n in lignes(reel, annee) if code.startswith(departement))


@cache
def epcicom(reel: Path, annee: int) -> pd.DataFrame:
    return pd.read_excel(reel / "dgcl" / f"epcicom{annee}.xlsx", dtype=str, engine="calamine")


def serie(observatoire: Observatoire, niveau: str, code: str) -> Serie:
    """Population in constant geography; what is not observed has its motif in the place of its statut.

    Of the years that `lignes` reads.
    """
    return {
        millesime: (valeur, statut)
        for millesime, valeur, statut in observatoire.requete_nuit(
            "select millesime, valeur::bigint, coalesce(motif, statut) from intermediate.int_sommes "
            "where mesure_id = 'population_municipale' and millesime >= 2019 and niveau = ? and code = ? "
            "order by 1",
            niveau,
            code,
        )
    }


def heritiers(observatoire: Observatoire, code: str) -> dict[int, set[str]]:
    """COG to the communes of today that a code of that COG became."""
    trouves = defaultdict(set)
    for cog, reference in observatoire.requete_nuit(
        "select cog_millesime, code_reference from intermediate.int_passage where code_origine = ?", code
    ):
        trouves[cog].add(reference)
    return trouves


def test_trap_04_a_code_that_left_and_returned_is_one_commune_and_counts_once(
    premiere: Observatoire, reel: Path
) -> None:
    rp2020 = lignes(reel, 2020)
    assert sorted(ligne for ligne in rp2020 if ligne[0] in ("27676", "27058")) == [
        ("27058", 1759),
        ("27676", 1759),
    ]
    # COG 2021 and 2022 call it 27058: the other line of RP2020 is outside the COG of its file.
    assert dict(lignes(reel, 2019)).keys() & {"27676", "27058"} == {"27058"}
    assert serie(premiere, "commune", "27676") == {
        2019: (dict(lignes(reel, 2019))["27058"], "observe"),
        2020: (1759, "observe"),
        2021: (1742, "observe"),
        2022: (1748, "observe"),
        2023: (1735, "observe"),
    }
    assert serie(premiere, "commune", "27058") == {}
    # Not double above it either.
    eure = serie(premiere, "departement", "27")
    assert eure[2020] == (du_departement(reel, 2020, "27") - 1759, "observe")
    assert eure[2019] == (du_departement(reel, 2019, "27"), "observe")
    assert serie(premiere, "france", "FR")[2020] == (sum(n for _, n in rp2020) - 1759, "observe")
    # The error is found in the file; a release of another département tells of none but those of nobody.
    assert premiere.requete_nuit(
        "select erreur_id, commune, presente from normalised.erreurs_connues order by erreur_id"
    ) == [
        ("mouvements_repetes", None, True),
        ("trois_lacs_en_double", "27058", True),
    ]
    assert premiere.requete("select erreur_id, territoire_id from erreurs_connues") == [
        ("mouvements_repetes", None)
    ]


@pytest.mark.parametrize(
    ("aujourd_hui", "avant"),
    [("12218", "12076"), ("14581", "14011"), ("49126", "49069"), ("69114", "69159")],
)
def test_a_code_that_one_of_its_communes_bore_is_the_whole_of_it(
    premiere: Observatoire, reel: Path, aujourd_hui: str, avant: str
) -> None:
    """A change of chef-lieu to a code borne until the merger by one of the communes that made it."""
    assert serie(premiere, "commune", aujourd_hui) == {
        annee: (dict(lignes(reel, annee))[code], "observe")
        for code, annees in ((avant, range(2019, 2023)), (aujourd_hui, (2023,)))
        for annee in annees
    }
    passage = heritiers(premiere, aujourd_hui)
    assert (passage[2015], passage[2025]) == ({aujourd_hui}, {aujourd_hui})
    # The code was borne by nobody in between: no figure was published under it.
    assert not passage.keys() & set(range(2019, 2025))
    assert {
        cog for cog, heritieres in heritiers(premiere, avant).items() if heritieres == {aujourd_hui}
    } == set(range(2015, 2025))


def test_trap_05_the_same_code_is_another_territory_from_2024(premiere: Observatoire, reel: Path) -> None:
    avant, apres = dict(lignes(reel, 2021)), dict(lignes(reel, 2022))
    assert (avant["60054"], avant.get("60694")) == (878, None)
    assert (apres["60054"], apres["60694"]) == (337, 547)
    passage = heritiers(premiere, "60054")
    assert (passage[2023], passage[2024]) == ({"60054", "60694"}, {"60054"})
    # Neither of the two inherits the series of Les Hauts-Talican.
    inconnue = dict.fromkeys((2019, 2020, 2021), (None, "scission non répartie : 60054"))
    assert serie(premiere, "commune", "60054") == inconnue | {
        2022: (337, "observe"),
        2023: (339, "observe"),
    }
    assert serie(premiere, "commune", "60694") == inconnue | {
        2022: (547, "observe"),
        2023: (542, "observe"),
    }
    assert serie(premiere, "departement", "60")[2021] == (du_departement(reel, 2021, "60"), "observe")
    # What readers find in a release of this split, and of the code that left and returned.
    assert premiere.requete(
        "select distinct code_origine, nature from passage_communes "
        "where code_origine in ('27676', '27058', '60054') order by 1, 2"
    ) == [
        ("27058", "changement_code"),
        # Until 2017 each was a commune of its own.
        ("27058", "fusion"),
        ("27676", "fusion"),
        ("60054", "scission"),
    ]


@pytest.mark.parametrize(
    ("divisee", "en", "dernier_cog", "derniere_population"),
    [
        ("85084", {"85084", "85165", "85212"}, 2023, 2021),
        ("15141", {"15031", "15035", "15047", "15141", "15171"}, 2024, 2022),
    ],
)
def test_trap_06_a_split_is_not_shared_out(
    premiere: Observatoire,
    reel: Path,
    divisee: str,
    en: set[str],
    dernier_cog: int,
    derniere_population: int,
) -> None:
    passage = heritiers(premiere, divisee)
    assert (passage[dernier_cog], passage[dernier_cog + 1]) == (en, {divisee})
    publiees = {annee: dict(lignes(reel, annee)) for annee in range(2019, 2024)}
    for commune in en:
        assert serie(premiere, "commune", commune) == {
            annee: (None, f"scission non répartie : {divisee}")
            if annee <= derniere_population
            else (populations[commune], "observe")
            for annee, populations in publiees.items()
        }
    # The whole remains at the level where all the heirs are together.
    departement = serie(premiere, "departement", divisee[:2])
    assert departement == {a: (du_departement(reel, a, divisee[:2]), "observe") for a in publiees}


def test_trap_09_the_polygons_of_the_map_dissolve_into_the_communes_of_today(
    premiere: Observatoire, reel: Path
) -> None:
    carte = json.loads((reel / "geo" / "france-geojson_communes-26-drome.geojson").read_text("utf-8"))
    polygones = [f["properties"]["code"] for f in carte["features"]]
    assert len(polygones) == len(set(polygones)) == 367
    dissolution = premiere.requete_nuit(
        "select distinct code_origine, code_reference from intermediate.int_passage "
        "where code_origine in (select unnest(?))",
        polygones,
    )
    assert sorted(origine for origine, _ in dissolution) == sorted(polygones)
    communes = premiere.requete(
        "select code from dim_territoire where niveau = 'commune' and departement = '26'"
    )
    assert len(communes) == 362
    assert {(reference,) for _, reference in dissolution} == set(communes)
    fondus = {
        "26184": "26210",
        "26297": "26210",
        "26354": "26086",
        "26219": "26216",
        "26371": "26289",
    }
    assert {o: r for o, r in dissolution if o != r} == fondus
    # Readers of a release find the same table in it.
    assert (
        dict(
            premiere.requete(
                "select distinct code_origine, code_reference from passage_communes "
                "where code_origine in (select unnest(?)) and code_origine <> code_reference",
                polygones,
            )
        )
        == fondus
    )


def test_trap_10_communes_without_epci_are_kept(premiere: Observatoire, reel: Path) -> None:
    for annee in (2020, 2023, 2024):
        assert not set(epcicom(reel, annee)["insee"]) & set(ILES), annee
    assert premiere.requete_nuit(
        "select code from intermediate.int_communes_reference where epci is null order by 1"
    ) == [(code,) for code in ILES]
    for annee in (2019, 2020, 2021, 2022):
        publiees = dict(lignes(reel, annee))
        for ile in ILES:
            assert serie(premiere, "commune", ile)[annee] == (publiees[ile], "observe")
            departement = ile[:2]
            assert serie(premiere, "departement", departement)[annee] == (
                du_departement(reel, annee, departement),
                "observe",
            )


def test_trap_11_a_total_repeated_on_every_line_is_not_summed(premiere: Observatoire, reel: Path) -> None:
    composition = epcicom(reel, 2023)
    membres = composition[composition["siren"] == BARONNIES]
    assert (len(membres), membres["total_pop_mun"].astype(int).sum()) == (67, 1400836)
    assert premiere.valeur(f"epci:{BARONNIES}", "population_municipale", 2020) == 20908


def test_trap_12_a_population_has_the_year_of_its_census(premiere: Observatoire) -> None:
    populations = dict(
        premiere.requete(
            "select millesime, valeur from fct_indicateurs where territoire_id = ? "
            "and indicateur_id = 'population_municipale' and valeur is not null",
            f"epci:{BARONNIES}",
        )
    )
    assert populations == {2016: 21173, 2019: 21073, 2020: 20908, 2021: 20852, 2022: 20753, 2023: 20713}
    # pmun_YYYY is dated by its composition: the census is three years older.
    controle = dict(
        premiere.requete_nuit(
            "select millesime, sum(population_municipale_controle) from staging.stg_dgcl__epci_composition "
            "where epci = ? group by 1",
            BARONNIES,
        )
    )
    assert controle == {
        2019: populations[2016],
        2020: 21216,
        2023: populations[2020],
        2024: populations[2021],
        2025: populations[2022],
    }


def test_trap_34_a_cell_of_several_programmes_gives_as_many_rows(premiere: Observatoire) -> None:
    assert premiere.requete_nuit(
        "select identifiant from intermediate.int_zonages where zonage = 'CRTE' and code = '01033' order by 1"
    ) == [("crte-84-01-14",), ("crte-84-74-8",)]
    assert premiere.requete_nuit(
        "select count(*) from intermediate.int_zonages "
        "where source_id = 'anct_zonages' and (identifiant like '%;%' or identifiant <> trim(identifiant))"
    ) == [(0,)]
