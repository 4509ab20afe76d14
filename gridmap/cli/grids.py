"""``gridmap grids``: street blocks, grids drawn, checked and compared."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from gridmap.cli.given import asked
from gridmap.cli.options import AsJson, Columns, Crs, On
from gridmap.cli.telling import json_text, progress
from gridmap.errors import InputError

if TYPE_CHECKING:
    import geopandas as gpd

app = typer.Typer(no_args_is_help=True, help="Street blocks of 300 m; grids drawn, checked and compared.")

Within = Annotated[Path | None, typer.Option(help="The territory: polygons.")]
Streets = Annotated[Path | None, typer.Option(help="Streets, rivers and railways; the record's if left out.")]
Buildings = Annotated[Path | None, typer.Option(help="Buildings with their households; the record's if left out.")]
Out = Annotated[Path, typer.Option(help="The file that is written: .gpkg, .geojson, .xlsx or .csv.")]


@app.command("blocks")
def grids_blocks(
    out: Out,
    streets: Streets = None,
    within: Within = None,
    length: Annotated[float, typer.Option(help="Metres of street that a block should have.")] = 300,
    without: Annotated[
        list[str] | None, typer.Option(help="Classes that bound no blocks, such as footway; repeat it.")
    ] = None,
    on: On = None,
    crs: Crs = None,
    column: Columns = None,
    as_json: AsJson = False,
) -> None:
    """Cut streets into blocks of 300 m, each with the ground on both sides; and the faces between streets."""
    from gridmap import blocks as cutting
    from gridmap import formats
    from gridmap.service.grids import read_ground, write_grids

    formats.refuse_unwritable(out)
    with asked(on, crs, column, record_if=streets is None) as given:
        lines = given.need("streets", streets)
        ground = None if within is None else read_ground(within, crs=crs)
    blocks = cutting.street_blocks(lines, ground, length, passed_over=without or ())
    sides = cutting.street_sides(lines, ground, length, passed_over=without or ())
    faces = cutting.street_faces(lines, ground, passed_over=without or ())
    write_grids({"blocks": blocks, "sides": sides, "faces": faces}, out)
    middle = float(blocks["length_m"].median())
    told = {"blocks": len(blocks), "median_m": middle, "faces": len(faces), "street_m": float(blocks["length_m"].sum())}
    nouns = [f"{count} {noun}{'s' * (count != 1)}" for count, noun in ((len(blocks), "block"), (len(faces), "face"))]
    text = f"{nouns[0]}, half of them longer than {middle:.0f} m; {nouns[1]} between streets"
    typer.echo(json_text(told) if as_json else text)


@app.command("check")
def grids_check(
    areas: Annotated[Path | None, typer.Option(help="Areas of one or all levels; the record's if left out.")] = None,
    within: Within = None,
    parents: Annotated[Path | None, typer.Option(help="Areas one level up.")] = None,
    buildings: Buildings = None,
    streets: Streets = None,
    out: Annotated[Path | None, typer.Option(help="Findings as .gpkg, .geojson, .xlsx or .csv.")] = None,
    clean: Annotated[
        Path | None, typer.Option(help="Also mend the areas into a partition and write them here.")
    ] = None,
    snap: Annotated[float, typer.Option(help="Metres within which corners are made one; with --clean.")] = 0.0,
    on: On = None,
    crs: Crs = None,
    column: Columns = None,
    as_json: AsJson = False,
) -> None:
    """Tell what keeps areas from being a partition, place by place; status 1 if anything does."""
    from gridmap import partition
    from gridmap.service.grids import LEFT_TO_THE_CHECK, read_ground, write_grids

    with asked(on, crs, column, record_if=areas is None) as given:
        table = given.need("areas", areas, tolerate=LEFT_TO_THE_CHECK)
        ground = None if within is None else read_ground(within, crs=crs)
        above = None if parents is None else given.read("areas", parents, tolerate=LEFT_TO_THE_CHECK)
        layers = {"buildings": given.find("buildings", buildings), "streets": given.find("streets", streets)}
    findings = partition.check(table, ground, above, **layers)
    if out is not None:
        write_grids({"findings": findings}, out)
    if clean is not None:
        cleaned = partition.clean(table, within=ground, snap_m=snap)
        write_grids({"areas": cleaned.areas, "moved": cleaned.moved}, clean)
    _show_findings(findings, as_json=as_json)
    raise typer.Exit(1 if len(findings) else 0)


@app.command("compare")
def grids_compare(
    old: Annotated[Path, typer.Option(help="Areas as they were.")],
    new: Annotated[Path, typer.Option(help="Areas as they are to be.")],
    out: Out,
    buildings: Annotated[Path | None, typer.Option(help="Buildings, for who changes grid.")] = None,
    addresses: Annotated[Path | None, typer.Option(help="Addresses that may change grid.")] = None,
    cameras: Annotated[Path | None, typer.Option(help="Cameras that may change grid.")] = None,
    checkpoints: Annotated[Path | None, typer.Option(help="Checkpoints that may change grid.")] = None,
    crs: Crs = None,
    column: Columns = None,
    as_json: AsJson = False,
) -> None:
    """Tell what became of each area, and who and what changes grid."""
    from gridmap import formats, plans
    from gridmap.service.grids import write_grids

    formats.refuse_unwritable(out)
    with asked(None, crs, column, record_if=False, dated=False) as given:
        before, after = given.read("areas", old), given.read("areas", new)
        people = given.find("buildings", buildings)
        posts = {"addresses": addresses, "cameras": cameras, "checkpoints": checkpoints}
        found: dict[str, Any] = {layer: given.find(layer, path) for layer, path in posts.items()}
    changes = plans.compare(before, after, people)
    sheet = plans.change_sheet(before, after, buildings=people, **found)
    write_grids({"changes": changes, **{name: table for name, table in sheet.items() if name != "areas"}}, out)
    kinds = changes["kind"].value_counts(sort=False).to_dict()
    rows = changes.drop(columns="geometry").to_dict("records")
    text = "\n".join(f"{kind:<10} {number:>6}" for kind, number in kinds.items())
    typer.echo(json_text({"kinds": kinds, "changes": rows}) if as_json else text)


@app.command("figures")
def grids_figures(
    areas: Annotated[Path | None, typer.Option(help="Areas of all levels; the record's if left out.")] = None,
    buildings: Buildings = None,
    places: Annotated[
        Path | None, typer.Option(help="Service places with floor space and staff; the record's if left out.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="A table for each level as .xlsx, .gpkg, .geojson or .csv.")] = None,
    on: On = None,
    crs: Crs = None,
    column: Columns = None,
    as_json: AsJson = False,
) -> None:
    """Tell the figures of each area beside the norms: households, staff, floor space, form, way to the service."""
    from gridmap import standards
    from gridmap.cli.figures import show_figures
    from gridmap.service.grids import figure_tables, write_grids

    with asked(on, crs, column, record_if=areas is None) as given:
        table = given.need("areas", areas)
        layers = {"buildings": given.find("buildings", buildings), "places": given.find("places", places)}
    figured = standards.figures(table, **layers)
    judged = standards.judge(figured)
    if out is not None:
        # a spreadsheet has no use for shapes
        shown = figured.drop(columns="geometry") if out.suffix.lower() in {".csv", ".xlsx"} else figured
        write_grids(figure_tables(shown, judged, by_level=out.suffix.lower() in {".gpkg", ".xlsx"}), out)
    if as_json:
        typer.echo(json_text({"figures": _rows(figured.drop(columns="geometry")), "norms": _rows(judged)}))
    else:
        show_figures(figured, judged)


@app.command("draw")
def grids_draw(
    out: Out,
    buildings: Buildings = None,
    streets: Streets = None,
    within: Within = None,
    target: Annotated[float, typer.Option(help="Households (or residents) of a grid.")] = 300,
    tolerance: Annotated[float, typer.Option(help="Share of the target by which a grid may differ.")] = 0.1,
    band: Annotated[
        str | None, typer.Option(help="Any size in it is equally good: 300-500; goes before the target.")
    ] = None,
    by: Annotated[Literal["households", "residents"], typer.Option(help="households or residents.")] = "households",
    parents: Annotated[Path | None, typer.Option(help="Areas whose borders no grid crosses.")] = None,
    fixed: Annotated[Path | None, typer.Option(help="Compounds, schools, hospitals, markets that stay whole.")] = None,
    special: Annotated[
        list[str] | None, typer.Option(help="Kinds of fixed pieces that are grids of their own; repeat it.")
    ] = None,
    standing: Annotated[Path | None, typer.Option(help="Grids in force: people stay in theirs where they can.")] = None,
    seed: Annotated[int, typer.Option(help="Equal seeds draw equal grids.")] = 0,
    on: On = None,
    crs: Crs = None,
    column: Columns = None,
    as_json: AsJson = False,
) -> None:
    """Draw balanced, connected grids that stop at rivers, railways and main roads."""
    from gridmap import formats, partition
    from gridmap.service.grids import read_ground, write_grids

    formats.refuse_unwritable(out)
    with asked(on, crs, column, record_if=buildings is None) as given:
        houses, lines = given.need("buildings", buildings), given.need("streets", streets)
        layers: dict[str, Any] = {
            "within": None if within is None else read_ground(within, crs=crs),
            "parents": None if parents is None else given.read("areas", parents),
            "fixed": None if fixed is None else formats.read(fixed, crs=crs),
            "standing": None if standing is None else given.read("areas", standing),
        }
    with progress("draw grids") as advance:
        drawn = partition.draw(
            houses,
            lines,
            target=target,
            tolerance=tolerance,
            seed=seed,
            weight=by,
            band=_band(band),
            special=special or (),
            progress=advance,
            **layers,
        )
    tables = {"grids": drawn.grids, "assignment": drawn.assignment}
    write_grids(tables | ({"transfers": drawn.transfers} if standing is not None else {}), out)
    typer.echo(json_text(_told(drawn.report)) if as_json else str(drawn.report))


def _band(text: str | None) -> tuple[float, float] | None:
    """Two numbers with a dash between."""
    if text is None:
        return None
    low, _, high = text.partition("-")
    try:
        return float(low), float(high)
    except ValueError:
        raise InputError(f"--band {text}", expected="two numbers with a dash between, such as 300-500") from None


def _show_findings(findings: gpd.GeoDataFrame, *, as_json: bool) -> None:
    """Findings as a table on standard output, or as JSON."""
    if as_json:
        rows = findings.drop(columns="geometry").assign(codes=findings["codes"].str.split(";"))
        from gridmap.crs import to_system

        places = to_system(findings.geometry.representative_point(), 4490)
        rows = rows.assign(lon=places.x, lat=places.y)
        typer.echo(json_text({"findings": rows.to_dict("records")}))
        return
    if findings.empty:
        typer.echo("no findings: the areas are a partition")
    for rule, of in findings.groupby("rule", sort=False):
        typer.echo(f"{rule}: {len(of)}")
        for message, mend in of[["message", "mend"]].iloc[:_SHOWN].itertuples(index=False):
            typer.echo(f"  {message}" + (f"; {mend}" if mend else ""))
        if len(of) > _SHOWN:
            typer.echo(f"  and {len(of) - _SHOWN} more: --out FILE or --json has all")


#: Findings of a rule that are said on a screen.
_SHOWN = 10


def _told(report: Any) -> dict[str, Any]:
    """A report as JSON takes it."""
    from dataclasses import asdict

    return asdict(report)


def _rows(table: Any) -> list[dict[str, Any]]:
    """Rows as JSON takes them: what is not known is null."""
    rows: list[dict[str, Any]] = table.astype(object).where(table.notna(), None).to_dict("records")
    return rows
