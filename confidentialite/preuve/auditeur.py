"""One audit, from a build and the register to the findings: read, build, ask every check, put together.

Belongs here: the order of these four, and nothing of what they do: `entrees.py` and `lignes.py` read,
`dossier.py` builds, `controles/` and `niveaux.py` judge, `bilan.py` counts.
"""

from pathlib import Path

import duckdb

from confidentialite.memoire import registre as registres
from confidentialite.preuve import bilan, entrees, lignes
from confidentialite.preuve.constats import Constat, Constats, Incident
from confidentialite.preuve.controles import CONTROLES
from confidentialite.preuve.dossier import instruire
from confidentialite.preuve.entrees import Agregats
from confidentialite.preuve.exigences import Exigences
from confidentialite.preuve.niveaux import niveaux_rendus
from socle.cycles import sans_cycles


def prouver(construction: Path, registre: Path, cache: Path, perimetre: str) -> Constats:
    """Audit the marts of a build file; the proof reads by itself all that it needs of it.

    `registre`: the folder of what was ever released. `cache`: a file of the zone of the aggregates, where the
    bounds of unchanged components are kept. `perimetre`: the scopes of the build, with commas between.

    Raises ErreurPublication when the marts or the register cannot be read.
    """
    with sans_cycles(), duckdb.connect(str(construction), read_only=True) as con:
        exigences = entrees.lire_exigences(con)
        agregats = entrees.lire_agregats(con, exigences)
        return auditer(con, registre, exigences, perimetre=perimetre, agregats=agregats, cache=cache)


def auditer(
    con: duckdb.DuckDBPyConnection,
    registre: Path,
    exigences: Exigences,
    *,
    perimetre: str,
    agregats: Agregats,
    cache: Path | None = None,
) -> Constats:
    """Judge whether what a build shows, with all that was ever released, gives away a masked cell.

    `con`: a build, of which schema `marts` is read. `perimetre`: its scopes, which say what the wide
    territories hold beyond their communes. `agregats`: what only the zones behind tell. `cache`: the file of
    the bounds of unchanged components.

    Raises ErreurPublication when the marts or the register cannot be read.
    """
    fond = lignes.lire(con, registre, perimetre, exigences.registres)
    poids = lignes.poids(con, exigences.poids)
    dossier = instruire(fond, exigences, agregats, registres.decisions(registre), cache)
    trouves = {trouve for controle in CONTROLES for trouve in controle(dossier)}
    trouves |= {*niveaux_rendus(con, exigences, fond.inscrites)}
    incidents = {t for t in trouves if isinstance(t, Incident)}
    # A cell that earlier releases give away is told once.
    donnees = {incident.cellule for incident in incidents}
    echecs = {
        t for t in trouves if isinstance(t, Constat) and (t.cellule not in donnees or t.nature == "primaire")
    }
    return Constats(
        echecs=tuple(sorted(echecs)),
        incidents=tuple(sorted(incidents)),
        comptes=bilan.comptes(dossier),
        bilan=bilan.bornes(dossier),
        saute=bilan.saute(dossier),
        empreinte_parametres=exigences.empreinte(),
        empreinte_systeme=bilan.empreinte_systeme(dossier.modele),
        empreinte_masque=bilan.empreinte(sorted(dossier.modele.masquees)),
        premiers=exigences.premiers,
        solveur=dossier.solutions.solveur,
        registre_rang=fond.position.rang,
        registre_sha256=fond.position.sha256,
        poids=exigences.poids,
        couts=bilan.couts(dossier, poids),
    )
