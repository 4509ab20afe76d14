"""Errors as problem details (RFC 9457), each with the status of one table."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import orjson
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Scope

from gridmap.api.answers import Reply
from gridmap.api.plans_words import fault, refusal
from gridmap.errors import (
    AccessError,
    ConflictError,
    Fault,
    FormatError,
    GridmapError,
    InputError,
    NotFoundError,
    RecordError,
    StaleError,
    TableError,
    TooLargeError,
)

_log = logging.getLogger(__name__)

PROBLEM = "application/problem+json"

#: The status of each class of errors; a class that is not named has its parent's, and what has none is 500.
STATUS: dict[type[Exception], int] = {
    InputError: 400,
    RequestValidationError: 400,
    AccessError: 403,
    NotFoundError: 404,
    ConflictError: 409,
    TooLargeError: 413,
    RecordError: 503,
    SQLAlchemyError: 503,
}

#: What each status is called in English and in Chinese.
TITLES: dict[int, tuple[str, str]] = {
    400: ("The request cannot be used", "请求内容有误"),
    401: ("A key is needed", "需要有效的访问密钥"),
    403: ("This key may not do that", "该密钥没有此权限"),
    404: ("Not found", "未找到"),
    405: ("This address does not take that method", "此地址不支持该请求方法"),
    408: ("The request was sent too slowly", "请求发送超时"),
    409: ("It contradicts the record", "与现有记录冲突"),
    413: ("The request is too large", "请求内容过大"),
    415: ("The body is of a type that is not read", "不支持的内容类型"),
    422: ("Some of what was sent cannot be used", "部分内容无法使用"),
    429: ("Too many requests", "请求过多"),
    500: ("The service failed", "服务内部错误"),
    503: ("The service is not ready", "服务暂不可用"),
}

#: The first status that is the server's fault.
_SERVER_FAULT = 500

#: After how many seconds the client may ask again.
_RETRY_AFTER = {429: "60", 503: "2"}

#: What a client reads of an error whose own text is for the log.
_SILENT = {
    500: "an unexpected fault, which is in the service's log; nothing was changed",
    503: "the record cannot be reached; ask again in a moment",
}


def add_handlers(app: FastAPI) -> None:
    """Answer every error that a route meets, and every address and method that there is not, with problem details."""

    async def show(request: Request, error: Exception) -> Reply:
        if isinstance(error, HTTPException) and error.status_code == 405:  # noqa: PLR2004 - Method Not Allowed
            taken = ", ".join(_methods_at(app, request.scope["path"]))
            error = HTTPException(405, f"expected {taken}", headers={"Allow": taken})
        return problem(error, request.scope)

    # of whatever else goes wrong, Starlette would answer two words of its own
    for kind in (GridmapError, HTTPException, RequestValidationError, SQLAlchemyError, Exception):
        app.add_exception_handler(kind, show)


def _methods_at(app: FastAPI, path: str) -> list[str]:
    """Every method that some route takes at a path; Starlette itself only tells of the first route's."""
    routes = [route for route in app.router.routes if isinstance(route, APIRoute) and route.path_regex.match(path)]
    return sorted({method for route in routes for method in route.methods or ()})


def problem(error: Exception, scope: Scope, *, status: int | None = None) -> Reply:
    """Return an error as problem details; only those that are the server's fault are logged.

    Parameters
    ----------
    error
        Any exception; the text of one that is not gridmap's own is never shown to the client.
    scope
        The ASGI scope of the request, for its path and the language its reader prefers.
    status
        Its status where that is not the one of its class.
    """
    status = status or status_of(error)
    if status >= _SERVER_FAULT:
        _log.error("%s %s: %r", scope.get("method"), scope.get("path"), error, exc_info=_unexpected(error))
    english, chinese = TITLES.get(status, (f"Status {status}", f"状态 {status}"))
    body: dict[str, Any] = {
        "type": f"/docs#problem-{status}",
        "title": chinese if prefers_chinese(scope) else english,
        "status": status,
        "detail": _detail(error, status, chinese=prefers_chinese(scope)),
        "instance": scope.get("path", ""),
    }
    if isinstance(error, TableError | FormatError):
        body["faults"] = [fault(one, chinese=prefers_chinese(scope)) for one in _faults(error)]
    if isinstance(error, GridmapError) and error.code:
        body["code"] = error.code
    if isinstance(error, StaleError):
        body |= {"version": error.version, "changed": list(error.changed)}
    return Reply(orjson.dumps(body), PROBLEM, status=status, headers=_headers(error, status))


def status_of(error: Exception) -> int:
    """Return the HTTP status of an error.

    Examples
    --------
    >>> status_of(TooLargeError("600 characters")), status_of(InputError("lon=x")), status_of(ZeroDivisionError())
    (413, 400, 500)
    """
    if isinstance(error, HTTPException):
        return error.status_code
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), _SERVER_FAULT)


def prefers_chinese(scope: Scope) -> bool:
    """Whether the reader ranks Chinese above English (RFC 9110, Accept-Language).

    Examples
    --------
    >>> prefers_chinese({"headers": [(b"accept-language", b"en;q=0.5, zh-CN")]})
    True
    """
    held = next((value for name, value in scope.get("headers", ()) if name == b"accept-language"), b"")
    ranks = {"zh": 0.0, "en": 0.0}
    for part in held.decode("latin-1").lower().split(","):
        tag, _, quality = part.strip().partition(";")
        language = tag[:2]
        if language in ranks:
            ranks[language] = max(ranks[language], _rank(quality))
    return ranks["zh"] > ranks["en"]


def _rank(quality: str) -> float:
    """The number behind ``q=``; 1 when there is none, 0 when it is none."""
    try:
        return float(quality.strip().removeprefix("q=") or 1)
    except ValueError:
        return 0.0


def _faults(error: TableError | FormatError) -> Sequence[Fault]:
    """All that is wrong with a file; what surveyors write is told by its lines."""
    if isinstance(error, TableError):
        return error.faults
    told: Any = error.values.get("faults", ())
    return [Fault(code=one["code"], message=one["message"], line=one["line"]) for one in told]


def _unexpected(error: Exception) -> Exception | None:
    """The error itself when nobody foresaw it, so that the log shows where it came from."""
    return None if isinstance(error, GridmapError | HTTPException) else error


def _detail(error: Exception, status: int, *, chinese: bool) -> str:
    if isinstance(error, GridmapError):
        return refusal(error, chinese=chinese) or str(error)
    if isinstance(error, HTTPException):
        return str(error.detail)
    return _SILENT.get(status, TITLES[status][0])


def _headers(error: Exception, status: int) -> dict[str, str]:
    """Headers that belong to the status, and those that whoever raised it asked for."""
    asked = dict(getattr(error, "headers", None) or {})
    if status in _RETRY_AFTER:
        asked.setdefault("Retry-After", _RETRY_AFTER[status])
    return {"Cache-Control": "no-store", **asked}
