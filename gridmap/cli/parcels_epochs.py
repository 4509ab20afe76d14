"""``gridmap parcels epochs``: what became of each parcel between dated surveys."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gridmap.cli.given import asked
from gridmap.cli.options import AsJson, Columns, Crs
from gridmap.cli.telling import json_text

if TYPE_CHECKING:
    import geopandas as gpd

    from gridmap.cli.given import Given
    from gridmap.service.parcel_epochs import Lineage

#: Findings of a kind that are said on a screen.
_SHOWN = 5


def parcels_epochs(
    old: Annotated[Path, typer.Option(help="Parcels as they were: id and polygon, or a file of `parcels read`.")],
    new: Annotated[Path, typer.Option(help="Parcels as they are.")],
    out: Annotated[Path, typer.Option(help="The file that is written: .gpkg with all layers; others hold the first.")],
    chain: Annotated[
        list[Path] | None,
        typer.Option(help="Epochs between the two, in order of time; repeat. Each is compared with the next."),
    ] = None,
    noise: Annotated[
        float, typer.Option(min=0, help="Metres that one border may lie off for being measured or generalised anew.")
    ] = 0.2,
    least: Annotated[float, typer.Option(min=0, help="m2 below which common ground is none; it is booked.")] = 1.0,
    crs: Crs = None,
    column: Columns = None,
    as_json: AsJson = False,
) -> None:
    """Tell what became of each parcel: unchanged, renamed, adjusted, split, merge, complex, created, abolished.

    Layers: epochs (old, new, kind, share_old, share_new, area_m2, event, descends), findings, ledger, dropped.
    """
    from gridmap import formats
    from gridmap.disputes.lineage import LineageLimits
    from gridmap.service.grids import write_grids
    from gridmap.service.parcel_epochs import lineage_of

    formats.refuse_unwritable(out)
    with asked(None, crs, column, record_if=False, dated=False) as given:
        tables = [_parcels(given, path) for path in (old, *(chain or ()), new)]
    found = lineage_of(tables, limits=LineageLimits(tolerance_m=noise, least_m2=least))
    write_grids(found.layers, out)
    typer.echo(json_text(found.report) if as_json else said(found))


def _parcels(given: Given, path: Path) -> gpd.GeoDataFrame:
    """The parcels of a file, whoever wrote it."""
    from gridmap.service.parcel_epochs import TOLD_AS_FINDINGS, surveyed

    table = surveyed(path, crs=given.crs, columns=given.columns)
    if table is None:
        return given.read("parcels", path, tolerate=TOLD_AS_FINDINGS)
    given.warn("parcels", table)
    return table


def said(found: Lineage) -> str:
    """The report as lines for a screen."""
    report = found.report
    lines = [f"{kind:<10} {number:>7}" for kind, number in report["events"].items()]
    lines.append(
        f"noise up to {report['noise_m']:g} m; {report['dropped']} parts dropped, {report['dropped_m2']:.1f} m2 in all"
    )
    lines.append(f"areas balance within {report['worst_error_share']:.1e} of each parcel")
    for code in dict.fromkeys(row["code"] for row in report["findings"]):
        rows = [row for row in report["findings"] if row["code"] == code]
        lines.append(f"{code}: {len(rows)}")
        lines += [f"  {row['message']}" for row in rows[:_SHOWN]]
        if len(rows) > _SHOWN:
            lines.append(f"  and {len(rows) - _SHOWN} more: --json or the file has all")
    return "\n".join(lines)
