"""The pictures of docs/images: one portrait of the demonstration in each format, Dagster, Superset.

`make images`, or `CTG_HOME=/tmp/demo PYTHONPATH=. python docs/images/faire.py portraits|dagster|superset`; it
needs the home of a demonstration, Chromium, LibreOffice (`soffice`) and `pdftoppm`.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import page_dagster
import page_superset
from PIL import Image
from playwright.sync_api import sync_playwright

TERRITOIRE = "ctg:baronnies-2025"
PAGES = {"pdf": ("portrait-pdf", 4), "pptx": ("portrait-diaporama", 4), "xlsx": ("portrait-classeur", 4)}
"""The page that each picture shows: key figures, the same on a slide, a sheet of figures."""

LARGEUR, COULEURS = 1000, 64
LARGEURS = {"superset": 1200, "superset-convention": 1200}
COULEURS_DE_PAGE = 256
"""Of a page where a small green or red thing is what is to be seen."""
ICI = Path(__file__).parent


def main(*lesquelles: str) -> None:
    """Write the pictures of these kinds, all of them by default."""
    for nom in lesquelles or GENRES:
        GENRES[nom]()


def dagster() -> None:
    """Look at Dagster's page, and write the pictures."""
    with tempfile.TemporaryDirectory() as nom:
        for image, fichier in page_dagster.photographier(Path(nom)).items():
            _ecrire(fichier, image, COULEURS_DE_PAGE)


def superset() -> None:
    """Look at the dashboard of `make bi`, and write the pictures."""
    with tempfile.TemporaryDirectory() as nom:
        for image, fichier in page_superset.photographier(Path(nom)).items():
            # Pale greys tell a card from the page, and lines are thin: no colour may be left out.
            _ecrire(fichier, image, COULEURS_DE_PAGE, Image.Quantize.MAXCOVERAGE)


def portraits() -> None:
    """Make the portrait, look at it, and write the pictures."""
    with tempfile.TemporaryDirectory() as nom:
        dossier = Path(nom)
        _lancer("ctg", "portrait", TERRITOIRE, "--format", "tout", "--sortie", nom)
        _navigateur(next(dossier.glob("*.html")), dossier / "page.png")
        _ecrire(dossier / "page.png", "portrait-html")
        for format_, (image, page) in PAGES.items():
            (fichier,) = (f for f in dossier.glob(f"*.{format_}") if not f.stem.endswith("-annexes"))
            if format_ != "pdf":
                profil = f"-env:UserInstallation={(dossier / 'profil').as_uri()}"
                sortie = dossier / format_
                options = f"--headless --convert-to pdf --outdir {sortie} {fichier}"
                _lancer("soffice", profil, *options.split())
                fichier = next(sortie.glob("*.pdf"))
            options = f"-png -r 110 -f {page} -l {page} -singlefile {fichier} {nom}/{image}"
            _lancer("pdftoppm", *options.split())
            _ecrire(dossier / f"{image}.png", image)


def _lancer(*ordre: str) -> None:
    if ordre[0] == "ctg":
        ordre = (str(Path(sys.executable).with_name("ctg")), *ordre[1:])
    subprocess.run(ordre, check=True, stdout=subprocess.DEVNULL, timeout=300)


def _navigateur(page: Path, image: Path) -> None:
    with sync_playwright() as playwright:
        navigateur = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        onglet = navigateur.new_page(viewport={"width": 1280, "height": 900})
        onglet.goto(page.as_uri())
        onglet.screenshot(path=image)
        navigateur.close()


def _ecrire(source: Path, nom: str, couleurs: int = COULEURS, methode: Image.Quantize | None = None) -> None:
    with Image.open(source) as lue:
        largeur = LARGEURS.get(nom, LARGEUR)
        hauteur = round(lue.height * largeur / lue.width)
        image = lue.convert("RGB").resize((largeur, hauteur), Image.Resampling.LANCZOS)
        usuelle = Image.Quantize.FASTOCTREE if couleurs > COULEURS else Image.Quantize.MEDIANCUT
        image.quantize(couleurs, usuelle if methode is None else methode).save(
            ICI / f"{nom}.png", optimize=True
        )


GENRES = {"portraits": portraits, "dagster": dagster, "superset": superset}

if __name__ == "__main__":
    main(*sys.argv[1:])
