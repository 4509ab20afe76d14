"""Shapes checked before anything is computed from them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import shapely

from gridmap.errors import InputError
from gridmap.tessellation.arrays import Polygons


def checked(shapes: Any, noun: str, kinds: Collection[str]) -> Polygons:
    """Return shapes as an array in two dimensions.

    Parameters
    ----------
    shapes
        A shape or many, shape (n,).
    noun
        What to call one of them in messages.
    kinds
        Names of the types of geometry that are taken.

    Raises
    ------
    InputError
        If one is missing, of another type, empty, not finite or invalid; the message names the first of them.
    """
    drawn = np.asarray(shapes, dtype=object).ravel()
    for row, shape in enumerate(drawn):
        if (kind := getattr(shape, "geom_type", "")) not in kinds:
            raise InputError(f"{noun} {row} is {kind or 'no geometry'}", expected=" or ".join(sorted(kinds)))
    wrong = np.flatnonzero(shapely.is_empty(drawn) | ~shapely.is_valid(drawn))
    if wrong.size:
        reason = "empty" if shapely.is_empty(drawn[wrong[0]]) else shapely.is_valid_reason(drawn[wrong[0]])
        raise InputError(f"{noun} {wrong[0]}: {reason}", expected="valid shapes", do="mend it or take it out")
    return np.asarray(shapely.force_2d(drawn))
