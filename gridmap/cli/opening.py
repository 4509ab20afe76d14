"""What commands work on: the settings, the record, a territory of files or of the record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from gridmap.atlas import Atlas
    from gridmap.errors import Fault
    from gridmap.settings import Settings
    from gridmap.territory import Territory


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
    from gridmap.atlas import Atlas, Shelf, build_territory, read_snapshot
    from gridmap.frames.validity import in_force

    tables: dict[str, Any] = dict(service.read_tables(_layers(files), columns=columns, crs=crs))
    if (path := files.get("aliases")) is not None:
        tables["aliases"] = service.read_aliases(path, columns=columns)
    shelf = Shelf.of_files(settings().data_dir)
    if "areas" in tables:
        territory = Atlas.of_tables(**tables, shelf=shelf).territory(on)
        _warn(tables, service.area_warnings(territory.index))
        yield territory
        return
    with open_record() as engine:
        if not tables:
            yield open_atlas(engine).territory(on)
            return
        _warn(tables, ())
        given = {layer: in_force(table, on) if layer in _layers(files) else table for layer, table in tables.items()}
        yield build_territory(replace(read_snapshot(engine, on), **given), on, shelf=shelf)


def open_atlas(engine: Engine) -> Atlas:
    """What is in force on each day in the record, its index kept from one command to the next."""
    from gridmap.atlas import Atlas, Shelf

    return Atlas.of_record(engine, shelf=Shelf.of_record(settings().data_dir))


def _layers(files: Mapping[str, Path | None]) -> dict[str, Path | None]:
    """The files that are layers, in the words of `gridmap.frames`."""
    return {layer: path for layer, path in files.items() if layer != "aliases"}


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
