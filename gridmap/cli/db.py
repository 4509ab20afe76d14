"""``gridmap db``: the record itself, started, stopped, saved and put back."""

from __future__ import annotations

import typer

from gridmap.cli import opening
from gridmap.cli.opening import open_record
from gridmap.cli.options import AsJson, File
from gridmap.cli.telling import json_text

app = typer.Typer(no_args_is_help=True, help="The record: a private PostGIS, or the one GRIDMAP_DATABASE_URL names.")


@app.command("up")
def db_up() -> None:
    """Start the private record and leave it running."""
    from gridmap import store
    from gridmap.store import cluster

    url = opening.settings().database_url or cluster.up(opening.settings().data_dir, stay=True)
    store.migrate(url)
    typer.echo(url)


@app.command("down")
def db_down() -> None:
    """Stop the private record."""
    from gridmap.store import cluster

    cluster.down(opening.settings().data_dir)


@app.command("status")
def db_status(as_json: AsJson = False) -> None:
    """Say whether the record runs, and where; status 1 if it does not."""
    from dataclasses import asdict

    from gridmap import store
    from gridmap.store import cluster

    settings = opening.settings()
    if settings.database_url:
        store.connect(settings.database_url).dispose()
        said, running = {"url": settings.database_url}, True
    else:
        status = cluster.status(settings.data_dir)
        said, running = asdict(status), status.running
    typer.echo(json_text(said) if as_json else "\n".join(f"{name}: {value}" for name, value in said.items()))
    if not running:
        raise typer.Exit(1)


@app.command("migrate")
def db_migrate() -> None:
    """Bring the record's tables up to date."""
    from gridmap import store

    with open_record() as engine:
        store.migrate(engine.url.render_as_string(hide_password=False))


@app.command("backup")
def db_backup(file: File) -> None:
    """Write the whole record to one file."""
    from gridmap.store import cluster

    with open_record() as engine:
        cluster.backup(engine.url.render_as_string(hide_password=False), file)


@app.command("restore")
def db_restore(file: File) -> None:
    """Put back a whole record from a backup; a broken file leaves the present one untouched."""
    from gridmap.store import cluster

    with open_record() as engine:
        url = engine.url.render_as_string(hide_password=False)
        engine.dispose()
        cluster.restore(url, file)
