"""When the night runs."""

import os

import dagster as dg

from .jobs import rafraichissement_nocturne
from .nuit.reglages import PROFILS

# 03:30 exists once and only once every day of the year in Paris; 02:00-03:00 does not.
nocturne = dg.ScheduleDefinition(
    name="nocturne",
    job=rafraichissement_nocturne,
    cron_schedule="30 3 * * *",
    execution_timezone="Europe/Paris",
    default_status=dg.DefaultScheduleStatus.RUNNING
    if any(n == os.environ.get("CTG_PROFILE") and p.planifiee for n, p in PROFILS.items())
    else dg.DefaultScheduleStatus.STOPPED,
    description="Every night at 03:30 (Europe/Paris); on by itself in the live profile only.",
)
