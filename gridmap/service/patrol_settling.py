"""Shifts that have closed are settled: their fixes judged and matched, their visits put into the ledger for good."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pandas as pd
from sqlalchemy import Connection, Engine

from gridmap import store
from gridmap.errors import NotFoundError
from gridmap.service.patrol_matching import Outcome, Reading, no_visits, outcome
from gridmap.service.patrol_shifts import Span, span_of, touched
from gridmap.service.patrol_streets import StreetBook
from gridmap.store import Actor, patrols, patrols_settling
from gridmap.store.audit import SERVICE
from gridmap.store.patrols_settling import Mark
from gridmap.tracks import Shifts

#: Minutes after the end of a shift in which late fixes are waited for; later ones settle it anew.
GRACE = timedelta(minutes=10)

#: Posts settled in one transaction: some 100 000 fixes at one every five seconds.
POSTS_AT_ONCE = 16


@dataclass(frozen=True, kw_only=True)
class Settled:
    """What was settled."""

    #: posts' shifts, the fixes read for them and the visits that they made
    shifts: int = 0
    fixes: int = 0
    visits: int = 0
    #: of these, posts' shifts that are held for review
    held: int = 0
    #: posts' shifts whose fixes came after those before were deleted: what is in the ledger stays
    too_late: int = 0
    #: shifts whose day has no streets
    without_streets: tuple[str, ...] = ()

    def __add__(self, other: Settled) -> Settled:
        """Return both together."""
        return Settled(
            shifts=self.shifts + other.shifts,
            fixes=self.fixes + other.fixes,
            visits=self.visits + other.visits,
            held=self.held + other.held,
            too_late=self.too_late + other.too_late,
            without_streets=tuple(dict.fromkeys((*self.without_streets, *other.without_streets))),
        )


def settle(
    engine: Engine,
    *,
    now: datetime | None = None,
    actor: Actor | str = SERVICE,
    shifts: Shifts | None = None,
    book: StreetBook | None = None,
    posts_at_once: int = POSTS_AT_ONCE,
) -> Settled:
    """Settle every shift that has closed and has fixes that no settling has seen, and return what was done.

    A shift of a post is settled as a whole or not at all, and again as a whole when a fix comes late. Settled again
    from the same fixes, streets and windows it has the same visits.

    Parameters
    ----------
    engine
        The record.
    now
        The moment; None: this one.
    actor
        Who settles, for the audit.
    shifts
        Windows of the day; default: day and night from 08:00 and 20:00, China's time.
    book
        The streets at hand; None: they are read.
    posts_at_once
        Posts in one transaction.

    Raises
    ------
    ConflictError
        If another change came in between; what was settled before stays.
    RecordError, sqlalchemy.exc.DBAPIError
        If the record cannot be read or written.
    """
    now, shifts, book = now or datetime.now(UTC), shifts or Shifts(), book or StreetBook(engine)
    with engine.connect() as connection:
        waiting = _waiting(patrols_settling.marks(connection, now - GRACE), shifts, now)
    done = Settled()
    for span in sorted(waiting, key=lambda span: span.opens):
        for part in _parts(waiting[span], posts_at_once):
            done += _settled(engine, span, part, shifts, book, actor)
    return done


def settle_again(
    engine: Engine,
    shift: str,
    posts: Sequence[str],
    *,
    actor: Actor | str,
    shifts: Shifts | None = None,
    book: StreetBook | None = None,
) -> Settled:
    """Settle a shift of some posts anew from the fixes and streets that the record holds now.

    Parameters
    ----------
    engine
        The record.
    shift
        Its label, as ``2024-05-06 day``.
    posts
        Whose.
    actor
        Who settles, for the audit.
    shifts, book
        As for `settle`.

    Raises
    ------
    InputError
        If the label is none of these shifts.
    ConflictError, RecordError, sqlalchemy.exc.DBAPIError
        As `settle`.
    """
    shifts, book = shifts or Shifts(), book or StreetBook(engine)
    done = Settled()
    for start in range(0, len(posts), POSTS_AT_ONCE):
        with engine.begin() as connection:
            span = span_of(shift, shifts)
            done += _put(connection, span, posts[start : start + POSTS_AT_ONCE], shifts, book, actor)
    return done


def settle_outdated(
    engine: Engine,
    *,
    most: int = POSTS_AT_ONCE,
    actor: Actor | str = SERVICE,
    shifts: Shifts | None = None,
    book: StreetBook | None = None,
    before: datetime | None = None,
) -> Settled:
    """Settle some shifts anew that were matched before streets of their day were loaded, and return what was done.

    Until then they keep the visits that they have; those of streets that are gone do not count.

    Parameters
    ----------
    engine
        The record.
    most
        Posts' shifts at most, the last first.
    actor, shifts, book
        As for `settle`.
    before
        Only what was settled before that moment, by the server's clock.

    Raises
    ------
    ConflictError, RecordError, sqlalchemy.exc.DBAPIError
        As `settle`.
    """
    with engine.connect() as connection:
        waiting = patrols_settling.outdated(connection, most=most, before=before)
    done = Settled()
    for shift, posts in waiting.items():
        done += settle_again(engine, shift, posts, actor=actor, shifts=shifts, book=book)
    return done


def _waiting(marks: Iterable[Mark], shifts: Shifts, now: datetime) -> dict[Span, list[Mark]]:
    """Marks by the shifts that have closed."""
    found: dict[Span, list[Mark]] = {}
    spans: dict[str, Span] = {}
    for mark in marks:
        for label in touched(mark, shifts):
            span = spans.setdefault(label, span_of(label, shifts))
            if span.closes + GRACE <= now:
                found.setdefault(span, []).append(mark)
    return found


def _parts(marks: Iterable[Mark], posts: int) -> Iterator[list[Mark]]:
    """Marks of some posts at a time."""
    by_post: dict[str, list[Mark]] = {}
    for mark in marks:
        by_post.setdefault(mark.post, []).append(mark)
    names = sorted(by_post)
    for start in range(0, len(names), posts):
        yield [mark for name in names[start : start + posts] for mark in by_post[name]]


def _settled(
    engine: Engine, span: Span, marks: Sequence[Mark], shifts: Shifts, book: StreetBook, actor: Actor | str
) -> Settled:
    """Settle one shift of the posts of some marks, in one transaction."""
    with engine.begin() as connection:
        patrols_settling.lock_shift(connection, span.label)
        taken = patrols_settling.take_marks(connection, marks)
        if not taken:
            return Settled()
        try:
            done = _put(connection, span, sorted({mark.post for mark in taken}), shifts, book, actor)
        except NotFoundError:
            # the marks stay: the shift is settled once there are streets
            connection.rollback()
            return Settled(without_streets=(span.label,))
        later = [
            (mark.post, since)
            for mark in taken
            for label, since in touched(mark, shifts).items()
            if label != span.label and since > mark.since
        ]
        patrols_settling.end_marks(connection, taken, later)
        return done


def _put(
    connection: Connection,
    span: Span,
    posts: Sequence[str],
    shifts: Shifts,
    book: StreetBook,
    actor: Actor | str,
) -> Settled:
    """Judge and match the fixes of some posts in one shift, and put what became of them into the ledger."""
    patrols_settling.lock_shift(connection, span.label)
    streets = book.at(span.on)
    before = patrols_settling.known(connection, span.label, posts)
    too_late = [post for post in posts if before.get(post, {}).get("reduced_at") is not None]
    fixes = patrols.read_moments(connection, "fixes", span.opens, span.closes, [p for p in posts if p not in too_late])
    found = []
    for post, own in fixes.groupby("post", sort=True):
        was = before.get(str(post), {})
        reading = Reading(shifts=shifts, read_as=was.get("read_as"), released=frozenset(was.get("released", ())))
        one = outcome(own.reset_index(drop=True), span, streets, reading)
        if one is not None:
            found.append(_signed(one, was))
    found = _copies(connection, found, span)
    if found:
        walked = [one.walked for one in found if len(one.walked)]
        table = pd.concat(walked, ignore_index=True) if walked else no_visits()
        patrols_settling.put(connection, [one.row for one in found], table)
    done = _counted(found, too_late)
    if found or too_late:
        _note(connection, span, posts, done, streets.version, actor)
    return done


def _signed(one: Outcome, was: dict[str, object]) -> Outcome:
    """An outcome with who released the shift before."""
    return replace(one, row=one.row | {name: was.get(name) for name in ("released_by", "released_at")})


def _copies(connection: Connection, found: list[Outcome], span: Span) -> list[Outcome]:
    """Outcomes held where their rounds are copies of earlier ones: of shifts before, or of posts before in this one."""
    shapes = sorted({shape for one in found for shape in one.shapes})
    earlier = patrols_settling.shapes_before(connection, shapes, span.opens)
    told = []
    for one in found:
        told.append(one.copy_of(earlier))
        earlier = {**dict.fromkeys(one.shapes, f"{one.row['post']} {span.label}"), **earlier}
    return told


def _counted(found: Sequence[Outcome], too_late: Sequence[str]) -> Settled:
    return Settled(
        shifts=len(found),
        fixes=sum(one.row["fixes"] for one in found),
        visits=sum(one.row["visits"] for one in found),
        held=sum(not one.row["credited"] for one in found),
        too_late=len(too_late),
    )


def _note(
    connection: Connection, span: Span, posts: Sequence[str], done: Settled, revision: int, actor: Actor | str
) -> None:
    """Note in the audit trail what was settled."""
    counts = {name: getattr(done, name) for name in ("shifts", "fixes", "visits", "held", "too_late")}
    detail = {"shift": span.label, "posts": list(posts), "revision": revision, **counts}
    store.note(connection, actor, "settle patrols", layer="visits", detail=detail)
