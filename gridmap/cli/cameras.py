"""``gridmap cameras``: what cameras see, band by band, and where the next ones do most."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from gridmap.cli.cameras_told import on_sheets, placed, proposed, rows_of, said
from gridmap.cli.given import Given, asked
from gridmap.cli.opening import actor
from gridmap.cli.options import AsJson, Columns, Crs, On
from gridmap.cli.telling import json_text, progress
from gridmap.drafts import refuse_missing_folder
from gridmap.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from gridmap.maps import Seen
    from gridmap.service.cameras import Asked, Covered

app = typer.Typer(no_args_is_help=True, help="What cameras see, band by band, and where the next ones do most.")

Cameras = Annotated[
    Path | None,
    typer.Option(help="Cameras: a table, OpenStreetMap, or a GB/T 28181 catalogue; the record's if left out."),
]
Buildings = Annotated[Path | None, typer.Option(help="Buildings that hide the ground; the record's if left out.")]
Streets = Annotated[Path | None, typer.Option(help="Streets: their metres that are seen, and those that nobody sees.")]
Places = Annotated[
    Path | None,
    typer.Option(help="Entrances, checkpoints, key places, with an id: which cameras see each, and the share seen."),
]
Old = Annotated[
    str | None,
    typer.Option(help="What was gained and lost since: a day on which the same is asked, or a file of other cameras."),
]
Areas = Annotated[Path | None, typer.Option(help="Areas: the shares of their ground that are seen.")]
Status = Annotated[
    Literal["online", "all"], typer.Option(help="online: what is seen now; all: if every camera worked.")
]
ProfileName = Annotated[
    Literal["dori", "oodpcvs"], typer.Option("--profile", help="Pixel densities: IEC 62676-4 of 2014 or of 2025.")
]
Band = Annotated[Literal["recognise", "find", "detect", "seen"], typer.Option(help="In this band or a better one.")]
Night = Annotated[bool, typer.Option("--night", help="By night: as far as lamps and infrared light reach.")]
Reach = Annotated[bool, typer.Option("--reach", help="Turning cameras with all they can reach, not their preset view.")]
OpenGround = Annotated[
    bool, typer.Option("--open-ground", help="Without buildings: as if nothing hid the ground, which is then said.")
]
Out = Annotated[Path, typer.Option(help="The file that is written: .gpkg with all layers, .geojson, .csv or .xlsx.")]


@app.command("coverage")
def cameras_coverage(
    out: Out,
    cameras: Cameras = None,
    buildings: Buildings = None,
    areas: Areas = None,
    streets: Streets = None,
    places: Places = None,
    old: Old = None,
    page: Annotated[Path | None, typer.Option("--map", help="Also draw a self-contained map page, .html.")] = None,
    status: Status = "online",
    profile: ProfileName = "dori",
    band: Band = "seen",
    night: Night = False,
    reach: Reach = False,
    open_ground: OpenGround = False,
    lang: Annotated[Literal["zh", "en"], typer.Option(help="Language of the page.")] = "zh",
    on: On = None,
    crs: Crs = None,
    column: Columns = None,
    as_json: AsJson = False,
) -> None:
    """Tell what cameras see behind buildings: ground, shares of areas, metres of streets, and what nobody sees.

    The layers of the file, those of streets, areas and places where these are given:

    viewsheds: ground by camera, band and certainty; areas: shares of ground; streets: shares of metres;
    depth: metres that at least one, two and three cameras see; blind: stretches that nobody sees;
    losses, street_losses: metres that only this camera sees, or only the cameras of this street;
    places: who sees each, and in which band at best;
    rates: cameras that work, are networked and of high definition, and key places seen, beside their targets;
    changes, street_changes: what was gained and lost since --old; notes: what was assumed, left out, moved or refused.
    """
    from gridmap import formats
    from gridmap.service.cameras import cover
    from gridmap.service.grids import write_grids

    formats.refuse_unwritable(out)
    if page is not None:
        refuse_unwritable_page(page)
    files = {"cameras": cameras, "buildings": buildings, "areas": areas, "streets": streets, "places": places}
    with asked(on, crs, column, record_if=from_record(files, open_ground=open_ground)) as given:
        tables, notes = ground(given, files, need=needed(open_ground=open_ground), by="cameras coverage")
        what = question(given, status=status, profile=profile, band=band, night=night, reach=reach)
        others = None if old is None else earlier(given, files, what, tables, old=old)
    with progress("cameras") as advance:
        then = None if others is None else cover(**others[0], asked=others[1])
        covered = cover(**tables, old=then, asked=what, notes=notes, progress=advance)
    write_grids(on_sheets(covered.layers) if out.suffix.lower() == ".xlsx" else covered.layers, out)
    if page is not None:
        from gridmap import maps

        layers = {name: tables[name] for name in ("areas", "streets", "buildings")}
        maps.write_page(maps.cameras(seen(covered, what, lang), **layers, lang=lang), page)
    typer.echo(json_text(rows_of(covered)) if as_json else said(covered))


@app.command("place")
def cameras_place(
    out: Out,
    count: Annotated[int, typer.Option(min=1, help="How many cameras there are to place.")],
    streets: Streets = None,
    buildings: Buildings = None,
    cameras: Annotated[
        Path | None, typer.Option(help="Cameras that stand already; none does if left out with files.")
    ] = None,
    band: Band = "find",
    profile: ProfileName = "dori",
    must_see: Annotated[
        Path | None, typer.Option("--must-see", help="Places that must be seen: points with an id; before all streets.")
    ] = None,
    budget: Annotated[float | None, typer.Option(help="Most that all may cost; a camera costs 1.")] = None,
    every: Annotated[float, typer.Option(help="Metres between poles along a street.")] = 30.0,
    status: Status = "online",
    on: On = None,
    crs: Crs = None,
    column: Columns = None,
    as_json: AsJson = False,
) -> None:
    """Propose places and headings for further cameras, each with the metres of street that it is the first to see."""
    from gridmap import formats
    from gridmap.service.grids import write_grids
    from gridmap.visibility.cameras.bands import PROFILES
    from gridmap.visibility.placement.placing import Terms, proposal

    formats.refuse_unwritable(out)
    with asked(on, crs, column, record_if=streets is None or buildings is None) as given:
        files = {"cameras": cameras, "buildings": buildings, "streets": streets}
        tables, _ = ground(given, files, need=("buildings", "streets"), by="cameras place")
        wanted = None if must_see is None else given.read("must_see", must_see, promise="checkpoints")
    densities, offline = PROFILES[profile], status == "all"
    terms = Terms(every_m=every, budget=budget, must_see=wanted, profile=densities, offline=offline)
    with progress("place cameras"):
        made = proposal(**tables, count=count, band=band, terms=terms)
    layers = {"places": made.poles, "gains": made.gains} | ({} if wanted is None else {"must_see": made.places})
    write_grids(layers, out)
    typer.echo(json_text(proposed(made)) if as_json else placed(made, band))


def needed(*, open_ground: bool) -> tuple[str, ...]:
    """The layers without which nothing can be told."""
    return ("cameras",) if open_ground else ("cameras", "buildings")


def from_record(files: Mapping[str, Path | None], *, open_ground: bool) -> bool:
    """Whether a layer that is needed is no file."""
    return any(files[layer] is None for layer in needed(open_ground=open_ground))


def question(
    given: Given, *, status: str, profile: str, band: str = "seen", night: bool = False, reach: bool = False
) -> Asked:
    """What is asked, in the words of the service."""
    from gridmap.service.cameras import Asked
    from gridmap.visibility.cameras.bands import PROFILES

    return Asked(on=given.on, offline=status == "all", profile=PROFILES[profile], night=night, reach=reach, band=band)


def ground(
    given: Given, files: Mapping[str, Path | None], *, need: tuple[str, ...], by: str
) -> tuple[dict[str, Any], pd.DataFrame]:
    """The layers that are asked about, and what is noted of the cameras; a look at the record's is audited."""
    from gridmap.service.cameras_reading import WALLS_ALL_THE_SAME, headed

    reading: dict[str, dict[str, Any]] = {
        "buildings": {"mend": True, "tolerate": WALLS_ALL_THE_SAME},
        "areas": {"mend": True},
        "places": {"promise": "checkpoints"},
    }
    tables: dict[str, Any] = {}
    tables["cameras"], notes = _watched(given, files.get("cameras"), need="cameras" in need, by=by)
    for layer, path in files.items():
        if layer != "cameras":
            get = given.need if layer in need else given.find
            tables[layer] = get(layer, path, **reading.get(layer, {}))
    if tables["cameras"] is not None:
        tables["cameras"], notes = headed(tables["cameras"], tables.get("streets"), notes)
    return tables, notes


def earlier(
    given: Given, files: Mapping[str, Path | None], what: Asked, tables: Mapping[str, Any], *, old: str
) -> tuple[dict[str, Any], Asked]:
    """The same layers with the cameras of another day or file, and what is asked of these."""
    from gridmap.service.cameras_reading import headed

    then, files, what = before(given, files, what, old=old)
    cameras, notes = _watched(then, files["cameras"], need=True, by="cameras coverage")
    cameras, _ = headed(cameras, tables["streets"], notes)
    return {**tables, "cameras": cameras, "places": None}, what


def before(
    given: Given, files: Mapping[str, Path | None], what: Asked, *, old: str
) -> tuple[Given, Mapping[str, Path | None], Asked]:
    """The same question on another day, or about the cameras of another file, all of whose rows count."""
    if Path(old).exists():
        return replace(given, on=None), {**files, "cameras": Path(old)}, replace(what, on=None)
    try:
        day = date.fromisoformat(old)
    except ValueError:
        raise InputError(f"--old {old}", expected="a day such as 2025-12-31, or a file of cameras") from None
    return replace(given, on=day), files, replace(what, on=day)


def _watched(given: Given, path: Path | None, *, need: bool, by: str) -> tuple[Any, pd.DataFrame]:
    """Cameras of a file or of the record, and what is noted of them; a look at the record's is audited."""
    from gridmap.service.cameras_reading import no_notes, read_cameras

    if path is not None:
        cameras, notes = read_cameras(path, on=given.on, columns=given.columns, crs=given.crs)
        given.warn("cameras", cameras)
        return cameras, notes
    found = (given.need if need else given.find)("cameras", None)
    if found is not None:
        _looked(given, len(found), by=by)
    return found, no_notes()


def _looked(given: Given, cameras: int, *, by: str) -> None:
    """Note that somebody looks at where the cameras of the record stand."""
    from gridmap.service.camera_record import look
    from gridmap.store import Actor

    if given.engine is not None and given.on is not None:
        look(given.engine, Actor(name=actor()), on=given.on, cameras=cameras, area=None, by=f"gridmap {by}")


def refuse_unwritable_page(page: Path) -> None:
    """Refuse a page that could not be written, before the work is done."""
    if page.suffix.lower() not in {".html", ".htm"}:
        raise InputError(f"--map {page.name}", expected="a file that ends in .html", code="unknown_ending")
    refuse_missing_folder(page)


def surveyed(
    given: Given, files: Mapping[str, Path | None], what: Asked, *, lang: str, open_ground: bool
) -> tuple[dict[str, Any], Seen]:
    """The layers that are asked about, and what a map shows of a day."""
    from gridmap.service.cameras import cover

    tables, notes = ground(given, files, need=needed(open_ground=open_ground), by="maps cameras")
    with progress("cameras") as advance:
        covered = cover(**tables, asked=what, notes=notes, progress=advance)
    return tables, seen(covered, what, lang)


def seen(covered: Covered, what: Asked, lang: str) -> Seen:
    """What a map shows of a day."""
    from gridmap.maps import Seen
    from gridmap.maps.camera_words import counted_said

    layers = covered.layers
    return Seen(
        viewsheds=layers["viewsheds"],
        shares=layers.get("areas"),
        blind=layers.get("blind"),
        cameras=covered.cameras,
        on=what.on,
        notes=counted_said(covered.report["cameras"], lang),
    )
