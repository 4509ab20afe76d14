"""What the divisions in a text say for or against a place."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import shapely

from gridmap.address.answers import Note
from gridmap.address.divided import NONE, Area, Divided, nation_by_code
from gridmap.address.divisions import canonical, divisions, is_zone, nation, skipped
from gridmap.address.entries import Stated
from gridmap.address.formerly import Formerly
from gridmap.address.index import Home
from gridmap.address.likeness import Names, Slip
from gridmap.address.nation import full_named

#: Shorter names are told by each of their characters.
_SHORTEST = 2
_SHORTEST_SLIP = 3

#: What everyday names leave off, by level.
_ENDINGS = {
    "province": ("壮族自治区", "回族自治区", "维吾尔自治区", "特别行政区", "自治区", "省", "市"),
    "city": ("市", "地区", "盟"),
    "district": ("新区", "区", "县", "市"),
    "street": ("街道", "镇", "乡"),
    "community": ("社区", "村"),
}

#: Levels whose names tell a territory from another.
FOREIGN = ("province", "city", "district")

_OFFICE = re.compile("社区居(?:民)?委(?:员)?会|居(?:民)?委(?:员)?会|村?村(?:民)?委(?:员)?会|(?<=街道)办事处")
#: Words before an address that say no more than that it is one.
_LEAD = re.compile(
    "^(?:喂|你好|麻烦|请|地址|住址|位于|家住|现住|户籍|住在|送到|寄到|发往|在|住|来|到|去|我们|我|是|的|中国)+"
)


class Meaning(NamedTuple):
    """A division that a name may mean."""

    level: str
    #: full name
    name: str
    #: what of it the text should say instead; empty where it says it
    instead: str = ""
    #: former_name or alias, where the name is none of today's
    code: str = ""


class Mention(NamedTuple):
    """A division that a text names."""

    given: str
    meanings: tuple[Meaning, ...]
    #: whether the territory has no such division
    foreign: bool = False
    #: how the name is off, where it is
    slip: Slip | None = None


class Mentions(NamedTuple):
    """What the front of a text says."""

    items: tuple[Mention, ...]
    #: what is no division, front to back
    rest: tuple[str, ...]
    #: whether the last of the rest stands at the very end, before the name of the road
    open: bool
    #: the text
    front: str
    #: whether one of them is none of the territory's
    foreign: bool
    #: how far from its end each division, and each other stretch, begins; the last first
    sizes: tuple[int, ...]


class Evidence(NamedTuple):
    """What mentions say of a place."""

    #: levels on which a mention agrees, with how sure it is of the name, 0 to 1
    agreed: tuple[tuple[str, float], ...]
    #: mentions of a street or community that say otherwise
    other: tuple[Mention, ...]
    #: mentions that forbid the place
    against: tuple[Mention, ...]
    notes: tuple[Note, ...]
    #: whether it holds of the whole division, not of places near its border only
    throughout: bool


class Whereabouts(NamedTuple):
    """Names of the divisions that a place lies in."""

    by_level: Mapping[str, frozenset[str]]
    every: frozenset[str]
    #: levels that the address itself states
    stated: frozenset[str]


class Mentioned:
    """Tells the divisions of a territory in a text, and weighs them against places.

    Parameters
    ----------
    divided
        What areas tell.
    stated
        Divisions that addresses state.
    renamed
        Former names and aliases of divisions.
    names
        Names of roads and compounds, which are no divisions whatever they begin with.
    """

    def __init__(
        self,
        divided: Divided,
        stated: Iterable[Stated],
        renamed: Mapping[str, tuple[Meaning, ...]],
        names: Sequence[Container[str]] = (),
    ) -> None:
        self._divided = divided
        self._other_names = names
        self._is_name: Callable[[str], bool] = lambda _: False
        own = set(stated) | {(area.level, canonical(area.name)) for area in divided.areas} | set(_upper(divided.codes))
        self._own = frozenset(name for _, name in own)
        #: levels of which the territory's names are known
        self.levels = frozenset(level for level, _ in own)
        self._meanings: dict[str, tuple[Meaning, ...]] = {}
        self._inside: dict[str, tuple[Meaning, ...]] = {}
        for level, name in sorted(own):
            self._enter(self._meanings, name, Meaning(level, name))
        for level, name in sorted(own):
            for short in _shorter(level, name):
                if short not in self._meanings:
                    # 新华 may be part of any name; as a community's it counts only where it stands alone
                    self._enter(
                        self._inside if level in ("street", "community") else self._meanings,
                        short,
                        Meaning(level, name),
                    )
        formerly = Formerly(own)
        self._elsewhere = formerly.elsewhere
        national = {
            name: tuple(Meaning(level, now, now, "former_name") for level, now in places)
            for name, places in formerly.here.items()
        }
        for name, meanings in {**national, **renamed}.items():
            if name not in self._meanings:
                self._meanings[name] = meanings
        self._communities = frozenset(
            name for name, meanings in self._meanings.items() if any(one.level == "community" for one in meanings)
        )
        #: how long the names are that begin with a character, longest first
        sizes: dict[str, set[int]] = {}
        for name in self._meanings:
            sizes.setdefault(name[0], set()).add(len(name))
        self._sizes = {char: tuple(sorted(found, reverse=True)) for char, found in sizes.items()}
        self._names = Names(sorted({name for name in self._meanings if len(name) >= _SHORTEST_SLIP}))
        self.mentions = lru_cache(maxsize=16_384)(self._mentions)
        self.whereabouts_of_area = lru_cache(maxsize=4_096)(self._whereabouts_of_area)

    def _enter(self, names: dict[str, tuple[Meaning, ...]], name: str, meaning: Meaning) -> None:
        """Enter a name of a division."""
        if meaning not in names.get(name, ()):
            names[name] = (*names.get(name, ()), meaning)

    def whereabouts(self, home: Home) -> Whereabouts:
        """Return the names of the divisions of plots."""
        names: dict[str, set[str]] = {}
        for level, name in home.stated:
            names.setdefault(level, set()).add(name)
        stated = frozenset(names)
        held = [self._divided.areas[area] for area in home.chain if area != NONE]
        for area in held:
            names.setdefault(area.level, set()).add(canonical(area.name))
        codes = {code for code in self._divided.codes if any(area.code.startswith(code) for area in held)}
        for level, name in _upper(frozenset(codes or self._divided.codes)):
            names.setdefault(level, set()).add(name)
        by_level = {level: frozenset(found) for level, found in names.items()}
        return Whereabouts(by_level, frozenset().union(*by_level.values()), stated)

    def _mentions(self, front: str) -> Mentions:
        """Return the divisions that the front of a text names."""
        text = _LEAD.sub("", _OFFICE.sub(_plain_office, front))
        items: list[Mention] = []
        rest: list[str] = []
        sizes: list[int] = []
        open_end, left_over = False, len(text)
        for part, meanings in self._scan(text):
            sizes.append(left_over)
            left_over -= len(part)
            if meanings:
                items.append(Mention(part, meanings))
                open_end = False
            else:
                named, left = self._unknown(part)
                items.extend(named)
                open_end = bool(left)
                if left:
                    rest.append(left)
                    if len(left) < len(part):
                        sizes.append(left_over + len(left))
        foreign = any(mention.foreign for mention in items)
        return Mentions(tuple(items), tuple(rest), open_end, front, foreign, tuple(reversed(sizes)))

    def _scan(self, text: str) -> Iterator[tuple[str, tuple[Meaning, ...]]]:
        """Return the longest names from left to right, and what stands between them."""
        at = begin = 0
        while at < len(text):
            for size in self._sizes.get(text[at], ()):
                if (name := text[at : (end := at + size)]) in self._meanings:
                    if begin < at:
                        yield text[begin:at], ()
                    yield name, self._meanings[name]
                    at = begin = end
                    break
            else:
                at += 1
        if begin < at:
            yield text[begin:], ()

    def _unknown(self, part: str) -> tuple[list[Mention], str]:
        """Return the divisions in a text that are not the territory's or are off by a slip, and what is left."""
        if meanings := self._inside.get(part):
            return [Mention(part, meanings)], ""
        if any(part in names for names in self._other_names):
            return [], part
        if off := self._off(part):
            return [off], ""
        # 北京京北路: a name may begin like a division from elsewhere
        if self._is_name(part):
            return [], part
        found, end = [], 0
        for division in divisions(part, {}):
            given = part[division.start : division.end]
            real = _real(division.name) or division.name in self._elsewhere
            off = None if real else self._off(given)
            if off or (division.level != "zone" and not is_zone(division.name)):
                found.append(off or self._foreign(given, division.level, division.name, real=real))
            end = division.end
        return found, part[skipped(part, end) :]

    def load(self) -> None:
        """Read the lists of divisions."""
        _real("某某区")

    def listen(self, is_name: Callable[[str], bool]) -> None:
        """Take in what tells whether a text is a slip of a name that is no division."""
        self._is_name = is_name

    def _foreign(self, given: str, level: str, name: str, *, real: bool) -> Mention:
        """Return the mention of a division that the territory does not have: elsewhere if China has it."""
        told = level in self.levels or self._of_another_province(name)
        return Mention(given, (Meaning(level, name),), real and level in FOREIGN and told)

    def _of_another_province(self, name: str) -> bool:
        """Tell whether a city lies in a province that the territory does not: Shanghai has no city of its own."""
        code = nation().get(name, ("", ""))[0]
        return "province" in self.levels and bool(code) and nation_by_code()[code[:2]] not in self._own

    def _off(self, part: str) -> Mention | None:
        """Return the division that a name is one slip from."""
        if len(part) < _SHORTEST_SLIP:
            return None
        near = self._names.near(part)
        best = [(name, slip) for name, slip in near if slip.cost <= near[0][1].cost]
        if not best or _real(part):
            return None
        meanings = [
            Meaning(meaning.level, meaning.name, name, "typo") for name, _ in best for meaning in self._meanings[name]
        ]
        return Mention(part, tuple(meanings), slip=best[0][1])

    def weigh(self, mentions: tuple[Mention, ...], where: Whereabouts, lon: float, lat: float) -> Evidence:
        """Return what mentions say of a place."""
        agreed: list[tuple[str, float]] = []
        other, against, notes = [], [], []
        throughout = True
        for mention in mentions:
            meaning = next((one for one in mention.meanings if one.name in where.every), None)
            if meaning is None and any(self._drawn(one, where) for one in mention.meanings):
                throughout = False
                meaning = next((one for one in mention.meanings if self._borders(one, where, lon, lat)), None)
            if meaning is not None:
                sure = 1 - mention.slip.cost if mention.slip else 1.0
                agreed.append((meaning.level, sure))
                if meaning.code:
                    notes.append(Note(meaning.code, mention.given, meaning.instead or meaning.name))
            elif mention.foreign or self._forbids(mention, where):
                against.append(mention)
            else:
                other.append(mention)
        return Evidence(tuple(agreed), tuple(other), tuple(against), tuple(notes), throughout)

    def _borders(self, meaning: Meaning, where: Whereabouts, lon: float, lat: float) -> bool:
        """Tell whether a place that areas put elsewhere lies in the division or at its border."""
        return self._drawn(meaning, where) and self._divided.touches(meaning.name, lon, lat)

    def _drawn(self, meaning: Meaning, where: Whereabouts) -> bool:
        """Tell whether areas alone say whether a place lies in a division."""
        return meaning.name in self._divided.of_name and meaning.level not in where.stated

    def _forbids(self, mention: Mention, where: Whereabouts) -> bool:
        """Tell whether all that a mention may mean is another province, city or district."""
        return all(
            meaning.level in FOREIGN and meaning.level in where.by_level and meaning.name in self._own
            for meaning in mention.meanings
        )

    def hold(self, mentions: Iterable[Mention], lon: float, lat: float) -> bool:
        """Tell whether a place lies in each division that is named and drawn."""
        return all(
            any(self._divided.touches(meaning.name, lon, lat) for meaning in mention.meanings)
            for mention in mentions
            if any(meaning.name in self._divided.of_name for meaning in mention.meanings)
        )

    def is_community(self, name: str) -> bool:
        """Tell whether a name is that of a community or village."""
        return name in self._communities

    def area(self, place: int) -> tuple[Area, shapely.Geometry]:
        """Return an area and its polygon."""
        return self._divided.areas[place], self._divided.shapes[place]

    def _whereabouts_of_area(self, place: int) -> Whereabouts:
        """Return the names of the divisions that an area lies in, itself among them."""
        return self.whereabouts(Home((), self._divided.chain_of_area[place]))

    def area_meanings(self, mention: Mention) -> Iterator[tuple[Meaning, int, Area]]:
        """Return the areas that a mention may mean."""
        for meaning in mention.meanings:
            for place in self._divided.of_name.get(meaning.name, ()):
                if self._divided.areas[place].level == meaning.level:
                    yield meaning, place, self._divided.areas[place]


def _plain_office(found: re.Match[str]) -> str:
    """Return what an office is the office of."""
    if found[0].startswith("办"):
        return ""
    return "村" if "村" in found[0] else "社区"


def _upper(codes: frozenset[str]) -> Iterator[Stated]:
    """Return the provinces and cities of codes."""
    for code in codes:
        if code in nation_by_code():
            yield ("province" if len(code) == len("32") else "city"), nation_by_code()[code]


def _shorter(level: str, name: str) -> Iterator[str]:
    """Return the everyday names of a division."""
    for ending in _ENDINGS.get(level, ()):
        if name.endswith(ending) and len(name) - len(ending) >= _SHORTEST:
            yield name[: -len(ending)]
            return


def _real(name: str) -> bool:
    """Tell whether China has a province, city or district of just this name."""
    return name in nation() or any(entry.level == "district" for entry in full_named(name))
