"""The answer to one text: ordered questions to a book of addresses, the first that is answered counts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

from gridmap.address.answers import Candidate, Match, Note, Step
from gridmap.address.book import Book
from gridmap.address.deciding import CANDIDATES, Place, best, places, plot_rows, road_candidate, row_place
from gridmap.address.hanging import hung, mouth
from gridmap.address.likeness import SHORTEST
from gridmap.address.matching import Question, at_sections, cases, misheard_names, sections
from gridmap.address.names import is_relation
from gridmap.address.naming import is_meeting, known_name, named, places_of
from gridmap.address.refusing import refusal
from gridmap.address.spots import Spot, aside
from gridmap.address.taking import NOTHING_SAID, comparable, taken
from gridmap.address.weighing import Case, attainable, weigh_divisions

#: Immediate repetition of three characters or more, the first not being of a number.
_REPEATED = re.compile(r"([^\W\d_A-Z].{2,}?)\1+")

_COUNT = "[甲乙丙0-9〇零一二三四五六七八九十百]"
#: Words between the parts of an address that is spoken.
_FILLERS = re.compile(
    f"那个|这个|里面|里边|里头|上的?(?={_COUNT}+(?:-{_COUNT}+)*(?:号|弄))|(?<=[路街道巷弄])上的?(?=[0-9])|的(?={_COUNT}+(?:号|[幢栋#]))"
    f"|(?<!{_COUNT})里(?={_COUNT}+(?:号楼|[幢栋#]))"
)

#: A number right before another one, as in 花阳一号3幢.
_HOUSE_BEFORE = re.compile("号[0-9A-Z一二三四五六七八九十]")

_FIRST_DIGIT = re.compile("(?<![A-Z-])[0-9]")

#: Who says more often the same does not ask for an address.
_MOST_TIMES = 3

#: What relations end with; it saves looking for one in most texts.
_RELATION_ENDS = frozenset("面过门壁近边旁围口处米远侧端首头角间右左下上内部行走向里前后东南西北")
_LONGEST_RELATION = 14

#: Notes of a slip or word passed over take this much off a score.
_DOUBT = 0.05

#: Score of a number between two plates: the road is sure, the number is not.
_BETWEEN = 0.5


class Answer(NamedTuple):
    """What was found, before it is told whose text it was."""

    places: tuple[Place, ...] = ()
    notes: tuple[Note, ...] = ()
    score: float = 0.0
    reason: str | None = None
    known: Candidate | None = None
    steps: tuple[Step, ...] = ()
    #: what may be meant all the same, where there is no place
    candidates: tuple[Candidate, ...] = ()

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
        return Match(
            status="not_found",
            query=query,
            reason=self.reason,
            known=self.known,
            candidates=self.candidates,
            steps=steps,
        )


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
    found = _first(book, written)
    if len(found.places) == 1:
        return found
    for short, remark in shorter():
        if not _says_nothing(book, remark):
            break
        shorn = answer_plainly(book, _FILLERS.sub("", short))
        if len(shorn.places) == 1 or (shorn.found and not found.found):
            return shorn._replace(notes=(*shorn.notes, Note("dropped", remark, "")))
    return found


def _says_nothing(book: Book, remark: str) -> bool:
    """Tell whether a remark names neither a road nor a compound, nor is a division from elsewhere."""
    return not book.splits(comparable(remark)) and not book.is_elsewhere(remark)


def _first(book: Book, written: str) -> Answer:
    """Return the first answer, in the order of the ways, or else the first refusal."""
    refused = None
    for way in _WAYS:
        found = way(book, written)
        if found is not None:
            if found.found:
                return found
            refused = refused or found
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
            return found._replace(notes=(Note("alias", alias, book.aliases[alias]), *found.notes))
    return None


def _by_relation(book: Book, written: str) -> Answer | None:
    """Return the place near the one that the text names: 对面, 旁边, 往东50米."""
    if written[-1] not in _RELATION_ENDS and not written.endswith("里路"):
        return None
    if written.endswith("口处"):
        written = written[:-1]
    for size in range(min(_LONGEST_RELATION, len(written) - 2), 0, -1):
        words = written[-size:]
        if not is_relation(words) or is_meeting(words):
            continue
        anchor = answer_plainly(book, written[:-size].removesuffix("的"))
        if len(anchor.places) == 1 and (place := _aside(book, anchor.places[0], words)):
            return anchor._replace(places=(place,), notes=(*anchor.notes, Note("relation", words, "")))
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
    return _answered(Question(written, book)) if written else Answer(reason="no_parts")


def _answered(question: Question) -> Answer:
    """Return what a question means that holds neither an alias nor a relation."""
    if question.said == NOTHING_SAID:
        return _of_name(question)
    good, against = cases(question)
    if good:
        return _of_cases(question.book, good)
    return _of_hung(question) or _of_part(question) or _of_sections(question, against)


def _of_hung(question: Question) -> Answer | None:
    """Return the place of a number between two plates, or of a lane's mouth."""
    found = hung(question) or mouth(question)
    if found is None:
        return None
    place, note = found
    step = Step(note.code, _BETWEEN, note.taken or note.given)
    return Answer(places=(place,), notes=(note,), score=_BETWEEN, steps=(step,))


def _refused(question: Question, against: list[Case]) -> Answer:
    """Return why there is no answer."""
    reason, exists = refusal(question, against)
    nearest = max(against, key=lambda case: case.total, default=None)
    return Answer(reason=reason, known=exists, steps=tuple(nearest.steps) if nearest else ())


def _plainly(book: Book, written: str) -> Answer | None:
    """Return what the text means as it stands."""
    return answer_plainly(book, written)


def _spoken(book: Book, written: str) -> Answer | None:
    """Return what the text means without words that are only spoken: 那个, 路上五号, 里面."""
    said = _FILLERS.sub("", written)
    if not said or said == written:
        return None
    # 仁虹里3幢 is in 仁虹里
    named = Question(written, book)
    if named.splits and Question(said, book).head != named.head:
        return None
    return answer_plainly(book, said)


def _otherwise(book: Book, written: str) -> Answer | None:
    """Return what the text means where 一号 before a building is a plate and not of a name, or the other way round."""
    if not _HOUSE_BEFORE.search(written):
        return None
    told = taken(written)
    for whole in (False, True):
        if taken(written, named=whole) != told:
            return _answered(Question(written, book, named=whole))
    return None


def _whole_front(book: Book, written: str) -> Answer | None:
    """Return what the text means where all before its first digit is a name: 四楼牌里12号, 碧桂村新32幢."""
    digit = _FIRST_DIGIT.search(written)
    if digit is None or digit.start() < SHORTEST or len(Question(written, book).head) == digit.start():
        return None
    found = _answered(Question(written, book, front=digit.start()))
    # 人民路乙5号 is no 人民路5号: the name may have other characters than are written, but as many
    return found if all(len(note.given) == len(note.taken) for note in found.notes if note.code == "typo") else None


def _once(book: Book, written: str) -> Answer | None:
    """Return what the text means where it says it twice."""
    for once in dict.fromkeys(_clauses(book, written)):
        if once and once != written and len(written) <= _MOST_TIMES * len(once):
            found = answer_plainly(book, once)
            if found.found:
                return found._replace(notes=(*found.notes, Note("repeated", once, "")))
    return None


def _clauses(book: Book, written: str) -> Iterator[str]:
    """Return a text that says itself twice once only: the first way and the second way to say it."""
    if len({written[at : at + 3] for at in range(len(written) - 2)}) < len(written) - 2:
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
    _otherwise,
    _whole_front,
    _once,
)


# --- what was found


def _of_name(question: Question) -> Answer:
    """Return the answer to a text without any number."""
    found = named(question)
    if found is None:
        found = known_name(question, list(misheard_names(question)))
    if found:
        return Answer(places=tuple(found.places), notes=found.notes, score=round(found.score, 3))
    return _of_sections(question, [])


def _of_sections(question: Question, against: list[Case]) -> Answer:
    """Return the roads that a text may mean by the name that they share: 人民东路 and 人民西路 by 人民路.

    Of several with that number each may be meant. Where one has it, or none, the text is refused with what may be
    meant: it does not say which road.
    """
    splits, said = sections(question), question.said
    if not splits:
        return _refused(question, against)
    found = distinct(places(question.book, at_sections(question, splits)))
    several = len(found) > 1
    if not found:
        found = [place for split in splits for place in places_of(question, split)]
        several = len(found) > 1 and said == NOTHING_SAID
    if several:
        return Answer(places=tuple(found))
    return _refused(question, against)._replace(candidates=tuple([place.candidate for place in found]))


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


def _of_cases(book: Book, good: list[Case]) -> Answer:
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
