"""What the cameras of the record see on a day, computed once per revision and kept in memory.

The record is the truth: whoever asks is answered from the revision that stands when he asks. What is the same as at the
revision before is not computed again: buildings sorted as obstacles, streets cut at the borders of areas.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any, TypeVar

import geopandas as gpd
from pyproj import CRS
from sqlalchemy import Engine

from gridmap import crs
from gridmap.coverage import Cuts, cuts
from gridmap.coverage.ground import Ground as Plots
from gridmap.coverage.ground import ground as plots_of
from gridmap.coverage.live import Sees
from gridmap.errors import NotFoundError
from gridmap.service.camera_record import Recorded, read_recorded
from gridmap.service.camera_splicing import Looked, spliced
from gridmap.service.camera_standing import MOST_CARRIED, Standings, carried, differing, stood
from gridmap.service.followed import Followed
from gridmap.visibility import lines
from gridmap.visibility.cameras.views import Views, views
from gridmap.visibility.seeing import Sight, visible
from gridmap.visibility.sweep.scenes import Scene, scene

#: Spans of days kept at once; each takes some 100 MB for 10 000 cameras.
KEPT = 4

#: Answers kept for one span; the areas of a town, each once.
ANSWERS_KEPT = 2000

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What is looked at, whatever cameras there are: it outlives changes of cameras."""

    #: metric system in which all is computed: that of the areas' place
    crs: CRS
    #: buildings as obstacles
    scene: Scene
    #: streets as segments
    net: lines.Lines
    #: streets cut along the borders of areas
    cuts: Cuts
    #: the ground of areas in plots
    plots: Plots


@dataclass(frozen=True, kw_only=True, eq=False)
class Watch:
    """What is seen on the days of one span, at one revision; never changed, only followed by another."""

    #: what it was computed from
    recorded: Recorded
    #: what is looked at
    ground: Ground
    #: their footprints as they would be without buildings, with what was assumed and refused
    asked: Views
    #: the ground that they see
    sight: Sight
    #: the metres of streets that they see
    parts: lines.Parts
    #: shares that were carried over from another revision; None: they are counted when they are first asked for
    carried: Standings | None = None
    #: what was answered from it, by question
    answers: dict[Any, Any] = field(default_factory=dict)

    @property
    def version(self) -> int:
        """Revision of the record."""
        return self.recorded.version

    def holds(self, on: date) -> bool:
        """Whether the span holds this day."""
        return self.recorded.holds(on)

    @cached_property
    def standings(self) -> Standings:
        """Shares of all streets and areas by each way of counting, kept for live edit."""
        if self.carried is not None:
            return self.carried
        recorded, ground = self.recorded, self.ground
        return stood(self.sight, self.parts, recorded.cameras, recorded.streets, ground.cuts, ground.plots)

    @property
    def counted(self) -> Standings | None:
        """The same, if it is at hand."""
        return self.__dict__.get("standings", self.carried)


class Watches:
    """What cameras see by one record, the spans of days last asked for in memory.

    Parameters
    ----------
    engine
        The record.
    kept
        How many spans are kept.
    """

    def __init__(self, engine: Engine, *, kept: int = KEPT) -> None:
        self.engine = engine
        self._followed = Followed(engine, self._made, kept=kept)

    def at(self, on: date) -> Watch:
        """Return what is seen on a day, at the revision that stands now.

        Raises
        ------
        NotFoundError
            If no area is in force on that day.
        RecordError
            If the record cannot be read.
        """
        return self._followed.at(on)

    def _made(self, on: date, old: Watch | None) -> Watch:
        return watch(read_recorded(self.engine, on, old=None if old is None else old.recorded), old)


def watch(recorded: Recorded, old: Watch | None = None) -> Watch:
    """Return what is seen by what the record holds.

    Parameters
    ----------
    recorded
        What the record holds on a day.
    old
        What was seen at another revision: what was made of the very same tables is taken over.

    Raises
    ------
    NotFoundError
        If no area is in force.
    """
    if recorded.areas.empty:
        raise NotFoundError("no area is in force on that day", do="load areas, or ask for another day")
    if old is not None and _same(recorded, old.recorded, "areas", "buildings", "streets", "cameras"):
        answers = old.answers if _same(recorded, old.recorded, "places") else {}
        return replace(old, recorded=recorded, carried=old.counted, answers=answers)
    ground = _ground(recorded, old)
    if old is not None and old.ground is ground:
        names = differing(old.recorded.cameras, recorded.cameras)
        if len(names) <= MOST_CARRIED:
            return _followed(recorded, old, names)
    return _watch(recorded, ground, _seen(ground, recorded.cameras))


def _watch(recorded: Recorded, ground: Ground, seen: Looked, stood: Standings | None = None) -> Watch:
    return Watch(recorded=recorded, ground=ground, asked=seen.asked, sight=seen.sight, parts=seen.parts, carried=stood)


def _seen(ground: Ground, cameras: gpd.GeoDataFrame) -> Looked:
    """What cameras see, streets by the metre too."""
    asked, sight = looked(ground, cameras)
    return Looked(asked=asked, sight=sight, parts=lines.parts(sight.pieces, sight.views, ground.net))


def looked(ground: Ground, cameras: gpd.GeoDataFrame) -> tuple[Views, Sight]:
    """Return what cameras would see from where they are, whether the record holds them or not.

    Parameters
    ----------
    ground
        What they look at.
    cameras
        As `gridmap.frames` promises, in any CRS.

    Raises
    ------
    TableError
        If they break that promise.
    """
    asked = views(crs.to_system(cameras, ground.crs))
    return asked, visible(ground.scene, asked)


def _followed(recorded: Recorded, old: Watch, names: Sequence[str]) -> Watch:
    """What is seen after cameras of these names changed, and nothing else."""
    cameras = recorded.cameras
    before = Looked(asked=old.asked, sight=old.sight, parts=old.parts)
    fresh = _seen(old.ground, cameras[cameras["id"].isin(names)])
    seen = spliced(before, fresh, cameras["id"].tolist())
    if old.counted is None:
        return _watch(recorded, old.ground, seen)
    rows = {name: cameras[cameras["id"] == name].reset_index(drop=True) for name in names}
    sees = {name: _sees(old.ground, row) if len(row) else None for name, row in rows.items()}
    return _watch(recorded, old.ground, seen, carried(old.counted, sees))


def _sees(ground: Ground, camera: gpd.GeoDataFrame) -> Sees:
    """What one camera sees, for live edit."""
    _, sight = looked(ground, camera)
    return Sees(camera=camera, views=sight.views, pieces=sight.pieces)


def _ground(recorded: Recorded, old: Watch | None) -> Ground:
    """What is looked at, made anew only as far as it changed."""
    if old is None or not _same(recorded, old.recorded, "areas"):
        # other areas may lie in another zone, in which all is measured anew
        system, kept, known = CRS(crs.to_metric(recorded.areas).crs), None, recorded
    else:
        system, kept, known = old.ground.crs, old.ground, old.recorded
    if kept and _same(recorded, known, "streets", "buildings"):
        return kept
    net, laid = (kept.net, kept.cuts) if kept and _same(recorded, known, "streets") else _streets(recorded, system)
    if kept and _same(recorded, known, "buildings"):
        return replace(kept, net=net, cuts=laid)
    return Ground(
        crs=system,
        scene=scene(recorded.buildings, crs=system),
        net=net,
        cuts=laid,
        plots=plots_of(recorded.areas, system, buildings=recorded.buildings),
    )


def _streets(recorded: Recorded, system: CRS) -> tuple[lines.Lines, Cuts]:
    """Streets as segments, and cut along the borders of areas."""
    net = lines.gridded(recorded.streets, system)
    return net, cuts(net, recorded.streets, recorded.areas)


def _same(one: Recorded, other: Recorded, *layers: str) -> bool:
    """Whether layers are the very same tables."""
    return all(getattr(one, layer) is getattr(other, layer) for layer in layers)


def once(watch: Watch, question: object, answer: Callable[[], T]) -> T:
    """Return an answer that was given before, or give it; two who ask at once may both work it out, to the same end.

    Raises
    ------
    Nothing
        But what the answer raises; then nothing is kept.
    """
    if question not in watch.answers:
        if len(watch.answers) >= ANSWERS_KEPT:
            watch.answers.clear()
        watch.answers[question] = answer()
    found: T = watch.answers[question]
    return found
