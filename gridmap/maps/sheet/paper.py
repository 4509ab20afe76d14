"""Paper, where the map and its legend stand on it, and the scale at which the ground fits."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridmap.errors import InputError
from gridmap.maps.sheet.flow import Box

#: Scales go by the steps that a triangular scale rule bears, as 1:200, 1:300, 1:400, 1:500, 1:600, 1:1000.
_STEPS = (1, 2, 3, 4, 5, 6)
#: Lengths that are easily counted on.
_ROUND = (1, 2, 5)
#: The largest scale, 1:100, and the smallest, 1:5 000 000.
_LARGEST, _SMALLEST = 100, 5_000_000
#: Ground about what is shown, as a share of the frame.
_MARGIN = 0.06


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A size of paper and what stands where on it, in millimetres from the upper left corner."""

    #: width and height
    size: tuple[float, float]
    #: the frame of the map
    frame: Box
    #: room for the arrow to the north and the bar of the scale, beside the map: there they cover no line
    marks: Box
    #: the legend's room on the page of the map
    legend: tuple[Box, ...]
    #: columns of the pages that follow
    columns: tuple[Box, ...]


#: A4 upright with the legend below the map; A3 across with the legend beside it, and two columns of A4's width.
PAPERS = {
    "A4": Paper(
        size=(210, 297),
        frame=Box(x=16, y=31, width=178, bottom=186),
        marks=Box(x=108, y=192, width=91, bottom=220),
        legend=(Box(x=12, y=193, width=91, bottom=284), Box(x=108, y=223, width=91, bottom=284)),
        columns=(Box(x=12, y=20, width=187, bottom=284),),
    ),
    "A3": Paper(
        size=(420, 297),
        frame=Box(x=16, y=31, width=286, bottom=278),
        marks=Box(x=311, y=30, width=97, bottom=58),
        legend=(Box(x=311, y=62, width=97, bottom=284),),
        columns=(Box(x=12, y=20, width=190, bottom=284), Box(x=218, y=20, width=190, bottom=284)),
    ),
}


def paper_of(name: str) -> Paper:
    """Return a paper by its name.

    Raises
    ------
    InputError
        If it is neither A4 nor A3.
    """
    if name not in PAPERS:
        raise InputError(f"paper {name!r}", expected=" or ".join(PAPERS), code="paper")
    return PAPERS[name]


@dataclass(frozen=True, kw_only=True)
class View:
    """How ground in metres lies in the frame of the map."""

    #: the frame
    frame: Box
    #: metres of the ground for a metre of paper
    scale: float
    #: east and north of the frame's lower left corner
    corner: tuple[float, float]

    @property
    def ground(self) -> tuple[float, float, float, float]:
        """West, south, east and north of the frame."""
        west, south = self.corner
        per_mm = self.scale / 1000
        return west, south, west + self.frame.width * per_mm, south + (self.frame.bottom - self.frame.y) * per_mm

    def paper(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Points of the ground in millimetres of the page."""
        across, up = (points - self.corner).T * 1000 / self.scale
        return np.column_stack([self.frame.x + across, self.frame.bottom - up])

    def shown(self, shape: Any) -> Any:
        """What of a shape lies in the frame, in millimetres of the page."""
        inside = shapely.intersection(shape, shapely.box(*self.ground))
        return shapely.transform(inside, self.paper)


def boxes(paper: Paper, new_page: Callable[[], None]) -> Iterator[Box]:
    """Yield the room for legend and tables without end: on the map's page, then on pages that are begun for it.

    Raises
    ------
    Nothing
    """
    yield from paper.legend
    for column in itertools.cycle(paper.columns):
        if column == paper.columns[0]:
            new_page()
        yield column


def view(bounds: tuple[float, float, float, float], frame: Box, scale: float | None) -> View:
    """Return the view with the ground in the middle, at a scale or the next round one at which all of it fits.

    Parameters
    ----------
    bounds
        West, south, east and north in metres.
    frame
        The frame on the paper.
    scale
        Denominator; None: the largest of 1:100, 1:200, 1:300, 1:400, 1:500, 1:600, 1:1000 and so on.

    Raises
    ------
    InputError
        If the scale is no number between 1:100 and 1:5 000 000, or the ground is too large for it.

    Examples
    --------
    >>> view((0, 0, 80, 60), Box(x=0, y=0, width=200, bottom=150), None).scale
    500.0
    >>> view((0, 0, 90, 60), Box(x=0, y=0, width=200, bottom=150), None).scale
    600.0
    """
    west, south, east, north = bounds
    wide, high = frame.width, frame.bottom - frame.y
    chosen = _round_scale(1000 * max((east - west) / wide, (north - south) / high) / (1 - 2 * _MARGIN))
    if scale is not None:
        chosen = scale
    if not _LARGEST <= chosen <= _SMALLEST:
        raise InputError(f"a scale of 1:{chosen:g}", expected=f"1:{_LARGEST} to 1:{_SMALLEST}", code="scale")
    half = np.array([wide, high]) * chosen / 2000
    middle = np.array([west + east, south + north]) / 2
    corner = middle - half
    return View(frame=frame, scale=chosen, corner=(float(corner[0]), float(corner[1])))


def round_length(length: float) -> float:
    """Return the longest of 1, 2, 5, 10, 20, ... that is not longer.

    Raises
    ------
    Nothing

    Examples
    --------
    >>> round_length(37), round_length(0.7)
    (20.0, 0.5)
    """
    power = 10.0 ** float(np.floor(np.log10(length)))
    return float(power * max(step for step in _ROUND if step * power <= length * (1 + 1e-9)))


def _round_scale(least: float) -> float:
    """The next round denominator."""
    if not np.isfinite(least):
        raise InputError("ground without end", expected="coordinates in metres", code="scale")
    every = (step * 10**power for power in itertools.count(2) for step in _STEPS)
    return float(next(scale for scale in every if scale >= least))
