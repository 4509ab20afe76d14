"""``gridmap parcels georeference``: a scan and its control points become a picture on the ground, with its error."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from gridmap.cli.options import AsJson
from gridmap.cli.telling import json_text, progress

if TYPE_CHECKING:
    from gridmap.imagery import Georeferenced

Image = Annotated[Path, typer.Argument(help="The scan: PNG, JPEG or TIFF.")]
Points = Annotated[
    Path | None,
    typer.Option(help="Control points: pixel, line, x, y; or QGIS, ArcGIS, GDAL, IIIF. The TIFF's own if left out."),
]
Method = Annotated[
    Literal["order1", "order2", "order3", "tps"] | None,
    typer.Option(help="How to warp; if left out, what the points say, else what errs least."),
]
PointsCrs = Annotated[
    str | None, typer.Option("--crs", help="CRS of x and y where the points state none: EPSG code, GCJ-02 or BD-09.")
]
Out = Annotated[Path | None, typer.Option(help="The cloud-optimised GeoTIFF that is written; nothing if left out.")]
Counted = Annotated[
    Literal["shown", "stored"] | None,
    typer.Option(
        "--pixels",
        help="Whether pixel and line count in the picture as viewers turn it by its EXIF, or as it is stored; "
        "if left out, QGIS, ArcGIS and GDAL points count as stored, others as shown.",
    ),
]
Item = Annotated[str | None, typer.Option(help="Which map of an annotation page: position from 1, or id.")]


def parcels_georeference(
    image: Image,
    points: Points = None,
    out: Out = None,
    method: Method = None,
    crs: PointsCrs = None,
    item: Item = None,
    pixels: Counted = None,
    as_json: AsJson = False,
) -> None:
    """Lay a scan on the ground by its control points, and tell how wrong it is with each point left out.

    Status 1: the points have faults. Those that forbid a warp (too few, on one line, twice the same, off the scan,
    upside down) leave no file; with the others (an outlier, a fold, distortion) it is written, not fit to measure on.
    """
    from gridmap.imagery import georeference, read_control_points

    given = None if points is None else replace(read_control_points(points, item=item), counted=pixels)
    with progress("warp the scan"):
        found = georeference(image, given, method=method, crs=crs, out=out)
    typer.echo(json_text(_rows(found)) if as_json else _said(found))
    if not found.fit:
        raise typer.Exit(1)


def _rows(found: Georeferenced) -> dict[str, Any]:
    """The result as JSON has it."""
    columns = ["name", "pixel", "line", "x", "y", "residual_m", "leave_one_out_m"]
    return {
        "method": found.method,
        "residual_m": _number(found.residual_m),
        "leave_one_out_m": _number(found.leave_one_out_m),
        "drawn_off_m": _number(found.drawn_off_m),
        "points": [
            {name: _number(value) for name, value in row.items()}
            for row in found.points[columns].to_dict(orient="records")
        ],
        "faults": found.faults.assign(points=found.faults["points"].map(list)).to_dict(orient="records"),
        "decided": found.decided.to_dict(orient="records"),
        "crs": found.crs,
        "pixel_m": found.frame.pixel_m if found.frame else None,
        "sha256": found.sha256,
        "gdal": found.gdal,
        "out": None if found.out is None else str(found.out),
    }


def _number(value: Any) -> Any:
    """A number, or nothing for one that nobody knows."""
    return None if isinstance(value, float) and value != value else value  # noqa: PLR0124 - NaN alone differs from itself


def _said(found: Georeferenced) -> str:
    """The result as a person reads it."""
    lines = [f"{found.method}, {len(found.points)} points, {found.crs or '?'}"]
    if found.frame is not None:
        lines.append(f"  residual 残差 {found.residual_m:.2f} m")
        unknown = "unknown: no point can be left out 未知：没有多余控制点"
        known = _number(found.leave_one_out_m) is not None
        lines.append(f"  leave-one-out error 留一误差 {f'{found.leave_one_out_m:.2f} m' if known else unknown}")
    names = found.points["name"].tolist()
    for fault in found.faults.to_dict(orient="records"):
        where = f" ({', '.join(names[place] for place in fault['points'])})" if fault["points"] else ""
        lines.append(f"  {fault['severity']} {fault['code']}{where}: {fault['message']} {fault['message_zh']}")
    lines += [f"  {row.what}: {row.value} ({row.why})" for row in found.decided.itertuples(index=False)]
    lines.append(f"  written to {found.out}" if found.out else "  nothing was written")
    return "\n".join(lines)
