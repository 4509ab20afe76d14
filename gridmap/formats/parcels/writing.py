"""Parcels written into the files that offices read, each whole or not there."""

from __future__ import annotations

import re
from pathlib import Path

import geopandas

from gridmap import crs as crs_
from gridmap.drafts import draft, refuse_missing_folder
from gridmap.errors import InputError
from gridmap.formats import writing as tables
from gridmap.formats.encodings import named
from gridmap.formats.parcels.drawing_writing import write_drawing
from gridmap.formats.parcels.exchange_writing import exchange_text
from gridmap.formats.parcels.kml_writing import kml_text
from gridmap.formats.parcels.plots import in_zone, plots_of
from gridmap.formats.parcels.reading import Reading
from gridmap.formats.parcels.table_writing import csv_text, table_rows, write_sheet

#: Formats by their endings; those of layers hold what `gridmap.formats.write` writes.
FORMATS = {".txt": "exchange", ".csv": "points", ".xlsx": "points", ".kml": "kml", ".dxf": "dxf"}
LAYERS = (".gpkg", ".geojson")
#: Decimal places of metres.
MILLIMETRES = 3


def write_parcels(
    parcels: Reading | geopandas.GeoDataFrame,
    path: str | Path,
    *,
    encoding: str | None = None,
    decimals: int | None = None,
) -> None:
    """Write parcels; while the file is being written, and if that fails, what was there before stays.

    By ending: ``.txt`` the national coordinate-exchange text (CRLF, north first, rings closed, areas in hectares);
    ``.csv`` and ``.xlsx`` a table of boundary points; ``.kml`` WGS 84 degrees; ``.dxf`` a closed polyline per ring;
    ``.gpkg`` the layers parcels, points, decided and warnings of a reading; ``.geojson`` its parcels. A reading is
    written with the names and the order of its points and what its head said, so that a text in the national form
    comes out as it went in, to the byte. Parcels in degrees go into the 3-degree zone of the place.

    Parameters
    ----------
    parcels
        A reading, or a table with ``id``, ``name``?, ``declared_area_m2``? and polygons or lines.
    path
        The file.
    encoding
        Encoding of a ``.txt``; that of the reading, else GB18030, which holds GBK. A ``.csv`` is UTF-8 with a mark.
    decimals
        Decimal places of metres in texts and tables; those of the reading's head (精度), else three.

    Raises
    ------
    InputError
        If the ending is not known, the folder is not there, there is nothing to write, a text cannot be in the
        encoding, or an exchange text is to be in a system that is none of China's zones.
    CrsError
        If a table does not say its system, or KML would need to leave an old datum without parameters.

    Examples
    --------
    >>> import shapely
    >>> from tempfile import TemporaryDirectory
    >>> field = geopandas.GeoDataFrame(
    ...     {"id": ["甲"]}, geometry=[shapely.box(40520700, 3352700, 40520710, 3352710)], crs=4528
    ... )
    >>> with TemporaryDirectory() as folder:
    ...     write_parcels(field, Path(folder, "a.txt"))
    ...     print(Path(folder, "a.txt").read_text(encoding="gbk").splitlines()[10])
    5,0.0100,甲,,面,,,,@
    """
    path = Path(path)
    refuse_unwritable(path)
    with draft(path) as fresh:
        _write(parcels, fresh, path.suffix.lower(), encoding, _decimals(parcels) if decimals is None else decimals)


def refuse_unwritable(path: Path) -> None:
    """Refuse a file that `write_parcels` could not write, before the work is done that would fill it.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    InputError
        If its ending is not known, or its folder is not there.
    """
    known = (*FORMATS, *LAYERS)
    if path.suffix.lower() not in known:
        given = f"the ending {path.suffix!r} of {path.name} is not known"
        raise InputError(given, expected=f"one of {', '.join(known)}", code="unknown_ending")
    refuse_missing_folder(path)


def _write(
    parcels: Reading | geopandas.GeoDataFrame, path: Path, ending: str, encoding: str | None, decimals: int
) -> None:
    """Write the file in place."""
    if ending in LAYERS:
        _write_layers(parcels, path, ending)
        return
    if ending == ".kml":
        table = parcels.parcels if isinstance(parcels, Reading) else parcels
        path.write_text(kml_text(plots_of(crs_.to_system(table, 4326))), encoding="utf-8", newline="\n")
        return
    flat, epsg = in_zone(parcels)
    plots = plots_of(flat)
    if ending == ".txt":
        header = flat.header if isinstance(flat, Reading) else None
        name = named(encoding) if encoding else flat.encoding if isinstance(flat, Reading) else "gb18030"
        path.write_bytes(_encoded(exchange_text(plots, epsg, header=header, decimals=decimals), name))
    elif ending == ".csv":
        path.write_bytes(csv_text(table_rows(plots, epsg, decimals=decimals)).encode("utf-8-sig"))
    elif ending == ".xlsx":
        write_sheet(table_rows(plots, epsg, decimals=decimals), path)
    else:
        write_drawing(plots, epsg, path)


def _decimals(parcels: Reading | geopandas.GeoDataFrame) -> int:
    """Decimal places that the head of a reading says, as 0.001 or 3; else those of millimetres."""
    said = parcels.header.get("精度", "").strip() if isinstance(parcels, Reading) else ""
    if found := re.fullmatch(r"0\.(0{0,5}1)", said):
        return len(found[1])
    return int(said) if re.fullmatch("[1-6]", said) else MILLIMETRES


def _write_layers(parcels: Reading | geopandas.GeoDataFrame, path: Path, ending: str) -> None:
    """Write layers of tables."""
    if isinstance(parcels, Reading) and ending == ".gpkg":
        layers = {"parcels": parcels.parcels, "points": parcels.points}
        layers |= {"decided": parcels.decided, "warnings": parcels.warnings}
        tables.write({name: table for name, table in layers.items() if len(table)}, path)
    else:
        tables.write(parcels.parcels if isinstance(parcels, Reading) else parcels, path)


def _encoded(text: str, encoding: str) -> bytes:
    """Text in an encoding that holds all of it."""
    try:
        return text.encode("gb18030" if encoding in {"xlsx", "cp1252", "big5hkscs"} else encoding)
    except UnicodeEncodeError as error:
        sign = text[error.start]
        raise InputError(f"{sign!r} is not in {encoding}", do="state another encoding: gb18030, utf-8") from None
    except LookupError:
        return text.encode("gb18030")
