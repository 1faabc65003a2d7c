"""A COG without its movements, movements without their COG: the night publishes on the last pair that holds.

On some of the producers' files: of 2025, one of the two is spoiled; the first foyers written in COG 2025 are
there, and so is all that is older.
"""

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from commande import Observatoire, Sortie

COG, MOUVEMENTS = "insee/cog/v_commune_2025.csv", "insee/cog/v_mvt_commune_2025.csv"
FOYERS = "cnaf/cafdata/s_ben_com_f.csv"
AUTRES = ("dgcl/epcicom*.xlsx", "insee/populations/*.csv", FOYERS)
PAIRE = "COG 2019, 2021, 2022, 2023, 2024{} and movements 2022, 2023, 2024{}; the reference stays COG 2024"


def observatoire(dossier: Path, reel: Path, mauvais: str) -> Observatoire:
    """A mirror that stops at 2025, one of its files without a column that the contract reads."""
    fichiers = [f for f in reel.glob("insee/cog/*.csv") if "2026" not in f.name]
    for fichier in [*fichiers, *(f for motif in AUTRES for f in reel.glob(motif))]:
        lien = dossier / "miroir" / fichier.relative_to(reel)
        lien.parent.mkdir(parents=True, exist_ok=True)
        lien.symlink_to(fichier)
    ici = Observatoire.miroir(dossier)
    ici.remplacer(mauvais, (reel / mauvais).read_bytes().replace(b"LIBELLE", b"NOM", 1))
    return ici


@pytest.fixture(scope="session")
def sans_mouvements(une_fois: Callable[[str, Callable[[Path], None]], Path], reel: Path) -> Path:
    """The first night refuses movements 2025; the second receives them."""

    def preparer(dossier: Path) -> None:
        ici = observatoire(dossier, reel, MOUVEMENTS)
        ici.nuit().garder(dossier / "premiere.json")
        ici.ctg("sources", "list").garder(dossier / "liste.json")
        (dossier / "release.txt").write_text(ici.courante.name)
        ici.retablir(MOUVEMENTS, reel)
        ici.nuit().garder(dossier / "seconde.json")

    return une_fois("sans_mouvements", preparer)


def reference(ici: Observatoire, release: str = "current") -> list[tuple[int, int]]:
    """COG of the communes of the Drôme, and how many."""
    with duckdb.connect(str(ici.home / "releases" / release / "ctg.duckdb"), read_only=True) as con:
        return con.execute(
            "select cog_millesime, count(*) from marts.dim_territoire "
            "where niveau = 'commune' and departement = '26' group by 1"
        ).fetchall()


def attentes(erreurs: str) -> dict[str, str]:
    """What waits, and all that was said of it."""
    blocs = erreurs.split("[en_attente] ")[1:]
    return {bloc.split(" is accepted")[0]: bloc for bloc in blocs}


def test_a_cog_whose_movements_were_refused_waits_and_the_night_publishes(sans_mouvements: Path) -> None:
    nuit = Sortie.relire(sans_mouvements / "premiere.json")
    assert nuit.code == 2, nuit.erreurs
    assert "[colonne_manquante] insee_cog_mouvements/mouvements, millésime 2025" in nuit.erreurs
    dites = attentes(nuit.erreurs)
    assert set(dites) == {
        "insee_cog_communes/communes 2025",
        # Its codes are those of COG 2025.
        "cnaf_allocataires_communes/communes 2024",
    }
    assert "reference COG N needs movements N" in dites["insee_cog_communes/communes 2025"]
    assert PAIRE.format(", 2025", "") in dites["insee_cog_communes/communes 2025"]
    assert "next:     provide movements 2025" in dites["insee_cog_communes/communes 2025"]
    assert "a reference of COG 2025 or later" in dites["cnaf_allocataires_communes/communes 2024"]

    ici, release = Observatoire.miroir(sans_mouvements), (sans_mouvements / "release.txt").read_text()
    assert reference(ici, release) == [(2024, 363)]
    manifeste = (ici.home / "releases" / release / "MANIFEST.json").read_text()
    assert '"waiting": [' in manifeste and "reference COG N needs movements N" in manifeste
    liste = Sortie.relire(sans_mouvements / "liste.json").sortie
    assert "waiting" in liste and "insee_cog_communes" in liste


def test_the_night_its_movements_are_accepted_a_cog_is_the_reference(sans_mouvements: Path) -> None:
    nuit = Sortie.relire(sans_mouvements / "seconde.json")
    assert (nuit.code, attentes(nuit.erreurs)) == (0, {}), nuit.erreurs
    ici = Observatoire.miroir(sans_mouvements)
    assert reference(ici) == [(2025, 362)]
    assert ici.manifeste["waiting"] == []
    assert ici.requete(
        "select etat, millesimes from dim_source where source_id = 'insee_cog_mouvements'"
    ) == [("recue", "2022, 2023, 2024, 2025")]


def test_movements_whose_cog_was_refused_wait_and_the_night_publishes(tmp_path: Path, reel: Path) -> None:
    ici = observatoire(tmp_path, reel, COG)
    nuit = ici.nuit()
    assert nuit.code == 2, nuit.erreurs
    assert "[colonne_manquante] insee_cog_communes/communes, millésime 2025" in nuit.erreurs
    dites = attentes(nuit.erreurs)
    assert set(dites) == {
        "insee_cog_mouvements/mouvements 2025",
        "cnaf_allocataires_communes/communes 2024",
    }
    assert PAIRE.format("", ", 2025") in dites["insee_cog_mouvements/mouvements 2025"]
    assert "next:     provide COG 2025" in dites["insee_cog_mouvements/mouvements 2025"]
    assert reference(ici) == [(2024, 363)]
