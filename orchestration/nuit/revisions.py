"""Revisions of what is protected, tried before they are published: those that raise incidents are set aside.

Belongs here: which files of the night are revisions, trying them, and what the next nights do of those set
aside. Does not belong here: the proof (`nuit.secret`), nor which content is read meanwhile
(`ingestion.ecartees`).

December 2022 is revised and accepted, and a public source has a new file. The build is proved at once, before
anything is judged or published. It raises three incidents: all three are kept, the month of the last release
is in use again, and the night builds, judges and publishes the rest. Once the three are decided, the next
night tries the revision again. No mask depends on a decision, so that the same three are all there is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ingestion import ecartees
from ingestion.ecartees import Ecartee
from ingestion.extrait.identite import RESSOURCE_EXTRAIT, SOURCE_EXTRAIT

from .code import empreinte_code

if TYPE_CHECKING:
    from confidentialite.preuve.constats import Constats
    from ingestion.acquisition import Acquisition
    from ingestion.extrait.retenus import Micro

    from ..resources import Nuit


@dataclass(frozen=True)
class Revision:
    """A protected file in use that is not that of the last release, whose own (`avant`) is still here."""

    source: str
    ressource: str
    periode: str
    fichier: str
    sha256: str
    avant: str

    @property
    def millesime(self) -> int:
        """The year it is about."""
        return int(self.periode[:4])


def a_eprouver(nuit: Nuit) -> list[Revision]:
    """Return the revisions of the night that no release has used yet; none as of some day."""
    dits = {} if nuit.jour else _derniere_release(nuit.releases)
    if not dits:
        return []
    noms = nuit.identifiants
    trouvees = []
    journal = nuit.micro.journal()
    for mois in nuit.micro.mois_retenus():
        lues = journal.etat(mois.mois)
        dit = dits.get((SOURCE_EXTRAIT, RESSOURCE_EXTRAIT, mois.millesime))
        if not mois.annuel or dit in (None, noms.de(SOURCE_EXTRAIT, mois.sha256)):
            continue
        for sha256 in sorted(lues.lus.keys() - lues.purges - {mois.sha256}):
            parquet = nuit.micro.dossier(mois.mois) / lues.lus[sha256].parquet
            if noms.de(SOURCE_EXTRAIT, sha256) == dit and parquet.exists():
                ou = (SOURCE_EXTRAIT, RESSOURCE_EXTRAIT, mois.mois, mois.fichier)
                trouvees.append(Revision(*ou, mois.sha256, sha256))
    for f in nuit.retenus:
        dit = dits.get((f.source, f.ressource, f.millesime))
        if noms.public(f.source) or dit in (None, noms.de(f.source, f.sha256)):
            continue
        etat = nuit.acquisition.journal().etat(f.source, f.ressource, f.millesime)
        for sha256, faits in sorted(etat.normalises.items()):
            if noms.de(f.source, sha256) == dit and f.parquet.with_name(faits["parquet"]).exists():
                ou = (f.source, f.ressource, str(f.millesime), f.fichier)
                trouvees.append(Revision(*ou, f.sha256, sha256))
    return trouvees


def _derniere_release(releases: Path) -> dict[tuple[str, str, int], str]:
    """Return by what name the last release that was registered used each file; nothing where it is gone."""
    from confidentialite.memoire import registre
    from publication.releases import magasin

    # The register may also name those of another installation, or of a narrower scope.
    connues = registre.inscrites(magasin.registre_de(releases))
    siennes = sorted(r for r in connues if (releases / r / "SUCCESS").exists())
    if not siennes:
        return {}
    entrees = magasin.montrer(releases, siennes[-1])["inputs"]
    return {(f["source"], f["ressource"], f["millesime"]): f["fichier_id"] for f in entrees}


def eprouver(nuit: Nuit) -> Iterator[list[Ecartee]]:
    """Prove the build while it holds revisions; yield those set aside, for the build to be made again.

    First the revisions of the years that the proof names, then all of them: nothing else waits for a person.
    """
    from .secret import audit_de_la_nuit

    while revisions := a_eprouver(nuit):
        with audit_de_la_nuit(nuit.construction, nuit.releases) as attendre:
            constats = attendre()
        if constats.succes:
            return
        annees = {e.cellule.millesime for e in constats.echecs}
        annees |= {i.cellule.millesime for i in constats.a_decider}
        mises = [_ecarter(r, constats) for r in revisions if r.millesime in annees] or [
            _ecarter(r, constats) for r in revisions
        ]
        nuit.ecarter(mises)
        yield mises


def _ecarter(revision: Revision, constats: Constats) -> Ecartee:
    return Ecartee(
        **asdict(revision),
        incidents=tuple((i.incident_id, i.texte) for i in constats.incidents),
        constats=tuple(map(str, constats.echecs)),
        code=empreinte_code(),
    )


def reprendre(home: Path, registre_: Path, acquisition: Acquisition, micro: Micro) -> Iterable[Ecartee]:
    """Take up again the revisions that may be tried once more; return those that stay aside.

    One is tried again when each of its incidents is decided, when the code is another, or when somebody
    accepted another content since.
    """
    from confidentialite.memoire import registre

    toutes = ecartees.lire(home).toutes
    if not toutes:
        return ()
    decides, code = registre.decisions(registre_), empreinte_code()
    restent = [
        e
        for e in toutes
        if _acceptee(e, acquisition, micro) == e.sha256
        and e.code == code
        and (e.constats or any(i not in decides for i, _ in e.incidents))
    ]
    if len(restent) < len(toutes):
        ecartees.ecrire(home, restent)
    return restent


def _acceptee(ecartee: Ecartee, acquisition: Acquisition, micro: Micro) -> str | None:
    """Return the content of its period that somebody accepted last."""
    if ecartee.source == SOURCE_EXTRAIT:
        return micro.journal().etat(ecartee.periode).accepte
    return acquisition.journal().etat(ecartee.source, ecartee.ressource, int(ecartee.periode)).accepte
