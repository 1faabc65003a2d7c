"""Each promise of each mart: kept by the sound build, and turned red by one broken row."""

import json
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from expectations import runner
from expectations.bilan import Bilan, BilanMart, Constat
from expectations.runner import Contexte, valider
from expectations.seuils import charger
from tests.expectations.conftest import THEMES
from tests.expectations.derives import ACTUEL, COMPLETES, EVOLUTIONS, LARGES, PROPRES
from tests.expectations.etoile import ETOILE, MOUVEMENTS

CONTEXTE = Contexte("mirror", "departement:26")
COMPARATEURS = ("epci", "departement", "region", "france", "pairs")
MASQUEES = {
    "fct_indicateurs": frozenset(
        {"valeur", "valeur_texte", "numerateur", "denominateur", "borne_basse", "borne_haute"}
        | {"valeur_affichee"}
    ),
    **{f"mart_{theme}": frozenset(indicateurs) for theme, indicateurs in THEMES.items()},
    "mart_petite_enfance_actuel": frozenset(
        {"taux_couverture_petite_enfance", "taux_couverture_petite_enfance_affichee"}
    ),
    "mart_comparaisons": frozenset({"valeur", *(f"valeur_{x}" for x in COMPARATEURS)}),
    "mart_evolutions": frozenset(
        {"evolution", "evolution_relative", "effet_numerateur", "effet_denominateur", "valeur_debut"}
        | {"valeur_fin"}
    ),
    "mart_derniers_chiffres": frozenset(
        {"valeur", "valeur_affichee", "valeur_precedent", "valeur_precedent_affichee", "evolution_precedent"}
    ),
    "mart_ctg_suivi": frozenset({"valeur"}),
    "mart_sppe_schema": frozenset({"taux_scenario"}),
}
"""What the contracts of the tiny marts declare."""
RECOPIES = {
    "mart_comparaisons": {"mart_derniers_chiffres/comparateur_infidele"},
    "mart_evolutions": {
        "mart_derniers_chiffres/evolution_infidele",
        "mart_evolutions_dites/evolution_infidele",
        "mart_evolutions_dites/imprime_contraire",
    },
    "mart_tendances": {"mart_evolutions_dites/mouvement_non_etabli"},
    "mart_derniers_chiffres": {"mart_evolutions_dites/evolution_infidele"},
}
"""Others were copied from these marts before a row was broken: they no longer say the same."""

FCT = "update marts.fct_indicateurs set {} where territoire_id = 'commune:26220' and indicateur_id = '{}'"


def fct(affectation: str, indicateur: str = "nb_foyers_allocataires") -> str:
    return FCT.format(affectation, indicateur)


@pytest.fixture(scope="module", autouse=True)
def jugees_une_fois() -> Iterator[None]:
    """One broken row leaves most columns as they were: the same ones are judged once by an expectation.

    Great Expectations takes 10 ms for each, however few the rows. What was not judged yet is judged by it.
    """
    connues: dict[str, list[int]] = {}
    executer = runner._executer

    def memoire(lot_gx, cadre, attentes, controles):
        cles = {
            a.controle: repr((cadre[a.colonne].dtype, cadre[a.colonne].tolist(), a, controles[a.controle]))
            for a in attentes
        }
        if neuves := [a for a in attentes if cles[a.controle] not in connues]:
            jugees = executer(lot_gx, cadre, neuves, controles)
            connues.update((cles[controle], places) for controle, places in jugees.items())
        return {controle: connues[cle] for controle, cle in cles.items()}

    with pytest.MonkeyPatch.context() as mp:
        mp.setattr(runner, "_executer", memoire)
        yield


def controles_de(table: dict[str, list[tuple[str, ...]]]) -> set[tuple[str, str]]:
    return {(nom, controle) for nom, lignes in table.items() for controle, *_ in lignes}


def cas(table: dict[str, list[tuple[str, ...]]]) -> list[Any]:
    """The cases of a table, their SQL whole."""
    debuts = {"set": "update marts.{} ", "where": "delete from marts.{} "}
    return [
        pytest.param(
            nom, controle, debuts.get(sql.split()[0], "").format(nom) + sql, reste, id=f"{nom}-{sql}"[:60]
        )
        for nom, lignes in table.items()
        for controle, sql, *reste in lignes
    ]


@pytest.fixture
def juger(construire, tmp_path):
    """The verdict on the sound build, changed by SQL before the wide marts are made of it, or after."""

    def _juger(avant="", apres="", precedente=None, contexte=CONTEXTE):
        build = construire(avant=avant, apres=apres)
        return valider(build, precedente, tmp_path / "validation", contexte, MASQUEES)

    return _juger


def mart(bilan: Bilan, nom: str) -> BilanMart:
    return next(m for m in bilan.marts if m.mart == nom)


def constat(bilan: Bilan, nom: str, controle: str) -> Constat:
    return next(c for c in mart(bilan, nom).constats if c.controle == controle)


def rouges(bilan: Bilan) -> set[str]:
    return {f"{m.mart}/{c.controle}" for m in bilan.marts for c in m.constats if c.etat == "non_conforme"}


def verifier_rouge(bilan: Bilan, nom: str, controle: str, texte: str) -> None:
    fautif = constat(bilan, nom, controle)
    severite = charger().controles_de(nom)[controle].severite
    assert (fautif.etat, fautif.severite) == ("non_conforme", severite)
    assert texte in fautif.message
    # Information is in the report, and asks for nobody.
    assert (texte in bilan.message) == (severite != "info")
    if severite == "critical":
        assert not bilan.succes


def test_sound_build_keeps_every_promise(juger):
    bilan = juger()
    assert bilan.succes, bilan.message
    assert rouges(bilan) == set()
    assert [m.mart for m in bilan.marts] == [
        "dim_territoire",
        "dim_indicateur",
        "fct_indicateurs",
        "mart_petite_enfance",
        "mart_portrait_social",
    ]
    assert {c.controle for m in bilan.marts for c in m.constats if c.etat == "sans_objet"} == {
        controle for _, controle in controles_de(MOUVEMENTS)
    }


@pytest.mark.parametrize(("nom", "controle", "sql", "reste"), cas(ETOILE))
def test_broken_star_turns_red(juger, nom, controle, sql, reste):
    bilan = juger(sql)
    texte, *autres = reste
    verifier_rouge(bilan, nom, controle, texte)
    assert rouges(bilan) == {f"{nom}/{controle}", *autres}


@pytest.mark.parametrize(("controle", "sql", "autres"), LARGES, ids=lambda v: str(v)[:40])
def test_broken_wide_mart_turns_red(juger, controle, sql, autres):
    bilan = juger(apres=sql.format("taux_couverture_petite_enfance"))
    verifier_rouge(bilan, "mart_petite_enfance", controle, "niveau=")
    assert rouges(bilan) == {f"mart_petite_enfance/{c}" for c in {controle, *autres}}


@pytest.mark.parametrize(("controle", "sql", "autres"), LARGES, ids=lambda v: str(v)[:40])
def test_broken_mart_of_last_figures_turns_red(juger, controle, sql, autres):
    sql = sql.format("taux_couverture_petite_enfance").replace(
        "petite_enfance set", "petite_enfance_actuel set"
    )
    bilan = juger(apres=ACTUEL + sql.replace("petite_enfance where", "petite_enfance_actuel where"))
    verifier_rouge(bilan, "mart_petite_enfance_actuel", controle, "niveau=")
    assert rouges(bilan) == {f"mart_petite_enfance_actuel/{c}" for c in {controle, *autres}}


def test_a_last_figure_of_another_year_turns_red(juger):
    sql = "update marts.mart_petite_enfance_actuel set taux_couverture_petite_enfance_millesime = 2022"
    bilan = juger(apres=f"{ACTUEL} {sql} where territoire_id = 'epci:200068229'")
    verifier_rouge(
        bilan, "mart_petite_enfance_actuel", "ecart_avec_fct", "absente dans mart_derniers_chiffres"
    )
    assert rouges(bilan) == {"mart_petite_enfance_actuel/ecart_avec_fct"}
    assert rouges(juger(apres=ACTUEL)) == set()


@pytest.mark.parametrize("niveau", ["epci", "departement"], ids=["another figure", "where there is none"])
def test_a_last_figure_that_is_printed_otherwise_turns_red(juger, niveau):
    sql = "update marts.mart_petite_enfance_actuel set taux_couverture_petite_enfance_affichee = '1'"
    bilan = juger(apres=f"{ACTUEL} {sql} where niveau = '{niveau}'")
    assert rouges(bilan) == {"mart_petite_enfance_actuel/ecart_avec_fct"}


def test_a_total_without_all_its_parts_has_a_low_bound_alone(juger):
    au_moins = (
        "update marts.fct_indicateurs set statut = 'partiel', motif = '2 communes absentes',"
        " borne_haute = null, enveloppe_haute = null, lisibilite = 'intervalle',"
        " valeur_affichee = 'au moins 1998'"
        " where territoire_id = 'commune:26220' and indicateur_id = 'nb_foyers_allocataires'"
    )
    assert "fct_indicateurs/bornes_absentes" not in rouges(juger(au_moins))


def test_sound_comparisons_keep_their_promises(juger):
    bilan = juger(apres=COMPLETES)
    assert rouges(bilan) == set()
    assert {(m.mart, c.controle) for m in bilan.marts for c in m.constats if c.etat == "conforme"} >= {
        *controles_de(PROPRES)
    }


@pytest.mark.parametrize(("nom", "controle", "sql", "autres"), cas(PROPRES))
def test_broken_comparison_turns_red(juger, nom, controle, sql, autres):
    bilan = juger(apres=f"{COMPLETES};{sql}")
    verifier_rouge(bilan, nom, controle, "=")
    assert rouges(bilan) - RECOPIES.get(nom, set()) == {f"{nom}/{controle}", *autres}


@pytest.mark.parametrize(("nom", "controle", "sql", "reste"), cas(MOUVEMENTS))
def test_movement_turns_red(juger, precedente, nom, controle, sql, reste):
    bilan = juger(sql, precedente=precedente)
    verifier_rouge(bilan, nom, controle, *reste)


def test_unchanged_build_does_not_move(juger, precedente):
    bilan = juger(precedente=precedente)
    assert rouges(bilan) == set()
    assert constat(bilan, "fct_indicateurs", "part_changee").observe == "maximum 0,00 %"


def test_every_control_has_a_negative_test():
    testes = controles_de(ETOILE) | controles_de(PROPRES) | controles_de(MOUVEMENTS)
    testes |= {("mart_*", controle) for controle, *_ in LARGES}
    assert testes == {(nom, c) for nom, controles in charger().controles.items() for c in controles}


@pytest.mark.parametrize(("perdues", "rouge"), [(5, False), (6, True)])
def test_a_few_territories_may_disappear(juger, precedente, perdues, rouge):
    """One EPCI of thirteen is a large share: a merger would stop each night for ever."""
    for table in ("dim_territoire", "fct_indicateurs"):
        fichier = precedente / "parquet" / f"{table}.parquet"
        anciennes = (
            f"from '{fichier}' union all by name select f.* replace ('commune:2690' || a as territoire_id)"
            f" from '{fichier}' as f cross join range({perdues}) as r(a)"
            " where territoire_id = 'commune:26220'"
        )
        duckdb.execute(f"copy (from ({anciennes})) to '{fichier}.neuf' (format parquet)")
        fichier.with_name(f"{fichier.name}.neuf").replace(fichier)
    bilan = juger(precedente=precedente)
    assert rouges(bilan) == ({"dim_territoire/part_territoires_perdus"} if rouge else set())
    # Judged once, by the territories.
    assert constat(bilan, "fct_indicateurs", "part_perdue").observe == "maximum 0,00 %"


@pytest.mark.parametrize("code", ["scission", "hors_couverture"])
def test_what_a_rule_blanks_empties_no_source(juger, precedente, code):
    sql = fct(f"valeur = null, statut = 'non_disponible', motif = 'x', motif_code = '{code}'")
    effacee = constat(juger(sql, precedente=precedente), "fct_indicateurs", "part_effacee")
    assert effacee.etat == "conforme"


@pytest.mark.parametrize(("avant", "etat"), [("partiel", "conforme"), ("observe", "non_conforme")])
def test_what_lacked_communes_already_lost_nothing(juger, construire, precedente, avant, etat):
    manquent = "valeur = null, statut = 'non_disponible', motif = 'x', motif_code = 'communes_manquantes'"
    with duckdb.connect(str(construire(fct(f"statut = '{avant}'"))), read_only=True) as con:
        con.execute(f"copy marts.fct_indicateurs to '{precedente}/parquet/fct_indicateurs.parquet'")
    effacee = constat(juger(fct(manquent), precedente=precedente), "fct_indicateurs", "part_effacee")
    assert effacee.etat == etat


@pytest.mark.parametrize(
    ("sql", "dite"),
    [
        ("", True),
        ("update marts.dim_indicateur set numerateur = 'foyers_extrait'", False),
        ("update marts.dim_indicateur set methode = 'evolution'", False),
    ],
)
def test_a_figure_that_is_made_otherwise_is_another_one(juger, precedente, sql, dite):
    """Withdrawn or refused by its new definition, it lost nothing; under the same definition, it did."""
    perdues = "delete from marts.fct_indicateurs where indicateur_id = 'nb_foyers_allocataires';"
    une = f"{sql} where indicateur_id = 'nb_foyers_allocataires'" if sql else ""
    perdue = constat(juger(perdues + une, precedente=precedente), "fct_indicateurs", "part_perdue")
    assert ("nb_foyers_allocataires" in perdue.message) == dite


def test_summary_does_not_depend_on_the_previous_release(construire, precedente, tmp_path):
    build = construire(avant=fct("valeur = 900, borne_basse = 890"))
    valider(build, None, tmp_path / "premiere", CONTEXTE, MASQUEES)
    valider(build, precedente, tmp_path / "suivante", CONTEXTE, MASQUEES)
    premiere, suivante = tmp_path / "premiere", tmp_path / "suivante"
    assert (premiere / "summary.json").read_bytes() == (suivante / "summary.json").read_bytes()
    assert (premiere / "mouvement.json").read_bytes() != (suivante / "mouvement.json").read_bytes()


def test_masked_value_is_never_quoted(juger, precedente, tmp_path):
    """A cell secret today keeps out of the report even the value that leaked or was published before."""
    sql = fct("statut = 'secret', motif = 'secret', valeur = 1987, numerateur = 1987")
    bilan = juger(sql, precedente=precedente)
    assert not bilan.succes, "nothing is quoted where nothing is wrong"
    for fichier in (tmp_path / "validation").iterdir():
        texte = fichier.read_text(encoding="utf-8")
        assert "1987" not in texte
        assert ": 2000" not in texte


def test_total_of_an_absent_source_is_told_not_failed(juger):
    sql = (
        "delete from marts.fct_indicateurs"
        " where indicateur_id = 'taux_couverture_petite_enfance' and niveau = 'france';"
        "insert into marts.dim_disponibilite values"
        " ('taux_couverture_petite_enfance', 'france', 2023, 'non_disponible', 'jamais reçue')"
    )
    bilan = juger(sql)
    totaux = constat(bilan, "fct_indicateurs", "hors_tolerance")
    assert totaux.etat == "conforme"
    assert {
        "indicateur_id": "taux_couverture_petite_enfance",
        "territoire_id": "france:FR",
        "millesime": "2023",
        "non_verifie": "aucune source reçue pour ce millésime à ce niveau",
    } in totaux.non_verifies


def test_a_socle_that_never_came_is_not_judged(juger):
    """No source of it was received: dim_disponibilite says so, and nothing passes for right."""
    sql = (
        "delete from marts.fct_indicateurs where indicateur_id = 'population_municipale';"
        "update marts.dim_indicateur set disponible = false, motif_code = 'source_jamais_recue',"
        " motif = 'source jamais reçue : populations' where indicateur_id = 'population_municipale'"
    )
    bilan = juger(sql)
    assert constat(bilan, "fct_indicateurs", "part_socle").etat == "sans_objet"


VIDE = (
    "set valeur = null, valeur_affichee = 'nd', numerateur = null, denominateur = null, borne_basse = null,"
    " borne_haute = null, lisibilite = null, statut = 'non_disponible', motif = '…', motif_code = '{}'"
    " where indicateur_id = 'population_municipale' and territoire_id = '{}'"
)


@pytest.mark.parametrize(
    ("code", "vide", "tenue"),
    [
        ("scission", "commune:26220", True),
        ("hors_couverture", "epci:200068229", True),
        ("ligne_absente", "commune:26220", False),
    ],
)
def test_the_socle_is_answered_by_a_blank_that_no_file_would_fill(juger, code, vide, tenue):
    """Five communes of the Cantal were restored in 2025: figures of before are blank, whatever comes."""
    bilan = juger(f"update marts.fct_indicateurs {VIDE.format(code, vide)}")
    assert ("fct_indicateurs/part_socle" not in rouges(bilan)) == tenue
    if tenue:
        assert constat(bilan, "fct_indicateurs", "part_socle").etat == "conforme"


@pytest.mark.parametrize(("code", "tenue"), [("hors_couverture", True), ("ligne_absente", False)])
def test_a_scope_that_the_socle_does_not_cover_is_not_silent(juger, code, tenue):
    """Mayotte: its communes have no row (ADR 4), and its EPCI say why."""
    communes = (
        "delete from marts.fct_indicateurs where niveau = 'commune' and"
        " indicateur_id = 'population_municipale';"
    )
    bilan = juger(f"{communes} update marts.fct_indicateurs {VIDE.format(code, 'epci:200068229')}")
    assert ("fct_indicateurs/part_socle" not in rouges(bilan)) == tenue


def test_what_a_register_leaves_aside_is_still_told(juger):
    """That of one département, say: the share says so, and nobody is refused for it."""
    sql = fct(
        "valeur = null, statut = 'non_disponible', motif = 'hors couverture', motif_code = 'hors_couverture'"
    )
    assert "fct_indicateurs/part_renseignee" in rouges(juger(sql))


def test_demo_totals_are_its_own(juger):
    bilan = juger(contexte=Contexte("demo", "departement:26"))
    (fautif,) = [c for m in bilan.marts for c in m.echecs]
    assert fautif.controle == "hors_tolerance"
    assert "attendu 3230, observé 3250" in fautif.message


@pytest.mark.parametrize(
    ("methode", "juste", "faux"), [("evolution", "-2.5", "97.5"), ("difference", "-50", "50")]
)
def test_change_is_recomputed_from_its_two_ends(juger, methode, juste, faux):
    definition = (
        f"update marts.dim_indicateur set part_d_un_tout = false, methode = '{methode}'"
        " where indicateur_id = 'part_allocataires_rsa';"
        "update marts.fct_indicateurs set numerateur = 1950, denominateur = 2000,"
        " valeur = {0}, borne_basse = {0}, borne_haute = {0} where indicateur_id = 'part_allocataires_rsa'"
    )
    for valeur, etat in ((juste, "conforme"), (faux, "non_conforme")):
        bilan = juger(definition.format(valeur))
        assert constat(bilan, "fct_indicateurs", "calcul_incoherent").etat == etat


@pytest.mark.parametrize("table", ["dim_territoire", "fct_indicateurs", "mart_petite_enfance"])
def test_empty_mart_fails(juger, table):
    bilan = juger(apres=f"delete from marts.{table}")
    assert not bilan.succes
    assert not mart(bilan, table).succes


def test_a_single_year_has_no_evolution_and_is_judged(juger):
    bilan = juger(
        apres="delete from marts.fct_indicateurs where millesime in (2020, 2021)"
        " and indicateur_id = 'part_allocataires_rsa';" + EVOLUTIONS
    )
    juge = mart(bilan, "mart_evolutions")
    assert juge.succes, juge.message
    assert {c.controle for c in juge.constats if c.etat == "conforme"} == {"evolution_absente"}


def test_missing_mart_or_column_fails(juger, tmp_path):
    sql = "drop table marts.mart_petite_enfance; drop table marts.mart_portrait_social;"
    sql += "alter table marts.fct_indicateurs drop column borne_basse"
    bilan = juger(apres=sql)
    assert "no mart_ table" in bilan.message
    assert "borne_basse" in (mart(bilan, "fct_indicateurs").erreur or "")
    assert not json.loads((tmp_path / "validation" / "summary.json").read_text())["succes"]


def test_unreadable_previous_release_is_an_error_not_a_first_publication(construire, tmp_path):
    with pytest.raises(duckdb.IOException, match=r"dim_territoire\.parquet"):
        valider(construire(), tmp_path / "absente", tmp_path / "validation", CONTEXTE, MASQUEES)
