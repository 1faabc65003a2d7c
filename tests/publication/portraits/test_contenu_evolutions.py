"""What a portrait says of years: evolutions, series and their titles, breaks, a scenario."""

import re
import shutil
from pathlib import Path

import duckdb
import pytest

from publication.lecture.marts import Marts, ouvrir
from publication.portraits.contenu import Options, composer
from publication.portraits.contenu.contexte import Contexte
from publication.portraits.contenu.mouvements import DESSINES
from publication.portraits.modele import Document, Haltere, Halteres, Message, Serie, Tableau
from publication.portraits.planches import est_part
from tests.publication.portraits.contenus import CTG, MUETS, TERRITOIRES, Composer
from tests.publication.portraits.parcours import elements_de


def test_evolutions_start_at_the_base_year_or_at_the_one_that_is_asked_for(marts: Marts) -> None:
    def departs(options: Options) -> set[int]:
        lu = composer(marts, CTG, options)
        (tableau,) = (
            e for e in elements_de(lu.sections) if isinstance(e, Tableau) and e.titre == "Ce qui a bougé"
        )
        return {
            int(ligne[1].texte)
            for ligne in tableau.lignes
            if ligne[0].texte == "Taux de couverture petite enfance"
        }

    assert departs(Options()) == {2019}
    assert departs(Options(depuis=2021)) == {2021}


@pytest.mark.parametrize("territoire_id", [CTG, "epci:200068229", "departement:26", "region:84"])
def test_no_evolution_is_read_in_a_table_and_said_unreadable(compose: Composer, territoire_id: str) -> None:
    """The series of 2022 follows that of 2017: read with a reserve, in tables, charts and sentences alike."""
    lu = compose(territoire_id)
    libelle = "Taux de couverture petite enfance"
    phrases = [e.texte for e in elements_de(lu.sections) if isinstance(e, Message) and "ne se lit" in e.texte]
    assert not [p for p in phrases if "taux de couverture" in p]
    tableaux = [e for e in elements_de(lu.sections) if isinstance(e, Tableau)]
    lus = [
        t
        for t in tableaux
        for ligne in t.lignes
        if ligne[0].texte == libelle and any("depuis" in c.texte for c in ligne)
    ]
    assert lus
    for tableau in lus:
        (note,) = (n for n in tableau.notes if "nouvelle série du producteur en 2022" in n)
        assert note.startswith("Évolution à lire avec réserve") and libelle in note
    (serie,) = (e for e in elements_de(lu.sections) if isinstance(e, Serie) and e.titre.startswith(libelle))
    assert [n for n in serie.notes if n.startswith("Nouvelle série du producteur en 2022")]


@pytest.mark.parametrize("depuis", [2017, 2019])
def test_what_moved_is_told_from_its_own_first_readable_year(marts: Marts, depuis: int) -> None:
    """Both ways: the rows are the evolutions that are read, whatever they say of the territory."""
    lu = composer(marts, CTG, Options(depuis=depuis))
    bouges = (e for e in elements_de(lu.sections) if isinstance(e, Tableau) and "a bougé" in e.titre)
    (tableau,) = bouges
    assert f"Chaque évolution part de {depuis} ou, à défaut, de l'année la plus proche" in tableau.notes[0]
    etablies = ["établie" in ligne[-1].texte for ligne in tableau.lignes]
    # Those that are established, then those that only have two levels.
    assert any(etablies) and etablies == sorted(etablies, reverse=True)
    assert min(int(ligne[1].texte) for ligne in tableau.lignes) < depuis


@pytest.mark.parametrize("territoire_id", [CTG, "epci:200068229", "commune:26220"])
def test_what_changed_is_drawn_or_in_the_notes_and_titles_say_of_how_much(
    compose: Composer, territoire_id: str
) -> None:
    (vue,) = (v for v in compose(territoire_id).presentation if v.identifiant == "changements")
    (tout,) = (
        e
        for e in elements_de(compose(territoire_id).sections)
        if isinstance(e, Tableau) and e.titre.startswith("Ce qui a bougé")
    )
    etablies = {ligne[0].texte for ligne in tout.lignes if "établie" in ligne[-1].texte}
    dessins = [e for colonne in vue.colonnes for e in colonne if isinstance(e, Halteres)]
    dessines = [li.libelle for e in dessins for li in e.lignes]
    sujet, _, mouvement = vue.titre.partition("\u00a0: ")
    if etablies:
        assert sujet in etablies and sujet in dessines and mouvement.startswith("de "), vue.titre
    else:
        assert vue.titre == "Aucune hausse ni baisse établie"
    for e in dessins:
        assert len(e.lignes) <= DESSINES
        assert e.titre.endswith(f"\u00a0: {len(e.lignes)} sur {e.combien}") is (e.combien > len(e.lignes))
        # What is drawn in a tone is established.
        assert {li.libelle for li in e.lignes if li.ton != "neutre"} <= etablies
    assert sum(e.combien for e in dessins) == len(tout.lignes)
    for libelle in {ligne[0].texte for ligne in tout.lignes} - {*dessines}:
        assert any(note.startswith(f"{libelle}\u00a0: ") for note in vue.notes), libelle


@pytest.mark.parametrize("territoire_id", ["commune:26001", CTG])
def test_a_count_is_drawn_in_proportion_where_a_percentage_of_it_is_told(
    compose: Composer, marts: Marts, territoire_id: str
) -> None:
    vus: list[tuple[Haltere, str]] = []
    for vue in compose(territoire_id).presentation:
        for e in (e for colonne in vue.colonnes for e in colonne if isinstance(e, Halteres)):
            dites = {ligne[0].texte: ligne[5].texte for ligne in e.tableau.lignes}
            vus += [(li, dites[li.libelle]) for li in e.lignes if not est_part(li)]
    assert vus
    comptes = {i.libelle for i in marts.indicateurs.values() if not i.comparable}
    for ligne, dite in vus:
        if ligne.libelle in comptes:
            assert ligne.en_proportion is ("%" in dite), ligne


@pytest.mark.parametrize("territoire_id", [CTG, "epci:200068229", "commune:26220", "departement:26"])
def test_an_evolution_between_censuses_too_close_is_not_printed(
    compose: Composer, territoire_id: str
) -> None:
    """2017 and 2021 share a year of collection: no table has a number of it, nor a rank, nor a colour."""
    libelle = "Évolution du nombre d'enfants de moins de 3 ans"
    for tableau in (e for e in elements_de(compose(territoire_id).sections) if isinstance(e, Tableau)):
        assert not any(c.titre.startswith(libelle) for c in tableau.colonnes), tableau.titre
        for ligne in (x for x in tableau.lignes if x[0].texte == libelle):
            assert not any("%" in c.texte for c in ligne), tableau.titre
            assert all(c.ton == "neutre" for c in ligne)


def test_an_evolution_says_the_years_it_goes_from_and_to(document: Document) -> None:
    lus = {
        ligne[0].texte: ligne[2].texte
        for e in elements_de(document.sections)
        if isinstance(e, Tableau) and e.colonnes[0].titre == "Indicateur" and len(e.colonnes) > 3
        for ligne in e.lignes
        if e.colonnes[2].titre == "Année"
    }
    assert lus["Évolution du nombre de places d'Eaje"] == "2019-2024"
    assert lus["Enfants de moins de 3 ans"] == "2021"


@pytest.mark.parametrize("territoire_id", TERRITOIRES)
def test_the_title_of_a_series_says_two_years_where_they_are_comparable(
    compose: Composer, marts: Marts, territoire_id: str
) -> None:
    """No title sets side by side what the marts refuse to compare, or what a break of the chart parts."""
    lu = compose(territoire_id)
    ctx = Contexte(marts, marts.territoire(territoire_id), Options())
    for serie in (e for e in elements_de(lu.sections) if isinstance(e, Serie)):
        if (deux := re.search(r" en (\d{4}), .* en (\d{4})$", serie.titre)) is None:
            continue
        debut, fin = map(int, deux.groups())
        indicateur = marts.indicateurs[serie.identifiant.removeprefix("serie-").replace("-", "_")]
        # The one that the table of the theme says.
        pair = ctx.evolutions[indicateur.indicateur_id]
        assert (pair["millesime_debut"], pair["millesime_fin"]) == (debut, fin)
        assert pair["statut"] not in (*MUETS, "refusee")
        reserves = ctx.reserves_du_temps.get(indicateur.indicateur_id, [])
        assert not [
            a for a in (*(r.annee for r in serie.ruptures), *(a for a, _ in reserves)) if debut < a <= fin
        ]


def test_the_title_of_a_series_prefers_the_base_year_to_the_first(document: Document) -> None:
    titres = {e.identifiant: e.titre for e in elements_de(document.sections) if isinstance(e, Serie)}
    # Two breaks and a new series; breaks of source; censuses too close; a rise since the first year alone.
    assert titres["serie-taux-couverture-petite-enfance"].endswith("\u00a0: 64,3 en 2023")
    assert titres["serie-part-logements-vacants"].endswith("\u00a0: 7,5\u202f% en 2022")
    assert titres["serie-population-municipale"].endswith("\u00a0: 20\u202f753 en 2022")
    assert titres["serie-nb-naissances"].endswith("\u00a0: 148 en 2019, 141 en 2024")
    # The census of 2018 is too close: the one before is read, as in the table.
    assert titres["serie-taux-monoparentalite-rp"].endswith(
        "\u00a0: 14,9\u202f% en 2016, 16,1\u202f% en 2022"
    )


def test_a_scenario_is_set_apart_from_what_was_observed(document: Document) -> None:
    """The past has its own line, cut where the chart of the same rate is; no year is passed over."""
    (projet,) = (e for e in elements_de(document.sections) if getattr(e, "projection", None))
    assert isinstance(projet, Serie) and projet.projection is not None
    (observe,) = (
        e
        for e in elements_de(document.sections)
        if isinstance(e, Serie) and e.identifiant == "serie-taux-couverture-petite-enfance"
    )
    assert projet.annees == tuple(range(projet.annees[0], projet.annees[-1] + 1))
    assert projet.ruptures == observe.ruptures != ()
    # The trend is of what was observed.
    assert {n for n in observe.notes if not n.startswith("Tendance")} <= set(projet.notes)
    passe, *suites = projet.lignes
    assert (passe.libelle, passe.role) == ("Taux observé", "territoire")
    for annee, *cellules in zip(projet.annees, *(li.valeurs for li in projet.lignes), strict=True):
        dites = [c is not None for c in cellules]
        if annee <= observe.annees[-1]:
            assert dites == [True, False, False]
        else:
            assert dites == [False, *[annee >= projet.projection] * 2]
    vides = [str(a) for a in range(observe.annees[-1] + 1, projet.projection)]
    assert vides and f"Sans taux observé ni place prévue\u00a0: {', '.join(vides)}." in projet.notes[0]
    assert [li.libelle for li in suites] == [
        "Toutes les ouvertures, enfants constants",
        "Sans les places privées, enfants constants",
    ]
    (dite,) = (n for n in projet.notes if n.startswith("Le nombre d'enfants peut changer"))
    constants = suites[0].valeurs[-1]
    assert constants and constants.nombre
    # Six years after the rate, nine of the smallest départements in ten had moved between -15.6 and +9.9 %.
    assert "en 6 ans" in dite and "entre −15,6 et +9,9\u202f%" in dite
    basse, haute = (f"{constants.nombre / (1 + part / 100):.1f}".replace(".", ",") for part in (9.9, -15.6))
    assert f"entre {basse} et {haute}" in dite


def test_no_bounds_are_told_where_children_moved_more_than_elsewhere(base: Path, tmp_path: Path) -> None:
    copie = Path(shutil.copy(base, tmp_path / "ctg.duckdb"))
    copie.chmod(0o644)
    with duckdb.connect(str(copie)) as con:
        con.execute(
            "update marts.mart_sppe_schema set prevision = 'Pas de prévision',"
            " taux_scenario_borne_basse = null, taux_scenario_borne_haute = null"
        )
    with ouvrir(copie) as marts:
        (projet,) = (e for e in elements_de(composer(marts, CTG).sections) if getattr(e, "projection", None))
    assert isinstance(projet, Serie)
    assert "Pas de prévision." in projet.notes


@pytest.mark.parametrize("territoire_id", TERRITOIRES)
def test_a_break_is_of_one_year_in_charts_and_in_annexes(compose: Composer, territoire_id: str) -> None:
    lu = compose(territoire_id)
    (section,) = (s for s in lu.sections[-1].sections if s.identifiant == "ruptures")
    dites = {
        (int(ligne[0].texte), ligne[1].texte)
        for tableau in section.elements
        if isinstance(tableau, Tableau)
        for ligne in tableau.lignes
    }
    tracees = {
        (r.annee, r.libelle) for e in elements_de(lu.sections) if isinstance(e, Serie) for r in e.ruptures
    }
    assert tracees <= dites
    assert tracees or territoire_id not in (CTG, "epci:200068229")


@pytest.mark.parametrize("territoire_id", [CTG, "epci:200068229"])
def test_a_reform_and_a_new_series_are_told_in_annexes(compose: Composer, territoire_id: str) -> None:
    """What a decree moved is quoted year beside year, in tables: nothing else would say so there."""
    (section,) = (s for s in compose(territoire_id).sections[-1].sections if s.identifiant == "ruptures")
    (tableau,) = (t for t in section.elements if isinstance(t, Tableau) and "avec réserve" in t.titre)
    dites = {(ligne[0].texte, ligne[1].texte): ligne[2].texte for ligne in tableau.lignes}
    assert "Taux de couverture petite enfance" in dites["2022", "Nouvelle série du producteur en 2022"]
    (aides,) = (
        noms for (annee, quoi), noms in dites.items() if annee == "2021" and "aides au logement" in quoi
    )
    assert "aide au logement" in aides
