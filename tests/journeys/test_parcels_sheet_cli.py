"""What a mediator does from a shell in the end: the sheet that both parties sign, made of the same files."""

from __future__ import annotations

import geopandas as gpd
import pytest
from shapely import LineString, box

from gridmap import formats
from tests.journeys.corner import shell
from tests.leaves import leaves, said, words

X, Y = 40_520_000, 3_352_000
SOUTH, NORTH = box(X, Y, X + 100, Y + 10), box(X, Y + 8, X + 100, Y + 20)


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Compare two claims with a line half way, and return exit status, output and error output."""
    monkeypatch.chdir(tmp_path)
    whole = shell(monkeypatch, capsys)
    claims = gpd.GeoDataFrame({"party": ["甲方", "乙方"]}, geometry=[SOUTH, NORTH], crs=4528)
    line = gpd.GeoDataFrame({"id": ["half"]}, geometry=[LineString([(X, Y + 9), (X + 100, Y + 9)])], crs=4528)
    formats.write({"claims": claims}, "claims.gpkg")
    formats.write({"lines": line}, "lines.gpkg")
    files = ("--claims", "claims.gpkg", "--candidates", "lines.gpkg", "--out", "case.gpkg")
    return lambda *more: whole("parcels", "compare", *files, *more)


def test_the_sheet_is_written_beside_the_layers(run, tmp_path):
    status, out, err = run("--sheet", "sheet.pdf", "--on", "2026-11-22", "--title", "东岸西岸调解图")
    text = said((tmp_path / "sheet.pdf").read_bytes())
    assert (status, "half" in out, err) == (0, True, "")
    assert all(word in text for word in ("东岸西岸调解图", "2026-11-22", "200.00 m² (0.3000 亩 mu)", "未说明精度"))
    assert {path.name for path in tmp_path.iterdir()} == {"claims.gpkg", "lines.gpkg", "case.gpkg", "sheet.pdf"}


def test_paper_scale_and_language_are_asked_for(run, tmp_path):
    run("--sheet", "sheet.pdf", "--paper", "A3", "--scale", "400", "--sheet-lang", "en")
    with leaves((tmp_path / "sheet.pdf").read_bytes()) as pages:
        assert pages[0].get_size() == pytest.approx((1190.55, 841.89), abs=0.01)
        assert "Scale 1:400" in words(pages[0])
        assert "图例" not in words(pages[0])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--sheet", "sheet.txt"), "ends in .pdf"),
        (("--sheet", "none/sheet.pdf"), "there is no folder"),
        (("--sheet", "sheet.pdf", "--paper", "A0"), "A4 or A3"),
        (("--sheet", "sheet.pdf", "--scale", "3", "--map", "map.html"), "1:100"),
    ],
    ids=["ending", "folder", "paper", "scale"],
)
def test_a_sheet_that_cannot_be_is_refused_and_nothing_is_left_behind(run, tmp_path, words, told):
    status, out, err = run(*words)
    assert (status, out, told in err) == (2, "", True)
    assert {path.name for path in tmp_path.iterdir()} == {"claims.gpkg", "lines.gpkg"}


def test_a_font_that_is_none_is_refused_and_the_sheet_before_stays(run, tmp_path, monkeypatch):
    (tmp_path / "sheet.pdf").write_bytes(b"before")
    monkeypatch.setenv("GRIDMAP_FONT", str(tmp_path / "claims.gpkg"))
    status, _, err = run("--sheet", "sheet.pdf")
    assert (status, "is no font" in err) == (2, True)
    assert (tmp_path / "sheet.pdf").read_bytes() == b"before"
    assert not (tmp_path / "case.gpkg").exists()
