"""What a plan is drawn for: the size of its grids, and what counts how much."""

from __future__ import annotations

from dataclasses import dataclass

from gridmap.partition.drawing.moves import Rules

#: The band that is aimed at is narrower on each side, so that a grid at its rim still has room: by a fifth, but by no
#: more than this share of the target, lest grids within a wide band be moved for nothing.
_ROOM, _MOST_ROOM = 0.2, 0.02


@dataclass(frozen=True, kw_only=True)
class Aims:
    """What counts how much; only the proportions matter.

    Barriers and shapes pull against each other: grids that keep to one side of every main road are less round.
    """

    #: being outside the band: per square of the excess as a share of the target, and per share
    steep: float = 900.0
    line: float = 9.0
    #: being away from the ideal size: per square of the share
    gentle: float = 8.0
    #: a shape that is no circle: per unit of 1 - Polsby-Popper
    shape: float = 6.0
    #: each weighted metre of a barrier inside a grid
    barrier: float = 0.01
    #: the parts of a grid in several superblocks: per square root of the target's share
    spread: float = 6.0


@dataclass(frozen=True, kw_only=True)
class Size:
    """How large a grid may be, in households or residents."""

    #: what the number of grids is reckoned by
    target: float
    #: least and greatest size that is as wished
    low: float
    high: float
    #: whether any size inside the band is equally good
    level: bool = False


def size_of(target: float, tolerance: float, band: tuple[float, float] | None) -> Size:
    """Return how large grids may be: a target and a tolerance, or a band whose middle is the target.

    Parameters
    ----------
    target
        Households or residents of a grid.
    tolerance
        Share of the target by which it may differ.
    band
        Least and greatest size, any size between being equally good; the target and the tolerance then count nothing.

    Raises
    ------
    Nothing
        What was given is checked by `gridmap.partition.drawing.asking`.

    Examples
    --------
    >>> size_of(300, 0.1, None).high
    330.0
    >>> size_of(300, 0.1, (300, 500)).target
    400.0
    """
    if band is not None:
        return Size(target=(band[0] + band[1]) / 2, low=float(band[0]), high=float(band[1]), level=True)
    reach = round(target * tolerance, 9)
    return Size(target=float(target), low=target - reach, high=target + reach)


def rules_of(size: Size, aims: Aims) -> Rules:
    """Return what the kernels go by.

    Parameters
    ----------
    size
        How large grids may be.
    aims
        What counts how much.

    Raises
    ------
    Nothing
        Any size and aims make rules.
    """
    room = min((size.high - size.low) / 2 * _ROOM, size.target * _MOST_ROOM)
    return Rules(
        low=size.low + room,
        high=size.high - room,
        ideal=size.target,
        target=size.target,
        steep=float(aims.steep),
        line=float(aims.line),
        gentle=0.0 if size.level else float(aims.gentle),
        shape=float(aims.shape),
        barrier=float(aims.barrier),
        spread=float(aims.spread),
    )
