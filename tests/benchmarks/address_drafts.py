"""A query while it is being written: the pieces of a true address, what is left of them, and which rows they fit."""

from __future__ import annotations

import random
import statistics
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from operator import attrgetter

from tests.benchmarks.address_rows import Row, parts
from tests.benchmarks.address_typos import Neighbours
from tests.benchmarks.address_verdicts import Question
from tests.benchmarks.address_world import World

DIVISIONS = ("province", "city", "district", "town", "community")
#: Components from coarse to fine that decide which place a text means, with the level of each.
FINE = {
    "community": "community",
    "road": "road",
    "lane": "road",
    "group": "group",
    "compound": "compound",
    "number": "number",
    "block": "building",
    "unit": "unit",
    "room": "room",
}


class Draft:
    """A query that begins as the office's text of one row."""

    def __init__(self, row: Row) -> None:
        self.row = row
        #: texts by kind, in the order in which they will be written
        self.pieces = {kind: text for kind, text in parts(row) if text}
        #: components that the query no longer states, or states wrongly
        self.free: set[str] = set() if row.stated else {"community"}
        #: what stands before and after
        self.before, self.after = "", ""
        #: set by what rewrites the text as a whole
        self.whole: str | None = None

    def drop(self, *kinds: str) -> None:
        """Leave pieces out."""
        for kind in kinds:
            self.pieces.pop(kind, None)
            self.free.add(kind)

    def local(self) -> str:
        """The text without its divisions."""
        return "".join(text for kind, text in self.pieces.items() if kind not in self.divisions)

    def head(self) -> str:
        """The divisions."""
        return "".join(text for kind, text in self.pieces.items() if kind in self.divisions)

    @property
    def divisions(self) -> tuple[str, ...]:
        """Kinds that are divisions here: a village is what its houses are called by."""
        return DIVISIONS[:4] if self.row.form == "village" else DIVISIONS

    def text(self) -> str:
        """The query."""
        if self.whole is not None:
            return self.whole
        return self.before + "".join(self.pieces.values()) + self.after

    @property
    def finest(self) -> str:
        """The finest component that the query still states."""
        return next(kind for kind in reversed(FINE) if getattr(self.row, kind) and kind not in self.free)


class Place:
    """A world seen by its rows: which of them a draft fits, and which names stand near a name."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.rows = world.rows
        self._by: dict[tuple[str, str], list[int]] = defaultdict(list)
        self.forms: dict[str, list[int]] = defaultdict(list)
        for k, row in enumerate(self.rows):
            self.forms[row.form].append(k)
            for kind in ("road", "compound", "community"):
                if value := getattr(row, kind):
                    self._by[kind, value].append(k)

    def having(self, kind: str, name: str) -> list[Row]:
        """Rows with that road, compound or community."""
        return [self.rows[k] for k in self._by.get((kind, name), ())]

    def fits(self, draft: Draft, **changed: str) -> list[Row]:
        """Rows that agree with everything that the query states, or would state with some components changed.

        What a row has more than the query says is no contradiction, except that a number counts houses along a road,
        in a lane or in a group, and never means one of the others.
        """
        row, free = draft.row, draft.free
        stated = {kind: getattr(row, kind) for kind in (*DIVISIONS, *FINE) if kind not in free and getattr(row, kind)}
        stated |= changed
        if "number" in stated:
            stated |= {kind: stated.get(kind, "") for kind in ("lane", "group")}
        keys = [kind for kind in ("compound", "road", "community") if stated.get(kind)]
        if not keys:
            return []
        lists = [self._by.get((kind, stated[kind]), []) for kind in keys]
        # the first of them twice: of one name alone, a getter gives no tuple
        read, wanted = attrgetter(*stated, keys[0]), (*stated.values(), stated[keys[0]])
        return [row for row in map(self.rows.__getitem__, min(lists, key=len)) if read(row) == wanted]

    def plots(self, draft: Draft) -> set[int]:
        """Plots that the query may mean: where the table stops at the building, it contradicts no entrance."""
        kept = draft.free
        draft.free = kept | {"unit", "room"}
        rows = self.fits(draft)
        draft.free = kept
        asked = [(kind, getattr(draft.row, kind)) for kind in ("unit", "room") if kind not in kept]
        return {row.plot for row in rows if all(getattr(row, kind) in ("", value) for kind, value in asked)}

    def question(self, draft: Draft, kind: str) -> Question | None:
        """The draft as a question, if it means one place of the world."""
        rows, finest = self.fits(draft), draft.finest
        text = draft.text()
        if FINE[finest] not in ("number", "building", "unit", "room", "compound") or not text.strip():
            return None
        if not rows or len({self._spot(row, finest) for row in rows}) != 1 or len(self.plots(draft)) != 1:
            return None
        lon, lat, reach = extent(rows)
        return Question(
            query=text,
            kind=kind,
            expects="place",
            ids=frozenset(row.id for row in rows if not self._deeper(row, finest)),
            inner=frozenset(row.id for row in rows if self._deeper(row, finest)),
            levels=(FINE[finest],),
            point=(lon, lat),
            reach_m=reach,
            plain="".join(piece for _, piece in parts(draft.row)),
        )

    @staticmethod
    def _deeper(row: Row, finest: str) -> bool:
        """Whether a row says more than its place at that level."""
        deeper = {"block": 1, "unit": 2, "room": 3}.get(finest, 0)
        return any((row.block, row.unit, row.room)[deeper:])

    @staticmethod
    def _spot(row: Row, finest: str) -> tuple[object, ...]:
        """What tells places of one level from one another."""
        deeper = {"block": 1, "unit": 2, "room": 3}.get(finest, 0)
        return (row.plot, row.block, row.unit, row.room)[: 1 + deeper]

    @cached_property
    def local_towns(self) -> dict[str, list[str]]:
        """The towns of each district."""
        areas = self.world.areas
        names = dict(zip(areas["code"], areas["name"], strict=True))
        found: dict[str, list[str]] = defaultdict(list)
        for name, parent in areas.loc[areas["level"] == "street", ["name", "parent"]].itertuples(index=False):
            found[names[parent]].append(name)
        return dict(found)

    @cached_property
    def cities(self) -> dict[str, tuple[str, str]]:
        """The province and city of each district."""
        return {row.district: (row.province, row.city) for row in self.rows}

    @cached_property
    def communities(self) -> dict[tuple[str, str], set[str]]:
        """The communities of each town that have an address."""
        found: dict[tuple[str, str], set[str]] = defaultdict(set)
        for row in self.rows:
            found[row.district, row.town].add(row.community)
        return found

    @cached_property
    def codes(self) -> dict[tuple[str, str, str], str]:
        """Codes of communities by the names of district, town and community, the latter as addresses have it."""
        areas = self.world.areas
        above = {
            code: (name, parent)
            for code, name, parent in zip(areas["code"], areas["name"], areas["parent"], strict=True)
        }
        found = {}
        for code, name, parent in areas.loc[areas["level"] == "community", ["code", "name", "parent"]].itertuples(
            index=False
        ):
            town, district = above[parent]
            plain = name.removesuffix("居委会").removesuffix("委会")
            found[above[district][0], town, plain] = code
        return found

    @cached_property
    def former(self) -> dict[tuple[str, str], str]:
        """The former name of a town, by district and town."""
        areas = self.world.areas
        above = {
            code: (name, parent)
            for code, name, parent in zip(areas["code"], areas["name"], areas["parent"], strict=True)
        }
        found = {}
        for name, successors in self.world.former[["name", "successors"]].itertuples(index=False):
            town, district = above[successors[0]]
            found[above[district][0], town] = name
        return found

    @cached_property
    def crossings(self) -> list[tuple[str, str, str, str, str, float, float]]:
        """Where roads meet, row by row."""
        return list(self.world.crossings.itertuples(index=False, name=None))

    @cached_property
    def names(self) -> Neighbours:
        """Every name of the world."""
        return Neighbours(name for names in self._named.values() for name in names)

    @cached_property
    def local_names(self) -> dict[str, Neighbours]:
        """The names of each district."""
        return {district: Neighbours(names) for district, names in self._named.items()}

    @cached_property
    def _named(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for row in self.rows:
            found[row.district] |= {row.road, row.compound, row.community, row.town} - {""}
        for district, name in self.world.roads:
            found[district].add(name)
        return found

    def clear(self, draft: Draft, slipped: str, true: str) -> bool:
        """Whether a slipped name still means the true one: no name of its district, or of the world, is as near."""
        if slipped in self.names.names:
            return False
        scope = self.local_names[draft.row.district] if "district" not in draft.free else self.names
        return scope.near(slipped) <= {true}


def extent(rows: Iterable[Row]) -> tuple[float, float, float]:
    """Middle of some rows in degrees, and how many metres the farthest of them lies from it."""
    lons, lats = zip(*((row.lon, row.lat) for row in rows), strict=True)
    lon, lat = statistics.fmean((min(lons), max(lons))), statistics.fmean((min(lats), max(lats)))
    east = (max(lons) - min(lons)) * 111_320 * 0.5
    return lon, lat, (east**2 + ((max(lats) - min(lats)) * 110_950 * 0.5) ** 2) ** 0.5


def pick(chance: random.Random, place: Place, forms: Iterable[str]) -> Row:
    """Any row of some forms, each form as likely as it has rows."""
    pools = [place.forms[form] for form in forms if place.forms[form]]
    pool = chance.choices(pools, [len(each) for each in pools])[0]
    return place.rows[chance.choice(pool)]
