"""What a route is here: a method and a path, what it takes, what it needs, and the function that answers."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from gridmap.api.deps import Parameter, read
from gridmap.api.desk import Call, Desk
from gridmap.api.errors import PROBLEM, TITLES

Answerer = Callable[[Call], Coroutine[Any, Any, Response]]

#: What the router itself refuses on every route that takes something.
_REFUSALS = (400, 401, 403, 503)


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One thing that can be asked over HTTP."""

    #: GET, POST, ...; HEAD is answered wherever GET is
    method: str
    #: address with its parts in braces
    path: str
    #: permission of :mod:`gridmap.api.auth`; there is no default, so that none is forgotten
    needs: str
    #: one line: what comes back
    summary: str
    #: the function that answers
    answer: Answerer
    #: everything the request may say in its address
    takes: Sequence[Parameter] = ()
    #: media type and example of a good answer
    gives: Mapping[str, Any]
    #: status of a good answer
    status: int = 200
    #: media type, and schema and example of the body
    body: Mapping[str, Any] | None = None
    #: what the reader should know beyond the summary
    description: str = ""
    #: heading in the documentation
    tag: str = "territory"
    #: refusals of its own
    refusals: Sequence[int] = ()
    #: whether the documentation tells of it
    shown: bool = True


class Route(APIRoute):
    """A route that reads its own parameters, strictly and by hand.

    FastAPI ignores parameters it does not know, answers 422 where OGC API asks for 400, and its validation takes twice
    as long as finding the area (measured: `tests/benchmarks/http_locate.py`). The documentation is still FastAPI's.
    """

    def __init__(self, operation: Operation, desk: Desk) -> None:
        self.operation = operation
        super().__init__(
            operation.path,
            _handler(operation, desk),
            methods=[operation.method],
            status_code=operation.status,
            name=operation.answer.__name__,
            operation_id=operation.answer.__name__,
            summary=operation.summary,
            description=operation.description,
            tags=[operation.tag],
            response_class=Response,
            response_model=None,
            include_in_schema=operation.shown,
            openapi_extra=_document(operation),
        )

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request, without FastAPI's own reading of it."""
        return cast("Callable[[Request], Coroutine[Any, Any, Response]]", self.endpoint)


def _handler(operation: Operation, desk: Desk) -> Callable[[Request], Coroutine[Any, Any, Response]]:
    """What answers a request: let in first, then its parameters read, then its answer."""
    takes = {parameter.name: parameter for parameter in operation.takes if parameter.place == "query"}
    parts = [parameter for parameter in operation.takes if parameter.place == "path"]

    async def handle(request: Request) -> Response:
        actor = await desk.gate.admit(request.scope, operation.needs)
        given = read(request.scope["query_string"], takes)
        for part in parts:
            given[part.name] = part.parse(request.path_params[part.name])
        return await operation.answer(Call(desk=desk, request=request, given=given, actor=actor))

    return handle


def _document(operation: Operation) -> dict[str, Any]:
    """What OpenAPI says of an operation beyond its summary."""
    said: dict[str, Any] = {
        "parameters": [_document_parameter(parameter) for parameter in operation.takes],
        "responses": {
            str(operation.status): {"description": operation.summary, "content": _examples(operation.gives)},
            **{str(status): _document_refusal(status) for status in sorted({*_REFUSALS, *operation.refusals})},
        },
        # an empty requirement stands for "no key", as a service on loopback allows for reading
        "security": {"open": [], "read": [{"key": []}, {}]}.get(operation.needs, [{"key": []}]),
    }
    if operation.body is not None:
        said["requestBody"] = {"required": True, "content": _examples(operation.body)}
    return said


def _document_parameter(parameter: Parameter) -> dict[str, Any]:
    said = {
        "name": parameter.name,
        "in": parameter.place,
        "required": parameter.place == "path",
        "description": parameter.meaning,
        "schema": dict(parameter.schema),
    }
    return said if parameter.example is None else {**said, "example": parameter.example}


def _document_refusal(status: int) -> dict[str, Any]:
    english, chinese = TITLES[status]
    example = {
        "type": f"/docs#problem-{status}",
        "title": english,
        "status": status,
        "detail": "...",
        "instance": "/...",
    }
    return {"description": f"{english} ({chinese})", "content": _examples({PROBLEM: example})}


def _examples(media: Mapping[str, Any]) -> dict[str, Any]:
    return {kind: {"example": example} for kind, example in media.items()}
