"""Coordinates: metres to measure, degrees to keep, and no shift that nobody asked for.

The record holds CGCS2000 degrees (EPSG:4490); WGS 84 agrees with it within centimetres, so coordinates pass between
the two unchanged. Lengths and areas are measured in the 3-degree Gauss-Kruger zone of the place. Everywhere x is east
or longitude and y is north or latitude, whatever order the register of EPSG prefers.
"""

from gridmap.crs.guessing import CrsGuess, guess
from gridmap.crs.leaving import PlaneFit, SevenParameters, confirmed_parameters, in_cgcs2000, plane_fit
from gridmap.crs.names import RECORD_EPSG, metric_epsg, parse, zone_epsg
from gridmap.crs.offsets import OffsetVerdict, offset_verdict
from gridmap.crs.transform import (
    convert,
    convert_shapes,
    from_wgs84,
    is_metric,
    to_metric,
    to_record,
    to_system,
    to_wgs84,
)
from gridmap.crs.zones import DATUMS, OLD_DATUMS, Zone, datum_name, width_of, zone_of

__all__ = [
    "DATUMS",
    "OLD_DATUMS",
    "RECORD_EPSG",
    "CrsGuess",
    "OffsetVerdict",
    "PlaneFit",
    "SevenParameters",
    "Zone",
    "confirmed_parameters",
    "convert",
    "convert_shapes",
    "datum_name",
    "from_wgs84",
    "guess",
    "in_cgcs2000",
    "is_metric",
    "metric_epsg",
    "offset_verdict",
    "parse",
    "plane_fit",
    "to_metric",
    "to_record",
    "to_system",
    "to_wgs84",
    "width_of",
    "zone_epsg",
    "zone_of",
]
