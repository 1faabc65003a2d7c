"""Journals that lost lines, were reversed or came back from yesterday: a night sees it before it reads."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import pytest
from commande import environnement
from en_ligne import ctg

from ingestion.extrait.journal import JournalMicro
from ingestion.journal import Journal
from orchestration.nuit import reglages
from orchestration.nuit.agregats import SCHEMA_ARRONDIS, SCHEMA_COMPTES, Agregats, Fichier
from orchestration.nuit.chemins import Chemins
from orchestration.nuit.journaux import NOMS, chemin, raccourcis, tetes
from orchestration.nuit.nuit import tenir
from orchestration.nuit.pertes import pertes
from orchestration.nuit.reglages import Reglages
from publication.releases import magasin
from socle.etat import EtatIllisible
from socle.journaux import lire_evenements, lire_lignes
from tests.foyers.temoin import MILLESIME, MOIS, RESSOURCE, SOURCE, faire, servir


def _vivre(reglage: Reglages) -> None:
    """Write some days of lines in each journal, the last one a decision."""
    journal = reglage.acquisition().journal()
    micro = reglage.micro().journal()
    geles, faits = Agregats(reglage.chemins.agregats), Fichier("caf_extrait_allocataires", MOIS, "a" * 64)
    contenus = sorted(journal.etat(SOURCE, RESSOURCE, MILLESIME).normalises)
    for rang in range(12):
        choisi = contenus[rang % len(contenus)]
        journal.ecrire("accepte", SOURCE, RESSOURCE, MILLESIME, sha256=choisi, by="main")
        micro.ecrire("accepte", MOIS, sha256="ab"[rang % 2] * 64, by="main")
        geles.garder_compte(faits, SCHEMA_COMPTES.empty_table(), entrees=f"{rang:064x}")
        geles.garder_arrondi(faits, SCHEMA_ARRONDIS.empty_table())


@pytest.fixture(scope="module")
def modele(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a release in service, and its journals of the day before (`hier/`): made once."""
    dossier = tmp_path_factory.mktemp("modele")
    with _dans(dossier) as chemins:
        faire(chemins.home)
        chemins.liaison.write_text('{"profil": "mirror", "perimetre": "departement:26"}')
        (dossier / "hier").mkdir()
        for nom in NOMS:
            shutil.copy(chemin(chemins, nom), dossier / "hier" / f"{nom}.jsonl")
        with reglages.verrou(chemins.home):
            _vivre(reglages.lire())
            servir(reglages.lire(), dossier, 4200)
    return dossier


@contextmanager
def _dans(dossier: Path) -> Iterator[Chemins]:
    """Work in the home of a folder."""
    home = dossier / "home"
    env = environnement(CTG_HOME=str(home), CTG_MIRROR=str(dossier / "miroir"))
    with patch.dict(os.environ, env, clear=True):
        yield Chemins(home)


@pytest.fixture
def foyer(modele: Path, tmp_path: Path) -> Iterator[Chemins]:
    """One's own copy of that home."""
    for nom in ("home", "hier", "miroir"):
        shutil.copytree(modele / nom, tmp_path / nom, symlinks=True)
    with _dans(tmp_path) as chemins:
        yield chemins


def _nuit(lue: list[str] | None = None) -> None:
    """Begin a night, and note whether it read a journal."""
    vue = Journal.__init__

    def lire(journal: Journal, chemin: Path) -> None:
        (lue if lue is not None else []).append(str(chemin))
        vue(journal, chemin)

    with patch.object(Journal, "__init__", lire), tenir(reglages.lire(), avertir=lambda _: None):
        pass


def _couper(n: int) -> Callable[[Path, bytes], bytes]:
    return lambda _, octets: b"".join(octets.splitlines(keepends=True)[:-n])


DEGATS: dict[str, Callable[[Path, bytes], bytes]] = {
    "its last line is gone": _couper(1),
    "its 3 last lines are gone": _couper(3),
    "its 10 last lines are gone": _couper(10),
    "cut inside a line": lambda _, octets: octets[:-40],
    "its last line is noise": lambda _, octets: octets[: octets[:-1].rindex(b"\n") + 1] + b"\xff\xfe\0",
    "it is gone": lambda _, __: b"",
    "reversed": lambda _, octets: b"".join(reversed(octets.splitlines(keepends=True))),
    "restored from yesterday": lambda hier, _: hier.read_bytes(),
    "one line of its middle is gone": lambda _, octets: b"".join(
        ligne for rang, ligne in enumerate(octets.splitlines(keepends=True)) if rang != 4
    ),
}


@pytest.mark.parametrize("degat", DEGATS)
@pytest.mark.parametrize("nom", NOMS)
def test_a_night_stops_before_it_reads_and_doctor_says_which_decisions_are_missing(
    nom: str, degat: str, foyer: Chemins, tmp_path: Path
) -> None:
    _nuit()
    journal = chemin(foyer, nom)
    entier = journal.read_bytes()
    journal.write_bytes(DEGATS[degat](tmp_path / "hier" / f"{nom}.jsonl", entier))
    lues: list[str] = []
    with pytest.raises(EtatIllisible) as refus:
        _nuit(lues)
    assert not lues and str(journal) in str(refus.value)
    dit = ctg("doctor")
    assert dit.exit_code == 1 and str(journal) in dit.output
    presentes = {ligne.octets for ligne in lire_lignes(journal, rompu=True)}
    absentes = [ligne for ligne in entier.splitlines() if ligne not in presentes]
    assert len(presentes) + len(absentes) == len(entier.splitlines())
    for texte in (str(refus.value), dit.output):
        dites = texte.partition("missing:\n")[2].partition("Next:")[0].partition("next:")[0].splitlines()
        assert len([d for d in dites if d.strip()]) == min(len(absentes), 11), texte
        assert ("none is missing" in texte) == (degat == "reversed")
    if absentes and nom != "agregats" and "middle" not in degat:
        quoi = f"{SOURCE}/{RESSOURCE} {MILLESIME}" if nom == "landing" else f"extract {MOIS}"
        assert f"{quoi} " in dit.output and "accepted by hand" in dit.output
    # No other command writes a decision after what is missing.
    for commande in (
        ["sources", "fetch"],
        ["extrait", "accept", MOIS, "a" * 12],
        ["sauvegarde", "/tmp/x.tar"],
    ):
        assert ctg(*commande).exit_code == 1, commande
    # What the message says to type.
    commande = str(refus.value).partition("put it back as it was, `")[2].partition("`")[0]
    subprocess.run(commande.split(), check=True)
    assert journal.read_bytes() == entier
    _nuit()
    assert "memories can be read, and none is lost" in ctg("doctor").output


@pytest.mark.parametrize("nom", NOMS)
def test_an_operator_may_go_on_with_what_there_is(nom: str, foyer: Chemins, tmp_path: Path) -> None:
    journal = chemin(foyer, nom)
    assert "no line is missing" in ctg("journal", "accept", nom).output
    journal.write_bytes((tmp_path / "hier" / f"{nom}.jsonl").read_bytes())
    restent = [*lire_evenements(journal)]
    accepte = ctg("journal", "accept", nom, "--motif", "disk of 3 November")
    assert accepte.exit_code == 0 and accepte.output.count("forgotten: ") == 11, accepte.output
    assert b'"motif": "disk of 3 November"' in journal.read_bytes().splitlines()[-1]
    assert [*lire_evenements(journal)] == restent
    assert len([*foyer.temoins.glob(f"{nom}-*.jsonl")]) == 1, "what is forgotten can still be read"
    _nuit()
    assert "memories can be read, and none is lost" in ctg("doctor").output
    # Lost again, it is seen again.
    journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:-1]))
    with pytest.raises(EtatIllisible):
        _nuit()


def test_what_is_newer_than_the_head_is_no_loss(foyer: Chemins, tmp_path: Path) -> None:
    """A night killed between a line and its release, a rollback, a newer backup."""
    avant = magasin.completes(foyer.releases)
    _vivre(reglages.lire())
    _nuit()
    assert magasin.revenir(foyer.releases, avant[-1].name)
    _nuit()
    assert ctg("releases", "rollback", "--lift").exit_code == 0
    assert ctg("sauvegarde", str(tmp_path / "s.tar")).exit_code == 0
    _vivre(reglages.lire())
    _nuit()
    assert [*raccourcis(foyer)] == []


def test_a_restored_backup_goes_on_beside_newer_releases_once_somebody_says_so(
    foyer: Chemins, tmp_path: Path
) -> None:
    tar = str(tmp_path / "s.tar")
    assert ctg("sauvegarde", tar).exit_code == 0
    with reglages.verrou(foyer.home):
        _vivre(reglages.lire())
        nouvelle = servir(reglages.lire(), tmp_path, 4300)
    perdu = foyer.home.rename(tmp_path / "perdu")
    assert ctg("restore", tar).exit_code == 0
    _nuit()
    # Readers had a later release, which is put back beside.
    (perdu / "releases" / nouvelle).rename(foyer.releases / nouvelle)
    with pytest.raises(EtatIllisible, match=rf"{nouvelle} saw of it, then more, observed .* fewer"):
        _nuit()
    for nom in NOMS:
        assert ctg("journal", "accept", nom).exit_code == 0
    _nuit()
    assert [*pertes(foyer)] == []


def test_without_a_copy_the_release_and_the_backup_still_tell(foyer: Chemins, tmp_path: Path) -> None:
    tar = tmp_path / "s.tar"
    assert ctg("sauvegarde", str(tar)).exit_code == 0
    entier = foyer.journal.read_bytes()
    foyer.journal.write_bytes(b"".join(entier.splitlines(keepends=True)[:-3]))
    for copie in foyer.temoins.iterdir():
        copie.unlink()
    (perte,) = raccourcis(foyer)
    assert "3 fewer; which ones, nothing here says" in perte.fait
    commande = perte.suite.partition("of the last backup, `")[2].partition("`")[0]
    subprocess.run(commande.split(), check=True)
    assert foyer.journal.read_bytes() == entier and not [*raccourcis(foyer)]


@pytest.mark.parametrize(
    "abimer", [lambda o: o.replace(b'"event"', b'"evenT"', 1), lambda o: o[: len(o) // 2], lambda _: b"\0\1"]
)
def test_a_damaged_copy_is_no_lost_line_and_is_made_again(
    abimer: Callable[[bytes], bytes], foyer: Chemins
) -> None:
    copie = foyer.temoins / "landing.jsonl"
    octets = copie.read_bytes()
    copie.write_bytes(abimer(octets))
    assert copie.read_bytes() != octets
    _nuit()
    assert copie.read_bytes() == octets == foyer.journal.read_bytes()


def test_a_manifest_says_nothing_of_the_lines(foyer: Chemins) -> None:
    """Its digest is not that of a line, nor of its seal: who guesses a line could check the guess."""
    (derniere, *_) = magasin.completes(foyer.releases)
    dites = magasin.montrer(foyer.releases, derniere.name)["journals"]
    assert dites.keys() == {*NOMS}
    for nom, tete in tetes(foyer).items():
        octets = chemin(foyer, nom).read_bytes()
        assert dites[nom] == {"lignes": tete.lignes, "empreinte": tete.empreinte}
        assert tete.lignes == len(octets.splitlines())
        assert not any(tete.empreinte[i : i + 8].encode() in octets for i in range(0, 64, 8))


def test_the_journals_are_read_as_before(foyer: Chemins) -> None:
    etat = Journal(foyer.journal).etat(SOURCE, RESSOURCE, MILLESIME)
    assert etat.accepte and JournalMicro(foyer.journal_micro).etats[MOIS].accepte
    assert all("suit" not in e and "sel" not in e for e in lire_evenements(foyer.journal))
