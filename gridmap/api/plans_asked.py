"""What requests about plans say: their parameters and bodies, each checked for its shape."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from gridmap import formats
from gridmap.api import deps
from gridmap.api.deps import Given
from gridmap.api.plans_parameters import MOST
from gridmap.errors import InputError
from gridmap.service import plans
from gridmap.service.plans import Wanted
from gridmap.service.plans_drafts import Drafts
from gridmap.store import Actor
from gridmap.store.plans import Plan

#: Characters of a name, and of a note.
_NAME_CHARS, _NOTE_CHARS = 100, 2000


def made(drafts: Drafts, body: Any, actor: Actor) -> Plan:
    """Make the draft that a body asks for.

    Raises
    ------
    InputError
        If it is not understood.
    """
    said = _object(body, required={"name"}, optional={"on", "level", "target", "note", "copy_of", "areas"})
    wanted = wanted_of({**said, "on": _day(said, "on"), "target": _target(said)})
    if "copy_of" in said:
        if said.keys() - {"name", "note", "copy_of"}:
            raise InputError("a copy with more than a name and a note", expected="the rest as it is in the other plan")
        return plans.copy(drafts, _whole(said, "copy_of"), wanted.name, note=wanted.note, actor=actor)
    if "areas" in said:
        return _drawn(drafts, said["areas"], wanted, actor)
    return plans.draft_from_record(drafts, wanted, actor=actor)


def drawn_file(drafts: Drafts, path: Path, wanted: Wanted, actor: Actor) -> Plan:
    """Make a draft of the areas in a file; of the layers that `gridmap grids draw` writes, the grids are taken.

    Raises
    ------
    FormatError, TableError, CrsError, InputError
        If the file cannot be read, or its areas not be used.
    """
    with TemporaryDirectory(prefix="gridmap-") as folder:
        # what is wrong with a file is told by its name, and a temporary one means nothing to anybody
        known = Path(folder, f"drawn{path.suffix}")
        known.symlink_to(path)
        table = formats.read(known, layer="areas", keep_extra=True)
    return plans.draft_from_table(drafts, table, wanted, actor=actor)


def wanted_of(said: Mapping[str, Any] | Given) -> Wanted:
    """Return what a request wants of a new draft.

    Raises
    ------
    InputError
        If it has no name, or a text is too long.
    """
    return Wanted(
        name=_words(said, "name", most=_NAME_CHARS),
        on=said.get("on"),
        level=None if said.get("level") is None else _words(said, "level", most=40),
        target=plans.TARGET if said.get("target") is None else said["target"],
        note="" if not said.get("note") else _words(said, "note", most=_NOTE_CHARS, lines=True),
    )


def edit_of(body: Any) -> dict[str, Any]:
    """Return version, operation and rebase of a body.

    Raises
    ------
    InputError
        If it is not understood.
    """
    said = _object(body, required={"version", "operation"}, optional={"rebase"})
    if not isinstance(said["operation"], dict):
        raise InputError("an operation that is no object", expected='{"op": "...", ...}')
    return {"version": _whole(said, "version"), "operation": said["operation"], "rebase": _flag(said, "rebase")}


def version_of(body: Any) -> int:
    """Return the version that a body names.

    Raises
    ------
    InputError
        If it is not understood.
    """
    return _whole(_object(body, required={"version"}), "version")


def rebase_of(body: Any) -> dict[str, Any]:
    """Return version and day of a body.

    Raises
    ------
    InputError
        If it is not understood.
    """
    said = _object(body, required={"version", "on"})
    return {"version": _whole(said, "version"), "on": _day(said, "on")}


def publish_of(body: Any) -> dict[str, Any]:
    """Return version, day and accepted rules of a body.

    Raises
    ------
    InputError
        If it is not understood.
    """
    said = _object(body, required={"version", "effective"}, optional={"accept"})
    accept = said.get("accept", [])
    if not isinstance(accept, list) or not all(isinstance(rule, str) for rule in accept):
        raise InputError("accept that is no list of rules", expected='["multi_part"]')
    return {"version": _whole(said, "version"), "effective": _day(said, "effective"), "accept": tuple(accept)}


def _drawn(drafts: Drafts, areas: Any, wanted: Wanted, actor: Actor) -> Plan:
    """A draft of areas in a body, read as a file would be."""
    if not isinstance(areas, dict):
        raise InputError("areas that are no object", expected="a GeoJSON FeatureCollection")
    with TemporaryDirectory(prefix="gridmap-") as folder:
        path = Path(folder) / "areas.geojson"
        path.write_text(json.dumps(areas), encoding="utf-8")
        return drawn_file(drafts, path, wanted, actor)


def _object(body: Any, *, required: set[str], optional: frozenset[str] | set[str] = frozenset()) -> dict[str, Any]:
    if not isinstance(body, dict) or not required <= body.keys() <= required | optional:
        given = ", ".join(sorted(str(name)[:40] for name in list(body)[:8])) if isinstance(body, dict) else "no object"
        more = f", and if need be {', '.join(sorted(optional))}" if optional else ""
        raise InputError(f"a body of {given or 'nothing'}", expected=f"{', '.join(sorted(required))}{more}")
    return body


def _whole(said: Mapping[str, Any], name: str) -> int:
    value = said[name]
    # a boolean is a whole number to Python
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MOST:
        raise InputError(f"{name}: {str(value)[:40]}", expected="a whole number from 0 up")
    return value


def _flag(said: Mapping[str, Any], name: str) -> bool:
    value = said.get(name, False)
    if not isinstance(value, bool):
        raise InputError(f"{name}: {str(value)[:40]}", expected="true or false")
    return value


def _target(said: Mapping[str, Any]) -> float | None:
    value = said.get("target")
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise InputError(f"target: {str(value)[:40]}", expected="households of one area", code="no_target")
    return value


def _day(said: Mapping[str, Any], name: str) -> Any:
    value = said.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise InputError(f"{name}: {str(value)[:40]}", expected="a day as 2026-01-31", code="no_day")
    try:
        return deps.day(value)
    except InputError:
        raise InputError(f"{name}={value[:40]!r}", expected="a day as 2026-01-31", code="no_day") from None


def _words(said: Mapping[str, Any], name: str, *, most: int, lines: bool = False) -> str:
    """A text that can be printed, trimmed."""
    value = said.get(name)
    text = value.strip() if isinstance(value, str) else ""
    flat = text.replace("\n", " ") if lines else text
    if not text or len(text) > most or not flat.isprintable():
        raise InputError(
            f"{name}: {str(value)[:40]!r}",
            expected=f"a text of 1 to {most} printable characters",
            code="no_text",
            values={"most": most},
        )
    return text
