"""What a portrait says is what its release says: every figure, its statut, its rounding."""

import csv
import dataclasses
import os
import re
import shutil
import subprocess
import sys
from bisect import bisect
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache, partial
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest
from commande import Observatoire

from publication.commun.chiffres import Chiffre
from publication.commun.commentaires import Commentaire
from publication.commun.marts import Marts, ouvrir
from publication.portraits.contenu import Options, composer, zones
from publication.portraits.contenu.contexte import Contexte
from publication.portraits.contenu.langue import insecable, ordinal
from publication.portraits.formats import nom_de_fichier
from publication.portraits.modele import (
    Carte,
    Comparaison,
    Document,
    Liste,
    Message,
    Paragraphe,
    Parts,
    Serie,
    Tableau,
)
from publication.portraits.svg.cartes import hachee
from socle.affichage import arrondi, date_longue
from socle.erreurs import ErreurPublication
from tests.publication.portraits.parcours import cellules_de, cellules_tracees, elements_de, points

DEPOT = Path(__file__).resolve().parents[3]
CTG = "ctg:baronnies-2025"
MUETS = ("secret", "non_disponible", "sans_objet")
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


@pytest.fixture(scope="module")
def base(demonstration: Observatoire) -> Path:
    return demonstration.courante / "ctg.duckdb"


@pytest.fixture(scope="module")
def marts(base: Path) -> Iterator[Marts]:
    with ouvrir(base) as ouverte:
        yield ouverte


Composer = Callable[[str], Document]


@pytest.fixture(scope="module")
def compose(marts: Marts) -> Composer:
    """The portrait of a territory, made once. To be read only."""
    return cache(partial(composer, marts))


@pytest.fixture(scope="module")
def document(compose: Composer) -> Document:
    return compose(CTG)


def textes(document: Document) -> Iterator[str]:
    yield from (texte for ligne in document.couverture for texte in ligne)
    for element in elements_de(document.sections):
        yield from (cellule.texte for cellule in cellules_de(element))
        if isinstance(element, Paragraphe | Message):
            yield element.texte
        elif isinstance(element, Liste):
            yield from points(element.points)
        elif isinstance(element, Tableau):
            yield from element.notes
        else:
            yield from (element.titre, element.alternative, *element.notes)


TERRITOIRES = (
    CTG,
    "ctg:demonstration-2023",
    "epci:200068229",
    "commune:26220",
    "departement:26",
    "region:84",
    "france:FR",
)


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


@pytest.mark.parametrize("territoire_id", TERRITOIRES)
def test_no_text_betrays_the_machine(compose: Composer, territoire_id: str) -> None:
    for texte in textes(compose(territoire_id)):
        assert not re.search(r"\bnan\b|\bNone\b|-0\b|\d[.,]\d{5,}|\binf\b|\{|\}", texte), texte


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


def test_each_chart_has_its_twin_with_the_same_cells(document: Document) -> None:
    dessins = [
        e for e in elements_de(document.sections) if isinstance(e, Comparaison | Parts | Serie | Carte)
    ]
    assert {type(d) for d in dessins} == {Comparaison, Parts, Serie, Carte}
    for dessin in dessins:
        traces = {c.texte for c in cellules_tracees(dessin)}
        # « 0 dans les 63 autres communes. »
        reste = {
            note.partition(" dans les ")[0] for note in dessin.tableau.notes if " autres communes" in note
        }
        assert traces <= {c.texte for c in cellules_de(dessin.tableau)} | reste
        assert dessin.alternative and dessin.source and dessin.unite
    assert len({d.identifiant for d in dessins}) == len(dessins)


def test_the_sections_are_in_the_order_of_a_ctg(document: Document) -> None:
    assert [s.identifiant for s in document.sections] == [
        "essentiel",
        "portrait-social",
        "acces-droits",
        "petite-enfance",
        "enfance-jeunesse",
        "parentalite",
        "animation-vie-sociale",
        "logement",
        "metiers-services-familles",
        "sppe",
        "evaluation",
        "financement",
        "gouvernance",
        "annexes",
    ]
    for section in document.sections:
        assert section.elements or section.sections or section.vide


def test_a_section_with_nothing_says_why_in_one_line(compose: Composer) -> None:
    commune = compose("commune:26198")
    vides = {s.identifiant: s for s in commune.sections if not s.elements and not s.sections}
    assert {"evaluation", "gouvernance"} <= vides.keys()
    assert all(s.vide and "\n" not in s.vide for s in vides.values())


def test_a_commune_is_told_the_convention_that_it_is_in(compose: Composer) -> None:
    """Its evolutions are read since the year of that one; its targets, in the portrait of who bears it."""
    nyons = compose("commune:26220")
    (evaluation,) = (s for s in nyons.sections if s.identifiant == "evaluation")
    dit, bouge = evaluation.elements
    assert isinstance(dit, Paragraphe) and isinstance(bouge, Tableau)
    assert insecable("la convention « CTG des Baronnies en Drôme provençale, V2 (2025-2029) »") in dit.texte
    assert insecable("le portrait « CC des Baronnies en Drôme Provençale »") in dit.texte
    assert bouge.titre == "Ce qui a bougé depuis 2019"
    (gouvernance,) = (s for s in nyons.sections if s.identifiant == "gouvernance")
    (conventions,) = gouvernance.elements
    assert isinstance(conventions, Tableau)
    assert [ligne[0].texte for ligne in conventions.lignes] == ["V1", "V2"]


def test_evolutions_start_at_the_base_year_or_at_the_one_that_is_asked_for(marts: Marts) -> None:
    def departs(options: Options) -> set[int]:
        lu = composer(marts, CTG, options)
        (tableau,) = (
            e
            for e in elements_de(lu.sections)
            if isinstance(e, Tableau) and e.titre.startswith("Ce qui a bougé depuis")
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
    bouges = (e for e in elements_de(lu.sections) if isinstance(e, Tableau) and "a bougé depuis" in e.titre)
    (tableau,) = bouges
    assert tableau.titre == f"Ce qui a bougé depuis {depuis}"
    lectures = [ligne[-1].texte for ligne in tableau.lignes]
    assert {"favorable", "défavorable"} <= set(lectures)
    # Side by side: those that improved, then those that worsened.
    assert lectures == sorted(lectures, key=["favorable", "défavorable", ""].index)
    assert min(int(ligne[1].texte) for ligne in tableau.lignes) < depuis


def test_a_territory_asked_for_is_set_beside(marts: Marts) -> None:
    voisin = marts.lignes(
        "select territoire_id, libelle from dim_territoire where niveau = 'epci' and code <> '200068229'"
        " order by 1 limit 1"
    )[0]
    lu = composer(marts, CTG, Options(comparer=(voisin["territoire_id"],)))
    entetes = {c.titre for e in elements_de(lu.sections) if isinstance(e, Tableau) for c in e.colonnes}
    assert voisin["libelle"] in entetes


def test_a_territory_that_is_not_there_is_told(marts: Marts) -> None:
    with pytest.raises(ErreurPublication, match="Aucun territoire commune:99999"):
        composer(marts, "commune:99999")


def test_the_day_of_a_release_is_that_of_paris() -> None:
    """At 23:30 UTC on 25 November, a night is one of the 26th, in portraits as on the site."""
    with duckdb.connect() as con:
        con.execute(
            "create table dim_release as select 'r' as release_id, 'france' as perimetre,"
            " 'c' as content_hash, null as precedente, timestamp '2026-11-25 23:30:00' as publiee_le"
        )
        assert Marts(con).edition.publiee_le == "26 novembre 2026"
        assert "du 26 novembre 2026" in Marts(con).edition.citation


def test_a_base_that_cannot_be_read_is_told(tmp_path: Path, base: Path) -> None:
    tronquee, vide = tmp_path / "tronquee.duckdb", tmp_path / "vide.duckdb"
    shutil.copyfile(base, tronquee)
    os.truncate(tronquee, base.stat().st_size // 2)
    vide.touch()
    for illisible in (tronquee, vide):
        with pytest.raises(ErreurPublication, match=r"ne se lit pas.*--release"), ouvrir(illisible):
            pass


def test_a_base_that_another_program_writes_to_is_told(tmp_path: Path) -> None:
    prise = tmp_path / "prise.duckdb"
    tenir = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('', flush=True); sys.stdin.read()"
    ordre = [sys.executable, "-c", tenir, str(prise)]
    with subprocess.Popen(ordre, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as tenant:
        assert tenant.stdin is not None and tenant.stdout is not None
        tenant.stdout.readline()
        with pytest.raises(ErreurPublication, match="le fermer"), ouvrir(prise):
            pass
        tenant.stdin.close()


@pytest.mark.parametrize("table", ["changements", "pairs_territoires", "contours_communes"])
def test_a_release_that_lacks_a_table_is_refused(tmp_path: Path, base: Path, table: str) -> None:
    sans = tmp_path / "ctg.duckdb"
    shutil.copyfile(base, sans)
    sans.chmod(0o644)
    with duckdb.connect(str(sans)) as con:
        con.execute(f"drop table marts.{table}")
    with pytest.raises(ErreurPublication, match=f"trop ancienne.*{table}"), ouvrir(sans) as marts:
        composer(marts, CTG)


@pytest.mark.parametrize("annee", [-5, 1800, 2999])
def test_a_base_year_out_of_the_figures_is_refused(marts: Marts, annee: int) -> None:
    with pytest.raises(ErreurPublication, match=f"Année de base {annee} : .* vont de"):
        composer(marts, CTG, Options(depuis=annee))


def cartes_d_indicateurs(lu: Document) -> list[Carte]:
    """The maps of one figure: that of zones counts criteria."""
    return [e for e in elements_de(lu.sections) if isinstance(e, Carte) and e.identifiant != zones.CARTE]


@pytest.mark.parametrize("territoire_id", [CTG, "departement:26"])
def test_the_figures_of_a_map_are_in_the_annexes(compose: Composer, territoire_id: str) -> None:
    lu = compose(territoire_id)
    annexes = {c.chiffre for e in elements_de(lu.sections[-1:]) for c in cellules_de(e)}
    cartes = cartes_d_indicateurs(lu)
    assert cartes
    for dessinee in cartes:
        # A commune without a row in the release is nd on a map, and empty in a table.
        assert {z.valeur.chiffre for z in dessinee.zones} - {None} <= annexes, dessinee.titre
        assert dessinee.renvoi and "annexe" in dessinee.renvoi


@pytest.mark.parametrize("territoire_id", ["epci:200068229", "departement:26"])
def test_a_figure_too_uncertain_for_a_class_of_a_map_is_in_none(
    compose: Composer, marts: Marts, territoire_id: str
) -> None:
    """What is no point in the marts has its text there, and neither number, class nor circle."""
    sures = {
        (ligne["code"], ligne["nom"], ligne["millesime"]): (ligne["lisibilite"], ligne["valeur_affichee"])
        for ligne in marts.lignes(
            "select code, replace(indicateur_id, '_', '-') as nom, millesime, lisibilite, valeur_affichee"
            " from fct_indicateurs where niveau = 'commune'"
        )
    }
    cartes = cartes_d_indicateurs(compose(territoire_id))
    vues = set()
    for dessinee in cartes:
        nom, annee = dessinee.identifiant.removeprefix("carte-"), int(dessinee.unite[-4:])
        # « moins de 10 % », « 10 à 15 % », « 15 % et plus »: one ends where the next begins.
        dits = [re.findall(r"\d[\d,]*", mots) for mots in dessinee.classes]
        assert all(avant[-1] == apres[0] for avant, apres in pairwise(dits)), dessinee.classes
        bornes = [float(d[0].replace(",", ".")) for d in dits[1:]]
        sans = sum(hachee(dessinee, z) == "incertain" for z in dessinee.zones)
        assert dessinee.reperes or sans <= len(dessinee.zones) / 3, dessinee.titre
        for zone in dessinee.zones:
            sure, imprime = sures.get((zone.code, nom, annee), (None, "nd"))
            assert zone.valeur.texte == insecable(imprime), (dessinee.titre, zone)
            assert (zone.valeur.nombre is not None) is (sure == "point"), (dessinee.titre, zone)
            assert (zone.classe is not None) is (sure == "point" and not dessinee.reperes), zone
            assert (hachee(dessinee, zone) == "incertain") is (sure in ("intervalle", "trop_peu")), zone
            if zone.classe is not None:
                assert zone.classe == bisect(bornes, zone.valeur.nombre), (dessinee.titre, zone)
            vues.add(sure)
    assert "point" in vues and vues & {"intervalle", "trop_peu"}


def test_the_outlines_of_a_departement_have_the_borders_of_its_epci(compose: Composer) -> None:
    """And say which communes are the most peopled; those of one EPCI have no border but their own."""
    drome = compose("departement:26").contours
    assert drome is not None and len(drome.epci) >= 10
    points = {p for anneaux in drome.communes.values() for anneau in anneaux for p in anneau}
    assert {p for anneau in drome.epci for p in anneau} <= points
    assert set(drome.principales) == set(drome.communes)
    assert drome.principales[0] == "26362"
    seul = compose("epci:200068229").contours
    assert seul is not None and not seul.epci


@pytest.mark.parametrize("territoire_id", TERRITOIRES)
def test_two_dots_are_no_map(compose: Composer, territoire_id: str) -> None:
    """The list of structures names their communes."""
    for une in (e for e in elements_de(compose(territoire_id).sections) if isinstance(e, Carte)):
        assert not une.reperes or sum(bool(z.valeur.nombre) for z in une.zones) >= 3, une.titre


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


def test_a_rate_and_a_duration_have_their_unit(document: Document) -> None:
    """64,3 among percents is read as one, and a convention of 4 is of nothing."""
    notes = {n for e in elements_de(document.sections) if isinstance(e, Tableau) for n in e.notes}
    assert "En places pour 100 enfants\u00a0: Taux de couverture petite enfance." in notes
    assert [n for n in notes if n.startswith("En ans\u00a0: Durée initiale de la première CTG, ")]
    assert not [n for n in notes if n.startswith("En points")]


def test_the_plan_of_the_convention_is_said_in_words(document: Document) -> None:
    (operations,) = (
        e
        for e in elements_de(document.sections)
        if isinstance(e, Tableau) and e.titre.startswith("Le schéma de maintien")
    )
    assert {ligne[3].texte for ligne in operations.lignes} == {"PSU", "Paje", ""}
    dits = list(textes(document))
    assert [t for t in dits if t.endswith("(axes 2, 3 et 4)")]
    assert [t for t in dits if t.startswith("Le rang va de la valeur la plus élevée")]
    assert [t for t in dits if t.startswith("Favorable, défavorable")]


def test_a_finding_that_the_series_contradicts_is_marked_with_its_figures(document: Document) -> None:
    """57.2 is without a year in the plan, and 64.3 is the newest figure: a reader gets both."""
    (section,) = (s for s in document.sections if s.identifiant == "petite-enfance")
    (focus,) = (e for e in section.elements if isinstance(e, Liste) and e.titre == "Focus sur l'évaluation")
    assert [p.texte.split(" [")[1:] for p in focus.points if "57,2" in p.texte] == [
        ["Taux de couverture petite enfance dans cette publication\u00a0: 46,2 en 2019, 64,3 en 2023]"]
    ]
    assert sum("[" in p.texte for p in focus.points) == 1


def test_what_the_plan_says_of_every_theme_and_of_its_making_is_there(document: Document) -> None:
    """The nine statements under their headings; a step has its day, and no state that time undoes."""
    listes = {e.titre: e for e in elements_de(document.sections) if isinstance(e, Liste)}
    synthese = listes["Synthèse de l'évaluation"].points
    assert [len(p.sous) for p in synthese] == [2, 3, 1, 2, 1]
    dits = [*points(listes["La démarche"].points)]
    assert "1er janvier 2025\u00a0: Début de la deuxième convention" in dits
    assert not [d for d in dits if "à venir" in d]


def test_what_opens_after_the_plan_is_to_come_and_an_ended_convention_is_not_in_force(
    document: Document,
) -> None:
    """The plan is of 2024: it cannot know what opened in 2025. The first convention ended that year."""
    tables = {e.titre: e for e in elements_de(document.sections) if isinstance(e, Tableau)}
    places = tables["Les places du schéma, année par année"]
    ouvertes = [c.titre for c in places.colonnes].index("Ouvertes")
    assert {ligne[ouvertes].texte for ligne in places.lignes} == {"à venir"}
    conventions = [[c.texte for c in ligne] for ligne in tables["Les conventions du territoire"].lignes]
    assert [ligne[:3] for ligne in conventions] == [
        ["V1", "terminée en 2024", "en vigueur"],
        ["V2", "projet", "projet"],
    ]


def test_a_comment_stands_where_its_author_asked(marts: Marts) -> None:
    """Before the section, after it or as a note; of this territory alone. An empty section still says why."""

    def ecrit(section: str, place: str, texte: str, territoire_id: str = "commune:26220") -> Commentaire:
        jour = date(2026, 3, 3)
        return Commentaire(
            territoire_id, section, place, texte, "Coordination", jour, None, territoire_id, None, None
        )

    nus = {s.identifiant: s for s in composer(marts, "commune:26220").sections}
    ecrits = (
        ecrit("acces_droits", "note", "sous"),
        ecrit("acces_droits", "après", "après"),
        ecrit("acces_droits", "avant", "avant"),
        ecrit("sppe", "avant", "ailleurs", "commune:26063"),
        ecrit("gouvernance", "avant", "seul"),
    )
    notes = composer(marts, "commune:26220", Options(commentaires=ecrits)).sections
    lus = {s.identifiant: [getattr(e, "texte", e) for e in s.elements] for s in notes}
    signe = "Note de l'auteur — Coordination, 3 mars 2026\u00a0: "
    assert lus["acces-droits"] == [
        *(f"{signe}avant", *(getattr(e, "texte", e) for e in nus["acces-droits"].elements)),
        *(f"{signe}après", f"{signe}sous"),
    ]
    assert lus["sppe"] == [getattr(e, "texte", e) for e in nus["sppe"].elements]
    assert lus["gouvernance"][0] == f"{signe}seul"


def test_a_comment_is_in_the_view_of_its_section_too(marts: Marts, document: Document) -> None:
    """Before and after in its columns, a note among those of who speaks; else in one of its own."""
    jour = date(2026, 3, 3)

    def ecrit(section: str, place: str, texte: str) -> Commentaire:
        return Commentaire(CTG, section, place, texte, "Coordination", jour, None, CTG, None, None)

    ecrits = (
        ecrit("logement", "avant", "un"),
        ecrit("logement", "après", "deux"),
        ecrit("logement", "note", "trois"),
        ecrit("essentiel", "après", "quatre"),
    )
    nues = {vue.identifiant: vue for vue in document.presentation}
    vues = {v.identifiant: v for v in composer(marts, CTG, Options(commentaires=ecrits)).presentation}
    # Tiles leave no room: what is said of them follows.
    suite = [*nues]
    suite.insert(suite.index("chiffres-cles") + 1, "chiffres-cles-commentaires")
    assert [*vues] == suite
    colonnes = vues["logement"].colonnes
    assert getattr(colonnes[0][0], "texte", "").endswith("un")
    assert getattr(colonnes[-1][-1], "texte", "").endswith("deux")
    assert colonnes[0][1:] == nues["logement"].colonnes[0]
    assert vues["logement"].notes[:-1] == nues["logement"].notes
    assert vues["logement"].notes[-1].endswith("trois")
    assert [getattr(e, "texte", "")[-6:] for c in vues["chiffres-cles-commentaires"].colonnes for e in c] == [
        "quatre"
    ]
    # The views of a commune of few inhabitants are few.
    seul = Commentaire(
        "commune:26063", "sppe", "note", "cinq", "Qui", jour, None, "commune:26063", None, None
    )
    *_, derniere = composer(marts, "commune:26063", Options(commentaires=(seul,))).presentation
    assert derniere.identifiant == "commentaires"


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
def test_a_chart_has_something_to_show(compose: Composer, territoire_id: str) -> None:
    """Two bars are a sentence, two years are an evolution, one class is no map."""
    for element in elements_de(compose(territoire_id).sections):
        if isinstance(element, Comparaison):
            assert sum(b.valeur.nombre is not None for b in element.barres) >= 3
        elif isinstance(element, Serie):
            assert len(element.annees) >= 3
        elif isinstance(element, Carte):
            assert len(element.classes) >= 2 or element.reperes


@pytest.mark.parametrize("territoire_id", TERRITOIRES)
def test_a_count_is_mapped_by_circles_and_a_rate_by_classes(
    compose: Composer, marts: Marts, territoire_id: str
) -> None:
    """Shaded, a count would say how wide communes are."""
    lu = compose(territoire_id)
    cartes = cartes_d_indicateurs(lu)
    for une in [*cartes, *([lu.carte] if lu.carte else [])]:
        indicateur = marts.indicateurs[une.identifiant.removeprefix("carte-").replace("-", "_")]
        montres = [z.valeur.nombre for z in une.zones if z.valeur.nombre is not None]
        assert bool(une.classes) == indicateur.comparable != bool(une.reperes)
        if une.reperes:
            ronds = [c.nombre for c in une.reperes]
            assert None not in ronds and ronds == sorted(ronds, reverse=True)  # type: ignore[type-var]
            assert min(n for n in montres if n) <= ronds[-1] <= ronds[0] <= max(montres)  # type: ignore[operator]
            assert all(z.classe is None for z in une.zones)


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
        (pair,) = (
            e
            for e in ctx.evolutions[indicateur.indicateur_id]
            if (e["millesime_debut"], e["millesime_fin"]) == (debut, fin)
        )
        assert pair["statut"] not in (*MUETS, "refusee")
        reserves = ctx.reserves_du_temps.get(indicateur.indicateur_id, [])
        assert not [
            a for a in (*(r.annee for r in serie.ruptures), *(a for a, _ in reserves)) if debut < a <= fin
        ]
        # The year that the table of the theme says the evolution from.
        assert pair == ctx.evolution(indicateur.indicateur_id)


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
            assert dites == [True, False, False, False]
        else:
            assert dites == [False, *[annee >= projet.projection] * 3]
    vides = [str(a) for a in range(observe.annees[-1] + 1, projet.projection)]
    assert vides and f"Ni taux observé ni année du schéma\u00a0: {', '.join(vides)}." in projet.notes[0]
    assert [li.libelle for li in suites] == [
        "Toutes les ouvertures, enfants constants",
        "Toutes les ouvertures, enfants selon la tendance",
        "Sans les places privées, enfants constants",
    ]
    constants, tendance = (li.valeurs[-1] for li in suites[:2])
    assert constants and tendance and constants.nombre and tendance.nombre
    # 460 children in 2017 and 400 in 2022, six more years at that pace.
    assert tendance.nombre == pytest.approx(constants.nombre * (460 / 400) ** (6 / 5), abs=0.1)
    assert "−13,0" in projet.notes[1] and "de 2017 à 2022" in projet.notes[1]


def test_children_alone_are_held_constant_where_no_evolution_of_theirs_is_read(
    base: Path, tmp_path: Path
) -> None:
    """No line is drawn of a trend that nobody can read, and the chart says so."""
    copie = Path(shutil.copy(base, tmp_path / "ctg.duckdb"))
    copie.chmod(0o644)
    with duckdb.connect(str(copie)) as con:
        con.execute(
            "update marts.mart_sppe_schema set tendance = null, taux_tendance = null,"
            " taux_tendance_borne_basse = null, taux_tendance_borne_haute = null,"
            " taux_tendance_statut = 'non_disponible'"
        )
    with ouvrir(copie) as marts:
        (projet,) = (e for e in elements_de(composer(marts, CTG).sections) if getattr(e, "projection", None))
    assert isinstance(projet, Serie)
    assert not [li for li in projet.lignes if "tendance" in li.libelle]
    assert [n for n in projet.notes if "aucune évolution" in n]


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


@pytest.mark.parametrize("territoire_id", TERRITOIRES)
def test_what_is_read_holds_no_id_of_a_source(marts: Marts, compose: Composer, territoire_id: str) -> None:
    """Ids stand in the column of the annexes that is made for them."""
    ids = re.compile(rf"\b({'|'.join(marts.sources)})\b")
    for element in elements_de(compose(territoire_id).sections):
        assert not [n for n in getattr(element, "notes", ()) if ids.search(n)]
        if isinstance(element, Serie):
            assert not [r for r in element.ruptures if ids.search(r.libelle)]
        if isinstance(element, Tableau):
            rang = next((n for n, c in enumerate(element.colonnes) if c.titre == "Identifiant"), None)
            for ligne in element.lignes:
                assert not [c for n, c in enumerate(ligne) if n != rang and ids.search(c.texte)]


@pytest.mark.parametrize("territoire_id", TERRITOIRES)
def test_no_line_cuts_a_number_nor_begins_with_a_sign(compose: Composer, territoire_id: str) -> None:
    for texte in textes(compose(territoire_id)):
        assert not re.search(r" [:;?!%€»](\W|$)|« |\d \d{3}\b", texte), texte


def test_what_french_sets_apart_stays_on_its_line() -> None:
    assert insecable("15 000 à 30 000 habitants en 2022") == "15\u00a0000 à 30\u00a0000 habitants en 2022"
    assert insecable("Part : 12 %, « oui » ; bon ?") == (
        "Part\u00a0: 12\u00a0%, «\u00a0oui\u00a0»\u00a0; bon\u00a0?"
    )
    assert insecable("https://a.fr :8080") == "https://a.fr :8080"


def test_a_rank_is_written_as_french_does() -> None:
    assert [ordinal(n) for n in (1, 2, 11)] == ["1\u02b3\u1d49", "2\u1d49", "11\u1d49"]


@pytest.mark.parametrize(
    "identifiant", ["ctg:../../etc", "ctg:a b", "ctg:a/b", "ctg:", "ctg:a\x00", "/tmp/x"]
)
def test_an_id_that_could_be_a_path_names_no_file(document: Document, identifiant: str) -> None:
    assert nom_de_fichier(document, "pdf") == "portrait-ctg-baronnies-2025.pdf"
    with pytest.raises(ErreurPublication, match="ne peut nommer un fichier"):
        nom_de_fichier(dataclasses.replace(document, territoire_id=identifiant), "pdf")
