"""A small warehouse as a Caf has it, on a few of the producers' real files, and `ctg` run on a copy of it.

It has two releases, a decision of a person, an extract, addresses of alerts and a backup. Commands run in a
child of this process, which has imported everything: it must never have started a thread of its own.
"""

import json
import os
import re
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

from petit_extrait import Atelier, foyers

from tests.drills.pannes.appels import Appel, Verdict, superviser

FICHIERS = (
    "insee/cog/v_*_2025.csv",
    "insee/populations/donnees_communes_pop2022.csv",
    "dgcl/epcicom2024.xlsx",
    "cnaf/cafdata/s_ben_com_f.csv",
    "cnaf/cafdata/txcouv_pe_epci.csv",
)
REVISE = Path("cnaf", "cafdata", "txcouv_pe_epci.csv")
# What a night finds the next day.
NOUVEAU = Path("cnaf", "cafdata", "txcouv_pe_nat.csv")
PERIMETRE = "epci:200068229"
OPTIONS = ("--perimetre", PERIMETRE, "--imprimer", PERIMETRE)


@dataclass(frozen=True)
class Sortie:
    """How a command ended: its exit code, negative for a signal; what it printed; the alerts it sent."""

    code: int
    texte: str
    alertes: tuple[str, ...] = ()


class Monde:
    """A home, its mirror and what stands beside them, in one folder."""

    def __init__(self, dossier: Path) -> None:
        self.dossier = dossier
        self.home, self.miroir = dossier / "home", dossier / "miroir"
        self.sauvegardes, self.cle = dossier / "sauvegardes", dossier / "cle"

    def copier(self, ailleurs: Path) -> "Monde":
        """The same elsewhere: files made read-only are never written again, and are linked."""
        shutil.copytree(self.dossier, ailleurs, symlinks=True, copy_function=shutil.copy2)
        autre = Monde(ailleurs)
        lien = autre.home / "liaison.json"
        lien.write_text(lien.read_text().replace(str(self.dossier), str(ailleurs)))
        return autre

    @property
    def reglages(self) -> dict[str, str]:
        return {
            "CTG_HOME": str(self.home),
            "CTG_PROFILE": "mirror",
            "CTG_MIRROR": str(self.miroir),
            "CTG_CLE_PSEUDONYMES_FICHIER": str(self.cle),
            "TZ": "Europe/Paris",
        }

    def refresh(self, *options: str, **autour: Any) -> Sortie:
        return self.ctg("refresh", *OPTIONS, *options, **autour)

    def ctg(
        self,
        *arguments: str,
        avant: Callable[[], None] = lambda: None,
        decider: Callable[[Appel], Verdict] | None = None,
        **reglages: str,
    ) -> Sortie:
        """Run a command; `avant`: what is done in its process first; `decider`: of each of its writes."""
        recues = self.dossier / "alertes.txt"
        recues.unlink(missing_ok=True)
        code, texte = en_fils(
            lambda: executer(arguments, self.reglages | reglages, avant), self.home, decider
        )
        dites = recues.read_text().splitlines() if recues.exists() else []
        return Sortie(code, texte, tuple(json.loads(dite) for dite in dites))


def executer(arguments: Sequence[str], reglages: dict[str, str], avant: Callable[[], None]) -> int:
    """In a child: be `ctg`."""
    from orchestration.cli import main

    for nom in [n for n in os.environ if n.startswith(("CTG_", "DAGSTER"))]:
        del os.environ[nom]
    os.environ.update(reglages)
    avant()
    try:
        main(list(arguments), prog_name="ctg")
    except SystemExit as fin:
        return fin.code if isinstance(fin.code, int) else 1
    return 0


def en_fils(
    faire: Callable[[], int],
    home: Path = Path("/nowhere"),
    decider: Callable[[Appel], Verdict] | None = None,
) -> tuple[int, str]:
    """Run it in a child; return its exit code, negative for a signal, and what it printed."""
    with tempfile.TemporaryFile() as dit:

        def dire() -> str:
            os.dup2(dit.fileno(), 1)
            os.dup2(dit.fileno(), 2)
            try:
                code = faire()
            except BaseException:
                sys.excepthook(*sys.exc_info())
                code = 70
            sys.stdout.flush()
            sys.stderr.flush()
            return str(code or "")

        sys.stdout.flush()
        sys.stderr.flush()
        fin = superviser(dire, home, decider)
        dit.seek(0)
        code = int(fin.message or 0) if fin.code >= 0 else fin.code
        return code, dit.read().decode(errors="replace")


def decaler(jours: float) -> Callable[[], None]:
    """Put the clock of a child ahead, or behind: of the code of the project, not of its libraries."""

    def patcher() -> None:
        class Decale(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> datetime:
                return datetime.now(tz) + timedelta(days=jours)

        for nom, module in [*sys.modules.items()]:
            if nom.partition(".")[0] in _PROJET and getattr(module, "datetime", None) is datetime:
                module.datetime = Decale  # type: ignore[attr-defined]

    return patcher


_PROJET = {"socle", "ingestion", "confidentialite", "publication", "orchestration"}


@contextmanager
def boite(monde: Monde) -> Iterator[None]:
    """Take the alerts of a world: a server of HTTP in a process of its own, whose port its home names."""
    ecoute = socket.create_server(("127.0.0.1", 0))
    (monde.home / "alertes.yml").write_text(
        f"destinations: ['json://127.0.0.1:{ecoute.getsockname()[1]}']\nsilence_jours: 365\n"
    )
    recues = monde.dossier / "alertes.txt"

    class Boite(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            corps = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with recues.open("a") as flux:
                flux.write(json.dumps(f"{corps['title']}\n{corps['message']}") + "\n")
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    if not (pid := os.fork()):
        serveur = HTTPServer(("127.0.0.1", 0), Boite, bind_and_activate=False)
        serveur.socket = ecoute
        serveur.serve_forever()
    ecoute.close()
    try:
        yield
    finally:
        os.kill(pid, 9)
        os.waitpid(pid, 0)


def preparer(dossier: Path, reel: Path) -> None:
    """Make the world: three nights, a decision between them, a backup."""
    from orchestration.definitions import defs  # noqa: F401

    monde = Monde(dossier)
    for fichier in (f for motif in FICHIERS for f in reel.glob(motif)):
        ici = monde.miroir / fichier.relative_to(reel)
        ici.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(fichier, ici)
    monde.sauvegardes.mkdir()
    monde.cle.write_text(f"{sha256(b'drills').hexdigest()}\n")
    monde.cle.chmod(0o600)
    monde.home.mkdir(mode=0o711)
    atelier = Atelier(monde.home)
    atelier.csv([ligne for rang, commune in enumerate(COMMUNES) for ligne in foyers_de(rang, commune)])
    atelier.correspondance()
    with boite(monde):
        _exiger(monde.refresh())
        revise = monde.miroir / REVISE
        # The total of the territory that is published is held by `seuils.yml`.
        lignes = revise.read_bytes().splitlines(keepends=True)
        autres = [re.sub(rb";(\d\d)\.\d", rb";\1.9", x) if b"200068229" not in x else x for x in lignes]
        revise.write_bytes(b"".join(autres))
        attend = monde.refresh()
        assert attend.code == 2, attend.texte
        nouveau = sha256(revise.read_bytes()).hexdigest()
        _exiger(monde.ctg("sources", "accept", "cnaf_taux_couverture_epci", "courant", "2023", nouveau))
        _exiger(monde.refresh())
    _exiger(monde.ctg("sauvegarde", str(monde.sauvegardes)))


COMMUNES = ("26220", "26057", "26063", "26233")


def foyers_de(rang: int, commune: str) -> list[dict[str, str]]:
    return [f | {"id_foyer": f"F{rang}{f['id_foyer']}"} for f in foyers(40 + 7 * rang, code_commune=commune)]


def _exiger(sortie: Sortie) -> None:
    assert sortie.code == 0, sortie.texte
