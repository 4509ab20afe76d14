"""``gridmap parcels read``: what a file of parcels holds, and what was decided to read it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gridmap.cli.options import AsJson, Columns, Crs, Encoding, File, Sublayer, mapped
from gridmap.cli.telling import json_text

if TYPE_CHECKING:
    from gridmap.formats.parcels import Reading

Within = Annotated[
    Path | None, typer.Option(help="The territory that the parcels lie in: catches a wrong central meridian.")
]
Out = Annotated[
    Path | None,
    typer.Option(
        help="Also write what was read: .txt (exchange), .csv and .xlsx (points), .kml, .dxf, .gpkg, .geojson."
    ),
]
CommonPoints = Annotated[
    Path | None,
    typer.Option(
        "--common-points",
        help="Points known on the old datum and on CGCS2000, to leave Xian 1980 or Beijing 1954: x_old, y_old, x_new, "
        "y_new in metres, east first.",
    ),
]


def parcels_read(
    file: File,
    within: Within = None,
    out: Out = None,
    crs: Crs = None,
    common_points: CommonPoints = None,
    encoding: Encoding = None,
    sublayer: Sublayer = None,
    column: Columns = None,
    as_json: AsJson = False,
) -> None:
    """Tell what a file of parcels holds, what was decided to read it and why, and what to beware of.

    Reads the national coordinate-exchange TXT, tables of boundary points (CSV, XLSX), DXF, KML, KMZ, shapefiles,
    GeoJSON and GeoPackage. Status 2: refused, with a code and a line.
    """
    from gridmap import formats
    from gridmap.formats.parcels import read_parcels, refuse_unwritable, write_parcels

    if out is not None:
        refuse_unwritable(out)
    ground = None if within is None else formats.read(within)
    known = None if common_points is None else formats.read(common_points)
    reading = read_parcels(
        file,
        within=ground,
        crs=crs,
        datum_parameters=known,
        encoding=encoding,
        sublayer=sublayer,
        columns=mapped(column),
    )
    if out is not None:
        write_parcels(reading, out)
    typer.echo(json_text(report(reading)) if as_json else said(reading))


def report(reading: Reading) -> dict[str, Any]:
    """What was read, fit for JSON."""
    table = reading.parcels
    columns = ["id", "name", "area_m2", "declared_area_m2", "parts", "points", "line"]
    return {
        "format": reading.format,
        "encoding": reading.encoding,
        "epsg": reading.epsg,
        "datum": reading.datum,
        "axis_order": reading.axis_order,
        "unit": reading.unit,
        "parcels": _rows(table[columns]),
        "decided": _rows(reading.decided),
        "warnings": _rows(reading.warnings),
    }


def said(reading: Reading) -> str:
    """What was read, as a person reads it."""
    from gridmap.formats.parcels.declared import UNITS
    from gridmap.formats.parcels.notes import seen

    table = reading.parcels
    area = table["area_m2"].sum()
    count = f"{len(table)} {'parcel' if len(table) == 1 else 'parcels'}"
    lines = [f"{count}, {area:,.2f} m2 ({area / UNITS['mu']:,.3f} mu)；宗地 {len(table)} 宗，面积 {area:,.2f} 平方米"]
    lines += [f"  {row.what}: {row.value} ({row.why})" for row in reading.decided.itertuples()]
    lines += [f"  {row.id}: {row.area_m2:,.2f} m2, {row.points} points" for row in table.head(20).itertuples()]
    if len(table) > 20:  # noqa: PLR2004 (as many as a person reads; all stand in the JSON)
        lines.append(f"  and {len(table) - 20} more")
    for row in _rows(reading.warnings):
        where = "" if row["line"] is None else f" {row['line']}"
        lines.append(f"  {row['code']}{where}: {row['message']}；{row['message_zh']}")
    return "\n".join(map(seen, lines))


def _rows(table: Any) -> list[dict[str, Any]]:
    """Rows of a table as plain values, missing ones as None."""
    plain = table.astype(object).where(table.notna(), None)
    return [dict(zip(plain.columns, row, strict=True)) for row in plain.itertuples(index=False)]
