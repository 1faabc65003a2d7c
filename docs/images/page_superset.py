"""The dashboard of `make bi` as a browser shows it, once every chart is drawn."""

import os
import shutil
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page, sync_playwright

from bi.superset.serveur import Adresses, Place, en_marche
from bi.superset.tableau import PARTIES, graphiques

LARGEUR = 1500
COUPE = "La convention et son plan d'actions"
"""The heading that the second picture begins with."""

_DELAI = 240_000
_ERREURS = ".error-container, .ant-alert-error, .missing-chart-container, .ant-empty"


def photographier(dossier: Path) -> dict[str, Path]:
    """Start the servers on the release in service, and return the pictures by name.

    Raises AssertionError where a chart is empty or in error, or something came from another machine.
    """
    racine = Path(__file__).resolve().parents[2]
    place = Place(Path(os.environ["CTG_HOME"]).absolute(), racine / ".venv-bi" / "bin" / "python")
    with en_marche(place, print) as adresses, sync_playwright() as playwright:
        navigateur = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        page = navigateur.new_page(viewport={"width": LARGEUR, "height": 1000}, locale="fr-FR")
        page.set_default_timeout(_DELAI)
        # What the policy of the page blocks (Superset's pixel of telemetry) never leaves: it has no response.
        ailleurs: set[str] = set()
        page.on("response", lambda r: ailleurs.add(urlsplit(r.url).netloc))
        _entrer(page, adresses)
        images = _photographier(page, dossier)
        navigateur.close()
    assert ailleurs - {""} == {urlsplit(adresses.superset).netloc}, ailleurs
    return images


def _entrer(page: Page, adresses: Adresses) -> None:
    page.goto(f"{adresses.superset}/login/")
    page.fill("input#username", adresses.compte)
    page.fill("input#password", adresses.mot_de_passe)
    page.press("input#password", "Enter")
    page.wait_for_url(lambda url: "/login" not in url)
    page.goto(adresses.page)


def _photographier(page: Page, dossier: Path) -> dict[str, Path]:
    combien = len(graphiques())
    montres = (
        "() => [...document.querySelectorAll('.slice_container')]"
        ".filter(e => e.querySelector('table, canvas, .header-line'))"
    )
    page.wait_for_function(f"n => ({montres})().length >= n", arg=combien)
    # The page scrolls inside: as high as what it holds, nothing is left out.
    hauteur = page.evaluate("() => Math.max(...[...document.querySelectorAll('*')].map(e => e.scrollHeight))")
    page.set_viewport_size({"width": LARGEUR, "height": int(hauteur)})
    page.wait_for_load_state("networkidle")
    # Charts are drawn again at the new size, with an animation that tells nothing of its end.
    page.wait_for_timeout(4000)
    assert len(page.evaluate(f"() => ({montres})().map(e => 1)")) == combien
    fautes = page.eval_on_selector_all(_ERREURS, "es => es.map(e => e.innerText.trim())")
    assert not fautes, f"charts in error or empty: {fautes}"
    assert COUPE in {partie.titre for partie in PARTIES}
    haut = page.get_by_text(COUPE, exact=True).bounding_box()
    bas = page.locator(".grid-content").bounding_box()
    assert haut and bas
    coupe, fin = haut["y"] - 20, bas["y"] + bas["height"] + 20
    morceaux = {"superset": (0.0, coupe), "superset-convention": (coupe, fin)}
    for nom, (debut, jusque) in morceaux.items():
        page.screenshot(
            path=dossier / f"{nom}.png",
            clip={"x": 0, "y": debut, "width": LARGEUR, "height": jusque - debut},
        )
    return {nom: dossier / f"{nom}.png" for nom in morceaux}
