"""A revised month that earlier releases give away in part, from end to end: set aside, decided, published."""

import hashlib
import json
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from commande import Observatoire

pytestmark = pytest.mark.drill

EXTRAIT = Path("demonstration", "extrait")
MOIS = Path("2022-12", "extrait_202212.parquet")
# A file of a public source that changes the same night.
SERVI = Path("demonstration", "cnaf", "cafdata", "txcouv_pe_epci.csv")
PUBLIC = ("cnaf_taux_couverture_epci", "courant", "2023")
INDICATEUR = "montant_prestations_handicap"


def concentrer(ici: Observatoire) -> str:
    """Leave a shown amount of a commune to one foyer nearly, its sum unchanged; return the commune.

    The sum was released, and today's rule hides it: nobody can take it back, so that a person has to decide.
    """
    ((code, montant),) = ici.requete(
        "select code, valeur from fct_indicateurs where indicateur_id = ? and niveau = 'commune'"
        " and millesime = 2022 and statut = 'observe' and valeur > 0 order by valeur, code limit 1",
        INDICATEUR,
    )
    dossier = ici.home / EXTRAIT
    table = pq.read_table(dossier / MOIS)
    foyers = table.to_pylist()
    siens = [f for f in foyers if f["code_insee_res"] == code and f["cumul_handicap"]]
    assert float(sum(f["cumul_handicap"] for f in siens)) == montant
    un, autre, *restants = siens
    un["cumul_handicap"], autre["cumul_handicap"] = Decimal(str(montant)) - 1, Decimal("1.00")
    for foyer in restants:
        foyer["cumul_handicap"] = Decimal("0.00")
    pq.write_table(pa.Table.from_pylist(foyers, schema=table.schema), dossier / MOIS)
    # The demonstration writes its files again when one is not as it left it.
    temoin = dossier / ".ecrit"
    dit = json.loads(temoin.read_text())
    etat = (dossier / MOIS).stat()
    dit["fichiers"][str(MOIS)] = [etat.st_size, etat.st_mtime_ns]
    temoin.write_text(json.dumps(dit))
    return str(code)


def entree(ici: Observatoire, source: str, millesime: int) -> str:
    """The name of the file that the release in service used."""
    return str(
        next(
            f["fichier_id"]
            for f in ici.manifeste["inputs"]
            if (f["source"], f["millesime"]) == (source, millesime)
        )
    )


def test_a_revision_waits_for_a_person_and_nothing_else_does(calme: Observatoire, tmp_path: Path) -> None:
    ici = calme.copie(tmp_path)
    avant = entree(ici, "caf_extrait_allocataires", 2022)
    commune = concentrer(ici)
    cellule = (f"commune:{commune}", INDICATEUR, 2022)
    assert ici.chiffre(*cellule)["statut"] == "observe"
    depose = ici.home / "depot" / Path(*PUBLIC) / SERVI.name
    depose.parent.mkdir(parents=True)
    octets = (ici.home / SERVI).read_bytes().replace(b";71.1", b";71.3")
    depose.write_bytes(octets)

    # Both are received; what is a revision waits to be accepted.
    recue = ici.nuit()
    assert recue.code in (0, 2), recue.erreurs
    (sha,) = {
        ligne.split()[1]
        for bloc in recue.erreurs.split("[revision]")[1:]
        if "caf_extrait_allocataires" in bloc
        for ligne in bloc.splitlines()
        if ligne.startswith("  observed:")
    }
    assert ici.ctg("extrait", "accept", "2022-12", sha).code == 0
    assert ici.ctg("sources", "accept", *PUBLIC, hashlib.sha256(octets).hexdigest()).code == 0

    # The night sets the month aside, publishes the rest, and says so.
    nuit = ici.nuit()
    assert nuit.code == 2 and "[revision_ecartee]" in nuit.erreurs, nuit.erreurs
    assert entree(ici, "caf_extrait_allocataires", 2022) == avant
    assert entree(ici, PUBLIC[0], 2023) == hashlib.sha256(octets).hexdigest()
    assert ici.chiffre(*cellule)["statut"] == "observe"
    incidents = ici.ctg("secret", "incidents").sortie
    assert f"{INDICATEUR}, commune:{commune}, 2022" in incidents

    # Until it is decided, no night tries it again, and every night says it.
    construction = ici.construction
    encore = ici.nuit()
    assert encore.code == 2 and "[revision_ecartee]" in encore.erreurs
    assert ici.construction == construction, "the night built again"

    # One round ends it.
    assert ici.ctg("secret", "decide", "--tout", "--par", "A. B.", "--raison", "révision").code == 0
    fin = ici.nuit()
    assert fin.code == 0, fin.erreurs
    assert entree(ici, "caf_extrait_allocataires", 2022) != avant
    assert ici.chiffre(*cellule)["statut"] == "secret"
    assert "[to be decided]" not in ici.ctg("secret", "incidents").sortie
