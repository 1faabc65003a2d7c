"""The files of a past day: which rule chooses each, and what a build as of that day leaves untouched."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from petite_source import REGISTRE_2022, acquerir, sha

from ingestion.acquisition import Acquisition
from ingestion.as_of import choisir_fichier
from ingestion.contrats.empreinte import empreinte_contrat
from socle.horloge import aujourd_hui

REVISE = REGISTRE_2022.replace("1600", "1601")
NUITS = [("2024-06-01T01:30:00+00:00", "premier"), ("2024-09-30T22:30:00+00:00", "revise")]


@pytest.mark.parametrize(
    ("publie_le", "jour", "sha256", "regle"),
    [
        # In use here that day: the version of the day, whatever the contract says.
        ("2024-05-02", "2024-06-01", "premier", "atterrissage"),
        ("2024-05-02", "2024-09-30", "premier", "atterrissage"),
        # 22:30 UTC is the next day in Paris, where nights are counted.
        ("2024-05-02", "2024-10-01", "revise", "atterrissage"),
        (None, "2024-07-01", "premier", "atterrissage"),
        ("2024-08-01", "2024-07-01", "premier", "atterrissage"),
        # Not here yet, but public: the revision came later.
        ("2024-05-02", "2024-05-31", "premier", "publication"),
        ("2024-05-02", "2024-05-02", "premier", "publication"),
        ("2024-05-02", "2024-05-01", None, "ecarte"),
        (None, "2024-05-31", None, "ecarte"),
    ],
)
def test_landing_comes_first_then_publication(
    publie_le: str | None, jour: str, sha256: str | None, regle: str
) -> None:
    choix = choisir_fichier(NUITS, publie_le and date.fromisoformat(publie_le), date.fromisoformat(jour))  # type: ignore[arg-type]
    assert choix[:2] == (sha256, regle)


def test_what_never_came_is_left_out_even_when_it_was_public() -> None:
    assert choisir_fichier([], date(2020, 1, 1), date(2024, 1, 1)) == (None, "ecarte", "never received here")


@pytest.fixture
def revisee(acquisition: Acquisition, miroir: Path) -> Acquisition:
    """Two nights today: a file, then its revision, accepted."""
    acquerir(acquisition)
    (miroir / "registre2022.csv").write_text(REVISE)
    acquerir(acquisition)
    acquisition.accepter("registre", "communes", 2022, sha(REVISE))
    return acquisition


@pytest.fixture
def au(revisee: Acquisition) -> Callable[[date], Acquisition]:
    return lambda jour: Acquisition(revisee.home, revisee.contrats, revisee.profil, jour)


def test_a_revision_is_used_from_the_day_it_was_accepted(
    au: Callable[[date], Acquisition], revisee: Acquisition
) -> None:
    demain = aujourd_hui() + timedelta(days=1)
    for jour, contenu, regle in (
        (demain, REVISE, "atterrissage"),
        (date(2023, 6, 1), REGISTRE_2022, "publication"),
    ):
        acquisition = au(jour)
        acquerir(acquisition)
        (fichier,) = (f for f in acquisition.fichiers_retenus() if f.source == "registre")
        assert (fichier.sha256, fichier.perime, fichier.publie_le) == (sha(contenu), False, date(2023, 6, 1))
        (choix,) = (c for c in acquisition.choix if (c.source, c.millesime) == ("registre", 2022))
        assert (choix.sha256, choix.regle) == (sha(contenu), regle)
    assert au(date(2023, 5, 31)).fichiers_retenus() == []


def test_a_past_day_changes_neither_landing_nor_journal(
    au: Callable[[date], Acquisition], revisee: Acquisition, miroir: Path
) -> None:
    landing = revisee.home / "landing"
    avant = {p: p.read_bytes() for p in landing.rglob("*") if p.is_file()}
    retenus = revisee.fichiers_retenus()
    (miroir / "registre2022.csv").write_text(REVISE.replace("1601", "1602"))
    # Derived files may be lost, or of an older contract: the file of that day is typed again.
    for parquet in (revisee.home / "normalised" / "registre").rglob("*.parquet"):
        if parquet != retenus[-1].parquet:
            parquet.unlink()
    acquisition = au(date(2023, 6, 1))
    bilans = acquerir(acquisition)
    assert not bilans["registre"][0].recus
    assert [f.lignes for f in acquisition.fichiers_retenus()] == [5]
    assert {p: p.read_bytes() for p in landing.rglob("*") if p.is_file()} == avant
    assert revisee.fichiers_retenus() == retenus


def test_the_day_of_publication_does_not_type_anything_again(acquisition: Acquisition) -> None:
    ressource = acquisition.contrats["registre"].ressources["communes"]
    edition = ressource.millesimes[2022]
    autre = edition.model_copy(update={"publie_le": date(1999, 1, 1)})
    assert empreinte_contrat(ressource, autre) == empreinte_contrat(ressource, edition)
