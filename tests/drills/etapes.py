"""What a night of the demonstration goes through, as the code is now: the drills kill it at each.

Everything is imported late: it costs seconds, and every session of tests reads this file.
"""

import tempfile
from pathlib import Path


def etapes_du_job() -> list[str]:
    """Steps of the job, in an order in which they may run."""
    from orchestration.definitions import defs
    from orchestration.jobs import rafraichissement_nocturne

    job = defs.resolve_job_def(rafraichissement_nocturne.name)
    return [noeud.name.replace("__", "/") for noeud in job.nodes_in_topological_order]


def sources_servies() -> list[str]:
    """Sources of which the demonstration has a file."""
    import demonstration as demo
    from ingestion.contrats import charger_contrats

    with tempfile.TemporaryDirectory() as dossier:
        chemins = {str(c.relative_to(dossier)) for c in demo.ecrire_miroir(Path(dossier))}
    return [
        contrat.source
        for contrat in charger_contrats().values()
        if any(e.mirror in chemins for r in contrat.ressources.values() for e in r.millesimes.values())
    ]
