"""KML written: WGS 84 degrees with nine decimal places, a tenth of a millimetre."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from xml.sax.saxutils import escape

import shapely

from gridmap.formats.parcels.plots import Plot

#: Decimal places of degrees: the corners of a parcel move by no more than a tenth of a millimetre.
DECIMALS = 9
_UNWRITABLE = dict.fromkeys(range(0x20))


def kml_text(plots: Sequence[Plot]) -> str:
    """Parcels as a KML document, each a placemark that bears its identifier.

    Parameters
    ----------
    plots
        The parcels; their geometry in WGS 84 degrees, longitude first.

    Raises
    ------
    None
    """
    body = "\n".join(line for plot in plots for line in _placemark(plot))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2">\n<Document>\n'
        f"{body}\n</Document>\n</kml>\n"
    )


def _placemark(plot: Plot) -> Iterator[str]:
    """The lines of a placemark."""
    yield f"<Placemark><name>{escape(plot.id.translate(_UNWRITABLE))}</name>"
    parts = shapely.get_parts(plot.geometry)
    if len(parts) > 1:
        yield "<MultiGeometry>"
    yield from map(_part, parts)
    yield "</MultiGeometry></Placemark>" if len(parts) > 1 else "</Placemark>"


def _part(part: Any) -> str:
    """A polygon or a line."""
    if part.geom_type != "Polygon":
        return f"<LineString>{_coordinates(part)}</LineString>"
    outer = f"<outerBoundaryIs><LinearRing>{_coordinates(part.exterior)}</LinearRing></outerBoundaryIs>"
    inner = "".join(
        f"<innerBoundaryIs><LinearRing>{_coordinates(ring)}</LinearRing></innerBoundaryIs>" for ring in part.interiors
    )
    return f"<Polygon>{outer}{inner}</Polygon>"


def _coordinates(line: Any) -> str:
    """The places of a line."""
    places = (f"{lon:.{DECIMALS}f},{lat:.{DECIMALS}f}" for lon, lat in shapely.get_coordinates(line).tolist())
    return f"<coordinates>{' '.join(places)}</coordinates>"
