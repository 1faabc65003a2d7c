"""The page of an indicateur says where each series goes, and of which nothing can be told."""

from collections.abc import Callable

import pytest

from publication.releases.fabrication import Publication
from tests.publication.site.pages import lire

DEUX_ANNEES = (
    "insert into marts.fct_indicateurs select * replace (2021 as millesime) from marts.fct_indicateurs"
    " where indicateur_id = 'nb_foyers_allocataires' and millesime = 2022 and niveau = 'epci';"
)
TENDANCE = "insert into marts.mart_tendances select territoire_id, niveau, indicateur_id, {} from"
EPCI = " marts.fct_indicateurs where niveau = 'epci' and millesime = 2021"


@pytest.mark.parametrize(
    ("dit", "colonne", "motifs"),
    [
        (
            "'en baisse depuis 2017, sur 6 années', 'defavorable', null",
            ["en baisse depuis 2017, sur 6 années (défavorable)"],
            [],
        ),
        (
            "'sans tendance établie depuis 2017, sur 6 années', null, 'ni hausse ni baisse'",
            ["sans tendance établie depuis 2017, sur 6 années"],
            [],
        ),
        # A column where some territory has a verdict; the reason once, whoever it is of.
        ("null, null, 'il en faut 5'", None, ["il en faut 5 (1 territoire)"]),
    ],
)
def test_une_serie_dit_sa_tendance(
    publier_site: Callable[..., Publication], dit: str, colonne: list[str] | None, motifs: list[str]
) -> None:
    dossier = publier_site(DEUX_ANNEES + TENDANCE.format(dit) + EPCI).dossier
    arbre = lire(dossier / "site" / "indicateurs" / "nb_foyers_allocataires.html")
    (section,) = arbre.xpath("//section[@aria-labelledby='s-series']")
    titres = [th.text_content() for th in section.xpath(".//thead//th")]
    dites = [tr.xpath("string(td[last()])") for tr in section.xpath(".//tbody/tr")]
    assert titres[1:3] == ["2021", "2022"]
    assert (titres[-1] == "Tendance") == (colonne is not None)
    if colonne is not None:
        assert [d for d in dites if d != "sans chiffre"] == colonne
    assert [" ".join(li.text_content().split()) for li in section.xpath(".//li")] == motifs
