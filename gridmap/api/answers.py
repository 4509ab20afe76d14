"""What is sent back: bytes with the headers that say which version they are from."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Protocol

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

JSON = "application/json"
GEOJSON = "application/geo+json"
HTML = "text/html; charset=utf-8"

#: Below this many bytes, compressing costs more than it saves.
_GZIP_FROM = 1024


class Versioned(Protocol):
    """Whatever is wholly of one version on one day."""

    version: int
    on: Any


class Reply(Response):
    """Bytes that are ready to be sent.

    Starlette's own class works out its headers anew for each answer, which takes longer than finding an area.
    """

    def __init__(self, body: bytes, media_type: str, *, status: int = 200, headers: Mapping[str, str] = {}) -> None:
        self.status_code = status
        self.background = None
        self.body = body
        self.raw_headers = [
            (b"content-type", media_type.encode("latin-1")),
            (b"content-length", b"%d" % len(body)),
            *_raw(tuple(headers.items())),
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI
        """Send it."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self.body})


@lru_cache(maxsize=256)
def _raw(headers: tuple[tuple[str, str], ...]) -> list[tuple[bytes, bytes]]:
    """Headers as they are sent; the same few are sent again and again."""
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]


def json_reply(body: Any, *, status: int = 200, headers: Mapping[str, str] = {}) -> Reply:
    """Return a value as JSON."""
    return Reply(orjson.dumps(body), JSON, status=status, headers=headers)


def version_headers(territory: Versioned) -> dict[str, str]:
    """Return the headers that say which version an answer is from, and that it is asked for anew each time."""
    return {"X-Gridmap-Version": str(territory.version), "Cache-Control": "no-store"}


def kept_headers(territory: Versioned) -> dict[str, str]:
    """Return the headers of an answer that a client may keep, and ask whether its version still stands."""
    tag = f'"{territory.version}.{territory.on}"'
    return {**version_headers(territory), "ETag": tag, "Cache-Control": "no-cache"}


def is_known(request: Request, headers: Mapping[str, str]) -> bool:
    """Whether the client already holds what these headers name (RFC 9110, If-None-Match)."""
    held = request.headers.get("if-none-match", "")
    tags = {tag.strip().removeprefix("W/") for tag in held.split(",")}
    return bool(tags & {headers["ETag"], "*"})


def not_modified(headers: Mapping[str, str]) -> Reply:
    """Return the empty answer to a client that already holds it."""
    reply = Reply(b"", JSON, status=304, headers=headers)
    reply.raw_headers = reply.raw_headers[2:]
    return reply


def squeezed(request: Request, body: bytes, media_type: str, headers: Mapping[str, str]) -> Reply:
    """Return bytes, compressed when the client takes that and it saves something; call it in a thread."""
    headers = {**headers, "Vary": "Accept-Encoding"}
    if len(body) < _GZIP_FROM or not takes_gzip(request):
        return Reply(body, media_type, headers=headers)
    return Reply(gzip.compress(body, 1), media_type, headers={**headers, "Content-Encoding": "gzip"})


def takes_gzip(request: Request) -> bool:
    """Whether the client takes gzip (RFC 9110, Accept-Encoding)."""
    codings = (coding.partition(";") for coding in request.headers.get("accept-encoding", "").lower().split(","))
    return any(
        name.strip() in {"gzip", "*"} and quality.strip() not in {"q=0", "q=0.0"} for name, _, quality in codings
    )
