"""``gridmap services``: what service places reach in some minutes, and whether that is enough."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from gridmap.cli.given import asked
from gridmap.cli.options import AsJson, Columns, Crs, On
from gridmap.cli.telling import json_text, progress
from gridmap.errors import InputError

if TYPE_CHECKING:
    from gridmap.service.services import Served

app = typer.Typer(no_args_is_help=True, help="What service places reach in some minutes, and whether that is enough.")
#: Minutes of the life circle.
MINUTES = (5.0, 10.0, 15.0)


#: What norms are about.
_NORMS = {
    "share": "households reached",
    "floor": "floor space per 100 households",
    "staff": "staff per 10 000 residents",
}


@app.callback()
def _group() -> None:
    """Keep the name of the one command."""


@app.command("coverage")
def services_coverage(
    out: Annotated[Path, typer.Option(help="The file that is written: .gpkg with all layers; others hold the first.")],
    places: Annotated[Path | None, typer.Option(help="Service places, with kind; the record's if left out.")] = None,
    streets: Annotated[Path | None, typer.Option(help="Streets; the record's if left out.")] = None,
    areas: Annotated[Path | None, typer.Option(help="Areas: households, floor space and staff of each.")] = None,
    buildings: Annotated[Path | None, typer.Option(help="Buildings with their households: who is reached.")] = None,
    minutes: Annotated[str, typer.Option(help="How long the way may take; several as in 5,10,15.")] = "5,10,15",
    mode: Annotated[Literal["foot", "e-bike", "car"], typer.Option(help="How people go.")] = "foot",
    on: On = None,
    crs: Crs = None,
    column: Columns = None,
    as_json: AsJson = False,
) -> None:
    """Tell what service places reach along streets, by kind and minutes, and who is reached, beside the norms.

    Layers: polygons (ground, streets and households reached, by kind and minutes), areas (households reached, floor
    space per 100 households, staff per 10 000 residents, and whether the norms are kept), places.
    """
    from gridmap import formats
    from gridmap.service.grids import write_grids
    from gridmap.service.services import serve

    formats.refuse_unwritable(out)
    times = minutes_of(minutes)
    with asked(on, crs, column, record_if=places is None or streets is None) as given:
        tables: dict[str, Any] = {
            "places": given.need("places", places),
            "streets": given.need("streets", streets),
            "areas": given.find("areas", areas, mend=True),
            "buildings": given.find("buildings", buildings, mend=True),
        }
    with progress("services"):
        served = serve(**tables, minutes=times, mode=mode)
    write_grids(served.layers, out)
    typer.echo(json_text(served.report | _rows(served)) if as_json else said(served))


def minutes_of(text: str) -> tuple[float, ...]:
    """Minutes as they are written: one number, or several with commas."""
    try:
        found = tuple(sorted({float(part) for part in text.split(",")}))
    except ValueError:
        found = ()
    if not found or found[0] <= 0:
        raise InputError(f"--minutes {text}", expected="minutes above 0, such as 15 or 5,10,15")
    return found


def said(served: Served) -> str:
    """The report as lines for a screen."""
    from gridmap.cli.patrols_told import columns_said, share_said

    report = served.report
    cells = [("kind", "minutes", "places", "streets", "households")]
    cells += [
        (
            str(row["kind"]),
            f"{row['minutes']:g}",
            str(row["places"]),
            share_said(row["share"]),
            share_said(row["share_households"]),
        )
        for row in report["reached"]
    ]
    lines = [
        f"{report['places']} places, {report['off_streets']} too far from any street",
        *columns_said(cells, "lrrrr"),
    ]
    for name, counts in report.get("norms", {}).items():
        told = f"{counts['kept']} keep it, {counts['below']} do not, {counts['not_known']} are not known"
        lines.append(f"norm of {_NORMS[name]}: {counts['areas']} areas have one; {told}")
    return "\n".join(lines)


def _rows(served: Served) -> dict[str, Any]:
    """The rows of every layer, without shapes."""
    from gridmap.service.camera_layers import plain

    return {name: plain(table.drop(columns="geometry")) for name, table in served.layers.items() if name != "places"}
