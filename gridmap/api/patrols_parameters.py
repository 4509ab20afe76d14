"""What requests about patrols may say in their address."""

from __future__ import annotations

import re
from collections.abc import Callable

from gridmap.api import deps
from gridmap.api.cameras_parameters import day
from gridmap.api.deps import Parameter
from gridmap.errors import InputError

#: Characters that the name of a shift may have, such as ``2024-05-06 night``.
_SHIFT_CHARS = 40

_TEXT = {"type": "string"}
_DATE = {"type": "string", "format": "date"}


def _shift(text: str) -> str:
    if len(text) > _SHIFT_CHARS or not text.isprintable():
        raise InputError(f"shift={text[:_SHIFT_CHARS]!r}", expected="all, day, night, or a shift by its name")
    return text


AREA = Parameter(
    name="area",
    parse=deps.code,
    schema=_TEXT,
    meaning="code of the area that is asked about; its children are answered with it",
    example="320613",
)
ON = Parameter(
    name="on",
    parse=day("on"),
    schema=_DATE,
    meaning="day of the areas and streets, today without; where neither `from` nor `to` is given, also the day whose "
    "shifts are asked about",
)
FROM = Parameter(
    name="from",
    parse=day("from"),
    schema=_DATE,
    meaning="first day whose shifts are asked about; without any day the month that ends with the last day of which "
    "there is any record",
)
TO = Parameter(name="to", parse=day("to"), schema=_DATE, meaning="last day whose shifts are asked about; today without")
SHIFT = Parameter(
    name="shift",
    parse=_shift,
    schema=_TEXT,
    meaning="shares of these shifts only: `all`, `day`, `night`, or one by its name, such as `2024-05-06 night`",
    example="night",
)
COMPARE_FROM = Parameter(
    name="compare_from",
    parse=day("compare_from"),
    schema=_DATE,
    meaning="first day of shifts that they are compared with",
)
COMPARE_TO = Parameter(
    name="compare_to",
    parse=day("compare_to"),
    schema=_DATE,
    meaning="last day of shifts that they are compared with; `compare_from` alone is one day",
)
OLD_FROM = Parameter(
    name="old_from", parse=day("old_from"), schema=_DATE, meaning="first day of shifts that are shown beside the others"
)
OLD_TO = Parameter(
    name="old_to",
    parse=day("old_to"),
    schema=_DATE,
    meaning="last day of shifts that are shown beside the others; `old_from` alone is one day",
)
SHOWN_AREA = Parameter(
    name="area", parse=deps.code, schema=_TEXT, meaning="only this area and what lies in it", example="320613"
)
POST = Parameter(name="post", parse=deps.code, schema=_TEXT, meaning="code of the post", place="path")
HELD_SHIFT = Parameter(
    name="shift", parse=_shift, schema=_TEXT, meaning="name of the shift, such as `2024-05-06 night`", place="path"
)


#: What a round for a phone is sent as.
GPX = "application/gpx+xml"

#: A round lasts no longer than a shift of twelve hours.
_MOST_MINUTES = 720
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
#: How crews get along; `gridmap.network` has these too, which a service loads with the first question about patrols.
MODES = ("foot", "e-bike", "car")


def _minutes(text: str) -> float:
    value = deps.number("minutes")(text)
    if not 0 < value <= _MOST_MINUTES:
        raise InputError(f"minutes={text[:40]!r}", expected=f"above 0, at most {_MOST_MINUTES}")
    return value


def _clock(text: str) -> str:
    if not _CLOCK.fullmatch(text):
        raise InputError(f"begins={text[:40]!r}", expected="a time of day such as 08:00")
    return text


def one_of(name: str, choices: tuple[str, ...]) -> Callable[[str], str]:
    """Return the parser of one of some words.

    Raises
    ------
    InputError
        By the parser, for any other word.
    """

    def parse(text: str) -> str:
        if text not in choices:
            raise InputError(f"{name}={text[:40]!r}", expected=f"one of {', '.join(choices)}")
        return text

    return parse


MINUTES = Parameter(
    name="minutes",
    parse=_minutes,
    schema={"type": "number", "maximum": _MOST_MINUTES},
    meaning="how long the round may take: it goes where most is owed; without it the round goes through all streets of "
    "the area",
    example=120,
)
BEGINS = Parameter(name="begins", parse=_clock, schema=_TEXT, meaning="time of day at which it begins; 08:00 without")
MODE = Parameter(
    name="mode",
    parse=one_of("mode", MODES),
    schema={**_TEXT, "enum": list(MODES)},
    meaning="how the crew gets along; on foot without",
)
SIGNINS = Parameter(
    name="signins",
    parse=deps.flag,
    schema={"type": "boolean"},
    meaning="`true`: the checkpoints of the area are met while they are open",
)
FORMAT = Parameter(
    name="f",
    parse=one_of("f", ("geojson", "gpx")),
    schema={**_TEXT, "enum": ["geojson", "gpx"]},
    meaning="`gpx` for a phone; GeoJSON without",
)
