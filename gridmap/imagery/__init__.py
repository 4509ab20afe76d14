"""Old maps and aerial pictures: control points, the warp onto the ground, and an honest error.

A scan becomes a map by points whose pixel and place are both known. What the fit misses them by says little: the
thin-plate spline passes through all of them. Each point left out in turn says how far the picture may be wrong between
them, and that is the band within which a line read off an old map lies.
"""

from gridmap.imagery.accuracy import error_at, error_band, error_grid, leave_one_out
from gridmap.imagery.colours import read_pixels
from gridmap.imagery.fault_words import FAULTS
from gridmap.imagery.georeferencing import Georeferenced, georeference
from gridmap.imagery.judging import PointLimits, judge_control_points
from gridmap.imagery.points import ControlPoints, control_points
from gridmap.imagery.reading import read_control_points
from gridmap.imagery.scans import Scan, ScanLimits, read_scan

__all__ = [
    "FAULTS",
    "ControlPoints",
    "Georeferenced",
    "PointLimits",
    "Scan",
    "ScanLimits",
    "control_points",
    "error_at",
    "error_band",
    "error_grid",
    "georeference",
    "judge_control_points",
    "leave_one_out",
    "read_control_points",
    "read_pixels",
    "read_scan",
]
