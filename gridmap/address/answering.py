"""The answer to one text: ordered questions to a book of addresses, the first that is answered counts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from gridmap.address.answers import Candidate, Match, Note, Step
from gridmap.address.book import Book, Plot, Split
from gridmap.address.deciding import CANDIDATES, Place, best, known, places, plot_rows, road_candidate, row_place
from gridmap.address.divided import LEVELS
from gridmap.address.index import Index
from gridmap.address.matching import Question, cases, misheard_names
from gridmap.address.endings import ends_as_road
from gridmap.address.names import is_relation
from gridmap.address.naming import Named, area, known_name, named
from gridmap.address.roads import Plates
from gridmap.address.spots import Spot, aside
from gridmap.address.weighing import Case, attainable, weigh_divisions

#: Immediate repetition of three characters or more, the first not being of a number.
_REPEATED = re.compile(r"([^\W\d_A-Z].{2,}?)\1+")

_FILLERS = re.compile(
    "那个|这个|里面|里边|里头|(?<=[路街道巷])上的?(?=[甲乙丙0-9一二三四五六七八九十])|的(?=[0-9一二三四五六七八九十]+(?:号|[幢栋#]))|里(?=[0-9一二三四五六七八九十]+(?:号楼|[幢栋#]))"
)

#: What relations end with; it saves looking for one in most texts.
_RELATION_ENDS = frozenset("面过门壁近边旁围口处米远侧端首头角间右左下上内部行走向里前后")
_LONGEST_RELATION = 14

#: Notes of a slip or word passed over take this much off a score.
_DOUBT = 0.05


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What was found, before it is told whose text it was."""

    places: tuple[Place, ...] = ()
    notes: tuple[Note, ...] = ()
    score: float = 0.0
    reason: str | None = None
    known: Candidate | None = None
    steps: tuple[Step, ...] = ()

    @property
    def found(self) -> bool:
        """Whether there is a place, or several."""
        return bool(self.places)

    def match(self, query: str, *, explain: bool) -> Match:
        """Return the answer to a text."""
        steps = self.steps if explain else ()
        if len(self.places) == 1:
            one, local, accuracy_m = self.places[0]
            return Match(
                status="found",
                query=query,
                text=one.text,
                local=local,
                level=one.level,
                score=self.score,
                x=one.x,
                y=one.y,
                accuracy_m=accuracy_m,
                id=one.id,
                area=one.area,
                notes=self.notes,
                steps=steps,
            )
        if self.places:
            candidates = tuple([place.candidate for place in self.places[:CANDIDATES]])
            return Match(
                status="ambiguous",
                query=query,
                score=self.score,
                candidates=candidates,
                reason="several_places",
                notes=self.notes,
                steps=steps,
            )
        return Match(status="not_found", query=query, reason=self.reason, known=self.known, steps=steps)


def answer(book: Book, written: str, shorter: Callable[[], Iterator[tuple[str, str]]] = lambda: iter(())) -> Answer:
    """Return what a plainly written text means.

    Parameters
    ----------
    book
        The addresses.
    written
        The text.
    shorter
        Gives the text without remarks, each with the remark, to be asked where the whole means nothing.
    """
    refused = None
    for way in _WAYS:
        found = way(book, written)
        if found is not None:
            if found.found:
                return found
            refused = refused or found
    for short, remark in shorter():
        found = answer_plainly(book, short)
        if found.found:
            return replace(found, notes=(*found.notes, Note("dropped", remark, "")))
    return refused or Answer(reason="no_parts")


# --- the ways, in order


def _just_so(book: Book, written: str) -> Answer | None:
    """Return the address that is written just so."""
    rows = list(book.written(written))
    if not rows:
        return None
    found = distinct([row_place(*row) for row in rows])
    if (
        len(found) > 1
        and len({index.building_of[row] for index, row in rows}) == 1
        and rows[0][0].building_of[rows[0][1]] >= 0
    ):
        found = found[:1]
    return Answer(places=tuple(found), score=1.0, steps=(Step("writing", 1.0, written),))


def distinct(found: list[Place]) -> list[Place]:
    """Return places, those at one point only once."""
    points: dict[tuple[float, float], Place] = {}
    for place in found:
        points.setdefault((place.candidate.x, place.candidate.y), place)
    return list(points.values())


def _by_alias(book: Book, written: str) -> Answer | None:
    """Return what the text means once an alias in it is replaced by what it means."""
    for alias, text in book.without_alias(written):
        found = answer_plainly(book, text)
        if found.found:
            return replace(found, notes=(Note("alias", alias, book.aliases[alias]), *found.notes))
    return None


def _by_relation(book: Book, written: str) -> Answer | None:
    """Return the place near the one that the text names: 对面, 旁边, 往东50米."""
    if written[-1] not in _RELATION_ENDS:
        return None
    if written.endswith("口处"):
        written = written[:-1]
    for size in range(min(_LONGEST_RELATION, len(written) - 2), 0, -1):
        words = written[-size:]
        if not is_relation(words):
            continue
        anchor = answer_plainly(book, written[:-size].removesuffix("的"))
        if len(anchor.places) == 1 and (place := _aside(book, anchor.places[0], words)):
            return replace(anchor, places=(place,), notes=(*anchor.notes, Note("relation", words, "")))
        if anchor.found:
            return anchor
    return None


def _aside(book: Book, place: Place, words: str) -> Place | None:
    """Return the place that stands in a relation to another."""
    one = place.candidate
    origin = one.x, one.y
    x, y = book.metres([origin])[0]
    spot = aside(Spot(x=x, y=y, accuracy_m=place.accuracy_m or 0.0), words)
    if spot is None:
        return None
    x, y = book.ground.back((spot.x, spot.y), origin)
    return Place(replace(one, x=x, y=y, id=None), place.local, round(spot.accuracy_m, 1))


def answer_plainly(book: Book, written: str) -> Answer:
    """Return what a text means that holds neither an alias nor a relation."""
    question = Question(written, book)
    if not written:
        return Answer(reason="no_parts")
    said = question.said
    if not (said.plate or said.building or said.unit or said.rest or said.names or said.behind):
        return _of_name(question)
    good, against = cases(question)
    if good:
        return _of_cases(book, question, good)
    return _interpolated(question) or _of_part(question) or refusal(question, against)


def _plainly(book: Book, written: str) -> Answer | None:
    """Return what the text means as it stands."""
    return answer_plainly(book, written)


def _spoken(book: Book, written: str) -> Answer | None:
    """Return what the text means without words that are only spoken: 那个, 路上五号, 里面."""
    said = _FILLERS.sub("", written)
    return answer_plainly(book, said) if said and said != written else None


def _once(book: Book, written: str) -> Answer | None:
    """Return what the text means where it says it twice."""
    for once in dict.fromkeys(_clauses(book, written)):
        if once and once != written:
            found = answer_plainly(book, once)
            if found.found:
                return replace(found, notes=(*found.notes, Note("repeated", once, "")))
    return None


def _clauses(book: Book, written: str) -> Iterator[str]:
    """Return a text that says itself twice once only: the first way and the second way to say it."""
    yield _REPEATED.sub(r"\1", written)
    question = Question(written, book)
    for name in (*question.said.names, *question.said.behind):
        at = written.find(name)
        if at > 0 and any(split.name in name for split in question.splits):
            yield written[at:]
            yield written[:at]


_WAYS: tuple[Callable[[Book, str], Answer | None], ...] = (
    _just_so,
    _by_alias,
    _by_relation,
    _spoken,
    _plainly,
    _once,
)


# --- what was found


def _of_name(question: Question) -> Answer:
    """Return the answer to a text without any number."""
    found = named(question)
    if found is None:
        found = known_name(question, [split for split in misheard_names(question)])
    if found:
        return Answer(places=tuple(found.places), notes=found.notes, score=round(found.score, 3))
    return refusal(question, [])


def _of_part(question: Question) -> Answer | None:
    """Return a lane or a group of houses of which no house is asked: 260弄, 2组."""
    said, book = question.said, question.book
    if said.building or said.names or not said.plate.endswith(("弄", "组")):
        return None
    for split in question.splits:
        found = [Case(plot, said, split.mentions) for plot in book.within(split.name, said.plate)]
        for case in found:
            weigh_divisions(book, case)
        found = [case for case in found if not case.against]
        if found:
            level = "group" if said.plate.endswith("组") else "number"
            rows = [row for case in best(book, found) for row in plot_rows(book, case.plot)]
            place = road_candidate(book, rows, level, said.plate)
            return Answer(places=(place,), notes=tuple(found[0].notes), score=1.0)
    return None


def _of_cases(book: Book, question: Question, good: list[Case]) -> Answer:
    """Return the place, or the several, of the best cases."""
    top = best(book, good)
    found = places(book, top)
    case = max(top, key=lambda case: case.total)
    score = case.total / max(case.total, attainable(case))
    notes = tuple(dict.fromkeys(case.notes))
    score -= _DOUBT * len(notes)
    return Answer(
        places=tuple(distinct(found)),
        notes=notes if len(found) == 1 else (),
        score=round(min(max(score, 0.0), 1.0), 3),
        steps=tuple(case.steps),
    )


# --- a number between two plates


def _interpolated(question: Question) -> Answer | None:
    """Return where a number should hang that lies between two plates of its side of the road."""
    said = question.said
    if not said.plate or "组" in said.plate or said.names or said.building or said.unit or said.behind:
        return None
    found = [answer for split in question.splits if split.kind == "road" for answer in _hung(question, split)]
    return found[0] if len(found) == 1 else None


def _hung(question: Question, split: Split) -> Iterator[Answer]:
    """Return where a number should hang on each road of a name."""
    book, plate = question.book, question.said.plate
    if not (ends_as_road(split.name) or split.name in book.lines) or book.mentioned.is_community(split.name):
        return
    lane = plate[: plate.rfind("弄") + 1]
    plots = sorted(_allowed(question, split), key=lambda plot: str(_district(book, plot)))
    for _, group in groupby(plots, key=lambda plot: _district(book, plot)):
        hung = [
            (name.removeprefix(lane), plot) for plot in group if _in_lane(name := plot.part.plate_of(plot.plot), lane)
        ]
        rows = [(number, *plot_rows(book, plot)[0]) for number, plot in hung if number]
        if not rows:
            continue
        origin = rows[0][1].x[rows[0][2]], rows[0][1].y[rows[0][2]]
        metres = book.ground.metres([(index.x[row], index.y[row]) for _, index, row in rows], origin)
        plates = Plates([(number, x, y) for (number, _, _), (x, y) in zip(rows, metres, strict=True)])
        between = plates.between(plate.removeprefix(lane))
        if between:
            x, y = book.ground.back((between.x, between.y), origin)
            text, local = _numbered(rows[0][1], rows[0][2], plate)
            one = Candidate(id=None, text=text, level="interpolated", x=x, y=y)
            taken = f"{between.lower} - {between.upper}"
            yield Answer(
                places=(Place(one, local, round(between.accuracy_m, 1)),),
                notes=(Note("interpolated", plate, taken),),
                score=0.5,
                steps=(Step("interpolated", 0.5, taken),),
            )


def _in_lane(plate: str, lane: str) -> bool:
    """Tell whether a plate hangs in a lane, and in none that leads off it."""
    return bool(plate) and plate.startswith(lane) and "弄" not in plate[len(lane) :] and "组" not in plate


def _numbered(index: Index, row: int, plate: str) -> tuple[str, str]:
    """Return the standard text of a number that the table lacks, whole and without divisions."""
    text, local = index.texts[row], index.local(row)
    name = local[: next((at for at, char in enumerate(local) if char.isdigit()), len(local))]
    return f"{text[: len(text) - len(local)]}{name}{plate}号", f"{name}{plate}号"


def _allowed(question: Question, split: Split) -> Iterator[Plot]:
    """Return the plots of a road that the divisions in the text do not forbid."""
    for plot in question.book.along(split.name):
        case = Case(plot, question.said, split.mentions)
        weigh_divisions(question.book, case)
        if not case.against:
            yield plot


def _district(book: Book, plot: Plot) -> frozenset[str] | None:
    """Return the district that a plot lies in."""
    return book.where(plot).by_level.get("district")


# --- why there is none


def refusal(question: Question, against: list[Case]) -> Answer:
    """Return why a text means no address, and the finest place that it names and that exists."""
    book = question.book
    splits = question.splits
    mentions = splits[0].mentions if splits else question.mentions
    if any(mention.foreign for mention in mentions.items):
        return Answer(reason="other_place", known=None)
    for case in sorted(against, key=lambda case: case.total, reverse=True):
        if case.slip is None and case.against != "contradiction":
            steps = tuple(case.steps)
            return Answer(reason=case.against, known=known(book, case), steps=steps)
    if splits:
        split = splits[0]
        plots = list(_allowed(question, split)) if split.kind == "road" else list(book.of(split.name))
        if not plots:
            return Answer(reason="contradiction", known=_finest_area(question, split))
        rows = [row for plot in plots for row in plot_rows(book, plot)]
        level = "road" if split.kind == "road" else "compound"
        place = road_candidate(book, rows, level, "")
        reason = "no_such_number" if split.kind == "road" else "no_such_building"
        return Answer(reason=reason, known=place.candidate)
    said = question.said
    if not question.head or not (said.plate or said.building or mentions.rest):
        return Answer(reason="no_parts", known=_finest_area(question, None))
    reason = "no_such_compound" if said.building and not said.plate else "no_such_road"
    return Answer(reason=reason, known=_finest_area(question, None))


def _finest_area(question: Question, split: Split | None) -> Candidate | None:
    """Return the finest division that a text names and that exists."""
    mentions = (split.mentions if split else question.mentions).items
    ordered = sorted(mentions, key=lambda mention: _rank(mention.meanings[0].level), reverse=True)
    for mention in ordered:
        found = area(Question(mention.given, question.book))
        if found and len(found.places) == 1:
            return found.places[0].candidate
    return None


def _rank(level: str) -> int:
    """Return how fine a division is."""
    return LEVELS.index(level) if level in LEVELS else -1


__all__ = ["Answer", "Named", "answer"]
