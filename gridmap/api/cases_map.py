"""``/maps/disputes``: the comparison of a case on one page; the look at each piece of evidence it shows is audited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any

from starlette.responses import Response

from gridmap import maps
from gridmap.api import cases_answers as shown
from gridmap.api.answers import HTML, squeezed
from gridmap.api.cases import actor_of, compared, engine_of
from gridmap.api.desk import Call
from gridmap.disputes import Comparison
from gridmap.disputes.dates import SourceDates, parse_edtf
from gridmap.errors import GridmapError, InputError
from gridmap.maps import Source
from gridmap.service.cases import get_case
from gridmap.store.cases_evidence import read_evidence

#: Sources that are laid out as ground, where their evidence is a GeoTIFF; all others stand on the timeline.
_PICTURES = frozenset({"map", "picture", "survey"})
_ENDINGS = frozenset({".tif", ".tiff"})

_drawing = Lock()


def page(call: Call, policy: Mapping[str, str]) -> Response:
    """Return the page of a request; call it in a thread.

    Parameters
    ----------
    call
        The request.
    policy
        Headers that say what the page may do.

    Raises
    ------
    InputError
        If it names no case, or its claims cannot be compared.
    NotFoundError
        If there is no such case.
    RecordError
        If the record cannot be read, or a look not be noted.
    """
    if call.given["case"] is None:
        raise InputError("no case", expected="case=CODE", do="list them at /api/cases", code="no_case_asked")
    case = get_case(engine_of(call), call.given["case"])
    found = compared(engine_of(call), case)
    title, lang = f"{case.head.code} {case.head.name}", call.given["lang"] or "zh"
    # drawing takes seconds and much memory: one at a time
    with TemporaryDirectory(prefix="gridmap-") as folder, _drawing:
        files = {row["number"]: row["file"] for row in shown.flat(case.evidence)}
        sources = [_source(call, row, files, Path(folder)) for row in shown.flat(case.sources)]
        body = _drawn(found, sources, title=title, lang=lang)
    return squeezed(call.request, body, HTML, {**shown.headers(case.head), **policy})


def _source(call: Call, row: Mapping[str, Any], files: Mapping[int, str], folder: Path) -> Source:
    """A source of the case; the picture of one that has some lies in the folder."""
    name = files.get(row["evidence"], "")
    path = None
    if row["kind"] in _PICTURES and Path(name).suffix.lower() in _ENDINGS:
        path = _laid(call, row["evidence"], folder)
    error_m = row["leave_one_out_m"] if row["leave_one_out_m"] is not None else row["accuracy_m"]
    return Source(title=row["title"], kind=row["kind"], dates=_dates(row), path=path, error_m=error_m)


def _laid(call: Call, number: int, folder: Path) -> Path:
    """The content of a piece of evidence as a file, the look at it noted."""
    with engine_of(call).begin() as connection:
        _, content = read_evidence(connection, call.given["case"], number, actor=actor_of(call))
    path = folder / f"{number}.tif"
    path.write_bytes(content)
    return path


def _dates(row: Mapping[str, Any]) -> SourceDates:
    """The dates of a source."""
    said = {"capture": row["captured"], "release": row["released"], "scan": row["scanned"]}
    return SourceDates(**{name: parse_edtf(text) for name, text in said.items() if text})


def _drawn(found: Comparison, sources: Sequence[Source], *, title: str, lang: str) -> bytes:
    """The page; pictures that cannot be laid out stand on the timeline, with the reason.

    What was handed in stays in the case for ever: one picture of other ground must not keep all of it from being seen.
    """
    try:
        return _html(found, sources, title=title, lang=lang)
    except GridmapError:
        return _html(found, [_as_shown(found, one, lang=lang) for one in sources], title=title, lang=lang)


def _as_shown(found: Comparison, source: Source, *, lang: str) -> Source:
    """A source, or its title and dates alone where its picture cannot be laid out."""
    try:
        _html(found, [source], title="", lang=lang)
    except GridmapError as error:
        return Source(title=f"{source.title} ({error})", kind=source.kind, dates=source.dates)
    return source


def _html(found: Comparison, sources: Sequence[Source], *, title: str, lang: str) -> bytes:
    made = maps.dispute_map(found, sources=sources, title=title, lang=lang)
    return maps.page_html(made).encode()
