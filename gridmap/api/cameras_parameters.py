"""What requests about cameras may say in their address."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from gridmap.api import deps
from gridmap.api.deps import Parameter
from gridmap.errors import InputError

#: Bands of pixel density, the densest first, and whatever is seen at all; `gridmap.visibility` has them too, which a
#: service loads with the first question about cameras.
BANDS = ("recognise", "find", "detect", "seen")

#: Characters that the id of a camera may have.
_ID_CHARS = 80

_TEXT = {"type": "string"}
_DATE = {"type": "string", "format": "date"}


def day(name: str) -> Callable[[str], date]:
    """Return the parser of a calendar day that names its parameter where it refuses.

    Raises
    ------
    InputError
        By the parser, for anything else.
    """

    def parse(text: str) -> date:
        try:
            return deps.day(text)
        except InputError:
            raise InputError(f"{name}={text[:40]!r}", expected="a day as 2026-01-31", code="no_day") from None

    return parse


def camera_id(text: str) -> str:
    """Return the id of a camera.

    Raises
    ------
    InputError
        If it is empty, too long, or cannot be printed.
    """
    if not text.strip() or len(text) > _ID_CHARS or not text.isprintable():
        raise InputError(f"camera {text[:_ID_CHARS]!r}", expected=f"1 to {_ID_CHARS} printable characters")
    return text


def _band(text: str) -> str:
    if text not in BANDS:
        raise InputError(
            f"band={text[:40]!r}",
            expected=f"one of {', '.join(BANDS)}",
            code="no_band",
            values={"band": text[:40], "bands": BANDS},
        )
    return text


AREA = Parameter(
    name="area",
    parse=deps.code,
    schema=_TEXT,
    meaning="code of the area that is asked about; its children are answered with it",
    example="320613",
)
WITHIN = Parameter(
    name="area", parse=deps.code, schema=_TEXT, meaning="cameras in this area; without it all of them", example="320613"
)
BAND = Parameter(
    name="band", parse=_band, schema={**_TEXT, "enum": list(BANDS)}, meaning="shares of this band only", example="find"
)
FROM = Parameter(
    name="from", parse=day("from"), schema=_DATE, meaning="first of two days that are compared, in place of `on`"
)
TO = Parameter(name="to", parse=day("to"), schema=_DATE, meaning="second of two days that are compared; today without")
OLD_ON = Parameter(
    name="old_on", parse=day("old_on"), schema=_DATE, meaning="a day whose coverage is shown beside that of `on`"
)
ID = Parameter(name="id", parse=camera_id, schema=_TEXT, meaning="id of the camera", place="path")
SEEN = Parameter(
    name="seen", parse=deps.code, schema=_TEXT, meaning="`seen` of the camera, as it was answered when it was looked at"
)
EFFECTIVE = Parameter(
    name="effective",
    parse=day("effective"),
    schema=_DATE,
    meaning="first day on which it is none; today without, in China's time",
)
