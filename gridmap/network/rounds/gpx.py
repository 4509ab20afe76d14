"""A round for a phone: a GPX 1.1 file with the way as a track and its turns as named points of a route."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, indent, tostring

import geopandas as gpd
import shapely

from gridmap.crs import to_system
from gridmap.errors import InputError
from gridmap.network.rounds.round import Round

_SPACE = "http://www.topografix.com/GPX/1/1"


def gpx(made: Round, *, name: str = "round") -> bytes:
    """Return a GPX 1.1 file, in degrees: a track of the whole way, and a route of the points where a stop begins.

    Parameters
    ----------
    made
        The round.
    name
        What it is called on the phone.

    Returns
    -------
    bytes
        UTF-8. Each point of the route is called ``12 min NAME``, by the street's id where it has no name; ``type`` says
        ``again`` for what was walked before.

    Raises
    ------
    InputError
        If the round is empty.
    CrsError
        If the round states no CRS.
    """
    if made.line.is_empty:
        raise InputError("a round without a way", expected="one that walks a street", do="give it more minutes")
    degrees = to_system(gpd.GeoSeries([made.line, *_begins(made)], crs=made.crs), 4326).to_numpy()
    root = Element("gpx", {"version": "1.1", "creator": "gridmap", "xmlns": _SPACE})
    SubElement(SubElement(root, "metadata"), "name").text = name
    route = SubElement(root, "rte")
    SubElement(route, "name").text = name
    for point, stop in zip(degrees[1:], made.stops.to_dict("records"), strict=True):
        at = SubElement(route, "rtept", _degrees(*point.coords[0][:2]))
        SubElement(at, "name").text = f"{round(stop['minutes'])} min {stop['name'] or stop['street']}"
        if stop["again"]:
            SubElement(at, "type").text = "again"
    track = SubElement(root, "trk")
    SubElement(track, "name").text = name
    segment = SubElement(track, "trkseg")
    for lon, lat in shapely.get_coordinates(degrees[0]).tolist():
        SubElement(segment, "trkpt", _degrees(lon, lat))
    indent(root)
    text: bytes = tostring(root, encoding="UTF-8", xml_declaration=True)
    return text + b"\n"


def _begins(made: Round) -> list[shapely.Point]:
    """The points of the way at which its stops begin."""
    return [shapely.Point(lon, lat) for lon, lat in made.stops[["x", "y"]].to_numpy().tolist()]


def _degrees(lon: float, lat: float) -> dict[str, str]:
    """Degrees to a centimetre."""
    return {"lat": f"{lat:.7f}", "lon": f"{lon:.7f}"}
