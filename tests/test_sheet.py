"""The mediation sheet: what is measured on its map, and what stands on its pages."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import time
from functools import cache
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import LineString, Point, box

from gridmap.crs import to_record
from gridmap.disputes import compare, post_table
from gridmap.errors import FormatError, InputError, NotFoundError, TooLargeError
from gridmap.maps.sheet import find_font, sheet
from tests.leaves import boxes, inks, leaves, lengths, overlapping, paths, said, words

#: A place in zone 40, east of its meridian.
EAST, NORTH = 40_520_760.0, 3_352_680.0
RED, BLUE, BLACK = (255, 0, 0), (0, 0, 255), (0, 0, 0)
#: The frame of the map on A4, in millimetres from the lower left corner.
FRAME = box(16, 297 - 186, 194, 297 - 31)
#: Pens of claimed and of proposed lines.
SIGNED = {(RED, 0.3), (BLUE, 0.3), (BLACK, 0.45)}
CASE = SimpleNamespace(code="2026-0007", name="东岸与西岸土地争议")
EXHIBITS = pd.DataFrame(
    {"file": ["村图.tif", "points.xlsx"], "kind": ["map", "survey"], "sha256": ["0123456789abcdef" * 4, "f" * 64]}
)


def placed(*shapes):
    return shapely.transform(np.array(shapes, dtype=object), lambda points: points + np.array([EAST, NORTH]))


def claimed(*shapes, parties=("甲方", "乙方"), **columns):
    rows = {"party": list(parties)[: len(shapes)], "accuracy_m": 0.05} | columns
    return gpd.GeoDataFrame(rows, geometry=placed(*shapes), crs=4528)


def proposed(*lines, ids=None):
    return gpd.GeoDataFrame({"id": ids or [f"D{k}" for k in range(len(lines))]}, geometry=placed(*lines), crs=4528)


#: Two villages that overlap by 4 m over 60 m, the line half way, a building across it and a well.
SOUTH, NORTHERN = box(0, 0, 60, 40), box(0, 36, 60, 80)
HALF_WAY = LineString([(0, 38), (60, 38)])


@cache
def ordinary():
    built = gpd.GeoDataFrame({"id": ["h1"]}, geometry=placed(box(20, 34, 28, 41)), crs=4528)
    well = gpd.GeoDataFrame({"id": ["w1"], "kind": ["well"]}, geometry=placed(Point(40, 37)), crs=4528)
    return compare(claimed(SOUTH, NORTHERN), proposed(HALF_WAY, ids=["中线"]), built, objects=well)


@cache
def whole(**options):
    return sheet(ordinary(), case=CASE, evidence=EXHIBITS, on=dt.date(2026, 11, 22), **options)


@pytest.fixture(scope="module")
def a4():
    return whole(scale=500)


@pytest.mark.parametrize(("paper", "width", "height"), [("A4", 210, 297), ("A3", 420, 297)])
def test_a_line_of_60_metres_is_120_millimetres_at_1_to_500_within_a_hundredth(paper, width, height):
    with leaves(whole(scale=500, paper=paper)) as pages:
        assert pages[0].get_size() == pytest.approx((width / 25.4 * 72, height / 25.4 * 72), abs=0.01)
        assert lengths(pages[0], BLACK, 0.45)[-1] == pytest.approx(120, abs=0.01)
        assert lengths(pages[0], RED, 0.3)[-1] == pytest.approx(120, abs=0.01)


def test_the_scale_is_the_next_round_one_at_which_the_claims_fit():
    # 80 m into 155 mm and into 247 mm, less a twentieth above and below: 1:587 and 1:368 at most
    assert "Scale 1:600" in said(whole())
    assert "Scale 1:400" in said(whole(paper="A3"))


def test_the_lines_of_the_first_two_parties_are_red_and_blue_and_a_third_of_a_millimetre_wide(a4):
    with leaves(a4) as pages:
        pens = {(pen, round(width, 2)) for _, pen, width in paths(pages[0])}
        drawn = [(pen, points[:, 1].min()) for points, pen, width in paths(pages[0]) if round(width, 2) == 0.3]
    low = {pen: min(y for other, y in drawn if other == pen and y > FRAME.bounds[1]) for pen in (RED, BLUE)}
    assert pens >= SIGNED
    # 甲方, whose claim is red, lies south of 乙方
    assert low[RED] < low[BLUE] - 50


def test_every_character_of_every_page_leaves_ink(a4):
    with leaves(a4) as pages:
        found = [pair for page in pages for pair in inks(page)]
    chinese = [share for letter, share in found if "\u4e00" <= letter <= "\u9fff"]
    assert len(chinese) > 300
    assert min(chinese) > 0.1
    assert [letter for letter, share in found if share == 0] == []


@pytest.mark.parametrize(("paper", "lang"), [("A4", "both"), ("A4", "en"), ("A3", "zh")])
def test_no_text_covers_another_or_leaves_the_paper(paper, lang):
    with leaves(whole(paper=paper, lang=lang)) as pages:
        for page in pages:
            left, bottom, right, top = boxes(page).T
            wide, high = (side / 72 * 25.4 for side in page.get_size())
            assert left.min() > 8
            assert bottom.min() > 5
            assert right.max() < wide - 8
            assert top.max() < high - 5
            assert overlapping(page) == 0


def test_the_ledger_says_gain_and_loss_in_square_metres_and_mu(a4):
    # half of 60 m by 4 m each: 120 m2 or 0.18 mu
    assert "120.00" in said(a4)
    assert "0.1800" in said(a4)
    assert "240.00 m² (0.3600 亩 mu)" in said(a4)


def test_the_ledger_stands_on_the_page_of_the_map_and_the_first_party_before_the_second():
    with leaves(whole()) as pages, leaves(whole(paper="A3")) as wide:
        first, beside = words(pages[0]), words(wide[0])
    table = first[first.index("What each candidate") :]
    assert 0 < table.index("Candidate 1: 中线") < table.index("甲方") < table.index("乙方")
    # beside a map m2 and mu stand below each other
    assert "120.000.1800120.000.18000.00± 3.00" in beside


def test_kinds_of_things_are_told_in_the_language_of_the_sheet():
    assert "水井" in said(whole(lang="zh"))
    assert "well" not in said(whole(lang="zh"))


def test_points_are_told_with_x_as_north_and_y_as_east(a4):
    text = said(a4)
    assert text.index("X 坐标（北）") < text.index("Y 坐标（东）")
    assert "J13352718.00040520760.00060.000J2" in text.replace(" ", "")


def test_the_walk_is_told_in_words(a4):
    assert "自J1起，向东60.00米至J2" in said(a4)
    assert "from J1 east 60.00 m to J2" in said(a4)


def test_evidence_is_listed_by_the_first_twelve_digits_of_its_hash(a4):
    assert "0123456789ab" in said(a4)
    assert "0123456789abc" not in said(a4)


def test_there_is_room_to_sign_for_both_parties_the_mediator_and_a_witness(a4):
    with leaves(a4) as pages:
        last = words(pages[-1])
    assert all(word in last for word in ("签字", "甲方", "乙方", "调解员", "见证人"))


def test_pages_bear_their_number_and_the_code_of_the_case(a4):
    with leaves(a4) as pages:
        texts = list(map(words, pages))
    assert all(f"第 {k} 页 共 {len(texts)} 页" in text for k, text in enumerate(texts, start=1))
    assert all("2026-0007" in text for text in texts)


def test_the_arrow_points_to_true_north_which_is_west_of_the_grids_east_of_the_meridian(a4):
    # 0.2156 degrees east of the meridian at 30.2887 north: 0.2156 x sin 30.2887 = 0.1087 degrees, 6.5 minutes
    assert "+0°07′" in said(a4)
    with leaves(a4) as pages:
        arrow = next(points for points, pen, width in paths(pages[0]) if pen == BLACK and round(width, 2) == 0.2)
    tip, tail = arrow[0], arrow[1]
    assert np.degrees(np.arctan2(tail[0] - tip[0], tip[1] - tail[1])) == pytest.approx(0.1087, abs=0.02)


def test_without_contested_ground_the_sheet_says_so():
    apart = compare(claimed(box(0, 0, 60, 40), box(0, 40, 60, 80)))
    text = said(sheet(apart))
    assert "各方主张互不重叠，没有争议地。" in text
    assert "no ground is contested" in text
    assert "超出图幅" not in text
    assert "未提出方案" in text


def test_equal_cases_give_equal_bytes_in_another_process_too(a4):
    code = "import sys, tests.test_sheet as t; sys.stdout.buffer.write(t.whole(scale=500))"
    env = {**os.environ, "PYTHONHASHSEED": "7"}
    again = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=env)
    assert again.stdout == a4 == whole.__wrapped__(scale=500)


def test_an_ordinary_sheet_is_small_and_quickly_made(a4):
    began = time.process_time()
    whole.__wrapped__(scale=500)
    assert time.process_time() - began < 1.0
    assert len(a4) < 200_000


def test_claims_in_degrees_are_drawn_in_metres_of_their_legal_zone():
    claims, line = to_record(claimed(SOUTH, NORTHERN)), to_record(proposed(HALF_WAY))
    with leaves(sheet(compare(claims, line), scale=500)) as pages:
        assert lengths(pages[0], BLACK, 0.45)[-1] == pytest.approx(120, abs=0.01)
        assert "EPSG:4549" in words(pages[0])


def test_claims_that_are_lines_are_drawn_as_lines():
    lines = compare(claimed(LineString([(0, 0), (60, 0)]), LineString([(0, 2), (60, 2)])))
    with leaves(sheet(lines, scale=500)) as pages:
        assert lengths(pages[0], RED, 0.3)[-1] == pytest.approx(120, abs=0.01)


def test_a_hole_in_contested_ground_stays_free():
    ring = shapely.Polygon(box(0, 0, 60, 60).exterior, [box(20, 20, 40, 40).exterior])
    with leaves(sheet(compare(claimed(box(-10, -10, 70, 70), ring)), scale=500)) as pages:
        grey = pages[0].render(scale=4).to_numpy()
    # about the middle of the frame the hole reaches 20 mm and the ground 60 mm
    x, y, mm = (round(each / 25.4 * 72 * 4) for each in (105, 31 + 155 / 2, 1))
    hole, ground = grey[y - 9 * mm : y + 9 * mm, x : x + 9 * mm], grey[y + 25 * mm : y + 50 * mm, x : x + 9 * mm]
    assert (hole == 255).all(axis=2).mean() > 0.5
    assert (ground == 255).all(axis=2).mean() < 0.1


def test_posts_are_listed_where_they_are_given():
    posts = gpd.GeoDataFrame(geometry=placed(Point(10, 38), Point(50, 38)), crs=4528)
    text = said(sheet(ordinary(), posts=post_table(posts, placed(HALF_WAY)[0], line_code="3306")))
    assert "3306001Q" in text
    assert "单立" in text


def test_sources_that_cannot_decide_are_reserved():
    coarse = compare(claimed(SOUTH, NORTHERN, accuracy_m=5.0))
    assert "现有资料的精度不足以判定" in said(sheet(coarse))


def test_accuracies_taken_for_granted_are_reserved():
    assert "甲方 未说明精度，按中误差 0.1 米计。" in said(sheet(compare(claimed(SOUTH, NORTHERN, accuracy_m=None))))


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"paper": "A0"}, "A4 or A3"),
        ({"scale": 5}, "1:100"),
        ({"scale": float("nan")}, "1:100"),
        ({"lang": "fr"}, "zh"),
    ],
    ids=["paper", "scale", "no scale", "language"],
)
def test_what_is_no_paper_scale_or_language_is_refused(options, word):
    with pytest.raises(InputError, match=word):
        sheet(ordinary(), **options)


def test_more_points_than_anybody_signs_are_refused():
    long = LineString(np.c_[np.linspace(0, 60, 5001), np.full(5001, 38.0)])
    with pytest.raises(TooLargeError, match="5001 points"):
        sheet(compare(claimed(SOUTH, NORTHERN), proposed(long)))


def test_without_a_font_it_is_said_what_to_install(tmp_path):
    with pytest.raises(NotFoundError, match="fonts-noto-cjk"):
        find_font(folders=[tmp_path])
    with pytest.raises(NotFoundError, match="no font at"):
        find_font(tmp_path / "none.ttf")


def test_a_file_that_is_no_font_is_refused(tmp_path):
    (tmp_path / "font.ttc").write_bytes(b"text")
    (tmp_path / "font.ttf").write_bytes(b"text")
    for name in ("font.ttc", "font.ttf"):
        with pytest.raises(FormatError, match="is no font"):
            sheet(ordinary(), font=tmp_path / name)


def test_of_a_collection_the_face_for_the_mainland_is_taken(a4):
    path, face = find_font()
    assert (path.name, face) == ("NotoSansCJK-Regular.ttc", 2)
    assert b"NotoSansCJKsc" in a4 or b"NotoSansCJKSC" in a4


def test_sources_are_listed_with_their_leave_one_out_error():
    known = pd.DataFrame(
        {"title": ["1953年航片"], "captured": ["1953~"], "accuracy_m": [None], "leave_one_out_m": [2.0]}
    )
    text = said(sheet(ordinary(), sources=known)).replace(" ", "")
    assert "11953年航片1953~–2.000" in text


def test_no_label_covers_a_line_that_is_signed(a4):
    with leaves(a4) as pages:
        signed = [LineString(points) for points, pen, width in paths(pages[0]) if (pen, round(width, 2)) in SIGNED]
        labels = [each for each in (box(*edges) for edges in boxes(pages[0])) if FRAME.covers(each)]
    # the candidate, the contested ground, two parties and two points
    assert len(labels) == 6
    assert not shapely.intersects(shapely.union_all(signed), shapely.union_all(labels))
