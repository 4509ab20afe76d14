"""``gridmap parcels compare``: what is contested, and what each candidate gives and takes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gridmap.cli.cameras import refuse_unwritable_page
from gridmap.cli.options import AsJson, Columns, Crs, On, mapped, the_day
from gridmap.cli.parcels_map import write_map
from gridmap.cli.parcels_read import CommonPoints, Within
from gridmap.cli.parcels_sheet import Asked, Paper, Scale, Sheet, SheetLang, Title, refuse_unwritable_sheet, write_sheet
from gridmap.cli.telling import json_text, progress
from gridmap.drafts import drafts
from gridmap.errors import InputError

if TYPE_CHECKING:
    from gridmap.disputes import Comparison
    from gridmap.service.disputes import Claims as Read

#: Rows that a screen holds of what may be many.
_SHOWN = 20

Claims = Annotated[
    list[Path],
    typer.Option("--claims", help="Polygons or lines that parties claim: one file with party, or one a party; repeat."),
]
Candidates = Annotated[Path | None, typer.Option(help="Lines that are proposed to settle.")]
Buildings = Annotated[Path | None, typer.Option(help="Buildings, told where they lie in the contested ground.")]
Things = Annotated[Path | None, typer.Option(help="Trees, wells, graves, paths: points, lines, polygons with kind.")]
StatusQuo = Annotated[str | None, typer.Option(help="The candidate that is the line as it stands now.")]


def share_of(words: str) -> Any:
    """A share, 0 to 1, or a party and its share.

    Raises
    ------
    typer.BadParameter
        If it is neither.
    """
    party, _, number = words.rpartition("=")
    try:
        share = float(number)
    except ValueError:
        share = float("nan")
    if not 0 <= share <= 1 or ("=" in words and not party):
        raise typer.BadParameter(f"{words}; expected PARTY=SHARE or SHARE, 0 to 1, such as 甲村=0.4")
    return (party, share) if party else share


Shares = Annotated[
    list[Any] | None,
    typer.Option(
        "--share",
        parser=share_of,
        metavar="PARTY=SHARE",
        help="Solve a line that gives a party this share, 0 to 1, of the disputed ground; a bare SHARE is that of the "
        "party told first; repeat.",
    ),
]
Bearing = Annotated[
    float | None,
    typer.Option(
        help="Bearing of solved lines as straight cuts, from the map's north: across the border the party of the share "
        "gets the ground on the left."
    ),
]
Posts = Annotated[
    Path | None, typer.Option(help="Posts along candidates: points, letter (Q, A, B, ...), place, candidate.")
]
LineCodes = Annotated[
    list[str] | None,
    typer.Option(
        "--line-code",
        help="Number posts as GB/T 17796 does: the line's four digits, for all candidates or CANDIDATE=CODE; repeat.",
    ),
]
Accuracies = Annotated[
    list[str] | None,
    typer.Option(
        "--accuracy",
        help="Standard error of a point in metres, PARTY=METRES or METRES for all, of claims that do not say; repeat.",
    ),
]
Map = Annotated[Path | None, typer.Option("--map", help="The same as one self-contained page, .html.")]
Out = Annotated[Path, typer.Option(help="The file that is written: .gpkg with all layers; others hold the first.")]


def parcels_compare(
    claims: Claims,
    out: Out,
    candidates: Candidates = None,
    buildings: Buildings = None,
    objects: Things = None,
    status_quo: StatusQuo = None,
    share: Shares = None,
    bearing: Bearing = None,
    line_code: LineCodes = None,
    posts: Posts = None,
    within: Within = None,
    accuracy: Accuracies = None,
    common_points: CommonPoints = None,
    map_: Map = None,
    sheet: Sheet = None,
    paper: Paper = "A4",
    scale: Scale = None,
    sheet_lang: SheetLang = "both",
    title: Title = "",
    on: On = None,
    crs: Crs = None,
    column: Columns = None,
    as_json: AsJson = False,
) -> None:
    """Tell what parties' claims have in common, and what each candidate gives and takes, to the square millimetre.

    Layers: claims, contested (claimed by several), gaps (between claims, claimed by nobody), agreed (claimed by one),
    areas (on the map and the ellipsoid), ledger (gain and loss of each party by candidate), matrix (net by party and
    candidate), candidates, gains (the ground that each gives), lines (how far apart the parties' lines lie, and whether
    surveys could tell), profile (the same step by step), objects, walk, points and posts (of each candidate), warnings.
    """
    from gridmap import formats
    from gridmap.disputes import compare
    from gridmap.service import disputes
    from gridmap.service.grids import read_layer, write_grids
    from gridmap.service.tables import columns_of

    given = [*claims, candidates, buildings, objects, posts, within, common_points]
    _refuse_targets(out, map_, sheet, given=[each for each in given if each is not None])
    asked = Asked(paper=paper, scale=scale, lang=sheet_lang, title=title, on=the_day(on))
    if sheet is None and (paper, scale, sheet_lang, title) != ("A4", None, "both", ""):
        raise InputError(
            "--paper, --scale, --sheet-lang or --title without --sheet", do="name the sheet: --sheet x.pdf"
        )
    codes = line_codes(line_code)
    if posts is not None and not codes:
        raise InputError("--posts without --line-code", expected="the four digits of the line", do="--line-code 3306")
    columns = mapped(column)
    read = disputes.read_claims(
        claims,
        crs=crs,
        columns=columns_of("claims", columns),
        within=None if within is None else formats.read(within),
        common_points=None if common_points is None else formats.read(common_points),
        accuracy_m=accuracies(accuracy),
    )
    lines = None
    if candidates is not None:
        lines = disputes.read_lines(candidates, crs=crs, columns=columns_of("candidates", columns))
    built = None if buildings is None else read_layer(buildings, "buildings", crs=crs, columns=columns, mend=True)
    things, marked = (None if each is None else formats.read(each, crs=crs) for each in (objects, posts))
    with progress("compare"):
        compared = compare(
            read.table, lines, built, objects=things, status_quo=status_quo, shares=share or (), bearing_deg=bearing
        )
    tables = disputes.layers(compared, read, codes=codes, posts_given=marked)
    targets = [each for each in (out, map_, sheet) if each is not None]
    with drafts(*targets) as draft:
        if map_ is not None:
            write_map(compared, read, draft[map_], buildings=built)
        if sheet is not None:
            write_sheet(compared, read, draft[sheet], asked)
        write_grids(tables, draft[out])
    if as_json:
        typer.echo(json_text(disputes.report(compared, read, tables=tables)))
    else:
        typer.echo(said(compared, read))
        typer.echo(f"written to {', '.join(map(str, targets))}")


def _refuse_targets(out: Path, map_: Path | None, sheet: Path | None, *, given: list[Path]) -> None:
    """Refuse files that could not be written, or that are read: a party's claim is evidence."""
    from gridmap import formats

    formats.refuse_unwritable(out)
    if map_ is not None:
        refuse_unwritable_page(map_)
    if sheet is not None:
        refuse_unwritable_sheet(sheet)
    read = {each.resolve() for each in given}
    for target in (out, map_, sheet):
        if target is not None and target.resolve() in read:
            raise InputError(f"{target} is a file that is read", do="write to another file", code="own_input")


def line_codes(stated: list[str] | None) -> dict[str, str]:
    """Codes of lines by candidate; under an empty name that of all others.

    Raises
    ------
    InputError
        If one is not four digits.
    """
    found = {}
    for words in stated or ():
        name, _, code = words.rpartition("=")
        if not (len(code) == 4 and code.isascii() and code.isdigit()):  # noqa: PLR2004 - digits of GB/T 17796
            raise InputError(f"--line-code {words}", expected="four digits, or CANDIDATE=four digits", do="e.g. 3306")
        found[name] = code
    return found


def accuracies(stated: list[str] | None) -> dict[str, float]:
    """Metres by party; under an empty name those of all others.

    Raises
    ------
    InputError
        If one is no number of metres above nothing.
    """
    found = {}
    for words in stated or ():
        party, _, metres = words.rpartition("=")
        try:
            found[party] = float(metres)
        except ValueError:
            found[party] = float("nan")
        if not 0 < found[party] < float("inf"):
            raise InputError(
                f"--accuracy {words}", expected="PARTY=METRES or METRES, above nothing", do="e.g. 甲村=0.05"
            )
    return found


def said(compared: Comparison, read: Read) -> str:
    """The comparison as lines for a screen."""
    from gridmap.cli.patrols_told import columns_said
    from gridmap.disputes import mu

    lines = [f"{row['what']} {row['name']}: {_area(row)}" for row in _rows(compared.areas)]
    lines += [f"{row['a']} | {row['b']}: {row['said']}; {row['said_zh']}" for row in _rows(compared.lines)]
    cells = [("candidate", "party", "gain m2", "loss m2", "net mu")]
    cells += [
        (
            row["candidate"],
            row["party"],
            f"{row['gain_m2']:,.2f}",
            f"{row['loss_m2']:,.2f}",
            # no minus before nought
            f"{round(mu(row['net_m2']), 3) + 0.0:,.3f}",
        )
        for row in _rows(compared.ledger)
    ]
    lines += columns_said(cells, "llrrr") if len(cells) > 1 else []
    cut = compared.objects[compared.objects["cut_share"] > 0]
    lines += _first(
        [f"{row['candidate']} cuts {row['kind']} {row['id']} ({row['cut_share']:.0%})" for row in _rows(cut)]
    )
    notes = [*read.warnings, *compared.warnings]
    lines += _first(["note: " + "; ".join(dict.fromkeys((row["message"], row["message_zh"]))) for row in notes])
    return "\n".join(lines)


def _first(lines: list[str]) -> list[str]:
    """As many lines as a screen holds, and how many are left."""
    left = len(lines) - _SHOWN
    return lines if left <= 0 else [*lines[:_SHOWN], f"and {left} more, in the file written"]


def _area(row: dict[str, Any]) -> str:
    """An area on the map with its error, in mu, and on the ellipsoid."""
    return (
        f"{row['planar_m2']:,.2f} ± {row['error_m2']:,.2f} m2 ({row['planar_mu']:,.3f} mu;"
        f" {row['ellipsoidal_m2']:,.2f} m2 on the ellipsoid)"
    )


def _rows(table: Any) -> list[dict[str, Any]]:
    return list(table.to_dict("records"))
