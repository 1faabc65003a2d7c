"""`python -m orchestration.page`, with the options of dagster-webserver: Dagster's page, for itself alone.

Upstream launches runs for any web site that a browser shows beside it, and answers under any name.
"""

from dagster_webserver import app, cli
from dagster_webserver.webserver import DagsterWebserver
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

# A foreign name that resolves to 127.0.0.1 would have its pages of the same origin.
NOMS = ["127.0.0.1", "localhost"]


class _MemeOrigine:
    """Refuses what a page of another origin asks for: browsers say whose page asks."""

    def __init__(self, app: ASGIApp) -> None:
        self._suite = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        entetes = Headers(scope=scope) if scope["type"] in ("http", "websocket") else Headers()
        voisine = entetes.get("sec-fetch-site", "none") not in ("none", "same-origin")
        if voisine or entetes.get("origin") not in (None, f"http://{entetes.get('host')}"):
            dit = "Asked by a page of another site. Next: type the address of this one."
            await PlainTextResponse(dit, 403)(scope, receive, send)
        else:
            await self._suite(scope, receive, send)


class Page(DagsterWebserver):  # type: ignore[type-arg]
    """What upstream serves, behind both refusals."""

    def build_middleware(self) -> list[Middleware]:
        """Dagster's middleware, behind both refusals."""
        gardes = [Middleware(TrustedHostMiddleware, allowed_hosts=NOMS), Middleware(_MemeOrigine)]
        return [*gardes, *super().build_middleware()]


if __name__ == "__main__":
    setattr(app, "DagsterWebserver", Page)  # noqa: B010
    cli.cli(auto_envvar_prefix="DAGSTER_WEBSERVER")
