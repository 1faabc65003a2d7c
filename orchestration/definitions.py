"""Everything Dagster loads: assets, checks, jobs, schedules, sensors, resources.

Imports offline and without any secret; settings are read when a run starts.
"""

import dagster as dg

from . import receptions
from .assets.construction import construction as preparer
from .assets.postgres import postgres
from .assets.release import release
from .assets.warehouse import entrepot
from .checks import controles
from .jobs import construction, jour_passe, ronde, veille_des_adresses
from .schedules import nocturne, quotidienne, veille
from .sensors import depot, suite

defs = dg.Definitions.merge(
    receptions.defs,
    dg.Definitions(
        assets=[preparer, entrepot, release, postgres],
        asset_checks=[controles],
        jobs=[construction, veille_des_adresses, ronde, jour_passe],
        schedules=[nocturne, veille, quotidienne],
        sensors=[depot, suite],
    ),
)
