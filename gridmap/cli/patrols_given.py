"""What the commands of patrols work on: tracks of files or of the record, and what is asked about them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from gridmap.cli.given import Given
from gridmap.cli.opening import actor
from gridmap.cli.telling import progress
from gridmap.errors import CrsError, InputError, NotFoundError

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from gridmap.maps import Walked
    from gridmap.service.patrols import Asked, Covered
    from gridmap.service.patrols.matching import Matched
    from gridmap.service.patrols.reading import Tracks

#: A day, or two with ``..`` between them.
_DAYS = re.compile(r"(\d{4}-\d{2}-\d{2})(?:\.\.(\d{4}-\d{2}-\d{2}))?")


def from_record(files: Mapping[str, Any]) -> bool:
    """Whether a layer without which nothing can be told is no file."""
    return not files["tracks"] or files["streets"] is None


def layer(given: Given, name: str, path: Path | None, *, need: bool = False, **reading: Any) -> Any:
    """A layer beside the tracks: ``--crs`` is of the tracks, and of another file only where that is silent."""
    silent = replace(given, crs=None)
    try:
        return (silent.need if need else silent.find)(name, path, **reading)
    except CrsError as error:
        if given.crs is None or error.code != "missing_crs":
            raise
        return given.read(name, Path(path or ""), **reading)


def question(
    *,
    since: datetime | None,
    until: datetime | None,
    now: str | None,
    accept_held: bool,
    limits: list[str] | None = None,
) -> Asked:
    """What is asked, in the words of the service."""
    from gridmap.service.patrols import Asked
    from gridmap.service.patrols.matching import Taking
    from gridmap.tracks.limits import limits_of

    return Asked(
        since=None if since is None else since.date(),
        until=None if until is None else until.date(),
        now=None if now is None else moment(now),
        taking=Taking(accept_held=accept_held, cleaning=limits_of(limits or [])),
    )


def taken(given: Given, paths: list[Path] | None, what: Asked, *, by: str) -> Tracks:
    """The fixes of files, or of the record, whose look at them is audited."""
    from gridmap.service.patrols.reading import gathered, read_tracks, span
    from gridmap.service.patrols.recorded import look, recorded_fixes

    some = span(what.since, what.until, what.taking.shifts)
    with progress("read fixes") as advance:
        if paths:
            found = read_tracks(paths, asked=some, crs=given.crs, columns=given.columns, progress=advance)
            for warning in found.warnings:
                typer.echo(f"warning: fixes: {warning}", err=True)
            return found
        if given.engine is None:
            raise InputError("no fixes", do="name a file: --tracks FILE")
        days = {"since": what.since, "until": what.until}
        found = gathered(recorded_fixes(given.engine, **days), progress=advance)
        look(given.engine, actor(), posts=len(found.posts), by=f"gridmap {by}", **days)
        return found


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What is asked about: layers, and what was walked."""

    #: the layers by name: streets, areas, checkpoints, scans, cameras, buildings; None where there are none
    tables: dict[str, Any]
    #: tracks on the streets
    found: Matched
    #: the question, its days and moment filled in where the record knows them
    asked: Asked


def ground(given: Given, files: Mapping[str, Any], what: Asked, *, by: str) -> Ground:
    """The layers that are asked about, and what was walked: of files, or by the ledger of the record."""
    from gridmap.service.cameras_reading import WALLS_ALL_THE_SAME

    tables: dict[str, Any] = {
        "areas": layer(given, "areas", files["areas"], mend=True),
        "checkpoints": layer(given, "checkpoints", files["checkpoints"]),
        "cameras": None if files["cameras"] is None else _cameras(given, files["cameras"]),
        "buildings": None,
        "scans": None,
    }
    if files["buildings"] is not None:
        walls: dict[str, Any] = {"mend": True, "tolerate": WALLS_ALL_THE_SAME}
        tables["buildings"] = layer(given, "buildings", files["buildings"], **walls)
    if files["signins"] is not None:
        tables["scans"] = _scans(given, files["signins"], tables, what)
    if from_record(files) and not files["tracks"] and files["streets"] is None:
        return _of_record(given, tables, what, by=by)
    tables["streets"] = layer(given, "streets", files["streets"], need=True)
    return Ground(tables=tables, found=on_streets(taken(given, files["tracks"], what, by=by), tables, what), asked=what)


def _of_record(given: Given, tables: dict[str, Any], what: Asked, *, by: str) -> Ground:
    """What the ledger of the record holds, and sign-ins where no file has them."""
    from gridmap.service.patrols.recorded import look, recorded

    if given.engine is None:
        raise InputError("neither tracks nor streets", do="name files: --tracks FILE --streets FILE")
    held = recorded(given.engine, since=what.since, until=what.until)
    look(given.engine, actor(), posts=held.found.posts, by=f"gridmap {by}", since=held.since, until=held.until)
    scans = held.scans if tables["scans"] is None else tables["scans"]
    asked = replace(what, since=held.since, until=held.until, now=what.now or held.now)
    return Ground(tables={**tables, "streets": held.streets, "scans": scans}, found=held.found, asked=asked)


def on_streets(tracks: Tracks, tables: Mapping[str, Any], what: Asked) -> Matched:
    """Tracks on streets, with progress; coverage asks for the fixes themselves only to hold sign-ins against them."""
    from gridmap.service.patrols.matching import matched

    taking = replace(what.taking, keep_fixes=tables.get("checkpoints", True) is not None)
    with progress("match fixes") as advance:
        return matched(tracks, tables["streets"], taking=taking, progress=advance)


def _cameras(given: Given, path: Path) -> gpd.GeoDataFrame:
    """Cameras of a file."""
    from gridmap.service.cameras_reading import read_cameras

    cameras, _ = read_cameras(path, on=given.on, columns=given.columns)
    given.warn("cameras", cameras)
    return cameras


def _scans(given: Given, path: Path, tables: Mapping[str, Any], what: Asked) -> gpd.GeoDataFrame:
    """Sign-ins of a file."""
    from gridmap.service.patrols.reading import span
    from gridmap.service.patrols.signins import read_signins

    if tables["checkpoints"] is None:
        raise InputError("--signins without --checkpoints", do="name the points that they are of")
    some = span(what.since, what.until, what.taking.shifts)
    return read_signins(path, asked=some, crs=given.crs, columns=given.columns)


def surveyed(given: Ground) -> Covered:
    """What was walked."""
    from gridmap.service.patrols import cover
    from gridmap.service.patrols.gaps import Watch
    from gridmap.service.patrols.signins import Spots

    tables = given.tables
    points, cameras = tables["checkpoints"], tables["cameras"]
    spots = None if points is None else Spots(checkpoints=points, scans=tables["scans"])
    watch = None if cameras is None else Watch(cameras=cameras, buildings=tables["buildings"])
    layers = {"areas": tables["areas"], "spots": spots, "watch": watch}
    return cover(given.found, tables["streets"], **layers, asked=given.asked)


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


def earlier(given: Given, files: Mapping[str, Any], new: Ground, old: str, *, by: str) -> Covered:
    """The same question about other tracks, or about other days of the same."""
    if Path(old).exists():
        then = replace(new.asked, since=None, until=None, now=None)
        fixes = taken(given, [Path(old)], then, by=by)
    else:
        days = _DAYS.fullmatch(old)
        if days is None:
            raise InputError(f"--old {old}", expected="a day, two as in 2024-04-01..2024-04-30, or a file of fixes")
        since, until = (date.fromisoformat(day or days[1]) for day in days.groups())
        then = replace(new.asked, since=since, until=until, now=None)
        if not files["tracks"] and files["streets"] is None:
            return surveyed(_of_record(given, {**new.tables, "scans": None}, then, by=by))
        fixes = taken(given, files["tracks"], then, by=by)
    tables = {**new.tables, "scans": None}
    return surveyed(Ground(tables=tables, found=on_streets(fixes, tables, then), asked=then))


def owed(given: Given, path: Path | None, *, asked_for: bool) -> pd.DataFrame | None:
    """What streets are owed: of a file, or by the ledger of the record; None where every street is owed its metres."""
    from gridmap.service.patrols import Asked
    from gridmap.service.patrols.routing import owed_of, read_owed

    if path is not None:
        return read_owed(path)
    if not asked_for or given.engine is None:
        return None
    none: dict[str, Any] = dict.fromkeys(("areas", "checkpoints", "cameras", "buildings", "scans"))
    try:
        known = surveyed(_of_record(given, none, Asked(), by="patrols route"))
    except NotFoundError as error:
        typer.echo(f"warning: every street is owed its metres: {error}", err=True)
        return None
    found = owed_of(known.layers["streets"])
    if found.empty:
        typer.echo("warning: no street is overdue: every street is owed its metres", err=True)
    return None if found.empty else found


def posts(given: Given, paths: list[Path] | None, now: pd.Timestamp | None, *, most_age_s: float, by: str) -> Any:
    """The fixes of files, or the last one of each post of the record."""
    import numpy as np

    from gridmap.service.patrols import Asked
    from gridmap.service.patrols.recorded import look, recorded_posts

    if paths or given.engine is None or now is None:
        known = taken(given, paths, Asked(), by=by)
        return known.table(np.arange(len(known)))
    found = recorded_posts(given.engine, now=now, most_age_s=most_age_s)
    look(given.engine, actor(), posts=len(found), by=f"gridmap {by}")
    return found


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
