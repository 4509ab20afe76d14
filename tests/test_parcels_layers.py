"""KML and KMZ, shapefiles, GeoJSON and GeoPackage of parcels."""

from __future__ import annotations

import json
import zipfile

import geopandas
import pytest
import shapely

from gridmap.errors import FormatError
from gridmap.formats.parcels import read_parcels

#: A square of 100 m in zone 40.
SQUARE = shapely.box(40520700, 3352700, 40520800, 3352800)
RING = "120.2152001,30.2936001,9 120.2162001,30.2936001,9 120.2162001,30.2946001,9 120.2152001,30.2936001,9"
POLYGON = "<Polygon><outerBoundaryIs><LinearRing><coordinates>{}</coordinates></LinearRing></outerBoundaryIs></Polygon>"


def told(reading):
    return reading.warnings["code"].tolist()


def layer(*shapes, crs=4528, **columns):
    return geopandas.GeoDataFrame(columns, geometry=list(shapes) or [SQUARE], crs=crs)


def kml(*marks):
    body = "".join(f"\n<Placemark><name>甲</name>{mark}</Placemark>" for mark in marks)
    return f'<?xml version="1.0"?>\n<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{body}</Document></kml>'


@pytest.fixture
def read_kml(tmp_path):
    def reading(*marks, **options):
        (tmp_path / "a.kml").write_text(kml(*marks), encoding="utf-8")
        return read_parcels(tmp_path / "a.kml", **options)

    return reading


# --- KML


def test_heights_of_kml_are_left_out(read_kml):
    reading = read_kml(POLYGON.format(RING))
    assert (reading.epsg, reading.axis_order, reading.parcels.has_z.any()) == (4326, "lon_lat", False)
    assert "heights" in reading.decided["what"].tolist()
    assert reading.parcels["id"].tolist() == ["甲"]


def test_degrees_of_kml_may_be_shifted_which_is_asked_and_never_mended(read_kml):
    reading = read_kml(POLYGON.format(RING))
    assert told(reading) == ["W_POSSIBLY_SHIFTED"]
    assert reading.parcels.geometry[0].bounds[0] == 120.2152001
    assert told(read_kml(POLYGON.format(RING), crs=4326)) == []


def test_shifted_degrees_are_set_right_where_the_user_says_so(read_kml):
    # the worked place: 120.2158, 30.2936 is drawn at 120.220327670374, 30.291169938466
    drawn = (
        "120.220327670374,30.291169938466 120.2213,30.291169938466 120.2213,30.2922 120.220327670374,30.291169938466"
    )
    reading = read_kml(POLYGON.format(drawn), crs="GCJ-02")
    assert told(reading) == []
    assert reading.points[["y_east", "x_north"]].iloc[0].tolist() == pytest.approx([120.2158, 30.2936], abs=1e-9)


def test_several_polygons_of_a_placemark_are_parts_of_a_parcel(read_kml):
    other = RING.replace("120.215", "120.225").replace("120.216", "120.226")
    reading = read_kml(f"<MultiGeometry>{POLYGON.format(RING)}{POLYGON.format(other)}</MultiGeometry>")
    assert reading.parcels["parts"].tolist() == [2]


def test_an_open_ring_of_kml_is_closed_and_told_with_its_line(read_kml):
    reading = read_kml(POLYGON.format(RING.rpartition(" ")[0]))
    row = reading.warnings.set_index("code").loc["W_RING_NOT_CLOSED"]
    assert row["line"] == 3


@pytest.mark.parametrize(("line", "kind"), [(RING, "Polygon"), (RING.rpartition(" ")[0], "LineString")])
def test_a_line_of_kml_that_closes_is_a_parcel_and_another_is_a_line(read_kml, line, kind):
    reading = read_kml(f"<LineString><coordinates>{line}</coordinates></LineString>")
    assert reading.parcels.geom_type.tolist() == [kind]
    assert ("W_LINE" in told(reading)) == (kind == "LineString")


@pytest.mark.parametrize("word", ["120.2", "120.2,abc", "120.2,30.2,1,2", "nan,30"], ids=str)
def test_a_place_of_kml_that_is_none_is_refused_with_its_line(read_kml, word):
    with pytest.raises(FormatError, match="E_NUMBER, line 3"):
        read_kml(POLYGON.format(f"{RING} {word}"))


def test_entities_do_not_unfold(tmp_path):
    bomb = '<?xml version="1.0"?><!DOCTYPE k [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><kml>&b;</kml>'
    (tmp_path / "a.kml").write_text(bomb)
    with pytest.raises(FormatError, match="E_XML_ENTITIES, line 1"):
        read_parcels(tmp_path / "a.kml")


def test_a_kml_that_is_cut_off_is_refused_with_its_line(tmp_path):
    (tmp_path / "a.kml").write_text(kml(POLYGON.format(RING))[:-40])
    with pytest.raises(FormatError, match="E_BROKEN_XML, line 3"):
        read_parcels(tmp_path / "a.kml")


@pytest.mark.parametrize("name", ["doc.kml", "../../escape.kml", "/etc/a.kml"], ids=["doc", "above", "root"])
def test_a_kmz_is_read_in_memory_whatever_its_names(tmp_path, name):
    inside = tmp_path / "inside"
    inside.mkdir()
    with zipfile.ZipFile(inside / "a.kmz", "w") as archive:
        archive.writestr(name, kml(POLYGON.format(RING)))
    assert read_parcels(inside / "a.kmz").parcels["id"].tolist() == ["甲"]
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a.kmz", "inside"]


def test_a_kmz_that_unpacks_beyond_measure_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.kmz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("doc.kml", b"<kml>" + b" " * 60_000_000)
    with pytest.raises(FormatError, match="E_ZIP_BOMB"):
        read_parcels(tmp_path / "a.kmz")


def test_a_kmz_without_kml_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.kmz", "w") as archive:
        archive.writestr("a.txt", "x")
    with pytest.raises(FormatError, match="E_NO_PARCEL"):
        read_parcels(tmp_path / "a.kmz")


# --- GeoJSON


@pytest.mark.parametrize(("places", "warned"), [(5, True), (6, True), (7, False), (9, False)])
def test_degrees_with_too_few_decimals_are_warned_of(tmp_path, places, warned):
    ring = [(120.215212345, 30.293612345), (120.216212345, 30.293612345), (120.216212345, 30.294612345)]
    cut = shapely.Polygon([(round(x, places), round(y, places)) for x, y in ring])
    (tmp_path / "a.geojson").write_text(layer(cut, crs=4326).to_json())
    reading = read_parcels(tmp_path / "a.geojson")
    assert ("W_TOO_FEW_DECIMALS" in told(reading)) == warned
    if warned:
        # half a unit of the fifth place is 0.56 m, of the sixth 6 cm
        assert {5: "0.56 m", 6: "0.056 m"}[places] in reading.warnings["message"][0]


def test_a_geojson_abroad_is_in_degrees_too(tmp_path):
    prague = layer(shapely.box(14.4212345, 50.0812345, 14.4222345, 50.0822345), crs=4326)
    prague.to_file(tmp_path / "a.geojson")
    reading = read_parcels(tmp_path / "a.geojson")
    assert (reading.epsg, reading.axis_order) == (4326, "lon_lat")
    assert reading.parcels["area_m2"][0] == pytest.approx(71.6 * 111.2, rel=0.01)


def test_an_open_ring_of_geojson_is_closed_and_told(tmp_path):
    ring = [[120.2152001, 30.2936001], [120.2162001, 30.2936001], [120.2162001, 30.2946001]]
    text = json.dumps({"type": "Polygon", "coordinates": [ring]})
    (tmp_path / "a.geojson").write_text(text)
    assert "W_RING_NOT_CLOSED" in told(read_parcels(tmp_path / "a.geojson"))


@pytest.mark.parametrize("text", ["{", '{"type":"Feature', "[]", '{"type":"FeatureCollection","features":[]}'], ids=str)
def test_a_broken_geojson_is_refused(tmp_path, text):
    (tmp_path / "a.geojson").write_text(text)
    with pytest.raises(FormatError, match="E_"):
        read_parcels(tmp_path / "a.geojson")


# --- shapefiles and GeoPackage


@pytest.mark.parametrize("encoding", ["GBK", "UTF-8"])
@pytest.mark.parametrize("cpg", [True, False], ids=["with cpg", "without"])
def test_a_shapefile_is_read_in_its_encoding_said_or_not(tmp_path, encoding, cpg):
    table = layer(ZDDM=["宗地甲"], MJ=[10_000.0])
    table.to_file(tmp_path / "a.shp", encoding=encoding)
    if not cpg:
        (tmp_path / "a.cpg").unlink()
    reading = read_parcels(tmp_path / "a.shp")
    assert (reading.parcels["id"].tolist(), reading.epsg) == (["宗地甲"], 4528)
    assert reading.parcels["declared_area_m2"].tolist() == [10_000]
    assert told(reading) == []


@pytest.mark.parametrize("byte", [0x57, 0x00, 0x4D], ids=hex)
def test_a_shapefile_without_cpg_is_read_in_gbk_whatever_its_language_byte(tmp_path, byte):
    layer(ZDDM=["宗地甲"], ZL=["东河村"]).to_file(tmp_path / "a.shp", encoding="GBK")
    (tmp_path / "a.cpg").unlink()
    body = bytearray((tmp_path / "a.dbf").read_bytes())
    body[29] = byte
    (tmp_path / "a.dbf").write_bytes(body)
    assert read_parcels(tmp_path / "a.shp").parcels[["id", "name"]].to_numpy().tolist() == [["宗地甲", "东河村"]]


@pytest.mark.parametrize("said", ["UTF-8", "ISO-8859-1"])
def test_a_cpg_that_the_bytes_contradict_is_told(tmp_path, said):
    layer(ZDDM=["宗地甲"]).to_file(tmp_path / "a.shp", encoding="GBK")
    (tmp_path / "a.cpg").write_text(said)
    reading = read_parcels(tmp_path / "a.shp")
    assert (reading.parcels["id"].tolist(), told(reading)) == (["宗地甲"], ["W_ENCODING_CONTRADICTED"])


def test_a_cpg_of_no_encoding_is_told(tmp_path):
    layer(ZDDM=["宗地甲"]).to_file(tmp_path / "a.shp", encoding="GBK")
    (tmp_path / "a.cpg").write_bytes(b"G\0BK")
    assert told(read_parcels(tmp_path / "a.shp")) == ["W_ENCODING_UNKNOWN"]


@pytest.mark.filterwarnings("ignore:.*(truncated|Normalized|too long):RuntimeWarning")
def test_chinese_names_and_texts_that_a_shapefile_cut_within_a_character_are_read(tmp_path):
    # ten bytes hold three characters of 宗地代码, 254 hold 84 of a text
    layer(宗地代码=["甲1"], 地块名称=["河" * 100]).to_file(tmp_path / "a.shp", encoding="UTF-8")
    reading = read_parcels(tmp_path / "a.shp")
    assert (reading.parcels["id"][0], reading.parcels["name"][0]) == ("甲1", "河" * 84)


def test_a_short_name_is_no_beginning_of_a_longer_one(tmp_path):
    layer(宗地=["x"]).to_file(tmp_path / "a.gpkg")
    assert read_parcels(tmp_path / "a.gpkg").parcels["id"].tolist() == ["1"]


def test_a_file_geodatabase_is_read(tmp_path):
    layer(ZDDM=["宗地甲"]).to_file(tmp_path / "a.gdb", driver="OpenFileGDB")
    assert read_parcels(tmp_path / "a.gdb").parcels["id"].tolist() == ["宗地甲"]


def test_a_shapefile_without_prj_is_told_by_its_numbers(tmp_path):
    layer(id=["1"]).to_file(tmp_path / "a.shp")
    (tmp_path / "a.prj").unlink()
    reading = read_parcels(tmp_path / "a.shp")
    assert (reading.epsg, told(reading)) == (4528, ["W_DATUM_ASSUMED"])


def test_metres_without_zone_and_prj_are_refused(tmp_path):
    layer(shapely.box(520700, 3352700, 520800, 3352800), crs=4549, id=["1"]).to_file(tmp_path / "a.shp")
    (tmp_path / "a.prj").unlink()
    with pytest.raises(FormatError, match="E_ZONE_UNKNOWN"):
        read_parcels(tmp_path / "a.shp")


def test_a_layer_of_an_old_datum_stays_on_it(tmp_path):
    layer(crs=2364, id=["1"]).to_file(tmp_path / "a.gpkg")
    reading = read_parcels(tmp_path / "a.gpkg")
    assert (reading.epsg, told(reading)) == (2364, ["W_DATUM_NEEDS_PARAMETERS"])


def test_columns_of_right_holders_are_not_kept(tmp_path):
    layer(宗地代码=["甲1"], 权利人=["张三"], QLR=["张三"], 土地使用者=["张三"]).to_file(tmp_path / "a.gpkg")
    reading = read_parcels(tmp_path / "a.gpkg")
    assert "张三" not in repr([reading.parcels.to_dict(), reading.decided.to_dict()])
    assert "权利人, QLR, 土地使用者" in reading.decided["value"].tolist()


def test_a_party_is_a_label_that_the_user_names(tmp_path):
    layer(id=["1"], village=["东河村"], 权利人=["张三"]).to_file(tmp_path / "a.gpkg")
    assert read_parcels(tmp_path / "a.gpkg", columns={"party": "village"}).parcels["party"].tolist() == ["东河村"]
    assert "party" not in read_parcels(tmp_path / "a.gpkg").parcels
    with pytest.raises(FormatError, match="E_HOLDER"):
        read_parcels(tmp_path / "a.gpkg", columns={"party": "权利人"})
    with pytest.raises(FormatError, match="E_COLUMN"):
        read_parcels(tmp_path / "a.gpkg", columns={"party": "nowhere"})


def test_points_and_nothing_are_no_parcels_and_told(tmp_path):
    shapes = [SQUARE, shapely.Point(40520700, 3352700), None]
    layer(*shapes, id=["1", "2", "3"]).to_file(tmp_path / "a.geojson")
    reading = read_parcels(tmp_path / "a.geojson")
    assert reading.parcels["id"].tolist() == ["1"]
    assert reading.warnings[reading.warnings["code"] == "W_NO_PARCEL"]["line"].tolist() == [2, 3]


def test_every_invalid_feature_is_told_at_once(tmp_path):
    bow = shapely.Polygon([(x + 40520700, y + 3352700) for x, y in ((0, 0), (10, 10), (10, 0), (0, 10))])
    layer(SQUARE, bow, bow, id=["1", "2", "3"]).to_file(tmp_path / "a.gpkg")
    with pytest.raises(FormatError) as refusal:
        read_parcels(tmp_path / "a.gpkg")
    found = [(fault["code"], fault["line"]) for fault in refusal.value.values["faults"]]
    assert found == [("E_SELF_INTERSECTION", 2), ("E_SELF_INTERSECTION", 3)]


def test_a_csv_with_shapes_as_text_is_a_layer(tmp_path):
    (tmp_path / "a.csv").write_text(f'编号,geometry\n甲,"{SQUARE.wkt}"\n', encoding="utf-8")
    reading = read_parcels(tmp_path / "a.csv")
    assert (reading.epsg, reading.parcels["id"].tolist()) == (4528, ["甲"])


def test_of_several_layers_the_one_that_is_named_is_read(tmp_path):
    path = tmp_path / "a.gpkg"
    layer(SQUARE, id=["A"]).to_file(path, layer="old")
    layer(SQUARE, id=["B"]).to_file(path, layer="new")
    with pytest.raises(FormatError, match=r"E_WHICH_SUBLAYER.*--sublayer"):
        read_parcels(path)
    assert read_parcels(path, sublayer="new").parcels["id"].tolist() == ["B"]


def test_holes_and_parts_of_a_layer_stay_as_they_are(tmp_path):
    shape = shapely.MultiPolygon([SQUARE - SQUARE.buffer(-20), shapely.box(40521000, 3352700, 40521100, 3352800)])
    layer(shape, id=["1"]).to_file(tmp_path / "a.gpkg")
    reading = read_parcels(tmp_path / "a.gpkg")
    assert reading.parcels.geometry[0].equals(shape)
    assert reading.parcels["area_m2"][0] == 100**2 - 60**2 + 100**2
