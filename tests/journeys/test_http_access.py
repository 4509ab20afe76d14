"""Keys and roles: what is not granted is refused, on every route."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from starlette.exceptions import HTTPException

from gridmap.api import Limits, create_app, server
from gridmap.api.app import OPERATIONS
from gridmap.api.auth import (
    CORRECT,
    DRAFT_PLANS,
    GRANTS,
    MEDIATE,
    OPEN,
    READ,
    READ_CASES,
    REPORT,
    REVIEW_PATROLS,
    SET_CAMERAS,
    WATCH,
    WATCH_PATROLS,
    Gate,
)
from gridmap.errors import AccessError
from gridmap.settings import Settings
from gridmap.store import Actor
from gridmap.store.keys import ROLES, add_key, revoke_key

#: What each role may have, worked out from the issue; whatever is not in the table is refused.
MAY = {role: {OPEN, READ} for role in ROLES}
MAY["device"] = {OPEN, REPORT}
MAY["operator"] = {OPEN, READ, WATCH, SET_CAMERAS, WATCH_PATROLS, REPORT, REVIEW_PATROLS}
MAY["mediator"] = {OPEN, READ, READ_CASES, MEDIATE}
MAY["grid-admin"] = {OPEN, READ, CORRECT, DRAFT_PLANS, READ_CASES}
MAY["system-admin"] = MAY["grid-admin"] | MAY["operator"] | MAY["mediator"]

#: Routes that need no key at all: they tell nothing of the territory.
NEEDS_NO_KEY = {
    ("GET", "/"),
    ("GET", "/assets/{name}"),
    ("GET", "/docs"),
    ("GET", "/favicon.svg"),
    ("GET", "/healthz"),
    ("GET", "/openapi.json"),
    ("GET", "/plans"),
    ("GET", "/readyz"),
    ("GET", "/THIRD_PARTY.txt"),
}

EVERY_ROUTE = [pytest.param(operation, id=f"{operation.method} {operation.path}") for operation in OPERATIONS]


class Clock:
    """Seconds that pass when the test says so."""

    now = 1000.0

    def __call__(self):
        return self.now


def admitted(gate, needs, key=None, client="192.0.2.7"):
    """Whether the gate lets a request in, or the status it refuses it with."""
    headers = [] if key is None else [(b"authorization", key.encode())]
    try:
        asyncio.run(gate.admit({"headers": headers, "client": (client, 1)}, needs))
    except HTTPException as refusal:
        return refusal.status_code
    except AccessError:
        return 403
    return True


def gate(keys=None, **options):
    """A gate whose keys are named by their role."""
    roles = {role: role for role in ROLES} if keys is None else keys
    return Gate(
        lambda secret: Actor(name="desk", role=roles[secret]) if secret in roles else None,
        **{"open_read": False, **options},
    )


def called(client, operation, headers=None):
    """The status of a route, its path filled with names that there are not."""
    path = operation.path.replace("{code}", "320613").replace("{name}", "none").replace("{id}", "1")
    return client.request(operation.method, path, headers=headers).status_code


@pytest.fixture(scope="module")
def closed(small_atlas, serving):
    """A client of a service where everything needs a key, and no key is valid."""
    with serving(create_app(small_atlas)) as client:
        yield client


NEEDS = [
    OPEN,
    READ,
    CORRECT,
    DRAFT_PLANS,
    WATCH,
    SET_CAMERAS,
    WATCH_PATROLS,
    REPORT,
    REVIEW_PATROLS,
    READ_CASES,
    MEDIATE,
]


@pytest.mark.parametrize("needs", [*NEEDS, "publish", "manage keys"])
@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_do_what_it_is_granted_and_nothing_else(role, needs):
    assert admitted(gate(), needs, f"Bearer {role}") == (True if needs in MAY[role] else 403)


def test_every_role_of_the_record_is_in_the_table_of_grants():
    assert set(GRANTS) == set(ROLES)


def test_reading_on_loopback_needs_no_key_but_nothing_else_is_open():
    assert admitted(gate(open_read=True), READ) is True
    assert admitted(gate(open_read=True), "publish") == 401


@pytest.mark.parametrize("operation", EVERY_ROUTE)
def test_every_route_without_a_key_is_refused_unless_it_is_listed_here(closed, operation):
    open_to_all = (operation.method, operation.path) in NEEDS_NO_KEY
    assert (called(closed, operation) != 401) == open_to_all


@pytest.mark.parametrize("operation", EVERY_ROUTE)
def test_every_route_refuses_a_wrong_key_wherever_it_needs_one_or_not(closed, operation):
    assert called(closed, operation, {"Authorization": "Bearer nobody"}) in {401, 429}


def test_no_route_that_changes_anything_is_open_to_readers():
    readers = {
        operation.path for operation in OPERATIONS if operation.needs in {OPEN, READ} and operation.method != "GET"
    }
    # asking about many points needs a body, and changes nothing
    assert readers == {"/api/locate"}


@pytest.mark.parametrize("header", ["Basic dTpw", "Bearer", "Bearer ", "gm_key", ""])
def test_a_header_that_is_not_a_bearer_key_is_refused_even_where_none_is_needed(header):
    assert admitted(gate(open_read=True), READ, header) == 401


def test_a_refusal_says_how_to_send_a_key(closed):
    response = closed.get("/api/locate?lon=120.005&lat=32.005")
    assert (response.status_code, response.headers["www-authenticate"]) == (401, "Bearer")
    assert "Authorization: Bearer KEY" in response.json()["detail"]


def test_a_key_is_looked_up_once_while_its_verdict_is_fresh():
    asked, clock = [], Clock()
    viewer = Actor(name="desk", role="viewer")
    watched = Gate(lambda secret: asked.append(secret) or viewer, open_read=False, key_s=2, clock=clock)
    for clock.now in (1000, 1001, 1001.9, 1002.1):
        assert admitted(watched, READ, "Bearer k") is True
    assert asked == ["k", "k"]


def test_a_revoked_key_stops_within_two_seconds():
    keys, clock = {"k": "viewer"}, Clock()
    watched = gate(keys, key_s=2, clock=clock)
    assert admitted(watched, READ, "Bearer k") is True
    keys.clear()
    clock.now += 2.1
    assert admitted(watched, READ, "Bearer k") == 401


def test_a_revoked_key_changes_nothing_from_that_moment_on():
    keys = {"k": "grid-admin"}
    watched = gate(keys, key_s=2, clock=Clock())
    assert admitted(watched, CORRECT, "Bearer k") is True
    keys.clear()
    assert admitted(watched, CORRECT, "Bearer k") == 401


def test_a_client_that_guesses_keys_has_to_wait_and_the_others_do_not():
    clock = Clock()
    watched = gate(wrong_keys=3, clock=clock)
    assert [admitted(watched, READ, f"Bearer guess{n}") for n in range(5)] == [401, 401, 401, 429, 429]
    assert admitted(watched, READ, "Bearer viewer") == 429
    assert admitted(watched, READ, "Bearer viewer", client="192.0.2.8") is True
    clock.now += 61
    assert admitted(watched, READ, "Bearer viewer") is True


def test_a_key_of_the_record_opens_the_service_until_it_is_revoked(small_atlas, serving, record):
    with record.begin() as connection:
        key = add_key(connection, "command centre", "operator", actor="test")
    with serving(create_app(small_atlas, engine=record, limits=Limits(key_s=0))) as client:
        asked = httpx.URL("/api/locate", params={"lon": 120.005, "lat": 32.005})
        headers = {"Authorization": f"Bearer {key}"}
        assert client.get(asked, headers=headers).status_code == 200
        with record.begin() as connection:
            revoke_key(connection, "command centre", actor="test")
        assert client.get(asked, headers=headers).status_code == 401


@pytest.mark.parametrize(
    ("host", "options", "status"),
    [("127.0.0.1", {}, 200), ("127.0.0.1", {"require_key": True}, 401), ("0.0.0.0", {}, 401)],  # noqa: S104 - not bound
    ids=["only this machine", "behind a proxy", "every machine"],
)
def test_reading_is_open_only_where_no_other_machine_can_ask(monkeypatch, serving, record, host, options, status):
    apps = []
    monkeypatch.setattr(server, "serve", lambda app, *_: apps.append(app))
    server.run(record, Settings(), host=host, port=0, **options)
    with serving(apps[0]) as client:
        assert client.get("/metrics").status_code == status
