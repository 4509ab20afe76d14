"""Who may do what: keys, roles and what each role is granted; whatever is not granted is refused."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.types import Scope

from gridmap.errors import AccessError
from gridmap.store import Actor

#: What a route may need. ``open`` needs no key: the page, its documentation, the checks of health.
OPEN = "open"
READ = "read"
CORRECT = "correct"
#: Drafting, publishing and withdrawing plans; reading drafts too, which are not public until they are in force.
DRAFT_PLANS = "draft plans"
#: Seeing where cameras stand and what each of them sees; every look is audited. Others are told shares of areas.
WATCH = "see cameras"
#: Writing where cameras stand.
SET_CAMERAS = "set cameras"
#: Seeing which street was walked when and by which post, and where posts are; every look is audited. Others are told
#: shares of areas.
WATCH_PATROLS = "see patrols"
#: Sending fixes and sign-ins, as devices of posts do, or the service that gathers them.
REPORT = "report fixes"
#: Letting what a post walked count that is held for review.
REVIEW_PATROLS = "release patrols"
#: Reading cases of land disputes, which are not public; every look at the content of evidence is audited.
READ_CASES = "read cases"
#: Opening cases, adding claims, candidates and evidence to them, and writing down what was agreed.
MEDIATE = "mediate"

#: What each role is granted. A permission that no role is granted here is granted to nobody.
GRANTS: dict[str, frozenset[str]] = {
    # it is carried about in the streets: whoever finds it may report, and is told nothing
    "device": frozenset({REPORT}),
    "viewer": frozenset({READ}),
    "operator": frozenset({READ, WATCH, SET_CAMERAS, WATCH_PATROLS, REPORT, REVIEW_PATROLS}),
    "mediator": frozenset({READ, READ_CASES, MEDIATE}),
    "grid-admin": frozenset({READ, CORRECT, DRAFT_PLANS, READ_CASES}),
    "system-admin": frozenset(
        {
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
        }
    ),
}

#: What a key that was valid a moment ago may still have. Whether one is valid that reports is asked once more in the
#: transaction that writes what it sent, for several at once: asked for each alone, it takes as long as all the rest.
_BELIEVED = frozenset({OPEN, READ, REPORT})

#: Verdicts and clients remembered at once; the oldest are forgotten first.
_REMEMBERED = 10_000

#: Seconds in which wrong keys are counted.
_WINDOW_S = 60.0


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What is known of a key for a short while."""

    #: who holds the key; None: no such key, or revoked
    actor: Actor | None
    #: moment (monotonic seconds) after which the record is asked again
    until: float


class Gate:
    """Lets a request through to what its key is granted.

    Parameters
    ----------
    actor_of
        Name and role of the key with this secret, None if there is none; asked in a thread. None: no keys are kept at
        all.
    open_read
        Reading needs no key. Only for a service that nobody but this machine can reach.
    key_s
        Seconds for which a verdict is believed, so also how long a revoked key still reads. For whatever changes the
        record the key is looked up each time.
    wrong_keys
        Wrong keys per client and minute before it must wait.
    clock
        Monotonic seconds.
    """

    def __init__(
        self,
        actor_of: Callable[[str], Actor | None] | None,
        *,
        open_read: bool,
        key_s: float = 2.0,
        wrong_keys: int = 20,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._actor_of = actor_of
        self._free = frozenset({OPEN, READ} if open_read else {OPEN})
        self._key_s = key_s
        self._wrong_keys = wrong_keys
        self._clock = clock
        self._verdicts: dict[bytes, Verdict] = {}
        self._wrong: dict[str, list[float]] = {}

    async def admit(self, scope: Scope, needs: str) -> Actor | None:
        """Return who asks, None for nobody in particular, if the request may have what it needs.

        A key that is sent is always checked, even where none is needed: a caller learns at once that it is wrong.

        Raises
        ------
        HTTPException
            401 without a valid key, 429 after too many wrong ones.
        AccessError
            If the key's role is not granted that.
        """
        secret = _secret(scope)
        if secret is None and needs in self._free:
            return None
        actor = await self._actor(secret, scope, fresh=needs not in _BELIEVED)
        if needs not in self._free and not granted(actor, needs):
            raise AccessError(
                f"a key of role {actor.role}", expected=f"one that is granted {needs!r}", do="ask for such a key"
            )
        return actor

    async def _actor(self, secret: str | None, scope: Scope, *, fresh: bool) -> Actor:
        """Who holds a valid key."""
        if secret is None:
            raise _refusal(401, "no key was sent; send one as `Authorization: Bearer KEY`")
        client = (scope.get("client") or ("",))[0]
        self._hold_back(client)
        actor = await self._known_actor(secret, fresh=fresh)
        if actor is None:
            self._wrong.setdefault(client, []).append(self._clock())
            raise _refusal(401, "this key is unknown or revoked; ask for a new one")
        return actor

    async def _known_actor(self, secret: str, *, fresh: bool) -> Actor | None:
        """Who holds a key, from memory for a short while; the memory holds a digest, never the key."""
        digest = hashlib.sha256(secret.encode()).digest()
        verdict = self._verdicts.get(digest)
        if verdict is None or fresh or verdict.until < self._clock():
            actor = None if self._actor_of is None else await run_in_threadpool(self._actor_of, secret)
            verdict = Verdict(actor=actor, until=self._clock() + self._key_s)
            _trim(self._verdicts)
            self._verdicts[digest] = verdict
        return verdict.actor

    def _hold_back(self, client: str) -> None:
        """Refuse a client that keeps guessing, before the record is asked."""
        since = self._clock() - _WINDOW_S
        recent = [moment for moment in self._wrong.pop(client, ()) if moment > since]
        if recent:
            _trim(self._wrong)
            self._wrong[client] = recent
        if len(recent) >= self._wrong_keys:
            raise _refusal(429, f"{len(recent)} wrong keys within a minute; wait for a minute")


def granted(actor: Actor | None, needs: str) -> bool:
    """Whether somebody is granted something; nobody in particular is granted nothing beyond what is open to all.

    Examples
    --------
    >>> [granted(Actor(name="desk", role=role), WATCH) for role in ("operator", "viewer")], granted(None, WATCH)
    ([True, False], False)
    """
    return actor is not None and needs in GRANTS.get(actor.role, ())


def _secret(scope: Scope) -> str | None:
    """The key of an ``Authorization: Bearer`` header, None without such a header."""
    for name, value in scope["headers"]:
        if name == b"authorization":
            scheme, _, secret = value.decode("latin-1").strip().partition(" ")
            if scheme.lower() != "bearer" or not secret.strip():
                raise _refusal(401, "the Authorization header is not understood; send `Authorization: Bearer KEY`")
            return str(secret.strip())
    return None


def _refusal(status: int, detail: str) -> HTTPException:
    return HTTPException(status, detail, headers={"WWW-Authenticate": "Bearer"})


def _trim(memory: dict[Any, Any]) -> None:
    """Forget the oldest when there is too much to remember."""
    while len(memory) >= _REMEMBERED:
        memory.pop(next(iter(memory)))
