"""Streets as a graph: pieces between junctions, each with its metres along the street it is a part of."""

from gridmap.streets.building import Limits, graph
from gridmap.streets.graph import StreetGraph
from gridmap.streets.places import NearestEdges, located, nearest_edge, point_on
from gridmap.streets.reading import NO_STREETS, is_street

__all__ = [
    "NO_STREETS",
    "Limits",
    "NearestEdges",
    "StreetGraph",
    "graph",
    "is_street",
    "located",
    "nearest_edge",
    "point_on",
]
