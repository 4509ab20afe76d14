"""The warp that control points define: polynomials of order 1 to 3 and the thin-plate spline, and what each is worth.

They are the same functions that GDAL warps with, fitted here so that every point can be left out in turn without a
second fit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridmap.errors import InputError
from gridmap.imagery.points import Numbers

#: Methods and the fewest points that define them.
FEWEST = {"order1": 3, "order2": 6, "order3": 10, "tps": 3}

#: Terms of each polynomial as powers of pixel and line, in the order of the coefficients.
_POWERS = {
    order: [(total - down, down) for total in range(order + 1) for down in range(total + 1)] for order in (1, 2, 3)
}

#: Share of a point's own pull on the warp beyond which the others do not define it without that point.
_ALONE = 1 - 1e-9


@dataclass(frozen=True, kw_only=True, eq=False)
class Warp:
    """A function from pixel and line to the ground, and its derivative."""

    #: order1, order2, order3 or tps
    method: str
    #: middle of the points and half their greatest extent, to keep numbers near 1: pixels
    centre: Numbers
    reach: float
    #: points that the spline bends at, in the scale of `reach`; empty for polynomials
    knots: Numbers
    #: a row for each knot, then for each term, shape (terms, 2): metres
    coefficients: Numbers

    def place(self, pixels: Numbers) -> Numbers:
        """Return where pixels lie on the ground, shape (n, 2)."""
        at = (pixels - self.centre) / self.reach
        placed: Numbers = self._terms(at) @ self.coefficients
        return placed

    def slopes(self, pixels: Numbers) -> Numbers:
        """Return metres of the ground per pixel, shape (n, 2, 2): east and north by pixel and line."""
        at = (pixels - self.centre) / self.reach
        step = 1e-4
        sides = [
            (self._terms(at + side) - self._terms(at - side)) @ self.coefficients / (2 * step * self.reach)
            for side in (np.array([step, 0.0]), np.array([0.0, step]))
        ]
        return np.stack(sides, axis=-1)

    def _terms(self, at: Numbers) -> Numbers:
        """The value of each term at each place."""
        return _rows(at, self.knots, self.method)


def fit_warp(pixels: Numbers, ground: Numbers, method: str) -> Warp:
    """Return the warp of control points.

    A polynomial is the one of least squares in both axes; the thin-plate spline passes through every point and bends
    least between them (Bookstein, 1989: kernel r^2 log r^2, affine part).

    Parameters
    ----------
    pixels
        Pixel and line of each point, shape (n, 2).
    ground
        East and north of each in metres, shape (n, 2).
    method
        order1, order2, order3 or tps.

    Returns
    -------
    Warp

    Raises
    ------
    InputError
        If the method is unknown, there are too few points for it, or they do not define it (all on one line, twice
        the same pixel).

    Examples
    --------
    >>> corners = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0]])
    >>> fit_warp(corners, corners * [0.5, -0.5] + [500.0, 900.0], "order1").place(np.array([[4.0, 2.0]])).tolist()
    [[502.0, 899.0]]
    """
    refuse_unknown(method)
    if len(pixels) < FEWEST[method]:
        raise InputError(f"{len(pixels)} control points", expected=f"at least {FEWEST[method]} for {method}")
    centre, reach, at = _scaled(pixels)
    middle = ground.mean(axis=0)
    matrix, knots = _matrix(at, method)
    if np.linalg.matrix_rank(matrix) < matrix.shape[1]:
        raise InputError(f"control points that do not define a warp of {method}", do="spread them over the picture")
    wanted = np.zeros((len(matrix), 2))
    wanted[: len(ground)] = ground - middle
    coefficients: Numbers = np.asarray(np.linalg.lstsq(matrix, wanted, rcond=None)[0], dtype=np.float64)
    # the constant term carries the middle of the ground, whose millions of metres would cost digits in the fit
    coefficients[len(knots)] += middle
    return Warp(method=method, centre=centre, reach=reach, knots=knots, coefficients=coefficients)


def left_out(pixels: Numbers, ground: Numbers, method: str) -> Numbers:
    """Return by how much each point is missed by the warp of all the others, shape (n, 2): metres east and north.

    No fit is repeated. Of least squares the error is the residual over 1 - h, h the point's leverage (Allen, 1974);
    of the spline it is the point's coefficient over its own entry of the inverse matrix (Rippa, 1999). NaN where the
    others do not define the warp.

    Parameters
    ----------
    pixels, ground, method
        As `fit_warp`.

    Returns
    -------
    numpy.ndarray of float64, shape (n, 2)

    Raises
    ------
    InputError
        As `fit_warp`.

    Examples
    --------
    >>> square = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0], [10.0, 10.0]])
    >>> moved = square + [[0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [1.0, 0.0]]
    >>> left_out(square, moved, "order1").round(6).tolist()[3]
    [1.0, 0.0]
    >>> bool(np.isnan(left_out(square[:3], square[:3], "order1")).all())
    True
    """
    warp = fit_warp(pixels, ground, method)
    _, _, at = _scaled(pixels)
    matrix, _ = _matrix(at, "order1" if method == "tps" else method)
    alone = leverages(matrix) > _ALONE
    missed = ground - warp.place(pixels)
    with np.errstate(divide="ignore", invalid="ignore"):
        if method == "tps":
            inverse = np.linalg.inv(_matrix(at, "tps")[0])
            missed = warp.coefficients[: len(at)] / np.diag(inverse)[: len(at), None]
        else:
            missed = missed / (1 - leverages(matrix))[:, None]
    missed[alone] = np.nan
    return missed


def leverages(matrix: Numbers) -> Numbers:
    """Return the share that each row's own value has in its fitted value, 0 to 1."""
    basis = np.linalg.qr(matrix)[0]
    own: Numbers = np.einsum("ij,ij->i", basis, basis)
    return own


def looseness(points: Numbers, places: Numbers, method: str) -> tuple[Numbers, Numbers]:
    """Return how loosely a warp is held: at each point by all the others, and at places by all points.

    Squares of errors to expect, in a unit that is the same for both: 1 / (1 - h) and 1 + h under least squares, h the
    leverage of the point or place; under the spline the square of its power function, 0 at the points and growing away
    from them (Wahba, 1990; left out it is the inverse of the matrix' own entry). NaN where the others do not define
    the warp; all NaN where the points do not.

    Parameters
    ----------
    points, places
        Shape (n, 2) and (m, 2), in the same plane.
    method
        order1, order2, order3 or tps.

    Returns
    -------
    tuple of numpy.ndarray of float64, shape (n,) and (m,)

    Raises
    ------
    InputError
        If the method is unknown.

    Examples
    --------
    Four corners of a square hold an affine warp four times as tightly in their middle as at each left-out corner.

    >>> square = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0], [10.0, 10.0]])
    >>> at_points, at_places = looseness(square, np.array([[5.0, 5.0], [10.0, 10.0], [20.0, 5.0]]), "order1")
    >>> at_points.round(3).tolist(), at_places.round(3).tolist()
    ([4.0, 4.0, 4.0, 4.0], [1.25, 1.75, 3.5])
    """
    refuse_unknown(method)
    centre, reach, at = _scaled(points)
    matrix, knots = _matrix(at, method)
    if len(points) < FEWEST[method] or np.linalg.matrix_rank(matrix) < matrix.shape[1]:
        return np.full(len(points), np.nan), np.full(len(places), np.nan)
    there = _rows((places - centre) / reach, knots, method)
    flat = leverages(_terms(at, 1 if method == "tps" else int(method[-1])))
    with np.errstate(divide="ignore"):
        if method == "tps":
            inverse = np.linalg.inv(matrix)
            own = np.abs(1 / np.diag(inverse)[: len(points)])
            held = np.maximum(-np.einsum("ij,jk,ik->i", there, inverse, there), 0.0)
        else:
            own = 1 / (1 - flat)
            held = 1 + ((there @ np.linalg.pinv(matrix)) ** 2).sum(axis=1)
    own[flat > _ALONE] = np.nan
    return own, held


def design(pixels: Numbers, order: int) -> Numbers:
    """Return the terms of a polynomial at each point, shape (n, terms), pixels scaled to about 1."""
    return _terms(_scaled(pixels)[2], order)


def refuse_unknown(method: str) -> None:
    """Refuse a method that there is not."""
    if method not in FEWEST:
        raise InputError(f"method {method!r}", expected="one of " + ", ".join(FEWEST))


def _scaled(pixels: Numbers) -> tuple[Numbers, float, Numbers]:
    """The middle of the points, half their greatest extent, and the points in that scale."""
    low, high = pixels.min(axis=0), pixels.max(axis=0)
    centre = (low + high) / 2
    reach = float((high - low).max()) / 2 or 1.0
    return centre, reach, (pixels - centre) / reach


def _terms(at: Numbers, order: int) -> Numbers:
    """The terms of a polynomial at scaled places."""
    return np.stack([at[:, 0] ** right * at[:, 1] ** down for right, down in _POWERS[order]], axis=1)


def _rows(at: Numbers, knots: Numbers, method: str) -> Numbers:
    """The value of each term of a method at scaled places."""
    return np.hstack([_bending(at, knots), _terms(at, 1)]) if method == "tps" else _terms(at, int(method[-1]))


def _bending(at: Numbers, knots: Numbers) -> Numbers:
    """The kernel of the spline between places and knots: r^2 log r^2."""
    squared = ((at[:, None, :] - knots[None, :, :]) ** 2).sum(axis=-1)
    bent: Numbers = squared * np.log(np.where(squared > 0, squared, 1.0))
    return bent


def _matrix(at: Numbers, method: str) -> tuple[Numbers, Numbers]:
    """The equations of a method, and the knots of the spline."""
    if method != "tps":
        return _terms(at, int(method[-1])), np.empty((0, 2))
    flat = _terms(at, 1)
    return np.block([[_bending(at, at), flat], [flat.T, np.zeros((3, 3))]]), at
