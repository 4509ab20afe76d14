"""The mediation sheet where there is much to tell: long lines, long names, rare characters, many parties."""

from __future__ import annotations

from contextlib import closing

import numpy as np
import pytest
import shapely
from shapely import LineString, box

from gridmap.disputes import compare
from gridmap.maps.sheet import sheet
from gridmap.maps.sheet.canvas import canvas, keyhole
from gridmap.maps.sheet.flow import Box
from gridmap.maps.sheet.fonts import find_font
from gridmap.maps.sheet.labels import Labels, Place
from tests.leaves import boxes, inks, leaves, overlapping, said, words
from tests.test_sheet import HALF_WAY, NORTHERN, SOUTH, claimed, proposed

#: No font at hand has it; a name may.
RARE = "\U0002a6d6"


@pytest.fixture(scope="module")
def paper():
    with closing(canvas(find_font(), (210, 297), title="", on=None)) as drawn:
        drawn.pdf.add_page()
        yield drawn


@pytest.fixture(scope="module")
def crowd():
    """Eight villages in strips that overlap by 2 m, names of sixty characters, four lines of 500 points."""
    strips = [box(0, 20 * k - 2, 400, 20 * k + 20) for k in range(8)]
    names = [f"{k}{'东岸村民小组𠮷' * 8}{RARE}-"[:60] for k in range(8)]
    x = np.linspace(0, 400, 500)
    lines = [LineString(np.c_[x, 20 * k + 19 + np.sin(x / 9)]) for k in (0, 2, 4, 6)]
    return compare(claimed(*strips, parties=names), proposed(*lines, ids=["方案" * 30 + str(k) for k in range(4)]))


def test_two_thousand_points_flow_over_pages_and_each_is_told_once(crowd):
    with leaves(sheet(crowd, lang="zh")) as pages:
        texts = list(map(words, pages))
        assert [overlapping(page) for page in pages] == [0] * len(pages)
        assert min(boxes(page)[:, 1].min() for page in pages) > 5
    text = "".join(texts)
    assert len(texts) > 10
    # in the table as a row of its own, and twice in the walk or less; of 500 points the last closes the table
    assert all(f"{k}-J{n}3352" in text.replace(" ", "") for k in range(1, 5) for n in (1, 250, 500))


def test_a_character_that_the_font_has_is_drawn_and_one_that_it_has_not_is_its_code():
    names = ("𠮷田村", f"{RARE}村")
    content = sheet(compare(claimed(SOUTH, NORTHERN, parties=names), proposed(HALF_WAY)), lang="zh")
    text = said(content)
    assert "𠮷田村" in text
    assert "[U+2A6D6]村" in text
    assert "字体未收录的字以编码代替：[U+2A6D6]" in text
    with leaves(content) as pages:
        assert min(share for page in pages for _, share in inks(page)) > 0


@pytest.mark.parametrize(
    "hidden", ["\u202e", "\u200b", "\x00", "\ue000"], ids=["turns round", "no width", "nought", "own"]
)
def test_characters_that_show_nothing_stand_as_their_codes(paper, hidden):
    assert paper.clean(f"a{hidden}b") == f"a[U+{ord(hidden):04X}]b"


def test_breaks_and_tabs_are_spaces(paper):
    assert paper.clean("a\n\tb\u3000c") == "a  b c"


@pytest.mark.parametrize("text", ["土地界线争议调解图" * 9, "boundary mediation sheet " * 9, "x" * 300, "甲a " * 60])
def test_wrapped_text_keeps_every_character_and_its_width(paper, text):
    lines = paper.wrap(text, 8, 50)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert max(paper.width(line, 8) for line in lines) <= 50


def test_no_line_begins_with_a_stop_or_ends_with_an_opening_bracket(paper):
    lines = paper.wrap("争议面积合计（亩）；" * 20, 8, 31)
    assert not any(line[0] in "）；" or line[-1] == "（" for line in lines)


def test_a_number_is_nearest_to_its_own_point(paper):
    labels = Labels(canvas=paper, frame=Box(x=0, y=0, width=99, bottom=99), lines=shapely.MultiLineString())
    # right above, where a number stands as a rule, another point is nearer
    points = shapely.MultiPoint([(50, 50), (53, 48.5)])
    assert labels.put((50, 50), "1-J1", 5.5, place=Place(off=0.7, rivals=points))
    near = shapely.distance(shapely.box(*labels.taken[0]), shapely.get_parts(points))
    assert near[0] < near[1]
    assert labels.put((50, 50), "1-J1", 5.5, place=Place(off=0.7))
    taken = shapely.box(*labels.taken[1])
    assert shapely.distance(taken, shapely.Point(53, 48.5)) < shapely.distance(taken, shapely.Point(50, 50))


def test_what_is_cut_is_marked_and_told(paper):
    paper.cut.clear()
    assert paper.fit("土地界线争议", 10, 15).endswith("…")
    assert paper.wrap("土地界线争议" * 9, 10, 30, most=2)[-1].endswith("…")
    assert paper.cut == ["土地界线争议", "土地界线争议" * 9]


def test_names_too_long_for_the_map_are_cut_there_and_told_in_full_among_reservations():
    long = "东岸村" * 20
    content = sheet(compare(claimed(SOUTH, NORTHERN, parties=(long, "西岸村"))), lang="zh")
    assert "处文字因版面所限被截短" in said(content)
    assert long in said(content)


def test_a_keyhole_has_the_area_of_its_polygon():
    holed = shapely.Polygon(box(0, 0, 10, 10).exterior, [box(1, 1, 3, 3).exterior, box(5, 5, 9, 9).exterior])
    x, y = keyhole(holed).T
    # shoelace by hand: 100 - 4 - 16
    assert abs(np.dot(x[:-1], y[1:]) - np.dot(x[1:], y[:-1])) / 2 == pytest.approx(80)


def test_small_disputes_between_large_villages_are_drawn_large():
    near = compare(claimed(box(0, 0, 9000, 5000), box(0, 4995, 9000, 9000), box(0, 5000, 1, 5001), parties="甲乙丙"))
    tiny = compare(claimed(box(0, 0, 3000, 3000), box(2950, 2950, 6000, 6000)))
    assert "比例尺 1:50000" not in said(sheet(tiny, lang="zh"))
    assert "仅绘出主张的一部分" in said(sheet(tiny, lang="zh"))
    assert "1:" in said(sheet(near, lang="zh"))


def test_a_scale_too_large_for_the_dispute_is_used_and_told():
    content = sheet(compare(claimed(SOUTH, NORTHERN)), scale=100, lang="zh")
    assert "争议地超出图幅" in said(content)
    assert "1:100" in said(content)


def test_borders_in_common_are_drawn_in_both_colours_in_turn():
    shared = sheet(compare(claimed(box(0, 0, 60, 40), box(0, 40, 60, 80))), scale=500)
    with leaves(shared) as pages:
        picture = pages[0].render(scale=6).to_numpy()[..., ::-1].astype(int)
    middle = int((31 + 155 / 2) / 25.4 * 72 * 6)
    row = picture[middle - 4 : middle + 5].reshape(-1, 3)
    red, blue = (((row[:, k] > 200) & (row[:, [j for j in range(3) if j != k]].max(axis=1) < 80)).sum() for k in (0, 2))
    assert min(red, blue) > 0.5 * max(red, blue)
