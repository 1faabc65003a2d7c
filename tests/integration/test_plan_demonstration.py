"""The plan of the demonstration, as readers get it: the convention, what its authors say, their comments."""

import csv
import html
import io
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
from commande import DEMONSTRATION, Observatoire

from ingestion.contrats import charger_contrats
from tests.publication.portraits import lecture_pdf
from tests.publication.portraits.parcours import archives

EPCI = "epci:200068229"
PARTIES = "Caf de la Drôme ; CC des Baronnies en Drôme provençale"


def test_the_follow_up_of_the_baronnies_has_a_start_and_a_latest_figure(demonstration: Observatoire) -> None:
    """94 places and 46.2 % in 2019, as stated, beside the latest figures; no target is stated."""
    suivi = demonstration.requete(
        "select indicateur_id, valeur_depart, periode_depart, valeur, millesime, cible, echeance, motif_code "
        "from mart_ctg_suivi where convention_id = 'baronnies-2025' and indicateur_id is not null order by 1"
    )
    sans_cible = (None, None, "cible_non_enoncee")
    assert suivi == [
        ("nb_places_eaje", 94.0, 2019, 118.0, 2024, *sans_cible),
        ("taux_couverture_petite_enfance", 46.2, 2019, 64.3, 2023, *sans_cible),
    ]


def test_a_convention_is_told_as_its_documents_state_it(demonstration: Observatoire) -> None:
    """The second one is read from the first year of the one it follows, which was evaluated."""
    assert demonstration.requete(
        "select convention_id, ctg_id, territoire_id, annee_debut, annee_fin, duree_prolongation, "
        "annee_base, signataires from ctg_conventions order by annee_debut"
    ) == [
        ("baronnies-2019", "ctg:baronnies-2019", EPCI, 2019, 2024, 1, 2019, PARTIES),
        (
            "demonstration-2023",
            "ctg:demonstration-2023",
            "ctg:demonstration-2023",
            2023,
            2027,
            None,
            2023,
            None,
        ),
        ("baronnies-2025", "ctg:baronnies-2025", EPCI, 2025, 2029, None, 2019, PARTIES),
    ]
    axes = demonstration.requete(
        "select theme, axe_numero, list(numero order by numero) from ctg_orientations "
        "where convention_id = 'baronnies-2025' group by all"
    )
    assert len(axes) == 20 and sum(len(numeros) for _, _, numeros in axes) == 67
    assert all(numeros == [*range(1, len(numeros) + 1)] for _, _, numeros in axes)
    assert demonstration.requete(
        "select sum(places) filter (annee_fin = 2025 and initiative is distinct from 'privée'), "
        "sum(places) filter (nature = 'maintien'), "
        "list(commune order by commune) filter (commune is not null) "
        "from ctg_calendrier where convention_id = 'baronnies-2025'"
    ) == [
        (
            *(9, 118),
            ["Buis-les-Baronnies", "Montbrun-les-Bains", "Saint-Maurice-sur-Eygues", "Séderon"],
        )
    ]
    assert demonstration.requete(
        "select type, frequence_annuelle from ctg_instances "
        "where convention_id = 'baronnies-2019' and theme is null order by 2"
    ) == [("comité de pilotage", 2), ("comité technique", 4)]
    assert demonstration.requete("select convention_id, tenue from ctg_reunions order by jour") == [
        ("demonstration-2023", True),
        ("demonstration-2023", False),
    ]
    assert demonstration.requete("select list(mission_id order by ordre) from ctg_missions_sppe") == [
        (["recenser", "informer", "planifier", "soutenir_qualite"],)
    ]
    assert demonstration.requete(
        "select count(*) from ctg_constats where theme = 'petite_enfance' and texte like '%24 places%'"
    ) == [(1,)]
    assert demonstration.requete(
        "select count(*), count(rubrique) from ctg_constats where theme is null"
    ) == [(9, 9)]
    assert demonstration.requete(
        "select nature, count(*) from ctg_demarche group by all order by min(ordre)"
    ) == [("sens", 3), ("contexte", 2), ("étape", 6), ("décision", 2), ("suite", 1)]


def test_a_remark_between_authors_is_in_nothing_that_readers_get(demonstration: Observatoire) -> None:
    """No text of a `remarque_interne` is in a table or a page; what it is about is in all of them."""
    plan = DEMONSTRATION / "miroir" / "ctg" / "plan_actions" / "2024"
    tables = [
        csv.DictReader(io.StringIO(f.read_text(encoding="utf-8-sig")), delimiter=";")
        for f in plan.glob("*.csv")
    ]
    remarques = {
        r for t in tables for ligne in t if (r := ligne.get("remarque_interne", "nd")) not in ("nd", "")
    }
    assert remarques == {"mot du document à confirmer"}
    remarques |= {"à confirmer", "absente du document"}
    imprimes = 0
    for nom, texte in _textes(demonstration.courante):
        assert not [r for r in remarques if r in texte], nom
        if "portrait-ctg-baronnies-2025" in nom or nom == "ctg_orientations":
            imprimes += "repérer l'habitat indécent" in re.sub(r"\s+", " ", html.unescape(texte))
    assert imprimes >= 5


def test_the_author_of_a_plan_is_told_what_it_says_that_is_not_so(demonstration: Observatoire) -> None:
    """The convention that ended, the day and the year that passed; remarks, here alone."""
    vu = demonstration.ctg("plan", "check")
    assert vu.code == 3, vu.erreurs
    blocs = dict(bloc.split("\n", 1) for bloc in vu.sortie.split("\n\n") if "\n" in bloc)
    assert {"conventions, ligne 2", "demarche, ligne 10", "calendrier, ligne 5"} <= {*blocs}
    # « passé de 46,2 à 57,2 » is the release's own figure of 2022.
    assert "constats, ligne 16" not in blocs
    assert "elle a pris fin le 31 décembre 2024" in blocs["conventions, ligne 2"]
    assert "orientations, ligne 58 : mot du document à confirmer" in vu.sortie


def test_a_comment_is_printed_in_the_four_forms_with_what_its_figure_became(
    demonstration: Observatoire,
) -> None:
    """The plan of the invented convention quotes 200 places; the release has 211."""
    dits: dict[str, str] = {}
    for nom, texte in _textes(demonstration.courante):
        if nom.startswith("portrait-ctg-demonstration-2023"):
            forme = nom.split(".")[1].split(" ")[0]
            dits[forme] = dits.get(forme, "") + re.sub(r"\s+", " ", html.unescape(texte))
    assert {*dits} == {"html", "pdf", "pptx", "xlsx"}
    for forme, texte in dits.items():
        assert "Note de l'auteur — Auteur inventé, 17 décembre 2024" in texte, forme
        assert "211 dans cette publication (cité : 200)" in texte, forme


def test_an_edited_portrait_is_left_as_it_is_unless_asked(
    demonstration: Observatoire, tmp_path: Path
) -> None:
    """The name says the options; a file that somebody changed is overwritten by --remplacer alone."""
    demande = ("portrait", "epci:200068229", "--depuis", "2017", "--sortie", str(tmp_path))
    fichier = tmp_path / "portrait-epci-200068229-depuis-2017.html"
    assert demonstration.ctg(*demande).code == 0
    fait = fichier.read_bytes()
    assert demonstration.ctg(*demande).code == 0
    fichier.write_bytes(b"retouche")
    refus = demonstration.ctg(*demande)
    assert (refus.code, fichier.read_bytes()) == (1, b"retouche")
    assert "--remplacer" in refus.erreurs
    assert demonstration.ctg(*demande, "--remplacer").code == 0
    assert fichier.read_bytes() == fait


def test_comments_of_a_file_are_printed_or_refused_with_their_place(
    demonstration: Observatoire, tmp_path: Path
) -> None:
    """They take the place of those of the plan; a moved figure is told; a wrong cell is named."""
    table = tmp_path / "commentaires.csv"
    colonnes = charger_contrats()["ctg_plan_actions"].ressources["commentaires"].columns
    ligne = ["ctg:baronnies-2025", "1", "sppe", "après", "Un an de retard", "Coordination", "2026-03-03"]
    cite = ["taux_couverture_petite_enfance", "nd", "2023", "57,2", "nd"]
    demande = ("portrait", "ctg:baronnies-2025", "--commentaires", str(table), "--sortie", str(tmp_path))

    def ecrire(*cellules: str) -> None:
        table.write_text("\n".join(";".join(x) for x in (colonnes, cellules)), "utf-8")

    ecrire(*ligne, *cite)
    fait = demonstration.ctg(*demande)
    assert fait.code == 0 and "64,3 dans cette publication (cité : 57,2)" in fait.erreurs
    page = (tmp_path / "portrait-ctg-baronnies-2025-commente.html").read_text("utf-8")
    assert "Un an de retard" in page
    ecrire(*ligne[:2], "sommaire", *ligne[3:], *cite)
    refus = demonstration.ctg(*demande)
    assert refus.code == 1 and "column section (section), line 2" in refus.erreurs


def _textes(release: Path) -> Iterator[tuple[str, str]]:
    """The texts of a release by table, by file and, of the forms that are archives, by member."""
    with duckdb.connect(str(release / "ctg.duckdb"), read_only=True) as con:
        for table, colonne in con.execute(
            "select table_name, column_name from duckdb_columns()"
            " where schema_name = 'marts' and data_type = 'VARCHAR'"
        ).fetchall():
            yield table, str(con.execute(f"select distinct {colonne} from marts.{table}").fetchall())
    for fichier in release.rglob("*"):
        match fichier.suffix:
            case ".html" | ".json" | ".md" | ".jsonld":
                yield fichier.name, fichier.read_text("utf-8")
            case ".pdf":
                yield fichier.name, lecture_pdf.texte(fichier.read_bytes())
            case ".pptx" | ".xlsx":
                for membre, octets in archives(fichier.read_bytes(), fichier.name):
                    yield f"{fichier.name} {membre}", octets.decode("utf-8", "replace")
