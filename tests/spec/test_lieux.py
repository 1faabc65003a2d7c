"""A place is exact or said: what answers a name, of a release that has it, its namesakes, or a part of it."""

import duckdb
import pytest

from publication.lecture.lieux import LieuNonCompris, reserve, trouver
from publication.lecture.noms import Noms
from publication.lecture.vocabulaire import mots_d_un_nom
from tests.publication.petits_noms import Place, postal, publies
from tests.spec.villes import DITES, VILLES_DE_FRANCE

DROME = [
    Place("departement:26", "Drôme", 521_000),
    Place("commune:26220", "Nyons", 6_794),
    Place("commune:26110", "Crozes-Hermitage", 653),
    Place("commune:26159", "Laval-d'Aix", 112),
    Place("commune:26189", "Montauban-sur-l'Ouvèze", 117),
    Place("commune:07234", "Saint-Étienne-de-Valoux", 274),
    Place("commune:26043", "Beauvoisin", 160),
    Place("commune:26216", "Saint-Jean-de-Galaure", 1_258),
    Place("commune:26216", "Mureils", 1_258, nature="commune_reunie", code="26219"),
    Place("epci:200068229", "CC des Baronnies en Drôme Provençale", 20_753),
]
_ARRONDISSEMENT, _ETABLISSEMENT = "arrondissement_municipal", "etablissement_public_territorial"
# Names without figures of their own; two of them are of one town.
SANS_CHIFFRE = [
    Place("commune:26159", "Paris 13e Arrondissement", 112, nature=_ARRONDISSEMENT, code="75113"),
    Place("commune:26159", "Paris 1er Arrondissement", 112, nature=_ARRONDISSEMENT, code="75101"),
    Place(
        *("epci:200068229", "Plaine Commune", 20_753),
        nature=_ETABLISSEMENT,
        code="200057867",
        communes="Nyons (26220)",
    ),
]
PARIS_13 = (
    "Paris 13e Arrondissement (75113) est un arrondissement municipal de la commune Laval-d'Aix (26159)"
)
# Namesakes of France: inhabitants by code, which tell those of one name apart.
HOMONYMES = {
    "Saint-Denis": {"93066": 113_000, "97411": 156_000, "11339": 400, "89342": 700, "30247": 300},
    "Saint-Étienne": {"42218": 173_000},
    "Montreuil": {"93048": 110_000, "28267": 500, "53168": 500, "62588": 1_900},
    "Saint-Paul": {"97415": 103_000, "19235": 200, "33453": 500, "60591": 1_600},
    "Saint-Pierre": {"97416": 84_000, "04194": 100, "15206": 100},
    "Vitry-la-Ville": {"51648": 400},
    "Valence": {"16392": 200, "82186": 5_000, "99362": 64_000},
    "Beaumont": {"63032": 11_000, "07029": 200},
}
FRANCE = [
    Place(f"commune:{code}", nom, habitants)
    for nom, siens in HOMONYMES.items()
    for code, habitants in siens.items()
]


@pytest.fixture(scope="module")
def drome() -> duckdb.DuckDBPyConnection:
    connues = [p._replace(ici=False) for p in FRANCE]
    autres = [n for n in VILLES_DE_FRANCE if n not in HOMONYMES]
    connues += [Place(f"commune:{90_000 + i}", nom, 100_000, ici=False) for i, nom in enumerate(autres)]
    connues += [Place("commune:30033", "Beauvoisin", 5_000, ici=False)]
    return publies([*DROME, *SANS_CHIFFRE, *connues])


@pytest.fixture(scope="module")
def france() -> duckdb.DuckDBPyConnection:
    return publies(FRANCE)


@pytest.mark.parametrize("ville", VILLES_DE_FRANCE)
def test_a_town_out_of_the_scope_is_known_as_such(drome: duckdb.DuckDBPyConnection, ville: str) -> None:
    with pytest.raises(
        LieuNonCompris, match=r"(n'est|ne sont) pas dans cette publication.* : Drôme"
    ) as refus:
        trouver(drome, ville)
    assert refus.value.compris is None and f"{ville} (" in str(refus.value)


@pytest.mark.parametrize("dite", DITES)
def test_a_piece_of_a_name_is_no_place(drome: duckdb.DuckDBPyConnection, dite: str) -> None:
    with pytest.raises(LieuNonCompris):
        trouver(drome, dite)


@pytest.mark.parametrize("nom", HOMONYMES)
def test_namesakes_are_listed_by_population(france: duckdb.DuckDBPyConnection, nom: str) -> None:
    ordre = sorted(HOMONYMES[nom], key=lambda code: -HOMONYMES[nom][code])
    lieu = Noms(france, mots_d_un_nom(nom)).entier(mots_d_un_nom(nom), set())
    assert lieu and lieu.candidats == tuple(f"commune:{code}" for code in ordre)
    if len(ordre) > 1:
        with pytest.raises(LieuNonCompris, match=f"^{len(ordre)} territoires répondent") as refus:
            trouver(france, nom)
        assert [ligne.split()[0] for ligne in str(refus.value).splitlines()[1:]] == list(lieu.candidats)


@pytest.mark.parametrize("dite", ["Saint", "Vitry", "Denis", "Paul"])
def test_a_word_of_names_answers_for_none(france: duckdb.DuckDBPyConnection, dite: str) -> None:
    with pytest.raises(LieuNonCompris, match="Lieu non reconnu"):
        trouver(france, dite)


@pytest.mark.parametrize(
    ("demande", "trouve"),
    [
        ("Nyons", "commune:26220"),
        (" NYONS ", "commune:26220"),
        ("ville de Nyons", "commune:26220"),
        (" commune:26220 ", "commune:26220"),
        ("26220", "commune:26220"),
        ("la Drôme", "departement:26"),
        ("26", "departement:26"),
        ("CC des Baronnies", "epci:200068229"),
        ("l'interco des Baronnies", "epci:200068229"),
        ("les Baronnies en Drôme provençale", "epci:200068229"),
        ("Montauban sur Ouveze", "commune:26189"),
        ("ST ETIENNE DE VALOUX", "commune:07234"),
    ],
)
def test_a_whole_name_answers(drome: duckdb.DuckDBPyConnection, demande: str, trouve: str) -> None:
    assert trouver(drome, demande).territoire_id == trouve


@pytest.mark.parametrize(
    ("demande", "dit", "compris"),
    [
        ("nions", "Lieu non reconnu : nions", "commune:26220"),
        (
            "nyonz",
            "« nyonz » est peut-être :\n  commune:26220          Nyons, 6\u202f794 habitants",
            "commune:26220",
        ),
        ("cc des baronies", "est peut-être :\n  epci:200068229 ", "epci:200068229"),
        ("epci:20006822", "est peut-être :\n  epci:200068229 ", "epci:200068229"),
        ("Baronnies", "Lieu non reconnu : Baronnies", "epci:200068229"),
        ("Mureils", "Mureils (26219) est réunie à la commune", "commune:26216"),
        ("26219", "Mureils (26219) est réunie à la commune", "commune:26216"),
        ("commune:26219", "Mureils (26219) est réunie à la commune", "commune:26216"),
        # The code of a commune is that of no other level.
        ("epci:26219", "Lieu non reconnu : epci:26219", None),
        *(
            (dite, PARIS_13, "commune:26159")
            for dite in ("PARIS 13", "13ème arrondissement de Paris", "75113")
        ),
        ("commune:75113", PARIS_13, "commune:26159"),
        ("paris 1", "Paris 1er Arrondissement (75101) est un arrondissement municipal", "commune:26159"),
        (
            "ept plaine commune",
            "(200057867) est un établissement public territorial de l'EP",
            "epci:200068229",
        ),
        (
            "plaine",
            "les chiffres de l'EPCI entier et de chacune de ses communes : Nyons (26220).",
            "epci:200068229",
        ),
        ("paris arrondissement", "2 noms sans chiffre à eux répondent à « paris arr", "commune:26159"),
        # Whoever asks for the town of Gard is not answered with a village of the Drôme.
        ("Beauvoisin", "Beauvoisin (30) n'est pas dans cette publication", None),
        ("Montauban", "Montauban (90) n'est pas dans cette publication", None),
        ("rsa Nyons", "Lieu non reconnu : rsa Nyons", None),
        ("26111", "les codes postaux ne sont pas connus ici", None),
        ("", "Lieu non reconnu", None),
    ],
)
def test_what_is_no_name_is_said(
    drome: duckdb.DuckDBPyConnection, demande: str, dit: str, compris: str | None
) -> None:
    with pytest.raises(LieuNonCompris) as refus:
        trouver(drome, demande)
    assert dit in str(refus.value)
    assert (refus.value.compris and refus.value.compris.territoire_id) == compris


BEAUVOISIN = Place("commune:30033", "Beauvoisin", 5_000, ici=False)
# Of one commune, of several, of some that have another for its code, and of what is elsewhere.
POSTAUX = [
    *postal("26600", [DROME[2]]),
    *postal("26170", [DROME[4], DROME[6]]),
    *postal("26110", [DROME[6], DROME[1]]),
    *postal("26219", [DROME[1]]),
    *postal("26043", [DROME[6]]),
    *postal("30640", [BEAUVOISIN]),
    *postal("84110", [DROME[6], BEAUVOISIN]),
]


@pytest.fixture(scope="module")
def postes() -> duckdb.DuckDBPyConnection:
    return publies([*DROME, BEAUVOISIN, *POSTAUX])


@pytest.mark.parametrize(
    ("code", "trouve", "dit"),
    [
        ("26600", "commune:26110", "26600 est le code postal de Crozes-Hermitage"),
        # Its own code of Insee.
        ("26043", "commune:26043", "26043 est le code postal de Beauvoisin et le code Insee de Beauvoisin"),
        ("26220", "commune:26220", None),
    ],
)
def test_a_postal_code_of_one_commune_answers_and_is_said(
    postes: duckdb.DuckDBPyConnection, code: str, trouve: str, dit: str | None
) -> None:
    assert trouver(postes, code).territoire_id == trouve
    dite = reserve(postes, f"rsa {code}")
    assert dite is None if dit is None else dit in (dite or "")


@pytest.mark.parametrize(
    ("code", "dit", "proposes"),
    [
        ("26170", "2 territoires répondent à « 26170 »", ["commune:26043", "commune:26189"]),
        # Postal first, by population; then what has it for a code, or had.
        (
            "26110",
            "26110 est le code postal de 2 communes et le code Insee de Crozes-Hermitage (commune:26110)",
            ["commune:26220", "commune:26043", "commune:26110"],
        ),
        (
            "26219",
            "26219 est le code postal de Nyons et le code Insee de Mureils (commune:26216)",
            ["commune:26220", "commune:26216"],
        ),
        ("30640", "Beauvoisin (30) n'est pas dans cette publication", []),
        ("84110", "Beauvoisin (30) n'est pas dans cette publication", ["commune:26043"]),
        ("commune:30640", "Lieu non reconnu : commune:30640", []),
        ("99999", "Donner un nom entier, un code postal ou Insee ou un identifiant", []),
    ],
)
def test_a_code_that_may_be_several_is_never_one_of_them(
    postes: duckdb.DuckDBPyConnection, code: str, dit: str, proposes: list[str]
) -> None:
    with pytest.raises(LieuNonCompris) as refus:
        trouver(postes, code)
    premiere, *suite = str(refus.value).splitlines()
    assert dit in premiere and [ligne.split()[0] for ligne in suite] == proposes
    assert refus.value.compris is None


def test_five_digits_are_said_to_be_read_as_a_code_of_insee(drome: duckdb.DuckDBPyConnection) -> None:
    assert "26110 est lu comme le code Insee de Crozes-Hermitage" in (reserve(drome, "rsa 26110") or "")
    assert reserve(drome, "Nyons") is reserve(drome, "commune:26110") is reserve(drome, "26111") is None
