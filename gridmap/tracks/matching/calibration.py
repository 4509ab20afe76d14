"""How far coverage from matched fixes may be from the truth, by how the fixes were taken.

The figures are measured, not assumed: crews were let walk over two street networks (the centre of Helsinki with all its
paths, a junction every 20 m; the sample town, one every 150 m), 16 walks of an hour for each row, with correlated
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
#: claimed metre nine of ten walks lie (tolerance interval of the logarithm, confidence 95 %, Howe 1969).
ROWS: tuple[tuple[float, ...], ...] = (
    (20, 1.0, 1.4, 4.0, 0.919, 0.02, 1.009, 1.129),
    (20, 1.0, 1.4, 8.0, 0.887, 0.075, 0.985, 1.106),
    (20, 1.0, 1.4, 12.0, 0.865, 0.142, 0.898, 1.099),
    (20, 1.0, 4.2, 4.0, 0.903, 0.02, 1.015, 1.163),
    (20, 1.0, 4.2, 8.0, 0.863, 0.058, 1.018, 1.177),
    (20, 1.0, 4.2, 12.0, 0.83, 0.101, 1.008, 1.172),
    (20, 5.0, 1.4, 4.0, 0.898, 0.021, 0.98, 1.22),
    (20, 5.0, 1.4, 8.0, 0.866, 0.065, 0.977, 1.195),
    (20, 5.0, 1.4, 12.0, 0.84, 0.135, 0.911, 1.168),
    (20, 5.0, 4.2, 4.0, 0.901, 0.023, 1.027, 1.146),
    (20, 5.0, 4.2, 8.0, 0.861, 0.064, 1.019, 1.161),
    (20, 5.0, 4.2, 12.0, 0.823, 0.109, 0.973, 1.204),
    (20, 15.0, 1.4, 4.0, 0.885, 0.026, 0.987, 1.234),
    (20, 15.0, 1.4, 8.0, 0.861, 0.066, 0.974, 1.209),
    (20, 15.0, 1.4, 12.0, 0.849, 0.129, 0.864, 1.219),
    (20, 15.0, 4.2, 4.0, 0.793, 0.042, 1.095, 1.339),
    (20, 15.0, 4.2, 8.0, 0.785, 0.058, 1.065, 1.37),
    (20, 15.0, 4.2, 12.0, 0.764, 0.096, 1.065, 1.325),
    (20, 30.0, 1.4, 4.0, 0.825, 0.049, 1.01, 1.324),
    (20, 30.0, 1.4, 8.0, 0.803, 0.084, 0.999, 1.312),
    (20, 30.0, 1.4, 12.0, 0.787, 0.128, 0.987, 1.249),
    (20, 30.0, 4.2, 4.0, 0.675, 0.069, 1.158, 1.685),
    (20, 30.0, 4.2, 8.0, 0.667, 0.078, 1.18, 1.643),
    (20, 30.0, 4.2, 12.0, 0.657, 0.104, 1.199, 1.569),
    (20, 60.0, 1.4, 4.0, 0.716, 0.061, 1.074, 1.616),
    (20, 60.0, 1.4, 8.0, 0.705, 0.075, 1.071, 1.623),
    (20, 60.0, 1.4, 12.0, 0.698, 0.106, 1.014, 1.634),
    (20, 60.0, 4.2, 4.0, 0.529, 0.11, 1.319, 2.184),
    (20, 60.0, 4.2, 8.0, 0.528, 0.117, 1.274, 2.235),
    (20, 60.0, 4.2, 12.0, 0.524, 0.133, 1.308, 2.131),
    (150, 1.0, 1.4, 4.0, 0.997, 0.002, 0.994, 1.008),
    (150, 1.0, 1.4, 8.0, 0.995, 0.008, 0.982, 1.011),
    (150, 1.0, 1.4, 12.0, 0.991, 0.03, 0.955, 1.005),
    (150, 1.0, 4.2, 4.0, 0.998, 0.001, 0.999, 1.004),
    (150, 1.0, 4.2, 8.0, 0.997, 0.003, 0.994, 1.006),
    (150, 1.0, 4.2, 12.0, 0.993, 0.012, 0.977, 1.013),
    (150, 5.0, 1.4, 4.0, 0.996, 0.001, 0.995, 1.012),
    (150, 5.0, 1.4, 8.0, 0.994, 0.005, 0.99, 1.014),
    (150, 5.0, 1.4, 12.0, 0.991, 0.018, 0.967, 1.015),
    (150, 5.0, 4.2, 4.0, 0.996, 0.001, 0.996, 1.011),
    (150, 5.0, 4.2, 8.0, 0.994, 0.002, 0.993, 1.014),
    (150, 5.0, 4.2, 12.0, 0.991, 0.008, 0.982, 1.021),
    (150, 15.0, 1.4, 4.0, 0.997, 0.003, 0.978, 1.022),
    (150, 15.0, 1.4, 8.0, 0.995, 0.008, 0.972, 1.022),
    (150, 15.0, 1.4, 12.0, 0.989, 0.026, 0.944, 1.026),
    (150, 15.0, 4.2, 4.0, 0.99, 0.003, 0.984, 1.032),
    (150, 15.0, 4.2, 8.0, 0.989, 0.005, 0.981, 1.033),
    (150, 15.0, 4.2, 12.0, 0.989, 0.007, 0.982, 1.028),
    (150, 30.0, 1.4, 4.0, 0.993, 0.005, 0.978, 1.027),
    (150, 30.0, 1.4, 8.0, 0.992, 0.012, 0.973, 1.021),
    (150, 30.0, 1.4, 12.0, 0.984, 0.022, 0.951, 1.042),
    (150, 30.0, 4.2, 4.0, 0.989, 0.004, 0.993, 1.022),
    (150, 30.0, 4.2, 8.0, 0.988, 0.005, 0.991, 1.025),
    (150, 30.0, 4.2, 12.0, 0.984, 0.01, 0.985, 1.028),
    (150, 60.0, 1.4, 4.0, 0.971, 0.003, 0.988, 1.068),
    (150, 60.0, 1.4, 8.0, 0.972, 0.004, 0.987, 1.066),
    (150, 60.0, 1.4, 12.0, 0.968, 0.007, 0.971, 1.084),
    (150, 60.0, 4.2, 4.0, 0.87, 0.018, 1.037, 1.23),
    (150, 60.0, 4.2, 8.0, 0.871, 0.02, 1.032, 1.23),
    (150, 60.0, 4.2, 12.0, 0.866, 0.022, 1.03, 1.242),
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
