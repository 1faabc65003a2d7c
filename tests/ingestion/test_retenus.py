"""The files in use are one snapshot; what it says is on the disk before the journal says it."""

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from petite_source import REGISTRE_2022, acquerir

from ingestion import journal, normalisation, retenus
from ingestion.acquisition import Acquisition
from ingestion.journal import Journal
from socle import disque
from tests.journaux import reecrire

Nuit = Callable[[], object]


def test_the_snapshot_is_taken_once_and_again_when_something_changes(
    acquisition: Acquisition, nuit: Nuit, miroir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nuit()
    prises: list[object] = []
    prendre = retenus.prendre
    monkeypatch.setattr(retenus, "prendre", lambda *a: prises.append(a) or prendre(*a))
    premier = acquisition.retenus()
    assert acquisition.retenus() is premier and acquisition.fichiers_retenus("registre") == premier.de(
        "registre"
    )
    acquisition.jamais_recues()
    assert len(prises) == 1
    # Another process accepts, refuses or receives: the journal tells.
    Journal(acquisition.journal().chemin).ecrire(
        "recu", "registre", "communes", 2021, sha256="0" * 64, origine="depot"
    )
    assert acquisition.retenus() is not premier and len(prises) == 2


def _changer_un_octet(fichier: Path) -> None:
    octets = bytearray(fichier.read_bytes())
    octets[len(octets) // 2] ^= 1
    fichier.chmod(0o600)
    fichier.write_bytes(octets)


def test_a_typed_file_that_changed_on_the_disk_is_typed_again(acquisition: Acquisition, nuit: Nuit) -> None:
    nuit()
    (*_, fichier) = acquisition.fichiers_retenus()
    entier = fichier.parquet.read_bytes()
    for abimer in (_changer_un_octet, lambda p: p.write_bytes(entier[:-9])):
        abimer(fichier.parquet)
        nuit()
        assert fichier.parquet.read_bytes() == entier


def test_a_landed_file_that_changed_on_the_disk_is_refused(acquisition: Acquisition, nuit: Nuit) -> None:
    """What is typed of it stays in use as long as it is whole; nothing is typed of what was not received."""
    nuit()
    (*_, fichier) = acquisition.fichiers_retenus()
    lande = acquisition.landing.fichier(fichier.source, fichier.ressource, fichier.millesime, fichier.sha256)
    _changer_un_octet(lande)
    nuit()
    assert acquisition.journal().etat(fichier.source, fichier.ressource, fichier.millesime).refus is None
    fichier.parquet.unlink()
    (_, normalisation_) = acquerir(acquisition)[fichier.source]
    (refus,) = normalisation_.refus
    assert refus.code == "octets_alteres" and fichier.sha256[:12] in refus.attendu


def test_the_schema_of_a_parquet_is_read_in_the_journal(acquisition: Acquisition, nuit: Nuit) -> None:
    """A file of another schema than its contract's is left out, and nobody opens it to know."""
    nuit()
    *autres, dernier = acquisition.fichiers_retenus()
    dernier.parquet.write_bytes(b"")
    assert acquisition.fichiers_retenus() == [*autres, dernier]
    chemin = acquisition.journal().chemin
    autre = {"schema": "0" * 12}
    reecrire(chemin, lambda e: e | autre if e.get("parquet") == dernier.parquet.name else e)
    assert acquisition.fichiers_retenus() == autres


def test_every_file_is_on_the_disk_before_the_journal_speaks_of_it(
    acquisition: Acquisition, nuit: Nuit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is synced, and what is journalled, in order: no event before its file, no file twice."""
    faits: list[str] = []
    synchroniser, ajouter = disque.synchroniser, journal.ajouter_evenements

    def noter(chemin: Path) -> None:
        faits.append(chemin.name)
        synchroniser(chemin)

    def journaliser(chemin: Path, contenus: list[dict[str, object]]) -> None:
        faits.append("+".join(str(e["event"]) for e in contenus))
        ajouter(chemin, contenus)

    monkeypatch.setattr(disque, "synchroniser", noter)
    monkeypatch.setattr(journal, "ajouter_evenements", journaliser)
    nuit()
    landed = [f for f in faits if f in ("recu", "provenance.json")]
    parquets = [f for f in faits if f.endswith(".parquet")]
    # Two sources, each with one file.
    assert landed.count("provenance.json") == 2 and faits.count("normalise+accepte") == 2
    assert len(parquets) == len(set(parquets)) == 2
    assert faits.index("provenance.json") < faits.index("recu", faits.index("provenance.json") + 1)
    assert max(faits.index(p) for p in parquets[:1]) < faits.index("normalise+accepte")


def test_a_kill_between_the_parquet_and_its_event_loses_nothing(
    acquisition: Acquisition, nuit: Nuit, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Tue(BaseException):
        """The end of the process."""

    def tuer(*_: object) -> None:
        raise Tue

    with monkeypatch.context() as m:
        m.setattr(normalisation, "synchroniser_tous", tuer)
        acquisition.recevoir("registre")
        with pytest.raises(Tue):
            acquisition.normaliser("registre")
    chemin = acquisition.journal().chemin
    assert [json.loads(e)["event"] for e in chemin.read_text().splitlines()] == ["recu"]
    apres = Acquisition(acquisition.home, acquisition.contrats, acquisition.profil)
    # The Parquet that was left may be torn: it is written again.
    (laisse,) = (acquisition.home / "normalised/registre").rglob("*.parquet")
    laisse.write_bytes(b"torn")
    assert [p.millesime for p in apres.normaliser("registre").acceptes] == [2022]
    (fichier,) = apres.fichiers_retenus("registre")
    assert fichier.parquet == laisse and pq.read_table(laisse).num_rows == REGISTRE_2022.count("\n") - 1
