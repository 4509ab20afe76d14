"""The application: every operation of the service on one FastAPI app."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig
from sqlalchemy import Engine
from starlette.types import ASGIApp

from gridmap import __version__
from gridmap.api import (
    aliases,
    areas,
    cameras_routes,
    cases_routes,
    docs,
    health,
    locate,
    maps,
    page,
    patrols_ingest,
    patrols_routes,
    plans_routes,
    services_routes,
    suggest,
)
from gridmap.api.auth import Gate
from gridmap.api.desk import Desk
from gridmap.api.errors import add_handlers
from gridmap.api.guard import Guard
from gridmap.api.limits import Limits
from gridmap.api.routes import Route
from gridmap.atlas import Atlas
from gridmap.settings import Settings
from gridmap.store import Actor, keys

#: Everything that can be asked.
OPERATIONS = (
    *locate.OPERATIONS,
    *suggest.OPERATIONS,
    *areas.OPERATIONS,
    *aliases.OPERATIONS,
    *plans_routes.OPERATIONS,
    *cameras_routes.OPERATIONS,
    *patrols_routes.OPERATIONS,
    *patrols_ingest.OPERATIONS,
    *services_routes.OPERATIONS,
    *cases_routes.OPERATIONS,
    *maps.OPERATIONS,
    *page.OPERATIONS,
    *health.OPERATIONS,
    *docs.OPERATIONS,
)

#: Nothing is reported to anybody, whatever the environment names: the networks gridmap is for are closed.
NO_TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}

_ABOUT = (
    "Which grid holds a point or an address, on any day. Coordinates are longitude and latitude in degrees (CGCS2000 "
    "or WGS 84, which differ by centimetres). Every answer is from one `version` of the territory. Keys are sent as "
    "`Authorization: Bearer KEY`; a service that only its own machine can reach may be read without."
)


class GuardedApp(FastAPI):
    """FastAPI with the guard around all of it, FastAPI's own middleware included.

    ``add_middleware`` would put the guard inside of what answers faults, traces and limits bodies in FastAPI's own way.
    """

    guarded: Callable[[ASGIApp], Guard]

    def build_middleware_stack(self) -> ASGIApp:
        """Return what answers a request, guarded."""
        return self.guarded(super().build_middleware_stack())


def create_app(
    atlas: Atlas,
    *,
    engine: Engine | None = None,
    settings: Settings | None = None,
    limits: Limits | None = None,
    open_read: bool = False,
) -> FastAPI:
    """Return the service as an ASGI application.

    Parameters
    ----------
    atlas
        What is in force on each day. Whoever starts the service keeps it fresh and closes it.
    engine
        The record, which holds the keys; without it no key is valid.
    settings
        Title and basemap of the page.
    limits
        How much may be asked for.
    open_read
        Reading needs no key. Only for a service that nobody but this machine can reach.

    Returns
    -------
    FastAPI
        The application; :func:`gridmap.api.serve` runs it.
    """
    limits = limits or Limits()
    gate = Gate(
        None if engine is None else _holder_finder(engine),
        open_read=open_read,
        key_s=limits.key_s,
        wrong_keys=limits.wrong_keys,
    )
    desk = Desk(atlas=atlas, gate=gate, limits=limits, settings=settings or Settings(), engine=engine)
    app = GuardedApp(
        title="gridmap",
        version=__version__,
        description=_ABOUT,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry=NO_TELEMETRY,
    )
    routes = [Route(operation, desk) for operation in OPERATIONS]
    app.router.routes.extend(routes)
    straight = {(route.operation.method, route.path): route.endpoint for route in routes if "{" not in route.path}
    app.guarded = partial(Guard, desk=desk, straight=straight)
    add_handlers(app)
    docs.describe(app)
    return app


def _holder_finder(engine: Engine) -> Callable[[str], Actor | None]:
    """A function that looks up in the record who holds a key."""

    def actor_of(secret: str) -> Actor | None:
        with engine.connect() as connection:
            key = keys.find_key(connection, secret)
        return None if key is None else Actor(name=key.name, role=key.role)

    return actor_of
