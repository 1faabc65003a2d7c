"""How `ctg servir` listens: so many connections, and so long for each to say what it asks.

uvicorn waits for headers for ever, and for as many as the system has descriptors.
"""

import asyncio
from typing import cast

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

CONNEXIONS = 200
"""At once; one more takes the place of the oldest, of those that ask for nothing yet where there are any."""

DELAI = 10.0
"""Seconds to ask for something, the headers whole, and between two demands."""


class _Presse(H11Protocol):
    """One connection, closed where it asks for nothing."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._limite = self.loop.call_later(DELAI, self._fermer_si_muette)
        if len(self.connections) > CONNEXIONS:
            autres = [cast("_Presse", c) for c in self.connections if c is not self]
            # Each gets its limit as it comes.
            ancienne = min([c for c in autres if c._muette] or autres, key=lambda c: c._limite.when())
            ancienne.transport.abort()

    @property
    def _muette(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _fermer_si_muette(self) -> None:
        if self._muette:
            self.transport.close()
        else:
            self._limite = self.loop.call_later(DELAI, self._fermer_si_muette)

    def connection_lost(self, exc: Exception | None) -> None:
        self._limite.cancel()
        super().connection_lost(exc)


def serveur(application: ASGIApp) -> uvicorn.Server:
    """Return the server of an application, to be run on sockets that listen."""
    return uvicorn.Server(
        uvicorn.Config(application, http=_Presse, ws="none", log_level="warning", access_log=False)
    )
