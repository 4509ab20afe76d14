"""Text in UTF-8, GB18030 and Big5 is read right, stated or not."""

from __future__ import annotations

import codecs
import csv
import struct
import tracemalloc

import geopandas
import pyogrio
import pytest
import shapely

from gridmap.errors import FormatError, InputError, TableError
from gridmap.formats import open_csv, read, read_chunks
from gridmap.formats.encodings import named, pieces_encoding, text_encoding

PYTHON = {"utf-8": "utf-8", "gbk": "gb18030", "big5": "big5hkscs"}


def dbf(path, names, rows, encoding, *, driver=0, width=60):
    """Write a DBF of text columns as dBASE III lays it out."""
    header = 32 + 32 * len(names) + 1
    parts = [struct.pack("<4BIHH17xBxx", 3, 124, 1, 1, len(rows), header, 1 + width * len(names), driver)]
    parts += [struct.pack("<11sc4xB15x", name.encode(encoding)[:10], b"C", width) for name in names]
    parts.append(b"\r")
    parts += [b" " + b"".join(cell.encode(encoding)[:width].ljust(width) for cell in row) for row in rows]
    path.write_bytes(b"".join(parts) + b"\x1a")


def shapefile(folder, names, rows, encoding, **options):
    """Write a shapefile of points with this table and without .cpg."""
    points = geopandas.GeoDataFrame(
        geometry=[shapely.Point(121 + row / 1000, 25) for row in range(len(rows))], crs=4326
    )
    pyogrio.write_dataframe(points, folder / "a.shp")
    (folder / "a.cpg").unlink()
    dbf(folder / "a.dbf", names, rows, encoding, **options)
    return folder / "a.shp"


@pytest.mark.parametrize("encoding", PYTHON)
@pytest.mark.parametrize("text", ["名", "一", "平", "山", "大同", "明德里", "中正", "信義路", "台北市", "三民"])
def test_a_word_alone_tells_its_encoding(text, encoding):
    if encoding == "gbk" or text.encode("big5", "ignore").decode("big5") == text:
        assert pieces_encoding([text.encode(encoding)]) == PYTHON[encoding]


def test_two_bytes_alone_that_are_a_western_letter_in_utf_8_are_taken_for_it():
    assert pieces_encoding(["毛".encode("gbk")]) == "utf-8"
    assert pieces_encoding(["毛".encode("gbk"), "毛家村".encode("gbk")]) == "gb18030"


@pytest.mark.parametrize("text", ["Zürich", "Genève, Fribourg", "Málaga"])
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_western_accents_are_no_chinese(text, encoding):
    assert pieces_encoding([text.encode(encoding)]) == encoding


def test_plain_ascii_is_utf_8():
    assert pieces_encoding([b"plain", b""]) == "utf-8"


@pytest.mark.parametrize(
    ("mark", "encoding", "found"),
    [
        (codecs.BOM_UTF8, "utf-8", "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16-le", "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16-be", "utf-16"),
    ],
    ids=["utf-8", "utf-16-le", "utf-16-be"],
)
def test_a_byte_order_mark_settles_it(mark, encoding, found):
    assert text_encoding(mark + "网格".encode(encoding)) == found


@pytest.mark.parametrize("name", ["936", "GBK", "gb2312", "CP936", "ANSI 936", "GB-18030"])
def test_every_name_of_gbk_is_gb18030(name):
    assert named(name) == "gb18030"


def test_an_unknown_encoding_is_told():
    with pytest.raises(InputError, match="no encoding is called 'klingon'"):
        named("klingon")


@pytest.mark.parametrize("encoding", PYTHON)
@pytest.mark.parametrize("size", [1, 3, 456])
def test_villages_of_taipei_in_a_shapefile_that_states_no_encoding(tmp_path, shared_data, encoding, size):
    villages = read(shared_data("taipei/taipei_village.geojson"))
    # the rare characters of two names are in none of the older encodings' tables
    kept = villages[[name.encode(encoding, "ignore").decode(encoding) == name for name in villages["PTVNAME"]]]
    names = kept["PTVNAME"].head(size)
    table = read(shapefile(tmp_path, ["里名"], [[name] for name in names], encoding))
    assert table["里名"].tolist() == names.tolist()
    assert table.attrs["reading"]["encoding"] == PYTHON[encoding]


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
@pytest.mark.parametrize("size", [1, 3, 2005])
def test_villages_of_nantong_in_a_shapefile_that_states_no_encoding(tmp_path, shared_data, encoding, size):
    villages = read(shared_data("nantong/CLIP_villages_3206.csv")).head(size)
    rows = villages[["code", "name"]].to_numpy().tolist()
    table = read(shapefile(tmp_path, ["编码", "名称"], rows, encoding))
    assert table["名称"].tolist() == villages["name"].tolist()


@pytest.mark.parametrize("encoding", ["gbk", "big5"])
@pytest.mark.parametrize("file", ["nantong/CLIP_villages_3206.csv", "taipei/區里對應表.csv"])
def test_every_real_name_alone_tells_its_encoding(shared_data, file, encoding):
    table = read(shared_data(file))
    names = {
        name for name in table[table.columns[1]].dropna() if name.encode(encoding, "ignore").decode(encoding) == name
    }
    wrong = [name for name in names if pieces_encoding([name.encode(encoding)]) != PYTHON[encoding]]
    assert wrong == []


@pytest.mark.parametrize("encoding", PYTHON)
def test_names_of_columns_of_four_and_more_characters_are_read_though_a_dbf_cuts_them(tmp_path, encoding):
    # ten bytes are three and a third characters in UTF-8 and five in GBK and Big5
    names = ["設備編號表", "水平方位角度數", "地址"]
    table = read(shapefile(tmp_path, names, [["甲", "乙", "丙"]], encoding))
    whole = 3 if encoding == "utf-8" else 5
    assert list(table.columns[:3]) == [name[:whole] for name in names]


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_a_cut_name_is_known_where_only_one_column_could_be_meant(tmp_path, encoding):
    path = shapefile(tmp_path, ["门牌编码", "详细地址全称"], [["1", "人民路1号"]], encoding)
    (path.parent / "a.dbf").write_bytes((path.parent / "a.dbf").read_bytes())
    table = read(path, layer="addresses", columns={"text": "详细地" if encoding == "utf-8" else "详细地址全"})
    assert table["id"].tolist() == ["1"]


@pytest.mark.parametrize(("driver", "encoding"), [(0x4D, "gbk"), (0x7A, "gbk"), (0x4F, "big5"), (0x78, "big5")])
def test_the_language_byte_of_a_dbf_is_honoured(tmp_path, driver, encoding):
    # in either encoding these bytes are characters in use: only the language byte can tell
    cell = b"\xa4\xa4\xa4\xe5".decode(encoding)
    table = read(shapefile(tmp_path, ["n"], [[cell]], encoding, driver=driver))
    assert table["n"].tolist() == [cell]


def test_a_language_byte_that_the_bytes_contradict_is_overruled_and_said(tmp_path):
    table = read(shapefile(tmp_path, ["name"], [["网格员工作站"]], "utf-8", driver=0x4F))
    assert table["name"].tolist() == ["网格员工作站"]
    assert [warning["code"] for warning in table.attrs["reading"]["warnings"]] == ["encoding_contradicted"]


@pytest.mark.parametrize("cpg", ["GBK", "936", "GB2312"])
def test_a_cpg_is_honoured(tmp_path, cpg):
    path = shapefile(tmp_path, ["名称"], [["网格"]], "gbk")
    path.with_suffix(".cpg").write_text(cpg, encoding="ascii")
    assert read(path).attrs["reading"]["encoding"] == "gb18030"


def test_a_wrong_cpg_is_overruled_and_said(tmp_path):
    path = shapefile(tmp_path, ["名称"], [["网格员工作站"]], "gbk")
    path.with_suffix(".cpg").write_text("UTF-8", encoding="ascii")
    table = read(path)
    assert table["名称"].tolist() == ["网格员工作站"]
    assert [warning["code"] for warning in table.attrs["reading"]["warnings"]] == ["encoding_contradicted"]


def test_the_user_has_the_last_word_on_an_encoding(tmp_path):
    path = shapefile(tmp_path, ["n"], [["中文"]], "big5")
    assert read(path, encoding="gbk")["n"].tolist() == ["中文".encode("big5").decode("gbk")]


def test_an_encoding_that_the_bytes_are_not_is_told(tmp_path):
    path = shapefile(tmp_path, ["名称"], [["网格"]], "gbk")
    with pytest.raises(FormatError) as caught:
        read(path, encoding="utf-8")
    assert caught.value.code == "bad_encoding"


def test_a_cell_that_its_width_cuts_loses_half_a_character_and_no_more(tmp_path):
    table = read(shapefile(tmp_path, ["n"], [["网格员工作站"]], "utf-8", width=10))
    assert table["n"].tolist() == ["网格员"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "big5", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_csv_is_read_in_each_usual_encoding_and_delimiter(tmp_path, encoding, delimiter):
    rows = [["名稱", "地址", "經度", "緯度"], ["中正里", "信義路1號", "121.5", "25.0"]]
    with (tmp_path / "a.csv").open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    table = read(tmp_path / "a.csv")
    assert table.iloc[0, :2].tolist() == ["中正里", "信義路1號"]
    assert table.geometry.item() == shapely.Point(121.5, 25)


@pytest.mark.parametrize("encoding", ["gbk", "big5", "utf-8"])
def test_the_encoding_of_a_csv_is_found_though_its_chinese_comes_late(tmp_path, encoding):
    path = tmp_path / "a.csv"
    path.write_bytes(b"id,name\n" + b"1,plain\n" * 100_000 + "2,中正里\n".encode(encoding))
    with open_csv(path) as (_, found):
        assert found == PYTHON[encoding]
    assert next(read_chunks(path, size=200_000))["name"].iloc[-1] == "中正里"


def test_a_row_of_blank_cells_stays_a_row_so_that_answers_line_up_with_queries(tmp_path):
    (tmp_path / "a.csv").write_text("query,n\na,1\n,\nb,2\n", encoding="ascii")
    assert len(read(tmp_path / "a.csv")) == 3


def test_numbers_of_a_csv_are_text_until_a_promise_says_otherwise(tmp_path):
    (tmp_path / "a.csv").write_text("code,n\n007,1.50\n", encoding="ascii")
    assert read(tmp_path / "a.csv").iloc[0].tolist() == ["007", "1.50"]


def test_chunks_hold_all_rows_in_order_and_no_more_than_asked_for(tmp_path):
    (tmp_path / "a.csv").write_text("n\n" + "".join(f"{n}\n" for n in range(10)), encoding="ascii")
    chunks = list(read_chunks(tmp_path / "a.csv", size=4))
    assert [chunk["n"].tolist() for chunk in chunks] == [list("0123"), list("4567"), list("89")]
    assert [chunk.index[0] for chunk in chunks] == [0, 4, 8]


def test_a_csv_without_rows_gives_one_chunk_without_rows(tmp_path):
    (tmp_path / "a.csv").write_text("query\n", encoding="ascii")
    (chunk,) = read_chunks(tmp_path / "a.csv")
    assert (list(chunk.columns), len(chunk)) == (["query"], 0)


def test_rows_of_another_width_are_told_by_line(tmp_path):
    (tmp_path / "a.csv").write_text('a,b\n1,2\n"x\ny",3\n4\n5,6,7\n8,9,,\n', encoding="ascii")
    with pytest.raises(TableError) as caught:
        read(tmp_path / "a.csv")
    assert [(fault.code, fault.line) for fault in caught.value.faults] == [("ragged_row", 5), ("ragged_row", 6)]


def test_a_quote_that_is_never_closed_is_told_as_a_cut(tmp_path):
    (tmp_path / "a.csv").write_text('a,b\n1,"two\n3,4\n', encoding="ascii")
    with pytest.raises(FormatError) as caught:
        read(tmp_path / "a.csv")
    assert caught.value.code == "truncated"


def test_a_byte_that_is_in_no_encoding_is_told(tmp_path):
    (tmp_path / "a.csv").write_bytes("名称\n网格\n".encode() + b"\xff\xff\n")
    with pytest.raises(FormatError) as caught:
        read(tmp_path / "a.csv", encoding="utf-8")
    assert caught.value.code == "bad_encoding"


def test_blank_lines_and_blank_cells_of_a_csv_are_missing(tmp_path):
    (tmp_path / "a.csv").write_text("a,b\n\n1, \n,,\n", encoding="ascii")
    table = read(tmp_path / "a.csv")
    assert (len(table), table["a"].item(), table["b"].isna().item()) == (1, "1", True)


def test_rows_stream_in_memory_that_does_not_grow_with_the_file(tmp_path):
    path, peaks = tmp_path / "a.csv", []
    for rows in (10_000, 40_000):
        path.write_bytes(b"lon,lat\n" + b"120.123456,32.123456\n" * rows)
        tracemalloc.start()
        assert sum(len(chunk) for chunk in read_chunks(path, size=2_000)) == rows
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0]
