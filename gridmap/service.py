"""The journeys, one function each: load, compute, save.

Each takes open things (an engine, an atlas) and plain values, and is what a command or a route calls.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
from sqlalchemy import Engine

from gridmap import crs, formats, frames, samples, store
from gridmap.errors import ConflictError, Fault, InputError, TableError
from gridmap.frames.validity import in_force
from gridmap.partition import AreaIndex, summed_up
from gridmap.store import cluster
from gridmap.territory import Territory

#: Rows of a query file that are held and answered at a time.
CHUNK_ROWS = 20_000

#: Overlap of two areas, in square metres, below which a published plan is accepted: survey rounding, not a border.
OVERLAP_LIMIT_M2 = 1.0

#: The day from which the sample territory's rows hold that state none of their own.
SAMPLE_SINCE = date(2016, 1, 1)

#: The day from which its later epoch of areas and parcels holds.
SAMPLE_REDRAWN = date(2020, 1, 1)

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
class Question:
    """What each row of a query file is asked."""

    #: how far the true places may lie from the given points; None: nothing is called ambiguous
    accuracy_m: float | None = None
    #: system of ``lon`` and ``lat``; the answers are in WGS 84
    crs: str = "EPSG:4326"
    #: ours to theirs, such as ``query`` to ``地址``
    columns: Mapping[str, str] = field(default_factory=dict)


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
        Options of :func:`gridmap.formats.read`: crs, columns, encoding, sublayer, mend.

    Raises
    ------
    FormatError, TableError, CrsError
        If the file cannot be read, breaks the layer's promise, or states no usable CRS.
    ConflictError
        If it contradicts what the record holds.
    """
    table = formats.read(path, layer=layer, **reading)
    with engine.begin() as connection:
        warnings = _shift_warnings(table, store.read(connection, layer, on=deed.effective))
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
    table = formats.read(path, layer="areas", **reading)
    findings = AreaIndex(crs.to_record(table)).findings()
    refused = findings[(findings["rule"] == "overlap") & (findings["measured"] > OVERLAP_LIMIT_M2)]
    if len(refused):
        lines = "\n".join(f"  {message}" for message in refused["message"])
        raise ConflictError(f"{path}: not a partition, nothing was published\n{lines}", do="mend the overlaps first")
    warnings = _partition_warnings(findings)
    with engine.begin() as connection:
        warnings += _shift_warnings(table, store.read(connection, "areas", on=deed.effective))
        report = store.publish(
            connection, table, effective=deed.effective, source=_source(table, warnings), actor=deed.actor
        )
    return Loaded(report=report, reading=table.attrs["reading"], warnings=warnings)


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


def read_tables(
    files: Mapping[str, Path | None], *, columns: Mapping[str, str] | None = None, **reading: Any
) -> dict[str, gpd.GeoDataFrame]:
    """Read files as layers to be asked, giving each the column mappings that concern it.

    Nothing is kept of them, so invalid rings are only warned of: the tie rule has an answer for them as well.

    Parameters
    ----------
    files
        Path by layer; None is passed over.
    columns
        Mapping ours to theirs; ``layer.ours`` for one layer only.
    **reading
        Options of :func:`gridmap.formats.read`.

    Raises
    ------
    NotFoundError, FormatError, TableError, CrsError
        As :func:`gridmap.formats.read`.
    """
    mapping = columns or {}
    return {
        layer: formats.read(
            path, layer=layer, columns=_columns_of(layer, mapping) or None, tolerate=("invalid_ring",), **reading
        )
        for layer, path in files.items()
        if path is not None
    }


def locate_file(
    source: Path,
    out: Path,
    territory: Territory,
    *,
    question: Question | None = None,
    workers: int = 1,
    progress: Callable[[int], None] | None = None,
) -> dict[str, int]:
    """Answer a file of queries, row by row, in bounded memory, and return how many rows got each status.

    Parameters
    ----------
    source
        CSV with a column ``query`` (address text) or columns ``lon`` and ``lat``; further columns are carried along.
    out
        CSV of answers, in the order of the queries; it appears when it is whole.
    territory
        What is in force on the day asked about.
    question
        Accuracy, CRS and column names of the queries.
    workers
        Processes; each holds the territory once.
    progress
        Called with the number of rows done.

    Raises
    ------
    FormatError, InputError
        If the file cannot be read, or has neither ``query`` nor ``lon`` and ``lat``.
    """
    task = _Task(territory=territory, question=question or Question())
    counts: Counter[str] = Counter()

    def pieces() -> Iterator[str]:
        for answered in _in_order(task, formats.read_chunks(source, size=CHUNK_ROWS), workers):
            counts.update(answered.counts)
            if progress is not None:
                progress(counts.total())
            yield answered.text

    formats.write_csv_pieces(pieces(), out)
    return dict(counts)


def answer_rows(queries: pd.DataFrame, territory: Territory, *, question: Question | None = None) -> pd.DataFrame:
    """Return the queries' own columns and, beside them, their answers.

    Parameters
    ----------
    queries
        Table with ``query``, or ``lon`` and ``lat``; cells may be text.
    territory
        What is in force on the day asked about.
    question
        Accuracy, CRS and column names of the queries.

    Returns
    -------
    pandas.DataFrame
        The columns carried along, those that bear an answer's name as ``NAME_given``; then status, area, one per
        level, address, matched_level, score, lon, lat, border_m.

    Raises
    ------
    InputError
        If the table has neither ``query`` nor ``lon`` and ``lat``.
    """
    question = question or Question()
    accuracy_m = question.accuracy_m
    queries = queries.rename(columns={theirs: ours for ours, theirs in question.columns.items() if theirs in queries})
    if "query" in queries:
        answers = territory.find_table(queries["query"].fillna("").astype(str).tolist(), accuracy_m=accuracy_m)
    elif {"lon", "lat"} <= set(queries):
        x, y = (pd.to_numeric(queries[name], errors="coerce").to_numpy(float) for name in ("lon", "lat"))
        answers = territory.locate_table(*crs.to_wgs84(x, y, question.crs), accuracy_m=accuracy_m)
        answers = answers.assign(address=None, matched_level=None, score=None)
    else:
        given = ", ".join(map(str, queries.columns)) or "no columns"
        raise InputError(given, expected="a column query, or columns lon and lat", do="map them: --column query=地址")
    order = ["status", "area", *territory.levels, "address", "matched_level", "score", "lon", "lat", "border_m"]
    return pd.concat([_carried(queries, order, question), answers[order]], axis=1)


def _carried(queries: pd.DataFrame, answered: Sequence[str], question: Question) -> pd.DataFrame:
    """The queries' own columns; one that bears the name of an answer's gets ``_given`` behind it.

    Longitude and latitude that were asked in WGS 84 stand in the answer just as they were given.
    """
    same = {"lon", "lat"} if "query" not in queries and question.crs == Question().crs else set()
    kept = queries.drop(columns=[name for name in same if name in queries]).reset_index(drop=True)
    return kept.rename(columns={name: f"{name}_given" for name in answered})


def load_demo(engine: Engine, *, buildings: int, seed: int = 0) -> dict[str, int]:
    """Load the sample territory into an empty record and return the number of rows per layer.

    Parameters
    ----------
    engine
        The record.
    buildings
        Size of the sample territory.
    seed
        Which territory.

    Raises
    ------
    ConflictError
        If the record already holds areas.
    """
    with engine.connect() as connection:
        if len(store.read(connection, "areas")):
            raise ConflictError("the record already holds areas", do="use another GRIDMAP_DATA_DIR for the demo")
    town = samples.town(seed=seed, buildings=buildings)
    source = store.Source(file=f"sample territory, seed {seed}, {buildings} buildings")
    with engine.begin() as connection:
        for name, layer, since in _sample_epochs(town):
            later = since > SAMPLE_SINCE
            store.load(connection, layer, town[name], source=source, actor="demo", effective=since, replace=later)
    return {layer: len(town[layer]) for layer in LAYERS if layer in town}


def _sample_epochs(town: Mapping[str, Any]) -> Iterator[tuple[str, str, date]]:
    """Table, layer and first day of each epoch of the sample territory, older ones first."""
    for layer in LAYERS:
        if f"{layer}_before" in town:
            yield f"{layer}_before", layer, SAMPLE_SINCE
        if layer in town:
            yield layer, layer, SAMPLE_REDRAWN if f"{layer}_before" in town else SAMPLE_SINCE


@dataclass(frozen=True, kw_only=True)
class _Task:
    """What answers each chunk of a query file; sent once to each worker process."""

    #: what is in force on the day asked about
    territory: Territory
    #: what is asked of each row
    question: Question

    def answer(self, chunk: tuple[int, pd.DataFrame]) -> _Answered:
        """Answers of one chunk; the first brings the names of the columns."""
        number, queries = chunk
        answers = answer_rows(queries, self.territory, question=self.question)
        counts = Counter(answers["status"].tolist())
        return _Answered(text=formats.csv_text(answers, header=number == 0), counts=counts)


@dataclass(frozen=True, kw_only=True)
class _Answered:
    """The answers of one chunk."""

    #: as CSV
    text: str
    #: rows by status
    counts: Counter[str]


_task: _Task | None = None


def _receive(task: _Task) -> None:
    """Keep the task for the life of a worker process."""
    global _task  # noqa: PLW0603 - a worker process has no other place for what all its chunks share
    _task = task


def _answer(chunk: tuple[int, pd.DataFrame]) -> _Answered:
    """Answer one chunk in a worker process."""
    if _task is None:
        raise RuntimeError("the worker was not given its task")
    return _task.answer(chunk)


def _in_order(task: _Task, chunks: Iterable[pd.DataFrame], workers: int) -> Iterator[_Answered]:
    """Answers in the order of the chunks; at most two chunks per worker are in memory."""
    if workers <= 1:
        yield from map(task.answer, enumerate(chunks))
        return
    context = get_context("forkserver")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_receive, initargs=(task,)) as pool:
        waiting: deque[Future[_Answered]] = deque()
        for chunk in enumerate(chunks):
            waiting.append(pool.submit(_answer, chunk))
            if len(waiting) >= 2 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _columns_of(layer: str, mapping: Mapping[str, str]) -> dict[str, str]:
    """The mappings that concern one layer."""
    promised = {column.name for column in frames.FRAMES[layer].columns} | {"lon", "lat"}
    plain = {ours: theirs for ours, theirs in mapping.items() if ours in promised}
    return plain | {
        ours.removeprefix(f"{layer}."): theirs for ours, theirs in mapping.items() if ours.startswith(f"{layer}.")
    }


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


def area_warnings(index: AreaIndex) -> tuple[Fault, ...]:
    """Return what keeps areas from being a partition: overlaps and gaps, a sentence each."""
    return _partition_warnings(index.findings())


def _file_warnings(areas: gpd.GeoDataFrame) -> tuple[Fault, ...]:
    """The same for areas of a file; none where some of their parents are not in it but in the record."""
    if areas.empty:
        return ()
    try:
        return area_warnings(AreaIndex(crs.to_record(areas)))
    except TableError:
        # whether the parents are in force is for the record to say: it refuses the load if they are not
        return ()


def _partition_warnings(findings: gpd.GeoDataFrame) -> tuple[Fault, ...]:
    """Overlaps and gaps as warnings."""
    return tuple(Fault(code=rule, message=message) for rule, message in summed_up(findings))


def _shift_warnings(table: gpd.GeoDataFrame, held: gpd.GeoDataFrame) -> tuple[Fault, ...]:
    """A warning where the table lies beside what the record holds by just the shift of GCJ-02 or BD-09."""
    if held.empty or table.empty:
        return ()
    verdict = crs.offset_verdict(crs.to_record(table), held)
    return () if verdict is None else (Fault(code="shifted", message=verdict.message),)
