"""A format is imported when it is asked for: no night, page or document pays for one it does not print."""

import subprocess
import sys

import pytest

LOURDES = {"typst", "docx", "pptx", "lxml", "xlsxwriter", "pikepdf", "shapely", "font_source_sans_pro"}
"""What writes a PDF, a deck, a workbook, or draws the outlines of a night."""


def _importees(module: str) -> set[str]:
    code = f"import sys, {module}; print(*{{nom.split('.')[0] for nom in sys.modules}})"
    fait = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(fait.stdout.split())


@pytest.mark.parametrize(
    "module",
    [
        "publication.releases.fabrication",
        "publication.site.ecriture",
        "publication.portraits.contenu",
        "publication.portraits.formats",
        "publication.portraits.html",
        "publication.classeurs.extraction",
        "publication.controle_documents.page",
        "orchestration.cli.portrait",
        "orchestration.cli.schema",
        "orchestration.cli.extract",
        "orchestration.cli.audit",
    ],
)
def test_what_prints_no_office_format_loads_none(module: str) -> None:
    assert not LOURDES & _importees(module)


@pytest.mark.parametrize("module", ["docx", "pdf", "pptx", "xlsx"])
def test_a_format_never_opens_a_release(module: str) -> None:
    importees = _importees(f"publication.portraits.{module}")
    assert "duckdb" not in importees and LOURDES & importees
