"""Dates as sources give them: about 1953, in the fifties, until 1982; what is certain, possible or ruled out on a day.

They are written in level 1 of the Extended Date/Time Format (EDTF; ISO 8601-2:2019, annex A).
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from gridmap.errors import InputError

Answer = Literal["certain", "possible", "no"]

#: How many units of its own precision a date may be off that is approximate or uncertain: 1953~ is 1952 to 1954. The
#: standard leaves it open.
MARGIN = 1
#: First and last month of each season in the north, by its number; which winter of a year is meant nobody knows.
_SEASONS = {21: (3, 5), 22: (6, 8), 23: (9, 11), 24: (1, 14)}
_MONTHS = 12
_DATE = re.compile(
    r"(?P<year>\d{4}|\d{3}X|\d{2}XX|\dXXX)(-(?P<month>\d{2}|XX)(-(?P<day>\d{2}|XX))?)?(?P<mark>[~?%]?)", re.ASCII
)
#: What is written otherwise, and how it should be.
_HINTS = (
    (re.compile(r"-\d|.*[Bb]\.?[Cc]|.*公元前"), "years before the year 1 are not taken: no boundary is that old"),
    (re.compile(r"(解放|建国|新中国成立)(以|之)?前"), "write ../1949"),
    (re.compile(r"[Bb]efore|.*\d\s*年?(以|之)?前"), "before some year is an open beginning, such as ../1949"),
    (re.compile(r"Y-?\d"), "years of more than four digits are not taken"),
    (re.compile(r".*\du"), "an unknown digit is X: 195X"),
    (re.compile(r"(.*/)?(open|unknown)(/.*)?", re.IGNORECASE), "an open end is two dots: ../1982"),
    (re.compile(r".*[\[\]{}]"), "sets of dates are of level 2, which is not taken: write an interval"),
    (re.compile(r".*[~?%].*\d|.*\d[~?%]-"), "marks stand at the end of a date; those inside are of level 2"),
    (re.compile(r".*T\d"), "the day is enough: leave the time out"),
    (re.compile(r"\d{4}[./年]\d"), "write 2004-06-01"),
)


@dataclass(frozen=True, kw_only=True)
class Uncertain:
    """A date, or a span of time, as a source gives it.

    A single date is a moment of which no more is known than that it lies between two days; an interval begins at one
    such moment and ends at another.
    """

    #: as it was written
    text: str
    #: first day that it can be, or can begin on; None: it has no known beginning
    earliest: date | None
    #: last day that it can be, or can end on; None: it has no known end
    latest: date | None
    #: first and last day on which it is certain; None where it is on no day
    certain: tuple[date, date] | None
    #: whether the source itself doubts it, so that nothing that rests on it is certain
    doubtful: bool = False

    def at(self, day: date) -> Answer:
        """Tell whether it was so on a day.

        Parameters
        ----------
        day
            The day asked about.

        Returns
        -------
        str
            ``certain``, ``possible`` or ``no``.

        Raises
        ------
        None

        Examples
        --------
        >>> span = parse_edtf("1911/1953~")
        >>> [span.at(date(year, 6, 1)) for year in (1910, 1911, 1912, 1951, 1952, 1954, 1955)]
        ['no', 'possible', 'certain', 'certain', 'possible', 'possible', 'no']
        """
        if self.certain is not None and self.certain[0] <= day <= self.certain[1]:
            return "certain"
        return "possible" if (self.earliest or date.min) <= day <= (self.latest or date.max) else "no"


@dataclass(frozen=True, kw_only=True)
class _Moment:
    """A single date."""

    earliest: date
    latest: date
    #: whether the source itself doubts it
    doubtful: bool


def parse_edtf(text: str, *, margin: int = MARGIN) -> Uncertain:
    """Return what is known of a date that is written in EDTF, level 1.

    ========================= =====================================================================================
    ``1953``, ``1953-06``     some day in that year, in that month; ``1953-06-01`` that day
    ``1953-21``               in spring; 22 summer, 23 autumn, 24 winter
    ``195X``, ``19XX``        some day in the fifties, in that century; ``1953-XX``, ``1953-06-XX`` the same as without
    ``1953~``                 about 1953: up to ``margin`` units of its precision (here years) before or after
    ``1953?``                 perhaps 1953: as far off, and certain on no day; ``1953%`` both, and twice as far off
    ``1911/1912``             begins in 1911, ends in 1912; ``../1982`` has always been, ``1953/..`` still is;
                              ``/1982`` begins nobody knows when
    ========================= =====================================================================================

    Parameters
    ----------
    text
        The date; blanks around it do not matter.
    margin
        How far approximate and uncertain dates may be off, in units of their precision.

    Returns
    -------
    Uncertain

    Raises
    ------
    InputError
        If it is no such date, is in the year 0 or before it, is no day of the calendar, or ends before it begins.

    Examples
    --------
    >>> found = parse_edtf("195X")
    >>> str(found.earliest), str(found.latest), found.certain
    ('1950-01-01', '1959-12-31', None)
    >>> parse_edtf("../1982").at(date(1700, 1, 1))
    'certain'
    """
    given = text.strip() if isinstance(text, str) else str(text)
    if given.count("/") == 1:
        return _interval(given, margin)
    moment = _moment(given, given, margin)
    sure = moment.earliest == moment.latest and not moment.doubtful
    certain = (moment.earliest, moment.latest) if sure else None
    return Uncertain(
        text=given, earliest=moment.earliest, latest=moment.latest, certain=certain, doubtful=moment.doubtful
    )


def held_on(day: date, valid_from: Uncertain | None, valid_to: Uncertain | None) -> Answer:
    """Tell whether something held on a day, by the dates that it came into force and went out of force.

    Parameters
    ----------
    day
        The day asked about.
    valid_from
        When it came into force; None: it always was.
    valid_to
        When it went out of force, which is the first day that it no longer holds; None: it still does.

    Returns
    -------
    str
        ``certain``, ``possible`` or ``no``.

    Raises
    ------
    InputError
        If it went out of force before it came into force.

    Examples
    --------
    >>> begin, end = parse_edtf("1953~"), parse_edtf("1982")
    >>> [held_on(date(year, 6, 1), begin, end) for year in (1951, 1953, 1955, 1982, 1983)]
    ['no', 'possible', 'certain', 'possible', 'no']
    """
    begin, end = valid_from or _ALWAYS, valid_to or _ALWAYS
    if begin.earliest is not None and end.latest is not None and end.latest < begin.earliest:
        given = f"in force from {begin.text}, out of force from {end.text}"
        raise InputError(given, expected="the end after the beginning", code="ends_before_it_begins")
    if (begin.earliest and day < begin.earliest) or (valid_to is not None and end.latest and day >= end.latest):
        return "no"
    begun = valid_from is None or (begin.latest is not None and begin.latest <= day and not begin.doubtful)
    lasting = valid_to is None or (end.earliest is not None and day < end.earliest and not end.doubtful)
    return "certain" if begun and lasting else "possible"


@dataclass(frozen=True, kw_only=True)
class SourceDates:
    """The dates of a map or a picture, which are not to be taken for each other.

    A picture shows the land as it was on the day of *capture*. The day of *release*, which services of imagery print
    on it, and the day of the *scan* are later by days or by decades.
    """

    #: when it was surveyed or taken; None where nobody knows
    capture: Uncertain | None = None
    #: when it was printed or published
    release: Uncertain | None = None
    #: when it was scanned
    scan: Uncertain | None = None

    @property
    def shown(self) -> Uncertain | None:
        """The day that it shows: of capture, else some day up to release or scan; None where no date is known."""
        if self.capture is not None:
            return self.capture
        known = [dates.latest for dates in (self.release, self.scan) if dates is not None and dates.latest is not None]
        if not known:
            return None
        return Uncertain(text=f"/{min(known).isoformat()}", earliest=None, latest=min(known), certain=None)

    def faults(self) -> list[tuple[str, str]]:
        """Return what is wrong with the dates, as code and message.

        Returns
        -------
        list of (str, str)
            ``release_before_capture``, ``scan_before_capture``, ``scan_before_release`` where the one must be before
            the other whatever the doubt; ``capture_unknown`` where only later days are known.

        Raises
        ------
        None

        Examples
        --------
        >>> SourceDates(capture=parse_edtf("1953"), release=parse_edtf("1951")).faults()
        [('release_before_capture', 'the release, 1951, is before the capture, 1953: one is wrong')]
        """
        named = (("capture", self.capture), ("release", self.release), ("scan", self.scan))
        known = [(name, dates) for name, dates in named if dates is not None]
        found = [
            (f"{later}_before_{former}", f"the {later}, {two.text}, is before the {former}, {one.text}: one is wrong")
            for place, (former, one) in enumerate(known)
            for later, two in known[place + 1 :]
            if two.latest is not None and one.earliest is not None and two.latest < one.earliest
        ]
        if self.capture is None and known:
            name, dates = known[0]
            message = f"only the {name}, {dates.text}, is known: it shows the land of that day or of any day before"
            found.append(("capture_unknown", message))
        return found


_ALWAYS = Uncertain(text="..", earliest=None, latest=None, certain=(date.min, date.max))


def _interval(text: str, margin: int) -> Uncertain:
    """Return an interval."""
    ends = text.split("/")
    begin, end = (None if part in ("", "..") else _moment(part, text, margin) for part in ends)
    if begin is None and end is None:
        raise _refused(text, "it says nothing: leave it out")
    if begin is not None and end is not None and end.latest < begin.earliest:
        raise _refused(text, "it ends before it begins")
    doubtful = any(moment is not None and moment.doubtful for moment in (begin, end))
    surely = not doubtful and "" not in ends
    first, last = (begin.latest if begin else date.min), (end.earliest if end else date.max)
    return Uncertain(
        text=text,
        earliest=begin.earliest if begin else None,
        latest=end.latest if end else None,
        certain=(first, last) if surely and first <= last else None,
        doubtful=doubtful,
    )


def _moment(part: str, text: str, margin: int) -> _Moment:
    """Return a single date; ``text`` is what to name in a refusal."""
    found = _DATE.fullmatch(part)
    if found is None:
        raise _refused(text, next((hint for form, hint in _HINTS if form.match(part)), ""))
    year, month, day, mark = found["year"], found["month"], found["day"], found["mark"]
    if ("X" in (year + (month or "")) and day not in (None, "XX")) or ("X" in year and month is not None):
        raise _refused(text, "X stands for the last digits; those before others are of level 2")
    first, last, months, days = _precise(year, month, day, text)
    off = margin * {"": 0, "%": 2}.get(mark, 1)
    return _Moment(
        earliest=_moved(first, -off * months, -off * days),
        latest=_moved(last, off * months, off * days),
        doubtful=mark in ("?", "%"),
    )


def _precise(year: str, month: str | None, day: str | None, text: str) -> tuple[date, date, int, int]:
    """Return first and last day of a date, and its precision in months and days."""
    years = 10 ** year.count("X")
    begin = int(year.replace("X", "0"))
    if begin == 0:
        raise _refused(text, "there is no year 0, and years before the year 1 are not taken")
    if month is None or month == "XX":
        return date(begin, 1, 1), date(begin + years - 1, _MONTHS, 31), _MONTHS * years, 0
    if int(month) in _SEASONS and day is None:
        from_month, to_month = _SEASONS[int(month)]
        return date(begin, from_month, 1), _month_end(begin, to_month), 3, 0
    if not 1 <= int(month) <= _MONTHS:
        raise _refused(text, f"there is no month {month}")
    if day is None or day == "XX":
        return date(begin, int(month), 1), _month_end(begin, int(month)), 1, 0
    try:
        exact = date(begin, int(month), int(day))
    except ValueError:
        raise _refused(text, f"there is no day {day} in that month") from None
    return exact, exact, 0, 1


def _month_end(year: int, month: int) -> date:
    """Return the last day of a month; the 13th and 14th are in the next year."""
    over, within = divmod(month - 1, _MONTHS)
    if year + over > date.max.year:
        return date.max
    return date(year + over, within + 1, monthrange(year + over, within + 1)[1])


def _moved(day: date, months: int, days: int) -> date:
    """Return a day that is so far off, in a month's last day if it was in one, no further than the calendar goes."""
    count = day.year * _MONTHS + day.month - 1 + months
    if count < _MONTHS:
        return date.min
    year, month = divmod(count, _MONTHS)
    if year > date.max.year:
        return date.max
    ends = day.day == monthrange(day.year, day.month)[1] and months
    last = monthrange(year, month + 1)[1]
    moved = date(year, month + 1, last if ends else min(day.day, last))
    room = (moved - date.min).days if days < 0 else (date.max - moved).days
    return moved + timedelta(days=max(-room, days) if days < 0 else min(room, days))


def _refused(text: str, why: str) -> InputError:
    """Return the refusal of a date."""
    return InputError(
        f"the date {text[:60]!r}" + (f": {why}" if why else ""),
        expected="EDTF level 1, such as 1953, 1953~, 195X, 1984?, 2004-06-01, ../1982 or 1911/1912",
        code="not_a_date",
    )
