"""What a benchmark measures, and how it is written down."""

from __future__ import annotations

import gc
import json
import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

#: where results go, beside the checkout's own folders
RESULTS = Path(__file__).parents[2] / "bench-results"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One engine on one task."""

    #: what was asked
    task: str
    #: who answered
    engine: str
    #: least CPU seconds of all repeats, of the engine's own process; None where it was not run
    cpu_s: float | None = None
    #: least wall seconds of all repeats
    wall_s: float | None = None
    #: CPU seconds of what must be built before (tree, table, index)
    prepare_s: float | None = None
    #: answers that differ from ours
    differ: int | None = None
    #: why it was not run, or what should be known of it
    note: str = ""


def rest_collector() -> None:
    """Keep Python's collector of cycles from walking all that stands, as the service does once it has loaded."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 100)


def measure(
    work: Callable[[], Any], *, repeats: int, clock: Callable[[], float] = time.process_time
) -> tuple[float, float, Any]:
    """Return least CPU seconds, least wall seconds, and the last result of some work."""
    cpu, wall, result = [], [], None
    for _ in range(repeats):
        start, wall_start = clock(), time.perf_counter()
        result = work()
        cpu.append(clock() - start)
        wall.append(time.perf_counter() - wall_start)
    return min(cpu), min(wall), result


def machine(packages: Sequence[str]) -> dict[str, Any]:
    """Return what the figures depend on: machine, load, versions, date."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        "system": platform.platform(),
        "python": platform.python_version(),
        "versions": {name: _version(name) for name in packages},
    }


def _processor() -> str:
    """Return the processor's name, as Linux tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def _version(name: str) -> str | None:
    """Return the version of a package, None where it is missing."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def table(rows: Sequence[Row], ours: Mapping[str, float]) -> str:
    """Return the rows as a Markdown table; ``ours`` is the CPU time per task that the others are divided by."""
    lines = [
        "| task | engine | CPU s | wall s | CPU / ours | prepare CPU s | differ | note |",
        "|---|---|---:|---:|---:|---:|---:|---|",
    ]
    for row in rows:
        ratio = row.cpu_s / ours[row.task] if row.cpu_s is not None and row.task in ours else None
        numbers = (row.cpu_s, row.wall_s, ratio, row.prepare_s)
        cells = [f"{number:.4g}" if number is not None else "" for number in numbers]
        lines.append("| " + " | ".join([row.task, row.engine, *cells, _text(row.differ), row.note]) + " |")
    return "\n".join(lines)


def _text(value: object) -> str:
    """Return a value as text, nothing for None."""
    return "" if value is None else str(value)


def write(name: str, rows: Sequence[Row], facts: Mapping[str, Any]) -> Path:
    """Write rows and facts to ``bench-results/NAME.json`` and return its path."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps({**facts, "rows": [asdict(row) for row in rows]}, indent=1, ensure_ascii=False) + "\n")
    return path
