"""``gridmap serve`` and ``demo``: the service, on the record or on the sample territory."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gridmap.cli.opening import open_record, settings
from gridmap.errors import ConflictError

if TYPE_CHECKING:
    from sqlalchemy import Engine


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on.")] = 8300,
    require_key: Annotated[bool, typer.Option("--require-key", help="Also on loopback, as behind a proxy.")] = False,
) -> None:
    """Serve the record over HTTP, with the map page."""
    import gc

    # what is imported and read until the service opens is no garbage, and looking for some takes a tenth of the time
    gc.disable()
    from gridmap.api.server import run

    with open_record() as engine:
        run(engine, settings(), host=host, port=port, require_key=require_key)


def demo(
    buildings: Annotated[int, typer.Option(min=200, max=200_000, help="Size of the sample territory.")] = 5000,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8300,
    stop: Annotated[bool, typer.Option("--stop", help="Stop a demo that runs.")] = False,
) -> None:
    """Start everything on the sample territory, and say where to look."""
    from gridmap import daemon, service

    folder = settings().data_dir / "demo"
    if stop:
        typer.echo("the demo is stopped" if daemon.stop(folder) else "no demo was running")
        return
    with open_record(private=folder) as engine:
        _fill_demo(engine, buildings)
        address = daemon.start(folder, port=port)
        key = service.demo_key(engine)
    typer.echo(f"gridmap is up: {address}")
    typer.echo(f"Draft grids at {address}/plans; the page asks for a key, of this demo alone: {key}")
    typer.echo(f"Stop it with: {_own_name()} demo --stop")


def _fill_demo(engine: Engine, buildings: int) -> None:
    """Load the sample territory, unless an earlier demo did."""
    from gridmap import service

    try:
        rows = service.load_demo(engine, buildings=buildings)
    except ConflictError:
        typer.echo(
            f"the demo's record is filled already; to begin anew, remove {settings().data_dir / 'demo'}", err=True
        )
        return
    typer.echo(", ".join(f"{count} {layer}" for layer, count in rows.items()), err=True)


def _own_name() -> str:
    """Return what to type for this program: its path, unless its name alone finds it."""
    import shlex
    import shutil

    program = Path(sys.executable).with_name("gridmap")
    return "gridmap" if shutil.which("gridmap") == str(program) else shlex.quote(str(program))
