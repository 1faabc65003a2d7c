"""A deck in the template of a Caf: its layouts, size, letters and logo; what it lacks is said."""

from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pikepdf
import pytest
from commande import Observatoire
from pptx import Presentation
from pptx.enum.shapes import PP_PLACEHOLDER as PH

from publication.lecture.marts import ouvrir as ouvrir_marts
from publication.portraits import pptx
from publication.portraits.contenu import composer
from publication.portraits.formats import rendre
from publication.portraits.pptx.charte import ouvrir
from socle.erreurs import ErreurPublication
from tests.publication.portraits import boites, exemples, modeles, parcours
from tests.publication.portraits.conftest import Convertir

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"


def poser(modele: bytes | None) -> tuple[Any, tuple[str, ...]]:
    octets, manques = pptx.rendre_dans(exemples.portrait(), modele, "charte.potx")
    return Presentation(BytesIO(octets)), manques


def test_a_deck_is_set_in_the_layouts_of_its_template_and_in_nothing_else() -> None:
    deck, manques = poser(modeles.charte())
    assert manques == ()
    assert (deck.slide_width, deck.slide_height) == (9144000, 5143500)
    noms = [slide.slide_layout.name for slide in deck.slides]
    assert noms[0] == "Title Slide" and {*noms[1:]} == {"Title and Content", "Two Content"}
    assert "Exemple à retirer" not in [slide.shapes.title.text for slide in deck.slides]
    assert [f.name for f in deck.slide_master.shapes if f.name == "Logo"]
    theme = deck.slide_master.part.part_related_by(
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships/theme"
    ).blob.decode()
    assert modeles.POLICE in theme and modeles.COULEUR in theme
    # Nothing names a font: those of the template are inherited.
    for slide in deck.slides:
        assert not list(slide._element.iter(f"{A}latin"))


@pytest.mark.parametrize("modele", [None, modeles.charte()], ids=["ours", "another"])
@pytest.mark.parametrize("faire", [exemples.portrait, lambda: parcours.empoisonner(exemples.portrait())])
def test_nothing_stands_outside_a_slide_nor_is_too_small_to_be_read(modele: bytes | None, faire: Any) -> None:
    """16 points on a slide 7.5 inches high, as many beside the height of another; footers apart."""
    octets, _ = pptx.rendre_dans(faire(), modele, "charte.potx")
    deck = Presentation(BytesIO(octets))
    moindre = 1600 * deck.slide_height / 914400 / 7.5 - 1
    for rang, slide in enumerate(deck.slides, 1):
        for forme in slide.shapes:
            assert forme.left >= 0 and forme.left + forme.width <= deck.slide_width + 9999, (rang, forme.name)
            assert forme.top >= 0 and forme.top + forme.height <= deck.slide_height + 9999, (rang, forme.name)
            if forme.is_placeholder and forme.placeholder_format.type in (PH.FOOTER, PH.SLIDE_NUMBER):
                continue
            racine = forme.chart._chartSpace if forme.has_chart else forme._element
            tailles = [int(e.get("sz")) for e in racine.iter() if e.tag.startswith(A) and e.get("sz")]
            assert not tailles or min(tailles) >= moindre, (rang, forme.name)


@pytest.mark.parametrize(
    ("sans", "dit"),
    [
        (("Two Content", "Comparison"), "aucune disposition à deux contenus"),
        (("Title Slide",), "aucune disposition à sous-titre"),
        (
            ("Title and Content", "Section Header", "Title and Vertical Text", "Vertical Title and Text"),
            "aucune disposition « Titre et contenu »",
        ),
    ],
)
def test_what_a_template_lacks_is_said_and_done_without(sans: tuple[str, ...], dit: str) -> None:
    deck, manques = poser(modeles.charte(sans=sans))
    assert any(manque.startswith(dit) for manque in manques), manques
    assert len(deck.slides) == len(poser(None)[0].slides)


def _sans(partie: str, part: float = 0) -> bytes:
    """A template that lost a part of its archive, or the end of one."""
    octets = BytesIO()
    with ZipFile(BytesIO(modeles.charte())) as source, ZipFile(octets, "w") as archive:
        for nom in source.namelist():
            lu = source.read(nom)
            if nom != partie or part:
                archive.writestr(nom, lu[: int(len(lu) * part)] if nom == partie else lu)
    return octets.getvalue()


@pytest.mark.parametrize(
    ("octets", "dit"),
    [
        (b"%PDF-1.7", "ne s'ouvre pas comme une présentation"),
        (b"", "ne s'ouvre pas comme une présentation"),
        (_sans("ppt/slideLayouts/slideLayout1.xml"), "ne s'ouvre pas comme une présentation"),
        (_sans("ppt/presentation.xml", part=0.5), "ne s'ouvre pas comme une présentation"),
        (
            modeles.charte(
                sans=tuple(d.name for d in Presentation().slide_layouts if d.name not in ("Blank",)),
            ),
            "aucune disposition avec un titre",
        ),
    ],
    ids=["a PDF", "empty", "without a part", "cut in a part", "blank layouts alone"],
)
def test_a_file_that_is_no_template_is_refused_with_what_to_do(octets: bytes, dit: str) -> None:
    with pytest.raises(ErreurPublication, match=dit) as refus:
        ouvrir(exemples.portrait(), octets, "charte.potx")
    assert "charte.potx" in str(refus.value)


@pytest.mark.parametrize("modele", [None, modeles.charte()], ids=["ours", "another"])
def test_once_drawn_no_word_covers_another_and_none_is_cut(
    convertir: Convertir, tmp_path: Path, modele: bytes | None
) -> None:
    fichier = tmp_path / "portrait.pptx"
    fichier.write_bytes(pptx.rendre_dans(exemples.portrait(), modele, "charte.potx")[0])
    boites.controler(fichier, *convertir(fichier, "pdf"))


@pytest.mark.parametrize(
    "territoire_id",
    [
        *("ctg:baronnies-2019", "ctg:baronnies-2025", "ctg:demonstration-2023"),
        *("epci:200040459", "departement:26", "commune:26245"),
    ],
)
def test_the_decks_of_a_release_are_presented_as_they_are(
    demonstration: Observatoire, convertir: Convertir, tmp_path: Path, territoire_id: str
) -> None:
    """Conventions, an EPCI outside of them, a département, a commune of seven: in both templates."""
    with ouvrir_marts(demonstration.courante / "ctg.duckdb") as marts:
        document = composer(marts, territoire_id)
    # A theme of a convention has its orientations on a slide of their own.
    assert len(document.presentation) <= 24
    for nom, modele in (("le-notre", None), ("autre", modeles.charte())):
        fichier = tmp_path / f"{nom}.pptx"
        fichier.write_bytes(pptx.rendre_dans(document, modele, "charte.potx")[0])
        convertir(fichier, "pdf")
        boites.controler(fichier, tmp_path / "sortie" / f"{nom}.pdf")
        assert boites.a_demi_vides(fichier, tmp_path / "sortie" / f"{nom}.pdf") == []
    with pikepdf.open(BytesIO(rendre(document, "pdf"))) as brochure:
        assert len(brochure.pages) <= 16
