"""What commands work on: the settings, the record, a territory of files or of the record."""

from __future__ import annotations

from collections.abc import Iterator
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
    files: dict[str, Path | None], *, on: date, columns: dict[str, str] | None = None, crs: str | None = None
) -> Iterator[Territory]:
    """What is in force on a day, from files or else from the record."""
    from gridmap import service
    from gridmap.atlas import Atlas
    from gridmap.territory import Territory

    tables = service.read_tables(files, columns=columns, crs=crs)
    if "areas" in tables:
        territory = Atlas.of_tables(tables["areas"], tables.get("addresses")).territory(on)
        _warn(tables, service.area_warnings(territory.index))
        yield territory
        return
    with open_record() as engine:
        territory = Atlas.of_record(engine).territory(on)
        if "addresses" in tables:
            territory = Territory(territory.areas, tables["addresses"], on=on, version=territory.version)
        yield territory


def actor() -> str:
    """The account that runs the command, for the audit."""
    import getpass

    return f"shell:{getpass.getuser()}"


def _warn(tables: dict[str, Any], more: tuple[Fault, ...]) -> None:
    """Say on standard error what the user should know of files that were read and not kept."""
    for layer, table in tables.items():
        for warning in table.attrs["reading"]["warnings"]:
            place = layer if warning["feature"] is None else f"{layer}, feature {warning['feature']}"
            typer.echo(f"warning: {place}: {warning['message']}", err=True)
    for fault in more:
        typer.echo(f"warning: areas: {fault.message}", err=True)
