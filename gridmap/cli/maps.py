"""``gridmap maps``: self-contained map pages."""

from __future__ import annotations

from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from gridmap.cli import cameras as seeing
from gridmap.cli import patrols as walking
from gridmap.cli import patrols_given as work
from gridmap.cli.given import asked
from gridmap.cli.maps_disputes import maps_disputes
from gridmap.cli.opening import open_territory
from gridmap.cli.options import Columns, Crs, On, mapped, the_day
from gridmap.errors import InputError

if TYPE_CHECKING:
    import geopandas as gpd


app = typer.Typer(no_args_is_help=True, help="Self-contained map pages.")
app.command("disputes")(maps_disputes)


@app.command("grids")
def maps_grids(
    out: Annotated[Path, typer.Option(help="The page, .html.")],
    areas: Annotated[Path | None, typer.Option(help="Areas; the record's if left out.")] = None,
    old: Annotated[
        str | None, typer.Option(help="Areas before, shown beside them: a file, or a day of the record.")
    ] = None,
    buildings: Annotated[Path | None, typer.Option(help="Buildings to count and to draw.")] = None,
    streets: Annotated[Path | None, typer.Option(help="Streets, rivers and railways to draw.")] = None,
    places: Annotated[Path | None, typer.Option(help="Service places: staff, floor space, way to them.")] = None,
    findings: Annotated[Path | None, typer.Option(help="What `gridmap grids check --out` wrote.")] = None,
    by: Annotated[str | None, typer.Option(help="Shown first: households, compactness, ..., norms or change.")] = None,
    level: Annotated[str | None, typer.Option(help="Shown first: grid, community, ...")] = None,
    on: On = None,
    title: Annotated[str, typer.Option(help="Title of the page.")] = "",
    lang: Annotated[str, typer.Option(help="zh or en.")] = "zh",
    crs: Crs = None,
    column: Columns = None,
) -> None:
    """Draw the areas as one self-contained page: figures beside norms, and what a plan changes."""
    from gridmap import formats, service
    from gridmap import maps as pages
    from gridmap.frames.validity import in_force

    files = {"areas": areas, "buildings": buildings, "streets": streets, "places": places}
    tables = service.read_tables(files, columns=mapped(column), crs=crs)
    if "areas" not in tables:
        tables["areas"] = _recorded(the_day(on))
    tables["areas"] = in_force(tables["areas"], the_day(on))
    before, before_on = (None, None) if old is None else _before(old, crs=crs, column=column)
    page = pages.grids(
        **tables,
        old=before,
        findings=None if findings is None else formats.read(findings, crs=crs),
        by=by,
        level=level,
        title=title,
        lang=lang,
        on=the_day(on),
        old_on=before_on,
    )
    pages.write_page(page, out)


@app.command("cameras")
def maps_cameras(
    out: Annotated[Path, typer.Option(help="The page, .html.")],
    cameras: seeing.Cameras = None,
    buildings: seeing.Buildings = None,
    areas: seeing.Areas = None,
    streets: seeing.Streets = None,
    old: Annotated[
        str | None, typer.Option(help="Shown beside it: a day on which the same is asked, or a file of other cameras.")
    ] = None,
    status: seeing.Status = "online",
    profile: seeing.ProfileName = "dori",
    open_ground: seeing.OpenGround = False,
    shares_only: Annotated[
        bool, typer.Option("--shares-only", help="Without anything that tells where cameras stand; needs areas.")
    ] = False,
    by: Annotated[
        str | None, typer.Option(help="Areas shaded at first by ground seen: recognise, find, detect, seen, none.")
    ] = None,
    level: Annotated[str | None, typer.Option(help="Shown first: grid, community, ...")] = None,
    on: On = None,
    title: Annotated[str, typer.Option(help="Title of the page.")] = "",
    lang: Annotated[Literal["zh", "en"], typer.Option(help="zh or en.")] = "zh",
    crs: Crs = None,
    column: Columns = None,
) -> None:
    """Draw what cameras see as one self-contained page: ground by band, blind streets, shares of areas."""
    from gridmap import maps as pages

    seeing.refuse_unwritable_page(out)
    files = {"cameras": cameras, "buildings": buildings, "areas": areas, "streets": streets}
    with asked(on, crs, column, record_if=seeing.from_record(files, open_ground=open_ground)) as given:
        what = seeing.question(given, status=status, profile=profile)
        survey = partial(seeing.surveyed, lang=lang, open_ground=open_ground)
        tables, seen = survey(given, files, what)
        before = None if old is None else survey(*seeing.before(given, files, what, old=old))[1]
    page = pages.cameras(
        seen,
        areas=tables["areas"],
        streets=tables["streets"],
        buildings=tables["buildings"],
        old=before,
        exact=not shares_only,
        by=by,
        level=level,
        title=title,
        lang=lang,
    )
    pages.write_page(page, out)


@app.command("patrols")
def maps_patrols(
    out: Annotated[Path, typer.Option(help="The page, .html.")],
    tracks: walking.Tracks = None,
    streets: walking.Streets = None,
    areas: walking.Areas = None,
    checkpoints: walking.Checkpoints = None,
    signins: walking.Signins = None,
    buildings: walking.Buildings = None,
    cameras: walking.Cameras = None,
    since: walking.Since = None,
    until: walking.Until = None,
    now: walking.Now = None,
    old: Annotated[
        str | None,
        typer.Option(help="Shown beside it: a day, two as in 2024-04-01..2024-04-30, or a file of other fixes."),
    ] = None,
    accept_held: walking.AcceptHeld = False,
    shares_only: Annotated[
        bool, typer.Option("--shares-only", help="Without anything that tells where posts were; needs areas.")
    ] = False,
    by: Annotated[Literal["class", "age"] | None, typer.Option(help="How streets are coloured at first.")] = None,
    level: Annotated[str | None, typer.Option(help="Shown first: grid, community, ...")] = None,
    on: On = None,
    title: Annotated[str, typer.Option(help="Title of the page.")] = "",
    lang: Annotated[Literal["zh", "en"], typer.Option(help="zh or en.")] = "zh",
    crs: Crs = None,
    column: Columns = None,
) -> None:
    """Draw what was walked as one self-contained page with a slider over the shifts. Status 1: a track is held."""
    from gridmap import maps as pages

    seeing.refuse_unwritable_page(out)
    files = {"tracks": tracks, "streets": streets, "areas": areas, "checkpoints": checkpoints, "signins": signins}
    files |= {"buildings": buildings, "cameras": cameras}
    with asked(on or until, crs, column, record_if=work.from_record(files)) as given:
        what = work.question(since=since, until=until, now=now, accept_held=accept_held)
        found = work.ground(given, files, what, by="maps patrols")
        if shares_only and found.tables["areas"] is None:
            raise InputError("--shares-only without areas", do="name a file: --areas FILE")
        covered, tables = work.surveyed(found), found.tables
        before = None if old is None else work.earlier(given, files, found, old, by="maps patrols")
    page = pages.patrols(
        work.walked_of(covered, tables, lang),
        streets=tables["streets"],
        areas=tables["areas"],
        buildings=tables["buildings"],
        old=None if before is None else work.walked_of(before, tables, lang),
        exact=not shares_only,
        by=by,
        level=level,
        title=title,
        lang=lang,
    )
    pages.write_page(page, out)
    work.end(covered.found.held, accept_held=accept_held)


def _recorded(on: date) -> gpd.GeoDataFrame:
    """The areas of the record that are in force on a day."""
    with open_territory({}, on=on) as territory:
        return territory.areas


def _before(old: str, *, crs: str | None, column: list[str] | None) -> tuple[gpd.GeoDataFrame, date | None]:
    """The areas before, and their day where one is given: a file, all of whose rows count, or the record on a day."""
    from gridmap import service

    if not Path(old).exists():
        try:
            day = date.fromisoformat(old)
        except ValueError:
            pass
        else:
            return _recorded(day), day
    return service.read_tables({"areas": Path(old)}, columns=mapped(column), crs=crs)["areas"], None
