"""The service as a process: uvicorn with safe bounds on what a client may send and how slowly."""

from __future__ import annotations

import asyncio
import gc
import ipaddress
import sys
from contextlib import suppress

import uvicorn
from fastapi import FastAPI
from sqlalchemy import Engine
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from gridmap.api.app import create_app
from gridmap.atlas import Atlas, Shelf
from gridmap.errors import NotFoundError
from gridmap.service.patrol_keeping import Keeper
from gridmap.settings import Settings

#: Bytes of a request before its body: method, address and headers.
HEAD_BYTES = 32 * 1024

#: Seconds in which they must have come.
HEAD_S = 10.0

#: Seconds that an idle connection is kept.
IDLE_S = 30

#: Connections at once; further ones are answered 503.
CONNECTIONS = 1000

#: Seconds that a thread which reads or builds goes on when a request comes; with Python's own 5 ms, requests take three
#: times as long while an index is being built.
TURN_S = 0.001

#: Seconds that requests in work are given when the service is told to end.
FAREWELL_S = 10


class BoundedProtocol(HttpToolsProtocol):
    """HTTP/1.1 with bounds that uvicorn does not have: on the size of a request's head and the time it takes to come.

    Without them a client can hold a connection for ever, or fill the memory, with a head that never ends.
    """

    _head_timer: asyncio.TimerHandle | None = None
    _head_bytes = 0
    _in_head = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Expect the first head soon."""
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Expect nothing any more."""
        self._forget_head()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes, and end the connection if a head is still not whole that has become too long."""
        super().data_received(data)
        if self._in_head and not self.transport.is_closing():
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES:
                self._refuse(b"431 Request Header Fields Too Large")
            elif self._head_timer is None:
                self._expect_head()

    def on_message_begin(self) -> None:
        """Begin to count."""
        self._in_head = True
        self._head_bytes = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Stop waiting: the head is whole."""
        self._in_head = False
        self._forget_head()
        super().on_headers_complete()

    def _expect_head(self) -> None:
        self._head_timer = self.loop.call_later(HEAD_S, self._refuse, b"408 Request Timeout")

    def _forget_head(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _refuse(self, status: bytes) -> None:
        """End the connection with a status; there is no request yet that could be answered properly."""
        self._forget_head()
        if not self.transport.is_closing():
            self.transport.write(b"HTTP/1.1 " + status + b"\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")
            self.transport.close()


def server_config(app: FastAPI, host: str, port: int) -> uvicorn.Config:
    """Return how uvicorn runs the service."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=BoundedProtocol,
        ws="none",
        lifespan="off",
        access_log=False,
        log_level="warning",
        server_header=False,
        limit_concurrency=CONNECTIONS,
        timeout_keep_alive=IDLE_S,
        timeout_graceful_shutdown=FAREWELL_S,
    )


def serve(app: FastAPI, host: str, port: int) -> None:
    """Serve an application until the process is told to end (SIGINT, SIGTERM).

    Parameters
    ----------
    app
        Made by :func:`gridmap.api.create_app`.
    host, port
        Address to listen on.
    """
    _rest_collector()
    sys.setswitchinterval(TURN_S)
    uvicorn.Server(server_config(app, host, port)).run()


def run(engine: Engine, settings: Settings, *, host: str, port: int, require_key: bool = False) -> None:
    """Serve the record, its territory kept fresh, until the process is told to end.

    Reading needs no key on a loopback address, which only this machine can reach; on any other it does.

    Parameters
    ----------
    engine
        The record.
    settings
        Title and basemap of the page.
    host, port
        Address to listen on.
    require_key
        Ask for a key on a loopback address too: behind a proxy, other machines reach it.
    """
    open_read = is_loopback(host) and not require_key
    # nothing that is read now is in a cycle, and looking through it takes longer than reading it
    gc.disable()
    atlas = Atlas.of_record(engine, shelf=Shelf.of_record(settings.data_dir))
    # what is in force is read before the service opens; a record without areas is no reason not to open
    with suppress(NotFoundError):
        atlas.territory()
    atlas.keep_fresh()
    keeper = Keeper(engine, keep_days=settings.keep_fixes_days, apart=True)
    keeper.keep()
    try:
        serve(create_app(atlas, engine=engine, settings=settings, open_read=open_read), host, port)
    finally:
        gc.enable()
        keeper.close()
        atlas.close()


def _rest_collector() -> None:
    """Keep Python's collector of cycles from walking the whole territory over and over (a tenth of each request).

    What stands now is set aside for good: a thousand objects that imports left in cycles are not worth the tenth of a
    second that it takes to find them. What requests make is freed by its reference counts, and looked through for
    cycles when there is enough of it.
    """
    gc.freeze()
    gc.set_threshold(50_000, 50, 100)
    gc.enable()


def is_loopback(host: str) -> bool:
    """Whether an address is reached from this machine only.

    Examples
    --------
    >>> [is_loopback(host) for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "grid.example.cn")]
    [True, True, True, False, False]
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
