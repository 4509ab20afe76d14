"""``gridmap cameras``: what cameras see, band by band, and where the next ones do most."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from gridmap.cli.given import Given, asked
from gridmap.cli.opening import actor
from gridmap.cli.options import AsJson, Columns, Crs, On
from gridmap.cli.telling import json_text, progress
from gridmap.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from gridmap.maps import Seen
    from gridmap.service.cameras import Asked, Covered
    from gridmap.visibility.placement.placing import Proposal

app = typer.Typer(no_args_is_help=True, help="What cameras see, band by band, and where the next ones do most.")

Cameras = Annotated[
    Path | None,
    typer.Option(help="Cameras: a table, OpenStreetMap, or a GB/T 28181 catalogue; the record's if left out."),
]
Buildings = Annotated[Path | None, typer.Option(help="Buildings that hide the ground; the record's if left out.")]
Streets = Annotated[Path | None, typer.Option(help="Streets: their metres that are seen, and those that nobody sees.")]
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

#: Notes that a screen holds.
_SHOWN = 12


@app.command("coverage")
def cameras_coverage(
    out: Out,
    cameras: Cameras = None,
    buildings: Buildings = None,
    areas: Areas = None,
    streets: Streets = None,
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
    """Tell what cameras see behind buildings: ground, shares of areas, metres of streets, and what nobody sees."""
    from gridmap import formats
    from gridmap.service.cameras import cover
    from gridmap.service.grids import write_grids

    formats.refuse_unwritable(out)
    if page is not None:
        refuse_unwritable_page(page)
    files = {"cameras": cameras, "buildings": buildings, "areas": areas, "streets": streets}
    with asked(on, crs, column, record_if=from_record(files, open_ground=open_ground)) as given:
        tables, notes = ground(given, files, need=needed(open_ground=open_ground), by="cameras coverage")
    what = question(given, status=status, profile=profile, band=band, night=night, reach=reach)
    with progress("cameras") as advance:
        covered = cover(**tables, asked=what, notes=notes, progress=advance)
    write_grids(_on_sheets(covered.layers) if out.suffix.lower() == ".xlsx" else covered.layers, out)
    if page is not None:
        from gridmap import maps

        layers = {name: tables[name] for name in ("areas", "streets", "buildings")}
        maps.write_page(maps.cameras(seen(covered, what, lang), **layers, lang=lang), page)
    typer.echo(json_text(_rows(covered)) if as_json else _said(covered))


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
    status: Status = "all",
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
        wanted = None if must_see is None else given.read("checkpoints", must_see)
    densities, offline = PROFILES[profile], status == "all"
    terms = Terms(every_m=every, budget=budget, must_see=wanted, profile=densities, offline=offline)
    with progress("place cameras"):
        made = proposal(**tables, count=count, band=band, terms=terms)
    layers = {"places": made.poles, "gains": made.gains} | ({} if wanted is None else {"must_see": made.places})
    write_grids(layers, out)
    typer.echo(json_text(_proposed(made)) if as_json else _placed(made, band))


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
    from gridmap.service.cameras_reading import WALLS_ALL_THE_SAME, headed, no_notes, read_cameras

    reading: dict[str, dict[str, Any]] = {
        "buildings": {"mend": True, "tolerate": WALLS_ALL_THE_SAME},
        "areas": {"mend": True},
    }
    tables: dict[str, Any] = {}
    cameras, notes = files.get("cameras"), no_notes()
    for layer, path in files.items():
        if layer != "cameras" or cameras is None:
            get = given.need if layer in need else given.find
            tables[layer] = get(layer, path, **reading.get(layer, {}))
    if cameras is not None:
        tables["cameras"], notes = read_cameras(cameras, on=given.on, columns=given.columns, crs=given.crs)
        given.warn("cameras", tables["cameras"])
    elif tables["cameras"] is not None:
        _looked(given, len(tables["cameras"]), by=by)
    if tables["cameras"] is not None:
        tables["cameras"], notes = headed(tables["cameras"], tables.get("streets"), notes)
    return tables, notes


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
    if not page.parent.is_dir():
        raise InputError(f"there is no folder {page.parent}", do="make it first", code="missing_folder")


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


def _on_sheets(layers: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """Layers without shapes: a cell of a spreadsheet is too small for them."""
    return {name: table.drop(columns="geometry", errors="ignore") for name, table in layers.items()}


def _said(covered: Covered) -> str:
    """The report as lines for a screen."""
    report = covered.report
    cameras, lines = report["cameras"], []
    lines.append(
        f"{cameras['counted']} of {cameras['total']} cameras count ({cameras['offline']} offline):"
        f" {cameras['heading_known']} with their heading, {cameras['heading_uncertain']} of an octant,"
        f" {cameras['possible_only']} count as possible only, since nobody knows where they look"
    )
    if cameras["refused"] or cameras["moved"]:
        lines.append(f"{cameras['refused']} refused, {cameras['moved']} moved off a wall or onto a roof")
    for certainty, bands in report["ground_m2"].items():
        lines.append(f"{certainty}: " + ", ".join(f"{band} {m2:,.0f} m2" for band, m2 in bands.items()))
    if "street_m" in report:
        streets = report["street_m"]
        seen_m = ", ".join(f"{band} {m:,.0f} m" for band, m in streets["seen_m"].items())
        shares = [_share(streets[name]) for name in ("share", "share_guaranteed", "share_possible")]
        lines.append(
            f"streets: {shares[0]} of {streets['length_m']:,.0f} m are seen ({seen_m}),"
            f" guaranteed {shares[1]}, possibly {shares[2]}"
        )
        lines.append(f"blind: {streets['blind_stretches']} stretches, {streets['blind_m']:,.0f} m")
    notes = report["notes"]
    lines += [
        f"note: {note['code']}: {note['what']}" + (f" ({note['cameras']} cameras)" if note["cameras"] > 1 else "")
        for note in notes[:_SHOWN]
    ]
    if len(notes) > _SHOWN:
        lines.append(f"and {len(notes) - _SHOWN} more notes: the layer notes of --out FILE, or --json, has all")
    return "\n".join(lines)


def _share(value: float | None) -> str:
    return "nothing is known" if value is None else f"{100 * value:.1f} %"


def _rows(covered: Covered) -> dict[str, Any]:
    """The report and the rows of every layer, as JSON takes them."""
    return covered.report | {name: _plain(table) for name, table in covered.layers.items() if name != "notes"}


def _plain(table: Any) -> list[dict[str, Any]]:
    """Rows without shapes; a point keeps its place."""
    flat = table.drop(columns="geometry", errors="ignore").astype(object)
    if "geometry" in table and len(table) and table.geom_type.eq("Point").all():
        from gridmap.crs import to_system

        there = to_system(table.geometry, 4490)
        flat = flat.assign(lon=there.x, lat=there.y)
    rows: list[dict[str, Any]] = flat.where(flat.notna(), None).to_dict("records")
    return rows


def _proposed(made: Proposal) -> dict[str, Any]:
    """Proposals as JSON takes them, with how far from the best they can be."""
    figures = ("streets_m", "before_m", "seen_m", "most_m", "gap", "candidates")
    return {
        "places": _plain(made.poles),
        "must_see": _plain(made.places),
        **{name: getattr(made, name) for name in figures},
        "uncounted": list(made.uncounted),
    }


def _placed(made: Proposal, band: str) -> str:
    """Proposals as lines for a screen."""
    from gridmap.crs import to_system

    poles, there = made.poles, to_system(made.poles.geometry, 4490)
    lines = [
        f"{rank:>3}  {point.x:.6f},{point.y:.6f}  heading {heading:5.1f}  {gain:8.1f} m more  {100 * total:5.1f} %"
        for rank, heading, gain, total, point in zip(
            poles["rank"], poles["heading_deg"], poles["gain_m"], poles["total_share"], there, strict=True
        )
    ]
    share = made.before_m / made.streets_m if made.streets_m else 0.0
    head = f"{len(poles)} places; {band} or better now {made.before_m:,.0f} of {made.streets_m:,.0f} m ({share:.1%})"
    best = "no choice is better" if made.gap == 0 else f"no choice can add {made.gap:.3%} more of what is not seen"
    wanted = made.places
    unseen = [
        f"not seen: {place}: {message}"
        for place, message, seen in zip(wanted["id"], wanted["message"], wanted["seen"], strict=True)
        if not seen
    ]
    if len(wanted):
        unseen.insert(0, f"{len(wanted) - len(unseen)} of {len(wanted)} places that must be seen are seen")
    if made.uncounted:
        unseen.append(
            f"{len(made.uncounted)} cameras are not counted: nobody knows where they look, or they see nothing"
        )
    return "\n".join([head, *lines, f"of {made.candidates:,} candidates {best}", *unseen])
