"""The evaluation of a convention as a document, of the night of the demonstration."""

import shutil
from pathlib import Path
from statistics import median

import docx
import duckdb
from commande import Observatoire

from publication.lecture.marts import Marts, ouvrir
from publication.portraits.contenu import composer_evaluation
from publication.portraits.modele import Document, Tableau
from socle.affichage import afficher_relative
from tests.publication.portraits import parcours

CONVENTION, EPCI = "ctg:baronnies-2025", "epci:200068229"
FOYERS = "Foyers allocataires"


def tableaux(document: Document, debut: str) -> list[Tableau]:
    elements = parcours.elements_de(document.sections)
    return [e for e in elements if isinstance(e, Tableau) and e.titre.startswith(debut)]


def lignes(tableau: Tableau) -> list[dict[str, str]]:
    titres = [c.titre for c in tableau.colonnes]
    return [dict(zip(titres, [c.texte for c in ligne], strict=True)) for ligne in tableau.lignes]


def test_before_and_after_stand_beside_the_median_of_the_peers(marts: Marts) -> None:
    document = composer_evaluation(marts, CONVENTION)
    avant_apres = [ligne for t in tableaux(document, "Avant et après") for ligne in lignes(t)]
    (foyers,) = [ligne for ligne in avant_apres if ligne["Indicateur"] == FOYERS]
    evolutions = [
        relative
        for (relative,) in marts.con.execute(
            "select e.evolution_relative from marts.mart_evolutions as e"
            " inner join marts.pairs_territoires as p on e.territoire_id = p.territoire_id"
            " inner join marts.pairs_territoires as moi on p.groupe_id = moi.groupe_id"
            " where moi.est_le_sien and moi.territoire_id = ? and p.territoire_id <> moi.territoire_id"
            " and e.indicateur_id = 'nb_foyers_allocataires' and e.lisibilite = 'point'"
            " and e.statut in ('observe', 'arrondi', 'partiel')"
            " and e.millesime_debut = ? and e.millesime_fin = ?",
            [EPCI, int(foyers["De"]), int(foyers["À"])],
        ).fetchall()
    ]
    assert len(evolutions) > 1
    dite = f"{afficher_relative(median(evolutions))} ({len(evolutions)})"
    assert foyers["Médiane des pairs"].replace("\xa0", " ") == dite.replace("\xa0", " ")


def test_each_theme_has_its_axes_its_findings_and_what_moved(marts: Marts) -> None:
    document = composer_evaluation(marts, CONVENTION)
    assert [s.identifiant for s in document.sections][:3] == ["constats", "cibles", "portrait-social"]
    assert document.sections[-1].identifiant == "lire" and document.bandeau is not None
    (petite_enfance,) = [s for s in document.sections if s.identifiant == "petite-enfance"]
    titres = [getattr(e, "titre", "") for e in petite_enfance.elements]
    assert titres == ["Axes de la convention", "Focus sur l'évaluation", "Avant et après"]
    lus = [s.identifiant for s in document.sections if s.theme or s.identifiant == "gouvernance"]
    assert "gouvernance" not in lus, "what a plan states did not move"


def test_what_was_published_then_stands_beside_what_is_read_today(
    demonstration: Observatoire, marts: Marts, tmp_path: Path
) -> None:
    """A figure that its producer revised since shows: 3 100 then, another today for the same year."""
    alors = tmp_path / "alors.duckdb"
    shutil.copyfile(demonstration.courante / "ctg.duckdb", alors)
    with duckdb.connect(str(alors)) as con:
        con.execute(
            "update marts.mart_derniers_chiffres set valeur_affichee = '3 100', millesime = 2020"
            f" where indicateur_id = 'nb_foyers_allocataires' and territoire_id = '{CONVENTION}'"
        )
    with ouvrir(alors) as depart:
        (table,) = tableaux(composer_evaluation(marts, CONVENTION, depart), "Ce que l'on savait")
    (foyers,) = [ligne for ligne in lignes(table) if ligne["Indicateur"] == FOYERS]
    ((relu,),) = marts.con.execute(
        "select valeur_affichee from marts.fct_indicateurs where indicateur_id = 'nb_foyers_allocataires'"
        f" and territoire_id = '{EPCI}' and millesime = 2020"
    ).fetchall()
    assert (foyers["Année"], foyers["Publié alors"].replace("\xa0", " ")) == ("2020", "3 100")
    assert foyers["Relu aujourd'hui"] == relu
    assert not tableaux(composer_evaluation(marts, CONVENTION), "Ce que l'on savait")


def test_the_command_writes_it_and_refuses_a_territory_without_a_convention(
    demonstration: Observatoire, tmp_path: Path
) -> None:
    fait = demonstration.ctg("evaluation", CONVENTION, "--sortie", str(tmp_path))
    assert fait.code == 0, fait.erreurs
    lu = docx.Document(str(tmp_path / "evaluation-ctg-baronnies-2025.docx"))
    textes = [p.text for p in lu.paragraphs]
    assert textes[0] == "Dossier d'évaluation de la convention territoriale globale"
    assert any("n'est pas un effet" in texte for texte in textes)
    sans = demonstration.ctg("evaluation", "commune:26220", "--sortie", str(tmp_path))
    assert sans.code == 1 and "Aucune convention" in sans.erreurs
