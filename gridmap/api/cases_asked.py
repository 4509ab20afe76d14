"""What requests about cases say: their bodies, each checked for its shape, and files by their endings alone."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from gridmap.api.answers import JSON
from gridmap.api.body import media_type, path_of, read_file, read_json
from gridmap.api.cases_parameters import DATE_CHARS, LABEL_CHARS, NOTE_CHARS, ZIP
from gridmap.api.desk import Call
from gridmap.api.fields import day, members, whole, words
from gridmap.errors import InputError

#: Endings of files of claims and candidates; a shapefile comes as a ZIP.
ENDINGS = (".txt", ".csv", ".xlsx", ".dxf", ".kml", ".kmz", ".geojson", ".json", ".gpkg", ".zip")

#: Most parties of an agreement, and most control points of a source.
_PARTIES, _POINTS = 50, 10_000

_SOURCE_TEXTS = {"captured": DATE_CHARS, "released": DATE_CHARS, "scanned": DATE_CHARS, "method": LABEL_CHARS}
_SOURCE_NUMBERS = ("accuracy_m", "leave_one_out_m")


async def body(call: Call) -> Any:
    """Return a JSON body.

    Raises
    ------
    HTTPException
        415 if it is of another type, 408 if it comes too slowly.
    InputError, TooLargeError
        If it is not JSON, or too large.
    """
    if media_type(call.request) != JSON:
        raise HTTPException(415, f"the body is {media_type(call.request) or 'of no type'}; send {JSON}")
    return await read_json(call.request, call.desk.limits, most=call.desk.limits.edit_bytes)


@asynccontextmanager
async def drawn(call: Call) -> AsyncIterator[Path]:
    """Hold the file of claims or candidates that is the body.

    Its ending is that of the name that it was sent under; the rest of that name never reaches the disk.

    Raises
    ------
    InputError
        If it has no name, an ending that is not read, or nothing in it.
    TooLargeError
        If it has more bytes than allowed.
    """
    ending = Path(_named(call)).suffix.lower()
    if ending not in ENDINGS:
        raise InputError(
            f"a file that ends in {ending[:20]!r}",
            expected=f"one of {', '.join(ENDINGS)}",
            code="unread_ending",
            values={"ending": ending[:20] or "-", "endings": ", ".join(ENDINGS)},
        )
    with await read_file(call.request, call.desk.limits, suffix=ending, most=call.desk.limits.claims_bytes) as file:
        _refuse_empty(path_of(file))
        with TemporaryDirectory(prefix="gridmap-") as folder:
            yield await run_in_threadpool(_known, path_of(file), Path(folder, f"sent{ending}"))


@asynccontextmanager
async def evidence(call: Call) -> AsyncIterator[Path]:
    """Hold the file of evidence that is the body; on the disk, so that many that are sent slowly take no memory.

    Raises
    ------
    InputError
        If it has no name, or nothing in it.
    TooLargeError
        If it has more bytes than allowed.
    """
    _named(call)
    with await read_file(call.request, call.desk.limits, suffix=".sent", most=call.desk.limits.evidence_bytes) as file:
        _refuse_empty(path_of(file))
        yield path_of(file)


@asynccontextmanager
async def archive(call: Call) -> AsyncIterator[Path]:
    """Hold the archive of a case that is the body.

    Raises
    ------
    HTTPException
        415 if it is of another type.
    InputError
        If there is nothing in it.
    TooLargeError
        If it has more bytes than allowed.
    """
    if media_type(call.request) != ZIP:
        raise HTTPException(415, f"the body is {media_type(call.request) or 'of no type'}; send {ZIP}")
    with await read_file(call.request, call.desk.limits, suffix=".zip", most=call.desk.limits.archive_bytes) as file:
        _refuse_empty(path_of(file))
        yield path_of(file)


def type_of(said: str) -> str:
    """Return the media type of a file as it was sent, bytes where that is none."""
    return said if re.fullmatch(r"[\w.+-]{1,60}/[\w.+-]{1,60}", said, re.ASCII) else "application/octet-stream"


def version_of(given: Mapping[str, Any]) -> int:
    """Return the version that an address names.

    Raises
    ------
    InputError
        If it names none.
    """
    if given["version"] is None:
        raise InputError("no version", expected="version=NUMBER, as the case was seen", code="no_version")
    return int(given["version"])


def new_case(said: Any) -> dict[str, Any]:
    """Return what a case is opened with.

    Raises
    ------
    InputError
        If it is not understood.
    """
    said = members(said, required={"name"}, optional={"code", "note", "epsg"})
    return {
        "name": words(said, "name", most=LABEL_CHARS),
        "code": _words(said, "code", LABEL_CHARS),
        "note": _words(said, "note", NOTE_CHARS, lines=True) or "",
        "epsg": None if said.get("epsg") is None else whole(said, "epsg"),
    }


def source_of(said: Any) -> tuple[int, dict[str, Any]]:
    """Return the version seen, and what a source says.

    Raises
    ------
    InputError
        If it is not understood.
    """
    optional = {*_SOURCE_TEXTS, *_SOURCE_NUMBERS, "evidence", "epsg", "points"}
    said = members(said, required={"version", "title", "kind"}, optional=optional)
    return whole(said, "version"), {
        "title": words(said, "title", most=LABEL_CHARS),
        "kind": words(said, "kind", most=LABEL_CHARS),
        **{name: _words(said, name, most) for name, most in _SOURCE_TEXTS.items()},
        **{name: _metres(said, name) for name in _SOURCE_NUMBERS},
        **{name: None if said.get(name) is None else whole(said, name) for name in ("evidence", "epsg")},
        "points": _points(said.get("points")),
    }


def agreement_of(said: Any) -> tuple[int, dict[str, str], dict[str, Any]]:
    """Return the version seen, identifiers of parcels by their party, and what was agreed.

    Raises
    ------
    InputError
        If it is not understood.
    """
    required = {"version", "candidate", "agreed_on", "effective"}
    said = members(said, required=required, optional={"parties", "terms", "sheet_sha256", "parcels"})
    days = {name: day(said, name) for name in ("agreed_on", "effective")}
    if None in days.values():
        raise InputError("a day that is null", expected="a day as 2026-01-31", code="no_day")
    return (
        whole(said, "version"),
        _parcels(said.get("parcels", {})),
        {
            "candidate": words(said, "candidate", most=LABEL_CHARS),
            **days,
            "parties": _parties(said.get("parties", [])),
            "terms": _words(said, "terms", NOTE_CHARS, lines=True) or "",
            "sheet_sha256": _words(said, "sheet_sha256", 64),
        },
    )


def share_of(said: Any) -> tuple[int, dict[str, Any]]:
    """Return the version seen, and what a line is to be solved for.

    Raises
    ------
    InputError
        If it is not understood.
    """
    said = members(said, required={"version", "share"}, optional={"name", "party"})
    share = said["share"]
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 < share < 1:
        raise InputError(f"share: {str(share)[:40]}", expected="more than 0 and less than 1")
    words_ = {name: _words(said, name, LABEL_CHARS) for name in ("name", "party")}
    return whole(said, "version"), {"share": float(share), **words_}


def status_of(said: Any) -> tuple[int, str]:
    """Return the version seen, and the status that the case is to have.

    Raises
    ------
    InputError
        If it is not understood.
    """
    said = members(said, required={"version", "status"})
    return whole(said, "version"), words(said, "status", most=LABEL_CHARS)


def seen(said: Any) -> int:
    """Return the version that a body names.

    Raises
    ------
    InputError
        If it is not understood.
    """
    return whole(members(said, required={"version"}), "version")


def _named(call: Call) -> str:
    if call.given["file"] is None:
        raise InputError("a file without a name", expected="file=NAME", code="no_file_name", values={"most": 120})
    return str(call.given["file"])


def _known(file: Path, name: Path) -> Path:
    """A file under a name of ours: what is wrong with it is told by its name, and a temporary one says nothing."""
    name.symlink_to(file)
    return name


def _refuse_empty(path: Path) -> None:
    if not path.stat().st_size:
        raise InputError("an empty body", expected="the file", code="empty_body")


def _words(said: Mapping[str, Any], name: str, most: int, *, lines: bool = False) -> str | None:
    """A text, None without one."""
    return None if said.get(name) in (None, "") else words(said, name, most=most, lines=lines)


def _metres(said: Mapping[str, Any], name: str) -> float | None:
    value = said.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 10_000:  # noqa: PLR2004
        raise InputError(f"{name}: {str(value)[:40]}", expected="metres from 0 to 10000")
    return float(value)


def _points(value: Any) -> list[dict[str, Any]] | None:
    if value is None:
        return None
    if not isinstance(value, list) or len(value) > _POINTS or not all(isinstance(point, dict) for point in value):
        raise InputError("points that are no list of objects", expected=f"at most {_POINTS} control points")
    return value


def _parties(value: Any) -> list[str]:
    if not isinstance(value, list) or len(value) > _PARTIES:
        raise InputError("parties that are no list", expected=f"at most {_PARTIES} labels")
    return [words({"parties": one}, "parties", most=LABEL_CHARS) for one in value]


def _parcels(value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or len(value) > _PARTIES:
        raise InputError("parcels that are no object", expected=f"at most {_PARTIES} identifiers by their party")
    return {str(party): words({"parcels": one}, "parcels", most=LABEL_CHARS) for party, one in value.items()}
