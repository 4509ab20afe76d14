"""Lengths as people write them: metres, unless they say feet, centimetres, 米 or 英尺."""

from __future__ import annotations

import re
import unicodedata

_FOOT_M, _INCH_M = 0.3048, 0.0254
#: Metres of each unit, by what may be written after a number.
_UNITS_M = {
    **dict.fromkeys(("", "m", "metre", "metres", "meter", "meters", "米", "公尺"), 1.0),
    **dict.fromkeys(("cm", "厘米", "公分"), 0.01),
    **dict.fromkeys(("ft", "feet", "foot", "'", "英尺"), _FOOT_M),
}
_LENGTH = re.compile(r"(\d+(?:[.,]\d+)?)\s*(\D*)")
_FEET_INCHES = re.compile(r"(\d+)\s*'\s*(\d+)\s*\"")


def metres(text: str) -> float | None:
    """Return a length in metres, of a text that may state another unit.

    Parameters
    ----------
    text
        ``"8"`` (metres), ``"8.5 m"``, ``"26 ft"``, ``"26'"``, ``12'6"``, ``"3.5米"``, ``"350cm"``.

    Returns
    -------
    float or None
        None where it cannot be read.

    Raises
    ------
    None

    Examples
    --------
    >>> metres("8 m"), metres("10 ft"), metres("350公分"), metres("second floor")
    (8.0, 3.048, 3.5, None)
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    if found := _FEET_INCHES.fullmatch(plain):
        return round(int(found[1]) * _FOOT_M + int(found[2]) * _INCH_M, 4)
    found = _LENGTH.fullmatch(plain)
    unit = None if found is None else _UNITS_M.get(found[2].strip().casefold())
    return None if found is None or unit is None else round(float(found[1].replace(",", ".")) * unit, 4)
