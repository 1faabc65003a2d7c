"""Every contract on every real file the producers gave: counts and totals measured independently."""

from collections import Counter
from collections.abc import Callable
from decimal import Decimal

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from ingestion.acquisition import Acquisition, BilanSource, FichierRetenu
from ingestion.contrats.empreinte import schema_normalise

Reelle = tuple[Acquisition, dict[str, tuple[BilanSource, BilanSource]]]

CCBDP = "200068229"
# Rows kept: PROVENANCE.md, less the rows set aside.
LIGNES = {
    ("anct_france_services", "structures"): {2024: 2845 - 2},
    ("anct_france_services", "structures_2021"): {2021: 456},
    ("anct_zonages", "communes"): {2023: 35039 - 94},
    ("cnaf_allocataires_communes", "communes"): {2024: 1792},
    ("cnaf_allocataires_iris", "iris"): {2016: 13148, 2017: 13279, 2018: 13349, 2019: 13424, 2020: 13444},
    ("cnaf_places_petite_enfance_communes", "historique"): {2022: 6233 - 11},
    ("cnaf_taux_couverture_communes", "historique"): {2022: 6283 - 10},
    ("cnaf_taux_couverture_epci", "courant"): {2023: 15},
    ("cnaf_taux_couverture_national", "courant"): {2023: 1},
    ("dgcl_epci_composition", "composition"): {
        2019: 34966, 2020: 34964, 2023: 34941, 2024: 34931, 2025: 34871
    },
    ("dgcl_frr", "copie"): {2025: 34875},
    ("ign_contours_communes", "departement_04"): {2018: 198},
    ("ign_contours_communes", "departement_05"): {2018: 163},
    ("ign_contours_communes", "departement_07"): {2018: 339},
    ("ign_contours_communes", "departement_26"): {2018: 367},
    ("ign_contours_communes", "departement_84"): {2018: 151},
    ("insee_cog_communes", "communes"): {
        2019: 37932, 2021: 37742, 2022: 37600, 2023: 37563, 2024: 37544, 2025: 37548, 2026: 37496
    },
    ("insee_cog_mouvements", "mouvements"): {2022: 14015 - 5, 2023: 13834, 2024: 13284, 2025: 13534,
        2026: 13734},
    ("insee_comparateur", "communes"): {2018: 35010},
    ("insee_ept", "composition"): {2025: 34875},
    ("insee_filosofi", "communes"): {2016: 31789, 2018: 31330, 2019: 31361},
    ("insee_filosofi", "epci"): {2014: 2123, 2015: 2048, 2016: 1252, 2017: 1249, 2018: 1244, 2019: 1240},
    ("insee_filosofi", "departement"): {2014: 98, 2015: 98, 2016: 98, 2017: 98, 2018: 98, 2019: 98},
    ("insee_filosofi", "region"): {2014: 15, 2015: 15, 2016: 15, 2017: 15, 2018: 15, 2019: 15},
    ("insee_filosofi", "metropole"): {2014: 1, 2015: 1, 2016: 1, 2017: 1, 2018: 1, 2019: 1},
    ("insee_filosofi_pauvrete", "communes"): {2021: 34909},
    ("insee_populations_legales", "communes_classeur"): {2016: 35382},
    ("insee_populations_legales", "communes"): {
        2019: 34990, 2020: 34981 - 1, 2021: 34970, 2022: 34960, 2023: 34900
    },
    # Less the collectivités d'outre-mer, Clipperton and Monaco.
    ("laposte_codes_postaux", "communes"): {2023: 39193 - 267 - 3},
}  # fmt: skip


@pytest.fixture(scope="session")
def retenus(reelle: Reelle) -> dict[tuple[str, str, int], FichierRetenu]:
    lus = {(f.source, f.ressource, f.millesime): f for f in reelle[0].fichiers_retenus()}
    assert len(lus) > 50
    return lus


Lire = Callable[..., list[dict[str, object]]]


def test_every_real_file_is_accepted(reelle: Reelle) -> None:
    refus = [str(e) for etapes in reelle[1].values() for bilan in etapes for e in bilan.refus]
    assert refus == []


def test_row_counts(retenus: dict[tuple[str, str, int], FichierRetenu]) -> None:
    attendues = {(*cle, m): n for cle, parts in LIGNES.items() for m, n in parts.items()}
    assert {cle: f.lignes for cle, f in retenus.items()} == attendues
    for f in retenus.values():
        assert pq.read_metadata(f.parquet).num_rows == f.lignes


def test_schemas(reelle: Reelle, retenus: dict[tuple[str, str, int], FichierRetenu]) -> None:
    for (source, ressource, _), f in retenus.items():
        attendu = schema_normalise(reelle[0].contrats[source].ressources[ressource])
        assert pq.read_schema(f.parquet).equals(attendu)


def test_rows_set_aside_are_told(reelle: Reelle) -> None:
    ecarts = {
        (source, e.millesime, e.motif): (e.codes, e.lignes)
        for source, (_, normalise) in reelle[1].items()
        for e in normalise.ecartes
    }
    assert ecarts["insee_populations_legales", 2020, "hors_cog"] == (["27676"], [34982])
    assert ecarts["anct_france_services", 2024, "hors_cog"][0] == ["97801"]
    assert ecarts["cnaf_taux_couverture_communes", 2022, "hors_cog"][0] == ["97701", "97801"]
    assert ecarts["cnaf_places_petite_enfance_communes", 2022, "hors_cog"][0] == ["97701", "97801"]
    assert len(ecarts["insee_cog_mouvements", 2022, "ligne_repetee"][1]) == 5
    assert len(ecarts["anct_zonages", 2023, "hors_cog"][0]) == 94
    assert ecarts["laposte_codes_postaux", 2023, "hors_cog"] == (["27058"], [10490, 10491, 10492])
    assert len(ecarts) == 7


def test_legal_populations(lire: Lire) -> None:
    membres = {r["code"] for r in lire("dgcl_epci_composition", "composition", 2023) if r["epci"] == CCBDP}
    assert len(membres) == 67
    totaux = {}
    for annee in range(2019, 2023):
        rangs = lire("insee_populations_legales", "communes", annee)
        totaux[annee] = (
            sum(r["population_municipale"] for r in rangs if r["code"] in membres),  # type: ignore[misc]
            sum(r["population_municipale"] for r in rangs if str(r["code"]).startswith("26")),  # type: ignore[misc]
        )
    assert totaux == {
        2019: (21073, 516762),
        2020: (20908, 517709),
        2021: (20852, 519458),
        2022: (20753, 521432),
    }
    rp2020 = lire("insee_populations_legales", "communes", 2020)
    assert sum(r["population_municipale"] for r in rp2020) == 67_162_154  # type: ignore[misc]
    outre_mer = {r["code"] for r in rp2020 if str(r["code"]).startswith("97")}
    assert len(outre_mer) == 112 and "97101" in outre_mer
    assert not {"75056", "13055", "69123"} & {r["code"] for r in rp2020}


def test_comparateur(lire: Lire, retenus: dict[tuple[str, str, int], FichierRetenu]) -> None:
    rangs = lire("insee_comparateur", "communes", 2018)
    assert retenus["insee_comparateur", "communes", 2018].membre == "base_cc_comparateur.CSV"
    membres = {r["code"] for r in lire("dgcl_epci_composition", "composition", 2023) if r["epci"] == CCBDP}
    for colonne, attendu in [
        ("logements", "16838.1"),
        ("residences_principales", "10437.2"),
        ("logements_residences_secondaires", "5295.8"),
        ("logements_vacants", "1105.0"),
    ]:
        total = sum((r[colonne] for r in rangs if r["code"] in membres), Decimal(0))  # type: ignore[misc]
        assert round(total, 1) == Decimal(attendu), colonne
    # Seventeen communes of Mayotte are blank: missing, not secret and not zero.
    mayotte = [r for r in rangs if r["logements__marque"] == "manquant"]
    assert {str(r["code"])[:3] for r in mayotte} == {"976"} and len(mayotte) == 17
    assert sum(r["mediane_niveau_vie__marque"] == "secret" for r in rangs) == 3653
    assert {r["mediane_niveau_vie__millesime"] for r in rangs} == {2019}


def test_the_communes_of_the_grand_paris(lire: Lire) -> None:
    ept = Counter(c["ept_libelle"] for c in lire("insee_ept", "composition", 2025) if c["ept"])
    assert len(ept) == 11
    assert (ept.total(), ept["Plaine Commune"], ept["Est Ensemble"]) == (129, 8, 9)


def test_postal_codes(lire: Lire) -> None:
    communes = {
        (str(r["code"]), str(r["code_postal"])) for r in lire("laposte_codes_postaux", "communes", 2023)
    }
    assert (len(communes), len({postal for _, postal in communes})) == (35_424, 6_187)
    de_nyons = {code for code, postal in communes if postal == "26110"}
    assert len(de_nyons) == 23 and "26220" in de_nyons and ("26110", "26600") in communes
    assert ("75113", "75013") in communes and not {"75056", "98818", "99138"} & {code for code, _ in communes}


def test_filosofi(lire: Lire) -> None:
    for annee, mediane in {2016: 18640, 2017: 18720, 2019: 19650}.items():
        (epci,) = [r for r in lire("insee_filosofi", "epci", annee) if r["code"] == CCBDP]
        assert epci["mediane_niveau_vie"] == mediane
    (france,) = lire("insee_filosofi", "metropole", 2019)
    assert (france["menages_fiscaux"], france["rapport_interdecile"]) == (27937964, Decimal("3.4"))


def test_allocataires(lire: Lire) -> None:
    membres = {r["code"] for r in lire("dgcl_epci_composition", "composition", 2024) if r["epci"] == CCBDP}
    rangs = [r for r in lire("cnaf_allocataires_communes", "communes", 2024) if r["code"] in membres]
    mesures = {
        annee: tuple(
            sum(r[c] for r in rangs if r["annee"] == annee)  # type: ignore[misc]
            for c in ("foyers_allocataires", "personnes_couvertes", "foyers_rsa")
        )
        for annee in range(2020, 2025)
    }
    assert mesures == {
        2020: (3360, 6885, 520), 2021: (3220, 6610, 465), 2022: (3250, 6575, 400),
        2023: (3210, 6505, 395), 2024: (3210, 6455, 400),
    }  # fmt: skip
    tous = lire("cnaf_allocataires_communes", "communes", 2024)
    assert sum(r["foyers_allocataires"] == 0 for r in tous) == 103


def test_file_traceability(retenus: dict[tuple[str, str, int], FichierRetenu]) -> None:
    for (_, _, millesime), f in retenus.items():
        table = pq.read_table(f.parquet, columns=["fichier_sha256", "millesime_fichier", "ligne"])
        assert pc.unique(table["fichier_sha256"]).to_pylist() == [f.sha256]
        assert pc.unique(table["millesime_fichier"]).to_pylist() == [millesime]
        assert pc.count_distinct(table["ligne"]).as_py() == f.lignes
