"""``gridmap patrols rings``: how much of the streets posts on duty reach within some minutes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from gridmap.cli import patrols_given as work
from gridmap.cli.given import asked
from gridmap.cli.options import AsJson, Columns, Crs, On
from gridmap.cli.telling import json_text

if TYPE_CHECKING:
    from gridmap.network.rings import Rings


def patrols_rings(
    out: Annotated[
        Path | None, typer.Option(help="Also write the rings: .gpkg with layers rings and streets; others the first.")
    ] = None,
    streets: Annotated[Path | None, typer.Option(help="Streets; the record's if left out.")] = None,
    fixes: Annotated[
        list[Path] | None, typer.Option(help="Fixes, the last of each post counts; the record's if left out.")
    ] = None,
    buildings: Annotated[
        Path | None, typer.Option(help="Buildings with their households: also the share of these that is reached.")
    ] = None,
    minutes: Annotated[list[float] | None, typer.Option(help="A ring; repeat. 1, 3 and 5 if left out.")] = None,
    now: Annotated[
        str | None,
        typer.Option(help="The moment, with its zone; of a file its last fix, of the record this moment."),
    ] = None,
    mode: Annotated[
        Literal["foot", "e-bike", "car"], typer.Option(help="How they get along, one-way streets both ways.")
    ] = "foot",
    most_age: Annotated[
        float, typer.Option("--most-age", help="Seconds beyond which a position is too old to count on.")
    ] = 300.0,
    on: On = None,
    crs: Crs = None,
    column: Columns = None,
    as_json: AsJson = False,
) -> None:
    """Tell how much of the streets, and of the households, posts reach in 1, 3 and 5 minutes. Status 1: nobody can go.

    What one post alone reaches stands beside: nobody comes there when that post is busy. Layers: rings (minutes, posts,
    length_m, reached_m, share, sole_m, share_sole, households, ...), streets (street, minutes, reached_m, sole_m).
    """
    import pandas as pd

    from gridmap import formats
    from gridmap.network import Dispatch, rings
    from gridmap.network.rings import MINUTES
    from gridmap.service.grids import write_grids

    if out is not None:
        formats.refuse_unwritable(out)
    with asked(on, crs, column, record_if=work.from_record({"tracks": fixes, "streets": streets})) as given:
        ways = work.layer(given, "streets", streets, need=True)
        houses = None if buildings is None else work.layer(given, "buildings", buildings, mend=True)
        moment = None if now is None else work.moment(now)
        if moment is None and not fixes:
            moment = pd.Timestamp.now(tz="UTC")
        known = work.posts(given, fixes, moment, most_age_s=most_age, by="patrols rings")
    dispatch = Dispatch(mode=mode, most_age_s=most_age)
    found = rings(known, ways, minutes or MINUTES, buildings=houses, now=moment, dispatch=dispatch)
    reached = found.streets.assign(street=ways["id"].to_numpy()[found.streets["street"].to_numpy()])
    if out is not None:
        write_grids({"rings": found.rings, "streets": reached}, out)
    told = {"rings": work.rows(found.rings), "streets": work.rows(reached)}
    typer.echo(json_text(told) if as_json else _said(found))
    if not found.rings["posts"].max():
        raise typer.Exit(1)


def _said(found: Rings) -> str:
    """The rings, as lines."""
    import pandas as pd

    lines = [f"{int(found.rings['posts'].max())} posts can be sent"]
    for ring in found.rings.drop(columns="geometry").to_dict("records"):
        line = f"{ring['minutes']:g} min: {ring['share']:.1%} of {ring['length_m'] / 1000:,.1f} km of street"
        line += f", {ring['share_sole']:.1%} by one post only"
        if pd.notna(ring["households"]):
            line += f"; {ring['share_households']:.1%} of {ring['households']:,.0f} households"
        lines.append(line)
    return "\n".join(lines)
