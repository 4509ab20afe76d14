"""Control points that contradict the others, found so that several of them cannot hide one another."""

from __future__ import annotations

from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray
from scipy.stats import f as f_distribution

from gridmap.imagery.fitting import design, fit_warp, left_out, leverages
from gridmap.imagery.points import Numbers

#: Most choices of points that are looked at; beyond, as many drawn by lot with a fixed start.
_CHOICES = 1_000

#: A higher order is only asked of points that leave as many again to check its terms.
_SPARE = 2

#: How far beyond the usual error of points left out the neighbours of a wrong point must miss it.
_BEYOND = 3.0

#: Relative disagreement that is rounding, of the extent on the ground.
_ROUNDING = 1e-9

Places = NDArray[np.intp]


def outliers(pixels: Numbers, ground: Numbers, *, level: float = 0.01) -> list[int]:
    """Return the positions of control points that contradict the rest.

    The points that agree best are taken first and the others join them one by one, the nearest first, each tested
    against the fit of those before it (Hadi and Simonoff, 1993): the first that is too far, and all behind it, stand
    out. Errors east and north are taken as alike and independent, so that the squared distance of a point over its
    expected square follows F(2, 2 (s - terms)) for s points in the fit. Paper shrinks unevenly, which is no fault of a
    point: one is an outlier only if it stands out of the polynomials of every order that the points can check, and a
    thin-plate spline through the points that do not stand out misses it by three times their own error left out.

    Where four points define six numbers, no one of them can be told to be the wrong one: at least five are needed.

    Parameters
    ----------
    pixels, ground
        Pixel and line, east and north in metres, shape (n, 2) each.
    level
        Chance of naming any point of a set without a wrong one, at most about.

    Returns
    -------
    list of int
        In ascending order.

    Raises
    ------
    InputError
        Never; too few points, or points on a line, give none.

    Examples
    --------
    >>> grid = np.array([[x, y] for x in (0.0, 50.0, 100.0) for y in (0.0, 50.0, 100.0)])
    >>> noise = np.array([[1, -1], [-1, 0], [0, 1], [1, 1], [-1, -1], [0, 0], [1, 0], [0, -1], [-1, 1]]) * 0.1
    >>> wrong = np.zeros((9, 2))
    >>> wrong[4] = [9.0, 0.0]
    >>> outliers(grid, grid + noise + wrong), outliers(grid, grid + noise)
    ([4], [])
    """
    suspects = set(range(len(pixels)))
    if len(pixels) < len(_LEAST_TERMS) + _SPARE:
        return []
    for order in (1, 2, 3):
        matrix = design(pixels, order)
        enough = order == 1 or len(pixels) >= _SPARE * matrix.shape[1]
        if suspects and enough and np.linalg.matrix_rank(matrix) == matrix.shape[1]:
            suspects &= set(_standing_out(matrix, ground - ground.mean(axis=0), level))
    return _missed_by_neighbours(pixels, ground, sorted(suspects))


#: Terms of the lowest order.
_LEAST_TERMS = ("1", "pixel", "line")


def _missed_by_neighbours(pixels: Numbers, ground: Numbers, suspects: list[int]) -> list[int]:
    """Those suspects that a spline through all the others misses by far more than it misses any of these left out."""
    kept = np.setdiff1d(np.arange(len(pixels)), suspects)
    if not suspects or len(kept) < len(_LEAST_TERMS) + 1:
        return suspects
    usual = np.hypot(*left_out(pixels[kept], ground[kept], "tps").T)
    missed = np.hypot(*(ground[suspects] - fit_warp(pixels[kept], ground[kept], "tps").place(pixels[suspects])).T)
    limit = _BEYOND * float(np.nanmedian(usual)) if np.isfinite(usual).any() else 0.0
    return [place for place, distance in zip(suspects, missed, strict=True) if distance > limit]


def _standing_out(matrix: Numbers, ground: Numbers, level: float) -> list[int]:
    """The points that do not join the fit of those that agree best."""
    count, terms = matrix.shape
    # agreement to the last digit is chance, or a made-up set: what is rounding stands for no difference
    least = (_ROUNDING * float(np.ptp(ground, axis=0).max())) ** 2
    inside = _agreeing(matrix, ground, max((count + terms + 1) // 2, terms + 1))
    while len(inside) < count:
        distances, spread = _distances(matrix, ground, inside)
        outside = np.setdiff1d(np.arange(count), inside)
        nearest = distances[outside].min()
        if nearest > f_distribution.isf(level / (len(inside) + 1), 2, 2 * (len(inside) - terms)) * max(spread, least):
            return [int(place) for place in outside]
        inside = np.argsort(distances, kind="stable")[: len(inside) + 1]
    return []


def _agreeing(matrix: Numbers, ground: Numbers, count: int) -> Places:
    """The points that agree best: those nearest to the least median of squares (Rousseeuw, 1984)."""
    samples = _samples(len(matrix), matrix.shape[1])
    chosen = matrix[samples]
    sound = np.linalg.cond(chosen) < 1 / _ROUNDING
    if not sound.any():
        return np.arange(len(matrix))
    rules = np.linalg.solve(chosen[sound], ground[samples[sound]])
    missed = ((ground - matrix @ rules) ** 2).sum(axis=-1)
    best = int(np.argmin(np.partition(missed, count - 1, axis=1)[:, count - 1]))
    return np.argsort(missed[best], kind="stable")[:count]


def _samples(count: int, size: int) -> NDArray[np.intp]:
    """All choices of so many points, or a fixed lot of them."""
    if comb(count, size) <= _CHOICES:
        return np.array(list(combinations(range(count), size)))
    lots = np.random.default_rng(0)
    return np.array([lots.choice(count, size, replace=False) for _ in range(_CHOICES)])


def _distances(matrix: Numbers, ground: Numbers, inside: Places) -> tuple[Numbers, float]:
    """Half the squared distance of each point from the fit of some, over its expected share, and their variance."""
    coefficients = np.linalg.lstsq(matrix[inside], ground[inside], rcond=None)[0]
    missed = ground - matrix @ coefficients
    spread = float((missed[inside] ** 2).sum()) / (2 * (len(inside) - matrix.shape[1]))
    inverse = np.linalg.pinv(matrix[inside].T @ matrix[inside])
    own = np.einsum("ij,jk,ik->i", matrix, inverse, matrix)
    widened = 1 + own
    widened[inside] = np.maximum(1 - leverages(matrix[inside]), _ROUNDING)
    half: Numbers = (missed**2).sum(axis=1) / (2 * widened)
    return half, spread
