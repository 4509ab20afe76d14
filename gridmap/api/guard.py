"""What surrounds every request: safe headers, a bound on how many are in work, counts, and an answer to every fault."""

from __future__ import annotations

import asyncio
import time

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gridmap.api.desk import Desk
from gridmap.api.errors import problem
from gridmap.errors import RecordError

#: Sent with every answer that does not say otherwise: an answer of data is never a page.
SAFE = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
}

#: Methods whose requests may carry a body, and so may last.
_WITH_BODY = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class Guard:
    """ASGI middleware around the whole application (Starlette's own middleware class costs a task per request)."""

    def __init__(self, app: ASGIApp, desk: Desk) -> None:
        self.app = app
        self.desk = desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on, and answer for whatever goes wrong with it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, method, metrics = time.perf_counter(), scope["method"], self.desk.metrics
        if method == "HEAD":
            # the server leaves the body of an answer to HEAD away by itself
            scope = {**scope, "method": "GET"}
        status = 0

        async def send_safely(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = _with_safe(message["headers"])
            await send(message)

        metrics.in_work += 1
        try:
            await self._pass(scope, receive, send_safely)
        except Exception as error:
            if status:
                # half an answer is out: cutting the connection is the only way to say that it is not whole
                status = 500
                raise
            await problem(error, scope)(scope, receive, send_safely)
        finally:
            metrics.in_work -= 1
            metrics.count(_pattern(scope), method if method.isalpha() else "?", status, time.perf_counter() - began)

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.desk.metrics.in_work > self.desk.limits.requests:
            raise RecordError(f"{self.desk.limits.requests} requests are in work", do="ask again in a moment")
        if scope["method"] not in _WITH_BODY:
            await self.app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(self.desk.limits.request_s):
                await self.app(scope, receive, send)
        except TimeoutError as error:
            raise HTTPException(408, f"it took more than {self.desk.limits.request_s:.0f} s") from error


def _with_safe(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The headers, and every safe one that they do not set themselves."""
    said = {name for name, _ in headers}
    return [*headers, *(header for header in SAFE.items() if header[0] not in said)]


def _pattern(scope: Scope) -> str:
    """The route's pattern; one word for all addresses that there are not, which anybody can make up."""
    return getattr(scope.get("route"), "path", "none")
