"""What changed between two releases, and the cause each figure is given."""

import csv
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from orchestration.cli import main
from publication.releases.comparaison import Comparaison, Ecart, comparer
from publication.releases.magasin import courante
from tests.publication.petits_marts import publier

pytestmark = pytest.mark.usefixtures("horloge")
NYONS = "territoire_id = 'commune:26220'"
# The same figure moves each time: only what else changed tells why.
MEDIANE = f"update marts.fct_indicateurs set valeur = valeur + 10 where {NYONS} and millesime = 2019;"
REVISION = "update marts.dim_fichier set sha256 = 'b9bis', fichier_id = 'b9bis' where sha256 = 'b9';"

Comparer = Callable[..., Comparaison]


@pytest.fixture
def compare(construire, publiee, releases, validation, nuit) -> Comparer:
    """Publish the marts as they are, then modified; `codes` are the digests of the code of each night."""

    def faire(
        modifications: str, *, codes: tuple[str | None, str | None] = ("c1", "c1"), detail: Path | None = None
    ) -> Comparaison:
        if codes[0] == "c1":
            shutil.copytree(publiee, releases, symlinks=True)
        else:
            publier(releases, construire(), validation, replace(nuit, code=codes[0]))
        avant = courante(releases)
        assert avant
        apres = publier(releases, construire(modifications), validation, replace(nuit, code=codes[1]))
        return comparer(releases, avant.name, apres.release_id, detail)

    return faire


def test_the_same_release_twice_and_two_that_say_the_same_are_told(
    compare: Comparer, releases: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CTG_HOME", str(releases.parent))
    resultat = compare("update marts.dim_source set titre = 'autre'")

    def diff(*noms: str) -> str:
        dit = CliRunner().invoke(main, ["releases", "diff", *noms])
        assert dit.exit_code == 0, dit.output
        return dit.output

    for noms in ((resultat.apres,), ("current",), (resultat.avant, resultat.avant)):
        assert "is both sides of the comparison" in diff(*noms) and "Figures" not in diff(*noms)
    rien = f"{resultat.avant} → {resultat.apres}\nNo figure and no source file changed.\n"
    assert diff(resultat.avant) == rien


def test_rows_are_counted_and_the_largest_change_shown(compare: Comparer, tmp_path: Path) -> None:
    detail = tmp_path / "ecarts.csv"
    comparaison = compare(
        """
        update marts.fct_indicateurs set valeur = 2600 where territoire_id = 'epci:200068229';
        update marts.fct_indicateurs set valeur = 1155, borne_haute = 1155
        where territoire_id = 'commune:26220' and indicateur_id = 'nb_foyers_allocataires';
        update marts.fct_indicateurs set statut = 'secret', valeur_affichee = 's'
        where territoire_id = 'commune:01001' and indicateur_id = 'nb_foyers_allocataires';
        delete from marts.fct_indicateurs where niveau = 'departement';
        insert into marts.fct_indicateurs select * replace (2018 as millesime) from marts.fct_indicateurs
        where indicateur_id = 'mediane_niveau_vie' and statut = 'observe';
        """,
        codes=("c1", "c2"),
        detail=detail,
    )
    foyers, mediane = sorted(comparaison.indicateurs, key=lambda i: i.indicateur_id, reverse=True)
    assert (foyers.indicateur_id, foyers.ajoutees, foyers.retirees, foyers.modifiees) == (
        "nb_foyers_allocataires",
        0,
        0,
        3,
    )
    assert foyers.exemple == Ecart("CC des Baronnies en Drôme provençale", 2022, 3250, 2600)
    assert duckdb.sql(
        "select territoire_id, avant, apres, statut_avant, statut_apres, round(relatif, 4)"
        f" from '{detail}' where indicateur_id = 'nb_foyers_allocataires' order by all"
    ).fetchall() == [
        ("commune:01001", None, None, "non_disponible", "secret", None),
        ("commune:26220", 1150, 1155, "arrondi", "arrondi", 0.0043),
        ("epci:200068229", 3250, 2600, "partiel", "partiel", -0.2),
    ]
    assert (mediane.ajoutees, mediane.retirees, mediane.modifiees, mediane.exemple) == (1, 1, 0, None)
    assert comparaison.causes == {"code": 5}


def test_what_no_printed_decimal_tells_apart_is_the_same_figure(compare: Comparer) -> None:
    """A newer version that divides in another order changes the last bit of a third of the figures."""
    dernier_bit = ", ".join(f"{nom} = {nom} * (1 + 2.3e-16)" for nom in ("valeur", "borne_basse"))
    comparaison = compare(f"update marts.fct_indicateurs set {dernier_bit}", codes=("c1", "c2"))
    assert (comparaison.causes, comparaison.indicateurs) == ({}, ())


def test_a_release_does_not_differ_from_itself(publiee) -> None:
    seule = courante(publiee)
    assert seule
    identique = comparer(publiee, seule.name, "current")
    assert (identique.causes, identique.indicateurs, identique.fichiers) == ({}, (), ())


@pytest.mark.parametrize(
    ("modifications", "cause"),
    [
        (REVISION, "révision"),
        # Filosofi 2018 is not what a figure of 2019 is made of, as long as 2019 is there.
        (
            "update marts.dim_fichier set sha256 = 'b8bis', fichier_id = 'b8bis' where sha256 = 'b8';"
            + REVISION,
            "révision",
        ),
        (
            "insert into marts.dim_fichier"
            " select * replace ('com' as ressource, 'c9' as sha256, 'c9' as fichier_id)"
            " from marts.dim_fichier where sha256 = 'b9';",
            "nouveau millésime",
        ),
        ("delete from marts.dim_fichier where sha256 = 'b9';", "millésime retiré"),
        (
            "insert into marts.passage_communes values (2024, '26998', '26220', 'fusion', false);",
            "géographie",
        ),
        ("update marts.passage_communes set nature = 'scission';", "géographie"),
        # The perimeter is the same and nothing else changed: another COG is all there is to say.
        ("update marts.fct_indicateurs set cog_millesime = 2026;", "géographie"),
        (
            "update marts.dim_indicateur set sources = 'insee_filosofi > insee_comparateur'"
            " where indicateur_id = 'mediane_niveau_vie';",
            "définition",
        ),
        # Wording and availability define nothing.
        ("update marts.dim_indicateur set libelle = 'Niveau de vie médian', disponible = false;", "code"),
        (
            REVISION + "update marts.dim_indicateur set unite = 'structures' where methode = 'publie';",
            "définition + révision",
        ),
        ("update marts.dim_fichier set sha256 = 'aabis', fichier_id = 'aabis' where sha256 = 'aa';", "code"),
    ],
)
def test_each_change_has_its_cause(compare: Comparer, modifications: str, cause: str) -> None:
    comparaison = compare(MEDIANE + modifications, codes=("c1", "c2"))
    (ecart,) = comparaison.indicateurs
    assert (ecart.indicateur_id, ecart.cause, ecart.modifiees) == ("mediane_niveau_vie", cause, 1)
    assert comparaison.causes == {cause: 1}


@pytest.mark.parametrize("dans_l_autre_sens", [False, True])
def test_an_indicateur_of_one_release_alone_came_or_went(
    construire, releases, validation, nuit, dans_l_autre_sens: bool
) -> None:
    """Neither its definition nor a rule of confidentiality changed."""
    ajout = "".join(
        f"insert into marts.{table} select * replace ('nb_micro' as indicateur_id) from marts.{table}"
        " where indicateur_id = 'nb_foyers_allocataires';"
        for table in ("dim_indicateur", "fct_indicateurs")
    )
    deux = [publier(releases, construire(sql), validation, nuit).release_id for sql in ("", ajout)]
    ecarts = comparer(releases, *(reversed(deux) if dans_l_autre_sens else deux)).indicateurs
    cause = "indicateur retiré" if dans_l_autre_sens else "indicateur ajouté"
    assert {(e.indicateur_id, e.cause) for e in ecarts} == {("nb_micro", cause)}


def test_a_file_of_many_years_is_a_cause_for_each_of_them(compare: Comparer) -> None:
    comparaison = compare(
        "update marts.fct_indicateurs set valeur = valeur + 5 where millesime = 2022 and valeur > 0;"
        "update marts.mart_portrait_social set part_allocataires_rsa = part_allocataires_rsa + 5;"
        "update marts.dim_fichier set sha256 = 'aabis', fichier_id = 'aabis' where sha256 = 'aa';"
    )
    assert comparaison.causes == {"révision": 3}


def test_membership_is_a_cause_for_the_epci_and_not_for_its_communes(compare: Comparer) -> None:
    comparaison = compare(
        "update marts.dim_territoire set epci = '200068229' where code = '01001';"
        "update marts.fct_indicateurs set valeur = valeur + 5"
        " where indicateur_id = 'nb_foyers_allocataires';",
        codes=("c1", "c2"),
    )
    assert [(i.cause, i.exemple and i.exemple.libelle) for i in comparaison.indicateurs] == [
        ("code", "Nyons"),
        ("géographie", "CC des Baronnies en Drôme provençale"),
    ]


def test_a_commune_that_joins_a_convention_is_why_its_figures_moved(
    construire, releases, validation, nuit
) -> None:
    convention = (
        "insert into marts.dim_territoire by name select 'ctg:baronnies-2025' as territoire_id,"
        " 'ctg' as niveau, 'baronnies-2025' as code, 'CTG' as libelle;"
        "insert into marts.ctg_communes values ('ctg:baronnies-2025', '26220', null);"
        "insert into marts.fct_indicateurs select * replace ('ctg:baronnies-2025' as territoire_id,"
        " 'ctg' as niveau, 'baronnies-2025' as code) from marts.fct_indicateurs"
        " where territoire_id = 'epci:200068229' and indicateur_id = 'nb_foyers_allocataires';"
    )
    rejointe = (
        "insert into marts.ctg_communes values ('ctg:baronnies-2025', '26001', null);"
        "update marts.fct_indicateurs set valeur = valeur + 5 where niveau = 'ctg';"
    )
    bouts = [
        publier(releases, construire(sql), validation, replace(nuit, code=code))
        for sql, code in ((convention, "c1"), (convention + rejointe, "c2"))
    ]
    comparaison = comparer(releases, bouts[0].release_id, bouts[1].release_id)
    assert comparaison.causes == {"géographie": 1}


@pytest.mark.parametrize(
    ("codes", "cause"), [(("c1", "c1"), "indéterminée"), (("c1", "c2"), "code"), ((None, "c1"), "code")]
)
def test_code_is_the_cause_when_nothing_else_changed_and_it_did(
    compare: Comparer, codes: tuple[str | None, str | None], cause: str
) -> None:
    assert compare(MEDIANE, codes=codes).causes == {cause: 1}


def test_the_detail_has_a_line_per_figure(compare: Comparer, tmp_path: Path) -> None:
    detail = tmp_path / "a folder to make" / "l'écart.csv"
    compare(MEDIANE + REVISION, detail=detail)
    with detail.open(encoding="utf-8", newline="") as flux:
        (ligne,) = csv.DictReader(flux, delimiter=";")
    assert (ligne["territoire_id"], ligne["avant"], ligne["apres"], ligne["cause"]) == (
        "commune:26220",
        "20150.0",
        "20160.0",
        "révision",
    )


def annexe(releases: Path, requete: str) -> list[tuple]:
    with duckdb.connect(str(releases / "current" / "ctg.duckdb"), read_only=True) as con:
        return con.execute(requete).fetchall()


def test_a_release_keeps_what_changed_since_the_one_in_service(compare: Comparer, releases: Path) -> None:
    comparaison = compare(
        "update marts.fct_indicateurs set valeur = 3255 where niveau = 'epci';"
        "update marts.fct_indicateurs set valeur = null, borne_basse = null, borne_haute = null,"
        " statut = 'secret', motif = 'secret statistique', valeur_affichee = 's'"
        " where niveau = 'departement';" + MEDIANE + REVISION
    )
    assert annexe(releases, "select precedente from marts.dim_release") == [(comparaison.avant,)]
    # The median that is hidden now is nowhere, not even as it was; that of the commune is counted.
    assert annexe(
        releases,
        "select territoire_id, niveau, indicateur_id, millesime, nature, avant, avant_statut, apres,"
        " apres_statut, cause from marts.changements",
    ) == [
        (
            *("departement:01", "departement", "mediane_niveau_vie", 2019, "statut", None, "observe", None),
            *("secret", "révision"),
        ),
        (
            *("epci:200068229", "epci", "nb_foyers_allocataires", 2022, "valeur", 3250.0, "partiel", 3255.0),
            *("partiel", "indéterminée"),
        ),
    ]
    assert annexe(
        releases, "select niveau, cause, ajouts, retraits, modifications from marts.changements_resume"
    ) == [
        ("commune", "révision", 0, 0, 1),
        ("departement", "révision", 0, 0, 1),
        ("epci", "indéterminée", 0, 0, 1),
    ]
    assert annexe(releases, "from marts.changements_fichiers") == [
        ("insee_filosofi", "communes", 2019, "FILO2019_DISP_COM.csv", "révision")
    ]


def test_a_first_release_has_changed_nothing(publiee: Path) -> None:
    assert annexe(publiee, "select precedente from marts.dim_release") == [(None,)]
    for table in ("changements", "changements_resume", "changements_fichiers"):
        assert annexe(publiee, f"from marts.{table}") == []


@pytest.mark.parametrize(
    ("modification", "cause"),
    [
        ("", "code"),
        # Known by its name alone, from both sides.
        ("update marts.dim_fichier set fichier_id = 'interne-2' where fichier_id = 'interne-1';", "révision"),
    ],
)
def test_a_file_that_is_not_public_is_told_apart_by_its_name(
    construire, releases, validation, nuit, modification: str, cause: str
) -> None:
    interne = "update marts.dim_fichier set sha256 = null, fichier_id = 'interne-1' where sha256 = 'b9';"
    avant = publier(releases, construire(interne), validation, replace(nuit, code="c1"))
    apres = publier(
        releases, construire(interne + modification + MEDIANE), validation, replace(nuit, code="c2")
    )
    assert list(comparer(releases, avant.release_id, apres.release_id).causes) == [cause]
