"""The exact side of an edge on which a point lies.

The sign of ``(x2 - x1)(py - y1) - (y2 - y1)(px - x1)`` is that of the real numbers, never that of their rounded
difference: a float filter decides nearly all, an exact expansion the rest.

Source: J. R. Shewchuk, Adaptive precision floating-point arithmetic and fast robust geometric predicates,
Discrete & Computational Geometry 18, 1997 (two-sum, two-product, grow-expansion, error bound A).

The expansion is exact while no product underflows or overflows, which is sure for coordinates that are zero or have a
magnitude between `LEAST` and `GREATEST`. Areas beyond that are refused; points below `LEAST` go to `sign_one`, which
has no such limit.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Flags: TypeAlias = npt.NDArray[np.bool_]

#: Least and greatest magnitude of a coordinate for which every product below is exact: differences of such numbers are
#: multiples of 2^-352 and products multiples of 2^-704, far above the least double of 2^-1074.
LEAST = 2.0**-300
GREATEST = 2.0**300

#: Shewchuk's ccwerrboundA: relative to the sum of the two products, a larger difference has a sure sign.
ERROR_BOUND = (3.0 + 16.0 * 2.0**-53) * 2.0**-53

#: Veltkamp's constant: splits a double into two halves whose products are exact.
_SPLITTER = 2.0**27 + 1.0


def left_of(x1: Floats, y1: Floats, x2: Floats, y2: Floats, px: Floats, py: Floats) -> Flags:
    """Return whether each point, nudged by (e, e squared), lies left of the edge from (x1, y1) up to (x2, y2).

    On the edge itself the nudge leads to its right, or, where the edge runs exactly west to east, to its north, which
    is its left.

    Parameters
    ----------
    x1, y1, x2, y2
        Lower and upper ends, shape (n,); of a horizontal edge the west and the east end.
    px, py
        The points, shape (n,), in the same units.

    Raises
    ------
    Nothing
        Not-a-number gives False.
    """
    along = (x2 - x1) * (py - y1)
    across = (y2 - y1) * (px - x1)
    determinant = along - across
    result = determinant > 0
    unsure = np.flatnonzero(np.abs(determinant) <= ERROR_BOUND * (np.abs(along) + np.abs(across)))
    if unsure.size:
        ends = x1[unsure], y1[unsure], x2[unsure], y2[unsure]
        sign = exact_sign(*ends, px[unsure], py[unsure])
        result[unsure] = (sign > 0) | ((sign == 0) & (ends[1] == ends[3]))
    return result


def exact_sign(x1: Floats, y1: Floats, x2: Floats, y2: Floats, px: Floats, py: Floats) -> npt.NDArray[np.int8]:
    """Return 1 where the point lies left of the edge, -1 right of it, 0 exactly on its line; shape (n,)."""
    along = (_two_difference(x2, x1), _two_difference(py, y1))
    across = (_two_difference(y1, y2), _two_difference(px, x1))
    if not any(tail.any() for pair in (along, across) for _, tail in pair):
        terms = [*_two_product(along[0][0], along[1][0]), *_two_product(across[0][0], across[1][0])]
    else:
        terms = [
            part for first, second in (along, across) for a in first for b in second for part in _two_product(a, b)
        ]
    return _sign_of_sum(terms)


def sign_one(x1: float, y1: float, x2: float, y2: float, px: float, py: float) -> int:
    """Return 1, -1 or 0 as `exact_sign` does, for one point and any finite numbers."""
    rx, ry = Fraction(x1), Fraction(y1)
    along = (Fraction(x2) - rx) * (Fraction(py) - ry)
    across = (Fraction(y2) - ry) * (Fraction(px) - rx)
    return (along > across) - (along < across)


def _sign_of_sum(terms: list[Floats]) -> npt.NDArray[np.int8]:
    """Return the sign of the exact sum: the terms grow an expansion whose last non-zero component has it."""
    expansion: list[Floats] = []
    for term in terms:
        carry = term
        for position, component in enumerate(expansion):
            carry, expansion[position] = _two_sum(carry, component)
        expansion.append(carry)
    sign = np.zeros(len(terms[0]), np.int8)
    for component in expansion:
        sign = np.where(component != 0, np.sign(component).astype(np.int8), sign)
    return sign


def _two_sum(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """Return the rounded sum and what rounding lost."""
    total = a + b
    of_b = total - a
    return total, (a - (total - of_b)) + (b - of_b)


def _two_difference(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """Return the rounded difference and what rounding lost."""
    return _two_sum(a, -b)


def _two_product(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """Return the rounded product and what rounding lost."""
    product = a * b
    a_high, a_low = _split(a)
    b_high, b_low = _split(b)
    return product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low


def _split(a: Floats) -> tuple[Floats, Floats]:
    """Return two numbers of half the digits that add up to ``a``."""
    scaled = _SPLITTER * a
    high = scaled - (scaled - a)
    return high, a - high
