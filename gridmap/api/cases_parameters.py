"""What requests about cases may say in their address."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from gridmap.api import deps
from gridmap.api.cameras_parameters import day
from gridmap.api.deps import Parameter
from gridmap.api.fields import words
from gridmap.api.plans_parameters import number
from gridmap.errors import InputError

#: What a case may be, as `gridmap.store.cases` has it, which a service loads with the first question about cases.
STATUSES = ("open", "agreed", "closed", "withdrawn")
#: Sheets of paper, and the languages of one.
PAPERS = ("A4", "A3")
SHEET_LANGS = ("zh", "en", "both")
#: What a source shows.
SOURCE_KINDS = ("map", "picture", "survey", "parcels", "document")

#: The archive of a case.
ZIP = "application/zip"

#: Characters of a label or a title, of a date, of a short note about land, and of the name of a file.
LABEL_CHARS, DATE_CHARS, NOTE_CHARS, NAME_CHARS = 80, 40, 2000, 120

#: Cases of one page without a limit, and at most.
CASES_LISTED, CASES_MOST = 100, 1000

#: A scale is 1 to so many.
_SCALES = (50, 1_000_000)

_TEXT = {"type": "string"}
_NUMBER = {"type": "integer", "minimum": 0}


def text(name: str, most: int, *, lines: bool = False) -> Callable[[str], str]:
    """Return the parser of a short text that can be printed.

    Raises
    ------
    InputError
        By the parser, for a text that is too long or cannot be printed.
    """
    return lambda given: words({name: given}, name, most=most, lines=lines)


def one_of(name: str, known: tuple[str, ...]) -> Callable[[str], str]:
    """Return the parser of one of several words.

    Raises
    ------
    InputError
        By the parser, for any other.
    """

    def parse(text: str) -> str:
        if text not in known:
            raise InputError(f"{name}={text[:40]!r}", expected=f"one of {', '.join(known)}")
        return text

    return parse


def file_name(text: str) -> str:
    """Return what a file is called: the last part of its path, if one was sent; it never becomes a path here.

    Raises
    ------
    InputError
        If nothing is left of it, or it is too long or cannot be printed.

    Examples
    --------
    >>> file_name("../../claims/东河村.txt")
    '东河村.txt'
    """
    last = re.split(r"[/\\]", text)[-1].strip()
    if not last.strip(". ") or len(last) > NAME_CHARS or not last.isprintable():
        raise InputError(
            f"file={text[:40]!r}",
            expected=f"the name of a file of 1 to {NAME_CHARS} printable characters",
            code="no_file_name",
            values={"most": NAME_CHARS},
        )
    return last


def _accuracy(text: str) -> float:
    value = deps.number("accuracy_m")(text)
    if not 0 < value <= 10_000:  # noqa: PLR2004 - stated in the message
        raise InputError(f"accuracy_m={text[:40]!r}", expected="metres above 0, at most 10000")
    return value


def _scale(text: str) -> int:
    value = number("scale")(text)
    least, most = _SCALES
    if not least <= value <= most:
        raise InputError(f"scale={text[:40]!r}", expected=f"1 to so many, from {least} to {most}")
    return int(value)


def _text(name: str, meaning: str, *, most: int = LABEL_CHARS, lines: bool = False) -> Parameter:
    return Parameter(
        name=name, parse=text(name, most, lines=lines), schema={**_TEXT, "maxLength": most}, meaning=meaning
    )


def _day_or_span(name: str, meaning: str) -> Parameter:
    return _text(name, f"{meaning}, in EDTF: `1953`, `1953~`, `195X`, `../1982`", most=DATE_CHARS)


ID = Parameter(name="id", parse=deps.code, schema=_TEXT, meaning="code of the case", example="2026-0007", place="path")
NUMBER = Parameter(
    name="number", parse=number("number"), schema=_NUMBER, meaning="its number in the case", place="path"
)
VERSION = Parameter(
    name="version", parse=number("version"), schema=_NUMBER, meaning="the version of the case that its maker saw"
)
STATUS = Parameter(
    name="status", parse=one_of("status", STATUSES), schema={**_TEXT, "enum": list(STATUSES)}, meaning="such cases only"
)
LIMIT = replace(deps.LIMIT, meaning=f"at most so many cases in one answer; {CASES_LISTED} without it")
AFTER = Parameter(
    name="after",
    parse=text("after", 60),
    schema=_TEXT,
    meaning="where the page before ended, as its `next` says",
    example="20260131T093000.000000-7",
)
FILE = Parameter(
    name="file",
    parse=file_name,
    schema={**_TEXT, "maxLength": NAME_CHARS},
    meaning="what the file is called; its ending tells how it is read",
    example="claim.txt",
)
PARTY = _text("party", "label of the party, a village or a group, never a person")
SOURCE = _text("source", "where it comes from")
NAME = _text("name", "what the line is called; several are numbered")
DATE = _day_or_span("date", "date of the source")
ACCURACY = Parameter(
    name="accuracy_m",
    parse=_accuracy,
    schema={"type": "number"},
    meaning="standard error of a surveyed point, in metres",
    example=0.1,
)
CRS = replace(
    deps.CRS, meaning="the system of the coordinates where the file does not say: an EPSG code", example="4528"
)
EVIDENCE = Parameter(
    name="evidence", parse=number("evidence"), schema=_NUMBER, meaning="number of the evidence that it rests on"
)
KIND = _text("kind", "what it is: `map`, `picture`, `survey`, `parcels`, `document`, or another word", most=40)
STATEMENT = _text(
    "statement", "a short note about the land; numbers of persons are refused", most=NOTE_CHARS, lines=True
)
CAPTURED = _day_or_span("captured", "when it was surveyed or taken")
RELEASED = _day_or_span("released", "when it was printed or published")
SCANNED = _day_or_span("scanned", "when it was scanned")
CANDIDATE = _text("candidate", "this candidate only, by its id")
AT = Parameter(
    name="at", parse=day("at"), schema={**_TEXT, "format": "date"}, meaning="the day asked about", example="1953-06-01"
)
PAPER = Parameter(
    name="paper",
    parse=one_of("paper", PAPERS),
    schema={**_TEXT, "enum": list(PAPERS)},
    meaning="size of the paper; `A4` without it",
)
SCALE = Parameter(
    name="scale",
    parse=_scale,
    schema={"type": "integer"},
    meaning="1 to so many; without it the largest round one that fits",
    example=500,
)
SHEET_LANG = Parameter(
    name="lang",
    parse=one_of("lang", SHEET_LANGS),
    schema={**_TEXT, "enum": list(SHEET_LANGS)},
    meaning="language of the sheet; `zh` without it",
)
SHEET_ON = replace(deps.ON, meaning="the day that the sheet carries; without it today, in China's time")
CASE = Parameter(name="case", parse=deps.code, schema=_TEXT, meaning="code of the case", example="2026-0007")
