"""A header alone: which contract, which layout, which year, and what is renamed, missing or unknown."""

from pathlib import Path

import pytest

from ingestion.contrats import charger_contrats
from ingestion.reconnaissance import Ressemblance, reconnaitre

CONTRATS = charger_contrats()
AGES = CONTRATS["insee_rp_population_age"].ressources["iris"]


def ages(aa: str) -> list[str]:
    return [g.format(aa=aa) for g in AGES.layouts["pcs2020"].gabarits]


def premiere(entetes: list[str]) -> Ressemblance:
    return reconnaitre(entetes, CONTRATS)[0]


@pytest.mark.parametrize(
    ("fichier", "source"),
    [
        ("insee/cog/communes-2019.csv", "insee_cog_communes"),
        ("anct/liste-fs-20240801.csv", "anct_france_services"),
        ("dares/dares_defm_communales-brutes_sample_labels.csv", "dares_defm"),
        ("cnaf/petite_enfance/txcouv_pe_epci_2023_rows.csv", "cnaf_taux_couverture_epci"),
        ("cnaf/iris/data_CAF_2016_IRIS.csv", "cnaf_allocataires_iris"),
    ],
)
def test_the_header_of_a_real_file_names_its_source(reel: Path, fichier: str, source: str) -> None:
    ligne = (reel / fichier).read_text("utf-8-sig").splitlines()[0]
    vue = premiere(ligne.replace('"', "").replace(";", ",").split(","))
    assert (vue.source, vue.exacte, vue.declares, vue.part) == (source, True, True, 1)


def test_the_year_that_a_template_spells_is_read_in_the_header() -> None:
    declaree, neuve = premiere(ages("22")), premiere(ages("31"))
    assert (declaree.layout, declaree.millesimes, declaree.declares) == ("pcs2020", (2022,), True)
    assert (neuve.layout, neuve.millesimes, neuve.declares) == ("pcs2020", (2031,), False)
    assert neuve.exacte and neuve.communs == tuple(ages("31"))


def test_what_is_renamed_missing_or_unknown_is_told_apart() -> None:
    entetes = ages("22")
    entetes[entetes.index("COM")] = "Com"
    entetes[entetes.index("P22_POP75P")] = "P22_POP75PLUS"
    entetes.remove("LAB_IRIS")
    vue = premiere([*entetes, "DEPCOM_2026", ""])
    assert vue.proches == {"Com": "COM", "P22_POP75PLUS": "P22_POP75P"}
    assert {*vue.manquants} == {"COM", "P22_POP75P", "LAB_IRIS"}
    assert {*vue.inconnus} == {"Com", "P22_POP75PLUS", "DEPCOM_2026"}
    assert not vue.exacte and vue.sans_nom - vue.sans_nom_attendus == 1
    assert vue.part == pytest.approx((76 - 3) / (76 + 3 + 1))


def test_one_header_for_another_is_its_new_name_however_it_is_spelt() -> None:
    entetes = ["XYZ" if e == "IRIS" else e for e in ages("22")]
    assert premiere(entetes).proches == {"XYZ": "IRIS"}


def test_a_header_of_nothing_known_resembles_nothing() -> None:
    assert reconnaitre(["rue", "facteur"], CONTRATS) == []
