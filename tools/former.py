"""Write data/former.csv: names that districts and cities of China had, and which now stand in their place.

    python tools/former.py EVENTS CITY_EVENTS > data/former.csv

EVENTS and CITY_EVENTS are ``county_administrative_events_1983_2026.csv`` and ``unified_events_1987_2026.csv`` of the
data set china-prefecture-crosswalk (github.com/FIERsity/china-prefecture-crosswalk, CC BY 4.0). An event is taken only
if its sentence, read to its last word, says that one whole division became one other: it was renamed, it was abolished
and another set up in its place, or it was merged into another. Sentences that also move parts of divisions, name
several successors, or say anything that the patterns below do not know are left out.

What stands in its place today must be found in data/nation.csv and data/nation_districts.csv.gz, once in its province
or once in its city; events that lead nowhere there are left out too. So are names that are in force in the same city,
and those that more than two places had (``郊区``, ``市中区``).

What was taken and left is told on the error stream.
"""

from __future__ import annotations

import csv
import gzip
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

DATA = Path(__file__).resolve().parents[1] / "data"
COLUMNS = ("old", "new", "year", "kind", "city", "code")

#: Provinces that were parts of others when the first events happened.
_OUT_OF = {"四川省": "重庆市", "广东省": "海南省"}
_MUNICIPALITIES = ("11", "12", "31", "50")
#: More places than this had the name: it tells nothing.
_SHARED = 2
#: Words that are no names of their own: 新区, 城区, 矿区.
_PLAIN = re.compile(".区")

_NAME = "[^，；。、：（）“”()]+?(?:自治县|自治旗|县|市|区|旗|地区|盟|自治州)"
_NAMES = f"{_NAME}(?:[、和]{_NAME})*"
_SET_UP = "(?:设立|恢复|成立|组建|重新组建|重新设立|合并设立|合并组建|合并成立)"
_ABOLISH = "(?:撤销|撤消)"
_RANK = "(?:（(?:县级|地级)）)?"
_END = "[。；，]?$"

_FOUNDED = re.compile(
    f"{_ABOLISH}(?:县级)?(?P<old>{_NAMES})，{_SET_UP}(?:新的)?(?:县级)?(?P<new>{_NAMES}){_RANK}(?P<tail>(?:[，；。].*)?)$"
)
_MERGED = re.compile(
    f"{_ABOLISH}(?:县级)?(?P<old>{_NAMES})，(?:将|把)?(?P<of>其|原?(?:{_NAMES}))的?行政区域(?:并入|划归|划入)(?P<new>{_NAME})(?:管辖)?(?P<tail>){_END}"
)
_RENAMED = re.compile(
    f"(?:将|同意)?(?P<old>{_NAME})(?:县名|市名|区名|旗名)?(?:更名为|改名为|恢复为|改为|改称)(?P<new>{_NAME}){_RANK}(?P<tail>){_END}"
)
_WRITTEN = re.compile(f"“(?P<old>{_NAME})”规范[县市区旗]名用字为“(?P<new>{_NAME})”(?P<tail>){_END}")
_VERBS = re.compile(f"{_ABOLISH}|更名|改名|改为|恢复|规范")
#: What may follow and changes nothing: whose ground it has, who governs it, where its government sits.
_GROUND = re.compile(f"以?原?(?:县级)?(?P<old>{_NAMES})的行政区域为(?:新的?)?(?P<new>{_NAME})的?行政区域")
_HARMLESS = re.compile(
    f"由[^，；。划]*(?:直辖|代管|领导)|为省辖（县级）市|为自治区辖（县级）市|[^，；。划]*由[^，；。划]*代管"
    f"|{_NAME}?(?:市|县|区|旗)?人民政府驻[^，；。划]*|{_NAME}辖原?{_NAMES}的行政区域|行政区划代码不变"
)
_TAKEN = re.compile(f"{_ABOLISH}(?P<old>{_NAME})，将其所辖区域划归(?P<new>{_NAME})管辖(?P<tail>；.*)$")
_PARTS = re.compile(f"；{_SET_UP}{_NAME}，以?原(?P<old>{_NAME})的行政区域为(?P<new>{_NAME})的行政区域")
_NOTES = re.compile("<ref.*|<[^>]*>|^[^，；。]{0,12}[：:]+|^：+")
_PROVINCE = re.compile(
    "(?:北京|天津|上海|重庆)市|[^，；。、 ]{2,3}(?:省)|(?:内蒙古|广西壮族|西藏|宁夏回族|新疆维吾尔)自治区"
)
_LEVEL = re.compile("^(?:[^，；。]{2,3}省)?(?:县级|地级)")
_PREFIX = re.compile("^(?P<city>.+?(?:市|地区|盟|自治州))(?P<name>.+(?:县|市|区|旗))$")


@dataclass(frozen=True, kw_only=True)
class Event:
    """One name that another took the place of."""

    #: name before
    old: str
    #: name after
    new: str
    #: year of the event
    year: int
    #: renamed, converted (abolished, another set up on its ground) or merged
    kind: str
    #: province at that time
    province: str
    #: city (prefecture) at that time, once placed that of today; empty where it is not said, or there is none
    city: str
    #: code of what stands there today
    code: str = ""


def main(county_events: str, city_events: str) -> None:
    """Write the table."""
    rows = listing(county_events)
    read = [list(districts(row)) for row in rows]
    found = latest(event for events in read for event in events)
    placed = single(place(found, Today()))
    told = {(event.old, event.code) for event in placed}
    cities = latest(event for row in listing(city_events) for event in city(row))
    cities = [event for event in cities if (event.old, event.code) not in told]
    taken_from = sum(map(bool, read))
    sys.stderr.write(f"{taken_from} of {len(rows)} events are read, {len(placed)} of their {len(found)} names taken\n")
    sys.stderr.write(f"{len(cities)} names of cities taken\n")
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(COLUMNS)
    for event in sorted([*placed, *cities], key=lambda event: (event.code, event.year, event.old)):
        table.writerow([getattr(event, column) for column in COLUMNS])


def listing(path: str) -> list[dict[str, str]]:
    """Return the rows of a table."""
    with Path(path).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def districts(row: dict[str, str]) -> Iterator[Event]:
    """Return what a county-level event says became of whole divisions; nothing where it says more than that."""
    cells = [cell.strip() for cell in row["description"].split(" | ")]
    province, stated = where(row, cells)
    for old, new, kind in said(sentence(row)):
        (above, name), (below, successor) = apart(old, province), apart(new, province)
        if name != successor:
            near = below or above or stated
            yield Event(old=name, new=successor, year=int(row["year"]), kind=kind, province=province, city=near)


def sentence(row: dict[str, str]) -> str:
    """Return the sentence that tells an event: the longest cell that has one of its verbs."""
    cells = (row["change_description"] or row["description"]).split(" | ")
    telling = [cell for cell in cells if _VERBS.search(cell)] or cells
    return _NOTES.sub("", max(telling, key=len)).strip(" 。；，")


def said(sentence: str) -> list[tuple[str, str, str]]:
    """Return old name, new name and kind for all that a sentence says, if it says nothing else."""
    if found := _MERGED.match(sentence):
        olds = listed(found["old"])
        named = listed(found["of"].removeprefix("原"))
        whole = found["of"] == "其" or {last(name) for name in named} == {last(name) for name in olds}
        return [(old, found["new"], "merged") for old in olds] if whole else []
    if found := _FOUNDED.match(sentence):
        return founded(found)
    if found := _TAKEN.match(sentence):
        return taken(found)
    clauses = [clause for clause in re.split("[；。，]", sentence) if clause]
    renames = [_RENAMED.match(clause) or _WRITTEN.match(clause) for clause in clauses]
    harmless = all(found or _HARMLESS.fullmatch(clause) for found, clause in zip(renames, clauses, strict=True))
    return [(found["old"], found["new"], "renamed") for found in renames if found] if harmless else []


def founded(found: re.Match[str]) -> list[tuple[str, str, str]]:
    """Return what one new division took the place of, or each of several of the same names, if nothing is added."""
    olds, news = listed(found["old"]), listed(found["new"])
    for clause in filter(None, re.split("[；。，]", found["tail"])):
        ground = _GROUND.fullmatch(clause)
        if ground and ({last(name) for name in listed(ground["old"])} != {last(name) for name in olds}):
            return []
        if not ground and not _HARMLESS.fullmatch(clause):
            return []
    if len(news) > 1:
        alike = [last(old)[:-1] for old in olds] == [last(new)[:-1] for new in news]
        return [(old, new, "converted") for old, new in zip(olds, news, strict=True)] if alike else []
    kind = "converted" if len(olds) == 1 else "merged"
    return [(old, news[0], kind) for old in olds]


def taken(found: re.Match[str]) -> list[tuple[str, str, str]]:
    """Return what took a whole city, and what its districts became there."""
    parts = list(_PARTS.finditer(found["tail"]))
    if "".join(part[0] for part in parts) != found["tail"]:
        return []
    return [(found["old"], found["new"], "merged"), *((part["old"], part["new"], "converted") for part in parts)]


def listed(names: str) -> list[str]:
    """Return the names of a list; 和 parts them only after the word for their rank."""
    return [name for part in names.split("、") for name in re.split("(?<=[县市区旗])和", part)]


def last(name: str) -> str:
    """Return a name without its rank and the city before it."""
    name = _LEVEL.sub("", name)
    found = _PREFIX.match(name)
    return found["name"] if found and len(found["name"]) > 1 else name


def apart(name: str, province: str) -> tuple[str, str]:
    """Return the city that stands before a name, and the name."""
    name = name.removeprefix(province) if len(name) > len(province) + 1 else name
    name = _LEVEL.sub("", name)
    found = _PREFIX.match(name)
    return (found["city"], found["name"]) if found and len(found["name"]) > 1 else ("", name)


def where(row: dict[str, str], cells: list[str]) -> tuple[str, str]:
    """Return province and city that an event states; empty where it does not."""
    for text in [row["section"], *cells]:
        if (found := _PROVINCE.match(text)) and len(text) < len("新疆维吾尔自治区伊犁哈萨克自治州博尔塔拉") + 10:
            rest = text[found.end() :].split("/")[0].strip(" ；，直辖")
            city = re.match("[^；，（）]+?(?:市|地区|盟|自治州)(?=$|代管)", rest)
            return found[0], city[0] if city else (found[0] if found[0].endswith("市") else "")
    return "", ""


def latest(events: Iterable[Event]) -> list[Event]:
    """Return each event once: of those told twice (approved, then published) the later."""
    found = {}
    for event in sorted(events, key=lambda event: event.year):
        found[event.old, event.new, event.province] = event
    return list(found.values())


def city(row: dict[str, str]) -> Iterator[Event]:
    """Return what a prefecture-level event says became of a whole city, if it went on as another."""
    by_name = {name: code for code, name in nation() if len(code) == len("3206")}
    old, new = row["old_prefecture_name"], row["new_prefecture_name"]
    if row["automatic_continuity"] == "true" and old and new and old != new and new in by_name and old not in by_name:
        yield Event(
            old=old,
            new=new,
            year=int(row["year"]),
            kind="renamed" if row["event_type"] == "rename" else "converted",
            province=row["province_name"],
            city=new,
            code=by_name[new],
        )


def nation() -> list[tuple[str, str]]:
    """Return code and name of the provinces and cities of today."""
    with (DATA / "nation.csv").open(encoding="utf-8", newline="") as rows:
        return [(row["code"], row["name"]) for row in csv.DictReader(rows)]


class Today:
    """Districts and cities in force, by province and name."""

    def __init__(self) -> None:
        names = dict(nation())
        self._provinces = names
        self.cities = {code: name for code, name in names.items() if len(code) == len("3206")}
        self._codes: dict[tuple[str, str], list[str]] = defaultdict(list)
        with gzip.open(DATA / "nation_districts.csv.gz", "rt", encoding="utf-8", newline="") as rows:
            for row in csv.DictReader(rows):
                self._codes[names[row["code"][:2]], row["name"]].append(row["code"])
        for code, name in self.cities.items():
            self._codes[names[code[:2]], name].append(code)

    def city(self, code: str) -> str:
        """Return the city that a code lies in: of a municipality itself, elsewhere empty where there is none."""
        return self.cities.get(code[:4], self._provinces[code[:2]] if code[:2] in _MUNICIPALITIES else "")

    def codes(self, province: str, name: str) -> list[str]:
        """Return the codes of the districts and cities of a name in a province."""
        return self._codes.get((province, name), [])

    def code(self, event: Event) -> str:
        """Return the one code that an event's new name has in its province, or in its city; else nothing."""
        for province in filter(None, (event.province, _OUT_OF.get(event.province))):
            codes = self.codes(province, event.new)
            near = [code for code in codes if self.cities.get(code[:4]) == event.city]
            if len(codes) == 1 or len(near) == 1:
                return (near or codes)[0]
        return ""

    def still(self, event: Event) -> bool:
        """Tell whether the old name is in force in the city that the event leads to, or as that of a city."""
        same = self.codes(event.province, event.old)
        return any(code[:4] == event.code[:4] for code in same) or event.old in self.cities.values()


def place(events: list[Event], today: Today) -> list[Event]:
    """Return the events that lead to a district or city of today, with its code, whose old name is gone there."""
    onward = defaultdict(list)
    for event in events:
        onward[event.province, event.old].append(event)
    coded = [replace(event, code=held(event, today, onward)) for event in events]
    return [replace(event, city=today.city(event.code)) for event in coded if event.code and not today.still(event)]


def held(event: Event, today: Today, onward: dict[tuple[str, str], list[Event]]) -> str:
    """Return the code of the one division of today that an event leads to; empty where there is none, or several."""
    later = [*onward[event.province, event.new], *onward[_OUT_OF.get(event.province, ""), event.new]]
    ahead = [after for after in later if after.year >= event.year and after is not event and beside(event, after.city)]
    codes = {held(after, today, onward) for after in ahead} or {today.code(event)}
    return codes.pop() if len(codes) == 1 else ""


def beside(event: Event, city: str) -> bool:
    """Tell whether an event's new name may be that in a city: names of counties are single in a province."""
    known = event.city and city and event.new.endswith("区")
    return not known or event.city[:2] == city[:2]


def single(events: list[Event]) -> list[Event]:
    """Return the last event of each name in each city, but of names that many places had none."""
    codes = defaultdict(set)
    for event in events:
        codes[event.old].add(event.code[:4])
    last = {(event.old, event.city): event.year for event in sorted(events, key=lambda event: event.year)}
    rare = [
        event
        for event in events
        if len(codes[event.old]) <= _SHARED
        and not (_PLAIN.fullmatch(event.old) or _PLAIN.fullmatch(event.new))
        and event.year == last[event.old, event.city]
    ]
    told = Counter((event.old, event.city) for event in rare)
    return [event for event in rare if told[event.old, event.city] == 1]


if __name__ == "__main__":
    main(*sys.argv[1:])
