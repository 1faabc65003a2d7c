"""`python -m bi.superset`: the dashboard on one's own machine, its ZIP for another Superset."""

import os
import signal
import sys
from pathlib import Path
from typing import Any

import click

from bi.superset.serveur import Place, en_marche
from socle.erreurs import ErreurPublication


class _Groupe(click.Group):
    """Shows an error that a person can act on as its message."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ErreurPublication as erreur:
            raise click.ClickException(str(erreur)) from None


@click.group(cls=_Groupe)
def bi() -> None:
    """The dashboard "Suivi d'une CTG" in Superset."""


def _home() -> Path:
    return Path(os.environ.get("CTG_HOME") or Path(__file__).resolve().parents[2] / "var").absolute()


@bi.command()
@click.option(
    "--python",
    type=click.Path(exists=True, path_type=Path),
    default=Path(".venv-bi/bin/python"),
    help="Superset's interpreter.",
)
def servir(python: Path) -> None:
    """Run PostgreSQL and Superset on loopback with the release in service, until Ctrl-C."""
    # Ctrl-C, the end of the session and `kill` alike end both; a shell may have had the first ignored.
    for fin in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(fin, lambda *_: sys.exit(0))
    with en_marche(Place(_home(), python.absolute()), click.echo) as adresses:
        click.echo(
            f"\n  {adresses.page}\n  user      {adresses.compte}\n  password  {adresses.mot_de_passe}\n"
        )
        click.echo(f"  PostgreSQL: {adresses.dsn}\n\nCtrl-C ends both.")
        signal.pause()


@bi.command()
@click.option("--sortie", type=click.Path(dir_okay=False, path_type=Path), default=Path("suivi-ctg.zip"))
@click.option(
    "--base",
    metavar="URI",
    default="postgresql+psycopg2://superset_lecture:XXXXXXXXXX@localhost:5432/observatoire",
    show_default=True,
    help="Where Superset finds the marts; it asks for the password that stands as XXXXXXXXXX.",
)
def paquet(sortie: Path, base: str) -> None:
    """Write the dashboard of the release in service as a ZIP, for a Superset of one's own."""
    from bi.superset.paquet import paquet as ecrire
    from publication.releases.magasin import trouver

    sortie.write_bytes(ecrire(trouver(_home() / "releases", "current"), base))
    click.echo(str(sortie))


if __name__ == "__main__":
    bi()
