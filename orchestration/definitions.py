"""Everything Dagster loads: assets, checks, job, schedule, sensor, resources.

Imports offline and without any secret; settings are read when a run starts.
"""

import dagster as dg

from .assets.postgres import postgres
from .assets.release import release
from .assets.sources import externes, reception
from .assets.warehouse import entrepot
from .checks import controles
from .jobs import jour_passe, rafraichissement_nocturne, ronde, veille_des_adresses
from .progression import progression
from .resources import ressource_nuit
from .schedules import nocturne, quotidienne, veille
from .sensors import depot

defs = dg.Definitions(
    assets=[*externes, reception, entrepot, release, postgres],
    asset_checks=[controles],
    jobs=[rafraichissement_nocturne, veille_des_adresses, ronde, jour_passe],
    schedules=[nocturne, veille, quotidienne],
    sensors=[depot],
    executor=dg.in_process_executor,
    loggers={"progression": progression},
    resources={"nuit": ressource_nuit()},
)
