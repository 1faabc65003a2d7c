"""What stands in a shared folder and is no ordinary file: refused by its name, unopened, and told again."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from petite_source import REGISTRE_2022, changer, sha

from ingestion.acquisition import Acquisition
from ingestion.contrats.exigences import Limites
from ingestion.entree import compter, ouvrir
from ingestion.erreurs import ErreurSource, Lieu
from ingestion.recu import BLOC

ICI = Lieu("registre", "communes", 2021)
SECRET = "1f" * 32 + ";CODE;FOY21;REV21;NOM\n"
# An account that is none of those that run tests.
QUELQU_UN = 65534


def _prise(chemin: Path) -> None:
    with socket.socket(socket.AF_UNIX) as s:
        os.chdir(chemin.parent)
        s.bind(chemin.name)


POSES: dict[str, tuple[str, Callable[[Path, Path], object]]] = {
    "a link to a file": ("a link", lambda ou, secret: ou.symlink_to(secret)),
    "a link to a folder": ("a link", lambda ou, secret: ou.symlink_to(secret.parent)),
    "a link to a device": ("a link", lambda ou, _: ou.symlink_to("/dev/zero")),
    "a link to nothing": ("a link", lambda ou, _: ou.symlink_to("nowhere")),
    "a link to itself": ("a link", lambda ou, _: ou.symlink_to(ou.name)),
    "a pipe": ("a pipe", lambda ou, _: os.mkfifo(ou)),
    "a socket": ("a socket", lambda ou, _: _prise(ou)),
}


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    fichier = tmp_path / "closed" / "secret_installation"
    fichier.parent.mkdir()
    fichier.write_text(SECRET)
    fichier.chmod(0o600)
    return fichier


@pytest.mark.parametrize("cas", POSES)
def test_what_is_no_file_of_the_depot_is_refused_unopened_and_told_again(
    acquisition: Acquisition, secret: Path, cas: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")
    quoi, poser = POSES[cas]
    ou = acquisition.home / "depot/registre/communes/2021/registre.csv"
    ou.parent.mkdir(parents=True)
    poser(ou, secret)
    for _ in range(2):
        recu = acquisition.recevoir("registre")
        (erreur,) = recu.refus
        assert (erreur.code, erreur.fichier) == ("entree_interdite", "registre.csv")
        assert erreur.observe == f"{quoi} at {ou}"
        assert SECRET[:8] not in str(erreur)
        # The other files of the source come as ever, and what stands there stays.
        assert [p.millesime for p in (*recu.recus, *recu.inchanges)] == [2022]
        assert os.path.lexists(ou)
    assert secret.read_text() == SECRET
    assert [f.name for f in (acquisition.home / "landing").rglob("*.csv")] == ["registre2022.csv"]


@pytest.mark.parametrize("niveau", ["communes", "communes/2021"])
def test_a_folder_of_a_source_is_no_link(acquisition: Acquisition, tmp_path: Path, niveau: str) -> None:
    """Whoever may write in a shared folder names another place of the machine, whose files are listed."""
    ailleurs = tmp_path / "elsewhere"
    (ailleurs / "2021").mkdir(parents=True)
    (ailleurs / "2021" / "secret.csv").write_text(SECRET)
    ou = acquisition.home / "depot/registre" / niveau
    ou.parent.mkdir(parents=True)
    ou.symlink_to(ailleurs / "2021" if "/" in niveau else ailleurs)
    (erreur,) = acquisition.recevoir("registre").refus
    assert erreur.code == "entree_interdite" and "secret.csv" not in str(erreur)
    assert (ailleurs / "2021" / "secret.csv").exists()


def test_a_device_is_not_opened() -> None:
    with pytest.raises(ErreurSource, match=r"a device at /dev/zero"):
        ouvrir(Path("/dev"), Path("/dev/zero"), ICI)


@pytest.mark.skipif(os.geteuid() != 0, reason="root alone reads what another account keeps for itself")
def test_root_does_not_read_what_another_account_keeps_for_itself(secret: Path, tmp_path: Path) -> None:
    os.chown(secret, QUELQU_UN, -1)
    depot = tmp_path / "depot"
    depot.mkdir()
    os.link(secret, depot / "registre.csv")
    with pytest.raises(ErreurSource, match=f"a file that account {QUELQU_UN} alone may read"):
        ouvrir(depot, depot / "registre.csv", ICI)
    # Its owner's own folder, or a group that may read it: that account gives it.
    os.chown(depot, QUELQU_UN, -1)
    ouvrir(depot, depot / "registre.csv", ICI).close()
    os.chown(depot, 0, -1)
    secret.chmod(0o640)
    ouvrir(depot, depot / "registre.csv", ICI).close()


def test_a_file_that_is_not_there_is_named_in_full(tmp_path: Path) -> None:
    (tmp_path / "communes").mkdir()
    with pytest.raises(FileNotFoundError) as e:
        ouvrir(tmp_path, tmp_path / "communes" / "absent.csv", ICI)
    assert e.value.filename == str(tmp_path / "communes" / "absent.csv")


# Mirrors --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dossier", [False, True], ids=["a file", "a folder"])
def test_a_mirror_of_links_is_read_where_nobody_else_could_put_one(
    acquisition: Acquisition, miroir: Path, tmp_path: Path, dossier: bool
) -> None:
    """An operator may lay a mirror out with links; in a folder that others write in, a link is anybody's."""
    ailleurs = tmp_path / "elsewhere"
    ailleurs.mkdir()
    (miroir / "registre2022.csv").rename(ailleurs / "registre2022.csv")
    fichier = "registre2022.csv"
    if dossier:
        fichier = "registre/registre2022.csv"
        ici = acquisition.contrats["registre"].ressources["communes"].millesimes[2022]
        changer(acquisition, millesimes={2022: ici.model_copy(update={"mirror": fichier})})
        (miroir / "registre").symlink_to(ailleurs)
    else:
        (miroir / fichier).symlink_to(ailleurs / fichier)
    miroir.chmod(0o777)
    (erreur,) = acquisition.recevoir("registre").refus
    assert erreur.code == "entree_interdite"
    assert erreur.observe == f"a link at {miroir / Path(fichier).parts[0]}"
    miroir.chmod(0o755)
    recu = acquisition.recevoir("registre")
    assert [p.sha256 for p in recu.recus] == [sha(REGISTRE_2022)] and not recu.refus


@pytest.mark.parametrize("cas", ["a pipe", "a link to a device"])
def test_what_is_no_file_of_a_mirror_is_refused(
    acquisition: Acquisition, miroir: Path, secret: Path, cas: str
) -> None:
    (miroir / "registre2022.csv").unlink()
    POSES[cas][1](miroir / "registre2022.csv", secret)
    (erreur,) = acquisition.recevoir("registre").refus
    # The link is the operator's: what it leads to is no file.
    quoi = "a pipe" if cas == "a pipe" else "a device"
    assert (erreur.code, erreur.observe) == ("entree_interdite", f"{quoi} at {miroir / 'registre2022.csv'}")


# Sizes ----------------------------------------------------------------------------------------------


def test_bytes_are_counted_as_they_are_read(tmp_path: Path) -> None:
    fichier = tmp_path / "grows"
    fichier.write_bytes(b"x" * BLOC)
    with ouvrir(tmp_path, fichier, ICI) as f:
        blocs = compter(f, BLOC, ICI)
        assert len(next(blocs)) == BLOC
        with fichier.open("ab") as ajout:
            ajout.write(b"y")
        with pytest.raises(ErreurSource, match=f"more than {BLOC} bytes") as e:
            next(blocs)
    assert e.value.code == "trop_gros"
    # The system says that this one is empty.
    statut = Path("/proc/self/status")
    assert statut.stat().st_size == 0
    with ouvrir(statut.parent, statut, ICI) as f, pytest.raises(ErreurSource, match="more than 10 bytes"):
        list(compter(f, 10, ICI))


@pytest.mark.parametrize("origine", ["depot", "mirror"])
def test_a_file_larger_than_its_contract_allows_is_cut(
    acquisition: Acquisition, miroir: Path, origine: str
) -> None:
    changer(acquisition, limites=Limites(octets=3 * BLOC))
    ou = miroir / "registre2022.csv"
    if origine == "depot":
        ou = acquisition.home / "depot/registre/communes/2022/registre.csv"
        ou.parent.mkdir(parents=True)
    with ou.open("wb") as f:
        # A hole: nothing is on the disk, and copying it would write a hundred gigabytes.
        f.truncate(100 << 30)
    (erreur,) = acquisition.recevoir("registre").refus
    assert (erreur.code, erreur.fichier) == ("trop_gros", ou.name)
    assert erreur.observe == f"{100 << 30} bytes"
    assert "at most" in erreur.attendu and "octets" in erreur.que_faire
