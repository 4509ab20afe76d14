"""``gridmap patrols``: which streets were walked, when and by whom, who is nearest, and which round is owed."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from gridmap.cli import patrols_given as work
from gridmap.cli.cameras import refuse_unwritable_page
from gridmap.cli.cameras_told import on_sheets
from gridmap.cli.given import asked
from gridmap.cli.options import AsJson, Columns, Crs, On
from gridmap.cli.patrols_reach import patrols_rings
from gridmap.cli.patrols_review import patrols_release, patrols_settle
from gridmap.cli.patrols_told import covered_said, matched_said, nearest_said, routed_said
from gridmap.cli.telling import json_text, progress

app = typer.Typer(no_args_is_help=True, help="Which streets were walked, when, and which round is owed.")

Tracks = Annotated[
    list[Path] | None,
    typer.Option("--tracks", help="Fixes: CSV, GPX, JSON lines, Parquet, any size; repeat. The record's if left out."),
]
Streets = Annotated[Path | None, typer.Option(help="Streets; the record's if left out.")]
Areas = Annotated[Path | None, typer.Option(help="Areas: the share of their streets that was walked, shift by shift.")]
Checkpoints = Annotated[
    Path | None,
    typer.Option(help="Points to sign in at, with their hours. Fixes are then all kept in memory: 0.5 GB a million."),
]
Signins = Annotated[
    Path | None, typer.Option(help="Scans at checkpoints; if left out, tracks that pass a point stand in for them.")
]
Buildings = Annotated[Path | None, typer.Option(help="Buildings, which hide the ground from cameras.")]
Cameras = Annotated[
    Path | None, typer.Option(help="Cameras: also tell the streets that neither a patrol nor a camera covers.")
]
Since = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Shifts that begin on this day or later.")]
Until = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Shifts that begin on this day or before it.")
]
Now = Annotated[
    str | None, typer.Option(help="The moment asked about, with its zone; that of the last fix if left out.")
]
AcceptHeld = Annotated[
    bool, typer.Option("--accept-held", help="Credit tracks that are held for review: somebody has looked at them.")
]
Limits = Annotated[
    list[str] | None,
    typer.Option("--limit", help="name=number, how fixes are cleaned: fastest_m_s=30 gap_s=600 for cars; repeat."),
]
Out = Annotated[Path, typer.Option(help="The file that is written: .gpkg with all layers; others hold the first.")]
Mode = Annotated[Literal["foot", "e-bike", "car"], typer.Option(help="How they get along, one-way streets both ways.")]


@app.command("match")
def patrols_match(
    out: Out,
    tracks: Tracks = None,
    streets: Streets = None,
    since: Since = None,
    until: Until = None,
    accept_held: AcceptHeld = False,
    limit: Limits = None,
    on: On = None,
    crs: Crs = None,
    column: Columns = None,
    as_json: AsJson = False,
) -> None:
    """Tell on which street each fix lies, and which stretches of street were walked.

    Layers: fixes (post, time, street, along_m, offset_m, ...), walked (post, shift, street, from_m, to_m, start, end,
    class, ...), waterfall, held, notes. Nothing is credited inside a gap. Status 1: a track is held for review.
    """
    from gridmap import formats
    from gridmap.service.grids import write_grids
    from gridmap.service.patrols import match_layers, match_report

    formats.refuse_unwritable(out)
    files = {"tracks": tracks, "streets": streets}
    with asked(on or until, crs, column, record_if=work.from_record(files)) as given:
        what = work.question(since=since, until=until, now=None, accept_held=accept_held, limits=limit)
        ways = work.layer(given, "streets", streets, need=True)
        fixes = work.taken(given, tracks, what, by="patrols match")
    found = work.on_streets(fixes, {"streets": ways}, what)
    write_grids(match_layers(found, ways), out)
    report = match_report(found)
    typer.echo(json_text(report) if as_json else matched_said(report))
    work.end(found.held, accept_held=accept_held)


@app.command("coverage")
def patrols_coverage(
    out: Out,
    tracks: Tracks = None,
    streets: Streets = None,
    areas: Areas = None,
    checkpoints: Checkpoints = None,
    signins: Signins = None,
    buildings: Buildings = None,
    cameras: Cameras = None,
    since: Since = None,
    until: Until = None,
    now: Now = None,
    page: Annotated[Path | None, typer.Option("--map", help="Also draw a self-contained map page, .html.")] = None,
    accept_held: AcceptHeld = False,
    limit: Limits = None,
    lang: Annotated[Literal["zh", "en"], typer.Option(help="Language of the page.")] = "zh",
    on: On = None,
    crs: Crs = None,
    column: Columns = None,
    as_json: AsJson = False,
) -> None:
    """Tell which streets were walked, how much of each area in which shift, and what nobody knows.

    Layers: streets, areas, walked, signins, completion, lists, waterfall, quality, held, notes: those of areas and
    checkpoints where these are given. Status 1: a track is held for review, and not credited.
    """
    from gridmap import formats
    from gridmap.service.grids import write_grids

    formats.refuse_unwritable(out)
    if page is not None:
        refuse_unwritable_page(page)
    files = {"tracks": tracks, "streets": streets, "areas": areas, "checkpoints": checkpoints, "signins": signins}
    files |= {"buildings": buildings, "cameras": cameras}
    with asked(on or until, crs, column, record_if=work.from_record(files)) as given:
        what = work.question(since=since, until=until, now=now, accept_held=accept_held, limits=limit)
        found = work.ground(given, files, what, by="patrols coverage")
    covered, tables = work.surveyed(found), found.tables
    write_grids(on_sheets(covered.layers) if out.suffix.lower() == ".xlsx" else covered.layers, out)
    if page is not None:
        from gridmap import maps

        layers = {name: tables[name] for name in ("streets", "areas", "buildings")}
        maps.write_page(maps.patrols(work.walked_of(covered, tables, lang), **layers, lang=lang), page)
    typer.echo(json_text(work.rows_of(covered)) if as_json else covered_said(covered))
    work.end(covered.found.held, accept_held=accept_held)


@app.command("route")
def patrols_route(
    out: Out,
    start: Annotated[str, typer.Option(help="Where the round begins and ends: LON,LAT.")],
    minutes: Annotated[float | None, typer.Option(help="How long the round may take.")] = None,
    streets: Streets = None,
    overdue: Annotated[
        Path | None, typer.Option(help="What is owed: what `patrols coverage` wrote, or a table of street and weight.")
    ] = None,
    checkpoints: Annotated[
        Path | None, typer.Option(help="Points to sign in at on the way, within their hours.")
    ] = None,
    whole: Annotated[bool, typer.Option("--all", help="Every street once and home, however long it takes.")] = False,
    required: Annotated[
        Path | None, typer.Option(help="A table of ids of streets: the shortest round along these.")
    ] = None,
    begins: Annotated[str, typer.Option(help="Time of day at which the shift begins, HH:MM.")] = "08:00",
    mode: Mode = "foot",
    on: On = None,
    crs: Crs = None,
    column: Columns = None,
    as_json: AsJson = False,
) -> None:
    """Plan the round of a shift: the streets that are owed most in the minutes there are, home in time.

    Without --overdue it is the record that says what is owed; of files every street is then owed its metres.
    Layers: route (the way), stops (its streets in order), signins. A .gpx is for a phone. With --all, or --required,
    the shortest round of inspection. Status 1: some streets that were asked for cannot be reached.
    """
    from gridmap import formats
    from gridmap.drafts import refuse_missing_folder
    from gridmap.service.patrols import routing

    if out.suffix.lower() == ".gpx":
        refuse_missing_folder(out)
    else:
        formats.refuse_unwritable(out)
    with asked(on, crs, column, record_if=streets is None) as given:
        ways = work.layer(given, "streets", streets, need=True)
        spots = None if checkpoints is None else work.layer(given, "checkpoints", checkpoints)
        owed = work.owed(given, overdue, asked_for=minutes is not None and streets is None)
    wanted = routing.Wanted(
        start=work.place(start, "--start"),
        minutes=minutes,
        whole=whole,
        required=None if required is None else routing.read_required(required),
        owed=owed,
        begins=begins,
        mode=mode,
    )
    with progress("plan a round"):
        made = routing.routed(ways, wanted, checkpoints=spots)
    routing.write_round(made, ways, out)
    typer.echo(json_text(routing.round_rows(made)) if as_json else routed_said(made))
    if made.unreachable:
        raise typer.Exit(1)


@app.command("nearest")
def patrols_nearest(
    at: Annotated[str, typer.Option(help="Where the alert is: LON,LAT.")],
    streets: Streets = None,
    fixes: Annotated[
        list[Path] | None, typer.Option(help="Fixes, the last of each post counts; the record's if left out.")
    ] = None,
    n: Annotated[int, typer.Option("-n", min=1, help="How many posts to send.")] = 5,
    now: Annotated[
        str | None,
        typer.Option(help="The moment of the alert, with its zone; of a file its last fix, of the record this moment."),
    ] = None,
    mode: Mode = "foot",
    most_age: Annotated[
        float, typer.Option("--most-age", help="Seconds beyond which a position is too old to count on.")
    ] = 300.0,
    on: On = None,
    crs: Crs = None,
    column: Columns = None,
    as_json: AsJson = False,
) -> None:
    """Tell which posts are first at an alert along streets, and why the others are not sent. Status 1: nobody is."""
    import pandas as pd

    from gridmap.network import Dispatch, nearest

    files = {"tracks": fixes, "streets": streets}
    with asked(on, crs, column, record_if=work.from_record(files)) as given:
        ways = work.layer(given, "streets", streets, need=True)
        moment = None if now is None else work.moment(now)
        if moment is None and not fixes:
            moment = pd.Timestamp.now(tz="UTC")
        known = work.posts(given, fixes, moment, most_age_s=most_age, by="patrols nearest")
    dispatch = Dispatch(mode=mode, most_age_s=most_age)
    found = nearest(known, ways, work.place(at, "--at"), n=n, now=moment, dispatch=dispatch)
    typer.echo(json_text(work.rows(found)) if as_json else nearest_said(found))
    if not found["chosen"].any():
        raise typer.Exit(1)


app.command("rings")(patrols_rings)
app.command("settle")(patrols_settle)
app.command("release")(patrols_release)
