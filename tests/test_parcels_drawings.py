"""DXF drawings: arcs, splines, blocks, open and closed polylines, notes of CASS."""

from __future__ import annotations

import itertools
import math

import ezdxf
import numpy as np
import pytest

from gridmap.errors import FormatError
from gridmap.formats.parcels import curves, read_parcels

X, Y = 40520700.0, 3352700.0
SQUARE = [(X, Y), (X + 10, Y), (X + 10, Y + 10), (X, Y + 10)]


@pytest.fixture
def read(tmp_path):
    def reading(draw, version="R2010", **options):
        document = ezdxf.new(version)
        draw(document, document.modelspace())
        document.saveas(tmp_path / "a.dxf")
        return read_parcels(tmp_path / "a.dxf", crs=4528, **options)

    return reading


def told(reading):
    return reading.warnings["code"].tolist()


def test_a_side_with_a_bulge_is_an_arc(read):
    # a half circle of radius 5 on one side of a square of 10: 100 + 25 pi / 2
    bulged = [(*SQUARE[0], 0), (*SQUARE[1], 1.0), (*SQUARE[2], 0), (*SQUARE[3], 0)]
    reading = read(lambda _, space: space.add_lwpolyline(bulged, format="xyb", close=True))
    area = reading.parcels["area_m2"][0]
    true = 100 + 25 * math.pi / 2
    # chords lie within the arc, by two thirds of the tolerance on the mean
    assert true - curves.TOLERANCE * 5 * math.pi < area < true
    assert str(curves.TOLERANCE) in reading.decided.set_index("what").loc["curves", "why"]


def test_no_chord_is_farther_from_its_arc_than_is_said():
    points, _ = curves.bulged(np.array([[0.0, 0.0, 0.4], [100.0, 0.0, 0.0]]), closed=False)
    # bulge 0.4: sagitta 20 of the chord 100, radius (50 * 50 + 20 * 20) / 40 = 72.5, centre above it
    radii = [math.hypot(x - 50, y - 52.5) for x, y in points]
    middles = [math.hypot(*((a + b) / 2 - (50, 52.5))) for a, b in itertools.pairwise(points)]
    assert max(abs(radius - 72.5) for radius in radii) < 1e-9
    assert 72.5 - min(middles) <= curves.TOLERANCE


def test_a_polyline_whose_ends_meet_is_closed_though_it_does_not_say_so(read):
    reading = read(lambda _, space: space.add_lwpolyline([*SQUARE, SQUARE[0]]))
    assert (reading.parcels["area_m2"].tolist(), told(reading)) == ([100.0], [])


def test_an_open_polyline_is_a_line_and_told(read):
    reading = read(lambda _, space: space.add_lwpolyline(SQUARE))
    assert (reading.parcels.geom_type.tolist(), told(reading)) == (["LineString"], ["W_LINE"])


@pytest.mark.parametrize(
    ("corner", "warned"),
    [(2, [("W_NESTED_PARCELS", 2)]), (20, []), (0, [])],
    ids=["within", "apart", "sharing a corner"],
)
def test_an_outline_within_another_is_told_for_no_drawing_says_what_it_is(read, corner, warned):
    small = [(X + corner + 3 * (x - X) / 10, Y + corner + 3 * (y - Y) / 10) for x, y in SQUARE]
    reading = read(lambda _, space: [space.add_lwpolyline(ring, close=True) for ring in (SQUARE, small)])
    assert reading.parcels["area_m2"].round(6).tolist() == [100.0, 9.0]
    assert list(zip(told(reading), reading.warnings["line"], strict=True)) == warned


def test_single_lines_that_meet_are_a_parcel(read):
    def draw(_, space):
        for at in (2, 0, 3, 1):
            space.add_line(SQUARE[at], SQUARE[(at + 1) % 4])

    assert read(draw).parcels["area_m2"].tolist() == [pytest.approx(100)]


def test_a_polyline_in_space_lies_on_the_ground(read):
    reading = read(lambda _, space: space.add_polyline3d([(*at, 7.5) for at in SQUARE], close=True))
    assert (reading.parcels["area_m2"][0], reading.parcels.has_z.any()) == (100, False)


def test_an_old_polyline_keeps_its_arcs(read):
    bulged = [(*at, 0.0, 0.0, 1.0 if at == SQUARE[1] else 0.0) for at in SQUARE]
    reading = read(lambda _, space: space.add_polyline2d(bulged, format="xyseb", close=True), version="R12")
    assert reading.parcels["area_m2"][0] == pytest.approx(100 + 25 * math.pi / 2, abs=0.02)


def test_a_closed_spline_is_an_outline(read):
    fit = [(X, Y), (X + 10, Y), (X + 10, Y + 10), (X, Y + 10), (X, Y)]
    reading = read(lambda _, space: space.add_spline(fit))
    assert reading.parcels.geom_type.tolist() == ["Polygon"]
    assert reading.parcels["area_m2"][0] > 100


@pytest.mark.parametrize(
    ("place", "bounds"),
    [
        ({}, (100, 0, 110, 20)),
        ({"xscale": -1}, (90, 0, 100, 20)),
        ({"xscale": 2, "yscale": 2}, (100, 0, 120, 40)),
        ({"rotation": 90}, (80, 0, 100, 10)),
    ],
    ids=["as it is", "mirrored", "scaled", "turned"],
)
def test_a_block_is_read_where_it_is_inserted(read, place, bounds):
    def draw(document, space):
        block = document.blocks.new("B")
        block.add_lwpolyline([(0, 0), (10, 0), (10, 20)], close=True)
        space.add_blockref("B", (X + 100, Y), dxfattribs=place)

    found = read(draw).parcels.geometry[0].bounds
    assert [a - b for a, b in zip(found, (X, Y, X, Y), strict=True)] == pytest.approx(bounds, abs=1e-6)


def test_blocks_within_blocks_are_resolved(read):
    def draw(document, space):
        document.blocks.new("A").add_lwpolyline([(0, 0), (10, 0), (10, 20)], close=True)
        document.blocks.new("B").add_blockref("A", (5, 0))
        space.add_blockref("B", (X, Y))

    assert read(draw).parcels.geometry[0].bounds[0] == X + 5


def test_blocks_that_unfold_without_end_are_refused(read):
    def draw(document, space):
        document.blocks.new("B0").add_lwpolyline([(0, 0), (1, 0), (1, 1)], close=True)
        for at in range(1, 12):
            block = document.blocks.new(f"B{at}")
            for _ in range(10):
                block.add_blockref(f"B{at - 1}", (0, 0))
        space.add_blockref("B11", (X, Y))

    with pytest.raises(FormatError, match="E_TOO_LARGE"):
        read(draw)


def test_a_block_inserted_a_million_times_is_refused(read):
    lattice = {"row_count": 1000, "column_count": 1000, "row_spacing": 9, "column_spacing": 9}

    def draw(document, space):
        document.blocks.new("B").add_lwpolyline([(0, 0), (1, 0), (1, 1)], close=True)
        space.add_blockref("B", (X, Y), dxfattribs=lattice)

    with pytest.raises(FormatError, match="E_TOO_LARGE"):
        read(draw)


def test_texts_and_symbols_are_left_out_and_told(read):
    def draw(_, space):
        space.add_lwpolyline(SQUARE, close=True)
        space.add_text("张三")
        space.add_circle((X, Y), 1)

    reading = read(draw)
    assert len(reading.parcels) == 1
    assert "1 CIRCLE, 1 TEXT" in reading.decided["value"].tolist()


def test_layers_in_gbk_are_read(tmp_path):
    document = ezdxf.new("R2000")
    document.encoding = "gbk"
    document.header["$DWGCODEPAGE"] = "ANSI_936"
    document.layers.add("权属线")
    document.modelspace().add_lwpolyline(SQUARE, close=True, dxfattribs={"layer": "权属线"})
    document.saveas(tmp_path / "a.dxf", encoding="gbk")
    reading = read_parcels(tmp_path / "a.dxf", crs=4528)
    assert (reading.encoding, reading.parcels["name"].tolist()) == ("gbk", ["权属线"])


def test_where_cass_notes_edges_of_parcels_only_these_are_read_and_never_the_holder(read):
    def draw(document, space):
        document.appids.add("SOUTH")
        edge = space.add_lwpolyline(SQUARE, close=True)
        edge.set_xdata("SOUTH", [(1000, "300000"), (1000, "330106001"), (1000, "张三"), (1000, "0702")])
        space.add_lwpolyline([(x + 100, y) for x, y in SQUARE], close=True)

    reading = read(draw)
    assert len(reading.parcels) == 1
    assert dict(reading.fields[0]) == {"layer": "0", "code": "300000"}
    assert "张三" not in repr([reading.parcels.to_dict(), reading.fields, reading.decided.to_dict()])


def test_north_drawn_along_x_is_told(read):
    reading = read(lambda _, space: space.add_lwpolyline([(y, x) for x, y in SQUARE], close=True))
    assert (reading.axis_order, told(reading)) == ("north_east", ["W_AXIS_SWAPPED"])


def test_a_drawing_says_no_datum(tmp_path, read):
    read(lambda _, space: space.add_lwpolyline(SQUARE, close=True))
    assert told(read_parcels(tmp_path / "a.dxf")) == ["W_DATUM_ASSUMED"]


@pytest.mark.parametrize("name", ["a.dxf", "a.dwg"])
def test_a_dwg_is_refused_with_what_to_do_whatever_its_ending(tmp_path, name):
    (tmp_path / name).write_bytes(b"AC1015\0\0\0" + bytes(200))
    with pytest.raises(FormatError, match=r"E_DWG.*save it as DXF"):
        read_parcels(tmp_path / name)


def test_what_noise_is_called_reaches_no_terminal_as_it_stands_in_the_file(tmp_path, capfd):
    noise = np.random.default_rng(7).integers(0, 256, 3000, dtype=np.uint8).tobytes()
    (tmp_path / "a.dxf").write_bytes(b"  9\n\x1b[31m$ACAD\n" + noise)
    with pytest.raises(FormatError, match="E_UNREADABLE") as refusal:
        read_parcels(tmp_path / "a.dxf")
    assert str(refusal.value).isprintable()
    assert capfd.readouterr() == ("", "")


def test_a_drawing_without_lines_is_refused(read):
    with pytest.raises(FormatError, match="E_NO_PARCEL"):
        read(lambda _, space: space.add_text("a"))
