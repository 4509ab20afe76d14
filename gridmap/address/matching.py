"""Which plots a text may mean: ordered ways to come to some, each tried where those before it found none."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from gridmap.address.answers import Note
from gridmap.address.book import LIKELY, Book, Plot, Split
from gridmap.address.evidence import Mentions
from gridmap.address.likeness import SHORTEST, Slip
from gridmap.address.taking import Numbered, comparable, inside, taken, taken_behind
from gridmap.address.weighing import WEIGHTS, Case, weighed

#: What must agree beside the name before an arbitrary other character is taken for a slip.
_CONFIRMS = frozenset({"compound", "building", "road"})
#: 3幢 is never number 3.
_SAYS_BUILDING = re.compile("[0-9A-Z一二三四五六七八九十](?:幢|栋|座|号楼|#楼)")
#: A compound has more plots than this only where its name is that of half a town; they are not all looked through.
_MOST_PLOTS = 2_000


class Question:
    """A plainly written text, taken apart.

    Parameters
    ----------
    written
        The text.
    book
        What it is put to.
    named
        Whether a number before that of a building belongs to a name; None to tell by its writing.
    front
        How many characters stand before the first number; None to tell by its writing.
    """

    __slots__ = ("book", "head", "said", "splits", "written")

    def __init__(self, written: str, book: Book, *, named: bool | None = None, front: int | None = None) -> None:
        self.written, self.book = written, book
        head, said = taken(written, named=named) if front is None else taken_behind(written, front)
        #: what stands before the first number
        self.head: str = comparable(head)
        #: what the numbers and the names behind them say
        self.said: Numbered = said
        #: the ways to take the front so that it ends with a known name
        self.splits: tuple[Split, ...] = book.splits(self.head)

    @property
    def mentions(self) -> Mentions:
        """The divisions at the front, whatever name stands behind them."""
        return self.book.mentioned.mentions(self.head)


Way = Callable[[Question], Iterator[Case]]


def _begun(book: Book, plot: Plot, split: Split, said: Numbered) -> Case:
    """Return the case of a plot that a name led to."""
    sure = 1 - split.slip.cost / 2 if split.slip else 1.0
    points = WEIGHTS.road if split.kind == "road" else WEIGHTS.compound
    case = Case(plot, said, split.mentions, by=split.kind, slip=split.slip, alone=split.alone)
    case.gain(book.level(split.kind, split.name), points * sure, split.name)
    if split.slip:
        case.notes.append(Note("typo", split.given, split.name))
    return case


def _on_road(question: Question, split: Split) -> Iterator[Case]:
    """Return the plots at the number of a road, or that have no number at all."""
    book = question.book
    for said in _plates(question):
        plots = book.at(split.name, said.plate)
        for plot in plots:
            case = _begun(book, plot, split, said)
            if said.plate:
                case.gain("number", WEIGHTS.number, said.plate)
            yield case
        if plots:
            return


def _plates(question: Question) -> Iterator[Numbered]:
    """Return the ways to take a number: 5-3 is a number of its own, building 3 of number 5, or number 3 of group 5."""
    said = question.said
    yield said
    if not said.plate and said.building and not said.names and not _SAYS_BUILDING.search(question.written):
        yield said._replace(plate=said.building, building="")
    first, dash, rest = said.plate.partition("-")
    if not dash or not rest:
        return
    yield said._replace(plate=f"{first}组{rest}")
    inner = [part for part in (*rest.split("-"), said.building, said.unit, said.rest) if part]
    building, unit, room = _within(inner)
    yield said._replace(plate=first, building=building, unit=unit, rest=room)


def _within(parts: list[str]) -> tuple[str, str, str]:
    """Return building, unit and room of numbers in a row."""
    building, *others = parts
    if not others:
        return building, "", ""
    return building, others[0] if len(others) > 1 else "", others[-1]


def _in_compound(question: Question, split: Split) -> Iterator[Case]:
    """Return the plots of a compound that have the building."""
    said = question.said
    if said.plate and said.building:
        return
    ways = tuple(_houses(said))
    for plot in islice(question.book.of(split.name), _MOST_PLOTS):
        for way in ways:
            yield _begun(question.book, plot, split, way)


def _houses(said: Numbered) -> Iterator[Numbered]:
    """Return the ways to take a number behind a compound: 17-2 is a building of its own, or unit 2 of building 17."""
    if not said.plate:
        yield said
        return
    yield said._replace(plate="", building=said.plate)
    if "-" in said.plate and not said.unit:
        within = inside(said.plate)
        yield said._replace(plate="", building=within.building, unit=within.unit, rest=within.rest or said.rest)


def as_written(question: Question) -> Iterator[Case]:
    """Return the plots of the names at the end of the front, just as they are written."""
    for split in question.splits:
        yield from (_on_road if split.kind == "road" else _in_compound)(question, split)


def by_compound(question: Question) -> Iterator[Case]:
    """Return the plots of a compound that stands behind a number on no road that is known."""
    said = question.said
    if question.splits or (question.head and not question.mentions.items):
        return
    if question.mentions.rest:
        return
    for name in said.names:
        if question.book.has("compound", name):
            split = Split(question.mentions, "compound", name, name)
            yield from _in_compound(Question(name, question.book), split)


def by_phase(question: Question) -> Iterator[Case]:
    """Return the plots of all phases of a compound whose name says none."""
    if not question.splits:
        for split in question.book.phases(question.head):
            yield from _in_compound(question, split)


def misheard(question: Question) -> Iterator[Case]:
    """Return the plots of names that are one slip from what stands at the end of the front."""
    for split in _slips(question):
        yield from (_on_road if split.kind == "road" else _in_compound)(question, split)


def sections(question: Question) -> tuple[Split, ...]:
    """Return the roads that share the name at the end of the front but for a side: 人民东路 for 人民路."""
    if question.splits:
        return ()
    for given, mentions in _ends(question):
        if names := question.book.sections(given):
            return tuple(Split(mentions, "road", name, given) for name in names)
    return ()


def at_sections(question: Question, splits: Iterable[Split]) -> list[Case]:
    """Return the plots at the number on each of such roads that nothing speaks against."""
    if not question.said.plate:
        return []
    found = [weighed(question.book, case) for split in splits for case in _on_road(question, split)]
    return [case for case in found if not case.against]


def _ends(question: Question) -> Iterator[tuple[str, Mentions]]:
    """Return the ends of the front that may be a name, the likeliest first, each with what stands before it."""
    for start in _starts(question):
        mentions = question.book.mentioned.mentions(question.head[:start])
        if not (mentions.open and len(mentions.rest[-1]) <= len("旧城")):
            yield question.head[start:], mentions


def _slips(question: Question) -> Iterator[Split]:
    """Return the known names that the end of the front may be a slip of."""
    book = question.book
    for given, mentions in _ends(question):
        found = [(kind, name, slip) for kind in ("road", "compound") for name, slip in book.near(kind, given)]
        for kind, name, slip in found:
            yield Split(mentions, kind, name, given, slip, len(found) == 1)
        if found:
            return


def misheard_names(question: Question) -> Iterator[Split]:
    """Return the known names that a text without numbers may be a likely slip of, the likeliest ones only."""
    found = [split for split in _slips(question) if _clear(split)]
    least = min((split.slip.cost for split in found if split.slip), default=0.0)
    names = {split.name for split in found if split.slip and split.slip.cost == least}
    if len(names) == 1:
        yield from (split for split in found if split.name in names)


def _clear(split: Split) -> bool:
    """Tell whether a name without any number is surely meant by what is a slip from it."""
    long = len(split.given) >= SHORTEST and len(split.name) >= SHORTEST
    return long and not split.mentions.rest and split.slip is not None and split.slip.kind in LIKELY


def _starts(question: Question) -> list[int]:
    """Return where a name at the end of the front may begin, the likeliest first.

    Behind the last division; before it, for a name may begin like one; and within what is left, if that is long.
    """
    head, mentions = question.head, question.mentions
    bounds = [start for start in (len(head) - size for size in mentions.sizes) if start >= 0]
    earliest = len(head) - question.book.longest - 1
    near = [start for start in bounds if start >= earliest]
    if not mentions.open:
        return near
    if near:
        return [*near, *range(near[0] + len("旧城") + 1, len(head) - 1)]
    # 工人名邸二期胜英中大道: a compound stands before the road
    return [start for start in range(max(earliest, 1), len(head) - 1) if question.book.ends_with_compound(head[:start])]


#: In this order; a way is only gone where those before it led to no plot that nothing speaks against.
WAYS: tuple[Way, ...] = (as_written, by_compound, by_phase, misheard)


def cases(question: Question) -> tuple[list[Case], list[Case]]:
    """Return the plots that a text may mean with what speaks for them, and those that something speaks against."""
    refused: list[Case] = []
    for way in WAYS:
        if refused and all(case.against == "other_place" for case in refused):
            break
        found = [weighed(question.book, case) for case in way(question)]
        for case in found:
            if not case.against and case.slip and not believed(question, case, case.slip):
                case.against = "no_such_road"
        good = [case for case in found if not case.against]
        if good:
            return good, refused
        refused.extend(found)
    return [], refused


def believed(question: Question, case: Case, slip: Slip) -> bool:
    """Tell whether a name is taken for another one.

    What is written may be a name of its own that the table lacks: a likely slip is believed unless a name just so
    exists; an arbitrary character, and a slip from one name that exists to another, only where compound and building
    agree; one that looks a little alike also where the number and the street or community do.
    """
    confirmed = case.agreed & _CONFIRMS
    given, name = (case.notes[0].given, case.steps[0].detail) if case.notes else ("", "")
    if any(split.kind == case.by for split in question.splits):
        return {"compound", "building"} <= confirmed
    if slip.kind in LIKELY or _stuttered(given, name):
        # two faults at once are believed where nothing else is near
        return bool(confirmed) or case.alone or not any(note.code == "other_division" for note in case.notes)
    if slip.kind == "faint" and case.said.plate and case.agreed & {"street", "community"}:
        return True
    if case.by == "compound":
        return "road" in confirmed or ("building" in confirmed and bool(case.agreed & {"street", "community"}))
    return bool(confirmed - {"building"} if len(given) != len(name) else confirmed)


def _stuttered(given: str, name: str) -> bool:
    """Tell whether a name was written with one character twice: 高新新胡同."""
    return any(given[at] == given[at + 1] and given[:at] + given[at + 1 :] == name for at in range(len(given) - 1))
