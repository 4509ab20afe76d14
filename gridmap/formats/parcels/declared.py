"""What files declare of parcels, areas in whatever unit and numbers of points, held against what they have."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

import numpy as np

from gridmap.formats.parcels.notes import Notes
from gridmap.formats.parcels.survey import Draft, Survey

#: Square metres of a unit; 1 mu is a fifteenth of a hectare.
UNITS = {"ha": 10_000.0, "m2": 1.0, "mu": 2000.0 / 3.0}
_WORDS = {
    **dict.fromkeys(("公顷", "HA", "HECTARE", "HECTARES", "HM2"), "ha"),
    **dict.fromkeys(("平方米", "平米", "M2", "SQM", "㎡", "平方公尺"), "m2"),
    **dict.fromkeys(("亩", "市亩", "MU", "畝"), "mu"),
}
#: Share by which a declared area may differ.
TOLERANCE = 0.005
_AREA = re.compile(r"\s*([+-]?\d+(?:\.(\d*))?)\s*(.*)")


@dataclass(frozen=True, kw_only=True)
class Declared:
    """An area as a file declares it."""

    #: the number
    number: float
    #: a key of `UNITS`; None where the file does not say
    unit: str | None
    #: one unit of the number's last digit
    last: float


def declared(text: str) -> Declared | None:
    """The area that a text declares; None for nothing, 0, or what is no area.

    Parameters
    ----------
    text
        A number, and possibly a unit.

    Raises
    ------
    None

    Examples
    --------
    >>> declared("0.7655公顷")
    Declared(number=0.7655, unit='ha', last=0.0001)
    >>> declared("0") is None
    True
    """
    found = _AREA.fullmatch(unicodedata.normalize("NFKC", text).replace(",", ""))
    if not found or float(found[1]) <= 0:
        return None
    word = found[3].strip().strip("()").upper()
    if word and word not in _WORDS:
        return None
    return Declared(number=float(found[1]), unit=_WORDS.get(word), last=10.0 ** -len(found[2] or ""))


def compared_area(draft: Draft, area_m2: float, notes: Notes, *, unit: str = "ha") -> float:
    """The declared area of a parcel in square metres, NaN where there is none; what is odd is warned of.

    Where the file does not say the unit it is the format's, unless the area of the shape fits another.

    Parameters
    ----------
    draft
        The parcel.
    area_m2
        The area of its shape; NaN for a line.
    notes
        Where ``W_AREA_UNIT_m2``, ``W_AREA_UNIT_mu``, ``W_AREA_UNIT_ha`` and ``W_AREA_MISMATCH`` are noted.
    unit
        The format's unit.

    Raises
    ------
    None
    """
    area = declared(draft.area)
    if area is None:
        if draft.area.strip(" 0."):
            notes.warn("W_AREA_UNREADABLE", f"{draft.area[:30]!r} is no area; it was left out", draft.line)
        return float("nan")
    chosen = area.unit or _fitting(area, area_m2, unit)
    given = area.number * UNITS[chosen]
    if area.unit is None and chosen != unit:
        message = f"the declared area {area.number:g} is in {chosen}, not in {unit}: the shape has {area_m2:.2f} m2"
        notes.warn(f"W_AREA_UNIT_{chosen}", message, draft.line, declared=area.number, found=area_m2)
    elif area_m2 == area_m2 and not _fits(area, area_m2, chosen):  # noqa: PLR0124 (a line's area is no number)
        message = f"declared are {given:.2f} m2 ({area.number:g} {chosen}), the shape has {area_m2:.2f} m2"
        notes.warn("W_AREA_MISMATCH", message, draft.line, declared=given, found=area_m2)
    return given


def _fitting(area: Declared, area_m2: float, unit: str) -> str:
    """The unit in which a declared area fits the shape's best; the format's where none does."""
    fitting = [name for name in (unit, *UNITS) if _fits(area, area_m2, name)]
    # 1 is a hectare to the digit from 0 to 2, and a mu where the shape is one
    return min(fitting, key=lambda name: abs(area.number * UNITS[name] - area_m2), default=unit)


def _fits(area: Declared, area_m2: float, unit: str) -> bool:
    """Whether a declared area is the shape's, within half a per cent or one unit of its last digit."""
    size = UNITS[unit]
    return abs(area.number * size - area_m2) <= max(TOLERANCE * area_m2, area.last * size * (1 + 1e-9))


def compare_counts(survey: Survey, notes: Notes) -> None:
    """Warn of parcels whose declared number of points is neither that of their lines nor that without closing ones.

    Parameters
    ----------
    survey
        Points as written.
    notes
        Where ``W_COUNT_MISMATCH`` is noted.

    Raises
    ------
    None
    """
    lines = np.bincount(survey.owner, minlength=len(survey.parcels))
    begins = np.r_[True, survey.ring[1:] != survey.ring[:-1]]
    rings = np.bincount(survey.owner[begins], minlength=len(survey.parcels))
    for draft, found, closing in zip(survey.parcels, lines.tolist(), rings.tolist(), strict=True):
        if draft.count and draft.count not in {found, found - closing, found + closing}:
            message = f"{draft.count} points are declared, {found} lines of points follow"
            notes.warn("W_COUNT_MISMATCH", message, draft.line, declared=draft.count, found=found)
