"""`ctg mcp` on the tiny marts: what is answered, typed and in French, and what is never said."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import jsonschema
import pytest
from mcp.client import Client
from mcp_types import CallToolResult

from publication.mcp.serveur import serveur
from publication.releases.magasin import a_lire
from tests import conversation
from tests.publication.petits_marts import accepter, construire_base, publier

RSA, FOYERS, MEDIANE = "part_allocataires_rsa", "nb_foyers_allocataires", "mediane_niveau_vie"
Demander = Callable[..., CallToolResult]

INCERTAINS = """
    update marts.fct_indicateurs set lisibilite = 'intervalle', valeur_affichee = 'entre 31,2 et 31,7 %'
    where indicateur_id = 'part_allocataires_rsa' and valeur is not null;
    update marts.fct_indicateurs set lisibilite = 'trop_peu', valeur_affichee = 'trop peu'
    where indicateur_id = 'nb_foyers_allocataires' and territoire_id = 'commune:26220';
    insert into marts.dim_disponibilite
    values ('nb_foyers_allocataires', 'epci', 2019, 'non_disponible', 'non reçu pour ce millésime');
    alter table marts.dim_indicateur add column prevu boolean;
    update marts.dim_indicateur set prevu = indicateur_id = 'mediane_niveau_vie';
"""

# Of Nyons: changes that read as a point, as an interval, not at all; one whose unit has no sign.
EVOLUTIONS = """
    alter table marts.mart_evolutions add column evolution_basse double;
    alter table marts.mart_evolutions add column evolution_haute double;
    alter table marts.mart_evolutions add column evolution_lecture varchar;
    alter table marts.mart_evolutions add column reserve varchar;
    insert into marts.fct_indicateurs by name
    select * exclude (annee) replace (annee as millesime, '30,5 %' as valeur_affichee)
    from marts.fct_indicateurs, (select unnest([2018, 2019, 2020])::integer as annee)
    where territoire_id = 'commune:26220' and millesime = 2022;
    insert into marts.mart_evolutions
        (territoire_id, indicateur_id, millesime_debut, millesime_fin, statut, motif, evolution,
        evolution_affichee, lisibilite, evolution_basse, evolution_haute, evolution_lecture, reserve)
    select 'commune:26220', * from (values
        ('part_allocataires_rsa', 2018, 2022, 'refusee', 'autre source', null, 'na', null, null, null,
            null, null),
        ('part_allocataires_rsa', 2019, 2022, 'arrondi', null, 0.95, '+1,0 point', 'point', 0.7, 1.2,
            'defavorable', 'réforme : en 2020'),
        ('part_allocataires_rsa', 2020, 2022, 'arrondi', null, 0.9, 'entre −1 et +2 points', 'intervalle',
            -1, 2, 'neutre', null),
        ('nb_foyers_allocataires', 2019, 2022, 'observe', null, 12, '+12', 'point', 12, 12, 'neutre', null));
    create table marts.mart_evolutions_dites as
    select *, if(evolution = 12, '+0,4 %', evolution_affichee) as dite,
        if(evolution = 12, 'deux_niveaux', 'hausse') as mouvement,
        if(evolution = 12, 'neutre', 'defavorable') as couleur, true as choisie,
        null::integer as depuis_de, null::integer as depuis_a
    from marts.mart_evolutions where lisibilite = 'point' and territoire_id = 'commune:26220'
        and evolution_basse is not null;
    alter table marts.mart_evolutions_dites drop column evolution_affichee;
    alter table marts.mart_evolutions_dites rename dite to evolution_affichee;
    create table marts.mart_tendances as
    select 'commune:26220' as territoire_id, 'part_allocataires_rsa' as indicateur_id,
        'en hausse depuis 2017, sur 6 années' as tendance_dite;
"""


def demander_a(releases: Path) -> Demander:
    """Ask a server on a store, in this process; answers are held to the schemas of their tools."""

    async def poser(outil: str, arguments: dict[str, Any]) -> CallToolResult:
        async with Client(serveur(lambda: a_lire(releases, None), "0")) as client:
            schemas = {o.name: o.output_schema for o in (await client.list_tools()).tools}
            reponse = await client.call_tool(outil, arguments)
            if not reponse.is_error:
                jsonschema.validate(reponse.structured_content, schemas[outil])
            return reponse

    return lambda outil, **arguments: anyio.run(poser, outil, arguments)


def demander_apres(sql: str, home: Path, nuit: Any) -> Demander:
    """The same, on a release of marts that `sql` changed."""
    construction = construire_base(home / "build" / "nuit.duckdb", sql)
    publier(home / "releases", construction, accepter(home / "validation"), nuit)
    return demander_a(home / "releases")


@pytest.fixture(scope="module")
def demander(publiee: Path) -> Demander:
    return demander_a(publiee)


def test_a_figure_has_all_that_it_takes_to_quote_it(demander: Demander) -> None:
    reponse = demander("chiffre", indicateur=RSA, territoire="nyons")
    chiffre = reponse.structured_content["chiffre"]
    assert (chiffre["valeur"], chiffre["bornes"], chiffre["statut"]) == (31.45, [31.2, 31.7], "arrondi")
    for dit in (chiffre["univers"], chiffre["source"], "Nyons", "2022", "31.45", "entre 31,2 et 31,7"):
        assert dit in conversation.texte(reponse)
    assert chiffre["citation"] == conversation.texte(reponse)
    assert reponse.structured_content["refus"] is None


@pytest.mark.parametrize(
    ("demande", "motif"),
    [
        ({"indicateur": MEDIANE, "territoire": "commune:01001"}, "secret du producteur"),
        ({"indicateur": RSA, "territoire": "commune:01001"}, "dénominateur nul"),
        ({"indicateur": FOYERS, "territoire": "commune:01001"}, "hors couverture"),
        ({"indicateur": "nb_eaje", "territoire": "epci:200068229"}, "source jamais reçue"),
        ({"indicateur": MEDIANE, "territoire": "epci:200068229"}, "Niveaux de l'indicateur"),
        ({"indicateur": "nb_eaje", "territoire": "epci:200068229", "millesime": 2022}, "source jamais reçue"),
    ],
)
def test_a_refusal_has_its_reason_and_no_number(
    demander: Demander, demande: dict[str, Any], motif: str
) -> None:
    reponse = demander("chiffre", **demande)
    dit = reponse.structured_content
    assert motif in dit["refus"] and motif in conversation.texte(reponse)
    assert dit["chiffre"] is None or (dit["chiffre"]["valeur"], dit["chiffre"]["bornes"]) == (None, None)


@pytest.fixture(scope="module")
def demander_d_incertains(nuit: Any, tmp_path_factory: pytest.TempPathFactory) -> Demander:
    return demander_apres(INCERTAINS, tmp_path_factory.mktemp("incertains"), nuit)


def test_a_figure_that_the_release_has_no_row_for_is_refused_too(demander_d_incertains: Demander) -> None:
    reponse = demander_d_incertains("chiffre", indicateur=FOYERS, territoire="epci:200068229", millesime=2019)
    dit = reponse.structured_content
    assert dit["refus"] == "non reçu pour ce millésime" and dit["chiffre"]["valeur_affichee"] == "nd"
    assert "2019 : nd (non disponible, non reçu pour ce millésime). Observatoire" in conversation.texte(
        reponse
    )
    assert dit["chiffre"]["source"] == ""


def test_what_a_plan_foresees_is_not_quoted_as_observed(demander_d_incertains: Demander) -> None:
    reponse = demander_d_incertains("chiffre", indicateur=MEDIANE, territoire="nyons")
    assert reponse.structured_content["chiffre"]["statut"] == "observe"
    assert "(prévu par le plan)" in conversation.texte(reponse)


def test_what_is_no_point_is_told_without_its_value(demander_d_incertains: Demander) -> None:
    demander = demander_d_incertains
    flou = demander("chiffre", indicateur=RSA, territoire="26220")
    assert flou.structured_content["chiffre"]["valeur"] is None
    assert flou.structured_content["chiffre"]["bornes"] == [31.2, 31.7]
    assert "31.45" not in conversation.texte(flou)
    peu = demander("chiffre", indicateur=FOYERS, territoire="26220")
    assert (peu.structured_content["chiffre"]["valeur"], peu.structured_content["chiffre"]["bornes"]) == (
        None,
        None,
    )
    assert "trop peu" in conversation.texte(peu) and "1150" not in peu.model_dump_json()


@pytest.fixture(scope="module")
def demander_une_evolution(nuit: Any, tmp_path_factory: pytest.TempPathFactory) -> Demander:
    return demander_apres(EVOLUTIONS, tmp_path_factory.mktemp("evolutions"), nuit)


def test_an_evolution_is_the_one_that_is_said_with_what_it_takes_to_quote_it(
    demander_une_evolution: Demander,
) -> None:
    reponse = demander_une_evolution("evoluer", indicateur="rsa", territoire="nyons")
    dit, texte = reponse.structured_content, conversation.texte(reponse)
    assert (dit["debut"]["millesime"], dit["fin"]["millesime"], dit["evolution"]) == (2019, 2022, 0.95)
    assert (dit["bornes"], dit["lecture"], dit["refus"]) == ([0.7, 1.2], "défavorable", None)
    assert dit["mouvement"] == "hausse"
    assert "de 2019 à 2022 : +1,0 point (de 30,5 % à 31.45, défavorable)" in texte
    assert "Réserve : réforme : en 2020." in texte and "Tendance : en hausse depuis 2017" in texte
    mots = demander_une_evolution("evoluer", indicateur="évolution du rsa", territoire="nyons")
    assert conversation.texte(mots) == texte
    foyers = demander_une_evolution("evoluer", indicateur=FOYERS, territoire="nyons")
    assert ": +0,4 % (de " in conversation.texte(foyers)
    dit = foyers.structured_content
    assert (dit["mouvement"], dit["lecture"]) == ("deux_niveaux", None)
    entre = demander_une_evolution("evoluer", indicateur=FOYERS, territoire="nyons", jusqu_a=2022)
    assert ": +12\u00a0foyers (de " in conversation.texte(entre)
    assert entre.structured_content["mouvement"] is None


def test_years_that_do_not_compare_are_refused_and_no_change_is_told(
    demander_une_evolution: Demander,
) -> None:
    refusee = demander_une_evolution("evoluer", indicateur=RSA, territoire="nyons", depuis=2018)
    dit = refusee.structured_content
    assert (dit["evolution"], dit["bornes"], dit["refus"]) == (None, None, "autre source")
    assert "pas d'évolution à dire, autre source" in conversation.texte(refusee)
    floue = demander_une_evolution(
        "evoluer", indicateur=RSA, territoire="nyons", depuis=2020
    ).structured_content
    assert (floue["evolution"], floue["lecture"], floue["bornes"]) == (None, None, [-1, 2])
    absente = demander_une_evolution("evoluer", indicateur=RSA, territoire="nyons", jusqu_a=2021)
    assert absente.is_error and "Celles qui y sont : 2018-2022, 2019-2022, 2020-2022" in conversation.texte(
        absente
    )


def test_words_are_those_of_the_vocabulary(demander: Demander) -> None:
    dit = demander("chercher", mots="crèches et police à Nyons en 2022").structured_content
    assert [(t["genre"], t["identifiant"]) for t in dit["trouves"]] == [
        ("indicateur", "nb_eaje"),
        ("territoire", "commune:26220"),
    ]
    assert not dit["trouves"][0]["disponible"] and dit["trouves"][0]["motif"]
    assert dit["annee"] == 2022 and dit["absents"] == ["la sécurité n'y est pas"]


def test_a_word_of_the_glossary_is_defined_with_the_mistake_it_invites(demander: Demander) -> None:
    reponse = demander("chercher", mots="Que veut dire allocataire de référence ?")
    (terme,) = reponse.structured_content["definitions"]
    assert terme["terme"] == "Allocataire de référence" and terme["attention"] in conversation.texte(reponse)
    assert reponse.structured_content["incompris"] == []
    assert demander("chercher", mots="nyons").structured_content["definitions"] == []


def test_a_definition_says_who_is_counted(demander: Demander) -> None:
    reponse = demander("definition", indicateur="rsa")
    assert reponse.structured_content["univers"]["libelle"] in conversation.texte(reponse)
    assert "foyers_rsa" in conversation.texte(reponse)


def test_an_explanation_names_files_and_lines(demander: Demander) -> None:
    reponse = demander("expliquer", indicateur=RSA, territoire="26220", millesime=2022)
    (origine,) = reponse.structured_content["origines"]
    assert (origine["fichier"], origine["lignes"]) == ("aa", [7])
    assert "ligne 7" in conversation.texte(reponse)


def test_what_names_nothing_is_an_error_that_says_the_nearest(demander: Demander) -> None:
    reponse = demander("chiffre", indicateur=RSA, territoire="nion")
    assert reponse.is_error and "Nyons" in conversation.texte(reponse)


@pytest.mark.parametrize(("mots", "dit"), [("rsa 2022", "paramètre millesime"), ("hausse du rsa", "evoluer")])
def test_a_year_or_a_change_is_not_left_unheard(demander: Demander, mots: str, dit: str) -> None:
    reponse = demander("chiffre", indicateur=mots, territoire="nyons")
    assert reponse.is_error and dit in conversation.texte(reponse)


def test_tools_only_read(publiee: Path) -> None:
    async def lister() -> list[Any]:
        async with Client(serveur(lambda: a_lire(publiee, None), "0")) as client:
            return list((await client.list_tools()).tools)

    outils = anyio.run(lister)
    assert {o.name for o in outils} == {
        *("chercher", "chiffre", "comparer", "evoluer", "expliquer", "definition")
    }
    assert all(o.annotations.read_only_hint and o.description and o.output_schema for o in outils)


def test_the_command_speaks_over_stdio(publiee: Path) -> None:
    dites: list[str] = []

    async def dire(client: Client) -> None:
        reponse = await client.call_tool("chiffre", {"indicateur": RSA, "territoire": "nyons"})
        dites.append(conversation.texte(reponse))

    ctg = Path(sys.executable).with_name("ctg")
    anyio.run(conversation.converser, ctg, publiee.parent, dire)
    assert "31.45" in dites[0]
