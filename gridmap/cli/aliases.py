"""``gridmap aliases``: what people call an address."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from gridmap.cli.opening import actor, open_atlas, open_record
from gridmap.cli.options import AsJson, Columns, Effective, Encoding, File, On, mapped, the_day
from gridmap.cli.telling import json_text

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine

    from gridmap.corrections import Correction
    from gridmap.store.aliases import Alias

app = typer.Typer(no_args_is_help=True, help="What people call an address: corrections, dated and audited.")

Text = Annotated[str, typer.Argument(help="What people say.")]


@app.command("add")
def aliases_add(
    text: Text,
    means: Annotated[str, typer.Option(help="The standard address, road, compound or division that is meant.")],
    effective: Effective = None,
    as_json: AsJson = False,
) -> None:
    """Let a text mean an address that is known."""
    from gridmap import corrections

    with _correcting(effective) as (engine, correction):
        _show(corrections.correct(engine, open_atlas(engine), text, means, correction), as_json=as_json)


@app.command("load")
def aliases_load(
    file: File,
    effective: Effective = None,
    column: Columns = None,
    encoding: Encoding = None,
    as_json: AsJson = False,
) -> None:
    """Add all aliases of a CSV with columns alias and means, or none and every fault listed."""
    from dataclasses import asdict

    from gridmap import corrections

    reading = corrections.Reading(columns=mapped(column), encoding=encoding)
    with _correcting(effective) as (engine, correction):
        report = corrections.load_file(engine, open_atlas(engine), file, correction, reading=reading)
    typer.echo(json_text(asdict(report)) if as_json else f"{report.added} added, {report.unchanged} unchanged")


@app.command("list")
def aliases_list(on: On = None, as_json: AsJson = False) -> None:
    """List the aliases that hold on a day."""
    from gridmap import store

    with open_record() as engine, engine.connect() as connection:
        rows = store.aliases.read(connection, on=the_day(on)).to_dict("records")
    if as_json:
        typer.echo(json_text(rows))
        return
    for row in rows:
        until = f" until {row['valid_to']}" if row["valid_to"] else ""
        typer.echo(f"{row['alias']} = {row['means']}  (from {row['valid_from']}{until}, {row['added_by']})")


@app.command("withdraw")
def aliases_withdraw(text: Text, effective: Effective = None, as_json: AsJson = False) -> None:
    """End an alias; it is kept for questions about the days before."""
    from gridmap import corrections

    with _correcting(effective) as (engine, correction):
        _show(corrections.withdraw(engine, text, correction), as_json=as_json)


@contextmanager
def _correcting(effective: datetime | None) -> Iterator[tuple[Engine, Correction]]:
    """The record, and who corrects it from when."""
    from gridmap.corrections import Correction

    with open_record() as engine:
        yield engine, Correction(actor=actor(), effective=the_day(effective))


def _show(alias: Alias, *, as_json: bool) -> None:
    from dataclasses import asdict

    held = f"from {alias.valid_from}" + (f" until {alias.valid_to}" if alias.valid_to else "")
    typer.echo(json_text(asdict(alias)) if as_json else f"{alias.alias} = {alias.means}  ({held})")
