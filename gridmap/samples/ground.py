"""The ground of the sample town: a bent lattice of plots in metres.

Everything in the town hangs on one lattice of nodes. A *plot* is one mesh of it, about 90 m wide; streets, river and
railway run along its lines, areas are unions of its plots. So neighbours share their vertices exactly, in any CRS.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gridmap.crs import to_wgs84

#: CGCS2000, 3-degree Gauss-Kruger zone of 120°E: Nantong's metric CRS.
METRIC_EPSG = 4549
#: East and north of the town's centre in that CRS: 120.864°E, 32.010°N.
CENTRE = (581_630.0, 3_543_100.0)
#: Mean side of a plot in metres.
PLOT_M = 90.0
#: Decimals of degrees in every table: a tenth of a millimetre.
DECIMALS = 9

Array = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Ground:
    """Nodes of the lattice, and where river and railway run through it."""

    #: east of the centre in metres, one row per lattice row from south to north
    x: Array
    #: north of the centre in metres, same shape
    y: Array
    #: row of nodes that is the middle of the river
    river: int
    #: column of nodes that is the railway; None where the town is too small for one
    rail: int | None

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of plots."""
        return self.x.shape[0] - 1, self.x.shape[1] - 1

    @property
    def lon_lat(self) -> Array:
        """Longitude and latitude of every node, shape (rows, columns, 2)."""
        return degrees(self.x, self.y)

    def corners(self, row: Ints, column: Ints) -> Array:
        """Corners of plots in metres: south-west, south-east, north-east, north-west; shape (plots, 4, 2)."""
        rows = np.stack([row, row, row + 1, row + 1], axis=-1)
        columns = np.stack([column, column + 1, column + 1, column], axis=-1)
        return np.stack([self.x[rows, columns], self.y[rows, columns]], axis=-1)

    def inside(self, row: Ints, column: Ints, s: Array, t: Array) -> Array:
        """Points in plots, s eastwards and t northwards from 0 to 1 (bilinear); shape (points, 2), metres."""
        corner = self.corners(row, column)
        weights = np.stack([(1 - s) * (1 - t), s * (1 - t), s * t, (1 - s) * t], axis=-1)
        total: Array = (corner * weights[..., None]).sum(axis=-2)
        return total


def degrees(x: Array, y: Array) -> Array:
    """Longitude and latitude of metres from the town's centre, in a last axis of two."""
    lon, lat = to_wgs84((x + CENTRE[0]).ravel(), (y + CENTRE[1]).ravel(), METRIC_EPSG)
    return np.round(np.stack([lon, lat], axis=-1), DECIMALS).reshape((*x.shape, 2))


def lay(rng: np.random.Generator, plots: int) -> Ground:
    """A lattice of about so many plots, wider than high, with a river across and (from 16 columns) a railway."""
    rows = max(5, round((plots / 1.25) ** 0.5))
    columns = max(7, -(-plots // rows))
    x, y = np.meshgrid(_spacing(rng, columns), _spacing(rng, rows))
    river = max(2, round(rows * (0.3 + 0.12 * rng.random())))
    rail = round(columns * (0.78 + 0.08 * rng.random())) if columns >= 16 else None  # noqa: PLR2004 (stated above)
    y = _wind(rng, x, y, y[river, 0])
    x, y = _round_off(x, y)
    x, y = _bend(rng, x, y)
    x, y = _turn(x + _jitter(rng, x), y + _jitter(rng, y), 0.2 * rng.random() - 0.1)
    # millimetres: whatever the last bit of a machine's sine, the town is the same
    return Ground(x=np.round(x, 3), y=np.round(y, 3), river=river, rail=rail)


def _spacing(rng: np.random.Generator, count: int) -> Array:
    """Positions of lattice lines around 0."""
    lines = np.concatenate([[0.0], np.cumsum(PLOT_M * (0.82 + 0.36 * rng.random(count)))])
    centred: Array = lines - lines[-1] / 2
    return centred


def _wind(rng: np.random.Generator, x: Array, y: Array, river: float) -> Array:
    """North of every node after the river's meanders have pushed the land aside."""
    length, depth = x.max() - x.min(), y.max() - y.min()
    reach = 0.22 * depth
    waves = sum(np.sin((k + rng.random()) * 2 * np.pi * x / length + 6.28 * rng.random()) / k for k in (1, 2, 3))
    edge = np.clip((depth / 2 - np.abs(y)) / reach, 0, 1)
    pushed: Array = y + 0.3 * reach * waves / 1.5 * np.exp(-(((y - river) / reach) ** 2)) * edge
    return pushed


def _round_off(x: Array, y: Array) -> tuple[Array, Array]:
    """Squares become rounder the farther out they lie, as ring roads are."""
    u, v = x / np.abs(x).max(), y / np.abs(y).max()
    return x * np.sqrt(1 - 0.26 * v**2), y * np.sqrt(1 - 0.26 * u**2)


def _bend(rng: np.random.Generator, x: Array, y: Array) -> tuple[Array, Array]:
    """Long waves, so that no street is quite straight."""
    size = max(x.max() - x.min(), y.max() - y.min())
    a, b, c, d = 6.28 * rng.random(4)
    east = np.sin(4.4 * y / size + a) + 0.5 * np.sin(9 * y / size + b)
    north = np.sin(4.1 * x / size + c) + 0.5 * np.sin(8 * x / size + d)
    return x + 0.02 * size * east, y + 0.02 * size * north


def _jitter(rng: np.random.Generator, x: Array) -> Array:
    """Up to 3 m to either side."""
    return 6 * rng.random(x.shape) - 3


def _turn(x: Array, y: Array, angle: float) -> tuple[Array, Array]:
    """Turned by an angle in radians."""
    c, s = np.cos(angle), np.sin(angle)
    return c * x - s * y, s * x + c * y
