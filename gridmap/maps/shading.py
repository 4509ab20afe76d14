"""Classes of a shaded map: round limits, the norm among them, colours that the colour-blind can tell apart."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

#: Colours from few to many: YlGnBu of ColorBrewer, safe for the colour-blind (Harrower and Brewer 2003,
#: doi:10.1179/000870403235002042).
COLOURS = ("#ffffcc", "#a1dab4", "#41b6c4", "#2c7fb8", "#253494")
#: From areas of which little is seen or walked to those of which most is: what is missed lies in the dark. One hue, so
#: that the colours of what is drawn upon it stand out.
LIGHTS = ("#8a919c", "#a8aeb7", "#c6cad0", "#e1e4e8", "#f8f9fa")
#: Colours below, within and above a norm, by how many classes there are: PuOr of ColorBrewer, safe as well.
BELOW = (("#998ec3",), ("#542788", "#998ec3"))
WITHIN = (("#f7f7f7",), ("#d8daeb", "#fee0b6"), ("#d8daeb", "#f7f7f7", "#fee0b6"))
ABOVE = (("#f1a340",), ("#f1a340", "#b35806"))
#: Colour of areas whose number is not known.
UNKNOWN_COLOUR = "#d9d9d9"

#: least and greatest that a norm allows; None: no limit on that side
Range = tuple[float | None, float | None]


@dataclass(frozen=True, kw_only=True)
class Shading:
    """Classes of numbers, lowest first."""

    #: lower limit of each class but the first, rising
    limits: tuple[float, ...]
    #: one colour for each class
    colours: tuple[str, ...]
    #: where each class lies: -1 below the norm, 0 within it or without one, 1 above it
    sides: tuple[int, ...]
    #: least number
    least: float
    #: greatest number
    greatest: float
    #: whether all numbers are whole
    whole: bool = True

    @property
    def labels(self) -> tuple[str, ...]:
        """What each class holds, such as ``180–219``; of numbers that are not whole, the upper limit is not in it."""
        lows = (self.least, *self.limits)
        highs = (*(limit - 1 if self.whole else limit for limit in self.limits), self.greatest)
        return tuple(
            f"{_said(low)}–{_said(high)}" if low < high else _said(low) for low, high in zip(lows, highs, strict=True)
        )

    def colour(self, value: float | None) -> str:
        """Return the colour of a number; grey where it is missing."""
        if value is None or math.isnan(value):
            return UNKNOWN_COLOUR
        return self.colours[int(np.searchsorted(self.limits, value, side="right"))]


def shading(values: ArrayLike, norm: Range | None = None) -> Shading | None:
    """Return up to five classes that hold about equally many areas each, their limits rounded.

    Limits are the quintiles, rounded to 1, 2 or 5 times a power of ten, about a twentieth of the range. Where there is
    a norm, its limits part the classes: one or two below, up to three within, one or two above.

    Parameters
    ----------
    values
        Numbers, one per area; NaN where not known.
    norm
        Least and greatest that is allowed, both included.

    Returns
    -------
    Shading or None
        None where no number is known. Equal numbers make a single class.

    Raises
    ------
    Nothing of its own.

    Examples
    --------
    >>> shading([100, 200, 300, 400, 500, float("nan")]).labels
    ('100–179', '180–259', '260–339', '340–419', '420–500')
    >>> shading([7, 7]).labels, shading([float("nan")])
    (('7',), None)
    >>> held = shading([100, 200, 300, 400, 500, 501], norm=(150, 500))
    >>> list(zip(held.labels, held.sides))
    [('100–149', -1), ('150–299', 0), ('300–399', 0), ('400–500', 0), ('501', 1)]
    """
    array = np.asarray(values, dtype=float)
    known = array[~np.isnan(array)]
    if known.size == 0:
        return None
    whole = bool((known == np.floor(known)).all())
    parts = _parts(known, norm)
    inner = [_cuts(part, count, whole=whole) for _, part, count in parts]
    bounds = [_bound(norm, side, whole=whole) for side, _, _ in parts[1:]]
    limits = [*inner[0], *(limit for bound, cuts in zip(bounds, inner[1:], strict=True) for limit in (bound, *cuts))]
    return Shading(
        limits=tuple(limits),
        colours=tuple(
            colour
            for (side, _, _), cuts in zip(parts, inner, strict=True)
            for colour in _colours(side, len(cuts) + 1, norm)
        ),
        sides=tuple(side for (side, _, _), cuts in zip(parts, inner, strict=True) for _ in range(len(cuts) + 1)),
        least=_end(known.min(), whole=whole),
        greatest=_end(known.max(), whole=whole),
        whole=whole,
    )


def in_light(classes: Shading) -> Shading:
    """Return the same classes in shades of grey, the lowest the darkest."""
    chosen = np.linspace(0, len(LIGHTS) - 1, len(classes.colours)).round().astype(int)
    return replace(classes, colours=tuple(LIGHTS[at] for at in chosen))


def _parts(known: NDArray[np.float64], norm: Range | None) -> list[tuple[int, NDArray[np.float64], int]]:
    """Return the numbers below, within and above the norm, each with its side and how many classes it is to have."""
    if norm is None:
        return [(0, known, len(COLOURS))]
    least, greatest = norm
    side = np.zeros(len(known), dtype=int)
    side[known < (-math.inf if least is None else least)] = -1
    side[known > (math.inf if greatest is None else greatest)] = 1
    counts = {-1: len(BELOW), 0: len(WITHIN), 1: len(ABOVE)}
    return [(which, known[side == which], count) for which, count in counts.items() if (side == which).any()]


def _bound(norm: Range | None, side: int, *, whole: bool) -> float:
    """Return the least number of the part that lies on a side, the lowest part aside."""
    least, greatest = norm or (None, None)
    if side == 1 and greatest is not None:
        return math.floor(greatest) + 1 if whole else math.nextafter(greatest, math.inf)
    bound = least if least is not None else -math.inf
    return math.ceil(bound) if whole else bound


def _colours(side: int, count: int, norm: Range | None) -> tuple[str, ...]:
    """Return colours of so many classes of one part."""
    if norm is None:
        return tuple(COLOURS[i] for i in np.linspace(0, len(COLOURS) - 1, count).round().astype(int))
    return {-1: BELOW, 0: WITHIN, 1: ABOVE}[side][count - 1]


def _cuts(known: NDArray[np.float64], count: int, *, whole: bool) -> list[float]:
    """Return the rounded quantiles that lie within the numbers, each once."""
    step = _round_step(float(known.max() - known.min()) / 20, whole=whole)
    if step == 0:
        return []
    quantiles = np.quantile(known, np.arange(1, count) / count)
    rounded = {_times(round(quantile / step), step, whole=whole) for quantile in quantiles}
    return sorted(limit for limit in rounded if known.min() < limit <= known.max())


def _times(number: int, step: float, *, whole: bool) -> float:
    """Return a multiple of a round step, without the crumbs of binary fractions."""
    return int(number * step) if whole else round(number * step, 12)


def _end(value: float, *, whole: bool) -> float:
    return int(value) if whole else float(value)


def _round_step(size: float, *, whole: bool) -> float:
    """Return the largest of 1, 2, 5, 10 ... (or 0.1, 0.2, 0.5 ...) that is not above a size; of whole numbers, 1."""
    if whole and size < 1:
        return 1
    if size <= 0:
        return 0
    power = 10.0 ** math.floor(math.log10(size))
    return float(max(factor * power for factor in (1, 2, 5) if factor * power <= size * (1 + 1e-9)))


def _said(value: float) -> str:
    """Return a number with three digits that count."""
    return f"{value}" if isinstance(value, int) else f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"  # noqa: PLR2004 - below, three digits count
