"""What commands work on: the settings, the record, a territory of files or of the record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from gridmap.errors import Fault
    from gridmap.settings import Settings
    from gridmap.territory import Territory

#: What a territory is made of, each from a file or from the record.
LAYERS = ("areas", "addresses", "buildings", "streets", "aliases")


def settings() -> Settings:
    """The environment, read now."""
    from gridmap.settings import Settings

    return Settings()


@contextmanager
def open_record(private: Path | None = None) -> Iterator[Engine]:
    """An engine on the record; ``private`` names the folder of a private one, whatever the environment says."""
    from gridmap import service

    url, folder = (None, private) if private else (settings().database_url, settings().data_dir)
    with service.open_record(url, folder) as engine:
        yield engine


@contextmanager
def open_territory(
    files: Mapping[str, Path | None], *, on: date, columns: dict[str, str] | None = None, crs: str | None = None
) -> Iterator[Territory]:
    """What is in force on a day: each layer from its file, or else from the record unless the areas are a file."""
    from gridmap import service
    from gridmap.atlas import Atlas, read_snapshot
    from gridmap.territory import Territory

    tables = _tables(files, on=on, columns=columns, crs=crs)
    if "areas" in tables:
        territory = Territory(**tables, on=on)
        _warn(tables, service.area_warnings(territory.index))
        yield territory
        return
    with open_record() as engine:
        if tables:
            held = read_snapshot(engine, on)
            kept = {layer: getattr(held, layer) for layer in LAYERS if layer not in tables and hasattr(held, layer)}
            _warn(tables, ())
            yield Territory(**{**kept, **tables}, on=on, version=held.version)
        else:
            yield Atlas.of_record(engine).territory(on)


def _tables(
    files: Mapping[str, Path | None], *, on: date, columns: dict[str, str] | None, crs: str | None
) -> dict[str, Any]:
    """The layers that come from files, as they are in force on a day."""
    from gridmap import service
    from gridmap.frames.validity import in_force

    layers = {layer: path for layer, path in files.items() if layer != "aliases"}
    tables = service.read_tables(layers, columns=columns, crs=crs)
    made: dict[str, Any] = {layer: in_force(table, on) for layer, table in tables.items()}
    if (path := files.get("aliases")) is not None:
        made["aliases"] = service.read_aliases(path, columns=columns)
    return made


def actor() -> str:
    """The account that runs the command, for the audit."""
    import getpass

    return f"shell:{getpass.getuser()}"


def _warn(tables: dict[str, Any], more: tuple[Fault, ...]) -> None:
    """Say on standard error what the user should know of files that were read and not kept."""
    for layer, table in tables.items():
        for warning in table.attrs.get("reading", {}).get("warnings", ()):
            place = layer if warning["feature"] is None else f"{layer}, feature {warning['feature']}"
            typer.echo(f"warning: {place}: {warning['message']}", err=True)
    for fault in more:
        typer.echo(f"warning: areas: {fault.message}", err=True)
