"""The proof of secrecy in the night: the paths it is given, and what is joined to what it found."""

import duckdb

from confidentialite.preuve.constats import Cellule, Constats
from publication.releases.magasin import AUDIT, registre_de

from ..resources import Nuit


def auditer_la_nuit(nuit: Nuit) -> Constats:
    """Prove the secrecy of the night's marts; leave the findings in its validation folder."""
    # It brings in pandas and the solver, which definitions do not need to load.
    from confidentialite.preuve.auditeur import prouver

    registre = registre_de(nuit.releases)
    constats = prouver(nuit.base, registre, nuit.chemins.bornes, nuit.reglages.perimetre)
    constats = joindre_ce_que_le_moteur_sait(constats, nuit)
    nuit.validation.mkdir(parents=True, exist_ok=True)
    (nuit.validation / AUDIT).write_text(constats.texte(), encoding="utf-8")
    return constats


def joindre_ce_que_le_moteur_sait(constats: Constats, nuit: Nuit) -> Constats:
    """Add to the incidents of the proof those that only the engine sees, for a person to decide.

    The engine hides, under the reason `divulguee`, the cells that it knows earlier releases to give away: by
    its own intervals, or to a lone contributor of then. That is no part of the proof, which has ended and was
    told none of it; it can only add incidents, and takes no finding away.
    """
    from confidentialite.memoire.registre import decisions

    with duckdb.connect(str(nuit.base), read_only=True) as con:
        dites = con.execute(
            "select distinct territoire_id, indicateur_id, millesime from intermediate.int_masques"
            " where raison = 'divulguee' order by all"
        ).fetchall()
    return constats.avec_incidents((Cellule(*dite) for dite in dites), decisions(registre_de(nuit.releases)))
