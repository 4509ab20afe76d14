"""10 000 random edits: after each of them the areas still fill the same ground once, and any of them can be undone."""

from __future__ import annotations

import math
from collections import Counter
from functools import lru_cache
from typing import ClassVar

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from gridmap import crs
from gridmap.errors import ConflictError, InputError
from gridmap.partition import apply
from gridmap.samples import town

MM2 = 1e-6
#: edits after which all areas are looked at, not only those that each edit touched
EVERY = 25
#: a choice among things whose number is not known before
PICK = st.integers(0, 9_999)
#: a share, in thousandths
SHARE = st.integers(0, 1_000).map(lambda k: k / 1_000)
#: a way off, as a share of an area's size
OFF = st.integers(-400, 400).map(lambda k: k / 1_000)


@lru_cache(maxsize=1)
def sample_grids():
    areas = town(0, buildings=1_500)["areas"]
    return areas[areas["level"] == "grid"].reset_index(drop=True)


class Editing(RuleBasedStateMachine):
    """A grid administrator who tries anything."""

    start: ClassVar[gpd.GeoDataFrame]
    made: ClassVar[Counter[str]]

    def __init__(self):
        super().__init__()
        self.kept = []
        self.edits = self.looked = 0
        self.touched = None
        self.metres = Metres(self.start)
        self.stand(self.start)

    def stand(self, table):
        """Make a table the one that is edited."""
        self.table = table
        self.codes = table["code"].tolist()
        self.shapes = table.geometry.to_numpy()

    # --- what is edited

    def area(self, pick):
        return pick % len(self.shapes)

    def shape(self, row):
        return self.shapes[row]

    def code(self, row):
        return self.codes[row]

    def size(self, row):
        return math.sqrt(self.shape(row).area)

    def corner(self, row, pick):
        points = shapely.get_coordinates(self.shape(row))
        return points[pick % (len(points) - 1)]

    def neighbour(self, row, pick):
        others = near(self.shapes, self.shapes[[row]])
        others = others[(others != row) & shapely.intersects(self.shapes[others], self.shape(row))]
        return int(others[pick % len(others)]) if len(others) else row

    def common(self, one, other):
        """Vertices on the border of two areas; of one of them if there are too few."""
        points = shapely.get_coordinates(shapely.intersection(self.shape(one), self.shape(other)))
        return points if len(points) > 1 else shapely.get_coordinates(self.shape(one))

    def edit(self, operation):
        try:
            edited = apply(self.table, operation)
        except (ConflictError, InputError):
            self.made["refused"] += 1
            return
        self.kept.append((self.table, edited))
        before = self.shapes
        self.stand(edited.areas)
        self.touched = apart(before, self.shapes), apart(self.shapes, before)
        self.edits += 1
        self.made[operation["op"]] += 1

    # --- edits

    @rule(pick=PICK, which=PICK, east=OFF, north=OFF)
    def move(self, pick, which, east, north):
        row = self.area(pick)
        at = self.corner(row, which)
        to = at + np.array([east, north]) * self.size(row) / 2
        self.edit({"op": "move_vertex", "at": at.tolist(), "to": to.tolist(), "across": True})

    @rule(pick=PICK, which=PICK, share=SHARE)
    def insert(self, pick, which, share):
        points = shapely.get_coordinates(self.shape(self.area(pick)))
        k = which % (len(points) - 1)
        at = points[k] * (1 - share) + points[k + 1] * share
        self.edit({"op": "insert_vertex", "at": at.tolist()})

    @rule(pick=PICK, which=PICK, share=SHARE, east=OFF, north=OFF)
    def drag(self, pick, which, share, east, north):
        row = self.area(pick)
        points = shapely.get_coordinates(self.shape(row))
        k = which % (len(points) - 1)
        at = points[k] * (1 - share) + points[k + 1] * share
        to = at + np.array([east, north]) * self.size(row) / 2
        self.edit({"op": "insert_vertex", "at": at.tolist(), "to": to.tolist(), "across": True})

    @rule(pick=PICK, which=PICK)
    def delete(self, pick, which):
        at = self.corner(self.area(pick), which)
        self.edit({"op": "delete_vertex", "at": at.tolist(), "across": True})

    @rule(pick=PICK, turn=SHARE, east=OFF, north=OFF)
    def split(self, pick, turn, east, north):
        if len(self.shapes) > 1.3 * len(self.start):
            return
        row = self.area(pick)
        middle = shapely.get_coordinates(shapely.point_on_surface(self.shape(row)))[0]
        way = np.array([math.cos(turn * math.pi), math.sin(turn * math.pi)]) * 2 * self.size(row)
        bend = middle + np.array([east, north]) * self.size(row)
        codes = [self.code(row), f"new-{len(self.kept)}"]
        line = [(middle - way).tolist(), bend.tolist(), (middle + way).tolist()]
        self.edit({"op": "split", "code": codes[0], "line": line, "codes": codes})

    @rule(pick=PICK, beside=PICK)
    def merge(self, pick, beside):
        if len(self.shapes) < 0.7 * len(self.start):
            return
        row = self.area(pick)
        other = self.neighbour(row, beside)
        if other != row:
            self.edit({"op": "merge", "codes": [self.code(row), self.code(other)], "across": True})

    @rule(pick=PICK, beside=PICK, which=PICK, wide=SHARE, high=SHARE, turn=SHARE)
    def give(self, pick, beside, which, wide, high, turn):
        row = self.area(pick)
        other = self.neighbour(row, beside)
        common = self.common(row, other)
        at = common[which % len(common)]
        half = self.size(other) * np.array([0.02 + wide, 0.02 + high]) / 3
        box = shapely.affinity.rotate(shapely.box(*(at - half), *(at + half)), turn * 90)
        ground = [shapely.get_coordinates(box).tolist()]
        giver = self.code(other)
        self.edit({"op": "give", "ground": ground, "to": self.code(row), "of": giver, "across": True})

    @rule(pick=PICK, beside=PICK, first=PICK, last=PICK, east=OFF, north=OFF)
    def redraw(self, pick, beside, first, last, east, north):
        row = self.area(pick)
        other = self.neighbour(row, beside)
        common = self.common(row, other)
        start, end = common[first % len(common)], common[last % len(common)]
        bend = (start + end) / 2 + np.array([east, north]) * self.size(row)
        line = [start.tolist(), bend.tolist(), end.tolist()]
        self.edit(
            {"op": "redraw_border", "one": self.code(row), "other": self.code(other), "line": line, "across": True}
        )

    @rule()
    def undo(self):
        if self.kept:
            self.stand(self.kept.pop()[0])
            self.made["undo"] += 1

    # --- what holds after each

    @invariant()
    def an_edit_leaves_the_ground_that_it_touched_filled_once(self):
        """What it did not touch is the very same as before: that all areas fill the ground once follows from this."""
        if self.touched is None:
            return
        gone, fresh = self.touched
        beside = self.shapes[near(self.shapes, fresh)]
        assert_partition(fresh, beside)
        gone, fresh = self.metres.of(gone), self.metres.of(fresh)
        assert_partition(fresh, self.metres.of(beside))
        assert abs(shapely.area(fresh).sum() - shapely.area(gone).sum()) <= MM2
        assert differing_m2(gone, fresh) <= MM2

    @invariant()
    def an_edit_is_undone_to_the_last_byte(self):
        if self.touched is None:
            return
        (table, edited), self.touched = self.kept[-1], None
        rows = dict(zip(self.codes, self.shapes, strict=True))
        for code in (*edited.changed, *edited.added):
            del rows[code]
        before = edited.before
        rows.update(zip(before["code"].tolist(), before.geometry.to_numpy(), strict=True))
        stood = dict(zip(table["code"].tolist(), table.geometry.to_numpy(), strict=True))
        assert rows.keys() == stood.keys()
        # what is the very same object needs no look at its bytes
        other = [code for code, shape in rows.items() if shape is not stood[code]]
        assert bytes_of(rows, other) == bytes_of(stood, other)

    @invariant()
    def every_area_has_a_code_of_its_own(self):
        assert len(set(self.codes)) == len(self.codes)

    @invariant()
    def all_areas_fill_the_same_ground_once(self):
        if self.edits >= self.looked + EVERY:
            self.look_at_all()

    def teardown(self):
        self.look_at_all()

    def look_at_all(self):
        shapes, edits = crs.to_metric(self.table).geometry.to_numpy(), max(1, self.edits)
        assert_partition(self.shapes, self.shapes)
        assert_partition(shapes, shapes)
        assert abs(shapely.area(shapes).sum() - shapely.area(self.metres.whole).sum()) <= MM2 * edits
        assert differing_m2(self.metres.whole, shapes) <= MM2 * edits
        self.looked = self.edits


class Metres:
    """Areas in metres, each taken there once."""

    def __init__(self, start):
        moved = crs.to_metric(start)
        self.stored, self.system, self.known = start.crs, moved.crs, {}
        self.whole = moved.geometry.to_numpy()
        self.keep(start.geometry.to_numpy(), self.whole)

    def keep(self, shapes, moved):
        self.known.update({id(shape): (shape, there) for shape, there in zip(shapes, moved, strict=True)})

    def moved(self, x, y):
        return crs.convert(x, y, self.stored, self.system)

    def of(self, shapes):
        new = np.array([shape for shape in shapes if id(shape) not in self.known], dtype=object)
        self.keep(new, shapely.transform(new, self.moved, interleaved=False))
        return np.array([self.known[id(shape)][1] for shape in shapes], dtype=object)


def apart(shapes, others):
    """Those of some areas that are not among others, the same object."""
    known = set(map(id, others))
    return np.array([shape for shape in shapes if id(shape) not in known], dtype=object)


def near(shapes, some):
    """Rows of the areas whose extent meets that of some."""
    west, south, east, north = shapely.bounds(shapes).T[..., None]
    w, s, e, n = shapely.bounds(some).T
    return np.flatnonzero(((west <= e) & (east >= w) & (south <= n) & (north >= s)).any(axis=1))


def assert_partition(shapes, beside):
    """Valid polygons of one part each, that neither overlap nor leave gaps with what lies beside them."""
    assert (shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON).all()
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(beside)


def differing_m2(some, others):
    """Ground that is held in one of two sets of areas and not in the other."""
    return shapely.symmetric_difference(shapely.coverage_union_all(some), shapely.coverage_union_all(others)).area


def bytes_of(shapes, codes):
    return [shapely.to_wkb(shapes[code]) for code in codes]


def edit_until(machine, wanted, *, at_once=20):
    """Run a machine until it has made so many edits, and each kind of edit at least once."""
    machine.made = Counter()
    bounds = settings(
        max_examples=at_once,
        stateful_step_count=60,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
        # where CI is set, Hypothesis would draw the same examples each time
        derandomize=False,
    )
    while edits(machine.made) < wanted or not machine.made.keys() >= WORDS:
        run_state_machine_as_test(machine, settings=bounds)
    return edits(machine.made)


def edits(made):
    """How many edits were made: not those refused, nor undone ones."""
    return made.total() - made["refused"] - made["undo"]


WORDS = {"move_vertex", "insert_vertex", "delete_vertex", "split", "merge", "give", "redraw_border", "undo"}


@pytest.mark.slow
@pytest.mark.timeout(3000)
def test_9_700_edits_of_the_sample_town_leave_its_ground_filled_once():
    class OfTheTown(Editing):
        start = sample_grids()

    assert edit_until(OfTheTown, 9_700) >= 9_700


@pytest.mark.slow
@pytest.mark.timeout(3000)
def test_300_edits_of_taipeis_villages_leave_their_ground_filled_once(shared_data):
    class OfTaipei(Editing):
        start = villages(shared_data("taipei/taipei_village.geojson"))

    assert edit_until(OfTaipei, 300, at_once=5) >= 300


def villages(path):
    """The villages of Taipei, two of which are invalid and are mended, sharing their borders exactly."""
    read = gpd.read_file(path)
    shapes = shapely.coverage_clean(shapely.make_valid(read.geometry.to_numpy()))
    return gpd.GeoDataFrame({"code": [f"v{k}" for k in range(len(read))]}, geometry=_single(shapes), crs=read.crs)


def _single(shapes):
    """Polygons in place of MultiPolygons of one part."""
    return [shapely.get_parts(shape)[0] if shapely.get_num_geometries(shape) == 1 else shape for shape in shapes]
