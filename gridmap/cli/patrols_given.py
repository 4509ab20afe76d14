"""What the commands of patrols work on: tracks of files or of the record, and what is asked about them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from gridmap.cli.given import Given
from gridmap.cli.opening import actor
from gridmap.cli.telling import progress
from gridmap.errors import InputError

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from gridmap.maps import Walked
    from gridmap.service.patrols import Asked, Covered
    from gridmap.service.patrols_reading import Tracks

#: A day, or two with ``..`` between them.
_DAYS = re.compile(r"(\d{4}-\d{2}-\d{2})(?:\.\.(\d{4}-\d{2}-\d{2}))?")


def from_record(files: Mapping[str, Any]) -> bool:
    """Whether a layer without which nothing can be told is no file."""
    return not files["tracks"] or files["streets"] is None


def question(*, since: datetime | None, until: datetime | None, now: str | None, accept_held: bool) -> Asked:
    """What is asked, in the words of the service."""
    from gridmap.service.patrols import Asked
    from gridmap.service.patrols_matching import Taking

    return Asked(
        since=None if since is None else since.date(),
        until=None if until is None else until.date(),
        now=None if now is None else moment(now),
        taking=Taking(accept_held=accept_held),
    )


def taken(given: Given, paths: list[Path] | None, *, since: date | None, until: date | None, by: str) -> Tracks:
    """The fixes of files, or of the record, whose look at them is audited."""
    from gridmap.service.patrols_reading import gathered, read_tracks, span
    from gridmap.service.patrols_record import look, recorded_fixes

    some = span(since, until)
    with progress("read fixes") as advance:
        if paths:
            found = read_tracks(paths, asked=some, crs=given.crs, columns=given.columns, progress=advance)
            for warning in found.warnings:
                typer.echo(f"warning: fixes: {warning}", err=True)
            return found
        if given.engine is None:
            raise InputError("no fixes", do="name a file: --tracks FILE")
        found = gathered(recorded_fixes(given.engine, some), asked=some, progress=advance)
        look(given.engine, actor(), fixes=len(found), by=f"gridmap {by}")
        return found


def ground(given: Given, files: Mapping[str, Any], what: Asked, *, by: str) -> dict[str, Any]:
    """The layers that are asked about, and the tracks."""
    from gridmap.service.cameras_reading import WALLS_ALL_THE_SAME

    tables: dict[str, Any] = {
        "streets": given.need("streets", files["streets"]),
        "areas": given.find("areas", files["areas"], mend=True),
        "checkpoints": given.find("checkpoints", files["checkpoints"]),
    }
    tables["cameras"] = None if files["cameras"] is None else _cameras(given, files["cameras"])
    tables["buildings"] = None
    if files["buildings"] is not None:
        tables["buildings"] = given.read("buildings", files["buildings"], mend=True, tolerate=WALLS_ALL_THE_SAME)
    tables["scans"] = _scans(given, files, tables, what)
    tables["tracks"] = taken(given, files["tracks"], since=what.since, until=what.until, by=by)
    return tables


def _cameras(given: Given, path: Path) -> gpd.GeoDataFrame:
    """Cameras of a file."""
    from gridmap.service.cameras_reading import read_cameras

    cameras, _ = read_cameras(path, on=given.on, columns=given.columns)
    given.warn("cameras", cameras)
    return cameras


def _scans(given: Given, files: Mapping[str, Any], tables: Mapping[str, Any], what: Asked) -> gpd.GeoDataFrame | None:
    """Sign-ins of a file, or of the record where the tracks are from there."""
    from gridmap.service.patrols_reading import span
    from gridmap.service.patrols_record import recorded_signins
    from gridmap.service.patrols_signins import read_signins

    path, some = files["signins"], span(what.since, what.until)
    if path is not None and tables["checkpoints"] is None:
        raise InputError("--signins without --checkpoints", do="name the points that they are of")
    if path is not None:
        return read_signins(path, asked=some, crs=given.crs, columns=given.columns)
    recorded = given.engine is not None and not files["tracks"] and tables["checkpoints"] is not None
    return recorded_signins(given.engine, some) if recorded and given.engine is not None else None


def surveyed(tables: Mapping[str, Any], what: Asked) -> Covered:
    """What was walked, with progress."""
    from gridmap.service.patrols import cover
    from gridmap.service.patrols_gaps import Watch
    from gridmap.service.patrols_matching import matched
    from gridmap.service.patrols_signins import Spots

    with progress("match fixes") as advance:
        found = matched(tables["tracks"], tables["streets"], taking=what.taking, progress=advance)
    points, cameras = tables["checkpoints"], tables["cameras"]
    spots = None if points is None else Spots(checkpoints=points, scans=tables["scans"])
    watch = None if cameras is None else Watch(cameras=cameras, buildings=tables["buildings"])
    return cover(found, tables["streets"], areas=tables["areas"], spots=spots, watch=watch, asked=what)


def walked_of(covered: Covered, tables: Mapping[str, Any], lang: str) -> Walked:
    """What a map shows of a period."""
    from gridmap.maps import Walked

    layers, report = covered.layers, covered.report
    return Walked(
        book=covered.book,
        laid=covered.laid,
        shifts=covered.shifts,
        shares=layers.get("areas"),
        owed=layers["streets"],
        checkpoints=tables["checkpoints"],
        signins=layers.get("signins"),
        posts=covered.last,
        blind=layers.get("blind"),
        since=report["since"],
        until=report["until"],
        notes=held_notes(report["held"], lang),
    )


#: What a page says of who is held, and of more of them.
_HELD = {
    "zh": ("{post}{shift}待核,未计入:{reason}", "另有 {more} 条待核"),
    "en": ("{post}{shift} is held for review and not counted: {reason}", "{more} more are held for review"),
}
_PAGE_HELD = 5


def held_notes(held: list[dict[str, Any]], lang: str) -> tuple[str, ...]:
    """What a page says of tracks that are held."""
    one, more = _HELD[lang]
    said = [one.format(**{**row, "shift": f" {row['shift']}" if row["shift"] else ""}) for row in held[:_PAGE_HELD]]
    return (*said, *([more.format(more=len(held) - _PAGE_HELD)] if len(held) > _PAGE_HELD else []))


def earlier(given: Given, files: Mapping[str, Any], tables: Mapping[str, Any], what: Asked, old: str) -> Covered:
    """The same question about other tracks, or about other days of the same."""
    from dataclasses import replace

    if Path(old).exists():
        then, paths = replace(what, since=None, until=None, now=None), [Path(old)]
    else:
        days = _DAYS.fullmatch(old)
        if days is None:
            raise InputError(f"--old {old}", expected="a day, two as in 2024-04-01..2024-04-30, or a file of fixes")
        since, until = (date.fromisoformat(day or days[1]) for day in days.groups())
        then, paths = replace(what, since=since, until=until, now=None), files["tracks"]
    fixes = taken(given, paths, since=then.since, until=then.until, by="maps patrols")
    return surveyed({**tables, "tracks": fixes, "scans": None}, then)


def rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as JSON takes them, without shapes."""
    from gridmap.service.camera_layers import plain

    return plain(table.drop(columns="geometry", errors="ignore"))


def rows_of(covered: Covered) -> dict[str, Any]:
    """The report and the rows of every layer, as JSON takes them."""
    told = ("waterfall", "held", "notes", "completion")
    layers = {name: rows(table) for name, table in covered.layers.items() if name not in told}
    return {"report": covered.report, **layers}


def moment(text: str) -> pd.Timestamp:
    """A moment with its zone."""
    import pandas as pd

    try:
        told = pd.Timestamp(text)
    except ValueError:
        told = None
    if told is None or pd.isna(told) or told.tzinfo is None:
        raise InputError(f"--now {text}", expected="a moment with its zone, such as 2024-05-06T08:00:00+08:00")
    return told.tz_convert("UTC")


def place(text: str, option: str) -> tuple[float, float]:
    """Longitude and latitude in degrees."""
    try:
        lon, lat = (float(part) for part in text.split(","))
    except ValueError:
        raise InputError(f"{option} {text}", expected="LON,LAT in degrees, such as 120.8612,32.0105") from None
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):  # noqa: PLR2004 - degrees
        raise InputError(f"{option} {text}", expected="longitude first, then latitude, in degrees")
    return lon, lat


def end(held: pd.DataFrame, *, accept_held: bool) -> None:
    """End with status 1 where something is held for review."""
    if len(held) and not accept_held:
        raise typer.Exit(1)
