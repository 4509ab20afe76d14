"""``gridmap parcels epochs``: what became of each parcel between dated surveys."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gridmap.cli.given import asked
from gridmap.cli.options import AsJson, Columns, Crs, On, the_day
from gridmap.cli.telling import json_text

if TYPE_CHECKING:
    import geopandas as gpd

    from gridmap.cli.given import Given

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
    agreed: Annotated[
        Path | None,
        typer.Option(help="Lines agreed along a river: id, date (1953~, 195X, 1985-06-01). They stay where they are."),
    ] = None,
    river: Annotated[Path | None, typer.Option(help="That river on the day --on: lines or polygons.")] = None,
    on: On = None,
    crs: Crs = None,
    column: Columns = None,
    as_json: AsJson = False,
) -> None:
    """Tell what became of each parcel: unchanged, renamed, adjusted, split, merge, complex, created, abolished.

    Layers: epochs (old, new, kind, share_old, share_new, area_m2, event, descends), findings, ledger, dropped, and with
    --agreed and --river rivers: how far the river has left each line, which stays where it was agreed.
    """
    from gridmap import formats
    from gridmap.disputes.lineage import LineageLimits
    from gridmap.errors import InputError
    from gridmap.service.grids import write_grids
    from gridmap.service.parcel_epochs import lineage_of, river_lines

    formats.refuse_unwritable(out)
    if (agreed is None) != (river is None):
        raise InputError("one of --agreed and --river alone", expected="both, or neither")
    with asked(None, crs, column, record_if=False, dated=False) as given:
        tables = [_parcels(given, path) for path in (old, *(chain or ()), new)]
        rivers = None
        if agreed is not None and river is not None:
            rivers = river_lines(agreed, river, on=the_day(on), crs=given.crs, columns=given.columns)
    found = lineage_of(tables, limits=LineageLimits(tolerance_m=noise, least_m2=least), rivers=rivers)
    write_grids(found.layers, out)
    typer.echo(json_text(found.answer()) if as_json else f"{said(found.report)}\nwritten to {out} 已写入")


def _parcels(given: Given, path: Path) -> gpd.GeoDataFrame:
    """The parcels of a file, whoever wrote it."""
    from gridmap.service.parcel_epochs import TOLD_AS_FINDINGS, surveyed

    table = surveyed(path, crs=given.crs, columns=given.columns)
    if table is None:
        return given.read("parcels", path, tolerate=TOLD_AS_FINDINGS)
    given.warn("parcels", table)
    return table


def said(report: dict[str, Any]) -> str:
    """The report as lines for a screen, in English and Chinese."""
    from gridmap.plans.words import KINDS

    lines = [f"{kind:<10} {number:>7}  {KINDS[kind][0]}" for kind, number in report["events"].items()]
    count, area, noise = report["dropped"], report["dropped_m2"], report["noise_m"]
    lines += [
        (
            f"borders within {noise:g} m are the same; {count} slivers, {area:.1f} m2, were left out and booked"
            f"  界线相差 {noise:g} 米以内视为未变，略去碎片 {count} 处，共 {area:.1f} 平方米，已入账"
        ),
        (
            f"the ground of every parcel is accounted for, to {report['worst_error_share']:.0e} of it"
            "  各宗地的土地去向均已入账"
        ),
    ]
    for code in dict.fromkeys(row["code"] for row in report["findings"]):
        rows = [row for row in report["findings"] if row["code"] == code]
        lines += [f"{code}: {len(rows)}", *_both(rows[:_SHOWN])]
        if len(rows) > _SHOWN:
            lines.append(f"  and {len(rows) - _SHOWN} more: --json or the file has all  其余见文件")
    return "\n".join([*lines, *_both(report.get("rivers", ()))])


def _both(rows: Iterable[dict[str, Any]]) -> list[str]:
    """What rows say, in both languages."""
    return [f"  {row['message']}  {row['message_zh']}" for row in rows]
