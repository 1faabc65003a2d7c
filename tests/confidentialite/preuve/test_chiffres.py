"""Printed figures beside the release: each way of showing another is refused, and told without a value."""

import io
import json
import time
import zipfile
from html import escape
from pathlib import Path

import duckdb
import openpyxl
import pytest

from confidentialite.preuve.balayage import balayer
from confidentialite.preuve.chiffres import Releve

SECRET = "nb_rsa|commune:26220|2022"
LIGNES = (
    # reference, statut, valeur, valeur_texte
    (SECRET, "secret", None, None),
    ("nb_rsa|commune:26063|2022", "observe", 1250.0, None),
    ("part_rsa|epci:1|2022", "arrondi", 31.45, None),
    ("evolution|epci:1|2022", "observe", -4.25, None),
    ("nb_foyers|epci:1|2022", "partiel", 3250.0, None),
    ("cout|epci:1|2022", "non_disponible", None, None),
    ("avip|epci:1|2022", "sans_objet", None, None),
    ("classement|epci:1|2022", "observe", None, "oui"),
    ("signature|ctg:a|2025", "observe", None, "2025-01-01"),
    ("periode|ctg:a|2025", "observe", None, "2025-2029"),
)
JUSTES = {
    SECRET: "s",
    "nb_rsa|commune:26063|2022": "1\u202f250",
    "part_rsa|epci:1|2022": "31,5\u202f%",
    "evolution|epci:1|2022": "−4,3\u202f%",
    "nb_foyers|epci:1|2022": "3\u202f250",
    "cout|epci:1|2022": "nd",
    "avip|epci:1|2022": "na",
    "classement|epci:1|2022": "oui",
    "signature|ctg:a|2025": "1er janvier 2025",
    "periode|ctg:a|2025": "2025-2029",
    "jamais_recu|epci:1|2022": "nd",
}


@pytest.fixture
def dossier(tmp_path: Path) -> Path:
    """A release that holds these figures, and a folder for its pages."""
    for nom in ("parquet", "site"):
        (tmp_path / nom).mkdir()
    with duckdb.connect() as con:
        con.execute(
            "create table f (indicateur_id varchar, territoire_id varchar, millesime integer, statut varchar,"
            " valeur double, valeur_texte varchar)"
        )
        for reference, statut, valeur, texte in LIGNES:
            con.execute(
                "insert into f values (?, ?, ?, ?, ?, ?)", [*reference.split("|"), statut, valeur, texte]
            )
        con.execute(f"copy f to '{tmp_path}/parquet/fct_indicateurs.parquet'")
    return tmp_path


def page(dossier: Path, corps: str, nom: str = "page.html") -> list[tuple[str, str, str]]:
    """What is found in a page."""
    (dossier / "site" / nom).write_text(f"<!doctype html><html lang='fr'><body>{corps}</body></html>")
    return [(t.fichier, t.table, t.motif) for t in balayer(dossier)]


def cellule(reference: str, texte: str, attributs: str = "", balise: str = "td") -> str:
    return f'<{balise} class="n" data-chiffre="{escape(reference)}" {attributs}>{texte}</{balise}>'


def classeur(dossier: Path, entetes: list[str], *lignes: list[object]) -> list[tuple[str, str, str]]:
    """What is found in a workbook, and in the same one within a deck."""
    livre = openpyxl.Workbook()
    livre.active.append(["Accueil", 12])
    feuille = livre.create_sheet("Chiffres")
    feuille.append(["Démonstration : chiffres inventés"])
    feuille.append(entetes)
    for ligne in lignes:
        feuille.append(ligne)
    tampon = io.BytesIO()
    livre.save(tampon)
    (dossier / "site" / "portrait.xlsx").write_bytes(tampon.getvalue())
    with zipfile.ZipFile(dossier / "site" / "portrait.pptx", "w") as deck:
        deck.writestr("ppt/embeddings/a.xlsx", tampon.getvalue())
    return [(t.fichier, t.table, t.motif) for t in balayer(dossier)]


def test_the_release_s_own_figures_pass_however_they_are_dressed(dossier: Path) -> None:
    simples = "".join(cellule(r, t) for r, t in JUSTES.items())
    habilles = (
        cellule(
            SECRET, '<abbr title="secret statistique">s</abbr>', 'data-statut="secret" data-millesime="2022"'
        )
        + cellule(SECRET, "<span>s</span> <span class='cache'>secret statistique</span>", balise="span")
        + cellule("part_rsa|epci:1|2022", "<i>◆</i>&nbsp;31,45&#8239;% <small>entre 31,2 et 31,6</small>")
        + cellule(
            "nb_foyers|epci:1|2022", "3&#x202f;250 foyers, pour 10\u202f000 habitants", 'data-valeur="3250"'
        )
        + cellule("nb_rsa|commune:26063|2022", "1\u202f250", 'data-statut="observe" title="1 250 foyers"')
        + cellule("cout|epci:1|2022", "nd", 'title="2022, non disponible"')
        + f"<svg><text data-chiffre='{SECRET}'>s</text><path data-chiffre='{SECRET}' d='M0 3L5 9'/></svg>"
    )
    script = "<script>document.querySelectorAll('[data-chiffre]')</script><style>[data-chiffre]{x:3}</style>"
    assert page(dossier, simples + habilles + script) == []


def index(*series: str) -> str:
    """The index of a page that numbers its references: its series, and two territories."""
    dit = {"series": series, "territoires": {"commune:26063": "Nyons", "epci:1": "CC <1>"}, "autres": {}}
    lu = json.dumps(dit).replace("<", "\\u003c")
    return f'<script type="application/json" id="index-chiffres">{lu}</script>'


def test_a_number_is_the_reference_that_the_page_gives_it(dossier: Path) -> None:
    numerotees = index("nb_rsa|2022", "part_rsa|2022")
    assert page(dossier, cellule("0.0", "1\u202f250") + cellule("1.1", "31,45 %") + numerotees) == []
    (ecart,) = page(dossier, numerotees + cellule("1.1", "31,6 %"))
    assert ecart[1] == "part_rsa|epci:1|2022" and "does not print the release's figure" in ecart[2]


@pytest.mark.parametrize(
    "corps",
    [
        cellule("0.2", "3") + index("nb_rsa|2022"),
        cellule("1.0", "3") + index("nb_rsa|2022"),
        cellule("0.0", "3"),
        cellule("0.0", "3") + '<script type="application/json" id="index-chiffres">[1]</script>',
        # What a browser reads of two is not what another program does.
        cellule("0.0", "1\u202f250") + index("nb_rsa|2022") + index("part_rsa|2022"),
    ],
)
def test_a_number_without_a_reference_is_refused(dossier: Path, corps: str) -> None:
    (ecart,) = page(dossier, corps)
    assert "is a number that the page does not give a series and a territory to" in ecart[2]


@pytest.mark.parametrize(
    ("corps", "motif"),
    [
        (cellule(SECRET, "3"), "does not print `s`"),
        (cellule(SECRET, "0"), "does not print `s`"),
        (cellule(SECRET, "nd"), "does not print `s`"),
        (cellule(SECRET, "s (3)"), "does not print `s`"),
        (cellule(SECRET, "s<span hidden>3</span>"), "does not print `s`"),
        (cellule(SECRET, "<span>s</span><span>3</span>", balise="span"), "does not print `s`"),
        (cellule(SECRET, "s&#51;"), "does not print `s`"),
        (cellule(SECRET, "s", 'data-tri="3"'), "carries a number in data-tri"),
        (cellule(SECRET, "s", 'aria-label="3 foyers"'), "carries a number in aria-label"),
        (cellule(SECRET, "s", 'title="&#51;"'), "carries a number in title"),
        (f'<rect data-chiffre="{SECRET}" aria-valuenow="3"/>', "carries a number in aria-valuenow"),
        (f"<svg><text data-chiffre='{SECRET}'>3</text></svg>", "does not print `s`"),
        (cellule("cout|epci:1|2022", "0"), "does not print `nd`"),
        (cellule("jamais_recu|epci:1|2022", "12"), "does not print `nd` or `na`"),
        (cellule("nb_rsa|commune:99999|2022", "3"), "does not print `nd` or `na`"),
        (cellule("n'importe quoi", "3"), "does not print `nd` or `na`"),
        (cellule("nb_rsa|commune:26063|2022", "1\u202f251"), "does not print the release's figure"),
        (cellule("nb_rsa|commune:26063|2022", "s"), "does not print the release's figure"),
        (cellule("part_rsa|epci:1|2022", "31,6\u202f%"), "does not print the release's figure"),
        (cellule("evolution|epci:1|2022", "4,3\u202f%"), "does not print the release's figure"),
        (cellule("signature|ctg:a|2025", "1er février 2025"), "does not print the release's figure"),
        (cellule("classement|epci:1|2022", "non"), "does not print the release's figure"),
        (cellule("nb_rsa|commune:26063|2022", "1\u202f250", 'data-statut="arrondi"'), "is said arrondi"),
        (cellule(SECRET, "s", 'data-statut="observe"'), "is said observe where the release says secret"),
        (f'<p data-chiffre="{SECRET}">' + "s" * 9000 + "</p>", "stands in an element that does not end"),
    ],
)
def test_another_figure_than_the_release_s_is_refused_and_not_told(
    dossier: Path, corps: str, motif: str
) -> None:
    ((fichier, reference, trouve),) = page(dossier, corps)
    assert fichier == "site/page.html" and escape(reference) in corps and trouve.startswith(motif)
    assert not any(valeur in trouve for valeur in ("3", "1\u202f251", "31,", "12"))
    assert "make the file again" in trouve or ": " in trouve


def test_a_page_within_an_archive_is_read_too(dossier: Path) -> None:
    with zipfile.ZipFile(dossier / "site" / "lot.zip", "w", zipfile.ZIP_DEFLATED) as lot:
        lot.writestr("tout/page.html", cellule(SECRET, "3"))
    (trouve,) = balayer(dossier)
    assert (trouve.fichier, trouve.table) == ("site/lot.zip/tout/page.html", SECRET)


ENTETES = ["Référence", "Millésime", "Valeur", "Valeur affichée", "Statut"]


def test_a_workbook_s_list_of_figures_is_the_release_s(dossier: Path) -> None:
    lignes = [
        [SECRET, 2022, None, "s", "secret statistique"],
        ["part_rsa|epci:1|2022", 2022, 31.5, "31,5\u202f%", "arrondi"],
        ["nb_rsa|commune:26063|2022", 2022, 1250, "1\u202f250", "observé"],
        ["evolution|epci:1|2022", 2022, -4.3, "−4,3\u202f%", "observe"],
        ["cout|epci:1|2022", 2022, "nd", "nd", "non disponible"],
    ]
    assert classeur(dossier, ENTETES, *lignes) == []


@pytest.mark.parametrize(
    ("ligne", "motif"),
    [
        ([SECRET, 2022, None, "3", "secret"], "does not print `s`"),
        ([SECRET, 2022, None, 3, "secret"], "does not print `s`"),
        ([SECRET, 2022, 3, "s", "secret"], "carries a number in « Valeur »"),
        ([SECRET, 2022, None, "s", "observé"], "is said observe"),
        (["part_rsa|epci:1|2022", 2022, 31.6, "31,5\u202f%", "arrondi"], "does not print the release's"),
        (["part_rsa|epci:1|2022", 2022, 31.5, "31,6\u202f%", "arrondi"], "does not print the release's"),
    ],
)
def test_another_figure_in_a_workbook_is_refused_wherever_the_workbook_is(
    dossier: Path, ligne: list[object], motif: str
) -> None:
    trouves = classeur(dossier, ENTETES, ligne)
    assert {f for f, _, _ in trouves} == {"site/portrait.xlsx", "site/portrait.pptx/ppt/embeddings/a.xlsx"}
    assert {r for _, r, _ in trouves} == {ligne[0]}
    assert any(m.startswith(motif) for _, _, m in trouves)


def test_a_list_of_figures_without_its_columns_is_refused(dossier: Path) -> None:
    trouves = classeur(dossier, ["Référence", "Montant"], [SECRET, 3])
    assert len(trouves) == 2
    assert all("without columns « Référence » and « Valeur affichée »" in m for _, _, m in trouves)


def test_figures_of_a_release_without_its_table_are_refused(dossier: Path) -> None:
    (dossier / "parquet" / "fct_indicateurs.parquet").unlink()
    ((_, reference, motif),) = page(dossier, cellule(SECRET, "s"))
    assert reference == SECRET and "no fct_indicateurs" in motif


def test_batches_are_compared_like_the_whole(dossier: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("confidentialite.preuve.chiffres._LOT", 2)
    fautes = "".join(cellule(f"nb_rsa|commune:{n}|2022", "3") for n in range(26001, 26008))
    trouves = page(dossier, "".join(cellule(r, t) for r, t in JUSTES.items()) + fautes)
    assert [r for _, r, _ in trouves] == [f"nb_rsa|commune:{n}|2022" for n in range(26001, 26008)]


def test_a_page_is_read_in_a_time_that_grows_as_it_does(dossier: Path) -> None:
    """An element that never ends is looked for within reach: a square would be 64 times as long, not 8."""
    durees = []
    for nombre in (1_000, 8_000):
        releve = Releve(duckdb.connect(), dossier)
        debut = time.process_time()
        releve.lire("page.html", f'<p data-chiffre="{SECRET}">'.encode() * nombre)
        durees.append(time.process_time() - debut)
        assert len(releve.ecarts()) == 1
    assert durees[1] < 30 * durees[0]


ENTETES_CSV = (
    *("indicateur_id", "territoire_id", "millesime", "valeur", "valeur_affichee", "borne_basse", "statut"),
)
CSV_JUSTE = (
    ("nb_rsa", "commune:26220", "2022", "s", "s", "s", "secret"),
    ("nb_rsa", "commune:26063", "2022", "1250", "1\u202f250", "", "observe"),
    ("part_rsa", "epci:1", "2022", "31,45", "31,5\u202f%", "", "arrondi"),
    ("cout", "epci:1", "2022", "nd", "nd", "nd", "non_disponible"),
    ("classement", "epci:1", "2022", "", "oui", "", "observe"),
)


def csv_du_site(dossier: Path, *lignes: tuple[str, ...]) -> list[tuple[str, str, str]]:
    """What is found in a CSV beside the pages."""
    texte = "\r\n".join(";".join(ligne) for ligne in (ENTETES_CSV, *lignes))
    (dossier / "site" / "nb_rsa.csv").write_text("\ufeff" + texte + "\r\n", encoding="utf-8", newline="")
    return [(t.fichier, t.table, t.motif) for t in balayer(dossier)]


def test_a_csv_of_the_release_s_own_figures_passes(dossier: Path) -> None:
    assert csv_du_site(dossier, *CSV_JUSTE) == []


@pytest.mark.parametrize(
    ("ligne", "colonne"),
    [
        # A statut that lies lets a masked figure out; the printed text is a figure too.
        (("nb_rsa", "commune:26220", "2022", "3", "3", "", "observe"), "valeur"),
        (("nb_rsa", "commune:26220", "2022", "s", "3", "s", "secret"), "valeur_affichee"),
        (("nb_rsa", "commune:26220", "2022", "s", "s", "2", "secret"), "borne_basse"),
        (("nb_rsa", "commune:26220", "2022", "s", "s", "s", "observe"), "statut"),
        (("nb_rsa", "commune:26063", "2022", "1251", "1\u202f250", "", "observe"), "valeur"),
        (("classement", "epci:1", "2022", "12", "oui", "", "observe"), "valeur"),
        (("inconnu", "epci:1", "2022", "12", "12", "", "observe"), "valeur"),
    ],
)
def test_another_figure_in_a_csv_is_refused_and_not_told(
    dossier: Path, ligne: tuple[str, ...], colonne: str
) -> None:
    autres = [juste for juste in CSV_JUSTE if juste[:3] != ligne[:3]]
    trouves = csv_du_site(dossier, *autres, ligne)
    assert {(fichier, reference) for fichier, reference, _ in trouves if reference} == {
        ("site/nb_rsa.csv", "|".join(ligne[:3]))
    }
    assert any(f"column {colonne} " in motif for _, _, motif in trouves)
    assert not any(
        f" {valeur} " in f" {motif} " for _, _, motif in trouves for valeur in ligne[3:6] if valeur
    )


def test_rows_of_csv_are_compared_in_batches_too(dossier: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("confidentialite.preuve.chiffres._LOT", 2)
    assert csv_du_site(dossier, *CSV_JUSTE) == []
    ligne = ("nb_rsa", "commune:26220", "2022", "s", "3", "s", "secret")
    assert len(csv_du_site(dossier, ligne, *CSV_JUSTE[1:])) == 1
