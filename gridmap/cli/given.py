"""Where the layers of a command come from: files, and the record where a file is left out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from gridmap.cli.opening import open_record
from gridmap.cli.options import mapped, the_day
from gridmap.errors import NotFoundError

if TYPE_CHECKING:
    import geopandas as gpd
    from sqlalchemy import Engine


@dataclass(frozen=True, kw_only=True)
class Given:
    """Layers from files, and from the record where a file is left out."""

    #: day on which rows of files are in force; None: every row counts
    on: date | None
    #: CRS of files that state none
    crs: str | None
    #: ours to theirs
    columns: dict[str, str]
    #: the record; None: only files count
    engine: Engine | None

    def read(self, layer: str, path: Path, **reading: Any) -> gpd.GeoDataFrame:
        """A layer from a file; ``promise`` names the table that it must be, where that is another."""
        from gridmap.service.grids import read_layer

        table = read_layer(path, layer, on=self.on, columns=self.columns, crs=self.crs, **reading)
        self.warn(layer, table)
        if table.empty:
            raise NotFoundError(f"none of the {layer} in {path.name} are in force on {self.on}", do="name a day: --on")
        return table

    @staticmethod
    def warn(layer: str, table: gpd.GeoDataFrame) -> None:
        """Say what the reading of a file had to take for granted."""
        for warning in table.attrs.get("reading", {}).get("warnings", ()):
            typer.echo(f"warning: {layer}: {warning['message']}", err=True)

    def find(self, layer: str, path: Path | None, **reading: Any) -> gpd.GeoDataFrame | None:
        """A layer from its file, or the record's; None where neither has it."""
        from gridmap.service.grids import recorded

        if path is not None:
            return self.read(layer, path, **reading)
        return None if self.engine is None or self.on is None else recorded(self.engine, layer, self.on)

    def need(self, layer: str, path: Path | None, **reading: Any) -> gpd.GeoDataFrame:
        """The same, which must be there."""
        table = self.find(layer, path, **reading)
        if table is None:
            raise NotFoundError(
                f"no {layer}" + ("" if self.engine is None else f" in the record on {self.on}"),
                do=f"name a file: --{layer} FILE"
                + ("" if self.engine is None else f", or load them: load {layer} FILE"),
            )
        return table


@contextmanager
def asked(
    on: datetime | None, crs: str | None, column: list[str] | None, *, record_if: bool, dated: bool = True
) -> Iterator[Given]:
    """Where layers come from; the record is opened only where it is asked."""
    common: dict[str, Any] = {"on": the_day(on) if dated else None, "crs": crs, "columns": mapped(column)}
    if not record_if:
        yield Given(engine=None, **common)
        return
    with open_record() as engine:
        yield Given(engine=engine, **common)
