"""A refusal that a person leaves aside, and one whose file is gone: neither is told again."""

from collections.abc import Callable
from pathlib import Path

import pytest
from petite_source import REGISTRE_2022, sha

from ingestion.acquisition import Acquisition, BilanSource
from ingestion.erreurs import ErreurSource

Nuit = Callable[[], tuple[BilanSource, BilanSource]]
EN_2022 = ("registre", "communes", 2022)
REVISE = REGISTRE_2022.replace("1600", "1680")
# Refused before it lands: no column is known; refused as it is typed: a value is out of bounds.
DE_PAGE, DE_VALEUR = "<html>sorry</html>", REGISTRE_2022.replace("26001;60;", "26001;61;")


def codes(bilans: tuple[BilanSource, BilanSource]) -> list[str]:
    return [e.code for b in bilans for e in b.refus]


def en_usage(acquisition: Acquisition) -> list[tuple[str | None, bool]]:
    return [(f.sha256, f.perime) for f in acquisition.fichiers_retenus() if f.source == "registre"]


@pytest.mark.parametrize("contenu", [DE_PAGE, DE_VALEUR, REVISE], ids=["exam", "typing", "revision"])
def test_what_a_person_leaves_aside_is_told_no_more_and_nothing_else_moves(
    acquisition: Acquisition, nuit: Nuit, miroir: Path, contenu: str
) -> None:
    nuit()
    (miroir / "registre2022.csv").write_text(contenu)
    (refus,) = [e for b in nuit() for e in b.refus]
    commande = f"ctg sources reject registre communes 2022 {sha(contenu)[:12]}"
    assert f"\n  or:       `{commande}`: these bytes are left aside" in str(refus)
    acquisition.ecarter(*EN_2022, sha(contenu)[:12])
    for _ in range(2):
        assert codes(nuit()) == []
        assert en_usage(acquisition) == [(sha(REGISTRE_2022), False)]
    # Another content is judged as any other; these bytes, dropped by hand, are not.
    autre = contenu.replace("sorry", "again").replace("1600", "1690").replace("1680", "1690")
    (miroir / "registre2022.csv").write_text(autre)
    assert len(codes(nuit())) == 1
    (miroir / "registre2022.csv").write_text(REGISTRE_2022)
    assert codes(nuit()) == []
    depot = acquisition.home / "depot" / "registre" / "communes" / "2022"
    depot.mkdir(parents=True)
    (depot / "registre.csv").write_text(contenu)
    assert codes(nuit()) == [] and not [*depot.glob("*")]
    assert en_usage(acquisition) == [(sha(REGISTRE_2022), False)]


def test_a_revision_left_aside_can_be_taken_back(acquisition: Acquisition, nuit: Nuit, miroir: Path) -> None:
    nuit()
    (miroir / "registre2022.csv").write_text(REVISE)
    nuit()
    acquisition.ecarter(*EN_2022, sha(REVISE))
    acquisition.accepter(*EN_2022, sha(REVISE))
    assert codes(nuit()) == [] and en_usage(acquisition) == [(sha(REVISE), False)]


def test_only_what_is_told_can_be_left_aside_and_what_is_refused_cannot_be_accepted(
    acquisition: Acquisition, nuit: Nuit, miroir: Path
) -> None:
    nuit()
    with pytest.raises(ErreurSource, match="sha_inconnu"):
        acquisition.ecarter(*EN_2022, sha(REGISTRE_2022))
    (miroir / "registre2022.csv").write_text(DE_PAGE)
    nuit()
    with pytest.raises(ErreurSource) as refus:
        acquisition.accepter(*EN_2022, sha(DE_PAGE)[:12])
    assert "is refused: [html]" in refus.value.observe and "nobody's to accept" in refus.value.que_faire


@pytest.mark.parametrize("contenu", [DE_PAGE, DE_VALEUR], ids=["exam", "typing"])
@pytest.mark.parametrize("origine", ["mirror", "depot"])
def test_a_refusal_goes_with_its_file_and_comes_back_with_it(
    acquisition: Acquisition, nuit: Nuit, miroir: Path, origine: str, contenu: str
) -> None:
    nuit()
    fichier = miroir / "registre2022.csv"
    if origine == "depot":
        fichier = acquisition.home / "depot" / "registre" / "communes" / "2022" / "registre.csv"
        fichier.parent.mkdir(parents=True)
    for _ in range(2):
        fichier.write_text(contenu)
        assert len(codes(nuit())) == 1 and en_usage(acquisition) == [(sha(REGISTRE_2022), True)]
        fichier.unlink(missing_ok=True)
        assert codes(nuit()) == [] and en_usage(acquisition) == [(sha(REGISTRE_2022), False)]
