"""What makes a drawing a map: frame, coordinates, north and the scale."""

from __future__ import annotations

import numpy as np
from pyproj import CRS

from gridmap.disputes.walk import convergence_deg
from gridmap.maps.sheet.canvas import BLACK, GREY, Canvas
from gridmap.maps.sheet.flow import Box
from gridmap.maps.sheet.paper import View, round_length
from gridmap.maps.sheet.words import Voice

#: Lines of coordinates are at most so far apart on the paper, and the bar of the scale is at most so long.
_TICKS_MM, _BAR_MM = 50.0, 50.0
#: Ticks nearer to a corner of the frame bear no number: it would meet that of the other side.
_CORNER_MM = 8.0
_SIZE = 6.0
#: Width of the arrow's room and its length, and where the bar begins beside it, in millimetres.
_ARROW_MM, _LONG_MM, _BESIDE_MM = 28.0, 14.0, 33.0


def marks(canvas: Canvas, view: View, room: Box, system: CRS, say: Voice) -> None:
    """Draw the frame with its coordinates, and beside the map the arrow to true north and the bar of the scale.

    Raises
    ------
    CrsError
        If the coordinates are none of the system.
    """
    canvas.pen(0.4, BLACK)
    canvas.pdf.rect(view.frame.x, view.frame.y, view.frame.width, view.frame.bottom - view.frame.y)
    _ticks(canvas, view)
    _arrow(canvas, view, room, system, say)
    _bar(canvas, view, room, say)


def crosses(canvas: Canvas, view: View) -> None:
    """Draw a cross wherever two lines of round coordinates meet.

    Raises
    ------
    Nothing
    """
    canvas.pen(0.1, GREY)
    for x in _across(view)[0]:
        for y in _up(view)[0]:
            canvas.pdf.line(x - 1.5, y, x + 1.5, y)
            canvas.pdf.line(x, y - 1.5, x, y + 1.5)


def _step(view: View) -> float:
    """Metres between round coordinates."""
    return round_length(_TICKS_MM * view.scale / 1000)


def _round(low: float, high: float, step: float) -> list[float]:
    """Round coordinates between two."""
    return [float(k * step) for k in range(int(np.ceil(low / step)), int(np.floor(high / step)) + 1)]


def _across(view: View) -> tuple[list[float], list[float]]:
    """Round eastings: where on the page, and which."""
    west, _, east, _ = view.ground
    values = _round(west, east, _step(view))
    return [view.frame.x + (value - west) * 1000 / view.scale for value in values], values


def _up(view: View) -> tuple[list[float], list[float]]:
    """Round northings: where on the page, and which."""
    _, south, _, north = view.ground
    values = _round(south, north, _step(view))
    return [view.frame.bottom - (value - south) * 1000 / view.scale for value in values], values


def _ticks(canvas: Canvas, view: View) -> None:
    """Ticks at the frame with their coordinates: east above and below, north on both sides."""
    room, right = view.frame, view.frame.x + view.frame.width
    canvas.pen(0.15, BLACK)
    for x, value in zip(*_across(view), strict=True):
        for y, out in ((room.y, -1), (room.bottom, 1)):
            canvas.pdf.line(x, y, x, y + out * 1.2)
            if room.x + _CORNER_MM < x < right - _CORNER_MM:
                text = f"{value:.0f}"
                canvas.text(x - canvas.width(text, _SIZE) / 2, y + out * 2.6, text, _SIZE)
    for y, value in zip(*_up(view), strict=True):
        for x, out in ((room.x, -1), (right, 1)):
            canvas.pdf.line(x, y, x + out * 1.2, y)
            if room.y + _CORNER_MM < y < room.bottom - _CORNER_MM:
                text = f"{value:.0f}"
                canvas.upright(x + out * 2.6, y + canvas.width(text, _SIZE) / 2, text, _SIZE)


def _arrow(canvas: Canvas, view: View, room: Box, system: CRS, say: Voice) -> None:
    """The arrow to true north beside the north of the map, and the angle between them."""
    west, south, east, north = view.ground
    angle = float(convergence_deg(np.array([[(west + east) / 2, (south + north) / 2]]), system)[0])
    x, base, long = room.x + _ARROW_MM / 2, room.y + 4.5 + _LONG_MM, _LONG_MM
    canvas.pen(0.15, GREY, (1, 0.7))
    canvas.pdf.line(x, base, x, base - long - 1)
    with canvas.pdf.rotation(angle, x, base):
        canvas.pen(0.2, BLACK)
        canvas.pdf.set_fill_color(*BLACK)
        canvas.pdf.polygon([(x, base - long), (x, base - 3), (x - 2.2, base)], style="DF")
        canvas.pdf.set_fill_color(255, 255, 255)
        canvas.pdf.polygon([(x, base - long), (x, base - 3), (x + 2.2, base)], style="DF")
    name = say.line("true_north")
    canvas.text(x - canvas.width(name, _SIZE) / 2, room.y + 1.5, name, _SIZE)
    for k, text in enumerate(say.each("convergence", angle=angle_text(angle))):
        shown = canvas.fit(text, 5.5, _ARROW_MM)
        canvas.text(x - canvas.width(shown, 5.5) / 2, base + 3.0 + 2.8 * k, shown, 5.5)


def angle_text(degrees: float) -> str:
    """Return an angle in degrees and minutes with its sign.

    Raises
    ------
    Nothing

    Examples
    --------
    >>> angle_text(-0.7583), angle_text(1.9999)
    ('−0°45′', '+2°00′')
    """
    minutes = round(abs(degrees) * 60)
    sign = "" if minutes == 0 else "+" if degrees > 0 else "−"
    return f"{sign}{minutes // 60}°{minutes % 60:02d}′"


def _bar(canvas: Canvas, view: View, room: Box, say: Voice) -> None:
    """The bar of the scale, in four parts, and the scale in figures."""
    metres = round_length(_BAR_MM * view.scale / 1000)
    part = metres * 1000 / view.scale / 4
    x, y = room.x + _BESIDE_MM, room.y + 13.0
    canvas.pen(0.15, BLACK)
    for k in range(4):
        shade = 0 if k % 2 == 0 else 255
        canvas.pdf.set_fill_color(shade, shade, shade)
        canvas.pdf.rect(x + k * part, y, part, 1.4, style="DF")
    for share, text in ((0.0, "0"), (0.5, f"{metres / 2:g}"), (1.0, f"{metres:g} m")):
        canvas.text(x + share * 4 * part - canvas.width(text.split()[0], _SIZE) / 2, y - 1.6, text, _SIZE)
    canvas.text(x, room.y + 6.0, f"{say.line('scale')} 1:{view.scale:g}", 7.5)
