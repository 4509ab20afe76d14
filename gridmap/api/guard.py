"""What surrounds every request: safe headers, a bound on how many are in work, counts, and an answer to every fault."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gridmap.api.desk import Desk
from gridmap.api.errors import problem
from gridmap.errors import RecordError

Answering = Callable[[Request], Coroutine[Any, Any, Response]]

#: Sent with every answer.
SAFE = (b"x-content-type-options", b"nosniff")

#: Sent with every page.
PAGE = (b"referrer-policy", b"no-referrer")

#: Sent with every answer that has no policy of its own: an answer of data is never a page.
NO_PAGE = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")

#: Methods whose requests may carry a body, and so may last.
_WITH_BODY = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class Guard:
    """ASGI middleware around the whole application.

    Starlette's own class of middleware costs a task per request; and FastAPI's way to a route, with its exit stacks and
    patterns, takes longer than finding an area (`tests/benchmarks/http_locate.py`). So addresses without variable parts
    are answered straight from a table.

    Parameters
    ----------
    app
        What answers all else: addresses with variable parts, and those that there are not.
    desk
        Limits and counts.
    straight
        What answers a method and an address.
    """

    def __init__(self, app: ASGIApp, desk: Desk, straight: Mapping[tuple[str, str], Answering]) -> None:
        self.app = app
        self.desk = desk
        self.straight = straight

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on, and answer for whatever goes wrong with it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, method, metrics = time.perf_counter(), scope["method"], self.desk.metrics
        if method == "HEAD":
            # the server leaves the body of an answer to HEAD away by itself
            scope = {**scope, "method": "GET"}
        sender = _Sender(send)
        metrics.in_work += 1
        try:
            await self._pass(scope, receive, sender)
        except Exception as error:
            if sender.status:
                # half an answer is out: cutting the connection is the only way to say that it is not whole
                sender.status = 500
                raise
            await sender.reply(problem(error, scope), scope, receive)
        finally:
            metrics.in_work -= 1
            metrics.count(_pattern(scope, self.straight), method, sender.status, time.perf_counter() - began)

    async def _pass(self, scope: Scope, receive: Receive, sender: _Sender) -> None:
        """Answer within the bounds on how many requests are in work, and for how long."""
        limits = self.desk.limits
        if self.desk.metrics.in_work > limits.requests:
            raise RecordError(f"{limits.requests} requests are in work", do="ask again in a moment")
        if scope["method"] not in _WITH_BODY:
            await self._answer(scope, receive, sender)
            return
        try:
            async with asyncio.timeout(limits.request_s):
                await self._answer(scope, receive, sender)
        except TimeoutError as error:
            raise HTTPException(408, f"it took more than {limits.request_s:.0f} s") from error

    async def _answer(self, scope: Scope, receive: Receive, sender: _Sender) -> None:
        endpoint = self.straight.get((scope["method"], scope["path"]))
        if endpoint is None:
            await self.app(scope, receive, sender)
        else:
            await sender.reply(await endpoint(Request(scope, receive)), scope, receive)


class _Sender:
    """Sends one answer with the safe headers, and remembers its status."""

    def __init__(self, send: Send) -> None:
        self.status = 0
        self._send = send

    async def __call__(self, message: Message) -> None:
        """Send what an application sends."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = _with_safe(message["headers"])
        await self._send(message)

    async def reply(self, response: Response, scope: Scope, receive: Receive) -> None:
        """Send an answer that is at hand, without looking at each of its messages."""
        self.status = response.status_code
        response.raw_headers = _with_safe(response.raw_headers)
        await response(scope, receive, self._send)


def _with_safe(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The headers and the safe ones."""
    for name, _ in headers:
        if name == b"content-security-policy":
            return [*headers, SAFE, PAGE]
    return [*headers, SAFE, NO_PAGE]


def _pattern(scope: Scope, straight: Mapping[tuple[str, str], Answering]) -> str:
    """The route's pattern; one word for all addresses that there are not, which anybody can make up."""
    if (scope["method"], scope["path"]) in straight:
        return str(scope["path"])
    return getattr(scope.get("route"), "path", "none")
