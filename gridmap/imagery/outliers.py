"""Control points that contradict the others, found so that several of them cannot hide one another."""

from __future__ import annotations

from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray
from scipy.special import fdtri

from gridmap.imagery.fitting import design, fit_warp, left_out, leverages
from gridmap.imagery.points import Numbers

#: Most choices of points that are looked at; beyond, as many drawn by lot with a fixed start.
_CHOICES = 1_000

#: A higher order is only asked of points that leave as many again to check its terms.
_SPARE = 2

#: Fewest points of which each order is asked. One more than its terms does for the second, without which every third
#: bent sheet of ten points has a sound one named; of the third, four more, or wrong ones go unseen.
_ASKED_FROM = {1: 5, 2: 7, 3: 14}

#: Factor on the level for points that stand out already and are looked at again.
_AGAIN = 5.0

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
    thin-plate spline through the points that do not stand out misses it by three times their own error left out. An
    order for which the points are too few to search is fitted to those that do not stand out and must miss the others.

    Where four points define six numbers, no one of them can be told to be the wrong one: at least five are needed.
    Simulated (points spread evenly, in clusters, along the edge, on a grid; read to 0.5 to 3 pixels): of sound sets one
    in fifty has a point named, of five to seven points on a bent sheet up to one in twelve; a point 30 to 200 pixels
    off is found in four of five sets of eight points and in nine of ten from twelve on, of five in one of three.

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
    suspects: set[int] = set()
    for order, least in _ASKED_FROM.items():
        matrix = design(pixels, order)
        if len(pixels) < least or np.linalg.matrix_rank(matrix) < matrix.shape[1]:
            break
        if order == 1 or len(pixels) >= _SPARE * matrix.shape[1]:
            found = _standing_out(matrix, ground - ground.mean(axis=0), level)
        else:
            found = _missed_by_rest(matrix, ground - ground.mean(axis=0), level, suspects)
        suspects = set(found) if order == 1 else suspects & set(found)
        if not suspects:
            return []
    return _missed_by_neighbours(pixels, ground, sorted(suspects))


#: Terms of the lowest order.
_LEAST_TERMS = ("1", "pixel", "line")


def _missed_by_rest(matrix: Numbers, ground: Numbers, level: float, suspects: set[int]) -> list[int]:
    """Those suspects that the fit of all the others misses; where these are too few for one, see `_bent`."""
    inside = np.setdiff1d(np.arange(len(matrix)), list(suspects))
    if len(inside) <= matrix.shape[1] or np.linalg.matrix_rank(matrix[inside]) < matrix.shape[1]:
        return [] if _bent(matrix, ground, level * _AGAIN) else sorted(suspects)
    distances, spread = _distances(matrix, ground, inside)
    limit = _beyond(level * _AGAIN, inside, matrix) * max(spread, _rounding(ground))
    return [place for place in sorted(suspects) if distances[place] > limit]


def _bent(matrix: Numbers, ground: Numbers, level: float) -> bool:
    """Tell whether an order explains what an even scale leaves, so well that it is no chance: the sheet is bent."""
    count, terms = matrix.shape
    even = len(_LEAST_TERMS)
    if count <= terms:
        return False
    left, still = (_sum_of_squares(matrix[:, :used], ground) for used in (even, terms))
    share = ((left - still) / (terms - even)) / max(still / (count - terms), _rounding(ground))
    return bool(share > _limit(level, terms - even, count - terms))


def _sum_of_squares(matrix: Numbers, ground: Numbers) -> float:
    """What a fit to all points leaves."""
    return float(((ground - matrix @ np.linalg.lstsq(matrix, ground, rcond=None)[0]) ** 2).sum())


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
    inside = _agreeing(matrix, ground, max((count + terms + 1) // 2, terms + 1))
    while len(inside) < count:
        distances, spread = _distances(matrix, ground, inside)
        outside = np.setdiff1d(np.arange(count), inside)
        nearest = distances[outside].min()
        if nearest > _beyond(level / (len(inside) + 1), inside, matrix) * max(spread, _rounding(ground)):
            return [int(place) for place in outside]
        inside = np.argsort(distances, kind="stable")[: len(inside) + 1]
    return []


def _beyond(level: float, inside: Places, matrix: Numbers) -> float:
    """By how much a point may be farther than its share, from the fit of some, at a level."""
    return _limit(level, 1, len(inside) - matrix.shape[1])


def _limit(level: float, more: int, left: int) -> float:
    """What a quotient of mean squares in two axes reaches by chance, at a level."""
    # by its reciprocal, which keeps its digits at small levels
    return float(1 / fdtri(2 * left, 2 * more, level))


def _rounding(ground: Numbers) -> float:
    """The least variance: agreement to the last digit is chance, or a made-up set, and rounding no difference."""
    return (_ROUNDING * float(np.ptp(ground, axis=0).max())) ** 2


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
