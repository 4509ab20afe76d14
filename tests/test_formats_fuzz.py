"""Whatever bytes a file holds, the answer is a table or an error of gridmap: no crash, no hang, nothing strange."""

from __future__ import annotations

import contextlib
import json

import geopandas
import pyogrio
import pytest
import shapely
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from gridmap.errors import GridmapError
from gridmap.formats import read, read_chunks, write
from gridmap.formats.delimited import guarded, unguarded
from gridmap.formats.encodings import pieces_encoding

#: Endings of files that Python reads, for which many examples are quick, and of those that GDAL reads.
OURS = ["geojson", "csv", "xlsx", "zip"]
GDALS = ["gpkg", "shp", "fgb", "kml", "gpx", "gml", "dxf", "mif", "tab", "kmz", "pbf", "osm"]

fuzz = settings(
    max_examples=30,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],  # shrinking a file takes minutes and tells little
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def survives(path):
    """Read a file with and without a promise."""
    for options in ({}, {"layer": "areas", "crs": 4326, "mend": True}, {"layer": "places"}):
        with contextlib.suppress(GridmapError):
            read(path, **options)


@pytest.fixture(scope="module")
def valid(tmp_path_factory):
    """The bytes of a valid file of each ending that can be written."""
    folder = tmp_path_factory.mktemp("valid")
    shapes = [shapely.box(120, 32, 121, 33), shapely.box(121, 32, 122, 33)]
    table = geopandas.GeoDataFrame({"code": ["1", "2"], "name": ["网格", None]}, geometry=shapes, crs=4490)
    for ending in ("geojson", "csv", "xlsx", "gpkg"):
        write(table, folder / f"a.{ending}")
    drivers = {"shp": "ESRI Shapefile", "fgb": "FlatGeobuf", "kml": "KML", "gml": "GML", "mif": "MapInfo File"}
    for ending, driver in drivers.items():
        pyogrio.write_dataframe(table, folder / f"a.{ending}", driver=driver)
    return {path.suffix[1:]: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("ending", [*OURS, *GDALS])
@fuzz
@given(data=st.binary(max_size=200))
@example(data=b"")
@example(data=b"\0" * 200)
@example(data=b"PK\x03\x04" + b"\0" * 60)
@example(data=b"SQLite format 3\0" + b"\xff" * 184)
@example(data=b"\x00\x00\x27\x0a" + b"\xff" * 196)
@example(data=b"fgb\x03fgb\x00" + b"\xff" * 192)
def test_random_bytes_are_survived(tmp_path, ending, data):
    path = tmp_path / f"a.{ending}"
    path.write_bytes(data)
    survives(path)


@pytest.mark.parametrize(
    "ending", ["geojson", "csv", "xlsx", "gpkg", "shp", "dbf", "shx", "prj", "fgb", "kml", "gml", "mif"]
)
@fuzz
@given(cut=st.floats(0, 1), flips=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=6))
def test_damaged_files_are_survived(tmp_path, valid, ending, cut, flips):
    for other, data in valid.items():
        (tmp_path / f"a.{other}").write_bytes(data)
    data = bytearray(valid[ending])
    for place, byte in flips:
        data[int(place * (len(data) - 1))] = byte
    (tmp_path / f"a.{ending}").write_bytes(data[: max(1, int(cut * 2 * len(data)))])
    survives(tmp_path / ("a.shp" if ending in {"dbf", "shx", "prj"} else f"a.{ending}"))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["type", "a"]), inner),
    max_leaves=8,
)
geometries = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["Point", "LineString", "Polygon", "MultiPolygon", "GeometryCollection", "Blob", 7]),
        "coordinates": json_values | st.lists(st.lists(st.tuples(st.floats(), st.floats()), max_size=5), max_size=3),
    }
)


@fuzz
@given(
    features=st.lists(
        st.fixed_dictionaries({"type": st.just("Feature"), "properties": json_values, "geometry": geometries}),
        max_size=4,
    )
)
def test_geojson_of_any_content_is_survived(tmp_path, features):
    (tmp_path / "a.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8"
    )
    survives(tmp_path / "a.geojson")


@fuzz
@given(text=st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=100))
def test_csv_of_any_text_is_survived(tmp_path, text):
    (tmp_path / "a.csv").write_text(text, encoding="utf-8", newline="")
    survives(tmp_path / "a.csv")
    with contextlib.suppress(GridmapError):
        list(read_chunks(tmp_path / "a.csv", size=2))


@given(text=st.text())
def test_the_guard_against_formulas_can_be_undone(text):
    assert unguarded(guarded(text)) == text
    assert not guarded(text).startswith(("=", "@"))


@given(pieces=st.lists(st.binary(max_size=20)))
def test_any_bytes_have_a_most_plausible_encoding(pieces):
    assert pieces_encoding(pieces) in {"utf-8", "gb18030", "big5hkscs", "cp1252"}


cells = st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), min_size=1, max_size=8)


@fuzz
@given(names=st.lists(cells, min_size=1, max_size=4))
@pytest.mark.parametrize("ending", ["geojson", "csv", "xlsx", "gpkg"])
def test_any_text_comes_back_as_it_was(tmp_path, ending, names):
    table = geopandas.GeoDataFrame({"n": names}, geometry=[shapely.Point(1, 2)] * len(names), crs=4326)
    write(table, tmp_path / f"a.{ending}")
    assert read(tmp_path / f"a.{ending}")["n"].tolist() == names
