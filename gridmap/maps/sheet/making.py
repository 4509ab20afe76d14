"""The mediation sheet: a map at an exact scale, the ledger, the points, the evidence, and room to sign."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Protocol

import pandas as pd
import shapely

from gridmap.crs import datum_name, zone_of
from gridmap.disputes import Comparison
from gridmap.maps.sheet import course, ending, sections
from gridmap.maps.sheet.canvas import BLACK, GREY, Canvas, canvas
from gridmap.maps.sheet.drawing import draw
from gridmap.maps.sheet.flow import TEXT, Box, Flow, Place, paragraph
from gridmap.maps.sheet.fonts import find_font
from gridmap.maps.sheet.legend import legend
from gridmap.maps.sheet.marks import crosses, marks
from gridmap.maps.sheet.paper import Paper, View, boxes, paper_of, view
from gridmap.maps.sheet.reading import disputes, in_metres, together
from gridmap.maps.sheet.scene import Look, Scene, looks, scene
from gridmap.maps.sheet.words import SheetLang, Voice, voice

#: Sizes of the title, of what stands below it, and of heads and feet of further pages, in points.
_TITLE, _BELOW, _FOOT = 13.0, 7.5, 7.0
#: Disputes have maps of their own where one map of all is so many times smaller than they could be.
_FAR = 2.0
#: Room for a date to be written by hand.
_OPEN = "_" * 12


class Case(Protocol):
    """What a sheet tells of a case."""

    @property
    def code(self) -> str:
        """The code by which it is filed."""

    @property
    def name(self) -> str:
        """What it is called."""


@dataclass(frozen=True, kw_only=True)
class Heads:
    """What stands at the head and the foot of pages."""

    #: the title
    title: str
    #: code and name of the case; nothing without one
    case: str
    #: the day
    day: str

    def said(self, name: str = "") -> str:
        """What stands at the head of a further page, of a dispute or of the whole."""
        return "    ".join(each for each in (self.title, self.case, name) if each)


@dataclass(frozen=True, kw_only=True)
class Leaf:
    """A map of a sheet, and what it is of."""

    #: the dispute; nothing where it is of all that was compared
    name: str
    #: the rows that its tables hold
    compared: Comparison
    #: what it shows
    shown: Scene
    #: where and how large
    at: View


def sheet(  # noqa: PLR0913 - what a sheet may show besides the comparison
    compared: Comparison,
    *,
    case: Case | None = None,
    evidence: pd.DataFrame | None = None,
    sources: pd.DataFrame | None = None,
    posts: pd.DataFrame | None = None,
    paper: Literal["A4", "A3"] = "A4",
    scale: float | None = None,
    lang: SheetLang = "both",
    on: dt.date | None = None,
    title: str = "",
    font: Path | None = None,
) -> bytes:
    """Return the sheet that a mediation ends with, as a PDF file; equal cases give equal bytes.

    Its first page is a map at an exact scale of the legal zone: each side's claimed line, 0.3 mm wide, one red, one
    blue (GB/T 17796), contested ground, gaps, and the lines proposed. Below it follow the ledger of each candidate, the
    parties' lines compared, areas, objects, boundary points (X is north) and the walk in words; in the end the list of
    evidence, what the sheet cannot tell, and fields to sign. Of disputes that lie far apart the first page shows where
    they are, and each has a map at its own scale with its own tables. Texts that find no room are cut, marked and told;
    characters that the font has not stand as their codes.

    Parameters
    ----------
    compared
        As `gridmap.disputes.compare` returns it.
    case
        Its code and name.
    evidence
        ``number?``, ``file?`` (or ``title``), ``kind?``, ``party?``, ``captured?`` (or ``date``), ``sha256?``.
    sources
        Maps, pictures and surveys: ``number?``, ``title``, ``kind?``, ``captured?``, ``accuracy_m?``,
        ``leave_one_out_m?``.
    posts
        As `gridmap.disputes.post_table`.
    paper
        ``A4``, or ``A3`` across.
    scale
        Denominator, as 500; None: the largest round one at which the disputed ground fits.
    lang
        ``zh``, ``en``, or ``both`` beside each other.
    on
        The day that the sheet bears; None leaves a line for it.
    title
        Instead of the usual one.
    font
        A font file with Chinese characters; None: one of the system's.

    Raises
    ------
    InputError
        If the paper, the language or the scale is none.
    TooLargeError
        If the candidates have more than 5000 points.
    NotFoundError
        If there is no font with Chinese characters.
    FormatError
        If the file given is no font.
    CrsError
        If the comparison does not say its CRS.
    """
    say, room = voice(lang), paper_of(paper)
    read = in_metres(compared)
    first, *further = leaves(read, room.frame, scale, say)
    heads = Heads(
        title=title or say.line("title", between="  "),
        case="" if case is None else f"{say.line('case')} {case.code} {case.name}".strip(),
        day=f"{say.line('day')} {on.isoformat() if on else _OPEN}",
    )
    with closing(canvas(find_font(font), room.size, title=heads.title, on=on)) as drawn:
        flow = _map(drawn, room, heads, first, say)
        places = _listed(flow, room, first, further, say) if further else _tables(flow, room, first, say)
        begun = []
        for leaf in further:
            flow = _map(drawn, room, heads, leaf, say)
            begun.append(drawn.pdf.page)
            _tables(flow, room, leaf, say)
        if further:
            drawn.head = heads.said()
            flow.turn()
        if posts is not None:
            course.posts(flow, posts, say)
        if sources is not None:
            ending.sources(flow, sources, say)
        ending.evidence(flow, evidence, say)
        ending.reservations(flow, read, say)
        ending.signatures(flow, read.claims["party"].astype(str).tolist(), say)
        _refer(drawn, places, begun)
        _feet(drawn, room, heads, say)
        return drawn.finished()


def leaves(read: Comparison, frame: Box, scale: float | None, say: Voice) -> list[Leaf]:
    """Return the maps of a sheet: one; or, of disputes so far apart that it would be far smaller, it and one of each.

    Raises
    ------
    InputError
        If the scale is none.
    """
    parts = disputes(read)
    if len(parts) > 1:
        look = looks(read, parts)
        names = [say.first("dispute_of", n=k) for k in range(1, len(parts) + 1)]
        every = [_leaf(part, look, frame, scale, name=name) for part, name in zip(parts, names, strict=True)]
        whole = _leaf(together(read, parts, names), look, frame, None)
        if whole.at.scale >= _FAR * min(leaf.at.scale for leaf in every):
            return [whole, *every]
    return [_leaf(read, looks(read, [read]), frame, scale)]


def _leaf(compared: Comparison, look: dict[str, Look], frame: Box, scale: float | None, name: str = "") -> Leaf:
    """A map of a comparison."""
    shown = scene(compared, look)
    return Leaf(name=name, compared=compared, shown=shown, at=view(shown.bounds, frame, scale))


def _map(drawn: Canvas, room: Paper, heads: Heads, leaf: Leaf, say: Voice) -> Flow:
    """A page with a map and its legend, and the flow of what follows."""
    drawn.pdf.add_page()
    drawn.head = heads.said(leaf.name)
    wide = room.size[0] - 24
    between = " | ".join(line.name for line in leaf.shown.claims)
    title = f"{leaf.name}: {between}" if leaf.name else heads.title
    drawn.text(12, 11, drawn.fit(title, _TITLE, wide), _TITLE)
    below = [each for each in (heads.case, heads.day, f"{say.line('scale')} 1:{leaf.at.scale:g}") if each]
    for k, text in enumerate(["    ".join(below), *system_texts(leaf.shown, say)]):
        drawn.text(12, 16.0 + 3.6 * k, drawn.fit(text, _BELOW, wide), _BELOW, GREY if k else BLACK)
    crosses(drawn, leaf.at)
    unlabelled = draw(drawn, leaf.at, leaf.shown)
    marks(drawn, leaf.at, room.marks, leaf.shown.system, say)
    further = boxes(room, lambda: _page(drawn, room))
    first = next(further)
    flow = Flow(canvas=drawn, boxes=further, box=first, y=first.y)
    legend(flow, leaf.compared, leaf.shown, say)
    for text in _told(leaf, unlabelled, say):
        paragraph(flow, text, colour=GREY)
    _below(flow, room)
    return flow


def _below(flow: Flow, room: Paper) -> None:
    """Go on below the legend over the width of the page; beside a map that takes its height, stay there."""
    across = room.columns[0]
    if flow.box == room.legend[0] and flow.box.x == across.x:
        y = max(flow.y, room.marks.bottom) + 1.0
        for _ in room.legend[1:]:
            next(flow.boxes)
        flow.box, flow.y = replace(across, y=y), y
    while flow.box in room.legend[1:]:
        flow.turn()


def _page(drawn: Canvas, room: Paper) -> None:
    """A further page with its head."""
    drawn.pdf.add_page()
    drawn.text(12, 13, drawn.fit(drawn.head, _FOOT, room.size[0] - 24), _FOOT, GREY)
    drawn.pen(0.15, GREY)
    drawn.pdf.line(12, 16, room.size[0] - 12, 16)


def _told(leaf: Leaf, unlabelled: int, say: Voice) -> list[str]:
    """What the map leaves out."""
    frame = shapely.box(*leaf.at.ground)
    every = shapely.union_all([line.shape for line in leaf.shown.claims])
    told = []
    disputed = leaf.shown.disputed
    if not (disputed.is_empty or shapely.covers(frame, disputed)):
        told += say.each("dispute_outside")
    elif not shapely.covers(frame, every):
        told += say.each("part_shown")
    if unlabelled:
        told += say.each("unlabelled", count=unlabelled)
    return told


def _listed(flow: Flow, room: Paper, whole: Leaf, parts: Sequence[Leaf], say: Voice) -> list[Place]:
    """The disputes of a map that shows several, and claims of whoever has none."""
    places = sections.disputes(
        flow, [leaf.compared for leaf in parts], [leaf.name for leaf in parts], [leaf.at.scale for leaf in parts], say
    )
    if len(whole.compared.areas):
        _leave(flow, room)
        sections.areas(flow, whole.compared, say)
    return places


def _leave(flow: Flow, room: Paper) -> None:
    """Go on where tables have the width of a column."""
    while flow.box in room.legend:
        flow.turn()


def _tables(flow: Flow, room: Paper, leaf: Leaf, say: Voice) -> list[Place]:
    """What the candidates of a map give and take first, then what was compared, then the course of each."""
    sections.ledger(flow, leaf.compared, say)
    _leave(flow, room)
    sections.lines(flow, leaf.compared, say)
    sections.areas(flow, leaf.compared, say)
    sections.objects(flow, leaf.compared, say)
    course.points(flow, leaf.shown, say)
    course.walks(flow, leaf.shown, say)
    return []


def _refer(drawn: Canvas, places: Sequence[Place], pages: Sequence[int]) -> None:
    """Write on which page each dispute is found."""
    for place, page in zip(places, pages, strict=False):
        drawn.go_to(place.page)
        drawn.text(place.right - drawn.width(str(page), TEXT), place.y, str(page), TEXT)


def _feet(drawn: Canvas, room: Paper, heads: Heads, say: Voice) -> None:
    """The number of each page, the case and the day at its foot."""
    count = drawn.pdf.pages_count
    for number in range(1, count + 1):
        drawn.go_to(number)
        page = say.line("page", n=number, count=count, between=" / ")
        left = "    ".join(each for each in (heads.case, heads.day) if each)
        drawn.pen(0.15, GREY)
        drawn.pdf.line(12, 287, room.size[0] - 12, 287)
        wide = drawn.width(page, _FOOT)
        drawn.text(12, 289.5, drawn.fit(left, _FOOT, room.size[0] - 30 - wide), _FOOT, GREY)
        drawn.text(room.size[0] - 12 - wide, 289.5, page, _FOOT, BLACK)


def system_texts(shown: Scene, say: Voice) -> list[str]:
    """Return in which system coordinates are given, by its zone where it is one of China; once in each language.

    Raises
    ------
    CrsError
        If the system is not understood.
    """
    zone = zone_of(shown.system)
    told = []
    for one in (Voice(langs=(lang,)) for lang in say.langs):
        if zone is None:
            text = one.line("system", name=shown.system.name)
        else:
            text = one.line(
                "zone",
                datum=one.datum(datum_name(shown.system)),
                width=zone.width,
                number=zone.number,
                meridian=zone.meridian,
                epsg=zone.epsg,
            )
        told.append(f"{text}    {one.line('axes')}")
    return told
