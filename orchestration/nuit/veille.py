"""The watch of what the contracts name, as the command line and the weekly schedule run it.

Belongs here: holding CTG_HOME, and telling those who are not looking. Does not belong here: what is asked
(`ingestion.veille`), nor how it is told (`alertes`).
"""

from ingestion.contrats import charger_contrats
from ingestion.veille import Regard
from ingestion.veille import veiller as _veiller

from . import reglages
from .alertes import Envois, prevenir
from .resume import tuee


def veiller(reglage: reglages.Reglages, *, alerter: bool) -> tuple[list[Regard], Envois]:
    """Ask every address, and with `alerter` tell what is refused as a night does: once, then its end.

    Raises `NuitEnCours` while a night runs.
    """
    contrats = charger_contrats()
    with reglages.verrou(reglage.home):
        regards = _veiller(reglage.chemins.veille, contrats.values())
        if not alerter:
            return regards, Envois()
        dits = [e.dite() | {"url": r.url} for r in regards if (e := r.erreur)]
        diffusions = {nom: contrat.diffusion for nom, contrat in contrats.items()}
        resume = {"etat": "veille", "veille": dits, "tuee": tuee(reglage.chemins)}
        return regards, prevenir(reglage.chemins, resume, diffusions)
