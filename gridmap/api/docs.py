"""``/docs``: the reference of the HTTP interface as one page without scripts, which asks no other host.

FastAPI's own page loads Swagger UI from a host that closed networks do not reach.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from html import escape
from typing import Any

from fastapi import FastAPI
from starlette.responses import Response

from gridmap.api.answers import HTML, Reply, json_reply
from gridmap.api.auth import OPEN
from gridmap.api.desk import Call
from gridmap.api.errors import TITLES
from gridmap.api.routes import Operation

_STYLE = """
body{font:15px/1.5 system-ui,"Noto Sans CJK SC",sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
h2{margin-top:2.5rem;border-top:1px solid #cfd8e0;padding-top:1rem;font-size:1.1rem}
code,pre,input{font:13px/1.45 ui-monospace,monospace}
pre{background:#f3f6f8;padding:.7rem;overflow:auto;white-space:pre-wrap}
table{border-collapse:collapse;width:100%}
td,th{text-align:left;padding:.25rem .6rem .25rem 0;vertical-align:top;border-bottom:1px solid #e3e9ee}
input{width:12rem;padding:.2rem}button{padding:.3rem 1rem}nav a{margin-right:1rem}.m{color:#0a5}
"""

_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_HASH}'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-cache",
}


async def docs(call: Call) -> Response:
    """Answer the reference as a page."""
    return Reply(page_of(call.request.app.openapi()).encode(), HTML, headers=_HEADERS)


async def openapi(call: Call) -> Response:
    """Answer the reference for programs (OpenAPI 3.1)."""
    return json_reply(call.request.app.openapi(), headers={"Cache-Control": "no-cache"})


def describe(app: FastAPI) -> None:
    """Name the kinds of key in the application's OpenAPI document."""
    document = app.openapi()
    scheme = {"type": "http", "scheme": "bearer", "description": "a key made by `gridmap keys add NAME --role ROLE`"}
    document.setdefault("components", {})["securitySchemes"] = {"key": scheme}


def page_of(document: dict[str, Any]) -> str:
    """Return an OpenAPI document as one HTML page: what can be asked, with forms that ask it.

    Parameters
    ----------
    document
        OpenAPI 3.1, all of its schemas in place.
    """
    asked = [(path, method, said) for path, methods in document["paths"].items() for method, said in methods.items()]
    title, about = document["info"]["title"], document["info"]["description"]
    return "".join(
        [
            f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>',
            f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>',
            f"<h1>{escape(title)}</h1><p>{_prose(about)}</p><nav>",
            *(f'<a href="#{said["operationId"]}">{method.upper()} {escape(path)}</a> ' for path, method, said in asked),
            '<a href="#problems">problems</a> <a href="/openapi.json">openapi.json</a></nav>',
            *(part for path, method, said in asked for part in _operation(path, method, said)),
            *_problems(),
            "</body></html>",
        ]
    )


def _operation(path: str, method: str, said: dict[str, Any]) -> Iterator[str]:
    """One thing that can be asked."""
    heading = f'<code class="m">{method.upper()}</code> <code>{escape(path)}</code>'
    yield f'<h2 id="{said["operationId"]}">{heading}: {escape(said["summary"])}</h2>'
    if said.get("description"):
        yield f"<p>{_prose(said['description'])}</p>"
    parameters = said.get("parameters", [])
    # a form fills the query string, so it can ask what needs no more than that
    asks = method == "get" and all(parameter["in"] == "query" for parameter in parameters)
    yield f'<form action="{escape(path)}" method="get">' if asks else "<div>"
    yield from _parameters(parameters, fields=asks)
    yield "<p><button>ask</button></p></form>" if asks else "</div>"
    yield from _media("Body", said.get("requestBody", {}))
    good, *refused = said["responses"]
    yield from _media("Answer", said["responses"][good])
    refusals = ", ".join(f'<a href="#problem-{status}">{status}</a>' for status in refused)
    yield f"<p>Refusals: {refusals}</p>"


def _parameters(parameters: list[dict[str, Any]], *, fields: bool) -> Iterator[str]:
    if not parameters:
        return
    yield "<table>"
    for parameter in parameters:
        name = escape(parameter["name"])
        example = escape(str(parameter.get("example", "")))
        cell = (
            f'<input name="{name}" placeholder="{example}" aria-label="{name}">'
            if fields
            else f"<code>{example}</code>"
        )
        yield f"<tr><th><code>{name}</code></th><td>{cell}</td><td>{_prose(parameter['description'])}</td></tr>"
    yield "</table>"


def _media(title: str, said: dict[str, Any]) -> Iterator[str]:
    """Examples of a body or of an answer, one for each media type."""
    for kind, content in said.get("content", {}).items():
        example = content.get("example", "")
        shown = example if isinstance(example, str) else json.dumps(example, ensure_ascii=False, indent=1)
        yield f"<p>{title}, <code>{escape(kind)}</code></p><pre>{escape(shown)}</pre>"


def _problems() -> Iterator[str]:
    yield '<h2 id="problems">Problems</h2>'
    yield "<p>Every refusal is <code>application/problem+json</code> (RFC 9457).</p><table>"
    for status, (english, chinese) in TITLES.items():
        yield f'<tr id="problem-{status}"><th>{status}</th><td>{escape(english)}</td><td lang="zh">{chinese}</td></tr>'
    yield "</table>"


def _prose(text: str) -> str:
    """Text with its `names` set as code."""
    parts = escape(text).split("`")
    return "".join(f"<code>{part}</code>" if position % 2 else part for position, part in enumerate(parts))


OPERATIONS = (
    Operation(method="GET", path="/docs", needs=OPEN, summary="This reference", answer=docs, gives={}, shown=False),
    Operation(method="GET", path="/openapi.json", needs=OPEN, summary="OpenAPI", answer=openapi, gives={}, shown=False),
)
