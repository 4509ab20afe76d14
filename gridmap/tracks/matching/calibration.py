"""How far coverage from matched fixes may be from the truth, by how the fixes were taken.

The figures are measured, not assumed: crews were let walk over two street networks (the centre of Helsinki with all its
paths, a junction every 20 m; the sample town, one every 150 m), 46 walks of an hour for each row, with correlated
noise, stops, spikes and gaps, and what matching claims was compared with what was walked, on corridors and by exact
intervals. ``python -m tests.walks_calibrating`` makes the rows again; no test takes its seeds. Up to 30 s between fixes
the observed class is compared with what fixes could see, above it observed and inferred with all that was walked.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridmap.errors import InputError

#: Metres between junctions, seconds between fixes, metres a second, standard error along an axis in metres; share of
#: the true metres that is claimed, share of the claimed metres that is not true, and between how many true metres per
#: claimed metre nine of ten walks lie: the least and the greatest of the 46 (confidence 95 %, Wilks 1941).
ROWS: tuple[tuple[float, ...], ...] = (
    (20, 1.0, 1.4, 4.0, 0.912, 0.022, 1.012, 1.29),
    (20, 1.0, 1.4, 8.0, 0.885, 0.068, 0.985, 1.281),
    (20, 1.0, 1.4, 12.0, 0.863, 0.143, 0.898, 1.098),
    (20, 1.0, 4.2, 4.0, 0.898, 0.022, 1.035, 1.145),
    (20, 1.0, 4.2, 8.0, 0.865, 0.056, 1.015, 1.155),
    (20, 1.0, 4.2, 12.0, 0.832, 0.102, 1.002, 1.166),
    (20, 5.0, 1.4, 4.0, 0.899, 0.023, 1.033, 1.383),
    (20, 5.0, 1.4, 8.0, 0.864, 0.066, 0.986, 1.286),
    (20, 5.0, 1.4, 12.0, 0.834, 0.136, 0.875, 1.25),
    (20, 5.0, 4.2, 4.0, 0.893, 0.024, 1.041, 1.148),
    (20, 5.0, 4.2, 8.0, 0.858, 0.061, 1.036, 1.176),
    (20, 5.0, 4.2, 12.0, 0.825, 0.106, 1.017, 1.184),
    (20, 15.0, 1.4, 4.0, 0.88, 0.029, 1.028, 1.951),
    (20, 15.0, 1.4, 8.0, 0.847, 0.071, 1.011, 1.7),
    (20, 15.0, 1.4, 12.0, 0.827, 0.133, 0.918, 1.483),
    (20, 15.0, 4.2, 4.0, 0.79, 0.047, 1.078, 1.309),
    (20, 15.0, 4.2, 8.0, 0.777, 0.064, 1.085, 1.326),
    (20, 15.0, 4.2, 12.0, 0.764, 0.093, 1.098, 1.311),
    (20, 30.0, 1.4, 4.0, 0.812, 0.045, 1.067, 2.216),
    (20, 30.0, 1.4, 8.0, 0.793, 0.074, 1.049, 2.19),
    (20, 30.0, 1.4, 12.0, 0.783, 0.121, 1.025, 1.467),
    (20, 30.0, 4.2, 4.0, 0.688, 0.075, 1.144, 1.628),
    (20, 30.0, 4.2, 8.0, 0.678, 0.088, 1.186, 1.628),
    (20, 30.0, 4.2, 12.0, 0.671, 0.106, 1.166, 1.537),
    (20, 60.0, 1.4, 4.0, 0.708, 0.058, 1.09, 2.127),
    (20, 60.0, 1.4, 8.0, 0.698, 0.083, 1.054, 2.11),
    (20, 60.0, 1.4, 12.0, 0.693, 0.111, 1.083, 1.828),
    (20, 60.0, 4.2, 4.0, 0.529, 0.106, 1.416, 2.157),
    (20, 60.0, 4.2, 8.0, 0.526, 0.114, 1.408, 2.191),
    (20, 60.0, 4.2, 12.0, 0.53, 0.121, 1.37, 2.14),
    (150, 1.0, 1.4, 4.0, 0.997, 0.002, 0.995, 1.009),
    (150, 1.0, 1.4, 8.0, 0.995, 0.007, 0.986, 1.013),
    (150, 1.0, 1.4, 12.0, 0.991, 0.028, 0.958, 1.003),
    (150, 1.0, 4.2, 4.0, 0.998, 0.001, 0.999, 1.004),
    (150, 1.0, 4.2, 8.0, 0.998, 0.003, 0.995, 1.004),
    (150, 1.0, 4.2, 12.0, 0.993, 0.012, 0.978, 1.015),
    (150, 5.0, 1.4, 4.0, 0.996, 0.002, 0.995, 1.022),
    (150, 5.0, 1.4, 8.0, 0.994, 0.005, 0.985, 1.025),
    (150, 5.0, 1.4, 12.0, 0.99, 0.019, 0.961, 1.021),
    (150, 5.0, 4.2, 4.0, 0.996, 0.001, 0.999, 1.012),
    (150, 5.0, 4.2, 8.0, 0.995, 0.002, 0.995, 1.013),
    (150, 5.0, 4.2, 12.0, 0.992, 0.009, 0.986, 1.02),
    (150, 15.0, 1.4, 4.0, 0.995, 0.003, 0.968, 1.027),
    (150, 15.0, 1.4, 8.0, 0.993, 0.006, 0.964, 1.026),
    (150, 15.0, 1.4, 12.0, 0.987, 0.02, 0.949, 1.026),
    (150, 15.0, 4.2, 4.0, 0.989, 0.003, 0.989, 1.039),
    (150, 15.0, 4.2, 8.0, 0.989, 0.004, 0.988, 1.039),
    (150, 15.0, 4.2, 12.0, 0.984, 0.007, 0.991, 1.041),
    (150, 30.0, 1.4, 4.0, 0.993, 0.008, 0.944, 1.02),
    (150, 30.0, 1.4, 8.0, 0.991, 0.013, 0.939, 1.021),
    (150, 30.0, 1.4, 12.0, 0.984, 0.022, 0.936, 1.055),
    (150, 30.0, 4.2, 4.0, 0.989, 0.012, 0.941, 1.024),
    (150, 30.0, 4.2, 8.0, 0.987, 0.013, 0.941, 1.044),
    (150, 30.0, 4.2, 12.0, 0.98, 0.017, 0.959, 1.054),
    (150, 60.0, 1.4, 4.0, 0.976, 0.011, 0.94, 1.071),
    (150, 60.0, 1.4, 8.0, 0.978, 0.01, 0.94, 1.074),
    (150, 60.0, 1.4, 12.0, 0.975, 0.013, 0.94, 1.092),
    (150, 60.0, 4.2, 4.0, 0.864, 0.021, 1.025, 1.303),
    (150, 60.0, 4.2, 8.0, 0.857, 0.025, 1.025, 1.315),
    (150, 60.0, 4.2, 12.0, 0.853, 0.029, 1.025, 1.312),
)


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What coverage from fixes of one kind is worth."""

    #: share of the true metres that is claimed
    recall: float
    #: share of the claimed metres that is not true
    false: float
    #: true metres per claimed metre: in nine of ten walks not below and not above; what is claimed lies between
    low: float
    high: float


def expected(interval_s: float, speed_m_s: float, sigma_m: float, spacing_m: float | None = None) -> Expected:
    """Return what coverage is worth by how fixes were taken: the measured row nearest to it, by ratio.

    Parameters
    ----------
    interval_s
        Seconds between fixes.
    speed_m_s
        Metres a second of the crew while it moves.
    sigma_m
        Standard error of a fix along each axis, metres.
    spacing_m
        Metres between junctions, ``Prepared.spacing_m``; None: the worse of what was measured.

    Returns
    -------
    Expected
        Recall and false share, and the true metres per claimed metre.

    Raises
    ------
    InputError
        If an argument is not a positive number.

    Examples
    --------
    On foot with a fix every 5 s a town of wide blocks is known better than a centre full of paths.

    >>> town, centre = expected(5, 1.4, 8, 100), expected(5, 1.4, 8, 20)
    >>> town.high < centre.high
    True
    """
    asked = (interval_s, speed_m_s, sigma_m, *(() if spacing_m is None else (spacing_m,)))
    if not all(np.isfinite(figure) and figure > 0 for figure in asked):
        raise InputError(f"calibration is asked for {asked}", expected="positive seconds, metres a second and metres")
    table = np.array(ROWS)
    if spacing_m is not None:
        table = table[_nearest(table[:, 0], spacing_m)]
    for column, figure in ((1, interval_s), (2, speed_m_s), (3, sigma_m)):
        table = table[_nearest(table[:, column], figure)]
    return Expected(
        recall=float(table[:, 4].min()),
        false=float(table[:, 5].max()),
        low=min(float(table[:, 6].min()), 1.0),
        high=max(float(table[:, 7].max()), 1.0),
    )


def _nearest(values: np.typing.NDArray[np.float64], figure: float) -> np.typing.NDArray[np.bool_]:
    """Which values are nearest to a figure, by ratio."""
    far = np.abs(np.log(values / figure))
    return np.asarray(far == far.min())
