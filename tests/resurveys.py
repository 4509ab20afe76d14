"""Lines surveyed twice with the errors of the classes; for the tests and the benchmarks."""

from __future__ import annotations

import numpy as np
import shapely

from gridmap.disputes import CLASSES, judge

#: Vertices of the lines.
CORNERS = (3, 5, 9, 20, 60)


def courses(rng, count, corners, step=8.0):
    """True lines that wind in some direction, shape (count, corners, 2)."""
    along = np.cumsum(rng.uniform(0.3, 1.7, (count, corners)) * step, axis=1)
    return np.stack([along, rng.normal(0, 0.2 * step, (count, corners))], axis=2)


def surveyed(rng, truth, error_m):
    """Lines through points that err by ``error_m`` in all, along both axes alike."""
    return shapely.linestrings(truth + rng.normal(0, error_m / np.sqrt(2), truth.shape))


def rates(rng, corners, *, count):
    """Shares of pairs that are called beyond: of one line surveyed twice, and of two, three combined errors apart."""
    false, found = [], []
    for error_m in CLASSES.values():
        truth = courses(rng, count, corners)
        shifted = truth + np.array([0, 3 * np.hypot(error_m, error_m)])
        first = surveyed(rng, truth, error_m)
        for line, told in ((truth, false), (shifted, found)):
            verdicts = judge(first, surveyed(rng, line, error_m), error_a=error_m, error_b=error_m)["verdict"]
            told.append((verdicts == "beyond").mean())
    return float(np.mean(false)), float(np.mean(found))
