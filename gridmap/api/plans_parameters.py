"""What requests about plans may say in their address."""

from __future__ import annotations

from typing import Any

from gridmap.api import deps
from gridmap.api.deps import Parameter
from gridmap.errors import InputError

#: Greatest number of a plan or version: what PostgreSQL's integers hold.
MOST = 2**31 - 1

#: What a plan may be, as `gridmap.store.plans` has it, which a service loads with the first question about plans.
STATUSES = ("draft", "published", "withdrawn")


def number(name: str) -> Any:
    """Return the parser of a whole number from 0 up.

    Raises
    ------
    InputError
        By the parser, for anything else.
    """

    def parse(text: str) -> int:
        if text.isascii() and text.isdecimal() and len(text) <= 10 and int(text) <= MOST:  # noqa: PLR2004 (its digits)
            return int(text)
        raise InputError(f"{name}={text[:40]!r}", expected="a whole number from 0 up")

    return parse


def _status(text: str) -> str:
    if text not in STATUSES:
        raise InputError(f"status={text[:40]!r}", expected=f"one of {', '.join(STATUSES)}")
    return text


def _format(text: str) -> str:
    if text not in {"json", "xlsx"}:
        raise InputError(f"format={text[:40]!r}", expected="json or xlsx")
    return text


def _file(text: str) -> str:
    if text not in {"json", "gpkg", "geojson"}:
        raise InputError(f"format={text[:40]!r}", expected="json, gpkg or geojson")
    return text


_NUMBER = {"type": "integer", "minimum": 0}
_TEXT = {"type": "string"}

ID = Parameter(name="id", parse=number("id"), schema=_NUMBER, meaning="number of the plan", place="path")
STATUS = Parameter(
    name="status", parse=_status, schema={**_TEXT, "enum": list(STATUSES)}, meaning="plans of this status only"
)
SINCE = Parameter(name="since", parse=number("since"), schema=_NUMBER, meaning="edits after this version only")
WITH = Parameter(
    name="with",
    parse=number("with"),
    schema=_NUMBER,
    meaning="number of the plan to compare with; without it the areas in force on the day that it was made from",
)
FILE = Parameter(
    name="format",
    parse=_file,
    schema={**_TEXT, "enum": ["json", "gpkg", "geojson"]},
    meaning="`gpkg` or `geojson` for a file of all levels, each area with its ground, that can be uploaded again",
)
BOX = Parameter(
    name="bbox", parse=deps.box, schema=_TEXT, meaning="west,south,east,north in degrees", example="120.8,31.9,121,32.1"
)
FORMAT = Parameter(
    name="format", parse=_format, schema={**_TEXT, "enum": ["json", "xlsx"]}, meaning="`xlsx` for a workbook"
)
NAME = Parameter(name="name", parse=str, schema=_TEXT, meaning="what the draft is called, where the body is a file")
ON = Parameter(
    name="on", parse=deps.day, schema={**_TEXT, "format": "date"}, meaning="as in the body, where that is a file"
)
LEVEL = Parameter(name="level", parse=deps.code, schema=_TEXT, meaning="as in the body, where that is a file")
TARGET = Parameter(
    name="target",
    parse=deps.number("target"),
    schema={"type": "number"},
    meaning="as in the body, where that is a file",
)
NOTE = Parameter(name="note", parse=str, schema=_TEXT, meaning="as in the body, where that is a file")
