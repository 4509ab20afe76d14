"""DXF written: a polyline per ring, with a note that tells which parcel it is of and in which system."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gridmap.formats.parcels.plots import Plot

#: The name of gridmap's notes on lines (XDATA), and of the layers that offices put boundaries and lines on.
NOTE = "GRIDMAP"
LAYER, LINES = "JZD", "XL"
#: Codes of notes: text of at most 255 bytes, and whole numbers.
TEXT, WHOLE = 1000, 1071
_LONGEST = 80


def write_drawing(plots: Sequence[Plot], epsg: int, path: Path) -> None:
    """Parcels as a drawing (DXF of AutoCAD 2010, UTF-8), x east, one file for the same parcels to the byte.

    Parameters
    ----------
    plots
        The parcels, in metres.
    epsg
        Their system, noted on every line: a drawing has no place for it.
    path
        The file.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    import ezdxf.filemanagement  # for which no service that is started should wait
    from ezdxf._options import options

    fixed = options.write_fixed_meta_data_for_testing
    # else the moment of writing and chance numbers go into the file
    options.write_fixed_meta_data_for_testing = True
    try:
        document = ezdxf.filemanagement.new("R2010")
        document.appids.add(NOTE)
        for name in (LAYER, LINES):
            document.layers.add(name)
        space = document.modelspace()
        for number, plot in enumerate(plots, 1):
            closed = plot.shape == "polygon"
            for ring in plot.rings:
                look = {"layer": LAYER if closed else LINES}
                line = space.add_lwpolyline(ring.points.tolist(), format="xy", close=closed, dxfattribs=look)
                line.set_xdata(
                    NOTE, [(WHOLE, epsg), (WHOLE, number), *((TEXT, text[:_LONGEST]) for text in (plot.id, plot.name))]
                )
        document.saveas(path)
    finally:
        options.write_fixed_meta_data_for_testing = fixed
