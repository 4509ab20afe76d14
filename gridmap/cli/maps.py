"""``gridmap maps``: self-contained map pages."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gridmap.cli.opening import open_territory
from gridmap.cli.options import Columns, Crs, On, mapped, the_day

app = typer.Typer(no_args_is_help=True, help="Self-contained map pages.")


@app.command("grids")
def maps_grids(
    out: Annotated[Path, typer.Option(help="The page, .html.")],
    areas: Annotated[Path | None, typer.Option(help="Areas; the record's if left out.")] = None,
    buildings: Annotated[Path | None, typer.Option(help="Buildings to draw below them.")] = None,
    streets: Annotated[Path | None, typer.Option(help="Streets to draw below them.")] = None,
    on: On = None,
    title: Annotated[str, typer.Option(help="Title of the page.")] = "",
    lang: Annotated[str, typer.Option(help="zh or en.")] = "zh",
    crs: Crs = None,
    column: Columns = None,
) -> None:
    """Draw the areas as one self-contained page."""
    from gridmap import maps as pages
    from gridmap import service
    from gridmap.frames.validity import in_force

    files = {"areas": areas, "buildings": buildings, "streets": streets}
    tables = service.read_tables(files, columns=mapped(column), crs=crs)
    if "areas" not in tables:
        with open_territory({}, on=the_day(on)) as territory:
            tables["areas"] = territory.areas
    tables["areas"] = in_force(tables["areas"], the_day(on))
    page = pages.grids(
        tables["areas"],
        buildings=tables.get("buildings"),
        streets=tables.get("streets"),
        title=title,
        lang=lang,
        on=the_day(on),
    )
    pages.write_page(page, out)
