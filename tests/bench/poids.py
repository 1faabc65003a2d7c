"""What a release weighs, folder by folder, beside what a release of France is to weigh.

Belongs here: sizes of files. Does not: how a release is made, nor what its pages or tables are made of
(`portraits.py`, docs/adr/0015-long-tables-have-no-index.md).
"""

from pathlib import Path

from tests.bench.mesure import afficher

VISE_MO = 400
"""Of a release of France, in all."""

_MO = 1 << 20
"""As `du -sm` counts."""


def comparer(release: Path | None) -> None:
    """Print what a release weighs; one line where none is given."""
    if release is None:
        print("poids: skipped, no release is given (--release DIR).")
    else:
        montrer(release)


def montrer(release: Path) -> None:
    """Print the table of a release."""
    afficher("What the release weighs", ("what", "files", "MB", "to reach"), peser(release.resolve()))


def peser(release: Path) -> list[tuple[str, str, str, str]]:
    """Return a line per folder and per file of 1 MB or more, the heaviest first, then the rest and all."""
    poids = {
        entree.name + "/" * entree.is_dir(): [
            f.stat().st_size for f in (entree.rglob("*") if entree.is_dir() else [entree]) if f.is_file()
        ]
        for entree in release.iterdir()
    }
    lourds = {nom: octets for nom, octets in poids.items() if sum(octets) >= _MO}
    reste = [o for nom, octets in poids.items() if nom not in lourds for o in octets]
    lignes = [
        *sorted(lourds.items(), key=lambda ligne: (-sum(ligne[1]), ligne[0])),
        ("the rest", reste),
    ]
    tous = [o for octets in poids.values() for o in octets]
    return [
        *((nom, str(len(octets)), f"{sum(octets) / _MO:.1f}", "") for nom, octets in lignes),
        ("all", str(len(tous)), f"{sum(tous) / _MO:.1f}", f"≤ {VISE_MO} (France)"),
    ]
