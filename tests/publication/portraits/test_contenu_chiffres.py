"""The figures of a portrait are those of its release: values, statuts, units, sources, those of the deck."""

import csv
import re
from datetime import date
from pathlib import Path

import duckdb
import pytest

from publication.lecture.chiffres import Chiffre
from publication.lecture.marts import Marts
from publication.portraits.contenu.langue import insecable
from publication.portraits.modele import Comparaison, Document, Tableau
from socle.affichage import arrondi, date_longue
from tests.publication.portraits.contenus import CTG, MUETS, TERRITOIRES, Composer, textes
from tests.publication.portraits.parcours import cellules_de, elements_de

DEPOT = Path(__file__).resolve().parents[3]
# What the deck printed and no source of the demonstration says: a rounding, two definitions that are not
# given, a label that is that of another indicateur, two charts without values.
HORS_D_ATTEINTE = {
    ("taux_chomage", "200068229"),
    ("taux_chomage", "26"),
    ("part_residences_secondaires", "200068229"),
    ("part_residences_secondaires", "26"),
    ("financement_eaje_rpe", "200068229"),
    ("financement_structures_enfance_jeunesse", "200068229"),
    # Between two censuses that share a survey.
    ("evolution_enfants_moins_3_ans", "200068229"),
    ("evolution_enfants_moins_3_ans", "26"),
}


@pytest.mark.parametrize("territoire_id", TERRITOIRES)
def test_every_figure_is_that_of_the_release(compose: Composer, base: Path, territoire_id: str) -> None:
    lu = compose(territoire_id)
    with duckdb.connect(str(base), read_only=True) as con:
        release = {
            (i, t, m): (texte, statut)
            for i, t, m, texte, statut in con.execute(
                "select indicateur_id, territoire_id, millesime, valeur_affichee, statut"
                " from marts.fct_indicateurs"
            ).fetchall()
        }
    for chiffre in lu.chiffres.values():
        attendu = release[chiffre.indicateur_id, chiffre.territoire_id, chiffre.millesime]
        assert (chiffre.texte, chiffre.statut) == attendu
    for element in elements_de(lu.sections):
        for cellule in cellules_de(element):
            if cellule.chiffre is not None:
                chiffre = lu.chiffres[cellule.chiffre]
                assert (cellule.texte, cellule.nombre, cellule.statut) == (
                    chiffre.texte,
                    chiffre.nombre,
                    chiffre.statut,
                )


@pytest.mark.parametrize("territoire_id", TERRITOIRES)
def test_nothing_stands_under_a_statut_that_shows_nothing(compose: Composer, territoire_id: str) -> None:
    lu = compose(territoire_id)
    vues = [c for e in elements_de(lu.sections) for c in cellules_de(e)]
    for muette in [*lu.chiffres.values(), *(c for c in vues if c.statut in MUETS)]:
        if muette.statut in MUETS:
            assert muette.texte in ("s", "nd", "na")
            assert muette.nombre is None
    assert all(c.basse is None and c.haute is None for c in vues if c.statut in MUETS)


def test_the_figures_of_the_deck_are_there(document: Document) -> None:
    """The 77 figures that the presentation of December 2024 prints, but the nine that nothing confirms."""
    tout = set(textes(document))
    absents = set()
    with (DEPOT / "docs/exemples/presentation_ctg_baronnies.csv").open(
        encoding="utf-8", newline=""
    ) as fichier:
        lignes = list(csv.DictReader(fichier))
    assert len(lignes) == 77
    for ligne in lignes:
        territoires = {
            "epci": {CTG, "epci:200068229"},
            "departement": {"departement:26"},
            "commune": {f"commune:{ligne['territory_code']}"},
        }[ligne["territory_level"]]
        candidats = [
            c
            for c in document.chiffres.values()
            if c.indicateur_id == ligne["indicator_id"] and c.territoire_id in territoires
        ]
        if not any(imprime(c, ligne["value"]) for c in candidats) and not (
            # The operations of the schéma are lines of the plan; a study counts no place.
            ligne["territory_level"] == "commune" and {f"+{ligne['value']}", "Montbrun-les-Bains"} & tout
        ):
            absents.add((ligne["indicator_id"], ligne["territory_code"], ligne["value"]))
    # The period first announced is in the table of conventions, beside the one that was evaluated.
    absents -= (
        {("ctg_evaluation_periode", "200068229", "2019-2023")}
        if any("2019-2023" in t for t in tout)
        else set()
    )
    assert {(i, code) for i, code, _ in absents} == HORS_D_ATTEINTE


def imprime(c: Chiffre, attendu: str) -> bool:
    """Whether a figure prints as the deck wrote it, in its own decimals, or lies around it once rounded."""
    if not attendu:
        return False
    if re.fullmatch(r"\d{4}-\d\d-\d\d", attendu):
        return c.texte == date_longue(date.fromisoformat(attendu))
    if c.nombre is None or not re.fullmatch(r"-?\d+(\.\d+)?", attendu):
        return c.texte == attendu
    entre = re.sub("[\u202f\u00a0]", "", c.intervalle or "").replace(",", ".").replace("\u2212", "-")
    if c.statut == "arrondi" and (bornes := re.findall(r"-?\d+(?:\.\d+)?", entre)):
        return float(bornes[0]) <= float(attendu) <= float(bornes[1])
    return arrondi(c.nombre, len(attendu.partition(".")[2])) == float(attendu)


def test_a_comparator_is_of_the_same_year_and_a_count_has_none(document: Document, marts: Marts) -> None:
    comparaisons = [e for e in elements_de(document.sections) if isinstance(e, Comparaison)]
    assert comparaisons
    for element in comparaisons:
        chiffres = [document.chiffres[b.valeur.chiffre] for b in element.barres if b.valeur.chiffre]
        assert len({c.millesime for c in chiffres}) == 1
        ((indicateur_id),) = {c.indicateur_id for c in chiffres}
        assert marts.indicateurs[indicateur_id].comparable, indicateur_id
        assert sum(b.role == "territoire" for b in element.barres) == 1


@pytest.mark.parametrize("territoire_id", ["epci:200068229", "commune:26220", "commune:26198"])
def test_a_rank_is_the_one_that_intervals_allow(compose: Composer, marts: Marts, territoire_id: str) -> None:
    """la plus élevée des 5; 2ᵉ à 4ᵉ plus élevée des 9 where they allow several; nothing for most of them."""
    de_la_release = {
        insecable(ligne["indicateur_libelle"]): ligne
        for ligne in marts.lignes("from mart_derniers_chiffres where territoire_id = ?", [territoire_id])
    }
    vus: dict[bool, int] = {True: 0, False: 0}
    for tableau in (e for e in elements_de(compose(territoire_id).sections) if isinstance(e, Tableau)):
        if tableau.colonnes[-1].titre != "Rang":
            continue
        for cellules in tableau.lignes:
            dit, lue = cellules[-1].texte, de_la_release.get(cellules[0].texte)
            if not dit:
                continue
            assert lue is not None
            *places, nombre = [int(n) for n in re.findall(r"\d+", dit)]
            assert nombre == lue["nb_pairs"]
            if "la plus" in dit:
                dernier = lue["rang"] + lue["nb_ex_aequo"] == nombre
                assert (lue["rang"] == 1, dernier) == ("élevée" in dit, "basse" in dit)
            else:
                assert (places[0], places[-1]) == (lue["rang_au_mieux"], lue["rang_au_pire"])
                assert (len(places) == 1) is (lue["rang"] is not None)
                assert 2 * (places[-1] - places[0] + 1) <= nombre or len(places) == 1
            vus[len(places) < 2] += 1
    assert vus[True] and (vus[False] or territoire_id == "commune:26198")


@pytest.mark.parametrize("territoire_id", ["commune:26001", "commune:26220"])
def test_key_figures_have_short_names_and_no_median_of_few_peers(
    compose: Composer, marts: Marts, territoire_id: str
) -> None:
    """Of 4 communes out of 66, « pairs » alone would be read as the 66."""
    rares = {
        ligne["indicateur_id"]
        for ligne in marts.lignes(
            "select indicateur_id from mart_derniers_chiffres where territoire_id = $id"
            " and nb_pairs_sans_valeur > nb_pairs",
            {"id": territoire_id},
        )
    }
    lues = [r for vue in compose(territoire_id).presentation if vue.tete for r in vue.tete.lignes]
    assert rares and {nom for r in lues for _, nom, _ in r.reperes} == {"EPCI", "Drôme", "Pairs (médiane)"}
    for repere in lues:
        indicateur_id = (repere.cellule.chiffre or "").split("|")[0]
        if indicateur_id in rares:
            assert "pairs" not in {role for role, *_ in repere.reperes}, repere.libelle


@pytest.mark.parametrize("territoire_id", TERRITOIRES)
def test_no_column_says_only_that_it_has_nothing(compose: Composer, territoire_id: str) -> None:
    for section in compose(territoire_id).sections[:-1]:
        for tableau in (e for e in elements_de((section,)) if isinstance(e, Tableau)):
            if tableau.colonnes[0].titre != "Indicateur":
                continue
            for rang, colonne in list(enumerate(tableau.colonnes))[3:]:
                lues = [ligne[rang] for ligne in tableau.lignes]
                assert any(c.texte and c.statut not in MUETS[1:] for c in lues), (
                    tableau.titre,
                    colonne.titre,
                )


@pytest.mark.parametrize("territoire_id", [CTG, "commune:26220", "departement:26"])
def test_it_says_how_many_of_its_figures_are_rounded(
    compose: Composer, marts: Marts, territoire_id: str
) -> None:
    (compte,) = marts.lignes(
        "select count(*) as n from fct_indicateurs as f inner join dim_indicateur using (indicateur_id)"
        " where f.territoire_id = ? and secret = 'chaine' and statut = 'arrondi'",
        [territoire_id],
    )
    annexes = compose(territoire_id).sections[-1]
    (dit,) = (e.texte for s in annexes.sections if s.identifiant == "certificat" for e in s.elements)
    assert dit.startswith(f"{compte['n']} chiffres de ce territoire, toutes années confondues, comptent")


def test_a_rate_and_a_duration_have_their_unit(document: Document) -> None:
    """64,3 among percents is read as one, and a convention of 4 is of nothing."""
    notes = {n for e in elements_de(document.sections) if isinstance(e, Tableau) for n in e.notes}
    assert "En places pour 100 enfants\u00a0: Taux de couverture petite enfance." in notes
    assert [n for n in notes if n.startswith("En ans\u00a0: Durée initiale de la première CTG, ")]
    assert not [n for n in notes if n.startswith("En points")]


def test_no_figure_is_in_the_tables_of_two_sections(document: Document) -> None:
    """Those of the portrait social, and of what moved, are picked from the others."""
    vus: dict[str, str] = {}
    for section in document.sections[2:-1]:
        if section.identifiant == "evaluation":
            continue
        for tableau in (e for e in elements_de((section,)) if isinstance(e, Tableau)):
            if tableau.colonnes[0].titre == "Indicateur":
                for ligne in tableau.lignes:
                    assert vus.setdefault(ligne[0].texte, section.identifiant) == section.identifiant
    assert "sppe" in vus.values() and "petite-enfance" in vus.values()


@pytest.mark.parametrize("territoire_id", TERRITOIRES)
def test_a_source_is_of_the_years_of_its_figures(compose: Composer, base: Path, territoire_id: str) -> None:
    lu = compose(territoire_id)
    attendues: dict[str, set[str]] = {}
    with duckdb.connect(str(base), read_only=True) as con:
        # Of a rate over inhabitants of another year, nothing says which of its sources its year is of.
        for reference, source_ids, d_un_an in con.execute(
            "select concat_ws('|', indicateur_id, territoire_id, millesime), source_ids,"
            " coalesce(millesime_denominateur, millesime) = millesime"
            " from marts.fct_indicateurs where source_ids is not null"
        ).fetchall():
            if (chiffre := lu.chiffres.get(reference)) is not None:
                for source_id in source_ids.split("+"):
                    annees = {str(chiffre.millesime)} if d_un_an and chiffre.statut not in MUETS else set()
                    attendues.setdefault(source_id, set()).update(annees)
    (tableau,) = (
        e for e in elements_de(lu.sections[-1:]) if isinstance(e, Tableau) and e.titre.startswith("D'où")
    )
    dites = {ligne[4].texte: set(re.findall(r"\d{4}", ligne[2].texte)) for ligne in tableau.lignes}
    assert dites == attendues
