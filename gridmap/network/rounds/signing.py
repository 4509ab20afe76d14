"""In which order checkpoints are signed in at, each within its window, and which cannot be."""

from __future__ import annotations

import numpy as np

from gridmap.errors import InputError
from gridmap.network.rounds.calls import Calls

#: Checkpoints whose orders are all looked at; more are taken in the order in which they close.
ALL_ORDERS = 12


def signing_order(calls: Calls, names: list[str]) -> list[int]:
    """Return the checkpoints in an order in which every one is reached in its window, and home in time.

    Up to twelve checkpoints, there is no such order if none is found (Held and Karp 1962: the earliest end for every
    set and last one).

    Parameters
    ----------
    calls
        What may be called at.
    names
        Ids of the checkpoints.

    Raises
    ------
    InputError
        If they cannot all be met: it names those that cannot be met alone, or else those left out of the longest
        order that meets its windows and that in which they are due.
    """
    points = calls.checkpoints
    never = [call for call in points if calls.timetable([call]) is None or _late(calls, [call])]
    if never:
        raise _refused(calls, never, names, "even alone")
    order = _best_order(calls, points) if len(points) <= ALL_ORDERS else _by_closing(calls, points)
    if len(order) < len(points):
        raise _refused(calls, [call for call in points if call not in order], names, "together with the others")
    return order


def _late(calls: Calls, plan: list[int]) -> bool:
    """Whether a plan does not come home in time or misses a window."""
    times = calls.timetable(plan)
    return times is None or bool(times[0][-1] > calls.over_s + 1e-6)


def _refused(calls: Calls, missed: list[int], names: list[str], how: str) -> InputError:
    """Say which checkpoints cannot be met."""
    shown = ", ".join(names[call - calls.checkpoints[0]] for call in missed)
    return InputError(
        f"sign-ins that cannot be met in their windows {how}: {shown}",
        expected="checkpoints that can be reached while they are open, and home before the shift is over",
        do="give more minutes, begin at another time, or leave them out",
        code="windows_not_met",
        values={"checkpoints": shown},
    )


def _best_order(calls: Calls, points: list[int]) -> list[int]:
    """The longest order that meets all windows, the one that ends first among these."""
    ends: dict[tuple[int, int], tuple[float, list[int]]] = {(0, calls.home): (0.0, [])}
    best: tuple[int, float, list[int]] = (0, 0.0, [])
    # checkpoints that are due after each, as bits
    due = calls.place[points]
    later = [sum(1 << at for at in np.flatnonzero(due > place).tolist()) for place in due.tolist()]
    for _ in points:
        further: dict[tuple[int, int], tuple[float, list[int]]] = {}
        for (held, last), (time, order) in ends.items():
            for place, call in enumerate(points):
                begun = max(time + calls.from_end[last, call], float(calls.opens_s[call]))
                done = begun + float(calls.takes_s[call])
                home = done + float(calls.from_end[call, calls.home])
                key = (held | 1 << place, call)
                late = begun > calls.closes_s[call] or home > calls.over_s or held & later[place]
                if (
                    held >> place & 1
                    or late
                    or not calls.in_order([*order, call])
                    or done >= further.get(key, (np.inf, []))[0]
                ):
                    continue
                further[key] = (done, [*order, call])
                best = min(best, (-len(order) - 1, home, [*order, call]))
        ends = further
    return best[2]


def _by_closing(calls: Calls, points: list[int]) -> list[int]:
    """Checkpoints put in one by one, the first to close first, wherever they cost least and all windows hold."""
    order: list[int] = []
    for call in sorted(points, key=lambda call: (float(calls.closes_s[call]), call)):
        tried = [[*order[:at], call, *order[at:]] for at in range(len(order) + 1)]
        fit = [plan for plan in tried if not _late(calls, plan)]
        if fit:
            order = min(fit, key=lambda plan: float(calls.timetable(plan)[0][-1]))  # type: ignore[index]
    return order
