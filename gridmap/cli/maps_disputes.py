"""``gridmap maps disputes``: claims over any two of old maps, pictures and parcels, as one self-contained page."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from gridmap.cli import parcels_compare as comparing
from gridmap.cli.cameras import refuse_unwritable_page
from gridmap.cli.opening import actor, open_record
from gridmap.cli.options import Columns, Crs, mapped
from gridmap.cli.parcels_map import write_map
from gridmap.cli.parcels_read import CommonPoints, Within
from gridmap.cli.telling import progress
from gridmap.drafts import drafts
from gridmap.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gridmap.maps import Source

Pictures = Annotated[
    list[Path] | None,
    typer.Option("--picture", help="A georeferenced old map or picture (`gridmap parcels georeference`); repeat."),
]
Captured = Annotated[
    list[str] | None,
    typer.Option("--captured", help="When the picture was taken, the map surveyed: 1953~, 195X, ''; once a picture."),
]
Released = Annotated[
    list[str] | None, typer.Option("--released", help="When it was published, as --captured; once a picture.")
]
Scanned = Annotated[list[str] | None, typer.Option(help="When it was scanned, as --captured; once a picture.")]
Kinds = Annotated[
    list[str] | None, typer.Option("--kind", help="What it is: map, picture, survey; once a picture, else picture.")
]
Old = Annotated[Path | None, typer.Option(help="Parcels of an earlier survey: an epoch.")]
New = Annotated[Path | None, typer.Option(help="Parcels of a later survey: an epoch.")]
Epochs = Annotated[
    list[Path] | None,
    typer.Option("--epoch", help="Parcels of a survey, or dated ones (valid_from, valid_to): an epoch a day; repeat."),
]
EpochDates = Annotated[
    list[str] | None, typer.Option("--epoch-date", help="When each was surveyed, as --captured; once an epoch.")
]
OldDate = Annotated[str | None, typer.Option(help="When the earlier survey was made, as --captured.")]
NewDate = Annotated[str | None, typer.Option(help="When the later survey was made, as --captured.")]


Claims = Annotated[
    list[Path] | None, typer.Option(help="What parties claim: one file with party, or one a party; repeat.")
]
Case = Annotated[str | None, typer.Option(help="A case of the record by its code, instead of claims in files.")]
Titles = Annotated[
    list[str] | None,
    typer.Option("--picture-title", help="What it is called, else as its file; once a picture."),
]


def maps_disputes(
    out: Annotated[Path, typer.Option(help="The page, .html.")],
    claims: Claims = None,
    candidates: comparing.Candidates = None,
    buildings: comparing.Buildings = None,
    objects: comparing.Things = None,
    picture: Pictures = None,
    picture_title: Titles = None,
    captured: Captured = None,
    released: Released = None,
    scanned: Scanned = None,
    kind: Kinds = None,
    old: Old = None,
    new: New = None,
    old_date: OldDate = None,
    new_date: NewDate = None,
    epoch: Epochs = None,
    epoch_date: EpochDates = None,
    status_quo: comparing.StatusQuo = None,
    share: comparing.Shares = None,
    bearing: comparing.Bearing = None,
    within: Within = None,
    accuracy: comparing.Accuracies = None,
    common_points: CommonPoints = None,
    title: Annotated[str, typer.Option(help="Title of the page.")] = "",
    lang: Annotated[Literal["zh", "en"], typer.Option(help="zh or en.")] = "zh",
    case: Case = None,
    crs: Crs = None,
    column: Columns = None,
) -> None:
    """Draw claims, contested ground, candidates and their ledger over two sources, with a divider between them.

    Sources are old maps, pictures and epochs of parcels, any two of them on the two sides; between two epochs the page
    tells which parcels were split, merged or adjusted.
    """
    from gridmap import formats
    from gridmap.disputes import compare
    from gridmap.service import disputes
    from gridmap.service.grids import read_layer
    from gridmap.service.tables import columns_of

    refuse_unwritable_page(out)
    columns = mapped(column)
    if case is not None:
        _refuse_beside_case(claims, candidates, picture, epoch, old, new)
        _write_case(case, out, lang)
        return
    stated = {"--captured": captured, "--released": released, "--scanned": scanned, "--kind": kind}
    sources = pictures(picture or [], stated | {"--picture-title": picture_title})
    surveys = _stated(epoch or [], {"--epoch-date": epoch_date}, "epochs")
    ends = [(old, "old_parcels", old_date), (new, "new_parcels", new_date)]
    for path, title_, day in [*[(each, "", day) for each, day in surveys], *ends]:
        if path is not None:
            sources += epochs(path, title_, day, lang=lang, crs=crs, columns=columns)
    if not claims:
        raise InputError("no claims", expected="--claims FILE, or --case CODE", do="name one")
    read = disputes.read_claims(
        claims,
        crs=crs,
        columns=columns_of("claims", columns),
        within=None if within is None else formats.read(within),
        common_points=None if common_points is None else formats.read(common_points),
        accuracy_m=comparing.accuracies(accuracy),
    )
    lines = None
    if candidates is not None:
        lines = disputes.read_lines(candidates, crs=crs, columns=columns_of("candidates", columns))
    built = None if buildings is None else read_layer(buildings, "buildings", crs=crs, columns=columns, mend=True)
    things = None if objects is None else formats.read(objects, crs=crs)
    with progress("compare"):
        compared = compare(
            read.table, lines, built, objects=things, status_quo=status_quo, shares=share or (), bearing_deg=bearing
        )
    write_map(compared, read, out, sources=sources, buildings=built, objects=things, title=title, lang=lang)


def _refuse_beside_case(*given: Any) -> None:
    """Refuse files beside a case: what is not handed in there is no part of it."""
    if any(given):
        raise InputError("files beside --case", expected="all of it in the case", do="gridmap cases add-evidence")


def _write_case(code: str, out: Path, lang: str) -> None:
    """Write the page of a case; the look at its evidence is audited."""
    from gridmap.api.cases import compared
    from gridmap.api.cases_map import case_page
    from gridmap.service.cases import get_case

    with open_record() as engine, drafts(out) as draft:
        case = get_case(engine, code)
        draft[out].write_bytes(case_page(engine, case, compared(engine, case), actor=actor(), lang=lang))


def pictures(paths: Sequence[Path], stated: Mapping[str, Sequence[str] | None]) -> list[Source]:
    """Return the pictures that files hold, each with what is stated of it in the same place.

    Parameters
    ----------
    paths
        The files.
    stated
        By option, in this order: when each was taken, published and scanned, what it is, what it is called; ``""``
        where nobody knows.

    Raises
    ------
    InputError
        If as many are not stated as there are pictures, or a date is none.
    """
    from gridmap.disputes.dates import SourceDates
    from gridmap.maps import Source

    return [
        Source(
            title=called or path.stem,
            kind=kind or "picture",
            path=path,
            dates=SourceDates(capture=_day(taken), release=_day(out), scan=_day(scanned)),
        )
        for path, taken, out, scanned, kind, called in _stated(paths, stated, "pictures")
    ]


def epochs(
    path: Path, word: str, day: str | None, *, lang: str, crs: str | None, columns: Mapping[str, str]
) -> list[Source]:
    """Return the epochs that a file of parcels holds: one, or of dated parcels one for each span without a change.

    Parameters
    ----------
    path
        Whatever GDAL reads, or a file of surveyors.
    word
        The word of the page for it; its name when empty.
    day
        When it was surveyed; nothing where nobody knows.
    lang, crs, columns
        As the command takes them.

    Raises
    ------
    FormatError, TableError, CrsError, NotFoundError
        If the file cannot be read.
    InputError
        If a date is none, or one is stated of parcels that say their days themselves.
    """
    from gridmap import formats, frames
    from gridmap.disputes.dates import SourceDates
    from gridmap.maps import dated_epochs
    from gridmap.maps.dispute_words import DISPUTES
    from gridmap.service.grids import read_layer
    from gridmap.service.parcel_epochs import surveyed
    from gridmap.service.tables import columns_of

    title = DISPUTES.one(word, lang) if word else path.stem
    table = surveyed(path, crs=crs, columns=columns)
    # a table of parcels holds those of one day: one of many days is taken apart before it is checked
    if table is None and not {"valid_from", "valid_to"}.isdisjoint((whole := formats.read(path, crs=crs)).columns):
        own = columns_of("parcels", columns)
        parts = dated_epochs(whole, title=title, lang=lang)
        found = [
            replace(one, parcels=frames.conform(one.parcels, "parcels", columns=own, source=one.title))
            for one in parts
            if one.parcels is not None
        ]
    else:
        table = read_layer(path, "parcels", crs=crs, columns=columns, mend=True) if table is None else table
        found = dated_epochs(table, title=title, lang=lang)
    if not (day or "").strip():
        return found
    if any(one.dates.capture for one in found):
        given = f"{path.name} says the days of its parcels itself"
        raise InputError(given, expected="no date beside it", do="leave it out")
    return [replace(one, dates=SourceDates(capture=_day(day or ""))) for one in found]


def _stated(paths: Sequence[Path], stated: Mapping[str, Sequence[str] | None], what: str) -> list[tuple[Any, ...]]:
    """Each file with what is stated of it."""
    for option, values in stated.items():
        if values and len(values) != len(paths):
            raise InputError(
                f"{len(values)} times {option} for {len(paths)} {what}",
                expected="once for each, in their order",
                do=f"{option} '' where nothing is known",
            )
    return list(zip(paths, *(values or [""] * len(paths) for values in stated.values()), strict=True))


def _day(text: str) -> Any:
    """A date as it is stated; None where nothing is."""
    from gridmap.disputes.dates import parse_edtf

    return parse_edtf(text) if text.strip() else None
