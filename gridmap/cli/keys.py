"""``gridmap keys``: who may ask the service."""

from __future__ import annotations

from typing import Annotated

import typer

from gridmap.cli.opening import actor, open_record
from gridmap.cli.options import AsJson
from gridmap.cli.telling import json_text

app = typer.Typer(no_args_is_help=True, help="API keys and their roles.")


@app.command("add")
def keys_add(
    name: Annotated[str, typer.Argument(help="What the key is for; not a person's name.")],
    role: Annotated[str, typer.Option(help="device, viewer, operator, mediator, grid-admin or system-admin.")],
) -> None:
    """Make a key and print it, once: only its hash is kept."""
    from gridmap import store

    with open_record() as engine, engine.begin() as connection:
        typer.echo(store.add_key(connection, name, role, actor=actor()))


@app.command("list")
def keys_list(as_json: AsJson = False) -> None:
    """List the keys, without their secrets."""
    from dataclasses import asdict

    from gridmap import store

    with open_record() as engine, engine.connect() as connection:
        held = store.list_keys(connection)
    if as_json:
        typer.echo(json_text([asdict(key) for key in held]))
        return
    for key in held:
        end = f"revoked {key.revoked:%Y-%m-%d %H:%M}" if key.revoked else "in use"
        typer.echo(f"{key.prefix}...  {key.role:12}  {key.created:%Y-%m-%d %H:%M}  {end}  {key.name}")


@app.command("revoke")
def keys_revoke(name: Annotated[str, typer.Argument(help="The key's name.")]) -> None:
    """End a key at once."""
    from gridmap import store

    with open_record() as engine, engine.begin() as connection:
        store.revoke_key(connection, name, actor=actor())
