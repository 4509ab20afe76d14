"""What goes into the record and comes out of it: load, publish, dump."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
from sqlalchemy import Engine

from gridmap import crs, formats, frames, store
from gridmap.errors import ConflictError, Fault, TableError
from gridmap.frames.validity import in_force
from gridmap.partition import AreaIndex
from gridmap.service.cameras_reading import read_cameras, told
from gridmap.service.grids import read_layer
from gridmap.service.tables import area_warnings, partition_warnings
from gridmap.store import cluster

#: Overlap of two areas, in square metres, below which a published plan is accepted: survey rounding, not a border.
OVERLAP_LIMIT_M2 = 1.0

#: Layers that ``load`` takes.
LAYERS = tuple(frames.FRAMES)


@dataclass(frozen=True, kw_only=True)
class Deed:
    """Who changes the record, and from which day."""

    #: an account or an API key, for the audit; never a person's name
    actor: str
    #: the day of force of rows that state no ``valid_from``
    effective: date


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """What a load did."""

    #: rows added, changed, unchanged and closed
    report: store.LoadReport
    #: what was decided in reading the file: encoding, CRS, mends
    reading: dict[str, object]
    #: what the user should look at
    warnings: tuple[Fault, ...] = ()


@contextmanager
def open_record(database_url: str | None, data_dir: Path) -> Iterator[Engine]:
    """Yield an engine on the record, with its tables up to date.

    Parameters
    ----------
    database_url
        An existing PostGIS; None: the private cluster in ``data_dir``, which ends with this process unless it was
        started to stay.
    data_dir
        Where gridmap keeps everything of its own.

    Raises
    ------
    RecordError
        If PostGIS is missing, cannot be started or reached, or its tables are newer than this gridmap.
    """
    if database_url is None:
        database_url = cluster.up(data_dir)
        store.migrate(database_url)
    engine = store.connect(database_url)
    try:
        yield engine
    finally:
        engine.dispose()


def load_file(
    engine: Engine,
    layer: str,
    path: Path,
    *,
    deed: Deed,
    replace: bool = False,
    progress: Callable[[int, int], None] | None = None,
    **reading: Any,
) -> Loaded:
    """Load a file into a layer of the record: all of it, or nothing.

    Parameters
    ----------
    engine
        The record.
    layer
        One of ``LAYERS``.
    path
        Whatever GDAL reads.
    deed
        Who loads, and the day of force.
    replace
        Whether rows of the layer that the file lacks end on that day.
    progress
        Called with rows done and rows in all.
    **reading
        Options of :func:`gridmap.formats.read`: crs, columns (``layer.ours`` too), encoding, sublayer, mend.

    Raises
    ------
    FormatError, TableError, CrsError
        If the file cannot be read, breaks the layer's promise, or states no usable CRS.
    ConflictError
        If it contradicts what the record holds.
    """
    table, noted = _read(path, layer, **reading)
    with engine.begin() as connection:
        warnings = (*noted, *_shift_warnings(table, store.read(connection, layer, on=deed.effective)))
        if layer == "areas":
            warnings += _file_warnings(in_force(table, deed.effective))
        report = store.load(
            connection,
            layer,
            table,
            source=_source(table, warnings),
            actor=deed.actor,
            effective=deed.effective,
            replace=replace,
            progress=progress,
        )
    return Loaded(report=report, reading=table.attrs["reading"], warnings=warnings)


def _read(
    path: Path, layer: str, *, columns: Mapping[str, str] | None = None, **reading: Any
) -> tuple[gpd.GeoDataFrame, tuple[Fault, ...]]:
    """A file as a layer, and what is noted of it: cameras may stand in a catalogue or in OpenStreetMap."""
    if layer != "cameras":
        return read_layer(path, layer, columns=columns, **reading), ()
    table, notes = read_cameras(path, columns=columns, **reading)
    return table, tuple(Fault(code="cameras", message=said) for said in told(notes))


def publish_file(engine: Engine, path: Path, *, deed: Deed, **reading: Any) -> Loaded:
    """Make an area set the plan in force on a day, all levels at once.

    Parameters
    ----------
    engine
        The record.
    path
        Areas of all levels, whatever GDAL reads.
    deed
        Who publishes, and the day of force; every area that the file does not hold ends on it.
    **reading
        Options of :func:`gridmap.formats.read`.

    Raises
    ------
    FormatError, TableError, CrsError
        If the file cannot be read, breaks the promise of areas, or states no usable CRS.
    ConflictError
        If areas of one level overlap by more than ``OVERLAP_LIMIT_M2``, or the record holds a later plan.
    """
    table = read_layer(path, "areas", **reading)
    findings = AreaIndex(crs.to_record(table)).findings()
    refused = findings[(findings["rule"] == "overlap") & (findings["measured"] > OVERLAP_LIMIT_M2)]
    if len(refused):
        lines = "\n".join(f"  {message}" for message in refused["message"])
        raise ConflictError(f"{path}: not a partition, nothing was published\n{lines}", do="mend the overlaps first")
    warnings = partition_warnings(findings)
    with engine.begin() as connection:
        standing = store.read(connection, "areas", on=deed.effective)
        warnings += (*_shift_warnings(table, standing), *_ending_levels(table, standing, deed.effective))
        report = store.publish(
            connection, table, effective=deed.effective, source=_source(table, warnings), actor=deed.actor
        )
    return Loaded(report=report, reading=table.attrs["reading"], warnings=warnings)


def _ending_levels(table: gpd.GeoDataFrame, standing: gpd.GeoDataFrame, on: date) -> Iterator[Fault]:
    """A warning where whole levels end because a file holds none of their areas: often it held grids alone."""
    counts = standing[~standing["level"].isin(set(table["level"].dropna()))]["level"].dropna().value_counts(sort=False)
    if len(counts):
        ending = ", ".join(f"{count} of level {level}" for level, count in counts.items())
        message = f"areas end on {on} with all of their level, since the file holds none: {ending}"
        yield Fault(code="levels_end", message=message)


def dump_file(engine: Engine, layer: str, path: Path, *, on: date | None = None) -> int:
    """Write a layer as it is in force on a day (every row ever, if none is given) and return the number of rows.

    Raises
    ------
    InputError
        If the file's ending is unknown or its folder does not exist.
    RecordError
        If the record cannot be reached.
    """
    with engine.connect() as connection:
        table = store.read(connection, layer, on=on)
    formats.write({layer: table}, path)
    return len(table)


def _source(table: gpd.GeoDataFrame, warnings: Sequence[Fault]) -> store.Source:
    """Where a table comes from, for the record."""
    reading = table.attrs["reading"]
    added = [{"code": fault.code, "message": fault.message} for fault in warnings]
    return store.Source(
        file=reading["source"],
        sha256=reading["sha256"],
        encoding=reading["encoding"],
        crs=reading["crs"],
        warnings=[*reading["warnings"], *added],
    )


def _file_warnings(areas: gpd.GeoDataFrame) -> tuple[Fault, ...]:
    """The same for areas of a file; none where some of their parents are not in it but in the record."""
    if areas.empty:
        return ()
    try:
        return area_warnings(AreaIndex(crs.to_record(areas)))
    except TableError:
        # whether the parents are in force is for the record to say: it refuses the load if they are not
        return ()


def _shift_warnings(table: gpd.GeoDataFrame, held: gpd.GeoDataFrame) -> tuple[Fault, ...]:
    """A warning where the table lies beside what the record holds by just the shift of GCJ-02 or BD-09."""
    if held.empty or table.empty:
        return ()
    verdict = crs.offset_verdict(crs.to_record(table), held)
    return () if verdict is None else (Fault(code="shifted", message=verdict.message),)
