"""When the night runs, the watch of addresses, the look at everything."""

import os

import dagster as dg

from .jobs import ronde, veille_des_adresses
from .nuit.reglages import PROFILS
from .receptions import reception

ETAT = (
    dg.DefaultScheduleStatus.RUNNING
    if any(n == os.environ.get("CTG_PROFILE") and p.planifiee for n, p in PROFILS.items())
    else dg.DefaultScheduleStatus.STOPPED
)

# 03:30 exists once and only once every day of the year in Paris; 02:00-03:00 does not.
nocturne = dg.ScheduleDefinition(
    name="nocturne",
    job=reception,
    cron_schedule="30 3 * * *",
    execution_timezone="Europe/Paris",
    default_status=ETAT,
    description="Every night at 03:30 (Europe/Paris); on by itself in the live profile only.",
)
# In working hours, when people can look for a new address and no night holds the folder.
veille = dg.ScheduleDefinition(
    name="veille",
    job=veille_des_adresses,
    cron_schedule="0 12 * * 1",
    execution_timezone="Europe/Paris",
    default_status=ETAT,
    description="Every Monday at noon (Europe/Paris); on by itself in the live profile only.",
)
# After the night, in working hours.
quotidienne = dg.ScheduleDefinition(
    name="ronde",
    job=ronde,
    cron_schedule="0 8 * * *",
    execution_timezone="Europe/Paris",
    default_status=ETAT,
    description="Every day at 08:00 (Europe/Paris); on by itself in the live profile only.",
)
