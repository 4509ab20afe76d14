"""gridmap's own part, in a process of its own, so that its memory and its compiler are nobody else's.

``python -m tests.benchmarks.cameras_run GROUND CAMERAS OUTPUT`` is how the process is started; the output is a pickle,
which the benchmark alone writes and reads. NUMBA_DISABLE_JIT=1 makes it run without compiled kernels.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from gridmap import coverage
from gridmap.visibility.cameras.views import views
from gridmap.visibility.lines import gridded, parts
from gridmap.visibility.seeing import in_sight, visible
from gridmap.visibility.sweep.pieces import areas
from gridmap.visibility.sweep.scenes import Scene, scene
from gridmap.visibility.sweep.standing import stand
from tests.benchmarks.cameras_grounds import GROUNDS, Ground
from tests.benchmarks.drawing_run import peak_mb

#: all buildings so high that none is looked over: the plain case that peers can do
TALL_M = 30.0
#: how often a short measurement is made; the least counts
REPEATS = 5


@dataclass(frozen=True, kw_only=True)
class Ran:
    """What gridmap took on a ground."""

    #: cameras that were measured
    cameras: int
    #: CPU seconds to make the scene
    scene_s: float
    #: CPU seconds for the visible ground of all cameras, all buildings high
    flat_s: float
    #: the same with true heights
    high_s: float
    #: with where cameras stand, footprints and bands, from the table of cameras to pieces
    bands_s: float
    #: then the metres of streets in each view, and the shares of streets
    parts_s: float
    shares_s: float
    #: megabytes at most
    peak_mb: float
    #: exact areas of the first cameras, all buildings high
    area: np.ndarray
    #: metres of street, and those seen in any band
    streets_m: float
    seen_m: float


def run(ground: str, cameras: int, *, compiled: bool) -> Ran:
    """Run gridmap on a ground in a process of its own, on one thread."""
    with TemporaryDirectory(prefix="gridmap-bench-") as folder:
        target = Path(folder, "made")
        one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
        settings = {**os.environ, **one, "NUMBA_DISABLE_JIT": "0" if compiled else "1", "PYTHONWARNINGS": "ignore"}
        command = [sys.executable, "-m", "tests.benchmarks.cameras_run", ground, str(cameras), str(target)]
        subprocess.run(command, env=settings, check=True)
        return Ran(**pickle.loads(target.read_bytes()))  # noqa: S301 (written by the process above)


def main(name: str, cameras: str, target: str) -> None:
    """Measure and write down."""
    ground = GROUNDS[name]()
    made = measured(ground, int(cameras))
    Path(target).write_bytes(pickle.dumps(vars(made)))


def measured(ground: Ground, count: int) -> Ran:
    """Return what gridmap takes on a ground; that kernels are compiled on first use, once for ever, is not measured."""
    table = ground.cameras.iloc[:count]
    asked = views(table)
    tall = scene(ground.buildings.assign(height_m=TALL_M), crs=asked.crs)
    scene_s, true = timed(lambda: scene(ground.buildings, crs=asked.crs), repeats=1)
    _warm(tall, true, table, ground)
    from_ground, from_anywhere = stand(tall, asked).views, stand(true, asked).views
    flat_s, sight = timed(lambda: in_sight(tall, from_ground))
    high_s, _ = timed(lambda: in_sight(true, from_anywhere))
    bands_s, seen = timed(lambda: visible(true, views(table)))
    lines = gridded(ground.streets, asked.crs)
    parts_s, found = timed(lambda: parts(seen.pieces, seen.views, lines))
    shares_s, shares = timed(lambda: coverage.streets(found, seen.views, ground.streets, table))
    return Ran(
        cameras=count,
        scene_s=scene_s,
        flat_s=flat_s,
        high_s=high_s,
        bands_s=bands_s,
        parts_s=parts_s,
        shares_s=shares_s,
        peak_mb=peak_mb(),
        area=np.bincount(from_ground.camera[sight.view], areas(sight), count),
        streets_m=float(lines.length_m.sum()),
        seen_m=float(shares["seen_m"].sum()),
    )


def timed(work: Callable[[], Any], *, repeats: int = REPEATS) -> tuple[float, Any]:
    """Return least CPU seconds of some work, and its last result."""
    seconds = []
    for _ in range(repeats):
        start = time.process_time()
        result = work()
        seconds.append(time.process_time() - start)
    return min(seconds), result


def _warm(tall: Scene, true: Scene, table: Any, ground: Ground) -> None:
    """Let everything be compiled."""
    some = views(table.iloc[:20])
    in_sight(tall, some)
    seen = visible(true, some)
    parts(seen.pieces, seen.views, gridded(ground.streets.iloc[:50], some.crs))


if __name__ == "__main__":
    main(*sys.argv[1:])
