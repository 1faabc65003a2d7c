"""The workbook of a portrait, read back: numbers that print what the document prints, and nothing else."""

import csv
import re
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from openpyxl.cell.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet
from xlsxwriter import Workbook

from publication.classeurs.mise_en_forme import imprime
from publication.portraits import echelles, natifs, xlsx
from publication.portraits.modele import Document, Section, Serie
from publication.portraits.xlsx import graphiques
from tests.publication.imprimer import imprimee, imprimer, tableaux
from tests.publication.portraits import exemples, parcours, releve
from tests.publication.portraits.conftest import Convertir

FINE, INSECABLE = releve.FINE, releve.INSECABLE
DONNEES = "Données des graphiques"


def lire(document: Document) -> openpyxl.Workbook:
    return openpyxl.load_workbook(BytesIO(xlsx.rendre(document)))


def remplies(feuille: Worksheet) -> list[Cell]:
    return [
        c for rangee in feuille.iter_rows() for c in rangee if isinstance(c, Cell) and c.value is not None
    ]


@pytest.mark.parametrize(
    ("texte", "nombre"),
    [
        ("0", 0.0),
        ("433", 433.0),
        (f"3{FINE}280", 3280.0),
        (f"3{FINE}005", 3005.0),
        (f"18{FINE}464{FINE}843{INSECABLE}€", 18464843.0),
        (f"35,2{INSECABLE}%", 35.2),
        (f"0,0{INSECABLE}%", 0.0),
        (f"4{FINE}481,76{INSECABLE}€", 4481.76),
        (f"−1{FINE}710{INSECABLE}€", -1710.0),
        (f"+6,2{INSECABLE}points", 6.2),
        (f"−0,4{INSECABLE}point", -0.4),
        (f"≈ +3,3{FINE}%", 3.3),
        (f"≈ −8{FINE}% *", -8.0),
        (f"{INSECABLE}12 places", 12.0),
        ('5 "places"', 5.0),
        (f"2{FINE}020 (scénario 2029)", 2020.0),
    ],
)
def test_a_number_prints_what_the_document_prints(texte: str, nombre: float) -> None:
    lu = imprime(texte)
    assert lu is not None and lu[0] == nombre
    assert imprimer(*lu) == texte


@pytest.mark.parametrize(
    ("texte", "nombre"),
    [
        ("s", 4.0),
        ("35,3", 35.2),
        ("35", 35.2),
        ("-5", 5.0),
        ("5", -5.0),
        ("007", 7.0),
        ("entre 3 et 5", 4.0),
        (f"3{FINE}28", 328.0),
        ("x" * 300 + "1", 1.0),
        ("٣", 3.0),
    ],
)
def test_a_text_that_is_not_its_number_stays_a_text(texte: str, nombre: float) -> None:
    assert (imprime(texte) or ("", ""))[0] != nombre


def test_every_figure_is_a_number_that_prints_its_text() -> None:
    document = exemples.portrait()
    feuille = lire(document)["Chiffres"]
    entete, *rangees = [r for r in feuille.iter_rows(min_row=3) if r[0].value]
    colonnes = {c.value: rang for rang, c in enumerate(entete)}
    assert {r[0].value for r in rangees} == set(document.chiffres)
    for rangee in rangees:
        chiffre = document.chiffres[str(rangee[0].value)]
        valeur = rangee[colonnes["Valeur"]]
        assert isinstance(valeur, Cell)
        assert imprimee(valeur) == chiffre.texte == rangee[colonnes["Valeur affichée"]].value
        assert valeur.value == (chiffre.texte if chiffre.nombre is None else chiffre.nombre)
        assert rangee[colonnes["Millésime"]].value == chiffre.millesime
        for titre, attendu in (("Motif", chiffre.motif), ("Intervalle", chiffre.intervalle)):
            assert (rangee[colonnes[titre]].value or None) == attendu
        assert rangee[colonnes["Source"]].value == chiffre.source
    (table,) = feuille.tables.values()
    assert list(tableaux(feuille)) == [[c.value for c in entete]] and table.autoFilter is not None
    assert feuille.freeze_panes == "A4" and table.ref.startswith("A3:")


def test_every_cell_of_every_table_is_on_the_sheet_of_its_section() -> None:
    document = exemples.portrait()
    classeur = lire(document)
    for section in document.sections:
        seule = replace(document, sections=(section,))
        imprimes = {imprimee(c) for c in remplies(classeur[section.titre])}
        entetes = list(tableaux(classeur[section.titre]))
        assert len(entetes) == len(list(parcours.tableaux(seule)))
        for tableau, entete in zip(parcours.tableaux(seule), entetes, strict=True):
            assert {c.titre for c in tableau.colonnes} <= {*entete}
            attendus = {c.texte for ligne in tableau.lignes for c in ligne} - {""}
            attendus |= {tableau.titre} | set(tableau.notes)
            assert attendus <= imprimes
        corps = "\n".join(imprimes)
        assert all(phrase in corps for phrase in parcours.phrases(seule))


def test_bounds_stand_beside_their_figure() -> None:
    feuille = lire(exemples.portrait())["Portrait social"]
    valeurs = [[c.value for c in rangee] for rangee in feuille.iter_rows()]
    entete = next(v for v in valeurs if "Baronnies : intervalle" in v)
    ligne = next(v for v in valeurs if v[0] == "Part des foyers à bas revenus" and "2022" in v)
    assert ligne[entete.index("Baronnies : intervalle")] == f"entre 34,9{INSECABLE}% et 35,6{INSECABLE}%"


def test_a_chart_has_its_words_its_numbers_and_no_zero_for_what_is_not_shown() -> None:
    document = exemples.portrait()
    traces = [g for g in parcours.graphiques(document) if isinstance(g, natifs.Natif)]
    charts = {nom: c.decode() for nom, c in parcours.archives(xlsx.rendre(document)) if "charts/chart" in nom}
    dessins = "".join(
        c.decode() for n, c in parcours.archives(xlsx.rendre(document)) if "drawings/drawing" in n
    )
    assert len(charts) == len(traces) == 4
    for graphique in traces:
        assert f'descr="{graphique.alternative}"' in dessins
    for xml in charts.values():
        # Left out, it is a gap, as for bars; lines run over it. "zero" would draw what is not shown.
        vides = re.findall(r'dispBlanksAs val="(\w+)"', xml)
        assert vides == (["span"] if "<c:lineChart>" in xml else []) and releve.BANDEAU in xml
    montres = {c.nombre for g in traces for c in parcours.cellules_tracees(g) if c.nombre is not None}
    for xml in charts.values():
        for valeurs in re.findall(r"<c:val>.*?</c:val>", xml, re.S):
            assert {float(v) for v in re.findall(r"<c:v>([^<]*)</c:v>", valeurs)} <= montres
    # A series whose every place is under secrecy: no point at all, not even a zero.
    (parts,) = (xml for xml in charts.values() if "Garde à domicile" in xml)
    serie = next(s for s in re.findall(r"<c:ser>.*?</c:ser>", parts, re.S) if "Garde à domicile" in s)
    assert "<c:pt " not in re.search(r"<c:val>.*?</c:val>", serie, re.S)[0]  # type: ignore[index]


def test_an_axis_groups_every_three_digits() -> None:
    serie = next(g for g in parcours.graphiques(exemples.portrait()) if isinstance(g, Serie))
    noms, traces = natifs.tracer(serie)
    with Workbook(BytesIO()) as livre:
        feuille = livre.add_worksheet()
        chart = graphiques.dessiner(livre, serie, graphiques.Bloc(0, "", noms, traces), feuille.get_name())
        feuille.insert_chart(0, 0, chart)
        gradue = imprimer(18464843.0, chart.y_axis["num_format"])
    assert gradue == f"18{FINE}464{FINE}843"


def test_an_axis_that_is_cut_says_so_under_its_chart() -> None:
    document = exemples.portrait()
    coupes = sum(natifs.coupee(g) for g in parcours.graphiques(document) if isinstance(g, natifs.Natif))
    dites = [c for f in lire(document).worksheets for c in remplies(f) if c.value == echelles.NOTE]
    assert coupes == len(dites) > 0


def test_the_numbers_of_the_charts_leave_empty_what_is_not_shown() -> None:
    document = exemples.portrait()
    montres = {c.nombre for c in parcours.cellules(document) if c.nombre is not None}
    feuille = lire(document)[DONNEES]
    traces = [g for g in parcours.graphiques(document) if isinstance(g, natifs.Natif) and not natifs.muet(g)]
    assert len(list(tableaux(feuille))) == len(traces)
    nombres = [c for c in remplies(feuille) if isinstance(c.value, int | float)]
    assert nombres and {c.value for c in nombres} <= montres
    textes = {c.texte for c in parcours.cellules(document) if c.nombre is not None}
    assert {imprimee(c) for c in nombres} <= textes


def test_every_sheet_says_that_the_figures_are_invented() -> None:
    classeur = lire(exemples.portrait())
    for feuille in classeur.worksheets:
        assert feuille["A1"].value == releve.BANDEAU
        assert releve.BANDEAU in str(feuille.oddHeader.right.text)
        assert feuille.print_title_rows is not None
        assert feuille.page_setup.paperSize == 9
    vrai = b"".join(c for _, c in parcours.archives(xlsx.rendre(exemples.sans_carte())))
    assert releve.BANDEAU.encode() not in vrai


def test_the_first_sheet_tells_how_to_read_and_to_quote() -> None:
    document = exemples.portrait()
    classeur = lire(document)
    assert classeur.sheetnames[0] == "Lisez-moi" and classeur.active is classeur.worksheets[0]
    textes = " ".join(str(c.value) for c in remplies(classeur["Lisez-moi"]))
    attendus = (
        document.titre,
        document.edition.citation,
        document.edition.content_hash,
        "Secret statistique",
    )
    assert all(attendu in textes for attendu in attendus)
    liens = {c.hyperlink.location for c in remplies(classeur["Lisez-moi"]) if c.hyperlink}
    assert {f"'{nom.replace(chr(39), chr(39) * 2)}'!A1" for nom in classeur.sheetnames[1:]} == liens


def test_an_empty_section_says_why_on_its_sheet() -> None:
    textes = [c.value for c in remplies(lire(exemples.portrait())["Parentalité"])]
    assert "Aucun chiffre : les sources de ce thème n'ont pas été reçues." in textes


def test_no_text_becomes_a_formula_nor_a_link() -> None:
    octets = xlsx.rendre(parcours.empoisonner(exemples.portrait()))
    classeur = openpyxl.load_workbook(BytesIO(octets))
    for feuille in classeur.worksheets:
        assert len(feuille.title) <= 31
        for cellule in remplies(feuille):
            assert cellule.data_type != "f", cellule.coordinate
            if isinstance(cellule.value, str) and cellule.value.startswith(("=", "+", "-", "@")):
                assert cellule.quotePrefix, cellule.coordinate
            if cellule.hyperlink:
                assert feuille.title == "Lisez-moi" and cellule.hyperlink.target is None
    assert len({f.title.lower() for f in classeur.worksheets}) == len(classeur.worksheets)
    for nom, contenu in parcours.archives(octets):
        assert b"<f>" not in contenu or "chart" in nom, nom


def test_hostile_texts_leave_figures_as_they_were() -> None:
    document = parcours.empoisonner(exemples.portrait())
    feuille = lire(document)["Chiffres"]
    imprimes = {imprimee(c) for c in remplies(feuille)}
    assert {c.texte for c in document.chiffres.values()} <= imprimes


def test_titles_of_sections_make_names_of_sheets() -> None:
    titres = ("Historique", "a" * 40, "a" * 41, "L'essentiel", "l'ESSENTIEL", "[:*?/\\]", "'", DONNEES)
    sections = tuple(Section(str(rang), titre, vide="Rien.") for rang, titre in enumerate(titres))
    noms = lire(replace(exemples.portrait(), sections=sections)).sheetnames
    assert len({nom.lower() for nom in noms}) == len(noms) == len(titres) + 3
    assert all(0 < len(nom) <= 31 and not set(nom) & set("[]:*?/\\") for nom in noms)


def test_libreoffice_opens_it_and_prints_what_the_document_prints(
    convertir: Convertir, tmp_path: Path
) -> None:
    """As a sheet of text, every cell as it is displayed: LibreOffice in its own language, whatever it is."""
    document = exemples.portrait()
    fichier = tmp_path / "portrait.xlsx"
    fichier.write_bytes(xlsx.rendre(document))
    feuilles = convertir(
        fichier, "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,true,false,false,-1"
    )
    (chiffres,) = (f for f in feuilles if f.name.endswith("-Chiffres.csv"))
    with chiffres.open(encoding="utf-8", newline="") as lignes:
        rangees = [r for r in csv.reader(lignes) if r[0] in document.chiffres]
    assert len(rangees) == len(document.chiffres)
    for rangee in rangees:
        # Thousands are the program's own, a no-break space of either width.
        imprime = rangee[6].replace(INSECABLE, FINE)
        assert (
            imprime
            == rangee[7].replace(INSECABLE, FINE)
            == document.chiffres[rangee[0]].texte.replace(INSECABLE, FINE)
        )


def test_libreoffice_prints_it_on_sheets_of_a4(convertir: Convertir, tmp_path: Path) -> None:
    import pikepdf

    fichier = tmp_path / "portrait.xlsx"
    fichier.write_bytes(xlsx.rendre(exemples.portrait()))
    (pdf,) = convertir(fichier, "pdf")
    with pikepdf.open(pdf) as document:
        # No sheet runs over the right side: pages would be twice as many.
        feuilles = len(lire(exemples.portrait()).sheetnames)
        assert feuilles <= len(document.pages) <= feuilles + 8
        boite = document.pages[0].mediabox
        assert [round(float(x)) for x in boite] == [0, 0, 842, 595]
