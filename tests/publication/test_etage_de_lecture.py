"""A release is read on the ground floor of `publication`, and nowhere above it."""

import re
from pathlib import Path

PUBLICATION = Path(__file__).resolve().parents[2] / "publication"
LUES = re.compile(r"\b(?:from|join)\s+(?:marts\.)?(?:fct_indicateurs|mart_evolutions)\b")
# These write, compare and check the tables themselves: a night, a move from one release to the next.
DES_TABLES = {"exports", "releases"}


def test_figures_and_evolutions_are_asked_for_on_the_ground_floor_alone() -> None:
    ailleurs = [
        f"{fichier.relative_to(PUBLICATION)}: {trouve.group()}"
        for fichier in PUBLICATION.rglob("*.py")
        if fichier.relative_to(PUBLICATION).parts[0] not in {"lecture", *DES_TABLES}
        for trouve in LUES.finditer(fichier.read_text(encoding="utf-8"))
    ]
    assert ailleurs == []


def test_the_ground_floor_does_ask_for_them() -> None:
    lues = [LUES.findall(f.read_text(encoding="utf-8")) for f in (PUBLICATION / "lecture").glob("*.py")]
    assert len([1 for trouvees in lues if trouvees]) > 3
