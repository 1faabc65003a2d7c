"""A COG without its movements, movements without their COG: the night publishes on the last pair that holds.

On some of the producers' files: of 2025, one of the two is spoiled; the first foyers written in COG 2025 are
there, and so is all that is older.
"""

import re
from pathlib import Path

from commande import Observatoire

from orchestration.nuit.reglages import lire

COG, MOUVEMENTS = "insee/cog/v_commune_2025.csv", "insee/cog/v_mvt_commune_2025.csv"
FOYERS = "cnaf/cafdata/s_ben_com_f.csv"
AUTRES = ("dgcl/epcicom2024.xlsx", "insee/populations/*_pop2022.csv", FOYERS)
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


def reference(ici: Observatoire) -> list[tuple[int, int]]:
    """COG of the communes of the Drôme, and how many."""
    return ici.requete(
        "select cog_millesime, count(*) from dim_territoire "
        "where niveau = 'commune' and departement = '26' group by 1"
    )


def attentes(erreurs: str) -> dict[str, str]:
    """What waits, and all that was said of it."""
    blocs = [bloc.split("\n\n")[0] for bloc in erreurs.split("[en_attente] ")[1:]]
    return {bloc.split(" is accepted")[0]: bloc for bloc in blocs}


def etats(ici: Observatoire) -> list[tuple[str, str]]:
    """Source and millésime of what waits, as `ctg sources list` shows them."""
    liste = ici.ctg("sources", "list").sortie
    return re.findall(r"^(\w+) .* (\d{4}) +waiting ", liste, re.MULTILINE)


def test_a_cog_whose_movements_were_refused_waits_and_the_night_publishes(tmp_path: Path, reel: Path) -> None:
    ici = observatoire(tmp_path, reel, MOUVEMENTS)
    nuit = ici.nuit()
    assert nuit.code == 2, nuit.erreurs
    assert "insee_cog_mouvements/mouvements, millésime 2025, file v_mvt_commune_2025.csv" in nuit.erreurs
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
    assert reference(ici) == [(2024, 363)]
    # A release says it too, and so does the list of sources, until the movements come.
    assert ici.requete(
        "select source_id, etat, millesimes, millesimes_en_attente from dim_source "
        "where millesimes_en_attente is not null order by 1"
    ) == [
        ("cnaf_allocataires_communes", "en_attente", None, "2024"),
        ("insee_cog_communes", "recue", "2019, 2021, 2022, 2023, 2024", "2025"),
    ]
    assert ici.manifeste["waiting"] == ["[en_attente] " + d.strip() for d in dites.values()]
    assert set(etats(ici)) == {("cnaf_allocataires_communes", "2024"), ("insee_cog_communes", "2025")}
    ici.retablir(MOUVEMENTS, reel)
    assert ici.ctg("sources", "fetch", "--mirror", str(ici.dossier_miroir)).code == 0
    assert etats(ici) == []


def test_movements_whose_cog_was_refused_wait_and_the_last_pair_stays_in_use(
    tmp_path: Path, reel: Path
) -> None:
    """Received alone: the night that would follow builds from these files, and tells what waits as above."""
    ici = observatoire(tmp_path, reel, COG)
    recu = ici.ctg("sources", "fetch", "--mirror", str(ici.dossier_miroir))
    assert recu.code == 2, recu.erreurs
    assert "insee_cog_communes/communes, millésime 2025, file v_commune_2025.csv" in recu.erreurs
    retenus = lire({"CTG_HOME": str(ici.home)}).acquisition().retenus()
    dites = attentes("\n\n".join(map(str, retenus.attentes)))
    assert set(dites) == {
        "insee_cog_mouvements/mouvements 2025",
        "cnaf_allocataires_communes/communes 2024",
    }
    assert PAIRE.format("", ", 2025") in dites["insee_cog_mouvements/mouvements 2025"]
    assert "next:     provide COG 2025" in dites["insee_cog_mouvements/mouvements 2025"]
    assert [f.millesime for f in retenus.de("insee_cog_communes")] == [2019, 2021, 2022, 2023, 2024]
    assert [f.millesime for f in retenus.de("insee_cog_mouvements")] == [2022, 2023, 2024]
