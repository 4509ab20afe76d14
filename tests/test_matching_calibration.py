"""The error bar of coverage: told by how fixes were taken, and kept by walks that it was not made from."""

from __future__ import annotations

import numpy as np
import pytest

from gridmap.errors import InputError
from gridmap.tracks import judge
from gridmap.tracks.matching import expected, match, prepared
from gridmap.tracks.matching.calibration import ROWS
from tests import walks
from tests.walks_calibrating import FIRST_SEED, TRACKS, compared, town_streets


def test_the_row_nearest_by_ratio_is_told() -> None:
    assert expected(5, 1.4, 8, 150).recall == next(row[4] for row in ROWS if row[:4] == (150, 5.0, 1.4, 8.0))
    assert expected(4, 1.2, 7, 120) == expected(5, 1.4, 8, 150)


def test_where_the_network_is_not_known_the_worse_is_told() -> None:
    town, centre, either = expected(5, 1.4, 8, 150), expected(5, 1.4, 8, 20), expected(5, 1.4, 8)
    assert (either.recall, either.false) == (min(town.recall, centre.recall), max(town.false, centre.false))


def test_what_is_claimed_lies_within_its_own_bar() -> None:
    assert all(each.low <= 1 <= each.high for each in (expected(*row[1:4], row[0]) for row in ROWS))


@pytest.mark.parametrize("asked", [(0, 1.4, 8), (5, -1, 8), (5, 1.4, float("nan"))])
def test_what_is_no_positive_number_is_refused(asked: tuple[float, float, float]) -> None:
    with pytest.raises(InputError, match="positive seconds"):
        expected(*asked)


@pytest.mark.parametrize("interval", [5.0, 30.0])
def test_nine_of_ten_walks_that_calibration_has_not_seen_lie_within_the_bar(interval: float) -> None:
    ready, manner = prepared(town_streets()), walks.Manner(every_s=interval)
    graph, seeds = ready.ground.graph, range(95_000, 95_020)
    assert not set(seeds) & set(range(FIRST_SEED, FIRST_SEED + TRACKS))
    each = [walks.walk(graph, np.random.default_rng(seed), manner, post=f"post {seed}") for seed in seeds]
    _, walked = match(None, ready, judged=judge(walks.fixes(each, graph.crs)))
    table = compared(ready, each, walked, interval)
    told = expected(interval, manner.speed_m_s, manner.sigma_m, ready.spacing_m)
    within = (table["true"] >= told.low * table["claimed"]) & (table["true"] <= told.high * table["claimed"])
    assert within.mean() >= 0.9
