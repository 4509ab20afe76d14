"""Maps of patrols: what was walked shift by shift, shares of areas, sign-ins; unknown is not nought, nothing leaks."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import box

from gridmap import maps
from gridmap.coverage import walked as coverage
from gridmap.errors import InputError
from gridmap.maps import patrol_map, patrol_words

pytestmark = pytest.mark.usefixtures("built_page")

EVIL = "</script><script>window.PWNED=1</script><img src=x onerror='window.PWNED=2'>{{ 7*191 }}"
DAY, NIGHT, NEXT = "2024-05-06 day", "2024-05-06 night", "2024-05-07 day"
BEGINS = {DAY: "2024-05-06T08:00+08:00", NIGHT: "2024-05-06T20:00+08:00", NEXT: "2024-05-07T08:00+08:00"}


def _line(x0, y0, x1, y1):
    """A street in hectometres from a corner."""
    return shapely.LineString([(500_000 + 100 * x0, 3_540_000 + 100 * y0), (500_000 + 100 * x1, 3_540_000 + 100 * y1)])


#: Three streets of 400 m, two in the western grid and one in the eastern, and a river.
STREETS = gpd.GeoDataFrame(
    {"id": ["S1", "S2", "S3", "R"], "name": ["人民路", None, "东路", "河"], "barrier": [None, None, None, "river"]},
    geometry=[_line(0, 1, 4, 1), _line(0, 2, 4, 2), _line(5, 1, 9, 1), _line(0, 3, 9, 3)],
    crs=4549,
)
AREAS = gpd.GeoDataFrame(
    {"code": ["320613001001001", "320613001001002"], "name": ["西网格", "东网格"], "level": "grid"},
    geometry=[box(499_900, 3_540_000, 500_450, 3_540_400), box(500_450, 3_540_000, 501_000, 3_540_400)],
    crs=4549,
)
WEST, EAST = AREAS["code"]


def _walked(*rows):
    """Visits: shift, street, from, to, class and post where they matter."""
    table = pd.DataFrame(
        [(*row, *("observed", "P1")[len(row) - 4 :]) for row in rows],
        columns=["shift", "street", "from_m", "to_m", "class", "post"],
    )
    start = pd.to_datetime(table["shift"].map(BEGINS), utc=True)
    return table.assign(start=start, end=start + pd.Timedelta(hours=1))


#: By day half of S1, at night the same and a guess at S3; the next day all of S2, and the end of S1 inferred.
VISITS = _walked(
    (DAY, "S1", 0, 200),
    (NIGHT, "S1", 100, 200),
    (NIGHT, "S3", 0, 400, "unknown"),
    (NEXT, "S2", 0, 400, "observed", "P2"),
    (NEXT, "S1", 200, 300, "inferred"),
)


def _period(visits=VISITS, **options):
    book = coverage.ledger(visits, STREETS)
    laid = coverage.sides(book, AREAS)
    shares = coverage.areas(book, laid, shifts=options.get("shifts") or None)
    return maps.Walked(**{"book": book, "laid": laid, "shares": shares, **options})


def _page(period=None, **options):
    return maps.page_html(maps.patrols(period or _period(), streets=STREETS, areas=AREAS, **options))


def _written(page):
    return json.loads(re.search(r'id="gm-data">(.*?)</script>', page, re.DOTALL)[1])


def _decoded(said):
    """Visits of a page, by the text of its docstring alone: shift, street, class, first and last part."""
    stream, parts = (list(base64.b64decode(said[name])) for name in ("keys", "parts"))
    numbers, value, bits = [], 0, 0
    for byte in stream:
        value, bits = value + (byte % 128) * 2**bits, bits + 7
        if byte < 128:
            numbers.append(value)
            value, bits = 0, 0
    rows = []
    for shift, count in enumerate(said["counts"]):
        street = 0
        for key in [numbers.pop(0) for _ in range(count)]:
            street += key // 6
            ends = (parts.pop(0), parts.pop(0)) if key % 2 else (0, 255)
            rows.append((shift, street, key % 6 // 2, *ends))
    return rows


def _signins(*rows):
    return pd.DataFrame(rows, columns=["checkpoint", "shift", "status"]).assign(post="P1", time=pd.NaT)


POINTS = gpd.GeoDataFrame(
    {"id": ["K1", "K2"], "name": ["东门", None]}, geometry=shapely.points([(500_100, 3_540_100)] * 2), crs=4549
)


def test_visits_are_held_by_shift_street_and_class_as_parts_of_the_street():
    # 200 of 400 m are 127.5 of 255 parts, 100 m are 63.75, 300 m 191.25: any part that is touched counts
    assert _decoded(_written(_page())["sides"]["new"]["visits"]) == [
        (0, 0, 0, 0, 128),
        (1, 0, 0, 63, 128),
        (1, 2, 2, 0, 255),
        (2, 0, 1, 127, 192),
        (2, 1, 0, 0, 255),
    ]


def test_far_apart_streets_take_steps_of_several_bytes():
    many = pd.concat([STREETS.iloc[:1]] * 5000, ignore_index=True).assign(id=lambda t: t.index.astype(str))
    visits = _walked((DAY, "3", 0, 400), (DAY, "4999", 100, 200, "unknown"))
    page = maps.page_html(maps.patrols(maps.Walked(book=coverage.ledger(visits, many)), streets=many))
    said = _decoded(_written(page)["sides"]["new"]["visits"])
    assert said == [(0, 3, 0, 0, 255), (0, 4999, 2, 63, 128)]


def test_visits_of_several_posts_in_one_shift_are_held_once():
    first = _walked((DAY, "S1", 0, 150), (DAY, "S1", 100, 200, "observed", "P2"), (DAY, "S1", 300, 400))
    within = _walked((DAY, "S2", 0, 200), (DAY, "S2", 50, 100, "observed", "P2"))
    held = _decoded(_written(_page(_period(pd.concat([first, within]))))["sides"]["new"]["visits"])
    assert held == [(0, 0, 0, 0, 128), (0, 0, 0, 191, 255), (0, 1, 0, 0, 128)]


def test_figures_of_a_shift_are_disjoint_and_those_up_to_it_count_each_metre_once():
    figures = _written(_page())["sides"]["new"]["figures"]
    assert figures["in"] == [[200, 0, 0], [100, 0, 400], [400, 100, 0]]
    assert figures["to"] == [[200, 0], [200, 0], [600, 100]]


def test_areas_follow_the_slider_in_and_up_to_each_shift():
    shares = _written(_page())["areas"]["grid"]["shares"]["new"]
    # the west has 800 m of street
    assert shares["in"][0] == [25, 12.5, 50]
    assert shares["to"][0] == [25, 25, 75]
    # all that is known of the east at night is that somebody may have been there
    assert shares["in"][1] == [0, None, 0]


def test_a_shift_without_a_record_is_not_known_and_not_nought():
    period = _period(shifts=("2024-05-05 night", DAY, NIGHT, NEXT))
    data = _written(_page(period))
    assert data["sides"]["new"]["figures"]["known"] == [False, True, True, True]
    shares = data["areas"]["grid"]["shares"]["new"]
    assert (shares["in"][0][0], shares["to"][0][0], shares["to"][0][1]) == (None, None, 25)


def test_shifts_stand_in_the_order_of_time_and_none_of_the_ledger_is_lost():
    named = VISITS.replace({"shift": {DAY: "z first", NIGHT: "a second"}})
    assert _written(_page(_period(named)))["sides"]["new"]["shifts"] == ["z first", "a second", NEXT]
    asked = _written(_page(_period(named, shifts=(NEXT,))))
    assert asked["sides"]["new"]["shifts"] == [NEXT, "z first", "a second"]


def test_rivers_and_side_paths_are_no_streets_to_be_walked():
    data = _written(_page())
    assert data["lengths"] == pytest.approx([400, 400, 400, 0], abs=0.1)
    assert set(data["backdrops"]) == {"rivers"}
    assert data["partly"] == []


def test_sign_ins_are_held_by_checkpoint_shift_and_status():
    given = _signins(
        ("K2", NIGHT, "missed"), ("K1", DAY, "on_time"), ("K9", DAY, "on_time"), ("K1", None, "out_of_window")
    )
    data = _written(_page(_period(checkpoints=POINTS, signins=given)))
    held = data["sides"]["new"]["checkpoints"]["signins"]
    assert [(row[0], row[1], data["statuses"][row[2]]) for row in held] == [
        (1, 1, "missed"),
        (0, 0, "on_time"),
        (0, -1, "out_of_window"),
    ]


def test_who_may_not_know_places_gets_shares_of_areas_and_nothing_of_streets_posts_and_points():
    lines = STREETS.iloc[:1].assign(length_m=400.0)
    period = _period(
        checkpoints=POINTS,
        signins=_signins(("K1", DAY, "late")),
        rounds=lines,
        blind=lines,
        posts=POINTS.assign(post="P7"),
    )
    data = _written(_page(period, exact=False))
    texts = set(re.findall(r'"([^"]*)"', json.dumps([data["sides"], data["streets"]], ensure_ascii=False)))
    assert not {"S1", "人民路", "K1", "东门", "P1", "P7", "visits", "checkpoints", "posts", "rounds", "blind"} & texts
    assert (data["streets"], data["lengths"], data["partly"]) == ({}, [], [])
    assert data["areas"]["grid"]["shares"]["new"]["to"][0] == [25, 25, 75]
    assert '"S1"' in _page(period)
    assert '"P7"' in _page(period)


def test_only_the_worst_stretches_are_held_and_the_rest_is_counted(monkeypatch):
    monkeypatch.setattr("gridmap.maps.patrol_contents.MOST_LISTED", 1)
    blind = _written(_page(_period(blind=STREETS.iloc[:3].assign(length_m=[400.0, 300.0, 200.0]))))["sides"]["new"][
        "blind"
    ]
    assert ([row["id"] for row in blind["rows"]], blind["more"], blind["length_m"]) == (["S1"], 2, 900)


def test_times_are_told_by_the_clock_of_china():
    owed = coverage.streets(_period().book, coverage.Owing(now="2024-05-07T12:00+08:00"))
    held = _written(_page(_period(owed=owed)))["sides"]["new"]["streets"]
    assert held["last_passed"][:2] == ["2024-05-06 21:00", "2024-05-07 09:00"]
    assert held["overdue"][3] is None


def test_many_vertices_are_thinned_and_said(monkeypatch):
    monkeypatch.setattr(patrol_map, "MANY_VERTICES", 3)
    assert [note for note in _written(_page(lang="en"))["notes"] if "simplified" in note]


def test_streets_other_than_those_of_the_ledger_are_refused():
    with pytest.raises(InputError, match="other streets than those of the ledger"):
        maps.patrols(_period(), streets=STREETS.iloc[::-1])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"by": "colour"}, "streets coloured by colour; expected one of class, age"),
        ({"level": "ward"}, "level ward; expected one of grid"),
        ({"lang": "fr"}, "language 'fr'"),
    ],
    ids=["shade", "level", "language"],
)
def test_what_a_page_cannot_show_first_is_refused(options, said):
    with pytest.raises(InputError, match=said):
        _page(**options)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_word_of_the_page_is_known_in_both_languages(lang):
    files = ("texts", "sides", "areas", "panels", "shares", "walks", "signins", "slider", "patrols")
    script = "".join((Path(maps.__file__).parent / f"{name}.js").read_text("utf-8") for name in files)
    assert set(re.findall(r'word\("(\w+)"', script)) <= set(patrol_words.PATROLS.every(lang))


def test_the_same_tables_make_the_same_page_in_any_order_of_visits():
    assert _page() == _page(_period(VISITS.iloc[::-1]))


def test_a_visit_takes_five_bytes_so_that_a_month_of_ten_thousand_streets_stays_below_15_mb():
    rng = np.random.default_rng(0)
    at = rng.uniform(0, 900, (500, 1, 2)) + rng.uniform(-60, 60, (500, 8, 2)) + (500_000, 3_540_000)
    streets = gpd.GeoDataFrame({"id": np.arange(500).astype(str)}, geometry=shapely.linestrings(at), crs=4549)
    street, shift = np.tile(np.arange(500), 20), np.repeat(np.arange(20), 500)
    start = pd.to_datetime("2024-05-01T00:00Z") + pd.to_timedelta(shift * 12, unit="h")
    # every visit to another part of its street, the dearest there is
    ends = np.sort(rng.uniform(0, 1, (2, len(street))), axis=0) * streets.length.to_numpy()[street]
    visits = pd.DataFrame({"post": "P", "shift": shift.astype(str), "street": street.astype(str), "start": start})
    visits = visits.assign(end=start, from_m=ends[0], to_m=ends[1])
    book = coverage.ledger(visits, streets)
    said = _written(maps.page_html(maps.patrols(maps.Walked(book=book), streets=streets)))["sides"]["new"]["visits"]
    assert sum(said["counts"]) == 10_000
    assert len(said["keys"]) + len(said["parts"]) <= 50_000


#: How shares changed from an earlier period of one shift to the last of this.
CHANGED = ["25.0 % → 50.0 % (+25.0 points)", "not known → 0.0 %"]


@pytest.mark.browser
def test_moving_the_slider_shows_what_was_walked_up_to_and_in_each_shift(chromium, tmp_path):
    blind = STREETS.iloc[[2]].assign(name=EVIL, length_m=400.0)
    given = _signins(("K1", DAY, "on_time"), ("K1", NIGHT, "missed"), ("K1", NEXT, "late"))
    period = _period(checkpoints=POINTS, signins=given, blind=blind, until=date(2024, 5, 7), notes=(EVIL,))
    before = _period(VISITS.iloc[:1])
    west = before.shares[before.shares["code"] == WEST]
    old = replace(before, shares=west, since=date(2024, 4, 1))
    tab, complaints = _opened(chromium, tmp_path, _page(period, old=old, title=EVIL, lang="en"))
    drawn = "document.querySelector('.folium-map .leaflet-gm-walks-pane canvas').toDataURL()"
    shown = {}
    for mode in ("to", "in"):
        tab.check(f"input[value={mode}]")
        tab.focus("#gm-shift")
        for key in ("Home", "ArrowRight", "ArrowRight"):
            tab.keyboard.press(key)
            figures = float(tab.get_attribute("#gm-walked", "data-metres")), tab.text_content(".gm-signins")
            shown[mode, tab.text_content("#gm-time output").split(" | ")[-1]] = (*figures, tab.evaluate(drawn))
    metres = [one[0] for one in shown.values()]
    assert metres == pytest.approx([200, 200, 600, 200, 100, 400], abs=0.2)
    assert [one[1].split(": ")[1] for one in shown.values()][:3] == ["100.0 %", "50.0 %", "33.3 %"]
    assert len({one[2] for one in shown.values()}) == 5  # up to the first shift is the first shift
    # the earlier period has one shift, and nothing is known of the east
    assert [row.split("\n")[1] for row in tab.locator("#gm-areas button").all_inner_texts()] == CHANGED
    tab.click("#gm-areas button:has-text('西网格')")
    assert tab.text_content(".gm-popup .gm-now") == "this shift: 50.0 %"
    assert tab.get_attribute("tr[data-period=all] td[data-share]", "data-share") == "0.75"
    tab.click("#gm-play")
    assert tab.text_content("#gm-time output").split(" | ")[-1] == "2024-05-06 day"
    assert (tab.evaluate("window.PWNED ?? null"), "1337" in tab.text_content("body"), complaints) == (None, False, [])


def _colours(tab, street):
    """Opaque colours on the canvas of streets along a street."""
    line = STREETS.to_crs(4490).geometry[street]
    places = [[(at := line.interpolate(n / 40, normalized=True)).y, at.x] for n in range(4, 37)]
    script = """(places) => {
      const map = Object.values(window).find((one) => one instanceof L.Map);
      const canvas = document.querySelector(".leaflet-gm-walks-pane canvas");
      const on = canvas.getContext("2d");
      return places.map((place) => {
        const at = map.latLngToLayerPoint(place).subtract(L.DomUtil.getPosition(canvas));
        return [...on.getImageData(Math.round(at.x), Math.round(at.y), 1, 1).data];
      });
    }"""
    return {"#" + bytes(pixel[:3]).hex() for pixel in tab.evaluate(script, places) if pixel[3] == 255}


@pytest.mark.browser
def test_what_is_not_known_is_never_drawn_as_walked_nor_as_not_walked(chromium, tmp_path):
    day = _walked((DAY, "S1", 0, 200), (DAY, "S2", 0, 400, "inferred"), (DAY, "S3", 0, 400))
    visits = pd.concat([day, _walked((NIGHT, "S3", 0, 400, "unknown"))])
    owed = {"id": ["S1", "S2", "S3"], "passes": [2, 1, 0], "idle_h": [None, 100, None], "overdue": True}
    period = _period(visits, shifts=("2024-05-05 night", DAY, NIGHT), owed=pd.DataFrame(owed), shares=None, laid=None)
    tab, complaints = _opened(chromium, tmp_path, _page(period, lang="en"))
    tab.check("input[value=in]")
    tab.focus("#gm-shift")
    shown = {}
    for key in ("End", "ArrowLeft", "Home"):
        tab.keyboard.press(key)
        shown[key] = [_colours(tab, street) for street in range(3)]
    walked, inferred, unknown, never = "#0072b2", "#56b4e9", "#e69f00", "#d55e00"
    assert unknown in shown["End"][2]
    assert not {walked, inferred, never} & shown["End"][2]
    assert [_full(one) for one in shown["ArrowLeft"]] == [{walked, never}, {inferred}, {walked}]
    assert [_full(one) for one in shown["Home"]] == [{unknown}] * 3
    tab.keyboard.press("End")
    tab.select_option("#gm-by", "age")
    assert _full(_colours(tab, 2)) == {never}
    told = [row.split("\n")[1] for row in tab.locator("#gm-overdue button").all_inner_texts()]
    assert [row.split(" · ")[0] for row in told] == OWED
    assert complaints == []


#: What is owed longest first: of what was never wholly walked nobody knows how long.
OWED = ["never walked for nine tenths of its length", "never visited", "not visited for 100 h"]


def _full(colours):
    """Those of the page's colours, without the blends at the ends of dashes and stretches."""
    return colours & {"#0072b2", "#56b4e9", "#e69f00", "#d55e00", "#08306b"}


def _opened(chromium, folder, page):
    """A tab with a page that has no network, and what goes wrong in it."""
    (folder / "map.html").write_text(page, encoding="utf-8")
    tab, complaints = chromium.new_page(viewport={"width": 1366, "height": 768}), []
    tab.set_default_timeout(20_000)
    tab.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on("request", lambda one: complaints.append(one.url) if "map.html" not in one.url else None)
    tab.goto((folder / "map.html").as_uri())
    tab.wait_for_selector("body[data-ready]")
    return tab, complaints
