"""What a request may say: one parameter, one function; whatever else is said is refused."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import parse_qsl

from gridmap import crs
from gridmap.errors import InputError, NotFoundError, TooLargeError

#: Values of a request by the names of its parameters; None where nothing was said.
Given = dict[str, Any]

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_ENCODED = re.compile(rb"[^!-$&-*,-~]")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

#: No route takes half as many.
_MOST_PAIRS = 20

#: A code may be as long as the longest of the national codes, with room to spare.
_CODE_CHARS = 40


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One thing a request may say."""

    #: as it stands in the address
    name: str
    #: from its text to its value; raises InputError
    parse: Callable[[str], Any]
    #: JSON schema of its text
    schema: Mapping[str, Any]
    #: what it means, with its unit
    meaning: str
    #: a value that works on the sample territory
    example: Any = None
    #: where it stands: ``query`` or ``path``
    place: str = field(default="query")


def read(query: bytes, takes: Mapping[str, Parameter]) -> Given:
    """Return the value of each parameter of a query string.

    An empty value counts as not given, as a form sends it.

    Parameters
    ----------
    query
        The raw query string.
    takes
        The parameters of the route by name.

    Raises
    ------
    InputError
        If the query names a parameter that the route does not take, names one twice, or a value cannot be used.

    Examples
    --------
    >>> read(b"lon=120.9&accuracy=", {"lon": LON, "accuracy": ACCURACY})
    {'lon': 120.9, 'accuracy': None}
    """
    given: Given = dict.fromkeys(takes)
    said = set()
    for name, text in _pairs(query):
        if name not in takes:
            raise InputError(f"unknown parameter {name[:40]!r}", expected=f"any of {', '.join(takes) or 'none'}")
        if name in said:
            raise InputError(f"parameter {name} is given twice", expected="each at most once")
        said.add(name)
        if text:
            given[name] = takes[name].parse(text)
    return given


def _pairs(query: bytes) -> Iterable[tuple[str, str]]:
    """Names and texts of a query string, at most 20."""
    if not _ENCODED.search(query) and query.count(b"&") < _MOST_PAIRS:
        # nothing to decode, as in nearly every question about a point: half the time of parse_qsl
        pairs = (pair.partition("=") for pair in query.decode("ascii").split("&") if pair)
        return [(name, text) for name, _, text in pairs]
    try:
        return parse_qsl(query.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_PAIRS)
    except ValueError as error:
        raise InputError(
            "the query string cannot be read", expected="at most 20 parameters, percent-encoded UTF-8"
        ) from error


def number(name: str) -> Callable[[str], float]:
    """Return the parser of a finite decimal number; neither ``nan`` nor ``1_000`` is one here."""

    def parse(text: str) -> float:
        if _NUMBER.fullmatch(text) and math.isfinite(value := float(text)):
            return value
        raise InputError(f"{name}={text[:40]!r}", expected="a decimal number such as 120.89")

    return parse


def address(text: str) -> str:
    """Return the text of an address, as long as one may be."""
    return text


def accuracy(text: str) -> float:
    """Return an accuracy in metres, 0 or more, at most 100 km."""
    value = number("accuracy")(text)
    if not 0 <= value <= 100_000:  # noqa: PLR2004 - stated in the message
        raise InputError(f"accuracy={text[:40]!r}", expected="metres from 0 to 100000")
    return value


def day(text: str) -> date:
    """Return a calendar day."""
    try:
        # the pattern first: fromisoformat also takes 20260131 and 2026-W05-6
        return date.fromisoformat(text if _DAY.fullmatch(text) else "")
    except ValueError:
        raise InputError(f"on={text[:40]!r}", expected="a day as 2026-01-31") from None


def system(text: str) -> str | int:
    """Return the reference system of the coordinates that are given."""
    return crs.parse(text)


def box(text: str) -> tuple[float, float, float, float]:
    """Return west, south, east and north of a box in degrees."""
    parts = text.split(",")
    if len(parts) != 4:  # noqa: PLR2004 - west, south, east, north
        raise InputError(f"bbox={text[:80]!r}", expected="west,south,east,north in degrees")
    west, south, east, north = (number("bbox")(part.strip()) for part in parts)
    if west > east or south > north:
        raise InputError(f"bbox={text[:80]!r}", expected="west <= east and south <= north")
    return west, south, east, north


def code(text: str) -> str:
    """Return the code of an area."""
    if len(text) > _CODE_CHARS or not text.isprintable():
        raise InputError(f"code {text[:_CODE_CHARS]!r}", expected=f"at most {_CODE_CHARS} printable characters")
    return text


def file_name(text: str) -> str:
    """Return the name of a file; whether there is such a file is looked up in a list, never on the disk."""
    return text


def count(text: str) -> int:
    """Return how many to answer at most."""
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII) or int(text) < 1:
        raise InputError(f"limit={text[:40]!r}", expected="a whole number from 1")
    return int(text)


def flag(text: str) -> bool:
    """Return whether something is wanted."""
    if text not in {"true", "false"}:
        raise InputError(f"{text[:40]!r}", expected="true or false")
    return text == "true"


def language(text: str) -> str:
    """Return the language of a page."""
    if text not in {"zh", "en"}:
        raise InputError(f"lang={text[:40]!r}", expected="zh or en")
    return text


_COORDINATE = {"type": "number"}
_TEXT = {"type": "string"}
_DATE = {"type": "string", "format": "date"}

ADDRESS = Parameter(
    name="address",
    parse=address,
    schema={**_TEXT, "maxLength": 500},
    meaning="an address as a person writes it; either this or lon and lat",
)
LON = Parameter(
    name="lon",
    parse=number("lon"),
    schema=_COORDINATE,
    meaning="longitude in degrees, or the east coordinate of `crs`",
    example=120.8946,
)
LAT = Parameter(
    name="lat",
    parse=number("lat"),
    schema=_COORDINATE,
    meaning="latitude in degrees, or the north coordinate of `crs`",
    example=31.9802,
)
CRS = Parameter(
    name="crs",
    parse=system,
    schema=_TEXT,
    meaning="what lon and lat are in: an EPSG code, `GCJ-02` or `BD-09`; without it CGCS2000 or WGS 84 degrees",
    example="4490",
)
ACCURACY = Parameter(
    name="accuracy",
    parse=accuracy,
    schema={**_COORDINATE, "minimum": 0, "maximum": 100_000},
    meaning="metres by which the point may be off; an answer nearer to a border than that is `ambiguous`, unless the"
    " footprint of the address's building is known, which decides then",
    example=10,
)
EXPLAIN = Parameter(
    name="explain",
    parse=flag,
    schema={"type": "boolean"},
    meaning="`true`: also the `steps` in which the address was compared",
)
ON = Parameter(name="on", parse=day, schema=_DATE, meaning="the day asked about; without it today, in China's time")
LEVEL = Parameter(name="level", parse=code, schema=_TEXT, meaning="areas of this level only", example="grid")
BBOX = Parameter(
    name="bbox",
    parse=box,
    schema=_TEXT,
    meaning="areas whose extent touches this box only: west,south,east,north in degrees",
)
CODE = Parameter(name="code", parse=code, schema=_TEXT, meaning="the area of this code only")
PARENT = Parameter(name="parent", parse=code, schema=_TEXT, meaning="children of the area of this code only")
LIMIT = Parameter(
    name="limit",
    parse=count,
    schema={"type": "integer", "minimum": 1},
    meaning="at most so many areas; numberMatched says how many there are",
)
LANG = Parameter(
    name="lang", parse=language, schema={**_TEXT, "enum": ["zh", "en"]}, meaning="language of the page; `zh` without it"
)
AREA = Parameter(name="code", parse=code, schema=_TEXT, meaning="code of the area", place="path")


def one_place(given: Given, *, address_chars: int) -> str | tuple[float, float]:
    """Return the address, or the point in WGS 84 degrees: a request names exactly one of them.

    Parameters
    ----------
    given
        ``address`` or ``lon`` and ``lat``, with ``crs`` when those are not degrees.
    address_chars
        Longest address.

    Raises
    ------
    InputError
        If there is neither or both, or half a point.
    TooLargeError
        If the address is longer than allowed.
    CrsError
        If the point does not lie in its system.
    """
    text, x, y = given["address"], given["lon"], given["lat"]
    if text is None and x is not None and y is not None:
        return degrees(x, y, given["crs"])
    if text is None or x is not None or y is not None:
        raise InputError(
            f"the request gives {_named(given)}", expected="either address, or lon and lat", do="see /docs"
        )
    if len(text) > address_chars:
        raise TooLargeError(f"an address of {len(text)} characters", expected=f"at most {address_chars}")
    return str(text)


def degrees(x: float, y: float, system: str | int | None) -> tuple[float, float]:
    """Return longitude and latitude in WGS 84 degrees of a point in some system.

    Raises
    ------
    InputError
        If the result lies outside -180..180, -90..90.
    CrsError
        If the point cannot be transformed.
    """
    lon, lat = (x, y) if system is None else (float(value) for value in crs.to_wgs84(x, y, system))
    if -180 <= lon <= 180 and -90 <= lat <= 90:  # noqa: PLR2004 - degrees
        return lon, lat
    raise InputError(
        f"lon={x} lat={y}",
        expected="degrees, lon from -180 to 180 and lat from -90 to 90",
        do="check their order, or name their system with crs=",
    )


def one_code(text: str, known: Mapping[str, int]) -> int:
    """Return the row of an area by its code.

    Raises
    ------
    NotFoundError
        If no area in force has that code.
    """
    if text not in known:
        raise NotFoundError(f"no area in force has the code {text[:_CODE_CHARS]!r}", do="list them at /api/areas")
    return known[text]


def _named(given: Given) -> str:
    """The names of what a request says about its place."""
    return " and ".join(name for name in ("address", "lon", "lat") if given[name] is not None) or "no place"
