"""A course cut into stretches of about equal length, at crossings where that can be."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

#: Shortest and longest stretch, as shares of the wanted length: 200 and 400 m of 300.
SHORTEST, LONGEST = 2 / 3, 4 / 3
#: What a cut away from a crossing costs: as much as a stretch that is longer or shorter by this share.
OFF_CROSSING = 0.2


def cut(
    length_m: float, crossings: Sequence[float], *, wanted_m: float = 300.0, spare_m: float = 0.0
) -> tuple[float, ...]:
    """Return the chainages that bound the stretches of a course, its start and end included.

    Every stretch is between two thirds and four thirds of the wanted length; of all ways to cut that keep this, the one
    whose stretches differ least from it, where a cut that is no crossing counts as a difference too. A course shorter
    than two thirds is left whole.

    Parameters
    ----------
    length_m
        Metres of the course.
    crossings
        Chainages of its crossings, ascending.
    wanted_m
        Metres that a stretch should have.
    spare_m
        Metres that a stretch may lose at each of its ends afterwards.

    Raises
    ------
    Nothing
        Any course can be cut.

    Examples
    --------
    >>> cut(900, [310, 450, 620])
    (0.0, 310.0, 620.0, 900.0)
    >>> cut(420, [190])
    (0.0, 210.0, 420.0)
    >>> cut(150, [])
    (0.0, 150.0)
    """
    least, most = SHORTEST * wanted_m + 2 * spare_m, LONGEST * wanted_m
    if length_m > most:
        least = min(least, length_m / np.ceil(length_m / most))
    if length_m <= most and not _could_be_two(length_m, least, wanted_m):
        return (0.0, float(length_m))
    even = np.linspace(0, length_m, round(length_m / wanted_m) + 1)
    if np.diff(even).max() > most:
        even = np.linspace(0, length_m, len(even) + 1)
    inner = {float(chainage) for chainage in crossings if least <= chainage <= length_m - least}
    places = sorted({0.0, float(length_m), *inner, *even[1:-1].tolist()})
    costs = [0.0] + [np.inf] * (len(places) - 1)
    came = [0] * len(places)
    # a millimetre lies between a stretch of exactly two thirds and its rounding
    for here in range(1, len(places)):
        off = OFF_CROSSING if 0 < here < len(places) - 1 and places[here] not in inner else 0.0
        for before in range(here - 1, -1, -1):
            metres = places[here] - places[before]
            if metres > most + 0.001:
                break
            cost = costs[before] + ((metres - wanted_m) / wanted_m) ** 2 + off**2
            if metres >= least - 0.001 and cost < costs[here]:
                costs[here], came[here] = cost, before
    return _way_back(places, came)


def _could_be_two(length_m: float, least: float, wanted_m: float) -> bool:
    """Whether two stretches come nearer to the wanted length than one."""
    return length_m >= 2 * least and length_m / wanted_m > 1.5  # noqa: PLR2004 - half way between one and two


def _way_back(places: Sequence[float], came: Sequence[int]) -> tuple[float, ...]:
    """The cuts that led to the end at the least cost."""
    way = [len(places) - 1]
    while way[-1]:
        way.append(came[way[-1]])
    return tuple(places[at] for at in reversed(way))
