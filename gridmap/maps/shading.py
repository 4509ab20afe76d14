"""Classes of a shaded map: round limits, colours that the colour-blind can tell apart."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

#: Colours from few to many: YlGnBu of ColorBrewer, safe for the colour-blind (Harrower and Brewer 2003,
#: doi:10.1179/000870403235002042).
COLOURS = ("#ffffcc", "#a1dab4", "#41b6c4", "#2c7fb8", "#253494")
#: Colour of areas whose number is not known.
UNKNOWN_COLOUR = "#d9d9d9"


@dataclass(frozen=True, kw_only=True)
class Shading:
    """Classes of whole numbers, lowest first."""

    #: lower limit of each class but the first, rising
    limits: tuple[int, ...]
    #: one colour for each class
    colours: tuple[str, ...]
    #: least and greatest number
    least: int
    #: greatest number
    greatest: int

    @property
    def labels(self) -> tuple[str, ...]:
        """What each class holds, such as ``180–219``."""
        lows = (self.least, *self.limits)
        highs = (*(limit - 1 for limit in self.limits), self.greatest)
        return tuple(f"{low}–{high}" if low < high else f"{low}" for low, high in zip(lows, highs, strict=True))

    def colour(self, value: float | None) -> str:
        """Return the colour of a number; grey where it is missing."""
        if value is None or math.isnan(value):
            return UNKNOWN_COLOUR
        return self.colours[int(np.searchsorted(self.limits, value, side="right"))]


def shading(values: ArrayLike) -> Shading | None:
    """Return up to five classes that hold about equally many areas each, their limits rounded.

    Limits are the quintiles, rounded to 1, 2 or 5 times a power of ten, about a twentieth of the range.

    Parameters
    ----------
    values
        Whole numbers, one per area; NaN where not known.

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
    """
    array = np.asarray(values, dtype=float)
    known = array[~np.isnan(array)]
    if known.size == 0:
        return None
    least, greatest = int(known.min()), int(known.max())
    limits = _limits(known)
    colours = tuple(COLOURS[i] for i in np.linspace(0, len(COLOURS) - 1, len(limits) + 1).round().astype(int))
    return Shading(limits=limits, colours=colours, least=least, greatest=greatest)


def _limits(known: NDArray[np.float64]) -> tuple[int, ...]:
    """Return the rounded quintiles that lie within the numbers, each once."""
    step = _round_step((known.max() - known.min()) / 20)
    quintiles = np.quantile(known, np.arange(1, len(COLOURS)) / len(COLOURS))
    rounded = {int(round(quintile / step) * step) for quintile in quintiles}
    return tuple(sorted(limit for limit in rounded if known.min() < limit <= known.max()))


def _round_step(size: float) -> int:
    """Return the largest of 1, 2, 5, 10, 20, 50 ... that is not above a size, at least 1."""
    if size < 1:
        return 1
    power = 10 ** math.floor(math.log10(size))
    return int(max(factor * power for factor in (1, 2, 5) if factor * power <= size))
