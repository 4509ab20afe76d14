"""Clocks that cannot be right, and by how much the clock of a whole post is likely wrong."""

from __future__ import annotations

import datetime as dt

import numpy as np
import numpy.typing as npt

from gridmap.tracks.flaws import Flaw, rows_of
from gridmap.tracks.limits import Cleaning
from gridmap.tracks.shifts import SECOND
from gridmap.tracks.taking import NO_TIME, Taken

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


def _us(year: int, month: int = 1) -> int:
    """Microseconds from 1970 to the first of a month."""
    return int(dt.datetime(year, month, 1, tzinfo=dt.UTC).timestamp()) * SECOND


#: Clocks that were never set show 1901, 1970 or 1980; no device kept tracks of patrols before 1990.
_NEVER_SET = _us(1990)
#: The week of GPS is counted in 10 bits and starts anew after 1 024 weeks, so that 2024 is taken for 2004.
ROLLOVER_S = 1_024 * 7 * 86_400
#: Fixes of these years are twenty years old, or of a receiver whose weeks started anew.
_ROLLED_OVER = _us(2010)
#: From here on clocks of 32 bits run over.
_RUN_OVER = _us(2036)
#: Seconds by which the clock of a device may be ahead of that of who receives it.
_AHEAD_S = 300
_HOUR = 3_600
#: Zones are whole hours ahead of UTC, up to 14.
_HOURS = 14


def clock_flaws(taken: Taken, cleaning: Cleaning) -> tuple[list[Flaw], Mask]:
    """What is wrong with the clocks, and which moments can be used.

    A single wrong moment is left out. Where all moments of a post are wrong by the same, the post is held: sign-ins
    must confirm by how much before ``Cleaning.offsets_s`` sets it right.

    Parameters
    ----------
    taken
        The fixes.
    cleaning
        ``now``: later moments, but for five minutes, are from the future.

    Raises
    ------
    Nothing
    """
    moments = taken.time_us
    known = moments != NO_TIME
    flaws = _flaw("no_time", ~known, "no time; they cannot say when a street was walked")
    never = known & (moments < _NEVER_SET)
    over = known & (moments >= _RUN_OVER)
    rolled = known & ~never & (moments < _ROLLED_OVER) & _would_fit(moments, cleaning)
    flaws += _flaw("clock_never_set", never, f"a time before 1990, the first {_shown(moments, never)}; set the clock")
    flaws += _flaw("clock_run_over", over, f"a time of 2036 or later, the first {_shown(moments, over)}; set the clock")
    weeks = f"a time 1 024 weeks too early, the first {_shown(moments, rolled)}: the receiver's weeks started anew"
    flaws += _flaw("clock_rollover", rolled, weeks)
    future = known & ~over & (moments > _latest(cleaning))
    flaws += _flaw("clock_future", future, f"a time in the future, the first {_shown(moments, future)}")
    wrong = never | over | rolled | future
    flaws += _held(taken, wrong, rolled, future, cleaning)
    return flaws, known & ~wrong


def _flaw(code: str, mask: Mask, message: str) -> list[Flaw]:
    """A flaw of some rows, or none."""
    rows = rows_of(mask)
    return [Flaw(code=code, message=f"{len(rows)} fixes have {message}", rows=rows)] if rows else []


def _shown(moments: Ints, mask: Mask) -> str:
    """The first of some moments."""
    return str(np.datetime64(int(moments[np.argmax(mask)]), "us"))[:19] if mask.any() else ""


def _latest(cleaning: Cleaning) -> int:
    """The last moment that is not of the future."""
    if cleaning.now is None:
        return _RUN_OVER
    return round((cleaning.now.timestamp() + _AHEAD_S) * SECOND)


def _would_fit(moments: Ints, cleaning: Cleaning) -> Mask:
    """Whether moments would be none of the future if 1 024 weeks were added."""
    fits: Mask = moments + ROLLOVER_S * SECOND <= _latest(cleaning)
    return fits


def _held(taken: Taken, wrong: Mask, rolled: Mask, future: Mask, cleaning: Cleaning) -> list[Flaw]:
    """Posts all of whose moments are wrong, with the offset that would set them right."""
    fixes = np.bincount(taken.post + 1, minlength=len(taken.posts) + 1)[1:]
    bad = np.bincount(taken.post + 1, weights=wrong, minlength=len(taken.posts) + 1)[1:]
    flaws = []
    for number in np.flatnonzero((bad > fixes / 2) & (bad > 1)).tolist():
        mine = taken.post == number
        offset = _offset(taken.time_us, mine & rolled, mine & future, cleaning)
        name = taken.posts[number]
        message = f"{int(bad[number])} of {int(fixes[number])} fixes of {name} have a wrong time; "
        message += f"the clock may be wrong by {-offset} s: confirm it by sign-ins" if offset else "set the clock"
        flaws.append(Flaw(code="clock", message=message, post=name, held=True))
    return flaws


def _offset(moments: Ints, rolled: Mask, future: Mask, cleaning: Cleaning) -> int:
    """Seconds to add to a clock: 1 024 weeks, or whole hours back to now; 0 where it is neither."""
    if rolled.any():
        return ROLLOVER_S
    if cleaning.now is None or not future.any():
        return 0
    ahead = int(moments[future].max()) / SECOND - cleaning.now.timestamp()
    hours = round(ahead / _HOUR)
    return -hours * _HOUR if 1 <= hours <= _HOURS and abs(ahead - hours * _HOUR) <= _AHEAD_S else 0
