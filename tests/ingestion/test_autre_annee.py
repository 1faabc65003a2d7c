"""The file of one year saved again under another: refused by its rows; once accepted, taken back."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from petite_source import COG, REGISTRE, REGISTRE_2022, acquerir, petite_acquisition, sha

from ingestion.acquisition import Acquisition, Profil
from ingestion.as_of import choisir
from ingestion.contrats import charger_contrats
from ingestion.erreurs import ErreurSource, Lieu
from ingestion.journal import Journal
from ingestion.typage import normaliser_fichier
from socle.horloge import aujourd_hui
from tests.journaux import reecrire

SANS_ANNEE = REGISTRE.replace("{aa}", "")
CONTENU = REGISTRE_2022.replace("22;", ";").replace("Albon", "Étoile")


def _lf(octets: bytes) -> bytes:
    return octets.replace(b"\r\n", b"\n") if b"\r\n" in octets else octets.replace(b"\n", b"\r\n")


def _ordre(octets: bytes) -> bytes:
    entete, *lignes = octets.splitlines(keepends=True)
    return entete + b"".join(reversed(lignes))


def _marque(octets: bytes) -> bytes:
    return b"\xef\xbb\xbf" + octets.removeprefix(b"\xef\xbb\xbf")


REECRITURES = {
    "line ends": _lf,
    "order": _ordre,
    "a mark of encoding": _marque,
    "all of it": lambda o: _marque(_ordre(_lf(o))),
}


ENCODAGES: dict[str, Callable[[bytes], bytes]] = {
    "saved in Windows-1252": lambda o: o.decode("utf-8-sig").encode("cp1252", "replace"),
    "read as Latin-1, saved in UTF-8": lambda o: o.decode("latin-1").encode("utf-8"),
}


@pytest.fixture
def deux_ans(tmp_path: Path, miroir: Path) -> Acquisition:
    """The register, whose header says no year, as it came for 2022."""
    (miroir / "registre2022.csv").write_text(CONTENU)
    acquisition = petite_acquisition(tmp_path, miroir, {"insee_cog_communes": COG, "registre": SANS_ANNEE})
    assert not acquerir(acquisition)["registre"][1].refus
    return acquisition


def _refus(acquisition: Acquisition, source: str = "registre") -> list[ErreurSource]:
    return [e for bilan in acquerir(acquisition)[source] for e in bilan.refus]


@pytest.mark.parametrize("reecriture", REECRITURES)
def test_rows_of_another_year_are_named_by_it(reecriture: str, deux_ans: Acquisition, miroir: Path) -> None:
    octets = REECRITURES[reecriture](CONTENU.encode())
    assert sha(octets) != sha(CONTENU)
    (miroir / "registre2021.csv").write_bytes(octets)
    for _ in range(2):
        (refus,) = _refus(deux_ans)
        assert (refus.code, refus.millesime) == ("meme_contenu", 2021)
        assert f"the same rows as millésime 2022 ({sha(CONTENU)[:12]})" in refus.observe
        assert "`ctg sources withdraw registre/communes 2022`" in refus.que_faire
    assert [f.millesime for f in deux_ans.fichiers_retenus("registre")] == [2022]


def test_one_other_figure_is_another_year(deux_ans: Acquisition, miroir: Path) -> None:
    (miroir / "registre2021.csv").write_text(CONTENU.replace("26002;300", "26002;305"))
    assert _refus(deux_ans) == []


def test_a_header_that_says_its_year_is_believed(acquisition: Acquisition, miroir: Path) -> None:
    acquerir(acquisition)
    (miroir / "registre2021.csv").write_text(REGISTRE_2022.replace("22;", "21;"))
    assert _refus(acquisition) == []


def test_one_file_declared_for_both_years_is_no_mistake(tmp_path: Path, miroir: Path) -> None:
    ensemble = SANS_ANNEE.replace("registre2021.csv", "registre2022.csv")
    (miroir / "registre2022.csv").write_text(CONTENU)
    contrats = {"insee_cog_communes": COG, "registre": ensemble}
    assert _refus(petite_acquisition(tmp_path, miroir, contrats)) == []


def test_a_file_typed_before_its_content_was_kept_is_known_too(deux_ans: Acquisition, miroir: Path) -> None:
    chemin = deux_ans.journal().chemin
    reecrire(chemin, lambda e: {nom: v for nom, v in e.items() if nom != "contenu"})
    (miroir / "registre2021.csv").write_bytes(_lf(CONTENU.encode()))
    (refus,) = _refus(deux_ans)
    assert refus.code == "meme_contenu"


REELS = {
    "insee_populations_legales": (
        "insee/populations/donnees_communes_pop2022.csv",
        "insee/populations/donnees_communes_pop2021_cog2023.csv",
        2022,
        2021,
    ),
    "insee_cog_communes": ("insee/cog/v_commune_2024.csv", "insee/cog/v_commune_2023.csv", 2024, 2023),
    "insee_filosofi": (
        "insee/filosofi/FILO2019_DISP_COM.csv",
        "insee/filosofi/FILO2016_DISP_COM.csv",
        2019,
        2016,
    ),
}


@pytest.mark.parametrize("source", REELS)
def test_real_files_saved_again_under_another_year_are_named(source: str, reel: Path, tmp_path: Path) -> None:
    vrai, autre, de, sous = REELS[source]
    octets, miroir = (reel / vrai).read_bytes(), tmp_path / "miroir"
    for nom in (vrai, autre):
        (miroir / nom).parent.mkdir(parents=True, exist_ok=True)
    (miroir / vrai).write_bytes(octets)
    acquisition = Acquisition(tmp_path / "home", charger_contrats(), Profil("mirror", str(miroir)))
    assert [*acquisition.recevoir(source).refus, *acquisition.normaliser(source).refus] == []
    for nom, reecrite in {**REECRITURES, **ENCODAGES}.items():
        (miroir / autre).write_bytes(reecrite(octets))
        bilans = acquisition.recevoir(source), acquisition.normaliser(source)
        (refus,) = [e for bilan in bilans for e in bilan.refus]
        assert refus.millesime == sous, nom
        if nom == "saved in Windows-1252":
            assert refus.code == "encodage" and refus.sha256
        elif nom in ENCODAGES and source != "insee_cog_communes":
            assert refus.code == "colonne_manquante", "a letter of its header is another"
        elif source == "insee_filosofi":
            # Its header says its year.
            assert refus.code in ("autre_fichier", "memes_octets") and "2019" in refus.observe
        else:
            assert refus.code == "meme_contenu" and f"millésime {de}" in refus.observe, nom
    assert [f.millesime for f in acquisition.fichiers_retenus(source)] == [de]


# Taken back -------------------------------------------------------------------------------------------------

OU = ("registre", "communes", 2021)


def _choisi(acquisition: Acquisition, jours: int) -> tuple[str | None, str]:
    """What a day (from today on) would have used of 2021, and why."""
    jour = aujourd_hui() + timedelta(days=jours)
    (choix,) = [c for c in choisir(acquisition.contrats, acquisition.journal(), jour) if c.millesime == 2021]
    return choix.sha256, choix.raison


def test_a_file_in_use_is_taken_back_and_left_alone(deux_ans: Acquisition, miroir: Path) -> None:
    faux = CONTENU.replace("26002;300", "26002;305")
    (miroir / "registre2021.csv").write_text(faux)
    assert _refus(deux_ans) == []
    etat = deux_ans.journal().etat(*OU)
    with pytest.raises(ErreurSource, match="in use, neither refused nor waiting") as ecarte:
        deux_ans.ecarter(*OU, sha(faux)[:8])
    assert "`ctg sources withdraw registre/communes 2021`" in str(ecarte.value)
    retiree, reste = deux_ans.retirer(*OU, "2022 saved again")
    assert (retiree.sha256, reste) == (sha(faux), None)
    assert [f.millesime for f in deux_ans.fichiers_retenus("registre")] == [2022]
    assert deux_ans.landing.fichier(*OU, sha(faux)).read_text() == faux, "nothing of landing goes"
    assert _choisi(deux_ans, 0) == (None, f"taken back here on {aujourd_hui()}")
    # The mirror still has it: neither told nor used.
    for _ in range(2):
        assert _refus(deux_ans) == []
        assert [f.millesime for f in deux_ans.fichiers_retenus("registre")] == [2022]
    with pytest.raises(ErreurSource, match=f"{sha(faux)[:12]} was taken back already"):
        deux_ans.retirer(*OU, None)
    with pytest.raises(ErreurSource, match="and none was"):
        deux_ans.retirer("registre", "communes", 1999, None)
    # The right one comes, is used by itself, and goes back to none in its turn.
    vrai = CONTENU.replace("26002;300", "26002;310")
    (miroir / "registre2021.csv").write_text(vrai)
    assert _refus(deux_ans) == []
    etat = deux_ans.journal().etat(*OU)
    assert etat.accepte == sha(vrai) and etat.en_attente is None
    # A person may want the former one after all.
    deux_ans.accepter(*OU, sha(faux)[:8])
    assert _refus(deux_ans) == [] and deux_ans.journal().etat(*OU).accepte == sha(faux)
    assert Journal(deux_ans.journal().chemin).etat(*OU) == deux_ans.journal().etat(*OU)


def test_a_revision_that_is_taken_back_gives_way_to_the_file_before_it(
    deux_ans: Acquisition, miroir: Path
) -> None:
    premier, second = (CONTENU.replace("26002;300", f"26002;{n}") for n in (305, 310))
    for contenu in (premier, second):
        (miroir / "registre2021.csv").write_text(contenu)
        acquerir(deux_ans)
    deux_ans.accepter(*OU, sha(second)[:8])
    _, reste = deux_ans.retirer(*OU, None)
    assert reste and reste.sha256 == sha(premier)
    assert _refus(deux_ans) == []
    (en_usage,) = [f for f in deux_ans.fichiers_retenus("registre") if f.millesime == 2021]
    assert en_usage.sha256 == sha(premier) and not en_usage.perime
    assert _choisi(deux_ans, 1)[0] == sha(premier)


def test_a_file_whose_codes_are_those_of_a_newer_cog_is_refused(reelle: tuple[Acquisition, object]) -> None:
    """Of the eight codes of 2023 that COG 2024 lacks, each is in COG 2025: none is set aside as a mistake."""
    fonds, _ = reelle
    ressource = fonds.contrats["insee_populations_legales"].ressources["communes"]
    edition = ressource.millesimes[2022].model_copy(update={"codes_hors_cog": 100})
    neuf = fonds.acceptes(ressource.source, "communes")[2023]
    chemin = fonds.landing.fichier(ressource.source, "communes", 2023, neuf.sha256)
    lieu = Lieu(ressource.source, "communes", 2022, chemin.name)
    with pytest.raises(ErreurSource, match="millesime_suivant") as refus:
        normaliser_fichier(
            chemin, ressource, edition, neuf.sha256, fonds.cog(2024), lieu, fonds.cogs_suivants(edition)
        )
    assert "all of them in the COG 2025" in refus.value.observe
