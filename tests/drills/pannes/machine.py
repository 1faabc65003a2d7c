"""A store on a disk that loses: any sequence of what is done to it, each time ended by a cut of power.

Hypothesis draws what is done (publish, publish as of a day, roll back, lift the pin), at which write the
power goes, or after the last one, and what of the unsynced the disk kept. The next operation starts from
what is left; a sequence that breaks a promise is raised, as short as it can be.

Belongs here: what is done to a store, and what must hold from one step to the next. Does not: the disk
(`pertes.py`).
"""

import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from confidentialite.memoire import registre
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from publication.releases import magasin
from tests.drills.pannes.appels import Appel, Verdict, superviser
from tests.drills.pannes.campagne import seul
from tests.drills.pannes.coupures import gardes
from tests.drills.pannes.exercices import Publication, constater_le_magasin, lire
from tests.drills.pannes.pertes import DisqueAPertes

JOUR = "2024-12-17"
OPERATIONS = Publication()
coupes = 0


@dataclass(frozen=True)
class Etat:
    """What there is: the figure of each release, which one serves, which one is pinned."""

    releases: dict[str, float]
    servie: str | None
    epingle: str | None

    @property
    def lu(self) -> float | None:
        return self.releases[self.servie] if self.servie else None

    @property
    def ordinaires(self) -> list[str]:
        """Releases of ordinary nights, the oldest first."""
        return sorted(nom for nom in self.releases if not nom.endswith(JOUR))


def observer(dossier: Path) -> Etat:
    """Read all of it, in a child; raise AssertionError where it is not whole."""

    def dire() -> str:
        releases = dossier / "home" / "releases"
        lus = lire(releases)
        if fautes := [f for f in constater_le_magasin(releases, lus) if lus]:
            raise AssertionError(fautes)
        servie = magasin.courante(releases)
        return json.dumps(
            {
                "releases": {nom: chiffres[0] for nom, chiffres in lus.items()},
                "servie": servie and servie.name,
                "epingle": magasin.epinglee(releases),
            }
        )

    try:
        return Etat(**json.loads(seul(dire)))
    except RuntimeError as erreur:
        raise AssertionError(str(erreur)) from None


COUPE = {
    "rang": st.integers(1, 330),
    "garde": st.sampled_from(sorted(gardes(0))),
    "graine": st.integers(0, 9),
}


class Magasin(RuleBasedStateMachine):
    """One store that serves; each rule is one operation and one cut."""

    origine: Path

    def __init__(self) -> None:
        super().__init__()
        self.dossier = Path(tempfile.mkdtemp(dir=self.origine.parent)) / "ici"
        shutil.copytree(self.origine, self.dossier, symlinks=True)
        self.etat = observer(self.dossier)

    def teardown(self) -> None:
        shutil.rmtree(self.dossier.parent)

    def couper(self, faire: Callable[[], object], rang: int, garde: str, graine: int) -> tuple[Etat, bool]:
        """Do it, the power going at write `rang` or after the last; what is left, and whether it was done."""
        global coupes
        home, reste = self.dossier / "home", self.dossier / "reste"
        disque, vus = DisqueAPertes(home), 0

        def decider(appel: Appel) -> Verdict:
            nonlocal vus
            vus += 1
            if vus == rang:
                disque.couper(reste, gardes(graine)[garde])
                return "kill"
            disque.entendre(appel)
            return None

        def dire() -> str:
            faire()
            return ""

        fin = superviser(dire, home, decider)
        assert fin.tue or not fin.code, fin.message
        if not fin.tue:
            disque.couper(reste, gardes(graine)[garde])
        shutil.rmtree(home)
        reste.rename(home)
        coupes += 1
        return observer(self.dossier), not fin.tue

    def passer(self, apres: Etat) -> None:
        """What holds whatever was done: no figure changes, what is in service is there."""
        avant, self.etat = self.etat, apres
        communes = avant.releases.keys() & apres.releases.keys()
        assert all(avant.releases[r] == apres.releases[r] for r in communes), "a release changed"
        assert {apres.servie, apres.epingle} - {None} <= set(apres.releases), "what is in service is lost"

    @rule(chiffre=st.sampled_from((1, 2, 3)), **COUPE)
    def publier(self, chiffre: int, rang: int, garde: str, graine: int) -> None:
        avant = self.etat
        apres, fini = self.couper(lambda: OPERATIONS.publier(self.dossier, chiffre), rang, garde, graine)
        self.passer(apres)
        assert apres.epingle == avant.epingle
        if avant.epingle:
            assert apres.servie == avant.servie, "the pin did not hold"
            assert not fini or chiffre in apres.releases.values(), "published, and lost"
        else:
            assert apres.lu == chiffre or (not fini and apres.servie == avant.servie), "published, and lost"

    @rule(chiffre=st.sampled_from((1, 2, 3)), **COUPE)
    def publier_au_jour(self, chiffre: int, rang: int, garde: str, graine: int) -> None:
        avant = self.etat
        apres, fini = self.couper(
            lambda: OPERATIONS.publier(self.dossier, chiffre, as_of=JOUR), rang, garde, graine
        )
        self.passer(apres)
        assert (apres.servie, apres.epingle) == (avant.servie, avant.epingle), "readers were moved"
        assert not fini or any(nom.endswith(JOUR) for nom in apres.releases), "published, and lost"

    @rule(choix=st.integers(0, 2), **COUPE)
    def revenir(self, choix: int, rang: int, garde: str, graine: int) -> None:
        avant = self.etat
        voulue = avant.ordinaires[choix % len(avant.ordinaires)]
        apres, fini = self.couper(
            lambda: magasin.revenir(self.dossier / "home" / "releases", voulue), rang, garde, graine
        )
        self.passer(apres)
        permis = {(voulue, voulue)} if fini else {
            (voulue, voulue), (avant.servie, voulue), (avant.servie, avant.epingle)
        }  # fmt: skip
        assert (apres.servie, apres.epingle) in permis

    @rule(**COUPE)
    def lever(self, rang: int, garde: str, graine: int) -> None:
        avant = self.etat
        apres, fini = self.couper(
            lambda: magasin.lever_epingle(self.dossier / "home" / "releases"), rang, garde, graine
        )
        self.passer(apres)
        assert apres.servie == avant.servie
        assert apres.epingle in ((None,) if fini else (None, avant.epingle))

    @invariant()
    def sert(self) -> None:
        assert self.etat.servie, "nothing is in service"


def mener(racine: Path, exemples: int, pas: int) -> dict[str, Any]:
    """Run so many sequences of at most so many steps; return how many cuts there were."""
    Magasin.origine = racine / "origine"
    Magasin.origine.mkdir()
    seul(lambda: OPERATIONS.preparer(Magasin.origine) or "")
    run_state_machine_as_test(
        Magasin,
        settings=settings(
            max_examples=exemples,
            stateful_step_count=pas,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    return {"faults": coupes, "wrong": {}, "examples": []}
