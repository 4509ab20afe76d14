"""The days that a question about patrols is of, and the moment up to which it is answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from gridmap.coverage.walked import Period
from gridmap.errors import InputError

#: Days that are answered where none are named: a month of shifts.
USUAL_DAYS = 30
#: More days are not answered at once: a year, with its own shares for each shift.
MOST_DAYS = 366


@dataclass(frozen=True, kw_only=True)
class Span:
    """Shifts that began on some days, known up to a moment."""

    #: first and last of the days
    since: date
    last: date
    #: the moment up to which it is known; what closes later is not missed yet
    as_of: datetime

    @property
    def until(self) -> date:
        """Return the first day that is no longer asked about."""
        return self.last + timedelta(days=1)

    @property
    def period(self) -> Period:
        """Return the days as figures of patrols take them."""
        return Period(since=self.since, until=self.until, now=self.as_of)

    @property
    def begins(self) -> datetime:
        """Return when the first of the shifts begins."""
        return datetime.fromtimestamp(self.period.windows()[0][1], UTC)

    @property
    def ends(self) -> datetime:
        """Return when the last of the shifts ends."""
        return datetime.fromtimestamp(self.period.windows()[-1][2], UTC)

    @property
    def shifts(self) -> tuple[str, ...]:
        """Return the names of the shifts that had begun, in the order of time."""
        known = self.period.known_until
        return tuple(name for name, begins, _ in self.period.windows() if begins < known)


def span(since: date, last: date, *, now: datetime) -> Span:
    """Return the shifts that began from a day to another, as they stand at a moment.

    Parameters
    ----------
    since, last
        First and last day.
    now
        The clock, with its zone: a span that is not over is known up to the last full minute.

    Raises
    ------
    InputError
        If the days do not follow each other, are too many, or are yet to come.

    Examples
    --------
    >>> one = span(date(2024, 5, 6), date(2024, 5, 6), now=datetime(2024, 5, 6, 14, tzinfo=UTC))
    >>> one.shifts, str(one.as_of)
    (('2024-05-06 day', '2024-05-06 night'), '2024-05-06 14:00:00+00:00')
    """
    if last < since:
        raise InputError(
            f"from={since} to={last}",
            expected="from not after to",
            code="days_reversed",
            values={"first": since, "last": last},
        )
    days = (last - since).days + 1
    if days > MOST_DAYS:
        raise InputError(
            f"{days} days",
            expected=f"at most {MOST_DAYS}",
            code="too_many_days",
            values={"days": days, "most": MOST_DAYS},
        )
    windows = Period(since=since, until=last + timedelta(days=1)).windows()
    if now.timestamp() <= windows[0][1]:
        begun = "a day whose first shift has begun"
        raise InputError(f"from={since}", expected=begun, code="days_ahead", values={"first": since})
    minute = now.astimezone(UTC).replace(second=0, microsecond=0)
    return Span(since=since, last=last, as_of=min(minute, datetime.fromtimestamp(windows[-1][2], UTC)))
