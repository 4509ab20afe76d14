"""The mediation sheet: a map at an exact scale, the ledger, the points, the evidence, and room to sign."""

from __future__ import annotations

import datetime as dt
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import pandas as pd
import shapely

from gridmap.crs import datum_name, zone_of
from gridmap.disputes import Comparison
from gridmap.maps.sheet import sections
from gridmap.maps.sheet.canvas import BLACK, GREY, Canvas, canvas
from gridmap.maps.sheet.drawing import draw
from gridmap.maps.sheet.flow import Flow, paragraph
from gridmap.maps.sheet.fonts import find_font
from gridmap.maps.sheet.legend import legend
from gridmap.maps.sheet.marks import crosses, marks
from gridmap.maps.sheet.paper import Paper, View, boxes, paper_of, view
from gridmap.maps.sheet.scene import Scene, scene
from gridmap.maps.sheet.words import SheetLang, Voice, voice

#: Sizes of the title, of what stands below it, and of heads and feet of further pages, in points.
_TITLE, _BELOW, _FOOT = 13.0, 7.5, 7.0
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
    blue (GB/T 17796), contested ground, gaps, and the lines proposed. Further pages hold areas, the ledger of each
    candidate, the parties' lines compared, boundary points (X is north), the walk in words, the list of evidence, what
    the sheet cannot tell, and fields to sign. Texts that find no room are cut, marked and told; characters that the
    font has not stand as their codes.

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
    shown = scene(compared)
    at = view(shown.bounds, room.frame, scale)
    heads = Heads(
        title=title or say.line("title", between="  "),
        case="" if case is None else f"{say.line('case')} {case.code} {case.name}".strip(),
        day=f"{say.line('day')} {on.isoformat() if on else _OPEN}",
    )
    with closing(canvas(find_font(font), room.size, title=heads.title, on=on)) as drawn:
        flow = _begun(drawn, room, heads, shown, at, say)
        unlabelled = _map(drawn, room, shown, at, say)
        legend(flow, compared, shown, say, beside=room.legend[0] if len(room.legend) > 1 else None)
        for text in _told(shown, at, unlabelled, say):
            paragraph(flow, text, colour=GREY)
        while flow.box in room.legend:
            flow.turn()
        _tables(flow, compared, shown, say)
        if posts is not None:
            sections.posts(flow, posts, say)
        if sources is not None:
            sections.sources(flow, sources, say)
        sections.evidence(flow, evidence, say)
        sections.reservations(flow, compared, say)
        sections.signatures(flow, [line.name for line in shown.claims], say)
        _feet(drawn, room, heads, say)
        return drawn.finished()


def _begun(drawn: Canvas, room: Paper, heads: Heads, shown: Scene, at: View, say: Voice) -> Flow:
    """The first page with its head, and the flow of what follows."""
    drawn.pdf.add_page()
    wide = room.size[0] - 24
    drawn.text(12, 11, drawn.fit(heads.title, _TITLE, wide), _TITLE)
    below = [each for each in (heads.case, heads.day, f"{say.line('scale')} 1:{at.scale:g}") if each]
    for k, text in enumerate(["    ".join(below), *system_texts(shown, say)]):
        drawn.text(12, 16.0 + 3.6 * k, drawn.fit(text, _BELOW, wide), _BELOW, GREY if k else BLACK)
    further = boxes(room, lambda: _page(drawn, room, heads))
    first = next(further)
    return Flow(canvas=drawn, boxes=further, box=first, y=first.y)


def _page(drawn: Canvas, room: Paper, heads: Heads) -> None:
    """A further page with its head."""
    drawn.pdf.add_page()
    text = "    ".join(each for each in (heads.title, heads.case) if each)
    drawn.text(12, 13, drawn.fit(text, _FOOT, room.size[0] - 24), _FOOT, GREY)
    drawn.pen(0.15, GREY)
    drawn.pdf.line(12, 16, room.size[0] - 12, 16)


def _map(drawn: Canvas, room: Paper, shown: Scene, at: View, say: Voice) -> int:
    """The map; how many points in it bear no label."""
    crosses(drawn, at)
    unlabelled = draw(drawn, at, shown)
    marks(drawn, at, room.marks, shown.system, say)
    return unlabelled


def _told(shown: Scene, at: View, unlabelled: int, say: Voice) -> list[str]:
    """What the map leaves out."""
    frame = shapely.box(*at.ground)
    every = shapely.union_all([line.shape for line in shown.claims])
    told = []
    if not shapely.covers(frame, shown.disputed):
        told += say.each("dispute_outside")
    elif not shapely.covers(frame, every):
        told += say.each("part_shown")
    if unlabelled:
        told += say.each("unlabelled", count=unlabelled)
    return told


def _tables(flow: Flow, compared: Comparison, shown: Scene, say: Voice) -> None:
    """What was compared, and what is proposed."""
    sections.areas(flow, compared, say)
    sections.ledger(flow, compared, say)
    sections.lines(flow, compared, say)
    sections.objects(flow, compared, say)
    sections.points(flow, shown, say)
    sections.walks(flow, shown, say)


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
