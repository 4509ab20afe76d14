"""The web page: its files as they were built, and what it must know of this installation."""

from __future__ import annotations

import gzip
import hashlib
import math
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from gridmap import resources
from gridmap.api import deps
from gridmap.api.answers import JSON, Reply, is_known, json_reply, not_modified, takes_gzip
from gridmap.api.auth import CORRECT, DRAFT_PLANS, GRANTS, OPEN, READ
from gridmap.api.deps import Parameter
from gridmap.api.desk import Call
from gridmap.api.routes import Operation
from gridmap.errors import NotFoundError
from gridmap.settings import Settings
from gridmap.territory import Territory

#: What the page looks at when nothing is in force: all of China.
_CHINA = (73.5, 18.0, 135.1, 53.6)

#: Pixels of the map that the territory should fill, and of one tile.
_MAP_PX, _TILE_PX, _ZOOM_MAX = 800, 256, 18.0

#: Names of files under ``assets`` hold a hash of their bytes, so they are never asked for twice.
_FOREVER = "public, max-age=31536000, immutable"

#: What is compressed already.
_PACKED = frozenset({"image/png", "image/jpeg", "font/woff2"})


@dataclass(frozen=True, kw_only=True)
class File:
    """One file of the page, ready to be sent."""

    #: its bytes
    plain: bytes
    #: the same, compressed; None where that saves nothing
    packed: bytes | None
    #: media type
    media_type: str
    #: entity tag and cache rule
    headers: Mapping[str, str]

    def reply(self, request: Request, policy: str) -> Reply:
        """Return the file, or the word that the client holds it already."""
        headers = {**self.headers, "Content-Security-Policy": policy, "Vary": "Accept-Encoding"}
        if is_known(request, headers):
            return not_modified(headers)
        if self.packed is not None and takes_gzip(request):
            return Reply(self.packed, self.media_type, headers={**headers, "Content-Encoding": "gzip"})
        return Reply(self.plain, self.media_type, headers=headers)


@cache
def files(root: Path) -> dict[str, File]:
    """Return the files of the built page by their path in it; only what is listed here is ever served."""
    plain = ("index.html", "plans.html", "favicon.svg", "THIRD_PARTY.txt")
    found = [*(root / name for name in plain), *sorted((root / "assets").glob("*"))]
    return {path.relative_to(root).as_posix(): _file(path, root) for path in found if path.is_file()}


def _file(path: Path, root: Path) -> File:
    plain = path.read_bytes()
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    packed = None if media_type in _PACKED else gzip.compress(plain, 9, mtime=0)
    if media_type.startswith("text/"):
        media_type += "; charset=utf-8"
    return File(
        plain=plain,
        packed=packed if packed is not None and len(packed) < len(plain) else None,
        media_type=media_type,
        headers={
            "ETag": f'"{hashlib.sha256(plain).hexdigest()[:20]}"',
            "Cache-Control": _FOREVER if path.parent != root else "no-cache",
        },
    )


def policy(settings: Settings) -> str:
    """Return the page's Content-Security-Policy: nothing from any other host, but for the tiles the user chose."""
    tiles = f" {_origin(settings.basemap_url)}" if settings.basemap_url else ""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; "
        f"img-src 'self' data: blob:{tiles}; connect-src 'self'{tiles}; worker-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )


def _origin(url: str) -> str:
    """Scheme and host of a tile address, whose host may vary as ``{a-c}``."""
    parts = urlsplit(url)
    host = parts.netloc
    return f"{parts.scheme}://{'*.' + host.partition('.')[2] if '{' in host else host}"


async def page(call: Call) -> Response:
    """Answer the web page."""
    return await _serve(call, "index.html")


async def plans_page(call: Call) -> Response:
    """Answer the page on which plans are drafted; what it shows needs a key."""
    return await _serve(call, "plans.html")


async def favicon(call: Call) -> Response:
    """Answer the page's sign."""
    return await _serve(call, "favicon.svg")


async def licences(call: Call) -> Response:
    """Answer the licences of what the page is built from."""
    return await _serve(call, "THIRD_PARTY.txt")


async def asset(call: Call) -> Response:
    """Answer a script, style or font of the page."""
    return await _serve(call, f"assets/{call.given['name']}")


async def config(call: Call) -> Response:
    """Answer what the page must know of this installation."""
    try:
        territory = await call.desk.territory(None)
    except NotFoundError:
        territory = None
    if territory is not None:
        # whoever opens the page is about to type; the answer to this does not wait
        call.desk.prepare(territory)
    may = {"corrects": _may(call, CORRECT), "drafts": _may(call, DRAFT_PLANS)}
    said = {**_look(call.desk.settings), **_view(territory), **may}
    return json_reply(said, headers={"Cache-Control": "no-cache", "Vary": "Authorization"})


async def _serve(call: Call, name: str) -> Response:
    held = await run_in_threadpool(files, resources.shipped("web/dist"))
    if name not in held:
        raise NotFoundError(f"the page has no file {name[:80]!r}")
    return held[name].reply(call.request, policy(call.desk.settings))


def _may(call: Call, permission: str) -> str:
    """Whether this key may do what changes the record: yes, with another key, or no because there is no record."""
    if call.desk.engine is None:
        return "no"
    role = None if call.actor is None else call.actor.role
    return "yes" if permission in GRANTS.get(role or "", ()) else "key"


def _look(settings: Settings) -> dict[str, Any]:
    """Title and basemap."""
    basemap = {"url": settings.basemap_url, "crs": settings.basemap_crs, "attribution": settings.basemap_attribution}
    return {
        "title": {"zh": settings.title_zh, "en": settings.title_en},
        "basemap": basemap if settings.basemap_url else None,
    }


def _view(territory: Territory | None) -> dict[str, Any]:
    """Where to look, and at what."""
    box = _CHINA if territory is None else tuple(float(side) for side in territory.areas.total_bounds)
    west, south, east, north = box
    return {
        "center": [(west + east) / 2, (south + north) / 2],
        "zoom": zoom_of(max(east - west, north - south)),
        "bounds": list(box),
        "levels": [] if territory is None else list(territory.levels),
        "version": None if territory is None else territory.version,
        "on": None if territory is None else str(territory.on),
    }


def zoom_of(width_deg: float) -> float:
    """Return the zoom at which so many degrees of longitude fill the map: the globe is 256 pixels wide at zoom 0.

    Examples
    --------
    >>> zoom_of(360 * 800 / 256), zoom_of(0)
    (0.0, 18.0)
    """
    if width_deg <= 0:
        return _ZOOM_MAX
    return min(_ZOOM_MAX, max(0.0, round(math.log2(360 * _MAP_PX / (_TILE_PX * width_deg)), 2)))


_NAME = Parameter(
    name="name", parse=deps.file_name, schema={"type": "string"}, meaning="name of the file", place="path"
)

OPERATIONS = (
    Operation(
        method="GET",
        path="/api/config",
        needs=READ,
        summary="Title, basemap, and where to look: what the page must know",
        answer=config,
        gives={
            JSON: {
                "title": {"zh": "网格地图", "en": "gridmap"},
                "basemap": None,
                "center": [120.89, 31.98],
                "zoom": 13.2,
                "bounds": [120.85, 31.95, 120.93, 32.01],
                "levels": ["district", "street", "community", "grid", "micro"],
                "version": 17,
                "on": "2026-01-31",
                "corrects": "key",
                "drafts": "key",
            }
        },
        tag="service",
    ),
    Operation(method="GET", path="/", needs=OPEN, summary="The web page", answer=page, gives={}, shown=False),
    Operation(
        method="GET", path="/plans", needs=OPEN, summary="Drafts of areas", answer=plans_page, gives={}, shown=False
    ),
    Operation(method="GET", path="/favicon.svg", needs=OPEN, summary="Its sign", answer=favicon, gives={}, shown=False),
    Operation(
        method="GET", path="/THIRD_PARTY.txt", needs=OPEN, summary="Licences", answer=licences, gives={}, shown=False
    ),
    Operation(
        method="GET",
        path="/assets/{name}",
        needs=OPEN,
        summary="A file of the page",
        answer=asset,
        takes=(_NAME,),
        gives={},
        shown=False,
    ),
)
