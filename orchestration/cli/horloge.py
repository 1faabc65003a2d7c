"""`ctg horloge`: the clock of the machine beside what the home knows, and a person's word for it."""

from datetime import UTC, datetime

import click

from ..nuit import horloge_fiable, reglages
from ..nuit.chemins import chemins


@click.command()
@click.option("--juste", is_flag=True, help="State that the clock is right: nights and removals go on.")
def horloge(juste: bool) -> None:
    """Say what time it is here, the newest instant that the home knows, and what waits for a person."""
    lieux = chemins()
    if juste:
        with reglages.verrou(lieux.home):
            dit = horloge_fiable.dire_juste(lieux)
        click.echo(f"Noted: {dit:%Y-%m-%d %H:%M} UTC is right. Nights and removals go on from the next one.")
        return
    click.echo(f"clock   {datetime.now(UTC):%Y-%m-%d %H:%M} UTC")
    if dernier := horloge_fiable.connu(lieux):
        click.echo(f"newest  {dernier[0]:%Y-%m-%d %H:%M} UTC, {dernier[1]}")
    click.echo(horloge_fiable.suspendre(lieux) or "Nothing to say: nights run, and what is old is removed.")
